"""Bodies as height fields under a lamp: round limbs and slabs, coats and cloth on them, light, gloss and shadows."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import SUPERSAMPLE, Color, Points, noise, smooth, xy

Field = NDArray[np.float32]
"""float32[height, width], one value for each pixel of the picture (not of the canvas)."""
Spot = tuple[float, float, float] | NDArray[np.float64]
"""x to the right, y down, z towards the eye, in pixels of the picture."""
Paint = Color | Field
"""One colour, or float32[3, height, width] from which each pixel takes its own."""

_NOWHERE = -1e4


def spread(field: Field, by: int) -> Field:
    """Return the field smoothed over about ``by`` pixels."""
    height, width = field.shape
    image = Image.fromarray(field)
    small = image.resize((max(width // by, 2), max(height // by, 2)), Image.Resampling.BOX)
    return np.asarray(small.resize((width, height), Image.Resampling.BILINEAR), dtype=np.float32)


def streaks(rng: np.random.Generator, size: tuple[int, int], *, along: float, across: float, angle: float) -> Field:
    """Return hair-like noise, mean 0 and about −1 to 1: ``along`` × ``across`` pixels a hair, ``angle`` in degrees."""
    width, height = size
    side = int(np.hypot(width, height)) + 2
    grid = rng.random((max(int(side / along), 2), max(int(side / across), 2)), dtype=np.float32)
    hair = Image.fromarray(grid).resize((side, side), Image.Resampling.BICUBIC).rotate(angle, Image.Resampling.BILINEAR)
    left, top = (side - width) // 2, (side - height) // 2
    return np.asarray(hair, dtype=np.float32)[top : top + height, left : left + width] * 2 - 1


def cloud(rng: np.random.Generator, size: tuple[int, int], cells: int) -> Field:
    """Return value noise, 0–1, of two octaves; ``cells`` across the picture."""
    width, height = size
    coarse = noise(rng, max(width // 3, 2), max(height // 3, 2), cells=cells, octaves=2).astype(np.float32)
    return np.asarray(Image.fromarray(coarse).resize(size, Image.Resampling.BILINEAR), dtype=np.float32)


def mottle(rng: np.random.Generator, size: tuple[int, int], color: Color, depth: float, cells: int) -> Field:
    """Return a paint of one colour whose light varies by ``depth`` (0–1)."""
    light = 1 + depth * (cloud(rng, size, cells) - 0.5) * 2
    paint: Field = np.stack([light * part for part in color])
    return paint


def mixed(first: Paint, second: Paint, share: Field) -> Field:
    """Return a paint: the second where ``share`` (float32[height, width], 0–1) is 1, the first where it is 0."""
    part = np.clip(share, 0, 1).astype(np.float32)
    planes = [part * (two - one) + one for one, two in zip(first, second, strict=True)]
    paint: Field = np.stack(planes)
    return paint


class Relief:
    """Bodies in front of a picture: what lies nearer to the eye hides the rest."""

    def __init__(self, size: tuple[int, int]) -> None:
        """``size`` is the picture's width and height."""
        self.size = size
        width, height = size
        self.z = np.full((height, width), _NOWHERE, dtype=np.float32)
        self.color = np.zeros((3, height, width), dtype=np.float32)
        self.alpha = np.zeros((height, width), dtype=np.float32)
        self.rough = np.zeros((height, width), dtype=np.float32)
        self.tint: Field | None = None
        self._x, self._y = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)[:, None]

    def limb(
        self,
        start: Spot,
        end: Spot,
        radii: tuple[float, float],
        paint: Paint,
        *,
        depth: float = 1.0,
        plain: bool = False,
    ) -> None:
        """Add a tapered rod with round ends; ``depth`` is its thickness towards the eye, in radii.

        ``plain`` takes away what was rough there.
        """
        (ax, ay, az), (bx, by, bz) = (tuple(float(v) for v in spot) for spot in (start, end))
        ra, rb = radii
        box = self._box(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by), max(ra, rb) + 1)
        if box is None:
            return
        dx, dy = bx - ax, by - ay
        x, y = self._x[box[1]] - ax, self._y[box[0]] - ay
        t = np.clip((x * dx + y * dy) / max(dx * dx + dy * dy, 1e-6), 0, 1)
        r = ra + (rb - ra) * t
        away = (x - t * dx) ** 2 + (y - t * dy) ** 2
        z = az + (bz - az) * t + depth * np.sqrt(np.maximum(r * r - away, 0))
        edge = np.clip(r - np.sqrt(away) + 0.5, 0, 1)
        self._put(box, z.astype(np.float32), edge.astype(np.float32), paint, plain)

    def chain(self, spots: Sequence[Spot] | Points, radii: tuple[float, float], paint: Paint) -> None:
        """Add rods from spot to spot, the radius running from the first to the last."""
        steps = np.linspace(radii[0], radii[1], len(spots))
        for place in range(len(spots) - 1):
            self.limb(spots[place], spots[place + 1], (float(steps[place]), float(steps[place + 1])), paint)

    def slab(
        self, outline: Points, z: float, paint: Paint, *, bulge: float = 0.0, soft: float = 6.0, plain: bool = False
    ) -> None:
        """Add a flat piece; ``bulge`` lifts its middle by so many pixels over a rim of ``soft`` pixels."""
        low, high = outline.min(0), outline.max(0)
        box = self._box(float(low[0]), float(low[1]), float(high[0]), float(high[1]), 2)
        if box is None:
            return
        width, height = box[1].stop - box[1].start, box[0].stop - box[0].start
        big = Image.new("L", (width * 2, height * 2), 0)
        ImageDraw.Draw(big).polygon(xy((outline - (box[1].start, box[0].start)) * 2), fill=255)
        edge = (np.asarray(big.reduce(2)) / 255).astype(np.float32)
        lift = np.full_like(edge, z)
        if bulge:
            inner = spread(spread(edge, max(round(soft), 2)), max(round(soft / 2), 2))
            lift += bulge * np.sqrt(np.clip(inner * 2 - 1, 0, 1))
        self._put(box, lift, edge, paint, plain)

    def _box(self, x0: float, y0: float, x1: float, y1: float, margin: float) -> tuple[slice, slice] | None:
        width, height = self.size
        left, right = max(int(x0 - margin), 0), min(int(x1 + margin) + 2, width)
        top, bottom = max(int(y0 - margin), 0), min(int(y1 + margin) + 2, height)
        return (slice(top, bottom), slice(left, right)) if left < right and top < bottom else None

    def _put(self, box: tuple[slice, slice], z: Field, edge: Field, paint: Paint, plain: bool) -> None:
        front = (edge > 0.02) & (z > self.z[box])
        np.copyto(self.z[box], z, where=front)
        for plane, part in zip(self.color, paint, strict=True):
            np.copyto(plane[box], part if isinstance(paint, tuple) else part[box], where=front)
        np.maximum(self.alpha[box], edge, out=self.alpha[box])
        if plain:
            np.copyto(self.rough[box], 0, where=front)

    def hairy(self, hair: Field, edge: float) -> None:
        """Fray the outline by ``edge`` pixels along hair-like noise."""
        body = self.z > _NOWHERE
        step = max(round(edge * 2), 3)
        size = (max(self.size[0] // step, 2), max(self.size[1] // step, 2))
        mask = Image.fromarray((body * 255).astype(np.uint8))
        share = np.maximum(np.asarray(mask.resize(size, Image.Resampling.BOX), dtype=np.float32) / 255, 1e-3)
        near = Image.fromarray(np.where(body, self.z, 0).astype(np.float32)).resize(size, Image.Resampling.BOX)
        level = Image.fromarray((np.asarray(near) / share).astype(np.float32))
        grown = spread(self.alpha, max(round(edge), 2))
        self.alpha = np.clip((grown - 0.42 + 0.45 * hair) * 3.0, 0, 1) * np.clip(grown * 8 - 0.4, 0, 1)
        outside = ~body & (self.alpha > 0.02)
        for plane in self.color:
            tones = Image.fromarray(plane * body).resize(size, Image.Resampling.BOX)
            around = Image.fromarray(np.asarray(tones) / share).resize(self.size, Image.Resampling.BILINEAR)
            np.copyto(plane, np.asarray(around), where=outside)
        self.z[outside] = np.asarray(level.resize(self.size, Image.Resampling.BILINEAR), dtype=np.float32)[outside]

    def lit(
        self, light: tuple[float, float, float], *, ambient: float = 0.5, gloss: float = 0.0, melt: int = 5,
        joined: float = 0.6,
    ) -> tuple[Image.Image, Image.Image]:  # fmt: skip
        """Return colours (RGB) and coverage (L) under a lamp.

        Args:
            light: where the lamp is: right, down, towards the eye.
            ambient: light in its shadow (0–1).
            gloss: strength of highlights.
            melt: over how many pixels bodies grow into one another.
            joined: how much of that (0–1).
        """
        box = self._used()
        body = self.z[box] > _NOWHERE
        inside = body.astype(np.float32)
        level = np.where(body, self.z[box], 0).astype(np.float32)
        even = spread(level, melt) / np.maximum(spread(inside, melt), 0.02)
        z = np.where(body, level * (1 - joined) + even * joined, even) + self.rough[box]
        slope_y, slope_x = (np.clip(part, -2.5, 2.5) for part in np.gradient(z))
        lx, ly, lz = (np.asarray(light, dtype=np.float32) / np.float32(np.linalg.norm(light))).tolist()
        steep = 1 / np.sqrt(slope_x**2 + slope_y**2 + 1)
        lamp = np.clip((lz - slope_x * lx - slope_y * ly) * steep, 0, None)
        lamp *= 1 - 0.65 * self._shaded(np.where(body, z, _NOWHERE).astype(np.float32), lx, ly, lz)
        dark = np.clip((spread(z, 16) - z) / 14, 0, 0.5)
        bright = (ambient * (0.75 + 0.35 * slope_y * steep) + (1.25 - ambient) * lamp) * (1 - dark)
        if self.tint is not None:
            bright *= 1 + self.tint[box]
        shine: Field | float = 0.0
        if gloss:
            half = np.array([lx, ly, lz + 1]) / np.linalg.norm([lx, ly, lz + 1])
            hx, hy, hz = (float(part) for part in half)
            shine = 255 * gloss * np.clip((hz - slope_x * hx - slope_y * hy) * steep, 0, None) ** 24
        bands = [np.clip(plane[box] * bright + shine, 0, 255).astype(np.uint8) for plane in self.color]
        picture = Image.new("RGB", self.size)
        picture.paste(Image.merge("RGB", [Image.fromarray(band) for band in bands]), (box[1].start, box[0].start))
        return picture, Image.fromarray((self.alpha * 255).astype(np.uint8))

    def _used(self) -> tuple[slice, slice]:
        """Return the rows and columns that hold anything, and a margin."""
        rows, columns = np.nonzero(self.alpha.any(1))[0], np.nonzero(self.alpha.any(0))[0]
        if not len(rows):
            return slice(0, min(8, self.size[1])), slice(0, min(8, self.size[0]))
        top, left = max(int(rows[0]) - 8, 0), max(int(columns[0]) - 8, 0)
        return slice(top, min(int(rows[-1]) + 9, self.size[1])), slice(left, min(int(columns[-1]) + 9, self.size[0]))

    def _shaded(self, z: Field, lx: float, ly: float, lz: float) -> Field:
        """Return how much of the lamp nearer parts take away (0–1)."""
        flat = max(float(np.hypot(lx, ly)), 1e-3)
        hidden = np.zeros_like(z)
        for step in (3, 7, 12, 20):
            move = (round(-ly / flat * step), round(-lx / flat * step))
            rise = np.roll(z, move, axis=(0, 1)) - z - step * lz / flat
            np.maximum(hidden, np.clip(rise / (2 + step * 0.3), 0, 1), out=hidden)
        return spread(hidden, 3)


def curve(points: Sequence[Spot] | Points, steps: int = 5) -> Points:
    """Return the smooth line float64[n, 3] through points in space."""
    spots = np.asarray(points, dtype=np.float64)
    flat = smooth(spots[:, :2], closed=False, steps=steps)
    return np.concatenate([flat, smooth(spots[:, [2, 2]], closed=False, steps=steps)[:, :1]], axis=1)


def place(image: Image.Image, picture: Image.Image, mask: Image.Image) -> None:
    """Paste a picture of the final size on the canvas, which is ``SUPERSAMPLE`` times as large."""
    box = mask.getbbox()
    if box is None:
        return
    size = ((box[2] - box[0]) * SUPERSAMPLE, (box[3] - box[1]) * SUPERSAMPLE)
    at = (box[0] * SUPERSAMPLE, box[1] * SUPERSAMPLE)
    nearest = Image.Resampling.NEAREST  # shrinking the canvas gives the same pixels again
    image.paste(picture.crop(box).resize(size, nearest), at, mask.crop(box).resize(size, nearest))


def lamp(rng: np.random.Generator) -> tuple[float, float, float]:
    """Return a lamp above the eye, to the left or the right."""
    return (
        float(rng.choice([-1, 1]) * rng.uniform(0.1, 0.9)),
        -float(rng.uniform(0.35, 1.0)),
        float(rng.uniform(0.4, 1.1)),
    )
