"""The same table comes out of every format, and what cannot be read says so in one sentence."""

import gzip
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beam_jobs.blocks import read, text
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.read import Shard, format_of, plan_shards, read_named, read_shard
from labels.log_types import conform_clicks
from labels.tables import CLICKS
from tests.beam_jobs.conftest import write_table

ROOT = Path(__file__).resolve().parents[3]
ENDINGS = ("parquet", "jsonl", "csv", "jsonl.gz", "csv.gz")
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
CLICK = st.tuples(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(lambda time: time.replace(tzinfo=UTC)),
    TEXT,
    st.one_of(TEXT, st.sampled_from(["nan", "NULL", "true", "1", "2026-01-01", 'a "b", c', "고양이"])),
    TEXT,
    st.one_of(st.none(), st.integers(1, 2**31 - 1)),
    st.one_of(st.none(), st.booleans()),
    st.one_of(st.none(), st.integers(0, 2**31 - 1)),
)


def everything(path: Path, schema: pa.Schema | None = CLICKS) -> pa.Table:
    tables = [t for shard in plan_shards("clicks", [str(path)]) for t in read_shard(shard, schema)]
    return pa.concat_tables([conform_clicks(table) for table in tables])


class TestFormats:
    @settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(rows=st.lists(CLICK, min_size=1, max_size=8))
    def test_all_give_the_same_table(self, rows: list[tuple[object, ...]], tmp_path: Path) -> None:
        log = pa.table([list(column) for column in zip(*rows, strict=True)], schema=CLICKS)
        for ending in ENDINGS:
            path = write_table(log, tmp_path / f"log.{ending}")
            assert everything(path).to_pylist() == log.to_pylist(), ending

    @pytest.mark.parametrize(
        ("text", "time"),
        [
            ("2026-03-01T10:00:00", datetime(2026, 3, 1, 10)),
            ("2026-03-01 10:00:00.25", datetime(2026, 3, 1, 10, 0, 0, 250_000)),
            ("2026-03-01T10:00:00Z", datetime(2026, 3, 1, 10)),
            ("2026-03-01T10:00:00+00:00", datetime(2026, 3, 1, 10)),
            ("2026-03-01T19:00:00+09:00", datetime(2026, 3, 1, 10)),
            ("2026-03-01T19:00:00+0900", datetime(2026, 3, 1, 10)),
            ("2026-03-01", datetime(2026, 3, 1)),
        ],
    )
    @pytest.mark.parametrize("ending", ["csv", "jsonl"])
    def test_text_times_with_a_zone_and_without(self, text: str, time: datetime, ending: str, tmp_path: Path) -> None:
        path = tmp_path / f"log.{ending}"
        row = f"{text},u,q,i,1,true,\n" if ending == "csv" else f'{{"event_time": "{text}", "query": "q"}}\n'
        path.write_text(f"{','.join(CLICKS.names)}\n{row}" if ending == "csv" else row)
        (table,) = read_shard(plan_shards("clicks", [str(path)])[0], CLICKS)
        assert table["event_time"].to_pylist() == [time.replace(tzinfo=UTC)]

    def test_one_file_may_mix_zones(self, tmp_path: Path) -> None:
        path = tmp_path / "log.csv"
        path.write_text(
            "event_time,query\n2026-03-01T10:00:00Z,a\n2026-03-01T19:00+09:00,b\n2026-03-01 10:00:00,c\n,d\n"
        )
        (table,) = read_shard(plan_shards("clicks", [str(path)])[0], CLICKS)
        assert table["event_time"].to_pylist() == [*[datetime(2026, 3, 1, 10, tzinfo=UTC)] * 3, None]

    def test_a_text_file_longer_than_a_piece(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Types of a text file are the schema's, not guessed from its first piece: user ids may begin as numbers."""
        monkeypatch.setattr(text, "TEXT_PIECE", 1000)
        start = datetime(2026, 3, 1, tzinfo=UTC)
        users = [str(n) if n < 200 else f"user{n}" for n in range(400)]
        rows = [(start + timedelta(seconds=n), users[n], "q", "i", 1, True, None) for n in range(400)]
        log = pa.table([list(column) for column in zip(*rows, strict=True)], schema=CLICKS)
        for ending in ENDINGS:
            assert everything(write_table(log, tmp_path / f"log.{ending}")).to_pylist() == log.to_pylist(), ending

    def test_words_that_look_like_nothing_are_words(self, tmp_path: Path) -> None:
        """People search for nan bread; only an empty field is null."""
        words = ["nan", "NULL", "N/A", "null", "NA", "#N/A"]
        (tmp_path / "log.csv").write_text(
            "query,position,dwell_ms\n" + "".join(f"{word},1,\n" for word in [*words, ""])
        )
        (table,) = read_shard(plan_shards("clicks", [str(tmp_path / "log.csv")])[0], CLICKS)
        assert table["query"].to_pylist() == [*words, None]
        assert table["dwell_ms"].null_count == len(words) + 1

    def test_columns_that_a_text_lacks_are_not_there(self, tmp_path: Path) -> None:
        path = tmp_path / "log.jsonl"
        path.write_text('{"query": "a", "image_id": "i", "clicks": 3}\n')
        (table,) = read_shard(plan_shards("clicks", [str(path)])[0], CLICKS)
        assert sorted(table.column_names) == ["clicks", "image_id", "query"]

    def test_only_the_columns_asked_for(self, log: pa.Table, tmp_path: Path) -> None:
        for ending in ENDINGS:
            shards = plan_shards("clicks", [str(write_table(log.slice(0, 5), tmp_path / f"log.{ending}"))])
            (table,) = read_shard(shards[0], CLICKS, ["query", "absent"])
            assert table.column_names == ["query"], ending


class TestPlan:
    def test_row_groups_are_shards_and_blocks_are_bounded(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(read, "BLOCK_ROWS", 40)
        pq.write_table(pa.table({"n": range(250)}), tmp_path / "a.parquet", row_group_size=100)
        shards = plan_shards("t", [str(tmp_path / "a.parquet")])
        assert [(shard.first_group, shard.groups) for shard in shards] == [(0, 1), (1, 1), (2, 1)]
        blocks = [block for shard in shards for block in read_shard(shard)]
        assert max(block.num_rows for block in blocks) <= 40
        assert pa.concat_tables(blocks)["n"].to_pylist() == list(range(250))

    def test_a_missing_column_names_file_and_columns(self, tmp_path: Path) -> None:
        for ending in ENDINGS:
            path = write_table(pa.table({"query": ["q"], "n": [1]}), tmp_path / f"log.{ending}")
            with pytest.raises(UsageError, match=rf"log\.{ending}: no column 'image_id'; it has query, n"):
                plan_shards("clicks", [str(path)], required=["query", "image_id"])

    def test_other_separators_are_named(self, tmp_path: Path) -> None:
        (tmp_path / "log.csv").write_text("query;image_id\nq;i\n")
        with pytest.raises(UsageError, match=r"it has query;image_id - separate the columns by commas, not by ';'"):
            plan_shards("clicks", [str(tmp_path / "log.csv")], required=["query"])

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_rows_end_as_any_system_ends_them(self, end: str, tmp_path: Path) -> None:
        path = tmp_path / "log.csv"
        path.write_bytes(end.join(["query,image_id", "q,i", "r,k", ""]).encode())
        schema = pa.schema([("query", pa.string()), ("image_id", pa.string())])
        shards = plan_shards("clicks", [str(path)], required=["query"])
        rows = [row for shard in shards for table in read_shard(shard, schema) for row in table.to_pylist()]
        assert rows == [{"query": "q", "image_id": "i"}, {"query": "r", "image_id": "k"}]

    def test_a_process_that_ends_at_once_ends_as_it_says(self, tmp_path: Path) -> None:
        (tmp_path / "log.csv").write_text("query;image_id\nq;i\n")
        told = "from beam_jobs.blocks.read import plan_shards; import sys\n"
        told += "try:\n    plan_shards('clicks', [sys.argv[1]], required=['query'])\n"
        told += "except ValueError:\n    sys.exit(7)\n"
        command = [sys.executable, "-c", told, str(tmp_path / "log.csv")]
        assert {subprocess.run(command, cwd=ROOT, check=False).returncode for _ in range(6)} == {7}

    def test_formats_are_known_by_name(self) -> None:
        assert [format_of(f"a.{e}") for e in ("PQ", "ndjson", "tsv.gz", "CSV")] == ["parquet", "jsonl", "tsv", "csv"]
        with pytest.raises(UsageError, match=r"a\.xlsx: not a table.*use \.parquet"):
            format_of("a.xlsx")


def _cut_parquet(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-30])


def _rot_parquet(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[30:2000] = bytes(byte ^ 0x55 for byte in content[30:2000])
    path.write_bytes(bytes(content))


def _cut_gzip(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def _rot_gzip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 40] = b"\xff" * 40
    path.write_bytes(bytes(content))


def _append(text: bytes) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        path.write_bytes(path.read_bytes() + text)

    return change


class TestBroken:
    @pytest.mark.parametrize(
        ("ending", "change"),
        [
            ("parquet", _cut_parquet),
            ("parquet", _rot_parquet),
            ("csv.gz", _cut_gzip),
            ("csv.gz", _rot_gzip),
            ("jsonl.gz", _rot_gzip),
            ("jsonl.gz", lambda path: path.write_bytes(gzip.decompress(path.read_bytes()))),
            ("csv", _append(b"1,2,3\n")),
            ("csv", _append(b"2026-03-01,u,\xff\xfe,i,1,true,5\n")),
            ("csv", _append(b"2026-03-01,u,q,i,first,true,5\n")),
            ("csv", _append(b"yesterday,u,q,i,1,true,5\n")),
            ("jsonl", _append(b'{"query": "q", "image\n')),
            ("jsonl", _append(b'{"query": 5, "image_id": "i"}\n')),
            ("jsonl", _append(b"[1, 2]\n")),
        ],
        ids=str,
    )
    def test_is_one_error_that_names_the_file(
        self, ending: str, change: Callable[[Path], None], log: pa.Table, tmp_path: Path
    ) -> None:
        path = write_table(log.slice(0, 300), tmp_path / f"log.{ending}")
        change(path)
        with pytest.raises(UsageError, match=rf"log\.{ending}: ") as caught:
            everything(path)
        assert "\n" not in str(caught.value)

    def test_travels_as_a_row_and_not_as_an_exception(self, tmp_path: Path) -> None:
        """A worker cannot end the job: what it met comes to the launcher as data."""
        (tmp_path / "log.csv").write_text("query\na\nb,c\n")
        blocks = list(read_named([Shard("clicks", str(tmp_path / "log.csv"), "csv", 0, 0, 0)], CLICKS, []))
        ((name, table),) = [block for block in blocks if block[0] == "_fatal"]
        assert name == "_fatal"
        assert "log.csv" in table["detail"][0].as_py()
