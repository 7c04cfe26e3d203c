"""Clothes on a body as height fields: tops, jackets, coats, dresses, skirts, trousers, shoes and bags."""

from dataclasses import dataclass

import numpy as np

from beam_jobs.demo.draw.canvas import INK, WHITE, Color, Points, blend, hsv, pick, smooth
from beam_jobs.demo.draw.relief import Paint, Relief, cloud, mixed, streaks

SKINS: tuple[Color, ...] = (
    (240, 204, 174),
    (226, 178, 142),
    (200, 146, 110),
    (158, 106, 76),
    (112, 74, 54),
    (248, 220, 198),
)
HAIRS: tuple[Color, ...] = ((28, 22, 22), (58, 38, 28), (98, 64, 40), (170, 126, 72), (130, 128, 130), (120, 50, 34))
CLOTHS: tuple[Color, ...] = (
    (34, 36, 44), (34, 36, 44), (236, 232, 224), (60, 84, 124), (96, 122, 160), (190, 170, 140), (110, 96, 76), (150, 40, 46),
    (84, 96, 74), (128, 130, 136), (214, 190, 196), (40, 60, 90),
)  # fmt: skip


def cloth(rng: np.random.Generator, size: tuple[int, int], unit: float) -> Paint:
    """Return a fabric: plain, striped, checked, flowery, denim or knitted; ``unit`` is a head's height in pixels."""
    tone = (
        pick(rng, CLOTHS) if rng.random() < 0.7 else hsv(rng.random(), rng.uniform(0.2, 0.85), rng.uniform(0.3, 0.95))
    )
    other = pick(rng, (WHITE, INK, pick(rng, CLOTHS), hsv(rng.random(), 0.5, 0.8)))
    kind = rng.random()
    y, x = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    bend = cloud(rng, size, 5) * unit * rng.uniform(0.05, 0.35)
    step = unit * rng.uniform(0.12, 0.4)
    if kind < 0.55:
        return tone
    if kind < 0.68:
        return mixed(tone, other, (np.sin((y + bend) * 2 * np.pi / step) - rng.choice([0.0, 0.5])) * 5)
    if kind < 0.74:
        return mixed(tone, other, (np.sin((x + bend) * 2 * np.pi / step) - rng.choice([0.0, 0.7])) * 5)
    if kind < 0.84:
        bars = (np.sin((x + bend) * np.pi / step) > 0.2).astype(np.float32) + (np.sin((y + bend) * np.pi / step) > 0.2)
        return mixed(tone, other, bars * 0.35)
    if kind < 0.92:
        return mixed(tone, other, (cloud(rng, size, max(int(size[0] / unit * 3), 4)) - 0.62) * 25)
    dots = np.hypot((x + bend) % step - step / 2, (y + bend) % step - step / 2)
    return mixed(tone, other, (step * 0.25 - dots) * 2)


@dataclass(frozen=True)
class Figure:
    """Joints of a standing body in pixels of the picture; ``unit`` is the height of its head."""

    relief: Relief
    rng: np.random.Generator
    unit: float
    neck: Points
    shoulders: tuple[Points, Points]
    elbows: tuple[Points, Points]
    hands: tuple[Points, Points]
    hips: tuple[Points, Points]
    knees: tuple[Points, Points]
    feet: tuple[Points, Points]
    skin: Color
    hair: Color
    woman: bool

    def rod(self, a: Points, b: Points, radii: tuple[float, float], paint: Paint, z: float = 0.0) -> None:
        """Add a tapered rod between two joints; radii in units."""
        u = self.unit
        self.relief.limb((a[0], a[1], z * u), (b[0], b[1], z * u), (radii[0] * u, radii[1] * u), paint)


def stand(rng: np.random.Generator, relief: Relief, neck: tuple[float, float], unit: float) -> Figure:
    """Return a body in a random stance, the root of its neck at ``neck``."""
    woman = bool(rng.random() < 0.55)
    wide = rng.uniform(0.66, 0.76) if woman else rng.uniform(0.82, 0.95)
    turn = rng.uniform(0.75, 1.0)
    sway = rng.normal(0, 0.07)
    base = np.array(neck)

    def at(x: float, y: float) -> Points:
        return base + np.array([x * turn, y]) * unit

    shoulders, hips = (at(-wide, 0.3), at(wide, 0.3)), (at(-0.36 + sway, 2.75), at(0.36 + sway, 2.75))
    elbows, hands, knees, feet = [], [], [], []
    for side in (-1, 1):
        shoulder = np.array([side * wide, 0.3])
        pose = pick(rng, ("down", "down", "down", "hip", "pocket", "up"))
        elbow = shoulder + np.array([side * rng.uniform(0.12, 0.35), 1.3])
        hand = elbow + np.array([side * rng.uniform(-0.15, 0.15), 1.2])
        if pose == "hip":
            elbow, hand = shoulder + np.array([side * 0.75, 1.1]), np.array([side * 0.5, 2.3])
        elif pose == "pocket":
            elbow, hand = shoulder + np.array([side * 0.35, 1.25]), np.array([side * 0.55, 2.75])
        elif pose == "up":
            elbow, hand = shoulder + np.array([side * 0.3, 1.2]), np.array([side * 0.35, 0.75])
        elbows.append(at(*elbow))
        hands.append(at(*hand))
        knee = np.array([side * rng.uniform(0.3, 0.42) + sway, 4.55])
        knees.append(at(*knee))
        feet.append(at(knee[0] + side * rng.uniform(-0.12, 0.2), 6.3))
    return Figure(
        relief, rng, unit, at(0, 0), shoulders, (elbows[0], elbows[1]), (hands[0], hands[1]), hips, (knees[0], knees[1]),
        (feet[0], feet[1]), pick(rng, SKINS), pick(rng, HAIRS), woman,
    )  # fmt: skip


def body(figure: Figure) -> None:
    """Add skin: neck, arms, legs and hands."""
    f, skin = figure, figure.skin
    f.rod(f.neck + np.array([0, -0.4]) * f.unit, f.neck + np.array([0, 0.25]) * f.unit, (0.16, 0.2), skin, -0.12)
    for side in (0, 1):
        inward = (1, -1)[side]
        f.rod(f.shoulders[side] + np.array([inward * 0.08, 0.2]) * f.unit, f.elbows[side], (0.19, 0.16), skin, 0.1)
        f.rod(f.elbows[side], f.hands[side], (0.15, 0.1), skin, 0.15)
        f.rod(f.hands[side], f.hands[side] + np.array([0, 0.16]) * f.unit, (0.12, 0.1), skin, 0.3)
        f.rod(f.hips[side], f.knees[side], (0.36, 0.22), skin)
        f.rod(f.knees[side], f.feet[side], (0.21, 0.11), skin)


def head(figure: Figure) -> None:
    """Add a head, its face barely told: hair, brows, eyes and mouth are hints."""
    f, u, rng = figure, figure.unit, figure.rng
    x, y = f.neck + np.array([rng.normal(0, 0.04), -0.66]) * u
    back = rng.random() < 0.2
    if f.woman and rng.random() < 0.7:
        long = rng.uniform(0.4, 1.5)
        for side in (-1, 1):
            f.relief.limb(
                (x + side * 0.28 * u, y - 0.1 * u, -0.1 * u),
                (x + side * 0.42 * u, y + long * u, 0.0),
                (0.26 * u, 0.16 * u),
                f.hair,
            )
    f.relief.limb((x, y - 0.12 * u, 0), (x, y + 0.16 * u, 0), (0.37 * u, 0.3 * u), f.hair if back else f.skin)
    if back:
        return
    f.relief.limb(
        (x - 0.08 * u, y - 0.3 * u, 0.06 * u),
        (x + 0.1 * u, y - 0.3 * u, 0.06 * u),
        (0.34 * u, 0.33 * u),
        f.hair,
        depth=0.8,
    )
    for side in (-1, 1):
        f.relief.limb(
            (x + side * 0.37 * u, y - 0.3 * u, 0.1 * u),
            (x + side * 0.38 * u, y + 0.0 * u, 0.05 * u),
            (0.11 * u, 0.06 * u),
            f.hair,
        )
        eye = (x + side * 0.15 * u, y + 0.02 * u, 0.34 * u)
        f.relief.limb(eye, eye, (0.032 * u, 0.03 * u), blend(f.skin, (30, 20, 18), 0.85), depth=0.2)
    f.relief.limb((x, y + 0.06 * u, 0.33 * u), (x, y + 0.14 * u, 0.38 * u), (0.03 * u, 0.05 * u), f.skin)
    f.relief.limb(
        (x - 0.07 * u, y + 0.27 * u, 0.28 * u),
        (x + 0.07 * u, y + 0.27 * u, 0.28 * u),
        (0.025 * u, 0.025 * u),
        blend(f.skin, (150, 30, 40), 0.6),
        depth=0.3,
    )


def top(
    figure: Figure, paint: Paint, *, sleeve: float, low: float, loose: float, z: float = 0.25, opened: float = 0.0
) -> None:
    """Add a shirt, jacket or coat.

    Args:
        figure: who wears it.
        paint: its cloth.
        sleeve: 0 none, 1 to the elbow, 2 to the hand.
        low: how far it hangs below the neck, in heads.
        loose: how wide it is beyond the body, in heads.
        z: how far it lies above the body.
        opened: width of an open front (0: closed).
    """
    f, u = figure, figure.unit
    left, right = f.shoulders
    waist = 0.12 if f.woman and loose < 0.14 else 0.0
    mid = f.neck[0]
    y = f.neck[1]
    hip_l, hip_r = f.hips[0][0], f.hips[1][0]
    side_l = [(left[0] - 0.06 * u, left[1] - 0.02 * u), (left[0] + (0.06 - loose * 0.5) * u, y + 1.0 * u),
              (left[0] + (0.12 + waist - loose) * u, y + 1.8 * u), (hip_l - (0.2 + loose) * u, y + min(low, 2.7) * u),
              (hip_l - (0.24 + loose * 1.3) * u, y + low * u)]  # fmt: skip
    side_r = [(2 * mid - px + (right[0] + left[0] - 2 * mid) + 0.0, py) for px, py in side_l[:3]]
    side_r += [(hip_r + (0.2 + loose) * u, y + min(low, 2.7) * u), (hip_r + (0.24 + loose * 1.3) * u, y + low * u)]
    neck_l, neck_r = (mid - 0.3 * u, y + 0.06 * u), (mid + 0.3 * u, y + 0.06 * u)
    pit = (mid, y + f.rng.uniform(0.2, 0.55) * u)
    if opened:
        for edges, edge, way in ((side_l, neck_l, -1), (side_r, neck_r, 1)):
            front = [(mid + way * opened * 0.5 * u, y + 0.7 * u), (mid + way * opened * u, y + low * u)]
            outline = smooth(np.array([edge, *edges]), closed=False, steps=5)
            f.relief.slab(np.concatenate([outline, np.array(front[::-1])]), z * u, paint, bulge=0.28 * u, soft=0.3 * u)
    else:
        a, b = (
            smooth(np.array([neck_l, *side_l]), closed=False, steps=5),
            smooth(np.array([neck_r, *side_r]), closed=False, steps=5),
        )
        f.relief.slab(np.concatenate([np.array([pit]), a, b[::-1]]), z * u, paint, bulge=0.35 * u, soft=0.4 * u)
    for side in (0, 1):
        if sleeve <= 0:
            continue
        upper = f.shoulders[side] + (f.elbows[side] - f.shoulders[side]) * min(sleeve, 1.0)
        inward = (1, -1)[side]
        f.rod(
            f.shoulders[side] + np.array([inward * 0.06, 0.16]) * u,
            upper,
            (0.23 + loose * 0.3, 0.2 + loose * 0.5),
            paint,
            z - 0.02,
        )
        if sleeve > 1:
            lower = f.elbows[side] + (f.hands[side] - f.elbows[side]) * (sleeve - 1)
            f.rod(f.elbows[side], lower, (0.21 + loose * 0.5, 0.14 + loose * 0.4), paint, z + 0.05)


def skirt(figure: Figure, paint: Paint, start: float, low: float, flare: float, z: float = 0.2) -> None:
    """Add a skirt from ``start`` to ``low`` heads below the neck; its folds run down."""
    f, u = figure, figure.unit
    mid, y = (f.hips[0][0] + f.hips[1][0]) / 2, f.neck[1]
    half = abs(f.hips[1][0] - f.hips[0][0]) / 2 + 0.14 * u
    t = np.linspace(-1, 1, 17)
    hem = np.stack([mid + t * (half + flare * u), y + low * u + 0.06 * u * np.sin(t * 11) + 0.1 * u * (1 - t**2)], 1)
    outline = np.concatenate([np.array([(mid - half, y + start * u), (mid - half * 1.25, y + (start + 0.5) * u)]), hem,
                              np.array([(mid + half * 1.25, y + (start + 0.5) * u), (mid + half, y + start * u)])])  # fmt: skip
    f.relief.slab(outline, z * u, paint, bulge=0.3 * u, soft=0.35 * u)
    height, width = f.relief.alpha.shape
    yy, xx = np.mgrid[0:height, 0:width].astype(np.float32)
    run = np.clip((yy - y - start * u) / (max(low - start, 0.1) * u), 0, 1)
    inside = (run > 0) & (run < 1)
    fan = (xx - mid) / (half + flare * u * run)
    folds = np.sin(fan * f.rng.uniform(7, 16) + cloud(f.rng, f.relief.size, 6) * 4) * run
    f.relief.rough += np.where(inside & (np.abs(fan) < 1.3), folds * u * 0.05 * (0.4 + flare), 0).astype(np.float32)


def trousers(figure: Figure, paint: Paint, *, long: float, wide: float) -> None:
    """Add trousers or shorts; ``long`` 0 to the hip, 1 to the knee, 2 to the ankle, ``wide`` beyond the leg in heads."""
    f = figure
    f.rod(
        f.hips[0] + np.array([0, -0.25]) * f.unit, f.hips[1] + np.array([0, -0.25]) * f.unit, (0.36, 0.36), paint, 0.08
    )
    if long < 1:
        for side, out in ((0, -1), (1, 1)):
            a, b = f.hips[side], f.hips[side] + (f.knees[side] - f.hips[side]) * long
            w = (0.42 + wide) * f.unit
            inner = (f.hips[0][0] + f.hips[1][0]) / 2 + out * 0.03 * f.unit
            leg = np.array(
                [
                    (inner, a[1] - 0.3 * f.unit),
                    (a[0] + out * 0.38 * f.unit, a[1] - 0.3 * f.unit),
                    (b[0] + out * w, b[1]),
                    (inner, b[1] + 0.02 * f.unit),
                ]
            )
            f.relief.slab(leg, 0.2 * f.unit, paint, bulge=0.25 * f.unit, soft=0.3 * f.unit)
        return
    for side in (0, 1):
        knee = f.hips[side] + (f.knees[side] - f.hips[side]) * min(long, 1.0)
        f.rod(f.hips[side], knee, (0.42, (0.42 - 0.15 * min(long, 1)) + wide), paint, 0.1)
        if long > 1:
            ankle = f.knees[side] + (f.feet[side] - f.knees[side]) * (long - 1)
            f.rod(f.knees[side], ankle, (0.27 + wide, 0.16 + wide * 1.3), paint, 0.1)


def shoes(figure: Figure) -> None:
    """Add a pair of shoes or boots."""
    f, u, rng = figure, figure.unit, figure.rng
    tone = pick(rng, ((240, 238, 234), (36, 32, 32), (110, 70, 44), (150, 40, 46), (60, 70, 90)))
    boots = rng.random() < 0.25
    for side, out in ((0, -1), (1, 1)):
        foot = f.feet[side]
        if boots:
            f.rod(foot + np.array([0, -0.8]) * u, foot, (0.2, 0.17), tone, 0.15)
        toe = foot + np.array([out * rng.uniform(0.05, 0.25), 0.34]) * u
        f.rod(toe + np.array([0, 0.05]) * u, toe + np.array([0, 0.06]) * u, (0.19, 0.19), blend(tone, WHITE, 0.5), 0.1)
        f.rod(foot + np.array([0, 0.08]) * u, toe, (0.16, 0.17), tone, 0.25)


def extras(figure: Figure) -> None:
    """Add a bag, a belt or a scarf now and then."""
    f, u, rng = figure, figure.unit, figure.rng
    tone = pick(rng, ((40, 34, 34), (120, 74, 46), (200, 180, 150), (150, 40, 46), (90, 100, 80)))
    if rng.random() < 0.3:
        side = int(rng.integers(2))
        x, y = f.hands[side] + np.array([0.0, 0.7]) * u
        half, tall = rng.uniform(0.35, 0.6) * u, rng.uniform(0.3, 0.5) * u
        box = np.array(
            [(x - half, y - tall), (x + half, y - tall), (x + half * 1.05, y + tall), (x - half * 1.05, y + tall)]
        )
        f.relief.slab(box, 0.8 * u, tone, bulge=0.12 * u, soft=0.15 * u)
        f.relief.chain(
            [
                (x - half * 0.5, y - tall, 0.85 * u),
                (x, y - tall - 0.4 * u, 0.85 * u),
                (x + half * 0.5, y - tall, 0.85 * u),
            ],
            (0.05 * u, 0.05 * u),
            tone,
        )
    if rng.random() < 0.15:
        x, y = f.neck
        f.relief.chain(
            [(x - 0.35 * u, y + 0.05 * u, 0.4 * u), (x, y + 0.25 * u, 0.6 * u), (x + 0.35 * u, y + 0.05 * u, 0.4 * u)],
            (0.2 * u, 0.2 * u),
            tone,
        )
        f.relief.limb(
            (x + 0.1 * u, y + 0.3 * u, 0.7 * u),
            (x + 0.15 * u, y + 1.5 * u, 0.7 * u),
            (0.16 * u, 0.18 * u),
            tone,
            depth=0.4,
        )


def folds(rng: np.random.Generator, relief: Relief, unit: float) -> None:
    """Wrinkle everything as cloth does: long soft folds and a fine weave."""
    size = relief.size
    relief.rough += (
        streaks(rng, size, along=unit * 0.9, across=unit * 0.22, angle=float(rng.normal(0, 35)))
        * unit
        * rng.uniform(0.015, 0.05)
    )
    relief.rough += (cloud(rng, size, max(int(size[0] / unit * 2), 3)) - 0.5) * unit * rng.uniform(0.05, 0.16)
