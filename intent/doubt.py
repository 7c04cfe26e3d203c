"""Labels that the pictures contradict: clicks are wrong in places, and a network learns what it is told.

Each label is judged by a head that learned from other rows (confident learning, Northcutt et al. 2021). Where that
head finds another class far more probable the label counts less; nothing is relabelled.
"""

import numpy as np
import numpy.typing as npt
import torch

from intent.calibration import softmax
from intent.examples import Targets
from intent.linear_head import fit_head
from intent.model import HierarchicalLoss

FOLDS = 3
"""Parts; each is judged by a head of the others."""

PENALTY = 0.03
"""Of those heads: strong, so that they do not believe single labels."""

DOUBT = 0.2
"""A label less than this share as probable as the best class counts less, in proportion."""

LEAST = 0.02
"""Weight that a doubted label keeps at least: rare looks of a class are doubted, too."""

CLEAN = 0.045
"""Share of doubt below which all labels are believed: of true labels some 2.5 % are doubted, of labels of which 5 %
are wrong some 7 %, and to doubt true ones costs a point of macro-F1 (corpus of 4,731 pictures)."""

PASSES = 2
"""Times that labels are judged: heads of the second one learned little from what the first ones doubted. Of 20 % wrong
labels that won a point of macro-F1 for a head on fixed features and a tenth of one for whole trainings; a third pass
wins no more (40 labels a class of the corpus)."""

FEWEST_ROWS = 10
"""A class of fewer rows is not doubted: heads of the other parts hardly know it."""


def trust(
    features: npt.NDArray[np.float32],
    targets: Targets,
    criterion: HierarchicalLoss,
    *,
    seed: int,
    groups: npt.NDArray[np.int64] | None = None,
) -> npt.NDArray[np.float32]:
    """Return a factor 0-1 for the weight of each row, float32 [n]; 1 where only the parent is known.

    Args:
        features: standardised float32 [n, F].
        seed: of the parts.
        groups: int64 [n], rows of one group are copies: they share a part, else a wrong label would vouch for itself.
    """
    factor = np.ones(len(features), dtype=np.float32)
    known = np.flatnonzero(targets.intent >= 0)
    counts = np.bincount(targets.intent[known], minlength=1)
    part = np.random.default_rng([seed, 0xD0B7]).permutation(len(features)) % FOLDS
    if groups is not None:
        _, first, group = np.unique(groups, return_index=True, return_inverse=True)
        part = part[first][group]
    classes = criterion.below.shape[1]
    zero = torch.zeros(classes, features.shape[1]), torch.zeros(classes)
    for fold in range(FOLDS):
        rows = known[part[known] == fold]
        rest = np.flatnonzero(part != fold)
        if not len(rows) or targets.weight[rest].sum() <= 0:
            continue
        weight, bias = fit_head(features[rest], targets.take(rest), criterion, penalty=PENALTY, start=zero)
        scores = softmax((torch.from_numpy(features[rows]) @ weight.T + bias).double().numpy())
        share = scores[np.arange(len(rows)), targets.intent[rows]] / scores.max(axis=1)
        factor[rows] = np.clip(share / DOUBT, LEAST, 1.0)
    factor[known[counts[targets.intent[known]] < FEWEST_ROWS]] = 1.0
    return factor


def believe(
    features: npt.NDArray[np.float32],
    targets: Targets,
    rows: npt.NDArray[np.int64],
    criterion: HierarchicalLoss,
    *,
    seed: int,
    groups: npt.NDArray[np.int64] | None = None,
) -> tuple[Targets, float]:
    """Return targets whose doubted labels among ``rows`` count less, and the share of doubt.

    Each class keeps the weight that it had. Below `CLEAN` the targets come back as they were.
    """
    among = None if groups is None else groups[rows]
    kinds = np.where(targets.intent >= 0, targets.intent, targets.intent.max() + 1 + targets.parent)[rows]
    before = np.bincount(kinds, weights=targets.weight[rows])
    believed, doubt = targets, 0.0
    for turn in range(PASSES):
        factor = trust(features[rows], believed.take(rows), criterion, seed=seed + turn, groups=among)
        doubt = float(1 - factor.mean())
        if turn == 0 and doubt < CLEAN:
            break
        weight = targets.weight.copy()
        weight[rows] *= factor
        after = np.bincount(kinds, weights=weight[rows])
        weight[rows] *= (before / np.maximum(after, 1e-12))[kinds].astype(np.float32)
        believed = Targets(targets.intent, targets.parent, weight)
    return believed, doubt
