"""The last layer by logistic regression: the whole training part at once, with a penalty chosen on held-out rows."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from intent.calibration import fit_temperature, softmax
from intent.examples import Targets, TrainingError
from intent.model import HierarchicalLoss

PENALTIES = (1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
"""Strengths of the L2 penalty per row that are tried, on standardised features."""

MOST_STEPS = 120
"""Iterations of L-BFGS; held-out scores stop changing before."""

Head = tuple[Tensor, Tensor]
"""Weight float32 [n, F] and bias float32 [n]."""


def fit_head(
    features: npt.NDArray[np.float32],
    targets: Targets,
    criterion: HierarchicalLoss,
    *,
    penalty: float,
    start: Head,
    prior: Head | None = None,
) -> Head:
    """Minimise mean weighted loss + penalty / 2 · |head - prior|² by L-BFGS (Liu and Nocedal 1989).

    Args:
        features: standardised float32 [n, F].
        start: where to begin; equal starts give equal ends.
        prior: what the head is drawn to; None draws weights to zero and leaves the biases free. With the head of an
            older model a class without examples keeps what was known of it.

    Raises:
        TrainingError: features that are no finite numbers, or a regression that ends in none.
    """
    if not np.isfinite(features).all():
        broken = int((~np.isfinite(features).all(axis=1)).sum())
        raise TrainingError(
            f"the network's features of {broken:,} of {len(features):,} pictures are no numbers: its weights are "
            "broken; start from others"
        )
    inputs = torch.from_numpy(features)
    intent, parent = torch.from_numpy(targets.intent), torch.from_numpy(targets.parent)
    mass = torch.from_numpy(targets.weight / targets.weight.mean())
    weight, bias = (value.detach().clone().requires_grad_() for value in start)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=MOST_STEPS, history_size=10, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss: Tensor = criterion(inputs @ weight.T + bias, intent, parent, mass)
        away = weight.square().sum() if prior is None else (weight - prior[0]).square().sum()
        loss = loss + penalty / 2 * away
        if prior is not None:
            loss = loss + penalty / 2 * (bias - prior[1]).square().sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    if not (torch.isfinite(weight).all() and torch.isfinite(bias).all()):
        raise TrainingError("the logistic regression of the head ended in no numbers; start from other weights")
    return weight.detach(), bias.detach()


def choose_penalty(
    features: npt.NDArray[np.float32],
    targets: Targets,
    held_out: npt.NDArray[np.float32],
    held_targets: Targets,
    criterion: HierarchicalLoss,
    *,
    start: Head,
    prior: Head | None = None,
    penalties: Sequence[float] = PENALTIES,
) -> tuple[float, Head]:
    """Return the penalty whose head gives held-out rows the most likelihood after tempering, and that head.

    Without held-out rows of a known intent and a weight it is the middle one.
    """
    known = np.flatnonzero((held_targets.intent >= 0) & (held_targets.weight > 0))
    if not len(known):
        middle = penalties[len(penalties) // 2]
        return middle, fit_head(features, targets, criterion, penalty=middle, start=start, prior=prior)
    best: tuple[float, float, Head] | None = None
    head = start
    truth, mass = held_targets.intent[known], held_targets.weight[known]
    for penalty in sorted(penalties, reverse=True):
        head = fit_head(features, targets, criterion, penalty=penalty, start=head, prior=prior)
        logits = (torch.from_numpy(held_out[known]) @ head[0].T + head[1]).double().numpy()
        scores = softmax(logits / fit_temperature(logits, truth))
        loss = -float(np.average(np.log(scores[np.arange(len(truth)), truth] + 1e-12), weights=mass))
        if best is None or loss < best[0]:
            best = (loss, penalty, head)
    assert best is not None  # noqa: S101
    return best[1], best[2]
