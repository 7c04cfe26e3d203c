"""A server that runs commands in forked processes and kills them, see ``server``."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Ended:
    """How a command ended: its exit code (negative: the signal), seconds, and what it said."""

    code: int
    seconds: float
    said: str


class Server:
    """The client of ``tests.faults.server``."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "said.txt"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.server"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, command: str, argv: Sequence[object], **how: Any) -> Ended:
        """Run a command in a new process; `how` says when it is killed."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        request = {"command": command, "argv": [str(word) for word in argv], "stderr": str(self.log), **how}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        return Ended(answer["code"], answer["seconds"], self.log.read_text())

    def stop(self) -> None:
        """End the server."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start the server once: importing Beam takes seconds."""
    started = Server(tmp_path_factory.mktemp("server"))
    yield started
    started.stop()
