"""Names for topics from what people asked when they clicked its images; no tokenizer, so Korean works as English."""

from collections.abc import Iterator

import polars as pl
import pyarrow as pa

from intent.tables import TOPIC_NAMES

TERMS = 10
"""Queries kept per topic."""
MEDOIDS = 5
"""Images shown for a topic."""


def name_topics(topics: pa.Table, query_clicks: pa.Table) -> pa.Table:
    """Return TOPIC_NAMES: one row per topic that has images, sorted by level and topic.

    A query's weight in a topic is its share of the topic's people times log(1 + mean people per topic / its people
    everywhere): class-based TF-IDF on whole queries. The name is the heaviest query that no sibling took; the topic
    where it weighs most takes it. A topic without queries is called ``topic H`` or ``topic H.L``. Medoids are the
    images that lie furthest from the next topic.

    Args:
        topics: TOPICS.
        query_clicks: ``image_id``, ``query``, ``users`` (distinct people, an integer); rows of other images are
            left out, equal rows are added.
    """
    rows = pl.DataFrame(topics).sort("image_id")
    clicks = pl.DataFrame(query_clicks.select(["image_id", "query", "users"])).filter(
        pl.col("query").is_not_null() & (pl.col("users") > 0)
    )
    tables = [_level(rows, clicks, level) for level in ("high", "low")]
    return pa.concat_tables(tables)


def _level(rows: pl.DataFrame, clicks: pl.DataFrame, level: str) -> pa.Table:
    topic = pl.col(f"topic_{level}")
    parent = pl.lit(None, pl.Int32) if level == "high" else pl.col("topic_high")
    placed = rows.select(
        "image_id", topic.alias("topic"), parent.alias("parent"), pl.col(f"margin_{level}").alias("margin")
    )
    summary = (
        placed.sort(["margin", "image_id"], descending=[True, False])
        .group_by("topic", maintain_order=True)
        .agg(
            pl.col("parent").first(),
            pl.col("image_id").head(MEDOIDS).alias("medoids"),
            pl.len().cast(pl.Int64).alias("size"),
        )
        .sort("topic")
    )
    weighed = _weigh(placed, clicks)
    terms = dict(weighed.group_by("topic", maintain_order=True).agg("query").iter_rows())
    parents = dict(zip(summary["topic"].to_list(), summary["parent"].to_list(), strict=True))
    names = dict(_names(weighed, parents))
    order = summary["topic"].to_list()
    columns = {
        "topic": summary["topic"].to_arrow(),
        "level": pa.repeat(pa.scalar(level, pa.string()), len(order)),
        "parent": summary["parent"].to_arrow(),
        "name": pa.array([names[topic] for topic in order], pa.string()),
        "terms": pa.array([terms.get(topic, []) for topic in order], pa.list_(pa.string())),
        "medoids": summary["medoids"].to_arrow().cast(pa.list_(pa.string())),
        "size": summary["size"].to_arrow(),
    }
    return pa.table([columns[name].cast(TOPIC_NAMES.field(name).type) for name in TOPIC_NAMES.names], TOPIC_NAMES)


def _weigh(placed: pl.DataFrame, clicks: pl.DataFrame) -> pl.DataFrame:
    """Return topic, query, weight: the heaviest `TERMS` queries of each topic, heaviest first."""
    counted = (
        clicks.join(placed.select("image_id", "topic"), on="image_id", how="inner")
        .group_by("topic", "query")
        .agg(pl.col("users").cast(pl.Int64).sum())
        .sort("topic", "query")
    )
    mean = counted["users"].sum() / max(1, counted["topic"].n_unique())
    everywhere = pl.col("users").sum().over("query")
    share = pl.col("users") / pl.col("users").sum().over("topic")
    return (
        counted.with_columns(weight=share * (1 + mean / everywhere).log())
        .sort(["topic", "weight", "query"], descending=[False, True, False])
        .group_by("topic", maintain_order=True)
        .head(TERMS)
        .select("topic", "query", "weight")
    )


def _names(weighed: pl.DataFrame, parents: dict[int, int | None]) -> Iterator[tuple[int, str]]:
    """Yield each topic with its name; siblings (the same parent, or all high topics) share none."""
    taken: dict[tuple[int | None, str], int] = {}
    named: dict[int, str] = {}
    best_first = weighed.sort(["weight", "topic", "query"], descending=[True, False, False])
    for topic, query, _ in best_first.iter_rows():
        if topic not in named and (parents[topic], query) not in taken:
            taken[parents[topic], query] = topic
            named[topic] = query
    first = dict(weighed.group_by("topic", maintain_order=True).agg(pl.col("query").first()).iter_rows())
    for topic, parent in parents.items():
        plain = f"topic {topic}" if parent is None else f"topic {parent}.{topic}"
        name = named.get(topic) or (f"{first[topic]} ({topic})" if topic in first else plain)
        yield topic, name


__all__ = ["MEDOIDS", "TERMS", "name_topics"]
