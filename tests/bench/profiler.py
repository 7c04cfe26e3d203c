"""Where the time goes: a thread that looks at all stacks every 10 ms and says what our code does.

Nothing is patched and nothing slows down by more than a percent or two. Only this process is seen.
"""

import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from types import FrameType, TracebackType

INTERVAL_S = 0.01
"""Between two looks: some hundreds of samples a thread for a run of seconds."""

_OURS = ("beam_jobs.", "labels.", "intent.", "dedup.")
_WAITERS = ("beam_jobs.blocks.launch:", "beam_jobs.blocks.engine:")
"""Ours that only wait for the graph: under them, time in Beam is Beam's."""
_HELPERS = ("labels.grouping:", "labels.frames:", "beam_jobs.blocks.files:", "beam_jobs.blocks.keys:")
"""Used in several phases: who calls them decides."""
_PHASES = (
    ("read, decode", ("beam_jobs.blocks.read:", "beam_jobs.blocks.text:", "beam_jobs.inputs:", "labels.log_types:")),
    ("write", ("beam_jobs.blocks.write:",)),
    ("count, decide", ("labels.merges:profile_users",)),
    ("gather, merge, join", ("beam_jobs.blocks.shuffle:gather", "beam_jobs.blocks.shuffle:merge")),
    ("gather, merge, join", ("beam_jobs.blocks.join:join", "labels.merges:", "beam_jobs.blocks.spill:read")),
    ("split, spill", tuple(f"beam_jobs.blocks.{name}:" for name in ("shuffle", "spill", "skew", "join"))),
    ("lock, commit", ("beam_jobs.blocks.",)),
    ("count, decide", ("",)),
)
"""Phase by the innermost function of ours that is no helper; the first that matches."""
_BEAM = "Beam, graph"
_WAITS = frozenset(
    {"threading", "queue", "selectors", "subprocess", "socket", "concurrent.futures.thread", "concurrent.futures._base"}
)
"""Modules in which a thread waits and does not work."""


class Sampler:
    """Samples the stacks of all other threads while it is entered."""

    def __init__(self) -> None:
        self._phases: defaultdict[str, float] = defaultdict(float)
        self._functions: defaultdict[str, float] = defaultdict(float)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)
        self._looks = 0

    def __enter__(self) -> "Sampler":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def report(self) -> dict[str, object]:
        """Return seconds by phase and by function, summed over threads (with two workers up to twice the wall)."""
        return {
            "phases": _largest_first(self._phases),
            "functions": _largest_first(self._functions),
            "samples": self._looks,
        }

    def _run(self) -> None:
        own = threading.get_ident()
        last = time.perf_counter()
        while not self._stop.wait(INTERVAL_S):
            frames = sys._current_frames()
            now = time.perf_counter()
            self._looks += 1
            for ident, frame in frames.items():
                if ident != own:
                    self._look(frame, now - last)
            last = now

    def _look(self, frame: FrameType, seconds: float) -> None:
        """Add `seconds`, the time since the last look: more than the interval where somebody held the GIL."""
        if frame.f_globals.get("__name__") in _WAITS:
            return
        ours = [name for name in _names(frame) if name.startswith(_OURS) and not name.startswith(_WAITERS)]
        if ours:
            self._functions[ours[0]] += seconds
        self._phases[_phase_of(ours)] += seconds


def _names(frame: FrameType) -> Iterator[str]:
    """Yield ``module:function`` of a stack, innermost first."""
    current: FrameType | None = frame
    while current is not None:
        yield f"{current.f_globals.get('__name__', '')}:{current.f_code.co_qualname}"
        current = current.f_back


def _phase_of(ours: Sequence[str]) -> str:
    named = [name for name in ours if not name.startswith(_HELPERS)]
    if not ours or ours[0].endswith(".expand"):
        return _BEAM
    caller = (named or ours)[0]
    return next(phase for phase, starts in _PHASES if caller.startswith(starts))


def _largest_first(seconds: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 3) for name, value in sorted(seconds.items(), key=lambda item: -item[1])[:20]}
