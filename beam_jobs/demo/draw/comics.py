"""webtoon_comic: panels with flat-coloured characters and speech balloons."""

from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import (
    INK,
    WHITE,
    Color,
    blend,
    extent,
    font,
    gradient,
    hsv,
    oval,
    pastel,
    pick,
    sheet,
    shrink,
    smooth,
    vivid,
    xy,
)

_LINES = ("WAIT!", "No way...", "Really?", "Let's go!", "Hmm...", "What?!", "I knew it", "Run!", "Hello?", "Ha ha!")
_SKINS: tuple[Color, ...] = ((255, 224, 196), (244, 200, 162), (214, 160, 116), (255, 233, 214))
Box = tuple[float, float, float, float]


def webtoon_comic(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw one to six panels, each with a background, people and a balloon."""
    width, height = extent(rng, size, 0.55, 1.05)
    image, pen = sheet(width, height, WHITE if rng.random() < 0.8 else (22, 22, 28))
    cast = [
        (_SKINS[int(rng.integers(4))], vivid(rng) if rng.random() < 0.6 else hsv(0.07, 0.5, 0.22), vivid(rng))
        for _ in range(2)
    ]
    gap = image.width * 0.025
    rows = int(rng.integers(2, 5)) if width < height * 0.85 else int(rng.integers(1, 3))
    cuts = np.cumsum(rng.uniform(0.7, 1.3, rows))
    edges = np.concatenate([[0.0], cuts / cuts[-1]]) * (image.height - gap) + gap
    for top, bottom in pairwise(edges):
        split = rng.uniform(0.38, 0.62) if rng.random() < 0.5 else 1.0
        left = gap
        for share in (split, 1 - split):
            if share > 0.05:
                wide = (image.width - gap) * share - gap
                _panel(image, pen, rng, (left, top, wide, bottom - top - gap), cast)
                left += wide + gap
    return shrink(image)


def _panel(
    image: Image.Image,
    pen: ImageDraw.ImageDraw,
    rng: np.random.Generator,
    box: Box,
    cast: list[tuple[Color, Color, Color]],
) -> None:
    left, top, wide, high = box
    panel = gradient(
        round(wide), round(high), [pastel(rng), hsv(rng.random(), rng.uniform(0.2, 0.55), rng.uniform(0.7, 1))]
    )
    inner = ImageDraw.Draw(panel)
    mood = int(rng.integers(4))
    if mood == 0:
        for angle in np.linspace(0, 2 * np.pi, 40, endpoint=False):
            far = max(wide, high)
            tip = np.array([wide / 2 + np.cos(angle) * far * 0.33, high / 2 + np.sin(angle) * far * 0.33])
            ends = [
                np.array([wide / 2 + np.cos(angle + d) * far, high / 2 + np.sin(angle + d) * far])
                for d in (-0.03, 0.03)
            ]
            inner.polygon(xy(np.stack([tip, *ends])), fill=WHITE)
    elif mood == 1:
        for _ in range(5):
            x, span, tall = rng.uniform(0, wide), wide * rng.uniform(0.12, 0.25), high * rng.uniform(0.3, 0.7)
            color = blend(vivid(rng), WHITE, 0.4)
            inner.rectangle([x, high - tall, x + span, high], fill=color, outline=INK, width=2)
            for row in np.arange(high - tall + 14, high - 10, 30):
                inner.rectangle([x + span * 0.2, row, x + span * 0.4, row + 12], fill=(255, 244, 190))
                inner.rectangle([x + span * 0.6, row, x + span * 0.8, row + 12], fill=(255, 244, 190))
    elif mood == 2:
        step = max(round(wide / 18), 8)
        for row in range(0, round(high), step):
            for column in range(0, round(wide), step):
                inner.ellipse([column, row, column + step * 0.4, row + step * 0.4], fill=blend(pastel(rng), WHITE, 0.5))
    people = 2 if wide > high * 1.1 and rng.random() < 0.6 else 1
    speech = rng.random() < 0.85
    for index in range(people):
        x = wide * (0.5 if people == 1 else (0.3, 0.7)[index]) + rng.normal(0, wide * 0.03)
        _person(
            inner,
            rng,
            x,
            high,
            min(wide * (0.85 if people == 1 else 0.5), high * 0.62) * rng.uniform(0.8, 1.05),
            cast[(index + int(rng.integers(2) if people == 1 else 0)) % 2],
        )
    if speech:
        _balloon(inner, rng, wide, high)
    image.paste(panel, (round(left), round(top)))
    pen.rectangle([left, top, left + wide, top + high], outline=INK, width=4)


def _person(
    pen: ImageDraw.ImageDraw,
    rng: np.random.Generator,
    x: float,
    floor: float,
    unit: float,
    who: tuple[Color, Color, Color],
) -> None:
    """Draw head and shoulders; ``unit`` is the height of the head with hair."""
    skin, hair, cloth = who
    y, rx, ry = floor - unit * 0.72, unit * 0.34, unit * 0.38
    stroke = max(round(unit * 0.02), 2)
    long_hair = rng.random() < 0.5
    at = np.array([x, y])

    def shape(points: list[tuple[float, float]], color: Color) -> None:
        outline = smooth(np.asarray(points)) * unit + at
        pen.polygon(xy(outline), fill=color)
        pen.line(xy(np.concatenate([outline, outline[:2]])), fill=INK, width=stroke, joint="curve")

    if long_hair:
        shape([(-0.42, -0.2), (0, -0.5), (0.42, -0.2), (0.5, 0.55), (0.2, 0.62), (-0.2, 0.62), (-0.5, 0.55)], hair)
    shape([(-0.65, 1.0), (-0.5, 0.5), (-0.12, 0.42), (0.12, 0.42), (0.5, 0.5), (0.65, 1.0)], cloth)
    shape([(-0.1, 0.25), (0.1, 0.25), (0.12, 0.46), (0, 0.52), (-0.12, 0.46)], skin)
    shape([(-0.34, -0.2), (0, -0.42), (0.34, -0.2), (0.32, 0.15), (0.12, 0.38), (-0.12, 0.38), (-0.32, 0.15)], skin)
    mood = int(rng.integers(3))
    for side in (-1, 1):
        ex, ey, er = x + side * rx * 0.46, y + ry * 0.12, unit * 0.062
        if mood == 2:
            pen.arc([ex - er, ey - er, ex + er, ey + er], 180, 360, fill=INK, width=stroke + 1)
        else:
            pen.polygon(xy(oval(ex, ey, er * 0.85, er * 1.35)), fill=WHITE, outline=INK)
            pen.polygon(xy(oval(ex, ey + er * 0.1, er * 0.65, er * 1.1)), fill=blend(hair, INK, 0.45))
            pen.ellipse([ex - er * 0.1, ey - er * 0.7, ex + er * 0.4, ey - er * 0.1], fill=WHITE)
        brow = er * (0.5 if mood == 1 else 0.0)
        pen.line(
            [ex - er, ey - er * 2.1 - side * -brow, ex + er, ey - er * 2.1 + side * -brow], fill=INK, width=stroke + 1
        )
        pen.polygon(
            xy(oval(ex + side * er * 0.7, ey + er * 2.1, er * 0.8, er * 0.4)), fill=blend(skin, (255, 90, 90), 0.35)
        )
    if mood == 1:
        pen.polygon(xy(oval(x, y + ry * 0.66, unit * 0.06, unit * 0.07)), fill=(150, 40, 50), outline=INK)
    else:
        pen.arc([x - unit * 0.08, y + ry * 0.45, x + unit * 0.08, y + ry * 0.7], 15, 165, fill=INK, width=stroke)
    lock = rng.uniform(-0.12, 0.12)
    shape(
        [
            (-0.38, 0.08),
            (-0.42, -0.25),
            (-0.2, -0.5),
            (0.2, -0.52),
            (0.43, -0.22),
            (0.37, 0.1),
            (0.24, -0.2),
            (lock, -0.12),
            (-0.22, -0.18),
        ],
        hair,
    )


def _balloon(pen: ImageDraw.ImageDraw, rng: np.random.Generator, wide: float, high: float) -> None:
    text = pick(rng, _LINES)
    letters = font(round(min(wide / 8, high / 9)), "bold")
    rx, ry = letters.getlength(text) * 0.72, letters.size * 1.15
    x = float(np.clip(wide * rng.choice([0.3, 0.7]), rx + 4, max(wide - rx - 4, rx + 5)))
    y = ry + high * 0.03
    tail = np.array(
        [[x - rx * 0.2, y + ry * 0.7], [x + rx * 0.25, y + ry * 0.7], [x + (wide / 2 - x) * 0.4, y + ry * 1.7]]
    )
    pen.polygon(xy(oval(x, y, rx + 3, ry + 3)), fill=INK)
    pen.line(xy(tail[[0, 2, 1]]), fill=INK, width=6)
    pen.polygon(xy(tail), fill=WHITE)
    pen.polygon(xy(oval(x, y, rx, ry)), fill=WHITE)
    pen.text((x, y), text, INK, letters, "mm")
