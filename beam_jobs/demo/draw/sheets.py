"""Sheets of paper: their colours, their tooth, ink on them, and what a camera makes of them."""

import numpy as np
from PIL import Image

from beam_jobs.demo.draw.canvas import WHITE, Color, Points, blend, blur, noise, pick


def paper_of(rng: np.random.Generator, *, white: float = 0.5) -> Color:
    """Return the colour of paper: white with the chance ``white``, else cream, grey or brownish."""
    if rng.random() < white:
        return WHITE
    return blend(
        WHITE, pick(rng, ((222, 205, 170), (200, 200, 196), (214, 188, 150), (190, 200, 210))), rng.uniform(0.1, 0.7)
    )


def rough(image: Image.Image, rng: np.random.Generator, strength: float) -> Image.Image:
    """Return the picture on paper with a tooth."""
    tooth = noise(rng, *image.size, cells=int(rng.integers(40, 120)), octaves=2) - 0.5
    return Image.fromarray(
        np.clip(np.asarray(image, dtype=np.float32) + tooth[..., None] * strength, 0, 255).astype(np.uint8)
    )


def photographed(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return the sheet as a camera sees it: light from one side, a tint, a little blur."""
    w, h = image.size
    y, x = np.mgrid[0 : 1 : h * 1j, 0 : 1 : w * 1j]
    angle = rng.uniform(0, 2 * np.pi)
    light = (
        1 - rng.uniform(0.08, 0.4) * np.clip(0.5 + (x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle), 0, 1) ** 1.5
    )
    tint = np.array([1.0, rng.uniform(0.93, 1.0), rng.uniform(0.82, 1.0)])
    pixels = np.asarray(blur(image, rng.uniform(0.3, 1.6)), dtype=np.float64) * light[..., None] * tint
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def inked(ink: Points, color: Color, paper: Image.Image) -> Image.Image:
    """Return ``paper`` with the ink (0–1) of one colour on it."""
    mask = Image.fromarray((np.clip(ink, 0, 1) * 255).astype(np.uint8))
    result = paper.copy()
    result.paste(color, (0, 0), mask)
    return result
