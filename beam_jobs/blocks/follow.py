"""Show a job at work on stderr: a line that moves where that is a terminal, else one every half minute."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.live import Live
from rich.text import Text

from beam_jobs.blocks import progress

PERIOD = 0.1
"""Seconds between two looks, and two pictures of a terminal."""
SAMPLE = 1.0
"""Seconds between two samples of the rows done."""
LINE_PERIOD = 30.0
"""Seconds between two lines where stderr is no terminal: a job that is done earlier prints none."""

_following = threading.Lock()


@contextlib.contextmanager
def follow(label: str, *, console: Console | None = None, look: Callable[[], None] | None = None) -> Iterator[None]:
    """Show what `label` does while the block runs; within another ``follow`` the outer one shows it.

    Args:
        label: name of the job or stage.
        console: where to show it; stderr by default.
        look: called every PERIOD, to measure something meanwhile.
    """
    if not _following.acquire(blocking=False):
        yield
        return
    console = console or Console(stderr=True)
    done = threading.Event()
    live = (
        Live(_one_line(label), console=console, transient=True, redirect_stdout=False) if console.is_terminal else None
    )

    def watch() -> None:
        course, started = progress.Course(), time.monotonic()
        sampled, printed = -SAMPLE, 0.0
        while not done.wait(PERIOD):
            now = time.monotonic() - started
            if look is not None:
                look()
            if now - sampled >= SAMPLE:
                sampled = now
                course.look(now, progress.snapshot())
            text = f"{label} {_clock(now)} {course.line(progress.expected())}".rstrip()
            if live is not None:
                live.update(_one_line(text))
            elif now - printed >= LINE_PERIOD:
                printed = now
                console.print(text, markup=False, highlight=False, soft_wrap=True)

    thread = threading.Thread(target=watch, name="follow", daemon=True)
    try:
        with live or contextlib.nullcontext():
            thread.start()
            try:
                yield
            finally:
                done.set()
                thread.join()
    finally:
        _following.release()


def _one_line(text: str) -> Text:
    return Text(text, no_wrap=True, overflow="ellipsis")


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"
