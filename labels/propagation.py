"""The rounds of belief propagation as steps on tables: by image, by query, and so on, by image at last.

``weigh_pairs`` (by image) says what each pair's query needs to know of the image, ``ask_queries`` (by query) what each
pair's image needs to know of the query, ``weigh_asked`` (by image) answers the queries once more, now that they know
each other, and ``answer_images`` (by image) decides the images. Two rounds are enough: a query without a known word
learns its intent in the first, and its images from it in the second; a third changes one label in a hundred. The
first round also shows which rules mislead (``rule_trust``). The mathematics is in ``beliefs``.
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from labels.attraction import Attraction
from labels.belief_columns import Beliefs, chances_of
from labels.beliefs import (
    Likelihoods,
    Prior,
    heard_apart,
    image_beliefs,
    query_beliefs,
    runs,
    sum_by,
    to_images,
    to_queries,
)
from labels.composition import Choices, composition
from labels.config import LabelConfig
from labels.frames import to_frame, to_table
from labels.grouping import Codes, starts_of
from labels.rule_trust import RuleBook, RuleTrust, count_ratios, fit_trust, merge_rule_evidence
from labels.tables import ANSWERS, ASKED, QUERY_INTENTS, WEIGHED
from labels.taxonomy import Taxonomy

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]
_Bools = npt.NDArray[np.bool_]

LEAST_INFORMATIVE = 0.1
"""Expected clicks below which a pair that was not clicked says nothing."""
LIKELY = 0.5
"""Chance from which a query's clicks count as evidence of its intent: likelier than all others together."""
PAIRS_AT_A_TIME = 100_000
"""Pairs whose beliefs are in memory at once: some 100 MB for 37 intents."""
_INT32_MAX = 2**31 - 1


def prior_of(config: LabelConfig) -> Prior:
    """Return what words alone say, by the configured doubts."""
    return Prior(misleading=config.misleading, generic=config.generic)


def trust_of(evidence: pa.Table | Sequence[pa.Table], taxonomy: Taxonomy, config: LabelConfig) -> RuleTrust:
    """Return what ``RULE_EVIDENCE`` of all queries says of the rules."""
    rules = len(RuleBook.of(taxonomy).patterns)
    return fit_trust(merge_rule_evidence(evidence), rules, misleading=config.misleading)


def weigh_pairs(pooled: pl.DataFrame, taxonomy: Taxonomy, attraction: Attraction, config: LabelConfig) -> pa.Table:
    """Return ``WEIGHED``: what the queries of some images need to know of these, if words are all that they know.

    Args:
        pooled: all pairs of these images or groups of duplicates, see ``pooling.pool_pairs``.
        taxonomy: names the intents.
        attraction: of the whole window.
        config: doubts about words.
    """
    known = pl.col("user_hashes").list.len().cast(pl.Int64) + pl.col("unknown_users")
    book = RuleBook.of(taxonomy)
    rows = (
        pooled.with_columns((known * pl.col("recency")).alias("users"))
        .with_columns(pl.col("recent_expected").fill_null(pl.col("users")).alias("expected"))
        .filter((pl.col("users") > 0) | (pl.col("expected") >= LEAST_INFORMATIVE))
        .rename({"rule": "pattern"})
        .join(book.frame(), on=["intent", "pattern"], how="left")
        .with_columns(pl.col("rule").fill_null(-1))
        .sort("group_id", "query")
    )
    words = book.words(taxonomy.intent_ids, rows["rule"].to_numpy())
    prior = prior_of(config)

    def asked(part: slice) -> _Floats:
        return np.exp(prior.of_queries(words[part], len(taxonomy.intent_ids)))

    return _weigh(rows, words, asked, attraction)


def weigh_asked(asked: pa.Table, taxonomy: Taxonomy, attraction: Attraction) -> pa.Table:
    """Return ``WEIGHED`` of some images or groups, of which all pairs are here (``ASKED``)."""
    rows = to_frame(asked, ASKED).sort("group_id", "query")
    words = RuleBook.of(taxonomy).words(taxonomy.intent_ids, rows["rule"].to_numpy())
    return _weigh(rows, words, lambda part: _asked_chances(rows[part], len(taxonomy.intent_ids)), attraction)


def _weigh(rows: pl.DataFrame, words: _Ints, asked: Callable[[slice], _Floats], attraction: Attraction) -> pa.Table:
    owners = _owners(rows["group_id"])
    rules = rows["rule"].to_numpy().astype(np.int64)
    beliefs, apart = Beliefs(), [np.zeros(0)]
    for part in runs(owners, PAIRS_AT_A_TIME):
        starts, chances = starts_of(owners[part]), asked(part)
        messages = to_images(chances, _likelihoods(rows[part], attraction))
        _, needed = image_beliefs(starts, chances, messages, attraction.share)
        beliefs.add(needed)
        apart.append(heard_apart(starts, chances, messages, attraction.share, words=rules[part], intents=words[part]))
    found = rows.select("query", "group_id", "rule", "users", "expected", "query_users").with_columns(
        pl.Series("apart", np.concatenate(apart), dtype=pl.Float32)
    )
    return beliefs.on(found.to_arrow(), WEIGHED)


def ask_queries(
    weighed: pa.Table,
    taxonomy: Taxonomy,
    attraction: Attraction,
    config: LabelConfig,
    *,
    trust: RuleTrust | None = None,
) -> dict[str, pa.Table]:
    """Decide some queries, of which all pairs are here.

    Args:
        weighed: ``WEIGHED``.
        taxonomy: names the intents.
        attraction: of the whole window.
        config: doubts and thresholds.
        trust: in rules; None in the first round, which finds it.

    Returns:
        ``asked`` (``ASKED``), ``query_intents`` (``QUERY_INTENTS``) and ``rule_evidence`` (``RULE_EVIDENCE``, in the
        first round).
    """
    rows = to_frame(weighed, WEIGHED).sort("query", "group_id")
    count = len(taxonomy.intent_ids)
    rules = rows["rule"].to_numpy().astype(np.int64)
    words = RuleBook.of(taxonomy).words(taxonomy.intent_ids, rules)
    owners = _owners(rows["query"])
    prior = prior_of(config)
    travelling, generics, beliefs, ratios = Beliefs(), [np.zeros(0)], [np.zeros((0, count + 1))], [np.zeros(0)]
    for part in runs(owners, PAIRS_AT_A_TIME):
        starts = starts_of(owners[part])
        likelihoods = _likelihoods(rows[part], attraction)
        needed = chances_of(rows[part], count)
        messages = to_queries(needed, likelihoods)
        composed = composition(starts, Choices.of(needed, likelihoods), count)
        first, said = rules[part][starts], words[part][starts]
        misleading = None if trust is None else trust.misleading[np.maximum(first, 0)]
        found, chances = query_beliefs(prior.of_queries(said, count, misleading), starts, messages, composed)
        beliefs.append(np.exp(found))
        travelling.add(chances[:, :count])
        generics.append(chances[:, count])
        if trust is None:
            apart = rows[part]["apart"].to_numpy().astype(np.float64)
            ratios.append(_ratios_of_rules(starts, said, needed, apart, likelihoods, prior))
    starts = starts_of(owners)
    ruled = rules[starts][rules[starts] >= 0] if trust is None else np.zeros(0, dtype=np.int64)
    decided = _Decided.of(np.concatenate(beliefs), words[starts], _vetoed(trust, rules[starts]), config)
    lengths = np.diff(np.append(starts, len(owners)))
    asked = rows.select("query", "group_id", "rule", "users", "expected", "query_users").with_columns(
        pl.Series("generic", np.concatenate(generics), dtype=pl.Float32),
        _named(taxonomy.intent_ids, np.repeat(decided.evidence, lengths)).alias("intent"),
        pl.Series("by_rule", np.repeat(decided.by_rule, lengths), dtype=pl.Boolean),
    )
    return {
        "asked": travelling.on(asked.to_arrow(), ASKED),
        "query_intents": decided.table(rows[starts.tolist()], taxonomy.intent_ids, config),
        "rule_evidence": count_ratios(ruled, np.concatenate(ratios)),
    }


def _ratios_of_rules(
    starts: _Ints, said: _Ints, needed: _Floats, apart: _Floats, likelihoods: Likelihoods, prior: Prior
) -> _Floats:
    """Return the log ratio of each query with a rule, where images were not asked by queries of the same rule."""
    count = needed.shape[1]
    words = np.repeat(said, np.diff(np.append(starts, len(needed))))
    ruled = np.flatnonzero(words >= 0)
    heard = needed[ruled]
    heard[np.arange(len(ruled)), words[ruled]] = np.clip(apart[ruled], 0, 1)
    likelihoods = likelihoods[ruled]
    begin = np.searchsorted(ruled, starts[said >= 0])
    messages = sum_by(begin, to_queries(heard, likelihoods))
    messages[:, :count] += composition(begin, Choices.of(heard, likelihoods), count)[0]
    return prior.ratio_of_words(said[said >= 0], messages)


def _vetoed(trust: RuleTrust | None, rules: _Ints) -> _Bools:
    return np.zeros(len(rules), dtype=bool) if trust is None else (rules >= 0) & trust.vetoed[np.maximum(rules, 0)]


class _Decided:
    """What queries ask for: codes of intents, -1 for none.

    Attributes:
        beliefs: [queries, intents + 1].
        evidence: what the query's clicks count for: the likely intent, else what its words say.
        by_rule: whether the words say so, too.
        best: the likeliest intent.
        sure: whether it is sure enough to be told.
    """

    def __init__(self, beliefs: _Floats, evidence: _Ints, by_rule: _Bools, best: _Ints, sure: _Bools) -> None:
        self.beliefs, self.evidence, self.by_rule, self.best, self.sure = beliefs, evidence, by_rule, best, sure

    @classmethod
    def of(cls, beliefs: _Floats, words: _Ints, vetoed: _Bools, config: LabelConfig) -> "_Decided":
        best = beliefs[:, :-1].argmax(axis=1)
        chance = beliefs[np.arange(len(best)), best]
        # an image may be surer than each of its queries: where clicks do not say otherwise the words speak
        evidence = np.where(chance >= LIKELY, best, np.where(vetoed, -1, words))
        needed = np.where(best == words, config.query_confidence, config.graph_confidence)
        sure = chance >= needed
        return cls(beliefs, evidence, (evidence >= 0) & (evidence == words), best, sure)

    def table(self, queries: pl.DataFrame, ids: Sequence[str], config: LabelConfig) -> pa.Table:
        """Return ``QUERY_INTENTS``; `queries` holds one row for each query."""
        chance = self.beliefs[np.arange(len(self.best)), self.best]
        entropy = -(self.beliefs * np.log(np.maximum(self.beliefs, 1e-12))).sum(axis=1) / np.log(len(ids) + 1)
        by_rule = self.by_rule & (self.evidence == self.best)
        source = [
            ("rule" if rule else "graph") if known else None for known, rule in zip(self.sure, by_rule, strict=True)
        ]
        found = queries.select(
            "query",
            _named(ids, np.where(self.sure, self.best, -1)).alias("intent"),
            pl.Series("confidence", np.where(self.sure, chance, 1 - chance), dtype=pl.Float32),
            pl.Series("entropy", entropy, dtype=pl.Float32),
            pl.col("query_users").clip(upper_bound=_INT32_MAX).cast(pl.Int32).alias("users"),
            pl.Series("source", source, dtype=pl.String),
        )
        return to_table(found.filter(pl.col("users") >= config.min_query_users), QUERY_INTENTS)


def answer_images(asked: pa.Table, taxonomy: Taxonomy, attraction: Attraction) -> pa.Table:
    """Return ``ANSWERS``: best intent and parent of some images or groups, of which all pairs are here (``ASKED``)."""
    rows = to_frame(asked, ASKED).sort("group_id", "query")
    count = len(taxonomy.intent_ids)
    owners = _owners(rows["group_id"])
    beliefs = [np.zeros((0, count + 1))]
    for part in runs(owners, PAIRS_AT_A_TIME):
        chances = _asked_chances(rows[part], count)
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


def _asked_chances(rows: pl.DataFrame, count: int) -> _Floats:
    """Return what the queries of ``ASKED`` rows ask for, [rows, intents + 1], the last being nothing in particular."""
    chances = np.empty((len(rows), count + 1))
    chances[:, :count] = chances_of(rows, count)
    chances[:, count] = rows["generic"].to_numpy()
    return np.asarray(chances / chances.sum(axis=1, keepdims=True), dtype=np.float64)


def _named(ids: Sequence[str], places: _Ints) -> pl.Series:
    """Return the ids at `places`, null at -1."""
    return pl.Series(pl.from_arrow(pa.array(ids, pa.string()).take(pa.array(places, mask=places < 0))))


def _owners(ids: pl.Series) -> _Ints:
    return Codes.of(ids.to_arrow().cast(pa.string())).ranked().codes


def _likelihoods(rows: pl.DataFrame, attraction: Attraction) -> Likelihoods:
    return Likelihoods.of(rows["users"].to_numpy().astype(np.float64), rows["expected"].to_numpy(), attraction)
