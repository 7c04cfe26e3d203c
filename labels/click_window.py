"""A window of clicks in numbers: queries, what they clicked, and what they are known to ask for."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from labels.agreement import Profile, Rows
from labels.frames import to_frame
from labels.queries import normalize_query
from labels.rules import Rules, compile_rules, match_queries
from labels.tables import CLICKED_PAIRS, QUERY_INTENTS
from labels.taxonomy import Intent, Taxonomy
from labels.words import HANGUL

_Ints = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]

_HALF_WEIGHT = 20.0
"""Visits at which a query weighs half of what a popular one does: its few clicks say less, and no query outvotes
many others however popular it is."""
NO_CLASS = -1
NEGATIVE = -2
"""In the place of a class: no pattern stands in the query; none, and a negative does."""


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
        named = _named(texts, taxonomy, ids)
        undecided = (first["users"] == 0).to_numpy()  # too few people to be listed: their words are all there is
        return cls(
            texts=texts,
            spellings=spelled.select("query", "place", "users"),
            images=tuple(clicked["image_id"].unique().sort().to_list()),
            named=named,
            wanted=np.where(undecided, named, np.array(wanted, dtype=np.int64)),
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

    def profile_of(self, intent: int, most: int) -> Profile:
        """Return what the known queries of a class click, of so many of them at most."""
        return Profile.of(self.shares, sample_of(np.flatnonzero(self.known == intent), most))

    @cached_property
    def classes_by_image(self) -> Rows:
        """A row per image: per class the sum of its known queries' shares."""
        queries = np.flatnonzero(self.known >= 0)
        owner, images, values = self.shares.gather(queries)
        span = int(self.known.max(initial=0)) + 1
        keys, places = np.unique(images * span + self.known[queries][owner], return_inverse=True)
        sums = np.bincount(places.ravel(), values, len(keys)).astype(np.float64)
        return Rows.of(keys // span, keys % span, sums, count=len(self.images))


def sample_of(queries: _Ints, size: int) -> _Ints:
    """Return at most so many queries, spread evenly over the alphabet."""
    return queries if len(queries) <= size else queries[np.arange(size) * len(queries) // size]


def _named(texts: Sequence[str], taxonomy: Taxonomy, ids: dict[str, int]) -> _Ints:
    """Return which class each query names by a pattern, else ``NEGATIVE`` or ``NO_CLASS``."""
    patterns, hidden = _match(texts, compile_rules(taxonomy)), _match(texts, negative_rules(taxonomy))
    found = [
        ids[intent] if intent else (NEGATIVE if veto else NO_CLASS)
        for intent, veto in zip(patterns, hidden, strict=True)
    ]
    return np.array(found, dtype=np.int64)


def _match(texts: Sequence[str], rules: Rules) -> list[str | None]:
    matches = match_queries(pa.array(texts, pa.string()), rules)
    by_text = dict(zip(matches["query"].to_pylist(), matches["intent"].to_pylist(), strict=True))
    return [by_text.get(normalize_query(text)) for text in texts]


def negative_rules(taxonomy: Taxonomy) -> Rules:
    """Compile the negatives of all live classes as if they were the patterns of one."""
    words = tuple(word for intent in taxonomy.live_intents for word in intent.negatives)
    parents = taxonomy.parents[:1]
    one = Intent(id="negative", parent=parents[0].id, en="-", ko="-", patterns=words)
    return compile_rules(Taxonomy(version=1, parents=parents, intents=(one,)))
