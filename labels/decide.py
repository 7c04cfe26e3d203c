"""From the beliefs of images to one verdict per image: a label with its evidence, or the reason why there is none.

An image gets the intent whose chance, over all its clicks and all that should have come and did not, is high enough
(see ``propagation`` and ``cut``), if enough people clicked it for that intent. Where no intent is sure but a parent
is, the label is the parent alone.
"""

from collections.abc import Sequence
from datetime import date

import polars as pl
import pyarrow as pa

from labels.attraction import Attraction
from labels.config import LabelConfig
from labels.cut import count_confidences
from labels.frames import sum_if_any, to_frame, to_table
from labels.pooling import PooledEvidence, collection_members
from labels.propagation import answer_images
from labels.rule_counts import count_rules, merge_rules
from labels.rule_trust import RuleBook, RuleTrust
from labels.tables import ANSWERS, ASKED, LABELS, PAIRS, REJECTED, UNKNOWN_IMAGES
from labels.taxonomy import Taxonomy

__all__ = ["LabelConfig", "decide_labels", "merge_rules", "merge_unknown_images"]

NEVER_CLICKED = "never_clicked"
NO_INTENT_QUERY = "no_intent_query"
TOO_FEW_USERS = "too_few_users"
BELOW_EXPECTATION = "below_expectation"
MIXED_INTENTS = "mixed_intents"
REASONS = (NEVER_CLICKED, NO_INTENT_QUERY, TOO_FEW_USERS, BELOW_EXPECTATION, MIXED_INTENTS)
"""Why an image has no label, in the order in which the reasons are tried."""

MOST_CONFIDENT = 0.999
"""Beliefs know nothing of what the model leaves out: no label claims to be surer."""
_NO_INTENT = 2.0
"""Confidence that no intent reaches: what is left is the parent alone, or a reason."""
_INT32_MAX = 2**31 - 1


def decide_labels(
    pairs: pa.Table,
    asked: pa.Table,
    collection_ids: pa.Array | pa.ChunkedArray,
    taxonomy: Taxonomy,
    config: LabelConfig,
    *,
    attraction: Attraction,
    trust: RuleTrust,
    window_end: date,
    groups: pa.Table | None = None,
) -> dict[str, pa.Table]:
    """Decide every image of one partition, from the least confidence on; ``cut.settle`` does the rest.

    Args:
        pairs: ``PAIRS`` of all queries for these images; all pairs of an image (with ``groups``: of all
            images of a group) are here.
        asked: ``ASKED`` of the same images or groups.
        collection_ids: string ids of the collection's images in this partition.
        taxonomy: gives intents their parents.
        config: thresholds.
        attraction: of the whole window.
        trust: in the rules, of the whole window.
        window_end: last day of the window, copied into the labels.
        groups: ``image_id``, ``group_id`` of duplicates: their evidence is pooled and every member gets the
            group's verdict. Images that it lacks stand alone.

    Returns:
        ``labels`` (``LABELS``), ``rejected`` (``REJECTED``; every collection image is in exactly one of these
        two), ``other_labels`` and ``other_rejected`` (what becomes of images whose intent falls below the cut),
        ``confidences`` (``CONFIDENCES``), ``rules`` (``RULES``) and ``unknown_images`` (``UNKNOWN_IMAGES``: clicked,
        not in the collection).

        The numbers of a label are those of the queries that ask for it. The numbers of a rejected
        image are those of its likeliest intent; where no query with an intent was clicked, of all its clicks.
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
    decided = to_frame(asked, ASKED).select("query", "intent", "by_rule").unique("query")
    evidence = PooledEvidence.of(frame.drop("intent").join(decided, on="query", how="left"), members, parents)
    answers = to_frame(answer_images(asked, taxonomy, attraction), ANSWERS)
    verdicts = _verdicts(evidence, answers, members.select("group_id").unique(), config, config.min_confidence)
    doubted = verdicts.filter(pl.col("intent").is_not_null() & (pl.col("confidence") < config.min_precision))
    others = _verdicts(evidence, answers, doubted.select("group_id"), config, _NO_INTENT)
    others_members = members.join(doubted, on="group_id", how="semi")
    labels = _labels(verdicts, evidence, decided, members, config, window_end)
    return {
        "labels": labels,
        "rejected": _rejected(verdicts, members),
        "other_labels": _labels(others, evidence, decided, others_members, config, window_end),
        "other_rejected": _rejected(others, others_members),
        "confidences": count_confidences(labels),
        "rules": count_rules(frame, RuleBook.of(taxonomy), trust),
        "unknown_images": to_table(unknown, UNKNOWN_IMAGES),
    }


def merge_unknown_images(tables: Sequence[pa.Table] | pa.Table) -> pa.Table:
    """Add up ``UNKNOWN_IMAGES``."""
    merged = to_frame(tables, UNKNOWN_IMAGES).group_by("image_id").agg(pl.col("clicks").sum())
    return to_table(merged.sort("image_id"), UNKNOWN_IMAGES)


# --- verdicts ----------------------------------------------------------------------------------------


def _verdicts(
    evidence: PooledEvidence,
    answers: pl.DataFrame,
    group_ids: pl.DataFrame,
    config: LabelConfig,
    min_confidence: float,
) -> pl.DataFrame:
    """Return one row per group: intent, parent, confidence and numbers, or reason and numbers."""
    totals = evidence.pairs.group_by("group_id", maintain_order=True).agg(
        pl.col("clicks").sum(),
        sum_if_any("expected_clicks"),
        pl.col("user_hashes").explode(empty_as_null=False).n_unique().cast(pl.Int64).alias("known_users"),
        pl.col("unknown_users").sum(),
        ((pl.col("users") > 0) & pl.col("parent").is_not_null()).any().alias("any_intent"),
    )
    totals = totals.with_columns((pl.col("known_users") + pl.col("unknown_users")).alias("users"))
    numbers = ["users", "clicks", "expected_clicks"]
    rows = (
        group_ids.sort("group_id")
        .join(answers, on="group_id", how="left")
        .join(evidence.intents.select("group_id", "intent", *numbers), on=["group_id", "intent"], how="left")
        .join(
            evidence.parents.select("group_id", "parent", *numbers),
            on=["group_id", "parent"],
            how="left",
            suffix="_of_parent",
        )
        .join(totals.select("group_id", "any_intent", *numbers), on="group_id", how="left", suffix="_of_all")
        .sort("group_id")
    )
    people, people_of_parent = pl.col("users").fill_null(0), pl.col("users_of_parent").fill_null(0)
    likely = (pl.col("confidence") >= min_confidence).fill_null(False)
    clear = likely & (people >= config.min_users)
    parent_only = (
        ~likely
        & (pl.col("parent_confidence") >= config.parent_confidence).fill_null(False)
        & (people_of_parent >= config.min_users)
    )
    reason = (
        pl.when(pl.col("clicks_of_all").fill_null(0) == 0)
        .then(pl.lit(NEVER_CLICKED))
        .when(~pl.col("any_intent").fill_null(False))
        .then(pl.lit(NO_INTENT_QUERY))
        .when(clear | parent_only)
        .then(None)
        .when(people < config.min_users)
        .then(pl.lit(TOO_FEW_USERS))
        .when((people.cast(pl.Float64) < pl.col("expected_clicks")).fill_null(False))
        .then(pl.lit(BELOW_EXPECTATION))
        .otherwise(pl.lit(MIXED_INTENTS))
    )

    def pick(name: str) -> pl.Expr:
        of_intent = pl.coalesce(name, f"{name}_of_all") if name != "expected_clicks" else pl.col(name)
        return pl.when(parent_only).then(f"{name}_of_parent").otherwise(of_intent).alias(name)

    return rows.select(
        "group_id",
        reason.alias("reason"),
        pl.when(clear).then("intent").alias("intent"),
        "parent",
        pl.when(pl.col("any_intent").fill_null(False)).then("intent").alias("best_intent"),
        *(pick(name) for name in numbers),
        pl.when(pl.col("any_intent").fill_null(False)).then("confidence").alias("share"),
        pl.when(parent_only)
        .then("parent_confidence")
        .otherwise("confidence")
        .clip(upper_bound=MOST_CONFIDENT)
        .alias("confidence"),
    )


# --- tables ------------------------------------------------------------------------------------------


def _labels(
    verdicts: pl.DataFrame,
    evidence: PooledEvidence,
    decided: pl.DataFrame,
    members: pl.DataFrame,
    config: LabelConfig,
    window_end: date,
) -> pa.Table:
    labelled = verdicts.filter(pl.col("reason").is_null())
    by_rule = (
        evidence.pairs.filter(pl.col("users") > 0)
        .join(decided.select("query", "by_rule"), on="query", how="left")
        .group_by("group_id", "parent", "intent")
        .agg(pl.col("by_rule").any())
    )
    by_words = (
        labelled.join(by_rule, on="group_id", suffix="_of_query")
        .filter(
            pl.when(pl.col("intent").is_null())
            .then(pl.col("parent") == pl.col("parent_of_query"))
            .otherwise(pl.col("intent") == pl.col("intent_of_query"))
        )
        .group_by("group_id")
        .agg(pl.when(pl.col("by_rule").any()).then(pl.lit("rule")).otherwise(pl.lit("graph")).alias("source"))
    )
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
    rows = (
        members.join(labelled, on="group_id", how="inner")
        .join(shown, on="group_id", how="left")
        .join(by_words, on="group_id", how="left")
    )
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
        "source",
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
