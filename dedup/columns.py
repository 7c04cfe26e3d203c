"""Columns of FEATURES as NumPy arrays."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.block_mean import CHROMA_BYTES, HASH_BYTES, MEANS_BYTES, VIEW_BYTES

IDENTITY_COLUMNS = ("sha256", "pixel_sha256")
CODE_COLUMNS = ("block_hash", "trimmed_hash", "cnn_hash")
VERIFY_COLUMNS = (*IDENTITY_COLUMNS, *CODE_COLUMNS, "hash_version", "model", "block_means", "chroma", "embedding")
"""What `verify_pairs` reads of FEATURES, beside image_id."""
RANK_COLUMNS = ("has_border", "effective_pixels", "jpeg_quality", "chroma", "width", "height")
"""What `copy_keys` reads of FEATURES, beside image_id."""


def fixed_bytes(column: pa.ChunkedArray | pa.Array, width: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    """Return uint8[n, width] of a binary column's first ``width`` bytes, and which rows have that many; the others
    are zeros."""
    lengths = pc.fill_null(pc.binary_length(column), 0).to_numpy(zero_copy_only=False)
    valid = lengths >= width
    out = np.zeros((len(column), width), np.uint8)
    if valid.any():
        kept = pc.binary_slice(pc.filter(column, pa.array(valid)), 0, width)
        chunks = kept.chunks if isinstance(kept, pa.ChunkedArray) else [kept]
        out[valid] = np.frombuffer(b"".join(b"".join(c.to_pylist()) for c in chunks), np.uint8).reshape(-1, width)
    return out, valid


def column(table: pa.Table, name: str, kind: pa.DataType) -> pa.ChunkedArray:
    """Return a column, or nulls where the table lacks it (features made without a model)."""
    if name in table.column_names:
        return table.column(name)
    return pa.chunked_array([pa.nulls(table.num_rows, kind)])


def embeddings(table: pa.Table) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """Return float32[n, d] embeddings at unit length, and which rows have one; d is 0 where none has.

    Raises:
        ValueError: if embeddings differ in length.
    """
    lists = column(table, "embedding", pa.list_(pa.float16())).combine_chunks()
    lengths = pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False)
    sizes = np.unique(lengths[lengths > 0])
    if len(sizes) == 0:
        return np.zeros((table.num_rows, 0), np.float32), np.zeros(table.num_rows, bool)
    if len(sizes) > 1:
        raise ValueError(f"embeddings of different lengths {sizes.tolist()}: features of two models are mixed")
    values = np.zeros((table.num_rows, int(sizes[0])), np.float32)
    values[lengths > 0] = lists.flatten().to_numpy(zero_copy_only=False).reshape(-1, int(sizes[0]))
    norms = np.linalg.norm(values, axis=1, keepdims=True)
    valid = np.isfinite(norms[:, 0]) & (norms[:, 0] > 0)
    return np.where(valid[:, None], values / np.where(norms > 0, norms, 1), 0), valid


@dataclass(frozen=True, eq=False)
class Views:
    """One view (whole, or without borders) of n pictures: ``code`` uint8[n, 32], ``means`` float32[n, 256] with
    mean 0 and norm 1, ``plus`` and ``minus`` uint8[n, 96] detail planes, ``chroma`` int16[n, 32]; ``valid``
    bool[n] says who has a hash in this view."""

    code: npt.NDArray[np.uint8]
    means: npt.NDArray[np.float32]
    plus: npt.NDArray[np.uint8]
    minus: npt.NDArray[np.uint8]
    chroma: npt.NDArray[np.int16]
    valid: npt.NDArray[np.bool_]


def views(table: pa.Table) -> tuple[Views, Views]:
    """Return the whole and the trimmed view of every row of features."""
    stored, has_whole = fixed_bytes(table.column("block_means"), VIEW_BYTES)
    both, has_trimmed = fixed_bytes(table.column("block_means"), 2 * VIEW_BYTES)
    colours, _ = fixed_bytes(table.column("chroma"), CHROMA_BYTES)
    both_colours, _ = fixed_bytes(table.column("chroma"), 2 * CHROMA_BYTES)
    code, has_code = fixed_bytes(table.column("block_hash"), HASH_BYTES)
    trimmed, has_trimmed_code = fixed_bytes(table.column("trimmed_hash"), HASH_BYTES)
    return (
        _view(stored, colours, code, has_whole & has_code),
        _view(both[:, VIEW_BYTES:], both_colours[:, CHROMA_BYTES:], trimmed, has_trimmed & has_trimmed_code),
    )


def _view(
    stored: npt.NDArray[np.uint8],
    colours: npt.NDArray[np.uint8],
    code: npt.NDArray[np.uint8],
    valid: npt.NDArray[np.bool_],
) -> Views:
    means = stored[:, :MEANS_BYTES].astype(np.float32)
    means -= means.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(means, axis=1, keepdims=True)
    planes = stored[:, MEANS_BYTES:]
    half = planes.shape[1] // 2
    return Views(
        code=code,
        means=np.asarray(means / np.where(norms > 0, norms, 1), dtype=np.float32),
        plus=planes[:, :half],
        minus=planes[:, half:],
        chroma=colours.astype(np.int16),
        valid=valid,
    )
