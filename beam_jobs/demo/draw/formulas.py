"""math_formula, set by matplotlib's mathtext."""

from typing import Any

import numpy as np
from PIL import Image, ImageOps

from beam_jobs.demo.draw.canvas import Color, blend, extent, font_folder, grain, noise, pick
from beam_jobs.demo.draw.captures import capture

_FORMULAS = (
    r"x=\frac{-b\pm\sqrt{b^2-4ac}}{2a}",
    r"\int_0^{\infty} e^{-x^2}dx=\frac{\sqrt{\pi}}{2}",
    r"\sum_{k=1}^{n} k=\frac{n(n+1)}{2}",
    r"E=mc^2",
    r"a^2+b^2=c^2",
    r"\lim_{x\to 0}\frac{\sin x}{x}=1",
    r"e^{i\pi}+1=0",
    r"F=G\frac{m_1 m_2}{r^2}",
    r"\sin^2\theta+\cos^2\theta=1",
    r"\frac{d}{dx}x^n=nx^{n-1}",
    r"\nabla\times\vec{B}=\mu_0\vec{J}",
    r"P(A|B)=\frac{P(B|A)P(A)}{P(B)}",
    r"\log_a xy=\log_a x+\log_a y",
    r"S=\pi r^2",
    r"V=\frac{4}{3}\pi r^3",
    r"(a+b)^2=a^2+2ab+b^2",
    r"\sigma=\sqrt{\frac{1}{N}\sum_i(x_i-\mu)^2}",
    r"2H_2+O_2\rightarrow 2H_2O",
    r"\oint E\cdot dA=\frac{Q}{\epsilon_0}",
    r"f(x)=\sum_{n=0}^{\infty}\frac{f^{(n)}(0)}{n!}x^n",
    r"\tan\theta=\frac{\sin\theta}{\cos\theta}",
    r"PV=nRT",
    r"c=\lambda\nu",
    r"y-y_1=m(x-x_1)",
)


def math_formula(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw one to six formulas on paper, a blackboard or a coloured card."""
    font_folder()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    count = int(rng.choice([1, 1, 2, 3, 4, 5, 6]))
    width, height = extent(rng, size, 1.6, 2.6) if count == 1 else extent(rng, size, 0.8, 1.5)
    figure = Figure(figsize=(width / 100, height / 100), dpi=100, facecolor="black")
    canvas: Any = FigureCanvasAgg(figure)
    columns = 2 if count >= 4 and width > height * 0.9 else 1
    rows = -(-count // columns)
    family = pick(rng, ["cm", "stix", "dejavusans", "dejavuserif"])
    left = rng.random() < 0.3 and columns == 1
    for index, choice in enumerate(rng.permutation(len(_FORMULAS))[:count]):
        source = _FORMULAS[int(choice)]
        x = 0.07 if left else (index % columns + 0.5) / columns
        y = 1 - (index // columns + 0.5) / rows
        text = figure.text(
            x,
            y,
            f"${source}$",
            fontsize=20,
            color="white",
            ha="left" if left else "center",
            va="center",
            math_fontfamily=family,
        )
        box = text.get_window_extent(canvas.get_renderer())
        fit = min(0.86 * width / columns / box.width, 0.62 * height / rows / box.height, 1.7)
        text.set_fontsize(20 * fit * rng.uniform(0.8, 1.0))
    canvas.draw()
    mask = Image.fromarray(np.ascontiguousarray(np.asarray(canvas.buffer_rgba())[..., 0]))
    style = int(rng.integers(6))
    ink: Color = (20, 20, 28)
    paper: Color = (255, 255, 255)
    if style == 0:
        ink, paper = (240, 240, 232), pick(rng, ((38, 70, 54), (36, 40, 46), (30, 48, 66)))
    elif style == 1:
        ink, paper = pick(rng, ((20, 50, 130), (130, 20, 40), (16, 90, 70))), (252, 250, 240)
    elif style == 2:
        paper = pick(rng, ((255, 248, 214), (232, 244, 255), (240, 255, 238)))
    image = ImageOps.colorize(mask, paper, ink)
    if style == 0:
        chalk = noise(rng, width, height, cells=6, octaves=4)[..., None]
        image = Image.fromarray(np.clip(np.asarray(image) * (0.85 + 0.3 * chalk), 0, 255).astype(np.uint8))
    elif style == 3:
        lines = np.asarray(image).copy()
        lines[:: max(height // 12, 8)] = np.minimum(lines[:: max(height // 12, 8)], blend(paper, (120, 160, 220), 0.4))
        image = grain(Image.fromarray(lines), rng, 2)
    elif count == 1 and rng.random() < 0.6:
        image = _close_cut(rng, image, mask)
    return capture(rng, image, ("flat",) * 12 + ("scan", "copy", "desk", "screen"))


def _close_cut(rng: np.random.Generator, image: Image.Image, mask: Image.Image) -> Image.Image:
    """Return the picture cut close around its formula, as a renderer gives it, mostly a wide strip."""
    box = mask.getbbox()
    if box is None:
        return image
    x, y = (image.height * rng.uniform(0.02, 0.2) for _ in range(2))
    cut = image.crop(
        (
            max(int(box[0] - x), 0),
            max(int(box[1] - y), 0),
            min(int(box[2] + x), image.width),
            min(int(box[3] + y), image.height),
        )
    )
    scale = max(image.size) / max(cut.size)
    return cut.resize((max(round(cut.width * scale), 16), max(round(cut.height * scale), 16)), Image.Resampling.LANCZOS)
