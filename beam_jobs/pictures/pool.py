"""The helper processes of this process, shared by the threads that wait for them."""

import atexit
import functools
import threading
from collections.abc import Sequence
from typing import Protocol, TypeVar

from beam_jobs.pictures import describe as describing
from beam_jobs.pictures.describe import Described, Source
from beam_jobs.pictures.sandbox import Refused, Sandbox
from intent.images import ImageLimits

BATCH = 16
"""Pictures that a helper gets at once: hashed together, and looked at again one by one where it dies of one."""
BATCH_BYTES = 32 << 20
"""Bytes of pictures that travel to a helper at once."""

Helpers = Sandbox[Source, Described]


class _Carried(Protocol):
    """What travels to a helper, with a picture's bytes where they are at hand."""

    @property
    def data(self) -> bytes | None: ...


C = TypeVar("C", bound=_Carried)

_lock = threading.Lock()
_pools: dict[tuple[int, ImageLimits], Helpers] = {}


def helpers(processes: int, limits: ImageLimits) -> Helpers:
    """Return the pool of at most `processes` helpers that describe pictures within `limits`, made once."""
    with _lock:
        found = _pools.get((processes, limits))
        if found is None:
            function = functools.partial(describing.describe, limits=limits)
            found = _pools[processes, limits] = Sandbox(function, processes=processes)
        return found


def close() -> None:
    """End the helpers of all pools."""
    with _lock:
        found = list(_pools.values())
        _pools.clear()
    for pool in found:
        pool.close()


def describe_all(pool: Helpers, sources: Sequence[Source]) -> list[Described]:
    """Return what the helpers see of pictures, in order; one that took its helper down is a failure."""
    return [
        Described(None, None, None, each.reason, each.detail) if isinstance(each, Refused) else each
        for found in pool.map(batches_of(sources))
        for each in found
    ]


def batches_of(sources: Sequence[C]) -> list[list[C]]:
    """Return pictures in batches of at most BATCH, and of BATCH_BYTES where there is more than one."""
    batches: list[list[C]] = []
    size = 0
    for source in sources:
        length = len(source.data or b"")
        if not batches or len(batches[-1]) == BATCH or size + length > BATCH_BYTES:
            batches.append([])
            size = 0
        batches[-1].append(source)
        size += length
    return batches


atexit.register(close)
