"""The passes of belief propagation as steps on tables: by image, by query, by image again.

``weigh_pairs`` (by image) says what each pair's query needs to know of the image, ``ask_queries`` (by query) decides
the queries and says what each pair's image needs to know of the query, ``answer_images`` (by image) decides the
images. Beliefs travel with their few greatest chances; the others share the rest. The mathematics is in ``beliefs``.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from labels.attraction import Attraction
from labels.beliefs import Likelihoods, Prior, image_beliefs, query_beliefs, runs, to_images, to_queries
from labels.config import LabelConfig
from labels.frames import to_frame, to_table
from labels.grouping import Codes, starts_of
from labels.tables import ANSWERS, ASKED, QUERY_INTENTS, WEIGHED
from labels.taxonomy import Taxonomy

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]

TOP = 4
"""Chances of a belief that travel by name; the others are told apart by nobody."""
LEAST_INFORMATIVE = 0.1
"""Expected clicks below which a pair that was not clicked says nothing."""
PAIRS_AT_A_TIME = 100_000
"""Pairs whose beliefs are in memory at once: some 100 MB for 37 intents."""
_INT32_MAX = 2**31 - 1


def prior_of(config: LabelConfig) -> Prior:
    """Return what words alone say, by the configured doubts."""
    return Prior(misleading=config.misleading, generic=config.generic)


def weigh_pairs(pooled: pl.DataFrame, taxonomy: Taxonomy, attraction: Attraction, config: LabelConfig) -> pa.Table:
    """Return ``WEIGHED``: what the queries of some images need to know of these.

    Args:
        pooled: all pairs of these images or groups of duplicates, see ``pooling.pool_pairs``.
        taxonomy: names the intents.
        attraction: of the whole window.
        config: doubts about words.
    """
    known = pl.col("user_hashes").list.len().cast(pl.Int64) + pl.col("unknown_users")
    rows = (
        pooled.with_columns((known * pl.col("recency")).alias("users"))
        .with_columns(pl.col("recent_expected").fill_null(pl.col("users")).alias("expected"))
        .filter((pl.col("users") > 0) | (pl.col("expected") >= LEAST_INFORMATIVE))
        .sort("group_id", "query")
    )
    rules = _codes(rows["intent"], taxonomy.intent_ids)
    owners = _owners(rows["group_id"])
    prior = prior_of(config)
    parts = []
    for part in runs(owners, PAIRS_AT_A_TIME):
        likelihoods = _likelihoods(rows[part], attraction)
        asked = np.exp(prior.of_queries(rules[part], len(taxonomy.intent_ids)))
        _, needed = image_beliefs(starts_of(owners[part]), asked, to_images(asked, likelihoods), attraction.share)
        parts.append(_sparse(needed))
    classes, chances, rest = _joined(parts)
    found = rows.select("query", "group_id", "intent", "users", "expected", "query_users").to_arrow()
    return _with_belief(found, classes, chances, rest, WEIGHED)


def ask_queries(
    weighed: pa.Table, taxonomy: Taxonomy, attraction: Attraction, config: LabelConfig
) -> tuple[pa.Table, pa.Table]:
    """Return ``ASKED`` and ``QUERY_INTENTS`` of some queries, of which all pairs are here (``WEIGHED``)."""
    rows = to_frame(weighed, WEIGHED).sort("query", "group_id")
    count = len(taxonomy.intent_ids)
    rules = _codes(rows["intent"], taxonomy.intent_ids)
    owners = _owners(rows["query"])
    prior = prior_of(config)
    parts, generics, beliefs = [], [], [np.zeros((0, count + 1))]
    for part in runs(owners, PAIRS_AT_A_TIME):
        starts = starts_of(owners[part])
        messages = to_queries(_dense(rows[part], count), _likelihoods(rows[part], attraction))
        found, chances = query_beliefs(prior.of_queries(rules[part][starts], count), starts, messages)
        beliefs.append(np.exp(found))
        parts.append(_sparse(chances[:, :count]))
        generics.append(chances[:, count])
    of_query = np.concatenate(beliefs)
    best = of_query[:, :count].argmax(axis=1)
    chance = of_query[np.arange(len(best)), best]
    starts = starts_of(owners)
    sure = chance >= config.query_confidence
    decided = np.where(sure, best, -1)
    by_rule = rules[starts] == best
    lengths = np.diff(np.append(starts, len(owners)))
    classes, chances, rest = _joined(parts)
    asked = rows.select("query", "group_id", "users", "expected").with_columns(
        pl.Series("generic", np.concatenate([np.zeros(0), *generics]), dtype=pl.Float32),
        _named(taxonomy.intent_ids, np.repeat(decided, lengths)).alias("intent"),
        pl.Series("by_rule", np.repeat(by_rule & sure, lengths), dtype=pl.Boolean),
    )
    people = rows["query_users"].to_numpy()[starts] if len(starts) else np.zeros(0, dtype=np.int64)
    entropy = -(of_query * np.log(np.maximum(of_query, 1e-12))).sum(axis=1) / np.log(count + 1)
    shown = people >= config.min_query_users
    queries = rows["query"].gather(starts.tolist()) if len(starts) else rows["query"]
    intents = pl.DataFrame(
        {
            "query": queries,
            "intent": _named(taxonomy.intent_ids, decided),
            "confidence": pl.Series(np.where(sure, chance, 1 - chance), dtype=pl.Float32),
            "entropy": pl.Series(entropy, dtype=pl.Float32),
            "users": pl.Series(np.minimum(people, _INT32_MAX), dtype=pl.Int32),
            "source": pl.Series(_sources(sure, by_rule), dtype=pl.String),
        }
    ).filter(pl.Series(shown, dtype=pl.Boolean))
    return _with_belief(asked.to_arrow(), classes, chances, rest, ASKED), to_table(intents, QUERY_INTENTS)


def answer_images(asked: pa.Table, taxonomy: Taxonomy, attraction: Attraction) -> pa.Table:
    """Return ``ANSWERS``: best intent and parent of some images or groups, of which all pairs are here (``ASKED``)."""
    rows = to_frame(asked, ASKED).sort("group_id", "query")
    count = len(taxonomy.intent_ids)
    owners = _owners(rows["group_id"])
    beliefs = [np.zeros((0, count + 1))]
    for part in runs(owners, PAIRS_AT_A_TIME):
        chances = np.empty((len(rows[part]), count + 1))
        chances[:, :count] = _dense(rows[part], count)
        chances[:, count] = rows[part]["generic"].to_numpy()
        chances /= chances.sum(axis=1, keepdims=True)
        messages = to_images(chances, _likelihoods(rows[part], attraction))
        found, _ = image_beliefs(starts_of(owners[part]), chances, messages, attraction.share)
        beliefs.append(np.exp(found))
    of_image = np.concatenate(beliefs)[:, :count]
    parents = sorted({taxonomy.parent_of(intent) for intent in taxonomy.intent_ids})
    member = np.array(
        [[taxonomy.parent_of(i) == parent for parent in parents] for i in taxonomy.intent_ids], dtype=float
    )
    of_parent = of_image @ member
    rows_of = np.arange(len(of_image))
    best, first = of_image.argmax(axis=1), of_parent.argmax(axis=1)
    groups = rows["group_id"].gather(starts_of(owners).tolist()) if len(rows) else rows["group_id"]
    answers = pl.DataFrame(
        {
            "group_id": groups,
            "intent": _named(taxonomy.intent_ids, best),
            "confidence": pl.Series(of_image[rows_of, best], dtype=pl.Float64),
            "parent": _named(parents, first),
            "parent_confidence": pl.Series(of_parent[rows_of, first], dtype=pl.Float64),
        }
    )
    return to_table(answers, ANSWERS)


def _named(ids: Sequence[str], places: _Ints) -> pl.Series:
    """Return the ids at `places`, null at -1."""
    return pl.Series(pl.from_arrow(pa.array(ids, pa.string()).take(pa.array(places, mask=places < 0))))


def _sources(sure: npt.NDArray[np.bool_], by_rule: npt.NDArray[np.bool_]) -> list[str | None]:
    return [("rule" if rule else "graph") if known else None for known, rule in zip(sure, by_rule, strict=True)]


def _codes(intents: pl.Series, ids: tuple[str, ...]) -> _Ints:
    places = {intent: place for place, intent in enumerate(ids)}
    return np.array([-1 if intent is None else places.get(intent, -1) for intent in intents.to_list()], dtype=np.int64)


def _owners(ids: pl.Series) -> _Ints:
    return Codes.of(ids.to_arrow().cast(pa.string())).ranked().codes


def _likelihoods(rows: pl.DataFrame, attraction: Attraction) -> Likelihoods:
    return Likelihoods.of(rows["users"].to_numpy().astype(np.float64), rows["expected"].to_numpy(), attraction)


def _sparse(chances: _Floats) -> tuple[_Ints, _Floats, _Floats]:
    """Return the TOP classes of each row, their chances, and the mean of the others."""
    top = min(TOP, chances.shape[1])
    classes = np.argpartition(-chances, top - 1, axis=1)[:, :top] if top < chances.shape[1] else None
    if classes is None:
        classes = np.broadcast_to(np.arange(top), (len(chances), top))
    classes = np.sort(classes, axis=1)
    values = np.take_along_axis(chances, classes, axis=1)
    others = max(chances.shape[1] - top, 1)
    return classes, values, np.maximum(chances.sum(axis=1) - values.sum(axis=1), 0.0) / others


def _joined(parts: list[tuple[_Ints, _Floats, _Floats]]) -> tuple[_Ints, _Floats, _Floats]:
    if not parts:
        return np.zeros((0, TOP), dtype=np.int64), np.zeros((0, TOP)), np.zeros(0)
    classes, chances, rest = zip(*parts, strict=True)
    return np.concatenate(classes), np.concatenate(chances), np.concatenate(rest)


def _with_belief(table: pa.Table, classes: _Ints, chances: _Floats, rest: _Floats, schema: pa.Schema) -> pa.Table:
    offsets = np.arange(0, classes.size + 1, max(classes.shape[1], 1), dtype=np.int32)[: len(classes) + 1]
    columns = {
        "classes": pa.ListArray.from_arrays(offsets, classes.ravel().astype(np.int16)),
        "chances": pa.ListArray.from_arrays(offsets, chances.ravel().astype(np.float32)),
        "rest": pa.array(rest.astype(np.float32)),
    }
    for name, column in columns.items():
        table = table.append_column(name, column)
    return table.select(schema.names).cast(schema)


def _dense(rows: pl.DataFrame, count: int) -> _Floats:
    """Return the chances [rows, count] of beliefs that travelled."""
    chances = np.repeat(rows["rest"].to_numpy().astype(np.float64)[:, None], count, axis=1)
    classes = rows["classes"].explode().to_numpy().astype(np.int64).reshape(len(rows), -1)
    values = rows["chances"].explode().to_numpy().astype(np.float64).reshape(len(rows), -1)
    np.put_along_axis(chances, classes, values, axis=1)
    return np.clip(chances, 1e-9, 1 - 1e-9)
