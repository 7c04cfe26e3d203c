"""Flags of engines: what Beam knows, short names, and engines that are not installed."""

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
