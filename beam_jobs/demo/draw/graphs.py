"""Diagrams of boxes and lines: UML, ER, BPMN, states, sequences, networks with groups, mind maps, graphs."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import (
    INK,
    WHITE,
    Color,
    Points,
    blend,
    extent,
    font,
    hsv,
    pastel,
    pick,
    sheet,
    shrink,
    smooth,
    vivid,
    words,
    xy,
)  # fmt: skip

Spot = tuple[float, float]


@dataclass(frozen=True)
class Look:
    """A renderer's manner: colours, line (pixels), corner (pixels), letters, ``shake`` of a hand (pixels)."""

    paper: Color
    ink: Color
    fills: tuple[Color, ...]
    line: int
    corner: float
    kind: str
    shake: float
    text: int


def look_of(rng: np.random.Generator, side: float) -> Look:
    """Return a random manner; ``side`` is the canvas's shorter side in pixels."""
    dark = rng.random() < 0.2
    paper: Color = pick(rng, ((24, 26, 32), (30, 30, 46), (16, 24, 40))) if dark else pick(
        rng, (WHITE, WHITE, WHITE, WHITE, (250, 250, 252), (255, 253, 246), blend(pastel(rng), WHITE, 0.6))
    )  # fmt: skip
    ink = (224, 228, 234) if dark else pick(rng, (INK, (60, 64, 72), (13, 50, 178), (90, 90, 98), (120, 30, 60)))
    hue = rng.random()
    light = 0.4 if dark else 1.0
    palettes: tuple[tuple[Color, ...], ...] = (
        (paper,) * 4,
        tuple(hsv(hue + d, rng.uniform(0.04, 0.3), rng.uniform(0.88, 1) * light) for d in (0, 0.03, 0.08, 0.5)),
        tuple(hsv(hue + d, rng.uniform(0.3, 0.8), rng.uniform(0.6, 0.98) * light) for d in (0, 0.15, 0.4, 0.6)),
        ((255, 255, 204),) * 4 if not dark else (blend(paper, ink, 0.15),) * 4,
    )
    return Look(
        paper, ink, pick(rng, palettes), max(round(side / 300 * rng.uniform(0.8, 2.6)), 1),
        float(rng.choice([0, 0, 8, 20])), pick(rng, ("sans", "sans", "plain", "serif", "mono", "bold", "times")),
        float(rng.choice([0, 0, 0, rng.uniform(1, 3)])), max(round(side / rng.uniform(20, 42)), 11),
    )  # fmt: skip


def write(pen: ImageDraw.ImageDraw, at: Spot, text: str, look: Look, scale: float = 1.0, anchor: str = "mm") -> None:
    """Write a word in the manner's letters, its ink."""
    pen.text(at, text, look.ink, font(round(look.text * scale), look.kind), anchor)


def link(
    pen: ImageDraw.ImageDraw, rng: np.random.Generator, points: Points, look: Look, end: str = "arrow", *,
    dashed: bool = False,
) -> None:  # fmt: skip
    """Draw a line through points with an end: arrow, open, diamond, crow or none."""
    points = np.asarray(points, dtype=float)
    if look.shake:
        points = points + rng.normal(0, look.shake, points.shape)
    if dashed:
        for a, b in pairwise(points):
            steps = max(int(np.hypot(*(b - a)) / (8 * look.line)), 1)
            for k in range(0, steps, 2):
                pen.line(xy(np.stack([a + (b - a) * k / steps, a + (b - a) * (k + 1) / steps])), look.ink, look.line)
    else:
        pen.line(xy(points), look.ink, look.line, joint="curve")
    way = points[-1] - points[-2]
    way = way / max(float(np.hypot(*way)), 1e-6)
    side, tip, r = np.array([-way[1], way[0]]), points[-1], 5 + 4 * look.line
    if end == "arrow":
        pen.polygon(xy(np.stack([tip, tip - way * r + side * r * 0.45, tip - way * r - side * r * 0.45])), look.ink)
    elif end == "open":
        head = np.stack([tip, tip - way * r + side * r * 0.6, tip - way * r - side * r * 0.6])
        pen.polygon(xy(head), look.paper, look.ink)
    elif end == "diamond":
        pen.polygon(xy(np.stack([tip, tip - way * r + side * r * 0.5, tip - 2 * way * r, tip - way * r - side * r * 0.5])),
                    pick(rng, (look.paper, look.ink)), look.ink)  # fmt: skip
    elif end == "crow":
        for spread in (-0.6, 0.6):
            pen.line(xy(np.stack([tip - way * r, tip + side * r * spread])), look.ink, look.line)


def node(
    pen: ImageDraw.ImageDraw, rng: np.random.Generator, box: tuple[float, float, float, float], look: Look,
    shape: str = "box", text: str | None = None,
) -> None:  # fmt: skip
    """Draw a node of a shape (box, oval, diamond, drum, hexagon, note, circle) with a word in it."""
    a, b, c, d = box
    fill, line = pick(rng, look.fills), look.line
    if shape == "oval":
        pen.ellipse(box, fill, look.ink, line)
    elif shape == "diamond":
        pen.polygon(
            [((a + c) / 2, b), (c, (b + d) / 2), ((a + c) / 2, d), (a, (b + d) / 2)], fill, look.ink, width=line
        )
    elif shape == "drum":
        lid = (d - b) * 0.14
        pen.rectangle([a, b + lid, c, d - lid], fill)
        pen.ellipse([a, d - 2 * lid, c, d], fill, look.ink, line)
        pen.rectangle([a + line, b + lid, c - line, d - lid], fill)
        pen.line([a, b + lid, a, d - lid], look.ink, line)
        pen.line([c, b + lid, c, d - lid], look.ink, line)
        pen.ellipse([a, b, c, b + 2 * lid], fill, look.ink, line)
    elif shape == "hexagon":
        s = (c - a) * 0.18
        m = (b + d) / 2
        pen.polygon([(a + s, b), (c - s, b), (c, m), (c - s, d), (a + s, d), (a, m)], fill, look.ink, width=line)
    elif look.shake:
        ring = np.array([(a, b), (c, b), (c, d), (a, d)]) + rng.normal(0, look.shake * 1.5, (4, 2))
        pen.polygon(xy(ring), fill, look.ink, width=line)
    else:
        pen.rounded_rectangle(box, min(look.corner, (d - b) / 2), fill, look.ink, line)
    label = words(rng, int(rng.integers(1, 3))) if text is None else text
    letters = font(round(min(look.text, (c - a) / max(len(label), 1) * 1.6, (d - b) * 0.6)), look.kind)
    ink = look.ink if abs(sum(fill) - sum(look.ink)) > 200 else (WHITE if sum(fill) < 380 else INK)
    pen.text(((a + c) / 2, (b + d) / 2), label, ink, letters, "mm")


def route(a: Spot, b: Spot, manner: int) -> Points:
    """Return a way from a to b: straight, in right angles or a curve."""
    if manner == 0:
        return np.array([a, b])
    if manner == 1:
        bend = (a[1] + b[1]) / 2
        return np.array([a, (a[0], bend), (b[0], bend), b])
    t = np.linspace(0, 1, 14)[:, None]
    p, q, bend = np.array(a), np.array(b), (a[1] + b[1]) / 2
    u, v = np.array([a[0], bend]), np.array([b[0], bend])
    curve: Points = (1 - t) ** 3 * p + 3 * (1 - t) ** 2 * t * u + 3 * (1 - t) * t**2 * v + t**3 * q
    return curve


def layered(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a graph in layers, down or across: a flow, a call graph, a process with decisions."""
    width, height = extent(rng, size, 0.4, 2.4)
    across = width > height * rng.uniform(0.8, 1.4)
    w, h = (height * 2, width * 2) if across else (width * 2, height * 2)
    look = look_of(rng, min(w, h))
    image, pen = sheet(width, height, look.paper)
    layers = int(np.clip(rng.integers(3, 7), 2, max(h // 90, 2)))
    most = max(min(int(w / 130), 5), 1)
    shapes = pick(rng, (("box",), ("box", "box", "diamond", "oval"), ("oval",), ("box", "drum", "hexagon")))
    rows: list[list[tuple[float, float, float, float]]] = []
    for layer in range(layers):
        count = 1 if layer == 0 and rng.random() < 0.5 else int(rng.integers(1, most + 1))
        half_w, half_h = w / count * rng.uniform(0.22, 0.4), h / layers * rng.uniform(0.16, 0.3)
        half_w = min(half_w, half_h * rng.uniform(1.5, 4))
        y = h * (layer + 0.5) / layers
        rows.append([(w * (k + 0.5) / count - half_w, y - half_h, w * (k + 0.5) / count + half_w, y + half_h)
                     for k in range(count)])  # fmt: skip
    manner, end = int(rng.integers(3)), pick(rng, ("arrow", "arrow", "open", "none"))

    def turned(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        return (box[1], box[0], box[3], box[2]) if across else box

    for above, below in pairwise(rows):
        for k, low in enumerate(below):
            picks = {k * len(above) // len(below), int(rng.integers(len(above)))}
            for top in [above[i] for i in picks]:
                way = route(((top[0] + top[2]) / 2, top[3]), ((low[0] + low[2]) / 2, low[1]), manner)
                link(pen, rng, way[:, ::-1] if across else way, look, end, dashed=bool(rng.random() < 0.12))
                if rng.random() < 0.25:
                    x, y = way[len(way) // 2]
                    at = (float(y), float(x)) if across else (float(x), float(y))
                    write(pen, at, pick(rng, ("yes", "no", "1..*", words(rng, 1))), look, 0.8)
    for row in rows:
        for box in row:
            node(pen, rng, turned(box), look, pick(rng, shapes))
    return shrink(image)


def classes(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw boxes with rows, UML classes or tables of a database, joined in right angles."""
    width, height = extent(rng, size, 0.7, 1.9)
    w, h = width * 2, height * 2
    look = look_of(rng, min(w, h))
    image, pen = sheet(width, height, look.paper)
    columns, rows = int(rng.integers(2, 5)), int(rng.integers(1, 4))
    cells = [(c, r) for r in range(rows) for c in range(columns) if rng.random() < 0.85] or [(0, 0), (1, 0)]
    table, head = rng.random() < 0.5, vivid(rng) if rng.random() < 0.5 else look.fills[0]
    boxes = []
    for c, r in cells:
        left, top = w * (c + rng.uniform(0.05, 0.2)) / columns, h * (r + rng.uniform(0.06, 0.2)) / rows
        boxes.append((left, top, left + w / columns * rng.uniform(0.55, 0.78), h / rows))
    for _ in range(len(boxes)):
        a, b = boxes[int(rng.integers(len(boxes)))], boxes[int(rng.integers(len(boxes)))]
        if a is not b:
            p, q = ((a[0] + a[2]) / 2, a[1] + 10), ((b[0] + b[2]) / 2, b[1])
            link(pen, rng, route(p, q, 1), look, pick(rng, ("open", "diamond", "arrow", "crow", "none")),
                 dashed=bool(rng.random() < 0.25))  # fmt: skip
    for left, top, right, cell in boxes:
        count = int(rng.integers(2, 9))
        letters = font(round(min(look.text * 0.9, cell * 0.7 / (count + 1.6), (right - left) / 9)), look.kind)
        step = letters.size * 1.35
        bottom = top + step * (count + 1.4)
        pen.rectangle([left, top, right, bottom], look.fills[-1], look.ink, look.line)
        pen.rectangle([left, top, right, top + step * 1.3], head, look.ink, look.line)
        ink = WHITE if sum(head) < 380 else INK
        pen.text(((left + right) / 2, top + step * 0.65), words(rng, 1).title(), ink, letters, "mm")
        tone = WHITE if sum(look.fills[-1]) < 380 else INK
        for k in range(count):
            y = top + step * (k + 1.9)
            name = words(rng, 1)[:8]
            text = f"{name}  {pick(rng, ('int', 'varchar', 'PK', 'FK', 'date'))}" if table else (
                f"+{name}: {pick(rng, ('int', 'String', 'bool'))}" if k < count // 2 else f"+{name}()"
            )  # fmt: skip
            pen.text((left + letters.size * 0.5, y), text, tone, letters, "lm")
            if (table and rng.random() < 0.5) or (not table and k == count // 2):
                pen.line([left, y - step / 2, right, y - step / 2], look.ink, 1)
    return shrink(image)


def sequence(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw messages between life lines."""
    width, height = extent(rng, size, 0.7, 1.6)
    w, h = width * 2, height * 2
    look = look_of(rng, min(w, h))
    image, pen = sheet(width, height, look.paper)
    lanes, steps = int(rng.integers(2, 7)), int(rng.integers(4, 13))
    xs, top = [w * (k + 0.5) / lanes for k in range(lanes)], h * 0.1
    for x in xs:
        link(pen, rng, np.array([(x, top), (x, h * 0.96)]), look, "none", dashed=bool(rng.random() < 0.7))
        half = w / lanes * 0.36
        for y in (top, h * 0.96)[: 1 + int(rng.random() < 0.5)]:
            node(pen, rng, (x - half, y - h * 0.04, x + half, y + h * 0.03), look, text=words(rng, 1))
    for k in range(steps):
        y = top + h * 0.06 + (h * 0.78) * k / steps
        a, b = rng.permutation(lanes)[:2]
        if rng.random() < 0.4:
            bar = w * 0.008
            pen.rectangle([xs[b] - bar, y, xs[b] + bar, y + h * 0.07], look.fills[0], look.ink, look.line)
        link(pen, rng, np.array([(xs[a], y), (xs[b], y)]), look, "arrow", dashed=bool(rng.random() < 0.4))
        write(pen, ((xs[a] + xs[b]) / 2, y - look.text * 0.6), words(rng, int(rng.integers(1, 4))), look, 0.75)
    return shrink(image)


def states(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw nodes anywhere with curved arrows or plain edges: an automaton, a graph, a web of ideas."""
    width, height = extent(rng, size, 0.8, 1.9)
    w, h = width * 2, height * 2
    look = look_of(rng, min(w, h))
    image, pen = sheet(width, height, look.paper)
    count, r = int(rng.integers(4, 16)), min(w, h) * rng.uniform(0.035, 0.09)
    spots = np.stack([rng.uniform(0.1, 0.9, 60) * w, rng.uniform(0.1, 0.9, 60) * h], axis=1)
    if rng.random() < 0.4:
        turn = np.arange(count) * 2 * np.pi / count
        spots = np.stack([w / 2 + np.cos(turn) * w * 0.4, h / 2 + np.sin(turn) * h * 0.4], axis=1)
    chosen = [spots[0]]
    for spot in spots[1:]:
        if len(chosen) < count and min(np.hypot(*(spot - c)) for c in chosen) > 2.6 * r:
            chosen.append(spot)
    bent, ended, letters = rng.random() < 0.5, pick(rng, ("arrow", "none", "open")), rng.random() < 0.5
    for index, a in enumerate(chosen):
        near = sorted(range(len(chosen)), key=lambda k: float(np.hypot(*(chosen[k] - a))))[1:4]
        for k in near[: int(rng.integers(1, 4))]:
            b = chosen[k]
            way = (b - a) / max(np.hypot(*(b - a)), 1e-6)
            side = np.array([-way[1], way[0]]) * (r * rng.uniform(0.5, 1.2) if bent else 0)
            line = np.stack([a + way * r, (a + b) / 2 + side, b - way * r])
            link(pen, rng, smooth(line, closed=False), look, ended)
            if letters:
                x, y = line[1] + side * 0.5
                write(pen, (float(x), float(y)), pick(rng, ("a", "b", "0", "1", words(rng, 1), str(index))), look, 0.8)
    for index, (x, y) in enumerate(chosen):
        wide = r * (1 if letters else rng.uniform(1, 1.8))
        text = pick(rng, (f"q{index}", str(index), chr(65 + index))) if letters else words(rng, 1)
        node(
            pen, rng, (x - wide, y - r, x + wide, y + r), look, "oval" if letters else pick(rng, ("oval", "box")), text
        )
    return shrink(image)
