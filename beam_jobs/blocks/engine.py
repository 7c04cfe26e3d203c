"""Run a graph on a Beam runner; flags that nobody knows are errors."""

import contextlib
import difflib
import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions, StandardOptions

from beam_jobs.blocks import dask_cluster, watchdog
from beam_jobs.blocks.failures import JobError
from beam_jobs.blocks.files import UsageError

LOCAL_RUNNER = "FnApiRunner"
"""Named, since Beam's default tries to download another engine and falls back silently."""
SHORT_NAMES = {"dask": dask_cluster.RUNNER, "daskrunner": dask_cluster.RUNNER}
"""Names of runners that Beam itself knows only by their full path."""


def _beam_parser() -> Any:
    from apache_beam.options.pipeline_options import _BeamArgumentParser

    parser = _BeamArgumentParser(allow_abbrev=False, add_help=False)
    for options in PipelineOptions.__subclasses__():
        options._add_argparse_args(parser)
    return parser


def runner_of(flags: Sequence[str]) -> str | None:
    """Return the full name of the runner that `flags` name, None where they name none; the last one counts."""
    named = None
    for index, flag in enumerate(flags):
        if flag == "--runner":
            named = "".join(flags[index + 1 : index + 2])
        elif flag.startswith("--runner="):
            named = flag.split("=", 1)[1]
    return named and SHORT_NAMES.get(named.lower(), named)


def is_local(flags: Sequence[str]) -> bool:
    """Return whether `flags` leave the work to the local runner, whose threads share this process."""
    return runner_of(flags) in (None, LOCAL_RUNNER)


def check_engine_flags(flags: Sequence[str], *, own: Sequence[str] = ()) -> None:
    """Raise UsageError for a flag of `flags` that Beam does not know, or an engine that is not installed.

    Args:
        flags: what a job's own parser left over.
        own: the job's own flags, to suggest one for a typo.
    """
    if runner_of(flags) == dask_cluster.RUNNER:
        dask_cluster.load_runner()  # registers Beam's options for Dask
    else:
        for flag in flags:
            if flag.startswith("--dask_"):
                raise UsageError(f"{flag.split('=', 1)[0]} is for --runner dask; name the runner too")
    _check_runner(runner_of(flags))
    parser = _beam_parser()
    parser.error = _usage_error
    _, unknown = parser.parse_known_args(list(flags))
    if unknown:
        flag = unknown[0].split("=", 1)[0]
        known = [*own, *(option for action in parser._actions for option in action.option_strings)]
        close = difflib.get_close_matches(flag, known, n=1)
        hint = f"; did you mean {close[0]}?" if close else "; neither this job nor Beam has it"
        raise UsageError(f"unknown flag or value {unknown[0]!r}{hint}")


def _check_runner(name: str | None) -> None:
    """Raise UsageError for a name that Beam does not know; with a dot it is a class of somebody's."""
    known = {known.lower(): known for known in StandardOptions.KNOWN_RUNNER_NAMES}
    if not name or "." in name or name.lower() in known or f"{name.lower()}runner" in known:
        return
    names = [*SHORT_NAMES, *(short.removesuffix("runner") for short in known), *known]
    close = difflib.get_close_matches(name.lower(), names, n=1)
    hint = f"did you mean {close[0]}?" if close else f"it is dask or one of {', '.join(known.values())}"
    raise UsageError(f"--runner {name}: there is no such runner; {hint}")


def _usage_error(message: str) -> None:
    raise UsageError(message)


def run_graph(build: Callable[[beam.Pipeline], beam.PCollection[int]], flags: Sequence[str], *, workers: int) -> None:
    """Build a graph and run it to its end.

    That it returns says that the engine called the work done, not that it is: the launcher adds up.

    Args:
        build: adds the steps to an empty pipeline.
        flags: Beam's own flags; without ``--runner`` the local runner is used.
        workers: threads of the local runner; they share the decoder's and the model's code and memory.

    Raises:
        UsageError: there is no such runner, or one of its flags is wrong.
        JobError: the engine failed.
    """
    logging.getLogger("apache_beam").setLevel(logging.ERROR)
    if not is_local(flags):
        _hear_portable_engines_once()
    runner = runner_of(flags)
    chosen = list(flags)
    if runner is None:
        chosen.append(f"--runner={LOCAL_RUNNER}")
        if workers > 1:
            chosen += [f"--direct_num_workers={workers}", "--direct_running_mode=multi_threading"]
    elif runner == dask_cluster.RUNNER:
        chosen += [f"--runner={runner}", *dask_cluster.prepare(flags)]
    options = PipelineOptions(chosen)
    try:
        pipeline = beam.Pipeline(options=options)
    except (ValueError, ImportError, AttributeError) as error:  # a runner that is not there, or one of its flags
        raise UsageError(str(error)) from error
    build(pipeline)
    try:
        with watchdog.no_dead_workers() if is_local(flags) else contextlib.nullcontext():
            result = pipeline.run()
            if runner == dask_cluster.RUNNER:
                dask_cluster.wait_until_done(result)
            else:
                result.wait_until_finish()
    except (UsageError, JobError):
        raise
    except Exception as error:  # an engine raises what it likes; its user needs one line, the log has the rest
        logging.getLogger(__name__).debug("the engine failed", exc_info=True)
        raise JobError(f"the engine failed: {_what(error)}") from error


def _what(error: Exception) -> str:
    """Return the line of an engine's error that says most."""
    details = getattr(error, "details", None)  # gRPC's errors: the server of a portable engine is gone
    if callable(details):
        return f"its server does not answer ({details()})"
    return [type(error).__name__, *str(error).strip().splitlines()][-1]


def _hear_portable_engines_once() -> None:
    """Keep Beam's client of portable engines from printing twice more what it raises; for the rest of the process.

    Its reading thread may end after the run did, so the hook is not put back.
    """

    def hear(args: threading.ExceptHookArgs) -> None:
        if args.thread is None or args.thread.name != "wait_until_finish_read":
            hook(args)

    hook = threading.excepthook
    threading.excepthook = hear
    logging.getLogger().addFilter(_is_not_of_a_server)


def _is_not_of_a_server(record: logging.LogRecord) -> bool:
    return record.module != "portable_runner"
