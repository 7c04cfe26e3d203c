"""Fish in a tank, a reef or a pond."""

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import SUPERSAMPLE, WHITE, Points, blend, blur, gradient, hsv, pick, smooth, xy
from beam_jobs.demo.draw.grounds import canvas_of
from beam_jobs.demo.draw.photo import chunk, texture
from beam_jobs.demo.draw.relief import Relief, cloud, mixed, mottle, place


def fish_tank(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """Return a canvas with one large fish or several smaller ones under water."""
    w, h = width, height
    hue, bright = rng.uniform(0.45, 0.62), rng.uniform(0.35, 0.85)
    image = gradient(w, h, [hsv(hue, 0.6, bright), hsv(hue, 0.8, bright * 0.5)])
    pen = ImageDraw.Draw(image, "RGBA")
    for _ in range(int(rng.integers(0, 7))):
        x, wide = rng.uniform(-0.2, 1) * w, rng.uniform(0.02, 0.1) * w
        pen.polygon([(x, 0), (x + wide, 0), (x + wide * 2 + h * 0.4, h), (x + h * 0.3, h)], fill=(255, 255, 255, 16))
    _bottom(image, rng)
    image = canvas_of(blur(image, w * rng.uniform(0.002, 0.012)))
    count = int(rng.choice([1, 1, 2, 3, 6]))
    relief = Relief((width, height))
    eyes = []
    unit = min(width, height * 1.3) * (0.66 if count == 1 else 0.42 if count < 4 else 0.27) * rng.uniform(0.9, 1.15)
    kind = rng.random(3)
    hues = (rng.choice([0.04, 0.08, 0.12, 0.6, rng.random()]), rng.choice([0.0, 0.14, rng.random()]))
    for place_ in range(count):
        x = width * (rng.uniform(0.42, 0.58) if count == 1 else (place_ + rng.uniform(0.3, 0.7)) / count)
        y = height * (rng.uniform(0.42, 0.55) if count == 1 else rng.uniform(0.2, 0.75))
        eyes.append(_fish(rng, relief, np.array([x, y]), unit * rng.uniform(0.8, 1.1), kind, hues))
    place(image, *relief.lit((0.2, -1, 0.7), ambient=0.6, gloss=float(rng.uniform(0.1, 0.5)), melt=3, joined=0.5))
    pen = ImageDraw.Draw(image)
    for (x, y), r in eyes:
        for share, color in ((1.0, (230, 214, 150)), (0.62, (12, 12, 16))):
            pen.ellipse([x - r * share, y - r * share, x + r * share, y + r * share], fill=color)
        pen.ellipse([x - r * 0.4, y - r * 0.45, x - r * 0.1, y - r * 0.15], fill=WHITE)
    for _ in range(int(rng.integers(0, 16))):
        x, y, r = rng.uniform(0, image.width), rng.uniform(0, image.height), rng.uniform(2, 9)
        pen.ellipse([x - r, y - r, x + r, y + r], outline=(210, 232, 240), width=2)
    veil = Image.new("RGB", image.size, hsv(hue, 0.6, bright))
    return Image.blend(image, veil, rng.uniform(0.0, 0.22))


def _bottom(image: Image.Image, rng: np.random.Generator) -> None:
    """Sand, stones, corals and weeds."""
    w, h = image.size
    line = round(h * rng.uniform(0.7, 0.98))
    tone = pick(rng, ((190, 174, 140), (120, 110, 96), (90, 110, 110)))
    image.paste(texture(rng, w, h - line, tone, cells=50, depth=0.5), (0, line))
    pen = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(3, 14))):
        chunk(
            pen,
            rng,
            rng.uniform(0, w),
            rng.uniform(line, h),
            w * rng.uniform(0.02, 0.1),
            blend(tone, (60, 60, 70), rng.random()),
        )
    for _ in range(int(rng.integers(0, 9))):
        x, color = (
            rng.uniform(0, w),
            hsv(rng.choice([0.3, 0.35, 0.95, 0.06, 0.8]), rng.uniform(0.3, 0.8), rng.uniform(0.3, 0.8)),
        )
        for _ in range(int(rng.integers(4, 10))):
            tall, lean = h * rng.uniform(0.1, 0.45), rng.normal(0, 0.06) * w
            stem = smooth(np.array([(x, h), (x + lean * 1.5, h - tall * 0.5), (x + lean, h - tall)]), closed=False)
            pen.line(
                xy(stem),
                fill=blend(color, (0, 20, 30), rng.uniform(0, 0.4)),
                width=int(rng.integers(2, 8)),
                joint="curve",
            )


def _fish(
    rng: np.random.Generator, relief: Relief, at: Points, unit: float, kind: Points, hues: tuple[float, float]
) -> tuple[tuple[float, float], float]:
    """Build a fish of length ``unit``; return its eye on the canvas and the eye's radius."""
    side, lean = int(rng.choice([-1, 1])), rng.normal(0, 0.15)
    deep = 0.16 + 0.2 * float(kind[0])
    cos, sin = np.cos(lean), np.sin(lean)

    def to(points: Points) -> Points:
        flat = points * np.array([side, 1]) * unit
        return np.stack([flat[:, 0] * cos - flat[:, 1] * sin, flat[:, 0] * sin + flat[:, 1] * cos], axis=1) + at

    y, x = np.mgrid[0 : relief.size[1], 0 : relief.size[0]].astype(np.float32)
    along = ((x - at[0]) * cos + (y - at[1]) * sin) * side / unit
    across = (-(x - at[0]) * sin + (y - at[1]) * cos) / unit
    first, second = hsv(hues[0], 0.85, 0.9), hsv(hues[1], rng.uniform(0.0, 0.8), 0.95)
    paint = mixed(mottle(rng, relief.size, first, 0.2, 12), (236, 232, 220), np.clip(across / deep * 1.4, 0, 0.8))
    if kind[1] < 0.35:
        bands = np.sin(along * rng.uniform(14, 26) + 1.0)
        paint = mixed(paint, pick(rng, (WHITE, (20, 20, 30), second)), np.clip((bands - 0.45) * 8, 0, 1))
    elif kind[1] < 0.6:
        spots = cloud(rng, relief.size, max(int(relief.size[0] / unit * 4), 3))
        paint = mixed(paint, pick(rng, (WHITE, second)), (spots - 0.5) * 30)
    step = 0.03
    wave = np.hypot((along + step * 0.5 * (np.floor(across / step) % 2)) % step - step / 2, across % step - step / 2)
    relief.rough += (np.clip(wave / step, 0, 0.6) * 2.0).astype(np.float32) * (relief.size[0] / 300)
    fan = blend(first, second, 0.4)
    tall = rng.uniform(0.12, 0.3)
    tail = smooth(
        np.array([(-0.3, -0.03), (-0.5 - tall * 0.4, -tall), (-0.45, 0.0), (-0.5 - tall * 0.4, tall), (-0.3, 0.03)])
    )
    dorsal = smooth(
        np.array([(0.2, -deep * 0.7), (0.0, -deep - tall * 0.7), (-0.2, -deep - tall * 0.35), (-0.28, -deep * 0.4)])
    )
    belly = smooth(np.array([(0.05, deep * 0.7), (-0.08, deep + tall * 0.5), (-0.2, deep * 0.6)]))
    rays = mixed(fan, blend(fan, WHITE, 0.5), np.sin(np.arctan2(across, along + 0.25) * 50) * 0.6)
    for fin in (tail, dorsal, belly):
        relief.slab(to(fin), -4, rays)
    body = smooth(np.array([(0.5, 0.02), (0.36, -deep * 0.62), (0.12, -deep), (-0.15, -deep * 0.75), (-0.36, -0.045),
                            (-0.36, 0.045), (-0.15, deep * 0.75), (0.12, deep), (0.36, deep * 0.6)]))  # fmt: skip
    relief.slab(to(body), 0, paint, bulge=unit * deep * 0.6, soft=unit * deep * 0.8)
    fin = smooth(np.array([(0.14, 0.02), (-0.02, -0.03), (-0.06, 0.1), (0.04, 0.09)]))
    relief.slab(to(fin), unit * deep * 0.6, rays)
    eye = to(np.array([[0.35, -deep * 0.18]]))[0] * SUPERSAMPLE
    return (float(eye[0]), float(eye[1])), unit * 0.035 * SUPERSAMPLE
