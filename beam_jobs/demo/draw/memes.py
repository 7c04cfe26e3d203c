"""text_meme: words on a picture, quotes, word art, word clouds and brush lettering."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import (
    INK,
    SUPERSAMPLE,
    WHITE,
    Color,
    blend,
    blur,
    extent,
    gradient,
    grain,
    hsv,
    noise,
    oval,
    pastel,
    pick,
    sheet,
    shrink,
    smooth,
    vivid,
    xy,
)
from beam_jobs.demo.draw.hangul import text_strokes
from beam_jobs.demo.draw.lettering import fit, phrase, put, text_width, wrap
from beam_jobs.demo.draw.photo import finish, snapshot

_LATIN = (
    "one does not simply", "when the code works", "not sure if bug", "me on monday morning", "why not both",
    "it works on my machine", "keep calm and go on", "nobody: absolutely nobody", "this is fine", "wait what",
    "first day at work", "make things happen", "be the change", "less but better", "stay hungry", "good vibes only",
    "the best time is now", "never give up", "dream big", "simple is hard", "read the manual", "deploy on friday",
)  # fmt: skip
_KOREAN = (
    "월요일이 또 왔다", "오늘도 화이팅", "그럴 수 있지", "이게 되네", "집에 가고 싶다", "나만 없어 고양이", "퇴근하고 싶어요",
    "괜찮아 잘 될 거야", "지금 이 순간", "꽃길만 걷자", "행복은 가까이에", "천천히 가도 돼", "웃으면 복이 와요", "내일의 나에게",
    "실화냐", "응 아니야", "고마워요", "수고했어 오늘도", "배고프다", "감사합니다", "좋은 하루 되세요", "꿈은 이루어진다",
)  # fmt: skip


def saying(rng: np.random.Generator) -> str:
    """Return a short saying, Korean or English."""
    return pick(rng, _KOREAN if rng.random() < 0.5 else _LATIN)


def text_meme(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw one of ten manners of words that are the picture."""
    draw = pick(rng, _MANNERS)
    return draw(rng, size)


def _ground(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    kind = int(rng.integers(4))
    if kind == 0:
        return gradient(w, h, [pastel(rng), pastel(rng)])
    if kind == 1:
        return gradient(w, h, [vivid(rng), vivid(rng)])
    if kind == 2:
        return snapshot(rng, w, h)
    return Image.new("RGB", (w, h), hsv(rng.random(), rng.uniform(0, 0.5), rng.choice([0.08, 0.15, 0.95, 1.0])))


def _block(
    pen: ImageDraw.ImageDraw,
    box: tuple[float, float, float, float],
    text: str,
    ink: Color,
    *,
    style: str,
    rim: Color | None = None,
    anchor: str = "mm",
    biggest: float = 1.0,
) -> None:
    """Write a text as large as it goes into the box (left, top, right, bottom)."""
    left, top, right, bottom = box
    size = max(round((bottom - top) * biggest), 8)
    while size > 8:
        lines = wrap(text, right - left, size, style)
        widest = max(text_width(line, size, style) for line in lines)
        if widest <= right - left and len(lines) * size * 1.2 <= bottom - top:
            break
        size = round(size * 0.85)
    lines = wrap(text, right - left, size, style)
    x = {"l": left, "m": (left + right) / 2, "r": right}[anchor[0]]
    y = (top + bottom) / 2 - (len(lines) - 1) * size * 0.6
    for line in lines:
        put(pen, (x, y), line, ink, size, style=style, anchor=anchor, rim=rim, rim_width=0.08)
        y += size * 1.2


def _classic(rng: np.random.Generator, size: int) -> Image.Image:
    """Large rimmed words over a photograph."""
    width, height = extent(rng, size, 0.75, 1.5)
    image = finish(snapshot(rng, width * SUPERSAMPLE, height * SUPERSAMPLE), rng)
    pen = ImageDraw.Draw(image)
    w, h = image.size
    upper = rng.random() < 0.7
    style = pick(rng, ("bold", "heavy", "times_bold", "bold"))
    ink, rim = pick(rng, ((WHITE, (0, 0, 0)), (WHITE, (0, 0, 0)), ((255, 236, 60), (0, 0, 0)), (WHITE, (60, 20, 20))))
    deep = rng.uniform(0.16, 0.3)
    places = [(0.03, 0.02, 0.97, 0.02 + deep), (0.03, 0.98 - deep, 0.97, 0.98)]
    for place in places if rng.random() < 0.6 else [places[int(rng.integers(2))]]:
        text = saying(rng)
        box = (place[0] * w, place[1] * h, place[2] * w, place[3] * h)
        _block(pen, box, text.upper() if upper else text, ink, style=style, rim=rim, biggest=0.8)
    return shrink(image)


def _captioned(rng: np.random.Generator, size: int) -> Image.Image:
    """A picture or a grid of pictures under or between plain lines of text."""
    width, height = extent(rng, size, 0.7, 1.2)
    dark = rng.random() < 0.25
    image, pen = sheet(width, height, (20, 20, 24) if dark else WHITE)
    w, h = image.size
    ink = WHITE if dark else INK
    bar = h * rng.uniform(0.12, 0.3)
    anchor = pick(rng, ("mm", "lm"))
    text = f"{saying(rng)} {saying(rng)}" if rng.random() < 0.5 else saying(rng)
    style = pick(rng, ("sans", "bold", "times", "bold"))
    _block(pen, (w * 0.04, h * 0.01, w * 0.96, bar), text, ink, style=style, anchor=anchor, biggest=0.45)
    low = h * (rng.uniform(0.82, 0.9) if rng.random() < 0.3 else 1.0)
    grid = int(rng.choice([1, 1, 1, 2]))
    for row in range(grid):
        for column in range(grid):
            pw, ph = round(w / grid) - 4, round((low - bar) / grid) - 4
            picture = snapshot(rng, pw, ph)
            if rng.random() < 0.4:
                _figure(ImageDraw.Draw(picture), rng, pw * 0.5, ph * 0.95, ph * 0.8, INK)
            if grid == 2 or rng.random() < 0.25:
                bottom = (pw * 0.05, ph * 0.72, pw * 0.95, ph * 0.97)
                _block(ImageDraw.Draw(picture), bottom, saying(rng), WHITE, style="bold", rim=(0, 0, 0))
            image.paste(picture, (round(column * w / grid) + 2, round(bar + row * (low - bar) / grid) + 2))
    if low < h:
        _block(pen, (w * 0.04, low, w * 0.96, h * 0.99), saying(rng), ink, style=style, anchor=anchor)
    return shrink(image)


def _pairs(rng: np.random.Generator, size: int) -> Image.Image:
    """Rows of a picture beside words."""
    width, height = extent(rng, size, 0.8, 1.2)
    image, pen = sheet(width, height)
    w, h = image.size
    rows = int(rng.integers(2, 5))
    left = rng.random() < 0.6
    for row in range(rows):
        top, bottom = h * row / rows, h * (row + 1) / rows
        picture = snapshot(rng, w // 2, round(bottom - top))
        _figure(
            ImageDraw.Draw(picture), rng, w * 0.25, (bottom - top) * 0.98, (bottom - top) * rng.uniform(0.7, 1), INK
        )
        image.paste(picture, (0 if left else w // 2, round(top)))
        start = w * (0.53 if left else 0.03)
        box = (start, top + (bottom - top) * 0.1, start + w * 0.44, bottom - (bottom - top) * 0.1)
        _block(pen, box, saying(rng), INK, style="bold" if row % 2 else "sans", biggest=0.4)
        pen.line([0, bottom, w, bottom], fill=INK, width=4)
    return shrink(image)


def _figure(pen: ImageDraw.ImageDraw, rng: np.random.Generator, x: float, foot: float, tall: float, ink: Color) -> None:
    """A stick figure with a face."""
    r, line = tall * rng.uniform(0.14, 0.24), max(round(tall * 0.022), 2)
    top = foot - tall
    fill = pick(rng, (WHITE, (255, 224, 190), (255, 230, 90), (170, 210, 120)))
    neck, hip = top + 2 * r, top + tall * 0.68
    pen.line([x, neck, x, hip], fill=ink, width=line)
    for side in (-1, 1):
        pen.line([x, hip, x + side * tall * rng.uniform(0.08, 0.2), foot], fill=ink, width=line)
        hand = (x + side * tall * 0.25, neck + tall * rng.uniform(-0.2, 0.35))
        pen.line([(x, neck + tall * 0.06), hand], fill=ink, width=line)
    pen.ellipse([x - r, top, x + r, neck], fill=fill, outline=ink, width=line)
    for side in (-1, 1):
        ex, ey, er = x + side * r * 0.4, top + r * 0.8, r * rng.uniform(0.08, 0.2)
        pen.ellipse([ex - er, ey - er, ex + er, ey + er], fill=ink)
    sad = rng.random() < 0.4
    box = [x - r * 0.5, top + r * (1.35 if sad else 0.9), x + r * 0.5, top + r * (1.9 if sad else 1.6)]
    pen.arc(box, 190 if sad else 10, 350 if sad else 170, fill=ink, width=line)


def _lecture(rng: np.random.Generator, size: int) -> Image.Image:
    """Bold lines beside a stick figure in a frame."""
    width, height = extent(rng, size, 0.8, 1.3)
    paper = WHITE if rng.random() < 0.7 else pastel(rng)
    image, pen = sheet(width, height, paper)
    w, h = image.size
    side = rng.random() < 0.5
    _figure(pen, rng, w * (0.8 if side else 0.2), h * 0.93, h * rng.uniform(0.45, 0.7), INK)
    lines = int(rng.integers(2, 5))
    left = w * (0.05 if side else 0.4)
    style = pick(rng, ("bold", "heavy", "sans"))
    for row in range(lines):
        top = h * (0.05 + 0.9 * row / lines)
        box = (left, top, left + w * 0.54, top + h * 0.8 / lines)
        _block(pen, box, saying(rng).upper(), INK, style=style, biggest=0.5)
    if rng.random() < 0.6:
        pen.rectangle([0, 0, w - 1, h - 1], outline=INK, width=round(w * 0.014))
    return shrink(image)


def _quote(rng: np.random.Generator, size: int) -> Image.Image:
    """A saying in the middle of a calm ground, with its author."""
    width, height = extent(rng, size, 0.7, 1.8)
    image = _ground(rng, width * SUPERSAMPLE, height * SUPERSAMPLE)
    pen = ImageDraw.Draw(image)
    w, h = image.size
    middle = float(np.asarray(image.resize((8, 8)).convert("L")).mean())
    if rng.random() < 0.4 and middle > 90:
        for _ in range(int(rng.integers(2, 6))):
            x, y, r = rng.uniform(0, w), rng.uniform(0, h), w * rng.uniform(0.08, 0.28)
            pen.ellipse([x - r, y - r, x + r, y + r], fill=pastel(rng))
    ink = WHITE if middle < 140 else blend(vivid(rng), INK, rng.uniform(0.4, 1))
    style = pick(rng, ("times_italic", "serif", "serif_italic", "times", "curly", "plain", "bold", "italic"))
    tall = rng.uniform(0.15, 0.55)
    text = saying(rng) if rng.random() < 0.5 else f"{saying(rng)}, {saying(rng)}"
    anchor = pick(rng, ("mm", "mm", "lm", "rm"))
    box = (w * 0.1, h * (0.5 - tall / 2), w * 0.9, h * (0.5 + tall / 2))
    _block(pen, box, text, ink, style=style if style != "curly" else "times_italic", anchor=anchor, biggest=0.45)
    if rng.random() < 0.6:
        put(pen, (w * 0.9, h * (0.56 + tall / 2)), phrase(rng, 2), ink, round(h * 0.035), style="italic", anchor="rm")
    if rng.random() < 0.25:
        edge = w * 0.04
        pen.rectangle([edge, edge, w - edge, h - edge], outline=ink, width=4)
    return shrink(image)


def _word_art(rng: np.random.Generator, size: int) -> Image.Image:
    """One or two words as large as the picture, filled with a gradient, stripes or noise."""
    width, height = extent(rng, size, 0.9, 2.4)
    w, h = width * SUPERSAMPLE, height * SUPERSAMPLE
    image = Image.new("RGB", (w, h), WHITE if rng.random() < 0.4 else vivid(rng))
    pen = ImageDraw.Draw(image)
    if rng.random() < 0.5:
        rays, tone = int(rng.integers(10, 30)), blend(vivid(rng), WHITE, rng.uniform(0, 0.5))
        for ray in range(rays):
            angle = 2 * np.pi * (ray + np.array([0.0, 0.5])) / rays
            ends = np.stack([w / 2 + np.cos(angle) * w, h / 2 + np.sin(angle) * w], axis=1)
            pen.polygon([(w / 2, h / 2), *xy(ends)], fill=tone)
    text = pick(rng, (saying(rng).split()[0], phrase(rng, 1), phrase(rng, 1)[:3]))
    style = pick(rng, ("bold", "heavy", "serif_bold", "times_bold"))
    big = fit(text, w * 0.86, round(h * 0.75), style)
    rim = pick(rng, ((20, 20, 24), WHITE, vivid(rng)))
    for step in range(int(rng.integers(0, 9)), 0, -1):
        put(
            pen,
            (w / 2 + step * big * 0.012, h / 2 + step * big * 0.012),
            text,
            blend(rim, INK, 0.4),
            big,
            style=style,
            anchor="mm",
        )
    put(pen, (w / 2, h / 2), text, rim, big, style=style, anchor="mm", rim=rim, rim_width=rng.uniform(0.02, 0.08))
    mask = Image.new("L", (w, h), 0)
    drawn = Image.new("RGB", (w, h))
    put(ImageDraw.Draw(drawn), (w / 2, h / 2), text, WHITE, big, style=style, anchor="mm")
    mask = drawn.convert("L")
    kind = int(rng.integers(4))
    if kind == 0:
        fill = gradient(w, h, [vivid(rng), vivid(rng), vivid(rng)])
    elif kind == 1:
        field = noise(rng, w, h, cells=8, octaves=4)[..., None]
        fill = Image.fromarray((np.array(vivid(rng)) * field + np.array(pastel(rng)) * (1 - field)).astype(np.uint8))
    elif kind == 2:
        fill = Image.new("RGB", (w, h), vivid(rng))
        stripes = ImageDraw.Draw(fill)
        for y in range(0, h, max(h // 24, 4)):
            stripes.line([0, y, w, y + h // 10], fill=pastel(rng), width=max(h // 60, 2))
    else:
        fill = Image.new("RGB", (w, h), vivid(rng))
    image.paste(fill, (0, 0), mask)
    return shrink(image)


def _cloud(rng: np.random.Generator, size: int) -> Image.Image:
    """Many words of many sizes."""
    width, height = extent(rng, size, 0.8, 1.8)
    paper = pick(rng, (WHITE, WHITE, (0, 0, 0), (16, 20, 40), (250, 244, 230)))
    image, pen = sheet(width, height, paper)
    w, h = image.size
    hue, spread = rng.random(), rng.choice([0.02, 0.1, 0.5])
    korean = rng.random() < 0.35
    style = pick(rng, ("bold", "sans", "times", "plain"))
    taken: list[tuple[float, float, float, float]] = []
    round_cloud = rng.random() < 0.5
    for step in range(60):
        big = max(round(h * 0.2 * (1 - step / 60) ** 2 + h * 0.025), 7)
        text = phrase(rng, 1, korean=korean)
        wide, tall = text_width(text, big, style), big * 1.0
        if style == "plain" and not text.isascii():
            tall = big * 1.1
        for _ in range(12):
            x, y = rng.normal(w / 2, w * 0.2), rng.normal(h / 2, h * 0.2)
            if not round_cloud:
                x, y = rng.uniform(wide / 2, max(w - wide / 2, wide / 2 + 1)), rng.uniform(tall, h - tall)
            box = (x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2)
            inside = box[0] > 0 and box[1] > 0 and box[2] < w and box[3] < h
            if inside and not any(box[0] < o[2] and o[0] < box[2] and box[1] < o[3] and o[1] < box[3] for o in taken):
                taken.append(box)
                value = rng.uniform(0.4, 0.75) if sum(paper) > 380 else rng.uniform(0.7, 1)
                tone = hsv(hue + rng.normal(0, spread), rng.uniform(0.3, 0.95), value)
                put(pen, (x, y), text, tone if spread > 0.03 else blend(tone, INK, 0.3), big, style=style, anchor="mm")
                break
    return shrink(image)


def _brush(rng: np.random.Generator, size: int) -> Image.Image:
    """Brush or pen lettering on paper: calligraphy."""
    width, height = extent(rng, size, 0.7, 1.6)
    paper = pick(rng, (WHITE, (248, 242, 228), (236, 228, 210), pastel(rng), (24, 24, 28)))
    image, pen = sheet(width, height, paper)
    w, h = image.size
    ink = (240, 238, 230) if sum(paper) < 200 else pick(rng, (INK, INK, (60, 30, 20), vivid(rng)))
    text = pick(rng, _KOREAN)
    parts = text.split()
    big = min(w * 0.88 / max(len(part) for part in parts), h * 0.85 / len(parts))
    slant, swell = rng.uniform(-0.1, 0.3), rng.uniform(0.05, 0.16)
    y = h / 2 - big * len(parts) / 2
    for part in parts:
        x = w / 2 - len(part) * big / 2 + rng.normal(0, big * 0.1)
        for path in text_strokes(part, slant=slant, loose=0.025, rng=rng):
            points = smooth(path * big * np.array([0.98, 0.95]) + np.array([x, y]), closed=False, steps=14)
            thick = big * swell * (0.35 + 0.65 * np.sin(np.linspace(0.5, 2.9, len(points)))) * rng.uniform(0.7, 1.2)
            for (px, py), r in zip(points, thick / 2, strict=True):
                pen.ellipse([px - r, py - r * 0.8, px + r, py + r * 0.8], fill=ink)
        y += big
    if rng.random() < 0.3:
        r = min(w, h) * 0.05
        pen.rounded_rectangle([w * 0.88 - r, h * 0.9 - r, w * 0.88 + r, h * 0.9 + r], r * 0.2, fill=(190, 40, 36))
    if rng.random() < 0.4:
        for _ in range(int(rng.integers(3, 12))):
            angle = rng.uniform(0, 2 * np.pi)
            at = (w / 2 + np.cos(angle) * w * 0.44, h / 2 + np.sin(angle) * h * 0.44)
            leaf = oval(at[0], at[1], w * 0.035, w * 0.013, angle + 0.7)
            pen.polygon(xy(leaf), fill=blend(vivid(rng), WHITE, 0.4))
    image = shrink(image)
    return grain(blur(image, 0.4), rng, 3) if rng.random() < 0.4 else image


def _post(rng: np.random.Generator, size: int) -> Image.Image:
    """A paragraph alone, as people post it."""
    width, height = extent(rng, size, 0.8, 1.9)
    paper = pick(rng, (WHITE, WHITE, (18, 24, 34), pastel(rng)))
    image, pen = sheet(width, height, paper)
    w, h = image.size
    ink = WHITE if sum(paper) < 200 else INK
    text = " ".join(saying(rng) for _ in range(int(rng.integers(3, 7))))
    style = pick(rng, ("sans", "plain", "times", "bold"))
    top = 0.08
    if rng.random() < 0.5:
        r = h * 0.07
        pen.ellipse([w * 0.06, h * 0.06, w * 0.06 + 2 * r, h * 0.06 + 2 * r], fill=vivid(rng))
        put(pen, (w * 0.09 + 2 * r, h * 0.1), phrase(rng, 2), ink, round(h * 0.055), style="bold")
        put(pen, (w * 0.09 + 2 * r, h * 0.16), "@" + phrase(rng, 1, korean=False), (130, 136, 146), round(h * 0.045))
        top = 0.24
    box = (w * 0.06, h * top, w * 0.94, h * 0.92)
    _block(pen, box, text, ink, style=style, anchor=pick(rng, ("lm", "mm")), biggest=0.2)
    return shrink(image)


_MANNERS: tuple[Callable[[np.random.Generator, int], Image.Image], ...] = (
    _classic, _classic, _captioned, _captioned, _pairs, _lecture, _quote, _quote, _word_art, _cloud, _brush, _post,
)  # fmt: skip
