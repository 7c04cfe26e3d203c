"""pencil_sketch: doodles, gestures, portraits, still lifes, wash, toned paper, street views, sketchbook pages."""

from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.bodies import bird, person, quadruped
from beam_jobs.demo.draw.busts import bust, profile
from beam_jobs.demo.draw.canvas import (
    SUPERSAMPLE,
    WHITE,
    Color,
    Points,
    blend,
    extent,
    gradient,
    hsv,
    noise,
    oval,
    pick,
    shrink,
    smooth,
    xy,
)
from beam_jobs.demo.draw.gear import anything
from beam_jobs.demo.draw.outlines import pencil_study
from beam_jobs.demo.draw.shapes import limb
from beam_jobs.demo.draw.sheets import inked, paper_of, photographed, rough
from beam_jobs.demo.draw.strokes import Pen, draw_line, draw_outline, hatch, naive, pen_of, sketch_thing
from beam_jobs.demo.draw.things import LINE, Part
from beam_jobs.demo.draw.tones import MEDIA, lit
from beam_jobs.demo.draw.townscapes import street, view

_INKS: tuple[Color, ...] = (
    (0, 0, 0),
    (20, 20, 24),
    (40, 40, 46),
    (70, 70, 76),
    (24, 34, 90),
    (80, 50, 36),
    (110, 40, 30),
)
_KINDS = (
    "doodle", "doodle", "doodle", "doodle", "doodle", "doodle", "gesture", "portrait", "portrait", "tones", "tones",
    "wash", "tint", "toned", "street", "view", "book", "scribble", "study",
)  # fmt: skip


def pencil_sketch(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw by hand, with any pen, pencil, charcoal or brush, on any paper."""
    kind = pick(rng, _KINDS)
    if kind == "study":
        return pencil_study(rng, size)
    width, height = extent(rng, size, 0.7, 1.45)
    if kind == "doodle" and rng.random() < 0.6:
        width, height = size, size
    box = (width * SUPERSAMPLE, height * SUPERSAMPLE)
    draw = {"doodle": _doodle, "gesture": _gesture, "portrait": _portrait, "tones": _tones, "wash": _wash, "tint": _wash,
            "toned": _toned, "street": street, "view": view, "book": _book, "scribble": _scribble}[kind]  # fmt: skip
    image = draw(rng, box)
    if kind not in ("doodle", "book") and rng.random() < 0.35:
        image = photographed(image, rng)
    return shrink(image)


def subject(rng: np.random.Generator, *, living: float = 0.45) -> list[Part]:
    """Return something to draw: any thing, a head or a person."""
    chance = rng.random()
    if chance < 0.14:
        return pick(rng, (bust, bust, profile))(rng)
    return anything(rng, living=living)


def _doodle(rng: np.random.Generator, box: tuple[int, int]) -> Image.Image:
    """One thing in plain lines on an empty sheet."""
    paper = paper_of(rng, white=0.85)
    image = Image.new("RGB", box, paper)
    side = min(box)
    pen = pen_of(rng, pick(rng, _INKS), side)
    parts = naive(rng, subject(rng), rng.uniform(0.1, 1.0))
    r = side * rng.uniform(0.3, 0.46)
    at = (box[0] / 2 + rng.normal(0, side * 0.03), box[1] / 2 + rng.normal(0, side * 0.03))
    cover = None if rng.random() < 0.2 else paper
    sketch_thing(image, rng, parts, at, r, pen, paper=cover, shading=float(rng.choice([0.0, 0.0, 0.15, 0.4])))
    if rng.random() < 0.15:
        ground = at[1] + r * rng.uniform(0.9, 1.05)
        draw_line(
            image, rng, np.array([[box[0] * 0.1, ground], [box[0] * 0.5, ground + 5], [box[0] * 0.9, ground]]), pen
        )
    return image


def _gesture(rng: np.random.Generator, box: tuple[int, int]) -> Image.Image:
    """Figures in searching lines over the ovals and axes that they were built from."""
    paper = paper_of(rng)
    image = Image.new("RGB", box, paper)
    side = min(box)
    ink = pick(rng, _INKS)
    light = Pen(blend(ink, paper, 0.6), side * 0.003, 0.4, side * 0.004, 2, 0.9, 0.3)
    firm = Pen(ink, side * rng.uniform(0.003, 0.007), 0.6, side * 0.004, int(rng.integers(2, 5)), 0.9, 0.4)
    count = int(rng.choice([1, 1, 2, 3]))
    for place in range(count):
        at = (box[0] * (place + 0.5) / count, box[1] / 2)
        r = min(box[0] / count, box[1]) * rng.uniform(0.4, 0.48)
        parts = naive(rng, pick(rng, (person, person, person, quadruped, bird))(rng), 0.5)
        for points, role in parts:
            if role != LINE and rng.random() < 0.5:
                low, high = points.min(axis=0) * r + at, points.max(axis=0) * r + at
                draw_outline(image, rng, oval(*((low + high) / 2), *((high - low) / 2 + 1)), light, paper)
        if rng.random() < 0.6:
            draw_line(
                image, rng, np.array([[at[0], at[1] - r], [at[0] + rng.normal(0, r * 0.1), at[1] + r]]), light, paper
            )
        sketch_thing(image, rng, parts, at, r, firm, paper=None, shading=rng.uniform(0, 0.3))
    return image


def _portrait(rng: np.random.Generator, box: tuple[int, int]) -> Image.Image:
    """A head in lines, with strands of hair, or in tones."""
    paper = paper_of(rng)
    image = Image.new("RGB", box, paper)
    side, ink = min(box), pick(rng, _INKS[:4])
    r, at = side * rng.uniform(0.42, 0.56), (box[0] / 2 + rng.normal(0, side * 0.04), box[1] * 0.52)
    parts = naive(rng, pick(rng, (bust, bust, profile))(rng), rng.uniform(0.1, 0.6))
    if rng.random() < 0.65:
        image = inked(pick(rng, MEDIA)(rng, lit(rng, box, parts, at, r)), ink, image)
    pen = Pen(ink, side * rng.uniform(0.003, 0.008), 0.6, side * 0.003, int(rng.integers(1, 4)), 0.7, 0.4)
    sketch_thing(image, rng, parts, at, r, pen, paper=None, shading=0.3)
    for points, role in parts:
        if role != 2 or float(np.ptp(points, axis=0).max()) < 0.4:
            continue
        hair = points * r + np.asarray(at)
        for _ in range(int(rng.integers(10, 50))):
            start, stop = hair[rng.integers(len(hair))], hair[rng.integers(len(hair))]
            bend = (start + stop) / 2 + (hair[rng.integers(len(hair))] - (start + stop) / 2) * rng.uniform(0, 0.7)
            draw_line(
                image,
                rng,
                smooth(np.stack([start, bend, stop]), closed=False),
                replace(pen, width=pen.width * 0.7),
                paper,
            )
    return rough(image, rng, rng.uniform(0, 25))


def _tones(rng: np.random.Generator, box: tuple[int, int]) -> Image.Image:
    """Things in light and shade."""
    paper, side = paper_of(rng), min(box)
    ink = pick(rng, _INKS)
    tone = np.ones((box[1], box[0]))
    count = int(rng.choice([1, 1, 1, 2, 3]))
    placed = []
    for place in range(count):
        r = min(box[0] / count, box[1]) * rng.uniform(0.38, 0.5)
        at = (box[0] * (place + 0.5) / count, box[1] * 0.52)
        parts = subject(rng, living=0.5)
        placed.append((parts, at, r))
        tone = np.minimum(tone, lit(rng, box, parts, at, r))
    if rng.random() < 0.3:
        tone *= 1 - rng.uniform(0.1, 0.6) * noise(rng, *box, cells=3, octaves=2)
    image = inked(pick(rng, MEDIA)(rng, tone), ink, Image.new("RGB", box, paper))
    if rng.random() < 0.7:
        pen = Pen(ink, side * rng.uniform(0.002, 0.006), 0.6, side * 0.002, int(rng.integers(1, 3)), 0.6, 0.3)
        for parts, at, r in placed:
            for points, role in parts:
                if role != LINE:
                    draw_outline(image, rng, points * r + np.asarray(at), pen, paper)
    return rough(image, rng, rng.uniform(0, 30))


def _wash(rng: np.random.Generator, box: tuple[int, int]) -> Image.Image:
    """Lines of a pen with loose washes of grey ink or water colour that miss the lines."""
    paper, side = paper_of(rng, white=0.4), min(box)
    image = Image.new("RGB", box, paper)
    r, at = side * rng.uniform(0.34, 0.47), (box[0] / 2, box[1] / 2)
    parts = naive(rng, subject(rng, living=0.5), rng.uniform(0.1, 0.8))
    colored, hue = rng.random() < 0.6, rng.random()
    pool = noise(rng, *box, cells=5, octaves=3)
    edge_noise = (noise(rng, *box, cells=10, octaves=3) - 0.5) * rng.uniform(60, 160)
    blots: list[Points] = [points * r * rng.uniform(0.9, 1.15) + np.asarray(at) + rng.normal(0, r * 0.05, 2)
                           for points, role in parts if role != LINE and float(np.ptp(points, axis=0).max()) > 0.3]  # fmt: skip
    if rng.random() < 0.5:
        blots.append(oval(at[0], at[1] + r * 0.8, r * 1.2, r * 0.2))
    for blot in blots[:9]:
        tint = (
            hsv(hue + rng.normal(0, 0.18), rng.uniform(0.2, 0.6), rng.uniform(0.55, 0.95))
            if colored
            else blend((60, 60, 70), WHITE, rng.uniform(0, 0.5))
        )
        mask = Image.new("L", box, 0)
        ImageDraw.Draw(mask).polygon(xy(blot), fill=255)
        soft = np.asarray(mask.reduce(4).resize(box, Image.Resampling.BICUBIC), dtype=np.float64)
        wet = np.clip((soft + edge_noise - 110) / 30, 0, 1) * (0.25 + 0.5 * pool) * rng.uniform(0.6, 1.2)
        image = inked(wet, tint, image)
    pen = pen_of(rng, pick(rng, _INKS), side)
    pen = replace(pen, width=min(pen.width, side * 0.008))
    sketch_thing(image, rng, parts, at, r, pen, paper=None, shading=rng.uniform(0, 0.25))
    return rough(image, rng, rng.uniform(4, 30))


def _toned(rng: np.random.Generator, box: tuple[int, int]) -> Image.Image:
    """On brown, grey, blue or black paper: dark lines and white chalk, or chalk alone."""
    dark = rng.random() < 0.35
    paper = (
        pick(rng, ((30, 30, 34), (24, 36, 30), (36, 40, 60)))
        if dark
        else hsv(rng.choice([0.08, 0.1, 0.6, 0.45, 0.0]), rng.uniform(0.05, 0.4), rng.uniform(0.5, 0.8))
    )
    image = Image.new("RGB", box, paper)
    side = min(box)
    r, at = side * rng.uniform(0.36, 0.47), (box[0] / 2, box[1] / 2)
    parts = naive(rng, subject(rng, living=0.6), 0.4)
    tone = lit(rng, box, parts, at, r)
    empty = np.asarray(Image.fromarray((tone < 0.999).astype(np.uint8) * 255), dtype=np.float64) / 255
    medium = pick(rng, MEDIA)
    if not dark:
        image = inked(medium(rng, np.clip(tone + 0.15, 0, 1)) * 0.8, (36, 28, 26), image)
    image = inked(medium(rng, np.clip(1.35 - tone, 0, 1)) * empty, (240, 238, 230), image)
    pen = Pen(
        (236, 234, 228) if dark else (40, 32, 30), side * rng.uniform(0.003, 0.008), 0.6, side * 0.002, 2, 0.6, 0.3
    )
    sketch_thing(image, rng, parts, at, r, pen, paper=None, shading=0.1)
    return rough(image, rng, rng.uniform(10, 36))


def _scribble(rng: np.random.Generator, box: tuple[int, int]) -> Image.Image:
    """A thing made of one restless line, of circling strokes or of contours repeated."""
    paper, side = paper_of(rng, white=0.7), min(box)
    image = Image.new("RGB", box, paper)
    pen = replace(pen_of(rng, pick(rng, _INKS), side), passes=1)
    pen = replace(pen, width=min(pen.width, side * 0.008))
    r, at = side * rng.uniform(0.36, 0.46), np.array([box[0] / 2, box[1] / 2])
    for points, role in naive(rng, subject(rng, living=0.6), 0.5):
        outline = points * r + at
        if role == LINE:
            draw_line(image, rng, outline, pen, paper)
            continue
        middle = outline.mean(axis=0)
        turns = rng.uniform(1.5, 6)
        angle = np.linspace(0, 2 * np.pi * turns, int(40 * turns))
        ring = outline[(angle / (2 * np.pi) * len(outline)).astype(int) % len(outline)]
        path = middle + (ring - middle) * (1 - rng.uniform(0, 0.9) * np.linspace(0, 1, len(ring)))[:, None]
        draw_line(image, rng, path, replace(pen, tremble=pen.tremble + side * 0.006), paper)
        if rng.random() < 0.3:
            hatch(image, rng, outline, pen, spacing=side * 0.012, angle=rng.uniform(0, 3))
    return image


def _book(rng: np.random.Generator, box: tuple[int, int]) -> Image.Image:
    """A page of a sketchbook, photographed: several studies, notes, the gutter or a spiral, the table around it."""
    paper = paper_of(rng, white=0.35)
    if rng.random() < 0.15:
        paper = blend(paper, (110, 86, 60), 0.6)
    page = Image.new("RGB", box, paper)
    w, h = box
    columns, rows = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    cell = min(w / columns, h / rows)
    pen = pen_of(rng, pick(rng, _INKS), cell * 1.3)
    pen = replace(pen, width=min(pen.width, cell * 0.018))
    same = pick(rng, (bust, quadruped, person, bird, None, None))
    for place in range(columns * rows):
        at = (
            w * (place % columns + 0.5) / columns + rng.normal(0, cell * 0.06),
            h * (place // columns + 0.5) / rows + rng.normal(0, cell * 0.06),
        )
        parts = naive(rng, same(rng) if same is not None else subject(rng), rng.uniform(0.2, 0.8))
        r = cell * rng.uniform(0.3, 0.46)
        if columns * rows <= 4 and rng.random() < 0.4:
            page = inked(pick(rng, MEDIA)(rng, lit(rng, box, parts, at, r)), pen.color, page)
        sketch_thing(page, rng, parts, at, r, pen, paper=None if rng.random() < 0.4 else paper, shading=0.25)
        if rng.random() < 0.4:
            for line in range(int(rng.integers(1, 4))):
                x = np.linspace(at[0] - r * 0.5, at[0] - r * 0.5 + r * rng.uniform(0.4, 1), 30)
                y = at[1] + r * (1.02 + 0.1 * line) + np.sin(np.arange(30) * 1.9) * r * 0.025 * rng.random(30)
                draw_line(
                    page, rng, np.stack([x, y], axis=1), replace(pen, width=max(pen.width * 0.5, 1.5), tremble=1.0)
                )
    page = photographed(rough(page, rng, 16), rng)
    if rng.random() < 0.35:
        return page
    table = gradient(w, h, [hsv(rng.random(), 0.3, rng.uniform(0.2, 0.8)), hsv(0.08, 0.4, rng.uniform(0.2, 0.6))])
    inset = rng.uniform(0.02, 0.1)
    edge = (
        page.resize((round(w * (1 - 2 * inset)), round(h * (1 - 2 * inset))))
        .convert("RGBA")
        .rotate(rng.normal(0, 4), Image.Resampling.BILINEAR, expand=True)
    )
    table.paste(edge, (round(w * inset * rng.uniform(0.2, 1.5)), round(h * inset)), edge)
    out = ImageDraw.Draw(table)
    if rng.random() < 0.5:
        left = w * rng.uniform(inset, inset + 0.04)
        for top in np.arange(h * 0.05, h * 0.95, h * 0.035):
            out.ellipse([left, top, left + w * 0.03, top + h * 0.014], outline=(60, 60, 64), width=4)
    if rng.random() < 0.3:
        start = np.array([rng.uniform(0.2, 0.9) * w, rng.uniform(0.6, 1.0) * h])
        out.polygon(
            xy(limb([(start[0], start[1]), (start[0] + w * 0.2, start[1] - h * 0.25)], [w * 0.025, w * 0.02])),
            fill=hsv(rng.random(), 0.7, 0.7),
        )
    return table
