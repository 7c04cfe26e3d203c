"""Pictures made for a training: drawn ones, and composites of labelled ones."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from beam_jobs.composites import COMPOSERS, Missing, Pool, compose
from beam_jobs.demo.corpus import SIDE_PIXELS
from beam_jobs.demo.draw import DRAWERS
from intent.images import square

COMPOSITE_PIXELS = (192, 257)
"""Least and beyond the largest side of a composite: its parts are small squares."""


@dataclass(frozen=True)
class Made:
    """A made picture: RGB uint8 [S, S, 3], its intent, and the rows of the pool that it is made of (none: drawn)."""

    pixels: npt.NDArray[np.uint8]
    intent: str
    parts: Sequence[int]


def kinds_of(intents: Sequence[str]) -> list[tuple[str, bool]]:
    """Return the kinds that are made of some intents, in their order: intent, and whether it is a composite."""
    drawn = [(intent, False) for intent in intents if intent in DRAWERS]
    return drawn + [(intent, True) for intent in intents if intent in COMPOSERS]


def make_pictures(
    intents: Sequence[str],
    *,
    size: int,
    seed: Sequence[int],
    squares: npt.NDArray[np.uint8],
    rows: Mapping[str, npt.NDArray[np.int64]],
    rounds: int | None = None,
) -> Iterator[Made]:
    """Make pictures, one of each kind in turn; those that lack their parts are left out.

    Args:
        size: side in pixels of what is made.
        seed: with the kind and the round it decides a picture.
        squares: uint8 [n, S, S, 3] of labelled pictures.
        rows: of each intent among the squares.
        rounds: pictures of a kind; None makes them without end.
    """
    pool = Pool(squares, rows)
    kinds = kinds_of(intents)
    for number in itertools.count() if rounds is None else range(rounds):
        made = 0
        for intent, composed in kinds:
            place = 2 * list(DRAWERS).index(intent) + composed
            rng = np.random.default_rng([*seed, place, number])
            try:
                image, parts = _make(intent, rng, pool if composed else None)
            except Missing:  # another layout of the kind may do without
                continue
            made += 1
            yield Made(square(np.asarray(image.convert("RGB")), size), intent, parts)
        if not made:
            return


def _make(intent: str, rng: np.random.Generator, pool: Pool | None) -> tuple[Image.Image, Sequence[int]]:
    if pool is None:
        return DRAWERS[intent](rng, int(rng.integers(SIDE_PIXELS[0], SIDE_PIXELS[1] + 1))), ()
    return compose(intent, rng, int(rng.integers(*COMPOSITE_PIXELS)), pool)
