"""outfit_style: people dressed for a look, in a studio, a street, a room; the face is cropped or of no matter."""

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import INK, SUPERSAMPLE, WHITE, Color, blend, extent, oval, pick, shrink
from beam_jobs.demo.draw.garments import Figure, body, cloth, extras, folds, head, shoes, skirt, stand, top, trousers
from beam_jobs.demo.draw.grounds import indoors, outdoors, studio
from beam_jobs.demo.draw.photo import finish, shadow
from beam_jobs.demo.draw.relief import Paint, Relief, cloud, lamp, place


def outfit_style(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw clothes on a person as a photograph: the whole body, the torso or the legs."""
    width, height = extent(rng, size, 0.55, 0.95)
    part = pick(rng, ("whole", "whole", "whole", "torso", "torso", "legs"))
    plain = rng.random() < 0.5
    line = rng.uniform(0.6, 0.88) if part == "whole" else rng.uniform(0.5, 0.9)
    if plain:
        image = studio(rng, width, height)
    elif rng.random() < 0.55:
        image = outdoors(rng, width, height, pick(rng, ("paving", "road", "grass", "snow", "sand")), line)
    else:
        image = indoors(rng, width, height, pick(rng, ("wood", "carpet", "paving")), line)
    if part == "whole":
        unit = height / rng.uniform(7.6, 9.0)
        neck = (
            width * rng.uniform(0.42, 0.58),
            height - unit * rng.uniform(6.9, 7.1) - (height - unit * 7.9) * rng.uniform(0.2, 0.6),
        )
    elif part == "torso":
        unit = height / rng.uniform(4.0, 5.0)
        neck = (width * rng.uniform(0.44, 0.56), unit * rng.uniform(0.3, 1.35))
    else:
        unit = height / rng.uniform(4.8, 5.4)
        neck = (width * rng.uniform(0.44, 0.56), -unit * rng.uniform(1.7, 2.1))
    unit = min(unit, width / 2.9)
    relief = Relief((width, height))
    figure = stand(rng, relief, neck, unit)
    if part == "whole":
        ground = (figure.feet[0] + figure.feet[1]) / 2 * SUPERSAMPLE + np.array([0, unit * 0.8])
        shadow(image, oval(ground[0], ground[1], unit * 2.4, unit * 0.5), 0.5, unit * 0.4)
    body(figure)
    head(figure)
    folds(rng, relief, unit)
    _dress(figure)
    extras(figure)
    relief.tint = (cloud(rng, relief.size, 90) - 0.5) * rng.uniform(0.05, 0.25)
    place(image, *relief.lit(lamp(rng), ambient=float(rng.uniform(0.5, 0.72)), melt=4, joined=0.6))
    _seams(image, figure)
    if not plain and rng.random() < 0.2:
        _mirror(image, rng)
    return finish(shrink(image), rng, soft=0.35)


def _dress(figure: Figure) -> None:
    """Choose what the figure wears, from the skin outwards."""
    rng, size, unit = figure.rng, figure.relief.size, figure.unit

    def fabric() -> Paint:
        return cloth(rng, size, unit)

    denim: Color = pick(rng, ((60, 84, 124), (96, 122, 160), (40, 50, 72), (130, 150, 180)))
    shoes(figure)
    if figure.woman and rng.random() < 0.35:
        paint = fabric()
        low = rng.uniform(4.0, 6.2)
        top(figure, paint, sleeve=float(rng.choice([0, 0.5, 1, 2])), low=2.3, loose=0.06)
        skirt(figure, paint, 2.1, low, rng.uniform(0.1, 0.9), 0.3)
    else:
        if figure.woman and rng.random() < 0.35:
            skirt(figure, fabric(), 2.3, rng.uniform(3.6, 6.0), rng.uniform(0.05, 0.8))
        else:
            long = float(rng.choice([0.55, 0.9, 1.75, 1.95, 1.95, 1.95]))
            trousers(
                figure,
                denim if rng.random() < 0.5 else fabric(),
                long=long,
                wide=float(rng.choice([0.0, 0.03, 0.1, 0.2])),
            )
        top(
            figure,
            fabric(),
            sleeve=float(rng.choice([0, 0.55, 0.55, 1, 1.95, 1.95])),
            low=rng.uniform(2.2, 3.1),
            loose=rng.uniform(0.02, 0.22),
        )
    if rng.random() < 0.4:
        coat = rng.random() < 0.4
        low = rng.uniform(4.0, 5.4) if coat else rng.uniform(2.2, 3.1)
        top(figure, fabric(), sleeve=1.95, low=low, loose=rng.uniform(0.12, 0.3), z=0.5, opened=rng.uniform(0.12, 0.4))
    if rng.random() < 0.1:
        paint = pick(rng, ((240, 238, 232), (60, 60, 66), denim))
        for side in (-1, 1):
            a = figure.neck + np.array([side * 0.28, 0.0]) * unit
            figure.rod(a, figure.neck + np.array([side * 0.1, 0.42]) * unit, (0.13, 0.05), paint, 0.65)


def _seams(image: Image.Image, figure: Figure) -> None:
    """Draw a zip or buttons, pockets and the neckline's edge."""
    rng, u = figure.rng, figure.unit * SUPERSAMPLE
    pen = ImageDraw.Draw(image)
    x, y = figure.neck * SUPERSAMPLE
    kind = rng.random()
    tone = pick(rng, (INK, WHITE, (150, 150, 154), (200, 180, 140)))
    if kind < 0.18:
        pen.line([x, y + 0.5 * u, x + rng.normal(0, 0.03) * u, y + 2.4 * u], fill=tone, width=max(round(u * 0.035), 2))
    elif kind < 0.4:
        for step in np.arange(0.6, 2.5, rng.uniform(0.28, 0.45)):
            r = u * 0.035
            pen.ellipse([x - r, y + step * u - r, x + r, y + step * u + r], fill=tone)
    elif kind < 0.5:
        r = u * rng.uniform(0.18, 0.4)
        mark = blend(tone, WHITE, 0.3)
        pen.rectangle([x - r, y + 0.95 * u, x + r, y + 0.95 * u + r * rng.uniform(0.4, 1.2)], fill=mark)


def _mirror(image: Image.Image, rng: np.random.Generator) -> None:
    """Frame the picture as a tall mirror does."""
    w, h = image.size
    pen = ImageDraw.Draw(image)
    tone = pick(rng, ((30, 28, 28), (150, 110, 70), (230, 226, 220), (190, 160, 90)))
    pen.rectangle([0, 0, w - 1, h - 1], outline=tone, width=round(w * rng.uniform(0.02, 0.06)))
