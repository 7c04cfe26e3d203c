"""Training: labelled pictures in, a calibrated network with its embedding out.

Three steps, of which the first is optional: train the whole network (always from random weights, on request from
given ones); compute every picture's features once; fit the head, the embedding and the calibration on them. Duplicate
groups are never split between the training and the validation part, and a group counts as one picture.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import torch

from intent.calibration import EnergyScale, energy_scale, fit_temperature, softmax
from intent.data import MILD, Examples, ShuffledBatches
from intent.embedding import Projection, fit_projection
from intent.examples import Targets, TrainingError, check_examples, make_targets, split_by_group
from intent.fitting import fit_module, quiet_trainer
from intent.metrics import evaluation
from intent.model import IntentModule, IntentNet, PooledBackbone, load_backbone, normalise
from labels.taxonomy import Taxonomy

Progress = Callable[[str, int, int], None]
"""Called with a stage (``network``, ``features``, ``head``), what is done of it, and its total."""

FEWEST_HEAD_STEPS = 300
"""Steps of the head, whatever its epochs: a few hundred examples make too few in an epoch to get anywhere."""

STANDARDISE_ROWS = 4096
"""Rows of features that are standardised at a time, in place: bounds memory."""

FEATURE_BATCH = 32
"""Pictures per forward pass while features are computed: past this a CPU gains nothing."""


@dataclass(frozen=True)
class TrainConfig:
    """Everything that decides a training; equal configs and equal examples give equal networks on one machine.

    Attributes:
        backbone: name of a torchvision classification model.
        weights: ``none``, ``hub``, or a path of a state dict.
        image_size: side in pixels of the square pictures.
        embedding_dim: length of the unit embedding; fewer where the examples carry fewer directions.
        epochs: passes over the pictures where the backbone is trained.
        head_epochs: passes over the cached features for the head; more for few examples.
        freeze_backbone: None freezes given weights and trains random ones.
        all_maps: whether features hold the pooled maps of every resolution; None says yes for random weights
            and no for given ones.
        batch_size: pictures per step of the network; the head takes ``head_batch_size``.
        learning_rate: peak of the one-cycle schedule of the network; the backbone takes a tenth of it where
            its weights were given.
        head_learning_rate: peak of the one-cycle schedule of the head.
        weight_decay: of AdamW, for the network; ``head_weight_decay`` for the head.
        dropout: share of features hidden in a step while the network trains; ``head_dropout`` from the head.
        label_smoothing: share of the target spread over all intents; clicks are never quite sure.
        class_balance: 0 leaves classes as frequent as they are, 1 makes them count equally.
        seed: of the split, the order, the weights and the variations; 0 is a seed.
        validation_share: share of groups kept out of training for temperature and metrics.
    """

    backbone: str = "mobilenet_v2"
    weights: str = "none"
    image_size: int = 224
    embedding_dim: int = 64
    epochs: int = 12
    head_epochs: int = 30
    freeze_backbone: bool | None = None
    all_maps: bool | None = None
    batch_size: int = 32
    head_batch_size: int = 128
    learning_rate: float = 1e-3
    head_learning_rate: float = 2e-3
    weight_decay: float = 0.02
    head_weight_decay: float = 1.0
    dropout: float = 0.5
    head_dropout: float = 0.8
    label_smoothing: float = 0.1
    class_balance: float = 1.0
    seed: int = 0
    validation_share: float = 0.1

    def __post_init__(self) -> None:
        whole = ("image_size", "embedding_dim", "epochs", "head_epochs", "batch_size", "head_batch_size")
        for name in whole:
            if getattr(self, name) < 1:
                raise TrainingError(f"{name} must be 1 or more, got {getattr(self, name)}")
        for name in ("dropout", "head_dropout", "label_smoothing", "validation_share"):
            if not 0 <= getattr(self, name) < 1:
                raise TrainingError(f"{name} must be at least 0 and below 1, got {getattr(self, name)}")
        if not 0 <= self.class_balance <= 1:
            raise TrainingError(f"class_balance must be 0 to 1, got {self.class_balance}")
        if min(self.learning_rate, self.head_learning_rate) <= 0:
            raise TrainingError(f"learning rates must be above 0, got {self}")
        if min(self.weight_decay, self.head_weight_decay) < 0:
            raise TrainingError(f"weight decays must be 0 or more, got {self}")

    @property
    def frozen(self) -> bool:
        """Whether the backbone keeps the weights that it starts with."""
        return self.weights != "none" if self.freeze_backbone is None else self.freeze_backbone

    @property
    def takes_all_maps(self) -> bool:
        """Whether features hold the pooled maps of every resolution."""
        return self.weights == "none" if self.all_maps is None else self.all_maps

    def described(self) -> dict[str, object]:
        """Return a mapping for JSON; of a path of weights only the file's name, so that no machine shows."""
        values: dict[str, object] = asdict(self)
        values["weights"] = self.weights.replace("\\", "/").rsplit("/", maxsplit=1)[-1]
        values["frozen"] = self.frozen
        return values


@dataclass(frozen=True, eq=False)
class TrainedModel:
    """A network in evaluation mode with all that inference needs; `intent.bundle.export_bundle` writes it."""

    net: IntentNet
    config: TrainConfig
    intent_ids: tuple[str, ...]
    parent_ids: tuple[str, ...]
    parent_index: npt.NDArray[np.int64]
    temperature: float
    energy: EnergyScale
    projection: Projection
    metrics: dict[str, object]
    label_counts: dict[str, int]


def train_model(
    examples: pa.Table,
    images: npt.NDArray[np.uint8],
    taxonomy: Taxonomy,
    config: TrainConfig,
    *,
    progress: Progress | None = None,
) -> TrainedModel:
    """Train on labelled pictures.

    Args:
        examples: ``image_id``, ``intent`` (null where only the parent is sure), ``parent``, ``confidence``
            float32 0-1, ``group`` string (duplicates share one); row i belongs to ``images[i]``. The order of
            rows does not matter.
        images: uint8 [n, S, S, 3] with S = ``config.image_size``, made by `intent.images.square`.
        taxonomy: its live intents are the classes, in its order.
        progress: told how far each stage is.

    Raises:
        TrainingError: shapes, sizes or labels that do not fit; fewer than two intents.
        ValueError: backbone or weights that cannot be used.
    """
    tell = progress or (lambda stage, done, total: None)
    order = check_examples(examples, images, image_size=config.image_size)
    examples = examples.take(pa.array(order))
    targets = make_targets(examples, taxonomy, class_balance=config.class_balance)
    train, valid = split_by_group(examples["group"].to_pylist(), share=config.validation_share, seed=config.seed)
    if len(np.unique(targets.intent[train][targets.intent[train] >= 0])) < 2:
        raise TrainingError("the examples hold fewer than two intents; label more images before training")

    with torch.random.fork_rng(devices=[]), quiet_trainer():
        torch.manual_seed(config.seed)
        backbone = PooledBackbone(
            load_backbone(config.backbone, weights=config.weights),
            image_size=config.image_size,
            all_maps=config.takes_all_maps,
        )
        net = IntentNet(backbone, intents=len(taxonomy.intent_ids), dropout=config.dropout)
        if not config.frozen:
            pictures = Examples(images, targets, train, order=order)
            _train_network(net, pictures, taxonomy, config, tell)
        features = compute_features(backbone, images, order=order, progress=tell)
        net.standardise.fit(torch.from_numpy(features[train]), weight=torch.from_numpy(targets.weight[train].copy()))
        net.eval()
        with torch.inference_mode():
            for start in range(0, len(features), STANDARDISE_ROWS):
                part = features[start : start + STANDARDISE_ROWS]
                part[:] = net.standardise(torch.from_numpy(part)).numpy()
        _train_head(net, features, targets, train, taxonomy, config, tell)
        net.eval()
        with torch.inference_mode():
            logits = net.head(torch.from_numpy(features)).double().numpy()

    held_out = valid[targets.intent[valid] >= 0]
    judged = held_out if len(held_out) else train[targets.intent[train] >= 0]
    temperature = fit_temperature(logits[held_out], targets.intent[held_out])
    scores = softmax(logits[judged] / temperature)
    metrics: dict[str, object] = {
        "part": "validation" if len(held_out) else "training",
        "training_rows": len(train),
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
        energy=energy_scale(logits[judged] / temperature),
        projection=fit_projection(features[train], dimensions=config.embedding_dim, seed=config.seed),
        metrics=metrics,
        label_counts={intent: int(counts[i]) for i, intent in enumerate(taxonomy.intent_ids)},
    )


def compute_features(
    backbone: PooledBackbone,
    images: npt.NDArray[np.uint8],
    *,
    order: npt.NDArray[np.int64],
    progress: Progress,
) -> npt.NDArray[np.float32]:
    """Return float32 [n, F]: the features of ``images[order]`` (uint8 [n, S, S, 3])."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    backbone.eval().to(device)
    features = np.empty((len(order), backbone.width), dtype=np.float32)
    with torch.inference_mode():
        for start in range(0, len(order), FEATURE_BATCH):
            rows = order[start : start + FEATURE_BATCH]
            pixels = normalise(torch.from_numpy(np.array(images[rows])))
            batch = backbone(pixels.contiguous(memory_format=torch.channels_last).to(device))
            features[start : start + len(rows)] = batch.cpu().numpy()
            progress("features", start + len(rows), len(order))
    backbone.cpu()
    return features


def _train_network(net: IntentNet, examples: Examples, taxonomy: Taxonomy, config: TrainConfig, tell: Progress) -> None:
    """Train backbone and a passing head together, then make the batch-norm statistics exact."""
    batches = ShuffledBatches(examples, batch_size=config.batch_size, seed=config.seed, augmentation=MILD)
    module = IntentModule(
        net,
        taxonomy.parent_index,
        parents=len(taxonomy.parent_ids),
        label_smoothing=config.label_smoothing,
        learning_rate=config.learning_rate,
        backbone_share=1.0 if config.weights == "none" else 0.1,
        weight_decay=config.weight_decay,
        total_steps=config.epochs * len(batches),
    )
    fit_module(module, batches, epochs=config.epochs, stage="network", progress=tell)
    renew_batch_norm(net.backbone, batches)


def renew_batch_norm(backbone: PooledBackbone, batches: ShuffledBatches) -> None:
    """Replace running batch-norm statistics by their mean over one epoch.

    After a short training the running averages still hold the first steps (Wu and Johnson 2021, "precise
    BatchNorm").
    """
    norms = [part for part in backbone.modules() if isinstance(part, torch.nn.modules.batchnorm._BatchNorm)]
    if not norms:
        return
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
    backbone.train()
    with torch.no_grad():
        for inputs, _, _, _ in batches:
            backbone(inputs)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    backbone.eval()


def _train_head(
    net: IntentNet,
    features: npt.NDArray[np.float32],
    targets: Targets,
    rows: npt.NDArray[np.int64],
    taxonomy: Taxonomy,
    config: TrainConfig,
    tell: Progress,
) -> None:
    """Fit dropout and the linear layer on standardised features."""
    batches = ShuffledBatches(Examples(features, targets, rows), batch_size=config.head_batch_size, seed=config.seed)
    epochs = max(config.head_epochs, -(-FEWEST_HEAD_STEPS // len(batches)))
    net.reset_head()
    net.dropout.p = config.head_dropout
    net.train()  # Lightning leaves modules in the mode that it finds them in
    module = IntentModule(
        net,
        taxonomy.parent_index,
        parents=len(taxonomy.parent_ids),
        label_smoothing=config.label_smoothing,
        learning_rate=config.head_learning_rate,
        backbone_share=None,
        weight_decay=config.head_weight_decay,
        total_steps=epochs * len(batches),
    )
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # matrices this small only make threads wait for each other
    try:
        fit_module(module, batches, epochs=epochs, stage="head", progress=tell)
    finally:
        torch.set_num_threads(threads)
