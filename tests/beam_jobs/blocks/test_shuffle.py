"""Shuffles against plain Python: the same rows whatever the order, the cut and the partitions."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from random import Random

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beam_jobs.blocks import shuffle as shuffle_module
from beam_jobs.blocks.read import NamedBlock
from beam_jobs.blocks.shuffle import (
    Plan,
    by_columns,
    cut,
    gather,
    map_block,
    map_partition,
    split,
)
from beam_jobs.blocks.spill import Slice, from_bytes, read_slice, to_bytes
from tests.beam_jobs.conftest import NUMBERS, add_up

ROWS = st.lists(
    st.tuples(st.one_of(st.none(), st.sampled_from("abcdefg"), st.text(max_size=3)), st.integers(-9, 9)), max_size=30
)
BY = {"numbers": ["key"]}
PARTITIONS = st.sampled_from([1, 2, 3, 8])
Row = tuple[str | None, int]


def numbers(rows: Sequence[Row]) -> pa.Table:
    return pa.table([[row[0] for row in rows], [row[1] for row in rows]], schema=NUMBERS)


def shuffle(
    blocks: Sequence[NamedBlock],
    *,
    partitions: int,
    combine: bool = False,
    broadcast: Sequence[str] = (),
    spill: str | None = None,
) -> list[dict[str, pa.Table]]:
    """Shuffle in this process: what ``ShuffleBlocks`` does, without Beam."""
    combiners = {"numbers": add_up} if combine else {}
    inbox: list[list[Slice]] = [[] for _ in range(partitions)]
    for block in blocks:
        for partition, piece in split(block, BY, broadcast, combiners, Plan(partitions, spill)):
            inbox[partition].append(piece)
    return [gather([None, *reversed(pieces)], combiners) for pieces in inbox]


def pieces(rows: Sequence[Row], cuts: Sequence[int]) -> list[NamedBlock]:
    ends = sorted({0, len(rows), *(c % (len(rows) + 1) for c in cuts)})
    return [("numbers", numbers(rows[start:end])) for start, end in pairwise(ends)] or [("numbers", numbers([]))]


class TestShuffle:
    @given(ROWS, PARTITIONS, st.lists(st.integers(0, 30), max_size=4))
    def test_every_row_arrives_once_and_a_key_in_one_place(
        self, rows: list[Row], partitions: int, cuts: list[int]
    ) -> None:
        arrived = [tables.get("numbers", numbers([])) for tables in shuffle(pieces(rows, cuts), partitions=partitions)]
        found = [(row["key"], row["value"]) for table in arrived for row in table.to_pylist()]
        assert sorted(found, key=repr) == sorted(rows, key=repr)
        places = [(key, place) for place, table in enumerate(arrived) for key in set(table["key"].to_pylist())]
        assert len(places) == len({key for key, _ in places})

    @given(ROWS, PARTITIONS, st.lists(st.integers(0, 30), max_size=4), st.randoms(use_true_random=False))
    def test_combined_sums_are_those_of_a_dict(
        self, rows: list[Row], partitions: int, cuts: list[int], random: Random
    ) -> None:
        expected: dict[str | None, int] = {}
        for key, value in rows:
            expected[key] = expected.get(key, 0) + value
        mixed = list(rows)
        random.shuffle(mixed)
        arrived = shuffle(pieces(mixed, cuts), partitions=partitions, combine=True)
        found = [row for tables in arrived if "numbers" in tables for row in tables["numbers"].to_pylist()]
        assert {row["key"]: row["value"] for row in found} == expected
        assert len(found) == len(expected)

    @given(ROWS, PARTITIONS, st.randoms(use_true_random=False))
    def test_the_order_of_arrival_changes_nothing(self, rows: list[Row], partitions: int, random: Random) -> None:
        blocks = [("numbers", numbers(rows[i : i + 3])) for i in range(0, len(rows), 3)]
        mixed = list(blocks)
        random.shuffle(mixed)
        assert shuffle(blocks, partitions=partitions) == shuffle(mixed, partitions=partitions)

    def test_suffixed_names_go_by_the_key_of_their_base_and_stay_apart(self) -> None:
        blocks = [("numbers@date=1", numbers([("a", 1)])), ("numbers@date=2", numbers([("a", 2)]))]
        arrived = [tables for tables in shuffle(blocks, partitions=8, combine=True) if tables]
        assert [{name: t["value"].to_pylist() for name, t in tables.items()} for tables in arrived] == [
            {"numbers@date=1": [1], "numbers@date=2": [2]}
        ]

    def test_rows_are_combined_before_they_travel(self) -> None:
        block = ("numbers", numbers([("a", 1), ("a", 2), ("b", 3)] * 100))
        sent = [read_slice(piece) for _, piece in split(block, BY, (), {"numbers": add_up}, Plan(1))]
        assert [table.sort_by("key").to_pylist() for table in sent] == [
            [{"key": "a", "value": 300}, {"key": "b", "value": 300}]
        ]

    def test_broadcast_blocks_reach_every_partition(self) -> None:
        arrived = shuffle([("numbers", numbers([("a", 1)]))], partitions=3, broadcast=["numbers"])
        assert [tables["numbers"]["key"].to_pylist() for tables in arrived] == [["a"]] * 3

    def test_what_tells_of_the_work_goes_to_partition_0(self) -> None:
        arrived = shuffle([("_counters", numbers([("a", 1)]))], partitions=3)
        assert [list(tables) for tables in arrived] == [["_counters"], [], []]

    def test_a_name_without_a_key_is_an_error_that_names_it(self) -> None:
        with pytest.raises(KeyError, match=r"'letters'.*known: numbers"):
            list(split(("letters", numbers([])), BY, (), {}, Plan(1)))

    def test_split_keeps_the_order_of_rows(self) -> None:
        table = numbers([(f"k{n % 7}", n) for n in range(100)])
        for _, rows in cut(table, by_columns("numbers", table, 4, columns=["key"]), 4):
            assert rows["value"].to_pylist() == sorted(rows["value"].to_pylist())

    def test_big_blocks_spill_and_only_their_place_travels(self, tmp_path: Path) -> None:
        rows: list[Row] = [(f"key {n}", n) for n in range(50_000)]
        block = ("numbers", numbers(rows))
        sent = list(split(block, BY, (), {}, Plan(4, str(tmp_path))))
        assert all(not piece.content and piece.path for _, piece in sent)
        assert len(list(tmp_path.iterdir())) == 1
        assert shuffle([block], partitions=4, spill=str(tmp_path)) == shuffle([block], partitions=4)
        small = list(split(("numbers", numbers(rows[:10])), BY, (), {}, Plan(4, str(tmp_path))))
        assert all(piece.content and not piece.path for _, piece in small)

    def test_a_slice_that_is_cut_off_says_so(self, tmp_path: Path) -> None:
        block = ("numbers", numbers([(f"key {n}", n) for n in range(50_000)]))
        (_, piece), *_ = split(block, BY, (), {}, Plan(1, str(tmp_path)))
        Path(piece.path).write_bytes(Path(piece.path).read_bytes()[:-10])
        with pytest.raises(OSError, match=r"bytes are there; is the disk full"):
            read_slice(piece)

    def test_dictionaries_travel_with_the_texts_of_their_rows_only(self) -> None:
        table = numbers([(f"key {n}", n) for n in range(1000)])
        encoded = table.set_column(0, "key", table["key"].combine_chunks().dictionary_encode())
        sent = [read_slice(piece) for _, piece in split(("numbers", encoded), BY, (), {}, Plan(7))]
        assert sum(len(rows["key"].chunk(0).dictionary) for rows in sent) == 1000
        plain = shuffle([("numbers", table)], partitions=7)
        assert [t["numbers"].cast(NUMBERS) for t in shuffle([("numbers", encoded)], partitions=7)] == [
            t["numbers"] for t in plain
        ]

    def test_partial_sums_do_not_pile_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(shuffle_module, "GATHER_BYTES", 1000)
        seen = []

        def count(table: pa.Table) -> pa.Table:
            seen.append(table.num_rows)
            return add_up(table)

        blocks = [("numbers", numbers([("a", n), ("b", n)])) for n in range(200)]
        sent = [piece for block in blocks for _, piece in split(block, BY, (), {}, Plan(1))]
        assert gather(sent, {"numbers": count})["numbers"].sort_by("key")["value"].to_pylist() == [19_900, 19_900]
        assert max(seen) < 200

    @given(ROWS)
    def test_bytes_and_back(self, rows: list[Row]) -> None:
        table = numbers(rows)
        assert from_bytes(to_bytes(table)) == table
        doubled = pa.concat_tables([table.slice(0, 2), table.slice(2)])
        assert to_bytes(doubled) == to_bytes(table)


@settings(max_examples=20)
@given(st.sampled_from(["numbers", "numbers@x", "others", "_counters"]))
def test_maps_touch_only_what_they_name(name: str) -> None:
    block = (name, numbers([("a", 1)]))
    found = list(map_block(block, lambda table: [("seen", table)], ["numbers"], ()))
    assert [n for n, _ in found] == (["seen"] if name.startswith("numbers") else [name])
    partition = (0, {name: block[1]})
    passed = list(map_partition(partition, lambda tables: [(f"f:{n}", t) for n, t in tables.items()], ()))
    assert [n for n, _ in passed] == ([name] if name == "_counters" else [f"f:{name}"])
