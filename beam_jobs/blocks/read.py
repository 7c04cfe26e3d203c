"""Read tables in blocks: Parquet row groups, JSONL and CSV in pieces, gzip or not, and folders of images."""

import io
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from apache_beam.pipeline import PipelineVisitor

from beam_jobs.blocks import balance, files, progress
from beam_jobs.blocks.failures import counter_rows, failure_rows
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.text import Rejected, first_line, read_text, text_columns

_EPOCH = date(1970, 1, 1)
BLOCK_ROWS = 1 << 19
"""Most rows of a block: some 20 MB of click rows, small beside a worker's memory."""
BLOCK_BYTES = 16 << 20
"""Encoded bytes of a block and of what one worker reads at a time: many small files go together."""
ROW_BYTES = 8
"""Least bytes that a row counts for: sorted columns are encoded in less than they take in memory."""
LEAST_ELEMENTS = 16
"""Elements of ``Create`` that an input is cut into where it has as many shards: workers need several each."""

NamedBlock = tuple[str, pa.Table]

_FORMATS = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
}


_VIEWS = {pa.string_view(): pa.string(), pa.binary_view(): pa.binary()}


class Shard(NamedTuple):
    """A piece of an input file that one worker reads; fields only, so that any runner can carry it.

    `rows` is None where only reading tells.
    """

    name: str
    path: str
    format: str
    first_group: int
    groups: int
    size: int
    rows: int | None = None


def format_of(path: str) -> str:
    """Return ``parquet``, ``jsonl``, ``csv`` or ``tsv`` by the file's name, ``.gz`` apart.

    Raises:
        UsageError: the extension is none of these.
    """
    name = path.lower().removesuffix(".gz")
    for ending, kind in _FORMATS.items():
        if name.endswith(ending):
            return kind
    raise UsageError(f"{path}: not a table that can be read; use .parquet, .jsonl, .csv or .tsv (.gz or not)")


def plan_shards(name: str, paths: Sequence[str], *, required: Sequence[str] = ()) -> list[Shard]:
    """Cut the files `paths` into shards: a Parquet row group each, another file whole.

    Footers and headers are read here, so a broken file or a missing column ends the job before any work.

    Raises:
        UsageError: a file cannot be read or lacks a column of `required`.
    """
    shards = []
    for path in paths:
        kind = format_of(path)
        if kind == "parquet":
            try:
                with files.open_input(path) as file:
                    footer = pq.read_metadata(file)
                    columns = footer.schema.to_arrow_schema().names
            except (pa.ArrowException, OSError) as error:
                raise UsageError(
                    f"{path}: not a readable Parquet file ({first_line(error)}); write it again"
                ) from error
            shards += parquet_shards(name, path, [footer.row_group(i) for i in range(footer.num_row_groups)])
        else:
            columns = text_columns(path, kind)
            with files.open_input(path) as file:
                size = file.seek(0, io.SEEK_END)
            size = size * (4 if path.endswith(".gz") else 1) if columns else 0
            shards.append(Shard(name, path, kind, 0, 0, size))
        missing = [column for column in required if columns and column not in columns]
        if missing:
            other = next((mark for mark in ";|\t" if len(columns) == 1 and mark in columns[0]), None)
            hint = f" - separate the columns by commas, not by {other!r}" if other and kind == "csv" else ""
            raise UsageError(f"{path}: no column {missing[0]!r}; it has {', '.join(columns)}{hint}")
    return shards


def parquet_shards(name: str, path: str, groups: Sequence[pq.RowGroupMetaData]) -> list[Shard]:
    """Return shards of whole row groups, neighbours together up to a block."""
    shards: list[Shard] = []
    rows = 0
    for index, group in enumerate(groups):
        last = shards[-1] if shards else None
        size = max(group.total_byte_size, ROW_BYTES * group.num_rows)
        if last and rows + group.num_rows <= BLOCK_ROWS and last.size + size <= BLOCK_BYTES:
            rows += group.num_rows
            shards[-1] = last._replace(groups=last.groups + 1, size=last.size + size, rows=rows)
        else:
            rows = group.num_rows
            shards.append(Shard(name, path, "parquet", index, 1, size, rows))
    return shards


def read_shard(
    shard: Shard,
    schema: pa.Schema | None = None,
    columns: Sequence[str] = (),
    *,
    encoded: Sequence[str] = (),
    rows: int | None = None,
    rejected: Rejected | None = None,
) -> Iterator[pa.Table]:
    """Yield the rows of `shard` in blocks, in file order.

    Args:
        shard: what to read.
        schema: types of known columns, used where the format has none (CSV, JSONL).
        columns: the columns to read where the file has them; all where empty.
        encoded: text columns to leave dictionary-encoded where the file has them so.
        rows: the most rows of a block (BLOCK_ROWS); wide rows come in smaller ones.
        rejected: where given, bad rows of a text file are counted there, see ``read_text``.

    Raises:
        UsageError: the content is no such table.
    """
    rows = rows or BLOCK_ROWS
    try:
        if shard.format == "parquet":
            with files.open_input(shard.path) as file:
                footer = pq.read_metadata(file)
                names = footer.schema.to_arrow_schema().names
                texts = [name for name in encoded if name in names]
                parquet = pq.ParquetFile(file, metadata=footer, read_dictionary=texts, pre_buffer=False)
                present = [c for c in columns if c in names] if columns else None
                groups = list(range(shard.first_group, shard.first_group + shard.groups))
                total = sum(parquet.metadata.row_group(group).num_rows for group in groups)
                size = max(1, min(rows, BLOCK_BYTES * total // max(shard.size, 1)))
                for batch in parquet.iter_batches(size, row_groups=groups, columns=present, use_threads=False):
                    yield _without_views(pa.Table.from_batches([batch]))
            return
        for table in read_text(shard.path, shard.format, schema, rejected):
            kept = table.select([c for c in table.column_names if not columns or c in columns])
            for start in range(0, kept.num_rows, rows):
                yield kept.slice(start, rows)
    except (pa.ArrowException, OSError, EOFError, zlib.error) as error:
        raise UsageError(f"{shard.path}: not readable as {shard.format}: {first_line(error)}") from error


def _without_views(table: pa.Table) -> pa.Table:
    """Return `table` with plain strings and bytes for the views of them, which few kernels of Arrow take."""
    if not any(kind in _VIEWS for kind in table.schema.types):
        return table
    return table.cast(pa.schema([field.with_type(_VIEWS.get(field.type, field.type)) for field in table.schema]))


def read_named(
    shards: Iterable[Shard],
    schema: pa.Schema | None,
    columns: Sequence[str],
    encoded: Sequence[str] = (),
    tolerant: bool = False,
    days: bool = False,
) -> Iterator[NamedBlock]:
    """Yield the named blocks of `shards` and counters ``rows_read:NAME``; unreadable ones as ``_fatal``.

    Blocks of small files that follow each other are put together: a shuffle of many small slices is slow.
    """
    waiting: list[NamedBlock] = []
    rows, size = 0, 0
    for shard in shards:
        rejected = Rejected() if tolerant else None
        try:
            for found in read_shard(shard, schema, columns, encoded=encoded, rejected=rejected):
                progress.add("read", found.num_rows)
                table = with_day(found, shard.path) if days else found
                rows, size = rows + table.num_rows, size + table.nbytes
                if waiting and not (
                    rows <= BLOCK_ROWS and size <= 4 * BLOCK_BYTES and _alike(waiting[0], shard, table)
                ):
                    yield from _together(waiting)
                    waiting, rows, size = [], table.num_rows, table.nbytes
                waiting.append((shard.name, table))
        except UsageError as error:
            yield "_fatal", failure_rows("read", [(shard.path, "unreadable_file", str(error))])
        if rejected is not None:
            yield from _rejected_rows(shard, rejected)
    yield from _together(waiting)


def _rejected_rows(shard: Shard, rejected: Rejected) -> Iterator[NamedBlock]:
    """Yield the rows of a text file that could not be read as failures: they were read and failed."""
    if shard.format != "parquet" and not shard.size:
        yield "_counters", counter_rows({f"empty_files:{shard.name}": 1})
    if rejected.counts:
        key = "/".join(shard.path.split("/")[-2:])
        found = sorted(rejected.counts.items())
        details = [(key, reason, f"{rows} rows, such as {rejected.examples[reason]}") for reason, rows in found]
        yield "_failures", failure_rows("read", details)
        counters = {f"failed:{reason}": rows for reason, rows in found}
        yield "_counters", counter_rows({f"rows_read:{shard.name}": sum(rejected.counts.values()), **counters})


def _alike(waiting: NamedBlock, shard: Shard, table: pa.Table) -> bool:
    return waiting[0] == shard.name and table.schema.equals(waiting[1].schema)


def _together(waiting: Sequence[NamedBlock]) -> Iterator[NamedBlock]:
    if waiting:
        name = waiting[0][0]
        table = pa.concat_tables([block for _, block in waiting])
        yield name, table
        yield "_counters", counter_rows({f"rows_read:{name}": table.num_rows})


def group_shards(shards: Sequence[Shard]) -> list[list[Shard]]:
    """Put shards that follow each other together, up to a block's bytes; not fewer groups than workers need."""
    limit = min(BLOCK_BYTES, sum(shard.size for shard in shards) // LEAST_ELEMENTS)
    groups: list[list[Shard]] = []
    size = 0
    for shard in shards:
        if groups and size + shard.size <= limit and groups[-1][0].name == shard.name:
            groups[-1].append(shard)
            size += shard.size
        else:
            groups.append([shard])
            size = shard.size
    return groups


def with_day(table: pa.Table, path: str) -> pa.Table:
    """Return `table` with a column ``day``, int32 since 1970, of the ``date=`` folder that its file lies in."""
    day = files.day_of_path(path)
    if day is None:
        return table
    days = np.full(table.num_rows, (day - _EPOCH).days, dtype=np.int32)
    return table.append_column("day", pa.array(days))


def read_dealt(element: tuple[int, Iterable[Sequence[Shard]]], *settings: Any) -> Iterator[NamedBlock]:
    """Yield the blocks of the shards that were dealt out together, and what shows that every shard was read once.

    Args:
        element: a number, and lists of shards.
        settings: as ``read_named`` takes them after the shards.
    """
    for shards in element[1]:
        yield from read_named(shards, *settings)
        done = Counter(balance.SHARDS + shard.name for shard in shards)
        if done:
            yield balance.COUNTERS_BLOCK, counter_rows(done)


@dataclass
class ReadBlocks(beam.PTransform):
    """Read shards as named blocks.

    Attributes:
        shards: from ``plan_shards``, of one table or of several.
        schema: types of known columns, for text formats.
        columns: the columns to read; all where empty.
        encoded: text columns that stay dictionary-encoded where the file has them so.
        tolerant: bad rows of a text file are failures; without it they end the job.
        days: add a column ``day`` of the ``date=`` folders that the files lie in.
    """

    shards: Sequence[Shard]
    schema: pa.Schema | None = None
    columns: Sequence[str] = ()
    encoded: Sequence[str] = ()
    tolerant: bool = False
    days: bool = False

    def expand(self, pipeline: beam.Pipeline) -> beam.PCollection[NamedBlock]:
        known = [shard.rows for shard in self.shards if shard.rows is not None]
        progress.expect("read", sum(known) if len(known) == len(self.shards) else None)
        groups = group_shards(self.shards)
        groups.sort(key=lambda group: -sum(shard.size for shard in group))
        return (
            pipeline
            | "Shards" >> beam.Create(list(enumerate(groups)), reshuffle=False)
            # a group of each: the local runner deals them out in turns, the largest first; a Reshuffle deals at random
            | "Deal" >> beam.GroupByKey()
            | "Read"
            >> beam.FlatMap(read_dealt, self.schema, list(self.columns), list(self.encoded), self.tolerant, self.days)
        )


def create_blocks(pipeline: beam.Pipeline, label: str, name: str, table: pa.Table) -> beam.PCollection[NamedBlock]:
    """Add blocks of a table that is in memory already, such as a listing, BLOCK_ROWS at a time.

    It travels compressed in the graph, where engines pickle what ``Create`` holds more than once. (A composite
    transform would be pickled with its table.)
    """
    packed = [pack(table.slice(start, BLOCK_ROWS)) for start in range(0, table.num_rows, BLOCK_ROWS)]
    created = pipeline | label >> beam.Create(packed, reshuffle=False)
    return created | f"{label}Unpack" >> beam.Map(_named, name)


def _named(content: bytes, name: str) -> NamedBlock:
    return name, unpack(content)


def pack(table: pa.Table) -> bytes:
    """Return `table` as a compressed Arrow IPC stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(table.combine_chunks())
    content: bytes = sink.getvalue().to_pybytes()
    return content


def unpack(content: bytes) -> pa.Table:
    """Return the table of ``pack``."""
    with pa.ipc.open_stream(pa.py_buffer(content)) as reader:
        return reader.read_all()


def planned_shards(pipeline: beam.Pipeline) -> dict[str, int]:
    """Return how many shards the graph reads, by table."""
    planned: dict[str, int] = {}

    class Reads(PipelineVisitor):
        def enter_composite_transform(self, transform_node: Any) -> None:
            if isinstance(transform_node.transform, ReadBlocks):
                for shard in transform_node.transform.shards:
                    planned[shard.name] = planned.get(shard.name, 0) + 1

    pipeline.visit(Reads())
    return planned
