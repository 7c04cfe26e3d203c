"""The gate before a click log: a small sample of it, its rows per day, and the evidence that is there already.

What is read is bounded: some hundred thousand rows spread over the files, footers, and event times of row groups that
hold several days. ``labels.log_gate`` judges.
"""

import contextlib
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from beam_jobs.blocks import files, manifest
from beam_jobs.blocks.failures import GateError
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.read import format_of
from beam_jobs.blocks.text import Rejected, open_text, parse_text, text_columns
from beam_jobs.inputs import DAY, DAY_MICROSECONDS, EPOCH, LOG, ClickLog, time_span
from labels.log_gate import LogSample, judge_log, name_days, neighbours
from labels.log_types import conform_clicks
from labels.tables import AGGREGATED_CLICKS, CLICKS

SAMPLE_ROWS = 1 << 17
"""Rows that are looked at: a share of 1 % is known to ± 0.06 %."""
DECODED_ROWS = 1 << 18
"""Rows decoded to take them from, some 0.1 s."""
PIECES = 16
"""Row groups or text files that the sample is spread over where they are large."""
MOST_PIECES = 1000
"""Row groups or text files that are opened where they are small, some 0.5 s."""
TEXT_BYTES = 4 << 20
"""Bytes of text parsed for the sample."""
DAY_ROWS = 4 << 20
"""Event times read to count rows per day where a row group holds several, some 0.2 s; more are spread evenly."""
ROWS_OF_DAY = "rows_of_day:"
"""Counter of the rows of a day that became evidence; 0 for a day that was asked for and has none."""
COPY_ROWS = 100
"""Rows of a row group whose sizes and extremes tell it from all others; fewer may be equal by chance."""
COPY_BYTES = 4096
"""The same for a text file."""
_BATCH = 1 << 16
_Item = TypeVar("_Item")


@dataclass(frozen=True)
class Group:
    """A row group of a Parquet file: where, how many rows, its first and last event time (microseconds since 1970)."""

    path: str
    index: int
    rows: int
    span: tuple[int, int] | None
    mark: object


@dataclass(frozen=True)
class Sampled:
    """Sampled rows, whether they are the whole log, rows that could not be read, and rows per byte of text."""

    rows: pa.Table
    whole: bool
    unreadable: Mapping[str, int]
    rows_per_byte: float


def check_log(
    log: ClickLog, *, output: str, first: date | None, last: date | None, max_failure_rate: float, force: bool
) -> dict[int, int]:
    """Judge a planned log against the evidence in `output`; warnings go to stderr. Return its rows by day (since 1970),
    as far as a bounded look can tell.

    Raises:
        GateError: the log does not look sane, and not `force`.
        UsageError: it has no row of the days that are asked for, or a column of another type.
    """
    groups = [group for path in log.paths if format_of(path) == "parquet" for group in read_groups(path)]
    texts = [path for path in log.paths if format_of(path) != "parquet"]
    sampled = sample_rows(groups, texts, aggregated=log.aggregated)
    start, end = (None if day is None else day.toordinal() - EPOCH for day in (first, last))
    if log.aggregated:
        rows = sampled.rows.num_rows if sampled.whole else sum(group.rows for group in groups)
        days = {end: rows} if end is not None and (sampled.whole or not texts) else {}
        inside = list(days)
    else:
        days = rows_per_day(groups, texts, sampled)
        inside = [d for d in days if (start is None or d >= start) and (end is None or d <= end)]
        if days and not inside:
            asked = name_days(sorted({d for d in (start, end) if d is not None}))
            raise UsageError(f"{log.path}: no row of the log is of {asked}: it has {name_days(sorted(days))}")
    sample = LogSample(
        rows=sampled.rows,
        whole=sampled.whole,
        unreadable=sampled.unreadable,
        days=days,
        copied=copied_share(groups, texts),
        evidence=committed_rows(output, inside),
    )
    today = int(time.time() // 86_400)
    found = judge_log(sample, today=today, first=start, last=end, max_failure_rate=max_failure_rate)
    stops = [str(finding) for finding in found if finding.stops]
    for finding in found:
        if force or not finding.stops:
            print(f"warning: {finding}", file=sys.stderr)
    if stops and not force:
        advice = f"{log.path}: the click log does not look sane; mend it, or go on all the same with --force"
        raise GateError(stops, advice=advice)
    return days


def read_groups(path: str) -> list[Group]:
    """Return the row groups of a Parquet file."""
    with files.open_input(path) as file:
        footer = pq.read_metadata(file)
    groups = [footer.row_group(index) for index in range(footer.num_row_groups)]
    return [Group(path, i, g.num_rows, time_span(g), _mark(g)) for i, g in enumerate(groups) if g.num_rows]


def _mark(group: pq.RowGroupMetaData) -> object:
    """Return what two row groups share only where one is a copy of the other: sizes and extremes of all columns."""
    marks: list[object] = [group.num_rows]
    for column in (group.column(index) for index in range(group.num_columns)):
        found = column.statistics
        extremes = (found.min_raw, found.max_raw) if found is not None and found.has_min_max else None
        marks.append((column.path_in_schema, column.total_uncompressed_size, extremes))
    return tuple(marks)


def copied_share(groups: Sequence[Group], texts: Sequence[str]) -> float:
    """Return the share (0-1) of rows (of text files: bytes) in row groups and files that are copies of earlier ones."""
    marks = Counter(group.mark for group in groups if group.rows >= COPY_ROWS)
    copies = {mark: count - 1 for mark, count in marks.items() if count > 1}
    rows = sum({group.mark: group.rows * copies.get(group.mark, 0) for group in groups}.values())
    sizes = {path: _size(path) for path in texts}
    alike = Counter(sizes.values())
    digests = Counter(
        (size, files.sha256_of(path)) for path, size in sizes.items() if alike[size] > 1 and size >= COPY_BYTES
    )
    copied_bytes = sum(size * (count - 1) for (size, _), count in digests.items())
    share_rows = rows / max(sum(group.rows for group in groups), 1)
    return max(share_rows, copied_bytes / max(sum(sizes.values()), 1))


def _size(path: str) -> int:
    fs, inner = files.filesystem(path)
    return int(fs.size(inner) or 0)


# --- a sample of the rows ---------------------------------------------------------------------------


def sample_rows(groups: Sequence[Group], texts: Sequence[str], *, aggregated: bool) -> Sampled:
    """Return rows spread over all of a log, the same ones each time.

    Raises:
        UsageError: a column has another type than the contract's.
    """
    schema = AGGREGATED_CLICKS if aggregated else CLICKS
    whole = sum(group.rows for group in groups) <= SAMPLE_ROWS and len(groups) <= MOST_PIECES
    chosen = list(groups) if whole else _spread(groups, [group.rows for group in groups], SAMPLE_ROWS)
    tables = [table for group in chosen for table in _sample_group(group, schema, len(chosen), whole=whole)]
    rejected, text_rows, text_bytes = Rejected(), 0, 0
    files_read = _spread(texts, [_size(path) for path in texts], TEXT_BYTES)
    whole = whole and len(files_read) == len(texts)
    for path in files_read:
        kind = format_of(path)
        columns = text_columns(path, kind)
        for content, complete in _text_pieces(path, kind, TEXT_BYTES // len(files_read)):
            whole = whole and complete
            text_bytes += len(content)
            for table in parse_text(content, kind, LOG, columns, rejected):
                text_rows += table.num_rows
                tables.append(_conformed(table, schema, path))
    unreadable = dict(rejected.counts)
    per_byte = (text_rows + sum(unreadable.values())) / max(text_bytes, 1)
    return Sampled(pa.concat_tables([schema.empty_table(), *tables]), whole, unreadable, per_byte)


def _spread(items: Sequence[_Item], sizes: Sequence[int], budget: int) -> list[_Item]:
    """Return some of `items`, the first and the last and evenly between: PIECES, of small ones up to MOST_PIECES.

    Enough of them give half of `budget` where each gives an equal part of it, or all that it has.
    """
    count = PIECES
    while count < len(items):
        chosen = np.linspace(0, len(items) - 1, count).round().astype(int)
        if count == MOST_PIECES or 2 * sum(min(sizes[i], budget // count) for i in chosen) >= budget:
            return [items[i] for i in chosen]
        count = min(2 * count, MOST_PIECES)
    return list(items)


def _sample_group(group: Group, schema: pa.Schema, pieces: int, *, whole: bool) -> Iterator[pa.Table]:
    """Yield slices of a row group, spread over what is decoded of it."""
    decoded = group.rows if whole else min(group.rows, DECODED_ROWS // pieces)
    batches = -(-decoded // _BATCH)
    wanted = _BATCH if whole else max(1, SAMPLE_ROWS // pieces // max(batches, 1))
    try:
        with files.open_input(group.path) as file:
            footer = pq.read_metadata(file)
            found = footer.schema.to_arrow_schema().names
            names = [name for name in LOG.names if name in found]
            texts = [name for name in names if pa.types.is_string(LOG.field(name).type)]
            parquet = pq.ParquetFile(file, metadata=footer, read_dictionary=texts, pre_buffer=False)
            reader = parquet.iter_batches(
                min(_BATCH, decoded), row_groups=[group.index], columns=names, use_threads=False
            )
            for batch, _ in zip(reader, range(batches), strict=False):
                yield _conformed(pa.Table.from_batches([batch.slice(0, wanted)]), schema, group.path)
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, UsageError):
            raise
        raise UsageError(f"{group.path}: not readable as parquet: {' '.join(str(error).split())[:300]}") from error


def _conformed(table: pa.Table, schema: pa.Schema, path: str) -> pa.Table:
    try:
        return conform_clicks(table).select(schema.names).cast(schema)
    except ValueError as error:
        raise UsageError(f"{path}: {error}") from error


def _text_pieces(path: str, kind: str, limit: int) -> Iterator[tuple[bytes, bool]]:
    """Yield pieces of whole lines of a text file, a CSV's header before each, and whether it is all of the file.

    A packed file is looked at from its beginning alone.
    """
    with open_text(path) as file:
        header = b"" if kind == "jsonl" else file.readline()
        head = file.read(limit)
        complete = len(head) < limit
        if not complete:
            head = head[: head.rfind(b"\n") + 1]
        if complete or path.endswith(".gz"):
            yield header + head, complete
            return
        size, piece = file.seek(0, 2), limit // 4
        yield header + head[: head.rfind(b"\n", 0, piece) + 1], False
        for quarter in (1, 2, 3):
            file.seek(max(len(header) + piece, size * quarter // 4))
            file.readline()
            lines = file.read(piece)
            yield header + lines[: lines.rfind(b"\n") + 1], False


# --- rows per day -----------------------------------------------------------------------------------


def rows_per_day(groups: Sequence[Group], texts: Sequence[str], sampled: Sampled) -> dict[int, int]:
    """Return the rows of each day (since 1970) of a log; empty where that cannot be known without reading it all."""
    if sampled.whole:
        return dict(Counter(_days(sampled.rows).tolist()))
    days: Counter[int] = Counter()
    read = 0
    for group in groups:
        if group.span is not None and group.span[0] // DAY_MICROSECONDS == group.span[1] // DAY_MICROSECONDS:
            days[group.span[0] // DAY_MICROSECONDS] += group.rows
        elif group.span is None or read + group.rows <= DAY_ROWS or _is_odd(group.span):
            read += group.rows
            days.update(_read_days(group))
        else:
            days.update(_spread_days(group.span, group.rows))
    for path in texts:
        day = files.day_of_path(path)
        if day is None:
            return {}
        days[day.toordinal() - EPOCH] += round(_size(path) * sampled.rows_per_byte)
    return dict(days)


def _days(table: pa.Table) -> np.ndarray:
    return np.asarray(table["event_time"].drop_null().cast(pa.int64())) // DAY_MICROSECONDS


def _is_odd(span: tuple[int, int]) -> bool:
    """Return whether a row group spans more than a year: a few wrong times must not be spread over it."""
    return span[1] - span[0] > 366 * DAY_MICROSECONDS


def _read_days(group: Group) -> dict[int, int]:
    days: Counter[int] = Counter()
    with files.open_input(group.path) as file:
        parquet = pq.ParquetFile(file, pre_buffer=False)
        for batch in parquet.iter_batches(_BATCH, row_groups=[group.index], columns=["event_time"], use_threads=False):
            times = batch.column(0).drop_null()
            unit = pa.timestamp("us", tz=times.type.tz)
            values, counts = np.unique(
                np.asarray(times.cast(unit, safe=False).cast(pa.int64())) // DAY_MICROSECONDS, return_counts=True
            )
            days.update(dict(zip(values.tolist(), counts.tolist(), strict=True)))
    return days


def _spread_days(span: tuple[int, int], rows: int) -> dict[int, int]:
    """Spread rows evenly over the time between the first and the last one."""
    first, last = (time // DAY_MICROSECONDS for time in span)
    edges = np.clip(np.arange(first, last + 2) * DAY_MICROSECONDS, span[0], span[1])
    counts = np.diff(np.round(rows * (edges - span[0]) / max(span[1] - span[0], 1))).astype(int)
    return dict(zip(range(first, last + 1), counts.tolist(), strict=True))


def committed_rows(output: str, days: Iterable[int]) -> dict[int, int]:
    """Return the rows of the log behind the days (since 1970) of evidence in `output` that `days` are compared with.

    Days of the last run are counters of its manifest; those that it kept are in their profiles, and of a kept day of an
    aggregated log its counted queries and images stand for rows. Another run may commit meanwhile.
    """
    committed = manifest.read_manifest(output)
    if committed is None:
        return {}
    folders = {name.split(DAY, 1)[1] for name in committed.tables if DAY in name}
    known = sorted(date.fromisoformat(text).toordinal() - EPOCH for text in folders)
    compared = {day for each in days for day in neighbours(each, known)}
    return {day: rows for day in sorted(compared) if (rows := _committed_rows_of(output, committed, day))}


def _committed_rows_of(output: str, committed: manifest.Manifest, day: int) -> int:
    text = date.fromordinal(day + EPOCH).isoformat()
    counted = committed.counters.get(f"{ROWS_OF_DAY}{text}", 0)
    if counted:
        return counted
    users = f"users/{DAY}{text}"
    if committed.rows(users):
        with contextlib.suppress(UsageError):  # another run has replaced all days by others: this one is none any more
            shown = pc.sum(manifest.read_table(output, users, ["impressions"])["impressions"]).as_py()
            return int(shown or 0) or committed.rows(f"clicks/{DAY}{text}")
        return 0
    return committed.rows(f"clicks/{DAY}{text}")
