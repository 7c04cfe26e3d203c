"""DuckDB's side: the same tables by plain SQL, as somebody who knows DuckDB writes it.

Each function runs in a worker of its own (``tests.bench.worker``).
"""

import datetime as dt
from pathlib import Path

import duckdb

NORMAL_FORM = r"trim(regexp_replace(lower(nfc_normalize(query)), '\s+', ' ', 'g'))"
"""Equals ``labels.queries.normalize_query`` on the made logs (Korean and ASCII, no full-width letters)."""

_MINUTE_US, _DAY_US = 60_000_000, 86_400_000_000

CLICKS = """
select query, image_id, position, user_hash, count(*) as clicks, sum(dwell_ms)::bigint as dwell_ms
from shown where clicked group by all order by all
"""
IMPRESSIONS = """
select query, image_id, list(position order by position) as positions, list(times order by position) as counts
from (select query, image_id, position, count(*)::integer as times from shown group by all)
group by all order by query, image_id
"""
USERS = """
with pages as (
    select user_hash, minute, query, count(*) as shown, count(*) filter (clicked) as clicks from shown group by all
), clicked as (
    select user_hash, minute, image_id, position, count(*) as clicks from shown where clicked group by all
), volumes as (
    select user_hash, sum(shown)::bigint as impressions, sum(clicks)::bigint as clicks, count(*) as pages,
        count(distinct query) as queries, count(distinct minute) as active_minutes
    from pages group by all
), by_image as (
    select user_hash, count(*) as images, max(clicks)::bigint as most
    from (select user_hash, image_id, sum(clicks) as clicks from clicked group by all) group by all
), by_position as (
    select user_hash, max(clicks)::bigint as most
    from (select user_hash, position, sum(clicks) as clicks from clicked group by all) group by all
), by_minute as (
    select user_hash, max(clicks)::bigint as most
    from (select user_hash, minute, sum(clicks) as clicks from clicked group by all) group by all
)
select user_hash, 1::bigint as days, impressions, clicks, pages, queries, coalesce(images, 0) as images,
    coalesce(by_image.most, 0) as max_image_clicks, coalesce(by_position.most, 0) as max_position_clicks,
    coalesce(by_minute.most, 0) as max_minute_clicks, active_minutes
from volumes left join by_image using (user_hash) left join by_position using (user_hash)
    left join by_minute using (user_hash)
order by user_hash
"""


def connect(*, threads: int, memory_limit: str | None, temp: str) -> duckdb.DuckDBPyConnection:
    """Open a database in memory that spills to `temp`; None leaves DuckDB's own memory limit (80 % of the machine)."""
    settings: dict[str, str | bool | int | float | list[str]] = {"threads": threads, "temp_directory": temp}
    if memory_limit is not None:
        settings["memory_limit"] = memory_limit
    return duckdb.connect(config=settings)


def evidence(*, log: str, output: str, threads: int, memory_limit: str | None = None) -> None:
    """Write clicks, impressions and users of each day of `log` as ``TABLE/date=DAY/part-0.parquet``.

    The log is read once, queries are normalised once per spelling, and the days are counted one after the other.
    Measured on days of a million rows that was the fastest of four ways: 10 % before a day at a time from the files
    on, and before one query for all days with a partitioned COPY, from a table or from the files.
    """
    source = f"read_parquet('{log}/date=*/*.parquet', hive_partitioning = false)"
    with connect(threads=threads, memory_limit=memory_limit, temp=f"{output}/_spill") as database:
        database.execute(
            f"create temp table spellings as select query as said, {NORMAL_FORM} as query "  # noqa: S608
            f"from (select distinct query from {source})"
        )
        database.execute(
            f"create temp table log as select epoch_us(event_time) // {_DAY_US} as day, s.query, image_id, position, "  # noqa: S608
            f"clicked, dwell_ms, hash(user_id) as user_hash, epoch_us(event_time) // {_MINUTE_US} as minute "
            f"from {source} f join spellings s on f.query = s.said"
        )
        for (number,) in database.execute("select distinct day from log order by day").fetchall():
            database.execute(f"create or replace temp view shown as select * from log where day = {number}")  # noqa: S608
            day = dt.date(1970, 1, 1) + dt.timedelta(days=number)
            for name, query in (("clicks", CLICKS), ("impressions", IMPRESSIONS), ("users", USERS)):
                folder = Path(output, name, f"date={day}")
                folder.mkdir(parents=True)
                database.execute(f"copy ({query}) to '{folder}/part-0.parquet' (format parquet, compression zstd)")


def join(*, data: str, output: str, threads: int, memory_limit: str | None = None, ordered: bool = True) -> None:
    """Join features with labels, topics and duplicates by image and write them, sorted by image where `ordered`."""
    with connect(threads=threads, memory_limit=memory_limit, temp=f"{output}/_spill") as database:
        Path(output, "images").mkdir(parents=True)
        query = f"""
            select f.*, l.label, l.parent, l.label_confidence, t.topic_high, t.topic_low, d.group_id,
                d.is_representative
            from '{data}/features/*.parquet' f left join '{data}/labels/*.parquet' l using (image_id)
                left join '{data}/topics/*.parquet' t using (image_id)
                left join '{data}/duplicates/*.parquet' d using (image_id)
        """  # noqa: S608
        if ordered:
            query += " order by image_id"
        else:
            database.execute("set preserve_insertion_order = false")
        database.execute(f"copy ({query}) to '{output}/images/part-0.parquet' (format parquet, compression zstd)")


def group_by(*, data: str, output: str, threads: int, memory_limit: str | None = None) -> None:
    """Write count, sum and maximum per key, sorted by key."""
    with connect(threads=threads, memory_limit=memory_limit, temp=f"{output}/_spill") as database:
        Path(output, "sums").mkdir(parents=True)
        query = f"""
            select key, count(*) as rows, sum(value)::bigint as total, max(value) as largest
            from '{data}/rows/*.parquet' group by key order by key
        """  # noqa: S608
        database.execute(f"copy ({query}) to '{output}/sums/part-0.parquet' (format parquet, compression zstd)")
