"""Where one thing is drawn as a photograph: a middle, a unit, lit bodies of cloth, metal or plastic."""

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import Color, Points, blur, hsv, noise, oval, pick, smooth, vivid, xy
from beam_jobs.demo.draw.ornaments import ornament
from beam_jobs.demo.draw.textures import SURFACES

Pairs = list[tuple[float, float]]


class Stage:
    """A canvas with a middle and a unit; shapes are given in units around the middle, y down."""

    def __init__(self, rng: np.random.Generator, image: Image.Image) -> None:
        self.rng, self.image = rng, image
        self.unit = min(image.size) * rng.uniform(0.72, 0.96)
        self.at = np.array(image.size) * rng.normal(0.5, 0.015, 2)
        self.turn = 0.0
        self.done = Image.new("L", image.size, 0)

    def spots(self, points: Points | Pairs) -> Points:
        """Return the points in pixels of the canvas."""
        p = np.asarray(points, dtype=np.float64) * self.unit
        c, s = np.cos(self.turn), np.sin(self.turn)
        placed: Points = np.stack([p[:, 0] * c - p[:, 1] * s, p[:, 0] * s + p[:, 1] * c], axis=1) + self.at
        return placed

    def part(
        self, points: Points | Pairs, paint: Color | Image.Image, *, gloss: float = 0.0, folds: float = 0.0
    ) -> None:
        """Paint a body: dark towards its rim, bright where the lamp stands, with folds of cloth or a shine."""
        mask = Image.new("L", self.image.size, 0)
        ImageDraw.Draw(mask).polygon(xy(self.spots(points)), fill=255)
        box = mask.getbbox()
        if box is None:
            return
        part, w, h = mask.crop(box), box[2] - box[0], box[3] - box[1]
        soft = (
            np.asarray(
                blur(part.resize((max(w // 4, 1), max(h // 4, 1))), self.unit * 0.012).resize((w, h)), dtype=np.float64
            )
            / 255
        )
        x = np.linspace(-1, 1, w)[None, :]
        light = 0.5 + 0.5 * np.clip(soft, 0.2, 1) - 0.12 * x + 0.06
        if folds:
            crease = noise(self.rng, w, h, cells=3, octaves=3) - 0.5
            light += folds * np.sin(crease * self.rng.uniform(8, 22)) * 0.5
        base = np.asarray(
            paint.resize((w, h)) if isinstance(paint, Image.Image) else Image.new("RGB", (w, h), paint),
            dtype=np.float64,
        )
        pixels = base * light[..., None]
        if gloss:
            for place in (self.rng.uniform(-0.6, -0.2), 0.8):
                pixels += (np.exp(-(((x - place) / 0.1) ** 2)) * gloss * 150 * soft)[..., None]
        self.image.paste(Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)), box[:2], part)
        self.done.paste(255, box[:2], part)

    def line(self, points: Points | Pairs, tone: Color, wide: float) -> None:
        """Draw a line; ``wide`` in units."""
        line = xy(self.spots(points))
        ImageDraw.Draw(self.image).line(line, fill=tone, width=max(round(self.unit * wide), 1), joint="curve")
        ImageDraw.Draw(self.done).line(line, fill=255, width=max(round(self.unit * wide), 1), joint="curve")

    def disc(self, x: float, y: float, rx: float, ry: float, paint: Color, *, gloss: float = 0.0) -> None:
        """Paint an ellipse."""
        self.part(oval(x, y, rx, ry), paint, gloss=gloss)

    def mirrored(self, half: Pairs, *, round_off: bool = True) -> Points:
        """Return a symmetric outline from its right half, top to bottom."""
        side = smooth(np.asarray(half), closed=False) if round_off else np.asarray(half, dtype=np.float64)
        return np.concatenate([side, side[::-1] * [-1, 1]])


def plain(rng: np.random.Generator) -> Color:
    """Return a colour as goods have: black, white, grey, or a dye."""
    if rng.random() < 0.5:
        return pick(rng, ((24, 24, 28), (52, 52, 58), (240, 240, 238), (190, 190, 192), (30, 36, 60), (150, 130, 110)))
    return vivid(rng) if rng.random() < 0.5 else hsv(rng.random(), rng.uniform(0.15, 0.6), rng.uniform(0.3, 0.95))


def fabric(rng: np.random.Generator) -> Color | Image.Image:
    """Return what clothes are made of: a dye, a print, or a surface."""
    kind = rng.random()
    if kind < 0.5:
        return plain(rng)
    if kind < 0.8:
        return ornament(rng, 260, 260)
    pixels = SURFACES[pick(rng, ("weave", "knit", "denim", "denim", "leather"))](rng, 260, 260)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
