"""Area means against their definition in exact fractions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.area_means import area_means


def by_definition(grey: np.ndarray, blocks: int) -> np.ndarray:
    """Return the means by adding up each pixel's overlap with each block, as fractions."""
    height, width = grey.shape
    out = np.zeros((blocks, blocks), np.uint8)
    for row in range(blocks):
        for column in range(blocks):
            total = Fraction(0)
            for y in range(height):
                tall = min(Fraction(height * (row + 1), blocks), y + 1) - max(Fraction(height * row, blocks), y)
                for x in range(width):
                    wide = min(Fraction(width * (column + 1), blocks), x + 1) - max(Fraction(width * column, blocks), x)
                    if tall > 0 and wide > 0:
                        total += tall * wide * int(grey[y, x])
            mean = total * blocks * blocks / (height * width)
            out[row, column] = int(mean + Fraction(1, 2))
    return out


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_the_definition_holds_to_the_last_bit(height: int, width: int, seed: int) -> None:
    grey = np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)
    assert np.array_equal(area_means(grey, 4), by_definition(grey, 4))


def test_whole_blocks_are_plain_means() -> None:
    grey = np.random.default_rng(1).integers(0, 256, (640, 960), dtype=np.uint8)
    sums = grey.reshape(32, 20, 32, 30).sum(axis=(1, 3), dtype=np.int64)
    assert np.array_equal(area_means(grey, 32), (2 * sums + 600) // 1200)


def test_very_long_pictures_stay_exact() -> None:
    grey = np.full((70_000, 3), 255, np.uint8)
    grey[35_000:] = 1
    assert area_means(grey, 2).tolist() == [[255, 255], [1, 1]]


@pytest.mark.parametrize("shape", [(0, 4), (4, 4, 3)])
def test_what_is_no_luma_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"uint8\[h, w\]"):
        area_means(np.zeros(shape, np.uint8), 16)
