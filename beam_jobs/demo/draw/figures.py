"""Figures made of outlines, shared by colouring pages, sketches and comics.

A figure is a list of shapes on the unit square (y grows downwards), painted in order.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from PIL import ImageDraw

from beam_jobs.demo.draw.canvas import INK, Color, Points, oval, smooth, xy


@dataclass(frozen=True)
class Shape:
    """One outline; ``role`` names its colour (None: a line that is never filled)."""

    points: Points
    role: str | None = None
    closed: bool = True
    weight: float = 1.0


def _pts(*pairs: tuple[float, float]) -> Points:
    return np.asarray(pairs, dtype=np.float64)


def _arc(x: float, y: float, rx: float, ry: float, start: float, stop: float) -> Points:
    angle = np.linspace(start, stop, 16) * np.pi
    return np.stack([x + rx * np.cos(angle), y + ry * np.sin(angle)], axis=1)


def _eyes(x: float, y: float, gap: float, radius: float) -> list[Shape]:
    return [
        shape
        for side in (-1, 1)
        for shape in (
            Shape(oval(x + side * gap, y, radius * 0.8, radius), "dark"),
            Shape(oval(x + side * gap + radius * 0.2, y - radius * 0.3, radius * 0.25, radius * 0.3), "white"),
        )
    ]


def princess(rng: np.random.Generator) -> list[Shape]:
    """Return a princess with crown and gown."""
    face = rng.uniform(0.09, 0.11)
    wide, waist, long_hair = rng.uniform(0.24, 0.34), rng.uniform(0.05, 0.07), rng.uniform(0.42, 0.58)
    hair = _pts((0.5, 0.13), (0.62, 0.2), (0.65, 0.36), (0.6, long_hair), (0.4, long_hair), (0.35, 0.36), (0.38, 0.2))
    gown = _pts((0.5 - waist, 0.52), (0.5 + waist, 0.52), (0.5 + wide * 0.7, 0.75), (0.5 + wide, 0.95))
    gown = np.concatenate([gown, _pts((0.5, 0.97), (0.5 - wide, 0.95), (0.5 - wide * 0.7, 0.75))])
    points = int(rng.integers(3, 6))
    crown_x = np.linspace(0.42, 0.58, 2 * points + 1)
    crown_y = np.where(np.arange(2 * points + 1) % 2 == 1, 0.07, 0.125)
    crown = np.concatenate([np.stack([crown_x, crown_y], axis=1), _pts((0.57, 0.17), (0.43, 0.17))])
    shapes = [Shape(smooth(hair), "hair"), Shape(_pts((0.47, 0.33), (0.53, 0.33), (0.53, 0.4), (0.47, 0.4)), "skin")]
    for side in (-1, 1):
        arm = _pts((0.5 + side * 0.06, 0.41), (0.5 + side * 0.15, 0.47), (0.5 + side * 0.2, 0.6))
        arm = np.concatenate(
            [arm, _pts((0.5 + side * 0.16, 0.61), (0.5 + side * 0.11, 0.5), (0.5 + side * 0.05, 0.47))]
        )
        shapes += [
            Shape(smooth(arm), "skin"),
            Shape(oval(0.5 + side * 0.085, 0.425, 0.045, 0.035, side * 0.6), "dress"),
        ]
    top = _pts(
        (0.44, 0.4), (0.5, 0.43), (0.56, 0.4), (0.56, 0.46), (0.5 + waist, 0.53), (0.5 - waist, 0.53), (0.44, 0.46)
    )
    shapes += [Shape(smooth(gown, steps=6), "dress"), Shape(top, "trim")]
    for level in np.linspace(0.66, 0.9, int(rng.integers(2, 5))):
        reach = wide * (0.55 + 0.45 * (level - 0.52) / 0.43)
        x = np.linspace(0.5 - reach * 0.9, 0.5 + reach * 0.9, 40)
        shapes.append(Shape(np.stack([x, level + 0.012 * np.sin(x * 90)], axis=1), None, closed=False))
    shapes += [Shape(oval(0.5, 0.26, face, face * 1.12), "skin"), *_eyes(0.5, 0.265, 0.04, 0.018)]
    shapes.append(Shape(_arc(0.5, 0.3, 0.03, 0.02, 0.1, 0.9), None, closed=False))
    fringe = _pts((0.39, 0.25), (0.42, 0.16), (0.5, 0.145), (0.58, 0.16), (0.61, 0.25), (0.55, 0.2), (0.46, 0.19))
    return [*shapes, Shape(smooth(fringe), "hair"), Shape(crown, "gold")]


def beast(rng: np.random.Generator) -> list[Shape]:
    """Return a sitting cat, rabbit or bear."""
    kind = int(rng.integers(3))
    head, body = rng.uniform(0.17, 0.21), rng.uniform(0.19, 0.25)
    shapes: list[Shape] = []
    tail = _pts((0.66, 0.85), (0.82, 0.8), (0.86, 0.62), (0.8, 0.5), (0.76, 0.56), (0.79, 0.66), (0.74, 0.76))
    shapes.append(Shape(smooth(tail) if kind == 0 else oval(0.7, 0.8, 0.07, 0.06), "fur"))
    shapes.append(Shape(oval(0.5, 0.7, body, 0.23), "fur"))
    shapes.append(Shape(oval(0.5, 0.74, body * 0.6, 0.15), "belly"))
    for side in (-1, 1):
        x = 0.5 + side * head * 0.62
        if kind == 0:
            ear = _pts((x - side * 0.08, 0.24), (x + side * 0.06, 0.08), (x + side * 0.08, 0.28))
            shapes += [Shape(ear, "fur"), Shape(ear * 0.6 + ear.mean(axis=0) * 0.4, "trim")]
        else:
            rx, ry, y = (0.045, 0.16, 0.13) if kind == 1 else (0.075, 0.075, 0.2)
            shapes += [
                Shape(oval(x, y, rx, ry, side * 0.15), "fur"),
                Shape(oval(x, y, rx * 0.55, ry * 0.65, side * 0.15), "trim"),
            ]
        shapes.append(Shape(oval(0.5 + side * body * 0.72, 0.92, 0.1, 0.045), "fur"))
        shapes.append(Shape(oval(0.5 + side * 0.09, 0.72, 0.045, 0.12, side * 0.2), "fur"))
    shapes += [Shape(oval(0.5, 0.36, head * 1.12, head), "fur"), *_eyes(0.5, 0.34, 0.08, rng.uniform(0.022, 0.034))]
    shapes.append(Shape(oval(0.5, 0.42, 0.028, 0.018), "trim"))
    for side in (-1, 1):
        shapes.append(Shape(_arc(0.5 + side * 0.028, 0.44, 0.028, 0.025, 0.0, 1.0), None, closed=False))
        if kind < 2:
            for slope in (-0.02, 0.01, 0.04):
                line = _pts((0.5 + side * 0.1, 0.42 + slope / 2), (0.5 + side * 0.25, 0.41 + slope))
                shapes.append(Shape(line, None, closed=False, weight=0.6))
    return shapes


def fish(rng: np.random.Generator) -> list[Shape]:
    """Return a fish with scales and bubbles."""
    tall = rng.uniform(0.19, 0.28)
    tail = _pts((0.72, 0.5), (0.93, 0.5 - tall), (0.87, 0.5), (0.93, 0.5 + tall))
    fin = _pts((0.35, 0.5 - tall * 0.8), (0.45, 0.5 - tall * 1.6), (0.66, 0.5 - tall * 1.2), (0.62, 0.5 - tall * 0.6))
    shapes = [Shape(smooth(tail), "trim"), Shape(smooth(fin), "trim"), Shape(oval(0.45, 0.5, 0.32, tall), "fur")]
    for column in range(5):
        for row in range(-2, 3):
            x, y = 0.42 + column * 0.065, 0.5 + row * tall * 0.36 + (column % 2) * tall * 0.18
            if ((x + 0.04 - 0.45) / 0.3) ** 2 + ((y - 0.5) / tall) ** 2 < 0.85:
                shapes.append(Shape(_arc(x, y, 0.035, tall * 0.18, -0.5, 0.5), None, closed=False, weight=0.8))
    shapes += [Shape(_arc(0.22, 0.5, 0.1, tall * 0.8, -0.45, 0.45), None, closed=False)]
    shapes += [Shape(oval(0.25, 0.45, 0.04, 0.045), "white"), Shape(oval(0.245, 0.455, 0.018, 0.022), "dark")]
    shapes.append(Shape(_arc(0.14, 0.55, 0.06, 0.04, -0.1, 0.6), None, closed=False))
    for _ in range(int(rng.integers(3, 8))):
        radius = rng.uniform(0.012, 0.035)
        shapes.append(Shape(oval(rng.uniform(0.05, 0.3), rng.uniform(0.05, 0.25), radius, radius), "sky"))
    for x in rng.uniform(0.1, 0.9, 4):
        weed = _pts((x, 1.0), (x + 0.03, 0.93), (x - 0.02, 0.86), (x + 0.01, 0.78))
        shapes.append(Shape(smooth(weed, closed=False), None, closed=False, weight=1.6))
    return shapes


def butterfly(rng: np.random.Generator) -> list[Shape]:
    """Return a butterfly with spotted wings."""
    up, low = rng.uniform(0.26, 0.38), rng.uniform(0.16, 0.26)
    spots = [(rng.uniform(0.12, 0.3), rng.uniform(0.28, 0.45), rng.uniform(0.025, 0.05)) for _ in range(3)]
    shapes: list[Shape] = []
    for side in (-1, 1):
        top = _pts((0.03, 0.47), (0.1, 0.3), (0.25, 0.5 - up), (0.43, 0.2), (0.42, 0.4), (0.25, 0.52))
        bottom = _pts((0.03, 0.53), (0.2, 0.54), (0.35, 0.6), (0.33, 0.6 + low), (0.18, 0.62 + low), (0.06, 0.65))
        flip = np.array([side, 1.0])
        for outline, role in ((bottom, "trim"), (top, "dress")):
            wing = smooth(outline) * flip + np.array([0.5, 0.0])
            inner = (smooth(outline) - outline.mean(axis=0)) * 0.65 + outline.mean(axis=0)
            shapes += [Shape(wing, role), Shape(inner * flip + np.array([0.5, 0.0]), "gold")]
        shapes += [Shape(oval(0.5 + side * x, y, r, r), "sky") for x, y, r in spots]
        feeler = smooth(_pts((0.5, 0.32), (0.5 + side * 0.06, 0.2), (0.5 + side * 0.13, 0.14)), closed=False)
        shapes += [Shape(feeler, None, closed=False), Shape(oval(0.5 + side * 0.13, 0.14, 0.012, 0.012), "dark")]
    return [*shapes, Shape(oval(0.5, 0.55, 0.035, 0.2), "hair"), Shape(oval(0.5, 0.33, 0.045, 0.045), "hair")]


def house(rng: np.random.Generator) -> list[Shape]:
    """Return a house with a tree, a sun and clouds."""
    left, right, top = 0.2, rng.uniform(0.62, 0.7), rng.uniform(0.42, 0.5)
    door = rng.uniform(left + 0.12, right - 0.24)
    shapes = [Shape(oval(0.82, 0.15, 0.07, 0.07), "gold")]
    for angle in np.linspace(0, 2, 9)[:-1] * np.pi:
        ray = np.array([[0.09], [0.13]]) * np.array([[np.cos(angle), np.sin(angle)]]) + np.array([0.82, 0.15])
        shapes.append(Shape(ray, None, closed=False))
    cloud = _pts((0.1, 0.2), (0.13, 0.13), (0.2, 0.12), (0.27, 0.1), (0.33, 0.15), (0.34, 0.2))
    hill = _pts((-0.1, 0.86), (0.3, 0.8), (0.7, 0.86), (1.1, 0.8), (1.1, 1.1), (-0.1, 1.1))
    shapes += [Shape(smooth(cloud), "white"), Shape(smooth(hill), "leaf")]
    shapes += [Shape(_pts((left, top), (right, top), (right, 0.88), (left, 0.88)), "belly")]
    shapes.append(
        Shape(_pts((right - 0.12, 0.18), (right - 0.05, 0.18), (right - 0.05, 0.4), (right - 0.12, 0.4)), "hair")
    )
    peak = (left + right) / 2
    shapes.append(Shape(_pts((left - 0.06, top), (peak, rng.uniform(0.18, 0.26)), (right + 0.06, top)), "dress"))
    shapes += [Shape(_pts((door, 0.66), (door + 0.11, 0.66), (door + 0.11, 0.88), (door, 0.88)), "hair")]
    shapes.append(Shape(oval(door + 0.09, 0.78, 0.009, 0.009), "gold"))
    for x in (left + 0.03, right - 0.12):
        shapes.append(Shape(_pts((x, 0.54), (x + 0.09, 0.54), (x + 0.09, 0.64), (x, 0.64)), "sky"))
        shapes += [Shape(_pts((x + 0.045, 0.54), (x + 0.045, 0.64)), None, closed=False, weight=0.7)]
    shapes.append(Shape(_pts((0.83, 0.6), (0.87, 0.6), (0.88, 0.88), (0.82, 0.88)), "hair"))
    crown = np.concatenate([oval(0.85, 0.5, 0.12, 0.15, steps=9)]) + rng.normal(0, 0.012, (9, 2))
    return [*shapes, Shape(smooth(crown), "leaf")]


def flower(rng: np.random.Generator) -> list[Shape]:
    """Return flowers on stems."""
    shapes: list[Shape] = []
    for x in ((0.5,), (0.3, 0.68), (0.22, 0.5, 0.78))[int(rng.integers(3))]:
        y, size, petals = rng.uniform(0.22, 0.42), rng.uniform(0.11, 0.16), int(rng.integers(5, 10))
        stem = smooth(_pts((x, y), (x + rng.uniform(-0.06, 0.06), 0.65), (x, 1.0)), closed=False)
        shapes.append(Shape(stem, None, closed=False, weight=2.0))
        for side in (-1, 1):
            leaf = _pts((x, 0.8), (x + side * 0.08, 0.68), (x + side * 0.18, 0.66), (x + side * 0.1, 0.77))
            shapes.append(Shape(smooth(leaf), "leaf"))
        for angle in np.arange(petals) * 2 * np.pi / petals:
            px, py = x + size * 0.75 * np.cos(angle), y + size * 0.75 * np.sin(angle)
            shapes.append(Shape(oval(px, py, size * 0.55, size * 1.5 / petals, angle), "dress"))
        shapes.append(Shape(oval(x, y, size * 0.42, size * 0.42), "gold"))
    return shapes


def car(rng: np.random.Generator) -> list[Shape]:
    """Return a car from the side."""
    roof, nose = rng.uniform(0.28, 0.36), rng.uniform(0.1, 0.16)
    body = _pts((0.06, 0.68), (0.07, 0.54), (0.22, 0.5), (0.32, roof), (0.62, roof), (0.76, 0.49), (0.92, 0.54))
    body = np.concatenate([body, _pts((0.95, 0.68))])
    shapes = [Shape(body, "dress")]
    for left, right in ((0.29, 0.47), (0.5, 0.7)):
        lean = 0.06 if left < 0.4 else 0.0
        end = 0.0 if left < 0.4 else 0.09
        window = _pts((left, 0.49), (left + lean, roof + 0.035), (right - end, roof + 0.035), (right, 0.49))
        shapes.append(Shape(window, "sky"))
    shapes += [
        Shape(_pts((0.485, 0.5), (0.485, 0.67)), None, closed=False),
        Shape(oval(0.9, 0.57, 0.03, 0.025), "gold"),
    ]
    for x in (0.25, 0.75):
        shapes += [
            Shape(oval(x, 0.69, nose * 0.85, nose * 0.85), "dark"),
            Shape(oval(x, 0.69, nose * 0.45, nose * 0.45), "belly"),
        ]
    return [*shapes, Shape(_pts((0.0, 0.69 + nose * 0.85), (1.0, 0.69 + nose * 0.85)), None, closed=False)]


def dinosaur(rng: np.random.Generator) -> list[Shape]:
    """Return a long-necked dinosaur with plates on its back."""
    head = rng.uniform(0.12, 0.24)
    body = _pts((0.12, head + 0.08), (0.14, head), (0.24, head - 0.02), (0.33, head + 0.08), (0.35, 0.42), (0.5, 0.45))
    body = np.concatenate([body, _pts((0.66, 0.5), (0.8, 0.66), (0.97, 0.74), (0.78, 0.77), (0.62, 0.78), (0.4, 0.79))])
    body = np.concatenate([body, _pts((0.27, 0.68), (0.25, 0.45), (0.23, head + 0.13))])
    shapes: list[Shape] = []
    for x, y in ((0.37, 0.4), (0.46, 0.41), (0.55, 0.43), (0.64, 0.47), (0.72, 0.55)):
        shapes.append(Shape(_pts((x - 0.045, y + 0.06), (x + 0.03, y - 0.07), (x + 0.055, y + 0.07)), "trim"))
    for x in (0.33, 0.46, 0.6):
        leg = _pts((x, 0.7), (x + 0.1, 0.7), (x + 0.095, 0.92), (x + 0.005, 0.92))
        shapes.append(Shape(leg, "fur"))
    shapes += [Shape(smooth(body), "fur"), Shape(oval(0.22, head + 0.03, 0.018, 0.022), "dark")]
    shapes.append(Shape(_arc(0.17, head + 0.06, 0.05, 0.03, 0.0, 0.6), None, closed=False))
    for _ in range(6):
        x, y, r = rng.uniform(0.36, 0.66), rng.uniform(0.53, 0.72), rng.uniform(0.015, 0.035)
        shapes.append(Shape(oval(x, y, r, r * 0.8), "belly", weight=0.7))
    return [*shapes, Shape(_pts((0.0, 0.92), (1.0, 0.92)), None, closed=False)]


def mandala(rng: np.random.Generator) -> list[Shape]:
    """Return rings of petals around a centre."""
    shapes = [Shape(oval(0.5, 0.5, 0.47, 0.47, steps=96), "belly")]
    radius, folds = 0.46, int(rng.choice([8, 10, 12, 16]))
    roles = ("dress", "trim", "sky", "gold", "leaf")
    for ring in range(int(rng.integers(4, 6))):
        deep = rng.uniform(0.07, 0.12)
        kind = int(rng.integers(3))
        for step in range(folds):
            angle = 2 * np.pi * (step + 0.5 * (ring % 2)) / folds
            middle = radius - deep / 2
            x, y = 0.5 + middle * np.cos(angle), 0.5 + middle * np.sin(angle)
            wide = np.pi * middle / folds
            if kind == 0:
                outline = oval(x, y, deep / 2, wide * 0.95, angle, 20)
            elif kind == 1:
                tip = _pts((deep / 2, 0), (-deep / 4, wide), (-deep / 2, 0), (-deep / 4, -wide))
                turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
                outline = smooth(tip, steps=5) @ turn + np.array([x, y])
            else:
                outline = oval(x, y, min(deep / 2, wide) * 0.8, min(deep / 2, wide) * 0.8, 0, 16)
            shapes.append(Shape(outline, roles[ring % len(roles)]))
        radius -= deep
        shapes.append(Shape(oval(0.5, 0.5, radius, radius, steps=64), "white"))
    return shapes


FIGURES: Mapping[str, Callable[[np.random.Generator], list[Shape]]] = {
    "princess": princess,
    "beast": beast,
    "fish": fish,
    "butterfly": butterfly,
    "house": house,
    "flower": flower,
    "car": car,
    "dinosaur": dinosaur,
    "mandala": mandala,
}


def paint(
    pen: ImageDraw.ImageDraw,
    shapes: list[Shape],
    box: tuple[float, float, float, float],
    *,
    colors: Mapping[str, Color],
    line: Color = INK,
    width: float = 3.0,
    mirror: bool = False,
) -> None:
    """Paint a figure into ``box`` (left, top, width, height); a role without colour stays unfilled.

    Args:
        pen: where to paint.
        shapes: the figure.
        box: its place in canvas pixels.
        colors: colour of each role.
        line: colour of the outlines.
        width: their width in canvas pixels.
        mirror: flip left and right.
    """
    left, top, wide, high = box
    for shape in shapes:
        points = shape.points.copy()
        if mirror:
            points[:, 0] = 1 - points[:, 0]
        outline = xy(points * np.array([wide, high]) + np.array([left, top]))
        stroke = max(round(width * shape.weight), 1)
        color = colors.get(shape.role) if shape.role else None
        if shape.closed and color is not None:
            pen.polygon(outline, fill=color)
        pen.line([*outline, *outline[:2]] if shape.closed else outline, fill=line, width=stroke, joint="curve")
