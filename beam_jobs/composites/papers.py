"""Papers photographed: a page lies on a table, askew, in uneven light."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageFilter

from beam_jobs.composites.pool import Take
from beam_jobs.demo.draw.canvas import noise
from intent.augment import ground

PAPERS = (
    "blueprint",
    "document_page",
    "handwriting",
    "math_formula",
    "receipt",
    "sheet_music",
    "table",
)
"""Intents that are met as a photograph of a paper, too."""


def photographed(intent: str) -> Callable[[np.random.Generator, int, Take], Image.Image]:
    """Return a composer that photographs a page of an intent."""

    def composer(rng: np.random.Generator, size: int, take: Take) -> Image.Image:
        page = take(intent).resize((size, size), Image.Resampling.BICUBIC)
        if rng.random() < 0.5:
            under = take("interior_photo", "pattern_background", "place_landmark", "product_cutout")
            under = under.resize((size, size)).filter(ImageFilter.GaussianBlur(rng.uniform(0, 4)))
        else:
            under = ground(rng, (size, size))
        tint = np.array([1.0, rng.uniform(0.9, 1.0), rng.uniform(0.72, 1.0)])
        light = rng.uniform(0.7, 1.05) + 0.35 * (noise(rng, size, size, cells=2, octaves=3) - 0.5)
        lit = np.clip(np.asarray(page) * tint * light[..., None], 0, 255).astype(np.uint8)
        return laid(rng, under, Image.fromarray(lit))

    return composer


def laid(rng: np.random.Generator, under: Image.Image, page: Image.Image) -> Image.Image:
    """Return the page in perspective on a ground of equal size."""
    size = page.width
    half = np.array([rng.uniform(0.36, 0.7), rng.uniform(0.38, 0.7)])
    turn = rng.normal(0, 0.14)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half + rng.normal(0, 0.035, (4, 2))
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    corners = (corners @ spin.T + 0.5 + rng.normal(0, 0.03, 2)) * size
    data = perspective(corners, size)
    flat = page.transform((size, size), Image.Transform.PERSPECTIVE, data, Image.Resampling.BICUBIC)
    mask = Image.new("L", (size, size), 255).transform((size, size), Image.Transform.PERSPECTIVE, data)
    result = under.copy()
    shadow = mask.filter(ImageFilter.GaussianBlur(size * 0.02)).point(lambda v: v // 2)
    result.paste((0, 0, 0), (int(size * 0.012), int(size * 0.015)), shadow)
    result.paste(flat, (0, 0), mask)
    return result


def perspective(corners: np.ndarray, size: int) -> list[float]:
    """Return Pillow's eight numbers that put a square of ``size`` onto corners float64 [4, 2], clockwise from the
    upper left one."""
    square = np.array([[0, 0], [size, 0], [size, size], [0, size]], dtype=np.float64)
    rows, wanted = [], []
    for (x, y), (u, v) in zip(corners, square, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        wanted += [u, v]
    return [float(value) for value in np.linalg.solve(np.array(rows), np.array(wanted))]
