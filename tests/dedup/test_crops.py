"""Crops seen in block means."""

import numpy as np
import pytest
from PIL import Image, ImageFilter

from dedup.block_mean import block_means
from dedup.crops import crop_agreement
from tests.dedup.pictures import photo


def means(image: Image.Image) -> np.ndarray:
    return block_means(np.asarray(image.convert("L"))).reshape(1, 256).astype(np.float32)


@pytest.mark.parametrize("box", [(16, 12, 304, 228), (0, 0, 288, 216), (32, 24, 320, 240), (8, 6, 312, 234)])
def test_a_crop_agrees_with_its_picture_in_both_directions(box: tuple[int, int, int, int]) -> None:
    source = photo(0).filter(ImageFilter.GaussianBlur(8))
    whole, part = means(source), means(source.crop(box))
    for first, second in ((whole, part), (part, whole)):
        correlation, block = crop_agreement(first, second)
        assert correlation[0] > 0.98
        assert block[0] < 0.6


def test_other_pictures_do_not_agree() -> None:
    firsts = np.concatenate([means(photo(seed)) for seed in range(6)])
    correlation, block = crop_agreement(firsts, np.roll(firsts, 1, axis=0))
    assert correlation.max() < 0.6
    assert block.min() > 1


def test_no_pairs_give_no_answers() -> None:
    correlation, block = crop_agreement(np.zeros((0, 256), np.float32), np.zeros((0, 256), np.float32))
    assert correlation.shape == block.shape == (0,)
