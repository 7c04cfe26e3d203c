"""Our side: the jobs themselves, and two small graphs of blocks for the primitives that no job shows alone."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import apache_beam as beam
import polars as pl
import pyarrow as pa

from beam_jobs import aggregate_clicks, derive_labels
from beam_jobs.blocks.failures import JobError
from beam_jobs.blocks.flags import Common
from beam_jobs.blocks.launch import Job, Sums, run_job
from beam_jobs.blocks.read import NamedBlock, ReadBlocks, Shard, plan_shards
from beam_jobs.blocks.shuffle import MapBlocks, MapPartitions, ShuffleBlocks, join_tables
from tests.bench.tables import DUPLICATES, FEATURES, IMAGES, LABELS, ROWS, SUMS, TOPICS


def evidence(*, log: str, output: str, threads: int) -> None:
    """Run aggregate_clicks on `log`."""
    aggregate_clicks.run(aggregate_clicks.Config(log, output), Common(workers=threads))


def labels(*, source: str, path: str, collection: str, output: str, threads: int) -> None:
    """Run derive_labels from `source`, ``evidence`` or ``clicks``, at `path`, as its command does."""
    flags = [f"--{source}", path, "--collection", collection, "--output", output, "--workers", str(threads)]
    if code := derive_labels.main([*flags, "--temp", str(Path(output).parent)]):
        raise RuntimeError(f"derive_labels ended with {code}")


def join(*, data: str, output: str, threads: int) -> None:
    """Join features with labels, topics and duplicates by image, as export_index does, and write them."""
    names = ("features", "labels", "topics", "duplicates")
    shards = [shard for name in names for shard in _shards(data, name)]

    def build(pipeline: beam.Pipeline, partitions: int) -> beam.PCollection[NamedBlock]:
        return (
            pipeline
            | "Read" >> ReadBlocks(shards)
            | "ByImage" >> ShuffleBlocks(by={name: ["image_id"] for name in names}, partitions=partitions)
            | "Join" >> MapPartitions(join_images)
        )

    _run("bench_join", {"images": IMAGES}, build, shards, "features", output=output, threads=threads)


def join_images(tables: Mapping[str, pa.Table]) -> Iterator[NamedBlock]:
    """Yield one row per image of features with what the other tables say of it."""
    images = tables.get("features", FEATURES.empty_table())
    for name, schema in (("labels", LABELS), ("topics", TOPICS), ("duplicates", DUPLICATES)):
        images = join_tables(images, tables.get(name, schema.empty_table()), on=["image_id"])
    yield "images", images


def group_by(*, data: str, output: str, threads: int) -> None:
    """Count, sum and take the maximum per key."""
    shards = _shards(data, "rows")

    def build(pipeline: beam.Pipeline, partitions: int) -> beam.PCollection[NamedBlock]:
        return (
            pipeline
            | "Read" >> ReadBlocks(shards, ROWS)
            | "Sum" >> MapBlocks(sum_rows, ["rows"])
            | "ByKey" >> ShuffleBlocks(by={"sums": ["key"]}, partitions=partitions, combine={"sums": merge_sums})
            | "Merged" >> MapPartitions(pass_on)
        )

    _run("bench_group_by", {"sums": SUMS}, build, shards, "rows", output=output, threads=threads)


def sum_rows(table: pa.Table) -> Iterator[NamedBlock]:
    """Yield the sums of one block of rows."""
    frame = (
        pl.DataFrame(table)
        .group_by("key")
        .agg(rows=pl.len().cast(pl.Int64), total=pl.col("value").sum(), largest=pl.col("value").max())
    )
    yield "sums", frame.to_arrow().cast(SUMS)


def merge_sums(table: pa.Table) -> pa.Table:
    """Add up partial sums: one row per key."""
    merged = pl.DataFrame(table).group_by("key").agg(pl.col("rows", "total").sum(), pl.col("largest").max())
    return merged.sort("key").to_arrow().cast(SUMS)


def pass_on(tables: Mapping[str, pa.Table]) -> Iterator[NamedBlock]:
    """Yield the tables of a partition as they are."""
    yield from tables.items()


def _shards(data: str, name: str) -> list[Shard]:
    return plan_shards(name, sorted(map(str, Path(data, name).glob("*.parquet"))))


def _run(
    stage: str,
    tables: Mapping[str, pa.Schema],
    build: object,
    shards: list[Shard],
    counted: str,
    *,
    output: str,
    threads: int,
) -> None:
    def balance(counters: Sums, rows: Sums) -> None:
        if not counters.get(f"rows_read:{counted}"):
            raise JobError(f"no row of {counted} was read")

    job = Job(
        stage=stage,
        version=1,
        tables=tables,
        build=build,  # type: ignore[arg-type]
        config={},
        inputs={},
        input_bytes=sum(shard.size for shard in shards),
        balance=balance,
        rows=(f"rows_read:{counted}", f"rows of {counted}"),
    )
    run_job(job, output=output, common=Common(workers=threads))
