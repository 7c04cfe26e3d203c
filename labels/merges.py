"""Adding up evidence: over blocks, before and after a shuffle, and over the days of a window.

Every merge is associative, commutative and indifferent to the order of rows, and takes one table or several.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from labels.bot_features import manner_lists, manners_of, merge_manners
from labels.grouping import Codes, dense, pack, starts_of, sum_runs
from labels.tables import EVIDENCE_CLICKS, EVIDENCE_IMPRESSIONS, EVIDENCE_USERS, USER_EVENTS

UNKNOWN_USER = 0
"""``user_hash`` of an aggregated log; no real user hashes to it."""
UNKNOWN_POSITION = 0
"""``position`` of an aggregated log; real positions begin at 1."""
_INT32_MAX = 2**31 - 1


def merge_clicks(tables: Sequence[pa.Table] | pa.Table) -> pa.Table:
    """Add up ``EVIDENCE_CLICKS``: one row per query, image, position and user; per day where there is a column day.

    Text columns of the result are dictionary-encoded, here and in ``merge_impressions``.
    """
    table = _one(tables, EVIDENCE_CLICKS)
    days, day_places = _days(table)
    queries, images = Codes.of(table["query"]).ranked(), Codes.of(table["image_id"]).ranked()
    positions, position_places = dense(table["position"].to_numpy())
    users, user_places = dense(table["user_hash"].to_numpy())
    key = pack(
        [day_places, queries.codes, images.codes, position_places, user_places],
        [len(days), len(queries.texts), len(images.texts), len(positions), len(users)],
    )
    order = np.argsort(key)
    starts = starts_of(key[order])
    first = order[starts]
    dwell = table["dwell_ms"].cast(pa.int64())
    known = sum_runs(np.asarray(dwell.is_valid())[order], starts) > 0
    merged = pa.table(
        {
            "query": queries.take(queries.codes[first]),
            "image_id": images.take(images.codes[first]),
            "position": positions[position_places[first]].astype(np.int32),
            "user_hash": users[user_places[first]],
            "clicks": sum_runs(table["clicks"].to_numpy()[order], starts),
            "dwell_ms": pa.array(sum_runs(np.asarray(pc.fill_null(dwell, 0))[order], starts), mask=~known),
        }
    )
    return _with_days(merged, table, days[day_places[first]])


def merge_impressions(tables: Sequence[pa.Table] | pa.Table) -> pa.Table:
    """Add up ``EVIDENCE_IMPRESSIONS``: one row per query and image; per day where there is a column day.

    Raises:
        OverflowError: a count passes 2^31 - 1, what ``counts`` holds.
    """
    table = _one(tables, EVIDENCE_IMPRESSIONS)
    queries, images = Codes.of(table["query"]).ranked(), Codes.of(table["image_id"]).ranked()
    lengths = np.asarray(pc.fill_null(pc.list_value_length(table["positions"]), 0)).astype(np.int64)
    positions, places = dense(pc.list_flatten(table["positions"]).to_numpy())
    counts = pc.list_flatten(table["counts"]).to_numpy()
    days, day_places = _days(table)
    columns, sizes = [day_places, queries.codes, images.codes], [len(days), len(queries.texts), len(images.texts)]
    pair = pack(columns, sizes)
    rows = np.repeat(np.arange(len(pair)), lengths)
    key = pack([*(column[rows] for column in columns), places], [*sizes, len(positions)])
    order = np.argsort(key)
    starts = starts_of(key[order])
    row = rows[order[starts]]
    summed = sum_runs(counts[order], starts)
    if summed.max(initial=0) > _INT32_MAX:
        raise OverflowError(f"{summed.max():,} impressions of one image at one position; aggregate shorter windows")
    firsts = starts_of(pair[row])
    merged = histograms(
        queries.take(queries.codes[row[firsts]]),
        images.take(images.codes[row[firsts]]),
        firsts,
        positions[places[order[starts]]],
        summed,
    )
    return _with_days(merged, table, days[day_places[row[firsts]]])


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
    key = pack([places for _, places in codes], [len(distinct) for distinct, _ in codes])
    order = np.argsort(key)
    starts = starts_of(key[order])
    first = order[starts]
    sums = [sum_runs(table[name].to_numpy()[order], starts) for name in USER_EVENTS.names[5:]]
    return pa.table([*(column[first] for column in columns), *sums], schema=USER_EVENTS)


def _days(table: pa.Table) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the distinct days and each row's place among them; one day where the table has no such column."""
    if "day" not in table.column_names:
        return np.zeros(1, dtype=np.int64), np.zeros(table.num_rows, dtype=np.int64)
    return dense(table["day"].to_numpy())


def _with_days(merged: pa.Table, table: pa.Table, days: npt.NDArray[np.int64]) -> pa.Table:
    return merged.add_column(0, "day", pa.array(days.astype(np.int32))) if "day" in table.column_names else merged


def _one(tables: Sequence[pa.Table] | pa.Table, schema: pa.Schema) -> pa.Table:
    """Return the columns of `schema`, and ``day`` where it is there, of one table or of several one after the other."""
    if isinstance(tables, pa.Table):
        return tables.select([*(name for name in ("day",) if name in tables.column_names), *schema.names])
    parts = [_one(table, schema) for table in tables]
    return pa.concat_tables(parts, promote_options="permissive") if parts else schema.empty_table()


def profile_users(events: Sequence[pa.Table] | pa.Table) -> pa.Table:
    """Profile users from all events of one day: ``EVIDENCE_USERS``, one row per user.

    Exact only where all events of a user are here, that is after a shuffle by ``user_hash``; the events need
    not be merged before. A result page is one query in one minute.
    """
    table = _one(events, USER_EVENTS)
    user_hashes, users = dense(table["user_hash"].to_numpy())
    minutes, minute_places = dense(table["minute"].to_numpy())
    queries, query_places = dense(table["query_hash"].to_numpy())
    count = len(user_hashes)
    page = pack([users, minute_places, query_places], [count, len(minutes), len(queries)])
    order = np.argsort(page, kind="stable")  # linear where the events were merged before
    users, minute_places, query_places = users[order], minute_places[order], query_places[order]
    impressions, clicks, dwell, positions = (
        table[name].to_numpy()[order].astype(np.int64) for name in ("impressions", "clicks", "dwell_ms", "position")
    )
    clicked = np.flatnonzero(clicks > 0)
    images, image_places = dense(table["image_hash"].to_numpy()[order][clicked])
    owner, sums = users[clicked], clicks[clicked]

    def most_and_kinds(places: npt.NDArray[np.int64], size: int) -> tuple[npt.NDArray[np.int64], ...]:
        """Return per user the most clicks on one of the places, and how many different ones were clicked."""
        key = pack([owner, places], [count, size])
        by_key = np.argsort(key)
        starts = starts_of(key[by_key])
        whose, total = owner[by_key[starts]], sum_runs(sums[by_key], starts)
        most = np.zeros(count, dtype=np.int64)
        firsts = starts_of(whose)
        if len(firsts):
            most[whose[firsts]] = np.maximum.reduceat(total, firsts)
        return most, np.bincount(whose, minlength=count)

    most_image, images_of = most_and_kinds(image_places, len(images))
    most_position, _ = most_and_kinds(positions[clicked], int(positions.max(initial=0)) + 1)
    most_minute, _ = most_and_kinds(minute_places[clicked], len(minutes))
    active = starts_of(pack([users, minute_places], [count, len(minutes)]))
    pages = starts_of(page[order])
    asked = np.sort(pack([users, query_places], [count, len(queries)]))
    of_user = starts_of(users)
    manners = manners_of(users, minutes[minute_places], query_places, positions, clicks, dwell)
    return pa.table(
        [
            user_hashes,
            np.ones(count, dtype=np.int64),
            sum_runs(impressions, of_user),
            sum_runs(clicks, of_user),
            np.bincount(users[pages], minlength=count),
            np.bincount(asked[starts_of(asked)] // max(len(queries), 1), minlength=count),
            images_of,
            most_image,
            most_position,
            most_minute,
            np.bincount(users[active], minlength=count),
            *manner_lists(*manners, count),
        ],
        schema=EVIDENCE_USERS,
    )


def merge_users(tables: Sequence[pa.Table] | pa.Table) -> pa.Table:
    """Merge the daily profiles of a window into one per user.

    Volumes, days and manners are sums, ``max_*`` are the worst day's. Distinct queries and images are sums of the
    days' numbers, thus upper bounds: what a user clicks again on another day counts again.
    """
    table = _one(tables, EVIDENCE_USERS).cast(EVIDENCE_USERS)
    users, places = dense(table["user_hash"].to_numpy())
    order = np.argsort(places, kind="stable")
    starts = starts_of(places[order])
    columns = {}
    for name in EVIDENCE_USERS.names[1:-2]:
        values = table[name].to_numpy()[order]
        worst = name in {"max_image_clicks", "max_position_clicks", "max_minute_clicks"} and len(starts) > 0
        columns[name] = np.maximum.reduceat(values, starts) if worst else sum_runs(values, starts)
    manners = merge_manners(places, table, len(users))
    return pa.table([users, *columns.values(), *manners], schema=EVIDENCE_USERS)
