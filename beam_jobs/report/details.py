"""The rest to drill into: topics, failures, query rules and bots."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from beam_jobs.report.charts import histogram
from beam_jobs.report.facts import Facts
from beam_jobs.report.page import Content, Html, counted, el, fold, note, number, percent, section, table, text
from beam_jobs.report.pictures import Pictures
from labels.bots import HUMAN, UNSURE

TOPIC_CARDS = 24
TOPIC_PICTURES = 4
TOPIC_ROWS = 200
FAILURE_EXAMPLES = 3
WORST_RULES = 15
RULE_ROWS = 1000
MIN_RULE_CLICKS = 20
"""Clicks of a rule below which its precision says little."""
POOR = 0.5
"""A rule of a lower precision is more often wrong than right."""
DETAIL_LENGTH = 160
NAME_LENGTH = 80


def topics(facts: Facts, pictures: Pictures) -> Html:
    """Return the largest high topics with their most typical pictures, and a table of all."""
    title = "Topics"
    names = facts.frame("topic_names")
    if names is None:
        return section("topics", title, note("assign_topics has not written topics in this run."))
    high = names.filter(pl.col("level") == "high").sort(["size", "topic"], descending=[True, False])
    below = dict(names.filter(pl.col("level") == "low").group_by("parent").len().iter_rows())
    if high.is_empty():
        return section("topics", title, note("There are no topics: no image had an embedding."))
    cards = []
    for row in high.head(TOPIC_CARDS).to_dicts():
        figures = [pictures.figure(image_id) for image_id in (row["medoids"] or [])[:TOPIC_PICTURES]]
        told = f"{counted(row['size'] or 0, 'image')}, {counted(below.get(row['topic'], 0), 'finer topic')}"
        name = el("bdi", text(row["name"] or f"topic {row['topic']}", limit=NAME_LENGTH))
        cards.append(el("div", el("h4", name), el("div", *figures, class_="row small"), el("small", told)))
    rows: list[list[Content]] = [
        [
            el("bdi", text(row["name"] or f"topic {row['topic']}", limit=NAME_LENGTH)),
            f"{row['size'] or 0:,}",
            f"{below.get(row['topic'], 0):,}",
            el("bdi", text(", ".join(row["terms"] or []), limit=DETAIL_LENGTH)),
        ]
        for row in high.head(TOPIC_ROWS).to_dicts()
    ]
    told = f"{counted(len(high), 'high topic')}, {counted(sum(below.values()), 'low topic')}"
    heads = ["Topic", "Images", "Finer topics", "Terms"]
    return section(
        "topics",
        title,
        note(f"{told}. The largest ones with their most typical pictures; names come from what people asked."),
        el("div", *cards, class_="cards"),
        fold(f"All high topics ({len(high):,})", table(heads, rows, numeric=(1, 2))),
    )


def failures(facts: Facts) -> Html:
    """Return failures by stage and reason, with examples."""
    rows = facts.frame("failures")
    if rows is None:
        return section("failures", "Failures", note("No job has written its failures in this run."))
    if rows.is_empty():
        done = el("li", "No job reported a failure.", class_="good")
        return section("failures", "Failures", el("ul", done, class_="alerts"))
    counts = rows.group_by("stage", "reason").len().sort(["len", "stage", "reason"], descending=[True, False, False])
    ordered = rows.sort("stage", "reason", "key", "detail")
    shown: list[list[Content]] = []
    for stage, reason, count in counts.iter_rows():
        some = ordered.filter((pl.col("stage") == stage) & (pl.col("reason") == reason)).head(FAILURE_EXAMPLES)
        lines = [
            el("div", el("code", text(key or "", limit=NAME_LENGTH)), " ", text(detail or "", limit=DETAIL_LENGTH))
            for key, detail in some.select("key", "detail").iter_rows()
        ]
        shown.append([el("code", reason), f"{count:,}", stage, el("div", *lines, class_="long")])
    heads = ["Reason", "Failures", "Stage", "Examples"]
    return section("failures", "Failures", table(heads, shown, numeric=(1,)))


def rules(facts: Facts) -> Html:
    """Return how precise the query rules are, the worst of them, and whom the bot filter dropped."""
    title = "Query rules and bots"
    frame = facts.frame("rules")
    if frame is None:
        return section("rules", title, note("derive_labels has not written rules in this run."))
    judged = frame.filter(pl.col("precision").is_not_nan() & pl.col("precision").is_not_null())
    solid = judged.filter(pl.col("clicks") >= MIN_RULE_CLICKS)
    places = (solid["precision"].to_numpy() * 10).astype(int).clip(0, 9)
    counts = [int((places == place).sum()) for place in range(10)]
    worst = (
        solid.filter(pl.col("precision") < POOR)
        .with_columns((pl.col("clicks") * (1 - pl.col("precision").cast(pl.Float64))).alias("wrong"))
        .sort(["wrong", "intent", "rule"], descending=[True, False, False])
    )
    told = (
        f"{counted(len(frame), 'rule')} met a query, {int(frame['vetoed'].sum()):,} of them vetoed. Precision is "
        "the share of a rule's clicks that fell on images whose other queries lead to the same intent."
    )
    parts: list[Content] = [note(told)]
    if not solid.is_empty():
        edges = [f"{place * 10}-{place * 10 + 10}%" for place in range(10)]
        parts += [
            el("h3", f"Rules by precision (of {MIN_RULE_CLICKS} clicks or more)"),
            histogram(counts, edges, what="Number of rules by precision"),
        ]
    if not worst.is_empty():
        parts += [
            el("h3", f"Worst rules: {counted(len(worst), 'rule')} more often wrong than right"),
            _rule_table(facts, worst.head(WORST_RULES)),
        ]
    everything = frame.sort(["precision", "clicks", "intent", "rule"], descending=[False, True, False, False])
    parts.append(fold(f"All rules ({len(frame):,})", _rule_table(facts, everything.head(RULE_ROWS))))
    return section("rules", title, *parts, *_bots(facts), *_queries(facts))


def _rule_table(facts: Facts, rows: pl.DataFrame) -> Html:
    def cells(row: dict[str, Any]) -> Sequence[Content]:
        badge = el("span", "vetoed", class_="badge warn") if row["vetoed"] else ""
        return [
            el("bdi", text(row["rule"], limit=NAME_LENGTH)),
            facts.classes.intent(row["intent"]).en if row["intent"] else "",
            number(row["queries"]),
            number(row["clicks"]),
            percent(row["precision"]),
            badge,
        ]

    heads = ["Rule", "Intent", "Queries", "Clicks", "Precision", ""]
    return table(heads, [cells(row) for row in rows.to_dicts()], numeric=(2, 3, 4))


KEPT_AS = {HUMAN: "people (kept)", UNSURE: "perhaps people (kept)"}


def _bots(facts: Facts) -> list[Html]:
    bots = facts.frame("bots")
    if bots is None or bots.is_empty():
        return []
    clicks = max(int(bots["clicks"].sum()), 1)
    rows = [
        [
            KEPT_AS.get(row["reason"], row["reason"]),
            number(row["users"]),
            number(row["clicks"]),
            percent(row["clicks"] / clicks, 1),
        ]
        for row in bots.sort(["clicks", "reason"], descending=[True, False]).to_dicts()
    ]
    return [el("h3", "Bots by reason"), table(["Reason", "Users", "Clicks", "Share"], rows, numeric=(1, 2, 3))]


def _queries(facts: Facts) -> list[Html]:
    queries = facts.frame("query_intents")
    if queries is None or queries.is_empty():
        return []
    sure = int(queries["intent"].is_not_null().sum())
    told = f"{counted(sure, 'query', 'queries')} of {len(queries):,} have an intent; the others are generic."
    return [note(told)]
