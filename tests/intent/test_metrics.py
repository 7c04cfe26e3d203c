"""Metrics against scikit-learn and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score

from intent.metrics import (
    accuracy,
    class_scores,
    confusion_matrix,
    evaluation,
    expected_calibration_error,
    macro_f1,
    parent_confusion,
)

PAIRS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=60)


@given(PAIRS)
def test_macro_f1_and_accuracy_equal_scikit_learn_on_the_classes_present(pairs: list[tuple[int, int]]) -> None:
    truth, predicted = np.array(pairs).T
    confusion = confusion_matrix(truth, predicted, classes=5)
    expected = f1_score(truth, predicted, labels=np.unique(truth), average="macro", zero_division=0)
    assert macro_f1(confusion) == pytest.approx(expected)
    assert accuracy(confusion) == pytest.approx(accuracy_score(truth, predicted))


@given(PAIRS)
def test_parents_add_up_their_intents(pairs: list[tuple[int, int]]) -> None:
    truth, predicted = np.array(pairs).T
    parent_index = np.array([0, 1, 0, 1, 2])
    summed = parent_confusion(confusion_matrix(truth, predicted, classes=5), parent_index, parents=3)
    assert np.array_equal(summed, confusion_matrix(parent_index[truth], parent_index[predicted], classes=3))


def test_class_absent_from_truth_and_predictions_has_no_f1() -> None:
    scores = class_scores(confusion_matrix(np.array([0, 1]), np.array([0, 0]), classes=3))
    assert scores["f1"][0] == pytest.approx(2 / 3)
    assert scores["f1"][1] == 0
    assert np.isnan(scores["f1"][2])


def test_calibration_error_weighs_bins_by_their_rows() -> None:
    confidence = np.array([0.95, 0.95, 0.55, 1.0])
    correct = np.array([True, False, True, True])
    expected = (abs(0.95 * 2 + 1.0 - 2) + abs(0.55 - 1)) / 4
    assert expected_calibration_error(confidence, correct, bins=10) == pytest.approx(expected)


def test_evaluation_judges_the_parent_by_the_sum_of_its_intents() -> None:
    scores = np.array([[0.4, 0.3, 0.3], [0.1, 0.2, 0.7]])
    report = evaluation(
        np.array([1, 2]), scores, intent_ids=["a", "b", "c"], parent_index=np.array([0, 1, 1]), parents=2
    )
    assert report["accuracy"] == 0.5
    assert report["parent_accuracy"] == 1.0
    assert set(report["per_class"]) == {"b", "c"}  # type: ignore[call-overload]


def test_no_rows_give_no_numbers_instead_of_wrong_ones() -> None:
    report = evaluation(
        np.zeros(0, dtype=int), np.zeros((0, 2)), intent_ids=["a", "b"], parent_index=np.array([0, 0]), parents=1
    )
    assert report["rows"] == 0
    assert report["macro_f1"] is None
    assert report["per_class"] == {}


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match=r"prediction holds 0\.\.7, the classes are 0\.\.2"):
        confusion_matrix(np.array([0, 1]), np.array([0, 7]), classes=3)
    with pytest.raises(ValueError, match="equally long"):
        confusion_matrix(np.array([0, 1]), np.array([0]), classes=3)
