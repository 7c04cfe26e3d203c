"""text_meme, words on pictures of all kinds: captions, panels, labels."""

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import (
    INK,
    SUPERSAMPLE,
    WHITE,
    Color,
    extent,
    pick,
)
from beam_jobs.demo.draw.lettering import wrap
from beam_jobs.demo.draw.memes import saying
from beam_jobs.demo.draw.pictures import PEOPLE, cover_box, drawing, photograph
from beam_jobs.demo.draw.playscreens import game_screenshot
from beam_jobs.demo.draw.typeset import Box, stack

_BLACK: Color = (0, 0, 0)


def canvas_of(rng: np.random.Generator, size: int, low: float, high: float) -> tuple[int, int]:
    width, height = extent(rng, size, low, high)
    return width * SUPERSAMPLE, height * SUPERSAMPLE


def any_picture(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """Return a photograph, mostly of people or animals, a drawing or a game's screen."""
    kind = rng.random()
    if kind < 0.35:
        return photograph(rng, w, h, kinds=PEOPLE)
    if kind < 0.72:
        return photograph(rng, w, h)
    if kind < 0.92:
        return drawing(rng, w, h)
    return cover_box(game_screenshot(rng, 200), w, h)


def write(image: Image.Image, rng: np.random.Generator, box: Box, text: str, ink: Color, **how: object) -> None:
    """Write a text wrapped so that its lines fill the box."""
    wide, high = box[2] - box[0], max(box[3] - box[1], 8)
    size = max(high / max(np.sqrt(len(text) * 0.55 * high / max(wide, 1)), 1.0), 8)
    stack(image, rng, box, wrap(text, wide, round(size)), ink, **how)  # type: ignore[arg-type]


def some_text(rng: np.random.Generator, most: int = 3) -> str:
    return " ".join(saying(rng) for _ in range(int(rng.integers(1, most + 1))))


def macro(rng: np.random.Generator, size: int) -> Image.Image:
    """Rimmed capitals at the top and the foot of a picture."""
    image = any_picture(rng, *canvas_of(rng, size, 0.75, 1.6))
    w, h = image.size
    deep = rng.uniform(0.1, 0.24)
    style, ink = pick(rng, ("bold", "heavy", "bold", "times_bold")), pick(rng, (WHITE, WHITE, WHITE, (255, 240, 60)))
    for box in ((w * 0.03, h * 0.02, w * 0.97, h * deep), (w * 0.03, h * (1 - deep), w * 0.97, h * 0.98)):
        if rng.random() < 0.8:
            text = saying(rng)
            write(image, rng, box, text.upper() if rng.random() < 0.8 else text, ink, style=style, rim=_BLACK)
    return image


def headed(rng: np.random.Generator, size: int) -> Image.Image:
    """A line or two of plain text over a picture, on white or black."""
    w, h = canvas_of(rng, size, 0.7, 1.4)
    paper = WHITE if rng.random() < 0.75 else (16, 18, 22)
    image = Image.new("RGB", (w, h), paper)
    top = round(h * rng.uniform(0.1, 0.32))
    inset = round(w * rng.choice([0.0, 0.0, 0.03]))
    picture = any_picture(rng, w - 2 * inset, h - top - inset)
    if rng.random() < 0.3:
        half = any_picture(rng, picture.width // 2, picture.height)
        picture.paste(half, (picture.width // 2, 0))
    image.paste(picture, (inset, top))
    box = (w * 0.03, h * 0.015, w * 0.97, top - h * 0.02)
    write(
        image,
        rng,
        box,
        some_text(rng),
        INK if paper == WHITE else WHITE,
        style=pick(rng, ("sans", "bold", "plain", "times")),
        align=pick(rng, ("l", "m")),
    )
    return image


def rows(rng: np.random.Generator, size: int) -> Image.Image:
    """Rows of a reaction beside the words it answers to."""
    w, h = canvas_of(rng, size, 0.75, 1.3)
    image, rows = Image.new("RGB", (w, h), WHITE), int(rng.integers(2, 5))
    pen, mirrored, cut = ImageDraw.Draw(image), rng.random() < 0.3, round(w * rng.uniform(0.4, 0.55))
    inner = photograph if rng.random() < 0.5 else drawing
    for row in range(rows):
        top, high = h * row // rows, h // rows
        left = w - cut if mirrored else 0
        image.paste(inner(rng, cut, high), (left, top))
        start = 0 if mirrored else cut
        box = (start + w * 0.03, top + high * 0.15, start + (w - cut) - w * 0.03, top + high * 0.85)
        write(image, rng, box, saying(rng), INK, style=pick(rng, ("sans", "bold")))
        pen.line([0, top, w, top], fill=INK, width=4)
    pen.line([cut if not mirrored else w - cut, 0, cut if not mirrored else w - cut, h], fill=INK, width=4)
    return image


def panels(rng: np.random.Generator, size: int) -> Image.Image:
    """A grid of pictures, each with its own words."""
    w, h = canvas_of(rng, size, 0.6, 1.5)
    columns, rows = pick(rng, ((1, 2), (2, 2), (1, 3), (2, 3), (3, 2), (2, 1)))
    gap = round(w * rng.choice([0.0, 0.008, 0.02]))
    image = Image.new("RGB", (w, h), pick(rng, (WHITE, _BLACK)))
    same = any_picture(rng, w // columns, h // rows)
    ink, rim = pick(rng, ((WHITE, _BLACK), (INK, WHITE), ((255, 240, 60), _BLACK)))
    style, upper = pick(rng, ("bold", "heavy", "sans")), rng.random() < 0.5
    for place in range(columns * rows):
        pw, ph = w // columns - gap, h // rows - gap
        picture = same.resize((pw, ph)) if rng.random() < 0.3 else any_picture(rng, pw, ph)
        x, y = (place % columns) * (w // columns), (place // columns) * (h // rows)
        image.paste(picture, (x + gap // 2, y + gap // 2))
        high = rng.uniform(0.16, 0.3)
        box = (x + pw * 0.06, y + ph * (0.96 - high), x + pw * 0.94, y + ph * 0.96)
        text = saying(rng)
        write(image, rng, box, text.upper() if upper else text, ink, style=style, rim=rim)
    return image


def labelled(rng: np.random.Generator, size: int) -> Image.Image:
    """A picture whose things carry names."""
    image = any_picture(rng, *canvas_of(rng, size, 0.8, 1.6))
    w, h = image.size
    plates = rng.random() < 0.4
    for _ in range(int(rng.integers(2, 5))):
        x, y, wide = w * rng.uniform(0.02, 0.6), h * rng.uniform(0.05, 0.8), w * rng.uniform(0.2, 0.36)
        box = (x, y, x + wide, y + h * rng.uniform(0.06, 0.14))
        if plates:
            ImageDraw.Draw(image).rectangle([box[0] - 8, box[1] - 8, box[2] + 8, box[3] + 8], fill=WHITE)
        write(image, rng, box, saying(rng), INK if plates else WHITE, style="bold", rim=None if plates else _BLACK)
    return image
