"""text_meme, words that are pictures themselves: letters with effects, clouds in shapes, chalk, neon, framed lettering."""

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from beam_jobs.demo.draw.canvas import (
    INK,
    SUPERSAMPLE,
    WHITE,
    Color,
    blend,
    blur,
    extent,
    gradient,
    hsv,
    noise,
    oval,
    pastel,
    pick,
    shrink,
    vivid,
    xy,
)
from beam_jobs.demo.draw.lettering import phrase
from beam_jobs.demo.draw.memes import saying
from beam_jobs.demo.draw.memes import text_meme as plain_meme
from beam_jobs.demo.draw.photo import texture
from beam_jobs.demo.draw.pictures import photograph
from beam_jobs.demo.draw.quotes import draw_captioned
from beam_jobs.demo.draw.typeset import FACES, letters, lines_of, readable, stack


def text_meme(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw words on a picture, or words that are the picture."""
    kind = rng.random()
    if kind < 0.45:
        return draw_captioned(rng, size)
    if kind < 0.65:
        return plain_meme(rng, size)
    return shrink(pick(rng, (_effect, _effect, _effect, _cloud, _cloud, _neon, _framed, _fallen))(rng, size))


def _field(rng: np.random.Generator, w: int, h: int, first: Color, second: Color, cells: int) -> Image.Image:
    share = noise(rng, w, h, cells=cells, octaves=4)[..., None]
    return Image.fromarray((np.array(first) * share + np.array(second) * (1 - share)).astype(np.uint8))


def _short(rng: np.random.Generator) -> str:
    kind = rng.random()
    if kind < 0.35:
        return pick(rng, tuple("ABCDEFGHKLMNOPRSTWXYZ0123456789&가나봄꿈별힘"))
    return phrase(rng, 1) if kind < 0.6 else saying(rng).split()[0].upper()


def _effect(rng: np.random.Generator, size: int) -> Image.Image:
    """A letter or a word made of something: fire, metal, wood, a picture, paint, lines, dots; raised, glowing, worn."""
    text = _short(rng)
    width, height = extent(rng, size, 0.8, 1.2) if len(text) < 3 else extent(rng, size, 1.2, 2.6)
    w, h = width * SUPERSAMPLE, height * SUPERSAMPLE
    dark = rng.random() < 0.45
    paper = (
        pick(rng, ((0, 0, 0), (14, 16, 26), (40, 10, 10)))
        if dark
        else pick(rng, (WHITE, WHITE, pastel(rng), vivid(rng)))
    )
    image = Image.new("RGB", (w, h), paper)
    if rng.random() < 0.25:
        image = texture(rng, w, h, pick(rng, ((120, 84, 54), (90, 92, 96), (40, 42, 46), pastel(rng))), cells=30)
    mask = Image.new("L", (w, h))
    line = letters(text, min(h, 160), pick(rng, FACES), slant=float(rng.choice([0, 0, 0.2])))
    scale = min(w * rng.uniform(0.6, 0.92) / line.width, h * rng.uniform(0.55, 0.9) / line.height)
    line = line.resize((max(round(line.width * scale), 1), max(round(line.height * scale), 1)))
    mask.paste(line, ((w - line.width) // 2, (h - line.height) // 2))
    kind = pick(rng, ("fire", "metal", "photo", "field", "stripes", "dots", "rainbow", "flat", "outline"))
    if rng.random() < 0.35:
        shift = noise(rng, w, h, cells=12, octaves=3)
        rough = np.asarray(blur(mask, h * 0.008), dtype=float) / 255 + (shift - 0.5) * 0.9
        mask = Image.fromarray(((rough > 0.5) * 255).astype(np.uint8))
    if kind == "fire":
        glow = hsv(rng.choice([0.02, 0.08, 0.55, 0.8]), 0.9, 1)
        up = ImageChops.offset(blur(mask, h * 0.03), 0, -round(h * 0.03))
        flames = np.asarray(up, dtype=float) * np.clip(noise(rng, w, h, cells=10, octaves=4) * 2.2 - 0.4, 0, 1)
        image.paste(glow, (0, 0), Image.fromarray(np.clip(flames * 1.6, 0, 255).astype(np.uint8)))
        fill = _field(rng, w, h, blend(glow, WHITE, 0.8), glow, 12)
    elif kind == "metal":
        tone = pick(rng, ((200, 204, 210), (224, 180, 90), (180, 120, 80), vivid(rng)))
        fill = gradient(
            w, h, [blend(tone, INK, 0.5), blend(tone, WHITE, 0.8), tone, blend(tone, INK, 0.7), blend(tone, WHITE, 0.6)]
        )
    elif kind == "photo":
        fill = photograph(rng, w, h)
    elif kind in ("stripes", "dots"):
        fill = Image.new("RGB", (w, h), vivid(rng))
        pen, step = ImageDraw.Draw(fill), max(h // int(rng.integers(8, 30)), 6)
        tone = pick(rng, (WHITE, INK, vivid(rng)))
        for y in range(-w, h + w, step):
            if kind == "stripes":
                pen.line([0, y, w, y + w * 0.3], fill=tone, width=step // 2)
            else:
                for x in range(0, w, step):
                    pen.ellipse([x, y, x + step * 0.5, y + step * 0.5], fill=tone)
    elif kind == "rainbow":
        fill = gradient(h, w, [hsv(step / 6, 0.85, 0.95) for step in range(7)]).transpose(Image.Transpose.ROTATE_90)
        fill = fill.resize((w, h))
    else:
        fill = (
            _field(rng, w, h, vivid(rng), vivid(rng), int(pick(rng, (4, 20))))
            if kind == "field"
            else Image.new("RGB", (w, h), vivid(rng) if not dark else pastel(rng))
        )
    depth = int(rng.integers(0, 10)) if rng.random() < 0.5 else 0
    side = blend(vivid(rng), INK, 0.5)
    for step in range(depth * 2, 0, -1):
        image.paste(side, (0, 0), ImageChops.offset(mask, step * 2, step * 2))
    if rng.random() < 0.4:
        ring = mask.filter(ImageFilter.MaxFilter(2 * int(rng.integers(2, 6)) + 1))
        image.paste(pick(rng, (WHITE, INK, vivid(rng))), (0, 0), ring)
    if kind == "outline":
        mask = ImageChops.difference(mask, mask.filter(ImageFilter.MinFilter(2 * int(rng.integers(1, 5)) + 1)))
    image.paste(fill, (0, 0), mask)
    if rng.random() < 0.4 and kind not in ("outline", "fire"):
        relief = np.asarray(blur(mask, h * 0.015), dtype=float)
        slope = (np.roll(relief, 4, 0) - np.roll(relief, -4, 0) + np.roll(relief, 4, 1) - np.roll(relief, -4, 1)) * -0.8
        lit = np.clip(np.asarray(image, dtype=float) + slope[..., None] * (np.asarray(mask)[..., None] > 0), 0, 255)
        image = Image.fromarray(lit.astype(np.uint8))
    return image


def _cloud(rng: np.random.Generator, size: int) -> Image.Image:
    """Words of all sizes, upright and turned, packed into a shape."""
    width, height = extent(rng, size, 0.75, 1.7)
    w, h = width * SUPERSAMPLE, height * SUPERSAMPLE
    paper = pick(rng, (WHITE, WHITE, (0, 0, 0), (16, 20, 40), pastel(rng)))
    image = Image.new("RGB", (w, h), paper)
    shape = Image.new("L", (w, h))
    pen = ImageDraw.Draw(shape)
    kind = int(rng.integers(4))
    t = np.linspace(0, 2 * np.pi, 60)
    if kind == 0:
        pen.rectangle([w * 0.02, h * 0.02, w * 0.98, h * 0.98], fill=255)
    elif kind == 1:
        pen.polygon(xy(oval(w / 2, h / 2, w * 0.48, h * 0.48)), fill=255)
    elif kind == 2:
        x, y = 16 * np.sin(t) ** 3, 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
        pen.polygon(xy(np.stack([w / 2 + x * w * 0.028, h * 0.47 - y * h * 0.028], axis=1)), fill=255)
    else:
        reach = 1 + 0.25 * np.sin(t * int(rng.integers(2, 6)) + rng.uniform(0, 6))
        pen.polygon(
            xy(np.stack([w / 2 + np.cos(t) * w * 0.38 * reach, h / 2 + np.sin(t) * h * 0.38 * reach], axis=1)), fill=255
        )
    free = np.asarray(shape.resize((w // 4, h // 4))) > 0
    style, turned = pick(rng, ("bold", "sans", "serif", "plain", "heavy", "times_bold")), rng.choice([0.0, 0.3, 0.5])
    hue, spread, korean = rng.random(), rng.choice([0.01, 0.08, 0.5]), bool(rng.random() < 0.25)
    big, small = h * rng.uniform(0.1, 0.24), h * rng.uniform(0.018, 0.035)
    for step in range(110):
        tall = max(big * (1 - step / 110) ** rng.choice([2, 4]), small)
        mask = letters(phrase(rng, 1, korean=korean), max(round(tall), 8), style)
        if rng.random() < turned:
            mask = mask.transpose(Image.Transpose.ROTATE_90)
        gw, gh = mask.width // 4 + 2, mask.height // 4 + 2
        if gw >= free.shape[1] or gh >= free.shape[0]:
            continue
        for _ in range(14):
            column, row = int(rng.integers(free.shape[1] - gw)), int(rng.integers(free.shape[0] - gh))
            if free[row : row + gh, column : column + gw].all():
                free = free.copy()
                free[row : row + gh, column : column + gw] = False
                value = rng.uniform(0.35, 0.8) if sum(paper) > 380 else rng.uniform(0.6, 1.0)
                tone = hsv(hue + rng.normal(0, spread), rng.uniform(0.4, 1) * (spread > 0.02), value)
                image.paste(tone, (column * 4 + 4, row * 4 + 4), mask)
                break
    return image


def _neon(rng: np.random.Generator, size: int) -> Image.Image:
    """Glowing words on a dark wall, or chalk on a board."""
    width, height = extent(rng, size, 0.8, 1.8)
    w, h = width * SUPERSAMPLE, height * SUPERSAMPLE
    image = texture(rng, w, h, pick(rng, ((30, 32, 40), (40, 26, 26), (34, 54, 46), (20, 20, 22))), cells=40)
    layer = Image.new("RGB", (w, h))
    stack(
        layer,
        rng,
        (w * 0.08, h * 0.2, w * 0.92, h * 0.8),
        lines_of(rng, saying(rng)),
        WHITE,
        style=pick(rng, ("times_italic", "plain", "serif_italic", "sans")),
    )
    mask, tone = layer.convert("L"), hsv(rng.random(), rng.uniform(0.1, 0.9), 1)
    if rng.random() < 0.65:
        for radius in (0.05, 0.02):
            image.paste(tone, (0, 0), blur(mask, h * radius))
        image.paste(blend(tone, WHITE, 0.75), (0, 0), mask)
    else:
        dust = (np.asarray(mask) * np.clip(noise(rng, w, h, cells=60, octaves=2) * 2 - 0.2, 0, 1)).astype(np.uint8)
        image.paste(blend(tone, WHITE, 0.7), (0, 0), Image.fromarray(dust))
    return image


def _framed(rng: np.random.Generator, size: int) -> Image.Image:
    """Lettering on pale paper inside a wreath, a ring, blots of colour or a frame."""
    width, height = extent(rng, size, 0.75, 1.4)
    w, h = width * SUPERSAMPLE, height * SUPERSAMPLE
    image = Image.new("RGB", (w, h), pick(rng, (WHITE, (250, 247, 240), pastel(rng))))
    pen, r, hue = ImageDraw.Draw(image), min(w, h) * rng.uniform(0.36, 0.46), rng.random()
    kind = int(rng.integers(4))
    if kind == 0:
        for _ in range(int(rng.integers(40, 140))):
            angle = rng.uniform(0, 2 * np.pi)
            far = r * rng.normal(1, 0.05)
            leaf = oval(
                w / 2 + np.cos(angle) * far,
                h / 2 + np.sin(angle) * far,
                r * 0.1,
                r * 0.035,
                angle + rng.normal(1.2, 0.6),
            )
            pen.polygon(xy(leaf), fill=hsv(hue + rng.normal(0, 0.04), rng.uniform(0.2, 0.7), rng.uniform(0.4, 0.9)))
    elif kind == 1:
        pen.ellipse([w / 2 - r, h / 2 - r, w / 2 + r, h / 2 + r], fill=vivid(rng))
    elif kind == 2:
        for _ in range(int(rng.integers(3, 8))):
            x, y = rng.uniform(0, w), rng.uniform(0, h)
            pen.polygon(xy(oval(x, y, r * rng.uniform(0.1, 0.5), r * rng.uniform(0.1, 0.5))), fill=pastel(rng))
    else:
        pen.rectangle([w * 0.08, h * 0.08, w * 0.92, h * 0.92], outline=vivid(rng), width=round(w * 0.012))
    box = (w / 2 - r * 0.8, h / 2 - r * 0.5, w / 2 + r * 0.8, h / 2 + r * 0.5)
    ink = readable(image, box) if rng.random() < 0.6 else blend(vivid(rng), INK, 0.3)
    stack(image, rng, box, lines_of(rng, saying(rng)), ink, style=pick(rng, FACES), slant=float(rng.choice([0, 0.15])))
    return image


def _fallen(rng: np.random.Generator, size: int) -> Image.Image:
    """One saying again and again, smaller, turned or fading; or lines of growing size."""
    width, height = extent(rng, size, 0.7, 1.5)
    w, h = width * SUPERSAMPLE, height * SUPERSAMPLE
    image = Image.new("RGB", (w, h), pick(rng, ((0, 0, 0), WHITE, vivid(rng), (30, 32, 40))))
    ink, style = readable(image, (0, 0, w, h)), pick(rng, FACES)
    parts = saying(rng).upper().split() * int(rng.integers(1, 3))
    y = h * 0.05
    for part in parts[:8]:
        high = h * 0.88 / min(len(parts), 8)
        tone = vivid(rng) if rng.random() < 0.3 else ink
        stack(
            image,
            rng,
            (w * 0.06, y, w * 0.94, y + high * 0.92),
            [part],
            tone,
            style=style if rng.random() < 0.6 else pick(rng, FACES),
            justified=True,
        )
        y += high
    return image
