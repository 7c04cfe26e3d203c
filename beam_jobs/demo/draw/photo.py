"""What makes a drawing look like a photograph: blurred grounds, textures, soft light, a camera's finish."""

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageEnhance

from beam_jobs.demo.draw.canvas import Color, Points, blur, gradient, grain, hsv, noise, pick, vignette, xy


def finish(image: Image.Image, rng: np.random.Generator, *, soft: float = 0.5) -> Image.Image:
    """Return the picture as a camera would give it: white balance, exposure, lens blur, noise, dark corners."""
    warm = rng.normal(0, 0.06)
    image = Image.merge(
        "RGB",
        [
            band.point(lambda v, k=k: min(round(v * k), 255))
            for band, k in zip(image.split(), (1 + warm, 1.0, 1 - warm), strict=True)
        ],
    )
    image = ImageEnhance.Brightness(image).enhance(float(rng.uniform(0.78, 1.15)))
    image = ImageEnhance.Contrast(image).enhance(float(rng.uniform(0.8, 1.2)))
    if rng.random() < 0.06:
        image = image.convert("L").convert("RGB")
    image = grain(blur(image, rng.uniform(0.2, 1.0) * soft * 2), rng, rng.uniform(1.5, 7))
    return vignette(image, rng.uniform(0.0, 0.35))


def backdrop(rng: np.random.Generator, width: int, height: int, hue: float | None = None) -> Image.Image:
    """Return a blurred ground far behind the subject: leaves and lights, a wall, or a wall above a floor."""
    hue = float(rng.random()) if hue is None else hue
    kind = int(rng.integers(4))
    small_w, small_h = max(width // 8, 8), max(height // 8, 8)
    if kind == 0:
        field = noise(rng, small_w, small_h, cells=3, octaves=3)[..., None]
        first = np.array(hsv(hue, rng.uniform(0.1, 0.5), rng.uniform(0.2, 0.6)))
        second = np.array(hsv(hue + rng.normal(0, 0.08), rng.uniform(0.1, 0.6), rng.uniform(0.5, 0.95)))
        image = Image.fromarray((first * (1 - field) + second * field).astype(np.uint8))
    elif kind == 1:
        image = Image.new("RGB", (small_w, small_h), hsv(hue, 0.4, rng.uniform(0.1, 0.5)))
        pen = ImageDraw.Draw(image)
        for _ in range(30):
            x, y, r = rng.uniform(0, small_w), rng.uniform(0, small_h), small_w * rng.uniform(0.03, 0.14)
            tone = hsv(hue + rng.normal(0, 0.1), rng.uniform(0.1, 0.7), rng.uniform(0.2, 0.95))
            pen.ellipse([x - r, y - r, x + r, y + r], fill=tone)
        image = blur(image, small_w * 0.03)
    else:
        wall = hsv(hue, rng.uniform(0.02, 0.35), rng.uniform(0.35, 0.95))
        image = gradient(small_w, small_h, [wall, hsv(hue, 0.15, rng.uniform(0.3, 0.9))])
        if kind == 3:
            top = round(small_h * rng.uniform(0.5, 0.85))
            floor = hsv(rng.choice([0.08, 0.1, 0.3, 0.6]), rng.uniform(0.1, 0.5), rng.uniform(0.25, 0.8))
            image.paste(floor, (0, top, small_w, small_h))
            image = blur(image, rng.uniform(0.3, 2))
    return image.resize((width, height), Image.Resampling.BICUBIC)


def texture(
    rng: np.random.Generator, width: int, height: int, color: Color, *, cells: int = 20, depth: float = 0.35
) -> Image.Image:
    """Return a rough surface of one colour; ``depth`` (0–1) is how much its light varies, ``cells`` how fine."""
    field = noise(rng, max(width // 2, 2), max(height // 2, 2), cells=cells, octaves=3)[..., None]
    pixels = np.array(color) * (1 - depth / 2 + depth * (field - 0.5) * 2)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).resize((width, height))


def mask_of(size: tuple[int, int], points: Points) -> Image.Image:
    """Return a mask (L) that is white inside the polygon."""
    mask = Image.new("L", size, 0)
    ImageDraw.Draw(mask).polygon(xy(points), fill=255)
    return mask


def cover(image: Image.Image, mask: Image.Image, surface: Image.Image | Color) -> None:
    """Paint a surface through a mask; both as large as the picture."""
    image.paste(surface, (0, 0) if isinstance(surface, Image.Image) else None, mask)


def solid(
    image: Image.Image,
    rng: np.random.Generator,
    mask: Image.Image,
    color: Color,
    *,
    cells: int = 24,
    depth: float = 0.3,
    light: tuple[float, float] = (-0.5, -0.6),
    round_by: float = 0.05,
) -> None:
    """Paint a rough body through a mask, lit from one side so that it looks round.

    Args:
        image: the picture.
        rng: the generator.
        mask: L, the body's outline.
        color: its colour.
        cells: fineness of the surface.
        depth: its roughness (0–1).
        light: where the light comes from, x and y.
        round_by: width of the shaded rim, in widths of the picture.
    """
    box = mask.getbbox()
    if box is None:
        return
    part = mask.crop(box)
    w, h = part.size
    surface = texture(rng, w, h, color, cells=cells, depth=depth)
    reach = max(image.width * round_by, 2)
    small = part.resize((max(w // 4, 1), max(h // 4, 1)))
    inner = blur(small, reach / 4)
    shift = ImageChops.offset(inner, round(light[0] * reach / 4), round(light[1] * reach / 4))
    shade = (np.asarray(shift, dtype=np.float32) - np.asarray(inner, dtype=np.float32)) / 255
    base = 0.62 + 0.42 * np.asarray(inner, dtype=np.float32) / 255
    lamp = Image.fromarray(np.clip((base + shade * 0.8) * 190, 0, 255).astype(np.uint8)).resize((w, h))
    lit = ImageChops.multiply(surface, Image.merge("RGB", [lamp] * 3))
    image.paste(ImageEnhance.Brightness(lit).enhance(1.3), box[:2], part)


def shadow(image: Image.Image, points: Points, strength: float, radius: float) -> None:
    """Darken the picture softly inside the polygon; ``radius`` in pixels."""
    reach = radius * 3 + 4
    left, top = (max(int(low - reach), 0) for low in points.min(0))
    right, bottom = (min(int(high + reach) + 1, side) for high, side in zip(points.max(0), image.size, strict=True))
    if left >= right or top >= bottom:
        return
    small = Image.new("L", (max((right - left) // 4, 1), max((bottom - top) // 4, 1)), 0)
    ImageDraw.Draw(small).polygon(xy((points - (left, top)) / 4), fill=round(255 * strength))
    image.paste((8, 8, 12), (left, top), blur(small, radius / 4).resize((right - left, bottom - top)))


def snapshot(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """Return a quick made-up photograph without a clear subject, for panels behind text."""
    image = backdrop(rng, width, height)
    for _ in range(int(rng.integers(1, 5))):
        rx, ry = width * rng.uniform(0.06, 0.25), height * rng.uniform(0.08, 0.35)
        x, y = rng.uniform(0.1, 0.9) * width, rng.uniform(0.3, 1.0) * height
        angle = np.linspace(0, 2 * np.pi, 12, endpoint=False)
        reach = rng.uniform(0.75, 1.1, 12)
        points = np.stack([x + np.cos(angle) * rx * reach, y + np.sin(angle) * ry * reach], axis=1)
        tone = hsv(rng.choice([0.06, 0.08, rng.random()]), rng.uniform(0.15, 0.6), rng.uniform(0.2, 0.9))
        solid(image, rng, blur(mask_of(image.size, points), 1), tone, cells=int(pick(rng, (4, 10, 24))))
    return grain(image, rng, rng.uniform(2, 6))


def warp(image: Image.Image, picture: Image.Image, corners: Points) -> None:
    """Paste a picture in perspective: its corners (from the left upper one clockwise) come to lie on ``corners``."""
    w, h = picture.size
    source = np.array([(0, 0), (w, 0), (w, h), (0, h)], dtype=float)
    rows = []
    for (x, y), (u, v) in zip(corners, source, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    factors = np.linalg.lstsq(np.asarray(rows), source.reshape(-1), rcond=None)[0]
    turned = picture.transform(
        image.size, Image.Transform.PERSPECTIVE, tuple(float(f) for f in factors), Image.Resampling.BILINEAR
    )
    image.paste(turned, (0, 0), mask_of(image.size, corners))


def ball(
    pen: ImageDraw.ImageDraw, x: float, y: float, rx: float, ry: float, color: Color, *, shine: float = 0.4
) -> None:
    """Draw a round body lit from the left above."""
    dark = tuple(round(c * 0.62) for c in color)
    for part in (0.0, 0.25, 0.5, 0.75):
        share = 1 - part * 0.9
        tone = tuple(min(round(d + (c * 1.12 - d) * part / 0.75), 255) for d, c in zip(dark, color, strict=True))
        cx, cy = x - rx * 0.24 * part, y - ry * 0.28 * part
        pen.ellipse([cx - rx * share, cy - ry * share, cx + rx * share, cy + ry * share], fill=tone)
    if shine:
        tone = tuple(round(c + (255 - c) * shine) for c in color)
        pen.ellipse([x - rx * 0.45, y - ry * 0.5, x - rx * 0.15, y - ry * 0.25], fill=tone)


def chunk(pen: ImageDraw.ImageDraw, rng: np.random.Generator, x: float, y: float, r: float, color: Color) -> None:
    """Draw an irregular piece lit from above."""
    count = int(rng.integers(5, 10))
    angle = np.sort(rng.uniform(0, 2 * np.pi, count))
    reach = r * rng.uniform(0.65, 1.15, count)
    points = np.stack([np.cos(angle) * reach, np.sin(angle) * reach * 0.8], axis=1)
    for share, light, lift in ((1.0, 0.6, 0.12), (0.92, 0.9, 0.0), (0.55, 1.15, -0.12)):
        tone = tuple(min(round(c * light), 255) for c in color)
        pen.polygon(xy(points * share + np.array([x, y + lift * r])), fill=tone)


def sky(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """Return a sky: blue, grey, dusk or night, with or without clouds."""
    pair = pick(
        rng,
        (
            ((70, 130, 210), (190, 220, 244)),
            ((110, 160, 220), (220, 234, 246)),
            ((150, 160, 172), (214, 218, 222)),
            ((60, 60, 110), (250, 170, 120)),
            ((14, 20, 44), (50, 62, 100)),
            ((200, 206, 212), (236, 238, 240)),
        ),
    )
    image = gradient(max(width // 4, 2), max(height // 4, 2), list(pair))
    if rng.random() < 0.6:
        field = noise(rng, image.width, image.height, cells=3, octaves=5)
        cover_by = np.clip((field - rng.uniform(0.45, 0.6)) * 4, 0, 0.85)[..., None]
        tone = 200 if sum(pair[1]) > 450 else 110
        image = Image.fromarray(
            (np.asarray(image) * (1 - cover_by) + tone * 1.15 * cover_by).clip(0, 255).astype(np.uint8)
        )
    return image.resize((width, height), Image.Resampling.BICUBIC)


def leaves(
    pen: ImageDraw.ImageDraw,
    rng: np.random.Generator,
    x: float,
    y: float,
    r: float,
    *,
    hue: float = 0.3,
    count: int = 40,
) -> None:
    """Draw the crown of a tree or a bush: many blots of green, darker below."""
    for _ in range(count):
        angle, far = rng.uniform(0, 2 * np.pi), r * np.sqrt(rng.random())
        px, py, pr = x + np.cos(angle) * far, y + np.sin(angle) * far * 0.8, r * rng.uniform(0.1, 0.26)
        light = 0.34 - 0.16 * np.sin(angle) * far / r
        tone = hsv(hue + rng.normal(0, 0.02), rng.uniform(0.35, 0.7), light * rng.uniform(0.7, 1.5))
        pen.ellipse([px - pr, py - pr * 0.8, px + pr, py + pr * 0.8], fill=tone)
