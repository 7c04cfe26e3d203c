"""Drawings without and with shading: coloring_page and pencil_sketch."""

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageOps

from beam_jobs.demo.draw.canvas import (
    INK,
    SUPERSAMPLE,
    WHITE,
    Color,
    Points,
    blend,
    blur,
    extent,
    font,
    noise,
    oval,
    pick,
    sheet,
    shrink,
    smooth,
    wobble,
    xy,
)
from beam_jobs.demo.draw.colorings import page_to_color
from beam_jobs.demo.draw.figures import FIGURES, paint

_BLANK: dict[str, Color] = dict.fromkeys(
    ("hair", "skin", "dress", "trim", "gold", "fur", "belly", "leaf", "sky", "white"), WHITE
)


def coloring_page(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw black outlines to be coloured in: princess, animals, mandala, house, car."""
    if rng.random() < 0.65:
        return page_to_color(rng, size)
    width, height = extent(rng, size, 0.68, 1.0)
    image, pen = sheet(width, height)
    big_w, big_h = image.size
    dark = {**_BLANK, "dark": INK}
    frame = rng.random() < 0.4
    if frame:
        inset = big_w * 0.03
        pen.rectangle([inset, inset, big_w - inset, big_h - inset], outline=INK, width=int(rng.integers(3, 7)))
    name = pick(rng, [*FIGURES, "princess", "mandala"])
    title = rng.random() < 0.3
    side = min(big_w * 0.88, big_h * (0.78 if title else 0.88))
    tall = side * (rng.uniform(1.0, 1.12) if name not in ("mandala", "car") else 1.0)
    tall = min(tall, big_h * 0.86)
    left, top = (big_w - side) / 2, (big_h - tall) / 2 + (big_h * 0.05 if title else 0)
    stroke = rng.uniform(0.006, 0.012) * big_w
    figure = FIGURES[name](rng)
    paint(pen, figure, (left, top, side, tall), colors=dark, width=stroke, mirror=rng.random() < 0.5)
    if name != "mandala" and rng.random() < 0.7:
        for _ in range(int(rng.integers(4, 10))):
            _ornament(pen, rng, (big_w, big_h), stroke)
    if title:
        text = pick(rng, ["COLOR ME!", "Coloring fun", "My page", "Color & draw"])
        pen.text(
            (big_w / 2, big_h * 0.065),
            text,
            WHITE,
            font(int(big_w * 0.08), "bold"),
            "mm",
            stroke_width=3,
            stroke_fill=INK,
        )
    return shrink(image)


def _ornament(pen: ImageDraw.ImageDraw, rng: np.random.Generator, box: tuple[int, int], stroke: float) -> None:
    """Draw a small star, heart or ring near the border."""
    side = int(rng.integers(2))
    x = rng.uniform(0.05, 0.14) if side else rng.uniform(0.86, 0.95)
    y, radius = rng.uniform(0.12, 0.9), box[0] * rng.uniform(0.02, 0.04)
    kind = int(rng.integers(3))
    if kind == 0:
        angle = np.arange(10) * np.pi / 5 - np.pi / 2
        reach = np.where(np.arange(10) % 2 == 0, radius * 1.3, radius * 0.55)
        outline = np.stack([np.cos(angle) * reach, np.sin(angle) * reach], axis=1)
    elif kind == 1:
        t = np.linspace(0, 2 * np.pi, 30)
        heart_x, heart_y = 16 * np.sin(t) ** 3, 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t)
        outline = np.stack([heart_x, -heart_y], axis=1) * radius / 16
    else:
        outline = oval(0, 0, radius, radius)
    pen.polygon(xy(outline + np.array([x * box[0], y * box[1]])), outline=INK, width=max(round(stroke * 0.7), 2))


def pencil_study(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a pencil study with hatching: solids, fruit, a jug, a hand-drawn figure."""
    width, height = extent(rng, size, 0.72, 1.3)
    paper = blend(WHITE, (222, 205, 170), rng.uniform(0, 0.55))
    image = Image.new("L", (width * SUPERSAMPLE, height * SUPERSAMPLE), 255)
    box = image.size
    subject = int(rng.integers(4))
    if subject == 0:
        _still_life(image, rng, box)
    elif subject == 1:
        _head_study(image, rng, box)
    elif subject == 2:
        _hatched_solids(image, rng, box)
    else:
        name = pick(rng, ["beast", "flower", "house", "dinosaur", "butterfly"])
        pen = ImageDraw.Draw(image)
        side = min(box) * 0.85
        corner = ((box[0] - side) / 2, (box[1] - side) / 2)
        for shape in FIGURES[name](rng):
            outline = shape.points * side + np.array(corner)
            if shape.closed and shape.role in ("fur", "dress", "hair", "leaf", "trim"):
                _hatch(image, rng, outline, rng.uniform(0.4, 1.2), tone=int(rng.integers(125, 190)))
            for _ in range(2):
                _stroke(pen, rng, outline, closed=shape.closed)
    tooth = noise(rng, *box, cells=64, octaves=2)
    grey = np.asarray(blur(image, 0.7), dtype=np.float64)
    grey = 255 - (255 - grey) * (0.75 + 0.7 * tooth)
    small = Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)).reduce(SUPERSAMPLE)
    return ImageOps.colorize(small, (30, 28, 32), paper)


def _stroke(pen: ImageDraw.ImageDraw, rng: np.random.Generator, outline: Points, *, closed: bool = True) -> None:
    line = wobble(rng, outline, 1.3)
    tone = int(rng.integers(45, 110))
    pen.line(xy(np.concatenate([line, line[:2]]) if closed else line), fill=tone, width=int(rng.integers(1, 4)))


def _hatch(image: Image.Image, rng: np.random.Generator, outline: Points, angle: float, *, tone: int) -> None:
    """Fill an outline with parallel pencil lines of grey ``tone`` (0–255) at ``angle`` radians."""
    layer, mask = Image.new("L", image.size, 255), Image.new("L", image.size, 0)
    ImageDraw.Draw(mask).polygon(xy(outline), fill=255)
    pen = ImageDraw.Draw(layer)
    middle, reach = outline.mean(axis=0), float(np.ptp(outline, axis=0).max()) * 0.75
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    for shift in np.arange(-reach, reach, rng.uniform(5, 9)):
        start = middle + across * (shift + rng.normal(0, 1)) - along * reach
        stop = middle + across * (shift + rng.normal(0, 2)) + along * reach
        pen.line(xy(np.stack([start, stop])), fill=min(tone + int(rng.integers(-15, 15)), 250), width=2)
    hatched = Image.composite(layer, Image.new("L", image.size, 255), mask)
    image.paste(ImageChops.multiply(image, hatched))


def _still_life(image: Image.Image, rng: np.random.Generator, box: tuple[int, int]) -> None:
    pen = ImageDraw.Draw(image)
    ground, unit = box[1] * 0.72, min(box)
    _stroke(pen, rng, np.array([[0, ground * 0.9], [box[0], ground * 0.88]]), closed=False)
    x, half, high = box[0] * rng.uniform(0.3, 0.42), unit * rng.uniform(0.13, 0.17), unit * rng.uniform(0.42, 0.56)
    side = smooth(np.array([[0.45, 0], [0.4, 0.18], [0.95, 0.45], [1.0, 0.75], [0.6, 1.0]]), closed=False)
    jug = np.concatenate([side, side[::-1] * np.array([-1, 1])]) * np.array([half, high]) + np.array([x, ground - high])
    for step in range(3):
        _hatch(image, rng, jug * np.array([1, 1]) + np.array([half * 0.25 * step, 0]), 0.9 + 0.5 * step, tone=165)
    for _ in range(3):
        _stroke(pen, rng, jug)
        _stroke(pen, rng, oval(x, ground - high, half * 0.45, half * 0.12))
    for _ in range(int(rng.integers(2, 4))):
        radius, fruit = unit * rng.uniform(0.08, 0.12), box[0] * rng.uniform(0.5, 0.85)
        outline = oval(fruit, ground - radius * 0.6, radius, radius * 0.95)
        shade = oval(fruit + radius * 0.3, ground - radius * 0.4, radius * 0.65, radius * 0.7)
        _hatch(
            image, rng, oval(fruit + radius * 0.8, ground + radius * 0.35, radius * 1.3, radius * 0.25), 0.1, tone=130
        )
        _hatch(image, rng, outline, 0.8, tone=190)
        _hatch(image, rng, shade, 1.3, tone=120)
        for _ in range(3):
            _stroke(pen, rng, outline)
        stalk = np.array([[fruit, ground - radius * 1.5], [fruit + radius * 0.2, ground - radius * 1.9]])
        _stroke(pen, rng, stalk, closed=False)


def _head_study(image: Image.Image, rng: np.random.Generator, box: tuple[int, int]) -> None:
    pen, unit = ImageDraw.Draw(image), min(box)
    x, y, rx, ry = box[0] * 0.5, box[1] * 0.45, unit * rng.uniform(0.2, 0.24), unit * rng.uniform(0.28, 0.32)
    jaw = smooth(
        np.array([[-1, -0.2], [-0.9, 0.45], [-0.3, 1], [0.3, 1], [0.9, 0.45], [1, -0.2], [0.6, -0.95], [-0.6, -0.95]])
    )
    face = jaw * np.array([rx, ry]) + np.array([x, y])
    light = int(rng.choice([-1, 1]))
    _hatch(image, rng, oval(x + light * rx * 0.55, y + ry * 0.1, rx * 0.4, ry * 0.8), 1.1, tone=165)
    _hatch(image, rng, oval(x + light * rx * 0.1, y + ry * 1.25, rx * 0.6, ry * 0.3), 0.7, tone=140)
    for lean in np.linspace(-1.15, 1.15, 46):
        top = np.array([x + lean * rx * 0.35, y - ry * 1.12])
        tip = np.array([x + lean * rx * 1.1, y - ry * (0.55 - 0.65 * abs(lean)) + rng.normal(0, 6)])
        bend = (top + tip) / 2 + np.array([lean * rx * 0.45, -ry * 0.1])
        _stroke(pen, rng, smooth(np.stack([top, bend, tip]), closed=False), closed=False)
    for _ in range(3):
        _stroke(pen, rng, face)
    for side in (-1, 1):
        ex = x + side * rx * 0.42
        lid = np.stack([np.linspace(-1, 1, 9) * rx * 0.22, -np.cos(np.linspace(-1.5, 1.5, 9)) * ry * 0.07], axis=1)
        for flip in (1, 1, -0.7):
            _stroke(pen, rng, lid * np.array([1, flip]) + np.array([ex, y - ry * 0.05]), closed=False)
        pen.ellipse([ex - rx * 0.08, y - ry * 0.1, ex + rx * 0.08, y], fill=50)
        brow = lid * np.array([1.25, 0.8]) + np.array([ex, y - ry * 0.2])
        for _ in range(4):
            _stroke(pen, rng, brow, closed=False)
        neck = np.array(
            [
                [x + side * rx * 0.5, y + ry * 0.85],
                [x + side * rx * 0.5, y + ry * 1.3],
                [x + side * rx * 1.7, y + ry * 1.6],
            ]
        )
        for _ in range(2):
            _stroke(pen, rng, smooth(neck, closed=False), closed=False)
    nose = smooth(
        np.array([[0.05, 0], [0.12, 0.3], [0.2, 0.4], [0, 0.45]]) * np.array([rx * light, ry]) + np.array([x, y]),
        closed=False,
    )
    mouth = smooth(
        np.array([[-0.3, 0], [0, 0.03], [0.3, 0]]) * np.array([rx, ry]) + np.array([x, y + ry * 0.62]), closed=False
    )
    for _ in range(3):
        _stroke(pen, rng, nose, closed=False)
        _stroke(pen, rng, mouth, closed=False)


def _hatched_solids(image: Image.Image, rng: np.random.Generator, box: tuple[int, int]) -> None:
    pen, unit, ground = ImageDraw.Draw(image), min(box), box[1] * 0.7
    places = rng.permutation(3)
    for place, kind in zip(np.linspace(0.22, 0.78, 3), places, strict=True):
        x, side = box[0] * place, unit * rng.uniform(0.26, 0.36)
        _hatch(image, rng, oval(x + side * 0.5, ground + side * 0.02, side * 0.8, side * 0.13), 0.15, tone=125)
        if kind == 0:
            ball = oval(x, ground - side * 0.45, side * 0.5, side * 0.5)
            _hatch(image, rng, oval(x + side * 0.15, ground - side * 0.35, side * 0.36, side * 0.36), 1.0, tone=130)
            edges = [ball]
            _hatch(image, rng, ball, 0.6, tone=195)
        elif kind == 1:
            deep = np.array([side * 0.3, -side * 0.2])
            front = np.array([[-0.45, -0.8], [0.35, -0.8], [0.35, 0], [-0.45, 0]]) * side + np.array([x, ground])
            flank = np.stack([front[1], front[1] + deep, front[2] + deep, front[2]])
            lid = np.stack([front[0], front[0] + deep, front[1] + deep, front[1]])
            _hatch(image, rng, front, 0.9, tone=180)
            _hatch(image, rng, flank, 1.5, tone=115)
            edges = [front, flank, lid]
        else:
            tip = np.array([x, ground - side * 1.4])
            cone = np.stack([tip, [x + side * 0.42, ground], [x, ground + side * 0.1], [x - side * 0.42, ground]])
            half = np.stack([tip, [x + side * 0.42, ground], [x + side * 0.05, ground + side * 0.1]])
            _hatch(image, rng, cone, 1.2, tone=200)
            _hatch(image, rng, half, 1.9, tone=125)
            edges = [cone]
        for edge in edges * 3:
            _stroke(pen, rng, edge)
