"""What the benchmarks found: tables for people, JSON for machines."""

import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench.benches import Result
from tests.bench.measure import Run, median_seconds

_VERSIONS = ("apache-beam", "duckdb", "numpy", "polars", "pyarrow")


def machine() -> dict[str, object]:
    """Return what decides the figures: processor, cores, memory, system and versions."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        **{name: version(name) for name in _VERSIONS},
    }


def print_results(console: Console, results: Sequence[Result]) -> None:
    """Print one table of all results, a table of phases for each that was profiled, and the machine."""
    table = Table("bench", "rows", "who", "threads", "seconds", "of cpu", "with start", "rows/s", "peak MB", "ratio")
    for result in results:
        first = next(iter(result.runs))
        for name, runs in result.runs.items():
            table.add_row(
                result.bench if name == first else "",
                f"{result.rows:,}" if name == first else "",
                name,
                str(result.threads[name]),
                _spread(runs),
                f"{statistics.median(run.cpu for run in runs):.2f}",
                f"{statistics.median(run.wall for run in runs):.2f}",
                f"{result.rows / median_seconds(runs):,.0f}",
                f"{max(run.peak for run in runs) / 1e6:,.0f}",
                "" if name == first else _ratio(result, name),
            )
        table.add_section()
    console.print(table)
    console.print("ratio: rate of the first of a group ÷ rate of this one; median seconds (least–most) of the work.")
    for result in results:
        if result.profile is not None:
            _print_profile(console, result)
    console.print(", ".join(f"{name} {value}" for name, value in machine().items()))


def ratio(result: Result, name: str) -> float:
    """Return the rate of the first contender divided by that of `name`."""
    first = next(iter(result.runs))
    return median_seconds(result.runs[name]) / median_seconds(result.runs[first])


def write_json(path: Path, results: Sequence[Result]) -> None:
    """Write all runs, their ratios and the machine."""
    told = {
        "machine": machine(),
        "results": [
            {
                "bench": result.bench,
                "rows": result.rows,
                "first": next(iter(result.runs)),
                "goals": dict(result.goals),
                "contenders": {
                    name: {
                        "threads": result.threads[name],
                        "median_seconds": median_seconds(runs),
                        "rows_per_second": result.rows / median_seconds(runs),
                        "peak_bytes": max(run.peak for run in runs),
                        "ratio": ratio(result, name),
                        "runs": [asdict(run) for run in runs],
                    }
                    for name, runs in result.runs.items()
                },
                "profile": result.profile,
            }
            for result in results
        ],
    }
    path.write_text(json.dumps(told, indent=1) + "\n")


def _print_profile(console: Console, result: Result) -> None:
    assert result.profile is not None
    for what in ("phases", "functions"):
        seconds = result.profile[what]
        total = sum(result.profile["phases"].values()) or 1.0
        table = Table(f"{result.bench}, 1 worker: {what}", "seconds", "share")
        for name, value in list(seconds.items())[:12]:
            table.add_row(name, f"{value:.2f}", f"{value / total:.0%}")
        console.print(table)


def _ratio(result: Result, name: str) -> str:
    goal = result.goals.get(name)
    return f"{ratio(result, name):.2f}" + (f" (goal {goal:g})" if goal else "")


def _spread(runs: Sequence[Run]) -> str:
    seconds = sorted(run.seconds for run in runs)
    spread = f" ({seconds[0]:.2f}–{seconds[-1]:.2f})" if len(seconds) > 1 else ""
    return f"{median_seconds(runs):.2f}{spread}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
