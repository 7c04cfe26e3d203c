"""Paragraphs and figures as pages of print hold them."""

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import (
    INK,
    Color,
    font,
    noise,
    pick,
    vivid,
    words,
)  # fmt: skip
from beam_jobs.demo.draw.lettering import phrase, put, text_width

Box = tuple[float, float, float, float]


def prose(
    pen: ImageDraw.ImageDraw, rng: np.random.Generator, box: Box, px: float, style: str, *, ink: Color = INK,
    lead: float = 1.3, korean: bool = False, justify: bool = True,
) -> None:  # fmt: skip
    """Fill a box with paragraphs of filler text in letters ``px`` pixels high."""
    left, top, right, bottom = box
    y, size = top, round(px)
    letters = font(size, style)
    while y + px <= bottom:
        for row in range(int(rng.integers(2, 10))):
            if y + px > bottom:
                return
            start = left + (px * 1.5 if row == 0 and rng.random() < 0.7 else 0)
            line = phrase(rng, int((right - start) / px / 1.6) + 3, korean=korean)
            if korean:
                while text_width(line, size) > right - start and " " in line:
                    line = line.rsplit(" ", 1)[0]
                put(pen, (start, y), line, ink, size, anchor="la")
            else:
                parts = line.split()
                while len(parts) > 1 and letters.getlength(" ".join(parts)) > right - start:
                    parts.pop()
                free = right - start - sum(letters.getlength(p) for p in parts)
                gap = min(free / max(len(parts) - 1, 1), px * 0.9) if justify else px * 0.3
                x = start
                for part in parts:
                    pen.text((x, y), part, ink, letters)
                    x += letters.getlength(part) + gap
            y += px * lead
        last = right - (right - left) * rng.uniform(0.3, 0.7)
        if y + px <= bottom and not korean:
            pen.text((left, y), words(rng, 20)[: int((last - left) / px * 1.9)], ink, letters)
            y += px * lead
        y += px * rng.choice([0.0, 0.3, 0.9])


def figure(image: Image.Image, pen: ImageDraw.ImageDraw, rng: np.random.Generator, box: Box) -> None:
    """Draw a plot, a picture, a small table or a displayed formula in a box."""
    a, b, c, d = box
    kind = int(rng.integers(5))
    if kind == 0:
        pen.rectangle(box, outline=INK, width=2)
        for _ in range(int(rng.integers(1, 5))):
            walk = np.clip(np.cumsum(rng.normal(0, 0.12, 20)) + 0.5, 0.05, 0.95)
            pen.line(
                [(a + (c - a) * k / 19, b + (d - b) * v) for k, v in enumerate(walk.tolist())], fill=vivid(rng), width=3
            )
    elif kind == 1:
        field = noise(rng, max(round(c - a), 4), max(round(d - b), 4), cells=4, octaves=4)[..., None]
        tone = np.array(vivid(rng)) if rng.random() < 0.4 else np.array([200, 200, 200])
        image.paste(Image.fromarray((field * tone * 1.2).clip(0, 255).astype(np.uint8)), (round(a), round(b)))
    elif kind == 2:
        rows = int(rng.integers(3, 9))
        for r in range(rows):
            y = b + (d - b) * r / rows
            if r < 2 or rng.random() < 0.2:
                pen.line([a, y, c, y], fill=INK, width=2)
            for k in range(4):
                pen.text((a + (c - a) * (k + 0.5) / 4, y + (d - b) / rows / 2), f"{rng.uniform(0, 99):.1f}", INK,
                         font(round(min((d - b) / rows * 0.6, (c - a) / 22)), "times"), "mm")  # fmt: skip
        pen.line([a, d, c, d], fill=INK, width=2)
    elif kind == 3:
        text = pick(rng, ("f(x) = ax² + bx + c", "E = mc²", "p(y|x) = Σ w · h(x)", "∂u/∂t = α ∇²u", "L = −Σ yᵢ log pᵢ"))
        pen.text(((a + c) / 2, (b + d) / 2), text, INK, font(round((c - a) * 0.06), "serif_italic"), "mm")
        pen.text((c, (b + d) / 2), f"({rng.integers(1, 40)})", INK, font(round((c - a) * 0.045), "times"), "rm")
    else:
        values = rng.uniform(0.1, 1, int(rng.integers(3, 9)))
        for k, v in enumerate(values):
            x = a + (c - a) * k / len(values)
            pen.rectangle([x, d - (d - b) * v, x + (c - a) / len(values) * 0.7, d], fill=vivid(rng), outline=INK)
        pen.line([a, b, a, d, c, d], fill=INK, width=2)
