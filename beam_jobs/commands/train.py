"""Train a model from labels and pictures and write it as a bundle.

    image-intent train --labels run/derive_labels --collection pictures.csv --output models

``--labels`` takes an output of derive_labels, or a Parquet or CSV file with image_id, intent[, confidence].
The bundle is written to ``--output``/DIGEST; its folder is printed. With ``--weights`` a network is tuned from given
weights, with ``--from`` from a bundle of this or an older taxonomy; else it is trained from random ones. Whole sources
are held out where the collection has a column source or site.
"""

import os
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.progress import Progress, TaskID

from beam_jobs.blocks.flags import Parser, count, positive, share
from beam_jobs.train import MAX_IMAGES, TrainSettings, train_bundle
from beam_jobs.truth import read_taxonomy
from intent.precision import PRECISIONS


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
    parser.add_argument("--epochs", type=count, help="passes over the examples; 0 keeps given weights as they are")
    parser.add_argument(
        "--drawn", type=count, help="pictures drawn per intent and taught too (default: 60, or 0 without weights)"
    )
    parser.add_argument(
        "--from", dest="start", metavar="BUNDLE", help="start from a bundle of this or another taxonomy"
    )
    parser.add_argument(
        "--precision",
        choices=PRECISIONS,
        default="auto",
        help="of the bundle's graph; auto takes int8 where held-out pictures are judged as well (default: auto)",
    )
    parser.add_argument("--accelerator", choices=("auto", "cpu", "gpu"), default="auto", help="(default: auto)")
    parser.add_argument(
        "--temp",
        help="folder that keeps decoded pictures, checkpoint and log: a killed training goes on where it was",
    )
    parser.add_argument("--min-confidence", type=share, default=0.0, help="leave out weaker labels, 0-1")
    parser.add_argument(
        "--max-images",
        type=count,
        default=MAX_IMAGES,
        metavar="N",
        help="learn from a sample where more are labelled; 0 learns from all (default: %(default)s)",
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=positive, default=os.cpu_count() or 1, help="decoding threads")
    flags = parser.parse_args(list(argv))
    taxonomy = read_taxonomy(flags.taxonomy)
    settings = TrainSettings(
        backbone=flags.backbone,
        weights=flags.weights,
        exclude=flags.exclude,
        image_size=flags.image_size,
        epochs=flags.epochs,
        seed=flags.seed,
        min_confidence=flags.min_confidence,
        max_images=flags.max_images,
        drawn=flags.drawn,
        start=flags.start,
        accelerator=flags.accelerator,
        temp=flags.temp,
        precision=flags.precision,
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
