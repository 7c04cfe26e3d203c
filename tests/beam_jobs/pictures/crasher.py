"""A planted decoder that kills, hangs or eats on some pictures; a module of its own, since helpers import it."""

import os
import signal
import time
from collections.abc import Sequence

from beam_jobs.pictures.describe import Described, Source, describe
from beam_jobs.pictures.see import Asked, Seen, see
from beam_jobs.pictures.views import Views, Wanted, view
from intent.images import DEFAULT_LIMITS, ImageLimits


def describe_or_die(sources: Sequence[Source], *, limits: ImageLimits = DEFAULT_LIMITS) -> list[Described]:
    """Describe pictures as the job does, but die of those whose names say so."""
    for source in sources:
        if "crash" in source.uri:
            os.kill(os.getpid(), signal.SIGSEGV)
        if "hang" in source.uri:
            time.sleep(600)
        if "eat" in source.uri:
            raise MemoryError
    return describe(sources, limits=limits)


def see_or_die(asked: Sequence[Asked]) -> list[Seen]:
    """See files as `classify` does, but die of those whose names say so."""
    if any("crash" in each.path for each in asked):
        os.kill(os.getpid(), signal.SIGSEGV)
    return see(asked)


def view_or_die(wanted: Sequence[Wanted]) -> list[Views]:
    """View pictures as `evaluate` does, but die of those whose names say so."""
    if any("crash" in each.uri for each in wanted):
        os.kill(os.getpid(), signal.SIGSEGV)
    return view(wanted)
