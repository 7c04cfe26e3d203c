"""emoji_sticker: faces, people, hands, animals, food, objects, symbols; glossy, flat, small on dark, or as stickers."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from beam_jobs.demo.draw.bodies import bird, hand, person, quadruped, small_animal
from beam_jobs.demo.draw.busts import bust
from beam_jobs.demo.draw.canvas import INK, SUPERSAMPLE, WHITE, Color, blend, hsv, oval, pick, shrink, vivid
from beam_jobs.demo.draw.gear import anything
from beam_jobs.demo.draw.glyphs import BODY, rounded
from beam_jobs.demo.draw.lettering import phrase, put
from beam_jobs.demo.draw.signs import any_sign, draw_sign
from beam_jobs.demo.draw.symbols import face_emoji, face_emojis
from beam_jobs.demo.draw.things import Manner, Part, draw_thing

_SKINS: tuple[Color, ...] = (
    (255, 204, 50),
    (255, 204, 50),
    (255, 220, 180),
    (224, 176, 132),
    (190, 130, 86),
    (150, 98, 60),
    (92, 66, 54),
)
_HAIRS: tuple[Color, ...] = ((70, 44, 28), (40, 34, 34), (230, 180, 80), (180, 80, 40), (200, 200, 204), (110, 70, 50))
_HUES = (0.0, 0.02, 0.07, 0.1, 0.13, 0.14, 0.3, 0.36, 0.55, 0.6, 0.75, 0.92)


def emoji_sticker(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw an emoji as large as the picture, a sticker, or a few of them."""
    kind = pick(rng, ("faces", "one", "one", "one", "one", "one", "sticker", "sticker", "small", "small", "set"))
    if kind == "faces":
        return face_emojis(rng, size)
    ground = pick(rng, (WHITE, WHITE, WHITE, (245, 245, 245), (238, 234, 222), (43, 46, 54), (20, 22, 34)))
    if kind == "sticker":
        ground = pick(rng, (ground, blend(vivid(rng), WHITE, rng.uniform(0, 0.7)), (200, 200, 204)))
    image = Image.new("RGB", (size * SUPERSAMPLE, size * SUPERSAMPLE), ground)
    side = image.width
    if kind == "set":
        count = int(rng.integers(2, 6))
        cell = side / count
        for spot in range(count * count):
            _emoji(image, rng, ((spot % count + 0.5) * cell, (spot // count + 0.5) * cell), cell * 0.41)
        return shrink(image)
    if kind == "sticker":
        return shrink(_sticker(image, rng))
    _emoji(image, rng, (side / 2, side / 2), side * rng.uniform(0.42, 0.5))
    if kind == "small":
        tiny = int(rng.choice([20, 32, 40, 64, 72]))
        method = pick(rng, (Image.Resampling.NEAREST, Image.Resampling.BILINEAR, Image.Resampling.BICUBIC))
        low = image.resize((tiny, tiny), Image.Resampling.BOX)
        if rng.random() < 0.5:
            low = low.quantize(int(rng.choice([16, 32, 64, 128])), dither=Image.Dither.FLOYDSTEINBERG).convert("RGB")
        return low.resize((size, size), method)
    return shrink(image)


_At = tuple[float, float]


def _emoji(image: Image.Image, rng: np.random.Generator, at: _At, r: float) -> None:
    pick(
        rng,
        (
            _face,
            _head,
            _head,
            _head,
            _figure,
            _hand,
            _animal,
            _animal,
            _object,
            _object,
            _object,
            _object,
            _symbol,
            _tile,
            _hearts,
        ),
    )(image, rng, at, r)


def colors_of(rng: np.random.Generator) -> tuple[Color, ...]:
    """Return a palette as emoji have it: fresh colours, a brown or dark one, a near white."""
    hue, second = pick(rng, _HUES), pick(rng, _HUES)
    return (
        hsv(hue, rng.uniform(0.55, 0.9), rng.uniform(0.75, 1.0)),
        hsv(second, rng.uniform(0.4, 0.85), rng.uniform(0.6, 0.95)),
        pick(rng, ((66, 66, 66), (93, 64, 55), (62, 39, 35), (50, 60, 70), (84, 110, 122))),
        pick(rng, ((250, 250, 250), (255, 245, 220), (225, 235, 242), (200, 225, 250))),
        hsv(pick(rng, _HUES), 0.8, 0.95),
    )


def _finish(rng: np.random.Generator, main: Color) -> Manner:
    """Return a manner of emoji: soft light or flat, without black outlines."""
    return Manner(
        outline=pick(rng, (blend(main, INK, 0.35), blend(main, INK, 0.6), INK)),
        line=pick(rng, (0.0, 0.0, 0.0, 0.012, 0.025)),
        light=pick(rng, ("glow", "glow", "glow", "spot", "flat", "split")),
        merge=bool(rng.random() < 0.8),
    )


def _draw(
    image: Image.Image, rng: np.random.Generator, parts: list[Part], at: _At, r: float, colors: tuple[Color, ...]
) -> None:
    draw_thing(image, parts, at, r, colors, _finish(rng, colors[0]))


def _face(image: Image.Image, rng: np.random.Generator, at: _At, r: float) -> None:
    face_emoji(image, rng, at[0], at[1], r)


def _head(image: Image.Image, rng: np.random.Generator, at: _At, r: float) -> None:
    """A person's head and shoulders."""
    colors = list(colors_of(rng))
    colors[2], colors[3] = pick(rng, _HAIRS), pick(rng, _SKINS)
    colors[4] = blend(colors[3], (180, 50, 50), 0.6)
    _draw(image, rng, bust(rng), at, r, tuple(colors))


def _figure(image: Image.Image, rng: np.random.Generator, at: _At, r: float) -> None:
    colors = list(colors_of(rng))
    colors[2], colors[3] = pick(rng, _HAIRS), pick(rng, _SKINS)
    _draw(image, rng, person(rng), at, r, tuple(colors))


def _hand(image: Image.Image, rng: np.random.Generator, at: _At, r: float) -> None:
    skin = pick(rng, _SKINS)
    draw_thing(
        image,
        hand(rng),
        at,
        r,
        (skin, skin, INK, skin, skin),
        Manner(outline=blend(skin, (120, 60, 20), 0.55), line=0.022, light=pick(rng, ("glow", "flat")), merge=False),
    )


def _animal(image: Image.Image, rng: np.random.Generator, at: _At, r: float) -> None:
    """A whole animal in its colours, or an animal's face."""
    fur = hsv(rng.choice([0.07, 0.08, 0.1, 0.6, 0.0, 0.3, 0.93]), rng.uniform(0.1, 0.7), rng.uniform(0.5, 0.95))
    colors = (
        fur,
        blend(fur, INK, rng.uniform(0.05, 0.3)),
        (50, 40, 38),
        blend(fur, WHITE, 0.75),
        hsv(rng.choice([0.08, 0.12, 0.95]), 0.7, 0.95),
    )
    if rng.random() < 0.6:
        _draw(image, rng, pick(rng, (quadruped, bird, small_animal))(rng), at, r, colors)
        return
    ear, apart, high = rng.uniform(0.2, 0.4), rng.uniform(0.45, 0.7), rng.uniform(0.5, 1.0)
    pointed = rng.random() < 0.5
    parts: list[Part] = []
    for side in (-1, 1):
        if pointed:
            parts.append(
                (np.array([[side * (apart + 0.2), 0.0], [side * (apart + 0.15), -0.95], [side * 0.1, -0.5]]), 0)
            )
        else:
            parts += [
                (oval(side * apart, -high + 0.2, ear, ear * rng.uniform(1, 1.8)), 0),
                (oval(side * apart, -high + 0.2, ear * 0.55, ear * 0.7), 4),
            ]
    parts += [(oval(0, 0.1, 0.88, rng.uniform(0.7, 0.85)), 0), (oval(0, 0.45, rng.uniform(0.35, 0.6), 0.32), 3)]
    eye = rng.uniform(0.08, 0.15)
    for side in (-1, 1):
        parts += [
            (oval(side * 0.36, 0.0, eye, eye * 1.2), 2),
            (oval(side * 0.36 - eye * 0.3, -eye * 0.4, eye * 0.35, eye * 0.35), 3),
        ]
    parts.append((oval(0, 0.3, rng.uniform(0.1, 0.2), 0.1), int(rng.choice([2, 4]))))
    angle = np.linspace(0.1, 0.9, 8) * np.pi
    parts.append((np.stack([np.cos(angle) * 0.22, 0.42 + np.sin(angle) * 0.15], axis=1), -1))
    draw_thing(
        image,
        parts,
        at,
        r,
        colors,
        Manner(outline=colors[1], line=pick(rng, (0.0, 0.02)), light=pick(rng, ("glow", "flat")), merge=True),
    )


def _object(image: Image.Image, rng: np.random.Generator, at: _At, r: float) -> None:
    _draw(image, rng, anything(rng, living=0.0), at, r, colors_of(rng))


def _symbol(image: Image.Image, rng: np.random.Generator, at: _At, r: float) -> None:
    """A sign in one glossy colour."""
    color = hsv(pick(rng, _HUES), rng.uniform(0.5, 0.9), rng.uniform(0.7, 0.95))
    mask = Image.new("RGB", image.size)
    draw_sign(
        mask,
        any_sign(rng),
        (at[0], at[1], r),
        ink=WHITE,
        hole=(0, 0, 0),
        line=rng.uniform(0.12, 0.24),
        solid=bool(rng.random() < 0.7),
    )
    y = np.linspace(0, 1, image.height)[:, None, None]
    shade = np.asarray(blend(color, WHITE, 0.3)) * (1 - y) + np.asarray(blend(color, INK, 0.25)) * y
    fill = Image.fromarray(np.broadcast_to(shade, (image.height, image.width, 3)).astype(np.uint8))
    image.paste(fill, (0, 0), mask.getchannel("R"))


def _tile(image: Image.Image, rng: np.random.Generator, at: _At, r: float) -> None:
    """A number, letter, word or sign on a coloured tile or disc."""
    color = pick(
        rng,
        ((62, 130, 220), (110, 150, 180), (220, 50, 50), (140, 80, 200), (60, 160, 80), (240, 150, 40), (255, 204, 50)),
    )
    shape = pick(
        rng,
        (
            rounded(-1, -1, 1, 1, 0.2),
            rounded(-1, -1, 1, 1, 0.3),
            oval(0, 0, 1, 1, steps=80),
            np.array([[0, -0.95], [1, 0.85], [-1, 0.85]]),
        ),
    )
    for reach, tone in ((1.0, blend(color, INK, 0.2)), (0.94, color), (0.86, blend(color, WHITE, 0.1))):
        draw_sign(image, [(shape, BODY)], (at[0], at[1], r * reach), ink=tone, hole=tone, line=0.03, solid=True)
    front = WHITE if sum(color) < 560 else (60, 50, 40)
    if rng.random() < 0.5:
        text = pick(
            rng, (*"0123456789ABOMP#*?!", "OK", "UP!", "NEW", "SOS", "10", "ID", phrase(rng, 1, korean=True)[:1])
        )
        put(
            ImageDraw.Draw(image),
            (at[0], at[1] + r * 0.03),
            text,
            front,
            round(r * (1.3 if len(text) < 2 else 0.75)),
            style="bold",
            anchor="mm",
        )
    else:
        draw_sign(image, any_sign(rng), (at[0], at[1], r * 0.58), ink=front, hole=color, line=0.18, solid=True)


def _hearts(image: Image.Image, rng: np.random.Generator, at: _At, r: float) -> None:
    """One to three hearts, stars, drops or balls with a shine."""
    t = np.linspace(0, 2 * np.pi, 40)
    heart = (
        np.stack(
            [16 * np.sin(t) ** 3, -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t))], axis=1
        )
        / 17
    )
    turns = np.arange(10) * np.pi / 5 - np.pi / 2
    star = np.stack([np.cos(turns), np.sin(turns)], axis=1) * np.where(np.arange(10) % 2 == 0, 1.0, 0.5)[:, None]
    form = pick(rng, (heart, heart, star, oval(0, 0, 0.95, 0.95)))
    color = hsv(pick(rng, _HUES), 0.8, 0.95)
    colors = (color, color, blend(color, INK, 0.3), blend(color, WHITE, 0.6), color)
    for step in range(int(rng.choice([1, 1, 2, 3]))):
        share = 1.0 if step == 0 else 0.55
        middle = at if step == 0 else (at[0] + r * 0.5 * (-1) ** step, at[1] - r * 0.45)
        draw_thing(
            image,
            [(form, 0), (oval(-0.4, -0.35, 0.12, 0.2, 0.6), 3)],
            middle,
            r * share * 0.9,
            colors,
            Manner(light="glow"),
        )


def _sticker(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """A thing or a figure with a white border and a shadow, some with a word."""
    side, empty = image.width, (1, 254, 3)
    layer = Image.new("RGB", image.size, empty)
    draw: Callable[[Image.Image, np.random.Generator, _At, float], None] = pick(
        rng, (_head, _figure, _animal, _animal, _object, _face, _hand)
    )
    draw(layer, rng, (side / 2, side * 0.48), side * rng.uniform(0.3, 0.4))
    if rng.random() < 0.35:
        text = pick(rng, ("WOW", "LOL", "OK!", "HI", "Yes!", "Love", "Nope", "omg", phrase(rng, 1)[:8]))
        put(
            ImageDraw.Draw(layer),
            (side / 2, side * rng.choice([0.14, 0.86])),
            text,
            vivid(rng),
            round(side * rng.uniform(0.1, 0.17)),
            style="bold",
            anchor="mm",
            rim=INK if rng.random() < 0.4 else None,
        )
    mask = (
        ImageChops.difference(layer, Image.new("RGB", image.size, empty))
        .convert("L")
        .point(lambda value: 255 if value > 8 else 0)
    )
    small = mask.reduce(4)
    wide = int(rng.choice([3, 5, 7])) + 2 * (side > 500)
    border = (
        small.filter(ImageFilter.MaxFilter(wide))
        .filter(ImageFilter.GaussianBlur(1.5))
        .point(lambda value: min(max((value - 60) * 4, 0), 255))
    )
    border = border.resize(image.size, Image.Resampling.BICUBIC)
    if rng.random() < 0.7:
        shade = ImageChops.offset(border.filter(ImageFilter.GaussianBlur(side * 0.008)), 0, round(side * 0.012))
        image.paste(blend((90, 90, 96), image.getpixel((1, 1)), 0.4), (0, 0), shade)  # type: ignore[arg-type]
    image.paste(pick(rng, (WHITE, WHITE, WHITE, (255, 250, 235))), (0, 0), border)
    image.paste(layer, (0, 0), mask)
    return image
