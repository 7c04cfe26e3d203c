"""Turn pictures into features: one decode per picture feeds the hashes and the CNN.

Input: ``--collection``, a table of images or a folder of pictures, and ``--model``, a bundle or ``none`` (hash
columns alone). Output: the table ``features``; a picture that cannot be read is a row of ``failures``.

    python -m beam_jobs.extract_features --collection pictures/ --model none --output run/extract_features
"""

import functools
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa

from beam_jobs import inputs
from beam_jobs.blocks import files, manifest, progress
from beam_jobs.blocks.failures import JobError, counter_rows, failure_rows
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.flags import Common, job_parser, parse_job, run_main
from beam_jobs.blocks.launch import Job, Sums, run_job
from beam_jobs.blocks.manifest import Manifest
from beam_jobs.blocks.read import NamedBlock
from beam_jobs.blocks.shuffle import MapPartitions, Plan, ShuffleBlocks
from dedup.block_mean import HASH_VERSION, hash_columns
from dedup.cnn_hash import cnn_hash
from intent.images import DecodedImage, ImageError, ImageLimits, decode_image, resolve_image_path, square
from intent.tables import CNN_COLUMNS, FEATURES, features_schema

STAGE = "extract_features"
VERSION = 1
MAX_FAILURE_RATE = 0.2
"""Share of pictures that may fail: the web's pictures are worse than its logs."""
IMAGES_PER_BLOCK = 64
"""Pictures decoded and then classified together: bounds memory, fills the CNN's batches."""
PIECES_PER_WORKER = 8
"""Partitions per worker, so that the last one to finish does not keep the others waiting."""


@dataclass(frozen=True)
class Config:
    """Flags of this job. `model` is the folder of a bundle, None for hash columns alone."""

    collection: str
    output: str
    model: str | None


@functools.lru_cache(maxsize=2)
def _predictor(path: str) -> Any:
    from intent.bundle import load_bundle
    from intent.inference import Predictor

    return Predictor(load_bundle(Path(path)))


def load_image(row: Mapping[str, Any], root: str, limits: ImageLimits) -> DecodedImage:
    """Decode the picture of one collection row: its bytes, or the file at its uri.

    Raises:
        ImageError: no such picture, or one that cannot be decoded.
    """
    data = row.get("bytes")
    if data is None:
        uri = row.get("uri")
        if not uri:
            raise ImageError("not_found", "neither uri nor bytes")
        if files.is_remote(root) and "://" not in uri:
            data = _read_remote(root, uri)
        else:
            path = resolve_image_path(Path(root), uri)
            try:
                if path.stat().st_size > limits.max_bytes:
                    raise ImageError("too_large", f"{path.stat().st_size:,} bytes, allowed {limits.max_bytes:,}")
                data = path.read_bytes()
            except OSError as error:
                raise ImageError("not_found", f"{uri}: {error.strerror}") from error
    return decode_image(data, limits=limits)


def _read_remote(root: str, uri: str) -> bytes:
    if uri.startswith("/") or ".." in uri.split("/"):
        raise ImageError("outside_collection", uri)
    try:
        return files.read_bytes(files.join(root, uri))
    except OSError as error:
        raise ImageError("not_found", f"{uri}: {error}") from error


def extract_block(table: pa.Table, root: str, model: str | None, limits: ImageLimits) -> Iterator[NamedBlock]:
    """Yield the features of a block of collection rows, and the failures of those that have none."""
    predictor = _predictor(model) if model else None
    ids: list[str] = []
    images: list[DecodedImage] = []
    failed: list[tuple[str, str, str]] = []
    for row in table.to_pylist():
        try:
            images.append(load_image(row, root, limits))
            ids.append(row["image_id"])
        except ImageError as error:
            failed.append((row["image_id"], error.reason, error.detail))
    if failed:
        yield "_failures", failure_rows(STAGE, failed)
        reasons = [reason for _, reason, _ in failed]
        yield "_counters", counter_rows({f"failed:{r}": reasons.count(r) for r in sorted(set(reasons))})
    yield "_counters", counter_rows({"images": table.num_rows})
    progress.add("images", table.num_rows)
    if not images:
        return
    columns: dict[str, Any] = {"image_id": ids, **hash_columns(images)}
    if predictor is not None:
        from intent.inference import prediction_columns

        size = predictor.bundle.image_size
        predictions = predictor.predict(np.stack([square(image.rgb, size) for image in images]))
        columns.update(prediction_columns(predictions, predictor.bundle))
        columns["cnn_hash"] = cnn_hash(predictions.embedding)
    arrays = []
    for field in FEATURES:
        values = columns.get(field.name)
        arrays.append(pa.nulls(len(ids), field.type) if values is None else _array(values, field.type))
    yield "features", pa.table(arrays, schema=FEATURES)


def _array(values: Any, kind: pa.DataType) -> pa.Array:
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values.cast(kind)
    if isinstance(values, np.ndarray) and values.ndim == 2:
        flat = pa.array(values.reshape(-1), kind.value_type)
        offsets = pa.array(np.arange(0, values.size + 1, values.shape[1]), pa.int32())
        return pa.ListArray.from_arrays(offsets, flat)
    return pa.array(values, kind)


def extract_partition(
    tables: Mapping[str, pa.Table], root: str, model: str | None, limits: ImageLimits
) -> Iterator[NamedBlock]:
    """Yield the features of one partition's pictures, some at a time."""
    rows = tables.get("collection")
    if rows is None:
        return
    ordered = rows.sort_by("image_id")
    for start in range(0, ordered.num_rows, IMAGES_PER_BLOCK):
        yield from extract_block(ordered.slice(start, IMAGES_PER_BLOCK), root, model, limits)


def build(
    pipeline: beam.Pipeline, config: Config, collection: inputs.Collection, plan: Plan
) -> beam.PCollection[NamedBlock]:
    """Read the collection, spread it over the workers, decode and classify."""
    progress.expect("images", collection.size)
    return (
        collection.read(pipeline, "ReadCollection", ("image_id", "uri", "bytes"))
        | "Spread" >> ShuffleBlocks(by={"collection": ["image_id"]}, plan=plan)
        | "Extract" >> MapPartitions(extract_partition, (collection.root, config.model, ImageLimits()))
    )


def run(config: Config, common: Common, *, skip_unchanged: bool = False) -> tuple[Manifest, bool]:
    """Run the job; see ``run_job``."""
    digest, schema = "none", FEATURES
    if config.model is not None:
        from intent.bundle import BundleError, load_bundle

        try:
            bundle = load_bundle(Path(config.model))
        except BundleError as error:
            raise UsageError(f"--model {config.model}: {error}") from error
        digest, schema = bundle.digest, features_schema(bundle.intents, bundle.parents)
    collection = inputs.plan_collection(config.collection)

    def balance(counters: Sums, rows: Sums) -> None:
        failed = sum(value for name, value in counters.items() if name.startswith("failed:"))
        if rows["features"] + failed != collection.size:
            raise JobError(
                f"{collection.size:,} pictures went in, {rows['features']:,} features and {failed:,} failures came out;"
                " run it again"
            )

    job = Job(
        stage=STAGE,
        version=VERSION,
        tables={"features": schema},
        build=lambda pipeline, plan: build(
            pipeline,
            config,
            collection,
            replace(plan, partitions=max(plan.partitions, common.workers * PIECES_PER_WORKER)),
        ),
        config={"model": digest, "hash_version": HASH_VERSION, "cnn": list(CNN_COLUMNS) if config.model else []},
        inputs={"collection": collection.digest, "pictures": pictures_digest(collection)},
        input_bytes=collection.input_bytes,
        balance=balance,
        rows=("images", "pictures"),
    )
    done, skipped = run_job(job, output=config.output, common=common, skip_unchanged=skip_unchanged)
    return done, skipped


def pictures_digest(collection: inputs.Collection) -> str:
    """Return a digest of the pictures behind a table of local uris: their sizes and times of change.

    A folder's own digest has them already; remote pictures are taken as they were.
    """
    if collection.listing is not None or files.is_remote(collection.root):
        return ""
    listing: list[list[object]] = []
    for uri in inputs.read_collection(collection, ("uri",))["uri"].to_pylist():
        try:
            stat = os.stat(os.path.join(collection.root, uri)) if uri and "://" not in uri else None
        except (OSError, ValueError):
            stat = None
        listing.append([uri, stat and stat.st_size, stat and stat.st_mtime_ns])
    return manifest.digest_of(listing)


def model_flag(value: str | None) -> str | None:
    """Return the bundle's folder, None for ``none``.

    Raises:
        UsageError: the flag is missing, as long as no bundle ships.
    """
    if value is None:
        raise UsageError(
            "no model is shipped yet: make one with `image-intent train` and pass it with --model BUNDLE, "
            "or pass --model none for hash columns alone"
        )
    return None if value == "none" else value


def main(argv: Sequence[str]) -> int:
    """Run the job from flags."""
    parser = job_parser(
        "beam_jobs.extract_features",
        __doc__ or "",
        workers=os.cpu_count() or 1,
        max_failure_rate=MAX_FAILURE_RATE,
    )
    parser.add_argument("--collection", required=True, help="table of images or folder of pictures")
    parser.add_argument("--output", required=True, help="folder of this job")
    parser.add_argument("--model", help="folder of a bundle, or none")
    flags, common = parse_job(parser, argv)
    done, _ = run(Config(flags.collection, flags.output, model_flag(flags.model)), common)
    print(f"{STAGE}: {done.rows('features'):,} pictures -> {flags.output}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(run_main(main))
