"""Training: labelled pictures in, a calibrated network with its embedding out.

From random weights the whole network is trained, then a head on its features (`intent.from_scratch`). Given weights
are tuned and kept half way (`intent.from_given`), with heads by logistic regression before and after. Whole sources are
held out where the examples name them, else duplicate groups; they choose the penalty, the temperature and the
threshold of not knowing, and the head of given weights learns from all in the end: from them, their copies and what is
composed of them too.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import torch

from intent.calibration import UnknownScore, energies, fit_temperature, fit_unknown, softmax
from intent.data_module import IntentDataModule
from intent.embedding import Projection, fit_projection
from intent.examples import TrainingError
from intent.expand import Start, mapped_head
from intent.features import Progress, compute_features
from intent.fitting import quiet_trainer
from intent.from_given import believed, tune_given
from intent.from_scratch import train_head, train_network
from intent.linear_head import fit_head
from intent.metrics import evaluation
from intent.model import HierarchicalLoss, IntentNet, PooledBackbone, load_backbone
from intent.precision import Trial
from intent.stage import Stage, head_of, logits_of, set_head, standardise
from intent.train_config import TrainConfig
from intent.tuning_state import Work
from intent.unknown_pictures import draw_unknown
from labels.taxonomy import Taxonomy

__all__ = ["TrainConfig", "TrainedModel", "TrainingError", "Work", "train_model"]


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
        progress: called with a stage (``network``, ``tuning``, ``features``, ``head``), what is done
            of it, and its total.
        start: the weights and the head of an older model, of this or another taxonomy, in place of
            ``config.weights``.
        work: where network or tuning keeps its checkpoint and its log.

    Raises:
        TrainingError: shapes, sizes or labels that do not fit; fewer than two intents.
        ValueError: backbone or weights that cannot be used.
    """
    if config.accelerator == "gpu" and not torch.cuda.is_available():
        raise TrainingError("--accelerator gpu: torch sees no GPU here; take auto or cpu")
    tell = progress or (lambda stage, done, total: None)
    data = IntentDataModule(examples, images, taxonomy, config)
    train, valid = data.train, data.valid

    with torch.random.fork_rng(devices=[]), quiet_trainer():
        torch.manual_seed(config.seed)
        net = _network(taxonomy, config, start)
        prior = mapped_head(start, taxonomy) if start is not None else None
        criterion = HierarchicalLoss(taxonomy.parent_index, parents=len(taxonomy.parent_ids), label_smoothing=0.0)
        stage = Stage(net, data, criterion, config, tell, prior)
        notes: dict[str, object] = {}
        scratch = not config.given and start is None
        if scratch and not config.frozen:
            stopped = train_network(net, data, config, tell, work or Work())
            notes |= {"stopped": stopped} if stopped else {}
        elif not scratch and not config.frozen:
            stage, notes = tune_given(stage, work or Work())
        features = stage.features(np.arange(len(data)))
        if start is not None and not config.frozen:
            prior = head_of(net)  # classes without examples keep what the older model knew of them
        if start is None:  # a head of an older model means features that are standardised as it learned them
            weight = torch.from_numpy(stage.data.targets.weight[train].copy())
            net.standardise.fit(torch.from_numpy(features[train]), weight=weight)
        standardise(net, features)
        if not scratch and config.frozen:
            stage, notes["doubt"] = believed(stage, features)
        targets = stage.data.targets
        if scratch:
            train_head(net, stage.data.with_features(features), config, tell)
            judge = head_of(net)
        else:
            notes["penalty"], judge = stage.fit(features, features[valid], targets.take(valid), prior=prior)
        net.eval()
        logits = logits_of(features, judge)
        odd_pixels, kinds = draw_unknown(config.odd_per_kind, size=config.image_size, seed=config.seed)
        odd = compute_features(
            net.backbone, odd_pixels, order=np.arange(len(odd_pixels)), accelerator=config.accelerator
        )
        standardise(net, odd)
        if not scratch and len(valid):
            head = fit_head(
                features,
                targets,
                criterion,
                penalty=float(str(notes["penalty"])),
                start=judge,
                prior=prior,
            )
            set_head(net, head)

    held_out = data.held_out
    judged = held_out if len(held_out) else train[targets.intent[train] >= 0]
    temperature = config.temperature or fit_temperature(logits[held_out], targets.intent[held_out])
    scores = softmax(logits[judged] / temperature)
    seen = np.union1d(train, judged)  # no copy of what judges takes part
    unknown = fit_unknown(
        features[seen],
        energies(logits[seen] / temperature),
        odd,
        energies(logits_of(odd, judge) / temperature),
        kinds=kinds,
        judged=np.searchsorted(seen, judged),
    )
    metrics: dict[str, object] = {
        "part": "validation" if len(held_out) else "training",
        "held_out": "sources" if data.by_source else "groups",
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
        trial=Trial(data.order[train], data.order[held_out], targets.intent[held_out], head=None if scratch else judge),
    )


def _network(taxonomy: Taxonomy, config: TrainConfig, start: Start | None) -> IntentNet:
    weights = "none" if start is not None else config.weights
    network = load_backbone(config.backbone, weights=weights)
    all_maps = config.takes_all_maps if start is None else start.all_maps
    backbone = PooledBackbone(network, image_size=config.image_size, all_maps=all_maps)
    net = IntentNet(backbone, intents=len(taxonomy.intent_ids), dropout=config.dropout)
    if start is not None:
        start.load_backbone(net)
    return net
