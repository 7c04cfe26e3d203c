"""Questions to the label tables: what is there, and why one image has its label."""

from datetime import date
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from labels.frames import to_frame, to_table
from labels.tables import LABELS, REJECTED
from labels.taxonomy import Taxonomy

SUMMARY = pa.schema(
    [
        ("kind", pa.string()),
        ("name", pa.string()),
        ("parent", pa.string()),
        ("images", pa.int64()),
        ("share", pa.float64()),
        ("mean_confidence", pa.float64()),
        ("users", pa.int64()),
    ]
)
"""``kind`` is ``intent``, ``parent`` (labels of the parent alone) or ``rejected`` (``name`` is the reason).
``share`` is of all images, labelled and rejected; ``users`` the sum over the images of each one's people."""

_TOP_SCORES = 3


def summarize(labels: pa.Table, rejected: pa.Table, taxonomy: Taxonomy) -> pa.Table:
    """Count images per intent, per parent alone and per reason of rejection.

    Returns:
        A table of schema ``SUMMARY``: every live intent in taxonomy order (empty ones with 0, others that the
        labels hold after them), then the parents with labels of their own, then the reasons by name.
    """
    labelled = to_frame(labels, LABELS)
    refused = to_frame(rejected, REJECTED)
    total = max(len(labelled) + len(refused), 1)
    numbers = (
        pl.len().cast(pl.Int64).alias("images"),
        pl.col("confidence").cast(pl.Float64).mean().alias("mean_confidence"),
        pl.col("users").cast(pl.Int64).sum(),
    )
    by_intent = labelled.drop_nulls("intent").group_by(pl.col("intent").alias("name"), "parent").agg(*numbers)
    live = pl.DataFrame(
        {"name": taxonomy.intent_ids, "parent": [taxonomy.parent_of(name) for name in taxonomy.intent_ids]},
        schema={"name": pl.String, "parent": pl.String},
    ).with_row_index("order")
    intents = (
        live.join(by_intent, on=["name", "parent"], how="full", coalesce=True)
        .sort("order", "name", nulls_last=True)
        .with_columns(pl.lit("intent").alias("kind"), pl.col("images", "users").fill_null(0))
    )
    order = {parent: place for place, parent in enumerate(taxonomy.parent_ids)}
    parents = (
        labelled.filter(pl.col("intent").is_null())
        .group_by(pl.col("parent").alias("name"))
        .agg(*numbers)
        .with_columns(pl.lit("parent").alias("kind"), pl.col("name").alias("parent"))
        .sort(pl.col("name").replace_strict(order, default=len(order), return_dtype=pl.Int64), "name")
    )
    reasons = (
        refused.group_by(pl.col("reason").alias("name"))
        .agg(pl.len().cast(pl.Int64).alias("images"), pl.col("users").cast(pl.Int64).sum())
        .with_columns(
            pl.lit("rejected").alias("kind"),
            pl.lit(None, pl.String).alias("parent"),
            pl.lit(None, pl.Float64).alias("mean_confidence"),
        )
        .sort("name")
    )
    columns = ["kind", "name", "parent", "images", "mean_confidence", "users"]
    rows = pl.concat([part.select(columns) for part in (intents, parents, reasons)])
    rows = rows.with_columns((pl.col("images") / total).alias("share"))
    return to_table(rows, SUMMARY)


def explain_image(
    image_id: str,
    labels: pa.Table,
    rejected: pa.Table,
    features: pa.Table | None = None,
    duplicates: pa.Table | None = None,
) -> dict[str, Any]:
    """Tell all that the tables know of one image, ready for JSON.

    Returns:
        ``image_id``; ``label`` and ``rejected``: its row, or None; ``features`` (intent, confidence,
        unknown_score, quality, model, and ``top_intents``, the best classes by score) and ``duplicates``
        (group_id, the image's own score and reason, and the other ``members``), None where the table or the row
        is missing.

    Raises:
        ValueError: no table knows the image.
    """
    label = _row(labels, image_id)
    refusal = _row(rejected, image_id)
    feature = _row(features, image_id)
    duplicate = _row(duplicates, image_id)
    if label is None and refusal is None and feature is None and duplicate is None:
        raise ValueError(f"no table of this run knows the image {image_id!r}; check the id (they are case-sensitive)")
    return {
        "image_id": image_id,
        "label": label,
        "rejected": refusal,
        "features": None if features is None or feature is None else _feature(feature, features.schema),
        "duplicates": None if duplicates is None or duplicate is None else _group(duplicate, duplicates),
    }


def _row(table: pa.Table | None, image_id: str) -> dict[str, Any] | None:
    if table is None:
        return None
    found = table.filter(pc.equal(table["image_id"], image_id)).slice(0, 1).to_pylist()
    if not found:
        return None
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in found[0].items()
        if name != "image_id" and not isinstance(value, bytes)
    }


def _feature(row: dict[str, Any], schema: pa.Schema) -> dict[str, Any]:
    names = ("intent", "confidence", "unknown_score", "quality", "width", "height", "model")
    scores = row.get("intent_scores") or []
    ids = _intent_ids(schema, len(scores))
    best = sorted(zip(scores, ids, strict=True), key=lambda pair: (-pair[0], pair[1]))[:_TOP_SCORES]
    return {
        **{name: row[name] for name in names if name in row},
        "top_intents": [{"intent": intent, "score": score} for score, intent in best],
    }


def _intent_ids(schema: pa.Schema, size: int) -> list[str]:
    """Return the class ids that the schema's metadata names for the scores, else their places."""
    listed = (schema.metadata or {}).get(b"intents", b"").decode().split(",")
    return listed if len(listed) == size else [str(place) for place in range(size)]


def _group(row: dict[str, Any], duplicates: pa.Table) -> dict[str, Any]:
    group = duplicates.filter(pc.equal(duplicates["group_id"], row["group_id"]))
    names = [name for name in ("image_id", "is_representative", "score", "reason") if name in group.column_names]
    members = group.select(names).sort_by("image_id").to_pylist()
    return {**row, "members": members}
