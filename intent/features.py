"""Features of pictures: as they are, and of variations that teach a head what does not matter."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import torch

from intent.augment import augment
from intent.model import PooledBackbone, normalise

Progress = Callable[[str, int, int], None]

FEATURE_BATCH = 32
"""Pictures per forward pass while features are computed: past this a CPU gains nothing."""

VARIED_TOGETHER = 256
"""Varied pictures in memory at a time."""


def compute_features(
    backbone: PooledBackbone,
    images: npt.NDArray[np.uint8],
    *,
    order: npt.NDArray[np.int64],
    progress: Progress | None = None,
    accelerator: str = "auto",
) -> npt.NDArray[np.float32]:
    """Return float32 [n, F]: the features of ``images[order]`` (uint8 [n, S, S, 3])."""
    device = torch.device("cuda" if accelerator != "cpu" and torch.cuda.is_available() else "cpu")
    backbone.eval().to(device)
    features = np.empty((len(order), backbone.width), dtype=np.float32)
    with torch.inference_mode():
        for start in range(0, len(order), FEATURE_BATCH):
            rows = order[start : start + FEATURE_BATCH]
            pixels = normalise(torch.from_numpy(np.array(images[rows])))
            batch = backbone(pixels.contiguous(memory_format=torch.channels_last).to(device))
            features[start : start + len(rows)] = batch.cpu().numpy()
            if progress is not None:
                progress("features", start + len(rows), len(order))
    backbone.cpu()
    return features


def varied_features(
    backbone: PooledBackbone,
    images: npt.NDArray[np.uint8],
    *,
    order: npt.NDArray[np.int64],
    intents: Sequence[str | None],
    seed: int,
    progress: Progress | None = None,
    accelerator: str = "auto",
) -> npt.NDArray[np.float32]:
    """Return float32 [n, F]: the features of one variation (`intent.augment`) of each of ``images[order]``.

    Args:
        intents: of each row, which says what may be done to it; None allows what is safe for all.
        seed: with the row it decides the variation.
    """
    features = np.empty((len(order), backbone.width), dtype=np.float32)
    for start in range(0, len(order), VARIED_TOGETHER):
        rows = range(start, min(start + VARIED_TOGETHER, len(order)))
        pixels = np.stack(
            [
                augment(np.array(images[order[r]]), np.random.default_rng([seed, 0x7A21, r]), intent=intents[r])
                for r in rows
            ]
        )
        features[rows.start : rows.stop] = compute_features(
            backbone, pixels, order=np.arange(len(pixels)), accelerator=accelerator
        )
        if progress is not None:
            progress("variations", rows.stop, len(order))
    return features
