"""What a student learns from: a frozen network's features of a view, globally and per cell, and its soft answer.

Features are rotated to their principal directions and scaled so that the strongest ones do not drown the rest; a
regression to them carries far more about a view than 37 probabilities do (Romero et al. 2015, "FitNets").
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from intent.export import OPSET
from intent.model import IMAGENET_MEAN, IMAGENET_STD, load_backbone, quiet

CELLS = 4
"""Side of the grid of cells in which a view's last feature map is taught."""
WHITENING = 0.35
"""Power of the standard deviation that every principal direction is divided by, 0 none and 1 full: full whitening
would ask for noise."""
HEAD_DECAY = 3e-3
"""L2 penalty of the teacher's regression per weight; soft answers, not the best ones."""
HEAD_STEPS = 60
GRAPH_BATCH = 16
"""Views per run of the teacher's graph."""


@dataclass(frozen=True, eq=False)
class Rotation:
    """Principal directions: ``(x - mean) @ matrix``, scaled to a mean variance of 1.

    Attributes:
        mean: float32 [F].
        matrix: float32 [F, d].
    """

    mean: Tensor
    matrix: Tensor

    def __call__(self, values: Tensor) -> Tensor:
        """Map float32 [..., F] to [..., d]."""
        return (values - self.mean) @ self.matrix


def fit_rotation(values: Tensor, *, dimensions: int) -> Rotation:
    """Fit on rows float32 [n, F]; ``dimensions`` is cut to what the rows have."""
    mean = values.mean(dim=0)
    centred = (values - mean).double()
    variances, directions = torch.linalg.eigh(centred.T @ centred / len(values))
    dimensions = min(dimensions, values.shape[1], max(1, len(values) - 1))
    variances, directions = variances.flip(0)[:dimensions], directions.flip(1)[:, :dimensions]
    matrix = directions * variances.clamp_min(float(variances[0]) * 1e-6).pow(-WHITENING / 2)
    rms = (centred @ matrix).square().mean().sqrt().clamp_min(1e-12)
    return Rotation(mean, (matrix / rms).float())


class FeatureNet:
    """A torchvision classifier's last feature map, as cells and as their mean; run by ONNX Runtime.

    ONNX Runtime answers several times as fast as torch on one core. Works for the models whose ``features`` end in
    the map (MobileNet, EfficientNet, DenseNet, ...).

    Args:
        name, weights: as `intent.model.load_backbone` takes them; ``weights`` may be a bundle's folder, whose
            backbone counts then.
        image_size: side in pixels of the views.
        threads: of ONNX Runtime.

    Raises:
        ValueError: unknown name, unfit weights, or a model without ``features``.
    """

    def __init__(self, name: str, weights: str | Path, *, image_size: int, threads: int = 1) -> None:
        network: Any = _tuned(Path(weights)) if Path(weights).is_dir() else load_backbone(name, weights=weights)
        if not isinstance(getattr(network, "features", None), nn.Module):
            raise ValueError(f"a teacher needs a backbone with .features; {name!r} has none, take mobilenet_v2")
        self.image_size = image_size
        self.session = _session(_LastMap(network.features).eval(), image_size, threads)

    def __call__(self, views: Tensor) -> tuple[Tensor, Tensor]:
        """Map uint8 [b, 3, S, S] to (float32 [b, F], float32 [b, CELLS², F])."""
        maps = []
        for start in range(0, len(views), GRAPH_BATCH):
            part = views[start : start + GRAPH_BATCH]
            full = functional.pad(part, (0, 0, 0, 0, 0, 0, 0, GRAPH_BATCH - len(part))).numpy()
            maps.append(torch.from_numpy(self.session.run(None, {"views": full})[0][: len(part)]))
        last = torch.cat(maps)
        grid = functional.adaptive_avg_pool2d(last, CELLS).flatten(2).transpose(1, 2)
        return last.mean(dim=(2, 3)), grid


def _tuned(folder: Path) -> nn.Module:
    """Return the backbone of a bundle with its float weights."""
    from intent.bundle import load_bundle
    from intent.expand import Start

    start = Start.read(load_bundle(folder))
    prefix = "backbone.network."
    network = load_backbone(start.backbone)
    own = {name.removeprefix(prefix): torch.from_numpy(np.array(v)) for name, v in start.state.items()}
    network.load_state_dict({name: own.get(name, value) for name, value in network.state_dict().items()})
    return network


class _LastMap(nn.Module):
    def __init__(self, features: nn.Module) -> None:
        super().__init__()
        self.features = features

    def forward(self, views: Tensor) -> Tensor:
        last: Tensor = self.features(normalised(views))
        return last


def _session(net: nn.Module, image_size: int, threads: int) -> Any:
    import onnxruntime

    example = torch.zeros(GRAPH_BATCH, 3, image_size, image_size, dtype=torch.uint8)
    with tempfile.TemporaryDirectory() as scratch, quiet(), torch.no_grad():
        path = str(Path(scratch) / "teacher.onnx")
        torch.onnx.export(net, (example,), path, dynamo=False, opset_version=OPSET, input_names=["views"])
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


@dataclass(frozen=True, eq=False)
class Teacher:
    """A fitted teacher; ``state`` and ``from_state`` carry what was fitted, not the network."""

    net: FeatureNet
    whole: Rotation
    cells: Rotation
    head: Rotation  # standardised features to logits

    def teach(self, views: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Map uint8 [b, 3, S, S] to whole [b, d], cells [b, CELLS², e] and logits [b, n], float32."""
        with torch.inference_mode():
            pooled, cells = self.net(views)
            return self.whole(pooled), self.cells(cells), self.head(pooled)

    def state(self) -> dict[str, Tensor]:
        """Return tensors by name, for ``torch.save``."""
        parts = {"whole": self.whole, "cells": self.cells, "head": self.head}
        return {f"{name}.{key}": getattr(part, key) for name, part in parts.items() for key in ("mean", "matrix")}

    @staticmethod
    def from_state(net: FeatureNet, state: dict[str, Tensor]) -> "Teacher":
        """Undo `state`."""
        parts = [Rotation(state[f"{name}.mean"], state[f"{name}.matrix"]) for name in ("whole", "cells", "head")]
        return Teacher(net, *parts)


def fit_teacher(
    net: FeatureNet,
    views: Tensor,
    pooled: Tensor,
    intent: npt.NDArray[np.int64],
    *,
    intents: int,
    dimensions: int = 256,
    cell_dimensions: int = 96,
) -> Teacher:
    """Fit rotations on views and a regression on labelled pictures.

    Args:
        views: uint8 [m, 3, S, S], a sample of what the student will see.
        pooled: float32 [n, F], the net's features of the labelled pictures.
        intent: int64 [n], their rows in the taxonomy.
        intents: number of intents.
    """
    wholes, grids = [], []
    with torch.inference_mode():
        for part in views.split(64):  # type: ignore[no-untyped-call]
            whole, grid = net(part)
            wholes.append(whole)
            grids.append(grid[:, ::3].flatten(0, 1))
    return Teacher(
        net,
        fit_rotation(torch.cat(wholes), dimensions=dimensions),
        fit_rotation(torch.cat(grids), dimensions=cell_dimensions),
        fit_regression(pooled, torch.from_numpy(intent), intents=intents),
    )


def fit_regression(features: Tensor, intent: Tensor, *, intents: int) -> Rotation:
    """Fit a class-balanced softmax regression without bias on float32 [n, F]; features are standardised within."""
    mean, scale = features.mean(dim=0), features.std(dim=0).clamp_min(1e-6)
    inputs = (features - mean) / scale
    counts = torch.bincount(intent, minlength=intents).float()
    weight = (len(intent) / (counts.clamp_min(1) * max(int((counts > 0).sum()), 1)))[intent]
    matrix = torch.zeros(features.shape[1], intents, requires_grad=True)
    solver = torch.optim.LBFGS([matrix], max_iter=HEAD_STEPS, history_size=10, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        solver.zero_grad()
        losses = functional.cross_entropy(inputs @ matrix, intent, reduction="none")
        value = (losses * weight).mean() + HEAD_DECAY * matrix.square().sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    solver.step(loss)  # type: ignore[no-untyped-call]
    return Rotation(mean, matrix.detach() / scale.unsqueeze(1))


def normalised(views: Tensor) -> Tensor:
    """Map 0-255 [b, 3, S, S] to channels-last float32 as torchvision's weights expect it."""
    mean = torch.tensor(IMAGENET_MEAN).mul(255).view(1, 3, 1, 1)
    scale = torch.tensor(IMAGENET_STD).mul(255).reciprocal().view(1, 3, 1, 1)
    return ((views.float() - mean) * scale).contiguous(memory_format=torch.channels_last)
