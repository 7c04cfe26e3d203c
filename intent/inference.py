"""From pixels to scores with ONNX Runtime; no torch. Equal pictures give equal bytes whatever stands beside them.

That holds because every run of the graph has the same number of pictures (``batch_size`` of the bundle, the last
batch filled with black): another number would let the library add up in another order.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from intent.bundle import FACTS, GRAPH, OUTPUTS, Bundle, BundleError

CUDA = ("CUDAExecutionProvider", {"use_tf32": "0", "cudnn_conv_algo_search": "HEURISTIC"})
"""A GPU where onnxruntime-gpu finds one: whole floats, and no search by the clock, which could choose otherwise."""


class GraphError(ValueError):
    """A file that ONNX Runtime cannot run."""


@dataclass(frozen=True, eq=False)
class Predictions:
    """For n pictures: ``intent_scores`` float32 [n, intents] summing to 1, ``parent_scores`` float32 [n, parents]
    (sums of their intents), ``unknown_score`` float32 [n] 0-1, ``embedding`` float16 [n, d] of unit length."""

    intent_scores: npt.NDArray[np.float32]
    parent_scores: npt.NDArray[np.float32]
    unknown_score: npt.NDArray[np.float32]
    embedding: npt.NDArray[np.float16]


class Predictor:
    """Runs a bundle's graph; may be shared between threads.

    Floats go to a GPU where ONNX Runtime has CUDA (package onnxruntime-gpu); else, and in int8, the CPU computes.

    Args:
        bundle: a verified bundle.
        threads: of one run. One is best where several workers run at once.

    Raises:
        BundleError: ONNX Runtime cannot read the graph, or it is another one than the facts say.
    """

    def __init__(self, bundle: Bundle, *, threads: int = 1) -> None:
        self.bundle = bundle
        try:
            kind = (bundle.facts.get("precision") or {}).get("kind")
            self._session = open_session(bundle.folder / GRAPH, threads=threads, gpu=kind != "int8")
        except GraphError as error:
            raise BundleError(f"bundle {bundle.folder}: {error}") from error
        self._widths = ((len(bundle.intents),), (len(bundle.parents),), (), (bundle.embedding_dim,))
        self._check()

    def _check(self) -> None:
        """Raise BundleError where the graph takes or gives other shapes than the bundle's facts say."""
        bundle, batch = self.bundle, self.bundle.batch_size
        expected: dict[str, tuple[int, ...]] = {"pixels": (batch, bundle.image_size, bundle.image_size, 3)}
        expected |= {name: (batch, *width) for name, width in zip(OUTPUTS, self._widths, strict=True)}
        found = {each.name: tuple(each.shape) for each in (*self._session.get_inputs(), *self._session.get_outputs())}
        for name, shape in expected.items():
            if found.get(name) != shape:
                told = f"{name} is {found.get(name, 'absent')}, {FACTS} says {shape}"
                raise BundleError(f"bundle {bundle.folder}: {GRAPH}: {told}; train anew")

    def predict(self, images: npt.NDArray[np.uint8]) -> Predictions:
        """Predict uint8 [n, S, S, 3] with S = ``bundle.image_size``, in batches padded to ``bundle.batch_size``.

        Raises:
            ValueError: another shape or dtype.
        """
        size, batch = self.bundle.image_size, self.bundle.batch_size
        if images.dtype != np.uint8 or images.ndim != 4 or images.shape[1:] != (size, size, 3):
            raise ValueError(f"images are {images.dtype}{list(images.shape)}, expected uint8[n, {size}, {size}, 3]")
        results = [np.empty((len(images), *width), dtype=np.float32) for width in self._widths]
        start = 0
        for pixels, count in padded_batches(images, batch):
            for result, values in zip(results, self._session.run(OUTPUTS, {"pixels": pixels}), strict=True):
                result[start : start + count] = values[:count]
            start += count
        return Predictions(results[0], results[1], results[2], results[3].astype(np.float16))


def open_session(graph: Path, *, threads: int = 1, gpu: bool = False) -> Any:
    """Return an ``onnxruntime.InferenceSession`` that keeps its memory and its threads bounded.

    Args:
        threads: of one run; they sleep while they wait, since the decoders need the processor.
        gpu: whether it may run on a GPU; where ONNX Runtime cannot use it, the CPU takes over.

    Raises:
        ValueError: fewer than one thread.
        GraphError: no such file, or one that cannot be run.
    """
    import onnxruntime

    if threads < 1:
        raise ValueError(f"threads must be 1 or more, got {threads}")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.use_deterministic_compute = True
    # The arena stays on (a fifth faster): batches have one size, so it grows to one run's tensors per thread and stops.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    cuda = [CUDA] if gpu and CUDA[0] in onnxruntime.get_available_providers() else []
    try:
        return onnxruntime.InferenceSession(str(graph), options, providers=[*cuda, "CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has a class of its own for every code
        raise GraphError(f"ONNX Runtime cannot load {graph.name}: {error}") from error


def padded_batches(images: npt.NDArray[np.uint8], batch_size: int) -> Iterator[tuple[npt.NDArray[np.uint8], int]]:
    """Yield batches of exactly `batch_size` pictures, the last one filled with black, and how many are real."""
    for start in range(0, len(images), batch_size):
        part = images[start : start + batch_size]
        if len(part) == batch_size:
            yield np.ascontiguousarray(part), batch_size
            continue
        padded = np.zeros((batch_size, *images.shape[1:]), dtype=np.uint8)
        padded[: len(part)] = part
        yield padded, len(part)


def prediction_columns(predictions: Predictions, bundle: Bundle) -> dict[str, pa.Array]:
    """Return the CNN's columns of FEATURES, all but ``cnn_hash``: intent, confidence, intent_scores, parent_scores,
    unknown_score, embedding, model."""
    scores = predictions.intent_scores
    best = scores.argmax(axis=1) if len(scores) else np.zeros(0, dtype=np.int64)
    names = pa.DictionaryArray.from_arrays(pa.array(best, pa.int32()), pa.array(bundle.intents, pa.string()))
    return {
        "intent": names.cast(pa.string()),
        "confidence": pa.array(scores[np.arange(len(best)), best], pa.float32()),
        "intent_scores": _lists(scores, pa.float32()),
        "parent_scores": _lists(predictions.parent_scores, pa.float32()),
        "unknown_score": pa.array(predictions.unknown_score, pa.float32()),
        "embedding": _lists(predictions.embedding, pa.float16()),
        "model": pa.repeat(pa.scalar(bundle.digest, pa.string()), len(best)),
    }


def _lists(values: npt.NDArray[Any], kind: pa.DataType) -> pa.ListArray:
    offsets = np.arange(len(values) + 1, dtype=np.int32) * values.shape[1]
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(values.ravel(), kind))
