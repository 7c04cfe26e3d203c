"""Jobs on Prism, a server of Beam's portable protocol, as Flink, Spark and Dataflow are: the same bytes again.

``make cluster-test`` builds Prism where Go is there; workers come from an external pool, as on a real cluster.
"""

import os
import re
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import apache_beam as beam
import pytest

from tests.beam_jobs.conftest import whole_folder
from tests.cluster.conftest import (
    ROOT,
    Servers,
    World,
    arm,
    assert_failed,
    assert_intact,
    kill_group,
    paused,
    start_job,
    start_pool,
    wait_for,
)

PRISM = ROOT / ".cache" / f"prism-{beam.__version__}" / "prism"
"""Where ``make cluster-test`` builds it."""
WHY_NOT = "make cluster-test builds Prism" if shutil.which("go") else "Go, which builds Prism, is not installed"
pytestmark = pytest.mark.skipif(not PRISM.is_file(), reason=f"{PRISM.relative_to(ROOT)} is not there: {WHY_NOT}")


@dataclass
class PrismServer:
    """Prism and a pool of workers."""

    server: subprocess.Popen[bytes]
    pool: subprocess.Popen[bytes]
    flags: list[str]
    control: Path


@pytest.fixture
def prism(servers: Servers) -> PrismServer:
    """Start Prism and a worker pool on free ports."""
    server = servers.start("prism", str(PRISM), "--job_port=0", "--serve_http=false", "--log_kind=json")
    pool, workers, control = start_pool(servers)

    def endpoint() -> str | None:
        assert server.poll() is None, servers.log("prism")
        found = re.search(r'"endpoint":"([^"]+)"', servers.log("prism"))
        return found and found[1]

    flags = ["--runner=PortableRunner", f"--job_endpoint={wait_for(endpoint, 'Prism')}"]
    flags += ["--environment_type=EXTERNAL", f"--environment_config={workers}"]
    return PrismServer(server, pool, flags, control)


def test_aggregate_clicks(prism: PrismServer, world: World, tmp_path: Path) -> None:
    run = start_job(
        "aggregate_clicks", tmp_path / "log", "--clicks", world.log, "--output", tmp_path / "o", *prism.flags
    )
    ended = run.end()
    assert ended.code == 0, ended.errors
    assert whole_folder(tmp_path / "o") == whole_folder(world.evidence)


def test_derive_labels(prism: PrismServer, world: World, tmp_path: Path) -> None:
    inputs = ["--evidence", world.evidence, "--collection", world.collection, "--output", tmp_path / "o"]
    ended = start_job("derive_labels", tmp_path / "log", *inputs, *prism.flags).end()
    assert ended.code == 0, ended.errors
    assert whole_folder(tmp_path / "o") == whole_folder(world.labels)


@pytest.mark.parametrize("phase", ["split", "merge"])
def test_a_killed_worker_fails_the_job(
    phase: str, prism: PrismServer, world: World, old_output: Path, tmp_path: Path
) -> None:
    """Prism starts no other one: exit code 1, and the old output stays."""
    arm(prism.control, phase)
    inputs = ["--clicks", world.later_log, "--output", old_output]
    run = start_job("aggregate_clicks", tmp_path / "log", *inputs, *prism.flags)
    os.kill(paused(prism.control, phase), signal.SIGKILL)
    assert_failed(run.end(), "the engine failed", "SDK worker disconnected")
    assert_intact(old_output, world.evidence)


def test_a_killed_server_fails_the_job(prism: PrismServer, world: World, old_output: Path, tmp_path: Path) -> None:
    arm(prism.control, "merge")
    inputs = ["--clicks", world.later_log, "--output", old_output]
    run = start_job("aggregate_clicks", tmp_path / "log", *inputs, *prism.flags)
    paused(prism.control, "merge")
    kill_group(prism.server)
    assert_failed(run.end(), "its server does not answer")
    assert_intact(old_output, world.evidence)


def test_no_worker_pool(prism: PrismServer, world: World, tmp_path: Path) -> None:
    kill_group(prism.pool)
    inputs = ["--clicks", world.log, "--output", tmp_path / "o"]
    assert_failed(start_job("aggregate_clicks", tmp_path / "log", *inputs, *prism.flags).end(), "the engine failed")
