"""From pixels to scores with ONNX Runtime; no torch. Equal pictures give equal bytes whatever stands beside them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from intent.bundle import GRAPH, OUTPUTS, Bundle, BundleError


@dataclass(frozen=True, eq=False)
class Predictions:
    """For n pictures: ``intent_scores`` float32 [n, intents] summing to 1, ``parent_scores`` float32 [n, parents]
    (sums of their intents), ``unknown_score`` float32 [n] 0-1, ``embedding`` float16 [n, d] of unit length."""

    intent_scores: npt.NDArray[np.float32]
    parent_scores: npt.NDArray[np.float32]
    unknown_score: npt.NDArray[np.float32]
    embedding: npt.NDArray[np.float16]


class Predictor:
    """Runs a bundle's graph on the CPU; may be shared between threads.

    Args:
        bundle: a verified bundle.
        threads: of one run. One is best where several workers run at once.

    Raises:
        BundleError: ONNX Runtime cannot read the graph.
    """

    def __init__(self, bundle: Bundle, *, threads: int = 1) -> None:
        import onnxruntime

        if threads < 1:
            raise ValueError(f"threads must be 1 or more, got {threads}")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.use_deterministic_compute = True
        options.log_severity_level = 3
        self.bundle = bundle
        try:
            self._session: Any = onnxruntime.InferenceSession(
                str(bundle.folder / GRAPH), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime has a class of its own for every code
            raise BundleError(f"bundle {bundle.folder}: ONNX Runtime cannot load {GRAPH}: {error}") from error

    def predict(self, images: npt.NDArray[np.uint8]) -> Predictions:
        """Predict uint8 [n, S, S, 3] with S = ``bundle.image_size``, in batches padded to ``bundle.batch_size``.

        Raises:
            ValueError: another shape or dtype.
        """
        size, batch = self.bundle.image_size, self.bundle.batch_size
        if images.dtype != np.uint8 or images.ndim != 4 or images.shape[1:] != (size, size, 3):
            raise ValueError(f"images are {images.dtype}{list(images.shape)}, expected uint8[n, {size}, {size}, 3]")
        count = len(images)
        widths = ((len(self.bundle.intents),), (len(self.bundle.parents),), (), (self.bundle.embedding_dim,))
        results = [np.empty((count, *width), dtype=np.float32) for width in widths]
        for start in range(0, count, batch):
            part = images[start : start + batch]
            padded = np.zeros((batch, size, size, 3), dtype=np.uint8)
            padded[: len(part)] = part
            for result, values in zip(results, self._session.run(OUTPUTS, {"pixels": padded}), strict=True):
                result[start : start + len(part)] = values[: len(part)]
        return Predictions(results[0], results[1], results[2], results[3].astype(np.float16))


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
