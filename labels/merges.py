"""Adding up evidence: over blocks, before and after a shuffle, and over the days of a window.

Every merge is associative, commutative and indifferent to the order of rows, and takes one table or several.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from labels.frames import to_frame, to_table
from labels.grouping import Codes, dense, pack, starts_of, sum_runs
from labels.tables import COUNTED_REASONS, EVIDENCE_CLICKS, EVIDENCE_IMPRESSIONS, EVIDENCE_USERS, USER_EVENTS

UNKNOWN_USER = 0
"""``user_hash`` of an aggregated log; no real user hashes to it."""
UNKNOWN_POSITION = 0
"""``position`` of an aggregated log; real positions begin at 1."""
_INT32_MAX = 2**31 - 1


def merge_clicks(tables: Sequence[pa.Table] | pa.Table) -> pa.Table:
    """Add up ``EVIDENCE_CLICKS``: one row per query, image, position and user.

    Text columns of the result are dictionary-encoded, here and in ``merge_impressions``.
    """
    table = _one(tables, EVIDENCE_CLICKS)
    queries, images = Codes.of(table["query"]).ranked(), Codes.of(table["image_id"]).ranked()
    positions, position_places = dense(table["position"].to_numpy())
    users, user_places = dense(table["user_hash"].to_numpy())
    key = pack(
        [queries.codes, images.codes, position_places, user_places],
        [len(queries.texts), len(images.texts), len(positions), len(users)],
    )
    order = np.argsort(key)
    starts = starts_of(key[order])
    first = order[starts]
    dwell = table["dwell_ms"].cast(pa.int64())
    known = sum_runs(np.asarray(dwell.is_valid())[order], starts) > 0
    return pa.table(
        {
            "query": queries.take(queries.codes[first]),
            "image_id": images.take(images.codes[first]),
            "position": positions[position_places[first]].astype(np.int32),
            "user_hash": users[user_places[first]],
            "clicks": sum_runs(table["clicks"].to_numpy()[order], starts),
            "dwell_ms": pa.array(sum_runs(np.asarray(pc.fill_null(dwell, 0))[order], starts), mask=~known),
        }
    )


def merge_impressions(tables: Sequence[pa.Table] | pa.Table) -> pa.Table:
    """Add up ``EVIDENCE_IMPRESSIONS``: one row per query and image.

    Raises:
        OverflowError: a count passes 2^31 - 1, what ``counts`` holds.
    """
    table = _one(tables, EVIDENCE_IMPRESSIONS)
    queries, images = Codes.of(table["query"]).ranked(), Codes.of(table["image_id"]).ranked()
    lengths = np.asarray(pc.fill_null(pc.list_value_length(table["positions"]), 0)).astype(np.int64)
    positions, places = dense(pc.list_flatten(table["positions"]).to_numpy())
    counts = pc.list_flatten(table["counts"]).to_numpy()
    pair = pack([queries.codes, images.codes], [len(queries.texts), len(images.texts)])
    rows = np.repeat(np.arange(len(pair)), lengths)
    key = pack([pair[rows], places], [max(len(queries.texts) * len(images.texts), 1), len(positions)])
    order = np.argsort(key)
    starts = starts_of(key[order])
    row = rows[order[starts]]
    summed = sum_runs(counts[order], starts)
    if summed.max(initial=0) > _INT32_MAX:
        raise OverflowError(f"{summed.max():,} impressions of one image at one position; aggregate shorter windows")
    firsts = starts_of(pair[row])
    return histograms(
        queries.take(queries.codes[row[firsts]]),
        images.take(images.codes[row[firsts]]),
        firsts,
        positions[places[order[starts]]],
        summed,
    )


def histograms(
    queries: pa.Array,
    images: pa.Array,
    firsts: npt.NDArray[np.int64],
    positions: npt.NDArray[np.int64],
    counts: npt.NDArray[np.int64],
) -> pa.Table:
    """Return impressions by pair: the counts of pair i are those from ``firsts[i]`` up to the next."""
    offsets = pa.array(np.append(firsts, len(positions)).astype(np.int32))
    return pa.table(
        {
            "query": queries,
            "image_id": images,
            "positions": pa.ListArray.from_arrays(offsets, pa.array(positions.astype(np.int32))),
            "counts": pa.ListArray.from_arrays(offsets, pa.array(counts.astype(np.int32))),
        }
    )


def merge_user_events(tables: Sequence[pa.Table] | pa.Table) -> pa.Table:
    """Add up ``USER_EVENTS``: one row per user, minute, query, image and position."""
    table = _one(tables, USER_EVENTS)
    names = USER_EVENTS.names[:5]
    columns = [table[name].to_numpy() for name in names]
    codes = [dense(column) for column in columns]
    order = np.argsort(pack([places for _, places in codes], [len(distinct) for distinct, _ in codes]))
    key = pack([places for _, places in codes], [len(distinct) for distinct, _ in codes])[order]
    starts = starts_of(key)
    first = order[starts]
    sums = [sum_runs(table[name].to_numpy()[order], starts) for name in USER_EVENTS.names[5:]]
    return pa.table([*(column[first] for column in columns), *sums], schema=USER_EVENTS)


def _one(tables: Sequence[pa.Table] | pa.Table, schema: pa.Schema) -> pa.Table:
    """Return the columns of `schema` of one table, or of several one after the other."""
    if isinstance(tables, pa.Table):
        return tables.select(schema.names)
    parts = [table.select(schema.names) for table in tables]
    return pa.concat_tables(parts, promote_options="permissive") if parts else schema.empty_table()


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
