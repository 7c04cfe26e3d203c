"""Made things by proportions (vehicles, buildings, instruments, furniture), as the coloured parts of `things`."""

from collections.abc import Callable

import numpy as np

from beam_jobs.demo.draw.bodies import LIVING
from beam_jobs.demo.draw.canvas import Points, oval, pick, smooth
from beam_jobs.demo.draw.shapes import ellipse_at, framed, limb
from beam_jobs.demo.draw.things import LINE, Part, any_thing

_Builder = Callable[[np.random.Generator], list[Part]]


def _box(left: float, top: float, right: float, bottom: float) -> Points:
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], dtype=np.float64)


def _line(*points: tuple[float, float]) -> Part:
    return np.asarray(points, dtype=np.float64), LINE


def _guitar(rng: np.random.Generator) -> list[Part]:
    wide, waist, neck = rng.uniform(0.35, 0.5), rng.uniform(0.18, 0.3), rng.uniform(0.8, 1.2)
    half = np.array([[0.08, -0.1], [wide * 0.75, 0.1], [waist, 0.4], [wide, 0.85], [wide * 0.5, 1.1]])
    body = smooth(np.concatenate([half, half[::-1] * (-1, 1)]))
    parts: list[Part] = [(body, 0), (_box(-0.06, -neck, 0.06, 0.5), 2), (_box(-0.11, -neck - 0.25, 0.11, -neck), 1)]
    parts += [(oval(0, 0.4, 0.14, 0.14), 2), (_box(-0.15, 0.8, 0.15, 0.87), 2)]
    parts += [_line((x, -neck), (x, 0.82)) for x in (-0.03, 0.0, 0.03)]
    turn = rng.uniform(-1.2, 1.2)
    spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return [(points @ spin, role) for points, role in parts]


def _building(rng: np.random.Generator) -> list[Part]:
    kind = pick(rng, ("house", "tower", "castle", "church", "skyline"))
    parts: list[Part] = []
    if kind == "skyline":
        left = -1.0
        while left < 1:
            wide, tall = rng.uniform(0.15, 0.4), rng.uniform(0.4, 1.7)
            parts.append((_box(left, 0.9 - tall, left + wide, 0.9), int(rng.choice([0, 1, 2]))))
            for y in np.arange(1.0 - tall, 0.75, 0.22):
                parts += [(_box(left + wide * x, y, left + wide * (x + 0.22), y + 0.1), 3) for x in (0.16, 0.6)]
            left += wide * rng.uniform(0.8, 1.1)
        return parts
    wide, tall = rng.uniform(0.5, 0.95), rng.uniform(0.5, 1.0)
    roof = rng.uniform(0.4, 0.9)
    parts.append((_box(-wide, 0.9 - tall, wide, 0.9), 3))
    if kind == "castle":
        for x in (-wide, 0.0, wide):
            high = 0.9 - tall - rng.uniform(0.2, 0.6)
            parts.append((_box(x - 0.22, high, x + 0.22, 0.9), 3))
            if rng.random() < 0.5:
                parts.append((np.array([[x - 0.3, high], [x, high - 0.5], [x + 0.3, high]]), 0))
            else:
                parts += [(_box(x - 0.24 + 0.18 * k, high - 0.12, x - 0.14 + 0.18 * k, high), 0) for k in range(3)]
            parts.append((_box(x - 0.05, high + 0.2, x + 0.05, high + 0.4), 2))
    elif kind == "tower":
        for step in range(int(rng.integers(2, 5))):
            y = 0.9 - tall - 0.35 * step
            parts.append(
                (_box(-wide * (0.8 - 0.15 * step), y - 0.35, wide * (0.8 - 0.15 * step), y), int(step % 2) * 3)
            )
    elif kind == "church":
        parts.append((_box(-0.2, -0.3 - tall * 0.5, 0.2, 0.9), 3))
        parts.append((np.array([[-0.3, -0.3 - tall * 0.5], [0, -1.2 - tall * 0.5], [0.3, -0.3 - tall * 0.5]]), 0))
    else:
        parts.append((_box(wide * 0.3, 0.7 - tall - roof, wide * 0.5, 0.9 - tall), 2))
        top = rng.uniform(0.0, 0.6) * wide
        eave = wide * rng.uniform(1.0, 1.25)
        parts.append(
            (
                np.array(
                    [[-eave, 0.9 - tall], [-top, 0.9 - tall - roof], [top, 0.9 - tall - roof], [eave, 0.9 - tall]]
                ),
                0,
            )
        )
    door = rng.uniform(-0.5, 0.5) * wide
    parts.append((_box(door - 0.11, 0.55, door + 0.11, 0.9), 1))
    for x in np.linspace(-wide * 0.75, wide * 0.75, int(rng.integers(2, 5))):
        if abs(x - door) > 0.25:
            y = 0.9 - tall * 0.75
            parts += [
                (_box(x - 0.12, y, x + 0.12, y + 0.24), 4),
                _line((x, y), (x, y + 0.24)),
                _line((x - 0.12, y + 0.12), (x + 0.12, y + 0.12)),
            ]
    return parts


def _wheels(rng: np.random.Generator, y: float, places: tuple[float, ...], r: float) -> list[Part]:
    hub = rng.uniform(0.3, 0.6)
    return [(oval(x, y, r * k, r * k), role) for x in places for k, role in ((1.0, 2), (hub, 3))]


def _vehicle(rng: np.random.Generator) -> list[Part]:
    kind = pick(rng, ("truck", "bus", "plane", "ship", "bicycle", "train", "sail", "helicopter"))
    if kind == "truck":
        cab = rng.uniform(0.4, 0.6)
        return [(_box(-1 + cab, -0.7, 1, 0.3), 0), (np.array([[-1, 0.3], [-1, -0.1], [-0.9 + cab * 0.2, -0.5], [-1 + cab, -0.5], [-1 + cab, 0.3]]), 1),
                (np.array([[-0.92, -0.1], [-0.78, -0.4], [-1.08 + cab, -0.4], [-1.08 + cab, -0.1]]), 3), *_wheels(rng, 0.35, (-0.65, 0.3, 0.72), 0.2)]  # fmt: skip
    if kind in ("bus", "train"):
        parts: list[Part] = [(smooth(np.array([[-0.95, -0.45], [0.95, -0.45], [1, 0.3], [-1, 0.3]]), steps=5), 0)]
        parts += [(_box(x, -0.35, x + 0.24, -0.05), 3) for x in (-0.8, -0.45, -0.1, 0.25, 0.6)]
        parts += [
            (_box(-0.95, 0.08, 0.95, 0.16), 4),
            *_wheels(rng, 0.42, (-0.6, 0.6) if kind == "bus" else (-0.75, -0.5, 0.5, 0.75), 0.17),
        ]
        return parts
    if kind == "plane":
        return [(np.array([[-0.1, 0], [0.45, -0.75], [0.62, -0.75], [0.3, 0]]), 1), (np.array([[0.7, -0.05], [0.9, -0.45], [1.05, -0.45], [0.98, 0]]), 1),
                (smooth(np.array([[-1, 0.05], [-0.7, -0.15], [0.7, -0.12], [1.05, -0.08], [0.7, 0.15], [-0.7, 0.2]])), 0),
                (np.array([[-0.15, 0.08], [0.5, 0.7], [0.68, 0.7], [0.3, 0.08]]), 1), *[(oval(x, -0.02, 0.05, 0.06), 3) for x in np.arange(-0.6, 0.6, 0.2)]]  # fmt: skip
    if kind == "ship":
        return [(_box(-0.1, -0.8, 0.12, -0.3), 4), (_box(0.25, -0.7, 0.45, -0.3), 4), (_box(-0.55, -0.3, 0.65, 0.0), 3), (_box(-0.7, 0.0, 0.75, 0.25), 3),
                (np.array([[-1, 0.2], [1, 0.2], [0.7, 0.75], [-0.75, 0.75]]), 0), *[(oval(x, 0.42, 0.06, 0.06), 3) for x in (-0.5, -0.2, 0.1, 0.4)]]  # fmt: skip
    if kind == "sail":
        return [(np.array([[-0.05, -1], [-0.05, 0.35], [-0.8, 0.35]]), 3), (np.array([[0.03, -0.9], [0.03, 0.35], [0.75, 0.35]]), 4), _line((0, -1), (0, 0.6)),
                (smooth(np.array([[-0.95, 0.5], [0.95, 0.5], [0.6, 0.9], [-0.6, 0.9]]), steps=4), 0)]  # fmt: skip
    if kind == "helicopter":
        return [(limb([(0.2, -0.1), (1.0, -0.2)], [0.3, 0.1]), 0), (np.array([[0.9, -0.2], [1.1, -0.5], [1.1, 0.0]]), 1), (smooth(np.array([[-0.8, 0.1], [-0.3, -0.45], [0.4, -0.3], [0.3, 0.35], [-0.5, 0.4]])), 0),
                (smooth(np.array([[-0.7, 0.05], [-0.35, -0.3], [-0.1, -0.25], [-0.1, 0.1]])), 3), _line((-0.9, -0.62), (0.8, -0.62)), _line((0, -0.6), (0, -0.4)), _line((-0.7, 0.62), (0.4, 0.62)), _line((-0.3, 0.4), (-0.3, 0.6)), _line((0.1, 0.38), (0.1, 0.6))]  # fmt: skip
    r = rng.uniform(0.36, 0.46)
    rims = [
        (np.concatenate([oval(x, 0.4, k * r, k * r), oval(x, 0.4, k * r, k * r)[:1]]), LINE)
        for x in (-0.6, 0.6)
        for k in (1.0, 0.88)
    ]
    return [
        *rims,
        _line((-0.6, 0.4), (-0.3, -0.2), (0.35, -0.2), (0.0, 0.4), (-0.6, 0.4)),
        _line((0.0, 0.4), (-0.35, -0.35)),
        _line((-0.5, -0.37), (-0.2, -0.37)),
        _line((0.6, 0.4), (0.3, -0.4), (0.45, -0.5)),
    ]


def _plant(rng: np.random.Generator) -> list[Part]:
    parts: list[Part] = []
    pot = rng.random() < 0.5
    for _ in range(int(rng.integers(1, 7))):
        tip = np.array([rng.normal(0, 0.4), -rng.uniform(0.1, 0.9)])
        stem = np.array([(0, 0.5), (tip[0] * 0.3, tip[1] * 0.4 + 0.1), tip])
        parts.append((limb(stem, [0.05, 0.04, 0.03]), 1))
        for share in (0.35, 0.6):
            at, side = stem[0] * (1 - share) + stem[2] * share, rng.choice([-1, 1])
            parts.append(
                (
                    smooth(
                        np.array([at, at + (side * 0.18, -0.12), at + (side * 0.38, -0.08), at + (side * 0.18, 0.06)])
                    ),
                    1,
                )
            )
        count, r = int(rng.integers(4, 10)), rng.uniform(0.12, 0.24)
        if rng.random() < 0.7:
            for a in np.arange(count) * 2 * np.pi / count:
                parts.append((oval(tip[0] + np.cos(a) * r, tip[1] + np.sin(a) * r, r * 0.8, r * 0.45, a, 16), 0))
            parts.append((ellipse_at(tip, r * 0.5, r * 0.5), 4))
        else:
            parts.append(
                (
                    smooth(
                        np.array(
                            [
                                tip + (-r, -r),
                                tip + (0, -r * 0.4),
                                tip + (r, -r),
                                tip + (r * 0.7, r),
                                tip + (-r * 0.7, r),
                            ]
                        )
                    ),
                    0,
                )
            )
    if pot:
        parts += [
            (np.array([[-0.4, 0.45], [0.4, 0.45], [0.28, 1.0], [-0.28, 1.0]]), 4),
            (_box(-0.46, 0.35, 0.46, 0.5), 4),
        ]
    return parts


def _household(rng: np.random.Generator) -> list[Part]:
    kind = int(rng.integers(6))
    if kind == 0:  # pitcher or teapot
        wide = rng.uniform(0.45, 0.7)
        body = smooth(np.array([[-0.3, -0.55], [0.3, -0.55], [wide, 0.2], [0.4, 0.8], [-0.4, 0.8], [-wide, 0.2]]))
        ring = np.stack(
            [0.55 + 0.35 * np.cos(np.linspace(-1.4, 1.4, 14)), 0.45 * np.sin(np.linspace(-1.4, 1.4, 14))], axis=1
        )
        return [
            (ring, LINE),
            (limb([(-0.4, 0.4), (-0.8, 0.1), (-0.95, -0.3)], [0.3, 0.16, 0.1]), 0),
            (body, 0),
            (oval(0, -0.55, 0.32, 0.09), 3),
            (oval(0, -0.68, 0.08, 0.08), 1),
        ]
    if kind == 1:  # table
        return [
            *[(_box(x - 0.05, -0.2, x + 0.05, 0.8), 2) for x in (-0.7, 0.7)],
            (_box(-0.95, -0.35, 0.95, -0.2), 0),
            *any_thing(rng)[:0],
            (_box(-0.3, -0.6, 0.1, -0.35), 1),
        ]
    if kind == 2:  # sofa or bed
        return [
            (smooth(np.array([[-0.8, -0.5], [0.8, -0.5], [0.85, 0.3], [-0.85, 0.3]]), steps=5), 0),
            (_box(-0.7, 0.0, 0.7, 0.35), 1),
            *[(limb([(s * 0.85, -0.05), (s * 0.85, 0.45)], [0.28, 0.28]), 0) for s in (-1, 1)],
            *[(_box(s * 0.75 - 0.05, 0.5, s * 0.75 + 0.05, 0.7), 2) for s in (-1, 1)],
        ]
    if kind == 3:  # hat
        return [
            (oval(0, 0.35, 1.0, rng.uniform(0.15, 0.3)), 0),
            (smooth(np.array([[-0.5, 0.35], [-0.45, -0.4], [0, -0.5], [0.45, -0.4], [0.5, 0.35], [0, 0.45]])), 0),
            (limb([(-0.5, 0.22), (0, 0.32), (0.5, 0.22)], [0.14, 0.14, 0.14]), 1),
        ]
    if kind == 4:  # screen or laptop
        return [
            (_box(-0.9, -0.7, 0.9, 0.4), 2),
            (_box(-0.82, -0.62, 0.82, 0.32), 3),
            (_box(-0.6, -0.4, 0.2, -0.3), 0),
            (_box(-0.6, -0.15, 0.5, -0.05), 1),
            (np.array([[-0.12, 0.4], [0.12, 0.4], [0.3, 0.75], [-0.3, 0.75]]), 2),
        ]
    return [
        (limb([(-0.75, -0.8), (0.1, 0.1)], [0.14, 0.14]), 1),
        (np.array([[-0.05, 0.25], [0.25, -0.05], [0.9, 0.7], [0.7, 0.9]]), 0),
        (oval(-0.78, -0.82, 0.14, 0.14), 2),
    ]


def _food(rng: np.random.Generator) -> list[Part]:
    kind = int(rng.integers(4))
    if kind == 0:  # burger
        layers = rng.permutation([0, 1, 4, 2, 4])[: int(rng.integers(3, 6))]
        parts: list[Part] = [(smooth(np.array([[-0.8, 0.45], [0.8, 0.45], [0.7, 0.8], [-0.7, 0.8]]), steps=5), 0)]
        parts += [
            (
                limb([(-0.8, 0.42 - 0.14 * k), (0, 0.46 - 0.14 * k), (0.8, 0.42 - 0.14 * k)], [0.14, 0.14, 0.14]),
                int(role),
            )
            for k, role in enumerate(layers)
        ]
        y = 0.4 - 0.14 * len(layers)
        return [
            *parts,
            (smooth(np.array([[-0.85, y], [-0.6, y - 0.55], [0, y - 0.75], [0.6, y - 0.55], [0.85, y]])), 0),
            *[(oval(rng.uniform(-0.5, 0.5), y - rng.uniform(0.2, 0.5), 0.05, 0.03), 3) for _ in range(6)],
        ]
    if kind == 1:  # pizza slice
        return [
            (np.array([[-0.8, -0.6], [0.8, -0.6], [0.0, 1.0]]), 1),
            (limb([(-0.85, -0.65), (0, -0.8), (0.85, -0.65)], [0.24, 0.24, 0.24]), 0),
            *[(oval(x, y, 0.14, 0.14), 4) for x, y in ((-0.3, -0.3), (0.3, -0.25), (0.0, 0.2))],
        ]
    if kind == 2:  # bowl
        return [
            *[_line((x, -0.3), (x + 0.1, -0.6), (x, -0.9)) for x in (-0.3, 0.05, 0.4)],
            (oval(0, -0.05, 0.9, 0.2), 1),
            (smooth(np.array([[-0.92, 0.0], [0, 0.16], [0.92, 0.0], [0.5, 0.75], [-0.5, 0.75]])), 0),
        ]
    count = int(rng.integers(3, 8))  # fruit in a bunch
    return [
        _line((0, -0.3), (0.1, -0.7), (0.3, -1.0)),
        (smooth(np.array([[0.1, -0.7], [0.5, -1.0], [0.8, -0.7], [0.4, -0.6]])), 1),
        *[(oval(rng.normal(0, 0.3), 0.1 + rng.normal(0, 0.3), 0.3, 0.32), 0) for _ in range(count)],
    ]


MADE: tuple[_Builder, ...] = (_guitar, _building, _building, _vehicle, _vehicle, _plant, _household, _food)
"""Drawers of made things and plants."""


def anything(rng: np.random.Generator, *, living: float = 0.4) -> list[Part]:
    """Return the parts of any thing: an animal or a person with the chance ``living``, else an object."""
    if rng.random() < living:
        return pick(rng, LIVING)(rng)
    if rng.random() < 0.45:
        return framed(any_thing(rng))
    return framed(pick(rng, MADE)(rng))
