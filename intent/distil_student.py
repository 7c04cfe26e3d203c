"""The network that learns from a teacher: any torchvision backbone from random weights, with passing heads."""

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from intent.distil_teacher import CELLS, normalised
from intent.model import PooledBackbone, load_backbone

WHOLE_SHARE, CELL_SHARE, ANSWER_SHARE = 1.0, 0.5, 0.15
"""Weights of the losses: features of the view, features of its cells, soft answers."""
ANSWER_TEMPERATURE = 2.0
"""Softens both answers (Hinton et al. 2015)."""


class Student(nn.Module):
    """A backbone with three linear heads: the teacher's features, its cells and its answers."""

    def __init__(self, name: str, *, image_size: int, whole: int, cells: int, intents: int) -> None:
        super().__init__()
        self.name = name
        self.backbone = PooledBackbone(load_backbone(name), image_size=image_size, all_maps=False)
        self._map = torch.zeros(0)
        for module in self.backbone.modules():
            if not list(module.children()):
                module.register_forward_hook(self._remember)
        with torch.no_grad():
            self.backbone.eval()(torch.zeros(2, 3, image_size, image_size))
        depth = int(self._map.shape[1])
        self._map = torch.zeros(0)
        self.norm = nn.BatchNorm1d(self.backbone.width)
        self.whole = nn.Linear(self.backbone.width, whole)
        self.answers = nn.Linear(self.backbone.width, intents)
        self.cells = nn.Linear(depth, cells)
        self.to(memory_format=torch.channels_last)

    def _remember(self, _module: nn.Module, _inputs: Any, output: Any) -> None:
        if isinstance(output, Tensor) and output.ndim == 4 and output.shape[2] == output.shape[3] > 1:
            self._map = output

    def forward(self, views: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Map 0-255 [b, 3, S, S] to whole [b, d], cells [b, CELLS², e] and logits [b, n]."""
        features = self.norm(self.backbone(normalised(views)))
        grid = functional.adaptive_avg_pool2d(self._map, CELLS).flatten(2).transpose(1, 2)
        self._map = torch.zeros(0)
        return self.whole(features), self.cells(grid), self.answers(features)


def distil_loss(found: tuple[Tensor, Tensor, Tensor], wanted: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    """Return a scalar: squared errors of features and cells, and the divergence of the soft answers.

    Features have a mean variance of 1, so 1.0 is what a student that knows nothing loses on each.
    """
    whole = functional.mse_loss(found[0], wanted[0])
    cells = functional.mse_loss(found[1], wanted[1])
    soft = functional.log_softmax(wanted[2] / ANSWER_TEMPERATURE, dim=1)
    ours = functional.log_softmax(found[2] / ANSWER_TEMPERATURE, dim=1)
    answers = functional.kl_div(ours, soft, log_target=True, reduction="batchmean") * ANSWER_TEMPERATURE**2
    return WHOLE_SHARE * whole + CELL_SHARE * cells + ANSWER_SHARE * answers


class Average:
    """An exponential moving average of a module's weights and statistics."""

    def __init__(self, module: nn.Module, *, decay: float) -> None:
        self.decay = decay
        self.module = copy.deepcopy(module).eval()

    def update(self, module: nn.Module, *, step: int) -> None:
        """Take one more step in; early ones count more, so that the random start is forgotten."""
        keep = min(self.decay, (1 + step) / (10 + step))
        ours, theirs = self.module.state_dict(), module.state_dict()
        with torch.no_grad():
            moving = [name for name, value in ours.items() if value.is_floating_point()]
            torch._foreach_lerp_([ours[n] for n in moving], [theirs[n] for n in moving], 1 - keep)
            for name, value in ours.items():
                if not value.is_floating_point():
                    value.copy_(theirs[name])


def backbone_state(student: Student) -> dict[str, Tensor]:
    """Return a state dict that fits the torchvision model strictly; its layer of 1000 classes is zero."""
    state = cast(Mapping[str, Tensor], load_backbone(student.name).state_dict())
    ours = student.backbone.network.state_dict()
    return {name: ours[name].contiguous() if name in ours else torch.zeros_like(state[name]) for name in state}


def start_backbone(student: Student, path: Path) -> None:
    """Load what `backbone_state` wrote for a student of the same name.

    Raises:
        ValueError: a file that cannot be read, or the weights of another network.
    """
    state = load_backbone(student.name, weights=path).state_dict()
    ours = student.backbone.network.state_dict()
    student.backbone.network.load_state_dict({name: state[name] for name in ours})
