"""What floats over the scenes of made-up games, and what stands in them: bars and slots, things to own, heroes."""

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import (
    INK,
    WHITE,
    Color,
    blend,
    pick,
    vivid,
    words,
)
from beam_jobs.demo.draw.lettering import fit, phrase, put


def draw_hud(image: Image.Image, rng: np.random.Generator) -> None:
    """Draw what floats over the scene: bars, hearts, a score, a small map, slots, hints."""
    pen = ImageDraw.Draw(image)
    w, h = image.size
    unit = min(w, h)
    style = pick(rng, ("bold", "mono", "sans", "heavy"))
    ink = pick(rng, (WHITE, WHITE, (255, 230, 80), (120, 255, 140)))
    small = round(unit * rng.uniform(0.035, 0.06))
    for part in ("bars", "hearts", "score", "map", "slots", "hint", "panel", "title"):
        if rng.random() > 0.33:
            continue
        x, y = (0.03 if rng.random() < 0.5 else 0.7) * w, (0.03 if rng.random() < 0.6 else 0.86) * h
        match part:
            case "bars":
                for row in range(int(rng.integers(1, 4))):
                    box = [x, y + row * small * 1.1, x + w * 0.25, y + row * small * 1.1 + small * 0.7]
                    pen.rectangle(box, fill=(30, 30, 34), outline=WHITE, width=2)
                    box[2] = x + w * 0.25 * rng.uniform(0.2, 1)
                    pen.rectangle(box, fill=pick(rng, ((220, 50, 50), (60, 200, 80), (60, 120, 240), (250, 200, 40))))
            case "hearts":
                for place in range(int(rng.integers(3, 7))):
                    r, cx = small * 0.45, x + small * 1.1 * (place + 0.5)
                    tone = (230, 40, 60) if place < 3 else (90, 90, 96)
                    pen.ellipse([cx - r, y, cx, y + r], fill=tone)
                    pen.ellipse([cx, y, cx + r, y + r], fill=tone)
                    pen.polygon([(cx - r, y + r * 0.55), (cx + r, y + r * 0.55), (cx, y + r * 1.7)], fill=tone)
            case "score":
                label = pick(rng, ("SCORE", "LV", "TIME", "Score:", "점수", "x", "HP", "Wave", "GOLD"))
                text = f"{label} {int(rng.integers(0, 10 ** int(rng.integers(2, 7))))}"
                put(pen, (w * rng.choice([0.03, 0.4, 0.72]), small), text, ink, small, style=style, rim=(0, 0, 0))
            case "map":
                r = unit * 0.11
                cx, cy = (w - r * 1.2, r * 1.2) if rng.random() < 0.7 else (r * 1.2, h - r * 1.2)
                box = [cx - r, cy - r, cx + r, cy + r]
                shape = pen.ellipse if rng.random() < 0.5 else pen.rectangle
                shape(box, fill=blend(vivid(rng), INK, 0.6), outline=WHITE, width=3)
                for _ in range(8):
                    dx, dy = rng.uniform(-0.65, 0.65, 2) * r
                    pen.ellipse([cx + dx - 4, cy + dy - 4, cx + dx + 4, cy + dy + 4], fill=vivid(rng))
            case "slots":
                count, side = int(rng.integers(4, 10)), small * 1.7
                left = w / 2 - count * side / 2
                for place in range(count):
                    box = [left + place * side, h - side * 1.15, left + (place + 0.92) * side, h - side * 0.2]
                    pen.rectangle(box, fill=(50, 46, 44), outline=(170, 160, 140), width=3)
                    if rng.random() < 0.6:
                        draw_item(pen, rng, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, side * 0.3)
            case "hint":
                text = pick(
                    rng, ("PRESS START", "GAME OVER", "READY!", "E: " + words(rng, 2), "시작", "STAGE 1-2", "FPS: 60")
                )
                put(
                    pen,
                    (w / 2, h * rng.choice([0.25, 0.5, 0.8])),
                    text,
                    ink,
                    small,
                    style=style,
                    anchor="mm",
                    rim=(0, 0, 0),
                )
            case "panel":
                if rng.random() < 0.5:
                    top = h * rng.uniform(0.74, 0.84)
                    tone = pick(rng, ((20, 20, 30), (70, 50, 30), (240, 240, 235), (40, 40, 90)))
                    pen.rectangle([w * 0.03, top, w * 0.97, h * 0.97], fill=tone, outline=WHITE, width=4)
                    for row in range(2):
                        text = phrase(rng, 5)
                        text_ink = INK if sum(tone) > 380 else WHITE
                        put(
                            pen,
                            (w * 0.07, top + small * (1 + row * 1.3)),
                            text,
                            text_ink,
                            round(small * 0.9),
                            style=style,
                        )
            case _:
                if rng.random() < 0.3:
                    text = phrase(rng, 1).upper()
                    big = fit(text, w * 0.6, round(h * 0.16), style)
                    put(pen, (w / 2, h * 0.22), text, vivid(rng), big, style=style, anchor="mm", rim=(10, 10, 20))


def draw_item(pen: ImageDraw.ImageDraw, rng: np.random.Generator, x: float, y: float, r: float) -> None:
    """A thing to own: gem, potion, sword, coin, chest."""
    tone, edge = vivid(rng), max(round(r * 0.12), 1)
    kind = int(rng.integers(5))
    if kind == 0:
        pen.polygon(
            [
                (x - r, y - r * 0.2),
                (x - r * 0.5, y - r * 0.8),
                (x + r * 0.5, y - r * 0.8),
                (x + r, y - r * 0.2),
                (x, y + r),
            ],
            fill=tone,
            outline=INK,
        )
    elif kind == 1:
        pen.rectangle([x - r * 0.25, y - r, x + r * 0.25, y - r * 0.3], fill=(220, 220, 230))
        pen.ellipse([x - r * 0.8, y - r * 0.5, x + r * 0.8, y + r], fill=tone, outline=INK, width=edge)
    elif kind == 2:
        pen.line(
            [x - r * 0.8, y + r * 0.8, x + r * 0.9, y - r * 0.9], fill=(210, 214, 226), width=max(round(r * 0.3), 2)
        )
        pen.line([x - r * 0.7, y + r * 0.1, x - r * 0.1, y + r * 0.7], fill=tone, width=max(round(r * 0.25), 2))
    elif kind == 3:
        pen.ellipse(
            [x - r * 0.8, y - r * 0.8, x + r * 0.8, y + r * 0.8],
            fill=(250, 200, 40),
            outline=(150, 100, 20),
            width=edge,
        )
    else:
        pen.rectangle([x - r, y - r * 0.6, x + r, y + r * 0.8], fill=(140, 90, 40), outline=INK, width=edge)
        pen.rectangle([x - r * 0.15, y - r * 0.1, x + r * 0.15, y + r * 0.3], fill=(250, 210, 60))


def draw_hero(pen: ImageDraw.ImageDraw, rng: np.random.Generator, x: float, foot: float, tall: float) -> None:
    """A little fighter, robot or slime standing at ``foot``."""
    tone, cloth = vivid(rng), vivid(rng)
    kind = int(rng.integers(3))
    edge = max(round(tall * 0.03), 1)
    if kind == 0:
        pen.chord(
            [x - tall * 0.6, foot - tall, x + tall * 0.6, foot + tall], 180, 360, fill=tone, outline=INK, width=edge
        )
    else:
        pen.rectangle([x - tall * 0.2, foot - tall * 0.35, x - tall * 0.04, foot], fill=blend(cloth, INK, 0.4))
        pen.rectangle([x + tall * 0.04, foot - tall * 0.35, x + tall * 0.2, foot], fill=blend(cloth, INK, 0.4))
        pen.rectangle(
            [x - tall * 0.25, foot - tall * 0.65, x + tall * 0.25, foot - tall * 0.3],
            fill=cloth,
            outline=INK,
            width=edge,
        )
        skin = (250, 210, 170) if kind == 1 else (160, 170, 180)
        pen.ellipse(
            [x - tall * 0.26, foot - tall, x + tall * 0.26, foot - tall * 0.55], fill=skin, outline=INK, width=edge
        )
        pen.pieslice([x - tall * 0.28, foot - tall * 1.04, x + tall * 0.28, foot - tall * 0.6], 180, 360, fill=tone)
        pen.line(
            [x + tall * 0.3, foot - tall * 0.3, x + tall * 0.6, foot - tall * 0.8], fill=(200, 204, 214), width=edge * 2
        )
    for side in (-1, 1):
        ex, ey, er = x + side * tall * 0.1, foot - tall * 0.72, max(tall * 0.04, 1)
        pen.ellipse([ex - er, ey - er, ex + er, ey + er], fill=INK)


def draw_tile(pen: ImageDraw.ImageDraw, x: float, y: float, side: float, tone: Color, edged: bool) -> None:
    """Draw a tile, with an edge of light where it has one."""
    pen.rectangle([x, y, x + side, y + side], fill=tone, outline=blend(tone, INK, 0.4) if edged else None, width=2)
    if edged:
        pen.line([x + 2, y + 2, x + side - 2, y + 2], fill=blend(tone, WHITE, 0.35), width=3)
