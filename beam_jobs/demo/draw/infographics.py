"""Diagrams with icons and areas: cloud architectures, BPMN lanes, infographics, Venn, pyramid, timeline, sankey."""

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
    hsv,
    pastel,
    pick,
    sheet,
    shrink,
    vivid,
    words,
    xy,
)  # fmt: skip
from beam_jobs.demo.draw.graphs import Look, link, look_of, node, route, write
from beam_jobs.demo.draw.iconset import icon


def architecture(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw services as icons with names in dashed group boxes, joined by arrows."""
    width, height = extent(rng, size, 0.8, 2.1)
    w, h = width * 2, height * 2
    look = look_of(rng, min(w, h))
    image, pen = sheet(width, height, look.paper)
    columns, rows = int(rng.integers(3, 6)), int(rng.integers(2, 5))
    r = min(w / columns, h / rows) * rng.uniform(0.13, 0.24)
    for _ in range(int(rng.integers(1, 4))):
        c, q = int(rng.integers(columns - 1)), int(rng.integers(rows))
        c2, q2 = int(rng.integers(c + 1, columns + 1)), int(rng.integers(q + 1, rows + 1))
        box = [w * (c + 0.05) / columns, h * (q + 0.04) / rows, w * (c2 - 0.05) / columns, h * (q2 - 0.04) / rows]
        tone = vivid(rng)
        if rng.random() < 0.5:
            pen.rectangle(box, fill=blend(look.paper, tone, rng.uniform(0.05, 0.2)))
        ring = np.array([(box[0], box[1]), (box[2], box[1]), (box[2], box[3]), (box[0], box[3]), (box[0], box[1])])
        edge = Look(look.paper, tone, look.fills, look.line, 0, look.kind, 0, look.text)
        link(pen, rng, ring, edge, "none", dashed=bool(rng.random() < 0.7))
        write(pen, (box[0] + 8, box[1] + look.text * 0.8), words(rng, 2).title(), edge, 0.8, "lm")
    spots = [(w * (c + 0.5) / columns, h * (q + 0.45) / rows) for q in range(rows) for c in range(columns)]
    spots = [s for s in spots if rng.random() < 0.8] or spots
    for k in range(len(spots)):
        a, b = spots[k], spots[(k + int(rng.choice([1, 1, 2, columns]))) % len(spots)]
        if abs(a[0] - b[0]) + abs(a[1] - b[1]) < w * 0.6:
            way = np.array([a, b], dtype=float)
            step = (way[1] - way[0]) / max(float(np.hypot(*(way[1] - way[0]))), 1e-6) * r * 1.4
            link(pen, rng, way + np.stack([step, -step]), look, "arrow", dashed=bool(rng.random() < 0.3))
    tones = [vivid(rng)] if rng.random() < 0.4 else [vivid(rng) for _ in range(5)]
    for x, y in spots:
        pen.rectangle([x - r, y - r, x + r, y + r * 2.1], fill=look.paper)
        icon(pen, rng, x, y, r, pick(rng, tones))
        write(pen, (x, y + r * 1.6), words(rng, int(rng.integers(1, 3))).title(), look, 0.75)
    return shrink(image)


def lanes(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a process in lanes as BPMN does: events, tasks, gateways."""
    width, height = extent(rng, size, 1.1, 3.0)
    w, h = width * 2, height * 2
    look = look_of(rng, min(w, h))
    image, pen = sheet(width, height, look.paper)
    count, steps = int(rng.integers(1, 4)), int(rng.integers(4, 9))
    head = h * 0.05
    for k in range(count):
        box = [w * 0.02, h * (0.03 + 0.94 * k / count), w * 0.98, h * (0.03 + 0.94 * (k + 1) / count)]
        if count > 1 or rng.random() < 0.5:
            pen.rectangle(box, outline=look.ink, width=look.line)
            pen.line([w * 0.02 + head, box[1], w * 0.02 + head, box[3]], look.ink, look.line)
            name = Image.new("L", (round(h / count * 0.9), round(head)), 0)
            ImageDraw.Draw(name).text(
                (name.width / 2, name.height / 2), words(rng, 1), 255, font(round(head * 0.6)), "mm"
            )
            name = name.rotate(90, expand=True)
            image.paste(look.ink, (round(w * 0.02), round(box[1])), name)
    spots = []
    for k in range(steps):
        lane = int(rng.integers(count))
        spots.append(
            (w * (0.1 + 0.87 * (k + 0.5) / steps), h * (0.03 + 0.94 * (lane + rng.uniform(0.35, 0.65)) / count))
        )
    half = min(w / steps * 0.36, h / count * 0.3)
    for a, b in pairwise(spots):
        bend = (a[0] + b[0]) / 2
        way = np.array([a, (bend, a[1]), (bend, b[1]), (b[0] - half, b[1])])
        link(pen, rng, way, look)
    for k, (x, y) in enumerate(spots):
        kind = 0 if k in (0, steps - 1) else int(rng.choice([1, 1, 1, 2]))
        if kind == 0:
            r = half * 0.5
            pen.ellipse([x - r, y - r, x + r, y + r], look.fills[0], look.ink, look.line * (1 if k == 0 else 3))
            write(pen, (x, y + r + look.text * 0.7), words(rng, 1), look, 0.7)
        elif kind == 1:
            node(pen, rng, (x - half, y - half * 0.65, x + half, y + half * 0.65), look)
        else:
            r = half * 0.6
            node(pen, rng, (x - r, y - r, x + r, y + r), look, "diamond", pick(rng, ("X", "+", "O")))
            if rng.random() < 0.7:
                way = np.array([(x, y + r), (x, y + h / count * 0.32), (x + w / steps, y + h / count * 0.32)])
                link(pen, rng, way, look)
    return shrink(image)


def _title(pen: ImageDraw.ImageDraw, rng: np.random.Generator, w: float, h: float, tone: Color) -> float:
    """Write a large title, maybe with a line below; returns where the rest begins."""
    large = h * rng.uniform(0.05, 0.09)
    left = rng.random() < 0.4
    text = words(rng, int(rng.integers(2, 5))).title()
    letters = font(round(min(large, w / len(text) * 1.5)), pick(rng, ("bold", "serif_bold", "heavy")))
    pen.text((w * 0.05 if left else w / 2, h * 0.07), text, tone, letters, "lm" if left else "mm")
    if rng.random() < 0.6:
        pen.text((w * 0.05 if left else w / 2, h * 0.13), words(rng, 6), blend(tone, WHITE, 0.3), font(round(large * 0.4)),
                 "lm" if left else "mm")  # fmt: skip
    return h * 0.18


def _words_block(
    pen: ImageDraw.ImageDraw, rng: np.random.Generator, at: tuple[float, float], wide: float, px: float, ink: Color
) -> None:
    letters = font(round(px))
    pen.text(at, words(rng, 2).title()[: int(wide / px * 1.6)], ink, font(round(px * 1.25), "bold"), "la")
    for k in range(int(rng.integers(1, 5))):
        pen.text((at[0], at[1] + px * (1.7 + 1.25 * k)), words(rng, 8)[: int(wide / px * 1.75)], ink, letters, "la")


def infographic(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a poster or slide: a title and blocks of icons with text in cards, steps, a ring or two columns."""
    width, height = extent(rng, size, 0.5, 1.8)
    dark = rng.random() < 0.2
    paper = pick(rng, ((20, 30, 54), (28, 28, 32))) if dark else pick(rng, (WHITE, (248, 245, 236), pastel(rng)))
    ink = (236, 238, 242) if dark else pick(rng, (INK, (30, 50, 90), (70, 60, 50)))
    image, pen = sheet(width, height, paper)
    w, h = image.size
    top = _title(pen, rng, w, h, ink)
    hue = rng.random()
    tones = [hsv(hue + k * rng.choice([0.08, 0.17]), rng.uniform(0.4, 0.85), rng.uniform(0.5, 0.95)) for k in range(6)]
    columns = max(int(rng.integers(1, 5)) if w > h else int(rng.integers(1, 4)), 1)
    rows = int(rng.integers(1, 4)) if w > h else int(rng.integers(2, 6))
    carded, arrows, big = rng.random() < 0.6, rng.random() < 0.4, rng.random() < 0.4
    cw, ch = w * 0.94 / columns, (h * 0.97 - top) / rows
    for r in range(rows):
        for c in range(columns):
            x, y, tone = w * 0.03 + cw * c, top + ch * r, tones[(r * columns + c) % 6]
            if carded:
                pen.rounded_rectangle([x + cw * 0.03, y + ch * 0.04, x + cw * 0.97, y + ch * 0.96], 14,
                                      fill=blend(tone, paper, rng.choice([0.85, 0.8, 0.0]) if big else 0.85),
                                      outline=tone if rng.random() < 0.5 else None, width=3)  # fmt: skip
            size_of = min(cw * 0.2, ch * 0.25)
            wide = cw > ch * 1.3
            ix, iy = (x + cw * 0.08 + size_of, y + ch / 2) if wide else (x + cw / 2, y + ch * 0.1 + size_of)
            if rng.random() < 0.4:
                pen.ellipse([ix - size_of * 1.1, iy - size_of * 1.1, ix + size_of * 1.1, iy + size_of * 1.1],
                            fill=blend(tone, WHITE, 0.6))  # fmt: skip
            if rng.random() < 0.2:
                pen.text((ix, iy), f"{rng.integers(1, 99)}%", tone, font(round(size_of * 0.9), "bold"), "mm")
            else:
                icon(pen, rng, ix, iy, size_of * 0.75, tone)
            at = (ix + size_of * 1.3, y + ch * 0.2) if wide else (x + cw * 0.1, iy + size_of * 1.2)
            px = min(cw / (22 if wide else 16), ch / 9)
            _words_block(pen, rng, at, x + cw * 0.95 - at[0], px, ink)
            if arrows and c + 1 < columns:
                ax, ay, q = x + cw, y + ch / 2, min(cw, ch) * 0.07
                pen.polygon([(ax - q, ay - q), (ax + q, ay), (ax - q, ay + q)], fill=tone)
    return shrink(image)


def venn(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw two to four overlapping rings, a pyramid or a funnel with names."""
    width, height = extent(rng, size, 0.8, 1.6)
    look = look_of(rng, min(width, height) * 2)
    image, pen = sheet(width, height, look.paper)
    w, h = image.size
    s = min(w, h)
    if rng.random() < 0.5:
        count, r = int(rng.integers(2, 5)), s * rng.uniform(0.2, 0.28)
        for k in range(count):
            a = k * 2 * np.pi / count + (0 if count == 2 else -np.pi / 2)
            x, y = w / 2 + np.cos(a) * r * 0.7, h * 0.52 + np.sin(a) * r * 0.7
            layer = Image.new("L", image.size, 0)
            ImageDraw.Draw(layer).ellipse([x - r, y - r, x + r, y + r], fill=round(255 * rng.uniform(0.3, 0.6)))
            image.paste(vivid(rng), (0, 0), layer)
            pen.ellipse([x - r, y - r, x + r, y + r], outline=look.ink, width=look.line)
            write(pen, (x + np.cos(a) * r * 0.4, y + np.sin(a) * r * 0.4), words(rng, 1).title(), look)
    else:
        levels, up = int(rng.integers(3, 8)), rng.random() < 0.6
        for k in range(levels):
            tone, gap = vivid(rng), s * 0.006
            y0, y1 = h * (0.12 + 0.82 * k / levels) + gap, h * (0.12 + 0.82 * (k + 1) / levels) - gap
            a, b = (k / levels, (k + 1) / levels) if up else (1 - k / levels, 1 - (k + 1) / levels)
            a, b = a * w * 0.42, b * w * 0.42
            pen.polygon(
                [(w / 2 - a, y0), (w / 2 + a, y0), (w / 2 + b, y1), (w / 2 - b, y1)], fill=tone, outline=look.ink
            )
            pen.text((w / 2, (y0 + y1) / 2), words(rng, 1), WHITE, font(round(look.text)), "mm")
    write(pen, (w / 2, h * 0.05), words(rng, 3).title(), look, 1.2)
    return shrink(image)


def timeline(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw events along a line or bars of a Gantt plan."""
    width, height = extent(rng, size, 1.0, 2.6)
    look = look_of(rng, min(width, height) * 2)
    image, pen = sheet(width, height, look.paper)
    w, h = image.size
    count = int(rng.integers(4, 10))
    if rng.random() < 0.5:
        for k in range(count * 2):
            pen.line(
                [w * (0.2 + 0.78 * k / count / 2), h * 0.1, w * (0.2 + 0.78 * k / count / 2), h],
                blend(look.paper, look.ink, 0.2),
            )
        for k in range(count):
            y, start = h * (0.14 + 0.84 * k / count), w * (0.2 + 0.6 * k / count * rng.uniform(0.5, 1.1))
            stop = min(start + w * rng.uniform(0.08, 0.35), w * 0.98)
            pen.rounded_rectangle([start, y, stop, y + h / count * 0.5], look.corner / 2, fill=vivid(rng))
            write(pen, (w * 0.02, y + h / count * 0.25), words(rng, 2), look, 0.8, "lm")
            write(
                pen, (w * (0.2 + 0.78 * k / count), h * 0.05), pick(rng, ("Q1", "Q2", "May", "2021", "W3")), look, 0.8
            )
        return shrink(image)
    pen.line([w * 0.03, h / 2, w * 0.97, h / 2], look.ink, look.line * 3)
    for k in range(count):
        x, up, tone = w * (k + 0.5) / count, (-1) ** k, vivid(rng)
        pen.line([x, h / 2, x, h / 2 + up * h * 0.18], tone, look.line)
        r = h * 0.035
        pen.ellipse([x - r, h / 2 - r, x + r, h / 2 + r], fill=tone, outline=look.paper, width=3)
        write(pen, (x, h / 2 - up * look.text * 2), str(1900 + int(rng.integers(0, 125))), look)
        for row in range(int(rng.integers(1, 5))):
            write(
                pen,
                (x, h / 2 + up * (h * 0.22 + row * look.text)),
                words(rng, 2)[: int(w / count / look.text * 1.9)],
                look,
                0.75,
            )
    return shrink(image)


def sankey(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw flows between columns of bars."""
    width, height = extent(rng, size, 1.0, 2.0)
    look = look_of(rng, min(width, height) * 2)
    image, pen = sheet(width, height, look.paper)
    w, h = image.size
    columns = [rng.dirichlet(np.full(int(rng.integers(2, 7)), 3.0)) for _ in range(int(rng.integers(2, 5)))]
    for k in range(len(columns) - 1):
        x0, x1 = w * (0.05 + 0.85 * k / (len(columns) - 1)), w * (0.05 + 0.85 * (k + 1) / (len(columns) - 1))
        flow = np.outer(columns[k], columns[k + 1]) * h * 0.7
        left, right = np.cumsum(flow.sum(1)) - flow.sum(1), np.cumsum(flow.sum(0)) - flow.sum(0)
        left, right = (
            left + h * 0.08 + np.arange(len(left)) * h * 0.03,
            right + h * 0.08 + np.arange(len(right)) * h * 0.03,
        )
        for i in range(flow.shape[0]):
            tone = blend(vivid(rng), look.paper, 0.45)
            for j in range(flow.shape[1]):
                top = route((left[i], x0), (right[j], x1), 2)[:, ::-1]
                low = route((left[i] + flow[i, j], x0), (right[j] + flow[i, j], x1), 2)[:, ::-1]
                if rng.random() < 0.75:
                    pen.polygon(xy(np.concatenate([top, low[::-1]])), fill=tone)
                left[i] += flow[i, j]
                right[j] += flow[i, j]
    for k, shares in enumerate(columns):
        x, y = w * (0.05 + 0.85 * k / (len(columns) - 1)), h * 0.08
        for share in shares:
            pen.rectangle([x, y, x + w * 0.015, y + share * h * 0.7], fill=vivid(rng))
            write(pen, (x + w * 0.02, y + share * h * 0.35), words(rng, 1), look, 0.8, "lm")
            y += share * h * 0.7 + h * 0.03
    return shrink(image)
