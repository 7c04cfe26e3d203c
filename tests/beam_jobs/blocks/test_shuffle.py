"""Shuffles and joins against plain Python: the same rows whatever the order, the cut and the partitions."""

from collections.abc import Sequence
from itertools import pairwise
from random import Random
from typing import Literal

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pytest
from apache_beam.testing.util import assert_that
from hypothesis import given, settings
from hypothesis import strategies as st

from beam_jobs.blocks.engine import LOCAL_RUNNER
from beam_jobs.blocks.read import NamedBlock
from beam_jobs.blocks.shuffle import (
    JoinBlocks,
    from_bytes,
    gather,
    join_partition,
    join_tables,
    map_block,
    map_partition,
    slices_of,
    split,
    to_bytes,
)
from tests.beam_jobs.conftest import NUMBERS, add_up

ROWS = st.lists(
    st.tuples(st.one_of(st.none(), st.sampled_from("abcdefg"), st.text(max_size=3)), st.integers(-9, 9)), max_size=30
)
PARTITIONS = st.sampled_from([1, 2, 3, 8])
Row = tuple[str | None, int]


def numbers(rows: Sequence[Row]) -> pa.Table:
    return pa.table([[row[0] for row in rows], [row[1] for row in rows]], schema=NUMBERS)


def shuffle(
    blocks: Sequence[NamedBlock], *, partitions: int, combine: bool = False, broadcast: Sequence[str] = ()
) -> list[dict[str, pa.Table]]:
    """Shuffle in this process: what ``ShuffleBlocks`` does, without Beam."""
    combiners = {"numbers": add_up} if combine else {}
    inbox: list[list[tuple[str, bytes]]] = [[] for _ in range(partitions)]
    for block in blocks:
        for partition, piece in slices_of(block, {"numbers": ["key"]}, broadcast, combiners, partitions):
            inbox[partition].append(piece)
    return [gather([None, *reversed(pieces)], combiners) for pieces in inbox]


def cut(rows: Sequence[Row], cuts: Sequence[int]) -> list[NamedBlock]:
    ends = sorted({0, len(rows), *(c % (len(rows) + 1) for c in cuts)})
    return [("numbers", numbers(rows[start:end])) for start, end in pairwise(ends)] or [("numbers", numbers([]))]


class TestShuffle:
    @given(ROWS, PARTITIONS, st.lists(st.integers(0, 30), max_size=4))
    def test_every_row_arrives_once_and_a_key_in_one_place(
        self, rows: list[Row], partitions: int, cuts: list[int]
    ) -> None:
        arrived = [tables.get("numbers", numbers([])) for tables in shuffle(cut(rows, cuts), partitions=partitions)]
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
        arrived = shuffle(cut(mixed, cuts), partitions=partitions, combine=True)
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
        sent = [from_bytes(piece[1]) for _, piece in slices_of(block, {"numbers": ["key"]}, (), {"numbers": add_up}, 1)]
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
            list(slices_of(("letters", numbers([])), {"numbers": ["key"]}, (), {}, 1))

    def test_split_keeps_the_order_of_rows(self) -> None:
        table = numbers([(f"k{n % 7}", n) for n in range(100)])
        for _, rows in split(table, by=["key"], partitions=4):
            assert rows["value"].to_pylist() == sorted(rows["value"].to_pylist())

    @given(ROWS)
    def test_bytes_and_back(self, rows: list[Row]) -> None:
        table = numbers(rows)
        assert from_bytes(to_bytes(table)) == table
        doubled = pa.concat_tables([table.slice(0, 2), table.slice(2)])
        assert to_bytes(doubled) == to_bytes(table)


class TestJoin:
    @given(ROWS, ROWS, st.sampled_from(["inner", "left"]))
    def test_is_that_of_plain_loops(self, left: list[Row], right: list[Row], how: Literal["inner", "left"]) -> None:
        expected: list[tuple[str | None, int, int | None]] = []
        for key, value in left:
            matches: list[int | None] = [other for name, other in right if name == key and key is not None]
            expected += [(key, value, other) for other in matches or ([None] if how == "left" else [])]
        joined = join_tables(numbers(left), numbers(right), on=["key"], how=how)
        assert joined.column_names == ["key", "value", "value_right"]
        found = [(row["key"], row["value"], row["value_right"]) for row in joined.to_pylist()]
        assert sorted(found, key=repr) == sorted(expected, key=repr)

    @given(ROWS, ROWS, st.randoms(use_true_random=False))
    def test_rows_are_in_the_order_of_the_key_then_of_the_inputs(
        self, left: list[Row], right: list[Row], random: Random
    ) -> None:
        distinct = list({key: (key, value) for key, value in right}.values())
        mixed = list(distinct)
        random.shuffle(mixed)
        once = join_tables(numbers(left), numbers(distinct), on=["key"])
        assert once == join_tables(numbers(left), numbers(mixed), on=["key"])
        keys = [key for key in once["key"].to_pylist() if key is not None]
        assert keys == sorted(keys, key=lambda key: key.encode())

    def test_columns_of_any_type_come_along(self) -> None:
        right = pa.table(
            {
                "key": ["b", "a"],
                "lists": pa.array([[1.5], None], pa.list_(pa.float16())),
                "structs": pa.array([{"x": 1}, {"x": 2}]),
                "words": pa.array(["w", "v"]).dictionary_encode(),
            }
        )
        joined = join_tables(numbers([("a", 1), ("c", 2), ("b", 3)]), right, on=["key"]).to_pylist()
        assert [(row["key"], row["lists"], row["structs"], row["words"]) for row in joined] == [
            ("a", None, {"x": 2}, "v"),
            ("b", [1.5], {"x": 1}, "w"),
            ("c", None, None, None),
        ]

    def test_other_tables_of_a_partition_pass_by(self) -> None:
        tables = {"left": numbers([("a", 1)]), "right": numbers([("b", 2)]), "_counters": numbers([("c", 3)])}
        inner = dict(join_partition((0, tables), ["left"], "right", ["key"], "inner"))
        assert {name: table.num_rows for name, table in inner.items()} == {"left": 0, "_counters": 1}
        del tables["right"]
        assert list(dict(join_partition((0, tables), ["left"], "right", ["key"], "left"))) == ["left", "_counters"]
        assert list(dict(join_partition((0, tables), ["left"], "right", ["key"], "inner"))) == ["_counters"]

    @pytest.mark.parametrize("partitions", [1, 5])
    def test_through_beam_is_the_same_as_in_one_place(self, partitions: int) -> None:
        random = np.random.default_rng(partitions)
        left = [(f"k{n}", int(v)) for n, v in zip(random.integers(0, 30, 200), range(200), strict=True)]
        right = [(f"k{n}", n) for n in range(0, 40, 2)]
        whole = join_tables(numbers(left), numbers(right), on=["key"])
        expected = sorted(map(str, whole.to_pylist()))

        def check(blocks: list[NamedBlock]) -> None:
            joined = [row for name, table in blocks if name == "left" for row in table.to_pylist()]
            assert sorted(map(str, joined)) == expected
            assert [name for name, _ in blocks if name != "left"] == ["other"]

        blocks = [("left", numbers(left[:70])), ("left", numbers(left[70:])), ("right", numbers(right))]
        with beam.Pipeline(LOCAL_RUNNER) as pipeline:
            joined = (
                pipeline
                | beam.Create([*blocks, ("other", numbers([]))], reshuffle=False)
                | JoinBlocks(left=["left"], right="right", on=["key"], partitions=partitions)
            )
            assert_that(joined | beam.combiners.ToList(), lambda lists: check(lists[0]))


@settings(max_examples=20)
@given(st.sampled_from(["numbers", "numbers@x", "others", "_counters"]))
def test_maps_touch_only_what_they_name(name: str) -> None:
    block = (name, numbers([("a", 1)]))
    found = list(map_block(block, lambda table: [("seen", table)], ["numbers"], ()))
    assert [n for n, _ in found] == (["seen"] if name.startswith("numbers") else [name])
    partition = (0, {name: block[1]})
    passed = list(map_partition(partition, lambda tables: [(f"f:{n}", t) for n, t in tables.items()], ()))
    assert [n for n, _ in passed] == ([name] if name == "_counters" else [f"f:{name}"])
