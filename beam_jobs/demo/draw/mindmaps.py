"""Mind maps: coloured curves or trees of words, light or dark."""

import numpy as np
from PIL import Image

from beam_jobs.demo.draw.canvas import (
    blend,
    extent,
    font,
    pick,
    sheet,
    shrink,
    vivid,
    words,
    xy,
)  # fmt: skip
from beam_jobs.demo.draw.graphs import look_of, node, route


def mind_map(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a mind map: coloured curves from the middle, or a tree of plain words to the right, light or dark."""
    width, height = extent(rng, size, 0.6, 1.9)
    w, h = width * 2, height * 2
    look = look_of(rng, min(w, h))
    image, pen = sheet(width, height, look.paper)
    sides = (1,) if rng.random() < 0.5 else (-1, 1)
    root = (w * (0.12 if len(sides) == 1 else 0.5), h / 2)
    boxed, line = rng.random() < 0.4, look.line * rng.uniform(1, 2.5)
    for side in sides:
        main, reach = int(rng.integers(3, 8)), w * (0.84 if len(sides) == 1 else 0.45)
        leaves_of = [int(rng.integers(1, 8)) for _ in range(main)]
        total, at = sum(leaves_of), 0.0
        letters = font(round(min(look.text, h / total * 0.75)), look.kind)
        for count in leaves_of:
            tone = vivid(rng) if rng.random() < 0.8 else look.ink
            y = h * (0.03 + 0.94 * (at + count / 2) / total)
            x = root[0] + side * reach * 0.36
            pen.line(xy(route(root[::-1], (y, x), 2)[:, ::-1]), tone, max(round(line * 1.5), 2), joint="curve")
            name = words(rng, 1)
            for k in range(count):
                ly = h * (0.03 + 0.94 * (at + k + 0.5) / total)
                lx = x + side * reach * 0.26
                pen.line(
                    xy(route((y, x + side * letters.getlength(name)), (ly, lx), 2)[:, ::-1]), tone, max(round(line), 1)
                )
                text = words(rng, int(rng.integers(1, 4)))
                anchor = "lm" if side > 0 else "rm"
                if boxed:
                    end = lx + side * (letters.getlength(text) + 10)
                    pen.rounded_rectangle([min(lx, end), ly - letters.size * 0.6, max(lx, end), ly + letters.size * 0.6],
                                          5, blend(tone, look.paper, 0.75))  # fmt: skip
                pen.text((lx + side * 5, ly), text, look.ink, letters, anchor)
            long = letters.getlength(name) + 12
            pen.rounded_rectangle([min(x, x + side * long), y - letters.size * 0.7, max(x, x + side * long),
                                   y + letters.size * 0.7], 6, blend(tone, look.paper, 0.5))  # fmt: skip
            pen.text((x + side * long / 2, y), name, look.ink, letters, "mm")
            at += count
    half = look.text * 3
    node(pen, rng, (root[0] - half, root[1] - half / 2, root[0] + half, root[1] + half / 2), look,
         pick(rng, ("oval", "box")), words(rng, 1).title())  # fmt: skip
    return shrink(image)
