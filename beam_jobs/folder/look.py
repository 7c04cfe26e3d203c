"""All files of a listing are looked at, some at a time: a row each."""

from collections import Counter
from collections.abc import Callable, Sequence

import pyarrow as pa

from beam_jobs.folder.listing import Found
from beam_jobs.folder.one_file import HASH_COLUMNS, look_closely, look_quickly
from beam_jobs.pictures.sandbox import Refused, Sandbox
from intent.tables import FEATURES

SEEN = pa.schema(
    [
        ("image_id", pa.string()),
        ("format", pa.string()),
        ("bytes", pa.int64()),
        ("animated", pa.bool_()),
        ("failure", pa.string()),
        ("failure_detail", pa.string()),
        *[FEATURES.field(name) for name in HASH_COLUMNS],
    ]
)
"""A row per file. ``image_id`` is its place in the listing as digits, so that ids sort like paths and a name that is
no UTF-8 needs none; ``failure`` is the reason why it is no picture, null where it is one; ``sha256`` is there for
broken files too. A quick look leaves the hashes null. So does ``animated``, which is several frames or pages: the
first one is all that is hashed, and two scans may begin with the same page."""

PER_BATCH = 16
"""Files that a helper looks at together: their decoded pixels (up to 4 MB each) are held until all are hashed."""
ROWS_PER_TABLE = 1024
"""Rows held as Python objects before they become Arrow's."""


def look_at(
    files: Sequence[Found], *, quick: bool = False, workers: int = 1, advance: Callable[[int], object] = lambda n: None
) -> pa.Table:
    """Return SEEN of files, in their order; memory holds the rows and `workers` batches of pixels.

    Args:
        files: what to look at.
        quick: everything but pixels and hashes: formats, sizes, what is broken, digests of bytes.
        workers: helper processes that decode; one that a file takes down costs that file alone.
        advance: called with the number of files that were done since.
    """
    sizes = Counter(found.size for found in files)
    tasks = [(found.path, sizes[found.size] > 1) for found in files]
    batches = [tasks[start : start + PER_BATCH] for start in range(0, len(tasks), PER_BATCH)]
    tables, rows = [SEEN.empty_table()], []
    done = 0
    with Sandbox(look_quickly if quick else look_closely, processes=workers) as helpers:
        for batch in helpers.map(batches):
            for row in batch:
                told = {"failure": row.reason, "failure_detail": row.detail} if isinstance(row, Refused) else row
                rows.append({**told, "image_id": key_of(done), "bytes": files[done].size})
                done += 1
            advance(len(batch))
            if len(rows) >= ROWS_PER_TABLE:
                tables.append(pa.Table.from_pylist(rows, schema=SEEN))
                rows = []
    return pa.concat_tables([*tables, pa.Table.from_pylist(rows, schema=SEEN)])


def key_of(place: int) -> str:
    """Return the image_id of the file at a place of the listing."""
    return f"{place:09d}"
