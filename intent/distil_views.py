"""Views of pictures for distillation: crops, colour changes and mixes, all of them shown to teacher and student alike.

The teacher answers for the very view that the student sees ("function matching", Beyer et al. 2022), so no change has
to keep a label, and mixed pictures (mixup, Zhang et al. 2018; CutMix, Yun et al. 2019) get true answers too. That
makes many different lessons from few pictures.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class ViewPolicy:
    """How views are drawn; shares are probabilities per view."""

    whole: float = 0.4  # the whole picture, about: what inference will see
    smallest_crop: float = 0.12  # share of the area; smaller ones show texture only
    stretch: float = 0.3  # log of the aspect's change, largest
    mirror: float = 0.5
    turn: float = 0.1
    turn_degrees: float = 20.0
    colour: float = 0.7
    grey: float = 0.08
    invert: float = 0.05
    swap: float = 0.08  # colour channels in another order
    blur: float = 0.1
    mixup: float = 0.12
    cutmix: float = 0.2


BROAD = ViewPolicy()


def draw_views(
    pictures: npt.NDArray[np.uint8],
    rows: npt.NDArray[np.int64],
    *,
    generator: torch.Generator,
    policy: ViewPolicy = BROAD,
) -> Tensor:
    """Return one view of each chosen picture as uint8 [b, 3, S, S].

    Args:
        pictures: uint8 [n, S, S, 3], in memory or memory-mapped.
        rows: int64 [b], which pictures.
        generator: source of every draw; the same state gives the same views.
    """
    pixels = torch.from_numpy(np.array(pictures[rows])).permute(0, 3, 1, 2).float().div(255)
    views = recolour(place(pixels, generator, policy), generator, policy)
    return mix(views, generator, policy).mul(255).round().clamp(0, 255).to(torch.uint8)


def place(pixels: Tensor, generator: torch.Generator, policy: ViewPolicy) -> Tensor:
    """Crop, stretch, mirror and turn float32 [b, 3, S, S]; what lies outside continues the border."""
    count = len(pixels)
    whole = _chance(count, policy.whole, generator)
    area = policy.smallest_crop + (1 - policy.smallest_crop) * _uniform(count, generator)
    side = torch.where(whole, 1 + 0.1 * _spread(count, generator), area.sqrt())
    stretch = torch.where(whole, torch.tensor(0.1), torch.tensor(policy.stretch)) * _spread(count, generator)
    width, height = side * (stretch / 2).exp(), side * (-stretch / 2).exp()
    mirror = 1 - 2 * _chance(count, policy.mirror, generator).float()
    angle = _chance(count, policy.turn, generator) * _spread(count, generator) * np.radians(policy.turn_degrees)
    room = torch.stack([(1 - width).abs(), (1 - height).abs()], dim=1)
    theta = torch.zeros(count, 2, 3)
    theta[:, 0, 0] = width * mirror * angle.cos()
    theta[:, 0, 1] = -height * angle.sin()
    theta[:, 1, 0] = width * mirror * angle.sin()
    theta[:, 1, 1] = height * angle.cos()
    theta[:, :, 2] = room * (torch.rand(count, 2, generator=generator) * 2 - 1)
    grid = functional.affine_grid(theta, list(pixels.shape), align_corners=False)
    return functional.grid_sample(pixels, grid, padding_mode="border", align_corners=False)


def recolour(pixels: Tensor, generator: torch.Generator, policy: ViewPolicy) -> Tensor:
    """Change light, contrast and colour of float32 [b, 3, S, S] in 0-1, some to grey or negative; some blurred."""
    count = len(pixels)
    coloured = _chance(count, policy.colour, generator).float().view(-1, 1, 1, 1)

    def spread(width: float, channels: int = 1) -> Tensor:
        return width * coloured * (torch.rand(count, channels, 1, 1, generator=generator) * 2 - 1)

    middle = pixels.mean(dim=(2, 3), keepdim=True)
    tint = (1 + spread(0.4)) * (1 + spread(0.12, channels=3))  # contrast times colour, in one pass
    pixels = ((pixels - middle) * tint + (middle + spread(0.2))).clamp_(0, 1)
    greyed = torch.where(_chance(count, policy.grey, generator), torch.zeros(1), torch.ones(1)).view(-1, 1, 1, 1)
    saturation = greyed * (1 + spread(0.5))
    grey = pixels.mean(dim=1, keepdim=True)
    pixels = torch.lerp(grey.expand_as(pixels), pixels, saturation.expand_as(pixels)).clamp_(0, 1)
    for row in _chance(count, policy.invert, generator).nonzero().flatten().tolist():
        pixels[row] = 1 - pixels[row]
    for row in _chance(count, policy.swap, generator).nonzero().flatten().tolist():
        pixels[row] = pixels[row][torch.randperm(3, generator=generator)]
    blurred = _chance(count, policy.blur, generator)
    if blurred.any():
        pixels[blurred] = functional.avg_pool2d(pixels[blurred], 3, stride=1, padding=1, count_include_pad=False)
    return pixels


def mix(pixels: Tensor, generator: torch.Generator, policy: ViewPolicy) -> Tensor:
    """Blend some of float32 [b, 3, S, S] with another of the batch, or paste a rectangle of it."""
    count, size = len(pixels), pixels.shape[-1]
    others = torch.randperm(count, generator=generator).tolist()
    kind = _uniform(count, generator).tolist()
    weight = (0.15 + 0.35 * _uniform(count, generator)).tolist()
    low = torch.rand(count, 2, generator=generator) * 0.6
    high = low + 0.3 + 0.4 * torch.rand(count, 2, generator=generator)
    corner, end = (low * size).int().tolist(), (high * size).int().tolist()
    mixed = pixels.clone()
    for row, other in enumerate(others):
        if kind[row] < policy.mixup:
            mixed[row] = torch.lerp(pixels[row], pixels[other], weight[row])
        elif kind[row] < policy.mixup + policy.cutmix:
            box = (slice(None), slice(corner[row][0], end[row][0]), slice(corner[row][1], end[row][1]))
            mixed[row][box] = pixels[other][box]
    return mixed


def jitter(pixels: Tensor, *, generator: torch.Generator, pixels_shift: int = 4) -> Tensor:
    """Shift a batch uint8 [b, 3, S, S] by a few pixels and lighten it a little: changes no answer by much.

    Returns:
        float32 [b, 3, S, S] in 0-255, normalised nowhere.
    """
    size = pixels.shape[-1]
    right, down = torch.randint(0, 2 * pixels_shift + 1, (2,), generator=generator).tolist()
    padded = functional.pad(pixels.float(), [pixels_shift] * 4, mode="replicate")
    moved = padded[:, :, down : down + size, right : right + size]
    gain = 1 + 0.05 * _spread(len(pixels), generator).view(-1, 1, 1, 1)
    return (moved * gain).clamp(0, 255)


def shrink(views: Tensor, size: int) -> Tensor:
    """Return uint8 [b, 3, S, S] resized to uint8 [b, 3, size, size] without aliasing."""
    if views.shape[-1] == size:
        return views
    small = functional.interpolate(views.float(), size=(size, size), mode="bilinear", antialias=True)
    return small.round().clamp(0, 255).to(torch.uint8)


def _uniform(count: int, generator: torch.Generator) -> Tensor:
    return torch.rand(count, generator=generator)


def _spread(count: int, generator: torch.Generator) -> Tensor:
    return torch.rand(count, generator=generator) * 2 - 1


def _chance(count: int, probability: float, generator: torch.Generator) -> Tensor:
    return torch.rand(count, generator=generator) < probability
