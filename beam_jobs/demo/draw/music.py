"""sheet_music: staves with clefs, notes, beams, rests and bar lines."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import (
    INK,
    WHITE,
    blend,
    extent,
    font,
    grain,
    oval,
    pick,
    sheet,
    shrink,
    smooth,
    words,
    xy,
)
from beam_jobs.demo.draw.captures import capture


def sheet_music(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a page or a strip of sheet music."""
    page = rng.random() < 0.6
    width, height = extent(rng, size, 0.66, 0.8) if page else extent(rng, size, 1.4, 2.4)
    image, pen = sheet(width, height, WHITE if rng.random() < 0.6 else blend(WHITE, (245, 232, 200), rng.random()))
    w, h = image.size
    margin = w * 0.06
    top = margin
    if page:
        pen.text((w / 2, margin * 1.1), words(rng, 2).title(), INK, font(round(h * 0.036), "serif_bold"), "ma")
        pen.text((w - margin, margin * 2.2), words(rng, 1).title(), INK, font(round(h * 0.02), "serif_italic"), "ra")
        top = margin + h * 0.09
    staves = int(rng.integers(5, 10)) if page else int(rng.integers(1, 4))
    pitch = (h - top - margin * 0.6) / staves
    gap = min(pitch / rng.uniform(8, 10), h * 0.045)
    lyrics, chords = rng.random() < 0.4, rng.random() < 0.35
    flats = int(rng.integers(0, 4))
    for index in range(staves):
        _staff(
            pen,
            rng,
            (margin, top + pitch * index + gap * 2, w - margin),
            gap,
            treble=not (index % 2 and rng.random() < 0.8),
            flats=flats,
        )
        base = top + pitch * index + gap * 2
        if lyrics:
            letters = font(round(gap * 1.15), "serif")
            for x in np.arange(margin + gap * 7, w - margin - gap * 4, gap * 5.5):
                pen.text((x, base + gap * 6.2), words(rng, 1)[: int(rng.integers(2, 6))], INK, letters)
        if chords:
            for x in np.arange(margin + gap * 6, w - margin, (w - 2 * margin) / 4):
                pen.text(
                    (x, base - gap * 2.2),
                    pick(rng, ["C", "G", "Am", "F", "Dm", "E7", "Bb"]),
                    INK,
                    font(round(gap * 1.5), "bold"),
                )
    image = grain(shrink(image), rng, 2) if rng.random() < 0.3 else shrink(image)
    return capture(rng, image, ("flat",) * 8 + ("scan", "copy", "aged", "desk", "close"))


def _staff(
    pen: ImageDraw.ImageDraw,
    rng: np.random.Generator,
    span: tuple[float, float, float],
    gap: float,
    *,
    treble: bool,
    flats: int,
) -> None:
    """Draw five lines ``gap`` apart, and the music on them."""
    left, top, right = span
    thin = max(round(gap * 0.12), 1)
    for line in range(5):
        pen.line([left, top + line * gap, right, top + line * gap], fill=(40, 40, 44), width=thin)
    (_treble if treble else _bass)(pen, left + gap * 1.6, top, gap)
    x = left + gap * 3.6
    for flat in range(flats):
        y = top + gap * (2.0, 0.5, 2.5)[flat]
        pen.line([x, y - gap * 1.4, x, y + gap * 0.5], fill=INK, width=thin + 1)
        pen.arc([x - gap * 0.35, y - gap * 0.45, x + gap * 0.55, y + gap * 0.55], 250, 90, fill=INK, width=thin + 1)
        x += gap * 0.9
    x += gap * 0.6
    meter = font(round(gap * 2.1), "serif_bold")
    pen.text((x, top + gap), pick(rng, ["3", "4", "2", "6"]), INK, meter, "mm")
    pen.text((x, top + gap * 3), "4", INK, meter, "mm")
    x += gap * 2.2
    bars = max(round((right - x) / (gap * 13)), 1)
    edges = np.linspace(x - gap, right, bars + 1)
    level = int(rng.integers(2, 7))
    for start, stop in pairwise(edges):
        pen.line([stop, top, stop, top + gap * 4], fill=INK, width=thin + 1)
        count = int(rng.choice([2, 4, 4, 6, 8]))
        spots = start + gap * 1.6 + (stop - start - gap * 2) * np.arange(count) / count
        levels = np.clip(level + np.cumsum(rng.integers(-2, 3, count)), -2, 10)
        level = int(np.clip(levels[-1], 1, 7))
        _notes(pen, rng, spots, top + (8 - levels) * gap / 2, top, gap)
    if rng.random() < 0.4:
        a, b = sorted(rng.uniform(x, right, 2))
        curve = np.array([[a, top - gap * 0.8], [(a + b) / 2, top - gap * 1.8], [b, top - gap * 0.8]])
        pen.line(xy(smooth(curve, closed=False)), fill=INK, width=thin + 1)


def _notes(
    pen: ImageDraw.ImageDraw,
    rng: np.random.Generator,
    spots: NDArray[np.float64],
    heights: NDArray[np.float64],
    top: float,
    gap: float,
) -> None:
    stem = max(round(gap * 0.16), 1)
    count = len(spots)
    up = bool(heights.mean() > top + gap * 2)
    beamed = count >= 6 and rng.random() < 0.9
    tip = heights.min() - gap * 2.8 if up else heights.max() + gap * 2.8
    for x, y in zip(spots, heights, strict=True):
        if not beamed and rng.random() < 0.12:
            rest = np.array([[0, -1.1], [0.5, -0.3], [0, 0.2], [0.5, 0.9]]) * gap + np.array([x, top + gap * 2])
            pen.line(xy(rest), fill=INK, width=stem * 2)
            continue
        for ledger in np.arange(top + gap * 5, y + gap * 0.3, gap):
            pen.line([x - gap, ledger, x + gap, ledger], fill=INK, width=stem)
        for ledger in np.arange(top - gap, y - gap * 0.3, -gap):
            pen.line([x - gap, ledger, x + gap, ledger], fill=INK, width=stem)
        head = xy(oval(x, y, gap * 0.62, gap * 0.45, -0.35, 20))
        hollow = count <= 2
        pen.polygon(head, fill=WHITE if hollow else INK, outline=INK, width=stem + 1)
        side = x + (gap * 0.55 if up else -gap * 0.55)
        end = tip if beamed else y + (-gap * 3.2 if up else gap * 3.2)
        pen.line([side, y, side, end], fill=INK, width=stem)
    if beamed:
        group = 4 if count == 8 else 3
        shift = gap * 0.55 if up else -gap * 0.55
        for first in range(0, count, group):
            pen.line(
                [spots[first] + shift, tip, spots[min(first + group, count) - 1] + shift, tip],
                fill=INK,
                width=max(round(gap * 0.5), 2),
            )


def _treble(pen: ImageDraw.ImageDraw, x: float, top: float, gap: float) -> None:
    curve = np.array([
        [0.0, 2.9], [0.5, 2.3], [1.0, 3.0], [0.3, 3.9], [-0.8, 3.6], [-1.0, 2.6], [0.0, 1.3], [0.6, 0.2], [0.4, -1.0],
        [0.0, -0.6], [-0.1, 0.6], [0.35, 4.4], [0.1, 5.2], [-0.5, 5.0],
    ])  # fmt: skip
    pen.line(
        xy(smooth(curve * gap + np.array([x, top]), closed=False)),
        fill=INK,
        width=max(round(gap * 0.26), 2),
        joint="curve",
    )
    pen.ellipse([x - gap * 0.75, top + gap * 4.7, x - gap * 0.25, top + gap * 5.2], fill=INK)


def _bass(pen: ImageDraw.ImageDraw, x: float, top: float, gap: float) -> None:
    curve = np.array([[-0.7, 1.0], [-0.5, 0.2], [0.3, 0.1], [0.8, 0.9], [0.5, 2.2], [-0.8, 3.3]])
    pen.line(
        xy(smooth(curve * gap + np.array([x, top]), closed=False)),
        fill=INK,
        width=max(round(gap * 0.3), 2),
        joint="curve",
    )
    pen.ellipse([x - gap * 0.95, top + gap * 0.7, x - gap * 0.35, top + gap * 1.3], fill=INK)
    for y in (0.5, 1.5):
        pen.ellipse([x + gap * 1.1, top + gap * (y - 0.18), x + gap * 1.46, top + gap * (y + 0.18)], fill=INK)
