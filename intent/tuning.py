"""Tuning given weights to new classes without forgetting what carries over to sites never seen.

The head starts from logistic regression on frozen features, the last layers follow at a small rate on strongly varied
and mixed pictures while batch-norm statistics stay as they are, and in the end the weights go only part of the way:
weights between the given and the tuned ones do better on other sources than either (WiSE-FT, Wortsman et al. 2022;
linear probing then fine-tuning, Kumar et al. 2022; mixup, Zhang et al. 2018).
"""

import math
from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from intent.augment import augment
from intent.examples import Targets, TrainingError
from intent.metrics import confusion_matrix, macro_f1
from intent.model import HierarchicalLoss, IntentNet, normalise
from intent.state_files import not_finite
from intent.tuning_state import Log, Run, State, copy_state

Progress = Callable[[str, int, int], None]

WARM_UP = 0.05
"""Share of the steps in which the rates rise to their peaks."""

CHECK_EVERY = 200
"""Steps between checkpoints within an epoch: some minutes on two cores."""

AHEAD = 3
"""Batches that are prepared while the network works."""


@dataclass(frozen=True)
class TuneConfig:
    """How the last layers follow the head.

    Attributes:
        epochs: as many pictures as the training part has, drawn by weight, make one.
        batch_size: pictures per step.
        layers: share of the layers with parameters that are tuned, from the last one back.
        rate: peak learning rate of the backbone; the head takes ``head_rate``.
        weight_decay: of AdamW.
        mixup: both parameters of the beta distribution that mixes two pictures; 0 mixes none.
        label_smoothing: share of the target spread over all intents.
        dropout: share of features hidden from the head.
        patience: epochs without a better macro-F1 on held-out pictures before it stops.
        seed: of order, variations and dropout.
        accelerator: ``auto``, ``cpu`` or ``gpu``.
        workers: threads that vary pictures.
    """

    epochs: int = 4
    batch_size: int = 32
    layers: float = 0.75
    rate: float = 1.5e-4
    head_rate: float = 4e-4
    weight_decay: float = 0.02
    mixup: float = 0.2
    label_smoothing: float = 0.1
    dropout: float = 0.2
    patience: int = 3
    seed: int = 0
    accelerator: str = "auto"
    workers: int = 1


@dataclass(frozen=True, eq=False)
class Pictures:
    """What is tuned on: ``images`` uint8 [n, S, S, 3], in memory or mapped; ``targets`` of the same rows; the rows
    that train and that are held out; ids of the intents."""

    images: npt.NDArray[np.uint8]
    order: npt.NDArray[np.int64]
    targets: Targets
    train: npt.NDArray[np.int64]
    held_out: npt.NDArray[np.int64]
    intent_ids: tuple[str, ...]

    def get(self, row: int) -> npt.NDArray[np.uint8]:
        """Return picture ``row`` of the targets."""
        return np.array(self.images[self.order[row]])


@dataclass(frozen=True)
class TuneResult:
    """How a tuning went: steps done, the macro-F1 on held-out pictures after each epoch, and why it ended early
    (empty where it did not)."""

    steps: int
    held_out_macro_f1: tuple[float, ...]
    stopped: str


def tune(
    net: IntentNet,
    pictures: Pictures,
    criterion: HierarchicalLoss,
    config: TuneConfig,
    *,
    progress: Progress,
    checkpoint: Path | None = None,
    log: Path | None = None,
    key: str = "",
) -> TuneResult:
    """Tune the last layers and the head of a net in place; it comes back on the CPU in evaluation mode.

    Every step depends on seed and step alone, so that a tuning that goes on from a checkpoint ends where one without
    a break does. A loss that is not finite ends it with the last good weights.

    Args:
        checkpoint: file to go on from where it is there, and to write on the way.
        log: CSV file with a line per epoch and every `CHECK_EVERY` steps.
        key: of data and settings; a checkpoint with another one is refused.

    Raises:
        TrainingError: a checkpoint that cannot be read or belongs to another training; no such accelerator.
    """
    fabric = _fabric(config.accelerator)
    groups = [
        {"params": list(net.head.parameters()), "lr": config.head_rate},
        {"params": _last_layers(net.backbone, config.layers), "lr": config.rate},
    ]
    net.dropout.p = config.dropout
    net.to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(groups, weight_decay=config.weight_decay)
    per_epoch = max(1, len(pictures.train) // min(config.batch_size, len(pictures.train)))
    total = config.epochs * per_epoch
    model, optimizer = fabric.setup(net, optimizer)
    criterion = criterion.to(fabric.device)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, total))
    run = Run(net, optimizer, schedule, key=key)
    if checkpoint is not None and checkpoint.exists():
        run.load(checkpoint)
    run.good = run.good or copy_state(net)
    writer = Log(log, fresh=run.step == 0)
    batches = _batches(pictures, config, first=run.step, total=total, per_epoch=per_epoch)
    net.eval()  # batch-norm statistics stay
    losses: list[float] = []
    for pixels, rows in batches:
        if run.step % per_epoch == 0 and run.waited >= config.patience:  # found so in a checkpoint, or just before
            net.load_state_dict(run.best)
            run.stopped = f"no better macro-F1 on held-out pictures for {config.patience} epochs"
            break
        torch.manual_seed(config.seed * 1_000_003 + run.step)
        net.dropout.train()
        loss = _loss(model, criterion, pixels.to(fabric.device), pictures.targets, rows, config, step=run.step)
        if not torch.isfinite(loss):
            net.load_state_dict(run.good)
            run.stopped = (
                f"the loss was {float(loss.detach())} in step {run.step + 1} of {total}; the last good weights are kept"
            )
            break
        optimizer.zero_grad()
        fabric.backward(loss)
        fabric.clip_gradients(model, optimizer, max_norm=1.0, error_if_nonfinite=False)
        optimizer.step()
        schedule.step()
        run.step += 1
        losses.append(float(loss.detach()))
        progress("tuning", run.step, total)
        ends = run.step % per_epoch == 0
        checks = ends or run.step % CHECK_EVERY == 0
        odd = not_finite(net.state_dict()) if checks else None
        if odd is not None:
            net.load_state_dict(run.good)
            run.stopped = (
                f"{odd} held no finite number after step {run.step} of {total}; the last good weights are kept"
            )
            break
        if ends:
            run.judge(_held_out_score(model, net, pictures, config, fabric.device))
        if checks:
            score = run.scores[-1] if ends and run.scores else None
            writer.write(
                run.step, run.step // per_epoch, float(np.mean(losses)), float(schedule.get_last_lr()[1]), score
            )
            losses.clear()
            run.good = copy_state(net)
            if checkpoint is not None:
                run.save(checkpoint)
    batches.close()
    net.cpu()
    criterion.cpu()
    net.eval()
    return TuneResult(run.step, tuple(round(score, 4) for score in run.scores), run.stopped)


def between(given: Mapping[str, Tensor], tuned: Mapping[str, Tensor], *, share: float) -> State:
    """Return the weights that lie ``share`` (0-1) of the way from the given to the tuned ones; other than float
    values are the tuned ones."""
    return {
        name: torch.lerp(given[name].float(), value.float(), share).to(value.dtype)
        if value.is_floating_point()
        else value
        for name, value in tuned.items()
    }


def _fabric(accelerator: str) -> Any:
    from lightning_fabric import Fabric

    if accelerator == "gpu" and not torch.cuda.is_available():
        raise TrainingError("--accelerator gpu: torch sees no GPU here; take auto or cpu")
    on_gpu = accelerator != "cpu" and torch.cuda.is_available()
    return Fabric(accelerator="cuda" if on_gpu else "cpu", devices=1, precision="bf16-mixed" if on_gpu else "32-true")


def _rate(step: int, total: int) -> float:
    """Return the share of the peak rate: a linear rise, then a half cosine to zero."""
    rise = max(1, round(total * WARM_UP))
    if step < rise:
        return (step + 1) / rise
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (step - rise) / max(1, total - rise))))


def _last_layers(backbone: nn.Module, share: float) -> list[nn.Parameter]:
    """Return the parameters of the last layers; those of the first take no gradient any more."""
    layers = [module for module in backbone.modules() if list(module.parameters(recurse=False))]
    first = round(len(layers) * (1 - share))
    chosen: list[nn.Parameter] = []
    for place, layer in enumerate(layers):
        for parameter in layer.parameters(recurse=False):
            parameter.requires_grad_(place >= first)
            chosen += [parameter] * (place >= first)
    return chosen


def _rows_of_step(pictures: Pictures, config: TuneConfig, *, step: int, size: int) -> npt.NDArray[np.int64]:
    """Draw rows by weight: class balance and source balance decide how often a picture comes."""
    rng = np.random.default_rng([config.seed, step])
    mass = pictures.targets.weight[pictures.train].astype(np.float64)
    edges = np.cumsum(mass)
    # stratified draws: one from each of ``size`` equal parts of the mass, so that an epoch covers what it can
    points = (rng.permutation(size) + rng.random(size)) / size * edges[-1]
    places = np.minimum(np.searchsorted(edges, points, side="right"), len(mass) - 1)
    return np.asarray(pictures.train[places])


def _batches(
    pictures: Pictures, config: TuneConfig, *, first: int, total: int, per_epoch: int
) -> Generator[tuple[Tensor, npt.NDArray[np.int64]], None, None]:
    """Yield varied pictures float32 [b, 3, S, S] with their rows, prepared by threads some batches ahead."""
    size = min(config.batch_size, len(pictures.train))

    def one(step: int, place: int, row: int) -> npt.NDArray[np.uint8]:
        intent = pictures.targets.intent[row]
        known = pictures.intent_ids[intent] if intent >= 0 else None
        return augment(pictures.get(row), np.random.default_rng([config.seed, step, place]), intent=known)

    def start(pool: ThreadPoolExecutor, step: int) -> tuple[Sequence[Future[Any]], npt.NDArray[np.int64]]:
        rows = _rows_of_step(pictures, config, step=step, size=size)
        return [pool.submit(one, step, place, int(row)) for place, row in enumerate(rows)], rows

    with ThreadPoolExecutor(max(1, config.workers)) as pool:
        waiting: deque[tuple[Sequence[Future[Any]], npt.NDArray[np.int64]]] = deque()
        for step in range(first, total + AHEAD):
            if step < total:
                waiting.append(start(pool, step))
            if waiting and (len(waiting) > AHEAD or step >= total):
                futures, rows = waiting.popleft()
                pixels = torch.from_numpy(np.stack([future.result() for future in futures]))
                yield normalise(pixels).contiguous(memory_format=torch.channels_last), rows


def _loss(
    model: Any,
    criterion: HierarchicalLoss,
    pixels: Tensor,
    targets: Targets,
    rows: npt.NDArray[np.int64],
    config: TuneConfig,
    *,
    step: int,
) -> Tensor:
    """Return the loss of a batch whose pictures are mixed in pairs (one share for the batch)."""
    device = pixels.device
    chosen = targets.take(rows)
    intent, parent = torch.from_numpy(chosen.intent).to(device), torch.from_numpy(chosen.parent).to(device)
    even = torch.ones(len(rows), device=device)  # the draw has weighed them
    rng = np.random.default_rng([config.seed, step, 0x313])
    if config.mixup <= 0:
        whole: Tensor = criterion(model(pixels).float(), intent, parent, even)
        return whole
    share = float(rng.beta(config.mixup, config.mixup))
    share = max(share, 1 - share)
    other = torch.from_numpy(rng.permutation(len(rows))).to(device)
    mixed = share * pixels + (1 - share) * pixels[other]
    logits = model(mixed.contiguous(memory_format=torch.channels_last)).float()
    loss: Tensor = share * criterion(logits, intent, parent, even)
    rest: Tensor = (1 - share) * criterion(logits, intent[other], parent[other], even)
    return loss + rest


def _held_out_score(
    model: Any, net: IntentNet, pictures: Pictures, config: TuneConfig, device: torch.device
) -> float | None:
    """Return the macro-F1 on the held-out pictures; None without any."""
    rows = pictures.held_out[pictures.targets.intent[pictures.held_out] >= 0]
    if not len(rows):
        return None
    net.eval()
    found = []
    with torch.no_grad():
        for start in range(0, len(rows), config.batch_size):
            pixels = np.stack([pictures.get(int(row)) for row in rows[start : start + config.batch_size]])
            batch = normalise(torch.from_numpy(pixels)).contiguous(memory_format=torch.channels_last)
            found.append(model(batch.to(device)).float().argmax(dim=1).cpu().numpy())
    confusion = confusion_matrix(pictures.targets.intent[rows], np.concatenate(found), classes=len(pictures.intent_ids))
    return macro_f1(confusion)
