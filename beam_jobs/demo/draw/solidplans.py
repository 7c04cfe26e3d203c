"""Floor plans seen from a height, and worn prints."""

import numpy as np
from PIL import Image

from beam_jobs.demo.draw.canvas import (
    INK,
    WHITE,
    blend,
    extent,
    hsv,
    noise,
    pastel,
    pick,
    sheet,
    shrink,
)  # fmt: skip
from beam_jobs.demo.draw.floorplans import cut, floor_tones


def solid_plan(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a plan seen from a height: walls that rise, floors of wood and tiles."""
    width, height = extent(rng, size, 0.9, 1.7)
    image, pen = sheet(width, height, pick(rng, (WHITE, (238, 240, 242), (60, 64, 70), pastel(rng))))
    w, h = image.size
    lean, deep, tall = rng.uniform(-0.35, 0.35), rng.uniform(0.5, 0.8), h * rng.uniform(0.05, 0.13)

    def place(x: float, y: float, z: float = 0) -> tuple[float, float]:
        return w / 2 + (x - 0.5) * w * 0.66 + (y - 0.5) * lean * w * 0.6, h * 0.55 + (y - 0.5) * h * deep - z

    rooms = sorted(cut(rng, (0.0, 0.0, 1.0, 1.0), rng.uniform(0.22, 0.36)), key=lambda r: (r[3], r[2]))
    wall = hsv(rng.random(), rng.uniform(0, 0.12), rng.uniform(0.75, 1.0))
    tones = floor_tones(rng)
    for a, b, c, d in rooms:
        tone = pick(rng, tones)
        pen.polygon([place(a, b), place(c, b), place(c, d), place(a, d)], fill=tone)
        for y in np.arange(b, d, 0.03).tolist():
            pen.line([place(a, y), place(c, y)], fill=blend(tone, INK, 0.12))
        for _ in range(int(rng.integers(1, 4))):
            s = min(c - a, d - b) * rng.uniform(0.2, 0.4)
            x, y, z = rng.uniform(a, c - s), rng.uniform(b, d - s), tall * rng.uniform(0.2, 0.5)
            fill = hsv(rng.random(), rng.uniform(0, 0.4), rng.uniform(0.4, 0.95))
            pen.polygon([place(x, y + s), place(x + s, y + s), place(x + s, y + s, z), place(x, y + s, z)],
                        fill=blend(fill, INK, 0.25))  # fmt: skip
            pen.polygon([place(x, y, z), place(x + s, y, z), place(x + s, y + s, z), place(x, y + s, z)], fill=fill)
    for a, b, c, d in rooms:
        for p, q in (((a, b), (c, b)), ((a, b), (a, d)), ((c, b), (c, d))):
            pen.polygon([place(*p), place(*q), place(*q, tall), place(*p, tall)], fill=blend(wall, INK, 0.12))
            pen.line([place(*p, tall), place(*q, tall)], fill=blend(wall, INK, 0.45), width=max(round(w * 0.008), 3))
        pen.line([place(a, d, 0), place(c, d, 0)], fill=blend(wall, INK, 0.45), width=3)
    return shrink(image)


def worn(rng: np.random.Generator, image: Image.Image) -> Image.Image:
    """Return the drawing as an old print: uneven paper, faded lines."""
    field = noise(rng, image.width, image.height, cells=4, octaves=4)[..., None]
    return Image.fromarray(np.clip(np.asarray(image) * (0.82 + 0.3 * field), 0, 255).astype(np.uint8))
