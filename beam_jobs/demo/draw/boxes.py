"""Boxes with words: plain diagrams and screenshot_ui."""

from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import (
    INK,
    WHITE,
    Color,
    blend,
    extent,
    font,
    gradient,
    hsv,
    pastel,
    pick,
    sheet,
    shrink,
    smooth,
    vivid,
    words,
    xy,
)


def plain_diagram(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a flow chart, an organisation tree, a mind map, a cycle or layers of an architecture."""
    width, height = extent(rng, size, 0.85, 1.6)
    image, pen = sheet(width, height, WHITE if rng.random() < 0.75 else blend(pastel(rng), WHITE, 0.5))
    hue = rng.random()
    fills = [hsv(hue + d, rng.uniform(0.25, 0.7), rng.uniform(0.75, 0.98)) for d in (0, 0.1, 0.45, 0.6)]
    kind = int(rng.integers(5))
    (_flow, _tree, _mind_map, _cycle, _layers)[kind](pen, rng, image.size, fills)
    if rng.random() < 0.4:
        pen.text(
            (image.width / 2, image.height * 0.045),
            words(rng, 2).title(),
            INK,
            font(round(image.height * 0.05), "bold"),
            "mm",
        )
    return shrink(image)


def _box(
    pen: ImageDraw.ImageDraw,
    rng: np.random.Generator,
    x: float,
    y: float,
    w: float,
    h: float,
    fill: Color,
    shape: str = "round",
) -> None:
    """Draw a box around (x, y) with a word in it."""
    line = blend(fill, INK, 0.55)
    if shape == "diamond":
        pen.polygon(
            [(x, y - h * 0.75), (x + w * 0.62, y), (x, y + h * 0.75), (x - w * 0.62, y)],
            fill=fill,
            outline=line,
            width=3,
        )
    elif shape == "oval":
        pen.ellipse([x - w / 2, y - h / 2, x + w / 2, y + h / 2], fill=fill, outline=line, width=3)
    else:
        pen.rounded_rectangle(
            [x - w / 2, y - h / 2, x + w / 2, y + h / 2],
            h * (0.25 if shape == "round" else 0.02),
            fill=fill,
            outline=line,
            width=3,
        )
    letters = font(round(min(h * 0.34, w / 6.2)), "bold" if h > 60 else "sans")
    pen.text((x, y), words(rng, 1)[:8].title(), INK if sum(fill) > 330 else WHITE, letters, "mm")


def _arrow(
    pen: ImageDraw.ImageDraw,
    start: tuple[float, float],
    stop: tuple[float, float],
    color: Color = (80, 84, 92),
    width: int = 4,
) -> None:
    a, b = np.array(start), np.array(stop)
    way = (b - a) / max(float(np.hypot(*(b - a))), 1e-6)
    side = np.array([-way[1], way[0]])
    tip = width * 3.6
    pen.line(xy(np.stack([a, b - way * tip * 0.8])), fill=color, width=width)
    pen.polygon(xy(np.stack([b, b - way * tip + side * tip * 0.5, b - way * tip - side * tip * 0.5])), fill=color)


def _flow(pen: ImageDraw.ImageDraw, rng: np.random.Generator, box: tuple[int, int], fills: list[Color]) -> None:
    w, h = box
    down = h > w * 0.9
    count = int(rng.integers(4, 7))
    tall = h * 0.86 / count * 0.55 if down else h * 0.16
    wide = w * (0.3 if down else 0.78 / count)
    spots = [
        (w * 0.4, h * (0.12 + 0.84 * (i + 0.4) / count)) if down else (w * (i + 0.5) / count, h * 0.45)
        for i in range(count)
    ]
    for first, last in pairwise(spots):
        if down:
            _arrow(pen, (first[0], first[1] + tall / 2), (last[0], last[1] - tall / 2))
        else:
            _arrow(pen, (first[0] + wide / 2, first[1]), (last[0] - wide / 2, last[1]))
    for index, (x, y) in enumerate(spots):
        shape = "oval" if index in (0, count - 1) else "diamond" if rng.random() < 0.35 else "square"
        if shape == "diamond" or (rng.random() < 0.3 and 0 < index < count - 1):
            side = (w * 0.8, y) if down else (x, h * 0.78)
            _arrow(
                pen,
                (x + wide * 0.55, y) if down else (x, y + tall * 0.6),
                (side[0] - wide / 2, y) if down else (x, side[1] - tall / 2),
            )
            _box(pen, rng, side[0], side[1], wide * 0.9, tall, fills[3], "square")
        _box(pen, rng, x, y, wide, tall, fills[0 if index in (0, count - 1) else 2 if shape == "diamond" else 1], shape)


def _tree(pen: ImageDraw.ImageDraw, rng: np.random.Generator, box: tuple[int, int], fills: list[Color]) -> None:
    w, h = box
    levels = [1, int(rng.integers(2, 4)), int(rng.integers(4, 7))]
    if rng.random() < 0.4:
        levels.append(levels[-1])
    rows = [
        [(w * (i + 0.5) / count, h * (0.16 + 0.72 * level / (len(levels) - 1))) for i in range(count)]
        for level, count in enumerate(levels)
    ]
    tall = h * 0.1
    for above, below in pairwise(rows):
        for index, (x, y) in enumerate(below):
            px, py = above[index * len(above) // len(below)]
            bend = (py + y) / 2
            pen.line([px, py, px, bend, x, bend, x, y], fill=(96, 100, 110), width=4)
    for level, row in enumerate(rows):
        for x, y in row:
            _box(
                pen,
                rng,
                x,
                y,
                min(w / len(row) * 0.8, w * 0.3),
                tall,
                fills[level % 4],
                "round" if fills[0][0] % 2 else "square",
            )


def _mind_map(pen: ImageDraw.ImageDraw, rng: np.random.Generator, box: tuple[int, int], fills: list[Color]) -> None:
    w, h = box
    middle = np.array([w / 2, h * 0.53])
    count = int(rng.integers(4, 8))
    for index in range(count):
        angle = 2 * np.pi * (index + 0.25) / count
        color = hsv(index / count + fills[0][0] / 255, 0.5, 0.92)
        spot = middle + np.array([np.cos(angle) * w * 0.34, np.sin(angle) * h * 0.34])
        bend = (middle + spot) / 2 + np.array([-np.sin(angle), np.cos(angle)]) * w * 0.04
        pen.line(
            xy(smooth(np.stack([middle, bend, spot]), closed=False)),
            fill=blend(color, INK, 0.2),
            width=8,
            joint="curve",
        )
        for side in (-1, 1):
            leaf = spot + np.array([np.cos(angle + side * 0.7) * w * 0.13, np.sin(angle + side * 0.7) * h * 0.13])
            pen.line(xy(np.stack([spot, leaf])), fill=color, width=4)
            pen.text((leaf[0], leaf[1]), words(rng, 1)[:7], INK, font(round(w * 0.024)), "mm")
        _box(pen, rng, spot[0], spot[1], w * 0.19, h * 0.1, color, "round")
    _box(pen, rng, middle[0], middle[1], w * 0.25, h * 0.16, fills[1], "oval")


def _cycle(pen: ImageDraw.ImageDraw, rng: np.random.Generator, box: tuple[int, int], fills: list[Color]) -> None:
    w, h = box
    count = int(rng.integers(3, 7))
    r, middle = min(w, h) * 0.32, np.array([w / 2, h * 0.54])
    big = min(w, h) * (0.24 if count < 5 else 0.19)
    for index in range(count):
        angle = 2 * np.pi * index / count - np.pi / 2
        turn = 2 * np.pi / count
        a, b = angle + turn * 0.36, angle + turn * 0.66
        _arrow(
            pen,
            tuple(middle + r * np.array([np.cos(a), np.sin(a)])),
            tuple(middle + r * np.array([np.cos(b), np.sin(b)])),
            width=7,
        )
        x, y = middle + r * np.array([np.cos(angle), np.sin(angle)])
        _box(
            pen,
            rng,
            x,
            y,
            big * 1.15,
            big * 0.85,
            hsv(fills[0][1] / 255 + index / count, 0.45, 0.95),
            pick(rng, ["oval", "oval", "round"]),
        )
    pen.text((middle[0], middle[1]), words(rng, 1).upper()[:8], (90, 90, 100), font(round(big * 0.24), "bold"), "mm")


def _layers(pen: ImageDraw.ImageDraw, rng: np.random.Generator, box: tuple[int, int], fills: list[Color]) -> None:
    w, h = box
    rows = int(rng.integers(3, 5))
    pitch = h * 0.84 / rows
    for row in range(rows):
        top = h * 0.12 + row * pitch
        back = blend(fills[row % 4], WHITE, 0.65)
        pen.rounded_rectangle(
            [w * 0.06, top, w * 0.94, top + pitch * 0.74], 14, fill=back, outline=blend(back, INK, 0.3), width=3
        )
        pen.text((w * 0.09, top + pitch * 0.1), words(rng, 1).title(), (90, 90, 96), font(round(pitch * 0.12)), "la")
        count = int(rng.integers(2, 5))
        for column in range(count):
            _box(
                pen,
                rng,
                w * (0.1 + 0.8 * (column + 0.5) / count),
                top + pitch * 0.46,
                w * 0.64 / count,
                pitch * 0.36,
                fills[row % 4],
            )
        if row + 1 < rows:
            for x in (0.35, 0.65):
                _arrow(pen, (w * x, top + pitch * 0.75), (w * x, top + pitch), width=5)


def screenshot_ui(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a phone's settings, chat or feed, a web page, an editor or an error window."""
    kind = pick(rng, ["phone", "phone", "web", "web", "editor", "error"])
    dark = rng.random() < 0.25
    paper, ink, soft = ((24, 26, 32), (232, 234, 240), (52, 56, 66)) if dark else (WHITE, (34, 36, 42), (232, 235, 240))
    width, height = extent(rng, size, 0.46, 0.58) if kind == "phone" else extent(rng, size, 1.3, 1.78)
    image, pen = sheet(width, height, paper)
    accent = vivid(rng)
    draw = {"phone": _phone, "web": _web, "editor": _editor, "error": _error}[kind]
    draw(image, pen, rng, (paper, ink, soft, accent))
    return shrink(image)


Theme = tuple[Color, Color, Color, Color]


def _phone(image: Image.Image, pen: ImageDraw.ImageDraw, rng: np.random.Generator, theme: Theme) -> None:
    paper, ink, soft, accent = theme
    w, h = image.size
    row = h / rng.uniform(11, 14)
    small, normal = font(round(row * 0.24)), font(round(row * 0.32))
    pen.text((w * 0.06, row * 0.3), f"{rng.integers(1, 12)}:{rng.integers(10, 59)}", ink, small, "lm")
    pen.rectangle([w * 0.84, row * 0.2, w * 0.93, row * 0.42], outline=ink, width=2)
    pen.rectangle([w * 0.84, row * 0.2, w * 0.9, row * 0.42], fill=ink)
    bar = accent if rng.random() < 0.5 else paper
    pen.rectangle([0, row * 0.6, w, row * 1.7], fill=bar)
    pen.text(
        (w / 2, row * 1.15),
        words(rng, 1).title(),
        WHITE if bar == accent else ink,
        font(round(row * 0.42), "bold"),
        "mm",
    )
    y, kind = row * 1.9, int(rng.integers(3))
    while y < h - row * 1.8:
        if kind == 0:
            pen.ellipse([w * 0.05, y + row * 0.18, w * 0.05 + row * 0.62, y + row * 0.8], fill=vivid(rng))
            pen.text((w * 0.22, y + row * 0.36), words(rng, 2)[:14].title(), ink, normal, "lm")
            pen.text((w * 0.22, y + row * 0.72), words(rng, 3)[:18], blend(ink, paper, 0.5), small, "lm")
            on = rng.random() < 0.5
            pen.rounded_rectangle(
                [w * 0.82, y + row * 0.3, w * 0.95, y + row * 0.7], row * 0.2, fill=accent if on else soft
            )
            knob = w * (0.92 if on else 0.85)
            pen.ellipse([knob - row * 0.16, y + row * 0.34, knob + row * 0.16, y + row * 0.66], fill=WHITE)
            pen.line([w * 0.05, y + row, w * 0.95, y + row], fill=soft, width=2)
            y += row
        elif kind == 1:
            mine = rng.random() < 0.5
            wide, tall = w * rng.uniform(0.35, 0.62), row * rng.choice([0.75, 1.2])
            left = w * 0.95 - wide if mine else w * 0.05
            pen.rounded_rectangle([left, y, left + wide, y + tall], row * 0.25, fill=accent if mine else soft)
            for line in range(round(tall / row)):
                pen.text(
                    (left + row * 0.25, y + row * (0.36 + 0.45 * line)),
                    words(rng, 3)[: int(wide / row * 2.9)],
                    WHITE if mine else ink,
                    small,
                    "lm",
                )
            y += tall + row * 0.25
        else:
            tall = row * 3.4
            picture = gradient(round(w * 0.9), round(tall * 0.68), [vivid(rng), pastel(rng)])
            image.paste(picture, (round(w * 0.05), round(y)))
            pen.text((w * 0.05, y + tall * 0.78), words(rng, 3)[:22].title(), ink, normal, "lm")
            pen.text((w * 0.05, y + tall * 0.9), words(rng, 4)[:26], blend(ink, paper, 0.5), small, "lm")
            y += tall * 1.04
    pen.rectangle([0, h - row * 1.1, w, h], fill=soft)
    for tab in range(4):
        x = w * (tab + 0.5) / 4
        pen.rounded_rectangle(
            [x - row * 0.25, h - row * 0.8, x + row * 0.25, h - row * 0.3],
            8,
            fill=accent if tab == 0 else blend(ink, soft, 0.6),
        )


def _window(pen: ImageDraw.ImageDraw, w: int, h: int, theme: Theme, rng: np.random.Generator) -> float:
    """Draw the title bar and return its height."""
    bar = h * 0.075
    pen.rectangle([0, 0, w, bar], fill=blend(theme[2], INK, 0.08))
    for index, color in enumerate(((255, 95, 86), (255, 189, 46), (39, 201, 63))):
        x = bar * (0.6 + 0.6 * index)
        pen.ellipse([x - bar * 0.17, bar * 0.33, x + bar * 0.17, bar * 0.67], fill=color)
    pen.rounded_rectangle([w * 0.2, bar * 0.2, w * 0.8, bar * 0.8], bar * 0.3, fill=theme[0])
    pen.text(
        (w * 0.23, bar * 0.5), f"www.{words(rng, 1)}.com", blend(theme[1], theme[0], 0.4), font(round(bar * 0.38)), "lm"
    )
    return bar


def _web(image: Image.Image, pen: ImageDraw.ImageDraw, rng: np.random.Generator, theme: Theme) -> None:
    _, ink, soft, accent = theme
    w, h = image.size
    top = _window(pen, w, h, theme, rng)
    nav = h * 0.08
    pen.text((w * 0.04, top + nav / 2), words(rng, 1).title(), accent, font(round(nav * 0.5), "bold"), "lm")
    for item in range(4):
        pen.text(
            (w * (0.55 + item * 0.11), top + nav / 2), words(rng, 1)[:6].title(), ink, font(round(nav * 0.28)), "lm"
        )
    hero = h * rng.uniform(0.18, 0.52)
    image.paste(
        gradient(w, round(hero), [accent, blend(accent, hsv(rng.random(), 0.6, 0.8), 0.6)]), (0, round(top + nav))
    )
    pen.text((w * 0.06, top + nav + hero * 0.34), words(rng, 2).title(), WHITE, font(round(hero * 0.2), "bold"), "lm")
    pen.text((w * 0.06, top + nav + hero * 0.56), words(rng, 4), WHITE, font(round(hero * 0.09)), "lm")
    pen.rounded_rectangle([w * 0.06, top + nav + hero * 0.68, w * 0.22, top + nav + hero * 0.88], 10, fill=WHITE)
    pen.text((w * 0.14, top + nav + hero * 0.78), "Start", accent, font(round(hero * 0.1), "bold"), "mm")
    y, count = top + nav + hero + h * 0.04, int(rng.integers(2, 6))
    for card in range(count):
        left, wide = w * (0.04 + 0.92 * card / count), w * 0.92 / count - w * 0.02
        pen.rounded_rectangle([left, y, left + wide, h * 0.96], 10, fill=soft)
        pen.rectangle([left + 8, y + 8, left + wide - 8, y + (h * 0.96 - y) * 0.45], fill=pastel(rng))
        for line in range(3):
            pen.text(
                (left + 12, y + (h * 0.96 - y) * (0.56 + 0.14 * line)),
                words(rng, 2)[: int(wide / h * 32)],
                ink,
                font(round(h * 0.026)),
                "lm",
            )


def _editor(image: Image.Image, pen: ImageDraw.ImageDraw, rng: np.random.Generator, theme: Theme) -> None:
    paper, ink, soft, accent = theme
    w, h = image.size
    top = _window(pen, w, h, theme, rng)
    pen.rectangle([0, top, w * 0.2, h], fill=soft)
    letters = font(round(h * 0.03), "mono")
    for row, y in enumerate(np.arange(top + h * 0.04, h - h * 0.04, h * 0.048)):
        if row < 12:
            pen.text((w * 0.025 + (row % 3) * w * 0.012, y), words(rng, 1)[:8], ink, font(round(h * 0.028)), "lm")
        pen.text((w * 0.22, y), f"{row + 1:2d}", blend(ink, paper, 0.6), letters, "lm")
        x = w * (0.27 + 0.03 * int(rng.integers(0, 4)))
        for _ in range(int(rng.integers(0, 6))):
            word = words(rng, 1)[:7]
            pen.text((x, y), word, pick(rng, (accent, ink, (80, 150, 90), (190, 110, 60))), letters, "lm")
            x += letters.getlength(word + " ")
            if x > w * 0.88:
                break


def _error(image: Image.Image, pen: ImageDraw.ImageDraw, rng: np.random.Generator, theme: Theme) -> None:
    _web(image, pen, rng, theme)
    w, h = image.size
    image.paste(Image.blend(image, Image.new("RGB", image.size, (20, 20, 26)), 0.45))
    left, top, right, bottom = w * 0.24, h * 0.3, w * 0.76, h * 0.72
    pen.rounded_rectangle([left, top, right, bottom], 14, fill=WHITE, outline=(150, 150, 160), width=2)
    pen.rectangle([left + 2, top + h * 0.02, right - 2, top + h * 0.08], fill=theme[3])
    pen.text(
        (left + w * 0.02, top + h * 0.045),
        pick(rng, ["Error", "Warning", "System"]),
        WHITE,
        font(round(h * 0.036), "bold"),
        "lm",
    )
    r, x, y = h * 0.055, left + w * 0.07, (top + bottom) / 2
    pen.ellipse([x - r, y - r, x + r, y + r], fill=(214, 50, 50))
    for side in (-1, 1):
        pen.line([x - r * 0.4, y - side * r * 0.4, x + r * 0.4, y + side * r * 0.4], fill=WHITE, width=7)
    for line in range(2):
        pen.text((x + r * 1.6, y - h * 0.025 + line * h * 0.05), words(rng, 3)[:24], INK, font(round(h * 0.032)), "lm")
    for button, text in enumerate(("Cancel", "OK")):
        x0 = right - w * (0.28 - 0.14 * button)
        pen.rounded_rectangle(
            [x0, bottom - h * 0.1, x0 + w * 0.12, bottom - h * 0.03],
            8,
            fill=(232, 235, 240) if button == 0 else theme[3],
        )
        pen.text((x0 + w * 0.06, bottom - h * 0.065), text, INK if button == 0 else WHITE, font(round(h * 0.03)), "mm")
