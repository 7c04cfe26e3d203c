"""Aeroplanes, helicopters, sailing boats, motor boats and ships."""

import numpy as np

from beam_jobs.demo.draw.canvas import INK, WHITE, Color, blend, pick
from beam_jobs.demo.draw.cars import paint_color
from beam_jobs.demo.draw.lofts import DARK, GLASS, Scene, Solid

_AROUND = np.linspace(-np.pi, np.pi, 23)


def _tube(x: Solid, radius: Solid, height: Solid) -> Solid:
    """Return the grid of a round fuselage; all are float64[n]: ahead, radius and height of the middle."""
    ring = np.stack([np.zeros(23), np.cos(_AROUND), np.sin(_AROUND)], axis=1)
    middle = np.stack([x, height, np.zeros(len(x))], axis=1)
    grid: Solid = middle[:, None] + ring[None] * radius[:, None, None]
    return grid


def plane_points() -> Solid:
    """Return points that bound an aeroplane."""
    return np.array(
        [(15.0, 3.0, 0.0), (-15.0, 8.5, 0.0), (-15.0, 0.0, 0.0), (-5.0, 2.6, 14.0), (-5.0, 2.6, -14.0), (0.0, 0.0, 0.0)]
    )


def plane(scene: Scene, color: Color) -> None:
    """Paint an airliner or a small aeroplane, 30 m long."""
    rng = scene.rng
    x = np.linspace(-15, 15, 46)
    nose = np.clip((15 - x) / 3.5, 0, 1) ** 0.55
    tail = 0.12 + 0.88 * np.clip((x + 15) / 9, 0, 1) ** 0.8
    radius = 1.9 * np.minimum(nose, tail) + 0.02
    lift = 3.1 + 1.1 * (1 - np.clip((x + 15) / 9, 0, 1)) - 0.3 * (1 - nose)
    grid = _tube(x, radius, lift)
    livery = paint_color(rng)
    colors = np.tile(np.array(color, dtype=np.float64), (45, 22, 1))
    side = np.abs(np.sin((_AROUND[:-1] + _AROUND[1:]) / 2))
    up = np.cos((_AROUND[:-1] + _AROUND[1:]) / 2)
    if rng.random() < 0.7:
        colors[:, (up < 0.25) & (up > -0.1)] = livery
    if rng.random() < 0.5:
        colors[: int(rng.integers(8, 20))] = livery
    windows = (side > 0.9) & (up > 0.05)
    for step in range(9, 38):
        if step % 2:
            colors[step, windows] = (50, 56, 66)
    colors[41:43, (up > 0.3) & (up < 0.8)] = GLASS
    polish = np.full((45, 22), scene.polish)
    grey: Color = pick(rng, ((206, 208, 212), (170, 174, 180), color))
    wings = []
    for way in (1.0, -1.0):
        wings.append(
            (way, [(3.0, 2.5, way * 1.5), (-2.6, 2.5, way * 1.5), (-6.6, 3.0, way * 14), (-4.8, 3.0, way * 14)])
        )
    seen_first = sorted(wings, key=lambda wing: float(scene.camera.near(np.array(wing[1])).mean()))

    def wing(way: float, corners: list[tuple[float, float, float]]) -> None:
        normal = (0.0, 1.0, 0.0) if scene.camera.eye > 3 else (0.0, -1.0, 0.0)
        scene.face(corners, grey, normal, polish=0.3)
        for out in (5.0,) if rng.random() < 0.7 else (4.5, 8.5):
            pod = _tube(
                np.linspace(-2.4, 1.8, 9), 0.85 * np.array([0.4, 0.7, 0.85, 0.95, 1, 1, 1, 0.98, 0.9]), np.full(9, 1.55)
            )
            pod = pod + np.array([2.2 - out * 0.42, 0, way * out])
            scene.mesh(
                pod,
                np.tile(np.array(livery if rng.random() < 0.3 else grey, dtype=np.float64), (8, 22, 1)),
                np.full((8, 22), 0.4),
            )
            scene.face(pod[-1], DARK, (1, 0, 0))

    wing(*seen_first[0])
    for way in (1.0, -1.0):
        scene.face(
            [(-11.0, 4.6, way * 0.4), (-13.2, 4.6, way * 0.4), (-15.4, 4.9, way * 5.2), (-14.2, 4.9, way * 5.2)],
            grey,
            (0, 1.0 if scene.camera.eye > 4 else -1.0, 0),
        )
    scene.mesh(grid, colors, polish)
    for normal in (1.0, -1.0):
        scene.face(
            [
                (-10.0, 4.7, 0.1 * normal),
                (-14.4, 4.7, 0.1 * normal),
                (-16.0, 9.4, 0.05 * normal),
                (-13.6, 9.4, 0.05 * normal),
            ],
            livery,
            (0, 0, normal),
            polish=0.3,
        )
    wing(*seen_first[1])
    for at in ((10.5, 0.0), (-1.0, 2.2), (-1.0, -2.2)):
        scene.block((at[0] - 0.12, 0.3, at[1] - 0.1), (at[0] + 0.12, 1.8, at[1] + 0.1), (90, 92, 96))
        scene.disc((at[0], 0.55, at[1] + 0.2), 0.55, (30, 30, 32))


def boat_points(tall: float) -> Solid:
    """Return points that bound a boat whose mast or bridge is ``tall`` metres."""
    return np.array([(5.5, 1.4, 0.0), (-5.0, 0.0, 1.5), (-5.0, 0.0, -1.5), (0.0, tall, 0.0), (5.0, 0.0, 0.0)])


def _hull(scene: Scene, color: Color, half: float, high: float) -> None:
    t = np.linspace(-1, 1, 30)
    x = t * 5.0 + np.clip(t, 0, 1) ** 3 * 0.6
    wide = half * (1 - np.clip(t, 0, 1) ** 2.4) * (0.9 + 0.1 * np.clip(t + 1, 0, 1)) + 0.02
    deck = high * (1 + 0.35 * np.clip(t, 0, 1) ** 2)
    half_ring = []
    for up, share in ((0.0, 0.72), (0.3, 0.88), (0.7, 0.97), (0.95, 1.0), (1.0, 0.98)):
        half_ring.append(np.stack([x, deck * up, wide * share], axis=1))
    half_ring.append(np.stack([x, deck, wide * 0.0], axis=1))
    left = np.stack(half_ring, axis=1)
    grid = np.concatenate([left, left[:, -2::-1] * np.array([1, 1, -1])], axis=1)
    colors = np.tile(np.array(color, dtype=np.float64), (29, 10, 1))
    low = np.minimum(np.arange(10), 9 - np.arange(10))
    colors[:, low == 0] = pick(scene.rng, ((120, 30, 34), (30, 40, 70), (60, 60, 64)))
    colors[:, low == 4] = (190, 160, 120)
    colors[:, low == 3] = blend(color, WHITE, 0.5)
    scene.face(grid[0], color, (-1, 0, 0))
    scene.mesh(grid, colors, np.full((29, 10), scene.polish))


def sailing_boat(scene: Scene, color: Color) -> None:
    """Paint a boat with one mast and two sails, 10 m long."""
    rng = scene.rng
    _hull(scene, color, 1.4, 0.9)
    scene.block((-1.8, 0.9, -0.7), (1.5, 1.4, 0.7), (240, 240, 238), polish=0.2)
    for side in (-0.72, 0.72):
        for step in (-1.2, -0.4, 0.4):
            scene.face(
                [(step, 1.05, side), (step + 0.5, 1.05, side), (step + 0.5, 1.25, side), (step, 1.25, side)],
                GLASS,
                (0, 0, np.sign(side)),
            )
    tall = 12.0
    scene.block((0.6, 0.9, -0.06), (0.72, tall, 0.06), (200, 202, 206))
    scene.block((-3.6, 1.9, -0.05), (0.6, 2.0, 0.05), (200, 202, 206))
    sail: Color = pick(rng, ((246, 244, 238), (246, 244, 238), (200, 60, 50), (60, 90, 140), (236, 214, 170)))
    belly = rng.uniform(-1.0, 1.0)
    for points in (
        [(0.55, 2.0, 0.0), (0.55, tall - 0.3, 0.0), (-1.8, 5.0, belly), (-3.5, 2.0, belly)],
        [(0.8, tall - 1.5, 0.0), (5.2, 1.4, 0.0), (1.2, 2.0, belly), (1.6, 5.0, belly)],
    ):
        for sign in (1.0, -1.0):
            scene.face(points, sail if sign > 0 else blend(sail, INK, 0.12), (0, 0.1, sign), polish=0.05)
    flat = scene.camera.flat([(0.66, tall, 0.0), (5.4, 1.4, 0.0), (-5.0, 1.0, 0.0)]).tolist()
    scene.pen.line([tuple(flat[1]), tuple(flat[0]), tuple(flat[2])], fill=(120, 122, 126), width=2)


def motor_boat(scene: Scene, color: Color) -> None:
    """Paint a motor boat, a fishing boat or a ship with a bridge and a funnel, 10 m long."""
    rng = scene.rng
    _hull(scene, color, rng.uniform(1.1, 1.8), rng.uniform(0.9, 1.4))
    base = 1.2
    floors = int(rng.integers(1, 4))
    left, right = rng.uniform(-4.0, -1.5), rng.uniform(0.8, 2.8)
    for _ in range(floors):
        scene.block((left, base - 0.3, -0.9), (right, base + 0.75, 0.9), (240, 240, 238), polish=0.2)
        for side in (-0.92, 0.92):
            for step in np.arange(left + 0.3, right - 0.5, 0.7):
                scene.face(
                    [
                        (step, base + 0.2, side),
                        (step + 0.45, base + 0.2, side),
                        (step + 0.45, base + 0.55, side),
                        (step, base + 0.55, side),
                    ],
                    GLASS,
                    (0, 0, np.sign(side)),
                    polish=0.7,
                )
        scene.face(
            [
                (right + 0.02, base + 0.15, -0.8),
                (right + 0.02, base + 0.6, -0.8),
                (right + 0.02, base + 0.6, 0.8),
                (right + 0.02, base + 0.15, 0.8),
            ],
            GLASS,
            (1, 0, 0),
            polish=0.7,
        )
        base += 0.9
        left, right = left + 0.5, right - 0.5
        if right - left < 1.0:
            break
    if rng.random() < 0.5:
        scene.block((left + 0.2, base - 0.2, -0.3), (left + 0.9, base + 0.9, 0.3), paint_color(rng))
    scene.block((right - 0.5, base - 0.2, -0.04), (right - 0.42, base + 1.6, 0.04), (220, 220, 222))
    for side in (-1.0, 1.0):
        rail = scene.camera.flat([(5.0, 1.9, side * 0.2), (2.5, 1.7, side * 1.1), (-4.8, 1.6, side * 1.2)]).tolist()
        scene.pen.line([tuple(p) for p in rail], fill=(210, 212, 214), width=2)
