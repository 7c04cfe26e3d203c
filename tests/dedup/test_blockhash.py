"""Published block hashes come back."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dedup.blockhash import blockhash


@pytest.mark.shared
def test_published_hashes_come_back(shared: Path) -> None:
    folder = shared / "near_duplicates" / "blockhash"
    expected = sorted(folder.glob("*_16_[12].txt"))
    assert len(expected) == 34
    for text in expected:
        code, name = text.read_text().split()
        with Image.open(folder / name) as image:
            pixels = np.asarray(image.convert("RGBA" if image.mode in ("P", "LA", "RGBA") else "RGB"))
        ours = blockhash(pixels, even=text.name.endswith("_1.txt"))
        assert (int(ours.hex(), 16) ^ int(code, 16)).bit_count() <= 2, text.name


def test_both_methods_agree_where_blocks_are_whole() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (64, 96, 3), dtype=np.uint8)
    assert blockhash(pixels) == blockhash(pixels, even=True)
    assert blockhash(pixels) != blockhash(pixels[::-1])


def test_half_the_bits_of_each_band_are_set() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (100, 83, 3), dtype=np.uint8)
    bits = np.unpackbits(np.frombuffer(blockhash(pixels), np.uint8)).reshape(4, 64)
    assert bits.sum(axis=1).tolist() == [32, 32, 32, 32]


def test_blocks_follow_the_light() -> None:
    pixels = np.zeros((32, 32, 3), np.uint8)
    pixels[:, 16:] = 200
    assert blockhash(pixels).hex() == "00ff" * 16


def test_transparent_pixels_count_as_white() -> None:
    pixels = np.zeros((32, 32, 4), np.uint8)
    pixels[:, :16, 3] = 255
    assert blockhash(pixels).hex() == "00ff" * 16


@pytest.mark.parametrize(("shape", "bits"), [((32, 32), 16), ((8, 32, 3), 16), ((32, 32, 3), 6)])
def test_wrong_input_is_named(shape: tuple[int, ...], bits: int) -> None:
    with pytest.raises(ValueError, match=r"bits must|expected uint8"):
        blockhash(np.zeros(shape, np.uint8), bits=bits)
