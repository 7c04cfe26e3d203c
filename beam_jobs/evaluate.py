"""Judge a model by pictures with a known intent: what `image-intent evaluate` measures."""

import difflib
import importlib
import importlib.util
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from beam_jobs import inputs
from beam_jobs.blocks import progress
from beam_jobs.blocks.failures import told_reasons
from beam_jobs.blocks.files import UsageError
from beam_jobs.judge import UNKNOWN_FROM, PictureFile, judge_pictures
from beam_jobs.models import open_predictor
from beam_jobs.pictures.sandbox import Sandbox
from beam_jobs.pictures.views import Views, Wanted, view, view_rows
from beam_jobs.truth import excluded_ids, named, one_label_each, read_truth, unknown_intents, with_heirs
from intent.bundle import Bundle
from intent.inference import Predictor
from intent.metrics import class_scores, confusion_matrix, evaluation, macro_f1
from intent.robustness import EDITS, reliability, separation

DRAWN_PER_KIND = 20
"""Drawn pictures of each kind of no class."""

Scores = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Evaluated:
    """The scores of n pictures and what they say.

    Attributes:
        ids: of the pictures that could be read, sorted.
        target: int64 [n], the places of their true intents.
        scores: float32 [n, intents] as decoded; `edits` the same of each edited copy.
        unknown: float32 [n], scores of not knowing; `odd` of each collection of pictures of no class.
        failed: pictures that cannot be read, by reason.
    """

    bundle: Bundle
    ids: list[str]
    target: npt.NDArray[np.int64]
    scores: Scores
    unknown: Scores
    edits: Mapping[str, Scores]
    odd: Mapping[str, Scores]
    failed: Mapping[str, int]

    @property
    def predicted(self) -> npt.NDArray[np.int64]:
        """int64 [n], the places of the intents with the largest scores."""
        return np.asarray(self.scores.argmax(axis=1), dtype=np.int64)

    @property
    def confusion(self) -> npt.NDArray[np.int64]:
        """int64 [intents, intents]: row is the truth."""
        return confusion_matrix(self.target, self.predicted, classes=len(self.bundle.intents))


def read_rows(
    bundle: Bundle, *, collection: str, truth: str, only: str | None, exclude: str | None
) -> tuple[inputs.Collection, pa.Table, dict[str, str]]:
    """Return the collection, its rows that have a true intent of the model, and the intents by picture.

    Raises:
        UsageError: none is left, or the truth of a picture is two intents.
    """
    table = one_label_each(with_heirs(read_truth(truth, "--truth"), bundle.taxonomy), truth)
    strange = unknown_intents(table, bundle.intents)
    if strange:
        print(f"warning: {truth}: not judged, the model has no intent {named(strange)}", file=sys.stderr)
    table = table.filter(pc.is_in(table["intent"], value_set=pa.array(bundle.intents, pa.string())))
    if only:
        table = table.filter(pc.is_in(table["image_id"], value_set=excluded_ids(only, "--only")))
    if exclude:
        table = table.filter(pc.invert(pc.is_in(table["image_id"], value_set=excluded_ids(exclude))))
    planned = inputs.plan_collection(collection)
    rows = inputs.read_collection(planned, ("image_id", "uri", "bytes"))
    rows = rows.filter(pc.is_in(rows["image_id"], value_set=table["image_id"].combine_chunks())).sort_by("image_id")
    if not rows.num_rows:
        raise UsageError(f"{truth}: no picture of the collection is in it with an intent of the model")
    return planned, rows, dict(zip(table["image_id"].to_pylist(), table["intent"].to_pylist(), strict=True))


def evaluate(
    bundle: Bundle,
    planned: inputs.Collection,
    rows: pa.Table,
    intent_of: Mapping[str, str],
    *,
    robust: bool = False,
    unknown: Sequence[PictureFile] | None = None,
    workers: int = 1,
) -> Evaluated:
    """Decode (in helper processes) and judge the rows of `read_rows`, a batch per worker at a time; memory does not
    grow with them.

    Args:
        robust: judge edited copies too.
        unknown: pictures of no class, as `find_pictures` finds them.

    Raises:
        UsageError: no picture can be read.
    """
    predictor = open_predictor(bundle)
    side = bundle.image_size
    names = ["", *(EDITS if robust else ())]

    def judge(part: pa.Table, helpers: Sandbox[Wanted, Views]) -> tuple[list[str], list[str], dict[str, Any]]:
        seen = view_rows(helpers, part.to_pylist(), planned.root, side=side, edits=names[1:])
        progress.add("pictures", part.num_rows)
        good = [each.squares for each in seen if not each.reason]
        said = {}
        for name, squares in zip(names, zip(*good, strict=True), strict=False):  # nothing where none is good
            pixels = np.frombuffer(b"".join(squares), np.uint8)
            said[name] = predictor.predict(pixels.reshape(-1, side, side, 3))
        ids = [image for image, each in zip(part["image_id"].to_pylist(), seen, strict=True) if not each.reason]
        return ids, [each.reason for each in seen if each.reason], said

    progress.expect("pictures", rows.num_rows)
    parts = [rows.slice(n, bundle.batch_size) for n in range(0, rows.num_rows, bundle.batch_size)]
    with Sandbox(view, processes=workers) as helpers, ThreadPoolExecutor(workers) as pool:
        done = list(pool.map(judge, parts, [helpers] * len(parts)))
    ids = [image for part, _, _ in done for image in part]
    reasons = [reason for _, part, _ in done for reason in part]
    if not ids:
        raise UsageError(
            f"none of {rows.num_rows:,} pictures can be read: {told_reasons(Counter(reasons))}; "
            f"{inputs.remedy_of(set(reasons))}"
        )
    said = [part for _, _, part in done if part]
    scores = {name: np.concatenate([part[name].intent_scores for part in said]) for name in names}
    places = {intent: place for place, intent in enumerate(bundle.intents)}
    return Evaluated(
        bundle=bundle,
        ids=ids,
        target=np.array([places[intent_of[image]] for image in ids], np.int64),
        scores=scores[""],
        unknown=np.concatenate([part[""].unknown_score for part in said]),
        edits={name: scores[name] for name in names if name},
        odd=odd_scores(predictor, unknown, workers=workers),
        failed=dict(sorted(Counter(reasons).items())),
    )


def odd_scores(predictor: Predictor, given: Sequence[PictureFile] | None, *, workers: int) -> dict[str, Scores]:
    """Return the unknown scores of pictures of no class: given ones, and drawn ones where they can be drawn."""
    found = {}
    if given is not None:
        judged = judge_pictures(given, predictor.bundle, workers=workers)
        scores = np.array([row.unknown_score for row in judged if not row.problem], np.float32)
        if len(scores) < len(given):
            lost = len(given) - len(scores)
            print(f"warning: {lost:,} of {len(given):,} pictures of no class cannot be read", file=sys.stderr)
        if len(scores):
            found["folder"] = scores
    if importlib.util.find_spec("intent.unknown_pictures") is not None:
        drawers = importlib.import_module("intent.unknown_pictures")
        learned = int(predictor.bundle.facts["training"].get("seed") or 0)  # of pictures that the score was fitted to
        pictures, _ = drawers.draw_unknown(DRAWN_PER_KIND, size=predictor.bundle.image_size, seed=learned + 1)
        found["drawn"] = predictor.predict(pictures).unknown_score
    return found


def check_without(without: Sequence[str], bundle: Bundle) -> None:
    """Raise UsageError where the model lacks an intent that is to be left out."""
    strange = sorted(set(without) - set(bundle.intents))
    if strange:
        close = difflib.get_close_matches(strange[0], bundle.intents, n=1)
        hint = f"did you mean {close[0]}?" if close else f"it has {', '.join(bundle.intents)}"
        raise UsageError(f"--without {strange[0]}: the model has no such intent; {hint}")


def figures(found: Evaluated, *, without: Sequence[str] = ()) -> dict[str, Any]:
    """Return all figures as JSON can hold them: those of `intent.metrics.evaluation`, and

    ``per_parent`` (the 8-way answer: the parent with the largest sum), ``reliability``, ``unknown_auroc`` by
    collection, ``known_rejected``: share of these pictures that `classify` would call unknown, ``robust``: macro-F1
    by edit, ``without``: the same pictures and answers less those intents.

    Args:
        without: intents of the model, see `check_without`.
    """
    bundle = found.bundle
    parents = len(bundle.parents)
    told: dict[str, Any] = evaluation(
        found.target, found.scores, intent_ids=bundle.intents, parent_index=bundle.parent_index, parents=parents
    )
    summed = np.zeros((len(found.target), parents))
    np.add.at(summed.T, bundle.parent_index, found.scores.T)
    eight = confusion_matrix(bundle.parent_index[found.target], summed.argmax(axis=1), classes=parents)
    judged, counts = class_scores(eight), eight.sum(axis=1)
    told["parent_macro_f1"] = round(macro_f1(eight), 4)
    told["per_parent"] = {
        parent: {"rows": int(counts[n]), **{name: round(float(values[n]), 4) for name, values in judged.items()}}
        for n, parent in enumerate(bundle.parents)
        if counts[n]
    }
    told["reliability"] = reliability(found.scores.max(axis=1), found.predicted == found.target)
    told["unknown_auroc"] = {name: round(separation(found.unknown, odd), 4) for name, odd in found.odd.items()}
    told["known_rejected"] = round(float((found.unknown >= UNKNOWN_FROM).mean()), 4)
    told["robust"] = {name: round(_macro_f1(found.target, scores), 4) for name, scores in found.edits.items()}
    told["without"] = _without(found, without) if without else None
    return told


def worst_mistakes(found: Evaluated, count: int = 50) -> list[int]:
    """Return the rows of wrong answers, the surest first."""
    wrong = np.flatnonzero(found.predicted != found.target)
    sure = found.scores[wrong].max(axis=1)
    return [int(row) for row in wrong[np.argsort(-sure, kind="stable")][:count]]


def thumbnails(
    found: Evaluated, planned: inputs.Collection, rows: pa.Table, places: Sequence[int]
) -> dict[int, bytes | None]:
    """Return a small WebP of judged pictures by their place among them, None of one that can no longer be read.

    Args:
        planned, rows: as `evaluate` got them.
        places: such as `worst_mistakes` returns.
    """
    ids = rows["image_id"].to_pylist()
    row_of = {image: row for row, image in enumerate(ids)}
    shown = rows.take(pa.array([row_of[found.ids[place]] for place in places], pa.int64())).to_pylist()
    with Sandbox(view, processes=1) as helpers:
        seen = view_rows(helpers, shown, planned.root, thumbnails=True)
    return {place: each.thumbnail for place, each in zip(places, seen, strict=True)}


def _macro_f1(target: npt.NDArray[np.int64], scores: Scores) -> float:
    return macro_f1(confusion_matrix(target, scores.argmax(axis=1), classes=scores.shape[1]))


def _without(found: Evaluated, without: Sequence[str]) -> dict[str, Any] | None:
    """Leave out the pictures of some intents, and these intents from the answers."""
    places = [found.bundle.intents.index(intent) for intent in without]
    rows = ~np.isin(found.target, places)
    if not rows.any():
        return None
    scores = found.scores[rows].copy()
    scores[:, places] = -1.0
    target = found.target[rows]
    return {
        "intents": list(without),
        "rows": int(rows.sum()),
        "macro_f1": round(_macro_f1(target, scores), 4),
        "accuracy": round(float((scores.argmax(axis=1) == target).mean()), 4),
    }
