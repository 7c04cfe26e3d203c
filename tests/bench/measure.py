"""Measure one function in a process of its own: time of the work, wall, CPU and memory of all its processes."""

import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SAMPLE_S = 0.05
"""Between two looks at the memory of a run's processes."""
LIMIT_S = 3600.0
"""A run that takes longer is ended and fails: nothing here may hang."""


class BenchError(RuntimeError):
    """A contender failed, or two disagree."""


@dataclass(frozen=True)
class Contender:
    """Who runs: a name for the table, ``module:function``, and its arguments besides ``output`` and ``threads``."""

    name: str
    function: str
    arguments: Mapping[str, object] = field(default_factory=dict)
    threads: int = 1
    once: bool = False
    """Runs in the first round only: too slow to repeat."""


@dataclass(frozen=True)
class Run:
    """One run. Seconds and bytes.

    Attributes:
        seconds: of the work, after imports.
        wall: from the start of the interpreter to its end.
        cpu: user and system time of the work, child processes that ended included.
        peak: most resident memory at one time, summed over the processes; pages that they share count twice. The
            system's own mark of the first process, a sample every ``SAMPLE_S`` for all of them.
        anonymous: the same without mapped files, which the system may drop; 0 where it is unknown.
        profile: see ``tests.bench.profiler``; None where it was not asked for.
    """

    seconds: float
    wall: float
    cpu: float
    peak: int
    anonymous: int
    profile: Mapping[str, Any] | None


def run_worker(contender: Contender, *, output: Path, profile: bool = False) -> Run:
    """Run a contender into the new folder `output`, in a fresh interpreter with its number of threads.

    Raises:
        BenchError: it failed or took longer than ``LIMIT_S``; the message ends with what it said.
    """
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    threads = str(contender.threads)
    environment = {
        **os.environ,
        "POLARS_MAX_THREADS": threads,
        "OMP_NUM_THREADS": threads,  # Arrow's pool too
        "OPENBLAS_NUM_THREADS": threads,
        "OMP_WAIT_POLICY": "PASSIVE",  # threads that spin while they wait take the cores from decoding processes
    }
    with tempfile.TemporaryDirectory() as folder:
        result, said = Path(folder, "result.json"), Path(folder, "said.txt")
        spec = {
            "function": contender.function,
            "arguments": {**contender.arguments, "output": str(output), "threads": contender.threads},
            "threads": contender.threads,
            "result": str(result),
            "profile": profile,
        }
        command = [sys.executable, "-m", "tests.bench.worker", json.dumps(spec)]
        with said.open("wb") as log:
            started = time.perf_counter()
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
            try:
                code, peak, anonymous = _wait(process, deadline=started + LIMIT_S)
            except BaseException:
                _kill(process)
                raise
            wall = time.perf_counter() - started
        if code or not result.exists():
            tail = said.read_text(errors="replace").strip()[-2000:]
            raise BenchError(f"{contender.name} ended with {code} after {wall:.0f} s:\n{tail}")
        told = json.loads(result.read_text())
    return Run(
        seconds=told["seconds"],
        wall=wall,
        cpu=told["cpu"],
        peak=max(peak, told["peak"]),
        anonymous=anonymous,
        profile=told["profile"],
    )


def race(
    contenders: Sequence[Contender],
    *,
    repeats: int,
    scratch: Path,
    check: Callable[[Mapping[str, Path]], None],
    tell: Callable[[str], None],
) -> dict[str, list[Run]]:
    """Run the contenders in turn, `repeats` rounds; `check` gets all outputs of the first round by name."""
    runs: dict[str, list[Run]] = {contender.name: [] for contender in contenders}
    outputs = {contender.name: scratch / f"output-{n}" for n, contender in enumerate(contenders)}
    for turn in range(repeats):
        for contender in contenders:
            if turn and contender.once:
                continue
            os.sync()  # what the last one wrote must not slow the next one down
            done = run_worker(contender, output=outputs[contender.name])
            runs[contender.name].append(done)
            tell(f"{contender.name}: {done.seconds:.2f} s, {done.peak / 1e6:,.0f} MB")
        if turn == 0:
            check(outputs)
        for output in outputs.values():
            shutil.rmtree(output, ignore_errors=True)
    return runs


def median_seconds(runs: Sequence[Run]) -> float:
    """Return the median time of the work."""
    return statistics.median(run.seconds for run in runs)


def _wait(process: "subprocess.Popen[bytes]", *, deadline: float) -> tuple[int, int, int]:
    """Wait for the end; return exit code, most resident memory of all processes at once, and that without files."""
    peak = anonymous = 0
    while process.poll() is None:
        resident, private = _memory_of_tree(process.pid)
        peak, anonymous = max(peak, resident), max(anonymous, private)
        if time.perf_counter() > deadline:
            raise BenchError(f"a run took longer than {LIMIT_S:.0f} s; it was ended")
        time.sleep(SAMPLE_S)
    return process.returncode, peak, anonymous


def _memory_of_tree(root: int) -> tuple[int, int]:
    """Return the resident and the anonymous bytes of a process and its descendants; zeros without ``/proc``."""
    resident = anonymous = 0
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        try:
            status = Path(f"/proc/{pid}/status").read_text()
            for task in Path(f"/proc/{pid}/task").iterdir():
                waiting += [int(child) for child in (task / "children").read_text().split()]
        except (OSError, ValueError):  # it ended meanwhile, or there is no /proc here
            continue
        lines = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
        resident += int(lines.get("VmRSS", "0 kB").split()[0]) * 1024
        anonymous += int(lines.get("RssAnon", "0 kB").split()[0]) * 1024
    return resident, anonymous


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """End a run and the processes that it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    except ProcessLookupError:
        return
