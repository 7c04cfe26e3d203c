"""Fronts of magazines and films, and pieces of pictures on paper."""

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import (
    INK,
    WHITE,
    gradient,
    oval,
    pastel,
    pick,
    vivid,
    xy,
)
from beam_jobs.demo.draw.covers import ground_color
from beam_jobs.demo.draw.lettering import phrase
from beam_jobs.demo.draw.pictures import PEOPLE, photograph, treated
from beam_jobs.demo.draw.typeset import FACES, author, headline, lines_of, readable, small_print, stack


def magazine(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """A magazine: a masthead over a person or a thing, headlines at the sides, a bar code."""
    image = photograph(rng, w, h, kinds=PEOPLE) if rng.random() < 0.7 else photograph(rng, w, h)
    tone = vivid(rng) if rng.random() < 0.6 else WHITE
    stack(
        image,
        rng,
        (w * 0.05, h * 0.02, w * 0.95, h * 0.17),
        [phrase(rng, 1, korean=False).upper()],
        tone,
        style=pick(rng, FACES),
        justified=True,
    )
    for side in ("l", "r"):
        for row in range(int(rng.integers(1, 5))):
            y = h * (0.25 + 0.16 * row + rng.uniform(0, 0.03))
            left = w * (0.05 if side == "l" else 0.64)
            box = (left, y, left + w * 0.31, y + h * rng.uniform(0.05, 0.11))
            stack(
                image,
                rng,
                box,
                lines_of(rng, headline(rng)),
                pick(rng, (tone, WHITE, readable(image, box))),
                style=pick(rng, FACES),
                align=side,
            )
            if rng.random() < 0.6:
                small_print(
                    image,
                    (box[0] if side == "l" else box[2], box[3] + h * 0.012),
                    phrase(rng, 3),
                    h * 0.018,
                    readable(image, box),
                    anchor=f"{side}m",
                )
    if rng.random() < 0.5:
        pen = ImageDraw.Draw(image)
        left, top = w * 0.75, h * 0.9
        pen.rectangle([left, top, left + w * 0.2, top + h * 0.07], fill=WHITE)
        for x in np.arange(left + 6, left + w * 0.19, 5):
            pen.line([x, top + 4, x, top + h * 0.055], fill=INK, width=int(rng.integers(1, 4)))
    return image


def film_poster(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """A film or concert poster: a scene or faces, a wide title, a block of narrow credits."""
    image = treated(
        photograph(rng, w, h, kinds=PEOPLE) if rng.random() < 0.5 else photograph(rng, w, h), rng, vivid(rng)
    )
    if rng.random() < 0.4:
        half = photograph(rng, w, h // 2, kinds=PEOPLE)
        fade = gradient(w, h // 2, [WHITE, WHITE, (0, 0, 0)]).convert("L")
        image.paste(half, (0, 0), fade)
    shade = gradient(w, h, [(0, 0, 0), (0, 0, 0), (200, 200, 200)]).convert("L")
    image.paste((6, 6, 10), (0, 0), shade)
    top = rng.uniform(0.6, 0.72)
    tone = pick(rng, (WHITE, (230, 190, 90), (220, 40, 40), pastel(rng)))
    stack(
        image,
        rng,
        (w * 0.08, h * top, w * 0.92, h * (top + 0.14)),
        lines_of(rng, headline(rng, longest=3)),
        tone,
        style=pick(rng, FACES),
        spread=bool(rng.random() < 0.5),
        justified=bool(rng.random() < 0.4),
    )
    for row in range(int(rng.integers(2, 5))):
        text = f"{author(rng)} {phrase(rng, 2, korean=False)} {author(rng)} {phrase(rng, 2, korean=False)}"
        y = h * (0.88 + 0.022 * row)
        stack(
            image,
            rng,
            (w * 0.12, y, w * 0.88, y + h * 0.018),
            [text.upper()],
            (200, 200, 204),
            style="sans",
            justified=True,
        )
    small_print(
        image,
        (w * 0.5, h * 0.04),
        "   ".join(author(rng).upper() for _ in range(2)),
        h * 0.022,
        readable(image, (0, 0, w, h * 0.08)),
    )
    return image


def collage(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """Pieces of a picture on paper: slanted strips, torn blocks, a shape cut out, beside loose words."""
    image = Image.new("RGB", (w, h), ground_color(rng))
    inner = treated(photograph(rng, w, h), rng, vivid(rng))
    mask = Image.new("L", (w, h))
    pen = ImageDraw.Draw(mask)
    if rng.random() < 0.5:
        count, lean = int(rng.integers(3, 9)), rng.uniform(-0.4, 0.4) * h
        for strip in range(count):
            top, high = h * strip / count, h / count * rng.uniform(0.6, 0.92)
            pen.polygon([(0, top), (w, top + lean), (w, top + high + lean), (0, top + high)], fill=255)
    else:
        for _ in range(int(rng.integers(1, 6))):
            x, y, r = rng.uniform(0.2, 0.8) * w, rng.uniform(0.25, 0.75) * h, w * rng.uniform(0.12, 0.45)
            pen.polygon(
                xy(oval(x, y, r, r * rng.uniform(0.6, 1.4), rng.uniform(0, 3), steps=int(rng.integers(3, 9)))), fill=255
            )
    image.paste(inner, (0, 0), mask)
    style = pick(rng, FACES)
    for place, word in enumerate(headline(rng, longest=5).split()):
        x, y = w * rng.uniform(0.05, 0.5), h * (0.08 + 0.15 * place)
        box = (x, y, x + w * 0.42, y + h * rng.uniform(0.06, 0.12))
        stack(image, rng, box, [word], readable(image, box), style=style, align="l")
    small_print(image, (w * 0.5, h * 0.95), author(rng), h * 0.03, readable(image, (0, h * 0.92, w, h * 0.98)))
    return image
