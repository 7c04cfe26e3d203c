"""What went through an engine must come out of it: counters that travel with the data, checked at the end.

Each shuffle counts the slices that it sends and those that arrive, with a sum of their digests, so that a lost
slice, a doubled one, and one of each, show. Each read counts its shards, so that lost and doubled inputs show.
These counters begin with ``_`` and are not published: they depend on how the work was cut.
"""

from collections.abc import Iterable, Mapping

import pyarrow as pa

from beam_jobs.blocks.failures import JobError, counter_rows
from beam_jobs.blocks.spill import Slice

SHARDS = "_shards:"
SENT = "_sent"
RECEIVED = "_received"
COUNTERS_BLOCK = "_counters"
"""Name of the blocks that the counts travel in; they themselves are not counted."""
_DIGEST_BYTES = 4
"""Bytes of a digest in the sums: 2³¹ slices of 32 bits fit an int64."""


def count_slices(what: str, slices: Iterable[Slice]) -> pa.Table:
    """Return counters of slices by table: how many, and the sum of their digests, whatever their order.

    Args:
        what: SENT or RECEIVED.
        slices: as they go or come.
    """
    counts: dict[str, int] = {}
    for piece in slices:
        table = piece.name.split("@", 1)[0]
        if table != COUNTERS_BLOCK:
            number = int.from_bytes(piece.digest[:_DIGEST_BYTES], "little")
            for name, value in ((f"{what}:{table}", 1), (f"{what}_digests:{table}", number)):
                counts[name] = counts.get(name, 0) + value
    return counter_rows(counts)


def check_balance(counters: Mapping[str, int], shards: Mapping[str, int], *, stage: str) -> dict[str, int]:
    """Return the counters to publish, where all that was sent arrived once.

    Args:
        counters: sums over all partitions' reports.
        shards: how many shards were to be read, by table.
        stage: the job, for the error.

    Raises:
        JobError: shards or slices were lost or came twice.
    """
    for table, planned in sorted(shards.items()):
        read = counters.get(SHARDS + table, 0)
        if read != planned:
            raise JobError(f"{stage}: the engine read {read:,} pieces of {table}, of {planned:,}; run it again")
    names = {name.removeprefix(what) for what in (SENT, RECEIVED) for name in counters if name.startswith(what)}
    for name in sorted(names):
        sent, received = counters.get(SENT + name, 0), counters.get(RECEIVED + name, 0)
        if sent == received:
            continue
        table = name.split(":", 1)[1]
        many = f"{counters.get(f'{SENT}:{table}', 0):,} slices of {table} were sent"
        some = f"{counters.get(f'{RECEIVED}:{table}', 0):,} arrived"
        if name.startswith("_digests"):
            some = "others arrived"
        raise JobError(f"{stage}: the engine lost data or doubled it: {many}, {some}; run it again")
    return {name: value for name, value in counters.items() if not name.startswith("_")}
