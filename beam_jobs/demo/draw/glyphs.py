"""Signs of screens and streets as outlines and strokes in the square from −1 to 1, for icons and marks."""

from collections.abc import Callable

import numpy as np

from beam_jobs.demo.draw.canvas import Points, oval, smooth

BODY, HOLE, LINE, INNER = "body", "hole", "line", "inner"
"""An area; an area cut out of it; a stroke on the ground; a stroke on an area."""

Sign = list[tuple[Points, str]]
_Pair = tuple[float, float]


def rounded(left: float, top: float, right: float, bottom: float, r: float = 0.15) -> Points:
    """Return the outline of a box with round corners."""
    corners = (
        (right - r, top + r, -0.5),
        (right - r, bottom - r, 0.0),
        (left + r, bottom - r, 0.5),
        (left + r, top + r, 1.0),
    )
    arcs = []
    for x, y, start in corners:
        angle = np.linspace(start, start + 0.5, 6) * np.pi
        arcs.append(np.stack([x + r * np.cos(angle), y + r * np.sin(angle)], axis=1))
    return np.concatenate(arcs)


def _b(*points: _Pair) -> tuple[Points, str]:
    return np.asarray(points, dtype=np.float64), BODY


def _l(*points: _Pair) -> tuple[Points, str]:
    return np.asarray(points, dtype=np.float64), LINE


def _i(*points: _Pair) -> tuple[Points, str]:
    return np.asarray(points, dtype=np.float64), INNER


def _disc(x: float, y: float, r: float, what: str = BODY) -> tuple[Points, str]:
    return oval(x, y, r, r), what


def _arc(x: float, y: float, r: float, start: float, stop: float, what: str = LINE) -> tuple[Points, str]:
    angle = np.linspace(start, stop, 24) * np.pi
    return np.stack([x + r * np.cos(angle), y + r * np.sin(angle)], axis=1), what


def _cog(teeth: int) -> Points:
    angle = np.linspace(0, 2 * np.pi, teeth * 8, endpoint=False)
    reach = np.where(np.cos(angle * teeth) > 0, 0.98, 0.74)
    return np.stack([np.cos(angle) * reach, np.sin(angle) * reach], axis=1)


def _star(points: int = 5, inner: float = 0.42) -> Points:
    angle = np.arange(points * 2) * np.pi / points - np.pi / 2
    reach = np.where(np.arange(points * 2) % 2 == 0, 1.0, inner)
    return np.stack([np.cos(angle) * reach, np.sin(angle) * reach], axis=1)


def _heart() -> Points:
    t = np.linspace(0, 2 * np.pi, 40)
    x, y = 16 * np.sin(t) ** 3, 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    return np.stack([x, -y], axis=1) / 17


def _cloud() -> Points:
    return smooth(
        np.array(
            [
                [-0.6, 0.6],
                [-0.95, 0.2],
                [-0.65, -0.15],
                [-0.3, -0.55],
                [0.3, -0.5],
                [0.55, -0.1],
                [0.95, 0.2],
                [0.7, 0.6],
                [0, 0.62],
            ]
        )
    )


_SHEET = _b((-0.7, -1), (0.3, -1), (0.7, -0.55), (0.7, 1), (-0.7, 1))
_SHIELD = (smooth(np.array([[0, -1], [0.8, -0.7], [0.75, 0.1], [0, 1], [-0.75, 0.1], [-0.8, -0.7]]), steps=5), BODY)
_BUBBLE = (
    np.concatenate(
        [
            rounded(-1, -0.85, 1, 0.5, 0.3)[:12],
            np.array([[-0.2, 0.5], [-0.65, 0.95], [-0.6, 0.5]]),
            rounded(-1, -0.85, 1, 0.5, 0.3)[12:],
        ]
    ),
    BODY,
)

SIGNS: dict[str, Callable[[], Sign]] = {
    "file": lambda: [_SHEET, _i((0.25, -1), (0.25, -0.5), (0.7, -0.5))],
    "text file": lambda: [_SHEET, *[_i((-0.4, y), (0.4, y)) for y in (-0.25, 0.1, 0.45)]],
    "chart file": lambda: [_SHEET, *[_i((x, 0.65), (x, y)) for x, y in ((-0.35, 0.3), (0, 0.0), (0.35, -0.3))]],
    "folder": lambda: [_b((-1, -0.75), (-0.3, -0.75), (-0.1, -0.5), (1, -0.5), (1, 0.75), (-1, 0.75)), _i((-1, -0.25), (1, -0.25))],
    "calendar": lambda: [(rounded(-0.9, -0.75, 0.9, 0.95), BODY), _i((-0.9, -0.3), (0.9, -0.3)), _l((-0.45, -1), (-0.45, -0.6)), _l((0.45, -1), (0.45, -0.6)),
                         *[(oval(x, y, 0.08, 0.08, 0, 8), HOLE) for x in (-0.45, 0.0, 0.45) for y in (0.1, 0.5)]],
    "clock": lambda: [_disc(0, 0, 0.98), _i((0, -0.55), (0, 0.05), (0.4, 0.3))],
    "chat": lambda: [_BUBBLE, *[(oval(x, -0.17, 0.12, 0.12, 0, 12), HOLE) for x in (-0.45, 0.0, 0.45)]],
    "speech": lambda: [_BUBBLE, _i((-0.6, -0.4), (0.6, -0.4)), _i((-0.6, 0.05), (0.2, 0.05))],
    "mail": lambda: [(rounded(-1, -0.7, 1, 0.7), BODY), _i((-0.95, -0.6), (0, 0.15), (0.95, -0.6))],
    "home": lambda: [_b((-0.75, -0.1), (0, -0.85), (0.75, -0.1), (0.75, 0.95), (-0.75, 0.95)), _l((-1, 0.1), (0, -0.95), (1, 0.1)), (rounded(-0.22, 0.3, 0.22, 0.95, 0.02), HOLE)],
    "user": lambda: [_disc(0, -0.45, 0.48), (np.concatenate([_arc(0, 0.95, 0.85, 1, 2)[0], np.array([[0.85, 1.0], [-0.85, 1.0]])]), BODY)],
    "group": lambda: [_disc(-0.45, -0.35, 0.34), _disc(0.45, -0.35, 0.34), _arc(-0.45, 0.75, 0.55, 1, 2, BODY), _arc(0.45, 0.75, 0.55, 1, 2, BODY)],
    "gear": lambda: [(_cog(8), BODY), _disc(0, 0, 0.34, HOLE)],
    "lock": lambda: [_arc(0, -0.3, 0.5, 1, 2), _l((-0.5, -0.3), (-0.5, 0)), _l((0.5, -0.3), (0.5, 0)), (rounded(-0.8, -0.05, 0.8, 1), BODY), _i((0, 0.35), (0, 0.6))],
    "search": lambda: [_disc(-0.2, -0.2, 0.7), _disc(-0.2, -0.2, 0.45, HOLE), _l((0.3, 0.3), (0.95, 0.95))],
    "trash": lambda: [_l((-0.85, -0.7), (0.85, -0.7)), _l((-0.3, -0.72), (-0.25, -0.95), (0.25, -0.95), (0.3, -0.72)), _b((-0.7, -0.6), (0.7, -0.6), (0.58, 1), (-0.58, 1)), *[_i((x, -0.3), (x * 0.9, 0.7)) for x in (-0.3, 0.0, 0.3)]],
    "download": lambda: [_l((0, -1), (0, 0.4)), _l((-0.5, -0.1), (0, 0.42), (0.5, -0.1)), _l((-0.9, 0.4), (-0.9, 0.9), (0.9, 0.9), (0.9, 0.4))],
    "arrow": lambda: [_l((-0.95, 0), (0.9, 0)), _l((0.3, -0.6), (0.92, 0), (0.3, 0.6))],
    "arrow block": lambda: [_b((-1, -0.3), (0.1, -0.3), (0.1, -0.8), (1, 0), (0.1, 0.8), (0.1, 0.3), (-1, 0.3))],
    "chevron": lambda: [_l((-0.4, -0.8), (0.45, 0), (-0.4, 0.8))],
    "chevrons": lambda: [_l((-0.7, -0.7), (0.0, 0), (-0.7, 0.7)), _l((0.1, -0.7), (0.8, 0), (0.1, 0.7))],
    "swap": lambda: [_l((-0.9, -0.4), (0.9, -0.4)), _l((0.45, -0.8), (0.9, -0.4), (0.45, 0)), _l((0.9, 0.4), (-0.9, 0.4)), _l((-0.45, 0), (-0.9, 0.4), (-0.45, 0.8))],
    "turn": lambda: [_arc(0, 0, 0.8, -0.3, 1.4), _l((0.2, -0.9), (0.5, -0.62), (0.15, -0.35))],
    "play": lambda: [_b((-0.65, -0.9), (0.95, 0), (-0.65, 0.9))],
    "pause": lambda: [(rounded(-0.65, -0.85, -0.15, 0.85, 0.1), BODY), (rounded(0.15, -0.85, 0.65, 0.85, 0.1), BODY)],
    "skip": lambda: [_b((-0.9, -0.7), (0, 0), (-0.9, 0.7)), _b((0, -0.7), (0.85, 0), (0, 0.7)), _l((0.92, -0.7), (0.92, 0.7))],
    "volume": lambda: [_b((-0.95, -0.35), (-0.55, -0.35), (-0.05, -0.8), (-0.05, 0.8), (-0.55, 0.35), (-0.95, 0.35)), _arc(0, 0, 0.45, -0.28, 0.28), _arc(0, 0, 0.85, -0.28, 0.28)],
    "microphone": lambda: [(rounded(-0.32, -1, 0.32, 0.3, 0.31), BODY), _arc(0, 0.05, 0.62, 0, 1), _l((0, 0.67), (0, 1)), _l((-0.4, 1), (0.4, 1))],
    "picture": lambda: [(rounded(-1, -0.8, 1, 0.8), BODY), _i((-0.9, 0.6), (-0.35, -0.05), (0.05, 0.35), (0.4, 0.05), (0.9, 0.6)), _disc(0.45, -0.4, 0.15, HOLE)],
    "film": lambda: [(rounded(-1, -0.75, 1, 0.75), BODY), _i((-0.55, -0.7), (-0.55, 0.7)), _i((0.55, -0.7), (0.55, 0.7)), *[_i((s * 0.55, y), (s * 0.95, y)) for s in (-1, 1) for y in (-0.25, 0.25)]],
    "note": lambda: [_disc(-0.5, 0.7, 0.28), _disc(0.55, 0.5, 0.28), _l((-0.26, 0.7), (-0.26, -0.7), (0.8, -0.95), (0.8, 0.5))],
    "heart": lambda: [(_heart(), BODY)],
    "star": lambda: [(_star(), BODY)],
    "bookmark": lambda: [_b((-0.6, -1), (0.6, -1), (0.6, 1), (0, 0.5), (-0.6, 1))],
    "tag": lambda: [_b((-0.95, -0.95), (0, -0.95), (0.95, 0.05), (0.05, 0.95), (-0.95, 0)), _disc(-0.5, -0.5, 0.16, HOLE)],
    "flag": lambda: [_l((-0.8, -1), (-0.8, 1)), (smooth(np.array([[-0.8, -0.9], [-0.1, -0.95], [0.9, -0.85], [0.8, 0.1], [0.0, 0.0], [-0.8, 0.15]]), steps=5), BODY)],
    "pin": lambda: [(np.concatenate([_arc(0, -0.35, 0.65, 0.85, 2.15)[0], np.array([[0, 1.0]])]), BODY), _disc(0, -0.35, 0.25, HOLE)],
    "compass": lambda: [_disc(0, 0, 0.98), (np.array([[0.5, -0.5], [0.15, 0.15], [-0.5, 0.5], [-0.15, -0.15]]), HOLE)],
    "globe": lambda: [_disc(0, 0, 0.98), _i((-0.95, 0), (0.95, 0)), (np.concatenate([oval(0, 0, 0.42, 0.95), oval(0, 0, 0.42, 0.95)[:1]]), INNER)],
    "cloud": lambda: [(_cloud(), BODY)],
    "rain": lambda: [(_cloud() * 0.8 + np.array([0, -0.3]), BODY), *[_l((x, 0.45), (x - 0.15, 0.9)) for x in (-0.4, 0.0, 0.4)]],
    "sun": lambda: [_disc(0, 0, 0.45), *[_l((np.cos(a) * 0.68, np.sin(a) * 0.68), (np.cos(a) * 0.98, np.sin(a) * 0.98)) for a in np.arange(8) * np.pi / 4]],
    "moon": lambda: [(np.concatenate([_arc(0, 0, 0.95, 0.1, 1.5)[0], _arc(0.42, -0.42, 0.72, 1.25, 0.3)[0]]), BODY)],
    "snow": lambda: [_l((-np.cos(a), -np.sin(a)), (np.cos(a), np.sin(a))) for a in np.arange(3) * np.pi / 3 + np.pi / 2],
    "bolt": lambda: [_b((0.15, -1), (-0.65, 0.15), (-0.05, 0.15), (-0.2, 1), (0.65, -0.25), (0.05, -0.25))],
    "battery": lambda: [(rounded(-1, -0.5, 0.8, 0.5), BODY), _l((0.95, -0.2), (0.95, 0.2)), (rounded(-0.8, -0.3, 0.1, 0.3, 0.03), HOLE)],
    "plug": lambda: [_l((-0.3, -1), (-0.3, -0.5)), _l((0.3, -1), (0.3, -0.5)), _b((-0.6, -0.5), (0.6, -0.5), (0.55, 0.1), (0.2, 0.4), (-0.2, 0.4), (-0.55, 0.1)), _l((0, 0.4), (0, 1))],
    "wifi": lambda: [_disc(0, 0.75, 0.16), *[_arc(0, 0.75, r, 1.25, 1.75) for r in (0.5, 0.95, 1.4)]],
    "phone": lambda: [(rounded(-0.55, -1, 0.55, 1, 0.15), BODY), (rounded(-0.42, -0.75, 0.42, 0.65, 0.02), HOLE)],
    "screen": lambda: [(rounded(-1, -0.85, 1, 0.45, 0.1), BODY), (rounded(-0.85, -0.7, 0.85, 0.3, 0.02), HOLE), _l((0, 0.5), (0, 0.9)), _l((-0.45, 0.92), (0.45, 0.92))],
    "database": lambda: [(np.concatenate([_arc(0, -0.7, 0.8, 1, 2)[0] * (1, 0.35) + (0, -0.45), _arc(0, 0.7, 0.8, 0, 1)[0] * (1, 0.35) + (0, 0.45)]), BODY),
                         *[(_arc(0, 0, 0.8, 0, 1)[0] * (1, 0.35) + (0, y), INNER) for y in (-0.65, -0.2, 0.25)]],
    "server": lambda: [part for y in (-0.65, 0.0, 0.65) for part in ((rounded(-0.95, y - 0.27, 0.95, y + 0.27, 0.08), BODY), _i((0.1, y), (0.6, y)), _disc(-0.6, y, 0.08, HOLE))],
    "chip": lambda: [(rounded(-0.65, -0.65, 0.65, 0.65, 0.08), BODY), (rounded(-0.3, -0.3, 0.3, 0.3, 0.03), HOLE), *[_l((x * a - b * y, x * b + a * y), (x * a - b * 0.95, x * b + a * 0.95)) for x in (-0.35, 0.0, 0.35) for a, b in ((1, 0), (0, 1), (-1, 0), (0, -1)) for y in (0.68,)]],
    "cart": lambda: [_l((-1, -0.8), (-0.7, -0.8), (-0.4, 0.4), (0.75, 0.4)), _b((-0.62, -0.5), (0.95, -0.5), (0.75, 0.15), (-0.47, 0.15)), _disc(-0.25, 0.75, 0.17), _disc(0.6, 0.75, 0.17)],
    "bag": lambda: [_b((-0.75, -0.4), (0.75, -0.4), (0.85, 1), (-0.85, 1)), _arc(0, -0.4, 0.4, 1, 2)],
    "card": lambda: [(rounded(-1, -0.7, 1, 0.7), BODY), _i((-1, -0.25), (1, -0.25)), _i((-0.7, 0.3), (-0.2, 0.3))],
    "bars": lambda: [(rounded(x, y, x + 0.42, 0.9, 0.04), BODY) for x, y in ((-0.9, 0.1), (-0.2, -0.4), (0.5, -0.9))],
    "graph": lambda: [_l((-0.95, -0.95), (-0.95, 0.95), (0.95, 0.95)), _l((-0.7, 0.5), (-0.2, -0.1), (0.2, 0.25), (0.85, -0.6))],
    "pie": lambda: [_disc(-0.05, 0.05, 0.9), _i((-0.05, -0.85), (-0.05, 0.05), (0.85, 0.05))],
    "grid": lambda: [(rounded(x, y, x + 0.75, y + 0.75, 0.1), BODY) for x in (-0.9, 0.15) for y in (-0.9, 0.15)],
    "list": lambda: [part for y in (-0.65, 0.0, 0.65) for part in (_disc(-0.8, y, 0.13), _l((-0.4, y), (0.95, y)))],
    "lines": lambda: [_l((-0.9, y), (x, y)) for y, x in ((-0.7, 0.9), (-0.25, 0.4), (0.2, 0.9), (0.65, 0.1))],
    "sliders": lambda: [part for y, x in ((-0.6, 0.3), (0.0, -0.4), (0.6, 0.5)) for part in (_l((-0.95, y), (0.95, y)), _disc(x, y, 0.2))],
    "funnel": lambda: [_b((-0.9, -0.85), (0.9, -0.85), (0.2, 0.1), (0.2, 0.8), (-0.2, 1), (-0.2, 0.1))],
    "code": lambda: [_l((-0.4, -0.6), (-0.95, 0), (-0.4, 0.6)), _l((0.4, -0.6), (0.95, 0), (0.4, 0.6)), _l((0.15, -0.8), (-0.15, 0.8))],
    "terminal": lambda: [(rounded(-1, -0.8, 1, 0.8), BODY), _i((-0.7, -0.4), (-0.25, 0), (-0.7, 0.4)), _i((0.0, 0.4), (0.55, 0.4))],
    "branch": lambda: [_disc(-0.5, -0.75, 0.22), _disc(-0.5, 0.75, 0.22), _disc(0.55, -0.4, 0.22), _l((-0.5, -0.5), (-0.5, 0.5)), _l((0.55, -0.2), (0.4, 0.15), (-0.45, 0.3))],
    "share": lambda: [_disc(0.65, -0.7, 0.26), _disc(-0.65, 0, 0.26), _disc(0.65, 0.7, 0.26), _l((0.65, -0.7), (-0.65, 0), (0.65, 0.7))],
    "shield": lambda: [_SHIELD, _i((-0.35, -0.05), (-0.05, 0.25), (0.4, -0.3))],
    "bell": lambda: [(smooth(np.array([[0, -0.95], [0.6, -0.4], [0.68, 0.3], [0.95, 0.62], [-0.95, 0.62], [-0.68, 0.3], [-0.6, -0.4]])), BODY), _arc(0, 0.72, 0.25, 0, 1)],
    "eye": lambda: [(smooth(np.array([[-1, 0], [-0.5, -0.45], [0, -0.58], [0.5, -0.45], [1, 0], [0.5, 0.45], [0, 0.58], [-0.5, 0.45]])), BODY), _disc(0, 0, 0.28, HOLE)],
    "smile": lambda: [_disc(0, 0, 0.98), *[_disc(x, -0.25, 0.12, HOLE) for x in (-0.35, 0.35)], _arc(0, 0.1, 0.45, 0.1, 0.9, INNER)],
    "frown": lambda: [_disc(0, 0, 0.98), *[_disc(x, -0.25, 0.12, HOLE) for x in (-0.35, 0.35)], _arc(0, 0.65, 0.42, 1.1, 1.9, INNER)],
    "infinity": lambda: [(np.stack([np.sin(t := np.linspace(0, 2 * np.pi, 50)), np.sin(2 * t) * 0.45], axis=1), LINE)],
    "plus": lambda: [_l((0, -0.85), (0, 0.85)), _l((-0.85, 0), (0.85, 0))],
    "cross": lambda: [_l((-0.7, -0.7), (0.7, 0.7)), _l((-0.7, 0.7), (0.7, -0.7))],
    "check": lambda: [_l((-0.9, 0.05), (-0.25, 0.7), (0.95, -0.65))],
    "warning": lambda: [_b((0, -0.95), (1.0, 0.85), (-1.0, 0.85)), _i((0, -0.35), (0, 0.2)), _disc(0, 0.52, 0.1, HOLE)],
    "hourglass": lambda: [_l((-0.7, -1), (0.7, -1)), _l((-0.7, 1), (0.7, 1)), _b((-0.55, -0.9), (0.55, -0.9), (0.08, 0), (0.55, 0.9), (-0.55, 0.9), (-0.08, 0))],
    "leaf": lambda: [(smooth(np.array([[-0.8, 0.6], [-0.7, -0.4], [0.1, -0.7], [0.9, -0.9], [0.8, 0.1], [0.3, 0.7], [-0.3, 0.75]])), BODY), _i((-0.95, 0.95), (-0.2, 0.2), (0.4, -0.3))],
    "dice": lambda: [(rounded(-0.9, -0.9, 0.9, 0.9, 0.2), BODY), *[_disc(x, y, 0.15, HOLE) for x, y in ((-0.45, -0.45), (0.45, 0.45), (0, 0), (0.45, -0.45), (-0.45, 0.45))]],
    "link": lambda: [(np.concatenate([rounded(-1, -0.3, 0.1, 0.3, 0.29), rounded(-1, -0.3, 0.1, 0.3, 0.29)[:1]]), LINE), (np.concatenate([rounded(-0.1, -0.3, 1, 0.3, 0.29), rounded(-0.1, -0.3, 1, 0.3, 0.29)[:1]]), LINE)],
    "pulse": lambda: [_l((-1, 0), (-0.5, 0), (-0.25, -0.7), (0.15, 0.7), (0.4, 0), (1, 0))],
    "walker": lambda: [_disc(0.1, -0.78, 0.2), _l((0.05, -0.45), (0, 0.1), (-0.35, 0.95)), _l((0, 0.1), (0.3, 0.45), (0.4, 0.95)), _l((0.05, -0.4), (-0.4, 0.0)), _l((0.05, -0.4), (0.35, -0.05), (0.6, -0.1))],
    "rest room": lambda: [_disc(0, -0.8, 0.19), (rounded(-0.38, -0.55, 0.38, 0.25, 0.15), BODY), _l((-0.17, 0.1), (-0.17, 1)), _l((0.17, 0.1), (0.17, 1))],
    "no entry": lambda: [_disc(0, 0, 0.98), _i((-0.6, 0), (0.6, 0))],
    "house plug": lambda: [_b((-0.95, 0), (0, -0.9), (0.95, 0)), _b((-0.7, 0.1), (0.7, 0.1), (0.7, 0.95), (-0.7, 0.95)), _i((0, 0.35), (0, 0.75))],
}  # fmt: skip
"""Signs by name."""
