"""From rows of a click log to evidence: counts that add up, whatever the blocks and days they come from.

``conform_clicks`` casts a block to the contract, ``count_clicks`` counts one day's block, and the ``merge_*``
functions of ``labels.merges`` (named here too) combine the counts.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from labels.frames import sum_if_any, to_table
from labels.log_types import conform_clicks
from labels.merges import (
    UNKNOWN_POSITION,
    UNKNOWN_USER,
    merge_clicks,
    merge_impressions,
    merge_rejected,
    merge_user_events,
    merge_users,
    profile_users,
)
from labels.queries import normalize_query
from labels.tables import (
    AGGREGATED_CLICKS,
    COUNTED_REASONS,
    EVIDENCE_CLICKS,
    EVIDENCE_IMPRESSIONS,
    USER_EVENTS,
)

__all__ = [
    "UNKNOWN_POSITION",
    "UNKNOWN_USER",
    "conform_clicks",
    "count_clicks",
    "day_of",
    "hash_users",
    "merge_clicks",
    "merge_impressions",
    "merge_rejected",
    "merge_user_events",
    "merge_users",
    "profile_users",
]

_MICROSECONDS_PER_MINUTE = 60_000_000
_HASH_SEED = 0  # of the query and image hashes that only live between two steps of one run


def day_of(table: pa.Table) -> pa.Array:
    """Return each row's UTC day as date32; null where there is no time, as in an aggregated log."""
    if "event_time" not in table.column_names:
        return pa.nulls(table.num_rows, pa.date32())
    days = table["event_time"].cast(pa.date32())
    return days.combine_chunks() if isinstance(days, pa.ChunkedArray) else days


def hash_users(user_ids: Sequence[str], *, key: bytes) -> npt.NDArray[np.int64]:
    """Hash user ids with a secret key: int64 of the same length, never ``UNKNOWN_USER``.

    BLAKE2b with 8 bytes of digest: without the key nobody can tell whose hash it is by hashing known ids.

    Raises:
        ValueError: the key is empty or longer than 64 bytes.
    """
    if not 1 <= len(key) <= hashlib.blake2b.MAX_KEY_SIZE:
        raise ValueError(
            f"the key of the user hash has {len(key)} bytes; give 1 to {hashlib.blake2b.MAX_KEY_SIZE} bytes"
        )
    keyed = hashlib.blake2b(key=key, digest_size=8)
    digests = bytearray()
    for user_id in user_ids:
        hasher = keyed.copy()
        hasher.update(user_id.encode("utf-8", "surrogatepass"))
        digests += hasher.digest()
    hashes = np.frombuffer(bytes(digests), dtype="<i8").astype(np.int64)
    hashes[hashes == UNKNOWN_USER] = 1
    return hashes


def count_clicks(table: pa.Table, *, key: bytes) -> dict[str, pa.Table]:
    """Count one block of one day of a log.

    Args:
        table: rows that ``conform_clicks`` accepts.
        key: secret key of the user hash, the same for every block of every day of a window.

    Returns:
        ``clicks`` (``EVIDENCE_CLICKS``), ``impressions`` (``EVIDENCE_IMPRESSIONS``), ``users``
        (``USER_EVENTS``: profiles follow from the merged events of a user, see ``profile_users``) and
        ``rejected`` (``COUNTED_REASONS``): rows without query, image, user, time or click flag, with a
        position below 1, or (aggregated) with fewer than 1 clicks.
    """
    table = conform_clicks(table)
    if table.schema.equals(AGGREGATED_CLICKS):
        return _count_aggregated(table)
    queries = _Codes.of(table["query"], normalize=True)
    images = _Codes.of(table["image_id"])
    users = _Codes.of(table["user_id"], rank=False)
    rows = pl.DataFrame(
        {
            "query": queries.codes,
            "image": images.codes,
            "user": users.codes,
            "time": pl.from_arrow(table["event_time"].cast(pa.int64())),
            "position": pl.from_arrow(table["position"]),
            "clicked": pl.from_arrow(table["clicked"]),
            "dwell_ms": pl.from_arrow(table["dwell_ms"]),
        }
    )
    reason = (
        pl.when(pl.col("query") < 0)
        .then(pl.lit("no_query"))
        .when(pl.col("image") < 0)
        .then(pl.lit("no_image"))
        .when(pl.col("user") < 0)
        .then(pl.lit("no_user"))
        .when(pl.col("time").is_null())
        .then(pl.lit("no_time"))
        .when(pl.col("clicked").is_null())
        .then(pl.lit("no_click_flag"))
        .when(pl.col("position").is_null() | (pl.col("position") < 1))
        .then(pl.lit("bad_position"))
    )
    rows, rejected = _split_rejected(rows, reason)
    hashes = hash_users(users.texts, key=key)
    return {
        "clicks": _clicks_of(rows, queries, images, hashes),
        "impressions": _impressions_of(rows, queries, images),
        "users": _events_of(rows, queries, images, hashes),
        "rejected": rejected,
    }


# --- counting ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Codes:
    """A text column as small numbers: ``texts[codes[i]]``, -1 for null and blank.

    ``texts`` are distinct; with ``rank`` they are sorted, so that sorting codes sorts texts.
    """

    codes: npt.NDArray[np.int64]
    texts: list[str]

    @classmethod
    def of(cls, column: pa.ChunkedArray, *, normalize: bool = False, rank: bool = True) -> "_Codes":
        encoded = column.combine_chunks().dictionary_encode()
        if isinstance(encoded, pa.ChunkedArray):
            encoded = encoded.combine_chunks()
        spellings = encoded.dictionary.to_pylist()
        if normalize:
            spellings = [normalize_query(text) for text in spellings]
        texts = [text for text in dict.fromkeys(spellings) if text and not text.isspace()]
        if rank:
            texts.sort()
        places = {text: place for place, text in enumerate(texts)}
        # One more entry at the end for null rows.
        of_spelling = np.array([places.get(text, -1) for text in spellings] + [-1], dtype=np.int64)
        return cls(of_spelling[encoded.indices.fill_null(len(spellings)).to_numpy(zero_copy_only=False)], texts)

    def take(self, codes: pl.Series) -> pa.Array:
        return pa.array(self.texts, pa.string()).take(codes.to_arrow())

    def hashes(self) -> pl.Series:
        # Stable within one polars version; the hashes live only until the profiles are made.
        return pl.Series(self.texts, dtype=pl.String).hash(_HASH_SEED).reinterpret(signed=True)


def _split_rejected(rows: pl.DataFrame, reason: pl.Expr) -> tuple[pl.DataFrame, pa.Table]:
    reasons = rows.select(reason.alias("reason"))["reason"]
    if reasons.null_count() == len(rows):
        return rows, COUNTED_REASONS.empty_table()
    counts = reasons.drop_nulls().to_frame().group_by("reason").agg(pl.len().alias("count")).sort("reason")
    return rows.filter(reasons.is_null()), to_table(counts, COUNTED_REASONS)


def _clicks_of(rows: pl.DataFrame, queries: _Codes, images: _Codes, hashes: npt.NDArray[np.int64]) -> pa.Table:
    keys = ["query", "image", "position", "user_hash"]
    clicked = rows.filter("clicked")
    counted = (
        clicked.with_columns(pl.Series("user_hash", hashes[clicked["user"].to_numpy()], dtype=pl.Int64))
        .group_by(keys)
        .agg(pl.len().cast(pl.Int64).alias("clicks"), sum_if_any("dwell_ms", pl.Int64))
        .sort(keys)
    )
    return pa.table(
        {
            "query": queries.take(counted["query"]),
            "image_id": images.take(counted["image"]),
            **{name: counted[name].to_arrow() for name in EVIDENCE_CLICKS.names[2:]},
        },
        schema=EVIDENCE_CLICKS,
    )


def _impressions_of(rows: pl.DataFrame, queries: _Codes, images: _Codes) -> pa.Table:
    keys = ["query", "image", "position"]
    counted = rows.group_by(keys).agg(pl.len().cast(pl.Int32).alias("count")).sort(keys)
    pairs = counted["query"].to_numpy() * max(len(images.texts), 1) + counted["image"].to_numpy()
    starts = np.flatnonzero(np.diff(pairs, prepend=-1)).astype(np.int32)
    offsets = pa.array(np.append(starts, np.int32(len(pairs))), pa.int32())
    first = counted[starts.tolist()] if len(starts) != len(counted) else counted
    return pa.table(
        {
            "query": queries.take(first["query"]),
            "image_id": images.take(first["image"]),
            "positions": pa.ListArray.from_arrays(offsets, counted["position"].to_arrow()),
            "counts": pa.ListArray.from_arrays(offsets, counted["count"].to_arrow()),
        },
        schema=EVIDENCE_IMPRESSIONS,
    )


def _events_of(rows: pl.DataFrame, queries: _Codes, images: _Codes, hashes: npt.NDArray[np.int64]) -> pa.Table:
    nothing = pl.when("clicked")
    counted = (
        rows.lazy()
        .select(
            "user",
            (pl.col("time") // _MICROSECONDS_PER_MINUTE).alias("minute"),
            "query",
            nothing.then("image").otherwise(-1).alias("image"),
            nothing.then("position").otherwise(0).cast(pl.Int32).alias("position"),
            "clicked",
        )
        .group_by("user", "minute", "query", "image", "position")
        .agg(pl.len().cast(pl.Int64).alias("impressions"), pl.col("clicked").sum().cast(pl.Int64).alias("clicks"))
        .collect()
    )
    # The last entry stands for "not clicked", code -1.
    image_hashes = np.append(images.hashes().to_numpy(), np.int64(0))
    events = pl.DataFrame(
        {
            "user_hash": hashes[counted["user"].to_numpy()],
            "minute": counted["minute"],
            "query_hash": queries.hashes().to_numpy()[counted["query"].to_numpy()],
            "image_hash": image_hashes[counted["image"].to_numpy()],
            "position": counted["position"],
            "impressions": counted["impressions"],
            "clicks": counted["clicks"],
        }
    )
    return to_table(events.sort("user_hash", "minute", "query_hash", "image_hash", "position"), USER_EVENTS)


def _count_aggregated(table: pa.Table) -> dict[str, pa.Table]:
    queries = _Codes.of(table["query"], normalize=True)
    images = _Codes.of(table["image_id"])
    rows = pl.DataFrame({"query": queries.codes, "image": images.codes, "clicks": pl.from_arrow(table["clicks"])})
    reason = (
        pl.when(pl.col("query") < 0)
        .then(pl.lit("no_query"))
        .when(pl.col("image") < 0)
        .then(pl.lit("no_image"))
        .when(pl.col("clicks").is_null() | (pl.col("clicks") < 1))
        .then(pl.lit("no_clicks"))
    )
    rows, rejected = _split_rejected(rows, reason)
    counted = rows.group_by("query", "image").agg(pl.col("clicks").sum()).sort("query", "image")
    size = len(counted)
    clicks = pa.table(
        {
            "query": queries.take(counted["query"]),
            "image_id": images.take(counted["image"]),
            "position": pa.repeat(pa.scalar(UNKNOWN_POSITION, pa.int32()), size),
            "user_hash": pa.repeat(pa.scalar(UNKNOWN_USER, pa.int64()), size),
            "clicks": counted["clicks"].to_arrow(),
            "dwell_ms": pa.nulls(size, pa.int64()),
        },
        schema=EVIDENCE_CLICKS,
    )
    return {
        "clicks": clicks,
        "impressions": EVIDENCE_IMPRESSIONS.empty_table(),
        "users": USER_EVENTS.empty_table(),
        "rejected": rejected,
    }
