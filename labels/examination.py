"""How many clicks a place on the page earns by itself, whatever is shown there.

The click rate by position, over the whole window, stands for how often people look there at all (a
position-based model with one common relevance: Craswell et al. 2008, RCTR in Chuklin et al. 2015). What an
image is expected to be clicked is the sum of these rates over its impressions; its own clicks are compared with
that, never weighted by it: inverse propensity weights made labels worse in the prototype.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from labels.frames import to_frame, to_table
from labels.tables import POSITION_CLICKS, POSITION_IMPRESSIONS

MAX_POSITION = 500
"""Positions from here on share one rate: nobody tells the 500th place from the 600th."""
PRIOR_IMPRESSIONS = 100.0
"""Impressions at the overall rate that are added to each position, so that a rare position is no surprise."""
NO_IMPRESSIONS_RATE = 0.5
"""Overall click rate from which a log is taken to lack its unclicked results. Result pages stay below 0.3; a log
of clicks alone has 1, less the share of bots' clicks that were dropped from it. Where bots made more than half of
such a log, expectations are given that mean little; they are then the same low share of every image's clicks, so
that no verdict changes."""
UNITS = 1 << 30
"""Parts of one expected click: a billionth, so that 8 billion of them fit in 64 bits."""


def position_counts_clicks(clicks: pa.Table) -> pa.Table:
    """Sum people's clicks (``EVIDENCE_CLICKS``) by position: ``POSITION_CLICKS``; unknown positions left out."""
    positions = clicks["position"].to_numpy()
    known = positions >= 1
    return _by_place(positions[known], clicks["clicks"].to_numpy()[known], POSITION_CLICKS)


def position_counts_impressions(impressions: pa.Table) -> pa.Table:
    """Sum ``EVIDENCE_IMPRESSIONS`` by position: ``POSITION_IMPRESSIONS``."""
    positions, counts = (pc.list_flatten(impressions[name]).to_numpy() for name in ("positions", "counts"))
    return _by_place(positions, counts, POSITION_IMPRESSIONS)


def _by_place(positions: npt.NDArray[np.int32], counts: npt.NDArray[np.integer], schema: pa.Schema) -> pa.Table:
    places = np.minimum(positions, MAX_POSITION)
    sums = np.bincount(places, weights=counts)  # floats, exact up to 2^53
    found = np.flatnonzero(np.bincount(places))
    return pa.table([found.astype(np.int32), sums[found].astype(np.int64)], schema=schema)


def merge_position_counts(tables: Sequence[pa.Table] | pa.Table) -> pa.Table:
    """Add up tables of one kind, ``POSITION_CLICKS`` or ``POSITION_IMPRESSIONS``.

    Raises:
        ValueError: there is no table, so that the kind is unknown.
    """
    if not isinstance(tables, pa.Table):
        if not tables:
            raise ValueError("merge_position_counts got no table; give at least one (it may have no rows)")
        tables = pa.concat_tables(tables)
    name = tables.column_names[1]
    schema = POSITION_CLICKS if name == "clicks" else POSITION_IMPRESSIONS
    return _counts(to_frame(tables, schema), name, schema)


def expected_rate(clicks: pa.Table, impressions: pa.Table) -> npt.NDArray[np.float64]:
    """Estimate the click rate by position from merged counts.

    Args:
        clicks: ``POSITION_CLICKS`` of people.
        impressions: ``POSITION_IMPRESSIONS``.

    Returns:
        float64 [p], entry 0 for position 1, within 0..1; positions beyond take the last. Empty for a log
        without impressions: then nothing can be expected (``expected_clicks`` gives null).
    """
    clicked, shown = _by_position(clicks, "clicks"), _by_position(impressions, "impressions")
    size = len(shown)
    clicked = np.pad(clicked, (0, max(0, size - len(clicked))))[:size]
    total = shown.sum()
    if total == 0 or clicked.sum() >= NO_IMPRESSIONS_RATE * total:
        return np.zeros(0, dtype=np.float64)
    overall = clicked.sum() / total
    rates = (clicked + PRIOR_IMPRESSIONS * overall) / (shown + PRIOR_IMPRESSIONS)
    return np.asarray(np.minimum(rates, 1.0), dtype=np.float64)


def expected_units(impressions: pa.Table, rates: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Return what each row of ``EVIDENCE_IMPRESSIONS`` is expected to be clicked, in units of 1 / ``UNITS`` clicks.

    Whole units add up to the same in any order, which sums of floats do not. All 0 where ``rates`` is empty.
    """
    lengths = np.asarray(pc.fill_null(pc.list_value_length(impressions["positions"]), 0)).astype(np.int64)
    if not len(rates) or not lengths.sum():
        return np.zeros(len(lengths), dtype=np.int64)
    positions = pc.list_flatten(impressions["positions"]).to_numpy()
    counts = pc.list_flatten(impressions["counts"]).to_numpy().astype(np.int64)
    units = np.round(rates * UNITS).astype(np.int64)
    ends = np.append(0, np.cumsum(counts * units[np.clip(positions, 1, len(rates)) - 1]))
    last = np.cumsum(lengths)
    return np.asarray(ends[last] - ends[last - lengths], dtype=np.int64)


def _counts(frame: pl.DataFrame, name: str, schema: pa.Schema) -> pa.Table:
    clipped = frame.with_columns(pl.col("position").clip(upper_bound=MAX_POSITION))
    return to_table(clipped.group_by("position").agg(pl.col(name).sum()).sort("position"), schema)


def _by_position(table: pa.Table, name: str) -> npt.NDArray[np.float64]:
    """Return float64 [last position] of the counts, entry 0 for position 1."""
    positions = table["position"].to_numpy()
    dense = np.zeros(int(positions.max(initial=0)), dtype=np.float64)
    np.add.at(dense, positions - 1, table[name].to_numpy())
    return dense
