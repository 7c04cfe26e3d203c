"""How often each query rule means what it says, learned from the clicks of its own queries.

A word that misleads once, misleads often: "table" in "table tennis". Each query with a rule says how much likelier
its clicks are if the rule is right (a log ratio, see ``beliefs.Prior.ratio_of_words``), where images are judged by the
queries of other rules only. From these the share of misleading queries is estimated, for all rules of the log and
then for each rule with the first as its prior (empirical Bayes; Robbins 1956, and EM for the mixing share). A rule
that is wrong more often than right is vetoed: it says nothing of its queries any more, only their clicks do.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from labels.taxonomy import Taxonomy

_Ints = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]

RULE_EVIDENCE = pa.schema([("rule", pa.int32()), ("bin", pa.int32()), ("queries", pa.int64())])
"""Queries of a rule (a number of ``RuleBook``) by their log ratio, in steps of 1 / ``STEPS``."""
STEPS = 4
MOST = 12.0
"""Log ratio (natural) that no query passes: e^12 is as sure as anything here."""
ALL_QUERIES = 30.0
"""Queries that the configured share of misleading ones is worth beside the log's own."""
OWN_QUERIES = 4.0
"""Queries that the share of all rules is worth beside a rule's own."""
VETO = 0.5
"""Misleading share above which a rule is vetoed."""
LEAST, GREATEST = 0.02, 0.98
_ROUNDS = 100


@dataclass(frozen=True)
class RuleBook:
    """The numbers of the rules of a taxonomy: place in its patterns, in taxonomy order."""

    intents: tuple[str, ...]
    patterns: tuple[str, ...]

    @classmethod
    def of(cls, taxonomy: Taxonomy) -> "RuleBook":
        listed = [(intent.id, pattern) for intent in taxonomy.live_intents for pattern in intent.patterns]
        return cls(tuple(intent for intent, _ in listed), tuple(pattern for _, pattern in listed))

    def frame(self) -> pl.DataFrame:
        """Return intent, pattern, rule: the number (int32) of each rule."""
        listed = pl.DataFrame(
            {"intent": self.intents, "pattern": self.patterns, "rule": range(len(self.patterns))},
            schema={"intent": pl.String, "pattern": pl.String, "rule": pl.Int32},
        )
        return listed.unique(["intent", "pattern"], keep="first", maintain_order=True)

    def words(self, ids: Sequence[str], rules: npt.NDArray[np.integer]) -> _Ints:
        """Return the places in `ids` of the intents that rules ask for; -1 for rule -1."""
        places = {intent: place for place, intent in enumerate(ids)}
        of_rule = np.array([*(places[intent] for intent in self.intents), -1], dtype=np.int64)
        return np.asarray(of_rule[rules], dtype=np.int64)


@dataclass(frozen=True)
class RuleTrust:
    """What the log says of each rule; arrays of one entry for each rule of the book.

    Attributes:
        misleading: chance that a query with the rule means something else.
        judged: whether any query says something of the rule.
    """

    misleading: _Floats
    judged: npt.NDArray[np.bool_]

    @property
    def vetoed(self) -> npt.NDArray[np.bool_]:
        return np.asarray(self.judged & (self.misleading > VETO))


def count_ratios(rules: _Ints, ratios: _Floats) -> pa.Table:
    """Return ``RULE_EVIDENCE`` of queries with these rules, none of them -1, and log ratios."""
    bins = np.round(np.clip(ratios, -MOST, MOST) * STEPS).astype(np.int64)
    span = int(2 * MOST * STEPS) + 1
    key, counts = np.unique(rules * span + bins + span // 2, return_counts=True)
    return pa.table(
        [(key // span).astype(np.int32), (key % span - span // 2).astype(np.int32), counts], schema=RULE_EVIDENCE
    )


def merge_rule_evidence(tables: Sequence[pa.Table] | pa.Table) -> pa.Table:
    """Add up ``RULE_EVIDENCE``."""
    table = tables if isinstance(tables, pa.Table) else pa.concat_tables([RULE_EVIDENCE.empty_table(), *tables])
    summed = table.group_by(["rule", "bin"]).aggregate([("queries", "sum")])
    merged = pa.table([summed["rule"], summed["bin"], summed["queries_sum"]], schema=RULE_EVIDENCE)
    return merged.sort_by([("rule", "ascending"), ("bin", "ascending")])


def fit_trust(evidence: pa.Table, rules: int, *, misleading: float) -> RuleTrust:
    """Estimate the misleading share of each of `rules` from merged ``RULE_EVIDENCE``.

    Args:
        evidence: of the whole window.
        rules: how many the book has.
        misleading: share that is expected before the log is looked at.
    """
    evidence = merge_rule_evidence(evidence)
    owners = evidence["rule"].to_numpy().astype(np.int64)
    ratios = evidence["bin"].to_numpy() / STEPS
    queries = evidence["queries"].to_numpy().astype(np.float64)
    everything = np.zeros(len(owners), dtype=np.int64)
    overall = _shares(everything, ratios, queries, np.array([misleading]), ALL_QUERIES)
    judged = np.bincount(owners, weights=queries * (ratios != 0), minlength=rules) > 0
    return RuleTrust(_shares(owners, ratios, queries, np.full(rules, overall[0]), OWN_QUERIES), judged)


def _shares(owners: _Ints, ratios: _Floats, queries: _Floats, prior: _Floats, strength: float) -> _Floats:
    """Return the misleading share of each owner by EM, with `strength` queries at the `prior` share added."""
    totals = np.bincount(owners, weights=queries, minlength=len(prior)) + strength
    shares = prior
    for _ in range(_ROUNDS):
        chance = 1 / (1 + np.exp(ratios + np.log(1 / shares - 1)[owners]))
        wrong = np.bincount(owners, weights=chance * queries, minlength=len(prior))
        shares = np.clip((wrong + prior * strength) / totals, LEAST, GREATEST)
    return shares
