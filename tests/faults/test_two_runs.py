"""Two runs into one output never mix: the second is refused with the owner and its age; a dead owner locks nothing."""

import contextlib
import json
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from beam_jobs.blocks import files, lock, manifest, recovery
from beam_jobs.blocks.failures import JobError
from beam_jobs.blocks.flags import Common, run_main
from beam_jobs.blocks.launch import run_job
from beam_jobs.blocks.lock import HEARTBEAT, LOCK, STALE
from tests.beam_jobs.blocks.test_launch import GO_ON, numbers
from tests.beam_jobs.conftest import sums_job, whole_folder, write_table

ROOT = Path(__file__).resolve().parents[2]
HOLD = """
import sys, time
from beam_jobs.blocks.lock import lock
with lock(sys.argv[1]):
    print("held", flush=True)
    time.sleep(60)
"""


@contextlib.contextmanager
def holder(output: Path) -> Iterator[subprocess.Popen[str]]:
    """Let another process hold the lock of `output`."""
    output.mkdir(exist_ok=True)
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(output)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def leave(output: Path, *, beat: float = 0.0, **owner: object) -> Path:
    """Leave a lock file as a dead run does, last alive `beat` seconds ago."""
    output.mkdir(exist_ok=True)
    path = output / LOCK
    path.write_text(json.dumps({"pid": 1, "host": platform.node(), "since": time.time() - 300, **owner}))
    os.utime(path, (time.time() - beat, time.time() - beat))
    return path


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_table(numbers(), tmp_path_factory.mktemp("numbers") / "a.parquet")


class TestOnThisMachine:
    def test_the_second_run_names_the_first_and_leaves_all_as_it_is(
        self, source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        output = tmp_path / "out"
        run_job(sums_job(source), output=str(output), common=GO_ON)
        before = whole_folder(output)
        with holder(output) as first:

            def main(argv: object) -> int:
                run_job(sums_job(source, version=2), output=str(output), common=GO_ON)
                return 0

            now = time.time()
            monkeypatch.setattr(lock.time, "time", lambda: now + 600)
            assert run_main(main, []) == 1
            line = capsys.readouterr().err
            assert f"{output} is being written by process {first.pid} on this machine for 10 minutes; wait" in line
            assert line.count("\n") == 1
            owned = whole_folder(output)
            assert json.loads(owned.pop(LOCK))["pid"] == first.pid
            assert owned == before

    def test_a_killed_owner_locks_nothing(self, source: Path, tmp_path: Path) -> None:
        output = tmp_path / "out"
        with holder(output) as first:
            first.send_signal(signal.SIGKILL)
            first.wait()
            assert (output / LOCK).exists()
            run_job(sums_job(source), output=str(output), common=GO_ON)
        assert not (output / LOCK).exists()

    def test_a_lock_that_names_a_living_process_by_chance_locks_nothing(self, tmp_path: Path) -> None:
        """Process ids come again, in containers at once."""
        for pid in (os.getpid(), os.getppid(), 1):
            leave(tmp_path / "out", pid=pid)
            with lock.lock(str(tmp_path / "out")):
                pass

    def test_another_container_of_this_machine_locks_nothing_when_dead(self, tmp_path: Path) -> None:
        machine = lock._machine()
        if machine is None:
            pytest.skip("this system has no boot id")
        leave(tmp_path / "out", host="3f1c9a", machine=machine)
        with lock.lock(str(tmp_path / "out")):
            pass

    def test_half_written_is_of_a_dead_run(self, tmp_path: Path) -> None:
        (tmp_path / LOCK).write_text("{")
        with lock.lock(str(tmp_path)):
            assert json.loads((tmp_path / LOCK).read_text())["pid"] == os.getpid()

    def test_threads_of_one_process_are_two_runs(self, tmp_path: Path) -> None:
        with lock.lock(str(tmp_path)):
            with pytest.raises(JobError, match=f"process {os.getpid()} on this machine for 0 seconds"):
                lock._LocalLock(str(tmp_path))
            assert (tmp_path / LOCK).exists()
        assert not (tmp_path / LOCK).exists()

    def test_is_released_after_a_failure(self, source: Path, tmp_path: Path) -> None:
        with pytest.raises(JobError):
            run_job(sums_job(source), output=str(tmp_path / "out"), common=Common())
        assert not (tmp_path / "out" / LOCK).exists()


class TestOnAnotherMachine:
    def test_is_respected_while_it_gives_signs_of_life(self, tmp_path: Path) -> None:
        leave(tmp_path / "out", pid=77, host="elsewhere", beat=STALE / 2)
        with pytest.raises(JobError, match=r"process 77 on elsewhere for 5 minutes.*beam_jobs\.blocks\.lock .*out"):
            lock._LocalLock(str(tmp_path / "out"))

    def test_is_taken_over_without_them(self, tmp_path: Path) -> None:
        leave(tmp_path / "out", host="elsewhere", beat=STALE + 1)
        with lock.lock(str(tmp_path / "out")):
            assert json.loads((tmp_path / "out" / LOCK).read_text())["pid"] == os.getpid()

    def test_the_command_removes_it(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        leave(tmp_path / "out", host="elsewhere")
        assert run_main(lock.main, [str(tmp_path / "out")]) == 0
        assert not (tmp_path / "out" / LOCK).exists()
        assert run_main(lock.main, [str(tmp_path / "out")]) == 2
        assert "is not locked" in capsys.readouterr().err

    def test_the_command_does_not_remove_that_of_a_living_run_here(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with holder(tmp_path / "out") as first:
            assert run_main(lock.main, [str(tmp_path / "out")]) == 1
            assert f"process {first.pid} on this machine" in capsys.readouterr().err

    def test_the_owner_gives_signs_of_life(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(lock, "HEARTBEAT", 0.01)
        with lock.lock(str(tmp_path)):
            os.utime(tmp_path / LOCK, (0, 0))
            end = time.monotonic() + 10
            while (tmp_path / LOCK).stat().st_mtime == 0 and time.monotonic() < end:
                time.sleep(0.01)
            assert time.time() - (tmp_path / LOCK).stat().st_mtime < 60
        assert STALE >= 5 * HEARTBEAT


class TestRemote:
    OUTPUT = "memory://locked/out"

    @pytest.fixture(autouse=True)
    def empty(self) -> Iterator[None]:
        yield
        recovery.remove_folder("memory://locked")

    def leave(self, *, beat: float) -> None:
        owner = {"pid": 7, "host": "elsewhere", "since": time.time() - 7200, "beat": time.time() - beat, "token": "x"}
        files.write_atomic(f"{self.OUTPUT}/{LOCK}", json.dumps(owner).encode())

    def test_the_second_run_is_refused(self, source: Path) -> None:
        refused = pytest.raises(JobError, match=f"process {os.getpid()} on this machine for 0 seconds")
        with lock.lock(self.OUTPUT), refused:
            run_job(sums_job(source), output=self.OUTPUT, common=GO_ON)
        run_job(sums_job(source), output=self.OUTPUT, common=GO_ON)
        assert not files.exists(f"{self.OUTPUT}/{LOCK}")

    def test_signs_of_life_decide(self) -> None:
        self.leave(beat=STALE / 2)
        with pytest.raises(JobError, match=r"process 7 on elsewhere for 120 minutes; .*wait 5 minutes or: python"):
            lock._RemoteLock(self.OUTPUT)
        self.leave(beat=STALE + 1)
        with lock.lock(self.OUTPUT) as held:
            held.check()

    def test_the_command_removes_it(self) -> None:
        self.leave(beat=0)
        assert run_main(lock.main, [self.OUTPUT]) == 0
        with lock.lock(self.OUTPUT):
            pass

    def test_a_run_that_slept_too_long_publishes_nothing(self, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Another run took the lock over: its files and its lock stay as they are."""
        run_job(sums_job(source), output=self.OUTPUT, common=GO_ON)
        before = manifest.read_table(self.OUTPUT, "sums")
        checked = manifest.verify_files

        def asleep(*args: object) -> None:
            checked(*args)  # type: ignore[arg-type]
            self.leave(beat=0)

        monkeypatch.setattr(manifest, "verify_files", asleep)
        with pytest.raises(JobError, match="another run took the lock"):
            run_job(sums_job(source, version=2), output=self.OUTPUT, common=GO_ON)
        assert manifest.read_table(self.OUTPUT, "sums").equals(before)
        assert json.loads(files.read_bytes(f"{self.OUTPUT}/{LOCK}"))["pid"] == 7


class TestTemp:
    def test_outputs_that_share_a_temp_folder_do_not_collide(self, tmp_path: Path) -> None:
        first, second = (recovery.temp_folder(str(tmp_path / name), "sums", str(tmp_path)) for name in "ab")
        assert first != second
        assert recovery.temp_folder(f"{tmp_path}/a/", "sums", str(tmp_path)) == first
        assert recovery.temp_folder(os.path.relpath(tmp_path / "a"), "sums", str(tmp_path)) == first

    @pytest.mark.parametrize("temp", ["local", "memory://temp"])
    def test_what_a_crashed_run_left_is_removed(self, temp: str, source: Path, tmp_path: Path) -> None:
        temp = str(tmp_path / temp) if temp == "local" else temp
        left = recovery.temp_folder(str(tmp_path / "out"), "sums", temp)
        files.write_atomic(f"{left}/slices/old", b"x")
        run_job(sums_job(source), output=str(tmp_path / "out"), common=Common(temp=temp, max_failure_rate=1.0))
        assert not files.exists(left)
