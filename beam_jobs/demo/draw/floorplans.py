"""Floor plans in many styles: thin or solid walls, sales plans in colour, by hand, on blue, beige or black paper."""

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
    oval,
    pastel,
    pick,
    sheet,
    shrink,
    words,
    xy,
)  # fmt: skip

Room = tuple[float, float, float, float]
_NAMES = (
    "Living Room", "Bedroom", "Kitchen", "Bath", "WC", "Study", "Hall", "Dining", "Store", "Entry", "Balcony", "Garage",
    "BEDROOM 2", "LOUNGE", "OFFICE", "LAUNDRY", "FOYER", "CLOSET", "Terrace", "Chambre", "Cuisine", "Salon", "Bad",
)  # fmt: skip


@dataclass(frozen=True)
class Style:
    """Colours and lines of a plan; ``shake`` is how far a hand misses (pixels), ``wall`` a width in pixels."""

    paper: Color
    ink: Color
    wall: float
    solid: bool
    shake: float
    fine: int


def plan_style(rng: np.random.Generator, side: float) -> Style:
    """Return the style of a plan on a canvas whose shorter side is ``side`` pixels."""
    paper, ink = pick(
        rng,
        (
            (WHITE, INK), (WHITE, INK), (WHITE, (70, 70, 76)), ((28, 70, 140), (232, 240, 255)), (WHITE, (30, 60, 120)),
            ((246, 240, 222), (70, 52, 40)), ((22, 24, 28), (200, 220, 200)), ((236, 240, 238), (40, 50, 52)),
            (hsv(rng.uniform(0.55, 0.65), rng.uniform(0.5, 0.9), rng.uniform(0.3, 0.7)), (226, 238, 250)),
        ),
    )  # fmt: skip
    return Style(
        paper, ink, side * rng.uniform(0.008, 0.026), bool(rng.random() < 0.7),
        float(rng.choice([0.0, 0.0, 0.0, rng.uniform(1, 4)])), int(rng.integers(1, 4)),
    )  # fmt: skip


def stroke(pen: ImageDraw.ImageDraw, rng: np.random.Generator, points: Points, style: Style, width: float = 0) -> None:
    """Draw a line through points, shaky where the style is by hand."""
    if style.shake:
        parts = [np.linspace(a, b, 6, endpoint=False) for a, b in pairwise(points)]
        points = np.concatenate([*parts, points[-1:]])
        points = points + rng.normal(0, style.shake * 0.6, points.shape)
    pen.line(xy(points), fill=style.ink, width=max(round(width), style.fine))


def cut(rng: np.random.Generator, room: Room, least: float) -> list[Room]:
    """Return a room cut into parts with sides of at least ``least`` pixels."""
    left, top, right, bottom = room
    wide, high = right - left, bottom - top
    if max(wide, high) < 2 * least or (max(wide, high) < 2.6 * least and rng.random() < 0.3):
        return [room]
    share = rng.uniform(0.3, 0.7)
    if wide >= high:
        x = left + max(wide * share, least) if wide * share < wide - least else right - least
        return cut(rng, (left, top, x, bottom), least) + cut(rng, (x, top, right, bottom), least)
    y = top + max(high * share, least) if high * share < high - least else bottom - least
    return cut(rng, (left, top, right, y), least) + cut(rng, (left, y, right, bottom), least)


def floor_plan(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw one dwelling, two floors side by side or the many flats of a storey."""
    width, height = extent(rng, size, 0.6, 1.9)
    w, h = width * 2, height * 2
    style = plan_style(rng, min(w, h))
    image, pen = sheet(width, height, style.paper)
    frame(pen, rng, (w, h), style)
    pad = min(w, h) * rng.uniform(0.05, 0.16)
    across = 2 if w > h * 1.3 and rng.random() < 0.5 else 1
    tones = floor_tones(rng) if sum(style.paper) > 600 and rng.random() < 0.45 else None
    for part in range(across):
        left = pad + part * (w - pad) / across
        box = (left, pad, left + (w - pad) / across - pad, h - pad * rng.uniform(1, 1.5))
        dwelling(pen, rng, box, style, tones)
        if across == 2 or rng.random() < 0.3:
            title = pick(rng, ("Ground Floor", "First floor", "LEVEL 1", "FLOOR PLAN", "1F", "TYPE B", "Plan RDC"))
            pen.text(((box[0] + box[2]) / 2, h - pad * 0.45), title, style.ink, font(round(pad * 0.35)), "mm")
    return shrink(image)


def floor_tones(rng: np.random.Generator) -> list[Color]:
    hue = rng.uniform(0.06, 0.14)
    wood = [hsv(hue + rng.normal(0, 0.01), rng.uniform(0.2, 0.45), rng.uniform(0.75, 0.95)) for _ in range(3)]
    return pick(rng, (wood + [(214, 226, 232)], [pastel(rng) for _ in range(5)], [pastel(rng)] * 2))


def frame(pen: ImageDraw.ImageDraw, rng: np.random.Generator, box: tuple[int, int], style: Style) -> None:
    """Draw what surrounds a technical drawing: squares, a border, a title block."""
    w, h = box
    if rng.random() < 0.25:
        faint = blend(style.paper, style.ink, rng.uniform(0.06, 0.2))
        for at in np.arange(0, max(w, h), max(w, h) / rng.uniform(20, 60)).tolist():
            pen.line([at, 0, at, h], fill=faint)
            pen.line([0, at, w, at], fill=faint)
    if rng.random() < 0.3:
        edge = min(w, h) * 0.02
        pen.rectangle([edge, edge, w - edge, h - edge], outline=style.ink, width=style.fine + 1)
        if rng.random() < 0.7:
            left, top = w * rng.uniform(0.55, 0.75), h * rng.uniform(0.84, 0.9)
            pen.rectangle([left, top, w - edge, h - edge], fill=style.paper, outline=style.ink, width=style.fine)
            for row in np.linspace(top, h - edge, 4)[:-1]:
                pen.line([left, row, w - edge, row], fill=style.ink, width=1)
                pen.text((left + 6, row + 3), words(rng, 2).upper(), style.ink, font(round((h - top) * 0.22)), "la")
            pen.line([(left + w) / 2, top, (left + w) / 2, h - edge], fill=style.ink, width=1)


def dwelling(
    pen: ImageDraw.ImageDraw, rng: np.random.Generator, box: Room, style: Style, tones: list[Color] | None
) -> None:
    """Draw rooms in a box, some corner of it left out, with doors, windows, furniture, names and measures."""
    side = min(box[2] - box[0], box[3] - box[1])
    rooms = cut(rng, box, side * rng.uniform(0.16, 0.34))
    if len(rooms) > 4:
        for _ in range(int(rng.integers(0, 3))):
            outer = [r for r in rooms if (r[0] == box[0] or r[2] == box[2]) and (r[1] == box[1] or r[3] == box[3])]
            if outer:
                rooms.remove(outer[int(rng.integers(len(outer)))])
    named, furnished = rng.random() < 0.75, rng.random() < 0.75
    kind = pick(rng, ("sans", "bold", "serif", "mono", "plain"))
    for room in rooms:
        left, top, right, bottom = room
        if tones:
            tone = pick(rng, tones)
            pen.rectangle(room, fill=tone)
            step = side * rng.uniform(0.02, 0.05)
            if rng.random() < 0.5:
                for y in np.arange(top, bottom, step).tolist():
                    pen.line([left, y, right, y], fill=blend(tone, INK, 0.15))
                if rng.random() < 0.5:
                    for x in np.arange(left, right, step).tolist():
                        pen.line([x, top, x, bottom], fill=blend(tone, INK, 0.15))
        if furnished:
            for _ in range(int(rng.integers(1, 4))):
                furniture(pen, rng, room, style, tones)
    for left, top, right, bottom in rooms:
        ring = np.array([(left, top), (right, top), (right, bottom), (left, bottom), (left, top)])
        sides = (left == box[0]) + (right == box[2]) + (top == box[1]) + (bottom == box[3])
        thick = style.wall * (1.0 if sides else 0.7)
        if style.solid:
            stroke(pen, rng, ring, style, thick)
        else:
            for inset in (-thick / 2, thick / 2):
                move = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]) * inset
                stroke(pen, rng, ring + move, style)
    for room in rooms:
        for _ in range(int(rng.integers(1, 3))):
            _opening(pen, rng, room, style)
        if named and rng.random() < 0.9:
            _label(pen, rng, room, style, kind)
    if rng.random() < 0.55:
        measures(pen, box, rooms, style)


def _label(pen: ImageDraw.ImageDraw, rng: np.random.Generator, room: Room, style: Style, kind: str) -> None:
    left, top, right, bottom = room
    name = pick(rng, _NAMES)
    letters = font(round(min((right - left) / len(name) * 1.3, (bottom - top) / 5, 26)), kind)
    x, y = (left + right) / 2, (top + bottom) / 2
    pen.text((x, y), name, style.ink, letters, "mm")
    if rng.random() < 0.5:
        a, b = (right - left) / 90, (bottom - top) / 90
        area = pick(rng, (f"{a * b:.1f} m²", f"{a:.1f} x {b:.1f}", f"{int(a * 3)}' x {int(b * 3)}'", f"{a * b:.2f}"))
        pen.text((x, y + letters.size * 1.2), area, style.ink, font(round(letters.size * 0.75), kind), "mm")


def _opening(pen: ImageDraw.ImageDraw, rng: np.random.Generator, room: Room, style: Style) -> None:
    left, top, right, bottom = room
    leaf = min(right - left, bottom - top) * rng.uniform(0.22, 0.4)
    wall = int(rng.integers(4))
    t = style.wall / 2 + 2
    if wall < 2:
        y, x = (top, bottom)[wall], rng.uniform(left + t, max(right - leaf - t, left + t + 1))
        hole = [x, y - t, x + leaf, y + t]
        swing = [x - leaf, y - leaf, x + leaf, y + leaf]
        arc = (0, 90) if wall == 0 else (270, 360)
        door = [x, y, x, y + leaf * (1 if wall == 0 else -1)]
        pane = [x, y, x + leaf, y]
    else:
        x, y = (left, right)[wall - 2], rng.uniform(top + t, max(bottom - leaf - t, top + t + 1))
        hole = [x - t, y, x + t, y + leaf]
        swing = [x - leaf, y - leaf, x + leaf, y + leaf]
        arc = (0, 90) if wall == 2 else (90, 180)
        door = [x, y, x + leaf * (1 if wall == 2 else -1), y]
        pane = [x, y, x, y + leaf]
    pen.rectangle(hole, fill=style.paper)
    if rng.random() < 0.55:
        pen.line(door, fill=style.ink, width=style.fine + 1)
        pen.arc(swing, *arc, fill=style.ink, width=style.fine)
    else:
        pen.rectangle(hole, outline=style.ink, width=style.fine)
        pen.line(pane, fill=style.ink, width=style.fine)


def furniture(
    pen: ImageDraw.ImageDraw, rng: np.random.Generator, room: Room, style: Style, tones: list[Color] | None
) -> None:
    """Draw a bed, a table with chairs, a bath, a stove, stairs, a sofa, a car or a plant at a wall of the room."""
    left, top, right, bottom = room
    s = min(right - left, bottom - top) * rng.uniform(0.25, 0.42)
    if s < 24:
        return
    x, y = rng.uniform(left + s * 0.2, right - s * 1.1), rng.uniform(top + s * 0.2, bottom - s * 1.1)
    fill = blend(WHITE, pick(rng, tones), 0.4) if tones else None
    ink, fine = style.ink, style.fine
    kind = int(rng.integers(8))
    if kind == 0:
        pen.rectangle([x, y, x + s, y + s * 0.95], fill=fill, outline=ink, width=fine)
        for k in (0.08, 0.54):
            pen.rounded_rectangle(
                [x + s * k, y + s * 0.06, x + s * (k + 0.38), y + s * 0.28], 4, outline=ink, width=fine
            )
        pen.line([x, y + s * 0.4, x + s, y + s * 0.4], fill=ink, width=fine)
    elif kind == 1:
        for a in np.arange(4) * np.pi / 2 + 0.78:
            cx, cy = x + s / 2 + np.cos(a) * s * 0.44, y + s / 2 + np.sin(a) * s * 0.44
            pen.rectangle([cx - s * 0.1, cy - s * 0.1, cx + s * 0.1, cy + s * 0.1], fill=fill, outline=ink, width=fine)
        shape = pen.ellipse if rng.random() < 0.5 else pen.rectangle
        shape([x + s * 0.15, y + s * 0.15, x + s * 0.85, y + s * 0.85], fill=fill, outline=ink, width=fine)
    elif kind == 2:
        pen.rectangle([x, y, x + s, y + s * 0.45], fill=fill, outline=ink, width=fine)
        pen.rounded_rectangle(
            [x + s * 0.06, y + s * 0.06, x + s * 0.94, y + s * 0.39], s * 0.15, outline=ink, width=fine
        )
    elif kind == 3:
        pen.rectangle([x, y, x + s * 0.6, y + s * 0.6], fill=fill, outline=ink, width=fine)
        for k in range(4):
            cx, cy, r = x + s * (0.17 + 0.27 * (k % 2)), y + s * (0.17 + 0.27 * (k // 2)), s * 0.09
            pen.ellipse([cx - r, cy - r, cx + r, cy + r], outline=ink, width=fine)
    elif kind == 4:
        steps = int(rng.integers(6, 12))
        pen.rectangle([x, y, x + s, y + s * 0.45], outline=ink, width=fine)
        for k in range(steps):
            pen.line([x + s * k / steps, y, x + s * k / steps, y + s * 0.45], fill=ink, width=fine)
        pen.line([x, y + s * 0.22, x + s, y + s * 0.22], fill=ink, width=fine)
    elif kind == 5:
        pen.rounded_rectangle([x, y, x + s, y + s * 0.42], 6, fill=fill, outline=ink, width=fine)
        pen.line([x + s * 0.1, y + s * 0.12, x + s * 0.9, y + s * 0.12], fill=ink, width=fine)
        pen.line([x + s * 0.5, y + s * 0.12, x + s * 0.5, y + s * 0.42], fill=ink, width=fine)
    elif kind == 6:
        pen.rounded_rectangle([x + s * 0.1, y, x + s * 0.4, y + s * 0.15], 3, fill=fill, outline=ink, width=fine)
        pen.ellipse([x + s * 0.08, y + s * 0.12, x + s * 0.42, y + s * 0.55], fill=fill, outline=ink, width=fine)
    else:
        ring = oval(x + s * 0.3, y + s * 0.3, s * 0.25, s * 0.25, steps=14)
        ring[::2] = (ring[::2] + [x + s * 0.3, y + s * 0.3]) / 2
        pen.polygon(xy(ring), fill=(120, 170, 100) if tones else None, outline=ink)


def measures(pen: ImageDraw.ImageDraw, box: Room, rooms: list[Room], style: Style) -> None:
    """Draw lines with figures along the left and the upper side."""
    gap = min(box[2] - box[0], box[3] - box[1]) * 0.06
    xs = sorted({r[0] for r in rooms if r[1] == box[1]} | {r[2] for r in rooms if r[1] == box[1]})
    ys = sorted({r[1] for r in rooms if r[0] == box[0]} | {r[3] for r in rooms if r[0] == box[0]})
    letters = font(round(gap * 0.45))
    x, y = box[0] - gap, box[1] - gap
    for values, across in ((xs, True), (ys, False)):
        for a, b in pairwise(values):
            pen.line([a, y, b, y] if across else [x, a, x, b], fill=style.ink, width=style.fine)
            for at in (a, b):
                cx, cy = (at, y) if across else (x, at)
                pen.line([cx - 6, cy + 6, cx + 6, cy - 6], fill=style.ink, width=style.fine)
            middle = ((a + b) / 2, y - gap * 0.3) if across else (x - gap * 0.5, (a + b) / 2)
            pen.text(middle, f"{round((b - a) * 9.3)}", style.ink, letters, "mm")
