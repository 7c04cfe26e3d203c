"""How a flat sheet reaches a collection: exported, scanned, copied, photographed on a desk, crumpled, off a screen."""

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

from beam_jobs.demo.draw.canvas import Color, Points, blend, blur, grain, hsv, noise, pick
from beam_jobs.demo.draw.photo import backdrop, finish, mask_of, shadow, texture, warp

WAYS = ("flat", "scan", "copy", "desk", "desk", "close", "screen", "aged")


def capture(rng: np.random.Generator, page: Image.Image, ways: tuple[str, ...] = WAYS) -> Image.Image:
    """Return the page as one of the ways gives it; ``flat`` leaves it as it is, the others keep its size about."""
    way = pick(rng, ways)
    if way == "flat" or (way == "copy" and np.asarray(page.resize((8, 8))).mean() < 140):
        return page
    return {
        "scan": scanned, "copy": copied, "desk": on_desk, "close": close_up, "screen": off_screen, "aged": aged,
        "crumpled": crumpled,
    }[way](rng, page)  # fmt: skip


def tilted(rng: np.random.Generator, page: Image.Image, most: float, ground: Color) -> Image.Image:
    """Return the page turned by up to ``most`` degrees over a ground."""
    return page.rotate(float(rng.uniform(-most, most)), resample=Image.Resampling.BICUBIC, fillcolor=ground)


def _light(rng: np.random.Generator, size: tuple[int, int], depth: float) -> np.ndarray:
    """Return float32[h, w, 1] around 1: a slope of light and a soft shadow."""
    w, h = size
    x = np.linspace(-1, 1, w, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, h, dtype=np.float32)[:, None]
    turn = rng.uniform(0, 2 * np.pi)
    slope = 1 + depth * 0.5 * (x * np.cos(turn) + y * np.sin(turn))
    edge = np.clip((x * np.cos(turn + 2) + y * np.sin(turn + 2) - rng.uniform(-0.6, 1.0)) * rng.uniform(1, 12), 0, 1)
    light: np.ndarray = (slope * (1 - depth * edge))[..., None]
    return light


def _lit(page: Image.Image, light: np.ndarray) -> Image.Image:
    return Image.fromarray(np.clip(np.asarray(page, dtype=np.float32) * light, 0, 255).astype(np.uint8))


def scanned(rng: np.random.Generator, page: Image.Image) -> Image.Image:
    """Return a flatbed scan: skewed, off-white, soft, with a dark edge."""
    tint = blend((255, 255, 255), hsv(rng.uniform(0.08, 0.16), 0.25, 0.92), rng.random())
    image = tilted(rng, _lit(page, np.asarray(tint, dtype=np.float32) / 255), 2.5, pick(rng, (tint, (40, 40, 42))))
    if rng.random() < 0.5:
        image = image.convert("L").convert("RGB")
    x = np.linspace(0, 1, image.width, dtype=np.float32)[None, :, None]
    fold = rng.choice([0.0, 1.0]) if rng.random() < 0.5 else rng.uniform(0.3, 0.7)
    image = _lit(image, 1 - rng.uniform(0, 0.5) * np.exp(-np.abs(x - fold) * rng.uniform(12, 40)))
    return grain(blur(image, rng.uniform(0.1, 0.8)), rng, rng.uniform(1, 6))


def copied(rng: np.random.Generator, page: Image.Image) -> Image.Image:
    """Return a photocopy or fax: black and white, dots, worn letters."""
    grey = blur(tilted(rng, page, 2, (255, 255, 255)), rng.uniform(0.3, 0.8)).convert("L")
    level = np.asarray(grey, dtype=np.float32) + rng.normal(0, rng.uniform(4, 18), (grey.height, grey.width))
    bright = np.asarray(blur(grey, max(page.size) / 12), dtype=np.float32)
    cut = np.clip((level - bright * rng.uniform(0.62, 0.82)) * rng.uniform(2, 6) + 128, 0, 255)
    dots = rng.random(cut.shape) < rng.uniform(0, 0.004)
    return Image.fromarray(np.where(dots, 30, cut).astype(np.uint8)).convert("RGB")


def aged(rng: np.random.Generator, page: Image.Image) -> Image.Image:
    """Return the page on old paper: brown, spotted, darker to its edges."""
    w, h = page.size
    field = noise(rng, max(w // 2, 2), max(h // 2, 2), cells=int(rng.integers(2, 9)), octaves=4)
    stain = np.asarray(Image.fromarray(field.astype(np.float32)).resize((w, h)))[..., None]
    paper = np.asarray(hsv(rng.uniform(0.08, 0.14), rng.uniform(0.12, 0.5), rng.uniform(0.72, 0.95)), dtype=np.float32)
    x, y = np.linspace(-1, 1, w)[None, :, None], np.linspace(-1, 1, h)[:, None, None]
    rim = 1 - rng.uniform(0.05, 0.4) * np.maximum(np.abs(x), np.abs(y)) ** 6
    faded = ImageEnhance.Contrast(page).enhance(float(rng.uniform(0.6, 1.0)))
    return grain(blur(_lit(faded, paper / 255 * (0.8 + 0.35 * stain) * rim), rng.uniform(0.1, 0.6)), rng, 4)


def ground(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """Return what lies below a photographed paper: wood, cloth, stone, a floor or something blurred."""
    kind = int(rng.integers(5))
    if kind == 0:
        return backdrop(rng, w, h)
    if kind == 1:
        return texture(rng, w, h, hsv(rng.random(), rng.uniform(0, 0.5), rng.uniform(0.1, 0.8)), cells=40)
    if kind == 2:
        return Image.new("RGB", (w, h), hsv(rng.random(), rng.uniform(0, 0.3), rng.uniform(0.05, 0.95)))
    tone = np.asarray(hsv(rng.uniform(0.03, 0.12), rng.uniform(0.2, 0.65), rng.uniform(0.2, 0.75)), dtype=np.float64)
    field = noise(rng, max(w // 2, 2), max(h // 12, 2), cells=6, octaves=4)
    streaks = np.asarray(Image.fromarray(field.astype(np.float32)).resize((w, h)))[..., None]
    boards = 1 - 0.5 * ((np.arange(h) % max(h // int(rng.integers(2, 9)), 8)) < 2)[:, None, None]
    wood = Image.fromarray(np.clip(tone * (0.7 + 0.6 * streaks) * boards, 0, 255).astype(np.uint8))
    return wood.rotate(90, expand=True).resize((w, h)) if rng.random() < 0.5 else wood


def _corners(rng: np.random.Generator, page: Image.Image, size: tuple[int, int], share: float, turn: float) -> Points:
    """Return the page's corners on a picture, ``share`` of it wide, turned by about ``turn`` radians."""
    w, h = size
    scale = min(w / page.width, h / page.height) * share
    box = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * np.array([page.width, page.height]) * scale / 2
    angle = rng.normal(0, turn)
    spin = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    middle = np.array([w, h]) * rng.uniform(0.44, 0.56, 2)
    corners: Points = box @ spin + middle + rng.normal(0, min(w, h) * 0.025, (4, 2))
    return corners


def on_desk(rng: np.random.Generator, page: Image.Image) -> Image.Image:
    """Return the page photographed on a desk, its edges in sight."""
    w, h = page.size
    if rng.random() < 0.5:
        w, h = pick(rng, ((max(w, h), min(w, h)), (max(w, h), max(w, h)), (min(w, h), max(w, h))))
    image = ground(rng, w, h)
    paper = _lit(page, _light(rng, page.size, rng.uniform(0.05, 0.45)))
    corners = _corners(rng, page, (w, h), rng.uniform(0.75, 1.12), 0.15)
    shadow(image, corners + min(w, h) * 0.015, rng.uniform(0.2, 0.7), min(w, h) * 0.02)
    warp(image, paper, corners)
    return finish(image, rng, soft=0.4)


def close_up(rng: np.random.Generator, page: Image.Image) -> Image.Image:
    """Return a photograph of a part of the page, no edge in sight or one at most."""
    w, h = page.size
    image = ground(rng, w, h)
    warp(image, page, _corners(rng, page, (w, h), rng.uniform(1.25, 2.0), 0.1))
    return finish(_lit(image, _light(rng, image.size, rng.uniform(0.1, 0.5))), rng, soft=0.5)


def off_screen(rng: np.random.Generator, page: Image.Image) -> Image.Image:
    """Return a photograph of a screen or a projection: bands, bluish light, dark rims."""
    w, h = page.size
    image = Image.new("RGB", (w, h), hsv(rng.random(), 0.1, rng.uniform(0.02, 0.3)))
    tint = np.array([rng.uniform(0.8, 1.0), rng.uniform(0.85, 1.0), 1.0], dtype=np.float32)
    bands = 1 + 0.06 * np.sin(np.arange(h)[:, None, None] / rng.uniform(0.6, 6))
    glow = _light(rng, (w, h), 0.2)
    warp(image, _lit(page, tint * bands * glow), _corners(rng, page, (w, h), rng.uniform(0.8, 1.05), 0.03))
    return finish(image, rng, soft=0.6)


def creased(rng: np.random.Generator, page: Image.Image, folds: int) -> Image.Image:
    """Return the page with the light of folds: planes of paper at other angles to the lamp."""
    w, h = page.size
    y, x = np.mgrid[0:h, 0:w].astype(np.float32) / max(w, h)
    light = np.ones((h, w), dtype=np.float32)
    for _ in range(folds):
        angle = rng.uniform(0, np.pi)
        far = (x - rng.random() * w / max(w, h)) * np.cos(angle) + (y - rng.random() * h / max(w, h)) * np.sin(angle)
        light += rng.normal(0, 0.05) * np.sign(far) - rng.uniform(0, 0.12) * np.exp(-np.abs(far) * 90)
    light *= 0.92 + 0.16 * noise(rng, w, h, cells=4, octaves=3)
    return _lit(page, np.clip(light, 0.45, 1.2)[..., None])


def crumpled(rng: np.random.Generator, page: Image.Image) -> Image.Image:
    """Return the creased page on a ground with bent edges."""
    paper = creased(rng, page, int(rng.integers(4, 20)))
    w, h = page.size
    if rng.random() < 0.5:
        w = max(w, round(h * rng.uniform(0.6, 1.1)))
    image = ground(rng, w, h)
    corners = _corners(rng, page, (w, h), rng.uniform(0.8, 1.05), 0.16)
    shadow(image, corners + h * 0.01, 0.6, h * 0.015)
    layer = image.copy()
    warp(layer, paper, corners)
    mask = mask_of(image.size, corners).filter(ImageFilter.GaussianBlur(w * 0.02))
    rough = np.asarray(mask, dtype=np.float64) + (noise(rng, w, h, cells=10, octaves=2) - 0.5) * 160
    image.paste(layer, (0, 0), Image.fromarray(np.where(rough > 128, 255, 0).astype(np.uint8)))
    return finish(image, rng, soft=0.4)
