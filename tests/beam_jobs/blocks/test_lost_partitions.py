"""Whatever an engine loses or doubles, it cannot publish: exit code 1, one line, and the old output stays."""

import shutil
from pathlib import Path
from typing import ClassVar

import pyarrow as pa
import pytest

from beam_jobs import aggregate_clicks, derive_labels
from beam_jobs.blocks import manifest
from beam_jobs.blocks.balance import check_balance
from beam_jobs.blocks.failures import JobError
from beam_jobs.blocks.flags import EXIT_FAILED, run_main
from tests.beam_jobs.blocks import faulty_runners
from tests.beam_jobs.blocks.faulty_runners import (
    DOUBLES,
    LOSSES,
    SHORT_BLOCK,
    DoublesASlice,
    FaultyRunner,
    LosesAPartition,
    LosesASlice,
    MixesSlices,
)
from tests.beam_jobs.conftest import Main, flags_of, planted_intents, succeed, whole_folder, write_table

PARTITIONS = 3


@pytest.fixture(scope="module")
def logs(log: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The planted log as several files, the last one short."""
    folder = tmp_path_factory.mktemp("logs")
    starts = [0, 900, 1800, log.num_rows - SHORT_BLOCK]
    for n, (start, stop) in enumerate(zip(starts, [*starts[1:], log.num_rows], strict=True)):
        write_table(log.slice(start, stop - start), folder / f"{n}.parquet")
    return folder


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    ids = list(planted_intents())
    table = pa.table({"image_id": ids, "uri": ids})
    return write_table(table, tmp_path_factory.mktemp("collection") / "collection.parquet")


def check_refused(
    main: Main, runner: type[FaultyRunner], old: Path, output: Path, capsys: pytest.CaptureFixture[str], **flags: object
) -> str:
    """Run a job on a faulty runner over an old output; return the line that it ends with."""
    shutil.copytree(old, output)
    before = whole_folder(output)
    capsys.readouterr()
    argv = [*flags_of({**flags, "output": output, "partitions": PARTITIONS})]
    argv.append(f"--runner={faulty_runners.__name__}.{runner.__name__}")
    assert run_main(main, argv) == EXIT_FAILED
    line = capsys.readouterr().err
    assert line.startswith("failed: ")
    assert line.count("\n") == 1, line
    after = {name: content for name, content in whole_folder(output).items() if manifest.FAILED not in name}
    assert after == before
    return line


@pytest.mark.parametrize("runner", [*LOSSES, *DOUBLES])
def test_aggregate_clicks(
    runner: type[FaultyRunner],
    logs: Path,
    evidence: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    line = check_refused(aggregate_clicks.main, runner, evidence, tmp_path / "out", capsys, clicks=logs)
    assert "run it again" in line


@pytest.fixture(scope="module")
def old_labels(evidence: Path, collection: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Labels of a run with another setting."""
    output = tmp_path_factory.mktemp("labels") / "out"
    succeed(derive_labels.main, evidence=evidence, collection=collection, min_query_users=2, output=output)
    return output


@pytest.mark.parametrize("runner", [LosesAPartition, LosesASlice, DoublesASlice, MixesSlices])
def test_derive_labels(
    runner: type[FaultyRunner],
    evidence: Path,
    collection: Path,
    old_labels: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The number of images comes out right in each of these, and labels would be wrong."""
    inputs = {"evidence": evidence, "collection": collection}
    line = check_refused(derive_labels.main, runner, old_labels, tmp_path / "out", capsys, **inputs)
    assert "run it again" in line


def test_without_a_fault_it_is_the_local_runner(
    logs: Path, evidence: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The wrapper itself changes nothing."""

    flags = {"clicks": logs, "output": tmp_path / "out", "partitions": PARTITIONS}
    argv = [*flags_of(flags), f"--runner={faulty_runners.__name__}.Faultless"]
    assert run_main(aggregate_clicks.main, argv) == 0, capsys.readouterr().err
    whole = {name: content for name, content in whole_folder(evidence).items() if name.endswith(".parquet")}
    found = {name: content for name, content in whole_folder(tmp_path / "out").items() if name.endswith(".parquet")}
    assert list(found.values()) == list(whole.values())


class TestBalance:
    """The sums alone."""

    GOOD: ClassVar = {"_shards:clicks": 2, "_sent:clicks": 3, "_received:clicks": 3, "rows": 5}

    def test_internal_counters_are_not_published(self) -> None:
        assert check_balance(self.GOOD, {"clicks": 2}, stage="job") == {"rows": 5}

    def test_a_table_that_nobody_sent_or_got(self) -> None:
        with pytest.raises(JobError, match="job: the engine read 0 pieces of users, of 4; run it again"):
            check_balance(self.GOOD, {"clicks": 2, "users": 4}, stage="job")
        with pytest.raises(JobError, match="3 slices of clicks were sent, 0 arrived"):
            check_balance({"_sent:clicks": 3}, {}, stage="job")
        with pytest.raises(JobError, match="0 slices of clicks were sent, 3 arrived"):
            check_balance({"_received:clicks": 3}, {}, stage="job")

    def test_the_right_number_of_the_wrong_slices(self) -> None:
        wrong = {**self.GOOD, "_sent_digests:clicks": 7, "_received_digests:clicks": 8}
        with pytest.raises(JobError, match="3 slices of clicks were sent, others arrived"):
            check_balance(wrong, {"clicks": 2}, stage="job")
