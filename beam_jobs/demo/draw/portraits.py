"""face_portrait: a shaded face with hair and clothes before a blurred ground."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import (
    WHITE,
    Color,
    Points,
    blend,
    blur,
    extent,
    grain,
    hsv,
    noise,
    oval,
    sheet,
    shrink,
    smooth,
    vignette,
    xy,
)

_SKINS: tuple[Color, ...] = (
    (244, 208, 178),
    (232, 184, 148),
    (206, 150, 112),
    (160, 106, 74),
    (112, 72, 50),
    (250, 222, 200),
)
_HAIRS: tuple[Color, ...] = ((28, 22, 22), (58, 38, 28), (98, 64, 40), (160, 116, 62), (120, 120, 124), (40, 30, 50))


def face_portrait(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a made-up person's head and shoulders, as a passport picture or before a street or garden."""
    width, height = extent(rng, size, 0.72, 1.0)
    image, pen = sheet(width, height)
    w, h = image.size
    _ground(image, rng)
    skin, hair = _SKINS[int(rng.integers(6))], _HAIRS[int(rng.integers(6))]
    cloth = hsv(rng.random(), rng.uniform(0.1, 0.7), rng.uniform(0.2, 0.85))
    unit = min(w, h * 0.86) * rng.uniform(0.36, 0.44)
    at = np.array([w / 2 + rng.normal(0, w * 0.02), h * rng.uniform(0.42, 0.48)])
    lean, light = rng.uniform(-0.05, 0.05), float(rng.choice([-1, 1]))
    spin = np.array([[np.cos(lean), np.sin(lean)], [-np.sin(lean), np.cos(lean)]])

    def place(points: Points | list[tuple[float, float]]) -> Points:
        placed: Points = np.asarray(points, dtype=np.float64) @ spin * unit + at
        return placed

    def soft(points: Points | list[tuple[float, float]], color: Color, share: float, radius: float) -> None:
        """Paint a blurred patch of ``share`` strength."""
        patch = Image.new("L", image.size, 0)
        ImageDraw.Draw(patch).polygon(xy(place(points)), fill=round(255 * share))
        image.paste(color, (0, 0), blur(patch, radius * unit))

    def fill(points: Points | list[tuple[float, float]], color: Color) -> None:
        ImageDraw.Draw(image).polygon(xy(place(points)), fill=color)

    long_hair = rng.random() < 0.5
    wide, jaw = rng.uniform(0.68, 0.76), rng.uniform(0.3, 0.44)
    dark = blend(skin, (60, 20, 10), 0.45)
    if long_hair:
        back = [(-0.8, -0.4), (0, -1.12), (0.8, -0.4), (0.95, 0.7), (0.8, 1.5), (-0.8, 1.5), (-0.95, 0.7)]
        fill(smooth(np.asarray(back)), blend(hair, (0, 0, 0), 0.25))
    fill(smooth(np.asarray([(-0.32, 0.6), (0.32, 0.6), (0.36, 1.2), (0, 1.45), (-0.36, 1.2)])), blend(skin, dark, 0.3))
    coat = [
        (-0.34, 1.12),
        (-0.9, 1.32),
        (-1.45, 1.62),
        (-1.7, 2.9),
        (1.7, 2.9),
        (1.45, 1.62),
        (0.9, 1.32),
        (0.34, 1.12),
        (0, 1.5),
    ]
    fill(np.asarray(coat), cloth)
    soft(
        [(0.5 * light, 1.3), (1.6 * light, 1.5), (1.7 * light, 2.9), (0.7 * light, 2.9)],
        blend(cloth, (0, 0, 0), 0.6),
        0.5,
        0.1,
    )
    if rng.random() < 0.4:
        fill([(-0.34, 1.12), (0, 1.5), (-0.2, 1.75), (-0.5, 1.25)], WHITE)
        fill([(0.34, 1.12), (0, 1.5), (0.2, 1.75), (0.5, 1.25)], WHITE)
    soft(oval(0, 0.98, 0.36, 0.14), dark, 0.55, 0.06)
    for side in (-1, 1):
        fill(oval(side * wide, 0.08, 0.1, 0.2), blend(skin, dark, 0.15))
    face = smooth(
        np.asarray(
            [
                (-wide, -0.2),
                (-wide * 0.95, 0.3),
                (-jaw, 0.86),
                (0, 1.0),
                (jaw, 0.86),
                (wide * 0.95, 0.3),
                (wide, -0.2),
                (0.5, -0.85),
                (-0.5, -0.85),
            ]
        )
    )
    fill(face, skin)
    soft(face * np.array([0.42, 0.9]) + np.array([0.42 * light, 0.04]), dark, 0.4, 0.14)
    soft(oval(-0.25 * light, -0.3, 0.3, 0.28), blend(skin, WHITE, 0.6), 0.5, 0.14)
    for side in (-1, 1):
        soft(oval(side * 0.42, 0.35, 0.17, 0.12), (226, 96, 86), 0.28, 0.08)
        soft(oval(side * 0.3, 0.0, 0.22, 0.12), dark, 0.35, 0.05)
        _eye(image, rng, place, side, hair)
    soft([(0.02, 0.0), (0.11 * light, 0.34), (0.15 * light, 0.44), (-0.02, 0.42)], dark, 0.5, 0.03)
    soft(oval(0, 0.46, 0.13, 0.03), blend(dark, (40, 0, 0), 0.3), 0.55, 0.02)
    smile = rng.uniform(-0.01, 0.07)
    lip = blend(skin, (190, 50, 60), rng.uniform(0.35, 0.75))
    mouth = [
        (-0.24, 0.64 - smile),
        (-0.08, 0.61),
        (0, 0.625),
        (0.08, 0.61),
        (0.24, 0.64 - smile),
        (0.1, 0.71 + smile * 0.3),
        (-0.1, 0.71 + smile * 0.3),
    ]
    fill(smooth(np.asarray(mouth)), lip)
    pen = ImageDraw.Draw(image)
    line = smooth(place([(-0.24, 0.64 - smile), (0, 0.655), (0.24, 0.64 - smile)]), closed=False)
    pen.line(xy(line), fill=blend(lip, (60, 0, 10), 0.6), width=max(round(unit * 0.02), 2))
    part = rng.uniform(-0.45, 0.45)
    low = 0.25 if long_hair else -0.05
    cap = [(-0.84, low), (-0.86, -0.5), (-0.45, -1.08), (0.1, -1.18), (0.55, -1.02), (0.87, -0.45), (0.84, low)]
    fringe = [(0.66, -0.3), (0.45, -0.62), (part, -rng.uniform(0.55, 0.75)), (-0.45, -0.6), (-0.66, -0.28)]
    fill(np.concatenate([smooth(np.asarray(cap), closed=False), smooth(np.asarray(fringe), closed=False)]), hair)
    for _ in range(26):
        start, stop = np.array([part, -1.1]), np.array([rng.uniform(-0.8, 0.8), -0.55])
        strand = smooth(
            place(np.stack([start, (start + stop) / 2 + np.array([(stop[0] - part) * 0.3, -0.1]), stop])), closed=False
        )
        pen.line(xy(strand), fill=blend(hair, WHITE, rng.uniform(0.03, 0.2)), width=2)
    if rng.random() < 0.22:
        for side in (-1, 1):
            pen.polygon(
                xy(place(oval(side * 0.3, 0.02, 0.24, 0.18))), outline=(40, 40, 46), width=max(round(unit * 0.025), 3)
            )
        pen.line(xy(place([(-0.06, 0.0), (0.06, 0.0)])), fill=(40, 40, 46), width=4)
    return vignette(grain(blur(shrink(image), 0.7), rng, rng.uniform(2, 5)), rng.uniform(0.0, 0.3))


def _eye(
    image: Image.Image, rng: np.random.Generator, place: Callable[[Points], Points], side: int, hair: Color
) -> None:
    pen = ImageDraw.Draw(image)
    iris = hsv(rng.uniform(0.05, 0.6), 0.5, 0.35)
    shape = smooth(np.asarray([(-0.15, 0.02), (0, -0.065), (0.15, 0.01), (0, 0.06)])) * np.array([side, 1]) + np.array(
        [side * 0.3, 0.02]
    )
    pen.polygon(xy(place(shape)), fill=(244, 240, 236))
    pen.polygon(xy(place(oval(side * 0.3, 0.01, 0.062, 0.064))), fill=iris)
    pen.polygon(xy(place(oval(side * 0.3, 0.01, 0.03, 0.032))), fill=(12, 10, 12))
    pen.polygon(xy(place(oval(side * 0.3 - 0.02, -0.012, 0.013, 0.013))), fill=WHITE)
    lid = smooth(np.asarray([(-0.16, 0.02), (0, -0.07), (0.16, 0.0)]), closed=False) * np.array([side, 1]) + np.array(
        [side * 0.3, 0.02]
    )
    pen.line(xy(place(lid)), fill=(30, 18, 16), width=4)
    brow = smooth(np.asarray([(-0.17, -0.17), (0.02, -0.235), (0.2, -0.18), (0.02, -0.2)])) * np.array(
        [side, 1]
    ) + np.array([side * 0.3, 0.0])
    pen.polygon(xy(place(brow)), fill=blend(hair, (60, 40, 30), 0.2))


def _ground(image: Image.Image, rng: np.random.Generator) -> None:
    """Paint a plain studio wall or blurred lights and leaves."""
    w, h = image.size
    if rng.random() < 0.45:
        tone = np.array(hsv(rng.random(), rng.uniform(0.02, 0.35), rng.uniform(0.6, 0.97)))
        shade = 0.9 + 0.14 * noise(rng, w, h, cells=2, octaves=2)
        image.paste(Image.fromarray(np.clip(tone * shade[..., None], 0, 255).astype(np.uint8)))
        return
    pen = ImageDraw.Draw(image)
    hue = rng.random()
    pen.rectangle([0, 0, w, h], fill=hsv(hue, 0.35, 0.45))
    for _ in range(45):
        x, y, r = rng.uniform(0, w), rng.uniform(0, h), w * rng.uniform(0.03, 0.15)
        pen.ellipse(
            [x - r, y - r, x + r, y + r],
            fill=hsv(hue + rng.normal(0, 0.08), rng.uniform(0.1, 0.6), rng.uniform(0.25, 0.95)),
        )
    image.paste(blur(image, w * 0.035))
