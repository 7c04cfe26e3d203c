"""Made tables for the join and the group-by: their schemas and generators, streamed to disk."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.bench.logs import DONE, hex_ids, zipf_edges

_DIMENSIONS = 64
_BLOCK = 1 << 18
"""Rows of a row group: 50 MB of features."""

FEATURES = pa.schema(
    [
        ("image_id", pa.string()),
        ("intent", pa.string()),
        ("confidence", pa.float32()),
        ("embedding", pa.list_(pa.int16())),
        ("block_hash", pa.binary()),
        ("width", pa.int32()),
        ("height", pa.int32()),
        ("quality", pa.float32()),
    ],
    metadata={"sort_by": "image_id"},
)
"""The features that export reads. The bits of the half floats travel as int16, since DuckDB reads Parquet's
half floats as floats and would write twice the bytes."""
LABELS = pa.schema(
    [("image_id", pa.string()), ("label", pa.string()), ("parent", pa.string()), ("label_confidence", pa.float32())]
)
TOPICS = pa.schema([("image_id", pa.string()), ("topic_high", pa.int32()), ("topic_low", pa.int32())])
DUPLICATES = pa.schema([("image_id", pa.string()), ("group_id", pa.string()), ("is_representative", pa.bool_())])
IMAGES = pa.schema([*FEATURES, *list(LABELS)[1:], *list(TOPICS)[1:], *list(DUPLICATES)[1:]], metadata=FEATURES.metadata)
"""What the join writes."""

ROWS = pa.schema([("key", pa.string()), ("value", pa.int64())])
SUMS = pa.schema(
    [("key", pa.string()), ("rows", pa.int64()), ("total", pa.int64()), ("largest", pa.int64())],
    metadata={"sort_by": "key"},
)
"""What the group-by writes."""

_LABELLED = 0.6  # share of images with a label
_COPIES = 0.1  # share of images that are a copy of another
_HOT_KEY = 0.3  # share of rows with one key
_TAIL = 1.2  # Zipf exponent of the others' keys


def write_join_tables(folder: Path, *, rows: int, seed: int) -> Path:
    """Write ``features`` of `rows` images and their labels, topics and duplicates, unless there; return `folder`.

    Each table has its own order of the images, as the outputs of different jobs do.
    """
    ids = hex_ids(rows, salt=3)
    intents = pa.array([f"intent_{n}" for n in range(37)], pa.string())
    parents = pa.array([f"parent_{n % 8}" for n in range(37)], pa.string())

    def features(images: pa.Array, rng: np.random.Generator) -> pa.Table:
        count = len(images)
        vectors = rng.standard_normal((count, _DIMENSIONS), dtype=np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        bits = pa.array(vectors.astype(np.float16).view(np.int16).ravel())
        ends = pa.array(np.arange(0, count * _DIMENSIONS + 1, _DIMENSIONS, dtype=np.int32))
        hashes = pa.FixedSizeBinaryArray.from_buffers(pa.binary(32), count, [None, pa.py_buffer(rng.bytes(32 * count))])
        columns = [
            images,
            intents.take(pa.array(rng.integers(0, 37, count))),
            pa.array(rng.random(count, dtype=np.float32)),
            pa.ListArray.from_arrays(ends, bits),
            hashes.cast(pa.binary()),
            pa.array(rng.integers(100, 4000, count, dtype=np.int32)),
            pa.array(rng.integers(100, 4000, count, dtype=np.int32)),
            pa.array(rng.random(count, dtype=np.float32)),
        ]
        return pa.table(columns, schema=FEATURES)

    def labels(images: pa.Array, rng: np.random.Generator) -> pa.Table:
        images = images.filter(pa.array(rng.random(len(images)) < _LABELLED))
        code = pa.array(rng.integers(0, 37, len(images)))
        confidence = pa.array(rng.random(len(images), dtype=np.float32))
        return pa.table([images, intents.take(code), parents.take(code), confidence], schema=LABELS)

    def topics(images: pa.Array, rng: np.random.Generator) -> pa.Table:
        low = rng.integers(0, 10_000, len(images), dtype=np.int32)
        return pa.table([images, pa.array(low // 100), pa.array(low)], schema=TOPICS)

    def duplicates(images: pa.Array, rng: np.random.Generator) -> pa.Table:
        copy = rng.random(len(images)) < _COPIES
        group = np.where(copy, rng.integers(0, len(images), len(images)), np.arange(len(images)))
        return pa.table([images, images.take(pa.array(group)), pa.array(~copy)], schema=DUPLICATES)

    makers = {"features": features, "labels": labels, "topics": topics, "duplicates": duplicates}

    def write(root: Path) -> None:
        for number, (name, make) in enumerate(makers.items()):
            rng = np.random.default_rng([seed, number])
            order = rng.permutation(rows)
            _write(root / name, (make(ids.take(pa.array(order[i : i + _BLOCK])), rng) for i in range(0, rows, _BLOCK)))

    return _once(folder, write)


def write_rows(folder: Path, *, rows: int, seed: int) -> Path:
    """Write ``rows``, key and value, unless there; return `folder`.

    One key has 30 % of the rows; the others follow Zipf's law with exponent 1.2 over a key per ten rows.
    """
    keys = max(rows // 10, 10)
    ids = hex_ids(keys, salt=4)
    edges = zipf_edges(keys, _TAIL)

    def blocks() -> Iterator[pa.Table]:
        rng = np.random.default_rng([seed, 9])
        for start in range(0, rows, _BLOCK):
            count = min(_BLOCK, rows - start)
            place = np.searchsorted(edges, rng.random(count))
            place[rng.random(count) < _HOT_KEY] = keys - 1
            values = pa.array(rng.integers(-1000, 1_000_000, count))
            yield pa.table([ids.take(pa.array(place)), values], schema=ROWS)

    return _once(folder, lambda root: _write(root / "rows", blocks()))


def _once(folder: Path, write: Callable[[Path], None]) -> Path:
    if not (folder / DONE).exists():
        shutil.rmtree(folder, ignore_errors=True)
        write(folder)
        (folder / DONE).touch()
    return folder


def _write(folder: Path, blocks: Iterator[pa.Table]) -> None:
    folder.mkdir(parents=True)
    writer = None
    for block in blocks:
        writer = writer or pq.ParquetWriter(folder / "part-0.parquet", block.schema, compression="zstd")
        writer.write_table(block, row_group_size=len(block))
    if writer is not None:
        writer.close()
