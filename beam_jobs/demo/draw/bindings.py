"""Fronts of books, continued: cloth, series, schoolbooks, picture books, comics, patterns; the list of all kinds."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageOps

from beam_jobs.demo.draw.anime import anime_character
from beam_jobs.demo.draw.canvas import (
    INK,
    SUPERSAMPLE,
    WHITE,
    Color,
    blend,
    gradient,
    hsv,
    oval,
    pick,
    vivid,
    words,
    xy,
)
from beam_jobs.demo.draw.covers import bleed, ground_color, minimal, named, split, type_only
from beam_jobs.demo.draw.figures import mandala, paint
from beam_jobs.demo.draw.photo import texture
from beam_jobs.demo.draw.pictures import cover_box, figure_scene, photograph
from beam_jobs.demo.draw.tiles import pattern_background
from beam_jobs.demo.draw.typeset import author, headline, lines_of, readable, small_print, stack

GOLD: Color = (206, 170, 92)


def cloth(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """Bound in cloth or leather, stamped in gold or with a paper label."""
    tone = hsv(rng.choice([0.0, 0.02, 0.08, 0.35, 0.6, 0.62, 0.9]), rng.uniform(0.2, 0.8), rng.uniform(0.15, 0.6))
    image = texture(rng, w, h, tone, cells=int(pick(rng, (30, 60, 90))), depth=rng.uniform(0.1, 0.35))
    pen = ImageDraw.Draw(image)
    metal = pick(rng, (GOLD, GOLD, (190, 190, 196), (20, 18, 18), (236, 226, 200)))
    for step in range(int(rng.integers(0, 4))):
        inset = w * (0.05 + 0.025 * step)
        pen.rectangle(
            [inset, inset, w - inset, h - inset], outline=metal, width=max(round(w * rng.uniform(0.003, 0.01)), 1)
        )
    label = rng.random() < 0.3
    box = (w * 0.2, h * 0.14, w * 0.8, h * rng.uniform(0.28, 0.4))
    if label:
        pen.rectangle(
            [box[0] - w * 0.05, box[1] - h * 0.03, box[2] + w * 0.05, box[3] + h * 0.03],
            fill=(240, 232, 210),
            outline=INK,
        )
    stack(
        image,
        rng,
        box,
        lines_of(rng, headline(rng)),
        INK if label else metal,
        style=pick(rng, ("serif", "times_bold", "roman", "times", "serif_bold")),
    )
    if rng.random() < 0.6:
        unit = w * rng.uniform(0.25, 0.5)
        paint(
            pen,
            mandala(rng),
            (w / 2 - unit / 2, h * 0.65 - unit / 2, unit, unit),
            colors={},
            line=metal,
            width=max(unit * 0.006, 1),
        )
    small_print(image, (w * 0.5, h * 0.9), author(rng), h * 0.03, metal, style="serif")
    return image


def series(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """A house design: stripes, a block of colour with a number, a frame, a mark of the publisher."""
    first, second = ground_color(rng), ground_color(rng)
    image = Image.new("RGB", (w, h), first)
    pen = ImageDraw.Draw(image)
    manner = int(rng.integers(3))
    box = (w * 0.1, h * 0.38, w * 0.9, h * 0.6)
    if manner == 0:
        pen.rectangle([0, h * 0.33, w, h * 0.66], fill=second)
    elif manner == 1:
        pen.rectangle([w * 0.06, h * 0.05, w * 0.94, h * 0.95], fill=second)
        pen.ellipse([w * 0.3, h * 0.68, w * 0.7, h * 0.68 + w * 0.4], fill=first)
        box = (w * 0.14, h * 0.1, w * 0.86, h * 0.35)
    else:
        for bar in range(int(rng.integers(4, 14))):
            y = h * (0.45 + bar * 0.04)
            pen.rectangle([w * 0.08 * (bar % 3), y, w, y + h * rng.uniform(0.004, 0.03)], fill=second)
        box = (w * 0.08, h * 0.08, w * 0.92, h * 0.36)
    named(image, rng, title=box)
    r = w * 0.045
    pen.ellipse([w * 0.5 - r, h * 0.87 - r, w * 0.5 + r, h * 0.87 + r], fill=readable(image, (0, h * 0.8, w, h * 0.85)))
    return image


def textbook(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """A schoolbook or manual: subject, edition, bands of colour, a picture or a motif."""
    main = vivid(rng)
    image = (
        gradient(w, h, [main, blend(main, INK, rng.uniform(0, 0.5))])
        if rng.random() < 0.6
        else Image.new("RGB", (w, h), WHITE)
    )
    pen = ImageDraw.Draw(image)
    ph = round(h * rng.uniform(0.35, 0.55))
    top = round(h * pick(rng, (0.3, 0.42)))
    if rng.random() < 0.6:
        image.paste(photograph(rng, w, ph), (0, top))
    else:
        for _ in range(int(rng.integers(8, 30))):
            cx, cy, r = rng.uniform(0, w), rng.uniform(top, top + ph), w * rng.uniform(0.03, 0.2)
            count = int(rng.integers(3, 8))
            pen.polygon(
                xy(oval(cx, cy, r, r, rng.uniform(0, 3), steps=count)), fill=blend(vivid(rng), main, 0.4), outline=WHITE
            )
    if rng.random() < 0.5:
        pen.polygon([(0, h * 0.8), (w, h * rng.uniform(0.7, 0.9)), (w, h), (0, h)], fill=vivid(rng))
    ink = readable(image, (0, 0, w, top))
    stack(
        image,
        rng,
        (w * 0.07, h * 0.06, w * 0.93, top - h * 0.06),
        lines_of(rng, headline(rng, longest=3)),
        ink,
        style=pick(rng, ("bold", "sans", "heavy", "serif_bold")),
        align="l",
    )
    small_print(
        image,
        (w * 0.07, top - h * 0.03),
        pick(
            rng,
            (
                "Second Edition",
                "Grade 5",
                "Volume 2",
                "A Practical Guide",
                "3rd edition",
                "고등학교 1",
                "Student Book",
                "Level B1",
                "Teacher's Guide",
            ),
        ),
        h * 0.03,
        ink,
        anchor="lm",
    )
    foot = readable(image, (0, h * 0.9, w, h))
    small_print(image, (w * 0.07, h * 0.93), author(rng), h * 0.032, foot, style="bold", anchor="lm")
    small_print(image, (w * 0.93, h * 0.96), words(rng, 1).upper() + " PRESS", h * 0.02, foot, anchor="rm")
    return image


def picture_book(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """A children's book: coloured figures under fat letters in many colours."""
    image = figure_scene(rng, w, h)
    tones = tuple(vivid(rng) for _ in range(4))
    rim = pick(rng, (WHITE, INK, None, WHITE))
    stack(
        image,
        rng,
        (w * 0.06, h * 0.04, w * 0.94, h * rng.uniform(0.22, 0.38)),
        lines_of(rng, headline(rng)),
        tones[0],
        style=pick(rng, ("bold", "heavy", "serif_bold")),
        rim=rim,
        tones=tones,
    )
    small_print(image, (w * 0.5, h * 0.95), author(rng), h * 0.035, readable(image, (0, h * 0.9, w, h)), style="bold")
    return image


def manga(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """A volume of a comic: a character before colour, large letters at one side, a number."""
    figure = anime_character(rng, max(w, h) // SUPERSAMPLE)
    image = cover_box(figure, w, h, high=0.2)
    if rng.random() < 0.3:
        image = ImageOps.colorize(image.convert("L"), blend(vivid(rng), INK, 0.7), WHITE)
    pen = ImageDraw.Draw(image)
    if rng.random() < 0.5:
        pen.rectangle([0, h * 0.86, w, h], fill=ground_color(rng))
    text, tone = headline(rng, longest=2), vivid(rng)
    rim = pick(rng, (WHITE, INK, (255, 220, 60)))
    style = pick(rng, ("bold", "heavy", "times_bold"))
    if rng.random() < 0.35:
        chars = [c for c in text if c != " "][:7]
        stack(image, rng, (w * 0.03, h * 0.04, w * 0.22, h * 0.8), chars, tone, style=style, rim=rim)
    else:
        top = pick(rng, (0.02, 0.66))
        stack(
            image,
            rng,
            (w * 0.04, h * top, w * 0.96, h * (top + 0.2)),
            lines_of(rng, text),
            tone,
            style=style,
            rim=rim,
            slant=rng.choice([0, 0.2]),
        )
    stack(
        image,
        rng,
        (w * 0.78, h * 0.84, w * 0.95, h * 0.97),
        [str(int(rng.integers(1, 60)))],
        vivid(rng),
        style="heavy",
        rim=WHITE,
    )
    small_print(
        image, (w * 0.05, h * 0.95), author(rng), h * 0.03, readable(image, (0, h * 0.9, w * 0.5, h)), anchor="lm"
    )
    return image


def plate(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """A pattern to the edges with a plate for the title."""
    image = cover_box(pattern_background(rng, max(w, h) // SUPERSAMPLE), w, h)
    pen = ImageDraw.Draw(image)
    inset, top, high = rng.uniform(0.1, 0.25), rng.uniform(0.12, 0.4), rng.uniform(0.2, 0.36)
    box = [w * inset, h * top, w * (1 - inset), h * (top + high)]
    shape = pen.ellipse if rng.random() < 0.25 else pen.rectangle
    shape(box, fill=ground_color(rng), outline=ground_color(rng), width=round(w * 0.012))
    named(image, rng, title=(box[0] + w * 0.06, box[1] + h * 0.05, box[2] - w * 0.06, box[3] - h * 0.05))
    return image


BOOKS: tuple[Callable[[np.random.Generator, int, int], Image.Image], ...] = (
    bleed, bleed, bleed, split, split, type_only, type_only, minimal, minimal, cloth, series, textbook, picture_book, manga, plate,
)  # fmt: skip
