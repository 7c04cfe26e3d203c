"""Flags that every job has, and errors as one line."""

import argparse
import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from beam_jobs.blocks import engine
from beam_jobs.blocks.failures import GateError, JobError
from beam_jobs.blocks.files import UsageError

EXIT_DONE, EXIT_FAILED, EXIT_USAGE, EXIT_GATE = 0, 1, 2, 3
MAX_FAILURE_RATE = 0.01
"""Share of rows that may fail before the job does."""
AGAIN = 2.0
"""Seconds until a stopped command that is still at work is interrupted once more."""

_stopped = threading.Event()


@dataclass(frozen=True)
class Common:
    """Flags that every job has.

    Attributes:
        partitions: partitions of a shuffle; None follows from the input's bytes.
        workers: threads of the local runner.
        temp: folder for what a run needs on its way; None is inside the output.
        max_failure_rate: 0-1.
        engine: Beam's own flags.
    """

    partitions: int | None = None
    workers: int = 1
    temp: str | None = None
    max_failure_rate: float = MAX_FAILURE_RATE
    engine: Sequence[str] = ()


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are UsageError and whose flags cannot be abbreviated."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("allow_abbrev", False)
        kwargs.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(**kwargs)

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see {self.prog} --help")


def job_parser(module: str, doc: str, *, workers: int = 1, max_failure_rate: float = MAX_FAILURE_RATE) -> Parser:
    """Return a parser with the flags that every job has."""
    parser = Parser(prog=f"python -m {module}", description=doc)
    common = parser.add_argument_group("every job")
    common.add_argument("--partitions", type=positive, help="partitions of a shuffle (default: by input bytes)")
    common.add_argument("--workers", type=positive, default=workers, help="threads (default: %(default)s)")
    common.add_argument("--temp", help="folder for what a run needs on its way (default: in the output)")
    common.add_argument("--max-failure-rate", type=share, default=max_failure_rate, help="0-1 (default: %(default)s)")
    return parser


def positive(text: str) -> int:
    """Parse a whole number above 0."""
    try:
        value = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return value


def count(text: str) -> int:
    """Parse a whole number from 0."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0")
    return int(text)


def share(text: str) -> float:
    """Parse a number from 0 to 1."""
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not from 0 to 1")
    return value


def parse_job(parser: Parser, argv: Sequence[str]) -> tuple[argparse.Namespace, Common]:
    """Return a job's own flags and the common ones; what is left over must be Beam's."""
    own = list(parser._option_string_actions)
    try:
        arguments, rest = parser.parse_known_args(list(argv))
    except UsageError:
        # a misspelt flag says more than the required one that is missing for it
        engine.check_engine_flags(_without_own(parser, argv), own=own)
        raise
    engine.check_engine_flags(rest, own=own)
    common = Common(
        partitions=arguments.partitions,
        workers=arguments.workers,
        temp=arguments.temp,
        max_failure_rate=arguments.max_failure_rate,
        engine=rest,
    )
    return arguments, common


def _without_own(parser: Parser, argv: Sequence[str]) -> list[str]:
    """Return what is left of a command line without the parser's own flags and their values."""
    actions = parser._option_string_actions
    rest, values = [], 0
    for argument in argv:
        flag = argument.split("=", 1)[0]
        if flag in actions:
            values = 0 if "=" in argument or actions[flag].nargs == 0 else 1
        elif values and not argument.startswith("--"):
            values -= 1
        else:
            values = 0
            rest.append(argument)
    return rest


def run_main(main: Callable[[Sequence[str]], int], argv: Sequence[str] | None = None) -> int:
    """Call `main` with the arguments; print an expected error as one line, a gate's reasons as one each."""
    try:
        with contextlib.nullcontext() if argv is not None else stoppable():
            return main(sys.argv[1:] if argv is None else argv)
    except UsageError as error:
        print(f"error: {_one_line(error)}", file=sys.stderr)
        return EXIT_USAGE
    except JobError as error:
        print(f"failed: {_one_line(error)}", file=sys.stderr)
        return EXIT_FAILED
    except GateError as error:
        for line in [*error.reasons, error.advice]:
            print(f"refused: {' '.join(line.split())}", file=sys.stderr)
        return EXIT_GATE
    except OSError as error:
        print(f"failed: {_one_line(error)}", file=sys.stderr)
        return EXIT_FAILED
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return EXIT_FAILED


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Let SIGTERM and Ctrl-C end the command in order: one line, the lock freed, exit code 1, and soon.

    The process ends at once when the block has cleaned up, since threads of an engine would first end their work;
    a second signal does not wait even for that. What the signal met may swallow the interrupt (Python does where it
    calls a finaliser, or back from C): it is raised again every `AGAIN` seconds.
    """

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    def stop(number: int, frame: object) -> None:
        _stopped.set()
        logging.disable()  # an engine would tell at length that it was interrupted
        sys.unraisablehook = lambda _: None  # and Python, that a finaliser was
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, lambda *_: os._exit(EXIT_FAILED))
        signal.signal(signal.SIGALRM, interrupt)
        signal.setitimer(signal.ITIMER_REAL, AGAIN, AGAIN)
        raise KeyboardInterrupt

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, stop)
    try:
        yield
    except BaseException:
        if not is_stopped():
            raise
        print("stopped", file=sys.stderr, flush=True)
        os._exit(EXIT_FAILED)


def is_stopped() -> bool:
    """Return whether a signal asked this command to end; an engine may make another exception of it."""
    return _stopped.is_set()


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())
