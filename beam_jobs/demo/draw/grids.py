"""table: many kinds of rows and columns, as files, scans and photographs."""

import numpy as np
from PIL import Image

from beam_jobs.demo.draw.canvas import (
    INK,
    WHITE,
    Color,
    blend,
    extent,
    font,
    hsv,
    pastel,
    pick,
    sheet,
    shrink,
    vivid,
    words,
)
from beam_jobs.demo.draw.captures import capture
from beam_jobs.demo.draw.lettering import fit, phrase, put
from beam_jobs.demo.draw.papers import plain_table

_BOLD = {
    "sans": "bold",
    "serif": "serif_bold",
    "times": "times_bold",
    "plain": "bold",
    "mono": "mono",
    "roman": "heavy",
}


def _cell(rng: np.random.Generator, kind: str) -> str:
    """Return a value as a column of a kind holds it."""
    return {
        "name": lambda: phrase(rng, int(rng.integers(1, 3))).title(),
        "text": lambda: words(rng, int(rng.integers(2, 6))),
        "count": lambda: f"{rng.integers(0, 9999):,}",
        "real": lambda: f"{rng.normal(0, 50):.{rng.integers(1, 4)}f}",
        "money": lambda: f"${rng.uniform(1, 9999):,.2f}",
        "share": lambda: f"{rng.uniform(0, 100):.1f}%",
        "date": lambda: f"20{rng.integers(10, 26)}-{rng.integers(1, 13):02d}-{rng.integers(1, 29):02d}",
        "time": lambda: f"{rng.integers(5, 24)}:{rng.integers(0, 60):02d}",
        "mark": lambda: pick(rng, ("yes", "no", "x", "-", "")),
    }[kind]()


def grid(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a table: a renderer's manner of rules, bands, spanners, groups, notes, tinted or barred cells."""
    width, height = extent(rng, size, 0.55, 2.8)
    dark = rng.random() < 0.07
    paper: Color = (30, 32, 38) if dark else pick(rng, (WHITE, WHITE, WHITE, blend(pastel(rng), WHITE, 0.5)))
    ink = (226, 228, 232) if dark else pick(rng, (INK, INK, (51, 51, 51), (90, 90, 100)))
    image, pen = sheet(width, height, paper)
    w, h = image.size
    style = pick(rng, ("sans", "sans", "plain", "serif", "times", "mono", "roman"))
    px = min(h / rng.uniform(12, 34), w / rng.uniform(20, 60))
    pitch, edge = px * rng.uniform(1.5, 2.8), w * rng.choice([0.0, 0.02, 0.08])
    tone = vivid(rng)
    soft = blend(paper, ink, 0.25)
    x = edge + np.concatenate(
        [[0], np.cumsum(rng.uniform(0.6, 1.5, max(int((w - 2 * edge) / px / rng.uniform(5, 10)), 2)))]
    )
    x = edge + (x - edge) / (x[-1] - edge) * (w - 2 * edge)
    kinds = ["name", *(pick(rng, ("count", "real", "money", "share", "date", "time", "text", "mark", "count", "real"))
                       for _ in range(len(x) - 2))]  # fmt: skip
    if rng.random() < 0.35:
        kinds[1:] = [pick(rng, ("real", "count", "time"))] * (len(kinds) - 1)
    rules = pick(rng, ("all", "all", "rows", "rows", "heads", "none", "columns"))
    head = pick(rng, (None, None, blend(tone, WHITE, 0.7), tone, blend(paper, ink, 0.1)))
    heat, striped, grouped = rng.random() < 0.2, rng.random() < 0.35, rng.random() < 0.3
    y = edge
    if rng.random() < 0.55:
        where, anchor = pick(rng, ((w / 2, "mm"), (edge + px, "lm")))
        title = phrase(rng, 3).title()
        put(
            pen,
            (where, y + px * 1.2),
            title,
            ink,
            fit(title, w * 0.9, round(px * 1.5)),
            style=_BOLD[style],
            anchor=anchor,
        )
        y += px * 2.4
        if rng.random() < 0.6:
            put(pen, (where, y + px * 0.3), words(rng, 5), ink, round(px * 0.9), style=style, anchor=anchor)
            y += px * 1.4
    top = y
    if rng.random() < 0.3 and len(kinds) > 3:
        cut = int(rng.integers(1, len(kinds) - 1))
        pen.text(((x[cut] + x[-1]) / 2, y + pitch / 2), words(rng, 1).title(), ink, font(round(px), style), "mm")
        pen.line([x[cut] + px, y + pitch * 0.9, x[-1] - px, y + pitch * 0.9], fill=soft, width=2)
        y += pitch
    stop, row = h - edge - (px * 2.5 if rng.random() < 0.3 else 0), 0
    while y + pitch <= stop:
        fill = head if row == 0 else None
        if row and grouped and rng.random() < 0.12:
            pen.rectangle([x[0], y, x[-1], y + pitch], fill=blend(paper, tone, 0.15))
            put(pen, (x[0] + px * 0.5, y + pitch / 2), phrase(rng, 1).title(), ink, round(px), style=_BOLD[style])
            pen.line([x[0], y + pitch, x[-1], y + pitch], fill=soft, width=2)
            y, row = y + pitch, row + 1
            continue
        if row and striped and row % 2:
            fill = blend(paper, tone if rng.random() < 0.5 else ink, 0.08)
        if fill:
            pen.rectangle([x[0], y, x[-1], y + pitch], fill=fill)
        for c, kind in enumerate(kinds):
            a, b = x[c], x[c + 1]
            if heat and row and kind in ("count", "real", "share"):
                shade = blend(paper, hsv(0.33 * rng.random() if style == "sans" else 0.6, 0.7, 0.9), rng.random())
                pen.rectangle([a, y, b, y + pitch], fill=shade)
            elif row and kind == "share" and grouped:
                pen.rectangle(
                    [a + 4, y + pitch * 0.2, a + 4 + (b - a - 8) * rng.random(), y + pitch * 0.8],
                    fill=blend(tone, WHITE, 0.3),
                )
            text = words(rng, 1).title() if row == 0 else _cell(rng, kind)
            face = _BOLD[style] if row == 0 or (c == 0 and grouped) else style
            number = kind in ("count", "real", "money", "share")
            at, anchor = (
                (b - px * 0.4, "rm")
                if number
                else ((a + b) / 2, "mm")
                if kind in ("mark", "time")
                else (a + px * 0.4, "lm")
            )
            tint = WHITE if fill and sum(fill) < 330 else ink
            put(
                pen,
                (at, y + pitch / 2),
                text,
                tint,
                fit(text, b - a - px * 0.6, round(px), face),
                style=face,
                anchor=anchor,
            )
        y += pitch
        if rules in ("all", "rows") or (rules == "heads" and row == 0):
            pen.line([x[0], y, x[-1], y], fill=ink if rules == "all" or row == 0 else soft, width=2)
        row += 1
    if rules in ("all", "columns"):
        for at in x:
            pen.line([at, top, at, y], fill=ink if rules == "all" else soft, width=2)
    for at in (top, y):
        pen.line([x[0], at, x[-1], at], fill=ink, width=int(rng.integers(2, 6)))
    if y + px * 2 < h:
        pen.text((edge + px * 0.5, y + px * 1.2), "* " + words(rng, 6), ink, font(round(px * 0.8), style), "lm")
    return shrink(image)


def spreadsheet(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw cells with lettered columns and numbered rows, some of them filled."""
    width, height = extent(rng, size, 0.9, 2.0)
    image, pen = sheet(width, height)
    w, h = image.size
    pitch, wide = h / rng.uniform(12, 28), w / rng.uniform(5, 11)
    left, tint = pitch * 1.5, pick(rng, ((230, 232, 234), (200, 220, 240)))
    pen.rectangle([0, 0, w, pitch], fill=tint)
    pen.rectangle([0, 0, left, h], fill=tint)
    letters, head = font(round(pitch * 0.55), pick(rng, ("sans", "plain"))), pastel(rng)
    rows, columns = int(rng.integers(4, int(h / pitch) + 4)), int(rng.integers(3, 12))
    for r in range(int(h / pitch) + 1):
        y = pitch * (r + 1)
        pen.text((left / 2, y + pitch / 2), str(r + 1), (90, 90, 96), letters, "mm")
        for c in range(int(w / wide) + 1):
            x = left + wide * c
            if r == 0:
                pen.text((x + wide / 2, pitch / 2), chr(65 + c), (90, 90, 96), letters, "mm")
            if r == 0 or rng.random() < 0.02:
                pen.rectangle([x, y, x + wide, y + pitch], fill=head)
            if r < rows and c < columns:
                kind = "name" if c == 0 or r == 0 else ("count", "money", "date", "share")[c % 4]
                text = words(rng, 1).title() if kind == "name" else _cell(rng, kind)
                at, anchor = (x + 5, "lm") if kind == "name" else (x + wide - 5, "rm")
                pen.text((at, y + pitch / 2), text, INK, font(min(round(pitch * 0.6), round(wide / 6.5))), anchor)
            pen.rectangle([x, y, x + wide, y + pitch], outline=(206, 208, 212))
    return shrink(image)


def table(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a table of one of many kinds."""
    draw = pick(rng, (plain_table, plain_table, grid, grid, grid, grid, grid, grid, spreadsheet))
    return capture(rng, draw(rng, size), ("flat",) * 10 + ("scan", "copy", "desk", "close"))
