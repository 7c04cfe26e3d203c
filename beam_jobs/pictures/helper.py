"""The helper process of a `Sandbox`: reads batches from its pipe, answers each, ends when the pipe does.

Started by `beam_jobs.pictures.sandbox` as ``python -P -c BOOT FD PATH...``, never by hand. The first frame is
(function, bytes of memory); the first answer is READY. Then each frame is (seconds, batch) and each answer one of
DONE with the results, MEMORY, or FAILED with a traceback. Frames are pickles between two processes of one program.
"""

import contextlib
import gc
import math
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Any

BOOT = (
    "import sys; sys.path[:] = sys.argv[2:]; from beam_jobs.pictures.helper import serve; sys.exit(serve(sys.argv[1]))"
)
"""What the helper's Python is told: the parent's import path, and nothing of the parent's ``__main__``."""

READY, DONE, MEMORY, FAILED = "ready", "done", "memory", "failed"

LOOK_SECONDS = 5.0
"""Seconds. An idle helper looks this often whether its parent still lives: where other processes hold a copy of the
pipe's other end, its end is never seen."""

GRACE_SECONDS = 5
"""Seconds past a batch's limit after which the kernel ends a helper whose parent did not (it may be dead)."""


def serve(descriptor: str) -> int:
    """Answer batches until the pipe ends; return the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what Ctrl-C ends
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGALRM, signal.SIGTERM))
    pipe = Connection(int(descriptor))
    parent = os.getppid()
    with contextlib.suppress(EOFError, OSError):
        try:
            function, memory_bytes = pipe.recv()
            _limit_memory(memory_bytes)
        except (EOFError, OSError):
            raise
        except BaseException:
            pipe.send((FAILED, traceback.format_exc()))
            return 1
        pipe.send((READY, None))
        while _waits(pipe, parent):
            _answer(pipe, function)
    return 0


def _answer(pipe: "Connection[Any, Any]", function: Callable[[Sequence[Any]], Sequence[Any]]) -> None:
    try:
        seconds, batch = pipe.recv()
        signal.alarm(math.ceil(seconds) + GRACE_SECONDS)
        results = list(function(batch))
        signal.alarm(0)
        if len(results) != len(batch):
            raise ValueError(f"{function!r} made {len(results)} results of {len(batch)} items")
        pipe.send((DONE, results))
        return
    except (EOFError, ConnectionError):
        raise
    except MemoryError:
        answer: tuple[str, str | None] = (MEMORY, None)
    except BaseException:
        answer = (FAILED, traceback.format_exc())
    signal.alarm(0)
    gc.collect()
    pipe.send(answer)


def _waits(pipe: "Connection[Any, Any]", parent: int) -> bool:
    """Wait for the next frame; whether there is somebody to wait for."""
    while not pipe.poll(LOOK_SECONDS):
        if os.getppid() != parent:
            return False
    return True


def _limit_memory(more_bytes: int) -> None:
    """Let this process take ``more_bytes`` of data (heap and private mappings) beyond what the imports took.

    RLIMIT_DATA and not RLIMIT_AS: libraries reserve address space that they never touch. Where the kernel has no
    such limit (macOS), nothing is limited.
    """
    try:
        import resource
    except ImportError:  # no POSIX
        return
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash leaves no core file behind
    if not sys.platform.startswith("linux"):
        return
    limit = _data_bytes() + more_bytes
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))


def _data_bytes() -> int:
    """Return the size of this process's data as the kernel counts it for RLIMIT_DATA."""
    with open("/proc/self/status", encoding="ascii", errors="replace") as status:
        sizes = [line.split()[1] for line in status if line.startswith("VmData:")]
    return int(sizes[0]) * 1024 if sizes else 0
