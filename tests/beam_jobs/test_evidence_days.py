"""Days and bad rows through the real command: late data, back-filling, missing days, and failures that add up."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from beam_jobs import aggregate_clicks, derive_labels, inputs
from beam_jobs.blocks import manifest
from beam_jobs.blocks.failures import failure_rows, merge_failures
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.flags import EXIT_DONE, EXIT_FAILED, EXIT_GATE, EXIT_USAGE, run_main
from labels.log_types import split_bad_times
from labels.tables import CLICKS
from tests.beam_jobs.conftest import Refused, data_files, flags_of, write_table

FIRST = date(2026, 3, 1)


def days_log(days: Sequence[int], *, clicks: int = 3) -> pa.Table:
    """Return 4 rows on each day (0 is FIRST), of which `clicks` are clicked."""
    rows = [
        (
            datetime(2026, 3, 1, 12, n, tzinfo=UTC) + timedelta(days=day),
            f"u{n}",
            "food photo",
            f"food_photo/0{n}.jpg",
            n + 1,
            n < clicks,
            None,
        )
        for day in days
        for n in range(4)
    ]
    return pa.table([list(column) for column in zip(*rows, strict=True)], schema=CLICKS)


def many_log(count: int, *, days: int = 1) -> pa.Table:
    """Return rows that pass the gate, day after day in turns."""
    start = datetime(2026, 3, 1, tzinfo=UTC)
    n = range(count)
    return pa.table(
        [
            pa.array([start + timedelta(days=i % days, seconds=i) for i in n]),
            pa.array([f"u{i % 70}" for i in n]),
            pa.array([f"q{i % 20}" for i in n]),
            pa.array([f"i{i % 90}" for i in n]),
            pa.array([i % 10 + 1 for i in n]),
            pa.array([i % 7 == 0 for i in n]),
            pa.nulls(count),
        ],
        schema=CLICKS,
    )


def command(job: str, flags: Mapping[str, object]) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", f"beam_jobs.{job}", *flags_of(flags)]
    return subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False)


def days_of(output: Path) -> dict[str, int]:
    """Return the clicks of each day of evidence."""
    tables = manifest.require(str(output)).tables
    days = [name.split("date=")[1] for name in tables if name.startswith("clicks/")]
    counted = {}
    for day in days:
        paths = [output / file.path for file in tables[f"clicks/date={day}"]]
        counted[day] = sum(int(np.sum(pq.read_table(path, partitioning=None)["clicks"])) for path in paths)
    return counted


class TestDays:
    def test_late_data_replaces_its_day_and_a_range_is_filled_at_once(self, tmp_path: Path) -> None:
        flags: dict[str, object] = {"clicks": tmp_path / "log", "output": tmp_path / "out"}
        for day in range(6):
            write_table(days_log([day], clicks=1), tmp_path / "log" / f"date={FIRST + timedelta(days=day)}" / "a.csv")
        assert command("aggregate_clicks", {**flags, "to": "2026-03-02"}).returncode == EXIT_DONE
        assert days_of(tmp_path / "out") == {"2026-03-01": 1, "2026-03-02": 1}

        done = command("aggregate_clicks", {**flags, "from": "2026-03-03", "to": "2026-03-06"})
        assert (done.returncode, done.stdout, "warning" in done.stderr) == (EXIT_DONE, "", False)
        assert days_of(tmp_path / "out") == {f"2026-03-0{n}": 1 for n in range(1, 7)}

        write_table(days_log([3], clicks=2), tmp_path / "log" / "date=2026-03-04" / "late.csv")
        assert command("aggregate_clicks", {**flags, "date": "2026-03-04"}).returncode == EXIT_DONE
        assert days_of(tmp_path / "out")["2026-03-04"] == 3
        flags["output"] = tmp_path / "again"
        assert command("aggregate_clicks", flags).returncode == EXIT_DONE
        kept, again = data_files(tmp_path / "out"), data_files(tmp_path / "again")
        assert {k: v for k, v in kept.items() if "date=" in k} == {k: v for k, v in again.items() if "date=" in k}

    def test_missing_days_are_named_and_counted(self, tmp_path: Path) -> None:
        path = write_table(days_log([0, 1, 3, 7, 9]), tmp_path / "log.parquet")
        flags: dict[str, object] = {"clicks": path, "output": tmp_path / "out"}
        done = command("aggregate_clicks", {**flags, "from": "2026-03-01", "to": "2026-03-09"})
        assert done.returncode == EXIT_DONE
        assert f"warning: {path}: no rows of 2026-03-03, 2026-03-05 to 2026-03-07, 2026-03-09 (5 days)" in done.stderr
        assert "4 rows are of other days than 2026-03-01 to 2026-03-09" in done.stderr
        counters = manifest.require(str(tmp_path / "out")).counters
        present = {0, 1, 3, 7}
        assert {name: n for name, n in counters.items() if name.startswith("rows_of_day:")} == {
            f"rows_of_day:{FIRST + timedelta(days=n)}": 4 if n in present else 0 for n in range(9)
        }
        assert counters["rows_outside_the_dates"] == 4

    @pytest.mark.parametrize(
        ("flags", "clicks", "stays"),
        [
            ({"from": "2026-03-01", "to": "2026-03-03"}, [2, 1, 1], "2026-03-02 to 2026-03-03"),
            ({"from": "2026-03-01"}, [2, 1, 1], None),
            ({"to": "2026-03-02"}, [2, 1, 1], "2026-03-02"),
            ({"date": "2026-03-01"}, [2, 1, 1], None),
            ({}, [2], None),
        ],
    )
    def test_days_that_the_log_lacks_stay(
        self,
        flags: Mapping[str, str],
        clicks: Sequence[int],
        stays: str | None,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        output = tmp_path / "out"
        three = write_table(days_log([0, 1, 2], clicks=1), tmp_path / "three.parquet")
        assert run_main(aggregate_clicks.main, flags_of({"clicks": three, "output": output})) == EXIT_DONE
        before = data_files(output)
        one = write_table(days_log([0], clicks=2), tmp_path / "one.parquet")
        given = flags_of({"clicks": one, "output": output, **flags})
        assert run_main(aggregate_clicks.main, given if flags else [*given, "--force"]) == EXIT_DONE
        assert days_of(output) == {f"2026-03-0{n}": count for n, count in enumerate(clicks, start=1)}
        if len(clicks) == 3:
            kept = [
                {k: v for k, v in found.items() if "03-02" in k or "03-03" in k}
                for found in (before, data_files(output))
            ]
            assert kept[0] == kept[1] != {}
        said = capsys.readouterr().err
        assert (f"; the evidence of {stays} stays as it was" in said) == (stays is not None)

    def test_a_log_of_one_day_does_not_wipe_the_others(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        output, whole = tmp_path / "out", write_table(days_log([0, 1, 2, 3]), tmp_path / "whole.parquet")
        one = write_table(days_log([2]), tmp_path / "one.parquet")
        flags = flags_of({"clicks": whole, "output": output})
        assert run_main(aggregate_clicks.main, flags) == EXIT_DONE
        flags = flags_of({"clicks": one, "output": output})
        assert run_main(aggregate_clicks.main, flags) == EXIT_GATE
        message = capsys.readouterr().err
        assert "lost_days: 3 of 4 days of evidence" in message
        assert "--date" in message
        assert len(days_of(output)) == 4
        assert run_main(aggregate_clicks.main, [*flags, "--date", ""]) == EXIT_USAGE
        assert "'' is not a day" in capsys.readouterr().err
        most = write_table(days_log([1, 2, 3]), tmp_path / "most.parquet")
        assert run_main(aggregate_clicks.main, flags_of({"clicks": most, "output": output})) == EXIT_DONE
        assert "1 of 4 days of evidence" in capsys.readouterr().err
        assert run_main(aggregate_clicks.main, [*flags, "--force"]) == EXIT_DONE
        assert list(days_of(output)) == ["2026-03-03"]

    def test_what_was_rejected_is_said(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        log = days_log([0] * 30, clicks=4)
        text = pa.table({**{n: log[n] for n in log.column_names}, "query": ["food photo"] * 119 + [None]})
        path = write_table(text, tmp_path / "log.parquet")
        assert run_main(aggregate_clicks.main, flags_of({"clicks": path, "output": tmp_path / "out"})) == EXIT_DONE
        said = capsys.readouterr().err
        assert "120 rows read, 119 counted, 1 failed (no_query 1; see failures/)" in said
        assert "every row is a click" in said

    def test_gaps_of_a_whole_log_are_named_too(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        path = write_table(days_log([0, 2]), tmp_path / "log.parquet")
        assert run_main(aggregate_clicks.main, flags_of({"clicks": path, "output": tmp_path / "out"})) == EXIT_DONE
        assert "no rows of 2026-03-02 (1 day)" in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("log.parquet", ["no row of the log is of 2026-05-01", "it has 2026-03-01, 2026-03-03"]),
            ("date=2026-03-01/log.csv", ["no rows of 2026-05-01", "date= folders are 2026-03-01; choose other days"]),
        ],
    )
    def test_a_day_that_the_log_lacks(self, name: str, words: list[str], tmp_path: Path, refused: Refused) -> None:
        write_table(days_log([0, 2]), tmp_path / "log" / name)
        refused(aggregate_clicks.main, words, clicks=tmp_path / "log", date="2026-05-01")

    def test_labels_name_the_days_that_their_window_lacks(self, pictures: Path, tmp_path: Path) -> None:
        path = write_table(days_log([0, 4, 5]), tmp_path / "log.parquet")
        assert command("aggregate_clicks", {"clicks": path, "output": tmp_path / "ev"}).returncode == EXIT_DONE
        flags = {"evidence": tmp_path / "ev", "collection": pictures, "output": tmp_path / "out", "window_days": 4}
        done = command("derive_labels", flags)
        assert done.returncode == EXIT_DONE, done.stderr
        assert "no evidence of 2026-03-03 to 2026-03-04 in the window" in done.stderr

    @pytest.mark.parametrize("table", ["clicks", "impressions", "users"])
    def test_a_day_of_an_older_version_is_named(self, table: str, tmp_path: Path) -> None:
        path = write_table(days_log([0, 1]), tmp_path / "log.parquet")
        assert command("aggregate_clicks", {"clicks": path, "output": tmp_path / "ev"}).returncode == EXIT_DONE
        [old] = (tmp_path / "ev" / table / "date=2026-03-01").glob("*.parquet")
        kept = pq.read_table(old)
        pq.write_table(kept.drop_columns([kept.column_names[-1]]), old)
        with pytest.raises(UsageError, match=f"2026-03-01 has no column '{kept.column_names[-1]}' in {table}.* again"):
            inputs.plan_window(str(tmp_path / "ev"), 30)
        assert inputs.plan_window(str(tmp_path / "ev"), 1).days == ["2026-03-02"]


class TestLabelsFromALog:
    @pytest.mark.parametrize("flag", ["collection", "taxonomy", "duplicates", "output"])
    def test_other_inputs_are_checked_before_the_evidence_is_made(
        self,
        flag: str,
        pictures: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        path = write_table(days_log([0]), tmp_path / "log.parquet")
        flags = {"clicks": path, "collection": pictures, "output": tmp_path / "out", flag: path}
        if flag in ("collection", "duplicates"):
            flags[flag] = tmp_path / "absent"
        monkeypatch.setattr(aggregate_clicks, "run", lambda *_, **__: pytest.fail("the evidence was made first"))
        assert run_main(derive_labels.main, flags_of(flags)) == EXIT_USAGE
        assert str(flags[flag]) in capsys.readouterr().err


class TestBadRows:
    @pytest.mark.parametrize("workers", [1, 2])
    @pytest.mark.parametrize("partitions", [1, 5])
    def test_a_failure_per_day_and_reason_whatever_the_cut(self, workers: int, partitions: int, tmp_path: Path) -> None:
        """Blocks are row groups here: 40 of them have rows that are none."""
        rows = many_log(800, days=2).to_pylist()
        for n in range(0, 800, 40):
            rows[n] |= {"query": None}
            rows[n + 5] |= {"position": 0}
            rows[n + 11] |= {"event_time": None}
        table = pa.Table.from_pylist(rows, schema=CLICKS)
        pq.write_table(table, tmp_path / "log.parquet", row_group_size=20)
        flags = {"clicks": tmp_path / "log.parquet", "output": tmp_path / "out", "max_failure_rate": 1}
        cut = {"workers": workers, "partitions": partitions}
        assert run_main(aggregate_clicks.main, flags_of({**flags, **cut})) == EXIT_DONE
        found = manifest.read_table(str(tmp_path / "out"), "failures").to_pylist()
        assert [(row["key"], row["reason"], row["detail"]) for row in found] == [
            ("2026-03-01", "no_query", "20 rows"),
            ("2026-03-02", "bad_position", "20 rows"),
            ("undated", "no_time", "20 rows"),
        ]
        counters = manifest.require(str(tmp_path / "out")).counters
        assert counters["events"] == 740

    @pytest.mark.parametrize("workers", [1, 2])
    def test_failures_of_days_that_stay_stay(self, workers: int, tmp_path: Path) -> None:
        rows = many_log(800, days=4).to_pylist()
        for n in (0, 1, 2, 3, 4, 5, 8):  # day n % 4
            rows[n] |= {"query": None}
        write_table(pa.Table.from_pylist(rows, schema=CLICKS), tmp_path / "log.parquet")
        flags = {"clicks": tmp_path / "log.parquet", "output": tmp_path / "out", "workers": workers}
        assert command("aggregate_clicks", flags).returncode == EXIT_DONE

        def told() -> dict[str, str]:
            failures = manifest.read_table(str(tmp_path / "out"), "failures")
            return dict(zip(failures["key"].to_pylist(), failures["detail"].to_pylist(), strict=True))

        whole = told()
        assert whole == {
            "2026-03-01": "3 rows",
            "2026-03-02": "2 rows",
            "2026-03-03": "1 rows",
            "2026-03-04": "1 rows",
        }
        assert command("aggregate_clicks", {**flags, "date": "2026-03-02"}).returncode == EXIT_DONE
        assert told() == whole
        write_table(many_log(800, days=4), tmp_path / "log.parquet")
        assert command("aggregate_clicks", {**flags, "from": "2026-03-02", "to": "2026-03-03"}).returncode == EXIT_DONE
        assert told() == {day: whole[day] for day in ("2026-03-01", "2026-03-04")}

    @pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl"])
    def test_times_beyond_the_calendar(self, ending: str, tmp_path: Path) -> None:
        log = many_log(800)
        times = np.asarray(log["event_time"].cast(pa.int64())).copy()
        if ending == "parquet":
            times[[3, 4, 5]] = [-1, 253_402_300_800_000_000, 2**62]
        else:
            times[[3, 4, 5]] = [-1, -(10**15), -(10**16)]
        log = log.set_column(0, "event_time", pa.array(times).cast(CLICKS.field(0).type))
        path = tmp_path / f"log.{ending}"
        write_table(log, path)
        flags = flags_of({"clicks": path, "output": tmp_path / "out"})
        assert run_main(aggregate_clicks.main, flags) == EXIT_DONE
        (failure,) = manifest.read_table(str(tmp_path / "out"), "failures").to_pylist()
        assert (failure["key"], failure["reason"], failure["detail"]) == ("undated", "bad_time", "3 rows")
        assert manifest.require(str(tmp_path / "out")).counters["events"] == 797

    def test_bad_text_and_empty_files_beside_good_ones(self, tmp_path: Path) -> None:
        write_table(many_log(400), tmp_path / "log" / "a.csv")
        write_table(many_log(800).slice(400), tmp_path / "log" / "b.jsonl")
        for name in ("c.csv", "d.jsonl"):
            (tmp_path / "log" / name).touch()
        with (tmp_path / "log" / "a.csv").open("ab") as file:
            file.write(b"1,2\n2026-03-01,u,q,i,one,true,\n")
        with (tmp_path / "log" / "b.jsonl").open("ab") as file:
            file.write(b"{\n")
        flags = {"clicks": tmp_path / "log", "output": tmp_path / "out"}
        done = command("aggregate_clicks", flags)
        assert done.returncode == EXIT_DONE, done.stderr
        found = manifest.read_table(str(tmp_path / "out"), "failures").to_pylist()
        assert [(row["key"], row["reason"]) for row in found] == [
            ("log/a.csv", "bad_number"),
            ("log/a.csv", "bad_row"),
            ("log/b.jsonl", "bad_row"),
        ]
        counters = manifest.require(str(tmp_path / "out")).counters
        names = ("rows_read:clicks", "events", "failed:bad_row", "failed:bad_number", "empty_files:clicks")
        assert [counters[name] for name in names] == [803, 800, 2, 1, 2]

    def test_bad_rows_of_an_aggregated_log(self, tmp_path: Path) -> None:
        good = "".join(f"q{n},i{n},{n + 1}\n" for n in range(200))
        (tmp_path / "log.csv").write_text(f"query,image_id,clicks\n{good}q,i,many\n")
        flags = flags_of({"clicks": tmp_path / "log.csv", "output": tmp_path / "out", "date": "2026-03-01"})
        assert run_main(aggregate_clicks.main, flags) == EXIT_DONE
        done = manifest.require(str(tmp_path / "out"))
        assert (done.counters["failed:bad_number"], done.rows("clicks/date=2026-03-01")) == (1, 200)

    def test_rows_without_a_time_are_of_no_day(self, tmp_path: Path) -> None:
        """Whatever else they lack, and whichever days are asked for."""
        rows = many_log(800).to_pylist()
        rows[3] |= {"event_time": None, "query": None}
        rows[4] |= {"event_time": None, "position": 0}
        path = write_table(pa.Table.from_pylist(rows, schema=CLICKS), tmp_path / "log.parquet")
        for dates in ({}, {"to": "2026-03-01"}, {"date": "2026-03-01"}, {"from": "2026-03-01"}):
            flags = flags_of({"clicks": path, "output": tmp_path / "out", **dates})
            assert run_main(aggregate_clicks.main, flags) == EXIT_DONE
            found = manifest.read_table(str(tmp_path / "out"), "failures").to_pylist()
            assert {row["key"] for row in found} == {"undated"}
            assert sum(int(row["detail"].split()[0]) for row in found) == 2

    def test_a_stray_quote_costs_a_row(self, tmp_path: Path) -> None:
        path = write_table(many_log(2_000), tmp_path / "log.csv")
        lines = path.read_text().replace('"', "").splitlines()
        for n in (100, 1_500):
            lines[n] = lines[n].replace(",q", ',"q')
        path.write_text("\n".join(lines))
        assert run_main(aggregate_clicks.main, flags_of({"clicks": path, "output": tmp_path / "out"})) == EXIT_DONE
        counters = manifest.require(str(tmp_path / "out")).counters
        assert [counters[name] for name in ("rows_read:clicks", "events", "failed:bad_row")] == [2_000, 1_998, 2]
        (failure,) = manifest.read_table(str(tmp_path / "out"), "failures").to_pylist()
        assert failure["detail"] == "2 rows, such as a quote that its line does not close"

    def test_two_kinds_of_logs_in_one_folder(self, tmp_path: Path, refused: Refused) -> None:
        write_table(days_log([0]), tmp_path / "log" / "a.parquet")
        write_table(pa.table({"query": ["q"], "image_id": ["i"], "clicks": [3]}), tmp_path / "log" / "b.csv")
        words = ["b.csv is an aggregated log", "a.parquet has a row per result"]
        refused(aggregate_clicks.main, words, clicks=tmp_path / "log", date="2026-03-01")

    def test_keys_that_the_first_row_lacks(self, tmp_path: Path) -> None:
        path = write_table(days_log([0]), tmp_path / "log.jsonl")
        path.write_text('{"query": "q", "image_id": "i"}\n' + path.read_text())
        flags = flags_of({"clicks": path, "output": tmp_path / "out", "max_failure_rate": 0.5})
        assert run_main(aggregate_clicks.main, flags) == EXIT_DONE
        assert manifest.require(str(tmp_path / "out")).counters["events"] == 4


class TestAggregated:
    """All of an aggregated log is of one day: no other day may go for it."""

    @pytest.fixture
    def counts(self, tmp_path: Path) -> Path:
        table = {"query": ["q", "q", "r"], "image_id": ["i", "j", "i"], "clicks": [3, 2, 1]}
        return write_table(pa.table(table), tmp_path / "counts.csv")

    @pytest.mark.parametrize(
        "dates",
        [{}, {"to": "2026-03-04"}, {"from": "2026-03-04"}, {"from": "2026-03-01", "to": "2026-03-04"}],
    )
    def test_it_needs_its_day(self, dates: Mapping[str, str], counts: Path, tmp_path: Path) -> None:
        flags = {"clicks": write_table(days_log([0, 1, 2]), tmp_path / "log.csv"), "output": tmp_path / "out"}
        assert run_main(aggregate_clicks.main, flags_of(flags)) == EXIT_DONE
        before = data_files(tmp_path / "out")
        argv = flags_of({**flags, "clicks": counts, **dates})
        assert run_main(aggregate_clicks.main, argv) == EXIT_USAGE
        assert data_files(tmp_path / "out") == before

    @pytest.mark.parametrize("dates", [{"date": "2026-03-03"}, {"from": "2026-03-03", "to": "2026-03-03"}])
    def test_it_replaces_its_day_alone(self, dates: Mapping[str, str], counts: Path, tmp_path: Path) -> None:
        flags = {"clicks": write_table(days_log([0, 1, 2]), tmp_path / "log.csv"), "output": tmp_path / "out"}
        assert run_main(aggregate_clicks.main, flags_of(flags)) == EXIT_DONE
        assert run_main(aggregate_clicks.main, flags_of({**flags, "clicks": counts, **dates})) == EXIT_DONE
        assert days_of(tmp_path / "out") == {"2026-03-01": 3, "2026-03-02": 3, "2026-03-03": 6}
        done = manifest.require(str(tmp_path / "out"))
        names = ("rows_read:clicks", "events", "rows_of_day:2026-03-03", "clicks_counted", "clicks_of_evidence")
        assert [done.counters[name] for name in names] == [3, 3, 3, 6, 6]
        assert not [name for name in done.tables if name in ("impressions/date=2026-03-03", "users/date=2026-03-03")]

    @pytest.mark.parametrize("lost", ["rows", "clicks"])
    def test_what_an_engine_loses_is_seen(
        self,
        lost: str,
        counts: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        if lost == "rows":
            whole = aggregate_clicks.count_block
            monkeypatch.setattr(aggregate_clicks, "count_block", lambda table, *more: whole(table.slice(1), *more))
        else:
            profile = aggregate_clicks.profile_partition
            monkeypatch.setattr(
                aggregate_clicks,
                "profile_partition",
                lambda tables, asked: profile({name: table.slice(1) for name, table in tables.items()}, asked),
            )
        flags = flags_of({"clicks": counts, "output": tmp_path / "out", "date": "2026-03-03", "partitions": 1})
        assert run_main(aggregate_clicks.main, flags) == EXIT_FAILED
        assert "run it again" in capsys.readouterr().err


def test_failures_of_many_rows_add_up_and_others_stay() -> None:
    rows = [("d", "r", "2 rows"), ("d", "r", "3 rows"), ("d", "s", "1 rows, such as x"), ("d", "r", "broken picture")]
    merged = merge_failures(failure_rows("job", [*rows, ("d", "s", "4 rows, such as a")]))
    found = sorted((row["key"], row["reason"], row["detail"]) for row in merged.to_pylist())
    assert found == [("d", "r", "5 rows"), ("d", "r", "broken picture"), ("d", "s", "5 rows, such as a")]
    assert merge_failures(failure_rows("job", [])).num_rows == 0


def test_times_from_1970_to_9999_and_unknown_ones_stay() -> None:
    times = pa.array([None, 0, -1, 253_402_300_799_999_999, 253_402_300_800_000_000]).cast(CLICKS.field(0).type)
    kept, beyond = split_bad_times(pa.table({"event_time": times}))
    assert (kept["event_time"].cast(pa.int64()).to_pylist(), beyond) == ([None, 0, 253_402_300_799_999_999], 2)
    assert split_bad_times(pa.table({"query": ["q"]}))[1] == 0
