"""Food on a dish: rice, noodles, stews, salads, pizza, burgers, sushi, eggs, steaks, cakes and fruit."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from beam_jobs.demo.draw.canvas import INK, WHITE, Color, blend, noise, oval, pick, smooth
from beam_jobs.demo.draw.relief import Field, Paint, cloud, mixed
from beam_jobs.demo.draw.tableware import Dish

GREENS: tuple[Color, ...] = ((86, 130, 50), (60, 100, 40), (130, 164, 70), (40, 84, 46), (160, 180, 90))
BROWNS: tuple[Color, ...] = ((124, 72, 40), (96, 54, 34), (160, 96, 50), (184, 120, 60), (140, 60, 36))
REDS: tuple[Color, ...] = ((190, 46, 34), (206, 76, 40), (160, 36, 34), (220, 110, 60))
PALES: tuple[Color, ...] = ((240, 226, 190), (232, 208, 150), (244, 238, 224), (222, 184, 120))


def grains(dish: Dish, strength: float, cells: int = 90) -> Field:
    """Return a grainy height field, as rice or mince has."""
    return (
        (noise(dish.rng, *dish.size, cells=cells, octaves=1).astype(np.float32) - 0.5)
        * strength
        * min(dish.radius / 90, 1.3)
    )


def mound(dish: Dish, share: float, high: float, paint: Paint, at: tuple[float, float] = (0, 0)) -> None:
    """Heap something up: a flattened ball of ``share`` radii."""
    u, v = at
    for level in range(4):
        wide = share * np.cos(level / 4 * np.pi / 2)
        lift = high * level / 4
        ring = [
            dish.spot(u + np.cos(a) * wide * 0.5, v + np.sin(a) * wide * 0.5, lift)
            for a in np.linspace(0, 2 * np.pi, 9)
        ]
        for one, two in pairwise(ring):
            dish.relief.limb(one, two, (wide * 0.5 * dish.radius,) * 2, paint, depth=0.4)


def pieces(
    dish: Dish, count: int, share: float, size: tuple[float, float], tones: tuple[Color, ...], *, long: float = 1.0,
    up: float = 0.0, heap: float = 0.2, at: tuple[float, float] = (0.0, 0.0),
) -> None:  # fmt: skip
    """Scatter irregular pieces; sizes in radii, ``long`` their length in widths, ``heap`` the height of the middle."""
    rng = dish.rng
    spots = sorted((tuple(dish.inside(share)) for _ in range(count)), key=lambda spot: spot[1])
    for right, near in spots:
        far = np.hypot(right, near) / max(share, 1e-6)
        lift = up + heap * (1 - far**2) * rng.uniform(0.5, 1.0)
        r = rng.uniform(*size)
        turn = rng.uniform(0, np.pi)
        reach = np.array([np.cos(turn), np.sin(turn)]) * r * (long - 1 + rng.uniform(0, 0.5))
        a = dish.spot(right + at[0] - reach[0], near + at[1] - reach[1], lift)
        b = dish.spot(right + at[0] + reach[0], near + at[1] + reach[1], lift + rng.normal(0, r * 0.4))
        wide, tone = r * dish.radius, pick(rng, tones)
        tone = blend(tone, pick(rng, (INK, WHITE, tone)), rng.uniform(0.0, 0.25))
        dish.relief.limb(
            a, b, (wide * rng.uniform(0.7, 1.1), wide * rng.uniform(0.7, 1.1)), tone, depth=0.8, plain=True
        )


def leafy(dish: Dish, count: int, share: float, size: float, *, up: float = 0.05) -> None:
    """Scatter crumpled leaves."""
    rng = dish.rng
    for _ in range(count):
        right, near = dish.inside(share)
        x, y, z = dish.spot(right, near, up + rng.uniform(0, 0.15))
        angle = np.linspace(0, 2 * np.pi, 11, endpoint=False)
        reach = size * dish.radius * rng.uniform(0.5, 1.2, 11)
        outline = smooth(np.stack([x + np.cos(angle) * reach, y + np.sin(angle) * reach * dish.flat], axis=1), steps=4)
        tone = blend(pick(rng, GREENS), pick(rng, ((220, 230, 160), INK)), rng.uniform(0, 0.3))
        dish.relief.slab(outline, z, tone, bulge=3, soft=4)


def noodles(dish: Dish, share: float, high: float, color: Color) -> None:
    """Coil noodles: contours of a smooth field look like them."""
    rng = dish.rng
    cells = max(round(dish.size[0] / dish.radius * 2.6), 2)
    coils = [np.sin(cloud(rng, dish.size, cells) * rng.uniform(1.0, 1.4) * 150).astype(np.float32) for _ in range(2)]
    over = np.clip((cloud(rng, dish.size, cells * 2) - 0.5) * 30, 0, 1)
    wave = coils[0] * over + coils[1] * (1 - over)
    paint = mixed(blend(color, (84, 44, 16), 0.42), blend(color, WHITE, 0.2), wave * 0.5 + 0.6)
    mound(dish, share, high, paint)
    dish.relief.rough += np.where(dish.relief.alpha > 0.5, wave * 0.9, 0).astype(np.float32)


def rice(dish: Dish) -> None:
    """Rice with curry, meat, egg or seaweed."""
    rng = dish.rng
    dish.bowl() if rng.random() < 0.6 else dish.plate()
    tone = pick(rng, ((246, 242, 232), (240, 226, 190), (214, 176, 110)))
    dish.relief.rough += grains(dish, 5)
    mound(dish, 0.66, 0.25, mixed(tone, blend(tone, BROWNS[0], 0.35), cloud(rng, dish.size, 80)))
    kind = int(rng.integers(4))
    if kind == 0:
        sauce = pick(rng, ((150, 90, 30), (120, 60, 30), (190, 110, 30), (96, 50, 34)))
        mound(dish, 0.5, 0.3, sauce, (0.3, 0.1))
        pieces(dish, 12, 0.4, (0.08, 0.13), (*BROWNS[:2], (220, 130, 40)), up=0.3, at=(0.25, 0.1))
    elif kind == 1:
        pieces(
            dish,
            40,
            0.55,
            (0.04, 0.08),
            pick(rng, (BROWNS, REDS, ((230, 150, 110), (240, 230, 220), (214, 110, 90)))),
            long=1.8,
            up=0.25,
        )
        pieces(dish, 12, 0.5, (0.02, 0.035), GREENS, up=0.42)
    elif kind == 2:
        egg(dish, (rng.normal(0, 0.15), rng.normal(0, 0.15)), 0.42, 0.32)
        pieces(dish, 24, 0.6, (0.02, 0.04), (*GREENS[:2], REDS[0]), up=0.3)
    else:
        pieces(dish, 60, 0.6, (0.03, 0.06), (REDS[1], GREENS[0], (236, 180, 50)), up=0.2)


def mixed_bowl(dish: Dish) -> None:
    """Rice under sectors of vegetables around an egg."""
    rng = dish.rng
    dish.bowl(0.4)
    mound(dish, 0.8, 0.12, (240, 234, 220))
    tones = [
        (220, 120, 40),
        (230, 226, 200),
        (60, 100, 40),
        (110, 70, 44),
        (200, 60, 40),
        (150, 180, 80),
        (96, 80, 60),
        (240, 200, 80),
    ]
    count = int(rng.integers(4, 7))
    for part, index in enumerate(rng.permutation(len(tones))[:count]):
        angle = 2 * np.pi * part / count
        tone = tones[int(index)]
        pieces(dish, 20, 0.3, (0.028, 0.045), (tone, blend(tone, WHITE, 0.2), blend(tone, INK, 0.2)), long=4, up=0.12, heap=0.12,
               at=(np.cos(angle) * 0.5, np.sin(angle) * 0.5))  # fmt: skip
    egg(dish, (0, 0), 0.34, 0.28)


def egg(dish: Dish, at: tuple[float, float], size: float, up: float) -> None:
    """A fried egg."""
    rng = dish.rng
    x, y, z = dish.spot(*at, up)
    angle = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    reach = size * dish.radius * rng.uniform(0.75, 1.1, 12)
    outline = smooth(np.stack([x + np.cos(angle) * reach, y + np.sin(angle) * reach * max(dish.flat, 0.6)], axis=1))
    dish.relief.slab(outline, z, (255, 254, 250), bulge=size * dish.radius * 0.06, soft=6, plain=True)
    yolk = dish.spot(at[0] + rng.normal(0, 0.05), at[1] + rng.normal(0, 0.05), up + size * 0.1)
    r = size * dish.radius * 0.42
    dish.relief.limb(
        yolk, yolk, (r, r), pick(rng, ((244, 176, 34), (248, 196, 60), (232, 140, 30))), depth=0.6, plain=True
    )


def noodle_soup(dish: Dish) -> None:
    """Noodles in broth with toppings."""
    rng = dish.rng
    dish.bowl(0.55)
    dish.liquid(0.9, pick(rng, ((190, 130, 60), (150, 60, 30), (222, 200, 160), (120, 70, 40), (196, 60, 34))))
    noodles(dish, rng.uniform(0.5, 0.72), 0.12, pick(rng, ((236, 206, 130), (244, 232, 200), (214, 170, 90))))
    if rng.random() < 0.6:
        egg_half(dish, (rng.uniform(-0.4, 0.4), rng.uniform(-0.4, 0.3)))
    for _ in range(int(rng.integers(1, 4))):
        right, near = dish.inside(0.5)
        x, y, z = dish.spot(right, near, 0.25)
        tone = pick(rng, ((206, 150, 120), (170, 100, 70), (230, 190, 170)))
        r = dish.radius * rng.uniform(0.2, 0.3)
        dish.relief.slab(oval(x, y, r, r * max(dish.flat, 0.5), rng.uniform(0, 3)), z, tone, bulge=3)
    pieces(dish, 26, 0.6, (0.02, 0.04), GREENS, up=0.25)


def egg_half(dish: Dish, at: tuple[float, float]) -> None:
    """Half a boiled egg, cut side up."""
    x, y, z = dish.spot(*at, 0.3)
    r = dish.radius * 0.2
    dish.relief.slab(oval(x, y, r, r * 0.8), z, (248, 244, 236), bulge=2)
    dish.relief.slab(oval(x + r * 0.1, y, r * 0.55, r * 0.48), z + 3, (240, 160, 40), bulge=2)


def pasta(dish: Dish) -> None:
    """Spaghetti or fried noodles on a plate with sauce."""
    rng = dish.rng
    dish.plate()
    noodles(
        dish,
        rng.uniform(0.58, 0.75),
        rng.uniform(0.15, 0.35),
        pick(rng, ((236, 196, 110), (222, 130, 50), (180, 110, 56), (240, 220, 160), (206, 80, 40))),
    )
    if rng.random() < 0.7:
        sauce = pick(rng, ((170, 44, 28), (120, 60, 36), (240, 230, 206), (90, 120, 50)))
        pieces(dish, 60, 0.38, (0.04, 0.08), (sauce, blend(sauce, WHITE, 0.15), blend(sauce, INK, 0.2)), up=0.3)
    pieces(
        dish,
        int(rng.integers(4, 24)),
        0.55,
        (0.02, 0.06),
        pick(rng, (GREENS, REDS, ((236, 150, 110), (240, 180, 150)))),
        up=0.32,
    )


def stew(dish: Dish) -> None:
    """Soup or stew with chunks."""
    rng = dish.rng
    dish.bowl(rng.uniform(0.35, 0.6))
    tone = pick(
        rng,
        ((176, 50, 24), (150, 84, 36), (206, 120, 40), (220, 196, 140), (110, 60, 34), (120, 130, 50), (240, 226, 196)),
    )
    dish.liquid(0.91, tone)
    for _ in range(int(rng.integers(1, 4))):
        first = pick(rng, (BROWNS, GREENS, PALES, REDS, ((236, 130, 40), (240, 160, 60))))
        pieces(dish, int(rng.integers(6, 22)), 0.7, (0.05, 0.14), first, up=-0.06, heap=0.12, long=rng.uniform(1, 1.8))
    pieces(dish, int(rng.integers(6, 40)), 0.65, (0.015, 0.035), GREENS, up=0.08, heap=0.05)


def stir_fry(dish: Dish) -> None:
    """A heap of meat and vegetables."""
    rng = dish.rng
    dish.plate() if rng.random() < 0.75 else dish.bowl(0.3)
    tones = pick(rng, (BROWNS, BROWNS, REDS, PALES, ((200, 140, 60), (180, 110, 40), (222, 170, 90))))
    dish.relief.rough += grains(dish, rng.uniform(0.5, 3), 60)
    pieces(dish, int(rng.integers(36, 80)), 0.62, (0.06, 0.13), tones, long=rng.uniform(1, 2.2), heap=0.3)
    for _ in range(int(rng.integers(1, 3))):
        other = pick(rng, (GREENS, REDS, ((236, 150, 40), (240, 190, 60)), ((240, 236, 220), (226, 220, 190))))
        pieces(dish, int(rng.integers(8, 30)), 0.6, (0.04, 0.09), other, long=rng.uniform(1, 3), up=0.12, heap=0.3)
    pieces(dish, int(rng.integers(0, 40)), 0.6, (0.012, 0.025), pick(rng, (GREENS, PALES)), up=0.18, heap=0.3)


def salad(dish: Dish) -> None:
    """Leaves with tomatoes, cucumber, onions and the like."""
    rng = dish.rng
    dish.bowl(0.4) if rng.random() < 0.5 else dish.plate()
    leafy(dish, int(rng.integers(24, 40)), 0.66, 0.24)
    for _ in range(int(rng.integers(4, 12))):
        right, near = dish.inside(0.6)
        spot, r = dish.spot(right, near, 0.22), dish.radius * rng.uniform(0.09, 0.15)
        if rng.random() < 0.5:
            dish.relief.limb(spot, spot, (r, r), pick(rng, REDS), depth=0.8)
        else:
            x, y, z = spot
            dish.relief.slab(
                oval(x, y, r * 1.2, r * 1.2 * dish.flat), z, pick(rng, ((90, 140, 60), (130, 60, 110), (244, 240, 230)))
            )
            dish.relief.slab(
                oval(x, y, r, r * dish.flat), z + 2, pick(rng, ((214, 230, 170), (240, 226, 240), (250, 248, 240)))
            )
    pieces(dish, int(rng.integers(6, 24)), 0.6, (0.03, 0.06), pick(rng, (PALES, BROWNS)), up=0.22)


def pizza(dish: Dish) -> None:
    """A pizza, whole or with a slice gone."""
    rng, relief = dish.rng, dish.relief
    if rng.random() < 0.6:
        dish.color = pick(rng, ((120, 84, 52), (60, 58, 60), (200, 170, 130), (240, 238, 234)))
        dish.plate()
    crust = mixed((206, 150, 84), (140, 84, 40), cloud(rng, dish.size, 20) * 1.4 - 0.3)
    cheese = mixed(
        pick(rng, ((240, 200, 96), (244, 222, 150))),
        pick(rng, ((200, 70, 34), (214, 120, 40))),
        cloud(rng, dish.size, 14) * 3 - 1.2,
    )
    cheese = mixed(cheese, (150, 90, 40), cloud(rng, dish.size, 30) * 4 - 2.8)
    gone = rng.uniform(0.6, 1.0) if rng.random() < 0.3 else 0.0
    start = rng.uniform(0, 2 * np.pi)
    angle = np.linspace(start, start + 2 * np.pi - gone, 60)
    round_ = np.array([dish.spot(np.cos(a) * 0.86, np.sin(a) * 0.86, 0.04) for a in angle])
    middle = dish.spot(0, 0, 0.04)
    outline = np.concatenate([round_[:, :2], middle[None, :2]]) if gone else round_[:, :2]
    relief.slab(outline, 0.0, cheese, bulge=2)
    z = relief.z.copy()
    relief.z[z > -100] = 0
    relief.rough += (cloud(rng, dish.size, 40) - 0.5) * 3
    spots = [dish.spot(np.cos(a) * 0.88, np.sin(a) * 0.88, 0.05) for a in angle]
    for one, two in pairwise(spots):
        relief.limb((one[0], one[1], 2), (two[0], two[1], 2), (dish.radius * 0.085,) * 2, crust)
    toppings: list[tuple[Color, float, int]] = [
        ((172, 44, 30), 0.12, 14),
        ((50, 46, 44), 0.045, 20),
        ((70, 116, 44), 0.08, 12),
        ((232, 200, 170), 0.09, 14),
        ((206, 50, 36), 0.1, 8),
    ]
    for index in rng.permutation(5)[: int(rng.integers(1, 4))]:
        tone, r, count = toppings[int(index)]
        for _ in range(count):
            right, near = dish.inside(0.72)
            if gone and (np.arctan2(near, right) - start) % (2 * np.pi) > 2 * np.pi - gone - 0.1:
                continue
            x, y, _ = dish.spot(right, near, 0.06)
            wide = dish.radius * r * rng.uniform(0.8, 1.15)
            relief.slab(oval(x, y, wide, wide * dish.flat), 2 + rng.random() * 3, tone, bulge=2, soft=3)
    if rng.random() < 0.6:
        lines = np.zeros(dish.size[::-1], dtype=np.float32)
        y, x = np.mgrid[0 : dish.size[1], 0 : dish.size[0]]
        for a in start + np.arange(4) * np.pi / 4:
            off = (x - middle[0]) * np.sin(a) - (y - middle[1]) / dish.flat * np.cos(a)
            lines = np.maximum(lines, np.exp(-((off / 1.3) ** 2)).astype(np.float32))
        relief.rough -= lines * 4


FLAT_DISHES: tuple[Callable[[Dish], None], ...] = (
    rice,
    mixed_bowl,
    noodle_soup,
    pasta,
    stew,
    stew,
    stir_fry,
    stir_fry,
    stir_fry,
    salad,
    pizza,
    pizza,
)
"""Dishes that look well from above too."""
