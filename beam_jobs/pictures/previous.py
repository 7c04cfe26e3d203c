"""What an earlier run already knows of a collection's pictures, and which must be looked at."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from beam_jobs.blocks.failures import FAILURES
from beam_jobs.pictures.tables import SOURCES, STAMPS
from dedup.block_mean import HASH_VERSION
from intent.tables import CNN_COLUMNS, FEATURES

TRIED_AGAIN = frozenset({"time_limit", "memory_limit", "decoder_crash", "not_found"})
"""Reasons that may be the machine's, not the file's: such pictures are tried again each time."""

TODO = pa.schema(
    [
        ("image_id", pa.string()),
        ("uri", pa.string()),
        ("bytes", pa.binary()),
        ("size", pa.int64()),
        ("known", pa.binary()),
        ("unchanged", pa.bool_()),
        ("earlier", pa.bool_()),
        ("feature", pa.int64()),
        ("failure", pa.int64()),
    ]
)
"""Pictures to look at. ``known``: sha256 of the earlier run, where its row may be used again. ``unchanged``: the
stamp says that the file is the same. ``earlier``: the earlier run had the picture. ``feature`` and ``failure``: row
of its feature, or of its failure, where it may be used again."""


@dataclass(frozen=True, eq=False)
class Decision:
    """What becomes of the pictures of one partition.

    Attributes:
        features: rows of FEATURES that stay as they are.
        failures: rows of FAILURES that stay.
        sources: rows of SOURCES for all pictures, with the sha256 of those that stay.
        todo: the other pictures.
        earlier_features: what `todo` refers to.
        earlier_failures: likewise.
        removed: pictures of the earlier run that are not in the collection.
    """

    features: pa.Table
    failures: pa.Table
    sources: pa.Table
    todo: pa.Table
    earlier_features: pa.Table
    earlier_failures: pa.Table
    removed: int


def decide(collection: pa.Table, tables: Mapping[str, pa.Table], *, model: str | None, stage: str) -> Decision:
    """Return what becomes of the rows of `collection`.

    Args:
        collection: ``image_id``, ``uri`` and ``bytes``, unique ids.
        tables: ``stamps``, and of an earlier run ``previous`` (features), ``known`` (sources) and ``failed``
            (failures); each may be missing.
        model: digest of the model whose columns are wanted; None for hash columns alone.
        stage: whose failures count.
    """
    ids = _one(collection["image_id"])
    features = _of(tables, "previous", FEATURES)
    features = features.filter(pc.equal(features["hash_version"], HASH_VERSION))
    known = _of(tables, "known", SOURCES)
    failed = _of(tables, "failed", FAILURES)
    again = pc.is_in(failed["reason"], value_set=pa.array(sorted(TRIED_AGAIN)))
    failed = failed.filter(pc.and_(pc.equal(failed["stage"], stage), pc.invert(again)))

    stamps = _stamps(ids, collection, tables)
    at_known, feature = _index(ids, known["image_id"]), _index(ids, features["image_id"])
    failure = _index(ids, failed["key"])
    before = known.take(at_known)
    seen = _one(before["sha256"])
    usable = pc.is_valid(feature)
    sha256 = pc.if_else(usable, _one(features["sha256"].take(feature)), seen)
    same_uri = pc.fill_null(pc.equal(collection["uri"], before["uri"]), False)
    unchanged = pc.and_(same_uri, same_stamps(stamps, before))
    # a row of features and a source of another content are of two runs: only what was read decides then
    unchanged = pc.and_(unchanged, pc.or_(pc.invert(usable), pc.fill_null(pc.equal(sha256, seen), False)))
    stays = pc.and_(unchanged, usable)
    if model is not None:
        stays = pc.and_(stays, pc.fill_null(pc.equal(features["model"].take(feature), model), False))
    fails = pc.and_(pc.and_(unchanged, pc.is_valid(failure)), pc.invert(usable))
    rest = pc.invert(pc.or_(stays, fails))
    in_earlier = pc.or_(pc.is_valid(at_known), pc.or_(usable, pc.is_valid(failure)))
    may_use = pc.or_(usable, pc.is_valid(failure))
    todo = pa.table(
        [
            ids,
            collection["uri"],
            collection["bytes"],
            stamps["size"],
            pc.if_else(may_use, sha256, pa.scalar(None, pa.binary())),
            unchanged,
            in_earlier,
            feature,
            failure,
        ],
        schema=TODO,
    ).filter(rest)
    kept = features.take(feature.filter(stays))
    return Decision(
        features=kept if model is not None else without_model(kept),
        failures=failed.take(failure.filter(fails)),
        sources=pa.table(
            [
                ids,
                collection["uri"],
                *(stamps[name] for name in STAMPS.names[1:]),
                pc.if_else(rest, pa.scalar(None, pa.binary()), sha256),
            ],
            schema=SOURCES,
        ),
        todo=todo,
        earlier_features=features,
        earlier_failures=failed,
        removed=_removed(ids, known["image_id"], features["image_id"]),
    )


def same_stamps(now: pa.Table, before: pa.Table) -> Any:
    """Return per row whether both stamps are known and equal: size, and etag where both have one, else time."""
    etags = pc.equal(now["etag"], before["etag"])  # null where one has none
    times = pc.fill_null(pc.equal(now["modified"], before["modified"]), False)
    same = pc.and_(
        pc.fill_null(pc.equal(now["size"], before["size"]), False), pc.if_else(pc.is_valid(etags), etags, times)
    )
    return _one(pc.fill_null(same, False))


def without_model(features: pa.Table) -> pa.Table:
    """Return rows of FEATURES with the CNN's columns null."""
    for name in CNN_COLUMNS:
        field = FEATURES.field(name)
        index = features.schema.get_field_index(name)
        features = features.set_column(index, field, pa.nulls(features.num_rows, field.type))
    return features


def _stamps(ids: pa.Array, collection: pa.Table, tables: Mapping[str, pa.Table]) -> pa.Table:
    """Return the stamps of the rows of `collection`, in their order; rows with bytes have none."""
    found = _of(tables, "stamps", STAMPS)
    at = pc.if_else(pc.is_valid(collection["bytes"]), pa.scalar(None, pa.int64()), _index(ids, found["image_id"]))
    return found.take(_one(at))


def _of(tables: Mapping[str, pa.Table], name: str, schema: pa.Schema) -> pa.Table:
    table = tables.get(name)
    return schema.empty_table() if table is None else table.select(schema.names).cast(schema)


def _index(values: pa.Array, among: pa.ChunkedArray) -> pa.Array:
    """Return where each value is in `among`, int64, null where it is not."""
    return pc.index_in(values, value_set=_one(among)).cast(pa.int64())


def _removed(ids: pa.Array, known: pa.ChunkedArray, features: pa.ChunkedArray) -> int:
    earlier = known if len(known) else features  # a run of before there were sources
    return len(earlier) - int(pc.sum(pc.is_in(earlier, value_set=ids)).as_py() or 0)


def _one(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return a column as one array."""
    if not isinstance(column, pa.ChunkedArray):
        return column
    found = column.combine_chunks()
    return found if not isinstance(found, pa.ChunkedArray) else pa.concat_arrays(found.chunks)
