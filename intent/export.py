"""Writing a trained network as one ONNX graph: uint8 pixels in; scores, unknown score and unit embedding out."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from intent.model import normalise, parent_matrix, quiet

if TYPE_CHECKING:
    from intent.training import TrainedModel

OPSET = 17
"""Old enough for every ONNX Runtime since 1.12; has all that torchvision's models need."""


class ExportNet(nn.Module):
    """The whole way from uint8 [b, S, S, 3] to (intents [b, n], parents [b, p], unknown [b], embedding [b, d])."""

    weight: Tensor
    bias: Tensor
    belongs: Tensor
    mean: Tensor
    matrix: Tensor
    unknown_weight: Tensor

    def __init__(self, trained: "TrainedModel", head: tuple[Tensor, Tensor] | None = None) -> None:
        super().__init__()
        self.net = trained.net
        weight, bias = head or (trained.net.head.weight.detach(), trained.net.head.bias.detach())
        self.register_buffer("weight", weight)
        self.register_buffer("bias", bias)
        self.temperature = trained.temperature
        self.energy_weight, self.unknown_bias = trained.unknown.energy_weight, trained.unknown.bias
        self.register_buffer("unknown_weight", torch.from_numpy(trained.unknown.weight))
        self.register_buffer("belongs", parent_matrix(trained.parent_index, len(trained.parent_ids)))
        self.register_buffer("mean", torch.from_numpy(trained.projection.mean))
        self.register_buffer("matrix", torch.from_numpy(trained.projection.matrix))

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return probabilities of intents and parents (sums of theirs), the unknown score and the embedding."""
        features = self.net.standardise(self.net.backbone(normalise(pixels)))
        logits = functional.linear(features, self.weight, self.bias) / self.temperature
        intents = functional.softmax(logits, dim=1)
        energy = -torch.logsumexp(logits, dim=1)
        unknown = torch.sigmoid(features @ self.unknown_weight + self.energy_weight * energy + self.unknown_bias)
        embedding = functional.normalize((features - self.mean) @ self.matrix, dim=1)
        return intents, intents @ self.belongs, unknown, embedding


def write_graph(
    trained: "TrainedModel", path: Path, *, batch_size: int, head: tuple[Tensor, Tensor] | None = None
) -> float:
    """Write the graph for a fixed batch; return its largest difference to the network on a batch of noise.

    With another `head` (weight float32 [intents, F], bias float32 [intents]) it judges by that one.

    The tracing exporter is used on purpose: it needs no onnxscript, and its deprecation notices (torch 2.9 on) say
    nothing about this network.
    """
    import onnxruntime

    from intent.bundle import OUTPUTS

    net = ExportNet(trained, head).eval()
    size = trained.config.image_size
    noise = np.random.default_rng(0).integers(0, 256, (batch_size, size, size, 3), dtype=np.uint8)
    noise[batch_size // 2 :] //= 8
    pixels = torch.from_numpy(noise)
    with quiet(), torch.no_grad():
        expected = net(pixels)
        torch.onnx.export(
            net,
            (pixels,),
            str(path),
            dynamo=False,
            opset_version=OPSET,
            input_names=["pixels"],
            output_names=list(OUTPUTS),
        )
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    found = session.run(list(OUTPUTS), {"pixels": noise})
    return max(float(np.abs(a.numpy() - b).max()) for a, b in zip(expected, found, strict=True))


def write_weights(trained: "TrainedModel", path: Path) -> None:
    """Write the float weights of backbone, standardisation and head as safetensors, for a later training."""
    from safetensors.torch import save

    state = {name: value.detach().cpu().contiguous() for name, value in sorted(trained.net.state_dict().items())}
    path.write_bytes(save(state))
