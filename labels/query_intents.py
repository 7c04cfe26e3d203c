"""What the queries of one partition ask for, and what was clicked for them."""

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from labels.config import LabelConfig
from labels.examination import EXPECTED_CLICKS, expected_clicks
from labels.frames import to_frame, to_table
from labels.merges import UNKNOWN_USER
from labels.rules import MATCHES, Rules, match_queries
from labels.tables import EVIDENCE_CLICKS, PAIRS, QUERY_INTENTS


def query_evidence(
    clicks: pa.Table,
    impressions: pa.Table,
    rates: npt.NDArray[np.float64],
    rules: Rules,
    config: LabelConfig,
) -> dict[str, pa.Table]:
    """Join the clicks and impressions of one partition of queries with what their words ask for.

    Args:
        clicks: people's ``EVIDENCE_CLICKS`` of a window, merged or not; all rows of a query are here.
        impressions: ``EVIDENCE_IMPRESSIONS`` of the same queries and window.
        rates: click rate by position (``expected_rate``); empty for a log without impressions.
        rules: compiled query rules.
        config: thresholds; here ``min_query_users`` and ``query_doubt``.

    Returns:
        ``pairs`` (``PAIRS``) and ``query_intents`` (``QUERY_INTENTS``): the clicked queries of at least
        ``min_query_users`` people. Both sorted, whatever the order of the input.
    """
    clicked = _clicked_pairs(clicks)
    shown = to_frame(expected_clicks(impressions, rates), EXPECTED_CLICKS)
    queries = pa.chunked_array(
        [clicked["query"].to_arrow().cast(pa.string()), shown["query"].to_arrow().cast(pa.string())]
    )
    matches = to_frame(match_queries(queries, rules), MATCHES)
    people = _query_users(clicks)
    return {
        "pairs": _pairs(clicked, shown, matches, people, has_rates=len(rates) > 0),
        "query_intents": _intents(people, matches, config),
    }


def _clicked_pairs(clicks: pa.Table) -> pl.DataFrame:
    """Return query, image_id, users, clicks, user_hashes (rising) of the clicked pairs."""
    frame = to_frame(clicks, EVIDENCE_CLICKS)
    known = pl.col("user_hash") != UNKNOWN_USER
    hashes = pl.col("user_hash").filter(known).unique().sort()
    return frame.group_by("query", "image_id").agg(
        (hashes.len().cast(pl.Int64) + pl.col("clicks").filter(~known).sum()).alias("users"),
        pl.col("clicks").sum(),
        hashes.alias("user_hashes"),
    )


def _query_users(clicks: pa.Table) -> pl.DataFrame:
    """Return query, query_users: the people who clicked anything for it."""
    frame = to_frame(clicks, EVIDENCE_CLICKS)
    known = pl.col("user_hash") != UNKNOWN_USER
    people = pl.col("user_hash").filter(known).n_unique().cast(pl.Int64) + pl.col("clicks").filter(~known).sum()
    return frame.group_by("query").agg(people.alias("query_users"))


def _pairs(
    clicked: pl.DataFrame, shown: pl.DataFrame, matches: pl.DataFrame, people: pl.DataFrame, *, has_rates: bool
) -> pa.Table:
    joined = clicked.join(shown, on=["query", "image_id"], how="full", coalesce=True).join(
        matches, on="query", how="left"
    )
    if has_rates:
        # Clicked and not shown (its impressions came late): nothing was to be expected of it.
        joined = joined.with_columns(pl.col("expected_clicks").fill_null(0.0))
    pairs = (
        joined.filter((pl.col("clicks") > 0) | pl.col("intent").is_not_null())
        .join(people, on="query", how="left")
        .with_columns(
            pl.col("users", "clicks", "query_users").fill_null(0),
            pl.col("user_hashes").fill_null(pl.lit([], pl.List(pl.Int64))),
        )
        .sort("image_id", "query")
        .with_columns(pl.col("query").is_first_distinct().alias("counts_query"))
    )
    return to_table(pairs, PAIRS)


def _intents(people: pl.DataFrame, matches: pl.DataFrame, config: LabelConfig) -> pa.Table:
    """Words alone decide: a rule is right but for the share of misleading queries, and says nothing of others."""
    decided = pl.col("intent").is_not_null()
    intents = (
        people.filter(pl.col("query_users") >= config.min_query_users)
        .join(matches, on="query", how="inner")
        .select(
            "query",
            "intent",
            pl.when(decided).then(1.0 - config.query_doubt).cast(pl.Float32).alias("confidence"),
            pl.lit(None, pl.Float32).alias("entropy"),
            pl.col("query_users").cast(pl.Int32).alias("users"),
            pl.when(decided).then(pl.lit("rule")).alias("source"),
        )
        .sort("query")
    )
    return to_table(intents, QUERY_INTENTS)
