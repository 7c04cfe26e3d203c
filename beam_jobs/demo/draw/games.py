"""game_screenshot: screens of made-up games of a dozen kinds, with their bars, hearts, maps and menus."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import (
    INK,
    SUPERSAMPLE,
    WHITE,
    Color,
    blend,
    blur,
    extent,
    gradient,
    hsv,
    noise,
    oval,
    pick,
    shrink,
    vignette,
    vivid,
    words,
    xy,
)
from beam_jobs.demo.draw.games3d import corridor, open_world, road
from beam_jobs.demo.draw.lettering import fit, phrase, put


def game_screenshot(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw the screen of one of the kinds of games, wide mostly, tall like a phone's sometimes."""
    width, height = extent(rng, size, 0.5, 0.62) if rng.random() < 0.1 else extent(rng, size, 1.25, 1.85)
    w, h = width * SUPERSAMPLE, height * SUPERSAMPLE
    image = pick(rng, _KINDS)(rng, w, h)
    if rng.random() < 0.85:
        _hud(image, rng)
    if rng.random() < 0.1:
        image = _windowed(image, rng)
    image = shrink(image)
    return vignette(image, rng.uniform(0.1, 0.5)) if rng.random() < 0.2 else image


def _hud(image: Image.Image, rng: np.random.Generator) -> None:
    """Draw what floats over the scene: bars, hearts, a score, a small map, slots, hints."""
    pen = ImageDraw.Draw(image)
    w, h = image.size
    unit = min(w, h)
    style = pick(rng, ("bold", "mono", "sans", "heavy"))
    ink = pick(rng, (WHITE, WHITE, (255, 230, 80), (120, 255, 140)))
    small = round(unit * rng.uniform(0.035, 0.06))
    for part in ("bars", "hearts", "score", "map", "slots", "hint", "panel", "title"):
        if rng.random() > 0.33:
            continue
        x, y = (0.03 if rng.random() < 0.5 else 0.7) * w, (0.03 if rng.random() < 0.6 else 0.86) * h
        match part:
            case "bars":
                for row in range(int(rng.integers(1, 4))):
                    box = [x, y + row * small * 1.1, x + w * 0.25, y + row * small * 1.1 + small * 0.7]
                    pen.rectangle(box, fill=(30, 30, 34), outline=WHITE, width=2)
                    box[2] = x + w * 0.25 * rng.uniform(0.2, 1)
                    pen.rectangle(box, fill=pick(rng, ((220, 50, 50), (60, 200, 80), (60, 120, 240), (250, 200, 40))))
            case "hearts":
                for place in range(int(rng.integers(3, 7))):
                    r, cx = small * 0.45, x + small * 1.1 * (place + 0.5)
                    tone = (230, 40, 60) if place < 3 else (90, 90, 96)
                    pen.ellipse([cx - r, y, cx, y + r], fill=tone)
                    pen.ellipse([cx, y, cx + r, y + r], fill=tone)
                    pen.polygon([(cx - r, y + r * 0.55), (cx + r, y + r * 0.55), (cx, y + r * 1.7)], fill=tone)
            case "score":
                label = pick(rng, ("SCORE", "LV", "TIME", "Score:", "점수", "x", "HP", "Wave", "GOLD"))
                text = f"{label} {int(rng.integers(0, 10 ** int(rng.integers(2, 7))))}"
                put(pen, (w * rng.choice([0.03, 0.4, 0.72]), small), text, ink, small, style=style, rim=(0, 0, 0))
            case "map":
                r = unit * 0.11
                cx, cy = (w - r * 1.2, r * 1.2) if rng.random() < 0.7 else (r * 1.2, h - r * 1.2)
                box = [cx - r, cy - r, cx + r, cy + r]
                shape = pen.ellipse if rng.random() < 0.5 else pen.rectangle
                shape(box, fill=blend(vivid(rng), INK, 0.6), outline=WHITE, width=3)
                for _ in range(8):
                    dx, dy = rng.uniform(-0.65, 0.65, 2) * r
                    pen.ellipse([cx + dx - 4, cy + dy - 4, cx + dx + 4, cy + dy + 4], fill=vivid(rng))
            case "slots":
                count, side = int(rng.integers(4, 10)), small * 1.7
                left = w / 2 - count * side / 2
                for place in range(count):
                    box = [left + place * side, h - side * 1.15, left + (place + 0.92) * side, h - side * 0.2]
                    pen.rectangle(box, fill=(50, 46, 44), outline=(170, 160, 140), width=3)
                    if rng.random() < 0.6:
                        _item(pen, rng, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, side * 0.3)
            case "hint":
                text = pick(
                    rng, ("PRESS START", "GAME OVER", "READY!", "E: " + words(rng, 2), "시작", "STAGE 1-2", "FPS: 60")
                )
                put(
                    pen,
                    (w / 2, h * rng.choice([0.25, 0.5, 0.8])),
                    text,
                    ink,
                    small,
                    style=style,
                    anchor="mm",
                    rim=(0, 0, 0),
                )
            case "panel":
                if rng.random() < 0.5:
                    top = h * rng.uniform(0.74, 0.84)
                    tone = pick(rng, ((20, 20, 30), (70, 50, 30), (240, 240, 235), (40, 40, 90)))
                    pen.rectangle([w * 0.03, top, w * 0.97, h * 0.97], fill=tone, outline=WHITE, width=4)
                    for row in range(2):
                        text = phrase(rng, 5)
                        text_ink = INK if sum(tone) > 380 else WHITE
                        put(
                            pen,
                            (w * 0.07, top + small * (1 + row * 1.3)),
                            text,
                            text_ink,
                            round(small * 0.9),
                            style=style,
                        )
            case _:
                if rng.random() < 0.3:
                    text = phrase(rng, 1).upper()
                    big = fit(text, w * 0.6, round(h * 0.16), style)
                    put(pen, (w / 2, h * 0.22), text, vivid(rng), big, style=style, anchor="mm", rim=(10, 10, 20))


def _item(pen: ImageDraw.ImageDraw, rng: np.random.Generator, x: float, y: float, r: float) -> None:
    """A thing to own: gem, potion, sword, coin, chest."""
    tone, edge = vivid(rng), max(round(r * 0.12), 1)
    kind = int(rng.integers(5))
    if kind == 0:
        pen.polygon(
            [
                (x - r, y - r * 0.2),
                (x - r * 0.5, y - r * 0.8),
                (x + r * 0.5, y - r * 0.8),
                (x + r, y - r * 0.2),
                (x, y + r),
            ],
            fill=tone,
            outline=INK,
        )
    elif kind == 1:
        pen.rectangle([x - r * 0.25, y - r, x + r * 0.25, y - r * 0.3], fill=(220, 220, 230))
        pen.ellipse([x - r * 0.8, y - r * 0.5, x + r * 0.8, y + r], fill=tone, outline=INK, width=edge)
    elif kind == 2:
        pen.line(
            [x - r * 0.8, y + r * 0.8, x + r * 0.9, y - r * 0.9], fill=(210, 214, 226), width=max(round(r * 0.3), 2)
        )
        pen.line([x - r * 0.7, y + r * 0.1, x - r * 0.1, y + r * 0.7], fill=tone, width=max(round(r * 0.25), 2))
    elif kind == 3:
        pen.ellipse(
            [x - r * 0.8, y - r * 0.8, x + r * 0.8, y + r * 0.8],
            fill=(250, 200, 40),
            outline=(150, 100, 20),
            width=edge,
        )
    else:
        pen.rectangle([x - r, y - r * 0.6, x + r, y + r * 0.8], fill=(140, 90, 40), outline=INK, width=edge)
        pen.rectangle([x - r * 0.15, y - r * 0.1, x + r * 0.15, y + r * 0.3], fill=(250, 210, 60))


def _hero(pen: ImageDraw.ImageDraw, rng: np.random.Generator, x: float, foot: float, tall: float) -> None:
    """A little fighter, robot or slime standing at ``foot``."""
    tone, cloth = vivid(rng), vivid(rng)
    kind = int(rng.integers(3))
    edge = max(round(tall * 0.03), 1)
    if kind == 0:
        pen.chord(
            [x - tall * 0.6, foot - tall, x + tall * 0.6, foot + tall], 180, 360, fill=tone, outline=INK, width=edge
        )
    else:
        pen.rectangle([x - tall * 0.2, foot - tall * 0.35, x - tall * 0.04, foot], fill=blend(cloth, INK, 0.4))
        pen.rectangle([x + tall * 0.04, foot - tall * 0.35, x + tall * 0.2, foot], fill=blend(cloth, INK, 0.4))
        pen.rectangle(
            [x - tall * 0.25, foot - tall * 0.65, x + tall * 0.25, foot - tall * 0.3],
            fill=cloth,
            outline=INK,
            width=edge,
        )
        skin = (250, 210, 170) if kind == 1 else (160, 170, 180)
        pen.ellipse(
            [x - tall * 0.26, foot - tall, x + tall * 0.26, foot - tall * 0.55], fill=skin, outline=INK, width=edge
        )
        pen.pieslice([x - tall * 0.28, foot - tall * 1.04, x + tall * 0.28, foot - tall * 0.6], 180, 360, fill=tone)
        pen.line(
            [x + tall * 0.3, foot - tall * 0.3, x + tall * 0.6, foot - tall * 0.8], fill=(200, 204, 214), width=edge * 2
        )
    for side in (-1, 1):
        ex, ey, er = x + side * tall * 0.1, foot - tall * 0.72, max(tall * 0.04, 1)
        pen.ellipse([ex - er, ey - er, ex + er, ey + er], fill=INK)


def _platformer(rng: np.random.Generator, w: int, h: int) -> Image.Image:
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
            _tile(pen, column * tile, h - (row + 1) * tile, tile, top_tone if row == level - 1 else body, bricks)
    for _ in range(int(rng.integers(3, 8))):
        x, y = rng.uniform(0, w), h - tile * rng.integers(4, 8)
        for place in range(int(rng.integers(2, 6))):
            _tile(pen, x + place * tile, y, tile, body, bricks)
            if rng.random() < 0.5:
                r = tile * 0.25
                cx, cy = x + (place + 0.5) * tile, y - tile * 0.6
                pen.ellipse([cx - r, cy - r, cx + r, cy + r], fill=(250, 205, 50), outline=(170, 120, 20), width=2)
        if rng.random() < 0.5:
            _hero(pen, rng, x + tile, y, tile * rng.uniform(1, 1.8))
    _hero(pen, rng, w * rng.uniform(0.2, 0.7), h - tile * level, tile * rng.uniform(1.1, 2))
    return image


def _tile(pen: ImageDraw.ImageDraw, x: float, y: float, side: float, tone: Color, edged: bool) -> None:
    pen.rectangle([x, y, x + side, y + side], fill=tone, outline=blend(tone, INK, 0.4) if edged else None, width=2)
    if edged:
        pen.line([x + 2, y + 2, x + side - 2, y + 2], fill=blend(tone, WHITE, 0.35), width=3)


def _top_down(rng: np.random.Generator, w: int, h: int) -> Image.Image:
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
                _hero(pen, rng, x + side / 2, y + side, side * rng.uniform(0.8, 1.3))
    return image


def _isometric(rng: np.random.Generator, w: int, h: int) -> Image.Image:
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


def _space(rng: np.random.Generator, w: int, h: int) -> Image.Image:
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


def _puzzle(rng: np.random.Generator, w: int, h: int) -> Image.Image:
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
                    _tile(pen, x, y, side, tone, True)
            elif kind == "items":
                pen.rectangle(
                    [x + 2, y + 2, x + side - 2, y + side - 2], fill=(64, 58, 54), outline=(130, 120, 104), width=2
                )
                if rng.random() < 0.6:
                    _item(pen, rng, x + side / 2, y + side / 2, side * 0.34)
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
                _tile(pen, x, y, side, blend(tones[(row + column) % 2], WHITE, 0.4), True)
                if rng.random() < 0.3:
                    _hero(pen, rng, x + side / 2, y + side * 0.95, side * 0.9)
    return image


def _dungeon(rng: np.random.Generator, w: int, h: int) -> Image.Image:
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
                (_item if rng.random() < 0.5 else _hero)(
                    pen, rng, x + side / 2, y + side * 0.8, side * rng.uniform(0.4, 0.9)
                )
    x, y = w * rng.uniform(0.3, 0.7), h * rng.uniform(0.3, 0.7)
    _hero(pen, rng, x, y, side * 1.4)
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


def _menu(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """A title screen: a game's name over dim art, and what one may choose."""
    behind = pick(rng, (_platformer, _space, _dungeon, open_world, corridor))
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


def _fight(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """Two fighters under their bars."""
    image = pick(rng, (_platformer, open_world))(rng, w, h)
    pen = ImageDraw.Draw(image)
    pen.rectangle([0, h * 0.86, w, h], fill=hsv(rng.random(), 0.3, 0.4))
    for side in (0, 1):
        _hero(pen, rng, w * (0.32 + 0.36 * side), h * 0.9, h * rng.uniform(0.35, 0.5))
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


def _windowed(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return the screen inside a window's frame."""
    w, h = image.size
    bar = round(h * 0.05)
    framed = Image.new("RGB", (w, h), pick(rng, ((222, 222, 226), (60, 62, 68), (40, 90, 180))))
    framed.paste(image.resize((w - 8, h - bar - 4)), (4, bar))
    put(ImageDraw.Draw(framed), (bar * 0.5, bar / 2), phrase(rng, 2), INK, round(bar * 0.6))
    return framed


_KINDS: tuple[Callable[[np.random.Generator, int, int], Image.Image], ...] = (
    _platformer, _platformer, _top_down, _top_down, _isometric, _space, _puzzle, _dungeon, _menu, _fight,
    corridor, corridor, open_world, open_world, open_world, road,
)  # fmt: skip
