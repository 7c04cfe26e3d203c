"""How a made-up figure looks, and the strokes that it is drawn with."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import (
    INK,
    Color,
    Points,
    blend,
    hsv,
    pick,
    smooth,
    vivid,
    xy,
)


@dataclass(frozen=True)
class Look:
    """Colours and traits of a figure."""

    skin: Color
    hair: Color
    iris: Color
    cloth: Color
    trim: Color
    line: Color
    long_hair: bool
    ears: int
    glow: float


def new_look(rng: np.random.Generator) -> Look:
    """Return the look of a new figure."""
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
    return Look(
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


def draw_shape(image: Image.Image, points: Points, fill: Color, line: Color, stroke: float) -> None:
    """Draw a filled shape with its outline."""
    pen = ImageDraw.Draw(image)
    pen.polygon(xy(points), fill=fill)
    if stroke >= 1:
        pen.line(xy(np.concatenate([points, points[:2]])), fill=line, width=round(stroke), joint="curve")


def placed(
    points: list[tuple[float, float]], at: Points, unit: float, *, curve: bool = True, lean: float = 0.0
) -> Points:
    """Return points given in heads where they lie in the picture."""
    flat = np.asarray(points, dtype=float)
    spin = np.array([[np.cos(lean), np.sin(lean)], [-np.sin(lean), np.cos(lean)]])
    flat = flat @ spin
    return (smooth(flat, steps=6) if curve else flat) * unit + at


def stroke_of(unit: float) -> float:
    """Return the width of a line at a size of head."""
    return max(unit * 0.012, 1.2)


def hair_locks(
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
