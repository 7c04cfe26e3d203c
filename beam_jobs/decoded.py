"""Decoded pictures that are kept under ``--temp``, so that the next training of the same pictures decodes none."""

import json
import os
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import feather

from beam_jobs.blocks import manifest
from beam_jobs.train import Pictures, decode_pictures
from dedup.block_mean import HASH_VERSION
from intent.tables import FEATURES


def kept_pictures(rows: pa.Table, root: str, *, size: int, folder: Path, temp: Path | None, workers: int) -> Pictures:
    """Return the pictures of collection rows, from what an earlier training kept where nothing has changed.

    A file counts as unchanged while its size and its time of change are. Pictures of remote filesystems are decoded
    each time.

    Args:
        rows, root, size, workers: as of `beam_jobs.train.decode_pictures`.
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
