"""Animals and people by proportions: countless ones from few rules, as the coloured parts of `things`.

A part with the role `LINE` is an open stroke (a mouth, a whisker), not an area.
"""

from collections.abc import Callable

import numpy as np

from beam_jobs.demo.draw.canvas import Points, oval, pick, smooth
from beam_jobs.demo.draw.shapes import ellipse_at, framed, limb
from beam_jobs.demo.draw.things import LINE, Part

_FEATURES = ("plain", "plain", "horns", "antlers", "mane", "trunk", "tusks", "hump")


def quadruped(rng: np.random.Generator) -> list[Part]:
    """Return an animal on four legs from the side: anything from a pig to a giraffe."""
    long, deep = rng.uniform(0.8, 1.3), rng.uniform(0.3, 0.62)
    leg, thick = rng.uniform(0.3, 1.0), rng.uniform(0.1, 0.26)
    neck, head = rng.uniform(0.15, 1.1) * rng.choice([0.5, 1.0]), rng.uniform(0.2, 0.36)
    rise = rng.uniform(0.2, 1.3)
    feature = pick(rng, _FEATURES)
    slope = rng.normal(0, 0.06)
    stride = rng.uniform(0, 0.22) * leg
    parts: list[Part] = []
    hip, chest = np.array([long / 2, slope]), np.array([-long / 2, 0.0])
    foot = deep / 2 + leg
    for at, way in ((hip, 1), (chest, -1)):  # the far legs, then the near ones below
        parts.append(
            (limb([(at[0], 0), (at[0] - way * stride, deep / 2 + leg * 0.4), (at[0] - way * stride * 1.5, foot)],
                  [thick * 1.6, thick, thick * 0.9]), 1),
        )  # fmt: skip
    tail_up = rng.uniform(-0.5, 0.6)
    parts.append((limb([(hip[0], -deep * 0.2), (hip[0] + 0.25, -deep * 0.3 - tail_up * 0.3),
                        (hip[0] + 0.35, 0.25 - tail_up)], [0.1, 0.06, rng.choice([0.04, 0.16])]), 0))  # fmt: skip
    sag = rng.uniform(-0.1, 0.12)
    throat = chest + np.array([-neck * np.cos(rise), -neck * np.sin(rise) - deep * 0.1])
    near: list[Points] = [
        limb([tuple(hip), (0.0, sag), tuple(chest)], [deep * rng.uniform(0.8, 1.1), deep * 0.95, deep]),
        limb([tuple(chest + np.array([0.08, -0.02])), tuple((chest + throat) / 2 + np.array([0.03, 0.0])), tuple(throat)],
             [deep * 0.8, head * 0.95, head * 0.75]),
        *[limb([(at[0] + way * 0.02, 0), (at[0] + way * stride * 0.5, deep / 2 + leg * 0.4),
                (at[0] + way * stride, foot)], [thick * 2, thick, thick * rng.uniform(0.8, 1.15)])
          for at, way in ((hip, 1), (chest, -1))],
    ]  # fmt: skip
    snout = throat + np.array([-head * rng.uniform(0.7, 1.5), head * rng.uniform(0.1, 0.7)])
    near.append(limb([tuple(throat), tuple((throat + snout) / 2), tuple(snout)], [head, head * 0.85, head * 0.5]))
    if feature == "hump":
        near.append(oval(0.1, -deep * 0.5, 0.28, 0.3))
    if feature in ("trunk", "tusks"):
        low = snout + np.array([-0.12, 0.5])
        near.append(limb([tuple(snout), tuple(low), tuple(low + np.array([-0.12, 0.12]))], [head * 0.5, 0.13, 0.09]))
    parts += [(part, 0) for part in near]
    if feature == "mane":
        parts.append(
            (
                limb(
                    [tuple(throat + np.array([0.12, -0.12])), tuple(chest + np.array([0.2, -deep * 0.5]))], [0.2, 0.14]
                ),
                2,
            )
        )
    if feature in ("horns", "antlers"):
        for lean in (0.0, 0.16):
            root = throat + np.array([0.02 + lean, -head * 0.4])
            tip = root + np.array([rng.uniform(-0.1, 0.2), -0.35])
            parts.append(
                (limb([tuple(root), tuple((root + tip) / 2 + np.array([0.1, 0.0])), tuple(tip)], [0.08, 0.06, 0.03]), 3)
            )
            if feature == "antlers":
                parts.append((limb([tuple((root + tip) / 2), tuple(tip + np.array([-0.22, 0.1]))], [0.05, 0.03]), 3))
    ear = rng.uniform(0.08, 0.34) * (1.5 if feature == "trunk" else 1.0)
    parts.append(
        (oval(throat[0] + 0.1, throat[1] - head * 0.35 * (ear < 0.2), ear, ear * 0.5, rng.uniform(-1.6, 1.6)), 1)
    )
    eye = throat * 0.75 + snout * 0.25 + np.array([0.0, -head * 0.15])
    parts.append((ellipse_at(eye, 0.035, 0.04), 2))
    parts.append((snout + np.array([[-head * 0.2, head * 0.08], [0.02, head * 0.12], [head * 0.3, head * 0.02]]), LINE))
    if rng.random() < 0.35:
        for _ in range(int(rng.integers(5, 16))):
            spot = (rng.uniform(-0.45, 0.45) * long, rng.normal(0, deep * 0.2))
            parts.append((ellipse_at(spot, rng.uniform(0.03, 0.1), rng.uniform(0.03, 0.1), rng.uniform(0, 3), 7), 2))
    flip = np.array([rng.choice([-1.0, 1.0]), 1.0])
    return framed([(points * flip, role) for points, role in parts])


def bird(rng: np.random.Generator) -> list[Part]:
    """Return a bird: standing, long-legged, swimming or with wings spread."""
    fat, neck, head = rng.uniform(0.35, 0.55), rng.uniform(0.1, 0.9) * rng.choice([0.3, 1.0]), rng.uniform(0.18, 0.3)
    leg, beak = rng.uniform(0.1, 0.9), rng.uniform(0.12, 0.5)
    crown = np.array([-0.45 - neck * 0.3, -0.3 - neck])
    parts: list[Part] = [
        (limb([(x, 0.2), (x - 0.05, fat / 2 + leg * 0.5), (x, fat / 2 + leg), (x - 0.18, fat / 2 + leg + 0.04)],
              [0.07, 0.05, 0.05, 0.05]), 4)
        for x in (0.1, -0.12)
    ]  # fmt: skip
    parts.append(
        (np.array([[0.3, -0.05], [rng.uniform(0.8, 1.2), rng.uniform(-0.4, 0.3)], [1.0, 0.35], [0.4, 0.25]]), 1)
    )
    parts.append(
        (np.array([crown + (-head * 0.6, -0.07), crown + (-head - beak, 0.04), crown + (-head * 0.6, 0.1)]), 4)
    )
    body = smooth(np.array([[-0.5, -0.15], [0.0, -fat * 0.8], [0.55, 0.05], [0.2, fat * 0.8], [-0.35, fat * 0.6]]))
    parts += [(body, 0), (limb([(-0.3, 0.0), (-0.5, -0.2 - neck * 0.4), tuple(crown)], [0.4, 0.22, head]), 0)]
    parts += [
        (ellipse_at(crown, head, head * 0.92), 0),
        (oval(crown[0] - head * 0.3, crown[1] - head * 0.15, 0.045, 0.045), 2),
    ]
    if rng.random() < 0.4:
        wing = np.array([[-0.25, -0.1], [0.1, -1.0], [0.6, -1.2], [0.75, -0.8], [0.6, -0.4], [0.35, 0.0]])
        parts.append((smooth(wing), 1))
    else:
        parts.append((smooth(np.array([[-0.25, -0.1], [0.15, -0.2], [0.65, 0.15], [0.1, 0.25]])), 1))
        parts += [(np.array([[-0.05 + 0.1 * k, 0.06 * k], [0.25 + 0.08 * k, 0.1]]), LINE) for k in range(3)]
    flip = np.array([rng.choice([-1.0, 1.0]), 1.0])
    return framed([(points * flip, role) for points, role in parts])


def small_animal(rng: np.random.Generator) -> list[Part]:
    """Return an insect, a snail, an octopus, a fish or a turtle."""
    kind = int(rng.integers(5))
    parts: list[Part] = []
    if kind == 0:
        count = int(rng.integers(2, 4))
        for place in np.linspace(-0.25, 0.35, 3):
            for side in (-1, 1):
                parts.append((np.array([[0, place], [side * 0.45, place - 0.12], [side * 0.75, place + 0.25]]), LINE))
        if rng.random() < 0.6:
            for side in (-1, 1):
                parts += [(oval(side * 0.45, y, 0.5, 0.22, side * turn), 3) for y, turn in ((-0.2, -0.4), (0.15, 0.3))]
        parts += [(oval(0, -0.45 + 0.45 * k, 0.2 + 0.06 * k, 0.28), (0, 2, 0)[k]) for k in range(count)]
        parts += [(oval(0, -0.7, 0.2, 0.18), 2)]
        parts += [(np.array([[s * 0.08, -0.82], [s * 0.2, -1.05], [s * 0.35, -1.1]]), LINE) for s in (-1, 1)]
    elif kind == 1:
        parts.append((limb([(0.9, 0.55), (0.0, 0.55), (-0.6, 0.45), (-0.8, -0.1)], [0.1, 0.3, 0.3, 0.24]), 1))
        spiral = np.linspace(0, 5 * np.pi, 60)
        parts.append((oval(0.15, 0.05, 0.55, 0.5), 0))
        curl = np.stack(
            [0.15 + 0.5 * np.cos(spiral) * (1 - spiral / 16), 0.05 + 0.45 * np.sin(spiral) * (1 - spiral / 16)], axis=1
        )
        parts.append((curl, LINE))
        parts += [(np.array([[-0.8, -0.15], [-0.85 + s * 0.12, -0.45]]), LINE) for s in (-1, 1)]
    elif kind == 2:
        arms = int(rng.integers(5, 9))
        for step in range(arms):
            x = -0.7 + 1.4 * step / (arms - 1)
            parts.append(
                (
                    limb(
                        [(x * 0.4, 0.2), (x * 0.8, 0.55), (x + rng.normal(0, 0.1), 0.9), (x + 0.15, 0.85)],
                        [0.28, 0.2, 0.12, 0.06],
                    ),
                    0,
                )
            )
        parts.append((smooth(np.array([[0, -0.9], [0.6, -0.5], [0.45, 0.35], [-0.45, 0.35], [-0.6, -0.5]])), 0))
        parts += [(oval(s * 0.22, -0.1, 0.1 + e, 0.13 + e), 3 - (e < 0.01)) for s in (-1, 1) for e in (0.05, 0.0)]
    elif kind == 3:
        deep = rng.uniform(0.3, 0.7)
        parts.append((np.array([[0.5, 0], [1.0, -0.45], [0.85, 0.0], [1.0, 0.45]]), 1))
        parts.append(
            (smooth(np.array([[-0.2, -deep * 0.8], [0.2, -deep - 0.3], [0.4, -deep * 0.5], [0.2, -deep * 0.4]])), 1)
        )
        parts.append((smooth(np.array([[-0.95, 0.05], [-0.3, -deep], [0.6, 0], [-0.3, deep]])), 0))
        parts.append((np.array([[-0.45, -deep * 0.6], [-0.3, 0.0], [-0.45, deep * 0.6]]), LINE))
        parts += [(oval(-0.65, -0.08, 0.1, 0.1), 3), (oval(-0.66, -0.08, 0.05, 0.05), 2)]
        parts += [(np.array([[x, -0.1], [x + 0.08, 0.02], [x, 0.12]]), LINE) for x in (-0.1, 0.1, 0.3)]
    else:
        parts += [(oval(s * 0.5, 0.5, 0.2, 0.16), 1) for s in (-1, 1)]
        parts.append((limb([(-0.5, 0.2), (-0.85, 0.1), (-0.95, -0.1)], [0.3, 0.28, 0.26]), 1))
        parts.append((smooth(np.array([[-0.8, 0.4], [-0.5, -0.4], [0, -0.6], [0.5, -0.4], [0.8, 0.4]])), 0))
        parts += [(np.array([[x, 0.4], [x * 0.6, -0.05], [x * 0.4, -0.5]]), LINE) for x in (-0.45, 0.0, 0.45)]
        parts += [(np.array([[-0.7, 0.0], [0.7, 0.0]]), LINE), (oval(-0.98, -0.12, 0.04, 0.04), 2)]
    return framed(parts)


def person(rng: np.random.Generator) -> list[Part]:
    """Return a whole figure: standing, walking, sitting, dancing; skin is the role 3, clothes 0 and 1, hair 2."""
    pose = pick(rng, ("stand", "walk", "sit", "dance", "run"))
    slim, head = rng.uniform(0.8, 1.35), rng.uniform(0.12, 0.24)
    hip, neck = np.array([0.0, 0.15]), np.array([rng.normal(0, 0.06), -0.5])
    parts: list[Part] = []
    for side in (-1, 1):
        if pose == "sit":
            knee, ankle = hip + (0.42, 0.02 * side), hip + (0.42 + rng.normal(0, 0.06), 0.5)
        else:
            spread = {"stand": 0.08, "walk": 0.22, "dance": 0.3, "run": 0.36}[pose]
            knee = hip + (side * spread * 0.7 + 0.04, 0.42)
            ankle = hip + (side * spread * rng.uniform(0.8, 1.5), 0.85 - 0.25 * (pose == "run" and side > 0))
        parts.append(
            (limb([tuple(hip + (side * 0.05, 0)), tuple(knee), tuple(ankle)], [0.19 * slim, 0.15 * slim, 0.11]), 1)
        )
        parts.append((limb([tuple(ankle + (-0.02, 0.04)), tuple(ankle + (0.15, 0.05))], [0.09, 0.08]), 2))
    torso = np.array(
        [neck + (-0.17 * slim, 0.07), neck + (0.17 * slim, 0.07), hip + (0.13 * slim, 0.05), hip + (-0.13 * slim, 0.05)]
    )
    skirt = rng.random() < 0.3
    far_near = []
    for side in (-1, 1):
        swing = rng.uniform(-0.2, 0.35) if pose != "dance" else rng.uniform(0.2, 0.5)
        lift = rng.uniform(0.12, 0.3) if pose != "dance" else rng.uniform(-0.3, 0.2)
        elbow = neck + (side * 0.2 * slim + swing * 0.3 * side, 0.08 + lift)
        wrist = elbow + (side * swing * 0.6 + 0.05, rng.uniform(-0.28, 0.28))
        far_near.append([
            (limb([tuple(neck + (side * 0.14 * slim, 0.1)), tuple(elbow), tuple(wrist)], [0.13 * slim, 0.1 * slim, 0.08]), 0),
            (ellipse_at(wrist, 0.06, 0.06), 3),
        ])  # fmt: skip
    parts += far_near[0]
    parts.append((limb([tuple(neck + (0, 0.06)), tuple(neck + (0.01, -0.12))], [0.1, 0.1]), 3))
    parts.append((smooth(torso, steps=5), 0))
    if skirt:
        parts.append((np.array([hip + (-0.13, -0.1), hip + (0.13, -0.1), hip + (0.3, 0.35), hip + (-0.26, 0.36)]), 1))
    parts += far_near[1]
    face = neck + (0.02, -0.1 - head)
    long_hair = rng.random() < 0.4
    if long_hair:
        parts.append((smooth(np.array([face + (-head, 0), face + (0, -head * 1.25), face + (head * 1.05, 0),
                                       face + (head * 0.9, head * 1.7), face + (-head * 1.05, head * 1.6)])), 2))  # fmt: skip
    parts.append((ellipse_at(face, head * 0.85, head), 3))
    cap = oval(face[0] - head * 0.05, face[1] - head * 0.1, head * 0.98, head * 1.02)
    parts.append((cap[(cap[:, 1] < face[1] - head * rng.uniform(0.1, 0.45))], 2))
    if rng.random() < 0.75:
        parts += [(oval(face[0] + head * (0.1 + s * 0.32), face[1], head * 0.08, head * 0.1), 2) for s in (-1, 1)]
        mouth = np.linspace(-1, 1, 5)
        curve = np.stack(
            [
                face[0] + head * 0.1 + mouth * head * 0.28,
                face[1] + head * 0.5 - rng.uniform(-0.1, 0.2) * head * mouth**2,
            ],
            axis=1,
        )
        parts.append((curve, LINE))
    if pose == "sit":
        seat = hip + (0.0, 0.13)
        parts[:0] = [(np.array([seat + (x, 0), seat + (x, 0.45)]), LINE) for x in (-0.2, 0.3)]
        parts[:0] = [
            (np.array([seat + (-0.28, 0.02), seat + (-0.28, -0.6)]), LINE),
            (limb([tuple(seat + (-0.25, 0)), tuple(seat + (0.35, 0))], [0.07, 0.07]), 1),
        ]
    flip = np.array([rng.choice([-1.0, 1.0]), 1.0])
    return framed([(points * flip, role) for points, role in parts])


def hand(rng: np.random.Generator) -> list[Part]:
    """Return a hand with fingers stretched or bent, pointing, waving; skin is the role 0."""
    raised = rng.random(4) < rng.choice([0.25, 0.5, 1.0])
    raised[0] |= raised[1] or raised[2]
    parts: list[Part] = [(limb([(0, 1.0), (0, 0.5)], [0.5, 0.55]), pick(rng, (0, 1)))]
    parts.append(
        (smooth(np.array([[-0.42, 0.0], [0.4, -0.02], [0.42, 0.45], [0.2, 0.75], [-0.25, 0.75], [-0.42, 0.4]])), 0)
    )
    for step, up in enumerate(raised):
        x = -0.3 + 0.21 * step
        tip = (x * 1.25, -rng.uniform(0.6, 0.8) + 0.12 * abs(step - 1.4)) if up else (x, -0.12)
        parts.append((limb([(x, 0.15), tip], [0.2, 0.19]), 0))
    out = rng.random() < 0.6
    parts.append(
        (
            limb(
                [(-0.3, 0.5), (-0.62, 0.2), (-0.75, -0.15)] if out else [(-0.35, 0.5), (-0.1, 0.25), (0.1, 0.2)],
                [0.24, 0.2, 0.18],
            ),
            0,
        )
    )
    turn = rng.choice([0.0, 0.0, np.pi, np.pi / 2, -np.pi / 2]) + rng.normal(0, 0.2)
    spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    flip = np.array([rng.choice([-1.0, 1.0]), 1.0])
    return framed([(points * flip @ spin, role) for points, role in parts])


LIVING: tuple[Callable[[np.random.Generator], list[Part]], ...] = (
    quadruped,
    quadruped,
    bird,
    small_animal,
    person,
    hand,
)
"""Drawers of living things; four-legged ones are twice as likely."""
