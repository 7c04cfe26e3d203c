"""Running Lightning so that it leaves nothing behind: no files, no log lines, no warnings, no progress bar."""

import logging
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytorch_lightning as pl
import torch

from intent.data import ShuffledBatches
from intent.model import IntentModule, quiet
from intent.state_files import not_finite
from intent.tuning_state import copy_state

_LOGGERS = ("pytorch_lightning", "lightning", "lightning_fabric", "lightning.pytorch", "lightning.fabric")


class _Tell(pl.Callback):
    """Tells steps to a function instead of drawing a bar."""

    def __init__(self, stage: str, total: int, progress: Callable[[str, int, int], None]) -> None:
        self.stage, self.total, self.progress = stage, total, progress

    def on_train_batch_end(self, trainer: pl.Trainer, *_args: Any, **_kwargs: Any) -> None:
        self.progress(self.stage, int(trainer.global_step), self.total)


class _Guard(pl.Callback):
    """Ends a training whose loss is no number, with the weights of the last epoch that was good."""

    def __init__(self, module: IntentModule, total: int) -> None:
        self.good = copy_state(module)
        self.total, self.stopped = total, ""

    def on_train_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, *_: Any) -> None:
        if self.stopped or bool(torch.isfinite(outputs["loss"])):
            return
        self.stopped = (
            f"the loss was {float(outputs['loss'])} in step {trainer.global_step} of {self.total}; the last good "
            "weights are kept"
        )
        trainer.should_stop = True

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        if not self.stopped and not_finite(pl_module.state_dict()) is None:
            self.good = copy_state(pl_module)

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        if self.stopped:
            pl_module.load_state_dict(self.good)


@contextmanager
def quiet_trainer() -> Iterator[None]:
    """Hush Lightning's loggers and warnings, and give the loggers their levels back."""
    levels = {name: logging.getLogger(name).level for name in _LOGGERS}
    for name in levels:
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        with quiet():
            yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


def fit_module(
    module: IntentModule,
    batches: ShuffledBatches,
    *,
    epochs: int,
    stage: str,
    progress: Callable[[str, int, int], None],
    accelerator: str = "auto",
) -> str:
    """Train a module for some epochs on an accelerator (``auto``, ``cpu``, ``gpu``); it comes back on the CPU.

    A loss that is not finite ends it with the weights of the last good epoch; return why it ended early, empty where
    it did not.
    """
    guard = _Guard(module, epochs * len(batches))
    with tempfile.TemporaryDirectory() as scratch:
        trainer = pl.Trainer(
            max_epochs=epochs,
            accelerator=accelerator,
            devices=1,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            gradient_clip_val=1.0,
            default_root_dir=scratch,
            callbacks=[_Tell(stage, epochs * len(batches), progress), guard],
        )
        trainer.fit(module, train_dataloaders=batches)
    module.cpu()
    return guard.stopped
