"""Running Lightning so that it leaves nothing behind: no files, no log lines, no warnings, no progress bar."""

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
import pytorch_lightning as pl

from intent.data_module import IntentDataModule
from intent.features import Progress
from intent.metrics import confusion_matrix, macro_f1
from intent.model import IntentModule, quiet
from intent.state_files import not_finite
from intent.tuning_state import Log, Run, Work, copy_state

_LOGGERS = ("pytorch_lightning", "lightning", "lightning_fabric", "lightning.pytorch", "lightning.fabric")


class _Watch(pl.Callback):
    """Counts and tells steps, ends a training whose loss is no number with the weights of the last epoch that was
    good, and keeps each good epoch in checkpoint and log."""

    def __init__(
        self, run: Run, data: IntentDataModule, work: Work, *, epochs: int, stage: str, progress: Progress
    ) -> None:
        self.run, self.work, self.stage, self.progress = run, work, stage, progress
        self.per_epoch, self.classes = len(data.train_dataloader()), len(data.taxonomy.intent_ids)
        self.total = epochs * self.per_epoch
        self.lines = Log(work.log, fresh=run.step == 0)
        self.losses: list[float] = []
        self.judged: list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]] = []
        run.good = run.good or copy_state(run.net)

    def on_train_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, *_: Any) -> None:
        self.run.step += 1
        self.progress(self.stage, self.run.step, self.total)
        self.losses.append(float(outputs["loss"]))
        if not np.isfinite(self.losses[-1]):
            self._stop(trainer, f"the loss was {self.losses[-1]} in step {self.run.step} of {self.total}")

    def on_validation_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, *_: Any
    ) -> None:
        self.judged.append((batch[1].cpu().numpy(), outputs.cpu().numpy()))

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        odd = None if self.run.stopped else not_finite(pl_module.state_dict())
        if odd is not None:
            self._stop(trainer, f"{odd} held no finite number after step {self.run.step} of {self.total}")
        if self.run.stopped:
            return
        self.run.good = copy_state(pl_module)
        epoch, rate = self.run.step // self.per_epoch, float(self.run.schedule.get_last_lr()[-1])
        self.lines.write(self.run.step, epoch, float(np.mean(self.losses)), rate, self._score())
        self.losses.clear()
        if self.work.checkpoint is not None:
            self.run.save(self.work.checkpoint)

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        if self.run.stopped:
            pl_module.load_state_dict(self.run.good)

    def _stop(self, trainer: pl.Trainer, reason: str) -> None:
        self.run.stopped = self.run.stopped or f"{reason}; the last good weights are kept"
        trainer.should_stop = True

    def _score(self) -> float | None:
        """Return the macro-F1 of what was judged since the last call; None where nothing was."""
        if not self.judged:
            return None
        truth, found = (np.concatenate(part) for part in zip(*self.judged, strict=True))
        self.judged.clear()
        return macro_f1(confusion_matrix(truth, found, classes=self.classes))


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
    data: IntentDataModule,
    *,
    epochs: int,
    stage: str,
    progress: Progress,
    accelerator: str = "auto",
    work: Work | None = None,
) -> str:
    """Train a module for some epochs on an accelerator (``auto``, ``cpu``, ``gpu``); it comes back on the CPU.

    A loss that is not finite ends it with the weights of the last good epoch; return why it ended early, empty where
    it did not. With a checkpoint it goes on after the last whole epoch and ends where a training without a break
    does; Lightning's own checkpoints hold no state of torch's generators and are no such promise. With a log the
    held-out part is judged after each epoch, by a network whose batch-norm statistics are still the running ones.

    Raises:
        TrainingError: a checkpoint that cannot be read or belongs to another training.
    """
    work = work or Work()
    batches = data.train_dataloader()
    run = Run(module, module.optimizer, module.schedule, key=work.key, chance=True)
    if work.checkpoint is not None and work.checkpoint.exists():
        run.load(work.checkpoint)
    batches.epoch = run.step // len(batches)
    watch = _Watch(run, data, work, epochs=epochs, stage=stage, progress=progress)
    if batches.epoch < epochs:
        with tempfile.TemporaryDirectory() as scratch:
            trainer = pl.Trainer(
                max_epochs=epochs - batches.epoch,
                accelerator=accelerator,
                devices=1,
                logger=False,
                enable_checkpointing=False,
                enable_progress_bar=False,
                enable_model_summary=False,
                num_sanity_val_steps=0,
                limit_val_batches=0 if work.log is None else 1.0,
                gradient_clip_val=1.0,
                default_root_dir=scratch,
                callbacks=[watch],
            )
            trainer.fit(module, datamodule=data)
    module.cpu()
    return run.stopped
