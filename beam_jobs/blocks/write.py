"""Write named blocks as sorted, deterministic Parquet files, and tell the launcher what was written."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import apache_beam as beam
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from beam_jobs.blocks import files, progress
from beam_jobs.blocks.failures import FAILURES
from beam_jobs.blocks.shuffle import Partition, Partitioner, Plan, ShuffleBlocks, base_name

ROW_GROUP_ROWS = 1 << 17
"""Rows of a row group, which is a block when the table is read again."""
FILE_BYTES = 256 << 20
"""Input bytes per output file."""
PARTITION_BYTES = 32 << 20
"""Encoded input bytes per partition of a shuffle: its tables, decoded, fit a worker's memory many times."""
DIGEST_DIGITS = 12
FAILURES_TABLE = "failures"


class Written(NamedTuple):
    """One file as the manifest lists it; `path` is relative to the output folder."""

    table: str
    path: str
    rows: int
    bytes: int
    sha256: str


def pieces_of(size: int, piece: int) -> int:
    """Return how many pieces of at most `piece` bytes `size` bytes make, at least 1."""
    return max(1, -(-size // piece))


def sort_columns(schema: pa.Schema) -> list[str]:
    """Return the columns that a table of `schema` is sorted by, from its metadata."""
    return str((schema.metadata or {})[b"sort_by"].decode()).split(",")


def sort_table(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return `table` cast to `schema` and sorted by its key, then by all other plain columns.

    Raises:
        ValueError: a column is missing or cannot be cast.
    """
    try:
        conformed = table.select(schema.names).cast(schema).combine_chunks()
    except (KeyError, pa.ArrowException) as error:
        raise ValueError(
            f"a table with columns {table.column_names} is not of the schema {schema.names}: {error}"
        ) from error
    key = sort_columns(schema)
    if _rises(conformed, key):
        return conformed
    rest = [f.name for f in schema if f.name not in key and not pa.types.is_nested(f.type)]
    rest = [n for n in rest if not pa.types.is_float16(schema.field(n).type)]
    order = pl.DataFrame(conformed.select([*key, *rest])).with_row_index("_row").sort([*key, *rest])["_row"]
    return conformed.take(order.to_arrow())


def _rises(table: pa.Table, key: Sequence[str]) -> bool:
    """Return whether the rows are sorted by `key` already, each with another one; False also where it is costly."""
    above = np.zeros(max(table.num_rows - 1, 0), dtype=bool)
    for name in reversed(key):
        column = table.column(name)
        if column.null_count or not (pa.types.is_string(column.type) or pa.types.is_integer(column.type)):
            return False
        before, after = column.slice(0, max(table.num_rows - 1, 0)), column.slice(1)
        above = np.asarray(pc.less(before, after)) | (np.asarray(pc.equal(before, after)) & above)
    return bool(above.all())


def parquet_bytes(table: pa.Table) -> bytes:
    """Return `table` as a Parquet file; equal tables give equal bytes."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", row_group_size=ROW_GROUP_ROWS)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def write_file(
    table: pa.Table, *, output: str, name: str, index: int, count: int, run_key: str, schema: pa.Schema
) -> Written:
    """Write ``NAME/part-INDEX-of-COUNT-RUNKEY.parquet``; a retry gives the same bytes.

    A name never changes its content, since readers may have it open: where a committed file of that name has other
    bytes (another version of a library, say) the new one is named ``…-RUNKEY-SHA256.parquet``.
    """
    content = parquet_bytes(sort_table(table, schema))
    path = f"{name}/part-{index:05d}-of-{count:05d}-{run_key}.parquet"
    digest = hashlib.sha256(content).hexdigest()
    target = files.join(output, path)
    if files.exists(target) and files.sha256_of(target) != digest:
        path = f"{path.removesuffix('.parquet')}-{digest[:DIGEST_DIGITS]}.parquet"
        target = files.join(output, path)
    if not files.exists(target):
        files.write_atomic(target, content)
    progress.add("written", table.num_rows)
    return Written(name, path, table.num_rows, len(content), digest)


def write_partition(
    partition: Partition,
    output: str,
    run_key: str,
    count: int,
    schemas: Mapping[str, pa.Schema],
    finish: Mapping[str, Callable[[pa.Table], pa.Table]],
) -> Iterator[bytes]:
    """Write all tables of one partition and yield its report as JSON bytes.

    A block named ``table@folder`` goes to ``table/folder/``; a table of `schemas` without rows is
    there, empty, in the first partition.
    """
    index, tables = partition[0], dict(partition[1])
    counters: dict[str, int] = {}
    for row in tables.pop("_counters", pa.table({"counter": [], "value": []})).to_pylist():
        counters[row["counter"]] = counters.get(row["counter"], 0) + row["value"]
    fatal = tables.pop("_fatal", FAILURES.empty_table())["detail"].to_pylist()
    written = []
    if index == 0:
        for name, schema in schemas.items():
            if not any(_table_of(key) == name for key in tables):
                tables[name] = schema.empty_table()
    for name in sorted(tables):
        table_name = _table_of(name)
        folder = name.replace("@", "/", 1) if "@" in name else table_name
        table = tables[name]
        if table_name in finish and table.num_rows:
            table = finish[table_name](table)
        written.append(
            write_file(
                table,
                output=output,
                name=folder,
                index=index,
                count=count,
                run_key=run_key,
                schema=schemas[table_name],
            )
        )
    report = {"partition": index, "counters": counters, "fatal": fatal, "files": [list(f) for f in written]}
    yield json.dumps(report, sort_keys=True).encode()


def _table_of(name: str) -> str:
    base = base_name(name)
    return FAILURES_TABLE if base == "_failures" else base


def write_report(group: tuple[int, Iterable[bytes]], path: str) -> int:
    """Write all partitions' reports as one JSON file for the launcher; return how many."""
    reports = sorted((json.loads(content) for content in group[1]), key=lambda report: report["partition"])
    files.write_atomic(path, json.dumps(reports).encode())
    return len(reports)


def read_report(path: str) -> list[dict[str, Any]]:
    """Return what ``write_report`` wrote; an empty list where the engine never came to it."""
    if not files.exists(path):
        return []
    reports: list[dict[str, Any]] = json.loads(files.read_bytes(path))
    return reports


@dataclass
class WritePartitions(beam.PTransform):
    """Write the tables of partitions that are cut as the files are; the output is the graph's final node.

    Attributes:
        output: folder of the job.
        schemas: the tables by name, with ``sort_by`` in their metadata.
        run_key: names the files of this run.
        file_count: files per table, as many as partitions.
        report: where to write what was written.
        finish: per table what turns a file's rows into what is written, such as the sum of partial counts.
    """

    output: str
    schemas: Mapping[str, pa.Schema]
    run_key: str
    file_count: int
    report: str
    finish: Mapping[str, Callable[[pa.Table], pa.Table]] = field(default_factory=dict)

    def expand(self, partitions: beam.PCollection[Partition]) -> beam.PCollection[int]:
        schemas = {**self.schemas, FAILURES_TABLE: FAILURES}
        return (
            partitions
            | "Write"
            >> beam.FlatMap(write_partition, self.output, self.run_key, self.file_count, schemas, dict(self.finish))
            | "Key" >> beam.Map(_to_one)
            | "Together" >> beam.GroupByKey()
            | "Report" >> beam.Map(write_report, self.report)
        )


@dataclass
class WriteBlocks(WritePartitions):
    """Write named blocks as tables, wherever their rows are.

    A row goes to a file by its table's first sort column, or by what `cut` says: the cut into files depends on
    `file_count` alone, not on partitions, runner or workers.

    Attributes:
        cut: per table what says which file a row goes to, where that is not the first sort column.
        spill: folder for slices on their way, see ``Plan``.
    """

    cut: Mapping[str, Partitioner] = field(default_factory=dict)
    spill: str | None = None

    def expand(self, blocks: Any) -> beam.PCollection[int]:
        schemas = {**self.schemas, FAILURES_TABLE: FAILURES}
        by = {name: self.cut.get(name, sort_columns(schema)[:1]) for name, schema in schemas.items()}
        partitions = blocks | "ToFiles" >> ShuffleBlocks(by=by, plan=Plan(self.file_count, self.spill))
        return super().expand(partitions)


def _to_one(report: bytes) -> tuple[int, bytes]:
    return 0, report
