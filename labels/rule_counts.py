"""The table of rules: how many queries and clicks each has, and what the log says of it."""

from collections.abc import Sequence

import polars as pl
import pyarrow as pa

from labels.frames import to_frame, to_table
from labels.rule_trust import RuleBook, RuleTrust
from labels.tables import RULES


def count_rules(frame: pl.DataFrame, book: RuleBook, trust: RuleTrust) -> pa.Table:
    """Return ``RULES`` of some pairs (``PAIRS``).

    ``precision`` is the estimated share of a rule's queries that mean its intent, null where no query says anything.
    """
    judged = (
        book.frame()
        .with_columns(
            pl.lit(pl.Series(1 - trust.misleading)).gather(pl.col("rule")).alias("precision"),
            pl.lit(pl.Series(trust.judged)).gather(pl.col("rule")).alias("judged"),
            pl.lit(pl.Series(trust.vetoed)).gather(pl.col("rule")).alias("vetoed"),
        )
        .drop("rule")
        .rename({"pattern": "rule"})
    )
    counts = (
        frame.filter(pl.col("rule").is_not_null())
        .group_by("rule", "intent")
        .agg(pl.col("counts_query").sum().cast(pl.Int64).alias("queries"), pl.col("clicks").sum())
        .join(judged, on=["rule", "intent"], how="left")
        .with_columns(pl.when("judged").then("precision").alias("precision"), pl.col("vetoed").fill_null(False))
        .sort("intent", "rule")
    )
    return to_table(counts.drop("judged"), RULES)


def merge_rules(tables: Sequence[pa.Table] | pa.Table) -> pa.Table:
    """Add up the ``RULES`` of all partitions; what the log says of a rule is the same in all of them."""
    merged = (
        to_frame(tables, RULES)
        .group_by("rule", "intent")
        .agg(pl.col("queries", "clicks").sum(), pl.col("precision", "vetoed").first())
        .sort("intent", "rule")
    )
    return to_table(merged, RULES)
