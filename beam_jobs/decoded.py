"""Pictures decoded once for CNN and hashes, kept under ``--temp`` so that the next training decodes none."""

import json
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import feather

from beam_jobs.blocks import manifest, progress
from beam_jobs.extract_features import load_image
from dedup.block_mean import HASH_VERSION, hash_columns
from intent.images import DecodedImage, ImageError, ImageLimits, square
from intent.tables import FEATURES

DECODE_TOGETHER = 256
"""Pictures decoded before their hashes are made: bounds the memory of full-size pictures."""


@dataclass(frozen=True)
class Pictures:
    """Decoded pictures: ids, squares uint8 [n, size, size, 3] (on disk), hash columns as a FEATURES table."""

    ids: list[str]
    squares: npt.NDArray[np.uint8]
    features: pa.Table
    failed: Mapping[str, int]


def decode_pictures(rows: pa.Table, root: str, *, size: int, folder: Path, workers: int) -> Pictures:
    """Decode the pictures of collection rows once, for the CNN and for the hashes.

    Args:
        rows: image_id, uri and bytes.
        root: the collection's folder.
        size: side of the squares.
        folder: where the squares are kept on disk.
        workers: threads.
    """
    limits = ImageLimits()
    squares = np.memmap(folder / "squares.u8", np.uint8, "w+", shape=(max(rows.num_rows, 1), size, size, 3))
    ids: list[str] = []
    failed: dict[str, int] = {}
    tables = [FEATURES.empty_table()]

    def one(row: Mapping[str, Any]) -> Any:
        try:
            image = load_image(row, root, limits)
            return image, square(image.rgb, size)
        except ImageError as error:
            return error

    progress.expect("examples", rows.num_rows)
    with ThreadPoolExecutor(workers) as pool:
        for start in range(0, rows.num_rows, DECODE_TOGETHER):
            piece = rows.slice(start, DECODE_TOGETHER).to_pylist()
            good: list[str] = []
            images: list[DecodedImage] = []
            for row, result in zip(piece, pool.map(one, piece), strict=True):
                if isinstance(result, ImageError):
                    failed[result.reason] = failed.get(result.reason, 0) + 1
                    continue
                squares[len(ids) + len(good)] = result[1]
                good.append(row["image_id"])
                images.append(result[0])
            ids += good
            progress.add("examples", len(piece))
            if images:
                columns = {"image_id": good, **hash_columns(images)}
                arrays = [
                    pa.array(columns[f.name], f.type) if f.name in columns else pa.nulls(len(good), f.type)
                    for f in FEATURES
                ]
                tables.append(pa.table(arrays, schema=FEATURES))
    return Pictures(ids, squares[: len(ids)], pa.concat_tables(tables), failed)


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
