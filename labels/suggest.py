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
where these are the images of a live class's queries, the suggestion is words for that class and no new class.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from labels.agreement import Rows
from labels.frames import to_frame, to_table
from labels.merges import UNKNOWN_USER
from labels.tables import CLICKED_PAIRS, EVIDENCE_CLICKS, QUERY_INTENTS, SUGGESTIONS
from labels.taxonomy import Taxonomy
from labels.word_search import SuggestConfig, Suggestion, Window, search_words
from labels.words import Words, find_words

__all__ = [
    "KNOWN_CLASS",
    "NEW_CLASS",
    "SuggestConfig",
    "count_pairs",
    "merge_pairs",
    "people_of",
    "shown_queries",
    "suggest_classes",
    "with_users",
]

_Ints = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]
_TINY = 1e-12
_MAX_LIFT = 1e6
"""What is shown where no other query meets the images at all."""

NEW_CLASS = "class"
KNOWN_CLASS = "word"
"""Kinds of suggestions: a class that the taxonomy lacks, or words that it lacks for a class that it has."""
MEMBERS = pa.schema([("place", pa.int64()), ("query", pa.string())])
"""Queries (in every spelling) of the suggestion at a place of the table."""
PEOPLE = pa.schema([("place", pa.int64()), ("user_hash", pa.int64())])


# --- evidence ----------------------------------------------------------------------------------------


def shown_queries(query_intents: pa.Table, config: SuggestConfig) -> pa.Array:
    """Return the queries that are looked at: those of most people, as far as memory allows."""
    frame = to_frame(query_intents, QUERY_INTENTS).sort("users", "query", descending=[True, False])
    return frame["query"].head(config.max_queries).to_arrow().cast(pa.string())


def count_pairs(clicks: pa.Table, queries: pa.Array) -> pa.Table:
    """Count a day's (or block's) ``EVIDENCE_CLICKS`` of people by query and image, other queries left out.

    Returns:
        ``CLICKED_PAIRS``; ``visits`` are distinct people, so that a repeated click is one. They add up over days.
    """
    known = pl.DataFrame({"query": pl.Series(queries.to_pylist(), dtype=pl.String)})
    unknown = pl.col("user_hash") == UNKNOWN_USER
    counted = (
        to_frame(clicks, EVIDENCE_CLICKS)
        .join(known, on="query", how="semi")
        .group_by("query", "image_id", "user_hash")
        .agg(pl.col("clicks").sum())
        .group_by("query", "image_id")
        .agg(pl.when(unknown).then("clicks").otherwise(1).sum().cast(pl.Int64).alias("visits"), pl.col("clicks").sum())
    )
    return to_table(counted.sort("query", "image_id"), CLICKED_PAIRS)


def merge_pairs(tables: Sequence[pa.Table] | pa.Table) -> pa.Table:
    """Add up ``CLICKED_PAIRS``."""
    merged = to_frame(tables, CLICKED_PAIRS).group_by("query", "image_id").agg(pl.col("visits", "clicks").sum())
    return to_table(merged.sort("query", "image_id"), CLICKED_PAIRS)


def people_of(members: pa.Table, clicks: pa.Table) -> pa.Table:
    """Return the distinct people (place of the suggestion, user_hash) of a block of clicks."""
    queries = to_frame(members, MEMBERS)
    people = to_frame(clicks, EVIDENCE_CLICKS).join(queries, on="query").select("place", "user_hash").unique()
    return to_table(people.sort("place", "user_hash"), PEOPLE)


def with_users(suggestions: pa.Table, people: Sequence[pa.Table], config: SuggestConfig) -> pa.Table:
    """Return the suggestions with their distinct people, without those of fewer than ``min_users``.

    A log without people (aggregated) cannot say how many they are: there every click counts as one person.

    Args:
        suggestions: as ``suggest_classes`` gives them, ``users`` still null.
        people: ``people_of`` of every block.
        config: thresholds.
    """
    distinct = to_frame(people, PEOPLE).unique()
    known = distinct.filter(pl.col("user_hash") != UNKNOWN_USER).group_by("place").agg(pl.len().alias("known"))
    nobody = distinct.filter(pl.col("user_hash") == UNKNOWN_USER).select("place", pl.lit(True).alias("nobody"))
    frame = (
        to_frame(suggestions, SUGGESTIONS)
        .with_row_index("place")
        .with_columns(pl.col("place").cast(pl.Int64))
        .join(known, on="place", how="left", maintain_order="left")
        .join(nobody, on="place", how="left", maintain_order="left")
        .with_columns(
            pl.when(pl.col("nobody"))
            .then("clicks")
            .otherwise(pl.col("known").fill_null(0))
            .cast(pl.Int64)
            .alias("users")
        )
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
        pairs: ``CLICKED_PAIRS`` of the window, of ``shown_queries``.
        query_intents: what derive_labels decided of the queries, with the same taxonomy.
        labels: its labels.
        taxonomy: the classes that there are.
        config: thresholds.
        looks: ``image_id``, ``intent``: what a model sees on the images. Says best what a class is most like.

    Returns:
        ``suggestions`` (``SUGGESTIONS``: new classes first, then by queries; ``users`` is null, see
        ``with_users``) and ``members`` (``MEMBERS``).
    """
    window = Window.of(pairs, query_intents, taxonomy)
    words = find_words(window.texts, min_queries=config.min_word_queries)
    found = search_words(window, words, taxonomy, config)
    found.sort(key=lambda one: (one.known is not None, -len(one.queries), one.words))
    context = _Context.of(window, words, labels, looks, taxonomy)
    rows = [_row(one, context, taxonomy, config) for one in found]
    members = pl.concat(
        [
            pl.DataFrame(schema={"place": pl.Int64, "query": pl.String}),
            *(
                window.spellings.filter(pl.col("place").is_in(one.queries.tolist())).select(
                    pl.lit(place, pl.Int64).alias("place"), "query"
                )
                for place, one in enumerate(found)
            ),
        ]
    )
    return {
        "suggestions": pa.Table.from_pylist(rows, schema=SUGGESTIONS),
        "members": to_table(members.sort("place", "query"), MEMBERS),
    }


@dataclass(frozen=True)
class _Context:
    """What says which known class a suggestion is most like.

    ``labelled`` and ``seen`` are the class of each image by its label and by a model, -1 for none; ``subjects``
    [words, classes] how a word's queries are spread over the classes, classes of different sizes made equal;
    ``holds`` the words of each query.
    """

    window: Window
    labelled: _Ints
    seen: _Ints
    subjects: _Floats
    holds: Rows

    @classmethod
    def of(
        cls, window: Window, words: Words, labels: pa.Table, looks: pa.Table | None, taxonomy: Taxonomy
    ) -> "_Context":
        """Look up the images' classes and count the classes in whose queries each word stands."""
        classes = len(taxonomy.intent_ids)
        sizes = np.bincount(window.known[window.known >= 0], minlength=classes)
        word = np.repeat(np.arange(len(words.texts)), np.diff(words.first))
        known = window.known[words.queries]
        cells = np.bincount(word[known >= 0] * classes + known[known >= 0], minlength=len(words.texts) * classes)
        rates = cells.reshape(len(words.texts), classes) / np.maximum(sizes, 1)
        return cls(
            window=window,
            labelled=_classes_of(window.images, labels, taxonomy),
            seen=_classes_of(window.images, looks, taxonomy),
            subjects=rates / np.maximum(rates.sum(axis=1, keepdims=True), _TINY),
            holds=words.by_query(len(window.texts)),
        )

    def likeness(self, one: Suggestion) -> _Floats:
        """Return per class how like it the suggestion is: shared clicks, subjects, labels and looks, each 0-1."""
        shared = one.profile.sharing > 1
        images, weights = one.profile.images[shared], one.profile.sums[shared]
        found = one.near / max(one.near.sum(), _TINY)
        _, said, _ = self.holds.gather(one.queries)
        subjects = self.subjects[said].sum(axis=0)
        found = found + subjects / max(subjects.sum(), _TINY)
        for classes in (self.labelled, self.seen):
            at = classes[images]
            votes = np.bincount(at[at >= 0], weights=weights[at >= 0], minlength=len(found))
            found = found + votes / max(weights.sum(), _TINY)
        return np.asarray(found)


def _classes_of(images: Sequence[str], table: pa.Table | None, taxonomy: Taxonomy) -> _Ints:
    """Return the class of each image by a table of image_id and intent, -1 where it has none."""
    if table is None:
        return np.full(len(images), -1, dtype=np.int64)
    schema = pa.schema([("image_id", pa.string()), ("intent", pa.string())])
    places = pl.DataFrame({"intent": taxonomy.intent_ids}, schema={"intent": pl.String}).with_row_index("class")
    known = to_frame(table, schema).unique("image_id", keep="first", maintain_order=True).join(places, on="intent")
    ids = pl.DataFrame({"image_id": images}, schema={"image_id": pl.String})
    found = ids.join(known, on="image_id", how="left", maintain_order="left")["class"]
    return found.cast(pl.Int64).fill_null(-1).to_numpy()


def _row(one: Suggestion, context: _Context, taxonomy: Taxonomy, config: SuggestConfig) -> dict[str, Any]:
    """Return a row of ``SUGGESTIONS``."""
    window, profile = context.window, one.profile
    like = context.likeness(one)
    excess = np.maximum(like - like.mean(), 0.0)
    by_parent = np.bincount(taxonomy.parent_index, weights=excess, minlength=len(taxonomy.parent_ids))
    nearest = one.known if one.known is not None else int(np.argmax(like))
    parent = int(taxonomy.parent_index[nearest]) if one.known is not None else int(np.argmax(by_parent))
    shared = np.flatnonzero(profile.sharing > 1)
    best = shared[np.lexsort((profile.images[shared], -profile.sums[shared], -profile.sharing[shared]))]
    unlabelled = context.labelled[profile.images[shared]] < 0
    asked = (
        window.spellings.filter(pl.col("place").is_in(one.queries.tolist()))
        .sort("users", "query", descending=[True, False])
        .unique("place", keep="first", maintain_order=True)
    )
    return {
        "words": [_spelling(text, asked["query"].to_list()) for text in one.words],
        "kind": NEW_CLASS if one.known is None else KNOWN_CLASS,
        "queries": len(one.queries),
        "users": None,
        "clicks": int(window.clicks[one.queries].sum()),
        "images": len(shared),
        "unlabelled": float(unlabelled.mean()),
        "lift": float(min(one.lift, _MAX_LIFT)),
        "nearest": taxonomy.intent_ids[nearest],
        "parent": taxonomy.parent_ids[parent],
        "likeness": float(like[nearest] / max(like.sum(), _TINY)),
        "example_queries": asked["query"].head(config.examples).to_list(),
        "example_images": [window.images[image] for image in profile.images[best[: config.examples]].tolist()],
    }


def _spelling(word: str, queries: Sequence[str]) -> str:
    """Return a word as most of its queries space it: "piano notes" has spaces of its own, "피아노치는법" lost them."""
    pattern = re.compile(" ?".join(map(re.escape, word.replace(" ", ""))))
    if " " in word:
        return word
    found = Counter(match[0] for query in queries if (match := pattern.search(query)))
    return min(found, key=lambda text: (-found[text], text)) if found else word
