"""Runs one function in a fresh interpreter and writes what it took: ``python -m tests.bench.worker SPEC``.

SPEC is JSON: function (``module:name``), arguments, threads, result (a path), profile. Threads are bounded by the
process's CPU affinity where the system has that, so every library, and child processes, keep to them.
"""

import importlib
import json
import os
import resource
import sys
import time
from pathlib import Path


def main(argv: list[str]) -> None:
    """Run the function that argv[0] describes."""
    spec = json.loads(argv[0])
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: spec["threads"]])
    module, name = spec["function"].split(":")
    function = getattr(importlib.import_module(module), name)
    samples = None
    if spec["profile"]:
        from tests.bench.profiler import Sampler

        samples = Sampler()
    started, cpu_started = time.perf_counter(), _cpu_seconds()
    with samples or _Nothing():
        function(**spec["arguments"])
    seconds, cpu = time.perf_counter() - started, _cpu_seconds() - cpu_started
    told = {"seconds": seconds, "cpu": cpu, "peak": _peak_bytes(), "profile": samples.report() if samples else None}
    Path(spec["result"]).write_text(json.dumps(told))


class _Nothing:
    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


def _cpu_seconds() -> float:
    """Return user and system time of this process and of its children that have ended."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def _peak_bytes() -> int:
    """Return the most memory that this process had.

    By Linux's VmHWM where it is: ``ru_maxrss`` of a new process begins with the memory of the one that started it.
    """
    try:
        status = Path("/proc/self/status").read_text()
        return int(status.split("VmHWM:", 1)[1].split()[0]) * 1024
    except (OSError, IndexError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main(sys.argv[1:])
