"""Bad rows of CSV and JSONL are told apart and counted; what is left is what a file without them would give."""

import gzip
import io
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from beam_jobs.blocks import text
from beam_jobs.blocks.csv_lines import open_lines
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.read import plan_shards, read_named
from beam_jobs.blocks.text import Rejected, has_rows, parse_text, read_text, text_columns
from beam_jobs.inputs import LOG
from labels.tables import CLICKS

START = datetime(2026, 3, 1, tzinfo=UTC)
HEADER = ",".join(CLICKS.names)


def csv_row(n: int) -> str:
    return f"{(START + timedelta(seconds=n)).isoformat()},u{n},q{n},i{n},{n % 9 + 1},{'true' if n % 3 else 'false'},"


def json_row(n: int) -> str:
    row = csv_row(n).split(",")
    values = [*row[:4], int(row[4]), row[5] == "true", None]
    return json.dumps(dict(zip(CLICKS.names, values, strict=True)))


BAD_CSV = {
    "bad_row": [b"1,2,3", b"a,b,c,d,e,f,g,h"],
    "bad_text": [b"2026-03-01,u,\xff\xfe,i,1,true,", b"2026-03-01,u,\xc7\xd1,i,1,true,"],
    "bad_number": [
        b"2026-03-01,u,q,i,first,true,",
        b"2026-03-01,u,q,i,3000000000,true,",
        b"2026-03-01,u,q,i,1.5,true,",
    ],
    "bad_flag": [b"2026-03-01,u,q,i,1,perhaps,", b"2026-03-01,u,q,i,1,2,"],
    "bad_time": [b"yesterday,u,q,i,1,true,", b"2026-02-31,u,q,i,1,true,", b"12026-01-01,u,q,i,1,true,"],
}
BAD_JSON = {
    "bad_row": [b'{"query": "q", "image', b"[1, 2]", b"query,image_id", b'"q"', b"5", b'{"query": "\\ud800"}'],
    "bad_text": [b'{"query": "\xff"}'],
    "bad_number": [b'{"position": "1"}', b'{"position": 1.5}', b'{"position": true}'],
    "bad_flag": [b'{"clicked": 1}', b'{"clicked": "true"}'],
    "bad_time": [b'{"event_time": "yesterday"}', b'{"event_time": "2026-02-31T00:00:00"}'],
    "bad_value": [b'{"query": 5}', b'{"event_time": 1767225600}', b'{"query": ["q"]}'],
}
CASES = [
    *[("csv", reason, row) for reason, rows in BAD_CSV.items() for row in rows],
    *[("jsonl", reason, row) for reason, rows in BAD_JSON.items() for row in rows],
]


def write(path: Path, kind: str, rows: Sequence[bytes]) -> Path:
    content = b"\n".join([HEADER.encode(), *rows] if kind == "csv" else rows) + b"\n"
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def good(kind: str, count: int) -> list[bytes]:
    row: Callable[[int], str] = csv_row if kind == "csv" else json_row
    return [row(n).encode() for n in range(count)]


def read(path: Path, kind: str) -> tuple[pa.Table, Rejected]:
    rejected = Rejected()
    tables = list(read_text(str(path), kind, CLICKS, rejected))
    return pa.concat_tables([CLICKS.empty_table(), *(table.select(CLICKS.names) for table in tables)]), rejected


class TestBadRows:
    @pytest.mark.parametrize(("kind", "reason", "row"), CASES)
    def test_one_is_counted_and_the_others_are_read(self, kind: str, reason: str, row: bytes, tmp_path: Path) -> None:
        rows = good(kind, 6)
        expected, nothing = read(write(tmp_path / "good", kind, rows), kind)
        assert nothing.counts == {}
        assert expected.num_rows == 6
        found, rejected = read(write(tmp_path / "bad", kind, [*rows[:3], row, *rows[3:]]), kind)
        assert rejected.counts == {reason: 1}
        assert found.to_pylist() == expected.to_pylist()

    @pytest.mark.parametrize("kind", ["csv", "jsonl"])
    def test_all_kinds_in_one_file_of_many_pieces(
        self, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Pieces before the first bad value are read fast; none of their rows is lost or there twice."""
        rows = good(kind, 400)
        expected, _ = read(write(tmp_path / "good", kind, rows), kind)
        bad = {reason: list(rows) for reason, rows in (BAD_CSV if kind == "csv" else BAD_JSON).items()}
        places = iter(range(150, 400, 9))
        for row in (row for found in bad.values() for row in found):
            rows.insert(next(places), row)
        monkeypatch.setattr(text, "TEXT_PIECE", 2_000)
        found, rejected = read(write(tmp_path / "log.gz", kind, rows), kind)
        assert rejected.counts == {reason: len(rows) for reason, rows in bad.items()}
        assert found.to_pylist() == expected.to_pylist()

    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(data=st.data())
    def test_rows_in_are_rows_out_and_rejected(self, data: st.DataObject, tmp_path: Path) -> None:
        kind = data.draw(st.sampled_from(["csv", "jsonl"]))
        table = BAD_CSV if kind == "csv" else BAD_JSON
        kinds = data.draw(st.lists(st.sampled_from([None, None, *table]), min_size=1, max_size=30))
        rows = [
            good(kind, n + 1)[n] if reason is None else data.draw(st.sampled_from(table[reason]))
            for n, reason in enumerate(kinds)
        ]
        rows.insert(0, good(kind, 1)[0])  # a JSONL file says its columns by a row
        kinds.insert(0, None)
        found, rejected = read(write(tmp_path / "log", kind, rows), kind)
        assert found.num_rows == kinds.count(None)
        assert found.num_rows + sum(rejected.counts.values()) == len(rows)
        assert rejected.counts == {r: kinds.count(r) for r in set(kinds) if r is not None}

    def test_all_rows_may_be_bad(self, tmp_path: Path) -> None:
        found, rejected = read(write(tmp_path / "log", "csv", BAD_CSV["bad_time"] * 700), "csv")
        assert (found.num_rows, rejected.counts) == (0, {"bad_time": 2100})

    def test_an_example_says_what_is_wrong_and_no_text_of_a_person(self, tmp_path: Path) -> None:
        rows = [rows[0] for rows in BAD_CSV.values()]
        _, rejected = read(write(tmp_path / "log", "csv", [*good("csv", 2), *rows]), "csv")
        assert rejected.examples == {
            "bad_row": "line 4: 3 fields, expected 7",
            "bad_text": "query is not UTF-8",
            "bad_number": "position 'first' is no int32",
            "bad_flag": "clicked 'perhaps' is no bool",
            "bad_time": "event_time 'yesterday' is no timestamp[us, tz=UTC]",
        }

    def test_a_further_column_of_mixed_types_is_no_error(self, tmp_path: Path) -> None:
        path = tmp_path / "log.jsonl"
        path.write_text('{"query": "q", "more": 1}\n{"query": "r", "more": "x"}\n')
        rejected = Rejected()
        (table,) = read_text(str(path), "jsonl", CLICKS, rejected)
        assert (table.column_names, table["query"].to_pylist(), rejected.counts) == (["query"], ["q", "r"], {})

    @pytest.mark.parametrize("kind", ["csv", "jsonl"])
    def test_without_a_place_for_them_they_end_the_reading(self, kind: str, tmp_path: Path) -> None:
        bad = (BAD_CSV if kind == "csv" else BAD_JSON)["bad_row"][0]
        with pytest.raises(pa.ArrowInvalid):
            list(read_text(str(write(tmp_path / "log", kind, [*good(kind, 3), bad])), kind, CLICKS))


class TestQuotes:
    """A log has a row per line: what a quote that is not closed costs is its line alone."""

    @pytest.mark.parametrize("places", [(0,), (3, 150), (398, 399), (399,), tuple(range(0, 400, 7))])
    @pytest.mark.parametrize("piece", [900, 1 << 20])
    @pytest.mark.parametrize("spoiled", [False, True])
    def test_a_stray_one_costs_its_row(
        self, places: tuple[int, ...], piece: int, spoiled: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(text, "TEXT_PIECE", piece)
        rows = good("csv", 400)
        kept = [row for n, row in enumerate(rows) if n not in places]
        expected, _ = read(write(tmp_path / "good", "csv", kept), "csv")
        for n in places:
            rows[n] = rows[n].replace(b",q", b',"q')
        bad = BAD_CSV["bad_time"] if spoiled else []  # such a value makes all rows be read value by value
        found, rejected = read(write(tmp_path / "log", "csv", [*rows, *bad]), "csv")
        assert rejected.counts == {"bad_row": len(places)} | ({"bad_time": len(bad)} if bad else {})
        assert found.to_pylist() == expected.to_pylist()

    @pytest.mark.parametrize("kind", ["csv", "tsv"])
    def test_those_of_a_row_stay(self, kind: str, tmp_path: Path) -> None:
        queries = {'"a ""b"" c"': 'a "b" c', '5" disk': '5" disk', '""""': '"', '"a"b"': 'ab"', '""': "", "": None}
        mark = "," if kind == "csv" else "\t"
        rows = [mark.join(["2026-03-01", "u", query, "i", "1", "true", ""]).encode() for query in queries]
        path = tmp_path / f"log.{kind}"
        path.write_bytes(b"\xef\xbb\xbf" + b"\r\n".join([HEADER.replace(",", mark).encode(), *rows]))
        found, rejected = read(path, kind)
        assert (found["query"].to_pylist(), rejected.counts) == (list(queries.values()), {})

    def test_a_line_break_in_a_value_makes_its_lines_bad_rows(self, tmp_path: Path) -> None:
        rows = good("csv", 60)
        expected, _ = read(write(tmp_path / "good", "csv", rows), "csv")
        rows[30:30] = [b'2026-03-01,u,"two', b'lines",i,1,true,']
        found, rejected = read(write(tmp_path / "log", "csv", rows), "csv")
        assert (rejected.counts, found.to_pylist()) == ({"bad_row": 2}, expected.to_pylist())
        assert rejected.examples["bad_row"] == "a quote that its line does not close"

    def test_where_every_value_is_taken_a_line_break_stays(self, tmp_path: Path) -> None:
        (tmp_path / "table").write_bytes(b'a,b\n"one\ntwo",3\n')
        (table,) = read_text(str(tmp_path / "table"), "csv", None)
        assert table.to_pylist() == [{"a": "one\ntwo", "b": 3}]

    @settings(max_examples=400, deadline=None)
    @given(st.lists(st.text('"",,a \r', min_size=1, max_size=9), min_size=1, max_size=5))
    def test_a_line_is_open_where_arrow_reads_on(self, lines: list[str]) -> None:
        found = open_lines("\n".join(lines).encode(), ",")
        pieces = [piece for line in lines for piece in line.split("\r")]
        assert len(found) == sum(arrow_reads_on(piece) for piece in pieces)

    def test_a_line_longer_than_a_piece_is_no_silent_loss(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(text, "TEXT_PIECE", 500)
        rows = good("csv", 20)
        rows[5] = b'2026-03-01,u,"' + b"x" * 3_000
        with pytest.raises(pa.ArrowInvalid, match="block size"):
            read(write(tmp_path / "log", "csv", rows), "csv")


def arrow_reads_on(line: str) -> bool:
    """Return whether Arrow takes what follows `line` for a part of its last value."""
    seen: list[str] = []

    def skip(row: pa.csv.InvalidRow) -> str:
        seen.append(row.text.strip())
        return "skip"

    names = [f"f{n}" for n in range(20)]
    parse = pa.csv.ParseOptions(newlines_in_values=True, invalid_row_handler=skip)
    options = pa.csv.ReadOptions(column_names=names, use_threads=False)
    pa.csv.read_csv(io.BytesIO(f"{line}\nend\n".encode()), read_options=options, parse_options=parse)
    return "end" not in seen


class TestOneRule:
    """What becomes of a row does not depend on the other rows of its file."""

    VALUES = (
        *[("event_time", value) for value in ("2026-10-01 12", "2026-10-01T12Z", "2026-10-01 12+09:00", "2026-10-01")],
        *[("event_time", value) for value in ("2026-10-01Z", " 2026-10-01", "2026-10-01 ", "2026-10-01 1200")],
        *[("event_time", value) for value in ("2026-10-01 12:00+09", "2026-10-01T12:00:00.1234567", "2026-10-01t12")],
        *[
            ("position", value)
            for value in ("007", " 7", "7\t", "0x1F", "+7", "\u00a07", "7.0", "2147483648", "-7", " ")
        ],
        *[("clicks", value) for value in ("9223372036854775807", "9223372036854775808", "0" * 30 + "5")],
        *[("clicked", value) for value in (" true", "TRUE", "tRUE", "1", "0x1")],
    )

    @pytest.mark.parametrize(("column", "value"), VALUES)
    def test_for_a_value(self, column: str, value: str, tmp_path: Path) -> None:
        schema = pa.schema([LOG.field("query"), LOG.field(column)])
        alone, beside = Rejected(), Rejected()
        (tmp_path / "alone").write_text(f"query,{column}\nq,{value}\n")
        (tmp_path / "beside").write_text(f"query,{column}\nq,{value}\nq,bad\n")
        found = [t for t in read_text(str(tmp_path / "alone"), "csv", schema, alone) if t.num_rows]
        others = [t for t in read_text(str(tmp_path / "beside"), "csv", schema, beside) if t.num_rows]
        assert [t.to_pylist() for t in found] == [t.to_pylist() for t in others]
        (reason,) = beside.counts
        assert beside.counts[reason] == 1 + alone.counts.get(reason, 0)
        assert len(found) + sum(alone.counts.values()) == 1

    @settings(max_examples=300, deadline=None)
    @given(
        st.from_regex(r"2026-[01]\d-0\d[ T]?(\d\d?)?(:?\d\d){0,2}(\.\d{1,7})? ?(Z|[+-]\d\d(:?\d\d)?)?", fullmatch=True)
    )
    def test_no_time_that_arrow_reads_is_bad(self, value: str) -> None:
        rejected = Rejected()
        schema = pa.schema([CLICKS.field("event_time")])
        content = f"event_time\n{value}\n"
        alone = list(parse_text(content.encode(), "csv", schema, ["event_time"], Rejected()))
        beside = list(parse_text(f"{content}bad\n".encode(), "csv", schema, ["event_time"], rejected))
        assert sum(t.num_rows for t in alone) == sum(t.num_rows for t in beside)


class TestColumns:
    def test_a_column_that_the_first_rows_leave_out(self, tmp_path: Path) -> None:
        first = {"query": "q", "image_id": "i"}
        path = write(tmp_path / "log", "jsonl", [json.dumps(first).encode(), *good("jsonl", 3)])
        assert set(text_columns(str(path), "jsonl")) == set(CLICKS.names)
        table, rejected = read(path, "jsonl")
        assert table["user_id"].to_pylist() == [None, "u0", "u1", "u2"]
        assert rejected.counts == {}

    def test_a_text_that_is_no_jsonl_at_all(self, tmp_path: Path) -> None:
        path = write(tmp_path / "log.jsonl", "csv", good("csv", 3))
        with pytest.raises(UsageError, match="none of its first 4 lines is a JSON object"):
            text_columns(str(path), "jsonl")

    @pytest.mark.parametrize(("kind", "content"), [("csv", b""), ("csv", b"\n\n"), ("jsonl", b""), ("jsonl", b" \n")])
    def test_of_nothing(self, kind: str, content: bytes, tmp_path: Path) -> None:
        (tmp_path / "log").write_bytes(content)
        assert text_columns(str(tmp_path / "log"), kind) == []
        assert not has_rows(str(tmp_path / "log"), kind)
        assert read(tmp_path / "log", kind)[0].num_rows == 0

    def test_a_header_alone_has_no_rows(self, tmp_path: Path) -> None:
        path = write(tmp_path / "log", "csv", [])
        assert not has_rows(str(path), "csv")
        assert has_rows(str(write(path, "csv", good("csv", 1))), "csv")

    @pytest.mark.parametrize(
        ("content", "names"),
        [
            (b"query,image_id\rq,i\r", ["query", "image_id"]),
            (b'\xef\xbb\xbf"a ""b""",c\r\n1,2\r\n', ['a "b"', "c"]),
            (b"\n\n a,\n1,2\n", [" a", ""]),
        ],
    )
    def test_headers_of_other_programs(self, content: bytes, names: list[str], tmp_path: Path) -> None:
        (tmp_path / "log.csv").write_bytes(content)
        assert text_columns(str(tmp_path / "log.csv"), "csv") == names
        table = pa.csv.read_csv(io.BytesIO(content))  # what reads the rows finds the same names
        assert table.column_names == names

    @pytest.mark.parametrize("content", [b"\xff\xfe,x\n", b'a,"b\n1,2\n'])
    def test_a_header_that_is_none(self, content: bytes, tmp_path: Path) -> None:
        (tmp_path / "log.csv").write_bytes(content)
        with pytest.raises(UsageError, match=r"log\.csv: not readable as csv: "):
            text_columns(str(tmp_path / "log.csv"), "csv")


def test_bad_rows_and_empty_files_travel_as_data(tmp_path: Path) -> None:
    write(tmp_path / "a.csv", "csv", [*good("csv", 5), b"1,2", b"1,2"])
    (tmp_path / "b.csv").touch()
    shards = plan_shards("clicks", [str(tmp_path / "a.csv"), str(tmp_path / "b.csv")])
    blocks = list(read_named(shards, CLICKS, [], tolerant=True))
    counters: dict[str, int] = {}
    for name, table in blocks:
        if name == "_counters":
            for row in table.to_pylist():
                counters[row["counter"]] = counters.get(row["counter"], 0) + row["value"]
    assert counters == {"rows_read:clicks": 7, "failed:bad_row": 2, "empty_files:clicks": 1}
    (failures,) = [table.to_pylist() for name, table in blocks if name == "_failures"]
    assert [(row["reason"], row["detail"]) for row in failures] == [
        ("bad_row", "2 rows, such as line 7: 2 fields, expected 7")
    ]
    assert failures[0]["key"] == f"{tmp_path.name}/a.csv"
