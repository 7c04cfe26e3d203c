import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.beliefs import Prior
from labels.config import LabelConfig
from labels.rule_trust import GREATEST, LEAST, RULE_EVIDENCE, RuleBook, count_ratios, fit_trust, merge_rule_evidence
from labels.taxonomy import Taxonomy
from tests.labels.test_decide import START, log
from tests.labels.worlds import derive


def evidence_of(shares: dict[int, float], *, queries: int, seed: int, strength: float = 3.0) -> pa.Table:
    """Return evidence of rules whose queries mislead by these shares; log ratios are noisy."""
    random = np.random.default_rng(seed)
    rules = np.repeat(np.array(list(shares)), queries)
    wrong = random.random(len(rules)) < np.repeat(np.array(list(shares.values())), queries)
    # log ratios of two normals of one spread, a true likelihood ratio
    ratios = np.where(wrong, -1, 1) * strength**2 / 2 + strength * random.standard_normal(len(rules))
    return count_ratios(rules, ratios)


@pytest.mark.parametrize("seed", range(4))
def test_misleading_rules_are_told_from_others(seed: int) -> None:
    shares = dict.fromkeys(range(30), 0.1) | dict.fromkeys(range(30, 35), 0.85)
    trust = fit_trust(evidence_of(shares, queries=25, seed=seed), 40, misleading=0.12)
    assert trust.vetoed.tolist() == [False] * 30 + [True] * 5 + [False] * 5
    assert np.abs(trust.misleading[:35] - np.array(list(shares.values()))).mean() < 0.08
    assert not trust.judged[35:].any()


def test_a_rule_of_few_queries_stays_near_the_others() -> None:
    good = evidence_of(dict.fromkeys(range(20), 0.1), queries=20, seed=1)
    one_bad_query = count_ratios(np.array([20]), np.array([-9.0]))
    trust = fit_trust(merge_rule_evidence([good, one_bad_query]), 21, misleading=0.12)
    assert 0.1 < trust.misleading[20] < 0.5
    assert not trust.vetoed[20]


def test_silent_queries_change_nothing() -> None:
    trust = fit_trust(count_ratios(np.zeros(500, dtype=np.int64), np.zeros(500)), 2, misleading=0.12)
    assert trust.misleading == pytest.approx(0.12, abs=1e-6)
    assert not trust.judged.any()
    assert fit_trust(RULE_EVIDENCE.empty_table(), 1, misleading=0.3).misleading == pytest.approx(0.3, abs=1e-6)


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(-30, 30)), max_size=60), st.integers(1, 5))
def test_blocks_add_up(rows: list[tuple[int, float]], blocks: int) -> None:
    rules = np.array([rule for rule, _ in rows], dtype=np.int64)
    ratios = np.array([ratio for _, ratio in rows])
    whole = merge_rule_evidence([count_ratios(rules, ratios)])
    parts = [count_ratios(rules[part::blocks], ratios[part::blocks]) for part in range(blocks)]
    assert merge_rule_evidence(parts).equals(whole)
    trust = fit_trust(whole, 4, misleading=0.12)
    assert ((trust.misleading >= LEAST) & (trust.misleading <= GREATEST)).all()


def test_the_book_numbers_every_rule(taxonomy: Taxonomy) -> None:
    book = RuleBook.of(taxonomy)
    words = book.words(taxonomy.intent_ids, np.array([0, len(book.patterns) - 1, -1]))
    assert taxonomy.intent_ids[words[0]] == book.intents[0]
    assert taxonomy.intent_ids[words[1]] == book.intents[-1]
    assert words[2] == -1
    frame = book.frame()
    assert frame["rule"].n_unique() == len(frame)


def test_ratio_of_words_is_that_of_the_two_hypotheses() -> None:
    messages = np.array([[2.0, -2.0, 0.5, 0.0]])  # three intents and none in particular
    found = Prior().ratio_of_words(np.array([0]), messages)
    other = 0.3 * np.exp(-2.0) + 0.3 * np.exp(0.5) + 0.4
    assert found[0] == pytest.approx(2.0 - np.log(other))


def test_a_word_that_misleads_is_vetoed_by_the_clicks_of_its_queries(taxonomy: Taxonomy) -> None:
    """The word flag in red flag, green flag, …: what is clicked for it, others click for maps."""
    rows = []
    for number in range(12):
        images = [f"map{number}-{n}" for n in range(4)]
        others = [f"music{number}-{n}" for n in range(4)]
        for person in range(8):
            for query, wanted, unwanted in (
                (f"word{number} flag", images, others),
                (f"city{number} 지도", images, others),
                (f"town{number} 노선도", images, others),
                (f"song{number} 악보", others, images),
            ):
                user = f"{query}{person}"
                for position, image in enumerate([*wanted, *unwanted], start=1):
                    clicked = image in wanted and (position + person) % 2 == 0
                    rows.append((START, user, query, image, position, clicked))
    images = sorted({row[3] for row in rows})
    outcome = derive(log(rows), images, taxonomy, config=LabelConfig())
    rules = {row["rule"]: row for row in outcome.rules.to_pylist()}
    assert rules["flag"]["vetoed"]
    assert rules["flag"]["precision"] < 0.5
    assert not rules["지도"]["vetoed"]
    assert not rules["악보"]["vetoed"]
    intents = {row["query"]: row["intent"] for row in outcome.query_intents.to_pylist()}
    assert all(intents[f"word{number} flag"] != "flag" for number in range(12))
    labelled = {row["image_id"]: row["intent"] for row in outcome.labels.to_pylist()}
    assert "flag" not in labelled.values()
    assert sum(intent == "map" for intent in labelled.values()) >= 40
