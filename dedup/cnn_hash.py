"""Short binary codes of the CNN's embedding, and distances between codes."""

import numpy as np
import numpy.typing as npt


def cnn_hash(embeddings: npt.ArrayLike) -> list[bytes | None]:
    """Return the sign bits of PCA-reduced, centred embeddings float[n, d], padded with zeros to whole bytes.

    The sign of a principal component is as good a code for near-duplicates as a learned rotation, since taking
    signs whitens (field/dedup.md 4.5). A vector that is zero or not finite has no hash.
    """
    values = np.asarray(embeddings, dtype=np.float32)
    if values.ndim != 2:
        raise ValueError(f"expected embeddings float[n, d], got an array of shape {list(values.shape)}")
    packed = np.packbits(values > 0, axis=1)
    usable = np.atleast_1d(np.isfinite(values).all(axis=1) & values.any(axis=1))
    return [row.tobytes() if good else None for row, good in zip(packed, usable, strict=True)]


def hamming(a: npt.NDArray[np.uint8], b: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Return the number of differing bits between uint8[..., k] codes, over the last axis; broadcasts."""
    return np.asarray(np.bitwise_count(np.bitwise_xor(a, b)).sum(axis=-1, dtype=np.int64))
