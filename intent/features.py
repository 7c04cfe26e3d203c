"""Features of pictures."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch

from intent.model import PooledBackbone, normalise

Progress = Callable[[str, int, int], None]

FEATURE_BATCH = 32
"""Pictures per forward pass while features are computed: past this a CPU gains nothing."""


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
