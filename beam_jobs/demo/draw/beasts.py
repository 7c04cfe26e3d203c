"""Animals of limbs in three dimensions: dogs, cats, horses, cows, elephants, rabbits, birds and more."""

from dataclasses import dataclass

import numpy as np

from beam_jobs.demo.draw.canvas import Color, Points, blend, hsv, pick
from beam_jobs.demo.draw.relief import Field, Paint, Relief, cloud, mixed, mottle

DARK: Color = (22, 18, 18)


class Rig:
    """A body's own axes (ahead, up, to the left; the unit is its height) seen by the eye from one side."""

    def __init__(self, relief: Relief, at: tuple[float, float], unit: float, turn: float, tilt: float = 0.0) -> None:
        """``at`` is the foot point in pixels, ``unit`` pixels a unit, ``turn`` 0 looks right, π/2 at the eye."""
        self.relief, self.at, self.unit = relief, at, unit
        self._cos, self._sin, self._tilt = np.cos(turn), np.sin(turn), tilt

    def spot(self, point: tuple[float, float, float] | Points) -> Points:
        """Return where a point lies: x, y and z in pixels."""
        ahead, up, left = (float(v) for v in point)
        x = ahead * self._cos - left * self._sin
        z = ahead * self._sin + left * self._cos
        y = up * np.cos(self._tilt) - z * np.sin(self._tilt)
        return np.array([self.at[0] + x * self.unit, self.at[1] - y * self.unit, z * self.unit])

    def limb(
        self, start: tuple[float, float, float], end: tuple[float, float, float], radii: tuple[float, float],
        paint: Paint, depth: float = 1.0,
    ) -> None:  # fmt: skip
        """Add a tapered rod."""
        a, b = radii
        self.relief.limb(self.spot(start), self.spot(end), (a * self.unit, b * self.unit), paint, depth=depth)

    def ball(self, at: tuple[float, float, float], radius: float, paint: Paint) -> None:
        """Add a ball."""
        self.limb(at, at, (radius, radius), paint)

    def chain(self, points: list[tuple[float, float, float]], radii: tuple[float, float], paint: Paint) -> None:
        """Add rods from point to point."""
        self.relief.chain([self.spot(point) for point in points], (radii[0] * self.unit, radii[1] * self.unit), paint)


@dataclass(frozen=True)
class Coat:
    """Paints of an animal: most of it, its belly and muzzle, its extremities, and its eyes."""

    main: Paint
    pale: Paint
    ends: Paint
    eye: Color


_FURS: tuple[Color, ...] = (
    (206, 160, 104), (166, 110, 62), (112, 72, 46), (60, 46, 40), (38, 34, 36), (236, 226, 210), (220, 190, 150),
    (150, 146, 142), (96, 94, 98), (214, 132, 62), (246, 242, 236), (140, 90, 50),
)  # fmt: skip


def coat(rng: np.random.Generator, size: tuple[int, int], kind: str, unit: float) -> Coat:
    """Return the coat of a kind of animal; ``unit`` is its height in pixels."""
    base = pick(rng, {
        "elephant": ((128, 120, 114), (146, 130, 116), (110, 106, 106)),
        "horse": ((120, 66, 36), (80, 46, 30), (44, 34, 32), (200, 150, 96), (220, 216, 210), (150, 84, 44)),
        "cow": ((240, 236, 228), (120, 66, 40), (60, 44, 38), (200, 150, 100)),
        "sheep": ((232, 224, 206), (214, 200, 176), (246, 242, 232)),
        "bear": ((78, 52, 36), (44, 36, 34), (240, 236, 224), (120, 84, 54)),
        "lion": ((206, 160, 98), (190, 140, 84)),
        "tiger": ((222, 134, 54), (206, 116, 46)),
        "zebra": ((238, 234, 226),),
        "giraffe": ((226, 192, 134),),
        "deer": ((160, 104, 62), (140, 92, 60)),
        "fox": ((206, 104, 44), (190, 90, 40)),
        "pig": ((232, 176, 164), (222, 160, 150)),
        "rabbit": ((196, 170, 140), (240, 236, 230), (130, 112, 98), (90, 84, 84)),
    }.get(kind, _FURS))  # fmt: skip
    main: Paint = mottle(rng, size, base, 0.25, 6)
    pale: Paint = blend(base, (250, 244, 234), rng.uniform(0.2, 0.8))
    ends: Paint = blend(base, DARK, rng.choice([0.0, 0.2, 0.6]))
    if kind in ("tiger", "zebra") or (kind == "cat" and rng.random() < 0.5):
        main = mixed(main, blend(base, DARK, 0.9 if kind != "cat" else 0.55), _stripes(rng, size, unit, kind))
    elif kind == "giraffe":
        main = mixed((236, 214, 170), (160, 96, 48), _patches(rng, size, unit))
    elif kind in ("cow", "dog", "cat", "rabbit", "horse", "pig") and rng.random() < (0.75 if kind == "cow" else 0.3):
        cells = max(int(size[0] / unit * 2.2), 2)
        blot = (cloud(rng, size, cells) - float(rng.uniform(0.45, 0.6))) * 30
        main = mixed(main, pick(rng, (DARK, (120, 70, 40), (250, 246, 240), (180, 120, 70))), blot)
    elif kind in ("dog", "cat", "fox") and rng.random() < 0.4:
        pale = (244, 238, 228)
    eye = pick(rng, ((60, 38, 22), (30, 22, 18), (90, 60, 26)))
    if kind == "cat":
        eye = pick(rng, ((196, 170, 60), (120, 160, 80), (90, 150, 190), (190, 120, 40)))
    return Coat(main, pale, ends, eye)


def _stripes(rng: np.random.Generator, size: tuple[int, int], unit: float, kind: str) -> Field:
    width, height = size
    x, y = np.arange(width)[None, :], np.arange(height)[:, None]
    bend = cloud(rng, size, 6) * unit * rng.uniform(0.12, 0.3)
    wide = unit * {"zebra": 0.085, "tiger": 0.1}.get(kind, 0.075)
    wave = np.sin((x + y * 0.25 + bend) * 2 * np.pi / wide)
    stripes: Field = ((wave - {"zebra": 0.0, "tiger": 0.45}.get(kind, 0.3)) * 3).astype(np.float32)
    return stripes


def _patches(rng: np.random.Generator, size: tuple[int, int], unit: float) -> Field:
    """Cells of a honeycomb gone wild."""
    width, height = size
    step = unit * 0.085
    x = np.arange(width)[None, :] + cloud(rng, size, 24) * step * 1.2
    y = np.arange(height)[:, None] + cloud(rng, size, 24) * step * 1.2
    wave = np.abs(np.sin(x * np.pi / step)) * np.abs(np.sin((y + step * 0.5 * (np.floor(x / step) % 2)) * np.pi / step))
    cells: Field = ((wave - 0.24) * 9).astype(np.float32)
    return cells


@dataclass(frozen=True)
class Build:
    """Measures of a four-legged animal in units of its height at the shoulder."""

    long: float = 1.05
    leg: float = 0.5
    leg_wide: float = 0.06
    chest: float = 0.25
    hip: float = 0.21
    neck: float = 0.3
    neck_wide: float = 0.14
    head: float = 0.17
    snout: float = 0.2
    snout_wide: float = 0.09
    ears: str = "hang"
    tail: str = "up"
    tail_long: float = 0.5


BUILDS: dict[str, Build] = {
    "dog": Build(),
    "wolf": Build(ears="point", tail="hang", snout=0.22, snout_wide=0.075),
    "cat": Build(long=1.15, leg=0.45, leg_wide=0.055, chest=0.22, hip=0.21, neck=0.16, head=0.2, snout=0.08,
                 snout_wide=0.09, ears="point", tail="up", tail_long=0.75),
    "horse": Build(long=1.0, leg=0.56, leg_wide=0.05, chest=0.23, hip=0.22, neck=0.5, neck_wide=0.12, head=0.115,
                   snout=0.3, snout_wide=0.07, ears="small", tail="brush", tail_long=0.5),
    "zebra": Build(long=1.0, leg=0.52, leg_wide=0.05, chest=0.24, hip=0.23, neck=0.42, neck_wide=0.13, head=0.12,
                   snout=0.27, snout_wide=0.075, ears="small", tail="brush", tail_long=0.42),
    "cow": Build(long=1.3, leg=0.42, leg_wide=0.065, chest=0.3, hip=0.28, neck=0.3, neck_wide=0.17, head=0.14,
                 snout=0.24, snout_wide=0.1, ears="side", tail="brush", tail_long=0.5),
    "sheep": Build(long=1.05, leg=0.36, leg_wide=0.045, chest=0.34, hip=0.34, neck=0.26, neck_wide=0.15, head=0.12,
                   snout=0.16, snout_wide=0.075, ears="side", tail="none"),
    "elephant": Build(long=1.05, leg=0.42, leg_wide=0.12, chest=0.36, hip=0.36, neck=0.22, neck_wide=0.24, head=0.23,
                      snout=0.0, snout_wide=0.12, ears="fan", tail="brush", tail_long=0.35),
    "bear": Build(long=1.15, leg=0.38, leg_wide=0.11, chest=0.34, hip=0.36, neck=0.22, neck_wide=0.22, head=0.19,
                  snout=0.17, snout_wide=0.1, ears="round", tail="none"),
    "lion": Build(long=1.25, leg=0.45, leg_wide=0.075, chest=0.27, hip=0.22, neck=0.24, neck_wide=0.2, head=0.17,
                  snout=0.15, snout_wide=0.1, ears="round", tail="brush", tail_long=0.7),
    "tiger": Build(long=1.35, leg=0.44, leg_wide=0.08, chest=0.26, hip=0.24, neck=0.2, neck_wide=0.18, head=0.17,
                   snout=0.13, snout_wide=0.1, ears="round", tail="hang", tail_long=0.8),
    "giraffe": Build(long=0.8, leg=0.62, leg_wide=0.045, chest=0.22, hip=0.18, neck=1.0, neck_wide=0.1, head=0.085,
                     snout=0.2, snout_wide=0.05, ears="side", tail="brush", tail_long=0.4),
    "deer": Build(long=1.0, leg=0.56, leg_wide=0.04, chest=0.2, hip=0.19, neck=0.4, neck_wide=0.09, head=0.1,
                  snout=0.18, snout_wide=0.055, ears="side", tail="none"),
    "fox": Build(long=1.2, leg=0.45, leg_wide=0.05, chest=0.2, hip=0.18, neck=0.2, neck_wide=0.13, head=0.16,
                 snout=0.2, snout_wide=0.05, ears="point", tail="bush", tail_long=0.8),
    "pig": Build(long=1.3, leg=0.3, leg_wide=0.07, chest=0.34, hip=0.34, neck=0.16, neck_wide=0.26, head=0.22,
                 snout=0.22, snout_wide=0.1, ears="point", tail="none"),
}  # fmt: skip


def four_legged(rng: np.random.Generator, rig: Rig, kind: str, fur: Coat, pose: str) -> None:
    """Build a four-legged animal on its feet; pose: "stand", "sit", "lie" or "graze"."""
    build = BUILDS[kind]
    back = build.leg + (build.chest * 0.75)
    half = build.long / 2
    low = {"lie": -build.leg * 0.82}.get(pose, 0.0)
    chest, hip = (half - build.chest, back + low, 0.0), (-half + build.hip, back + low, 0.0)
    if pose == "sit":
        chest, hip = (0.18, back + 0.06, 0.0), (-half * 0.45, build.hip * 0.95, 0.0)
    rig.limb(chest, hip, (build.chest, build.hip), fur.main)
    rig.limb((chest[0], chest[1] - build.chest * 0.35, 0), (hip[0] * 0.6, hip[1] - build.hip * 0.3, 0),
             (build.chest * 0.7, build.hip * 0.6), fur.pale if kind not in ("elephant", "cow") else fur.main)  # fmt: skip
    _legs(rng, rig, build, fur, pose, chest, hip)
    if kind == "sheep":
        for _ in range(60):
            angle, along = rng.uniform(0, 2 * np.pi), rng.uniform(0, 1)
            x = chest[0] + (hip[0] - chest[0]) * along
            at = (x, chest[1] + np.sin(angle) * build.chest * 0.95, np.cos(angle) * build.chest * 0.95)
            rig.ball(at, rng.uniform(0.06, 0.1), fur.main)
    rise = 1.2 if pose == "sit" else {"giraffe": 1.15, "horse": 0.85, "zebra": 0.7, "deer": 1.0}.get(kind, 0.65)
    if pose == "graze":
        rise = -0.75
    rise += rng.normal(0, 0.1)
    start = (chest[0] + build.chest * 0.35, chest[1] + build.chest * 0.35, 0.0)
    skull = (start[0] + np.cos(rise) * build.neck, start[1] + np.sin(rise) * build.neck, 0.0)
    rig.limb(start, skull, (build.neck_wide * 1.25, build.neck_wide * 0.85), fur.main)
    nod = -0.35 + (rise * 0.3 if pose == "graze" else 0.0) - {"horse": 0.5, "zebra": 0.5, "cow": 0.35}.get(kind, 0.0)
    _head(rig, kind, build, fur, skull, nod, rng.choice([-0.6, 0.0, 0.3, 0.7, 1.1]) if pose != "graze" else 0.0)
    if kind in ("horse", "zebra", "lion"):
        _mane(rng, rig, kind, build, start, skull)
    _tail(rng, rig, build, fur, hip, pose)


def _legs(
    rng: np.random.Generator, rig: Rig, build: Build, fur: Coat, pose: str,
    chest: tuple[float, float, float], hip: tuple[float, float, float],
) -> None:  # fmt: skip
    wide = build.leg_wide
    for side in (-1, 1):
        apart = side * build.chest * 0.55
        if pose == "lie":
            rig.limb((chest[0], 0.12, apart), (chest[0] + 0.35, wide, apart), (wide * 1.3, wide), fur.main)
            rig.limb((hip[0], 0.18, apart * 1.2), (hip[0] + 0.22, wide, apart * 1.5), (build.hip * 0.7, wide), fur.main)
            continue
        swing = rng.normal(0, 0.09)
        knee = (chest[0] + swing * 0.5, build.leg * 0.52, apart)
        foot = (chest[0] + swing, wide * 0.9, apart)
        rig.limb((chest[0], chest[1] - build.chest * 0.2, apart * 0.8), knee, (wide * 2.0, wide * 1.15), fur.main)
        rig.limb(knee, foot, (wide * 1.05, wide * 0.9), fur.ends)
        rig.limb(foot, (foot[0] + wide * 0.9, wide * 0.7, apart), (wide, wide * 0.8), fur.ends)
        if pose == "sit":
            rig.limb(hip, (hip[0] + 0.16, 0.2, side * build.hip), (build.hip * 0.75, build.hip * 0.5), fur.main)
            rig.limb(
                (hip[0] + 0.1, wide, side * build.hip), (hip[0] + 0.34, wide, side * build.hip), (wide, wide), fur.ends
            )
            continue
        swing = rng.normal(0, 0.09)
        hock = (hip[0] - 0.08 + swing, build.leg * 0.45, apart)
        foot = (hip[0] - 0.02 + swing, wide * 0.9, apart)
        rig.limb((hip[0], hip[1] - build.hip * 0.1, apart * 0.8), hock, (build.hip * 0.7, wide * 1.1), fur.main)
        rig.limb(hock, foot, (wide, wide * 0.9), fur.ends)
        rig.limb(foot, (foot[0] + wide * 0.9, wide * 0.7, apart), (wide, wide * 0.8), fur.ends)


def _head(
    rig: Rig, kind: str, build: Build, fur: Coat, at: tuple[float, float, float], nod: float,
    look: float,
) -> None:  # fmt: skip
    """Skull, snout, nose, eyes and ears; ``nod`` turns up, ``look`` to the animal's left (radians)."""
    ahead = np.array([np.cos(nod) * np.cos(look), np.sin(nod), np.cos(nod) * np.sin(look)])
    side = np.array([-np.sin(look), 0.0, np.cos(look)])
    up = np.cross(side, ahead)
    up = up if up[1] > 0 else -up
    r = build.head

    def to(forward: float, upward: float, sideways: float) -> tuple[float, float, float]:
        x, y, z = np.asarray(at) + ahead * forward + up * upward + side * sideways
        return float(x), float(y), float(z)

    rig.ball(at, r, fur.main)
    if kind == "elephant":
        trunk = [to(r * 0.7, -r * 0.1, 0), to(r * 1.3, -r * 1.2, 0), to(r * 1.3, -r * 2.4, 0), to(r * 1.6, -r * 3.2, 0)]
        rig.chain(trunk, (r * 0.5, r * 0.22), fur.main)
        for hand in (-1, 1):
            rig.limb(
                to(r * 0.8, -r * 0.6, hand * r * 0.45),
                to(r * 1.6, -r * 1.2, hand * r * 0.55),
                (r * 0.14, r * 0.06),
                (240, 232, 210),
            )
            for drop in (-0.2, -0.75, -1.2):
                rig.limb(to(-r * 0.1, r * 0.5 + drop * r * 0.2, hand * r * 0.9),
                         to(-r * 0.9, drop * r, hand * r * (2.0 + drop * 0.4)), (r * 0.4, r * 0.35), fur.main, 0.4)  # fmt: skip
    else:
        tip = build.snout
        rig.limb(
            to(r * 0.5, -r * 0.25, 0),
            to(r * 0.6 + tip, -r * 0.4, 0),
            (build.snout_wide * 1.3, build.snout_wide * 0.8),
            fur.pale,
        )
        rig.ball(to(r * 0.6 + tip + build.snout_wide * 0.6, -r * 0.25, 0), build.snout_wide * 0.45,
                 (230, 150, 140) if kind == "pig" else (40, 30, 30))  # fmt: skip
    for hand in (-1, 1):
        rig.ball(to(r * 0.72, r * 0.22, hand * r * 0.52), r * 0.2, DARK)
        rig.ball(to(r * 0.8, r * 0.26, hand * r * 0.55), r * 0.15, fur.eye)
        root, out = to(-r * 0.2, r * 0.75, hand * r * 0.55), hand * r
        if build.ears == "point":
            rig.limb(root, to(-r * 0.2, r * 1.6, out * 0.75), (r * 0.42, r * 0.06), fur.ends)
        elif build.ears == "hang":
            rig.limb(
                to(-r * 0.2, r * 0.5, out * 0.85), to(-r * 0.1, -r * 0.6, out * 1.15), (r * 0.3, r * 0.36), fur.ends
            )
        elif build.ears == "round":
            rig.ball(to(-r * 0.3, r * 0.85, out * 0.75), r * 0.32, fur.main)
        elif build.ears == "small":
            rig.limb(root, to(-r * 0.3, r * 1.5, out * 0.5), (r * 0.22, r * 0.08), fur.main)
        elif build.ears == "side":
            rig.limb(to(-r * 0.2, r * 0.6, out * 0.7), to(-r * 0.5, r * 0.6, out * 1.8), (r * 0.28, r * 0.12), fur.main)
        if (kind == "cow" and r) or kind in ("deer", "giraffe"):
            tall = {"deer": 2.4, "giraffe": 1.0}.get(kind, 0.9)
            rig.limb(to(0, r * 0.8, out * 0.45), to(-r * 0.4, r * (0.8 + tall), out * (1.5 if kind != "giraffe" else 0.6)),
                     (r * 0.13, r * 0.07), (210, 196, 170))  # fmt: skip
            if kind == "deer":
                for rung in (0.4, 0.75):
                    base = to(-r * 0.4 * rung, r * (0.8 + tall * rung), out * (0.45 + 1.05 * rung))
                    rig.limb(
                        base,
                        to(r * 0.4, r * (1.5 + tall * rung), out * (0.6 + rung)),
                        (r * 0.1, r * 0.05),
                        (210, 196, 170),
                    )


def _mane(
    rng: np.random.Generator, rig: Rig, kind: str, build: Build,
    start: tuple[float, float, float], skull: tuple[float, float, float],
) -> None:  # fmt: skip
    a, b = np.asarray(start), np.asarray(skull)
    tone = (60, 40, 26) if kind == "lion" else pick(rng, ((30, 24, 22), (70, 46, 30), (220, 200, 170)))
    if kind == "lion":
        tone = pick(rng, ((130, 74, 34), (90, 56, 32), (170, 110, 56)))
        for _ in range(46):
            angle = rng.uniform(0, 2 * np.pi)
            out = np.array([-0.12, np.sin(angle) * 0.22, np.cos(angle) * 0.22])
            root = b + out * 0.75
            tip = b + out * rng.uniform(1.1, 1.6) + np.array([-0.08, -0.1, 0])
            shade = blend(tone, DARK, rng.uniform(0, 0.35))
            rig.limb(tuple(root.tolist()), tuple(tip.tolist()), (0.075, 0.03), shade)
        return
    for share in np.linspace(0.05, 1.05, 12):
        root = a + (b - a) * share + np.array([-build.neck_wide * 0.75, build.neck_wide * 0.6, 0])
        tip = root + np.array([-0.02, -0.14, rng.choice([-1, 1]) * 0.08])
        rig.limb(tuple(root.tolist()), tuple(tip.tolist()), (0.045, 0.02), tone)


def _tail(
    rng: np.random.Generator, rig: Rig, build: Build, fur: Coat, hip: tuple[float, float, float], pose: str
) -> None:
    if build.tail == "none":
        return
    root = (hip[0] - build.hip * 0.8, hip[1] + build.hip * 0.45, 0.0)
    if pose == "sit":
        root = (hip[0] - build.hip * 0.8, 0.1, 0.0)
    long, bend = build.tail_long, rng.normal(0, 0.12)
    up = {"up": 0.8, "hang": -0.8, "brush": -1.0, "bush": -0.3}[build.tail] if pose == "stand" else -0.05
    middle = (root[0] - long * 0.35, max(root[1] + up * long * 0.4, 0.06), bend)
    tip = (root[0] - long * (0.45 if abs(up) > 0.5 else 0.8), max(root[1] + up * long, 0.05), bend * 2)
    thick = {"bush": 0.13, "brush": 0.03}.get(build.tail, 0.05)
    rig.chain([root, middle, tip], (thick * 0.8, thick * (1.0 if build.tail == "bush" else 0.7)), fur.main)
    if build.tail == "brush":
        rig.limb(middle, tip, (0.03, 0.06), blend((60, 44, 34), DARK, 0.4))


def some_fur(rng: np.random.Generator) -> Color:
    """Return a colour that fur or feathers have."""
    return pick(rng, _FURS) if rng.random() < 0.6 else hsv(rng.random(), rng.uniform(0.3, 0.9), rng.uniform(0.3, 0.9))
