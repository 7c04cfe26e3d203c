"""Small made-up icons: persons, servers, clouds, drums, locks, gears."""

import numpy as np
from PIL import ImageDraw

from beam_jobs.demo.draw.canvas import (
    WHITE,
    Color,
    blend,
    font,
    oval,
    words,
    xy,
)  # fmt: skip


def icon(pen: ImageDraw.ImageDraw, rng: np.random.Generator, x: float, y: float, r: float, tone: Color) -> None:
    """Draw a small made-up icon: person, server, cloud, drum, lock, gear, chart, bulb or a lettered tile."""
    kind, pale = int(rng.integers(9)), blend(tone, WHITE, 0.85)
    if kind == 0:
        pen.ellipse([x - r * 0.4, y - r, x + r * 0.4, y - r * 0.2], fill=tone)
        pen.pieslice([x - r * 0.8, y - r * 0.1, x + r * 0.8, y + r * 1.7], 180, 360, fill=tone)
    elif kind == 1:
        for k in range(3):
            pen.rounded_rectangle(
                [x - r * 0.8, y - r + r * 0.68 * k, x + r * 0.8, y - r * 0.45 + r * 0.68 * k], 4, fill=tone
            )
            pen.ellipse([x + r * 0.4, y - r * 0.82 + r * 0.68 * k, x + r * 0.6, y - r * 0.62 + r * 0.68 * k], fill=pale)
    elif kind == 2:
        for dx, dy, q in ((-0.45, 0.1, 0.45), (0.0, -0.2, 0.6), (0.5, 0.1, 0.45)):
            pen.ellipse([x + (dx - q) * r, y + (dy - q) * r, x + (dx + q) * r, y + (dy + q) * r], fill=tone)
        pen.rectangle([x - r * 0.5, y, x + r * 0.5, y + r * 0.54], fill=tone)
    elif kind == 3:
        pen.rectangle([x - r * 0.7, y - r * 0.6, x + r * 0.7, y + r * 0.7], fill=tone)
        for lift in (-0.6, -0.15, 0.3, 0.7):
            pen.ellipse(
                [x - r * 0.7, y + (lift - 0.25) * r, x + r * 0.7, y + (lift + 0.25) * r],
                fill=tone,
                outline=pale,
                width=2,
            )
    elif kind == 4:
        pen.arc([x - r * 0.45, y - r, x + r * 0.45, y + r * 0.2], 180, 360, fill=tone, width=max(round(r * 0.2), 2))
        pen.rectangle([x - r * 0.7, y - r * 0.35, x + r * 0.7, y + r * 0.8], fill=tone)
    elif kind == 5:
        ring = oval(x, y, r, r, steps=32)
        ring[2::4] = ring[2::4] * 0.75 + np.array([x, y]) * 0.25
        ring[3::4] = ring[3::4] * 0.75 + np.array([x, y]) * 0.25
        pen.polygon(xy(ring), fill=tone)
        pen.ellipse([x - r * 0.35, y - r * 0.35, x + r * 0.35, y + r * 0.35], fill=pale)
    elif kind == 6:
        for k, tall in enumerate(rng.uniform(0.4, 1.8, 4)):
            pen.rectangle(
                [x + (k * 0.5 - 1) * r, y + (0.9 - tall) * r, x + (k * 0.5 - 0.65) * r, y + r * 0.9], fill=tone
            )
    elif kind == 7:
        pen.ellipse([x - r * 0.65, y - r, x + r * 0.65, y + r * 0.3], outline=tone, width=max(round(r * 0.14), 2))
        pen.rectangle([x - r * 0.25, y + r * 0.35, x + r * 0.25, y + r * 0.9], fill=tone)
    else:
        pen.rounded_rectangle([x - r, y - r, x + r, y + r], r * 0.2, fill=tone)
        pen.text((x, y), words(rng, 1)[:2].upper(), WHITE, font(round(r)), "mm")
