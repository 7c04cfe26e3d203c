"""map: towns, subway lines and countries on paper."""

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.atlases import contours, thematic
from beam_jobs.demo.draw.canvas import (
    INK,
    WHITE,
    Color,
    blend,
    extent,
    font,
    hsv,
    noise,
    oval,
    pick,
    sheet,
    shrink,
    smooth,
    words,
    xy,
)
from beam_jobs.demo.draw.captures import capture
from beam_jobs.demo.draw.town_posters import poster

_SCHEMES: tuple[tuple[Color, Color, Color, Color], ...] = (
    ((242, 239, 233), (170, 211, 223), (200, 230, 190), (255, 255, 255)),
    ((232, 234, 238), (150, 196, 240), (190, 226, 180), (255, 214, 102)),
    ((250, 245, 225), (140, 190, 210), (180, 205, 140), (214, 120, 90)),
    ((36, 44, 58), (20, 60, 96), (40, 74, 64), (120, 132, 150)),
)
"""Land, water, park and main road of each style."""


def map_picture(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a map of streets, lines, countries, heights, seas or figures."""
    draw = pick(rng, (_streets, _streets, _subway, _subway, _countries, thematic, thematic, thematic, thematic, contours,
                      contours, poster, poster))  # fmt: skip
    return capture(rng, draw(rng, size), ("flat",) * 12 + ("scan", "aged", "close"))


def _streets(rng: np.random.Generator, size: int) -> Image.Image:
    width, height = extent(rng, size)
    land, water, park, main = _SCHEMES[int(rng.choice([0, 0, 1, 1, 2, 3]))]
    image, pen = sheet(width, height, land)
    w, h = image.size
    side = max(w, h)
    minor = blend(land, WHITE, 0.75) if sum(land) > 400 else blend(land, WHITE, 0.15)
    for _ in range(int(rng.integers(2, 5))):
        x, y, rx, ry = (
            rng.uniform(0, w),
            rng.uniform(0, h),
            side * rng.uniform(0.06, 0.15),
            side * rng.uniform(0.06, 0.12),
        )
        pen.polygon(xy(smooth(oval(x, y, rx, ry, steps=7) + rng.normal(0, rx * 0.2, (7, 2)))), fill=park)
    turn, pitch = rng.uniform(0, 0.7), side / rng.uniform(9, 15)
    middle, spin = np.array([w / 2, h / 2]), np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    for axis in (0, 1):
        for shift in np.arange(-side, side, pitch * rng.uniform(0.8, 1.2)):
            line = np.full((7, 2), shift + rng.normal(0, pitch * 0.15))
            line[:, axis] = np.linspace(-side, side, 7)
            line[:, 1 - axis] += rng.normal(0, pitch * 0.08, 7)
            street = xy(smooth(line, closed=False) @ spin + middle)
            pen.line(street, fill=blend(minor, INK, 0.18), width=9, joint="curve")
            pen.line(street, fill=minor, width=6, joint="curve")
    if rng.random() < 0.85:
        river = np.stack(
            [
                np.linspace(-side * 0.1, side * 1.1, 7),
                rng.uniform(0.2, 0.8) * h + np.cumsum(rng.normal(0, h * 0.13, 7)),
            ],
            axis=1,
        )
        if rng.random() < 0.4:
            river = river[:, ::-1] * np.array([w / h, h / w]) if w < h else river
        pen.line(
            xy(smooth(river, closed=False, steps=14)),
            fill=water,
            width=round(side * rng.uniform(0.05, 0.12)),
            joint="curve",
        )
    for _ in range(int(rng.integers(2, 4))):
        a, b = rng.uniform(0, h, 2) if rng.random() < 0.6 else (0, h)
        road = np.stack([np.linspace(-10, w + 10, 6), np.linspace(a, b, 6) + rng.normal(0, h * 0.05, 6)], axis=1)
        curve = xy(smooth(road, closed=False, steps=12))
        pen.line(curve, fill=blend(main, INK, 0.35), width=20, joint="curve")
        pen.line(curve, fill=main, width=15, joint="curve")
    ink, halo = ((235, 238, 244), land) if sum(land) < 400 else ((60, 60, 70), WHITE)
    for _ in range(int(rng.integers(4, 9))):
        letters = font(round(side * rng.uniform(0.022, 0.036)), pick(rng, ["sans", "bold", "italic"]))
        name = words(rng, 1).title() + pick(rng, ["", " St", " Park", "-dong", " Rd"])
        pen.text(
            (rng.uniform(0.1, 0.9) * w, rng.uniform(0.06, 0.94) * h),
            name,
            ink,
            letters,
            "mm",
            stroke_width=3,
            stroke_fill=halo,
        )
    for _ in range(int(rng.integers(1, 4))):
        _marker(pen, rng.uniform(0.15, 0.85) * w, rng.uniform(0.2, 0.85) * h, side * 0.028, (220, 50, 50))
    return shrink(image)


def _marker(pen: ImageDraw.ImageDraw, x: float, y: float, r: float, color: Color) -> None:
    pen.polygon([(x - r * 0.85, y - r * 1.6), (x + r * 0.85, y - r * 1.6), (x, y)], fill=color)
    pen.ellipse([x - r, y - r * 3, x + r, y - r], fill=color)
    pen.ellipse([x - r * 0.4, y - r * 2.4, x + r * 0.4, y - r * 1.6], fill=WHITE)


def _subway(rng: np.random.Generator, size: int) -> Image.Image:
    width, height = extent(rng, size, 0.85, 1.5)
    image, pen = sheet(width, height, WHITE if rng.random() < 0.8 else (244, 246, 248))
    w, h = image.size
    step = min(w, h) / 9
    grid_w, grid_h = int(w / step), int(h / step)
    letters = font(round(step * 0.2))
    moves = np.array([[1, 0], [1, 1], [1, -1], [0, 1], [0, -1]])
    for line in range(int(rng.integers(4, 7))):
        color = hsv(line * 0.17 + rng.uniform(0, 0.1), 0.8, 0.82)
        spot, stops = np.array([0, int(rng.integers(1, grid_h))]), []
        move = moves[0]
        for _ in range(grid_w * 2):
            stops.append(spot)
            if rng.random() < 0.45:
                move = moves[int(rng.integers(5 if rng.random() < 0.4 else 3))]
            nxt = spot + move
            spot = np.array([nxt[0], int(np.clip(nxt[1], 1, grid_h - 1))])
            if spot[0] >= grid_w:
                break
        path = (np.array(stops) + 0.5) * step + (line % 3 - 1) * step * 0.1
        pen.line(xy(path), fill=color, width=round(step * 0.16), joint="curve")
        for place, (x, y) in enumerate(path):
            r = step * (0.13 if rng.random() < 0.8 else 0.2)
            pen.ellipse([x - r, y - r, x + r, y + r], fill=WHITE, outline=color if r < step * 0.15 else INK, width=4)
            if place % 2 == line % 2:
                pen.text((x, y + step * 0.27), words(rng, 1)[:7].title(), (70, 70, 76), letters, "mm")
    if rng.random() < 0.5:
        pen.text(
            (w / 2, step * 0.42),
            pick(rng, ["SUBWAY MAP", "METRO LINES", "City Metro"]),
            INK,
            font(round(step * 0.42), "bold"),
            "mm",
        )
    return shrink(image)


def _countries(rng: np.random.Generator, size: int) -> Image.Image:
    """Colour the cells nearest to random towns; low ground is sea."""
    width, height = extent(rng, size, 1.0, 1.7)
    w, h = width * 2, height * 2
    shape = noise(rng, w, h, cells=3, octaves=5)
    y, x = np.mgrid[0:h, 0:w]
    away = ((x / w - 0.5) ** 2 + (y / h - 0.5) ** 2) * rng.uniform(0.5, 1.3)
    towns = rng.uniform(0.08, 0.92, (int(rng.integers(8, 18)), 2)) * np.array([w, h])
    bend = (noise(rng, w, h, cells=6, octaves=3) - 0.5) * w * 0.15
    near = np.argmin(
        (x[..., None] + bend[..., None] - towns[:, 0]) ** 2 + (y[..., None] + bend[..., None] - towns[:, 1]) ** 2,
        axis=2,
    )
    level = shape - away
    land = level > np.quantile(level, rng.uniform(0.35, 0.55))
    hue = rng.random()
    palette = np.array(
        [hsv(hue + 0.13 * (i % 6), rng.uniform(0.25, 0.5), rng.uniform(0.8, 0.97)) for i in range(len(towns))]
    )
    if rng.random() < 0.2:
        palette[:] = (255, 255, 255)
    pixels = np.where(land[..., None], palette[near], np.array(blend((150, 200, 235), WHITE, rng.uniform(0, 0.5))))
    edge = np.zeros((h, w), dtype=bool)
    for field in (near * land, land.astype(np.int64)):
        edge[1:] |= field[1:] != field[:-1]
        edge[:, 1:] |= field[:, 1:] != field[:, :-1]
    pixels[edge] = (90, 90, 100)
    image = Image.fromarray(pixels.astype(np.uint8))
    pen = ImageDraw.Draw(image)
    for town, (tx, ty) in enumerate(towns):
        column, row = min(int(tx), w - 1), min(int(ty), h - 1)
        if land[row, column] and near[row, column] == town:
            pen.ellipse([tx - 5, ty - 5, tx + 5, ty + 5], fill=(200, 40, 40))
            pen.text((tx, ty + 16), words(rng, 1).upper()[:8], INK, font(round(w * 0.024), "bold"), "mm")
    return shrink(image)
