"""The same picture (96 pixels a side and more) in another format gives the same block means, up to what it loses."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dedup.block_mean import MEANS_BYTES, hash_columns
from intent.images import decode_image
from tests.dedup.pictures import encoded, photo

BOUNDS: dict[str, tuple[dict[str, object], int]] = {
    "PNG": ({}, 0),
    "BMP": ({}, 0),
    "TIFF": ({}, 0),
    "PPM": ({}, 0),
    "QOI": ({}, 0),
    "WEBP": ({"lossless": True}, 0),
    "WEBP 90": ({"quality": 90}, 2),
    "JPEG 95": ({"quality": 95}, 4),
    "GIF": ({}, 10),
}
"""Options of the encoder, and the most grey levels that any of 256 block means may move. A GIF has 256 colours;
JPEG 95 rounds colours to half the resolution."""


def means_of(data: bytes) -> np.ndarray:
    stored = hash_columns([decode_image(data)])["block_means"][0]
    return np.frombuffer(stored[:MEANS_BYTES], np.uint8).astype(int)


def moved(image: Image.Image) -> dict[str, int]:
    """Return by how many grey levels the block means of each format differ from the picture's own, at most."""
    own = means_of(encoded(image, "PNG"))
    return {
        name: int(np.abs(means_of(encoded(image, name.split()[0], **options)) - own).max())
        for name, (options, _) in BOUNDS.items()
    }


def beyond(image: Image.Image) -> dict[str, int]:
    return {name: levels for name, levels in moved(image).items() if levels > BOUNDS[name][1]}


@pytest.mark.parametrize("size", [(320, 240), (97, 203), (800, 620), (96, 100)])
def test_formats_agree_on_drawn_pictures(size: tuple[int, int]) -> None:
    assert beyond(photo(7, *size)) == {}


@pytest.mark.shared
def test_formats_agree_on_real_pictures(shared: Path) -> None:
    paths = sorted((shared / "corpus" / "images").rglob("*.*"))[::65]
    assert len(paths) > 90
    found = {}
    for path in paths:
        with Image.open(path) as image:
            worst = beyond(image.convert("RGB"))
        if worst:
            found[path.name] = worst
    assert found == {}
