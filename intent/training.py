"""Training: labelled pictures in, a calibrated network with its embedding out.

From random weights the whole network is trained, then a head on its features (`intent.from_scratch`). Given weights
are tuned and kept half way (`intent.tuning`), with heads by logistic regression before and after. Whole sources are
held out where the examples name them, else duplicate groups; they choose the penalty, the temperature and the
threshold of not knowing, and the head of given weights learns from them in the end.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import torch

from intent.calibration import UnknownScore, energies, fit_temperature, fit_unknown, softmax
from intent.data import Examples
from intent.doubt import believe
from intent.embedding import Projection, fit_projection
from intent.examples import (
    DRAWN,
    Targets,
    TrainingError,
    check_examples,
    make_targets,
    split_by_group,
    split_by_source,
)
from intent.expand import Start, mapped_head
from intent.features import compute_features, varied_features
from intent.fitting import quiet_trainer
from intent.from_scratch import train_head, train_network
from intent.linear_head import Head, choose_penalty, fit_head
from intent.metrics import confusion_matrix, evaluation, macro_f1
from intent.model import HierarchicalLoss, IntentNet, PooledBackbone, load_backbone
from intent.precision import Trial
from intent.train_config import TrainConfig
from intent.tuning import Pictures, TuneConfig, TuneResult, between, tune
from intent.unknown_pictures import draw_unknown
from labels.taxonomy import Taxonomy

__all__ = ["TrainConfig", "TrainedModel", "TrainingError", "Work", "train_model"]

Progress = Callable[[str, int, int], None]
"""Called with a stage (``network``, ``tuning``, ``features``, ``variations``, ``head``), what is done of it, and its
total."""

STANDARDISE_ROWS = 4096
"""Rows of features that are standardised at a time, in place: bounds memory."""


@dataclass(frozen=True)
class Work:
    """Files of a training that may be killed and go on: ``checkpoint`` of the tuning, ``log`` as CSV; ``key`` of
    data and settings, so that a checkpoint of others is refused. None writes nothing."""

    checkpoint: Path | None = None
    log: Path | None = None
    key: str = ""


@dataclass(frozen=True, eq=False)
class TrainedModel:
    """A network in evaluation mode with all that inference needs; `intent.bundle.export_bundle` writes it.
    ``trial`` names rows of the pictures that it was trained on."""

    net: IntentNet
    config: TrainConfig
    intent_ids: tuple[str, ...]
    parent_ids: tuple[str, ...]
    parent_index: npt.NDArray[np.int64]
    temperature: float
    unknown: UnknownScore
    projection: Projection
    metrics: dict[str, object]
    label_counts: dict[str, int]
    notes: dict[str, object] = field(default_factory=dict)
    trial: Trial | None = None


def train_model(
    examples: pa.Table,
    images: npt.NDArray[np.uint8],
    taxonomy: Taxonomy,
    config: TrainConfig,
    *,
    progress: Progress | None = None,
    start: Start | None = None,
    work: Work | None = None,
) -> TrainedModel:
    """Train on labelled pictures.

    Args:
        examples: ``image_id``, ``intent`` (null where only the parent is sure), ``parent``, ``confidence``
            float32 0-1, ``group`` string (duplicates share one), optionally ``source`` string; row i belongs to
            ``images[i]``. The order of rows does not matter.
        images: uint8 [n, S, S, 3] with S = ``config.image_size``, made by `intent.images.square`.
        taxonomy: its live intents are the classes, in its order.
        progress: told how far each stage is.
        start: the weights and the head of an older model, of this or another taxonomy, in place of
            ``config.weights``.
        work: where a tuning keeps its checkpoint and its log.

    Raises:
        TrainingError: shapes, sizes or labels that do not fit; fewer than two intents.
        ValueError: backbone or weights that cannot be used.
    """
    if config.accelerator == "gpu" and not torch.cuda.is_available():
        raise TrainingError("--accelerator gpu: torch sees no GPU here; take auto or cpu")
    tell = progress or (lambda stage, done, total: None)
    order = check_examples(examples, images, image_size=config.image_size)
    examples = examples.take(pa.array(order))
    targets = make_targets(examples, taxonomy, class_balance=config.class_balance)
    train, valid, by_source = _split(examples, targets, config, intents=len(taxonomy.intent_ids))
    if len(np.unique(targets.intent[train][targets.intent[train] >= 0])) < 2:
        raise TrainingError("the examples hold fewer than two intents; label more images before training")

    with torch.random.fork_rng(devices=[]), quiet_trainer():
        torch.manual_seed(config.seed)
        net = _network(taxonomy, config, start)
        prior = mapped_head(start, taxonomy) if start is not None else None
        criterion = HierarchicalLoss(taxonomy.parent_index, parents=len(taxonomy.parent_ids), label_smoothing=0.0)
        groups = np.unique(np.array(examples["group"].to_pylist(), dtype=object), return_inverse=True)[1]
        stage = _Stage(net, images, order, targets, train, valid, criterion, config, tell, prior, groups)
        notes: dict[str, object] = {}
        scratch = not config.given and start is None
        if scratch and not config.frozen:
            stopped = train_network(net, Examples(images, targets, train, order=order), taxonomy, config, tell)
            notes |= {"stopped": stopped} if stopped else {}
        elif not scratch and not config.frozen:
            targets, notes = _tune(stage, taxonomy, work or Work())
            stage = replace(stage, targets=targets)
        features = stage.features(np.arange(len(order)))
        if start is not None and not config.frozen:
            prior = _head_of(net)  # classes without examples keep what the older model knew of them
        if start is None:  # a head of an older model means features that are standardised as it learned them
            weight = torch.from_numpy(targets.weight[train].copy())
            net.standardise.fit(torch.from_numpy(features[train]), weight=weight)
        _standardise(net, features)
        if not scratch and config.frozen:
            targets, notes["doubt"] = _believed(stage, features)
            stage = replace(stage, targets=targets)
        if scratch:
            train_head(net, features, targets, train, taxonomy, config, tell)
            judge = _head_of(net)
        else:
            varied = stage.varied_features(taxonomy)
            _standardise(net, varied)
            notes["penalty"], judge = stage.fit(
                features, features[valid], targets.take(valid), prior=prior, varied=varied
            )
        net.eval()
        logits = _logits(features, judge)
        odd_pixels, kinds = draw_unknown(config.odd_per_kind, size=config.image_size, seed=config.seed)
        odd = compute_features(
            net.backbone, odd_pixels, order=np.arange(len(odd_pixels)), accelerator=config.accelerator
        )
        _standardise(net, odd)
        if not scratch and len(valid):
            both = np.union1d(train, valid)
            head = fit_head(
                np.concatenate([features[both], varied[both]]),
                targets.take(np.tile(both, 2)),
                criterion,
                penalty=float(str(notes["penalty"])),
                start=judge,
                prior=prior,
            )
            _set_head(net, head)

    held_out = valid[targets.intent[valid] >= 0]
    judged = held_out if len(held_out) else train[targets.intent[train] >= 0]
    temperature = config.temperature or fit_temperature(logits[held_out], targets.intent[held_out])
    scores = softmax(logits[judged] / temperature)
    unknown = fit_unknown(
        features,
        energies(logits / temperature),
        odd,
        energies(_logits(odd, judge) / temperature),
        kinds=kinds,
        judged=judged,
    )
    metrics: dict[str, object] = {
        "part": "validation" if len(held_out) else "training",
        "held_out": "sources" if by_source else "groups",
        "training_rows": len(train),
        "unknown_auroc": round(unknown.auroc, 4),
        **evaluation(
            targets.intent[judged],
            scores,
            intent_ids=taxonomy.intent_ids,
            parent_index=taxonomy.parent_index,
            parents=len(taxonomy.parent_ids),
        ),
    }
    counts = np.bincount(targets.intent[targets.intent >= 0], minlength=len(taxonomy.intent_ids))
    return TrainedModel(
        net=net,
        config=config,
        intent_ids=taxonomy.intent_ids,
        parent_ids=taxonomy.parent_ids,
        parent_index=taxonomy.parent_index,
        temperature=temperature,
        unknown=unknown,
        projection=fit_projection(features[train], dimensions=config.embedding_dim, seed=config.seed),
        metrics=metrics,
        label_counts={intent: int(counts[i]) for i, intent in enumerate(taxonomy.intent_ids)},
        notes=notes,
        trial=Trial(order[train], order[held_out], targets.intent[held_out], head=None if scratch else judge),
    )


@dataclass(frozen=True, eq=False)
class _Stage:
    """What the steps of a training share."""

    net: IntentNet
    images: npt.NDArray[np.uint8]
    order: npt.NDArray[np.int64]
    targets: Targets
    train: npt.NDArray[np.int64]
    valid: npt.NDArray[np.int64]
    criterion: HierarchicalLoss
    config: TrainConfig
    tell: Progress
    prior: Head | None
    groups: npt.NDArray[np.int64]

    def features(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        return compute_features(
            self.net.backbone,
            self.images,
            order=self.order[rows],
            progress=self.tell,
            accelerator=self.config.accelerator,
        )

    def varied_features(self, taxonomy: Taxonomy) -> npt.NDArray[np.float32]:
        """Return the features of a variation of every picture: a head that sees both leans less on a site's looks."""
        return varied_features(
            self.net.backbone,
            self.images,
            order=self.order,
            intents=[taxonomy.intent_ids[place] if place >= 0 else None for place in self.targets.intent],
            seed=self.config.seed,
            progress=self.tell,
            accelerator=self.config.accelerator,
        )

    def fit(
        self,
        features: npt.NDArray[np.float32],
        held_out: npt.NDArray[np.float32],
        held_targets: Targets,
        *,
        prior: Head | None,
        varied: npt.NDArray[np.float32] | None = None,
    ) -> tuple[float, Head]:
        """Fit the head on the training rows of all features, and of varied pictures'; leave it in the net."""
        self.tell("head", 0, 1)
        views = [features] if varied is None else [features, varied]
        penalty, head = choose_penalty(
            np.concatenate([view[self.train] for view in views]),
            self.targets.take(np.tile(self.train, len(views))),
            held_out,
            held_targets,
            self.criterion,
            start=prior or _zero_head(self.net),
            prior=prior,
        )
        _set_head(self.net, head)
        self.tell("head", 1, 1)
        return penalty, head


def _network(taxonomy: Taxonomy, config: TrainConfig, start: Start | None) -> IntentNet:
    weights = "none" if start is not None else config.weights
    network = load_backbone(config.backbone, weights=weights)
    all_maps = config.takes_all_maps if start is None else start.all_maps
    backbone = PooledBackbone(network, image_size=config.image_size, all_maps=all_maps)
    net = IntentNet(backbone, intents=len(taxonomy.intent_ids), dropout=config.dropout)
    if start is not None:
        start.load_backbone(net)
    return net


def _split(
    examples: pa.Table, targets: Targets, config: TrainConfig, *, intents: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], bool]:
    """Hold out sources, or duplicate groups where no source can be; say which. Drawn pictures never judge, and copies
    of what is held out do not teach before it has judged."""
    groups = examples["group"].to_pylist()
    sources = examples["source"].to_pylist() if "source" in examples.column_names else [None] * len(groups)
    kinds = np.where(targets.intent >= 0, targets.intent, intents + targets.parent)
    train, valid = split_by_source(sources, kinds, share=config.validation_share, seed=config.seed)
    by_source = bool(len(valid))
    if not by_source:
        train, valid = split_by_group(groups, share=config.validation_share, seed=config.seed)
    drawn = np.array([source == DRAWN for source in sources])
    valid, back = valid[~drawn[valid]], valid[drawn[valid]]
    train = np.union1d(train, back)
    held = {groups[row] for row in valid}
    return train[np.array([groups[row] not in held for row in train], dtype=bool)], valid, by_source


def _believed(stage: _Stage, features: npt.NDArray[np.float32]) -> tuple[Targets, float]:
    """Let labels that other pictures contradict count less; say how many those are."""
    targets, doubt = believe(
        features, stage.targets, stage.train, stage.criterion, seed=stage.config.seed, groups=stage.groups
    )
    return targets, round(doubt, 4)


def _tune(stage: _Stage, taxonomy: Taxonomy, work: Work) -> tuple[Targets, dict[str, object]]:
    """Head on frozen features, tuned layers, weights between; say what was found on the way."""
    net, config, targets = stage.net, stage.config, stage.targets
    rows = np.concatenate([stage.train, stage.valid])
    features = np.zeros((len(stage.order), net.backbone.width), dtype=np.float32)
    features[rows] = stage.features(rows)
    if stage.prior is None:
        weight = torch.from_numpy(targets.weight[stage.train].copy())
        net.standardise.fit(torch.from_numpy(features[stage.train]), weight=weight)
    _standardise(net, features)
    net.eval()
    targets, doubt = _believed(stage, features)
    stage = replace(stage, targets=targets)
    _, head = stage.fit(features, features[stage.valid], targets.take(stage.valid), prior=stage.prior)
    held_out = stage.valid[targets.intent[stage.valid] >= 0]
    frozen = _held_out_f1(_logits(features[held_out], head), targets, held_out)
    notes: dict[str, object] = {"doubt": doubt, "frozen_macro_f1": frozen}
    given = {name: value.clone() for name, value in net.state_dict().items()}
    smooth = HierarchicalLoss(
        taxonomy.parent_index, parents=len(taxonomy.parent_ids), label_smoothing=config.label_smoothing
    )
    result: TuneResult = tune(
        net,
        Pictures(stage.images, stage.order, targets, stage.train, stage.valid, taxonomy.intent_ids),
        smooth,
        TuneConfig(
            epochs=config.passes,
            batch_size=config.batch_size,
            layers=config.tuned_layers,
            rate=config.tuning_rate,
            weight_decay=config.weight_decay,
            mixup=config.mixup,
            label_smoothing=config.label_smoothing,
            patience=config.patience,
            seed=config.seed,
            accelerator=config.accelerator,
            workers=config.workers,
        ),
        progress=stage.tell,
        checkpoint=work.checkpoint,
        log=work.log,
        key=work.key,
    )
    tuned = {name: value.clone() for name, value in net.state_dict().items()}
    found: dict[float, float] = {}
    for share in config.kept if len(config.kept) > 1 and len(held_out) else ():
        net.load_state_dict(between(given, tuned, share=share))
        seen = stage.features(held_out)
        _standardise(net, seen)
        found[share] = _held_out_f1(_logits(seen, _head_of(net)), targets, held_out) or 0.0
    kept = max(found, key=lambda share: found[share]) if found else config.kept[0]
    net.load_state_dict(between(given, tuned, share=kept))
    notes |= {"tuned_macro_f1": list(result.held_out_macro_f1), "steps": result.steps, "kept_share": kept}
    notes |= {"stopped": result.stopped} if result.stopped else {}
    notes |= {"kept_macro_f1": {str(share): value for share, value in found.items()}} if found else {}
    return targets, notes


def _held_out_f1(logits: npt.NDArray[np.float64], targets: Targets, rows: npt.NDArray[np.int64]) -> float | None:
    if not len(rows):
        return None
    confusion = confusion_matrix(targets.intent[rows], logits.argmax(axis=1), classes=logits.shape[1])
    return round(macro_f1(confusion), 4)


def _standardise(net: IntentNet, features: npt.NDArray[np.float32]) -> None:
    with torch.inference_mode():
        for start in range(0, len(features), STANDARDISE_ROWS):
            part = features[start : start + STANDARDISE_ROWS]
            part[:] = net.standardise(torch.from_numpy(part)).numpy()


def _logits(features: npt.NDArray[np.float32], head: Head) -> npt.NDArray[np.float64]:
    return np.asarray((torch.from_numpy(features) @ head[0].T + head[1]).double().numpy())


def _head_of(net: IntentNet) -> Head:
    return net.head.weight.detach().clone(), net.head.bias.detach().clone()


def _zero_head(net: IntentNet) -> Head:
    return torch.zeros_like(net.head.weight), torch.zeros_like(net.head.bias)


def _set_head(net: IntentNet, head: Head) -> None:
    with torch.no_grad():
        net.head.weight.copy_(head[0])
        net.head.bias.copy_(head[1])
