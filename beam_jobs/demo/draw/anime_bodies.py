"""Bodies of made-up figures: shoulders and clothes, or the whole of them."""

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.anime_heads import draw_hair_back, draw_head
from beam_jobs.demo.draw.anime_looks import Look, draw_shape, placed, stroke_of
from beam_jobs.demo.draw.canvas import (
    INK,
    WHITE,
    Points,
    blend,
    oval,
    smooth,
    xy,
)


def draw_body(image: Image.Image, rng: np.random.Generator, look: Look, at: Points, unit: float) -> None:
    """Neck, shoulders and clothes below a head."""
    pen, line, shade = ImageDraw.Draw(image), stroke_of(unit), blend(look.cloth, INK, 0.22)
    draw_shape(
        image,
        placed([(-0.14, 0.35), (0.14, 0.35), (0.17, 0.8), (-0.17, 0.8)], at, unit, curve=False),
        blend(look.skin, (200, 120, 110), 0.3),
        look.line,
        line,
    )
    coat = [
        (-0.2, 0.66),
        (-0.75, 0.85),
        (-0.95, 1.6),
        (-0.9, 3.4),
        (0.9, 3.4),
        (0.95, 1.6),
        (0.75, 0.85),
        (0.2, 0.66),
        (0, 0.85),
    ]
    draw_shape(image, placed(coat, at, unit, curve=False), look.cloth, look.line, line)
    side = float(rng.choice([-1, 1]))
    draw_shape(
        image,
        placed(
            [(side * 0.35, 0.8), (side * 0.75, 0.88), (side * 0.93, 1.6), (side * 0.88, 3.4), (side * 0.5, 3.4)],
            at,
            unit,
            curve=False,
        ),
        shade,
        look.line,
        0,
    )
    collar = int(rng.integers(4))
    if collar == 0:
        for s in (-1, 1):
            draw_shape(
                image,
                placed([(s * 0.16, 0.64), (s * 0.62, 0.86), (0, 1.35)], at, unit, curve=False),
                WHITE,
                look.line,
                line,
            )
        draw_shape(
            image,
            placed(
                [(-0.2, 1.2), (0.2, 1.2), (0.1, 1.35), (0.18, 1.8), (0, 1.6), (-0.18, 1.8), (-0.1, 1.35)],
                at,
                unit,
                curve=False,
            ),
            look.trim,
            look.line,
            line,
        )
    elif collar == 1:
        pen.line(xy(placed([(0, 0.85), (0, 3.4)], at, unit, curve=False)), fill=look.trim, width=round(unit * 0.08))
        for s in (-1, 1):
            pen.line(
                xy(placed([(s * 0.2, 0.66), (s * 0.5, 1.6), (s * 0.45, 3.4)], at, unit, curve=False)),
                fill=look.trim,
                width=round(unit * 0.05),
            )
    elif collar == 2:
        draw_shape(
            image,
            placed(
                [(-0.75, 0.8), (-0.2, 0.62), (0, 0.95), (0.2, 0.62), (0.75, 0.8), (0.5, 1.25), (0, 1.4), (-0.5, 1.25)],
                at,
                unit,
            ),
            look.trim,
            look.line,
            line,
        )
    else:
        draw_shape(
            image,
            placed([(-0.24, 0.62), (0.24, 0.62), (0.2, 0.78), (-0.2, 0.78)], at, unit, curve=False),
            look.trim,
            look.line,
            line,
        )
        draw_shape(image, oval(at[0], at[1] + unit * 0.9, unit * 0.08, unit * 0.1), (250, 210, 70), look.line, line)


def draw_whole(image: Image.Image, rng: np.random.Generator, look: Look, x: float, unit: float) -> None:
    """A standing figure; ``unit`` is its head's height, smaller heads make taller people."""
    h, line = image.height, stroke_of(unit)
    head = np.array([x, max(h * 0.06 + unit * 0.7, unit * 0.8)])
    foot = h * rng.uniform(0.93, 0.98)
    neck, hip = head[1] + unit * 0.55, head[1] + (foot - head[1]) * 0.48
    if rng.random() < 0.4:
        cape = np.array(
            [
                (x - unit * 0.4, neck),
                (x + unit * 0.4, neck),
                (x + unit * rng.uniform(0.9, 2.0), foot * 0.9),
                (x - unit * rng.uniform(0.9, 2.0), foot * 0.92),
            ]
        )
        draw_shape(image, smooth(cape), blend(look.trim, INK, 0.3), look.line, line)
    draw_hair_back(image, rng, look, head, unit)
    gap, boots = unit * rng.uniform(0.18, 0.5), blend(look.cloth, INK, 0.45)
    skirt = rng.random() < 0.55
    for side in (-1, 1):
        leg = np.array(
            [
                (x + side * unit * 0.04, hip),
                (x + side * unit * 0.42, hip),
                (x + side * (gap + unit * 0.14), foot),
                (x + side * (gap - unit * 0.12), foot),
            ]
        )
        draw_shape(image, leg, look.skin if skirt else boots, look.line, line)
        knee = hip + (foot - hip) * rng.uniform(0.45, 0.6)
        boot = np.array(
            [
                (x + side * (gap * 0.6 - unit * 0.1), knee),
                (x + side * (gap * 0.6 + unit * 0.26), knee),
                (x + side * (gap + unit * 0.3), foot),
                (x + side * (gap - unit * 0.2), foot),
            ]
        )
        draw_shape(image, boot, boots, look.line, line)
    body = np.array(
        [
            (x - unit * 0.42, neck + unit * 0.1),
            (x + unit * 0.42, neck + unit * 0.1),
            (x + unit * 0.3, (neck + hip) / 2),
            (x + unit * 0.42, hip),
            (x - unit * 0.42, hip),
            (x - unit * 0.3, (neck + hip) / 2),
        ]
    )
    for side in (-1, 1):
        elbow = np.array([x + side * unit * rng.uniform(0.6, 1.0), neck + unit * rng.uniform(0.5, 1.1)])
        hand = elbow + np.array([side * unit * rng.uniform(-0.3, 0.6), unit * rng.uniform(-0.7, 0.8)])
        shoulder = np.array([x + side * unit * 0.38, neck + unit * 0.2])
        pen = ImageDraw.Draw(image)
        for path, tone, wide in (
            ((shoulder, elbow, hand), look.line, 0.26),
            ((shoulder, elbow, hand), look.cloth, 0.22),
        ):
            pen.line(xy(np.stack(path)), fill=tone, width=round(unit * wide), joint="curve")
        r = unit * 0.12
        pen.ellipse([hand[0] - r, hand[1] - r, hand[0] + r, hand[1] + r], fill=look.skin, outline=look.line)
        if rng.random() < 0.25:
            tip = hand + np.array([side * unit * rng.uniform(0.5, 2.0), -unit * rng.uniform(0.5, 2.5)])
            pen.line(xy(np.stack([hand, tip])), fill=(200, 206, 220), width=round(unit * 0.12))
            pen.line(xy(np.stack([hand, tip])), fill=WHITE, width=round(unit * 0.04))
    draw_shape(image, body, look.cloth, look.line, line)
    ImageDraw.Draw(image).polygon(xy(body[1:4]), fill=blend(look.cloth, INK, 0.2))
    if skirt:
        flare = unit * rng.uniform(0.6, 1.2)
        low = hip + (foot - hip) * rng.uniform(0.12, 0.6)
        draw_shape(
            image,
            np.array(
                [
                    (x - unit * 0.36, hip - unit * 0.3),
                    (x + unit * 0.36, hip - unit * 0.3),
                    (x + flare, low),
                    (x - flare, low),
                ]
            ),
            look.trim,
            look.line,
            line,
        )
    ImageDraw.Draw(image).line(
        [x - unit * 0.38, hip - unit * 0.2, x + unit * 0.38, hip - unit * 0.2],
        fill=(240, 210, 90),
        width=round(unit * 0.12),
    )
    draw_head(image, rng, look, head, unit, rng.normal(0, 0.06))
