"""The tables that the click side reads and produces; column names are a contract between jobs.

A schema's metadata carries ``sort_by``: the columns by which a written table is sorted.
"""

import pyarrow as pa

_UTC_MICROSECONDS = pa.timestamp("us", tz="UTC")

# --- input -----------------------------------------------------------------------------------------
CLICKS = pa.schema(
    [
        ("event_time", _UTC_MICROSECONDS),
        ("user_id", pa.string()),
        ("query", pa.string()),
        ("image_id", pa.string()),
        ("position", pa.int32()),
        ("clicked", pa.bool_()),
        ("dwell_ms", pa.int32()),
    ]
)
"""One row per result shown. ``dwell_ms`` may be null or missing; see DESIGN for logs without impressions."""

# --- evidence (aggregate_clicks), one folder per day -----------------------------------------------
EVIDENCE_CLICKS = pa.schema(
    [
        ("query", pa.string()),
        ("image_id", pa.string()),
        ("position", pa.int32()),
        ("user_hash", pa.int64()),
        ("clicks", pa.int64()),
        ("dwell_ms", pa.int64()),
    ],
    metadata={"sort_by": "query,image_id,position,user_hash"},
)
EVIDENCE_IMPRESSIONS = pa.schema(
    [
        ("query", pa.string()),
        ("image_id", pa.string()),
        ("positions", pa.list_(pa.int32())),
        ("counts", pa.list_(pa.int32())),
    ],
    metadata={"sort_by": "query,image_id"},
)
EVIDENCE_USERS = pa.schema(
    [
        ("user_hash", pa.int64()),
        ("impressions", pa.int64()),
        ("clicks", pa.int64()),
        ("pages", pa.int64()),
        ("queries", pa.int64()),
        ("images", pa.int64()),
        ("max_image_clicks", pa.int64()),
        ("max_position_clicks", pa.int64()),
        ("max_minute_clicks", pa.int64()),
        ("active_minutes", pa.int64()),
    ],
    metadata={"sort_by": "user_hash"},
)
"""The day's profile of one user: volume (rows shown, clicks, result pages), breadth (distinct queries and
images clicked), shape (most clicks on one image, on one position) and rate (most clicks in one minute)."""

# --- labels (derive_labels) ------------------------------------------------------------------------
QUERY_EVIDENCE = pa.struct([("query", pa.string()), ("clicks", pa.int64()), ("users", pa.int32())])
LABELS = pa.schema(
    [
        ("image_id", pa.string()),
        ("intent", pa.string()),
        ("parent", pa.string()),
        ("confidence", pa.float32()),
        ("users", pa.int32()),
        ("clicks", pa.int64()),
        ("expected_clicks", pa.float32()),
        ("queries", pa.list_(QUERY_EVIDENCE)),
        ("source", pa.string()),
        ("window_end", pa.date32()),
    ],
    metadata={"sort_by": "image_id"},
)
QUERY_INTENTS = pa.schema(
    [
        ("query", pa.string()),
        ("intent", pa.string()),
        ("confidence", pa.float32()),
        ("entropy", pa.float32()),
        ("users", pa.int32()),
        ("source", pa.string()),
    ],
    metadata={"sort_by": "query"},
)
RULES = pa.schema(
    [
        ("rule", pa.string()),
        ("intent", pa.string()),
        ("queries", pa.int64()),
        ("clicks", pa.int64()),
        ("precision", pa.float32()),
        ("vetoed", pa.bool_()),
    ],
    metadata={"sort_by": "intent,rule"},
)
REJECTED = pa.schema(
    [
        ("image_id", pa.string()),
        ("reason", pa.string()),
        ("users", pa.int32()),
        ("clicks", pa.int64()),
        ("expected_clicks", pa.float32()),
        ("best_intent", pa.string()),
        ("share", pa.float32()),
    ],
    metadata={"sort_by": "image_id"},
)
BOTS = pa.schema(
    [("reason", pa.string()), ("users", pa.int64()), ("clicks", pa.int64())],
    metadata={"sort_by": "reason"},
)
"""Clicks kept and dropped by the bot filter, one row per reason (``human`` for the kept ones)."""
