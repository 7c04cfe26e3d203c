"""Tables of true intents and of pictures to leave out, as people and jobs write them."""

import difflib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from beam_jobs.blocks import files, manifest
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.read import format_of, plan_shards, read_shard
from labels.taxonomy import Taxonomy, TaxonomyError, load_taxonomy

TRUTH = pa.schema(
    [("image_id", pa.string()), ("intent", pa.string()), ("parent", pa.string()), ("confidence", pa.float32())]
)


def read_truth(path: str, flag: str) -> pa.Table:
    """Return image_id, intent, parent and confidence of an output of derive_labels or of any such table.

    Raises:
        UsageError: it is neither, or lacks a column.
    """
    if files.is_folder(path) and manifest.read_manifest(path) is not None:
        table = manifest.read_table(path, "labels", TRUTH.names)
        return table.select(TRUTH.names).cast(TRUTH)
    table = _read_any(path, flag, ("image_id", "intent"))
    for name in table.column_names:
        if name in TRUTH.names:
            try:
                cast = table.column(name).cast(TRUTH.field(name).type)
            except pa.ArrowException as error:
                raise UsageError(f"{flag} {path}: column {name!r} is {table.schema.field(name).type}") from error
            table = table.set_column(table.column_names.index(name), name, cast)
    columns = {
        "parent": pa.nulls(table.num_rows, pa.string()),
        "confidence": pa.array(np.ones(table.num_rows), pa.float32()),
        **{name: table.column(name) for name in table.column_names},
    }
    return pa.table([columns[name] for name in TRUTH.names], schema=TRUTH)


def _read_any(path: str, flag: str, required: Sequence[str]) -> pa.Table:
    found = files.list_files(path)
    if not found:
        raise UsageError(f"{flag} {path}: nothing there; give a Parquet or CSV file with {', '.join(required)}")
    for file in found:
        format_of(file)
    shards = plan_shards("table", found, required=required)
    tables = [table for shard in shards for table in read_shard(shard, TRUTH)]
    if not tables:
        raise UsageError(f"{flag} {path}: no rows there")
    return pa.concat_tables(tables, promote_options="default")


def excluded_ids(path: str, flag: str = "--exclude") -> pa.Array:
    """Return the ids of ``--exclude``: all, or where there is a column split those that are not ``train``.

    Args:
        flag: what gave the path, for the error.
    """
    table = _read_any(path, flag, ("image_id",))
    if "split" in table.column_names:
        table = table.filter(pc.fill_null(pc.not_equal(table["split"].cast(pa.string()), "train"), True))
    return table["image_id"].cast(pa.string()).combine_chunks()


def check_labels(truth: pa.Table, taxonomy: Taxonomy, path: str) -> pa.Table:
    """Return the labels with their parents, deprecated intents as the ones that took their place.

    Raises:
        UsageError: an intent that the taxonomy lacks, or a picture with two.
    """
    truth = with_heirs(truth, taxonomy)
    unknown = unknown_intents(truth, taxonomy.intent_ids)
    if unknown:
        close = difflib.get_close_matches(unknown[0], taxonomy.intent_ids, n=1)
        hint = f"did you mean {close[0]}? Else " if close else ""
        raise UsageError(
            f"{path}: no intent {named(unknown)} in the taxonomy; {hint}correct the labels, or use the taxonomy that "
            "they were made with"
        )
    truth = one_label_each(truth, path)
    parents = [
        taxonomy.parent_of(intent) if intent is not None else parent
        for intent, parent in zip(truth["intent"].to_pylist(), truth["parent"].to_pylist(), strict=True)
    ]
    table = truth.set_column(2, "parent", pa.array(parents, pa.string()))
    return table.filter(pc.is_in(table["parent"], value_set=pa.array(taxonomy.parent_ids)))


def one_label_each(truth: pa.Table, path: str) -> pa.Table:
    """Return labels (of `TRUTH`), of a picture that has the same one twice the surest; a parent stays only where there
    is no intent, which decides it.

    Raises:
        UsageError: a picture has two intents; the message names it and both.
    """
    truth = truth.filter(pc.is_valid(truth["image_id"]))
    parents = pc.if_else(pc.is_valid(truth["intent"]), pa.scalar(None, pa.string()), truth["parent"])
    truth = truth.set_column(truth.column_names.index("parent"), "parent", parents)
    if pc.count_distinct(truth["image_id"]).as_py() == truth.num_rows:
        return truth
    keys = ["image_id", "intent", "parent"]
    once = truth.group_by(keys).aggregate([("confidence", "max")]).rename_columns([*keys, "confidence"])
    once = once.sort_by([(key, "ascending") for key in keys])
    ids = once["image_id"].combine_chunks()
    twice = np.flatnonzero(pc.equal(ids[1:], ids[:-1]).to_numpy(zero_copy_only=False))
    if len(twice):
        first, second = (row["intent"] or row["parent"] for row in once.slice(int(twice[0]), 2).to_pylist())
        more = f" (and {len(twice) - 1:,} more such rows)" if len(twice) > 1 else ""
        name = ids[int(twice[0])].as_py()
        raise UsageError(
            f"{path}: {name!r} is {first!r} in one row and {second!r} in another{more}; leave one row of each picture"
        )
    return once.select(truth.column_names)


def read_taxonomy(path: str | None) -> Taxonomy:
    """Return the taxonomy of a file, the packaged one for None; raise UsageError for a file that is none."""
    try:
        return load_taxonomy(Path(path) if path else None)
    except TaxonomyError as error:
        raise UsageError(str(error)) from error


def with_heirs(truth: pa.Table, taxonomy: Taxonomy) -> pa.Table:
    """Return labels in which a deprecated intent is the one that took its place."""
    heirs = {intent.id: intent.deprecated_by for intent in taxonomy.intents if intent.deprecated_by}
    intents = [heirs.get(intent, intent) for intent in truth["intent"].to_pylist()]
    return truth.set_column(truth.column_names.index("intent"), "intent", pa.array(intents, pa.string()))


def unknown_intents(truth: pa.Table, known: Sequence[str]) -> list[str]:
    """Return the intents of labels that are none of the known ones, sorted."""
    return sorted({intent for intent in truth["intent"].to_pylist() if intent is not None} - set(known))


def named(ids: Sequence[str], most: int = 3) -> str:
    """Return the first ids, quoted, and how many more there are."""
    return ", ".join(map(repr, ids[:most])) + (f" and {len(ids) - most} more" if len(ids) > most else "")
