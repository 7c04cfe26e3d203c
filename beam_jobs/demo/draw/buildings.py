"""place_landmark: houses, towers, temples, palaces, churches, bridges and streets under a sky."""

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import INK, SUPERSAMPLE, WHITE, Color, blend, extent, gradient, hsv, pick, shrink, vivid
from beam_jobs.demo.draw.lettering import phrase, put
from beam_jobs.demo.draw.photo import finish, leaves, shadow, sky, texture, warp


def place_landmark(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a building or a street as a photograph."""
    kind = pick(rng, ("house", "house", "house", "tower", "tower", "temple", "palace", "church", "bridge", "street"))
    width, height = extent(rng, size, 0.8, 1.8)
    w, h = width * SUPERSAMPLE, height * SUPERSAMPLE
    image = sky(rng, w, h)
    draw = {
        "house": _house, "tower": _towers, "temple": _temple, "palace": _palace, "church": _church, "bridge": _bridge,
        "street": _street,
    }[kind]  # fmt: skip
    draw(image, rng)
    return finish(shrink(image), rng)


def _ground(image: Image.Image, rng: np.random.Generator, top: float, color: Color, cells: int = 40) -> None:
    deep = image.height - round(top)
    if deep > 0:
        image.paste(texture(rng, image.width, deep, color, cells=cells, depth=0.3), (0, round(top)))


def _green(rng: np.random.Generator) -> Color:
    return hsv(rng.uniform(0.2, 0.33), rng.uniform(0.3, 0.6), rng.uniform(0.3, 0.6))


def facade(rng: np.random.Generator, w: int, h: int, wall: Color, *, glass: bool | None = None) -> Image.Image:
    """Return a wall with rows of windows: bricks, boards, plaster or glass."""
    glass = bool(rng.random() < 0.3) if glass is None else glass
    image = texture(rng, w, h, wall, cells=12, depth=0.18)
    pen = ImageDraw.Draw(image)
    seam = blend(wall, INK, 0.22)
    kind = int(rng.integers(4))
    if not glass and kind < 2:
        step = max(h / rng.uniform(24, 46), 4)
        for y in np.arange(0, h, step):
            pen.line([0, y, w, y], fill=seam, width=1)
            if kind == 0:
                for x in np.arange((y / step % 2) * step, w, step * 2):
                    pen.line([x, y, x, y + step], fill=seam, width=1)
    rows, columns = int(rng.integers(2, 14)), int(rng.integers(2, 12))
    pane = blend(pick(rng, ((50, 70, 96), (30, 36, 44), (130, 160, 190), (90, 120, 140))), wall, 0.1)
    lit = rng.random() < 0.2
    share_x, share_y = (0.92, 0.88) if glass else (rng.uniform(0.35, 0.7), rng.uniform(0.45, 0.7))
    for row in range(rows):
        for column in range(columns):
            cw, ch = w / columns, h / rows
            left, top = cw * (column + 0.5 - share_x / 2), ch * (row + 0.5 - share_y / 2)
            box = [left, top, left + cw * share_x, top + ch * share_y]
            tone = (
                (250, 220, 150)
                if lit and rng.random() < 0.4
                else blend(pane, WHITE, rng.uniform(0, 0.3) + 0.12 * row / rows)
            )
            if not glass:
                edge = max(cw * 0.05, 2)
                pen.rectangle(
                    [box[0] - edge, box[1] - edge, box[2] + edge, box[3] + edge], fill=blend(wall, WHITE, 0.6)
                )
            pen.rectangle(box, fill=tone)
            if not glass and rng.random() < 0.8:
                pen.line(
                    [(box[0] + box[2]) / 2, box[1], (box[0] + box[2]) / 2, box[3]],
                    fill=blend(wall, WHITE, 0.6),
                    width=2,
                )
    return image


def _wall_color(rng: np.random.Generator) -> Color:
    return pick(
        rng,
        (
            (178, 92, 70), (222, 214, 200), (150, 140, 128), (232, 230, 226), (196, 170, 130), (96, 112, 128), (70, 74, 84),
            hsv(rng.random(), rng.uniform(0.1, 0.4), rng.uniform(0.5, 0.9)),
        ),
    )  # fmt: skip


def _house(image: Image.Image, rng: np.random.Generator) -> None:
    w, h = image.size
    pen = ImageDraw.Draw(image)
    line = h * rng.uniform(0.58, 0.76)
    for _ in range(int(rng.integers(2, 6))):
        leaves(
            pen,
            rng,
            rng.uniform(0, w),
            line - h * rng.uniform(0.05, 0.25),
            h * rng.uniform(0.1, 0.25),
            hue=rng.choice([0.26, 0.3, 0.34, 0.1]),
        )
    _ground(image, rng, line, _green(rng))
    pen = ImageDraw.Draw(image)
    wall = _wall_color(rng)
    roof = pick(rng, ((80, 74, 72), (130, 70, 54), (60, 64, 74), (150, 120, 90)))
    left, right = w * rng.uniform(0.08, 0.22), w * rng.uniform(0.76, 0.94)
    top = line - h * rng.uniform(0.2, 0.42)
    for part in range(int(rng.integers(1, 4))):
        a = left + (right - left) * (0.0, 0.35, 0.62)[part] * rng.uniform(0.9, 1.1)
        b = right if part == 0 else min(a + (right - left) * rng.uniform(0.28, 0.42), right)
        up = top - h * 0.06 * part
        front = facade(
            rng, max(round(b - a), 8), max(round(line - up), 8), blend(wall, WHITE, 0.08 * part), glass=False
        )
        front = front.resize((max(round(b - a), 8), max(round(line - up), 8)))
        image.paste(front, (round(a), round(up)))
        lift = h * rng.uniform(0.1, 0.2)
        eave = w * 0.02
        if part == 0 or rng.random() < 0.3:
            slope = [(a - eave, up), (a + (b - a) * 0.12, up - lift), (b - (b - a) * 0.12, up - lift), (b + eave, up)]
            pen.polygon(slope, fill=roof)
            for step in np.linspace(0.1, 0.9, 7):
                pen.line(
                    [
                        a - eave + (b - a) * 0.12 * step,
                        up - lift * step,
                        b + eave - (b - a) * 0.12 * step,
                        up - lift * step,
                    ],
                    fill=blend(roof, INK, 0.25),
                    width=2,
                )
        else:
            pen.polygon(
                [(a - eave, up), ((a + b) / 2, up - lift * 1.2), (b + eave, up)], fill=blend(wall, WHITE, 0.08 * part)
            )
            pen.line(
                [(a - eave, up), ((a + b) / 2, up - lift * 1.2), (b + eave, up)],
                fill=blend(roof, WHITE, 0.2),
                width=max(round(h * 0.022), 3),
                joint="curve",
            )
    door = left + (right - left) * rng.uniform(0.2, 0.7)
    wide = w * rng.uniform(0.04, 0.06)
    pen.rectangle(
        [door, line - h * 0.15, door + wide, line], fill=pick(rng, ((90, 50, 30), WHITE, (40, 60, 50), (140, 30, 30)))
    )
    if rng.random() < 0.5:
        garage = left + (right - left) * rng.uniform(0.5, 0.7)
        pen.rectangle([garage, line - h * 0.14, garage + w * 0.16, line], fill=(236, 234, 230))
        for row in range(4):
            pen.line(
                [garage, line - h * 0.035 * row, garage + w * 0.16, line - h * 0.035 * row],
                fill=(190, 188, 184),
                width=2,
            )
    path = [
        (door, line),
        (door + wide, line),
        (door + wide * rng.uniform(1, 5), h),
        (door - wide * rng.uniform(1, 3), h),
    ]
    pen.polygon(path, fill=(176, 172, 166))
    for _ in range(int(rng.integers(2, 9))):
        leaves(pen, rng, rng.uniform(left, right), line + h * 0.01, h * rng.uniform(0.02, 0.06), count=16)
    if rng.random() < 0.5:
        side = w * rng.choice([0.04, 0.96])
        pen.rectangle([side - w * 0.012, line - h * 0.4, side + w * 0.012, line + h * 0.08], fill=(84, 66, 50))
        leaves(pen, rng, side, line - h * 0.42, h * rng.uniform(0.18, 0.3), count=70)
    shadow(
        image,
        np.array(
            [(left, line), (right, line), (right + w * 0.03, line + h * 0.05), (left + w * 0.05, line + h * 0.05)]
        ),
        0.45,
        h * 0.015,
    )


def _towers(image: Image.Image, rng: np.random.Generator) -> None:
    """Office blocks: in a row along the horizon, or one seen from its foot."""
    w, h = image.size
    if rng.random() < 0.5:
        base = rng.uniform(0.25, 0.75) * w
        tip, wide = base + rng.normal(0, w * 0.1), w * rng.uniform(0.25, 0.45)
        top = h * rng.uniform(0.02, 0.25)
        edge = (tip, top)
        for side in (-1, 1):
            wall = blend(_wall_color(rng), INK, 0.15 if side < 0 else 0.4)
            picture = facade(rng, 220, 380, wall)
            foot = base + rng.normal(0, w * 0.02)
            corners = np.array(
                [
                    (tip + side * wide * 0.45, top + h * 0.07),
                    edge,
                    (foot, h * 1.05),
                    (base + side * wide * 1.3, h * 1.02),
                ]
            )
            warp(image, picture, corners if side < 0 else corners[[1, 0, 3, 2]])
        return
    line = h * rng.uniform(0.75, 0.95)
    for layer in range(2):
        x = -w * 0.05
        while x < w:
            wide, tall = round(w * rng.uniform(0.06, 0.2)), round(h * rng.uniform(0.15, 0.62) * (0.7 + 0.3 * layer))
            wall = blend(_wall_color(rng), (180, 196, 214), 0.5 - 0.45 * layer)
            block = facade(rng, wide, tall, wall)
            image.paste(block, (round(x), round(line - tall)))
            ImageDraw.Draw(image).rectangle([x + wide * 0.75, line - tall, x + wide, line], fill=blend(wall, INK, 0.45))
            x += wide * rng.uniform(0.9, 1.6)
    _ground(image, rng, line, pick(rng, (_green(rng), (110, 110, 114), (70, 100, 130))))


def _temple(image: Image.Image, rng: np.random.Generator) -> None:
    """Columns on steps under a gable."""
    w, h = image.size
    line = h * rng.uniform(0.7, 0.85)
    _ground(image, rng, line, pick(rng, ((150, 136, 110), _green(rng), (160, 150, 140))))
    stone = hsv(rng.uniform(0.07, 0.13), rng.uniform(0.1, 0.4), rng.uniform(0.6, 0.92))
    pen = ImageDraw.Draw(image)
    left, right, top = w * rng.uniform(0.05, 0.2), w * rng.uniform(0.8, 0.95), line - h * rng.uniform(0.3, 0.45)
    for step in range(4):
        spread = w * 0.012 * step
        y = line - h * 0.05 + h * 0.0125 * step
        pen.rectangle(
            [left - spread, y, right + spread, y + h * 0.0125], fill=blend(stone, INK, 0.08 * (step % 2) + 0.1)
        )
    pen.rectangle([left + w * 0.02, top, right - w * 0.02, line - h * 0.05], fill=blend(stone, INK, 0.65))
    count = int(rng.integers(5, 10))
    wide = (right - left) / count * rng.uniform(0.42, 0.6)
    for place in range(count):
        x = left + (right - left) * (place + 0.5) / count
        for part in np.linspace(-1, 1, 7):
            tone = blend(stone, INK, 0.12 + 0.3 * abs(part + 0.3))
            pen.line(
                [x + part * wide / 2, top, x + part * wide / 2, line - h * 0.05],
                fill=tone,
                width=max(round(wide / 6), 2),
            )
        pen.rectangle([x - wide * 0.65, top - h * 0.01, x + wide * 0.65, top + h * 0.015], fill=stone)
    pen.rectangle([left - w * 0.01, top - h * 0.07, right + w * 0.01, top], fill=blend(stone, INK, 0.1))
    if rng.random() < 0.75:
        pen.polygon(
            [
                (left - w * 0.02, top - h * 0.07),
                ((left + right) / 2, top - h * rng.uniform(0.16, 0.24)),
                (right + w * 0.02, top - h * 0.07),
            ],
            fill=stone,
        )
        pen.polygon(
            [
                (left + w * 0.06, top - h * 0.08),
                ((left + right) / 2, top - h * 0.14),
                (right - w * 0.06, top - h * 0.08),
            ],
            fill=blend(stone, INK, 0.25),
        )


def _palace(image: Image.Image, rng: np.random.Generator) -> None:
    """Curved tiled roofs over wooden pillars, as in Seoul, in one to four storeys."""
    w, h = image.size
    line = h * rng.uniform(0.72, 0.86)
    pen = ImageDraw.Draw(image)
    for _ in range(4):
        leaves(pen, rng, rng.uniform(0, w), line - h * 0.12, h * 0.14)
    _ground(image, rng, line, pick(rng, ((176, 166, 150), (200, 190, 170), _green(rng))))
    pen = ImageDraw.Draw(image)
    storeys = int(rng.integers(1, 5))
    x, half = w * rng.uniform(0.42, 0.58), w * rng.uniform(0.25, 0.4) * (1 if storeys < 3 else 0.6)
    wood, roof = (
        pick(rng, ((140, 50, 40), (110, 70, 50), (60, 90, 70))),
        pick(rng, ((70, 74, 82), (50, 54, 58), (110, 90, 60))),
    )
    y = line
    pen.rectangle([x - half * 1.1, y - h * 0.04, x + half * 1.1, y], fill=(190, 186, 178))
    y -= h * 0.04
    tall = h * rng.uniform(0.09, 0.14)
    for _ in range(storeys):
        pen.rectangle([x - half * 0.85, y - tall, x + half * 0.85, y], fill=blend(wood, (230, 214, 180), 0.35))
        for place in range(8):
            px = x - half * 0.85 + half * 1.7 * place / 7
            pen.rectangle([px - w * 0.008, y - tall, px + w * 0.008, y], fill=wood)
        pen.rectangle([x - half * 0.9, y - tall * 1.15, x + half * 0.9, y - tall * 0.9], fill=(60, 120, 110))
        t = np.linspace(-1, 1, 31)
        low = y - tall * 1.0 - np.abs(t) ** 3 * tall * 0.45
        high = y - tall * 1.9 - np.abs(t) ** 4 * tall * 0.15
        lower = [(float(x + a * half * 1.2), float(b)) for a, b in zip(t, low, strict=True)]
        upper = [(float(x + a * half * 0.75), float(b)) for a, b in zip(t, high, strict=True)]
        pen.polygon(lower + upper[::-1], fill=roof)
        for a, b in zip(lower, upper, strict=True):
            pen.line([a, b], fill=blend(roof, INK, 0.35), width=2)
        pen.line(upper, fill=blend(roof, WHITE, 0.25), width=max(round(h * 0.015), 3))
        y -= tall * 1.55
        half *= 0.8
    if storeys > 2:
        pen.line([x, y - tall * 1.6, x, y], fill=(200, 170, 80), width=4)


def _church(image: Image.Image, rng: np.random.Generator) -> None:
    """A nave with a steeple, a clock or domes."""
    w, h = image.size
    line = h * rng.uniform(0.75, 0.9)
    wall, roof = _wall_color(rng), pick(rng, ((70, 74, 84), (110, 60, 50), (60, 110, 100), (190, 160, 70)))
    x, wide = w * rng.uniform(0.3, 0.7), w * rng.uniform(0.1, 0.17)
    top = h * rng.uniform(0.3, 0.42)
    nave = facade(rng, round(wide * 3.2), round((line - top) * 0.55), wall, glass=False)
    side = float(rng.choice([-1, 1]))
    left = x - wide * 3.2 if side < 0 else x
    image.paste(nave, (round(left), round(line - nave.height)))
    pen = ImageDraw.Draw(image)
    crest = line - nave.height
    pen.polygon(
        [
            (left - 8, crest),
            (left + wide * 0.5, crest - h * 0.12),
            (left + wide * 2.7, crest - h * 0.12),
            (left + wide * 3.2 + 8, crest),
        ],
        fill=roof,
    )
    image.paste(
        texture(rng, round(wide), round(line - top), blend(wall, INK, 0.08), cells=20, depth=0.2),
        (round(x - wide / 2), round(top)),
    )
    if rng.random() < 0.65:
        pen.polygon(
            [(x - wide * 0.56, top), (x, max(top - h * rng.uniform(0.18, 0.3), 2)), (x + wide * 0.56, top)], fill=roof
        )
    else:
        pen.pieslice([x - wide * 0.55, top - wide * 0.7, x + wide * 0.55, top + wide * 0.7], 180, 360, fill=roof)
        pen.line([x, top - wide * 1.1, x, top - wide * 0.6], fill=(210, 190, 110), width=4)
    r = wide * 0.22
    pen.ellipse([x - r, top + r, x + r, top + 3 * r], fill=(240, 236, 224), outline=INK, width=3)
    pen.line([x, top + 2 * r, x, top + 1.2 * r], fill=INK, width=3)
    for row in range(2):
        y = top + wide * (1.0 + 0.9 * row)
        pen.pieslice([x - r, y, x + r, y + 2 * r], 180, 360, fill=(40, 46, 60))
        pen.rectangle([x - r, y + r, x + r, y + 2.4 * r], fill=(40, 46, 60))
    _ground(image, rng, line, pick(rng, (_green(rng), (150, 146, 140))))
    for _ in range(int(rng.integers(0, 4))):
        leaves(ImageDraw.Draw(image), rng, rng.uniform(0, w), line - h * 0.05, h * rng.uniform(0.08, 0.2))


def _bridge(image: Image.Image, rng: np.random.Generator) -> None:
    """Arches of stone or towers with cables over water."""
    w, h = image.size
    line = h * rng.uniform(0.55, 0.7)
    pen = ImageDraw.Draw(image)
    for _ in range(6):
        leaves(pen, rng, rng.uniform(0, w), line - h * 0.03, h * rng.uniform(0.06, 0.16))
    _ground(image, rng, line, pick(rng, ((60, 96, 120), (90, 110, 100), (110, 150, 180))), cells=14)
    pen = ImageDraw.Draw(image)
    stone = pick(rng, ((170, 160, 140), (190, 90, 70), (120, 126, 134)))
    deck = line - h * rng.uniform(0.1, 0.25)
    if rng.random() < 0.55:
        pen.rectangle([0, deck, w, line + h * 0.04], fill=stone)
        count = int(rng.integers(2, 7))
        for place in range(count):
            x, half = w * (place + 0.5) / count, w / count * 0.4
            pen.pieslice(
                [x - half, deck + h * 0.04, x + half, deck + h * 0.04 + 2 * (line - deck)],
                180,
                360,
                fill=blend((70, 90, 100), WHITE, 0.25),
            )
            pen.rectangle([x - half, line, x + half, line + h * 0.05], fill=blend((70, 90, 100), WHITE, 0.1))
        for y in np.arange(deck, deck + h * 0.05, h * 0.012):
            pen.line([0, y, w, y], fill=blend(stone, INK, 0.25), width=2)
        return
    pen.rectangle([0, deck, w, deck + h * 0.025], fill=stone)
    for x in (w * 0.25, w * 0.75):
        pen.rectangle([x - w * 0.012, deck - h * 0.35, x + w * 0.012, line + h * 0.05], fill=stone)
    t = np.linspace(0, 1, 40)
    cable = deck - h * 0.34 * (np.abs(((t * 2 + 0.5) % 1) - 0.5) * 2) ** 2
    pen.line([(float(a * w), float(b)) for a, b in zip(t, cable, strict=True)], fill=stone, width=4)
    for a, b in zip(t, cable, strict=True):
        pen.line([a * w, b, a * w, deck], fill=stone, width=1)


def _street(image: Image.Image, rng: np.random.Generator) -> None:
    """Two rows of houses along a street, in perspective, with shop signs."""
    w, h = image.size
    vanish = np.array([w * rng.uniform(0.35, 0.65), h * rng.uniform(0.5, 0.62)])
    _ground(image, rng, vanish[1], pick(rng, ((110, 110, 114), (150, 144, 138), (84, 86, 92))))
    for side, start in ((-1, 0.0), (1, float(w))):
        for near, far in ((0.55, 0.86), (0.25, 0.55), (0.0, 0.25)):
            top = h * rng.uniform(-0.25, 0.12)
            front = facade(rng, 200, 260, _wall_color(rng), glass=False)
            sign = ImageDraw.Draw(front)
            sign.rectangle([10, 215, 190, 240], fill=vivid(rng))
            put(sign, (100, 227), phrase(rng, 1), WHITE, 20, style="bold", anchor="mm")
            x0, x1 = start + (vanish[0] - start) * near, start + (vanish[0] - start) * far
            y0, y1 = top + (vanish[1] - top) * near, top + (vanish[1] - top) * far
            z0, z1 = h + (vanish[1] - h) * near, h + (vanish[1] - h) * far
            corners = np.array([(x0, y0), (x1, y1), (x1, z1), (x0, z0)])
            warp(image, front, corners if side < 0 else corners[[1, 0, 3, 2]])
    pen = ImageDraw.Draw(image)
    for share in (0.15, 0.35, 0.55, 0.75):
        a = vanish + (np.array([w * 0.5, h]) - vanish) * share
        b = vanish + (np.array([w * 0.5, h]) - vanish) * (share + 0.1)
        pen.line([*a, *b], fill=(230, 226, 210), width=max(round(10 * share), 2))
    for _ in range(int(rng.integers(0, 4))):
        share = rng.uniform(0.1, 0.6)
        x, y = vanish[0] + rng.choice([-1, 1]) * w * 0.25 * share, vanish[1] + (h - vanish[1]) * share
        wide = w * 0.13 * share
        pen.rounded_rectangle([x - wide, y - wide, x + wide, y], wide * 0.3, fill=vivid(rng))
        pen.rectangle([x - wide * 0.7, y - wide * 0.9, x + wide * 0.7, y - wide * 0.5], fill=(40, 46, 56))
    if rng.random() < 0.3:
        image.paste(Image.blend(image, gradient(w, h, [(40, 44, 80), (120, 80, 60)]), 0.4))
