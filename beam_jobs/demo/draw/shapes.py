"""Bent limbs, and shapes fitted to the square from −1 to 1."""

import numpy as np

from beam_jobs.demo.draw.canvas import Points, oval, smooth
from beam_jobs.demo.draw.things import Part

_Pair = tuple[float, float]


def ellipse_at(at: Points | _Pair, rx: float, ry: float, turn: float = 0.0, steps: int = 48) -> Points:
    """Return the outline of an ellipse around a point; ``turn`` in radians."""
    return oval(float(at[0]), float(at[1]), rx, ry, turn, steps)


def limb(path: list[_Pair] | Points, widths: list[float]) -> Points:
    """Return the outline of a bent limb along ``path`` with a width at each of its points and round ends."""
    line = smooth(np.asarray(path, dtype=np.float64), closed=False, steps=6)
    wide = np.interp(np.linspace(0, 1, len(line)), np.linspace(0, 1, len(widths)), widths) / 2
    along = np.gradient(line, axis=0)
    side = np.stack([-along[:, 1], along[:, 0]], axis=1) / np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-6)[:, None]
    left, right = line + side * wide[:, None], (line - side * wide[:, None])[::-1]
    caps = []
    for middle, way, r in ((line[-1], along[-1], wide[-1]), (line[0], -along[0], wide[0])):
        turn = np.arctan2(way[1], way[0]) + np.linspace(np.pi / 2, -np.pi / 2, 7)[1:-1]
        caps.append(middle + np.stack([np.cos(turn), np.sin(turn)], axis=1) * r)
    outline: Points = np.concatenate([left, caps[0], right, caps[1]])
    return outline


def framed(parts: list[Part]) -> list[Part]:
    """Return the parts moved and scaled to fill the square from −1 to 1."""
    every = np.concatenate([points for points, _ in parts])
    low, high = every.min(axis=0), every.max(axis=0)
    scale = 2 / max(float((high - low).max()), 1e-6)
    return [((points - (low + high) / 2) * scale, role) for points, role in parts]
