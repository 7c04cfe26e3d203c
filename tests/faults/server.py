"""Runs commands in forked processes that have everything imported, and kills them where it is told.

A process that starts Python and Beam takes seconds, one that is forked does not. The server itself starts no
thread, so a fork of it is as good as a new process. One JSON line per request on stdin, one per answer on stdout:
``{"command": "aggregate_clicks", "argv": [...], "kill_at": 7}`` kills at the seventh step that changes a file,
``"signal": 9, "signal_after": 0.3`` sends a signal after as many seconds.
"""

import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from beam_jobs import aggregate_clicks
from beam_jobs.blocks import files, flags
from beam_jobs.commands import main as commands
from beam_jobs.commands import run
from tests.faults import tiny

COMMANDS: Mapping[str, Callable[[Sequence[str]], int]] = {
    "tiny": tiny.main,
    "aggregate_clicks": aggregate_clicks.main,
    "run": run.main,
    "image-intent": commands.dispatch,
}
CHANGES = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.truncate")
"""Audit events of a step that changes a file; opening one to write is one too."""


class Steps:
    """Counts the steps of this process that change a file, and kills it at one of them."""

    def __init__(self, kill_at: int | None) -> None:
        self.kill_at = kill_at
        self.taken = 0

    def take(self) -> None:
        self.taken += 1
        if self.taken == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        changes = event in CHANGES or (
            event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        )
        if changes:
            self.take()

    def half_way(self, write: Callable[[Path, bytes], None]) -> Callable[[Path, bytes], None]:
        """Return `write` with a step in the middle of a file's content."""

        def halves(path: Path, content: bytes) -> None:
            path.write_bytes(content[: len(content) // 2])
            self.take()
            write(path, content)

        return halves


def work(request: Mapping[str, Any]) -> int:
    """Do one request in this process and return its exit code."""
    steps = Steps(request.get("kill_at"))
    os.fsync = lambda handle: None  # type: ignore[assignment]  # slow, and of use to a machine without power alone
    files._write_whole = steps.half_way(files._write_whole)
    os.chdir(request.get("cwd", "/"))
    sys.argv = ["command", *request["argv"]]
    sys.addaudithook(steps.audit)
    code = flags.run_main(COMMANDS[request["command"]])
    sys.stderr.flush()
    return code


def serve(request: Mapping[str, Any]) -> dict[str, Any]:
    """Fork a process for one request and wait for its end."""
    started = time.monotonic()
    pid = os.fork()
    if pid == 0:
        code = 70
        try:
            with open(request["stderr"], "w") as log:
                os.dup2(log.fileno(), 1)
                os.dup2(log.fileno(), 2)
            code = work(request)
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(code)
    if request.get("signal_after") is not None:
        time.sleep(request["signal_after"])
        os.kill(pid, request["signal"])
    _, status = os.waitpid(pid, 0)
    return {"code": os.waitstatus_to_exitcode(status), "seconds": time.monotonic() - started}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(serve(json.loads(line))), flush=True)
