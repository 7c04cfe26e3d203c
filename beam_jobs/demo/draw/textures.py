"""Surfaces that fill a picture as a photograph or a scan shows them, for pattern_background."""

from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import (
    Color,
    Points,
    blend,
    blur,
    gradient,
    grain,
    hsv,
    noise,
    pick,
    smooth,
    vignette,
    xy,
)
from beam_jobs.demo.draw.fields import cells, lit, stretched, turned


def _tone(rng: np.random.Generator, kind: str = "any") -> Color:
    if kind == "earth":
        return hsv(rng.uniform(0.03, 0.14), rng.uniform(0.1, 0.7), rng.uniform(0.3, 0.85))
    if kind == "stone":
        return hsv(rng.uniform(0.02, 0.65), rng.uniform(0.0, 0.2), rng.uniform(0.3, 0.85))
    return hsv(rng.random(), rng.choice([0.0, 0.1, 0.3, 0.7]), rng.uniform(0.15, 0.98))


def _weave(rng: np.random.Generator, w: int, h: int) -> Points:
    u, v = turned(rng, w, h, rng.choice([0.0, 0.0, 0.785, rng.normal(0, 0.2)]))
    count = float(rng.choice([6, 12, 25, 45, 70]))
    a, b = u * count, v * count
    thread = noise(rng, w, h, cells=int(min(count, 40)), octaves=3)
    over = (np.floor(a) + np.floor(b)) % 2 == 0
    round_a, round_b = np.abs(np.sin(np.pi * (a % 1))), np.abs(np.sin(np.pi * (b % 1)))
    height = np.where(over, round_a**0.5 * (0.5 + 0.5 * round_b), round_b**0.5 * (0.5 + 0.5 * round_a))
    tone = np.array(_tone(rng, pick(rng, ("earth", "any", "stone"))), dtype=np.float64)
    second = np.array(_tone(rng)) if rng.random() < 0.3 else tone
    colors = np.where(over[..., None], tone, second) * (0.7 + 0.6 * thread[..., None])
    return lit(height, colors * (0.55 + 0.5 * height[..., None]), rng.uniform(0.1, 0.4), rng)


def _knit(rng: np.random.Generator, w: int, h: int) -> Points:
    count = rng.uniform(6, 26)
    u, v = turned(rng, w, h, rng.choice([0.0, 1.57, rng.normal(0, 0.15)]))
    a, b = u * count, v * count * rng.uniform(0.7, 1.3)
    lean = np.abs((a % 1) - 0.5) * rng.uniform(1.0, 2.2)
    strand = (b + lean) % 1
    height = np.sin(np.pi * strand) ** 0.6 * np.abs(np.sin(np.pi * ((a * 2) % 1))) ** 0.4
    fuzz = noise(rng, w, h, cells=60, octaves=2)
    bands = np.floor(b + lean).astype(int) if rng.random() < 0.4 else np.zeros(a.shape, dtype=int)
    tones = np.array([_tone(rng) for _ in range(4)])
    return lit(
        height, tones[bands // int(rng.integers(1, 5)) % 4] * (0.35 + 0.6 * height + 0.25 * fuzz)[..., None], 0.2, rng
    )


def _denim(rng: np.random.Generator, w: int, h: int) -> Points:
    u, _ = turned(rng, w, h, 0.8)
    line = np.sin(u * rng.uniform(200, 420)) * 0.5 + 0.5
    worn = noise(rng, w, h, cells=3, octaves=4)
    folds = stretched(rng, w, h, 3, 3.0, octaves=2)
    tone = np.array(hsv(rng.choice([0.58, 0.6, 0.62, 0.1, 0.3]), rng.uniform(0.15, 0.6), rng.uniform(0.3, 0.8)))
    return tone * (0.6 + 0.25 * line + 0.3 * worn + 0.5 * (folds - 0.5))[..., None]


def _stones(rng: np.random.Generator, w: int, h: int) -> Points:
    near, far, owner = cells(rng, w, h, rng.uniform(3, 16), stretch=rng.uniform(0.8, 1.8))
    gap = np.clip((far - near) * rng.uniform(3, 9), 0, 1)
    rough = noise(rng, w, h, cells=24, octaves=4)
    vary = np.random.default_rng(int(rng.integers(1 << 30))).uniform(0.6, 1.25, int(owner.max()) + 1)[owner.astype(int)]
    tone = _tone(rng, pick(rng, ("stone", "stone", "earth")))
    height = gap**0.5 + rough * 0.4
    return lit(height, np.array(tone) * (vary * (0.3 + 0.7 * gap) * (0.7 + 0.6 * rough))[..., None], 0.25, rng)


def _cracks(rng: np.random.Generator, w: int, h: int) -> Points:
    near, far, owner = cells(rng, w, h, rng.uniform(3, 12))
    rough = noise(rng, w, h, cells=6, octaves=6)
    edge = np.clip((far - near + (rough - 0.5) * 0.25) / rng.uniform(0.05, 0.16), 0, 1)
    tilt = np.sin(owner * 12.9) * 0.15
    base = np.array(_tone(rng, pick(rng, ("earth", "stone", "any"))))
    return lit(
        rough + edge * 0.5, base * ((0.85 + tilt + 0.3 * (rough - 0.5)) * (0.15 + 0.85 * edge))[..., None], 0.3, rng
    )


def _leather(rng: np.random.Generator, w: int, h: int) -> Points:
    near, far, _ = cells(rng, w, h, rng.uniform(14, 50), stretch=rng.uniform(0.6, 1.6))
    height = np.clip((far - near) * 3, 0, 1) ** 0.6
    big = noise(rng, w, h, cells=3, octaves=3)
    shine = np.clip(big - 0.55, 0, 1) * rng.uniform(0, 120)
    return (
        lit(
            height,
            np.array(_tone(rng, pick(rng, ("earth", "any")))) * (0.6 + 0.3 * height + 0.4 * (big - 0.3))[..., None],
            0.2,
            rng,
        )
        + shine[..., None]
    )


def _scales(rng: np.random.Generator, w: int, h: int) -> Points:
    near, _, owner = cells(rng, w, h, rng.uniform(8, 30))
    dome = np.sqrt(np.clip(1 - near**2 * 1.4, 0, 1))
    base = hsv(rng.choice([0.25, 0.3, 0.12, 0.05, rng.random()]), rng.uniform(0.2, 0.8), rng.uniform(0.35, 0.8))
    vary = 0.85 + 0.2 * np.sin(owner * 7.7)
    shine = np.clip(dome - 0.94, 0, 1) * rng.uniform(0, 2500)
    return lit(dome, np.array(base) * (vary * (0.25 + 0.8 * dome))[..., None], 0.25, rng) + shine[..., None]


def _crystals(rng: np.random.Generator, w: int, h: int) -> Points:
    base = np.array(_tone(rng), dtype=np.float64)
    pixels = np.zeros((h, w, 3))
    y, x = np.mgrid[0:h, 0:w] / w
    for scale in (rng.uniform(3, 6), rng.uniform(7, 14)):
        near, far, owner = cells(rng, w, h, scale, stretch=rng.uniform(0.5, 1.6))
        facet = (
            np.sin(owner * 3.1 + 1) * (x - 0.5) * 1.6
            + np.cos(owner * 5.3) * (y - 0.5) * 1.6
            + np.sin(owner * 9.1) * 0.4
        )
        edge = np.exp(-(((far - near) / 0.04) ** 2))
        pixels += base * (0.45 + 0.4 * facet)[..., None] * 0.6 + 70 * edge[..., None]
    return pixels + (noise(rng, w, h, cells=30, octaves=3)[..., None] - 0.5) * 50


def _bark(rng: np.random.Generator, w: int, h: int) -> Points:
    field = stretched(rng, w, h, int(rng.integers(4, 10)), rng.uniform(2, 6), octaves=5)
    ridge = np.abs(np.sin(field * rng.uniform(8, 22)))
    rough = noise(rng, w, h, cells=16, octaves=4)
    return lit(
        ridge**0.7 + rough * 0.5,
        np.array(_tone(rng, "earth")) * (0.25 + 0.6 * ridge + 0.4 * rough)[..., None],
        0.4,
        rng,
    )


def _fur(rng: np.random.Generator, w: int, h: int) -> Points:
    grass, flow = rng.random() < 0.5, noise(rng, 32, 32, cells=2, octaves=2)
    tone = hsv(rng.uniform(0.17, 0.36), rng.uniform(0.4, 0.8), rng.uniform(0.25, 0.6)) if grass else _tone(rng, "earth")
    image = Image.new("RGB", (w, h), tone)
    pen = ImageDraw.Draw(image)
    long, lean = w * rng.uniform(0.03, 0.16), rng.uniform(0, 6)
    spots = rng.uniform(-0.05, 1.05, (1300, 2))
    for px, py in spots[np.argsort(spots[:, 1])] if grass else spots:
        angle = lean + (flow[int(np.clip(py, 0, 0.99) * 32), int(np.clip(px, 0, 0.99) * 32)] - 0.5) * 4
        if grass:
            angle = -1.57 + rng.normal(0, 0.4)
        bend = angle + rng.normal(0, 0.3)
        x, y = px * w, py * h + (long if grass else 0)
        middle = (x + np.cos(angle) * long * 0.5, y + np.sin(angle) * long * 0.5)
        shade = blend(tone, pick(rng, ((10, 10, 8), (250, 246, 226))), rng.uniform(0, 0.55))
        pen.line([(x, y), middle, (middle[0] + np.cos(bend) * long * 0.5, middle[1] + np.sin(bend) * long * 0.5)],
                 fill=shade, width=max(round(w * rng.uniform(0.002, 0.008)), 1))  # fmt: skip
    return np.asarray(blur(image, rng.uniform(0.2, 1.2)), dtype=np.float64)


def _brushed(rng: np.random.Generator, w: int, h: int) -> Points:
    lines = np.asarray(Image.fromarray(rng.random((h, max(w // 40, 2))).astype(np.float32)).resize((w, h)))
    sheen = np.sin(np.linspace(0, rng.uniform(2, 9), w) + rng.uniform(0, 6))[None, :]
    pixels = np.array(_tone(rng, "stone")) * (0.8 + 0.25 * lines + 0.22 * sheen)[..., None]
    return pixels if rng.random() < 0.5 else pixels[:, ::-1]


def _plaster(rng: np.random.Generator, w: int, h: int) -> Points:
    field = noise(rng, w, h, cells=int(rng.choice([2, 6, 20])), octaves=6)
    spots = noise(rng, w, h, cells=4, octaves=5)
    first, second = np.array(_tone(rng, "stone")), np.array(_tone(rng, pick(rng, ("earth", "stone", "any"))))
    share = np.clip((spots - rng.uniform(0.4, 0.65)) * rng.uniform(2, 14), 0, 1)[..., None]
    return lit(
        field + share[..., 0] * rng.uniform(0, 0.4), first * (1 - share) + second * share, rng.uniform(0.05, 0.35), rng
    )


def _bricks(rng: np.random.Generator, w: int, h: int) -> Points:
    across = rng.uniform(2.5, 9)
    u, v = turned(rng, w, h, rng.normal(0, 0.04))
    ratio = rng.choice([1.0, 2.0, 3.0, 4.0])
    row = np.floor(v * across * ratio)
    a = u * across + (row % 2) * rng.choice([0.5, 0.5, 0.0, 0.33])
    joint = rng.uniform(0.02, 0.1)
    to_edge = np.minimum(
        np.minimum(a % 1, 1 - a % 1) * ratio, np.minimum((v * across * ratio) % 1, 1 - (v * across * ratio) % 1)
    )
    face = np.clip((to_edge - joint) * 14, 0, 1)
    rough = noise(rng, w, h, cells=30, octaves=4)
    vary = 0.85 + 0.25 * np.sin((np.floor(a) * 13.7 + row * 7.3) * 3)
    brick, mortar = np.array(_tone(rng, pick(rng, ("earth", "stone", "any")))), np.array(_tone(rng, "stone"))
    pixels = (brick * vary[..., None]) * face[..., None] + mortar * (1 - face[..., None])
    return lit(face + rough * 0.5, pixels * (0.75 + 0.5 * rough)[..., None], rng.uniform(0.05, 0.25), rng)


def _planks(rng: np.random.Generator, w: int, h: int) -> Points:
    count = int(rng.integers(1, 9))
    wide = w // count + 1
    pixels = np.zeros((h, w, 3))
    tone = np.array(_tone(rng, "earth"))
    for place in range(count):
        n = min(wide, w - place * wide)
        if n < 2:
            break
        field = stretched(rng, wide, h, 2, rng.uniform(4, 12), octaves=4)
        ring = np.sin(field * rng.uniform(20, 70)) * 0.5 + 0.5
        part = tone * (rng.uniform(0.8, 1.15) * (0.75 + 0.3 * ring + 0.2 * (field - 0.5)))[..., None]
        part[:, : max(wide // 40, 1)] *= 0.35
        pixels[:, place * wide : place * wide + n] = part[:, :n]
    return pixels if rng.random() < 0.6 or w != h else pixels.transpose(1, 0, 2)


def _crumpled(rng: np.random.Generator, w: int, h: int) -> Points:
    y, x = np.mgrid[0:h, 0:w] / w
    height = np.zeros((h, w))
    for _ in range(int(rng.integers(8, 22))):
        angle = rng.uniform(0, 6.3)
        height += np.abs(x * np.cos(angle) + y * np.sin(angle) - rng.uniform(-1, 1.4)) * rng.normal(0, 1)
    tone = pick(rng, ((236, 232, 224), (250, 250, 248), (210, 186, 146), _tone(rng)))
    return lit(
        height * 0.1,
        np.array(tone) * (0.95 + 0.1 * noise(rng, w, h, cells=30, octaves=2))[..., None],
        rng.uniform(0.08, 0.35),
        rng,
    )


def _folds(rng: np.random.Generator, w: int, h: int) -> Points:
    bend = noise(rng, w, h, cells=2, octaves=2)
    u, _ = turned(rng, w, h, rng.uniform(0, 3))
    height = np.sin(u * rng.uniform(6, 26) + bend * rng.uniform(4, 14)) * 0.5 + 0.5
    sheen = rng.uniform(0, 120)
    return np.array(_tone(rng)) * (0.3 + 0.8 * height)[..., None] + (height**6 * sheen)[..., None]


def _caustics(rng: np.random.Generator, w: int, h: int) -> Points:
    field, other = noise(rng, w, h, cells=4, octaves=3), noise(rng, w, h, cells=5, octaves=3)
    line = 1 - np.abs(np.sin((field + other) * rng.uniform(8, 20)))
    water = np.array(hsv(rng.uniform(0.45, 0.62), rng.uniform(0.3, 0.9), rng.uniform(0.4, 0.95)))
    return water * (0.6 + 0.4 * other)[..., None] + (line ** rng.uniform(3, 9) * 150)[..., None]


def _drops(rng: np.random.Generator, w: int, h: int) -> Points:
    tone = _tone(rng)
    image = gradient(w, h, [tone, blend(tone, pick(rng, ((0, 0, 0), (255, 255, 255))), rng.uniform(0, 0.7))])
    pen = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(60, 260))):
        r = w * min(rng.gamma(1.4, 0.012) + 0.003, 0.09)
        x, y = rng.uniform(0, w), rng.uniform(0, h) ** 1.0
        pen.ellipse(
            [x - r, y - r, x + r, y + r], fill=blend(tone, (0, 0, 0), 0.3), outline=blend(tone, (255, 255, 255), 0.5)
        )
        pen.ellipse([x - r * 0.8, y - r * 0.6, x + r * 0.8, y + r * 0.9], fill=blend(tone, (255, 255, 255), 0.2))
        pen.ellipse([x - r * 0.5, y - r * 0.6, x - r * 0.1, y - r * 0.2], fill=(255, 255, 255))
    return np.asarray(blur(image, rng.uniform(0.3, 1.2)), dtype=np.float64)


def _wicker(rng: np.random.Generator, w: int, h: int) -> Points:
    image = Image.new("RGB", (w, h), (30, 22, 16))
    pen = ImageDraw.Draw(image)
    tone = _tone(rng, pick(rng, ("earth", "earth", "any")))
    count = int(rng.integers(4, 14))
    step = w / count
    diagonal = rng.random() < 0.4
    for row in range(-1, int(h / step * 2) + 2):
        for column in range(-1, count + 1):
            x, y = (column + 0.5 * (row % 2)) * step, row * step * 0.5
            lean = step * (0.4 if (column + row) % 2 or not diagonal else -0.4) if diagonal else 0
            line = smooth(
                np.array([[x - step * 0.6, y + lean], [x, y - step * 0.14], [x + step * 0.6, y - lean]]), closed=False
            )
            for part, width in ((0.55, 0.46), (0.0, 0.36), (-0.35, 0.14)):
                shade = blend(tone, (0, 0, 0) if part > 0 else (255, 240, 210), abs(part) + rng.uniform(0, 0.08))
                pen.line(xy(line - [0, part * -2]), fill=shade, width=max(round(step * width), 1), joint="curve")
    pixels = np.asarray(blur(image, 0.7), dtype=np.float64)
    return pixels * (0.75 + 0.5 * noise(rng, w, h, cells=40, octaves=2))[..., None]


SURFACES: Mapping[str, Callable[[np.random.Generator, int, int], Points]] = {
    "weave": _weave, "knit": _knit, "denim": _denim, "stones": _stones, "cracks": _cracks, "leather": _leather,
    "scales": _scales, "crystals": _crystals, "bark": _bark, "fur": _fur, "brushed": _brushed, "plaster": _plaster,
    "bricks": _bricks, "planks": _planks, "crumpled": _crumpled, "folds": _folds, "caustics": _caustics,
    "drops": _drops, "wicker": _wicker,
}  # fmt: skip


def surface(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """Return a surface of any kind and colour: strong as a photograph, or pale as the ground of a web page."""
    names = list(SURFACES)
    pixels = SURFACES[names[int(rng.integers(len(names)))]](rng, width, height)
    if rng.random() < 0.25:
        pixels = np.repeat(pixels.mean(2, keepdims=True), 3, axis=2)
    if rng.random() < 0.2:
        share = rng.uniform(0.12, 0.5)
        pixels = np.array(pick(rng, ((255, 255, 255), (20, 20, 24)))) * (1 - share) + pixels * share
    image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    image = grain(image, rng, rng.uniform(0, 6))
    return vignette(image, rng.uniform(0, 0.5)) if rng.random() < 0.3 else image
