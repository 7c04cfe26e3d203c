"""Helper processes that may die, and a job that does not."""

import functools
import os
import pickle
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from beam_jobs.pictures.sandbox import START_TRIES, Refused, Sandbox, SandboxError, _Helper
from tests.beam_jobs.pictures import deadly

SLOW = 30.0  # seconds that no test should need


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox[str, str]]:
    with Sandbox(deadly.act, processes=2, seconds=SLOW, memory_bytes=300_000_000) as pool:
        yield pool


def ran(sandbox: Sandbox[str, str], *batches: Sequence[str]) -> list[list[str | Refused]]:
    return [list(results) for results in sandbox.map(batches)]


def gone(pid: int) -> bool:
    """Whether a process ends within some seconds."""
    for _ in range(100):
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
                if stat.read().rpartition(")")[2].split()[0] == "Z":
                    return True
        except OSError:
            return True
        time.sleep(0.1)
    return False


def test_results_are_the_functions_in_order(sandbox: Sandbox[str, str]) -> None:
    batches = [[f"sleep {0.05 * (n % 2)}", f"x{n}"] for n in range(9)] + [[]]
    assert ran(sandbox, *batches) == [[item.upper() for item in batch] for batch in batches]


@pytest.mark.parametrize(
    ("culprit", "reason", "detail"),
    [
        ("abort", "decoder_crash", "SIGABRT"),
        ("segfault", "decoder_crash", "SIGSEGV"),
        ("exit 0", "decoder_crash", "exit code 0"),
        ("exit 7", "decoder_crash", "exit code 7"),
        ("kill", "memory_limit", "killed"),
        ("eat", "memory_limit", "0.30 GB"),
        ("memory", "memory_limit", "0.30 GB"),
    ],
)
def test_the_culprit_alone_is_refused(sandbox: Sandbox[str, str], culprit: str, reason: str, detail: str) -> None:
    first, second = ran(sandbox, ["a", culprit, "b"], ["c"])
    assert (first[0], first[2], second) == ("A", "B", ["C"])
    assert isinstance(first[1], Refused)
    assert first[1].reason == reason
    assert detail in first[1].detail


@pytest.mark.parametrize("culprit", ["hang", "spin"])
def test_a_hang_ends_at_the_limit(culprit: str) -> None:
    with Sandbox(deadly.act, processes=1, seconds=0.5) as pool:
        ran(pool, ["warm up"])
        start = time.monotonic()
        results = ran(pool, ["a", culprit, "b"])
    assert results == [["A", Refused("time_limit", "no answer in 0.5 s"), "B"]]
    assert time.monotonic() - start < 15


def test_who_fails_once_has_a_second_chance(sandbox: Sandbox[str, str], tmp_path: Path) -> None:
    one, two = f"once {tmp_path / 'one'}", f"once {tmp_path / 'two'}"
    assert ran(sandbox, ["a", one], [two]) == [["A", one.upper()], [two.upper()]]


@pytest.mark.parametrize("killed", [START_TRIES - 1, START_TRIES])
def test_a_helper_killed_while_it_starts_is_started_again(killed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    start = _Helper.start
    started: list[_Helper] = []

    def start_or_die(helper: _Helper, task: bytes) -> None:
        started.append(helper)
        if len(started) <= killed:
            helper.process.kill()
            helper.process.wait()
        start(helper, task)

    monkeypatch.setattr(_Helper, "start", start_or_die)
    with Sandbox(deadly.act, processes=1) as pool:
        if killed < START_TRIES:
            assert ran(pool, ["a"]) == [["A"]]
        else:
            with pytest.raises(SandboxError, match="does not start"):
                ran(pool, ["a"])
    assert len(started) == START_TRIES


def test_helpers_stay_between_batches_and_are_no_more_than_allowed(sandbox: Sandbox[str, str]) -> None:
    pids = {str(results[0]) for results in ran(sandbox, *[["pid"]] * 12)}
    assert len(pids) <= 2
    assert str(os.getpid()) not in pids
    again = {str(results[0]) for results in ran(sandbox, *[["pid"]] * 12)}
    assert again & pids
    assert len(again | pids) <= 2


def test_many_threads_share_the_helpers(sandbox: Sandbox[str, str]) -> None:
    found: dict[int, list[list[str | Refused]]] = {}

    def work(thread: int) -> None:
        found[thread] = ran(sandbox, *([f"t{thread} {n}", "abort" if n == 3 else "b"] for n in range(6)))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    for thread, results in found.items():
        assert [row[0] for row in results] == [f"T{thread} {n}" for n in range(6)]
        assert [isinstance(row[1], Refused) for row in results] == [n == 3 for n in range(6)]
    assert len(found) == 5


def test_a_helper_outlives_the_thread_that_started_it() -> None:
    pids: list[str | Refused] = []
    with Sandbox(deadly.act, processes=1) as pool:
        for _ in range(2):
            thread = threading.Thread(target=lambda: pids.extend(ran(pool, ["pid"])[0]))
            thread.start()
            thread.join(60)
            time.sleep(0.2)
    assert len(pids) == 2
    assert pids[0] == pids[1]


def test_batches_are_read_lazily(sandbox: Sandbox[str, str]) -> None:
    read: list[int] = []

    def endless() -> Iterator[list[str]]:
        n = 0
        while True:
            read.append(n)
            yield [str(n)]
            n += 1

    results = sandbox.map(endless())
    assert read == []
    assert [next(results) for _ in range(4)] == [["0"], ["1"], ["2"], ["3"]]
    assert len(read) <= 4 + 3
    results.close()  # type: ignore[attr-defined]
    assert ran(sandbox, ["after"]) == [["AFTER"]]


def test_an_error_of_the_function_is_an_error_here(sandbox: Sandbox[str, str]) -> None:
    with pytest.raises(SandboxError, match=r"(?s)Traceback.*deadly\.py.*KeyError: 'planted'"):
        ran(sandbox, ["a", "raise planted"])
    with pytest.raises(SandboxError, match="SystemExit"):
        ran(sandbox, ["leave"])
    assert ran(sandbox, ["after"]) == [["AFTER"]]


def test_results_must_be_as_many_as_the_items_and_pickle() -> None:
    with Sandbox(deadly.half, processes=1) as pool, pytest.raises(SandboxError, match="made 1 results of 2 items"):
        list(pool.map([["a", "b"]]))
    with Sandbox(deadly.lambdas, processes=1) as odd, pytest.raises(SandboxError, match="lambda"):
        list(odd.map([["a"]]))


def test_an_item_that_cannot_be_pickled_is_an_error_and_the_pool_goes_on() -> None:
    with Sandbox[object, str](deadly.act, processes=1) as pool:  # type: ignore[arg-type]
        with pytest.raises((AttributeError, TypeError, pickle.PicklingError)):
            list(pool.map([[lambda: 1]]))
        assert list(pool.map([["a"]])) == [["A"]]


def test_big_batches_and_results_pass() -> None:
    with Sandbox(functools.partial(deadly.sizes, factor=3), processes=2) as pool:
        batches = [[bytes([n]) * 20_000_000] for n in range(4)]
        assert [len(results[0]) for results in pool.map(batches)] == [60_000_000] * 4  # type: ignore[arg-type]


def test_a_helper_cannot_be_interrupted_or_heard(sandbox: Sandbox[str, str], capfd: pytest.CaptureFixture[str]) -> None:
    assert ran(sandbox, ["noise", "interrupt", "segfault"])[0][:2] == ["NOISE", "INTERRUPT"]
    assert capfd.readouterr() == ("", "")


def test_only_what_a_helper_can_import_is_taken() -> None:
    with pytest.raises(ValueError, match="give a function of a module"):
        Sandbox(lambda batch: batch, processes=1)
    function = functools.partial(deadly.act)
    main = type(deadly.act)(deadly.act.__code__, {}, "act")
    main.__module__ = "__main__"
    with pytest.raises(ValueError, match="program's own file"):
        Sandbox(functools.partial(main), processes=1)
    for wrong in ({"processes": 0}, {"seconds": 0.0}, {"seconds": float("nan")}, {"memory_bytes": 0}):
        with pytest.raises(ValueError, match="a sandbox needs"):
            Sandbox(function, **({"processes": 1} | wrong))  # type: ignore[arg-type]
    with Sandbox(function, processes=1) as pool, pytest.raises(TypeError, match="DoFn"):
        pickle.dumps(pool)


def test_close_ends_helpers_and_whoever_waits() -> None:
    pool = Sandbox(deadly.act, processes=1, seconds=SLOW)
    pid = int(str(ran(pool, ["pid"])[0][0]))
    failures: list[str] = []

    def wait() -> None:
        try:
            ran(pool, ["sleep 60"], ["x"])
        except SandboxError as error:
            failures.append(str(error))

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.3)
    pool.close()
    pool.close()
    thread.join(20)
    assert len(failures) == 1
    assert "closed" in failures[0]
    assert gone(pid)
    with pytest.raises(SandboxError, match="closed"):
        ran(pool, ["x"])


def test_a_forgotten_sandbox_leaves_no_process() -> None:
    pool = Sandbox(deadly.act, processes=1)
    pid = int(str(ran(pool, ["pid"])[0][0]))
    del pool
    assert gone(pid)


SCRIPT = """
import os, sys, time
sys.path.insert(0, {root!r})
print("main", flush=True)
from beam_jobs.pictures.sandbox import Sandbox
from tests.beam_jobs.pictures import deadly
pool = Sandbox(deadly.act, processes=2, seconds=30.0)
print(*[list(r)[0] for r in pool.map([["pid"]])], flush=True)
results = pool.map([["{item}"], ["b"]])
{then}
"""


def script(path: Path, item: str, then: str) -> Path:
    root = str(Path(__file__).resolve().parents[3])
    path.write_text(SCRIPT.format(root=root, item=item, then=textwrap.dedent(then)), encoding="utf-8")
    return path


def test_a_script_without_a_guard_runs_once(tmp_path: Path) -> None:
    file = script(tmp_path / "script.py", "a", "print(*[list(r) for r in results])")
    done = subprocess.run([sys.executable, file], capture_output=True, text=True, timeout=60, check=True)
    lines = done.stdout.splitlines()
    assert (lines[0], lines[2:], done.stderr) == ("main", ["['A'] ['B']"], "")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize(("item", "limit"), [("idle", 30.0), ("spin", 1.0)])
def test_helpers_die_with_their_parent(tmp_path: Path, item: str, limit: float) -> None:
    """Idle ones see the end of their pipe; one that spins is ended by the kernel at its limit."""
    then = "import threading; threading.Thread(target=next, args=(results,), daemon=True).start(); time.sleep(60)"
    file = script(tmp_path / "script.py", item, then)
    file.write_text(file.read_text(encoding="utf-8").replace("seconds=30.0", f"seconds={limit}"), encoding="utf-8")
    with subprocess.Popen([sys.executable, file], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "main\n"
        pid = int(parent.stdout.readline())
        time.sleep(0.5)
        assert not _is_gone_now(pid)
        parent.kill()
    assert gone(pid)


def _is_gone_now(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()
