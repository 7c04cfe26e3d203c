"""Drawn pictures of no class: what the score of not knowing is fitted to and measured by.

No collection of the web's odd pictures travels with this project; these kinds are drawn instead. How well the score
holds for a kind that it never saw is measured by leaving kinds out (`intent.calibration.fit_unknown`).
"""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

Pixels = npt.NDArray[np.uint8]


def draw_unknown(per_kind: int, *, size: int, seed: int) -> tuple[Pixels, npt.NDArray[np.int64]]:
    """Return ``per_kind`` pictures of every kind, uint8 [n, size, size, 3], and the kind of each, int64 [n].

    A picture depends on seed, kind and its number alone.
    """
    pictures = np.empty((per_kind * len(KINDS), size, size, 3), dtype=np.uint8)
    kinds = np.repeat(np.arange(len(KINDS)), per_kind)
    for row, kind in enumerate(kinds):
        rng = np.random.default_rng([seed, int(kind), row % per_kind, 0x0DD])
        image = KINDS[list(KINDS)[kind]](rng, size)
        pictures[row] = np.asarray(image.convert("RGB").resize((size, size), Image.Resampling.BILINEAR))
    return pictures, kinds


def _barcode(rng: np.random.Generator, size: int) -> Image.Image:
    bars = int(rng.integers(30, 70))
    widths = rng.integers(1, 5, bars)
    row = np.repeat(np.arange(bars) % 2 * 255, widths).astype(np.uint8)
    code = Image.fromarray(np.repeat(row[None], 60, axis=0)).convert("RGB")
    share = rng.uniform(0.5, 0.95)
    code = code.resize(
        (int(size * share), max(4, int(size * share * rng.uniform(0.3, 0.8)))), Image.Resampling.BILINEAR
    )
    return _pasted(code, rng, size)


def _matrix_code(rng: np.random.Generator, size: int) -> Image.Image:
    cells = int(rng.choice([21, 25, 29, 33, 41]))
    code = rng.integers(0, 2, (cells, cells)).astype(np.uint8) * 255
    for top, left in ((0, 0), (0, cells - 7), (cells - 7, 0)):
        code[top : top + 7, left : left + 7] = 0
        code[top + 1 : top + 6, left + 1 : left + 6] = 255
        code[top + 2 : top + 5, left + 2 : left + 5] = 0
    side = int(size * rng.uniform(0.5, 0.95))
    return _pasted(Image.fromarray(code).convert("RGB").resize((side, side), Image.Resampling.NEAREST), rng, size)


def _pasted(code: Image.Image, rng: np.random.Generator, size: int) -> Image.Image:
    light = int(rng.integers(200, 256))
    ground = Image.new("RGB", (size, size), (light, light, int(rng.integers(180, 256))))
    at = tuple(int(rng.integers(0, max(1, size - side + 1))) for side in code.size)
    ground.paste(code, (at[0], at[1]))
    return ground.rotate(rng.uniform(-4, 4), fillcolor=(light, light, light))


def _noise(rng: np.random.Generator, size: int) -> Image.Image:
    channels = 3 if rng.random() < 0.5 else 1
    values = np.clip(rng.normal(rng.uniform(60, 190), rng.uniform(20, 90), (size, size, channels)), 0, 255)
    return Image.fromarray(np.repeat(values, 3 // channels, axis=2).astype(np.uint8))


def _solid(rng: np.random.Generator, size: int) -> Image.Image:
    values = rng.integers(0, 256, 3) + rng.normal(0, rng.uniform(0, 3), (size, size, 3))
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))


def _gradient(rng: np.random.Generator, size: int) -> Image.Image:
    corners = rng.integers(0, 256, (2, 2, 3), dtype=np.uint8)
    return Image.fromarray(corners).resize((size, size), Image.Resampling.BILINEAR)


def _radiograph(rng: np.random.Generator, size: int) -> Image.Image:
    """Grey bones and organs on black."""
    image = Image.new("L", (size, size), int(rng.integers(0, 25)))
    draw = ImageDraw.Draw(image)
    middle = size * rng.uniform(0.4, 0.6)
    width, height = size * rng.uniform(0.25, 0.45), size * rng.uniform(0.35, 0.5)
    half = size / 2
    draw.ellipse((middle - width, half - height, middle + width, half + height), fill=int(rng.integers(60, 130)))
    for side in (-1, 1):
        at = middle + side * width * 0.5
        lung = (at - width * 0.35, half - height * 0.7, at + width * 0.35, half + height * 0.6)
        draw.ellipse(lung, fill=int(rng.integers(15, 60)))
    for rib in range(int(rng.integers(4, 10))):
        top = half - height * 0.8 + rib * height * 0.2
        box = (middle - width, top, middle + width, top + height * 0.5)
        draw.arc(box, 200, 340, fill=int(rng.integers(110, 200)), width=max(1, size // 50))
    spine = (middle - size * 0.025, half - height, middle + size * 0.025, half + height)
    draw.rectangle(spine, fill=int(rng.integers(150, 230)))
    return _speckled(image.filter(ImageFilter.GaussianBlur(size * rng.uniform(0.008, 0.025))), rng, 6)


def _ultrasound(rng: np.random.Generator, size: int) -> Image.Image:
    """A fan of speckles on black."""
    y, x = np.mgrid[0:size, 0:size] / size
    radius, angle = np.hypot(x - 0.5, y + 0.05), np.arctan2(x - 0.5, y + 0.05)
    fan = (np.abs(angle) < rng.uniform(0.5, 0.8)) & (radius > 0.15) & (radius < rng.uniform(0.85, 1.0))
    blobs = np.asarray(_clouds(rng, size, int(rng.integers(4, 10))).convert("L"), dtype=np.float64)
    values = fan * blobs * rng.rayleigh(0.6, (size, size))
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8)).convert("RGB")


def _moire(rng: np.random.Generator, size: int) -> Image.Image:
    y, x = np.mgrid[0:size, 0:size]
    centres = rng.uniform(0, size, (2, 2))
    waves = [np.sin(np.hypot(x - a, y - b) * rng.uniform(0.5, 1.6)) for a, b in centres]
    tint = rng.uniform(0.5, 1, 3)
    return Image.fromarray(((waves[0] * waves[1] * 0.5 + 0.5)[..., None] * 255 * tint).astype(np.uint8))


def _static(rng: np.random.Generator, size: int) -> Image.Image:
    """A screen without a signal: noise in lines, with a rolling bar."""
    lines = rng.integers(0, 256, (max(2, size // 2), size // 2 or 1)).astype(np.float64)
    bar = np.abs(np.arange(len(lines)) - rng.integers(0, len(lines))) < len(lines) * 0.1
    lines[bar] = lines[bar] * 0.4 + 140
    return Image.fromarray(lines.astype(np.uint8)).resize((size, size), Image.Resampling.NEAREST).convert("RGB")


def _test_card(rng: np.random.Generator, size: int) -> Image.Image:
    colours = ["#c0c0c0", "#c0c000", "#00c0c0", "#00c000", "#c000c0", "#c00000", "#0000c0"]
    if rng.random() < 0.3:
        colours.reverse()
    image = Image.new("RGB", (size, size), "black")
    draw = ImageDraw.Draw(image)
    bottom = size * rng.uniform(0.6, 1.0)
    for place, colour in enumerate(colours):
        draw.rectangle((place * size / 7, 0, (place + 1) * size / 7, bottom), fill=colour)
    for place in range(6):
        light = int(rng.integers(0, 256))
        draw.rectangle((place * size / 6, bottom, (place + 1) * size / 6, size), fill=(light, light, light))
    return image


def _blank_scan(rng: np.random.Generator, size: int) -> Image.Image:
    """A page without anything on it: paper, shadow at an edge, dust."""
    paper = rng.integers(215, 256)
    image = Image.new("L", (size, size), int(paper))
    draw = ImageDraw.Draw(image)
    if rng.random() < 0.6:
        draw.rectangle((0, 0, size * rng.uniform(0.01, 0.08), size), fill=int(rng.integers(60, 180)))
    for _ in range(int(rng.integers(0, 25))):
        x, y = rng.uniform(0, size, 2)
        draw.ellipse((x, y, x + size / 120, y + size / 120), fill=int(rng.integers(90, 200)))
    return _speckled(image.filter(ImageFilter.GaussianBlur(size / 150)), rng, 3)


def _clouds(rng: np.random.Generator, size: int, cells: int) -> Image.Image:
    values = rng.integers(0, 256, (cells, cells, 3), dtype=np.uint8)
    return Image.fromarray(values).resize((size, size), Image.Resampling.BICUBIC)


def _out_of_focus(rng: np.random.Generator, size: int) -> Image.Image:
    image = _clouds(rng, size, int(rng.integers(3, 9)))
    return image if rng.random() < 0.5 else image.convert("L").convert("RGB")


def _dark(rng: np.random.Generator, size: int) -> Image.Image:
    """A finger on the lens, or a photo of the night."""
    tint = rng.uniform(0.5, 1, 3) * rng.uniform(4, 40)
    values = np.asarray(_clouds(rng, size, 4)) / 255 * tint + rng.normal(0, 4, (size, size, 3))
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))


def _broken(rng: np.random.Generator, size: int) -> Image.Image:
    """Blocks of a stream that lost its way."""
    cells = int(rng.integers(6, 20))
    values = rng.integers(0, 256, (cells, cells, 3), dtype=np.uint8)
    rows = rng.random(cells) < 0.4
    values[rows] = values[rows, :1]
    return Image.fromarray(values).resize((size, size), Image.Resampling.NEAREST)


def _speckled(image: Image.Image, rng: np.random.Generator, deviation: float) -> Image.Image:
    values = np.asarray(image, dtype=np.float64) + rng.normal(0, deviation, image.size[::-1])
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8)).convert("RGB")


KINDS: Mapping[str, Callable[[np.random.Generator, int], Image.Image]] = {
    "barcode": _barcode,
    "matrix_code": _matrix_code,
    "noise": _noise,
    "solid": _solid,
    "gradient": _gradient,
    "radiograph": _radiograph,
    "ultrasound": _ultrasound,
    "moire": _moire,
    "static": _static,
    "test_card": _test_card,
    "blank_scan": _blank_scan,
    "out_of_focus": _out_of_focus,
    "dark": _dark,
    "broken": _broken,
}
"""Kinds in a fixed order; a kind's number is its place."""
