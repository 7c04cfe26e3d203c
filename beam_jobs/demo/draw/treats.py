"""More food: eggs, steaks, sushi, burgers, bread."""

from collections.abc import Callable

import numpy as np

from beam_jobs.demo.draw.canvas import INK, WHITE, Color, blend, oval, pick, smooth
from beam_jobs.demo.draw.foods import BROWNS, GREENS, PALES, REDS, egg, grains, pieces
from beam_jobs.demo.draw.relief import Paint, cloud, mixed
from beam_jobs.demo.draw.sweets import cake, coffee, doughnuts, fruit, glass, ice_cream, pancakes
from beam_jobs.demo.draw.tableware import Dish


def breakfast(dish: Dish) -> None:
    """Eggs, sausages, toast, beans."""
    rng = dish.rng
    dish.plate()
    for _ in range(int(rng.integers(1, 4))):
        egg(dish, tuple(dish.inside(0.4).tolist()), rng.uniform(0.3, 0.4), 0.06)
    for _ in range(int(rng.integers(1, 4))):
        right, near = dish.inside(0.5)
        turn = rng.uniform(0, np.pi)
        spots = [
            dish.spot(right + np.cos(turn) * t, near + np.sin(turn) * t, 0.12 + 0.04 * t * t) for t in (-0.22, 0, 0.22)
        ]
        dish.relief.chain(spots, (dish.radius * 0.09, dish.radius * 0.09), pick(rng, BROWNS))
    pieces(dish, int(rng.integers(0, 30)), 0.3, (0.04, 0.05), pick(rng, (REDS, GREENS, PALES)), up=0.1, at=(-0.35, 0.3))


def steak(dish: Dish) -> None:
    """Meat or fish with chips or vegetables."""
    rng, r = dish.rng, dish.radius
    dish.plate()
    fish = rng.random() < 0.3
    tone = pick(rng, ((214, 140, 100), (222, 170, 110))) if fish else pick(rng, BROWNS)
    angle = np.linspace(0, 2 * np.pi, 9, endpoint=False)
    x, y, z = dish.spot(rng.normal(0, 0.1), 0.1, 0.1)
    reach = r * rng.uniform(0.38, 0.5) * rng.uniform(0.8, 1.15, 9)
    outline = smooth(np.stack([x + np.cos(angle) * reach * 1.25, y + np.sin(angle) * reach * 0.8 * dish.flat], axis=1))
    paint = tone
    yy, xx = np.mgrid[0 : dish.size[1], 0 : dish.size[0]]
    bars = np.sin((xx * 0.8 + yy * 0.6) * 2 * np.pi / (r * rng.uniform(0.12, 0.2))).astype(np.float32)
    dish.relief.slab(outline + np.array([0, r * 0.08]), z - 4, blend(tone, INK, 0.5), bulge=2)
    dish.relief.slab(outline, z, mixed(paint, blend(tone, INK, 0.7), (bars - 0.6) * 4), bulge=r * 0.1, soft=r * 0.12)
    dish.relief.rough += grains(dish, 2.0, 70)
    sides = [(PALES[1], PALES[3], (236, 190, 90)), GREENS, ((230, 130, 40), (240, 150, 60)), REDS]
    for place_, index in enumerate(rng.permutation(4)[: int(rng.integers(1, 4))]):
        where = 3.6 + place_ * 1.1
        pieces(dish, 22, 0.24, (0.035, 0.055), tuple(sides[int(index)]), long=4.0 if index == 0 else 1.6,
               at=(np.cos(where) * 0.5, np.sin(where) * 0.5), up=0.06)  # fmt: skip


def sushi(dish: Dish) -> None:
    """Nigiri in a row and rolls."""
    rng, r = dish.rng, dish.radius
    dish.color = pick(rng, ((40, 38, 40), (150, 110, 70), (236, 234, 228), (70, 90, 100)))
    dish.plate()
    dish.relief.rough += grains(dish, 1.0)
    fish: tuple[Color, ...] = ((240, 130, 80), (200, 50, 50), (244, 214, 200), (244, 196, 60), (236, 150, 110))
    yy, xx = np.mgrid[0 : dish.size[1], 0 : dish.size[0]]
    fat = np.sin((xx + yy * 0.5) * 2 * np.pi / (r * 0.11)).astype(np.float32)
    rolls = rng.random() < 0.5
    for row, near in enumerate((-0.4, 0.0, 0.4)):
        for right in np.linspace(-0.5, 0.5, 4 if row == 1 else 3):
            if (rolls and row != 1) or rng.random() < 0.15:
                _roll(dish, float(right), near, fish)
                continue
            tilt = 0.07
            a, b = dish.spot(right - tilt, near - 0.12, 0.1), dish.spot(right + tilt, near + 0.12, 0.1)
            dish.relief.limb(a, b, (r * 0.12, r * 0.12), (246, 242, 234))
            tone = pick(rng, fish)
            top_a, top_b = (
                dish.spot(right - tilt * 1.4, near - 0.17, 0.2),
                dish.spot(right + tilt * 1.4, near + 0.17, 0.2),
            )
            dish.relief.limb(
                top_a,
                top_b,
                (r * 0.12, r * 0.12),
                mixed(tone, blend(tone, WHITE, 0.6), (fat - 0.7) * 3),
                depth=0.6,
                plain=True,
            )


def _roll(dish: Dish, right: float, near: float, fish: tuple[Color, ...]) -> None:
    rng, r = dish.rng, dish.radius
    x, y, z = dish.spot(right, near, 0.16)
    low = dish.spot(right, near, 0.0)
    dish.relief.limb(low, (x, y, z - 6), (r * 0.125, r * 0.125), (26, 34, 30), depth=0.3)
    flat = max(dish.flat, 0.55)
    dish.relief.slab(oval(x, y, r * 0.125, r * 0.125 * flat), z, (30, 40, 34))
    dish.relief.slab(oval(x, y, r * 0.11, r * 0.11 * flat), z + 1, (246, 242, 234))
    for _ in range(3):
        px, py = rng.normal(0, r * 0.025, 2)
        dish.relief.slab(
            oval(x + px, y + py * flat, r * 0.035, r * 0.035 * flat), z + 2, pick(rng, (*fish, *GREENS[:3])), bulge=1
        )


def gimbap(dish: Dish) -> None:
    """Slices of a rice roll in rows or a circle."""
    rng = dish.rng
    dish.plate()
    dish.relief.rough += grains(dish, 2.0)
    fish: tuple[Color, ...] = ((236, 190, 60), (230, 120, 50), (214, 130, 110), (120, 80, 50))
    for ring, count in ((0.55, 10), (0.25, 4)):
        for angle in np.sort(np.linspace(0, 2 * np.pi, count, endpoint=False) + rng.uniform(0, 1)):
            _roll(dish, float(np.cos(angle) * ring), float(np.sin(angle) * ring), fish)


def burger(dish: Dish) -> None:
    """A burger or sandwich seen from the side, perhaps with chips."""
    rng = dish.rng
    r = dish.radius * rng.uniform(0.5, 0.66)
    dish.plate()
    x, y, _ = dish.spot(rng.normal(0, 0.12), 0.15, 0.0)
    if rng.random() < 0.6:
        pieces(
            dish,
            40,
            0.4,
            (0.03, 0.045),
            (PALES[1], (236, 190, 90), (222, 160, 60)),
            long=6,
            at=(rng.choice([-0.55, 0.55]), 0.1),
            heap=0.25,
        )
    bun = mixed(
        pick(rng, ((206, 140, 70), (190, 110, 50), (222, 170, 100))),
        (150, 84, 40),
        cloud(rng, dish.size, 8) * 1.4 - 0.4,
    )
    level = y

    def layer(paint: Paint, wide: float, tall: float, *, wavy: float = 0.0, front: float = 0.0) -> None:
        nonlocal level
        t = np.linspace(-1, 1, 25)
        low = level + np.sqrt(np.maximum(1 - t**2, 0)) * r * 0.16 + rng.normal(0, wavy, 25) * r
        top = level - tall * r + np.sqrt(np.maximum(1 - t**2, 0)) * r * 0.16
        outline = np.concatenate([np.stack([x + t * wide * r, low], 1), np.stack([x + t * wide * r, top], 1)[::-1]])
        dish.relief.slab(outline, 20 + front, paint, bulge=r * 0.14, soft=max(tall * r * 0.5, 3))
        level -= tall * r * 0.85

    layer(bun, 0.9, 0.24)
    for _ in range(int(rng.integers(1, 3))):
        layer(pick(rng, BROWNS[:2]), 0.95, 0.2, front=2, wavy=0.01)
        layer(pick(rng, ((246, 186, 50), (240, 206, 110))), 0.98, 0.07, wavy=0.04, front=4)
        if rng.random() < 0.7:
            layer(pick(rng, REDS), 0.88, 0.09, front=3)
    layer(pick(rng, GREENS[:3]), 1.05, 0.1, wavy=0.04, front=6)
    t = np.linspace(0, np.pi, 25)
    dome = np.stack([x + np.cos(t) * 0.95 * r, level + r * 0.06 - np.sin(t) * r * rng.uniform(0.5, 0.62)], 1)
    base = np.stack([x - np.cos(t) * 0.95 * r, level + r * 0.06 + np.sin(t) * r * 0.16], 1)
    dish.relief.slab(np.concatenate([dome, base]), 26, bun, bulge=r * 0.5, soft=r * 0.5)
    if rng.random() < 0.7:
        for _ in range(34):
            angle, far = rng.uniform(0.3, np.pi - 0.3), rng.uniform(0.2, 0.95)
            sx, sy = x + np.cos(angle) * r * 0.85 * far, level - np.sin(angle) * r * 0.5 * far
            dish.relief.limb(
                (sx, sy, 26 + r * 0.6),
                (sx + rng.normal(0, 1.5), sy + 1, 26 + r * 0.6),
                (r * 0.022,) * 2,
                (246, 232, 196),
            )


def baked(dish: Dish) -> None:
    """Biscuits, rolls, dumplings or chicken pieces."""
    rng, r = dish.rng, dish.radius
    dish.plate() if rng.random() < 0.7 else dish.bowl(0.35)
    tone = pick(rng, ((214, 160, 90), (180, 110, 56), (240, 226, 200), (150, 90, 50), (200, 130, 60)))
    paint = mixed(tone, blend(tone, (90, 40, 16), 0.6), cloud(rng, dish.size, 18) * 3 - 1.5)
    dish.relief.rough += grains(dish, rng.uniform(0.5, 2.5), 60)
    size, count = rng.uniform(0.16, 0.28), int(rng.integers(7, 16))
    spots = sorted((tuple(dish.inside(0.52)) for _ in range(count)), key=lambda spot: spot[1])
    for right, near in spots:
        turn, long = rng.uniform(0, np.pi), rng.uniform(0.0, 0.8) * size
        lift = rng.uniform(0.05, 0.25)
        a = dish.spot(right - np.cos(turn) * long * 0.5, near - np.sin(turn) * long * 0.5, lift)
        b = dish.spot(right + np.cos(turn) * long * 0.5, near + np.sin(turn) * long * 0.5, lift)
        dish.relief.limb(a, b, (r * size, r * size * rng.uniform(0.75, 1.0)), paint, depth=0.6)
    if rng.random() < 0.5:
        pieces(dish, 30, 0.55, (0.012, 0.03), pick(rng, (GREENS, (INK, BROWNS[1]), ((246, 232, 196),))), up=0.4)


TREATS: tuple[Callable[[Dish], None], ...] = (
    breakfast,
    breakfast,
    steak,
    steak,
    sushi,
    sushi,
    gimbap,
    burger,
    burger,
    pancakes,
    cake,
    cake,
    doughnuts,
    baked,
    baked,
    fruit,
    fruit,
    coffee,
    coffee,
    glass,
    ice_cream,
)
STEEP = (burger, glass, pancakes, cake)
"""Things that are shown from the side."""
