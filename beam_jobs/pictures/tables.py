"""What a run remembers of the files behind its pictures, so that the next one need not read them again."""

import pyarrow as pa

STAMPS = pa.schema(
    [
        ("image_id", pa.string()),
        ("size", pa.int64()),
        ("modified", pa.int64()),
        ("etag", pa.string()),
    ]
)
"""What a listing says of a picture's file. All null where it says nothing, or nothing that may be trusted.

``size``: bytes. ``modified``: ns since 1970; null where there is an ``etag``, which tells of the content itself.
"""

SOURCES = pa.schema(
    [
        ("image_id", pa.string()),
        ("uri", pa.string()),
        ("size", pa.int64()),
        ("modified", pa.int64()),
        ("etag", pa.string()),
        ("sha256", pa.binary()),
    ],
    metadata={"sort_by": "image_id"},
)
"""A row per row of the collection, also of those that failed: the stamp of before its file was read, and the sha256
of what was read (null where nothing could be)."""
