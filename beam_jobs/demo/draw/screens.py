"""screenshot_ui, more kinds: forms, terminals, articles, shops, dashboards, file managers, empty states."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.boxes import screenshot_ui as classic_screen
from beam_jobs.demo.draw.canvas import INK, SUPERSAMPLE, WHITE, blend, extent, pastel, pick, shrink, vivid
from beam_jobs.demo.draw.lettering import phrase
from beam_jobs.demo.draw.pictures import drawing, photograph
from beam_jobs.demo.draw.windows import Skin, article, form, frame, say, terminal


def screenshot_ui(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a window, a page or a phone's screen."""
    if rng.random() < 0.25:
        return classic_screen(rng, size)
    width, height = extent(rng, size, 0.46, 0.6) if rng.random() < 0.15 else extent(rng, size, 0.7, 1.9)
    w, h = width * SUPERSAMPLE, height * SUPERSAMPLE
    dark = rng.random() < 0.25
    paper = (
        pick(rng, ((30, 30, 34), (22, 27, 34), (46, 52, 64), (0, 0, 0)))
        if dark
        else pick(rng, (WHITE, WHITE, WHITE, (248, 249, 250), (239, 235, 231), (253, 246, 227)))
    )
    ink = (222, 224, 230) if dark else pick(rng, ((30, 32, 38), (60, 64, 72)))
    skin = Skin(
        paper,
        blend(paper, ink, rng.uniform(0.04, 0.14)),
        ink,
        vivid(rng),
        pick(rng, ("sans", "plain", "sans", "serif", "times")),
        float(rng.choice([0, 6, 14])),
        h / rng.uniform(18, 38),
    )
    image = Image.new("RGB", (w, h), paper)
    top = frame(image, rng, skin) if rng.random() < 0.65 else 0.0
    pick(rng, _KINDS)(image, rng, skin, top)
    return shrink(image)


def _grid(image: Image.Image, rng: np.random.Generator, skin: Skin, top: float) -> None:
    """A shop, a gallery, a file manager: tiles with pictures or folders and a line below."""
    pen, (w, h), u = ImageDraw.Draw(image), image.size, skin.unit
    side = w * 0.2 if rng.random() < 0.5 else 0.0
    if side:
        pen.rectangle([0, top, side, h], fill=skin.panel)
        for row in range(int(rng.integers(4, 12))):
            say(image, skin, u * 0.5, top + u * (1 + row * 1.2), phrase(rng, 1), scale=0.45)
    columns = int(rng.integers(2, 7))
    pitch = (w - side) / columns
    tile, files = pitch * rng.uniform(0.6, 0.9), rng.random() < 0.4
    shared = (photograph if rng.random() < 0.6 else drawing)(rng, round(tile), round(tile))
    y = top + u * 1.2
    for place in range(columns * 6):
        x, row_y = side + pitch * (place % columns) + (pitch - tile) / 2, y + (tile + u * 1.6) * (place // columns)
        if row_y > h:
            break
        if files:
            tone = pick(rng, (skin.accent, skin.accent, (240, 200, 90), (200, 204, 210)))
            pen.rounded_rectangle(
                [x + tile * 0.15, row_y + tile * 0.2, x + tile * 0.85, row_y + tile * 0.85], skin.corner, fill=tone
            )
        else:
            picture = photograph(rng, round(tile), round(tile)) if place < 2 else shared if place % 3 == 0 else None
            if picture:
                image.paste(picture, (round(x), round(row_y)))
            else:
                pen.rectangle([x, row_y, x + tile, row_y + tile], fill=pick(rng, (pastel(rng), skin.panel)))
        say(image, skin, x, row_y + tile + u * 0.4, phrase(rng, 2), scale=0.4)
        if not files:
            say(image, skin, x, row_y + tile + u * 0.95, f"${int(rng.integers(3, 400))}.00", scale=0.4, ink=skin.accent)


def _admin(image: Image.Image, rng: np.random.Generator, skin: Skin, top: float) -> None:
    """A back office: a bar of links, figures in cards, a table with states."""
    pen, (w, h), u = ImageDraw.Draw(image), image.size, skin.unit * 0.9
    side = w * rng.uniform(0.1, 0.22)
    fill = pick(rng, (skin.panel, (36, 40, 52), skin.accent))
    pen.rectangle([0, top, side, h], fill=fill)
    for row in range(int(rng.integers(4, 13))):
        say(
            image,
            skin,
            u * 0.6,
            top + u * (1.5 + row * 1.3),
            phrase(rng, 1),
            scale=0.45,
            ink=WHITE if sum(fill) < 400 else INK,
        )
    x, y = side + u, top + u * 1.2
    say(image, skin, x, y, phrase(rng, 1), scale=0.9, style="bold")
    y += u * 1.4
    if rng.random() < 0.5:
        cards = int(rng.integers(2, 5))
        wide = (w - x - u) / cards
        for place in range(cards):
            pen.rounded_rectangle(
                [x + place * wide, y, x + (place + 1) * wide - u * 0.5, y + u * 3], skin.corner, fill=skin.panel
            )
            say(image, skin, x + place * wide + u * 0.5, y + u, phrase(rng, 1), scale=0.4)
            say(
                image,
                skin,
                x + place * wide + u * 0.5,
                y + u * 2,
                f"{int(rng.integers(9, 99999)):,}",
                scale=0.8,
                style="bold",
            )
        y += u * 3.8
    columns, rule = int(rng.integers(3, 7)), blend(skin.ink, skin.paper, 0.85)
    for row in range(int(rng.integers(4, 22))):
        if y > h - u:
            break
        for column in range(columns):
            cx = x + (w - x - u) * column / columns
            if row and column == columns - 2 and rng.random() < 0.8:
                tone = pick(rng, ((200, 240, 210), (250, 230, 190), (250, 210, 210)))
                pen.rounded_rectangle([cx, y - u * 0.32, cx + u * 2, y + u * 0.32], u * 0.3, fill=tone)
            else:
                say(
                    image,
                    skin,
                    cx,
                    y,
                    phrase(rng, 1) if column % 2 == 0 else str(int(rng.integers(9999))),
                    scale=0.4,
                    style="bold" if row == 0 else "",
                )
        pen.line([x, y + u * 0.6, w - u, y + u * 0.6], fill=rule, width=2)
        y += u * 1.2


def _empty(image: Image.Image, rng: np.random.Generator, skin: Skin, top: float) -> None:
    """A welcome or an empty state: a sign, a line or two, a button in much air."""
    pen, (w, h), u = ImageDraw.Draw(image), image.size, skin.unit
    if rng.random() < 0.5:
        pen.rectangle([0, top, w, h], fill=pick(rng, (skin.accent, blend(skin.accent, INK, 0.6), skin.panel)))
    ink = WHITE if sum(image.getpixel((w // 2, h - 2))) < 400 else INK  # type: ignore[arg-type]
    y, r = top + (h - top) * rng.uniform(0.25, 0.4), h * rng.uniform(0.04, 0.12)
    if rng.random() < 0.6:
        side = round(r * 2)
        image.paste(drawing(rng, side, side), (round(w / 2 - r), round(y - 2 * r)))
    say(image, skin, w / 2, y + u * 1.2, phrase(rng, 3), scale=rng.uniform(0.8, 1.5), ink=ink, anchor="mm")
    say(image, skin, w / 2, y + u * 2.6, phrase(rng, 5), scale=0.5, ink=blend(ink, (128, 128, 128), 0.4), anchor="mm")
    pen.rounded_rectangle(
        [w / 2 - u * 2.5, y + u * 3.6, w / 2 + u * 2.5, y + u * 5], min(skin.corner, u * 0.7), fill=vivid(rng)
    )
    say(
        image,
        skin,
        w / 2,
        y + u * 4.3,
        pick(rng, ("Get started", "Next", "시작", "Open…", "Log in")),
        scale=0.55,
        ink=WHITE,
        anchor="mm",
    )


_KINDS: tuple[Callable[[Image.Image, np.random.Generator, Skin, float], None], ...] = (
    form, form, terminal, article, article, article, _grid, _admin, _admin, _empty,
)  # fmt: skip
