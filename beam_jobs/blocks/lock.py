"""A lock on an output folder: two runs never mix.

On a local (or mounted) filesystem the lock is the operating system's: the kernel frees it when its process ends,
however it ends. Elsewhere it is an object that is created only where there is none. Either holds who owns it, and a
heartbeat says that the owner lives. A lock that another host left without a heartbeat for ``STALE`` seconds is
taken over (clocks must agree better than that); earlier, once you know that its run is dead:

    python -m beam_jobs.blocks.lock OUTPUT
"""

import contextlib
import errno
import fcntl
import json
import os
import platform
import secrets
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from beam_jobs.blocks import files
from beam_jobs.blocks.failures import JobError

LOCK = "_LOCK"
HEARTBEAT = 30.0
"""Seconds between two signs of life of a lock's owner."""
STALE = 300.0
"""Seconds without a sign of life after which a lock is of a dead run: ten heartbeats, a slow store may miss some."""
_NO_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS)
"""What a mounted filesystem without locks says; there the heartbeat alone decides."""


class Held(Protocol):
    """A lock that this run holds."""

    def check(self) -> None:
        """Raise JobError where it is no longer ours: someone removed it, or this run slept too long."""


@contextlib.contextmanager
def lock(output: str) -> Iterator[Held]:
    """Hold the lock of the folder `output`; call ``check`` of what it yields before anything is published.

    Raises:
        JobError: another run holds it; the message names its process, host and age.
    """
    held: _RemoteLock | _LocalLock = _RemoteLock(output) if files.is_remote(output) else _LocalLock(output)
    done = threading.Event()

    def live() -> None:
        while not done.wait(HEARTBEAT):
            with contextlib.suppress(OSError):  # a beat may be missed: STALE is many of them
                held.beat()

    heart = threading.Thread(target=live, name="heartbeat", daemon=True)
    heart.start()
    try:
        yield held
    finally:
        done.set()
        heart.join()
        held.free()


def _me() -> dict[str, Any]:
    facts = {"pid": os.getpid(), "host": platform.node(), "machine": _machine(), "token": secrets.token_hex(8)}
    return {**facts, "since": time.time(), "beat": time.time()}


def _machine() -> str | None:
    """Return what all containers of a machine share until it boots again; None where the system does not tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return None


def _is_here(owner: Mapping[str, Any]) -> bool:
    """Return whether the owner of a lock ran on this machine, in whatever container."""
    return owner.get("host") == platform.node() or (owner.get("machine") or "") == _machine()


def _refuse(output: str, owner: Mapping[str, Any] | None) -> JobError:
    """Return the error that names the owner of a lock."""
    if owner is None:
        return JobError(f"{output} is being written by a run that has just begun; wait for it, or end it")
    here = _is_here(owner)
    age = max(0.0, time.time() - float(owner.get("since", 0)))
    text = f"process {owner.get('pid')} on {'this machine' if here else owner.get('host')} for {_age(age)}"
    advice = "wait for it, or end it"
    if not here:
        advice += f"; if it is dead, wait {STALE / 60:.0f} minutes or: python -m beam_jobs.blocks.lock {output}"
    return JobError(f"{output} is being written by {text}; {advice}")


def _age(seconds: float) -> str:
    return f"{seconds:.0f} seconds" if seconds < 120 else f"{seconds / 60:.0f} minutes"


def _parse(content: bytes) -> dict[str, Any] | None:
    """Return the owner in a lock, None where it is being written, or was left half-written by a kill."""
    try:
        owner = json.loads(content)
        return owner if isinstance(owner, dict) and float(owner["since"]) else None
    except (ValueError, KeyError, TypeError):
        return None


class _LocalLock:
    """``flock`` on the file ``_LOCK``; its time of change is the heartbeat."""

    def __init__(self, output: str, *, force: bool = False) -> None:
        self.output = output
        self.path = Path(output.removeprefix("file://")) / LOCK
        self.me = _me()
        self.handle = self._acquire(force)

    def _acquire(self, force: bool) -> int:
        while True:
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                known = self._flock(handle)
                if not self._is(handle):  # its owner removed the file between our open and our lock
                    os.close(handle)
                    continue
                owner = _parse(os.pread(handle, 4096, 0))
                beat = time.time() - os.fstat(handle).st_mtime
                unsure = owner is not None and not (known and _is_here(owner))
                if unsure and beat < STALE and not force:  # the kernel of another machine may not show us its locks
                    raise _refuse(self.output, owner)
                os.ftruncate(handle, 0)
                os.pwrite(handle, json.dumps(self.me).encode(), 0)
                return handle
            except BaseException:
                os.close(handle)
                raise

    def _flock(self, handle: int) -> bool:
        """Lock the open file; return False where its filesystem has no locks."""
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            raise _refuse(self.output, _parse(os.pread(handle, 4096, 0))) from None
        except OSError as error:
            if error.errno in _NO_LOCKS:
                return False
            raise

    def _is(self, handle: int) -> bool:
        """Return whether the open file is still the one at the path."""
        try:
            return os.path.samestat(os.fstat(handle), os.stat(self.path))
        except FileNotFoundError:
            return False

    def _is_ours(self) -> bool:
        owner = _parse(os.pread(self.handle, 4096, 0))
        return self._is(self.handle) and owner is not None and owner.get("token") == self.me["token"]

    def beat(self) -> None:
        if self._is_ours():
            os.utime(self.handle)

    def check(self) -> None:
        if not self._is_ours():
            raise JobError(f"{self.output}: another run took the lock while this one worked; nothing is published")

    def free(self) -> None:
        with contextlib.suppress(OSError):
            if self._is_ours():
                self.path.unlink()
        os.close(self.handle)


class _RemoteLock:
    """An object ``_LOCK`` that is put only where there is none (S3: ``If-None-Match``)."""

    def __init__(self, output: str) -> None:
        self.output = output
        self.fs, self.path = files.filesystem(files.join(output, LOCK))
        self.me = _me()
        for _ in range(2):
            try:
                self.fs.makedirs(self.path.rsplit("/", 1)[0], exist_ok=True)
                self.fs.pipe_file(self.path, self._content(), mode="create")
                break
            except FileExistsError:
                owner = self._owner()
                if owner is not None and time.time() - float(owner.get("beat", 0)) < STALE:
                    raise _refuse(output, owner) from None
                files.remove(files.join(output, LOCK))  # of a dead run
        self.check()  # a store that cannot put exclusively keeps the last one of two

    def _content(self) -> bytes:
        return json.dumps(self.me).encode()

    def _owner(self) -> dict[str, Any] | None:
        try:
            return _parse(self.fs.cat_file(self.path))
        except FileNotFoundError:
            return None

    def _is_ours(self) -> bool:
        owner = self._owner()
        return owner is not None and owner.get("token") == self.me["token"]

    def beat(self) -> None:
        if self._is_ours():
            self.me["beat"] = time.time()
            self.fs.pipe_file(self.path, self._content())

    def check(self) -> None:
        if not self._is_ours():
            raise JobError(f"{self.output}: another run took the lock while this one worked; nothing is published")

    def free(self) -> None:
        with contextlib.suppress(OSError):
            if self._is_ours():
                self.fs.rm_file(self.path)


def main(argv: Sequence[str]) -> int:
    """Remove the lock of a run that is known to be dead."""
    from beam_jobs.blocks.flags import Parser

    parser = Parser(prog="python -m beam_jobs.blocks.lock", description=main.__doc__)
    parser.add_argument("output", help="folder of the job or of the run")
    output = parser.parse_args(list(argv)).output
    path = files.join(output, LOCK)
    if not files.exists(path):
        raise files.UsageError(f"{output} is not locked")
    if files.is_remote(output):
        files.remove(path)
    else:
        _LocalLock(output, force=True).free()  # refuses where the kernel knows that its owner lives
    print(f"{output}: lock removed", file=sys.stderr)
    return 0


if __name__ == "__main__":
    from beam_jobs.blocks.flags import run_main

    sys.exit(run_main(main))
