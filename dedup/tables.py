"""The table that duplicate detection produces; column names are a contract between jobs."""

import pyarrow as pa

REASONS = ("bytes", "pixels", "hash", "cnn")
"""Why an image is a duplicate, strongest first."""

DUPLICATES = pa.schema(
    [
        ("image_id", pa.string()),
        ("group_id", pa.string()),
        ("is_representative", pa.bool_()),
        ("score", pa.float32()),
        ("reason", pa.string()),
    ],
    metadata={"sort_by": "image_id"},
)
"""One row per row of features. ``group_id`` is the image_id of the group's best copy (its own where it is
alone); ``score`` is 0-1 to the representative, its own is 1; ``reason`` is null for the representative."""
