"""Signs drawn in strokes or solid, in one manner."""

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import Color, Points, pick, xy
from beam_jobs.demo.draw.gear import anything
from beam_jobs.demo.draw.glyphs import BODY, HOLE, INNER, SIGNS, Sign
from beam_jobs.demo.draw.things import LINE as STROKE

Place = tuple[float, float, float]
"""Middle x, y and radius in pixels."""


def any_sign(rng: np.random.Generator) -> Sign:
    """Return a random sign, some turned by a quarter, some made of a thing."""
    if rng.random() < 0.25:
        return _of_thing(rng)
    name = pick(rng, tuple(SIGNS))
    sign = SIGNS[name]()
    if name.startswith(("arrow", "chevron", "play", "swap", "skip", "turn")):
        turn = float(rng.choice([0, 0.5, 1, 1.5, 0.25, 0.75])) * np.pi
        spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        return [(points @ spin, what) for points, what in sign]
    return sign


def _of_thing(rng: np.random.Generator) -> Sign:
    """Return a thing as a sign: its first colours solid, the pale ones cut out."""
    parts = anything(rng, living=0.35)
    sign: Sign = []
    for points, role in parts:
        what = INNER if role == STROKE else HOLE if role in (3, 4) and sign else BODY
        sign.append((points, what))
    return sign


def draw_sign(
    image: Image.Image,
    sign: Sign,
    place: Place,
    *,
    ink: Color,
    hole: Color,
    line: float,
    solid: bool,
    fill: Color | None = None,
) -> None:
    """Draw a sign.

    Args:
        image: the canvas.
        sign: outlines and strokes.
        place: middle and radius in pixels.
        ink: colour of strokes and solid areas.
        hole: colour of what is cut out.
        line: width of strokes in radii.
        solid: areas are filled, not outlined.
        fill: colour of areas that are outlined; None: the hole's.
    """
    x, y, r = place
    width = max(round(line * r), 2)
    reach = r - width / 2
    pen = ImageDraw.Draw(image)
    for points, what in sign:
        shape = points * reach + np.array([x, y])
        if what == BODY:
            if solid:
                pen.polygon(xy(shape), fill=ink)
                stroke(pen, np.concatenate([shape, shape[:1]]), width // 2, ink)
            else:
                pen.polygon(xy(shape), fill=hole if fill is None else fill)
                stroke(pen, np.concatenate([shape, shape[:1]]), width, ink)
        elif what == HOLE:
            if solid:
                pen.polygon(xy(shape), fill=hole)
            else:
                pen.polygon(xy(shape), fill=ink if float(np.ptp(shape, axis=0).max()) < r * 0.35 else hole)
                stroke(
                    pen,
                    np.concatenate([shape, shape[:1]]),
                    width if float(np.ptp(shape, axis=0).max()) > r * 0.35 else 1,
                    ink,
                )
        else:
            stroke(pen, shape, width, hole if what == INNER and solid else ink)


def stroke(pen: ImageDraw.ImageDraw, path: Points, width: int, color: Color) -> None:
    """Draw a stroke with round ends and joints."""
    pen.line(xy(path), fill=color, width=max(width, 1), joint="curve")
    if width > 3:
        r = width / 2 - 0.5
        for x, y in path[:: max(len(path) // 8, 1)]:
            pen.ellipse([x - r, y - r, x + r, y + r], fill=color)
        x, y = path[-1]
        pen.ellipse([x - r, y - r, x + r, y + r], fill=color)
