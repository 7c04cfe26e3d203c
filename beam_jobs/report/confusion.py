"""The model against the labels: a heat map, the pairs that it mixes up, and labels that it doubts."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from beam_jobs.report.charts import heat_map
from beam_jobs.report.classes import named, queries_list
from beam_jobs.report.facts import Facts
from beam_jobs.report.overview import agreement
from beam_jobs.report.page import Html, counted, el, fold, join, note, number, percent, section, table, tiles
from beam_jobs.report.pictures import Pictures, gallery
from intent.metrics import class_scores, confusion_matrix

PAIRS = 12
PICTURES_PER_PAIR = 3
SUSPECTS = 24
TITLE = "Model against labels"


def confusion(facts: Facts, pictures: Pictures) -> Html:
    """Return where the model and the labels differ; only for a run with a model."""
    labels, features = facts.frame("labels"), facts.frame("features")
    if features is None or facts.model is None:
        told = "The features of this run were made without a model (hash columns alone): there is nothing to compare."
        return section("confusion", TITLE, note(told), _measured(facts))
    if labels is None:
        return section("confusion", TITLE, note("There are no labels to compare the model with."), _measured(facts))
    answers = features.select("image_id", pl.col("intent").alias("answer"), pl.col("confidence").alias("certainty"))
    both = labels.drop_nulls("intent").join(answers, on="image_id").drop_nulls("answer").sort("image_id")
    if both.is_empty():
        return section("confusion", TITLE, note("The model judged no image that has a label."), _measured(facts))
    names = list(facts.classes.intents.values())
    place = {name.id: row for row, name in enumerate(names)}
    rows = both["intent"].replace_strict(place, return_dtype=pl.Int64).to_numpy()
    columns = both["answer"].replace_strict(place, return_dtype=pl.Int64).to_numpy()
    counts = confusion_matrix(rows, columns, classes=len(names))
    blocks = [len(facts.classes.below(parent)) for parent in facts.classes.parents]
    hits = int(np.trace(counts))
    judged, parents = agreement(facts)
    told = (
        "Rows are labels, columns the model's answers; the darker, the larger the share of the row. Point at a cell "
        "for its numbers. The model learned from such labels, so this agreement flatters it: it finds labels worth a "
        "look, it does not measure the model."
    )
    return section(
        "confusion",
        TITLE,
        _measured(facts),
        el("h3", "Against the labels of this run"),
        tiles(
            [
                (percent(hits / len(both), 1), "same intent", f"of {counted(len(both), 'labelled image')}"),
                (percent(parents, 1), "same first label", f"of {counted(judged, 'labelled image')}, 8-way"),
            ]
        ),
        note(told),
        heat_map(counts, [name.en for name in names], blocks, what="Confusion of the model against the labels"),
        fold("Agreement per intent", _per_intent(facts, counts)),
        *_pairs(facts, both, pictures),
        *_suspects(facts, both, pictures),
    )


def _measured(facts: Facts) -> Html | None:
    """Return what the model's card says of pictures that it has not learned from."""
    metrics = facts.bundle.get("metrics") if facts.bundle else None
    if facts.bundle is None or not isinstance(metrics, Mapping):
        return None
    rows = metrics.get("rows")
    part = f"{metrics.get('part', 'held-out')} part"
    if isinstance(rows, int):
        part += f", {counted(rows, 'picture')}"
    shown = [
        (_share(metrics.get("accuracy")), "accuracy, intents", part),
        (_share(metrics.get("macro_f1")), "macro-F1, intents", part),
        (_share(metrics.get("parent_accuracy")), "accuracy, first labels", part),
        (_share(metrics.get("calibration_error")), "calibration error", "0% is best"),
    ]
    title = el("h3", "Measured on pictures that the model did not learn from")
    backbone = str(facts.bundle.get("backbone", "unknown"))
    counts = facts.bundle.get("label_counts")
    learned = f", learned from {sum(counts.values()):,} pictures" if isinstance(counts, Mapping) else ""
    model = note("Model ", el("code", facts.model or "not used yet"), f", backbone {backbone}{learned}.")
    return join([title, tiles(shown), model])


def _share(value: Any) -> str:
    return percent(float(value), 1) if isinstance(value, int | float) else percent(None)


def _per_intent(facts: Facts, counts: np.ndarray[Any, np.dtype[np.int64]]) -> Html:
    names = list(facts.classes.intents.values())
    scores = class_scores(counts)
    rows = []
    for place, name in enumerate(names):
        total = int(counts[place].sum())
        if not total:
            continue
        others = counts[place].copy()
        others[place] = 0
        rival = names[int(others.argmax())].en if others.any() else ""
        rows.append(
            [
                named(name),
                f"{total:,}",
                percent(float(scores["recall"][place])),
                percent(float(scores["precision"][place])),
                f"{rival} ({int(others.max()):,})" if rival else "",
            ]
        )
    heads = ["Label", "Images", "Model agrees", "Its answers agree", "Most often taken for"]
    return table(heads, rows, numeric=(1, 2, 3))


def _pairs(facts: Facts, both: pl.DataFrame, pictures: Pictures) -> list[Html]:
    wrong = both.filter(pl.col("intent") != pl.col("answer"))
    if wrong.is_empty():
        return []
    pairs = wrong.group_by("intent", "answer").len()
    pairs = pairs.sort(["len", "intent", "answer"], descending=[True, False, False]).head(PAIRS)
    best = wrong.sort(["certainty", "image_id"], descending=[True, False])
    cards = []
    for label, answer, count in pairs.iter_rows():
        rows = best.filter((pl.col("intent") == label) & (pl.col("answer") == answer)).head(PICTURES_PER_PAIR)
        figures = [
            pictures.figure(row["image_id"], el("span", f"model {number(row['certainty'], 2)}"))
            for row in rows.to_dicts()
        ]
        title = f"{facts.classes.intent(label).en} → {facts.classes.intent(answer).en}"
        cards.append(el("div", el("h4", title, el("small", f" {count:,}")), el("div", *figures, class_="row")))
    told = note("Label → the model's answer, with the pictures where the model is most certain.")
    return [el("h3", "Most confused pairs"), told, el("div", *cards, class_="cards")]


def _suspects(facts: Facts, both: pl.DataFrame, pictures: Pictures) -> list[Html]:
    order = ["certainty", "confidence", "image_id"]
    wrong = both.filter(pl.col("intent") != pl.col("answer")).sort(order, descending=[True, False, False])
    if wrong.is_empty():
        return []
    figures = []
    for row in wrong.head(SUSPECTS).to_dicts():
        figures.append(
            pictures.figure(
                row["image_id"],
                el("span", f"label: {facts.classes.intent(row['intent']).en} {number(row['confidence'], 2)}"),
                el("b", f"model: {facts.classes.intent(row['answer']).en} {number(row['certainty'], 2)}"),
                queries_list(row["queries"]),
            )
        )
    told = note(
        f"{counted(len(wrong), 'image')} where the model gives another intent than the clicks; here the ones where it "
        "is most certain. Either the label is wrong or the model has something to learn."
    )
    return [el("h3", "Suspects"), told, gallery(figures)]
