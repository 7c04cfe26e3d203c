"""Heads of made-up figures: hair, faces, eyes, ears."""

import itertools

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.anime_looks import Look, draw_shape, hair_locks, placed, stroke_of
from beam_jobs.demo.draw.canvas import (
    INK,
    WHITE,
    Points,
    blend,
    oval,
    smooth,
    xy,
)


def draw_hair_back(image: Image.Image, rng: np.random.Generator, look: Look, at: Points, unit: float) -> None:
    """Draw what of the hair hangs behind."""
    dark = blend(look.hair, INK, 0.25)
    if look.long_hair:
        style = int(rng.integers(3))
        if style == 0:
            for x in np.linspace(-0.55, 0.55, 8):
                for strand in hair_locks(rng, np.array([x]), rng.uniform(1.2, 2.2), 0.25):
                    draw_shape(image, placed(strand, at, unit), dark, look.line, stroke_of(unit))
        elif style == 1:
            for side in (-1, 1):
                tail = [(side * 0.5, -0.5), (side * 1.1, -0.6), (side * 1.3, 0.5), (side * 1.0, 1.7), (side * 0.9, 0.6)]
                draw_shape(image, placed(tail, at, unit), look.hair, look.line, stroke_of(unit))
        else:
            draw_shape(
                image,
                placed([(-0.62, -0.4), (0.62, -0.4), (0.8, 0.6), (0.7, 1.5), (-0.7, 1.5), (-0.8, 0.6)], at, unit),
                dark,
                look.line,
                stroke_of(unit),
            )
    else:
        for x in np.linspace(-0.5, 0.5, 6):
            for strand in hair_locks(rng, np.array([x]), rng.uniform(0.5, 0.8), 0.2):
                draw_shape(image, placed(strand, at, unit), dark, look.line, stroke_of(unit))


def draw_head(image: Image.Image, rng: np.random.Generator, look: Look, at: Points, unit: float, lean: float) -> None:
    """Draw face, ears, eyes and fringe."""
    line = stroke_of(unit)
    pen = ImageDraw.Draw(image)
    _ears(image, look, at, unit, lean)
    jaw = rng.uniform(0.1, 0.18)
    face = [
        (-0.46, -0.2),
        (-0.45, 0.12),
        (-0.3, 0.38),
        (-jaw, 0.52),
        (0, 0.56),
        (jaw, 0.52),
        (0.3, 0.38),
        (0.45, 0.12),
        (0.46, -0.2),
        (0, -0.5),
    ]
    draw_shape(image, placed(face, at, unit, lean=lean), look.skin, look.line, line)
    shade = blend(look.skin, (210, 120, 120), 0.25)
    draw_shape(
        image,
        placed([(-0.42, -0.2), (0.42, -0.2), (0.3, -0.02), (0, -0.1), (-0.3, -0.02)], at, unit, lean=lean),
        shade,
        look.line,
        0,
    )
    wide, tall, apart = rng.uniform(0.1, 0.14), rng.uniform(0.13, 0.2), rng.uniform(0.2, 0.25)
    mood = int(rng.integers(5))
    for side in (-1, 1):
        _eye(image, look, at, unit, lean, (side, apart, wide, tall, mood))
        blush = placed([(side * 0.3 - 0.08, 0.28), (side * 0.3 + 0.08, 0.28), (side * 0.3, 0.33)], at, unit, lean=lean)
        if look.glow > 0.3:
            pen.polygon(xy(blush), fill=blend(look.skin, (255, 110, 120), 0.4))
        brow = placed(
            [(side * (apart - 0.1), -0.1 - 0.05 * (mood == 1)), (side * (apart + 0.1), -0.13)],
            at,
            unit,
            curve=False,
            lean=lean,
        )
        pen.line(xy(brow), fill=look.line, width=round(line * 1.4))
    nose = placed([(0.0, 0.27), (0.015, 0.3)], at, unit, curve=False, lean=lean)
    pen.line(xy(nose), fill=blend(shade, INK, 0.4), width=round(line))
    if mood in (0, 3):
        mouth = placed([(-0.09, 0.39), (0.09, 0.39), (0.04, 0.46), (-0.04, 0.46)], at, unit, lean=lean)
        draw_shape(image, mouth, (200, 80, 90), look.line, line)
    else:
        curve = smooth(np.array([(-0.07, 0.42), (0, 0.42 + 0.03 * (mood != 1)), (0.07, 0.42)]), closed=False)
        pen.line(
            xy(placed([(float(a), float(b)) for a, b in curve], at, unit, curve=False, lean=lean)),
            fill=(130, 50, 50),
            width=round(line * 1.3),
        )
    _fringe(image, rng, look, at, unit, lean)


def _eye(
    image: Image.Image, look: Look, at: Points, unit: float, lean: float, form: tuple[float, float, float, float, int]
) -> None:
    side, apart, wide, tall, mood = form
    pen, line = ImageDraw.Draw(image), stroke_of(unit)
    x, y = side * apart, 0.13
    if mood == 4:
        arc = smooth(np.array([(x - wide, y + 0.04), (x, y - 0.05), (x + wide, y + 0.04)]), closed=False)
        pen.line(
            xy(placed([(float(a), float(b)) for a, b in arc], at, unit, curve=False, lean=lean)),
            fill=look.line,
            width=round(line * 2.2),
        )
        return
    white = [
        (x - wide, y - tall * 0.3),
        (x, y - tall * 0.8),
        (x + wide, y - tall * 0.3),
        (x + wide * 0.8, y + tall * 0.6),
        (x, y + tall * 0.8),
        (x - wide * 0.8, y + tall * 0.6),
    ]
    draw_shape(image, placed(white, at, unit, lean=lean), WHITE, look.line, 0)
    for grow, tone, shift in (
        (1.0, blend(look.iris, INK, 0.55), 0.0),
        (0.8, look.iris, 0.12),
        (0.5, blend(look.iris, WHITE, 0.5), 0.35),
        (0.38, blend(look.iris, INK, 0.8), 0.0),
    ):
        ring = oval(x, y + tall * shift, wide * 0.72 * grow, tall * 0.8 * grow, 0, 20)
        pen.polygon(xy(placed([(float(a), float(b)) for a, b in ring], at, unit, curve=False, lean=lean)), fill=tone)
    for dx, dy, r in ((-0.3, -0.4, 0.3), (0.3, 0.4, 0.15)):
        spot = oval(x + wide * dx, y + tall * dy, wide * r, wide * r * 1.2, 0, 12)
        pen.polygon(xy(placed([(float(a), float(b)) for a, b in spot], at, unit, curve=False, lean=lean)), fill=WHITE)
    lid = smooth(
        np.array(
            [
                (x - side * wide * 0.9, y - tall * 0.35),
                (x, y - tall * 0.85),
                (x + side * wide * 1.15, y - tall * 0.25),
                (x + side * wide * 1.1, y),
            ]
        ),
        closed=False,
    )
    pen.line(
        xy(placed([(float(a), float(b)) for a, b in lid], at, unit, curve=False, lean=lean)),
        fill=look.line,
        width=round(max(unit * 0.03, 2)),
        joint="curve",
    )


def _ears(image: Image.Image, look: Look, at: Points, unit: float, lean: float) -> None:
    for side in (-1, 1):
        if look.ears == 1:
            ear, inner = (
                [(side * 0.5, -0.25), (side * 0.55, -0.85), (side * 0.15, -0.55)],
                [(side * 0.45, -0.4), (side * 0.5, -0.72), (side * 0.25, -0.55)],
            )
            draw_shape(image, placed(ear, at, unit, curve=False, lean=lean), look.hair, look.line, stroke_of(unit))
            draw_shape(image, placed(inner, at, unit, curve=False, lean=lean), (255, 190, 190), look.line, 0)
        elif look.ears == 2:
            horn = [(side * 0.3, -0.4), (side * 0.45, -0.75), (side * 0.7, -0.95), (side * 0.55, -0.4)]
            draw_shape(image, placed(horn, at, unit, lean=lean), look.trim, look.line, stroke_of(unit))
        else:
            ear = [(side * 0.42, 0.02), (side * (0.85 if look.ears == 3 else 0.52), -0.05), (side * 0.45, 0.24)]
            draw_shape(image, placed(ear, at, unit, lean=lean), look.skin, look.line, stroke_of(unit))


def _fringe(image: Image.Image, rng: np.random.Generator, look: Look, at: Points, unit: float, lean: float) -> None:
    line, pen = stroke_of(unit), ImageDraw.Draw(image)
    top = [(-0.52, 0.0), (-0.56, -0.35), (-0.3, -0.66), (0.05, -0.7), (0.35, -0.64), (0.56, -0.35), (0.52, 0.0)]
    count = int(rng.integers(3, 8))
    teeth: list[tuple[float, float]] = []
    xs = np.linspace(0.46, -0.46, count + 1)
    for start, stop in itertools.pairwise(xs):
        teeth += [
            ((start + stop) / 2 + rng.normal(0, 0.05), rng.uniform(-0.1, 0.14)),
            (float(stop), -0.22 + rng.normal(0, 0.03)),
        ]
    cap = np.concatenate([smooth(np.asarray(top), closed=False), np.asarray(teeth)])
    draw_shape(
        image,
        placed([(float(a), float(b)) for a, b in cap], at, unit, curve=False, lean=lean),
        look.hair,
        look.line,
        line,
    )
    for side in (-1, 1):
        lock = [
            (side * 0.42, -0.3),
            (side * 0.56, -0.2),
            (side * 0.54, 0.3),
            (side * rng.uniform(0.38, 0.6), rng.uniform(0.5, 1.0)),
            (side * 0.44, 0.2),
        ]
        draw_shape(image, placed(lock, at, unit, lean=lean), look.hair, look.line, line)
    shine = placed(
        [(-0.4, -0.42), (0, -0.55), (0.4, -0.42), (0.2, -0.44), (0.05, -0.4), (-0.15, -0.46)], at, unit, lean=lean
    )
    pen.polygon(xy(shine), fill=blend(look.hair, WHITE, 0.45))
    for _ in range(int(rng.integers(2, 6))):
        x = rng.uniform(-0.4, 0.4)
        pen.line(
            xy(placed([(x * 0.5, -0.62), (x, -0.2)], at, unit, curve=False, lean=lean)),
            fill=blend(look.hair, INK, 0.25),
            width=round(line),
        )
    if rng.random() < 0.35:
        bow = at + np.array([0.45 * float(rng.choice([-1, 1])), -0.45]) * unit
        for side in (-1, 1):
            pen.polygon(
                [
                    (bow[0], bow[1]),
                    (bow[0] + side * unit * 0.24, bow[1] - unit * 0.14),
                    (bow[0] + side * unit * 0.24, bow[1] + unit * 0.14),
                ],
                fill=look.trim,
                outline=look.line,
            )
