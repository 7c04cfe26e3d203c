"""More of logo_emblem: marks as large as the picture, in one ink or in flat colours, and word marks cut close."""

import numpy as np
from PIL import Image, ImageChops, ImageDraw

from beam_jobs.demo.draw.bodies import bird, quadruped, small_animal
from beam_jobs.demo.draw.busts import bust, profile
from beam_jobs.demo.draw.canvas import INK, WHITE, Color, Points, blend, font, hsv, oval, pick, smooth, vivid, xy
from beam_jobs.demo.draw.gear import anything
from beam_jobs.demo.draw.glyphs import rounded
from beam_jobs.demo.draw.lettering import phrase, put, text_width
from beam_jobs.demo.draw.shapes import ellipse_at
from beam_jobs.demo.draw.things import LINE

_FACES = ("bold", "heavy", "plain", "sans", "times_bold", "serif_bold", "italic", "curly", "times_italic", "mono")
_SIDE = 800


def close_mark(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a mark or a name that fills its picture."""
    mask = Image.new("L", (_SIDE, _SIDE), 0)
    kind = pick(
        rng,
        (
            _letter,
            _letter,
            _cut_shape,
            _cut_shape,
            _strokes,
            _strokes,
            _beast,
            _beast,
            _blocks,
            _letter_in,
            _word,
            _word,
            _word,
            _orbits,
        ),
    )
    kind(mask, rng)
    box = mask.getbbox() or (0, 0, _SIDE, _SIDE)
    mask = mask.crop(box)
    margin = pick(rng, (0.0, 0.0, 0.02, 0.08, 0.15))
    wide, high = mask.size
    side = max(wide, high)
    frame = (side, side) if rng.random() < 0.7 else (max(wide, round(side * 0.25)), max(high, round(side * 0.25)))
    full = Image.new("L", (round(frame[0] * (1 + 2 * margin)), round(frame[1] * (1 + 2 * margin))), 0)
    full.paste(mask, ((full.width - wide) // 2, (full.height - high) // 2))
    longer = max(full.size)
    full = full.resize(
        (max(round(full.width * size / longer), 24), max(round(full.height * size / longer), 24)), Image.Resampling.BOX
    )
    ink: Color = pick(rng, ((0, 0, 0), (0, 0, 0), (0, 0, 0), INK, vivid(rng), blend(vivid(rng), INK, 0.3)))
    ground: Color = WHITE
    if rng.random() < 0.12:
        ink, ground = WHITE, pick(rng, (INK, (0, 0, 0), vivid(rng)))
    image = Image.new("RGB", full.size, ground)
    if rng.random() < 0.2:
        image.paste(_shades(rng, full.size, ink if ink not in (WHITE, INK, (0, 0, 0)) else vivid(rng)), (0, 0), full)
    else:
        image.paste(ink, (0, 0), full)
    return image


def _shades(rng: np.random.Generator, size: tuple[int, int], base: Color) -> Image.Image:
    """Return flat fields or a slanted gradient of two or three colours."""
    w, h = size
    other = hsv(rng.random(), 0.8, 0.9)
    y, x = np.mgrid[0 : 1 : h * 1j, 0 : 1 : w * 1j]
    angle = rng.uniform(0, 2 * np.pi)
    share = np.clip(0.5 + (x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle), 0, 1)
    if rng.random() < 0.6:
        share = np.round(share * rng.integers(1, 4)) / 3
    mixed = np.asarray(base) * (1 - share[..., None]) + np.asarray(other) * share[..., None]
    return Image.fromarray(np.clip(mixed, 0, 255).astype(np.uint8))


def _fill(mask: Image.Image, points: Points, value: int = 255) -> None:
    ImageDraw.Draw(mask).polygon(xy(points * _SIDE * 0.45 + _SIDE / 2), fill=value)


def _path(mask: Image.Image, points: Points, width: float, value: int = 255, *, round_ends: bool = False) -> None:
    pen = ImageDraw.Draw(mask)
    line = xy(points * _SIDE * 0.45 + _SIDE / 2)
    wide = round(width * _SIDE * 0.45)
    pen.line(line, fill=value, width=wide, joint="curve")
    for x, y in (line[0], line[-1]) if round_ends else ():
        pen.ellipse([x - wide / 2, y - wide / 2, x + wide / 2, y + wide / 2], fill=value)


def _container(rng: np.random.Generator) -> Points:
    sides = int(rng.choice([3, 4, 5, 6, 6, 8]))
    angle = np.arange(sides) * 2 * np.pi / sides - np.pi / 2
    return pick(rng, (
        oval(0, 0, 1, 1, steps=90), oval(0, 0, 1, 1, steps=90), rounded(-1, -1, 1, 1, rng.uniform(0.02, 0.6)),
        np.stack([np.cos(angle), np.sin(angle)], axis=1),
        np.array([[-0.9, -0.95], [0.9, -0.95], [0.9, 0.45], [0.0, 1.0], [-0.9, 0.45]]),
        smooth(np.array([[0, -1], [0.9, -0.7], [0.8, 0.2], [0, 1], [-0.8, 0.2], [-0.9, -0.7]]), steps=5),
    ))  # fmt: skip


def _text(
    mask: Image.Image, rng: np.random.Generator, text: str, height: float, value: int = 255, y: float = 0.0
) -> None:
    """Write in the middle, fat or lean."""
    style = pick(rng, _FACES)
    pixels = round(height * _SIDE * 0.45)
    while text_width(text, pixels, style) > _SIDE * 0.98 and pixels > 12:
        pixels = round(pixels * 0.9)
    pen = ImageDraw.Draw(mask)
    at = (_SIDE / 2, _SIDE / 2 + y * _SIDE * 0.45)
    if text.isascii():
        pen.text(at, text, value, font(pixels, style), "mm", stroke_width=round(pixels * rng.choice([0.0, 0.02, 0.05])))
    else:
        layer = Image.new("RGB", mask.size)
        put(ImageDraw.Draw(layer), at, text, WHITE, pixels, style=style, anchor="mm")
        mask.paste(value, (0, 0), layer.getchannel("R"))


def _slices(mask: Image.Image, rng: np.random.Generator) -> None:
    """Cut the mark by bars, a diagonal or a curve."""
    for _ in range(int(rng.integers(1, 4))):
        angle, shift = rng.choice([0, np.pi / 4, -np.pi / 4, np.pi / 2, rng.uniform(0, 3)]), rng.uniform(-0.6, 0.6)
        along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
        bend = rng.choice([0.0, 0.0, rng.uniform(-0.5, 0.5)])
        line = np.stack([across * shift - along * 1.6, across * (shift + bend), across * shift + along * 1.6])
        _path(mask, smooth(line, closed=False) if bend else line, rng.uniform(0.04, 0.16), 0)


def _letter(mask: Image.Image, rng: np.random.Generator) -> None:
    _text(mask, rng, pick(rng, tuple("ABCDEFGHJKLMNPQRSTUVWXYZabdefghkmnpqrstuwy&")), 2.2)
    if rng.random() < 0.6:
        _slices(mask, rng)


def _letter_in(mask: Image.Image, rng: np.random.Generator) -> None:
    shape = _container(rng)
    _fill(mask, shape)
    value = 0
    if rng.random() < 0.35:
        _fill(mask, shape * rng.uniform(0.75, 0.92), 0)
        value = 255
    text = phrase(rng, 1, korean=bool(rng.random() < 0.15))
    _text(
        mask,
        rng,
        text[: int(rng.choice([1, 1, 2, 3, 6]))].upper() if rng.random() < 0.7 else text[:1],
        rng.uniform(0.9, 1.5),
        value,
    )


def _cut_shape(mask: Image.Image, rng: np.random.Generator) -> None:
    """A plain shape with shapes and bars cut out, perhaps mirrored."""
    shape = _container(rng)
    _fill(mask, shape)
    for _ in range(int(rng.integers(1, 5))):
        inner = _container(rng) * rng.uniform(0.12, 0.6) + rng.uniform(-0.7, 0.7, 2)
        _fill(mask, inner, 255 if rng.random() < 0.3 else 0)
        if rng.random() < 0.3:
            _fill(mask, inner * (-1, 1), 0)
    if rng.random() < 0.6:
        _slices(mask, rng)
    if rng.random() < 0.3:
        half = mask.crop((0, 0, _SIDE // 2, _SIDE))
        mask.paste(half.transpose(Image.Transpose.FLIP_LEFT_RIGHT), (_SIDE // 2, 0))


def _strokes(mask: Image.Image, rng: np.random.Generator) -> None:
    """Thick lines on a grid that bend at right angles or diagonals, mirrored or turned into each other."""
    width = rng.uniform(0.12, 0.42)
    ends = rng.random() < 0.4
    for _ in range(int(rng.integers(1, 4))):
        points = [rng.integers(-2, 3, 2) / 2.0]
        for _ in range(int(rng.integers(1, 5))):
            way = pick(rng, ((1, 0), (0, 1), (1, 1), (1, -1))) if rng.random() < 0.9 else (0.5, 1)
            step = np.asarray(way) * rng.choice([-1.0, -0.5, 0.5, 1.0])
            points.append(np.clip(points[-1] + step, -1, 1))
        line = np.asarray(points, dtype=np.float64)
        if rng.random() < 0.3:
            line = smooth(line, closed=False)
        _path(mask, line, width, round_ends=ends)
        mirror = pick(rng, ((-1, 1), (-1, -1), (1, -1), None))
        if mirror is not None:
            _path(mask, line * mirror, width, round_ends=ends)
    if rng.random() < 0.3:
        _fill(mask, ellipse_at(rng.uniform(-0.8, 0.8, 2), 0.2, 0.2))


def _blocks(mask: Image.Image, rng: np.random.Generator) -> None:
    """Cells of a grid: squares, discs, quarters, triangles."""
    count = int(rng.integers(2, 5))
    cell = 2 / count
    for row in range(count):
        for column in range(count):
            at = np.array([-1 + cell * (column + 0.5), -1 + cell * (row + 0.5)])
            kind = int(rng.integers(6))
            r = cell * rng.choice([0.5, 0.46])
            if kind == 0:
                _fill(mask, oval(0, 0, r, r) + at)
            elif kind == 1:
                _fill(mask, rounded(-r, -r, r, r, r * 0.2) + at)
            elif kind in (2, 3):
                turn = float(rng.integers(4)) * np.pi / 2
                quarter = (
                    np.concatenate([[[0, 0]], oval(0, 0, 2, 2, steps=48)[:13]])
                    if kind == 2
                    else np.array([[0.0, 0], [2, 0], [0, 2]])
                )
                spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
                _fill(mask, (quarter - 1) @ spin * r + at)


def _orbits(mask: Image.Image, rng: np.random.Generator) -> None:
    """Rings, crossing ellipses, spirals, rays."""
    kind = int(rng.integers(3))
    if kind == 0:
        for turn in np.arange(3) * np.pi / 3 + rng.uniform(0, 1):
            ring = oval(0, 0, 1, rng.uniform(0.3, 0.5), turn, 60)
            _path(mask, np.concatenate([ring, ring[:2]]), rng.uniform(0.06, 0.12))
        _fill(mask, oval(0, 0, 0.18, 0.18))
    elif kind == 1:
        angle = np.linspace(0, 2 * np.pi * rng.uniform(1.2, 3), 120)
        reach = np.linspace(0.1, 0.9, 120)[:, None]
        _path(mask, np.stack([np.cos(angle), np.sin(angle)], axis=1) * reach, rng.uniform(0.1, 0.24), round_ends=True)
    else:
        count, inner = int(rng.integers(6, 20)), rng.uniform(0.1, 0.6)
        for turn in np.arange(count) * 2 * np.pi / count:
            way = np.array([np.cos(turn), np.sin(turn)])
            _path(mask, np.stack([way * inner, way]), rng.uniform(0.08, 0.14), round_ends=True)


def _beast(mask: Image.Image, rng: np.random.Generator) -> None:
    """An animal, a head or an object as a silhouette with pale details, alone or cut out of a shape."""
    parts = pick(rng, (quadruped, bird, bird, small_animal, bust, profile, anything))(rng)
    inside = rng.random() < 0.45
    layer = Image.new("L", mask.size, 0)
    reach = rng.uniform(0.6, 0.75) if inside else 1.0
    for points, role in parts:
        if role == LINE:
            _path(layer, points * reach, 0.05, 0)
        else:
            _fill(layer, points * reach, 0 if role in (2, 3) and rng.random() < 0.6 else 255)
    if inside:
        _fill(mask, _container(rng))
        mask.paste(ImageChops.subtract(mask, layer))
    else:
        mask.paste(layer)


def _word(mask: Image.Image, rng: np.random.Generator) -> None:
    """A name, perhaps over a line or a second one, with a cut or a swoosh."""
    text = phrase(rng, 1, korean=bool(rng.random() < 0.15))[:9]
    text = pick(rng, (text, text.title(), text.upper()))
    _text(mask, rng, text, 1.2)
    extra = int(rng.integers(6))
    if extra == 0:
        _text(mask, rng, phrase(rng, 1, korean=False).upper(), 0.25, y=0.55)
    elif extra == 1:
        curve = smooth(np.array([[-1, 0.45], [0, 0.6], [1, 0.3]]), closed=False)
        _path(mask, curve, rng.uniform(0.04, 0.1))
    elif extra == 2:
        _slices(mask, rng)
    elif extra == 3:
        around = Image.new("L", mask.size, 0)
        box = mask.getbbox() or (0, 0, _SIDE, _SIDE)
        pad = _SIDE * 0.05
        ImageDraw.Draw(around).rounded_rectangle(
            [max(box[0] - pad, 0), box[1] - pad, min(box[2] + pad, _SIDE), box[3] + pad],
            pad * rng.uniform(0, 2),
            fill=255,
        )
        mask.paste(ImageChops.subtract(around, mask))
    if rng.random() < 0.25:
        shear = rng.uniform(0.1, 0.3)
        mask.paste(
            mask.transform(
                mask.size, Image.Transform.AFFINE, (1, shear, -shear * _SIDE / 2, 0, 1, 0), Image.Resampling.BILINEAR
            )
        )
