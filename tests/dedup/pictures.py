"""Pictures and feature tables for the tests of this room."""

import io
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from PIL import Image

from dedup.block_mean import hash_columns
from intent.images import DecodedImage, decode_image
from intent.tables import FEATURES


def photo(seed: int, width: int = 320, height: int = 240) -> Image.Image:
    """Return a picture with structure at all scales; other seeds look different."""
    random = np.random.default_rng(seed)
    pixels = np.zeros((height, width, 3))
    for side in (4, 12, 48, min(width, height)):
        noise = Image.fromarray(random.integers(0, 256, (side, side, 3), dtype=np.uint8))
        pixels += np.asarray(noise.resize((width, height), Image.Resampling.BICUBIC), dtype=float)
    return Image.fromarray((pixels / 4).astype(np.uint8))


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **({"quality": 92} if kind == "JPEG" else {}) | options)
    return buffer.getvalue()


def decoded(image: Image.Image, kind: str = "PNG", **options: object) -> DecodedImage:
    return decode_image(encoded(image, kind, **options))


def features_of(files: Mapping[str, bytes]) -> pa.Table:
    """Return the hash columns of FEATURES of named files, without a model."""
    columns = hash_columns([decode_image(data) for data in files.values()])
    fields = [FEATURES.field(name) for name in ("image_id", *columns)]
    return pa.table([list(files), *columns.values()], schema=pa.schema(fields))


def with_embeddings(features: pa.Table, vectors: np.ndarray, model: str = "m") -> pa.Table:
    from dedup.cnn_hash import cnn_hash

    values = pa.array(list(vectors.astype(np.float16)), pa.list_(pa.float16()))
    table = features.append_column("embedding", values).append_column("cnn_hash", pa.array(cnn_hash(vectors)))
    return table.append_column("model", pa.array([model] * len(vectors)))


def shuffled(table: pa.Table, seed: int = 0) -> pa.Table:
    return table.take(pa.array(np.random.default_rng(seed).permutation(table.num_rows)))
