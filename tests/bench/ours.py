"""Our side: the jobs themselves, and two small graphs of blocks for the primitives that no job shows alone."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import apache_beam as beam
import polars as pl
import pyarrow as pa

from beam_jobs import aggregate_clicks, derive_labels, extract_features
from beam_jobs.blocks import keys
from beam_jobs.blocks.failures import JobError
from beam_jobs.blocks.flags import Common
from beam_jobs.blocks.join import join_tables
from beam_jobs.blocks.launch import Build, Job, Sums, run_job
from beam_jobs.blocks.read import NamedBlock, ReadBlocks, Shard, plan_shards
from beam_jobs.blocks.shuffle import ChangePartitions, MapBlocks, Partition, Plan, ShuffleBlocks, Targets
from tests.bench.tables import DUPLICATES, FEATURES, IMAGES, LABELS, ROWS, SUMS, TOPICS


def evidence(*, log: str, output: str, threads: int) -> None:
    """Run aggregate_clicks on `log`."""
    aggregate_clicks.run(aggregate_clicks.Config(log, output), Common(workers=threads))


def labels(*, source: str, path: str, collection: str, output: str, threads: int) -> None:
    """Run derive_labels from `source`, ``evidence`` or ``clicks``, at `path`, as its command does."""
    flags = [f"--{source}", path, "--collection", collection, "--output", output, "--workers", str(threads)]
    if code := derive_labels.main([*flags, "--temp", str(Path(output).parent)]):
        raise RuntimeError(f"derive_labels ended with {code}")


def features(*, pictures: str, bundle: str, output: str, threads: int) -> None:
    """Run extract_features: hashes, digests and the bundle's scores of every picture."""
    extract_features.run(
        extract_features.Config(pictures, output, None if bundle == "none" else bundle), Common(workers=threads)
    )


def join(*, data: str, output: str, threads: int) -> None:
    """Join features with labels, topics and duplicates by image, as export_index does, and write them."""
    names = ("features", "labels", "topics", "duplicates")
    shards = [shard for name in names for shard in _shards(data, name)]

    def build(pipeline: beam.Pipeline, plan: Plan) -> beam.PCollection[Partition]:
        return (
            pipeline
            | "Read" >> ReadBlocks(shards)
            | "ByImage" >> ShuffleBlocks(by={name: ["image_id"] for name in names}, plan=plan)
            | "Join" >> ChangePartitions(join_images)
        )

    _run("bench_join", {"images": IMAGES}, build, shards, "features", output=output, threads=threads)


def join_images(tables: Mapping[str, pa.Table]) -> Iterator[NamedBlock]:
    """Yield one row per image of features with what the other tables say of it."""
    images = tables.get("features", FEATURES.empty_table())
    for name, schema in (("labels", LABELS), ("topics", TOPICS), ("duplicates", DUPLICATES)):
        images = join_tables(images, tables.get(name, schema.empty_table()), on=["image_id"])
    yield "images", images


def group_by(*, data: str, output: str, threads: int) -> None:
    """Count, sum and take the maximum per key: each block first, so a hot key is one row of it when it travels."""
    shards = _shards(data, "rows")

    def build(pipeline: beam.Pipeline, plan: Plan) -> beam.PCollection[Partition]:
        return (
            pipeline
            | "Read" >> ReadBlocks(shards, ROWS)
            | "Sum" >> MapBlocks(sum_rows, ["rows"])
            | "ByKey" >> ShuffleBlocks(by={"sums": ["key"]}, plan=plan, merge={"sums": merge_sums})
        )

    _run("bench_group_by", {"sums": SUMS}, build, shards, "rows", output=output, threads=threads)


def sum_rows(table: pa.Table) -> Iterator[NamedBlock]:
    """Yield the sums of one block of rows."""
    value = pl.col("value")
    summed = (
        pl.DataFrame(table).group_by("key").agg(rows=pl.len().cast(pl.Int64), total=value.sum(), largest=value.max())
    )
    yield "sums", summed.to_arrow().cast(SUMS)


def merge_sums(table: pa.Table) -> pa.Table:
    """Add up partial sums: one row per key."""
    merged = pl.DataFrame(table).group_by("key").agg(pl.col("rows", "total").sum(), pl.col("largest").max())
    return merged.sort("key").to_arrow().cast(SUMS)


def by_first_column(name: str, table: pa.Table, partitions: int) -> Targets:
    """Return the partition of each row by its first column, which is the key of all tables here."""
    return keys.ranges_of(keys.hash_rows(table, table.column_names[:1]), partitions)


def _shards(data: str, name: str) -> list[Shard]:
    return plan_shards(name, sorted(map(str, Path(data, name).glob("*.parquet"))))


def _run(
    stage: str,
    tables: Mapping[str, pa.Schema],
    build: Build,
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
        build=build,
        config={},
        inputs={},
        input_bytes=sum(shard.size for shard in shards),
        balance=balance,
        rows=(f"rows_read:{counted}", f"rows of {counted}"),
        cut=dict.fromkeys(tables, by_first_column),
    )
    run_job(job, output=output, common=Common(workers=threads))
