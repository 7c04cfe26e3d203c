"""The textbook row-by-row Beam pipeline: dicts, keys that are tuples, GroupByKey and CoGroupByKey.

It computes the same three tables. It moves some tens of thousands of rows a second, so it runs on 1 M rows at most.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import apache_beam as beam
import pyarrow as pa
import pyarrow.parquet as pq
from apache_beam.options.pipeline_options import PipelineOptions

from labels.queries import normalize_query
from labels.tables import EVIDENCE_CLICKS, EVIDENCE_IMPRESSIONS, EVIDENCE_USERS

Row = dict[str, Any]
_SCHEMAS = {"clicks": EVIDENCE_CLICKS, "impressions": EVIDENCE_IMPRESSIONS, "users": EVIDENCE_USERS}


def evidence(*, log: str, output: str, threads: int) -> None:
    """Write clicks, impressions and users of each day of `log`.

    One in-memory worker whatever `threads` says: more threads or processes were slower for cheap rows.
    """
    options = PipelineOptions(["--runner=FnApiRunner", "--direct_running_mode=in_memory"])
    with beam.Pipeline(options=options) as pipeline:
        rows = (
            pipeline
            | "Files" >> beam.Create(sorted(map(str, Path(log).glob("date=*/*.parquet"))))
            | "Read" >> beam.FlatMap(_read_rows)
            | "Clean" >> beam.Map(_clean)
        )
        clicks = (
            rows
            | "Clicked" >> beam.Filter(lambda row: row["clicked"])
            | "ByClick"
            >> beam.Map(lambda r: ((r["day"], r["query"], r["image_id"], r["position"], r["user_hash"]), r["dwell_ms"]))
            | "Clicks" >> beam.GroupByKey()
            | "ClickRows" >> beam.Map(_click_row)
        )
        impressions = (
            rows
            | "ByShown" >> beam.Map(lambda r: ((r["day"], r["query"], r["image_id"]), r["position"]))
            | "Shown" >> beam.GroupByKey()
            | "ShownRows" >> beam.Map(_shown_row)
        )
        pages = rows | "ByPage" >> beam.Map(
            lambda r: ((r["day"], r["user_hash"]), (r["minute"], r["query"])),
        )
        clicked = (
            rows
            | "OnlyClicked" >> beam.Filter(lambda row: row["clicked"])
            | "ByUser" >> beam.Map(lambda r: ((r["day"], r["user_hash"]), (r["minute"], r["image_id"], r["position"])))
        )
        users = (
            {"shown": pages, "clicked": clicked} | "Users" >> beam.CoGroupByKey() | "Profiles" >> beam.Map(_profile_row)
        )
        _ = (
            (clicks, impressions, users)
            | "Together" >> beam.Flatten()
            | "ByFile" >> beam.GroupByKey()
            | "Write" >> beam.Map(_write, output)
        )


def _read_rows(path: str) -> Iterator[Row]:
    for batch in pq.ParquetFile(path).iter_batches():
        yield from batch.to_pylist()


def _clean(row: Row) -> Row:
    digest = hashlib.blake2b(row["user_id"].encode(), digest_size=8, key=b"image-intent").digest()
    return {
        "day": row["event_time"].date().isoformat(),
        "minute": int(row["event_time"].timestamp() // 60),
        "user_hash": int.from_bytes(digest, "little", signed=True),
        "query": normalize_query(row["query"]),
        "image_id": row["image_id"],
        "position": row["position"],
        "clicked": row["clicked"],
        "dwell_ms": row["dwell_ms"],
    }


def _click_row(group: tuple[tuple[str, str, str, int, int], Iterable[int | None]]) -> tuple[tuple[str, str], Row]:
    (day, query, image, position, user), dwells = group
    listed = list(dwells)
    known = [dwell for dwell in listed if dwell is not None]
    counted = {"clicks": len(listed), "dwell_ms": sum(known) if known else None}
    return ("clicks", day), {"query": query, "image_id": image, "position": position, "user_hash": user, **counted}


def _shown_row(group: tuple[tuple[str, str, str], Iterable[int]]) -> tuple[tuple[str, str], Row]:
    (day, query, image), positions = group
    counts = sorted(Counter(positions).items())
    lists = {"positions": [p for p, _ in counts], "counts": [n for _, n in counts]}
    return ("impressions", day), {"query": query, "image_id": image, **lists}


def _profile_row(group: tuple[tuple[str, int], dict[str, Iterable[Any]]]) -> tuple[tuple[str, str], Row]:
    (day, user), events = group
    shown, clicked = list(events["shown"]), list(events["clicked"])
    minutes, images, positions = (Counter(column) for column in zip(*clicked, strict=True)) if clicked else ({}, {}, {})
    profile = {
        "user_hash": user,
        "days": 1,
        "impressions": len(shown),
        "clicks": len(clicked),
        "pages": len(set(shown)),
        "queries": len({query for _, query in shown}),
        "images": len(images),
        "max_image_clicks": max(images.values(), default=0),
        "max_position_clicks": max(positions.values(), default=0),
        "max_minute_clicks": max(minutes.values(), default=0),
        "active_minutes": len({minute for minute, _ in shown}),
    }
    return ("users", day), profile


def _write(group: tuple[tuple[str, str], Iterable[Row]], output: str) -> None:
    (table, day), rows = group
    schema = _SCHEMAS[table]
    keys = schema.metadata[b"sort_by"].decode().split(",")
    ordered = sorted(rows, key=lambda row: [row[key] for key in keys])
    folder = Path(output, table, f"date={day}")
    folder.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(ordered, schema=schema), folder / "part-0.parquet", compression="zstd")
