"""Turn pictures into features: one decode per picture feeds the hashes and the CNN.

Input: ``--collection``, a table of images or a folder of pictures (local, or on any filesystem that fsspec knows),
and ``--model``, a bundle or ``none`` (hash columns alone); ``--previous``, an earlier output, whose rows stay where
files have not changed. Output: the tables ``features`` and ``sources``; a picture that cannot be read is a row of
``failures``.

    python -m beam_jobs.extract_features --collection pictures/ --model none --output run/extract_features
"""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import apache_beam as beam
import pyarrow as pa
import pyarrow.compute as pc

from beam_jobs import inputs
from beam_jobs.blocks import files, manifest, progress
from beam_jobs.blocks.failures import JobError
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.flags import Common, job_parser, parse_job, run_main
from beam_jobs.blocks.launch import Job, Sums, run_job
from beam_jobs.blocks.manifest import Manifest
from beam_jobs.blocks.read import NamedBlock, ReadBlocks, Shard, create_blocks
from beam_jobs.blocks.shuffle import MapPartitions, Plan, ShuffleBlocks
from beam_jobs.blocks.write import PARTITION_BYTES, pieces_of
from beam_jobs.pictures import listing, pool
from beam_jobs.pictures.extract import Settings, extract_partition
from beam_jobs.pictures.pixel_cache import GIGABYTES, PixelCache
from beam_jobs.pictures.sources import load_image
from beam_jobs.pictures.tables import SOURCES, STAMPS
from dedup.block_mean import HASH_VERSION
from intent.shipped import packaged_model
from intent.tables import CNN_COLUMNS, FEATURES, features_schema

__all__ = ["MAX_FAILURE_RATE", "STAGE", "VERSION", "Config", "build", "load_image", "main", "model_flag", "run"]

STAGE = "extract_features"
VERSION = 2
MAX_FAILURE_RATE = 0.2
"""Share of pictures that may fail: the web's pictures are worse than its logs."""
PIECES_PER_WORKER = 8
"""Partitions per worker, so that the last one to finish does not keep the others waiting."""


ROW_BYTES = 1200
"""Bytes of a picture's rows: what is made is more than what is listed."""
FILE_BYTES = 32 << 20
"""Bytes of rows per file: whoever writes a file holds its rows some times over."""
LOST_SHOWN, LOST_LENGTH = 3, 200
"""Names told of what cannot be read, and characters of each."""
TABLES = {"features": "previous", "sources": "known", "failures": "failed"}
"""Tables of an earlier output, and what their blocks are named."""


@dataclass(frozen=True)
class Config:
    """Flags of this job.

    Attributes:
        collection: a table of images or a folder of pictures.
        output: folder of the job.
        model: the folder of a bundle, None for hash columns alone.
        previous: an earlier output of the job; the same folder as `output` may be new.
        pixel_cache: folder of decoded pictures for other models; None for none.
        pixel_cache_bytes: the most that it holds.
    """

    collection: str
    output: str
    model: str | None
    previous: str | None = None
    pixel_cache: str | None = None
    pixel_cache_bytes: int = int(GIGABYTES * 1e9)


def build(
    pipeline: beam.Pipeline,
    collection: inputs.Collection,
    stamps: pa.Table,
    earlier: Sequence[Shard],
    settings: Settings,
    plan: Plan,
) -> beam.PCollection[NamedBlock]:
    """Read the collection and what is known of it, spread it over the workers, decode and classify the rest."""
    progress.expect("images", collection.size)
    pictures = collection.read(pipeline, "ReadCollection", ("image_id", "uri", "bytes"))
    known = [pipeline | "ReadPrevious" >> ReadBlocks(earlier)] if earlier else []
    by = {"collection": ["image_id"], "stamps": ["image_id"], "previous": ["image_id"], "known": ["image_id"]}
    return (
        (pictures, create_blocks(pipeline, "Stamps", "stamps", stamps), *known)
        | "Spread" >> ShuffleBlocks(by={**by, "failed": ["key"]}, plan=plan)
        | "Extract" >> MapPartitions(extract_partition, (settings,))
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
        if config.pixel_cache is not None:
            PixelCache(config.pixel_cache, side=bundle.image_size, limit_bytes=config.pixel_cache_bytes)
    elif config.pixel_cache is not None:
        raise UsageError("--pixel-cache keeps what a model reads; give --model BUNDLE, or leave the cache out")
    earlier = earlier_shards(config)
    collection = inputs.plan_collection(config.collection)
    if collection.lost:
        shown = "; ".join(each[:LOST_LENGTH] for each in collection.lost[:LOST_SHOWN])
        told = f"cannot read {len(collection.lost):,} of its files and folders, which are left out"
        print(f"warning: {config.collection}: {told}: {shown}", file=sys.stderr)
    stamps = collection.stamps
    if stamps is None:
        rows = inputs.read_collection(collection, ("image_id", "uri"))
        stamps = listing.stamp_uris(collection.root, rows["image_id"], rows["uri"].to_pylist())
    settings = Settings(
        stage=STAGE,
        root=collection.root,
        model=config.model,
        processes=common.workers,
        cache=config.pixel_cache,
        cache_bytes=config.pixel_cache_bytes,
    )

    def balance(counters: Sums, rows: Sums) -> None:
        failed = sum(value for name, value in counters.items() if name.startswith("failed:"))
        if rows["features"] + failed != collection.size or rows["sources"] != collection.size:
            raise JobError(
                f"{collection.size:,} pictures went in, {rows['features']:,} features, {failed:,} failures and "
                f"{rows['sources']:,} sources came out; run it again"
            )

    least = max(common.workers * PIECES_PER_WORKER, pieces_of(sum(shard.size for shard in earlier), PARTITION_BYTES))
    job = Job(
        stage=STAGE,
        version=VERSION,
        tables={"features": schema, "sources": SOURCES},
        build=lambda pipeline, plan: build(
            pipeline, collection, stamps, earlier, settings, replace(plan, partitions=max(plan.partitions, least))
        ),
        config={"model": digest, "hash_version": HASH_VERSION, "cnn": list(CNN_COLUMNS) if config.model else []},
        inputs={"collection": collection.digest, "pictures": _pictures_digest(collection, stamps)},
        input_bytes=collection.size * ROW_BYTES,
        file_bytes=FILE_BYTES,
        balance=balance,
        rows=("images", "pictures"),
    )
    try:
        return run_job(job, output=config.output, common=common, skip_unchanged=skip_unchanged)
    finally:
        pool.close()


def earlier_shards(config: Config) -> list[Shard]:
    """Return what to read of the earlier output; nothing where its hashes are of another version.

    Raises:
        UsageError: no output of this job is there, or a file of it has other bytes than were written.
    """
    if config.previous is None:
        return []
    before = manifest.read_manifest(config.previous)
    if before is None and config.previous.rstrip("/") == config.output.rstrip("/"):
        return []  # the first run
    if before is None or before.stage != STAGE:
        what = "no committed output" if before is None else f"the output of {before.stage}"
        raise UsageError(f"--previous {config.previous}: {what} there; give an earlier --output of {STAGE}")
    if before.config.get("hash_version") != HASH_VERSION:
        return []
    if broken := _broken(config.previous, before):
        raise UsageError(f"--previous {config.previous}: {broken} is not as {STAGE} wrote it; run without --previous")
    found = [
        shard
        for table, name in TABLES.items()
        if table in before.tables
        for shard in manifest.table_shards(config.previous, table, name=name, of=before)
    ]
    return [shard for shard in found if shard.rows]


def usable_output(*folders: str) -> str | None:
    """Return the first of `folders` that holds a whole output of this job, to be given as an earlier one; or None."""
    for folder in folders:
        before = manifest.read_manifest(folder) if files.exists(folder) else None
        if before is None or before.stage != STAGE:
            continue
        if _broken(folder, before) is None:
            return folder
    return None


def _broken(folder: str, output: Manifest) -> str | None:
    """Return the first file of an output that is not there with the bytes that were written, or None. What Parquet
    reads of a file with a changed byte is another value more often than an error, and would stay from run to run."""
    for listed in output.tables.values():
        for file in listed:
            path = files.join(folder, file.path)
            if files.size_of(path) != file.bytes or files.sha256_of(path) != file.sha256:
                return file.path
    return None


def summary(done: Manifest) -> str:
    """Return what became of the pictures, such as ``12 new, 3 changed, 2 removed, 99,983 re-used``."""
    words = {
        "new": "new",
        "changed": "changed",
        "again": "tried again",
        "removed": "removed",
        "rescored": "with a new model's scores",
        "reused": "re-used",
    }
    counts = {word: done.counters.get(name, 0) for name, word in words.items()}
    return ", ".join(f"{count:,} {word}" for word, count in counts.items() if count)


def _pictures_digest(collection: inputs.Collection, stamps: pa.Table) -> str:
    """Return a digest of the pictures behind a table's uris: their stamps; a folder's own digest has them already."""
    if collection.stamps is not None or not pc.any(listing.is_known(stamps)).as_py():
        return ""
    return listing.digest(stamps.select(STAMPS.names[1:]))


def model_flag(value: str | None) -> str | None:
    """Return the bundle's folder, None for ``none``; without the flag the bundle that ships with the package.

    Raises:
        UsageError: the flag is missing, and the package carries no bundle.
    """
    if value is not None:
        return None if value == "none" else value
    shipped = packaged_model()
    if shipped is None:
        raise UsageError(
            "this installation carries no model: make one with `image-intent train` and pass it with --model BUNDLE, "
            "or pass --model none for hash columns alone"
        )
    return str(shipped)


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
    parser.add_argument("--model", help="folder of a bundle, or none (default: the one that ships)")
    parser.add_argument("--previous", metavar="DIR", help="earlier output; rows of unchanged files are re-used")
    parser.add_argument("--pixel-cache", metavar="DIR", help="keep decoded pictures there for other models")
    parser.add_argument(
        "--pixel-cache-gb", type=float, default=GIGABYTES, metavar="GB", help="its limit (default: %(default)g)"
    )
    flags, common = parse_job(parser, argv)
    if not flags.pixel_cache_gb > 0:
        raise UsageError(f"--pixel-cache-gb {flags.pixel_cache_gb:g}: give more than 0")
    config = Config(
        flags.collection,
        flags.output,
        model_flag(flags.model),
        previous=flags.previous,
        pixel_cache=flags.pixel_cache,
        pixel_cache_bytes=int(flags.pixel_cache_gb * 1e9),
    )
    done, _ = run(config, common)
    told = f" ({summary(done)})" if config.previous else ""
    print(f"{STAGE}: {done.rows('features'):,} pictures{told} -> {flags.output}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(run_main(main))
