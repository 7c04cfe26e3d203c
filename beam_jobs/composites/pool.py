"""What composites are made of: labelled pictures by intent."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image

PHOTOS = (
    "landscape_photo",
    "place_landmark",
    "interior_photo",
    "food_photo",
    "animal_photo",
    "plant_flower",
    "vehicle_photo",
    "face_portrait",
    "outfit_style",
)
"""Intents that a camera took."""

FIGURES = ("emoji_sticker", "clipart_illustration", "product_cutout", "anime_character", "pixel_art")
"""Intents whose pictures are often one thing on a plain ground."""


class Missing(LookupError):
    """No picture of a kind is there."""


class Take(Protocol):
    """Gives a picture of one of some intents, RGB and square."""

    def __call__(self, *intents: str) -> Image.Image: ...

    def back(self) -> None:
        """Give the last picture back: it is no part of what is made."""


class Pool:
    """Squares by intent: ``squares`` uint8 [n, S, S, 3], in memory or mapped; ``rows`` int64 of each intent."""

    def __init__(self, squares: npt.NDArray[np.uint8], rows: Mapping[str, npt.NDArray[np.int64]]) -> None:
        self.squares, self.rows = squares, {intent: found for intent, found in rows.items() if len(found)}

    def draw(self, rng: np.random.Generator, intents: Sequence[str]) -> int:
        """Return a row of one of the intents, each as likely; raise Missing where none of them has one."""
        there = [intent for intent in intents if intent in self.rows]
        if not there:
            raise Missing(f"no picture of {', '.join(intents)}")
        rows = self.rows[there[int(rng.integers(len(there)))]]
        return int(rows[int(rng.integers(len(rows)))])

    def picture(self, row: int) -> Image.Image:
        """Return the picture of a row."""
        return Image.fromarray(np.array(self.squares[row]))
