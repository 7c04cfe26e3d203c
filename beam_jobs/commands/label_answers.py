"""``image-intent labels show``, ``query`` and ``class``: answers about one image, one query, one class."""

import json
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from beam_jobs import inputs
from beam_jobs.blocks import manifest
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.manifest import Manifest
from beam_jobs.blocks.read import Shard, read_shard
from beam_jobs.commands.tables import plain, print_lines, print_table
from labels.config import LabelConfig
from labels.image_story import explain_image, tell_image
from labels.inspect import explain_query, tell_class, tell_query, top_images
from labels.near_names import or_near
from labels.queries import normalize_query
from labels.tables import EVIDENCE_CLICKS
from labels.taxonomy import Taxonomy

_SHOWN_QUERIES = 20


def show(flags: Namespace, folder: str) -> int:
    """Print why an image has its label, or none.

    Raises:
        UsageError: no table of the run knows the image; the message names those of a similar id.
    """
    done = manifest.require(folder, "labels", "rejected", "query_intents")
    wanted = pa.array([flags.image_id], pa.string())
    duplicates = _duplicates(flags.run, wanted)
    members = wanted
    if "duplicates" in done.inputs and duplicates is not None and duplicates.num_rows:
        members = duplicates["image_id"].combine_chunks()
    clicks = _clicks_on(members, flags, done)
    intents = None
    if clicks is not None:
        intents = manifest.read_rows(folder, "query_intents", "query", pc.unique(clicks["query"]))
    try:
        found = explain_image(
            flags.image_id,
            manifest.read_rows(folder, "labels", "image_id", wanted),
            manifest.read_rows(folder, "rejected", "image_id", wanted),
            features=_optional(flags.run, "extract_features", "features", wanted),
            duplicates=duplicates,
            clicks=clicks,
            query_intents=intents,
        )
    except ValueError as error:
        known = (block["image_id"] for name in ("labels", "rejected") for block in _blocks(folder, name, ["image_id"]))
        raise UsageError(f"{error}{or_near(flags.image_id, map(_series, known))}") from error
    if flags.json:
        print(json.dumps(found, ensure_ascii=False, default=str))
        return 0
    print_lines([f"image: {flags.image_id}", *tell_image(found, min_query_users=_min_query_users(done))])
    _print_queries(found)
    for name in ("features", "duplicates"):
        if found[name] is not None:
            print_lines(_tree({name: found[name]}))
    return 0


def query(flags: Namespace, folder: str, done: Manifest, taxonomy: Taxonomy) -> int:
    """Print what a query asks for.

    Raises:
        UsageError: too few people asked it; the message names similar ones, and what its words would ask for.
    """
    text = normalize_query(flags.query)
    intents = manifest.read_rows(folder, "query_intents", "query", pa.array([text], pa.string()))
    images = top_images(text, _blocks(folder, "labels", ["image_id", "intent", "queries"]))
    found = explain_query(text, intents, manifest.read_table(folder, "rules"), taxonomy, images)
    if found["decided"] is None:
        rule = found["rule"]
        words = f"; its word {rule['rule']!r} would ask for {rule['intent']}" if rule else ""
        near = or_near(text, (_series(block["query"]) for block in _blocks(folder, "query_intents", ["query"])))
        raise UsageError(
            f"no query {text!r} of {_min_query_users(done)} people or more in this run (rarer ones are not kept)"
            f"{words}{near}"
        )
    if flags.json:
        print(json.dumps(found, ensure_ascii=False, default=str))
        return 0
    print_lines(tell_query(found))
    if found["images"]:
        print_table(
            "Labelled images that it led to",
            ("image", "intent", ">people", ">clicks"),
            [(row["image_id"], row["intent"], f"{row['users']:,}", f"{row['clicks']:,}") for row in found["images"]],
        )
    return 0


def of_class(flags: Namespace, folder: str, done: Manifest, taxonomy: Taxonomy) -> int:
    """Print what became of a class.

    Raises:
        UsageError: the taxonomy has no such class; the message names similar ones.
    """
    known = [intent.id for intent in taxonomy.intents]
    if flags.intent not in known:
        near = or_near(flags.intent, [pl.Series(known)])
        raise UsageError(f"no class {flags.intent!r} in the taxonomy{near}; all: image-intent labels summary")
    wanted = pa.array([flags.intent], pa.string())
    found = tell_class(
        taxonomy.intents[known.index(flags.intent)],
        manifest.read_rows(folder, "labels", "intent", wanted),
        manifest.read_rows(folder, "rejected", "best_intent", wanted),
        manifest.read_rows(folder, "query_intents", "intent", wanted),
        manifest.read_rows(folder, "rules", "intent", wanted),
    )
    if flags.json:
        print(json.dumps(found, ensure_ascii=False))
        return 0
    print_lines(_tree({name: value for name, value in found.items() if not _is_records(value)}))
    for name, value in found.items():
        if _is_records(value):
            print_table(name.replace("_", " "), list(value[0]), [list(row.values()) for row in value])
    return 0


# --- reading -----------------------------------------------------------------------------------------


def _min_query_users(done: Manifest) -> int:
    return int(done.config.get("labels", {}).get("min_query_users", LabelConfig().min_query_users))


def _blocks(folder: str, table: str, columns: Sequence[str]) -> Iterator[pa.Table]:
    for shard in manifest.table_shards(folder, table):
        yield from read_shard(shard, columns=columns)


def _series(column: pa.ChunkedArray) -> pl.Series:
    return pl.Series(values=pl.from_arrow(column.cast(pa.string())))


def _clicks_on(images: pa.Array, flags: Namespace, done: Manifest) -> pa.Table | None:
    """Return the clicks of the window on some images, None where there is no evidence.

    A block of the images' column is read first, and the rest of it only where it names one of them.
    """
    evidence = flags.evidence or str(Path(flags.run) / "aggregate_clicks")
    if flags.evidence is None and manifest.read_manifest(evidence) is None:
        return None
    window = inputs.plan_window(evidence, done.config["window_days"], date.fromisoformat(done.config["window_end"]))
    parts = [EVIDENCE_CLICKS.empty_table()]
    for shard in window.shards["clicks"]:
        if any(_hits(block, images).num_rows for block in read_shard(shard, columns=["image_id"])):
            found = (_hits(block, images) for block in _whole(shard))
            parts += [block.select(EVIDENCE_CLICKS.names).cast(EVIDENCE_CLICKS) for block in found if block.num_rows]
    return pa.concat_tables(parts)


def _whole(shard: Shard) -> Iterator[pa.Table]:
    return read_shard(shard, columns=EVIDENCE_CLICKS.names)


def _hits(block: pa.Table, images: pa.Array) -> pa.Table:
    return block.filter(pc.is_in(block["image_id"].cast(pa.string()), value_set=images))


def _optional(run: str, job: str, table: str, wanted: pa.Array, column: str = "image_id") -> pa.Table | None:
    folder = str(Path(run) / job)
    return manifest.read_rows(folder, table, column, wanted) if manifest.read_manifest(folder) else None


def _duplicates(run: str, wanted: pa.Array) -> pa.Table | None:
    """Return the rows of all members of an image's group."""
    own = _optional(run, "find_duplicates", "duplicates", wanted)
    if own is None or not own.num_rows:
        return own
    return _optional(run, "find_duplicates", "duplicates", own["group_id"].combine_chunks(), "group_id")


# --- what is shown -----------------------------------------------------------------------------------


def _print_queries(found: Mapping[str, Any]) -> None:
    label, evidence = found["label"], found["evidence"]
    if label is not None and label["queries"]:
        print_table(
            f"Queries behind the label ({len(label['queries'])})",
            ("query", ">people", ">clicks"),
            [(row["query"], f"{row['users']:,}", f"{row['clicks']:,}") for row in label["queries"]],
        )
    elif evidence is not None and evidence["queries"]:
        queries = evidence["queries"]
        print_table(
            f"Queries that led to it ({min(len(queries), _SHOWN_QUERIES)} of {len(queries)}), clicks of robots too",
            ("query", "asks for", ">users", ">clicks"),
            [
                (row["query"], row["intent"] or "(nothing in particular)", f"{row['users']:,}", f"{row['clicks']:,}")
                for row in queries[:_SHOWN_QUERIES]
            ],
        )


def _is_records(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)


def _tree(values: Mapping[str, Any], depth: int = 0) -> list[str]:
    """Return a nested answer, a line per value, lists of records as lines of their own."""
    indent, lines = "  " * depth, []
    for key, value in values.items():
        if isinstance(value, Mapping):
            lines += [f"{indent}{key}:", *_tree(value, depth + 1)]
        elif _is_records(value):
            lines.append(f"{indent}{key}:")
            for row in value:
                lines.append(f"{indent}  " + ", ".join(f"{name} {plain(item)}" for name, item in row.items()))
        elif isinstance(value, list):
            lines.append(f"{indent}{key}: {', '.join(map(plain, value)) or '-'}")
        elif value is not None:
            lines.append(f"{indent}{key}: {plain(value)}")
    return lines
