"""A Dask cluster behind Beam's own DaskRunner: whether it is fit for the work, and whether it still lives.

Beam's runner says DONE when the scheduler dies, waits for ever when all workers are gone, and lets workers run
other code than the launcher's. Here each of these becomes one line and exit code 1, within a bounded time.
"""

import functools
import hashlib
import importlib
import importlib.metadata
import logging
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from apache_beam.options.pipeline_options import PipelineOptions

from beam_jobs.blocks.failures import JobError
from beam_jobs.blocks.files import UsageError

RUNNER = "apache_beam.runners.dask.dask_runner.DaskRunner"
PACKAGES = ("apache-beam", "numpy", "polars", "pyarrow")
"""Equal bytes need equal versions of these."""
ROOMS = ("beam_jobs", "dedup", "intent", "labels")
ANSWER_SECONDS = 30.0
"""Longest wait for an answer of the scheduler; a busy one takes a few seconds."""
WORKERLESS_SECONDS = 60.0
"""How long a run waits where no worker is left: a nanny restarts one in about a second, a pod takes longer.
Dask's own setting ``distributed.scheduler.no-workers-timeout`` overrides it."""
LOOK_SECONDS = 1.0
"""Between two looks at the workers."""
POLL_SECONDS = 0.05
"""Between two looks at the state of the work, which costs nothing: the client holds it."""
TASKS_PER_THREAD = 4
"""Pieces of a step per thread: small enough to even out, and to lose little with a worker."""
TASKS = (16, 256)
"""Fewest and most pieces of a step; the shuffle costs about their square in small tasks."""


def load_runner() -> None:
    """Import Beam's runner for Dask, which registers its flags.

    Raises:
        UsageError: dask is not installed.
    """
    try:
        importlib.import_module("distributed")
        importlib.import_module("apache_beam.runners.dask.dask_runner")
    except ImportError as error:
        raise UsageError(
            f"--runner dask needs the package {error.name or 'dask'}; pip install 'image-intent[cluster]'"
        ) from error
    _bound_pieces()


@functools.cache
def _bound_pieces() -> None:
    """Let Beam's runner group no more pieces than it was told to make.

    A flatten has the pieces of all its flows, and a shuffle as many as what it groups: after some shuffles of several
    flows there would be thousands, each a task of each shuffle's stages.
    """
    from apache_beam.runners.dask import transform_evaluator

    grouped = transform_evaluator.GroupByKey.apply

    def apply(self: Any, input_bag: Any, *rest: Any, **named: Any) -> Any:
        most = self.bag_kwargs.get("npartitions") or TASKS[1]
        if input_bag.npartitions > most:
            input_bag = input_bag.repartition(npartitions=most)
        return grouped(self, input_bag, *rest, **named)

    transform_evaluator.GroupByKey.apply = apply


@functools.cache
def code_version() -> dict[str, str]:
    """Return the versions of what decides the bytes in this process, our own code as a hash of its files.

    It is taken once per process: a worker goes on with the modules that it loaded first.
    """
    root = Path(__file__).resolve().parents[2]
    digest = hashlib.sha256()
    for path in sorted(path for room in ROOMS for path in (root / room).rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return {
        "image-intent": digest.hexdigest()[:12],
        **{package: importlib.metadata.version(package) for package in PACKAGES},
    }


def prepare(flags: Sequence[str]) -> list[str]:
    """Check the cluster that `flags` name; return the flags that a run on it needs beside them.

    Without an address Beam's runner starts a cluster of its own on this machine, so there is nothing to check.

    Raises:
        UsageError: the scheduler file is not there.
        JobError: nothing answers, no worker comes, or one has other code or versions than this process.
    """
    load_runner()
    from apache_beam.runners.dask.dask_runner import DaskOptions

    for logger in ("distributed", "distributed.client", "distributed.core"):  # it sets each one's level itself
        logging.getLogger(logger).setLevel(logging.CRITICAL)
    given = PipelineOptions(list(flags)).view_as(DaskOptions).get_all_options(drop_default=True, current_only=True)
    cut = DaskOptions._extract_bag_kwargs(given)
    file = given.get("scheduler_file")
    if file is not None and not Path(file).is_file():  # Dask would wait for it for ever
        raise UsageError(f"--dask_scheduler_file {file} is not there; start the scheduler first")
    threads = 0
    if file is not None or "address" in given:
        threads = _check_workers(given)
    fewest, most = TASKS
    return [] if cut else [f"--dask_npartitions={min(max(threads * TASKS_PER_THREAD, fewest), most)}"]


def _check_workers(given: dict[str, Any]) -> int:
    """Return the threads of a cluster whose workers and scheduler have the launcher's code and versions."""
    import distributed

    where = given.get("address") or given.get("scheduler_file")
    try:
        client = distributed.Client(**{"timeout": ANSWER_SECONDS, **given})
    except (OSError, ValueError) as error:
        raise JobError(f"no Dask scheduler answers at {where}: {error or type(error).__name__}") from error
    try:
        try:
            client.wait_for_workers(1, timeout=_patience())
        except TimeoutError as error:
            raise JobError(f"the Dask scheduler at {where} has no workers; start some") from error
        _compare("the scheduler", client.run_on_scheduler(code_version))
        for address, found in client.run(code_version).items():
            _compare(f"the worker {address}", found)
        return int(sum(client.nthreads().values()))
    except JobError:
        raise
    except Exception as error:  # what a remote process raised comes as Exception with its text
        if "ModuleNotFoundError" in f"{type(error).__name__}: {error}":
            raise JobError(
                f"the cluster at {where} cannot import beam_jobs or what it needs ({error}); install this version"
                " of image-intent for its scheduler and all workers, and start them again"
            ) from error
        raise JobError(f"the Dask cluster at {where} does not work: {error or type(error).__name__}") from error
    finally:
        _close(client)


def _compare(who: str, found: dict[str, str]) -> None:
    ours = code_version()
    for package, version in ours.items():
        if found.get(package) != version:
            raise JobError(
                f"{who} has {package} {found.get(package)}, the launcher {version}: the output would depend on it;"
                " install the same and start it again"
            )


def wait_until_done(result: Any) -> None:
    """Wait for the end of a run on Dask, no longer than there is something to wait for.

    Args:
        result: what DaskRunner's ``run`` returned.

    Raises:
        JobError: the scheduler is gone or silent, no worker is left, or a task killed several workers.
        Exception: what a task raised.
    """
    import distributed

    client, futures = result.client, list(result.futures)
    patience = _patience()
    seen = looked = time.monotonic()
    failure: BaseException | None = None
    try:
        while failure is None and not all(future.status == "finished" for future in futures):
            time.sleep(POLL_SECONDS)
            for future in futures:
                if future.status == "error":
                    failure = future.exception(timeout=ANSWER_SECONDS)
            if client.status != "running" or any(future.status == "cancelled" for future in futures):
                raise JobError("the Dask scheduler went away in mid-run; start it and run the job again")
            now = time.monotonic()
            if now - looked > LOOK_SECONDS:
                looked = now
                if client.sync(client.scheduler.ncores, callback_timeout=ANSWER_SECONDS):
                    seen = now
                elif now - seen > patience:
                    raise JobError(f"no Dask worker is left for {now - seen:.0f} s; start some and run the job again")
    except OSError as error:  # timeouts too
        raise JobError("the Dask scheduler does not answer any more; run the job again") from error
    finally:
        _close(client)
    if isinstance(failure, distributed.KilledWorker):
        raise JobError(
            f"{failure.allowed_failures + 1} workers died of the same piece of work, of too little memory perhaps:"
            " give them more (--memory-limit), or cut finer (--partitions, --dask_npartitions)"
        ) from failure
    if failure is not None:
        raise failure


def _patience() -> float:
    """Return how many seconds a run waits for a first or another worker."""
    import dask
    from dask.utils import parse_timedelta

    configured = dask.config.get("distributed.scheduler.no-workers-timeout", None)
    return WORKERLESS_SECONDS if configured is None else float(parse_timedelta(configured))


def _close(client: Any) -> None:
    try:
        client.close(timeout=ANSWER_SECONDS if client.status == "running" else 1.0)
    except (OSError, TimeoutError, RuntimeError):
        logging.getLogger(__name__).debug("the Dask client did not close", exc_info=True)
