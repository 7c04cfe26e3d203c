"""The tables that the picture side produces; column names are a contract between jobs."""

from collections.abc import Sequence

import pyarrow as pa

COLLECTION = pa.schema(
    [
        ("image_id", pa.string()),
        ("uri", pa.string()),
        ("bytes", pa.binary()),
        ("title", pa.string()),
        ("text", pa.string()),
        ("page_url", pa.string()),
        ("site", pa.string()),
        ("source", pa.string()),
        ("width", pa.int32()),
        ("height", pa.int32()),
        ("quality", pa.float32()),
        ("first_seen", pa.timestamp("us", tz="UTC")),
    ]
)
"""Input: ``image_id`` and one of ``uri`` and ``bytes``; the rest is optional. ``source`` says whom a
picture comes from (``site`` where it is missing): pictures of one source look alike, so training weighs and holds out
by it."""

FEATURES = pa.schema(
    [
        ("image_id", pa.string()),
        ("intent", pa.string()),
        ("confidence", pa.float32()),
        ("intent_scores", pa.list_(pa.float32())),
        ("parent_scores", pa.list_(pa.float32())),
        ("unknown_score", pa.float32()),
        ("embedding", pa.list_(pa.float16())),
        ("block_means", pa.binary()),
        ("block_hash", pa.binary()),
        ("trimmed_hash", pa.binary()),
        ("cnn_hash", pa.binary()),
        ("chroma", pa.binary()),
        ("detail", pa.float32()),
        ("hash_version", pa.string()),
        ("sha256", pa.binary()),
        ("pixel_sha256", pa.binary()),
        ("width", pa.int32()),
        ("height", pa.int32()),
        ("jpeg_quality", pa.int32()),
        ("effective_pixels", pa.int64()),
        ("has_border", pa.bool_()),
        ("quality", pa.float32()),
        ("model", pa.string()),
    ],
    metadata={"sort_by": "image_id"},
)
"""One row per readable image. With ``--model none`` the CNN's columns are null."""

CNN_COLUMNS = (
    "intent",
    "confidence",
    "intent_scores",
    "parent_scores",
    "unknown_score",
    "embedding",
    "cnn_hash",
    "model",
)

TOPICS = pa.schema(
    [
        ("image_id", pa.string()),
        ("topic_high", pa.int32()),
        ("topic_low", pa.int32()),
        ("margin_high", pa.float32()),
        ("margin_low", pa.float32()),
    ],
    metadata={"sort_by": "image_id"},
)
TOPIC_NAMES = pa.schema(
    [
        ("topic", pa.int32()),
        ("level", pa.string()),
        ("parent", pa.int32()),
        ("name", pa.string()),
        ("terms", pa.list_(pa.string())),
        ("medoids", pa.list_(pa.string())),
        ("size", pa.int64()),
    ],
    metadata={"sort_by": "level,topic"},
)
"""``level`` is ``high`` or ``low``; ``parent`` is the high topic of a low one, null for a high one."""


def features_schema(intent_ids: Sequence[str], parent_ids: Sequence[str]) -> pa.Schema:
    """Return FEATURES with the ids behind ``intent_scores`` and ``parent_scores`` in its metadata."""
    metadata = dict(FEATURES.metadata)
    metadata[b"intents"] = ",".join(intent_ids).encode()
    metadata[b"parents"] = ",".join(parent_ids).encode()
    return FEATURES.with_metadata(metadata)
