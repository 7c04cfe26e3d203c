"""Pictures inside pictures: what covers, memes, pages and broadcasts show, made by the drawers of other intents."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from beam_jobs.demo.draw.animals import animal_photo
from beam_jobs.demo.draw.anime import anime_character
from beam_jobs.demo.draw.buildings import place_landmark
from beam_jobs.demo.draw.canvas import INK, SUPERSAMPLE, WHITE, Color, blend, gradient, hsv, pastel, pick, vivid
from beam_jobs.demo.draw.cliparts import clipart_illustration
from beam_jobs.demo.draw.dishes import food_photo
from beam_jobs.demo.draw.figures import FIGURES, paint
from beam_jobs.demo.draw.outfits import outfit_style
from beam_jobs.demo.draw.portraits import face_portrait
from beam_jobs.demo.draw.rooms import interior_photo
from beam_jobs.demo.draw.scenes import landscape_photo, plant_flower
from beam_jobs.demo.draw.tiles import pattern_background
from beam_jobs.demo.draw.vehicles import vehicle_photo

_Drawer = Callable[[np.random.Generator, int], Image.Image]
PHOTOS: tuple[_Drawer, ...] = (
    animal_photo, place_landmark, food_photo, outfit_style, face_portrait, interior_photo, plant_flower,
    vehicle_photo, landscape_photo, place_landmark, plant_flower, outfit_style,
)  # fmt: skip
PEOPLE: tuple[_Drawer, ...] = (face_portrait, outfit_style, face_portrait)
FOOD: tuple[_Drawer, ...] = (food_photo,)
_DRAWN: tuple[_Drawer, ...] = (clipart_illustration, anime_character, pattern_background, clipart_illustration)
_DEEPEST = 260
"""Pixels of the longer side at which an inner picture is drawn; larger ones are enlarged, which costs less."""


def cover_box(picture: Image.Image, w: int, h: int, *, high: float = 0.5) -> Image.Image:
    """Return the picture scaled and cropped to w × h; ``high`` says which part stays, 0 the upper one, 1 the lower."""
    return ImageOps.fit(picture, (max(w, 1), max(h, 1)), Image.Resampling.BILINEAR, centering=(0.5, high))


def photograph(
    rng: np.random.Generator, w: int, h: int, *, kinds: tuple[Callable[..., Image.Image], ...] = PHOTOS
) -> Image.Image:
    """Return a photograph-like picture of w × h canvas pixels by one of the drawers ``kinds``."""
    picture = pick(rng, kinds)(rng, min(max(w, h) // SUPERSAMPLE + 8, _DEEPEST))
    if rng.random() < 0.35:
        share = rng.uniform(0.55, 0.9)
        pw, ph = round(picture.width * share), round(picture.height * share)
        left, top = (round(rng.uniform(0, side - part)) for side, part in zip(picture.size, (pw, ph), strict=True))
        picture = picture.crop((left, top, left + pw, top + ph))
    if rng.random() < 0.5:
        picture = ImageOps.mirror(picture)
    return cover_box(picture, w, h, high=0.3)


def drawing(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """Return a drawn picture of w × h canvas pixels: clip art, a character, a pattern, a figure in a landscape."""
    if rng.random() < 0.35:
        return figure_scene(rng, w, h)
    return cover_box(pick(rng, _DRAWN)(rng, min(max(w, h) // SUPERSAMPLE + 8, _DEEPEST)), w, h)


def figure_scene(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """Return one to three large coloured figures on a flat ground, as in picture books."""
    sky, ground = pastel(rng), hsv(rng.random(), rng.uniform(0.3, 0.7), rng.uniform(0.5, 0.95))
    image = gradient(w, h, [sky, blend(sky, vivid(rng), 0.4)])
    pen = ImageDraw.Draw(image)
    for level in range(int(rng.integers(1, 4))):
        x, top = rng.uniform(-0.2, 0.8) * w, h * rng.uniform(0.5, 0.8)
        pen.ellipse([x - w * 0.4, top, x + w * 0.8, top + h], fill=blend(ground, WHITE, 0.3 - 0.1 * level))
    line = INK if rng.random() < 0.5 else blend(ground, INK, 0.7)
    for _ in range(int(rng.integers(1, 4))):
        shapes = FIGURES[pick(rng, [name for name in FIGURES if name != "mandala"])](rng)
        unit = min(w, h) * rng.uniform(0.35, 0.75)
        box = (rng.uniform(0, max(w - unit, 1)), rng.uniform(h * 0.25, max(h - unit, h * 0.26)), unit, unit)
        roles = {shape.role for shape in shapes if shape.role}
        colors = {role: vivid(rng) if rng.random() < 0.7 else pastel(rng) for role in sorted(roles)}
        paint(pen, shapes, box, colors=colors, line=line, width=unit * rng.uniform(0.004, 0.014))
    return image


def treated(image: Image.Image, rng: np.random.Generator, color: Color) -> Image.Image:
    """Return the picture as designers treat it: as it is, darkened, washed out, in two tones, tinted or grey."""
    manner = pick(rng, ("plain", "plain", "dark", "pale", "two", "tint", "grey"))
    if manner == "dark":
        return ImageEnhance.Brightness(image).enhance(float(rng.uniform(0.3, 0.7)))
    if manner == "pale":
        return Image.blend(image, Image.new("RGB", image.size, WHITE), float(rng.uniform(0.25, 0.65)))
    if manner == "two":
        grey = ImageOps.autocontrast(image.convert("L"))
        return ImageOps.colorize(grey, blend(color, INK, 0.7), blend(pastel(rng), WHITE, 0.3))
    if manner == "tint":
        return Image.blend(image, Image.new("RGB", image.size, color), float(rng.uniform(0.2, 0.6)))
    if manner == "grey":
        return ImageEnhance.Contrast(image.convert("L").convert("RGB")).enhance(float(rng.uniform(0.8, 1.5)))
    return image
