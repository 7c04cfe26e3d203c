"""Things cut out of their plain ground, to be pictograms, marks, stickers, sprites and motifs of patterns."""

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter, ImageOps

from beam_jobs.composites.pool import FIGURES, PHOTOS, Take
from beam_jobs.demo.draw.canvas import Color, gradient, hsv, pastel, pick, vivid
from beam_jobs.demo.draw.lettering import fit, phrase, put
from intent.augment import ground
from intent.cutouts import mask_of

TRIES = 8
"""Pictures that are looked at for one with a plain ground."""


def figure(rng: np.random.Generator, take: Take, *intents: str) -> tuple[Image.Image, Image.Image]:
    """Return a thing and its mask, both cropped to it and some mirrored; where no try has a plain ground the last one
    is taken whole."""
    image = take(*intents)
    mask = mask_of(image)
    for _ in range(TRIES - 1):
        if mask is not None:
            break
        take.back()
        image = take(*intents)
        mask = mask_of(image)
    mask = mask or Image.new("L", image.size, 255)
    if "logo_emblem" not in intents and rng.random() < 0.5:  # names are no names when mirrored
        image, mask = ImageOps.mirror(image), ImageOps.mirror(mask)
    box = mask.getbbox()
    return image.crop(box), mask.crop(box)


def placed(
    rng: np.random.Generator, size: int, thing: Image.Image, mask: Image.Image, *, low: float, high: float
) -> tuple[Image.Image, Image.Image]:
    """Return the thing on black and its mask, both ``size`` square, between ``low`` and ``high`` of the side."""
    scale = size * rng.uniform(low, high) / max(thing.size)
    new = (max(2, round(thing.width * scale)), max(2, round(thing.height * scale)))
    at = tuple(int((size - side) * rng.uniform(0.4, 0.6)) for side in new)
    whole, where = Image.new("RGB", (size, size)), Image.new("L", (size, size))
    whole.paste(thing.resize(new, Image.Resampling.BICUBIC), (at[0], at[1]))
    where.paste(mask.resize(new, Image.Resampling.BICUBIC), (at[0], at[1]))
    return whole, where


def _tones(rng: np.random.Generator) -> tuple[Color, Color]:
    """Return a colour for a ground and one that stands out from it."""
    kind = rng.random()
    if kind < 0.35:
        dark = (10, 10, 12) if rng.random() < 0.6 else vivid(rng)
        return (255, 255, 255), dark
    if kind < 0.5:
        return hsv(rng.random(), 0.3, 0.14), (250, 250, 250)
    if kind < 0.8:
        return vivid(rng), (255, 255, 255)
    return pastel(rng), hsv(rng.random(), 0.8, 0.4)


def _fill(rng: np.random.Generator, size: int, color: Color) -> Image.Image:
    return gradient(size, size, [color, vivid(rng)]) if rng.random() < 0.35 else Image.new("RGB", (size, size), color)


def _shape(rng: np.random.Generator, size: int) -> Image.Image:
    """Return the mask of a badge: a circle or a rectangle with round corners."""
    from PIL import ImageDraw

    big = Image.new("L", (size * 2, size * 2))
    pen = ImageDraw.Draw(big)
    edge = size * 2 * rng.uniform(0.02, 0.12)
    box = (edge, edge, size * 2 - edge, size * 2 - edge)
    if rng.random() < 0.4:
        pen.ellipse(box, fill=255)
    else:
        pen.rounded_rectangle(box, radius=size * 2 * rng.uniform(0, 0.25), fill=255)
    return big.reduce(2)


def icon_pictogram(rng: np.random.Generator, size: int, take: Take) -> Image.Image:
    """A silhouette of one colour, bare or on a badge; of pictograms that are there or of other things."""
    back, ink = _tones(rng)
    if rng.random() < 0.6:
        thing, mask = figure(rng, take, "icon_pictogram")
    else:
        thing, mask = figure(rng, take, "emoji_sticker", "logo_emblem", "product_cutout", "clipart_illustration")
        if rng.random() < 0.5:  # holes where the thing is light
            light = ImageOps.autocontrast(thing.convert("L"), cutoff=2).point(lambda v: 255 if v < 150 else 0)
            mask = Image.fromarray(np.minimum(np.asarray(mask), np.asarray(light)))
        if rng.random() < 0.4:  # an outline in place of the whole
            inner = mask.filter(ImageFilter.MinFilter(7))
            mask = Image.fromarray(np.asarray(mask) - np.minimum(np.asarray(mask), np.asarray(inner)))
    _, where = placed(rng, size, thing, mask, low=0.45, high=0.98)
    under = Image.new("RGB", (size, size), back)
    if rng.random() < 0.45:
        under = Image.new("RGB", (size, size), (255, 255, 255) if rng.random() < 0.7 else pastel(rng))
        under.paste(_fill(rng, size, back), (0, 0), _shape(rng, size))
        _, where = placed(rng, size, thing, mask, low=0.4, high=0.65)
    under.paste(_fill(rng, size, ink) if rng.random() < 0.4 else Image.new("RGB", (size, size), ink), (0, 0), where)
    return under


def logo_emblem(rng: np.random.Generator, size: int, take: Take) -> Image.Image:
    """A mark in colours of its own, some with a name beside or below it."""
    from PIL import ImageDraw

    thing, mask = figure(rng, take, "logo_emblem", "logo_emblem", "logo_emblem", "icon_pictogram")
    back = (255, 255, 255) if rng.random() < 0.75 else _tones(rng)[0]
    under = Image.new("RGB", (size, size), back)
    named = rng.random() < 0.45
    whole, where = placed(rng, size, thing, mask, low=0.3 if named else 0.5, high=0.5 if named else 0.98)
    plain = np.ptp(np.asarray(thing, dtype=np.int64), axis=2).mean() < 8
    if plain or rng.random() < 0.3:
        colour = _halves(rng, size) if rng.random() < 0.5 else _fill(rng, size, vivid(rng))
        under.paste(colour, (0, 0), where)
    else:
        under.paste(whole, (0, 0), where)
    if named:
        shift = int(size * 0.17)
        below = rng.random() < 0.6
        moved = Image.new("RGB", (size, size), back)
        moved.paste(under, (0, -shift) if below else (-int(size * 0.24), 0))
        pen = ImageDraw.Draw(moved)
        name = phrase(rng, 1).upper() if rng.random() < 0.5 else phrase(rng, 1)
        style = pick(rng, ("bold", "sans", "serif_bold", "heavy", "serif"))
        ink = vivid(rng) if rng.random() < 0.5 else (25, 25, 30)
        if below:
            put(
                pen,
                (size / 2, size * 0.8),
                name,
                ink,
                fit(name, size * 0.8, size // 5, style),
                style=style,
                anchor="mm",
            )
        else:
            put(pen, (size * 0.5, size * 0.5), name, ink, fit(name, size * 0.47, size // 6, style), style=style)
        return moved
    return under


def _halves(rng: np.random.Generator, size: int) -> Image.Image:
    """Two or three flat colours in bands that lie any way."""
    y, x = np.mgrid[0:size, 0:size] / size - 0.5
    turn = rng.uniform(0, 2 * np.pi)
    lie = x * np.cos(turn) + y * np.sin(turn)
    colours = np.array([vivid(rng) for _ in range(3)], dtype=np.uint8)
    steps = np.sort(rng.uniform(-0.3, 0.3, 2 if rng.random() < 0.5 else 1))
    return Image.fromarray(colours[np.searchsorted(steps, lie)])


def emoji_sticker(rng: np.random.Generator, size: int, take: Take) -> Image.Image:
    """A cut-out figure with the white rim and the shadow of a sticker, on any ground."""
    if rng.random() < 0.35:
        thing, mask = figure(rng, take, "emoji_sticker")
    else:
        thing, mask = figure(rng, take, "anime_character", "clipart_illustration", "emoji_sticker", "coloring_page")
    whole, where = placed(rng, size, thing, mask, low=0.6, high=0.9)
    under = ground(rng, (size, size)) if rng.random() < 0.5 else Image.new("RGB", (size, size), (255, 255, 255))
    rim = where.filter(ImageFilter.MaxFilter(int(pick(rng, (5, 7, 9, 11)))))
    if rng.random() < 0.7:
        shadow = rim.filter(ImageFilter.GaussianBlur(3)).point(lambda v: v // 3)
        under.paste((0, 0, 0), (int(size * 0.01), int(size * 0.02)), shadow)
        under.paste((255, 255, 255), (0, 0), rim)
    under.paste(whole, (0, 0), where)
    return under


def pixel_art(rng: np.random.Generator, size: int, take: Take) -> Image.Image:
    """A figure or a scene in few large pixels of few colours."""
    side = int(pick(rng, (12, 16, 16, 24, 32, 32, 48, 64)))
    if rng.random() < 0.75:
        thing, mask = figure(rng, take, *FIGURES)
        whole, where = placed(rng, size, thing, mask, low=0.6, high=1.0)
        tone = (255, 255, 255) if rng.random() < 0.5 else (0, 0, 0) if rng.random() < 0.4 else pastel(rng)
        under = Image.new("RGB", (size, size), tone)
        under.paste(whole, (0, 0), where)
    else:
        under = take("game_screenshot", "landscape_photo", "clipart_illustration", "animal_photo", "anime_character")
        side = max(side, 32)
    small = under.resize((side, side), Image.Resampling.BOX if rng.random() < 0.5 else Image.Resampling.NEAREST)
    small = small.quantize(int(pick(rng, (4, 8, 8, 12, 16, 32))), dither=Image.Dither.NONE).convert("RGB")
    if rng.random() < 0.5:
        small = ImageOps.autocontrast(small, cutoff=1)
    way = Image.Resampling.NEAREST if rng.random() < 0.75 else Image.Resampling.BILINEAR
    return small.resize((side * max(1, size // side),) * 2, way)


def pattern_background(rng: np.random.Generator, size: int, take: Take) -> Image.Image:
    """A seamless texture out of a picture's piece, or a motif that repeats; many are faint."""
    if rng.random() < 0.6:
        image = take("pattern_background", *PHOTOS[:6], "satellite_aerial")
        side = max(2, int(image.width * rng.uniform(0.12, 0.45)))
        left, top = (int(v) for v in rng.integers(0, image.width - side + 1, 2))
        piece = np.asarray(image.crop((left, top, left + side, top + side)))
        tile: npt.NDArray[np.uint8] = np.concatenate([piece, piece[:, ::-1]], axis=1)
        tile = np.concatenate([tile, tile[::-1]], axis=0)
        tile = np.asarray(Image.fromarray(tile).resize((int(size * rng.uniform(0.2, 1.0)),) * 2))
    else:
        back = pastel(rng) if rng.random() < 0.6 else vivid(rng)
        cell = int(size * rng.uniform(0.12, 0.4))
        motif = Image.new("RGB", (cell * 2, cell * 2), back)
        for at in ((0, 0), (cell, cell)):
            thing, mask = figure(rng, take, "icon_pictogram", "emoji_sticker", "logo_emblem", "clipart_illustration")
            whole, where = placed(rng, cell, thing, mask, low=0.4, high=0.8)
            one = Image.new("RGB", (cell, cell), vivid(rng)) if rng.random() < 0.6 else whole
            motif.paste(one, at, where)
        tile = np.asarray(motif)
    times = -(-size // tile.shape[0])
    whole_tile = np.tile(tile, (times, times, 1))[:size, :size]
    result = Image.fromarray(np.ascontiguousarray(whole_tile))
    if rng.random() < 0.3:
        result = result.convert("L").convert("RGB")
    if rng.random() < 0.4:
        result = Image.blend(result, Image.new("RGB", result.size, pastel(rng)), rng.uniform(0.4, 0.85))
    return result
