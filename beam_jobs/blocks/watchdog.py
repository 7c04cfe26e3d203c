"""Worker processes of the local runner under a watchdog: Beam itself waits for a dead one for ever."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

from beam_jobs.blocks.failures import JobError


@contextlib.contextmanager
def no_dead_workers() -> Iterator[None]:
    """Run an engine in this thread, the main one; a worker process that dies ends the run with a reason.

    Worker threads need no such care: what kills one (a crash of a library, no memory) kills the process.

    Raises:
        JobError: a worker process ended with an error while the block ran.
    """
    from apache_beam.runners.portability.local_job_service import SubprocessSdkWorker

    original, deaths, at_work = SubprocessSdkWorker.run, [], threading.Event()
    main_id = threading.get_ident()
    if threading.current_thread() is not threading.main_thread():  # signals reach the main one alone
        yield
        return

    def run(worker: object) -> None:
        try:
            original(worker)
        except RuntimeError as error:  # Beam's way to tell that the process has ended; nobody reads it
            if at_work.is_set():
                at_work.clear()  # the first one tells
                deaths.append(str(error))
                signal.pthread_kill(main_id, signal.SIGINT)  # wakes what waits for the worker

    def wake(number: int, frame: FrameType | None) -> None:
        if deaths:
            raise KeyboardInterrupt
        if callable(before):
            before(number, frame)

    before = signal.signal(signal.SIGINT, wake)
    SubprocessSdkWorker.run = run
    at_work.set()
    try:
        yield
    except KeyboardInterrupt:
        if not deaths:
            raise
        reason = deaths[0][0].lower() + deaths[0][1:]
        raise JobError(f"{reason}: out of memory, or a crash; run it again, with fewer workers") from None
    finally:
        at_work.clear()
        signal.signal(signal.SIGINT, before or signal.SIG_DFL)
        SubprocessSdkWorker.run = original
