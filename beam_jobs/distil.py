"""Make a small model from random weights by learning from a large one: the shipped bundle's first half.

    python -m beam_jobs.distil --collection manifest.csv --labels truth.csv --exclude split.csv \
        --teacher mobilenet_v2.pth --output work --seed 0

It decodes and draws pictures once, then trains in rounds that end in checkpoints; called again, it goes on. The
student's weights are ``--output``/student.pth, which ``image-intent train --weights`` takes.
"""

import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from beam_jobs import inputs
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.flags import Parser, positive
from beam_jobs.demo.draw import DRAWERS
from beam_jobs.train import check_labels, decode_pictures, excluded_ids, read_truth, require_torch
from intent.images import square
from labels.taxonomy import Taxonomy, load_taxonomy

if TYPE_CHECKING:
    from intent.distil_teacher import FeatureNet, Teacher

TEACHER_SIZE = 192
"""Side in pixels of the pictures that the teacher sees."""
DRAWN_SIDES = (160, 320)
"""Shortest and longest longer side of a drawn picture."""


def main(argv: Sequence[str]) -> int:
    """Distil from flags."""
    parser = Parser(prog="python -m beam_jobs.distil", description=__doc__)
    parser.add_argument("--collection", required=True, help="table of images or folder of pictures")
    parser.add_argument("--labels", required=True, help="table image_id, intent")
    parser.add_argument("--exclude", help="table image_id[, split]: not seen at all")
    parser.add_argument("--teacher", required=True, help="a bundle, or a state dict of the torchvision mobilenet_v2")
    parser.add_argument("--output", required=True, help="folder of checkpoints and of student.pth")
    parser.add_argument("--drawn", type=int, default=2000, help="drawn pictures beside the collection's")
    parser.add_argument("--rounds", type=positive, default=24, help="rounds in all; more go on from a checkpoint")
    parser.add_argument("--hours", type=float, help="stop after the round in which they are over; call again to go on")
    parser.add_argument("--backbone", default="mobilenet_v3_small", help="torchvision name of the student")
    parser.add_argument("--image-size", type=positive, default=128, help="side of the student's pictures in pixels")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=positive, default=os.cpu_count() or 1, help="decoding threads")
    flags = parser.parse_args(list(argv))
    require_torch()
    from intent.distil import DistilConfig, distil
    from intent.distil_teacher import FeatureNet

    folder = Path(flags.output)
    folder.mkdir(parents=True, exist_ok=True)
    taxonomy = load_taxonomy(None)
    pictures, intent = gather(
        flags.collection,
        flags.labels,
        flags.exclude,
        taxonomy,
        folder,
        drawn=flags.drawn,
        seed=flags.seed,
        workers=flags.workers,
    )
    try:
        config = DistilConfig(
            backbone=flags.backbone, image_size=flags.image_size, rounds=flags.rounds, seed=flags.seed
        )
        teacher = fitted_teacher(
            FeatureNet("mobilenet_v2", flags.teacher, image_size=TEACHER_SIZE), pictures, intent, taxonomy, folder
        )
        started = time.monotonic()

        def stop() -> bool:
            return flags.hours is not None and time.monotonic() - started > flags.hours * 3600

        def report(figures: dict[str, float]) -> None:
            line = {**figures, "minutes": round((time.monotonic() - started) / 60, 1)}
            print(json.dumps(line), file=sys.stderr, flush=True)

        print(distil(pictures, teacher, config, folder, report=report, stop=stop))
    except ValueError as error:
        raise UsageError(str(error)) from error
    return 0


def gather(
    collection: str,
    labels: str,
    exclude: str | None,
    taxonomy: Taxonomy,
    folder: Path,
    *,
    drawn: int,
    seed: int,
    workers: int,
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Return squares uint8 [n, S, S, 3] on disk and intents int64 [n], -1 where unknown; made once per folder."""
    path, index = folder / "pictures.u8", folder / "pictures.json"
    if not index.is_file():
        truth = check_labels(read_truth(labels, "--labels"), taxonomy, labels)
        planned = inputs.plan_collection(collection)
        rows = inputs.read_collection(planned, ("image_id", "uri", "bytes")).sort_by("image_id")
        left_out = excluded_ids(exclude) if exclude else pa.array([], pa.string())
        rows = rows.filter(pc.invert(pc.is_in(rows["image_id"], value_set=left_out)))
        decoded = decode_pictures(rows, planned.root, size=TEACHER_SIZE, folder=folder, workers=workers)
        known = dict(zip(truth["image_id"].to_pylist(), truth["intent"].to_pylist(), strict=True))
        places = {name: row for row, name in enumerate(taxonomy.intent_ids)}
        intents = [places.get(known.get(name) or "", -1) for name in decoded.ids]
        squares = np.memmap(path, np.uint8, "w+", shape=(len(intents) + drawn, TEACHER_SIZE, TEACHER_SIZE, 3))
        squares[: len(intents)] = decoded.squares
        names = list(DRAWERS)
        for number in range(drawn):
            rng = np.random.default_rng([seed, 0xD157, number])
            name = names[number % len(names)]
            picture = DRAWERS[name](rng, int(rng.integers(DRAWN_SIDES[0], DRAWN_SIDES[1] + 1)))
            squares[len(intents)] = square(np.asarray(picture.convert("RGB")), TEACHER_SIZE)
            intents.append(places[name])
        squares.flush()
        (folder / "squares.u8").unlink(missing_ok=True)
        index.write_text(json.dumps({"intents": intents}), encoding="utf-8")
    intent = np.array(json.loads(index.read_text(encoding="utf-8"))["intents"], dtype=np.int64)
    return np.memmap(path, np.uint8, "r", shape=(len(intent), TEACHER_SIZE, TEACHER_SIZE, 3)), intent


def fitted_teacher(
    net: "FeatureNet",
    pictures: npt.NDArray[np.uint8],
    intent: npt.NDArray[np.int64],
    taxonomy: Taxonomy,
    folder: Path,
) -> "Teacher":
    """Fit the teacher's rotations and regression, once per folder.

    Args:
        pictures: uint8 [n, S, S, 3].
        intent: int64 [n], -1 where unknown.
    """
    import torch

    from intent.distil_teacher import Teacher, fit_teacher
    from intent.distil_views import draw_views

    path = folder / "teacher.pt"
    if path.is_file():
        return Teacher.from_state(net, torch.load(path, map_location="cpu", weights_only=True))
    labelled = np.flatnonzero(intent >= 0)
    pooled = []
    with torch.inference_mode():
        for start in range(0, len(labelled), 64):
            rows = np.array(pictures[labelled[start : start + 64]])
            pooled.append(net(torch.from_numpy(rows).permute(0, 3, 1, 2).contiguous())[0])
    generator = torch.Generator().manual_seed(17)
    views = torch.cat(
        [
            draw_views(pictures, torch.randint(len(pictures), (64,), generator=generator).numpy(), generator=generator)
            for _ in range(32)
        ]
    )
    teacher = fit_teacher(net, views, torch.cat(pooled), intent[labelled], intents=len(taxonomy.intent_ids))
    torch.save(teacher.state(), path)
    return teacher


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
