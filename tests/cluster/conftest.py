"""Real servers for jobs to run on, started and stopped per test, and jobs as people start them."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
import pytest

from beam_jobs import aggregate_clicks, derive_labels
from beam_jobs.blocks import manifest
from tests.beam_jobs.conftest import click_rows, planted_intents, succeed, whole_folder, write_table
from tests.cluster.pauses import CONTROL

ROOT = Path(__file__).resolve().parents[2]
PARTITIONS = 4
START_SECONDS = 60.0
"""Longest wait for a server to come up on a busy machine."""
RUN_SECONDS = 120.0
"""Longest a job of a test may take: what takes longer hangs."""
SHARDS = 6

T = TypeVar("T")


def wait_for(look: Callable[[], T | None], what: str, seconds: float = START_SECONDS) -> T:
    """Return what `look` finds, looking again until it is not None; fail after `seconds`."""
    end = time.monotonic() + seconds
    while (found := look()) is None:
        assert time.monotonic() < end, f"no {what} within {seconds:.0f} s"
        time.sleep(0.05)
    return found


def environment(**extra: str) -> dict[str, str]:
    """Return the environment of servers and jobs: the checkout can be imported, ``python`` is this one."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), **extra}


@dataclass
class Servers:
    """Processes that a test started, each in a group of its own."""

    folder: Path
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, name: str, *command: str, **extra: str) -> subprocess.Popen[bytes]:
        """Start a server that logs to ``NAME.log``."""
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                command,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment(**extra),
                cwd=self.folder,
                start_new_session=True,
            )
        self.running.append(process)
        return process

    def log(self, name: str) -> str:
        """Return what the server wrote so far."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def stop(self) -> None:
        """End all servers and what they started."""
        for process in self.running:
            kill_group(process)
        self.running.clear()


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a server and its children at once."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Servers]:
    """Start servers that end with the test."""
    started = Servers(tmp_path)
    yield started
    started.stop()


@dataclass
class DaskCluster:
    """A scheduler and its workers, each with a nanny that starts it again."""

    servers: Servers
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]]
    address: str
    control: Path

    @property
    def flags(self) -> list[str]:
        """Flags that send a job here."""
        return ["--runner", "dask", f"--dask_client_address={self.address}"]

    def paused(self, phase: str) -> int:
        """Return the process id of the worker that paused in `phase`, once one has."""
        return paused(self.control, phase)

    def arm(self, phase: str, what: str = "pause") -> Path:
        """Let a worker pause, or every worker die, when it comes to `phase`."""
        return arm(self.control, phase, what)


def paused(control: Path, phase: str) -> int:
    """Return the process id of the worker that paused in `phase`, once one has."""
    path = wait_for(lambda: next(control.glob(f"{phase}.[0-9]*"), None), f"worker in the {phase} phase")
    path.unlink()
    return int(path.suffix[1:])


def arm(control: Path, phase: str, what: str = "pause") -> Path:
    """Let a worker pause, or every worker die, when it comes to `phase`."""
    path = control / f"{phase}.{what}"
    path.touch()
    return path


def start_pool(servers: Servers) -> tuple[subprocess.Popen[bytes], str, Path]:
    """Start Beam's pool of external workers; return it, its address and the folder that arms phases."""
    control = servers.folder / "control"
    control.mkdir()
    python_path = os.pathsep.join([str(ROOT / "tests" / "cluster" / "site"), str(ROOT)])
    module = "apache_beam.runners.worker.worker_pool_main"
    pool = servers.start(
        "pool", "python", "-m", module, "--service_port=0", **{CONTROL: str(control), "PYTHONPATH": python_path}
    )

    def address() -> str | None:
        assert pool.poll() is None, servers.log("pool")
        found = re.search(r"servicer at port: (\S+)", servers.log("pool"))
        return found and found[1]

    return pool, wait_for(address, "worker pool"), control


def start_scheduler(servers: Servers) -> tuple[subprocess.Popen[bytes], str]:
    """Start a Dask scheduler on a free port; return it and its address."""
    file = servers.folder / "scheduler.json"
    process = servers.start(
        "scheduler",
        *(sys.executable, "-m", "dask", "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"),
        *("--scheduler-file", str(file)),
    )

    def address() -> str | None:
        assert process.poll() is None, servers.log("scheduler")
        with contextlib.suppress(OSError, ValueError):
            return str(json.loads(file.read_text())["address"])
        return None

    return process, wait_for(address, "Dask scheduler")


def wait_for_worker(servers: Servers, name: str) -> None:
    """Wait until a worker of Dask says that it is at work."""
    wait_for(lambda: True if "Starting established" in servers.log(name) else None, name)


def start_dask(servers: Servers, *, workers: int = 2) -> DaskCluster:
    """Start a scheduler and `workers` worker processes of one thread, and wait until they are there."""
    scheduler, address = start_scheduler(servers)
    control = servers.folder / "control"
    control.mkdir()
    started = [
        servers.start(
            f"worker-{n}",
            *(sys.executable, "-m", "dask", "worker", address, "--host", "127.0.0.1", "--no-dashboard"),
            *("--nworkers", "1", "--nthreads", "1", "--memory-limit", "1GiB", "--local-directory", f"local-{n}"),
            *("--preload", "tests.cluster.pauses"),
            **{CONTROL: str(control)},
        )
        for n in range(workers)
    ]
    for n in range(workers):
        wait_for_worker(servers, f"worker-{n}")
    return DaskCluster(servers, scheduler, started, address, control)


@pytest.fixture(scope="module")
def dask_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskCluster]:
    """A cluster for tests that leave it whole."""
    pytest.importorskip("distributed", reason="dask is not installed (pip install 'image-intent[cluster]')")
    servers = Servers(tmp_path_factory.mktemp("dask"))
    try:
        yield start_dask(servers)
    finally:
        servers.stop()


@pytest.fixture
def doomed_cluster(servers: Servers) -> DaskCluster:
    """A cluster that a test may destroy."""
    pytest.importorskip("distributed", reason="dask is not installed (pip install 'image-intent[cluster]')")
    return start_dask(servers)


@dataclass(frozen=True)
class Ended:
    """How a job ended."""

    code: int
    errors: str
    seconds: float


@dataclass
class Running:
    """A job that was started."""

    process: subprocess.Popen[bytes]
    log: Path
    started: float

    def end(self) -> Ended:
        """Wait for the end of the job; one that hangs is killed and fails the test."""
        try:
            code = self.process.wait(timeout=RUN_SECONDS)
        except subprocess.TimeoutExpired:
            pytest.fail(f"the job hangs: {self.log.read_text()}")
        finally:
            kill_group(self.process)
        return Ended(code, self.log.read_text(), time.monotonic() - self.started)


def start_job(job: str, log: Path, *flags: object, **extra: str) -> Running:
    """Start a job by its real command line."""
    command = [sys.executable, "-m", f"beam_jobs.{job}", *map(str, flags), "--partitions", str(PARTITIONS)]
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, stdout=file, stderr=file, env=environment(**extra), cwd=log.parent, start_new_session=True
        )
    _jobs.append(process)
    return Running(process, log, time.monotonic())


_jobs: list[subprocess.Popen[bytes]] = []


@pytest.fixture(autouse=True)
def _end_jobs() -> Iterator[None]:
    """End the jobs of a test that failed before their end."""
    yield
    while _jobs:
        kill_group(_jobs.pop())


@dataclass(frozen=True)
class World:
    """A planted log in several files, its collection, and what the local runner makes of them."""

    log: Path
    later_log: Path
    collection: Path
    evidence: Path
    later_evidence: Path
    labels: Path


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The inputs, and the outputs of the local runner that every engine must repeat."""
    folder = tmp_path_factory.mktemp("world")
    rows = click_rows()
    later = rows.slice(rows.num_rows // 3)
    write_log(rows, folder / "log")
    write_log(later, folder / "later")
    ids = [*planted_intents(), "never-shown"]
    collection = pa.table({"image_id": ids, "uri": [f"/nowhere/{image_id}" for image_id in ids]})
    made = World(
        log=folder / "log",
        later_log=folder / "later",
        collection=write_table(collection, folder / "collection.parquet"),
        evidence=folder / "evidence",
        later_evidence=folder / "later-evidence",
        labels=folder / "labels",
    )
    succeed(aggregate_clicks.main, clicks=made.log, output=made.evidence)
    succeed(aggregate_clicks.main, clicks=made.later_log, output=made.later_evidence)
    succeed(derive_labels.main, evidence=made.evidence, collection=made.collection, output=made.labels)
    assert whole_folder(made.evidence) != whole_folder(made.later_evidence)
    return made


def write_log(rows: pa.Table, folder: Path) -> None:
    """Write a log as several files, so that several workers read it."""
    step = -(-rows.num_rows // SHARDS)
    for n in range(SHARDS):
        write_table(rows.slice(n * step, step), folder / f"{n}.parquet")


@pytest.fixture
def old_output(world: World, tmp_path: Path) -> Path:
    """The output of an earlier run that stands where the next one will write."""
    return shutil.copytree(world.evidence, tmp_path / "out")


def assert_failed(ended: Ended, *words: str) -> None:
    """Assert exit code 1 and one line on stderr that has all of `words`."""
    assert ended.code == 1, ended.errors
    assert ended.errors.startswith("failed: "), ended.errors
    assert ended.errors.count("\n") == 1, ended.errors
    assert [word for word in words if word not in ended.errors] == [], ended.errors


def assert_intact(output: Path, before: Path) -> None:
    """Assert that `output` is what `before` was, but for the reason of the failure beside it."""
    after = {name: content for name, content in whole_folder(output).items() if manifest.FAILED not in name}
    expected = whole_folder(before)
    assert after[manifest.MANIFEST] == expected[manifest.MANIFEST]
    assert {name: after[name] for name in expected} == expected
    assert (output / manifest.FAILED / "reason.txt").exists()
