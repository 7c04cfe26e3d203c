"""logo_emblem: monograms, abstract marks, word marks, round badges, shields and tiles with a sign."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFont

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
    smooth,
    vivid,
    words,
    xy,
)
from beam_jobs.demo.draw.emblems import close_mark
from beam_jobs.demo.draw.lettering import fit, phrase, put, text_width

_FACES = ("bold", "heavy", "plain", "sans", "times_bold", "serif_bold", "roman", "curly", "times_italic", "mono")
_Mark = Callable[[Image.Image, np.random.Generator, float, float, float, "_Inks"], None]
_Inks = tuple[Color, Color, Color]
"""Ink, second ink, ground."""


def logo_emblem(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a mark alone, a mark with its name beside or below, or a name alone."""
    if rng.random() < 0.6:
        return close_mark(rng, size)
    ground = WHITE if rng.random() < 0.75 else pick(rng, (INK, vivid(rng), (244, 242, 236)))
    first = pick(rng, (INK, INK, (0, 0, 0), vivid(rng), vivid(rng), vivid(rng)))
    if ground == INK or sum(abs(a - b) for a, b in zip(ground, first, strict=True)) < 160:
        first = WHITE if sum(ground) < 420 else INK
    second = vivid(rng) if first not in (INK, WHITE) and rng.random() < 0.6 else first
    inks = (first, second, ground)
    layout = pick(rng, ("mark", "mark", "mark", "beside", "below", "name"))
    if layout == "mark":
        image = Image.new("RGB", (size * SUPERSAMPLE, size * SUPERSAMPLE), ground)
        side = image.width
        _any_mark(rng)(image, rng, side / 2, side / 2, side * rng.uniform(0.3, 0.49), inks)
        return shrink(image)
    if layout == "below":
        image = Image.new("RGB", (size * SUPERSAMPLE, size * SUPERSAMPLE), ground)
        side = image.width
        _any_mark(rng)(image, rng, side / 2, side * 0.38, side * rng.uniform(0.22, 0.32), inks)
        _name(image, rng, (side * 0.08, side * 0.74, side * 0.92, side * 0.93), inks, "mm")
        return shrink(image)
    ratio = rng.uniform(1.5, 4.5)
    image = Image.new("RGB", (size * SUPERSAMPLE, round(size * SUPERSAMPLE / ratio)), ground)
    w, h = image.size
    left = 0.04 * w
    if layout == "beside":
        _any_mark(rng)(image, rng, h * 0.52, h / 2, h * rng.uniform(0.32, 0.46), inks)
        left = h * 1.08
    _name(image, rng, (left, h * 0.12, w * 0.97, h * 0.88), inks, "lm" if layout == "beside" else "mm")
    return shrink(image)


def _any_mark(rng: np.random.Generator) -> _Mark:
    return pick(
        rng, (_monogram, _monogram, _petals, _rings, _stripes, _facets, _badge, _shield, _blob, _tile, _chevrons)
    )


def _name(
    image: Image.Image,
    rng: np.random.Generator,
    box: tuple[float, float, float, float],
    inks: _Inks,
    anchor: str,
) -> None:
    """Write a company's name: sheared, spaced out, in two colours."""
    text = phrase(rng, 1, korean=bool(rng.random() < 0.25))
    text = pick(rng, (text, text.title(), text.upper()))
    style = pick(rng, _FACES)
    left, top, right, bottom = box
    wide, high = right - left, bottom - top
    layer = Image.new("RGB", (round(wide * 2), round(high * 2)), inks[2])
    pen = ImageDraw.Draw(layer)
    size = fit(text, wide * 1.9, round(high * 1.5), style)
    x = layer.width * (0.5 if anchor[0] == "m" else 0.02)
    if rng.random() < 0.25 and text.isascii():
        gap = size * rng.uniform(0.05, 0.3)
        size = fit(text, wide * 1.9 - gap * len(text), size, style)
        x = layer.width * 0.02
        for letter in text:
            put(pen, (x, layer.height / 2), letter, inks[0], size, style=style)
            x += text_width(letter, size, style) + gap
    elif rng.random() < 0.3 and len(text) > 3:
        cut = len(text) // 2
        x -= text_width(text, size, style) / 2 if anchor[0] == "m" else 0
        put(pen, (x, layer.height / 2), text[:cut], inks[0], size, style=style)
        x += text_width(text[:cut], size, style)
        put(pen, (x, layer.height / 2), text[cut:], inks[1], size, style=style)
    else:
        rim = inks[0] if rng.random() < 0.3 else None
        put(pen, (x, layer.height / 2), text, inks[0], size, style=style, anchor=anchor, rim=rim, rim_width=0.02)
    if rng.random() < 0.2:
        shear = rng.uniform(0.1, 0.35)
        matrix = (1, shear, -shear * layer.height / 2, 0, 1, 0)
        layer = layer.transform(
            layer.size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR, fillcolor=inks[2]
        )
    image.paste(layer.resize((round(wide), round(high)), Image.Resampling.BOX), (round(left), round(top)))


def _polygon(sides: int, turn: float = -np.pi / 2) -> Points:
    angle = np.arange(sides) * 2 * np.pi / sides + turn
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _outline(rng: np.random.Generator) -> Points:
    """Return a container of radius 1: circle, polygon, rounded square, shield or drop."""
    kind = int(rng.integers(6))
    if kind == 0:
        return oval(0, 0, 1, 1, steps=72)
    if kind == 1:
        return _polygon(int(rng.choice([3, 4, 5, 6, 6, 8])), rng.choice([-np.pi / 2, 0.0]))
    if kind in (2, 3):
        angle = np.linspace(0, 2 * np.pi, 80, endpoint=False)
        power = rng.choice([0.12, 0.3, 0.45])
        x, y = np.cos(angle), np.sin(angle)
        return np.stack([np.sign(x) * np.abs(x) ** power, np.sign(y) * np.abs(y) ** power], axis=1) * 0.92
    if kind == 4:
        points = [(-0.85, -0.85), (0, -1), (0.85, -0.85), (0.8, 0.2), (0, 1), (-0.8, 0.2)]
        return np.concatenate([np.asarray(points[:3]), smooth(np.asarray(points[2:] + points[:1]), closed=False)])
    half = oval(0, 0, 1, 1, steps=72)
    half[half[:, 1] > 0.55] = (0.85, 0.95)
    return half


def _monogram(image: Image.Image, rng: np.random.Generator, x: float, y: float, r: float, inks: _Inks) -> None:
    """One to three letters in or on a shape."""
    pen = ImageDraw.Draw(image)
    text = phrase(rng, 1, korean=bool(rng.random() < 0.2))[: int(rng.choice([1, 1, 2, 3]))].upper()
    style = pick(rng, _FACES)
    shape = _outline(rng) * r + np.array([x, y])
    fill = rng.random()
    letter = inks[0]
    if fill < 0.55:
        pen.polygon(xy(shape), fill=inks[0])
        letter = inks[2]
    elif fill < 0.8:
        pen.line(
            xy(np.concatenate([shape, shape[:2]])), fill=inks[0], width=round(r * rng.uniform(0.06, 0.2)), joint="curve"
        )
    big = fit(text, r * 1.35, round(r * 1.5), style)
    rim = letter if rng.random() < 0.4 else None
    put(pen, (x, y), text, letter, big, style=style, anchor="mm", rim=rim, rim_width=0.04)


def _petals(image: Image.Image, rng: np.random.Generator, x: float, y: float, r: float, inks: _Inks) -> None:
    """A shape turned around the middle."""
    pen = ImageDraw.Draw(image)
    count = int(rng.integers(3, 13))
    reach, wide = rng.uniform(0.35, 0.55), rng.uniform(0.1, 0.35)
    twist = rng.uniform(-0.9, 0.9)
    rainbow = rng.random() < 0.3
    sharp = rng.random() < 0.35
    for step in range(count):
        angle = 2 * np.pi * step / count - np.pi / 2
        tone = hsv(step / count, 0.7, 0.9) if rainbow else inks[step % 2]
        leaf = oval(0, 0, reach, wide, 0, 24)
        if sharp:
            leaf = np.array([(-reach, 0.0), (0.0, -wide), (reach, 0.0), (0.0, wide * 0.2)])
        spin = np.array(
            [[np.cos(angle + twist), np.sin(angle + twist)], [-np.sin(angle + twist), np.cos(angle + twist)]]
        )
        middle = np.array([np.cos(angle), np.sin(angle)]) * (1 - reach)
        pen.polygon(xy((leaf @ spin + middle) * r + np.array([x, y])), fill=tone)
    if rng.random() < 0.35:
        hole = r * rng.uniform(0.1, 0.3)
        pen.ellipse([x - hole, y - hole, x + hole, y + hole], fill=inks[2])


def _rings(image: Image.Image, rng: np.random.Generator, x: float, y: float, r: float, inks: _Inks) -> None:
    """Open or whole rings, one in the other, side by side or crossing."""
    pen = ImageDraw.Draw(image)
    line = round(r * rng.uniform(0.08, 0.26))
    if rng.random() < 0.5:
        for part in np.linspace(1, rng.uniform(0.3, 0.6), int(rng.integers(1, 4))):
            a = rng.uniform(0, 360)
            reach = r * part
            pen.arc(
                [x - reach, y - reach, x + reach, y + reach], a, a + rng.uniform(180, 360), fill=inks[0], width=line
            )
            line = max(round(line * 0.8), 3)
    else:
        count = int(rng.integers(2, 5))
        small = r / (1 + 0.5 * (count - 1)) * 0.95
        for step in range(count):
            cx = x + (step - (count - 1) / 2) * small * 1.05
            cy = y + (small * 0.35 * (step % 2) if rng.random() < 0.9 else 0)
            pen.ellipse([cx - small, cy - small, cx + small, cy + small], outline=inks[step % 2], width=line)
    if rng.random() < 0.4:
        dot = r * rng.uniform(0.12, 0.3)
        pen.ellipse([x - dot, y - dot, x + dot, y + dot], fill=inks[1])


def _stripes(image: Image.Image, rng: np.random.Generator, x: float, y: float, r: float, inks: _Inks) -> None:
    """A shape cut by bars, waves or a diagonal."""
    side = round(2 * r)
    layer = Image.new("RGB", (side, side), inks[0])
    pen = ImageDraw.Draw(layer)
    count, slope, wave = int(rng.integers(2, 7)), rng.uniform(-1, 1), rng.uniform(0, 0.12)
    across = np.linspace(0, side, 40)
    for step in range(count):
        middle = side * (step + 0.5) / count * 1.4 - side * 0.2
        line = np.stack([across, middle + (across - r) * slope + np.sin(across / side * 7) * side * wave], axis=1)
        pen.line(xy(line), fill=inks[2] if rng.random() < 0.8 else inks[1], width=round(side * rng.uniform(0.03, 0.1)))
    mask = Image.new("L", (side, side), 0)
    ImageDraw.Draw(mask).polygon(xy(_outline(rng) * r * 0.98 + r), fill=255)
    image.paste(layer, (round(x - r), round(y - r)), mask)


def _facets(image: Image.Image, rng: np.random.Generator, x: float, y: float, r: float, inks: _Inks) -> None:
    """A polygon of shaded triangles, or a cube."""
    pen = ImageDraw.Draw(image)
    corners = _polygon(int(rng.choice([3, 4, 6, 6, 6, 8]))) * r + np.array([x, y])
    heart = np.array([x, y]) + rng.normal(0, r * 0.15, 2) * float(rng.random() < 0.5)
    base = inks[0] if inks[0] not in (INK, (0, 0, 0), WHITE) else vivid(rng)
    gap = rng.uniform(0.86, 1.0)
    for step in range(len(corners)):
        if rng.random() < 0.12:
            continue
        part = np.stack([heart, corners[step], corners[(step + 1) % len(corners)]])
        part = (part - part.mean(0)) * gap + part.mean(0)
        pen.polygon(xy(part), fill=blend(base, pick(rng, (WHITE, INK)), 0.12 * (step % 4)))


def _badge(image: Image.Image, rng: np.random.Generator, x: float, y: float, r: float, inks: _Inks) -> None:
    """A round seal: rings, words on the circle, a sign in the middle."""
    pen = ImageDraw.Draw(image)
    if rng.random() < 0.5:
        teeth = int(rng.integers(10, 24))
        rim = _polygon(2 * teeth) * np.tile([[1.0], [0.93]], (teeth, 1))
        pen.polygon(xy(rim * r + np.array([x, y])), fill=inks[0])
        ink, ground = inks[2], inks[0]
    else:
        pen.ellipse([x - r, y - r, x + r, y + r], outline=inks[0], width=round(r * 0.05))
        ink, ground = inks[0], inks[2]
    inner = r * 0.64
    pen.ellipse([x - inner, y - inner, x + inner, y + inner], outline=ink, width=max(round(r * 0.03), 2))
    text = words(rng, 2).upper()[:18]
    letters = font(round(r * 0.2), pick(rng, ("bold", "times_bold", "heavy")))
    _around(image, text, letters, (x, y), r * 0.81, ink)
    put(pen, (x, y + r * 0.78), str(int(rng.integers(1880, 2025))), ink, round(r * 0.16), style="bold", anchor="mm")
    mark = pick(rng, (_petals, _monogram, _facets, _blob))
    mark(image, rng, x, y, inner * 0.72, (ink, inks[1] if inks[1] != ground else ink, ground))


def _around(
    image: Image.Image,
    text: str,
    letters: ImageFont.FreeTypeFont,
    middle: tuple[float, float],
    reach: float,
    ink: Color,
) -> None:
    """Write along the upper half of a circle."""
    span = min(np.pi * 1.1, 0.2 * len(text))
    side = round(letters.size * 1.5)
    for place, letter in enumerate(text):
        angle = -np.pi / 2 - span / 2 + span * (place + 0.5) / len(text)
        stamp = Image.new("L", (side, side), 0)
        ImageDraw.Draw(stamp).text((side / 2, side / 2), letter, 255, letters, "mm")
        stamp = stamp.rotate(-np.degrees(angle) - 90, Image.Resampling.BILINEAR)
        at = (middle[0] + np.cos(angle) * reach - side / 2, middle[1] + np.sin(angle) * reach - side / 2)
        image.paste(ink, (round(at[0]), round(at[1])), stamp)


def _shield(image: Image.Image, rng: np.random.Generator, x: float, y: float, r: float, inks: _Inks) -> None:
    """A crest in quarters with a ribbon."""
    side = round(2 * r)
    layer = Image.new("RGB", (side, side), inks[0])
    pen = ImageDraw.Draw(layer)
    other = inks[1] if inks[1] != inks[0] else blend(inks[0], WHITE, 0.75)
    if rng.random() < 0.5:
        pen.rectangle([r, 0, side, r], fill=other)
        pen.rectangle([0, r, r, side], fill=other)
    else:
        pen.polygon(
            [(0, r * 0.9), (r, r * 0.3), (side, r * 0.9), (side, r * 1.3), (r, r * 0.7), (0, r * 1.3)], fill=other
        )
    for _ in range(int(rng.integers(1, 4))):
        _petals(layer, rng, rng.uniform(0.5, 1.5) * r, rng.uniform(0.4, 1.3) * r, r * 0.28, (other, inks[2], inks[0]))
    points = [(-0.85, -0.9), (0.85, -0.9), (0.82, 0.1), (0.5, 0.65), (0, 1), (-0.5, 0.65), (-0.82, 0.1)]
    shape = np.asarray(points) * r + r
    mask = Image.new("L", (side, side), 0)
    ImageDraw.Draw(mask).polygon(xy(shape), fill=255)
    image.paste(layer, (round(x - r), round(y - r)), mask)
    outline = np.concatenate([shape, shape[:2]]) + np.array([x - r, y - r])
    out = ImageDraw.Draw(image)
    out.line(xy(outline), fill=inks[0], width=round(r * 0.07), joint="curve")
    if rng.random() < 0.6:
        out.polygon(
            [
                (x - r, y + r * 0.35),
                (x + r, y + r * 0.35),
                (x + r * 0.85, y + r * 0.5),
                (x + r, y + r * 0.68),
                (x - r, y + r * 0.68),
                (x - r * 0.85, y + r * 0.5),
            ],
            fill=other,
        )
        text = words(rng, 1).upper()
        put(
            out,
            (x, y + r * 0.515),
            text,
            inks[0],
            fit(text, r * 1.5, round(r * 0.26), "bold"),
            style="bold",
            anchor="mm",
        )


def _blob(image: Image.Image, rng: np.random.Generator, x: float, y: float, r: float, inks: _Inks) -> None:
    """A smooth silhouette with cut-outs: a bird, a flame, a leaf, perhaps in a gradient."""
    count = int(rng.integers(4, 8))
    angle = np.sort(rng.uniform(0, 2 * np.pi, count))
    reach = rng.uniform(0.3, 1.0, count)
    points = np.stack([np.cos(angle) * reach, np.sin(angle) * reach], axis=1)
    points = points / np.abs(points).max()
    shape = smooth(points, steps=10) * r * 0.95
    if rng.random() < 0.4:
        shape = np.concatenate([shape, shape[::-1] * np.array([-1, 1])])
    mask = Image.new("L", image.size, 0)
    pen = ImageDraw.Draw(mask)
    pen.polygon(xy(shape + np.array([x, y])), fill=255)
    for _ in range(int(rng.integers(0, 3))):
        hole = oval(
            x + rng.normal(0, r * 0.35),
            y + rng.normal(0, r * 0.35),
            r * rng.uniform(0.08, 0.35),
            r * rng.uniform(0.06, 0.2),
            rng.uniform(0, 3),
        )
        pen.polygon(xy(hole), fill=0)
    fill = gradient(*image.size, [inks[0], inks[1]]) if rng.random() < 0.4 else Image.new("RGB", image.size, inks[0])
    image.paste(fill, (0, 0), mask)


def _tile(image: Image.Image, rng: np.random.Generator, x: float, y: float, r: float, inks: _Inks) -> None:
    """An app's tile: a gradient with a pale sign."""
    base = inks[0] if inks[0] not in (INK, (0, 0, 0), WHITE) else vivid(rng)
    side = round(2 * r)
    fill = gradient(side, side, [base, blend(base, vivid(rng), rng.uniform(0, 0.8))])
    mask = Image.new("L", (side, side), 0)
    ImageDraw.Draw(mask).rounded_rectangle([0, 0, side, side], side * rng.choice([0.0, 0.1, 0.22, 0.3]), fill=255)
    mark = pick(rng, (_petals, _rings, _monogram, _blob, _chevrons))
    mark(fill, rng, r, r, r * rng.uniform(0.45, 0.7), (WHITE, blend(WHITE, base, 0.25), base))
    image.paste(fill, (round(x - r), round(y - r)), mask)


def _chevrons(image: Image.Image, rng: np.random.Generator, x: float, y: float, r: float, inks: _Inks) -> None:
    """Bent bars: arrows, mountains, brackets, steps."""
    pen = ImageDraw.Draw(image)
    line = round(r * rng.uniform(0.16, 0.4))
    turn = rng.choice([0.0, np.pi / 2, np.pi, -np.pi / 2])
    spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    for step in range(int(rng.integers(1, 4))):
        level = -0.4 + 0.5 * step
        path = np.array([[-0.75, level + 0.45], [0.0, level - 0.35], [0.75, level + 0.45]])
        if rng.random() < 0.2:
            path = smooth(path, closed=False, steps=12)
        pen.line(xy(path @ spin * r * 0.85 + np.array([x, y])), fill=inks[step % 2], width=line, joint="curve")
