"""What the queries of one partition ask for, and what was clicked for them."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from labels.attraction import count_pairs
from labels.examination import UNITS, Examination, expected_units
from labels.grouping import Codes, dense, pack, starts_of, sum_runs
from labels.merges import UNKNOWN_USER
from labels.propagation import LEAST_INFORMATIVE
from labels.queries import normalize_queries
from labels.rules import Rules, match_queries

FULL_WEIGHT = 1 << 10
"""Parts of a weight: whole ones add up to the same in any order."""
_EPOCH = date(1970, 1, 1)
_Ints = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]


def query_evidence(
    clicks: pa.Table,
    impressions: pa.Table,
    examination: Examination,
    rules: Rules,
    *,
    window_end: date,
    half_life_days: float,
) -> dict[str, pa.Table]:
    """Join the clicks and impressions of one partition of queries with what their words ask for.

    Args:
        clicks: people's ``EVIDENCE_CLICKS`` of a window, merged or not; all rows of a query are here.
        impressions: ``EVIDENCE_IMPRESSIONS`` of the same queries and window.
        examination: what positions earn by themselves; without rates for a log without impressions.
        rules: compiled query rules.
        window_end: last day of the window; rows with a column ``day`` weigh less the older they are.
        half_life_days: after so many days a row weighs half.

    Returns:
        ``pairs`` (``PAIRS``, sorted, whatever the order of the input; texts dictionary-encoded) and ``pair_counts``
        (``PAIR_COUNTS``), from which the whole window's ``Attraction`` is fitted.
    """
    queries, images, click_pairs, shown_pairs = _pair_codes(clicks, impressions)
    span = max(len(images.texts), 1)
    matches = _match(queries, rules)
    last = (window_end - _EPOCH).days
    units = expected_units(
        impressions,
        examination,
        queries=shown_pairs // span,
        pairs=shown_pairs,
        clicked=(click_pairs, clicks["position"].to_numpy(), clicks["clicks"].to_numpy()),
    )
    shown, expected, recent = _expected(shown_pairs, units, weights_of(impressions, last, half_life_days))
    clicked = _Clicked.of(clicks, click_pairs, weights_of(clicks, last, half_life_days))
    people = _query_users(clicks, click_pairs // span, len(queries.texts))
    has_rates = len(examination.rates) > 0
    pairs = _pairs(clicked, shown, expected, recent, matches, people, queries, images, has_rates=has_rates)
    known = pc.and_(pairs["expected_clicks"].is_valid(), pairs["intent"].is_valid())
    clicks, by_pair = pairs["users"].filter(known).to_numpy(), pairs["expected_clicks"].filter(known).to_numpy()
    return {"pairs": pairs, "pair_counts": count_pairs(clicks, by_pair)}


def _pair_codes(clicks: pa.Table, impressions: pa.Table) -> tuple[Codes, Codes, _Ints, _Ints]:
    """Return sorted queries and images of both tables, and each row's pair: query code x images + image code."""
    texts = []
    for name in ("query", "image_id"):
        parts = [clicks[name], impressions[name]]
        if len({part.type for part in parts}) > 1:
            parts = [part.cast(pa.string()) for part in parts]
        texts.append(Codes.of(pa.chunked_array([c for part in parts for c in part.chunks], parts[0].type)).ranked())
    queries, images = texts
    pairs = queries.codes * max(len(images.texts), 1) + images.codes
    return queries, images, pairs[: clicks.num_rows], pairs[clicks.num_rows :]


@dataclass(frozen=True)
class _Matches:
    """What each query asks for, as codes of intents and rules, -1 for nothing."""

    intents: Codes
    rules: Codes

    def __getitem__(self, which: _Ints) -> "_Matches":
        return _Matches(
            Codes(self.intents.codes[which], self.intents.texts), Codes(self.rules.codes[which], self.rules.texts)
        )


def _match(queries: Codes, rules: Rules) -> _Matches:
    matches = match_queries(queries.texts, rules)
    places = np.asarray(pc.index_in(normalize_queries(queries.texts), value_set=matches["query"].combine_chunks()))
    return _Matches(*(Codes.of(matches[name].take(pa.array(places))) for name in ("intent", "rule")))


@dataclass(frozen=True)
class _Clicked:
    """The clicked pairs, rising, with their clicks and people; pair i has ``hashes[first[i]:first[i + 1]]``, rising."""

    pairs: _Ints
    clicks: _Ints
    users: _Ints
    recent: _Floats
    hashes: _Ints
    first: _Ints

    @classmethod
    def of(cls, clicks: pa.Table, pairs: _Ints, weights: _Ints) -> "_Clicked":
        users, sums = clicks["user_hash"].to_numpy(), clicks["clicks"].to_numpy()
        distinct, pair_places = dense(pairs)
        total, weighed = np.zeros(len(distinct), dtype=np.int64), np.zeros(len(distinct), dtype=np.int64)
        np.add.at(total, pair_places, sums)
        np.add.at(weighed, pair_places, sums * weights)
        unknown = np.zeros(len(distinct), dtype=np.int64)
        nobody = users == UNKNOWN_USER
        np.add.at(unknown, pair_places[nobody], sums[nobody])
        people, user_places = dense(users[~nobody])
        key = np.unique(pack([pair_places[~nobody], user_places], [len(distinct), len(people)]))
        owner, person = np.divmod(key, max(len(people), 1))
        known = np.bincount(owner, minlength=len(distinct))
        users = known + unknown
        recent = users * (weighed / np.maximum(total * FULL_WEIGHT, 1))
        return cls(distinct, total, users, recent, people[person], np.append(0, np.cumsum(known)))


def _query_users(clicks: pa.Table, queries: _Ints, count: int) -> _Ints:
    """Return int64 [queries]: the people who clicked anything for each query, -1 where nobody clicked."""
    users, sums = clicks["user_hash"].to_numpy(), clicks["clicks"].to_numpy()
    nobody = users == UNKNOWN_USER
    people, places = dense(users[~nobody])
    key = np.unique(pack([queries[~nobody], places], [count, len(people)]))
    found = np.bincount(key // max(len(people), 1), minlength=count).astype(np.int64)
    np.add.at(found, queries[nobody], sums[nobody])
    clicked = np.bincount(queries, minlength=count) > 0
    return np.where(clicked, found, -1)


def weights_of(table: pa.Table, last: int, half_life_days: float) -> _Ints:
    """Return what each row weighs by its column ``day``, in parts of FULL_WEIGHT; all of it where there is none."""
    if "day" not in table.column_names:
        return np.full(table.num_rows, FULL_WEIGHT, dtype=np.int64)
    ages = np.maximum(last - table["day"].to_numpy().astype(np.int64), 0)
    weights: _Ints = np.round(FULL_WEIGHT * 0.5 ** (ages / half_life_days)).astype(np.int64)
    return weights


def _expected(pairs: _Ints, units: _Ints, weights: _Ints) -> tuple[_Ints, _Floats, _Floats]:
    """Return the shown pairs, rising, what their positions alone would have earned, and that less what is old."""
    order = np.argsort(pairs)
    starts = starts_of(pairs[order])
    units = units[order]
    recent = units // FULL_WEIGHT * weights[order]
    return pairs[order[starts]], sum_runs(units, starts) / UNITS, sum_runs(recent, starts) / UNITS


def _pairs(
    clicked: _Clicked,
    shown: _Ints,
    expected: _Floats,
    recent: _Floats,
    matches: _Matches,
    people: _Ints,
    queries: Codes,
    images: Codes,
    *,
    has_rates: bool,
) -> pa.Table:
    every = np.union1d(clicked.pairs, shown)
    query, image = np.divmod(every, max(len(images.texts), 1))
    place = np.searchsorted(clicked.pairs, every)
    is_clicked = np.isin(every, clicked.pairs, assume_unique=True)
    at = np.searchsorted(shown, every)
    was_shown = (at < len(shown)) & (np.append(shown, -1)[np.minimum(at, len(shown))] == every)
    by_pair, by_pair_recent = np.zeros(len(every)), np.zeros(len(every))
    by_pair[was_shown], by_pair_recent[was_shown] = expected[at[was_shown]], recent[at[was_shown]]
    kept = is_clicked | (by_pair >= LEAST_INFORMATIVE)
    order = np.flatnonzero(kept)
    order = order[np.argsort(pack([image[order], query[order]], [len(images.texts), len(queries.texts)]))]
    query, image, is_clicked, place = query[order], image[order], is_clicked[order], place[order]
    place = np.where(is_clicked, place, len(clicked.pairs))  # one more, without clicks, at the end
    total, users = np.append(clicked.clicks, 0), np.append(clicked.users, 0)
    first, last = np.append(clicked.first[:-1], 0)[place], np.append(clicked.first[1:], 0)[place]
    offsets = np.append(0, np.cumsum(last - first))
    inside = np.arange(offsets[-1]) - np.repeat(offsets[:-1], last - first) + np.repeat(first, last - first)
    # Clicked and not shown (its impressions came late): nothing was to be expected of it.
    by_pair, by_pair_recent = by_pair[order], by_pair_recent[order]
    unknown = np.full(len(order), not has_rates)
    seen: _Ints = np.zeros(len(queries.texts), dtype=np.int64)
    seen[query[::-1]] = np.arange(len(query))[::-1]
    asked = matches[query]
    return pa.table(
        {
            "query": queries.take(query),
            "image_id": images.take(image),
            "intent": asked.intents.plain(),
            "rule": asked.rules.plain(),
            "users": users[place],
            "clicks": total[place],
            "expected_clicks": pa.array(by_pair, mask=unknown),
            "recent_users": np.append(clicked.recent, 0.0)[place],
            "recent_expected": pa.array(by_pair_recent, mask=unknown),
            "user_hashes": pa.ListArray.from_arrays(
                pa.array(offsets.astype(np.int32)), pa.array(clicked.hashes[inside])
            ),
            "query_users": np.maximum(people, 0)[query],
            "counts_query": seen[query] == np.arange(len(query)),
        }
    )
