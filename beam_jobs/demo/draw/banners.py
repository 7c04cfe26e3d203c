"""Cloths of flags: bands, crosses, cantons, wedges, rays, borders, arms; more than one field a flag."""

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import Color, oval, pick, smooth, xy

_DYES: tuple[Color, ...] = (
    (206, 17, 38), (220, 36, 31), (0, 40, 104), (0, 85, 164), (0, 122, 61), (0, 106, 78), (252, 209, 22), (255, 255, 255),
    (255, 255, 255), (16, 16, 16), (255, 136, 20), (108, 172, 228), (0, 166, 190), (128, 20, 50), (90, 40, 110), (20, 30, 60),
)  # fmt: skip


def banner(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """Return the cloth of a flag of no country, ``w`` × ``h`` pixels."""
    dyes = [_DYES[int(k)] for k in rng.permutation(len(_DYES))]
    first = dyes[0]
    dyes = [first, *dict.fromkeys(d for d in dyes if d != first)]
    image = Image.new("RGB", (w, h), first)
    pen = ImageDraw.Draw(image)
    kind = int(rng.integers(11))
    middle = np.array([w * rng.choice([0.5, 0.5, 0.36]), h * 0.5])
    if kind <= 2:
        shares = np.array(
            pick(
                rng,
                (
                    (1, 1, 1),
                    (1, 2, 1),
                    (2, 1, 1),
                    (1, 1),
                    (3, 1, 3),
                    (2, 1, 2, 1, 2),
                    (1, 1, 1, 1),
                    (4, 1, 4, 1, 4),
                    (1, 1, 1, 1, 1, 1),
                ),
            ),
            dtype=float,
        )
        edges = np.concatenate([[0], np.cumsum(shares) / shares.sum()])
        upright = rng.random() < 0.4
        for k in range(len(shares)):
            tone = dyes[k % 3] if len(shares) != 5 else (dyes[0], dyes[1], dyes[2], dyes[1], dyes[0])[k]
            pen.rectangle(
                (edges[k] * w, 0, edges[k + 1] * w, h) if upright else (0, edges[k] * h, w, edges[k + 1] * h), fill=tone
            )
    elif kind == 3:
        middle = np.array([w * rng.choice([0.36, 0.5]), h * 0.5])
        t = h * rng.uniform(0.08, 0.2)
        for extra, tone in ((t * 0.5 * (rng.random() < 0.5), dyes[1]), (0.0, dyes[2])):
            r = t / 2 + extra
            pen.rectangle([middle[0] - r, 0, middle[0] + r, h], fill=tone)
            pen.rectangle([0, h / 2 - r, w, h / 2 + r], fill=tone)
    elif kind == 4:
        _union(pen, (0, 0, w, h), dyes)
    elif kind == 5:
        for k in range(int(rng.choice([5, 9, 11, 13]))):
            pen.rectangle([0, h * k / 9, w, h * (k + 1) / 9], fill=dyes[k % 2])
    elif kind == 6:
        if rng.random() < 0.6:
            pen.rectangle([0, h / 2, w, h], fill=dyes[1])
        if rng.random() < 0.4:
            pen.rectangle([0, h / 3, w, h * 2 / 3], fill=dyes[4])
        for far, tone in ((rng.uniform(0.35, 0.6), dyes[2]), (rng.uniform(0.2, 0.33), dyes[3]))[
            : int(rng.integers(1, 3))
        ]:
            pen.polygon([(0, 0), (w * far, h / 2), (0, h)], fill=tone)
        middle = np.array([w * 0.14, h * 0.5])
    elif kind == 7:
        flip = rng.random() < 0.5
        pen.polygon([(0, h), (w, 0), (w, h)] if flip else [(0, 0), (w, h), (0, h)], fill=dyes[1])
        if rng.random() < 0.7:
            line = (0, h, w, 0) if flip else (0, 0, w, h)
            for share, tone in ((0.34, dyes[2]), (0.2, dyes[3])):
                pen.line(line, fill=tone, width=round(h * share))
    elif kind == 8:
        if rng.random() < 0.5:
            for k in range(16):
                a, b = k * np.pi / 8, (k + 0.5) * np.pi / 8
                pen.polygon(
                    [
                        tuple(middle),
                        (middle[0] + np.cos(a) * w, middle[1] + np.sin(a) * w),
                        (middle[0] + np.cos(b) * w, middle[1] + np.sin(b) * w),
                    ],
                    fill=dyes[1],
                )
        else:
            pen.polygon([(0, 0), (w / 2, h / 2), (0, h)], fill=dyes[1])
            pen.polygon([(w, 0), (w / 2, h / 2), (w, h)], fill=dyes[1])
            pen.line([0, 0, w, h], fill=dyes[2], width=round(h * 0.12))
            pen.line([w, 0, 0, h], fill=dyes[2], width=round(h * 0.12))
    elif kind == 9:
        x, n = w * rng.uniform(0.2, 0.45), int(rng.integers(5, 14))
        zig = [(x + (w * 0.06 if k % 2 else 0), h * k / n) for k in range(n + 1)]
        pen.polygon([*zig, (w, h), (w, 0)], fill=dyes[1])
    else:
        pen.rectangle([0, 0, w * 0.5, h * 0.5], fill=dyes[1])
        pen.rectangle([w * 0.5, h * 0.5, w, h], fill=dyes[rng.integers(1, 3)])
        pen.rectangle([w * 0.44, 0, w * 0.56, h], fill=dyes[3])
        pen.rectangle([0, h * 0.44, w, h * 0.56], fill=dyes[3])
    if kind in (0, 5, 10) and rng.random() < 0.5:
        box = (0, 0, w * rng.uniform(0.35, 0.5), h * rng.choice([0.5, 0.54]))
        pen.rectangle(box, fill=dyes[4])
        if rng.random() < 0.5:
            _union(pen, box, dyes[3:])
            for _ in range(int(rng.integers(0, 7))):
                emblem(
                    pen,
                    rng,
                    (w * rng.uniform(0.6, 0.92), h * rng.uniform(0.15, 0.85)),
                    h * rng.uniform(0.04, 0.09),
                    dyes[5:],
                    "star",
                )
        else:
            n, m = int(rng.integers(1, 6)), int(rng.integers(1, 5))
            for k in range(n * m):
                emblem(
                    pen,
                    rng,
                    (box[2] * (k % n + 0.5) / n, box[3] * (k // n + 0.5) / m),
                    box[3] * 0.34 / max(n, m),
                    dyes[5:],
                    "star",
                )
    elif kind != 4 and rng.random() < (0.9 if kind in (8, 9) else 0.55):
        emblem(
            pen,
            rng,
            (middle[0], middle[1]),
            h * (rng.uniform(0.1, 0.17) if kind < 8 else rng.uniform(0.15, 0.3)),
            dyes[3:],
        )
    if rng.random() < 0.08:
        pen.rectangle([0, 0, w - 1, h - 1], outline=dyes[6], width=round(h * 0.09))
    if rng.random() < 0.06:
        for y in np.arange(0, h, h / 9):
            pen.polygon(
                [(w * 0.06, y), (w * 0.11, y + h / 18), (w * 0.06, y + h / 9), (w * 0.01, y + h / 18)],
                fill=dyes[5],
                outline=dyes[6],
            )
    return image


def _union(pen: ImageDraw.ImageDraw, box: tuple[float, float, float, float], dyes: list[Color]) -> None:
    """Lay crosses upon crosses, as in a union of kingdoms."""
    left, top, right, bottom = box
    w, h = right - left, bottom - top
    pen.rectangle(box, fill=dyes[0])
    for share, tone in ((0.2, dyes[1]), (0.08, dyes[2])):
        t = h * share / 2
        for a, b in (((left, top), (right, bottom)), ((right, top), (left, bottom))):
            pen.polygon(
                [
                    (a[0], a[1]),
                    (min(max(a[0] + (t if a[0] < b[0] else -t), left), right), a[1]),
                    (b[0], b[1] - t),
                    (b[0], b[1]),
                    (b[0] + (-t if a[0] < b[0] else t), b[1]),
                    (a[0], a[1] + t),
                ],
                fill=tone,
            )
    for share, tone in ((0.34, dyes[1]), (0.2, dyes[2])):
        t = h * share / 2
        pen.rectangle([left + w / 2 - t, top, left + w / 2 + t, bottom], fill=tone)
        pen.rectangle([left, top + h / 2 - t, right, top + h / 2 + t], fill=tone)


def emblem(
    pen: ImageDraw.ImageDraw,
    rng: np.random.Generator,
    at: tuple[float, float],
    r: float,
    dyes: list[Color],
    kind: str = "",
) -> None:
    """Draw a star, sun, disc, crescent, shield, wreath, beast, wheel or stars in a ring."""
    spot = np.array(at)
    kind = kind or pick(
        rng, ("star", "sun", "disc", "crescent", "shield", "shield", "wreath", "beast", "wheel", "ring", "diamond")
    )

    def star(x: float, y: float, size: float, tone: Color, points: int = 5, inner: float = 0.42) -> None:
        away = np.where(np.arange(points * 2) % 2 == 0, size, size * inner)[:, None]
        pen.polygon(xy(oval(0, 0, 1, 1, -np.pi / 2, points * 2) * away + (x, y)), fill=tone)

    x, y = at
    tone, second, third = dyes[0], dyes[1], dyes[2]
    if kind == "star":
        star(x, y, r, tone, int(rng.choice([5, 5, 5, 6, 7])))
    elif kind == "sun":
        star(x, y, r * 1.2, tone, int(rng.integers(8, 25)), 0.6)
        pen.ellipse([x - r * 0.6, y - r * 0.6, x + r * 0.6, y + r * 0.6], fill=second if rng.random() < 0.4 else tone)
    elif kind == "disc":
        pen.ellipse([x - r, y - r, x + r, y + r], fill=tone)
        if rng.random() < 0.5:
            emblem(pen, rng, at, r * 0.7, dyes[1:], pick(rng, ("star", "beast", "crescent", "sun")))
    elif kind == "crescent":
        moon = np.concatenate(
            [oval(x, y, r, r, 0.6, 40)[:32], oval(x + r * 0.28, y, r * 0.8, r * 0.8, 0.6, 40)[31::-1]]
        )
        pen.polygon(xy(moon), fill=tone)
        star(x + r * 0.6, y, r * 0.5, tone)
    elif kind == "shield":
        shape = np.array([(-0.8, -1), (0.8, -1), (0.8, 0.2), (0, 1.2), (-0.8, 0.2)]) * r + spot
        pen.polygon(xy(shape), fill=second, outline=third, width=max(round(r * 0.1), 1))
        pen.polygon(xy((shape - spot) * [0.5, 0.5] + spot), fill=tone)
        pen.line([x - r * 0.8, y - r * 0.2, x + r * 0.8, y - r * 0.2], fill=third, width=max(round(r * 0.15), 1))
        for side in (-1, 1) if rng.random() < 0.6 else ():
            pen.polygon(
                xy(
                    smooth(
                        np.array([(0.9, -0.8), (1.5, -1.1), (1.3, 0.2), (1.6, 1.0), (0.9, 1.0)]) * [side * r, r] + spot
                    )
                ),
                fill=third,
            )
        if rng.random() < 0.5:
            pen.polygon(
                xy(
                    np.array(
                        [(-0.7, -1.1), (-0.8, -1.7), (-0.3, -1.3), (0, -1.8), (0.3, -1.3), (0.8, -1.7), (0.7, -1.1)]
                    )
                    * r
                    + spot
                ),
                fill=tone,
            )
    elif kind == "wreath":
        for k in range(14):
            a = 0.35 + k / 13 * 5.6 + np.pi / 2
            pen.polygon(xy(oval(x + np.cos(a) * r, y + np.sin(a) * r, r * 0.3, r * 0.1, a + 0.8)), fill=tone)
        emblem(pen, rng, at, r * 0.6, dyes[1:], pick(rng, ("star", "sun", "beast", "shield")))
    elif kind == "beast":
        half = smooth(np.array([(0, -1), *rng.uniform((0.1, -0.9), (1.3, 1), (6, 2)), (0, 1)]), closed=False)
        both = np.concatenate([half, half[::-1] * [-1, 1]]) if rng.random() < 0.6 else half
        pen.polygon(xy(both * r + spot), fill=tone)
    elif kind == "wheel":
        pen.ellipse([x - r, y - r, x + r, y + r], outline=tone, width=max(round(r * 0.12), 1))
        for k in range(12):
            pen.line(
                [x, y, x + np.cos(k * np.pi / 6) * r, y + np.sin(k * np.pi / 6) * r],
                fill=tone,
                width=max(round(r * 0.07), 1),
            )
    elif kind == "ring":
        for k in range(12):
            star(x + np.cos(k * np.pi / 6) * r * 1.3, y + np.sin(k * np.pi / 6) * r * 1.3, r * 0.26, tone)
    else:
        for shift in (-0.7, 0.7, 0.0):
            pen.polygon(
                [
                    (x + shift * r, y - r * 0.6 + abs(shift) * -r * 0.6),
                    (x + shift * r + r * 0.5, y - abs(shift) * r * 0.6),
                    (x + shift * r, y + r * 0.6 - abs(shift) * r * 0.6),
                    (x + shift * r - r * 0.5, y - abs(shift) * r * 0.6),
                ],
                fill=tone,
            )
