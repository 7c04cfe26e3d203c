"""Words that say too little alone, taken together: in a small log each word of a class has a handful of clicks.

Two words of one class lead to the same images more often than two of any kind do. Of every two words the images are
counted that both led to, and set against what chance gives where images are as popular as in this window (Poisson;
a log ratio of likelihoods, Dunning 1993). Groups grow from the most striking pair, word by word, as long as the next
one agrees with all of the group as the group agrees within.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

from labels.agreement import LEAST_OF_SEEN, ONE_SIDED_95, Rows

_Ints = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]

MOST_WORDS = 2_000
"""Words that are compared with each other, those with most queries first: 4 million pairs, some 100 MB."""
LEAST_SHARED = 2
"""Images that two parts must share: one is an accident or a hub."""
LEAST_RATIO = 4.0
"""How much more often than chance two parts of a group share images."""
LIKELY = 4.0
"""Log ratio (natural) from which two parts are looked at together."""
SURE = 3.0
"""Log ratio of a whole group beyond that of the best of all pairs by chance: e^3 to 1."""
LIKE_WITHIN = 0.5
"""A word joins if it shares images with the group at least this much as often as the group's words surely do."""


def group_words(queries: Sequence[_Ints], shares: Rows, *, images: int) -> list[list[int]]:
    """Return groups of words (places in `queries`) whose images agree, the most striking group first.

    Args:
        queries: each word's queries (rows of `shares`); no query is of two words. The first ``MOST_WORDS`` count.
        shares: a row of images per query; what is clicked at all counts, not how often.
        images: columns of `shares`.
    """
    queries = queries[:MOST_WORDS]
    if len(queries) < 2:
        return []
    shared, expected = _meetings(queries, shares, images)
    within, by_chance = shared.diagonal().copy(), expected.diagonal().copy()
    np.fill_diagonal(shared, 0)
    np.fill_diagonal(expected, 0)
    least = np.log(len(queries) * (len(queries) - 1) / 2) + SURE
    striking = np.where(_agrees(shared, expected), _log_ratio(shared, expected), 0.0)
    groups = []
    while striking.any():
        group = [int(place) for place in np.unravel_index(int(striking.argmax()), striking.shape)]
        while (word := _next(group, shared, expected)) is not None:
            group.append(word)
        inside = np.ix_(group, group)
        met = shared[inside].sum() / 2 + within[group].sum()
        chance = expected[inside].sum() / 2 + by_chance[group].sum()
        if _log_ratio(np.array(met), np.array(chance)) >= least:
            groups.append(group)
            for square in (shared, striking):
                square[group, :] = 0
                square[:, group] = 0
        else:
            striking[inside] = 0
    return groups


def _meetings(queries: Sequence[_Ints], shares: Rows, images: int) -> tuple[_Floats, _Floats]:
    """Return for every two words how many images both led to, and how many chance gives (never too few).

    In the diagonal: images to which two of the word's own queries led, and chance.
    """
    degree = np.bincount(shares.columns, minlength=images).astype(np.float64)
    collide = float(np.square(degree).sum() - degree.sum()) / max(degree.sum(), 1.0) ** 2
    word = np.repeat(np.arange(len(queries)), [len(own) for own in queries])
    owner, columns, _ = shares.gather(np.concatenate(queries))
    ones = np.ones(len(owner))
    led = sparse.csr_matrix((ones, (word[owner], columns)), shape=(len(queries), images))
    clicked = np.asarray(led.sum(axis=1)).ravel()
    twice = np.asarray((led > 1).sum(axis=1)).ravel()
    led.data[:] = 1.0
    shared, expected = np.asarray((led @ led.T).todense()), np.outer(clicked, clicked) * collide
    np.fill_diagonal(shared, twice)
    np.fill_diagonal(expected, expected.diagonal() / 2)
    return shared, expected


def _log_ratio(shared: _Floats, expected: _Floats) -> _Floats:
    """Return log P(shared | as often as seen) - log P(shared | chance), 0 where chance gives as many."""
    more = shared > expected
    ratio = np.divide(shared, expected, out=np.ones_like(shared), where=more & (expected > 0))
    return np.asarray(np.where(more, shared * np.log(ratio) - (shared - expected), 0.0))


def _agrees(shared: _Floats, expected: _Floats) -> npt.NDArray[np.bool_]:
    enough = (shared >= LEAST_SHARED) & (shared >= LEAST_RATIO * expected)
    return np.asarray(enough & (_log_ratio(shared, expected) >= LIKELY))


def _next(group: list[int], shared: _Floats, expected: _Floats) -> int | None:
    """Return the word that agrees best with a group, None where none agrees enough."""
    inside = np.ix_(group, group)
    # the pair that it began with was the most striking of many: the lower bound, not what was seen, is how close it is
    surely = max(1.0 - ONE_SIDED_95 / np.sqrt(shared[inside].sum() / 2), LEAST_OF_SEEN)
    within = surely * shared[inside].sum() / max(expected[inside].sum(), 1e-12)
    met, chance = shared[group].sum(axis=0), expected[group].sum(axis=0)
    fits = _agrees(met, chance) & (met >= LIKE_WITHIN * within * chance)
    fits[group] = False
    score = np.where(fits, _log_ratio(met, chance), 0.0)
    best = int(score.argmax())
    return best if score[best] > 0 else None
