"""Parts of screens: a skin of colours and letters, title bars, forms, terminals, pages of text."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import INK, WHITE, Color, blend, pick, vivid
from beam_jobs.demo.draw.lettering import phrase, put
from beam_jobs.demo.draw.pictures import drawing, photograph


@dataclass(frozen=True)
class Skin:
    """Colours, letters and corners of a toolkit."""

    paper: Color
    panel: Color
    ink: Color
    accent: Color
    style: str
    corner: float
    unit: float


def say(
    image: Image.Image,
    skin: Skin,
    x: float,
    y: float,
    text: str,
    *,
    scale: float = 0.5,
    ink: Color | None = None,
    style: str = "",
    anchor: str = "lm",
) -> None:
    put(
        ImageDraw.Draw(image),
        (x, y),
        text,
        ink or skin.ink,
        max(round(skin.unit * scale), 6),
        style=style or skin.style,
        anchor=anchor,
    )


def frame(image: Image.Image, rng: np.random.Generator, skin: Skin) -> float:
    """Draw a title bar with its buttons, sometimes a menu and tools, and return where the content begins."""
    pen, w, u = ImageDraw.Draw(image), image.width, skin.unit
    bar = pick(rng, (skin.panel, (222, 222, 222), (0, 84, 166), (45, 45, 48), skin.accent, (60, 59, 55)))
    pen.rectangle([0, 0, w, u * 1.1], fill=bar)
    ink = WHITE if sum(bar) < 380 else INK
    say(image, skin, w / 2 if rng.random() < 0.5 else u * 2.4, u * 0.55, phrase(rng, 2), ink=ink, scale=0.45)
    left = rng.random() < 0.4
    for place, tone in enumerate(((255, 95, 86), (255, 189, 46), (39, 201, 63))):
        x = u * (0.6 + 0.7 * place) if left else w - u * (0.6 + 0.8 * place)
        if left:
            pen.ellipse([x - u * 0.2, u * 0.35, x + u * 0.2, u * 0.75], fill=tone)
        else:
            pen.line([x - u * 0.15, u * 0.4, x + u * 0.15, u * 0.7], fill=ink, width=2)
            pen.line([x - u * 0.15, u * 0.7, x + u * 0.15, u * 0.4 + u * 0.3 * (place > 0)], fill=ink, width=2)
    top = u * 1.1
    if rng.random() < 0.4:
        pen.rectangle([0, top, w, top + u * 0.9], fill=skin.panel)
        for place, text in enumerate(("File", "Edit", "View", "Tools", "Help")):
            say(image, skin, u * (0.4 + 1.7 * place), top + u * 0.45, text, scale=0.42)
        top += u * 0.9
    if rng.random() < 0.4:
        pen.rectangle([0, top, w, top + u * 1.3], fill=skin.panel)
        for place in range(int(rng.integers(4, 14))):
            x = u * (0.3 + 1.2 * place)
            pen.rounded_rectangle(
                [x, top + u * 0.3, x + u * 0.7, top + u],
                3,
                fill=vivid(rng) if rng.random() < 0.5 else blend(skin.ink, skin.panel, 0.5),
            )
        top += u * 1.3
    return top


def form(image: Image.Image, rng: np.random.Generator, skin: Skin, top: float) -> None:
    """Labels, fields, checks and buttons; much air."""
    pen, (w, h), u = ImageDraw.Draw(image), image.size, skin.unit
    left = w * rng.uniform(0.04, 0.35)
    wide, y = min(w * rng.uniform(0.3, 0.9), w * 0.95 - left), top + u * 1.5
    say(image, skin, left, y, phrase(rng, 2), scale=rng.uniform(0.6, 1.2), style="bold")
    y += u * 1.8
    while y < h * rng.uniform(0.6, 0.92):
        kind = int(rng.integers(4))
        say(image, skin, left, y, phrase(rng, 2), scale=0.45)
        if kind < 2:
            pen.rounded_rectangle(
                [left, y + u * 0.5, left + wide, y + u * 1.6],
                min(skin.corner, u * 0.5),
                fill=blend(skin.paper, WHITE, 0.1),
                outline=blend(skin.ink, skin.paper, 0.65),
                width=2,
            )
            if rng.random() < 0.5:
                say(
                    image,
                    skin,
                    left + u * 0.4,
                    y + u * 1.05,
                    phrase(rng, 2),
                    scale=0.42,
                    ink=blend(skin.ink, skin.paper, 0.5),
                )
            y += u * 1.2
        else:
            x = left + wide * 0.7
            pen.rounded_rectangle(
                [x, y - u * 0.3, x + u * (1.1 if kind == 2 else 0.6), y + u * 0.3],
                u * 0.3 * (kind == 2),
                fill=skin.accent if rng.random() < 0.6 else skin.panel,
            )
        y += u * rng.uniform(1.0, 1.6)
    pen.rounded_rectangle(
        [left, min(y, h - u * 1.6), left + u * 4, min(y, h - u * 1.6) + u * 1.2],
        min(skin.corner, u * 0.6),
        fill=skin.accent,
    )
    say(
        image,
        skin,
        left + u * 2,
        min(y, h - u * 1.6) + u * 0.6,
        pick(rng, ("Save", "OK", "Next", "확인", "Sign in")),
        scale=0.5,
        ink=WHITE,
        anchor="mm",
    )


def terminal(image: Image.Image, rng: np.random.Generator, skin: Skin, top: float) -> None:
    """Lines of a shell, white on black or the other way round."""
    w, h = image.size
    paper = pick(rng, ((0, 0, 0), (48, 10, 36), (30, 30, 30), WHITE, (0, 43, 54)))
    ImageDraw.Draw(image).rectangle([0, top, w, h], fill=paper)
    ink, size = (INK if sum(paper) > 400 else (220, 220, 220)), max(skin.unit * 0.55, h / 45)
    for row, y in enumerate(np.arange(top + size, h * rng.uniform(0.5, 1) - size, size * 1.25)):
        tone = ink if rng.random() < 0.8 else pick(rng, ((90, 200, 90), (220, 90, 80), (90, 150, 230), (220, 190, 70)))
        text = (
            f"$ {phrase(rng, 2, korean=False)}"
            if row % 7 == 0
            else "  " * int(rng.integers(0, 4)) + phrase(rng, int(rng.integers(1, 9)), korean=False)
        )
        put(ImageDraw.Draw(image), (size * 0.6, y), text, tone, max(round(size), 6), style="mono")


def article(image: Image.Image, rng: np.random.Generator, skin: Skin, top: float) -> None:
    """A blog or a documentation page: head, columns of text, links, a picture, code, a sidebar."""
    pen, (w, h), u = ImageDraw.Draw(image), image.size, skin.unit * 0.8
    head = u * rng.uniform(1.5, 6)
    if rng.random() < 0.6:
        fill = pick(rng, (skin.accent, skin.panel, (34, 34, 34)))
        if rng.random() < 0.25:
            image.paste(photograph(rng, w, round(head)), (0, round(top)))
        else:
            pen.rectangle([0, top, w, top + head], fill=fill)
        say(
            image,
            skin,
            w * 0.06,
            top + head / 2,
            phrase(rng, 2),
            scale=min(head / u * 0.35, 2),
            style="bold",
            ink=WHITE if sum(fill) < 400 else INK,
        )
    side = w * rng.uniform(0.18, 0.3) if rng.random() < 0.6 and w > h * 0.7 else 0.0
    on_left = rng.random() < 0.5
    left, right = w * 0.05 + side * on_left, w * 0.95 - side * (not on_left)
    if side:
        x = w * 0.03 if on_left else right + w * 0.03
        for row in range(int(rng.integers(5, 18))):
            say(
                image,
                skin,
                x,
                top + head + u * (1.4 + row * 1.1),
                phrase(rng, 2),
                scale=0.42,
                ink=skin.accent if rng.random() < 0.6 else skin.ink,
            )
    y, size = top + head + u * 1.2, max(round(u * 0.55), 6)
    while y < h:
        kind = rng.random()
        if kind < 0.18:
            say(
                image,
                skin,
                left,
                y,
                phrase(rng, 3),
                scale=rng.uniform(0.6, 1.1),
                style="bold",
                ink=pick(rng, (skin.ink, skin.accent)),
            )
            y += u * 1.4
        elif kind < 0.28:
            high = u * rng.uniform(3, 7)
            image.paste(
                (photograph if rng.random() < 0.6 else drawing)(
                    rng, round((right - left) * rng.uniform(0.3, 1)), round(high)
                ),
                (round(left), round(y)),
            )
            y += high + u * 0.8
        elif kind < 0.36:
            high = u * rng.uniform(1.5, 4)
            pen.rounded_rectangle([left, y, right, y + high], skin.corner, fill=pick(rng, (skin.panel, (40, 42, 54))))
            y += high + u * 0.8
        else:
            for row in range(int(rng.integers(1, 6))):
                text = phrase(rng, 30, korean=False)[
                    : int((right - left) / size * (1.7 if row else rng.uniform(0.5, 1.7)))
                ]
                put(pen, (left, y), text, skin.ink, size, style=skin.style)
                y += size * 1.35
            y += u * 0.6
