"""Polars' side: the same evidence by its lazy API and streaming engine."""

import datetime as dt
from pathlib import Path

import polars as pl

_MINUTE_US = 60_000_000


def evidence(*, log: str, output: str, threads: int) -> None:
    """Write clicks, impressions and users of each day of `log` as ``TABLE/date=DAY/part-0.parquet``.

    A day at a time, its three tables in one streaming query that reads the log once.
    """
    if pl.thread_pool_size() != threads:
        raise RuntimeError(f"polars has {pl.thread_pool_size()} threads; set POLARS_MAX_THREADS={threads}")
    source = pl.scan_parquet(f"{log}/date=*/*.parquet", hive_partitioning=False)
    days = source.select(pl.col("event_time").dt.date().unique().sort()).collect(engine="streaming").to_series()
    for day in days:
        start = dt.datetime.combine(day, dt.time(), dt.UTC)
        inside = pl.col("event_time").is_between(start, start + dt.timedelta(days=1), closed="left")
        sinks = []
        for name, frame in _tables(source.filter(inside)).items():
            folder = Path(output, name, f"date={day}")
            folder.mkdir(parents=True)
            sinks.append(frame.sink_parquet(folder / "part-0.parquet", compression="zstd", lazy=True))
        pl.collect_all(sinks, engine="streaming")


def _tables(log: pl.LazyFrame) -> dict[str, pl.LazyFrame]:
    normal = pl.col("said").str.normalize("NFC").str.to_lowercase().str.replace_all(r"\s+", " ").str.strip_chars()
    spellings = log.select(said="query").unique().with_columns(query=normal).collect(engine="streaming").lazy()
    shown = (
        log.rename({"query": "said"})
        .join(spellings, on="said")
        .select(
            "query",
            "image_id",
            "position",
            "clicked",
            "dwell_ms",
            minute=pl.col("event_time").dt.epoch("us") // _MINUTE_US,
            user_hash=pl.col("user_id").hash().reinterpret(signed=True),
        )
    )
    clicked = shown.filter("clicked")
    keys = ["query", "image_id", "position", "user_hash"]
    dwell = pl.when(pl.col("dwell_ms").count() > 0).then(pl.col("dwell_ms").cast(pl.Int64).sum())
    clicks = clicked.group_by(keys).agg(clicks=pl.len().cast(pl.Int64), dwell_ms=dwell).sort(keys)
    impressions = (
        shown.group_by("query", "image_id", "position")
        .agg(counts=pl.len().cast(pl.Int32))
        .sort("query", "image_id", "position")
        .group_by("query", "image_id", maintain_order=True)
        .agg(positions="position", counts="counts")
    )
    return {"clicks": clicks, "impressions": impressions, "users": _profiles(shown, clicked)}


def _profiles(shown: pl.LazyFrame, clicked: pl.LazyFrame) -> pl.LazyFrame:
    events = clicked.group_by("user_hash", "minute", "image_id", "position").agg(clicks=pl.len().cast(pl.Int64))

    def most_clicks(column: str, *more: pl.Expr) -> pl.LazyFrame:
        summed = events.group_by("user_hash", column).agg(pl.col("clicks").sum())
        return summed.group_by("user_hash").agg(*more, most=pl.col("clicks").max())

    pages = shown.group_by("user_hash", "minute", "query").agg(
        impressions=pl.len().cast(pl.Int64), clicks=pl.col("clicked").sum().cast(pl.Int64)
    )
    profiles = pages.group_by("user_hash").agg(
        pl.col("impressions", "clicks").sum(),
        days=pl.lit(1, pl.Int64).first(),
        pages=pl.len().cast(pl.Int64),
        queries=pl.col("query").n_unique().cast(pl.Int64),
        active_minutes=pl.col("minute").n_unique().cast(pl.Int64),
    )
    images = most_clicks("image_id", pl.len().cast(pl.Int64).alias("images")).rename({"most": "max_image_clicks"})
    for part in (
        images,
        most_clicks("position").rename({"most": "max_position_clicks"}),
        most_clicks("minute").rename({"most": "max_minute_clicks"}),
    ):
        profiles = profiles.join(part, on="user_hash", how="left")
    return profiles.fill_null(0).sort("user_hash")
