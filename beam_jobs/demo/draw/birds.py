"""Birds: on a branch, in flight, on the water, and the face of an owl."""

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.beasts import DARK, some_fur
from beam_jobs.demo.draw.canvas import INK, SUPERSAMPLE, WHITE, Color, blend, oval, pick, smooth, xy
from beam_jobs.demo.draw.grounds import canvas_of, floor, outdoors
from beam_jobs.demo.draw.photo import backdrop, leaves, sky
from beam_jobs.demo.draw.relief import Relief, curve, lamp, mixed, mottle, place, streaks


class _Plumage:
    """Colours of a bird."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.back: Color = some_fur(rng)
        self.breast: Color = pick(rng, (blend(self.back, WHITE, 0.7), some_fur(rng), (240, 236, 226), (214, 110, 60)))
        self.wing: Color = pick(rng, (blend(self.back, DARK, 0.45), some_fur(rng), DARK))
        self.beak: Color = pick(rng, ((40, 36, 36), (224, 160, 50), (206, 90, 50), (110, 100, 90)))


def _bird(
    rng: np.random.Generator, relief: Relief, at: tuple[float, float], unit: float, side: int, *, neck: float = 0.0
) -> tuple[float, float]:
    """Build a bird in profile around the middle of its body; return its eye (pixels of the picture)."""
    tones, size = _Plumage(rng), relief.size
    lean = rng.uniform(0.2, 0.9) if not neck else 0.12

    def to(ahead: float, up: float, z: float = 0.0) -> tuple[float, float, float]:
        x = ahead * np.cos(lean) - up * np.sin(lean)
        y = ahead * np.sin(lean) + up * np.cos(lean)
        return at[0] + side * x * unit, at[1] - y * unit, z * unit

    back = mottle(rng, size, tones.back, 0.3, 30)
    share = ((relief._y - at[1]) / (unit * 0.35) + side * (relief._x - at[0]) / (unit * 0.8) + 0.35).astype(np.float32)
    body = mixed(back, tones.breast, np.clip(share * 2, 0, 1))
    long = rng.uniform(0.5, 1.1) if not neck else 0.3
    for feather in (-0.06, 0.0, 0.06):
        relief.limb(
            to(-0.45, 0.02, -0.1),
            to(-0.5 - long, feather - 0.05, -0.1),
            (0.1 * unit, 0.07 * unit),
            tones.wing,
            depth=0.4,
        )
    relief.limb(to(0.18, 0.0), to(-0.28, -0.02), (unit * 0.34, unit * 0.26), body)
    relief.limb(to(-0.2, -0.02), to(-0.5, 0.0), (unit * 0.24, unit * 0.1), back)
    head = to(0.42, 0.36 + neck) if not neck else (at[0] + side * unit * 0.5, at[1] - unit * (0.35 + neck), 0.0)
    r = unit * rng.uniform(0.2, 0.25) * (0.75 if neck else 1)
    cap = mixed(back, tones.wing, np.full(size[::-1], rng.choice([0.0, 0.9]), dtype=np.float32))
    if neck:
        bend = [to(0.35, 0.1), (at[0] + side * unit * 0.62, at[1] - unit * neck * 0.5, 0), head]
        relief.chain(curve(bend), (unit * 0.2, r * 0.8), body)
    else:
        relief.limb(to(0.25, 0.15), head, (unit * 0.28, r), body)
    relief.limb(head, head, (r, r), cap if rng.random() < 0.6 else body)
    beak = rng.uniform(0.9, 2.0)
    curl = rng.choice([0.1, 0.1, 0.9]) if not neck else 0.3
    relief.chain([(head[0] + side * r * 0.8, head[1], head[2]), (head[0] + side * r * (0.9 + beak * 0.6), head[1] + r * 0.1, 0),
                  (head[0] + side * r * (0.9 + beak * 0.85), head[1] + r * (0.15 + curl * 0.5), 0)],
                 (r * 0.45, r * 0.08), tones.beak)  # fmt: skip
    for row in range(4):
        for feather in range(5):
            start = to(0.12 - row * 0.1, 0.12 - feather * 0.07, 0.26 - 0.02 * row)
            stop = to(-0.25 - row * 0.14, 0.1 - feather * 0.06, 0.22 - 0.03 * row)
            shade = blend(tones.wing, pick(rng, (WHITE, DARK, tones.back)), rng.uniform(0, 0.35))
            relief.limb(start, stop, (unit * 0.06, unit * 0.045), shade, depth=0.35)
    return head[0] + side * r * 0.35, head[1] - r * 0.15


def _eye(image: Image.Image, at: tuple[float, float], r: float) -> None:
    x, y, r = at[0] * SUPERSAMPLE, at[1] * SUPERSAMPLE, max(r * SUPERSAMPLE, 3)
    pen = ImageDraw.Draw(image)
    pen.ellipse([x - r, y - r, x + r, y + r], fill=(16, 12, 12))
    pen.ellipse([x - r * 0.5, y - r * 0.6, x, y - r * 0.1], fill=WHITE)


def _settle(image: Image.Image, rng: np.random.Generator, relief: Relief, unit: float) -> None:
    hair = streaks(rng, relief.size, along=max(unit * 0.09, 3), across=1.6, angle=float(rng.normal(0, 40)))
    relief.rough += hair * rng.uniform(0.5, 1.1) * min(unit / 90, 1.2)
    relief.hairy(hair, max(unit * 0.015, 2))
    place(image, *relief.lit(lamp(rng), ambient=float(rng.uniform(0.45, 0.65))))


def bird_on_branch(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """Return a canvas with a small or a tall bird that sits on a branch or stands on the ground."""
    w, h = width * SUPERSAMPLE, height * SUPERSAMPLE
    unit = min(width, height) * rng.uniform(0.36, 0.52)
    at = (width * rng.uniform(0.4, 0.6), height * rng.uniform(0.42, 0.54))
    side = int(rng.choice([-1, 1]))
    relief = Relief((width, height))
    perch = rng.random() < 0.75
    image = (
        canvas_of(backdrop(rng, width, height, float(rng.choice([0.25, 0.3, 0.12, 0.58])))) if perch
        else outdoors(rng, width, height, pick(rng, ("grass", "sand", "paving")), rng.uniform(0.2, 0.5))
    )  # fmt: skip
    pen = ImageDraw.Draw(image)
    low = at[1] + unit * (0.42 if perch else 0.75)
    leg = pick(rng, ((70, 56, 50), (200, 130, 60), (150, 120, 110)))
    for step in (-0.08, 0.1):
        foot = (at[0] + unit * step) * SUPERSAMPLE
        pen.line(
            [(at[0] + unit * step * 0.6) * SUPERSAMPLE, at[1] * SUPERSAMPLE, foot, low * SUPERSAMPLE],
            fill=leg,
            width=max(round(unit * 0.07), 3),
        )
        for toe in (-1, 0, 1):
            pen.line(
                [
                    foot,
                    low * SUPERSAMPLE,
                    foot + (toe * 0.1 + side * 0.06) * unit * SUPERSAMPLE,
                    (low + unit * 0.03) * SUPERSAMPLE,
                ],
                fill=leg,
                width=max(round(unit * 0.05), 3),
            )
    eye = _bird(rng, relief, at, unit, side)
    if perch:
        wood = pick(rng, ((96, 72, 54), (70, 58, 50), (130, 108, 88)))
        tilt = rng.normal(0, 0.12) * width
        branch = curve(
            [
                (-8, low + tilt, 0),
                (width * 0.3, low + unit * 0.05, 0),
                (width * 0.65, low + unit * 0.06, 0),
                (width + 8, low - tilt, 0),
            ]
        )
        relief.chain(
            branch,
            (unit * rng.uniform(0.04, 0.09), unit * rng.uniform(0.04, 0.1)),
            mottle(rng, relief.size, wood, 0.6, 40),
        )
    _settle(image, rng, relief, unit)
    _eye(image, eye, unit * 0.045)
    if perch and rng.random() < 0.5:
        for _ in range(2):
            leaves(ImageDraw.Draw(image), rng, rng.choice([0.05, 0.95]) * w, rng.uniform(0, 1) * h, w * 0.1, count=14)
    return image


def swimming_bird(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """Return a canvas with a duck or a swan on water."""
    image = outdoors(rng, width, height, "water", rng.uniform(0.02, 0.35))
    unit = min(width * 0.6, height) * rng.uniform(0.5, 0.7)
    at = (width * rng.uniform(0.4, 0.6), height * rng.uniform(0.58, 0.68))
    relief = Relief((width, height))
    eye = _bird(rng, relief, at, unit, int(rng.choice([-1, 1])), neck=rng.uniform(0.1, 0.6))
    line = round(at[1] + unit * 0.2)
    relief.alpha[line:] *= np.linspace(1, 0, relief.alpha.shape[0] - line)[:, None] * 0.3
    _settle(image, rng, relief, unit)
    _eye(image, eye, unit * 0.035)
    pen = ImageDraw.Draw(image)
    for step in range(7):
        y = (line + step * unit * 0.05) * SUPERSAMPLE
        half = unit * (0.8 - 0.06 * step) * SUPERSAMPLE * rng.uniform(0.7, 1.1)
        x = at[0] * SUPERSAMPLE + rng.normal(0, unit * 0.1)
        pen.arc([x - half, y - half * 0.08, x + half, y + half * 0.08], 10, 170, fill=(200, 214, 222), width=2)
    return image


def flying_bird(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """Return a canvas with one to three birds in the sky."""
    image = sky(rng, width, height)
    if rng.random() < 0.3:
        floor(image, rng, height * rng.uniform(0.75, 0.9), "water")
    image = canvas_of(image)
    tones = _Plumage(rng)
    relief = Relief((width, height))
    unit = min(width, height) * rng.uniform(0.34, 0.5)
    x, y = width * rng.uniform(0.42, 0.58), height * rng.uniform(0.42, 0.55)
    side, lean = int(rng.choice([-1, 1])), rng.normal(0, 0.2)
    body = mottle(rng, relief.size, tones.breast, 0.25, 20)
    relief.limb(
        (x + side * unit * 0.3, y - lean * unit * 0.3, 0),
        (x - side * unit * 0.35, y + lean * unit * 0.3, 0),
        (unit * 0.14, unit * 0.08),
        body,
    )
    relief.limb(
        (x + side * unit * 0.48, y - lean * unit * 0.5, 0),
        (x + side * unit * 0.52, y - lean * unit * 0.5, 0),
        (unit * 0.1, unit * 0.09),
        body,
    )
    relief.limb(
        (x + side * unit * 0.6, y - lean * unit * 0.5, 0),
        (x + side * unit * 0.72, y - lean * unit * 0.48, 0),
        (unit * 0.04, unit * 0.01),
        tones.beak,
    )
    for feather in np.linspace(-0.25, 0.25, 5):
        relief.limb(
            (x - side * unit * 0.35, y, 0),
            (x - side * unit * 0.75, y + (lean + feather) * unit * 0.6, 0),
            (unit * 0.05, unit * 0.04),
            tones.wing,
            depth=0.3,
        )
    raised = rng.uniform(0.5, 1.2) * rng.choice([-1, 1, 1])
    for wing in (-1, 1):
        bone = smooth(
            np.array([(0.1, 0.0), (wing * 0.35 + 0.12, -raised * 0.45), (wing * 1.15 - 0.05, -raised * 0.75)]),
            closed=False,
            steps=13,
        )
        for place_, (bx, by) in enumerate(bone):
            share = place_ / (len(bone) - 1)
            drop = (0.42 - 0.12 * share) * rng.uniform(0.9, 1.05)
            root = (x + bx * unit, y + by * unit, wing * 3.0 + share)
            tip = (root[0] + unit * (wing * 0.28 * share - side * 0.16), root[1] + unit * drop, root[2])
            shade = blend(tones.back, tones.wing, share * 0.9)
            relief.limb(root, tip, (unit * 0.06, unit * 0.04), shade, depth=0.4)
        relief.chain(
            [(x + bx * unit, y + by * unit, wing * 3 + 2) for bx, by in bone], (unit * 0.07, unit * 0.02), tones.back
        )
    _settle(image, rng, relief, unit)
    _eye(image, (x + side * unit * 0.53, y - unit * (lean * 0.5 + 0.02)), unit * 0.02)
    return image


def owl_face(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """Return a canvas with an owl or a penguin-like upright bird that looks at the camera."""
    image = canvas_of(backdrop(rng, width, height, float(rng.choice([0.25, 0.1, 0.58]))))
    relief = Relief((width, height))
    unit = min(width * 0.9, height) * rng.uniform(0.26, 0.32)
    x, y = width * rng.uniform(0.42, 0.58), height * rng.uniform(0.3, 0.38)
    tones = _Plumage(rng)
    tone = pick(rng, ((150, 110, 74), (120, 96, 76), (230, 224, 212), (170, 150, 124), (110, 104, 100)))
    body = mixed(mottle(rng, relief.size, tone, 0.3, 10), blend(tone, DARK, 0.65),
                 streaks(rng, relief.size, along=unit * 0.16, across=unit * 0.06, angle=0) * 2.2 - 0.7)  # fmt: skip
    relief.limb(
        (x, y + unit * 0.9, -20),
        (x + rng.normal(0, 5), y + unit * 2.2, -20),
        (unit * 0.95, unit * 0.8),
        body,
        depth=0.6,
    )
    relief.limb((x - unit * 0.15, y, 0), (x + unit * 0.15, y, 0), (unit * 0.8, unit * 0.8), body, depth=0.5)
    for side in (-1, 1):
        relief.limb(
            (x + side * unit * 0.55, y - unit * 0.5, 2),
            (x + side * unit * 0.75, y - unit * rng.uniform(0.8, 1.15), 2),
            (unit * 0.2, unit * 0.04),
            body,
        )
        disc = blend(tone, WHITE, rng.uniform(0.3, 0.75))
        relief.limb(
            (x + side * unit * 0.36, y + unit * 0.02, unit * 0.35),
            (x + side * unit * 0.36, y + unit * 0.05, unit * 0.35),
            (unit * 0.36, unit * 0.36),
            disc,
            depth=0.3,
        )
        relief.limb(
            (x + side * unit * 0.85, y + unit * 0.9, 0),
            (x + side * unit * 0.75, y + unit * 2.2, 0),
            (unit * 0.3, unit * 0.2),
            mixed(body, DARK, np.full(relief.size[::-1], 0.25, dtype=np.float32)),
        )
    _settle(image, rng, relief, unit)
    pen = ImageDraw.Draw(image)
    iris = pick(rng, ((236, 176, 40), (230, 120, 30), (60, 36, 24), (240, 210, 70)))
    scale = unit * SUPERSAMPLE
    cx, cy = x * SUPERSAMPLE, y * SUPERSAMPLE
    for side in (-1, 1):
        ex = cx + side * scale * 0.36
        for r, color in ((0.24, INK), (0.2, iris), (rng.uniform(0.09, 0.14), (10, 8, 8))):
            pen.polygon(xy(oval(ex, cy, scale * r, scale * r)), fill=color)
        pen.ellipse([ex - scale * 0.12, cy - scale * 0.12, ex - scale * 0.05, cy - scale * 0.05], fill=WHITE)
    beak = smooth(np.array([(-0.1, 0.05), (0, -0.02), (0.1, 0.05), (0.03, 0.32), (0, 0.38), (-0.03, 0.32)]))
    pen.polygon(xy(beak * scale + np.array([cx, cy + scale * 0.05])), fill=tones.beak)
    pen.polygon(
        xy(beak * scale * 0.5 + np.array([cx - scale * 0.02, cy + scale * 0.08])), fill=blend(tones.beak, WHITE, 0.3)
    )
    return image
