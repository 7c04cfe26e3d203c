"""Fields of heights and cells that surfaces and patterns are made of, and the light on them."""

import numpy as np
from PIL import Image

from beam_jobs.demo.draw.canvas import Color, Points, noise


def cells(rng: np.random.Generator, w: int, h: int, across: float, *, stretch: float = 1.0) -> tuple[Points, ...]:
    """Return the cells of scattered points: distance to the nearest, to the second (in cells), and its number."""
    wide, tall = int(np.ceil(across)) + 2, int(np.ceil(across * h / w * stretch)) + 2
    seeds = rng.uniform(0.05, 0.95, (tall, wide, 2))
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    x, y = x / w * across + 0.5, y / w * across * stretch + 0.5
    column, row = x.astype(np.int32), y.astype(np.int32)
    first = np.full((h, w), 9.0, dtype=np.float32)
    second = first.copy()
    owner = np.zeros((h, w), dtype=np.int32)
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            r, c = np.clip(row + dy, 0, tall - 1), np.clip(column + dx, 0, wide - 1)
            away = np.hypot(c + seeds[r, c, 0] - x, r + seeds[r, c, 1] - y)
            near = away < first
            second = np.where(near, first, np.minimum(second, np.where(away > first, away, 9)))
            owner = np.where(near, r * wide + c, owner)
            first = np.where(near, away, first)
    return first.astype(np.float64), second.astype(np.float64), owner.astype(np.float64)


def stretched(rng: np.random.Generator, w: int, h: int, fine: int, along: float, *, octaves: int = 4) -> Points:
    """Return noise drawn out along the vertical by the factor ``along``."""
    tall = max(round(h / along), 8)
    field = noise(rng, w, max(tall, 16), cells=fine, octaves=octaves)
    image = Image.fromarray(field.astype(np.float32)).crop((0, 0, w, tall))
    return np.asarray(image.resize((w, h), Image.Resampling.BICUBIC), dtype=np.float64)


def lit(height: Points, tone: Color | Points, strength: float, rng: np.random.Generator) -> Points:
    """Return the colours float64[h, w, 3] of a surface lit from one side; ``strength`` is how deep its relief looks."""
    gy, gx = np.gradient(height)
    angle = rng.uniform(-2.6, -0.5)
    slope = gx * np.cos(angle) + gy * np.sin(angle)
    light = slope / (slope.std() + 1e-6)
    shade = 1 + strength * np.clip(light, -2.5, 2.5) * 0.5 + strength * (height - height.mean()) * 0.5
    return np.asarray(np.asarray(tone, dtype=np.float64) * shade[..., None])


def turned(rng: np.random.Generator, w: int, h: int, angle: float) -> tuple[Points, Points]:
    """Return x and y of every pixel in a turned frame, in widths of the picture, slightly bent."""
    y, x = np.mgrid[0:h, 0:w] / w
    bend = (noise(rng, w, h, cells=2, octaves=1) - 0.5) * rng.uniform(0, 0.1)
    return x * np.cos(angle) + y * np.sin(angle) + bend, -x * np.sin(angle) + y * np.cos(angle) + bend
