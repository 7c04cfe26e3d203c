"""Hot keys: one query with a third of all rows must not end up in one partition.

Which keys are hot is estimated before the graph runs, from a sample of the input, as a query planner does. A wrong
guess costs balance, never a row: wherever the rows of a key go, they are brought together again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from beam_jobs.blocks import keys
from beam_jobs.blocks.read import Shard, read_shard

SAMPLE_SHARDS = 16
"""Shards that are looked at, evenly spread over the input."""
SAMPLE_ROWS = 1 << 16
"""Rows of each of them: a key with a hundredth of all rows is seen some ten thousand times."""
HOT_SHARE = 0.5
"""A key is hot from this share of an even partition's rows: below, it does not unbalance anything."""


@dataclass(frozen=True)
class HotKeys:
    """The hot keys of a table.

    Attributes:
        hashes: uint64 [n], rising.
        spread: int64 [n], over how many partitions the rows of each key go, at least 2.
    """

    hashes: npt.NDArray[np.uint64]
    spread: npt.NDArray[np.int64]

    def of_rows(self, hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
        """Return for each row over how many partitions its key goes, 1 where it is not hot."""
        if not len(self.hashes):
            return np.ones(len(hashes), dtype=np.int64)
        places = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        return np.where(self.hashes[places] == hashes, self.spread[places], 1)


NO_HOT_KEYS = HotKeys(np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64))


def find_hot_keys(hashes: npt.NDArray[np.uint64], partitions: int) -> HotKeys:
    """Return the keys among `hashes`, one per row of a sample, that would unbalance `partitions` partitions."""
    if partitions < 2 or not len(hashes):
        return NO_HOT_KEYS
    distinct, counts = np.unique(hashes, return_counts=True)
    shares = counts / len(hashes) * partitions
    hot = (shares >= HOT_SHARE) & (counts > 1)
    spread = np.minimum(np.ceil(shares[hot] / HOT_SHARE).astype(np.int64), partitions)
    return HotKeys(distinct[hot], np.maximum(spread, 2))


def sample_hot_keys(shards: Sequence[Shard], by: Sequence[str], partitions: int) -> HotKeys:
    """Estimate the hot keys of the table in `shards` over the key columns `by`."""
    if partitions < 2 or not shards:
        return NO_HOT_KEYS
    count = min(SAMPLE_SHARDS, len(shards))
    found = []
    for shard in (shards[i * len(shards) // count] for i in range(count)):
        block = next(iter(read_shard(shard, columns=by, rows=SAMPLE_ROWS)), None)
        if block is not None and block.num_rows:
            found.append(keys.hash_rows(block, list(by)))
    return find_hot_keys(np.concatenate(found), partitions) if found else NO_HOT_KEYS
