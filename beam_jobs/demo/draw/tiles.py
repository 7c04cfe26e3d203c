"""Repeated and blocky pictures: pixel_art and pattern_background."""

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import (
    WHITE,
    Color,
    Points,
    blend,
    blur,
    extent,
    grain,
    hsv,
    noise,
    oval,
    pastel,
    pick,
    sheet,
    shrink,
    smooth,
    vivid,
    xy,
)
from beam_jobs.demo.draw.ornaments import ornament
from beam_jobs.demo.draw.textures import surface


def pixel_art(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a symmetric sprite, a sheet of sprites or a little side-scroller scene in large pixels."""
    kind = int(rng.integers(4))
    if kind == 3:
        cells = _scene(rng)
    else:
        count = (1, 1, 3)[kind]
        ground = np.array(
            WHITE if rng.random() < 0.4 else pastel(rng) if rng.random() < 0.6 else hsv(rng.random(), 0.4, 0.22)
        )
        tiles = [[_sprite(rng, ground) for _ in range(count)] for _ in range(count)]
        cells = np.concatenate([np.concatenate(row, axis=1) for row in tiles], axis=0)
    scale = max(size // max(cells.shape[:2]), 1)
    image = Image.fromarray(cells.astype(np.uint8))
    return image.resize((image.width * scale, image.height * scale), Image.Resampling.NEAREST)


def _sprite(rng: np.random.Generator, ground: Points) -> Points:
    """Return a mirrored creature or gem on a square of 16 or 20 cells, outlined."""
    half, tall = int(rng.integers(5, 8)), int(rng.integers(11, 15))
    y, x = np.mgrid[0:tall, 0:half]
    shape = ((x - half + 0.5) / half) ** 2 + ((y - tall / 2) / (tall / 2)) ** 2 < rng.uniform(0.6, 0.95)
    shape &= rng.random((tall, half)) < 0.93
    shape |= (x > half - 3) & (y > 1) & (y < tall - 1)
    body = np.concatenate([shape, shape[:, ::-1]], axis=1)
    main, second = vivid(rng), vivid(rng)
    tone = np.where(rng.random((tall, half)) < 0.18, 1, 0)
    tone = np.maximum(tone, (y > tall * rng.uniform(0.55, 0.75)).astype(int))
    tones = np.concatenate([tone, tone[:, ::-1]], axis=1)
    light = (np.arange(2 * half)[None, :] < half) & (np.arange(tall)[:, None] < tall * 0.5)
    colors = np.where(tones[..., None] == 1, np.array(second), np.array(main)).astype(float)
    colors = np.where(light[..., None], np.minimum(colors * 1.15 + 10, 255), colors * 0.9)
    side = max(tall, 2 * half) + 4
    board = np.tile(ground.astype(float), (side, side, 1))
    top, left = (side - tall) // 2, (side - 2 * half) // 2
    solid = np.zeros((side, side), dtype=bool)
    solid[top : top + tall, left : left + 2 * half] = body
    ring = np.zeros_like(solid)
    for axis, step in ((0, 1), (0, -1), (1, 1), (1, -1)):
        ring |= np.roll(solid, step, axis=axis)
    board[ring & ~solid] = (30, 26, 40)
    board[top : top + tall, left : left + 2 * half][body] = colors[body]
    eye_y, eye_x = top + tall // 3, half // 2
    for column in (left + half - 1 - eye_x // 2 - 1, left + half + eye_x // 2 + 1):
        board[eye_y : eye_y + 2, column] = (255, 255, 255)
        board[eye_y + 1, column] = (20, 20, 30)
    extra = np.tile(ground.astype(float), (20, 20, 1))
    edge = min(side, 20)
    extra[:edge, :edge] = board[:edge, :edge]
    return extra


def _scene(rng: np.random.Generator) -> Points:
    wide, tall = int(rng.integers(32, 49)), int(rng.integers(24, 33))
    hue = rng.choice([0.55, 0.6, 0.05, 0.75])
    board = np.zeros((tall, wide, 3))
    bands = np.linspace(0, 1, tall)[:, None]
    steps = np.floor(bands * 5) / 5
    board[:] = (np.array(hsv(hue, 0.7, 0.75)) * (1 - steps) + np.array(hsv(hue, 0.25, 1.0)) * steps)[
        :, None, :
    ].reshape(tall, 1, 3)
    sun_x, sun_y = int(rng.integers(5, wide - 5)), int(rng.integers(4, 8))
    y, x = np.mgrid[0:tall, 0:wide]
    board[(x - sun_x) ** 2 + (y - sun_y) ** 2 < 8] = (255, 240, 170)
    for layer, shade in ((0.55, 0.55), (0.68, 0.4)):
        ridge = tall * layer + np.cumsum(rng.integers(-1, 2, wide))
        board[y > ridge[None, :]] = hsv(hue + 0.05, 0.45, shade + 0.15)
    floor = tall - int(rng.integers(5, 8))
    board[floor:] = (134, 84, 48)
    board[floor : floor + 2] = (86, 176, 72)
    speck = (rng.random((tall, wide)) < 0.15) & (y > floor + 1)
    board[speck] = (104, 62, 36)
    for left in rng.integers(2, wide - 6, int(rng.integers(2, 5))):
        level = floor - int(rng.integers(4, 9))
        board[level : level + 2, left : left + 5] = (200, 120, 60)
        board[level, left : left + 5] = (236, 170, 90)
    for left in rng.integers(1, wide - 2, 5):
        board[floor - 9 : floor - 8, left : left + 1] = (255, 215, 60)
    hero = int(rng.integers(3, wide - 8))
    board[floor - 6 : floor - 4, hero : hero + 4] = vivid(rng)
    board[floor - 4 : floor - 2, hero : hero + 4] = (250, 210, 170)
    board[floor - 4, hero + 3] = (30, 20, 20)
    board[floor - 2 : floor, hero : hero + 4] = vivid(rng)
    return board


def pattern_background(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a seamless pattern, a texture or a soft backdrop for slides."""
    width, height = extent(rng, size, 0.8, 1.6)
    if rng.random() < 0.8:
        return surface(rng, width, height) if rng.random() < 0.55 else ornament(rng, width, height)
    kind = pick(
        rng,
        [
            "dots",
            "stripes",
            "checks",
            "waves",
            "shapes",
            "triangles",
            "scales",
            "marble",
            "wood",
            "paper",
            "bokeh",
            "swoosh",
        ],
    )
    hue = rng.random()
    base = hsv(hue, rng.uniform(0.1, 0.5), rng.uniform(0.8, 1.0)) if rng.random() < 0.75 else hsv(hue, 0.6, 0.3)
    marks = [hsv(hue + d, rng.uniform(0.3, 0.8), rng.uniform(0.5, 0.98)) for d in (0.0, 0.08, 0.5)] + [WHITE]
    if kind in ("marble", "wood", "paper"):
        return _texture(rng, width, height, kind, base)
    image, pen = sheet(width, height, base)
    w, h = image.size
    step = w / int(rng.integers(5, 12))
    if kind == "bokeh":
        for _ in range(40):
            x, y, r = rng.uniform(0, w), rng.uniform(0, h), w * rng.uniform(0.03, 0.12)
            pen.ellipse(
                [x - r, y - r, x + r, y + r], fill=blend(base, marks[int(rng.integers(4))], rng.uniform(0.15, 0.5))
            )
        return shrink(blur(image, w * rng.uniform(0.004, 0.02)))
    if kind == "swoosh":
        for layer in range(5):
            crest = h * (0.45 + 0.12 * layer) + rng.normal(0, h * 0.1, 6)
            top = smooth(np.stack([np.linspace(-0.1, 1.1, 6) * w, crest], axis=1), closed=False, steps=16)
            pen.polygon(
                [*xy(top), (w * 1.1, h * 1.1), (-w * 0.1, h * 1.1)],
                fill=blend(base, marks[layer % 3], 0.15 + 0.15 * layer),
            )
        return shrink(image)
    turn = rng.uniform(0, np.pi)
    for row, y in enumerate(np.arange(-step, h + step, step if kind != "scales" else step / 2)):
        for column, x in enumerate(np.arange(-step, w + step, step)):
            px = x + (step / 2 if row % 2 and kind in ("dots", "shapes", "scales") else 0)
            color = marks[(row * 3 + column * 2) % (4 if kind in ("triangles", "shapes") else 1)]
            _mark(pen, kind, (px, y), step, color, base, (row, column), turn)
    if kind in ("stripes", "waves"):
        for row, shift in enumerate(np.arange(-w, w + h, step)):
            if kind == "waves":
                across = np.linspace(0, w, 160)
                line = np.stack([across, shift + np.sin(across / step * 2 * np.pi) * step * 0.25], axis=1)
                pen.line(xy(line), fill=marks[row % 3], width=round(step * 0.3), joint="curve")
            else:
                end = (shift + h, h) if turn > 1 else (shift, h)
                pen.line([shift, 0, *end], fill=marks[row % 2], width=round(step * 0.35))
    return shrink(image)


def _mark(
    pen: ImageDraw.ImageDraw,
    kind: str,
    at: tuple[float, float],
    step: float,
    color: Color,
    base: Color,
    place: tuple[int, int],
    turn: float,
) -> None:
    x, y = at
    match kind:
        case "dots":
            pen.ellipse([x - step * 0.25, y - step * 0.25, x + step * 0.25, y + step * 0.25], fill=color)
        case "checks":
            if (place[0] + place[1]) % 2:
                pen.rectangle([x, y, x + step, y + step], fill=color)
            elif place[0] % 2:
                pen.rectangle([x, y, x + step, y + step], fill=blend(base, color, 0.4))
        case "triangles":
            pen.polygon([(x, y), (x + step, y), (x, y + step)], fill=color)
            pen.polygon([(x + step, y), (x + step, y + step), (x, y + step)], fill=blend(color, base, 0.5))
        case "scales":
            r = step * 0.5
            for part, tone in ((1.0, color), (0.85, base), (0.6, color), (0.42, base)):
                pen.ellipse([x - r * part, y - r * part, x + r * part, y + r * part], fill=tone)
        case "shapes":
            r = step * 0.3
            angle = np.arange(10) * np.pi / 5 + turn + place[1]
            reach = np.where(np.arange(10) % 2 == 0, r, r * 0.45)
            if (place[0] + place[1]) % 3 == 0:
                pen.polygon(xy(np.stack([x + np.cos(angle) * reach, y + np.sin(angle) * reach], axis=1)), fill=color)
            elif (place[0] + place[1]) % 3 == 1:
                pen.polygon(xy(oval(x, y, r * 0.9, r * 0.45, turn + place[0])), fill=color)
            else:
                pen.ellipse(
                    [x - r * 0.5, y - r * 0.5, x + r * 0.5, y + r * 0.5], outline=color, width=round(step * 0.07)
                )


def _texture(rng: np.random.Generator, width: int, height: int, kind: str, base: Color) -> Image.Image:
    w, h = width, height
    field = noise(rng, w, h, cells=3, octaves=6)
    if kind == "marble":
        vein = (
            np.abs(np.sin((np.linspace(0, 3, w)[None, :] + np.linspace(0, 2, h)[:, None] + field * 3.5) * np.pi)) ** 0.4
        )
        light = blend(base, WHITE, 0.7)
        pixels = np.array(light) * vein[..., None] + np.array(blend(base, (40, 40, 50), 0.6)) * (1 - vein[..., None])
    elif kind == "wood":
        brown = np.array(hsv(rng.uniform(0.05, 0.1), rng.uniform(0.3, 0.65), rng.uniform(0.45, 0.85)))
        stretched = np.asarray(Image.fromarray(field.astype(np.float32)).resize((w, h * 6)).crop((0, 0, w, h)))
        ring = np.sin(stretched * 40 + np.linspace(0, 8, w)[None, :])
        plank = (np.arange(h) % max(h // 4, 1) < 2)[:, None]
        pixels = brown * (0.9 + 0.12 * ring[..., None] - 0.35 * plank[..., None])
    else:
        pixels = np.array(blend(base, (235, 222, 196), 0.7)) * (0.85 + 0.3 * field[..., None])
    return grain(Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)), rng, 4 if kind == "paper" else 2)
