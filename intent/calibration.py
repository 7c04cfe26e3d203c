"""Numbers that turn logits into probabilities that mean what they say, and into a score of not knowing."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

TEMPERATURES = np.geomspace(0.05, 20.0, 241)
"""Candidates; steps of 2.5 % are finer than a validation part can tell apart."""

FEWEST_ROWS = 20
"""Below this many validation rows a fitted temperature is noise, and 1 is kept."""

KNOWN_SHARE = 0.95
"""Share of known pictures whose unknown score shall lie below one half."""


UNKNOWN_PENALTY = 3.0
"""Strength of the L2 penalty of the unknown score, over the rows: many features, few drawn kinds."""

UNKNOWN_FOLDS = 4
"""Parts that the drawn kinds are divided into; each is judged by a score that saw only the others."""


@dataclass(frozen=True, eq=False)
class UnknownScore:
    """unknown = sigmoid(features @ weight + energy_weight * energy + bias), with energy = -log Σ exp(logit /
    temperature).

    Attributes:
        weight: float32 [F] over standardised features.
        auroc: share of pairs of a known picture and one of a kind that the score had not seen, where the latter
            scores higher; NaN where nothing was held out.
    """

    weight: npt.NDArray[np.float32]
    energy_weight: float
    bias: float
    auroc: float

    def logits(self, features: npt.NDArray[np.float32], energy: Floats) -> Floats:
        """Return float64 [n] before the sigmoid of features float32 [n, F] and energies float64 [n]."""
        return np.asarray(features @ self.weight + self.energy_weight * energy + self.bias, dtype=np.float64)


def softmax(logits: Floats) -> Floats:
    """Return probabilities of float64 [n, k] logits."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True)) if len(logits) else logits
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def log_sum_exp(logits: Floats) -> Floats:
    """Return float64 [n] of float64 [n, k]."""
    top = logits.max(axis=1)
    return np.asarray(top + np.log(np.exp(logits - top[:, None]).sum(axis=1)))


def fit_temperature(logits: Floats, truth: npt.NDArray[np.int64]) -> float:
    """Return the temperature with the least negative log-likelihood of the truth (Guo et al. 2017).

    1.0 for fewer than `FEWEST_ROWS` rows.
    """
    if len(truth) < FEWEST_ROWS:
        return 1.0
    rows = np.arange(len(truth))
    losses = [float(np.mean(log_sum_exp(logits / value) - logits[rows, truth] / value)) for value in TEMPERATURES]
    return float(TEMPERATURES[int(np.argmin(losses))])


def energies(logits: Floats) -> Floats:
    """Return float64 [n] of tempered logits float64 [n, k]: high where no class is favoured (Liu et al. 2020)."""
    return -log_sum_exp(logits)


def fit_unknown(
    known: npt.NDArray[np.float32],
    known_energy: Floats,
    odd: npt.NDArray[np.float32],
    odd_energy: Floats,
    *,
    kinds: npt.NDArray[np.int64],
    judged: npt.NDArray[np.int64],
) -> UnknownScore:
    """Fit a logistic regression that tells pictures of no class from known ones.

    One half lies where `KNOWN_SHARE` of the ``judged`` known rows, which take no part in the fit where others are
    left, stay below it.

    Args:
        known, odd: standardised features float32 [n, F] and [m, F], with their energies.
        kinds: int64 [m], the kind of each odd picture; whole kinds are left out for ``auroc``.
        judged: rows of ``known`` that place the threshold, int64; best of sources that the network never saw.
    """
    rest = np.setdiff1d(np.arange(len(known)), judged)
    learned = rest if len(rest) else judged
    names = np.unique(kinds)
    scores = np.full(len(odd), np.nan)
    areas = []
    for fold in range(min(UNKNOWN_FOLDS, len(names)) if len(names) > 1 else 0):
        hidden = np.isin(kinds, names[fold :: min(UNKNOWN_FOLDS, len(names))])
        part = _logistic(known[learned], known_energy[learned], odd[~hidden], odd_energy[~hidden])
        scores[hidden] = part.logits(odd[hidden], odd_energy[hidden])
        areas.append(auroc(part.logits(known[judged], known_energy[judged]), scores[hidden]))
    score = _logistic(known[learned], known_energy[learned], odd, odd_energy)
    middle = float(np.quantile(score.logits(known[judged], known_energy[judged]), KNOWN_SHARE))
    area = float(np.mean(areas)) if areas else float("nan")
    return UnknownScore(score.weight, score.energy_weight, score.bias - middle, area)


def auroc(low: Floats, high: Floats) -> float:
    """Return the share of pairs with high > low, ties half; NaN where either is empty.

    >>> auroc(np.array([0.0, 1.0]), np.array([1.0, 2.0]))
    0.875
    """
    if not len(low) or not len(high):
        return float("nan")
    ordered = np.sort(low)
    below = np.searchsorted(ordered, high, side="left") + np.searchsorted(ordered, high, side="right")
    return float(below.mean() / (2 * len(low)))


def _logistic(
    known: npt.NDArray[np.float32], known_energy: Floats, odd: npt.NDArray[np.float32], odd_energy: Floats
) -> UnknownScore:
    from sklearn.linear_model import LogisticRegression

    energy = np.concatenate([known_energy, odd_energy])
    middle, width = float(energy.mean()), max(float(energy.std()), 1e-6)
    features = np.concatenate([known, odd])
    # a column among a thousand: lifted so that the penalty does not drown it
    columns = np.column_stack([features, 4 * (energy - middle) / width]).astype(np.float32)
    truth = np.repeat([0, 1], [len(known), len(odd)])
    share = len(truth) / 2
    weights = np.where(truth == 1, share / len(odd), share / len(known))
    model = LogisticRegression(C=1 / (UNKNOWN_PENALTY * len(truth) / 100), max_iter=200)
    model.fit(columns, truth, sample_weight=weights)
    weight = model.coef_[0]
    slope = float(weight[-1] * 4 / width)
    bias = float(model.intercept_[0]) - slope * middle
    return UnknownScore(np.ascontiguousarray(weight[:-1], dtype=np.float32), slope, bias, float("nan"))
