"""HTML that is safe by construction: every text is escaped, only `Html` made here passes as markup."""

import html
import math
import re
from collections.abc import Iterable, Sequence

from beam_jobs.report.style import CSS

_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, and those that turn the direction of the text around them."""
_VOID = frozenset({"meta", "br", "img"})
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
MISSING = "–"


class Html(str):
    """Markup that is ready to be put into a page."""

    __slots__ = ()


Content = Html | str | None


def text(value: str, *, limit: int = 0) -> Html:
    """Return `value` escaped and without control characters, cut at `limit` characters (0: whole)."""
    clean = _UNWANTED.sub("", value)
    if limit and len(clean) > limit:
        clean = clean[: limit - 1].rstrip() + "…"
    return Html(html.escape(clean, quote=True))


def join(parts: Iterable[Content]) -> Html:
    """Return the parts one after the other; those that are no `Html` are escaped."""
    return Html("".join(part if isinstance(part, Html) else text(part) for part in parts if part is not None))


def el(tag: str, *children: Content, **attributes: str | bool | None) -> Html:
    """Return an element; ``class_`` names a class, a None attribute is left out, a true one has no value.

    >>> el("p", "1 < 2", class_="note")
    '<p class="note">1 &lt; 2</p>'
    """
    shown = ""
    for name, value in attributes.items():
        key = name.rstrip("_").replace("_", "-")
        if value is True:
            shown += f" {key}"
        elif value is not None and value is not False:
            shown += f' {key}="{text(value)}"'
    if tag in _VOID:
        return Html(f"<{tag}{shown}>")
    return Html(f"<{tag}{shown}>{join(children)}</{tag}>")


def number(value: float | None, digits: int = 0) -> str:
    """Return a number with thousands separators, a dash where there is none."""
    return MISSING if value is None or math.isnan(value) else f"{value:,.{digits}f}"


def percent(value: float | None, digits: int = 0) -> str:
    """Return a share 0-1 as percent; a share that is not 0 or 1 is never shown as such."""
    if value is None or math.isnan(value):
        return MISSING
    if 0 < value < 0.5 / 10 ** (digits + 2):
        return f"<{1 / 10**digits:.{digits}f}%"
    if digits == 0 and 0.995 <= value < 1:
        digits = 1
    if digits == 1 and 0.9995 <= value < 1:
        return ">99.9%"
    return f"{value:.{digits}%}"


def size_of(count: int) -> str:
    """Return bytes as KB, MB or GB."""
    for unit, factor in (("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)):
        if count >= factor:
            return f"{count / factor:,.1f} {unit}" if count < 10 * factor else f"{count / factor:,.0f} {unit}"
    return f"{count:,} B"


def counted(count: int, one: str, many: str = "") -> str:
    """Return a number with its noun."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def duration(seconds: float) -> str:
    """Return seconds as people say them."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60:,} h {minutes % 60} min"


def table(
    heads: Sequence[str], rows: Iterable[Sequence[Content]], *, numeric: Sequence[int] = (), wide: int | None = None
) -> Html:
    """Return a table that scrolls sideways where it must; the columns `numeric` are right-aligned, the first
    cell of a row is its header, the column `wide` holds a bar."""
    right = set(numeric)

    def kind(place: int) -> str | None:
        return "n" if place in right else "wide" if place == wide else None

    head = [el("th", name, scope="col", class_=kind(place)) for place, name in enumerate(heads)]
    body = []
    for row in rows:
        cells = [
            el("th", cell, scope="row") if place == 0 else el("td", cell, class_=kind(place))
            for place, cell in enumerate(row)
        ]
        body.append(el("tr", *cells))
    content = el("table", el("thead", el("tr", *head)), el("tbody", *body))
    return el("div", content, class_="scroll", role="region", tabindex="0", aria_label=f"Table: {', '.join(heads)}")


def tiles(values: Iterable[tuple[str, str, str]]) -> Html:
    """Return headline numbers: (value, what it counts, a line of context)."""
    items = [
        el("div", el("dt", name), el("dd", el("b", value), el("span", note) if note else None))
        for value, name, note in values
    ]
    columns = len(items) if len(items) < 6 else 4
    return el("dl", *items, class_="tiles", style=f"--n:{columns}")


def fold(summary: Content, *content: Content, opened: bool = False) -> Html:
    """Return content that opens on a click."""
    return el("details", el("summary", summary), *content, open=opened)


def note(*content: Content) -> Html:
    """Return a line of explanation."""
    return el("p", *content, class_="note")


def section(anchor: str, title: str, *content: Content) -> Html:
    """Return a section of the page."""
    return el("section", el("h2", title), *content, id=anchor)


def document(title: str, subtitle: Content, links: Sequence[tuple[str, str]], body: Iterable[Content]) -> Html:
    """Return the page; `links` are (anchor, name) of its sections."""
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("title", title),
        el("style", Html(CSS)),
    )
    navigation = el("nav", *[el("a", name, href=f"#{anchor}") for anchor, name in links], aria_label="Sections")
    header = el("header", el("h1", title), el("p", subtitle), navigation)
    page = el("html", head, el("body", header, el("main", *body)), lang="en")
    return Html("<!doctype html>\n" + page + "\n")
