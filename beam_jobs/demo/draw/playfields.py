"""Fields of play: lit solids on a floor, physics in the plane, boards and cards."""

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import (
    INK,
    WHITE,
    blend,
    gradient,
    hsv,
    oval,
    pick,
    vivid,
    xy,
)
from beam_jobs.demo.draw.lettering import phrase, put


def solids(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """Balls, boxes and pillars with shadows on a checked or plain floor, ray by ray."""
    gw, gh = w // 3, h // 3
    x = (np.arange(gw) + 0.5 - gw / 2)[None, :] / gw * 2 * np.tan(rng.uniform(0.45, 0.75))
    y = (gh / 2 - np.arange(gh) - 0.5)[:, None] / gw * 2
    pitch, eye = rng.uniform(0.08, 0.7), np.array([0.0, rng.uniform(1.5, 4.5), 0.0])
    ray = np.stack(
        np.broadcast_arrays(x, y * np.cos(pitch) - np.sin(pitch), np.cos(pitch) + y * np.sin(pitch)), axis=-1
    )
    ray /= np.linalg.norm(ray, axis=-1, keepdims=True)
    sun = np.array([rng.uniform(-0.7, 0.7), rng.uniform(0.6, 1.2), rng.uniform(-0.8, 0.2)])
    sun /= np.linalg.norm(sun)
    grey = rng.random() < 0.35
    up, low = (
        (hsv(0.6, 0.05, 0.75), hsv(0.6, 0.03, 0.85))
        if grey
        else (
            hsv(rng.uniform(0.5, 0.75), rng.uniform(0.1, 0.7), rng.uniform(0.1, 0.9)),
            hsv(rng.random(), 0.2, rng.uniform(0.3, 0.95)),
        )
    )
    t = np.clip(ray[..., 1:2] * 2, 0, 1)
    color = np.array(low) * (1 - t) + np.array(up) * t
    far = np.full((gh, gw), 1e9)
    floor = np.where(ray[..., 1] < -1e-3, -eye[1] / np.minimum(ray[..., 1], -1e-3), 1e9)
    spot = eye + ray * floor[..., None]
    tone, other = (
        (np.array(hsv(0.6, 0.03, v)) for v in (0.8, 0.7))
        if grey
        else (np.array(vivid(rng)) * rng.uniform(0.4, 1) for _ in range(2))
    )
    check = (
        (np.floor(spot[..., 0] / 1.2) + np.floor(spot[..., 2] / 1.2)) % 2 if rng.random() < 0.65 else np.zeros((gh, gw))
    )
    ground = tone * (1 - check[..., None]) + other * check[..., None]
    haze = np.clip(floor / rng.uniform(20, 60), 0, 1)[..., None]
    on = floor < 1e8
    color[on] = (ground * (1 - haze) + np.array(low) * haze)[on]
    far[on] = floor[on]
    shade = np.ones((gh, gw))
    balls = [
        (rng.uniform(-4, 4), rng.uniform(0, 1.4), rng.uniform(4, 13), rng.uniform(0.4, 1.3))
        for _ in range(int(rng.integers(1, 8)))
    ]
    tones = [np.array(WHITE) * 0.85 if grey and rng.random() < 0.6 else np.array(vivid(rng)) for _ in balls]
    for (bx, lift, bz, r), skin in zip(balls, tones, strict=True):
        centre = np.array([bx, lift + r, bz])
        b = (spot - centre) @ sun
        gap = ((spot - centre) ** 2).sum(-1) - b**2
        shade[on & (gap < r * r) & (b < 0)] = 0.55
        boxed = rng.random() < 0.45
        if boxed:
            with np.errstate(divide="ignore", invalid="ignore"):
                one, two = (centre - r * 0.8 - eye) / ray, (centre + r * 0.8 - eye) / ray
            near, exit_ = np.minimum(one, two), np.maximum(one, two)
            enter = near.max(-1)
            hit = (enter < exit_.min(-1)) & (enter > 0) & (enter < far)
            axis = near.argmax(-1)
            normal = np.eye(3)[axis] * -np.sign(ray)
        else:
            b = (ray * (centre - eye)).sum(-1)
            root = b**2 - ((centre - eye) ** 2).sum() + r * r
            enter = b - np.sqrt(np.maximum(root, 0))
            hit = (root > 0) & (enter > 0) & (enter < far)
            normal = (eye + ray * enter[..., None] - centre) / r
        light = np.clip(normal @ sun, 0, 1)[..., None] * 0.75 + 0.35
        shine = np.clip((normal * (sun - ray)).sum(-1) / 1.9, 0, 1)[..., None] ** 30 * 120 * rng.random()
        color[hit] = (skin * light + shine)[hit]
        far[hit] = enter[hit]
        shade[hit] = 1
    image = Image.fromarray(np.clip(color * shade[..., None], 0, 255).astype(np.uint8))
    return image.resize((w, h), Image.Resampling.BICUBIC)


def physics(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """Flat balls, blocks, lines and sparks on a plain ground: a simple 2-D game or a trial of an engine."""
    ground = pick(
        rng, ((77, 77, 77), (40, 42, 54), (20, 20, 24), (30, 30, 60), (235, 235, 235), vivid(rng), (58, 80, 110))
    )
    image = Image.new("RGB", (w, h), ground)
    pen = ImageDraw.Draw(image)
    tones = [vivid(rng) for _ in range(int(rng.integers(1, 5)))]
    for _ in range(int(rng.integers(0, 6))):
        points = rng.uniform(0.05, 0.95, (int(rng.integers(2, 9)), 2)) * [w, h]
        if rng.random() < 0.5:
            pen.line(xy(points), fill=pick(rng, tones), width=int(rng.integers(3, 18)))
        else:
            left, top = points[0]
            pen.rectangle(
                [left, top, left + w * rng.uniform(0.1, 0.5), top + h * rng.uniform(0.02, 0.12)], fill=pick(rng, tones)
            )
    r, steps = h * rng.uniform(0.008, 0.06), int(pick(rng, (3, 4, 6, 48)))
    middle, wide = rng.uniform(0.3, 0.7, 2), rng.uniform(0.1, 0.5)
    for _ in range(int(rng.integers(10, 160))):
        x, y = rng.normal(middle[0], wide) * w, rng.normal(middle[1], wide) * h
        tone = blend(pick(rng, tones), WHITE, rng.uniform(0, 0.4))
        pen.polygon(xy(oval(x, y, r, r, rng.uniform(0, 6), steps=steps)), fill=tone, outline=blend(tone, INK, 0.5))
    return image


def board(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """Cards, draughts, hexagons or a crossword's squares on a table of one colour, with panels."""
    table = pick(rng, ((20, 110, 60), (30, 60, 110), (90, 60, 40), (50, 50, 58), vivid(rng)))
    image = gradient(w, h, [table, blend(table, INK, 0.4)])
    pen = ImageDraw.Draw(image)
    kind = int(rng.integers(3))
    if kind == 0:
        ch = h * rng.uniform(0.18, 0.28)
        cw = ch * 0.7
        for row in range(int(rng.integers(2, 4))):
            count = int(rng.integers(3, 9))
            for place in range(count):
                x, y = w * 0.06 + place * (w * 0.88 / count), h * (0.06 + row * 0.3)
                pen.rounded_rectangle(
                    [x, y, x + cw, y + ch],
                    cw * 0.1,
                    fill=WHITE if rng.random() < 0.75 else vivid(rng),
                    outline=INK,
                    width=3,
                )
                tone = pick(rng, ((200, 30, 40), INK))
                put(
                    pen,
                    (x + cw * 0.5, y + ch * 0.5),
                    pick(rng, tuple("A23456789JQK♥♠♦♣")),
                    tone,
                    round(ch * 0.5),
                    style=pick(rng, ("serif", "bold")),
                    anchor="mm",
                )
    elif kind == 1:
        r, two = h * rng.uniform(0.05, 0.1), [vivid(rng) for _ in range(4)]
        for row in range(int(h / r / 1.5) + 1):
            for column in range(int(w / r / 1.73) + 1):
                x, y = (column + (row % 2) / 2) * r * 1.73, row * r * 1.5
                tone = pick(rng, two)
                pen.polygon(xy(oval(x, y, r, r, np.pi / 6, steps=6)), fill=tone, outline=blend(tone, INK, 0.4))
                if rng.random() < 0.12:
                    pen.ellipse([x - r * 0.4, y - r * 0.5, x + r * 0.4, y + r * 0.3], fill=vivid(rng), outline=INK)
    else:
        cells, first = int(rng.integers(6, 16)), vivid(rng)
        side, left = h * 0.9 / cells, (w - h * 0.9) / 2 * rng.choice([0.2, 1.0])
        for row in range(cells):
            for column in range(cells):
                x, y = left + column * side, h * 0.05 + row * side
                tone = blend(first, WHITE, 0.7 * ((row + column) % 2) if cells < 10 else float(rng.choice([0, 0.8])))
                pen.rectangle([x, y, x + side - 2, y + side - 2], fill=tone)
                if rng.random() < 0.25:
                    pen.ellipse(
                        [x + side * 0.15, y + side * 0.15, x + side * 0.8, y + side * 0.8],
                        fill=pick(rng, (INK, WHITE, (200, 40, 40))),
                    )
    if rng.random() < 0.6:
        pen.rectangle([w * 0.8, 0, w, h], fill=blend(table, INK, 0.6))
        for row in range(5):
            put(
                pen,
                (w * 0.82, h * (0.08 + row * 0.08)),
                f"{phrase(rng, 1)} {int(rng.integers(99))}",
                WHITE,
                round(h * 0.04),
            )
    return image
