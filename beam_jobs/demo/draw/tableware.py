"""Tables laid for a meal: cloth, boards, plates, bowls, cutlery, and where things on them lie in the picture."""

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import INK, SUPERSAMPLE, WHITE, Color, Points, blend, blur, hsv, noise, oval, pick, xy
from beam_jobs.demo.draw.grounds import canvas_of
from beam_jobs.demo.draw.photo import shadow, texture
from beam_jobs.demo.draw.relief import Relief, cloud

DISHWARE: tuple[Color, ...] = (
    (244, 242, 238), (244, 242, 238), (232, 226, 214), (60, 64, 72), (120, 140, 150), (150, 176, 190), (176, 120, 84),
    (96, 108, 96), (40, 36, 36), (214, 196, 170),
)  # fmt: skip


class Dish:
    """A round dish seen from above or at an angle: places are in its radii from its middle, heights too."""

    def __init__(
        self, image: Image.Image, rng: np.random.Generator, at: tuple[float, float], radius: float, flat: float,
        beside: "Dish | None" = None,
    ) -> None:  # fmt: skip
        """``at`` and ``radius`` in pixels of the picture; ``flat`` is height / width of its outline (1: from above).

        ``beside`` is a dish that shares light and relief with this one.
        """
        self.image, self.rng, self.at, self.radius, self.flat = image, rng, at, radius, flat
        self.rise = float(np.sqrt(1 - flat**2))
        self.size = (image.width // SUPERSAMPLE, image.height // SUPERSAMPLE)
        self.color: Color = pick(rng, DISHWARE)
        if beside is not None:
            self.relief: Relief = beside.relief
            self.light: tuple[float, float, float] = beside.light
            return
        self.relief = Relief(self.size)
        self.relief.tint = (cloud(rng, self.size, 44) - 0.5) * rng.uniform(0.2, 0.7)
        self.light = (
            float(rng.choice([-1, 1]) * rng.uniform(0.3, 0.9)),
            -float(rng.uniform(0.2, 0.8)),
            float(rng.uniform(0.4, 0.9)),
        )

    def spot(self, right: float, near: float, up: float = 0.0) -> Points:
        """Return x, y, z (pixels of the picture) of a place."""
        x, y = self.at
        return np.array([
            x + right * self.radius,
            y + (near * self.flat - up * self.rise) * self.radius,
            (up * self.flat + near * self.rise) * self.radius,
        ])  # fmt: skip

    def ring(self, share: float, up: float = 0.0) -> Points:
        """Return the outline of a circle of ``share`` radii around the middle, on the canvas."""
        x, y, _ = self.spot(0, 0, up) * SUPERSAMPLE
        return oval(x, y, share * self.radius * SUPERSAMPLE, share * self.radius * self.flat * SUPERSAMPLE, steps=72)

    def inside(self, share: float) -> Points:
        """Return a random place within ``share`` radii: right, near."""
        angle, far = self.rng.uniform(0, 2 * np.pi), share * np.sqrt(self.rng.random())
        return np.array([np.cos(angle) * far, np.sin(angle) * far])

    def plate(self) -> None:
        """Draw a plate: shadow, rim, well, sometimes with a painted rim."""
        rng, pen, color = self.rng, ImageDraw.Draw(self.image), self.color
        lean = np.array([-self.light[0], -self.light[1]]) * self.radius * SUPERSAMPLE * 0.1
        shadow(self.image, self.ring(1.04) + lean, 0.6, self.radius * 0.12)
        for share, light in ((1.0, 0.86), (0.985, 1.0), (0.95, 0.96)):
            pen.polygon(xy(self.ring(share)), fill=_tone(color, light))
        kind = int(rng.integers(5))
        paint = hsv(rng.choice([0.6, 0.0, 0.1, 0.4]), rng.uniform(0.3, 0.8), rng.uniform(0.3, 0.8))
        if kind == 0:
            pen.line(xy(self.ring(0.93)), fill=paint, width=max(round(self.radius * 0.05), 2))
        elif kind == 1:
            for angle in np.linspace(0, 2 * np.pi, int(rng.integers(12, 30)), endpoint=False):
                x, y, _ = self.spot(np.cos(angle) * 0.86, np.sin(angle) * 0.86) * SUPERSAMPLE
                r = self.radius * 0.08
                pen.polygon(xy(oval(x, y, r, r * self.flat)), fill=paint)
        self._well(0.72, 0.9, 0.97)

    def _well(self, share: float, dark: float, light: float) -> None:
        """Draw the hollow of the dish, darker towards the lamp."""
        pen = ImageDraw.Draw(self.image)
        lean = np.array([-self.light[0], -self.light[1]]) * self.radius * SUPERSAMPLE * 0.03
        for part in np.linspace(0, 1, 5):
            outline = self.ring(share - 0.05 * part) + lean * part
            pen.polygon(xy(outline), fill=_tone(self.color, dark + (light - dark) * part))

    def bowl(self, deep: float = 0.5) -> None:
        """Draw a bowl whose rim is the dish's circle; its foot lies below."""
        pen, color = ImageDraw.Draw(self.image), self.color
        shadow(self.image, self.ring(0.95, -deep * 0.8) + self.radius * 0.15, 0.65, self.radius * 0.15)
        steps = 14
        for part in range(steps + 1):
            share = part / steps
            wide = 0.55 + 0.45 * np.sin(share * np.pi / 2)
            pen.polygon(xy(self.ring(wide, -deep * (1 - share))), fill=_tone(color, 0.5 + 0.4 * share))
        pen.polygon(xy(self.ring(1.0)), fill=_tone(color, 1.04))
        pen.polygon(xy(self.ring(0.93)), fill=_tone(color, 0.62))
        self._well(0.92, 0.6, 0.9)

    def liquid(self, share: float, color: Color, *, gloss: bool = True) -> None:
        """Fill the hollow with soup, sauce or a drink."""
        outline = self.ring(share)
        left, top = (int(low) for low in outline.min(0))
        w, h = (int(high) + 2 - low for high, low in zip(outline.max(0), (left, top), strict=True))
        surface = texture(self.rng, w // 2 + 1, h // 2 + 1, color, cells=6, depth=0.25).resize(
            (w, h), Image.Resampling.NEAREST
        )
        pen = ImageDraw.Draw(surface)
        if gloss:
            for _ in range(int(self.rng.integers(4, 26))):
                u, v = self.inside(share * 0.9)
                x, y, _ = self.spot(u, v) * SUPERSAMPLE - (left, top, 0)
                r = self.radius * self.rng.uniform(0.01, 0.09)
                pen.polygon(xy(oval(x, y, r, r * self.flat)), outline=blend(color, WHITE, 0.3), width=2)
            x, y, _ = self.spot(self.light[0] * 0.5, self.light[1] * 0.5) * SUPERSAMPLE - (left, top, 0)
            r = self.radius * share * 0.5
            pen.polygon(xy(oval(x, y, r, r * 0.3 * self.flat, 0.5)), fill=blend(color, WHITE, 0.35))
        mask = Image.new("L", (w, h), 0)
        ImageDraw.Draw(mask).polygon(xy(outline - (left, top)), fill=255)
        self.image.paste(blur(surface, 2), (left, top), mask)


def _tone(color: Color, light: float) -> Color:
    red, green, blue = (min(round(part * light), 255) for part in color)
    return red, green, blue


def table(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """Return a canvas with a table top that fills it: planks, marble, cloth, slate or plain."""
    tone = pick(rng, ((150, 104, 66), (104, 68, 44), (196, 160, 118), (60, 52, 50), (226, 222, 216), (186, 182, 178),
                      (40, 42, 46), hsv(rng.random(), rng.uniform(0.1, 0.6), rng.uniform(0.4, 0.9))))  # fmt: skip
    kind = int(pick(rng, (0, 0, 1, 2, 3, 4)))
    if kind == 0:
        image = texture(rng, width, height, tone, cells=6, depth=0.15)
        grain = (
            noise(rng, 40, height, cells=40, octaves=2)
            if rng.random() < 0.5
            else noise(rng, width, 40, cells=40, octaves=2)
        )
        lines = Image.fromarray((grain * 255).astype(np.uint8)).resize((width, height))
        image = Image.composite(
            image,
            Image.new("RGB", image.size, blend(tone, INK, 0.4)),
            lines.point([min(255, 130 + v) for v in range(256)]),
        )
        pen = ImageDraw.Draw(image)
        turned, planks = rng.random() < 0.5, int(rng.integers(3, 9))
        gap = max(width, height) / planks
        for edge in np.arange(rng.uniform(0, gap), max(width, height), gap).tolist():
            pen.line(
                [edge, 0, edge, height] if turned else [0, edge, width, edge], fill=blend(tone, INK, 0.65), width=2
            )
    elif kind == 1:
        veins = noise(rng, width, height, cells=3, octaves=5)
        share = np.exp(-(((veins - 0.5) / 0.02) ** 2))[..., None] * 0.4
        image = Image.fromarray((np.array((232, 230, 228)) * (1 - share) + 130 * share).astype(np.uint8))
    elif kind == 2:
        image = texture(rng, width, height, tone, cells=70, depth=0.2)
        pen = ImageDraw.Draw(image, "RGBA")
        other, step = pick(rng, (WHITE, INK, (170, 40, 40), (40, 70, 130))), rng.uniform(12, 40)
        for edge in np.arange(0.0, max(width, height), float(step)).tolist():
            pen.rectangle([edge, 0, edge + step * 0.45, height], fill=(*other, 70))
            pen.rectangle([0, edge, width, edge + step * 0.45], fill=(*other, 70))
    else:
        image = texture(rng, width, height, tone, cells=int(pick(rng, (3, 30, 60))), depth=rng.uniform(0.1, 0.35))
    return canvas_of(image)


def cutlery(image: Image.Image, rng: np.random.Generator, at: tuple[float, float], long: float) -> None:
    """Lay a fork, a knife, a spoon or chopsticks beside a dish; ``at`` is the middle, both in pixels of the picture."""
    metal = pick(rng, ((190, 192, 196), (170, 172, 178), (206, 180, 110), (110, 76, 50)))
    kind, turn = pick(rng, ("fork", "knife", "spoon", "sticks")), rng.normal(0, 0.25)
    scale = long * SUPERSAMPLE

    def to(points: Points) -> Points:
        spun = np.stack(
            [
                points[:, 0] * np.cos(turn) - points[:, 1] * np.sin(turn),
                points[:, 0] * np.sin(turn) + points[:, 1] * np.cos(turn),
            ],
            axis=1,
        )
        placed: Points = spun * scale + np.array(at) * SUPERSAMPLE
        return placed

    shapes: list[Points] = []
    stem = np.array([(-0.02, -0.1), (0.02, -0.1), (0.035, 0.5), (-0.035, 0.5)])
    if kind == "sticks":
        shapes = [
            np.array([(x - 0.008, -0.5), (x + 0.008, -0.5), (x + 0.018, 0.5), (x - 0.018, 0.5)])
            for x in (-0.035, 0.035)
        ]
        metal = pick(rng, ((120, 76, 46), (40, 30, 30), (196, 196, 200)))
    elif kind == "spoon":
        shapes = [stem, oval(0, -0.26, 0.085, 0.16)]
    elif kind == "knife":
        shapes = [stem, np.array([(-0.03, -0.1), (-0.03, -0.42), (0.0, -0.5), (0.03, -0.42), (0.03, -0.1)])]
    else:
        shapes = [stem, np.array([(-0.07, -0.22), (0.07, -0.22), (0.03, -0.08), (-0.03, -0.08)])]
        shapes += [
            np.array([(x - 0.01, -0.2), (x - 0.01, -0.44), (x + 0.01, -0.44), (x + 0.01, -0.2)])
            for x in (-0.06, -0.02, 0.02, 0.06)
        ]
    shadow(image, to(shapes[0] * np.array([1.5, 1.0])) + scale * 0.02, 0.45, scale * 0.012)
    pen = ImageDraw.Draw(image)
    for shape in shapes:
        pen.polygon(xy(to(shape)), fill=metal)
        pen.polygon(xy(to(shape * np.array([0.5, 0.96]) + np.array([-0.004, -0.004]))), fill=blend(metal, WHITE, 0.3))
