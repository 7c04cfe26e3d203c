"""Slices of a shuffle: Arrow IPC bytes that travel inline, or lie in a file while only their place travels.

A runner that keeps its shuffle in memory (the local one) would hold the whole log; with a spill folder it holds
some hundred bytes per slice. On a cluster slices travel inline: its engine spills by itself.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

SPILL_BYTES = 256 << 10
"""Bytes of one block's slices from which they are spilled: below, a file costs more than it saves."""


class Slice(NamedTuple):
    """Rows of one block for one partition; fields only, so that any runner can carry it.

    Attributes:
        name: of the block.
        digest: of the content, 16 bytes: slices are put in its order.
        content: Arrow IPC stream; empty where it lies in a file.
        path: of the file, empty where the content travels.
        offset: in the file.
        length: of the content, in bytes.
    """

    name: str
    digest: bytes
    content: bytes
    path: str
    offset: int
    length: int


def to_bytes(table: pa.Table) -> bytes:
    """Return `table` as an Arrow IPC stream; equal tables give equal bytes."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table.unify_dictionaries().combine_chunks())
    content: bytes = sink.getvalue().to_pybytes()
    return content


def from_bytes(content: bytes) -> pa.Table:
    """Return the table of an Arrow IPC stream, without a copy."""
    with pa.ipc.open_stream(pa.py_buffer(content)) as reader:
        return reader.read_all()


def pack_slices(tables: Iterable[tuple[int, str, pa.Table]], spill: str | None) -> Iterator[tuple[int, Slice]]:
    """Yield (partition, slice) of the (partition, name, rows) of one block.

    Args:
        tables: what goes where.
        spill: a local folder; None where everything travels inline.
    """
    parts = list(tables)
    if spill is None or sum(table.nbytes for _, _, table in parts) < SPILL_BYTES:
        for partition, name, table in parts:
            content = to_bytes(table)
            yield partition, Slice(name, _digest(content), content, "", 0, len(content))
        return
    handle, path = tempfile.mkstemp(prefix="slices-", suffix=".arrow", dir=spill)
    places = []
    with os.fdopen(handle, "wb") as file:
        for partition, name, table in parts:
            content = to_bytes(table)
            places.append((partition, Slice(name, _digest(content), b"", path, file.tell(), len(content))))
            file.write(content)
    yield from places


def read_slice(piece: Slice) -> pa.Table:
    """Return the rows of a slice, wherever it lies."""
    if not piece.path:
        return from_bytes(piece.content)
    with Path(piece.path).open("rb") as file:
        file.seek(piece.offset)
        content = file.read(piece.length)
    if len(content) != piece.length:
        raise OSError(f"{piece.path}: {len(content):,} of {piece.length:,} bytes are there; is the disk full?")
    return from_bytes(content)


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()[:16]
