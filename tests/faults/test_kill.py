"""SIGKILL at any moment: readers see the old output or the new one, and the next run ends as if nothing had been."""

import json
import random
import shutil
import signal
import threading
import time
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from beam_jobs.blocks import manifest
from beam_jobs.blocks.manifest import Manifest
from beam_jobs.blocks.write import write_file
from tests.beam_jobs.conftest import whole_folder
from tests.beam_jobs.test_safety import write_log
from tests.faults.conftest import Server
from tests.faults.tiny import ROWS

MOMENTS = 20
SEED = 4
MOST_STEPS = 200
"""Far more than the steps of any job here: a loop over them must end."""
TABLES = {"tiny": ("numbers", "days"), "aggregate_clicks": ("clicks", "impressions", "users")}


def tables_of(output: Path, stage: str) -> list[pa.Table] | None:
    """Return what a reader sees; None where nothing was committed."""
    if manifest.read_manifest(str(output)) is None:
        return None
    return [manifest.read_table(str(output), table) for table in TABLES[stage]]


def left_over(output: Path) -> set[str]:
    """Return what is in an output beside what its manifest lists."""
    done = manifest.require(str(output))
    listed = {file.path for table in done.tables.values() for file in table}
    found = {path.relative_to(output).as_posix() for path in output.rglob("*") if path.is_file()}
    empty = {
        path.relative_to(output).as_posix() for path in output.rglob("*") if path.is_dir() and not [*path.iterdir()]
    }
    return (found | empty) - listed - {manifest.MANIFEST, manifest.RUN}


class TestEveryStep:
    """Each step that changes a file, the middle of a file's content too, is the last one once."""

    @pytest.mark.parametrize(
        ("committed", "named", "temp"),
        [(False, True, False), (True, True, True), (True, False, False)],
        ids=["into an empty folder", "over an old commit", "over equal names with other bytes"],
    )
    def test_old_or_new_and_the_same_end(
        self, committed: bool, named: bool, temp: bool, server: Server, tmp_path: Path
    ) -> None:
        words = [json.dumps(named), *([str(tmp_path / "temp")] if temp else [])]
        start = tmp_path / "start"
        start.mkdir()
        if committed:
            assert server.run("tiny", [start, 1, *words]).code == 0
        undisturbed = shutil.copytree(start, tmp_path / "undisturbed")
        assert server.run("tiny", [undisturbed, 2, *words]).code == 0
        old, new = tables_of(start, "tiny"), tables_of(undisturbed, "tiny")
        seen_old = seen_new = 0
        for step in range(1, MOST_STEPS):
            output = shutil.copytree(start, tmp_path / f"out{step}")
            ended = server.run("tiny", [output, 2, *words], kill_at=step)
            if ended.code == 0:
                break
            assert ended.code == -signal.SIGKILL, ended.said
            seen = tables_of(output, "tiny")
            assert seen in (old, new)
            seen_old, seen_new = seen_old + (seen == old), seen_new + (seen == new)
            again = server.run("tiny", [output, 2, *words])
            assert again.code == 0, again.said
            assert left_over(output) == set()
            assert tables_of(output, "tiny") == new
            if named or not committed:
                assert whole_folder(output) == whole_folder(undisturbed)
            assert not temp or not list((tmp_path / "temp").iterdir())
            shutil.rmtree(output)
        assert seen_old > 10
        assert seen_new >= 3

    def test_a_skipped_run_tidies_up_too(self, server: Server, tmp_path: Path) -> None:
        """A kill right after the commit: the next run finds its work done, and the mess."""
        output, words = tmp_path / "out", ["true", tmp_path / "temp"]
        assert server.run("tiny", [output, 1, *words]).code == 0
        for step in range(1, MOST_STEPS, 3):
            if server.run("tiny", [output, 2 + step % 2, *words], kill_at=step).code == 0:
                break
            again = server.run("tiny", [output, 2 + step % 2, *words, "skip unchanged"])
            assert again.code == 0, again.said
            assert left_over(output) == set()
            assert not list((tmp_path / "temp").iterdir())


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("log")
    write_log(folder / "old" / "log.parquet", [date(2026, 1, 1), date(2026, 1, 2)], users=3)
    write_log(folder / "new" / "log.parquet", [date(2026, 1, 2), date(2026, 1, 3)], users=9)
    return folder


@pytest.mark.parametrize("committed", [False, True], ids=["empty folder", "old commit"])
def test_a_job_at_random_moments(committed: bool, log: Path, server: Server, tmp_path: Path) -> None:
    """The real job on the real engine, killed at ten moments of its time, up to three times in a row."""
    moments = random.Random(SEED + committed)
    start = tmp_path / "start"
    start.mkdir()
    if committed:
        assert server.run("aggregate_clicks", ["--clicks", log / "old", "--output", start]).code == 0
    undisturbed = shutil.copytree(start, tmp_path / "undisturbed")
    flags = ["--clicks", log / "new", "--output"]
    whole = server.run("aggregate_clicks", [*flags, undisturbed])
    assert whole.code == 0, whole.said
    old, new = tables_of(start, "aggregate_clicks"), tables_of(undisturbed, "aggregate_clicks")
    killed, seconds, output = 0, whole.seconds, tmp_path / "out"
    shutil.copytree(start, output)
    while killed < MOMENTS // 2:
        after = moments.uniform(0, seconds)
        ended = server.run("aggregate_clicks", [*flags, output], signal=signal.SIGKILL, signal_after=after)
        killed += ended.code == -signal.SIGKILL
        seconds = min(seconds, ended.seconds) if ended.code == 0 else seconds  # other work may have slowed it
        assert tables_of(output, "aggregate_clicks") in (old, new)
        if ended.code == 0 or moments.random() < 1 / 3:
            assert server.run("aggregate_clicks", [*flags, output]).code == 0
            assert whole_folder(output) == whole_folder(undisturbed)
            assert left_over(output) == set()
            shutil.rmtree(output)
            shutil.copytree(start, output)
    assert server.run("aggregate_clicks", [*flags, output]).code == 0
    assert whole_folder(output) == whole_folder(undisturbed)
    assert left_over(output) == set()


def test_readers_of_a_table_that_changes_see_whole_ones(tmp_path: Path) -> None:
    """A commit removes the files of the last one; who had read the old manifest reads the new one."""
    output, stop = str(tmp_path), threading.Event()

    def publish(version: int) -> None:
        table = pa.table([["a", "b"], [version, version]], schema=ROWS)
        written = [
            write_file(table, output=output, name="t", index=n, count=4, run_key=f"v{version}", schema=ROWS)
            for n in range(4)
        ]
        manifest.commit(output, Manifest("tiny", 1, f"v{version}", {"t": written}, {}, {}, {}))

    def publish_all() -> None:
        version = 1
        while not stop.is_set():
            version += 1
            publish(version)

    publish(1)
    writer = threading.Thread(target=publish_all)
    writer.start()
    try:
        seen: list[set[int]] = []
        end = time.monotonic() + 20
        while len(set().union(*seen)) < 8 and time.monotonic() < end:
            seen.append(set(manifest.read_table(output, "t")["value"].to_pylist()))
    finally:
        stop.set()
        writer.join()
    assert [versions for versions in seen if len(versions) != 1] == []
    assert len(set().union(*seen)) >= 8


def test_a_file_that_someone_removed_is_named(tmp_path: Path) -> None:
    table = pa.table([["a"], [1]], schema=ROWS)
    written = write_file(table, output=str(tmp_path), name="t", index=0, count=1, run_key="k", schema=ROWS)
    manifest.commit(str(tmp_path), Manifest("tiny", 1, "k", {"t": [written]}, {}, {}, {}))
    (tmp_path / written.path).unlink()
    with pytest.raises(manifest.UsageError, match=r"part-00000-of-00001-k\.parquet is listed .* run tiny again"):
        manifest.read_table(str(tmp_path), "t")
