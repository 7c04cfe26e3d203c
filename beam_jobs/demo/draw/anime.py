"""anime_character: cel-shaded heads, busts and whole figures with large eyes and much hair."""

import itertools
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance

from beam_jobs.demo.draw.canvas import (
    INK,
    SUPERSAMPLE,
    WHITE,
    Color,
    Points,
    blend,
    blur,
    extent,
    gradient,
    hsv,
    oval,
    pastel,
    pick,
    shrink,
    smooth,
    vivid,
    xy,
)
from beam_jobs.demo.draw.lettering import phrase, put
from beam_jobs.demo.draw.photo import backdrop


@dataclass(frozen=True)
class _Look:
    skin: Color
    hair: Color
    iris: Color
    cloth: Color
    trim: Color
    line: Color
    long_hair: bool
    ears: int
    glow: float


def _look(rng: np.random.Generator) -> _Look:
    hair = pick(
        rng,
        (
            vivid(rng),
            hsv(rng.random(), rng.uniform(0.1, 0.5), 0.95),
            hsv(0.07, 0.5, 0.3),
            (40, 36, 50),
            (236, 236, 244),
        ),
    )
    return _Look(
        skin=pick(rng, ((255, 236, 222), (255, 226, 206), (250, 214, 190), (226, 176, 140), (255, 240, 236))),
        hair=hair,
        iris=vivid(rng),
        cloth=pick(rng, (vivid(rng), (40, 44, 60), (240, 240, 246), hsv(rng.random(), 0.4, 0.5))),
        trim=vivid(rng),
        line=blend(hair, INK, rng.uniform(0.6, 0.95)),
        long_hair=bool(rng.random() < 0.6),
        ears=int(rng.choice([0, 0, 0, 1, 2, 3])),
        glow=rng.uniform(0.0, 0.6),
    )


def anime_character(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a face near by, a head with shoulders, or a whole figure, on white, colours, or a dim scene."""
    kind = pick(rng, ("face", "bust", "bust", "whole", "whole"))
    low, high = {"face": (0.8, 1.5), "bust": (0.75, 1.6), "whole": (0.45, 0.95)}[kind]
    width, height = extent(rng, size, low, high)
    w, h = width * SUPERSAMPLE, height * SUPERSAMPLE
    image = _ground(rng, w, h)
    look = _look(rng)
    if kind == "whole":
        unit = min(h * rng.uniform(0.11, 0.22), w * 0.4)
        _whole(image, rng, look, w / 2 + rng.normal(0, w * 0.02), unit)
    else:
        unit = h * (rng.uniform(0.42, 0.62) if kind == "face" else rng.uniform(0.22, 0.36))
        at = np.array(
            [w * rng.uniform(0.42, 0.58), h * (rng.uniform(0.45, 0.6) if kind == "face" else rng.uniform(0.32, 0.45))]
        )
        _hair_back(image, rng, look, at, unit)
        _body(image, rng, look, at, unit)
        _head(image, rng, look, at, unit, rng.normal(0, 0.08))
    if rng.random() < 0.35:
        _sparks(image, rng, look)
    if rng.random() < 0.1:
        put(
            ImageDraw.Draw(image),
            (w * 0.05, h * 0.92),
            phrase(rng, 1).title(),
            look.trim,
            round(h * 0.08),
            style="serif_bold",
            rim=WHITE,
        )
    image = shrink(image)
    if rng.random() < 0.2:
        image = image.resize((64, max(round(64 * image.height / image.width), 16))).resize(
            image.size, Image.Resampling.BICUBIC
        )
    if rng.random() < 0.3:
        image = ImageEnhance.Color(image).enhance(float(rng.uniform(0.4, 1.4)))
    return image


def _ground(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    kind = int(rng.integers(6))
    if kind < 2:
        return Image.new("RGB", (w, h), WHITE)
    if kind == 2:
        return gradient(w, h, [pastel(rng), vivid(rng)])
    if kind == 3:
        return backdrop(rng, w, h)
    if kind == 4:
        image = gradient(w, h, [blend(vivid(rng), INK, 0.5), blend(vivid(rng), INK, 0.8)])
    else:
        image = gradient(w, h, [(110, 170, 240), (224, 240, 255)])
    pen = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(3, 9))):
        x, y, r = rng.uniform(0, w), rng.uniform(0, h), w * rng.uniform(0.08, 0.3)
        tone = WHITE if kind == 5 else blend(vivid(rng), INK, 0.3)
        pen.ellipse([x - r, y - r * 0.6, x + r, y + r * 0.6], fill=tone)
    return blur(image, w * 0.02)


def _shape(image: Image.Image, points: Points, fill: Color, line: Color, stroke: float) -> None:
    pen = ImageDraw.Draw(image)
    pen.polygon(xy(points), fill=fill)
    if stroke >= 1:
        pen.line(xy(np.concatenate([points, points[:2]])), fill=line, width=round(stroke), joint="curve")


def _at(points: list[tuple[float, float]], at: Points, unit: float, *, curve: bool = True, lean: float = 0.0) -> Points:
    flat = np.asarray(points, dtype=float)
    spin = np.array([[np.cos(lean), np.sin(lean)], [-np.sin(lean), np.cos(lean)]])
    flat = flat @ spin
    return (smooth(flat, steps=6) if curve else flat) * unit + at


def _stroke(unit: float) -> float:
    return max(unit * 0.012, 1.2)


def _locks(
    rng: np.random.Generator, starts: np.ndarray, length: float, spread: float
) -> list[list[tuple[float, float]]]:
    """Return pointed strands hanging from the given x, in heads."""
    strands = []
    for x in starts:
        tip = (float(x) + rng.normal(0, spread), length * rng.uniform(0.75, 1.1))
        strands.append(
            [
                (float(x) - 0.14, -0.3),
                (float(x) + 0.14, -0.3),
                ((float(x) + tip[0]) / 2 + 0.1, tip[1] * 0.55),
                tip,
                ((float(x) + tip[0]) / 2 - 0.1, tip[1] * 0.5),
            ]
        )
    return strands


def _hair_back(image: Image.Image, rng: np.random.Generator, look: _Look, at: Points, unit: float) -> None:
    dark = blend(look.hair, INK, 0.25)
    if look.long_hair:
        style = int(rng.integers(3))
        if style == 0:
            for x in np.linspace(-0.55, 0.55, 8):
                for strand in _locks(rng, np.array([x]), rng.uniform(1.2, 2.2), 0.25):
                    _shape(image, _at(strand, at, unit), dark, look.line, _stroke(unit))
        elif style == 1:
            for side in (-1, 1):
                tail = [(side * 0.5, -0.5), (side * 1.1, -0.6), (side * 1.3, 0.5), (side * 1.0, 1.7), (side * 0.9, 0.6)]
                _shape(image, _at(tail, at, unit), look.hair, look.line, _stroke(unit))
        else:
            _shape(
                image,
                _at([(-0.62, -0.4), (0.62, -0.4), (0.8, 0.6), (0.7, 1.5), (-0.7, 1.5), (-0.8, 0.6)], at, unit),
                dark,
                look.line,
                _stroke(unit),
            )
    else:
        for x in np.linspace(-0.5, 0.5, 6):
            for strand in _locks(rng, np.array([x]), rng.uniform(0.5, 0.8), 0.2):
                _shape(image, _at(strand, at, unit), dark, look.line, _stroke(unit))


def _body(image: Image.Image, rng: np.random.Generator, look: _Look, at: Points, unit: float) -> None:
    """Neck, shoulders and clothes below a head."""
    pen, line, shade = ImageDraw.Draw(image), _stroke(unit), blend(look.cloth, INK, 0.22)
    _shape(
        image,
        _at([(-0.14, 0.35), (0.14, 0.35), (0.17, 0.8), (-0.17, 0.8)], at, unit, curve=False),
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
    _shape(image, _at(coat, at, unit, curve=False), look.cloth, look.line, line)
    side = float(rng.choice([-1, 1]))
    _shape(
        image,
        _at(
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
            _shape(
                image,
                _at([(s * 0.16, 0.64), (s * 0.62, 0.86), (0, 1.35)], at, unit, curve=False),
                WHITE,
                look.line,
                line,
            )
        _shape(
            image,
            _at(
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
        pen.line(xy(_at([(0, 0.85), (0, 3.4)], at, unit, curve=False)), fill=look.trim, width=round(unit * 0.08))
        for s in (-1, 1):
            pen.line(
                xy(_at([(s * 0.2, 0.66), (s * 0.5, 1.6), (s * 0.45, 3.4)], at, unit, curve=False)),
                fill=look.trim,
                width=round(unit * 0.05),
            )
    elif collar == 2:
        _shape(
            image,
            _at(
                [(-0.75, 0.8), (-0.2, 0.62), (0, 0.95), (0.2, 0.62), (0.75, 0.8), (0.5, 1.25), (0, 1.4), (-0.5, 1.25)],
                at,
                unit,
            ),
            look.trim,
            look.line,
            line,
        )
    else:
        _shape(
            image,
            _at([(-0.24, 0.62), (0.24, 0.62), (0.2, 0.78), (-0.2, 0.78)], at, unit, curve=False),
            look.trim,
            look.line,
            line,
        )
        _shape(image, oval(at[0], at[1] + unit * 0.9, unit * 0.08, unit * 0.1), (250, 210, 70), look.line, line)


def _head(image: Image.Image, rng: np.random.Generator, look: _Look, at: Points, unit: float, lean: float) -> None:
    line = _stroke(unit)
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
    _shape(image, _at(face, at, unit, lean=lean), look.skin, look.line, line)
    shade = blend(look.skin, (210, 120, 120), 0.25)
    _shape(
        image,
        _at([(-0.42, -0.2), (0.42, -0.2), (0.3, -0.02), (0, -0.1), (-0.3, -0.02)], at, unit, lean=lean),
        shade,
        look.line,
        0,
    )
    wide, tall, apart = rng.uniform(0.1, 0.14), rng.uniform(0.13, 0.2), rng.uniform(0.2, 0.25)
    mood = int(rng.integers(5))
    for side in (-1, 1):
        _eye(image, look, at, unit, lean, (side, apart, wide, tall, mood))
        blush = _at([(side * 0.3 - 0.08, 0.28), (side * 0.3 + 0.08, 0.28), (side * 0.3, 0.33)], at, unit, lean=lean)
        if look.glow > 0.3:
            pen.polygon(xy(blush), fill=blend(look.skin, (255, 110, 120), 0.4))
        brow = _at(
            [(side * (apart - 0.1), -0.1 - 0.05 * (mood == 1)), (side * (apart + 0.1), -0.13)],
            at,
            unit,
            curve=False,
            lean=lean,
        )
        pen.line(xy(brow), fill=look.line, width=round(line * 1.4))
    nose = _at([(0.0, 0.27), (0.015, 0.3)], at, unit, curve=False, lean=lean)
    pen.line(xy(nose), fill=blend(shade, INK, 0.4), width=round(line))
    if mood in (0, 3):
        mouth = _at([(-0.09, 0.39), (0.09, 0.39), (0.04, 0.46), (-0.04, 0.46)], at, unit, lean=lean)
        _shape(image, mouth, (200, 80, 90), look.line, line)
    else:
        curve = smooth(np.array([(-0.07, 0.42), (0, 0.42 + 0.03 * (mood != 1)), (0.07, 0.42)]), closed=False)
        pen.line(
            xy(_at([(float(a), float(b)) for a, b in curve], at, unit, curve=False, lean=lean)),
            fill=(130, 50, 50),
            width=round(line * 1.3),
        )
    _fringe(image, rng, look, at, unit, lean)


def _eye(
    image: Image.Image, look: _Look, at: Points, unit: float, lean: float, form: tuple[float, float, float, float, int]
) -> None:
    side, apart, wide, tall, mood = form
    pen, line = ImageDraw.Draw(image), _stroke(unit)
    x, y = side * apart, 0.13
    if mood == 4:
        arc = smooth(np.array([(x - wide, y + 0.04), (x, y - 0.05), (x + wide, y + 0.04)]), closed=False)
        pen.line(
            xy(_at([(float(a), float(b)) for a, b in arc], at, unit, curve=False, lean=lean)),
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
    _shape(image, _at(white, at, unit, lean=lean), WHITE, look.line, 0)
    for grow, tone, shift in (
        (1.0, blend(look.iris, INK, 0.55), 0.0),
        (0.8, look.iris, 0.12),
        (0.5, blend(look.iris, WHITE, 0.5), 0.35),
        (0.38, blend(look.iris, INK, 0.8), 0.0),
    ):
        ring = oval(x, y + tall * shift, wide * 0.72 * grow, tall * 0.8 * grow, 0, 20)
        pen.polygon(xy(_at([(float(a), float(b)) for a, b in ring], at, unit, curve=False, lean=lean)), fill=tone)
    for dx, dy, r in ((-0.3, -0.4, 0.3), (0.3, 0.4, 0.15)):
        spot = oval(x + wide * dx, y + tall * dy, wide * r, wide * r * 1.2, 0, 12)
        pen.polygon(xy(_at([(float(a), float(b)) for a, b in spot], at, unit, curve=False, lean=lean)), fill=WHITE)
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
        xy(_at([(float(a), float(b)) for a, b in lid], at, unit, curve=False, lean=lean)),
        fill=look.line,
        width=round(max(unit * 0.03, 2)),
        joint="curve",
    )


def _ears(image: Image.Image, look: _Look, at: Points, unit: float, lean: float) -> None:
    for side in (-1, 1):
        if look.ears == 1:
            ear, inner = (
                [(side * 0.5, -0.25), (side * 0.55, -0.85), (side * 0.15, -0.55)],
                [(side * 0.45, -0.4), (side * 0.5, -0.72), (side * 0.25, -0.55)],
            )
            _shape(image, _at(ear, at, unit, curve=False, lean=lean), look.hair, look.line, _stroke(unit))
            _shape(image, _at(inner, at, unit, curve=False, lean=lean), (255, 190, 190), look.line, 0)
        elif look.ears == 2:
            horn = [(side * 0.3, -0.4), (side * 0.45, -0.75), (side * 0.7, -0.95), (side * 0.55, -0.4)]
            _shape(image, _at(horn, at, unit, lean=lean), look.trim, look.line, _stroke(unit))
        else:
            ear = [(side * 0.42, 0.02), (side * (0.85 if look.ears == 3 else 0.52), -0.05), (side * 0.45, 0.24)]
            _shape(image, _at(ear, at, unit, lean=lean), look.skin, look.line, _stroke(unit))


def _fringe(image: Image.Image, rng: np.random.Generator, look: _Look, at: Points, unit: float, lean: float) -> None:
    line, pen = _stroke(unit), ImageDraw.Draw(image)
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
    _shape(
        image, _at([(float(a), float(b)) for a, b in cap], at, unit, curve=False, lean=lean), look.hair, look.line, line
    )
    for side in (-1, 1):
        lock = [
            (side * 0.42, -0.3),
            (side * 0.56, -0.2),
            (side * 0.54, 0.3),
            (side * rng.uniform(0.38, 0.6), rng.uniform(0.5, 1.0)),
            (side * 0.44, 0.2),
        ]
        _shape(image, _at(lock, at, unit, lean=lean), look.hair, look.line, line)
    shine = _at(
        [(-0.4, -0.42), (0, -0.55), (0.4, -0.42), (0.2, -0.44), (0.05, -0.4), (-0.15, -0.46)], at, unit, lean=lean
    )
    pen.polygon(xy(shine), fill=blend(look.hair, WHITE, 0.45))
    for _ in range(int(rng.integers(2, 6))):
        x = rng.uniform(-0.4, 0.4)
        pen.line(
            xy(_at([(x * 0.5, -0.62), (x, -0.2)], at, unit, curve=False, lean=lean)),
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


def _whole(image: Image.Image, rng: np.random.Generator, look: _Look, x: float, unit: float) -> None:
    """A standing figure; ``unit`` is its head's height, smaller heads make taller people."""
    h, line = image.height, _stroke(unit)
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
        _shape(image, smooth(cape), blend(look.trim, INK, 0.3), look.line, line)
    _hair_back(image, rng, look, head, unit)
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
        _shape(image, leg, look.skin if skirt else boots, look.line, line)
        knee = hip + (foot - hip) * rng.uniform(0.45, 0.6)
        boot = np.array(
            [
                (x + side * (gap * 0.6 - unit * 0.1), knee),
                (x + side * (gap * 0.6 + unit * 0.26), knee),
                (x + side * (gap + unit * 0.3), foot),
                (x + side * (gap - unit * 0.2), foot),
            ]
        )
        _shape(image, boot, boots, look.line, line)
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
    _shape(image, body, look.cloth, look.line, line)
    ImageDraw.Draw(image).polygon(xy(body[1:4]), fill=blend(look.cloth, INK, 0.2))
    if skirt:
        flare = unit * rng.uniform(0.6, 1.2)
        low = hip + (foot - hip) * rng.uniform(0.12, 0.6)
        _shape(
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
    _head(image, rng, look, head, unit, rng.normal(0, 0.06))


def _sparks(image: Image.Image, rng: np.random.Generator, look: _Look) -> None:
    """Petals, stars or strokes of light around the figure."""
    w, h = image.size
    pen = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(5, 30))):
        x, y, r = rng.uniform(0, w), rng.uniform(0, h), w * rng.uniform(0.005, 0.03)
        tone = pick(rng, (WHITE, look.trim, blend(look.iris, WHITE, 0.4)))
        if rng.random() < 0.5:
            pen.polygon([(x, y - r), (x + r * 0.25, y), (x, y + r), (x - r * 0.25, y)], fill=tone)
            pen.polygon([(x - r, y), (x, y - r * 0.25), (x + r, y), (x, y + r * 0.25)], fill=tone)
        else:
            pen.polygon(xy(oval(x, y, r, r * 0.5, rng.uniform(0, 3), 16)), fill=tone)
