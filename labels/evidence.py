"""From rows of a click log to evidence: counts that add up, whatever the blocks and days they come from.

``conform_clicks`` casts a block to the contract, ``count_clicks`` counts one day's block, and the ``merge_*``
functions of ``labels.merges`` (named here too) combine the counts. Text columns of these tables are
dictionary-encoded on their way: a query of a thousand rows travels once.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from labels.grouping import Codes, dense, pack, run_lengths, starts_of, sum_runs
from labels.log_types import conform_clicks
from labels.merges import (
    UNKNOWN_POSITION,
    UNKNOWN_USER,
    histograms,
    merge_clicks,
    merge_impressions,
    merge_rejected,
    merge_user_events,
    merge_users,
    profile_users,
)
from labels.queries import normalize_queries
from labels.tables import (
    AGGREGATED_CLICKS,
    COUNTED_REASONS,
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
        (``USER_EVENTS``: profiles follow from the merged events of a user, see ``profile_users``), text
        columns dictionary-encoded, and ``rejected`` (``COUNTED_REASONS``): rows without query, image, user,
        time or click flag, with a position below 1, or (aggregated) with fewer than 1 clicks.
    """
    table = conform_clicks(table)
    if table.schema.names == AGGREGATED_CLICKS.names:
        return _count_aggregated(table)
    rows, rejected = _Rows.of(table)
    hashes = np.append(hash_users(rows.users.texts.to_pylist(), key=key), np.int64(UNKNOWN_USER))
    clicked = np.flatnonzero(rows.clicked)
    return {
        "clicks": _clicks_of(rows, clicked, hashes),
        "impressions": _impressions_of(rows),
        "users": _events_of(rows, clicked, hashes),
        "rejected": rejected,
    }


# --- counting ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Rows:
    """The rows of one block that count, as numbers."""

    queries: Codes
    images: Codes
    users: Codes
    minutes: npt.NDArray[np.int64]
    positions: npt.NDArray[np.int64]
    clicked: npt.NDArray[np.bool_]
    dwell_ms: pa.Array

    @classmethod
    def of(cls, table: pa.Table) -> tuple["_Rows", pa.Table]:
        """Return the rows that count, and how many do not, by reason (``COUNTED_REASONS``)."""
        spelled = Codes.of(table["query"])
        queries = spelled.mapped(normalize_queries(spelled.texts))
        images, users = Codes.of(table["image_id"]), Codes.of(table["user_id"])
        times, positions = table["event_time"].cast(pa.int64()), _numbers(table["position"])
        reasons = {
            "no_query": queries.codes < 0,
            "no_image": images.codes < 0,
            "no_user": users.codes < 0,
            "no_time": _is_null(table["event_time"]),
            "no_click_flag": _is_null(table["clicked"]),
            "bad_position": positions < 1,
        }
        good, rejected = _split_rejected(table.num_rows, reasons)
        rows = cls(
            queries=queries,
            images=images,
            users=users,
            minutes=_numbers(times) // _MICROSECONDS_PER_MINUTE,
            positions=positions,
            clicked=np.asarray(pc.fill_null(table["clicked"], False)),
            dwell_ms=_whole(table["dwell_ms"]),
        )
        if rejected.num_rows:
            rows = cls(
                queries=Codes(queries.codes[good], queries.texts),
                images=Codes(images.codes[good], images.texts),
                users=Codes(users.codes[good], users.texts),
                minutes=rows.minutes[good],
                positions=positions[good],
                clicked=rows.clicked[good],
                dwell_ms=rows.dwell_ms.filter(pa.array(good)),
            )
        return rows, rejected


def _numbers(column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """Return integers as int64, 0 for null."""
    return np.asarray(pc.fill_null(column, 0)).astype(np.int64)


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def _is_null(column: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    return np.asarray(column.is_null()) if column.null_count else np.zeros(len(column), dtype=bool)


def _split_rejected(rows: int, reasons: dict[str, npt.NDArray[np.bool_]]) -> tuple[npt.NDArray[np.bool_], pa.Table]:
    """Return which rows have none of the reasons, and the rows per reason; the first that holds counts."""
    good = np.ones(rows, dtype=bool)
    counts = {}
    for reason, holds in reasons.items():
        if holds.any():
            counts[reason] = int((holds & good).sum())
            good &= ~holds
    found = {reason: count for reason, count in sorted(counts.items()) if count}
    table = pa.table({"reason": list(found), "count": list(found.values())}, schema=COUNTED_REASONS)
    return good, table


def _clicks_of(rows: _Rows, clicked: npt.NDArray[np.int64], hashes: npt.NDArray[np.int64]) -> pa.Table:
    queries, images = rows.queries.codes[clicked], rows.images.codes[clicked]
    positions, users = rows.positions[clicked], rows.users.codes[clicked]
    last = int(positions.max(initial=0)) + 1
    key = pack(
        [queries, images, positions, users], [len(rows.queries.texts), len(rows.images.texts), last, len(hashes)]
    )
    order = np.argsort(key)
    starts = starts_of(key[order])
    first = order[starts]
    dwell = rows.dwell_ms.take(pa.array(clicked[order]))
    known = np.asarray(dwell.is_valid())
    sums = sum_runs(np.asarray(dwell.fill_null(0)), starts)
    return pa.table(
        {
            "query": rows.queries.take(queries[first]),
            "image_id": rows.images.take(images[first]),
            "position": positions[first].astype(np.int32),
            "user_hash": hashes[users[first]],
            "clicks": run_lengths(starts, len(order)),
            "dwell_ms": pa.array(sums, mask=sum_runs(known, starts) == 0),
        }
    )


def _impressions_of(rows: _Rows) -> pa.Table:
    images, last = max(len(rows.images.texts), 1), int(rows.positions.max(initial=0)) + 1
    sizes = [len(rows.queries.texts), images, last]
    if sizes[0] * sizes[1] * sizes[2] >= 1 << 62:  # positions of a hostile log
        position_codes = dense(rows.positions)
        distinct, positions = position_codes
        sizes[2] = len(distinct)
    else:
        distinct, positions = np.arange(last), rows.positions
    key = pack([rows.queries.codes, rows.images.codes, positions], sizes)
    key.sort()
    starts = starts_of(key)
    counts = run_lengths(starts, len(key))
    pairs, places = np.divmod(key[starts], max(sizes[2], 1))
    firsts = starts_of(pairs)
    queries_of, images_of = np.divmod(pairs[firsts], images)
    return histograms(rows.queries.take(queries_of), rows.images.take(images_of), firsts, distinct[places], counts)


def _events_of(rows: _Rows, clicked: npt.NDArray[np.int64], hashes: npt.NDArray[np.int64]) -> pa.Table:
    """Return what was shown and not clicked per user, minute and query, and what was clicked, one by one."""
    since = int(rows.minutes.min(initial=0))
    sizes = [len(hashes), int(rows.minutes.max(initial=0)) - since + 1, len(rows.queries.texts)]
    page = pack([rows.users.codes, rows.minutes - since, rows.queries.codes], sizes)
    query_hashes, image_hashes = _text_hashes(rows.queries.texts), _text_hashes(rows.images.texts)

    def table(
        which: npt.NDArray[np.int64],
        images: npt.NDArray[np.int64],
        positions: npt.NDArray[np.int64],
        key: npt.NDArray[np.int64],
        clicks: bool,
    ) -> pa.Table:
        order = np.argsort(key)
        starts = starts_of(key[order])
        first, counts = order[starts], run_lengths(starts, len(order))
        row = which[first]
        return pa.table(
            {
                "user_hash": hashes[rows.users.codes[row]],
                "minute": rows.minutes[row],
                "query_hash": query_hashes[rows.queries.codes[row]],
                "image_hash": images[first],
                "position": positions[first].astype(np.int32),
                "impressions": counts,
                "clicks": counts if clicks else np.zeros(len(counts), dtype=np.int64),
                "dwell_ms": sum_runs(dwell[order], starts) if clicks else np.zeros(len(counts), dtype=np.int64),
            },
            schema=USER_EVENTS,
        )

    known = rows.dwell_ms.take(pa.array(clicked))
    dwell = np.where(np.asarray(known.is_valid()), np.maximum(np.asarray(known.fill_null(0)).astype(np.int64), 1), 0)
    shown = np.flatnonzero(~rows.clicked)
    nothing = np.zeros(len(shown), dtype=np.int64)
    images, positions = rows.images.codes[clicked], rows.positions[clicked]
    place = pack([images, positions], [len(rows.images.texts), int(positions.max(initial=0)) + 1])
    _, page_place = dense(page[clicked])
    _, place = dense(place)
    events = [
        table(shown, nothing, nothing, page[shown], False),
        table(
            clicked,
            image_hashes[images],
            positions,
            pack([page_place, place], [len(clicked), len(clicked)]),
            True,
        ),
    ]
    return pa.concat_tables(events)


def _text_hashes(texts: pa.Array) -> npt.NDArray[np.int64]:
    # Stable within one polars version; the hashes live only until the profiles are made.
    return pl.Series(pl.from_arrow(texts)).hash(_HASH_SEED).reinterpret(signed=True).to_numpy()


def _count_aggregated(table: pa.Table) -> dict[str, pa.Table]:
    spelled = Codes.of(table["query"])
    queries, images = spelled.mapped(normalize_queries(spelled.texts)), Codes.of(table["image_id"])
    clicks = _numbers(table["clicks"])
    reasons = {"no_query": queries.codes < 0, "no_image": images.codes < 0, "no_clicks": clicks < 1}
    good, rejected = _split_rejected(table.num_rows, reasons)
    size = int(good.sum())
    counted = pa.table(
        {
            "query": queries.take(queries.codes[good]),
            "image_id": images.take(images.codes[good]),
            "position": np.full(size, UNKNOWN_POSITION, dtype=np.int32),
            "user_hash": np.full(size, UNKNOWN_USER, dtype=np.int64),
            "clicks": clicks[good],
            "dwell_ms": pa.nulls(size, pa.int64()),
        }
    )
    return {
        "clicks": merge_clicks(counted),
        "impressions": EVIDENCE_IMPRESSIONS.empty_table(),
        "users": USER_EVENTS.empty_table(),
        "rejected": rejected,
    }
