"""Turning a bundle's graph into one that computes in whole numbers of 8 bits; `intent.precision` says where it is kept.

Static quantisation (Jacob et al. 2018): weights get a scale per output channel, activations one range each, taken
from training pictures. Only the backbone is turned; normalisation before it and everything after it (roots, head,
softmax, embedding) stay in floats, since they cost nothing and 8 bits spoil them.

Needs the package ``onnx`` (extra ``train``); running the result needs ONNX Runtime alone.
"""

import contextlib
import io
import logging
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]

CALIBRATION_IMAGES = 96
"""Most pictures that ranges are taken from; 256 took four times as long and agreed no better with the floats."""

CALIBRATION_PERCENTILE = 99.99
"""Per cent of the activations that a range holds. The extremes themselves (100) waste the 8 bits: on MobileNetV2 of
192 px, 1,745 pictures of sources never seen, int8 and floats then agree on 84 %, with 99.99 on 91 %."""

FLOAT_ONLY = ("HardSwish", "HardSigmoid", "Sigmoid", "Tanh", "Elu", "Erf", "Gelu", "LayerNormalization", "Softmax")
"""Activations without an 8-bit kernel: each costs a way to floats and back between 8-bit convolutions.
mobilenet_v3_small of 128 px, turned, runs at 0.9 of the floats' speed."""

FLOAT_CONVOLUTIONS = 3
"""First convolutions that stay in floats: their ranges differ most between channels. Agreement rises by 5 %, speed
falls by a tenth."""

TURNED = ("Conv", "Add", "Clip", "Relu", "GlobalAveragePool", "MaxPool", "AveragePool", "Concat", "Mul")
"""Operators of backbones that ONNX Runtime has in 8 bits; others compute in floats between them."""


class QuantizeError(ValueError):
    """A graph that cannot be turned; the message says why."""


def check_operators(graph: Path) -> None:
    """Raise QuantizeError where int8 would be no faster than the floats."""
    nodes = _nodes(graph)
    inside = backbone_nodes(nodes)
    found = sorted({node.op_type for node in nodes if node.name in inside and node.op_type in FLOAT_ONLY})
    if found:
        raise QuantizeError(f"ONNX Runtime has no 8-bit {', '.join(found)}: int8 would be no faster")


def quantize_graph(
    source: Path,
    target: Path,
    calibration: Pixels,
    *,
    batch_size: int,
    percentile: float = CALIBRATION_PERCENTILE,
    float_convolutions: int = FLOAT_CONVOLUTIONS,
) -> None:
    """Write the int8 twin of a graph.

    Weights take 7 of the 8 bits (``reduce_range``): processors without VNNI add pairs of products in 16 bits,
    which 8-bit weights overflow. Still, scores on a processor with other float kernels differ by up to 0.1: last
    bits of the first layers round to other 8-bit numbers (docs/inference.md).

    Args:
        percentile: see `CALIBRATION_PERCENTILE`.
        float_convolutions: see `FLOAT_CONVOLUTIONS`.

    Raises:
        QuantizeError: the graph has no backbone that can be turned.
    """
    from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    batches = _batches(calibration[:CALIBRATION_IMAGES], batch_size)
    with tempfile.TemporaryDirectory() as folder, _hushed():
        prepared = Path(folder, "prepared.onnx")
        quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
        nodes = _nodes(prepared)
        inside = backbone_nodes(nodes)
        if not inside:
            raise QuantizeError(f"{source.name} has no convolution: nothing to turn to 8 bits")
        inside -= {node.name for node in [n for n in nodes if n.op_type == "Conv"][:float_convolutions]}
        for method in (CalibrationMethod.Percentile, CalibrationMethod.MinMax):
            try:
                quantize_static(
                    str(prepared),
                    str(target),
                    _reader(batches),
                    quant_format=QuantFormat.QDQ,
                    op_types_to_quantize=list(TURNED),
                    nodes_to_exclude=[node.name for node in nodes if node.name not in inside],
                    per_channel=True,
                    reduce_range=True,
                    activation_type=QuantType.QUInt8,
                    weight_type=QuantType.QInt8,
                    calibrate_method=method,
                    extra_options={"CalibPercentile": percentile, "CalibStridedMinMax": 1},  # a batch at a time
                )
                return
            except ValueError as error:  # an activation that hardly varies cannot be cut into a histogram's bins
                failed = error
        raise QuantizeError(f"{source.name}: {failed}")


def backbone_nodes(nodes: Sequence[Any]) -> set[str]:
    """Return the names of the nodes from the first convolution to the last one and what pools it.

    What stands before (normalisation) and after (roots, head, softmax) is told apart by the order of computation:
    graphs are sorted by it.
    """
    places = [place for place, node in enumerate(nodes) if node.op_type == "Conv"]
    if not places:
        return set()
    last = places[-1]
    while last + 1 < len(nodes) and nodes[last + 1].op_type in ("Clip", "Relu", "GlobalAveragePool", "Add"):
        last += 1
    return {node.name for node in nodes[places[0] : last + 1]}


def _nodes(graph: Path) -> Sequence[Any]:
    import onnx

    nodes: Sequence[Any] = onnx.load(str(graph)).graph.node
    return nodes


def _batches(images: Pixels, batch_size: int) -> list[Pixels]:
    """Return full batches, some pictures twice: black filling would widen no range, but it is no picture."""
    rows = np.resize(np.arange(len(images)), -(-len(images) // batch_size) * batch_size)
    return [np.ascontiguousarray(images[rows[n : n + batch_size]]) for n in range(0, len(rows), batch_size)]


def _reader(batches: Sequence[Pixels]) -> Any:
    from onnxruntime.quantization import CalibrationDataReader

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        """Gives batches, also some of them again."""

        def __init__(self) -> None:
            self._waiting = iter(batches)

        def __len__(self) -> int:
            return len(batches)

        def set_range(self, start_index: int, end_index: int) -> None:
            """Give these batches next."""
            self._waiting = iter(batches[start_index:end_index])

        def get_next(self) -> dict[str, Pixels] | None:
            pixels = next(self._waiting, None)
            return None if pixels is None else {"pixels": pixels}

    return Reader()


@contextlib.contextmanager
def _hushed() -> Iterator[None]:
    """Keep the quantiser's lines to itself: it prints each step, and logs advice that was followed."""
    level = logging.root.level
    logging.root.setLevel(logging.ERROR)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        logging.root.setLevel(level)
