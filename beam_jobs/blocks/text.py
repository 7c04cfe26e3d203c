"""Read CSV and JSONL in pieces, gzip or not; a row that is none can be told apart instead of ending the job."""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, BinaryIO, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.json

from beam_jobs.blocks import files
from beam_jobs.blocks.csv_lines import ClosedLines
from beam_jobs.blocks.files import UsageError

TEXT_PIECE = 16 << 20
"""Bytes of JSONL or CSV parsed at a time."""
HEAD_LINES = 1000
"""Lines of a JSONL file whose keys are its columns: a row may leave out what is null."""
SHOWN = 40
"""Characters of a value that a message shows."""
_TRUE, _FALSE = ("1", "true", "True", "TRUE"), ("0", "false", "False", "FALSE")  # Arrow's words for them in a CSV
# What Arrow may read as a time or a whole number; it decides, so that other rows of a file change no row's fate.
_TIME = r"^\d{4}-\d\d-\d\d([T ]\d\d(:\d\d(:\d\d(\.\d{1,6})?)?)?(Z|[+-]\d\d:?\d\d)?)?$"
_WHOLE_NUMBER = r"^(-?\d+|0[xX][0-9a-fA-F]+)$"
_BLANKS = " \t"  # that Arrow allows around the numbers of a CSV

Open = Callable[[], BinaryIO]
_Mask = npt.NDArray[np.bool_]


@dataclass
class Rejected:
    """Rows of a text file that are no rows of its table.

    Attributes:
        counts: rows by reason: ``bad_row`` (no JSON object, another number of fields, a quote that its line does
            not close), ``bad_text`` (no UTF-8), ``bad_number``, ``bad_flag``, ``bad_time``, ``bad_value``.
        examples: per reason what the first such row has.
    """

    counts: dict[str, int] = field(default_factory=dict)
    examples: dict[str, str] = field(default_factory=dict)

    def add(self, reason: str, rows: int, example: str) -> None:
        """Count `rows` for `reason`."""
        if rows:
            self.counts[reason] = self.counts.get(reason, 0) + rows
            self.examples.setdefault(reason, example)


# --- opening ----------------------------------------------------------------------------------------


def open_text(path: str) -> BinaryIO:
    """Open `path` for reading bytes, unpacked where its name ends in ``.gz``."""
    raw = files.open_input(path)
    return cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if path.endswith(".gz") else raw


def text_columns(path: str, kind: str) -> list[str]:
    """Return the column names of a CSV header; of JSONL the keys of its first rows. None for an empty file.

    Raises:
        UsageError: the file cannot be unpacked, or has no header and no row.
    """
    try:
        with open_text(path) as file:
            lines = (line for line in iter(file.readline, b"") if line.strip())
            if kind == "jsonl":
                return _keys(path, [line for line, _ in zip(lines, range(HEAD_LINES), strict=False)])
            line = next(lines, b"")
        if not line:
            return []
        # not by Arrow, whose reader leaves a thread behind that may abort a process that ends at once
        header = io.StringIO(line.decode("utf-8-sig").strip("\r\n"), newline="")  # rows may end in \r alone
        return next(csv.reader(header, delimiter=_delimiter(kind), strict=True))
    except (csv.Error, UnicodeDecodeError, OSError, EOFError, zlib.error) as error:
        raise UsageError(f"{path}: not readable as {kind}: {first_line(error)}") from error


def has_rows(path: str, kind: str) -> bool:
    """Return whether a text file has a line that may be a row.

    Raises:
        UsageError: the file cannot be unpacked.
    """
    wanted = 1 if kind == "jsonl" else 2
    try:
        with open_text(path) as file:
            lines = (line for line in iter(file.readline, b"") if line.strip())
            return sum(1 for _ in zip(range(wanted), lines, strict=False)) == wanted
    except (OSError, EOFError, zlib.error) as error:
        raise UsageError(f"{path}: not readable as {kind}: {first_line(error)}") from error


def holds_texts(path: str, column: str) -> bool:
    """Return whether the first rows of a JSONL file have texts, or nothing, in a column."""
    with open_text(path) as file:
        lines = [line for line, _ in zip(iter(file.readline, b""), range(HEAD_LINES), strict=False)]
    rows = [row for line in lines if (row := _json_object(line)) is not None]
    return all(isinstance(row.get(column), str | None) for row in rows)


def _keys(path: str, lines: Sequence[bytes]) -> list[str]:
    rows = [row for line in lines if (row := _json_object(line)) is not None]
    if lines and not rows:
        raise UsageError(f"{path}: not readable as jsonl: none of its first {len(lines):,} lines is a JSON object")
    return list(dict.fromkeys(key for row in rows for key in row))


def _json_object(line: bytes) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):  # of which one is UnicodeDecodeError
        return None
    return row if isinstance(row, dict) else None


def _delimiter(kind: str) -> str:
    return "\t" if kind == "tsv" else ","


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message, the error's name where it has none."""
    return str(error).strip().splitlines()[0][:300] if str(error).strip() else type(error).__name__


# --- reading ----------------------------------------------------------------------------------------


def read_text(path: str, kind: str, schema: pa.Schema | None, rejected: Rejected | None = None) -> Iterator[pa.Table]:
    """Yield the rows of a text file in pieces, in file order.

    Args:
        path: the file.
        kind: ``csv``, ``tsv`` or ``jsonl``.
        schema: types of known columns; other columns are guessed.
        rejected: where given, rows that cannot be read are counted there and the others are yielded, columns
            that `schema` lacks are left out, and an empty file has no rows. It is complete after the last row.
            A CSV has a row per line then: a quote that is not closed costs its line and no other, and a value
            with a line break in quotes is as many bad rows as it has lines.

    Raises:
        pa.ArrowException, OSError, EOFError, zlib.error: the file, or a row of it where `rejected` is None,
            cannot be read.
        UsageError: see ``text_columns``.
    """
    return _read(lambda: open_text(path), kind, schema, text_columns(path, kind), rejected)


def parse_text(
    content: bytes, kind: str, schema: pa.Schema, columns: Sequence[str], rejected: Rejected
) -> Iterator[pa.Table]:
    """Yield the rows of a piece of a text file with the given columns, like ``read_text``; a CSV's header is in it."""
    return _read(lambda: io.BytesIO(content), kind, schema, columns, rejected)


def _read(
    source: Open, kind: str, schema: pa.Schema | None, columns: Sequence[str], rejected: Rejected | None
) -> Iterator[pa.Table]:
    if rejected is not None and not columns:
        return
    if kind == "jsonl":
        yield from _read_jsonl(source, schema, columns, rejected)
    elif rejected is None:
        yield from _read_csv(source, kind, schema, pa.csv.ConvertOptions(column_types=_text_types(schema)))
    else:
        yield from _read_csv_by_rows(source, kind, schema, columns, rejected)


def _text_types(schema: pa.Schema | None) -> dict[str, pa.DataType]:
    """Return the types to parse text with: times stay text here, since a zone may or may not be written."""
    fields = schema or []
    return {f.name: pa.string() if pa.types.is_timestamp(f.type) else f.type for f in fields}


def _read_csv(
    source: Open,
    kind: str,
    schema: pa.Schema | None,
    convert: pa.csv.ConvertOptions,
    rejected: Rejected | None = None,
) -> Iterator[pa.Table]:
    convert.null_values = [""]  # Arrow's list has nan, null and NA too, which people search for
    convert.strings_can_be_null = True
    convert.quoted_strings_can_be_null = False
    delimiter = _delimiter(kind)
    parse = pa.csv.ParseOptions(
        delimiter=delimiter,
        newlines_in_values=rejected is None,
        invalid_row_handler=None if rejected is None else _row_handler(rejected),
        ignore_empty_lines=True,
    )
    with source() as file:
        reader = pa.csv.open_csv(
            file if rejected is None else ClosedLines(file, delimiter, partial(rejected.add, "bad_row")),
            read_options=pa.csv.ReadOptions(block_size=TEXT_PIECE, use_threads=False),
            parse_options=parse,
            convert_options=convert,
        )
        with reader:  # closed also where only the first block is wanted: its read-ahead must not outlive the file
            for batch in reader:
                yield _parse_times(pa.Table.from_batches([batch]), schema)


def _read_csv_by_rows(
    source: Open, kind: str, schema: pa.Schema | None, columns: Sequence[str], rejected: Rejected
) -> Iterator[pa.Table]:
    """Yield the good rows of a CSV file: fast as long as all values are good, then value by value."""
    types = {name: kind_ for name, kind_ in _text_types(schema).items() if name in columns}
    fast, bad_rows, read = Rejected(), Rejected(), 0
    try:
        convert = pa.csv.ConvertOptions(column_types=types, include_columns=list(types))
        for table in _read_csv(source, kind, schema, convert, fast):
            read += table.num_rows
            yield table
    except pa.ArrowInvalid:
        raw = pa.csv.ConvertOptions(
            column_types=dict.fromkeys(types, pa.binary()), include_columns=list(types), check_utf8=False
        )
        wanted = pa.schema([f for f in schema or [] if f.name in types])
        for table in _read_csv(source, kind, None, raw, bad_rows):
            known, read = min(read, table.num_rows), max(0, read - table.num_rows)
            if known < table.num_rows:
                yield _by_values(table.slice(known), wanted, rejected)
        fast = bad_rows
    for reason, count in fast.counts.items():
        rejected.add(reason, count, fast.examples[reason])


def _row_handler(rejected: Rejected) -> Callable[[Any], str]:
    def skip(row: Any) -> str:
        rejected.add("bad_row", 1, f"line {row.number}: {row.actual_columns} fields, expected {row.expected_columns}")
        return "skip"

    return skip


def _read_jsonl(
    source: Open, schema: pa.Schema | None, columns: Sequence[str], rejected: Rejected | None
) -> Iterator[pa.Table]:
    types = _text_types(schema)
    parse = pa.json.ParseOptions(
        explicit_schema=pa.schema(list(types.items())) if types else None,
        unexpected_field_behavior="infer" if rejected is None else "ignore",
    )
    with source() as file:
        while lines := file.readlines(TEXT_PIECE):
            try:
                table = _parse_json(lines, parse)
            except pa.ArrowInvalid:
                if rejected is None:
                    raise
                table = _parse_json_by_lines(lines, parse, rejected)
            # a column of the schema that the file lacks is not a column of nulls
            absent = [n for n in types if n not in columns and table.column(n).null_count == table.num_rows]
            table = table.drop_columns(absent)
            try:
                yield _parse_times(table, schema)
            except pa.ArrowInvalid:
                if rejected is None or schema is None:
                    raise
                yield _by_values(table, pa.schema([f for f in schema if f.name in table.column_names]), rejected)


def _parse_json(lines: Sequence[bytes], parse: pa.json.ParseOptions) -> pa.Table:
    content = b"".join(lines)
    if not _is_utf8(content):  # Arrow looks at that in a CSV alone
        raise pa.ArrowInvalid("invalid UTF-8")
    if not content.strip() and parse.explicit_schema is not None:
        return parse.explicit_schema.empty_table()
    options = pa.json.ReadOptions(use_threads=False, block_size=len(content) + TEXT_PIECE)
    return pa.json.read_json(io.BytesIO(content), read_options=options, parse_options=parse)


def _parse_json_by_lines(lines: Sequence[bytes], parse: pa.json.ParseOptions, rejected: Rejected) -> pa.Table:
    """Return the good rows of a piece that has bad ones: what is plainly bad goes first, halving finds the rest."""
    good = []
    for line in lines:
        reason, example = _judge_line(line, parse.explicit_schema or [])
        if reason is None:
            good.append(line)
        else:
            rejected.add(reason, 1, example)
    tables = list(_parse_halves(good, parse, rejected))
    return pa.concat_tables(tables) if tables else parse.explicit_schema.empty_table()


def _judge_line(line: bytes, schema: Sequence[pa.Field]) -> tuple[str | None, str]:
    row = _json_object(line) if line.strip() else {}
    if row is None:
        return ("bad_row", "no JSON object") if _is_utf8(line) else ("bad_text", "not UTF-8")
    for f in schema:
        value = row.get(f.name)
        if pa.types.is_string(f.type):
            fits, reason = isinstance(value, str), "bad_value"
        elif pa.types.is_boolean(f.type):
            fits, reason = isinstance(value, bool), "bad_flag"
        else:
            fits, reason = isinstance(value, int) and not isinstance(value, bool), "bad_number"
        if value is not None and not fits:
            shown = f" {json.dumps(value)[:SHOWN]}" if reason != "bad_value" else ""
            return reason, f"{f.name}{shown} is no {f.type}"
    return None, ""


def _parse_halves(lines: Sequence[bytes], parse: pa.json.ParseOptions, rejected: Rejected) -> Iterator[pa.Table]:
    if not lines:
        return
    try:
        yield _parse_json(lines, parse)
    except pa.ArrowInvalid as error:
        if len(lines) == 1:
            rejected.add("bad_row", 1, first_line(error)[: 4 * SHOWN])
            return
        middle = len(lines) // 2
        yield from _parse_halves(lines[:middle], parse, rejected)
        yield from _parse_halves(lines[middle:], parse, rejected)


# --- values -----------------------------------------------------------------------------------------


def _parse_times(table: pa.Table, schema: pa.Schema | None) -> pa.Table:
    """Turn text in the time columns of `schema` into UTC timestamps; no zone means UTC."""
    for index, name in enumerate(table.column_names):
        wanted = schema.field(name) if schema is not None and name in schema.names else None
        if wanted is not None and pa.types.is_timestamp(wanted.type):
            table = table.set_column(index, name, _times(table.column(name)))
    return table


def _times(text: pa.ChunkedArray) -> pa.ChunkedArray:
    zoned = pc.match_substring_regex(text, r"(Z|[+-]\d\d:?\d\d)$")
    whole = pc.replace_substring_regex(text, r"^(\d{4}-\d\d-\d\d)$", r"\1T00:00:00")
    return pc.cast(pc.if_else(zoned, whole, pc.binary_join_element_wise(whole, "Z", "")), pa.timestamp("us", tz="UTC"))


def _by_values(table: pa.Table, schema: pa.Schema, rejected: Rejected) -> pa.Table:
    """Return the rows of `table` whose values are all of the types of `schema`, so typed."""
    bad = np.zeros(table.num_rows, dtype=bool)
    columns = []
    for wanted in schema:
        raw = table.column(wanted.name)
        text, broken = _decoded(raw)
        rejected.add("bad_text", int((broken & ~bad).sum()), f"{wanted.name} is not UTF-8")
        bad |= broken
        column, reason = _typed(text, wanted.type)
        wrong = np.asarray(pc.and_(pc.is_null(column), pc.is_valid(text))) & ~bad
        if wrong.any():
            value = str(text[int(np.argmax(wrong))].as_py())[:SHOWN]
            rejected.add(reason, int(wrong.sum()), f"{wanted.name} {value!r} is no {wanted.type}")
        bad |= wrong
        columns.append(column)
    return pa.table(columns, schema=schema).filter(pa.array(~bad))


def _decoded(raw: pa.ChunkedArray) -> tuple[pa.ChunkedArray, _Mask]:
    """Return bytes as text, null where they are not UTF-8, and where that is."""
    nothing = np.zeros(len(raw), dtype=bool)
    if not pa.types.is_binary(raw.type):
        return raw, nothing
    try:
        return raw.cast(pa.string()), nothing
    except pa.ArrowInvalid:
        encoded = pa.concat_arrays(raw.chunks).dictionary_encode()
        texts = pa.array([v.decode() if _is_utf8(v) else None for v in encoded.dictionary.to_pylist()], pa.string())
        text = texts.take(encoded.indices)
        return pa.chunked_array([text]), np.asarray(pc.and_(pc.is_null(text), pc.is_valid(encoded.indices)))


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def _typed(text: pa.ChunkedArray, kind: pa.DataType) -> tuple[pa.ChunkedArray, str]:
    """Return text as values of `kind`, null where it is none, and the reason code of such a row."""
    if text.type == kind:
        return text, "bad_value"
    if pa.types.is_timestamp(kind):
        likely = pc.if_else(pc.match_substring_regex(text, _TIME), text, None)
        return _each(likely, _times), "bad_time"
    if not pa.types.is_string(text.type):  # JSON has typed it
        return _each(text, lambda values: values.cast(kind)), "bad_value"
    if pa.types.is_boolean(kind):
        true, false = (pc.is_in(text, value_set=pa.array(words)) for words in (_TRUE, _FALSE))
        return pc.if_else(true, True, pc.if_else(false, False, None)).cast(pa.bool_()), "bad_flag"
    if pa.types.is_integer(kind):
        bare = pc.utf8_trim(text, characters=_BLANKS)
        likely = pc.if_else(pc.match_substring_regex(bare, _WHOLE_NUMBER), bare, None)
        return _each(likely, lambda values: values.cast(kind)), "bad_number"
    return _each(text, lambda values: values.cast(kind)), "bad_value"


def _each(values: pa.ChunkedArray, cast: Callable[[pa.ChunkedArray], pa.ChunkedArray]) -> pa.ChunkedArray:
    """Return `cast` of all values, null where it fails: halving finds the few that do."""
    try:
        return cast(values)
    except pa.ArrowInvalid:
        if len(values) == 1:
            return pa.chunked_array([pa.nulls(1, cast(values.slice(0, 0)).type)])
        middle = len(values) // 2
        halves = _each(values.slice(0, middle), cast), _each(values.slice(middle), cast)
        return pa.chunked_array([chunk for half in halves for chunk in half.chunks], halves[0].type)
