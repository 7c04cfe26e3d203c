"""game_screenshot, more kinds: lit solids on a floor, physics, boards and cards, menus, letters as maps, old machines."""

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
    font,
    gradient,
    noise,
    pick,
    shrink,
    vivid,
)
from beam_jobs.demo.draw.games import game_screenshot as classic_game
from beam_jobs.demo.draw.lettering import phrase, put
from beam_jobs.demo.draw.playfields import board, physics, solids
from beam_jobs.demo.draw.typeset import FACES, headline, lines_of, stack


def game_screenshot(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw the screen of a game."""
    if rng.random() < 0.45:
        return classic_game(rng, size)
    width, height = extent(rng, size, 1.2, 1.85)
    image = pick(rng, _KINDS)(rng, width * SUPERSAMPLE, height * SUPERSAMPLE)
    if rng.random() < 0.6:
        _notes(image, rng)
    return shrink(image)


def _notes(image: Image.Image, rng: np.random.Generator) -> None:
    """Small lines of help, figures or buttons in the corners."""
    pen = ImageDraw.Draw(image)
    w, h = image.size
    size = max(round(h * rng.uniform(0.025, 0.045)), 7)
    style, ink = pick(rng, ("sans", "mono", "plain")), pick(rng, (WHITE, WHITE, (255, 230, 90)))
    for x, y, anchor in ((0.02, 0.04, "lm"), (0.98, 0.04, "rm"), (0.02, 0.8, "lm")):
        if rng.random() < 0.5:
            for row in range(int(rng.integers(1, 5))):
                text = pick(
                    rng,
                    (
                        f"FPS: {int(rng.integers(20, 145))}",
                        phrase(rng, 3),
                        f"{phrase(rng, 1)}: {int(rng.integers(999))}",
                        "WASD / arrows",
                    ),
                )
                put(
                    pen,
                    (w * x, h * y + row * size * 1.3),
                    text,
                    ink,
                    size,
                    style=style,
                    anchor=anchor,
                    rim=(0, 0, 0) if rng.random() < 0.5 else None,
                )
    if rng.random() < 0.3:
        for place in (0.03, 0.83):
            pen.rounded_rectangle(
                [w * place, h * 0.91, w * (place + 0.14), h * 0.98], 8, fill=(44, 46, 54), outline=(110, 112, 120)
            )
            put(pen, (w * (place + 0.07), h * 0.945), phrase(rng, 1), WHITE, size, anchor="mm")


def _title(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """A title screen or a menu: a large name, buttons or lists, a loading bar, over a scene or a texture."""
    base = vivid(rng)
    kind = int(rng.integers(3))
    if kind == 0:
        image = blur(solids(rng, w, h), h * 0.01)
    elif kind == 1:
        field = noise(rng, w, h, cells=int(rng.integers(3, 30)), octaves=4)[..., None]
        image = Image.fromarray(
            (np.array(base) * field + np.array(blend(base, INK, 0.8)) * (1 - field)).astype(np.uint8)
        )
    else:
        image = gradient(w, h, [blend(base, INK, rng.uniform(0, 0.9)), blend(vivid(rng), INK, rng.uniform(0.2, 0.9))])
    pen = ImageDraw.Draw(image)
    fill: Color | Image.Image = (
        gradient(w, h, [vivid(rng), WHITE] * 3) if rng.random() < 0.5 else pick(rng, (WHITE, vivid(rng)))
    )
    side = pick(rng, (0.5, 0.5, 0.25))
    wide = rng.uniform(0.2, 0.44) if side == 0.5 else 0.22
    stack(
        image,
        rng,
        (w * (side - wide), h * 0.06, w * (side + wide), h * rng.uniform(0.28, 0.42)),
        lines_of(rng, headline(rng, longest=2)),
        fill,
        style=pick(rng, FACES),
        rim=pick(rng, (INK, None, WHITE)),
    )
    tone, boxed = blend(vivid(rng), INK, rng.uniform(0.2, 0.7)), rng.random() < 0.6
    for row in range(int(rng.integers(2, 6))):
        y, half = h * (0.5 + row * 0.095), w * 0.13
        if boxed:
            pen.rounded_rectangle(
                [w * side - half, y - h * 0.036, w * side + half, y + h * 0.036],
                float(rng.choice([0, 10])),
                fill=tone,
                outline=WHITE,
                width=2,
            )
        put(
            pen,
            (w * side, y),
            pick(
                rng,
                (
                    "New Game",
                    "Continue",
                    "Options",
                    "Quit",
                    "Play",
                    "Settings",
                    "시작",
                    "Load",
                    "Credits",
                    "Multiplayer",
                ),
            ),
            WHITE,
            round(h * 0.045),
            style=pick(rng, ("sans", "bold")),
            anchor="mm",
        )
    return image


def _letters(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """A map of letters, or a story in text with choices, on a dark screen."""
    image = Image.new("RGB", (w, h), pick(rng, ((0, 0, 0), (0, 0, 120), (16, 18, 16))))
    pen, cell = ImageDraw.Draw(image), max(round(h / rng.integers(20, 34)), 8)
    if rng.random() < 0.65:
        plan = noise(rng, w // cell, h // cell, cells=5, octaves=3)
        for row in range(plan.shape[0] - 3):
            for column in range(plan.shape[1]):
                value = plan[row, column]
                sign, tone = (
                    ("#", (130, 120, 110))
                    if value > 0.55
                    else (".", (90, 96, 90))
                    if value > 0.38
                    else ("~", (60, 100, 220))
                )
                if rng.random() < 0.012:
                    sign, tone = pick(rng, tuple("@DgkTS$!%")), vivid(rng)
                pen.text((column * cell * 1.0, row * cell), sign, tone, font(cell, "mono"))
    else:
        for row in range(int(h / cell / 1.3) - 5):
            put(
                pen,
                (cell, cell * (1 + row * 1.3)),
                phrase(rng, int(rng.integers(3, 9)), korean=False) if row % 6 else "> " + phrase(rng, 2, korean=False),
                pick(rng, ((190, 230, 190), (210, 210, 210))),
                cell,
                style="mono",
            )
    put(
        pen,
        (cell, h - cell * 1.5),
        f"HP {int(rng.integers(99))}/99  Lv {int(rng.integers(1, 30))}  {phrase(rng, 2, korean=False)}",
        (240, 220, 90),
        cell,
        style="mono",
    )
    return image


def _old(rng: np.random.Generator, w: int, h: int) -> Image.Image:
    """A screen of an old machine: few colours, coarse pixels."""
    source = (
        pick(rng, (solids, board, _title, physics))(rng, w, h)
        if rng.random() < 0.6
        else classic_game(rng, max(w, h) // SUPERSAMPLE)
    )
    small = source.resize((int(pick(rng, (96, 128, 160))), int(pick(rng, (72, 96, 100)))), Image.Resampling.BILINEAR)
    palette = small.quantize(
        int(pick(rng, (4, 8, 16, 32))), dither=Image.Dither.FLOYDSTEINBERG if rng.random() < 0.5 else Image.Dither.NONE
    )
    return palette.convert("RGB").resize((w, h), Image.Resampling.NEAREST)


_KINDS: tuple[Callable[[np.random.Generator, int, int], Image.Image], ...] = (
    solids, solids, solids, solids, physics, physics, board, _title, _title, _letters, _old, _old,
)  # fmt: skip
