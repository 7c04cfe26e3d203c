"""A bundle's graph in whole numbers of 8 bits, kept only where it judges held-out pictures as well as the floats do.

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
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from intent.inference import open_session, padded_batches
from intent.metrics import confusion_matrix, macro_f1

Pixels = npt.NDArray[np.uint8]

MOST_LOST = 0.005
"""Macro-F1 that int8 may cost on held-out pictures before the floats are kept: half a point."""

FEWEST_HELD_OUT = 40
"""Pictures. With fewer, one picture is more than half a point for its class, and nothing can be said: floats."""

CALIBRATION_IMAGES = 96
"""Most pictures that ranges are taken from; 256 took four times as long and agreed no better with the floats."""

CALIBRATION_PERCENTILE = 99.99
"""Per cent of the activations that a range holds. The extremes themselves (100) waste the 8 bits: on MobileNetV2 of
192 px, 1,745 pictures of sources never seen, int8 and floats then agree on 84 %, with 99.99 on 91 %."""

FLOAT_CONVOLUTIONS = 3
"""First convolutions that stay in floats: their ranges differ most between channels. Agreement rises by 5 %, speed
falls by a tenth."""

TURNED = ("Conv", "Add", "Clip", "Relu", "GlobalAveragePool", "MaxPool", "AveragePool", "Concat", "Mul", "HardSigmoid")
"""Operators of backbones that ONNX Runtime has in 8 bits; others compute in floats between them."""


class QuantizeError(ValueError):
    """A graph that cannot be turned; the message says why."""


@dataclass(frozen=True)
class Precision:
    """Which graph a bundle carries and why; for ``bundle.json``.

    Attributes:
        kind: ``int8`` or ``float32``.
        float_macro_f1, int8_macro_f1: on the held-out pictures; None where they were not measured.
        held_out: pictures that decided.
        reason: a line for people.
    """

    kind: str
    float_macro_f1: float | None
    int8_macro_f1: float | None
    held_out: int
    reason: str

    def described(self) -> dict[str, object]:
        """Return a mapping for JSON."""
        return asdict(self)


def choose_precision(
    graph: Path,
    *,
    calibration: Pixels,
    held_out: Pixels,
    truth: npt.NDArray[np.int64],
    batch_size: int,
    most_lost: float = MOST_LOST,
) -> Precision:
    """Replace a graph by its int8 twin where that loses at most `most_lost` of macro-F1 on held-out pictures.

    Args:
        graph: a file that `intent.export.write_graph` wrote; replaced in one step or left as it is.
        calibration: uint8 [n, S, S, 3], pictures of the training part; the first `CALIBRATION_IMAGES` are taken.
        held_out: uint8 [m, S, S, 3], pictures that trained nothing.
        truth: int64 [m], the places of their intents in the scores.
        batch_size: of the graph.

    Raises:
        ValueError: shapes that do not fit.
    """
    if len(held_out) != len(truth):
        raise ValueError(f"{len(held_out)} held-out pictures and {len(truth)} intents; they must be equally many")
    if len(held_out) < FEWEST_HELD_OUT or not len(calibration):
        told = f"{len(held_out)} held-out pictures, {FEWEST_HELD_OUT} are needed to tell half a point"
        return Precision("float32", None, None, len(held_out), told)
    with tempfile.TemporaryDirectory(prefix=".quantize-", dir=graph.parent) as folder:
        turned = Path(folder, graph.name)
        try:
            quantize_graph(graph, turned, calibration, batch_size=batch_size)
        except QuantizeError as error:
            return Precision("float32", None, None, len(held_out), str(error))
        in_floats, in_bytes = (graph_macro_f1(path, held_out, truth, batch_size=batch_size) for path in (graph, turned))
        lost = in_floats - in_bytes
        kept = lost <= most_lost
        if kept:
            turned.replace(graph)
    told = f"int8 loses {100 * lost:.1f} points of macro-F1, {100 * most_lost:.1f} are allowed"
    return Precision("int8" if kept else "float32", round(in_floats, 4), round(in_bytes, 4), len(held_out), told)


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
    which 8-bit weights overflow, so the same picture would get other scores on another machine.

    Args:
        percentile: see `CALIBRATION_PERCENTILE`.
        float_convolutions: see `FLOAT_CONVOLUTIONS`.

    Raises:
        QuantizeError: ``onnx`` is not installed, or the graph has no backbone that can be turned.
    """
    try:
        import onnx
        from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static
        from onnxruntime.quantization.shape_inference import quant_pre_process
    except ImportError as error:
        raise QuantizeError(f"int8 needs onnx, which is not installed ({error})") from error
    with tempfile.TemporaryDirectory() as folder, _hushed():
        prepared = Path(folder, "prepared.onnx")
        quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
        nodes = onnx.load(str(prepared)).graph.node
        inside = backbone_nodes(nodes)
        if not inside:
            raise QuantizeError(f"{source.name} has no convolution: nothing to turn to 8 bits")
        inside -= {node.name for node in [n for n in nodes if n.op_type == "Conv"][:float_convolutions]}
        for method in (CalibrationMethod.Percentile, CalibrationMethod.MinMax):
            try:
                quantize_static(
                    str(prepared),
                    str(target),
                    _reader(calibration[:CALIBRATION_IMAGES], batch_size),
                    quant_format=QuantFormat.QDQ,
                    op_types_to_quantize=list(TURNED),
                    nodes_to_exclude=[node.name for node in nodes if node.name not in inside],
                    per_channel=True,
                    reduce_range=True,
                    activation_type=QuantType.QUInt8,
                    weight_type=QuantType.QInt8,
                    calibrate_method=method,
                    extra_options={"CalibPercentile": percentile},
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


def graph_macro_f1(
    graph: Path, images: Pixels, truth: npt.NDArray[np.int64], *, batch_size: int, threads: int = 1
) -> float:
    """Return the macro-F1 of a graph's first output over uint8 [n, S, S, 3] pictures and their int64 [n] intents."""
    session = open_session(graph, threads=threads)
    found = []
    for batch, count in padded_batches(images, batch_size):
        scores = session.run(["intent_scores"], {"pixels": batch})[0]
        found.append(scores[:count])
    scores = np.concatenate(found)
    return macro_f1(confusion_matrix(truth, scores.argmax(axis=1), classes=scores.shape[1]))


def _reader(images: Pixels, batch_size: int) -> Any:
    from onnxruntime.quantization import CalibrationDataReader

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        """Full batches only: black filling would widen no range, but it is no picture."""

        def __init__(self) -> None:
            rows = np.resize(np.arange(len(images)), max(-(-len(images) // batch_size) * batch_size, batch_size))
            self._batches = iter([rows[n : n + batch_size] for n in range(0, len(rows), batch_size)])

        def get_next(self) -> dict[str, Pixels] | None:
            rows = next(self._batches, None)
            return None if rows is None else {"pixels": np.ascontiguousarray(images[rows])}

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
