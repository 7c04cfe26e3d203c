"""Signs on plain grounds: icon_pictogram, emoji_sticker and flag."""

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.banners import banner
from beam_jobs.demo.draw.canvas import (
    INK,
    SUPERSAMPLE,
    WHITE,
    Color,
    Points,
    blend,
    gradient,
    hsv,
    oval,
    pick,
    sheet,
    shrink,
    smooth,
    vivid,
    xy,
)

_GLYPHS = (
    "home",
    "mail",
    "arrow",
    "check",
    "search",
    "user",
    "bell",
    "lock",
    "play",
    "cloud",
    "star",
    "heart",
    "pin",
    "chart",
    "gear",
    "phone",
    "cart",
    "sun",
)


def _star(points: int = 5, inner: float = 0.45) -> Points:
    angle = np.arange(points * 2) * np.pi / points - np.pi / 2
    reach = np.where(np.arange(points * 2) % 2 == 0, 1.0, inner)
    return np.stack([np.cos(angle) * reach, np.sin(angle) * reach], axis=1)


def _heart() -> Points:
    t = np.linspace(0, 2 * np.pi, 40)
    x, y = 16 * np.sin(t) ** 3, 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    return np.stack([x, -y], axis=1) / 16


def icon_badges(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw one icon on a plain ground or a badge, or a sheet of icons."""
    paper = WHITE if rng.random() < 0.7 else blend(vivid(rng), WHITE, 0.85)
    image, pen = sheet(size, size, paper)
    side = image.width
    count = int(rng.choice([1, 1, 1, 2, 3, 4]))
    ground, ink = (vivid(rng), WHITE) if rng.random() < 0.55 else (None, INK if rng.random() < 0.6 else vivid(rng))
    shape = pick(rng, ["circle", "square", "round"])
    names = rng.permutation(len(_GLYPHS))
    cell = side / count
    for index in range(count * count):
        x, y = (index % count + 0.5) * cell, (index // count + 0.5) * cell
        r = cell * 0.4
        if ground is not None:
            if shape == "circle":
                pen.ellipse([x - r, y - r, x + r, y + r], fill=ground)
            else:
                pen.rounded_rectangle(
                    [x - r, y - r, x + r, y + r], r * (0.4 if shape == "round" else 0.05), fill=ground
                )
        hole = paper if ground is None else ground
        _glyph(
            pen,
            _GLYPHS[int(names[index % len(_GLYPHS)])],
            x,
            y,
            cell * (0.22 if ground is not None else 0.34),
            ink,
            hole,
        )
    return shrink(image)


def _glyph(pen: ImageDraw.ImageDraw, name: str, x: float, y: float, r: float, ink: Color, hole: Color) -> None:
    """Draw the named sign with radius ``r``; ``hole`` is the colour of the ground."""
    at, line = np.array([x, y]), max(round(r * 0.24), 3)

    def fill(points: list[tuple[float, float]] | Points, color: Color = ink) -> None:
        pen.polygon(xy(np.asarray(points, dtype=np.float64) * r + at), fill=color)

    def disc(cx: float, cy: float, cr: float, color: Color = ink) -> None:
        pen.ellipse([x + (cx - cr) * r, y + (cy - cr) * r, x + (cx + cr) * r, y + (cy + cr) * r], fill=color)

    def box(left: float, top: float, right: float, bottom: float, color: Color = ink, round_by: float = 0.0) -> None:
        pen.rounded_rectangle([x + left * r, y + top * r, x + right * r, y + bottom * r], round_by * r, fill=color)

    def stroke(points: list[tuple[float, float]], color: Color = ink, width: int = line) -> None:
        pen.line(xy(np.asarray(points, dtype=np.float64) * r + at), fill=color, width=width, joint="curve")

    match name:
        case "home":
            fill([(-1, 0), (0, -0.95), (1, 0)])
            box(-0.7, -0.05, 0.7, 0.9)
            box(-0.2, 0.3, 0.2, 0.9, hole)
        case "mail":
            box(-1, -0.7, 1, 0.7, round_by=0.1)
            stroke([(-0.9, -0.55), (0, 0.15), (0.9, -0.55)], hole)
        case "arrow":
            fill([(-1, -0.3), (0.1, -0.3), (0.1, -0.8), (1, 0), (0.1, 0.8), (0.1, 0.3), (-1, 0.3)])
        case "check":
            stroke([(-0.9, 0.05), (-0.25, 0.7), (0.95, -0.65)], width=line * 2)
        case "search":
            disc(-0.2, -0.2, 0.75)
            disc(-0.2, -0.2, 0.48, hole)
            stroke([(0.3, 0.3), (0.95, 0.95)], width=round(line * 1.5))
        case "user":
            disc(0, -0.45, 0.48)
            fill(np.concatenate([oval(0, 0.95, 0.9, 0.85)[24:], np.array([[0.9, 0.95], [-0.9, 0.95]])]))
        case "bell":
            fill(
                smooth(
                    np.array(
                        [[0, -0.95], [0.6, -0.4], [0.7, 0.3], [0.95, 0.6], [-0.95, 0.6], [-0.7, 0.3], [-0.6, -0.4]]
                    )
                )
            )
            disc(0, 0.8, 0.2)
        case "lock":
            pen.arc([x - 0.5 * r, y - r, x + 0.5 * r, y + 0.2 * r], 180, 360, fill=ink, width=line)
            box(-0.75, -0.25, 0.75, 0.9, round_by=0.12)
            disc(0, 0.25, 0.17, hole)
        case "play":
            fill([(-0.65, -0.9), (0.95, 0), (-0.65, 0.9)])
        case "cloud":
            for cx, cy, cr in ((-0.5, 0.15, 0.42), (0.05, -0.15, 0.55), (0.55, 0.18, 0.4)):
                disc(cx, cy, cr)
            box(-0.6, 0.1, 0.6, 0.57)
        case "star":
            fill(_star())
        case "heart":
            fill(_heart())
        case "pin":
            disc(0, -0.35, 0.62)
            fill([(-0.56, -0.1), (0.56, -0.1), (0, 1)])
            disc(0, -0.35, 0.26, hole)
        case "chart":
            for left, top in ((-0.9, 0.1), (-0.25, -0.4), (0.4, -0.9)):
                box(left, top, left + 0.45, 0.9)
        case "gear":
            fill(_star(9, 0.72))
            disc(0, 0, 0.72)
            disc(0, 0, 0.32, hole)
        case "phone":
            box(-0.55, -1, 0.55, 1, round_by=0.15)
            box(-0.42, -0.75, 0.42, 0.65, hole)
            disc(0, 0.83, 0.09, hole)
        case "cart":
            stroke([(-1, -0.75), (-0.65, -0.75), (-0.4, 0.35), (0.7, 0.35)])
            fill([(-0.62, -0.5), (0.95, -0.5), (0.7, 0.15), (-0.48, 0.15)])
            disc(-0.25, 0.72, 0.18)
            disc(0.55, 0.72, 0.18)
        case _:
            fill(_star(10, 0.68))
            disc(0, 0, 0.6, hole)
            disc(0, 0, 0.5)


def face_emojis(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a face with a feeling, some with the white border of a sticker, or a set of faces."""
    ground = WHITE if rng.random() < 0.6 else blend(vivid(rng), WHITE, 0.6)
    image, pen = sheet(size, size, ground)
    side = image.width
    count = int(rng.choice([1, 1, 1, 2, 2, 3]))
    cell = side / count
    sticker = rng.random() < 0.45
    for index in range(count * count):
        x, y = (index % count + 0.5) * cell, (index // count + 0.5) * cell
        r = cell * rng.uniform(0.27, 0.41)
        x, y = x + rng.normal(0, (cell * 0.44 - r) * 0.4), y + rng.normal(0, (cell * 0.44 - r) * 0.4)
        if sticker:
            pen.ellipse([x - r * 1.12, y - r * 1.08, x + r * 1.12, y + r * 1.18], fill=blend(ground, INK, 0.25))
            pen.ellipse([x - r * 1.12, y - r * 1.12, x + r * 1.12, y + r * 1.12], fill=WHITE)
        face_emoji(image, rng, x, y, r)
    return shrink(image)


def face_emoji(image: Image.Image, rng: np.random.Generator, x: float, y: float, r: float) -> None:
    hue = rng.choice([0.13, 0.13, 0.14, 0.12, 0.95, 0.3, 0.58])
    main, edge = hsv(hue, 0.75, 1.0), hsv(hue - 0.04, 0.9, 0.85)
    w = round(2 * r)
    yy, xx = np.mgrid[-1 : 1 : w * 1j, -1 : 1 : w * 1j]
    shade = np.clip(((xx + 0.25) ** 2 + (yy + 0.35) ** 2) / 2.2, 0, 1)[..., None]
    ball = Image.fromarray((np.array(blend(main, WHITE, 0.2)) * (1 - shade) + np.array(edge) * shade).astype(np.uint8))
    mask = Image.fromarray(((xx**2 + yy**2 < 1) * 255).astype(np.uint8))
    image.paste(ball, (round(x - r), round(y - r)), mask)
    pen, dark, line = ImageDraw.Draw(image), (70, 44, 20), max(round(r * 0.09), 3)
    blush = rng.random() < 0.25
    eyes, mouth = (
        pick(rng, ["dot", "dot", "happy", "heart", "star", "wink", "big"]),
        pick(rng, ["smile", "grin", "open", "sad", "flat", "tongue", "kiss"]),
    )
    for side in (-1, 1):
        ex, ey, er = x + side * r * 0.36, y - r * 0.18, r * 0.14
        if eyes == "happy" or (eyes == "wink" and side == 1):
            pen.arc([ex - er * 1.4, ey - er, ex + er * 1.4, ey + er * 1.6], 190, 350, fill=dark, width=line)
        elif eyes in ("heart", "star"):
            form = _heart() if eyes == "heart" else _star()
            pen.polygon(
                xy(form * er * 1.9 + np.array([ex, ey])), fill=(226, 40, 60) if eyes == "heart" else (255, 120, 30)
            )
        elif eyes == "big":
            pen.ellipse([ex - er * 1.5, ey - er * 1.6, ex + er * 1.5, ey + er * 1.6], fill=WHITE)
            pen.ellipse([ex - er * 0.7, ey - er * 0.7, ex + er * 0.7, ey + er * 0.7], fill=dark)
        else:
            pen.ellipse([ex - er * 0.85, ey - er * 1.3, ex + er * 0.85, ey + er * 1.3], fill=dark)
        if blush:
            pen.ellipse(
                [ex + side * er - er, ey + er * 2.2, ex + side * er + er, ey + er * 3.2],
                fill=blend(main, (255, 90, 90), 0.5),
            )
    my = y + r * 0.32
    if mouth in ("open", "tongue", "grin"):
        pen.chord([x - r * 0.45, my - r * 0.42, x + r * 0.45, my + r * 0.4], 0, 180, fill=(120, 30, 30))
        if mouth == "grin":
            pen.rectangle([x - r * 0.4, my, x + r * 0.4, my + r * 0.1], fill=WHITE)
        elif mouth == "tongue":
            pen.ellipse([x - r * 0.2, my + r * 0.12, x + r * 0.2, my + r * 0.55], fill=(240, 90, 110))
    elif mouth == "smile":
        pen.arc([x - r * 0.45, my - r * 0.4, x + r * 0.45, my + r * 0.3], 15, 165, fill=dark, width=line)
    elif mouth == "sad":
        pen.arc([x - r * 0.35, my, x + r * 0.35, my + r * 0.5], 195, 345, fill=dark, width=line)
    elif mouth == "flat":
        pen.line([x - r * 0.35, my + r * 0.1, x + r * 0.35, my + r * 0.1], fill=dark, width=line)
    else:
        pen.ellipse([x - r * 0.12, my, x + r * 0.12, my + r * 0.24], fill=dark)
    if rng.random() < 0.2:
        tear = _heart() * r * 0.14 * np.array([0.8, -1.2])
        pen.polygon(xy(tear + np.array([x + r * 0.55, y + r * 0.2])), fill=(80, 170, 250))


_FLAG_COLORS: tuple[Color, ...] = (
    (206, 17, 38), (0, 56, 147), (0, 122, 61), (252, 209, 22),
    (255, 255, 255), (20, 20, 20), (255, 130, 0), (110, 180, 230),
)  # fmt: skip


def flag(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a made-up flag: flat, waving or on a pole."""
    ratio = rng.choice([1.33, 1.5, 1.5, 2.0, rng.uniform(0.9, 1.9)])
    draw = banner if rng.random() < 0.8 else _cloth
    cloth = draw(rng, size * SUPERSAMPLE, round(size * SUPERSAMPLE / ratio))
    style = int(rng.choice([0, 0, 0, 0, 1, 2, 3, 4]))
    if style == 0:
        return shrink(cloth)
    if style == 4:
        return _badge(rng, cloth)
    waves, deep = rng.uniform(1.2, 2.2), rng.uniform(0.02, 0.05)
    w, h = cloth.size
    pad = round(h * 0.18)
    x = np.arange(w)
    phase = x / w * 2 * np.pi * waves + rng.uniform(0, 6)
    shift = (np.sin(phase) * deep * h).astype(np.int64)
    rows = np.arange(h + 2 * pad)[:, None] - pad - shift[None, :]
    inside = (rows >= 0) & (rows < h)
    pixels = (
        np.asarray(cloth)[np.clip(rows, 0, h - 1), x[None, :]] * (1 - 0.22 * (0.5 + 0.5 * np.cos(phase)))[None, :, None]
    )
    mask = Image.fromarray((inside * 255).astype(np.uint8))
    waving = Image.fromarray(pixels.astype(np.uint8))
    if style == 1:
        image = Image.new("RGB", waving.size, WHITE)
        image.paste(waving, (0, 0), mask)
    else:
        left, pole = round(w * 0.09), round(w * 0.022)
        top, low = ((90, 150, 225), (205, 228, 248)) if style == 2 else (WHITE, WHITE)
        image = gradient(round(w * 1.12), round(waving.height * 1.15), [top, low])
        image.paste(waving, (left, 0), mask)
        pen = ImageDraw.Draw(image)
        pen.rectangle([left - pole, pad * 0.3, left, image.height], fill=(150, 152, 160))
        pen.rectangle([left - pole * 0.5, pad * 0.3, left, image.height], fill=(104, 106, 114))
        pen.ellipse([left - pole * 1.4, 0, left + pole * 0.4, pole * 1.8], fill=(226, 188, 70))
    result = shrink(image)
    result.thumbnail((size, size))
    return result


def _badge(rng: np.random.Generator, cloth: Image.Image) -> Image.Image:
    """Return the flag as a disc, a rounded button or with a margin, glossy or plain, on a pale ground."""
    w, h = cloth.size
    side, kind = min(w, h), int(rng.integers(3))
    if kind == 0:
        cloth = cloth.crop(((w - side) // 2, (h - side) // 2, (w + side) // 2, (h + side) // 2)) if w > h else cloth
        cloth = cloth.resize((w, w))
    w, h = cloth.size
    pad = round(w * rng.uniform(0.02, 0.2))
    image = Image.new("RGB", (w + 2 * pad, h + 2 * pad), pick(rng, [WHITE, WHITE, (240, 240, 242), (40, 44, 52)]))
    mask = Image.new("L", (w, h), 0)
    radius = w / 2 if kind == 0 else h * rng.uniform(0.03, 0.2) if kind == 1 else 0
    ImageDraw.Draw(mask).rounded_rectangle([0, 0, w - 1, h - 1], radius, fill=255)
    if rng.random() < 0.4:
        shine = gradient(w, h, [(255, 255, 255), (160, 160, 160), (90, 90, 90)])
        cloth = Image.blend(cloth, shine, 0.2)
    image.paste(cloth, (pad, pad), mask)
    if rng.random() < 0.4:
        box = [pad, pad, pad + w - 1, pad + h - 1]
        ImageDraw.Draw(image).rounded_rectangle(box, radius, outline=(150, 150, 154), width=max(round(w * 0.008), 1))
    image = shrink(image)
    image.thumbnail((max(w, h) // SUPERSAMPLE,) * 2)
    return image


def _cloth(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    colors = [_FLAG_COLORS[int(place)] for place in rng.permutation(len(_FLAG_COLORS))]
    image = Image.new("RGB", (w, h), colors[0])
    pen = ImageDraw.Draw(image)
    kind = int(rng.integers(8))
    if kind in (0, 1):
        bands = int(rng.choice([2, 3, 3, 5]))
        for band in range(bands):
            box = (
                (w * band / bands, 0, w * (band + 1) / bands, h)
                if kind == 0
                else (0, h * band / bands, w, h * (band + 1) / bands)
            )
            pen.rectangle(box, fill=colors[band % 3])
    elif kind == 2:
        thick, middle = h * rng.uniform(0.12, 0.2), w * rng.uniform(0.32, 0.5)
        for color, extra in ((colors[1], thick * 0.45), (colors[2], 0.0)):
            pen.rectangle([middle - thick / 2 - extra, 0, middle + thick / 2 + extra, h], fill=color)
            pen.rectangle([0, h / 2 - thick / 2 - extra, w, h / 2 + thick / 2 + extra], fill=color)
    elif kind == 3:
        for extra, color in ((1.0, colors[1]), (0.45, colors[2])):
            for start, stop in (((0, 0), (w, h)), ((w, 0), (0, h))):
                pen.line([*start, *stop], fill=color, width=round(h * 0.22 * extra))
    elif kind == 4:
        stripes = int(rng.choice([7, 9, 11, 13]))
        for stripe in range(0, stripes, 2):
            pen.rectangle([0, h * stripe / stripes, w, h * (stripe + 1) / stripes], fill=colors[1])
        pen.rectangle([0, 0, w * 0.42, h * (stripes // 2 + 1) / stripes], fill=colors[2])
        for row in range(4):
            for column in range(5):
                spot = np.array([w * (0.05 + 0.08 * column), h * (0.07 + 0.13 * row)])
                pen.polygon(xy(_star() * h * 0.038 + spot), fill=colors[3])
    elif kind == 5:
        pen.rectangle([0, h / 2, w, h], fill=colors[1])
        pen.polygon([(0, 0), (w * rng.uniform(0.35, 0.5), h / 2), (0, h)], fill=colors[2])
    elif kind == 6:
        pen.polygon([(0, h), (w, 0), (w, h)], fill=colors[1])
        pen.line([0, h, w, 0], fill=colors[2], width=round(h * 0.16))
    emblem = int(rng.integers(5))
    at = np.array([w * (0.5 if kind != 5 else 0.16), h * 0.5])
    if kind == 7 or (emblem < 3 and kind in (0, 1, 5, 6)):
        r = h * (rng.uniform(0.2, 0.3) if kind == 7 else 0.15)
        if emblem == 0:
            pen.polygon(xy(oval(at[0], at[1], r, r)), fill=colors[3])
        elif emblem == 1:
            pen.polygon(xy(_star() * r + at), fill=colors[3])
        elif emblem == 2:
            pen.polygon(xy(oval(at[0], at[1], r, r)), fill=colors[3])
            pen.polygon(xy(oval(at[0] + r * 0.35, at[1], r * 0.8, r * 0.8)), fill=colors[0])
            pen.polygon(xy(_star() * r * 0.45 + at + np.array([r * 0.45, 0])), fill=colors[3])
        elif emblem == 3:
            pen.polygon(xy(_star(14, 0.6) * r + at), fill=colors[3])
        else:
            pen.polygon(
                [
                    (at[0] - r * 1.8, at[1]),
                    (at[0], at[1] - r * 1.3),
                    (at[0] + r * 1.8, at[1]),
                    (at[0], at[1] + r * 1.3),
                ],
                fill=colors[1],
            )
            pen.polygon(xy(oval(at[0], at[1], r * 0.75, r * 0.75)), fill=colors[3])
    return image
