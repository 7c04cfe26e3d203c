"""graph_chart, drawn by matplotlib without its global state."""

from typing import Any

import numpy as np
from PIL import Image

from beam_jobs.demo.draw.canvas import Color, extent, font_folder, hsv, pick, words
from beam_jobs.demo.draw.captures import capture
from beam_jobs.demo.draw.plots import manners, treemap

_DPI = 100
_SMOOTHING = np.array([0.25, 0.5, 0.25])


def figure_picture(figure: Any) -> Image.Image:
    """Return what Agg draws of a matplotlib figure."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())[..., :3]
    return Image.fromarray(np.ascontiguousarray(pixels))


def graph_chart(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a chart of one of many kinds and manners, seldom as a scan or off a screen."""
    draw = pick(rng, (_plain_chart, _plain_chart, manners, manners, manners, treemap))
    return capture(rng, draw(rng, size), ("flat",) * 16 + ("scan", "screen", "copy"))


def _plain_chart(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw bars, lines, areas, a pie or ring, a scatter plot, a histogram or a function's graph."""
    font_folder()
    from matplotlib.figure import Figure

    width, height = extent(rng, size, 0.9, 1.6)
    dark = rng.random() < 0.12
    paper, ink = (
        ("#1e2430", "#e6e9ef") if dark else (pick(rng, ["white", "white", "white", "#f7f5ef", "#eef3f8"]), "#222")
    )
    figure = Figure(figsize=(width / _DPI, height / _DPI), dpi=_DPI, facecolor=paper, layout="tight")
    axes = figure.add_subplot()
    axes.set_facecolor(paper)
    hue = rng.random()
    colors = [
        _hex(hsv(hue + step * rng.choice([0.07, 0.16, 0.29]), rng.uniform(0.5, 0.85), rng.uniform(0.55, 0.95)))
        for step in range(8)
    ]
    kind = pick(rng, ["bar", "bar", "barh", "stack", "line", "line", "area", "pie", "ring", "scatter", "hist", "curve"])
    _PLOTS[kind](axes, rng, colors)
    small = 5 + size / 110
    if kind not in ("pie", "ring"):
        if rng.random() < 0.5:
            axes.grid(True, axis=pick(rng, ["both", "y"]), color=ink, alpha=0.18, linewidth=0.6)
        axes.set_axisbelow(True)
        for side in ("top", "right") if rng.random() < 0.6 else ():
            axes.spines[side].set_visible(False)
        for spine in axes.spines.values():
            spine.set_color(ink)
        axes.tick_params(labelsize=small - 1, colors=ink, length=2)
        if rng.random() < 0.4:
            axes.set_ylabel(words(rng, 1), fontsize=small, color=ink)
        if kind in ("line", "area", "stack") and rng.random() < 0.6:
            axes.legend(fontsize=small - 1.5, frameon=False, labelcolor=ink, loc="best")
    if rng.random() < 0.75:
        axes.set_title(
            words(rng, int(rng.integers(1, 4))).capitalize(),
            fontsize=small + 1.5,
            color=ink,
            fontweight=pick(rng, ["bold", "normal"]),
        )
    return figure_picture(figure)


def _hex(color: Color) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color)


def _labels(rng: np.random.Generator, count: int) -> list[str]:
    choices = ([f"{2014 + i}" for i in range(count)], [f"Q{i + 1}" for i in range(count)], list("ABCDEFGHIJKL"[:count]))
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    return (*choices, months[:count])[int(rng.integers(4))]


def _bar(axes: Any, rng: np.random.Generator, colors: list[str]) -> None:
    count = int(rng.integers(4, 9))
    names = _labels(rng, count)
    groups = int(rng.integers(1, 4))
    for group in range(groups):
        values = rng.uniform(10, 100, count)
        shade = colors[:count] if groups == 1 and rng.random() < 0.4 else colors[group]
        axes.bar(np.arange(count) + group * 0.8 / groups, values, 0.8 / groups, color=shade)
    axes.set_xticks(np.arange(count) + 0.4 - 0.4 / groups, names)


def _barh(axes: Any, rng: np.random.Generator, colors: list[str]) -> None:
    count = int(rng.integers(4, 8))
    axes.barh(_labels(rng, count), np.sort(rng.uniform(5, 100, count)), color=colors[0])


def _stack(axes: Any, rng: np.random.Generator, colors: list[str]) -> None:
    count = int(rng.integers(4, 9))
    floor, names = np.zeros(count), _labels(rng, count)
    for layer in range(3):
        values = rng.uniform(5, 40, count)
        axes.bar(names, values, bottom=floor, color=colors[layer], label=words(rng, 1))
        floor += values


def _walk(rng: np.random.Generator, count: int) -> Any:
    return np.convolve(np.cumsum(rng.normal(0.4, 2.5, count + 2)) + rng.uniform(10, 40), _SMOOTHING, "valid")


def _line(axes: Any, rng: np.random.Generator, colors: list[str]) -> None:
    count = int(rng.integers(8, 60))
    marker = pick(rng, ["o", "s", "^"]) if count < 16 else None
    for series in range(int(rng.integers(1, 5))):
        axes.plot(
            _walk(rng, count),
            color=colors[series],
            marker=marker,
            markersize=3,
            linewidth=rng.uniform(1, 2.4),
            label=words(rng, 1),
        )


def _area(axes: Any, rng: np.random.Generator, colors: list[str]) -> None:
    count = int(rng.integers(12, 40))
    layers = np.abs(np.stack([_walk(rng, count) for _ in range(3)])) + 3
    axes.stackplot(np.arange(count), layers, colors=colors[:3], labels=words(rng, 3).split(), alpha=0.85)
    axes.margins(x=0)


def _pie(axes: Any, rng: np.random.Generator, colors: list[str], *, hole: float = 0.0) -> None:
    parts = np.sort(rng.dirichlet(np.full(int(rng.integers(3, 7)), 2.5)))[::-1] + 0.03
    style = {"wedgeprops": {"width": 1 - hole, "edgecolor": "white", "linewidth": 1.2}}
    text = {"fontsize": 7, "color": "#444" if axes.get_facecolor()[0] > 0.5 else "#ddd"}
    axes.pie(
        parts / parts.sum(),
        labels=words(rng, len(parts)).split(),
        colors=colors,
        startangle=float(rng.uniform(0, 360)),
        textprops=text,
        **style,
    )


def _ring(axes: Any, rng: np.random.Generator, colors: list[str]) -> None:
    _pie(axes, rng, colors, hole=0.55)


def _scatter(axes: Any, rng: np.random.Generator, colors: list[str]) -> None:
    for group in range(int(rng.integers(1, 4))):
        center, spread, count = rng.uniform(-3, 3, 2), rng.uniform(0.5, 1.5), int(rng.integers(20, 90))
        x = rng.normal(center[0], spread, count)
        y = center[1] + (x - center[0]) * rng.uniform(-1, 1) + rng.normal(0, 0.7, count)
        axes.scatter(x, y, s=rng.uniform(6, 22), color=colors[group], alpha=0.75)


def _hist(axes: Any, rng: np.random.Generator, colors: list[str]) -> None:
    axes.hist(
        rng.gamma(rng.uniform(2, 9), 1.0, 600),
        bins=int(rng.integers(12, 30)),
        color=colors[0],
        edgecolor="white",
        linewidth=0.5,
    )


def _curve(axes: Any, rng: np.random.Generator, colors: list[str]) -> None:
    x = np.linspace(-5, 5, 200)
    a, b = rng.uniform(0.4, 2, 2)
    curves = (
        a * np.sin(b * x),
        a * x**2 / 4 - 3,
        a * x**3 / 12 - b * x,
        np.exp(-(x**2) / (2 * a)) * 4,
        np.tanh(b * x) * 3,
    )
    for index in rng.permutation(len(curves))[: int(rng.integers(1, 3))]:
        axes.plot(x, curves[int(index)], color=colors[int(index)], linewidth=1.8)
    axes.axhline(0, color="gray", linewidth=0.8)
    axes.axvline(0, color="gray", linewidth=0.8)


_PLOTS = {
    "bar": _bar, "barh": _barh, "stack": _stack, "line": _line, "area": _area, "pie": _pie, "ring": _ring,
    "scatter": _scatter, "hist": _hist, "curve": _curve,
}  # fmt: skip
