"""Make a small model from random weights by learning from a large one, and the bundle that ships.

    python -m beam_jobs.distil --collection manifest.csv --labels truth.csv --exclude split.csv \
        --teacher BUNDLE --output work --ship intent/shipped_model --seed 0

Pictures are decoded and drawn once; training goes in rounds that end in checkpoints, and the same command goes on
from the last. The student's weights are ``--output``/student.pth, which ``image-intent train --weights`` takes.

With ``--ship`` the student gets a head (and with ``--tune`` is tuned) like any given weights, twice: a twin without
the pictures of ``--exclude``, which is judged by them, and on all pictures the bundle that ships. Its card names every
source and licence and tells the twin's figures.
"""

import hashlib
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from beam_jobs import inputs
from beam_jobs.blocks import files
from beam_jobs.blocks.failures import JobError, check_failure_rate
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.flags import Parser, count, positive, run_main
from beam_jobs.blocks.manifest import digest_of
from beam_jobs.blocks.read import plan_shards, read_shard
from beam_jobs.decoded import decode_pictures
from beam_jobs.drawn_examples import COPY_TOGETHER, DRAWN_PER_INTENT, check_drawing
from beam_jobs.evaluate import Evaluated, evaluate, figures, read_rows
from beam_jobs.extract_features import MAX_FAILURE_RATE
from beam_jobs.made_pictures import kinds_of, make_pictures
from beam_jobs.train import TrainSettings, group_pictures, require_torch, train_bundle
from beam_jobs.truth import check_labels, excluded_ids, read_truth
from intent.bundle import load_bundle
from intent.calibration import fit_temperature, softmax
from intent.metrics import expected_calibration_error
from intent.rights import is_permissive, sources_section
from intent.shipping import ship, twin_section
from labels.taxonomy import Taxonomy, load_taxonomy

if TYPE_CHECKING:
    from intent.distil_teacher import FeatureNet, Teacher

TEACHER_SIZE = 192
"""Side in pixels of the pictures that the teacher sees."""
TUNE_EPOCHS = 0
"""Passes over the labelled pictures that follow the teacher's lessons. None: two passes took a student after 19 rounds
from a macro-F1 of 0.67 to 0.64 on held-out sources."""


def main(argv: Sequence[str]) -> int:
    """Distil from flags."""
    parser = Parser(prog="python -m beam_jobs.distil", description=__doc__)
    parser.add_argument("--collection", required=True, help="table of images or folder of pictures")
    parser.add_argument("--labels", required=True, help="table image_id, intent")
    parser.add_argument("--exclude", help="table image_id[, split]: not seen by the student, and the twin's judge")
    parser.add_argument("--teacher", required=True, help="a bundle, or a state dict of the torchvision mobilenet_v2")
    parser.add_argument("--start", help="student.pth of an earlier run to go on from, of this or another teacher")
    parser.add_argument("--output", required=True, help="folder of checkpoints and of student.pth")
    parser.add_argument("--ship", help="folder that gets the finished bundle, once all rounds are done")
    parser.add_argument(
        "--licences", choices=("any", "permissive"), default="any", help="which pictures, by the column licence"
    )
    parser.add_argument("--drawn", type=count, default=2000, help="drawn and composed pictures beside the collection's")
    parser.add_argument("--views", type=positive, default=2048, help="new views per round")
    parser.add_argument("--rounds", type=positive, default=24, help="rounds in all; more go on from a checkpoint")
    parser.add_argument("--hours", type=float, help="stop after the round in which they are over; call again to go on")
    parser.add_argument("--tune", type=count, default=TUNE_EPOCHS, help="passes of tuning before it ships; 0: none")
    parser.add_argument("--backbone", default="mobilenet_v3_small", help="torchvision name of the student")
    parser.add_argument("--image-size", type=positive, default=128, help="side of the student's pictures in pixels")
    parser.add_argument("--seed", type=count, default=0)
    parser.add_argument("--workers", type=positive, default=os.cpu_count() or 1, help="decoding threads")
    flags = parser.parse_args(list(argv))
    require_torch()
    from intent.distil import DistilConfig, distil
    from intent.distil_teacher import FeatureNet
    from intent.given_weights import load_backbone

    for flag, path in (("--teacher", flags.teacher), ("--start", flags.start)):
        if path is not None and not Path(path).exists():
            raise UsageError(f"{flag} {path}: there is no file or folder of that name")
    if flags.drawn or flags.ship:
        check_drawing(f"--ship {flags.ship}" if flags.ship else f"--drawn {flags.drawn}", "--drawn 0 without --ship")
    folder = Path(flags.output)
    folder.mkdir(parents=True, exist_ok=True)
    taxonomy = load_taxonomy(None)
    rights = read_rights(flags.collection)
    truth = check_labels(read_truth(flags.labels, "--labels"), taxonomy, flags.labels)
    allowed = None
    if flags.licences == "permissive":
        allowed = pa.array([name for name, (_, licence) in rights.items() if is_permissive(licence)], pa.string())
        truth = truth.filter(pc.is_in(truth["image_id"], value_set=allowed))
        if not truth.num_rows:
            raise UsageError(f"--licences permissive: no labelled picture of {flags.collection} states such a licence")
    left_out = excluded_ids(flags.exclude) if flags.exclude else pa.array([], pa.string())
    key = {name: getattr(flags, name) for name in ("licences", "drawn", "seed")}
    key |= {
        "exclude": digest_of(sorted(left_out.to_pylist())),
        "labels": digest_of(truth.select(["image_id", "intent"]).sort_by("image_id").to_pylist()),
    }
    try:
        config = DistilConfig(
            backbone=flags.backbone,
            image_size=flags.image_size,
            rounds=flags.rounds,
            views=flags.views,
            seed=flags.seed,
        )
        net = FeatureNet("mobilenet_v2", flags.teacher, image_size=TEACHER_SIZE)
        teacher_key = weights_digest(flags.teacher)
        load_backbone(config.backbone, weights=flags.start or "none")  # what is wrong is known before a long decoding
    except ValueError as error:
        raise UsageError(str(error)) from error
    pictures, intent = gather(
        flags.collection, truth, left_out, taxonomy, folder, allowed=allowed, key=key, workers=flags.workers
    )
    started = time.monotonic()

    def stop() -> bool:
        return flags.hours is not None and time.monotonic() - started > flags.hours * 3600

    done = 0

    def report(figures: dict[str, float]) -> None:
        nonlocal done
        done = int(figures["round"])
        line = {**figures, "minutes": round((time.monotonic() - started) / 60, 1)}
        print(json.dumps(line), file=sys.stderr, flush=True)

    try:
        teacher = fitted_teacher(net, pictures, intent, taxonomy, folder, views=flags.views, key=teacher_key)
        start = Path(flags.start) if flags.start else None
        weights = distil(pictures, teacher, config, folder, start=start, report=report, stop=stop)
    except ValueError as error:
        raise UsageError(str(error)) from error
    except FloatingPointError as error:
        raise JobError(str(error)) from error
    print(weights)
    if flags.ship and done in (0, flags.rounds):  # 0: every round was done before
        print(finish(flags, weights, truth, rights, taxonomy, folder))
    return 0


def read_rights(path: str) -> dict[str, tuple[str | None, str | None]]:
    """Return source and licence of every picture of a collection, None where it has no such column."""
    found = files.list_files(path)
    if files.is_folder(path) or not found:
        return {}
    schema = pa.schema([(name, pa.string()) for name in ("image_id", "source", "licence")])
    shards = plan_shards("table", found, required=("image_id",))
    rows = [row for shard in shards for table in read_shard(shard, schema) for row in table.to_pylist()]
    return {row["image_id"]: (row.get("source"), row.get("licence")) for row in rows}


def finish(
    flags: Any,
    weights: Path,
    truth: pa.Table,
    rights: Mapping[str, tuple[str | None, str | None]],
    taxonomy: Taxonomy,
    folder: Path,
) -> Path:
    """Give a student its head (and tune it where asked), ship the bundle; return its folder."""
    labels = folder / "labels.parquet"
    pq.write_table(truth, labels)

    def tuned(exclude: str | None, temperature: float | None = None) -> Path:
        settings = TrainSettings(
            backbone=flags.backbone,
            weights=str(weights),
            exclude=exclude,
            image_size=flags.image_size,
            epochs=flags.tune,
            seed=flags.seed,
            drawn=DRAWN_PER_INTENT,
            temperature=temperature,
            all_maps=True,  # the student's weights began at random: shallow maps know what its last one has not learned
        )
        return train_bundle(
            labels=str(labels),
            collection=flags.collection,
            output=str(folder / "models"),
            taxonomy=taxonomy,
            settings=settings,
            workers=flags.workers,
        )

    section = (
        "\n## How the backbone was made\n"
        f"From random weights (seed {flags.seed}) by `python -m beam_jobs.distil`, which taught it the features and "
        f"soft answers of the teacher `{Path(flags.teacher).name}` on varied views, in {flags.rounds} rounds"
        f"{f', going on from `{Path(flags.start).name}` of an earlier run' if flags.start else ''}"
        f"{f'; then {flags.tune} passes over the labelled pictures' if flags.tune else ''}.\n"
    )
    temperature = None
    if flags.exclude:
        twin = load_bundle(tuned(flags.exclude))
        planned, rows, intent_of = read_rows(
            twin, collection=flags.collection, truth=str(labels), only=flags.exclude, exclude=None
        )
        found = evaluate(twin, planned, rows, intent_of, robust=True, workers=flags.workers)
        sources = [rights.get(name, (None, None))[0] or name for name in found.ids]
        temperature, error = recalibrated(found, sources)
        section += twin_section(figures(found), temperature=temperature, calibration_error=error)
    learned = [rights.get(name, (None, None)) for name in truth["image_id"].to_pylist()]
    section += sources_section(learned, drawn=flags.drawn + DRAWN_PER_INTENT * len(kinds_of(taxonomy.intent_ids)))
    return ship(tuned(None, temperature), Path(flags.ship), section=section)


def recalibrated(found: Evaluated, sources: Sequence[str]) -> tuple[float, float]:
    """Return the temperature that pictures of sources never seen ask for, and the calibration error with it.

    What a student holds out was its teacher's to see, so it looks surer there than it is elsewhere. The error is of
    each half of the sources with the temperature of the other half.
    """
    had = float(found.bundle.facts["temperature"])
    logits = np.log(found.scores.astype(np.float64) + 1e-12) * had
    names = sorted(set(sources))
    even = np.array([names.index(source) % 2 == 0 for source in sources])
    sure, right = np.zeros(len(even)), found.predicted == found.target
    for half in (even, ~even):
        value = fit_temperature(logits[~half], found.target[~half])
        sure[half] = softmax(logits[half] / value).max(axis=1)
    return fit_temperature(logits, found.target), expected_calibration_error(sure, right)


def gather(
    collection: str,
    truth: pa.Table,
    left_out: pa.Array,
    taxonomy: Taxonomy,
    folder: Path,
    *,
    allowed: pa.Array | None,
    key: Mapping[str, Any],
    workers: int,
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Return squares uint8 [n, S, S, 3] on disk and intents int64 [n], -1 where unknown; made once per folder.

    Args:
        truth: image_id and intent.
        left_out: ids of pictures that are not seen at all, nor their duplicates.
        allowed: ids that may be seen, None for all.
        key: ``drawn``, ``seed`` and what else decides the pictures; a folder of another key is refused.
    """
    drawn, seed = int(key["drawn"]), int(key["seed"])
    path, index = folder / "pictures.u8", folder / "pictures.json"
    if not index.is_file():
        planned = inputs.plan_collection(collection)
        rows = inputs.read_collection(planned, ("image_id", "uri", "bytes")).sort_by("image_id")
        if allowed is not None:
            wanted = pc.or_(*(pc.is_in(rows["image_id"], value_set=some) for some in (allowed, left_out)))
            rows = rows.filter(wanted)
        decoded = decode_pictures(rows, planned.root, size=TEACHER_SIZE, folder=folder, workers=workers)
        check_failure_rate(
            sum(decoded.failed.values()),
            rows.num_rows,
            limit=MAX_FAILURE_RATE,
            what="pictures of the collection",
            reasons=decoded.failed,
            remedy=inputs.remedy_of(decoded.failed),
        )
        group_of = group_pictures(decoded.features)
        hidden = {group_of.get(name) for name in left_out.to_pylist()}
        kept = np.array([row for row, name in enumerate(decoded.ids) if group_of[name] not in hidden], np.int64)
        known = dict(zip(truth["image_id"].to_pylist(), truth["intent"].to_pylist(), strict=True))
        places = {name: row for row, name in enumerate(taxonomy.intent_ids)}
        names = np.array([known.get(decoded.ids[row]) or "" for row in kept], dtype=object)
        intents = [places.get(name, -1) for name in names]
        most = len(intents) + drawn
        squares = np.memmap(path, np.uint8, "w+", shape=(most, TEACHER_SIZE, TEACHER_SIZE, 3))
        for start in range(0, len(kept), COPY_TOGETHER):
            rows_kept = kept[start : start + COPY_TOGETHER]
            squares[start : start + len(rows_kept)] = decoded.squares[rows_kept]
        pictures = make_pictures(
            taxonomy.intent_ids,
            size=TEACHER_SIZE,
            seed=(seed, 0xD157),
            squares=squares[: len(names)],
            rows={intent: np.flatnonzero(names == intent) for intent in taxonomy.intent_ids},
        )
        for made in islice(pictures, drawn):
            squares[len(intents)] = made.pixels
            intents.append(places[made.intent])
        squares.flush()
        (folder / "squares.u8").unlink(missing_ok=True)
        files.write_atomic(str(index), json.dumps({"key": dict(key), "intents": intents}).encode())
    try:
        made = json.loads(index.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UsageError(f"{index} cannot be read ({error}); remove it to decode the pictures anew") from error
    other = [f"--{name}" for name, value in made["key"].items() if key.get(name) != value]
    if other:
        raise UsageError(f"{folder} holds pictures of another {', '.join(other)}; give another --output")
    intent = np.array(made["intents"], dtype=np.int64)
    return np.memmap(path, np.uint8, "r", shape=(len(intent), TEACHER_SIZE, TEACHER_SIZE, 3)), intent


def fitted_teacher(
    net: "FeatureNet",
    pictures: npt.NDArray[np.uint8],
    intent: npt.NDArray[np.int64],
    taxonomy: Taxonomy,
    folder: Path,
    *,
    views: int,
    key: str,
) -> "Teacher":
    """Fit the teacher's rotations and regression, once per folder; one that holds another teacher's is refused.

    Args:
        pictures: uint8 [n, S, S, 3].
        intent: int64 [n], -1 where unknown.
        views: how many the rotations are fitted on, about.
        key: of the net's weights.
    """
    import torch

    from intent.distil_teacher import Teacher, fit_teacher
    from intent.distil_views import draw_views
    from intent.state_files import StateError, read_state

    path = folder / "teacher.pt"
    if path.is_file():
        try:
            state = read_state(path)
            fitted, of = Teacher.from_state(net, state), state.get("of", key)
        except (StateError, KeyError, TypeError, AttributeError) as error:
            raise UsageError(f"{path} cannot be read: {error}; remove it to fit the teacher anew") from error
        if of != key:
            raise UsageError(f"{folder} holds lessons of another --teacher; give another --output, --start goes on")
        return fitted
    labelled = np.flatnonzero(intent >= 0)
    pooled = []
    with torch.inference_mode():
        for start in range(0, len(labelled), 64):
            rows = np.array(pictures[labelled[start : start + 64]])
            pooled.append(net(torch.from_numpy(rows).permute(0, 3, 1, 2).contiguous())[0])
    generator = torch.Generator().manual_seed(17)
    sample = torch.cat(
        [
            draw_views(pictures, torch.randint(len(pictures), (64,), generator=generator).numpy(), generator=generator)
            for _ in range(max(1, views // 64))
        ]
    )
    teacher = fit_teacher(net, sample, torch.cat(pooled), intent[labelled], intents=len(taxonomy.intent_ids))
    scratch = path.with_name(path.name + ".part")
    torch.save({**teacher.state(), "of": key}, scratch)
    os.replace(scratch, path)
    return teacher


def weights_digest(path: str) -> str:
    """Return a digest of a bundle or of a file of weights."""
    if Path(path).is_dir():
        return load_bundle(Path(path)).digest
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    sys.exit(run_main(main))
