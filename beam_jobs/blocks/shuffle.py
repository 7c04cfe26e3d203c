"""Map, shuffle and join named blocks. A shuffle moves Arrow slices, never rows."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import apache_beam as beam
import numpy as np
import polars as pl
import pyarrow as pa

from beam_jobs.blocks import keys, progress
from beam_jobs.blocks.read import NamedBlock

Slice = tuple[str, bytes]
Partition = tuple[int, dict[str, pa.Table]]
Combine = Callable[[pa.Table], pa.Table]

PASS_THROUGH = ("_counters", "_failures", "_fatal")
"""Blocks that tell of the work: they go to partition 0 and on from there."""


def to_bytes(table: pa.Table) -> bytes:
    """Return `table` as an Arrow IPC stream; equal tables give equal bytes."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())
    content: bytes = sink.getvalue().to_pybytes()
    return content


def from_bytes(content: bytes) -> pa.Table:
    """Return the table of an Arrow IPC stream, without a copy."""
    with pa.ipc.open_stream(pa.py_buffer(content)) as reader:
        return reader.read_all()


def split(table: pa.Table, *, by: Sequence[str], partitions: int) -> Iterator[tuple[int, pa.Table]]:
    """Yield (partition, rows) of `table` for each partition that gets rows, rows in their order."""
    if not table.num_rows:
        return
    targets = keys.ranges_of(keys.hash_rows(table, list(by)), partitions)
    order = np.argsort(targets, kind="stable")
    ordered = table.take(pa.array(order))
    counts = np.bincount(targets, minlength=partitions)
    ends = np.cumsum(counts)
    for partition in np.flatnonzero(counts):
        yield int(partition), ordered.slice(int(ends[partition] - counts[partition]), int(counts[partition]))


def slices_of(
    block: NamedBlock,
    by: Mapping[str, Sequence[str]],
    broadcast: Sequence[str],
    combine: Mapping[str, Combine],
    partitions: int,
) -> Iterator[tuple[int, Slice]]:
    """Yield the (partition, (name, IPC bytes)) slices of one named block.

    Raises:
        KeyError: nothing says where blocks of that name go.
    """
    name, table = block
    base = name.split("@", 1)[0]
    if base in PASS_THROUGH:
        yield 0, (name, to_bytes(table))
        return
    if base in combine:
        table = combine[base](table)
    if base in broadcast:
        content = to_bytes(table)
        for partition in range(partitions):
            yield partition, (name, content)
        return
    if base not in by:
        raise KeyError(f"no shuffle key for blocks named {name!r}; known: {', '.join(by)}")
    for partition, rows in split(table, by=by[base], partitions=partitions):
        yield partition, (name, to_bytes(rows))


def gather(slices: Iterable[Slice | None], combine: Mapping[str, Combine]) -> dict[str, pa.Table]:
    """Return the tables of one partition's slices.

    Slices arrive in any order; they are concatenated in the order of their content's hash, so the result does
    not depend on it. Combiners are order-independent, so the result of those depends on the rows alone.
    """
    found: dict[str, list[bytes]] = {}
    for piece in slices:
        if piece is not None:
            found.setdefault(piece[0], []).append(piece[1])
    tables = {}
    for name in sorted(found):
        ordered = sorted(found[name], key=lambda content: hashlib.blake2b(content, digest_size=16).digest())
        table = pa.concat_tables([from_bytes(content) for content in ordered])
        base = name.split("@", 1)[0]
        tables[name] = combine[base](table) if base in combine else table
    return tables


def gather_partition(element: tuple[int, Iterable[Slice | None]], combine: Mapping[str, Combine]) -> Partition:
    """Return (partition, tables by name) of one group of slices."""
    partition, slices = element
    tables = gather(slices, combine)
    progress.add("shuffled", sum(table.num_rows for table in tables.values()))
    return partition, tables


@dataclass
class ShuffleBlocks(beam.PTransform):
    """Send the rows of named blocks to partitions by their keys; the output is one element per partition.

    Every partition appears, also one without rows, so that a launcher can see that none was lost.

    Attributes:
        by: key columns per name; ``name@anything`` goes by the key of ``name``.
        partitions: how many, at least 1.
        broadcast: names whose blocks go to every partition (small tables only).
        combine: per name an order-independent merge, run before the rows travel and after they arrived.
    """

    by: Mapping[str, Sequence[str]]
    partitions: int
    broadcast: Sequence[str] = ()
    combine: Mapping[str, Combine] = field(default_factory=dict)

    def expand(self, blocks: beam.PCollection[NamedBlock]) -> beam.PCollection[Partition]:
        every = blocks.pipeline | "Partitions" >> beam.Create(
            [(partition, None) for partition in range(self.partitions)], reshuffle=False
        )
        moved = blocks | "Split" >> beam.FlatMap(
            slices_of, dict(self.by), tuple(self.broadcast), dict(self.combine), self.partitions
        )
        return (
            (every, moved)
            | "Flatten" >> beam.Flatten()
            | "Group" >> beam.GroupByKey()
            | "Gather" >> beam.Map(gather_partition, dict(self.combine))
        )


def join_tables(
    left: pa.Table, right: pa.Table, *, on: Sequence[str], how: Literal["inner", "left"] = "left"
) -> pa.Table:
    """Join two tables on the columns `on`; rows are in the order of the key, within it in the order of the inputs.

    Columns may have any type, keys those that polars joins on. Columns of `right` that `left` has too are named
    ``NAME_right``. A null key matches nothing.
    """
    keys_left = pl.DataFrame(left.select(list(on))).with_row_index("_left")
    keys_right = pl.DataFrame(right.select(list(on))).with_row_index("_right")
    rows = keys_left.join(keys_right, on=list(on), how=how).sort([*on, "_left", "_right"])
    joined = left.take(rows["_left"].to_arrow())
    matched = rows["_right"].to_arrow()
    for name in right.column_names:
        if name not in on:
            column = right.column(name).combine_chunks().take(matched)
            joined = joined.append_column(f"{name}_right" if name in left.column_names else name, column)
    return joined


def join_partition(
    partition: Partition, left: Sequence[str], right: str, on: Sequence[str], how: Literal["inner", "left"]
) -> Iterator[NamedBlock]:
    """Yield the left tables of one partition joined with its right one, and its other tables as they came."""
    _, tables = partition
    for name, table in tables.items():
        if name in left and right in tables:
            yield name, join_tables(table, tables[right], on=on, how=how)
        elif name != right and (name not in left or how == "left"):
            yield name, table


@dataclass
class JoinBlocks(beam.PTransform):
    """Join the blocks named `left` with those named `right` on the columns `on`; other blocks pass by.

    Attributes:
        left: names of the blocks that are joined; they keep their names.
        right: name of the blocks joined to them; it is gone afterwards.
        on: key columns, in all of them.
        partitions: how many partitions the shuffle uses.
        how: ``left`` keeps the rows of `left` that match nothing, ``inner`` drops them.
        combine: as in ``ShuffleBlocks``.
    """

    left: Sequence[str]
    right: str
    on: Sequence[str]
    partitions: int
    how: Literal["inner", "left"] = "left"
    combine: Mapping[str, Combine] = field(default_factory=dict)

    def expand(self, blocks: beam.PCollection[NamedBlock]) -> beam.PCollection[NamedBlock]:
        by = dict.fromkeys([*self.left, self.right], tuple(self.on))
        joined = (
            blocks
            | "Only" >> beam.Filter(is_named, tuple(by))
            | "Shuffle" >> ShuffleBlocks(by=by, partitions=self.partitions, combine=self.combine)
            | "Join" >> beam.FlatMap(join_partition, tuple(self.left), self.right, tuple(self.on), self.how)
        )
        others = blocks | "Others" >> beam.Filter(is_not_named, tuple(by))
        return (joined, others) | "Together" >> beam.Flatten()


def is_named(block: NamedBlock, names: Sequence[str]) -> bool:
    """Return whether the block has one of `names`."""
    return block[0].split("@", 1)[0] in names


def is_not_named(block: NamedBlock, names: Sequence[str]) -> bool:
    """Return whether the block has none of `names`."""
    return not is_named(block, names)


def map_block(
    block: NamedBlock,
    function: Callable[..., Iterable[NamedBlock]],
    names: Sequence[str],
    arguments: Sequence[Any],
) -> Iterator[NamedBlock]:
    """Yield `function` of the block's table where its name is one of `names`, other blocks as they came."""
    name, table = block
    if name.split("@", 1)[0] not in names:
        yield block
        return
    yield from function(table, *arguments)


@dataclass
class MapBlocks(beam.PTransform):
    """Apply `function`, a table to named tables, to the blocks named `names`; others pass by."""

    function: Callable[..., Iterable[NamedBlock]]
    names: Sequence[str]
    arguments: Sequence[Any] = ()

    def expand(self, blocks: beam.PCollection[NamedBlock]) -> beam.PCollection[NamedBlock]:
        return blocks | "Map" >> beam.FlatMap(map_block, self.function, tuple(self.names), tuple(self.arguments))


def map_partition(
    partition: Partition, function: Callable[..., Iterable[NamedBlock]], arguments: Sequence[Any]
) -> Iterator[NamedBlock]:
    """Yield `function` of the partition's tables; blocks that tell of the work pass by."""
    _, tables = partition
    for name in list(tables):
        if name.split("@", 1)[0] in PASS_THROUGH:
            yield name, tables.pop(name)
    yield from function(tables, *arguments)


@dataclass
class MapPartitions(beam.PTransform):
    """Apply `function`, a partition's tables by name to named tables, after a shuffle."""

    function: Callable[..., Iterable[NamedBlock]]
    arguments: Sequence[Any] = ()

    def expand(self, partitions: beam.PCollection[Partition]) -> beam.PCollection[NamedBlock]:
        return partitions | "Map" >> beam.FlatMap(map_partition, self.function, tuple(self.arguments))
