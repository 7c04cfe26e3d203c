"""What a person sees while a run works: the stage, rows done, their rate, time left. On stderr, never on stdout."""

import contextlib
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from beam_jobs.blocks import progress
from beam_jobs.blocks.follow import follow

MEGABYTE = 1 << 20


def resident_bytes() -> int:
    """Return the resident memory of this process; where the system does not tell, its peak so far."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak * (1 if sys.platform == "darwin" else 1024)


class Watch:
    """Times one stage and follows its memory."""

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
    """Shows the stages of a run: a line that moves where stderr is a terminal, else a line per finished stage."""

    def __init__(self, stages: int) -> None:
        self.console = Console(stderr=True)
        self.stages = stages
        self.number = 0

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[Watch]:
        """Show one stage while it works."""
        self.number += 1
        progress.reset()
        watch = Watch()
        with follow(f"[{self.number}/{self.stages}] {name}", console=self.console, look=watch.look):
            yield watch
        watch.look()

    def line(self, name: str, text: str) -> None:
        """Print the result of a stage."""
        self.console.print(
            f"[{self.number:>2}/{self.stages}] {name:<24} {text}", markup=False, highlight=False, soft_wrap=True
        )
