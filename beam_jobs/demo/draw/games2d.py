"""Scenes of flat made-up games: platforms, maps seen from above or aslant, fights."""

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import (
    INK,
    WHITE,
    blend,
    gradient,
    hsv,
    noise,
    pick,
    vivid,
)
from beam_jobs.demo.draw.games3d import open_world
from beam_jobs.demo.draw.games_hud import draw_hero, draw_tile
from beam_jobs.demo.draw.lettering import put


def platformer(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """Return steps and platforms seen from the side."""
    hue = rng.random()
    image = gradient(
        w, h, [hsv(hue, rng.uniform(0.3, 0.8), rng.uniform(0.2, 0.95)), hsv(hue + 0.06, 0.3, rng.uniform(0.4, 1))]
    )
    pen = ImageDraw.Draw(image)
    for layer in range(int(rng.integers(1, 4))):
        tone = hsv(hue + 0.1, 0.35, 0.75 - 0.15 * layer)
        x = -0.1 * w
        while x < w:
            wide, tall = w * rng.uniform(0.08, 0.3), h * rng.uniform(0.1, 0.5) * (1 - 0.2 * layer)
            if hue < 0.5:
                pen.ellipse([x, h - tall, x + wide, h + tall], fill=tone)
            else:
                pen.rectangle([x, h - tall, x + wide, h], fill=tone)
            x += wide * rng.uniform(0.5, 1.2)
    tile = h / rng.uniform(8, 18)
    top_tone, body = (
        hsv(rng.choice([0.3, 0.33, 0.1, 0.6, 0.8]), 0.7, 0.75),
        hsv(rng.uniform(0.03, 0.12), 0.6, rng.uniform(0.3, 0.6)),
    )
    columns = int(w / tile) + 1
    level = int(rng.integers(2, 4))
    bricks = rng.random() < 0.6
    for column in range(columns):
        if rng.random() < 0.25:
            level = int(np.clip(level + rng.integers(-1, 2), 0, 5))
        for row in range(level):
            draw_tile(pen, column * tile, h - (row + 1) * tile, tile, top_tone if row == level - 1 else body, bricks)
    for _ in range(int(rng.integers(3, 8))):
        x, y = rng.uniform(0, w), h - tile * rng.integers(4, 8)
        for place in range(int(rng.integers(2, 6))):
            draw_tile(pen, x + place * tile, y, tile, body, bricks)
            if rng.random() < 0.5:
                r = tile * 0.25
                cx, cy = x + (place + 0.5) * tile, y - tile * 0.6
                pen.ellipse([cx - r, cy - r, cx + r, cy + r], fill=(250, 205, 50), outline=(170, 120, 20), width=2)
        if rng.random() < 0.5:
            draw_hero(pen, rng, x + tile, y, tile * rng.uniform(1, 1.8))
    draw_hero(pen, rng, w * rng.uniform(0.2, 0.7), h - tile * level, tile * rng.uniform(1.1, 2))
    return image


def top_down(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """A map of square tiles seen from above: grass, water, sand, trees, houses, units."""
    side = max(round(h / rng.uniform(9, 22)), 8)
    rows, columns = h // side + 1, w // side + 1
    field = noise(rng, columns, rows, cells=3, octaves=3)
    hue = rng.choice([0.28, 0.3, 0.1, 0.55, 0.75, 0.0])
    dark = rng.uniform(0.45, 1.0)
    tones = [
        hsv(0.58, 0.6, 0.75 * dark),
        hsv(0.12, 0.4, 0.85 * dark),
        hsv(hue, 0.5, 0.62 * dark),
        hsv(hue + 0.04, 0.6, 0.4 * dark),
    ]
    levels = np.digitize(field, np.quantile(field, [0.2, 0.3, 0.75]))
    cells = np.array(tones)[levels] * (0.94 + 0.12 * rng.random((rows, columns, 1)))
    image = (
        Image.fromarray(cells.clip(0, 255).astype(np.uint8))
        .resize((columns * side, rows * side), Image.Resampling.NEAREST)
        .crop((0, 0, w, h))
    )
    pen = ImageDraw.Draw(image)
    if rng.random() < 0.4:
        for x in range(0, w, side):
            pen.line([x, 0, x, h], fill=blend(tones[2], INK, 0.3), width=1)
        for y in range(0, h, side):
            pen.line([0, y, w, y], fill=blend(tones[2], INK, 0.3), width=1)
    for row in range(rows):
        for column in range(columns):
            x, y, level = column * side, row * side, levels[row, column]
            if level == 3 and rng.random() < 0.7:
                pen.rectangle([x + side * 0.4, y + side * 0.6, x + side * 0.6, y + side], fill=(90, 60, 36))
                pen.ellipse(
                    [x + side * 0.08, y - side * 0.2, x + side * 0.92, y + side * 0.75],
                    fill=hsv(hue + 0.05, 0.6, rng.uniform(0.25, 0.45) * dark),
                    outline=(20, 40, 24),
                )
            elif level == 2 and rng.random() < 0.05:
                pen.rectangle([x, y + side * 0.4, x + side * 1.4, y + side * 1.2], fill=(214, 190, 150), outline=INK)
                pen.polygon(
                    [
                        (x - side * 0.15, y + side * 0.45),
                        (x + side * 0.7, y - side * 0.3),
                        (x + side * 1.55, y + side * 0.45),
                    ],
                    fill=vivid(rng),
                    outline=INK,
                )
            elif level in (1, 2) and rng.random() < 0.05:
                draw_hero(pen, rng, x + side / 2, y + side, side * rng.uniform(0.8, 1.3))
    return image


def isometric(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """Diamonds in perspective: fields, water, blocks, trees."""
    image = Image.new("RGB", (w, h), pick(rng, ((20, 24, 30), (120, 170, 210), (40, 60, 50), (230, 232, 238))))
    pen = ImageDraw.Draw(image)
    dx = w / rng.uniform(10, 26)
    dy = dx / 2
    hue = rng.choice([0.28, 0.31, 0.12, 0.5])
    around = int(w / dx) + 4
    for row in range(int(2 * h / dy) + 6):
        for column in range(-1, around // 2 + 2):
            x, y = column * 2 * dx + (row % 2) * dx, row * dy - dy
            tone = hsv(hue, rng.uniform(0.45, 0.6), rng.uniform(0.5, 0.62))
            chance = rng.random()
            if chance < 0.12:
                tone = (150, 150, 156)
            pen.polygon([(x, y - dy), (x + dx, y), (x, y + dy), (x - dx, y)], fill=tone, outline=blend(tone, INK, 0.18))
            if chance > 0.9:
                tall, wall = (
                    dx * rng.uniform(0.5, 2.2),
                    hsv(rng.random(), rng.uniform(0.1, 0.6), rng.uniform(0.5, 0.95)),
                )
                pen.polygon(
                    [(x - dx * 0.8, y), (x, y + dy * 0.8), (x, y + dy * 0.8 - tall), (x - dx * 0.8, y - tall)],
                    fill=blend(wall, INK, 0.2),
                )
                pen.polygon(
                    [(x + dx * 0.8, y), (x, y + dy * 0.8), (x, y + dy * 0.8 - tall), (x + dx * 0.8, y - tall)],
                    fill=blend(wall, INK, 0.45),
                )
                pen.polygon(
                    [
                        (x, y - dy * 0.8 - tall),
                        (x + dx * 0.8, y - tall),
                        (x, y + dy * 0.8 - tall),
                        (x - dx * 0.8, y - tall),
                    ],
                    fill=wall,
                )
            elif chance > 0.76:
                pen.ellipse(
                    [x - dx * 0.35, y - dx * 1.1, x + dx * 0.35, y - dx * 0.1],
                    fill=hsv(0.33, 0.6, rng.uniform(0.25, 0.45)),
                )
    return image


def fight(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """Two fighters under their bars."""
    image = pick(rng, (platformer, open_world))(rng, w, h)
    pen = ImageDraw.Draw(image)
    pen.rectangle([0, h * 0.86, w, h], fill=hsv(rng.random(), 0.3, 0.4))
    for side in (0, 1):
        draw_hero(pen, rng, w * (0.32 + 0.36 * side), h * 0.9, h * rng.uniform(0.35, 0.5))
        left = w * (0.04 + 0.5 * side)
        pen.rectangle([left, h * 0.05, left + w * 0.42, h * 0.1], fill=(180, 30, 30), outline=WHITE, width=3)
        pen.rectangle([left, h * 0.05, left + w * 0.42 * rng.uniform(0.2, 1), h * 0.1], fill=(250, 220, 50))
    put(
        pen,
        (w / 2, h * 0.08),
        str(int(rng.integers(10, 99))),
        WHITE,
        round(h * 0.08),
        style="bold",
        anchor="mm",
        rim=(0, 0, 0),
    )
    return image
