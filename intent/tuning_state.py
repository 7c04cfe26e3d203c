"""What a training has come to, on disk: a checkpoint that a killed one goes on from, and a log for people."""

import csv
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from intent.examples import TrainingError
from intent.state_files import StateError, not_finite, read_state

State = dict[str, Tensor]

LOG_COLUMNS = ("step", "epoch", "loss", "rate", "held_out_macro_f1", "seconds")


@dataclass(frozen=True)
class Work:
    """Files of a training that may be killed and go on: ``checkpoint`` of its network, ``log`` as CSV; ``key`` of
    data and settings, so that a checkpoint of others is refused. None writes nothing."""

    checkpoint: Path | None = None
    log: Path | None = None
    key: str = ""


def copy_state(net: nn.Module) -> State:
    """Return a copy of a net's weights on the CPU."""
    return {name: value.detach().cpu().clone() for name, value in net.state_dict().items()}


class Run:
    """What a training has come to; all of it goes into a checkpoint.

    Args:
        chance: whether the state of torch's generators is part of it: of a training that seeds them once, not in
            every step.
    """

    def __init__(self, net: nn.Module, optimizer: Any, schedule: Any, *, key: str, chance: bool = False) -> None:
        self.net, self.optimizer, self.schedule, self.key, self.chance = net, optimizer, schedule, key, chance
        self.step, self.waited, self.stopped = 0, 0, ""
        self.scores: list[float] = []
        self.good: State = {}
        self.best: State = {}

    def judge(self, score: float | None) -> None:
        """Take the macro-F1 of an epoch; None where nothing is held out."""
        if score is None:
            return
        if not self.scores or score > max(self.scores):
            self.best, self.waited = copy_state(self.net), 0
        else:
            self.waited += 1
        self.scores.append(score)

    def save(self, path: Path) -> None:
        """Write a checkpoint; it replaces the one before at once."""
        content = {
            "key": self.key,
            "step": self.step,
            "waited": self.waited,
            "scores": self.scores,
            "net": copy_state(self.net),
            "best": self.best,
            "optimizer": self.optimizer.state_dict(),
            "schedule": {"last_epoch": self.schedule.last_epoch},
            **({"chance": _chance()} if self.chance else {}),
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_name(f".{path.name}-{os.getpid()}")
        torch.save(content, scratch)
        os.replace(scratch, path)

    def load(self, path: Path) -> None:
        """Go on from a checkpoint.

        Raises:
            TrainingError: it cannot be read, lacks something, or belongs to another training.
        """
        try:
            content = read_state(path)
        except StateError as error:
            raise TrainingError(f"checkpoint {path} cannot be read: {error}; remove it to start anew") from error
        if not isinstance(content, dict) or "key" not in content:
            raise TrainingError(f"checkpoint {path} is none of a training; remove it to start anew")
        key = content["key"]
        if key != self.key:
            raise TrainingError(f"checkpoint {path} belongs to other settings or pictures; remove it to start anew")
        try:
            self.net.load_state_dict(content["net"])
            self.optimizer.load_state_dict(content["optimizer"])
            self.step, self.waited = int(content["step"]), int(content["waited"])
            self.scores, self.best = list(content["scores"]), dict(content["best"])
            self.schedule.last_epoch = int(content["schedule"]["last_epoch"])
            if self.chance:
                _set_chance(content["chance"])
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            reason = " ".join(str(error).split())[:160]
            raise TrainingError(f"checkpoint {path} lacks something ({reason}); remove it to start anew") from error
        odd = not_finite(self.net.state_dict())
        if odd is not None:
            raise TrainingError(f"checkpoint {path} holds no finite number in {odd}; remove it to start anew")
        self.good = copy_state(self.net)


def _chance() -> list[Tensor]:
    """Return the states of torch's generators: of the CPU, then of each GPU in use."""
    in_use = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
    return [torch.get_rng_state(), *(torch.cuda.get_rng_state_all() if in_use else ())]


def _set_chance(states: list[Tensor]) -> None:
    torch.set_rng_state(states[0])
    if len(states) - 1 == torch.cuda.device_count():
        torch.cuda.set_rng_state_all(states[1:])


class Log:
    """A CSV file that grows; none where no path is given."""

    def __init__(self, path: Path | None, *, fresh: bool) -> None:
        self.path, self.started = path, time.monotonic()
        if path is not None and (fresh or not path.exists()):
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerow(LOG_COLUMNS)

    def write(self, step: int, epoch: int, loss: float, rate: float, score: float | None) -> None:
        """Add a line."""
        if self.path is None:
            return
        shown = "" if score is None else f"{score:.4f}"
        seconds = f"{time.monotonic() - self.started:.1f}"
        with self.path.open("a", newline="", encoding="utf-8") as file:
            csv.writer(file).writerow([step, epoch, f"{loss:.5f}", f"{rate:.3g}", shown, seconds])
