"""Takes words that stand for a class out of a window of clicks, one after the other; see ``labels.suggest``."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from labels.agreement import Profile, Rows
from labels.frames import to_frame
from labels.grouping import dense
from labels.queries import normalize_query
from labels.rules import Rules, compile_rules, match_queries
from labels.tables import CLICKED_PAIRS, QUERY_INTENTS
from labels.taxonomy import Intent, Taxonomy
from labels.words import HANGUL, Words

_Ints = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]

_HALF_WEIGHT = 20.0
"""Visits at which a query weighs half of what a popular one does: its few clicks say less, and no query outvotes
many others however popular it is."""
NO_CLASS = -1
NEGATIVE = -2
"""In the place of a class: no pattern stands in the query; none, and a negative does."""


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


@dataclass(frozen=True)
class Window:
    """A window of clicks in numbers. Queries that differ only in the spaces between Korean letters are one.

    Attributes:
        texts: [queries] as most people write each.
        spellings: query, place (in ``texts``) and users of every spelling.
        images: [images] ids, sorted.
        named: int64 [queries], the class whose pattern stands in the query, ``NO_CLASS`` or ``NEGATIVE``.
        wanted: int64 [queries], the class that derive_labels decided on, ``NO_CLASS`` for none.
        shares: a row per query: share of its visits per image, times its weight (``_HALF_WEIGHT``).
        clicks: int64 [queries].
    """

    texts: tuple[str, ...]
    spellings: pl.DataFrame
    images: tuple[str, ...]
    named: _Ints
    wanted: _Ints
    shares: Rows
    clicks: _Ints

    @classmethod
    def of(cls, pairs: pa.Table, query_intents: pa.Table, taxonomy: Taxonomy) -> "Window":
        """Read ``CLICKED_PAIRS`` and what was decided of their queries (``QUERY_INTENTS``; others are left out)."""
        frame = to_frame(pairs, CLICKED_PAIRS).filter(pl.col("visits") > 0)
        asked = to_frame(query_intents, QUERY_INTENTS).join(frame.select("query").unique(), on="query", how="semi")
        unspaced = pl.when(pl.col("query").str.contains(HANGUL)).then(pl.col("query").str.replace_all(" ", ""))
        spelled = (
            asked.with_columns(unspaced.otherwise("query").alias("key"))
            .sort("key", "users", "query", descending=[False, True, False])
            .with_columns((pl.col("key").rank("dense").cast(pl.Int64) - 1).alias("place"))
        )
        first = spelled.group_by("place", maintain_order=True).first()
        clicked = (
            frame.join(spelled.select("query", "place"), on="query")
            .group_by("place", "image_id")
            .agg(pl.col("visits", "clicks").sum())
            .sort("place", "image_id")
            .with_columns((pl.col("image_id").rank("dense").cast(pl.Int64) - 1).alias("image"))
        )
        place, visits = clicked["place"].to_numpy(), clicked["visits"].cast(pl.Float64).to_numpy()
        count = len(first)
        total = np.bincount(place, weights=visits, minlength=count)
        values = visits / (total + _HALF_WEIGHT)[place]  # visits / total, times total / (total + _HALF_WEIGHT)
        texts = tuple(first["query"].to_list())
        ids = {name: row for row, name in enumerate(taxonomy.intent_ids)}
        wanted = [ids.get(name, NO_CLASS) for name in first["intent"].to_list()]
        return cls(
            texts=texts,
            spellings=spelled.select("query", "place", "users"),
            images=tuple(clicked["image_id"].unique().sort().to_list()),
            named=_named(texts, taxonomy, ids),
            wanted=np.array(wanted, dtype=np.int64),
            shares=Rows.of(place, clicked["image"].to_numpy(), values, count=count),
            clicks=np.bincount(place, weights=clicked["clicks"].to_numpy(), minlength=count).astype(np.int64),
        )

    @cached_property
    def background(self) -> _Floats:
        """Sum of all queries' shares per image."""
        return np.bincount(self.shares.columns, self.shares.values, len(self.images)).astype(np.float64)

    @cached_property
    def weights(self) -> _Floats:
        """Weight of each query, 0-1."""
        owner = np.repeat(np.arange(len(self.texts)), np.diff(self.shares.first))
        return np.bincount(owner, self.shares.values, len(self.texts)).astype(np.float64)

    def class_weights(self, classes: int) -> _Floats:
        """Return the sum of the weights of each class's known queries."""
        which = self.known >= 0
        return np.bincount(self.known[which], self.weights[which], classes).astype(np.float64)

    @cached_property
    def known(self) -> _Ints:
        """The class of each query that holds its pattern and is taken for it (not those of vetoed rules)."""
        return np.where((self.named >= 0) & (self.named == self.wanted), self.named, NO_CLASS)

    @cached_property
    def classes_by_image(self) -> Rows:
        """A row per image: per class the sum of its known queries' shares."""
        queries = np.flatnonzero(self.known >= 0)
        owner, images, values = self.shares.gather(queries)
        span = int(self.known.max(initial=0)) + 1
        keys, places = np.unique(images * span + self.known[queries][owner], return_inverse=True)
        sums = np.bincount(places.ravel(), values, len(keys)).astype(np.float64)
        return Rows.of(keys // span, keys % span, sums, count=len(self.images))


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


def search_words(window: Window, words: Words, taxonomy: Taxonomy, config: SuggestConfig) -> list[Suggestion]:
    """Return the suggestions in the order in which their first words were taken."""
    weights = window.class_weights(len(taxonomy.intent_ids))
    found: list[Suggestion] = []
    for text, queries, profile, lift in _agreeing(window, words, taxonomy, config):
        meets = profile.meets_groups(window.classes_by_image, weights)
        near = meets / profile.within
        sure = (near >= config.like_class) & (meets >= config.same_class * profile.surely_within)
        known = int(np.argmax(near)) if sure[np.argmax(near)] else None
        nearness, other = _nearest(profile, found, config)
        if known is not None and near[known] >= nearness:
            other = next((one for one in found if one.known == known), None)
        if other is None:
            found.append(Suggestion([text], queries, profile, lift, near, known))
        else:
            other.words.append(text)
            other.queries = np.union1d(other.queries, queries)
            other.profile = Profile.of(window.shares, _sample(other.queries, config))
    return [one for one in found if len(one.queries) >= config.min_queries]


def _nearest(profile: Profile, found: Sequence[Suggestion], config: SuggestConfig) -> tuple[float, Suggestion | None]:
    """Return the new class that wants the same, and how alike it is; 0 and None where none does."""
    best: tuple[float, Suggestion | None] = (0.0, None)
    for other in found:
        if other.known is None and (near := _alike(profile, other.profile, config)) > best[0]:
            best = (near, other)
    return best


def _agreeing(
    window: Window, words: Words, taxonomy: Taxonomy, config: SuggestConfig
) -> Iterator[tuple[str, _Ints, Profile, float]]:
    """Yield words that stand for something, their own queries, what these clicked and how much they agree."""
    free = window.named == NO_CLASS
    min_lift = _least_lift(window, taxonomy, config)
    holds = words.by_query(len(window.texts))
    waiting = []
    for word, text in enumerate(words.texts):
        queries = words.of(word)
        left = int(free[queries].sum())
        if left >= config.min_word_queries and not _is_subject(window.named[queries], config):
            waiting.append((-left, -len(text), text, word))
    heap = heapq.nsmallest(config.max_words, waiting)  # sorted, and so a heap
    patterns, negatives = compile_rules(taxonomy), _negatives(taxonomy)
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
        profile = Profile.of(window.shares, _sample(queries, config))
        lift = _lift(profile, window)
        if lift < min_lift or np.count_nonzero(profile.sharing > 1) < config.min_images:
            continue
        if not _has_two_senses(profile, queries, window, holds, config):
            free[queries] = False
            yield text, queries, profile, lift


def _least_lift(window: Window, taxonomy: Taxonomy, config: SuggestConfig) -> float:
    """Return the lift from which queries agree as those of a class do in this log."""
    lifts = []
    for intent in range(len(taxonomy.intent_ids)):
        queries = np.flatnonzero(window.known == intent)
        if len(queries) >= config.min_queries:
            lifts.append(_lift(Profile.of(window.shares, _sample(queries, config)), window))
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
    """Return at most ``sample`` queries, spread evenly over the alphabet."""
    size = config.sample
    return queries if len(queries) <= size else queries[np.arange(size) * len(queries) // size]


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


def _named(texts: Sequence[str], taxonomy: Taxonomy, ids: dict[str, int]) -> _Ints:
    """Return which class each query names by a pattern, else ``NEGATIVE`` or ``NO_CLASS``."""
    patterns, hidden = _match(texts, compile_rules(taxonomy)), _match(texts, _negatives(taxonomy))
    found = [
        ids[intent] if intent else (NEGATIVE if veto else NO_CLASS)
        for intent, veto in zip(patterns, hidden, strict=True)
    ]
    return np.array(found, dtype=np.int64)


def _match(texts: Sequence[str], rules: Rules) -> list[str | None]:
    matches = match_queries(pa.array(texts, pa.string()), rules)
    by_text = dict(zip(matches["query"].to_pylist(), matches["intent"].to_pylist(), strict=True))
    return [by_text.get(normalize_query(text)) for text in texts]


def _negatives(taxonomy: Taxonomy) -> Rules:
    """Compile the negatives of all live classes as if they were the patterns of one."""
    words = tuple(word for intent in taxonomy.live_intents for word in intent.negatives)
    parents = taxonomy.parents[:1]
    one = Intent(id="negative", parent=parents[0].id, en="-", ko="-", patterns=words)
    return compile_rules(Taxonomy(version=1, parents=parents, intents=(one,)))
