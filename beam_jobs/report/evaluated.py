"""The page of `image-intent evaluate`, and its worst mistakes as one picture."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from beam_jobs.evaluate import Evaluated
from beam_jobs.pictures.see import THUMBNAIL_SIDE
from beam_jobs.report.charts import curves, heat_map, legend
from beam_jobs.report.judged import picture
from beam_jobs.report.page import Html, counted, document, el, note, number, percent, section, table, text, tiles
from beam_jobs.report.pictures import gallery

PER_ROW = 10
"""Pictures in a row of the contact sheet."""
CAPTION = 30
"""Pixels below each picture: two lines, the truth and the answer."""


def evaluated_page(
    found: Evaluated, told: Mapping[str, Any], names: Mapping[str, str], mistakes: Mapping[int, bytes | None]
) -> Html:
    """Return the page: figures, classes, parents, calibration, confusion, mistakes.

    Args:
        told: as `beam_jobs.evaluate.figures` returns them.
        names: words for the ids of intents and parents.
        mistakes: thumbnails (WebP; None where it cannot be read) by row of `found`, the worst first.
    """
    bundle = found.bundle
    order = np.argsort(bundle.parent_index, kind="stable")
    confusion = found.confusion[np.ix_(order, order)]
    blocks = [int((bundle.parent_index == parent).sum()) for parent in range(len(bundle.parents))]
    heads = ["", "pictures", "precision", "recall", "F1"]
    parts = [
        section("overview", "At a glance", _tiles(told), *_more(told)),
        section("classes", "Intents", table(heads, _rows(told["per_class"], names), numeric=(1, 2, 3, 4))),
        section("parents", "First labels", table(heads, _rows(told["per_parent"], names), numeric=(1, 2, 3, 4))),
        section("calibration", "Calibration", *_calibration(told)),
        section(
            "confusion",
            "Confusion",
            note("Rows are the truth, columns the model's answers. Point at a cell for its numbers."),
            heat_map(confusion, [names[bundle.intents[i]] for i in order], blocks, what="Confusion of the model"),
        ),
        section("mistakes", "Worst mistakes", *_mistakes(found, names, mistakes)),
    ]
    links = [
        ("overview", "At a glance"),
        ("classes", "Intents"),
        ("parents", "First labels"),
        ("calibration", "Calibration"),
        ("confusion", "Confusion"),
        ("mistakes", "Mistakes"),
    ]
    return document("How good the model is", f"model {bundle.digest} · {len(found.ids):,} pictures", links, parts)


def contact_sheet(found: Evaluated, names: Mapping[str, str], mistakes: Mapping[int, bytes | None]) -> bytes:
    """Return a PNG of the mistakes, the worst first; below each the truth and the answer with its confidence."""
    side = THUMBNAIL_SIDE
    rows = max(-(-len(mistakes) // PER_ROW), 1)
    sheet = Image.new("RGB", (PER_ROW * (side + 8) + 8, rows * (side + CAPTION + 8) + 8), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=11)
    predicted = found.predicted
    for place, (row, data) in enumerate(mistakes.items()):
        left, top = 8 + place % PER_ROW * (side + 8), 8 + place // PER_ROW * (side + CAPTION + 8)
        if data is not None:
            small = Image.open(io.BytesIO(data)).convert("RGB")
            sheet.paste(small, (left + (side - small.width) // 2, top + (side - small.height) // 2))
        answer = int(predicted[row])
        lines = (
            f"{names[found.bundle.intents[int(found.target[row])]]}",
            f"→ {names[found.bundle.intents[answer]]} {percent(float(found.scores[row, answer]))}",
        )
        for line, color in enumerate(("#1a7a48", "#a03030")):
            draw.text((left, top + side + 2 + 13 * line), _fitting(lines[line], font, side), fill=color, font=font)
    stream = io.BytesIO()
    sheet.save(stream, "PNG", optimize=True)
    return stream.getvalue()


def _fitting(line: str, font: Any, width: int) -> str:
    while line and font.getlength(line) > width:
        line = line[:-1]
    return line


def _tiles(told: Mapping[str, Any]) -> Html:
    found = [
        (number(told["macro_f1"], 3), "macro-F1", "of the intents"),
        (percent(told["accuracy"], 1), "right intent", counted(told["rows"], "picture")),
        (percent(told["parent_accuracy"], 1), "right first label", f"macro-F1 {number(told['parent_macro_f1'], 3)}"),
        (number(told["calibration_error"], 3), "calibration error", "0 is perfect"),
    ]
    found += [(number(value, 3), "unknown AUROC", f"against {name}") for name, value in told["unknown_auroc"].items()]
    return tiles(found)


def _more(told: Mapping[str, Any]) -> list[Html]:
    rows = [("as decoded", number(told["macro_f1"], 3))]
    rows += [(name.replace("_", " "), number(value, 3)) for name, value in told["robust"].items()]
    if told["without"]:
        rows.append((f"without {', '.join(told['without']['intents'])}", number(told["without"]["macro_f1"], 3)))
    return [table(["pictures", "macro-F1"], rows, numeric=(1,))] if len(rows) > 1 else []


def _rows(found: Mapping[str, Mapping[str, Any]], names: Mapping[str, str]) -> list[tuple[str, ...]]:
    return [
        (names[name], f"{row['rows']:,}", *(number(row[key], 3) for key in ("precision", "recall", "f1")))
        for name, row in found.items()
    ]


def _calibration(told: Mapping[str, Any]) -> list[Html]:
    bins = told["reliability"]
    places = [round(100 * row["from"]) for row in bins]
    drawn = curves(
        [[row["accuracy"] for row in bins], [row["confidence"] for row in bins]],
        places,
        what="Share of right answers by confidence",
    )
    rows = [
        (f"{place} %", f"{row['rows']:,}", percent(row["confidence"], 1), percent(row["accuracy"], 1))
        for place, row in zip(places, bins, strict=True)
    ]
    told_so = "Where the two lines meet, a confidence means what it says. Below the lines: confidence in per cent."
    return [
        note(told_so),
        legend(["right answers", "confidence"]),
        drawn,
        table(["confidence from", "pictures", "mean confidence", "right"], rows, numeric=(1, 2, 3)),
    ]


def _mistakes(found: Evaluated, names: Mapping[str, str], mistakes: Mapping[int, bytes | None]) -> Sequence[Html]:
    if not mistakes:
        return [note("There are none.")]
    shown = []
    for row, data in mistakes.items():
        answer = int(found.predicted[row])
        caption = el(
            "figcaption",
            text(names[found.bundle.intents[int(found.target[row])]]),
            el("small", f"→ {names[found.bundle.intents[answer]]} {percent(float(found.scores[row, answer]))}"),
        )
        shown.append(el("figure", picture(data, found.ids[row]), caption))
    return [note("The surest wrong answers first: what the picture is → what the model says."), gallery(shown)]
