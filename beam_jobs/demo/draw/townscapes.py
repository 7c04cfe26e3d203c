"""Streets and landscapes in hand-drawn lines, for pencil_sketch."""

from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import WHITE, Color, Points, blend, hsv, pick, xy
from beam_jobs.demo.draw.strokes import Pen, draw_line, draw_outline, hatch, pen_of

_INKS: tuple[Color, ...] = ((10, 10, 12), (50, 50, 56), (90, 60, 40), (30, 40, 80))


def _sheet(rng: np.random.Generator, box: tuple[int, int]) -> tuple[Image.Image, Pen, Color]:
    paper = WHITE if rng.random() < 0.5 else blend(WHITE, (216, 196, 160), rng.uniform(0.1, 0.8))
    side = min(box)
    pen = replace(pen_of(rng, pick(rng, _INKS), side), gap=0.8)
    return Image.new("RGB", box, paper), replace(pen, width=min(pen.width, side * 0.007)), paper


def _ruled(image: Image.Image, rng: np.random.Generator, a: Points, b: Points, pen: Pen, paper: Color) -> None:
    """Draw from a to b and a little beyond both."""
    beyond = (b - a) * rng.uniform(0.0, 0.06)
    for _ in range(pen.passes):
        draw_line(image, rng, np.stack([a - beyond, (a + b) / 2, b + beyond]), pen, paper)


def street(rng: np.random.Generator, box: tuple[int, int]) -> Image.Image:
    """Return blocks in perspective with windows, hatched sides, guide lines, perhaps a wash."""
    image, pen, paper = _sheet(rng, box)
    w, h = box
    horizon = h * rng.uniform(0.5, 0.75)
    points = np.array([[w * rng.uniform(-0.5, 0.0), horizon], [w * rng.uniform(1.0, 1.5), horizon]])
    guide = replace(pen, color=blend(pen.color, paper, 0.6), width=2.0, passes=1)
    tinted, hue = rng.random() < 0.4, rng.random()
    out = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(1, 5))):
        corner = np.array([w * rng.uniform(0.2, 0.8), horizon + h * rng.uniform(0.05, 0.25)])
        top = corner - np.array([0.0, h * rng.uniform(0.25, 0.75)])
        spread = rng.uniform(0.2, 0.5, 2)
        hatched_side = int(rng.integers(2))
        for side, vanish in enumerate(points):
            far_low, far_top = corner + (vanish - corner) * spread[side], top + (vanish - top) * spread[side]
            wall = np.stack([corner, far_low, far_top, top])
            tone = hsv(hue + 0.1 * side, rng.uniform(0.1, 0.4), rng.uniform(0.75, 1.0)) if tinted else paper
            out.polygon(xy(wall), fill=tone)
            if side == hatched_side:
                hatch(
                    image, rng, wall, pen, spacing=h * rng.uniform(0.01, 0.025), angle=rng.choice([np.pi / 2, 0.9, 1.2])
                )
            for a, b in zip(wall, np.roll(wall, -1, axis=0), strict=True):
                _ruled(image, rng, a, b, pen, paper)
            columns, rows = int(rng.integers(2, 6)), int(rng.integers(2, 7))
            for column in range(columns):
                for row in range(rows):
                    u, v = (column + 0.25) / columns, (row + 0.25) / rows
                    quad = []
                    for du, dv in ((0, 0), (0.5 / columns, 0), (0.5 / columns, 0.5 / rows), (0, 0.5 / rows)):
                        low, high = corner + (far_low - corner) * (u + du), top + (far_top - top) * (u + du)
                        quad.append(high + (low - high) * (v + dv))
                    if rng.random() < 0.4:
                        out.polygon(xy(np.stack(quad)), fill=blend(pen.color, paper, rng.uniform(0, 0.5)))
                    draw_outline(image, rng, np.stack(quad), replace(pen, passes=1, width=pen.width * 0.7), paper)
            if rng.random() < 0.4:
                draw_line(image, rng, np.stack([top, vanish]), guide, paper)
    if rng.random() < 0.5:
        draw_line(image, rng, np.array([[0, horizon], [w, horizon]]), guide, paper)
    for _ in range(int(rng.integers(0, 5))):
        _tree(
            image,
            rng,
            np.array([w * rng.random(), horizon + h * rng.uniform(0.05, 0.25)]),
            h * rng.uniform(0.1, 0.35),
            pen,
            paper,
        )
    return image


def _tree(image: Image.Image, rng: np.random.Generator, foot: Points, tall: float, pen: Pen, paper: Color) -> None:
    """Draw a trunk and a crown of one curling line."""
    loops = int(rng.integers(8, 20))
    angle = np.linspace(0, 2 * np.pi * loops, loops * 10)
    around = np.linspace(0, 2 * np.pi, loops * 10)
    rx, ry, curl = tall * rng.uniform(0.22, 0.4), tall * rng.uniform(0.3, 0.42), tall * 0.07
    crown = np.stack(
        [np.cos(around) * rx + np.cos(angle) * curl, np.sin(around) * ry - tall * 0.62 + np.sin(angle) * curl], axis=1
    )
    thin = replace(pen, passes=1, width=pen.width * 0.7)
    for side in (-1, 1):
        draw_line(
            image, rng, foot + np.array([[side * tall * 0.05, 0], [side * tall * 0.03, -tall * 0.35]]), thin, paper
        )
    draw_line(image, rng, foot + crown, thin, paper)


def view(rng: np.random.Generator, box: tuple[int, int]) -> Image.Image:
    """Return hills or mountains with trees, a path, clouds, hatched from light to dark."""
    image, pen, paper = _sheet(rng, box)
    w, h = box
    out = ImageDraw.Draw(image)
    ridges = int(rng.integers(2, 5))
    tinted, hue = rng.random() < 0.35, rng.random()
    sharp = rng.random() < 0.5
    for step in range(ridges):
        count = int(rng.integers(5, 14))
        y = h * (0.3 + 0.5 * step / ridges) + rng.normal(0, h * (0.09 if sharp else 0.04), count)
        crest = np.stack([np.linspace(-0.05, 1.05, count) * w, y], axis=1)
        hill = np.concatenate([crest, [[w * 1.05, h * 1.05], [-w * 0.05, h * 1.05]]])
        tone = hsv(hue + 0.08 * step, rng.uniform(0.05, 0.35), rng.uniform(0.8, 1.0)) if tinted else paper
        out.polygon(xy(hill), fill=tone)
        if rng.random() < 0.7:
            angle = rng.uniform(0.2, 1.6)
            for a, b in zip(crest[:-1:2], crest[1::2], strict=False):
                deep = h * rng.uniform(0.05, 0.3)
                hatch(
                    image,
                    rng,
                    np.stack([a, b, b + (0, deep), a + (0, deep * 0.4)]),
                    pen,
                    spacing=h * rng.uniform(0.01, 0.02),
                    angle=angle,
                )
        draw_line(image, rng, crest, pen, paper)
        for _ in range(int(rng.integers(0, 6))):
            at = np.array(
                [w * rng.random(), float(np.interp(w * 0.5, crest[:, 0], crest[:, 1])) + h * rng.uniform(0.02, 0.12)]
            )
            _tree(image, rng, at, h * rng.uniform(0.06, 0.14) * (1 + step), pen, paper)
    for _ in range(int(rng.integers(10, 60))):
        left, low = w * rng.random(), h * rng.uniform(0.75, 1.0)
        out.line([left, low, left + rng.normal(0, 10), low - h * rng.uniform(0.01, 0.05)], fill=pen.color, width=2)
    return image
