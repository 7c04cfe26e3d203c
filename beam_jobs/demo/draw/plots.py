"""More charts: the manners of plotting programs, facets, boxes, violins, ridges, heat maps, matrices, radar, 3-D, areas."""

from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import (
    INK,
    WHITE,
    Color,
    blend,
    extent,
    font,
    font_folder,
    hsv,
    pick,
    sheet,
    shrink,
    words,
)

_MAPS = ("viridis", "magma", "coolwarm", "Blues", "YlOrRd", "Spectral", "RdYlGn", "Greys", "cividis", "Set2", "jet")


def _box(axes: Any, rng: np.random.Generator, colors: list[Any]) -> None:
    data = [rng.normal(rng.uniform(0, 5), rng.uniform(0.3, 2), 40) for _ in range(int(rng.integers(2, 7)))]
    if rng.random() < 0.5:
        parts = axes.boxplot(data, patch_artist=True, widths=0.6)["boxes"]
    else:
        parts = axes.violinplot(data, widths=0.8, points=40)["bodies"]
    for part, color in zip(parts, colors * 2, strict=False):
        part.set_facecolor(color)
        part.set_alpha(0.85)


def _ridge(axes: Any, rng: np.random.Generator, colors: list[Any]) -> None:
    x = np.linspace(0, 10, 80)
    for k in range(int(rng.integers(3, 10)), 0, -1):
        y = sum(rng.uniform(0.3, 1) * np.exp(-((x - rng.uniform(1, 9)) ** 2) / rng.uniform(0.5, 4)) for _ in range(3))
        axes.fill_between(x, k, k + 1.6 * y, facecolor=colors[k % len(colors)], edgecolor="white", alpha=0.9, zorder=-k)


def _heat(axes: Any, rng: np.random.Generator, colors: list[Any]) -> None:
    rows, columns = rng.integers(4, 20, 2)
    kind, cmap = int(rng.integers(3)), pick(rng, _MAPS)
    field = rng.normal(0, 1, (rows, columns))
    if kind == 0:
        axes.imshow(field, cmap=cmap, aspect="auto")
    elif kind == 1:
        axes.pcolormesh(field.cumsum(0), cmap=cmap, edgecolors="white", linewidth=0.5)
    else:
        axes.contourf(field.cumsum(0).cumsum(1), cmap=cmap, levels=10)


def _scatter(axes: Any, rng: np.random.Generator, colors: list[Any]) -> None:
    for k in range(int(rng.integers(1, 5))):
        x = rng.normal(rng.uniform(0, 6), rng.uniform(0.5, 2), int(rng.integers(15, 150)))
        y = x * rng.uniform(-1, 1) + rng.normal(0, 1, len(x))
        axes.scatter(x, y, s=rng.uniform(2, 120, len(x)) if rng.random() < 0.2 else rng.uniform(3, 30), color=colors[k], alpha=rng.uniform(0.3, 1),
                     marker=pick(rng, "oos^x"))  # fmt: skip
    if rng.random() < 0.4:
        t = np.linspace(x.min(), x.max(), 20)
        axes.plot(t, np.polyval(np.polyfit(x, y, 1), t), color="#3366ff", linewidth=2)
        axes.fill_between(
            t,
            np.polyval(np.polyfit(x, y, 1), t) - 0.5,
            np.polyval(np.polyfit(x, y, 1), t) + 0.5,
            color="grey",
            alpha=0.3,
        )


def _lines(axes: Any, rng: np.random.Generator, colors: list[Any]) -> None:
    count, step = int(rng.integers(6, 120)), rng.random() < 0.15
    for k in range(int(rng.integers(1, 7))):
        y = np.cumsum(rng.normal(0, 1, count))
        axes.plot(y, color=colors[k], linewidth=rng.uniform(0.6, 3), drawstyle="steps" if step else "default",
                  linestyle=pick(rng, ("-", "-", "--", ":")), marker=pick(rng, (None, None, "o", "s")), markersize=3, label=words(rng, 1))  # fmt: skip
        if rng.random() < 0.25:
            axes.fill_between(np.arange(count), y - 1, y + 1, color=colors[k], alpha=0.25)


def _bars(axes: Any, rng: np.random.Generator, colors: list[Any]) -> None:
    count, groups = int(rng.integers(3, 22)), int(rng.integers(1, 5))
    stacked, flat, floor = rng.random() < 0.5, rng.random() < 0.3, np.zeros(count)
    for k in range(groups):
        values = rng.gamma(2, 10, count) * (1 if rng.random() < 0.9 else -1)
        at, wide = (np.arange(count), 0.85) if stacked else (np.arange(count) + 0.8 * k / groups, 0.8 / groups)
        (axes.barh if flat else axes.bar)(at, values, wide, **({"left" if flat else "bottom": floor} if stacked else {}),
                                          color=colors[k], edgecolor=pick(rng, ("none", "white", "black")), label=words(rng, 1))  # fmt: skip
        floor = floor + values * stacked


def _dots(axes: Any, rng: np.random.Generator, colors: list[Any]) -> None:
    names = [words(rng, 1) for _ in range(int(rng.integers(4, 12)))]
    at, values = np.arange(len(names)), np.sort(rng.uniform(0, 10, len(names)))
    axes.hlines(at, values - rng.uniform(0, 3), values, color="grey")
    axes.plot(values, at, "o", color=colors[0], markersize=4)
    axes.set_yticks(at, names)


_PLOTS = (_box, _box, _ridge, _heat, _heat, _scatter, _scatter, _lines, _lines, _bars, _bars, _dots)


def manners(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw one to nine panels in the manner of ggplot, seaborn, a spreadsheet, a newspaper or a dark dashboard."""
    from matplotlib import colormaps
    from matplotlib.figure import Figure

    from beam_jobs.demo.draw.charts import figure_picture

    font_folder()
    width, height = extent(rng, size, 0.75, 1.9)
    figure = Figure(figsize=(width / 50, height / 50), dpi=100)
    outer, panel, grid, ink = pick(rng, (
        ("white", "#ebebeb", "white", "#333333"), ("white", "#ebebeb", "white", "#333333"), ("white", "white", "#dddddd", "#222222"),
        ("white", "#eaeaf2", "white", "#262626"), ("#22252b", "#2c3038", "#444a55", "#dddddd"), ("#d5e4eb", "#d5e4eb", "white", "#333333"),
        ("white", "white", "none", "black"), ("#fff1e5", "#fff1e5", "#e3d6cb", "#333333"), ("black", "black", "#333333", "#eeeeee"),
    ))  # fmt: skip
    figure.set_facecolor(outer)
    rows, columns = pick(rng, ((1, 1), (1, 1), (1, 1), (1, 1), (1, 1), (1, 2), (2, 2), (1, 3)))
    cmap = colormaps[pick(rng, ("viridis", "tab10", "Set2", "plasma", "Dark2", "Paired", "hsv", "cool"))]
    colors = [cmap(v) for v in np.linspace(0.05, 0.92, 10)]
    if rng.random() < 0.5:
        colors = [colors[int(k)] for k in rng.permutation(10)]
    draw, polar, deep = pick(rng, _PLOTS), rng.random() < 0.08, rng.random() < 0.08
    small = 7 + size / 60 / rows
    for k in range(rows * columns):
        axes: Any = figure.add_subplot(
            rows, columns, k + 1, **({"projection": "polar" if polar else "3d"} if polar or deep else {})
        )
        axes.set_facecolor(panel)
        if polar:
            turn = np.linspace(0, 2 * np.pi, int(rng.integers(4, 9)))
            for c in range(int(rng.integers(1, 4))):
                far = rng.uniform(0.3, 1, len(turn))
                far[-1] = far[0]
                axes.plot(turn, far, color=colors[c])
                axes.fill(turn, far, color=colors[c], alpha=0.3)
        elif deep:
            x, y = np.meshgrid(np.linspace(-3, 3, 16), np.linspace(-3, 3, 16))
            axes.plot_surface(x, y, np.sin(x * rng.uniform(0.5, 1.5)) * np.cos(y), cmap=pick(rng, _MAPS), linewidth=0.2)
        else:
            draw(axes, rng, colors)
            axes.set_axisbelow(draw is not _ridge)
            if grid != "none" and draw is not _heat:
                axes.grid(visible=True, color=grid, linewidth=0.8)
            for spine in axes.spines.values():
                spine.set_visible(grid == "none")
                spine.set_color(ink)
        axes.tick_params(labelsize=small - 2, colors=ink)
        if rows * columns > 1 or rng.random() < 0.6:
            axes.set_title(
                words(rng, 1 if columns > 1 else 3),
                fontsize=small,
                color=ink,
                backgroundcolor="#d9d9d9" if panel == "#ebebeb" and columns > 1 else "none",
            )
        if rows * columns == 1 and draw in (_lines, _bars) and not (polar or deep) and rng.random() < 0.7:
            axes.legend(fontsize=small - 2, loc=pick(rng, ("best", "upper right", "lower left")))
        if k % columns == 0 and rng.random() < 0.7:
            axes.set_ylabel(words(rng, 1), fontsize=small - 1, color=ink)
    figure.subplots_adjust(left=0.13, right=0.96, bottom=0.12, top=0.88, wspace=0.25, hspace=0.4)
    return shrink(figure_picture(figure))


def treemap(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw shares as nested areas, waffles or bubbles."""
    width, height = extent(rng, size, 0.8, 1.8)
    image, pen = sheet(width, height, pick(rng, (WHITE, (34, 36, 42))))
    w, h = image.size
    hue, kind = rng.random(), int(rng.integers(3))
    tones: list[Color] = [
        hsv(hue + 0.13 * k * rng.choice([0, 1]), rng.uniform(0.3, 0.8), rng.uniform(0.5, 0.95)) for k in range(6)
    ]
    if kind == 0:

        def split(a: float, b: float, c: float, d: float, left: int, tone: Color) -> None:
            if left == 0 or min(c - a, d - b) < 30:
                pen.rectangle([a, b, c, d], fill=blend(tone, WHITE, rng.uniform(0, 0.4)), outline=WHITE, width=3)
                pen.text(
                    (a + 8, b + 8),
                    words(rng, 1).title(),
                    INK,
                    font(round(min((c - a) / 6, (d - b) / 3, h * 0.06))),
                    "la",
                )
                return
            tone, share = (pick(rng, tones) if left > 2 else tone), rng.uniform(0.3, 0.7)
            if c - a > d - b:
                split(a, b, a + (c - a) * share, d, left - 1, tone)
                split(a + (c - a) * share, b, c, d, left - 1, pick(rng, tones) if left > 2 else tone)
            else:
                split(a, b, c, b + (d - b) * share, left - 1, tone)
                split(a, b + (d - b) * share, c, d, left - 1, pick(rng, tones) if left > 2 else tone)

        split(w * 0.02, h * 0.1, w * 0.98, h * 0.98, int(rng.integers(3, 6)), tones[0])
    elif kind == 1:
        n = int(rng.integers(8, 16))
        s, cuts = min(w, h * 0.85) / n, np.sort(rng.integers(1, n * n, 4))
        for k in range(n * n):
            x, y = w / 2 + (k % n - n / 2) * s, h * 0.12 + k // n * s
            shape = pen.rectangle if hue < 0.6 else pen.ellipse
            shape([x, y, x + s * 0.88, y + s * 0.88], fill=tones[int(np.searchsorted(cuts, k))])
    else:
        _bubbles(pen, rng, (w, h), tones)
    pen.text((w * 0.03, h * 0.05), words(rng, 3).title(), (128, 128, 132), font(round(h * 0.05), "bold"), "lm")
    return shrink(image)


def _bubbles(pen: ImageDraw.ImageDraw, rng: np.random.Generator, box: tuple[int, int], tones: list[Color]) -> None:
    done: list[tuple[float, float, float]] = []
    for _ in range(200):
        x, y, r = rng.uniform(0.1, 0.9) * box[0], rng.uniform(0.18, 0.9) * box[1], box[1] * rng.uniform(0.03, 0.15)
        if all(np.hypot(x - p, y - q) > r + s for p, q, s in done):
            done.append((x, y, r))
            pen.ellipse([x - r, y - r, x + r, y + r], fill=pick(rng, tones))
            pen.text((x, y), words(rng, 1)[:6], INK, font(round(r * 0.45)), "mm")
