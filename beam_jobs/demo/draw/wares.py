"""Single goods as shops and sellers photograph them: clothes, devices, furniture, fruit, jewellery."""

from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image, ImageChops

from beam_jobs.demo.draw.canvas import (
    INK,
    WHITE,
    Color,
    blend,
    blur,
    extent,
    gradient,
    grain,
    hsv,
    oval,
    pastel,
    pick,
    shrink,
    smooth,
    vivid,
)
from beam_jobs.demo.draw.stage import Stage, fabric, plain
from beam_jobs.demo.draw.textures import SURFACES, surface
from beam_jobs.demo.draw.wardrobe import bag, dress, shirt, shoe, trousers


def _device(s: Stage) -> None:
    """Toasters, speakers, blenders, kettles, heaters, irons: boxes and turned bodies with knobs."""
    rng, tone = s.rng, plain(s.rng)
    gloss, second = rng.uniform(0.1, 0.8), plain(rng)
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
    rng, strap, dial = s.rng, plain(s.rng), plain(s.rng)
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
    tone, second = plain(s.rng), plain(s.rng)
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


def _seat(s: Stage) -> None:
    """Chairs, stools, sofas, tables, cupboards."""
    rng, paint, wood = (
        s.rng,
        fabric(s.rng),
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
    "shirt": shirt, "shirt_too": shirt, "trousers": trousers, "dress": dress, "shoe": shoe, "device": _device,
    "device_too": _device, "watch": _watch, "headphones": _headphones, "bag": bag, "seat": _seat, "fruit": _fruit,
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
