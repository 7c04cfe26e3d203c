"""What exploring rankers showed: results in places that do not depend on how good they are."""

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from labels.frames import to_frame, to_table
from labels.grouping import dense, pack, run_lengths, starts_of, sum_runs
from labels.tables import EVIDENCE_EXPLORED

EXPLORING = ("random", "shuffl", "explor", "랜덤", "무작위", "탐색")
"""How words begin by which a ranker's name says that it puts results anywhere: ``random_top10``, ``ShuffledRanker``,
``explore-5pct``. Bandits, epsilon-greedy and interleaved rankers are not among them: most of what they show stands
where another ranker, or the clicks so far, would have put it."""
_NOT = ("no", "non", "not", "without")
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[^\W\d_A-Za-z]+")

_Ints = npt.NDArray[np.int64]


def is_exploring(names: Sequence[str | None]) -> npt.NDArray[np.bool_]:
    """Return which names of rankers say that they explore.

    >>> is_exploring(["prod", "random_5pct", "non-random", "ctrExplore", None]).tolist()
    [False, True, False, True, False]
    """
    return np.array([name is not None and _says_so(name) for name in names], dtype=bool)


def _says_so(name: str) -> bool:
    words = [word.casefold() for word in _WORDS.findall(unicodedata.normalize("NFKC", name))]
    return any(
        word.startswith(EXPLORING) and before not in _NOT for before, word in zip(["", *words], words, strict=False)
    )


def count_explored(days: _Ints, users: _Ints, positions: _Ints, clicked: npt.NDArray[np.bool_]) -> pa.Table:
    """Count rows of exploring rankers: ``EVIDENCE_EXPLORED`` with a column ``day`` (int32) before the others.

    Args:
        days: int64 [rows], since 1970.
        users: int64 [rows], their hashes.
        positions: int64 [rows], from 1.
        clicked: bool [rows].
    """
    known_days, day = dense(days)
    known_users, user = dense(users)
    key = pack([day, user, positions], [len(known_days), len(known_users), int(positions.max(initial=0)) + 1])
    order = np.argsort(key)
    starts = starts_of(key[order])
    first = order[starts]
    counted = pa.table(
        [
            users[first],
            positions[first].astype(np.int32),
            run_lengths(starts, len(order)),
            sum_runs(clicked[order].astype(np.int64), starts),
        ],
        schema=EVIDENCE_EXPLORED,
    )
    return counted.add_column(0, "day", pa.array(days[first].astype(np.int32)))


def merge_explored(tables: Sequence[pa.Table] | pa.Table) -> pa.Table:
    """Add up ``EVIDENCE_EXPLORED``: one row per user and position, sorted; per day where there is a column day."""
    first = tables if isinstance(tables, pa.Table) else next(iter(tables), EVIDENCE_EXPLORED.empty_table())
    day = [pa.field("day", pa.int32())] if "day" in first.column_names else []
    schema = pa.schema([*day, *EVIDENCE_EXPLORED])
    keys = schema.names[:-2]
    frame = to_frame(tables, schema).group_by(keys).agg(pl.col("impressions", "clicks").sum())
    return to_table(frame.sort(keys), schema)
