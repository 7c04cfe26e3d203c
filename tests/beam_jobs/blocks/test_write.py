"""Files that are the same bytes for the same rows, and reports that say what was written."""

import hashlib
import json
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beam_jobs.blocks.failures import FAILURES, counter_rows, failure_rows
from beam_jobs.blocks.write import (
    FILE_BYTES,
    parquet_bytes,
    pieces_of,
    read_report,
    sort_table,
    write_partition,
    write_report,
)

SCHEMA = pa.schema(
    [("b", pa.int64()), ("a", pa.string()), ("n", pa.float32()), ("l", pa.list_(pa.string()))],
    metadata={"sort_by": "a,b"},
)
ROW = st.tuples(
    st.integers(-3, 3),
    st.one_of(st.none(), st.text(max_size=3)),
    st.floats(width=32, allow_nan=False).map(lambda number: number + 0.0),  # not -0.0, which equals 0.0
    st.just(["x"]),
)


def table_of(rows: list[tuple[object, ...]]) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(SCHEMA.names, row, strict=True)) for row in rows], schema=SCHEMA)


class TestSortTable:
    @given(st.lists(ROW, max_size=20), st.randoms(use_true_random=False), st.integers(0, 20))
    def test_bytes_depend_on_the_rows_alone(self, rows: list[tuple[object, ...]], random: Random, cut: int) -> None:
        """Neither order nor chunks nor the order of columns nor wider types change a byte."""
        mixed = list(rows)
        random.shuffle(mixed)
        chunks = pa.concat_tables([table_of(mixed[:cut]), table_of(mixed[cut:])])
        wide = chunks.select(["l", "a", "n", "b"]).append_column("extra", pa.nulls(len(rows), pa.int8()))
        wide = wide.set_column(1, "a", wide["a"].cast(pa.large_string()))
        once = parquet_bytes(sort_table(table_of(rows), SCHEMA))
        assert parquet_bytes(sort_table(wide, SCHEMA)) == once

    @given(st.lists(ROW, max_size=20))
    def test_rows_are_kept_and_sorted_by_the_key(self, rows: list[tuple[object, ...]]) -> None:
        found = sort_table(table_of(rows), SCHEMA)
        assert sorted(map(str, found.to_pylist())) == sorted(map(str, table_of(rows).to_pylist()))
        keys = [(row["a"] is not None, (row["a"] or "").encode(), row["b"]) for row in found.to_pylist()]
        assert keys == sorted(keys)

    def test_another_schema_is_refused_with_both(self) -> None:
        with pytest.raises(ValueError, match=r"columns \['x'\] is not of the schema \['b', 'a'"):
            sort_table(pa.table({"x": [1]}), SCHEMA)


class TestWritePartition:
    def write(self, output: Path, tables: dict[str, pa.Table], index: int = 0) -> dict[str, object]:
        schemas = {"t": SCHEMA, "failures": FAILURES}
        (content,) = write_partition((index, dict(tables)), str(output), "abc", 2, schemas, {})
        report: dict[str, object] = json.loads(content)
        return report

    def test_the_report_is_what_is_there(self, tmp_path: Path) -> None:
        rows = table_of([(1, "x", 0.5, ["y"])])
        counters = pa.concat_tables([counter_rows({"n": 2}), counter_rows({"n": 3, "m": 1})])
        report = self.write(tmp_path, {"t@date=1": rows, "_counters": counters})
        assert report["counters"] == {"n": 5, "m": 1}
        by_table = {file[0]: file for file in report["files"]}  # type: ignore[attr-defined]
        assert sorted(by_table) == ["failures", "t/date=1"]
        _, path, count, size, sha256 = by_table["t/date=1"]
        content = (tmp_path / path).read_bytes()
        assert path == "t/date=1/part-00000-of-00002-abc.parquet"
        assert (count, size, sha256) == (1, len(content), hashlib.sha256(content).hexdigest())
        assert pq.read_table(tmp_path / path, partitioning=None).to_pylist() == rows.to_pylist()

    def test_a_table_without_rows_is_there_once(self, tmp_path: Path) -> None:
        first = self.write(tmp_path, {})
        second = self.write(tmp_path, {}, index=1)
        assert [file[0] for file in first["files"]] == ["failures", "t"]  # type: ignore[attr-defined]
        assert second["files"] == []
        schema = pq.read_schema(tmp_path / "t" / "part-00000-of-00002-abc.parquet")
        assert (schema, schema.metadata) == (SCHEMA, SCHEMA.metadata)

    def test_failures_become_a_table(self, tmp_path: Path) -> None:
        self.write(tmp_path, {"_failures": failure_rows("s", [("k", "r", "d" * 900)])})
        (row,) = pq.read_table(tmp_path / "failures" / "part-00000-of-00002-abc.parquet").to_pylist()
        assert row == {"stage": "s", "key": "k", "reason": "r", "detail": "d" * 500}

    def test_a_retry_overwrites_with_the_same_bytes(self, tmp_path: Path) -> None:
        tables = {"t": table_of([(1, "x", 0.5, ["y"]), (2, None, 1.5, [])])}
        assert self.write(tmp_path, tables) == self.write(tmp_path, tables)
        assert len(list(tmp_path.rglob("*.parquet"))) == 2


def test_reports_are_read_back_in_order(tmp_path: Path) -> None:
    path = str(tmp_path / "report.json")
    assert read_report(path) == []
    reports = [json.dumps({"partition": n}).encode() for n in (2, 0, 1)]
    assert write_report((0, reports), path) == 3
    assert [report["partition"] for report in read_report(path)] == [0, 1, 2]


def test_files_follow_from_bytes() -> None:
    sizes = (0, 1, FILE_BYTES, FILE_BYTES + 1, 10 * FILE_BYTES)
    assert [pieces_of(size, FILE_BYTES) for size in sizes] == [1, 1, 1, 2, 10]
