"""What several jobs read: a click log, a window of evidence, a collection."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import apache_beam as beam
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from beam_jobs.blocks import files, manifest
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.read import (
    NamedBlock,
    ReadBlocks,
    Shard,
    create_blocks,
    format_of,
    plan_shards,
    read_shard,
)
from beam_jobs.blocks.shuffle import MapBlocks
from beam_jobs.blocks.text import has_rows, holds_texts, text_columns
from beam_jobs.pictures import listing as listings
from beam_jobs.pictures.listing import Listing
from intent.tables import COLLECTION
from labels.log_types import conform_clicks
from labels.tables import (
    AGGREGATED_CLICKS,
    CLICKS,
    EVIDENCE_CLICKS,
    EVIDENCE_IMPRESSIONS,
    EVIDENCE_USERS,
    RANKER,
)

DAY = files.DAY
LONE_DAYS = 7
"""A last day is doubted where at least this many days (and a whole window) lie between it and the one before."""
DAY_MICROSECONDS = 86_400_000_000
EPOCH = date(1970, 1, 1).toordinal()
LOG = pa.unify_schemas([CLICKS, AGGREGATED_CLICKS])
"""Columns of both kinds of click logs, by which text is read."""
EVIDENCE = {"clicks": EVIDENCE_CLICKS, "impressions": EVIDENCE_IMPRESSIONS, "users": EVIDENCE_USERS}
"""Tables that every day of evidence has."""
_PER_MICROSECOND = {"milliseconds": 1000, "microseconds": 1, "nanoseconds": 0.001}


# --- click log --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ClickLog:
    """A planned click log.

    Attributes:
        shards: what to read; empty text files among them.
        digest: of names, sizes and content.
        aggregated: it has no people, times and positions.
        paths: its files that have rows.
        path: as the flag gives it.
        ranked: some of its files say in words which ranker put a result where it is, and none in another type.
    """

    shards: Sequence[Shard]
    digest: str
    aggregated: bool
    paths: Sequence[str] = ()
    path: str = ""
    ranked: bool = False

    @property
    def schema(self) -> pa.Schema:
        """The columns to read."""
        return pa.unify_schemas([LOG, pa.schema([RANKER])]) if self.ranked else LOG


def span(first: date | str, last: date | str) -> str:
    """Return ``first to last``, or the one day that both are."""
    return str(first) if first == last else f"{first} to {last}"


def plan_clicks(path: str, first: date | None, last: date | None) -> ClickLog:
    """Plan the reading of a click log; ``date=`` folders outside `first`..`last` are left out.

    Raises:
        UsageError: nothing to read, a broken file, a missing column or one of another type.
    """
    listed = _listed(path, "--clicks")
    paths = [p for p in listed if _in_range(files.day_of_path(p), first, last)]
    if not paths:
        days = sorted(day.isoformat() for p in listed if (day := files.day_of_path(p)) is not None)
        raise UsageError(
            f"{path}: the log has no rows of {span(first or 'the first day', last or 'the last day')}: its {DAY} "
            f"folders are {span(days[0], days[-1])}; choose other days"
        )
    shards = plan_shards("clicks", paths, required=("query", "image_id"))
    kinds: dict[bool, str] = {}
    ranked = set()
    for file in paths:
        empty = _empty_table(file)
        if empty is None:
            continue
        try:
            names = conform_clicks(empty).schema.names
        except ValueError as error:
            raise UsageError(f"{file}: {error}") from error
        kinds.setdefault(names == AGGREGATED_CLICKS.names, file)
        if RANKER.name in empty.column_names:
            ranked.add(RANKER.name in names)
    if len(kinds) > 1:
        raise UsageError(
            f"{path}: {kinds[True]} is an aggregated log (query, image_id, clicks) and {kinds[False]} has a row per "
            "result; give them to two runs"
        )
    filled = [file for file in paths if _has_rows(file)]
    if not filled:
        raise UsageError(f"{path}: the click log is empty; give one with at least a row")
    digest = manifest.digest_files(paths, root=path)
    return ClickLog(shards, digest, True in kinds, filled, path, ranked == {True})


def time_span(group: pq.RowGroupMetaData) -> tuple[int, int] | None:
    """Return the first and last event time of a row group in microseconds since 1970; None where it does not say."""
    for index in range(group.num_columns):
        column = group.column(index)
        if column.path_in_schema == "event_time" and column.statistics is not None and column.statistics.has_min_max:
            kind = json.loads(column.statistics.logical_type.to_json())
            unit = _PER_MICROSECOND.get(kind.get("timeUnit", ""))
            if unit is not None:
                return int(column.statistics.min_raw * unit), int(column.statistics.max_raw * unit)
    return None


def _has_rows(path: str) -> bool:
    kind = format_of(path)
    if kind != "parquet":
        return has_rows(path, kind)
    with files.open_input(path) as file:
        return bool(pq.read_metadata(file).num_rows)


def _empty_table(path: str) -> pa.Table | None:
    """Return a table without rows with the columns and types of `path`; None where it has no columns."""
    kind = format_of(path)
    if kind == "parquet":
        with files.open_input(path) as file:
            return pq.read_schema(file).empty_table()
    names = text_columns(path, kind)
    told = kind != "jsonl" or RANKER.name not in names or holds_texts(path, RANKER.name)
    types = dict(zip((*LOG.names, RANKER.name), (*LOG.types, RANKER.type if told else pa.null()), strict=True))
    return pa.schema([(name, types.get(name, pa.string())) for name in names]).empty_table() if names else None


def _in_range(day: date | None, first: date | None, last: date | None) -> bool:
    return day is None or ((first is None or day >= first) and (last is None or day <= last))


def _listed(path: str, flag: str) -> list[str]:
    found = files.list_files(path)
    if not found:
        what = "has no files" if files.exists(path) else "is not there"
        raise UsageError(f"{path} {what}; {flag} wants a file, a folder or a glob")
    return found


# --- evidence ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Window:
    """The days of an evidence folder that a job looks at."""

    days: Sequence[str]
    missing: Sequence[str]
    end: date
    digest: str
    shards: Mapping[str, Sequence[Shard]]


def plan_window(output: str, window_days: int, end: date | None = None) -> Window:
    """Choose the last `window_days` days of an evidence folder, up to `end`.

    Raises:
        UsageError: there is no evidence, or none in the window.
    """
    committed = manifest.require(output, "clicks", "impressions", "users")
    # a day may have impressions and no click
    folders = {name.split(DAY, 1)[1] for name in committed.tables if DAY in name}
    days = sorted(date.fromisoformat(day) for day in folders)
    last = end or (days[-1] if days else date.min)
    if end is None and len(days) > 1 and (days[-1] - days[-2]).days >= max(window_days, LONE_DAYS):
        raise UsageError(
            f"{output}: {days[-1]} stands alone, {(days[-1] - days[-2]).days:,} days after {days[-2]}; "
            "is a clock wrong? Say the window's end with --date"
        )
    first = date.fromordinal(max(1, last.toordinal() - window_days + 1))
    inside = [day for day in days if first <= day <= last]
    if not inside:
        raise UsageError(f"{output}: no evidence in the {window_days} days up to {last}")
    _check_versions(output, committed, [day.isoformat() for day in inside])
    begun = max(first, days[0])
    between = [begun + timedelta(days=n) for n in range((last - begun).days + 1)]
    listed = {
        name: [[f.path, f.sha256] for f in written]
        for name, written in committed.tables.items()
        if name.split(DAY)[-1] in {day.isoformat() for day in inside}
    }
    return Window(
        days=[day.isoformat() for day in inside],
        missing=[day.isoformat() for day in between if day not in set(inside)],
        end=last,
        digest=manifest.digest_of(listed),
        shards={
            table: manifest.table_shards(output, table, folders=[f"{table}/{DAY}{day}" for day in inside], of=committed)
            for table in ("clicks", "impressions", "users", "explored")
            if table != "explored" or any(name.startswith(f"{table}/") for name in listed)
        },
    )


def _check_versions(output: str, committed: manifest.Manifest, days: Sequence[str]) -> None:
    """Raise UsageError for a day whose tables another version of aggregate_clicks wrote: days that a log lacks stay
    from run to run, whatever wrote them."""
    for table, schema in EVIDENCE.items():
        for day in days:
            for file in committed.tables.get(f"{table}/{DAY}{day}", ())[:1]:
                with files.open_input(files.join(output, file.path)) as opened:
                    names = pq.read_schema(opened).names
                lacking = [name for name in schema.names if name not in names]
                if lacking:
                    raise UsageError(
                        f"{output}: the evidence of {day} has no column {lacking[0]!r} in {table}: another version "
                        "wrote it; run aggregate_clicks for that day again"
                    )


# --- collection -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Collection:
    """A planned collection: a table of images or a plain folder of pictures.

    Attributes:
        root: folder that relative uris refer to and that no uri may leave.
        shards: of a table; empty for a folder.
        listing: image_id and uri of a folder's pictures; None for a table.
        size: images.
        ignored: files of a folder that are no pictures by their name.
        digest: of the content (table) or of the listing (folder).
        input_bytes: of the table or of the listing.
        stamps: what the listing says of a folder's pictures, in its order; None for a table.
        lost: what of a folder cannot be read, see `listing.Listing`.
    """

    root: str
    shards: Sequence[Shard]
    listing: pa.Table | None
    size: int
    ignored: int
    digest: str
    input_bytes: int
    stamps: pa.Table | None = None
    lost: Sequence[str] = ()

    def read(self, pipeline: beam.Pipeline, label: str, columns: Sequence[str]) -> beam.PCollection[NamedBlock]:
        """Add the reading of blocks named ``collection`` to a pipeline."""
        if self.listing is None:
            schema = pa.schema([COLLECTION.field(name) for name in columns])
            blocks = pipeline | label >> ReadBlocks(self.shards, COLLECTION, columns)
            return blocks | f"{label}Conform" >> MapBlocks(conform_block, ["collection"], (schema,))
        table = self.listing.select([c for c in columns if c in self.listing.column_names])
        return create_blocks(pipeline, label, "collection", table)


def remedy_of(reasons: Iterable[str]) -> str:
    """Return what to do about pictures that cannot be read for these reasons."""
    if "outside_collection" in set(reasons):
        return "a uri must name a file in the folder of the table or below"
    return "mend the collection"


def plan_collection(path: str) -> Collection:
    """Plan the reading of a collection.

    Raises:
        UsageError: it is not there, holds no images, lacks a column, or two rows have one id.
    """
    if not files.exists(path):
        raise UsageError(f"{path} is not there; --collection wants a table of images or a folder of pictures")
    folder = files.is_folder(path)
    listed = listings.list_folder(path) if folder else None
    if listed is not None and not listed.tables:
        return _plan_folder(path, listed)
    paths = files.list_files(path)
    tables = [p for p in paths if p.lower().endswith(listings.TABLES)] if folder else paths
    shards = plan_shards("collection", tables, required=("image_id",))
    for file in tables:
        _check_columns(file)
    ids = [
        table.column("image_id").cast(pa.string())
        for shard in shards
        for table in read_shard(shard, COLLECTION, ("image_id",))
    ]
    size = sum(len(column) for column in ids)
    if not size:
        raise UsageError(f"{path}: the collection has no images; give one with at least a row")
    _check_ids(path, pa.chunked_array([chunk for column in ids for chunk in column.chunks], pa.string()))
    root = path if folder else ((path.rsplit("/", 1)[0] or "/") if "/" in path else ".")
    return Collection(
        root=root,
        shards=shards,
        listing=None,
        size=size,
        ignored=0,
        digest=manifest.digest_files(tables, root=path),
        input_bytes=sum(shard.size for shard in shards),
    )


def _check_columns(path: str) -> None:
    """Raise UsageError where a collection's file has neither uri nor bytes, or a column of another type."""
    if format_of(path) == "parquet":
        with files.open_input(path) as file:
            schema = pq.read_schema(file)
        for field in schema:
            if field.name in COLLECTION.names:
                _check_type(path, field, COLLECTION.field(field.name).type)
        names = schema.names
    else:
        shard = plan_shards("collection", [path])[0]
        names = next((t.column_names for t in read_shard(shard, COLLECTION)), ["uri"])
    if "uri" not in names and "bytes" not in names:
        raise UsageError(f"{path}: no column 'uri' and no column 'bytes'; it has {', '.join(names)}")


def _check_type(path: str, field: pa.Field, wanted: pa.DataType) -> None:
    try:
        field_type = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        numeric = pa.types.is_integer(wanted) or pa.types.is_floating(wanted)
        texts = pa.types.is_string(wanted) and not (
            pa.types.is_string(field_type)
            or pa.types.is_large_string(field_type)
            or pa.types.is_string_view(field_type)
        )
        if texts or (numeric and not (pa.types.is_integer(field_type) or pa.types.is_floating(field_type))):
            raise pa.ArrowInvalid("other kind")
        pa.array([], field_type).cast(wanted)
    except pa.ArrowException as error:
        raise UsageError(f"{path}: column {field.name!r} is {field.type}, expected {wanted}") from error


def _check_ids(path: str, ids: pa.ChunkedArray) -> None:
    if ids.null_count:
        raise UsageError(f"{path}: {ids.null_count:,} rows have no image_id; give every image one")
    if pc.count_distinct(ids).as_py() == len(ids):
        return
    counts = pc.value_counts(ids)
    twice = counts.filter(pc.greater(counts.field("counts"), 1))
    first = pc.min(twice.field("values")).as_py()
    raise UsageError(f"{path}: {len(twice):,} ids are there more than once, such as {first!r}; ids must be unique")


def _plan_folder(path: str, listed: Listing) -> Collection:
    names = listed.pictures["image_id"].combine_chunks()
    if not len(names):
        unread = f", {len(listed.lost):,} that cannot be read: {listed.lost[0]}" if listed.lost else ""
        raise UsageError(
            f"{path}: no pictures there ({listed.ignored:,} other files{unread}); give a folder with pictures"
        )
    listing = pa.table({"image_id": names, "uri": names})
    return Collection(
        root=path,
        shards=(),
        listing=listing,
        size=len(names),
        ignored=listed.ignored,
        digest=listings.digest(listed.pictures),
        input_bytes=listing.nbytes,
        stamps=listed.pictures,
        lost=listed.lost,
    )


def read_collection(collection: Collection, columns: Sequence[str]) -> pa.Table:
    """Return columns of a whole collection as one table; missing columns are null."""
    schema = pa.schema([COLLECTION.field(name) for name in columns])
    tables = [collection.listing] if collection.listing is not None else []
    for shard in collection.shards:
        tables += list(read_shard(shard, COLLECTION, columns))
    return pa.concat_tables([conform_collection(table, schema) for table in tables])


def conform_block(table: pa.Table, schema: pa.Schema) -> Iterator[NamedBlock]:
    """Yield a block of a collection with the columns and types of `schema`."""
    yield "collection", conform_collection(table, schema)


def conform_collection(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Return the columns of `schema`, cast; missing ones are null."""
    columns = [
        table.column(field.name).cast(field.type)
        if field.name in table.column_names
        else pa.nulls(table.num_rows, field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)
