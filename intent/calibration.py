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


@dataclass(frozen=True)
class EnergyScale:
    """unknown = sigmoid((energy - middle) / width), with energy = -log Σ exp(logit / temperature)."""

    middle: float
    width: float


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


def energy_scale(logits: Floats) -> EnergyScale:
    """Place the unknown score by known pictures' tempered logits float64 [n, k] (energy: Liu et al. 2020).

    One half lies at the energy that `KNOWN_SHARE` of them stay below; the width is the distance from their median
    to there, so that the typical known picture scores 1 / (1 + e) or less than 0.27.
    """
    if not len(logits):
        return EnergyScale(0.0, 1.0)
    energy = -log_sum_exp(logits)
    middle = float(np.quantile(energy, KNOWN_SHARE))
    return EnergyScale(middle, max(middle - float(np.median(energy)), 1e-3))
