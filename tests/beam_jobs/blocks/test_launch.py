"""One small job from flags to commit: the same bytes on every way there, and the old result where it fails."""

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from beam_jobs.blocks import engine, launch, manifest, read
from beam_jobs.blocks.failures import JobError, failure_rows
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.flags import EXIT_DONE, EXIT_FAILED, EXIT_USAGE, Common, run_main
from beam_jobs.blocks.launch import run_job
from tests.beam_jobs.conftest import NUMBERS, data_files, sums_job, whole_folder, write_table

GO_ON = Common(max_failure_rate=1.0)


def numbers() -> pa.Table:
    random = np.random.default_rng(5)
    keys = random.integers(0, 60, 900)
    values = np.where(keys < 3, -5, random.integers(-3, 9, 900))
    return pa.table([[f"k{n}" for n in keys], values], schema=NUMBERS)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_table(numbers(), tmp_path_factory.mktemp("numbers") / "a.parquet")


@pytest.fixture(scope="module")
def expected(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of a run in one partition and thread, which equals a sum by plain Python."""
    output = tmp_path_factory.mktemp("expected") / "out"
    run_job(sums_job(source), output=str(output), common=GO_ON)
    return output


class TestSameBytes:
    def test_sums_are_those_of_a_dict(self, expected: Path) -> None:
        sums: dict[str, int] = {}
        for row in numbers().to_pylist():
            sums[row["key"]] = sums.get(row["key"], 0) + row["value"]
        rows = manifest.read_table(str(expected), "sums").to_pylist()
        assert rows == [{"key": key, "total": total} for key, total in sorted(sums.items()) if total >= 0]
        failed = manifest.read_table(str(expected), "failures")["key"].to_pylist()
        assert failed == sorted(key for key, total in sums.items() if total < 0) == ["k0", "k1", "k2"]

    @pytest.mark.parametrize(("partitions", "workers"), [(3, 1), (8, 1), (3, 2)])
    def test_partitions_workers_and_temp_change_no_file(
        self, partitions: int, workers: int, source: Path, expected: Path, tmp_path: Path
    ) -> None:
        """Not even a name: the run key is of input, settings and version alone."""
        common = replace(GO_ON, partitions=partitions, workers=workers, temp=str(tmp_path / "temp"))
        run_job(sums_job(source), output=str(tmp_path / "out"), common=common)
        assert whole_folder(tmp_path / "out") == whole_folder(expected)
        assert not list((tmp_path / "temp").iterdir())

    @pytest.mark.parametrize("ending", ["jsonl", "csv", "csv.gz", "parquet"])
    def test_format_order_and_cut_change_no_byte(
        self, ending: str, expected: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Rows turned round, in three files, in blocks of 50, in partitions of their own."""
        monkeypatch.setattr(read, "BLOCK_ROWS", 50)
        turned = numbers().take(pa.array(np.random.default_rng(1).permutation(900)))
        for n, (start, stop) in enumerate([(0, 10), (10, 611), (611, 900)]):
            write_table(turned.slice(start, stop - start), tmp_path / "in" / f"{n}.{ending}")
        common = replace(GO_ON, partitions=3)
        run_job(sums_job(tmp_path / "in"), output=str(tmp_path / "out"), common=common)
        assert data_files(tmp_path / "out") == data_files(expected)

    def test_several_files_per_table(self, source: Path, expected: Path, tmp_path: Path) -> None:
        """The cut into files is by bytes of input; partitions do not move it, and together they are the table."""
        for partitions in (1, 8):
            common = replace(GO_ON, partitions=partitions)
            run_job(replace(sums_job(source), file_bytes=900), output=str(tmp_path / str(partitions)), common=common)
        assert whole_folder(tmp_path / "1") == whole_folder(tmp_path / "8")
        assert len(list((tmp_path / "1" / "sums").iterdir())) > 1
        whole = manifest.read_table(str(tmp_path / "1"), "sums").sort_by("key")
        assert whole.to_pylist() == manifest.read_table(str(expected), "sums").to_pylist()

    def test_another_filesystem(self, source: Path, expected: Path) -> None:
        run_job(sums_job(source), output="memory://launch/out", common=GO_ON)
        found = manifest.read_table("memory://launch/out", "sums")
        assert found.to_pylist() == manifest.read_table(str(expected), "sums").to_pylist()
        assert not [p for p in manifest.files.filesystem("memory://launch")[0].find("/launch") if "_tmp-" in p]


class TestCommit:
    def test_a_new_result_replaces_the_old_one_whole(self, source: Path, expected: Path, tmp_path: Path) -> None:
        output = shutil.copytree(expected, tmp_path / "out")
        first = manifest.require(str(output))
        second, _ = run_job(sums_job(source, version=2), output=str(output), common=GO_ON)
        assert first.run_key != second.run_key
        listed = {file.path for written in second.tables.values() for file in written}
        found = {path.relative_to(output).as_posix() for path in output.rglob("*") if path.is_file()}
        assert found == {*listed, manifest.MANIFEST, manifest.RUN}

    def test_unchanged_is_skipped_only_where_all_is_there(self, source: Path, expected: Path, tmp_path: Path) -> None:
        output = shutil.copytree(expected, tmp_path / "out")
        done = manifest.require(str(output))
        times = {path: path.stat().st_mtime_ns for path in output.rglob("*")}
        again, skipped = run_job(sums_job(source), output=str(output), common=GO_ON, skip_unchanged=True)
        assert (again, skipped) == (done, True)
        assert {path: path.stat().st_mtime_ns for path in output.rglob("*")} == times
        _, skipped = run_job(sums_job(source, version=2), output=str(output), common=GO_ON, skip_unchanged=True)
        assert not skipped
        next((output / "sums").iterdir()).unlink()
        _, skipped = run_job(sums_job(source, version=2), output=str(output), common=GO_ON, skip_unchanged=True)
        assert not skipped
        assert manifest.read_table(str(output), "sums").num_rows == done.rows("sums")


def _lose_the_report(report: Path) -> None:
    report.unlink()


def _lose_a_partition(report: Path) -> None:
    report.write_text(json.dumps(json.loads(report.read_text())[1:]))


def _double_a_partition(report: Path) -> None:
    reports = json.loads(report.read_text())
    report.write_text(json.dumps([*reports, reports[0]]))


def _forget_a_counter(report: Path) -> None:
    reports = json.loads(report.read_text())
    reports[0]["counters"]["keys"] += 1
    report.write_text(json.dumps(reports))


def _alter_a_file(report: Path) -> None:
    listed = next(file for part in json.loads(report.read_text()) for file in part["files"] if file[2])
    path = report.parents[1] / listed[1]
    path.write_bytes(path.read_bytes()[:-1] + b"X")


def _lose_a_file(report: Path) -> None:
    listed = next(file for part in json.loads(report.read_text()) for file in part["files"] if file[2])
    (report.parents[1] / listed[1]).unlink()


class TestFailure:
    @pytest.mark.parametrize(
        ("damage", "message"),
        [
            (_lose_the_report, r"the engine lost partitions \[0, 1"),
            (_lose_a_partition, r"the engine lost partitions \[0\]"),
            (_double_a_partition, r"the engine lost partitions \[0, 0"),
            (_forget_a_counter, "keys went in"),
            (_alter_a_file, "has the sha256"),
            (_lose_a_file, "was reported as written and is not there"),
        ],
    )
    def test_an_engine_that_loses_data_cannot_publish(
        self,
        damage: Callable[[Path], None],
        message: str,
        source: Path,
        expected: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """An engine that says DONE after it lost a report, a partition, rows or a file."""
        output = shutil.copytree(expected, tmp_path / "out")
        before = whole_folder(output)
        honest = engine.run_graph

        def lossy(*args: object, **kwargs: object) -> None:
            honest(*args, **kwargs)  # type: ignore[arg-type]
            damage(next(output.glob("_tmp-*")) / "report.json")

        monkeypatch.setattr(launch.engine, "run_graph", lossy)
        with pytest.raises(JobError, match=message):
            run_job(replace(sums_job(source, version=2), file_bytes=900), output=str(output), common=GO_ON)
        after = whole_folder(output)
        assert re.search(message, after.pop(f"{manifest.FAILED}/reason.txt").decode())
        after.pop(f"{manifest.FAILED}/failures.parquet", None)  # where that is the file that was lost
        assert after == before

    def test_an_engine_that_dies_leaves_the_old_result(
        self, source: Path, expected: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        output = shutil.copytree(expected, tmp_path / "out")
        before = whole_folder(output)

        def dead(*args: object, **kwargs: object) -> None:
            write_table(numbers(), output / "sums" / "part-00000-of-00001-half.parquet")
            raise ConnectionError("the cluster went away")

        monkeypatch.setattr(launch.engine, "run_graph", dead)
        with pytest.raises(ConnectionError):
            run_job(replace(sums_job(source, version=2), file_bytes=900), output=str(output), common=GO_ON)
        after = whole_folder(output)
        assert after.pop(f"{manifest.FAILED}/reason.txt") == b"the cluster went away\n"
        del after[f"{manifest.FAILED}/failures.parquet"]
        assert after == before

    def test_too_many_failures_keep_the_old_result_and_leave_reasons(
        self, source: Path, expected: Path, tmp_path: Path
    ) -> None:
        output = shutil.copytree(expected, tmp_path / "out")
        before = whole_folder(output)
        with pytest.raises(JobError, match=r"3 of 60 keys failed \(5\.0%, allowed 1\.0%\): negative 3; mend"):
            run_job(sums_job(source, version=2), output=str(output), common=Common())
        failed = pq.read_table(output / manifest.FAILED / "failures.parquet")
        assert failed["reason"].unique().to_pylist() == ["negative"]
        assert "negative" in (output / manifest.FAILED / "reason.txt").read_text()
        after = {name: content for name, content in whole_folder(output).items() if not name.startswith("_FAILED")}
        assert after == before
        run_job(sums_job(source, version=2), output=str(output), common=GO_ON)
        assert not (output / manifest.FAILED).exists()

    def test_a_failed_first_run_commits_nothing_and_can_be_run_again(self, source: Path, tmp_path: Path) -> None:
        output = tmp_path / "out"
        with pytest.raises(JobError):
            run_job(sums_job(source), output=str(output), common=Common())
        assert {path.name for path in output.rglob("*")} == {manifest.FAILED, "reason.txt", "failures.parquet"}
        run_job(sums_job(source), output=str(output), common=GO_ON)
        assert manifest.require(str(output), "sums")

    def test_a_file_that_a_worker_cannot_read_is_a_usage_error(self, tmp_path: Path) -> None:
        path = write_table(numbers(), tmp_path / "in" / "a.csv")
        job = sums_job(path)
        path.write_text("key,value\na,1\nb\n")
        with pytest.raises(UsageError, match=r"a\.csv: not readable as csv"):
            run_job(job, output=str(tmp_path / "out"), common=GO_ON)
        assert not (tmp_path / "out" / manifest.MANIFEST).exists()

    def test_worker_failures_reach_the_launcher_as_data(self, source: Path, tmp_path: Path) -> None:
        def build(pipeline: beam.Pipeline, partitions: int) -> beam.PCollection[read.NamedBlock]:
            return pipeline | beam.Create([("_fatal", failure_rows("x", [("k", "r", "mend this")]))], reshuffle=False)

        job = replace(sums_job(source), build=build)
        with pytest.raises(UsageError, match="mend this"):
            run_job(job, output=str(tmp_path / "out"), common=GO_ON)


class TestOutput:
    def test_a_folder_of_others_is_refused_and_left_alone(self, source: Path, tmp_path: Path) -> None:
        (tmp_path / "diary.txt").write_text("dear")
        with pytest.raises(UsageError, match=r"holds 'diary\.txt', which sums did not write; choose another --output"):
            run_job(sums_job(source), output=str(tmp_path), common=GO_ON)
        assert [path.name for path in tmp_path.iterdir()] == ["diary.txt"]

    def test_tables_of_others_are_refused(self, source: Path, tmp_path: Path) -> None:
        write_table(numbers(), tmp_path / "data" / "mine.parquet")
        with pytest.raises(UsageError, match="'data'"):
            run_job(sums_job(source), output=str(tmp_path), common=GO_ON)

    def test_the_output_of_another_job_is_refused(self, source: Path, expected: Path) -> None:
        before = whole_folder(expected)
        with pytest.raises(UsageError, match=r"holds the output of sums, not of other; choose another --output"):
            run_job(sums_job(source, stage="other"), output=str(expected), common=GO_ON)
        assert whole_folder(expected) == before

    @pytest.mark.parametrize("below", ["", "/deeper/out"])
    def test_a_file_in_the_way(self, below: str, source: Path, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("x")
        with pytest.raises(UsageError, match=rf"{tmp_path}/file{below}.*(--output wants a folder|choose another)"):
            run_job(sums_job(source), output=f"{tmp_path}/file{below}", common=GO_ON)

    def test_what_a_killed_run_left_is_taken_over(self, source: Path, expected: Path, tmp_path: Path) -> None:
        output = tmp_path / "out"
        for name in ("_tmp-sums-aaa/report.json", "sums/part-00000-of-00001-dead.parquet", "sums/.part-0.9.tmp"):
            (output / name).parent.mkdir(parents=True, exist_ok=True)
            (output / name).write_text("[]")
        run_job(sums_job(source), output=str(output), common=GO_ON)
        assert data_files(output) == data_files(expected)


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (None, EXIT_DONE, ""),
        (UsageError("mend\n  it"), EXIT_USAGE, "error: mend it\n"),
        (JobError("too many"), EXIT_FAILED, "failed: too many\n"),
        (OSError(28, "No space left on device"), EXIT_FAILED, "failed: [Errno 28] No space left on device\n"),
        (KeyboardInterrupt(), EXIT_FAILED, "stopped\n"),
    ],
)
def test_exit_codes(error: BaseException | None, code: int, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    def main(argv: object) -> int:
        if error is not None:
            raise error
        return 0

    assert run_main(main, []) == code
    assert capsys.readouterr().err == line
