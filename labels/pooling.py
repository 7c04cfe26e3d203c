"""The evidence of duplicates united, and its sums by intent and by parent."""

from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from labels.frames import sum_if_any, to_frame

_GROUPS = pa.schema([("image_id", pa.string()), ("group_id", pa.string())])


def collection_members(collection_ids: pa.Array | pa.ChunkedArray, groups: pa.Table | None) -> pl.DataFrame:
    """Return image_id, group_id of the collection's images; one of no group is its own."""
    images = pl.DataFrame({"image_id": pl.Series(collection_ids.to_pylist(), dtype=pl.String)})
    images = images.drop_nulls().unique().sort("image_id")
    if groups is None:
        return images.with_columns(pl.col("image_id").alias("group_id"))
    listed = to_frame([groups], _GROUPS).unique("image_id", keep="first", maintain_order=True)
    joined = images.join(listed, on="image_id", how="left", maintain_order="left")
    return joined.with_columns(pl.col("group_id").fill_null(pl.col("image_id")))


@dataclass(frozen=True)
class PooledEvidence:
    """The pooled pairs, and their sums by group and intent, and by group and parent.

    ``pairs``: group_id, query, intent, parent, query_users, clicks, expected_clicks, user_hashes, unknown_users,
    users. ``intents`` and ``parents``: group_id, the class, clicks, expected_clicks, users (each once).
    """

    pairs: pl.DataFrame
    intents: pl.DataFrame
    parents: pl.DataFrame

    @classmethod
    def of(cls, pairs: pl.DataFrame, members: pl.DataFrame, parents: pl.DataFrame) -> "PooledEvidence":
        """Pool ``PAIRS`` by group; ``parents`` holds intent and parent, pairs of other intents are generic."""
        users = pl.col("user_hashes").list.len().cast(pl.Int64) + pl.col("unknown_users")
        pooled = (
            pool_pairs(pairs, members)
            .join(parents, on="intent", how="left", maintain_order="left")
            .with_columns(users.alias("users"))
        )
        asked = pooled.filter(pl.col("parent").is_not_null())
        return cls(pooled, _summed(asked, "intent"), _summed(asked, "parent"))


def _summed(pairs: pl.DataFrame, level: str) -> pl.DataFrame:
    """Sum by group and class of one level: people (each once), clicks, expectation."""
    return (
        pairs.sort("group_id", level, "query")
        .group_by("group_id", level, maintain_order=True)
        .agg(
            pl.col("clicks").sum(),
            sum_if_any("expected_clicks"),
            pl.col("user_hashes").explode(empty_as_null=False).n_unique().cast(pl.Int64).alias("known_users"),
            pl.col("unknown_users").sum(),
        )
        .with_columns((pl.col("known_users") + pl.col("unknown_users")).alias("users"))
        .filter(pl.col("users") > 0)
    )


def pool_pairs(frame: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs of the members by group_id and query: the members' people united, clicks summed."""
    known = frame.join(members, on="image_id", how="inner").sort("group_id", "query", "image_id")
    return known.group_by("group_id", "query", maintain_order=True).agg(
        pl.col("intent", "rule", "query_users").first(),
        pl.col("clicks").sum(),
        sum_if_any("expected_clicks"),
        pl.col("user_hashes").explode(empty_as_null=False).unique().sort(),
        (pl.col("users") - pl.col("user_hashes").list.len().cast(pl.Int64)).sum().alias("unknown_users"),
        (pl.col("recent_users").sum() / pl.col("users").sum().clip(lower_bound=1)).alias("recency"),
        sum_if_any("recent_expected"),
    )
