"""The hash that sends rows to partitions: of the value alone, and the same for ever."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beam_jobs.blocks.keys import hash_column, hash_rows, ranges_of

TEXTS = st.lists(st.one_of(st.none(), st.text(max_size=20)), max_size=30)
INTEGERS = st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)), max_size=30)
MASK = 2**64 - 1
GOLDEN = 0x9E3779B97F4A7C15


def slow_mix(value: int) -> int:
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK
    return value ^ (value >> 31)


def slow_hash(value: str | None) -> int:
    """The hash of one string by plain Python integers."""
    if value is None:
        return GOLDEN
    content = value.encode()
    hashed = slow_mix((len(content) + GOLDEN) & MASK)
    for start in range(0, len(content), 8):
        hashed = slow_mix(hashed ^ int.from_bytes(content[start : start + 8], "little"))
    return hashed


class TestHashColumn:
    def test_known_answers(self) -> None:
        """A change of the hash moves every row of every cluster: it must be noticed, and raise the versions."""
        texts = pa.array(["", "a", "12345678", "123456789", "고양이 사진 배경화면", None])
        assert [f"{value:016x}" for value in hash_column(texts).tolist()] == [
            "e220a8397b1dcdaf",
            "3e506e5796335af0",
            "82177327e1e4daac",
            "b0f00539162b363b",
            "49cc55c74b500655",
            "9e3779b97f4a7c15",
        ]
        numbers = pa.array([0, -1, 5, 2**62, None])
        assert [f"{value:016x}" for value in hash_column(numbers).tolist()] == [
            "e220a8397b1dcdaf",
            "e4d971771b652c20",
            "63033b0ca389c35a",
            "00aa50ea8e0fa9eb",
            "9e3779b97f4a7c15",
        ]
        rows = pa.table({"a": ["x", "y"], "b": [1, 2]})
        assert [f"{value:016x}" for value in hash_rows(rows, ["a", "b"]).tolist()] == [
            "f6756821854c5b90",
            "5e63a9d20bf8779f",
        ]

    @given(TEXTS)
    def test_is_that_of_plain_python(self, texts: list[str | None]) -> None:
        assert hash_column(pa.array(texts, pa.string())).tolist() == [slow_hash(text) for text in texts]

    @given(TEXTS, st.data())
    def test_depends_on_the_value_alone(self, texts: list[str | None], data: st.DataObject) -> None:
        """Neither slices, chunks, offsets, dictionaries nor the width of offsets change a hash."""
        array = pa.array(texts, pa.string())
        expected = hash_column(array).tolist()
        start = data.draw(st.integers(0, len(texts)))
        stop = data.draw(st.integers(start, len(texts)))
        padded = pa.array(["other", None, *texts, "more"], pa.string()).slice(2, len(texts))
        chunks = pa.chunked_array([array.slice(0, start), array.slice(start)], pa.string())
        assert hash_column(array.slice(start, stop - start)).tolist() == expected[start:stop]
        assert hash_column(padded).tolist() == expected
        assert hash_column(chunks).tolist() == expected
        for kind in (pa.large_string(), pa.binary(), pa.large_binary()):
            assert hash_column(array.cast(kind)).tolist() == expected
        assert hash_column(array.dictionary_encode()).tolist() == expected
        encoded = pa.chunked_array([array.slice(0, start).dictionary_encode(), array.slice(start).dictionary_encode()])
        assert hash_column(encoded).tolist() == expected

    @given(INTEGERS)
    def test_integers_hash_by_value_whatever_their_width(self, values: list[int | None]) -> None:
        expected = hash_column(pa.array(values, pa.int64())).tolist()
        small = [value if value is not None and abs(value) < 2**31 else None for value in values]
        assert hash_column(pa.array(small, pa.int32())).tolist() == hash_column(pa.array(small, pa.int64())).tolist()
        assert len(expected) == len(values)
        assert all((h == GOLDEN) for h, value in zip(expected, values, strict=True) if value is None)

    def test_what_lies_under_a_null_is_not_seen(self) -> None:
        values = pa.array(["secret", "b"]).buffers()
        hidden = pa.StringArray.from_buffers(2, values[1], values[2], pa.py_buffer(b"\x02"))
        assert hidden.to_pylist() == [None, "b"]
        assert hash_column(hidden).tolist() == hash_column(pa.array([None, "b"])).tolist()

    def test_dates_booleans_and_fixed_bytes_are_keys(self) -> None:
        days = hash_column(pa.array([date(2026, 1, 1), date(2026, 1, 2), None]))
        assert len(set(days.tolist())) == 3
        assert len(set(hash_column(pa.array([True, False, None])).tolist())) == 3
        fixed = hash_column(pa.array([b"abcd"], pa.binary(4))).tolist()
        assert fixed == hash_column(pa.array(["abcd"])).tolist()

    def test_uint64_beyond_the_signed_range(self) -> None:
        assert len(set(hash_column(pa.array([2**64 - 1, 2**63, 1], pa.uint64())).tolist())) == 3

    @pytest.mark.parametrize("column", [pa.array([1.5]), pa.array([["a"]]), pa.array([{"a": 1}])])
    def test_other_types_are_refused_by_name(self, column: pa.Array) -> None:
        with pytest.raises(TypeError, match=r"cannot be a key; use a string"):
            hash_column(column)


class TestHashRows:
    @given(st.lists(st.tuples(st.text(max_size=4), st.integers(0, 5)), min_size=1, max_size=20))
    def test_as_many_hashes_as_different_rows(self, rows: list[tuple[str, int]]) -> None:
        table = pa.table({"a": [row[0] for row in rows], "b": [row[1] for row in rows]})
        assert len(set(hash_rows(table, ["a", "b"]).tolist())) == len(set(rows))

    def test_the_order_of_the_key_columns_counts(self) -> None:
        table = pa.table({"a": ["x", "y"], "b": ["y", "x"]})
        assert hash_rows(table, ["a", "b"]).tolist() == hash_rows(table, ["b", "a"]).tolist()[::-1]
        assert len(set(hash_rows(table, ["a", "b"]).tolist())) == 2


class TestRangesOf:
    @given(st.lists(st.integers(0, MASK), min_size=1, max_size=50), st.integers(1, 1000), st.integers(1, 50))
    def test_a_coarser_cut_is_a_union_of_a_finer_one(self, hashes: list[int], count: int, factor: int) -> None:
        values = np.array(hashes, np.uint64)
        coarse, fine = ranges_of(values, count), ranges_of(values, count * factor)
        assert (fine // factor == coarse).all()
        assert coarse.min() >= 0
        assert coarse.max() < count

    def test_the_ends_of_the_space_are_the_first_and_last_range(self) -> None:
        ends = np.array([0, MASK], np.uint64)
        assert ranges_of(ends, 7).tolist() == [0, 6]
        assert ranges_of(ends, 2**31 - 1).tolist() == [0, 2**31 - 2]

    def test_keys_spread_evenly(self) -> None:
        """Counting names differ in one digit; no partition gets more than 1.2 times its share."""
        ids = pa.array([f"image-{n:07d}.jpg" for n in range(40_000)])
        counts = np.bincount(ranges_of(hash_column(ids), 16), minlength=16)
        assert counts.max() < 1.2 * len(ids) / 16

    @pytest.mark.parametrize("count", [0, -1, 2**31])
    def test_a_senseless_count_is_refused(self, count: int) -> None:
        with pytest.raises(ValueError, match=str(count)):
            ranges_of(np.zeros(1, np.uint64), count)
