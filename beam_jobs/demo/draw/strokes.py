"""Lines drawn by a hand: they tremble, miss their ends, swell and thin; and things drawn with such lines."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import Color, Points, pick, xy
from beam_jobs.demo.draw.things import LINE, Part, runs


@dataclass(frozen=True)
class Pen:
    """A pen and the hand that holds it; lengths in canvas pixels, the rest shares of one."""

    color: Color
    width: float
    swell: float = 0.2
    """How much the width changes along a line."""
    tremble: float = 2.0
    passes: int = 1
    """How often each line is drawn."""
    gap: float = 0.3
    """Chance that a closed outline stays open."""
    fade: float = 0.0
    """How much the colour of a line pales towards its paper."""


def pen_of(rng: np.random.Generator, color: Color, side: float) -> Pen:
    """Return a random pen for a picture of ``side`` canvas pixels: fine liner, ball pen, marker, brush or pencil."""
    kind = pick(rng, ("fine", "fine", "ball", "marker", "brush", "pencil"))
    width = {"fine": rng.uniform(1.5, 3.5), "ball": side * rng.uniform(0.005, 0.009), "pencil": side * 0.005,
             "marker": side * rng.uniform(0.011, 0.024), "brush": side * rng.uniform(0.008, 0.016)}[kind]  # fmt: skip
    return Pen(
        color=color,
        width=width,
        swell={"brush": 0.75, "pencil": 0.5, "marker": 0.12}.get(kind, 0.2),
        tremble=side * rng.uniform(0.001, 0.006),
        passes=int(rng.integers(2, 4)) if kind == "pencil" else int(rng.choice([1, 1, 1, 2])),
        gap=rng.uniform(0.1, 0.8),
        fade=rng.uniform(0.1, 0.6) if kind == "pencil" else 0.0,
    )


def even(points: Points, step: float) -> Points:
    """Return the line with points ``step`` pixels apart."""
    lengths = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    count = max(int(lengths[-1] / step), 2)
    at = np.linspace(0, lengths[-1], count)
    return np.stack([np.interp(at, lengths, points[:, axis]) for axis in (0, 1)], axis=1)


def shaken(rng: np.random.Generator, line: Points, amount: float, wave: int = 12) -> Points:
    """Return the line moved by smooth noise of ``amount`` pixels that changes every ``wave`` points."""
    knots = max(len(line) // wave, 1) + 2
    at = np.linspace(0, knots - 1, len(line))
    moves = rng.normal(0, amount, (2, knots))
    moved: Points = line + np.stack([np.interp(at, np.arange(knots), move) for move in moves], axis=1)
    return moved


def draw_line(
    image: Image.Image, rng: np.random.Generator, points: Points, pen: Pen, paper: Color | None = None
) -> None:
    """Draw one open line by hand."""
    if float(np.ptp(points, axis=0).max()) < 2:
        return
    line = shaken(rng, even(points, max(pen.width * 1.5, 5.0)), pen.tremble)
    out = ImageDraw.Draw(image)
    phase, waves = rng.uniform(0, 6), rng.uniform(0.5, 2.5)
    share = np.linspace(0, 1, len(line))
    press = 1 + pen.swell * np.sin(phase + share * waves * 2 * np.pi)
    press *= 1 - pen.swell * 0.8 * np.abs(2 * share - 1) ** 4
    pale = np.asarray(paper if paper is not None else pen.color, dtype=np.float64)
    base = np.asarray(pen.color, dtype=np.float64)
    fade = pen.fade * rng.uniform(0.3, 1.0)
    if pen.swell < 0.25 and not fade:
        out.line(xy(line), fill=pen.color, width=max(round(pen.width), 1), joint="curve" if pen.width > 3 else None)
        return
    for step in range(len(line) - 1):
        wide = max(pen.width * press[step], 1.0)
        mix = base + (pale - base) * fade * (1.3 - 0.6 * press[step])
        color = (int(mix[0]), int(mix[1]), int(mix[2]))
        out.line([*line[step], *line[step + 1]], fill=color, width=round(wide))
        if wide > 3:
            x, y = line[step + 1]
            out.ellipse([x - wide / 2, y - wide / 2, x + wide / 2, y + wide / 2], fill=color)


def draw_outline(
    image: Image.Image, rng: np.random.Generator, points: Points, pen: Pen, paper: Color | None = None
) -> None:
    """Draw a closed outline by hand: begun anywhere, its ends missing each other."""
    for _ in range(pen.passes):
        ring = np.roll(points, int(rng.integers(len(points))), axis=0)
        ring = even(np.concatenate([ring, ring[:1]]), max(pen.width, 4.0))
        if rng.random() < pen.gap:
            cut = int(len(ring) * rng.uniform(0.0, 0.12))
            ring = ring[: len(ring) - cut]
        else:
            ring = np.concatenate([ring, ring[1 : 1 + max(len(ring) // 20, 1)]])
        if pen.passes > 1 and len(ring) > 24 and rng.random() < 0.7:
            cut = int(len(ring) * rng.uniform(0.3, 0.7))
            draw_line(image, rng, ring[: cut + 3], pen, paper)
            ring = ring[cut:]
        draw_line(image, rng, ring, pen, paper)


def naive(rng: np.random.Generator, parts: list[Part], amount: float) -> list[Part]:
    """Return the parts as an unpractised hand sees them: leaning, bent, parts out of place; ``amount`` 0–1."""
    skew = np.eye(2) + rng.normal(0, 0.12 * amount, (2, 2))
    waves, phases = rng.uniform(1, 3, (2, 2)), rng.uniform(0, 6, (2, 2))
    moved = []
    for points, role in parts:
        bent = points @ skew
        bend = np.stack(
            [np.sin(bent[:, 1] * waves[0, 0] + phases[0, 0]), np.sin(bent[:, 0] * waves[0, 1] + phases[0, 1])], axis=1
        )
        moved.append((bent + bend * 0.07 * amount + rng.normal(0, 0.02 * amount, 2), role))
    return moved


def hatch(
    image: Image.Image, rng: np.random.Generator, outline: Points, pen: Pen, *, spacing: float, angle: float
) -> None:
    """Fill an outline with hand-drawn parallel lines ``spacing`` pixels apart."""
    low, high = outline.min(axis=0), outline.max(axis=0)
    reach, middle = float(np.hypot(*(high - low))) / 2, (low + high) / 2
    if reach < 3 or reach > 4 * max(image.size):
        return
    left, top = (max(int(value), 0) for value in low)
    right, bottom = min(int(high[0]) + 2, image.width), min(int(high[1]) + 2, image.height)
    if right - left < 2 or bottom - top < 2:
        return
    corner = np.array([left, top])
    mask = Image.new("1", (right - left, bottom - top), 0)
    ImageDraw.Draw(mask).polygon(xy(outline - corner), fill=1)
    layer = image.crop((left, top, right, bottom))
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    out = ImageDraw.Draw(layer)
    for shift in np.arange(-reach, reach, spacing):
        start = middle - corner + across * (shift + rng.normal(0, spacing * 0.2)) - along * reach * rng.uniform(0.7, 1)
        stop = middle - corner + across * (shift + rng.normal(0, spacing * 0.3)) + along * reach * rng.uniform(0.7, 1)
        out.line([*start, *stop], fill=pen.color, width=max(round(pen.width * 0.7), 1))
    image.paste(layer, (left, top), mask)


def sketch_thing(
    image: Image.Image,
    rng: np.random.Generator,
    parts: list[Part],
    at: tuple[float, float],
    r: float,
    pen: Pen,
    *,
    paper: Color | None,
    shading: float = 0.2,
) -> None:
    """Draw a thing of radius ``r`` pixels with hand-drawn lines.

    Args:
        image: the canvas.
        rng: source of chance.
        parts: back to front, in the square from −1 to 1.
        at: its middle.
        r: its radius in pixels.
        pen: the pen.
        paper: colour that hides what lies behind a part; None: lines show through.
        shading: chance that a part is hatched or blackened.
    """
    out = ImageDraw.Draw(image)
    angle = rng.uniform(0.4, 1.2)
    for role, shapes in runs(parts, merge=True):
        outlines = [shape * r + np.asarray(at) for shape in shapes]
        if role == LINE:
            for line in outlines:
                draw_line(image, rng, line, pen, paper)
            continue
        merged = len(outlines) > 1 and paper is not None
        if merged:
            for points in outlines:
                draw_outline(image, rng, points, pen, paper)
            inner = [
                points
                + (points.mean(axis=0) - points) * min(pen.width / max(float(np.ptp(points, axis=0).min()), 1.0), 0.3)
                for points in outlines
            ]
            for points in inner:
                out.polygon(xy(points), fill=paper)
        for points in outlines:
            tiny = float(np.ptp(points, axis=0).max()) < r * 0.2
            if paper is not None and not merged:
                out.polygon(xy(points), fill=paper)
            clear = paper is None and role == 2
            if role == 2 and (tiny or (not clear and rng.random() < shading)):
                out.polygon(xy(points), fill=pen.color)
            elif not clear and rng.random() < shading:
                hatch(image, rng, points, pen, spacing=max(r * rng.uniform(0.03, 0.08), pen.width * 2), angle=angle)
            if not merged:
                draw_outline(image, rng, points, pen, paper)
