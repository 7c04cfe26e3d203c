"""Technical drawings beside floor plans: parts with measures, exploded views, elevations, sections, sites, circuits."""

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import (
    Color,
    Points,
    blend,
    extent,
    font,
    hsv,
    noise,
    pick,
    sheet,
    shrink,
    smooth,
    words,
    xy,
)
from beam_jobs.demo.draw.floorplans import Style, frame, plan_style


def _start(
    rng: np.random.Generator, size: int, low: float = 0.7, high: float = 1.7
) -> tuple[Image.Image, ImageDraw.ImageDraw, Style]:
    width, height = extent(rng, size, low, high)
    style = plan_style(rng, min(width, height) * 2)
    image, pen = sheet(width, height, style.paper)
    frame(pen, rng, image.size, style)
    return image, pen, style


def measure(
    pen: ImageDraw.ImageDraw, a: tuple[float, float], b: tuple[float, float], off: float, style: Style, text: str
) -> None:
    """Draw a dimension line from a to b, moved by ``off`` across, with arrows and a figure."""
    p, q = np.array(a, dtype=float), np.array(b, dtype=float)
    way = (q - p) / max(float(np.hypot(*(q - p))), 1e-6)
    side = np.array([way[1], -way[0]]) * off
    for end in (p, q):
        pen.line(xy(np.stack([end, end + side * 1.15])), fill=style.ink, width=1)
    pen.line(xy(np.stack([p + side, q + side])), fill=style.ink, width=1)
    for end, sign in ((p + side, 1), (q + side, -1)):
        tip = way * sign * 12
        across = np.array([way[1], -way[0]]) * 4
        pen.polygon(xy(np.stack([end, end + tip + across, end + tip - across])), fill=style.ink)
    x, y = (p + q) / 2 + side * 1.3
    pen.text((float(x), float(y)), text, style.ink, font(max(round(abs(off) * 0.4), 10)), "mm")


def _dashed(pen: ImageDraw.ImageDraw, a: tuple[float, float], b: tuple[float, float], ink: Color, dash: float) -> None:
    length = max(float(np.hypot(b[0] - a[0], b[1] - a[1])), 1e-6)
    at, index = 0.0, 0
    while at < length:
        stop = min(at + dash * (1, 0.3)[index % 2], length)
        ends = [(a[0] + (b[0] - a[0]) * t / length, a[1] + (b[1] - a[1]) * t / length) for t in (at, stop)]
        pen.line(ends, fill=ink, width=1)
        at, index = stop + dash * 0.35, index + 1


def _hatch(image: Image.Image, mask: Image.Image, ink: Color, pitch: int, turn: int) -> None:
    w, h = image.size
    y, x = np.mgrid[0:h, 0:w]
    lines = ((x * (1 if turn else -1) + y) % pitch) < 2
    image.paste(ink, (0, 0), Image.fromarray((lines & (np.asarray(mask) > 128)).astype(np.uint8) * 255))


def machine_part(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a machine part in two or three views with holes, axes, hatching and measures."""
    image, pen, style = _start(rng, size)
    w, h = image.size
    line = max(style.fine, 2)
    s = min(w, h)
    spots = [(0.3, 0.36), (0.7, 0.36), (0.3, 0.76), (0.7, 0.76)]
    for x, y in [spots[int(k)] for k in rng.permutation(4)[: int(rng.integers(1, 5))]]:
        cx, cy, r = x * w, y * h, s * rng.uniform(0.1, 0.19)
        kind = int(rng.integers(4))
        if kind == 0:
            for k in sorted(rng.uniform(0.2, 1.0, int(rng.integers(2, 6))), reverse=True):
                pen.ellipse([cx - r * k, cy - r * k, cx + r * k, cy + r * k], outline=style.ink, width=line)
            count, ring = int(rng.integers(3, 9)), r * rng.uniform(0.6, 0.85)
            for a in np.arange(count) * 2 * np.pi / count:
                px, py, q = cx + np.cos(a) * ring, cy + np.sin(a) * ring, r * 0.09
                pen.ellipse([px - q, py - q, px + q, py + q], outline=style.ink, width=line)
        elif kind == 1:
            teeth = int(rng.integers(10, 30))
            a = np.linspace(0, 2 * np.pi, teeth * 4, endpoint=False)
            far = np.where((np.arange(teeth * 4) % 4) < 2, r, r * 0.85)
            gear = np.stack([cx + np.cos(a) * far, cy + np.sin(a) * far], axis=1)
            pen.line(xy(np.concatenate([gear, gear[:1]])), fill=style.ink, width=line)
            for k in (0.6, 0.25):
                pen.ellipse([cx - r * k, cy - r * k, cx + r * k, cy + r * k], outline=style.ink, width=line)
        else:
            steps = int(rng.integers(2, 6))
            xs = np.linspace(cx - r * 1.3, cx + r * 1.3, steps + 1)
            tall = r * rng.uniform(0.3, 1.0, steps)
            top = np.repeat(tall, 2)
            along = np.concatenate([[xs[0]], np.repeat(xs[1:-1], 2), [xs[-1]]])
            shape = np.concatenate(
                [
                    np.stack([along, cy - top], 1),
                    np.stack([along, cy + (top if kind == 2 else np.full_like(top, r * 0.5))], 1)[::-1],
                ]
            )
            if kind == 3 or rng.random() < 0.5:
                mask = Image.new("L", image.size, 0)
                ImageDraw.Draw(mask).polygon(xy(shape), fill=255)
                bore = r * rng.uniform(0.1, 0.25)
                ImageDraw.Draw(mask).rectangle([0, cy - bore, w, cy + bore], fill=0)
                _hatch(image, mask, style.ink, int(rng.integers(9, 18)), int(rng.integers(2)))
            pen.line(xy(np.concatenate([shape, shape[:1]])), fill=style.ink, width=line)
            for a, b in zip(xs[1:-1], tall[1:], strict=False):
                pen.line([a, cy - b, a, cy + b * 0.6], fill=style.ink, width=line)
        reach = r * 1.45
        _dashed(pen, (cx - reach, cy), (cx + reach, cy), style.ink, s * 0.03)
        _dashed(pen, (cx, cy - reach), (cx, cy + reach), style.ink, s * 0.03)
        for _ in range(int(rng.integers(1, 4))):
            text = pick(rng, (f"{rng.integers(5, 300)}", f"Ø{rng.integers(4, 90)}", f"R{rng.integers(2, 40)}",
                              f"{rng.uniform(2, 90):.2f}", f"{rng.integers(5, 60)} ±0.1"))  # fmt: skip
            span = r * rng.uniform(0.4, 1.2)
            off = r * rng.uniform(1.1, 1.5) * pick(rng, (-1, 1))
            ends = ((cx - span, cy), (cx + span, cy)) if rng.random() < 0.6 else ((cx, cy - span), (cx, cy + span))
            measure(pen, *ends, off, style, text)
    return shrink(image)


def exploded(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw the parts of a thing along an axis, each with a numbered balloon, maybe with a parts list."""
    image, pen, style = _start(rng, size, 0.6, 1.4)
    w, h = image.size
    count, line = int(rng.integers(4, 10)), max(style.fine, 2)
    flat, lean = rng.uniform(0.25, 0.5), rng.uniform(-0.5, 0.5)
    x0 = w * rng.uniform(0.35, 0.6)
    shade = blend(style.paper, style.ink, rng.uniform(0.0, 0.18))
    _dashed(pen, (x0 - lean * h * 0.4, h * 0.04), (x0 + lean * h * 0.4, h * 0.96), style.ink, 18)
    for index in range(count):
        y = h * (0.08 + 0.84 * (index + 0.5) / count)
        x = x0 + lean * (y - h / 2)
        r = min(w, h) * rng.uniform(0.05, 0.2)
        tall = h / count * rng.uniform(0.1, 0.45)
        if rng.random() < 0.6:
            pen.rectangle([x - r, y, x + r, y + tall], fill=shade)
            pen.ellipse(
                [x - r, y + tall - r * flat, x + r, y + tall + r * flat], fill=shade, outline=style.ink, width=line
            )
            pen.rectangle([x - r + line, y, x + r - line, y + tall], fill=shade)
            pen.line([x - r, y, x - r, y + tall], fill=style.ink, width=line)
            pen.line([x + r, y, x + r, y + tall], fill=style.ink, width=line)
            pen.ellipse([x - r, y - r * flat, x + r, y + r * flat], fill=style.paper, outline=style.ink, width=line)
            q = r * rng.uniform(0.2, 0.7)
            pen.ellipse([x - q, y - q * flat, x + q, y + q * flat], outline=style.ink, width=line)
        else:
            box(pen, x, y, r, r * rng.uniform(0.4, 1), tall, style, line)
        bx, by = x + pick(rng, (-1, 1)) * w * rng.uniform(0.22, 0.32), y + h * rng.normal(0, 0.02)
        pen.line([x, y, bx, by], fill=style.ink, width=1)
        q = min(w, h) * 0.028
        pen.ellipse([bx - q, by - q, bx + q, by + q], fill=style.paper, outline=style.ink, width=2)
        pen.text((bx, by), str(index + 1), style.ink, font(round(q * 1.2)), "mm")
    return shrink(image)


def box(pen: ImageDraw.ImageDraw, x: float, y: float, a: float, b: float, tall: float, style: Style, line: int) -> None:
    """Draw an isometric box; ``a`` and ``b`` are its sides in pixels."""
    u, v = np.array([0.87, 0.5]) * a, np.array([-0.87, 0.5]) * b
    o, up = np.array([x, y]), np.array([0, tall])
    for face in ((o - u - v, o + u - v, o + u + v, o - u + v), (o - u + v, o + u + v, o + u + v + up, o - u + v + up),
                 (o + u - v, o + u + v, o + u + v + up, o + u - v + up)):  # fmt: skip
        pen.polygon(xy(np.stack(face) * 1.0), fill=style.paper, outline=style.ink, width=line)


def elevation(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw the front of a building, or a section through one, with levels and measures."""
    image, pen, style = _start(rng, size, 0.9, 2.2)
    w, h = image.size
    line, section = max(style.fine, 2), rng.random() < 0.4
    ground, storeys, bays = h * 0.82, int(rng.integers(1, 6)), int(rng.integers(2, 8))
    left, right = w * rng.uniform(0.12, 0.25), w * rng.uniform(0.75, 0.88)
    tall = min(h * 0.55 / storeys, h * 0.24)
    top = ground - storeys * tall
    fill = hsv(rng.random(), 0.15, 0.95) if sum(style.paper) > 600 and rng.random() < 0.35 else None
    pen.rectangle([left, top, right, ground], fill=fill, outline=style.ink, width=line)
    if rng.random() < 0.6:
        ridge = top - h * rng.uniform(0.05, 0.2)
        roof = np.array([(left - w * 0.03, top), ((left + right) / 2 if rng.random() < 0.6 else left, ridge),
                         (right + w * 0.03, top)])  # fmt: skip
        pen.polygon(xy(roof), outline=style.ink, width=line)
        if rng.random() < 0.6:
            mask = Image.new("L", image.size, 0)
            ImageDraw.Draw(mask).polygon(xy(roof), fill=255)
            _hatch(image, mask, style.ink, int(rng.integers(8, 16)), int(rng.integers(2)))
    shape = int(rng.integers(3))
    for storey in range(storeys):
        y = ground - storey * tall
        pen.line([left, y - tall, right, y - tall], fill=style.ink, width=line * (3 if section else 1))
        for bay in range(bays):
            x, wide = left + (right - left) * (bay + 0.5) / bays, (right - left) / bays * 0.25
            if storey == 0 and bay == bays // 2:
                pen.rectangle([x - wide, y - tall * 0.75, x + wide, y], fill=style.paper, outline=style.ink, width=line)
                continue
            pane = [x - wide, y - tall * 0.78, x + wide, y - tall * 0.25]
            pen.rectangle(pane, fill=style.paper, outline=style.ink, width=line)
            if shape:
                pen.line([x, pane[1], x, pane[3]], fill=style.ink, width=1)
            if shape == 2:
                pen.line([pane[0], y - tall * 0.5, pane[2], y - tall * 0.5], fill=style.ink, width=1)
        if rng.random() < 0.8:
            pen.line([right, y, right + w * 0.08, y], fill=style.ink, width=1)
            pen.text((right + w * 0.05, y - 12), f"+{storey * 3:.2f}", style.ink, font(round(h * 0.025)), "mm")
    pen.line([0, ground, w, ground], fill=style.ink, width=line + 2)
    for x in rng.uniform(0, w, int(rng.integers(0, 5))).tolist():
        if not left - w * 0.02 < x < right + w * 0.02:
            r = h * rng.uniform(0.05, 0.12)
            pen.line([x, ground, x, ground - r * 1.5], fill=style.ink, width=line)
            crown = np.array([x, ground - r * 2]) + np.stack([np.cos(k := np.arange(11) * 0.57), np.sin(k)], 1) * r
            pen.polygon(xy(smooth(crown + rng.normal(0, r * 0.15, crown.shape))), fill=style.paper, outline=style.ink)
    measure(pen, (left, ground), (right, ground), -h * 0.06, style, f"{round((right - left) * 12)}")
    measure(pen, (left, ground), (left, top), -h * 0.06, style, f"{storeys * 3000}")
    title = pick(rng, ("FRONT ELEVATION", "SECTION A-A", "NORTH ELEVATION", "Ansicht", "COUPE AA", "SOUTH"))
    pen.text((w / 2, h * 0.94), title, style.ink, font(round(h * 0.035), pick(rng, ("sans", "mono", "bold"))), "mm")
    return shrink(image)


def site_plan(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw plots along a road with contour lines, trees and a building, as a surveyor does."""
    image, pen, style = _start(rng, size)
    w, h = image.size
    field = noise(rng, w // 4, h // 4, cells=2, octaves=2)
    for level in np.linspace(0.25, 0.75, int(rng.integers(4, 12))):
        edge = np.abs(field - level) < 0.0035
        mask = Image.fromarray(edge.astype(np.uint8) * 255).resize((w, h))
        image.paste(blend(style.paper, style.ink, 0.4), (0, 0), mask)
    turn = rng.normal(0, 0.3)
    spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])

    def put(points: Points) -> list[tuple[float, float]]:
        return xy(points @ spin + np.array([w / 2, h / 2]))

    s, line = min(w, h), max(style.fine, 2)
    for y in (-0.05 * s, 0.05 * s):
        pen.line(put(np.array([(-w, y), (w, y)])), fill=style.ink, width=line + 1)
    x = -w * 0.6
    while x < w * 0.6:
        wide = s * rng.uniform(0.15, 0.3)
        for sign in (-1, 1):
            deep = s * rng.uniform(0.25, 0.45)
            plot = np.array(
                [(x, sign * s * 0.05), (x + wide, sign * s * 0.05), (x + wide, sign * deep), (x, sign * deep)]
            )
            pen.polygon(put(plot), outline=style.ink, width=line)
            house = plot.mean(0) + (plot - plot.mean(0)) * rng.uniform(0.3, 0.6, 2)
            tone = blend(style.paper, pick(rng, (style.ink, (200, 80, 60), (90, 150, 90))), 0.35)
            pen.polygon(put(house), fill=tone if rng.random() < 0.6 else None, outline=style.ink, width=line)
            px, py = put(plot[3:] * 0.9)[0]
            pen.text((px, py), str(rng.integers(1, 400)), style.ink, font(round(s * 0.028)), "mm")
        x += wide
    for _ in range(int(rng.integers(3, 20))):
        cx, cy, r = rng.uniform(0, w), rng.uniform(0, h), s * rng.uniform(0.012, 0.035)
        pen.ellipse([cx - r, cy - r, cx + r, cy + r], outline=style.ink, width=line)
        pen.line([cx - r, cy, cx + r, cy], fill=style.ink, width=1)
        pen.line([cx, cy - r, cx, cy + r], fill=style.ink, width=1)
    cx, cy, r = w * 0.9, h * 0.12, s * 0.05
    pen.polygon([(cx, cy - r), (cx + r * 0.4, cy + r), (cx, cy + r * 0.5), (cx - r * 0.4, cy + r)], outline=style.ink)
    pen.text((cx, cy - r * 1.5), "N", style.ink, font(round(r), "bold"), "mm")
    pen.text((w * 0.06, h * 0.94), words(rng, 2).upper(), style.ink, font(round(s * 0.035)), "lm")
    return shrink(image)
