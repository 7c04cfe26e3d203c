"""game_screenshot: screens of made-up games of a dozen kinds, with their bars, hearts, maps and menus."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import (
    INK,
    SUPERSAMPLE,
    extent,
    pick,
    shrink,
    vignette,
)
from beam_jobs.demo.draw.games2d import fight, isometric, platformer, top_down
from beam_jobs.demo.draw.games3d import corridor, open_world, road
from beam_jobs.demo.draw.games_boards import dungeon, menu, puzzle, space
from beam_jobs.demo.draw.games_hud import draw_hud
from beam_jobs.demo.draw.lettering import phrase, put


def game_screenshot(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw the screen of one of the kinds of games, wide mostly, tall like a phone's sometimes."""
    width, height = extent(rng, size, 0.5, 0.62) if rng.random() < 0.1 else extent(rng, size, 1.25, 1.85)
    w, h = width * SUPERSAMPLE, height * SUPERSAMPLE
    image = pick(rng, _KINDS)(rng, w, h)
    if rng.random() < 0.85:
        draw_hud(image, rng)
    if rng.random() < 0.1:
        image = _windowed(image, rng)
    image = shrink(image)
    return vignette(image, rng.uniform(0.1, 0.5)) if rng.random() < 0.2 else image


def _windowed(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return the screen inside a window's frame."""
    w, h = image.size
    bar = round(h * 0.05)
    framed = Image.new("RGB", (w, h), pick(rng, ((222, 222, 226), (60, 62, 68), (40, 90, 180))))
    framed.paste(image.resize((w - 8, h - bar - 4)), (4, bar))
    put(ImageDraw.Draw(framed), (bar * 0.5, bar / 2), phrase(rng, 2), INK, round(bar * 0.6))
    return framed


_KINDS: tuple[Callable[[np.random.Generator, int, int], Image.Image], ...] = (
    platformer, platformer, top_down, top_down, isometric, space, puzzle, dungeon, menu, fight,
    corridor, corridor, open_world, open_world, open_world, road,
)  # fmt: skip
