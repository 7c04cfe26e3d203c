"""Single goods as shops and sellers photograph them: clothes laid flat, shoes, devices, furniture, fruit, jewellery."""

from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image, ImageChops, ImageDraw

from beam_jobs.demo.draw.canvas import (
    INK,
    WHITE,
    Color,
    Points,
    blend,
    blur,
    extent,
    font,
    gradient,
    grain,
    hsv,
    noise,
    oval,
    pastel,
    pick,
    shrink,
    smooth,
    vivid,
    words,
    xy,
)
from beam_jobs.demo.draw.ornaments import ornament
from beam_jobs.demo.draw.textures import SURFACES, surface

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


def _plain(rng: np.random.Generator) -> Color:
    """Return a colour as goods have: black, white, grey, or a dye."""
    if rng.random() < 0.5:
        return pick(rng, ((24, 24, 28), (52, 52, 58), (240, 240, 238), (190, 190, 192), (30, 36, 60), (150, 130, 110)))
    return vivid(rng) if rng.random() < 0.5 else hsv(rng.random(), rng.uniform(0.15, 0.6), rng.uniform(0.3, 0.95))


def _cloth(rng: np.random.Generator) -> Color | Image.Image:
    kind = rng.random()
    if kind < 0.5:
        return _plain(rng)
    if kind < 0.8:
        return ornament(rng, 260, 260)
    pixels = SURFACES[pick(rng, ("weave", "knit", "denim", "denim", "leather"))](rng, 260, 260)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _shirt(s: Stage) -> None:
    """T-shirts, blouses, jumpers, jackets, tops."""
    rng, paint = s.rng, _cloth(s.rng)
    long, wide, low = rng.choice([0.0, 0.14, 0.18, 0.42, 0.46]), rng.uniform(0.2, 0.29), rng.uniform(0.12, 0.46)
    neck, flare = rng.uniform(0.06, 0.13), rng.normal(0.0, 0.04)
    if long:
        drop = rng.uniform(0.3, 1.2)
        for side in (-1, 1):
            a, b = (
                np.array([side * wide * 0.95, -0.4]),
                np.array([side * (wide + long * np.cos(drop)), -0.4 + long * np.sin(drop) + 0.06]),
            )
            d = np.array([-(b - a)[1], (b - a)[0]]) / np.hypot(*(b - a)) * side
            s.part(
                np.array(
                    [a - d * 0.02 - [side * 0.06, 0.02], b - d * 0.01, b + d * 0.1, a + d * 0.17 - [side * 0.03, 0]]
                ),
                paint,
                folds=0.2,
            )
    s.part(
        s.mirrored(
            [(neck, -0.44), (wide * 0.95, -0.41), (wide, -0.22), (wide + flare * 0.3, 0.0), (wide + flare, low)],
            round_off=False,
        ),
        paint,
        folds=0.25,
    )
    inside = blend(_plain(rng), INK, 0.3)
    s.part(
        smooth(np.array([(-neck, -0.445), (0, -0.42), (neck, -0.445), (0, -0.44 + rng.uniform(0.04, 0.16))])), inside
    )
    if rng.random() < 0.35:
        tone = _plain(rng)
        s.line([(0, -0.36), (0, low)], blend(tone, INK, 0.3), 0.006)
        for y in np.arange(-0.32, low, 0.09):
            s.disc(0.014, y, 0.01, 0.01, tone)
    elif rng.random() < 0.5:
        ImageDraw.Draw(s.image).text(
            tuple(s.spots([(0, -0.18)])[0]),
            words(rng, 1).upper()[:8],
            _plain(rng),
            font(round(s.unit * rng.uniform(0.04, 0.09)), pick(rng, ("bold", "serif_bold"))),
            "mm",
        )


def _trousers(s: Stage) -> None:
    rng, paint = s.rng, _cloth(s.rng)
    low, wide, leg, apart = (
        rng.choice([-0.05, 0.1, 0.42, 0.46]),
        rng.uniform(0.14, 0.2),
        rng.uniform(0.07, 0.15),
        rng.uniform(0.02, 0.16),
    )
    for side in (-1, 1):
        s.part(
            [
                (side * -0.005, -0.45),
                (side * wide, -0.45),
                (side * (wide + 0.04), -0.25),
                (side * (apart + leg), low),
                (side * apart * 0.6, low),
                (0, -0.18),
            ],
            paint,
            folds=0.25,
        )
    s.part(
        [(-wide, -0.46), (wide, -0.46), (wide + 0.005, -0.41), (-wide - 0.005, -0.41)],
        _plain(rng) if rng.random() < 0.3 else paint,
    )
    s.line([(0, -0.42), (0.01, -0.2)], (60, 60, 66), 0.004)


def _dress(s: Stage) -> None:
    rng, paint = s.rng, _cloth(s.rng)
    low, hem, waist = rng.uniform(0.25, 0.47), rng.uniform(0.13, 0.34), rng.uniform(0.09, 0.15)
    if rng.random() < 0.7:
        s.part(
            s.mirrored(
                [(0.07, -0.46), (0.15, -0.43), (0.13, -0.3), (waist, -0.12), (hem * 0.8, low * 0.4), (hem, low)]
            ),
            paint,
            folds=0.35,
        )
        if rng.random() < 0.5:
            for side in (-1, 1):
                s.part(
                    [(side * 0.13, -0.44), (side * 0.27, -0.3), (side * 0.2, -0.24), (side * 0.12, -0.32)],
                    paint,
                    folds=0.2,
                )
        s.part(smooth(np.array([(-0.07, -0.465), (0.07, -0.465), (0, -0.4)])), (120, 116, 112))
    else:
        s.part(s.mirrored([(waist + 0.03, -0.35), (waist + 0.04, -0.3), (hem, low)], round_off=False), paint, folds=0.4)


def _shoe(s: Stage) -> None:
    rng, paint, sole = s.rng, _cloth(s.rng), pick(s.rng, (WHITE, (40, 40, 44), (170, 130, 90)))
    s.turn = rng.normal(0, 0.25)
    for shift in ((-0.06, -0.1), (0.03, 0.1)) if rng.random() < 0.35 else ((0.0, 0.0),):
        s.at = s.at + np.array(shift) * s.unit
        high, heel = rng.uniform(0.08, 0.36), rng.uniform(0.0, 0.12)
        s.part(
            smooth(
                np.array(
                    [
                        (-0.42, -0.12 - high * 0.4),
                        (-0.2, -0.14 - high),
                        (-0.1, -0.12 - high * 0.5),
                        (0.14, -0.05),
                        (0.4, 0.03),
                        (0.46, 0.14),
                        (0.0, 0.16),
                        (-0.42, 0.15),
                    ]
                )
            ),
            paint,
            gloss=rng.uniform(0, 0.6),
        )
        s.part(
            smooth(np.array([(-0.44, 0.12), (0, 0.13), (0.46, 0.12), (0.46, 0.18), (0, 0.2), (-0.44, 0.19 + heel)])),
            sole,
        )
        for k in range(int(rng.integers(0, 6))):
            s.line([(-0.12 + k * 0.055, -0.14 + k * 0.03), (-0.03 + k * 0.055, -0.08 + k * 0.03)], sole, 0.013)
        if rng.random() < 0.5:
            s.line(smooth(np.array([(-0.25, 0.0), (-0.1, 0.09), (0.18, -0.03)]), closed=False), sole, 0.03)


def _device(s: Stage) -> None:
    """Toasters, speakers, blenders, kettles, heaters, irons: boxes and turned bodies with knobs."""
    rng, tone = s.rng, _plain(s.rng)
    gloss, second = rng.uniform(0.1, 0.8), _plain(rng)
    kind = int(rng.integers(4))
    if kind == 0:
        w, h = rng.uniform(0.2, 0.42), rng.uniform(0.18, 0.38)
        s.part(smooth(np.array([(-w, -h), (w, -h), (w, h), (-w, h)]) * 1.0, steps=10) * [0.9, 0.9], tone, gloss=gloss)
        s.part(
            [(-w * 0.7, -h * 0.5), (w * 0.4, -h * 0.5), (w * 0.4, h * 0.6), (-w * 0.7, h * 0.6)],
            blend(second, INK, 0.5),
            gloss=0.4,
        )
        for y in (-0.4, 0.0, 0.4):
            s.disc(w * 0.72, h * y, 0.035, 0.035, second)
    elif kind == 1:
        s.part(
            s.mirrored([(0.12, -0.46), (0.16, -0.4), (rng.uniform(0.14, 0.22), -0.05), (0.12, 0.1)]),
            blend(tone, (200, 214, 220), rng.random()),
            gloss=0.9,
        )
        s.part(s.mirrored([(0.13, 0.08), (0.2, 0.2), (0.22, 0.44), (0.2, 0.46)]), tone, gloss=gloss)
        s.disc(0, 0.28, 0.06, 0.06, second)
        if rng.random() < 0.5:
            s.line(
                smooth(np.array([(0.16, -0.35), (0.3, -0.3), (0.28, -0.05), (0.17, 0.02)]), closed=False), tone, 0.035
            )
    elif kind == 2:
        r, h = rng.uniform(0.1, 0.3), rng.uniform(0.25, 0.47)
        s.part(s.mirrored([(r * 0.8, -h), (r, -h * 0.85), (r, h * 0.85), (r * 0.8, h)]), tone, gloss=gloss)
        s.part(oval(0, -h, r * 0.8, r * 0.2), blend(tone, WHITE, 0.2))
        for y in np.arange(-h * 0.4, h * 0.7, 0.035):
            s.line([(-r * 0.7, y), (r * 0.7, y)], blend(tone, INK, 0.4), 0.006)
    else:
        s.turn = rng.uniform(-0.8, 0.8)
        s.part(
            s.mirrored([(0.06, -0.46), (0.11, -0.4), (0.08, -0.15), (0.06, 0.1), (0.06, 0.42), (0.03, 0.46)]),
            tone,
            gloss=gloss,
        )
        s.part(s.mirrored([(0.1, -0.47), (0.1, -0.4)], round_off=False), (150, 152, 158), gloss=0.8)
        s.disc(0, -0.1, 0.02, 0.03, second)


def _watch(s: Stage) -> None:
    rng, strap, dial = s.rng, _plain(s.rng), _plain(s.rng)
    s.turn = rng.normal(0, 0.3)
    s.part(s.mirrored([(0.09, -0.48), (0.12, -0.2), (0.12, 0.2), (0.09, 0.48)]), strap, gloss=0.2)
    metal: Color = pick(rng, ((190, 192, 198), (206, 170, 96), (50, 50, 54), (214, 160, 140)))
    square = rng.random() < 0.35
    shape = (
        smooth(np.array([(-0.18, -0.2), (0.18, -0.2), (0.18, 0.2), (-0.18, 0.2)])) if square else oval(0, 0, 0.22, 0.22)
    )
    s.part(shape, metal, gloss=0.7)
    s.part(shape * 0.84, dial, gloss=0.2)
    for k in range(12):
        a = k * np.pi / 6
        s.line([(np.cos(a) * 0.14, np.sin(a) * 0.14), (np.cos(a) * 0.165, np.sin(a) * 0.165)], metal, 0.01)
    for far in (0.09, 0.13):
        a = rng.uniform(0, 6.3)
        s.line([(0, 0), (np.cos(a) * far, np.sin(a) * far)], blend(metal, WHITE, 0.4), 0.012)


def _headphones(s: Stage) -> None:
    tone, second = _plain(s.rng), _plain(s.rng)
    s.turn = s.rng.normal(0, 0.3)
    band = np.stack(
        [0.34 * np.cos(np.linspace(np.pi, 2 * np.pi, 30)), 0.42 * np.sin(np.linspace(np.pi, 2 * np.pi, 30)) + 0.05],
        axis=1,
    )
    s.line(band, blend(tone, INK, 0.3), 0.07)
    s.line(band - [0, 0.008], tone, 0.04)
    for side in (-1, 1):
        s.part(oval(side * 0.3, 0.18, 0.08, 0.17), blend(second, INK, 0.4))
        s.part(oval(side * 0.36, 0.18, 0.09, 0.18), tone, gloss=0.7)


def _bag(s: Stage) -> None:
    rng, paint, trim = s.rng, _cloth(s.rng), _plain(s.rng)
    w, h = rng.uniform(0.22, 0.36), rng.uniform(0.2, 0.34)
    s.line(
        smooth(
            np.array(
                [
                    (-w * 0.5, 0.1 - h),
                    (-w * 0.4, -h - 0.12),
                    (0, -h - rng.uniform(0.1, 0.18)),
                    (w * 0.4, -h - 0.12),
                    (w * 0.5, 0.1 - h),
                ]
            ),
            closed=False,
        ),
        blend(trim, INK, 0.2),
        0.03,
    )
    s.part(
        smooth(np.array([(-w * 0.85, -h + 0.08), (w * 0.85, -h + 0.08), (w, h), (-w, h)]), steps=6),
        paint,
        gloss=0.2,
        folds=0.15,
    )
    s.part([(-w * 0.7, h * 0.1), (w * 0.7, h * 0.1), (w * 0.75, h * 0.85), (-w * 0.75, h * 0.85)], paint, folds=0.1)
    s.line([(-w * 0.8, -h * 0.3), (w * 0.8, -h * 0.3)], trim, 0.015)
    s.disc(0, h * 0.12, 0.025, 0.025, (206, 180, 110))


def _seat(s: Stage) -> None:
    """Chairs, stools, sofas, tables, cupboards."""
    rng, paint, wood = (
        s.rng,
        _cloth(s.rng),
        hsv(s.rng.uniform(0.05, 0.1), s.rng.uniform(0.1, 0.6), s.rng.uniform(0.25, 0.8)),
    )
    kind, w = int(rng.integers(3)), rng.uniform(0.2, 0.28)
    if kind == 2:
        for x in (-0.42, 0.36):
            s.part([(x, 0.0), (x + 0.06, 0.0), (x + 0.06, 0.34), (x, 0.34)], wood)
        s.part(smooth(np.array([(-0.4, -0.22), (0.4, -0.22), (0.42, 0.1), (-0.42, 0.1)])), paint, folds=0.1)
        s.part([(-0.36, 0.02), (0.36, 0.02), (0.38, 0.2), (-0.38, 0.2)], paint, folds=0.1)
        for side in (-1, 1):
            s.part(
                smooth(
                    np.array([(side * 0.36, -0.08), (side * 0.46, -0.08), (side * 0.46, 0.28), (side * 0.36, 0.28)])
                ),
                paint,
            )
        return
    for x in (-w, w * 0.85, -w * 0.6, w * 0.5):
        s.line([(x * 0.8, 0.05), (x, 0.47)], wood, 0.03)
    if kind == 0:
        s.part(smooth(np.array([(-w, -0.44), (w, -0.44), (w * 0.9, 0.05), (-w * 0.9, 0.05)])), paint, gloss=0.2)
    s.part(
        smooth(np.array([(-w, 0.0), (w, 0.0), (w * 1.15, 0.13), (-w * 1.15, 0.13)])),
        paint if kind == 0 else wood,
        gloss=0.2,
    )


def _fruit(s: Stage) -> None:
    rng, hue = s.rng, s.rng.choice([0.0, 0.03, 0.08, 0.14, 0.25, 0.32, 0.78])
    count = int(rng.choice([1, 1, 2, 3, 5]))
    for place in range(count):
        r = 0.36 / np.sqrt(count)
        x, y = (place - (count - 1) / 2) * r * 1.2, rng.normal(0, 0.05)
        long = rng.choice([1.0, 0.95, 1.15, 1.7, 0.45])
        shape = (
            oval(0, 0, r, r, steps=16) * (1 + 0.04 * rng.standard_normal((16, 1))) * [1, long if long < 1.5 else 0.4]
        )
        turn = rng.uniform(-0.5, 0.5) if long != 1 else 0
        shape = shape @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) + (x, y)
        s.part(
            smooth(shape), hsv(hue + rng.normal(0, 0.015), rng.uniform(0.6, 0.95), rng.uniform(0.5, 0.95)), gloss=0.35
        )
        s.line([(x, y - r * min(long, 1) * 0.9), (x + 0.03, y - r * min(long, 1) * 1.15)], (90, 70, 40), 0.02)
        if rng.random() < 0.5:
            s.part(oval(x + 0.1, y - r * 1.05, 0.1, 0.035, -0.4), (80, 140, 50))


def _jewel(s: Stage) -> None:
    rng, metal = s.rng, pick(s.rng, ((206, 170, 96), (196, 200, 206), (214, 160, 140)))
    if rng.random() < 0.5:
        for shift, tone in ((0.0, blend(metal, INK, 0.4)), (-0.015, metal), (-0.025, blend(metal, WHITE, 0.6))):
            s.line(np.concatenate([oval(shift, 0.08, 0.26, 0.3)] * 2), tone, 0.05 if not shift else 0.03)
        s.part(np.array([(-0.12, -0.3), (-0.07, -0.4), (0.07, -0.4), (0.12, -0.3), (0, -0.16)]), pastel(rng), gloss=1.0)
    else:
        bend = np.stack(
            [0.3 * np.cos(np.linspace(-0.4, 3.54, 40)), 0.5 * np.sin(np.linspace(-0.4, 3.54, 40)) - 0.25], axis=1
        )
        for x, y in bend:
            s.disc(x, y, 0.018, 0.018, metal, gloss=0.5)
        s.part(
            smooth(oval(0, 0.32, 0.07, rng.uniform(0.07, 0.14), steps=int(rng.integers(4, 9)))), vivid(rng), gloss=0.9
        )


def _ball(s: Stage) -> None:
    rng, tone = s.rng, vivid(s.rng)
    s.part(oval(0, 0, 0.42, 0.42), tone, gloss=0.2)
    s.turn, ink = rng.uniform(0, 3), pick(rng, (INK, WHITE))
    for bow in (-0.5, 0.0, 0.5):
        t = np.linspace(-1, 1, 24)
        s.line(np.stack([bow * 0.42 * np.sqrt(1 - (t * 0.97) ** 2) * 1.1, t * 0.41], axis=1), ink, 0.012)
    s.line([(-0.42, 0), (0.42, 0)], ink, 0.012)


WARES: Mapping[str, Callable[[Stage], None]] = {
    "shirt": _shirt, "shirt_too": _shirt, "trousers": _trousers, "dress": _dress, "shoe": _shoe, "device": _device,
    "device_too": _device, "watch": _watch, "headphones": _headphones, "bag": _bag, "seat": _seat, "fruit": _fruit,
    "jewel": _jewel, "ball": _ball,
}  # fmt: skip


def _ground(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """Return white, a studio's colour, or what lies at home below a thing for sale: tiles, carpet, wood, a bed."""
    kind = rng.random()
    if kind < 0.5:
        return Image.new("RGB", (w, h), pick(rng, (WHITE, WHITE, WHITE, (244, 244, 244), (236, 232, 226))))
    if kind < 0.78:
        tone = hsv(rng.random(), rng.choice([0.03, 0.15, 0.7]), rng.uniform(0.5, 0.98))
        return gradient(w, h, [tone, blend(tone, WHITE, rng.uniform(0, 0.4)), blend(tone, INK, rng.uniform(0, 0.2))])
    if kind < 0.9:
        pixels = SURFACES[pick(rng, ("bricks", "planks", "weave", "plaster", "folds", "fur"))](
            rng, w // 4 * 2, h // 4 * 2
        )
        pale = pixels * 0.6 + 255 * 0.3
        return Image.fromarray(np.clip(pale, 0, 255).astype(np.uint8)).resize((w, h))
    return surface(rng, w // 2, h // 2).resize((w, h))


def ware(rng: np.random.Generator, size: int) -> Image.Image:
    """Return one thing on its ground, with a shadow, a reflection or neither."""
    width, height = extent(rng, size, 0.68, 1.3)
    bare = _ground(rng, width * 2, height * 2)
    stage = Stage(rng, bare.copy())
    WARES[pick(rng, list(WARES))](stage)
    mask, image = stage.done, bare
    kind = rng.random()
    if kind < 0.65:
        drop = stage.unit * rng.uniform(0.0, 0.04)
        dark = ImageChops.offset(
            mask.resize((width // 2, height // 2)), round(rng.normal(0, 1) * drop / 4), round(drop / 4)
        )
        dark = blur(dark, stage.unit * rng.uniform(0.004, 0.02)).point(lambda v: round(v * 0.5)).resize(image.size)
        image.paste((20, 20, 26), (0, 0), dark)
    elif kind < 0.8 and (box := mask.getbbox()):
        low = box[3]
        deep = min(image.height - low, low)
        if deep > 4:
            mirror = stage.image.crop((0, low - deep, image.width, low)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
            fade = mask.crop((0, low - deep, image.width, low)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
            image.paste(mirror, (0, low), fade.point(lambda v: v // 4))
    image.paste(stage.image, (0, 0), mask)
    return grain(shrink(image), rng, rng.uniform(0, 3))
