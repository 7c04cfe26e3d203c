"""A worker that dies is a reason, never a hang."""

import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from tests.beam_jobs.conftest import whole_folder
from tests.beam_jobs.test_safety import write_log
from tests.faults.conftest import Server

ROOT = Path(__file__).resolve().parents[2]
SOON = 60.0
"""Seconds within which a run that lost a worker has ended: the rest of a hang is for ever."""
DIE_ONCE = """
import os, signal
from labels import evidence

original = evidence.count_clicks


def count_clicks(*args, **kwargs):
    if os.path.exists(os.environ["DIE"]):
        os.unlink(os.environ["DIE"])
        os.kill(os.getpid(), int(os.environ["DIE_BY"]))
    return original(*args, **kwargs)


evidence.count_clicks = count_clicks
"""


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("log") / "log.parquet"
    write_log(path, [date(2026, 1, 1)])
    return path


@pytest.mark.parametrize(
    ("engine", "death"),
    [
        (["--workers", "2"], signal.SIGSEGV),
        (
            ["--runner=FnApiRunner", "--direct_num_workers=2", "--direct_running_mode=multi_processing"],
            signal.SIGKILL,
        ),
    ],
    ids=["threads", "processes"],
)
def test_a_dead_worker_ends_the_run_and_the_next_one_goes_on(
    engine: list[str], death: signal.Signals, log: Path, server: Server, tmp_path: Path
) -> None:
    """Killed as the system does that has no memory left, or by a crash of a library."""
    (tmp_path / "sitecustomize.py").write_text(DIE_ONCE)
    (tmp_path / "die").touch()
    command = [sys.executable, "-m", "beam_jobs.aggregate_clicks", "--clicks", str(log), *engine]
    env = {
        **os.environ,
        "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}",
        "DIE": str(tmp_path / "die"),
        "DIE_BY": str(int(death)),
        "PYTHONFAULTHANDLER": "0",
    }

    def run(output: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, "--output", str(output)], env=env, capture_output=True, text=True, timeout=2 * SOON, check=False
        )

    started = time.monotonic()
    dead = run(tmp_path / "out")
    assert time.monotonic() - started < SOON
    assert not (tmp_path / "die").exists()
    if death == signal.SIGSEGV:
        assert dead.returncode == -death
    else:
        assert dead.returncode == 1, dead.stderr
        assert "failed: worker subprocess exited" in dead.stderr
        assert "run it again" in dead.stderr
        assert not (tmp_path / "out" / "_LOCK").exists()
    again = run(tmp_path / "out")
    assert again.returncode == 0, again.stderr
    undisturbed = server.run("aggregate_clicks", ["--clicks", log, "--output", tmp_path / "whole"])
    assert undisturbed.code == 0, undisturbed.said
    assert whole_folder(tmp_path / "out") == whole_folder(tmp_path / "whole")
