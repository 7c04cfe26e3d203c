"""Do a user's clicks go where others click? Needs all clicks of a query together, thus a partition by query.

People click what answers their query, so their clicks gather on few results; a machine that clicks blindly spreads
over all. Of each distinct result (query and image) that a user clicked, the chance under the others' clicks on this
query is set against that of a blind choice. It needs neither positions nor dwell nor unclicked results, catches
machines that imitate where and when people click, and clears busy people who only behave oddly. A query that nobody
else clicked says nothing.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from labels.grouping import Codes, dense, pack, starts_of, sum_runs
from labels.merges import UNKNOWN_USER
from labels.tables import USER_AGREEMENT

UNIT = 1024
"""Parts of one natural log unit of evidence: whole numbers add up to the same in any order."""
BLIND_PEOPLE = 0.3
"""Share of a person's clicks that may follow own taste alone: bounds what one click can say against a person."""
PRIOR_CLICKS = 10.0
"""Evenly spread clicks that are added to those of others on a query, at least: more where people's clicks on it
gather on no results, and chance alone decides how many each has (`_prior_clicks`)."""
PRIOR_PAIRS = 2000.0
"""Pairs of clicks on a query that speak for `PRIOR_CLICKS` before any of them is looked at: some 45 clicks, below
which chance decides how even they look."""
MOST_PRIOR_CLICKS = 1e6
"""Where clicks do not gather at all: nobody's choices say anything."""
FEWEST_CHOICES = 12
"""Results among which a blind machine chooses, at least: queries with few clicks show more than were clicked."""
RESULTS_PER_QUERY = 4
"""Results of one query for which a user is counted at most (by weight): whole pages of clicks choose nothing."""


def count_agreement(clicks: pa.Table) -> pa.Table:
    """Return ``USER_AGREEMENT`` of the users of one partition by query.

    Args:
        clicks: ``EVIDENCE_CLICKS``, all rows of each query; rows of nobody in particular are left out.
    """
    clicks = clicks.select(["query", "image_id", "user_hash", "clicks"])
    clicks = clicks.filter(pa.array(clicks["user_hash"].to_numpy() != UNKNOWN_USER))
    users, user_places = dense(clicks["user_hash"].to_numpy())
    queries, images = Codes.of(clicks["query"]), Codes.of(clicks["image_id"])
    _, results = dense(pack([queries.codes, images.codes], [len(queries.texts), len(images.texts)]))
    size = int(results.max(initial=-1)) + 1
    key = pack([user_places, results], [len(users), size])
    order = np.argsort(key, kind="stable")
    starts = starts_of(key[order])
    first = order[starts]
    sums = sum_runs(clicks["clicks"].to_numpy()[order], starts)
    user, result, query = user_places[first], results[first], queries.codes[first]

    _, session = dense(pack([user, query], [len(users), len(queries.texts)]))
    own = np.bincount(session)[session]  # results of this query that the user clicked
    weight = np.minimum(1.0, RESULTS_PER_QUERY / own)
    query_of = np.zeros(size, dtype=np.int64)
    query_of[result] = query
    choices = np.maximum(np.bincount(query_of, minlength=len(queries.texts)) + 1, FEWEST_CHOICES)
    prior = _prior_clicks(query, result, own, query_of, choices)[query]
    choices = choices[query]
    on_result = np.bincount(result, weights=weight, minlength=size)[result] - weight
    on_query = np.bincount(query, weights=weight, minlength=len(queries.texts))[query] - weight * own
    likeness = (on_result * choices + prior) / (on_query + prior)
    evidence = -np.log((1 - BLIND_PEOPLE) * np.maximum(likeness, 0) + BLIND_PEOPLE)
    evidence *= weight  # results of one page are one choice
    units = np.round(evidence * UNIT).astype(np.int64)
    of_user = starts_of(user)
    most = np.maximum.reduceat(sums, of_user) if len(of_user) else sums
    return pa.table(
        [users, np.bincount(user, minlength=len(users)), sum_runs(units, of_user), most], schema=USER_AGREEMENT
    )


def _prior_clicks(
    query: npt.NDArray[np.int64],
    result: npt.NDArray[np.int64],
    own: npt.NDArray[np.int64],
    query_of: npt.NDArray[np.int64],
    choices: npt.NDArray[np.int64],
) -> npt.NDArray[np.float64]:
    """Return for each query the concentration of a symmetric Dirichlet distribution over its results, from how often
    two people's clicks meet: by the moments, meeting has the chance (a / k + 1) / (a + 1) for k results.

    Args:
        query, result, own: of each distinct click of a user; ``own`` counts the user's results of that query.
        query_of: of each result.
        choices: k of each query.
    """
    count = len(choices)
    on_result = np.bincount(result, minlength=len(query_of))
    meeting = np.bincount(query_of, weights=on_result * (on_result - 1.0), minlength=count)
    clicks = np.bincount(query, minlength=count)
    pairs = clicks * (clicks - 1.0) - np.bincount(query, weights=own - 1.0, minlength=count)
    usual = (PRIOR_CLICKS / choices + 1) / (PRIOR_CLICKS + 1)
    chance = (meeting + PRIOR_PAIRS * usual) / (np.maximum(pairs, 0) + PRIOR_PAIRS)
    concentration = (1 - chance) / np.maximum(chance - 1 / choices, 1 / MOST_PRIOR_CLICKS)
    return np.clip(concentration, PRIOR_CLICKS, MOST_PRIOR_CLICKS)


def merge_agreement(tables: Sequence[pa.Table] | pa.Table) -> pa.Table:
    """Merge ``USER_AGREEMENT`` of parts that share no query: one row per user."""
    if not isinstance(tables, pa.Table):
        parts = [part.select(USER_AGREEMENT.names) for part in tables]
        tables = pa.concat_tables([USER_AGREEMENT.empty_table(), *parts])
    users, places = dense(tables["user_hash"].to_numpy())
    order = np.argsort(places, kind="stable")
    starts = starts_of(places[order])
    results, blindness, most = (tables[name].to_numpy()[order] for name in USER_AGREEMENT.names[1:])
    most = np.maximum.reduceat(most, starts) if len(starts) else most
    return pa.table([users, sum_runs(results, starts), sum_runs(blindness, starts), most], schema=USER_AGREEMENT)
