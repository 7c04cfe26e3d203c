"""interior_photo: living rooms, bedrooms, kitchens and offices in perspective."""

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import (
    INK,
    SUPERSAMPLE,
    WHITE,
    Color,
    Points,
    blend,
    blur,
    extent,
    gradient,
    hsv,
    pick,
    shrink,
    vivid,
    xy,
)
from beam_jobs.demo.draw.games3d import project
from beam_jobs.demo.draw.photo import finish, leaves, shadow, sky, snapshot, texture, warp

_FACES = ((0, 1, 3, 2), (4, 5, 7, 6), (0, 1, 5, 4), (2, 3, 7, 6), (0, 2, 6, 4), (1, 3, 7, 5))
_LIGHT = (0.68, 0.8, 0.4, 1.06, 0.88, 0.9)


class _Room:
    """A box of a room (half width, height, depth in metres) seen by a camera inside it."""

    def __init__(self, rng: np.random.Generator, image: Image.Image) -> None:
        self.rng, self.image = rng, image
        self.half, self.high, self.deep = rng.uniform(1.8, 3.2), rng.uniform(2.4, 3.0), rng.uniform(3.5, 6.0)
        self.eye, self.turn, self.horizon = rng.uniform(1.2, 1.7), rng.normal(0, 0.22), rng.uniform(0.4, 0.52)
        self.zoom = rng.uniform(0.8, 1.15)

    def flat(self, points: list[tuple[float, float, float]] | Points) -> Points:
        """Return where points (right, up, ahead) lie in the picture."""
        space = np.asarray(points, dtype=float)
        w, h = self.image.size
        at = project(space, w, h, eye=self.eye, turn=self.turn, horizon=self.horizon)
        middle = np.array([w / 2, h * self.horizon])
        return np.asarray((at - middle) * self.zoom + middle)

    def quad(self, points: list[tuple[float, float, float]], color: Color) -> None:
        """Paint a flat face."""
        ImageDraw.Draw(self.image).polygon(xy(self.flat(points)), fill=color)

    def sheet(self, points: list[tuple[float, float, float]], picture: Image.Image) -> None:
        """Paste a picture on a face, from its left upper corner clockwise."""
        warp(self.image, picture, self.flat(points))

    def block(self, low: tuple[float, float, float], high: tuple[float, float, float], color: Color) -> None:
        """Draw a box between two corners."""
        (x0, y0, z0), (x1, y1, z1) = low, high
        corners = np.array([[x, y, z] for x in (x0, x1) for y in (y0, y1) for z in (z0, z1)])
        flat = self.flat(corners)
        pen = ImageDraw.Draw(self.image)
        eye = np.array([0.0, self.eye, 0.0])
        order = sorted(range(6), key=lambda face: -float(np.linalg.norm(corners[list(_FACES[face])].mean(0) - eye)))
        for face in order:
            tone = blend((0, 0, 0), color, min(_LIGHT[face], 1.0))
            points = flat[list(_FACES[face])]
            pen.polygon(xy(points), fill=blend(tone, WHITE, 0.1) if _LIGHT[face] > 1 else tone)

    def ground_shadow(self, x0: float, x1: float, z0: float, z1: float) -> None:
        """Darken the floor below a thing."""
        points = self.flat([(x0, 0.0, z0), (x1, 0.0, z0), (x1, 0.0, z1), (x0, 0.0, z1)])
        shadow(self.image, points, 0.5, self.image.width * 0.012)


def interior_photo(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a furnished room as a photograph."""
    width, height = extent(rng, size, 0.85, 1.65)
    image = Image.new("RGB", (width * SUPERSAMPLE, height * SUPERSAMPLE), (200, 196, 190))
    room = _Room(rng, image)
    _shell(room)
    pick(rng, (_living, _living, _bedroom, _bedroom, _kitchen, _kitchen, _office))(room)
    if rng.random() < 0.5:
        _lights(room)
    picture = shrink(image)
    if rng.random() < 0.5:
        picture = Image.blend(picture, Image.new("RGB", picture.size, (255, 214, 150)), rng.uniform(0.0, 0.16))
    return finish(picture, rng, soft=0.4)


def _planks(rng: np.random.Generator) -> Image.Image:
    kind = int(rng.integers(3))
    tone = pick(rng, ((160, 112, 70), (120, 80, 52), (200, 170, 132), (90, 70, 60), (190, 186, 180)))
    if kind == 0:
        return texture(
            rng, 240, 240, hsv(rng.random(), rng.uniform(0.03, 0.25), rng.uniform(0.45, 0.85)), cells=60, depth=0.2
        )
    image = texture(rng, 240, 240, tone, cells=10, depth=0.2)
    pen = ImageDraw.Draw(image)
    count = int(rng.integers(8, 20))
    for place in range(count):
        x = 240 * place / count
        if kind == 1:
            shade = blend(tone, pick(rng, (INK, WHITE)), rng.uniform(0, 0.16))
            pen.rectangle([x, 0, x + 240 / count, 240], fill=shade, outline=blend(tone, INK, 0.35))
        else:
            pen.line([x, 0, x, 240], fill=blend(tone, INK, 0.3), width=2)
            pen.line([0, x, 240, x], fill=blend(tone, INK, 0.3), width=2)
    return image


def _shell(room: _Room) -> None:
    """Floor, ceiling, walls, a window or two."""
    rng, a, top, deep = room.rng, room.half, room.high, room.deep
    wall = hsv(
        rng.choice([0.1, 0.12, 0.6, 0.3, rng.random()]), rng.choice([0.03, 0.06, 0.12, 0.35]), rng.uniform(0.6, 0.97)
    )
    near = 0.35
    room.quad([(-a, top, near), (a, top, near), (a, top, deep), (-a, top, deep)], blend(wall, WHITE, 0.6))
    room.sheet([(-a, 0, deep), (a, 0, deep), (a, 0, near), (-a, 0, near)], _planks(rng))
    for x, shade in ((-a, 0.16), (a, 0.08)):
        room.quad([(x, 0, near), (x, top, near), (x, top, deep), (x, 0, deep)], blend(wall, INK, shade))
    back = blend(wall, vivid(rng), 0.5) if rng.random() < 0.2 else wall
    room.sheet(
        [(-a, top, deep), (a, top, deep), (a, 0, deep), (-a, 0, deep)],
        texture(rng, 160, 120, back, cells=4, depth=0.12),
    )
    for x in (-a, a):
        room.quad([(x, 0, near), (x, 0.1, near), (x, 0.1, deep), (x, 0, deep)], (240, 238, 234))
    room.quad([(-a, 0, deep), (a, 0, deep), (a, 0.1, deep), (-a, 0.1, deep)], (240, 238, 234))
    view = sky(rng, 120, 120)
    leaves(ImageDraw.Draw(view), rng, 60, 100, 50, count=30)
    view = Image.blend(view, Image.new("RGB", view.size, WHITE), 0.45)
    pen = ImageDraw.Draw(view)
    for line in (0, 60, 119):
        pen.line([line, 0, line, 120], fill=WHITE, width=6)
        pen.line([0, line, 120, line], fill=WHITE, width=6)
    if rng.random() < 0.75:
        z0 = rng.uniform(1.6, deep - 1.4)
        x = float(rng.choice([-a, a]))
        z1 = min(z0 + rng.uniform(0.8, 2.0), deep - 0.1)
        room.sheet([(x, 2.1, z0), (x, 2.1, z1), (x, rng.choice([0.1, 0.8]), z1), (x, rng.choice([0.1, 0.8]), z0)], view)
        if rng.random() < 0.5:
            tone = hsv(rng.random(), rng.uniform(0, 0.4), rng.uniform(0.5, 1))
            for edge in (z0, z1):
                room.quad(
                    [
                        (x * 0.98, 2.3, edge - 0.15),
                        (x * 0.98, 2.3, edge + 0.15),
                        (x * 0.98, 0.05, edge + 0.2),
                        (x * 0.98, 0.05, edge - 0.2),
                    ],
                    tone,
                )
    if rng.random() < 0.5:
        x0 = rng.uniform(-a * 0.8, a * 0.2)
        room.sheet([(x0, 2.1, deep), (x0 + 1.2, 2.1, deep), (x0 + 1.2, 0.9, deep), (x0, 0.9, deep)], view)
    for _ in range(int(rng.integers(0, 4))):
        x0, y0, wide = rng.uniform(-a * 0.9, a * 0.6), rng.uniform(1.2, 1.7), rng.uniform(0.3, 0.7)
        room.quad(
            [
                (x0 - 0.04, y0 + wide + 0.04, deep - 0.01),
                (x0 + wide + 0.04, y0 + wide + 0.04, deep - 0.01),
                (x0 + wide + 0.04, y0 - 0.04, deep - 0.01),
                (x0 - 0.04, y0 - 0.04, deep - 0.01),
            ],
            pick(rng, (INK, WHITE, (140, 100, 60))),
        )
        room.sheet(
            [
                (x0, y0 + wide, deep - 0.02),
                (x0 + wide, y0 + wide, deep - 0.02),
                (x0 + wide, y0, deep - 0.02),
                (x0, y0, deep - 0.02),
            ],
            snapshot(rng, 48, 48),
        )


def _cloth(rng: np.random.Generator) -> Color:
    return hsv(rng.random(), rng.uniform(0.05, 0.55), rng.uniform(0.25, 0.95))


def _wood(rng: np.random.Generator) -> Color:
    return pick(rng, ((120, 78, 48), (90, 58, 40), (180, 140, 96), (236, 234, 230), (46, 44, 46), (150, 60, 40)))


def _rug(room: _Room, z: float) -> None:
    rng = room.rng
    x = room.half * rng.uniform(0.4, 0.75)
    rug = texture(rng, 120, 80, _cloth(rng), cells=40, depth=0.3)
    pen = ImageDraw.Draw(rug)
    for inset in range(4, 40, 12):
        pen.rectangle([inset, inset, 119 - inset, 79 - inset], outline=_cloth(rng), width=3)
    room.sheet([(-x, 0.01, z + 1), (x, 0.01, z + 1), (x, 0.01, z - 0.7), (-x, 0.01, z - 0.7)], rug)


def _sofa(room: _Room, x: float, z: float, wide: float, tone: Color) -> None:
    rng = room.rng
    room.ground_shadow(x, x + wide, z - 0.1, z + 0.95)
    room.block((x, 0.4, z + 0.65), (x + wide, 0.9, z + 0.9), tone)
    room.block((x, 0.08, z), (x + wide, 0.42, z + 0.7), tone)
    for side in (x - 0.15, x + wide):
        room.block((side, 0.08, z), (side + 0.15, 0.62, z + 0.85), blend(tone, INK, 0.1))
    for place in range(int(rng.integers(2, 5))):
        left = x + (wide - 0.45) * rng.random()
        room.block((left, 0.42, z + 0.45), (left + 0.4, 0.78, z + 0.6), pick(rng, (_cloth(rng), vivid(rng), WHITE)))
        if place > 3:
            break


def _table(room: _Room, x: float, z: float, wide: float, high: float, tone: Color) -> None:
    room.ground_shadow(x, x + wide, z, z + wide * 0.6)
    for dx in (0.04, wide - 0.1):
        for dz in (wide * 0.55, 0.04):
            room.block((x + dx, 0, z + dz), (x + dx + 0.06, high, z + dz + 0.06), tone)
    room.block((x, high, z), (x + wide, high + 0.05, z + wide * 0.62), tone)
    for _ in range(int(room.rng.integers(0, 4))):
        px, pz = x + room.rng.uniform(0.1, wide - 0.2), z + room.rng.uniform(0.1, wide * 0.4)
        room.block((px, high + 0.05, pz), (px + 0.12, high + room.rng.uniform(0.1, 0.35), pz + 0.1), _cloth(room.rng))


def _plant(room: _Room, x: float, z: float) -> None:
    room.block((x, 0, z), (x + 0.3, 0.35, z + 0.3), pick(room.rng, (WHITE, (150, 90, 60), (60, 60, 64))))
    flat = room.flat([(x + 0.15, 0.9, z + 0.15), (x + 0.15, 0.35, z + 0.15)])
    leaves(ImageDraw.Draw(room.image), room.rng, flat[0, 0], flat[0, 1], abs(flat[1, 1] - flat[0, 1]) * 1.1, count=26)


def _shelf(room: _Room, x: float, z: float) -> None:
    rng, tone, high = room.rng, _wood(room.rng), room.rng.uniform(1.2, 2.1)
    room.block((x, 0, z), (x + 1.0, high, z + 0.3), blend(tone, INK, 0.3))
    for row in range(4):
        y = high * row / 4 + 0.05
        left = x + 0.05
        while left < x + 0.85:
            wide = rng.uniform(0.03, 0.1)
            room.quad(
                [
                    (left, y, z),
                    (left + wide, y, z),
                    (left + wide, y + high / 4 * rng.uniform(0.5, 0.85), z),
                    (left, y + high / 4 * 0.7, z),
                ],
                _cloth(rng),
            )
            left += wide + 0.01
        room.quad([(x, y - 0.04, z), (x + 1, y - 0.04, z), (x + 1, y, z), (x, y, z)], tone)


def _living(room: _Room) -> None:
    rng, a, deep = room.rng, room.half, room.deep
    if rng.random() < 0.5:
        _shelf(room, rng.uniform(-a, a - 1.1), deep - 0.4)
    if rng.random() < 0.5:
        x = rng.uniform(-a * 0.5, 0)
        room.block((x, 0, deep - 0.5), (x + 1.8, 0.5, deep - 0.05), _wood(rng))
        room.block((x + 0.2, 0.6, deep - 0.2), (x + 1.6, 1.4, deep - 0.12), (16, 16, 20))
    _rug(room, deep - 1.8)
    _plant(room, rng.choice([-a + 0.1, a - 0.5]), deep - 0.7)
    wide = rng.uniform(1.4, 2.4)
    _sofa(room, rng.uniform(-a + 0.2, a - wide - 0.1), deep - rng.uniform(1.2, 2.0), wide, _cloth(rng))
    _table(room, rng.uniform(-0.8, 0.2), deep - rng.uniform(2.4, 3.0), rng.uniform(0.6, 1.1), 0.4, _wood(rng))
    if rng.random() < 0.4:
        _sofa(room, rng.uniform(-a + 0.2, a - 1.0), deep - 2.8, 0.8, _cloth(rng))


def _bedroom(room: _Room) -> None:
    rng, a, deep = room.rng, room.half, room.deep
    _rug(room, deep - 1.6)
    x, wide, long = rng.uniform(-a + 0.5, a - 2.2), rng.uniform(1.3, 1.9), rng.uniform(1.8, 2.2)
    front = deep - long
    room.ground_shadow(x - 0.1, x + wide + 0.1, front - 0.1, deep)
    room.block(
        (x - 0.05, 0, deep - 0.12), (x + wide + 0.05, rng.uniform(0.9, 1.4), deep), pick(rng, (_wood(rng), _cloth(rng)))
    )
    room.block((x, 0.1, front), (x + wide, 0.38, deep - 0.12), _wood(rng))
    sheet = pick(rng, (WHITE, (240, 236, 228), _cloth(rng)))
    room.block((x, 0.38, front), (x + wide, 0.62, deep - 0.12), sheet)
    room.block((x - 0.03, 0.3, front - 0.03), (x + wide + 0.03, 0.65, front + long * 0.55), _cloth(rng))
    for row in range(int(rng.integers(1, 3))):
        for place in range(2):
            left = x + 0.1 + place * wide / 2
            z = deep - 0.4 - 0.25 * row
            room.block(
                (left, 0.62, z), (left + wide / 2 - 0.2, 0.85 - 0.08 * row, z + 0.18), WHITE if row == 0 else vivid(rng)
            )
    for side in (x - 0.55, x + wide + 0.1):
        room.block((side, 0, deep - 0.45), (side + 0.45, 0.5, deep - 0.05), _wood(rng))
        room.block((side + 0.18, 0.5, deep - 0.3), (side + 0.26, 0.75, deep - 0.22), _wood(rng))
        room.block(
            (side + 0.07, 0.75, deep - 0.4),
            (side + 0.37, 1.0, deep - 0.12),
            pick(rng, ((255, 236, 196), (200, 60, 60), WHITE)),
        )


def _kitchen(room: _Room) -> None:
    rng, a, deep, top = room.rng, room.half, room.deep, room.high
    tone, counter = (
        pick(rng, (_wood(rng), WHITE, _cloth(rng))),
        pick(rng, ((230, 228, 224), (70, 66, 64), (180, 150, 120))),
    )
    tiles = texture(rng, 200, 60, pick(rng, (WHITE, (220, 214, 200), _cloth(rng))), cells=20, depth=0.1)
    pen = ImageDraw.Draw(tiles)
    for step in range(0, 200, 12):
        pen.line([step, 0, step, 60], fill=(170, 168, 164), width=1)
        pen.line([0, step, 200, step], fill=(170, 168, 164), width=1)
    room.sheet([(-a, 1.5, deep - 0.01), (a, 1.5, deep - 0.01), (a, 0.9, deep - 0.01), (-a, 0.9, deep - 0.01)], tiles)
    count = int(rng.integers(4, 8))
    wide = 2 * a / count
    skip = int(rng.integers(count))
    for place in range(count):
        x = -a + wide * place
        room.block((x, 0, deep - 0.6), (x + wide - 0.01, 0.88, deep - 0.05), tone)
        stove = place == skip
        for y0, y1 in ((0.08, 0.62), (0.66, 0.84)):
            front = (30, 30, 34) if stove and y0 < 0.5 else blend(tone, INK, 0.12)
            room.quad(
                [
                    (x + 0.04, y0, deep - 0.61),
                    (x + wide - 0.05, y0, deep - 0.61),
                    (x + wide - 0.05, y1, deep - 0.61),
                    (x + 0.04, y1, deep - 0.61),
                ],
                front,
            )
            room.quad(
                [
                    (x + wide * 0.4, y1 - 0.06, deep - 0.62),
                    (x + wide * 0.6, y1 - 0.06, deep - 0.62),
                    (x + wide * 0.6, y1 - 0.03, deep - 0.62),
                    (x + wide * 0.4, y1 - 0.03, deep - 0.62),
                ],
                (200, 200, 204),
            )
        if stove:
            room.block((x, top * 0.62, deep - 0.45), (x + wide - 0.01, top * 0.7, deep - 0.05), (190, 192, 196))
        else:
            room.block((x, 1.5, deep - 0.35), (x + wide - 0.01, top - 0.15, deep - 0.05), tone)
            room.quad(
                [
                    (x + 0.04, 1.54, deep - 0.36),
                    (x + wide - 0.05, 1.54, deep - 0.36),
                    (x + wide - 0.05, top - 0.2, deep - 0.36),
                    (x + 0.04, top - 0.2, deep - 0.36),
                ],
                blend(tone, INK, 0.08),
            )
    room.block((-a, 0.88, deep - 0.63), (a, 0.93, deep - 0.05), counter)
    if rng.random() < 0.6:
        x = float(rng.choice([-a, a - 0.75]))
        room.block((x, 0, deep - 0.7), (x + 0.75, 1.8, deep - 0.05), pick(rng, ((200, 202, 206), WHITE, (40, 40, 44))))
    for _ in range(int(rng.integers(2, 6))):
        x = rng.uniform(-a * 0.9, a * 0.9)
        room.block((x, 0.93, deep - 0.4), (x + 0.12, 0.93 + rng.uniform(0.1, 0.3), deep - 0.25), _cloth(rng))
    if rng.random() < 0.6:
        x, long = rng.uniform(-a * 0.6, -0.1), rng.uniform(1.0, 1.8)
        room.block((x, 0, deep - 2.3), (x + long, 0.86, deep - 1.6), blend(tone, WHITE, 0.3))
        room.block((x - 0.08, 0.86, deep - 2.4), (x + long + 0.08, 0.93, deep - 1.5), counter)


def _office(room: _Room) -> None:
    rng, a, deep = room.rng, room.half, room.deep
    _shelf(room, rng.uniform(-a, a - 1.1), deep - 0.4)
    for place in range(int(rng.integers(1, 4))):
        x, z = rng.uniform(-a + 0.2, a - 1.5), deep - 1.2 - 0.9 * place
        _table(room, x, z, rng.uniform(1.0, 1.5), 0.72, _wood(rng))
        room.block((x + 0.3, 0.85, z + 0.5), (x + 0.9, 1.25, z + 0.55), (24, 24, 28))
        cx, tone = x + 0.4, _cloth(rng)
        room.block((cx, 0.4, z - 0.6), (cx + 0.5, 0.5, z - 0.1), tone)
        room.block((cx, 0.5, z - 0.65), (cx + 0.5, 1.0, z - 0.58), tone)
        room.block((cx + 0.22, 0, z - 0.4), (cx + 0.28, 0.4, z - 0.34), (40, 40, 44))
    _plant(room, a - 0.5, deep - 0.8)


def _lights(room: _Room) -> None:
    """Lamps on the ceiling with a glow."""
    rng, w = room.rng, room.image.width
    glow = Image.new("L", (room.image.width // 8, room.image.height // 8), 0)
    pen = ImageDraw.Draw(glow)
    for _ in range(int(rng.integers(1, 5))):
        at = room.flat([(rng.uniform(-1.2, 1.2), room.high - rng.choice([0.03, 0.6]), rng.uniform(2, room.deep))])[0]
        r = w * rng.uniform(0.012, 0.03)
        ImageDraw.Draw(room.image).ellipse(
            [at[0] - r, at[1] - r * 0.6, at[0] + r, at[1] + r * 0.6], fill=(255, 250, 236)
        )
        pen.ellipse([at[0] / 8 - r / 3, at[1] / 8 - r / 3, at[0] / 8 + r / 3, at[1] / 8 + r / 3], fill=110)
    mask = blur(glow, w / 160).resize(room.image.size)
    room.image.paste(gradient(*room.image.size, [(255, 244, 214), (255, 240, 210)]), (0, 0), mask)
