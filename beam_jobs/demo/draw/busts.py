"""Heads with shoulders by proportions, from the front or turned, as the coloured parts of `things`."""

import numpy as np

from beam_jobs.demo.draw.canvas import Points, oval, pick, smooth
from beam_jobs.demo.draw.shapes import framed
from beam_jobs.demo.draw.things import LINE, Part


def _arc(x: float, y: float, rx: float, ry: float, start: float, stop: float) -> Points:
    angle = np.linspace(start, stop, 12) * np.pi
    return np.stack([x + rx * np.cos(angle), y + ry * np.sin(angle)], axis=1)


def bust(rng: np.random.Generator) -> list[Part]:
    """Return a person's head and shoulders; clothes are the role 0, hair 2, skin 3, extras 1 and 4."""
    wide, chin = rng.uniform(0.42, 0.54), rng.uniform(0.55, 0.72)
    turn = rng.uniform(-0.16, 0.16)
    hair = pick(rng, ("short", "long", "bun", "curls", "bald", "bob", "spikes", "cap"))
    parts: list[Part] = []
    if hair in ("long", "bob"):
        low = rng.uniform(0.8, 1.2) if hair == "long" else rng.uniform(0.35, 0.55)
        parts.append((smooth(np.array([[-wide * 1.2, -0.1], [-wide * 0.8, -0.75], [0, -0.92], [wide * 0.8, -0.75],
                                       [wide * 1.2, -0.1], [wide * 1.35, low], [0, low * 0.9], [-wide * 1.35, low]])), 2))  # fmt: skip
    if hair == "curls":
        for angle in np.linspace(0.85, 2.15, 9) * np.pi:
            parts.append(
                (oval(np.cos(angle) * wide * 1.1, -0.15 + np.sin(angle) * 0.6, rng.uniform(0.2, 0.32), 0.26), 2)
            )
    if hair == "bun":
        parts.append((oval(0, -0.92, 0.24, 0.22), 2))
    shoulder = rng.uniform(0.7, 1.0)
    neck = np.array([[-0.2, 0.3], [0.2, 0.3], [0.22, chin + 0.32], [0, chin + 0.45], [-0.22, chin + 0.32]])
    coat = smooth(
        np.array(
            [
                [-0.24, chin + 0.2],
                [0.24, chin + 0.2],
                [shoulder * 0.9, chin + 0.38],
                [shoulder, 1.4],
                [-shoulder, 1.4],
                [-shoulder * 0.9, chin + 0.38],
            ]
        ),
        steps=6,
    )
    parts += [(coat, 0), (neck, 3)]
    if rng.random() < 0.5:
        parts.append((np.array([[-0.24, chin + 0.22], [0.0, chin + 0.55], [0.24, chin + 0.22]]), LINE))
    parts += [(oval(side * wide * 0.98 + turn * 0.3, 0.08, 0.09, 0.14), 3) for side in (-1, 1)]
    face = smooth(np.array([[-wide, -0.15], [-wide * 0.95, 0.25], [-wide * 0.45, chin - 0.03], [wide * 0.45, chin - 0.03],
                            [wide * 0.95, 0.25], [wide, -0.15], [wide * 0.6, -0.7], [-wide * 0.6, -0.7]]))  # fmt: skip
    parts.append((face, 3))
    eye, apart = rng.uniform(0.05, 0.1), wide * rng.uniform(0.4, 0.5)
    simple = rng.random() < 0.4
    for side in (-1, 1):
        x = turn + side * apart
        if simple:
            parts.append((oval(x, 0.05, eye * 0.6, eye * 0.8), 2))
        else:
            lids = np.concatenate([_arc(x, 0.05, eye * 1.5, eye, 1, 2), _arc(x, 0.05, eye * 1.5, eye * 0.7, 0, 1)])
            parts += [(lids, 3), (oval(x + turn * 0.1, 0.04, eye * 0.65, eye * 0.65), 2)]
        brow = np.array([[x - 0.14, -0.1 - 0.04 * side * turn], [x, -0.16], [x + 0.14, -0.1]])
        parts.append((brow, LINE))
    nose = turn * 1.2
    parts.append((np.array([[nose * 0.7 + 0.03, 0.08], [nose + 0.07, 0.24], [nose - 0.03, 0.27]]), LINE))
    mouth = rng.uniform(0.1, 0.2)
    smile = rng.uniform(-0.02, 0.09)
    if rng.random() < 0.45:
        lips = np.array(
            [[turn - mouth, 0.42 - smile], [turn, 0.39], [turn + mouth, 0.42 - smile], [turn, 0.44 + max(smile, 0.02)]]
        )
        parts.append((smooth(lips), 4))
    else:
        parts.append(
            (
                smooth(
                    np.array([[turn - mouth, 0.42 - smile], [turn, 0.43], [turn + mouth, 0.42 - smile]]), closed=False
                ),
                LINE,
            )
        )
    brow_line = rng.uniform(-0.5, -0.25)
    if hair == "cap":
        parts += [
            (np.concatenate([_arc(0, -0.3, wide * 1.08, 0.55, 1, 2)]), 0),
            (oval(turn * 2, -0.3, wide * 1.15, 0.1), 1),
        ]
    elif hair == "spikes":
        top = [
            (-wide, -0.1),
            *[(x, -0.75 - 0.25 * (k % 2) - rng.uniform(0, 0.1)) for k, x in enumerate(np.linspace(-wide, wide, 9))],
            (wide, -0.1),
            (wide * 0.6, brow_line),
            (-wide * 0.6, brow_line),
        ]
        parts.append((np.asarray(top), 2))
    elif hair != "bald":
        part = rng.uniform(-0.6, 0.6) * wide
        mop = np.array([[-wide * 1.08, 0.05], [-wide * 1.05, -0.5], [-wide * 0.5, -0.85], [wide * 0.5, -0.85], [wide * 1.05, -0.5],
                        [wide * 1.08, 0.05], [wide * 0.85, -0.3], [part, brow_line - 0.1], [-wide * 0.85, -0.3]])  # fmt: skip
        parts.append((smooth(mop), 2))
    if rng.random() < 0.2:
        for side in (-1, 1):
            ring = oval(turn + side * apart, 0.05, 0.17, 0.14)
            parts.append((np.concatenate([ring, ring[:1]]), LINE))
        parts.append((np.array([[turn - apart + 0.17, 0.05], [turn + apart - 0.17, 0.05]]), LINE))
    if rng.random() < 0.18:
        parts.append(
            (
                smooth(
                    np.array(
                        [
                            [-wide * 0.9, 0.25],
                            [-wide * 0.4, 0.36],
                            [turn, 0.33],
                            [wide * 0.4, 0.36],
                            [wide * 0.9, 0.25],
                            [wide * 0.4, chin + 0.1],
                            [-wide * 0.4, chin + 0.1],
                        ]
                    )
                ),
                2,
            )
        )
        parts.append((np.array([[turn - 0.1, 0.44], [turn + 0.1, 0.44]]), LINE))
    return framed(parts)


def profile(rng: np.random.Generator) -> list[Part]:
    """Return a head from the side."""
    nose, chin = rng.uniform(0.12, 0.3), rng.uniform(-0.05, 0.1)
    front = [
        (-0.45, -0.6),
        (-0.5, -0.25),
        (-0.48, -0.15),
        (-0.5 - nose, 0.1),
        (-0.5, 0.18),
        (-0.56, 0.28),
        (-0.5, 0.35),
        (-0.55, 0.43),
        (-0.5 - chin, 0.65),
        (-0.25, 0.72),
    ]
    head = smooth(
        np.asarray([*front, (0.0, 0.6), (0.05, 1.1), (0.5, 1.1), (0.45, 0.4), (0.6, -0.2), (0.3, -0.8), (-0.2, -0.9)]),
        steps=5,
    )
    low = rng.uniform(0.2, 1.0)
    hair = smooth(
        np.array(
            [
                [-0.45, -0.5],
                [-0.25, -0.9],
                [0.3, -0.92],
                [0.68, -0.3],
                [0.65, low],
                [0.3, low],
                [0.15, -0.1],
                [-0.15, -0.35],
            ]
        )
    )
    lid = np.array([[-0.48, -0.12], [-0.38, -0.15], [-0.3, -0.1]])
    parts: list[Part] = [
        (head, 3),
        (hair, 2),
        (lid, LINE),
        (oval(-0.42, -0.08, 0.04, 0.05), 2),
        (np.array([[-0.56, 0.3], [-0.38, 0.33]]), LINE),
    ]
    parts.append((np.array([[-0.5, -0.27], [-0.3, -0.3]]), LINE))
    parts.append((smooth(np.array([[0.0, 1.0], [0.5, 0.95], [0.95, 1.25], [-0.35, 1.3]]), steps=5), 0))
    flip = np.array([rng.choice([-1.0, 1.0]), 1.0])
    return framed([(points * flip, role) for points, role in parts])
