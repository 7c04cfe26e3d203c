"""Distillation in resumable rounds: new views with the teacher's answers, then steps of the student on the last ones.

Every round draws from generators seeded by (seed, round) alone and ends in a checkpoint, so a run that was stopped
goes on as if it had not been. Views live in a ring of slots on disk; the oldest slot is overwritten.
"""

import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from intent.distil_student import Average, Student, backbone_state, distil_loss, start_backbone
from intent.distil_teacher import CELLS, Teacher
from intent.distil_views import draw_views, jitter, shrink
from intent.state_files import StateError, not_finite, read_state

CHECKPOINT, WEIGHTS = "checkpoint.pt", "student.pth"
TEACH_BATCH = 64
"""Views that the teacher sees at a time."""
SMALL = 0.75
"""Side of the pictures in the first rounds, as a share of the side in the last ones."""
CLIP_NORM = 5.0
"""Largest gradient norm: one odd batch must not undo an hour."""

Report = Callable[[dict[str, float]], None]


@dataclass(frozen=True)
class DistilConfig:
    """How a student is trained.

    Attributes:
        backbone: torchvision name of the student.
        image_size: side of the student's pictures in pixels.
        small_share: share of the rounds, the first ones, in which pictures have `SMALL` of the side: half the work
            for coarse lessons (progressive resizing, cf. Tan and Le 2021).
        rounds: rounds in all; the learning rate falls over the last ``fall`` share of them, so that a longer run
            may go on from any checkpoint before the fall.
        views: new views per round.
        passes: how many views the student sees per new view.
        slots: rounds whose views are kept.
    """

    backbone: str = "mobilenet_v3_small"
    image_size: int = 128
    small_share: float = 0.75
    rounds: int = 24
    views: int = 2048
    passes: int = 12
    slots: int = 16
    batch_size: int = 64
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    warm_steps: int = 300
    fall: float = 0.3
    average: float = 0.998
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("image_size", "rounds", "views", "passes", "slots", "batch_size"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be 1 or more, got {getattr(self, name)}")
        if self.batch_size > self.views * self.passes or self.batch_size < 2:
            raise ValueError(f"batch_size must be 2 to views x passes, got {self.batch_size}")
        if not 0 < self.fall <= 1:
            raise ValueError(f"fall must be above 0 and at most 1, got {self.fall}")

    @property
    def steps_per_round(self) -> int:
        """Steps of the student in a round."""
        return self.views * self.passes // self.batch_size

    def side(self, number: int) -> int:
        """Return the side in pixels of the student's pictures in a round."""
        return round(SMALL * self.image_size) if number < self.small_share * self.rounds else self.image_size

    def rate(self, step: int) -> float:
        """Return the learning rate of a step: a warm start, a plateau and a straight fall to a hundredth."""
        total = self.rounds * self.steps_per_round
        falling = min(1.0, (total - step) / max(1.0, self.fall * total))
        return self.learning_rate * min(1.0, (step + 1) / self.warm_steps) * max(0.01, falling)


class ViewBank:
    """A ring of views with the teacher's answers, in files of one folder.

    Attributes:
        fresh: whether a file was not there, or of another size: the views of earlier rounds are lost. A mark in the
            folder says so until `refill` has drawn them again, since a new file has its full size at once.
    """

    def __init__(self, folder: Path, config: DistilConfig, *, whole: int, cells: int, intents: int) -> None:
        rows = config.views * config.slots
        size = config.image_size
        shapes: dict[str, tuple[Any, tuple[int, ...]]] = {
            "pixels": (np.uint8, (rows, 3, size, size)),
            "whole": (np.float16, (rows, whole)),
            "cells": (np.float16, (rows, CELLS * CELLS, cells)),
            "logits": (np.float16, (rows, intents)),
        }
        self.views, self.slots = config.views, config.slots
        self.mark = folder / "bank_lost"
        self.parts: dict[str, npt.NDArray[Any]] = {}
        for name, (kind, shape) in shapes.items():
            path = folder / f"bank_{name}.bin"
            wanted = int(np.prod(shape)) * np.dtype(kind).itemsize
            kept = path.is_file() and path.stat().st_size == wanted
            if not kept:
                self.mark.touch()
            mode = "r+" if kept else "w+"
            self.parts[name] = np.memmap(path, dtype=kind, mode=mode, shape=shape)  # type: ignore[call-overload]
        self.fresh = self.mark.exists()

    def refill(self, first: int, pictures: npt.NDArray[np.uint8], teacher: Teacher, config: DistilConfig) -> None:
        """Draw and teach the views again that rounds before ``first`` left, where they are lost."""
        for number in range(max(0, first - self.slots), first) if self.fresh else ():
            self.fill(number, pictures, teacher, config)
        self.mark.unlink(missing_ok=True)

    def fill(self, number: int, pictures: npt.NDArray[np.uint8], teacher: Teacher, config: DistilConfig) -> None:
        """Draw and teach the views of round ``number`` into its slot."""
        generator = torch.Generator().manual_seed(config.seed * 1_000_003 + number)
        chosen = torch.randint(len(pictures), (self.views,), generator=generator).numpy()
        start = (number % self.slots) * self.views
        for at in range(0, self.views, TEACH_BATCH):
            rows = chosen[at : at + TEACH_BATCH]
            views = draw_views(pictures, rows, generator=generator)
            whole, cells, logits = teacher.teach(views)
            place = slice(start + at, start + at + len(rows))
            self.parts["pixels"][place] = shrink(views, config.image_size).numpy()
            for name, values in (("whole", whole), ("cells", cells), ("logits", logits)):
                self.parts[name][place] = values.numpy().astype(np.float16)

    def batch(self, rows: npt.NDArray[np.int64]) -> tuple[Tensor, tuple[Tensor, Tensor, Tensor]]:
        """Return uint8 views [b, 3, S, S] and float32 answers of some rows."""
        rows = np.sort(rows)
        taught = [torch.from_numpy(self.parts[name][rows].astype(np.float32)) for name in ("whole", "cells", "logits")]
        return torch.from_numpy(self.parts["pixels"][rows]), (taught[0], taught[1], taught[2])


def distil(
    pictures: npt.NDArray[np.uint8],
    teacher: Teacher,
    config: DistilConfig,
    folder: Path,
    *,
    start: Path | None = None,
    report: Report | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Path:
    """Train a student on views of pictures; return the file of its averaged weights, ``folder/student.pth``.

    It fits the torchvision model strictly, as ``--weights`` of ``image-intent train`` takes it. Where the folder
    holds a checkpoint, the run goes on from it.

    Args:
        pictures: uint8 [n, T, T, 3] with T the side that the teacher sees.
        start: ``student.pth`` of an earlier run whose backbone this one begins with; random weights without.
        report: told the figures of each round.
        stop: asked after each round; True ends the run there, resumable.

    Raises:
        ValueError: a checkpoint of another student, or one that cannot be read.
        FloatingPointError: a loss that is no number; files keep the round before.
    """
    whole, cells, intents = (part.matrix.shape[1] for part in (teacher.whole, teacher.cells, teacher.head))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        student = Student(
            config.backbone, image_size=config.image_size, whole=whole, cells=cells, intents=intents
        ).train()
        if start is not None:
            start_backbone(student, start)
        bank = ViewBank(folder, config, whole=whole, cells=cells, intents=intents)
        optimizer = torch.optim.AdamW(_groups(student, config.weight_decay), lr=config.learning_rate)
        average = Average(student, decay=config.average)
        first = _resume(folder / CHECKPOINT, student, average, optimizer)
        bank.refill(first, pictures, teacher, config)
        for number in range(first, config.rounds):
            bank.fill(number, pictures, teacher, config)
            torch.manual_seed(config.seed * 1_000_003 + 500_009 + number)
            loss = _round(number, student, average, optimizer, bank, config)
            if not math.isfinite(loss):
                raise FloatingPointError(
                    f"the loss was {loss} in round {number + 1} of {config.rounds}; {folder / CHECKPOINT} and "
                    f"{WEIGHTS} keep the round before"
                )
            _save(folder / CHECKPOINT, number + 1, student, average, optimizer)
            _atomic(backbone_state(average.module), folder / WEIGHTS)  # type: ignore[arg-type]
            if report is not None:
                report({"round": number + 1, "rounds": config.rounds, "loss": loss})
            if stop():
                break
    return folder / WEIGHTS


def _round(
    number: int,
    student: Student,
    average: Average,
    optimizer: torch.optim.Optimizer,
    bank: ViewBank,
    config: DistilConfig,
) -> float:
    """Take the steps of one round; return the mean loss."""
    generator = torch.Generator().manual_seed(config.seed * 1_000_003 + 250_007 + number)
    filled = min(number + 1, config.slots) * config.views
    total = 0.0
    for index in range(config.steps_per_round):
        step = number * config.steps_per_round + index
        for group in optimizer.param_groups:
            group["lr"] = config.rate(step)
        rows = torch.randint(filled, (config.batch_size,), generator=generator).numpy()
        views, wanted = bank.batch(rows)
        inputs = jitter(shrink(views, config.side(number)), generator=generator)
        loss = distil_loss(student(inputs), wanted)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(student.parameters(), CLIP_NORM)
        optimizer.step()
        average.update(student, step=step)
        total += float(loss.detach())
    return total / config.steps_per_round


def _groups(student: Student, decay: float) -> list[dict[str, Any]]:
    """Decay matrices and kernels only: scales and shifts are no capacity."""
    heavy = [value for value in student.parameters() if value.ndim > 1]
    light = [value for value in student.parameters() if value.ndim <= 1]
    return [{"params": heavy, "weight_decay": decay}, {"params": light, "weight_decay": 0.0}]


def _resume(path: Path, student: Student, average: Average, optimizer: torch.optim.Optimizer) -> int:
    """Load a checkpoint where there is one; return the number of the next round."""
    if not path.is_file():
        return 0
    try:
        state = read_state(path)
    except StateError as error:
        raise ValueError(f"checkpoint {path} cannot be read: {error}; remove it to start anew") from error
    try:
        student.load_state_dict(state["student"])
        average.module.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        number = int(state["round"])
    except (RuntimeError, KeyError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ValueError(f"{path} is a checkpoint of another student ({reason}); give another folder") from error
    odd = not_finite(student.state_dict()) or not_finite(average.module.state_dict())
    if odd is not None:
        raise ValueError(f"checkpoint {path} holds no finite number in {odd}; remove it to start anew")
    return number


def _save(path: Path, number: int, student: Student, average: Average, optimizer: torch.optim.Optimizer) -> None:
    state = {
        "round": number,
        "student": student.state_dict(),
        "average": average.module.state_dict(),
        "optimizer": optimizer.state_dict(),
    }
    _atomic(state, path)


def _atomic(state: object, path: Path) -> None:
    scratch = path.with_name(path.name + ".part")
    torch.save(state, scratch)
    os.replace(scratch, path)
