"""From rows of a click log to evidence: counts that add up, whatever the blocks and days they come from.

``conform_clicks`` casts a block to the contract, ``count_clicks`` counts one day's block, and the ``merge_*``
functions of ``labels.merges`` (named here too) combine the counts. Text columns of these tables are
dictionary-encoded on their way: a query of a thousand rows travels once.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from labels.exploring import count_explored, is_exploring
from labels.grouping import Codes, dense, pack, run_lengths, starts_of, sum_runs
from labels.log_types import conform_clicks
from labels.merges import (
    UNKNOWN_POSITION,
    UNKNOWN_USER,
    histograms,
    merge_clicks,
    merge_impressions,
    merge_user_events,
    merge_users,
    profile_users,
)
from labels.queries import normalize_queries
from labels.tables import (
    AGGREGATED_CLICKS,
    COUNTED_REASONS,
    EVIDENCE_EXPLORED,
    EVIDENCE_IMPRESSIONS,
    RANKER,
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
    "merge_user_events",
    "merge_users",
    "profile_users",
]

_Ints = npt.NDArray[np.int64]
_MICROSECONDS_PER_MINUTE = 60_000_000
MINUTES_PER_DAY = 1440
_EPOCH = date(1970, 1, 1)
_UNDATED = np.iinfo(np.int32).max
_HASH_SEED = 0  # of the query and image hashes that only live between two steps of one run


def day_of(table: pa.Table) -> pa.Array:
    """Return each row's UTC day as date32; null where there is no time, as in an aggregated log."""
    if "event_time" not in table.column_names:
        return pa.nulls(table.num_rows, pa.date32())
    days = table["event_time"].cast(pa.date32())
    return days.combine_chunks() if isinstance(days, pa.ChunkedArray) else days


def hash_users(user_ids: Sequence[str], *, key: bytes) -> _Ints:
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


def count_clicks(table: pa.Table, *, key: bytes, day: date | None = None) -> dict[str, pa.Table]:
    """Count one block of a log, of one day or of many.

    Args:
        table: rows that ``conform_clicks`` accepts.
        key: secret key of the user hash, the same for every block of every day of a window.
        day: that of an aggregated log, which has no times.

    Returns:
        ``clicks`` (``EVIDENCE_CLICKS``) and ``impressions`` (``EVIDENCE_IMPRESSIONS``) with a column ``day`` (int32,
        days since 1970, UTC) before the others, ``users`` (``USER_EVENTS``: profiles follow from the merged events
        of a user and day, see ``profile_users``), ``explored`` (``EVIDENCE_EXPLORED``, with ``day``: rows whose
        ``ranker`` explores), text columns dictionary-encoded, and ``rejected``
        (``COUNTED_REASONS``): rows without query, image, user, time or click flag, with a position below 1, or
        (aggregated) with fewer than 1 clicks.

    Raises:
        ValueError: the log is aggregated and no day is given.
    """
    table = conform_clicks(table)
    if table.schema.names == AGGREGATED_CLICKS.names:
        if day is None:
            raise ValueError("an aggregated log has no event_time; say its day")
        return _count_aggregated(table, (day - _EPOCH).days)
    rows, rejected = _Rows.of(table)
    hashes = np.append(hash_users(rows.users.texts.to_pylist(), key=key), np.int64(UNKNOWN_USER))
    clicked = np.flatnonzero(rows.clicked)
    explored = np.flatnonzero(rows.exploring)
    return {
        "clicks": _clicks_of(rows, clicked, hashes),
        "impressions": _impressions_of(rows),
        "users": _events_of(rows, clicked, hashes),
        "explored": count_explored(
            rows.minutes[explored] // MINUTES_PER_DAY,
            hashes[rows.users.codes[explored]],
            rows.positions[explored],
            rows.clicked[explored],
        ),
        "rejected": rejected,
    }


# --- counting ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Rows:
    """The rows of one block that count, as numbers."""

    queries: Codes
    images: Codes
    users: Codes
    minutes: _Ints
    positions: _Ints
    clicked: npt.NDArray[np.bool_]
    dwell_ms: pa.Array
    exploring: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, table: pa.Table) -> tuple["_Rows", pa.Table]:
        """Return the rows that count, and how many do not, by day and reason (``COUNTED_REASONS``)."""
        spelled = Codes.of(table["query"])
        queries = spelled.mapped(normalize_queries(spelled.texts))
        images, users = Codes.of(table["image_id"]), Codes.of(table["user_id"])
        minutes = _numbers(table["event_time"].cast(pa.int64())) // _MICROSECONDS_PER_MINUTE
        positions = _numbers(table["position"])
        timeless = _is_null(table["event_time"])
        reasons = {
            "no_query": queries.codes < 0,
            "no_image": images.codes < 0,
            "no_user": users.codes < 0,
            "no_time": timeless,
            "no_click_flag": _is_null(table["clicked"]),
            "bad_position": positions < 1,
        }
        good, rejected = _split_rejected(reasons, minutes // MINUTES_PER_DAY, timeless)
        rows = cls(
            queries=queries,
            images=images,
            users=users,
            minutes=minutes,
            positions=positions,
            clicked=np.asarray(pc.fill_null(table["clicked"], False)),
            dwell_ms=_whole(table["dwell_ms"]),
            exploring=_exploring(table),
        )
        if rejected.num_rows:
            rows = cls(
                queries=Codes(queries.codes[good], queries.texts),
                images=Codes(images.codes[good], images.texts),
                users=Codes(users.codes[good], users.texts),
                minutes=minutes[good],
                positions=positions[good],
                clicked=rows.clicked[good],
                dwell_ms=rows.dwell_ms.filter(pa.array(good)),
                exploring=rows.exploring[good],
            )
        return rows, rejected


def _exploring(table: pa.Table) -> npt.NDArray[np.bool_]:
    if RANKER.name not in table.column_names:
        return np.zeros(table.num_rows, dtype=bool)
    rankers = Codes.of(table[RANKER.name])
    return np.append(is_exploring(rankers.texts.to_pylist()), False)[rankers.codes]


def _numbers(column: pa.ChunkedArray) -> _Ints:
    """Return integers as int64, 0 for null."""
    return np.asarray(pc.fill_null(column, 0)).astype(np.int64)


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def _is_null(column: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    return np.asarray(column.is_null()) if column.null_count else np.zeros(len(column), dtype=bool)


def _split_rejected(
    reasons: dict[str, npt.NDArray[np.bool_]], days: _Ints, undated: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.bool_], pa.Table]:
    """Return which rows have none of the reasons, and the others per day and reason; the first that holds counts."""
    good = np.ones(len(days), dtype=bool)
    tables = []
    for reason, holds in reasons.items():
        bad = holds & good
        if bad.any():
            good &= ~holds
            distinct, places = dense(np.where(undated, _UNDATED, days)[bad])
            counts = np.bincount(places)
            day = pa.array(distinct.astype(np.int32), mask=distinct == _UNDATED)
            tables.append(pa.table([day, [reason] * len(distinct), counts], schema=COUNTED_REASONS))
    return good, pa.concat_tables([COUNTED_REASONS.empty_table(), *tables])


def _clicks_of(rows: _Rows, clicked: _Ints, hashes: _Ints) -> pa.Table:
    queries, images = rows.queries.codes[clicked], rows.images.codes[clicked]
    positions, users = rows.positions[clicked], rows.users.codes[clicked]
    days, day_places = dense(rows.minutes[clicked] // MINUTES_PER_DAY)
    last = int(positions.max(initial=0)) + 1
    key = pack(
        [day_places, queries, images, positions, users],
        [len(days), len(rows.queries.texts), len(rows.images.texts), last, len(hashes)],
    )
    order = np.argsort(key)
    starts = starts_of(key[order])
    first = order[starts]
    dwell = rows.dwell_ms.take(pa.array(clicked[order]))
    known = np.asarray(dwell.is_valid())
    sums = sum_runs(np.asarray(dwell.fill_null(0)), starts)
    return pa.table(
        {
            "day": days[day_places[first]].astype(np.int32),
            "query": rows.queries.take(queries[first]),
            "image_id": rows.images.take(images[first]),
            "position": positions[first].astype(np.int32),
            "user_hash": hashes[users[first]],
            "clicks": run_lengths(starts, len(order)),
            "dwell_ms": pa.array(sums, mask=sum_runs(known, starts) == 0),
        }
    )


def _impressions_of(rows: _Rows) -> pa.Table:
    days, day_places = dense(rows.minutes // MINUTES_PER_DAY)
    distinct, positions = dense(rows.positions)
    images = max(len(rows.images.texts), 1)
    columns = [day_places, rows.queries.codes, rows.images.codes]
    sizes = [len(days), max(len(rows.queries.texts), 1), images]
    if len(days) * sizes[1] * images * len(distinct) < 1 << 62:
        # What is packed can be unpacked: sorting the numbers alone is several times faster than with their places.
        key = pack([*columns, positions], [*sizes, len(distinct)])
        key.sort()
        starts = starts_of(key)
        pairs, places = np.divmod(key[starts], max(len(distinct), 1))
        firsts = starts_of(pairs)
        rest, image = np.divmod(pairs[firsts], images)
        day, query = np.divmod(rest, sizes[1])
    else:
        key = pack([*columns, positions], [*sizes, len(distinct)])
        order = np.argsort(key)
        starts = starts_of(key[order])
        row = order[starts]
        places = positions[row]
        firsts = starts_of(pack(columns, sizes)[row])
        day, query, image = (column[row[firsts]] for column in columns)
    counts = run_lengths(starts, len(key))
    found = histograms(rows.queries.take(query), rows.images.take(image), firsts, distinct[places], counts)
    return found.add_column(0, "day", pa.array(days[day].astype(np.int32)))


def _events_of(rows: _Rows, clicked: _Ints, hashes: _Ints) -> pa.Table:
    """Return what was shown and not clicked per user, minute and query, and what was clicked, one by one."""
    since = int(rows.minutes.min(initial=0))
    sizes = [len(hashes), int(rows.minutes.max(initial=0)) - since + 1, len(rows.queries.texts)]
    page = pack([rows.users.codes, rows.minutes - since, rows.queries.codes], sizes)
    query_hashes, image_hashes = _text_hashes(rows.queries.texts), _text_hashes(rows.images.texts)

    def table(
        which: _Ints,
        images: _Ints,
        positions: _Ints,
        key: _Ints,
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


def _text_hashes(texts: pa.Array) -> _Ints:
    # Stable within one polars version; the hashes live only until the profiles are made.
    return pl.Series(pl.from_arrow(texts)).hash(_HASH_SEED).reinterpret(signed=True).to_numpy()


def _count_aggregated(table: pa.Table, day: int) -> dict[str, pa.Table]:
    spelled = Codes.of(table["query"])
    queries, images = spelled.mapped(normalize_queries(spelled.texts)), Codes.of(table["image_id"])
    clicks = _numbers(table["clicks"])
    reasons = {"no_query": queries.codes < 0, "no_image": images.codes < 0, "no_clicks": clicks < 1}
    days = np.full(table.num_rows, day, dtype=np.int64)
    good, rejected = _split_rejected(reasons, days, np.zeros(table.num_rows, dtype=bool))
    size = int(good.sum())
    counted = pa.table(
        {
            "day": days[good].astype(np.int32),
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
        "impressions": EVIDENCE_IMPRESSIONS.empty_table().add_column(0, "day", pa.array([], pa.int32())),
        "users": USER_EVENTS.empty_table(),
        "explored": EVIDENCE_EXPLORED.empty_table().add_column(0, "day", pa.array([], pa.int32())),
        "rejected": rejected,
    }
