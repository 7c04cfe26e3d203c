"""blueprint: floor plans with walls, doors, windows, furniture and dimension lines, and other technical drawings."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import WHITE, Color, blend, extent, font, pick, sheet, shrink
from beam_jobs.demo.draw.captures import capture
from beam_jobs.demo.draw.circuits import printed_board, schematic
from beam_jobs.demo.draw.draftings import elevation, exploded, machine_part, site_plan
from beam_jobs.demo.draw.floorplans import floor_plan
from beam_jobs.demo.draw.solidplans import solid_plan, worn

_ROOMS = ("LIVING", "BEDROOM", "KITCHEN", "BATH", "STUDY", "HALL", "DINING", "STORAGE")
Room = tuple[float, float, float, float]


def blueprint(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a floor plan, a part's drawing, an elevation, a site or a circuit, as a file, a print or a photograph."""
    image = pick(rng, _KINDS)(rng, size)
    if rng.random() < 0.12:
        image = worn(rng, image)
    return capture(rng, image, ("flat",) * 9 + ("scan", "copy", "aged", "close"))


def _plain_plan(rng: np.random.Generator, size: int) -> Image.Image:
    width, height = extent(rng, size, 0.85, 1.5)
    styles: tuple[tuple[Color, Color], ...] = (
        (WHITE, (30, 30, 36)),
        (WHITE, (50, 60, 80)),
        ((28, 70, 140), (232, 240, 255)),
        ((250, 247, 238), (60, 50, 44)),
    )
    paper, ink = styles[int(rng.choice([0, 0, 1, 2, 2, 3]))]
    image, pen = sheet(width, height, paper)
    w, h = image.size
    if paper[2] > paper[0] + 50 or rng.random() < 0.2:
        for x in np.arange(0, w, w / 28):
            pen.line([x, 0, x, h], fill=blend(paper, ink, 0.12))
        for y in np.arange(0, h, w / 28):
            pen.line([0, y, w, y], fill=blend(paper, ink, 0.12))
    wall = max(round(min(w, h) * rng.uniform(0.012, 0.022)), 4)
    edge = min(w, h) * 0.13
    rooms = _split(rng, (edge, edge, w - edge * 0.6, h - edge * 0.6), min(w, h) * 0.24)
    names = rng.permutation(len(_ROOMS))
    tinted = rng.random() < 0.3 and sum(paper) > 600
    for index, room in enumerate(rooms):
        if tinted:
            tone = ((255, 240, 214), (220, 236, 250), (226, 244, 222), (250, 226, 230))[index % 4]
            pen.rectangle(room, fill=tone)
        _furnish(pen, rng, room, ink)
        left, top, right, bottom = room
        pen.rectangle([left - wall / 2, top - wall / 2, right + wall / 2, bottom + wall / 2], outline=ink, width=wall)
        letters = font(round(min((right - left) / 7.5, (bottom - top) / 6, min(w, h) * 0.04)))
        middle = ((left + right) / 2, (top + bottom) / 2)
        pen.text(middle, _ROOMS[int(names[index % len(_ROOMS)])], ink, letters, "mm")
        area = f"{(right - left) * (bottom - top) / (w * h) * 90:.1f} m²"
        pen.text((middle[0], middle[1] + letters.size * 1.3), area, ink, font(round(letters.size * 0.8)), "mm")
    for room in rooms:
        _door(pen, rng, room, ink, paper, wall)
    left, top = min(room[0] for room in rooms), min(room[1] for room in rooms)
    right, bottom = max(room[2] for room in rooms), max(room[3] for room in rooms)
    for x0, x1 in _windows(rng, left, right):
        pen.rectangle([x0, top - wall / 2, x1, top + wall / 2], fill=paper, outline=ink, width=2)
        pen.line([x0, top, x1, top], fill=ink, width=2)
    _dimensions(
        pen, sorted({room[0] for room in rooms if room[1] <= top} | {right}), top - edge * 0.45, ink, across=True
    )
    _dimensions(
        pen, sorted({room[1] for room in rooms if room[0] <= left} | {bottom}), left - edge * 0.45, ink, across=False
    )
    if rng.random() < 0.35:
        text = f"{pick(rng, ['PLAN', 'FLOOR PLAN', 'TYPE A', '1F PLAN'])}  1:{rng.choice([50, 100, 200])}"
        pen.text((w - edge * 0.6, h - edge * 0.28), text, ink, font(round(edge * 0.24), "mono"), "rm")
    return shrink(image)


def _split(rng: np.random.Generator, room: Room, least: float) -> list[Room]:
    """Cut a room into smaller ones whose sides are at least ``least`` pixels."""
    left, top, right, bottom = room
    wide, high = right - left, bottom - top
    if max(wide, high) < 2 * least or (max(wide, high) < 3 * least and rng.random() < 0.25):
        return [room]
    if wide >= high:
        cut = rng.uniform(left + least, right - least)
        return _split(rng, (left, top, cut, bottom), least) + _split(rng, (cut, top, right, bottom), least)
    cut = rng.uniform(top + least, bottom - least)
    return _split(rng, (left, top, right, cut), least) + _split(rng, (left, cut, right, bottom), least)


def _door(pen: ImageDraw.ImageDraw, rng: np.random.Generator, room: Room, ink: Color, paper: Color, wall: int) -> None:
    left, top, right, bottom = room
    leaf = min(right - left, bottom - top) * 0.28
    if rng.random() < 0.5:
        x = rng.uniform(left + leaf * 0.3, right - leaf * 1.3)
        pen.rectangle([x, bottom - wall / 2 - 1, x + leaf, bottom + wall / 2 + 1], fill=paper)
        pen.line([x, bottom, x, bottom - leaf], fill=ink, width=3)
        pen.arc([x - leaf, bottom - leaf, x + leaf, bottom + leaf], 270, 360, fill=ink, width=2)
    else:
        y = rng.uniform(top + leaf * 0.3, bottom - leaf * 1.3)
        pen.rectangle([right - wall / 2 - 1, y, right + wall / 2 + 1, y + leaf], fill=paper)
        pen.line([right, y, right - leaf, y], fill=ink, width=3)
        pen.arc([right - leaf, y - leaf, right + leaf, y + leaf], 90, 180, fill=ink, width=2)


def _furnish(pen: ImageDraw.ImageDraw, rng: np.random.Generator, room: Room, ink: Color) -> None:
    left, top, right, bottom = room
    side = min(right - left, bottom - top) * 0.3
    pad = side * 0.25
    kind = int(rng.integers(5))
    if kind == 0:
        box = [left + pad, top + pad, left + pad + side * 1.1, top + pad + side * 0.9]
        pen.rectangle(box, outline=ink, width=2)
        pen.rectangle(
            [box[0] + side * 0.1, box[1] + side * 0.1, box[0] + side * 0.5, box[1] + side * 0.3], outline=ink, width=2
        )
        pen.rectangle(
            [box[0] + side * 0.6, box[1] + side * 0.1, box[0] + side, box[1] + side * 0.3], outline=ink, width=2
        )
    elif kind == 1:
        pen.ellipse([right - pad - side * 0.7, top + pad, right - pad, top + pad + side * 0.7], outline=ink, width=2)
        pen.ellipse(
            [right - pad - side * 0.5, top + pad + side * 0.2, right - pad - side * 0.2, top + pad + side * 0.5],
            outline=ink,
            width=2,
        )
    elif kind == 2:
        for step in range(7):
            x = left + pad + step * side * 0.18
            pen.line([x, bottom - pad - side * 0.7, x, bottom - pad], fill=ink, width=2)
        pen.rectangle(
            [left + pad, bottom - pad - side * 0.7, left + pad + side * 1.08, bottom - pad], outline=ink, width=2
        )
    elif kind == 3:
        pen.rounded_rectangle(
            [left + pad, bottom - pad - side * 0.5, left + pad + side * 1.4, bottom - pad], 8, outline=ink, width=2
        )
        pen.line(
            [left + pad + side * 0.7, bottom - pad - side * 0.5, left + pad + side * 0.7, bottom - pad],
            fill=ink,
            width=2,
        )


def _windows(rng: np.random.Generator, left: float, right: float) -> list[tuple[float, float]]:
    spots = np.linspace(left, right, int(rng.integers(3, 6)))
    wide = (right - left) * rng.uniform(0.08, 0.13)
    return [(float(x) + wide * 0.5, float(x) + wide * 1.5) for x in spots[:-1]]


def _dimensions(pen: ImageDraw.ImageDraw, stops: list[float], at: float, ink: Color, *, across: bool) -> None:
    """Draw a dimension line with ticks and lengths in millimetres."""
    letters = font(14, "mono")
    if across:
        pen.line([stops[0], at, stops[-1], at], fill=ink, width=2)
    else:
        pen.line([at, stops[0], at, stops[-1]], fill=ink, width=2)
    for stop in stops:
        tick = [stop - 5, at + 5, stop + 5, at - 5] if across else [at - 5, stop + 5, at + 5, stop - 5]
        pen.line(tick, fill=ink, width=3)
    for first, last in pairwise(stops):
        middle = (first + last) / 2
        text = f"{round((last - first) * 12, -2):.0f}"
        spot = (middle, at - 12) if across else (at - 2, middle - 12)
        pen.text(spot, text, ink, letters, "mm")


_KINDS: tuple[Callable[[np.random.Generator, int], Image.Image], ...] = (
    _plain_plan, _plain_plan, floor_plan, floor_plan, floor_plan, floor_plan, floor_plan, solid_plan,
    machine_part, exploded, elevation, site_plan, schematic, printed_board,
)  # fmt: skip
