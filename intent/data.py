"""Batches of pictures for training: shuffled by seed and epoch, gently varied, never mirrored.

Mirroring would teach that mirrored writing is writing; colour shifts stay small because colour is a label here
(a colouring page, a sketch).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional
from torch.utils.data import Dataset

from intent.examples import Targets
from intent.model import normalise

Batch = tuple[Tensor, Tensor, Tensor, Tensor]
"""Inputs, row of the intent or -1 where only the parent is known, row of the parent, weight."""


@dataclass(frozen=True)
class Augmentation:
    """How far a picture may be varied, each by a uniform draw."""

    zoom: float = 0.15  # share of the side; larger cuts captions and frames off
    stretch: float = 0.10  # share; pictures are squared, so their true aspect is unknown anyway
    shift: float = 0.06  # share of the side
    light: float = 0.15  # brightness and contrast, share of the range


MILD = Augmentation()


class Examples(Dataset[Batch]):
    """Inputs with their targets, read a batch at a time; inputs are float32 [n, F] features or uint8
    [n, S, S, 3] pictures (in memory or memory-mapped), which become normalised float32 [b, 3, S, S]."""

    def __init__(
        self,
        inputs: npt.NDArray[np.float32] | npt.NDArray[np.uint8],
        targets: Targets,
        rows: npt.NDArray[np.int64],
        *,
        order: npt.NDArray[np.int64] | None = None,
    ) -> None:
        """Take ``rows`` of the targets; target row i belongs to ``inputs[order[i]]``."""
        self.inputs, self.targets = inputs, targets.take(rows)
        self.rows = rows if order is None else order[rows]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, at: npt.NDArray[np.int64]) -> Batch:
        inputs = torch.from_numpy(np.array(self.inputs[self.rows[at]]))
        if inputs.dtype == torch.uint8:
            inputs = normalise(inputs).contiguous(memory_format=torch.channels_last)
        chosen = self.targets.take(at)
        return (
            inputs,
            torch.from_numpy(chosen.intent),
            torch.from_numpy(chosen.parent),
            torch.from_numpy(chosen.weight),
        )


class ShuffledBatches:
    """An epoch of training batches of equal size, in an order that depends on seed and epoch alone."""

    def __init__(
        self, examples: Examples, *, batch_size: int, seed: int, augmentation: Augmentation | None = None
    ) -> None:
        self.examples, self.seed, self.augmentation = examples, seed, augmentation
        self.batch_size = min(batch_size, len(examples))
        self.epoch = 0

    def __len__(self) -> int:
        return max(1, len(self.examples) // self.batch_size)

    def __iter__(self) -> Iterator[Batch]:
        order = np.random.default_rng([self.seed, self.epoch]).permutation(len(self.examples))
        generator = torch.Generator().manual_seed(self.seed * 100_003 + self.epoch)
        self.epoch += 1
        for start in range(0, len(self) * self.batch_size, self.batch_size):
            inputs, intent, parent, weight = self.examples[order[start : start + self.batch_size]]
            if self.augmentation is not None:
                inputs = vary(inputs, self.augmentation, generator)
            yield inputs, intent, parent, weight


def vary(pixels: Tensor, augmentation: Augmentation, generator: torch.Generator) -> Tensor:
    """Zoom, stretch, shift, lighten and darken float32 [b, 3, S, S]; the border is continued outwards."""

    def draw(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=generator) * 2 - 1

    count = len(pixels)
    zoom = 1 + augmentation.zoom * draw(count, 1)
    stretch = 1 + augmentation.stretch * draw(count, 1) * torch.tensor([[0.5, -0.5]])
    theta = torch.zeros(count, 2, 3)
    theta[:, [0, 1], [0, 1]] = zoom * stretch
    theta[:, :, 2] = 2 * augmentation.shift * draw(count, 2)
    grid = functional.affine_grid(theta, list(pixels.shape), align_corners=False)
    moved = functional.grid_sample(pixels, grid, padding_mode="border", align_corners=False)
    centre = moved.mean(dim=(1, 2, 3), keepdim=True)
    contrast = 1 + augmentation.light * draw(count, 1, 1, 1)
    light = 2 * augmentation.light * draw(count, 1, 1, 1)  # normalised pixels span about four units
    varied = (moved - centre) * contrast + centre + light
    return varied.contiguous(memory_format=torch.channels_last)
