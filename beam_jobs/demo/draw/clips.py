"""More of clipart_illustration: office clip art, cartoon animals and people, avatars, borders, silhouettes, maps of things."""

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.bodies import bird, person, quadruped, small_animal
from beam_jobs.demo.draw.busts import bust
from beam_jobs.demo.draw.canvas import (
    INK,
    SUPERSAMPLE,
    WHITE,
    Color,
    blend,
    extent,
    gradient,
    hsv,
    oval,
    pastel,
    pick,
    shrink,
    smooth,
    vivid,
    xy,
)
from beam_jobs.demo.draw.gear import anything
from beam_jobs.demo.draw.lettering import fit, phrase, put
from beam_jobs.demo.draw.things import LINE, Manner, Part, draw_thing, palette

_SKINS: tuple[Color, ...] = ((255, 214, 184), (236, 188, 150), (190, 130, 96), (120, 80, 60))


def office_art(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw clip art in one of many manners."""
    width, height = extent(rng, size, 0.7, 1.5)
    paper = WHITE if rng.random() < 0.75 else pastel(rng)
    image = Image.new("RGB", (width * SUPERSAMPLE, height * SUPERSAMPLE), paper)
    pick(
        rng,
        (_cartoon, _cartoon, _cartoon, _group, _group, _backdrop, _shadows, _border, _avatar, _ribbon, _path_of_things),
    )(image, rng)
    return shrink(image)


def _colors(rng: np.random.Generator) -> tuple[Color, ...]:
    tones = list(palette(rng))
    tones[3] = pick(rng, (*_SKINS, WHITE, (250, 250, 240)))
    return tuple(tones)


def _manner(rng: np.random.Generator) -> Manner:
    """Return thick, thin or no outlines with flat, split or graded colours."""
    return Manner(
        outline=pick(rng, (INK, INK, (0, 0, 0), (80, 44, 20), (30, 40, 90))),
        line=pick(rng, (0.0, 0.015, 0.025, 0.04)),
        light=pick(rng, ("flat", "glow", "glow", "split", "spot")),
        lean=float(rng.normal(0, 0.08)),
        merge=True,
    )


def _subject(rng: np.random.Generator) -> list[Part]:
    return pick(rng, (quadruped, bird, small_animal, person, person, bust, anything, anything, anything))(rng)


def _cartoon(image: Image.Image, rng: np.random.Generator) -> None:
    """One subject with a shadow or a patch of colour behind it."""
    w, h = image.size
    r = min(w, h) * rng.uniform(0.36, 0.48)
    pen = ImageDraw.Draw(image)
    back = int(rng.integers(5))
    if back == 0:
        pen.ellipse([w / 2 - r * 0.9, h / 2 + r * 0.88, w / 2 + r * 0.9, h / 2 + r * 1.06], fill=(205, 205, 210))
    elif back == 1:
        blob = oval(w / 2, h / 2, w * 0.44, h * 0.42, 0, 9) + rng.normal(0, r * 0.12, (9, 2))
        pen.polygon(xy(smooth(blob)), fill=pastel(rng))
    elif back == 2:
        pen.rectangle([w * 0.12, h * 0.1, w * 0.7, h * 0.8], fill=vivid(rng))
    draw_thing(image, _subject(rng), (w / 2, h / 2), r, _colors(rng), _manner(rng))


def _group(image: Image.Image, rng: np.random.Generator) -> None:
    """Several people, animals or objects side by side on a floor."""
    w, h = image.size
    count = int(rng.integers(2, 6))
    how, floor = _manner(rng), h * rng.uniform(0.82, 0.94)
    kind = pick(rng, (person, person, _subject))
    if rng.random() < 0.6:
        ImageDraw.Draw(image).rectangle(
            [0, floor - h * 0.05, w, h], fill=blend(vivid(rng), WHITE, rng.uniform(0.2, 0.7))
        )
    for place in rng.permutation(count):
        r = min(w / count * 0.75, h * 0.42) * rng.uniform(0.75, 1.1)
        draw_thing(image, kind(rng), (w * (place + 0.5) / count, floor - r), r, _colors(rng), how)


def _backdrop(image: Image.Image, rng: np.random.Generator) -> None:
    """A subject in a landscape, a room or under a night sky of flat or graded shapes."""
    w, h = image.size
    hue = rng.random()
    image.paste(gradient(w, h, [hsv(hue, rng.uniform(0.2, 0.7), rng.uniform(0.5, 1)), hsv(hue + 0.06, 0.15, 1.0)]))
    pen = ImageDraw.Draw(image)
    horizon = h * rng.uniform(0.5, 0.8)
    how = _manner(rng)
    if rng.random() < 0.7:
        crest = smooth(
            np.stack([np.linspace(-0.1, 1.1, 5) * w, horizon + rng.normal(0, h * 0.05, 5)], axis=1), closed=False
        )
        pen.polygon(
            [*xy(crest), (w * 1.1, h), (-w * 0.1, h)],
            fill=hsv(rng.choice([0.3, 0.12, 0.6, hue]), rng.uniform(0.3, 0.8), rng.uniform(0.5, 0.95)),
        )
    else:
        pen.rectangle([0, horizon, w, h], fill=hsv(0.08, 0.5, rng.uniform(0.4, 0.8)))
        pen.rectangle([w * 0.6, h * 0.12, w * 0.9, horizon * 0.75], fill=(190, 224, 250), outline=WHITE, width=8)
    for _ in range(int(rng.integers(1, 6))):
        r = min(w, h) * rng.uniform(0.08, 0.16)
        draw_thing(image, anything(rng, living=0.1), (w * rng.random(), horizon - r * 0.6), r, _colors(rng), how)
    r = min(w, h) * rng.uniform(0.26, 0.4)
    draw_thing(image, _subject(rng), (w * rng.uniform(0.3, 0.7), h * 0.93 - r), r, _colors(rng), how)


def _shadows(image: Image.Image, rng: np.random.Generator) -> None:
    """Silhouettes in a row or before a sunset."""
    w, h = image.size
    if rng.random() < 0.4:
        hue = rng.choice([0.05, 0.1, 0.9, 0.6])
        image.paste(gradient(w, h, [hsv(hue, 0.8, 0.9), hsv(hue + 0.06, 0.6, 1.0)]))
        pen = ImageDraw.Draw(image)
        r = h * rng.uniform(0.1, 0.25)
        pen.ellipse([w * 0.5 - r, h * 0.5 - r, w * 0.5 + r, h * 0.5 + r], fill=(255, 240, 200))
        pen.rectangle([0, h * 0.86, w, h], fill=INK)
    tone = pick(rng, (INK, INK, (0, 0, 0), blend(vivid(rng), INK, 0.4)))
    count = int(rng.integers(1, 5))
    for place in range(count):
        r = min(w / count * 0.55, h * 0.42)
        parts = [(points, role) for points, role in _subject(rng) if role != LINE]
        draw_thing(image, parts, (w * (place + 0.5) / count, h * 0.9 - r), r, (tone,) * 5, Manner())


def _border(image: Image.Image, rng: np.random.Generator) -> None:
    """A frame of small things around an empty sheet or a greeting."""
    w, h = image.size
    r = min(w, h) * rng.uniform(0.06, 0.11)
    how, few = _manner(rng), [(anything(rng, living=0.3), _colors(rng)) for _ in range(int(rng.integers(1, 5)))]
    across, down = max(int(w / (2.1 * r)), 2), max(int(h / (2.1 * r)), 2)
    spots = [(r + (w - 2 * r) * k / (across - 1), y) for k in range(across) for y in (r, h - r)]
    spots += [(x, r + (h - 2 * r) * k / (down - 1)) for k in range(1, down - 1) for x in (r, w - r)]
    for spot in spots:
        parts, colors = pick(rng, few)
        draw_thing(image, parts, spot, r * 0.9, colors, how)
    if rng.random() < 0.5:
        text = pick(rng, ("Happy Birthday", "Thank You", "Welcome", "Sale", "Hello Spring", phrase(rng, 2)))
        put(
            ImageDraw.Draw(image),
            (w / 2, h / 2),
            text,
            vivid(rng),
            fit(text, w - 5 * r, round(h * 0.2), "serif_bold"),
            style="serif_bold",
            anchor="mm",
        )


def _avatar(image: Image.Image, rng: np.random.Generator) -> None:
    """A head with shoulders in a disc or on a plain ground."""
    w, h = image.size
    r, ground = min(w, h) * 0.47, pick(rng, (vivid(rng), pastel(rng)))
    layer = Image.new("RGB", image.size, ground)
    draw_thing(
        layer,
        bust(rng),
        (w / 2, h / 2 + r * 0.12),
        r * 0.95,
        _colors(rng),
        Manner(line=pick(rng, (0.0, 0.0, 0.02)), light=pick(rng, ("flat", "split")), merge=True),
    )
    mask = Image.new("L", image.size, 0)
    if rng.random() < 0.6:
        ImageDraw.Draw(mask).ellipse([w / 2 - r, h / 2 - r, w / 2 + r, h / 2 + r], fill=255)
    else:
        mask.paste(255, (0, 0, w, h))
    image.paste(layer, (0, 0), mask)


def _ribbon(image: Image.Image, rng: np.random.Generator) -> None:
    """A thing over a banner with words, stars around."""
    w, h = image.size
    color, pen = vivid(rng), ImageDraw.Draw(image)
    r = min(w, h) * 0.33
    draw_thing(image, _subject(rng), (w / 2, h * 0.4), r, _colors(rng), _manner(rng))
    y, half, deep = h * 0.82, w * rng.uniform(0.3, 0.42), h * 0.08
    for side in (-1, 1):
        pen.polygon(
            [
                (w / 2 + side * half * 0.8, y - deep * 0.5),
                (w / 2 + side * half * 1.15, y - deep * 0.5),
                (w / 2 + side * half, y + deep * 0.5),
                (w / 2 + side * half * 1.15, y + deep * 1.5),
                (w / 2 + side * half * 0.8, y + deep * 1.5),
            ],
            fill=blend(color, INK, 0.35),
        )
    pen.rectangle([w / 2 - half * 0.9, y - deep, w / 2 + half * 0.9, y + deep], fill=color)
    text = phrase(rng, 1).upper()[:9]
    put(pen, (w / 2, y), text, WHITE, fit(text, half * 1.6, round(deep * 1.3), "bold"), style="bold", anchor="mm")


def _path_of_things(image: Image.Image, rng: np.random.Generator) -> None:
    """Small things scattered over a field with a winding path: a picture map, a poster of a season."""
    w, h = image.size
    image.paste(
        hsv(rng.choice([0.3, 0.25, 0.55, 0.12, rng.random()]), rng.uniform(0.15, 0.6), rng.uniform(0.75, 1.0)),
        (0, 0, w, h),
    )
    pen = ImageDraw.Draw(image)
    way = smooth(np.stack([np.linspace(-0.1, 1.1, 6) * w, h * rng.uniform(0.2, 0.8, 6)], axis=1), closed=False)
    pen.line(
        xy(way), fill=pick(rng, ((240, 226, 180), WHITE, (120, 190, 240))), width=round(min(w, h) * 0.07), joint="curve"
    )
    how = _manner(rng)
    for y in np.sort(rng.uniform(0.08, 0.95, int(rng.integers(8, 22)))):
        r = min(w, h) * rng.uniform(0.06, 0.12)
        draw_thing(image, anything(rng, living=0.25), (w * rng.random(), h * y), r, _colors(rng), how)
