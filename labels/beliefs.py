"""Which intents queries and images have, from each other: belief propagation over the click graph.

A query asks for one intent or for none in particular; an image serves one. A pair of both is wanted where the two
agree, and clicks tell wanted pairs from others by a likelihood (``attraction``). Beliefs travel along the pairs:
what the queries of an image say, each without what it heard from that image, gives the image's belief, and back
(sum-product; Pearl 1988, Kschischang et al. 2001). So a misleading word loses against its own clicks, a query
without a known word gets the intent of what is clicked for it, and clicks that should have come and did not count
too. That an image is shown at all for queries of an intent says once that it may serve it, not each time: search
engines repeat their errors.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labels.attraction import Attraction
from labels.grouping import starts_of

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]

NO_INTENT = 0.05
"""Prior chance that an image serves no intent of the taxonomy."""
ELSEWHERE = 0.6
"""Share of the queries with a misleading word that ask for another intent; the others ask for none."""
_TINY = 1e-9


@dataclass(frozen=True)
class Prior:
    """What a query's words alone say.

    Attributes:
        misleading: chance that a rule's word means something else.
        generic: chance that a query without a known word asks for no intent in particular.
    """

    misleading: float = 0.12
    generic: float = 0.8

    def of_queries(self, asked: _Ints, intents: int, misleading: _Floats | None = None) -> _Floats:
        """Return log chances, float64 [queries, intents + 1], the last for no intent.

        Args:
            asked: the intent that a query's words ask for, [queries], -1 where they ask for none.
            intents: how many there are.
            misleading: chance that a query's words mean something else, [queries]; the general one where None.
        """
        chances = np.empty((len(asked), intents + 1))
        chances[:, :intents] = (1 - self.generic) / intents
        chances[:, intents] = self.generic
        known = np.flatnonzero(asked >= 0)
        wrong = np.full(len(known), self.misleading) if misleading is None else misleading[known]
        chances[known, :intents] = (ELSEWHERE * wrong / max(intents - 1, 1))[:, None]
        chances[known, intents] = (1 - ELSEWHERE) * wrong
        chances[known, asked[known]] = 1 - wrong
        return np.log(chances)

    def ratio_of_words(self, asked: _Ints, messages: _Floats) -> _Floats:
        """Return log P(what images say | the words mean what they say) / P(… | something else), [queries].

        Args:
            asked: as in ``of_queries``, none of them -1.
            messages: what the images say in all, [queries, intents + 1].
        """
        intents = messages.shape[1] - 1
        others = messages + np.log(ELSEWHERE / max(intents - 1, 1))
        others[:, intents] = messages[:, intents] + np.log(1 - ELSEWHERE)
        others[np.arange(len(asked)), asked] = -np.inf
        right = messages[np.arange(len(asked)), asked]
        return np.asarray(right - np.logaddexp.reduce(others, axis=1), dtype=np.float64)


@dataclass(frozen=True)
class Likelihoods:
    """P(clicks | wanted) and P(clicks | unwanted) of pairs, each scaled by its greater one; float64 [pairs]."""

    wanted: _Floats
    unwanted: _Floats
    share: float

    @classmethod
    def of(cls, clicks: _Floats, expected: _Floats, attraction: Attraction) -> "Likelihoods":
        wanted, unwanted = attraction.log_likelihoods(clicks, expected)
        top = np.maximum(wanted, unwanted)
        return cls(np.exp(wanted - top), np.exp(unwanted - top), attraction.share)

    @property
    def either(self) -> _Floats:
        """P(clicks) where nothing is known of the pair."""
        return self.share * self.wanted + (1 - self.share) * self.unwanted

    def __getitem__(self, rows: slice | _Ints) -> "Likelihoods":
        return Likelihoods(self.wanted[rows], self.unwanted[rows], self.share)


def normalized(logs: _Floats) -> _Floats:
    """Return log chances that sum to 1 over the last axis."""
    top = logs.max(axis=-1, keepdims=True)
    return np.asarray(logs - top - np.log(np.exp(logs - top).sum(axis=-1, keepdims=True)), dtype=np.float64)


def to_images(chances: _Floats, likelihoods: Likelihoods) -> _Floats:
    """Return what each pair tells its image: log messages [pairs, intents + 1], the last (no intent) being 0.

    Args:
        chances: of the pair's query without what it heard from this image, [pairs, intents + 1].
        likelihoods: of the pairs.
    """
    wanted, unwanted = likelihoods.wanted[:, None], likelihoods.unwanted[:, None]
    asked, generic = chances[:, :-1], chances[:, -1:]
    either = generic * likelihoods.either[:, None]
    others = np.maximum(1 - asked - generic, _TINY)
    messages = np.empty(chances.shape)
    messages[:, :-1] = np.log(asked * wanted + others * unwanted + either)
    messages[:, -1] = np.log((1 - generic) * unwanted + either)[:, 0]
    return messages - messages[:, -1:]


def to_queries(chances: _Floats, likelihoods: Likelihoods) -> _Floats:
    """Return what each pair tells its query: log messages [pairs, intents + 1], the last (generic) being 0.

    Args:
        chances: that the image serves each intent, were that what the query asks for, [pairs, intents]: see
            ``image_beliefs``.
        likelihoods: of the pairs.
    """
    wanted, unwanted = likelihoods.wanted[:, None], likelihoods.unwanted[:, None]
    messages = np.zeros((len(chances), chances.shape[1] + 1))
    messages[:, :-1] = np.log(chances * wanted + (1 - chances) * unwanted) - np.log(likelihoods.either)[:, None]
    return messages


def sum_by(starts: _Ints, messages: _Floats) -> _Floats:
    """Return the sum of each run of rows, [runs, columns]."""
    if not len(starts):
        return np.zeros((0, messages.shape[1]))
    return np.asarray(np.add.reduceat(messages, starts, axis=0), dtype=np.float64)


def query_beliefs(
    prior: _Floats, starts: _Ints, messages: _Floats, composed: tuple[_Floats, _Floats]
) -> tuple[_Floats, _Floats]:
    """Return log beliefs of queries [queries, intents + 1], and for each pair the chances without its own message.

    Args:
        prior: log chances, see ``Prior``.
        starts: where the pairs of each query begin, [queries].
        messages: of the pairs, from ``to_queries``.
        composed: what the classes of all choices say together, see ``composition``.
    """
    beliefs = prior + sum_by(starts, messages)
    without = beliefs[_owners(starts, len(messages))] - messages
    for found, choices in zip((beliefs, without), composed, strict=True):
        found[:, :-1] += choices
    return normalized(beliefs), np.exp(normalized(without))


def image_beliefs(starts: _Ints, asked: _Floats, messages: _Floats, share: float) -> tuple[_Floats, _Floats]:
    """Return log beliefs of images [images, intents + 1], and for each pair [pairs, intents] what its query needs.

    What a query needs is the chance that the image serves an intent if the query asks for it: without the pair's own
    message, and knowing that an engine which showed it for that intent is right with chance `share`.

    Args:
        starts: where the pairs of each image begin, [images].
        asked: chances of the pairs' queries, as in ``to_images``.
        messages: of the pairs, from ``to_images``.
        share: of the shown images that are wanted.
    """
    prior = _image_prior(starts, asked, share)
    beliefs = prior + sum_by(starts, messages)
    owner = _owners(starts, len(messages))
    return normalized(beliefs), _needed(prior[owner], beliefs[owner] - messages, share)


def heard_apart(
    starts: _Ints, asked: _Floats, messages: _Floats, share: float, *, words: _Ints, intents: _Ints
) -> _Floats:
    """Return for each pair what its query needs (see ``image_beliefs``) without all queries of the same words.

    Queries with one word that misleads agree with each other: what else is known of an image must judge the word.

    Args:
        starts, asked, messages, share: as in ``image_beliefs``.
        words: number of the query's rule, [pairs], -1 without one.
        intents: the rule's intent, [pairs], -1 without one.

    Returns:
        float64 [pairs]: the chance for the rule's intent alone; 0 without a rule.
    """
    found = np.zeros(len(messages))
    prior = _image_prior(starts, asked, share)
    beliefs = prior + sum_by(starts, messages)
    owner = _owners(starts, len(messages))
    ruled = np.flatnonzero(words >= 0)
    ruled = ruled[np.lexsort((words[ruled], owner[ruled]))]
    runs_of_words = starts_of(owner[ruled] * (int(words.max(initial=0)) + 1) + words[ruled])
    lengths = np.diff(np.append(runs_of_words, len(ruled)))
    rest = beliefs[owner[ruled]] - np.repeat(sum_by(runs_of_words, messages[ruled]), lengths, axis=0)
    found[ruled] = _needed(prior[owner[ruled]], rest, share)[np.arange(len(ruled)), intents[ruled]]
    return found


def _image_prior(starts: _Ints, asked: _Floats, share: float) -> _Floats:
    """Return log chances of images [images, intents + 1] before clicks: what they were shown for is likelier."""
    intents = asked.shape[1] - 1
    base = (1 - NO_INTENT) / intents
    unasked = np.exp(sum_by(starts, np.log1p(-np.minimum(asked[:, :intents], 1 - 1e-6))))
    prior = np.empty((len(starts), intents + 1))
    prior[:, :intents] = base + share / (1 - share) * (1 - unasked)
    prior[:, intents] = NO_INTENT
    return normalized(np.log(prior))


def _needed(prior: _Floats, beliefs: _Floats, share: float) -> _Floats:
    """Return the chance that images serve an intent which an engine showed them for, [pairs, intents]."""
    without = np.clip(np.exp(normalized(beliefs)[:, :-1]), _TINY, 1 - _TINY)
    known = np.clip(np.exp(prior[:, :-1]), _TINY, 1 - _TINY)
    odds = _logit(without) - _logit(known) + float(np.log(share) - np.log1p(-share))
    return np.asarray(1 / (1 + np.exp(-odds)), dtype=np.float64)


def _owners(starts: _Ints, rows: int) -> _Ints:
    """Return the number of each row's run."""
    return np.repeat(np.arange(len(starts)), np.diff(np.append(starts, rows)))


def _logit(chances: _Floats) -> _Floats:
    return np.asarray(np.log(chances) - np.log1p(-chances), dtype=np.float64)


def runs(owners: npt.NDArray[np.integer], pairs: int) -> Sequence[slice]:
    """Return slices of whole runs of equal owners, of at most some `pairs` rows: blocks to work on one by one."""
    starts = starts_of(owners)
    if not len(starts):
        return []
    cuts = [0]
    for start in starts.tolist()[1:]:
        if start - cuts[-1] >= pairs:
            cuts.append(start)
    return [slice(begin, end) for begin, end in zip(cuts, [*cuts[1:], len(owners)], strict=True)]
