"""What decides a training, checked when it is made."""

from dataclasses import asdict, dataclass

from intent.examples import TrainingError

ACCELERATORS = ("auto", "cpu", "gpu")


@dataclass(frozen=True)
class TrainConfig:
    """Everything that decides a training; equal configs and equal examples give equal networks on one machine.

    Attributes:
        backbone: name of a torchvision classification model.
        weights: ``none``, ``hub``, or a path of a state dict.
        image_size: side in pixels of the square pictures.
        embedding_dim: length of the unit embedding; fewer where the examples carry fewer directions.
        epochs: passes over the pictures where the backbone is trained; None makes 12 from random weights and 4 from
            given ones, whose 0 fits the head alone.
        head_epochs: passes over the cached features for the head; more for few examples.
        freeze_backbone: keep the weights that the backbone starts with and fit the head alone.
        all_maps: whether features hold the pooled maps of every resolution; None says yes for random weights
            and no for given ones.
        batch_size: pictures per step of the network; the head takes ``head_batch_size``.
        learning_rate: peak of the schedule from random weights; given ones take ``tuning_rate``.
        head_learning_rate: peak of the one-cycle schedule of the head.
        weight_decay: of AdamW, for the network; ``head_weight_decay`` for the head.
        dropout: share of features hidden in a step while the network trains; ``head_dropout`` from the head.
        label_smoothing: share of the target spread over all intents; clicks are never quite sure.
        class_balance: 0 leaves classes as frequent as they are, 1 makes them count equally.
        seed: of the split, the order, the weights and the variations; 0 is a seed.
        validation_share: share of groups kept out of training for temperature and metrics; whole sources where the
            examples have a column ``source``.
        tuning_rate: peak learning rate of given weights.
        tuned_layers: share of the layers that follow, from the last one back, where weights are given.
        mixup: parameters of the beta distribution that mixes pictures of given weights' tuning; 0 mixes none.
        kept: where between given weights (0) and tuned ones (1) the network ends; the one that does best on
            held-out sources where there are several.
        patience: epochs without a better macro-F1 on held-out pictures before tuning stops.
        temperature: what logits are divided by, in place of the one that held-out pictures choose.
        odd_per_kind: drawn pictures of no class per kind, for the score of not knowing.
        accelerator: ``auto``, ``cpu`` or ``gpu``.
        workers: threads that vary pictures; decides no result.
    """

    backbone: str = "mobilenet_v2"
    weights: str = "none"
    image_size: int = 224
    embedding_dim: int = 64
    epochs: int | None = None
    head_epochs: int = 30
    freeze_backbone: bool = False
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
    tuning_rate: float = 1.5e-4
    tuned_layers: float = 0.75
    mixup: float = 0.2
    kept: tuple[float, ...] = (0.3, 0.5, 0.7, 0.9)
    patience: int = 3
    temperature: float | None = None
    odd_per_kind: int = 24
    accelerator: str = "auto"
    workers: int = 1

    def __post_init__(self) -> None:
        whole = ("image_size", "embedding_dim", "head_epochs", "batch_size", "head_batch_size", "patience")
        for name in (*whole, "odd_per_kind", "workers"):
            if getattr(self, name) < 1:
                raise TrainingError(f"{name} must be 1 or more, got {getattr(self, name)}")
        fewest = 0 if self.given else 1
        if self.epochs is not None and self.epochs < fewest:
            raise TrainingError(f"epochs must be {fewest} or more, got {self.epochs}")
        if not self.kept or not all(0 <= share <= 1 for share in self.kept):
            raise TrainingError(f"kept must be shares from 0 to 1, got {self.kept}")
        if not 0 < self.tuned_layers <= 1:
            raise TrainingError(f"tuned_layers must be above 0 and at most 1, got {self.tuned_layers}")
        if self.accelerator not in ACCELERATORS:
            raise TrainingError(f"accelerator must be one of {', '.join(ACCELERATORS)}, got {self.accelerator!r}")
        for name in ("dropout", "head_dropout", "label_smoothing", "validation_share"):
            if not 0 <= getattr(self, name) < 1:
                raise TrainingError(f"{name} must be at least 0 and below 1, got {getattr(self, name)}")
        if self.seed < 0:
            raise TrainingError(f"seed must be 0 or more, got {self.seed}")
        if not 0 <= self.class_balance <= 1:
            raise TrainingError(f"class_balance must be 0 to 1, got {self.class_balance}")
        if self.temperature is not None and self.temperature <= 0:
            raise TrainingError(f"temperature must be above 0, got {self.temperature}")
        if min(self.learning_rate, self.head_learning_rate, self.tuning_rate) <= 0:
            raise TrainingError(f"learning rates must be above 0, got {self}")
        if min(self.weight_decay, self.head_weight_decay, self.mixup) < 0:
            raise TrainingError(f"weight decays and mixup must be 0 or more, got {self}")

    @property
    def given(self) -> bool:
        """Whether the backbone starts from weights that know something."""
        return self.weights != "none"

    @property
    def passes(self) -> int:
        """Epochs that are made."""
        return (4 if self.given else 12) if self.epochs is None else self.epochs

    @property
    def frozen(self) -> bool:
        """Whether the backbone keeps the weights that it starts with."""
        return self.freeze_backbone or self.passes == 0

    @property
    def takes_all_maps(self) -> bool:
        """Whether features hold the pooled maps of every resolution."""
        return self.weights == "none" if self.all_maps is None else self.all_maps

    def described(self) -> dict[str, object]:
        """Return a mapping for JSON; of a path of weights only the file's name, so that no machine shows."""
        values: dict[str, object] = asdict(self)
        values["weights"] = self.weights.replace("\\", "/").rsplit("/", maxsplit=1)[-1]
        values["frozen"] = self.frozen
        values["epochs"] = self.passes
        values["kept"] = list(self.kept)
        for name in ("accelerator", "workers"):  # facts of the machine
            del values[name]
        return values
