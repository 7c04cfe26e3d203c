"""More of coloring_page: any thing in even closed outlines, alone, in a scene, in rows, framed, or to be finished."""

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.bodies import LIVING
from beam_jobs.demo.draw.busts import bust
from beam_jobs.demo.draw.canvas import (
    INK,
    SUPERSAMPLE,
    WHITE,
    Color,
    Points,
    blend,
    extent,
    oval,
    pick,
    shrink,
    smooth,
    xy,
)
from beam_jobs.demo.draw.gear import anything
from beam_jobs.demo.draw.lettering import phrase, put
from beam_jobs.demo.draw.shapes import framed
from beam_jobs.demo.draw.things import THINGS, Manner, Part, draw_thing


def page_to_color(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw things in even black outlines with nothing filled in."""
    width, height = extent(rng, size, 0.66, 1.5)
    if rng.random() < 0.35:
        width, height = size, size
    image = Image.new("RGB", (width * SUPERSAMPLE, height * SUPERSAMPLE), WHITE)
    line = rng.uniform(0.012, 0.04)
    ink = pick(rng, (INK, (0, 0, 0), (0, 0, 0), (70, 70, 70), (140, 140, 140)))
    pick(rng, (_alone, _alone, _scene, _scene, _scene, _rows, _crowd, _lettered))(image, rng, line, ink)
    if rng.random() < 0.2:
        inset = min(image.size) * rng.uniform(0.01, 0.04)
        frame = [inset, inset, image.width - inset, image.height - inset]
        ImageDraw.Draw(image).rounded_rectangle(
            frame, inset * rng.uniform(0, 3), outline=ink, width=round(min(image.size) * 0.008)
        )
    return shrink(image)


def _subject(rng: np.random.Generator) -> list[Part]:
    if rng.random() < 0.12:
        return bust(rng)
    return pick(rng, LIVING)(rng) if rng.random() < 0.55 else anything(rng, living=0.0)


def _thing(
    image: Image.Image,
    parts: list[Part],
    at: tuple[float, float],
    r: float,
    line: float,
    ink: Color,
    *,
    dark: bool = True,
) -> None:
    """Draw outlines; small dark spots such as pupils stay black."""
    shapes = [
        (points, 4 if role == 2 and (not dark or float(np.ptp(points, axis=0).max()) > 0.25) else role)
        for points, role in parts
    ]
    how = Manner(outline=ink, line=max(line, 1.5 / r), merge=True)
    draw_thing(image, shapes, at, r, (WHITE, WHITE, ink, WHITE, WHITE), how)


def _alone(image: Image.Image, rng: np.random.Generator, line: float, ink: Color) -> None:
    w, h = image.size
    r = min(w, h) * rng.uniform(0.36, 0.48)
    if rng.random() < 0.3:
        _ground(image, rng, h * 0.8, line * r, ink)
    _thing(image, _subject(rng), (w / 2, h / 2), r, line, ink)


def _curve(image: Image.Image, points: Points, width: float, ink: Color, *, fill: bool = False) -> None:
    pen = ImageDraw.Draw(image)
    if fill:
        pen.polygon(xy(points), fill=WHITE)
    pen.line(xy(points), fill=ink, width=max(round(width), 2), joint="curve")


def _ground(image: Image.Image, rng: np.random.Generator, y: float, width: float, ink: Color) -> None:
    """Draw a horizon with hills, grass or waves."""
    w, h = image.size
    kind = int(rng.integers(4))
    x = np.linspace(-0.05, 1.05, 60) * w
    if kind == 0:
        hills = np.stack([np.linspace(-0.1, 1.1, 6) * w, y + rng.normal(0, h * 0.06, 6)], axis=1)
        _curve(image, smooth(hills, closed=False), width, ink)
    elif kind == 1:
        for step in range(int(rng.integers(2, 5))):
            waves = y + step * h * 0.06 + np.abs(np.sin(x / w * rng.uniform(8, 24))) * h * 0.02
            _curve(image, np.stack([x, waves], axis=1), width, ink)
    elif kind == 2:
        _curve(image, np.array([[0, y], [w, y]]), width, ink)
        for spot in rng.uniform(0, w, 14):
            base = y + rng.uniform(0, h * 0.15)
            _curve(
                image,
                np.array(
                    [
                        [spot - 8, base - 16],
                        [spot, base],
                        [spot + 3, base - 22],
                        [spot + 8, base],
                        [spot + 16, base - 14],
                    ]
                ),
                width * 0.7,
                ink,
            )
    else:
        peaks = np.stack(
            [np.linspace(-0.1, 1.1, 9) * w, y - h * 0.25 * (np.arange(9) % 2) * rng.uniform(0.4, 1, 9)], axis=1
        )
        _curve(image, peaks, width, ink)


def _scene(image: Image.Image, rng: np.random.Generator, line: float, ink: Color) -> None:
    """A subject before hills with trees, clouds, a sun, flowers."""
    w, h = image.size
    width = line * min(w, h) * 0.4
    ground = h * rng.uniform(0.55, 0.8)
    _ground(image, rng, ground, width, ink)
    sky, soil = (
        ("sun", "cloud", "cloud", "star", "heart", "balloon"),
        ("fir", "tree", "flower", "mushroom", "house", "cactus", "palm"),
    )
    for _ in range(int(rng.integers(1, 6))):
        r = min(w, h) * rng.uniform(0.06, 0.12)
        _thing(
            image, framed(THINGS[pick(rng, sky)]()), (w * rng.random(), h * rng.uniform(0.06, 0.25)), r, width / r, ink
        )
    for _ in range(int(rng.integers(1, 7))):
        r = min(w, h) * rng.uniform(0.07, 0.2)
        _thing(
            image,
            framed(THINGS[pick(rng, soil)]()),
            (w * rng.random(), ground + r * rng.uniform(-0.8, 0.6)),
            r,
            width / r,
            ink,
        )
    for step in range(int(rng.choice([1, 1, 1, 2]))):
        r = min(w, h) * rng.uniform(0.26, 0.38)
        at = (w * (rng.uniform(0.35, 0.65) if step == 0 else rng.choice([0.2, 0.8])), h * rng.uniform(0.5, 0.68))
        _thing(image, _subject(rng), at, r, width / r, ink)


def _rows(image: Image.Image, rng: np.random.Generator, line: float, ink: Color) -> None:
    """A page of small pictures, perhaps named or in boxes."""
    w, h = image.size
    columns, rows = int(rng.integers(2, 5)), int(rng.integers(2, 5))
    cell = min(w / columns, h / rows)
    boxes, names = rng.random() < 0.4, rng.random() < 0.4
    for spot in range(columns * rows):
        x, y = w * (spot % columns + 0.5) / columns, h * (spot // columns + 0.5) / rows
        _thing(image, _subject(rng), (x, y - cell * 0.05 * names), cell * 0.36, line * 1.2, ink)
        if boxes:
            reach = cell * 0.48
            ImageDraw.Draw(image).rectangle([x - reach, y - reach, x + reach, y + reach], outline=ink, width=4)
        if names:
            put(ImageDraw.Draw(image), (x, y + cell * 0.4), phrase(rng, 1)[:8], ink, round(cell * 0.1), anchor="mm")


def _crowd(image: Image.Image, rng: np.random.Generator, line: float, ink: Color) -> None:
    """A sheet full of overlapping things or of flowers and leaves."""
    w, h = image.size
    names = tuple(THINGS)
    few = [pick(rng, names) for _ in range(int(rng.integers(1, 7)))]
    side = min(w, h)
    for _ in range(int(rng.integers(14, 36))):
        r = side * rng.uniform(0.08, 0.2)
        turn = rng.uniform(-0.6, 0.6)
        spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        parts = [(points @ spin, role) for points, role in framed(THINGS[pick(rng, few)]())]
        _thing(image, parts, (w * rng.random(), h * rng.random()), r, line, ink)


def _lettered(image: Image.Image, rng: np.random.Generator, line: float, ink: Color) -> None:
    """A large hollow letter or a word and the thing, perhaps with lines to trace."""
    w, h = image.size
    side = min(w, h)
    pen = ImageDraw.Draw(image)
    text = pick(rng, ("A a", "B b", "C c", "3", "5", "Hello", "Happy Day", "Love", "My pet", phrase(rng, 1)[:7]))
    high = round(min(h * 0.2, w * 1.3 / max(len(text), 2)))
    put(pen, (w / 2, h * 0.14), text, WHITE, high, style="bold", anchor="mm", rim=ink, rim_width=0.03)
    _thing(image, _subject(rng), (w / 2, h * 0.58), side * rng.uniform(0.28, 0.36), line, ink)
    if rng.random() < 0.4:
        for x in np.arange(w * 0.08, w * 0.92, 16):
            pen.line([x, h * 0.95, x + 8, h * 0.95], fill=blend(ink, WHITE, 0.4), width=3)
    for _ in range(int(rng.integers(0, 8))):
        r = side * rng.uniform(0.02, 0.05)
        ring = oval(w * rng.random(), h * rng.uniform(0.25, 0.95), r, r)
        _curve(image, np.concatenate([ring, ring[:2]]), line * side * 0.3, ink)
