"""Jobs on a Dask cluster of separate processes: the bytes of the local runner, also where servers die."""

import os
import signal
import sys
from pathlib import Path

import pytest

from tests.beam_jobs.conftest import whole_folder
from tests.cluster.conftest import (
    DaskCluster,
    Servers,
    World,
    assert_failed,
    assert_intact,
    kill_group,
    start_job,
    start_scheduler,
    wait_for_worker,
)

pytest.importorskip("distributed", reason="dask is not installed (pip install 'image-intent[cluster]')")

SHORT_PATIENCE = {"DASK_DISTRIBUTED__SCHEDULER__NO_WORKERS_TIMEOUT": "3s"}


class TestSameBytes:
    def test_aggregate_clicks(self, dask_cluster: DaskCluster, world: World, tmp_path: Path) -> None:
        flags = ["--runner=apache_beam.runners.dask.dask_runner.DaskRunner", *dask_cluster.flags[2:]]
        run = start_job("aggregate_clicks", tmp_path / "log", "--clicks", world.log, "--output", tmp_path / "o", *flags)
        ended = run.end()
        assert ended.code == 0, ended.errors
        assert whole_folder(tmp_path / "o") == whole_folder(world.evidence)

    def test_derive_labels(self, dask_cluster: DaskCluster, world: World, tmp_path: Path) -> None:
        inputs = ["--evidence", world.evidence, "--collection", world.collection]
        run = start_job("derive_labels", tmp_path / "log", *inputs, "--output", tmp_path / "o", *dask_cluster.flags)
        ended = run.end()
        assert ended.code == 0, ended.errors
        assert whole_folder(tmp_path / "o") == whole_folder(world.labels)

    def test_a_job_after_a_job(self, dask_cluster: DaskCluster, world: World, tmp_path: Path) -> None:
        """derive_labels --clicks makes the evidence first, by a run of its own on the same cluster."""
        inputs = ["--clicks", world.log, "--collection", world.collection, "--temp", tmp_path / "temp"]
        run = start_job("derive_labels", tmp_path / "log", *inputs, "--output", tmp_path / "o", *dask_cluster.flags)
        ended = run.end()
        assert ended.code == 0, ended.errors
        assert whole_folder(tmp_path / "o") == whole_folder(world.labels)


class TestAKilledWorker:
    @pytest.mark.parametrize("phase", ["split", "merge", "write"])
    def test_is_replaced(
        self, phase: str, dask_cluster: DaskCluster, world: World, old_output: Path, tmp_path: Path
    ) -> None:
        """SIGKILL in the middle of the phase; the run ends right."""
        dask_cluster.arm(phase)
        inputs = ["--clicks", world.later_log, "--output", old_output]
        run = start_job("aggregate_clicks", tmp_path / "log", *inputs, *dask_cluster.flags)
        pid = dask_cluster.paused(phase)
        assert run.process.poll() is None
        os.kill(pid, signal.SIGKILL)
        ended = run.end()
        assert ended.code == 0, ended.errors
        assert whole_folder(old_output) == whole_folder(world.later_evidence)

    def test_of_derive_labels_is_replaced(self, dask_cluster: DaskCluster, world: World, tmp_path: Path) -> None:
        dask_cluster.arm("merge")
        inputs = ["--evidence", world.evidence, "--collection", world.collection, "--output", tmp_path / "o"]
        run = start_job("derive_labels", tmp_path / "log", *inputs, *dask_cluster.flags)
        os.kill(dask_cluster.paused("merge"), signal.SIGKILL)
        ended = run.end()
        assert ended.code == 0, ended.errors
        assert whole_folder(tmp_path / "o") == whole_folder(world.labels)

    def test_for_good_leaves_the_work_to_the_other(
        self, doomed_cluster: DaskCluster, world: World, old_output: Path, tmp_path: Path
    ) -> None:
        doomed_cluster.arm("merge")
        inputs = ["--clicks", world.later_log, "--output", old_output]
        run = start_job("aggregate_clicks", tmp_path / "log", *inputs, *doomed_cluster.flags)
        pid = doomed_cluster.paused("merge")
        kill_group(next(nanny for nanny in doomed_cluster.workers if os.getpgid(pid) == nanny.pid))
        ended = run.end()
        assert ended.code == 0, ended.errors
        assert whole_folder(old_output) == whole_folder(world.later_evidence)


class TestALostCluster:
    def test_workers_that_always_die(
        self, dask_cluster: DaskCluster, world: World, old_output: Path, tmp_path: Path
    ) -> None:
        """A piece of work that kills whoever takes it, as too little memory does."""
        armed = dask_cluster.arm("merge", "die")
        try:
            inputs = ["--clicks", world.later_log, "--output", old_output]
            ended = start_job("aggregate_clicks", tmp_path / "log", *inputs, *dask_cluster.flags).end()
        finally:
            armed.unlink()
        assert_failed(ended, "4 workers died of the same piece of work", "--memory-limit")
        assert_intact(old_output, world.evidence)

    def test_both_workers_for_good(
        self, doomed_cluster: DaskCluster, world: World, old_output: Path, tmp_path: Path
    ) -> None:
        doomed_cluster.arm("split")
        inputs = ["--clicks", world.later_log, "--output", old_output]
        run = start_job("aggregate_clicks", tmp_path / "log", *inputs, *doomed_cluster.flags, **SHORT_PATIENCE)
        doomed_cluster.paused("split")
        for worker in doomed_cluster.workers:
            kill_group(worker)
        assert_failed(run.end(), "no Dask worker is left")
        assert_intact(old_output, world.evidence)

    @pytest.mark.parametrize("phase", ["split", "write"])
    def test_the_scheduler(
        self, phase: str, doomed_cluster: DaskCluster, world: World, old_output: Path, tmp_path: Path
    ) -> None:
        """Beam calls such a run DONE."""
        doomed_cluster.arm(phase)
        inputs = ["--clicks", world.later_log, "--output", old_output]
        run = start_job("aggregate_clicks", tmp_path / "log", *inputs, *doomed_cluster.flags)
        doomed_cluster.paused(phase)
        kill_group(doomed_cluster.scheduler)
        assert_failed(run.end(), "the Dask scheduler went away")
        assert_intact(old_output, world.evidence)


UNFIT = {
    "cannot import beam_jobs": "sys.modules['beam_jobs'] = None",
    "has image-intent abc, the launcher": (
        "import beam_jobs.blocks.dask_cluster as d; found = dict(d.code_version(), **{'image-intent': 'abc'}); "
        "d.code_version = lambda: found"
    ),
}


class TestAnUnfitCluster:
    @pytest.mark.parametrize("message", UNFIT)
    def test_workers_with_other_code(self, message: str, servers: Servers, world: World, tmp_path: Path) -> None:
        _, address = start_scheduler(servers)
        code = f"import sys; {UNFIT[message]}; from dask.__main__ import main; main()"
        servers.start(
            "worker",
            *(sys.executable, "-c", code, "worker", address, "--host", "127.0.0.1", "--no-dashboard", "--no-nanny"),
        )
        wait_for_worker(servers, "worker")
        inputs = ["--clicks", world.log, "--output", tmp_path / "o"]
        flags = ["--runner=dask", f"--dask_client_address={address}"]
        ended = start_job("aggregate_clicks", tmp_path / "log", *inputs, *flags).end()
        assert_failed(ended, message)

    def test_no_workers(self, servers: Servers, world: World, tmp_path: Path) -> None:
        _, address = start_scheduler(servers)
        inputs = ["--clicks", world.log, "--output", tmp_path / "o"]
        flags = ["--runner=dask", f"--dask_client_address={address}"]
        ended = start_job("aggregate_clicks", tmp_path / "log", *inputs, *flags, **SHORT_PATIENCE).end()
        assert_failed(ended, f"the Dask scheduler at {address} has no workers")

    def test_no_scheduler(self, world: World, tmp_path: Path) -> None:
        inputs = ["--clicks", world.log, "--output", tmp_path / "o"]
        flags = ["--runner=dask", "--dask_client_address=tcp://127.0.0.1:9", "--dask_connection_timeout=2"]
        ended = start_job("aggregate_clicks", tmp_path / "log", *inputs, *flags).end()
        assert_failed(ended, "no Dask scheduler answers at tcp://127.0.0.1:9")
