"""The gate through the real mains: exit code 3 and a line per reason before any work, ``--force``, and what passes."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from beam_jobs import aggregate_clicks, derive_labels, inputs, log_gate
from beam_jobs.blocks import manifest
from beam_jobs.blocks.failures import GateError
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.flags import EXIT_DONE, EXIT_GATE, EXIT_USAGE, run_main
from beam_jobs.commands.main import dispatch
from beam_jobs.demo.clicks import ClickWorld, Examination, simulate_clicks, write_click_log
from labels.log_gate import ENOUGH_ROWS
from labels.tables import CLICKS
from labels.taxonomy import load_taxonomy
from tests.beam_jobs.conftest import flags_of, write_table

DAY = datetime(2026, 3, 1, tzinfo=UTC)


def day_log(day: datetime = DAY, rows: int = 1_500, seed: int = 0) -> pa.Table:
    """Return a day of result pages of 10 that passes."""
    random = np.random.default_rng(seed)
    pages = rows // 10
    page = np.repeat(np.arange(pages), 10)
    position = np.tile(np.arange(1, 11), pages)
    return pa.table(
        [
            pa.array([day + timedelta(seconds=int(n)) for n in page * 40]),
            pa.array(random.integers(0, 90, pages).astype(str)[page]),
            pa.array(random.integers(0, 30, pages).astype(str)[page]),
            pa.array(random.integers(0, 400, len(page)).astype(str)),
            pa.array(position, pa.int32()),
            pa.array(random.random(len(page)) < 0.3 / position**0.5),
            pa.nulls(len(page), pa.int32()),
        ],
        schema=CLICKS,
    )


def one_user(log: pa.Table) -> pa.Table:
    return log.set_column(1, "user_id", pa.array(["root"] * log.num_rows))


def gate(path: Path, *, output: str = "", force: bool = False, **dates: object) -> None:
    days = {"first": None, "last": None, **dates}
    log = inputs.plan_clicks(str(path), None, None)
    log_gate.check_log(log, output=output or f"{path}-out", max_failure_rate=0.01, force=force, **days)  # type: ignore[arg-type]


class TestRefuses:
    @pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl.gz"])
    def test_with_a_line_per_reason_and_no_work(
        self, ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        log = one_user(day_log())
        log = log.set_column(5, "clicked", pa.array([n % 17 > 0 for n in range(log.num_rows)]))
        path = write_table(log, tmp_path / f"log.{ending}")
        assert run_main(aggregate_clicks.main, flags_of({"clicks": path, "output": tmp_path / "out"})) == EXIT_GATE
        captured = capsys.readouterr()
        lines = captured.err.splitlines()
        assert captured.out == ""
        assert [line.split(":")[:2] for line in lines[:2]] == [
            ["refused", " high_click_rate"],
            ["refused", " one_user"],
        ]
        assert "100.0% of 1,500 rows" in lines[1]
        assert (
            lines[2]
            == f"refused: {path}: the click log does not look sane; mend it, or go on all the same with --force"
        )
        assert not (tmp_path / "out").exists()

    def test_unless_forced(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        path = write_table(one_user(day_log()), tmp_path / "log.parquet")
        flags = [*flags_of({"clicks": path, "output": tmp_path / "out"}), "--force"]
        assert run_main(aggregate_clicks.main, flags) == EXIT_DONE
        assert "warning: one_user: " in capsys.readouterr().err
        assert manifest.require(str(tmp_path / "out")).counters["events"] == 1_500

    def test_labels_from_such_a_log(self, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        path = write_table(one_user(day_log()), tmp_path / "log.parquet")
        flags = flags_of({"clicks": path, "collection": pictures, "output": tmp_path / "out"})
        assert run_main(derive_labels.main, flags) == EXIT_GATE
        assert "refused: one_user" in capsys.readouterr().err
        assert run_main(derive_labels.main, [*flags, "--force"]) == EXIT_DONE

    def test_force_without_a_log_says_nothing(self, evidence: Path, pictures: Path, tmp_path: Path) -> None:
        flags = flags_of({"evidence": evidence, "collection": pictures, "output": tmp_path / "out"})
        assert run_main(derive_labels.main, [*flags, "--force"]) == EXIT_USAGE

    @pytest.mark.parametrize("force", ["flag", "file"])
    def test_a_run(self, force: str, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = write_table(one_user(day_log()), tmp_path / "log.parquet")
        config = {"clicks": str(path), "collection": str(pictures)}
        (tmp_path / "run.yaml").write_text(yaml.safe_dump(config))
        argv = ["run", "--config", str(tmp_path / "run.yaml"), "--output", str(tmp_path / "run")]
        assert run_main(dispatch, argv) == EXIT_GATE
        passed: list[bool] = []

        def only_this(settings: aggregate_clicks.Config, *_: object, **__: object) -> None:
            passed.append(settings.force)
            raise GateError(["enough"], advice="seen")

        monkeypatch.setattr(aggregate_clicks, "run", only_this)
        (tmp_path / "run.yaml").write_text(yaml.safe_dump({**config, "force": force == "file"}))
        assert run_main(dispatch, [*argv, *(["--force"] if force == "flag" else [])]) == EXIT_GATE
        assert passed == [True]

    def test_text_that_cannot_be_read(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        path = write_table(day_log(), tmp_path / "log.csv")
        lines = path.read_text().splitlines()
        broken = [line.replace("2026-", "26-") if n % 4 == 1 else line for n, line in enumerate(lines)]
        path.write_text("\n".join(broken))
        assert run_main(aggregate_clicks.main, flags_of({"clicks": path, "output": tmp_path / "out"})) == EXIT_GATE
        assert "unreadable_rows: 25.0% of 1,500 rows looked at cannot be read (bad_time 375" in capsys.readouterr().err


class TestCopies:
    @pytest.mark.parametrize("ending", ["parquet", "csv"])
    def test_a_file_that_is_there_twice(self, ending: str, tmp_path: Path) -> None:
        for n, name in enumerate(["a", "b", "c"]):
            write_table(day_log(DAY + timedelta(days=n), seed=n), tmp_path / "log" / f"{name}.{ending}")
        gate(tmp_path / "log")
        copy = (tmp_path / "log" / f"b.{ending}").read_bytes()
        (tmp_path / "log" / f"d.{ending}").write_bytes(copy)
        with pytest.raises(GateError, match=r"copied_files: 2\d\.\d% of the log's rows"):
            gate(tmp_path / "log")

    def test_row_groups_that_are_there_twice(self, tmp_path: Path) -> None:
        with pq.ParquetWriter(tmp_path / "log.parquet", CLICKS) as writer:
            for n in (0, 1, 0):
                writer.write_table(day_log(DAY + timedelta(days=n), seed=n))
        with pytest.raises(GateError, match=r"copied_files: 33\.3%"):
            gate(tmp_path / "log.parquet")


class TestDays:
    @pytest.fixture
    def week(self, tmp_path: Path) -> Path:
        """A log of a week, a ``date=`` folder per day, and its evidence."""
        for n in range(7):
            day = DAY + timedelta(days=n)
            write_table(day_log(day, seed=n), tmp_path / "log" / f"date={day.date()}" / "a.parquet")
        flags = flags_of({"clicks": tmp_path / "log", "output": tmp_path / "out"})
        assert run_main(aggregate_clicks.main, flags) == EXIT_DONE
        return tmp_path

    @pytest.mark.parametrize("ending", ["parquet", "csv"])
    @pytest.mark.parametrize(("rows", "code"), [(100, "few_rows"), (1_500, None), (20_000, "many_rows")])
    def test_rows_against_the_evidence(
        self, rows: int, code: str | None, ending: str, week: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        day = DAY + timedelta(days=7)
        path = week / "log" / f"date={day.date()}" / f"a.{ending}"
        write_table(day_log(day, rows=rows), path)
        flags = flags_of({"clicks": week / "log", "output": week / "out", "date": day.date()})
        assert run_main(aggregate_clicks.main, flags) == (EXIT_GATE if code else EXIT_DONE)
        if code:
            assert f"refused: {code}: 2026-03-08 has {rows:,} rows" in capsys.readouterr().err
            assert run_main(aggregate_clicks.main, [*flags, "--force"]) == EXIT_DONE

    def test_the_evidence_says_how_many_rows_a_day_had(self, week: Path) -> None:
        first = DAY.date().toordinal() - inputs.EPOCH
        days = range(first, first + 8)
        assert log_gate.committed_rows(str(week / "out"), days) == dict.fromkeys(range(first, first + 7), 1_500)
        assert log_gate.committed_rows(str(week / "nothing"), days) == {}

    def test_days_of_the_last_run_need_no_file_and_of_others_only_the_compared_are_read(
        self, week: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        output, first = str(week / "out"), DAY.date().toordinal() - inputs.EPOCH
        read: list[str] = []
        read_table = manifest.read_table

        def noted(output: str, table: str, columns: list[str]) -> pa.Table:
            read.append(table)
            return read_table(output, table, columns)

        monkeypatch.setattr(manifest, "read_table", noted)
        assert log_gate.committed_rows(output, [first + 6]) == dict.fromkeys(range(first, first + 6), 1_500)
        assert read == []
        flags = flags_of({"clicks": week / "log", "output": output, "date": "2026-03-07"})
        assert run_main(aggregate_clicks.main, flags) == EXIT_DONE
        read.clear()
        assert log_gate.committed_rows(output, [first + 2]) == {first: 1_500, first + 1: 1_500}
        assert read == ["users/date=2026-03-01", "users/date=2026-03-02"]

    def test_another_run_that_commits_meanwhile(self, week: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        output, first = str(week / "out"), DAY.date().toordinal() - inputs.EPOCH
        flags = flags_of({"clicks": week / "log", "output": output})
        assert run_main(aggregate_clicks.main, [*flags, "--date", "2026-03-07"]) == EXIT_DONE
        before = manifest.require(output)
        write_table(day_log(rows=600), week / "log" / "date=2026-03-01" / "late.parquet")
        assert run_main(aggregate_clicks.main, [*flags, "--date", "2026-03-01"]) == EXIT_DONE
        monkeypatch.setattr(manifest, "read_manifest", lambda _: before)
        with pytest.raises(UsageError, match=r"is listed in _MANIFEST\.json and not there"):
            manifest.read_table(output, "users/date=2026-03-01")
        monkeypatch.undo()
        versions = iter([before, before])  # what the gate sees, and what its first look into the files sees
        real = manifest.read_manifest
        monkeypatch.setattr(manifest, "read_manifest", lambda folder: next(versions, None) or real(folder))
        assert log_gate.committed_rows(output, [first + 1]) == {first: 2_100}

    @pytest.mark.parametrize(("rows", "done"), [(100, EXIT_DONE), (20_000, EXIT_GATE)])
    def test_todays_rows_are_not_all_there(
        self, rows: int, done: int, week: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The whole log again, with the hours of today: that is how a daily run looks."""
        day = DAY + timedelta(days=7)
        monkeypatch.setattr("time.time", (day + timedelta(hours=3)).timestamp)
        write_table(day_log(day, rows=rows), week / "log" / f"date={day.date()}" / "a.parquet")
        gate(week / "log", output=str(week / "out"), force=done == EXIT_GATE)
        said = capsys.readouterr().err
        assert ("warning: few_rows: 2026-03-08 has 100 rows" in said) == (done == EXIT_DONE)
        if done == EXIT_GATE:
            with pytest.raises(GateError, match="many_rows: 2026-03-08"):
                gate(week / "log", output=str(week / "out"))

    @pytest.mark.parametrize("budget", [0, 10**9])
    def test_rows_per_day_of_one_file(self, budget: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Exactly where event times are read, and in the right size where they are spread."""
        monkeypatch.setattr(log_gate, "DAY_ROWS", budget)
        monkeypatch.setattr(log_gate, "SAMPLE_ROWS", 10)
        log = pa.concat_tables([day_log(DAY + timedelta(days=n), rows=2_160, seed=n) for n in range(4)])
        times = pa.array([DAY + timedelta(seconds=40 * n) for n in range(log.num_rows)])
        pq.write_table(log.set_column(0, "event_time", times), tmp_path / "log.parquet")
        groups = log_gate.read_groups(str(tmp_path / "log.parquet"))
        days = log_gate.rows_per_day(groups, [], log_gate.sample_rows(groups, [], aggregated=False))
        first = DAY.date().toordinal() - inputs.EPOCH
        assert days == pytest.approx({first + n: 2_160 for n in range(4)}, abs=2 if budget == 0 else 0)


class TestSample:
    def test_it_is_bounded_and_spread_over_all_files(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(log_gate, "SAMPLE_ROWS", 3_200)
        monkeypatch.setattr(log_gate, "_BATCH", 200)
        for n in range(40):
            write_table(day_log(DAY + timedelta(days=n), rows=600, seed=n), tmp_path / f"{n:02d}.parquet")
        groups = [g for path in sorted(tmp_path.iterdir()) for g in log_gate.read_groups(str(path))]
        monkeypatch.setattr(log_gate, "PIECES", 8)
        sampled = log_gate.sample_rows(groups, [], aggregated=False)
        assert sampled.rows.num_rows == 8 * 399
        assert not sampled.whole
        days = {time.date() for time in sampled.rows["event_time"].to_pylist()}
        assert (min(days), max(days)) == (DAY.date(), (DAY + timedelta(days=39)).date())
        assert sampled.rows.equals(log_gate.sample_rows(groups, [], aggregated=False).rows)

    @pytest.mark.parametrize(("ending", "count"), [("parquet", 1_000), ("parquet", 1_100), ("csv", 1_000)])
    def test_of_many_small_files(self, ending: str, count: int, tmp_path: Path) -> None:
        """Positions begin at 0: 16 of these files have too few rows to tell."""
        log = day_log(rows=30 * count)
        log = log.set_column(4, "position", pa.array(np.asarray(log["position"]) - 1, pa.int32()))
        for n in range(count):
            write_table(log.slice(30 * n, 30), tmp_path / "log" / f"{n:04d}.{ending}")
        with pytest.raises(GateError, match="positions_from_zero"):
            gate(tmp_path / "log")

    @pytest.mark.parametrize(
        ("sizes", "expected"),
        [
            ([1_000] * 9, list(range(9))),
            ([10**9] * 100, [0, 7, 13, 20, 26, 33, 40, 46, 53, 59, 66, 73, 79, 86, 92, 99]),
            ([1] * 900, list(range(900))),
            ([50] * 100, [round(n * 99 / 31) for n in range(32)]),
        ],
    )
    def test_small_pieces_are_more(self, sizes: list[int], expected: list[int]) -> None:
        assert log_gate._spread(range(len(sizes)), sizes, 1_600 if sizes[0] > 1_000 else 2_000) == expected

    def test_there_is_an_end_to_opening(self) -> None:
        chosen = log_gate._spread(range(100_000), [1] * 100_000, 1 << 20)
        assert (len(chosen), chosen[0], chosen[-1]) == (log_gate.MOST_PIECES, 0, 99_999)

    def test_a_small_log_is_looked_at_as_a_whole(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(log_gate, "DECODED_ROWS", 1_000)
        monkeypatch.setattr(log_gate, "_BATCH", 100)
        pq.write_table(day_log(rows=3_000), tmp_path / "log.parquet", row_group_size=1_400)
        groups = log_gate.read_groups(str(tmp_path / "log.parquet"))
        sampled = log_gate.sample_rows(groups, [], aggregated=False)
        assert sampled.whole
        assert sampled.rows.equals(day_log(rows=3_000))

    @pytest.mark.parametrize("ending", ["csv", "jsonl", "csv.gz"])
    def test_of_a_long_text(self, ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        log = day_log(rows=4_000)
        path = write_table(log, tmp_path / f"log.{ending}")
        monkeypatch.setattr(log_gate, "TEXT_BYTES", 40_000)
        sampled = log_gate.sample_rows([], [str(path)], aggregated=False)
        assert 200 < sampled.rows.num_rows < 1_000
        assert not sampled.whole
        assert sampled.unreadable == {}
        known = set(map(str, log.to_pylist()))
        assert all(str(row) in known for row in sampled.rows.to_pylist())
        reached = max(sampled.rows["event_time"].to_pylist())
        assert reached > DAY + timedelta(seconds=40 * 290) or ending == "csv.gz"


class TestPasses:
    def test_the_logs_of_the_tests(self, log_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert pq.read_metadata(log_file).num_rows >= ENOUGH_ROWS
        gate(log_file)
        assert capsys.readouterr().err == ""

    @pytest.mark.parametrize("examination", ["position", "cascade", "grid"])
    def test_a_demo_log(self, examination: Examination, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        taxonomy = load_taxonomy()
        intents = [intent.id for intent in taxonomy.intents for _ in range(8)]
        truth = pa.table({"image_id": [f"i{n}" for n in range(len(intents))], "intent": intents})
        world = ClickWorld(sessions=3_000, users=400, queries=150, examination=examination)
        write_click_log(simulate_clicks(truth, taxonomy=taxonomy, world=world), folder=tmp_path)
        gate(tmp_path)
        assert "refused" not in capsys.readouterr().err

    def test_the_shared_log(self, shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
        gate(shared / "clicks")
        assert capsys.readouterr().err == ""

    def test_a_log_of_clicks_alone_and_an_aggregated_one(self, tmp_path: Path) -> None:
        log = pa.concat_tables([day_log(rows=20_000, seed=n) for n in range(2)])
        clicks = log.filter(log["clicked"])
        assert clicks.num_rows > ENOUGH_ROWS
        gate(write_table(clicks, tmp_path / "clicks.parquet"))
        counts = clicks.group_by(["query", "image_id"]).aggregate([("clicked", "count")])
        aggregated = counts.rename_columns(["query", "image_id", "clicks"])
        gate(write_table(aggregated, tmp_path / "counts.csv"), last=DAY.date())
