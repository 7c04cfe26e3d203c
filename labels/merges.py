"""Adding up evidence: over blocks, before and after a shuffle, and over the days of a window.

Every merge is associative, commutative and indifferent to the order of rows, and takes one table or several.
"""

from collections.abc import Sequence

import polars as pl
import pyarrow as pa

from labels.frames import sum_if_any, to_frame, to_table
from labels.tables import COUNTED_REASONS, EVIDENCE_CLICKS, EVIDENCE_IMPRESSIONS, EVIDENCE_USERS, USER_EVENTS

UNKNOWN_USER = 0
"""``user_hash`` of an aggregated log; no real user hashes to it."""
UNKNOWN_POSITION = 0
"""``position`` of an aggregated log; real positions begin at 1."""


def merge_clicks(tables: Sequence[pa.Table] | pa.Table) -> pa.Table:
    """Add up ``EVIDENCE_CLICKS``: one row per query, image, position and user."""
    keys = ["query", "image_id", "position", "user_hash"]
    merged = (
        to_frame(tables, EVIDENCE_CLICKS).group_by(keys).agg(pl.col("clicks").sum(), sum_if_any("dwell_ms", pl.Int64))
    )
    return to_table(merged.sort(keys), EVIDENCE_CLICKS)


def merge_impressions(tables: Sequence[pa.Table] | pa.Table) -> pa.Table:
    """Add up ``EVIDENCE_IMPRESSIONS``: one row per query and image."""
    merged = (
        explode_impressions(tables)
        .group_by("query", "image_id", "position")
        .agg(pl.col("count").sum())
        .sort("query", "image_id", "position")
        .group_by("query", "image_id", maintain_order=True)
        .agg(pl.col("position").alias("positions"), pl.col("count").alias("counts"))
    )
    return to_table(merged, EVIDENCE_IMPRESSIONS)


def merge_user_events(tables: Sequence[pa.Table] | pa.Table) -> pa.Table:
    """Add up ``USER_EVENTS``: one row per user, minute, query, image and position."""
    keys = ["user_hash", "minute", "query_hash", "image_hash", "position"]
    merged = to_frame(tables, USER_EVENTS).group_by(keys).agg(pl.col("impressions").sum(), pl.col("clicks").sum())
    return to_table(merged.sort(keys), USER_EVENTS)


def profile_users(events: Sequence[pa.Table] | pa.Table) -> pa.Table:
    """Profile users from all events of one day: ``EVIDENCE_USERS``, one row per user.

    Exact only where all events of a user are here, that is after a shuffle by ``user_hash``; the events need
    not be merged before. A result page is one query in one minute.
    """
    frame = to_frame(events, USER_EVENTS)
    clicked = frame.filter(pl.col("clicks") > 0)

    def most_clicks(name: str, *by: str) -> pl.DataFrame:
        sums = clicked.group_by("user_hash", *by).agg(pl.col("clicks").sum())
        return sums.group_by("user_hash").agg(pl.col("clicks").max().alias(name))

    profiles = frame.group_by("user_hash").agg(
        pl.lit(1, pl.Int64).first().alias("days"),
        pl.col("impressions").sum(),
        pl.col("clicks").sum(),
        pl.struct("minute", "query_hash").n_unique().alias("pages"),
        pl.col("query_hash").n_unique().alias("queries"),
        pl.col("minute").n_unique().alias("active_minutes"),
    )
    breadth = clicked.group_by("user_hash").agg(pl.col("image_hash").n_unique().alias("images"))
    for part in (
        breadth,
        most_clicks("max_image_clicks", "image_hash"),
        most_clicks("max_position_clicks", "position"),
        most_clicks("max_minute_clicks", "minute"),
    ):
        profiles = profiles.join(part, on="user_hash", how="left")
    return to_table(profiles.fill_null(0).sort("user_hash"), EVIDENCE_USERS)


def merge_users(tables: Sequence[pa.Table] | pa.Table) -> pa.Table:
    """Merge the daily profiles of a window into one per user.

    Volumes and days are sums, ``max_*`` are the worst day's. Distinct queries and images are sums of the
    days' numbers, thus upper bounds: what a user clicks again on another day counts again.
    """
    largest = ["max_image_clicks", "max_position_clicks", "max_minute_clicks"]
    sums = [name for name in EVIDENCE_USERS.names if name not in {"user_hash", *largest}]
    merged = to_frame(tables, EVIDENCE_USERS).group_by("user_hash").agg(pl.col(sums).sum(), pl.col(largest).max())
    return to_table(merged.sort("user_hash"), EVIDENCE_USERS)


def merge_rejected(tables: Sequence[pa.Table] | pa.Table) -> pa.Table:
    """Add up ``COUNTED_REASONS``."""
    merged = to_frame(tables, COUNTED_REASONS).group_by("reason").agg(pl.col("count").sum())
    return to_table(merged.sort("reason"), COUNTED_REASONS)


def explode_impressions(impressions: Sequence[pa.Table] | pa.Table) -> pl.DataFrame:
    """Return query, image_id, position int32, count int64: one row per list entry of ``EVIDENCE_IMPRESSIONS``."""
    frame = to_frame(impressions, EVIDENCE_IMPRESSIONS)
    rows = frame.filter(pl.col("positions").list.len() > 0).explode("positions", "counts")
    return rows.select(
        "query", "image_id", pl.col("positions").alias("position"), pl.col("counts").cast(pl.Int64).alias("count")
    )
