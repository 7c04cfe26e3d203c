"""Pictures in grey made into drawings: hatching, graphite, charcoal, dots; and light on things."""

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import Points, blur, noise, xy
from beam_jobs.demo.draw.things import LINE, Part


def lit(
    rng: np.random.Generator, size: tuple[int, int], parts: list[Part], at: tuple[float, float], r: float
) -> Points:
    """Return float64[height, width] of lightness 0–1: a thing of radius ``r`` lit from one side, with its cast shadow."""
    w, h = size
    tone = np.ones((h, w))
    lean = float(rng.choice([-1, 1]))
    y, x = np.mgrid[0:h, 0:w]
    cast = ((x - at[0] + lean * r * 0.5) / (r * 1.2)) ** 2 + ((y - at[1] - r * 0.97) / (r * 0.16)) ** 2
    tone -= 0.5 * np.clip(1 - cast, 0, 1)
    greys = (rng.uniform(0.5, 0.85), rng.uniform(0.4, 0.8), rng.uniform(0.1, 0.3), 0.92, rng.uniform(0.4, 0.7))
    for points, role in parts:
        mask = Image.new("L", size, 0)
        line = xy(points * r + np.asarray(at))
        if role == LINE:
            ImageDraw.Draw(mask).line(line, fill=255, width=max(round(r * 0.02), 2))
            tone[np.asarray(mask) > 0] = 0.2
            continue
        ImageDraw.Draw(mask).polygon(line, fill=255)
        box = mask.getbbox()
        if box is None:
            continue
        part = np.asarray(mask.crop(box), dtype=np.float64) / 255
        deep = max(min(part.shape) * 0.22, 1.0)
        soft = np.asarray(blur(mask, deep).crop(box), dtype=np.float64) / 255
        slope = np.gradient(soft) if min(part.shape) > 1 else [np.zeros_like(soft)] * 2
        light = np.clip((slope[1] * lean + slope[0] * 0.8) * deep * 1.1, -0.6, 0.4)
        target = tone[box[1] : box[3], box[0] : box[2]]
        target[:] = target * (1 - part) + np.clip(greys[role] + light, 0.03, 1) * part
    return tone


def hatched(rng: np.random.Generator, tone: Points) -> Points:
    """Return the ink (0–1) of crossed hatching that gives float64[height, width] lightness ``tone``."""
    h, w = tone.shape
    y, x = np.mgrid[0:h, 0:w]
    warp = (noise(rng, w, h, cells=5, octaves=2) - 0.5) * 26
    period = rng.uniform(6, 13)
    first = rng.uniform(0, np.pi)
    ink = np.zeros_like(tone)
    for layer, at in enumerate((0.82, 0.58, 0.36)):
        angle = first + layer * rng.uniform(0.5, 1.3)
        place = (x * np.cos(angle) + y * np.sin(angle) + warp) / period % 1.0
        wide = np.clip((at - tone) * 1.1 + 0.16, 0, 0.6) * (tone < at)
        ink = np.maximum(ink, np.clip((wide - np.abs(place - 0.5)) * period, 0, 1))
    grain = noise(rng, w, h, cells=40, octaves=2)
    return ink * np.clip(0.55 + grain, 0, 1)


def graphite(rng: np.random.Generator, tone: Points) -> Points:
    """Return the ink of soft pencil rubbed over rough paper."""
    h, w = tone.shape
    tooth = noise(rng, w, h, cells=int(rng.integers(40, 110)), octaves=3)
    y, x = np.mgrid[0:h, 0:w]
    angle = rng.uniform(0, np.pi)
    stroke = np.sin(
        (x * np.cos(angle) + y * np.sin(angle) + (noise(rng, w, h, cells=6, octaves=1) - 0.5) * 40)
        / rng.uniform(1.2, 3)
    )
    ink: Points = np.clip((1 - tone) * (0.45 + 1.0 * tooth + rng.uniform(0.0, 0.35) * stroke), 0, 1)
    return ink


def charcoal(rng: np.random.Generator, tone: Points) -> Points:
    """Return the ink of charcoal: black darks, grainy edges, few middle tones."""
    h, w = tone.shape
    tooth = noise(rng, w, h, cells=90, octaves=3)
    return np.clip((0.92 - tone - (tooth - 0.5) * 0.9) * rng.uniform(1.6, 3.0), 0, 1) * rng.uniform(0.85, 1)


def stippled(rng: np.random.Generator, tone: Points) -> Points:
    """Return the ink of dots of a pen, denser in the dark."""
    h, w = tone.shape
    step = int(rng.integers(3, 5))
    small = tone[::step, ::step]
    dots = rng.random(small.shape) < (1 - small) ** 1.3 * 0.8
    big = Image.fromarray((dots * 255).astype(np.uint8)).resize((w, h), Image.Resampling.BICUBIC)
    return np.asarray(big, dtype=np.float64) / 255


MEDIA = (hatched, hatched, graphite, graphite, charcoal, stippled)
"""Ways to draw in tones."""
