"""Scenes in perspective for game screens: a corridor, an open plain with blocks, a race track."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import WHITE, Color, Points, blend, gradient, hsv, noise, pick, vivid, xy

_BOX_FACES = ((0, 1, 3, 2), (4, 5, 7, 6), (0, 1, 5, 4), (2, 3, 7, 6), (0, 2, 6, 4), (1, 3, 7, 5))
_FACE_LIGHT = (0.6, 0.8, 0.45, 1.0, 0.72, 0.9)


def project(points: Points, w: int, h: int, *, eye: float, turn: float, horizon: float) -> Points:
    """Return the picture's x, y of points float64[n, 3] (right, up, ahead) for an eye ``eye`` above the ground."""
    spun_x = points[:, 0] * np.cos(turn) - points[:, 2] * np.sin(turn)
    ahead = np.maximum(points[:, 0] * np.sin(turn) + points[:, 2] * np.cos(turn), 0.05)
    x = w / 2 + spun_x / ahead * w * 0.7
    y = h * horizon + (eye - points[:, 1]) / ahead * w * 0.7
    flat: Points = np.stack([x, y], axis=1)
    return flat


def open_world(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """Return a plain with a grid or grass, blocks, trees and ramps under a sky."""
    hue, horizon, eye = rng.uniform(0.5, 0.72), rng.uniform(0.3, 0.6), rng.uniform(0.8, 3.0)
    grey = rng.random() < 0.35
    top = hsv(hue, 0.1 if grey else rng.uniform(0.2, 0.7), rng.uniform(0.25, 0.95))
    low = hsv(hue, 0.05 if grey else 0.25, rng.uniform(0.5, 1.0))
    ground = hsv(rng.choice([0.28, 0.1, 0.6, 0.33]), 0.05 if grey else rng.uniform(0.2, 0.6), rng.uniform(0.2, 0.75))
    image = gradient(w, h, [top, low])
    line = round(h * horizon)
    image.paste(gradient(w, max(h - line, 1), [blend(ground, low, 0.4), ground]), (0, line))
    pen = ImageDraw.Draw(image)
    turn = rng.uniform(-0.6, 0.6)
    view = {"eye": eye, "turn": turn, "horizon": horizon}
    if rng.random() < 0.6:
        tone = blend(ground, WHITE, 0.35) if rng.random() < 0.5 else blend(ground, (0, 0, 0), 0.35)
        for at in range(-24, 25, 2):
            for ends in ([(at, 0, 1), (at, 0, 30)], [(-24, 0, at + 26), (24, 0, at + 26)]):
                pen.line(xy(project(np.asarray(ends, dtype=float), w, h, **view)), fill=tone, width=2)
    tones = [vivid(rng) if not grey or rng.random() < 0.3 else hsv(hue, 0.05, rng.uniform(0.4, 0.9)) for _ in range(4)]
    things = [(rng.uniform(-7, 7), rng.uniform(2.5, 18)) for _ in range(int(rng.integers(4, 16)))]
    for x, z in sorted(things, key=lambda at: -at[1]):
        kind, tone = int(rng.integers(5)), pick(rng, tones)
        if kind < 3:
            _block(pen, (x, z), rng.uniform(0.4, 2.0, 3), tone, rng.uniform(0, 1.5), (w, h), view)
        elif kind == 3:
            spots = project(np.array([[x, 0, z], [x, rng.uniform(1, 3), z]]), w, h, **view)
            tall = spots[0, 1] - spots[1, 1]
            pen.line(xy(spots), fill=(90, 62, 40), width=max(round(tall * 0.08), 2))
            for level in range(3):
                y, r = spots[1, 1] + tall * 0.22 * level, tall * (0.16 + 0.09 * level)
                cone = [
                    (spots[1, 0], y - tall * 0.2),
                    (spots[1, 0] + r, y + tall * 0.2),
                    (spots[1, 0] - r, y + tall * 0.2),
                ]
                pen.polygon(cone, fill=blend(hsv(0.33, 0.6, 0.45), low, min(z / 40, 0.6)))
        else:
            spot = project(np.array([[x, 0, z], [x, 1.0, z]]), w, h, **view)
            r = (spot[0, 1] - spot[1, 1]) / 2
            pen.ellipse([spot[0, 0] - r, spot[1, 1], spot[0, 0] + r, spot[0, 1]], fill=tone)
            pen.ellipse(
                [spot[0, 0] - r * 0.5, spot[1, 1] + r * 0.2, spot[0, 0], spot[1, 1] + r * 0.7],
                fill=blend(tone, WHITE, 0.5),
            )
    return image


def _block(
    pen: ImageDraw.ImageDraw,
    at: tuple[float, float],
    size: NDArray[np.float64],
    tone: Color,
    spin: float,
    frame: tuple[int, int],
    view: dict[str, float],
) -> None:
    corners = (
        np.array([[i, j, k] for i in (-1, 1) for j in (0, 1) for k in (-1, 1)], dtype=float)
        * size
        / np.array([2, 1, 2])
    )
    turned = corners.copy()
    turned[:, 0] = corners[:, 0] * np.cos(spin) - corners[:, 2] * np.sin(spin) + at[0]
    turned[:, 2] = corners[:, 0] * np.sin(spin) + corners[:, 2] * np.cos(spin) + at[1]
    flat = project(turned, *frame, eye=view["eye"], turn=view["turn"], horizon=view["horizon"])
    order = sorted(
        range(6),
        key=lambda face: -float(np.hypot(turned[list(_BOX_FACES[face]), 0], turned[list(_BOX_FACES[face]), 2]).mean()),
    )
    for face in order:
        pen.polygon(xy(flat[list(_BOX_FACES[face])]), fill=blend((0, 0, 0), tone, _FACE_LIGHT[face]))


def corridor(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """Return the view of a walker in a maze: textured walls, floor and ceiling, a hand with a weapon."""
    size = 12
    grid = rng.random((size, size)) < rng.uniform(0.15, 0.35)
    grid[0], grid[-1], grid[:, 0], grid[:, -1] = True, True, True, True
    grid[5:8, 5:8] = False
    columns = 200
    angle = rng.uniform(0, 2 * np.pi)
    rays = angle + np.arctan(np.linspace(-0.75, 0.75, columns))
    steps = np.arange(1, 500) * 0.03
    px = 6.5 + np.cos(rays)[:, None] * steps
    py = 6.5 + np.sin(rays)[:, None] * steps
    hit = grid[np.clip(px.astype(int), 0, size - 1), np.clip(py.astype(int), 0, size - 1)]
    first = hit.argmax(1)
    take = np.arange(columns)
    far = steps[first] * np.cos(rays - angle)
    hx, hy = px[take, first], py[take, first]
    across = np.where(np.abs(hx - np.round(hx)) < np.abs(hy - np.round(hy)), hy, hx) % 1.0
    side = np.abs(hx - np.round(hx)) < np.abs(hy - np.round(hy))
    high = 150
    tall = high / far
    rows = np.arange(high)[:, None]
    v = (rows - high / 2) / tall[None, :] + 0.5
    wall = (v > 0) & (v < 1)
    texture = _wall(rng)
    tone = texture[(np.clip(v, 0, 0.999) * 32).astype(int), (across * 31.9).astype(int)[None, :].repeat(high, 0)]
    fog = np.exp(-far * rng.uniform(0.03, 0.3))[None, :, None] * np.where(side, 1.0, 0.72)[None, :, None]
    floor, roof = (
        np.array(hsv(rng.random(), rng.uniform(0, 0.6), rng.uniform(0.2, 0.7))),
        np.array(hsv(rng.random(), rng.uniform(0, 0.5), rng.uniform(0.05, 0.9))),
    )
    depth = (np.abs(rows - high / 2) / (high / 2))[..., None]
    checks = 1.0
    if rng.random() < 0.5:
        away = (high / 2) / np.maximum(np.abs(rows - high / 2), 1)
        gx = 6.5 + np.cos(rays)[None, :] * away
        gy = 6.5 + np.sin(rays)[None, :] * away
        checks = (0.75 + 0.25 * ((np.floor(gx * 2) + np.floor(gy * 2)) % 2))[..., None]
    plain = np.where((rows > high / 2)[..., None], floor, roof) * (0.25 + 0.75 * depth) * checks
    pixels = np.where(wall[..., None], tone * fog, plain)
    image = Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).resize(
        (w, h), pick(rng, (Image.Resampling.NEAREST, Image.Resampling.BILINEAR))
    )
    pen = ImageDraw.Draw(image)
    if rng.random() < 0.6:
        x, tone_gun = w * rng.uniform(0.48, 0.7), hsv(rng.random(), 0.2, rng.uniform(0.2, 0.5))
        pen.polygon(
            [(x - w * 0.05, h), (x - w * 0.015, h * 0.7), (x + w * 0.015, h * 0.7), (x + w * 0.08, h)],
            fill=tone_gun,
            outline=(10, 10, 10),
        )
        pen.polygon(
            [(x - w * 0.09, h), (x - w * 0.05, h * 0.84), (x + w * 0.02, h * 0.86), (x + w * 0.03, h)],
            fill=(200, 150, 116),
        )
    if rng.random() < 0.5:
        c = h * 0.02
        pen.line([w / 2 - c, h / 2, w / 2 + c, h / 2], fill=(120, 255, 120), width=3)
        pen.line([w / 2, h / 2 - c, w / 2, h / 2 + c], fill=(120, 255, 120), width=3)
    if rng.random() < 0.4:
        top = h * 0.86
        pen.rectangle([0, top, w, h], fill=(70, 68, 66), outline=(130, 126, 120), width=4)
        for place in range(5):
            pen.rectangle(
                [w * (0.02 + 0.2 * place), top + 8, w * (0.17 + 0.2 * place), h - 8],
                outline=(30, 28, 28),
                width=3,
                fill=pick(rng, ((90, 20, 20), (50, 48, 46))),
            )
    return image


def _wall(rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a wall's texture float64[32, 32, 3]: bricks, planks, panels or rough stone."""
    tone = np.array(hsv(rng.random(), rng.uniform(0.05, 0.7), rng.uniform(0.4, 0.95)), dtype=float)
    kind, y, x = int(rng.integers(4)), np.arange(32)[:, None], np.arange(32)[None, :]
    cells = np.ones((32, 32))
    if kind == 0:
        cells = np.where((y % 8 == 0) | ((x + 8 * (y // 8 % 2)) % 16 == 0), 0.5, 1.0)
    elif kind == 1:
        cells = np.where(x % 8 == 0, 0.55, 1.0) * np.ones((32, 1))
    elif kind == 2:
        cells = np.where((x < 2) | (y < 2) | (x > 29) | (y > 29), 0.6, 1.0)
    cells = cells * (0.8 + 0.4 * noise(rng, 32, 32, cells=8, octaves=2))
    return tone * cells[..., None]


def road(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """Return a race: a striped track to the horizon, cars from behind."""
    horizon = round(h * rng.uniform(0.35, 0.5))
    hue = rng.random()
    image = gradient(w, h, [hsv(hue, 0.6, rng.uniform(0.3, 0.9)), hsv(hue + 0.1, 0.3, 0.95)])
    deep = h - horizon
    rows = (np.arange(deep)[:, None] + 1) / deep
    stripe = np.floor(3 / rows + rng.uniform(0, 1)) % 2
    bend = rng.normal(0, 0.25) * (1 - rows) ** 2
    x = np.abs((np.linspace(-0.5, 0.5, w)[None, :] - bend) / (rows * rng.uniform(0.35, 0.55) + 0.01))
    grass = np.array(hsv(rng.choice([0.3, 0.12, 0.55]), 0.55, 0.6)) * (0.85 + 0.15 * stripe[..., None])
    tar = np.array(hsv(hue, 0.08, 0.4)) * (0.95 + 0.05 * stripe[..., None])
    curb = np.where(stripe[..., None] > 0, np.array([220, 40, 40]), np.array([240, 240, 240]))
    pixels = np.where((x < 1)[..., None], tar, np.where((x < 1.15)[..., None], curb, grass))
    pixels = np.where(((x < 0.03) & (stripe > 0))[..., None], np.array([245, 245, 240]), pixels)
    image.paste(Image.fromarray(np.broadcast_to(pixels, (deep, w, 3)).clip(0, 255).astype(np.uint8)), (0, horizon))
    pen = ImageDraw.Draw(image)
    for share in sorted([rng.uniform(0.1, 0.6) for _ in range(int(rng.integers(0, 4)))]) + [0.8]:
        y, wide = horizon + deep * share, w * 0.22 * share
        cx, tone = w / 2 + rng.normal(0, 0.12) * w * share, vivid(rng)
        pen.rectangle([cx - wide, y, cx + wide, y + wide * 0.4], fill=(20, 20, 22))
        pen.rounded_rectangle([cx - wide, y - wide * 0.5, cx + wide, y + wide * 0.25], wide * 0.15, fill=tone)
        pen.polygon(
            [
                (cx - wide * 0.7, y - wide * 0.45),
                (cx - wide * 0.5, y - wide * 0.95),
                (cx + wide * 0.5, y - wide * 0.95),
                (cx + wide * 0.7, y - wide * 0.45),
            ],
            fill=blend(tone, (20, 30, 50), 0.6),
        )
        for side in (-1, 1):
            pen.rectangle(
                [
                    cx + side * wide * 0.8 - wide * 0.12,
                    y - wide * 0.25,
                    cx + side * wide * 0.8 + wide * 0.12,
                    y - wide * 0.1,
                ],
                fill=(250, 60, 50),
            )
    return image
