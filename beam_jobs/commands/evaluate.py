"""Compare a model with the truth: macro-F1 of the intents, accuracy of the parents, calibration, a row per class.

image-intent evaluate --model BUNDLE --collection pictures.csv --truth truth.csv [--only split.csv] [--json]
"""

import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from rich.console import Console
from rich.table import Table

from beam_jobs import inputs
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.flags import Parser
from beam_jobs.train import decode_pictures, excluded_ids, read_truth
from intent.bundle import BundleError, load_bundle
from intent.inference import Predictor
from intent.metrics import evaluation


def main(argv: Sequence[str]) -> int:
    """Evaluate from flags."""
    parser = Parser(prog="image-intent evaluate", description=__doc__)
    parser.add_argument("--model", required=True, help="folder of a bundle")
    parser.add_argument("--collection", required=True, help="table of images or folder of pictures")
    parser.add_argument("--truth", required=True, help="table image_id, intent")
    parser.add_argument("--only", help="table image_id[, split]: only these pictures, those that --exclude leaves out")
    parser.add_argument("--json", action="store_true", help="JSON lines: one of totals, one per class")
    flags = parser.parse_args(list(argv))
    try:
        predictor = Predictor(load_bundle(Path(flags.model)), threads=os.cpu_count() or 1)
    except BundleError as error:
        raise UsageError(f"--model {flags.model}: {error}") from error
    bundle = predictor.bundle
    truth = read_truth(flags.truth, "--truth")
    truth = truth.filter(pc.is_in(truth["intent"], value_set=pa.array(bundle.intents, pa.string())))
    if flags.only:
        truth = truth.filter(pc.is_in(truth["image_id"], value_set=excluded_ids(flags.only)))
    planned = inputs.plan_collection(flags.collection)
    rows = inputs.read_collection(planned, ("image_id", "uri", "bytes"))
    rows = rows.filter(pc.is_in(rows["image_id"], value_set=truth["image_id"].combine_chunks())).sort_by("image_id")
    if not rows.num_rows:
        raise UsageError(f"{flags.truth}: no picture of the collection is in it with an intent of the model")
    with tempfile.TemporaryDirectory() as folder:
        pictures = decode_pictures(
            rows, planned.root, size=bundle.image_size, folder=Path(folder), workers=os.cpu_count() or 1
        )
        scores = predictor.predict(pictures.squares).intent_scores
    intent_of = dict(zip(truth["image_id"].to_pylist(), truth["intent"].to_pylist(), strict=True))
    places = {intent: place for place, intent in enumerate(bundle.intents)}
    target = np.array([places[intent_of[image]] for image in pictures.ids], np.int64)
    result = evaluation(
        target, scores, intent_ids=bundle.intents, parent_index=bundle.parent_index, parents=len(bundle.parents)
    )
    _print(result, flags.json)
    if pictures.failed:
        print(f"warning: {sum(pictures.failed.values()):,} pictures cannot be read", file=sys.stderr)
    return 0


def _print(result: dict[str, object], as_json: bool) -> None:
    per_class = result.pop("per_class")
    assert isinstance(per_class, dict)  # noqa: S101
    if as_json:
        print(json.dumps(result))
        for name, row in per_class.items():
            print(json.dumps({"intent": name, **row}))
        return
    totals = [
        f"{name} {value:.3f}" if isinstance(value, float) else f"{name} {value}" for name, value in result.items()
    ]
    table = Table(title=", ".join(totals))
    for name in ("intent", "rows", "precision", "recall", "f1"):
        table.add_column(name, justify="left" if name == "intent" else "right")
    for name, row in per_class.items():
        table.add_row(name, f"{row['rows']:,}", *(f"{row[n]:.3f}" for n in ("precision", "recall", "f1")))
    Console(width=None if sys.stdout.isatty() else 120).print(table)
