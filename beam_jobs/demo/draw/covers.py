"""Fronts of books of all kinds: a picture under type, a picture beside type, type alone, one small thing."""

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import (
    WHITE,
    Color,
    blend,
    hsv,
    oval,
    pastel,
    pick,
    vivid,
    xy,
)
from beam_jobs.demo.draw.figures import FIGURES, paint
from beam_jobs.demo.draw.lettering import phrase
from beam_jobs.demo.draw.pictures import drawing, photograph, treated
from beam_jobs.demo.draw.typeset import FACES, author, headline, letters, lines_of, readable, small_print, stack


def ground_color(rng: np.random.Generator) -> Color:
    """Return a colour of paper or ink that covers have: white, black, pale, muted or strong."""
    kind = int(rng.integers(6))
    if kind == 0:
        return pick(rng, (WHITE, (250, 248, 240), (240, 236, 226)))
    if kind == 1:
        return pick(rng, ((12, 12, 14), (24, 26, 34), (40, 20, 24)))
    if kind == 2:
        return pastel(rng)
    if kind == 3:
        return hsv(rng.random(), rng.uniform(0.15, 0.5), rng.uniform(0.4, 0.85))
    return vivid(rng)


def named(
    image: Image.Image, rng: np.random.Generator, *, title: tuple[float, float, float, float] | None = None
) -> None:
    """Write title and author over whatever is there, with a line or two of small print."""
    w, h = image.size
    high = rng.uniform(0.12, 0.42)
    top = pick(rng, (0.05, 0.08, 0.5 - high / 2, 0.9 - high, 0.6))
    box = title or (w * 0.08, h * top, w * 0.92, h * min(top + high, 0.92))
    ink = readable(image, box) if rng.random() < 0.8 else vivid(rng)
    align = pick(rng, ("m", "m", "l", "r"))
    stack(
        image, rng, box, lines_of(rng, headline(rng)), ink,
        style=pick(rng, FACES), align=align, justified=bool(rng.random() < 0.3), spread=bool(rng.random() < 0.15),
    )  # fmt: skip
    x = {"l": w * 0.08, "m": w * 0.5, "r": w * 0.92}[align]
    style = pick(rng, FACES)
    y = h * (0.94 if box[1] < h * 0.5 else 0.06)
    size = h * rng.uniform(0.022, 0.055)
    around = (0, y - size, w, y + size)
    name = author(rng)
    small_print(
        image,
        (x, y),
        name.upper() if rng.random() < 0.5 else name,
        size,
        readable(image, around),
        style=style,
        anchor=f"{align}m",
    )
    if rng.random() < 0.5:
        below = min(box[3] + h * 0.03, h * 0.9)
        text = pick(rng, ("a novel", "stories", "A NOVEL", phrase(rng, 5), phrase(rng, 4), "poems", "a memoir"))
        line = (0, below - 4, w, below + 4)
        small_print(
            image,
            (x, below),
            text,
            h * rng.uniform(0.016, 0.028),
            readable(image, line),
            style=style,
            anchor=f"{align}m",
        )


def bleed(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """A picture to the edges under the type."""
    image = treated(photograph(rng, w, h) if rng.random() < 0.75 else drawing(rng, w, h), rng, vivid(rng))
    pen = ImageDraw.Draw(image)
    title = None
    if rng.random() < 0.3:
        top, high = rng.uniform(0.08, 0.6), rng.uniform(0.15, 0.32)
        inset = rng.choice([0.0, 0.1, 0.2])
        pen.rectangle([w * inset, h * top, w * (1 - inset), h * (top + high)], fill=ground_color(rng))
        title = (w * (inset + 0.05), h * (top + 0.04), w * (0.95 - inset), h * (top + high - 0.04))
    named(image, rng, title=title)
    return image


def split(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """A plain part for the type and a picture beside, above, below or in a frame."""
    paper = ground_color(rng)
    image = Image.new("RGB", (w, h), paper)
    share = rng.uniform(0.4, 0.68)
    place = pick(rng, ("top", "bottom", "frame", "round", "column"))
    inner = photograph if rng.random() < 0.7 else drawing
    pen = ImageDraw.Draw(image)
    if place == "frame":
        pw, ph = round(w * rng.uniform(0.5, 0.84)), round(h * share * 0.85)
        at = ((w - pw) // 2, round(h * rng.uniform(0.3, 0.34)))
        image.paste(treated(inner(rng, pw, ph), rng, paper), at)
        box = (w * 0.08, h * 0.05, w * 0.92, at[1] - h * 0.04)
    elif place == "round":
        side = round(w * rng.uniform(0.5, 0.85))
        mask = Image.new("L", (side, side))
        ImageDraw.Draw(mask).ellipse([0, 0, side - 1, side - 1], fill=255)
        image.paste(inner(rng, side, side), ((w - side) // 2, round(h * 0.36)), mask)
        box = (w * 0.08, h * 0.06, w * 0.92, h * 0.32)
    elif place == "column":
        pw = round(w * rng.uniform(0.3, 0.55))
        image.paste(treated(inner(rng, pw, h), rng, paper), (0 if rng.random() < 0.5 else w - pw, 0))
        box = (w * 0.06, h * rng.uniform(0.1, 0.5), w * 0.94, h * rng.uniform(0.65, 0.85))
    else:
        ph = round(h * share)
        image.paste(treated(inner(rng, w, ph), rng, paper), (0, 0 if place == "top" else h - ph))
        box = (
            (w * 0.08, h * (share + 0.04), w * 0.92, h * 0.9)
            if place == "top"
            else (w * 0.08, h * 0.05, w * 0.92, h * (0.96 - share))
        )
    if rng.random() < 0.3:
        pen.rectangle([0, h * 0.965, w, h], fill=vivid(rng))
    named(image, rng, title=box)
    return image


def type_only(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """Letters that are the cover: huge, stacked, scattered, one initial, a picture shining through."""
    paper = ground_color(rng)
    image = Image.new("RGB", (w, h), paper)
    ink: Color = readable(image, (0, 0, w, h)) if rng.random() < 0.6 else vivid(rng)
    style = pick(rng, FACES)
    manner = pick(rng, ("stack", "stack", "scatter", "initial", "window", "echo"))
    text = headline(rng, longest=6)
    if manner == "scatter":
        chars = [c for c in text if c != " "][:18]
        columns = int(rng.integers(2, 5))
        rows = -(-len(chars) // columns)
        for place, char in enumerate(chars):
            mask = letters(char, round(h * 0.8 / max(rows, 2)), style).rotate(rng.normal(0, 12), expand=True)
            x = w * (0.08 + 0.84 * (place % columns) / columns) + rng.normal(0, w * 0.01)
            y = h * (0.05 + 0.84 * (place // columns) / rows)
            image.paste(ink if rng.random() < 0.8 else vivid(rng), (round(x), round(y)), mask)
    elif manner == "initial":
        stack(image, rng, (w * 0.1, h * 0.12, w * 0.9, h * 0.75), [text[0].upper()], ink, style=style, justified=True)
        ink = vivid(rng)
    elif manner == "echo":
        rows = int(rng.integers(4, 9))
        for row in range(rows):
            tone = blend(ink, paper, 0.75 * row / rows)
            stack(
                image,
                rng,
                (w * 0.06, h * (0.06 + 0.8 * row / rows), w * 0.94, h * (0.04 + 0.8 * (row + 1) / rows)),
                [text.split()[0]],
                tone,
                style=style,
            )
    else:
        tones = tuple(vivid(rng) for _ in range(3)) if rng.random() < 0.25 else ()
        fill = photograph(rng, w, h) if manner == "window" else ink
        box = (w * 0.06, h * 0.06, w * 0.94, h * rng.uniform(0.6, 0.9))
        stack(
            image,
            rng,
            box,
            text.split() if rng.random() < 0.7 else lines_of(rng, text),
            fill,
            style=style,
            justified=bool(rng.random() < 0.65),
            align=pick(rng, ("l", "m")),
            tones=tones,
        )
    small_print(
        image,
        (w * 0.5, h * 0.945),
        author(rng),
        h * rng.uniform(0.025, 0.045),
        readable(image, (0, h * 0.9, w, h)),
        style=style,
    )
    return image


def minimal(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """One small thing and small type on a plain ground."""
    paper = ground_color(rng)
    image = Image.new("RGB", (w, h), paper)
    pen = ImageDraw.Draw(image)
    unit = w * rng.uniform(0.2, 0.55)
    x, y = w * rng.uniform(0.35, 0.65), h * rng.uniform(0.4, 0.65)
    ink = readable(image, (0, 0, w, h))
    kind = int(rng.integers(4))
    tone = vivid(rng) if rng.random() < 0.6 else ink
    if kind == 0:
        shapes = FIGURES[pick(rng, list(FIGURES))](rng)
        colors = dict.fromkeys(sorted({shape.role for shape in shapes if shape.role}), tone)
        paint(
            pen,
            shapes,
            (x - unit / 2, y - unit / 2, unit, unit),
            colors=colors,
            line=blend(tone, ink, 0.5),
            width=unit * 0.008,
        )
    elif kind == 1:
        for _ in range(int(rng.integers(1, 4))):
            pen.polygon(
                xy(
                    oval(
                        x + rng.normal(0, unit * 0.2),
                        y + rng.normal(0, unit * 0.2),
                        unit * rng.uniform(0.1, 0.5),
                        unit * rng.uniform(0.1, 0.5),
                    )
                ),
                fill=vivid(rng),
            )
    elif kind == 2:
        for _ in range(int(rng.integers(20, 90))):
            px, py, r = rng.normal(x, unit * 0.5), rng.normal(y, unit * 0.6), w * rng.uniform(0.004, 0.02)
            pen.polygon(
                xy(oval(px, py, r, r * rng.uniform(0.3, 1), rng.uniform(0, 3))),
                fill=blend(tone, ink, rng.uniform(0, 0.5)),
            )
    else:
        turn = rng.uniform(0, np.pi)
        for bar in range(int(rng.integers(1, 5))):
            points = oval(x, y + bar * unit * 0.2, unit * 0.8, unit * rng.uniform(0.03, 0.12), turn, steps=4)
            pen.polygon(xy(points), fill=vivid(rng))
    small = rng.uniform(0.05, 0.12)
    top = pick(rng, (0.08, 0.15, 0.8))
    stack(
        image,
        rng,
        (w * 0.15, h * top, w * 0.85, h * (top + small)),
        lines_of(rng, headline(rng)),
        ink,
        style=pick(rng, FACES),
        align=pick(rng, ("l", "m")),
    )
    small_print(image, (w * 0.5, h * 0.95), author(rng), h * 0.025, ink, style=pick(rng, FACES))
    return image
