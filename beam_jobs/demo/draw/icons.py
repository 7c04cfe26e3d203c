"""icon_pictogram: strokes, solids, two tones, tiles, road signs, letters, files, isometric blocks, sheets of them."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import (
    INK,
    SUPERSAMPLE,
    WHITE,
    Color,
    Points,
    blend,
    font,
    gradient,
    hsv,
    oval,
    pick,
    shrink,
    vivid,
    xy,
)
from beam_jobs.demo.draw.gear import anything
from beam_jobs.demo.draw.glyphs import BODY, HOLE, INNER, LINE, SIGNS, Sign, rounded
from beam_jobs.demo.draw.lettering import fit, phrase
from beam_jobs.demo.draw.symbols import icon_badges
from beam_jobs.demo.draw.things import LINE as STROKE

_BLACK: Color = (0, 0, 0)
_FACES = ("sans", "bold", "mono", "plain", "heavy")


def icon_pictogram(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw one icon, often as large as the picture, or a sheet of icons."""
    kind = pick(rng, tuple(_KINDS))
    if kind == "badges":
        return icon_badges(rng, size)
    paper = pick(rng, (WHITE, WHITE, WHITE, WHITE, (245, 245, 247), blend(vivid(rng), WHITE, 0.85), INK))
    image = Image.new("RGB", (size * SUPERSAMPLE, size * SUPERSAMPLE), paper)
    ink = WHITE if paper == INK else pick(rng, (_BLACK, _BLACK, _BLACK, INK, blend(vivid(rng), INK, 0.3), vivid(rng)))
    _KINDS[kind](image, rng, (image.width / 2, image.height / 2, image.width / 2 * rng.uniform(0.72, 1.0)), ink, paper)
    return shrink(image)


_Place = tuple[float, float, float]
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
    image: Image.Image, sign: Sign, place: _Place, *, ink: Color, hole: Color, line: float, solid: bool, fill: Color | None = None
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
                _stroke(pen, np.concatenate([shape, shape[:1]]), width // 2, ink)
            else:
                pen.polygon(xy(shape), fill=hole if fill is None else fill)
                _stroke(pen, np.concatenate([shape, shape[:1]]), width, ink)
        elif what == HOLE:
            if solid:
                pen.polygon(xy(shape), fill=hole)
            else:
                pen.polygon(xy(shape), fill=ink if float(np.ptp(shape, axis=0).max()) < r * 0.35 else hole)
                _stroke(pen, np.concatenate([shape, shape[:1]]), width if float(np.ptp(shape, axis=0).max()) > r * 0.35 else 1, ink)
        else:
            _stroke(pen, shape, width, hole if what == INNER and solid else ink)


def _stroke(pen: ImageDraw.ImageDraw, path: Points, width: int, color: Color) -> None:
    """Draw a stroke with round ends and joints."""
    pen.line(xy(path), fill=color, width=max(width, 1), joint="curve")
    if width > 3:
        r = width / 2 - 0.5
        for x, y in path[:: max(len(path) // 8, 1)]:
            pen.ellipse([x - r, y - r, x + r, y + r], fill=color)
        x, y = path[-1]
        pen.ellipse([x - r, y - r, x + r, y + r], fill=color)


def _line_icon(image: Image.Image, rng: np.random.Generator, place: _Place, ink: Color, paper: Color) -> None:
    draw_sign(image, any_sign(rng), place, ink=ink, hole=paper, line=rng.uniform(0.05, 0.17), solid=False)
    _extra(image, rng, place, ink, paper)


def _solid_icon(image: Image.Image, rng: np.random.Generator, place: _Place, ink: Color, paper: Color) -> None:
    draw_sign(image, any_sign(rng), place, ink=ink, hole=paper, line=rng.uniform(0.09, 0.2), solid=True)
    _extra(image, rng, place, ink, paper)


def _extra(image: Image.Image, rng: np.random.Generator, place: _Place, ink: Color, paper: Color) -> None:
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
        pen.ellipse([at[0] - small * reach, at[1] - small * reach, at[0] + small * reach, at[1] + small * reach], fill=color)
    name = pick(rng, ("plus", "cross", "check", "arrow", "heart", "star", "bolt"))
    draw_sign(image, SIGNS[name](), (at[0], at[1], small * 0.62), ink=paper, hole=ink, line=0.26, solid=True)


def _enclosed(image: Image.Image, rng: np.random.Generator, place: _Place, ink: Color, paper: Color) -> None:
    """A sign in a ring or a frame, or cut out of a disc or a square."""
    x, y, r = place
    shape = pick(rng, (oval(0, 0, 1, 1, steps=90), rounded(-1, -1, 1, 1, rng.uniform(0.05, 0.5)), np.array([[0, -1], [1, 0], [0, 1], [-1, 0.0]])))
    solid, line = rng.random() < 0.5, rng.uniform(0.06, 0.14)
    draw_sign(image, [(shape, BODY)], place, ink=ink, hole=paper, line=line, solid=solid)
    inner = (x, y, r * rng.uniform(0.4, 0.6))
    front, back = (paper, ink) if solid else (ink, paper)
    draw_sign(image, any_sign(rng), inner, ink=front, hole=back, line=line / 0.5, solid=bool(rng.random() < 0.4))


def _two_tone(image: Image.Image, rng: np.random.Generator, place: _Place, ink: Color, paper: Color) -> None:
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
            _stroke(ImageDraw.Draw(image), ring, round(line * r), ink)
    else:
        draw_sign(image, sign, place, ink=ink, hole=paper, line=line, solid=False, fill=tint)


def _service(image: Image.Image, rng: np.random.Generator, place: _Place, _ink: Color, _paper: Color) -> None:
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
        pen.polygon([(r - reach, r + reach), (r + reach, r - reach), (side + reach, side - reach), (side - reach, side + reach)], fill=blend(base, INK, 0.25))
    draw_sign(fill, any_sign(rng), (r, r, inner), ink=WHITE, hole=blend(base, other, 0.5), line=line, solid=solid)
    mask = Image.new("L", (side, side), 0)
    ImageDraw.Draw(mask).polygon(xy(shape * r + r), fill=255)
    image.paste(fill, (round(x - r), round(y - r)), mask)


def _flat(image: Image.Image, rng: np.random.Generator, place: _Place, _ink: Color, paper: Color) -> None:
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
            _stroke(pen, shape, round(r * 0.12), WHITE if what == INNER else color)


def _road(image: Image.Image, rng: np.random.Generator, place: _Place, _ink: Color, _paper: Color) -> None:
    """A sign of roads and buildings: warning, ban, order, direction."""
    x, y, r = place
    kind = pick(rng, ("triangle", "ban", "order", "square", "diamond", "hazard"))
    red, blue = (204, 20, 36), (0, 82, 164)
    shapes: dict[str, Points] = {
        "triangle": np.array([[0, -0.95], [1, 0.8], [-1, 0.8]]), "hazard": np.array([[0, -0.95], [1, 0.8], [-1, 0.8]]),
        "ban": oval(0, 0, 1, 1, steps=80), "order": oval(0, 0, 1, 1, steps=80),
        "square": rounded(-1, -1, 1, 1, 0.12), "diamond": np.array([[0, -1], [1, 0], [0, 1], [-1, 0.0]]),
    }  # fmt: skip
    edge, ground, sign = {
        "triangle": (red, WHITE, _BLACK), "hazard": (_BLACK, (250, 204, 0), _BLACK), "ban": (red, WHITE, _BLACK),
        "order": (WHITE, blue, WHITE), "square": (WHITE, pick(rng, (blue, (0, 122, 76), red)), WHITE), "diamond": (_BLACK, (252, 200, 0), _BLACK),
    }[kind]  # fmt: skip
    pen = ImageDraw.Draw(image)
    shape = shapes[kind]
    middle = np.array([x, y + (r * 0.22 if shape.shape[0] == 3 else 0)])
    pen.polygon(xy(shape * r + np.array([x, y])), fill=ground if edge == WHITE else edge)
    pen.polygon(xy((shape - shape.mean(0)) * r * (0.7 if shape.shape[0] == 3 else 0.82) + shape.mean(0) * r + np.array([x, y])), fill=ground)
    inner = r * (0.36 if shape.shape[0] == 3 else 0.5)
    draw_sign(image, any_sign(rng), (middle[0], middle[1], inner), ink=sign, hole=ground, line=rng.uniform(0.15, 0.22), solid=True)
    if kind == "ban":
        pen.line([x - r * 0.62, y - r * 0.62, x + r * 0.62, y + r * 0.62], fill=red, width=round(r * 0.15))


def _letters(image: Image.Image, rng: np.random.Generator, place: _Place, ink: Color, paper: Color) -> None:
    """Letters and figures as icons: H1, a sorted list, a file's ending, a number in a frame."""
    x, y, r = place
    text = pick(rng, ("H1", "Aa", "VR", "AI", "24", "7", "A", "T", "@", "#", "%", "&", "B", "?", "!", "i", "€", "$", "1:1", "4K", "HD", "FAQ", "PDF", "ZIP", "DOC", "JS", "NEW", "OK", "P", "WC", "+1"))
    style, pen = pick(rng, _FACES), ImageDraw.Draw(image)
    frame = rng.random()
    front, wide = ink, 1.8
    if frame < 0.35:
        outline = pick(rng, (rounded(-1, -0.75, 1, 0.75, 0.15), rounded(-1, -1, 1, 1, 0.2), oval(0, 0, 1, 1, steps=80)))
        solid = rng.random() < 0.5
        draw_sign(image, [(outline, BODY)], place, ink=ink, hole=paper, line=0.1, solid=solid)
        front, wide = (paper if solid else ink), 1.3
    elif frame < 0.6:
        draw_sign(image, SIGNS["file"](), place, ink=ink, hole=paper, line=0.1, solid=False)
        wide, y = 0.95, y + r * 0.25
    elif frame < 0.75:
        draw_sign(image, [(np.array([[-0.55, -0.9], [-0.55, 0.9]]), LINE), (np.array([[-0.9, 0.5], [-0.55, 0.92], [-0.2, 0.5]]), LINE)], place, ink=ink, hole=paper, line=0.14, solid=True)
        x, wide = x + r * 0.45, 1.0
    height = fit(text, r * wide, round(r * 1.7), style)
    pen.text((x, y), text, front, font(height, style), "mm", stroke_width=int(height * 0.03))


def _isometric(image: Image.Image, rng: np.random.Generator, place: _Place, ink: Color, paper: Color) -> None:
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
                _stroke(pen, np.asarray([*quad, quad[0]]), round(r * 0.06), ink)
        if rng.random() < 0.5:
            dot = r * 0.05
            pen.ellipse([x - w * 0.8 - dot, low - high * 0.4 - dot, x - w * 0.8 + dot, low - high * 0.4 + dot], fill=WHITE if not strokes else ink)


def _sheet(image: Image.Image, rng: np.random.Generator, _place: _Place, ink: Color, paper: Color) -> None:
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


def _none(_image: Image.Image, _rng: np.random.Generator, _place: _Place, _ink: Color, _paper: Color) -> None:
    """Stands for the badges, which make their own canvas."""


_KINDS: dict[str, Callable[[Image.Image, np.random.Generator, _Place, Color, Color], None]] = {
    "line": _line_icon, "line 2": _line_icon, "solid": _solid_icon, "solid 2": _solid_icon, "enclosed": _enclosed, "enclosed 2": _enclosed,
    "two tones": _two_tone, "service": _service, "flat": _flat, "road": _road, "letters": _letters, "isometric": _isometric,
    "sheet": _sheet, "badges": _none,
}  # fmt: skip
