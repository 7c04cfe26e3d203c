"""text_meme, words of people: posts, chats, quotes, framed posters, signs; the list of all words on pictures."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance

from beam_jobs.demo.draw.canvas import (
    INK,
    WHITE,
    Color,
    blend,
    blur,
    gradient,
    pastel,
    pick,
    shrink,
    vivid,
)
from beam_jobs.demo.draw.captions import any_picture, canvas_of, headed, labelled, macro, panels, rows, some_text, write
from beam_jobs.demo.draw.lettering import put, text_width, wrap
from beam_jobs.demo.draw.memes import saying
from beam_jobs.demo.draw.photo import finish, texture
from beam_jobs.demo.draw.pictures import photograph
from beam_jobs.demo.draw.typeset import FACES, author, readable, small_print, stack

_BLACK: Color = (0, 0, 0)


def _posted(rng: np.random.Generator, size: int) -> Image.Image:
    """A post: a round portrait, a name, a joke, perhaps a picture, counts of hearts."""
    w, h = canvas_of(rng, size, 0.7, 1.7)
    paper = pick(rng, (WHITE, (21, 32, 43), _BLACK, (248, 249, 250)))
    image = Image.new("RGB", (w, h), paper)
    ink = readable(image, (0, 0, w, h))
    r = round(min(w, h) * rng.uniform(0.1, 0.16))
    mask = Image.new("L", (r, r))
    ImageDraw.Draw(mask).ellipse([0, 0, r - 1, r - 1], fill=255)
    image.paste(any_picture(rng, r, r), (round(w * 0.05), round(h * 0.05)), mask)
    x = w * 0.08 + r
    small_print(image, (x, h * 0.05 + r * 0.3), author(rng), r * 0.34, ink, style="bold", anchor="lm")
    soft = blend(ink, paper, 0.5)
    small_print(
        image,
        (x, h * 0.05 + r * 0.72),
        f"@{saying(rng).split()[0]} · {int(rng.integers(1, 23))}h",
        r * 0.28,
        soft,
        anchor="lm",
    )
    top, low = h * 0.09 + r, h * (0.88 if rng.random() < 0.5 else 0.45)
    write(
        image,
        rng,
        (w * 0.05, top, w * 0.95, low),
        some_text(rng, 4),
        ink,
        style=pick(rng, ("sans", "plain")),
        align="l",
    )
    if low < h * 0.5:
        image.paste(any_picture(rng, round(w * 0.9), round(h * 0.4)), (round(w * 0.05), round(h * 0.48)))
    for place in range(3):
        small_print(
            image,
            (w * (0.08 + 0.3 * place), h * 0.94),
            f"{pick(rng, ('♥', '↻', '✉'))} {int(rng.integers(2, 999))}",
            r * 0.28,
            soft,
            anchor="lm",
        )
    return image


def _chat(rng: np.random.Generator, size: int) -> Image.Image:
    """Balloons of a conversation."""
    w, h = canvas_of(rng, size, 0.6, 1.4)
    image = Image.new("RGB", (w, h), pick(rng, (WHITE, (178, 199, 217), (229, 221, 213), (18, 20, 24))))
    pen, y, mine = (
        ImageDraw.Draw(image),
        h * 0.03,
        pick(rng, ((255, 235, 51), (0, 132, 255), (52, 199, 89), (220, 248, 198))),
    )
    while y < h * 0.86:
        own, size_px = rng.random() < 0.5, round(h * rng.uniform(0.04, 0.055))
        lines = wrap(saying(rng), w * 0.55, size_px)
        wide, high = (
            max(text_width(line, size_px) for line in lines) + 1.4 * size_px,
            size_px * (1.35 * len(lines) + 0.8),
        )
        left = w * 0.97 - wide if own else w * 0.03
        fill = mine if own else pick(rng, ((233, 233, 235), WHITE))
        pen.rounded_rectangle([left, y, left + wide, y + high], size_px * 0.8, fill=fill)
        for row, line in enumerate(lines):
            put(
                pen,
                (left + size_px * 0.7, y + size_px * (1.0 + 1.35 * row)),
                line,
                WHITE if sum(fill) < 400 else INK,
                size_px,
            )
        y += high + size_px * 0.6
    return image


def _quoted(rng: np.random.Generator, size: int) -> Image.Image:
    """A saying over a calm, darkened or paled picture, or small on a plain wallpaper."""
    w, h = canvas_of(rng, size, 0.6, 1.9)
    kind = int(rng.integers(4))
    if kind < 2:
        image = photograph(rng, w, h)
        image = (
            ImageEnhance.Brightness(image).enhance(rng.uniform(0.35, 0.8))
            if rng.random() < 0.7
            else Image.blend(image, Image.new("RGB", (w, h), WHITE), 0.55)
        )
        image = blur(image, float(w * rng.choice([0.0, 0.004, 0.012])))
    elif kind == 2:
        image = Image.new(
            "RGB", (w, h), pick(rng, (_BLACK, (18, 18, 20), (30, 34, 44), WHITE, pastel(rng), vivid(rng)))
        )
    else:
        image = gradient(w, h, [vivid(rng), vivid(rng)])
    wide, high = rng.uniform(0.3, 0.86), rng.uniform(0.07, 0.5)
    box = (w * (0.5 - wide / 2), h * (0.48 - high / 2), w * (0.5 + wide / 2), h * (0.48 + high / 2))
    ink = readable(image, box)
    if rng.random() < 0.2:
        ImageDraw.Draw(image).rectangle(
            [box[0] - w * 0.05, box[1] - h * 0.06, box[2] + w * 0.05, box[3] + h * 0.1], outline=ink, width=4
        )
    text = f"“{some_text(rng, 3)}”" if rng.random() < 0.5 else some_text(rng, 3)
    style = pick(rng, FACES)
    write(image, rng, box, text, ink, style=style, align=pick(rng, ("m", "m", "l")))
    small_print(
        image,
        (w * 0.5, box[3] + h * 0.05),
        f"— {author(rng)}",
        h * rng.uniform(0.02, 0.04),
        blend(ink, (128, 128, 128), 0.3),
        style=style,
    )
    return image


def _demotivator(rng: np.random.Generator, size: int) -> Image.Image:
    """A framed picture on black above a large word and a dry line."""
    w, h = canvas_of(rng, size, 0.75, 1.35)
    image = Image.new("RGB", (w, h), _BLACK if rng.random() < 0.8 else WHITE)
    ink = readable(image, (0, 0, w, h))
    box = (round(w * 0.1), round(h * 0.07), round(w * 0.9), round(h * 0.7))
    image.paste(any_picture(rng, box[2] - box[0], box[3] - box[1]), box[:2])
    ImageDraw.Draw(image).rectangle([box[0] - 8, box[1] - 8, box[2] + 7, box[3] + 7], outline=ink, width=3)
    tone = pick(rng, (ink, (214, 60, 50), (230, 200, 90)))
    stack(
        image,
        rng,
        (w * 0.1, h * 0.74, w * 0.9, h * 0.86),
        [saying(rng).split()[0].upper()],
        tone,
        style=pick(rng, ("times", "serif", "roman")),
        spread=True,
    )
    small_print(image, (w * 0.5, h * 0.92), saying(rng), h * 0.035, ink, style="serif")
    return image


def _sign(rng: np.random.Generator, size: int) -> Image.Image:
    """A board, a plate or a note with words, photographed."""
    w, h = canvas_of(rng, size, 0.8, 1.5)
    image = (
        photograph(rng, w, h)
        if rng.random() < 0.5
        else texture(rng, w, h, pick(rng, (pastel(rng), (120, 90, 60), (90, 90, 94))), cells=30)
    )
    pen = ImageDraw.Draw(image)
    board = pick(
        rng, ((20, 90, 60), (30, 70, 150), (250, 200, 20), WHITE, (36, 60, 48), (180, 30, 30), (250, 240, 150))
    )
    x, y, count = w * rng.uniform(0.05, 0.2), h * rng.uniform(0.05, 0.25), int(rng.integers(1, 4))
    for row in range(count):
        high = h * rng.uniform(0.5, 0.75) / count
        box = (x, y + row * high * 1.08, w - x, y + row * high * 1.08 + high)
        ink = INK if sum(board) > 400 else WHITE
        pen.rounded_rectangle(box, w * rng.choice([0, 0.02]), fill=board, outline=ink, width=6)
        inner = (box[0] + w * 0.05, box[1] + high * 0.2, box[2] - w * 0.05, box[3] - high * 0.2)
        write(image, rng, inner, saying(rng), ink, style=pick(rng, ("bold", "sans", "heavy")))
    pen.rectangle([w * 0.48, box[3], w * 0.52, h], fill=(110, 112, 116))
    return finish(image, rng, soft=0.4)


CAPTIONED: tuple[Callable[[np.random.Generator, int], Image.Image], ...] = (
    macro, macro, macro, headed, headed, rows, panels, labelled, _posted, _chat, _quoted, _quoted, _quoted,
    _demotivator, _sign,
)  # fmt: skip


def draw_captioned(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw one of ten manners of words on pictures."""
    return shrink(pick(rng, CAPTIONED)(rng, size))
