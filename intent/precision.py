"""Whether a bundle's graph computes in floats or in whole numbers of 8 bits: int8 where it judges as well, and faster.

The decision depends on the pictures and the graph alone, not on a clock, so the same training gives the same bundle.
"""

import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from intent.inference import open_session, padded_batches
from intent.metrics import confusion_matrix, macro_f1
from intent.quantize import CALIBRATION_IMAGES, QuantizeError, check_operators, quantize_graph

if TYPE_CHECKING:
    from intent.training import TrainedModel

Pixels = npt.NDArray[np.uint8]

PRECISIONS = ("auto", "float32", "int8")
"""What may be asked for: int8 where it is as good and faster, never, or whatever it loses."""

MOST_LOST = 0.005
"""Macro-F1 that int8 may cost on held-out pictures before the floats are kept: half a point."""

LEAST_COSINE = 0.9
"""Of a picture's embeddings in int8 and in floats, for 95 % of the held-out pictures. A bundle's embeddings are
compared with each other alone: at 0.95 the nearest picture is a small JPEG copy as often as with floats (97 %)."""

FEWEST_HELD_OUT = 40
"""Pictures. With fewer, one picture is more than half a point for its class, and nothing can be said: floats."""

JUDGED_TOGETHER = 256
"""Pictures read from disk at a time, a multiple of the batch: bounds memory."""


@dataclass(frozen=True, eq=False)
class Trial:
    """Rows of a training's pictures that try int8.

    Attributes:
        taught: int64 [n], pictures that taught: activations get their ranges from them.
        held_out: int64 [m], pictures of known intents that judge.
        truth: int64 [m], the places of their intents in the scores.
        head: weight float32 [intents, F] and bias float32 [intents] that have not learned from those that judge;
            None where the network's own has not.
    """

    taught: npt.NDArray[np.int64]
    held_out: npt.NDArray[np.int64]
    truth: npt.NDArray[np.int64]
    head: tuple[Any, Any] | None = None


@dataclass(frozen=True)
class Precision:
    """Which graph a bundle carries and why; for ``bundle.json``.

    Attributes:
        kind: ``int8`` or ``float32``.
        reason: a line for people.
        held_out: pictures that decided.
        float_macro_f1, int8_macro_f1: on the held-out pictures; None where they were not measured.
        embedding_cosine: of both embeddings of a held-out picture; 5 % are below it. None as before.
    """

    kind: str
    reason: str
    held_out: int = 0
    float_macro_f1: float | None = None
    int8_macro_f1: float | None = None
    embedding_cosine: float | None = None

    def described(self) -> dict[str, object]:
        """Return a mapping for JSON."""
        return asdict(self)


def export_precision(
    trained: "TrainedModel", graph: Path, images: Pixels | None, *, batch_size: int, asked: str = "auto"
) -> Precision:
    """Choose the precision of a network's exported graph; see `choose_precision`.

    Held-out pictures judge with the head that has not learned from them, in a graph of its own.

    Args:
        trained: what `graph` was written from.
        graph: replaced where int8 is taken.
        images: uint8 [n, S, S, 3], the pictures that `train_model` got; None leaves the floats.
        batch_size: of the graph.
        asked: one of `PRECISIONS`.

    Raises:
        QuantizeError: int8 was asked for and cannot be made.
        ValueError: something else was asked for.
    """
    from intent.export import write_graph

    if asked not in PRECISIONS:
        raise ValueError(f"precision must be one of {', '.join(PRECISIONS)}, got {asked!r}")
    if asked == "float32":
        return Precision("float32", "floats were asked for")
    if images is None or trained.trial is None:
        return Precision("float32", "there are no pictures to try int8 on")
    trial, judge = trained.trial, None
    with tempfile.TemporaryDirectory(prefix=".judge-", dir=graph.parent) as folder:
        if trial.head is not None and len(trial.held_out) >= FEWEST_HELD_OUT:
            judge = Path(folder, graph.name)
            write_graph(trained, judge, batch_size=batch_size, head=trial.head)
        return choose_precision(graph, images, trial, batch_size=batch_size, judge=judge, insist=asked == "int8")


def choose_precision(
    graph: Path,
    images: Pixels,
    trial: Trial,
    *,
    batch_size: int,
    judge: Path | None = None,
    insist: bool = False,
    most_lost: float = MOST_LOST,
) -> Precision:
    """Replace a graph by its int8 twin where that loses at most `most_lost` of macro-F1 on held-out pictures, its
    embeddings stay near (`LEAST_COSINE`) and its operators have 8-bit kernels.

    Args:
        graph: a file that `intent.export.write_graph` wrote; replaced in one step or left as it is.
        images: uint8 [n, S, S, 3], of which `trial` names rows.
        trial: see there; of those that taught, some (`CALIBRATION_IMAGES`) are taken, evenly.
        batch_size: of the graph.
        judge: the same graph with a head that has not learned from the held-out pictures; None is `graph` itself.
        insist: take int8 wherever it can be made.
        most_lost: 0-1.

    Raises:
        QuantizeError: `insist`, and int8 cannot be made.
        ValueError: rows and intents that do not fit.
    """
    held_out = len(trial.held_out)
    if held_out != len(trial.truth):
        raise ValueError(f"{held_out} held-out pictures and {len(trial.truth)} intents; they must be equally many")
    if held_out < FEWEST_HELD_OUT and not insist:
        told = f"{held_out} held-out pictures, {FEWEST_HELD_OUT} are needed to tell half a point"
        return Precision("float32", told, held_out)
    taught = trial.taught[:: max(1, len(trial.taught) // CALIBRATION_IMAGES)]
    calibration = np.array(images[taught[:CALIBRATION_IMAGES]])
    with tempfile.TemporaryDirectory(prefix=".quantize-", dir=graph.parent) as folder:
        turned = Path(folder, graph.name)
        try:
            if not insist:
                check_operators(graph)
            found = Precision("int8", "int8 was asked for", held_out)
            if held_out >= FEWEST_HELD_OUT:
                quantize_graph(judge or graph, turned, calibration, batch_size=batch_size)
                found = _compare(judge or graph, turned, images, trial, batch_size=batch_size, most_lost=most_lost)
            if insist:
                found = replace(found, kind="int8")
            if found.kind == "int8":
                if judge is not None or not turned.exists():
                    quantize_graph(graph, turned, calibration, batch_size=batch_size)
                turned.replace(graph)
        except QuantizeError as error:
            if insist:
                raise
            return Precision("float32", str(error), held_out)
    return found


def graph_answers(
    graph: Path, images: Pixels, rows: npt.NDArray[np.int64], *, batch_size: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return the intent scores float32 [n, intents] and embeddings float32 [n, d] of rows of uint8 [m, S, S, 3]."""
    session = open_session(graph)
    found = []
    for start in range(0, len(rows), JUDGED_TOGETHER):
        for pixels, count in padded_batches(images[rows[start : start + JUDGED_TOGETHER]], batch_size):
            answers = session.run(["intent_scores", "embedding"], {"pixels": pixels})
            found.append([answer[:count] for answer in answers])
    scores, embeddings = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return scores, embeddings


def _compare(
    floats: Path, turned: Path, images: Pixels, trial: Trial, *, batch_size: int, most_lost: float
) -> Precision:
    """Judge a graph and its int8 twin on the held-out pictures."""
    before, after = (graph_answers(path, images, trial.held_out, batch_size=batch_size) for path in (floats, turned))
    in_floats, in_bytes = (
        macro_f1(confusion_matrix(trial.truth, scores.argmax(axis=1), classes=scores.shape[1]))
        for scores, _ in (before, after)
    )
    cosine = float(np.quantile((before[1] * after[1]).sum(axis=1), 0.05))
    kept = in_floats - in_bytes <= most_lost and cosine >= LEAST_COSINE
    told = (
        f"int8 changes macro-F1 by {100 * (in_bytes - in_floats):+.1f} points ({-100 * most_lost:+.1f} is allowed), "
        f"the cosine to embeddings in floats is {cosine:.3f} ({LEAST_COSINE:.2f} is allowed)"
    )
    return Precision(
        kind="int8" if kept else "float32",
        reason=told,
        held_out=len(trial.held_out),
        float_macro_f1=round(in_floats, 4),
        int8_macro_f1=round(in_bytes, 4),
        embedding_cosine=round(cosine, 4),
    )
