"""Fronts of discs, games, albums, magazines, films and groceries."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import (
    INK,
    WHITE,
    Color,
    blend,
    gradient,
    hsv,
    noise,
    oval,
    pastel,
    pick,
    vivid,
    xy,
)
from beam_jobs.demo.draw.covers import ground_color
from beam_jobs.demo.draw.lettering import phrase
from beam_jobs.demo.draw.pictures import FOOD, PEOPLE, cover_box, drawing, figure_scene, photograph, treated
from beam_jobs.demo.draw.playscreens import game_screenshot
from beam_jobs.demo.draw.typeset import FACES, author, headline, lines_of, readable, small_print, stack


def _rays(image: Image.Image, rng: np.random.Generator, tone: Color) -> None:
    """Draw rays from a point to the edges."""
    w, h = image.size
    pen = ImageDraw.Draw(image)
    count, x, y = int(rng.integers(8, 30)), w * rng.uniform(0.3, 0.7), h * rng.uniform(0.3, 0.8)
    for ray in range(count):
        angle = 2 * np.pi * (ray + np.array([0.0, 0.5])) / count
        ends = np.stack([x + np.cos(angle) * (w + h), y + np.sin(angle) * (w + h)], axis=1)
        pen.polygon([(x, y), *xy(ends)], fill=tone)


def _badge(image: Image.Image, rng: np.random.Generator, x: float, y: float, r: float) -> None:
    """Draw a burst, a disc or a box with a word or a number."""
    pen, tone = ImageDraw.Draw(image), vivid(rng)
    kind = int(rng.integers(3))
    if kind == 0:
        spikes = int(rng.integers(10, 20)) * 2
        angle = np.linspace(0, 2 * np.pi, spikes, endpoint=False)
        reach = r * np.where(np.arange(spikes) % 2, 0.82, 1.0)
        pen.polygon(xy(np.stack([x + np.cos(angle) * reach, y + np.sin(angle) * reach], axis=1)), fill=tone)
    elif kind == 1:
        pen.ellipse([x - r, y - r, x + r, y + r], fill=tone, outline=WHITE, width=max(round(r * 0.08), 1))
    else:
        pen.rectangle([x - r * 0.7, y - r, x + r * 0.7, y + r], fill=pick(rng, (WHITE, INK, tone)), outline=INK)
    text = pick(rng, ("NEW", "18", "12+", "3", "E", "HD", "500 g", "30%", "BIO", "FREE", "T", "2.0", "100%"))
    box = (x - r * 0.55, y - r * 0.35, x + r * 0.55, y + r * 0.35)
    stack(image, rng, box, [text], readable(image, box), style="bold")


def disc(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """A film or game on disc or cartridge: the maker's strip, a scene, a shaded title, small marks at the foot."""
    edge = pick(rng, (WHITE, (20, 20, 22), vivid(rng), (230, 230, 232)))
    image = Image.new("RGB", (w, h), edge)
    strip = h * rng.uniform(0.05, 0.16) if rng.random() < 0.7 else 0.0
    inset = w * rng.choice([0.0, 0.0, 0.02, 0.08])
    pw, ph = round(w - 2 * inset), round(h - strip - inset * 2)
    kind = int(rng.integers(5))
    if kind == 0:
        inner = cover_box(game_screenshot(rng, 200), pw, ph)
    elif kind == 1:
        inner = treated(photograph(rng, pw, ph, kinds=PEOPLE), rng, vivid(rng))
    elif kind == 2:
        inner = treated(photograph(rng, pw, ph), rng, vivid(rng))
    elif kind == 3:
        inner = drawing(rng, pw, ph)
    else:
        inner = gradient(pw, ph, [ground_color(rng), vivid(rng)])
        _rays(inner, rng, vivid(rng))
        screen = cover_box(game_screenshot(rng, 160), round(pw * 0.7), round(ph * 0.4))
        inner.paste(screen, (round(pw * 0.15), round(ph * 0.45)))
        ImageDraw.Draw(inner).rectangle([pw * 0.15, ph * 0.45, pw * 0.85, ph * 0.85], outline=vivid(rng), width=6)
    image.paste(inner, (round(inset), round(strip + inset * (strip == 0))))
    if strip:
        style, bar = pick(rng, ("heavy", "bold", "italic")), ground_color(rng)
        ImageDraw.Draw(image).rectangle([0, 0, w, strip], fill=bar)
        spread = bool(rng.random() < 0.5)
        stack(
            image,
            rng,
            (w * 0.1, strip * 0.2, w * 0.9, strip * 0.8),
            [phrase(rng, 1, korean=False).upper()],
            readable(image, (0, 0, w, strip)),
            style=style,
            spread=spread,
        )
    top = strip + (h - strip) * pick(rng, (0.04, 0.1, 0.6))
    rim = pick(rng, (INK, WHITE, None, vivid(rng)))
    fill: Color | Image.Image = (
        gradient(w, h, [vivid(rng), pastel(rng)] * 3) if rng.random() < 0.5 else pick(rng, (WHITE, vivid(rng)))
    )
    stack(
        image,
        rng,
        (w * 0.1, top, w * 0.9, top + h * rng.uniform(0.12, 0.25)),
        lines_of(rng, headline(rng, longest=3)),
        fill,
        style=pick(rng, FACES),
        rim=rim,
        slant=float(rng.choice([0, 0, 0.25])),
    )
    for x in (0.14, 0.86)[: int(rng.integers(0, 3))]:
        _badge(image, rng, w * x, h * rng.uniform(0.9, 0.93), w * rng.uniform(0.05, 0.09))
    foot = readable(image, (0, h * 0.94, w, h))
    small_print(image, (w * 0.5, h * 0.965), f"{author(rng)} · {phrase(rng, 2, korean=False)}", h * 0.02, foot)
    return image


def album(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """A record's sleeve: a picture, an abstract field or a shape, with little or no type."""
    kind = int(rng.integers(5))
    if kind < 2:
        image = treated(photograph(rng, w, h), rng, vivid(rng))
    elif kind == 2:
        field = noise(rng, w // 2, h // 2, cells=int(rng.integers(2, 9)), octaves=4)
        levels = int(pick(rng, (3, 6, 64)))
        field = np.floor(field * levels)[..., None] / levels
        mix = np.array(vivid(rng)) * field + np.array(ground_color(rng)) * (1 - field)
        image = Image.fromarray(mix.astype(np.uint8)).resize((w, h))
    else:
        image = Image.new("RGB", (w, h), ground_color(rng))
        pen = ImageDraw.Draw(image)
        if kind == 3:
            _rays(image, rng, vivid(rng))
        for _ in range(int(rng.integers(1, 12))):
            x, y, r = rng.uniform(0, w), rng.uniform(0, h), w * rng.uniform(0.05, 0.4)
            shape = oval(x, y, r, r * rng.uniform(0.1, 1), rng.uniform(0, 3), steps=int(pick(rng, (3, 4, 6, 48))))
            pen.polygon(xy(shape), fill=vivid(rng) if rng.random() < 0.7 else ground_color(rng))
    if rng.random() < 0.8:
        top, high = pick(rng, (0.05, 0.4, 0.75)), rng.uniform(0.06, 0.3)
        box = (w * 0.07, h * top, w * 0.93, h * min(top + high, 0.97))
        stack(
            image,
            rng,
            box,
            lines_of(rng, headline(rng, longest=3)),
            readable(image, box) if rng.random() < 0.7 else vivid(rng),
            style=pick(rng, FACES),
            align=pick(rng, ("l", "m", "r")),
            spread=bool(rng.random() < 0.3),
            justified=bool(rng.random() < 0.3),
        )
    if rng.random() < 0.25:
        pen = ImageDraw.Draw(image)
        pen.rectangle([w * 0.8, h * 0.88, w * 0.96, h * 0.96], fill=INK, outline=WHITE)
        small_print(image, (w * 0.88, h * 0.92), "PARENTAL", w * 0.025, WHITE, style="bold")
    return image


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


def grocery(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """The front of something to eat or to wash with: a brand, a picture, bursts, small print."""
    main = vivid(rng) if rng.random() < 0.7 else ground_color(rng)
    image = gradient(w, h, [main, blend(main, vivid(rng), rng.uniform(0, 0.5))])
    pen = ImageDraw.Draw(image)
    if rng.random() < 0.3:
        _rays(image, rng, blend(main, WHITE, 0.25))
    kind = int(rng.integers(4))
    side = round(min(w, h) * rng.uniform(0.5, 0.85))
    top = round(h * rng.uniform(0.42, 0.5))
    if kind == 0:
        image.paste(photograph(rng, w, h - top, kinds=FOOD), (0, top))
    elif kind == 1:
        mask = Image.new("L", (side, side))
        ImageDraw.Draw(mask).ellipse([0, 0, side - 1, side - 1], fill=255)
        image.paste(photograph(rng, side, side, kinds=FOOD), ((w - side) // 2, round(h * 0.92 - side)), mask)
    elif kind == 2:
        image.paste(figure_scene(rng, w, h - top), (0, top))
    else:
        for _ in range(int(rng.integers(2, 6))):
            y = h * rng.uniform(0.4, 1)
            pen.polygon([(0, y), (w, y + h * rng.uniform(-0.2, 0.2)), (w, h), (0, h)], fill=vivid(rng))
    brand = phrase(rng, 1, korean=bool(rng.random() < 0.3)).title()
    tone = pick(rng, (WHITE, (250, 220, 60), vivid(rng), (210, 30, 40)))
    high = h * rng.uniform(0.12, 0.24)
    y = h * rng.uniform(0.06, 0.14)
    if rng.random() < 0.4:
        pen.ellipse(
            [w * 0.04, y - h * 0.03, w * 0.96, y + high + h * 0.03],
            fill=hsv(rng.random(), 0.8, 0.5),
            outline=WHITE,
            width=5,
        )
    stack(
        image,
        rng,
        (w * 0.1, y, w * 0.9, y + high),
        [brand],
        tone,
        style=pick(rng, ("heavy", "bold", "serif_bold", "times_italic")),
        rim=pick(rng, (INK, WHITE, None)),
        slant=float(rng.choice([0, 0.2])),
    )
    below = (0, y + high, w, y + high + h * 0.08)
    small_print(image, (w * 0.5, y + high + h * 0.07), phrase(rng, 2), h * 0.04, readable(image, below), style="bold")
    for _ in range(int(rng.integers(0, 3))):
        _badge(image, rng, w * pick(rng, (0.18, 0.82)), h * rng.uniform(0.45, 0.85), w * rng.uniform(0.08, 0.13))
    small_print(
        image, (w * 0.5, h * 0.96), f"{int(rng.integers(1, 20)) * 50} g", h * 0.03, readable(image, (0, h * 0.92, w, h))
    )
    return image


Front = Callable[[np.random.Generator, int, int], Image.Image]
TALL: tuple[Front, ...] = (disc, disc, disc, magazine, film_poster, collage)
