"""Papers with rows of text: tables, plain receipts and plain pages."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from beam_jobs.demo.draw.canvas import (
    INK,
    SUPERSAMPLE,
    WHITE,
    Color,
    blend,
    blur,
    extent,
    font,
    grain,
    hsv,
    noise,
    pick,
    sheet,
    shrink,
    words,
)

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat")


def plain_table(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a grid of cells: a timetable, a price list or numbers."""
    width, height = extent(rng, size, 0.8, 1.5)
    image, pen = sheet(width, height, WHITE if rng.random() < 0.8 else blend(WHITE, (255, 240, 205), 0.7))
    big_w, big_h = image.size
    columns, rows = int(rng.integers(3, 7)), int(rng.integers(5, 12))
    hue = rng.random()
    head, stripe = hsv(hue, rng.uniform(0.2, 0.7), rng.uniform(0.5, 0.95)), hsv(hue, 0.06, 0.97)
    line = blend(head, (90, 90, 90), 0.5) if rng.random() < 0.5 else (60, 60, 66)
    margin = big_w * 0.04
    top = margin
    if rng.random() < 0.6:
        letters = font(round(big_h * 0.055), pick(rng, ["bold", "serif_bold"]))
        pen.text((big_w / 2, margin * 1.6), words(rng, 2).title(), INK, letters, "mm")
        top = margin * 3.2
    shares = np.concatenate([[rng.uniform(0.8, 1.7)], np.ones(columns - 1)])
    x = margin + np.concatenate([[0.0], np.cumsum(shares) / shares.sum()]) * (big_w - 2 * margin)
    y = np.linspace(top, big_h - margin, rows + 1)
    letters_px = round(min((y[1] - y[0]) * 0.48, (x[2] - x[1]) / 5.2))
    plain, bold = font(letters_px), font(letters_px, "bold")
    kind, ruled, striped, side_head = int(rng.integers(3)), rng.random() < 0.75, rng.random() < 0.5, rng.random() < 0.4
    subjects = [(words(rng, 1)[:7].title(), hsv(rng.random(), 0.28, 0.97)) for _ in range(6)]
    for row in range(rows):
        for column in range(columns):
            box = (x[column], y[row], x[column + 1], y[row + 1])
            fill = head if row == 0 else stripe if (striped and row % 2) or (side_head and column == 0) else None
            if row == 0:
                text = pick(rng, list(_DAYS)) if kind == 0 and column == 0 else words(rng, 1)[:7].title()
                text = ("" if column == 0 else _DAYS[(column - 1) % 6]) if kind == 0 else text
            elif column == 0:
                text = f"{8 + row}:00" if kind == 0 else words(rng, 1)[:9].title() if kind == 1 else f"{row}"
            elif kind == 0:
                text, fill = subjects[int(rng.integers(6))]
                if rng.random() < 0.2:
                    text, fill = "", None
            else:
                text = f"{rng.integers(1, 99)},{rng.integers(100, 999)}" if kind == 1 else f"{rng.uniform(0, 100):.1f}"
            if fill is not None:
                pen.rectangle(box, fill=fill)
            color = INK if fill is None or sum(fill) > 400 else WHITE
            pen.text(((box[0] + box[2]) / 2, (box[1] + box[3]) / 2), text, color, bold if row == 0 else plain, "mm")
            if ruled:
                pen.rectangle(box, outline=line, width=2)
    if not ruled:
        for edge in y:
            pen.line([x[0], edge, x[-1], edge], fill=line, width=2)
    return shrink(image)


def plain_receipt(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a shop's receipt, flat or as a photograph on a desk."""
    photo = rng.random() < 0.65
    width, height = extent(rng, size, 0.5, 0.85) if photo else extent(rng, size, 0.42, 0.62)
    paper = blend(WHITE, (238, 234, 224), rng.random())
    slip_w, slip_h = round(width * (0.72 if photo else 1)), round(height * (0.86 if photo else 1))
    slip, pen = sheet(slip_w, slip_h, paper)
    w, h = slip.size
    step = round(min(w / 17, h / 26))
    mono, strong = font(round(step * 0.82), "mono"), font(round(step * 1.25), "bold")
    tint: Color = (52, 52, 62) if rng.random() < 0.8 else (70, 60, 130)
    y = step * 1.6
    pen.text(
        (w / 2, y),
        pick(rng, ["CAFE MORNING", "FRESH MART", "BOOK & BEAN", "SEOUL STORE", "CITY GRILL"]),
        tint,
        strong,
        "mm",
    )
    for text in (
        f"{words(rng, 1)} street {rng.integers(1, 200)}",
        f"TEL 02-{rng.integers(100, 999)}-{rng.integers(1000, 9999)}",
    ):
        y += step * 1.2
        pen.text((w / 2, y), text, tint, mono, "mm")
    dashes = "-" * 64

    def rule() -> None:
        nonlocal y
        y += step
        pen.text((step * 0.8, y), dashes[: int((w - step * 1.6) / mono.getlength("-"))], tint, mono, "lm")

    rule()
    total = 0
    while y < h - step * 10.5:
        y += step * 1.15
        price = int(rng.integers(10, 300)) * 100
        total += price
        pen.text((step * 0.8, y), words(rng, 1)[:9], tint, mono, "lm")
        pen.text((w * 0.6, y), str(rng.integers(1, 5)), tint, mono, "mm")
        pen.text((w - step * 0.8, y), f"{price:,}", tint, mono, "rm")
    rule()
    for name, value in (("SUBTOTAL", total * 10 // 11), ("VAT", total - total * 10 // 11)):
        y += step * 1.15
        pen.text((step * 0.8, y), name, tint, mono, "lm")
        pen.text((w - step * 0.8, y), f"{value:,}", tint, mono, "rm")
    y += step * 1.5
    pen.text((step * 0.8, y), "TOTAL", tint, strong, "lm")
    pen.text((w - step * 0.8, y), f"{total:,}", tint, strong, "rm")
    rule()
    left = w * 0.16
    while left < w * 0.84:
        bar = int(rng.integers(2, 7))
        pen.rectangle([left, y + step, left + bar, y + step * 2.6], fill=tint)
        left += bar + int(rng.integers(2, 7))
    pen.text((w / 2, y + step * 3.5), "THANK YOU", tint, mono, "mm")
    if not photo:
        return shrink(slip)
    return _on_desk(slip, rng, width, height)


def _on_desk(slip: Image.Image, rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """Lay a paper on a wooden or plain desk, slightly turned, with a shadow, as a camera sees it."""
    big = (width * SUPERSAMPLE, height * SUPERSAMPLE)
    base = np.asarray(hsv(rng.uniform(0.03, 0.12), rng.uniform(0.1, 0.6), rng.uniform(0.25, 0.7)), dtype=np.float64)
    streaks = noise(rng, big[0] // 4, big[1] // 4, cells=3, octaves=5)
    wood = 0.75 + 0.4 * np.sin(streaks * 18) * 0.25 + 0.3 * (streaks - 0.5)
    desk = Image.fromarray(np.clip(base * wood[..., None], 0, 255).astype(np.uint8)).resize(big)
    light = (noise(rng, *slip.size, cells=2, octaves=2)[..., None] * 0.25 + 0.82).clip(0, 1)
    slip = Image.fromarray((np.asarray(slip) * light).astype(np.uint8))
    turn = float(rng.uniform(-9, 9))
    mask = Image.new("L", slip.size, 255).rotate(turn, expand=True, resample=Image.Resampling.BILINEAR)
    turned = slip.rotate(turn, expand=True, resample=Image.Resampling.BICUBIC)
    at = ((big[0] - turned.width) // 2, (big[1] - turned.height) // 2)
    shadow = Image.new("L", big, 0)
    shadow.paste(mask, (at[0] + 10, at[1] + 12))
    desk = Image.composite(Image.new("RGB", big, (15, 12, 10)), desk, blur(shadow, 10).point(lambda level: level * 0.5))
    desk.paste(turned, at, mask)
    return grain(blur(shrink(desk), 0.4), rng, 4)


def plain_page(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a typeset page: an article, a letter, a worksheet or a form."""
    width, height = extent(rng, size, 0.68, 0.78)
    image, pen = sheet(width, height, WHITE if rng.random() < 0.7 else blend(WHITE, (246, 240, 224), rng.random()))
    w, h = image.size
    style, bold = ("serif", "serif_bold") if rng.random() < 0.6 else ("sans", "bold")
    step = round(h / rng.uniform(38, 56))
    margin = w * rng.uniform(0.07, 0.12)
    kind = pick(rng, ["article", "article", "letter", "worksheet", "form"])
    y = margin
    title = words(rng, int(rng.integers(2, 5))).title()
    big = font(round(step * 1.5), bold)
    pen.text(
        (w / 2 if kind != "letter" else margin, y),
        title[: int(w * 0.8 / step / 0.95)],
        INK,
        big,
        "ma" if kind != "letter" else "la",
    )
    y += step * 2.6
    text = font(round(step * 0.78), style)
    if kind == "form":
        _form(pen, rng, (margin, y, w - margin, h - margin), step, text)
        return shrink(image)
    columns = 2 if kind == "article" and rng.random() < 0.6 else 1
    if kind == "article":
        pen.text((w / 2, y), words(rng, 3).title(), (80, 80, 84), text, "ma")
        y += step * 2
    gap = w * 0.04
    wide = (w - 2 * margin - gap * (columns - 1)) / columns
    for column in range(columns):
        left, line = margin + column * (wide + gap), y
        number = 1
        while line < h - margin - step:
            if kind == "worksheet":
                pen.text((left, line), f"{number}. {words(rng, 5)}?", INK, text)
                pen.line(
                    [left + step, line + step * 2.6, left + wide, line + step * 2.6], fill=(140, 140, 140), width=2
                )
                line, number = line + step * 3.6, number + 1
                continue
            if rng.random() < 0.35 and kind == "article":
                pen.text((left, line), words(rng, 2).title(), INK, font(round(step * 0.9), bold))
                line += step * 1.3
            if columns == 2 and rng.random() < 0.12 and line < h - margin - step * 9:
                pen.rectangle([left, line, left + wide, line + step * 7], fill=hsv(rng.random(), 0.12, 0.88))
                line += step * 8
            for row in range(int(rng.integers(3, 9))):
                if line > h - margin - step:
                    break
                start = left + (step * 1.2 if row == 0 else 0)
                _justified(pen, rng, (start, line, left + wide), text)
                line += step
            line += step * 0.7
    pen.text((w / 2, h - margin * 0.55), str(rng.integers(1, 300)), (90, 90, 90), text, "mm")
    return grain(shrink(image), rng, 2) if rng.random() < 0.3 else shrink(image)


def _justified(
    pen: ImageDraw.ImageDraw, rng: np.random.Generator, span: tuple[float, float, float], text: ImageFont.FreeTypeFont
) -> None:
    """Write filler words from the left to the right end of a line."""
    left, top, right = span
    taken: list[str] = []
    room = right - left
    while True:
        word = words(rng, 1)
        if sum(text.getlength(item) for item in [*taken, word]) + len(taken) * text.size * 0.28 > room:
            break
        taken.append(word)
    free = room - sum(text.getlength(item) for item in taken)
    space = free / max(len(taken) - 1, 1)
    for word in taken:
        pen.text((left, top), word, INK, text)
        left += text.getlength(word) + space


def _form(
    pen: ImageDraw.ImageDraw,
    rng: np.random.Generator,
    box: tuple[float, float, float, float],
    step: int,
    text: ImageFont.FreeTypeFont,
) -> None:
    left, top, right, bottom = box
    pen.rectangle([right - step * 6, top, right, top + step * 7.5], outline=INK, width=2)
    pen.text((right - step * 3, top + step * 3.7), "photo", (150, 150, 150), text, "mm")
    y = top
    while y < bottom - step * 2:
        end = right - step * 7 if y < top + step * 7 else right
        tall = step * (2 if rng.random() < 0.8 else 5)
        if y + tall > bottom:
            break
        pen.rectangle([left, y, left + step * 6, y + tall], fill=(236, 238, 242), outline=INK, width=2)
        pen.rectangle([left, y, end, y + tall], outline=INK, width=2)
        pen.text((left + step * 0.5, y + step), words(rng, 1).title(), INK, text, "lm")
        if rng.random() < 0.35:
            for option in range(3):
                x = left + step * (7 + option * 5)
                if x + step * 4 < end:
                    pen.rectangle([x, y + step * 0.6, x + step * 0.8, y + step * 1.4], outline=INK, width=2)
                    pen.text((x + step * 1.2, y + step), words(rng, 1)[:6], INK, text, "lm")
        y += tall
