"""The document of a search index: one per representative, with what its duplicates earned."""

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

DOCUMENTS = pa.schema(
    [
        ("image_id", pa.string()),
        ("uri", pa.string()),
        ("title", pa.string()),
        ("text", pa.string()),
        ("queries", pa.list_(pa.struct([("query", pa.string()), ("clicks", pa.int64()), ("users", pa.int32())]))),
        ("intent", pa.string()),
        ("parent", pa.string()),
        ("confidence", pa.float32()),
        ("intent_scores", pa.list_(pa.float32())),
        ("parent_scores", pa.list_(pa.float32())),
        ("topic_high", pa.int32()),
        ("topic_low", pa.int32()),
        ("embedding", pa.list_(pa.float16())),
        ("block_hash", pa.binary()),
        ("quality", pa.float32()),
        ("duplicate_count", pa.int32()),
        ("views", pa.int64()),
        ("clicks", pa.int64()),
        ("width", pa.int32()),
        ("height", pa.int32()),
        ("model", pa.string()),
    ],
    metadata={"sort_by": "image_id"},
)
"""``intent``, ``parent`` and ``confidence`` are the click label's where there is one, else the model's answer."""

MAX_QUERIES = 50
"""Queries kept per document, strongest first."""
TEXT_SEPARATOR = "\n"


def pool_documents(images: pa.Table, *, parents: dict[str, str], clicks_are_pooled: bool) -> pa.Table:
    """Make documents of the images of whole groups of duplicates.

    Args:
        images: a row per image with group_id, is_representative, the columns of features, topics and labels
            (label_intent, label_parent, label_confidence, label_queries), title, text, uri, clicks, views.
        parents: the parent of each intent.
        clicks_are_pooled: whether each copy's clicks are those of its group already.

    Returns:
        ``DOCUMENTS``, one row per representative, sorted by image_id.
    """
    frame = pl.DataFrame(images.select(["image_id", "group_id", "title", "text", "clicks", "views"]))
    frame = frame.sort("group_id", "image_id")
    pooled = frame.group_by("group_id", maintain_order=True).agg(
        pl.len().alias("copies"),
        pl.col("clicks").max() if clicks_are_pooled else pl.col("clicks").sum(),
        pl.col("views").sum(),
        pl.col("title").drop_nulls().filter(pl.col("title").drop_nulls() != "").unique(maintain_order=True),
        pl.col("text").drop_nulls().filter(pl.col("text").drop_nulls() != "").unique(maintain_order=True),
    )
    kept = images.filter(images["is_representative"]).sort_by("image_id")
    order = pl.DataFrame(kept.select(["group_id"])).join(pooled, on="group_id", how="left", maintain_order="left")
    titles = [
        title or (others[0] if others else None)
        for title, others in zip(kept["title"].to_pylist(), order["title"].to_list(), strict=True)
    ]
    texts = [
        TEXT_SEPARATOR.join(dict.fromkeys([*(others or []), *(names or [])])) or None
        for others, names in zip(order["text"].to_list(), order["title"].to_list(), strict=True)
    ]
    model_parent = pa.array(
        [parents.get(intent) if intent else None for intent in kept["intent"].to_pylist()], pa.string()
    )
    labelled = pc.is_valid(kept["label_parent"])
    columns = {
        **{name: kept[name] for name in DOCUMENTS.names if name in kept.column_names},
        "title": pa.array(titles, pa.string()),
        "text": pa.array(texts, pa.string()),
        "queries": _pool_queries(images, kept["group_id"]),
        "intent": pc.if_else(labelled, kept["label_intent"], kept["intent"]),
        "parent": pc.if_else(labelled, kept["label_parent"], model_parent),
        "confidence": pc.if_else(labelled, kept["label_confidence"], kept["confidence"]),
        "duplicate_count": pa.array(order["copies"].to_numpy() - 1, pa.int32()),
        "views": order["views"].to_arrow(),
        "clicks": order["clicks"].to_arrow(),
    }
    return pa.table([_cast(columns[field.name], field.type) for field in DOCUMENTS], schema=DOCUMENTS)


def _cast(column: pa.Array | pa.ChunkedArray, kind: pa.DataType) -> pa.Array | pa.ChunkedArray:
    return column if column.type == kind else column.cast(kind)


def _pool_queries(images: pa.Table, group_ids: pa.ChunkedArray) -> pa.Array:
    """Return the queries of each group, strongest first.

    Labels of copies carry the pooled queries of their group already, so a query's numbers are the largest of
    its copies', not their sum.
    """
    frame = (
        pl.DataFrame(images.select(["group_id", "label_queries"])).explode("label_queries").drop_nulls("label_queries")
    )
    found: dict[str, list[dict[str, object]]] = {}
    if frame.height:
        strongest = (
            frame.unnest("label_queries")
            .group_by("group_id", "query")
            .agg(pl.col("clicks").max(), pl.col("users").max())
            .sort(["group_id", "users", "clicks", "query"], descending=[False, True, True, False])
            .group_by("group_id", maintain_order=True)
            .head(MAX_QUERIES)
        )
        for row in strongest.to_dicts():
            entry = {name: row[name] for name in ("query", "clicks", "users")}
            found.setdefault(row["group_id"], []).append(entry)
    return pa.array([found.get(group, []) for group in group_ids.to_pylist()], DOCUMENTS.field("queries").type)
