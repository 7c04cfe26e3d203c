"""webtoon_comic, more kinds: ink pages in black and white, stick-figure strips, painted pages, long scrolls."""

from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from beam_jobs.demo.draw.canvas import (
    INK,
    SUPERSAMPLE,
    WHITE,
    Color,
    blend,
    extent,
    hsv,
    oval,
    pastel,
    pick,
    shrink,
    vivid,
    xy,
)
from beam_jobs.demo.draw.comics import webtoon_comic as classic_comic
from beam_jobs.demo.draw.figures import FIGURES, paint
from beam_jobs.demo.draw.lettering import put, text_width, wrap
from beam_jobs.demo.draw.memes import saying
from beam_jobs.demo.draw.pictures import PEOPLE, PHOTOS, cover_box, drawing, photograph
from beam_jobs.demo.draw.typeset import headline, lines_of, stack

_POOL = 4
"""Pictures drawn for one painted page."""


def webtoon_comic(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a comic's page, strip or scroll in one of many hands."""
    if rng.random() < 0.3:
        return classic_comic(rng, size)
    shape = pick(rng, ("page", "page", "strip", "scroll", "square"))
    low, high = {"page": (0.62, 0.8), "strip": (1.8, 3.2), "scroll": (0.3, 0.5), "square": (0.9, 1.3)}[shape]
    width, height = extent(rng, size, low, high)
    w, h = width * SUPERSAMPLE, height * SUPERSAMPLE
    hand = pick(rng, ("ink", "ink", "stick", "stick", "painted", "painted", "flat"))
    paper = pick(rng, (WHITE, WHITE, WHITE, (250, 244, 226), (16, 16, 18)))
    image = Image.new("RGB", (w, h), paper)
    margin = min(w, h) * rng.choice([0.0, 0.02, 0.04, 0.1])
    top = margin
    if rng.random() < 0.2 and shape != "strip":
        stack(
            image,
            rng,
            (w * 0.2, margin + h * 0.01, w * 0.8, margin + h * 0.09),
            lines_of(rng, headline(rng, longest=2)),
            INK if sum(paper) > 300 else WHITE,
            style="bold",
        )
        top += h * 0.1
    rows = {
        "page": int(rng.integers(2, 6)),
        "strip": 1,
        "scroll": int(rng.integers(3, 6)),
        "square": int(rng.integers(1, 4)),
    }[shape]
    gap = min(w, h) * (rng.uniform(0.03, 0.12) if shape == "scroll" else rng.choice([0.0, 0.008, 0.02, 0.03]))
    edges = top + np.concatenate([[0], np.cumsum(rng.uniform(0.7, 1.3, rows))]) / 1.0
    edges = top + (edges - top) / (edges[-1] - top) * (h - top - margin)
    tone, framed = vivid(rng), rng.random() < 0.8
    pool: list[Image.Image] = []
    for start, stop in pairwise(edges):
        columns = {"strip": int(rng.integers(3, 6)), "scroll": 1}.get(shape, int(rng.integers(1, 5)))
        cuts = np.concatenate([[0], np.cumsum(rng.uniform(0.7, 1.3, columns))])
        cuts = margin + cuts / cuts[-1] * (w - 2 * margin)
        for left, right in pairwise(cuts):
            pw, ph = round(right - left - gap), round(stop - start - gap)
            if pw < 16 or ph < 16:
                continue
            panel = _panel(rng, pw, ph, hand, tone, pool)
            image.paste(panel, (round(left + gap / 2), round(start + gap / 2)))
            if framed:
                box = [left + gap / 2, start + gap / 2, left + gap / 2 + pw, start + gap / 2 + ph]
                ImageDraw.Draw(image).rectangle(box, outline=INK, width=max(round(min(w, h) * 0.004), 2))
    return shrink(image)


def _panel(rng: np.random.Generator, w: int, h: int, hand: str, tone: Color, pool: list[Image.Image]) -> Image.Image:
    """Return one panel with its balloons; ``pool`` collects the pictures that a painted page shows again."""
    if hand == "stick":
        image = Image.new("RGB", (w, h), WHITE if rng.random() < 0.85 else pastel(rng))
        for place in range(int(rng.integers(1, 4))):
            _stick(
                ImageDraw.Draw(image), rng, w * (0.2 + 0.3 * place), h * 0.97, min(h * rng.uniform(0.3, 0.5), w * 0.7)
            )
    elif hand == "painted":
        if len(pool) < _POOL:
            pool.append(
                photograph(rng, w, h, kinds=pick(rng, (PEOPLE, PHOTOS))) if rng.random() < 0.75 else drawing(rng, w, h)
            )
        inner = cover_box(pool[-1] if len(pool) < _POOL else pick(rng, pool), w, h, high=rng.uniform(0, 1))
        image = inner.filter(ImageFilter.MedianFilter(5)) if min(w, h) > 12 else inner
        image = Image.blend(ImageOps.posterize(image, 4), Image.new("RGB", (w, h), tone), rng.uniform(0.05, 0.3))
        if rng.random() < 0.5:
            edges = image.convert("L").filter(ImageFilter.FIND_EDGES).point(lambda v: min(v * 3, 255))
            image.paste(INK, (0, 0), edges)
    else:
        image = _inked(rng, w, h, hand == "flat", tone)
    for _ in range(int(rng.integers(0, 4)) if w > 60 else 1):
        _balloon(image, rng, boxed=hand == "stick")
    return image


def _stick(pen: ImageDraw.ImageDraw, rng: np.random.Generator, x: float, foot: float, tall: float) -> None:
    line, r = max(round(tall * 0.02), 2), tall * 0.13
    top, hip = foot - tall, foot - tall * 0.38
    pen.ellipse([x - r, top, x + r, top + 2 * r], outline=INK, width=line)
    pen.line([x, top + 2 * r, x, hip], fill=INK, width=line)
    for side in (-1, 1):
        pen.line([x, hip, x + side * tall * rng.uniform(0.05, 0.16), foot], fill=INK, width=line)
        elbow = (x + side * tall * 0.13, top + tall * rng.uniform(0.35, 0.5))
        pen.line(
            [
                (x, top + tall * 0.32),
                elbow,
                (x + side * tall * rng.uniform(0.05, 0.25), top + tall * rng.uniform(0.3, 0.62)),
            ],
            fill=INK,
            width=line,
        )
    if rng.random() < 0.3:
        pen.arc([x - r * 1.15, top - r * 0.2, x + r * 1.15, top + 3 * r], 170, 370, fill=INK, width=line * 3)


def _inked(rng: np.random.Generator, w: int, h: int, colored: bool, tone: Color) -> Image.Image:
    """Return figures in black lines before hatching, dots, speed lines, a skyline; grey or in flat colours."""
    unit = min(w, h)
    ground = (
        blend(tone, pastel(rng), rng.uniform(0.3, 1)) if colored else pick(rng, (WHITE, WHITE, (225, 225, 225), INK))
    )
    image = Image.new("RGB", (w, h), ground)
    pen, soft = ImageDraw.Draw(image), blend(ground, WHITE if ground == INK else INK, 0.55)
    kind = int(rng.integers(5))
    if kind == 0:
        middle = np.array([w, h]) * rng.uniform(0.35, 0.65, 2)
        for angle in np.sort(rng.uniform(0, 2 * np.pi, 70)):
            way = np.array([np.cos(angle), np.sin(angle)])
            pen.line(
                xy(np.stack([middle + way * unit * rng.uniform(0.35, 0.6), middle + way * (w + h)])),
                fill=soft,
                width=int(rng.integers(1, 5)),
            )
    elif kind == 1:
        step = max(unit // 24, 5)
        for y in range(0, h, step):
            for x in range(0, w, step):
                pen.ellipse([x, y, x + step * 0.55 * y / h, y + step * 0.55 * y / h], fill=soft)
    elif kind == 2:
        for left in np.arange(0, w, unit * 0.16):
            top = h * rng.uniform(0.2, 0.7)
            pen.rectangle(
                [left, top, left + unit * 0.15, h],
                fill=blend(tone, WHITE, 0.6) if colored else (236, 236, 236),
                outline=INK,
                width=2,
            )
            for sill in np.arange(top + unit * 0.05, h, unit * 0.09):
                pen.rectangle([left + unit * 0.04, sill, left + unit * 0.08, sill + unit * 0.04], fill=soft)
    elif kind == 3:
        for _ in range(40):
            start, high = rng.uniform(0, w), rng.uniform(0, h)
            for row in range(4):
                pen.line([start + row * 6, high, start + row * 6 + unit * 0.06, high + unit * 0.1], fill=soft, width=1)
    names = [name for name in FIGURES if name not in ("mandala",)]
    for _ in range(int(rng.integers(1, 3))):
        side = unit * rng.uniform(0.5, 1.3)
        shapes = FIGURES[pick(rng, names)](rng)
        colors: dict[str, Color] = {}
        for role in sorted({shape.role for shape in shapes if shape.role}):
            colors[role] = (
                hsv(rng.random(), rng.uniform(0.2, 0.8), rng.uniform(0.5, 1))
                if colored
                else pick(rng, (WHITE, WHITE, (190, 190, 190), (60, 60, 60)))
            )
        box = (rng.uniform(-0.1, 0.7) * w, h - side * rng.uniform(0.6, 1.05), side, side)
        if rng.random() < 0.6:
            _head(
                pen,
                rng,
                box,
                colors.get("skin", WHITE if not colored else (250, 220, 190)),
                tone if colored else pick(rng, (INK, WHITE, (150, 150, 150))),
            )
        else:
            paint(pen, shapes, box, colors=colors, line=INK, width=side * rng.uniform(0.006, 0.016))
    return image if colored else image.convert("L").convert("RGB")


def _head(
    pen: ImageDraw.ImageDraw, rng: np.random.Generator, box: tuple[float, float, float, float], skin: Color, hair: Color
) -> None:
    """Draw a head and shoulders with a pen's lines."""
    left, top, side, _ = box
    x, y, r, line = left + side / 2, top + side * 0.4, side * rng.uniform(0.2, 0.28), max(round(side * 0.012), 2)
    pen.polygon(
        xy(oval(x, y + r * 2.6, r * rng.uniform(1.4, 2), r * 1.5)),
        fill=pick(rng, (hair, WHITE, (120, 120, 120))),
        outline=INK,
    )
    spikes = int(rng.integers(7, 16))
    angle = np.linspace(np.pi * 0.9, np.pi * 2.1, spikes * 2)
    reach = r * np.where(np.arange(spikes * 2) % 2, rng.uniform(1.05, 1.6), 1.1)
    pen.polygon(xy(oval(x, y, r * 0.9, r * 1.1)), fill=skin, outline=INK)
    pen.polygon(
        [
            *xy(np.stack([x + np.cos(angle) * reach, y + np.sin(angle) * reach], axis=1)),
            (x + r * 0.7, y - r * 0.35),
            (x, y - r * rng.uniform(0.3, 0.7)),
            (x - r * 0.7, y - r * 0.35),
        ],
        fill=hair,
        outline=INK,
    )
    for way in (-1, 1):
        ex, er = x + way * r * 0.4, r * rng.uniform(0.1, 0.22)
        pen.ellipse([ex - er * 0.8, y - er, ex + er * 0.8, y + er], fill=WHITE, outline=INK, width=line)
        pen.ellipse([ex - er * 0.3, y - er * 0.5, ex + er * 0.3, y + er * 0.5], fill=INK)
        pen.line([ex - er, y - er * 1.8 + way * er * 0.4, ex + er, y - er * 1.8 - way * er * 0.4], fill=INK, width=line)
    pen.arc([x - r * 0.3, y + r * 0.3, x + r * 0.3, y + r * rng.uniform(0.5, 0.8)], 10, 170, fill=INK, width=line)


def _balloon(image: Image.Image, rng: np.random.Generator, *, boxed: bool) -> None:
    """Write some words in a balloon, a box or without a frame near the top of the panel."""
    w, h = image.size
    pen, size = ImageDraw.Draw(image), max(round(min(w, h) * rng.uniform(0.05, 0.09)), 9)
    text = saying(rng) if rng.random() < 0.7 else f"{saying(rng)} {saying(rng)}"
    style = pick(rng, ("sans", "italic", "bold", "plain"))
    lines = wrap(text.upper() if rng.random() < 0.6 else text, w * rng.uniform(0.3, 0.7), size, style)[:7]
    wide = max(text_width(line, size, style) for line in lines) / 2 + size * 0.8
    tall = size * (0.6 * len(lines) + 0.6)
    x = float(np.clip(w * rng.uniform(0.15, 0.85), wide, max(w - wide, wide + 1)))
    y = float(np.clip(h * rng.uniform(0.05, 0.5), tall, max(h - tall, tall + 1)))
    kind = pick(rng, ("bare", "bare", "box") if boxed else ("oval", "oval", "oval", "round", "box"))
    if kind in ("oval", "round"):
        tail = [
            (x - wide * 0.15, y + tall * 0.8),
            (x + wide * 0.15, y + tall * 0.8),
            (x + rng.normal(0, wide * 0.4), y + tall * rng.uniform(1.3, 1.9)),
        ]
        pen.polygon(tail, fill=WHITE, outline=INK)
    if kind == "oval":
        pen.ellipse([x - wide * 1.2, y - tall * 1.2, x + wide * 1.2, y + tall * 1.2], fill=WHITE, outline=INK, width=2)
    elif kind != "bare":
        pen.rounded_rectangle(
            [x - wide, y - tall, x + wide, y + tall],
            size * 0.8 if kind == "round" else 0,
            fill=WHITE,
            outline=INK,
            width=2,
        )
    for row, line in enumerate(lines):
        put(pen, (x, y + (row - (len(lines) - 1) / 2) * size * 1.2), line, INK, size, style=style, anchor="mm")
