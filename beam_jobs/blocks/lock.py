"""A lock on an output folder: two runs never mix."""

import contextlib
import json
import os
import platform
import time
from collections.abc import Iterator
from pathlib import Path

from beam_jobs.blocks import files
from beam_jobs.blocks.failures import JobError

LOCK = "_LOCK"
_BORN = time.time()
"""A lock of this process id that is older is of a dead one: in a container a restart has the same id."""
JUST_BEGUN = 10.0
"""Seconds within which a lock file that cannot be read counts as being written."""


@contextlib.contextmanager
def lock(output: str) -> Iterator[None]:
    """Hold the output's lock: two runs never mix.

    Raises:
        JobError: another run that is alive holds it.
    """
    if files.is_remote(output):
        yield
        return
    path = Path(output) / LOCK
    for _ in range(2):
        try:
            handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
            break
        except FileExistsError:
            owner = _lock_owner(path)
            if owner is None:  # its process is gone
                with contextlib.suppress(FileNotFoundError):
                    path.unlink()
                continue
            raise JobError(f"{output} is being written by {owner}; wait for it, or end it") from None
    else:
        raise JobError(f"{output} is being written by another run; wait for it")
    with os.fdopen(handle, "w") as file:
        json.dump({"pid": os.getpid(), "host": platform.node(), "since": time.time()}, file)
    try:
        yield
    finally:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()


def _lock_owner(path: Path) -> str | None:
    try:
        held = json.loads(path.read_text())
        pid, host, since = int(held["pid"]), str(held["host"]), float(held["since"])
    except (OSError, ValueError, KeyError, TypeError):
        # being written right now, or left half-written by a kill: an age tells which
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime < JUST_BEGUN:
                return "a run that has just begun"
        return None
    age = f"{(time.time() - since) / 60:.0f} minutes"
    if host != platform.node():
        return f"process {pid} on {host} for {age}"
    if pid == os.getpid() and since < _BORN:
        return None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    return f"process {pid} on this machine for {age}"
