"""Read tables in blocks: Parquet row groups, JSONL and CSV in pieces, gzip or not, and folders of images."""

import gzip
import io
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple, cast

import apache_beam as beam
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet as pq

from beam_jobs.blocks import files, progress
from beam_jobs.blocks.failures import counter_rows, failure_rows
from beam_jobs.blocks.files import UsageError

BLOCK_ROWS = 1 << 17
"""Most rows of a block: some 10 MB of click rows, small beside a worker's memory."""
TEXT_PIECE = 16 << 20
"""Bytes of JSONL or CSV parsed at a time."""
SHARDS_PER_CREATE = 512
"""Elements of ``Create``; more shards than that travel in groups, since ``Create`` costs per element."""

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
    """A piece of an input file that one worker reads; fields only, so that any runner can carry it."""

    name: str
    path: str
    format: str
    first_group: int
    groups: int
    size: int


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
                    f"{path}: not a readable Parquet file ({_first_line(error)}); write it again"
                ) from error
            for group in range(footer.num_row_groups):
                size = footer.row_group(group).total_byte_size
                shards.append(Shard(name, path, kind, group, 1, size))
        else:
            columns = _text_columns(path, kind)
            with files.open_input(path) as file:
                size = file.seek(0, io.SEEK_END)
            shards.append(Shard(name, path, kind, 0, 0, size * (4 if path.endswith(".gz") else 1)))
        missing = [column for column in required if columns and column not in columns]
        if missing:
            raise UsageError(f"{path}: no column {missing[0]!r}; it has {', '.join(columns)}")
    return shards


def read_shard(shard: Shard, schema: pa.Schema | None = None, columns: Sequence[str] = ()) -> Iterator[pa.Table]:
    """Yield the rows of `shard` in blocks of at most BLOCK_ROWS, in file order.

    Args:
        shard: what to read.
        schema: types of known columns, used where the format has none (CSV, JSONL).
        columns: the columns to read where the file has them; all where empty.

    Raises:
        UsageError: the content is no such table.
    """
    try:
        if shard.format == "parquet":
            with files.open_input(shard.path) as file:
                parquet = pq.ParquetFile(file)
                present = [c for c in columns if c in parquet.schema_arrow.names] if columns else None
                groups = range(shard.first_group, shard.first_group + shard.groups)
                for batch in parquet.iter_batches(BLOCK_ROWS, row_groups=list(groups), columns=present):
                    yield _without_views(pa.Table.from_batches([batch]))
            return
        with _open_text(shard.path) as file:
            reader = _read_jsonl if shard.format == "jsonl" else _read_csv
            for table in reader(file, schema, shard.format):
                kept = table.select([c for c in table.column_names if not columns or c in columns])
                for start in range(0, kept.num_rows, BLOCK_ROWS):
                    yield kept.slice(start, BLOCK_ROWS)
    except (pa.ArrowException, OSError, EOFError, zlib.error) as error:
        raise UsageError(f"{shard.path}: not readable as {shard.format}: {_first_line(error)}") from error


def _without_views(table: pa.Table) -> pa.Table:
    """Return `table` with plain strings and bytes for the views of them, which few kernels of Arrow take."""
    if not any(kind in _VIEWS for kind in table.schema.types):
        return table
    return table.cast(pa.schema([field.with_type(_VIEWS.get(field.type, field.type)) for field in table.schema]))


def _open_text(path: str) -> BinaryIO:
    raw = files.open_input(path)
    return cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if path.endswith(".gz") else raw


def _text_columns(path: str, kind: str) -> list[str]:
    """Return the column names of a CSV header; of JSONL those of the first row."""
    try:
        with _open_text(path) as file:
            line = file.readline()
        if not line.strip():
            return []
        if kind == "jsonl":
            return cast(list[str], pa.json.read_json(io.BytesIO(line)).column_names)
        options = pa.csv.ParseOptions(delimiter="\t" if kind == "tsv" else ",")
        return cast(list[str], pa.csv.read_csv(io.BytesIO(line), parse_options=options).column_names)
    except (pa.ArrowException, OSError, EOFError, zlib.error) as error:
        raise UsageError(f"{path}: not readable as {kind}: {_first_line(error)}") from error


def _text_types(schema: pa.Schema | None) -> dict[str, pa.DataType]:
    """Return the types to parse text with: times stay text here, since a zone may or may not be written."""
    fields = schema or []
    return {f.name: pa.string() if pa.types.is_timestamp(f.type) else f.type for f in fields}


def _read_csv(file: BinaryIO, schema: pa.Schema | None, kind: str) -> Iterator[pa.Table]:
    convert = pa.csv.ConvertOptions(
        column_types=_text_types(schema),
        null_values=[""],  # Arrow's list has nan, null and NA too, which people search for
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    reader = pa.csv.open_csv(
        file,
        read_options=pa.csv.ReadOptions(block_size=TEXT_PIECE, use_threads=False),
        parse_options=pa.csv.ParseOptions(delimiter="\t" if kind == "tsv" else ",", newlines_in_values=True),
        convert_options=convert,
    )
    with reader:  # closed also where only the first block is wanted: its read-ahead must not outlive the file
        for batch in reader:
            yield _parse_times(pa.Table.from_batches([batch]), schema)


def _read_jsonl(file: BinaryIO, schema: pa.Schema | None, kind: str) -> Iterator[pa.Table]:
    types = _text_types(schema)
    parse = pa.json.ParseOptions(explicit_schema=pa.schema(list(types.items())) if types else None)
    present: set[str] | None = None
    while lines := file.readlines(TEXT_PIECE):
        table = pa.json.read_json(
            io.BytesIO(b"".join(lines)),
            read_options=pa.json.ReadOptions(use_threads=False, block_size=2 * TEXT_PIECE),
            parse_options=parse,
        )
        if present is None:  # a column of the schema that the file lacks is not a column of nulls
            present = set(pa.json.read_json(io.BytesIO(lines[0])).column_names)
        absent = [n for n in types if n not in present and table.column(n).null_count == table.num_rows]
        yield _parse_times(table.drop_columns(absent), schema)


def _parse_times(table: pa.Table, schema: pa.Schema | None) -> pa.Table:
    """Turn text in the time columns of `schema` into UTC timestamps; no zone means UTC."""
    for index, name in enumerate(table.column_names):
        field = schema.field(name) if schema is not None and name in schema.names else None
        if field is None or not pa.types.is_timestamp(field.type):
            continue
        text = table.column(name)
        zoned = pc.match_substring_regex(text, r"(Z|[+-]\d\d:?\d\d)$")
        whole = pc.replace_substring_regex(text, r"^(\d{4}-\d\d-\d\d)$", r"\1T00:00:00")
        with_zone = pc.if_else(zoned, whole, pc.binary_join_element_wise(whole, "Z", ""))
        table = table.set_column(index, name, pc.cast(with_zone, pa.timestamp("us", tz="UTC")))
    return table


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0][:300] if str(error).strip() else type(error).__name__


def read_named(shards: Iterable[Shard], schema: pa.Schema | None, columns: Sequence[str]) -> Iterator[NamedBlock]:
    """Yield the named blocks of `shards` and counters ``rows_read:NAME``; unreadable ones as ``_fatal``."""
    for shard in shards:
        try:
            for table in read_shard(shard, schema, columns):
                progress.add("read", table.num_rows)
                yield shard.name, table
                yield "_counters", counter_rows({f"rows_read:{shard.name}": table.num_rows})
        except UsageError as error:
            yield "_fatal", failure_rows("read", [(shard.path, "unreadable_file", str(error))])


@dataclass
class ReadBlocks(beam.PTransform):
    """Read shards as named blocks.

    Attributes:
        shards: from ``plan_shards``, of one table or of several.
        schema: types of known columns, for text formats.
        columns: the columns to read; all where empty.
    """

    shards: Sequence[Shard]
    schema: pa.Schema | None = None
    columns: Sequence[str] = ()

    def expand(self, pipeline: beam.Pipeline) -> beam.PCollection[NamedBlock]:
        per_group = -(-len(self.shards) // SHARDS_PER_CREATE) or 1
        groups = [list(self.shards[i : i + per_group]) for i in range(0, len(self.shards), per_group)]
        return (
            pipeline
            | "Shards" >> beam.Create(groups, reshuffle=len(groups) > 1)
            | "Read" >> beam.FlatMap(read_named, self.schema, list(self.columns))
        )
