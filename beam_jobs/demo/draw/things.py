"""Everyday things as coloured shapes, for clip art, emoji, stickers and icons.

A thing is a list of parts, back to front: an outline in a square from −1 to 1 and a role, which is the place of
its colour in a palette (see `ROLES`).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import INK, WHITE, Color, Points, blend, gradient, hsv, oval, pick, smooth, xy

ROLES = ("main", "second", "dark", "light", "accent")
LINE = -1
"""The role of an open stroke, drawn in the outline's or the dark colour."""

Part = tuple[Points, int]
_Pair = tuple[float, float]


def _e(x: float, y: float, rx: float, ry: float | None = None, turn: float = 0.0) -> Points:
    return oval(x, y, rx, rx if ry is None else ry, turn, 32)


def _r(left: float, top: float, right: float, bottom: float) -> Points:
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], dtype=float)


def _p(*points: _Pair) -> Points:
    return np.asarray(points, dtype=float)


def _s(*points: _Pair) -> Points:
    return smooth(np.asarray(points, dtype=float), steps=6)


def _bar(a: _Pair, b: _Pair, wide: float) -> Points:
    start, stop = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    along = stop - start
    side = np.array([-along[1], along[0]]) / max(float(np.hypot(*along)), 1e-6) * wide / 2
    return np.stack([start + side, stop + side, stop - side, start - side])


def _spokes(count: int, inner: float, outer: float, wide: float) -> list[Points]:
    rays = []
    for angle in np.arange(count) * 2 * np.pi / count:
        way = np.array([np.cos(angle), np.sin(angle)])
        start, stop = way * inner, way * outer
        rays.append(_bar((float(start[0]), float(start[1])), (float(stop[0]), float(stop[1])), wide))
    return rays


def _star(points: int = 5, inner: float = 0.45) -> Points:
    angle = np.arange(points * 2) * np.pi / points - np.pi / 2
    reach = np.where(np.arange(points * 2) % 2 == 0, 1.0, inner)
    return np.stack([np.cos(angle) * reach, np.sin(angle) * reach], axis=1)


def _heart() -> Points:
    t = np.linspace(0, 2 * np.pi, 40)
    x, y = 16 * np.sin(t) ** 3, 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    return np.stack([x, -y], axis=1) / 17


def _eyes(y: float, apart: float, r: float) -> list[Part]:
    parts: list[Part] = []
    for side in (-1, 1):
        parts += [(_e(side * apart, y, r), 2), (_e(side * apart - r * 0.3, y - r * 0.3, r * 0.3), 3)]
    return parts


THINGS: dict[str, Callable[[], list[Part]]] = {
    "fir": lambda: [
        (_r(-0.12, 0.6, 0.12, 1), 2), (_p((0, -0.1), (0.75, 0.7), (-0.75, 0.7)), 0),
        (_p((0, -0.6), (0.6, 0.25), (-0.6, 0.25)), 0), (_p((0, -1), (0.42, -0.25), (-0.42, -0.25)), 0),
    ],
    "tree": lambda: [
        (_p((-0.12, 1), (-0.08, 0), (0.08, 0), (0.14, 1)), 2), (_e(-0.4, -0.1, 0.42), 0), (_e(0.42, -0.1, 0.42), 0),
        (_e(0, -0.5, 0.5), 0),
    ],
    "palm": lambda: [
        (_s((-0.1, 1), (-0.02, 0.2), (0.1, -0.4), (0.22, -0.4), (0.12, 0.2), (0.12, 1)), 2),
        *[(_s((0.15, -0.45), (dx * 0.6, dy - 0.15), (dx, dy + 0.2), (dx * 0.55, dy + 0.08)), 0)
          for dx, dy in ((-0.9, -0.5), (-0.7, -0.85), (0.3, -1.0), (0.95, -0.75), (1.0, -0.3), (-0.55, -0.1))],
    ],
    "muffin": lambda: [
        (_p((-0.6, 0.1), (0.6, 0.1), (0.42, 1), (-0.42, 1)), 1),
        *[(_bar((x, 0.15), (x * 0.7, 0.98), 0.05), 2) for x in (-0.4, -0.15, 0.15, 0.4)],
        (_s((-0.8, 0.1), (-0.7, -0.4), (0, -0.8), (0.7, -0.4), (0.8, 0.1), (0, 0.2)), 0),
        (_e(-0.3, -0.3, 0.08), 2), (_e(0.2, -0.45, 0.08), 2), (_e(0.35, -0.1, 0.08), 2), (_e(0, -0.85, 0.15), 4),
    ],
    "ice cream": lambda: [
        (_p((-0.45, -0.05), (0.45, -0.05), (0, 1)), 1), (_bar((-0.3, 0.2), (0.2, 0.5), 0.04), 2),
        (_bar((0.3, 0.2), (-0.2, 0.5), 0.04), 2), (_e(-0.25, -0.25, 0.36), 0), (_e(0.25, -0.25, 0.36), 4),
        (_e(0, -0.62, 0.36), 3),
    ],
    "cup": lambda: [
        (_e(0.62, -0.05, 0.36, 0.34), 3), (_e(0.62, -0.05, 0.2, 0.2), 1), (_e(0, 0.85, 0.95, 0.14), 2),
        (_s((-0.7, -0.5), (0.7, -0.5), (0.65, 0.3), (0.3, 0.8), (-0.3, 0.8), (-0.65, 0.3)), 0),
        (_e(0, -0.5, 0.7, 0.17), 3), (_e(0, -0.48, 0.6, 0.12), 2),
    ],
    "chair": lambda: [
        (_bar((-0.5, -1), (-0.5, 1), 0.14), 0), (_bar((0.35, -1), (0.35, 0.2), 0.14), 0),
        *[(_bar((-0.5, y), (0.35, y), 0.12), 1) for y in (-0.8, -0.5, -0.2)],
        (_p((-0.6, 0.1), (0.4, 0.1), (0.75, 0.35), (-0.3, 0.35)), 1), (_bar((0.65, 0.3), (0.65, 1), 0.14), 0),
        (_bar((-0.2, 0.3), (-0.2, 1), 0.12), 2),
    ],
    "house": lambda: [
        (_r(-0.7, -0.1, 0.7, 0.9), 3), (_r(0.35, -0.85, 0.55, -0.3), 2), (_p((-0.95, -0.05), (0, -0.9), (0.95, -0.05)), 0),
        (_r(-0.15, 0.3, 0.2, 0.9), 2), (_r(-0.55, 0.15, -0.28, 0.45), 4), (_r(0.35, 0.15, 0.6, 0.45), 4),
    ],
    "penguin": lambda: [
        (_e(-0.3, 0.9, 0.26, 0.12), 1), (_e(0.3, 0.9, 0.26, 0.12), 1), (_e(-0.62, 0.2, 0.16, 0.45, 0.4), 2),
        (_e(0.62, 0.2, 0.16, 0.45, -0.4), 2), (_e(0, 0.25, 0.62, 0.7), 2), (_e(0, 0.35, 0.42, 0.55), 3),
        (_e(0, -0.55, 0.42), 2), (_e(-0.15, -0.55, 0.14, 0.18), 3), (_e(0.15, -0.55, 0.14, 0.18), 3),
        (_e(-0.12, -0.53, 0.06), 2), (_e(0.12, -0.53, 0.06), 2), (_p((-0.2, -0.38), (0.2, -0.38), (0, -0.18)), 1),
    ],
    "shovel": lambda: [
        (_bar((-0.75, -0.75), (0.3, 0.3), 0.14), 1), (_bar((-0.95, -0.55), (-0.55, -0.95), 0.16), 2),
        (_s((0.15, 0.45), (0.45, 0.15), (0.85, 0.5), (0.95, 0.95), (0.5, 0.85)), 0),
    ],
    "balloon": lambda: [
        (_bar((0, 0.4), (0.1, 1), 0.03), 2), (_p((-0.12, 0.5), (0.12, 0.5), (0, 0.35)), 0), (_e(0, -0.3, 0.55, 0.7), 0),
        (_e(-0.2, -0.55, 0.1, 0.2, 0.4), 3),
    ],
    "apple": lambda: [
        (_bar((0, -0.5), (0.1, -0.95), 0.1), 2), (_s((0.1, -0.75), (0.5, -1), (0.6, -0.7), (0.3, -0.6)), 1),
        (_s((0, -0.5), (0.55, -0.65), (0.85, -0.1), (0.5, 0.8), (0, 0.7), (-0.5, 0.8), (-0.85, -0.1), (-0.55, -0.65)), 0),
        (_e(-0.4, -0.2, 0.1, 0.2, 0.3), 3),
    ],
    "car": lambda: [
        (_s((-0.6, 0.1), (-0.4, -0.5), (0.3, -0.5), (0.6, 0.05), (0, 0.15)), 0),
        (_p((-0.42, 0.0), (-0.28, -0.36), (-0.02, -0.36), (-0.02, 0.0)), 3),
        (_p((0.05, 0.0), (0.05, -0.36), (0.24, -0.36), (0.44, 0.0)), 3),
        (_s((-1, 0.1), (-0.6, -0.05), (0.6, -0.05), (1, 0.15), (0.95, 0.5), (-0.95, 0.5)), 0), (_e(0.9, 0.18, 0.08), 4),
        *[(_e(x, 0.5, r), role) for x in (-0.55, 0.55) for r, role in ((0.26, 2), (0.12, 3))],
    ],
    "fish": lambda: [
        (_p((0.5, 0), (1, -0.5), (0.9, 0), (1, 0.5)), 1), (_p((-0.1, -0.4), (0.3, -0.85), (0.35, -0.3)), 1),
        (_s((-0.95, 0), (-0.3, -0.5), (0.6, 0), (-0.3, 0.5)), 0), (_e(-0.55, -0.1, 0.11), 3), (_e(-0.56, -0.1, 0.06), 2),
        (_s((-0.25, 0.05), (0.1, 0), (0.05, 0.25)), 1),
    ],
    "book": lambda: [
        (_p((-0.95, -0.55), (0, -0.35), (0.95, -0.55), (0.95, 0.6), (0, 0.8), (-0.95, 0.6)), 0),
        (_p((-0.85, -0.6), (0, -0.4), (0, 0.7), (-0.85, 0.5)), 3), (_p((0.85, -0.6), (0, -0.4), (0, 0.7), (0.85, 0.5)), 3),
        *[(_bar((-0.7, y), (-0.15, y + 0.13), 0.05), 2) for y in (-0.3, -0.05, 0.2)],
        *[(_bar((0.15, y + 0.13), (0.7, y), 0.05), 2) for y in (-0.3, -0.05, 0.2)],
    ],
    "umbrella": lambda: [
        (_bar((0, -0.9), (0, 0.75), 0.08), 2), (_s((-0.05, 0.7), (0.1, 0.95), (0.3, 0.75), (0.12, 0.85)), 2),
        (_e(0, 0.0, 0.95, 0.85)[16:], 0), (_p((-0.3, 0.0), (0, -0.85), (0.3, 0.0)), 1),
    ],
    "lamp": lambda: [
        (_bar((0, -0.2), (0, 0.85), 0.1), 2), (_e(0, 0.88, 0.4, 0.1), 2),
        (_p((-0.35, -0.9), (0.35, -0.9), (0.65, -0.15), (-0.65, -0.15)), 0), (_e(0, -0.15, 0.65, 0.08), 4),
    ],
    "phone": lambda: [
        (_r(-0.5, -1, 0.5, 1), 2), (_r(-0.42, -0.82, 0.42, 0.74), 3), (_e(0, 0.87, 0.07), 3), (_r(-0.34, -0.7, 0.34, -0.2), 0),
        (_r(-0.34, -0.08, 0.34, 0.06), 1), (_r(-0.34, 0.2, 0.1, 0.34), 1), (_e(0, 0.56, 0.12), 4),
    ],
    "cat": lambda: [
        (_p((-0.75, -0.1), (-0.75, -0.95), (-0.15, -0.5)), 0), (_p((0.75, -0.1), (0.75, -0.95), (0.15, -0.5)), 0),
        (_p((-0.65, -0.4), (-0.65, -0.75), (-0.35, -0.55)), 4), (_p((0.65, -0.4), (0.65, -0.75), (0.35, -0.55)), 4),
        (_e(0, 0.1, 0.85, 0.72), 0), (_e(0, 0.4, 0.35, 0.28), 3), *_eyes(0.0, 0.36, 0.14),
        (_p((-0.1, 0.22), (0.1, 0.22), (0, 0.34)), 4),
        *[(_bar((s * 0.35, 0.35 + d), (s * 0.95, 0.3 + d * 2), 0.03), 2) for s in (-1, 1) for d in (-0.04, 0.06)],
    ],
    "bear": lambda: [
        (_e(-0.6, -0.6, 0.3), 0), (_e(0.6, -0.6, 0.3), 0), (_e(-0.6, -0.6, 0.16), 4), (_e(0.6, -0.6, 0.16), 4),
        (_e(0, 0.05, 0.85, 0.8), 0), (_e(0, 0.35, 0.38, 0.3), 3), *_eyes(-0.08, 0.34, 0.1), (_e(0, 0.22, 0.13, 0.09), 2),
        (_bar((0, 0.28), (0, 0.46), 0.04), 2),
    ],
    "gift": lambda: [
        (_r(-0.75, -0.1, 0.75, 0.9), 0), (_r(-0.85, -0.4, 0.85, -0.05), 0), (_r(-0.12, -0.4, 0.12, 0.9), 4),
        (_s((0, -0.4), (-0.5, -0.5), (-0.45, -0.9), (-0.1, -0.75)), 4), (_s((0, -0.4), (0.5, -0.5), (0.45, -0.9), (0.1, -0.75)), 4),
    ],
    "sun": lambda: [*[(ray, 1) for ray in _spokes(12, 0.65, 0.98, 0.12)], (_e(0, 0, 0.58), 0)],
    "cloud": lambda: [
        *[(_bar((x, 0.55), (x - 0.12, 0.9), 0.08), 4) for x in (-0.4, 0.0, 0.4)], (_e(-0.5, 0.1, 0.4), 3), (_e(0.5, 0.15, 0.36), 3),
        (_e(0, -0.15, 0.52), 3), (_r(-0.5, 0.05, 0.5, 0.5), 3),
    ],
    "flower": lambda: [
        (_bar((0, 0), (0, 1), 0.08), 1), (_s((0, 0.7), (0.5, 0.4), (0.6, 0.6), (0.2, 0.85)), 1),
        *[(_e(np.cos(a) * 0.42, -0.35 + np.sin(a) * 0.42, 0.26), 0) for a in np.arange(6) * np.pi / 3], (_e(0, -0.35, 0.24), 4),
    ],
    "rocket": lambda: [
        (_s((-0.2, 0.6), (0.2, 0.6), (0, 1.05)), 4), (_p((-0.35, 0.1), (-0.75, 0.7), (-0.3, 0.6)), 0),
        (_p((0.35, 0.1), (0.75, 0.7), (0.3, 0.6)), 0), (_s((0, -1), (0.4, -0.3), (0.3, 0.65), (-0.3, 0.65), (-0.4, -0.3)), 3),
        (_s((0, -1), (0.28, -0.6), (0, -0.5), (-0.28, -0.6)), 0), (_e(0, -0.2, 0.2), 2), (_e(0, -0.2, 0.13), 1),
    ],
    "pencil": lambda: [
        (_bar((-0.6, -0.6), (0.5, 0.5), 0.4), 0), (_bar((-0.6, -0.6), (0.5, 0.5), 0.12), 1),
        (_p((0.36, 0.64), (0.64, 0.36), (0.92, 0.92)), 3), (_p((0.75, 0.84), (0.84, 0.75), (0.95, 0.95)), 2),
        (_bar((-0.85, -0.85), (-0.6, -0.6), 0.4), 4),
    ],
    "bulb": lambda: [
        (_e(0, -0.25, 0.62), 0), (_p((-0.35, 0.2), (0.35, 0.2), (0.26, 0.55), (-0.26, 0.55)), 0), (_r(-0.26, 0.55, 0.26, 0.85), 2),
        (_e(0, 0.88, 0.16, 0.09), 2), (_e(-0.25, -0.45, 0.1, 0.18, 0.5), 3),
    ],
    "trophy": lambda: [
        (_e(-0.6, -0.5, 0.28), 1), (_e(0.6, -0.5, 0.28), 1), (_e(-0.6, -0.5, 0.15), 3), (_e(0.6, -0.5, 0.15), 3),
        (_s((-0.6, -0.9), (0.6, -0.9), (0.5, -0.1), (0, 0.3), (-0.5, -0.1)), 0), (_r(-0.1, 0.1, 0.1, 0.65), 1),
        (_r(-0.45, 0.6, 0.45, 0.9), 2), (_star() * 0.25 + np.array([0, -0.4]), 4),
    ],
    "clock": lambda: [
        (_e(-0.55, -0.75, 0.28), 4), (_e(0.55, -0.75, 0.28), 4), (_e(0, 0.05, 0.85), 0), (_e(0, 0.05, 0.68), 3),
        (_bar((0, 0.05), (0, -0.45), 0.08), 2), (_bar((0, 0.05), (0.35, 0.2), 0.08), 2), (_e(0, 0.05, 0.07), 2),
    ],
    "heart": lambda: [(_heart(), 0), (_e(-0.4, -0.4, 0.12, 0.2, 0.6), 3)],
    "star": lambda: [(_star(), 0), (_star() * 0.55, 1)],
    "drop": lambda: [(_s((0, -1), (0.55, 0.2), (0.4, 0.8), (0, 0.95), (-0.4, 0.8), (-0.55, 0.2)), 0), (_e(-0.22, 0.4, 0.1, 0.22, 0.3), 3)],
    "mushroom": lambda: [
        (_s((-0.25, 0), (0.25, 0), (0.35, 0.85), (-0.35, 0.85)), 3), (_s((-0.95, 0.1), (-0.6, -0.7), (0, -0.95), (0.6, -0.7), (0.95, 0.1), (0, 0.2)), 0),
        (_e(-0.4, -0.35, 0.17), 3), (_e(0.15, -0.6, 0.15), 3), (_e(0.5, -0.15, 0.13), 3),
    ],
    "cactus": lambda: [
        (_s((-0.25, 0.6), (-0.28, -0.6), (0, -1), (0.28, -0.6), (0.25, 0.6)), 0), (_s((-0.2, 0.1), (-0.8, 0.1), (-0.85, -0.5), (-0.6, -0.5), (-0.55, -0.1), (-0.2, -0.15)), 0),
        (_s((0.2, -0.1), (0.7, -0.1), (0.75, -0.6), (0.55, -0.6), (0.5, -0.3), (0.2, -0.35)), 0), (_p((-0.55, 0.5), (0.55, 0.5), (0.4, 1), (-0.4, 1)), 1), (_e(0, -0.98, 0.13), 4),
    ],
    "cake": lambda: [
        (_e(0, 0.75, 0.95, 0.16), 2), (_r(-0.75, 0.05, 0.75, 0.7), 3), (_r(-0.75, 0.3, 0.75, 0.45), 0),
        (_s((-0.8, 0.1), (-0.5, -0.12), (0.5, -0.12), (0.8, 0.1), (0.5, 0.28), (0.2, 0.12), (-0.2, 0.28), (-0.5, 0.14)), 0),
        *[(_r(x - 0.05, -0.6, x + 0.05, -0.1), 1) for x in (-0.4, 0.0, 0.4)], *[(_e(x, -0.72, 0.07, 0.13), 4) for x in (-0.4, 0.0, 0.4)],
    ],
    "pill": lambda: [
        (_bar((-0.5, -0.5), (0.05, 0.05), 0.6), 0), (_e(-0.5, -0.5, 0.3), 0), (_bar((0, 0), (0.5, 0.5), 0.6), 4), (_e(0.5, 0.5, 0.3), 4),
    ],
    "glass": lambda: [
        (_bar((0, 0.2), (0, 0.9), 0.09), 3), (_e(0, 0.92, 0.4, 0.08), 3), (_s((-0.5, -0.95), (0.5, -0.95), (0.45, -0.1), (0, 0.25), (-0.45, -0.1)), 3),
        (_s((-0.48, -0.45), (0.48, -0.45), (0.4, -0.05), (0, 0.2), (-0.4, -0.05)), 0),
    ],
    "bell": lambda: [
        (_e(0, 0.75, 0.2), 2), (_s((0, -0.95), (0.55, -0.4), (0.65, 0.3), (0.95, 0.65), (-0.95, 0.65), (-0.65, 0.3), (-0.55, -0.4)), 0), (_e(0, -0.9, 0.12), 1),
    ],
    "envelope": lambda: [
        (_r(-0.95, -0.6, 0.95, 0.65), 3), (_p((-0.95, -0.6), (0, 0.15), (0.95, -0.6)), 0), (_e(0, 0.1, 0.14), 4),
    ],
    "camera": lambda: [
        (_r(-0.35, -0.75, 0.35, -0.3), 2), (_r(-0.95, -0.5, 0.95, 0.7), 0), (_e(0, 0.1, 0.48), 2), (_e(0, 0.1, 0.34), 1), (_e(-0.12, 0.0, 0.1), 3), (_e(0.72, -0.28, 0.09), 4),
    ],
    "globe": lambda: [
        (_e(0, 0, 0.92), 0), (_s((-0.7, -0.4), (-0.2, -0.75), (0, -0.3), (-0.4, 0.1), (-0.75, 0)), 1), (_s((0.1, -0.1), (0.6, -0.3), (0.7, 0.3), (0.3, 0.7), (0.1, 0.3)), 1), (_e(-0.3, 0.6, 0.2, 0.12), 1),
    ],
    "crown": lambda: [
        (_p((-0.9, 0.6), (-0.95, -0.5), (-0.45, 0.0), (0, -0.8), (0.45, 0.0), (0.95, -0.5), (0.9, 0.6)), 0), (_r(-0.9, 0.45, 0.9, 0.75), 1), (_e(0, -0.82, 0.12), 4), (_e(-0.95, -0.52, 0.1), 4), (_e(0.95, -0.52, 0.1), 4),
    ],
    "bottle": lambda: [
        (_r(-0.16, -0.95, 0.16, -0.75), 2), (_s((-0.15, -0.75), (0.15, -0.75), (0.2, -0.4), (0.42, -0.1), (0.42, 0.9), (-0.42, 0.9), (-0.42, -0.1), (-0.2, -0.4)), 0), (_r(-0.42, 0.1, 0.42, 0.6), 3),
    ],
    "banana": lambda: [
        (_s((-0.85, -0.5), (-0.5, 0.2), (0.2, 0.55), (0.9, 0.35), (0.6, 0.75), (-0.1, 0.85), (-0.75, 0.45)), 0), (_bar((-0.85, -0.45), (-0.9, -0.7), 0.14), 2),
    ],
    "duck": lambda: [
        (_s((-0.9, 0.1), (-0.4, 0.1), (0.2, -0.1), (0.7, 0.2), (0.5, 0.8), (-0.4, 0.85)), 0), (_e(0.3, -0.4, 0.42), 0), (_p((0.65, -0.5), (1.0, -0.3), (0.65, -0.2)), 1), (_e(0.42, -0.5, 0.08), 2), (_s((-0.5, 0.3), (0, 0.25), (0.1, 0.5), (-0.3, 0.6)), 3),
    ],
    "ghost": lambda: [
        (_s((-0.7, 0.9), (-0.75, -0.2), (-0.4, -0.9), (0.4, -0.9), (0.75, -0.2), (0.7, 0.9), (0.4, 0.65), (0, 0.95), (-0.4, 0.65)), 3), *_eyes(-0.25, 0.28, 0.14), (_e(0, 0.15, 0.12, 0.16), 2),
    ],
    "shirt": lambda: [
        (_p((-0.35, -0.8), (-1, -0.4), (-0.8, 0.0), (-0.5, -0.15), (-0.5, 0.9), (0.5, 0.9), (0.5, -0.15), (0.8, 0.0), (1, -0.4), (0.35, -0.8)), 0), (_s((-0.35, -0.82), (0, -0.55), (0.35, -0.82), (0, -0.75)), 3), (_star() * 0.22 + np.array([0, 0.1]), 4),
    ],
    "scissors": lambda: [
        (_bar((-0.5, 0.6), (0.6, -0.9), 0.14), 3), (_bar((0.5, 0.6), (-0.6, -0.9), 0.14), 3), (_e(-0.5, 0.68, 0.3), 0), (_e(0.5, 0.68, 0.3), 0), (_e(-0.5, 0.68, 0.16), 1), (_e(0.5, 0.68, 0.16), 1), (_e(0, -0.08, 0.07), 2),
    ],
    "key": lambda: [
        (_bar((-0.2, 0), (0.95, 0), 0.16), 0), (_bar((0.6, 0), (0.6, 0.32), 0.14), 0), (_bar((0.85, 0), (0.85, 0.28), 0.14), 0), (_e(-0.5, 0, 0.45), 0), (_e(-0.5, 0, 0.22), 3),
    ],
}  # fmt: skip
"""Drawers of things by name."""


def palette(rng: np.random.Generator, *, fresh: float = 1.0) -> tuple[Color, ...]:
    """Return a colour for each of `ROLES`; ``fresh`` scales the saturation."""
    hue, second = rng.random(), rng.random()
    return (
        hsv(hue, fresh * rng.uniform(0.55, 0.9), rng.uniform(0.7, 1.0)),
        hsv(second, fresh * rng.uniform(0.35, 0.8), rng.uniform(0.6, 0.95)),
        hsv(rng.choice([hue, 0.07, 0.6]), fresh * rng.uniform(0.2, 0.6), rng.uniform(0.15, 0.4)),
        hsv(rng.choice([hue, 0.12]), fresh * rng.uniform(0.0, 0.15), rng.uniform(0.93, 1.0)),
        hsv(second + 0.4, fresh * rng.uniform(0.6, 0.95), rng.uniform(0.8, 1.0)),
    )


@dataclass(frozen=True)
class Manner:
    """How things are drawn: an outline or none, flat colour or light from one side.

    ``outline``: its colour; ``line``: its width in radii of the thing (0: none); ``light``: "flat", "spot" (a paler
    spot), "split" (a darker half) or "glow" (a gradient); ``lean``: radians that the thing is turned by.
    """

    outline: Color = INK
    line: float = 0.0
    light: str = "flat"
    lean: float = 0.0
    merge: bool = False
    """Neighbouring parts of one colour share one outline."""


def manner(rng: np.random.Generator) -> Manner:
    """Return a random manner of clip art."""
    return Manner(
        outline=pick(rng, (INK, INK, (70, 44, 30), (40, 50, 110))),
        line=pick(rng, (0.0, 0.03, 0.05, 0.09)),
        light=pick(rng, ("flat", "spot", "split", "glow")),
        lean=rng.normal(0, 0.12),
        merge=bool(rng.random() < 0.6),
    )


def draw_thing(
    image: Image.Image,
    parts: list[Part],
    at: tuple[float, float],
    r: float,
    colors: tuple[Color, ...],
    how: Manner,
) -> None:
    """Draw a thing of radius ``r`` (pixels) around ``at``."""
    pen = ImageDraw.Draw(image)
    spin = np.array([[np.cos(how.lean), np.sin(how.lean)], [-np.sin(how.lean), np.cos(how.lean)]])
    stroke = round(how.line * r)
    for role, shapes in runs(parts, merge=how.merge):
        outlines = [shape @ spin * r + np.asarray(at) for shape in shapes]
        if role == LINE:
            for line in outlines:
                pen.line(xy(line), fill=how.outline if stroke else colors[2], width=stroke or max(round(r * 0.04), 2))
            continue
        for points in outlines if stroke else ():
            pen.line(xy(np.concatenate([points, points[:2]])), fill=how.outline, width=2 * stroke, joint="curve")
        for points in outlines:
            pen.polygon(xy(points), fill=colors[role])
            if how.light != "flat":
                _light(image, pen, points, colors[role], how.light)


def runs(parts: list[Part], *, merge: bool) -> list[tuple[int, list[Points]]]:
    """Return the parts as (role, outlines): neighbours of one role together if ``merge``."""
    groups: list[tuple[int, list[Points]]] = []
    for points, role in parts:
        if merge and groups and groups[-1][0] == role and role != LINE:
            groups[-1][1].append(points)
        else:
            groups.append((role, [points]))
    return groups


def _light(image: Image.Image, pen: ImageDraw.ImageDraw, points: Points, color: Color, light: str) -> None:
    low, high = points.min(0), points.max(0)
    middle, size = points.mean(0), high - low
    if min(size) < 6:
        return
    if light == "spot":
        pen.polygon(xy((points - middle) * 0.72 + middle - size * 0.06), fill=blend(color, WHITE, 0.22))
        return
    w, h = int(size[0]) + 2, int(size[1]) + 2
    mask = Image.new("L", (w, h), 0)
    ImageDraw.Draw(mask).polygon(xy(points - low), fill=255)
    at = (round(float(low[0])), round(float(low[1])))
    if light == "split":
        ImageDraw.Draw(mask).rectangle([0, 0, w * 0.52, h], fill=0)
        image.paste(blend(color, INK, 0.2), at, mask)
    else:
        image.paste(gradient(w, h, [blend(color, WHITE, 0.35), color, blend(color, INK, 0.22)]), at, mask)


def any_thing(rng: np.random.Generator) -> list[Part]:
    """Return the parts of a random thing."""
    return THINGS[pick(rng, tuple(THINGS))]()
