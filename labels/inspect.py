"""Questions to the label tables: how many labels there are, which rules trouble, what a query asks for.

Why one image has its label is in ``labels.image_story``.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl
import pyarrow as pa

from labels.bots import KEPT
from labels.frames import to_frame, to_table
from labels.queries import normalize_query
from labels.reasons import CLICKS_OF, REJECTED_BECAUSE, SOUND, SOURCES, UNJUDGED, VETOED, WEAK
from labels.rules import compile_rules
from labels.tables import BOTS, LABELS, QUERY_INTENTS, REJECTED, RULES
from labels.taxonomy import Intent, Taxonomy

SUMMARY = pa.schema(
    [
        ("kind", pa.string()),
        ("name", pa.string()),
        ("parent", pa.string()),
        ("images", pa.int64()),
        ("share", pa.float64()),
        ("mean_confidence", pa.float64()),
        ("least_confidence", pa.float64()),
        ("users", pa.int64()),
        ("clicks", pa.int64()),
        ("meaning", pa.string()),
    ]
)
"""``kind`` is ``intent``, ``parent`` (labels of the parent alone), ``rejected`` (``name`` is the reason), ``kept`` or
``dropped`` (clicks of the log; ``name`` says whose). ``share`` is of all images, labelled and rejected; of clicks of
all clicks. ``users`` is the sum over the images of each one's people. ``meaning`` is the name in words."""
WEAK_BELOW = 0.8
"""Precision from which a rule counts as sound: between the configured trust in a word (0.88) and the veto (0.5)."""
TROUBLE = pa.schema([*RULES, ("verdict", pa.string())])
"""``RULES`` by trouble: ``verdict`` says in words what becomes of the rule's queries."""
TOP_IMAGES = pa.schema(
    [("image_id", pa.string()), ("intent", pa.string()), ("users", pa.int64()), ("clicks", pa.int64())]
)
"""Labelled images that a query led to, and its people and clicks there."""


def summarize(labels: pa.Table, rejected: pa.Table, taxonomy: Taxonomy, bots: pa.Table | None = None) -> pa.Table:
    """Count images per intent, per parent alone and per reason of rejection, and clicks per kind of user.

    Returns:
        A table of schema ``SUMMARY``: every live intent in taxonomy order (empty ones with 0, others that the
        labels hold after them), then the parents with labels of their own, the reasons by name, and whose clicks
        were kept and dropped.
    """
    labelled = to_frame(labels, LABELS)
    refused = to_frame(rejected, REJECTED)
    total = max(len(labelled) + len(refused), 1)
    numbers = (
        pl.len().cast(pl.Int64).alias("images"),
        pl.col("confidence").cast(pl.Float64).mean().alias("mean_confidence"),
        pl.col("confidence").cast(pl.Float64).min().alias("least_confidence"),
        pl.col("users").cast(pl.Int64).sum(),
        pl.col("clicks").sum(),
    )
    by_intent = labelled.drop_nulls("intent").group_by(pl.col("intent").alias("name"), "parent").agg(*numbers)
    live = pl.DataFrame(
        {"name": taxonomy.intent_ids, "parent": [taxonomy.parent_of(name) for name in taxonomy.intent_ids]},
        schema={"name": pl.String, "parent": pl.String},
    ).with_row_index("order")
    intents = (
        live.join(by_intent, on=["name", "parent"], how="full", coalesce=True)
        .sort("order", "name", nulls_last=True)
        .with_columns(pl.lit("intent").alias("kind"), pl.col("images", "users", "clicks").fill_null(0))
    )
    order = {parent: place for place, parent in enumerate(taxonomy.parent_ids)}
    parents = (
        labelled.filter(pl.col("intent").is_null())
        .group_by(pl.col("parent").alias("name"))
        .agg(*numbers)
        .with_columns(pl.lit("parent").alias("kind"), pl.col("name").alias("parent"))
        .sort(pl.col("name").replace_strict(order, default=len(order), return_dtype=pl.Int64), "name")
    )
    reasons = (
        refused.group_by(pl.col("reason").alias("name"))
        .agg(pl.len().cast(pl.Int64).alias("images"), pl.col("users").cast(pl.Int64).sum(), pl.col("clicks").sum())
        .with_columns(pl.lit("rejected").alias("kind"), _told("name", REJECTED_BECAUSE))
        .sort("name")
    )
    shown = pl.concat((intents, parents, reasons), how="diagonal")
    shown = shown.with_columns((pl.col("images") / total).alias("share"))
    users = _clicks_of(BOTS.empty_table() if bots is None else bots)
    return to_table(pl.concat([_filled(shown), _filled(users)]), SUMMARY)


def _clicks_of(bots: pa.Table) -> pl.DataFrame:
    frame = to_frame(bots, BOTS)
    total = max(int(frame["clicks"].sum()), 1)
    return (
        frame.select(
            pl.when(pl.col("reason").is_in(KEPT)).then(pl.lit("kept")).otherwise(pl.lit("dropped")).alias("kind"),
            pl.col("reason").alias("name"),
            pl.lit(0, pl.Int64).alias("images"),
            (pl.col("clicks") / total).alias("share"),
            "users",
            "clicks",
        )
        .with_columns(_told("name", CLICKS_OF))
        .sort(pl.col("kind") == "dropped", "clicks", "name", descending=[False, True, False])
    )


def _told(name: str, words: Mapping[str, str]) -> pl.Expr:
    return pl.col(name).replace_strict(dict(words), default=pl.col(name), return_dtype=pl.String).alias("meaning")


def _filled(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the columns of ``SUMMARY``, null where the frame lacks one."""
    empty = pl.DataFrame(pl.from_arrow(SUMMARY.empty_table()))
    missing = [pl.lit(None, empty.schema[name]).alias(name) for name in SUMMARY.names if name not in frame.columns]
    return frame.with_columns(*missing).select(pl.col(name).cast(empty.schema[name]) for name in SUMMARY.names)


def troubled_rules(rules: pa.Table) -> pa.Table:
    """Return ``RULES`` with a verdict each, as ``TROUBLE``: vetoed ones first, then by precision, busy ones first."""
    precision = pl.col("precision").cast(pl.Float64)
    verdict = (
        pl.when("vetoed")
        .then(pl.lit(VETOED))
        .when(precision.is_null())
        .then(pl.lit(UNJUDGED))
        .when(precision < WEAK_BELOW)
        .then(pl.lit(WEAK))
        .otherwise(pl.lit(SOUND))
    )
    frame = to_frame(rules, RULES).with_columns(verdict.alias("verdict"))
    order = frame.sort(
        "vetoed", precision, "clicks", "intent", "rule", descending=[True, False, True, False, False], nulls_last=True
    )
    return to_table(order, TROUBLE)


def explain_query(
    query: str, query_intents: pa.Table, rules: pa.Table, taxonomy: Taxonomy, images: pa.Table
) -> dict[str, Any]:
    """Tell what a query asks for and why, ready for JSON.

    Args:
        query: in any spelling.
        query_intents: ``QUERY_INTENTS``, at least the row of this query if it has one.
        rules: ``RULES`` of the same run.
        taxonomy: of the same run.
        images: ``TOP_IMAGES`` of this query.

    Returns:
        ``query`` as it is compared; ``decided``: its row, or None; ``rule``: the words of the taxonomy that stand in
        it, their row of ``TROUBLE``, or None; ``images``.
    """
    text = normalize_query(query)
    found = to_frame(query_intents, QUERY_INTENTS).filter(pl.col("query") == text).drop("query").to_dicts()
    match = compile_rules(taxonomy).match(text)
    rule = None
    if match is not None:
        rows = pl.DataFrame(pl.from_arrow(troubled_rules(rules)))
        rows = rows.filter((pl.col("rule") == match.rule) & (pl.col("intent") == match.intent))
        rule = rows.to_dicts()[0] if len(rows) else {"rule": match.rule, "intent": match.intent}
    return {
        "query": text,
        "decided": found[0] if found else None,
        "rule": rule,
        "images": images.to_pylist(),
    }


def top_images(query: str, labels: Iterable[pa.Table], *, count: int = 10) -> pa.Table:
    """Return the labelled images that most people clicked for a query, as ``TOP_IMAGES``.

    Args:
        query: as it is compared.
        labels: blocks of ``LABELS`` (``image_id``, ``intent`` and ``queries`` of it).
        count: images at most.
    """
    best = pl.DataFrame(pl.from_arrow(TOP_IMAGES.empty_table()))
    for block in labels:
        rows = pl.DataFrame(pl.from_arrow(block.select(["image_id", "intent", "queries"])))
        hits = rows.filter(pl.col("queries").list.eval(pl.element().struct.field("query") == query).list.any())
        own = hits.explode("queries").unnest("queries").filter(pl.col("query") == query)
        own = own.select("image_id", "intent", pl.col("users").cast(pl.Int64), "clicks")
        best = pl.concat([best, own]).sort("users", "clicks", "image_id", descending=[True, True, False]).head(count)
    return to_table(best, TOP_IMAGES)


def tell_query(found: Mapping[str, Any]) -> list[str]:
    """Return what ``explain_query`` found as sentences; the images are left to the caller."""
    decided, rule = found["decided"], found["rule"]
    lines = [f"query: {found['query']}"]
    if decided is not None:
        sure = "" if decided["confidence"] is None else f"; chance that this is right {decided['confidence']:.1%}"
        lines.append(f"asks for: {decided['intent'] or 'nothing in particular (or nothing that is sure)'}{sure}")
        if decided["entropy"] is not None:
            lines.append(f"spread over classes: {decided['entropy']:.2f} (0: one only, 1: all alike)")
        lines.append(f"people: {decided['users']:,}")
        if decided["source"]:
            lines.append(f"rests on: {decided['source']} ({SOURCES.get(decided['source'], 'another version')})")
    if rule is not None:
        told = f" ({rule['verdict']})" if rule.get("verdict") else ""
        share = "" if rule.get("precision") is None else f", true of {rule['precision']:.0%} of its queries"
        lines.append(f"word: {rule['rule']!r} asks for {rule['intent']}{share}{told}")
    else:
        lines.append("word: none of the taxonomy stands in it")
    return lines


def tell_class(
    intent: Intent, labels: pa.Table, rejected: pa.Table, query_intents: pa.Table, rules: pa.Table, *, count: int = 10
) -> dict[str, Any]:
    """Tell what became of one class, ready for JSON.

    Args:
        intent: the class.
        labels: ``LABELS`` with it; ``rejected``: ``REJECTED`` whose likeliest intent it is.
        query_intents: ``QUERY_INTENTS`` with it.
        rules: ``RULES`` with it.
        count: entries of each list at most.

    Returns:
        The class's own fields; ``images`` labelled, their ``mean_confidence`` and ``least_confidence``; ``surest`` and
        ``least_sure`` image ids; ``rejected_because``: images by reason that were likeliest of this class; ``queries``
        (how many) and ``top_queries``; ``rules`` by trouble, and ``words_never_asked``.
    """
    frame = to_frame(labels, LABELS).sort("confidence", "image_id", descending=[True, False])
    asked = to_frame(query_intents, QUERY_INTENTS).sort("users", "query", descending=[True, False])
    reasons = to_frame(rejected, REJECTED).group_by("reason").agg(pl.len().alias("images")).sort("reason")
    trouble = troubled_rules(rules).to_pylist()
    met = {row["rule"] for row in trouble}
    known = frame["confidence"].cast(pl.Float64)
    return {
        "intent": intent.id,
        "parent": intent.parent,
        "en": intent.en,
        "ko": intent.ko,
        "deprecated_by": intent.deprecated_by,
        "images": len(frame),
        "mean_confidence": known.mean(),
        "least_confidence": known.min(),
        "surest": frame["image_id"].head(count).to_list(),
        "least_sure": frame["image_id"].tail(count).reverse().to_list() if len(frame) > count else [],
        "rejected_because": dict(reasons.iter_rows()),
        "queries": len(asked),
        "words_never_asked": [word for word in intent.patterns if word not in met],
        "top_queries": asked.select("query", "users", "confidence", "source").head(count).to_dicts(),
        "rules": [{name: row[name] for name in TROUBLE.names if name != "intent"} for row in trouble[:count]],
    }
