"""Loaded into Dask workers by ``--preload``: a phase of a job stops here, so that a test can kill it there.

Functions travel to workers by name, so a wrapper put in a function's place before any work is what they call.
A phase is armed by an empty file ``PHASE.pause`` or ``PHASE.die`` in the folder CONTROL. The first worker that
comes to it takes a pause's file (renames it to ``PHASE.PID``) and stands still; of ``die`` everybody dies.
"""

import functools
import importlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

CONTROL = "IMAGE_INTENT_TEST_CONTROL"
PHASES = {
    "split": ("labels.evidence", "count_clicks"),
    "merge": ("beam_jobs.blocks.shuffle", "map_partition"),
    "write": ("beam_jobs.blocks.write", "write_partition"),
}
LONGEST_PAUSE = 90.0
"""Seconds; a paused worker is killed long before, else it is an error."""


def stop_here(control: Path, phase: str) -> None:
    """Stand still or die where the phase is armed."""
    if (control / f"{phase}.die").exists():
        os.kill(os.getpid(), signal.SIGKILL)
    try:
        (control / f"{phase}.pause").rename(control / f"{phase}.{os.getpid()}")
    except FileNotFoundError:
        return
    time.sleep(LONGEST_PAUSE)
    raise RuntimeError(f"nobody killed the worker that paused in {phase}")


def wrap(control: Path, phase: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return `function`, which stops where its phase is armed."""

    @functools.wraps(function)
    def stopping(*args: Any, **kwargs: Any) -> Any:
        stop_here(control, phase)
        return function(*args, **kwargs)

    return stopping


def dask_setup(worker: object) -> None:
    """Put the wrappers in place; Dask calls this in each worker process."""
    control = Path(os.environ[CONTROL])
    for phase, (module_name, name) in PHASES.items():
        module = importlib.import_module(module_name)
        setattr(module, name, wrap(control, phase, getattr(module, name)))
