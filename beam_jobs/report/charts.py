"""Charts without scripts: bars of CSS, a heat map and a histogram of SVG."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from beam_jobs.report.page import Html, el, join, percent, text

_CELL = 15
_LEFT = 150
_TOP = 130


def bar(share: float, *, second: bool = False) -> Html:
    """Return a bar that fills `share` (0-1) of its track; it only repeats a number beside it."""
    width = f"--w:{min(max(share, 0.0), 1.0):.1%}"
    return el("span", el("span", class_="bar second" if second else "bar", style=width), class_="track")


def heat_map(counts: npt.NDArray[np.int64], names: Sequence[str], blocks: Sequence[int], *, what: str) -> Html:
    """Draw int64 [n, n] counts as shares of their rows.

    Args:
        counts: row is the label, column the model's answer.
        names: of the classes.
        blocks: the size of each run of classes that belong together; their sum is n.
        what: description for those who do not see it.
    """
    size = len(names)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    parts = []
    for place, name in enumerate(names):
        middle = place * _CELL + _CELL // 2 + 4
        parts.append(f'<text x="{_LEFT - 6}" y="{_TOP + middle}" text-anchor="end">{text(name, limit=26)}</text>')
        turn = f"translate({_LEFT + middle} {_TOP - 6}) rotate(-60)"
        parts.append(f'<text transform="{turn}">{text(name, limit=26)}</text>')
    for row, column in zip(*np.nonzero(counts), strict=True):
        share = float(shares[row, column])
        kind = "cell" if row == column else "off"
        title = text(
            f"{names[row]} → {names[column]}: {int(counts[row, column]):,} ({percent(share, 1)} of {names[row]})"
        )
        parts.append(
            f'<rect class="{kind}" x="{_LEFT + int(column) * _CELL}" y="{_TOP + int(row) * _CELL}" width="{_CELL - 1}" '
            f'height="{_CELL - 1}" fill-opacity="{max(share**0.5, 0.08):.2f}"><title>{title}</title></rect>'
        )
    start = 0
    for block in blocks:
        side = block * _CELL
        corner = start * _CELL
        parts.append(
            f'<rect class="block" x="{_LEFT + corner - 0.5}" y="{_TOP + corner - 0.5}" width="{side}" height="{side}"/>'
        )
        start += block
    width, height = _LEFT + size * _CELL + 60, _TOP + size * _CELL + 4
    svg = (
        f'<svg class="heat" viewBox="0 0 {width} {height}" role="img" aria-label="{text(what)}">{"".join(parts)}</svg>'
    )
    return el("div", Html(svg), class_="scroll")


def histogram(counts: Sequence[int], edges: Sequence[str], *, what: str) -> Html:
    """Draw counts as columns with a label below and the number above each."""
    width, height, top = 56, 90, 18
    largest = max([*counts, 1])
    parts = []
    for place, (count, edge) in enumerate(zip(counts, edges, strict=True)):
        tall = round(height * count / largest, 1)
        left = place * width
        parts += [
            f'<rect x="{left + 4}" y="{top + height - tall}" width="{width - 8}" height="{tall}" rx="2"/>',
            f'<text x="{left + width / 2}" y="{top + height - tall - 4}">{count:,}</text>',
            f'<text x="{left + width / 2}" y="{top + height + 14}">{text(edge)}</text>',
        ]
    box = f"0 0 {width * len(counts)} {top + height + 20}"
    svg = f'<svg class="histogram" viewBox="{box}" role="img" aria-label="{text(what)}">{"".join(parts)}</svg>'
    return el("div", Html(svg))


FEW_PLACES = 12
"""Places of a curve that are all written below it; of more, seven are."""


def curves(lines: Sequence[Sequence[float]], places: Sequence[int], *, what: str) -> Html:
    """Draw shares (0-1) by place as lines, the first one in the first colour; see ``legend``.

    Args:
        lines: one or two, each a share per place.
        places: whole numbers, rising; some of them are written below.
        what: description for those who do not see it.
    """
    width, height, left, top = 560, 180, 52, 8
    highest = max(max(line) for line in lines) or 1.0
    last = max(len(places) - 1, 1)
    parts = []
    for part in range(5):
        y = round(top + height * part / 4, 1)
        parts.append(f'<line x1="{left}" y1="{y}" x2="{left + width}" y2="{y}"/>')
        parts.append(f'<text class="end" x="{left - 6}" y="{y + 4}">{percent(highest * (4 - part) / 4, 1)}</text>')
    written = range(len(places)) if len(places) <= FEW_PLACES else {round(last * part / 6) for part in range(7)}
    for at in sorted(written):
        parts.append(f'<text x="{left + width * at / last:.1f}" y="{top + height + 16}">{places[at]:,}</text>')
    for kind, line in reversed(list(zip(("first", "second"), lines, strict=False))):
        points = " ".join(
            f"{left + width * at / last:.1f},{top + height * (1 - share / highest):.1f}"
            for at, share in enumerate(line)
        )
        parts.append(f'<polyline class="{kind}" points="{points}"/>')
    box = f"0 0 {left + width + 12} {top + height + 22}"
    svg = f'<svg class="curves" viewBox="{box}" role="img" aria-label="{text(what)}">{"".join(parts)}</svg>'
    return el("div", Html(svg))


def legend(names: Sequence[str]) -> Html:
    """Return the key of the first and second colour of bars."""
    kinds = ("key", "key second")
    items = [join([el("span", class_=kind), f"{name}  "]) for kind, name in zip(kinds, names, strict=False)]
    return el("p", *items, class_="note")
