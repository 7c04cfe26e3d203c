"""Rows done, and what may be said of them: how fast, and how long they still take. No display here."""

import math
import threading
from collections.abc import Mapping, Sequence

_lock = threading.Lock()
_rows: dict[str, int] = {}
_expected: dict[str, int | None] = {}

Sample = tuple[float, int]
"""Seconds since the start, and rows done by then."""

PHASES = ("written", "examples", "images", "shuffled", "read")
"""What is counted, latest phase first: of two phases that both move, the later one tells where a job is."""
WORDS = {
    "read": "rows read",
    "images": "pictures decoded",
    "examples": "examples decoded",
    "shuffled": "rows shuffled",
    "written": "rows written",
}

VERBS = {"read": "read", "images": "decode", "examples": "decode", "shuffled": "shuffle", "written": "write"}
"""What time left is told of: a phase, never the whole job, whose later phases nobody knows."""

MIN_SHARE = 0.05
"""Share of the rows (0-1) that must be done before time left is told: the first blocks pay for warming up."""
MIN_SECONDS = 5.0
"""Seconds of moving rows that must be seen before time left is told."""
WINDOW = 60.0
"""Seconds whose rate counts, so that a job that slows down is believed; a block may take some seconds."""


def add(what: str, rows: int) -> None:
    """Add `rows` done to `what`; threads of the local runner call this, remote workers in vain."""
    with _lock:
        _rows[what] = _rows.get(what, 0) + rows


def expect(what: str, rows: int | None) -> None:
    """Add `rows` to what `what` will come to; None says that nobody knows, and no time left is told of it."""
    with _lock:
        known = _expected.get(what, 0)
        _expected[what] = None if rows is None or known is None else known + rows


def snapshot() -> dict[str, int]:
    """Return the rows done so far by what was done."""
    with _lock:
        return dict(_rows)


def expected() -> dict[str, int]:
    """Return the rows expected, of what is known."""
    with _lock:
        return {what: rows for what, rows in _expected.items() if rows}


def reset() -> None:
    """Forget all counts: a new job begins."""
    with _lock:
        _rows.clear()
        _expected.clear()


def rate(trace: Sequence[Sample]) -> float | None:
    """Return the rows per second of the last WINDOW seconds of `trace`, None before anything can be said."""
    if not trace:
        return None
    end = trace[-1][0]
    seen = [sample for sample in trace if sample[0] >= end - WINDOW]
    seconds, rows = seen[-1][0] - seen[0][0], seen[-1][1] - seen[0][1]
    return rows / seconds if seconds > 0 and rows > 0 else None


def time_left(trace: Sequence[Sample], total: int | None) -> float | None:
    """Return the seconds until `total` rows are done, None where that is not known.

    It is told only after MIN_SECONDS of moving rows and MIN_SHARE of them, by the rate of the last WINDOW seconds,
    and not while rows stand still; it is at least a second as long as rows are missing.

    Args:
        trace: samples in their order, rows never fall.
        total: rows in all; None where nobody knows.
    """
    moving = [sample for sample in trace if sample[1] > 0]
    if not total or not moving:
        return None
    done = trace[-1][1]
    if done >= total or done < MIN_SHARE * total or moving[-1][0] - moving[0][0] < MIN_SECONDS:
        return None
    speed = rate(trace)
    return max(1.0, (total - done) / speed) if speed else None


def rounded(seconds: float) -> str:
    """Return a time as words, rounded up: seconds by five, minutes by one, hours by a tenth."""
    if seconds <= 10:
        return f"{math.ceil(seconds)} s"
    if seconds <= 100:
        return f"{math.ceil(seconds / 5) * 5} s"
    if seconds <= 100 * 60:
        return f"{math.ceil(seconds / 60)} min"
    return f"{math.ceil(seconds / 360) / 10:.1f} h"


class Course:
    """The course of one job: samples of its phases, and the line that tells where it is."""

    def __init__(self) -> None:
        self.traces: dict[str, list[Sample]] = {}
        self.looked = 0.0

    def look(self, now: float, done: Mapping[str, int]) -> None:
        """Take a sample: `done` rows per phase at `now`, in seconds; rows that fell begin anew, it is another job."""
        for what, rows in done.items():
            trace = self.traces.setdefault(what, [(self.looked, 0)])
            if rows < trace[-1][1]:
                trace[:] = [(self.looked, 0)]
            trace.append((now, rows))
            while len(trace) > 2 and trace[1][0] < now - 2 * WINDOW:
                trace.pop(1)  # the first one says when rows began to move
        for what in set(self.traces) - set(done):
            del self.traces[what]
        self.looked = now

    def phase(self) -> str | None:
        """Return the phase that moved last; of several, the latest in the job's order."""
        moved = {what: _last_move(trace) for what, trace in self.traces.items() if trace[-1][1]}
        newest = max(moved.values(), default=0.0)
        return next((what for what in PHASES if what in moved and moved[what] >= newest), None)

    def line(self, total: Mapping[str, int]) -> str:
        """Return such as ``read 1,200,000 of 3,000,000 rows, 3 s left to read, 800,000/s``; empty without rows."""
        what = self.phase()
        if what is None:
            return ""
        trace, rows = self.traces[what], self.traces[what][-1][1]
        known = total.get(what)
        text = f"{rows:,} of {known:,}" if known and rows <= known else f"{rows:,}"
        text += f" {WORDS[what]}"
        speed, left = rate(trace), time_left(trace, known)
        if left is not None:
            text += f", {rounded(left)} left to {VERBS[what]}"
        if speed is not None:
            text += f", {speed:,.0f}/s"
        return text


def _last_move(trace: Sequence[Sample]) -> float:
    """Return when rows were last seen to grow."""
    for (_, before), (time, after) in zip(reversed(trace[:-1]), reversed(trace[1:]), strict=True):
        if after > before:
            return time
    return trace[0][0]
