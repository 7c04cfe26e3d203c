"""The head by logistic regression: planted classes come back, a penalty is chosen, priors are kept."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch")
pytest.importorskip("pytorch_lightning", reason="training needs Lightning")

from intent.examples import Targets, TrainingError  # noqa: E402
from intent.linear_head import PENALTIES, choose_penalty, fit_head  # noqa: E402
from intent.model import HierarchicalLoss  # noqa: E402

PARENTS = np.array([0, 0, 1])
LOSS = HierarchicalLoss(PARENTS, parents=2, label_smoothing=0.0)
ZERO = (torch.zeros(3, 6), torch.zeros(3))


def planted(rows: int, seed: int) -> tuple[np.ndarray, Targets]:
    rng = np.random.default_rng(seed)
    intent = rng.integers(0, 3, rows)
    features = rng.normal(size=(rows, 6)).astype(np.float32)
    features[np.arange(rows), intent] += 3
    return features, Targets(intent, PARENTS[intent], np.ones(rows, np.float32))


def predicted(features: np.ndarray, head: tuple) -> np.ndarray:
    return (torch.from_numpy(features) @ head[0].T + head[1]).argmax(dim=1).numpy()


def test_planted_classes_come_back_and_the_fit_repeats() -> None:
    features, targets = planted(300, 0)
    held, held_targets = planted(200, 1)
    penalty, head = choose_penalty(features, targets, held, held_targets, LOSS, start=ZERO)
    assert (predicted(held, head) == held_targets.intent).mean() > 0.9
    again = choose_penalty(features, targets, held, held_targets, LOSS, start=ZERO)
    assert again[0] == penalty
    assert torch.equal(again[1][0], head[0])


def test_held_out_rows_without_weight_choose_nothing() -> None:
    features, targets = planted(300, 0)
    held, held_targets = planted(40, 1)
    none = Targets(held_targets.intent, held_targets.parent, np.zeros(40, np.float32))
    penalty, _ = choose_penalty(features, targets, held, none, LOSS, start=ZERO)
    assert penalty == sorted(PENALTIES)[len(PENALTIES) // 2]


def test_features_that_are_no_numbers_are_named() -> None:
    features, targets = planted(30, 0)
    features[4, 2] = np.nan
    with pytest.raises(TrainingError, match="features of 1 of 30 pictures are no numbers"):
        fit_head(features, targets, LOSS, penalty=0.01, start=ZERO)


def test_rows_with_only_a_parent_teach_their_parent() -> None:
    features, targets = planted(300, 2)
    hidden = Targets(np.where(targets.intent == 2, -1, targets.intent), targets.parent, targets.weight)
    head = fit_head(features, hidden, LOSS, penalty=1e-3, start=ZERO)
    assert (predicted(features, head) == targets.intent).mean() > 0.85


def test_class_without_examples_keeps_what_an_older_model_knew() -> None:
    features, targets = planted(400, 3)
    prior = (torch.eye(3, 6) * 2, torch.zeros(3))
    rest = targets.intent != 2
    learned = targets.take(np.flatnonzero(rest))
    kept = fit_head(features[rest], learned, LOSS, penalty=1e-1, start=prior, prior=prior)
    lost = fit_head(features[rest], learned, LOSS, penalty=1e-1, start=ZERO)
    absent = features[~rest]
    assert (predicted(absent, kept) == 2).mean() > 0.7
    assert (predicted(absent, lost) == 2).mean() < 0.1


def test_weights_of_rows_count() -> None:
    features = np.ones((4, 6), np.float32)
    targets = Targets(np.array([0, 0, 0, 1]), np.zeros(4, np.int64), np.array([1, 1, 1, 20], np.float32))
    head = fit_head(features, targets, LOSS, penalty=1e-3, start=ZERO)
    assert predicted(features, head).tolist() == [1, 1, 1, 1]
