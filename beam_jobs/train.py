"""From labels and pictures to a bundle: reads, decodes once, leaves out what must not be learned, trains."""

import functools
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from beam_jobs import inputs
from beam_jobs.blocks import files, manifest
from beam_jobs.blocks.failures import JobError, check_failure_rate, told_reasons
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.keys import hash_column
from beam_jobs.decoded import Pictures, kept_pictures
from beam_jobs.drawn_examples import DRAWN_PER_INTENT, check_drawing, sources_of, with_drawn
from beam_jobs.extract_features import MAX_FAILURE_RATE
from beam_jobs.made_pictures import kinds_of
from beam_jobs.truth import TRUTH, check_labels, excluded_ids, read_truth
from dedup.find import find_duplicates
from intent.precision import PRECISIONS
from labels.taxonomy import Taxonomy

if TYPE_CHECKING:
    from intent.expand import Start
    from intent.train_config import TrainConfig
    from intent.training import Work

MAX_IMAGES = 50_000
"""Examples beyond which a sample teaches nearly as much, in a time that people wait for."""
EXTRA = "pip install 'image-intent[train]'"


@dataclass(frozen=True)
class TrainSettings:
    """What a user may set of a training; None leaves the default of ``intent.training.TrainConfig``.

    Attributes:
        backbone: name of a torchvision classification model.
        weights: file, ``hub`` or ``none``.
        exclude: table with a column image_id: those pictures and their duplicates are left out. Where it has a
            column ``split``, its rows with the split ``train`` are not meant.
        image_size: side in pixels of the squares that the CNN sees.
        epochs: passes over the examples; 0 keeps given weights as they are.
        seed: of initialisation, order and augmentation.
        min_confidence: labels below it are left out, 0-1.
        max_images: most examples, a sample by the hash of their ids beyond; 0 takes all. Their squares lie on disk,
            their features, some KB each, in memory.
        drawn: pictures drawn per intent that has a drawer and taught beside the labelled ones; None draws
            `DRAWN_PER_INTENT` where weights are given and none else.
        start: folder of a bundle whose weights and head the training starts from, of this or another taxonomy.
        accelerator: ``auto``, ``cpu`` or ``gpu``.
        temp: folder that keeps decoded pictures, and the checkpoint and the log of the network's training, so that
            a killed one goes on; None keeps the pictures in a folder that goes with the training, and no checkpoint.
        all_maps: whether features hold the pooled maps of every resolution; None says yes for random weights only.
        temperature: what logits are divided by; None lets held-out pictures choose.
        precision: of the bundle's graph: ``auto`` (int8 where it judges as well), ``float32`` or ``int8``.
    """

    backbone: str | None = None
    weights: str = "none"
    exclude: str | None = None
    image_size: int | None = None
    epochs: int | None = None
    seed: int = 0
    min_confidence: float = 0.0
    max_images: int = MAX_IMAGES
    drawn: int | None = None
    start: str | None = None
    accelerator: str = "auto"
    temp: str | None = None
    all_maps: bool | None = None
    temperature: float | None = None
    precision: str = "auto"

    def __post_init__(self) -> None:
        if self.max_images < 0:
            raise UsageError(f"max_images {self.max_images}: give a whole number from 1, or 0 for all")
        if self.drawn is not None and self.drawn < 0:
            raise UsageError(f"drawn {self.drawn}: give a whole number from 1, or 0 for none")
        if self.precision not in PRECISIONS:
            raise UsageError(f"precision {self.precision!r}: give one of {', '.join(PRECISIONS)}")


def require_torch() -> None:
    """Import torch; raise UsageError where it is not installed."""
    # Threads that spin while they wait make a training ten times slower on a machine that does other work too.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        import pytorch_lightning  # noqa: F401
        import torchvision  # noqa: F401
    except ImportError as error:
        raise UsageError(f"training needs torch, which is not installed ({error}); {EXTRA}") from error


def train_bundle(
    *,
    labels: str,
    collection: str,
    output: str,
    taxonomy: Taxonomy,
    settings: TrainSettings,
    workers: int = 1,
    report: Callable[[str, int, int], None] | None = None,
) -> Path:
    """Train a model and write it to ``output/DIGEST``; return that folder.

    Raises:
        UsageError: torch is missing, or labels, collection or settings do not fit together.
        JobError: too many pictures cannot be decoded.
    """
    require_torch()
    from intent.bundle import BundleError, export_bundle
    from intent.expand import describe_origins
    from intent.given_weights import load_backbone
    from intent.training import TrainConfig, train_model

    start = _start(settings.start)
    given = settings.weights != "none" or start is not None
    chosen = {
        name: getattr(settings, name)
        for name in ("backbone", "image_size", "epochs", "seed", "accelerator", "all_maps", "temperature")
    }
    chosen["weights"] = f"bundle-{start[0].digest}" if start else settings.weights
    if start is not None:
        chosen["backbone"] = _same(settings.backbone, start[0].backbone)
        chosen["image_size"] = settings.image_size or start[1]
    try:
        config = TrainConfig(workers=workers, **{name: value for name, value in chosen.items() if value is not None})
        if start is None:
            load_backbone(config.backbone, weights=config.weights)  # a wrong name is known before a long decoding
    except ValueError as error:
        raise UsageError(str(error)) from error
    drawn = settings.drawn if settings.drawn is not None else DRAWN_PER_INTENT * given
    if drawn and kinds_of(taxonomy.intent_ids):
        check_drawing(f"--drawn {drawn}", "--drawn 0")
    truth = check_labels(read_truth(labels, "--labels"), taxonomy, labels)
    truth = truth.filter(pc.greater_equal(truth["confidence"], settings.min_confidence))
    if not truth.num_rows:
        raise UsageError(f"{labels}: no label is left to learn from; lower min_confidence or give more clicks")
    left_out = excluded_ids(settings.exclude) if settings.exclude else pa.array([], pa.string())
    planned = inputs.plan_collection(collection)
    rows = inputs.read_collection(planned, ("image_id", "uri", "bytes", "source", "site")).sort_by("image_id")
    wanted = pc.or_(
        pc.is_in(rows["image_id"], value_set=truth["image_id"].combine_chunks()),
        pc.is_in(rows["image_id"], value_set=left_out),
    )
    rows = rows.filter(wanted)
    source_of = sources_of(rows)
    rows = rows.select(["image_id", "uri", "bytes"])
    if start is not None and start[0].taxonomy.intent_ids != taxonomy.intent_ids:
        print(f"from {start[0].digest}: {describe_origins(start[0].taxonomy, taxonomy)}", file=sys.stderr)
    temp = _made("--temp", settings.temp) if settings.temp is not None else None
    _made("--output", output)
    folder = Path(tempfile.mkdtemp(prefix="train-", dir=temp or output))
    try:
        pictures = kept_pictures(rows, planned.root, size=config.image_size, folder=folder, temp=temp, workers=workers)
        check_failure_rate(
            sum(pictures.failed.values()),
            rows.num_rows,
            limit=MAX_FAILURE_RATE,
            what="pictures of the labels",
            reasons=pictures.failed,
            remedy=inputs.remedy_of(pictures.failed),
        )
        _tell_lost(truth, rows, pictures)
        examples, chosen_rows = _examples(truth, pictures, left_out, settings.max_images, source_of)
        if len(set(examples["intent"].drop_null().to_pylist())) < 2:
            raise UsageError(f"{labels}: pictures of fewer than 2 intents are there; a classifier needs 2 at least")
        counts = dict(sorted(_counts(examples["intent"]).items()))
        _tell_missing(taxonomy, counts)
        examples, squares = with_drawn(
            examples, pictures.squares, chosen_rows, taxonomy, per_intent=drawn, seed=settings.seed, folder=folder
        )
        work = _work(temp, config, examples, squares, taxonomy)
        try:
            trained = train_model(
                examples,
                squares,
                taxonomy,
                config,
                progress=report,
                start=start[0] if start else None,
                work=work,
            )
        except ValueError as error:
            raise UsageError(str(error)) from error
        stopped = trained.notes.get("stopped")
        if stopped:
            print(f"warning: training ended early: {stopped}", file=sys.stderr)
        window = manifest.read_manifest(labels) if files.is_folder(labels) else None
        bundle = export_bundle(
            trained,
            taxonomy,
            Path(output),
            data_window=str(window.config.get("window_end")) if window else None,
            label_counts=counts,
            metrics=trained.metrics,
            labels_digest=window.digest() if window else None,
            images=squares,
            precision=settings.precision,
        )
        if work.checkpoint is not None:
            work.checkpoint.unlink(missing_ok=True)
        return bundle
    except (OSError, BundleError) as error:
        raise JobError(f"{output}: {error}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(path: str | None) -> "tuple[Start, int] | None":
    """Return the weights of a bundle and the side of its pictures."""
    from intent.bundle import BundleError, load_bundle
    from intent.expand import Start

    if path is None:
        return None
    try:
        bundle = load_bundle(Path(path))
        return Start.read(bundle), bundle.image_size
    except BundleError as error:
        raise UsageError(f"--from {path}: {error}") from error


def _same(asked: str | None, found: str) -> str:
    if asked is not None and asked != found:
        raise UsageError(f"--backbone {asked}: the bundle of --from has {found}; leave --backbone out")
    return found


def _tell_missing(taxonomy: Taxonomy, counts: Mapping[str, int]) -> None:
    missing = [intent for intent in taxonomy.intent_ids if not counts.get(intent)]
    if missing:
        named = ", ".join(missing[:5]) + (", ..." if len(missing) > 5 else "")
        print(f"warning: intents without a labelled picture: {len(missing)} ({named})", file=sys.stderr)


def _work(
    folder: Path | None,
    config: "TrainConfig",
    examples: pa.Table,
    squares: npt.NDArray[np.uint8],
    taxonomy: Taxonomy,
) -> "Work":
    """Return where the training keeps what a killed one goes on from: nowhere without ``temp``."""
    from intent.training import Work

    if folder is None:
        return Work()
    weights = Path(config.weights)
    facts = {
        "config": config.described(),
        "weights": hashlib.sha256(weights.read_bytes()).hexdigest() if weights.is_file() else config.weights,
        "taxonomy": taxonomy.digest,
        "examples": examples.select([*TRUTH.names, "group", "source"]).to_pydict(),
        "pixels": _pixels_digest(squares),
    }
    key = manifest.digest_of(facts)[: manifest.KEY_DIGITS]
    stage = "tuning" if config.given else "network"
    return Work(checkpoint=folder / f"{stage}-{key}.ckpt", log=folder / f"{stage}-{key}.csv", key=key)


def _pixels_digest(squares: npt.NDArray[np.uint8]) -> str:
    """Return a digest of pictures, read a few at a time: they may lie on disk."""
    digest = hashlib.sha256()
    for start in range(0, len(squares), 256):
        digest.update(squares[start : start + 256].tobytes())
    return digest.hexdigest()


def _made(flag: str, folder: str) -> Path:
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{flag} {folder}: cannot be a folder ({error.strerror}); choose another {flag}") from error
    return Path(folder)


def _tell_lost(truth: pa.Table, rows: pa.Table, pictures: Pictures) -> None:
    """Say which labels teach nothing: those of pictures that cannot be read, or that the collection lacks."""
    labelled = truth["image_id"].to_pylist()
    there, read = set(rows["image_id"].to_pylist()), set(pictures.ids)
    lost = [image for image in labelled if image in there and image not in read]
    absent = [image for image in labelled if image not in there]
    if lost:
        why = told_reasons(pictures.failed)
        print(f"warning: {len(lost):,} labelled pictures cannot be read ({why}), first {lost[0]!r}", file=sys.stderr)
    if absent:
        print(
            f"warning: {len(absent):,} labels are of no picture of the collection, first {absent[0]!r}", file=sys.stderr
        )


def _counts(column: pa.ChunkedArray) -> dict[str, int]:
    counted = pc.value_counts(column.drop_null())
    return {row["values"]: row["counts"] for row in counted.to_pylist()}


def _examples(
    truth: pa.Table, pictures: Pictures, left_out: pa.Array, max_images: int, source_of: Mapping[str, str]
) -> tuple[pa.Table, npt.NDArray[np.int64]]:
    """Return the examples and their rows among the pictures, without what is excluded and its duplicates."""
    group_of = group_pictures(pictures.features)
    hidden = {group_of[image] for image in left_out.to_pylist() if image in group_of}
    banned = set(left_out.to_pylist())
    label_of = {row["image_id"]: row for row in truth.to_pylist()}
    kept = [
        (index, image)
        for index, image in enumerate(pictures.ids)
        if image in label_of and image not in banned and group_of[image] not in hidden
    ]
    if max_images and len(kept) > max_images:
        told = f"{max_images:,} of {len(kept):,} labelled pictures are learned from, a sample by the hash of their ids"
        print(f"{told}; more with --max-images, 0 for all (max_images in the file of a run)", file=sys.stderr)
        order = hash_order([image for _, image in kept])
        kept = sorted(kept[i] for i in order[:max_images])
    rows = [{**label_of[image], "group": group_of[image], "source": source_of.get(image)} for _, image in kept]
    schema = TRUTH.append(pa.field("group", pa.string())).append(pa.field("source", pa.string()))
    return pa.Table.from_pylist(rows, schema=schema), np.array([index for index, _ in kept], np.int64)


def group_pictures(features: pa.Table) -> dict[str, str]:
    """Return the group of duplicates of each picture by its id, from FEATURES."""
    groups = find_duplicates(features)
    return dict(zip(groups["image_id"].to_pylist(), groups["group_id"].to_pylist(), strict=True))


def hash_order(ids: Sequence[str]) -> list[int]:
    """Return the positions of `ids` in the order of their hashes: a sample that the same ids give again."""
    return [int(i) for i in np.argsort(hash_column(pa.array(list(ids), pa.string())), kind="stable")]


@functools.cache
def settings_key(settings: TrainSettings, taxonomy_digest: str) -> str:
    """Return the key of a training: another one asks for another model."""
    decides = {name: value for name, value in asdict(settings).items() if name not in ("accelerator", "temp")}
    return manifest.digest_of({"settings": decides, "taxonomy": taxonomy_digest})[: manifest.KEY_DIGITS]
