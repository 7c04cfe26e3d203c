"""A pool of helper processes for a function that may crash, hang or eat memory on some items.

A decoder of pictures that dies of a segmentation fault takes a helper with it and not the job. The batch is run
again item by item; an item that takes a helper down alone too is `Refused`, every other item has its result.

This guards a run against accidents and not a machine against attackers: a helper has all the rights of its parent.
"""

import contextlib
import functools
import os
import signal
import subprocess
import sys
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.reduction import ForkingPickler
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from beam_jobs.pictures.helper import BOOT, DONE, MEMORY, READY

T = TypeVar("T")
R = TypeVar("R")

START_SECONDS = 120.0
"""Seconds for a helper to start and import (half a second on an idle machine; minutes on a cold network disk)."""

START_TRIES = 3
"""A helper may be killed while it starts, where memory is short; one that never starts is the program's fault."""

NEXT_ITEM_SHARE = 20
"""Each further item of a batch adds a 20th of ``seconds`` to the batch's limit. A batch over its limit costs a
second run item by item and no result, so the limit may be tight: a hang in a batch of 64 is seen after 4 times
``seconds`` and not after 64 times."""

DYING_SECONDS = 2.0
"""Seconds between the end of a helper's pipe and its exit code; then it is killed."""

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""Numerical libraries of a helper stay with one thread, whatever the user gives the job: there are several helpers,
and threads that spin while they wait take the cores from each other."""


@dataclass(frozen=True)
class Refused:
    """What came of an item that took a helper down: ``reason`` is decoder_crash, time_limit or memory_limit."""

    reason: str
    detail: str


class SandboxError(RuntimeError):
    """The function itself failed (with the helper's traceback), no helper starts, or the sandbox is closed."""


class Sandbox(Generic[T, R]):
    """Run a function on batches of items in helper processes that may die of it.

    Helpers start when they are needed and stay for the next batch; they end with `close`, or when the parent dies.
    All methods may be called from any thread, `map` from several at once: they share the helpers.

    Args:
        function: maps a batch to as many results. A function of an importable module (or a `functools.partial` of
            one), as the helper imports it by its name.
        processes: helpers at most.
        seconds: an item may take, by the wall clock.
        memory_bytes: a helper may take beyond what its imports take; on Linux only.

    Raises:
        ValueError: if the function cannot be imported by a helper, or a limit is not positive.
    """

    def __init__(
        self,
        function: Callable[[Sequence[T]], Sequence[R]],
        *,
        processes: int,
        seconds: float = 20.0,
        memory_bytes: int = 1_200_000_000,
    ) -> None:
        if processes < 1 or not seconds > 0 or memory_bytes < 1:
            raise ValueError(
                f"a sandbox needs 1 process, some time and memory at least, got processes={processes}, "
                f"seconds={seconds}, memory_bytes={memory_bytes}"
            )
        self._task = bytes(_importable(function, memory_bytes))
        self._processes = processes
        self._seconds = seconds
        self._memory = f"more than {memory_bytes / 1e9:,.2f} GB of memory"
        self._lock = threading.Lock()
        self._idle: list[_Helper] = []
        self._all: set[_Helper] = set()
        self._closed = False
        self._threads = ThreadPoolExecutor(processes, thread_name_prefix="sandbox")
        self._owner = os.getpid()
        weakref.finalize(self, _end, self._all, self._owner)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __reduce__(self) -> str | tuple[Any, ...]:
        raise TypeError("a sandbox belongs to its process: make one where it is used, such as in a DoFn's setup")

    def close(self) -> None:
        """End all helpers, the busy ones too; a `map` under way raises `SandboxError`."""
        with self._lock:
            self._closed = True
            self._idle.clear()
        self._threads.shutdown(wait=False, cancel_futures=True)
        _end(self._all, self._owner)
        self._threads.shutdown(wait=True)

    def map(self, batches: Iterable[Sequence[T]]) -> Iterator[Sequence[R | Refused]]:
        """Yield each batch's results, in order and of the batch's length.

        ``batches`` is read lazily: at most ``processes`` + 1 of them are under way or wait to be taken.

        Raises:
            SandboxError: if the function raises (its traceback is in the message), or returns another number of
                results, or results that cannot be pickled.
        """
        under_way: deque[Future[Sequence[R | Refused]]] = deque()
        source = iter(batches)
        try:
            while True:
                while len(under_way) <= self._processes and (batch := next(source, None)) is not None:
                    under_way.append(self._submit(batch))
                if not under_way:
                    return
                yield self._result(under_way.popleft())
        finally:
            for future in under_way:
                future.cancel()

    def _submit(self, batch: Sequence[T]) -> "Future[Sequence[R | Refused]]":
        if os.getpid() != self._owner:
            raise SandboxError("a fork of the sandbox's process has no helpers: make another sandbox there")
        try:
            return self._threads.submit(self._run, batch)
        except RuntimeError as error:
            raise SandboxError("the sandbox is closed") from error

    def _result(self, future: "Future[Sequence[R | Refused]]") -> Sequence[R | Refused]:
        try:
            return future.result()
        except CancelledError as error:
            raise SandboxError("the sandbox was closed under way") from error

    def _run(self, batch: Sequence[T]) -> Sequence[R | Refused]:
        if not len(batch):
            return []
        results = self._try(batch)
        if not isinstance(results, Refused):
            return results
        alone: list[R | Refused] = []
        for row in range(len(batch)):
            one = self._try(batch[row : row + 1])
            alone.append(one if isinstance(one, Refused) else one[0])
        return alone

    def _try(self, batch: Sequence[T]) -> Sequence[R] | Refused:
        """Return the results of a batch, or why it took its helper down."""
        seconds = self._seconds * (1 + (len(batch) - 1) / NEXT_ITEM_SHARE)
        helper = self._take()
        try:
            kind, content = helper.ask(seconds, batch)
        except TimeoutError:
            self._drop(helper)
            return Refused("time_limit", f"no answer in {seconds:g} s")
        except (EOFError, ConnectionError):
            with contextlib.suppress(subprocess.TimeoutExpired):
                helper.process.wait(DYING_SECONDS)
            self._drop(helper)
            return _crash(helper.process.returncode)
        except BaseException:
            self._drop(helper)
            raise
        if kind == MEMORY:
            self._drop(helper)  # its heap may be in pieces
            return Refused("memory_limit", self._memory)
        with self._lock:
            if not self._closed:
                self._idle.append(helper)
        if kind == DONE:
            return content  # type: ignore[no-any-return]
        raise SandboxError(f"a helper's function failed:\n{content}")

    def _take(self, tries: int = START_TRIES) -> "_Helper":
        with self._lock:
            if self._closed:
                raise SandboxError("the sandbox was closed under way")
            while self._idle:
                helper = self._idle.pop()
                if helper.process.poll() is None:
                    return helper
                self._all.discard(helper)
                helper.pipe.close()
            helper = _Helper()
            self._all.add(helper)
        try:
            helper.start(self._task)
        except BaseException as error:
            self._drop(helper)
            killed = isinstance(error.__cause__, EOFError | ConnectionError) and (helper.process.returncode or 0) < 0
            if not killed or tries == 1:
                raise
            return self._take(tries - 1)
        return helper

    def _drop(self, helper: "_Helper") -> None:
        helper.end()
        helper.pipe.close()
        with self._lock:
            self._all.discard(helper)
            if self._closed:
                raise SandboxError("the sandbox was closed under way")


class _Helper:
    """One helper process and the pipe to it."""

    def __init__(self) -> None:
        self.pipe, theirs = Pipe()
        path = [entry for entry in sys.path if isinstance(entry, str)]
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-P", "-c", BOOT, str(theirs.fileno()), *path],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # C libraries write there what comes back as a reason
                pass_fds=(theirs.fileno(),),
                env=os.environ | ONE_THREAD,
            )

    def start(self, task: bytes) -> None:
        try:
            self.pipe.send_bytes(task)
            kind, content = self._receive(START_SECONDS)
        except (EOFError, ConnectionError, TimeoutError) as error:
            self.end()
            state = self.process.returncode
            raise SandboxError(f"a helper process does not start ({sys.executable}, exit code {state})") from error
        if kind != READY:
            raise SandboxError(f"a helper process does not start:\n{content}")

    def ask(self, seconds: float, batch: Sequence[Any]) -> tuple[str, Any]:
        self.pipe.send((seconds, batch))
        return self._receive(seconds)

    def _receive(self, seconds: float) -> tuple[str, Any]:
        if not self.pipe.poll(seconds):
            raise TimeoutError
        answer: tuple[str, Any] = self.pipe.recv()
        return answer

    def end(self) -> None:
        """End the process; the pipe is left to the thread that reads it, which sees its end."""
        self.process.kill()
        self.process.wait()


def _end(helpers: set[_Helper], owner: int) -> None:
    if os.getpid() == owner:
        for helper in tuple(helpers):
            helper.end()


def _crash(code: int) -> Refused:
    if code >= 0:
        return Refused("decoder_crash", f"the helper process ended with exit code {code}")
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    if -code == signal.SIGALRM:
        return Refused("time_limit", "the helper process ran out of time")
    if -code == signal.SIGKILL:
        return Refused("memory_limit", "the helper process was killed, as the kernel does where memory is short")
    return Refused("decoder_crash", f"the helper process died of {name}")


def _importable(function: Callable[..., Any], memory_bytes: int) -> memoryview:
    """Return the first frame to a helper."""
    inner: Any = function
    while isinstance(inner, functools.partial):
        inner = inner.func
    if getattr(inner, "__module__", None) == "__main__":
        raise ValueError(f"{inner!r} is of the program's own file: put it in a module that helpers can import")
    try:
        return ForkingPickler.dumps((function, memory_bytes))
    except Exception as error:  # PicklingError, AttributeError, TypeError: which depends on the Python
        raise ValueError(f"{function!r} cannot be sent to a helper: give a function of a module") from error
