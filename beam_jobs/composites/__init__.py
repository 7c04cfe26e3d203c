"""New pictures of one intent made from labelled pictures of others: a photo with a caption is a meme.

A site's looks come with its pictures, and a class of one site is learned by them. A composite shows a class over
the contents of every site that the collection has. `COMPOSERS` holds one composer per intent; what it takes to make
one is asked for as it works.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from PIL import Image

from beam_jobs.composites.cutouts import emoji_sticker, icon_pictogram, logo_emblem, pattern_background, pixel_art
from beam_jobs.composites.drawings import coloring_page, pencil_sketch
from beam_jobs.composites.layouts import (
    diagram,
    live_streamer,
    package_cover,
    screenshot_ui,
    text_meme,
    webtoon_comic,
)
from beam_jobs.composites.papers import PAPERS, photographed
from beam_jobs.composites.pool import Missing, Pool, Take

__all__ = ["COMPOSERS", "Composer", "Missing", "Pool", "compose"]

Composer = Callable[[np.random.Generator, int, Take], Image.Image]
"""Makes an RGB picture about so many pixels large of what `Take` gives."""

COMPOSERS: Mapping[str, Composer] = {
    "coloring_page": coloring_page,
    "diagram": diagram,
    "emoji_sticker": emoji_sticker,
    "icon_pictogram": icon_pictogram,
    "live_streamer": live_streamer,
    "logo_emblem": logo_emblem,
    "package_cover": package_cover,
    "pattern_background": pattern_background,
    "pencil_sketch": pencil_sketch,
    "pixel_art": pixel_art,
    "screenshot_ui": screenshot_ui,
    "text_meme": text_meme,
    "webtoon_comic": webtoon_comic,
    **{intent: photographed(intent) for intent in PAPERS},
}
"""Composer of every intent that can be made of others."""


def compose(intent: str, rng: np.random.Generator, size: int, pool: Pool) -> tuple[Image.Image, Sequence[int]]:
    """Return a picture of an intent about ``size`` pixels large, and the rows of the pool that it is made of.

    Raises:
        Missing: the pool has no picture of a kind that it takes.
    """
    hand = _Hand(pool, rng)
    return COMPOSERS[intent](rng, size, hand).convert("RGB"), hand.rows


class _Hand:
    """Takes pictures from a pool and keeps their rows."""

    def __init__(self, pool: Pool, rng: np.random.Generator) -> None:
        self.pool, self.rng = pool, rng
        self.rows: list[int] = []

    def __call__(self, *intents: str) -> Image.Image:
        self.rows.append(self.pool.draw(self.rng, intents))
        return self.pool.picture(self.rows[-1])

    def back(self) -> None:
        self.rows.pop()
