"""What an image is expected to be clicked, whatever it shows: by how often people look at its places on the page.

Examination by position comes from ``position_model``, or is the click rate by position over the whole window (a
position-based model with one common relevance: Craswell et al. 2008, RCTR in Chuklin et al. 2015). What an image is
expected to be clicked is the sum of these rates over its impressions; its own clicks are compared with that, never
weighted by it: inverse propensity weights made labels worse in the prototype.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from labels.frames import to_frame, to_table
from labels.grouping import starts_of, sum_runs
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
CLICK_RATE, EXPLORED, POSITION, CASCADE = "click_rate", "explored", "position", "cascade"
"""Models of examination: the click rate by position; what an exploring ranker's rows say; results seen at several
positions; the same, with clicks above on the page that end the search."""
PRIOR_VIEWS = 20
"""Impressions at the window's click rate that are added to a query's own at each position."""
_PARTS = 1024
"""Parts of a click above: with a table of what each leaves of examination, every process computes the same bits."""
_MOST_ABOVE = 64
"""Clicks expected above from which more change nothing."""


@dataclass(frozen=True)
class Examination:
    """What a position earns by itself.

    Attributes:
        rates: float64 [p] clicks per impression, entry 0 for position 1, within 0..1; positions beyond take the last.
            Empty for a log without impressions: then nothing can be expected.
        click_rates: float64 [p], what is clicked there, however good what is shown there is; only with `depth`.
        depth: by how much examination falls with clicks above on the page: exp(-depth x clicks); 0 or more.
    """

    rates: npt.NDArray[np.float64]
    click_rates: npt.NDArray[np.float64] | None = None
    depth: float = 0.0

    @classmethod
    def of(cls, table: pa.Table) -> "Examination":
        """Return what an ``EXAMINATION`` table says, its rows in any order."""
        ordered = table.sort_by("position")
        depth = ordered["depth"][0].as_py() if table.num_rows else 0.0
        return cls(ordered["rate"].to_numpy(), ordered["click_rate"].to_numpy(), depth)


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


def expected_units(
    impressions: pa.Table,
    examination: Examination,
    *,
    queries: npt.NDArray[np.int64],
    pairs: npt.NDArray[np.int64],
    clicked: tuple[npt.NDArray[np.int64], npt.NDArray[np.integer], npt.NDArray[np.integer]],
) -> npt.NDArray[np.int64]:
    """Return what each row of ``EVIDENCE_IMPRESSIONS`` is expected to be clicked, in units of 1 / ``UNITS`` clicks.

    Whole units add up to the same in any order, which sums of floats do not. All 0 where there are no rates.

    Args:
        impressions: all rows of their queries in the window.
        examination: rates, and how they fall with clicks above.
        queries: int64 [rows], numbers from 0 of the rows' queries.
        pairs: int64 [rows], numbers of the rows' queries and images that rise with the queries'.
        clicked: pair, position and clicks of people for these queries.
    """
    rates = examination.rates
    lengths = np.asarray(pc.fill_null(pc.list_value_length(impressions["positions"]), 0)).astype(np.int64)
    if not len(rates) or not lengths.sum():
        return np.zeros(len(lengths), dtype=np.int64)
    places = np.clip(pc.list_flatten(impressions["positions"]).to_numpy(), 1, len(rates)).astype(np.int64) - 1
    counts = pc.list_flatten(impressions["counts"]).to_numpy().astype(np.int64)
    if examination.depth > 0:
        rows = np.repeat(np.arange(len(lengths)), lengths)
        units = _units_below(examination, queries[rows], pairs[rows], places, counts, clicked)
    else:
        units = np.round(rates * UNITS).astype(np.int64)[places]
    ends = np.append(0, np.cumsum(counts * units))
    last = np.cumsum(lengths)
    return np.asarray(ends[last] - ends[last - lengths], dtype=np.int64)


def _units_below(
    examination: Examination,
    queries: npt.NDArray[np.int64],
    pairs: npt.NDArray[np.int64],
    places: npt.NDArray[np.int64],
    counts: npt.NDArray[np.int64],
    clicked: tuple[npt.NDArray[np.int64], npt.NDArray[np.integer], npt.NDArray[np.integer]],
) -> npt.NDArray[np.int64]:
    """Return the units that one impression of each row earns where clicks above take some of them."""
    click_rates = examination.rates if examination.click_rates is None else examination.click_rates
    size = len(click_rates)
    pair, position, clicks = clicked
    position = position.astype(np.int64)
    known = position >= 1
    # Rows of the same pair and place (of several days) are one; clicks that were not shown are left out.
    key = pairs * size + places
    order = np.argsort(key)
    starts = starts_of(key[order])
    first = order[starts]
    of_clicks = pair[known] * size + np.clip(position[known], 1, size) - 1
    at = np.minimum(np.searchsorted(key[first], of_clicks), max(len(first) - 1, 0))
    there = key[first][at] == of_clicks
    got = np.zeros(len(first), dtype=np.int64)
    np.add.at(got, at[there], clicks[known][there].astype(np.int64))
    shown = sum_runs(counts[order], starts)
    above = clicks_above(queries[first], pairs[first], places[first], shown, got, click_rates)
    falls = np.exp(-examination.depth * np.arange(_MOST_ABOVE * _PARTS + 1) / _PARTS)
    left = falls[np.minimum(above // (UNITS // _PARTS), _MOST_ABOVE * _PARTS)]
    units = np.empty(len(key), dtype=np.int64)
    lengths = np.diff(np.append(starts, len(key)))
    units[order] = np.repeat(np.round(examination.rates[places[first]] * left * UNITS).astype(np.int64), lengths)
    return units


def clicks_above(
    queries: npt.NDArray[np.int64],
    pairs: npt.NDArray[np.int64],
    places: npt.NDArray[np.int64],
    shown: npt.NDArray[np.int64],
    clicks: npt.NDArray[np.int64],
    rates: npt.NDArray[np.float64],
) -> npt.NDArray[np.int64]:
    """Return the clicks expected above each result on a page of its query, in units of 1 / ``UNITS`` clicks.

    A position earns what the query's other results were clicked there, drawn to the window's rate by
    ``PRIOR_VIEWS`` impressions; positions where the query showed nothing earn nothing.

    Args:
        queries: int64 [n], numbers from 0.
        pairs: int64 [n], numbers of query and image that rise with the queries'.
        places: int64 [n], position - 1; rows are sorted by pair and place, each of which is there once.
        shown: int64 [n], impressions.
        clicks: int64 [n].
        rates: float64 [p], click rate by position.
    """
    size = len(rates)
    at = queries * size + places
    order = np.argsort(at, kind="stable")
    starts = starts_of(at[order])
    lengths = np.diff(np.append(starts, len(at)))
    all_shown, all_clicks = sum_runs(shown[order], starts), sum_runs(clicks[order], starts)
    of_place = _rate_units(all_shown, all_clicks, rates[at[order[starts]] % size])
    whose = at[order[starts]] // size
    before = _sum_before(of_place, starts_of(whose))
    found = np.empty((4, len(at)), dtype=np.int64)
    for row, values in enumerate((of_place, before, all_shown, all_clicks)):
        found[row, order] = np.repeat(values, lengths)
    without_own = _rate_units(found[2] - shown, found[3] - clicks, rates[places])
    return np.asarray(found[1] + _sum_before(without_own - found[0], starts_of(pairs)), dtype=np.int64)


def _rate_units(
    shown: npt.NDArray[np.int64], clicks: npt.NDArray[np.int64], prior: npt.NDArray[np.float64]
) -> npt.NDArray[np.int64]:
    rates = (np.maximum(clicks, 0) + PRIOR_VIEWS * prior) / (np.maximum(shown, 0) + PRIOR_VIEWS)
    return np.asarray(np.round(np.minimum(rates, 1.0) * UNITS), dtype=np.int64)


def _sum_before(values: npt.NDArray[np.int64], starts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return for each value the sum of those before it in its run."""
    ends = np.cumsum(values) - values
    return np.asarray(ends - np.repeat(ends[starts], np.diff(np.append(starts, len(values)))), dtype=np.int64)


def _counts(frame: pl.DataFrame, name: str, schema: pa.Schema) -> pa.Table:
    clipped = frame.with_columns(pl.col("position").clip(upper_bound=MAX_POSITION))
    return to_table(clipped.group_by("position").agg(pl.col(name).sum()).sort("position"), schema)


def _by_position(table: pa.Table, name: str) -> npt.NDArray[np.float64]:
    """Return float64 [last position] of the counts, entry 0 for position 1."""
    positions = table["position"].to_numpy()
    dense = np.zeros(int(positions.max(initial=0)), dtype=np.float64)
    np.add.at(dense, positions - 1, table[name].to_numpy())
    return dense
