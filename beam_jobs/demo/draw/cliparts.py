"""clipart_illustration: single things, flat scenes with people, sets of pictures, silhouettes."""

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import (
    INK,
    SUPERSAMPLE,
    WHITE,
    Color,
    Points,
    blend,
    extent,
    gradient,
    hsv,
    oval,
    pastel,
    pick,
    shrink,
    smooth,
    vivid,
    xy,
)
from beam_jobs.demo.draw.clips import office_art
from beam_jobs.demo.draw.lettering import phrase, put
from beam_jobs.demo.draw.things import Manner, any_thing, draw_thing, manner, palette

_SKINS: tuple[Color, ...] = ((255, 208, 180), (230, 170, 130), (160, 104, 80), (255, 184, 184), (110, 72, 56))


def clipart_illustration(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a thing, a few things, a scene with people in two colours, or a small landscape in shapes."""
    if rng.random() < 0.45:
        return office_art(rng, size)
    kind = pick(rng, ("thing", "thing", "thing", "scene", "scene", "scene", "set", "view"))
    width, height = extent(rng, size, 0.75, 1.5) if kind != "set" else (size, size)
    paper = WHITE if rng.random() < 0.8 else pastel(rng)
    image = Image.new("RGB", (width * SUPERSAMPLE, height * SUPERSAMPLE), paper)
    {"thing": _thing, "scene": _scene, "set": _set, "view": _view}[kind](image, rng)
    return shrink(image)


def _thing(image: Image.Image, rng: np.random.Generator) -> None:
    w, h = image.size
    parts, how, colors = any_thing(rng), manner(rng), palette(rng, fresh=pick(rng, (1.0, 1.0, 0.6, 0.0)))
    r = min(w, h) * rng.uniform(0.3, 0.47)
    at = (w / 2 + rng.normal(0, w * 0.03), h / 2 + rng.normal(0, h * 0.02))
    if rng.random() < 0.12:
        tone = pick(rng, (INK, vivid(rng)))
        colors = (tone, tone, tone, blend(tone, WHITE, rng.choice([0.0, 0.9])), tone)
        how = Manner(lean=how.lean)
    elif rng.random() < 0.3:
        ImageDraw.Draw(image).ellipse(
            [at[0] - r * 1.15, at[1] - r * 1.1, at[0] + r * 1.15, at[1] + r * 1.2], fill=pastel(rng)
        )
        r *= 0.8
    if rng.random() < 0.4:
        shade = [at[0] - r * 0.8, at[1] + r * 0.92, at[0] + r * 0.8, at[1] + r * 1.08]
        ImageDraw.Draw(image).ellipse(shade, fill=(214, 214, 218))
    draw_thing(image, parts, at, r, colors, how)
    if rng.random() < 0.3:
        beside = (at[0] + r * rng.choice([-0.9, 0.9]), at[1] + r * 0.55)
        draw_thing(image, any_thing(rng), beside, r * 0.4, palette(rng), how)


def _set(image: Image.Image, rng: np.random.Generator) -> None:
    """Rows of things in one manner."""
    count, how = int(rng.integers(2, 5)), manner(rng)
    cell = image.width / count
    colors, same = palette(rng), rng.random() < 0.4
    pen = ImageDraw.Draw(image)
    label = rng.random() < 0.3
    for place in range(count * count):
        x, y = (place % count + 0.5) * cell, (place // count + 0.5) * cell
        tones = colors if same else palette(rng)
        draw_thing(image, any_thing(rng), (x, y - cell * 0.04), cell * 0.36, tones, how)
        if label:
            put(pen, (x, y + cell * 0.42), phrase(rng, 1)[:8], INK, round(cell * 0.1), anchor="mm")


def _view(image: Image.Image, rng: np.random.Generator) -> None:
    """Hills, houses and trees in flat shapes under a flat sky."""
    w, h = image.size
    hue = rng.random()
    image.paste(gradient(w, h, [hsv(hue, 0.35, 0.95), hsv(hue + 0.05, 0.12, 1.0)]))
    pen = ImageDraw.Draw(image)
    how, colors = manner(rng), palette(rng)
    draw_thing(image, any_thing(rng), (w * rng.uniform(0.15, 0.85), h * 0.18), h * 0.12, palette(rng), how)
    for layer in range(3):
        across = np.linspace(-0.1, 1.1, 6)
        crest = smooth(
            np.stack([across * w, h * (0.5 + 0.15 * layer) + rng.normal(0, h * 0.04, 6)], axis=1), closed=False
        )
        pen.polygon(
            [*xy(crest), (w * 1.1, h), (-w * 0.1, h)], fill=hsv(hue + 0.3, 0.3 + 0.12 * layer, 0.85 - 0.1 * layer)
        )
        for _ in range(int(rng.integers(1, 4))):
            r = h * rng.uniform(0.08, 0.14) * (1 + 0.3 * layer)
            at = (w * rng.uniform(0.05, 0.95), h * (0.5 + 0.15 * layer) - r * 0.7)
            draw_thing(image, any_thing(rng), at, r, colors if rng.random() < 0.5 else palette(rng), how)
    if rng.random() < 0.6:
        figure(pen, rng, w * rng.uniform(0.2, 0.8), h * 0.95, h * rng.uniform(0.35, 0.5), colors)


def _scene(image: Image.Image, rng: np.random.Generator) -> None:
    """One or two people with a large phone, page, board or plant, in greys and one colour."""
    w, h = image.size
    pen = ImageDraw.Draw(image)
    accent = vivid(rng)
    grey = (230, 230, 234)
    colors = (accent, blend(accent, WHITE, 0.6), (47, 46, 65), (240, 240, 244), blend(accent, INK, 0.3))
    if rng.random() < 0.45:
        blob = oval(w / 2, h / 2, w * 0.42, h * 0.4, 0, 12) + rng.normal(0, w * 0.04, (12, 2))
        pen.polygon(xy(smooth(blob)), fill=blend(accent, WHITE, 0.88))
    floor = h * rng.uniform(0.86, 0.95)
    for _ in range(int(rng.integers(1, 3))):
        _prop(image, rng, (w * rng.uniform(0.25, 0.75), floor), h * rng.uniform(0.4, 0.75), colors)
    line = grey if rng.random() < 0.7 else (63, 61, 86)
    pen.line([w * 0.04, floor, w * 0.96, floor], fill=line, width=3)
    for place in range(int(rng.integers(1, 3))):
        x = w * (rng.uniform(0.12, 0.4) if place == 0 else rng.uniform(0.6, 0.88))
        figure(pen, rng, x, floor, h * rng.uniform(0.4, 0.72), colors)
    for _ in range(int(rng.integers(0, 4))):
        at = (w * rng.uniform(0.1, 0.9), h * rng.uniform(0.08, 0.35))
        if rng.random() < 0.5:
            draw_thing(image, any_thing(rng), at, h * rng.uniform(0.05, 0.1), colors, Manner())
        else:
            r = h * rng.uniform(0.01, 0.05)
            pen.ellipse([at[0] - r, at[1] - r, at[0] + r, at[1] + r], fill=pick(rng, (grey, accent, colors[1])))


def _prop(
    image: Image.Image, rng: np.random.Generator, foot: tuple[float, float], tall: float, colors: tuple[Color, ...]
) -> None:
    pen = ImageDraw.Draw(image)
    x, y = foot
    kind = int(rng.integers(6))
    if kind == 0:
        wide = tall * 0.5
        pen.rounded_rectangle([x - wide / 2, y - tall, x + wide / 2, y], wide * 0.14, fill=colors[2])
        pen.rounded_rectangle(
            [x - wide * 0.45, y - tall * 0.97, x + wide * 0.45, y - tall * 0.03], wide * 0.1, fill=WHITE
        )
        _rows(pen, rng, (x - wide * 0.38, y - tall * 0.85, x + wide * 0.38, y - tall * 0.15), colors)
    elif kind == 1:
        wide = tall * 1.1
        pen.rectangle(
            [x - wide / 2, y - tall * 0.95, x + wide / 2, y - tall * 0.25], fill=WHITE, outline=(200, 200, 206), width=4
        )
        pen.rectangle([x - wide / 2, y - tall * 0.95, x + wide / 2, y - tall * 0.86], fill=colors[0])
        _rows(pen, rng, (x - wide * 0.42, y - tall * 0.8, x + wide * 0.42, y - tall * 0.3), colors)
    elif kind == 2:
        for step in range(int(rng.integers(3, 6))):
            left, high = x - tall * 0.5 + tall * 0.2 * step, tall * rng.uniform(0.2, 0.85)
            pen.rectangle([left, y - high, left + tall * 0.13, y], fill=colors[step % 2])
    elif kind == 3:
        pen.rectangle([x - tall * 0.6, y - tall * 0.48, x + tall * 0.6, y - tall * 0.44], fill=colors[2])
        for side in (-0.5, 0.5):
            pen.line([x + tall * side, y - tall * 0.45, x + tall * side, y], fill=colors[2], width=6)
        draw_thing(image, any_thing(rng), (x, y - tall * 0.62), tall * 0.15, colors, Manner())
    elif kind == 4:
        for _ in range(7):
            tip = (x + rng.normal(0, tall * 0.2), y - tall * rng.uniform(0.4, 0.9))
            leaf = smooth(
                np.array(
                    [
                        [x, y],
                        [(x + tip[0]) / 2 - tall * 0.07, (y + tip[1]) / 2],
                        tip,
                        [(x + tip[0]) / 2 + tall * 0.07, (y + tip[1]) / 2],
                    ]
                )
            )
            pen.polygon(xy(leaf), fill=pick(rng, (colors[0], colors[1], colors[2])))
    else:
        draw_thing(image, any_thing(rng), (x, y - tall * 0.45), tall * 0.45, colors, Manner())


def _rows(
    pen: ImageDraw.ImageDraw,
    rng: np.random.Generator,
    box: tuple[float, float, float, float],
    colors: tuple[Color, ...],
) -> None:
    left, top, right, bottom = box
    y = top
    step = (bottom - top) / 6
    if rng.random() < 0.5:
        pen.rectangle([left, y, right, y + 2 * step], fill=colors[1])
        y += 2.5 * step
    while y < bottom - step * 0.5:
        r = step * 0.3
        pen.ellipse([left, y, left + 2 * r, y + 2 * r], fill=colors[0])
        pen.rounded_rectangle(
            [left + 3 * r, y + r * 0.5, left + (right - left) * rng.uniform(0.5, 1), y + r * 1.5],
            r * 0.5,
            fill=(222, 222, 228),
        )
        y += step


def _limb(pen: ImageDraw.ImageDraw, path: Points, wide: float, color: Color) -> None:
    pen.line(xy(path), fill=color, width=max(round(wide), 2), joint="curve")
    for x, y in (path[0], path[-1]):
        pen.ellipse([x - wide / 2, y - wide / 2, x + wide / 2, y + wide / 2], fill=color)


def figure(
    pen: ImageDraw.ImageDraw, rng: np.random.Generator, x: float, foot: float, tall: float, colors: tuple[Color, ...]
) -> None:
    """Draw a flat person ``tall`` pixels high, without a face or with a simple one, in a random pose."""
    skin, hair = pick(rng, _SKINS), pick(rng, (colors[2], (47, 46, 65), (120, 70, 40), colors[0]))
    top, trousers = pick(rng, ((colors[0], colors[2]), (colors[2], colors[0]), (colors[1], colors[2])))
    side = float(rng.choice([-1, 1]))
    hip = np.array([x, foot - tall * 0.47])
    neck = np.array([x + tall * rng.uniform(-0.03, 0.05) * side, foot - tall * 0.8])
    stride = tall * rng.uniform(0.03, 0.16)
    skirt = rng.random() < 0.25
    for leg in (-1, 1):
        knee = hip + np.array([leg * stride * 0.6 + side * tall * 0.02, tall * 0.23])
        ankle = np.array([x + leg * stride, foot - tall * 0.02])
        _limb(pen, np.stack([hip, knee, ankle]), tall * 0.07, skin if skirt else trousers)
        pen.ellipse(
            [ankle[0] - tall * 0.03, foot - tall * 0.035, ankle[0] + side * tall * 0.05 + tall * 0.04, foot],
            fill=colors[2],
        )
    if skirt:
        pen.polygon(
            [
                (hip[0] - tall * 0.07, hip[1] - tall * 0.04),
                (hip[0] + tall * 0.07, hip[1] - tall * 0.04),
                (hip[0] + tall * 0.13, hip[1] + tall * 0.16),
                (hip[0] - tall * 0.13, hip[1] + tall * 0.16),
            ],
            fill=trousers,
        )
    far = neck + np.array([-side * tall * rng.uniform(0.02, 0.14), tall * rng.uniform(0.15, 0.3)])
    _limb(pen, np.stack([neck + np.array([0, tall * 0.03]), (neck + far) / 2, far]), tall * 0.05, blend(top, INK, 0.15))
    body = np.array(
        [
            neck + (-tall * 0.075, 0.01 * tall),
            neck + (tall * 0.075, 0.01 * tall),
            hip + (tall * 0.065, tall * 0.03),
            hip + (-tall * 0.065, tall * 0.03),
        ]
    )
    pen.polygon(xy(smooth(body, steps=6)), fill=top)
    pen.polygon(xy(body), fill=top)
    elbow = neck + np.array([side * tall * rng.uniform(0.06, 0.14), tall * rng.uniform(0.02, 0.16)])
    hand = elbow + np.array([side * tall * rng.uniform(0.02, 0.13), tall * rng.uniform(-0.16, 0.08)])
    _limb(pen, np.stack([neck + np.array([side * tall * 0.04, tall * 0.04]), elbow, hand]), tall * 0.05, top)
    pen.ellipse(
        [hand[0] - tall * 0.025, hand[1] - tall * 0.025, hand[0] + tall * 0.025, hand[1] + tall * 0.025], fill=skin
    )
    head, r = neck + np.array([side * tall * 0.012, -tall * 0.085]), tall * 0.062
    pen.rectangle([head[0] - r * 0.35, head[1], head[0] + r * 0.35, head[1] + r * 1.7], fill=blend(skin, INK, 0.1))
    if rng.random() < 0.4:
        tail = smooth(
            np.array(
                [
                    head + (0, -r),
                    head + (-side * r * 1.5, -r * 0.2),
                    head + (-side * r * 1.3, r * 2.2),
                    head + (-side * r * 0.4, r),
                ]
            )
        )
        pen.polygon(xy(tail), fill=hair)
    pen.ellipse([head[0] - r, head[1] - r * 1.1, head[0] + r, head[1] + r * 1.1], fill=skin)
    pen.pieslice(
        [head[0] - r * 1.12, head[1] - r * 1.3, head[0] + r * 1.12, head[1] + r * 0.8],
        150 if side > 0 else 180,
        360 if side > 0 else 390,
        fill=hair,
    )
