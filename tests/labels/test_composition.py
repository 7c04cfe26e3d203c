from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import gammaln

from labels.beliefs import Likelihoods
from labels.composition import RIGHT, SPREAD, Choices, composition

INTENTS = 5


def choices_of(*intents: int, amount: float = 1.0) -> Choices:
    return Choices(np.array(intents, dtype=np.int64), np.full(len(intents), amount))


def test_it_is_the_ratio_of_a_multinomial_and_a_polya_urn() -> None:
    found, _ = composition(np.array([0]), choices_of(0, 0, 1), INTENTS)
    urn = gammaln(SPREAD) - gammaln(SPREAD + 3)
    for count in (2, 1):
        urn += gammaln(count + SPREAD / INTENTS) - gammaln(SPREAD / INTENTS)
    assert found[0, 0] == pytest.approx(2 * np.log(RIGHT) + np.log((1 - RIGHT) * 3 / 4) - urn)
    assert found[0, 0] > found[0, 1] > found[0, 2]


def test_choices_of_one_kind_say_more_the_more_there_are_and_mixed_ones_speak_against() -> None:
    alike = [composition(np.array([0]), choices_of(*([3] * n)), INTENTS)[0][0, 3] for n in range(1, 8)]
    assert all(later > earlier for earlier, later in pairwise(alike))
    mixed, _ = composition(np.array([0]), choices_of(0, 1, 2, 3, 4, 0, 1, 2), INTENTS)
    assert mixed.max() < 0


@given(
    st.lists(st.tuples(st.integers(0, INTENTS - 1), st.floats(0, 1)), min_size=1, max_size=12),
    st.integers(1, 3),
)
def test_a_pair_hears_the_query_without_itself(pairs: list[tuple[int, float]], queries: int) -> None:
    cuts = sorted({0, *(len(pairs) * n // queries for n in range(queries))} - {len(pairs)})
    intents = np.array([intent for intent, _ in pairs], dtype=np.int64)
    amounts = np.array([amount for _, amount in pairs])
    whole, without = composition(np.array(cuts), Choices(intents, amounts), INTENTS)
    for number, (start, end) in enumerate(zip(cuts, [*cuts[1:], len(pairs)], strict=True)):
        alone, _ = composition(np.array([0]), Choices(intents[start:end], amounts[start:end]), INTENTS)
        assert whole[number] == pytest.approx(alone[0])
        for pair in range(start, end):
            rest = [n for n in range(start, end) if n != pair]
            expected = np.zeros((1, INTENTS))
            if rest:
                expected, _ = composition(np.array([0]), Choices(intents[rest], amounts[rest]), INTENTS)
            assert without[pair] == pytest.approx(expected[0], abs=1e-9)


def test_only_clicks_choose() -> None:
    """A page of pictures of one kind says nothing; clicked ones of a sure kind count, unsure ones do not."""
    wanted, unwanted = np.array([1.0, 0.01, 1.0]), np.array([0.01, 1.0, 0.01])
    sure, unsure = [0.99, 0.01, 0.01], [0.5, 0.5, 0.5]
    found = Choices.of(np.array([sure, sure, unsure]), Likelihoods(wanted, unwanted, 0.5))
    assert found.intents[0] == 0
    assert found.amounts[0] > 0.9
    assert found.amounts[1:].tolist() == [0.0, 0.0]
