"""Labelled pictures as Lightning takes them: the table of labels and the pictures of the collection, decoded once.

Every training reads its rows, targets and parts here. Whole sources are held out where the examples name them, else
duplicate groups.
"""

import copy

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytorch_lightning as pl
import torch
from torch.utils.data import BatchSampler, DataLoader, SequentialSampler

from intent.data import MILD, Batch, Examples, ShuffledBatches
from intent.examples import (
    MADE,
    Targets,
    TrainingError,
    check_examples,
    make_targets,
    split_by_group,
    split_by_source,
)
from intent.train_config import TrainConfig
from labels.taxonomy import Taxonomy


class IntentDataModule(pl.LightningDataModule):
    """Examples in the order of their image_id, so that the order of a table decides nothing.

    Args:
        examples: as `intent.training.train_model` takes them; row i belongs to ``images[i]``.
        images: uint8 [n, S, S, 3], in memory or mapped: no epoch decodes.
        taxonomy: its live intents are the classes.
        config: sizes, seed, balance and the share that is held out.

    Attributes:
        order: int64 [n], the place of each row among the pictures.
        targets: of the rows, with their weights: confidence, copies, balance of classes and sources.
        train: int64, rising: the rows that teach.
        valid: int64, rising: the rows that are kept from training; copies and composites of them are in neither.
        by_source: whether those are whole sources.
        groups: int64 [n]; rows of one group are copies.

    Raises:
        TrainingError: shapes, sizes or labels that do not fit; fewer than two intents to learn.
    """

    def __init__(
        self, examples: pa.Table, images: npt.NDArray[np.uint8], taxonomy: Taxonomy, config: TrainConfig
    ) -> None:
        super().__init__()
        self.taxonomy, self.config = taxonomy, config
        self.images = images
        self.order = check_examples(examples, images, image_size=config.image_size)
        examples = examples.take(pa.array(self.order))
        self.targets = make_targets(examples, taxonomy, class_balance=config.class_balance)
        self.train, self.valid, self.by_source = _split(
            examples, self.targets, config, intents=len(taxonomy.intent_ids)
        )
        taught = self.targets.intent[self.train[self.targets.weight[self.train] > 0]]
        if len(np.unique(taught[taught >= 0])) < 2:
            raise TrainingError("the examples hold fewer than two intents to learn; label more images before training")
        names = np.array(examples["group"].to_pylist(), dtype=object)
        self.groups: npt.NDArray[np.int64] = np.unique(names, return_inverse=True)[1]
        self._features: npt.NDArray[np.float32] | None = None
        self._batches: ShuffledBatches | None = None

    def __len__(self) -> int:
        return len(self.order)

    @property
    def held_out(self) -> npt.NDArray[np.int64]:
        """Rows kept from training whose intent is known: those that judge."""
        return self.valid[self.targets.intent[self.valid] >= 0]

    @property
    def batch_size(self) -> int:
        """Rows per step: of pictures, or of features, which are small."""
        return self.config.batch_size if self._features is None else self.config.head_batch_size

    def train_dataloader(self) -> ShuffledBatches:
        """Return the batches of the training part: always the same object, which counts its epochs."""
        if self._batches is None:
            self._batches = ShuffledBatches(
                self._examples(self.train),
                batch_size=self.batch_size,
                seed=self.config.seed,
                augmentation=MILD if self._features is None else None,
            )
        return self._batches

    def val_dataloader(self) -> DataLoader[Batch]:
        """Return the batches of `held_out` in their order, as they are."""
        examples = self._examples(self.held_out)
        places = BatchSampler(SequentialSampler(examples), self.batch_size, drop_last=False)
        # a generator of its own: a loader draws a number of torch's, and judging must not change what is learned
        return DataLoader(examples, batch_size=None, sampler=places, generator=torch.Generator())

    def with_targets(self, targets: Targets) -> "IntentDataModule":
        """Return the same examples with other targets."""
        other = copy.copy(self)
        other.targets, other._batches = targets, None
        return other

    def with_features(self, features: npt.NDArray[np.float32]) -> "IntentDataModule":
        """Return the same examples whose batches hold features float32 [n, F] of the rows in place of pictures."""
        other = copy.copy(self)
        other._features, other._batches = features, None
        return other

    def _examples(self, rows: npt.NDArray[np.int64]) -> Examples:
        if self._features is not None:
            return Examples(self._features, self.targets, rows)
        return Examples(self.images, self.targets, rows, order=self.order)


def _split(
    examples: pa.Table, targets: Targets, config: TrainConfig, *, intents: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], bool]:
    """Hold out sources, or duplicate groups where no source can be; say which. Made pictures never judge; copies of
    what is held out and composites of it are on neither side."""
    groups = examples["group"].to_pylist()
    sources = examples["source"].to_pylist() if "source" in examples.column_names else [None] * len(groups)
    kinds = np.where(targets.intent >= 0, targets.intent, intents + targets.parent)
    train, valid = split_by_source(sources, kinds, share=config.validation_share, seed=config.seed)
    by_source = bool(len(valid))
    if not by_source:
        train, valid = split_by_group(groups, share=config.validation_share, seed=config.seed)
    made = np.array([source in MADE for source in sources])
    valid, back = valid[~made[valid]], valid[made[valid]]
    train = np.union1d(train, back)
    held = {groups[row] for row in valid}
    parts = examples["made_of"].to_pylist() if "made_of" in examples.column_names else [None] * len(groups)
    free = [held.isdisjoint((groups[row], *(parts[row] or ()))) for row in train]
    return train[np.array(free, dtype=bool)], valid, by_source
