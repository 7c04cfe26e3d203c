"""How a user behaves, as histograms that add up over days, and how unlike people that is.

A *manner* is one way to look at behaviour: where on the page the clicks fall, how many a page gets, how many
minutes pass between active minutes, how long a clicked picture is looked at. A user has a histogram per manner; the log
has one too, in which each user's day weighs about the same, so that no bot can shape it. People are draws around
the log's histogram, as widely spread as the users' days of this very log show (a Dirichlet-multinomial). A machine's
histogram is anything: flat, on one spot, or even over the first so many positions. A user's score is the logarithm
of the Bayes factor between the two, summed over manners, of which any may be machine-like: by Markov's inequality
fewer than exp(-s) of the people that the first model describes reach a score of s, with few clicks or many.
(Entropy and shape as criteria: Duskin & Feitelson 2009; the Dirichlet-multinomial: Madsen et al. 2005.)
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.special import betaln, gammaln

from labels.grouping import starts_of, sum_runs
from labels.tables import EVIDENCE_USERS, POPULATION

_Ints = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Manner:
    """One histogram of a profile.

    Attributes:
        name: what a bot is called that it gives away.
        uppers: the largest value of each bin but the last, which is open.
        first: number of its first bin among the bins of all manners.
    """

    name: str
    uppers: tuple[int, ...]
    first: int

    @property
    def bins(self) -> slice:
        """Return the places of its bins among those of all manners."""
        return slice(self.first, self.first + len(self.uppers) + 1)

    def bin_of(self, values: npt.NDArray[np.integer]) -> _Ints:
        """Return the number of each value's bin among those of all manners."""
        return np.searchsorted(np.asarray(self.uppers), values, side="left").astype(np.int64) + self.first


POSITION = Manner("positions", (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64), 0)
"""Clicks by position, from 1."""
PAGE = Manner("page_clicks", (0, 1, 2, 3, 5, 8), 13)
"""Result pages (one query in one minute) by their clicks."""
PACE = Manner("pace", (1, 2, 4, 8, 16, 32, 64, 128, 256), 20)
"""Active minutes by the minutes since the one before on the same day."""
DWELL = Manner("dwell", (500, 1000, 2000, 4000, 8000, 16_000, 32_000, 64_000), 30)
"""Clicks by milliseconds on the picture; those without a known dwell are left out."""
MANNERS = (POSITION, PAGE, PACE, DWELL)
BINS = DWELL.bins.stop
"""Bins of all manners."""

UNIT = 1 << 16
"""Parts of one observation in ``POPULATION``: whole numbers add up to the same in any order."""
DAY_WEIGHT = 4
"""Observations that one user's day counts at most in the population's histogram."""
_PRIOR_WEIGHT = 20.0  # observations spread evenly over a manner's bins: no bin is impossible
_CONCENTRATIONS = (1.0, 300.0)
"""Least and greatest concentration of people around the population. The greatest is not to be trusted more: people
differ in ways that a day does not show."""
_FEW_OBSERVATIONS = 100.0
"""A log of so many observations describes nobody: what a machine does is as likely of its people. Of a log of ten times
as many, this holds with a chance of 1 in 1,000 (the third power)."""
_SIGMAS = 2.0  # of the estimated correlation within a day that are added to it
_MOST_OBSERVATIONS = 500
"""Larger histograms are scaled down to this: who behaves alike for longer is not more of a bot."""
_EVEN_CONCENTRATION = 30.0
_SHORTEST_PAGE = 5
"""Place of the bin that ends the shortest page, of 8 results."""
_FAVOURITE = (2.0, 38.0)
"""Beta distribution of the share of a person's clicks that repeat the click on one and the same result: 5 %."""
_NEVER = 1e-3  # Dirichlet parameter of a bin that should not occur
_PEAKED = 0.1  # Dirichlet parameter of machines that keep to a few bins


def manners_of(
    users: _Ints, minutes: _Ints, queries: _Ints, positions: _Ints, clicks: _Ints, dwell_ms: _Ints
) -> tuple[_Ints, _Ints, _Ints]:
    """Count the manners of the events of one day, sorted by user, minute and query.

    Args:
        users: places of the users, rising; the other columns are those of ``USER_EVENTS``.

    Returns:
        User, bin and count (above 0), rising by user and bin.
    """
    clicked = np.flatnonzero(clicks > 0)
    timed = clicked[dwell_ms[clicked] > 0]
    changed = (np.diff(users, prepend=-1) != 0) | (np.diff(minutes, prepend=0) != 0)
    pages = np.flatnonzero(changed | (np.diff(queries, prepend=0) != 0)) if len(users) else np.zeros(0, dtype=np.int64)
    active = np.flatnonzero(changed)
    gap = np.diff(minutes[active])
    same = np.flatnonzero(np.diff(users[active]) == 0)
    who = [users[clicked], users[timed], users[pages], users[active[same]]]
    what = [
        POSITION.bin_of(positions[clicked]),
        DWELL.bin_of(dwell_ms[timed] // clicks[timed]),
        PAGE.bin_of(sum_runs(clicks, pages)),
        PACE.bin_of(gap[same]),
    ]
    weights = [clicks[clicked], clicks[timed], np.ones(len(pages), np.int64), np.ones(len(same), np.int64)]
    return _sum_bins(np.concatenate(who), np.concatenate(what), np.concatenate(weights))


def merge_manners(users: _Ints, lists: pa.Table, distinct: int) -> tuple[pa.Array, pa.Array]:
    """Add up the list columns of profiles.

    Args:
        users: for each row the place of its user.
        lists: columns manners and manner_counts of ``EVIDENCE_USERS``.
        distinct: how many users there are.

    Returns:
        The two columns, one row per user.
    """
    rows, bins, counts = _flat(lists)
    return manner_lists(*_sum_bins(users[rows], bins, counts), distinct)


def manner_lists(users: _Ints, bins: _Ints, counts: _Ints, distinct: int) -> tuple[pa.Array, pa.Array]:
    """Return user, bin and count as the columns manners and manner_counts, one row for each of ``distinct`` users."""
    offsets = pa.array(np.searchsorted(users, np.arange(distinct + 1)).astype(np.int32))
    columns = [pa.array(np.minimum(values, 2**31 - 1).astype(np.int32)) for values in (bins, counts)]
    return pa.ListArray.from_arrays(offsets, columns[0]), pa.ListArray.from_arrays(offsets, columns[1])


def manner_counts(users: pa.Table) -> _Ints:
    """Return the histograms of profiles, int64 [users, ``BINS``]."""
    rows, bins, counts = _flat(users)
    counted = np.zeros((users.num_rows, BINS), dtype=np.int64)
    counted[rows, bins] = counts
    return counted


def _flat(lists: pa.Table) -> tuple[_Ints, _Ints, _Ints]:
    lengths = np.asarray(pc.fill_null(pc.list_value_length(lists["manners"]), 0)).astype(np.int64)
    bins, counts = (pc.list_flatten(lists[name]).to_numpy().astype(np.int64) for name in ("manners", "manner_counts"))
    return np.repeat(np.arange(len(lengths)), lengths), bins, counts


def _sum_bins(users: _Ints, bins: _Ints, counts: _Ints) -> tuple[_Ints, _Ints, _Ints]:
    key = users * BINS + bins
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    starts = starts_of(ordered)
    return ordered[starts] // BINS, ordered[starts] % BINS, sum_runs(counts[order], starts)


# --- the population --------------------------------------------------------------------------------------


def count_population(profiles: pa.Table) -> pa.Table:
    """Sum up one block of daily profiles (``EVIDENCE_USERS``, not merged): ``POPULATION``."""
    histograms = manner_counts(profiles)
    columns = np.zeros((3, BINS), dtype=np.int64)
    for manner in MANNERS:
        counts = histograms[:, manner.bins]
        total = counts.sum(axis=1)
        counts, total = counts[total > 0], total[total > 0]
        weight = np.minimum(total, DAY_WEIGHT) * UNIT
        columns[0, manner.bins] = (counts * weight[:, None] // total[:, None]).sum(axis=0)
        several = total > 1
        counts, total, weight = counts[several], total[several], weight[several]
        columns[1, manner.bins] = (counts * weight[:, None] // total[:, None]).sum(axis=0)
        pairs = total * (total - 1)
        columns[2, manner.bins] = (weight[:, None] * ((counts * (counts - 1)) / pairs[:, None])).astype(np.int64).sum(0)
    return pa.table([np.arange(BINS, dtype=np.int32), *columns], schema=POPULATION)


def merge_population(tables: Sequence[pa.Table] | pa.Table) -> pa.Table:
    """Add up ``POPULATION``: one row per bin."""
    if not isinstance(tables, pa.Table):
        tables = pa.concat_tables([POPULATION.empty_table(), *(table.select(POPULATION.names) for table in tables)])
    places = tables["manner_bin"].to_numpy()
    columns = [np.zeros(BINS, dtype=np.int64) for _ in POPULATION.names[1:]]
    for column, name in zip(columns, POPULATION.names[1:], strict=True):
        np.add.at(column, places, tables[name].to_numpy())
    return pa.table([np.arange(BINS, dtype=np.int32), *columns], schema=POPULATION)


@dataclass(frozen=True)
class People:
    """What people's histograms look like.

    Attributes:
        parameters: Dirichlet parameter of each bin, float64 [``BINS``].
        strangers: per manner the chance that a person of this log behaves like anything at all, 0–1.
    """

    parameters: _Floats
    strangers: tuple[float, ...]

    @classmethod
    def of(cls, population: pa.Table) -> "People":
        """Estimate from a merged ``POPULATION``; an empty one describes nobody, and nobody is told from a bot."""
        merged = merge_population(population)
        weight, paired, same = (merged[name].to_numpy() / UNIT for name in POPULATION.names[1:])
        parameters, strangers = np.empty(BINS), []
        for manner in MANNERS:
            bins = manner.bins
            total = weight[bins].sum()
            share = (weight[bins] + _PRIOR_WEIGHT / len(weight[bins])) / (total + _PRIOR_WEIGHT)
            parameters[bins] = share * _concentration(share, paired[bins].sum(), same[bins].sum())
            strangers.append(float(min(1.0, _FEW_OBSERVATIONS / max(total, 1.0)) ** 3))
        return cls(parameters, tuple(strangers))

    def kinds(self, manner: Manner) -> list[_Floats]:
        """Return the Dirichlet parameters of people: as widely spread as found, and like the average.

        Of positions also those of people who see only the first ones.
        """
        own = self.parameters[manner.bins]
        parts = [own]
        if manner is POSITION:
            places = np.arange(len(own))
            parts = [np.where(places <= last, own, 0.0) for last in range(_SHORTEST_PAGE, len(own))]
        concentrations = (own.sum(), _CONCENTRATIONS[1])
        return [part * size / part.sum() + _NEVER for part in parts for size in concentrations]


def _concentration(share: _Floats, paired: float, same: float) -> float:
    """Estimate how closely people keep to the population, by the pairs of observations of a day that share a bin."""
    least, greatest = _CONCENTRATIONS
    alike = float((share**2).sum())
    pairs = max(paired, 1.0)
    found = (same / pairs - alike) / (1 - alike) + _SIGMAS * np.sqrt(alike / (1 - alike) / pairs)
    if not paired or found >= 1:
        return least
    return float(np.clip(1 / max(found, 1e-9) - 1, least, greatest))


# --- the score --------------------------------------------------------------------------------------------


def manner_scores(users: pa.Table, people: People) -> _Floats:
    """Return per user and manner the log Bayes factor of a machine, which may be like people in it, against people.

    Args:
        users: merged profiles, ``EVIDENCE_USERS``.
        people: of the same log.

    Returns:
        float64 [users, ``MANNERS``], at least -log 2; 0 where the user has no observation.
    """
    histograms = manner_counts(users.select(EVIDENCE_USERS.names))
    scores = np.zeros((len(histograms), len(MANNERS)))
    for place, manner in enumerate(MANNERS):
        counts = histograms[:, manner.bins]
        total = np.maximum(counts.sum(axis=1, keepdims=True), 1)
        counts = np.where(total > _MOST_OBSERVATIONS, counts * _MOST_OBSERVATIONS // total, counts)
        ratio = _mean_chance(counts, _machines(manner)) - _mean_chance(counts, people.kinds(manner))
        scores[:, place] = soften(among_strangers(ratio, people.strangers[place]))
    return scores


def among_strangers(ratio: _Floats, stranger: float) -> _Floats:
    """Return the log Bayes factor where a person behaves as a machine does with chance `stranger`, 0–1."""
    if stranger >= 1:
        return np.zeros_like(ratio)
    if stranger <= 0:
        return ratio
    return np.asarray(-np.logaddexp(np.log(stranger), np.log1p(-stranger) - ratio), dtype=np.float64)


def soften(ratio: _Floats) -> _Floats:
    """Return the log Bayes factor of "like this in every second machine" where it is ``ratio`` for one of these."""
    return np.asarray(np.logaddexp(0, ratio) - np.log(2), dtype=np.float64)


def _machines(manner: Manner) -> list[_Floats]:
    """Return the Dirichlet parameters of what machines do: anything, few bins, and each position alike."""
    size = len(manner.uppers) + 1
    kinds = [np.ones(size), np.full(size, _PEAKED)]
    if manner is POSITION:
        widths = np.diff(np.array([0, *manner.uppers]), append=0).astype(np.float64)
        widths[-1] = manner.uppers[-1]  # the open bin, as wide as all before it
        for last in range(_SHORTEST_PAGE, size):
            even = np.where(np.arange(size) <= last, widths, 0.0)
            kinds.append(_EVEN_CONCENTRATION * even / even.sum() + _NEVER)
    return kinds


def _mean_chance(counts: _Ints, kinds: Sequence[_Floats]) -> _Floats:
    """Return the log of the mean chance under several Dirichlet-multinomials."""
    chances = [_log_chance(counts, parameters) for parameters in kinds]
    return np.asarray(np.logaddexp.reduce(chances, axis=0) - np.log(len(chances)), dtype=np.float64)


def _log_chance(counts: _Ints, parameters: _Floats) -> _Floats:
    """Return the log chance of sequences with these counts under a Dirichlet-multinomial."""
    total, concentration = counts.sum(axis=1), parameters.sum()
    steps = np.arange(int(total.max(initial=0)) + 1)
    of_bin = gammaln(steps[:, None] + parameters) - gammaln(parameters)
    of_total = gammaln(concentration) - gammaln(concentration + steps)
    return np.asarray(of_bin[counts, np.arange(len(parameters))].sum(axis=1) + of_total[total], dtype=np.float64)


def favourite_scores(clicks: _Ints, most: _Ints) -> _Floats:
    """Return the softened log Bayes factor of a promoter of one image, float64 [users], at least -log 2.

    Args:
        clicks: of each user.
        most: of these on the query and image that the user clicked most.
    """
    a, b = _FAVOURITE
    rest = np.maximum(clicks - most, 0)
    extra = np.maximum(most - 1, 0)  # any first click is on some image
    people = betaln(a + extra, b + rest) - betaln(a, b)
    return soften(betaln(1 + extra, 1 + rest) - people)
