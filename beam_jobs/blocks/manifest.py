"""The commit of an output folder: ``_MANIFEST.json`` lists the files that count; readers open no others."""

import hashlib
import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeVar, cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from beam_jobs.blocks import files
from beam_jobs.blocks.failures import JobError
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.lock import LOCK
from beam_jobs.blocks.read import Shard, parquet_shards
from beam_jobs.blocks.write import Written

Found = TypeVar("Found")

MANIFEST = "_MANIFEST.json"
RUN = "_RUN.json"
FAILED = "_FAILED"
FORMAT = 1
KEY_DIGITS = 12
OUR_FILE = re.compile(r"part-\d{5}-of-\d{5}-[^/]+\.parquet")
"""Names of our data files: a log that another engine wrote as ``part-…`` is not ours to remove."""


@dataclass(frozen=True)
class Manifest:
    """What a job committed.

    Attributes:
        stage: the job's name.
        run_key: hash of inputs, config and the stage's version.
        tables: files per table.
        counters: sums that the job reports, such as clicks on unknown images.
        inputs: digest per input.
        config: the settings that decide the content.
    """

    stage: str
    version: int
    run_key: str
    tables: Mapping[str, Sequence[Written]]
    counters: Mapping[str, int]
    inputs: Mapping[str, str]
    config: Mapping[str, Any]

    def rows(self, table: str) -> int:
        """Return the rows of a table, 0 where there is no such table."""
        return sum(file.rows for file in self.tables.get(table, ()))

    def digest(self) -> str:
        """Return a hash of the content: equal for equal data, whenever and wherever it was made."""
        content = {name: [[file.path, file.sha256] for file in listed] for name, listed in self.tables.items()}
        return digest_of(content)


def digest_of(value: object) -> str:
    """Return the sha256 of `value` as canonical JSON, as hex."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def run_key_of(stage: str, version: int, config: Mapping[str, Any], inputs: Mapping[str, str]) -> str:
    """Return the key that names a run's files: the same for the same inputs, config and stage version."""
    return digest_of({"stage": stage, "version": version, "config": config, "inputs": inputs})[:KEY_DIGITS]


def digest_files(paths: Sequence[str], *, root: str = "") -> str:
    """Return a digest of raw input files: names (below `root`), sizes and content."""
    base = root.rstrip("/") + "/"
    listing = [[p[len(base) :] if p.startswith(base) else p.rsplit("/", 1)[-1], files.sha256_of(p)] for p in paths]
    return digest_of(listing)


def read_manifest(output: str) -> Manifest | None:
    """Return the manifest of `output`, None where nothing was committed.

    Raises:
        UsageError: there is a manifest that this version cannot read.
    """
    path = files.join(output, MANIFEST)
    if not files.exists(path):
        return None
    try:
        content = json.loads(files.read_bytes(path))
        if content["format"] != FORMAT:
            raise UsageError(f"{path}: manifest format {content['format']}, this version reads {FORMAT}")
        tables = {name: [Written(*file) for file in listed] for name, listed in content["tables"].items()}
        return Manifest(
            stage=content["stage"],
            version=content["version"],
            run_key=content["run_key"],
            tables=tables,
            counters=content["counters"],
            inputs=content["inputs"],
            config=content["config"],
        )
    except (ValueError, KeyError, TypeError) as error:
        if isinstance(error, UsageError):
            raise
        raise UsageError(
            f"{path}: not a manifest of image-intent ({error}); run the job into another folder"
        ) from error


def commit(output: str, manifest: Manifest) -> None:
    """Publish `manifest` in one step, then remove the files that it no longer lists."""
    before = read_manifest(output)
    content = {
        "format": FORMAT,
        "stage": manifest.stage,
        "version": manifest.version,
        "run_key": manifest.run_key,
        "tables": {name: [list(file) for file in listed] for name, listed in sorted(manifest.tables.items())},
        "counters": dict(sorted(manifest.counters.items())),
        "inputs": dict(sorted(manifest.inputs.items())),
        "config": manifest.config,
    }
    text = json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True, default=str)
    files.write_atomic(files.join(output, MANIFEST), text.encode())
    listed = {file.path for table in manifest.tables.values() for file in table}
    stale = {file.path for table in before.tables.values() for file in table} - listed if before else set()
    for path in files_below(output):
        if is_data(path) and path not in listed:
            stale.add(path)
    for path in sorted(stale):
        files.remove(files.join(output, path))


def files_below(output: str) -> list[str]:
    """Return the files below `output`, relative to it, sorted; not those of another job's output in a folder of it."""
    fs, inner = files.filesystem(output)
    base = inner.rstrip("/") + "/"
    found = sorted(name[len(base) :] for name in fs.find(inner) if name.startswith(base))
    others = tuple(name.rsplit("/", 1)[0] + "/" for name in found if name.endswith(("/" + MANIFEST, "/" + LOCK)))
    return [name for name in found if not name.startswith(others)] if others else found


def is_data(below: str) -> bool:
    """Return whether a file, named relative to an output, is one of our data files."""
    return "/" in below and not below.startswith("_") and bool(OUR_FILE.fullmatch(below.rsplit("/", 1)[-1]))


def verify_files(output: str, written: Sequence[Written]) -> None:
    """Raise JobError where a written file is not there with the bytes that were reported."""
    for file in written:
        path = files.join(output, file.path)
        if not files.exists(path):
            raise JobError(f"{path} was reported as written and is not there; run it again")
        found = files.sha256_of(path)
        if found != file.sha256:
            raise JobError(f"{path} has the sha256 {found}, reported was {file.sha256}; run it again")


def require(output: str, *tables: str) -> Manifest:
    """Return the manifest of another job's output and check that it has `tables`.

    Raises:
        UsageError: nothing was committed there, or a table is missing.
    """
    manifest = read_manifest(output)
    if manifest is None:
        raise UsageError(f"{output}: no committed output of a job there ({MANIFEST} is missing)")
    for table in tables:
        if not _files_of(manifest, table):
            raise UsageError(
                f"{output}: no table {table!r}; {manifest.stage} wrote {', '.join(sorted(manifest.tables))}"
            )
    return manifest


def _files_of(manifest: Manifest, table: str) -> list[Written]:
    """Return the files of `table`, those of its folders (``table/date=…``) too."""
    found = []
    for name, listed in sorted(manifest.tables.items()):
        if name == table or name.startswith(table + "/"):
            found += list(listed)
    return found


def _of_each_file(
    output: str,
    table: str,
    read: Callable[[str, BinaryIO], Found],
    folders: Collection[str] | None = None,
    of: Manifest | None = None,
) -> list[Found]:
    """Return what `read` makes of the path and the open file of each of a table's files, all of one commit.

    A commit removes the files that it no longer lists: where one is gone, another commit came meanwhile and counts.

    Raises:
        UsageError: there is no such table, or someone removed a file of it.
    """
    manifest = require(output, table)
    if of is not None and manifest != of:
        raise UsageError(f"{output}: {manifest.stage} has committed again meanwhile; run this job again")
    while True:
        try:
            found = []
            for file in _files_of(manifest, table):
                if folders is not None and file.path.rsplit("/", 1)[0] not in folders:
                    continue
                path = files.join(output, file.path)
                with files.open_input(path) as opened:
                    found.append(read(path, opened))
            return found
        except FileNotFoundError as error:
            now = require(output, table)
            if now == manifest or of is not None:
                raise UsageError(f"{path} is listed in {MANIFEST} and not there; run {manifest.stage} again") from error
            manifest = now


def table_shards(
    output: str, table: str, *, name: str = "", folders: Collection[str] | None = None, of: Manifest | None = None
) -> list[Shard]:
    """Return the shards of a committed table for ``ReadBlocks``.

    Args:
        output: the other job's folder.
        table: its table.
        name: what the blocks are named, the table's name by default.
        folders: the day folders to read, all by default.
        of: the commit that counts, for a job that reads several tables; the last one by default.

    Raises:
        UsageError: there is no such table, a file of it is gone, or another commit has replaced `of` meanwhile.
    """

    def shards_of(path: str, opened: BinaryIO) -> list[Shard]:
        footer = pq.read_metadata(opened)
        groups = [footer.row_group(group) for group in range(footer.num_row_groups)]
        return parquet_shards(name or table, path, groups)

    return [shard for shards in _of_each_file(output, table, shards_of, folders, of) for shard in shards]


def read_table(output: str, table: str, columns: Sequence[str] | None = None) -> pa.Table:
    """Return a committed table as one table, in the order of its files.

    Raises:
        UsageError: there is no such table.
    """

    def table_of(path: str, opened: BinaryIO) -> pa.Table:
        # no threads, not even those that fill a buffer: where they outlive a Python file object, the process may abort
        # at its end
        parquet = pq.ParquetFile(opened, pre_buffer=False)
        return parquet.read(columns=list(columns) if columns else None, use_threads=False)

    return cast(pa.Table, pa.concat_tables(_of_each_file(output, table, table_of), promote_options="default"))


def read_rows(output: str, table: str, column: str, values: pa.Array) -> pa.Table:
    """Return the rows of a committed table whose `column` is one of `values`; row groups without them are not read."""

    def rows_of(path: str, opened: BinaryIO) -> pa.Table:
        parquet = pq.ParquetFile(opened, pre_buffer=False)
        parts = [parquet.schema_arrow.empty_table()]
        leaves = [parquet.schema.column(i).path for i in range(len(parquet.schema.names))]
        place = leaves.index(column)
        for group in range(parquet.num_row_groups):
            if _may_hold(parquet.metadata.row_group(group).column(place).statistics, values):
                rows = parquet.read_row_group(group, use_threads=False)
                parts.append(rows.filter(pc.is_in(rows.column(column), value_set=values)))
        return pa.concat_tables(parts)

    return cast(pa.Table, pa.concat_tables(_of_each_file(output, table, rows_of)))


def _may_hold(statistics: Any, values: pa.Array) -> bool:
    """Return whether a row group may hold one of `values` by its smallest and largest value."""
    if statistics is None or not statistics.has_min_max:
        return True
    return any(statistics.min <= value <= statistics.max for value in values.to_pylist())
