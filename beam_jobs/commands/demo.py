"""The whole pipeline on an embedded corpus: draws pictures, simulates clicks, derives labels, ends with a report.

    image-intent demo [--output DIR] [--train]           needs no files and no network, but the extra ``demo``;
                                                         --train makes a model instead of taking the shipped one
    image-intent demo --images FOLDER [--output DIR]     your own pictures, through everything that needs no clicks:
                                                         what is in the folder, hashes, copies; no training

Not one of your files is changed. What was made lies in --output: remove that folder and nothing is left.
"""

import csv
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from beam_jobs.blocks import manifest
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.flags import Parser
from beam_jobs.demo.clicks import simulate_clicks, write_click_log
from beam_jobs.demo.corpus import demo_world, draw_corpus
from beam_jobs.demo.draw.canvas import font_folder
from beam_jobs.run.config import RunConfig
from beam_jobs.run.execute import execute
from beam_jobs.train import TrainSettings, require_torch
from intent.shipped import packaged_model
from labels.taxonomy import load_taxonomy

IMAGES = 740
OWN = "images"
"""Folder in the demo's for what is made of a newcomer's own pictures."""
TRAINING = TrainSettings(backbone="resnet18", weights="none", image_size=64, epochs=6)
"""Short: a small network on small squares learns drawn pictures in about a minute on two cores."""


def main(argv: Sequence[str]) -> int:
    """Run the demo from flags."""
    parser = Parser(prog="image-intent demo", description=__doc__)
    parser.add_argument("--output", default="demo", help="folder of the demo (default: ./demo)")
    parser.add_argument("--images", metavar="FOLDER", help="your own pictures instead of drawn ones")
    parser.add_argument("--train", action="store_true", help="train a small model, which needs the extra `train`")
    flags = parser.parse_args(list(argv))
    folder = Path(flags.output)
    _check_folder(folder)
    if flags.images is not None:
        from beam_jobs.demo.own_pictures import demo_of

        model = packaged_model()
        demo_of(flags.images, folder / OWN, model=None if model is None else str(model))
        return 0
    model = None if flags.train else packaged_model()
    if model is None:
        require_torch()
    try:
        font_folder()
    except ValueError as error:
        raise UsageError(str(error)) from error
    corpus = folder / "corpus"
    console = Console(stderr=True)
    if not (corpus / "truth.csv").exists():
        with Progress(console=console, disable=not console.is_terminal, transient=True) as bar:
            task = bar.add_task("drawing pictures", total=IMAGES)
            drawn = draw_corpus(
                corpus, images=IMAGES, progress=lambda done, total: bar.update(task, completed=done, total=total)
            )
        log = simulate_clicks(drawn.truth, taxonomy=load_taxonomy(), world=demo_world(drawn.truth))
        write_click_log(log, folder=folder / "clicks")
        console.print(
            f"drew {drawn.truth.num_rows:,} pictures, simulated {log.clicks.num_rows:,} shown results", highlight=False
        )
    config = RunConfig(
        clicks=str(folder / "clicks"),
        collection=str(corpus / "collection.csv"),
        model=None if model is None else str(model),
        train=TRAINING,
        high=12,
        low=12,
        title="image-intent demo",
    )
    report = execute(config, folder / "run")
    _tell(folder, report)
    return 0


def _check_folder(folder: Path) -> None:
    """Raise UsageError where the folder holds something that a demo did not write."""
    known = {"corpus", "clicks", "run", OWN}
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; --output wants a folder")
    if folder.is_dir():
        foreign = sorted(p.name for p in folder.iterdir() if p.name not in known and not p.name.startswith("."))
        if foreign:
            raise UsageError(f"{folder} holds {foreign[0]!r}, which the demo did not write; choose another --output")


def _tell(folder: Path, report: Path) -> None:
    """Print what came out, in three lines that a newcomer understands."""
    run = folder / "run"
    labels = manifest.read_table(str(run / "derive_labels"), "labels", ["image_id", "intent"])
    with (folder / "corpus" / "truth.csv").open(encoding="utf-8", newline="") as rows:
        intent_of = {row["image_id"]: row["intent"] for row in csv.DictReader(rows)}
    sure = [(i, n) for i, n in zip(labels["image_id"].to_pylist(), labels["intent"].to_pylist(), strict=True) if n]
    right = sum(intent_of.get(image) == intent for image, intent in sure)
    duplicates = manifest.read_table(str(run / "find_duplicates"), "duplicates", ["is_representative"])
    copies = duplicates.num_rows - sum(duplicates["is_representative"].to_pylist())
    documents = manifest.require(str(run / "export_index"), "documents").rows("documents")
    print(f"From clicks alone {len(sure):,} of {len(intent_of):,} pictures got a label; {right:,} of those are right.")
    print(f"{copies:,} copies of other pictures were found; {documents:,} documents are ready for a search index.")
    print(f"Open {report} to see labels with their evidence, the model's mistakes and the duplicates.")
    sys.stdout.flush()
