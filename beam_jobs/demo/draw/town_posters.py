"""Maps of towns in few colours, as posters and figure-ground plans."""

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.atlases import add_names
from beam_jobs.demo.draw.canvas import (
    INK,
    WHITE,
    Points,
    blend,
    extent,
    font,
    pick,
    shrink,
    words,
    xy,
)  # fmt: skip


def poster(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a town's streets and blocks in few colours, in a frame or a ring: posters, figure-ground plans, lines only."""
    width, height = extent(rng, size, 0.7, 1.4)
    w, h = width * 2, height * 2
    paper, road, block, water = pick(rng, (
        ((16, 18, 24), (236, 236, 236), (16, 18, 24), (30, 44, 70)), (WHITE, INK, WHITE, (220, 226, 232)),
        ((242, 239, 233), WHITE, (217, 208, 201), (170, 211, 223)), (WHITE, WHITE, INK, (150, 190, 220)),
        ((238, 229, 205), (47, 55, 55), (223, 113, 78), (168, 225, 230)), ((12, 40, 80), (240, 200, 120), (20, 60, 110), (8, 26, 56)),
        ((245, 245, 245), (250, 170, 60), (220, 224, 216), (165, 200, 240)),
    ))  # fmt: skip
    image = Image.new("RGB", (w, h), paper)
    pen = ImageDraw.Draw(image)
    s = max(w, h)
    turn, pitch = rng.uniform(0, 1.5), s / rng.uniform(8, 22)
    spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    middle, bend = np.array([w / 2, h / 2]), rng.normal(0, 0.25, 4)

    def put(points: Points) -> list[tuple[float, float]]:
        waved = points + s * 0.12 * np.sin(points[:, ::-1] / s * 4 + bend[:2]) * bend[2:] * 2
        return xy(waved @ spin + middle)

    count = int(s * 0.8 / pitch)
    for i in range(-count, count):
        for j in range(-count, count):
            if rng.random() < 0.85:
                a, b = np.array([i, j]) * pitch, np.array([i + 1, j + 1]) * pitch
                a, b = a + pitch * rng.uniform(0.06, 0.3, 2), b - pitch * rng.uniform(0.06, 0.3, 2)
                tone = blend(block, (150, 200, 130), 0.6) if rng.random() < 0.05 else block
                pen.polygon(put(np.array([a, (b[0], a[1]), b, (a[0], b[1])])), fill=tone)
    for axis in (0, 1):
        for k in range(-count, count):
            t = np.linspace(-s, s, 16)
            line = np.stack([t, np.full(16, k * pitch)], 1)
            start = int(rng.integers(0, 12)) if rng.random() < 0.4 else 0
            wide = max(round(pitch * rng.choice([0.03, 0.06, 0.06, 0.18])), 1)
            pen.line(put(line[start:, :: 1 if axis else -1]), fill=road, width=wide, joint="curve")
    river = np.stack([np.linspace(-s, s, 8), np.cumsum(rng.normal(0, s * 0.09, 8))], 1)
    if rng.random() < 0.6:
        pen.line(
            put(river[:, :: pick(rng, (1, -1))]), fill=water, width=round(s * rng.uniform(0.02, 0.09)), joint="curve"
        )
    if rng.random() < 0.35:
        mask = Image.new("L", (w, h), 0)
        r = min(w, h) * 0.42
        ImageDraw.Draw(mask).ellipse([w / 2 - r, h * 0.46 - r, w / 2 + r, h * 0.46 + r], fill=255)
        image = Image.composite(image, Image.new("RGB", (w, h), pick(rng, (WHITE, paper, (24, 24, 24)))), mask)
        pen = ImageDraw.Draw(image)
    if rng.random() < 0.4:
        pen.rectangle([0, h * 0.86, w, h], fill=paper)
        pen.text(
            (w / 2, h * 0.92),
            words(rng, 1).upper(),
            road if sum(road) != sum(paper) else INK,
            font(round(h * 0.06), "serif_bold"),
            "mm",
        )
    elif rng.random() < 0.5:
        add_names(pen, rng, w, h, INK if sum(paper) > 380 else WHITE, int(rng.integers(3, 14)))
    return shrink(image)
