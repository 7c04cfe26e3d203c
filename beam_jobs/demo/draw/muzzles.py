"""Faces of pets and wild animals seen from close by."""

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.beasts import coat
from beam_jobs.demo.draw.canvas import INK, SUPERSAMPLE, WHITE, Color, Points, blend, hsv, oval, pick, smooth, xy
from beam_jobs.demo.draw.grounds import canvas_of, indoors, outdoors
from beam_jobs.demo.draw.photo import backdrop
from beam_jobs.demo.draw.relief import Paint, Relief, lamp, mixed, place, streaks


def pet_face(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """Return a canvas with the head of a cat, dog, rabbit, bear, fox, lion or tiger that looks at the camera."""
    scene = int(rng.integers(3))
    image = (
        canvas_of(backdrop(rng, width, height)) if scene == 0
        else indoors(rng, width, height, pick(rng, ("carpet", "wood", "sofa")), rng.uniform(0.3, 0.8)) if scene == 1
        else outdoors(rng, width, height, pick(rng, ("grass", "dirt", "snow")), rng.uniform(0.2, 0.6))
    )  # fmt: skip
    kind = pick(rng, ("cat", "cat", "cat", "dog", "dog", "dog", "rabbit", "bear", "fox", "lion", "tiger"))
    size = (width, height)
    unit = min(width, height) * rng.uniform(0.24, 0.36)
    at = np.array([width * rng.uniform(0.42, 0.58), height * rng.uniform(0.42, 0.55)])
    _Face(rng, kind, size, unit, at).draw(image)
    return image


class _Face:
    """A head; places are in half head widths around the point between the eyes and the nose."""

    def __init__(self, rng: np.random.Generator, kind: str, size: tuple[int, int], unit: float, at: Points) -> None:
        self.rng, self.kind, self.unit, self.at = rng, kind, unit, at
        self.lean, self.look = rng.normal(0, 0.15), rng.normal(0, 0.12)
        self.fur = coat(rng, size, kind, unit * 2.2)
        self.relief = Relief(size)
        self.eye_x, self.eye_y = {"cat": (0.42, -0.05), "rabbit": (0.6, -0.15)}.get(kind, (0.38, -0.14))

    def spot(self, x: float, y: float, z: float = 0.0) -> Points:
        """Return x, y, z in pixels of the picture; things nearer to the eye move with the look."""
        x += self.look * z
        cos, sin = np.cos(self.lean), np.sin(self.lean)
        flat = np.array([x * cos - y * sin, x * sin + y * cos]) * self.unit + self.at
        return np.array([flat[0], flat[1], z * self.unit])

    def limb(self, a: tuple[float, float, float], b: tuple[float, float, float], radii: tuple[float, float], paint: Paint,
             depth: float = 1.0) -> None:  # fmt: skip
        """Add a rod."""
        self.relief.limb(self.spot(*a), self.spot(*b), (radii[0] * self.unit, radii[1] * self.unit), paint, depth=depth)

    def draw(self, image: Image.Image) -> None:
        """Paint the head on the canvas."""
        rng, kind = self.rng, self.kind
        self._body()
        self._ears()
        self._skull()
        size = self.relief.size
        hair = streaks(rng, size, along=self.unit * 0.16, across=1.4, angle=float(rng.normal(0, 40)))
        fine = streaks(rng, size, along=self.unit * 0.08, across=1.1, angle=float(rng.normal(0, 25)))
        short = 0.7 if kind == "dog" else 1.0
        self.relief.rough += (hair + fine) * short * rng.uniform(0.7, 1.3) * min(self.unit / 60, 1.3)
        self.relief.hairy(hair, self.unit * rng.uniform(0.03, 0.06))
        place(image, *self.relief.lit(lamp(rng), ambient=float(rng.uniform(0.45, 0.7)), melt=9, joined=0.75))
        self._details(image)

    def _body(self) -> None:
        fur, rng = self.fur, self.rng
        wide = rng.uniform(0.75, 1.0)
        self.limb((0, 0.7, -1.1), (rng.normal(0, 0.3), 2.8, -1.0), (wide, wide * 1.4), fur.main)
        self.limb((0, 1.4, -0.5), (rng.normal(0, 0.2), 2.6, -0.4), (wide * 0.5, wide * 0.7), fur.pale)
        if self.kind == "lion":
            tone = pick(rng, ((130, 74, 34), (90, 56, 32), (170, 110, 56)))
            for angle in rng.uniform(0, 2 * np.pi, 90):
                reach = rng.uniform(1.1, 1.7)
                x, y = np.sin(angle), np.cos(angle) * 0.95 + 0.1
                shade = blend(tone, INK, rng.uniform(0, 0.4))
                self.limb((x * 0.9, y * 0.9, -0.3), (x * reach, y * reach, -0.6), (0.2, 0.06), shade)

    def _ears(self) -> None:
        fur, rng, kind = self.fur, self.rng, self.kind
        inner: Color = pick(rng, ((226, 160, 150), (190, 130, 120), (120, 84, 74)))
        hang = kind == "dog" and rng.random() < 0.6
        for side in (-1, 1):
            if kind == "rabbit":
                tip = (side * rng.uniform(0.35, 0.8), -2.3, -0.2)
                self.limb((side * 0.4, -0.7, -0.3), tip, (0.24, 0.17), fur.main)
                self.limb((side * 0.42, -0.9, -0.1), (tip[0], tip[1] + 0.1, 0.0), (0.12, 0.08), inner)
            elif hang:
                self.limb((side * 0.72, -0.55, 0.0), (side * 1.05, 0.5, 0.1), (0.26, 0.36), fur.ends)
            elif kind in ("bear", "lion", "tiger"):
                self.limb((side * 0.72, -0.75, -0.2), (side * 0.74, -0.8, -0.2), (0.32, 0.3), fur.main)
                self.limb(
                    (side * 0.72, -0.72, 0.02),
                    (side * 0.72, -0.74, 0.02),
                    (0.17, 0.15),
                    blend((60, 44, 38), inner, 0.4),
                )
            else:
                tall = {"cat": -1.35, "fox": -1.6}.get(kind, -1.35)
                self.limb((side * 0.58, -0.5, -0.3), (side * 0.82, tall, -0.35), (0.42, 0.05), fur.ends)
                self.limb((side * 0.6, -0.55, 0.0), (side * 0.79, tall * 0.88, -0.15), (0.24, 0.03), inner)

    def _skull(self) -> None:
        fur, kind = self.fur, self.kind
        wide, tall = {"cat": (0.8, 0.66), "dog": (0.66, 0.72), "rabbit": (0.62, 0.66), "fox": (0.7, 0.6)}.get(
            kind, (0.78, 0.74)
        )
        self.limb((-0.22, -0.15, 0), (0.22, -0.15, 0), (wide, wide), fur.main, 0.9)
        for side in (-1, 1):
            cheek = {"cat": 0.45, "fox": 0.4, "tiger": 0.5, "lion": 0.42}.get(kind, 0.25)
            self.limb((side * 0.2, 0.25, 0.1), (side * cheek, 0.35, 0.1), (tall * 0.75, tall * 0.7), fur.main)
        paint = mixed(fur.main, fur.pale, np.full(self.relief.size[::-1], 0.8, dtype=np.float32))
        if kind == "cat":
            for side in (-1, 1):
                self.limb((side * 0.15, 0.42, 0.62), (side * 0.2, 0.45, 0.6), (0.23, 0.23), paint)
            self.limb((0, 0.65, 0.5), (0, 0.68, 0.5), (0.2, 0.2), paint)
            self.limb((0, -0.2, 0.62), (0, 0.28, 0.8), (0.16, 0.13), fur.main)
            return
        long = {"dog": 0.85, "fox": 0.9, "rabbit": 0.5}.get(kind, 0.7)
        r = {"dog": 0.32, "fox": 0.2, "rabbit": 0.3}.get(kind, 0.38)
        self.limb((0, -0.1, 0.5), (0, 0.3, long), (r * 0.75, r * 0.7), fur.main)
        for side in (-1, 1):
            self.limb(
                (side * r * 0.35, 0.42, long * 0.75), (side * r * 0.5, 0.5, long * 0.7), (r * 0.85, r * 0.8), paint
            )
        self.limb((0, 0.72, long * 0.55), (0, 0.8, long * 0.5), (r * 0.75, r * 0.6), paint)

    def _details(self, image: Image.Image) -> None:
        """Eyes, nose, mouth and whiskers, sharper than fur."""
        rng, kind = self.rng, self.kind
        pen = ImageDraw.Draw(image)
        scale = self.unit * SUPERSAMPLE

        def flat(x: float, y: float, z: float) -> tuple[float, float]:
            spot = self.spot(x, y, z) * SUPERSAMPLE
            return float(spot[0]), float(spot[1])

        big = {"cat": 0.2, "dog": 0.13, "rabbit": 0.16, "bear": 0.08}.get(kind, 0.13) * rng.uniform(0.9, 1.1)
        wide_pupil = rng.uniform(0.25, 0.85) if kind == "cat" else 0.55
        for side in (-1, 1):
            x, y = flat(side * self.eye_x, self.eye_y, 0.75)
            r = big * scale
            tilt = self.lean + side * (-0.35 if kind in ("cat", "fox", "tiger", "lion") else -0.1)
            pen.polygon(xy(oval(x, y, r * 1.22, r * 1.05, tilt)), fill=(24, 18, 16))
            pen.polygon(xy(oval(x, y, r * 1.0, r * 0.88, tilt)), fill=blend(self.fur.eye, INK, 0.35))
            pen.polygon(xy(oval(x, y + r * 0.12, r * 0.85, r * 0.7, tilt)), fill=self.fur.eye)
            pupil = r * wide_pupil * (0.75 if kind == "cat" else 1.0)
            pen.polygon(xy(oval(x, y, pupil, r * (0.8 if kind == "cat" else wide_pupil), self.lean)), fill=(10, 8, 8))
            glint = r * 0.2
            pen.ellipse(
                [x - r * 0.4 - glint, y - r * 0.4 - glint, x - r * 0.4 + glint, y - r * 0.4 + glint], fill=WHITE
            )
        z = {"cat": 0.85, "dog": 1.2, "fox": 1.15, "rabbit": 0.8}.get(kind, 1.1)
        nose_y = 0.3 if kind != "rabbit" else 0.32
        half = {"cat": 0.1, "rabbit": 0.08, "fox": 0.11}.get(kind, 0.19)
        tone = pick(rng, ((34, 26, 26), (34, 26, 26), (206, 130, 124) if kind in ("cat", "rabbit") else (60, 40, 34)))
        outline = smooth(
            np.array(
                [
                    (-half, -half * 0.55),
                    (0, -half * 0.75),
                    (half, -half * 0.55),
                    (half * 0.5, half * 0.45),
                    (0, half * 0.8),
                    (-half * 0.5, half * 0.45),
                ]
            )
        )
        pen.polygon([flat(float(px), nose_y + float(py), z) for px, py in outline], fill=tone)
        x, y = flat(0, nose_y - half * 0.35, z)
        pen.ellipse(
            [x - half * scale * 0.4, y - half * scale * 0.2, x + half * scale * 0.4, y + half * scale * 0.1],
            fill=blend(tone, WHITE, 0.3),
        )
        dark, thick = blend(INK, (90, 60, 50), 0.5), max(round(scale * 0.025), 2)
        pen.line([flat(0, nose_y + half * 0.7, z), flat(0, nose_y + 0.17, z)], fill=dark, width=thick)
        for side in (-1, 1):
            mouth = smooth(np.array([(0, 0.17), (side * 0.12, 0.25), (side * 0.27, 0.2)]), closed=False)
            pen.line(
                [flat(float(px), nose_y + float(py), z - 0.1) for px, py in mouth],
                fill=dark,
                width=thick,
                joint="curve",
            )
        if kind == "dog" and rng.random() < 0.4:
            tongue = smooth(np.array([(-0.12, 0.28), (0.12, 0.28), (0.14, 0.6), (0, 0.7), (-0.14, 0.6)]))
            pen.polygon([flat(float(px), nose_y + float(py), z - 0.1) for px, py in tongue], fill=(224, 116, 124))
        if kind in ("cat", "tiger", "lion", "rabbit", "fox"):
            for side in (-1, 1):
                for step in range(5):
                    up = 0.36 + 0.06 * step
                    run = smooth(
                        np.array(
                            [
                                (side * 0.25, up),
                                (side * 0.8, up - 0.08 + 0.06 * step),
                                (side * 1.35, up - 0.15 + 0.16 * step),
                            ]
                        ),
                        closed=False,
                    )
                    pen.line([flat(float(px), float(py), 0.7) for px, py in run], fill=(240, 238, 232), width=2)
        if kind in ("cat", "dog") and rng.random() < 0.3:
            collar = smooth(np.array([(-0.62, 1.0), (0, 1.22), (0.62, 1.0)]), closed=False)
            pen.line(
                [flat(float(px), float(py), 0) for px, py in collar],
                fill=hsv(rng.random(), 0.8, 0.7),
                width=round(scale * 0.12),
            )
