"""The features of one partition's pictures: what an earlier run knows stays, the rest is looked at, some at a time."""

import functools
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from beam_jobs.blocks import files, progress
from beam_jobs.blocks.failures import FAILURES, counter_rows, failure_rows
from beam_jobs.blocks.read import NamedBlock
from beam_jobs.inputs import conform_collection
from beam_jobs.pictures import pool
from beam_jobs.pictures.describe import Described, Source
from beam_jobs.pictures.pixel_cache import PixelCache, Squares
from beam_jobs.pictures.previous import Decision, decide, without_model
from beam_jobs.pictures.sources import read_remote
from beam_jobs.pictures.tables import SOURCES
from dedup.cnn_hash import cnn_hash
from intent.images import DEFAULT_LIMITS, ImageError, ImageLimits
from intent.tables import CNN_COLUMNS, COLLECTION, FEATURES

IMAGES_PER_BLOCK = 64
"""Pictures described and then classified together: bounds memory, fills the CNN's batches."""
GATHERED_BYTES = 1 << 20
"""Bytes of rows that leave together: large enough for the shuffle to put them on disk."""
FETCH_BYTES = 128 << 20
"""Bytes of remote pictures that are read together; one of unknown size counts as UNKNOWN_BYTES."""
UNKNOWN_BYTES = 1 << 20


@dataclass(frozen=True)
class Settings:
    """What the work on a partition needs to know; it travels to workers.

    Attributes:
        stage: the job's name, in failures.
        root: the collection's folder.
        model: folder of a bundle; None for hash columns alone.
        processes: helpers that decode.
        cache: folder of decoded squares; None for none.
        cache_bytes: its limit.
        limits: of pictures.
    """

    stage: str
    root: str
    model: str | None
    processes: int
    cache: str | None = None
    cache_bytes: int = 0
    limits: ImageLimits = DEFAULT_LIMITS


def extract_partition(tables: Mapping[str, pa.Table], settings: Settings) -> Iterator[NamedBlock]:
    """Yield the features, sources and failures of one partition's pictures, and counters of them.

    Args:
        tables: ``collection``, ``stamps``, and of an earlier run ``previous``, ``known`` and ``failed``.
        settings: see there.
    """
    given = tables.get("collection")
    if given is None:
        gone = [tables[name].num_rows for name in ("known", "previous") if name in tables]
        if gone:
            yield "_counters", counter_rows({"removed": gone[0]})
        return
    rows = conform_collection(given, pa.schema([COLLECTION.field(name) for name in ("image_id", "uri", "bytes")]))
    predictor = predictor_of(settings.model) if settings.model else None
    digest = predictor.bundle.digest if predictor else None
    decision = decide(rows.sort_by("image_id"), tables, model=digest, stage=settings.stage)
    kept = decision.features.num_rows + decision.failures.num_rows
    progress.add("images", kept)
    counts = Counter({"images": rows.num_rows, "removed": decision.removed, "reused": kept})
    counts.update(f"failed:{reason}" for reason in decision.failures["reason"].to_pylist())
    if decision.features.num_rows:
        yield "features", decision.features
    if decision.failures.num_rows:
        yield "_failures", decision.failures
    cache = None
    if settings.cache and predictor is not None:
        cache = cache_of(settings.cache, predictor.bundle.image_size, settings.cache_bytes)
        cache.refresh()
    seen: list[bytes | None] = []
    made: dict[str, list[pa.Table]] = {}
    for block in _blocks(decision.todo):
        found = look_at(block, decision, settings, predictor, cache)
        seen += [each.sha256 for each in found]
        for name, table in _tables(block, found, decision, settings.stage, predictor, counts):
            made.setdefault(name, []).append(table)
        progress.add("images", block.num_rows)
        for name in [n for n, tables in made.items() if sum(t.nbytes for t in tables) >= GATHERED_BYTES]:
            yield name, pa.concat_tables(made.pop(name)).combine_chunks()
    yield from ((name, pa.concat_tables(tables).combine_chunks()) for name, tables in made.items())
    yield "sources", _with_seen(decision, seen)
    yield "_counters", counter_rows({name: value for name, value in sorted(counts.items()) if value})


def look_at(
    block: pa.Table, decision: Decision, settings: Settings, predictor: Any, cache: PixelCache | None
) -> list[Described]:
    """Return what is seen of the pictures of a block of ``TODO``, with squares for those whose scores are wanted."""
    side = predictor.bundle.image_size if predictor else 0
    rows = block.to_pylist()
    scored = _scored(block, decision, predictor)
    found: list[Described | None] = [_cannot_be_read(row) for row in rows]
    if cache is not None:
        wanted = [i for i, row in enumerate(rows) if row["unchanged"] and row["feature"] is not None and not scored[i]]
        for i, square in zip(wanted, cache.get([rows[i]["known"] for i in wanted]), strict=True):
            if square is not None:
                found[i] = Described(rows[i]["known"], None, square.tobytes(), "", "")
    if files.is_remote(settings.root):
        _fetch(rows, found, settings)
    waiting = [i for i, each in enumerate(found) if each is None]
    sources = [
        Source(
            root=settings.root,
            uri=rows[i]["uri"] or "",
            data=rows[i]["bytes"],
            known=rows[i]["known"] or b"",
            side=side,
            side_if_known=0 if scored[i] or rows[i]["feature"] is None else side,
        )
        for i in waiting
    ]
    described = pool.describe_all(pool.helpers(settings.processes, settings.limits), sources) if sources else []
    for i, each in zip(waiting, described, strict=True):
        found[i] = each
    if cache is not None:
        fresh = [each for each in described if each.square is not None and each.sha256 is not None]
        if fresh:
            cache.put([each.sha256 for each in fresh if each.sha256], _squares(fresh, side))
    return [each for each in found if each is not None]


def _scored(block: pa.Table, decision: Decision, predictor: Any) -> list[bool]:
    """Return per picture whether the earlier row's scores, if there is one, are those of the model, or none wanted."""
    if predictor is None:
        return [True] * block.num_rows
    models = decision.earlier_features["model"].take(block["feature"]).to_pylist()
    return [model == predictor.bundle.digest for model in models]


def _cannot_be_read(row: Mapping[str, Any]) -> Described | None:
    if row["bytes"] is None and not row["uri"]:
        return Described(None, None, None, "not_found", "neither uri nor bytes")
    return None


def _fetch(rows: Sequence[dict[str, Any]], found: list[Described | None], settings: Settings) -> None:
    """Read what a remote folder has of the pictures: bytes go into `rows`, failures into `found`."""
    wanted = [i for i, row in enumerate(rows) if found[i] is None and row["bytes"] is None]
    uris, sizes = [rows[i]["uri"] for i in wanted], [rows[i]["size"] for i in wanted]
    for i, data in zip(wanted, read_remote(settings.root, uris, sizes=sizes, limits=settings.limits), strict=True):
        if isinstance(data, ImageError):
            found[i] = Described(None, None, None, data.reason, data.detail)
        else:
            rows[i]["bytes"] = data


def _squares(found: Sequence[Described], side: int) -> Squares:
    """Return the squares of what was seen as uint8[n, side, side, 3]."""
    flat = b"".join(each.square for each in found if each.square is not None)
    return np.frombuffer(flat, np.uint8).reshape(-1, side, side, 3)


def _tables(
    block: pa.Table,
    found: Sequence[Described],
    decision: Decision,
    stage: str,
    predictor: Any,
    counts: Counter[str],
) -> Iterator[NamedBlock]:
    """Yield the features and failures of what was seen of a block of pictures; add to `counts`."""
    ids, earlier = block["image_id"].to_pylist(), block["earlier"].to_pylist()
    feature, failure = block["feature"].to_pylist(), block["failure"].to_pylist()
    failed: list[tuple[str, str, str]] = []
    fresh, rescored, kept, failed_before = [], [], [], []
    comparable = block["known"].is_valid().to_pylist()
    for i, each in enumerate(found):
        if each.reason or each.hashes is not None:
            counts["new" if not earlier[i] else "changed" if comparable[i] else "again"] += 1
        if each.reason:
            failed.append((ids[i], each.reason, each.detail))
        elif each.hashes is not None:
            fresh.append(i)
        elif feature[i] is None:
            failed_before.append(failure[i])
        elif each.square is not None:
            rescored.append(i)
        else:
            kept.append(feature[i])
    counts["rescored"] += len(rescored)
    counts["reused"] += len(kept) + len(failed_before)
    failures = pa.concat_tables(
        [failure_rows(stage, failed), decision.earlier_failures.take(pa.array(failed_before, pa.int64()))]
    ).cast(FAILURES)
    if failures.num_rows:
        counts.update(f"failed:{reason}" for reason in failures["reason"].to_pylist())
        yield "_failures", failures
    before = decision.earlier_features
    as_before = before.take(pa.array(kept, pa.int64()))
    looked = pa.concat_tables(
        [
            hash_table([ids[i] for i in fresh], [found[i].hashes or {} for i in fresh]),
            before.take(pa.array([feature[i] for i in rescored], pa.int64())),
        ]
    )
    if predictor is None:
        as_before, looked = without_model(as_before), without_model(looked)
    elif looked.num_rows:
        looked = _with_scores(
            looked, _squares([found[i] for i in (*fresh, *rescored)], predictor.bundle.image_size), predictor
        )
    features = pa.concat_tables([looked, as_before])
    if features.num_rows:
        yield "features", features


def hash_table(ids: Sequence[str], hashes: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Return FEATURES rows of hash columns; the others are null."""
    arrays = []
    for field in FEATURES:
        values = ids if field.name == "image_id" else [each.get(field.name) for each in hashes]
        arrays.append(pa.array(values, field.type))
    return pa.table(arrays, schema=FEATURES)


def _with_scores(rows: pa.Table, squares: Squares, predictor: Any) -> pa.Table:
    """Return rows of FEATURES with the CNN's columns of their squares."""
    from intent.inference import prediction_columns

    predictions = predictor.predict(squares)
    columns = {**prediction_columns(predictions, predictor.bundle), "cnn_hash": cnn_hash(predictions.embedding)}
    for name in CNN_COLUMNS:
        field = FEATURES.field(name)
        values = columns[name]
        array = values.cast(field.type) if isinstance(values, pa.Array) else pa.array(values, field.type)
        rows = rows.set_column(FEATURES.names.index(name), field, array)
    return rows


@functools.lru_cache(maxsize=2)
def predictor_of(path: str) -> Any:
    """Return the predictor of a bundle's folder, loaded once per process."""
    from intent.bundle import load_bundle
    from intent.inference import Predictor

    return Predictor(load_bundle(Path(path)))


_lock = threading.Lock()
_caches: dict[tuple[str, int, int], PixelCache] = {}


def cache_of(folder: str, side: int, limit_bytes: int) -> PixelCache:
    """Return the cache of decoded squares in `folder`, made once per process."""
    with _lock:
        key = folder, side, limit_bytes
        if key not in _caches:
            _caches[key] = PixelCache(folder, side=side, limit_bytes=limit_bytes)
        return _caches[key]


def _blocks(todo: pa.Table) -> Iterator[pa.Table]:
    """Yield pictures in blocks of bounded number and bytes."""
    sizes = np.asarray(todo["size"].fill_null(UNKNOWN_BYTES))
    start = 0
    while start < todo.num_rows:
        ends = np.cumsum(sizes[start : start + IMAGES_PER_BLOCK])
        count = max(1, int(np.searchsorted(ends, FETCH_BYTES, side="right")))
        yield todo.slice(start, count)
        start += count


def _with_seen(decision: Decision, seen: Sequence[bytes | None]) -> pa.Table:
    """Return the sources with the sha256 of what was looked at; `todo` is in their order."""
    column = decision.sources["sha256"].combine_chunks()
    places = pc.index_in(decision.sources["image_id"], value_set=decision.todo["image_id"].combine_chunks())
    of_todo = pa.array(seen, pa.binary()).take(places.combine_chunks())
    merged = pc.if_else(pc.is_valid(places), of_todo, column)
    return decision.sources.set_column(SOURCES.names.index("sha256"), SOURCES.field("sha256"), merged)
