"""Variations of a picture that keep what it is for: many looks of one layout, so that a site's look is not learned.

Everything works on uint8 [S, S, 3] and a generator, so that a picture's variation depends on its seed alone and not
on its neighbours. Mirroring, quarter turns, other colours, other grounds and line drawing are limited to intents whose
meaning survives them.
"""

import io
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from intent.cutouts import mask_of

Pixels = npt.NDArray[np.uint8]

MIRRORED = frozenset(
    {
        "animal_photo",
        "anime_character",
        "clipart_illustration",
        "coloring_page",
        "emoji_sticker",
        "face_portrait",
        "flag",
        "food_photo",
        "icon_pictogram",
        "interior_photo",
        "landscape_photo",
        "outfit_style",
        "pattern_background",
        "pencil_sketch",
        "pixel_art",
        "place_landmark",
        "plant_flower",
        "product_cutout",
        "satellite_aerial",
        "sheet_music",
        "vehicle_photo",
    }
)
"""Intents whose mirror image is one of them still. Mirrored writing is no writing, so pages, screens, maps, posters,
memes, receipts, charts and covers are not here; nor is any class of a taxonomy of one's own."""

LINE_ART = frozenset(
    {
        "blueprint",
        "diagram",
        "document_page",
        "graph_chart",
        "handwriting",
        "icon_pictogram",
        "logo_emblem",
        "map",
        "math_formula",
        "receipt",
        "sheet_music",
        "table",
    }
)
"""Intents that stay themselves when inverted or reduced to their edges; a photo's edges would be a sketch."""

ANY_COLOUR = frozenset({"clipart_illustration", "logo_emblem", "package_cover", "pattern_background"})
"""Intents of things that come in every colour: the one of a site says nothing. Skin, food and flags have their own."""

ANY_GROUND = frozenset(
    {"anime_character", "clipart_illustration", "emoji_sticker", "icon_pictogram", "logo_emblem", "outfit_style"}
)
"""Intents of one thing, whatever lies behind it."""

FROM_ABOVE = frozenset({"pattern_background", "satellite_aerial"})
"""Intents without an up and a down."""

SMALLEST_AREA = 0.55
"""Share of the picture that a crop keeps at least: less cuts off what tells a page from a receipt."""
STRETCH = 4 / 3
"""Largest change of the aspect ratio; pictures are squared, so their true one is unknown anyway."""
LARGEST_ANGLE = 8.0
"""Degrees: a scan that lies askew."""
JPEG_QUALITY = (30, 95)


def augment(pixels: Pixels, rng: np.random.Generator, *, intent: str | None) -> Pixels:
    """Return a variation of uint8 [S, S, 3] of equal shape.

    Args:
        pixels: is not changed.
        rng: decides everything.
        intent: id of what it shows, which says what is safe; None is safe for all.
    """
    image = Image.fromarray(pixels)
    side = pixels.shape[0]
    if intent in MIRRORED and rng.random() < 0.5:
        image = ImageOps.mirror(image)
    if intent in FROM_ABOVE and (turns := int(rng.integers(4))):
        image = Image.fromarray(np.ascontiguousarray(np.rot90(np.asarray(image), turns)))
    if intent in ANY_GROUND and rng.random() < 0.25:
        image = _reground(image, rng)
    for chance, change in _GEOMETRY:
        if rng.random() < chance:
            image = change(image, rng)
    if intent in LINE_ART:
        for chance, change in _OF_LINES:
            if rng.random() < chance:
                image = change(image, rng)
    if intent in ANY_COLOUR and rng.random() < 0.25:
        image = _hue(image, rng)
    for chance, change in _LOOKS:
        if rng.random() < chance:
            image = change(image, rng)
    if image.size != (side, side):
        image = image.resize((side, side), Image.Resampling.BILINEAR)
    return np.asarray(image, dtype=np.uint8)


def ground(rng: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    """Return a background: a plain colour (often white or black), a gradient or noise."""
    kind = rng.random()
    if kind < 0.5:
        plain = (255, 255, 255) if rng.random() < 0.5 else (0, 0, 0) if rng.random() < 0.4 else _colour(rng)
        return Image.new("RGB", size, plain)
    if kind < 0.8:
        steps = np.linspace(0, 1, 32)[:, None]
        column = (1 - steps) * np.array(_colour(rng)) + steps * np.array(_colour(rng))
        image = Image.fromarray(column[:, None].astype(np.uint8))
        return image.resize(size, Image.Resampling.BILINEAR)
    noise = rng.integers(0, 256, (int(rng.integers(4, 33)),) * 2 + (3,), dtype=np.uint8)
    return Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC)


def _colour(rng: np.random.Generator) -> tuple[int, int, int]:
    red, green, blue = (int(value) for value in rng.integers(0, 256, 3))
    return red, green, blue


def _crop(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    side = image.size[0]
    area = rng.uniform(SMALLEST_AREA, 1.0)
    stretch = np.exp(rng.uniform(-1, 1) * np.log(STRETCH) / 2)
    width, height = (float(min(1.0, np.sqrt(area) * factor)) * side for factor in (stretch, 1 / stretch))
    left, top = rng.uniform(0, side - width), rng.uniform(0, side - height)
    box = (left, top, left + width, top + height)
    return image.resize((side, side), Image.Resampling.BILINEAR, box=box)


def _rotate(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    edge = np.asarray(image)[0].mean(axis=0)
    fill = (int(edge[0]), int(edge[1]), int(edge[2]))
    return image.rotate(rng.uniform(-LARGEST_ANGLE, LARGEST_ANGLE), Image.Resampling.BILINEAR, fillcolor=fill)


def _border(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    side = image.size[0]
    size = tuple(max(1, int(side * share)) for share in rng.uniform(0.6, 0.97, 2))
    under = ground(rng, image.size)
    at = (int(rng.integers(0, side - size[0] + 1)), int(rng.integers(0, side - size[1] + 1)))
    under.paste(image.resize((size[0], size[1]), Image.Resampling.BILINEAR), at)
    return under


def _reground(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Lay the thing on another ground where its own is plain."""
    mask = mask_of(image)
    if mask is None:
        return image
    under = ground(rng, image.size)
    under.paste(image, (0, 0), mask)
    return under


def _jitter(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    for enhancer, most in ((ImageEnhance.Brightness, 0.35), (ImageEnhance.Contrast, 0.4), (ImageEnhance.Color, 0.6)):
        image = enhancer(image).enhance(1 + rng.uniform(-most, most))
    return image


def _tint(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Multiply the channels: paper turns yellow, light blue."""
    gains = rng.uniform(0.75, 1.1, 3)
    return Image.fromarray(np.clip(np.asarray(image) * gains, 0, 255).astype(np.uint8))


def _hue(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    values = np.array(image.convert("HSV"))
    values[..., 0] += np.uint8(rng.integers(0, 256))  # wraps around, as hues do
    return Image.fromarray(values, "HSV").convert("RGB")


def _grey(image: Image.Image, _rng: np.random.Generator) -> Image.Image:
    return image.convert("L").convert("RGB")


def _invert(image: Image.Image, _rng: np.random.Generator) -> Image.Image:
    return ImageOps.invert(image)


def _edges(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    lines = image.convert("L").filter(ImageFilter.FIND_EDGES)
    lines = ImageOps.autocontrast(lines)
    return (ImageOps.invert(lines) if rng.random() < 0.7 else lines).convert("RGB")


def _posterise(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    return ImageOps.posterize(image, int(rng.integers(2, 5)))


def _blur(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 1.6)))


def _sharpen(image: Image.Image, _rng: np.random.Generator) -> Image.Image:
    return image.filter(ImageFilter.SHARPEN)


def _noise(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    values = np.asarray(image) + rng.normal(0, rng.uniform(3, 20), (*image.size[::-1], 3))
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))


def _coarse(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Make it smaller and large again, as a thumbnail shown at full size is."""
    side = image.size[0]
    small = max(1, int(side * rng.uniform(0.3, 0.8)))
    return image.resize((small, small), Image.Resampling.BILINEAR).resize((side, side), Image.Resampling.BICUBIC)


def _jpeg(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=int(rng.integers(JPEG_QUALITY[0], JPEG_QUALITY[1] + 1)))
    with Image.open(io.BytesIO(buffer.getvalue())) as again:
        return again.convert("RGB")


_Change = Callable[[Image.Image, np.random.Generator], Image.Image]
_GEOMETRY: tuple[tuple[float, _Change], ...] = ((0.8, _crop), (0.15, _rotate), (0.15, _border))
_OF_LINES: tuple[tuple[float, _Change], ...] = ((0.15, _invert), (0.06, _edges), (0.25, _hue))
_LOOKS: tuple[tuple[float, _Change], ...] = (
    (0.7, _jitter),
    (0.2, _tint),
    (0.12, _grey),
    (0.08, _posterise),
    (0.2, _coarse),
    (0.12, _blur),
    (0.08, _sharpen),
    (0.12, _noise),
    (0.4, _jpeg),
)
