"""Large type: lines of letters as masks, stretched, spread, slanted, stacked to fill a box."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from beam_jobs.demo.draw.canvas import INK, WHITE, Color, pick, words
from beam_jobs.demo.draw.hangul import is_hangul
from beam_jobs.demo.draw.lettering import phrase, put, text_width

FACES = (
    "sans", "bold", "serif", "serif_bold", "serif_italic", "times", "times_bold", "times_italic", "plain", "heavy",
    "roman", "mono", "italic", "bold",
)  # fmt: skip
Box = tuple[float, float, float, float]
"""Left, top, right, bottom in canvas pixels."""
_GIVEN = (
    "Ana", "Mina", "Jorge", "Lucy", "Amir", "Noor", "Ivan", "Chloe", "Kenji", "Sara", "Tomas", "Ruth", "Omar", "Eva",
    "Paul", "Leila", "Hugo", "Grace", "Yusuf", "Marta",
)  # fmt: skip
_FAMILY = (
    "Brandt", "Okafor", "Silva", "Moreau", "Tanaka", "Kowalski", "Haddad", "Larsen", "Novak", "Reyes", "Walsh",
    "Petrov", "Mensah", "Lindqvist", "Costa", "Iyer", "Fischer", "Nguyen",
)  # fmt: skip
_SMALL = ("the", "of", "a", "and", "in", "my", "no", "for", "to")


def author(rng: np.random.Generator) -> str:
    """Return the name of a person who does not exist."""
    return f"{pick(rng, _GIVEN)} {pick(rng, _FAMILY)}" if rng.random() < 0.85 else phrase(rng, 1, korean=True)


def headline(rng: np.random.Generator, *, longest: int = 4) -> str:
    """Return a title: one to ``longest`` words, mostly Latin, in capitals, small letters or both."""
    count = int(rng.integers(1, longest + 1))
    if rng.random() < 0.2:
        return phrase(rng, min(count, 2), korean=True)
    parts = words(rng, count).split()
    if count > 1 and rng.random() < 0.6:
        parts.insert(int(rng.integers(0, count)), pick(rng, _SMALL))
    text = " ".join(parts)
    return pick(rng, (text.upper(), text.upper(), text.title(), text, text.capitalize()))


def letters(text: str, big: int, style: str, *, spread: bool = False, slant: float = 0.0) -> Image.Image:
    """Return the mask of one line, mode L, cropped to its letters; ``slant`` as dx/dy, ``spread`` with wide gaps."""
    if spread and not is_hangul(text):
        text = " ".join(text)
    wide = max(round(text_width(text, big, style)), 1)
    image = Image.new("RGB", (wide + 2 * big, 2 * big))
    put(ImageDraw.Draw(image), (big, big), text, WHITE, big, style=style)
    mask = image.convert("L")
    if slant:
        shift = (1, slant, -slant * big, 0, 1, 0)
        mask = mask.transform(mask.size, Image.Transform.AFFINE, shift, Image.Resampling.BILINEAR)
    return mask.crop(mask.getbbox() or (0, 0, 1, 1))


def lines_of(rng: np.random.Generator, text: str) -> list[str]:
    """Return the text cut into lines of one or a few words."""
    parts = text.split()
    if len(parts) == 1 or rng.random() < 0.2:
        return [text]
    if rng.random() < 0.5:
        return parts
    cut = int(rng.integers(1, len(parts)))
    return [" ".join(parts[:cut]), " ".join(parts[cut:])]


def stack(
    image: Image.Image,
    rng: np.random.Generator,
    box: Box,
    lines: list[str],
    ink: Color | Image.Image,
    *,
    style: str,
    align: str = "m",
    justified: bool = False,
    spread: bool = False,
    slant: float = 0.0,
    rim: Color | None = None,
    tones: tuple[Color, ...] = (),
) -> None:
    """Write lines below each other so that they fill the box.

    Args:
        image: the canvas.
        rng: chooses how far letters may be stretched.
        box: left, top, right, bottom.
        lines: one to some lines.
        ink: a colour, or a picture as large as the canvas that shines through the letters.
        style: a font.
        align: ``l``, ``m`` or ``r``.
        justified: every line as wide as the box, its height as it comes.
        spread: wide gaps between letters.
        slant: of the letters, dx/dy.
        rim: colour of an outline.
        tones: colours of the lines in turn, instead of ``ink``.
    """
    left, top, right, bottom = box
    wide, high = max(right - left, 4), max(bottom - top, 4)
    big = int(np.clip(high / len(lines), 12, 120))
    masks = [letters(line, big, style, spread=spread, slant=slant) for line in lines]
    pitch = rng.uniform(1.1, 1.4)
    if justified:
        sizes = [(wide, mask.height * wide / mask.width) for mask in masks]
        total = sum(tall for _, tall in sizes) * pitch
        squeeze = min(high / total, rng.uniform(1.0, 1.8))
        sizes = [(w, max(tall * squeeze, 2)) for w, tall in sizes]
    else:
        widest, tallest = max(mask.width for mask in masks), max(mask.height for mask in masks)
        scale = min(wide / widest, high / (tallest * len(masks) * pitch))
        tall_by = min(high / (tallest * len(masks) * pitch) / scale, rng.choice([1.0, 1.0, 1.6, 2.2]))
        sizes = [(mask.width * scale, tallest * scale * tall_by) for mask in masks]
    y = top + max(high - sum(tall for _, tall in sizes) * pitch, 0) * rng.choice([0.0, 0.5, 1.0])
    for row, (mask, (line_w, line_h)) in enumerate(zip(masks, sizes, strict=True)):
        own = line_h if justified else line_h * mask.height / max(m.height for m in masks)
        drop = 0 if justified else (line_h - own) * 0.7
        scaled = mask.resize((max(round(line_w), 1), max(round(own), 1)), Image.Resampling.BILINEAR)
        x = {"l": left, "m": left + (wide - line_w) / 2, "r": right - line_w}[align]
        at = (round(x), round(y + drop))
        if rim is not None:
            reach = max(round(line_h * 0.06), 1)
            ring = Image.new("L", (scaled.width + 2 * reach, scaled.height + 2 * reach))
            ring.paste(scaled, (reach, reach))
            ring = ring.filter(ImageFilter.MaxFilter(2 * min(reach, 6) + 1))
            image.paste(rim, (at[0] - reach, at[1] - reach), ring)
        if isinstance(ink, Image.Image):
            image.paste(ink.crop((at[0], at[1], at[0] + scaled.width, at[1] + scaled.height)), at, scaled)
        else:
            image.paste(tones[row % len(tones)] if tones else ink, at, scaled)
        y += line_h * pitch


def readable(image: Image.Image, box: Box) -> Color:
    """Return black or white, whichever can be read on that part of the picture."""
    left, top, right, bottom = (round(side) for side in box)
    part = image.crop((max(left, 0), max(top, 0), max(right, left + 1), max(bottom, top + 1))).convert("L")
    return INK if float(np.asarray(part.resize((8, 8))).mean()) > 140 else WHITE


def small_print(
    image: Image.Image,
    at: tuple[float, float],
    text: str,
    size: float,
    ink: Color,
    *,
    style: str = "sans",
    anchor: str = "mm",
) -> None:
    """Write one small line."""
    put(ImageDraw.Draw(image), at, text, ink, max(round(size), 6), style=style, anchor=anchor)
