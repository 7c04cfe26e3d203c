"""What the steps of a training share: the net, the examples, and a head fitted on features of them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from intent.data_module import IntentDataModule
from intent.examples import Targets
from intent.features import Progress, compute_features
from intent.linear_head import Head, choose_penalty
from intent.model import HierarchicalLoss, IntentNet
from intent.train_config import TrainConfig

STANDARDISE_ROWS = 4096
"""Rows of features that are standardised at a time, in place: bounds memory."""


@dataclass(frozen=True, eq=False)
class Stage:
    """A training on its way; ``prior`` is the head of an older model, None without one."""

    net: IntentNet
    data: IntentDataModule
    criterion: HierarchicalLoss
    config: TrainConfig
    tell: Progress
    prior: Head | None

    def features(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """Return the features of some rows, float32 [n, F], not standardised."""
        return compute_features(
            self.net.backbone,
            self.data.images,
            order=self.data.order[rows],
            progress=self.tell,
            accelerator=self.config.accelerator,
        )

    def fit(
        self,
        features: npt.NDArray[np.float32],
        held_out: npt.NDArray[np.float32],
        held_targets: Targets,
        *,
        prior: Head | None,
    ) -> tuple[float, Head]:
        """Fit the head on the training rows of all features; leave it in the net."""
        self.tell("head", 0, 1)
        train = self.data.train
        penalty, head = choose_penalty(
            features[train],
            self.data.targets.take(train),
            held_out,
            held_targets,
            self.criterion,
            start=prior or zero_head(self.net),
            prior=prior,
        )
        set_head(self.net, head)
        self.tell("head", 1, 1)
        return penalty, head


def standardise(net: IntentNet, features: npt.NDArray[np.float32]) -> None:
    """Standardise float32 [n, F] in place."""
    with torch.inference_mode():
        for start in range(0, len(features), STANDARDISE_ROWS):
            part = features[start : start + STANDARDISE_ROWS]
            part[:] = net.standardise(torch.from_numpy(part)).numpy()


def logits_of(features: npt.NDArray[np.float32], head: Head) -> npt.NDArray[np.float64]:
    """Map standardised float32 [n, F] to float64 [n, intents]."""
    return np.asarray((torch.from_numpy(features) @ head[0].T + head[1]).double().numpy())


def head_of(net: IntentNet) -> Head:
    """Return a copy of the net's head."""
    return net.head.weight.detach().clone(), net.head.bias.detach().clone()


def zero_head(net: IntentNet) -> Head:
    """Return a head of the net's size that finds every intent equally likely."""
    return torch.zeros_like(net.head.weight), torch.zeros_like(net.head.bias)


def set_head(net: IntentNet, head: Head) -> None:
    """Copy a head into the net."""
    with torch.no_grad():
        net.head.weight.copy_(head[0])
        net.head.bias.copy_(head[1])
