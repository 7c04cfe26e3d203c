"""Measures of decoded pixels that tell a good copy of a picture from a poor one."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

BORDER_RANGE = 10
"""Grey levels. A line belongs to a border if its levels (2nd to 98th percentile) lie this close together; JPEG
ringing beside a picture stays below it at quality 50 and above."""
BORDER_SAMPLES = 64
"""Pixels of a line looked at, evenly spread (up to twice as many)."""
BORDER_DRIFT = 8
"""Grey levels that a border line's mean may differ from the outermost line's."""
MIN_TRIM = 0.02
"""Share of a side: thinner borders are left, they move a 16x16 grid by less than a third of a block."""
MIN_KEPT = 0.25
"""Share of a side that must be left: a picture that is nearly all border is a small thing on a ground."""

SPECTRUM_LINES = 32
"""Lines of pixels looked at per direction; evenly spread."""
SPECTRUM_LENGTH = 512
"""Pixels of a line looked at, from its middle."""
GRADIENT_ENERGY = 0.9
"""Share of the gradient's energy below the cut-off that counts as a picture's own bandwidth: natural pictures and
drawings have about equal gradient energy at all frequencies, an enlarged one has little above its old limit."""
SHARP_BANDWIDTH = 0.86
"""Median bandwidth (share of Nyquist) of pictures that were not enlarged; measured on 50 of the corpus."""
LEAKAGE_POWER = 1.5
"""Bicubic enlargement leaks above the old limit: by 1.5, 2 and 3 the bandwidth falls to 0.67, 0.56 and 0.38, which
this power of the ratio to `SHARP_BANDWIDTH` turns into 1/1.45, 1/1.9 and 1/3.4."""

_IJG_LUMINANCE = np.array(
    [
        *(16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55),
        *(14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62),
        *(18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92),
        *(49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99),
    ]
)
"""The luminance table of quality 50 (ITU T.81, table K.1)."""


def _table_sums() -> npt.NDArray[np.int64]:
    quality = np.arange(1, 101)
    scale = np.where(quality < 50, 5000 // quality, 200 - 2 * quality)
    tables = np.clip((_IJG_LUMINANCE * scale[:, None] + 50) // 100, 1, 255)
    return np.asarray(tables.sum(axis=1))


_TABLE_SUMS = _table_sums()
"""int[100], the sum of the table that libjpeg writes at quality 1, 2, ... 100."""


def jpeg_quality(tables: Mapping[int, Sequence[int]] | None) -> int | None:
    """Return the IJG quality 1-100 whose luminance table has the same sum as the file's, None without a table.

    >>> jpeg_quality(None) is None
    True
    """
    if not tables:
        return None
    table = tables.get(0) or next(iter(tables.values()))
    return 1 + int(np.argmin(np.abs(_TABLE_SUMS - sum(table))))


def trim_box(grey: npt.NDArray[np.uint8]) -> tuple[int, int, int, int] | None:
    """Return (top, left, bottom, right) of uint8[h, w] without its uniform borders, None where there is nothing
    to cut (under 2 % on each side) or where less than a quarter of a side would be left."""
    height, width = grey.shape
    if min(height, width) < 16:
        return None
    top, bottom = _inner(grey)
    if bottom - top < MIN_KEPT * height:
        return None
    left, right = _inner(grey[top:bottom].T)
    if right - left < MIN_KEPT * width:
        return None
    top, bottom = _ignore_thin(top, bottom, height)
    left, right = _ignore_thin(left, right, width)
    box = (top, left, bottom, right)
    return None if box == (0, 0, height, width) else box


def _inner(lines: npt.NDArray[np.uint8]) -> tuple[int, int]:
    """Return the first and one past the last row of uint8[n, m] that is no border line."""
    sampled = lines[:, :: max(1, lines.shape[1] // BORDER_SAMPLES)]
    return _border_lines(sampled), len(lines) - _border_lines(sampled[::-1])


def _border_lines(lines: npt.NDArray[np.uint8]) -> int:
    """Return how many rows of uint8[n, m] from the first one on belong to a border; looks no further than that."""
    if not _is_plain(lines[0]):
        return 0
    start, step = 1, 7
    outermost = lines[0].mean()
    while start < len(lines):
        some = lines[start : start + step]
        plain = (_spread(some) <= BORDER_RANGE) & (np.abs(some.mean(axis=1) - outermost) <= BORDER_DRIFT)
        if not plain.all():
            return start + int(np.argmin(plain))
        start += len(some)
        step *= 2
    return len(lines)


def _is_plain(line: npt.NDArray[np.uint8]) -> bool:
    """What `_spread` says of one line, without the cost of arrays: most pictures end here."""
    ordered = sorted(line.tobytes())
    skipped = len(ordered) // 50
    return ordered[-1 - skipped] - ordered[skipped] <= BORDER_RANGE


def _spread(lines: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Return the distance between the 2nd and the 98th percentile of each row."""
    ordered = np.sort(lines, axis=1).astype(np.int64)
    skipped = lines.shape[1] // 50
    return ordered[:, -1 - skipped] - ordered[:, skipped]


def _ignore_thin(start: int, end: int, length: int) -> tuple[int, int]:
    return (start if start >= MIN_TRIM * length else 0), (end if length - end >= MIN_TRIM * length else length)


def effective_share(grey: npt.NDArray[np.uint8]) -> float:
    """Return the share (0-1] of uint8[h, w]'s pixels that carry detail: about 1/s² where a picture was enlarged
    by s. Estimated from where the gradient's spectrum ends, per direction; 1 where there is nothing to see."""
    return _bandwidth(grey) * _bandwidth(grey.T)


def _bandwidth(lines: npt.NDArray[np.uint8]) -> float:
    count, length = lines.shape
    if length < 32:
        return 1.0
    size = min(SPECTRUM_LENGTH, length) // 16 * 16  # a fast length for the transform
    rows = _lines_of(count)
    start = (length - size) // 2
    some = lines[rows, start : start + size].astype(np.float32)
    window, weights, frequency = _spectrum(size)
    waves = np.fft.rfft((some[:, 1:] - some[:, :-1]) * window, n=size, axis=1)
    power = (np.square(waves.real) + np.square(waves.imag)).sum(axis=0)
    energy = np.cumsum(power[1:] * weights)
    total = float(energy[-1])
    if total < 1.0 * len(rows) * size:
        return 1.0
    cut = float(frequency[int(np.searchsorted(energy, GRADIENT_ENERGY * total))]) * 2
    return float(min(1.0, (cut / SHARP_BANDWIDTH) ** LEAKAGE_POWER))


@lru_cache(maxsize=1024)
def _lines_of(count: int) -> npt.NDArray[np.int64]:
    """Return at most `SPECTRUM_LINES` of ``count`` lines, evenly spread."""
    rows = np.linspace(0, count - 1, min(count, SPECTRUM_LINES)).astype(np.int64)
    rows.setflags(write=False)
    return rows


@lru_cache(maxsize=64)
def _spectrum(
    size: int,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the window of size-1 differences, and of the frequencies above 0 (cycles a pixel) the weights that turn
    a difference into a gradient: it passes high frequencies by 2 sin(pi f), which is undone, then weighed by f."""
    frequency = np.linspace(0, 0.5, size // 2 + 1)[1:]
    weights = (np.pi * frequency / np.sin(np.pi * frequency)) ** 2
    return np.hanning(size - 1).astype(np.float32), weights, frequency
