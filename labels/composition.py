"""What the classes of the pictures chosen for a query say of it: people who want one kind choose that kind.

A query that asks for an intent has nearly all its choices among pictures of that intent. The choices of one that asks
for nothing in particular spread over intents, more or less: they are counted as draws from shares that are themselves
unknown (a Dirichlet-multinomial; Pólya's urn). Only what clicks chose beyond what the page showed counts, so that a
page of one kind alone says nothing.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from labels.beliefs import Likelihoods, sum_by

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]

RIGHT = 0.95
"""Share of the choices for an intent that are of it."""
LIKELY_OTHERS = 3.0
"""Times that an intent with which another is confused is likelier than the mean of the others."""
SPREAD = 2.0
"""Sum of the Dirichlet's parameters: 1 / (1 + SPREAD) of two choices for nothing in particular agree by habit alone."""
_TINY = 1e-9


@dataclass(frozen=True)
class Choices:
    """The choices in pairs of queries and images, [pairs]: which intent was chosen, and how surely (0–1)."""

    intents: _Ints
    amounts: _Floats

    @classmethod
    def of(cls, chances: _Floats, likelihoods: Likelihoods) -> "Choices":
        """Return the choices.

        Args:
            chances: that the images serve each intent if the query asks for it, [pairs, intents].
            likelihoods: of the pairs.
        """
        share = likelihoods.share
        chances = np.clip(chances, _TINY, 1 - _TINY)
        odds = np.log(chances) - np.log1p(-chances) - float(np.log(share) - np.log1p(-share))
        odds -= odds.max(axis=1, keepdims=True)
        parts = np.exp(odds)
        intents = parts.argmax(axis=1)
        likeliest = 1 / parts.sum(axis=1)
        wanted = share * likelihoods.wanted / np.maximum(likelihoods.either, _TINY)
        lift = np.clip((wanted - share) / (1 - share), 0, 1)
        return cls(intents, lift * np.where(likeliest > 0.5, likeliest, 0.0))


def composition(starts: _Ints, choices: Choices, intents: int) -> tuple[_Floats, _Floats]:
    """Return what choices say for each intent against none in particular, as log ratios.

    Args:
        starts: where the pairs of each query begin, [queries].
        choices: of the pairs.
        intents: how many there are.

    Returns:
        [queries, intents], and [pairs, intents] of the pair's query without the pair's own choice.
    """
    pairs = len(choices.intents)
    spread = np.zeros((pairs, intents))
    spread[np.arange(pairs), choices.intents] = choices.amounts
    counts = sum_by(starts, spread)
    right = float(np.log(RIGHT))
    wrong = float(np.log((1 - RIGHT) * min(LIKELY_OTHERS / max(intents - 1, 1), 1.0)))
    owner = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, pairs)))
    total = counts.sum(axis=1)
    each = _rising(counts, SPREAD / intents)
    of_queries = counts * (right - wrong) + (total * wrong + _rising(total, SPREAD) - each.sum(axis=1))[:, None]
    own = counts[owner, choices.intents]
    left, rest = np.maximum(own - choices.amounts, 0.0), np.maximum(total[owner] - choices.amounts, 0.0)
    sums = each.sum(axis=1)[owner] - each[owner, choices.intents] + _rising(left, SPREAD / intents)
    of_pairs = counts[owner] * (right - wrong)
    of_pairs[np.arange(pairs), choices.intents] = left * (right - wrong)
    return of_queries, of_pairs + (rest * wrong + _rising(rest, SPREAD) - sums)[:, None]


def _rising(counts: _Floats, parameter: float) -> _Floats:
    """Return log Γ(parameter + n) − log Γ(parameter), linear between whole n: fractions of a count are no evidence."""
    whole = np.floor(counts)
    part = counts - whole
    low, high = gammaln(whole + parameter), gammaln(whole + 1 + parameter)
    return np.asarray((1 - part) * low + part * high - gammaln(parameter), dtype=np.float64)
