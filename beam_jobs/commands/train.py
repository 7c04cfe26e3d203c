"""Train a model from labels and pictures and write it as a bundle.

    image-intent train --labels run/derive_labels --collection pictures.csv --output models

``--labels`` takes an output of derive_labels, or a Parquet or CSV file with image_id, intent[, confidence].
The bundle is written to ``--output``/DIGEST; its folder is printed.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, TaskID

from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.flags import Parser, positive, share
from beam_jobs.train import TrainSettings, train_bundle
from labels.taxonomy import TaxonomyError, load_taxonomy


def main(argv: Sequence[str]) -> int:
    """Train from flags."""
    parser = Parser(prog="image-intent train", description=__doc__)
    parser.add_argument("--labels", required=True, help="output of derive_labels, or a table image_id, intent")
    parser.add_argument("--collection", required=True, help="table of images or folder of pictures")
    parser.add_argument("--output", required=True, help="folder that gets the bundle's folder")
    parser.add_argument("--taxonomy", help="taxonomy file (default: the packaged one)")
    parser.add_argument("--backbone", help="torchvision classification model (default: mobilenet_v2)")
    parser.add_argument("--weights", default="none", help="file with a state dict, hub or none (default: none)")
    parser.add_argument("--exclude", help="table image_id[, split]: not learned, nor their duplicates")
    parser.add_argument("--image-size", type=positive, help="side of the CNN's pictures in pixels")
    parser.add_argument("--epochs", type=positive, help="passes over the examples where the backbone is trained")
    parser.add_argument("--min-confidence", type=share, default=0.0, help="leave out weaker labels, 0-1")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=positive, default=os.cpu_count() or 1, help="decoding threads")
    flags = parser.parse_args(list(argv))
    try:
        taxonomy = load_taxonomy(Path(flags.taxonomy) if flags.taxonomy else None)
    except TaxonomyError as error:
        raise UsageError(str(error)) from error
    settings = TrainSettings(
        backbone=flags.backbone,
        weights=flags.weights,
        exclude=flags.exclude,
        image_size=flags.image_size,
        epochs=flags.epochs,
        seed=flags.seed,
        min_confidence=flags.min_confidence,
    )
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as bar:
        tasks: dict[str, TaskID] = {}

        def report(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done, total=total)

        bundle = train_bundle(
            labels=flags.labels,
            collection=flags.collection,
            output=flags.output,
            taxonomy=taxonomy,
            settings=settings,
            workers=flags.workers,
            report=report,
        )
    print(bundle)
    print(f"trained; see {bundle / 'MODEL_CARD.md'}", file=sys.stderr)
    return 0
