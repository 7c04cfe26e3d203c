"""Join named blocks by key, also where a few keys make up most of the rows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import apache_beam as beam
import numpy as np
import polars as pl
import pyarrow as pa

from beam_jobs.blocks import balance, keys, progress
from beam_jobs.blocks.read import NamedBlock
from beam_jobs.blocks.shuffle import (
    Combine,
    Plan,
    Targets,
    base_name,
    concat,
    cut,
    flows_of,
    gather_one,
    label,
    plain,
    send,
)
from beam_jobs.blocks.skew import NO_HOT_KEYS, HotKeys
from beam_jobs.blocks.spill import Slice, pack_slices, read_slice

How = Literal["inner", "left"]

JOIN_BYTES = 64 << 20
"""Bytes of left rows that are joined at a time: the right side of a partition is in memory, never all of the left."""


def join_tables(
    left: pa.Table, right: pa.Table, *, on: Sequence[str], how: Literal["inner", "left"] = "left"
) -> pa.Table:
    """Join two tables on the columns `on`; rows are in the order of the key, within it in the order of the inputs.

    Columns may have any type, keys those that polars joins on. Columns of `right` that `left` has too are named
    ``NAME_right``. A null key matches nothing.
    """
    keys_left = pl.DataFrame(plain(left.select(list(on)))).with_row_index("_left")
    keys_right = pl.DataFrame(plain(right.select(list(on)))).with_row_index("_right")
    if not keys_left.select(pl.struct(on).is_sorted() if len(on) > 1 else pl.col(on[0]).is_sorted()).item():
        keys_left = keys_left.sort([*on, "_left"])
    rows = keys_left.join(keys_right, on=list(on), how=how, maintain_order="left_right")
    joined, taken = left, rows["_left"]
    if len(taken) != left.num_rows or not (taken == pl.int_range(left.num_rows, dtype=pl.UInt32, eager=True)).all():
        joined = left.take(taken.to_arrow())
    matched = rows["_right"].to_arrow()
    for name in right.column_names:
        if name not in on:
            column = right.column(name).combine_chunks().take(matched)
            joined = joined.append_column(f"{name}_right" if name in left.column_names else name, column)
    return joined


def split_sides(
    block: NamedBlock, left: Sequence[str], on: Sequence[str], combine: Mapping[str, Combine], hot: HotKeys, plan: Plan
) -> Iterator[tuple[int, Slice]]:
    """Yield the (partition, slice) of one block of either side.

    Left rows of a hot key take turns over several partitions, right rows of it go to each of these.
    """
    name, table = block
    if base_name(name) in combine:
        table = combine[base_name(name)](table)
    hashes = keys.hash_rows(table, list(on))
    targets: Targets = keys.ranges_of(hashes, plan.partitions)
    spread = hot.of_rows(hashes)
    rows = np.arange(table.num_rows)
    if base_name(name) in left:
        targets = ((targets + rows % spread) % plan.partitions).astype(np.int64)
    elif len(hot.hashes):
        rows = np.repeat(rows, spread)
        turns = np.arange(len(rows)) - np.repeat(np.cumsum(spread) - spread, spread)
        targets = ((targets[rows] + turns) % plan.partitions).astype(np.int64)
        table = table.take(pa.array(rows))
    yield from pack_slices(((p, name, part) for p, part in cut(table, targets, plan.partitions)), plan.spill)


def join_sides(
    element: tuple[int, Iterable[Slice]],
    left: Sequence[str],
    right: str,
    on: Sequence[str],
    how: How,
    combine: Mapping[str, Combine],
) -> Iterator[NamedBlock]:
    """Yield the left blocks of one partition joined with its right one, some rows at a time."""
    found: dict[str, list[Slice]] = {}
    for piece in element[1]:
        found.setdefault(piece[0], []).append(Slice(*piece))
    others = [gather_one(found.pop(name), combine.get(right)) for name in sorted(found) if base_name(name) == right]
    joined = concat(others) if others else None
    for name in sorted(found):
        for table in _pieces(found[name], combine.get(base_name(name))):
            progress.add("shuffled", table.num_rows)
            if joined is not None:
                yield name, join_tables(table, joined, on=on, how=how)
            elif how == "left":
                yield name, table


def _pieces(slices: Sequence[Slice], combine: Combine | None) -> Iterator[pa.Table]:
    """Yield the rows of slices, JOIN_BYTES at a time; at once where they are combined."""
    if combine is not None:
        yield gather_one(slices, combine)
        return
    tables, size = [], 0
    for piece in sorted(slices, key=lambda piece: piece.digest):
        tables.append(read_slice(piece))
        size += tables[-1].nbytes
        if size >= JOIN_BYTES:
            yield concat(tables)
            tables, size = [], 0
    if tables:
        yield concat(tables)


def join_counted(
    element: tuple[int, Iterable[Slice]],
    left: Sequence[str],
    right: str,
    on: Sequence[str],
    how: How,
    combine: Mapping[str, Combine],
) -> Iterator[NamedBlock]:
    """Yield what ``join_sides`` does, with counters of what was sent and what arrived."""
    rows: list[Slice] = []
    for piece in (Slice(*each) for each in element[1]):
        if piece.name == balance.COUNTERS_BLOCK:
            yield piece.name, read_slice(piece)
        else:
            rows.append(piece)
    yield from join_sides((element[0], rows), left, right, on, how, combine)
    yield balance.COUNTERS_BLOCK, balance.count_slices(balance.RECEIVED, rows)


@dataclass
class JoinBlocks(beam.PTransform):
    """Join the blocks named `left` with those named `right` on the columns `on`.

    The output has several flows: what was joined, and all other blocks as they came.

    Attributes:
        left: names of the blocks that are joined; they keep their names.
        right: name of the blocks joined to them; it is gone afterwards.
        on: key columns, in all of them.
        plan: how many partitions the shuffle uses, and where slices spill.
        how: ``left`` keeps the rows of `left` that match nothing, ``inner`` drops them.
        combine: as in ``ShuffleBlocks``.
        hot: keys of the left side that are too big for one partition, from ``sample_hot_keys``.
    """

    left: Sequence[str]
    right: str
    on: Sequence[str]
    plan: Plan
    how: How = "left"
    combine: Mapping[str, Combine] = field(default_factory=dict)
    hot: HotKeys = NO_HOT_KEYS

    def __post_init__(self) -> None:
        if len(self.hot.hashes) and set(self.left) & set(self.combine):
            raise ValueError(f"{', '.join(self.left)}: what is combined must meet in one partition; give no hot keys")

    def expand(self, blocks: Any) -> Any:
        flows = flows_of(blocks)
        names = (*self.left, self.right)
        split = (tuple(self.left), tuple(self.on), dict(self.combine), self.hot, self.plan)
        joined = (
            [
                flow
                | label("Sides", n) >> beam.Filter(is_named, names)
                | label("Split", n) >> beam.FlatMap(send, split_sides, *split)
                for n, flow in enumerate(flows)
            ]
            | "Flatten" >> beam.Flatten()
            | "Group" >> beam.GroupByKey()
            | "Join"
            >> beam.FlatMap(join_counted, tuple(self.left), self.right, tuple(self.on), self.how, dict(self.combine))
        )
        others = [flow | label("Others", n) >> beam.Filter(is_not_named, names) for n, flow in enumerate(flows)]
        return (joined, *others)


def is_named(block: NamedBlock, names: Sequence[str]) -> bool:
    """Return whether the block has one of `names`."""
    return base_name(block[0]) in names


def is_not_named(block: NamedBlock, names: Sequence[str]) -> bool:
    """Return whether the block has none of `names`."""
    return not is_named(block, names)
