"""From labels and pictures to a bundle: reads, decodes once, leaves out what must not be learned, trains."""

import functools
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from beam_jobs import inputs
from beam_jobs.blocks import files, manifest, progress
from beam_jobs.blocks.failures import JobError, check_failure_rate
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.keys import hash_column
from beam_jobs.blocks.read import format_of, plan_shards, read_shard
from beam_jobs.drawn_examples import DRAWN_PER_INTENT, sources_of, with_drawn
from beam_jobs.extract_features import MAX_FAILURE_RATE, load_image
from dedup.block_mean import hash_columns
from dedup.find import find_duplicates
from intent.images import DecodedImage, ImageError, ImageLimits, square
from intent.precision import PRECISIONS
from intent.tables import FEATURES
from labels.taxonomy import Taxonomy

if TYPE_CHECKING:
    from intent.expand import Start
    from intent.training import Work

EXTRA = "pip install 'image-intent[train]'"
DECODE_TOGETHER = 256
"""Pictures decoded before their hashes are made: bounds the memory of full-size pictures."""
TRUTH = pa.schema(
    [("image_id", pa.string()), ("intent", pa.string()), ("parent", pa.string()), ("confidence", pa.float32())]
)


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
        max_images: most examples, a sample by the hash of their ids beyond.
        drawn: pictures drawn per intent that has a drawer and taught beside the labelled ones; None draws
            `DRAWN_PER_INTENT` where weights are given and none else.
        start: folder of a bundle whose weights and head the training starts from, of this or another taxonomy.
        accelerator: ``auto``, ``cpu`` or ``gpu``.
        temp: folder that keeps decoded pictures, the checkpoint and the log, so that a killed training goes on;
            None keeps them in a folder that goes with the training.
        all_maps: whether features hold the pooled maps of every resolution; None says yes for random weights only.
        precision: of the bundle's graph: ``auto`` (int8 where it judges as well), ``float32`` or ``int8``.
    """

    backbone: str | None = None
    weights: str = "none"
    exclude: str | None = None
    image_size: int | None = None
    epochs: int | None = None
    seed: int = 0
    min_confidence: float = 0.0
    max_images: int = 50_000
    drawn: int | None = None
    start: str | None = None
    accelerator: str = "auto"
    temp: str | None = None
    all_maps: bool | None = None
    precision: str = "auto"


def require_torch() -> None:
    """Import torch; raise UsageError where it is not installed."""
    # Threads that spin while they wait make a training ten times slower on a machine that does other work too.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        import pytorch_lightning  # noqa: F401
        import torchvision  # noqa: F401
    except ImportError as error:
        raise UsageError(f"training needs torch, which is not installed ({error}); {EXTRA}") from error


def read_truth(path: str, flag: str) -> pa.Table:
    """Return image_id, intent, parent and confidence of an output of derive_labels or of any such table.

    Raises:
        UsageError: it is neither, or lacks a column.
    """
    if files.is_folder(path) and manifest.read_manifest(path) is not None:
        table = manifest.read_table(path, "labels", TRUTH.names)
        return table.select(TRUTH.names).cast(TRUTH)
    table = _read_any(path, flag, ("image_id", "intent"))
    for name in table.column_names:
        if name in TRUTH.names:
            try:
                cast = table.column(name).cast(TRUTH.field(name).type)
            except pa.ArrowException as error:
                raise UsageError(f"{flag} {path}: column {name!r} is {table.schema.field(name).type}") from error
            table = table.set_column(table.column_names.index(name), name, cast)
    columns = {
        "parent": pa.nulls(table.num_rows, pa.string()),
        "confidence": pa.array(np.ones(table.num_rows), pa.float32()),
        **{name: table.column(name) for name in table.column_names},
    }
    return pa.table([columns[name] for name in TRUTH.names], schema=TRUTH)


def _read_any(path: str, flag: str, required: Sequence[str]) -> pa.Table:
    found = files.list_files(path)
    if not found:
        raise UsageError(f"{flag} {path}: nothing there; give a Parquet or CSV file with {', '.join(required)}")
    for file in found:
        format_of(file)
    shards = plan_shards("table", found, required=required)
    tables = [table for shard in shards for table in read_shard(shard, TRUTH)]
    if not tables:
        raise UsageError(f"{flag} {path}: no rows there")
    return pa.concat_tables(tables, promote_options="default")


def excluded_ids(path: str) -> pa.Array:
    """Return the ids of ``--exclude``: all, or where there is a column split those that are not ``train``."""
    table = _read_any(path, "--exclude", ("image_id",))
    if "split" in table.column_names:
        table = table.filter(pc.fill_null(pc.not_equal(table["split"].cast(pa.string()), "train"), True))
    return table["image_id"].cast(pa.string()).combine_chunks()


def check_labels(truth: pa.Table, taxonomy: Taxonomy, path: str) -> pa.Table:
    """Return the labels with their parents; raise UsageError for an intent that the taxonomy lacks."""
    unknown = sorted({i for i in truth["intent"].to_pylist() if i is not None} - set(taxonomy.intent_ids))
    if unknown:
        raise UsageError(f"{path}: intent {unknown[0]!r} is not in the taxonomy ({len(unknown)} such)")
    parents = [
        taxonomy.parent_of(intent) if intent is not None else parent
        for intent, parent in zip(truth["intent"].to_pylist(), truth["parent"].to_pylist(), strict=True)
    ]
    table = truth.set_column(2, "parent", pa.array(parents, pa.string()))
    return table.filter(pc.is_in(table["parent"], value_set=pa.array(taxonomy.parent_ids)))


@dataclass(frozen=True)
class Pictures:
    """Decoded pictures: ids, squares uint8 [n, size, size, 3] (on disk), hash columns as a FEATURES table."""

    ids: list[str]
    squares: npt.NDArray[np.uint8]
    features: pa.Table
    failed: Mapping[str, int]


def decode_pictures(rows: pa.Table, root: str, *, size: int, folder: Path, workers: int) -> Pictures:
    """Decode the pictures of collection rows once, for the CNN and for the hashes.

    Args:
        rows: image_id, uri and bytes.
        root: the collection's folder.
        size: side of the squares.
        folder: where the squares are kept on disk.
        workers: threads.
    """
    limits = ImageLimits()
    squares = np.memmap(folder / "squares.u8", np.uint8, "w+", shape=(max(rows.num_rows, 1), size, size, 3))
    ids: list[str] = []
    failed: dict[str, int] = {}
    tables = [FEATURES.empty_table()]

    def one(row: Mapping[str, Any]) -> Any:
        try:
            image = load_image(row, root, limits)
            return image, square(image.rgb, size)
        except ImageError as error:
            return error

    progress.expect("examples", rows.num_rows)
    with ThreadPoolExecutor(workers) as pool:
        for start in range(0, rows.num_rows, DECODE_TOGETHER):
            piece = rows.slice(start, DECODE_TOGETHER).to_pylist()
            good: list[str] = []
            images: list[DecodedImage] = []
            for row, result in zip(piece, pool.map(one, piece), strict=True):
                if isinstance(result, ImageError):
                    failed[result.reason] = failed.get(result.reason, 0) + 1
                    continue
                squares[len(ids) + len(good)] = result[1]
                good.append(row["image_id"])
                images.append(result[0])
            ids += good
            progress.add("examples", len(piece))
            if images:
                columns = {"image_id": good, **hash_columns(images)}
                arrays = [
                    pa.array(columns[f.name], f.type) if f.name in columns else pa.nulls(len(good), f.type)
                    for f in FEATURES
                ]
                tables.append(pa.table(arrays, schema=FEATURES))
    return Pictures(ids, squares[: len(ids)], pa.concat_tables(tables), failed)


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
    from beam_jobs.decoded import kept_pictures
    from intent.bundle import BundleError, export_bundle
    from intent.training import TrainConfig, train_model

    if settings.precision not in PRECISIONS:
        raise UsageError(f"precision {settings.precision!r}: give one of {', '.join(PRECISIONS)}")
    start = _start(settings.start)
    given = settings.weights != "none" or start is not None
    chosen = {
        name: getattr(settings, name)
        for name in ("backbone", "image_size", "epochs", "seed", "accelerator", "all_maps")
    }
    chosen["weights"] = f"bundle-{start[0].digest}" if start else settings.weights
    if start is not None:
        chosen["backbone"] = _same(settings.backbone, start[0].backbone)
        chosen["image_size"] = settings.image_size or start[1]
    try:
        config = TrainConfig(workers=workers, **{name: value for name, value in chosen.items() if value is not None})
    except ValueError as error:
        raise UsageError(str(error)) from error
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
    temp = Path(_made(settings.temp)) if settings.temp is not None else None
    _made(output)
    folder = Path(tempfile.mkdtemp(prefix="train-", dir=temp or output))
    try:
        pictures = kept_pictures(rows, planned.root, size=config.image_size, folder=folder, temp=temp, workers=workers)
        check_failure_rate(
            sum(pictures.failed.values()),
            rows.num_rows,
            limit=MAX_FAILURE_RATE,
            what="pictures of the labels",
            reasons=pictures.failed,
        )
        examples, chosen_rows = _examples(truth, pictures, left_out, settings.max_images, source_of)
        if len(set(examples["intent"].drop_null().to_pylist())) < 2:
            raise UsageError(f"{labels}: pictures of fewer than 2 intents are there; a classifier needs 2 at least")
        counts = dict(sorted(_counts(examples["intent"]).items()))
        _tell_missing(taxonomy, counts)
        drawn = settings.drawn if settings.drawn is not None else DRAWN_PER_INTENT * given
        examples, squares = with_drawn(
            examples, pictures.squares, chosen_rows, taxonomy, per_intent=drawn, seed=settings.seed, folder=folder
        )
        work = _work(temp, config.described(), examples, taxonomy)
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
            print(f"warning: tuning ended early: {stopped}", file=sys.stderr)
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
        print(f"warning: {len(missing)} intents have no labelled picture: {named}", file=sys.stderr)


def _work(folder: Path | None, config: Mapping[str, object], examples: pa.Table, taxonomy: Taxonomy) -> "Work":
    """Return where the training keeps what a killed one goes on from: nowhere without ``temp``."""
    from intent.training import Work

    if folder is None:
        return Work()
    learned = examples.select(["image_id", "intent", "parent", "confidence", "source"]).sort_by("image_id").to_pydict()
    key = manifest.digest_of({"config": dict(config), "taxonomy": taxonomy.digest, "examples": learned})
    key = key[: manifest.KEY_DIGITS]
    return Work(checkpoint=folder / f"tuning-{key}.ckpt", log=folder / f"tuning-{key}.csv", key=key)


def _made(output: str) -> str:
    try:
        Path(output).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot write to {output}: {error.strerror}; choose another --output") from error
    return output


def _counts(column: pa.ChunkedArray) -> dict[str, int]:
    counted = pc.value_counts(column.drop_null())
    return {row["values"]: row["counts"] for row in counted.to_pylist()}


def _examples(
    truth: pa.Table, pictures: Pictures, left_out: pa.Array, max_images: int, source_of: Mapping[str, str]
) -> tuple[pa.Table, npt.NDArray[np.int64]]:
    """Return the examples and their rows among the pictures, without what is excluded and its duplicates."""
    groups = find_duplicates(pictures.features)
    group_of = dict(zip(groups["image_id"].to_pylist(), groups["group_id"].to_pylist(), strict=True))
    hidden = {group_of[image] for image in left_out.to_pylist() if image in group_of}
    banned = set(left_out.to_pylist())
    label_of = {row["image_id"]: row for row in truth.to_pylist()}
    kept = [
        (index, image)
        for index, image in enumerate(pictures.ids)
        if image in label_of and image not in banned and group_of[image] not in hidden
    ]
    if len(kept) > max_images:
        order = hash_order([image for _, image in kept])
        kept = sorted(kept[i] for i in order[:max_images])
    rows = [{**label_of[image], "group": group_of[image], "source": source_of.get(image)} for _, image in kept]
    schema = TRUTH.append(pa.field("group", pa.string())).append(pa.field("source", pa.string()))
    return pa.Table.from_pylist(rows, schema=schema), np.array([index for index, _ in kept], np.int64)


def hash_order(ids: Sequence[str]) -> list[int]:
    """Return the positions of `ids` in the order of their hashes: a sample that the same ids give again."""
    return [int(i) for i in np.argsort(hash_column(pa.array(list(ids), pa.string())), kind="stable")]


@functools.cache
def settings_key(settings: TrainSettings, taxonomy_digest: str) -> str:
    """Return the key of a training: another one asks for another model."""
    decides = {name: value for name, value in asdict(settings).items() if name not in ("accelerator", "temp")}
    return manifest.digest_of({"settings": decides, "taxonomy": taxonomy_digest})[: manifest.KEY_DIGITS]
