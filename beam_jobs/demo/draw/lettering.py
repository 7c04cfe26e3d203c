"""Lines of text in two scripts: Latin letters from a font, Korean ones from strokes, both with rims."""

import re
from itertools import pairwise

import numpy as np
from PIL import ImageDraw

from beam_jobs.demo.draw.canvas import Color, font, words, xy
from beam_jobs.demo.draw.hangul import hangul_width, is_hangul, text_strokes
from beam_jobs.demo.vocabulary import ALL_WORDS

STYLES = ("sans", "bold", "italic", "serif", "serif_bold", "mono")
KOREAN_SHARE = 0.5
_WEIGHTS = {
    "sans": 0.075,
    "bold": 0.14,
    "italic": 0.075,
    "serif": 0.08,
    "serif_bold": 0.12,
    "mono": 0.07,
    "heavy": 0.15,
    "times_bold": 0.12,
}
_RUN = re.compile(r"[\uac00-\ud7a3\u3131-\u3163 ]+|[^\uac00-\ud7a3\u3131-\u3163]+")
_TIGHT = 0.92
"""Distance of Korean syllables, in sizes."""


def phrase(rng: np.random.Generator, count: int, *, korean: bool | None = None) -> str:
    """Return ``count`` words of filler text; Korean with a chance of `KOREAN_SHARE` if it is not said."""
    if korean is None:
        korean = bool(rng.random() < KOREAN_SHARE)
    if not korean:
        return words(rng, count)
    return " ".join(ALL_WORDS[int(i)].ko for i in rng.integers(len(ALL_WORDS), size=count))


def text_width(text: str, size: int, style: str = "sans") -> float:
    """Return the width in pixels of a line in letters ``size`` pixels high."""
    if is_hangul(text):
        return sum(_run_width(run, size, style) for run in _RUN.findall(text))
    return font(size, style).getlength(text)


def _run_width(run: str, size: int, style: str) -> float:
    """Return the width of a part in one script."""
    return hangul_width(run) * size * _TIGHT if is_hangul(run) else font(size, style).getlength(run)


def fit(text: str, width: float, size: int, style: str = "sans", smallest: int = 6) -> int:
    """Return the largest size up to ``size`` at which the line is at most ``width`` pixels wide."""
    return max(min(size, round(size * width / max(text_width(text, size, style), 1))), smallest)


def wrap(text: str, width: float, size: int, style: str = "sans") -> list[str]:
    """Return the text in lines at most ``width`` pixels wide, one word at least on each."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width(longer, size, style) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def put(
    pen: ImageDraw.ImageDraw,
    at: tuple[float, float],
    text: str,
    ink: Color,
    size: int,
    *,
    style: str = "sans",
    anchor: str = "lm",
    rim: Color | None = None,
    rim_width: float = 0.07,
) -> None:
    """Write one line.

    Args:
        pen: the canvas's pen.
        at: where the anchor lies.
        text: Korean or Latin.
        ink: colour of the letters.
        size: height in pixels.
        style: one of `STYLES`.
        anchor: Pillow's: ``l``, ``m`` or ``r``, then ``a`` (top) or ``m`` (middle).
        rim: colour of an outline around the letters.
        rim_width: its width, in sizes.
    """
    edge = 0 if rim is None else max(round(size * rim_width), 1)
    if not is_hangul(text):
        pen.text(at, text, ink, font(size, style), anchor, stroke_width=edge, stroke_fill=rim)
        return
    across, down = anchor[0], anchor[1]
    runs = _RUN.findall(text)
    if len(runs) > 1:
        x = at[0] - text_width(text, size, style) * {"l": 0.0, "m": 0.5, "r": 1.0}[across]
        for run in runs:
            put(pen, (x, at[1]), run, ink, size, style=style, anchor=f"l{down}", rim=rim, rim_width=rim_width)
            x += _run_width(run, size, style)
        return
    left = at[0] - text_width(text, size, style) * {"l": 0.0, "m": 0.5, "r": 1.0}[across]
    top = at[1] - (size / 2 if down == "m" else 0.0)
    scale = np.array([size * _TIGHT, size])
    paths = [path * scale + np.array([left, top]) for path in text_strokes(text, slant=0.2 * (style == "italic"))]
    weight = max(round(size * _WEIGHTS.get(style, 0.075)), 1)
    thin = max(round(weight * 0.5), 1) if style.startswith("serif") else weight
    for color, extra in ((rim, 2 * edge), (ink, 0)):
        if color is None:
            continue
        for path in paths:
            if thin == weight or extra:
                _line(pen, path, color, weight + extra)
            else:
                for start, stop in pairwise(path):
                    flat = abs(stop[1] - start[1]) < abs(stop[0] - start[0]) * 0.4
                    _line(pen, np.stack([start, stop]), color, thin if flat else weight)


def _line(pen: ImageDraw.ImageDraw, path: np.ndarray, color: Color, width: int) -> None:
    points = xy(path)
    pen.line(points, fill=color, width=width, joint="curve" if width > 3 else None)
    if width > 4:
        r = width / 2 - 0.5
        for x, y in (points[0], points[-1]):
            pen.ellipse([x - r, y - r, x + r, y + r], fill=color)
