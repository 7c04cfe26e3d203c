"""document_page: papers, letters, forms, books, newspapers, typescripts and slides, as files, scans or photographs."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import INK, WHITE, blend, extent, font, noise, pick, sheet, shrink, vivid, words
from beam_jobs.demo.draw.captures import capture
from beam_jobs.demo.draw.lettering import phrase, put
from beam_jobs.demo.draw.papers import plain_page
from beam_jobs.demo.draw.typesetting import figure, prose

_SERIFS = ("serif", "times", "roman", "times", "roman", "sans", "plain")
_BOLD = {
    "serif": "serif_bold",
    "times": "times_bold",
    "roman": "heavy",
    "sans": "bold",
    "plain": "bold",
    "mono": "mono",
}


def _page(
    rng: np.random.Generator, size: int, low: float = 0.64, high: float = 0.8
) -> tuple[Image.Image, ImageDraw.ImageDraw, tuple[int, int], str, float]:
    width, height = extent(rng, size, low, high)
    image, pen = sheet(width, height, WHITE)
    style = pick(rng, _SERIFS)
    return image, pen, image.size, style, image.size[1] / rng.uniform(48, 85)


def paper(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a page of a paper or a report: one to three columns, headings, figures, tables, formulas, notes."""
    image, pen, (w, h), style, px = _page(rng, size)
    edge, korean = w * rng.uniform(0.06, 0.14), rng.random() < 0.25
    y = edge
    if rng.random() < 0.45:
        for k in range(int(rng.integers(1, 3))):
            put(
                pen,
                (w / 2, y + k * px * 2),
                phrase(rng, 5, korean=korean).title(),
                INK,
                round(px * 1.7),
                style=_BOLD[style],
                anchor="mm",
            )
        y += px * 5
        pen.text((w / 2, y), words(rng, 4).title(), INK, font(round(px), style), "mm")
        y += px * 2
        if rng.random() < 0.6:
            prose(pen, rng, (edge * 1.8, y, w - edge * 1.8, y + px * 10), px * 0.9, style, korean=korean)
            y += px * 12
    elif rng.random() < 0.5:
        pen.text((edge, edge * 0.5), words(rng, 4).upper(), INK, font(round(px * 0.8), style), "lm")
        pen.text((w - edge, edge * 0.5), str(rng.integers(1, 900)), INK, font(round(px * 0.8), style), "rm")
    columns = int(rng.choice([1, 1, 2, 2, 2, 3]))
    gap = w * 0.035
    wide = (w - 2 * edge - gap * (columns - 1)) / columns
    for c in range(columns):
        left, line = edge + c * (wide + gap), y
        while line < h - edge - px * 3:
            kind = rng.random()
            if kind < 0.3:
                put(
                    pen,
                    (left, line + px),
                    f"{rng.integers(1, 7)} {phrase(rng, 2, korean=korean).title()}",
                    INK,
                    round(px * 1.2),
                    style=_BOLD[style],
                )
                line += px * 2.4
            elif kind < 0.5 and line + h * 0.2 < h - edge:
                tall = h * rng.uniform(0.06, 0.2)
                figure(image, pen, rng, (left + wide * 0.08, line + px, left + wide * 0.92, line + tall - px))
                pen.text(
                    (left, line + tall),
                    f"Figure {rng.integers(1, 9)}: {words(rng, 3)}",
                    INK,
                    font(round(px * 0.85), style),
                )
                line += tall + px * 2
            stop = min(line + h * rng.uniform(0.08, 0.4), h - edge)
            prose(pen, rng, (left, line, left + wide, stop), px, style, korean=korean)
            line = stop + px * 0.6
    return shrink(image)


def letter(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a business letter, a contract with clauses or a short notice."""
    image, pen, (w, h), style, px = _page(rng, size)
    edge, px = w * rng.uniform(0.09, 0.16), px * 1.15
    korean = rng.random() < 0.3
    y = edge
    if rng.random() < 0.5:
        tone = vivid(rng)
        pen.ellipse([edge, y - px * 2, edge + px * 4, y + px * 2], fill=tone)
        put(pen, (edge + px * 5, y), phrase(rng, 2, korean=korean).upper(), tone, round(px * 2), style="bold")
        pen.line([edge, y + px * 3, w - edge, y + px * 3], fill=tone, width=3)
        y += px * 5
    for _ in range(int(rng.integers(0, 5))):
        put(pen, (edge, y), phrase(rng, 3, korean=korean).title(), INK, round(px), style=style)
        y += px * 1.4
    put(
        pen,
        (pick(rng, (edge, w * 0.4)), y + px),
        phrase(rng, 4, korean=korean).upper(),
        INK,
        round(px * 1.2),
        style=_BOLD[style],
    )
    y += px * 3.5
    for k in range(int(rng.integers(2, 9))):
        stop = y + px * rng.uniform(3, 9)
        if stop > h - edge - px * 8:
            break
        numbered = rng.random() < 0.4
        if numbered:
            pen.text((edge, y), f"{k + 1}.", INK, font(round(px), style))
        prose(
            pen,
            rng,
            (edge + px * 2 * numbered, y, w - edge, stop),
            px,
            style,
            korean=korean,
            justify=rng.random() < 0.5,
        )
        y = stop + px
    x = pick(rng, (edge, w * 0.55))
    sign = np.cumsum(rng.normal(0, 1, (14, 2)), axis=0) * px * 0.5
    pen.line(
        [(x + px * 2 + k * px * 0.5, y + px * 2 + float(v[1])) for k, v in enumerate(sign)], fill=(30, 40, 120), width=3
    )
    pen.line([x, y + px * 4, x + w * 0.3, y + px * 4], fill=INK, width=2)
    pen.text((x, y + px * 4.5), words(rng, 2).title(), INK, font(round(px), style))
    return shrink(image)


def typescript(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a page from a typewriter: uneven ink, wide lines, corrections, a stamp."""
    image, pen, (w, h), _, _ = _page(rng, size, 0.64, 0.9)
    px, edge = w / rng.uniform(38, 75), w * rng.uniform(0.07, 0.16)
    letters, lead = font(round(px * 1.6), "mono"), px * rng.uniform(2.0, 3.6)
    ink = pick(rng, (INK, (50, 50, 56), (60, 50, 80), (40, 60, 110)))
    y = edge * rng.uniform(0.6, 2)
    while y < h - edge:
        if rng.random() < 0.12:
            y += lead
            continue
        x, stop = edge + px * rng.choice([0, 0, 0, 5, 12]), w - edge * rng.uniform(0.5, 1.5)
        if rng.random() < 0.15:
            stop = x + (stop - x) * rng.uniform(0.2, 0.8)
        while x < stop:
            word = words(rng, 1)
            if rng.random() < 0.06:
                word = pick(rng, ("xxxxxx", word.upper(), f"{rng.integers(1, 1950)}"))
            tone = blend(ink, WHITE, rng.uniform(0, 0.35))
            pen.text((x, y + rng.normal(0, px * 0.05)), word, tone, letters)
            x += letters.getlength(word + " ")
        y += lead
    if rng.random() < 0.4:
        x, y, r = rng.uniform(0.2, 0.8) * w, rng.uniform(0.1, 0.9) * h, w * rng.uniform(0.06, 0.12)
        pen.ellipse([x - r, y - r, x + r, y + r], outline=pick(rng, ((130, 40, 60), (50, 60, 140))), width=4)
    return capture(rng, shrink(image), ("aged", "aged", "aged", "scan", "scan", "copy", "close", "flat"))


def newspaper(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a newspaper's or magazine's page: large headlines, pictures, narrow columns."""
    image, pen, (w, h), style, px = _page(rng, size, 0.62, 0.95)
    px, edge, y = px * 0.85, w * 0.03, h * 0.02
    if rng.random() < 0.6:
        pen.text((w / 2, h * 0.05), f"The {words(rng, 1).title()}", INK, font(round(h * 0.06), "serif_bold"), "mm")
        pen.line([edge, h * 0.09, w - edge, h * 0.09], fill=INK, width=3)
        y = h * 0.1
    columns = int(rng.integers(3, 7))
    wide = (w - 2 * edge) / columns
    free = np.full(columns, y)
    while free.min() < h - px * 8:
        c = int(free.argmin())
        span = int(rng.integers(1, columns - c + 1))
        while span > 1 and np.ptp(free[c : c + span]) > px * 3:
            span -= 1
        a, b, top = edge + c * wide, edge + (c + span) * wide - wide * 0.08, float(free[c : c + span].max())
        big = min((b - a) / 9, h * 0.045)
        for _ in range(int(rng.integers(1, 3))):
            pen.text(
                (a, top),
                words(rng, 3).capitalize()[: int((b - a) / big * 1.7)],
                INK,
                font(round(big), pick(rng, ("serif_bold", "times_bold", "bold"))),
            )
            top += big * 1.2
        if rng.random() < 0.5:
            tall = (b - a) * rng.uniform(0.4, 0.8)
            field = noise(rng, max(round(b - a), 4), max(round(tall), 4), cells=5, octaves=4)
            image.paste(Image.fromarray((field * 255).astype(np.uint8)), (round(a), round(top)))
            top += tall + px
        stop = min(top + h * rng.uniform(0.1, 0.4), h - edge)
        for k in range(span):
            prose(pen, rng, (a + k * wide, top, a + (k + 0.92) * wide, stop), px, style if style != "mono" else "serif")
        free[c : c + span] = stop + px
    return shrink(image)


def form(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a form: ruled fields with small labels, check boxes, sections in bars, some filled in."""
    image, pen, (w, h), style, px = _page(rng, size, 0.6, 1.3)
    edge, y = w * 0.05, h * 0.04
    tone, korean = pick(rng, (INK, vivid(rng))), rng.random() < 0.3
    put(pen, (w / 2, y), phrase(rng, 3, korean=korean).upper(), INK, round(px * 1.6), style="bold", anchor="mm")
    y += px * 2.5
    boxed = rng.random() < 0.6
    while y < h - px * 5:
        if rng.random() < 0.2:
            pen.rectangle([edge, y, w - edge, y + px * 1.6], fill=blend(tone, WHITE, rng.choice([0.0, 0.8])))
            put(
                pen,
                (edge + px, y + px * 0.8),
                phrase(rng, 2, korean=korean).title(),
                WHITE if rng.random() < 0.5 else INK,
                round(px),
                style="bold",
            )
            y += px * 1.9
        elif rng.random() < 0.2:
            stop = y + px * rng.uniform(2.5, 6)
            prose(pen, rng, (edge, y, w - edge, min(stop, h - edge)), px * 0.8, style, korean=korean)
            y = stop + px * 0.5
        count, tall = int(rng.integers(1, 5)), px * rng.uniform(2, 3.2)
        for k in range(count):
            a, b = edge + (w - 2 * edge) * k / count, edge + (w - 2 * edge) * (k + 1) / count
            put(
                pen,
                (a + px * 0.4, y + px * 0.5),
                phrase(rng, 1, korean=korean).title(),
                INK,
                round(px * 0.75),
                style=style,
            )
            if boxed:
                pen.rectangle([a, y, b, y + tall], outline=INK, width=2)
            else:
                pen.line([a, y + tall - px * 0.3, b - px, y + tall - px * 0.3], fill=INK, width=2)
            if rng.random() < 0.4:
                pen.text(
                    (a + px, y + tall * 0.65),
                    words(rng, 1).upper(),
                    (30, 40, 110),
                    font(round(px), pick(rng, ("mono", "sans"))),
                    "lm",
                )
            elif rng.random() < 0.3:
                for q in range(3):
                    x = a + px * (1 + q * 3.5)
                    pen.rectangle([x, y + tall * 0.5, x + px, y + tall * 0.5 + px], outline=INK, width=2)
        y += tall
    return shrink(image)


def slide(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a slide with a title and points, or the cover of a report."""
    width, height = extent(rng, size, 1.3, 1.78) if rng.random() < 0.6 else extent(rng, size, 0.68, 0.78)
    image, pen = sheet(width, height)
    w, h = image.size
    tone, s = vivid(rng), min(w, h)
    pen.rectangle([0, 0, w, h * rng.uniform(0, 0.16)], fill=tone)
    put(pen, (w * 0.06, h * 0.2), phrase(rng, 3).title(), INK, round(s * 0.07), style="bold")
    y = h * 0.32
    while y < h * 0.86:
        pen.ellipse([w * 0.07, y - 6, w * 0.07 + 12, y + 6], fill=tone)
        put(pen, (w * 0.1, y), phrase(rng, int(rng.integers(2, 6))), INK, round(s * 0.04), style="sans")
        y += s * rng.uniform(0.07, 0.12)
    if rng.random() < 0.5:
        figure(image, pen, rng, (w * 0.62, h * 0.4, w * 0.94, h * 0.8))
    return shrink(image)


_KINDS: tuple[Callable[[np.random.Generator, int], Image.Image], ...] = (
    plain_page, plain_page, paper, paper, paper, letter, letter, typescript, typescript, typescript, newspaper, form, form,
    slide,
)  # fmt: skip


def document_page(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a page of one of many kinds."""
    image = pick(rng, _KINDS)(rng, size)
    if rng.random() < 0.12:
        other = pick(rng, (paper, letter))(rng, size).resize(image.size)
        both = Image.new("RGB", (image.width * 2, image.height), WHITE)
        both.paste(image, (0, 0))
        both.paste(other, (image.width, 0))
        image = both.resize((size, max(round(size * both.height / both.width), 16)), Image.Resampling.LANCZOS)
    return capture(rng, image, ("flat",) * 7 + ("scan", "scan", "copy", "aged", "desk", "close"))
