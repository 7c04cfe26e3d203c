"""satellite_aerial: the ground from far above, parcel by parcel, at many resolutions, casts and states of the air."""

from collections.abc import Mapping

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import Color, Points, blend, blur, extent, grain, noise, oval, pick, smooth, xy
from beam_jobs.demo.draw.parcels import PARCELS, SOILS, Box, green

_SCENES: Mapping[str, tuple[tuple[str, ...], float, float, float]] = {
    "farmland": (("field",) * 9 + ("orchard", "forest", "houses"), 0.09, 0.32, 0.004),
    "plots": (("field",) * 7 + ("houses", "bare", "greenhouse"), 0.03, 0.1, 0.003),
    "suburb": (("houses",) * 8 + ("park", "halls", "sports"), 0.1, 0.22, 0.014),
    "town": (("rows",) * 6 + ("houses", "halls", "parking", "park"), 0.07, 0.16, 0.012),
    "downtown": (("towers",) * 6 + ("parking", "park", "halls"), 0.1, 0.2, 0.02),
    "industry": (("halls",) * 6 + ("parking", "bare", "tanks", "solar"), 0.15, 0.35, 0.016),
    "parking": (("parking",) * 5 + ("halls", "park"), 0.3, 0.6, 0.012),
    "sports": (("sports",) * 3 + ("houses", "park", "parking"), 0.25, 0.5, 0.014),
    "energy": (("solar",) * 4 + ("field", "bare"), 0.2, 0.4, 0.008),
    "forest": (("forest",) * 8 + ("field", "bare"), 0.3, 0.9, 0.0),
    "scrub": (("scrub",) * 4 + ("bare",), 0.5, 1.2, 0.0),
    "water": (("forest", "field", "bare", "houses", "park"), 0.2, 0.6, 0.006),
}
"""Kinds of parcels, the least and largest side of one and the width of a road, in sides of the picture."""


def satellite_aerial(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a country, a town, woods, water or an airport as a satellite or an aeroplane photographs it."""
    width, height = extent(rng, size, 0.75, 1.35)
    side = round(np.hypot(width, height)) + 4
    scene = pick(rng, list(_SCENES))
    kinds, low, high, road = _SCENES[scene]
    soil = pick(rng, SOILS)
    rough = noise(rng, side, side, cells=int(rng.integers(6, 30)), octaves=5)
    street = pick(rng, ((120, 120, 122), (98, 98, 100), (150, 146, 138), blend(soil, (190, 180, 160), 0.6)))
    image = Image.fromarray(
        np.clip(np.array(street if road else soil) * (0.8 + 0.4 * rough[..., None]), 0, 255).astype(np.uint8)
    )
    pen = ImageDraw.Draw(image)
    sun = (float(rng.choice([-1, 1])), float(rng.choice([-1, 1])))
    zoom, parcel = rng.uniform(0.7, 1.5), rng.uniform(low, high) * side
    hue = rng.uniform(0.14, 0.36)
    for box in _split(rng, (0, 0, side, side), parcel, road * side * 0.5):
        PARCELS[pick(rng, kinds)](pen, rng, box, zoom * side / 300, sun, hue)
    if scene in ("forest", "scrub") or rng.random() < 0.25:
        _crowns(image, rng, hue, scene)
    for _ in range(int(rng.integers(0, 3))):
        _highway(pen, rng, side, street)
    if rng.random() < 0.07:
        _runways(pen, rng, side)
    if scene == "water" or rng.random() < 0.12:
        image = _water(image, rng)
    image = image.rotate(rng.choice([0.0, rng.uniform(0, 90)]), Image.Resampling.BILINEAR)
    left, top = (side - width) // 2, (side - height) // 2
    return _developed(image.crop((left, top, left + width, top + height)), rng)


def _developed(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return the picture with the ground's small unevenness, haze, a cast of colour and its resolution."""
    w, h = image.size
    pixels = np.asarray(blur(image, rng.uniform(0.2, 1.1)), dtype=np.float64)
    fine, broad = noise(rng, w, h, cells=50, octaves=3), noise(rng, w, h, cells=3, octaves=4)
    pixels *= (1 + (fine - 0.5) * rng.uniform(0.1, 0.7) + (broad - 0.5) * rng.uniform(0, 0.4))[..., None]
    grey = pixels.mean(2, keepdims=True)
    pixels = grey + (pixels - grey) * rng.uniform(0.4, 1.3)
    haze, veil = rng.uniform(0, 0.35), np.array(pick(rng, ((150, 160, 176), (200, 204, 206), (120, 130, 130))))
    pixels = (pixels * (1 - haze) + veil * haze) * rng.uniform(0.6, 1.3) * (1 + rng.normal(0, 0.05, 3))
    if rng.random() < 0.06:
        cloud = np.clip((noise(rng, w, h, cells=2, octaves=5) - 0.55) * 6, 0, 0.95)[..., None]
        pixels = pixels * (1 - cloud) + 240 * cloud
    return grain(Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)), rng, rng.uniform(1, 7))


def _split(rng: np.random.Generator, box: Box, parcel: float, gap: float) -> list[Box]:
    """Return the parcels that a box falls into by cuts across its longer side, with a road between them."""
    left, top, right, bottom = box
    wide, tall = right - left, bottom - top
    if max(wide, tall) < parcel * rng.uniform(1.0, 2.2) or min(wide, tall) < 4:
        return [(left + gap, top + gap, right - gap, bottom - gap)] if min(wide, tall) > gap * 2 + 2 else []
    share = rng.uniform(0.35, 0.65)
    if wide > tall:
        cut = left + wide * share
        return _split(rng, (left, top, cut, bottom), parcel, gap) + _split(rng, (cut, top, right, bottom), parcel, gap)
    cut = top + tall * share
    return _split(rng, (left, top, right, cut), parcel, gap) + _split(rng, (left, cut, right, bottom), parcel, gap)


def _crowns(image: Image.Image, rng: np.random.Generator, hue: float, scene: str) -> None:
    """Cover a part of the ground with woods: bumps of many greens below a ragged edge."""
    side = image.width
    near = noise(rng, side, side, cells=int(rng.integers(30, 90)), octaves=3)
    where = noise(rng, side, side, cells=int(rng.integers(2, 6)), octaves=5) > rng.uniform(
        0.4, 0.66 if scene != "forest" else 0.45
    )
    tone = np.array(green(rng, hue + 0.04, 0.16, 0.34))
    wood = np.clip(tone * (1 + (near[..., None] - 0.5) * rng.uniform(1.5, 3.5)), 0, 255).astype(np.uint8)
    image.paste(Image.fromarray(wood), (0, 0), Image.fromarray((where * 255).astype(np.uint8)))


def _highway(pen: ImageDraw.ImageDraw, rng: np.random.Generator, side: int, street: Color) -> None:
    a, b = rng.uniform(-0.2, 1.2, 2) * side
    knots = np.stack(
        [np.linspace(-0.1, 1.1, 5) * side, np.linspace(a, b, 5) + rng.normal(0, side * rng.choice([0.0, 0.06]), 5)],
        axis=1,
    )
    line = smooth(knots if rng.random() < 0.5 else knots[:, ::-1], closed=False, steps=12)
    wide = side * rng.uniform(0.008, 0.04)
    for share, tone in (
        (1.5, blend(street, (90, 96, 70), 0.5)),
        (1.0, street),
        (0.1, blend(street, (240, 236, 220), 0.6)),
    ):
        pen.line(xy(line), fill=tone, width=max(round(wide * share), 1), joint="curve")
    for x, y in line[rng.random(len(line)) < 0.4]:
        r = max(wide * 0.12, 1)
        pen.rectangle(
            [x - r, y + wide * 0.1, x + r, y + wide * 0.1 + r],
            fill=pick(rng, ((240, 240, 240), (30, 30, 34), (150, 50, 46))),
        )


def _runways(pen: ImageDraw.ImageDraw, rng: np.random.Generator, side: int) -> None:
    y, wide = side * rng.uniform(0.3, 0.7), side * rng.uniform(0.05, 0.11)
    pen.rectangle([0, y - wide * 3, side, y + wide * 3], fill=green(rng, 0.24, 0.3, 0.45))
    pen.rectangle([0, y - wide / 2, side, y + wide / 2], fill=(110, 110, 114))
    for x in np.arange(0, side, wide * 1.2):
        pen.rectangle([x, y - wide * 0.03, x + wide * 0.6, y + wide * 0.03], fill=(226, 226, 222))
    pen.rectangle([0, y + wide * 1.6, side, y + wide * 2.6], fill=(140, 140, 140))
    for x in np.arange(wide, side, wide * rng.uniform(1.5, 2.5)):
        for shape in (
            oval(x, y + wide * 2.1, wide * 0.07, wide * 0.5),
            oval(x, y + wide * 2.05, wide * 0.5, wide * 0.09),
        ):
            pen.polygon(xy(shape), fill=(240, 240, 242))


def _water(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Flood a part of the ground: a lake, a river, a coast with surf or a harbour with ships."""
    side = image.width
    y, x = np.mgrid[0:side, 0:side] / side - 0.5
    bend = noise(rng, side, side, cells=3, octaves=5) - 0.5
    kind, angle = int(rng.integers(3)), rng.uniform(0, 6.3)
    across = x * np.cos(angle) + y * np.sin(angle) + bend * rng.uniform(0.1, 0.8)
    level = (
        np.hypot(x, y) + bend * 0.9 - rng.uniform(0.15, 0.4),
        np.abs(across) - rng.uniform(0.02, 0.12),
        across - rng.uniform(-0.2, 0.2),
    )[kind]
    tone = np.array(
        pick(rng, ((30, 52, 66), (40, 84, 96), (26, 40, 36), (84, 140, 136), (92, 92, 60), (20, 44, 84), (14, 20, 26)))
    )
    ripple = noise(rng, side, side, cells=60, octaves=2)
    pixels = (
        tone * (0.9 + 0.2 * ripple[..., None]) * (1 + np.clip(level + 0.08, 0, 0.08)[..., None] * rng.uniform(0, 6))
    )
    wet = np.clip(-level * 120, 0, 1)[..., None]
    rim = np.exp(-((level / rng.uniform(0.005, 0.025)) ** 2))[..., None] * (rng.random() < 0.6)
    ground = np.asarray(image) * (1 - wet) + pixels * wet
    shore: Points = (
        ground * (1 - rim * 0.7) + np.array(pick(rng, ((216, 204, 170), (236, 240, 240), (70, 84, 50)))) * rim * 0.7
    )
    flooded = Image.fromarray(np.clip(shore, 0, 255).astype(np.uint8))
    if kind == 2 and rng.random() < 0.5:
        pen = ImageDraw.Draw(flooded)
        for row, column in rng.integers(0, side, (30, 2)):
            if level[row, column] < -0.03:
                pen.polygon(xy(oval(column, row, side * 0.016, side * 0.005, angle + 1.57)), fill=(230, 228, 222))
    return flooded
