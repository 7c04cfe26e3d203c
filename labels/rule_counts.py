"""What every rule's queries say against all others: the first thing to look at when labels look wrong."""

from collections.abc import Sequence

import polars as pl
import pyarrow as pa

from labels.frames import to_frame, to_table
from labels.pooling import ROUNDING, PooledEvidence
from labels.tables import RULE_COUNTS, RULES


def count_rules(frame: pl.DataFrame, members: pl.DataFrame, evidence: PooledEvidence) -> pa.Table:
    """Count queries and clicks per rule, and how the other queries of the clicked images judge them."""
    ranked = evidence.intents.sort("group_id", "weight", "intent", descending=[False, True, False]).group_by(
        "group_id", maintain_order=True
    )
    leaders = ranked.agg(
        pl.col("intent").first().alias("first"),
        pl.col("weight").first().alias("first_weight"),
        pl.col("weight").get(1, null_on_oob=True).fill_null(0.0).alias("second_weight"),
    )
    own = evidence.intents.select("group_id", "intent", pl.col("weight").alias("own_weight"))
    judged = (
        evidence.pairs.filter(pl.col("users") > 0)
        .drop_nulls("parent")
        .join(own, on=["group_id", "intent"])
        .join(leaders, on="group_id")
        .with_columns(
            # What remains for the query's own intent without it, and the best of the other intents.
            (pl.col("own_weight") - pl.col("weight")).alias("rest"),
            pl.when(pl.col("first") == pl.col("intent")).then("second_weight").otherwise("first_weight").alias("rival"),
        )
        .with_columns(
            (pl.max_horizontal("rest", "rival") > ROUNDING).alias("judged"),
            (pl.col("rest") > pl.col("rival") + ROUNDING).alias("agreeing"),
        )
        .select("group_id", "query", "judged", "agreeing")
    )
    counts = (
        frame.filter(pl.col("rule").is_not_null())
        .join(members, on="image_id", how="left")
        .join(judged, on=["group_id", "query"], how="left")
        .group_by("rule", "intent")
        .agg(
            pl.col("counts_query").sum().cast(pl.Int64).alias("queries"),
            pl.col("clicks").sum(),
            pl.col("clicks").filter(pl.col("judged").fill_null(False)).sum().alias("judged"),
            pl.col("clicks").filter(pl.col("agreeing").fill_null(False)).sum().alias("agreeing"),
        )
        .sort("intent", "rule")
    )
    return to_table(counts, RULE_COUNTS)


def merge_rules(rule_counts: Sequence[pa.Table] | pa.Table) -> pa.Table:
    """Add up ``RULE_COUNTS`` of all partitions to ``RULES``.

    ``precision`` is agreeing over judged clicks, null where nothing could be judged. It judges a rule by the
    other queries of the images that its queries clicked, never by itself. No rule is vetoed by this step:
    ``vetoed`` is false.
    """
    merged = (
        to_frame(rule_counts, RULE_COUNTS)
        .group_by("rule", "intent")
        .agg(pl.col("queries", "clicks", "judged", "agreeing").sum())
        .with_columns(
            pl.when(pl.col("judged") > 0).then(pl.col("agreeing") / pl.col("judged")).alias("precision"),
            pl.lit(False).alias("vetoed"),
        )
        .sort("intent", "rule")
    )
    return to_table(merged, RULES)
