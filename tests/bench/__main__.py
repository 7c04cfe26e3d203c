"""Benchmarks: a peer and us side by side in one run, the ratio of medians.

    make bench            or    python -m tests.bench [--rows N] [--repeats N]

Evidence: DuckDB's SQL, the textbook row-by-row Beam pipeline (on fewer rows, it is slow) and aggregate_clicks count
the same log. Hashes: imagehash.phash and our hash columns read the same JPEG files in one thread.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import apache_beam as beam
import duckdb
import imagehash
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image
from rich.console import Console
from rich.table import Table

from beam_jobs import aggregate_clicks
from beam_jobs.blocks.flags import Common
from beam_jobs.blocks.manifest import read_table
from beam_jobs.demo.clicks import ClickWorld, simulate_clicks, write_click_log
from beam_jobs.demo.corpus import draw_corpus
from dedup.block_mean import hash_columns
from intent.images import decode_image
from labels.taxonomy import load_taxonomy

ROWS_PER_SESSION = 24
ROW_BY_ROW = 100_000
"""Rows for the textbook pipeline: it moves some tens of thousands a second."""


def median_seconds(work: Callable[[], object], repeats: int) -> float:
    """Return the median wall time of `work`."""
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def count_by_duckdb(log: Path, output: Path) -> int:
    """Count the same evidence by SQL, one thread, and write it as Parquet; return the rows of clicks."""
    with duckdb.connect(config={"threads": 1}) as database:
        source = f"read_parquet('{log}/**/*.parquet')"
        day = "cast(event_time as date) as day"
        clicks = (
            f"select {day}, query, image_id, position, hash(user_id) as u, count(*) as clicks, sum(dwell_ms) as dwell "  # noqa: S608
            f"from {source} where clicked group by all order by all"
        )
        shown = f"select {day}, query, image_id, position, count(*) as n from {source} group by all order by all"  # noqa: S608
        users = (
            f"select {day}, hash(user_id) as u, count(*) as n, count(distinct query) as queries, "  # noqa: S608
            f"count(distinct image_id) filter (clicked) as images from {source} group by all order by all"
        )
        for name, text in (("clicks", clicks), ("impressions", shown), ("users", users)):
            database.execute(f"copy ({text}) to '{output}/{name}.parquet' (compression zstd)")
        return int(database.execute(f"select count(*) from '{output}/clicks.parquet'").fetchall()[0][0])  # noqa: S608


def count_row_by_row(rows: list[dict[str, object]]) -> None:
    """Count clicks with the textbook pipeline on dicts."""
    with beam.Pipeline(runner="FnApiRunner") as pipeline:
        shards = [rows[i : i + 1000] for i in range(0, len(rows), 1000)]
        _ = (
            pipeline
            | beam.Create(shards, reshuffle=False)
            | beam.FlatMap(lambda shard: shard)
            | beam.Map(lambda r: ((r["query"], r["image_id"], r["position"], r["user_id"]), int(bool(r["clicked"]))))
            | beam.CombinePerKey(sum)
        )


def main() -> None:
    """Run all benchmarks and print a table."""
    parser = argparse.ArgumentParser(allow_abbrev=False, description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    flags = parser.parse_args()
    table = Table("what", "rows or pictures", "peer", "peer /s", "ours /s", "ours : peer")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        corpus = draw_corpus(root / "corpus", images=300)
        world = ClickWorld(sessions=flags.rows // ROWS_PER_SESSION, users=flags.rows // 100, queries=3000)
        log = simulate_clicks(corpus.truth, taxonomy=load_taxonomy(), world=replace(world, seed=1)).clicks
        write_click_log(_Log(log), folder=root / "log")  # type: ignore[arg-type]
        few = log.slice(0, ROW_BY_ROW)
        (root / "few").mkdir()
        pq.write_table(few, root / "few" / "few.parquet")
        (root / "sql").mkdir()
        output = str(root / "evidence")
        for name in ("log", "few"):
            config = aggregate_clicks.Config(str(root / name), f"{output}-{name}")
            aggregate_clicks.run(config, Common())  # warm
        ours = median_seconds(
            lambda: aggregate_clicks.run(aggregate_clicks.Config(str(root / "log"), f"{output}-log"), Common()),
            flags.repeats,
        )
        sql = median_seconds(lambda: count_by_duckdb(root / "log", root / "sql"), flags.repeats)
        same = read_table(f"{output}-log", "clicks", ["clicks"]).num_rows
        assert same == count_by_duckdb(root / "log", root / "sql"), "the peers do not agree"
        _add(table, "evidence of clicks", log.num_rows, "DuckDB SQL, 1 thread", sql, ours)
        rows = few.to_pylist()
        slow = median_seconds(lambda: count_row_by_row(rows), 1)
        ours_few = median_seconds(
            lambda: aggregate_clicks.run(aggregate_clicks.Config(str(root / "few"), f"{output}-few"), Common()),
            flags.repeats,
        )
        _add(table, "evidence of clicks", few.num_rows, "row-by-row Beam", slow, ours_few)
        pictures = sorted((root / "corpus").rglob("*.jpg"))
        peer = median_seconds(lambda: [imagehash.phash(Image.open(p)) for p in pictures], flags.repeats)
        hashes = median_seconds(lambda: [hash_columns([decode_image(p.read_bytes())]) for p in pictures], flags.repeats)
        _add(table, "hash rows of JPEG files", len(pictures), "imagehash.phash", peer, hashes)
    Console(width=120).print(table)


class _Log:
    """What ``write_click_log`` needs of a log."""

    def __init__(self, clicks: pa.Table) -> None:
        self.clicks = clicks


def _add(table: Table, what: str, count: int, peer: str, peer_seconds: float, our_seconds: float) -> None:
    ratio = peer_seconds / our_seconds
    rates = (f"{count / peer_seconds:,.0f}", f"{count / our_seconds:,.0f}")
    table.add_row(what, f"{count:,}", peer, *rates, f"{ratio:.2f}")


if __name__ == "__main__":
    main()
