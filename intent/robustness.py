"""Edits that a picture meets on its way through the web, and what scores they leave: on plain arrays."""

import io
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.floating]

JPEG_QUALITY = 30
"""Of a copy that was saved again and again; blocks of 8 pixels show."""
BORDER_SHARE = 0.08
"""Width of a white border over the longer side: a frame, not the picture's own margin."""


def _jpeg(image: Image.Image) -> Image.Image:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=JPEG_QUALITY)
    return Image.open(stream).convert("RGB")


def _half(image: Image.Image) -> Image.Image:
    size = (max(image.width // 2, 1), max(image.height // 2, 1))
    return image.resize(size, Image.Resampling.BOX)


def _grey(image: Image.Image) -> Image.Image:
    return image.convert("L").convert("RGB")


def _border(image: Image.Image) -> Image.Image:
    return ImageOps.expand(image, border=max(round(max(image.size) * BORDER_SHARE), 1), fill=(255, 255, 255))


EDITS: Mapping[str, Callable[[Image.Image], Image.Image]] = {
    "jpeg_30": _jpeg,
    "half_size": _half,
    "grey": _grey,
    "border": _border,
}
"""Names as they stand in reports."""


def edited(rgb: Pixels, name: str) -> Pixels:
    """Return an edited copy, uint8 [h', w', 3], of uint8 [h, w, 3]; ``half_size`` halves what was decoded.

    Raises:
        KeyError: no edit has this name.
    """
    return np.asarray(EDITS[name](Image.fromarray(rgb)))


def reliability(confidence: Floats, correct: npt.NDArray[np.bool_], *, bins: int = 10) -> list[dict[str, float | int]]:
    """Return, for every equally wide bin of confidence that holds rows, its edge ``from``, ``rows``, mean
    ``confidence`` and ``accuracy``.

    >>> reliability(np.array([0.8, 0.8, 0.1]), np.array([True, False, False]))[1]
    {'from': 0.8, 'rows': 2, 'confidence': 0.8, 'accuracy': 0.5}
    """
    place = np.clip((np.asarray(confidence, dtype=np.float64) * bins).astype(np.int64), 0, bins - 1)
    found: list[dict[str, float | int]] = []
    for number in range(bins):
        rows = place == number
        if rows.any():
            mean, hits = float(confidence[rows].mean()), float(correct[rows].mean())
            told = {"confidence": round(mean, 4), "accuracy": round(hits, 4)}
            found.append({"from": round(number / bins, 4), "rows": int(rows.sum()), **told})
    return found


def separation(known: Floats, odd: Floats) -> float:
    """Return the area under the ROC curve: the share of pairs in which the odd one scores higher, ties half; NaN
    where a side is empty.

    >>> separation(np.array([0.1, 0.5]), np.array([0.5, 0.9]))
    0.875
    """
    if not len(known) or not len(odd):
        return float("nan")
    from scipy.stats import rankdata

    ranks = rankdata(np.concatenate([known, odd]))[len(known) :]
    return float((ranks.sum() - len(odd) * (len(odd) + 1) / 2) / (len(known) * len(odd)))
