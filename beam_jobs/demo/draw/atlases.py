"""More maps: outlines with a net of degrees, globes, choropleths, bubbles, tiles, contours, charts of seas, posters."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import (
    INK,
    WHITE,
    Color,
    Points,
    blend,
    extent,
    font,
    hsv,
    noise,
    pick,
    shrink,
    smooth,
    vivid,
    words,
    xy,
)  # fmt: skip

Field = NDArray[np.float64]


def _field(rng: np.random.Generator, w: int, h: int, cells: int, octaves: int = 5) -> Field:
    return noise(rng, w, h, cells=cells, octaves=octaves)


def _edges(labels: NDArray[np.int64], wide: int = 1) -> NDArray[np.bool_]:
    """Return where neighbours differ, ``wide`` pixels broad."""
    edge = np.zeros(labels.shape, dtype=bool)
    for step in range(1, wide + 1):
        edge[step:] |= labels[step:] != labels[:-step]
        edge[:, step:] |= labels[:, step:] != labels[:, :-step]
    return edge


def _regions(rng: np.random.Generator, w: int, h: int, count: int) -> NDArray[np.int64]:
    """Return int[h, w]: the nearest of ``count`` random towns, along wavy borders."""
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    x = x + (noise(rng, w, h, cells=8, octaves=4) - 0.5) * w * 0.12
    y = y + (noise(rng, w, h, cells=8, octaves=4) - 0.5) * w * 0.12
    best, near = np.full((h, w), np.inf), np.zeros((h, w), dtype=np.int64)
    for k in range(count):
        far = (x - rng.uniform(0, w)) ** 2 + (y - rng.uniform(0, h)) ** 2
        near[far < best] = k
        best = np.minimum(best, far)
    return near


def _land(rng: np.random.Generator, w: int, h: int, *, whole: bool) -> NDArray[np.bool_]:
    """Return where land is: one country in the middle (``whole``), or continents anywhere."""
    field = _field(rng, w, h, int(rng.integers(2, 5)), 6)
    if whole:
        y, x = np.mgrid[0:h, 0:w]
        field = field - ((x / w - 0.5) ** 2 + (y / h - 0.5) ** 2) * rng.uniform(2.0, 4.0)
    land: NDArray[np.bool_] = field > np.quantile(field, rng.uniform(0.4, 0.72))
    return land


def _net(pen: ImageDraw.ImageDraw, rng: np.random.Generator, w: int, h: int, tone: Color) -> None:
    """Draw meridians and parallels, straight or bent, dashed or whole."""
    bend, dash = rng.choice([0.0, 0.0, rng.uniform(-0.25, 0.25)]), rng.random() < 0.4
    t = np.linspace(0, 1, 60)
    for k in np.linspace(0, 1, int(rng.integers(4, 12))):
        for line in (
            np.stack([w * (k + bend * (k - 0.5) * np.sin(t * np.pi)), h * t], 1),
            np.stack([w * t, h * (k + bend * 0.6 * np.sin(t * np.pi))], 1),
        ):
            for a in range(0, 59, 2 if dash else 1):
                pen.line(xy(line[a : a + 2]), fill=tone, width=2)


def add_names(pen: ImageDraw.ImageDraw, rng: np.random.Generator, w: int, h: int, ink: Color, count: int) -> None:
    for _ in range(count):
        x, y, px = rng.uniform(0.08, 0.92) * w, rng.uniform(0.08, 0.92) * h, min(w, h) * rng.uniform(0.016, 0.035)
        r = px * 0.25
        pen.ellipse([x - r, y - r, x + r, y + r], fill=ink)
        pen.text(
            (x + r * 2, y),
            words(rng, 1).title(),
            ink,
            font(round(px), pick(rng, ("sans", "serif_italic", "plain"))),
            "lm",
        )


def _margin(image: Image.Image, rng: np.random.Generator, tones: list[Color]) -> Image.Image:
    """Add a title, a legend and a white margin as plotting programs do."""
    w, h = image.size
    out = Image.new("RGB", (w, h), blend(WHITE, tones[0], rng.choice([0.0, 0.0, 0.12])))
    a, b = round(w * rng.uniform(0.03, 0.1)), round(h * rng.uniform(0.1, 0.16))
    small = image.resize((w - 2 * a, h - b - a), Image.Resampling.BILINEAR)
    out.paste(small, (a, b))
    pen = ImageDraw.Draw(out)
    if rng.random() < 0.6:
        pen.rectangle([a, b, w - a, h - a], outline=INK, width=2)
    pen.text(
        (pick(rng, (a, w * 0.3)), b * 0.5),
        words(rng, 3).title(),
        INK,
        font(round(b * 0.36), pick(rng, ("bold", "sans", "serif_bold"))),
        "lm",
    )
    x, y, s = pick(rng, (a * 1.4, w * 0.8)), h * rng.uniform(0.2, 0.6), min(w, h) * 0.035
    for k, tone in enumerate(tones[:6]):
        pen.rectangle([x, y + k * s, x + s * 1.2, y + (k + 0.9) * s], fill=tone)
        pen.text((x + s * 1.5, y + (k + 0.45) * s), f"{k * 10}–{k * 10 + 10}", INK, font(round(s * 0.6)), "lm")
    return out


def _scale(rng: np.random.Generator) -> list[Color]:
    """Return six to nine colours of a scale: one hue, two hues, or many."""
    hue, n = rng.random(), int(rng.integers(5, 10))
    kind = int(rng.integers(4))
    if kind == 0:
        return [hsv(hue, 0.05 + 0.85 * k / n, 1 - 0.6 * k / n) for k in range(n)]
    if kind == 1:
        first, last = vivid(rng), vivid(rng)
        return [blend(blend(first, WHITE, max(1 - 2 * k / n, 0)), last, k / n) for k in range(n)]
    if kind == 2:
        return [hsv(0.75 - 0.6 * k / n, 0.75 - 0.3 * k / n, 0.35 + 0.6 * k / n) for k in range(n)]
    return [hsv(hue + 0.618 * k, rng.uniform(0.25, 0.7), rng.uniform(0.7, 0.97)) for k in range(n)]


def thematic(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw regions in colours of a scale, bubbles, dots, flows or only outlines, over sea or paper, or as tiles."""
    width, height = extent(rng, size, 0.65, 1.9)
    w, h = width * 2, height * 2
    whole, dark = bool(rng.random() < 0.55), rng.random() < 0.22
    land = _land(rng, w // 2, h // 2, whole=whole)
    near = _regions(rng, w // 2, h // 2, int(rng.integers(6, 70)))
    if rng.random() < 0.12:
        unit = max(w // 2 // int(rng.integers(8, 26)), 6)
        y, x = np.mgrid[0 : h // 2, 0 : w // 2]
        near = (y // unit) * 1000 + (x + unit // 2 * (y // unit % 2)) // unit
        land = land[(y // unit * unit).clip(0, h // 2 - 1), (x // unit * unit).clip(0, w // 2 - 1)]
    tones = _scale(rng)
    sea: Color = pick(rng, ((18, 20, 28), (10, 26, 44))) if dark else pick(
        rng, (WHITE, WHITE, (170, 211, 223), (151, 182, 225), (232, 238, 242), (245, 240, 226), blend(vivid(rng), WHITE, 0.7))
    )  # fmt: skip
    ink = (220, 224, 230) if dark else pick(rng, (INK, INK, (110, 110, 116), WHITE if sum(sea) < 700 else (90, 90, 90)))
    kind = pick(
        rng, ("regions", "regions", "regions", "outline", "outline", "bubbles", "bubbles", "raster", "raster", "flows")
    )
    pixels = np.empty((*land.shape, 3))
    pixels[:] = sea
    plain = pick(rng, (sea, (239, 239, 219), blend(sea, (128, 128, 128), 0.2), tones[0]))
    labels = np.where(land, near + 1, 0)
    if kind == "regions":
        value = rng.integers(len(tones), size=int(near.max()) + 1)
        pixels[land] = np.array(tones)[value[near]][land]
    elif kind == "raster":
        level = (_field(rng, w // 2, h // 2, int(rng.integers(2, 6)), int(rng.integers(1, 5))) - 0.25) * 2
        band = (level.clip(0, 0.999) * len(tones)).astype(int)
        inside = land if rng.random() < 0.5 else np.ones_like(land)
        pixels[inside] = np.array(tones)[band][inside]
        labels = land.astype(np.int64)
    else:
        pixels[land] = plain
        if kind == "outline" and rng.random() < 0.6:
            labels = land.astype(np.int64)
    if rng.random() < 0.9 or kind == "outline":
        pixels[_edges(labels, int(rng.integers(1, 3)))] = ink
    image = Image.fromarray(pixels.astype(np.uint8)).resize((w, h), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(image)
    if rng.random() < 0.35:
        _net(pen, rng, w, h, blend(sea, ink, 0.4))
    spots = np.argwhere(land)[rng.integers(max(int(land.sum()), 1), size=60)] * 2.0
    if kind == "bubbles":
        tone, most = vivid(rng), min(w, h) * rng.uniform(0.008, 0.06)
        for y, x in spots[: int(rng.integers(8, 60))]:
            r = most * rng.uniform(0.15, 1) ** 2 + 3
            pen.ellipse([x - r, y - r, x + r, y + r], fill=blend(tone, WHITE, 0.2), outline=tone, width=2)
    elif kind == "flows":
        for y, x in spots[1:30]:
            a, b = spots[0][::-1], np.array([x, y])
            arc = np.stack([a, (a + b) / 2 - np.array([0, np.hypot(*(a - b)) * 0.2]), b])
            pen.line(xy(smooth(arc, closed=False)), fill=vivid(rng), width=2)
    if rng.random() < 0.35:
        add_names(pen, rng, w, h, ink, int(rng.integers(3, 16)))
    if rng.random() < 0.3:
        image = _globe(image, rng)
    elif rng.random() < 0.5:
        image = _margin(image, rng, tones)
    return shrink(image)


def _globe(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return the map bent onto a ball or into an oval, a net of degrees over it."""
    s = min(image.size)
    wide = s if rng.random() < 0.6 else min(image.width, s * 2)
    y, x = np.mgrid[0:s, 0:wide].astype(np.float64)
    u, v = (x / wide - 0.5) * 2.04, (y / s - 0.5) * 2.04
    inside = u**2 + v**2 < 1
    lat = np.arcsin(v.clip(-1, 1))
    span = np.sqrt(np.clip(1 - v**2, 1e-6, 1))
    lon = np.arcsin((u / span).clip(-1, 1)) if wide == s else (u / span).clip(-1, 1) * np.pi / 2
    source = np.asarray(image)
    pixels = source[
        ((lat / np.pi + 0.5) * (source.shape[0] - 1)).astype(int),
        ((lon / np.pi + 0.5) * (source.shape[1] - 1)).astype(int),
    ]
    degrees = np.pi / pick(rng, (6, 9, 12))
    if rng.random() < 0.7:
        grid = _edges((lat // degrees).astype(np.int64), 1) | _edges((lon // degrees).astype(np.int64), 1)
        pixels = np.where(grid[..., None], (pixels * 0.6 + 60).astype(np.uint8), pixels)
    ground = pick(rng, (WHITE, WHITE, (12, 14, 22), blend(vivid(rng), WHITE, 0.8)))
    pixels = np.where(inside[..., None], pixels, np.array(ground)).astype(np.uint8)
    out = Image.fromarray(pixels)
    ImageDraw.Draw(out).ellipse([wide * 0.01, s * 0.01, wide * 0.99, s * 0.99], outline=INK, width=3)
    return out


def contours(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw heights as lines, tints or shades: a hikers' map, a chart of a sea with soundings, an old survey."""
    width, height = extent(rng, size, 0.7, 1.7)
    w, h = width * 2, height * 2
    level = _field(rng, w, h, int(rng.integers(2, 5)), int(rng.integers(2, 5)))
    level = (level - level.min()) / np.ptp(level)
    sea = rng.random() < 0.35
    bands = int(rng.integers(8, 28))
    step = (level * bands).astype(np.int64)
    low, high = pick(rng, (
        ((196, 220, 160), (246, 240, 226)), ((110, 160, 90), (170, 120, 70)), (WHITE, WHITE), ((244, 238, 214),) * 2,
        ((90, 150, 200), (244, 248, 252)),
    ))  # fmt: skip
    pixels = np.array(low) + (np.array(high) - np.array(low)) * (step / bands)[..., None]
    if rng.random() < 0.4:
        slope = np.gradient(level)[0] + np.gradient(level)[1]
        pixels = pixels * (1 + (slope / (np.abs(slope).max() + 1e-9)) * 0.5)[..., None]
    if sea:
        coast = rng.uniform(0.45, 0.7)
        pixels[level < coast] = (190, 220, 240)
        pixels[level < coast * 0.7] = WHITE
        pixels[level > coast] = (246, 226, 160)
    line = pick(rng, ((170, 110, 60), (120, 120, 120), (60, 60, 70)))
    if rng.random() < 0.9:
        pixels[_edges(step)] = line
        pixels[_edges(step // 5, 3)] = blend(line, INK, 0.3)
    image = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    pen = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(1, 6))):
        path: Points = np.stack(
            [np.linspace(-20, w + 20, 7), rng.uniform(0, h) + np.cumsum(rng.normal(0, h * 0.08, 7))], 1
        )
        path = path if rng.random() < 0.5 else path[:, ::-1] * np.array([w / h, h / w])
        tone = pick(rng, ((70, 140, 200), (200, 60, 50), (60, 60, 60), (240, 190, 60)))
        pen.line(xy(smooth(path, closed=False)), fill=tone, width=int(rng.integers(2, 9)), joint="curve")
    if rng.random() < 0.5:
        _net(pen, rng, w, h, blend(line, WHITE, 0.4))
    for _ in range(int(rng.integers(10, 80)) if sea else int(rng.integers(0, 20))):
        pen.text(
            (rng.uniform(0, w), rng.uniform(0, h)), str(rng.integers(1, 900)), INK, font(round(min(w, h) * 0.02)), "mm"
        )
    add_names(pen, rng, w, h, INK, int(rng.integers(2, 16)))
    if sea:
        x, y, r = rng.uniform(0.15, 0.85) * w, rng.uniform(0.15, 0.85) * h, min(w, h) * 0.1
        pen.ellipse([x - r, y - r, x + r, y + r], outline=(160, 40, 120), width=3)
        for a in np.arange(32) * np.pi / 16:
            pen.line(
                [x + np.cos(a) * r * 0.85, y + np.sin(a) * r * 0.85, x + np.cos(a) * r, y + np.sin(a) * r],
                fill=(160, 40, 120),
                width=2,
            )
    return shrink(image)
