"""Photographs and figures turned into pencil sketches and into outlines to be coloured."""

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter, ImageOps

from beam_jobs.composites.cutouts import figure, placed
from beam_jobs.composites.pool import PHOTOS, Take
from beam_jobs.demo.draw.canvas import hsv, noise

Grey = npt.NDArray[np.floating]
"""0 black to 1 white, [S, S]."""


def _blurred(grey: Grey, radius: float) -> Grey:
    image = Image.fromarray(np.clip(grey * 255, 0, 255).astype(np.uint8))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(radius)), dtype=np.float32) / 255


def dodged(grey: Grey, radius: float) -> Grey:
    """Return grey 0-1 divided by its own blur: lines on white, as a soft pencil draws (colour dodge)."""
    drawn: Grey = np.clip(grey / np.maximum(_blurred(grey, radius), 0.02), 0, 1)
    return drawn


def lines(grey: Grey, *, radius: float, sharp: float, level: float) -> Grey:
    """Return ink lines of grey 0-1: an extended difference of Gaussians (Winnemöller et al. 2012), 1 is paper."""
    apart = _blurred(grey, radius) - 0.97 * _blurred(grey, radius * 1.6)
    drawn: Grey = np.clip(1 + np.tanh(sharp * (apart - level)), 0, 1)
    return drawn


def hatched(rng: np.random.Generator, grey: Grey) -> Grey:
    """Return strokes that lie closer where grey 0-1 is darker, in two to four directions."""
    y, x = np.mgrid[0 : grey.shape[0], 0 : grey.shape[1]]
    paper = np.ones_like(grey)
    first = rng.uniform(0, np.pi)
    count = int(rng.integers(2, 5))
    for step in range(count):
        turn = first + step * np.pi / count + rng.normal(0, 0.1)
        wave = np.sin(
            (x * np.cos(turn) + y * np.sin(turn)) * 2 * np.pi / rng.uniform(3, 6) + rng.normal(0, 0.5, grey.shape)
        )
        here = grey < 0.85 - 0.65 * step / count
        paper = np.where(here & (wave > 0.3), np.minimum(paper, rng.uniform(0.25, 0.6)), paper)
    return paper.astype(np.float32)


def _subject(rng: np.random.Generator, size: int, take: Take) -> Grey:
    """A thing on white or a whole photograph, as grey 0-1."""
    if rng.random() < 0.45:
        thing, mask = figure(rng, take, "product_cutout", "outfit_style", "emoji_sticker", "clipart_illustration")
        whole, where = placed(rng, size, thing, mask, low=0.5, high=0.95)
        image = Image.new("RGB", (size, size), (255, 255, 255))
        image.paste(whole, (0, 0), where)
    else:
        image = take(*PHOTOS).resize((size, size), Image.Resampling.BICUBIC)
    grey = ImageOps.autocontrast(image.convert("L"), cutoff=1)
    return np.asarray(grey, dtype=np.float32) / 255


def pencil_sketch(rng: np.random.Generator, size: int, take: Take) -> Image.Image:
    """Pencil, ink or hatching on paper, some fading out towards the edges."""
    grey = _subject(rng, size, take)
    drawn = np.ones_like(grey)
    kind = rng.random()
    if kind < 0.4:
        drawn = dodged(grey, rng.uniform(3, 12)) ** rng.uniform(1, 3)
    elif kind < 0.75:
        drawn = lines(grey, radius=rng.uniform(0.7, 2), sharp=rng.uniform(8, 40), level=rng.uniform(0.0, 0.02))
    if kind >= 0.6:
        drawn = np.minimum(drawn, hatched(rng, grey))
        drawn = np.minimum(drawn, lines(grey, radius=1.2, sharp=20, level=0.01))
    if rng.random() < 0.5:  # the pencil skips over the paper's grain
        drawn = 1 - (1 - drawn) * (0.5 + 0.5 * noise(rng, size, size, cells=size // 4, octaves=2).astype(np.float32))
    if rng.random() < 0.35:
        y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
        fade = np.clip(1.6 - 1.4 * np.hypot(x, y), 0, 1)
        drawn = 1 - (1 - drawn) * fade.astype(np.float32)
    return _on_paper(rng, drawn)


def _on_paper(rng: np.random.Generator, drawn: Grey) -> Image.Image:
    white = rng.random() < 0.5
    paper = np.array(
        (255, 255, 255) if white else hsv(rng.uniform(0.06, 0.15), rng.uniform(0.02, 0.2), 0.93), np.float32
    )
    ink = np.array(hsv(rng.random(), 0.5, 0.35) if rng.random() < 0.2 else (rng.uniform(10, 90),) * 3, np.float32)
    pixels = drawn[..., None] * paper + (1 - drawn[..., None]) * ink
    if not white and rng.random() < 0.6:
        light = 0.85 + 0.3 * noise(rng, drawn.shape[1], drawn.shape[0], cells=2, octaves=5)
        pixels = pixels * light[..., None]
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def coloring_page(rng: np.random.Generator, size: int, take: Take) -> Image.Image:
    """Even dark outlines of a figure's flat areas on white, nothing filled."""
    thing, mask = figure(rng, take, "clipart_illustration", "anime_character", "emoji_sticker", "product_cutout")
    whole, where = placed(rng, size, thing, mask, low=0.6, high=0.95)
    flat = Image.new("RGB", (size, size), (255, 255, 255))
    flat.paste(whole, (0, 0), where)
    flat = flat.filter(ImageFilter.GaussianBlur(1.2))
    few = flat.quantize(int(rng.integers(4, 8)), dither=Image.Dither.NONE)
    areas = np.asarray(few.filter(ImageFilter.ModeFilter(7)))
    inside = np.asarray(where.filter(ImageFilter.MedianFilter(5))) > 127
    edge = np.zeros(areas.shape, dtype=bool)
    for one in (areas, inside):
        edge[:, 1:] |= one[:, 1:] != one[:, :-1]
        edge[1:] |= one[1:] != one[:-1]
    image = Image.fromarray(np.where(edge, 0, 255).astype(np.uint8))
    if rng.random() < 0.5:
        image = image.filter(ImageFilter.MinFilter(3))
    image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 0.9)))
    ink = int(rng.integers(0, 70))
    return image.point(lambda v: min(255, max(ink, int((v - 90) * 1.6)))).convert("RGB")
