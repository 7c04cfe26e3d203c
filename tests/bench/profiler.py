"""Where the time goes: a thread that looks at all stacks every 10 ms and says what our code does.

Nothing is patched and nothing slows down by more than a percent or two. Only this process is seen.
"""

import sys
import threading
import time
from collections import defaultdict
from types import FrameType, TracebackType

INTERVAL_S = 0.01
"""Between two looks: some hundreds of samples a thread for a run of seconds."""

_OURS = ("beam_jobs.", "labels.", "intent.", "dedup.", "tests.bench.")
_NOT_WORK = ("beam_jobs.blocks.launch", "beam_jobs.blocks.engine", "tests.bench.")  # they wait for the graph
_PHASES = (
    ("read, decode", ("beam_jobs.blocks.read:", "beam_jobs.inputs:", "labels.log_types:")),
    ("write", ("beam_jobs.blocks.write:",)),
    (
        "gather, merge",
        (
            "beam_jobs.blocks.shuffle:gather",
            "beam_jobs.blocks.shuffle:from_bytes",
            "beam_jobs.blocks.shuffle:merge",
            "beam_jobs.blocks.shuffle:join",
            "labels.merges:",
        ),
    ),
    ("split, spill", ("beam_jobs.blocks.shuffle:", "beam_jobs.blocks.spill", "beam_jobs.blocks.keys:")),
    ("commit", ("beam_jobs.blocks.manifest:", "beam_jobs.blocks.files:", "beam_jobs.blocks.lock:")),
    ("count, decide", ("labels.", "intent.", "dedup.", "beam_jobs.")),
)
"""Phase by the innermost function of ours, the first that matches."""
_WAITS = ("threading", "queue", "selectors", "concurrent.futures.thread", "socket", "subprocess", "time")


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
        innermost = str(frame.f_globals.get("__name__", ""))
        current: FrameType | None = frame
        while current is not None:
            module = str(current.f_globals.get("__name__", ""))
            if module.startswith(_OURS):
                break
            current = current.f_back
        if current is None or module.startswith(_NOT_WORK):
            if not innermost.startswith(_WAITS) and (current is None or innermost.startswith("apache_beam")):
                self._phases["Beam and the rest"] += seconds
            return
        function = f"{module}:{current.f_code.co_qualname}"
        self._functions[function] += seconds
        self._phases[next(phase for phase, starts in _PHASES if function.startswith(starts))] += seconds


def _largest_first(seconds: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 3) for name, value in sorted(seconds.items(), key=lambda item: -item[1])[:20]}
