"""New classes: frequent query words that no class covers and whose queries agree on images.

Two queries with different subjects and one word in common ("캐논 악보", "동요 악보") click the same images far more
often than two queries in general: then the word, not the subject, says what is wanted. A word is taken for the
sign of a class when

1. enough distinct queries and people use it,
2. clicks of two of its queries meet on one image ``min_lift`` times as often as with other queries, every query
   with the same weight (one popular query proves nothing) and on several images,
3. no live class covers it: its queries hold no pattern and no negative of one,
4. it is no subject and no modifier: those stand in queries of many classes.

Words are taken greedily, the one with most queries first, and a query counts for one word only: the songs whose
queries all say "악보" have nothing left to show. Words whose queries meet on the same images are one suggestion;
where these are images of the queries of a live class, the suggestion is a word for that class and no new class.
"""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from labels.agreement import Profile, Rows
from labels.frames import to_frame, to_table
from labels.grouping import dense
from labels.merges import UNKNOWN_USER
from labels.queries import normalize_query
from labels.rules import Rules, compile_rules, match_queries
from labels.tables import CLICKED_PAIRS, EVIDENCE_CLICKS, LABELS, QUERY_INTENTS, SUGGESTIONS
from labels.taxonomy import Intent, Taxonomy
from labels.words import Words, find_words

_Ints = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]

NEW_CLASS = "class"
KNOWN_CLASS = "word"
"""Kinds of suggestions: a class that the taxonomy lacks, or words that it lacks for a class that it has."""


@dataclass(frozen=True)
class SuggestConfig:
    """When words are suggested. Tuned on generated logs of seeds 100–104 with classes taken out of the taxonomy.

    Raises:
        ValueError: a value is outside the range in which it means anything.
    """

    min_queries: int = 5
    """Distinct queries with a word, none of which holds a known word or one that was taken before."""
    min_users: int = 10
    """Distinct people who clicked for a suggestion's queries."""
    min_images: int = 5
    """Images that at least two of the word's queries clicked."""
    min_lift: float = 4.0
    """How much more often clicks of two of its queries meet than a click of one of them and of any other query.
    About 1 for a modifier, 2 to 3 for a subject with a handful of intents, the number of classes for a class."""
    same_class: float = 0.5
    """Two sets of queries want the same when their clicks meet at least this share as often as those within."""
    max_intents: int = 2
    """Known classes whose queries hold the word too, if they are ``max_covered`` of its queries: more, and the
    word is a subject."""
    max_covered: float = 0.25
    """Share of a word's queries that hold a known word, up to which it may be one by accident or in another sense."""
    max_words: int = 5_000
    """Words that are looked at, the most frequent first; bounds the time."""
    max_queries: int = 300_000
    """Queries that are looked at, those of most people first; bounds memory (some 2 KB each)."""
    sample: int = 2_000
    """Queries of one word that are compared with each other; bounds the time."""
    examples: int = 8
    """Queries and images that are listed with a suggestion."""

    def __post_init__(self) -> None:
        for name in ("min_queries", "min_users", "min_images", "max_words", "max_queries", "sample", "examples"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}; give a whole number from 1")
        if self.min_queries < 2:
            raise ValueError("min_queries is 1; give at least 2, since one query agrees with nothing")
        for name in ("same_class", "max_covered"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is {getattr(self, name)}; give a share within 0 to 1")


# --- evidence ----------------------------------------------------------------------------------------


def count_pairs(clicks: pa.Table, queries: pa.Array) -> pa.Table:
    """Count one block of people's ``EVIDENCE_CLICKS`` by query and image (``CLICKED_PAIRS``), other queries left out.

    ``visits`` are distinct people, so that a click repeated is one; over days they add up.
    """
    known = pl.DataFrame({"query": pl.Series(queries.to_pylist(), dtype=pl.String)})
    visits = pl.when(pl.col("user_hash") == UNKNOWN_USER).then(pl.col("clicks")).otherwise(1)
    counted = (
        to_frame(clicks, EVIDENCE_CLICKS)
        .join(known, on="query", how="semi")
        .group_by("query", "image_id", "user_hash")
        .agg(pl.col("clicks").sum())
        .group_by("query", "image_id")
        .agg(visits.sum().cast(pl.Int64).alias("visits"), pl.col("clicks").sum())
    )
    return to_table(counted.sort("query", "image_id"), CLICKED_PAIRS)


def merge_pairs(tables: Sequence[pa.Table] | pa.Table) -> pa.Table:
    """Add up ``CLICKED_PAIRS``."""
    merged = to_frame(tables, CLICKED_PAIRS).group_by("query", "image_id").agg(pl.col("visits", "clicks").sum())
    return to_table(merged.sort("query", "image_id"), CLICKED_PAIRS)


def shown_queries(query_intents: pa.Table, config: SuggestConfig) -> pa.Array:
    """Return the queries that are looked at: those of most people, as far as memory allows."""
    frame = to_frame(query_intents, QUERY_INTENTS).sort("users", "query", descending=[True, False])
    return frame["query"].head(config.max_queries).to_arrow().cast(pa.string())


def members_of(members: pa.Table, clicks: pa.Table) -> pa.Table:
    """Return the distinct (place, user_hash) of a block of clicks for the queries of suggestions (``members``)."""
    of_query = pl.DataFrame(pl.from_arrow(members))
    rows = to_frame(clicks, EVIDENCE_CLICKS).join(of_query, on="query").select("place", "user_hash")
    return rows.unique().sort("place", "user_hash").to_arrow()


def with_users(suggestions: pa.Table, users: pa.Table, config: SuggestConfig) -> pa.Table:
    """Return the suggestions with their distinct people, without those of too few.

    Args:
        suggestions: as ``suggest_classes`` gives them, ``users`` still null.
        users: ``members_of`` of all blocks, one after the other. People without a hash count as one.
    """
    counts = pl.DataFrame(pl.from_arrow(users)).unique().group_by("place").agg(pl.len().cast(pl.Int64).alias("people"))
    frame = (
        pl.DataFrame(pl.from_arrow(suggestions))
        .with_row_index("place")
        .with_columns(pl.col("place").cast(pl.Int64))
        .join(counts, on="place", how="left", maintain_order="left")
        .with_columns(pl.col("people").fill_null(0).alias("users"))
        .filter(pl.col("users") >= config.min_users)
    )
    return to_table(frame, SUGGESTIONS)


# --- suggestions -------------------------------------------------------------------------------------


def suggest_classes(
    pairs: pa.Table,
    query_intents: pa.Table,
    labels: pa.Table,
    taxonomy: Taxonomy,
    config: SuggestConfig,
    *,
    looks: pa.Table | None = None,
) -> dict[str, pa.Table]:
    """Find words that stand for a class that the taxonomy lacks, or lacks for a class that it has.

    Args:
        pairs: ``CLICKED_PAIRS`` of the window, of ``shown_queries`` alone.
        query_intents: what derive_labels decided of the queries, with the same taxonomy.
        labels: its labels.
        taxonomy: the classes that there are.
        config: thresholds.
        looks: ``image_id``, ``intent``: what a model sees on images; says which class a new one is most like.

    Returns:
        ``suggestions`` (``SUGGESTIONS``; new classes first, then by queries; ``users`` is null, see
        ``with_users``) and ``members``: ``place`` of the suggestion, ``query``.
    """
    log = _Log.of(pairs, query_intents, taxonomy)
    if not len(log.texts):
        return {"suggestions": SUGGESTIONS.empty_table(), "members": _members([], log)}
    words = find_words(log.texts, min_queries=config.min_queries)
    found = _Search(log, words, taxonomy, config).suggestions()
    near = _Nearest.of(log, words, labels, looks, taxonomy)
    rows = [_row(suggestion, log, near, taxonomy, config) for suggestion in found]
    order = sorted(range(len(rows)), key=lambda i: (rows[i]["kind"] != NEW_CLASS, -rows[i]["queries"], rows[i]["words"]))
    return {
        "suggestions": pa.Table.from_pylist([rows[i] for i in order], schema=SUGGESTIONS),
        "members": _members([found[i] for i in order], log),
    }


@dataclass(frozen=True)
class _Log:
    """The window in numbers. Queries that differ in the spaces between Korean letters are one.

    ``texts`` [q] as most people write them, ``spellings`` all of them with their place; ``intents`` [q] the class
    whose pattern stands in the query, -1 none, -2 a negative; ``shares`` [q rows] of each query's visits per image.
    """

    texts: tuple[str, ...]
    spellings: pl.DataFrame
    images: tuple[str, ...]
    intents: _Ints
    decided: _Ints
    shares: Rows
    clicks: _Ints

    @classmethod
    def of(cls, pairs: pa.Table, query_intents: pa.Table, taxonomy: Taxonomy) -> "_Log":
        asked = to_frame(query_intents, QUERY_INTENTS)
        frame = to_frame(pairs, CLICKED_PAIRS).filter(pl.col("visits") > 0)
        spelled = asked.join(frame.select("query").unique(), on="query", how="semi")
        unspaced = pl.when(pl.col("query").str.contains(_HANGUL)).then(pl.col("query").str.replace_all(" ", ""))
        spelled = (
            spelled.with_columns(unspaced.otherwise("query").alias("key"))
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
        place, visits = clicked["place"].to_numpy(), clicked["visits"].to_numpy().astype(np.float64)
        total = np.bincount(place, weights=visits, minlength=len(first))
        texts = tuple(first["query"].to_list())
        ids = {name: row for row, name in enumerate(taxonomy.intent_ids)}
        said = first["intent"].replace_strict(ids, default=-1, return_dtype=pl.Int64).fill_null(-1).to_numpy()
        return cls(
            texts=texts,
            spellings=spelled.select("query", "place", "users"),
            images=tuple(clicked["image_id"].unique().sort().to_list()),
            intents=_covered(texts, taxonomy, ids),
            decided=said,
            shares=Rows.of(place, clicked["image"].to_numpy(), visits / total[place], count=len(texts)),
            clicks=np.bincount(place, weights=clicked["clicks"].to_numpy(), minlength=len(first)).astype(np.int64),
        )

    @cached_property
    def background(self) -> _Floats:
        """Sum of all queries' shares per image."""
        return np.bincount(self.shares.columns, weights=self.shares.values, minlength=len(self.images))

    def of_class(self, intent: int) -> _Ints:
        """Return the queries that hold a pattern of a class and are taken for it (a vetoed rule's are not)."""
        return np.flatnonzero((self.intents == intent) & (self.decided == intent))


_HANGUL = "[\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff]"
_NEGATIVE = -2


def _covered(texts: Sequence[str], taxonomy: Taxonomy, ids: dict[str, int]) -> _Ints:
    """Return which class each query names by a pattern, -1 none, ``_NEGATIVE`` a negative alone."""
    matched = _match(texts, compile_rules(taxonomy))
    hidden = _match(texts, _negatives(taxonomy))
    return np.array(
        [ids[intent] if intent else (_NEGATIVE if veto else -1) for intent, veto in zip(matched, hidden, strict=True)],
        dtype=np.int64,
    )


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


@dataclass
class _Suggestion:
    """Words with the queries that each was taken for, and what these clicked."""

    words: list[int]
    texts: list[str]
    queries: _Ints
    profile: Profile
    lift: float
    known: int | None
    """The class that it is a word for, None for a new one."""


@dataclass(frozen=True)
class _Search:
    """Takes words greedily; see the module."""

    log: _Log
    words: Words
    taxonomy: Taxonomy
    config: SuggestConfig

    def suggestions(self) -> list[_Suggestion]:
        """Return the suggestions in the order in which their first words were taken."""
        taken: list[_Suggestion] = []
        for word, queries, profile, lift in self._agreeing():
            near = [_alike(profile, other.profile) for other in taken]
            best = int(np.argmax(near)) if near else -1
            text = self.words.texts[word]
            if best >= 0 and near[best] >= self.config.same_class:
                other = taken[best]
                other.words.append(word)
                other.texts.append(text)
                other.queries = np.union1d(other.queries, queries)
                other.profile = Profile.of(self.log.shares, self._sample(other.queries))
            else:
                taken.append(_Suggestion([word], [text], queries, profile, lift, self._known(profile)))
        return taken

    def _agreeing(self) -> Iterator[tuple[int, _Ints, Profile, float]]:
        """Yield words that stand for something, with their own queries, what these clicked, and the lift."""
        free = self.log.intents == -1
        waiting = []
        for word in range(len(self.words.texts)):
            queries = self.words.of(word)
            left = int(free[queries].sum())
            if left >= self.config.min_queries and not self._is_subject(queries):
                waiting.append((-left, -len(self.words.texts[word]), self.words.texts[word], word))
        heap = heapq.nsmallest(self.config.max_words, waiting)  # sorted, so a heap
        rules, negatives = compile_rules(self.taxonomy), _negatives(self.taxonomy)
        while heap:
            claimed, length, text, word = heapq.heappop(heap)
            queries = self.words.of(word)
            queries = queries[free[queries]]
            if len(queries) < self.config.min_queries:
                continue
            if len(queries) < -claimed:
                heapq.heappush(heap, (-len(queries), length, text, word))
                continue
            if rules.match(text) is not None or negatives.match(text) is not None:
                continue
            profile = Profile.of(self.log.shares, self._sample(queries))
            lift = self._lift(profile)
            if lift >= self.config.min_lift and (profile.sharing > 1).sum() >= self.config.min_images:
                free[queries] = False
                yield word, queries, profile, lift

    def _is_subject(self, queries: _Ints) -> bool:
        intents = self.log.intents[queries]
        covered = intents[intents >= 0]
        enough = len(covered) > self.config.max_covered * len(queries)
        return bool(enough and len(np.unique(covered)) > self.config.max_intents)

    def _sample(self, queries: _Ints) -> _Ints:
        """Return at most ``sample`` queries, spread evenly over their alphabetical order."""
        size = self.config.sample
        return queries if len(queries) <= size else queries[np.arange(size) * len(queries) // size]

    def _lift(self, profile: Profile) -> float:
        """Return how much more often clicks meet within than with all other queries."""
        others = self.log.background.copy()
        others[profile.images] -= profile.sums
        across = profile.across(np.maximum(others, 0.0), len(self.log.texts) - profile.queries)
        # Where the rest of the log never clicked these images, one shared click of it is the most one can say.
        return profile.within / max(across, 1.0 / (profile.queries * len(self.log.texts) * max(len(self.log.images), 1)))

    def _known(self, profile: Profile) -> int | None:
        """Return the live class whose queries click these images, if one does."""
        near = [self._near(profile, intent) for intent in range(len(self.taxonomy.intent_ids))]
        best = int(np.argmax(near)) if near else -1
        return best if best >= 0 and near[best] >= self.config.same_class else None

    def _near(self, profile: Profile, intent: int) -> float:
        sums, count = self._class_sums[intent]
        return profile.across(sums, count) / profile.within if profile.within else 0.0

    @cached_property
    def _class_sums(self) -> list[tuple[_Floats, int]]:
        found = []
        for intent in range(len(self.taxonomy.intent_ids)):
            queries = self.log.of_class(intent)
            found.append((self.log.shares.totals(queries, columns=len(self.log.images)), len(queries)))
        return found
