"""Plants as people photograph them: meadows, fields, leaves, trees, pots, mushrooms, dandelions, bouquets."""

from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import (
    Color,
    Points,
    blend,
    blur,
    extent,
    gradient,
    hsv,
    noise,
    oval,
    pick,
    shrink,
    smooth,
    xy,
)
from beam_jobs.demo.draw.photo import backdrop, finish, leaves, sky

_HUES = (0.0, 0.02, 0.06, 0.12, 0.15, 0.15, 0.6, 0.7, 0.78, 0.85, 0.92, 0.95)


def _dye(rng: np.random.Generator) -> Color:
    if rng.random() < 0.25:
        return hsv(rng.choice([0.13, 0.9, 0.6]), rng.uniform(0, 0.12), rng.uniform(0.9, 1))
    return hsv(rng.choice(_HUES) + rng.normal(0, 0.012), rng.uniform(0.45, 0.95), rng.uniform(0.65, 1))


def _green(rng: np.random.Generator, low: float = 0.15, high: float = 0.6) -> Color:
    return hsv(rng.uniform(0.2, 0.38), rng.uniform(0.25, 0.75), rng.uniform(low, high))


def bloom(
    pen: ImageDraw.ImageDraw, rng: np.random.Generator, x: float, y: float, r: float, dye: Color, kind: int, tilt: float
) -> None:
    """Draw a blossom seen under a tilt (1: from above): daisy, sunflower, rose, tulip, five petals, globe, spike."""
    core = pick(rng, ((236, 180, 30), (84, 52, 24), (210, 200, 90)))

    def petals(count: int, reach: float, wide: float, tone: Color, turn: float) -> None:
        for k in range(count):
            a = 2 * np.pi * k / count + turn + rng.normal(0, 0.05)
            shade = blend(tone, (20, 10, 20), 0.18 + 0.14 * np.sin(a + 0.5) + rng.uniform(-0.08, 0.08))
            for share in (1.0, 0.7) if r > 16 else (1.0,):
                shape = oval(0.55 * reach, 0, 0.48 * reach * share, wide * share, 0, 20)
                c, s = np.cos(a), np.sin(a)
                spun = np.stack([shape[:, 0] * c - shape[:, 1] * s, (shape[:, 0] * s + shape[:, 1] * c) * tilt], axis=1)
                pen.polygon(xy(spun * r + (x, y)), fill=blend(shade, tone, 0 if share == 1 else 0.6))

    if kind <= 1:
        n = int(rng.integers(11, 30)) if r > 30 else 9
        petals(n, 1.0, rng.uniform(1.2, 2.2) / n, dye, 0)
        petals(n, rng.uniform(0.7, 0.95), 1.4 / n, dye, np.pi / n)
        big = r * (0.25 if kind == 0 else 0.45)
        pen.ellipse([x - big, y - big * tilt, x + big, y + big * tilt], fill=core)
        for dot in rng.normal(0, big * 0.4, (60 if r > 30 else 6, 2)):
            pen.ellipse(
                [x + dot[0] - 2, y + dot[1] * tilt - 2, x + dot[0] + 2, y + dot[1] * tilt + 2],
                fill=blend(core, (30, 20, 10), rng.random() * 0.7),
            )
    elif kind == 2:
        for ring in range(7 if r > 30 else 3):
            petals(
                7 - ring // 2,
                1 - ring * 0.13,
                0.42 - ring * 0.03,
                blend(dye, (40, 0, 10), ring * 0.06),
                rng.uniform(0, 1),
            )
    elif kind == 3:
        for shift, part in ((-0.35, 0.15), (0.35, 0.15), (0.0, 0.0)):
            cup = smooth(np.array([(0, -1), (0.35, -0.3), (0.3, 0.5), (0, 0.75), (-0.3, 0.5), (-0.35, -0.3)]))
            pen.polygon(
                xy(cup * [r * 0.8, r] + (x + shift * r, y)), fill=blend(dye, (30, 0, 20), part + rng.uniform(0, 0.12))
            )
    elif kind == 4:
        petals(int(rng.choice([4, 5, 5, 6])), 1.0, rng.uniform(0.28, 0.5), dye, rng.uniform(0, 1))
        pen.ellipse([x - r * 0.15, y - r * 0.15 * tilt, x + r * 0.15, y + r * 0.15 * tilt], fill=core)
    elif kind == 5:
        for _ in range(130):
            a, far = rng.uniform(0, 6.3), r * np.sqrt(rng.random())
            px, py, s = x + np.cos(a) * far, y + np.sin(a) * far, r * rng.uniform(0.04, 0.13)
            pen.ellipse(
                [px - s, py - s, px + s, py + s],
                fill=blend(dye, pick(rng, ((40, 20, 50), (255, 255, 255))), rng.uniform(0, 0.5)),
            )
            pen.line([x, y, px, py], fill=blend(dye, (255, 255, 255), 0.3), width=1)
    else:
        for k in range(40):
            far = k / 40
            px, py, s = x + rng.normal(0, 0.18) * r * (1.1 - far), y + (0.8 - far * 2) * r, r * 0.14
            pen.ellipse(
                [px - s, py - s, px + s, py + s],
                fill=blend(dye, pick(rng, ((40, 20, 50), (255, 255, 255))), rng.uniform(0, 0.4)),
            )


def leaf(
    pen: ImageDraw.ImageDraw,
    rng: np.random.Generator,
    root: Points,
    angle: float,
    long: float,
    wide: float,
    tone: Color,
) -> None:
    """Draw a leaf from its stalk: two halves of different light and a midrib with veins."""
    t = np.linspace(0, 1, 12)
    half = np.sin(np.pi * t**0.8) * wide
    along = np.array([np.cos(angle), np.sin(angle)])
    across = np.array([-along[1], along[0]])
    rib = root + np.outer(t * long, along) + np.outer(np.sin(t * np.pi) * long * rng.normal(0, 0.06), across)
    for side, shade in ((1, 0.0), (-1, 0.22)):
        pen.polygon(
            xy(np.concatenate([rib, (rib + np.outer(half * side, across))[::-1]])), fill=blend(tone, (10, 20, 8), shade)
        )
    vein = blend(tone, (230, 240, 190), 0.35)
    pen.line(xy(rib), fill=vein, width=max(round(wide * 0.08), 1))
    for k in range(2, 10 if wide > 8 else 2):
        for side in (1, -1):
            tip = rib[min(k + 1, 11)] + across * half[k] * 0.8 * side
            pen.line([*xy(np.stack([rib[k], tip]))], fill=vein, width=1)


def _portrait(rng: np.random.Generator, image: Image.Image) -> None:
    w, h = image.size
    pen, kind, dye = ImageDraw.Draw(image), int(rng.integers(7)), _dye(rng)
    count = int(rng.choice([1, 1, 1, 2, 3, 6]))
    for _ in range(count):
        r = min(w, h) * (rng.uniform(0.25, 0.65) if count == 1 else rng.uniform(0.12, 0.3))
        x, y = w * rng.normal(0.5, 0.08 if count == 1 else 0.25), h * rng.normal(0.45, 0.07 if count == 1 else 0.2)
        stem = smooth(
            np.array([[x, y], [x + rng.normal(0, r * 0.2), (y + h) / 2], [x + rng.normal(0, r * 0.5), h * 1.05]]),
            closed=False,
        )
        pen.line(xy(stem), fill=_green(rng, 0.25, 0.5), width=max(round(r * 0.08), 3), joint="curve")
        for spot in stem[5:12:3]:
            leaf(
                pen,
                rng,
                spot,
                rng.choice([-0.6, 3.7]) + rng.normal(0, 0.4),
                r,
                r * rng.uniform(0.08, 0.35),
                _green(rng, 0.2, 0.5),
            )
        bloom(pen, rng, x, y, r, dye, kind, rng.uniform(0.4, 1.0))


def _meadow(rng: np.random.Generator, image: Image.Image) -> None:
    """Many blossoms, smaller and denser towards a horizon, or from above."""
    w, h = image.size
    above = rng.random() < 0.5
    line = 0 if above else h * rng.uniform(0.1, 0.5)
    field = noise(rng, w // 2, h // 2, cells=20, octaves=4)
    tone = np.array(_green(rng, 0.2, 0.5))
    green = Image.fromarray(np.clip(tone * (0.4 + 1.2 * field[..., None]), 0, 255).astype(np.uint8)).resize((w, h))
    image.paste(green.crop((0, round(line), w, h)), (0, round(line)))
    pen, kind, dyes = (
        ImageDraw.Draw(image),
        int(rng.integers(7)),
        [_dye(rng) for _ in range(int(rng.choice([1, 1, 2, 4])))],
    )
    big = w * rng.uniform(0.02, 0.09)
    depth = np.sort(rng.random(int(rng.integers(60, 200)) if big < w * 0.04 else int(rng.integers(25, 70))))
    for far in depth:
        x, y = rng.uniform(0, w), line + (h - line) * (far if above else far**1.4)
        r = big * (rng.uniform(0.7, 1.2) if above else 0.15 + 1.1 * far)
        leaf(pen, rng, np.array([x, y + r * 2]), rng.uniform(-2.4, -0.7), r * 2, r * 0.25, _green(rng, 0.15, 0.5))
        if r < w * 0.012:
            pen.ellipse([x - r, y - r * 0.7, x + r, y + r * 0.7], fill=pick(rng, dyes))
        else:
            bloom(pen, rng, x, y, r, pick(rng, dyes), kind if kind != 5 else 4, rng.uniform(0.5, 1))


def _foliage(rng: np.random.Generator, image: Image.Image) -> None:
    """Leaves over leaves, or fronds of a fern, close up."""
    w, h = image.size
    pen, base = ImageDraw.Draw(image), rng.choice([0.25, 0.3, 0.34, 0.12, 0.03])
    if rng.random() < 0.35:
        for _ in range(int(rng.integers(3, 9))):
            root, angle, long = rng.uniform(0.1, 0.9, 2) * (w, h), rng.uniform(0, 6.3), w * rng.uniform(0.4, 0.9)
            for t in np.linspace(0, 1, 24):
                spot = root + np.array([np.cos(angle + t * 0.5), np.sin(angle + t * 0.5)]) * long * t
                for side in (1.2, -1.2):
                    leaf(
                        pen,
                        rng,
                        spot,
                        angle + t * 0.5 + side,
                        long * 0.22 * (1.05 - t),
                        long * 0.03,
                        hsv(base, 0.6, rng.uniform(0.25, 0.65)),
                    )
        return
    long, slim = w * rng.uniform(0.12, 0.5), rng.uniform(0.12, 0.4)
    for k in range(int(rng.integers(25, 70))):
        tone = hsv(base + rng.normal(0, 0.025), rng.uniform(0.35, 0.75), 0.15 + 0.5 * k / 60 * rng.uniform(0.6, 1.2))
        leaf(
            pen,
            rng,
            rng.uniform(-0.2, 1.1, 2) * (w, h),
            rng.uniform(0, 6.3),
            long * rng.uniform(0.6, 1.2),
            long * slim,
            tone,
        )


def _pot(rng: np.random.Generator, image: Image.Image) -> None:
    """A plant in a pot, a cactus, a bouquet in a vase, before a wall."""
    w, h = image.size
    pen, x, top = ImageDraw.Draw(image), w * rng.normal(0.5, 0.04), h * rng.uniform(0.55, 0.72)
    r, kind = w * rng.uniform(0.1, 0.2), int(rng.integers(3))
    tone, long = _green(rng, 0.25, 0.55), top * rng.uniform(0.5, 0.95)
    if kind == 0:
        for place in range(int(rng.integers(8, 34))):
            angle = -np.pi / 2 + rng.normal(0, 0.7)
            leaf(
                pen,
                rng,
                np.array([x + rng.normal(0, r * 0.3), top]),
                angle,
                long * rng.uniform(0.4, 1),
                long * rng.uniform(0.04, 0.16),
                blend(tone, (180, 210, 120), rng.random() * 0.4 * (place % 2)),
            )
    elif kind == 1:
        for shift, tall in ((0, 1.0), (-0.7, 0.5), (0.8, 0.6))[: int(rng.integers(1, 4))]:
            cx, rx = x + shift * r, r * rng.uniform(0.4, 0.9)
            pen.rounded_rectangle([cx - rx, top - long * tall, cx + rx, top + 10], rx, fill=tone)
            for k in np.linspace(-0.8, 0.8, 7):
                pen.line(
                    [cx + k * rx, top - long * tall + rx * 0.5, cx + k * rx, top],
                    fill=blend(tone, (20, 40, 10), 0.35),
                    width=3,
                )
    else:
        for _ in range(int(rng.integers(9, 24))):
            bx, by = x + rng.normal(0, r * 1.2), top - long * rng.uniform(0.3, 0.9)
            pen.line([x, top, bx, by], fill=_green(rng), width=4)
            leaf(pen, rng, np.array([bx, by]), rng.uniform(0, 6.3), r, r * 0.25, _green(rng))
            bloom(pen, rng, bx, by, r * rng.uniform(0.3, 0.7), _dye(rng), int(rng.integers(6)), rng.uniform(0.6, 1))
    clay: Color = pick(rng, ((186, 104, 70), (236, 234, 230), (60, 62, 68), _dye(rng)))
    pen.polygon([(x - r, top), (x + r, top), (x + r * 0.7, top + r * 1.6), (x - r * 0.7, top + r * 1.6)], fill=clay)
    pen.polygon(
        [(x + r * 0.2, top), (x + r, top), (x + r * 0.7, top + r * 1.6), (x + r * 0.2, top + r * 1.6)],
        fill=blend(clay, (20, 20, 20), 0.25),
    )
    pen.rectangle([x - r * 1.1, top - r * 0.1, x + r * 1.1, top + r * 0.25], fill=blend(clay, (255, 255, 255), 0.12))


def _tree(rng: np.random.Generator, image: Image.Image) -> None:
    """A tree in leaf or in blossom on grass below the sky."""
    w, h = image.size
    image.paste(sky(rng, w, h), (0, 0))
    pen, line, x = ImageDraw.Draw(image), h * rng.uniform(0.72, 0.92), w * rng.normal(0.5, 0.1)
    pen.rectangle([0, line, w, h], fill=_green(rng, 0.3, 0.5))
    wide = w * rng.uniform(0.02, 0.05)
    pen.polygon(
        [(x - wide, line + 8), (x + wide, line + 8), (x + wide * 0.5, h * 0.3), (x - wide * 0.5, h * 0.3)],
        fill=(74, 56, 44),
    )
    for _ in range(int(rng.integers(4, 9))):
        leaves(
            pen,
            rng,
            x + rng.normal(0, w * 0.15),
            h * rng.uniform(0.2, 0.5),
            w * rng.uniform(0.12, 0.26),
            hue=float(rng.choice([0.26, 0.3, 0.33, 0.93, 0.08])),
            count=70,
        )


def _mushrooms(rng: np.random.Generator, image: Image.Image) -> None:
    w, h = image.size
    _foliage(rng, image)
    image.paste(blur(image, w * 0.012))
    pen, tone = (
        ImageDraw.Draw(image),
        hsv(rng.choice([0.0, 0.05, 0.08, 0.1]), rng.uniform(0.2, 0.9), rng.uniform(0.4, 0.9)),
    )
    for _ in range(int(rng.integers(1, 6))):
        x, y, r = w * rng.uniform(0.2, 0.8), h * rng.uniform(0.3, 0.65), w * rng.uniform(0.08, 0.25)
        pen.polygon(
            [(x - r * 0.2, y), (x + r * 0.2, y), (x + r * 0.3, y + r * 1.8), (x - r * 0.3, y + r * 1.8)],
            fill=(226, 214, 192),
        )
        pen.chord([x - r, y - r * 0.9, x + r, y + r * 0.9], 180, 360, fill=tone)
        pen.ellipse([x - r, y - r * 0.2, x + r, y + r * 0.2], fill=blend(tone, (240, 226, 200), 0.6))
        pen.chord(
            [x - r * 0.7, y - r * 0.8, x + r * 0.2, y + r * 0.1], 180, 300, fill=blend(tone, (255, 255, 255), 0.25)
        )


_VIEWS: Mapping[str, Callable[[np.random.Generator, Image.Image], None]] = {
    "portrait": _portrait, "portrait_too": _portrait, "meadow": _meadow, "meadow_too": _meadow, "foliage": _foliage,
    "pot": _pot, "tree": _tree, "mushrooms": _mushrooms,
}  # fmt: skip


def garden(rng: np.random.Generator, size: int) -> Image.Image:
    """Return a photograph of plants, sharp or of low resolution."""
    width, height = extent(rng, size, 0.72, 1.4)
    w, h = width * 2, height * 2
    kind = rng.random()
    if kind < 0.55:
        image = backdrop(rng, w, h, float(rng.uniform(0.18, 0.38)))
    elif kind < 0.75:
        image = gradient(w, h, [_green(rng, 0.02, 0.2), _green(rng, 0.02, 0.3)])
    elif kind < 0.9:
        image = sky(rng, w, h)
    else:
        image = backdrop(rng, w, h)
    _VIEWS[pick(rng, list(_VIEWS))](rng, image)
    image = finish(shrink(image), rng, soft=rng.uniform(0.2, 0.8))
    if rng.random() < 0.35:
        few = rng.uniform(0.12, 0.5)
        image = image.resize((max(round(width * few), 24), max(round(height * few), 24)), Image.Resampling.BOX)
        image = image.resize((width, height), Image.Resampling.BICUBIC)
    return image
