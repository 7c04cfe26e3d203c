"""What all drawers share: sizes, colours, fonts, smooth curves, noise and the grain of a photograph.

Drawers work on a canvas twice as large as the picture and shrink it at the end, which smooths the edges.
"""

import colorsys
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

SUPERSAMPLE = 2
"""Canvas pixels per picture pixel."""

Color = tuple[int, int, int]
Points = NDArray[np.float64]
"""float64[n, 2] of x, y."""

_Option = TypeVar("_Option")

WHITE: Color = (255, 255, 255)
INK: Color = (26, 26, 30)

_FONT_FILES = {
    "sans": "DejaVuSans.ttf",
    "bold": "DejaVuSans-Bold.ttf",
    "italic": "DejaVuSans-Oblique.ttf",
    "serif": "DejaVuSerif.ttf",
    "serif_bold": "DejaVuSerif-Bold.ttf",
    "serif_italic": "DejaVuSerif-Italic.ttf",
    "mono": "DejaVuSansMono.ttf",
    "times": "STIXGeneral.ttf",
    "times_bold": "STIXGeneralBol.ttf",
    "times_italic": "STIXGeneralItalic.ttf",
    "roman": "cmr10.ttf",
    "plain": "cmss10.ttf",
    "curly": "cmmi10.ttf",
    "heavy": "cmb10.ttf",
}

_TEXT = (
    "river market window garden paper morning letter station summer winter museum island bridge coffee travel "
    "simple record annual project school result number method family planet signal copper forest street lesson "
    "public budget health energy museum design engine report change little silver common second people water "
    "north south music answer number season shadow member detail period moment region supply stone"
)
WORDS = tuple(_TEXT.split())


@lru_cache(maxsize=1)
def font_folder() -> Path:
    """Return the folder of the fonts (DejaVu, STIX, Computer Modern) that matplotlib brings along.

    Raises:
        ValueError: matplotlib is not installed.
    """
    try:
        import matplotlib
    except ImportError as error:
        raise ValueError(
            "the embedded corpus is drawn with matplotlib, which is not installed: run pip install 'image-intent[demo]'"
        ) from error
    return Path(matplotlib.get_data_path()) / "fonts" / "ttf"


@lru_cache(maxsize=256)
def font(pixels: int, style: str = "sans") -> ImageFont.FreeTypeFont:
    """Return a font of ``pixels`` height; styles: sans, bold, italic, serif, mono and so on, see ``_FONT_FILES``."""
    return ImageFont.truetype(str(font_folder() / _FONT_FILES[style]), max(pixels, 4))


def sheet(width: int, height: int, color: Color = WHITE) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """Return a canvas for a picture of ``width`` × ``height`` pixels, and a pen on it."""
    image = Image.new("RGB", (width * SUPERSAMPLE, height * SUPERSAMPLE), color)
    return image, ImageDraw.Draw(image)


def shrink(image: Image.Image) -> Image.Image:
    """Return the canvas at the picture's size."""
    return image.reduce(SUPERSAMPLE)


def extent(rng: np.random.Generator, size: int, low: float = 0.7, high: float = 1.4) -> tuple[int, int]:
    """Return width and height, the longer ``size`` pixels, width / height between ``low`` and ``high``."""
    ratio = float(np.exp(rng.uniform(np.log(low), np.log(high))))
    return (size, max(round(size / ratio), 16)) if ratio >= 1 else (max(round(size * ratio), 16), size)


def hsv(hue: float, saturation: float, value: float) -> Color:
    """Return the colour of a hue (any real number, one turn is 1), saturation and value (0–1)."""
    red, green, blue = colorsys.hsv_to_rgb(hue % 1.0, min(max(saturation, 0), 1), min(max(value, 0), 1))
    return round(red * 255), round(green * 255), round(blue * 255)


def vivid(rng: np.random.Generator) -> Color:
    """Return a strong random colour."""
    return hsv(rng.random(), rng.uniform(0.55, 0.95), rng.uniform(0.6, 0.95))


def pastel(rng: np.random.Generator) -> Color:
    """Return a pale random colour."""
    return hsv(rng.random(), rng.uniform(0.08, 0.35), rng.uniform(0.88, 1.0))


def blend(first: Color, second: Color, share: float) -> Color:
    """Return ``first`` mixed with ``share`` (0–1) of ``second``."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def pick(rng: np.random.Generator, options: Sequence[_Option]) -> _Option:
    """Return one of the options."""
    return options[int(rng.integers(len(options)))]


def words(rng: np.random.Generator, count: int) -> str:
    """Return ``count`` words of filler text."""
    return " ".join(WORDS[int(i)] for i in rng.integers(len(WORDS), size=count))


def xy(points: Points) -> list[tuple[float, float]]:
    """Return points as Pillow takes them."""
    return [(float(x), float(y)) for x, y in points]


def oval(x: float, y: float, rx: float, ry: float, turn: float = 0.0, steps: int = 48) -> Points:
    """Return the outline of an ellipse; ``turn`` in radians."""
    angle = np.linspace(0, 2 * np.pi, steps, endpoint=False)
    px, py = rx * np.cos(angle), ry * np.sin(angle)
    return np.stack([x + px * np.cos(turn) - py * np.sin(turn), y + px * np.sin(turn) + py * np.cos(turn)], axis=1)


def smooth(points: Points, *, closed: bool = True, steps: int = 8) -> Points:
    """Return the Catmull–Rom spline through the points, ``steps`` points for each stretch."""
    pts = np.asarray(points, dtype=np.float64)
    around = (
        np.concatenate([pts[-1:], pts, pts[:2]])
        if closed
        else np.concatenate([2 * pts[:1] - pts[1:2], pts, 2 * pts[-1:] - pts[-2:-1]])
    )
    p0, p1, p2, p3 = (around[i : len(around) - 3 + i, None, :] for i in range(4))
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    curve = 0.5 * (2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + (3 * p1 - p0 - 3 * p2 + p3) * t**3)
    flat: Points = curve.reshape(-1, 2)
    return flat if closed else np.concatenate([flat, pts[-1:]])


def noise(rng: np.random.Generator, width: int, height: int, *, cells: int = 4, octaves: int = 4) -> Points:
    """Return value noise float64[height, width], 0–1: coarse random grids, each finer one half as strong."""
    total = np.zeros((height, width))
    weight = 0.0
    for octave in range(octaves):
        count = cells * 2**octave
        grid = rng.random((count + 1, count + 1)).astype(np.float32)
        layer = Image.fromarray(grid).resize((width, height), Image.Resampling.BICUBIC)
        total += np.asarray(layer, dtype=np.float64) * 0.5**octave
        weight += 0.5**octave
    return np.clip(total / weight, 0.0, 1.0)


def gradient(width: int, height: int, stops: list[Color]) -> Image.Image:
    """Return a picture whose colour runs from the first stop at the top to the last at the bottom."""
    at = np.linspace(0, len(stops) - 1, height)
    table = np.asarray(stops, dtype=np.float64)
    columns = [np.interp(at, np.arange(len(stops)), table[:, channel]) for channel in range(3)]
    rows = np.stack(columns, axis=1).astype(np.uint8)
    return Image.fromarray(np.repeat(rows[:, None, :], width, axis=1))


def grain(image: Image.Image, rng: np.random.Generator, strength: float = 4.0) -> Image.Image:
    """Return the picture with a camera's noise; ``strength`` is its standard deviation in grey levels."""
    pixels = np.asarray(image, dtype=np.float32)
    speckle = rng.standard_normal(pixels.shape[:2], dtype=np.float32)[..., None] * strength
    return Image.fromarray(np.clip(pixels + speckle, 0, 255).astype(np.uint8))


def vignette(image: Image.Image, strength: float) -> Image.Image:
    """Return the picture with corners darkened by ``strength`` (0–1)."""
    width, height = image.size
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    shade = 1 - strength * np.clip((x**2 + y**2) / 2, 0, 1)
    return Image.fromarray((np.asarray(image, dtype=np.float32) * shade[..., None]).astype(np.uint8))


def blur(image: Image.Image, radius: float) -> Image.Image:
    """Return the picture blurred by a Gaussian of ``radius`` pixels."""
    return image.filter(ImageFilter.GaussianBlur(radius))


def wobble(rng: np.random.Generator, points: Points, amount: float) -> Points:
    """Return the points moved by a random ``amount`` (standard deviation, their own unit)."""
    return points + rng.normal(0, amount, points.shape)
