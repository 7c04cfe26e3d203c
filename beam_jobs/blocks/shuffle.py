"""Map and shuffle named blocks. A shuffle moves Arrow slices, never rows."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import apache_beam as beam
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from beam_jobs.blocks import balance, keys, progress
from beam_jobs.blocks.read import NamedBlock
from beam_jobs.blocks.spill import Slice, pack_slices, read_slice

Partition = tuple[int, dict[str, pa.Table]]
Combine = Callable[[pa.Table], pa.Table]
Blocks: TypeAlias = beam.PCollection | tuple[Any, ...]
"""Named blocks in one flow or in several: a flatten of blocks would put them into the local runner's memory, while
a shuffle of several flows puts their slices together. (Beam reads the hints of ``expand`` and knows no such type.)"""
Targets = npt.NDArray[np.int64]
Partitioner = Callable[[str, pa.Table, int], Targets]
"""The name of a block, its rows and the number of partitions -> each row's partition."""

PASS_THROUGH = ("_counters", "_failures", "_fatal")
"""Blocks that tell of the work: they go to partition 0 and on from there."""
GATHER_BYTES = 256 << 20
"""Bytes of slices after which they are combined before more are read: bounds what a hot key holds in memory."""


@dataclass(frozen=True)
class Plan:
    """How a job's shuffles are laid out.

    Attributes:
        partitions: how many, at least 1.
        spill: local folder for slices on their way; None where the engine spills by itself.
    """

    partitions: int
    spill: str | None = None

    def whole(self) -> "Plan":
        """Return a plan that brings all rows together in one partition."""
        return Plan(1, self.spill)


def flows_of(blocks: Blocks) -> list[beam.PCollection]:
    """Return the flows of `blocks`, which may be tuples in tuples."""
    if isinstance(blocks, tuple | list):
        return [flow for part in blocks for flow in flows_of(part)]
    return [blocks]


def label(text: str, number: int) -> str:
    """Return a step's name, numbered from the second flow on."""
    return f"{text}{number + 1}" if number else text


def base_name(name: str) -> str:
    """Return the table of a block's name: ``clicks`` of ``clicks@date=2026-10-01``."""
    return name.split("@", 1)[0]


def cut(table: pa.Table, targets: Targets, partitions: int) -> Iterator[tuple[int, pa.Table]]:
    """Yield (partition, rows) of `table` for each partition that gets rows, rows in their order."""
    if not table.num_rows:
        return
    if partitions == 1:
        yield 0, table
        return
    small = targets.astype(np.uint16) if partitions <= 1 << 16 else targets  # sorts by radix
    order = np.argsort(small, kind="stable")
    ordered = table.take(pa.array(order))
    counts = np.bincount(targets, minlength=partitions)
    ends = np.cumsum(counts)
    for partition in np.flatnonzero(counts):
        yield int(partition), compact(ordered.slice(int(ends[partition] - counts[partition]), int(counts[partition])))


def compact(table: pa.Table) -> pa.Table:
    """Return `table` with dictionaries that hold the texts of its rows only."""
    for index, kind in enumerate(table.schema.types):
        if pa.types.is_dictionary(kind):
            column = table.column(index).combine_chunks()
            if isinstance(column, pa.ChunkedArray):
                column = column.unify_dictionaries().combine_chunks()
            if len(column.dictionary) > len(column):
                used = column.indices.dictionary_encode()
                short = pa.DictionaryArray.from_arrays(used.indices, column.dictionary.take(used.dictionary))
                table = table.set_column(index, table.schema.field(index).name, short)
    return table


def by_columns(name: str, table: pa.Table, partitions: int, *, columns: Sequence[str]) -> Targets:
    """Return each row's partition by the hash of its key `columns`."""
    if partitions == 1:
        return np.zeros(table.num_rows, dtype=np.int64)
    return keys.ranges_of(keys.hash_rows(table, list(columns)), partitions)


def targets_of(name: str, table: pa.Table, by: Sequence[str] | Partitioner, partitions: int) -> Targets:
    """Return each row's partition, by key columns or by a function."""
    if callable(by):
        return by(name, table, partitions)
    return by_columns(name, table, partitions, columns=by)


def split(
    block: NamedBlock,
    by: Mapping[str, Sequence[str] | Partitioner],
    broadcast: Sequence[str],
    combine: Mapping[str, Combine],
    plan: Plan,
) -> Iterator[tuple[int, Slice]]:
    """Yield the (partition, slice) of one named block.

    Raises:
        KeyError: nothing says where blocks of that name go.
    """
    yield from pack_slices(_parts(block, by, broadcast, combine, plan.partitions), plan.spill)


def _parts(
    block: NamedBlock,
    by: Mapping[str, Sequence[str] | Partitioner],
    broadcast: Sequence[str],
    combine: Mapping[str, Combine],
    partitions: int,
) -> Iterator[tuple[int, str, pa.Table]]:
    name, table = block
    base = base_name(name)
    if base in PASS_THROUGH:
        yield 0, name, table
        return
    if base in combine:
        table = combine[base](table)
    if base in broadcast:
        for partition in range(partitions):
            yield partition, name, table
        return
    if base not in by:
        raise KeyError(f"no shuffle key for blocks named {name!r}; known: {', '.join(by)}")
    targets = targets_of(name, table, by[base], partitions)
    for partition, part in cut(table, targets, partitions):
        yield partition, name, part


def gather(slices: Iterable[Slice | None], combine: Mapping[str, Combine]) -> dict[str, pa.Table]:
    """Return the tables of one partition's slices.

    Slices arrive in any order; they are concatenated in the order of their content's hash, so the result does
    not depend on it. Combiners are order-independent, so the result of those depends on the rows alone.
    """
    found: dict[str, list[Slice]] = {}
    for piece in slices:
        if piece is not None:
            found.setdefault(piece[0], []).append(Slice(*piece))
    return {name: gather_one(found[name], combine.get(base_name(name))) for name in sorted(found)}


def gather_one(slices: Sequence[Slice], combine: Combine | None) -> pa.Table:
    """Return the rows of slices of one name, combined as they come where there is a combiner."""
    tables: list[pa.Table] = []
    size, limit = 0, GATHER_BYTES
    for piece in sorted(slices, key=lambda piece: piece.digest):
        tables.append(read_slice(piece))
        size += tables[-1].nbytes
        if combine is not None and size > limit:
            tables = [combine(concat(tables))]
            size = tables[0].nbytes
            limit = max(GATHER_BYTES, 2 * size)  # where little can be combined it is not tried again and again
    table = concat(tables)
    return table if combine is None else combine(table)


def concat(tables: Sequence[pa.Table]) -> pa.Table:
    """Return tables of one kind one after the other, also where only some have dictionaries."""
    if all(table.schema.equals(tables[0].schema) for table in tables[1:]):
        return pa.concat_tables(tables)
    return pa.concat_tables([plain(table) for table in tables], promote_options="permissive")


def plain(table: pa.Table) -> pa.Table:
    """Return `table` without dictionaries, which two tables seldom share."""
    if not any(pa.types.is_dictionary(kind) for kind in table.schema.types):
        return table
    return table.cast(
        pa.schema([f.with_type(f.type.value_type) if pa.types.is_dictionary(f.type) else f for f in table.schema])
    )


def gather_partition(element: tuple[int, Iterable[Slice | None]], combine: Mapping[str, Combine]) -> Partition:
    """Return (partition, tables by name) of one group of slices."""
    partition, slices = element
    tables = gather(slices, combine)
    progress.add("shuffled", sum(table.num_rows for table in tables.values()))
    return partition, tables


def send(
    block: NamedBlock, split_block: Callable[..., Iterable[tuple[int, Slice]]], *settings: Any
) -> Iterator[tuple[int, Slice]]:
    """Yield the (partition, slice) of a block as `split_block` cuts it, then counters of them for partition 0."""
    pieces = []
    for partition, piece in split_block(block, *settings):
        pieces.append(piece._replace(content=b""))
        yield partition, piece
    yield from _counters_slice(balance.SENT, pieces)


def gather_counted(element: tuple[int, Iterable[Slice | None]], combine: Mapping[str, Combine]) -> Partition:
    """Return what ``gather_partition`` does, with counters of what arrived."""
    arrived = [Slice(*piece) for piece in element[1] if piece is not None]
    partition, tables = gather_partition((element[0], arrived), combine)
    counted = balance.count_slices(balance.RECEIVED, arrived)
    name = balance.COUNTERS_BLOCK
    return partition, {**tables, name: concat([tables[name], counted]) if name in tables else counted}


def _counters_slice(what: str, slices: Iterable[Slice]) -> Iterator[tuple[int, Slice]]:
    counted = balance.count_slices(what, slices)
    if counted.num_rows:
        yield from pack_slices([(0, balance.COUNTERS_BLOCK, counted)], None)


@dataclass
class ShuffleBlocks(beam.PTransform):
    """Send the rows of named blocks, of one flow or of several, to partitions by their keys.

    The output is one element per partition.

    Every partition appears, also one without rows, so that a launcher can see that none was lost.

    Attributes:
        by: key columns per name, or a function; ``name@anything`` goes by the key of ``name``.
        plan: how many partitions, and where slices spill.
        broadcast: names whose blocks go to every partition (small tables only).
        combine: per name an order-independent merge, run before the rows travel and after they arrived: a hot key
            is a few rows of each block then.
        merge: the same for rows that come combined already, so that it would be in vain before they travel.
    """

    by: Mapping[str, Sequence[str] | Partitioner]
    plan: Plan
    broadcast: Sequence[str] = ()
    combine: Mapping[str, Combine] = field(default_factory=dict)
    merge: Mapping[str, Combine] = field(default_factory=dict)

    def expand(self, blocks: Any) -> beam.PCollection[Partition]:
        flows = flows_of(blocks)
        every = flows[0].pipeline | "Partitions" >> beam.Create(
            [(partition, None) for partition in range(self.plan.partitions)], reshuffle=False
        )
        merge = {**self.combine, **self.merge}
        moved = [
            flow
            | label("Split", n)
            >> beam.FlatMap(send, split, dict(self.by), tuple(self.broadcast), dict(self.combine), self.plan)
            for n, flow in enumerate(flows)
        ]
        return (
            [every, *moved]
            | "Flatten" >> beam.Flatten()
            | "Group" >> beam.GroupByKey()
            | "Gather" >> beam.Map(gather_counted, merge)
        )


def map_block(
    block: NamedBlock,
    function: Callable[..., Iterable[NamedBlock]],
    names: Sequence[str],
    arguments: Sequence[Any],
) -> Iterator[NamedBlock]:
    """Yield `function` of the block's table where its name is one of `names`, other blocks as they came."""
    name, table = block
    if base_name(name) not in names:
        yield block
        return
    yield from function(table, *arguments)


@dataclass
class MapBlocks(beam.PTransform):
    """Apply `function`, a table to named tables, to the blocks named `names`; others pass by."""

    function: Callable[..., Iterable[NamedBlock]]
    names: Sequence[str]
    arguments: Sequence[Any] = ()

    def expand(self, blocks: Any) -> Any:
        mapped = tuple(
            flow | label("Map", n) >> beam.FlatMap(map_block, self.function, tuple(self.names), tuple(self.arguments))
            for n, flow in enumerate(flows_of(blocks))
        )
        return mapped if len(mapped) > 1 else mapped[0]


def map_partition(
    partition: Partition, function: Callable[..., Iterable[NamedBlock]], arguments: Sequence[Any]
) -> Iterator[NamedBlock]:
    """Yield `function` of the partition's tables; blocks that tell of the work pass by."""
    _, tables = partition
    for name, table in tables.items():
        if base_name(name) in PASS_THROUGH:
            yield name, table
    yield from function({n: t for n, t in tables.items() if base_name(n) not in PASS_THROUGH}, *arguments)


@dataclass
class MapPartitions(beam.PTransform):
    """Apply `function`, a partition's tables by name to named tables, after a shuffle."""

    function: Callable[..., Iterable[NamedBlock]]
    arguments: Sequence[Any] = ()

    def expand(self, partitions: beam.PCollection[Partition]) -> beam.PCollection[NamedBlock]:
        return partitions | "Map" >> beam.FlatMap(map_partition, self.function, tuple(self.arguments))


def change_partition(
    partition: Partition, function: Callable[..., Iterable[NamedBlock]], arguments: Sequence[Any]
) -> Partition:
    """Return the partition with `function` of its tables in their place; blocks of one name are put together."""
    found: dict[str, list[pa.Table]] = {}
    for name, table in map_partition(partition, function, arguments):
        found.setdefault(name, []).append(table)
    return partition[0], {name: concat(tables) for name, tables in found.items()}


@dataclass
class ChangePartitions(beam.PTransform):
    """Apply `function`, a partition's tables by name to named tables; rows stay in their partition."""

    function: Callable[..., Iterable[NamedBlock]]
    arguments: Sequence[Any] = ()

    def expand(self, partitions: beam.PCollection[Partition]) -> beam.PCollection[Partition]:
        return partitions | "Change" >> beam.Map(change_partition, self.function, tuple(self.arguments))


def blocks_of(partition: Partition) -> Iterator[NamedBlock]:
    """Yield the tables of a partition as named blocks."""
    yield from partition[1].items()
