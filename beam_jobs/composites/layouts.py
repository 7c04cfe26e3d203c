"""Pictures set into layouts: memes, covers, streams, screens, comics, diagrams."""

from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from beam_jobs.composites.cutouts import figure, placed
from beam_jobs.composites.papers import laid
from beam_jobs.composites.pool import PHOTOS, Take
from beam_jobs.demo.draw.canvas import Color, hsv, pastel, pick, vivid
from beam_jobs.demo.draw.lettering import fit, phrase, put, text_width, wrap
from beam_jobs.demo.draw.memes import saying
from intent.augment import ground

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, pixels."""

SCENES = (*PHOTOS, "anime_character", "webtoon_comic", "game_screenshot", "clipart_illustration", "screenshot_ui")
"""Intents that a joke is written on."""


def write(
    pen: ImageDraw.ImageDraw,
    box: Box,
    text: str,
    ink: Color,
    *,
    style: str,
    rim: Color | None = None,
    largest: float = 1.0,
    anchor: str = "m",
) -> None:
    """Write a text into a box as large as it goes, at most ``largest`` of its height a line."""
    left, top, right, bottom = box
    size = max(6, round((bottom - top) * largest))
    lines = wrap(text, right - left, size, style)
    while size > 6 and (
        len(lines) * size * 1.2 > bottom - top or max(text_width(line, size, style) for line in lines) > right - left
    ):
        size = round(size * 0.88)
        lines = wrap(text, right - left, size, style)
    x = {"l": left, "m": (left + right) / 2, "r": right}[anchor]
    y = (top + bottom) / 2 - (len(lines) - 1) * size * 0.6
    for line in lines:
        put(pen, (x, y), line, ink, size, style=style, anchor=f"{anchor}m", rim=rim)
        y += size * 1.2


def _fitted(image: Image.Image, width: int, height: int) -> Image.Image:
    return ImageOps.fit(image, (max(width, 2), max(height, 2)), Image.Resampling.BICUBIC)


def text_meme(rng: np.random.Generator, size: int, take: Take) -> Image.Image:
    """Words over, under or beside pictures: a macro, a captioned picture, panels, a quote or a poster."""
    return pick(rng, (_macro, _macro, _captioned, _captioned, _panels, _panels, _quote, _poster))(rng, size, take)


def _macro(rng: np.random.Generator, size: int, take: Take) -> Image.Image:
    w, h = size, int(size * rng.uniform(0.65, 1.3))
    image = _fitted(take(*SCENES), w, h)
    pen = ImageDraw.Draw(image)
    deep = h * rng.uniform(0.14, 0.28)
    boxes = [(w * 0.03, h * 0.01, w * 0.97, deep), (w * 0.03, h - deep, w * 0.97, h * 0.99)]
    for box in boxes if rng.random() < 0.65 else [boxes[int(rng.integers(2))]]:
        text = saying(rng) if rng.random() < 0.5 else phrase(rng, int(rng.integers(2, 8)))
        text = text.upper() if rng.random() < 0.7 else text
        write(pen, box, text, (255, 255, 255), style=pick(rng, ("heavy", "bold", "times_bold")), rim=(0, 0, 0))
    return image


def _captioned(rng: np.random.Generator, size: int, take: Take) -> Image.Image:
    dark = rng.random() < 0.25
    paper, ink = ((20, 20, 22), (240, 240, 240)) if dark else ((255, 255, 255), (15, 15, 18))
    band, h = int(size * rng.uniform(0.15, 0.4)), int(size * rng.uniform(0.5, 1.0))
    image = Image.new("RGB", (size, band + h), paper)
    above = rng.random() < 0.75
    image.paste(_fitted(take(*SCENES, "diagram", "text_meme"), size, h), (0, band if above else 0))
    box = (size * 0.04, band * 0.08, size * 0.96, band * 0.92)
    if not above:
        box = (box[0], box[1] + h, box[2], box[3] + h)
    text = phrase(rng, int(rng.integers(3, 14)))
    style = pick(rng, ("sans", "bold", "sans", "serif"))
    write(ImageDraw.Draw(image), box, text, ink, style=style, largest=0.45, anchor=pick(rng, ("l", "m")))
    return image


def _panels(rng: np.random.Generator, size: int, take: Take) -> Image.Image:
    """Rows of a picture beside its words, or a grid of pictures with words on them."""
    rows = int(rng.integers(2, 5))
    h = size // rows if rows > 2 else int(size * rng.uniform(0.4, 0.6))
    image = Image.new("RGB", (size, h * rows), (255, 255, 255))
    pen = ImageDraw.Draw(image)
    beside, style = rng.random() < 0.5, pick(rng, ("bold", "sans", "heavy"))
    kind = pick(rng, (("anime_character",), ("webtoon_comic",), ("face_portrait",), ("animal_photo",), SCENES))
    edge = rng.random() < 0.5
    for row in range(rows):
        text = phrase(rng, int(rng.integers(1, 6)))
        top = row * h
        if beside:
            image.paste(_fitted(take(*kind), size // 2, h), (0, top))
            box = (size * 0.53, top + h * 0.1, size * 0.97, top + h * 0.9)
            write(pen, box, text, (10, 10, 10), style=style, largest=0.4)
        else:
            for column in range(2):
                image.paste(_fitted(take(*kind), size // 2, h), (column * size // 2, top))
                box = (size * (0.02 + 0.5 * column), top + h * 0.7, size * (0.48 + 0.5 * column), top + h * 0.98)
                write(pen, box, text, (255, 255, 255), style=style, rim=(0, 0, 0), largest=0.5)
        if edge:
            pen.rectangle((0, top, size - 1, top + h), outline=(0, 0, 0), width=2)
    return image


def _quote(rng: np.random.Generator, size: int, take: Take) -> Image.Image:
    w, h = size, int(size * rng.uniform(0.55, 1.2))
    image = _fitted(take("landscape_photo", "pattern_background", "plant_flower", "place_landmark"), w, h)
    image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0, 4)))
    dark = rng.random() < 0.7
    image = Image.blend(image, Image.new("RGB", (w, h), (0, 0, 0) if dark else (255, 255, 255)), rng.uniform(0.25, 0.7))
    ink = (250, 250, 250) if dark else (30, 30, 40)
    box = (w * 0.1, h * 0.2, w * 0.9, h * 0.75)
    style = pick(rng, ("serif", "italic", "bold", "serif_bold"))
    write(ImageDraw.Draw(image), box, phrase(rng, int(rng.integers(4, 20))), ink, style=style, largest=0.25)
    put(ImageDraw.Draw(image), (w / 2, h * 0.85), phrase(rng, 2), ink, max(8, h // 18), style="italic", anchor="mm")
    return image


def _poster(rng: np.random.Generator, size: int, take: Take) -> Image.Image:
    w, h = size, int(size * rng.uniform(0.75, 1.1))
    image = Image.new("RGB", (w, h), (0, 0, 0))
    edge, deep = int(w * 0.1), int(h * 0.62)
    image.paste(_fitted(take(*SCENES), w - 2 * edge, deep), (edge, int(h * 0.08)))
    pen = ImageDraw.Draw(image)
    pen.rectangle((edge - 4, h * 0.08 - 4, w - edge + 3, h * 0.08 + deep + 3), outline=(255, 255, 255), width=1)
    box = (w * 0.08, h * 0.73, w * 0.92, h * 0.87)
    write(pen, box, phrase(rng, 1).upper(), (255, 255, 255), style="serif_bold")
    text = phrase(rng, int(rng.integers(3, 8)))
    write(pen, (w * 0.08, h * 0.87, w * 0.92, h * 0.97), text, (230, 230, 230), style="serif", largest=0.6)
    return image


def package_cover(rng: np.random.Generator, size: int, take: Take) -> Image.Image:
    """The cover of a book, a film or a game: a picture or a figure under title and author; flat or on a table."""
    w, h = int(size * rng.uniform(0.62, 0.8)), size
    if rng.random() < 0.15:
        w = h  # a record
    tone = hsv(rng.random(), rng.uniform(0.1, 0.9), rng.uniform(0.1, 0.95))
    kind = rng.random()
    if kind < 0.5:
        image = _fitted(take(*PHOTOS, "anime_character", "game_screenshot", "pattern_background"), w, h)
        if rng.random() < 0.4:
            image = ImageOps.colorize(ImageOps.grayscale(image), (10, 10, 20), tone)
        if rng.random() < 0.4:
            image = Image.blend(image, Image.new("RGB", (w, h), tone), rng.uniform(0.2, 0.6))
    else:
        image = Image.new("RGB", (w, h), tone) if kind < 0.85 else ground(rng, (w, h))
        thing, mask = figure(rng, take, "clipart_illustration", "logo_emblem", "anime_character", "product_cutout")
        whole, where = placed(rng, int(w * 0.8), thing, mask, low=0.5, high=0.95)
        image.paste(whole, (int(w * 0.1), int(h * rng.uniform(0.2, 0.4))), where)
    pen = ImageDraw.Draw(image)
    low = rng.random() < 0.35
    light = float(np.asarray(image.convert("L"))[: h // 3 if not low else h].mean()) < 140
    ink = ((255, 255, 255) if light else (20, 20, 25)) if rng.random() < 0.7 else vivid(rng)
    style = pick(rng, ("serif_bold", "heavy", "bold", "times_bold", "serif", "italic"))
    title = phrase(rng, int(rng.integers(1, 5)))
    title = title.upper() if rng.random() < 0.5 else title.title()
    top = h * (0.6 if low else 0.05)
    box = (w * 0.06, top, w * 0.94, top + h * rng.uniform(0.2, 0.35))
    if rng.random() < 0.3:
        pen.rectangle((0, box[1], w, box[3]), fill=(255, 255, 255) if not light else tone)
        ink = (20, 20, 25) if not light else ink
    write(pen, box, title, ink, style=style, largest=0.6)
    name = phrase(rng, 2).title()
    put(pen, (w / 2, h * pick(rng, (0.93, 0.95, 0.5))), name, ink, fit(name, w * 0.8, h // 18), anchor="mm")
    if rng.random() < 0.3:
        r = w * rng.uniform(0.08, 0.14)
        x, y = w * rng.uniform(0.2, 0.8), h * rng.uniform(0.4, 0.8)
        pen.ellipse((x - r, y - r, x + r, y + r), fill=vivid(rng))
        put(pen, (x, y), str(int(rng.integers(1, 99))), (255, 255, 255), int(r), style="bold", anchor="mm")
    image = _spine(rng, image)
    if rng.random() < 0.3:
        return laid(rng, ground(rng, (size, size)), image.resize((size, size)))
    if rng.random() < 0.25:
        around = Image.new(
            "RGB", (int(w * 1.25), int(h * 1.15)), (255, 255, 255) if rng.random() < 0.7 else pastel(rng)
        )
        around.paste(image, (int(w * 0.125), int(h * 0.075)))
        return around
    return image


def _spine(rng: np.random.Generator, image: Image.Image) -> Image.Image:
    """Shade the side where a book is bound."""
    if rng.random() < 0.6:
        return image
    values = np.asarray(image, dtype=np.float32).copy()
    wide = max(2, int(image.width * rng.uniform(0.02, 0.05)))
    values[:, :wide] *= np.linspace(0.6, 1.05, wide)[None, :, None]
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))


def live_streamer(rng: np.random.Generator, size: int, take: Take) -> Image.Image:
    """A game or a room with a person in a corner, chat beside it and bars of text."""
    w, h = size, int(size * rng.uniform(0.52, 0.7))
    talks = rng.random() < 0.25
    scene = take("face_portrait", "interior_photo") if talks else take("game_screenshot", "pixel_art", "screenshot_ui")
    image = _fitted(scene, w, h)
    pen = ImageDraw.Draw(image)
    tone = pick(rng, ((100, 65, 165), (20, 20, 26), vivid(rng), (220, 30, 40), (0, 0, 0)))
    chat = w * rng.uniform(0.2, 0.3) if rng.random() < 0.6 else 0.0
    if chat:
        right = rng.random() < 0.75
        left = w - chat if right else 0.0
        if rng.random() < 0.7:
            back = (24, 24, 27) if rng.random() < 0.6 else (250, 250, 252)
            pen.rectangle((left, 0, left + chat, h), fill=back)
        y = h * 0.04
        while y < h * 0.94:
            line = max(6, h // 24)
            put(pen, (left + 3, y), phrase(rng, 1), vivid(rng), line, style="bold")
            put(pen, (left + chat * 0.4, y), phrase(rng, 1), (170, 170, 176), line)
            y += line * rng.uniform(1.2, 2.4)
    for _ in range(0 if talks else 1 if rng.random() < 0.85 else 2):
        wide, deep = int(w * rng.uniform(0.18, 0.36)), int(h * rng.uniform(0.25, 0.45))
        camera = _fitted(take("face_portrait", "outfit_style"), wide, deep)
        x = int(rng.choice([0, w - chat - camera.width])) if rng.random() < 0.8 else int(rng.integers(0, w // 2))
        y0 = int(rng.choice([0, h - camera.height]))
        if rng.random() < 0.15:
            mask = Image.new("L", camera.size)
            ImageDraw.Draw(mask).ellipse((0, 0, camera.width, camera.height), fill=255)
            image.paste(camera, (x, y0), mask)
        else:
            image.paste(camera, (x, y0))
            box = (x, y0, x + camera.width, y0 + camera.height)
            pen.rectangle(box, outline=tone, width=int(rng.integers(1, 6)))
    for _ in range(int(rng.integers(0, 3))):
        y = h * pick(rng, (0.0, 0.92, 0.85, 0.1))
        pen.rectangle((w * 0.3, y, w * rng.uniform(0.5, 0.75), y + h * 0.08), fill=tone)
        put(pen, (w * 0.32, y + h * 0.04), phrase(rng, 2), (255, 255, 255), max(6, h // 22), style="bold")
    if rng.random() < 0.4:
        pen.rounded_rectangle((w * 0.02, h * 0.03, w * 0.12, h * 0.1), radius=3, fill=(225, 20, 30))
        put(pen, (w * 0.07, h * 0.065), "LIVE", (255, 255, 255), max(6, h // 22), style="bold", anchor="mm")
    return image


def screenshot_ui(rng: np.random.Generator, size: int, take: Take) -> Image.Image:
    """A page or a program with pictures in it: a header, a large picture, cards, a side bar."""
    tall = rng.random() < 0.3
    w, h = (int(size * 0.55), size) if tall else (size, int(size * rng.uniform(0.58, 0.8)))
    dark = rng.random() < 0.25
    paper, ink = ((30, 31, 36), (220, 220, 226)) if dark else ((255, 255, 255), (40, 42, 50))
    image = Image.new("RGB", (w, h), paper)
    pen, tone = ImageDraw.Draw(image), vivid(rng)
    bar = h * rng.uniform(0.05, 0.1)
    pen.rectangle((0, 0, w, bar), fill=tone if rng.random() < 0.5 else (236, 237, 240) if not dark else (44, 45, 52))
    for place in range(int(rng.integers(2, 6))):
        put(pen, (w * (0.04 + 0.16 * place), bar / 2), phrase(rng, 1), ink, max(6, int(bar * 0.45)))
    left = 0.0
    if rng.random() < 0.45 and not tall:
        left = w * rng.uniform(0.14, 0.26)
        pen.rectangle((0, bar, left, h), fill=(244, 245, 247) if not dark else (38, 39, 45))
        for place in range(int(rng.integers(4, 12))):
            put(pen, (w * 0.02, bar + h * 0.05 + place * h * 0.07), phrase(rng, 1), ink, max(6, h // 30))
    y = bar
    if rng.random() < 0.6:
        deep = float(round(h * rng.uniform(0.25, 0.5)))
        hero = ImageEnhance.Brightness(
            _fitted(take(*PHOTOS, "clipart_illustration"), int(w - left), int(deep))
        ).enhance(0.75)
        image.paste(hero, (int(left), int(y)))
        box = (left + w * 0.06, y + deep * 0.25, left + (w - left) * 0.7, y + deep * 0.6)
        write(
            pen,
            box,
            phrase(rng, int(rng.integers(2, 5))).title(),
            (255, 255, 255),
            style="bold",
            anchor="l",
            largest=0.5,
        )
        pen.rounded_rectangle((box[0], y + deep * 0.7, box[0] + w * 0.16, y + deep * 0.85), radius=3, fill=tone)
        y += deep
    columns = 2 if tall else int(rng.integers(2, 5))
    wide = (w - left) / columns
    kinds = pick(rng, (("product_cutout",), PHOTOS, ("icon_pictogram",), ("graph_chart", "table"), ("package_cover",)))
    while y < h * 0.9:
        deep = wide * rng.uniform(0.6, 0.95)
        for column in range(columns):
            x = left + column * wide + wide * 0.07
            image.paste(_fitted(take(*kinds), int(wide * 0.86), int(deep * 0.68)), (int(x), int(y + deep * 0.07)))
            put(pen, (x, y + deep * 0.83), phrase(rng, 2), ink, max(6, int(deep * 0.1)), style="bold")
            put(pen, (x, y + deep * 0.94), phrase(rng, 3), (140, 142, 150), max(5, int(deep * 0.07)))
        y += deep * 1.02
    return image


def webtoon_comic(rng: np.random.Generator, size: int, take: Take) -> Image.Image:
    """Panels of figures and scenes, drawn flat, with balloons."""
    w, h = size, int(size * rng.uniform(0.8, 1.5))
    paper = (255, 255, 255) if rng.random() < 0.85 else (15, 15, 15)
    image = Image.new("RGB", (w, h), paper)
    pen, grey = ImageDraw.Draw(image), rng.random() < 0.2
    gap = int(w * rng.uniform(0.0, 0.04))
    y, rows = gap, int(rng.integers(2, 5))
    kinds = ("anime_character", "clipart_illustration", "webtoon_comic", *PHOTOS[:7])
    while y < h - gap - 4:
        deep = min(int(h / rows * rng.uniform(0.7, 1.3)), h - gap - y)
        edges = [gap, *sorted(int(w * rng.uniform(0.3, 0.7)) for _ in range(int(rng.integers(0, 2)))), w - gap]
        for left, right in pairwise(edges):
            panel = _fitted(take(*kinds), max(8, right - left - gap), max(8, deep))
            panel = ImageOps.posterize(panel.filter(ImageFilter.MedianFilter(3)), int(rng.integers(3, 6)))
            panel = ImageOps.grayscale(panel).convert("RGB") if grey else panel
            image.paste(panel, (left, y))
            pen.rectangle((left, y, left + panel.width, y + panel.height), outline=(0, 0, 0), width=2)
            for _ in range(int(rng.integers(0, 3))):
                wide, tall = panel.width * rng.uniform(0.3, 0.6), panel.height * rng.uniform(0.18, 0.35)
                x0 = left + (panel.width - wide) * rng.random()
                y0 = y + (panel.height - tall) * rng.random() * 0.6
                box = (x0, y0, x0 + wide, y0 + tall)
                pen.ellipse(box, fill=(255, 255, 255), outline=(0, 0, 0), width=2)
                inner = (x0 + wide * 0.14, y0 + tall * 0.2, x0 + wide * 0.86, y0 + tall * 0.8)
                write(pen, inner, phrase(rng, int(rng.integers(1, 6))), (0, 0, 0), style="sans", largest=0.35)
        y += deep + gap
    return image


def diagram(rng: np.random.Generator, size: int, take: Take) -> Image.Image:
    """Pictograms with names, joined by arrows, some in groups: an architecture or an infographic."""
    w, h = size, int(size * rng.uniform(0.5, 1.1))
    paper = (255, 255, 255) if rng.random() < 0.75 else pastel(rng) if rng.random() < 0.6 else (24, 26, 32)
    image = Image.new("RGB", (w, h), paper)
    pen = ImageDraw.Draw(image)
    ink = (40, 44, 52) if sum(paper) > 300 else (225, 226, 230)
    columns, rows = int(rng.integers(2, 6)), int(rng.integers(1, 5))
    cell = (w / columns, h / rows)
    places = [(c, r) for c in range(columns) for r in range(rows) if rng.random() < 0.85] or [(0, 0)]
    side = int(min(cell) * rng.uniform(0.35, 0.6))
    middle = {at: ((at[0] + 0.5) * cell[0], (at[1] + 0.42) * cell[1]) for at in places}
    for _ in range(int(rng.integers(0, 3))):
        c, r = places[int(rng.integers(len(places)))]
        box = (
            c * cell[0] + 3,
            r * cell[1] + 3,
            min(w - 3, (c + rng.integers(1, 3)) * cell[0] - 3),
            (r + 1) * cell[1] - 3,
        )
        pen.rounded_rectangle(
            box, radius=6, fill=pastel(rng) if rng.random() < 0.6 else None, outline=vivid(rng), width=2
        )
    for here, there in pairwise(places):
        if rng.random() < 0.8:
            (x0, y0), (x1, y1) = middle[here], middle[there]
            path = [(x0, y0), (x1, y0), (x1, y1)] if rng.random() < 0.5 else [(x0, y0), (x1, y1)]
            pen.line(path, fill=ink, width=int(rng.integers(1, 4)))
    kinds = ("icon_pictogram", "logo_emblem") if rng.random() < 0.6 else ("clipart_illustration", "emoji_sticker")
    flat = rng.random() < 0.5
    for at in places:
        x, y = middle[at]
        thing, mask = figure(rng, take, *kinds)
        whole, where = placed(rng, max(side, 8), thing, mask, low=0.8, high=1.0)
        if flat:
            whole = Image.new("RGB", whole.size, vivid(rng))
        pen.rectangle((x - side / 2, y - side / 2, x + side / 2, y + side / 2), fill=paper)
        image.paste(whole, (int(x - side / 2), int(y - side / 2)), where)
        name = phrase(rng, int(rng.integers(1, 3)))
        put(pen, (x, y + side * 0.68), name, ink, fit(name, cell[0] * 0.9, max(7, side // 4)), anchor="mm")
    if rng.random() < 0.4:
        put(pen, (w / 2, h * 0.04), phrase(rng, 3).title(), ink, max(8, h // 16), style="bold", anchor="mm")
    return image
