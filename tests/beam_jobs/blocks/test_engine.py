"""Flags of engines: what Beam knows, short names, and engines that are not installed."""

import re
import sys

import pytest

from beam_jobs.blocks import dask_cluster
from beam_jobs.blocks.engine import LOCAL_RUNNER, check_engine_flags, is_local, runner_of
from beam_jobs.blocks.files import UsageError


@pytest.mark.parametrize(
    ("flags", "runner"),
    [
        ([], None),
        (["--runner"], ""),
        (["--runner", "FnApiRunner"], LOCAL_RUNNER),
        (["--runner=dask"], dask_cluster.RUNNER),
        (["--runner", "DaskRunner", "--streaming"], dask_cluster.RUNNER),
        (["--runner=dask", "--runner=PrismRunner"], "PrismRunner"),
    ],
)
def test_the_last_runner_counts_and_dask_has_a_short_name(flags: list[str], runner: str | None) -> None:
    assert runner_of(flags) == runner
    assert is_local(flags) == (runner in (None, LOCAL_RUNNER))


def test_flags_of_dask_without_it_are_no_local_run() -> None:
    with pytest.raises(UsageError, match="--dask_client_address is for --runner dask; name the runner too"):
        check_engine_flags(["--dask_client_address=tcp://127.0.0.1:1"])


def test_dask_that_is_not_installed_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r"--runner dask needs .*pip install 'image-intent\[cluster\]'"):
        check_engine_flags(["--runner=dask"])


def test_the_code_version_tells_what_decides_the_bytes() -> None:
    version = dask_cluster.code_version()
    assert set(version) == {"image-intent", *dask_cluster.PACKAGES}
    assert all(version.values())


@pytest.mark.parametrize(
    ("name", "hint"),
    [("daks", "did you mean dask?"), ("Flik", "did you mean flink?"), ("x", "it is dask or one of DataflowRunner")],
)
def test_a_runner_that_nobody_knows_is_named_with_the_nearest(name: str, hint: str) -> None:
    with pytest.raises(UsageError, match=re.escape(f"--runner {name}: there is no such runner; {hint}")):
        check_engine_flags([f"--runner={name}"])


@pytest.mark.parametrize("name", ["Prism", "flinkrunner", "my.own.Runner", "FnApiRunner"])
def test_other_runners_pass(name: str) -> None:
    check_engine_flags(["--runner", name])
