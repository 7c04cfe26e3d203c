"""What clicks on a shown image say: was it what the query asked for, or chance?

The clicks that an image got for a query are compared with those that its positions alone would have earned (see
``examination``). Over all pairs of a window they follow two kinds, the wanted and the unwanted, each with a rate of
its own and some spread around it (a mixture of two negative binomials, fitted by EM; Dempster, Laird, Rubin 1977).
The fit needs no label, so noise, position bias and sparseness of this very log are in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.special import gammaln

_Floats = npt.NDArray[np.float64]

SPREAD_WANTED, SPREAD_UNWANTED = 10.0, 6.0
"""Shapes of the two negative binomials: pairs of one kind differ in their rate by some 30 and 40 percent."""
LEAST_EXPECTED = 0.3
"""Expected clicks from which a pair is fitted: fewer say little of its kind."""
TYPICAL_EXPECTED = 50.0
"""Expected clicks at the typical rates that are added to each kind, so that a small log does not invent its own."""
LEAST_APART = 3.0
"""Times that wanted pairs must be clicked more often than unwanted ones; else chance made the two kinds."""
LEAST_PAIRS = 200
"""Pairs below which nothing is fitted and the defaults hold."""
_MOST_CLICKS = 60
"""Clicks of a pair above which they are counted as that many: it is wanted, however many there are."""
_BINS_PER_E = 8
_STEPS = 60
PAIR_COUNTS = pa.schema([("clicks", pa.int32()), ("bin", pa.int32()), ("pairs", pa.int64())])
"""Pairs by their clicks and by the logarithm of their expected clicks: all that the fit needs, however big the log."""


@dataclass(frozen=True)
class Attraction:
    """Clicks per expected click of the two kinds of pairs, and the share of wanted ones; the defaults are typical."""

    wanted: float = 1.7
    unwanted: float = 0.3
    share: float = 0.5

    def log_likelihoods(self, clicks: _Floats, expected: _Floats) -> tuple[_Floats, _Floats]:
        """Return float64 [n], [n]: log P(clicks | wanted) and log P(clicks | unwanted), but for a common term."""
        clicks = np.minimum(clicks, _MOST_CLICKS)
        return (
            _negative_binomial(clicks, expected * self.wanted, SPREAD_WANTED),
            _negative_binomial(clicks, expected * self.unwanted, SPREAD_UNWANTED),
        )


def _negative_binomial(clicks: _Floats, mean: _Floats, shape: float) -> _Floats:
    mean = np.maximum(mean, 1e-9)
    found = gammaln(clicks + shape) - gammaln(shape) + shape * np.log(shape / (shape + mean))
    return np.asarray(found + clicks * np.log(mean / (shape + mean)), dtype=np.float64)


def count_pairs(clicks: npt.NDArray[np.int64], expected: _Floats) -> pa.Table:
    """Return ``PAIR_COUNTS`` of pairs with these clicks (distinct people) and expected clicks."""
    kept = expected >= LEAST_EXPECTED
    bins = np.round(np.log(expected[kept]) * _BINS_PER_E).astype(np.int64)
    capped = np.minimum(clicks[kept], _MOST_CLICKS)
    key, counts = np.unique(capped * 10_000 + bins + 5_000, return_counts=True)
    return pa.table(
        [(key // 10_000).astype(np.int32), (key % 10_000 - 5_000).astype(np.int32), counts], schema=PAIR_COUNTS
    )


def merge_pair_counts(tables: Sequence[pa.Table] | pa.Table) -> pa.Table:
    """Add up ``PAIR_COUNTS``."""
    table = tables if isinstance(tables, pa.Table) else pa.concat_tables([PAIR_COUNTS.empty_table(), *tables])
    summed = table.group_by(["clicks", "bin"]).aggregate([("pairs", "sum")])
    merged = pa.table([summed["clicks"], summed["bin"], summed["pairs_sum"]], schema=PAIR_COUNTS)
    return merged.sort_by([("clicks", "ascending"), ("bin", "ascending")])


def fit_attraction(counts: pa.Table) -> Attraction:
    """Fit the two kinds to merged ``PAIR_COUNTS``; the defaults where there are few pairs or the kinds do not part."""
    counts = merge_pair_counts(counts)
    pairs = counts["pairs"].to_numpy().astype(np.float64)
    if pairs.sum() < LEAST_PAIRS:
        return Attraction()
    clicks = counts["clicks"].to_numpy().astype(np.float64)
    expected = np.exp(counts["bin"].to_numpy() / _BINS_PER_E)
    fit = Attraction()
    for _ in range(_STEPS):
        wanted, unwanted = fit.log_likelihoods(clicks, expected)
        odds = np.log(fit.share / (1 - fit.share)) + wanted - unwanted
        chance = 1 / (1 + np.exp(-np.clip(odds, -500, 500)))
        share = float((chance * pairs).sum() / pairs.sum())
        rates = []
        for weight, rate, shape, typical in (
            (chance, fit.wanted, SPREAD_WANTED, Attraction.wanted),
            (1 - chance, fit.unwanted, SPREAD_UNWANTED, Attraction.unwanted),
        ):
            damped = pairs * weight * shape / (shape + expected * rate)
            seen = float((damped * clicks).sum()) + typical * TYPICAL_EXPECTED
            rates.append(seen / (float((damped * expected).sum()) + TYPICAL_EXPECTED))
        fit = Attraction(max(rates[0], 1e-3), max(rates[1], 1e-3), min(max(share, 0.02), 0.98))
    return fit if fit.wanted > LEAST_APART * fit.unwanted else Attraction()
