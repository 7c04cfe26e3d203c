"""Where photographed things stand: meadows, roads, floors, snow, sand, water and studios, in perspective."""

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import INK, SUPERSAMPLE, WHITE, Color, blend, blur, gradient, hsv, noise, pick
from beam_jobs.demo.draw.photo import backdrop, leaves, sky, texture, warp

_TONES: dict[str, tuple[Color, ...]] = {
    "grass": ((86, 116, 52), (112, 132, 62), (70, 96, 50), (150, 144, 84)),
    "dirt": ((134, 108, 80), (160, 134, 102), (110, 92, 74)),
    "sand": ((214, 192, 154), (226, 206, 170)),
    "snow": ((232, 236, 242), (220, 226, 236)),
    "road": ((108, 108, 110), (84, 86, 90), (132, 130, 126)),
    "paving": ((168, 162, 154), (140, 136, 132), (190, 180, 168)),
    "carpet": ((150, 130, 112), (110, 112, 120), (176, 160, 140), (120, 60, 54)),
    "sofa": ((150, 70, 60), (120, 124, 132), (186, 166, 140), (70, 90, 110), (96, 80, 66), (90, 110, 90)),
    "wood": ((150, 106, 66), (112, 74, 46), (190, 156, 116), (84, 62, 50)),
    "water": ((52, 92, 112), (70, 110, 120), (60, 84, 80), (40, 70, 104)),
}


def floor(image: Image.Image, rng: np.random.Generator, top: float, kind: str) -> None:
    """Paint a plain from the line ``top`` (pixels) to the lower edge."""
    w, h = image.size
    deep = h - round(top)
    if deep < 4:
        return
    tone = pick(rng, _TONES[kind])
    if kind == "water":
        _water(image, rng, round(top), tone)
        return
    cells, rough = {"grass": (80, 0.5), "snow": (12, 0.12), "road": (110, 0.16), "sand": (50, 0.2)}.get(
        kind, (60, 0.25)
    )
    surface = texture(rng, 300, 300, tone, cells=cells, depth=rough)
    pen = ImageDraw.Draw(surface)
    if kind in ("wood", "paving"):
        count = int(rng.integers(8, 18))
        for place in range(count + 1):
            x = 300 * place / count
            if kind == "wood":
                shade = blend(tone, pick(rng, (INK, WHITE)), rng.uniform(0, 0.12))
                pen.rectangle([x + 1, 0, x + 300 / count, 300], outline=blend(tone, INK, 0.4))
                surface.paste(Image.blend(surface.crop((round(x), 0, round(x) + 300 // count, 300)),
                              Image.new("RGB", (300 // count, 300), shade), 0.6), (round(x), 0))  # fmt: skip
            else:
                pen.line([x, 0, x, 300], fill=blend(tone, INK, 0.3), width=2)
                pen.line([0, x, 300, x], fill=blend(tone, INK, 0.3), width=2)
    far, near = rng.uniform(0.1, 0.6), rng.uniform(1.0, 2.2)
    lean = rng.normal(0, 0.2) * w
    corners = np.array([(-far * w, 0), (w + far * w, 0), (w + near * w + lean, deep + 2), (-near * w + lean, deep + 2)])
    plain = Image.new("RGB", (w, deep), tone)
    warp(plain, surface, corners)
    image.paste(plain, (0, round(top)))
    if kind == "grass":
        _blades(image, rng, round(top), tone)


def _blades(image: Image.Image, rng: np.random.Generator, top: int, tone: Color) -> None:
    w, h = image.size
    pen = ImageDraw.Draw(image)
    share = np.sort(rng.random(260)) ** 0.7
    for y, x, lean in zip(top + share * (h - top), rng.uniform(0, w, 260), rng.normal(0, 0.4, 260), strict=True):
        tall = (2 + 9 * (y - top) / max(h - top, 1)) * w / 320
        shade = blend(tone, pick(rng, (INK, (210, 220, 130))), rng.uniform(0.1, 0.45))
        pen.line([x, y, x + lean * tall, y - tall], fill=shade, width=1)


def _water(image: Image.Image, rng: np.random.Generator, top: int, tone: Color) -> None:
    w, h = image.size
    deep = h - top
    far = noise(rng, w // 2, max(deep // 2, 2), cells=9, octaves=3)
    rows = np.linspace(0, 1, far.shape[0])[:, None]
    waves = np.sin(rows**0.55 * rng.uniform(90, 170) + far * 9) * (0.3 + 0.7 * rows)
    light = 0.95 + 0.2 * waves + 0.3 * (1 - rows)
    pixels = np.clip(np.array(tone) * light[..., None] + 30 * np.maximum(waves - 0.5, 0)[..., None], 0, 255)
    image.paste(Image.fromarray(pixels.astype(np.uint8)).resize((w, deep)), (0, top))


def outdoors(rng: np.random.Generator, w: int, h: int, kind: str, top: float) -> Image.Image:
    """Return a canvas for a picture of w × h pixels: a plain of a kind below trees, hills, walls or a sky.

    ``top`` is the horizon, 0–1 of the height.
    """
    line = h * top
    far = int(rng.integers(4))
    if far == 0:
        image = backdrop(rng, w, h, float(rng.choice([0.26, 0.3, 0.1, 0.58])))
    else:
        image = sky(rng, w, h)
        if (
            float(np.asarray(image.crop((0, 0, w, 1))).mean()) < 50 and rng.random() < 0.75
        ):  # nights are rarely photographed
            image = gradient(w, h, [(120, 160, 214), (216, 228, 240)])
        pen = ImageDraw.Draw(image)
        if far == 1:
            for _ in range(int(rng.integers(4, 9))):
                size = h * rng.uniform(0.08, 0.26)
                leaves(
                    pen,
                    rng,
                    rng.uniform(0, w),
                    line - size * 0.5,
                    size,
                    hue=rng.choice([0.22, 0.27, 0.32, 0.1]),
                    count=30,
                )
        elif far == 2:
            x = np.linspace(0, w, 24)
            for layer in range(2):
                ridge = line - h * (0.16 - 0.09 * layer) * (0.5 + rng.random(24))
                tone = blend(hsv(rng.uniform(0.22, 0.4), 0.4, 0.35), (200, 214, 226), 0.5 - 0.4 * layer)
                pen.polygon([(0, line), *zip(x.tolist(), ridge.tolist(), strict=True), (w, line)], fill=tone)
        else:
            walls(pen, rng, w, line)
        image = blur(image, w * rng.uniform(0.001, 0.012))
    floor(image, rng, line, kind)
    return canvas_of(image)


def canvas_of(image: Image.Image) -> Image.Image:
    """Return the picture as a canvas, ``SUPERSAMPLE`` times as large."""
    return image.resize((image.width * SUPERSAMPLE, image.height * SUPERSAMPLE), Image.Resampling.NEAREST)


def walls(pen: ImageDraw.ImageDraw, rng: np.random.Generator, w: int, line: float) -> None:
    """Draw a row of houses that stand on a line."""
    x = -w * 0.1
    while x < w:
        wide, tall = w * rng.uniform(0.12, 0.35), line * rng.uniform(0.4, 1.2)
        tone = pick(
            rng, ((168, 110, 84), (206, 196, 180), (140, 134, 128), (110, 116, 124), (222, 216, 204), (120, 80, 66))
        )
        pen.rectangle([x, line - tall, x + wide, line], fill=tone)
        columns, rows = int(rng.integers(2, 6)), int(rng.integers(2, 6))
        pane = pick(rng, ((60, 70, 84), (120, 140, 156), (40, 44, 50)))
        for row in range(rows):
            for column in range(columns):
                left, up = x + wide * (column + 0.25) / columns, line - tall * (row + 0.8) / rows
                pen.rectangle([left, up, left + wide * 0.5 / columns, up + tall * 0.5 / rows],
                              fill=blend(pane, WHITE, rng.uniform(0, 0.2)))  # fmt: skip
        x += wide


def indoors(rng: np.random.Generator, w: int, h: int, kind: str, top: float) -> Image.Image:
    """Return a canvas for a picture of w × h pixels: a floor of a kind below a plain wall with a skirting board."""
    wall = hsv(
        rng.choice([0.1, 0.12, 0.55, 0.3, rng.random()]), rng.choice([0.03, 0.08, 0.2, 0.4]), rng.uniform(0.45, 0.95)
    )
    image = gradient(w, h, [wall, blend(wall, INK, rng.uniform(0.0, 0.2))])
    pen = ImageDraw.Draw(image)
    line = h * top
    if rng.random() < 0.5:
        tone = hsv(rng.random(), rng.uniform(0, 0.5), rng.uniform(0.2, 0.8))
        x = rng.uniform(-0.2, 0.8) * w
        pen.rectangle([x, line * rng.uniform(0.0, 0.5), x + w * rng.uniform(0.15, 0.5), line], fill=tone)
    pen.rectangle([0, line - h * 0.02, w, line], fill=blend(wall, WHITE, 0.5))
    if kind == "sofa":
        tone = pick(rng, _TONES["sofa"])
        back = texture(rng, w, h, tone, cells=40, depth=0.25)
        rim = round(line * rng.uniform(0.0, 0.5))
        image.paste(back.crop((0, rim, w, h)), (0, rim))
        gap = w / rng.uniform(1.2, 3.5)
        for x in np.arange(rng.uniform(0, gap), w, gap).tolist():
            pen.line([x, rim, x + rng.normal(0, 3), h], fill=blend(tone, INK, 0.5), width=3)
        for _ in range(int(rng.integers(0, 3))):
            x, r = rng.uniform(0, w), h * rng.uniform(0.12, 0.3)
            pen.polygon([(x - r, line - r), (x + r * 0.9, line - r * 0.8), (x + r, line + r), (x - r * 0.9, line + r * 0.9)],
                        fill=hsv(rng.random(), rng.uniform(0.1, 0.7), rng.uniform(0.3, 0.95)))  # fmt: skip
    image = blur(image, w * rng.uniform(0.001, 0.01))
    floor(image, rng, line, kind)
    return canvas_of(image)


def studio(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """Return a canvas of a seamless paper ground, white or of one colour, or darkness."""
    tone = pick(rng, (WHITE, WHITE, (236, 236, 238), (200, 202, 206), (24, 24, 28), hsv(rng.random(), 0.25, 0.85)))
    image = gradient(w, h, [tone, blend(tone, WHITE if sum(tone) > 300 else (70, 70, 76), 0.35), tone])
    return canvas_of(image)
