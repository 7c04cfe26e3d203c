"""The network: any torchvision classifier as backbone, pooled features of all its scales, one softmax over intents.

A parent's probability is the sum of its intents' by construction, so the two levels cannot disagree. The backbone
is never edited by hand per architecture: the last layer of 1000 outputs is taken off, and the last feature map of
every resolution is pooled to its means and standard deviations over space. Shallow maps tell print from paper and
drawing from photo, which the last map of an ImageNet network has mostly forgotten (cf. hypercolumns, Hariharan et
al. 2015, and second-order style statistics, Gatys et al. 2016).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torch.nn import functional

from intent.given_weights import load_backbone, quiet

__all__ = [
    "IMAGENET_MEAN",
    "IMAGENET_STD",
    "HierarchicalLoss",
    "IntentModule",
    "IntentNet",
    "PooledBackbone",
    "Standardise",
    "load_backbone",
    "normalise",
    "parent_matrix",
    "quiet",
    "signed_root",
]

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
"""Channel statistics of ImageNet in 0-1: what torchvision's weights were trained with."""

IMAGENET_CLASSES = 1000
VARIANCE_FLOOR = 1e-5
"""Added to a variance before its root: keeps the gradient finite on flat maps."""


class PooledBackbone(nn.Module):
    """Pixels to one feature vector: what the classifier would have read, and on request every scale's statistics.

    Args:
        all_maps: add the pooled last map of every resolution. That is worth a lot where the backbone starts from
            random weights; ImageNet weights carry over to sites never seen better without.

    Attributes:
        width: length F of the feature vector.
    """

    def __init__(self, network: nn.Module, *, image_size: int, all_maps: bool) -> None:
        super().__init__()
        _remove_classifier(network, image_size)
        self.network = network
        self._maps: dict[int, Tensor] = {}
        leaves = [module for module in network.modules() if not list(module.children())]
        for module in leaves if all_maps else ():
            module.register_forward_hook(self._remember)
        with _evaluating(self), torch.no_grad():
            self.width = int(self(torch.zeros(1, 3, image_size, image_size)).shape[1])

    def _remember(self, _module: nn.Module, _inputs: Any, output: Any) -> None:
        # 1x1 maps come from squeeze-and-excitation and from the final pooling
        if isinstance(output, Tensor) and output.ndim == 4 and output.shape[2] == output.shape[3] > 1:
            self._maps[int(output.shape[2])] = output

    def forward(self, pixels: Tensor) -> Tensor:
        """Map normalised float32 [b, 3, S, S] to float32 [b, F]."""
        self._maps.clear()
        last = self.network(pixels)
        if isinstance(last, tuple):  # auxiliary outputs of GoogLeNet and Inception while training
            last = last[0]
        parts = []
        for side in sorted(self._maps, reverse=True):
            values = self._maps[side].flatten(2)
            mean = values.mean(dim=2)
            variance = (values - mean.unsqueeze(2)).square().mean(dim=2)
            parts += [mean, (variance + VARIANCE_FLOOR).sqrt()]
        self._maps.clear()
        parts.append(last.flatten(2).mean(dim=2) if last.ndim == 4 else last.flatten(1))
        return torch.cat(parts, dim=1)


class IntentNet(nn.Module):
    """Backbone, standardised features, dropout and a linear layer to one logit per intent."""

    def __init__(self, backbone: PooledBackbone, *, intents: int, dropout: float) -> None:
        super().__init__()
        self.backbone = backbone
        self.standardise = Standardise(backbone.width)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(backbone.width, intents)
        self.reset_head()

    def reset_head(self) -> None:
        """Start the head from zero: every intent equally likely."""
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def classify(self, features: Tensor) -> Tensor:
        """Map standardised features float32 [b, F] to logits float32 [b, n]."""
        return cast(Tensor, self.head(self.dropout(features)))

    def forward(self, pixels: Tensor) -> Tensor:
        """Map normalised float32 [b, 3, S, S] to logits float32 [b, n]."""
        return self.classify(self.standardise(self.backbone(pixels)))


class IntentModule(pl.LightningModule):
    """Trains an `IntentNet`: the whole of it on pictures, or its head alone on standardised features.

    Args:
        net: what is trained, in place.
        parent_index: int64 [n], the parent of every intent.
        backbone_share: learning rate of the backbone over that of the head; None trains the head alone and takes
            features for inputs.
        total_steps: length of the one-cycle schedule (Smith and Topin 2018).
    """

    def __init__(
        self,
        net: IntentNet,
        parent_index: npt.NDArray[np.int64],
        *,
        parents: int,
        label_smoothing: float,
        learning_rate: float,
        backbone_share: float | None,
        weight_decay: float,
        total_steps: int,
    ) -> None:
        super().__init__()
        self.net = net
        # While the backbone changes its features have no fixed statistics: normalise per batch.
        width = net.backbone.width
        self.batch_norm = None if backbone_share is None else nn.BatchNorm1d(width, affine=False)
        self.criterion = HierarchicalLoss(parent_index, parents=parents, label_smoothing=label_smoothing)
        groups: list[dict[str, Any]] = [{"params": net.head.parameters(), "lr": learning_rate}]
        if backbone_share is not None:
            groups.append({"params": net.backbone.parameters(), "lr": learning_rate * backbone_share})
        self.optimizer = torch.optim.AdamW(groups, weight_decay=weight_decay)
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer, max_lr=[group["lr"] for group in groups], total_steps=max(2, total_steps)
        )

    def configure_optimizers(self) -> Any:
        """AdamW with a one-cycle schedule per step; made before any trainer is, so that a checkpoint can fill them."""
        return {"optimizer": self.optimizer, "lr_scheduler": {"scheduler": self.schedule, "interval": "step"}}

    def forward(self, inputs: Tensor) -> Tensor:
        """Map pictures float32 [b, 3, S, S] (or features [b, F] where the head trains alone) to logits [b, n]."""
        if self.batch_norm is None:
            return self.net.classify(inputs)
        return self.net.classify(self.batch_norm(self.net.backbone(inputs)))

    def training_step(self, batch: tuple[Tensor, Tensor, Tensor, Tensor], _index: int) -> Tensor:
        """Return the loss of one batch."""
        inputs, intent, parent, weight = batch
        return cast(Tensor, self.criterion(self(inputs), intent, parent, weight))

    def validation_step(self, batch: tuple[Tensor, Tensor, Tensor, Tensor], _index: int) -> Tensor:
        """Return the place of the intent that each input is taken for, int64 [b]."""
        return self(batch[0]).argmax(dim=1)  # type: ignore[no-any-return]


class HierarchicalLoss(nn.Module):
    """Weighted negative log-likelihood of the intent, or of the parent's summed probability where that is all
    that is known (marginal likelihood, cf. Deng et al. 2014).

    Label smoothing spreads its share over all intents, for rows with an intent only.
    """

    below: Tensor

    def __init__(self, parent_index: npt.NDArray[np.int64], *, parents: int, label_smoothing: float) -> None:
        super().__init__()
        self.register_buffer("below", parent_matrix(parent_index, parents).T.bool())  # [p, n]
        self.label_smoothing = label_smoothing

    def forward(self, logits: Tensor, intent: Tensor, parent: Tensor, weight: Tensor) -> Tensor:
        """Return a scalar: logits float32 [b, n]; intent int64 [b], -1 for unknown; parent int64 [b]; weight
        float32 [b]."""
        log_p = functional.log_softmax(logits, dim=1)
        known = intent >= 0
        exact = -log_p.gather(1, intent.clamp_min(0).unsqueeze(1)).squeeze(1)
        smooth = (1 - self.label_smoothing) * exact - self.label_smoothing * log_p.mean(dim=1)
        marginal = -log_p.masked_fill(~self.below[parent], -torch.inf).logsumexp(dim=1)
        # A parent whose intents are all deprecated has no probability to learn.
        usable = known | self.below[parent].any(dim=1)
        losses = torch.where(known, smooth, torch.where(usable, marginal, torch.zeros_like(marginal)))
        return (losses * weight).mean()


class Standardise(nn.Module):
    """Signed roots of features, centred and scaled by statistics of the training part, clipped far outside.

    The root tames the few features that fire hugely on one kind of picture (power normalisation, Perronnin et al.
    2010).
    """

    LIMIT = 8.0  # standard deviations; one odd picture must not swing a linear layer

    mean: Tensor
    scale: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("scale", torch.ones(width))

    def fit(self, features: Tensor, *, weight: Tensor | None = None) -> None:
        """Take mean and standard deviation of the roots of float32 [n, F]; constant columns become zero."""
        features = signed_root(features)
        rows = torch.ones(len(features)) if weight is None else weight
        rows = (rows / rows.sum()).unsqueeze(1)
        mean = (features * rows).sum(dim=0)
        deviation = ((features - mean).square() * rows).sum(dim=0).sqrt()
        self.mean.copy_(mean)
        self.scale.copy_(torch.where(deviation > 1e-6, 1 / deviation.clamp_min(1e-6), torch.zeros(1)))

    def forward(self, features: Tensor) -> Tensor:
        """Map float32 [b, F] to float32 [b, F]."""
        return ((signed_root(features) - self.mean) * self.scale).clamp(-self.LIMIT, self.LIMIT)


def signed_root(values: Tensor) -> Tensor:
    """Return sign(x) √|x|."""
    return values.sign() * values.abs().sqrt()


def normalise(pixels: Tensor) -> Tensor:
    """Map uint8 [b, S, S, 3] to float32 [b, 3, S, S] as torchvision's weights expect it."""
    mean = torch.tensor(IMAGENET_MEAN).mul(255).view(1, 3, 1, 1)
    scale = torch.tensor(IMAGENET_STD).mul(255).reciprocal().view(1, 3, 1, 1)
    return (pixels.permute(0, 3, 1, 2).float() - mean) * scale


def parent_matrix(parent_index: npt.NDArray[np.int64], parents: int) -> Tensor:
    """Return float32 [n, p] with a one where intent i lies under parent j."""
    matrix = torch.zeros(len(parent_index), parents)
    matrix[torch.arange(len(parent_index)), torch.as_tensor(np.array(parent_index))] = 1.0
    return matrix


def _remove_classifier(network: nn.Module, image_size: int) -> None:
    """Replace the last executed layer of 1000 outputs by the identity."""
    called: list[nn.Module] = []

    def remember(module: nn.Module, _inputs: Any) -> None:
        if IMAGENET_CLASSES in (getattr(module, "out_features", 0), getattr(module, "out_channels", 0)):
            called.append(module)

    handles = [module.register_forward_pre_hook(remember) for module in network.modules()]
    with _evaluating(network), torch.no_grad():
        try:
            network(torch.zeros(1, 3, image_size, image_size))
        except (RuntimeError, AssertionError, ValueError) as error:
            raise ValueError(
                f"{type(network).__name__} does not take pictures of {image_size} px: {error}; choose another "
                "image size"
            ) from error
    for handle in handles:
        handle.remove()
    if not called:
        raise ValueError(f"{type(network).__name__} has no layer of {IMAGENET_CLASSES} classes to take off")
    for parent in network.modules():
        for name, child in parent.named_children():
            if child is called[-1]:
                setattr(parent, name, nn.Identity())


@contextmanager
def _evaluating(module: nn.Module) -> Iterator[None]:
    training = module.training
    module.eval()
    try:
        yield
    finally:
        module.train(training)
