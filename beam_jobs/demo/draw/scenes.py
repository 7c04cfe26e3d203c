"""Pictures that look like photographs of the outdoors: landscape_photo and plant_flower."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import (
    Color,
    blend,
    blur,
    extent,
    gradient,
    grain,
    hsv,
    noise,
    oval,
    sheet,
    shrink,
    smooth,
    vignette,
    wobble,
    xy,
)
from beam_jobs.demo.draw.gardens import garden

_SKIES: tuple[tuple[Color, Color, Color], ...] = (
    ((64, 120, 200), (130, 180, 230), (216, 232, 244)),
    ((56, 44, 96), (214, 96, 84), (255, 196, 110)),
    ((30, 40, 86), (150, 84, 120), (250, 160, 110)),
    ((10, 16, 40), (24, 38, 78), (60, 74, 110)),
    ((140, 156, 172), (182, 194, 204), (222, 226, 228)),
    ((90, 150, 200), (250, 214, 170), (255, 236, 200)),
)


def landscape_photo(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw hills, mountains, a sea or a lake under a day, dusk or night sky."""
    width, height = extent(rng, size, 1.1, 1.8)
    w, h = width * 2, height * 2
    sky_kind = int(rng.choice([0, 0, 1, 1, 2, 3, 4, 5]))
    sky = _SKIES[sky_kind]
    horizon = round(h * rng.uniform(0.42, 0.66))
    image = Image.new("RGB", (w, h))
    image.paste(gradient(w, horizon, list(sky)), (0, 0))
    image.paste(sky[2], (0, horizon, w, h))
    image = _clouds(image, rng, horizon, night=sky_kind == 3)
    sun = np.array([w * rng.uniform(0.2, 0.8), horizon * rng.uniform(0.25, 0.9)])
    image = _sun(image, sun, w * rng.uniform(0.02, 0.045), (255, 250, 226) if sky_kind != 3 else (230, 234, 244))
    light = {0: 1.0, 1: 0.42, 2: 0.34, 3: 0.2, 4: 0.75, 5: 0.85}[sky_kind]
    kind = int(rng.integers(3))
    if kind == 0:
        _ranges(image, rng, horizon, sky, light)
    elif kind == 1:
        _ranges(image, rng, horizon, sky, light, count=1)
        image = _water(image, rng, horizon, sky, float(sun[0]))
    else:
        _ranges(image, rng, horizon, sky, light, count=2)
        image = _meadow(image, rng, horizon, light)
    if kind != 1 and rng.random() < 0.5:
        _trees(ImageDraw.Draw(image), rng, w, h, light)
    return vignette(grain(blur(shrink(image), 0.5), rng, rng.uniform(2, 6)), rng.uniform(0.05, 0.35))


def _clouds(image: Image.Image, rng: np.random.Generator, horizon: int, *, night: bool) -> Image.Image:
    w = image.width
    if night:
        pen = ImageDraw.Draw(image)
        for x, y, r in zip(rng.uniform(0, w, 90), rng.uniform(0, horizon, 90), rng.uniform(0.5, 1.6, 90), strict=True):
            pen.ellipse([x - r, y - r, x + r, y + r], fill=(220, 226, 240))
        return image
    field = noise(rng, w, horizon, cells=int(rng.integers(2, 5)), octaves=6)
    stretched = np.asarray(Image.fromarray(field.astype(np.float32)).resize((w, horizon * 2)).crop((0, 0, w, horizon)))
    cover = np.clip((stretched - rng.uniform(0.45, 0.62)) * 4, 0, 0.85)[..., None]
    top = np.asarray(image.crop((0, 0, w, horizon)), dtype=np.float64)
    tone = 255 * 0.65 + top[horizon - 2, w // 2] * 0.35
    image.paste(Image.fromarray((top * (1 - cover) + tone * cover).astype(np.uint8)), (0, 0))
    return image


def _sun(image: Image.Image, at: NDArray[np.float64], radius: float, color: Color) -> Image.Image:
    y, x = np.mgrid[0 : image.height, 0 : image.width]
    away = np.sqrt((x - at[0]) ** 2 + (y - at[1]) ** 2) / radius
    glow = np.where(away < 1, 1.0, np.exp(-(away - 1) / 3.5) * 0.75)[..., None]
    pixels = np.asarray(image, dtype=np.float64)
    return Image.fromarray((pixels * (1 - glow) + np.array(color) * glow).astype(np.uint8))


def _ranges(
    image: Image.Image,
    rng: np.random.Generator,
    horizon: int,
    sky: tuple[Color, Color, Color],
    light: float,
    count: int = 4,
) -> None:
    w, h = image.size
    hue, steep = rng.uniform(0.25, 0.62), rng.uniform(0.5, 1.4)
    pixels = np.array(image, dtype=np.float64)
    y = np.arange(h)[:, None]
    grainy = noise(rng, w, h, cells=14, octaves=5)
    for layer in range(count):
        near = (layer + 1) / max(count, 2)
        x = np.linspace(0, 1, w)
        ridge = np.zeros(w)
        for octave in range(7):
            wave = 2.0**octave
            ridge += np.sin(x * wave * rng.uniform(3, 6) + rng.uniform(0, 6)) * 0.5**octave * steep
        top = horizon - h * (0.13 * (1.1 - near) + 0.05) + (h - horizon) * 0.75 * max(near - 0.4, 0) - ridge * h * 0.06
        color = np.array(blend(hsv(hue, 0.45, 0.5 * light + 0.06), sky[2], 0.75 * (1 - near)))
        shade = 0.75 + 0.5 * grainy
        if steep > 1.05 and layer == 0 and light > 0.6:
            snow = (y - top[None, :]) < h * 0.05 * (0.4 + grainy * 1.4)
            paint = np.where(snow[..., None], np.array([236, 240, 248]), color) * shade[..., None]
        else:
            paint = color * shade[..., None]
        below = y > top[None, :]
        pixels[below] = np.clip(paint, 0, 255)[below]
    image.paste(Image.fromarray(pixels.astype(np.uint8)))


def _water(
    image: Image.Image, rng: np.random.Generator, horizon: int, sky: tuple[Color, Color, Color], sun_x: float
) -> Image.Image:
    w, h = image.size
    deep = h - horizon
    mirror = np.asarray(image.crop((0, max(horizon - deep, 0), w, horizon)).resize((w, deep)), dtype=np.float64)[::-1]
    depth = np.linspace(0, 1, deep)[:, None]
    rows = np.sin(depth**0.6 * 160 + noise(rng, w, deep, cells=8, octaves=4) * 14) * 0.5 + 0.5
    base = np.array(blend(sky[0], (16, 50, 70), 0.45))
    pixels = mirror * 0.55 + base * 0.45 * (1 - 0.4 * depth[..., None])
    pixels *= 0.8 + 0.3 * rows[..., None]
    x = np.arange(w)[None, :]
    glitter = np.exp(-(((x - sun_x) / (w * (0.03 + 0.1 * depth))) ** 2)) * rows * 0.8
    pixels = pixels * (1 - glitter[..., None]) + np.array([255, 244, 214]) * glitter[..., None]
    image.paste(Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)), (0, horizon))
    if rng.random() < 0.4:
        shore = noise(rng, w, deep, cells=4, octaves=4) * 0.25 + 0.72
        sand = np.array(hsv(0.1, 0.35, 0.75)) * (0.8 + 0.3 * noise(rng, w, deep, cells=40, octaves=3)[..., None])
        mask = Image.fromarray(((depth > shore) * 255).astype(np.uint8))
        image.paste(Image.fromarray(np.clip(sand, 0, 255).astype(np.uint8)), (0, horizon), blur(mask, 3))
    return image


def _meadow(image: Image.Image, rng: np.random.Generator, horizon: int, light: float) -> Image.Image:
    w, h = image.size
    deep = h - horizon
    hue = rng.choice([0.25, 0.3, 0.14, 0.11])
    depth = np.linspace(0, 1, deep)[:, None]
    blades = noise(rng, w, deep, cells=30, octaves=4)
    color = np.array(hsv(hue, 0.55, 0.62 * light + 0.08))
    pixels = color * (0.6 + 0.35 * depth + 0.5 * blades)[..., None]
    bloom = (rng.random((deep, w)) < 0.004 * depth) if light > 0.5 else np.zeros((deep, w), dtype=bool)
    ground = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    pen = ImageDraw.Draw(ground)
    tone = hsv(rng.choice([0.0, 0.85, 0.15, 0.6]), 0.6, 0.95)
    for y, x in zip(*np.nonzero(bloom), strict=True):
        r = 1 + 4 * y / deep
        pen.ellipse([x - r, y - r, x + r, y + r], fill=tone)
    if rng.random() < 0.5:
        middle = w * rng.uniform(0.3, 0.7)
        path = smooth(np.array([[middle, 0], [middle + w * 0.05, deep * 0.3], [middle - w * 0.06, deep]]), closed=False)
        wide = np.linspace(2, w * 0.12, len(path))[:, None] * np.array([[1, 0]])
        pen.polygon(
            xy(np.concatenate([path - wide, (path + wide)[::-1]])),
            fill=blend((176, 150, 116), (20, 20, 30), 0.9 - light * 0.8),
        )
    image.paste(ground, (0, horizon))
    return image


def _trees(pen: ImageDraw.ImageDraw, rng: np.random.Generator, w: int, h: int, light: float) -> None:
    for _ in range(int(rng.integers(2, 8))):
        side = rng.random() < 0.5
        x = w * (rng.uniform(0, 0.3) if side else rng.uniform(0.7, 1.0))
        tall, foot = h * rng.uniform(0.25, 0.6), h * rng.uniform(0.88, 1.02)
        color = hsv(rng.uniform(0.28, 0.4), 0.5, 0.1 + 0.18 * light)
        pen.rectangle([x - tall * 0.02, foot - tall * 0.3, x + tall * 0.02, foot], fill=(40, 30, 24))
        for level in range(6):
            top = foot - tall + level * tall * 0.14
            half = tall * (0.05 + 0.035 * level)
            pen.polygon(
                [(x, top), (x + half, top + tall * 0.2), (x - half, top + tall * 0.2)],
                fill=blend(color, (0, 0, 0), 0.05 * (level % 2)),
            )


def plant_flower(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw blossoms, meadows, leaves, trees, pots or mushrooms, as a lens sees them."""
    if rng.random() < 0.85:
        return garden(rng, size)
    width, height = extent(rng, size, 0.75, 1.4)
    image, pen = sheet(width, height, hsv(rng.uniform(0.22, 0.4), 0.5, rng.uniform(0.2, 0.45)))
    w, h = image.size
    for _ in range(50):
        x, y, r = rng.uniform(0, w), rng.uniform(0, h), w * rng.uniform(0.04, 0.16)
        pen.ellipse(
            [x - r, y - r, x + r, y + r],
            fill=hsv(rng.uniform(0.18, 0.42), rng.uniform(0.3, 0.7), rng.uniform(0.15, 0.65)),
        )
    image = blur(image, w * 0.03)
    hue = rng.choice([0.0, 0.93, 0.88, 0.14, 0.1, 0.78, 0.66, 0.97])
    count = int(rng.choice([1, 1, 2, 3, 5]))
    for index in range(count):
        big = min(w, h) * (0.36 if count == 1 else 0.24 if count < 4 else 0.17) * rng.uniform(0.85, 1.1)
        x = w * (0.5 + rng.normal(0, 0.03)) if count == 1 else w * (index + 0.5) / count + rng.normal(0, w * 0.04)
        y = h * (rng.uniform(0.4, 0.5) if count == 1 else rng.uniform(0.28, 0.62))
        pen = ImageDraw.Draw(image)
        stem = smooth(
            np.array([[x, y], [x + rng.normal(0, w * 0.03), (y + h) / 2], [x + rng.normal(0, w * 0.05), h]]),
            closed=False,
        )
        pen.line(xy(stem), fill=hsv(0.3, 0.55, 0.36), width=max(round(big * 0.09), 4), joint="curve")
        for side in (-1, 1):
            leaf = oval(x + side * big * 0.7, y + big * rng.uniform(1.0, 1.5), big * 0.55, big * 0.17, side * -0.5)
            pen.polygon(xy(leaf), fill=hsv(rng.uniform(0.26, 0.36), 0.6, rng.uniform(0.3, 0.5)))
        _blossom(image, rng, x, y, big, hue + rng.normal(0, 0.015))
    return vignette(grain(blur(shrink(image), 0.6), rng, 4), rng.uniform(0.1, 0.4))


def _blossom(image: Image.Image, rng: np.random.Generator, x: float, y: float, big: float, hue: float) -> None:
    pen = ImageDraw.Draw(image)
    white = rng.random() < 0.2
    rings, petals = int(rng.integers(2, 5)), int(rng.integers(5, 15))
    for ring in range(rings):
        reach = big * (1 - ring * 0.62 / rings)
        for step in range(petals):
            angle = 2 * np.pi * (step + 0.5 * (ring % 2)) / petals + rng.normal(0, 0.05)
            middle = np.array([x + np.cos(angle) * reach * 0.55, y + np.sin(angle) * reach * 0.55])
            for shrinkage, value in ((1.0, 0.72), (0.86, 0.84), (0.62, 0.95)):
                tone = hsv(
                    hue,
                    (0.1 if white else 0.75) * (1.1 - 0.3 * shrinkage),
                    value - 0.06 * (rings - 1 - ring) + 0.04 * np.cos(angle + 2),
                )
                petal = oval(
                    middle[0],
                    middle[1],
                    reach * 0.5 * shrinkage,
                    reach * min(2.2 / petals, 0.42) * shrinkage,
                    angle,
                    24,
                )
                pen.polygon(xy(petal), fill=tone)
    core = big * 0.2
    pen.polygon(xy(oval(x, y, core, core)), fill=(214, 158, 40))
    for dot in wobble(rng, np.tile([[x, y]], (60, 1)), core * 0.5):
        pen.ellipse(
            [dot[0] - 3, dot[1] - 3, dot[0] + 3, dot[1] + 3],
            fill=hsv(rng.uniform(0.09, 0.15), 0.8, rng.uniform(0.5, 1)),
        )
