"""live_streamer, more kinds: overlays with empty holes, plain waiting screens, alerts, split screens of a race."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import (
    INK,
    SUPERSAMPLE,
    WHITE,
    Color,
    blend,
    gradient,
    hsv,
    oval,
    pastel,
    pick,
    shrink,
    vivid,
    xy,
)
from beam_jobs.demo.draw.lettering import phrase
from beam_jobs.demo.draw.pictures import PEOPLE, cover_box, photograph
from beam_jobs.demo.draw.playscreens import game_screenshot
from beam_jobs.demo.draw.streams import live_streamer as classic_stream
from beam_jobs.demo.draw.typeset import FACES, readable, small_print, stack

_WAITING = (
    "Starting soon", "The stream will begin shortly!", "Be right back", "Taking a quick break", "Thanks for watching!",
    "See you next time", "곧 시작합니다", "잠시 자리 비움", "Technical difficulties", "Intermission", "Offline",
)  # fmt: skip


def live_streamer(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a broadcast, its overlay alone, or a waiting screen."""
    if rng.random() < 0.5:
        return classic_stream(rng, size)
    ratio = rng.uniform(1.45, 1.85)
    w, h = size * SUPERSAMPLE, round(size / ratio) * SUPERSAMPLE
    return shrink(pick(rng, _KINDS)(rng, w, h))


def _flat(rng: np.random.Generator) -> Color:
    return pick(rng, (vivid(rng), vivid(rng), pastel(rng), (20, 20, 24), (36, 30, 60), hsv(rng.random(), 0.8, 0.35)))


def _hole(rng: np.random.Generator) -> Color:
    """The colour that an empty part of an overlay has: black, white, green or grey."""
    return pick(rng, ((0, 0, 0), (0, 0, 0), WHITE, WHITE, (0, 177, 64), (40, 40, 44), (128, 128, 128)))


def _overlay(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """Bars and frames in a few flat colours round empty holes for the game and the cameras."""
    first, second, empty = _flat(rng), _flat(rng), _hole(rng)
    image = Image.new("RGB", (w, h), empty if rng.random() < 0.6 else first)
    pen = ImageDraw.Draw(image)
    side, foot = w * rng.uniform(0.15, 0.36), h * rng.uniform(0.12, 0.3)
    left = rng.random() < 0.5
    column = [0, 0, side, h] if left else [w - side, 0, w, h]
    if rng.random() < 0.75:
        pen.rectangle(column, fill=first)
    if rng.random() < 0.75:
        pen.rectangle([0, h - foot, w, h], fill=second if rng.random() < 0.6 else first)
    line = max(round(w * rng.uniform(0.002, 0.008)), 2)
    if rng.random() < 0.5:
        pen.rectangle([side * left, 0, w - side * (not left), h - foot], fill=empty, outline=second, width=line)
    for place in range(int(rng.integers(1, 4))):
        cw, ch = side * rng.uniform(0.6, 0.94), h * rng.uniform(0.16, 0.32)
        x, y = column[0] + (side - cw) / 2, h * (0.04 + 0.34 * place)
        shape = pick(rng, ("box", "round", "oval"))
        hole = [x, y, x + cw, y + ch]
        if shape == "oval":
            pen.ellipse([x + cw / 2 - ch / 2, y, x + cw / 2 + ch / 2, y + ch], fill=empty, outline=second, width=line)
        else:
            pen.rounded_rectangle(hole, 0 if shape == "box" else ch * 0.1, fill=empty, outline=second, width=line)
        if rng.random() < 0.6:
            pen.rectangle([x, y + ch, x + cw, y + ch * 1.2], fill=second)
            small_print(
                image,
                (x + cw / 2, y + ch * 1.1),
                phrase(rng, 2),
                ch * 0.13,
                readable(image, (x, y + ch, x + cw, y + ch * 1.2)),
            )
    for place in range(int(rng.integers(0, 5))):
        x = w * (0.02 + 0.22 * place)
        small_print(
            image,
            (x, h - foot / 2),
            phrase(rng, 2),
            foot * rng.uniform(0.12, 0.3),
            readable(image, (x, h - foot, x + w * 0.2, h)),
            anchor="lm",
            style=pick(rng, FACES),
        )
    return image


def _waiting(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """A few words on colour, with or without bars, a clock, shapes or a blurred picture."""
    kind = int(rng.integers(4))
    tone = _flat(rng)
    if kind < 2:
        image = Image.new("RGB", (w, h), tone)
    elif kind == 2:
        image = gradient(w, h, [tone, blend(tone, _flat(rng), 0.7)])
    else:
        image = Image.blend(photograph(rng, w, h), Image.new("RGB", (w, h), tone), rng.uniform(0.4, 0.8))
    pen = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(0, 14)) if rng.random() < 0.4 else 0):
        x, y, r = rng.uniform(0, w), rng.uniform(0, h), h * rng.uniform(0.02, 0.2)
        pen.polygon(
            xy(oval(x, y, r, r, rng.uniform(0, 6), steps=int(pick(rng, (3, 4, 5, 48))))),
            fill=blend(tone, _flat(rng), 0.4),
        )
    if rng.random() < 0.5:
        high = h * rng.uniform(0.1, 0.25)
        pen.rectangle([0, h - high, w, h], fill=_flat(rng))
        for place in range(int(rng.integers(1, 4))):
            small_print(
                image,
                (w * (0.03 + 0.3 * place), h - high / 2),
                "@" + phrase(rng, 1, korean=False),
                high * 0.25,
                readable(image, (0, h - high, w, h)),
                anchor="lm",
            )
    wide, high = rng.uniform(0.3, 0.85), rng.uniform(0.06, 0.24)
    y = rng.uniform(0.25, 0.55)
    box = (w * (0.5 - wide / 2), h * y, w * (0.5 + wide / 2), h * (y + high))
    stack(
        image,
        rng,
        box,
        [pick(rng, _WAITING)],
        readable(image, box),
        style=pick(rng, FACES),
        rim=pick(rng, (None, None, _flat(rng))),
    )
    if rng.random() < 0.4:
        small_print(
            image,
            (w * 0.5, box[3] + h * 0.1),
            f"{int(rng.integers(0, 10)):02d}:{int(rng.integers(60)):02d}",
            h * 0.09,
            readable(image, box),
            style="mono",
        )
    return image


def _alerts(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """Stickers, thanks and bursts on an empty or a played screen."""
    empty = rng.random() < 0.6
    image = Image.new("RGB", (w, h), _hole(rng)) if empty else cover_box(game_screenshot(rng, w // SUPERSAMPLE), w, h)
    text = pick(rng, ("THANKS!", "GG", "NEW FOLLOWER", "YAY", "구독 감사합니다", "HYPE", "+100", "RAID!", "WOW"))
    style = pick(rng, ("heavy", "bold"))
    for _ in range(int(rng.integers(1, 9))):
        x, y, wide = rng.uniform(0, 0.7) * w, rng.uniform(0, 0.8) * h, w * rng.uniform(0.12, 0.4)
        fill = gradient(w, h, [vivid(rng), pastel(rng), vivid(rng)])
        stack(
            image,
            rng,
            (x, y, x + wide, y + h * 0.2),
            [text],
            fill,
            style=style,
            rim=WHITE,
            slant=float(rng.choice([0, 0.2])),
        )
    bar = vivid(rng)
    ImageDraw.Draw(image).rectangle([0, h * 0.9, w * rng.uniform(0.3, 1), h], fill=bar)
    small_print(image, (w * 0.02, h * 0.95), phrase(rng, 3), h * 0.05, WHITE if sum(bar) < 420 else INK, anchor="lm")
    return image


def _race(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """Two or more players: each a game, a face or a hole, a clock and names in bars."""
    first, second = _flat(rng), _flat(rng)
    image = Image.new("RGB", (w, h), first)
    pen, count = ImageDraw.Draw(image), int(pick(rng, (2, 2, 4)))
    rows = count // 2
    for place in range(count):
        gw, gh = round(w * 0.46), round(h * (0.66 / rows))
        x, y = round(w * (0.02 + 0.5 * (place % 2))), round(h * (0.06 + 0.7 / rows * (place // 2)))
        part = (
            Image.new("RGB", (gw, gh), _hole(rng))
            if rng.random() < 0.5
            else cover_box(game_screenshot(rng, 160), gw, gh)
        )
        image.paste(part, (x, y))
        pen.rectangle([x, y, x + gw, y + gh], outline=second, width=4)
        if rng.random() < 0.5:
            side = gh // 3
            image.paste(photograph(rng, side, side, kinds=PEOPLE), (x, y + gh - side))
    pen.rectangle([0, h * 0.82, w, h], fill=second)
    ink = readable(image, (0, h * 0.82, w, h))
    small_print(
        image,
        (w * 0.5, h * 0.91),
        f"{int(rng.integers(9))}:{int(rng.integers(10, 60))}:{int(rng.integers(10, 60))}",
        h * 0.1,
        ink,
        style="mono",
    )
    for at, anchor in ((0.03, "lm"), (0.97, "rm")):
        small_print(image, (w * at, h * 0.91), phrase(rng, 2), h * 0.05, ink, style="bold", anchor=anchor)
    return image


_KINDS: tuple[Callable[[np.random.Generator, int, int], Image.Image], ...] = (
    _overlay, _overlay, _overlay, _waiting, _waiting, _alerts, _race,
)  # fmt: skip
