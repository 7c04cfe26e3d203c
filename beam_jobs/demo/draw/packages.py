"""package_cover: a front as a flat picture, with its spine, in perspective, on a table, round a bottle, on a bag."""

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.bindings import BOOKS
from beam_jobs.demo.draw.canvas import (
    INK,
    SUPERSAMPLE,
    WHITE,
    Points,
    blend,
    blur,
    extent,
    gradient,
    pastel,
    pick,
    shrink,
    vivid,
)
from beam_jobs.demo.draw.covers import ground_color
from beam_jobs.demo.draw.photo import backdrop, finish, mask_of, shadow, texture, warp
from beam_jobs.demo.draw.posters import collage, film_poster, magazine
from beam_jobs.demo.draw.sleeves import album, disc, grocery


def package_cover(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw the front of a book, a disc, a record, a magazine or a grocery, and how it is shown."""
    kind = pick(rng, ("book", "book", "book", "book", "tall", "tall", "tall", "square", "square", "grocery", "round"))
    if kind == "round":
        return shrink(_round(rng, *_canvas(rng, size, 0.6, 0.9)))
    span = {"book": (0.6, 0.82), "tall": (0.64, 0.78), "square": (0.97, 1.03), "grocery": (0.6, 1.1)}[kind]
    if kind == "tall" and rng.random() < 0.1:
        span = (1.2, 1.5)
    w, h = _canvas(rng, size, *span)
    front = {
        "book": BOOKS,
        "tall": (disc, disc, disc, magazine, film_poster, collage),
        "square": (album,),
        "grocery": (grocery,),
    }[kind]
    image = pick(rng, front)(rng, w, h)
    shown = rng.random()
    if shown < (0.35 if kind == "grocery" else 0.68):
        return shrink(_flat(image, rng))
    if shown < 0.82:
        return shrink(_standing(image, rng))
    return shrink(_lying(image, rng))


def _canvas(rng: np.random.Generator, size: int, low: float, high: float) -> tuple[int, int]:
    width, height = extent(rng, size, low, high)
    return width * SUPERSAMPLE, height * SUPERSAMPLE


def _flat(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """The front alone; sometimes with a fold, worn edges or a margin round it."""
    w, h = image.size
    if rng.random() < 0.25:
        fold = Image.new("L", (w, h))
        x = w * rng.uniform(0.015, 0.05)
        ImageDraw.Draw(fold).rectangle([x, 0, x + w * 0.015, h], fill=round(rng.uniform(50, 130)))
        image.paste((0, 0, 0), (0, 0), blur(fold, w * 0.008))
    if rng.random() < 0.25:
        image = finish(image, rng, soft=0.3)
    if rng.random() < 0.3:
        share = rng.uniform(0.7, 0.95)
        inner = image.resize((round(w * share), round(h * share)), Image.Resampling.BILINEAR)
        ground = pick(rng, (WHITE, WHITE, (236, 236, 238), pastel(rng), (40, 40, 44)))
        image = Image.new("RGB", (w, h), ground)
        left, top = (w - inner.width) // 2, (h - inner.height) // 2
        if rng.random() < 0.7:
            corners = np.array([[left, top], [w - left, top], [w - left, h - top], [left, h - top]], dtype=float)
            shadow(image, corners + w * 0.012, rng.uniform(0.2, 0.6), w * 0.02)
        image.paste(inner, (left, top))
    return image


def _ground(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    kind = int(rng.integers(4))
    if kind == 0:
        return Image.new("RGB", (w, h), WHITE)
    if kind == 1:
        tone = pastel(rng)
        return gradient(w, h, [tone, blend(tone, WHITE, 0.5), blend(tone, INK, 0.15)])
    return gradient(w, h, [vivid(rng), ground_color(rng)]) if kind == 2 else backdrop(rng, w, h)


def _standing(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """A book or a box that stands turned: its front, its side, its top."""
    w, h = image.size
    side = round(max(w, h) * rng.uniform(1.0, 1.1))
    wide, high = round(side * rng.uniform(0.9, 1.1)), side
    scene = _ground(rng, wide, high)
    fit = min(wide * 0.62 / w, high * 0.8 / h)
    fw, fh = w * fit * rng.uniform(0.85, 1.0), h * fit
    depth = fw * rng.uniform(0.08, 0.4)
    lean, drop = fh * rng.uniform(0.03, 0.1), fh * rng.uniform(0.02, 0.1)
    left, top = (wide - fw - depth) / 2, (high - fh) / 2
    seam = left + depth
    spine = np.array([[left, top + drop], [seam, top], [seam, top + fh], [left, top + fh - drop]])
    front = np.array([[seam, top], [seam + fw, top + lean], [seam + fw, top + fh - lean], [seam, top + fh]])
    shadow(scene, np.concatenate([spine[2:], front[2:], front[2:] + [0, fh * 0.04]]), 0.5, wide * 0.02)
    tone = blend(image.resize((1, 1)).getpixel((0, 0)), INK, rng.uniform(0.1, 0.5))  # type: ignore[arg-type]
    back = Image.new("RGB", (max(round(depth), 8), round(fh)), tone)
    pen = ImageDraw.Draw(back)
    for row in range(int(rng.integers(1, 5))):
        y = fh * rng.uniform(0.05, 0.9)
        pen.rectangle(
            [depth * 0.25, y, depth * 0.75, y + fh * rng.uniform(0.01, 0.15)],
            fill=blend(tone, WHITE, 0.25 + 0.15 * row),
        )
    warp(scene, back, spine)
    warp(scene, image, front)
    return finish(scene, rng, soft=0.3) if rng.random() < 0.5 else scene


def _table(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """What a thing lies on: wood, cloth, stone or something out of focus."""
    if rng.random() < 0.3:
        return backdrop(rng, w, h)
    tone = pick(
        rng, ((120, 84, 54), (190, 150, 110), (70, 50, 38), (220, 220, 216), (60, 62, 66), vivid(rng), pastel(rng))
    )
    image = texture(rng, w, h, tone, cells=int(pick(rng, (3, 12, 50))), depth=rng.uniform(0.1, 0.5))
    if rng.random() < 0.5:
        pen, step = ImageDraw.Draw(image), h / rng.uniform(3, 8)
        for y in np.arange(rng.uniform(0, step), h, step):
            pen.line([0, y, w, y + rng.normal(0, 3)], fill=blend(tone, INK, 0.4), width=3)
    return image


def _lying(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Photographed on a table, turned, from an angle."""
    w, h = image.size
    wide, high = round(w * rng.uniform(1.1, 1.5)), round(h * rng.uniform(1.05, 1.3))
    scene = _table(rng, wide, high)
    share, turn, flat = rng.uniform(0.72, 0.95), rng.normal(0, 0.18), rng.uniform(0.8, 1.0)
    corners = np.array([[-w, -h], [w, -h], [w, h], [-w, h]], dtype=float) / 2 * share
    corners[:2, 0] *= rng.uniform(0.82, 1.0)
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    placed: Points = corners @ spin.T * np.array([1.0, flat]) + np.array([wide / 2, high / 2])
    shadow(scene, placed + np.array([w * 0.02, h * 0.02]), 0.7, w * 0.03)
    pages = placed + np.array([w * 0.012, h * 0.014])
    ImageDraw.Draw(scene).polygon(
        [(float(x), float(y)) for x, y in pages], fill=pick(rng, ((236, 230, 214), (60, 60, 64), WHITE))
    )
    warp(scene, image, placed)
    return finish(scene, rng, soft=0.4)


def _round(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """A label round a bottle, a jar or a tin; or printed on a bag."""
    scene = _ground(rng, w, h)
    bw, bh = round(w * rng.uniform(0.5, 0.8)), round(h * rng.uniform(0.5, 0.72))
    art = np.asarray(grocery(rng, bw, bh))
    u = np.linspace(-1, 1, bw)
    bag = rng.random() < 0.45
    across = (u * 0.98 if bag else np.arcsin(u * 0.995) / (np.pi / 2)) * 0.5 + 0.5
    light = (
        np.cos(u * (0.7 if bag else 1.25)) * 0.75
        + 0.3
        + np.exp(-(((u + rng.uniform(0.2, 0.6)) / 0.1) ** 2)) * rng.uniform(0, 0.4)
    )
    if bag:
        light = light + 0.12 * np.sin(u * rng.uniform(8, 20))
    turned = art[:, (across * (bw - 1)).astype(int)] * light[None, :, None]
    body = Image.fromarray(np.clip(turned, 0, 255).astype(np.uint8))
    left, top = (w - bw) / 2, h * 0.95 - bh
    neck = rng.uniform(0.25, 0.9)
    bulge = bw * rng.uniform(0.0, 0.04)
    outline: Points = (
        np.array([[0, 0], [bw, 0], [bw - bulge, bh / 2], [bw, bh], [0, bh], [bulge, bh / 2]])
        if bag
        else np.array([[0, 0], [bw, 0], [bw, bh * 0.97], [bw * 0.94, bh], [bw * 0.06, bh], [0, bh * 0.97]])
    )
    pen = ImageDraw.Draw(scene)
    shadow(
        scene,
        np.array([[left, top + bh], [left + bw, top + bh], [left + bw, top + bh * 1.03], [left, top + bh * 1.03]]),
        0.6,
        w * 0.03,
    )
    lid = vivid(rng) if rng.random() < 0.5 else pick(rng, ((200, 200, 206), (40, 40, 44), WHITE, (206, 170, 92)))
    if bag:
        teeth = np.arange(0, 21) / 20
        zig = [(left + bw * t, top - h * 0.03 * (1 + 0.3 * (k % 2))) for k, t in enumerate(teeth)]
        pen.polygon([*zig, (left + bw, top), (left, top)], fill=blend(lid, INK, 0.2))
    else:
        nl = left + bw * (1 - neck) / 2
        shoulder = top - h * rng.uniform(0.03, 0.12) * (neck < 0.6)
        pen.polygon(
            [(left, top), (nl, shoulder), (nl + bw * neck, shoulder), (left + bw, top)], fill=blend(lid, INK, 0.35)
        )
        pen.rounded_rectangle(
            [nl, shoulder - h * rng.uniform(0.04, 0.14), nl + bw * neck, shoulder],
            6,
            fill=lid,
            outline=blend(lid, INK, 0.4),
        )
    scene.paste(body, (round(left), round(top)), mask_of(body.size, outline))
    return finish(scene, rng, soft=0.3) if rng.random() < 0.6 else scene
