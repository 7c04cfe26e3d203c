"""Telling a thing from the plain ground that it lies on."""

import numpy as np
from PIL import Image, ImageFilter

EDGE = 0.04
"""Share of the side that is looked at for the ground's colour."""
PLAIN = 14.0
"""Grey levels that the border of a plain ground lies from its median, on average, at most."""
APART = 26
"""Grey levels, of the channel that differs most, from which on a pixel belongs to the thing."""
SHARE = (0.03, 0.9)
"""Share of the picture that a thing covers; others are no things."""


def mask_of(image: Image.Image) -> Image.Image | None:
    """Return where the thing of an RGB picture is (mode L, 255 inside); None where the ground is not plain or nothing
    is left that covers a share within `SHARE`."""
    pixels = np.asarray(image, dtype=np.float32)
    rim = max(2, round(pixels.shape[0] * EDGE))
    parts = (pixels[:rim], pixels[-rim:], pixels[:, :rim], pixels[:, -rim:])
    border = np.concatenate([part.reshape(-1, 3) for part in parts])
    middle = np.median(border, axis=0)
    if float(np.abs(border - middle).mean()) > PLAIN:
        return None
    far = np.abs(pixels - middle).max(axis=2) > APART
    mask = Image.fromarray((far * 255).astype(np.uint8)).filter(ImageFilter.MedianFilter(3))  # specks and hairlines go
    return mask if SHARE[0] < (np.asarray(mask) > 0).mean() < SHARE[1] else None
