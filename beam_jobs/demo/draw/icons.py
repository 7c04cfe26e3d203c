"""icon_pictogram: strokes, solids, two tones, tiles, road signs, letters, files, isometric blocks, sheets of them."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import (
    INK,
    SUPERSAMPLE,
    WHITE,
    Color,
    blend,
    gradient,
    hsv,
    oval,
    pick,
    shrink,
    vivid,
    xy,
)
from beam_jobs.demo.draw.glyphs import BODY, HOLE, INNER, SIGNS, rounded
from beam_jobs.demo.draw.plates import BLACK, letters, road_sign
from beam_jobs.demo.draw.signs import Place, any_sign, draw_sign, stroke
from beam_jobs.demo.draw.symbols import icon_badges


def icon_pictogram(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw one icon, often as large as the picture, or a sheet of icons."""
    kind = pick(rng, tuple(_KINDS))
    if kind == "badges":
        return icon_badges(rng, size)
    paper = pick(rng, (WHITE, WHITE, WHITE, WHITE, (245, 245, 247), blend(vivid(rng), WHITE, 0.85), INK))
    image = Image.new("RGB", (size * SUPERSAMPLE, size * SUPERSAMPLE), paper)
    ink = WHITE if paper == INK else pick(rng, (BLACK, BLACK, BLACK, INK, blend(vivid(rng), INK, 0.3), vivid(rng)))
    _KINDS[kind](image, rng, (image.width / 2, image.height / 2, image.width / 2 * rng.uniform(0.72, 1.0)), ink, paper)
    return shrink(image)


def _line_icon(image: Image.Image, rng: np.random.Generator, place: Place, ink: Color, paper: Color) -> None:
    draw_sign(image, any_sign(rng), place, ink=ink, hole=paper, line=rng.uniform(0.05, 0.17), solid=False)
    _extra(image, rng, place, ink, paper)


def _solid_icon(image: Image.Image, rng: np.random.Generator, place: Place, ink: Color, paper: Color) -> None:
    draw_sign(image, any_sign(rng), place, ink=ink, hole=paper, line=rng.uniform(0.09, 0.2), solid=True)
    _extra(image, rng, place, ink, paper)


def _extra(image: Image.Image, rng: np.random.Generator, place: Place, ink: Color, paper: Color) -> None:
    """Put a small plus, cross, arrow, gear or check in a corner, sometimes a stroke across."""
    if rng.random() > 0.25:
        return
    x, y, r = place
    if rng.random() < 0.2:
        pen = ImageDraw.Draw(image)
        for color, wide in ((paper, 0.3), (ink, 0.13)):
            pen.line([x - r * 0.85, y - r * 0.85, x + r * 0.85, y + r * 0.85], fill=color, width=round(r * wide))
        return
    small, at = r * rng.uniform(0.3, 0.4), (x + r * 0.62, y + r * rng.choice([-0.62, 0.62]))
    pen = ImageDraw.Draw(image)
    for color, reach in ((paper, 1.25), (ink, 1.0)):
        pen.ellipse(
            [at[0] - small * reach, at[1] - small * reach, at[0] + small * reach, at[1] + small * reach], fill=color
        )
    name = pick(rng, ("plus", "cross", "check", "arrow", "heart", "star", "bolt"))
    draw_sign(image, SIGNS[name](), (at[0], at[1], small * 0.62), ink=paper, hole=ink, line=0.26, solid=True)


def _enclosed(image: Image.Image, rng: np.random.Generator, place: Place, ink: Color, paper: Color) -> None:
    """A sign in a ring or a frame, or cut out of a disc or a square."""
    x, y, r = place
    shape = pick(
        rng,
        (
            oval(0, 0, 1, 1, steps=90),
            rounded(-1, -1, 1, 1, rng.uniform(0.05, 0.5)),
            np.array([[0, -1], [1, 0], [0, 1], [-1, 0.0]]),
        ),
    )
    solid, line = rng.random() < 0.5, rng.uniform(0.06, 0.14)
    draw_sign(image, [(shape, BODY)], place, ink=ink, hole=paper, line=line, solid=solid)
    inner = (x, y, r * rng.uniform(0.4, 0.6))
    front, back = (paper, ink) if solid else (ink, paper)
    draw_sign(image, any_sign(rng), inner, ink=front, hole=back, line=line / 0.5, solid=bool(rng.random() < 0.4))


def _two_tone(image: Image.Image, rng: np.random.Generator, place: Place, ink: Color, paper: Color) -> None:
    """Strokes in one colour, areas in a pale or second one, perhaps not quite below them."""
    tint = blend(vivid(rng), paper, rng.uniform(0.0, 0.6))
    sign, line = any_sign(rng), rng.uniform(0.05, 0.12)
    if rng.random() < 0.4:
        x, y, r = place
        moved = (x + r * 0.1, y + r * 0.1, r * 0.9)
        draw_sign(image, sign, moved, ink=tint, hole=tint, line=line, solid=True)
        for points, what in sign:
            shape = points * r * 0.85 + np.array([x, y])
            ring = np.concatenate([shape, shape[:1]]) if what in (BODY, HOLE) else shape
            stroke(ImageDraw.Draw(image), ring, round(line * r), ink)
    else:
        draw_sign(image, sign, place, ink=ink, hole=paper, line=line, solid=False, fill=tint)


def _service(image: Image.Image, rng: np.random.Generator, place: Place, _ink: Color, _paper: Color) -> None:
    """A tile of a cloud's service or an app: a gradient with white strokes, perhaps a long shadow."""
    x, y, r = place
    base = vivid(rng)
    other = blend(base, pick(rng, (INK, WHITE, vivid(rng))), rng.uniform(0, 0.5))
    side = round(2 * r)
    fill = gradient(side, side, [base, other]).rotate(float(rng.choice([0, 90, 180])))
    shape = pick(rng, (oval(0, 0, 1, 1, steps=90), rounded(-1, -1, 1, 1, 0.02), rounded(-1, -1, 1, 1, 0.2), rounded(-1, -1, 1, 1, 0.45),
                       np.stack([np.cos(np.arange(6) * np.pi / 3 + np.pi / 6), np.sin(np.arange(6) * np.pi / 3 + np.pi / 6)], axis=1)))  # fmt: skip
    inner = r * rng.uniform(0.45, 0.68)
    line, solid = rng.uniform(0.06, 0.16), bool(rng.random() < 0.5)
    if rng.random() < 0.25:
        pen = ImageDraw.Draw(fill)
        reach = inner * 0.7
        pen.polygon(
            [
                (r - reach, r + reach),
                (r + reach, r - reach),
                (side + reach, side - reach),
                (side - reach, side + reach),
            ],
            fill=blend(base, INK, 0.25),
        )
    draw_sign(fill, any_sign(rng), (r, r, inner), ink=WHITE, hole=blend(base, other, 0.5), line=line, solid=solid)
    mask = Image.new("L", (side, side), 0)
    ImageDraw.Draw(mask).polygon(xy(shape * r + r), fill=255)
    image.paste(fill, (round(x - r), round(y - r)), mask)


def _flat(image: Image.Image, rng: np.random.Generator, place: Place, _ink: Color, paper: Color) -> None:
    """A sign in several flat shades of one or two hues, one half darker."""
    hue = rng.random()
    shades = [hsv(hue + rng.normal(0, 0.03), rng.uniform(0.4, 0.95), rng.uniform(0.45, 0.95)) for _ in range(3)]
    shades.append(hsv(hue + rng.choice([0.0, 0.4, 0.5]), rng.uniform(0.2, 0.8), rng.uniform(0.7, 1)))
    x, y, r = place
    pen = ImageDraw.Draw(image)
    split = rng.random() < 0.5
    for step, (points, what) in enumerate(any_sign(rng)):
        shape = points * r + np.array([x, y])
        color = paper if what == HOLE else shades[step % 4]
        if what in (BODY, HOLE):
            pen.polygon(xy(shape), fill=color)
            if split and what == BODY:
                mask = Image.new("L", image.size, 0)
                ImageDraw.Draw(mask).polygon(xy(shape), fill=255)
                ImageDraw.Draw(mask).rectangle([0, 0, x, image.height], fill=0)
                image.paste(blend(color, INK, 0.22), (0, 0), mask)
        else:
            stroke(pen, shape, round(r * 0.12), WHITE if what == INNER else color)


def _isometric(image: Image.Image, rng: np.random.Generator, place: Place, ink: Color, paper: Color) -> None:
    """Blocks seen from a corner, in three shades or in strokes."""
    x, y, r = place
    pen = ImageDraw.Draw(image)
    base, strokes = vivid(rng), rng.random() < 0.35
    count = int(rng.integers(1, 4))
    half, high = r * rng.uniform(0.5, 0.9), r * rng.uniform(0.2, 0.9) / count
    y += high * count / 2
    for step in range(count):
        low = y - step * high * 1.25
        w, d = half, half * 0.55
        front = [(x - w, low), (x, low + d), (x, low + d - high), (x - w, low - high)]
        flank = [(x, low + d), (x + w, low), (x + w, low - high), (x, low + d - high)]
        top = [(x - w, low - high), (x, low + d - high), (x + w, low - high), (x, low - d - high)]
        for quad, shade in ((front, 0.15), (flank, 0.4), (top, 0.0)):
            pen.polygon(quad, fill=paper if strokes else blend(base, INK, shade))
            if strokes:
                stroke(pen, np.asarray([*quad, quad[0]]), round(r * 0.06), ink)
        if rng.random() < 0.5:
            dot = r * 0.05
            pen.ellipse(
                [x - w * 0.8 - dot, low - high * 0.4 - dot, x - w * 0.8 + dot, low - high * 0.4 + dot],
                fill=WHITE if not strokes else ink,
            )


def _sheet(image: Image.Image, rng: np.random.Generator, _place: Place, ink: Color, paper: Color) -> None:
    """Rows of icons in one manner."""
    count = int(rng.integers(2, 6))
    cell = image.width / count
    line, draw = rng.uniform(0.06, 0.16), pick(rng, (None, None, _enclosed, _two_tone, _service, _flat))
    solid = rng.random() < 0.5
    for spot in range(count * count):
        place = ((spot % count + 0.5) * cell, (spot // count + 0.5) * cell, cell * rng.uniform(0.34, 0.38))
        if draw is None:
            draw_sign(image, any_sign(rng), place, ink=ink, hole=paper, line=line, solid=solid)
        else:
            draw(image, rng, place, ink, paper)


def _none(_image: Image.Image, _rng: np.random.Generator, _place: Place, _ink: Color, _paper: Color) -> None:
    """Stands for the badges, which make their own canvas."""


_KINDS: dict[str, Callable[[Image.Image, np.random.Generator, Place, Color, Color], None]] = {
    "line": _line_icon, "line 2": _line_icon, "solid": _solid_icon, "solid 2": _solid_icon, "enclosed": _enclosed, "enclosed 2": _enclosed,
    "two tones": _two_tone, "service": _service, "flat": _flat, "road": road_sign, "letters": letters, "isometric": _isometric,
    "sheet": _sheet, "badges": _none,
}  # fmt: skip
