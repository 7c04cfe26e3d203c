"""Clothes, shoes and bags laid flat or standing alone, without a person."""

import numpy as np
from PIL import ImageDraw

from beam_jobs.demo.draw.canvas import INK, WHITE, blend, font, pick, smooth, words
from beam_jobs.demo.draw.stage import Stage, fabric, plain


def shirt(s: Stage) -> None:
    """Draw t-shirts, blouses, jumpers, jackets, tops."""
    rng, paint = s.rng, fabric(s.rng)
    long, wide, low = rng.choice([0.0, 0.14, 0.18, 0.42, 0.46]), rng.uniform(0.2, 0.29), rng.uniform(0.12, 0.46)
    neck, flare = rng.uniform(0.06, 0.13), rng.normal(0.0, 0.04)
    if long:
        drop = rng.uniform(0.3, 1.2)
        for side in (-1, 1):
            a, b = (
                np.array([side * wide * 0.95, -0.4]),
                np.array([side * (wide + long * np.cos(drop)), -0.4 + long * np.sin(drop) + 0.06]),
            )
            d = np.array([-(b - a)[1], (b - a)[0]]) / np.hypot(*(b - a)) * side
            s.part(
                np.array(
                    [a - d * 0.02 - [side * 0.06, 0.02], b - d * 0.01, b + d * 0.1, a + d * 0.17 - [side * 0.03, 0]]
                ),
                paint,
                folds=0.2,
            )
    s.part(
        s.mirrored(
            [(neck, -0.44), (wide * 0.95, -0.41), (wide, -0.22), (wide + flare * 0.3, 0.0), (wide + flare, low)],
            round_off=False,
        ),
        paint,
        folds=0.25,
    )
    inside = blend(plain(rng), INK, 0.3)
    s.part(
        smooth(np.array([(-neck, -0.445), (0, -0.42), (neck, -0.445), (0, -0.44 + rng.uniform(0.04, 0.16))])), inside
    )
    if rng.random() < 0.35:
        tone = plain(rng)
        s.line([(0, -0.36), (0, low)], blend(tone, INK, 0.3), 0.006)
        for y in np.arange(-0.32, low, 0.09):
            s.disc(0.014, y, 0.01, 0.01, tone)
    elif rng.random() < 0.5:
        ImageDraw.Draw(s.image).text(
            tuple(s.spots([(0, -0.18)])[0]),
            words(rng, 1).upper()[:8],
            plain(rng),
            font(round(s.unit * rng.uniform(0.04, 0.09)), pick(rng, ("bold", "serif_bold"))),
            "mm",
        )


def trousers(s: Stage) -> None:
    """Draw trousers, leggings or shorts."""
    rng, paint = s.rng, fabric(s.rng)
    low, wide, leg, apart = (
        rng.choice([-0.05, 0.1, 0.42, 0.46]),
        rng.uniform(0.14, 0.2),
        rng.uniform(0.07, 0.15),
        rng.uniform(0.02, 0.16),
    )
    for side in (-1, 1):
        s.part(
            [
                (side * -0.005, -0.45),
                (side * wide, -0.45),
                (side * (wide + 0.04), -0.25),
                (side * (apart + leg), low),
                (side * apart * 0.6, low),
                (0, -0.18),
            ],
            paint,
            folds=0.25,
        )
    s.part(
        [(-wide, -0.46), (wide, -0.46), (wide + 0.005, -0.41), (-wide - 0.005, -0.41)],
        plain(rng) if rng.random() < 0.3 else paint,
    )
    s.line([(0, -0.42), (0.01, -0.2)], (60, 60, 66), 0.004)


def dress(s: Stage) -> None:
    """Draw a dress or a skirt."""
    rng, paint = s.rng, fabric(s.rng)
    low, hem, waist = rng.uniform(0.25, 0.47), rng.uniform(0.13, 0.34), rng.uniform(0.09, 0.15)
    if rng.random() < 0.7:
        s.part(
            s.mirrored(
                [(0.07, -0.46), (0.15, -0.43), (0.13, -0.3), (waist, -0.12), (hem * 0.8, low * 0.4), (hem, low)]
            ),
            paint,
            folds=0.35,
        )
        if rng.random() < 0.5:
            for side in (-1, 1):
                s.part(
                    [(side * 0.13, -0.44), (side * 0.27, -0.3), (side * 0.2, -0.24), (side * 0.12, -0.32)],
                    paint,
                    folds=0.2,
                )
        s.part(smooth(np.array([(-0.07, -0.465), (0.07, -0.465), (0, -0.4)])), (120, 116, 112))
    else:
        s.part(s.mirrored([(waist + 0.03, -0.35), (waist + 0.04, -0.3), (hem, low)], round_off=False), paint, folds=0.4)


def shoe(s: Stage) -> None:
    """Draw a shoe, a boot, or a pair."""
    rng, paint, sole = s.rng, fabric(s.rng), pick(s.rng, (WHITE, (40, 40, 44), (170, 130, 90)))
    s.turn = rng.normal(0, 0.25)
    for shift in ((-0.06, -0.1), (0.03, 0.1)) if rng.random() < 0.35 else ((0.0, 0.0),):
        s.at = s.at + np.array(shift) * s.unit
        high, heel = rng.uniform(0.08, 0.36), rng.uniform(0.0, 0.12)
        s.part(
            smooth(
                np.array(
                    [
                        (-0.42, -0.12 - high * 0.4),
                        (-0.2, -0.14 - high),
                        (-0.1, -0.12 - high * 0.5),
                        (0.14, -0.05),
                        (0.4, 0.03),
                        (0.46, 0.14),
                        (0.0, 0.16),
                        (-0.42, 0.15),
                    ]
                )
            ),
            paint,
            gloss=rng.uniform(0, 0.6),
        )
        s.part(
            smooth(np.array([(-0.44, 0.12), (0, 0.13), (0.46, 0.12), (0.46, 0.18), (0, 0.2), (-0.44, 0.19 + heel)])),
            sole,
        )
        for k in range(int(rng.integers(0, 6))):
            s.line([(-0.12 + k * 0.055, -0.14 + k * 0.03), (-0.03 + k * 0.055, -0.08 + k * 0.03)], sole, 0.013)
        if rng.random() < 0.5:
            s.line(smooth(np.array([(-0.25, 0.0), (-0.1, 0.09), (0.18, -0.03)]), closed=False), sole, 0.03)


def bag(s: Stage) -> None:
    """Draw a handbag or a backpack."""
    rng, paint, trim = s.rng, fabric(s.rng), plain(s.rng)
    w, h = rng.uniform(0.22, 0.36), rng.uniform(0.2, 0.34)
    s.line(
        smooth(
            np.array(
                [
                    (-w * 0.5, 0.1 - h),
                    (-w * 0.4, -h - 0.12),
                    (0, -h - rng.uniform(0.1, 0.18)),
                    (w * 0.4, -h - 0.12),
                    (w * 0.5, 0.1 - h),
                ]
            ),
            closed=False,
        ),
        blend(trim, INK, 0.2),
        0.03,
    )
    s.part(
        smooth(np.array([(-w * 0.85, -h + 0.08), (w * 0.85, -h + 0.08), (w, h), (-w, h)]), steps=6),
        paint,
        gloss=0.2,
        folds=0.15,
    )
    s.part([(-w * 0.7, h * 0.1), (w * 0.7, h * 0.1), (w * 0.75, h * 0.85), (-w * 0.75, h * 0.85)], paint, folds=0.1)
    s.line([(-w * 0.8, -h * 0.3), (w * 0.8, -h * 0.3)], trim, 0.015)
    s.disc(0, h * 0.12, 0.025, 0.025, (206, 180, 110))
