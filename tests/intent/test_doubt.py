"""Wrong labels among right ones are found and count less; right ones are believed."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs torch")
pytest.importorskip("pytorch_lightning", reason="training needs Lightning")

from intent.doubt import believe, trust
from intent.examples import Targets
from intent.model import HierarchicalLoss

PARENTS = np.array([0, 0, 0, 0, 1, 1, 1, 1])
LOSS = HierarchicalLoss(PARENTS, parents=2, label_smoothing=0.0)
ROWS = 480


def planted(wrong: float) -> tuple[np.ndarray, Targets, np.ndarray]:
    """Return features, targets and which labels are wrong."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 8, ROWS)
    features = rng.normal(size=(ROWS, 12)).astype(np.float32)
    features[np.arange(ROWS), truth] += 6
    bad = rng.random(ROWS) < wrong
    label = np.where(bad, (truth + rng.integers(1, 8, ROWS)) % 8, truth)
    return features, Targets(label, PARENTS[label], np.ones(ROWS, np.float32)), bad


def test_wrong_labels_count_less_and_classes_keep_their_weight() -> None:
    features, targets, bad = planted(0.2)
    believed, doubt = believe(features, targets, np.arange(ROWS), LOSS, seed=0)
    assert doubt == pytest.approx(0.2, abs=0.08)
    assert believed.weight[bad].mean() < 0.4
    assert believed.weight[~bad].mean() > 1.0
    assert np.bincount(believed.intent, weights=believed.weight) == pytest.approx(np.bincount(targets.intent), rel=1e-4)


def test_right_labels_are_believed_as_they_are() -> None:
    features, targets, _ = planted(0.0)
    believed, doubt = believe(features, targets, np.arange(ROWS), LOSS, seed=0)
    assert doubt < 0.045
    assert believed is targets


def test_only_rows_that_are_asked_for_are_judged() -> None:
    features, targets, _ = planted(0.2)
    rows = np.arange(200)
    believed, _ = believe(features, targets, rows, LOSS, seed=0)
    assert (believed.weight[200:] == 1).all()
    assert (believed.weight[:200] < 0.5).any()


def test_parent_alone_is_never_doubted() -> None:
    features, targets, _ = planted(0.2)
    hidden = Targets(np.full(ROWS, -1), targets.parent, targets.weight)
    hidden.intent[:150] = targets.intent[:150]
    factor = trust(features, hidden, LOSS, seed=0)
    assert (factor[150:] == 1).all()
    assert (factor[:150] < 0.5).any()


def test_copies_do_not_vouch_for_a_wrong_label() -> None:
    features, targets, bad = planted(0.2)
    copies = np.tile(np.arange(ROWS), 6)
    doubled = targets.take(copies)
    alone = trust(features[copies], doubled, LOSS, seed=0)
    together = trust(features[copies], doubled, LOSS, seed=0, groups=copies)
    assert together[bad[copies]].mean() < 0.8 * alone[bad[copies]].mean()
    single = trust(features, targets, LOSS, seed=0)
    assert np.array_equal(trust(features, targets, LOSS, seed=0, groups=np.arange(ROWS)), single)
