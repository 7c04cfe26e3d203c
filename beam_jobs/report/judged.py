"""The page of `image-intent classify`: thumbnails grouped by intent, broken and unknown pictures apart."""

import base64
from collections.abc import Mapping, Sequence

from beam_jobs.judge import Judged
from beam_jobs.report.page import Html, counted, document, el, fold, note, percent, section, table, text, tiles
from beam_jobs.report.pictures import gallery
from intent.bundle import Bundle

MOST_PICTURES = 1200
"""Thumbnails in one page, which bounds it to some 6 MB."""


def judged_page(judged: Sequence[Judged], bundle: Bundle, names: Mapping[str, str]) -> Html:
    """Return the page; `names` are words for the ids of intents and parents."""
    good = [row for row in judged if not row.problem and not row.unknown]
    unknown = [row for row in judged if row.unknown]
    broken = [row for row in judged if row.problem]
    groups: dict[str, list[Judged]] = {}
    for row in good:
        groups.setdefault(row.intent, []).append(row)
    order = sorted(groups, key=lambda intent: (-len(groups[intent]), bundle.intents.index(intent)))
    shown = [
        fold(
            f"{names[intent]} · {counted(len(groups[intent]), 'picture')}", _gallery(groups[intent], names), opened=True
        )
        for intent in order
    ]
    parts = [
        section(
            "overview",
            "At a glance",
            tiles(
                [
                    (f"{len(judged):,}", "pictures", ""),
                    (f"{len(groups):,}", "intents", f"of {len(bundle.intents)}"),
                    (f"{len(unknown):,}", "unknown", "of none of the intents"),
                    (f"{len(broken):,}", "broken", "cannot be read"),
                ]
            ),
        ),
        section("intents", "By intent", *(shown or [note("No picture got an intent.")])),
    ]
    links = [("overview", "At a glance"), ("intents", "By intent")]
    if unknown:
        parts.append(section("unknown", "Unknown", _gallery(unknown, names)))
        links.append(("unknown", "Unknown"))
    if broken:
        rows = [(row.picture.image_id, row.problem) for row in broken]
        parts.append(section("broken", "Broken", table(["picture", "reason"], rows)))
        links.append(("broken", "Broken"))
    return document("What these pictures are for", f"model {bundle.digest}", links, parts)


def _gallery(rows: Sequence[Judged], names: Mapping[str, str]) -> Html:
    ordered = sorted(rows, key=lambda row: (-row.confidence, row.picture.image_id))
    return gallery([_figure(row, names) for row in ordered])


def _figure(row: Judged, names: Mapping[str, str]) -> Html:
    caption = el(
        "figcaption",
        text(row.picture.image_id, limit=80),
        el("small", f"{names[row.intent]} {percent(row.confidence)}"),
        el("small", f"or {names[row.second]} {percent(row.second_confidence)}"),
    )
    return el("figure", picture(row.thumbnail, row.picture.image_id), caption)


def picture(thumbnail: bytes | None, name: str) -> Html:
    """Return an image of WebP bytes, a grey box where there are none."""
    if thumbnail is None:
        return el("span", "not shown", class_="pic none", role="img", aria_label=name, title=name)
    data = base64.b64encode(thumbnail).decode()
    return el("img", class_="pic", loading="lazy", alt=name, title=name, src=f"data:image/webp;base64,{data}")
