"""Pancakes, cakes, doughnuts, ice cream, fruit and drinks."""

from itertools import pairwise

import numpy as np
from PIL import ImageDraw

from beam_jobs.demo.draw.canvas import INK, SUPERSAMPLE, WHITE, Color, Points, blend, hsv, oval, pick, smooth, xy
from beam_jobs.demo.draw.foods import BROWNS, GREENS, REDS, grains, pieces
from beam_jobs.demo.draw.photo import shadow
from beam_jobs.demo.draw.relief import Paint, cloud, curve, mixed
from beam_jobs.demo.draw.tableware import Dish


def disc(dish: Dish, at: tuple[float, float], up: float, radius: float, tall: float, side: Paint, top: Paint) -> None:
    """Add a flat cylinder: a pancake, a cake, a patty."""
    x, y, z = dish.spot(*at, up + tall)
    wide = radius * dish.radius
    drop = tall * dish.radius * dish.rise
    t = np.linspace(0, np.pi, 30)
    front = np.stack([x + np.cos(t) * wide, y + np.sin(t) * wide * dish.flat], 1)
    dish.relief.slab(
        np.concatenate([front, (front + np.array([0, drop]))[::-1]]), z + wide * 0.2, side, bulge=3, soft=4
    )
    dish.relief.slab(oval(x, y, wide, wide * dish.flat), z + wide * 0.21, top, bulge=2, soft=4)


def pancakes(dish: Dish) -> None:
    """A stack of pancakes with syrup, butter and berries."""
    rng = dish.rng
    dish.plate()
    side = (236, 196, 120)
    top = mixed((200, 130, 60), (150, 84, 36), cloud(rng, dish.size, 10) * 1.6 - 0.4)
    up = 0.02
    for _ in range(int(rng.integers(3, 8))):
        disc(dish, (rng.normal(0, 0.02), rng.normal(0, 0.02)), up, rng.uniform(0.5, 0.56), 0.09, side, top)
        up += 0.1
    x, y, z = dish.spot(0, 0, up)
    r = dish.radius
    dish.relief.slab(
        smooth(
            np.array(
                [
                    (
                        x + np.cos(a) * r * rng.uniform(0.25, 0.5),
                        y + np.sin(a) * r * dish.flat * rng.uniform(0.25, 0.55),
                    )
                    for a in np.linspace(0, 5.6, 9)
                ]
            )
        ),
        z + r * 0.24,
        (140, 70, 20),
        bulge=2,
    )
    lift = z + r * 0.3
    dish.relief.slab(
        np.array(
            [
                (x - r * 0.1, y - r * 0.06),
                (x + r * 0.1, y - r * 0.08),
                (x + r * 0.12, y + r * 0.04),
                (x - r * 0.08, y + r * 0.06),
            ]
        ),
        lift,
        (250, 226, 130),
        bulge=3,
    )
    for _ in range(int(rng.integers(0, 9))):
        px, py = rng.normal(0, r * 0.22, 2)
        dish.relief.limb(
            (x + px, y + py * dish.flat, lift),
            (x + px, y + py * dish.flat, lift),
            (r * 0.07, r * 0.07),
            pick(rng, (REDS[0], (50, 56, 110), REDS[2])),
        )


def cake(dish: Dish) -> None:
    """A round cake with cream and fruit."""
    rng = dish.rng
    dish.plate()
    tone = pick(rng, ((250, 244, 232), (86, 50, 34), (244, 190, 196), (226, 200, 150), hsv(rng.random(), 0.3, 0.95)))
    layers: Paint = tone
    yy = np.arange(dish.size[1], dtype=np.float32)[:, None] + np.zeros(dish.size[0], dtype=np.float32)
    if rng.random() < 0.5:
        bands = np.sin(yy * 2 * np.pi / (dish.radius * rng.uniform(0.14, 0.24)))
        layers = mixed(pick(rng, ((214, 160, 90), (110, 64, 40))), (250, 240, 224), (bands - 0.3) * 4)
    tall, wide = rng.uniform(0.35, 0.65), rng.uniform(0.5, 0.64)
    disc(dish, (0, 0), 0, wide, tall, layers, tone)
    x, y, z = dish.spot(0, 0, tall)
    r, lift = dish.radius, z + dish.radius * 0.2
    count = int(rng.integers(6, 14))
    cream: Color = pick(rng, ((252, 248, 240), (244, 200, 206), (110, 66, 44)))
    berry: Color = pick(rng, (REDS[0], REDS[2], (60, 56, 110), (240, 160, 50)))
    for angle in np.linspace(0, 2 * np.pi, count, endpoint=False):
        px, py = x + np.cos(angle) * r * wide * 0.8, y + np.sin(angle) * r * wide * 0.8 * dish.flat
        for step in range(3):
            dish.relief.limb(
                (px, py - step * r * 0.04, lift + step * 3),
                (px, py - step * r * 0.04, lift + step * 3),
                (r * (0.1 - 0.028 * step),) * 2,
                cream,
            )
        if rng.random() < 0.6:
            dish.relief.limb(
                (px, py - r * 0.12, lift + 12), (px, py - r * 0.1, lift + 12), (r * 0.06, r * 0.075), berry
            )
    pieces(dish, int(rng.integers(0, 40)), 0.35, (0.015, 0.04), (berry, cream, BROWNS[0]), up=tall + 0.22, heap=0.05)


def doughnuts(dish: Dish) -> None:
    """Rings with glaze and sprinkles."""
    rng, r = dish.rng, dish.radius
    dish.plate()
    for right, near in ((-0.38, -0.3), (0.38, -0.25), (-0.02, 0.35))[: int(rng.integers(1, 4))]:
        dough = (214, 150, 80)
        glaze = pick(rng, ((90, 50, 34), (244, 160, 180), (250, 244, 236), hsv(rng.random(), 0.4, 0.95)))
        ring = [
            dish.spot(right + np.cos(a) * 0.22, near + np.sin(a) * 0.22, 0.12) for a in np.linspace(0, 2 * np.pi, 17)
        ]
        for one, two in pairwise(ring):
            dish.relief.limb(one, two, (r * 0.145,) * 2, dough)
            dish.relief.limb(
                one + np.array([0, -r * 0.015, 6]), two + np.array([0, -r * 0.015, 6]), (r * 0.125,) * 2, glaze
            )
        for _ in range(int(rng.choice([0, 30]))):
            a, far = rng.uniform(0, 2 * np.pi), rng.uniform(0.14, 0.3)
            spot = dish.spot(right + np.cos(a) * far, near + np.sin(a) * far, 0.2) + np.array([0, 0, r * 0.12])
            dish.relief.limb(
                spot, spot + np.array([*rng.normal(0, r * 0.02, 2), 0]), (r * 0.012,) * 2, hsv(rng.random(), 0.8, 0.95)
            )


def fruit(dish: Dish) -> None:
    """Apples, oranges, berries, bananas, grapes."""
    rng, r = dish.rng, dish.radius
    dish.bowl(0.45) if rng.random() < 0.5 else dish.plate()
    tones: tuple[Color, ...] = (
        (200, 40, 40),
        (236, 140, 30),
        (150, 180, 60),
        (240, 210, 70),
        (110, 40, 90),
        (222, 90, 60),
    )
    kind = pick(rng, ("large", "large", "berries", "slices"))
    if kind == "slices":
        for right, near in sorted((tuple(dish.inside(0.55)) for _ in range(12)), key=lambda spot: spot[1]):
            x, y, z = dish.spot(right, near, 0.15)
            tone = pick(rng, ((236, 140, 30), (214, 50, 50), (240, 220, 90), (150, 190, 60)))
            wide = r * rng.uniform(0.18, 0.26)
            for share, color in ((1.0, tone), (0.88, (250, 240, 214)), (0.8, blend(tone, WHITE, 0.15))):
                dish.relief.slab(
                    oval(x, y, wide * share, wide * share * max(dish.flat, 0.6)), z + (1 - share) * 10, color, bulge=1
                )
        return
    if kind == "large" and rng.random() < 0.4:
        for shift in (0.0, 0.14, 0.28):
            spots = curve(
                [
                    dish.spot(-0.6, -0.1 + shift, 0.25),
                    dish.spot(0.0, 0.2 + shift, 0.2),
                    dish.spot(0.55, -0.2 + shift, 0.3),
                ]
            )
            dish.relief.chain(spots, (r * 0.1, r * 0.08), (238, 204, 70))
    size = (0.2, 0.28) if kind == "large" else (0.06, 0.11)
    chosen = [tones[int(i)] for i in rng.permutation(len(tones))[: int(rng.integers(1, 4))]]
    for right, near in sorted(
        (tuple(dish.inside(0.6)) for _ in range(11 if kind == "large" else 60)), key=lambda spot: spot[1]
    ):
        tone, wide = pick(rng, chosen), r * rng.uniform(*size)
        spot = dish.spot(right, near, 0.12 + 0.2 * (1 - np.hypot(right, near)))
        dish.relief.limb(spot, spot + np.array([0, wide * 0.15, 0]), (wide, wide * 0.95), tone)
        if kind == "large" and rng.random() < 0.5:
            tip = spot + np.array([rng.normal(0, 3), -wide * 0.9, wide])
            dish.relief.limb(spot + np.array([0, -wide * 0.5, wide]), tip, (1.6, 1.2), (70, 50, 30))


def coffee(dish: Dish) -> None:
    """A cup on its saucer, with or without a pattern in the foam."""
    rng, at = dish.rng, dish.at
    dish.plate()
    dish.at = (at[0], at[1] - dish.radius * 0.3 * dish.rise)
    saucer = dish.radius
    dish.radius *= 0.6
    pen = ImageDraw.Draw(dish.image)
    side = float(rng.choice([-1, 1]))
    x, y, _ = dish.spot(side * 1.15, 0.1, -0.2) * SUPERSAMPLE
    r = dish.radius * SUPERSAMPLE
    pen.ellipse(
        [x - r * 0.3, y - r * 0.3 * max(dish.flat, 0.6), x + r * 0.3, y + r * 0.3 * max(dish.flat, 0.6)],
        outline=blend(dish.color, INK, 0.15),
        width=max(round(r * 0.13), 4),
    )
    dish.bowl(0.75)
    tone = pick(rng, ((120, 72, 40), (70, 40, 26), (170, 120, 76), (150, 90, 30), (110, 130, 60)))
    dish.liquid(0.88, tone, gloss=rng.random() < 0.5)
    if rng.random() < 0.6:
        foam = blend(tone, (250, 240, 220), 0.85)
        for share in (0.62, 0.46, 0.3):
            heart: Points = np.array([(0, 0.75), (-0.75, 0.0), (-0.6, -0.6), (0, -0.3), (0.6, -0.6), (0.75, 0.0)])
            outline = smooth(heart) * share * np.array([dish.radius, dish.radius * dish.flat]) + dish.spot(0, 0)[:2]
            pen.polygon(xy(outline * SUPERSAMPLE), fill=foam if share != 0.46 else tone)
    dish.radius, dish.at = saucer, at


def glass(dish: Dish) -> None:
    """A tall drink or an ice cream in a glass, seen from the side."""
    rng, image = dish.rng, dish.image
    r = dish.radius * SUPERSAMPLE * rng.uniform(0.3, 0.42)
    x, y = dish.at[0] * SUPERSAMPLE, dish.at[1] * SUPERSAMPLE + r * 1.2
    tall, flat = r * rng.uniform(1.8, 2.6), 0.22
    shadow(image, oval(x + r * 0.5, y, r * 1.4, r * 0.4), 0.5, r * 0.2)
    drink = pick(
        rng,
        ((236, 150, 30), (200, 40, 50), (222, 170, 60), (90, 50, 30), (244, 190, 200), (150, 190, 80), (236, 220, 190)),
    )
    pen = ImageDraw.Draw(image)
    for step in np.linspace(-1, 1, 40):
        half = np.sqrt(max(1 - step**2, 0)) * r * flat
        tone = blend(
            blend(drink, INK, 0.35 * abs(step) ** 2), WHITE, 0.35 * float(np.exp(-(((step + 0.55) / 0.12) ** 2)))
        )
        wide = 0.8
        pen.polygon(
            [
                (x + step * r, y - tall),
                (x + (step + 0.06) * r, y - tall),
                (x + (step + 0.06) * r * wide, y + half),
                (x + step * r * wide, y + half),
            ],
            fill=tone,
        )
    for share, tone in ((1.0, (226, 232, 236)), (0.93, blend(drink, WHITE, 0.3))):
        pen.polygon(xy(oval(x, y - tall, r * share, r * flat * share)), fill=tone)
    top = (y - tall) / SUPERSAMPLE
    mid, small = x / SUPERSAMPLE, r / SUPERSAMPLE
    if rng.random() < 0.5:
        cream = pick(rng, ((252, 246, 236), (244, 196, 206), (130, 84, 56)))
        for _ in range(9):
            px, py = rng.normal(0, small * 0.35), -abs(rng.normal(0, small * 0.4))
            dish.relief.limb(
                (mid + px, top + py, 0), (mid + px * 0.8, top + py, 0), (small * 0.42, small * 0.35), cream
            )
    else:
        for _ in range(6):
            px = rng.normal(0, small * 0.4)
            dish.relief.limb(
                (mid + px, top, 0), (mid + px + 3, top + 2, 0), (small * 0.22, small * 0.2), blend(drink, WHITE, 0.6)
            )
    if rng.random() < 0.6:
        lean = rng.normal(0, 0.4) * r
        pen.line(
            [x, y - tall, x + lean, y - tall - r * 1.4], fill=hsv(rng.random(), 0.6, 0.8), width=max(round(r * 0.09), 4)
        )


def ice_cream(dish: Dish) -> None:
    """Scoops in a bowl."""
    rng, r = dish.rng, dish.radius
    dish.bowl(0.5)
    dish.relief.rough += grains(dish, 3, 40)
    for right, near, up in ((-0.32, -0.1, 0.25), (0.32, -0.05, 0.25), (0.0, 0.25, 0.3), (0.0, 0.0, 0.7))[
        : int(rng.integers(2, 5))
    ]:
        tone = pick(
            rng, ((250, 240, 214), (236, 150, 160), (110, 66, 44), (170, 200, 150), (240, 200, 120), (150, 110, 160))
        )
        spot = dish.spot(right, near, up)
        dish.relief.limb(spot, spot, (r * 0.36, r * 0.36), tone)
    pieces(dish, int(rng.integers(4, 30)), 0.4, (0.02, 0.06), pick(rng, (BROWNS, REDS, GREENS)), up=0.95, heap=0.1)
