"""food_photo: dishes on a laid table."""

import numpy as np
from PIL import Image

from beam_jobs.demo.draw.canvas import extent, pick, shrink
from beam_jobs.demo.draw.foods import FLAT_DISHES
from beam_jobs.demo.draw.photo import finish
from beam_jobs.demo.draw.relief import place
from beam_jobs.demo.draw.tableware import Dish, cutlery, table
from beam_jobs.demo.draw.treats import STEEP, TREATS


def food_photo(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a dish, or a table full of them, as a photograph."""
    width, height = extent(rng, size, 0.75, 1.5)
    image = table(rng, width, height)
    flat = float(rng.choice([1.0, rng.uniform(0.72, 0.95), rng.uniform(0.5, 0.72)]))
    if rng.random() < 0.12:
        _spread(image, rng, width, height, flat)
    else:
        _single(image, rng, width, height, flat)
    return finish(shrink(image), rng, soft=0.35)


def _single(image: Image.Image, rng: np.random.Generator, width: int, height: int, flat: float) -> None:
    """One dish, all of it or closer; perhaps others at the edge."""
    cook = pick(rng, (*FLAT_DISHES, *TREATS))
    if cook in STEEP:
        flat = float(rng.uniform(0.3, 0.55))
    radius = min(width / 2, height / 2 / max(flat, 0.7)) * (
        rng.uniform(0.8, 1.15) if rng.random() < 0.75 else rng.uniform(1.15, 1.6)
    )
    x, y = width * rng.uniform(0.42, 0.58), height * rng.uniform(0.46, 0.58)
    for _ in range(int(rng.integers(0, 3))):
        side = rng.choice([-1, 1])
        cutlery(image, rng, (x + side * radius * rng.uniform(1.1, 1.3), y), radius * rng.uniform(1.2, 1.7))
    if rng.random() < 0.35:
        angle = rng.uniform(3.3, 6.1)
        beside = (x + np.cos(angle) * radius * 1.6, y + np.sin(angle) * radius * 1.6 * flat)
        _serve(Dish(image, rng, beside, radius * rng.uniform(0.4, 0.8), flat))
    dish = Dish(image, rng, (x, y), radius, flat)
    cook(dish)
    _light(dish)


def _spread(image: Image.Image, rng: np.random.Generator, width: int, height: int, flat: float) -> None:
    """Many small dishes."""
    columns = int(rng.integers(2, 4))
    rows = min(max(round(height / (width / columns * flat)), 1), 2 if columns == 3 else 3)
    radius = min(width / columns, height / rows / flat) * 0.52
    shared = None
    for row in range(rows):
        for column in range(columns):
            at = (
                (column + 0.5 + rng.normal(0, 0.05)) * width / columns,
                (row + 0.5 + rng.normal(0, 0.05)) * height / rows,
            )
            dish = Dish(image, rng, at, radius * rng.uniform(0.78, 1.0), flat, shared)
            shared = dish
            pick(rng, FLAT_DISHES[:-2])(dish)
    if shared is not None:
        _light(shared)


def _serve(dish: Dish) -> None:
    pick(dish.rng, FLAT_DISHES)(dish)
    _light(dish)


def _light(dish: Dish) -> None:
    rng = dish.rng
    gloss = float(rng.choice([0.04, 0.12, 0.28]))
    place(
        dish.image,
        *dish.relief.lit(dish.light, ambient=float(rng.uniform(0.45, 0.65)), gloss=gloss, melt=3, joined=0.45),
    )
