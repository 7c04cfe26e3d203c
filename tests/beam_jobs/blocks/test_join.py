"""Joins against plain loops, also where one key makes up most of the rows."""

from collections.abc import Sequence
from random import Random
from typing import Literal

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pytest
from apache_beam.testing.util import assert_that
from hypothesis import given
from hypothesis import strategies as st

from beam_jobs.blocks import join as join_module
from beam_jobs.blocks import keys
from beam_jobs.blocks.engine import LOCAL_RUNNER
from beam_jobs.blocks.join import JoinBlocks, join_sides, join_tables, split_sides
from beam_jobs.blocks.read import NamedBlock
from beam_jobs.blocks.shuffle import Plan
from beam_jobs.blocks.skew import NO_HOT_KEYS, find_hot_keys
from beam_jobs.blocks.spill import Slice
from tests.beam_jobs.conftest import NUMBERS, add_up

ROWS = st.lists(
    st.tuples(st.one_of(st.none(), st.sampled_from("abcdefg"), st.text(max_size=3)), st.integers(-9, 9)), max_size=30
)
Row = tuple[str | None, int]


def numbers(rows: Sequence[Row]) -> pa.Table:
    return pa.table([[row[0] for row in rows], [row[1] for row in rows]], schema=NUMBERS)


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

    def test_a_left_side_that_is_combined_has_no_hot_keys(self) -> None:
        hot = find_hot_keys(keys.hash_rows(numbers([("a", 1)] * 9), ["key"]), 2)
        settings = {"left": ["left"], "right": "right", "on": ["key"], "plan": Plan(2)}
        with pytest.raises(ValueError, match="must meet in one partition"):
            JoinBlocks(**settings, hot=hot, combine={"left": add_up})
        JoinBlocks(**settings, hot=hot)
        JoinBlocks(**settings, combine={"left": add_up})

    def test_a_partition_without_right_rows(self) -> None:
        sent = [
            piece
            for _, piece in split_sides(("left", numbers([("a", 1)])), ["left"], ["key"], {}, NO_HOT_KEYS, Plan(1))
        ]
        assert [name for name, _ in join_sides((0, sent), ["left"], "right", ["key"], "left", {})] == ["left"]
        assert list(join_sides((0, sent), ["left"], "right", ["key"], "inner", {})) == []

    @given(ROWS, ROWS, st.sampled_from([2, 3, 8]), st.sampled_from(["inner", "left"]))
    def test_a_skewed_side_is_spread_and_nothing_else_changes(
        self, left: list[Row], right: list[Row], partitions: int, how: Literal["inner", "left"]
    ) -> None:
        rows = [*left, *(("hot", n) for n in range(40))]
        hot = find_hot_keys(keys.hash_rows(numbers(rows), ["key"]), partitions)
        assert keys.hash_rows(numbers([("hot", 0)]), ["key"])[0] in hot.hashes
        inbox: dict[int, list[Slice]] = {}
        blocks = [("left", numbers(rows[:25])), ("left", numbers(rows[25:])), ("right", numbers([*right, ("hot", 7)]))]
        for block in blocks:
            for place, piece in split_sides(block, ["left"], ["key"], {}, hot, Plan(partitions)):
                inbox.setdefault(place, []).append(piece)
        found = [
            (row["key"], row["value"], row.get("value_right"))
            for element in inbox.items()
            for _, table in join_sides(element, ["left"], "right", ["key"], how, {})
            for row in table.to_pylist()
        ]
        whole = join_tables(numbers(rows), numbers([*right, ("hot", 7)]), on=["key"], how=how)
        expected = [(row["key"], row["value"], row["value_right"]) for row in whole.to_pylist()]
        assert sorted(found, key=repr) == sorted(expected, key=repr)
        assert sum(any(p.name == "left" for p in pieces) for pieces in inbox.values()) > 1

    def test_the_left_side_is_never_in_memory_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(join_module, "JOIN_BYTES", 1000)
        blocks = [("left", numbers([(f"k{n}", m) for n in range(10)])) for m in range(50)]
        sent = [
            p
            for b in [*blocks, ("right", numbers([("k3", 1)]))]
            for _, p in split_sides(b, ["left"], ["key"], {}, NO_HOT_KEYS, Plan(1))
        ]
        sizes = [table.num_rows for _, table in join_sides((0, sent), ["left"], "right", ["key"], "left", {})]
        assert sum(sizes) == 500
        assert max(sizes) <= 100

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
            assert [name for name, _ in blocks if name not in ("left", "_counters")] == ["other"]

        blocks = [("left", numbers(left[:70])), ("left", numbers(left[70:])), ("right", numbers(right))]
        with beam.Pipeline(LOCAL_RUNNER) as pipeline:
            joined = (
                pipeline
                | beam.Create([*blocks, ("other", numbers([]))], reshuffle=False)
                | JoinBlocks(left=["left"], right="right", on=["key"], plan=Plan(partitions))
            )
            assert_that(joined | beam.Flatten() | beam.combiners.ToList(), lambda lists: check(lists[0]))
