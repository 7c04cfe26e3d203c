"""Flat repeated and abstract grounds, as printed on cloth and wallpaper or put behind slides, for pattern_background."""

from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import WHITE, Color, Points, blend, blur, hsv, noise, oval, pick, smooth, xy
from beam_jobs.demo.draw.fields import cells, turned
from beam_jobs.demo.draw.photo import warp

Palette = list[Color]


def palette(rng: np.random.Generator) -> Palette:
    """Return a ground and four colours that go with it: quiet, warm, dark, pale or loud."""
    hue, kind = rng.random(), int(rng.integers(5))
    if kind == 0:
        return [hsv(hue, s, v) for s, v in ((0.05, 0.98), (0.12, 0.9), (0.2, 0.82), (0.3, 0.7), (0.1, 0.94))]
    if kind == 1:
        tone = hsv(hue, rng.uniform(0, 0.9), rng.uniform(0.05, 0.7))
        pair: Palette = [WHITE, tone, blend(WHITE, tone, 0.5), tone, blend(WHITE, tone, 0.25)]
        return pair if rng.random() < 0.6 else [tone, WHITE, blend(WHITE, tone, 0.5), WHITE, blend(WHITE, tone, 0.75)]
    spread = rng.choice([0.04, 0.12, 0.35])
    low, high = ((0.2, 0.6), (0.5, 1.0), (0.1, 0.4))[kind - 2]
    values = rng.permutation(np.linspace(*((0.1, 0.7), (0.35, 1.0), (0.55, 1.0))[kind - 2], 5))
    return [hsv(hue + rng.normal(0, spread), rng.uniform(low, high), value) for value in values]


def _tiled(w: int, h: int, tile: Image.Image, count: float, *, half: bool) -> Image.Image:
    """Return a motif repeated ``count`` times across, every second column dropped by a half if asked."""
    step = max(round(w / count), 6)
    small = tile.resize((step, step), Image.Resampling.LANCZOS)
    image = Image.new("RGB", (w, h))
    for column in range(w // step + 1):
        for row in range(-1, h // step + 1):
            image.paste(small, (column * step, row * step + (step // 2 if half and column % 2 else 0)))
    return image


def _motif(rng: np.random.Generator, w: int, h: int, p: Palette) -> Image.Image:
    """A rosette, leaves, damask or hearts again and again."""
    side = 240
    tile = Image.new("RGB", (side, side), p[0])
    pen = ImageDraw.Draw(tile)
    kind = int(rng.integers(4))
    for _ in range(int(rng.integers(1, 4))):
        tone, r = pick(rng, p[1:]), side * rng.uniform(0.12, 0.48)
        n = int(rng.choice([3, 4, 5, 6, 8, 12]))
        angle = np.linspace(0, 2 * np.pi, 120)
        if kind == 0:
            reach = r * (0.6 + 0.4 * np.cos(angle * n) * rng.uniform(0.4, 1))
            pen.polygon(xy(np.stack([120 + np.cos(angle) * reach, 120 + np.sin(angle) * reach], axis=1)), fill=tone)
        elif kind == 1:
            for k in range(n):
                turn = 2 * np.pi * k / n + rng.choice([0.0, 0.3])
                pen.polygon(
                    xy(oval(120 + np.cos(turn) * r * 0.55, 120 + np.sin(turn) * r * 0.55, r * 0.5, r * 0.18, turn)),
                    fill=tone,
                )
        elif kind == 2:
            half = smooth(
                np.array([[0, -1], *rng.uniform((0.05, -1), (0.95, 1), (4, 2))[np.argsort(rng.random(4))], [0, 1]]),
                closed=False,
            )
            shape = np.concatenate([half, half[::-1] * [-1, 1]]) * r * 1.1 + 120
            if rng.random() < 0.5:
                pen.polygon(xy(shape), fill=tone)
            pen.line([*xy(shape)], fill=pick(rng, p[1:]), width=int(rng.integers(3, 9)), joint="curve")
        else:
            for spot in rng.uniform(30, 210, (4, 2)):
                pen.polygon(
                    xy(oval(spot[0], spot[1], r * 0.3, r * rng.uniform(0.08, 0.3), rng.uniform(0, 3))),
                    fill=pick(rng, p[1:]),
                )
    if rng.random() < 0.3:
        pen.rectangle([0, 0, side - 1, side - 1], outline=p[1], width=int(rng.integers(2, 14)))
    return _tiled(w, h, tile, rng.uniform(2, 14), half=rng.random() < 0.5)


def _plaid(rng: np.random.Generator, w: int, h: int, p: Palette) -> Image.Image:
    """Tartan, gingham, window panes."""
    period = max(round(w / rng.uniform(1.5, 14)), 8)
    band = np.zeros((period, 3))
    band[:] = p[0]
    for _ in range(int(rng.integers(1, 6))):
        at, wide = int(rng.integers(period)), max(int(period * pick(rng, (0.04, 0.1, 0.25, 0.5))), 1)
        band[at : at + wide] = pick(rng, p[1:])
    line = np.tile(band, (max(w, h) // period + 2, 1))
    y, x = np.mgrid[0:h, 0:w]
    twill = rng.random() < 0.4
    share = np.where((x + y) // 2 % 2 == 0, 0.7, 0.3) if twill else np.full((h, w), 0.5)
    pixels = line[:w][None] * share[..., None] + line[:h][:, None] * (1 - share[..., None])
    return Image.fromarray(pixels.astype(np.uint8))


def _stripes(rng: np.random.Generator, w: int, h: int, p: Palette) -> Image.Image:
    """Stripes of many widths, straight, diagonal, zigzag or wavy."""
    u, v = turned(rng, w, h, rng.choice([0.0, 1.571, 0.785, rng.uniform(0, 3)]))
    if rng.random() < 0.8:
        y, x = np.mgrid[0:h, 0:w] / w
        a = rng.choice([0.0, 1.571, 0.785, rng.uniform(0, 3)])
        u, v = x * np.cos(a) + y * np.sin(a), y * np.cos(a) - x * np.sin(a)
    kind, count = int(rng.integers(4)), rng.uniform(3, 40)
    if kind == 1:
        u = u + np.abs((v * count * 0.5) % 1 - 0.5) * rng.uniform(0.8, 2) / count * 2
    elif kind == 2:
        u = u + np.sin(v * rng.uniform(6, 60)) * rng.uniform(0.2, 0.8) / count
    edges = np.cumsum(rng.choice([0.2, 0.5, 1.0, 1.0] if rng.random() < 0.6 else [1.0], int(rng.choice([2, 2, 4, 9]))))
    index = np.searchsorted(edges, (u * count) % edges[-1], side="right")
    return Image.fromarray(np.array([p[k % 5] for k in range(len(edges) + 1)], dtype=np.uint8)[index])


def _checker(rng: np.random.Generator, w: int, h: int, p: Palette) -> Image.Image:
    """A chequered ground: flat, argyle, in perspective or on moving cloth."""
    y, x = np.mgrid[0:h, 0:w] / w
    n = rng.uniform(4, 16)
    if rng.random() < 0.4:
        x, y = x + y * rng.uniform(0.3, 1.2), y - x * rng.uniform(0, 1.2)
    if rng.random() < 0.4:
        bend = noise(rng, w, h, cells=2, octaves=2) - 0.5
        x, y = x + bend * rng.uniform(0.1, 0.5), y + bend * 0.3
    kind = int(rng.integers(3))
    index = (np.floor(x * n) + np.floor(y * n)) % 2
    if kind == 1:
        index = np.floor(x * n) % 2 + np.floor(y * n) % 2
    elif kind == 2:
        index = (np.floor(x * n) * 3 + np.floor(y * n) * 2) % 5
    image = Image.fromarray(np.array(p, dtype=np.uint8)[index.astype(int)])
    if rng.random() < 0.25:
        far = rng.uniform(0.0, 0.4)
        ground = Image.new("RGB", (w, h), p[4])
        warp(ground, image, np.array([(w * far, 0), (w * (1 - far), 0), (w * 1.4, h), (-w * 0.4, h)]))
        return ground
    return image


def _hexagons(rng: np.random.Generator, w: int, h: int, p: Palette) -> Image.Image:
    """A honeycomb, cubes or outlined hexagons; also fish scales of lines."""
    image = Image.new("RGB", (w * 2, h * 2), p[0])
    pen, r = ImageDraw.Draw(image), w * 2 / rng.uniform(7, 30)
    style, thick = int(rng.integers(4)), max(round(r * rng.uniform(0.04, 0.2)), 1)
    for row in range(int(h * 2 / (r * 1.5)) + 2):
        for column in range(int(w * 2 / (r * 1.732)) + 2):
            x, y = (column + 0.5 * (row % 2)) * r * 1.732, row * r * 1.5
            corner = [(x + r * np.sin(k * np.pi / 3), y + r * np.cos(k * np.pi / 3)) for k in range(6)]
            if style == 0:
                pen.polygon(corner, outline=p[1], width=thick)
            elif style == 1:
                pen.polygon(corner, fill=pick(rng, p), outline=p[0], width=thick)
            elif style == 2:
                for k, tone in enumerate(p[1:4]):
                    pen.polygon([(x, y), *(corner[(2 * k + j) % 6] for j in range(3))], fill=tone)
            else:
                for part in (1.7, 1.2, 0.7, 0.3):
                    pen.ellipse(
                        [x - r * part, y - r * part, x + r * part, y + r * part], fill=p[0], outline=p[1], width=thick
                    )
    return image.reduce(2)


def _lowpoly(rng: np.random.Generator, w: int, h: int, p: Palette) -> Image.Image:
    n = int(rng.integers(4, 14))
    gx, gy = np.meshgrid(np.linspace(-0.1, 1.1, n + 1), np.linspace(-0.1, 1.1, n + 1))
    gx, gy = gx + rng.normal(0, 0.25 / n, gx.shape), gy + rng.normal(0, 0.25 / n, gy.shape)
    image = Image.new("RGB", (w * 2, h * 2), p[0])
    pen = ImageDraw.Draw(image)
    for r in range(n):
        for c in range(n):
            for corners in (((r, c), (r, c + 1), (r + 1, c)), ((r, c + 1), (r + 1, c + 1), (r + 1, c))):
                spot = [(gx[k] * w * 2, gy[k] * h * 2) for k in corners]
                tone = blend(
                    blend(p[1], p[2], (r + c) / 2 / n), pick(rng, (WHITE, p[3], (0, 0, 0))), rng.uniform(0, 0.35)
                )
                pen.polygon(spot, fill=tone, outline=tone)
    return image.reduce(2)


def _threshold(rng: np.random.Generator, w: int, h: int, p: Palette) -> Image.Image:
    """Camouflage, cow and zebra, contour lines, marbled ink."""
    field = noise(rng, w, h, cells=int(rng.integers(3, 9)), octaves=int(rng.integers(1, 5)))
    rank = (np.argsort(np.argsort(field[::4, ::4].ravel())) / field[::4, ::4].size).reshape(field[::4, ::4].shape)
    even = np.asarray(Image.fromarray(rank.astype(np.float32)).resize((w, h), Image.Resampling.BICUBIC)).clip(0, 0.999)
    kind = int(rng.integers(4))
    if kind == 0:
        return Image.fromarray(np.array(p, dtype=np.uint8)[(even * int(rng.integers(2, 6))).astype(int)])
    waves = even * rng.uniform(4, 24)
    if kind == 1:
        return Image.fromarray(np.array(p, dtype=np.uint8)[(waves % 2).astype(int)])
    line = np.exp(-((((waves % 1) - 0.5) / rng.uniform(0.06, 0.25)) ** 2))[..., None]
    ground = np.array(p[0]) * (1 - even[..., None]) + np.array(p[2] if kind == 2 else p[0]) * even[..., None]
    return Image.fromarray((ground * (1 - line) + np.array(p[1]) * line).astype(np.uint8))


def _scattered(rng: np.random.Generator, w: int, h: int, p: Palette) -> Image.Image:
    """Confetti, terrazzo, stars, leopard spots, brush strokes, snow."""
    image = Image.new("RGB", (w * 2, h * 2), p[0])
    pen, kind = ImageDraw.Draw(image), int(rng.integers(6))
    big = w * 2 * rng.uniform(0.008, 0.05)
    for x, y in rng.uniform(-0.05, 1.05, (int(rng.integers(40, 500)), 2)) * (w * 2, h * 2):
        r, tone, turn = big * rng.uniform(0.4, 1.4), pick(rng, p[1:]), rng.uniform(0, 6.3)
        if kind == 0:
            pen.ellipse([x - r, y - r, x + r, y + r], fill=tone)
        elif kind == 1:
            pen.polygon(xy(oval(x, y, r, r * 0.8, turn, 6) + rng.normal(0, r * 0.25, (6, 2))), fill=tone)
        elif kind == 2:
            away = np.where(np.arange(10) % 2 == 0, r, r * 0.4)[:, None]
            pen.polygon(xy(oval(0, 0, 1, 1, turn, 10) * away + (x, y)), fill=tone)
        elif kind == 3:
            pen.arc([x - r, y - r, x + r, y + r], turn * 57, turn * 57 + 230, fill=p[1], width=max(round(r * 0.5), 2))
            pen.ellipse([x - r * 0.4, y - r * 0.4, x + r * 0.4, y + r * 0.4], fill=p[2])
        elif kind == 4:
            line = smooth(np.array([[x, y], [x + r * 2, y + rng.normal(0, r)], [x + r * 4, y]]), closed=False)
            pen.line(xy(line), fill=tone, width=max(round(r * 0.5), 2), joint="curve")
        else:
            pen.line(
                [x, y, x + np.cos(turn) * r * 3, y + np.sin(turn) * r * 3], fill=tone, width=max(round(r * 0.2), 1)
            )
    return image.reduce(2)


def _halftone(rng: np.random.Generator, w: int, h: int, p: Palette) -> Image.Image:
    u, v = turned(rng, w, h, rng.uniform(0, 1.5))
    n = rng.uniform(15, 60)
    y, x = np.mgrid[0:h, 0:w] / max(w, h)
    size = pick(rng, (x, y, np.hypot(x - 0.5, y - 0.5) * 1.4, noise(rng, w, h, cells=2, octaves=1)))
    away = np.hypot((u * n) % 1 - 0.5, (v * n) % 1 - 0.5)
    dot = np.clip((size * rng.uniform(0.4, 0.75) - away) * 6 + 0.5, 0, 1)[..., None]
    return Image.fromarray((np.array(p[0]) * (1 - dot) + np.array(p[1]) * dot).astype(np.uint8))


def _rays(rng: np.random.Generator, w: int, h: int, p: Palette) -> Image.Image:
    """Sunbursts, spirals, rings and webs from one point."""
    cx, cy = pick(rng, ((0.5, 0.5), (0.5, 1.0), (rng.random(), rng.random())))
    y, x = np.mgrid[0:h, 0:w] / w
    angle, far = np.arctan2(y - cy * h / w, x - cx), np.hypot(x - cx, y - cy * h / w)
    n, kind = int(rng.integers(6, 30)), int(rng.integers(4))
    if kind == 3:
        turn = (angle / 2 / np.pi * n) % 1
        sag = far * (1 - 0.18 * np.sin(np.pi * turn))
        web = np.maximum(
            np.exp(-((np.minimum(turn, 1 - turn) * far * 300 / n) ** 2) * 4),
            np.exp(-((((sag * rng.uniform(12, 30)) % 1 - 0.5) / 0.06) ** 2)),
        )[..., None]
        ground = (
            np.asarray(blur(Image.fromarray((noise(rng, w, h, cells=4, octaves=3) * 255).astype(np.uint8)), 6)) / 255
        )
        dark = np.array(blend(p[0], (10, 14, 10), 0.6)) * (0.5 + ground[..., None])
        return Image.fromarray(
            np.clip(dark * (1 - web) + np.array(blend(p[1], WHITE, 0.6)) * web, 0, 255).astype(np.uint8)
        )
    index = angle / 2 / np.pi * n if kind == 0 else far * n if kind == 1 else angle / 2 / np.pi * 6 + far * n * 0.6
    share = np.clip(far * rng.uniform(0, 1.2), 0, 0.8)[..., None]
    pixels = np.array(p[:2], dtype=np.float64)[(np.floor(index) % 2).astype(int)]
    return Image.fromarray((pixels * (1 - share) + np.array(p[2]) * share).astype(np.uint8))


def _lattice(rng: np.random.Generator, w: int, h: int, p: Palette) -> Image.Image:
    """Trellis, Greek keys, Truchet arcs, herringbone, grid paper and interlaced rings."""
    image = Image.new("RGB", (w * 2, h * 2), p[0])
    pen, s, kind = ImageDraw.Draw(image), w * 2 / float(rng.integers(5, 26)), int(rng.integers(6))
    t = max(round(s * rng.uniform(0.05, 0.3)), 1)
    for row in range(-1, int(h * 2 / s) + 2):
        for column in range(-1, int(w * 2 / s) + 2):
            x, y = column * s, row * s
            if kind == 0:
                pen.line([x, y, x + s, y + s], fill=p[1], width=t)
                pen.line([x + s, y, x, y + s], fill=p[2 if t % 2 else 1], width=t)
            elif kind == 1:
                key = np.array([[0, 1], [0, 0], [0.8, 0], [0.8, 0.7], [0.4, 0.7], [0.4, 0.35]]) * s + (x, y)
                pen.line([*xy(key)], fill=p[1], width=max(round(s * 0.12), 1))
            elif kind == 2:
                flip = rng.random() < 0.5
                for ox, oy in ((0, 0), (1, 1)) if flip else ((1, 0), (0, 1)):
                    pen.ellipse(
                        [x + (ox - 0.5) * s, y + (oy - 0.5) * s, x + (ox + 0.5) * s, y + (oy + 0.5) * s],
                        outline=p[1],
                        width=t,
                    )
            elif kind == 3:
                up = (row + column) % 2
                a, b = (0, 1) if up else (1, 0)
                pen.polygon(
                    [(x, y + a * s), (x + s, y + b * s), (x + s, y + b * s + s * 0.8), (x, y + a * s + s * 0.8)],
                    fill=p[1 + (column % 2)],
                )
            elif kind == 4:
                pen.rectangle([x, y, x + s, y + s], outline=p[1], width=max(round(s * 0.04), 1))
            else:
                pen.ellipse([x - s * 0.7, y - s * 0.7, x + s * 0.7, y + s * 0.7], outline=p[1], width=t)
    return image.reduce(2)


def _glass(rng: np.random.Generator, w: int, h: int, p: Palette) -> Image.Image:
    """Stained glass, mosaics and giraffe skin: coloured cells in a net."""
    near, far, owner = cells(rng, w, h, rng.uniform(4, 22), stretch=rng.uniform(0.7, 1.4))
    pixels = np.array(p[1:], dtype=np.float64)[owner.astype(int) * 7 % 4]
    net = (np.clip((far - near) / rng.uniform(0.05, 0.3), 0, 1) ** 2)[..., None]
    return Image.fromarray((pixels * net + np.array(p[0]) * (1 - net)).astype(np.uint8))


ORNAMENTS: Mapping[str, Callable[[np.random.Generator, int, int, Palette], Image.Image]] = {
    "motif": _motif, "plaid": _plaid, "stripes": _stripes, "checker": _checker, "hexagons": _hexagons,
    "lowpoly": _lowpoly, "threshold": _threshold, "scattered": _scattered, "halftone": _halftone, "rays": _rays,
    "lattice": _lattice, "glass": _glass,
}  # fmt: skip


def ornament(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """Return a flat pattern of any kind in five colours, clean, or worn as on cloth and old paper."""
    names = list(ORNAMENTS)
    image = ORNAMENTS[names[int(rng.integers(len(names)))]](rng, width, height, palette(rng))
    if rng.random() < 0.35:
        worn = noise(rng, width, height, cells=int(rng.choice([2, 30, 80])), octaves=3)[..., None]
        deep: Points = 1 + (worn - 0.5) * rng.uniform(0.1, 0.8)
        image = Image.fromarray(np.clip(np.asarray(image) * deep, 0, 255).astype(np.uint8))
    return image
