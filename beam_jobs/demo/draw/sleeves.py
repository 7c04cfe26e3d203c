"""Fronts of discs, games, albums and groceries."""

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
