"""Run a graph on a Beam runner; flags that nobody knows are errors."""

import difflib
import logging
from collections.abc import Callable, Sequence
from typing import Any

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from beam_jobs.blocks.failures import JobError
from beam_jobs.blocks.files import UsageError

LOCAL_RUNNER = "FnApiRunner"
"""Named, since Beam's default tries to download another engine and falls back silently."""


def _beam_parser() -> Any:
    from apache_beam.options.pipeline_options import _BeamArgumentParser

    parser = _BeamArgumentParser(allow_abbrev=False, add_help=False)
    for options in PipelineOptions.__subclasses__():
        options._add_argparse_args(parser)
    return parser


def check_engine_flags(flags: Sequence[str], *, own: Sequence[str] = ()) -> None:
    """Raise UsageError for a flag of `flags` that Beam does not know.

    Args:
        flags: what a job's own parser left over.
        own: the job's own flags, to suggest one for a typo.
    """
    if any("dask_runner" in flag for flag in flags):
        __import__("apache_beam.runners.dask.dask_runner")  # registers Beam's options for Dask
    parser = _beam_parser()
    parser.error = _usage_error
    _, unknown = parser.parse_known_args(list(flags))
    if unknown:
        flag = unknown[0].split("=", 1)[0]
        known = [*own, *(option for action in parser._actions for option in action.option_strings)]
        close = difflib.get_close_matches(flag, known, n=1)
        hint = f"; did you mean {close[0]}?" if close else "; neither this job nor Beam has it"
        raise UsageError(f"unknown flag or value {unknown[0]!r}{hint}")


def _usage_error(message: str) -> None:
    raise UsageError(message)


def run_graph(build: Callable[[beam.Pipeline], beam.PCollection[int]], flags: Sequence[str], *, workers: int) -> None:
    """Build a graph and run it to its end.

    Args:
        build: adds the steps to an empty pipeline.
        flags: Beam's own flags; without ``--runner`` the local runner is used.
        workers: threads of the local runner; they share the decoder's and the model's code and memory.
    """
    logging.getLogger("apache_beam").setLevel(logging.ERROR)
    chosen = list(flags)
    if not any(flag == "--runner" or flag.startswith("--runner=") for flag in chosen):
        chosen.append(f"--runner={LOCAL_RUNNER}")
        if workers > 1:
            chosen += [f"--direct_num_workers={workers}", "--direct_running_mode=multi_threading"]
    options = PipelineOptions(chosen)
    try:
        pipeline = beam.Pipeline(options=options)
    except ValueError as error:  # a runner that is not there, or one of its flags
        raise UsageError(str(error)) from error
    build(pipeline)
    try:
        pipeline.run().wait_until_finish()
    except (UsageError, JobError):
        raise
    except Exception as error:  # an engine raises what it likes; its user needs one line, the log has the rest
        logging.getLogger(__name__).debug("the engine failed", exc_info=True)
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise JobError(f"the engine failed: {lines[-1]}") from error
