"""Circuits: schematics of symbols and wires, and the copper of printed boards."""

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import INK, WHITE, Color, extent, font, pick, sheet, shrink, words
from beam_jobs.demo.draw.floorplans import Style, frame

Spot = tuple[float, float]


def schematic(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a circuit: resistors, capacitors, diodes, chips with pins, grounds and names along wires on a grid."""
    width, height = extent(rng, size, 0.8, 2.0)
    paper, ink, second = pick(
        rng,
        (
            (WHITE, INK, INK), (WHITE, (0, 110, 40), (150, 30, 30)), ((255, 252, 240), (130, 20, 20), (20, 90, 30)),
            (WHITE, (20, 40, 140), (180, 30, 30)), ((24, 26, 34), (120, 220, 140), (230, 190, 90)),
            ((30, 60, 130), WHITE, WHITE),
        ),
    )  # fmt: skip
    image, pen = sheet(width, height, paper)
    w, h = image.size
    line = int(rng.integers(2, 5))
    frame(pen, rng, (w, h), Style(paper, ink, 4, solid=True, shake=0, fine=2))
    unit = min(w, h) / rng.uniform(7, 13)
    columns, rows = int(w / unit) - 1, int(h / unit) - 1
    small = font(round(unit * rng.uniform(0.2, 0.3)))
    busy: set[tuple[int, int]] = set()
    for _ in range(int(rng.integers(1, 4))):
        c, r = int(rng.integers(1, max(columns - 2, 2))), int(rng.integers(1, max(rows - 3, 2)))
        _chip(pen, rng, (c * unit + unit / 2, r * unit + unit / 2), unit, (ink, second), line)
        busy |= {(c + i, r + j) for i in range(3) for j in range(4)}
    for r in range(rows):
        for c in range(columns):
            if (c, r) in busy or rng.random() < 0.25:
                continue
            a = ((c + 0.5) * unit, (r + 0.5) * unit)
            across = rng.random() < 0.55
            b = (a[0] + unit, a[1]) if across else (a[0], a[1] + unit)
            kind = int(rng.integers(7))
            if kind < 5:
                _part(pen, kind, (a, b), unit, (second if kind else ink, paper), line)
                label = f"{'RCDLV'[kind]}{rng.integers(1, 40)}"
                where = ((a[0] + b[0]) / 2, a[1] - unit * 0.3) if across else (a[0] + unit * 0.32, (a[1] + b[1]) / 2)
                if rng.random() < 0.75:
                    pen.text(where, label, ink, small, "mm" if across else "lm")
            else:
                pen.line([*a, *b], fill=ink, width=line)
            if rng.random() < 0.25:
                q = line * 1.8
                pen.ellipse([a[0] - q, a[1] - q, a[0] + q, a[1] + q], fill=ink)
            if not across and rng.random() < 0.25:
                for k in range(3):
                    half = unit * (0.22 - 0.07 * k)
                    y = b[1] + unit * 0.08 * k
                    pen.line([b[0] - half, y, b[0] + half, y], fill=ink, width=line)
    return shrink(image)


def _part(
    pen: ImageDraw.ImageDraw, kind: int, ends: tuple[Spot, Spot], unit: float, colors: tuple[Color, Color], line: int
) -> None:
    """Draw a resistor, capacitor, diode, coil or source between two spots."""
    ink, paper = colors
    a, b = np.array(ends[0]), np.array(ends[1])
    u = (b - a) / unit
    v = np.array([-u[1], u[0]])

    def at(along: float, across: float) -> Spot:
        x, y = a + u * along * unit + v * across * unit
        return float(x), float(y)

    pen.line([at(0, 0), at(0.25, 0)], fill=ink, width=line)
    pen.line([at(0.75, 0), at(1, 0)], fill=ink, width=line)
    if kind == 0:
        zig = [at(0.25 + 0.5 * k / 12, (0, 0.12, 0, -0.12)[k % 4]) for k in range(13)]
        pen.line(zig, fill=ink, width=line, joint="curve")
    elif kind == 1:
        for k in (0.45, 0.55):
            pen.line([at(k, -0.2), at(k, 0.2)], fill=ink, width=line + 1)
        pen.line([at(0.25, 0), at(0.45, 0)], fill=ink, width=line)
        pen.line([at(0.55, 0), at(0.75, 0)], fill=ink, width=line)
    elif kind == 2:
        pen.polygon([at(0.3, -0.17), at(0.3, 0.17), at(0.65, 0)], fill=ink if unit > 60 else paper, outline=ink)
        pen.line([at(0.65, -0.17), at(0.65, 0.17)], fill=ink, width=line)
        pen.line([at(0.65, 0), at(0.75, 0)], fill=ink, width=line)
    elif kind == 3:
        t = np.linspace(0, 1, 40)
        coil = [at(float(0.25 + 0.5 * k), float(-0.12 * abs(np.sin(k * 4 * np.pi)))) for k in t]
        pen.line(coil, fill=ink, width=line)
    else:
        x, y = at(0.5, 0)
        r = unit * 0.25
        pen.ellipse([x - r, y - r, x + r, y + r], fill=paper, outline=ink, width=line)
        pen.text((x, y), "V", ink, font(round(unit * 0.25)), "mm")


def _chip(
    pen: ImageDraw.ImageDraw, rng: np.random.Generator, at: Spot, unit: float, colors: tuple[Color, Color], line: int
) -> None:
    ink, second = colors
    x, y = at
    w, h = unit * 2, unit * 3
    fill = pick(rng, (None, (255, 255, 190), (230, 236, 250))) if sum(ink) < 500 else None
    pen.rectangle([x + unit * 0.3, y, x + w - unit * 0.3, y + h], fill=fill, outline=second, width=line)
    small = font(round(unit * 0.2))
    pins = int(rng.integers(3, 8))
    for k in range(pins):
        py = y + h * (k + 0.5) / pins
        pen.line([x, py, x + unit * 0.3, py], fill=ink, width=line)
        pen.line([x + w - unit * 0.3, py, x + w, py], fill=ink, width=line)
        pen.text((x + unit * 0.36, py), f"P{k}", ink, small, "lm")
        pen.text((x + w - unit * 0.36, py), pick(rng, ("VCC", "GND", "CLK", "TX", "RX", "D0", "OUT")), ink, small, "rm")
    pen.text((x + w / 2, y - unit * 0.18), f"U{rng.integers(1, 9)} {words(rng, 1)[:5].upper()}", ink, small, "mm")


def printed_board(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a printed board: pads, tracks with bends of 45 degrees, chips' outlines, white marks."""
    width, height = extent(rng, size, 0.7, 1.6)
    board, copper, mark = pick(
        rng,
        (
            ((14, 84, 44), (40, 140, 80), WHITE), ((20, 40, 110), (60, 100, 190), WHITE), ((12, 14, 16), (200, 40, 40), (240, 230, 120)),
            (WHITE, (200, 40, 40), (40, 60, 160)), (WHITE, INK, INK), ((0, 0, 0), (70, 160, 90), (190, 190, 190)),
        ),
    )  # fmt: skip
    image, pen = sheet(width, height, board)
    w, h = image.size
    unit = min(w, h) / rng.uniform(16, 34)
    track = max(round(unit * rng.uniform(0.18, 0.4)), 2)
    tones = (copper, copper, pick(rng, (copper, (60, 90, 200), (190, 60, 170))))
    for _ in range(int(rng.integers(25, 80))):
        x, y = float(rng.integers(1, int(w / unit)) * unit), float(rng.integers(1, int(h / unit)) * unit)
        way = int(rng.integers(8))
        path = [(x, y)]
        for _ in range(int(rng.integers(2, 5))):
            way = (way + int(rng.integers(-1, 2))) % 8
            far = unit * int(rng.integers(1, 7))
            x, y = (
                x + float(np.sign(np.round(np.cos(way * np.pi / 4), 3))) * far,
                y + float(np.sign(np.round(np.sin(way * np.pi / 4), 3))) * far,
            )
            path.append((x, y))
        pen.line(path, fill=pick(rng, tones), width=track, joint="curve")
        for px, py in (path[0], path[-1]):
            _pad(pen, px, py, unit * 0.36, board, pick(rng, (copper, (220, 190, 90), (200, 200, 204))))
    for _ in range(int(rng.integers(2, 9))):
        x, y = rng.uniform(0, w * 0.8), rng.uniform(0, h * 0.8)
        pins, wide = int(rng.integers(4, 12)), unit * int(rng.integers(2, 8))
        pen.rectangle(
            [x, y, x + pins * unit, y + wide], fill=board if rng.random() < 0.5 else None, outline=mark, width=2
        )
        for k in range(pins):
            for py in (y, y + wide):
                _pad(pen, x + (k + 0.5) * unit, py, unit * 0.34, board, (214, 190, 110), square=wide > 4 * unit)
        pen.text((x, y - unit * 0.3), f"{pick(rng, ('U', 'IC', 'J', 'R'))}{rng.integers(1, 30)}", mark,
                 font(round(unit * 0.9)), "ls")  # fmt: skip
    return shrink(image)


def _pad(
    pen: ImageDraw.ImageDraw, x: float, y: float, r: float, hole: Color, tone: Color, *, square: bool = False
) -> None:
    (pen.rectangle if square else pen.ellipse)([x - r, y - r, x + r, y + r], fill=tone)
    if not square:
        pen.ellipse([x - r * 0.45, y - r * 0.45, x + r * 0.45, y + r * 0.45], fill=hole)
