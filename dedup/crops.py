"""Whether one picture is the other with its edges cut off, from the block means alone."""

from functools import cache
from itertools import product

import numpy as np
import numpy.typing as npt

from dedup.block_mean import GRID

KEPT = (0.95, 0.925, 0.9, 0.85)
"""Shares of each side that a crop may leave."""
PLACES = (0.0, 0.5, 1.0)
"""Where the crop lies: left or top, middle, right or bottom."""


def crop_agreement(
    first: npt.NDArray[np.float32], second: npt.NDArray[np.float32]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return, for pairs of block means float32[n, 256], the best correlation over all crops in `KEPT` x `PLACES`,
    in both directions, and the largest difference of any block there, in standard deviations.

    The crop's blocks are read off the whole picture's by linear interpolation.
    """
    correlation = np.full(len(first), -1, np.float32)
    largest = np.full(len(first), np.inf, np.float32)
    for whole, part in ((first, second), (second, first)):
        target = _normal(part)
        for down, across in _crops():
            cut = np.einsum("ij,njk,lk->nil", down, whole.reshape(-1, GRID, GRID), across, optimize=True)
            seen = _normal(cut.reshape(len(whole), GRID * GRID))
            value = np.einsum("ij,ij->i", seen, target)
            better = value > correlation
            correlation[better] = value[better]
            largest[better] = np.abs(seen - target).max(axis=1)[better] * GRID
    return correlation, largest


def _normal(means: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    centred = means - means.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(centred / np.where(norms > 0, norms, 1), dtype=np.float32)


@cache
def _crops() -> tuple[tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]], ...]:
    """Return the (vertical, horizontal) interpolation matrices float32[16, 16] of all crops."""
    return tuple(
        (_interpolation(kept, top), _interpolation(kept, left)) for kept, top, left in product(KEPT, PLACES, PLACES)
    )


def _interpolation(kept: float, place: float) -> npt.NDArray[np.float32]:
    centres = np.clip((1 - kept) * place * GRID + (np.arange(GRID) + 0.5) * kept - 0.5, 0, GRID - 1)
    left = np.minimum(centres.astype(np.int64), GRID - 2)
    matrix = np.zeros((GRID, GRID), np.float32)
    rows = np.arange(GRID)
    matrix[rows, left] = 1 - (centres - left)
    matrix[rows, left + 1] = centres - left
    return matrix
