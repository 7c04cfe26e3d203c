"""Takes words that stand for a class out of a window of clicks, one after the other; see ``labels.suggest``."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labels.agreement import Profile, Rows
from labels.click_window import NO_CLASS, Window, negative_rules, sample_of
from labels.grouping import dense
from labels.rules import compile_rules
from labels.taxonomy import Taxonomy
from labels.word_groups import group_words
from labels.words import Words

_Ints = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]

_FEWEST_OF_WEAK = 2
"""Queries of a word that is looked at together with others: of the rest of its queries others may have taken some."""
_FEWEST_JOINED, _LEAST_OF_JOINED = 3, 0.5
"""Images that a word must share with a suggestion that it joins, and how much its own queries must agree, as a share of
what a word of its own needs: those of a subject want different things."""


@dataclass(frozen=True)
class SuggestConfig:
    """When words are suggested. Tuned on generated logs with classes taken out of the taxonomy, seeds 100–104.

    Raises:
        ValueError: a value is outside the range in which it means anything.
    """

    min_queries: int = 6
    """Distinct queries of a suggestion, none of which holds a known word."""
    min_word_queries: int = 3
    """Distinct queries with one word, none of which holds a known word or one that was taken before."""
    min_users: int = 10
    """Distinct people who clicked for a suggestion's queries."""
    min_images: int = 5
    """Images that at least two of the word's queries clicked."""
    min_lift: float = 4.0
    """How much more often clicks of two of its queries meet than a click of one of them and of any other query.
    About 1 for a modifier, 2 to 3 for a subject with a handful of intents, the number of classes for a class."""
    lift_of_known: float = 0.5
    """The same as a share of what the queries of known classes reach in this log (their lower quartile): a subject
    of which half the queries want one thing reaches a quarter."""
    same_class: float = 0.5
    """Two sets of queries want the same when their clicks meet at least this share as often as those within."""
    like_class: float = 0.2
    """The same share as it was measured, where ``same_class`` is held against the lower bound of what is within."""
    split: float = 0.3
    """Where the queries of a word that also hold another word meet the rest less than this share as often as any two
    of the word's queries meet, the word has two senses ("to" in "notes to play" and "outline to paint"): left out."""
    least_sense: float = 0.2
    """Share of a word's queries that makes a sense: some queries mislead, whatever the word."""
    split_meetings: float = 8.0
    """Meetings that are to be expected between the two parts, at least, before that is judged."""
    max_seconds: int = 20
    """Other words that are tried for that, the most frequent first."""
    max_intents: int = 2
    """Known classes whose queries hold the word too, if they are ``max_covered`` of its queries: more, and the
    word is a subject."""
    max_covered: float = 0.25
    """Share of a word's queries that hold a known word, up to which that may be by accident or in another sense."""
    max_words: int = 5_000
    """Words that are looked at, the most frequent first; bounds the time."""
    max_queries: int = 300_000
    """Queries that are looked at, those of most people first; bounds the memory."""
    sample: int = 2_000
    """Queries of one word that are compared with each other; bounds the time."""
    examples: int = 8
    """Queries and images that are listed with a suggestion."""

    def __post_init__(self) -> None:
        for name in ("min_users", "min_images", "max_words", "max_queries", "examples"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}; give a whole number from 1")
        for name in ("min_queries", "min_word_queries", "sample"):
            if getattr(self, name) < 2:
                raise ValueError(f"{name} is {getattr(self, name)}; give at least 2, one query agrees with nothing")
        for name in ("same_class", "like_class", "split", "least_sense", "max_covered", "lift_of_known"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is {getattr(self, name)}; give a share within 0 to 1")


@dataclass
class Suggestion:
    """Words, the queries that they were taken for, and what these clicked.

    ``lift`` is that of the first word; ``near`` (float64 [classes]) how often clicks meet those of each live
    class's queries, as a share of how often they meet within; ``known`` the class that it is a word for.
    """

    words: list[str]
    queries: _Ints
    profile: Profile
    lift: float
    near: _Floats
    known: int | None


@dataclass(frozen=True)
class Missed:
    """A word of enough queries that do not agree as those of a class do: ``lacks`` says what is missing."""

    word: str
    queries: _Ints
    images: int
    lift: float
    lacks: str


def search_words(
    window: Window, words: Words, taxonomy: Taxonomy, config: SuggestConfig
) -> tuple[list[Suggestion], list[Missed]]:
    """Return the suggestions in the order in which their first words were taken, and the words that came to nothing.

    Words that agree as those of a class do come first; then those that say too little alone, see ``word_groups``.
    """
    weights = window.class_weights(len(taxonomy.intent_ids))
    least = _least_lift(window, taxonomy, config)
    found: list[Suggestion] = []

    def add(texts: list[str], one: _Candidate, known: int | None, near: _Floats, other: Suggestion | None) -> None:
        if other is None:
            found.append(Suggestion(texts, one.queries, one.profile, one.lift, near, known))
        else:
            other.words += texts
            other.queries = np.union1d(other.queries, one.queries)
            other.profile = Profile.of(window.shares, _sample(other.queries, config))

    weak: list[tuple[str, _Candidate]] = []
    for text, one in _words_apart(window, words, taxonomy, config, least):
        if not one.agrees(least, config):
            weak.append((text, one))
            continue
        meets = one.profile.meets_groups(window.classes_by_image, weights)
        near = meets / one.profile.within
        sure = (near >= config.like_class) & (meets >= config.same_class * one.profile.surely_within)
        known = int(np.argmax(near)) if sure[np.argmax(near)] else None
        nearness, other = _nearest(one.profile, found, config)
        if known is not None and near[known] >= nearness:
            other = next((old for old in found if old.known == known), None)
        add([text], one, known, near, other)
    within = np.array([window.profile_of(one, config.sample).within for one in range(len(weights))])
    for texts, queries in _weak_groups(window, [(text, one.queries) for text, one in weak], found):
        group = _Candidate.of(window, queries, config)
        if not group.agrees(least, config):
            continue
        # chosen because they agree, they seem to agree more than they do: others are the measure of what is alike
        meets = group.profile.meets_groups(window.classes_by_image, weights)
        near = np.divide(meets, within, out=np.zeros(len(meets)), where=within > 0)
        known = int(np.argmax(near)) if near.max(initial=0.0) >= config.same_class else None
        other = next((old for old in found if known is not None and old.known == known), None)
        if known is None:
            alike = [group.profile.meets(old.profile) / old.profile.within if old.known is None else 0 for old in found]
            best = int(np.argmax(alike)) if alike else 0
            other = found[best] if alike and alike[best] >= config.same_class else None
        add(texts, group, known, near, other)
    for text, queries in _weak_sets(window, [(text, one.queries) for text, one in weak], found):
        one = _Candidate.of(window, queries, config)
        if len(queries) < config.min_word_queries or one.lift < _LEAST_OF_JOINED * least:
            continue
        alike = [_joins(one.profile, old.profile) for old in found]
        if alike and max(alike) >= config.same_class:
            old = found[int(np.argmax(alike))]
            old.words.append(text)
            old.queries = np.union1d(old.queries, queries)
    kept = [one for one in found if len(one.queries) >= config.min_queries]
    taken = {word for one in kept for word in one.words}
    missed = [
        Missed(text, one.queries, one.images, one.lift, one.lacks(least, config))
        for text, one in weak
        if text not in taken and one.images
    ]
    return kept, sorted(missed, key=lambda one: (-one.images, -len(one.queries), one.word))


@dataclass(frozen=True)
class _Candidate:
    """A word's (or some words') queries and how they agree."""

    queries: _Ints
    profile: Profile
    lift: float

    @classmethod
    def of(cls, window: Window, queries: _Ints, config: SuggestConfig) -> "_Candidate":
        profile = Profile.of(window.shares, _sample(queries, config))
        return cls(queries, profile, _lift(profile, window))

    @property
    def images(self) -> int:
        """Images that at least two of the queries clicked."""
        return int(np.count_nonzero(self.profile.sharing > 1))

    def agrees(self, least: float, config: SuggestConfig) -> bool:
        """Return whether the queries agree as those of a class do in this log."""
        return self.lift >= least and self.images >= config.min_images

    def lacks(self, least: float, config: SuggestConfig) -> str:
        """Return what is missing for that, in words."""
        parts = []
        if self.images < config.min_images:
            parts.append(f"shared images: {self.images} of {config.min_images}")
        if self.lift < least:
            parts.append(f"agreement: {self.lift:.0f}× of {least:.0f}×")
        if len(self.queries) < config.min_queries:
            parts.append(f"queries: {len(self.queries)} of {config.min_queries}")
        return ", ".join(parts)


def _weak_groups(
    window: Window, weak: Sequence[tuple[str, _Ints]], found: Sequence[Suggestion]
) -> Iterator[tuple[list[str], _Ints]]:
    """Yield words that say too little each and agree, with their queries, none of which stands for a word already."""
    sets = _weak_sets(window, weak, found)
    for group in group_words([queries for _, queries in sets], window.shares, images=len(window.images)):
        yield [sets[place][0] for place in group], np.sort(np.concatenate([sets[place][1] for place in group]))


def _weak_sets(
    window: Window, weak: Sequence[tuple[str, _Ints]], found: Sequence[Suggestion]
) -> list[tuple[str, _Ints]]:
    """Return words and their queries, each query with one word and with none that stands for one found."""
    free = np.ones(len(window.texts), dtype=bool)
    for one in found:
        free[one.queries] = False
    sets = []
    for text, queries in sorted(weak, key=lambda one: (-len(one[1]), -len(one[0]), one[0])):
        own = queries[free[queries]]
        if len(own) >= _FEWEST_OF_WEAK:
            free[own] = False
            sets.append((text, own))
    return sets


def _joins(profile: Profile, other: Profile) -> float:
    """Return how often clicks meet those of a suggestion, as a share of how often its own do; 0 on too few images."""
    shared = len(np.intersect1d(profile.images, other.images, assume_unique=True))
    return profile.meets(other) / other.within if shared >= _FEWEST_JOINED and other.within else 0.0


def _nearest(profile: Profile, found: Sequence[Suggestion], config: SuggestConfig) -> tuple[float, Suggestion | None]:
    """Return the new class that wants the same, and how alike it is; 0 and None where none does."""
    best: tuple[float, Suggestion | None] = (0.0, None)
    for other in found:
        if other.known is None and (near := _alike(profile, other.profile, config)) > best[0]:
            best = (near, other)
    return best


def _words_apart(
    window: Window, words: Words, taxonomy: Taxonomy, config: SuggestConfig, least: float
) -> Iterator[tuple[str, _Candidate]]:
    """Yield words that may stand for something, with their own queries.

    A word that agrees as a class does keeps its queries for itself; the queries of the others are looked at again.
    """
    free = window.named == NO_CLASS
    holds = words.by_query(len(window.texts))
    waiting = []
    for word, text in enumerate(words.texts):
        queries = words.of(word)
        left = int(free[queries].sum())
        if left >= config.min_word_queries and not _is_subject(window.named[queries], config):
            waiting.append((-left, -len(text), text, word))
    heap = heapq.nsmallest(config.max_words, waiting)  # sorted, and so a heap
    patterns, negatives = compile_rules(taxonomy), negative_rules(taxonomy)
    while heap:
        claimed, length, text, word = heapq.heappop(heap)
        queries = words.of(word)
        queries = queries[free[queries]]
        if len(queries) < config.min_word_queries:
            continue
        if len(queries) < -claimed:
            heapq.heappush(heap, (-len(queries), length, text, word))
            continue
        if patterns.match(text) is not None or negatives.match(text) is not None:
            continue
        one = _Candidate.of(window, queries, config)
        if one.agrees(least, config):
            if _has_two_senses(one.profile, queries, window, holds, config):
                continue
            free[queries] = False
        yield text, one


def _least_lift(window: Window, taxonomy: Taxonomy, config: SuggestConfig) -> float:
    """Return the lift from which queries agree as those of a class do in this log."""
    lifts = []
    for intent in range(len(taxonomy.intent_ids)):
        profile = window.profile_of(intent, config.sample)
        if profile.queries >= config.min_queries:
            lifts.append(_lift(profile, window))
    usual = float(np.quantile(lifts, 0.25, method="lower")) if lifts else 0.0
    return max(config.min_lift, config.lift_of_known * usual)


def _has_two_senses(whole: Profile, queries: _Ints, window: Window, holds: Rows, config: SuggestConfig) -> bool:
    """Return whether the queries that hold some second word do not want what the others want."""
    queries = _sample(queries, config)
    owner, seconds, _ = holds.gather(queries)
    _, places = dense(seconds)
    sizes = np.bincount(places)
    clicks = window.clicks[queries]
    for second in np.argsort(-sizes, kind="stable")[: config.max_seconds].tolist():
        inside = np.zeros(len(queries), dtype=bool)
        inside[owner[places == second]] = True
        if min(inside.sum(), (~inside).sum()) < max(2, config.least_sense * len(queries)):
            continue
        meetings = float(clicks[inside].sum()) * float(clicks[~inside].sum()) * whole.within
        if meetings < config.split_meetings:
            continue
        one, rest = (Profile.of(window.shares, queries[part]) for part in (inside, ~inside))
        if one.meets(rest) < config.split * whole.within:
            return True
    return False


def _is_subject(named: _Ints, config: SuggestConfig) -> bool:
    known = named[named >= 0]
    enough = len(known) > config.max_covered * len(named)
    return enough and len(np.unique(known)) > config.max_intents


def _sample(queries: _Ints, config: SuggestConfig) -> _Ints:
    return sample_of(queries, config.sample)


def _lift(profile: Profile, window: Window) -> float:
    """Return how much more often clicks meet within than with other queries; inf where others never meet them."""
    across = profile.across(window.background, float(window.weights.sum()))
    return profile.within / across if across else (np.inf if profile.within else 0.0)


def _alike(one: Profile, other: Profile, config: SuggestConfig) -> float:
    """Return how often clicks of two sets of queries meet, as a share of within; 0 where they want two things."""
    meets = one.meets(other)
    within, surely = (one.within * other.within) ** 0.5, (one.surely_within * other.surely_within) ** 0.5
    near = meets / within if within else 0.0
    return near if near >= config.like_class and meets >= config.same_class * surely else 0.0
