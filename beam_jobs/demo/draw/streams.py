"""live_streamer: a broadcast with a face camera, a chat, badges and frames; waiting screens; a broadcaster's desk."""

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import (
    INK,
    SUPERSAMPLE,
    WHITE,
    Color,
    blend,
    blur,
    gradient,
    hsv,
    pick,
    shrink,
    vivid,
    words,
)
from beam_jobs.demo.draw.lettering import fit, phrase, put
from beam_jobs.demo.draw.playscreens import game_screenshot
from beam_jobs.demo.draw.portraits import face_portrait
from beam_jobs.demo.draw.screens import screenshot_ui

Box = tuple[float, float, float, float]
_CHAT = (
    "ㅋㅋㅋㅋ",
    "lol",
    "GG",
    "안녕하세요",
    "wow",
    "hi!!",
    "대박",
    "nice",
    "F",
    "??",
    "형 왔어요",
    "와 미쳤다",
    "LUL",
    "good",
    "실화냐",
    "pog",
)
_WAITING = (
    "Starting soon",
    "Be right back",
    "Thanks for watching",
    "Stream ended",
    "곧 시작합니다",
    "잠시 쉬는 시간",
    "오늘 방송 끝",
    "Just Chatting",
)


def live_streamer(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a game or a page under a face camera and a chat, a talk before the camera, or a waiting screen."""
    tall = rng.random() < 0.15
    ratio = rng.uniform(0.5, 0.62) if tall else rng.uniform(1.5, 1.85)
    width, height = (size, round(size / ratio)) if ratio > 1 else (round(size * ratio), size)
    kind = pick(rng, ("game", "game", "game", "talk", "talk", "waiting", "frames", "desk"))
    accent = pick(rng, ((145, 70, 255), (0, 200, 180), (255, 60, 90), (30, 144, 255), vivid(rng)))
    draw = {"game": _game, "talk": _talk, "waiting": _waiting, "frames": _frames, "desk": _desk}[kind]
    return shrink(draw(rng, width * SUPERSAMPLE, height * SUPERSAMPLE, accent))


def _shown(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """Return what is broadcast: a game mostly, a page sometimes."""
    source = game_screenshot if rng.random() < 0.85 else screenshot_ui
    picture = source(rng, max(w, h) // SUPERSAMPLE)
    scale = max(w / picture.width, h / picture.height)
    picture = picture.resize((max(round(picture.width * scale), w), max(round(picture.height * scale), h)))
    left, top = (picture.width - w) // 2, (picture.height - h) // 2
    return picture.crop((left, top, left + w, top + h))


def _room(rng: np.random.Generator, w: int, h: int, accent: Color) -> Image.Image:
    """Return a dim room behind a broadcaster: coloured light, shelves, a screen."""
    image = gradient(w, h, [blend(accent, INK, rng.uniform(0.3, 0.8)), blend(vivid(rng), INK, rng.uniform(0.4, 0.85))])
    pen = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(2, 7))):
        x, y = rng.uniform(0, w), rng.uniform(0, h * 0.6)
        box = [x, y, x + w * rng.uniform(0.04, 0.25), y + h * rng.uniform(0.04, 0.3)]
        pen.rectangle(box, fill=blend(vivid(rng), INK, rng.uniform(0.1, 0.7)))
    for _ in range(int(rng.integers(0, 3))):
        y = rng.uniform(0.05, 0.6) * h
        pen.line([rng.uniform(0, w), y, rng.uniform(0, w), y], fill=blend(accent, WHITE, 0.5), width=max(h // 60, 2))
    return blur(image, w * rng.uniform(0.004, 0.015))


def _streamer(rng: np.random.Generator, w: int, h: int, accent: Color) -> Image.Image:
    """Return what the face camera sees: a head with a headset or cat ears before a room."""
    if rng.random() < 0.35:
        face = face_portrait(rng, max(w, h) // SUPERSAMPLE + 8)
        scale = max(w / face.width, h / face.height)
        face = face.resize((max(round(face.width * scale), w), max(round(face.height * scale), h)))
        image = face.crop(((face.width - w) // 2, 0, (face.width - w) // 2 + w, h))
        _headset(image, rng, (w / 2, h * 0.42), min(w, h) * 0.24, accent)
        return image
    image = _room(rng, w, h, accent)
    pen = ImageDraw.Draw(image)
    skin = pick(rng, ((240, 204, 176), (226, 180, 146), (180, 126, 92), (120, 80, 60), (250, 222, 204)))
    hair = pick(rng, ((30, 24, 24), (70, 44, 30), (150, 110, 60), vivid(rng)))
    r = min(w, h) * rng.uniform(0.17, 0.26)
    x, y = w * rng.uniform(0.4, 0.6), h * rng.uniform(0.4, 0.52)
    if rng.random() < 0.5:
        chair = blend(vivid(rng), INK, 0.5)
        pen.rounded_rectangle([x - r * 1.6, y - r * 0.6, x + r * 1.6, h + r], r * 0.5, fill=chair)
    if rng.random() < 0.5:
        pen.ellipse([x - r * 1.2, y - r * 1.25, x + r * 1.2, y + r * 2.2], fill=hair)
    pen.rounded_rectangle(
        [x - r * 1.9, y + r * 1.35, x + r * 1.9, h + r],
        r * 0.7,
        fill=hsv(rng.random(), rng.uniform(0, 0.8), rng.uniform(0.15, 0.95)),
    )
    pen.rectangle([x - r * 0.35, y + r * 0.6, x + r * 0.35, y + r * 1.5], fill=blend(skin, INK, 0.2))
    pen.ellipse([x - r * 0.82, y - r, x + r * 0.82, y + r * 1.1], fill=skin)
    pen.pieslice([x - r * 0.92, y - r * 1.2, x + r * 0.92, y + r * 0.6], 180, 360, fill=hair)
    for side in (-1, 1):
        ex, ey = x + side * r * 0.34, y + r * 0.05
        pen.ellipse([ex - r * 0.13, ey - r * 0.08, ex + r * 0.13, ey + r * 0.08], fill=WHITE)
        pen.ellipse([ex - r * 0.07, ey - r * 0.08, ex + r * 0.07, ey + r * 0.08], fill=(40, 26, 20))
        pen.line(
            [ex - r * 0.17, ey - r * 0.2, ex + r * 0.17, ey - r * 0.22],
            fill=blend(hair, INK, 0.5),
            width=max(round(r * 0.07), 1),
        )
    if rng.random() < 0.5:
        pen.chord([x - r * 0.25, y + r * 0.4, x + r * 0.25, y + r * 0.8], 0, 180, fill=(150, 60, 60))
    else:
        pen.arc(
            [x - r * 0.25, y + r * 0.35, x + r * 0.25, y + r * 0.7],
            20,
            160,
            fill=(140, 60, 60),
            width=max(round(r * 0.06), 1),
        )
    image = blur(image, max(r * 0.03, 0.5))
    _headset(image, rng, (x, y), r, accent)
    return image


def _headset(image: Image.Image, rng: np.random.Generator, at: tuple[float, float], r: float, accent: Color) -> None:
    if rng.random() < 0.25:
        return
    pen, (x, y) = ImageDraw.Draw(image), at
    tone = pick(rng, ((24, 24, 28), (230, 230, 236), accent))
    pen.arc([x - r * 1.05, y - r * 1.35, x + r * 1.05, y + r * 1.1], 180, 360, fill=tone, width=max(round(r * 0.16), 2))
    for side in (-1, 1):
        cx = x + side * r * 0.95
        pen.ellipse([cx - r * 0.24, y - r * 0.4, cx + r * 0.24, y + r * 0.4], fill=tone, outline=accent, width=2)
    if rng.random() < 0.6:
        pen.line([x - r * 0.95, y + r * 0.2, x - r * 0.3, y + r * 0.75], fill=tone, width=max(round(r * 0.08), 1))
    if rng.random() < 0.2:
        for side in (-1, 1):
            pen.polygon(
                [
                    (x + side * r * 0.9, y - r * 0.9),
                    (x + side * r * 0.75, y - r * 1.8),
                    (x + side * r * 0.25, y - r * 1.2),
                ],
                fill=tone,
            )
    if rng.random() < 0.4:
        mic = (x + r * rng.uniform(0.9, 1.8), y + r * 1.5)
        pen.line([mic[0], mic[1], mic[0] + r, image.height], fill=(60, 60, 66), width=max(round(r * 0.12), 2))
        pen.rounded_rectangle(
            [mic[0] - r * 0.3, mic[1] - r * 0.5, mic[0] + r * 0.3, mic[1] + r * 0.4], r * 0.25, fill=(30, 30, 34)
        )


def _camera(image: Image.Image, rng: np.random.Generator, accent: Color, box: Box, *, circle: bool = False) -> None:
    """Set a face camera into the picture."""
    left, top, right, bottom = (round(value) for value in box)
    face = _streamer(rng, max(right - left, 8), max(bottom - top, 8), accent)
    mask = Image.new("L", face.size, 0 if circle else 255)
    if circle:
        ImageDraw.Draw(mask).ellipse([0, 0, face.width, face.height], fill=255)
    image.paste(face, (left, top), mask)
    pen, line = ImageDraw.Draw(image), max(round((right - left) * rng.uniform(0.0, 0.035)), 0)
    if line:
        tone = pick(rng, (accent, WHITE, (20, 20, 24)))
        (pen.ellipse if circle else pen.rectangle)([left, top, right, bottom], outline=tone, width=line)
    if rng.random() < 0.4 and not circle:
        size = max(round((bottom - top) * 0.13), 7)
        pen.rectangle([left, bottom, right, bottom + size * 1.3], fill=accent)
        put(pen, ((left + right) / 2, bottom + size * 0.65), words(rng, 1), WHITE, size, style="bold", anchor="mm")


def _chat(image: Image.Image, rng: np.random.Generator, box: Box, ground: Color | None) -> None:
    """Write a chat: names in colours, short messages, Korean and English."""
    left, top, right, bottom = box
    pen = ImageDraw.Draw(image)
    dark = ground is None or sum(ground) < 380
    if ground is not None:
        pen.rectangle(list(box), fill=ground)
    size = max(round(min((right - left) * rng.uniform(0.07, 0.11), (bottom - top) / 6)), 8)
    y = top + size
    if ground is not None and rng.random() < 0.6:
        put(
            pen,
            ((left + right) / 2, y),
            pick(rng, ("STREAM CHAT", "채팅", "Live chat", "LIVE")),
            WHITE if dark else INK,
            size,
            style="bold",
            anchor="mm",
        )
        y += size * 1.7
    while y < bottom - size * 0.6:
        name = phrase(rng, 1)[:8]
        tone = hsv(rng.random(), 0.6, 1.0 if dark else 0.6)
        rim = (0, 0, 0) if ground is None else None
        if rng.random() < 0.3:
            pen.ellipse([left + size * 0.2, y - size * 0.4, left + size, y + size * 0.4], fill=vivid(rng))
        put(pen, (left + size * 1.2, y), f"{name}:", tone, size, style="bold", rim=rim)
        start = (
            left
            + size * 1.4
            + min(len(name) * size * (0.62 if name.isascii() else 0.95) + size * 0.4, (right - left) * 0.5)
        )
        text = pick(rng, _CHAT) if rng.random() < 0.7 else phrase(rng, 1)
        if start < right - size * 2:
            put(pen, (start, y), text, WHITE if dark else INK, size, rim=rim)
        y += size * rng.uniform(1.35, 1.6)


def _badges(image: Image.Image, rng: np.random.Generator, accent: Color) -> None:
    """LIVE, the number of viewers, an alert, a goal, a ticker."""
    w, h = image.size
    pen, unit = ImageDraw.Draw(image), round(min(w, h) * rng.uniform(0.04, 0.06))
    if rng.random() < 0.7:
        x, y = w * rng.choice([0.03, 0.86]), h * rng.choice([0.04, 0.9])
        tone = pick(rng, ((230, 30, 40), (230, 30, 40), accent))
        pen.rounded_rectangle([x, y, x + unit * 2.6, y + unit * 1.3], unit * 0.2, fill=tone)
        put(pen, (x + unit * 1.3, y + unit * 0.65), "LIVE", WHITE, round(unit * 0.85), style="bold", anchor="mm")
        if rng.random() < 0.6 and x < w / 2:
            put(
                pen,
                (x + unit * 3, y + unit * 0.65),
                f"{int(rng.integers(10, 9999)):,}",
                WHITE,
                round(unit * 0.8),
                rim=(0, 0, 0),
            )
    if rng.random() < 0.35:
        text = pick(
            rng,
            (
                f"{phrase(rng, 1)} subscribed!",
                f"{phrase(rng, 1)} 별풍선 {int(rng.integers(1, 999))}개",
                f"New follower: {words(rng, 1)}",
                "THANKS!",
            ),
        )
        y = h * rng.uniform(0.15, 0.4)
        put(
            pen,
            (w / 2, y),
            text,
            pick(rng, ((255, 220, 60), WHITE, accent)),
            fit(text, w * 0.5, unit * 2, "bold"),
            style="bold",
            anchor="mm",
            rim=(0, 0, 0),
        )
    if rng.random() < 0.3:
        left, y = w * rng.uniform(0.05, 0.5), h * rng.uniform(0.03, 0.08)
        pen.rectangle([left, y, left + w * 0.3, y + unit], fill=(30, 30, 36), outline=WHITE, width=2)
        pen.rectangle([left, y, left + w * 0.3 * rng.uniform(0.1, 0.95), y + unit], fill=accent)
    if rng.random() < 0.3:
        pen.rectangle([0, h - unit * 1.7, w, h], fill=blend(accent, INK, rng.uniform(0.2, 0.7)))
        put(pen, (w * 0.02, h - unit * 0.85), phrase(rng, 5), WHITE, unit)


def _game(rng: np.random.Generator, w: int, h: int, accent: Color) -> Image.Image:
    """A game with a face in a corner, often a chat at the side."""
    image = Image.new("RGB", (w, h), pick(rng, ((14, 14, 18), (24, 24, 30), blend(accent, INK, 0.7))))
    side = rng.random() < 0.5 and w > h
    area = round(w * rng.uniform(0.72, 0.82)) if side else w
    low = h if not side or rng.random() < 0.5 else round(h * 0.84)
    image.paste(_shown(rng, area, low), (0, 0))
    cam = min(w, h) * rng.uniform(0.26, 0.42)
    wide = cam * rng.uniform(0.85, 1.5)
    x, y = pick(rng, ((0.01, 0.02), (0.01, 0.97), (0.99, 0.02), (0.99, 0.97)))
    left, top = x * area - (wide if x > 0.5 else 0), y * low - (cam if y > 0.5 else 0)
    if side and rng.random() < 0.4:
        left, wide, top = area + 2, w - area - 4, 0
    circle = rng.random() < 0.15
    _camera(image, rng, accent, (left, top, left + (cam if circle else wide), top + cam), circle=circle)
    if side:
        start = cam * 1.1 if left > area else 0
        _chat(image, rng, (area, start, w, h), pick(rng, ((24, 24, 27), (14, 14, 16), WHITE, blend(accent, INK, 0.75))))
    elif rng.random() < 0.7:
        left = w * (0.02 if x > 0.5 else 0.62)
        _chat(image, rng, (left, h * 0.3, left + w * 0.36, h * 0.9), None)
    _badges(image, rng, accent)
    return image


def _talk(rng: np.random.Generator, w: int, h: int, accent: Color) -> Image.Image:
    """A person before the camera fills the picture, chat beside or over it."""
    area = round(w * 0.74) if w > h and rng.random() < 0.5 else w
    image = Image.new("RGB", (w, h), (18, 18, 22))
    if w > h and rng.random() < 0.2:
        half = area // 2
        for place in range(2):
            image.paste(_streamer(rng, half - 4, h, accent), (place * half, 0))
    else:
        image.paste(_streamer(rng, area, h, accent), (0, 0))
    if area < w:
        _chat(image, rng, (area, 0, w, h), pick(rng, ((24, 24, 27), WHITE)))
    else:
        _chat(image, rng, (w * 0.02, h * 0.55, w * 0.6, h * 0.95), None)
    _badges(image, rng, accent)
    return image


def _waiting(rng: np.random.Generator, w: int, h: int, accent: Color) -> Image.Image:
    """A waiting screen: large words on colour, shapes, a place for the camera."""
    image = gradient(w, h, [blend(accent, INK, rng.uniform(0, 0.6)), blend(accent, vivid(rng), rng.uniform(0, 0.6))])
    pen = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(0, 9))):
        x, y, r = rng.uniform(0, w), rng.uniform(0, h), h * rng.uniform(0.05, 0.4)
        tone = blend(accent, pick(rng, (WHITE, INK)), rng.uniform(0.1, 0.4))
        pen.polygon(
            [(x, y - r), (x + r, y + r), (x - r, y + r)]
            if rng.random() < 0.5
            else [(x - r, y - r), (x + r, y - r * 0.8), (x, y + r)],
            fill=tone,
        )
    text = pick(rng, _WAITING)
    style = pick(rng, ("bold", "heavy", "sans"))
    put(
        pen,
        (w / 2, h * 0.42),
        text,
        WHITE,
        fit(text, w * 0.8, round(h * 0.2), style),
        style=style,
        anchor="mm",
        rim=blend(accent, INK, 0.7),
    )
    if rng.random() < 0.5:
        put(
            pen,
            (w / 2, h * 0.62),
            f"0{int(rng.integers(1, 9))}:{int(rng.integers(10, 59))}",
            WHITE,
            round(h * 0.13),
            style="mono",
            anchor="mm",
        )
    low = h * 0.85
    pen.rectangle([0, low, w, h], fill=(38, 38, 44))
    for place in range(3):
        put(
            pen,
            (w * (0.04 + 0.33 * place), (low + h) / 2),
            "@" + words(rng, 1),
            pick(rng, (WHITE, accent)),
            round(h * 0.05),
        )
    if rng.random() < 0.35:
        _camera(image, rng, accent, (w * 0.74, h * 0.06, w * 0.97, h * 0.36))
    return image


def _frames(rng: np.random.Generator, w: int, h: int, accent: Color) -> Image.Image:
    """A layout: framed windows for the game, the face and names, some filled, some empty."""
    image = gradient(w, h, [blend(accent, INK, rng.uniform(0.4, 0.9)), blend(accent, INK, rng.uniform(0.2, 0.8))])
    pen = ImageDraw.Draw(image)
    line = max(round(w * 0.006), 2)
    split = w * rng.uniform(0.55, 0.75)
    boxes = [(w * 0.02, h * 0.04, split, h * 0.78), (split + w * 0.02, h * 0.04, w * 0.98, h * 0.4)]
    if rng.random() < 0.4:
        boxes = [(w * 0.02, h * 0.08, w * 0.49, h * 0.7), (w * 0.51, h * 0.08, w * 0.98, h * 0.7)]
    for place, box in enumerate(boxes):
        if rng.random() < 0.6:
            left, top, right, bottom = (round(value) for value in box)
            part = (
                _streamer(rng, right - left, bottom - top, accent) if place else _shown(rng, right - left, bottom - top)
            )
            image.paste(part, (left, top))
        else:
            pen.rectangle(list(box), fill=pick(rng, ((0, 0, 0), WHITE, (20, 20, 24))))
        pen.rectangle(list(box), outline=accent, width=line)
    pen.rectangle([w * 0.02, h * 0.82, w * 0.98, h * 0.97], fill=blend(accent, INK, 0.5), outline=accent, width=line)
    put(pen, (w * 0.05, h * 0.895), phrase(rng, 3), WHITE, round(h * 0.07), style="bold")
    put(
        pen,
        (w * 0.94, h * 0.895),
        f"{int(rng.integers(0, 3))}:{int(rng.integers(10, 59))}:{int(rng.integers(10, 59))}",
        WHITE,
        round(h * 0.08),
        style="mono",
        anchor="rm",
    )
    if boxes[1][3] < h * 0.5:
        _chat(image, rng, (split + w * 0.02, h * 0.44, w * 0.98, h * 0.78), blend(accent, INK, 0.8))
    return image


def _desk(rng: np.random.Generator, w: int, h: int, accent: Color) -> Image.Image:
    """A broadcaster's program: a preview above dark panels with lists and level meters."""
    image = Image.new("RGB", (w, h), (44, 46, 52))
    pen = ImageDraw.Draw(image)
    right, bottom = round(w * rng.uniform(0.7, 0.98)), round(h * rng.uniform(0.62, 0.74))
    view = (
        _game(rng, round(right * 0.9), round(bottom * 0.86), accent)
        if rng.random() < 0.6
        else _waiting(rng, round(right * 0.9), round(bottom * 0.86), accent)
    )
    image.paste(view, (round(right * 0.05), round(bottom * 0.08)))
    for place in range(5):
        left = w * (0.01 + 0.2 * place)
        pen.rectangle(
            [left, bottom + h * 0.02, left + w * 0.18, h * 0.97], fill=(30, 32, 36), outline=(80, 82, 88), width=2
        )
        for row in range(5):
            y = bottom + h * (0.06 + 0.05 * row)
            if y > h * 0.93:
                break
            if place == 2:
                pen.rectangle(
                    [left + 6, y, left + w * 0.16 * rng.uniform(0.3, 1), y + h * 0.015],
                    fill=pick(rng, ((60, 200, 80), (230, 200, 60))),
                )
            else:
                put(pen, (left + 8, y), words(rng, 1), (210, 212, 216), max(round(h * 0.028), 7))
    if right < w * 0.85:
        _chat(image, rng, (right + 6, 0, w, bottom), (26, 26, 30))
    return image
