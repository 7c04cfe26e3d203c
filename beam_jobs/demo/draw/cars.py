"""Cars, vans, buses, lorries and trams as lofted bodies on wheels."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from beam_jobs.demo.draw.canvas import INK, WHITE, Color, blend, hsv, pick
from beam_jobs.demo.draw.lofts import BELT_RING, DARK, EDGE_RING, GLASS, RINGS, Scene, Solid, arches

Line = tuple[tuple[float, float], ...]
"""Points of a profile: ahead in lengths (−0.5 the tail, 0.5 the nose), height in metres."""


@dataclass(frozen=True)
class Shape:
    """Measures in metres; ``roof`` and ``belt`` are profiles."""

    long: float
    half: float
    roof: Line
    belt: Line
    low: float = 0.25
    narrow: float = 0.74
    wheel: float = 0.33
    axles: tuple[float, ...] = (-0.3, 0.31)
    pillars: tuple[float, ...] = (-0.08,)
    glass: tuple[float, float] = (-0.5, 0.5)
    kind: str = "car"


SHAPES: dict[str, Shape] = {
    "sedan": Shape(4.7, 0.9, ((-0.5, 0.88), (-0.47, 1.0), (-0.35, 1.06), (-0.19, 1.42), (0.06, 1.45), (0.22, 1.02), (0.45, 0.86), (0.5, 0.66)), ((-0.5, 0.92), (0.5, 0.84))),
    "hatch": Shape(4.0, 0.87, ((-0.5, 0.85), (-0.48, 1.08), (-0.4, 1.4), (-0.12, 1.5), (0.1, 1.46), (0.28, 1.02), (0.46, 0.86), (0.5, 0.66)), ((-0.5, 0.98), (0.5, 0.86)), pillars=(-0.1, -0.32)),
    "suv": Shape(4.6, 0.94, ((-0.5, 1.0), (-0.48, 1.55), (-0.36, 1.73), (0.08, 1.72), (0.22, 1.14), (0.46, 1.04), (0.5, 0.78)), ((-0.5, 1.12), (0.5, 1.02)), 0.36, 0.78, 0.38, pillars=(-0.08, -0.3)),
    "sports": Shape(4.4, 0.93, ((-0.5, 0.78), (-0.46, 0.92), (-0.3, 1.0), (-0.12, 1.2), (0.02, 1.21), (0.2, 0.86), (0.42, 0.7), (0.5, 0.5)), ((-0.5, 0.86), (0.2, 0.8), (0.5, 0.66)), 0.16, 0.66, 0.34, pillars=()),
    "old": Shape(4.1, 0.82, ((-0.5, 0.55), (-0.42, 0.92), (-0.28, 1.32), (-0.05, 1.5), (0.1, 1.45), (0.2, 1.04), (0.4, 0.9), (0.5, 0.58)), ((-0.5, 0.95), (0.5, 0.9)), 0.25, 0.6),
    "pickup": Shape(5.2, 0.95, ((-0.5, 1.02), (-0.13, 1.04), (-0.11, 1.68), (0.07, 1.74), (0.19, 1.16), (0.46, 1.06), (0.5, 0.8)), ((-0.5, 1.1), (0.5, 1.06)), 0.42, 0.78, 0.4, pillars=(-0.03,)),
    "van": Shape(5.0, 0.97, ((-0.5, 1.6), (-0.49, 2.0), (-0.42, 2.12), (0.18, 2.1), (0.34, 1.24), (0.48, 1.02), (0.5, 0.75)), ((-0.5, 1.2), (0.5, 1.1)), 0.3, 0.86, 0.34, pillars=(0.06, -0.2)),
    "bus": Shape(11.0, 1.27, ((-0.5, 2.85), (-0.49, 3.05), (0.48, 3.05), (0.5, 2.85)), ((-0.5, 1.25), (0.5, 1.25)), 0.32, 1.2, 0.48, (-0.24, 0.27), tuple(np.linspace(-0.4, 0.4, 7)), kind="box"),
    "minibus": Shape(6.4, 1.0, ((-0.5, 2.4), (-0.48, 2.6), (0.36, 2.6), (0.46, 1.5), (0.5, 1.2)), ((-0.5, 1.25), (0.5, 1.2)), 0.32, 0.92, 0.37, pillars=(-0.3, -0.1, 0.12), kind="car"),
    "tram": Shape(16.0, 1.25, ((-0.5, 2.3), (-0.48, 3.2), (0.46, 3.2), (0.5, 2.2)), ((-0.5, 1.4), (0.5, 1.4)), 0.25, 1.1, 0.3, (-0.36, -0.3, 0.3, 0.36), tuple(np.linspace(-0.42, 0.42, 9)), kind="rail"),
    "train": Shape(20.0, 1.45, ((-0.5, 3.4), (-0.46, 3.6), (0.34, 3.6), (0.44, 2.9), (0.5, 1.5)), ((-0.5, 1.9), (0.5, 1.7)), 0.3, 1.25, 0.42, (-0.4, -0.34, 0.3, 0.36), tuple(np.linspace(-0.46, 0.3, 13)), kind="rail"),
    "cab": Shape(2.3, 1.2, ((-0.5, 2.7), (-0.45, 2.95), (0.2, 2.9), (0.44, 1.9), (0.5, 1.2)), ((-0.5, 1.8), (0.5, 1.7)), 0.45, 1.08, 0.5, (0.12,), (), kind="car"),
}  # fmt: skip


def paint_color(rng: np.random.Generator) -> Color:
    """Return a colour that vehicles are painted in."""
    return pick(rng, ((236, 236, 236), (190, 194, 200), (120, 124, 130), (40, 42, 48), (24, 24, 28), (170, 30, 34), (30, 60, 120),
                      (60, 90, 70), (220, 180, 60), (150, 170, 190), hsv(rng.random(), rng.uniform(0.5, 0.95), rng.uniform(0.4, 0.9))))  # fmt: skip


def grid_of(shape: Shape) -> tuple[Solid, NDArray[np.float64], NDArray[np.float64]]:
    """Return the body's grid, the heights of its roof and of its belt at each section."""
    t = np.linspace(-0.5, 0.5, 54)

    def line(points: Line) -> NDArray[np.float64]:
        raw = np.interp(t, [p[0] for p in points], [p[1] for p in points])
        padded = np.concatenate([raw[:1], raw[:1], raw, raw[-1:], raw[-1:]])
        return np.convolve(padded, [0.1, 0.22, 0.36, 0.22, 0.1], mode="valid")

    roof = line(shape.roof)
    belt = np.minimum(line(shape.belt), roof - 0.03)
    end = 0.09 if shape.kind == "car" else 0.025
    taper = 1 - 0.2 * np.clip((np.abs(t) - (0.5 - end)) / end, 0, 1) ** 2
    wide = shape.half * taper
    cabin = np.clip((roof - belt) / max(float((roof - belt).max()), 1e-6), 0, 1)
    narrow = wide * (0.93 + (shape.narrow / shape.half - 0.93) * cabin)
    low = shape.low + 0.1 * np.clip((np.abs(t) - 0.46) / 0.04, 0, 1)
    return arches(t * shape.long, np.minimum(low, belt - 0.05), belt, roof, wide, narrow), roof, belt


def body(scene: Scene, shape: Shape, color: Color, shift: float = 0.0) -> None:
    """Paint a body, its windows, wheels, lamps and seams; ``shift`` metres ahead."""
    rng = scene.rng
    grid, roof, belt = grid_of(shape)
    moved = grid + np.array([shift, 0, 0])
    x = grid[:, 0, 0] / shape.long
    middle = (x[:-1] + x[1:]) / 2
    colors = np.tile(np.array(color, dtype=np.float64), (len(x) - 1, RINGS, 1))
    polish = np.full((len(x) - 1, RINGS), scene.polish)
    high = (roof - belt)[:-1]
    around = np.minimum(np.arange(RINGS), RINGS - 1 - np.arange(RINGS))
    if rng.random() < (0.7 if shape.kind != "car" else 0.08):
        other = blend(paint_color(rng), color, rng.uniform(0, 0.4))
        rows = around < int(rng.integers(1, 4)) if rng.random() < 0.6 else around >= EDGE_RING - 1
        colors[:, rows] = other
    pane = np.array(blend(GLASS, scene.rng.choice([GLASS, (70, 84, 96)]).tolist(), 0.5), dtype=np.float64)
    side_glass = (around >= BELT_RING) & (around < EDGE_RING - 1)
    tall = high > 0.42 * high.max()
    tall &= (middle > shape.glass[0]) & (middle < shape.glass[1])
    for pillar in shape.pillars:
        tall &= np.abs(middle - pillar) > (0.012 if shape.kind == "car" else 0.006)
    if shape.kind == "car":
        steep = np.abs(np.gradient(roof, grid[:, 0, 0]))[:-1]
        slope = (steep > 0.22) & (high > 0.12 * high.max())
        if shape.roof is SHAPES["van"].roof or shape.roof is SHAPES["suv"].roof:
            slope |= (middle < -0.47) & (high > 0.3 * high.max())
        screen = around >= EDGE_RING
        colors[np.ix_(slope, screen)], polish[np.ix_(slope, screen)] = pane, 0.5
        tall &= steep < 0.75
    colors[np.ix_(tall, side_glass)], polish[np.ix_(tall, side_glass)] = pane, 0.55
    sill = around < 1
    colors[:, sill] = colors[:, sill] * 0.4
    ends = {1: moved[-1], -1: moved[0]}
    _wheels(scene, shape, shift, far=True)
    for sign, ring in ends.items():
        scene.face(ring, color, (sign, 0, 0), polish=scene.polish)
    scene.mesh(moved, colors, polish)
    for sign, ring in ends.items():
        if scene.camera.faces((sign, 0, 0), ring.mean(0).tolist()):
            (_nose if sign > 0 else _tail)(scene, shape, ring, color, sign)
    _side(scene, shape, moved, color, tall)
    _wheels(scene, shape, shift, far=False)


def _span(ring: Solid) -> tuple[float, float, float, float]:
    """Return x, half width, bottom and top of an end."""
    return float(ring[0, 0]), float(ring[:, 2].max()), float(ring[:, 1].min()), float(ring[:, 1].max())


def _patch(
    scene: Scene, x: float, sign: int, y: tuple[float, float], z: tuple[float, float], color: Color, polish: float = 0.3
) -> None:
    at = x + sign * 0.012
    scene.face(
        [(at, y[0], z[0]), (at, y[1], z[0]), (at, y[1], z[1]), (at, y[0], z[1])], color, (sign, 0, 0), polish=polish
    )


def _nose(scene: Scene, shape: Shape, ring: Solid, color: Color, sign: int) -> None:
    """Grille, lamps, plate and, on boxes, the windscreen."""
    rng = scene.rng
    x, half, low, top = _span(ring)
    tall = top - low
    boxy = shape.kind != "car"
    if boxy:
        _patch(scene, x, sign, (low + tall * 0.36, top - tall * 0.12), (-half * 0.9, half * 0.9), GLASS, 0.7)
        _patch(scene, x, sign, (top - tall * 0.1, top - tall * 0.03), (-half * 0.7, half * 0.7), DARK)
        if rng.random() < 0.7:
            _patch(
                scene,
                x + sign * 0.01,
                sign,
                (top - tall * 0.09, top - tall * 0.04),
                (-half * 0.5, half * 0.4),
                (240, 170, 50),
            )
    lamp_y = (low + tall * (0.12 if boxy else 0.52), low + tall * (0.24 if boxy else 0.86))
    grille = pick(rng, (DARK, (60, 62, 66), (150, 152, 156)))
    if not boxy or rng.random() < 0.5:
        _patch(
            scene,
            x,
            sign,
            (low + tall * 0.25, low + tall * rng.uniform(0.55, 0.85))
            if not boxy
            else (low + tall * 0.12, low + tall * 0.3),
            (-half * 0.5, half * 0.5),
            grille,
        )
        for share in np.linspace(0.3, 0.75, 4):
            y = low + tall * share * (0.36 if boxy else 1)
            _patch(scene, x + sign * 0.01, sign, (y, y + 0.02), (-half * 0.48, half * 0.48), blend(grille, WHITE, 0.35))
    _patch(
        scene, x, sign, (low, low + tall * (0.06 if boxy else 0.14)), (-half * 0.9, half * 0.9), blend(color, INK, 0.7)
    )
    for side in (-1, 1):
        z = tuple(sorted((side * half * 0.58, side * half * 0.96)))
        _patch(scene, x + sign * 0.01, sign, lamp_y, (z[0], z[1]), (236, 238, 240), 0.9)
        _patch(
            scene,
            x + sign * 0.02,
            sign,
            (lamp_y[0] * 0.7 + lamp_y[1] * 0.3, lamp_y[1] * 0.8 + lamp_y[0] * 0.2),
            (z[0] * 0.8 + z[1] * 0.2, z[1] * 0.8 + z[0] * 0.2),
            (255, 255, 250),
            0.0,
        )
    _plate(scene, x, sign, low + tall * 0.1)


def _tail(scene: Scene, shape: Shape, ring: Solid, color: Color, sign: int) -> None:
    """Rear lamps, plate, bumper and, on boxes, the rear window."""
    x, half, low, top = _span(ring)
    tall = top - low
    if shape.kind != "car" or tall > 1.2:
        _patch(scene, x, sign, (low + tall * 0.5, top - tall * 0.12), (-half * 0.85, half * 0.85), GLASS, 0.7)
    for side in (-1, 1):
        z = tuple(sorted((side * half * 0.66, side * half * 0.97)))
        _patch(
            scene,
            x,
            sign,
            (low + tall * 0.35, low + tall * (0.6 if tall < 1.2 else 0.45)),
            (z[0], z[1]),
            (180, 24, 28),
            0.5,
        )
    _patch(scene, x, sign, (low, low + tall * 0.2), (-half * 0.95, half * 0.95), blend(color, INK, 0.35))
    _plate(scene, x, sign, low + tall * 0.3)


def _plate(scene: Scene, x: float, sign: int, y: float) -> None:
    tone = pick(scene.rng, ((240, 240, 236), (240, 240, 236), (236, 200, 70)))
    _patch(scene, x + sign * 0.02, sign, (y, y + 0.12), (-0.26, 0.26), tone, 0.0)
    for step in np.linspace(-0.2, 0.16, 6):
        _patch(scene, x + sign * 0.03, sign, (y + 0.03, y + 0.09), (float(step), float(step) + 0.035), INK, 0.0)


def _side(scene: Scene, shape: Shape, grid: Solid, color: Color, tall: NDArray[np.bool_]) -> None:
    """Seams of doors, handles, lamps that reach round the corner, mirrors, lettering."""
    rng, pen, camera = scene.rng, scene.pen, scene.camera
    sections = len(grid)
    for left in (True, False):
        normal = (0.0, 0.0, 1.0 if left else -1.0)
        if not camera.faces(normal, (float(grid[:, 0, 0].mean()), 0.8, normal[2] * shape.half)):
            continue
        half = grid[:, :12] if left else grid[:, :10:-1]
        seam = blend(color, INK, 0.55)
        edges = [shape.glass[0], *shape.pillars, 0.13] if shape.kind == "car" else [*shape.pillars[::2]]
        for edge in edges:
            at = int(np.clip(round((edge + 0.5) * (sections - 1)), 3, sections - 4))
            pen.line([tuple(p) for p in camera.flat(half[at, 0:5]).tolist()], fill=seam, width=2)
            if shape.kind == "car":
                a, b = camera.flat(np.stack([half[at + 2, 3], half[min(at + 5, sections - 1), 3]])).tolist()
                pen.line([tuple(a), tuple(b)], fill=blend(color, WHITE, 0.4), width=3)
        pen.line([tuple(p) for p in camera.flat(half[3:-3, 4]).tolist()], fill=blend(color, WHITE, 0.25), width=2)
        if shape.kind == "car":
            for first, last, tone in ((sections - 5, sections - 1, (236, 238, 240)), (0, 3, (190, 30, 30))):
                piece = np.concatenate([half[first : last + 1, 3], half[first : last + 1, 4][::-1]])
                pen.polygon([tuple(p) for p in camera.flat(piece).tolist()], fill=tone)
            glass = np.nonzero(tall)[0]
            if len(glass):
                root = half[min(int(glass[-1]), sections - 1), 4]
                out = root + np.array([0.05, 0.1, normal[2] * 0.2])
                mirror = [root, root + (0.02, 0.14, 0), out + (0, 0.1, 0), out - (0, 0.04, 0)]
                pen.polygon([tuple(p) for p in camera.flat(np.array(mirror)).tolist()], fill=blend(color, INK, 0.25))
        elif rng.random() < 0.7:
            _doors(scene, shape, half)
        if shape.kind != "car" and rng.random() < 0.6:
            tone = blend(paint_color(rng), WHITE, 0.2)
            for at in rng.integers(4, sections - 12, 3):
                piece = np.concatenate([half[at : at + 7, 1], half[at : at + 7, 3][::-1]])
                pen.polygon([tuple(p) for p in camera.flat(piece).tolist()], fill=tone)


def _doors(scene: Scene, shape: Shape, half: Solid) -> None:
    for place in (0.34, -0.02) if shape.kind == "box" else (-0.22, 0.2):
        at = round((place + 0.5) * (len(half) - 1))
        for first in (at, at + 2):
            piece = np.concatenate([half[first : first + 3, 0], half[first : first + 3, 7][::-1]])
            flat = [tuple(p) for p in scene.camera.flat(piece).tolist()]
            scene.pen.polygon(flat, fill=(60, 72, 82), outline=(30, 32, 36))


def _wheels(scene: Scene, shape: Shape, shift: float, *, far: bool) -> None:
    rng = np.random.default_rng(int(shape.long * 100))
    silver = pick(scene.rng, ((196, 198, 202), (150, 152, 156), (60, 60, 64))) if not far else DARK
    r = shape.wheel
    for axle in shape.axles:
        x = axle * shape.long + shift
        for side in (-1.0, 1.0):
            seen = scene.camera.faces((0, 0, side), (x, r, side * shape.half))
            if seen == far:
                continue
            z = side * shape.half * 0.985
            if far:
                for depth in (0.0, 0.12, 0.24):
                    scene.disc((x, r, z * (0.98 - depth)), r, (20, 20, 22))
                continue
            if shape.kind == "rail":
                scene.disc((x, r, z * 0.96), r, (46, 46, 50))
                continue
            scene.disc((x, r + 0.02, z * 1.0), r * 1.18, (14, 14, 16), part=(-0.25, np.pi + 0.25))
            for depth in np.linspace(0.22, 0.0, 14):
                scene.disc((x, r, z - side * depth), r, (30, 30, 33))
            scene.disc((x, r, z + side * 0.005), r * 0.96, (40, 40, 43))
            scene.disc((x, r, z + side * 0.005), r * 0.7, silver)
            spokes = int(rng.integers(5, 11))
            for step in range(spokes):
                middle = 2 * np.pi * step / spokes
                angle = middle + np.array([-0.55, 0.55, 0.35, -0.35]) * np.pi / spokes
                reach = np.array([0.62, 0.62, 0.22, 0.22]) * r
                hole = np.stack(
                    [x + np.cos(angle) * reach, r + np.sin(angle) * reach, np.full(4, z + side * 0.01)], axis=1
                )
                scene.pen.polygon([tuple(p) for p in scene.camera.flat(hole).tolist()], fill=blend(silver, INK, 0.75))


def lorry(scene: Scene, color: Color) -> None:
    """A cab with a box, a tank or an open load behind it."""
    rng = scene.rng
    long = float(rng.uniform(4.5, 9.0))
    cab = SHAPES["cab"]
    trailer = replace(cab, half=1.25, axles=tuple(np.array([-0.5, -0.38]) * long / cab.long))
    load = pick(rng, ("box", "box", "box", "tank", "bed"))
    tone = pick(rng, (WHITE, (210, 212, 216), paint_color(rng), color))
    cab_at = long / 2 + 0.4
    ahead = scene.camera.near(np.array([[cab_at, 1.0, 0.0], [-long / 2, 1.0, 0.0]]))

    def back() -> None:
        _wheels(scene, trailer, 0.0, far=True)
        scene.block((-long / 2, 0.7, -1.0), (cab_at - 0.5, 0.95, 1.0), (50, 50, 54))
        if load == "box":
            scene.block((-long / 2, 0.95, -1.25), (long / 2 - 0.9, rng.uniform(3.0, 3.7), 1.25), tone, polish=0.15)
        elif load == "bed":
            scene.block((-long / 2, 0.95, -1.2), (long / 2 - 0.9, 1.5, 1.2), tone, polish=0.15)
            for step in np.linspace(-long / 2 + 0.4, long / 2 - 1.8, 4):
                scene.block((step, 1.0, -1.0), (step + 0.8, 1.5 + rng.uniform(0.1, 0.9), 1.0), (150, 120, 84))
        else:
            angle = np.linspace(0, 2 * np.pi, RINGS + 1)
            x = np.linspace(-long / 2, long / 2 - 1.0, 12)
            ring = np.stack([np.zeros_like(angle), 2.1 + np.cos(angle) * 1.1, np.sin(angle) * 1.2], axis=1)
            grid = (
                ring[None] * np.where(np.minimum(np.arange(12), 11 - np.arange(12)) > 0, 1.0, 0.99)[:, None, None]
                + np.stack([x, np.zeros(12), np.zeros(12)], axis=1)[:, None]
            )
            scene.face(grid[0], (170, 172, 176), (-1, 0, 0), polish=0.5)
            scene.face(grid[-1], (170, 172, 176), (1, 0, 0), polish=0.5)
            scene.mesh(grid, np.full((11, RINGS, 3), 210.0), np.full((11, RINGS), 0.6))
        _wheels(scene, trailer, 0.0, far=False)

    def front() -> None:
        body(scene, cab, color, cab_at)

    for draw in (back, front) if ahead[0] > ahead[1] else (front, back):
        draw()


def outline(shape: Shape, rng: np.random.Generator) -> Solid:
    """Return points that bound a body."""
    grid, _, _ = grid_of(shape)
    ground = grid[:, [0, -1]] * np.array([1, 0, 1])
    return np.concatenate([grid.reshape(-1, 3), ground.reshape(-1, 3)])
