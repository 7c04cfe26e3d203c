"""Which partition, and thus which file, the evidence of each day goes to."""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import pairwise

import numpy as np
import pyarrow as pa

from beam_jobs import inputs
from beam_jobs.blocks import keys
from beam_jobs.blocks.shuffle import Partitioner, Targets
from labels.evidence import MINUTES_PER_DAY
from labels.grouping import dense

EPOCH = date(1970, 1, 1)


def name_of_day(day: int) -> str:
    """Return the ISO date of a day since 1970."""
    return str(np.datetime64(day, "D"))


def day_targets(
    name: str, table: pa.Table, partitions: int, *, by: Sequence[str], shares: Mapping[int, float]
) -> Targets:
    """Return each row's partition: a day's rows go to as few partitions as its share of the log fills.

    Args:
        name: of the block, with its day where it has one.
        table: its rows.
        partitions: how many there are.
        by: key columns within the day.
        shares: of the days (since 1970) in the log's rows, as far as they are known before it is read; a day that
            is missing there goes to one partition, and to all where none is known.
    """
    if inputs.DAY in name:
        day = (date.fromisoformat(name.split(inputs.DAY, 1)[1]) - EPOCH).days
        distinct, places = np.array([day]), np.zeros(table.num_rows, dtype=np.int64)
    else:
        distinct, places = dense(days_of_rows(table))
    least = 1 if shares else partitions
    wide = np.array([min(partitions, max(least, math.ceil(shares.get(int(d), 0.0) * partitions))) for d in distinct])
    known = sorted(shares)
    before = np.append(0.0, np.cumsum([shares[d] for d in known]))  # days follow each other: partitions fill alike
    begins = np.round(before[np.searchsorted(known, distinct)] * partitions).astype(np.int64) if known else distinct
    hashes = keys.hash_rows(table, list(by))
    width: Targets = wide.astype(np.int64)[places] if len(places) else places
    within = ((hashes >> np.uint64(32)) * width.astype(np.uint64) >> np.uint64(32)).astype(np.int64)
    return np.asarray((begins[places] + within) % partitions if len(places) else places, dtype=np.int64)


def days_of_rows(table: pa.Table) -> Targets:
    """Return the day of each row of counted clicks, impressions or events, int64, since 1970."""
    if "day" in table.column_names:
        return np.asarray(table["day"].to_numpy(), dtype=np.int64)
    return np.asarray(table["minute"].to_numpy() // MINUTES_PER_DAY, dtype=np.int64)


def by_day(table: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    """Yield the rows of each day, in the order of the days."""
    days = days_of_rows(table)
    if not len(days):
        return
    if (days[1:] < days[:-1]).any():
        order = np.argsort(days, kind="stable")
        table, days = table.take(pa.array(order)), days[order]
    for start, end in pairwise(np.append(np.flatnonzero(np.diff(days, prepend=days[0] - 1)), len(days)).tolist()):
        yield name_of_day(int(days[start])), table.slice(start, end - start)


def cuts(days: Mapping[int, int]) -> dict[str, Partitioner]:
    """Return what decides the partition, and thus the file, of each row of evidence, by the log's rows of each day.

    Counts of one query need not meet, only those of one query and image (and user): no query is too hot.
    """
    columns = {
        "clicks": ("query", "image_id", "user_hash"),
        "impressions": ("query", "image_id"),
        "users": ("user_hash",),
        "explored": ("user_hash",),
        "user_events": ("user_hash",),
    }
    total = max(sum(days.values()), 1)
    shares = {day: rows / total for day, rows in sorted(days.items())}
    return {name: partial(day_targets, by=by, shares=shares) for name, by in columns.items()}
