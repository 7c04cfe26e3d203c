"""Edits, reliability and the separation of unknown pictures."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intent.metrics import expected_calibration_error
from intent.robustness import EDITS, edited, reliability, separation


def test_edits_do_what_their_names_say() -> None:
    rgb = np.random.default_rng(0).integers(0, 255, (40, 60, 3)).astype(np.uint8)
    found = {name: edited(rgb, name) for name in EDITS}
    assert found["half_size"].shape == (20, 30, 3)
    assert found["border"].shape == (50, 70, 3)
    assert (found["border"][:5] == 255).all()
    assert np.array_equal(found["border"][5:45, 5:65], rgb)
    assert (np.ptp(found["grey"].astype(int), axis=2) == 0).all()
    assert found["jpeg_30"].shape == rgb.shape
    assert not np.array_equal(found["jpeg_30"], rgb)
    assert edited(np.zeros((1, 1, 3), np.uint8), "half_size").shape == (1, 1, 3)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=20),
    st.lists(st.integers(0, 5), min_size=1, max_size=20),
)
def test_separation_is_the_share_of_pairs(known: list[int], odd: list[int]) -> None:
    pairs = [(b > a) + 0.5 * (a == b) for a in known for b in odd]
    assert separation(np.array(known, float), np.array(odd, float)) == pytest.approx(np.mean(pairs))


def test_separation_of_nothing_is_nan() -> None:
    assert np.isnan(separation(np.zeros(0), np.ones(3)))


def test_reliability_adds_up_to_the_calibration_error() -> None:
    rng = np.random.default_rng(1)
    confidence = rng.random(500)
    correct = rng.random(500) < confidence**2
    bins = reliability(confidence, correct, bins=15)
    assert sum(row["rows"] for row in bins) == 500
    error = sum(row["rows"] * abs(row["confidence"] - row["accuracy"]) for row in bins) / 500
    assert error == pytest.approx(expected_calibration_error(confidence, correct, bins=15), abs=1e-3)
