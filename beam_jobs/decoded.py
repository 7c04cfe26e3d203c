"""Pictures decoded once for CNN and hashes, kept under ``--temp`` so that the next training decodes none."""

import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import feather

from beam_jobs.blocks import manifest, progress
from beam_jobs.pictures import pool
from beam_jobs.pictures.describe import Source
from beam_jobs.pictures.sources import at_hand
from dedup.block_mean import HASH_VERSION
from intent.images import ImageError, ImageLimits
from intent.tables import FEATURES

DECODE_TOGETHER = 256
"""Pictures whose squares are in memory at a time."""


@dataclass(frozen=True)
class Pictures:
    """Decoded pictures: ids, squares uint8 [n, size, size, 3] (on disk), hash columns as a FEATURES table."""

    ids: list[str]
    squares: npt.NDArray[np.uint8]
    features: pa.Table
    failed: Mapping[str, int]


def decode_pictures(rows: pa.Table, root: str, *, size: int, folder: Path, workers: int) -> Pictures:
    """Decode the pictures of collection rows once, for the CNN and for the hashes; in helper processes, so that a
    file that crashes or hangs its decoder is one that failed and not the end of a training.

    Args:
        rows: image_id, uri and bytes.
        root: the collection's folder.
        size: side of the squares.
        folder: where the squares are kept on disk.
        workers: helper processes.
    """
    limits = ImageLimits()
    helpers = pool.helpers(workers, limits)
    squares = np.memmap(folder / "squares.u8", np.uint8, "w+", shape=(max(rows.num_rows, 1), size, size, 3))
    ids: list[str] = []
    failed: Counter[str] = Counter()
    tables = [FEATURES.empty_table()]
    progress.expect("examples", rows.num_rows)
    for start in range(0, rows.num_rows, DECODE_TOGETHER):
        piece = rows.slice(start, DECODE_TOGETHER).to_pylist()
        sources, missing = _sources(piece, root, size, limits)
        failed.update(missing)
        good: list[str] = []
        columns: list[dict[str, Any]] = []
        for (image, _), seen in zip(sources, pool.describe_all(helpers, [each for _, each in sources]), strict=True):
            if seen.square is None or seen.hashes is None:
                failed[seen.reason] += 1
                continue
            squares[len(ids) + len(good)] = np.frombuffer(seen.square, np.uint8).reshape(size, size, 3)
            good.append(image)
            columns.append(seen.hashes)
        ids += good
        progress.add("examples", len(piece))
        if good:
            made: dict[str, list[Any]] = {name: [row[name] for row in columns] for name in columns[0]}
            made["image_id"] = good
            arrays = [
                pa.array(made[f.name], f.type) if f.name in made else pa.nulls(len(good), f.type) for f in FEATURES
            ]
            tables.append(pa.table(arrays, schema=FEATURES))
    return Pictures(ids, squares[: len(ids)], pa.concat_tables(tables), dict(failed))


def _sources(
    piece: Sequence[Mapping[str, Any]], root: str, size: int, limits: ImageLimits
) -> tuple[list[tuple[str, Source]], list[str]]:
    """Return what helpers are to look at, by image, and the reasons of pictures that are not there."""
    found: list[tuple[str, Source]] = []
    missing: list[str] = []
    for row in piece:
        try:
            data = at_hand(row, root, limits)
        except ImageError as error:
            missing.append(error.reason)
            continue
        source = Source(root, row["uri"] or "", data, known=b"", side=size, side_if_known=size)
        found.append((row["image_id"], source))
    return found, missing


def kept_pictures(rows: pa.Table, root: str, *, size: int, folder: Path, temp: Path | None, workers: int) -> Pictures:
    """Return the pictures of collection rows, from what an earlier training kept where nothing has changed.

    A file counts as unchanged while its size and its time of change are. Pictures of remote filesystems are decoded
    each time.

    Args:
        rows, root, size, workers: as of `decode_pictures`.
        folder: where the squares lie while they are decoded; on the disk of ``temp``.
        temp: where they are kept; None keeps nothing.
    """
    key = _key(rows, root, size) if temp is not None else None
    if temp is None or key is None:
        return decode_pictures(rows, root, size=size, folder=folder, workers=workers)
    squares, table = temp / f"squares-{key}.u8", temp / f"squares-{key}.arrow"
    if table.is_file() and squares.is_file():
        features = feather.read_table(table)
        if squares.stat().st_size == features.num_rows * size * size * 3 > 0:
            failed = json.loads((features.schema.metadata or {}).get(b"failed", b"{}"))
            found = np.memmap(squares, np.uint8, "r", shape=(features.num_rows, size, size, 3))
            kept = features.cast(FEATURES)
            return Pictures(kept["image_id"].to_pylist(), found, kept, failed)
    pictures = decode_pictures(rows, root, size=size, folder=folder, workers=workers)
    if not pictures.ids:
        return pictures
    with (folder / squares.name).open("wb") as file:
        pictures.squares.tofile(file)
    metadata = {"failed": json.dumps(dict(pictures.failed))}
    feather.write_feather(pictures.features.replace_schema_metadata(metadata), folder / table.name)
    os.replace(folder / squares.name, squares)
    os.replace(folder / table.name, table)  # the last file makes the pair count
    return pictures


def _key(rows: pa.Table, root: str, size: int) -> str | None:
    """Return a digest of what would be decoded; None where a picture is neither inline nor a local file."""
    if rows["bytes"].null_count < rows.num_rows:
        return None  # inline pictures: reading them is all there is to save
    found = []
    try:
        for image, uri in zip(rows["image_id"].to_pylist(), rows["uri"].to_pylist(), strict=True):
            stat = os.stat(os.path.join(root, uri))
            found.append((image, stat.st_size, stat.st_mtime_ns))
    except (OSError, TypeError, ValueError):
        return None
    facts = {"size": size, "root": root, "hashes": HASH_VERSION, "pictures": found}
    return manifest.digest_of(facts)[: manifest.KEY_DIGITS]
