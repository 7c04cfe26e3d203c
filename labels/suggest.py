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
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from labels.click_window import NO_CLASS, Window
from labels.frames import to_frame, to_table
from labels.likeness import Likeness
from labels.merges import UNKNOWN_USER
from labels.tables import CLICKED_PAIRS, EVIDENCE_CLICKS, QUERY_INTENTS, SUGGESTIONS
from labels.taxonomy import Taxonomy
from labels.word_search import Missed, SuggestConfig, Suggestion, search_words
from labels.words import find_words

__all__ = [
    "KNOWN_CLASS",
    "NEW_CLASS",
    "SuggestConfig",
    "count_pairs",
    "count_visits",
    "merge_pairs",
    "merge_visits",
    "people_of",
    "shown_queries",
    "suggest_classes",
    "with_rarer",
    "with_users",
]

_MAX_LIFT = 1e6
"""What is shown where no other query meets the images at all."""

NEW_CLASS = "class"
KNOWN_CLASS = "word"
"""Kinds of suggestions: a class that the taxonomy lacks, or words that it lacks for a class that it has."""
MEMBERS = pa.schema([("place", pa.int64()), ("query", pa.string())])
"""Queries (in every spelling) of the suggestion at a place of the table."""
MISSED = pa.schema(
    [
        ("word", pa.string()),
        ("queries", pa.int64()),
        ("images", pa.int64()),
        ("lift", pa.float64()),
        ("lacks", pa.string()),
    ]
)
"""Words whose queries share images and agree less than those of a class; ``lacks`` says in words what is missing."""
LOOKED_AT = pa.schema([("queries", pa.int64()), ("uncovered", pa.int64()), ("words", pa.int64())])
"""Queries that were looked at, those without a known word among them, and the words that several of all have."""
VISITS = pa.schema([("query", pa.string()), ("visits", pa.int64())])
"""People of a query, counted once per day and block."""
PEOPLE = pa.schema([("place", pa.int64()), ("user_hash", pa.int64())])


# --- evidence ----------------------------------------------------------------------------------------


def shown_queries(query_intents: pa.Table, config: SuggestConfig) -> pa.Table:
    """Return the ``QUERY_INTENTS`` that are looked at: those of most people, as far as memory allows."""
    frame = to_frame(query_intents, QUERY_INTENTS).sort("users", "query", descending=[True, False])
    return to_table(frame.head(config.max_queries), QUERY_INTENTS)


def count_visits(clicks: pa.Table) -> pa.Table:
    """Count the people of each query in a day's (or block's) ``EVIDENCE_CLICKS``, as ``VISITS``."""
    unknown = pl.col("user_hash") == UNKNOWN_USER
    people = pl.col("user_hash").filter(~unknown).n_unique().cast(pl.Int64) + pl.col("clicks").filter(unknown).sum()
    counted = to_frame(clicks, EVIDENCE_CLICKS).group_by("query").agg(people.alias("visits"))
    return to_table(counted.sort("query"), VISITS)


def merge_visits(tables: Sequence[pa.Table] | pa.Table, *, most: int | None = None) -> pa.Table:
    """Add up ``VISITS``; where `most` is given, keep only so many queries, those with most."""
    merged = to_frame(tables, VISITS).group_by("query").agg(pl.col("visits").sum())
    if most is not None:
        merged = merged.sort("visits", "query", descending=[True, False]).head(most)
    return to_table(merged.sort("query"), VISITS)


def with_rarer(query_intents: pa.Table, visits: pa.Table, config: SuggestConfig) -> pa.Table:
    """Return ``QUERY_INTENTS`` and queries that it lacks, up to ``max_queries``; those have no users.

    Args:
        query_intents: of derive_labels, which leaves out queries of too few people.
        visits: ``VISITS`` of the window.
        config: thresholds.
    """
    known = to_frame(shown_queries(query_intents, config), QUERY_INTENTS)
    rarer = (
        to_frame(visits, VISITS)
        .join(known, on="query", how="anti")
        .sort("visits", "query", descending=[True, False])
        .head(config.max_queries - len(known))
        .select("query", pl.lit(0, pl.Int32).alias("users"))
    )
    return to_table(pl.concat([known, rarer], how="diagonal"), QUERY_INTENTS)


def count_pairs(clicks: pa.Table, queries: pa.Array | pa.ChunkedArray) -> pa.Table:
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
        looks: ``image_id`` and a column of chances (float) per class that a model knows, named by its id: what the
            model sees on the images. Says best what a class is most like.

    Returns:
        ``suggestions`` (``SUGGESTIONS``: new classes first, then by queries; ``users`` is null, see
        ``with_users``), ``members`` (``MEMBERS``), ``missed`` (``MISSED``, the nearest first) and ``looked_at``
        (``LOOKED_AT``, one row).
    """
    window = Window.of(pairs, query_intents, taxonomy)
    words = find_words(window.texts, min_queries=config.min_word_queries)
    found, missed = search_words(window, words, taxonomy, config)
    found.sort(key=lambda one: (one.known is not None, -len(one.queries), one.words))
    likeness = Likeness.of(window, words, labels, looks, taxonomy)
    rows = [_row(one, likeness, taxonomy, config) for one in found]
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
        "missed": _missed(missed, window),
        "looked_at": pa.Table.from_pylist(
            [
                {
                    "queries": len(window.texts),
                    "uncovered": int((window.named == NO_CLASS).sum()),
                    "words": len(words.texts),
                }
            ],
            schema=LOOKED_AT,
        ),
    }


def _missed(missed: Sequence[Missed], window: Window) -> pa.Table:
    """Return ``MISSED``: words that stand in a query of derive_labels' list, as others may tell who asked."""
    listed = np.zeros(len(window.texts), dtype=bool)
    listed[window.spellings.filter(pl.col("users") > 0)["place"].to_numpy()] = True
    rows = [
        {"word": one.word, "queries": len(one.queries), "images": one.images, "lift": one.lift, "lacks": one.lacks}
        for one in missed
        if listed[one.queries].any()
    ]
    return pa.Table.from_pylist(rows, schema=MISSED)


def _row(one: Suggestion, likeness: Likeness, taxonomy: Taxonomy, config: SuggestConfig) -> dict[str, Any]:
    """Return a row of ``SUGGESTIONS``."""
    window, profile = likeness.window, one.profile
    if one.known is None:
        chances = likeness.parent_chances(one)
        parent = int(np.argmax(chances))
        nearest, like = likeness.nearest(one, parent), float(chances[parent])
    else:
        nearest, parent = one.known, int(taxonomy.parent_index[one.known])
        like = min(float(one.near[nearest]), 1.0)
    shared = np.flatnonzero(profile.sharing > 1)
    best = shared[np.lexsort((profile.images[shared], -profile.sums[shared], -profile.sharing[shared]))]
    unlabelled = likeness.labelled[profile.images[shared]] < 0
    asked = (
        window.spellings.filter(pl.col("place").is_in(one.queries.tolist()) & (pl.col("users") > 0))
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
        "likeness": like,
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
