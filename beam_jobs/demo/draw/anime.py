"""anime_character: cel-shaded heads, busts and whole figures with large eyes and much hair."""

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance

from beam_jobs.demo.draw.anime_bodies import draw_body, draw_whole
from beam_jobs.demo.draw.anime_heads import draw_hair_back, draw_head
from beam_jobs.demo.draw.anime_looks import Look, new_look
from beam_jobs.demo.draw.canvas import (
    INK,
    SUPERSAMPLE,
    WHITE,
    blend,
    blur,
    extent,
    gradient,
    oval,
    pastel,
    pick,
    shrink,
    vivid,
    xy,
)
from beam_jobs.demo.draw.lettering import phrase, put
from beam_jobs.demo.draw.photo import backdrop


def anime_character(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a face near by, a head with shoulders, or a whole figure, on white, colours, or a dim scene."""
    kind = pick(rng, ("face", "bust", "bust", "whole", "whole"))
    low, high = {"face": (0.8, 1.5), "bust": (0.75, 1.6), "whole": (0.45, 0.95)}[kind]
    width, height = extent(rng, size, low, high)
    w, h = width * SUPERSAMPLE, height * SUPERSAMPLE
    image = _ground(rng, w, h)
    look = new_look(rng)
    if kind == "whole":
        unit = min(h * rng.uniform(0.11, 0.22), w * 0.4)
        draw_whole(image, rng, look, w / 2 + rng.normal(0, w * 0.02), unit)
    else:
        unit = h * (rng.uniform(0.42, 0.62) if kind == "face" else rng.uniform(0.22, 0.36))
        at = np.array(
            [w * rng.uniform(0.42, 0.58), h * (rng.uniform(0.45, 0.6) if kind == "face" else rng.uniform(0.32, 0.45))]
        )
        draw_hair_back(image, rng, look, at, unit)
        draw_body(image, rng, look, at, unit)
        draw_head(image, rng, look, at, unit, rng.normal(0, 0.08))
    if rng.random() < 0.35:
        _sparks(image, rng, look)
    if rng.random() < 0.1:
        put(
            ImageDraw.Draw(image),
            (w * 0.05, h * 0.92),
            phrase(rng, 1).title(),
            look.trim,
            round(h * 0.08),
            style="serif_bold",
            rim=WHITE,
        )
    image = shrink(image)
    if rng.random() < 0.2:
        image = image.resize((64, max(round(64 * image.height / image.width), 16))).resize(
            image.size, Image.Resampling.BICUBIC
        )
    if rng.random() < 0.3:
        image = ImageEnhance.Color(image).enhance(float(rng.uniform(0.4, 1.4)))
    return image


def _ground(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    kind = int(rng.integers(6))
    if kind < 2:
        return Image.new("RGB", (w, h), WHITE)
    if kind == 2:
        return gradient(w, h, [pastel(rng), vivid(rng)])
    if kind == 3:
        return backdrop(rng, w, h)
    if kind == 4:
        image = gradient(w, h, [blend(vivid(rng), INK, 0.5), blend(vivid(rng), INK, 0.8)])
    else:
        image = gradient(w, h, [(110, 170, 240), (224, 240, 255)])
    pen = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(3, 9))):
        x, y, r = rng.uniform(0, w), rng.uniform(0, h), w * rng.uniform(0.08, 0.3)
        tone = WHITE if kind == 5 else blend(vivid(rng), INK, 0.3)
        pen.ellipse([x - r, y - r * 0.6, x + r, y + r * 0.6], fill=tone)
    return blur(image, w * 0.02)


def _sparks(image: Image.Image, rng: np.random.Generator, look: Look) -> None:
    """Petals, stars or strokes of light around the figure."""
    w, h = image.size
    pen = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(5, 30))):
        x, y, r = rng.uniform(0, w), rng.uniform(0, h), w * rng.uniform(0.005, 0.03)
        tone = pick(rng, (WHITE, look.trim, blend(look.iris, WHITE, 0.4)))
        if rng.random() < 0.5:
            pen.polygon([(x, y - r), (x + r * 0.25, y), (x, y + r), (x - r * 0.25, y)], fill=tone)
            pen.polygon([(x - r, y), (x, y - r * 0.25), (x + r, y), (x, y + r * 0.25)], fill=tone)
        else:
            pen.polygon(xy(oval(x, y, r, r * 0.5, rng.uniform(0, 3), 16)), fill=tone)
