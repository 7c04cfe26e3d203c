"""What lies on a parcel of ground seen from above: crops, woods, roofs, cars, courts, panels, tanks."""

from collections.abc import Callable, Mapping

import numpy as np
from PIL import ImageDraw

from beam_jobs.demo.draw.canvas import Color, blend, hsv, pick

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels."""

_ROOFS: tuple[Color, ...] = (
    (196, 194, 190), (226, 226, 224), (120, 116, 112), (92, 90, 90), (140, 110, 94), (158, 96, 76), (168, 172, 180),
    (110, 122, 136), (150, 142, 130),
)  # fmt: skip
SOILS: tuple[Color, ...] = (
    (112, 100, 82), (134, 116, 92), (88, 84, 72), (150, 134, 108), (142, 100, 78), (74, 84, 58), (92, 104, 66),
    (64, 76, 54), (120, 124, 84),
)  # fmt: skip


def green(rng: np.random.Generator, hue: float, low: float = 0.16, high: float = 0.5) -> Color:
    """Return a dull green around a hue, its value between ``low`` and ``high``."""
    return hsv(hue + rng.normal(0, 0.03), rng.uniform(0.12, 0.5), rng.uniform(low, high))


def _field(
    pen: ImageDraw.ImageDraw, rng: np.random.Generator, box: Box, unit: float, sun: tuple[float, float], hue: float
) -> None:
    tone = pick(rng, SOILS) if rng.random() < 0.5 else green(rng, hue, 0.25, 0.6)
    left, top, right, bottom = box
    pen.rectangle(box, fill=tone)
    if rng.random() < 0.6:
        other, step = (
            blend(tone, pick(rng, ((20, 24, 10), (220, 210, 170))), rng.uniform(0.06, 0.3)),
            unit * rng.uniform(2, 9),
        )
        for shift in np.arange(0, max(right - left, bottom - top), step):
            line = (
                (left + shift, top, left + shift, bottom)
                if right - left > bottom - top
                else (left, top + shift, right, top + shift)
            )
            if line[0] <= right and line[1] <= bottom:
                pen.line(line, fill=other, width=max(round(step * 0.35), 1))
    elif rng.random() < 0.12 and bottom - top > 10:
        r = min(right - left, bottom - top) / 2
        pen.ellipse([left, top, left + 2 * r, top + 2 * r], fill=green(rng, 0.3, 0.3, 0.6))


def _dots(
    pen: ImageDraw.ImageDraw, rng: np.random.Generator, box: Box, unit: float, count: int, hue: float, size: float
) -> None:
    left, top, right, bottom = box
    for x, y in rng.uniform((left, top), (right, bottom), (count, 2)):
        r, tone = unit * size * rng.uniform(0.5, 1.5), green(rng, hue + 0.05, 0.12, 0.34)
        pen.ellipse([x - r * 0.8, y - r * 0.8, x + r * 1.2, y + r * 1.2], fill=blend(tone, (0, 0, 0), 0.55))
        pen.ellipse([x - r, y - r, x + r, y + r], fill=tone)


def _area(box: Box) -> float:
    return max(box[2] - box[0], 0) * max(box[3] - box[1], 0)


def _forest(
    pen: ImageDraw.ImageDraw, rng: np.random.Generator, box: Box, unit: float, sun: tuple[float, float], hue: float
) -> None:
    pen.rectangle(box, fill=green(rng, hue + 0.05, 0.12, 0.25))
    _dots(pen, rng, box, unit, min(int(_area(box) / unit**2 / 14), 1500), hue, rng.uniform(1.5, 3.5))


def _scrub(
    pen: ImageDraw.ImageDraw, rng: np.random.Generator, box: Box, unit: float, sun: tuple[float, float], hue: float
) -> None:
    pen.rectangle(box, fill=blend(pick(rng, SOILS), (216, 196, 150), rng.uniform(0.1, 0.7)))
    _dots(pen, rng, box, unit, min(int(_area(box) / unit**2 / rng.uniform(25, 300)), 900), hue, rng.uniform(1.2, 4.5))


def _park(
    pen: ImageDraw.ImageDraw, rng: np.random.Generator, box: Box, unit: float, sun: tuple[float, float], hue: float
) -> None:
    pen.rectangle(box, fill=green(rng, hue, 0.25, 0.48))
    _dots(pen, rng, box, unit, min(int(_area(box) / unit**2 / 60), 300), hue, 2.6)


def _bare(
    pen: ImageDraw.ImageDraw, rng: np.random.Generator, box: Box, unit: float, sun: tuple[float, float], hue: float
) -> None:
    pen.rectangle(box, fill=blend(pick(rng, SOILS), (220, 206, 176), rng.uniform(0, 0.6)))


def _grid(box: Box, wide: float, tall: float) -> list[tuple[float, float]]:
    return [
        (x, y)
        for y in np.arange(box[1], box[3] - tall * 0.9, tall)
        for x in np.arange(box[0], box[2] - wide * 0.9, wide)
    ]


def _roof(
    pen: ImageDraw.ImageDraw, rng: np.random.Generator, box: Box, sun: tuple[float, float], tall: float, *, ridge: bool
) -> None:
    tone, (left, top, right, bottom) = pick(rng, _ROOFS), box
    if right - left < 2 or bottom - top < 2:
        return
    for share in (1.0, 0.5):
        dx, dy = sun[0] * tall * share, sun[1] * tall * share
        pen.rectangle([left + dx, top + dy, right + dx, bottom + dy], fill=(36, 38, 42))
    pen.rectangle(box, fill=tone)
    if ridge:
        dark = blend(tone, (0, 0, 0), 0.25)
        half = (
            (left, (top + bottom) / 2, right, bottom)
            if right - left > bottom - top
            else ((left + right) / 2, top, right, bottom)
        )
        pen.rectangle(half, fill=dark)
    else:
        for x, y in rng.uniform((left, top), (right, bottom), (int(rng.integers(0, 6)), 2)):
            r = min(right - left, bottom - top) * rng.uniform(0.03, 0.12)
            pen.rectangle(
                [x, y, min(x + r, right), min(y + r, bottom)],
                fill=blend(tone, pick(rng, ((0, 0, 0), (255, 255, 255))), 0.4),
            )


def _houses(
    pen: ImageDraw.ImageDraw, rng: np.random.Generator, box: Box, unit: float, sun: tuple[float, float], hue: float
) -> None:
    pen.rectangle(box, fill=green(rng, hue, 0.22, 0.42))
    wide, tall = unit * rng.uniform(8, 16), unit * rng.uniform(9, 18)
    for x, y in _grid(box, wide, tall):
        if rng.random() < 0.85:
            a, b = x + wide * rng.uniform(0.05, 0.25), y + tall * rng.uniform(0.05, 0.3)
            _roof(
                pen,
                rng,
                (a, b, a + wide * rng.uniform(0.45, 0.7), b + tall * rng.uniform(0.4, 0.62)),
                sun,
                unit * 1.3,
                ridge=True,
            )
    _dots(pen, rng, box, unit, min(int(_area(box) / unit**2 / 70), 120), hue, 1.9)


def _rows(
    pen: ImageDraw.ImageDraw, rng: np.random.Generator, box: Box, unit: float, sun: tuple[float, float], hue: float
) -> None:
    pen.rectangle(box, fill=blend(green(rng, hue, 0.25, 0.4), (110, 108, 104), rng.uniform(0.2, 0.9)))
    wide, tall = unit * rng.uniform(5, 9), unit * rng.uniform(9, 16)
    for x, y in _grid(box, wide, tall):
        _roof(
            pen,
            rng,
            (x, y + tall * rng.uniform(0, 0.15), x + wide * rng.uniform(0.7, 1.0), y + tall * rng.uniform(0.55, 0.85)),
            sun,
            unit * 1.5,
            ridge=rng.random() < 0.3,
        )
    _dots(pen, rng, box, unit, min(int(_area(box) / unit**2 / 160), 60), hue, 1.6)


def _halls(
    pen: ImageDraw.ImageDraw, rng: np.random.Generator, box: Box, unit: float, sun: tuple[float, float], hue: float
) -> None:
    pen.rectangle(box, fill=pick(rng, ((136, 136, 134), (110, 110, 110), green(rng, hue, 0.3, 0.45), (160, 154, 140))))
    wide, tall = unit * rng.uniform(25, 80), unit * rng.uniform(18, 60)
    wide, tall = min(wide, box[2] - box[0]), min(tall, box[3] - box[1])
    for x, y in _grid(box, max(wide, 4), max(tall, 4)):
        if rng.random() < 0.9:
            _roof(
                pen,
                rng,
                (x + unit * 2, y + unit * 2, x + wide * rng.uniform(0.7, 0.95), y + tall * rng.uniform(0.6, 0.92)),
                sun,
                unit * 2.5,
                ridge=rng.random() < 0.25,
            )


def _towers(
    pen: ImageDraw.ImageDraw, rng: np.random.Generator, box: Box, unit: float, sun: tuple[float, float], hue: float
) -> None:
    pen.rectangle(box, fill=(120, 118, 116))
    wide, tall = unit * rng.uniform(14, 30), unit * rng.uniform(14, 30)
    lean = (unit * rng.uniform(-8, 8), unit * rng.uniform(-10, 2))
    for x, y in _grid(box, wide, tall):
        high, side = rng.uniform(0.1, 1.0), blend(pick(rng, _ROOFS), (40, 44, 54), 0.45)
        a, b = x + wide * 0.85, y + tall * 0.85
        pen.polygon(
            [
                (x, y),
                (a, y),
                (a + sun[0] * unit * 16 * high, b + sun[1] * unit * 12 * high),
                (x + sun[0] * unit * 16 * high, b + sun[1] * unit * 12 * high),
            ],
            fill=(40, 42, 48),
        )
        for share in np.linspace(0, high, 7):
            pen.rectangle(
                [x + lean[0] * share, y + lean[1] * share, a + lean[0] * share, b + lean[1] * share], fill=side
            )
        _roof(
            pen,
            rng,
            (x + lean[0] * high, y + lean[1] * high, a + lean[0] * high, b + lean[1] * high),
            sun,
            0,
            ridge=False,
        )


def _parking(
    pen: ImageDraw.ImageDraw, rng: np.random.Generator, box: Box, unit: float, sun: tuple[float, float], hue: float
) -> None:
    tone, full = pick(rng, ((96, 96, 98), (130, 128, 126), (78, 78, 80), (150, 152, 158))), rng.uniform(0.1, 0.95)
    pen.rectangle(box, fill=tone)
    wide, tall = unit * rng.uniform(2.6, 4.5), unit * rng.uniform(6, 10)
    for place, (x, y) in enumerate(_grid(box, wide, tall)[:1600]):
        pen.line([x, y, x, y + tall * 0.75], fill=blend(tone, (230, 230, 226), 0.5), width=1)
        if rng.random() < full and (place // 40) % 7:
            car = pick(rng, ((230, 230, 230), (40, 42, 46), (140, 142, 146), (130, 40, 40), (50, 70, 110)))
            pen.rectangle([x + wide * 0.2, y + tall * 0.1, x + wide * 0.85, y + tall * 0.68], fill=car)


def _sports(
    pen: ImageDraw.ImageDraw, rng: np.random.Generator, box: Box, unit: float, sun: tuple[float, float], hue: float
) -> None:
    left, top, right, bottom = box
    pen.rectangle(box, fill=green(rng, 0.27, 0.3, 0.5))
    w, h, line = right - left, bottom - top, max(round(unit), 1)
    kind = int(rng.integers(4))
    if kind == 0:
        for inset, tone in ((0.04, (160, 84, 64)), (0.16, green(rng, 0.28, 0.35, 0.5))):
            pen.rounded_rectangle(
                [left + w * inset, top + h * inset, right - w * inset, bottom - h * inset],
                min(w, h) * (0.5 - inset),
                fill=tone,
            )
    elif kind == 1:
        r = min(w, h) * 0.9
        pen.pieslice(
            [left - r * 0.1, bottom - r * 1.1, left + r * 1.1, bottom + r * 0.1],
            270,
            360,
            fill=green(rng, 0.27, 0.32, 0.5),
            outline=(170, 130, 90),
        )
        pen.pieslice(
            [left + r * 0.25, bottom - r * 0.75, left + r * 0.75, bottom - r * 0.25], 0, 360, fill=(176, 136, 98)
        )
    elif kind == 2:
        tone = pick(rng, ((60, 104, 96), (70, 90, 140), (160, 90, 70)))
        for x, y in _grid(box, max(w / 3, 6), max(h / 2, 6)):
            pen.rectangle(
                [x + w * 0.03, y + h * 0.05, x + w * 0.27, y + h * 0.42], fill=tone, outline=(230, 230, 230), width=line
            )
    if kind in (0, 3):
        pen.rectangle(
            [left + w * 0.25, top + h * 0.25, right - w * 0.25, bottom - h * 0.25], outline=(220, 226, 220), width=line
        )
        pen.line([left + w * 0.5, top + h * 0.25, left + w * 0.5, bottom - h * 0.25], fill=(220, 226, 220), width=line)


def _solar(
    pen: ImageDraw.ImageDraw, rng: np.random.Generator, box: Box, unit: float, sun: tuple[float, float], hue: float
) -> None:
    pen.rectangle(box, fill=pick(rng, SOILS))
    step = unit * rng.uniform(3.5, 9)
    for y in np.arange(box[1] + step, box[3] - step, step):
        pen.rectangle(
            [box[0] + step, y, box[2] - step, y + step * 0.55],
            fill=hsv(0.62, 0.4, rng.uniform(0.2, 0.34)),
            outline=(120, 126, 140),
        )


def _greenhouse(
    pen: ImageDraw.ImageDraw, rng: np.random.Generator, box: Box, unit: float, sun: tuple[float, float], hue: float
) -> None:
    pen.rectangle(box, fill=pick(rng, SOILS))
    for x, y in _grid(box, unit * 6, max(box[3] - box[1], 4)):
        pen.rectangle([x, y, x + unit * 4.5, box[3]], fill=blend((196, 204, 206), (120, 130, 126), rng.random()))


def _tanks(
    pen: ImageDraw.ImageDraw, rng: np.random.Generator, box: Box, unit: float, sun: tuple[float, float], hue: float
) -> None:
    pen.rectangle(box, fill=(150, 144, 132))
    step = unit * rng.uniform(12, 26)
    for x, y in _grid(box, step, step):
        r, tone = step * 0.38, pick(rng, ((226, 226, 222), (180, 176, 168), (140, 110, 96)))
        pen.ellipse(
            [x + sun[0] * r * 0.4, y + sun[1] * r * 0.4, x + 2 * r + sun[0] * r * 0.4, y + 2 * r + sun[1] * r * 0.4],
            fill=(60, 60, 62),
        )
        pen.ellipse([x, y, x + 2 * r, y + 2 * r], fill=tone, outline=blend(tone, (0, 0, 0), 0.3))


def _orchard(
    pen: ImageDraw.ImageDraw, rng: np.random.Generator, box: Box, unit: float, sun: tuple[float, float], hue: float
) -> None:
    pen.rectangle(box, fill=pick(rng, SOILS))
    step = unit * rng.uniform(4, 8)
    for x, y in _grid(box, step, step)[:1500]:
        pen.ellipse([x, y, x + step * 0.62, y + step * 0.62], fill=green(rng, hue + 0.04, 0.18, 0.32))


PARCELS: Mapping[str, Callable[[ImageDraw.ImageDraw, np.random.Generator, Box, float, tuple[float, float], float], None]] = {
    "field": _field, "orchard": _orchard, "forest": _forest, "houses": _houses, "bare": _bare, "park": _park,
    "greenhouse": _greenhouse, "halls": _halls, "sports": _sports, "rows": _rows, "parking": _parking,
    "towers": _towers, "tanks": _tanks, "solar": _solar, "scrub": _scrub,
}  # fmt: skip
