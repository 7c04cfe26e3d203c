"""handwriting: letters, notes, notebooks, old records, book hands and boards, written by a made-up hand."""

import itertools
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import (
    SUPERSAMPLE,
    Color,
    Points,
    blend,
    blur,
    extent,
    grain,
    hsv,
    noise,
    pick,
    shrink,
    smooth,
    vignette,
    xy,
)
from beam_jobs.demo.draw.hangul import is_hangul, text_strokes
from beam_jobs.demo.draw.lettering import phrase

# A letter is the way of the pen: x and y, y upwards, 0 the line, 1 the height of an "x"; it starts at the left.
_WAYS: dict[str, tuple[tuple[float, float], ...]] = {
    "a": ((0.7, 0.85), (0.35, 1.0), (0.05, 0.5), (0.3, 0.0), (0.65, 0.5), (0.72, 0.9), (0.72, 0.1), (0.95, 0.15)),
    "b": ((0.1, 0.5), (0.5, 1.9), (0.3, 2.1), (0.15, 0.3), (0.4, 0.0), (0.65, 0.5), (0.4, 0.9), (0.8, 0.7)),
    "c": ((0.6, 0.8), (0.35, 1.0), (0.05, 0.5), (0.35, 0.0), (0.75, 0.25)),
    "d": ((0.65, 0.8), (0.3, 0.95), (0.05, 0.4), (0.35, 0.0), (0.65, 0.5), (0.8, 2.0), (0.7, 0.1), (0.95, 0.15)),
    "e": ((0.0, 0.2), (0.5, 0.6), (0.4, 1.0), (0.1, 0.6), (0.3, 0.0), (0.75, 0.3)),
    "f": ((0.0, 0.3), (0.5, 1.7), (0.4, 2.1), (0.25, 1.0), (0.2, -0.9), (0.4, -0.5), (0.3, 0.2), (0.7, 0.3)),
    "g": ((0.65, 0.85), (0.3, 1.0), (0.05, 0.5), (0.35, 0.1), (0.65, 0.9), (0.6, -0.7), (0.2, -0.9), (0.8, 0.2)),
    "h": ((0.0, 0.3), (0.45, 1.9), (0.25, 2.0), (0.15, 0.0), (0.4, 0.9), (0.65, 0.7), (0.65, 0.0), (0.9, 0.2)),
    "i": ((0.0, 0.2), (0.2, 1.0), (0.2, 0.1), (0.45, 0.2)),
    "k": ((0.0, 0.3), (0.4, 1.9), (0.2, 2.0), (0.15, 0.0), (0.5, 0.9), (0.2, 0.5), (0.6, 0.0), (0.85, 0.2)),
    "l": ((0.0, 0.2), (0.4, 1.6), (0.3, 2.1), (0.15, 1.2), (0.25, 0.0), (0.55, 0.2)),
    "m": ((0.0, 0.8), (0.1, 0.9), (0.12, 0.0), (0.4, 0.95), (0.45, 0.0), (0.75, 0.95), (0.85, 0.1), (1.1, 0.2)),
    "n": ((0.0, 0.8), (0.12, 0.9), (0.15, 0.0), (0.45, 0.95), (0.55, 0.1), (0.8, 0.2)),
    "o": ((0.5, 0.95), (0.1, 0.8), (0.1, 0.15), (0.5, 0.05), (0.65, 0.6), (0.4, 0.95), (0.85, 0.8)),
    "p": ((0.0, 0.6), (0.15, 1.0), (0.05, -1.0), (0.3, 0.8), (0.6, 0.7), (0.5, 0.1), (0.2, 0.1), (0.8, 0.2)),
    "q": ((0.65, 0.85), (0.3, 1.0), (0.05, 0.5), (0.35, 0.1), (0.65, 0.9), (0.65, -1.0), (0.9, 0.1)),
    "r": ((0.0, 0.2), (0.2, 1.0), (0.4, 0.85), (0.4, 0.1), (0.65, 0.2)),
    "s": ((0.0, 0.2), (0.35, 1.0), (0.5, 0.4), (0.25, 0.0), (0.1, 0.15), (0.7, 0.2)),
    "t": ((0.0, 0.3), (0.3, 1.6), (0.25, 0.2), (0.6, 0.2)),
    "u": ((0.0, 0.9), (0.05, 0.2), (0.35, 0.1), (0.55, 0.9), (0.55, 0.1), (0.8, 0.2)),
    "v": ((0.0, 0.8), (0.1, 0.9), (0.3, 0.0), (0.6, 0.9), (0.8, 0.8)),
    "w": ((0.0, 0.9), (0.15, 0.05), (0.4, 0.8), (0.6, 0.05), (0.85, 0.9), (1.0, 0.8)),
    "y": ((0.0, 0.9), (0.1, 0.2), (0.4, 0.3), (0.55, 0.9), (0.45, -0.8), (0.15, -0.8), (0.8, 0.2)),
    "z": ((0.0, 0.9), (0.55, 0.9), (0.05, 0.05), (0.5, 0.1), (0.75, 0.15)),
}
_DIGITS: dict[str, tuple[tuple[float, float], ...]] = {
    "0": ((0.3, 1.5), (0.0, 0.8), (0.3, 0.0), (0.6, 0.8), (0.3, 1.5)),
    "1": ((0.1, 1.1), (0.3, 1.5), (0.3, 0.0)),
    "2": ((0.0, 1.2), (0.4, 1.5), (0.5, 1.0), (0.0, 0.0), (0.6, 0.0)),
    "3": ((0.0, 1.4), (0.5, 1.3), (0.2, 0.8), (0.6, 0.4), (0.0, 0.0)),
    "7": ((0.0, 1.5), (0.6, 1.5), (0.2, 0.0)),
}


@dataclass(frozen=True)
class Hand:
    """How somebody writes: ``slant`` (widths per height), ``wide`` (of letters), ``loose`` (miss), ``join``."""

    slant: float
    wide: float
    loose: float
    join: bool
    drift: float


def make_hand(rng: np.random.Generator) -> Hand:
    """Return a random hand."""
    return Hand(
        slant=rng.uniform(-0.15, 0.7),
        wide=rng.uniform(0.6, 1.3),
        loose=rng.uniform(0.02, 0.13),
        join=bool(rng.random() < 0.65),
        drift=rng.normal(0, 0.012),
    )


def write_word(text: str, hand: Hand, rng: np.random.Generator) -> tuple[list[Points], float]:
    """Return the pen's ways for one word, in heights of an "x" with y upwards from the line, and its width."""
    if is_hangul(text):
        paths = text_strokes(text, slant=hand.slant * 0.4, loose=hand.loose * 0.35, rng=rng)
        scale = 1.9 * (0.7 + 0.3 * hand.wide)
        return [np.stack([p[:, 0] * scale, (0.85 - p[:, 1]) * 2.0], axis=1) for p in paths], len(text) * scale
    ways: list[list[tuple[float, float]]] = [[]]
    x = 0.0
    bars: list[tuple[float, float]] = []
    for place, letter in enumerate(text):
        low = letter.lower()
        way = _WAYS.get(low) or _DIGITS.get(low) or _DIGITS["7"]
        grow = 1.7 if letter.isupper() and max(y for _, y in way) < 1.5 else 1.0
        if not hand.join and place:
            ways.append([])
        ways[-1].extend((x + px * hand.wide * grow, py * grow) for px, py in way)
        if low in "ti":
            bars.append((x + 0.2 * hand.wide, 1.25 if low == "t" else 1.5))
        x += (way[-1][0] * hand.wide * grow) + (0.05 if hand.join else 0.15)
    paths = []
    for one in ways:
        points = np.asarray(one)
        points = points + rng.normal(0, hand.loose, points.shape)
        paths.append(smooth(points, closed=False, steps=4))
    for bx, by in bars:
        reach = 0.35 if by < 1.4 else 0.06
        paths.append(np.array([[bx - reach, by], [bx + reach, by + rng.normal(0, 0.08)]]))
    for path in paths:
        path[:, 0] += path[:, 1] * hand.slant
    return paths, x


def write_line(
    pen: ImageDraw.ImageDraw,
    rng: np.random.Generator,
    span: tuple[float, float, float],
    text: str,
    hand: Hand,
    *,
    height: float,
    ink: Color,
    width: int,
) -> float:
    """Write words from left to right (span: left, right, line) until the line is full; returns where it ends."""
    left, right, base = span
    x = left
    for word in text.split():
        paths, wide = write_word(word, hand, rng)
        if x + wide * height > right:
            break
        lift = base + (x - left) * hand.drift + rng.normal(0, height * 0.06)
        tone = blend(ink, (255, 255, 255), abs(rng.normal(0, 0.07)))
        for path in paths:
            pen.line(xy(path * np.array([height, -height]) + np.array([x, lift])), fill=tone, width=width)
        x += (wide + rng.uniform(0.45, 1.0)) * height
    return x


_INKS: tuple[Color, ...] = (
    (24, 24, 30), (34, 44, 110), (20, 50, 140), (60, 40, 26), (84, 58, 36), (70, 70, 76), (110, 80, 50), (40, 30, 60),
)  # fmt: skip


def handwriting(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a letter, a notebook, an old record, a book hand, a note on a desk or a board."""
    kind = pick(rng, ("letter", "letter", "notes", "notes", "record", "book", "note", "board", "closeup"))
    if kind == "closeup":
        width, height = extent(rng, size, 1.0, 2.6)
    elif kind == "board":
        width, height = extent(rng, size, 1.1, 1.8)
    else:
        width, height = extent(rng, size, 0.62, 0.95 if kind != "record" else 1.4)
    w, h = width * SUPERSAMPLE, height * SUPERSAMPLE
    page = _paper(rng, w, h, kind)
    draw = {"book": _book, "record": _record, "board": _board, "note": _note}.get(kind, _letter)
    draw(page, rng, kind)
    if kind not in ("board", "closeup") and rng.random() < (0.9 if kind == "note" else 0.45):
        page = _on_desk(page, rng)
    image = shrink(page)
    if rng.random() < 0.15:
        image = image.convert("L").convert("RGB")
    image = vignette(image, rng.uniform(0, 0.3)) if rng.random() < 0.5 else image
    return grain(blur(image, rng.uniform(0.1, 0.7)), rng, rng.uniform(0.5, 4))


def _paper(rng: np.random.Generator, w: int, h: int, kind: str) -> Image.Image:
    if kind == "board":
        color = pick(rng, ((34, 62, 50), (40, 44, 46), (244, 246, 246), (26, 50, 42)))
    elif kind in ("record", "book"):
        color = hsv(rng.uniform(0.09, 0.14), rng.uniform(0.08, 0.35), rng.uniform(0.78, 0.96))
    else:
        color = hsv(rng.uniform(0.05, 0.65), rng.choice([0.0, 0.03, 0.1]), rng.uniform(0.82, 1.0))
    field = noise(rng, max(w // 4, 2), max(h // 4, 2), cells=3, octaves=4)[..., None]
    deep = rng.uniform(0.0, 0.16)
    pixels = np.clip(np.array(color) * (1 - deep / 2 + deep * field), 0, 255).astype(np.uint8)
    return Image.fromarray(pixels).resize((w, h))


def _letter(page: Image.Image, rng: np.random.Generator, kind: str) -> None:
    """Lines down the page, on plain, ruled or squared paper."""
    pen = ImageDraw.Draw(page)
    w, h = page.size
    hand, ink = make_hand(rng), pick(rng, _INKS)
    pitch = h / (rng.uniform(2.2, 4.5) if kind == "closeup" else rng.uniform(11, 34))
    height = pitch * rng.uniform(0.26, 0.42)
    left, right, top = w * rng.uniform(0.06, 0.15), w * rng.uniform(0.88, 0.97), h * rng.uniform(0.06, 0.14)
    if kind == "notes" or rng.random() < 0.2:
        _rules(pen, rng, (w, h), pitch, top)
    korean = bool(rng.random() < 0.45)
    width = max(round(height * rng.uniform(0.07, 0.22)), 1)
    y = top + pitch if kind != "closeup" else h * 0.2 + pitch * 0.6
    if kind == "notes" and rng.random() < 0.6:
        title = phrase(rng, 2, korean=korean)
        end = write_line(pen, rng, (left, right, y), title, hand, height=height * 1.6, ink=ink, width=width + 2)
        pen.line([left, y + height * 0.6, end, y + height * 0.5], fill=pick(rng, _INKS), width=width)
        y += pitch * 2
    while y < h * 0.95:
        if rng.random() < 0.08 and kind != "closeup":
            y += pitch
            continue
        indent = rng.choice([0, 0, 0, 1, 2]) * pitch if kind == "notes" else rng.normal(0, height * 0.2)
        share = rng.uniform(0.3, 1.0) if rng.random() < 0.2 else 1.0
        stop = left + (right - left) * share
        tone = (200, 40, 40) if kind == "notes" and rng.random() < 0.1 else ink
        if kind == "notes" and rng.random() < 0.1:
            mark = pick(rng, ((255, 240, 120), (180, 240, 170), (255, 190, 210)))
            pen.rectangle([left + indent, y - height * 1.3, stop * 0.7, y + height * 0.3], fill=mark)
        if kind == "notes" and rng.random() < 0.3:
            r = height * 0.2
            pen.ellipse(
                [left + indent - 3 * r, y - height * 0.5 - r, left + indent - r, y - height * 0.5 + r], fill=ink
            )
        text = phrase(rng, 14, korean=korean)
        write_line(pen, rng, (left + indent, stop, y), text, hand, height=height, ink=tone, width=width)
        y += pitch
    if kind == "letter" and rng.random() < 0.4:
        _stamp(pen, rng, w, h)


def _rules(pen: ImageDraw.ImageDraw, rng: np.random.Generator, size: tuple[int, int], pitch: float, top: float) -> None:
    w, h = size
    tone = pick(rng, ((170, 196, 226), (200, 200, 204), (220, 180, 180)))
    for y in np.arange(top + pitch, h, pitch):
        pen.line([0, y + pitch * 0.08, w, y + pitch * 0.08], fill=tone, width=2)
    if rng.random() < 0.3:
        for x in np.arange(pitch, w, pitch):
            pen.line([x, 0, x, h], fill=tone, width=2)
    elif rng.random() < 0.6:
        pen.line([w * 0.12, 0, w * 0.12, h], fill=(226, 140, 140), width=3)
    if rng.random() < 0.35:
        for y in np.arange(h * 0.04, h, h / 22):
            pen.ellipse([w * 0.015, y, w * 0.015 + h * 0.014, y + h * 0.014], fill=(90, 90, 94))


def _stamp(pen: ImageDraw.ImageDraw, rng: np.random.Generator, w: int, h: int) -> None:
    tone = pick(rng, ((170, 60, 60), (80, 70, 140), (120, 120, 124)))
    x, y, r = rng.uniform(0.15, 0.85) * w, rng.choice([0.1, 0.9]) * h, w * rng.uniform(0.04, 0.1)
    for part in (1.0, 0.7):
        pen.ellipse([x - r * part, y - r * part, x + r * part, y + r * part], outline=tone, width=3)
    pen.line([x - r, y, x + r, y], fill=tone, width=3)


def _record(page: Image.Image, rng: np.random.Generator, kind: str) -> None:
    """A register: ruled columns filled by hand."""
    pen = ImageDraw.Draw(page)
    w, h = page.size
    hand, ink = make_hand(rng), pick(rng, _INKS)
    rows, edges = int(rng.integers(10, 26)), np.sort(rng.uniform(0.15, 0.92, int(rng.integers(2, 6)))) * w
    pitch = h * 0.9 / rows
    line = blend(ink, (230, 210, 180), 0.5)
    for x in edges:
        pen.line([x, h * 0.05, x, h * 0.97], fill=line, width=2)
    bounds = [w * 0.05, *edges.tolist(), w * 0.96]
    for row in range(rows):
        y = h * 0.07 + pitch * (row + 0.8)
        if rng.random() < 0.7:
            pen.line([w * 0.04, y + pitch * 0.15, w * 0.97, y + pitch * 0.15], fill=line, width=1)
        for left, right in itertools.pairwise(bounds):
            if rng.random() < 0.85:
                text = phrase(rng, 6, korean=False) if right - left > w * 0.12 else str(int(rng.integers(10, 1000)))
                span = (left + 4, right, y)
                write_line(pen, rng, span, text, hand, height=pitch * 0.32, ink=ink, width=2)


def _book(page: Image.Image, rng: np.random.Generator, kind: str) -> None:
    """A book hand in one or two columns of broken letters, with red initials."""
    pen = ImageDraw.Draw(page)
    w, h = page.size
    columns, ink = int(rng.choice([1, 2, 2])), pick(rng, _INKS[:1] + _INKS[3:5])
    rows = int(rng.integers(18, 42))
    pitch = h * 0.8 / rows
    wide = w * 0.8 / columns
    thick = max(round(pitch * 0.14), 2)
    for column in range(columns):
        left = w * 0.1 + column * wide
        right = left + wide * (0.9 if columns == 2 else 1.0)
        for row in range(rows):
            y = h * 0.09 + pitch * row
            x = left
            initial = rng.random() < 0.05
            if initial:
                tone = pick(rng, ((180, 40, 34), (40, 60, 140)))
                pen.rectangle([x, y - pitch * 0.1, x + pitch * 1.4, y + pitch * 1.2], fill=tone)
                x += pitch * 1.8
            while x < right:
                for _ in range(int(rng.integers(3, 13))):
                    foot = y + pitch * 0.68
                    top = y + pitch * (0.0 if rng.random() < 0.15 else 0.25)
                    pen.line([(x, top), (x, foot)], fill=ink, width=thick)
                    if rng.random() < 0.55:
                        step = (x + pitch * 0.24, y + pitch * rng.choice([0.27, 0.45, 0.66]))
                        pen.line([(x, step[1] + pitch * 0.08), step], fill=ink, width=max(thick - 1, 1))
                    x += pitch * 0.27
                    if x > right:
                        break
                x += pitch * 0.3
    if rng.random() < 0.3:
        box = [w * 0.1, h * 0.09, w * 0.1 + wide * 0.5, h * 0.09 + wide * 0.45]
        pen.rectangle(box, fill=hsv(rng.random(), 0.5, 0.6), outline=(190, 150, 60), width=4)


def _board(page: Image.Image, rng: np.random.Generator, kind: str) -> None:
    """A few large lines and arrows on a black or white board."""
    pen = ImageDraw.Draw(page)
    w, h = page.size
    dark = float(np.asarray(page.resize((4, 4))).mean()) < 128
    inks = ((240, 240, 236), (250, 230, 150), (250, 180, 190)) if dark else ((30, 40, 120), (190, 40, 40), (30, 30, 34))
    hand, rows, korean = make_hand(rng), int(rng.integers(3, 8)), bool(rng.random() < 0.45)
    pitch = h * 0.86 / rows
    for row in range(rows):
        left = w * rng.choice([0.06, 0.06, 0.12, 0.4])
        span = (left, w * 0.95, h * 0.05 + pitch * (row + 0.75))
        text = phrase(rng, int(rng.integers(2, 6)), korean=korean)
        width = max(round(pitch * 0.06), 3)
        end = write_line(pen, rng, span, text, hand, height=pitch * 0.32, ink=pick(rng, inks), width=width)
        if rng.random() < 0.3:
            pen.line([left, span[2] + pitch * 0.15, end, span[2] + pitch * 0.12], fill=pick(rng, inks), width=width)
        elif rng.random() < 0.2:
            pen.ellipse(
                [left - 10, span[2] - pitch * 0.6, end, span[2] + pitch * 0.2], outline=pick(rng, inks), width=3
            )


def _note(page: Image.Image, rng: np.random.Generator, kind: str) -> None:
    """A few words on a large sheet."""
    pen = ImageDraw.Draw(page)
    w, h = page.size
    hand, ink, korean = make_hand(rng), pick(rng, _INKS), bool(rng.random() < 0.45)
    height = h * rng.uniform(0.014, 0.035)
    left, y = w * rng.uniform(0.15, 0.45), h * rng.uniform(0.2, 0.55)
    for _ in range(int(rng.integers(1, 6))):
        text = phrase(rng, int(rng.integers(2, 5)), korean=korean)
        width = max(round(height * 0.14), 2)
        write_line(pen, rng, (left, w * 0.95, y), text, hand, height=height, ink=ink, width=width)
        y += height * rng.uniform(2.6, 4.5)


def _on_desk(page: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return the page photographed on a table, a little turned."""
    w, h = page.size
    tone = pick(rng, ((150, 96, 56), (110, 70, 44), (30, 28, 28), (186, 176, 160), (120, 90, 80), (70, 80, 90)))
    field = noise(rng, max(w // 8, 2), max(h // 8, 2), cells=4, octaves=3).astype(np.float32)
    grainy = np.asarray(Image.fromarray(field).resize((max(w // 24, 2), max(h // 4, 2))).resize((w, h)))
    desk = Image.fromarray(np.clip(np.array(tone) * (0.7 + 0.6 * grainy[..., None]), 0, 255).astype(np.uint8))
    scale, turn = rng.uniform(0.76, 0.95), rng.normal(0, 3)
    small = page.resize((round(w * scale), round(h * scale)))
    mask = Image.new("L", small.size, 255).rotate(turn, expand=True)
    small = small.rotate(turn, Image.Resampling.BILINEAR, expand=True)
    at = (round((w - small.width) * rng.uniform(0.2, 0.8)), round((h - small.height) * rng.uniform(0.2, 0.8)))
    desk.paste(small, at, mask)
    return desk
