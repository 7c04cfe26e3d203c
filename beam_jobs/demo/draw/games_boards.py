"""Screens of made-up games that are boards more than places: space, puzzles, dungeons, menus."""

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import (
    INK,
    WHITE,
    blend,
    blur,
    gradient,
    hsv,
    noise,
    oval,
    pick,
    vivid,
    xy,
)
from beam_jobs.demo.draw.games2d import platformer
from beam_jobs.demo.draw.games3d import corridor, open_world
from beam_jobs.demo.draw.games_hud import draw_hero, draw_item, draw_tile
from beam_jobs.demo.draw.lettering import fit, phrase, put


def space(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """Ships, shots and stars on a dark ground."""
    image = Image.new("RGB", (w, h), pick(rng, ((0, 0, 0), (8, 8, 26), (30, 26, 40))))
    pen = ImageDraw.Draw(image)
    for x, y, r in zip(rng.uniform(0, w, 90), rng.uniform(0, h, 90), rng.uniform(0.5, 2.5, 90), strict=True):
        pen.ellipse([x - r, y - r, x + r, y + r], fill=(200, 205, 220))
    if rng.random() < 0.4:
        r = h * rng.uniform(0.2, 0.6)
        x, y, tone = rng.uniform(0, w), rng.uniform(0, h), vivid(rng)
        for part in np.linspace(1, 0.1, 8):
            reach = r * part
            lit = x - r * (1 - part) * 0.6
            pen.ellipse([lit - reach, y - reach, lit + reach, y + reach], fill=blend(tone, INK, part * 0.8))
    grid = rng.random() < 0.5
    tones = [vivid(rng) for _ in range(4)]
    for row in range(int(rng.integers(2, 6))):
        for column in range(int(rng.integers(4, 11))):
            x = w * (0.1 + 0.08 * column) if grid else rng.uniform(0, w)
            y = h * (0.12 + 0.09 * row) if grid else rng.uniform(0, h * 0.8)
            r = h * rng.uniform(0.02, 0.035)
            ship = np.array([(-1, 0.6), (-0.4, -0.4), (0, -1), (0.4, -0.4), (1, 0.6), (0, 0.2)]) * r
            pen.polygon(xy(ship * np.array([1, -1]) + np.array([x, y])), fill=tones[row % 4])
            if rng.random() < 0.3:
                pen.line([x, y + r, x, y + 3 * r], fill=(255, 240, 120), width=4)
    r, x = h * 0.05, w * rng.uniform(0.3, 0.7)
    hero = np.array([(-1, 0.8), (-0.3, 0.1), (0, -1.2), (0.3, 0.1), (1, 0.8), (0, 0.4)]) * r
    pen.polygon(xy(hero + np.array([x, h * 0.86])), fill=tones[0], outline=WHITE)
    for _ in range(int(rng.integers(0, 4))):
        x, y, r = rng.uniform(0, w), rng.uniform(0, h), h * rng.uniform(0.03, 0.09)
        for part, tone in ((1, (240, 90, 30)), (0.65, (255, 190, 60)), (0.35, (255, 250, 210))):
            pen.ellipse([x - r * part, y - r * part, x + r * part, y + r * part], fill=tone)
    return image


def puzzle(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """A board of gems, blocks, cards or cells, or an inventory beside a figure."""
    image = gradient(
        w, h, [blend(vivid(rng), INK, rng.uniform(0.1, 0.8)), blend(vivid(rng), INK, rng.uniform(0.3, 0.85))]
    )
    pen = ImageDraw.Draw(image)
    rows, columns = int(rng.integers(5, 12)), int(rng.integers(5, 12))
    side = min(h * 0.86 / rows, w * 0.7 / columns)
    left, top = (w - side * columns) * rng.uniform(0.1, 0.9), (h - side * rows) / 2
    tones = [vivid(rng) for _ in range(5)]
    kind = pick(rng, ("gems", "blocks", "cards", "items", "tiles"))
    pen.rectangle(
        [left - 8, top - 8, left + side * columns + 8, top + side * rows + 8], fill=(24, 24, 34), outline=WHITE, width=3
    )
    for row in range(rows):
        for column in range(columns):
            x, y, tone = left + column * side, top + row * side, tones[int(rng.integers(5))]
            if kind == "gems":
                shape = oval(
                    x + side / 2, y + side / 2, side * 0.42, side * 0.42, rng.uniform(0, 1), int(rng.choice([4, 6, 24]))
                )
                pen.polygon(xy(shape), fill=tone, outline=blend(tone, WHITE, 0.6))
                pen.ellipse(
                    [x + side * 0.3, y + side * 0.25, x + side * 0.45, y + side * 0.4], fill=blend(tone, WHITE, 0.7)
                )
            elif kind == "blocks":
                if rng.random() < 0.2 + 0.6 * row / rows:
                    draw_tile(pen, x, y, side, tone, True)
            elif kind == "items":
                pen.rectangle(
                    [x + 2, y + 2, x + side - 2, y + side - 2], fill=(64, 58, 54), outline=(130, 120, 104), width=2
                )
                if rng.random() < 0.6:
                    draw_item(pen, rng, x + side / 2, y + side / 2, side * 0.34)
            elif kind == "cards":
                if column % 2 == 0 and row % 2 == 0:
                    box = [x, y, x + side * 1.5, y + side * 1.9]
                    pen.rounded_rectangle(
                        box,
                        side * 0.12,
                        fill=pick(rng, (WHITE, (240, 234, 214), blend(tone, INK, 0.4))),
                        outline=INK,
                        width=2,
                    )
                    pen.ellipse([x + side * 0.4, y + side * 0.6, x + side * 1.1, y + side * 1.3], fill=tone)
            else:
                draw_tile(pen, x, y, side, blend(tones[(row + column) % 2], WHITE, 0.4), True)
                if rng.random() < 0.3:
                    draw_hero(pen, rng, x + side / 2, y + side * 0.95, side * 0.9)
    return image


def dungeon(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """A dark vault lit around the hero."""
    tone = hsv(rng.uniform(0, 0.7), rng.uniform(0.1, 0.5), rng.uniform(0.4, 0.7))
    side = max(round(h / rng.uniform(8, 18)), 8)
    rows, columns = h // side + 1, w // side + 1
    walls = noise(rng, columns, rows, cells=5, octaves=2) > 0.55
    shade = np.where(walls, 0.45, 1.0)[..., None] * (0.85 + 0.3 * rng.random((rows, columns, 1)))
    image = (
        Image.fromarray((np.array(tone) * shade).clip(0, 255).astype(np.uint8))
        .resize((columns * side, rows * side), Image.Resampling.NEAREST)
        .crop((0, 0, w, h))
    )
    pen = ImageDraw.Draw(image)
    for row in range(rows):
        for column in range(columns):
            x, y = float(column * side), float(row * side)
            if walls[row, column]:
                for line in (0.33, 0.66):
                    pen.line([x, y + side * line, x + side, y + side * line], fill=(20, 18, 18), width=2)
            elif rng.random() < 0.08:
                (draw_item if rng.random() < 0.5 else draw_hero)(
                    pen, rng, x + side / 2, y + side * 0.8, side * rng.uniform(0.4, 0.9)
                )
    x, y = w * rng.uniform(0.3, 0.7), h * rng.uniform(0.3, 0.7)
    draw_hero(pen, rng, x, y, side * 1.4)
    lamp = Image.new("L", (w // 8, h // 8), round(rng.uniform(10, 70)))
    spot = ImageDraw.Draw(lamp)
    for cx, cy in [
        (x, y),
        *[(rng.uniform(0, w), rng.uniform(0, h)) for _ in range(int(rng.integers(0, 4)))],
    ]:
        r = h * rng.uniform(0.2, 0.4) / 8
        spot.ellipse([cx / 8 - r, cy / 8 - r, cx / 8 + r, cy / 8 + r], fill=255)
    light = blur(lamp, h / 90).resize((w, h))
    return Image.composite(image, Image.new("RGB", (w, h), (6, 5, 8)), light)


def menu(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """A title screen: a game's name over dim art, and what one may choose."""
    behind = pick(rng, (platformer, space, dungeon, open_world, corridor))
    image = Image.blend(
        blur(behind(rng, w, h), rng.uniform(0, 6)),
        Image.new("RGB", (w, h), blend(vivid(rng), INK, 0.7)),
        rng.uniform(0.3, 0.7),
    )
    pen = ImageDraw.Draw(image)
    style = pick(rng, ("bold", "heavy", "times_bold", "serif_bold", "mono"))
    text = phrase(rng, int(rng.integers(1, 3))).upper()
    big = fit(text, w * 0.84, round(h * 0.24), style)
    tone = pick(rng, ((255, 210, 60), (230, 60, 40), WHITE, vivid(rng)))
    for step in range(6, -1, -1):
        put(
            pen,
            (w / 2, h * 0.27 + step * 2),
            text,
            tone if step == 0 else blend(tone, INK, 0.7),
            big,
            style=style,
            anchor="mm",
            rim=(10, 8, 16),
        )
    items = pick(
        rng,
        (
            ("New Game", "Continue", "Options", "Quit"),
            ("시작", "이어하기", "설정", "나가기"),
            ("1 PLAYER", "2 PLAYERS", "PRESS START"),
        ),
    )
    for row, item in enumerate(items):
        y = h * (0.54 + 0.11 * row)
        if rng.random() < 0.5:
            pen.rounded_rectangle(
                [w * 0.32, y - h * 0.04, w * 0.68, y + h * 0.04], 8, fill=blend(tone, INK, 0.6), outline=tone, width=2
            )
        put(pen, (w / 2, y), item, WHITE, round(h * 0.05), style=style, anchor="mm")
    return image
