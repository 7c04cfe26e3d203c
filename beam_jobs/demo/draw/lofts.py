"""Smooth bodies of vehicles: sections along an axis, seen by a camera, painted as polished metal and glass."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import Color, Points, xy

Solid = NDArray[np.float64]
"""float64[n, 3] of ahead, up, left, in metres."""

GLASS: Color = (34, 40, 48)
DARK: Color = (24, 24, 28)


class Camera:
    """A camera that looks at a vehicle; the vehicle looks along its own ``ahead``."""

    def __init__(self, turn: float, eye: float, far: float) -> None:
        """``turn``: 0 side view, looking right; π/2 from the front. ``eye`` and ``far`` in metres."""
        self.turn, self.eye, self.far = turn, eye, far
        self.scale, self.shift = 1.0, np.zeros(2)

    def seen(self, points: Solid | Sequence[Sequence[float]]) -> Solid:
        """Return right, up and towards the camera (metres)."""
        p = np.asarray(points, dtype=np.float64)
        cos, sin = np.cos(self.turn), np.sin(self.turn)
        return np.stack([p[..., 0] * cos - p[..., 2] * sin, p[..., 1], p[..., 0] * sin + p[..., 2] * cos], axis=-1)

    def flat(self, points: Solid | Sequence[Sequence[float]]) -> Points:
        """Return x, y on the canvas."""
        s = self.seen(points)
        away = np.maximum(self.far - s[..., 2], 0.3)
        return np.stack([s[..., 0] / away, (self.eye - s[..., 1]) / away], axis=-1) * self.scale + self.shift

    def near(self, points: Solid) -> NDArray[np.float64]:
        """Return closeness to the camera, float64[n]: the larger, the nearer."""
        s = self.seen(points)
        depth: NDArray[np.float64] = -np.hypot(self.far - s[..., 2], s[..., 0])
        return depth

    def aim(self, points: Solid, box: tuple[float, float, float, float]) -> None:
        """Choose zoom and shift so that the points fill a box (left, top, right, bottom) of the canvas."""
        self.scale, self.shift = 1.0, np.zeros(2)
        flat = self.flat(points)
        low, high = flat.min(0), flat.max(0)
        self.scale = float(min((box[2] - box[0]) / (high[0] - low[0]), (box[3] - box[1]) / (high[1] - low[1])))
        middle = np.array([(box[0] + box[2]) / 2, box[3]])
        self.shift = middle - np.array([(low[0] + high[0]) / 2, high[1]]) * self.scale

    @property
    def horizon(self) -> float:
        """Height of the eye's level on the canvas, in pixels from the top."""
        return float(self.shift[1])

    def faces(self, normal: Sequence[float], at: Sequence[float]) -> bool:
        """Return whether a face at a point is turned to the camera."""
        s, n = self.seen(np.asarray([at]))[0], self.seen(np.asarray([normal]))[0]
        view = np.array([-s[0], self.eye - s[1], self.far - s[2]])
        return bool(view @ n > 0)


class Scene:
    """A canvas, a camera and the light that falls on polished surfaces."""

    def __init__(self, image: Image.Image, camera: Camera, rng: np.random.Generator) -> None:
        self.image, self.camera, self.rng = image, camera, rng
        self.pen = ImageDraw.Draw(image)
        self.sun = np.array([rng.uniform(-0.7, 0.7), 1.0, rng.uniform(0.3, 1.1)])
        self.sun /= np.linalg.norm(self.sun)
        self.sky = np.array(rng.choice([[206, 222, 240], [236, 236, 238], [250, 220, 190]]), dtype=np.float64)
        self.polish, self.bright = rng.uniform(0.15, 0.5), rng.uniform(0.95, 1.35)

    def lit(
        self, colors: NDArray[np.float64], normals: Solid, at: Solid, polish: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """Return int[n, 3], the colours under sun and sky, with what they mirror."""
        n, s = self.camera.seen(normals), self.camera.seen(at)
        view = np.stack([-s[:, 0], self.camera.eye - s[:, 1], self.camera.far - s[:, 2]], axis=1)
        view /= np.linalg.norm(view, axis=1, keepdims=True)
        lamp = np.clip(n @ self.sun, 0, None)
        facing = np.clip((n * view).sum(1), 0, 1)
        mirror = 2 * facing[:, None] * n - view
        up = mirror[:, 1]
        bright = np.where(up > 0.08, 0.45 + 0.55 * np.clip(up, 0, 1), np.where(up > -0.12, 0.12, 0.3 + 0.1 * up))
        fresnel = polish * (0.35 + 0.65 * (1 - facing) ** 2)
        shine = np.clip(mirror @ self.sun, 0, 1) ** 40 * polish * 1.6
        base = colors * (0.42 + 0.28 * np.clip(n[:, 1], -0.6, 1) + 0.6 * lamp)[:, None]
        total = base * (1 - fresnel[:, None] * 0.6) + self.sky * (bright * fresnel)[:, None] + 255 * shine[:, None]
        shown: NDArray[np.int64] = np.clip(total * self.bright, 0, 255).astype(np.int64)
        return shown

    def mesh(self, grid: Solid, colors: NDArray[np.float64], polish: NDArray[np.float64]) -> None:
        """Paint a closed body.

        Args:
            grid: float64[sections, around, 3], each section a ring or an arch around the axis.
            colors: float64[sections − 1, around − 1, 3].
            polish: float64[sections − 1, around − 1], 0–1.
        """
        quads = np.stack([grid[:-1, :-1], grid[1:, :-1], grid[1:, 1:], grid[:-1, 1:]], axis=2).reshape(-1, 4, 3)
        middle = quads.mean(1)
        axis = np.repeat((grid[:-1] + grid[1:]).mean(1) / 2, grid.shape[1] - 1, axis=0)
        normal = np.cross(quads[:, 2] - quads[:, 0], quads[:, 3] - quads[:, 1])
        normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
        normal *= np.where((normal * (middle - axis)).sum(1, keepdims=True) < 0, -1, 1)
        s, n = self.camera.seen(middle), self.camera.seen(normal)
        view = np.stack([-s[:, 0], self.camera.eye - s[:, 1], self.camera.far - s[:, 2]], axis=1)
        shown = np.nonzero((view * n).sum(1) > 0)[0]
        shown = shown[np.argsort(self.camera.near(middle[shown]))]
        tones = self.lit(colors.reshape(-1, 3)[shown], normal[shown], middle[shown], polish.reshape(-1)[shown])
        flat = self.camera.flat(quads[shown].reshape(-1, 3)).reshape(-1, 8)
        for corners, (red, green, blue) in zip(flat.tolist(), tones.tolist(), strict=True):
            self.pen.polygon(corners, fill=(red, green, blue))

    def face(
        self, points: Sequence[Sequence[float]] | Solid, color: Color, normal: Sequence[float], *, polish: float = 0.1
    ) -> None:
        """Paint a flat face, unless it looks away."""
        corners = np.asarray(points, dtype=np.float64)
        if not self.camera.faces(normal, corners.mean(0).tolist()):
            return
        tone = self.lit(
            np.array([color], dtype=np.float64),
            np.array([normal], dtype=np.float64),
            corners.mean(0)[None],
            np.array([polish]),
        )[0]
        self.pen.polygon(xy(self.camera.flat(corners)), fill=(int(tone[0]), int(tone[1]), int(tone[2])))

    def block(self, low: Sequence[float], high: Sequence[float], color: Color, *, polish: float = 0.1) -> None:
        """Paint a box between two corners."""
        (x0, y0, z0), (x1, y1, z1) = low, high
        for axis, (a, b) in enumerate(((x0, x1), (y0, y1), (z0, z1))):
            for value, sign in ((a, -1.0), (b, 1.0)):
                normal = [0.0, 0.0, 0.0]
                normal[axis] = sign
                others = [(x0, x1), (y0, y1), (z0, z1)]
                others[axis] = (value, value)
                (p, q), (r, s), (t, u) = others
                if axis == 0:
                    corners = [(p, r, t), (p, s, t), (p, s, u), (p, r, u)]
                elif axis == 1:
                    corners = [(p, r, t), (q, r, t), (q, r, u), (p, r, u)]
                else:
                    corners = [(p, r, t), (q, r, t), (q, s, t), (p, s, t)]
                self.face(corners, color, normal, polish=polish)

    def disc(
        self, at: Sequence[float], radius: float, color: Color, *, part: tuple[float, float] = (0.0, 2 * np.pi)
    ) -> None:
        """Paint an upright disc that looks sideways."""
        angle = np.linspace(part[0], part[1], 30)
        x, y, z = at
        ring = np.stack([x + np.cos(angle) * radius, y + np.sin(angle) * radius, np.full(30, z)], axis=1)
        self.pen.polygon(xy(self.camera.flat(ring)), fill=color)

    def shadow_box(self, half_long: float, half_wide: float, at: float = 0.0) -> Points:
        """Return the outline on the canvas of the ground below a vehicle."""
        corners = [(at + x * half_long, 0.0, z * half_wide) for x, z in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
        return self.camera.flat(corners)


def arches(
    x: NDArray[np.float64], low: NDArray[np.float64], belt: NDArray[np.float64], roof: NDArray[np.float64],
    wide: NDArray[np.float64], narrow: NDArray[np.float64], crown: float = 0.04,
) -> Solid:  # fmt: skip
    """Return the grid of a car body: for each x the arch from the left sill over the roof to the right one.

    All are float64[n]: bottom, belt line and roof heights, half widths at the belt and at the roof.
    """
    body = [(0.0, 0.92), (0.12, 0.985), (0.45, 1.0), (0.8, 0.99), (1.0, 0.955)]
    half = [np.stack([x, low + (belt - low) * up, wide * share], axis=1) for up, share in body]
    for up in (0.25, 0.5, 0.75, 0.92):
        half.append(np.stack([x, belt + (roof - belt) * up, wide * 0.955 + (narrow - wide * 0.955) * up], axis=1))
    half.append(np.stack([x, roof, narrow * 0.93], axis=1))
    half.append(np.stack([x, roof + crown * 0.7, narrow * 0.5], axis=1))
    half.append(np.stack([x, roof + crown, narrow * 0.0], axis=1))
    left = np.stack(half, axis=1)
    right = left[:, -2::-1] * np.array([1, 1, -1])
    return np.concatenate([left, right], axis=1)


BELT_RING, EDGE_RING, RINGS = 4, 8, 22
"""First quad above the belt, first quad of the roof, and quads around an arch (11 on each side)."""
