"""Icons of roads and of letters."""

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import WHITE, Color, Points, font, oval, pick, xy
from beam_jobs.demo.draw.glyphs import BODY, LINE, SIGNS, rounded
from beam_jobs.demo.draw.lettering import fit
from beam_jobs.demo.draw.signs import Place, any_sign, draw_sign

BLACK: Color = (0, 0, 0)
_FACES = ("sans", "bold", "mono", "plain", "heavy")


def road_sign(image: Image.Image, rng: np.random.Generator, place: Place, _ink: Color, _paper: Color) -> None:
    """A sign of roads and buildings: warning, ban, order, direction."""
    x, y, r = place
    kind = pick(rng, ("triangle", "ban", "order", "square", "diamond", "hazard"))
    red, blue = (204, 20, 36), (0, 82, 164)
    shapes: dict[str, Points] = {
        "triangle": np.array([[0, -0.95], [1, 0.8], [-1, 0.8]]), "hazard": np.array([[0, -0.95], [1, 0.8], [-1, 0.8]]),
        "ban": oval(0, 0, 1, 1, steps=80), "order": oval(0, 0, 1, 1, steps=80),
        "square": rounded(-1, -1, 1, 1, 0.12), "diamond": np.array([[0, -1], [1, 0], [0, 1], [-1, 0.0]]),
    }  # fmt: skip
    edge, ground, sign = {
        "triangle": (red, WHITE, BLACK), "hazard": (BLACK, (250, 204, 0), BLACK), "ban": (red, WHITE, BLACK),
        "order": (WHITE, blue, WHITE), "square": (WHITE, pick(rng, (blue, (0, 122, 76), red)), WHITE), "diamond": (BLACK, (252, 200, 0), BLACK),
    }[kind]  # fmt: skip
    pen = ImageDraw.Draw(image)
    shape = shapes[kind]
    middle = np.array([x, y + (r * 0.22 if shape.shape[0] == 3 else 0)])
    pen.polygon(xy(shape * r + np.array([x, y])), fill=ground if edge == WHITE else edge)
    pen.polygon(
        xy((shape - shape.mean(0)) * r * (0.7 if shape.shape[0] == 3 else 0.82) + shape.mean(0) * r + np.array([x, y])),
        fill=ground,
    )
    inner = r * (0.36 if shape.shape[0] == 3 else 0.5)
    draw_sign(
        image,
        any_sign(rng),
        (middle[0], middle[1], inner),
        ink=sign,
        hole=ground,
        line=rng.uniform(0.15, 0.22),
        solid=True,
    )
    if kind == "ban":
        pen.line([x - r * 0.62, y - r * 0.62, x + r * 0.62, y + r * 0.62], fill=red, width=round(r * 0.15))


def letters(image: Image.Image, rng: np.random.Generator, place: Place, ink: Color, paper: Color) -> None:
    """Letters and figures as icons: H1, a sorted list, a file's ending, a number in a frame."""
    x, y, r = place
    text = pick(
        rng,
        (
            "H1",
            "Aa",
            "VR",
            "AI",
            "24",
            "7",
            "A",
            "T",
            "@",
            "#",
            "%",
            "&",
            "B",
            "?",
            "!",
            "i",
            "€",
            "$",
            "1:1",
            "4K",
            "HD",
            "FAQ",
            "PDF",
            "ZIP",
            "DOC",
            "JS",
            "NEW",
            "OK",
            "P",
            "WC",
            "+1",
        ),
    )
    style, pen = pick(rng, _FACES), ImageDraw.Draw(image)
    frame = rng.random()
    front, wide = ink, 1.8
    if frame < 0.35:
        outline = pick(rng, (rounded(-1, -0.75, 1, 0.75, 0.15), rounded(-1, -1, 1, 1, 0.2), oval(0, 0, 1, 1, steps=80)))
        solid = rng.random() < 0.5
        draw_sign(image, [(outline, BODY)], place, ink=ink, hole=paper, line=0.1, solid=solid)
        front, wide = (paper if solid else ink), 1.3
    elif frame < 0.6:
        draw_sign(image, SIGNS["file"](), place, ink=ink, hole=paper, line=0.1, solid=False)
        wide, y = 0.95, y + r * 0.25
    elif frame < 0.75:
        draw_sign(
            image,
            [
                (np.array([[-0.55, -0.9], [-0.55, 0.9]]), LINE),
                (np.array([[-0.9, 0.5], [-0.55, 0.92], [-0.2, 0.5]]), LINE),
            ],
            place,
            ink=ink,
            hole=paper,
            line=0.14,
            solid=True,
        )
        x, wide = x + r * 0.45, 1.0
    height = fit(text, r * wide, round(r * 1.7), style)
    pen.text((x, y), text, front, font(height, style), "mm", stroke_width=int(height * 0.03))
