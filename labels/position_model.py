"""How often people look at each place, estimated from results that the log shows at several places.

The click rate by position says both how often people look there and how good the results are that the ranker puts
there. The clicks of one result (query and image) seen at several positions say the first alone: given how many
clicks it got, where they fell is a multinomial over its positions, with chances in proportion to impressions x
examination, whatever its relevance is. This is the position-based model (Richardson et al. 2007; Craswell et al. 2008)
with a free relevance for each result, conditioned away (fixed-effects Poisson regression: Hausman, Hall, Griliches
1984); its maximum is the one that EM over free relevances climbs to, found by Newton steps, since EM crawls where
results move by a place or two. Examination is free at every position, so that rows of a grid may look like anything.

Whoever found something above looks less below (cascade: Craswell et al. 2008; Guo et al. 2009): the third model lets
examination fall by exp(-depth x clicks expected above on this query's page), where results other than the own one are
counted. Rows of an exploring ranker, which puts results anywhere, tell examination directly: there the clicks of each
user are such a multinomial.

What is estimated holds only where it predicts clicks better that it has not seen: of queries (and exploring users) in
other folds. A log that shows each result at one place says nothing, and the click rate by position stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import linalg, sparse

from labels.examination import (
    CASCADE,
    CLICK_RATE,
    EXPLORED,
    MAX_POSITION,
    POSITION,
    UNITS,
    clicks_above,
    expected_rate,
)
from labels.exploring import merge_explored
from labels.grouping import dense, pack, starts_of, sum_runs
from labels.tables import CELLS, EXAMINATION

FOLDS = 5
"""Parts of the queries; each is predicted from the others."""
LEAST_GAIN = 2.0
"""Standard errors by which a model must predict better than a simpler one."""
LEAST_CLICKS = 200
"""Clicks on results seen at several places (or of exploring rows) below which nothing is estimated from them."""
STEP = 0.06
"""Standard deviation of the log of (examination / click rate) from one position to the next: the relevance of what a
ranker shows changes slowly from place to place, looks need not. A place with few clicks follows its neighbours. (With
0.15 a log of 17,000 clicks is not enough for a gain, with 0.03 a steep ranker of 100,000 is followed worse.)"""
LEVEL_PRECISION = 1e-3
"""Precision of that log itself: only keeps the common factor, which nothing tells, from running away."""
DEPTH_PRECISION = 1.0
"""Precision of the depth around 0."""
_STEPS = 40
_TOLERANCE = 1e-9
_DIGITS = 7
"""Significant digits of what is published: sums of another build of BLAS differ in the last ones."""

_Ints = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Cells:
    """Results at places, by group: the clicks of a group fall on its places.

    Attributes:
        clusters: int64 [n], a query or an exploring user: what is predicted together; its fold follows from it.
        groups: int64 [n], rising from 0 without gaps.
        places: int64 [n], position - 1.
        shown: float64 [n], impressions, above 0.
        clicks: float64 [n].
        above: float64 [n], clicks expected above on the same page.
        exploring: bool [n].
    """

    clusters: _Ints
    groups: _Ints
    places: _Ints
    shown: _Floats
    clicks: _Floats
    above: _Floats
    exploring: npt.NDArray[np.bool_]

    def filter(self, kept: npt.NDArray[np.bool_]) -> "_Cells":
        """Return the cells of some groups."""
        return _Cells(
            self.clusters[kept],
            dense(self.groups[kept])[1],
            self.places[kept],
            self.shown[kept],
            self.clicks[kept],
            self.above[kept],
            self.exploring[kept],
        )

    @property
    def folds(self) -> _Ints:
        """Return int64 [n], 0 to FOLDS - 1."""
        return self.clusters % FOLDS


@dataclass(frozen=True)
class _Model:
    """A candidate: log examination by place (but for a constant) and how it falls with clicks above."""

    name: str
    levels: _Floats
    depth: float = 0.0

    def scores(self, cells: _Cells) -> _Floats:
        return np.asarray(np.log(cells.shown) + self.levels[cells.places] - self.depth * cells.above)


def merge_cells(tables: Sequence[pa.Table] | pa.Table) -> pa.Table:
    """Add up ``CELLS``: one row per query, image and position, sorted."""
    table = tables if isinstance(tables, pa.Table) else pa.concat_tables([CELLS.empty_table(), *tables])
    if _is_merged(table):
        return table.cast(CELLS)
    places = np.minimum(table["position"].to_numpy().astype(np.int64), MAX_POSITION)
    (queries, query), (images, image) = dense(table["query"].to_numpy()), dense(table["image"].to_numpy())
    key = pack([query, image, places], [len(queries), len(images), MAX_POSITION + 1])
    order = np.argsort(key)
    starts = starts_of(key[order])
    first = order[starts]
    return pa.table(
        [
            queries[query[first]],
            images[image[first]],
            places[first].astype(np.int32),
            sum_runs(table["impressions"].to_numpy()[order], starts),
            sum_runs(table["clicks"].to_numpy()[order], starts),
        ],
        schema=CELLS,
    )


def _is_merged(table: pa.Table) -> bool:
    """Return whether the rows rise by query, image and position, none of which is too far down."""
    query, image, position = (table[name].to_numpy() for name in CELLS.names[:3])
    rises = position[1:] > position[:-1]
    for column in (image, query):
        rises = (column[1:] > column[:-1]) | ((column[1:] == column[:-1]) & rises)
    return bool(rises.all()) and int(position.max(initial=0)) <= MAX_POSITION


def fit_examination(cells: pa.Table, explored: pa.Table, clicks: pa.Table, impressions: pa.Table) -> pa.Table:
    """Estimate examination by position and choose the model that predicts held-out clicks best.

    Args:
        cells: ``CELLS`` of a sample of queries: all rows of a query or none; merged or not, in any order.
        explored: ``EVIDENCE_EXPLORED`` of people, all rows of a user or none.
        clicks: merged ``POSITION_CLICKS`` of people, of the whole window.
        impressions: merged ``POSITION_IMPRESSIONS`` of the whole window.

    Returns:
        ``EXAMINATION``; no rows for a log without impressions. ``rate`` sums, over what was shown, to the clicks.
    """
    raw = expected_rate(clicks, impressions)
    if not len(raw):
        return EXAMINATION.empty_table()
    every = _cells_of(merge_cells(cells), raw)
    cells_of_users = _explored_cells(explored, len(raw))
    simple = _Model(CLICK_RATE, np.log(np.maximum(raw, 1e-12)))
    told = _informative(_concat(every, cells_of_users))
    chosen, tried = _choose(told, simple)
    shown = _dense_counts(impressions, "impressions", len(raw))
    clicked = _dense_counts(clicks, "clicks", len(raw))
    rates, means = (raw, raw) if chosen.name == CLICK_RATE else _scaled(chosen, every, shown, clicked.sum())
    size = len(raw)
    return pa.table(
        [
            np.arange(1, size + 1, dtype=np.int32),
            shown.astype(np.int64),
            clicked.astype(np.int64),
            raw,
            rates,
            means,
            [chosen.name] * size,
            _rounded(np.full(size, chosen.depth)),
            [tried.name] * size,
            _rounded(np.full(size, tried.gain)),
            _rounded(np.full(size, tried.sigmas)),
            np.full(size, int(told.clicks.sum())),
        ],
        schema=EXAMINATION,
    )


# --- cells -------------------------------------------------------------------------------------------


def _cells_of(cells: pa.Table, raw: _Floats) -> _Cells:
    """Return merged ``CELLS`` that were shown, a group per query and image."""
    places, shown, clicks = (cells[name].to_numpy().astype(np.int64) for name in ("position", "impressions", "clicks"))
    kept = (shown > 0) & (places >= 1) & (places <= len(raw))
    (queries, query), (images, image) = (dense(cells[name].to_numpy()[kept]) for name in ("query", "image"))
    places, shown, clicks = places[kept] - 1, shown[kept], clicks[kept]
    pairs = pack([query, image], [len(queries), len(images)])
    above = clicks_above(query, pairs, places, shown, clicks, raw)
    clusters = queries[query] & np.int64(2**63 - 1)
    flat = (shown.astype(np.float64), clicks.astype(np.float64), above / UNITS)
    return _Cells(clusters, dense(pairs)[1], places, *flat, np.zeros(len(places), dtype=bool))


def _explored_cells(explored: pa.Table, size: int) -> _Cells:
    """Return what exploring rankers showed, a group per user; clicks above are those of all users at each place."""
    merged = merge_explored(explored)
    users, user = dense(merged["user_hash"].to_numpy())
    places, shown, clicks = (merged[name].to_numpy().astype(np.int64) for name in ("position", "impressions", "clicks"))
    kept = (shown > 0) & (places >= 1) & (places <= size)
    user, places, shown, clicks = user[kept], places[kept] - 1, shown[kept], clicks[kept]
    rates = np.bincount(places, clicks, size) / np.maximum(np.bincount(places, shown, size), 1)
    above = np.append(0.0, np.cumsum(rates)[:-1])[places] if len(rates) else np.zeros(0)
    flat = (shown.astype(np.float64), clicks.astype(np.float64), above)
    clusters = users[user] & np.int64(2**63 - 1)
    return _Cells(clusters, dense(user)[1], places, *flat, np.ones(len(places), dtype=bool))


def _concat(first: _Cells, second: _Cells) -> _Cells:
    groups = np.concatenate([first.groups, second.groups + int(first.groups.max(initial=-1)) + 1])
    names = ("places", "shown", "clicks", "above", "exploring")
    clusters = np.concatenate([first.clusters, second.clusters])
    return _Cells(clusters, groups, *(np.concatenate([getattr(first, n), getattr(second, n)]) for n in names))


def _informative(cells: _Cells) -> _Cells:
    """Return the groups with a click and with several places."""
    count = int(cells.groups.max(initial=-1)) + 1
    several = np.bincount(cells.groups, minlength=count) > 1
    clicked = np.bincount(cells.groups, cells.clicks, count) > 0
    return cells.filter((several & clicked)[cells.groups])


# --- fit ---------------------------------------------------------------------------------------------


def _fit(cells: _Cells, start: _Model, prior: _Floats) -> _Model:
    """Maximise the conditional likelihood, and its penalty, from a model; its depth moves unless its name has none.

    The problem is concave: Newton's steps, halved where they overshoot, find its one maximum.
    """
    size, deep = len(prior), start.name == CASCADE
    penalty = _penalty(size, deep)
    values = np.append(start.levels - prior, start.depth) if deep else start.levels - prior
    best, gradient, curvature = _objective(cells, values, prior, penalty, deep)
    for _ in range(_STEPS):
        step = linalg.solve(curvature, gradient, assume_a="pos")
        if float(gradient @ step) < _TOLERANCE * max(cells.clicks.sum(), 1.0):
            break
        part = 1.0
        while part > 1e-4:
            found = _objective(cells, values + part * step, prior, penalty, deep)
            if found[0] >= best:
                break
            part /= 2
        values = values + part * step
        best, gradient, curvature = found
    return _Model(start.name, prior + values[:size], float(values[size]) if deep else 0.0)


def _penalty(size: int, deep: bool) -> _Floats:
    """Return the precision matrix of a random walk over positions, and of the depth."""
    count = size + deep
    matrix = np.zeros((count, count))
    inner = np.arange(size - 1)
    for row, column, sign in ((0, 0, 1), (1, 1, 1), (0, 1, -1), (1, 0, -1)):
        np.add.at(matrix, (inner + row, inner + column), sign / STEP**2)
    matrix[np.arange(size), np.arange(size)] += LEVEL_PRECISION
    if deep:
        matrix[size, size] = DEPTH_PRECISION
    return matrix


def _objective(
    cells: _Cells, values: _Floats, prior: _Floats, penalty: _Floats, deep: bool
) -> tuple[float, _Floats, _Floats]:
    """Return the penalised log likelihood, its gradient and minus its second derivative."""
    size, count = len(prior), int(cells.groups.max(initial=-1)) + 1
    model = _Model("", prior + values[:size], float(values[size]) if deep else 0.0)
    logs, chances = _shares(cells, model)
    clicked = np.bincount(cells.groups, cells.clicks, count)
    expected = chances * clicked[cells.groups]
    gradient = np.bincount(cells.places, cells.clicks - expected, size)
    rows, columns, features = cells.groups, cells.places, chances
    diagonal = np.zeros((len(values), len(values)))
    at_place = np.bincount(cells.places, expected, size)
    diagonal[np.arange(size), np.arange(size)] = at_place
    if deep:
        gradient = np.append(gradient, -((cells.clicks - expected) @ cells.above))
        cross = -np.bincount(cells.places, expected * cells.above, size)
        diagonal[size, :size], diagonal[:size, size] = cross, cross
        diagonal[size, size] = expected @ cells.above**2
        mean = -np.bincount(cells.groups, chances * cells.above, count)
        rows, columns = np.append(rows, np.arange(count)), np.append(columns, np.full(count, size))
        features = np.append(features, mean)
    means = sparse.csr_array((features, (rows, columns)), shape=(count, len(values)))
    spread = (means.T @ (means * clicked[:, None])).toarray()
    pulled = penalty @ values
    total = float(cells.clicks @ logs) - 0.5 * float(values @ pulled)
    return total, gradient - pulled, diagonal - spread + penalty


def _shares(cells: _Cells, model: _Model) -> tuple[_Floats, _Floats]:
    """Return the log chance and the chance that a click of a group falls on each of its places."""
    scores = model.scores(cells)
    starts = starts_of(cells.groups)
    if not len(starts):
        return scores, scores
    lengths = np.diff(np.append(starts, len(scores)))
    scores = scores - np.repeat(np.maximum.reduceat(scores, starts), lengths)
    weights = np.exp(scores)
    sums = np.repeat(np.add.reduceat(weights, starts), lengths)
    return np.asarray(scores - np.log(sums)), np.asarray(weights / sums)


# --- choice ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Trial:
    """What a model gains over the click rate on what it has not seen: nats per click, and in standard errors."""

    name: str
    gain: float = 0.0
    sigmas: float = 0.0


def _choose(cells: _Cells, simple: _Model) -> tuple[_Model, _Trial]:
    """Return the model to use, and its trial; where the click rate stays, that of the best one that did not do."""
    chosen, by_cluster = simple, _held_out(cells, [simple] * FOLDS)
    base, best = by_cluster, _Trial(CLICK_RATE)
    starts: list[tuple[_Cells, _Model]] = []
    if cells.clicks[cells.exploring].sum() >= LEAST_CLICKS:
        starts.append((cells.filter(cells.exploring), replace(simple, name=EXPLORED)))
    if cells.clicks[~cells.exploring].sum() >= LEAST_CLICKS:
        starts += [(cells, replace(simple, name=POSITION)), (cells, replace(simple, name=CASCADE))]
    rejected = best
    for known, start in starts:
        model = _fit(known, replace(start, levels=chosen.levels), simple.levels)
        if model.depth < 0:
            continue
        others = [_fit(known.filter(known.folds != fold), model, simple.levels) for fold in range(FOLDS)]
        found = _held_out(cells, others)
        _, against_chosen = _gain(found - by_cluster, cells)
        trial = _Trial(start.name, *_gain(found - base, cells))
        if against_chosen >= LEAST_GAIN:
            chosen, by_cluster, best = model, found, trial
        elif rejected.name == CLICK_RATE or trial.sigmas > rejected.sigmas:
            rejected = trial
    return chosen, best if chosen.name != CLICK_RATE else rejected


def _held_out(cells: _Cells, models: Sequence[_Model]) -> _Floats:
    """Return the log likelihood of each cluster by the model of its fold."""
    logs = np.zeros(len(cells.groups))
    for fold, model in enumerate(models):
        which = cells.folds == fold
        logs[which] = _shares(cells.filter(which), model)[0]
    _, cluster = dense(cells.clusters)
    return np.asarray(np.bincount(cluster, cells.clicks * logs), dtype=np.float64)


def _gain(differences: _Floats, cells: _Cells) -> tuple[float, float]:
    """Return the gain per click and its standard errors; clusters are independent of each other."""
    error = float(np.sqrt((differences**2).sum()))
    total = float(differences.sum())
    return total / max(float(cells.clicks.sum()), 1.0), total / error if error > 0 else 0.0


def _scaled(model: _Model, cells: _Cells, shown: _Floats, clicks: float) -> tuple[_Floats, _Floats]:
    """Return the rates by which all that was shown is expected to be clicked as often as it was.

    The first are those before any click above, the second those on the average page.
    """
    size = len(shown)
    rates = np.exp(model.levels - model.levels.max())
    by_place = np.bincount(cells.places, cells.shown, size)
    falls = np.bincount(cells.places, cells.shown * np.exp(-model.depth * cells.above), size)
    overall = falls.sum() / max(by_place.sum(), 1.0)
    fall = np.where(by_place > 0, falls / np.maximum(by_place, 1.0), overall)
    scaled = np.minimum(rates * clicks / (shown * rates * fall).sum(), 1.0)
    return _rounded(scaled), _rounded(scaled * fall)


def _dense_counts(table: pa.Table, name: str, size: int) -> _Floats:
    """Return float64 [size] of ``POSITION_CLICKS`` or ``POSITION_IMPRESSIONS``."""
    places = table["position"].to_numpy()
    kept = places <= size
    return np.asarray(np.bincount(places[kept] - 1, table[name].to_numpy()[kept], size), dtype=np.float64)


def _rounded(values: _Floats) -> _Floats:
    return np.array([float(f"{value:.{_DIGITS}g}") for value in values.tolist()])
