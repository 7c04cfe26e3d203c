"""From pairs of queries and images to one verdict per image: a label, or the reason why there is none.

An image gets the intent for which distinct people clicked it at least as often as its positions earn by
themselves, if the queries of that intent clearly outweigh those of all others (rows D to F of the prototype in
the field notes; evidence per query grows with the square root of its people, after the observation that the
wrong labels come from single popular queries whose words mislead). Where no intent is clear but a parent is,
the label is the parent alone.
"""

from collections.abc import Sequence
from datetime import date

import polars as pl
import pyarrow as pa

from labels.config import LabelConfig
from labels.frames import sum_if_any, to_frame, to_table
from labels.pooling import ROUNDING, PooledEvidence, collection_members
from labels.rule_counts import count_rules, merge_rules
from labels.tables import LABELS, PAIRS, REJECTED, UNKNOWN_IMAGES
from labels.taxonomy import Taxonomy

__all__ = ["LabelConfig", "decide_labels", "merge_rules", "merge_unknown_images"]

NEVER_CLICKED = "never_clicked"
NO_INTENT_QUERY = "no_intent_query"
TOO_FEW_USERS = "too_few_users"
MIXED_INTENTS = "mixed_intents"
BELOW_EXPECTATION = "below_expectation"
REASONS = (NEVER_CLICKED, NO_INTENT_QUERY, TOO_FEW_USERS, MIXED_INTENTS, BELOW_EXPECTATION)
"""Why an image has no label, in the order in which the reasons are tried."""

_INT32_MAX = 2**31 - 1


def decide_labels(
    pairs: pa.Table,
    collection_ids: pa.Array | pa.ChunkedArray,
    taxonomy: Taxonomy,
    config: LabelConfig,
    *,
    window_end: date,
    groups: pa.Table | None = None,
) -> dict[str, pa.Table]:
    """Decide every image of one partition.

    Args:
        pairs: ``PAIRS`` of all queries for these images; all pairs of an image (with ``groups``: of all
            images of a group) are here.
        collection_ids: string ids of the collection's images in this partition.
        taxonomy: gives intents their parents.
        config: thresholds.
        window_end: last day of the window, copied into the labels.
        groups: ``image_id``, ``group_id`` of duplicates: their evidence is pooled and every member gets the
            group's verdict. Images that it lacks stand alone.

    Returns:
        ``labels`` (``LABELS``), ``rejected`` (``REJECTED``; every collection image is in exactly one of these
        two), ``rule_counts`` (``RULE_COUNTS``) and ``unknown_images`` (``UNKNOWN_IMAGES``: clicked, not in the
        collection).

        ``confidence`` is an estimated probability, see ``_confidence``. The numbers of a rejected image are
        those of its leading intent; where no query with an intent was clicked, of all its clicks.
    """
    frame = to_frame(pairs, PAIRS)
    members = collection_members(collection_ids, groups)
    known = members.select(pl.col("image_id").unique())
    unknown = (
        frame.join(known, on="image_id", how="anti")
        .group_by("image_id")
        .agg(pl.col("clicks").sum())
        .filter(pl.col("clicks") > 0)
        .sort("image_id")
    )
    parents = pl.DataFrame(
        {"intent": taxonomy.intent_ids, "parent": [taxonomy.parent_of(intent) for intent in taxonomy.intent_ids]},
        schema={"intent": pl.String, "parent": pl.String},
    )
    evidence = PooledEvidence.of(frame, members, parents)
    verdicts = _verdicts(evidence, members.select("group_id").unique(), config)
    return {
        "labels": _labels(verdicts, evidence, members, config, window_end),
        "rejected": _rejected(verdicts, members),
        "rule_counts": count_rules(frame, members, evidence),
        "unknown_images": to_table(unknown, UNKNOWN_IMAGES),
    }


def merge_unknown_images(tables: Sequence[pa.Table] | pa.Table) -> pa.Table:
    """Add up ``UNKNOWN_IMAGES``."""
    merged = to_frame(tables, UNKNOWN_IMAGES).group_by("image_id").agg(pl.col("clicks").sum())
    return to_table(merged.sort("image_id"), UNKNOWN_IMAGES)


# --- verdicts ----------------------------------------------------------------------------------------


def _verdicts(evidence: PooledEvidence, group_ids: pl.DataFrame, config: LabelConfig) -> pl.DataFrame:
    """Return one row per group: intent, parent, confidence and numbers, or reason and numbers."""
    purity = pl.when(pl.col("queries") > 1).then(config.purity).otherwise(config.lone_purity)
    by_intent = _leading(evidence.intents, "intent").with_columns(
        _reason(config, purity).alias("reason"), _confidence(config).alias("confidence")
    )
    by_parent = _leading(evidence.parents, "parent").with_columns(
        _reason(config, pl.lit(config.parent_purity)).alias("reason"), _confidence(config).alias("confidence")
    )
    parent_of = evidence.pairs.select("intent", "parent").drop_nulls().unique()
    totals = evidence.pairs.group_by("group_id", maintain_order=True).agg(
        pl.col("clicks").sum(),
        sum_if_any("expected_clicks"),
        pl.col("user_hashes").explode(empty_as_null=False).n_unique().cast(pl.Int64).alias("known_users"),
        pl.col("unknown_users").sum(),
    )
    totals = totals.with_columns((pl.col("known_users") + pl.col("unknown_users")).alias("users"))
    numbers = ["users", "clicks", "expected_clicks", "share", "confidence", "reason"]
    rows = (
        group_ids.sort("group_id")
        .join(by_intent.join(parent_of, on="intent", how="left"), on="group_id", how="left")
        .join(by_parent.select("group_id", "parent", *numbers), on="group_id", how="left", suffix="_of_parent")
        .join(
            totals.select("group_id", "users", "clicks", "expected_clicks"), on="group_id", how="left", suffix="_of_all"
        )
        .sort("group_id")
    )
    clear = pl.col("intent").is_not_null() & pl.col("reason").is_null()
    # Only where the intents of one parent compete does the parent know more than its intents.
    parent_only = (
        pl.col("intent").is_not_null()
        & (pl.col("reason").is_in([MIXED_INTENTS, TOO_FEW_USERS]))
        & pl.col("reason_of_parent").is_null()
    )

    def pick(name: str) -> pl.Expr:
        chosen = pl.when(parent_only).then(f"{name}_of_parent").otherwise(name)
        if name in {"users", "clicks", "expected_clicks"}:
            return pl.when(pl.col("intent").is_null()).then(f"{name}_of_all").otherwise(chosen).alias(name)
        return chosen.alias(name)

    reason = (
        pl.when(pl.col("clicks_of_all").fill_null(0) == 0)
        .then(pl.lit(NEVER_CLICKED))
        .when(pl.col("intent").is_null())
        .then(pl.lit(NO_INTENT_QUERY))
        .when(clear | parent_only)
        .then(None)
        .otherwise("reason")
    )
    return rows.select(
        "group_id",
        reason.alias("reason"),
        pl.when(clear).then("intent").alias("intent"),
        pick("parent"),
        pl.col("intent").alias("best_intent"),
        *(pick(name) for name in ("users", "clicks", "expected_clicks", "share", "confidence")),
    )


def _leading(sums: pl.DataFrame, level: str) -> pl.DataFrame:
    """Return the class with the greatest weight of each group; of equals the one with more people, then by id."""
    order = sums.sort("group_id", "weight", "users", level, descending=[False, True, True, False])
    return order.group_by("group_id", maintain_order=True).first()


def _reason(config: LabelConfig, purity: pl.Expr) -> pl.Expr:
    smooth = config.smoothing_clicks
    enough = (pl.col("users") + smooth) >= config.rate_ratio * (pl.col("expected_clicks") + smooth)
    return (
        pl.when(pl.col("users") < config.min_users)
        .then(pl.lit(TOO_FEW_USERS))
        .when(pl.col("share") < purity - ROUNDING)
        .then(pl.lit(MIXED_INTENTS))
        .when(~enough.fill_null(True))  # null: a log without impressions expects nothing
        .then(pl.lit(BELOW_EXPECTATION))
    )


def _confidence(config: LabelConfig) -> pl.Expr:
    """Estimate the probability that the leading class is right.

    Two things can be wrong. All its queries mislead: ``doubt ** queries``, taking queries as independent. Or
    what was clicked is mostly chance: the probability that two pieces of evidence drawn by weight both speak
    for other classes.
    """
    misled = pl.lit(config.query_doubt).pow(pl.col("queries").cast(pl.Float64))
    return (1.0 - misled) * (1.0 - (1.0 - pl.col("share")).pow(2))


# --- tables ------------------------------------------------------------------------------------------


def _labels(
    verdicts: pl.DataFrame, evidence: PooledEvidence, members: pl.DataFrame, config: LabelConfig, window_end: date
) -> pa.Table:
    labelled = verdicts.filter(pl.col("reason").is_null())
    shown = (
        evidence.pairs.filter((pl.col("users") > 0) & (pl.col("query_users") >= config.min_query_users))
        .join(
            labelled.select("group_id", pl.col("intent").alias("label"), pl.col("parent").alias("first")), on="group_id"
        )
        .filter(
            pl.when(pl.col("label").is_null())
            .then(pl.col("parent") == pl.col("first"))
            .otherwise(pl.col("intent") == pl.col("label"))
        )
        .sort("group_id", "users", "clicks", "query", descending=[False, True, True, False])
        .group_by("group_id", maintain_order=True)
        .agg(pl.struct("query", "clicks", _int32("users").alias("users")).head(config.max_queries).alias("queries"))
    )
    rows = members.join(labelled, on="group_id", how="inner").join(shown, on="group_id", how="left")
    empty = pl.lit([], pl.List(pl.Struct({"query": pl.String, "clicks": pl.Int64, "users": pl.Int32})))
    labels = rows.select(
        "image_id",
        "intent",
        "parent",
        pl.col("confidence").cast(pl.Float32),
        _int32("users"),
        "clicks",
        pl.col("expected_clicks").cast(pl.Float32),
        pl.col("queries").fill_null(empty),
        pl.lit("rule").alias("source"),
        pl.lit(window_end, pl.Date).alias("window_end"),
    )
    return to_table(labels.sort("image_id"), LABELS)


def _rejected(verdicts: pl.DataFrame, members: pl.DataFrame) -> pa.Table:
    rows = members.join(verdicts.filter(pl.col("reason").is_not_null()), on="group_id", how="inner")
    rejected = rows.select(
        "image_id",
        "reason",
        _int32("users").fill_null(0),
        pl.col("clicks").fill_null(0),
        pl.col("expected_clicks").cast(pl.Float32),
        "best_intent",
        pl.col("share").cast(pl.Float32),
    )
    return to_table(rejected.sort("image_id"), REJECTED)


def _int32(name: str) -> pl.Expr:
    return pl.col(name).clip(upper_bound=_INT32_MAX).cast(pl.Int32)
