"""Things for sale, one alone: product_cutout."""

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import (
    INK,
    WHITE,
    Color,
    Points,
    blend,
    blur,
    extent,
    font,
    gradient,
    hsv,
    oval,
    pastel,
    sheet,
    shrink,
    smooth,
    vivid,
    words,
    xy,
)
from beam_jobs.demo.draw.wares import ware


def product_cutout(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw one thing for sale on its ground: clothes, shoes, devices, bottles, boxes, furniture, fruit, jewellery."""
    if rng.random() < 0.8:
        return ware(rng, size)
    width, height = extent(rng, size, 0.8, 1.25)
    ground = WHITE if rng.random() < 0.75 else blend(pastel(rng), WHITE, 0.6)
    image, _ = sheet(width, height, ground)
    w, h = image.size
    main = vivid(rng) if rng.random() < 0.7 else hsv(rng.random(), 0.08, rng.uniform(0.25, 0.9))
    unit = min(w, h) * rng.uniform(0.78, 1.06)
    kind = int(rng.integers(8))
    floor = h * rng.uniform(0.82, 0.9)
    shadow = Image.new("L", image.size, 0)
    spread = unit * (0.38 if kind in (3, 6) else 0.26)
    ImageDraw.Draw(shadow).ellipse(
        [w / 2 - spread, floor - unit * 0.035, w / 2 + spread, floor + unit * 0.04], fill=150
    )
    image.paste((70, 70, 78), (0, 0), blur(shadow, unit * 0.02))
    draw = (_bottle, _mug, _can, _carton, _bag, _phone, _shoe, _lamp)[kind]
    draw(image, rng, w / 2, floor, unit, main)
    return shrink(image)


def _solid(image: Image.Image, outline: Points, color: Color, *, gloss: float = 0.55, light: float = 0.3) -> None:
    """Fill an outline as if it were round: dark edges, a bright stripe at ``light`` (0–1 from the left)."""
    mask = Image.new("L", image.size, 0)
    ImageDraw.Draw(mask).polygon(xy(outline), fill=255)
    left, right = float(outline[:, 0].min()), float(outline[:, 0].max())
    u = np.clip((np.arange(image.width) - left) / max(right - left, 1), 0, 1)
    tone = 0.55 + 0.45 * np.sin(np.pi * (0.08 + 0.84 * u) ** 0.8)
    shine = np.exp(-(((u - light) / 0.07) ** 2)) * gloss + np.exp(-(((u - 0.9) / 0.04) ** 2)) * gloss * 0.35
    row = np.array(color)[None, :] * tone[:, None]
    row = row * (1 - shine[:, None]) + 255 * shine[:, None]
    paint = Image.fromarray(np.repeat(np.clip(row, 0, 255).astype(np.uint8)[None], image.height, axis=0))
    image.paste(paint, (0, 0), mask)


def _turned(profile: list[tuple[float, float]], x: float, floor: float, unit: float) -> Points:
    """Return the outline of a body of revolution; profile: (half width, height above the floor) in units."""
    side = smooth(np.asarray(profile), closed=False)
    both = np.concatenate([side, side[::-1] * np.array([-1, 1])])
    outline: Points = both * np.array([unit, -unit]) + np.array([x, floor])
    return outline


def _label(image: Image.Image, rng: np.random.Generator, box: tuple[float, float, float, float], color: Color) -> None:
    pen = ImageDraw.Draw(image)
    left, top, right, bottom = box
    mark = Image.new("RGB", image.size, color)
    mask = Image.new("L", image.size, 0)
    ImageDraw.Draw(mask).rectangle(box, fill=205)
    image.paste(mark, (0, 0), mask)
    ink = INK if sum(color) > 380 else WHITE
    pen.text(
        ((left + right) / 2, top + (bottom - top) * 0.36),
        words(rng, 1).upper()[:7],
        ink,
        font(round((right - left) / 5.4), "bold"),
        "mm",
    )
    pen.text(
        ((left + right) / 2, top + (bottom - top) * 0.7), words(rng, 1)[:8], ink, font(round((right - left) / 8)), "mm"
    )


def _bottle(image: Image.Image, rng: np.random.Generator, x: float, floor: float, unit: float, main: Color) -> None:
    body, neck, tall = rng.uniform(0.12, 0.2), rng.uniform(0.04, 0.07), rng.uniform(0.6, 0.74)
    outline = _turned(
        [
            (neck, tall),
            (neck, tall * 0.86),
            (body, tall * 0.66),
            (body, tall * 0.3),
            (body * 0.98, 0.02),
            (body * 0.8, 0),
        ],
        x,
        floor,
        unit,
    )
    _solid(image, outline, main)
    cap = np.array([[-1.15, 0], [1.15, 0], [1.15, 0.09], [-1.15, 0.09]]) * np.array([neck * unit, -unit]) + np.array(
        [x, floor - tall * unit]
    )
    _solid(image, cap, vivid(rng) if rng.random() < 0.5 else (60, 60, 66))
    _label(
        image,
        rng,
        (x - body * unit * 0.86, floor - tall * unit * 0.55, x + body * unit * 0.86, floor - tall * unit * 0.18),
        WHITE if rng.random() < 0.6 else vivid(rng),
    )


def _mug(image: Image.Image, rng: np.random.Generator, x: float, floor: float, unit: float, main: Color) -> None:
    pen = ImageDraw.Draw(image)
    r, tall = unit * rng.uniform(0.2, 0.25), unit * rng.uniform(0.42, 0.52)
    for width, tone in ((round(r * 0.3), blend(main, INK, 0.35)), (round(r * 0.16), main)):
        pen.ellipse([x + r * 0.55, floor - tall * 0.8, x + r * 1.65, floor - tall * 0.2], outline=tone, width=width)
    body = np.array([[-1, 1], [1, 1], [0.94, 0.06], [0.8, 0], [-0.8, 0], [-0.94, 0.06]]) * np.array(
        [r, -tall]
    ) + np.array([x, floor])
    _solid(image, body, main)
    pen.polygon(xy(oval(x, floor - tall, r, r * 0.22)), fill=blend(main, WHITE, 0.35))
    pen.polygon(
        xy(oval(x, floor - tall + r * 0.03, r * 0.88, r * 0.17)),
        fill=(70, 44, 28) if rng.random() < 0.6 else blend(main, INK, 0.5),
    )
    if rng.random() < 0.6:
        pen.text(
            (x, floor - tall * 0.48),
            words(rng, 1)[:6].title(),
            WHITE if sum(main) < 480 else INK,
            font(round(r * 0.36), "serif_bold"),
            "mm",
        )


def _can(image: Image.Image, rng: np.random.Generator, x: float, floor: float, unit: float, main: Color) -> None:
    r, tall = rng.uniform(0.13, 0.18), rng.uniform(0.5, 0.62)
    _solid(
        image,
        _turned([(r * 0.86, tall), (r, tall * 0.93), (r, tall * 0.07), (r * 0.86, 0)], x, floor, unit),
        (190, 194, 200),
    )
    box = np.array([[-1, 0.92], [1, 0.92], [1, 0.08], [-1, 0.08]]) * np.array([r * unit, -tall * unit]) + np.array(
        [x, floor]
    )
    _solid(image, box, main)
    pen = ImageDraw.Draw(image)
    pen.polygon(
        xy(oval(x, floor - tall * unit, r * unit * 0.86, r * unit * 0.18)),
        fill=(216, 220, 226),
        outline=(130, 134, 140),
    )
    pen.polygon(xy(oval(x, floor - tall * unit, r * unit * 0.25, r * unit * 0.06)), fill=(150, 154, 160))
    _label(
        image,
        rng,
        (x - r * unit * 0.8, floor - tall * unit * 0.68, x + r * unit * 0.8, floor - tall * unit * 0.35),
        vivid(rng),
    )


def _carton(image: Image.Image, rng: np.random.Generator, x: float, floor: float, unit: float, main: Color) -> None:
    pen = ImageDraw.Draw(image)
    w, h, deep = unit * rng.uniform(0.34, 0.46), unit * rng.uniform(0.35, 0.58), unit * rng.uniform(0.1, 0.18)
    left = x - (w + deep) / 2
    front = [(left, floor - h), (left + w, floor - h * 1.0), (left + w, floor), (left, floor)]
    side = [
        (left + w, floor - h),
        (left + w + deep, floor - h - deep * 0.4),
        (left + w + deep, floor - deep * 0.4),
        (left + w, floor),
    ]
    top = [
        (left, floor - h),
        (left + deep, floor - h - deep * 0.4),
        (left + w + deep, floor - h - deep * 0.4),
        (left + w, floor - h),
    ]
    for shape, tone in ((front, main), (side, blend(main, INK, 0.35)), (top, blend(main, WHITE, 0.4))):
        pen.polygon(shape, fill=tone)
    pen.polygon(
        [
            (left + w * 0.1, floor - h * 0.12),
            (left + w * 0.9, floor - h * 0.12),
            (left + w * 0.9, floor - h * 0.4),
            (left + w * 0.1, floor - h * 0.5),
        ],
        fill=vivid(rng),
    )
    _label(image, rng, (left + w * 0.12, floor - h * 0.88, left + w * 0.88, floor - h * 0.58), WHITE)


def _bag(image: Image.Image, rng: np.random.Generator, x: float, floor: float, unit: float, main: Color) -> None:
    pen = ImageDraw.Draw(image)
    w, h = unit * rng.uniform(0.27, 0.34), unit * rng.uniform(0.36, 0.46)
    loop = unit * 0.15
    pen.arc(
        [x - loop, floor - h - loop * 1.4, x + loop, floor - h + loop * 1.4],
        180,
        360,
        fill=blend(main, INK, 0.5),
        width=round(unit * 0.028),
    )
    body = smooth(
        np.array([[-0.8, 1], [0.8, 1], [0.95, 0.5], [1.05, 0.04], [0.9, 0], [-0.9, 0], [-1.05, 0.04], [-0.95, 0.5]])
        * np.array([w, -h])
        + np.array([x, floor]),
        steps=5,
    )
    _solid(image, body, main, gloss=0.18)
    flap = smooth(
        np.array([[-0.82, 1], [0.82, 1], [0.75, 0.6], [0, 0.42], [-0.75, 0.6]]) * np.array([w, -h])
        + np.array([x, floor]),
        steps=5,
    )
    _solid(image, flap, blend(main, INK, 0.2), gloss=0.2)
    pen.rounded_rectangle(
        [x - unit * 0.03, floor - h * 0.52, x + unit * 0.03, floor - h * 0.38],
        6,
        fill=(226, 190, 90),
        outline=(140, 110, 40),
        width=2,
    )


def _phone(image: Image.Image, rng: np.random.Generator, x: float, floor: float, unit: float, main: Color) -> None:
    pen = ImageDraw.Draw(image)
    w, h = unit * rng.uniform(0.17, 0.2), unit * rng.uniform(0.66, 0.74)
    pen.rounded_rectangle([x - w - 5, floor - h, x + w + 5, floor], w * 0.28, fill=blend(main, INK, 0.5))
    pen.rounded_rectangle([x - w, floor - h + 5, x + w, floor - 5], w * 0.24, fill=(14, 14, 18))
    screen = gradient(round(w * 1.84), round(h * 0.94), [vivid(rng), vivid(rng), pastel(rng)])
    mask = Image.new("L", screen.size, 0)
    ImageDraw.Draw(mask).rounded_rectangle([0, 0, *screen.size], w * 0.18, fill=255)
    image.paste(screen, (round(x - w * 0.92), round(floor - h * 0.97)), mask)
    pen.text((x, floor - h * 0.78), f"{rng.integers(1, 12)}:{rng.integers(10, 59)}", WHITE, font(round(w * 0.5)), "mm")
    for row in range(3):
        for column in range(4):
            left, top = x - w * 0.78 + column * w * 0.42, floor - h * (0.42 - 0.13 * row)
            pen.rounded_rectangle([left, top, left + w * 0.28, top + w * 0.28], 8, fill=vivid(rng))


def _shoe(image: Image.Image, rng: np.random.Generator, x: float, floor: float, unit: float, main: Color) -> None:
    pen, wide = ImageDraw.Draw(image), unit * rng.uniform(0.74, 0.84)
    at = np.array([x - wide / 2, floor])
    upper = np.array(
        [
            [0.04, 0.1],
            [0.03, 0.42],
            [0.14, 0.47],
            [0.3, 0.38],
            [0.42, 0.34],
            [0.62, 0.2],
            [0.88, 0.16],
            [0.98, 0.08],
            [0.5, 0.05],
        ]
    )
    _solid(image, smooth(upper * np.array([wide, -wide]) + at), main, gloss=0.2, light=0.45)
    sole = np.array([[0.02, 0.1], [0.5, 0.09], [0.99, 0.1], [1.0, 0.03], [0.9, 0.0], [0.1, 0.0], [0.01, 0.03]])
    pen.polygon(xy(smooth(sole * np.array([wide, -wide]) + at, steps=5)), fill=(238, 238, 236), outline=(170, 170, 170))
    for step in range(5):
        a = (
            np.array([[0.36 + 0.055 * step, 0.34 - 0.035 * step], [0.43 + 0.05 * step, 0.25 - 0.028 * step]])
            * np.array([wide, -wide])
            + at
        )
        pen.line(xy(a), fill=WHITE, width=round(wide * 0.018))
    swoosh = np.array([[0.2, 0.16], [0.3, 0.12], [0.58, 0.2], [0.32, 0.17]]) * np.array([wide, -wide]) + at
    pen.polygon(xy(smooth(swoosh)), fill=vivid(rng))


def _lamp(image: Image.Image, rng: np.random.Generator, x: float, floor: float, unit: float, main: Color) -> None:
    tall, r = rng.uniform(0.6, 0.7), rng.uniform(0.17, 0.22)
    _solid(
        image, _turned([(0.014, tall * 0.7), (0.014, 0.06), (0.1, 0.03), (0.12, 0)], x, floor, unit), (150, 130, 100)
    )
    if rng.random() < 0.5:
        _solid(
            image,
            _turned([(0.02, tall * 0.45), (0.08, tall * 0.28), (0.05, 0.04)], x, floor, unit),
            blend(main, INK, 0.4),
        )
    shade = np.array([[-r * 0.55, tall], [r * 0.55, tall], [r, tall * 0.6], [-r, tall * 0.6]]) * np.array(
        [unit, -unit]
    ) + np.array([x, floor])
    _solid(image, shade, blend(main, (255, 236, 190), 0.5), gloss=0.25, light=0.5)
