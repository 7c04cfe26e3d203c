"""What a person sees while a run works: the stage, rows done, their rate, memory. On stderr, never on stdout."""

import contextlib
import resource
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from beam_jobs.blocks import progress

PERIOD = 0.1
"""Seconds between two looks at rows and memory."""
MEGABYTE = 1 << 20


def resident_bytes() -> int:
    """Return the resident memory of this process; where the system does not tell, its peak so far."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak * (1 if sys.platform == "darwin" else 1024)


def rows_done() -> int:
    """Return the rows of the running job: pictures where it decodes some, else rows read."""
    done = progress.snapshot()
    return done.get("images", 0) or done.get("examples", 0) or done.get("read", 0)


class Watch:
    """Times one stage and follows its rows and its memory."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.peak = resident_bytes()

    def look(self) -> None:
        """Take the memory of this moment into account."""
        self.peak = max(self.peak, resident_bytes())

    @property
    def seconds(self) -> float:
        """Seconds since the stage began."""
        return time.monotonic() - self.started


class Display:
    """Shows the stages of a run: bars where stderr is a terminal, else a line per finished stage."""

    def __init__(self, stages: int) -> None:
        self.console = Console(stderr=True)
        self.stages = stages
        self.number = 0

    @contextlib.contextmanager
    def stage(self, name: str, total: int | None) -> Iterator[Watch]:
        """Show one stage while it works; `total` rows are expected where that is known."""
        self.number += 1
        progress.reset()
        watch, done = Watch(), threading.Event()
        bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[rows]}"),
            TimeElapsedColumn(),
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal,
        )
        task = bar.add_task(f"[{self.number}/{self.stages}] {name}", total=total, rows="")

        def follow() -> None:
            while not done.wait(PERIOD):
                watch.look()
                rows = rows_done()
                rate = rows / watch.seconds if watch.seconds else 0
                bar.update(task, completed=min(rows, total) if total else None, rows=f"{rows:,} rows {rate:,.0f}/s")

        thread = threading.Thread(target=follow, name="display", daemon=True)
        with bar:
            thread.start()
            try:
                yield watch
            finally:
                watch.look()
                done.set()
                thread.join()

    def line(self, name: str, text: str) -> None:
        """Print the result of a stage."""
        self.console.print(
            f"[{self.number:>2}/{self.stages}] {name:<24} {text}", markup=False, highlight=False, soft_wrap=True
        )
