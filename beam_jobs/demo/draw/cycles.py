"""Motorbikes, scooters and bicycles as rods and balls of metal."""

from itertools import pairwise

import numpy as np
from PIL import Image

from beam_jobs.demo.draw.beasts import Rig
from beam_jobs.demo.draw.canvas import INK, SUPERSAMPLE, WHITE, Color, blend, oval, pick
from beam_jobs.demo.draw.cars import paint_color
from beam_jobs.demo.draw.photo import shadow
from beam_jobs.demo.draw.relief import Relief, lamp, place

_RUBBER: Color = (34, 34, 36)
_STEEL: Color = (176, 178, 182)


def _wheel(rig: Rig, x: float, r: float, tyre: float, rim: Color, spokes: int) -> None:
    ring = [(x + np.cos(a) * (r - tyre), r + np.sin(a) * (r - tyre), 0.0) for a in np.linspace(0, 2 * np.pi, 25)]
    for one, two in pairwise(ring):
        rig.limb(one, two, (tyre, tyre), _RUBBER)
    inner = [
        (x + np.cos(a) * (r - tyre * 2.1), r + np.sin(a) * (r - tyre * 2.1), 0.0) for a in np.linspace(0, 2 * np.pi, 21)
    ]
    rig.chain(inner, (tyre * 0.3, tyre * 0.3), rim)
    for step in range(spokes):
        a = 2 * np.pi * step / spokes
        rig.limb(
            (x, r, 0.0),
            (x + np.cos(a) * (r - tyre * 2), r + np.sin(a) * (r - tyre * 2), 0.0),
            (tyre * 0.2, tyre * 0.2),
            rim,
        )
    rig.ball((x, r, 0.0), tyre * 0.9, rim)


def motorbike(image: Image.Image, rng: np.random.Generator, at: tuple[float, float], unit: float) -> None:
    """Draw a motorbike or a scooter; ``at`` is the ground below its middle, ``unit`` pixels a metre."""
    relief, rig = _rig(image, rng, at, unit)
    color, rim = paint_color(rng), pick(rng, (_STEEL, (60, 60, 64), (200, 170, 90)))
    frame = pick(rng, ((50, 50, 54), _STEEL, color))
    r = rng.uniform(0.29, 0.33)
    front, rear = 0.72, -0.68
    if rng.random() < 0.25:
        _scooter(rig, color)
    else:
        sport = rng.random() < 0.5
        for x, thick in ((front, 0.06), (rear, 0.085)):
            _wheel(rig, x, r, thick, rim, int(rng.integers(3, 12)))
        for side in (-0.09, 0.09):
            rig.limb((front, r, side), (0.48, 0.95, side), (0.03, 0.04), _STEEL)
            rig.limb((rear, r, side), (-0.2, 0.42, side), (0.03, 0.05), frame)
        for a, b in (
            ((0.46, 0.85, 0), (-0.25, 0.72, 0)),
            ((0.46, 0.8, 0), (0.1, 0.3, 0)),
            ((-0.25, 0.72, 0), (-0.2, 0.3, 0)),
            ((0.1, 0.3, 0), (-0.2, 0.3, 0)),
        ):
            rig.limb(a, b, (0.035, 0.035), frame)
        for _ in range(7):
            x, y = rng.uniform(-0.15, 0.22), rng.uniform(0.32, 0.56)
            rig.limb(
                (x, y, -0.12),
                (x + rng.normal(0, 0.05), y, 0.14),
                (0.1, 0.09),
                blend(_STEEL, INK, rng.uniform(0.2, 0.75)),
            )
        rig.limb(
            (0.0, 0.28, 0.17),
            (rear - 0.1, 0.34 + rng.uniform(0, 0.2), 0.19),
            (0.05, 0.075),
            pick(rng, (_STEEL, (60, 60, 64))),
        )
        rig.limb((0.36, 0.84, 0), (-0.06, 0.78, 0), (0.14, 0.11), color)
        seat = pick(rng, ((36, 32, 32), (36, 32, 32), (110, 70, 44)))
        rig.chain([(-0.08, 0.78, 0.0), (-0.35, 0.74, 0.0), (-0.62, 0.8 + 0.1 * sport, 0.0)], (0.1, 0.09), seat)
        rig.limb((-0.45, 0.72 + 0.05 * sport, 0), (-0.85, 0.82 + 0.12 * sport, 0), (0.11, 0.05), color)
        rig.ball((-0.9, 0.8 + 0.12 * sport, 0.0), 0.045, (190, 30, 34))
        if sport:
            rig.limb((0.42, 0.72, 0.08), (0.1, 0.42, 0.16), (0.2, 0.14), color)
            rig.limb((0.6, 0.88, 0.0), (0.4, 0.95, 0.0), (0.13, 0.17), color)
            rig.limb((0.5, 1.05, 0.0), (0.4, 1.15, 0.0), (0.11, 0.07), (90, 104, 116))
            rig.limb((0.1, 0.35, 0.12), (-0.15, 0.32, 0.12), (0.13, 0.1), blend(color, pick(rng, (WHITE, INK)), 0.5))
        rig.ball((0.66, 0.88, 0.0), 0.1, (230, 232, 236))
        rig.limb((front - 0.16, r * 2 - 0.02, 0), (front + 0.14, r * 2 + 0.01, 0), (0.07, 0.06), color)
        rig.limb((0.44, 1.0, -0.36), (0.46, 0.98, 0.0), (0.025, 0.025), _RUBBER)
        rig.limb((0.46, 0.98, 0.0), (0.44, 1.0, 0.36), (0.025, 0.025), _RUBBER)
        for side in (-0.34, 0.34):
            rig.limb((0.47, 1.02, side), (0.5, 1.2, side * 1.1), (0.012, 0.012), _RUBBER)
            rig.ball((0.5, 1.2, side * 1.15), 0.055, (60, 64, 70))
    if rng.random() < 0.25:
        _rider(rig, rng)
    _finish(image, relief, rng, 0.45)


def _scooter(rig: Rig, color: Color) -> None:
    for x in (0.6, -0.55):
        _wheel(rig, x, 0.22, 0.06, _STEEL, 5)
    rig.limb((0.6, 0.25, 0), (0.42, 1.0, 0), (0.05, 0.05), color)
    rig.limb((0.5, 0.35, 0), (0.44, 0.85, 0), (0.2, 0.15), color)
    rig.limb((0.62, 0.42, 0), (0.5, 0.44, 0), (0.1, 0.13), color)
    rig.limb((0.4, 0.27, 0), (-0.2, 0.25, 0), (0.09, 0.1), blend(color, INK, 0.3))
    rig.limb((-0.25, 0.5, 0), (-0.75, 0.52, 0), (0.24, 0.13), color)
    rig.limb((-0.1, 0.75, 0), (-0.7, 0.78, 0), (0.1, 0.08), (40, 34, 34))
    rig.limb((0.42, 1.0, -0.3), (0.42, 1.0, 0.3), (0.03, 0.03), _RUBBER)
    rig.ball((0.48, 0.95, 0), 0.11, color)
    rig.ball((0.57, 0.95, 0), 0.07, (236, 238, 240))
    rig.ball((-0.88, 0.55, 0), 0.05, (190, 30, 34))


def _rider(rig: Rig, rng: np.random.Generator) -> None:
    suit, helmet = paint_color(rng), paint_color(rng)
    rig.limb((-0.3, 0.9, 0), (0.02, 1.38, 0), (0.19, 0.2), suit)
    for side in (-0.2, 0.2):
        rig.limb((0.02, 1.38, side), (0.25, 1.15, side * 1.5), (0.09, 0.07), suit)
        rig.limb((0.25, 1.15, side * 1.5), (0.43, 1.02, side * 1.6), (0.07, 0.055), suit)
        rig.limb((-0.3, 0.85, side), (0.1, 0.72, side * 1.2), (0.13, 0.1), blend(suit, INK, 0.4))
        rig.limb((0.1, 0.72, side * 1.2), (-0.1, 0.35, side * 1.2), (0.1, 0.06), blend(suit, INK, 0.4))
    rig.ball((0.12, 1.62, 0), 0.16, helmet)
    rig.ball((0.19, 1.62, 0), 0.12, (30, 32, 38))


def bicycle(image: Image.Image, rng: np.random.Generator, at: tuple[float, float], unit: float) -> None:
    """Draw a bicycle; ``at`` is the ground below its middle, ``unit`` pixels a metre."""
    relief, rig = _rig(image, rng, at, unit)
    color = paint_color(rng)
    r, thin = rng.uniform(0.31, 0.36), rng.uniform(0.014, 0.03)
    front, rear, crank = (0.55, r, 0.0), (-0.5, r, 0.0), (-0.05, 0.28, 0.0)
    seat, head = (-0.22, 0.82, 0.0), (0.36, 0.84, 0.0)
    for x in (front[0], rear[0]):
        _wheel(rig, x, r, thin, _STEEL, 18)
    low = rng.random() < 0.4
    tube = rng.uniform(0.018, 0.032)
    pairs = [(crank, seat), (crank, head), (crank, rear), (head, front), ((-0.2, 0.76, 0.0), rear)]
    pairs.append((((-0.1, 0.45, 0.0) if low else (-0.21, 0.78, 0.0)), head))
    for a, b in pairs:
        rig.limb(a, b, (tube, tube), color)
    rig.limb(seat, (-0.24, 0.9, 0), (0.015, 0.015), _STEEL)
    rig.limb((-0.36, 0.93, 0), (-0.12, 0.92, 0), (0.055, 0.025), (40, 34, 32))
    rig.limb(head, (0.32, 1.0, 0), (0.02, 0.018), _STEEL)
    rig.limb((0.32, 1.0, -0.26), (0.32, 1.0, 0.26), (0.016, 0.016), _RUBBER)
    for side in (-0.26, 0.26):
        rig.limb((0.32, 1.0, side), (0.24, 0.99, side), (0.02, 0.022), _RUBBER)
    ring = [(crank[0] + np.cos(a) * 0.09, crank[1] + np.sin(a) * 0.09, 0.03) for a in np.linspace(0, 2 * np.pi, 13)]
    rig.chain(ring, (0.012, 0.012), (70, 70, 74))
    turn = rng.uniform(0, np.pi)
    for side in (1, -1):
        pedal = (crank[0] + side * np.cos(turn) * 0.16, crank[1] + side * np.sin(turn) * 0.16, side * 0.08)
        rig.limb((crank[0], crank[1], side * 0.05), pedal, (0.014, 0.014), _STEEL)
        rig.limb((pedal[0] - 0.05, pedal[1], pedal[2]), (pedal[0] + 0.05, pedal[1], pedal[2]), (0.02, 0.02), _RUBBER)
    rig.chain([(crank[0], crank[1] + 0.09, 0.04), (rear[0], r + 0.04, 0.04)], (0.008, 0.008), (60, 58, 56))
    rig.chain([(crank[0], crank[1] - 0.09, 0.04), (rear[0], r - 0.04, 0.04)], (0.008, 0.008), (60, 58, 56))
    if rng.random() < 0.35:
        for up in (0.95, 1.0, 1.05):
            rig.limb((0.42, up - 0.1, -0.14), (0.42, up - 0.1, 0.14), (0.09, 0.09), (150, 110, 70))
    if rng.random() < 0.4:
        for x in (front[0], rear[0]):
            arc = [(x + np.cos(a) * (r + 0.03), r + np.sin(a) * (r + 0.03), 0.0) for a in np.linspace(0.6, 2.6, 9)]
            rig.chain(arc, (0.018, 0.018), color)
    _finish(image, relief, rng, 0.3)


def _rig(image: Image.Image, rng: np.random.Generator, at: tuple[float, float], unit: float) -> tuple[Relief, Rig]:
    relief = Relief((image.width // SUPERSAMPLE, image.height // SUPERSAMPLE))
    turn = float(rng.choice([0, np.pi]) + rng.uniform(-0.75, 0.75))
    x, y = at[0] * SUPERSAMPLE, at[1] * SUPERSAMPLE
    half = unit * SUPERSAMPLE * (0.35 + 0.65 * abs(np.cos(turn)))
    shadow(image, oval(x, y, half, half * 0.14), 0.65, unit * 0.09)
    return relief, Rig(relief, at, unit, turn, float(rng.uniform(0.0, 0.2)))


def _finish(image: Image.Image, relief: Relief, rng: np.random.Generator, gloss: float) -> None:
    light = lamp(rng)
    place(
        image,
        *relief.lit(
            light, ambient=float(rng.uniform(0.45, 0.65)), gloss=gloss * rng.uniform(0.5, 1.2), melt=2, joined=0.2
        ),
    )
