"""How good predictions are: confusion, macro-F1, accuracy and calibration error, on plain arrays."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.integer]
Floats = npt.NDArray[np.floating]


def confusion_matrix(truth: Ints, predicted: Ints, *, classes: int) -> npt.NDArray[np.int64]:
    """Count int64 [classes, classes]: row is the truth, column the prediction.

    Raises:
        ValueError: lengths differ, or a value lies outside 0..classes-1.

    >>> confusion_matrix(np.array([0, 0, 1]), np.array([0, 1, 1]), classes=2).tolist()
    [[1, 1], [0, 1]]
    """
    truth, predicted = np.asarray(truth), np.asarray(predicted)
    if truth.shape != predicted.shape or truth.ndim != 1:
        raise ValueError(f"truth {truth.shape} and predictions {predicted.shape} must be equally long vectors")
    for name, values in (("truth", truth), ("prediction", predicted)):
        if len(values) and not 0 <= values.min() <= values.max() < classes:
            raise ValueError(f"{name} holds {values.min()}..{values.max()}, the classes are 0..{classes - 1}")
    flat = truth.astype(np.int64) * classes + predicted.astype(np.int64)
    return np.bincount(flat, minlength=classes * classes).reshape(classes, classes)


def class_scores(confusion: npt.NDArray[np.int64]) -> dict[str, npt.NDArray[np.float64]]:
    """Return precision, recall and F1 per class, float64 [n] each; NaN for classes absent from truth and
    predictions, 0 where a class was never hit."""
    hits = np.diag(confusion).astype(np.float64)
    truth, predicted = confusion.sum(axis=1), confusion.sum(axis=0)
    precision = np.divide(hits, predicted, out=np.zeros_like(hits), where=predicted > 0)
    recall = np.divide(hits, truth, out=np.zeros_like(hits), where=truth > 0)
    total = (truth + predicted).astype(np.float64)
    f1 = np.divide(2 * hits, total, out=np.full_like(hits, np.nan), where=total > 0)
    return {"precision": precision, "recall": recall, "f1": f1}


def macro_f1(confusion: npt.NDArray[np.int64]) -> float:
    """Mean F1 of the classes that occur in the truth; NaN where none does."""
    present = confusion.sum(axis=1) > 0
    return float(class_scores(confusion)["f1"][present].mean()) if present.any() else float("nan")


def accuracy(confusion: npt.NDArray[np.int64]) -> float:
    """Share of the diagonal; NaN for no rows."""
    total = int(confusion.sum())
    return float(np.trace(confusion) / total) if total else float("nan")


def parent_confusion(confusion: npt.NDArray[np.int64], parent_index: Ints, *, parents: int) -> npt.NDArray[np.int64]:
    """Add up a confusion of intents to one of parents, int64 [parents, parents]."""
    result = np.zeros((parents, parents), dtype=np.int64)
    np.add.at(result, (parent_index[:, None], parent_index[None, :]), confusion)
    return result


def expected_calibration_error(confidence: Floats, correct: npt.NDArray[np.bool_], *, bins: int = 15) -> float:
    """Mean distance between confidence and accuracy over equally wide bins, weighted by their rows (Guo et al.
    2017); NaN for no rows. ``confidence`` in 0..1.

    >>> expected_calibration_error(np.array([0.8, 0.8]), np.array([True, False]))
    0.3
    """
    if not len(confidence):
        return float("nan")
    scores = np.asarray(confidence, dtype=np.float64)
    row = np.clip((scores * bins).astype(np.int64), 0, bins - 1)
    gap = np.bincount(row, weights=scores, minlength=bins) - np.bincount(row, weights=correct, minlength=bins)
    return float(round(np.abs(gap).sum() / len(scores), 12))


def evaluation(
    truth: Ints,
    intent_scores: Floats,
    *,
    intent_ids: Sequence[str],
    parent_index: Ints,
    parents: int,
) -> dict[str, object]:
    """Compare float [n, intents] scores with the truth int [n]; a plain mapping that JSON can hold.

    Keys: rows, accuracy, macro_f1, parent_accuracy (parent with the largest summed score), calibration_error, and
    per_class: id to rows, precision, recall, f1 for the classes that occur in the truth.
    """
    predicted = intent_scores.argmax(axis=1) if len(intent_scores) else np.zeros(0, dtype=np.int64)
    confusion = confusion_matrix(truth, predicted, classes=len(intent_ids))
    parent_scores = np.zeros((len(truth), parents))
    np.add.at(parent_scores.T, parent_index, intent_scores.T)
    parent_hit = parent_scores.argmax(axis=1) == parent_index[truth] if len(truth) else np.zeros(0, dtype=bool)
    scores = class_scores(confusion)
    rows = confusion.sum(axis=1)
    per_class = {
        intent: {"rows": int(rows[i]), **{name: round(float(values[i]), 4) for name, values in scores.items()}}
        for i, intent in enumerate(intent_ids)
        if rows[i]
    }
    confidence = intent_scores.max(axis=1) if len(intent_scores) else np.zeros(0)
    return {
        "rows": len(truth),
        "accuracy": _number(accuracy(confusion)),
        "macro_f1": _number(macro_f1(confusion)),
        "parent_accuracy": _number(float(parent_hit.mean()) if len(truth) else float("nan")),
        "calibration_error": _number(expected_calibration_error(confidence, predicted == truth)),
        "per_class": per_class,
    }


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(value, 4)
