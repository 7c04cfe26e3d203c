"""Jobs on Flink through Beam's job server: the same bytes again.

FLINK_JOB_SERVER_JAR names Beam's jar, ``beam-runners-flink-VERSION-job-server-BEAM.jar``, which brings Flink with it;
FLINK_VERSION is its Flink (default: the newest that Beam has). docs/engines.md says more.
"""

import os
import shutil
import signal
from pathlib import Path

import pytest

from tests.beam_jobs.conftest import whole_folder
from tests.cluster.conftest import Servers, World, arm, assert_failed, assert_intact, paused, start_job, start_pool

JAR = os.environ.get("FLINK_JOB_SERVER_JAR", "")
VERSION = os.environ.get("FLINK_VERSION", "2.2")
pytestmark = [
    pytest.mark.skipif(not JAR, reason="FLINK_JOB_SERVER_JAR does not name Beam's job server for Flink"),
    pytest.mark.skipif(shutil.which("java") is None, reason="Java, which runs Flink, is not installed"),
]


@pytest.fixture
def flink(servers: Servers) -> tuple[list[str], Path]:
    """Return the flags that send a job to a Flink in one process with a pool of workers, and its control folder."""
    assert Path(JAR).is_file(), f"FLINK_JOB_SERVER_JAR={JAR} is not there"
    _, workers, control = start_pool(servers)
    return [
        "--runner=FlinkRunner",
        f"--flink_version={VERSION}",
        f"--flink_job_server_jar={JAR}",
        "--flink_master=[local]",
        "--parallelism=2",
        "--environment_type=EXTERNAL",
        f"--environment_config={workers}",
    ], control


def test_aggregate_clicks(flink: tuple[list[str], Path], world: World, tmp_path: Path) -> None:
    inputs = ["--clicks", world.log, "--output", tmp_path / "o"]
    ended = start_job("aggregate_clicks", tmp_path / "log", *inputs, *flink[0]).end()
    assert ended.code == 0, ended.errors
    assert whole_folder(tmp_path / "o") == whole_folder(world.evidence)


def test_derive_labels(flink: tuple[list[str], Path], world: World, tmp_path: Path) -> None:
    inputs = ["--evidence", world.evidence, "--collection", world.collection, "--output", tmp_path / "o"]
    ended = start_job("derive_labels", tmp_path / "log", *inputs, *flink[0]).end()
    assert ended.code == 0, ended.errors
    assert whole_folder(tmp_path / "o") == whole_folder(world.labels)


def test_a_killed_worker_fails_the_job(
    flink: tuple[list[str], Path], world: World, old_output: Path, tmp_path: Path
) -> None:
    flags, control = flink
    arm(control, "merge")
    inputs = ["--clicks", world.later_log, "--output", old_output]
    run = start_job("aggregate_clicks", tmp_path / "log", *inputs, *flags)
    os.kill(paused(control, "merge"), signal.SIGKILL)
    assert_failed(run.end(), "the engine failed")
    assert_intact(old_output, world.evidence)
