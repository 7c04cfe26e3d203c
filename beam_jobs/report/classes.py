"""Labels: how many of each intent, what they look like, and why images have none."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from beam_jobs.report.charts import bar, legend
from beam_jobs.report.facts import Facts, Name
from beam_jobs.report.page import Html, counted, el, fold, join, note, number, percent, section, table
from beam_jobs.report.page import text as escaped
from beam_jobs.report.pictures import Pictures, gallery
from labels.reasons import REJECTED_BECAUSE

STRONGEST = 3
"""Pictures per intent from the top; one more is its weakest."""
REJECTED_EXAMPLES = 8
QUERIES_SHOWN = 2
QUERY_LENGTH = 60
ABSENT = "derive_labels has not written labels in this run."


def named(name: Name) -> Html:
    """Return a class by its English and Korean names."""
    return join([name.en, " ", el("span", name.ko, class_="ko", lang="ko")]) if name.ko else join([name.en])


def queries_list(queries: Sequence[Mapping[str, Any]] | None) -> Html | None:
    """Return the strongest queries with their clicks and people, None without any."""
    items = [
        el(
            "li",
            el("bdi", escaped(str(entry["query"]), limit=QUERY_LENGTH)),
            f" {number(entry['clicks'])}/{number(entry['users'])}",
        )
        for entry in (queries or [])[:QUERIES_SHOWN]
    ]
    return el("ul", *items) if items else None


def expectation(clicks: int | None, expected: float | None) -> str:
    """Return clicks against those that the positions alone would have earned."""
    told = counted(clicks or 0, "click")
    return told if expected is None or math.isnan(expected) else f"{told}, {expected:,.1f} expected"


def balance(facts: Facts) -> Html:
    """Return labels per intent under their parents, the model's answers beside them, and why images have none."""
    labels = facts.frame("labels")
    if labels is None:
        return section("balance", "Class balance", note(ABSENT))
    features = facts.frame("features") if facts.model is not None else None
    counts = dict(labels.drop_nulls("intent").group_by("intent").len().iter_rows())
    alone = dict(labels.filter(pl.col("intent").is_null()).group_by("parent").len().iter_rows())
    model = dict(features.drop_nulls("intent").group_by("intent").len().iter_rows()) if features is not None else {}
    largest = max([*counts.values(), *alone.values(), 1])
    largest_model = max([*model.values(), 1])
    blocks = []
    for parent in facts.classes.parents.values():
        below = facts.classes.below(parent.id)
        total = sum(counts.get(name.id, 0) for name in below) + alone.get(parent.id, 0)
        items = []
        for name in below:
            count = counts.get(name.id, 0)
            bars = [bar(count / largest)]
            if model:
                bars.append(bar(model.get(name.id, 0) / largest_model, second=True))
            told = [f"{count:,}"]
            if model:
                told.append(f"{model.get(name.id, 0):,}")
            numbers = [el("span", told[0]), *[el("small", f" {value}") for value in told[1:]]]
            items += [el("dt", named(name)), el("dd", *bars), el("dd", *numbers, class_="n")]
        if alone.get(parent.id):
            count = alone[parent.id]
            items += [
                el("dt", el("span", "parent only", class_="ko")),
                el("dd", bar(count / largest)),
                el("dd", f"{count:,}", class_="n"),
            ]
        head = el("h3", el("span", named(parent)), el("span", f"{total:,}", class_="n"))
        kind = "balance two" if model else "balance"
        blocks.append(el("div", head, el("dl", *items, class_=kind)))
    keys = legend(["labelled by clicks", "given by the model (own scale)"]) if model else None
    return section("balance", "Class balance", keys, el("div", *blocks, class_="columns"), _refusals(facts))


def _refusals(facts: Facts) -> Html | None:
    rejected = facts.frame("rejected")
    if rejected is None or rejected.is_empty():
        return None
    counts = rejected.group_by("reason").len().sort("len", "reason", descending=[True, False])
    rows = [
        [reason, f"{count:,}", percent(count / len(rejected)), REJECTED_BECAUSE.get(reason, "")]
        for reason, count in counts.iter_rows()
    ]
    heads = ["Reason", "Images", "Share", "Meaning"]
    title = el("h3", f"Without a label: {counted(len(rejected), 'image')}")
    return join([title, table(heads, rows, numeric=(1, 2))])


def _kept(frame: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Return the rows of images that are no copies: copies share a label, and would show one picture twice."""
    groups = facts.frame("duplicates")
    if groups is None:
        return frame
    copies = groups.filter(~pl.col("is_representative")).select("image_id")
    return frame.join(copies, on="image_id", how="anti")


def examples(facts: Facts, pictures: Pictures) -> Html:
    """Return pictures of each intent with the evidence for their label, and pictures without one."""
    labels = facts.frame("labels")
    if labels is None:
        return section("examples", "Labels and their evidence", note(ABSENT))
    ranked = (
        _kept(labels, facts)
        .drop_nulls("intent")
        .sort(["intent", "confidence", "users", "image_id"], descending=[False, True, True, False])
        .with_columns(
            pl.int_range(pl.len()).over("intent").alias("rank"),
            (pl.len().over("intent") - 1).alias("last"),
        )
        .filter((pl.col("rank") < STRONGEST) | (pl.col("rank") == pl.col("last")))
    )
    by_intent: dict[str, list[Mapping[str, Any]]] = {}
    for row in ranked.to_dicts():
        by_intent.setdefault(row["intent"], []).append(row)
    folds: list[Html] = []
    for parent in facts.classes.parents.values():
        shown = []
        for name in facts.classes.below(parent.id):
            figures = [_labelled(row, pictures) for row in by_intent.get(name.id, [])]
            if figures:
                shown.append(join([el("h4", named(name)), gallery(figures, four=True)]))
        if shown:
            title = join([named(parent), el("small", counted(len(shown), "intent"))])
            folds.append(fold(title, *shown, opened=not folds))
    told = (
        "The three strongest pictures of each intent, then its weakest. Under each: confidence, people, clicks "
        "against what the positions alone would have earned, and the top queries with clicks/people."
    )
    return section("examples", "Labels and their evidence", note(told), *folds, *_rejected(facts, pictures))


def _labelled(row: Mapping[str, Any], pictures: Pictures) -> Html:
    weakest = row["rank"] == row["last"] and row["rank"] >= STRONGEST
    badge = el("span", "weakest", class_="badge warn") if weakest else None
    people = counted(row["users"] or 0, "person", "people")
    return pictures.figure(
        row["image_id"],
        badge,
        el("span", el("b", number(row["confidence"], 2)), f" · {people}"),
        el("span", expectation(row["clicks"], row["expected_clicks"])),
        queries_list(row["queries"]),
    )


def _rejected(facts: Facts, pictures: Pictures) -> list[Html]:
    rejected = facts.frame("rejected")
    if rejected is None or rejected.is_empty():
        return []
    chosen = (
        _kept(rejected, facts)
        .sort(["reason", "clicks", "image_id"], descending=[False, True, False], nulls_last=True)
        .group_by("reason", maintain_order=True)
        .head(REJECTED_EXAMPLES)
    )
    folds = []
    for (reason,), rows in chosen.group_by("reason", maintain_order=True):
        figures = []
        for row in rows.to_dicts():
            lines: list[Html] = []
            if row["best_intent"]:
                best = facts.classes.intent(row["best_intent"]).en
                lines.append(el("span", f"{percent(row['share'])} {best}"))
            lines.append(el("span", expectation(row["clicks"], row["expected_clicks"])))
            figures.append(pictures.figure(row["image_id"], *lines))
        title = join([str(reason), el("small", REJECTED_BECAUSE.get(str(reason), ""))])
        folds.append(fold(title, gallery(figures)))
    return [el("h3", "Most clicked pictures without a label, by reason"), *folds]
