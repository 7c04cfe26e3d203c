"""Grouping text columns by sorting small numbers: the inner loop of counting a click log.

A text column becomes codes into its distinct texts; the codes of all key columns are packed into one 64-bit
number, and sorting these numbers brings equal keys together. One radix-like sort of int64 is several times
faster than hashing strings, and its result is in order already.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_Ints = npt.NDArray[np.int64]
_LIMIT = 1 << 62
_TABLE_PER_ROW = 4
"""Entries of a lookup table per row up to which it is faster than sorting."""


@dataclass(frozen=True)
class Codes:
    """A text column as numbers: row i holds ``texts[codes[i]]``.

    Attributes:
        codes: int64 [rows], -1 where the text is null.
        texts: string [m], distinct; not all of them need to occur.
    """

    codes: _Ints
    texts: pa.Array

    @classmethod
    def of(cls, column: pa.ChunkedArray | pa.Array) -> "Codes":
        """Encode a string column, dictionary-encoded or plain."""
        if isinstance(column, pa.ChunkedArray):
            if pa.types.is_dictionary(column.type):
                column = column.unify_dictionaries()
            column = column.combine_chunks()
        if isinstance(column, pa.ChunkedArray):  # no chunk, or more than an array holds
            column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
        if not pa.types.is_dictionary(column.type):
            column = column.dictionary_encode()
        codes = np.asarray(pc.fill_null(column.indices, -1)).astype(np.int64)
        texts = valid_texts(column.dictionary)
        return cls(codes, texts).mapped(texts)

    def mapped(self, texts: pa.Array) -> "Codes":
        """Return the column with `texts` [m] in the place of its own, equal ones made one, blank ones null."""
        texts = valid_texts(texts)
        blank = pc.equal(pc.utf8_trim_whitespace(texts), "")
        if pc.any(blank).as_py():
            texts = pc.if_else(blank, pa.scalar(None, pa.string()), texts)
        encoded = texts.dictionary_encode()
        if len(encoded.dictionary) == len(texts):
            return Codes(self.codes, texts)
        places = np.append(np.asarray(pc.fill_null(encoded.indices, -1)).astype(np.int64), -1)
        return Codes(places[self.codes], encoded.dictionary)

    def ranked(self) -> "Codes":
        """Return the column with the `texts` that occur, sorted, so that sorting codes sorts texts (by code point)."""
        occurs = np.zeros(len(self.texts) + 1, dtype=bool)
        occurs[self.codes] = True
        places = np.flatnonzero(occurs[:-1])
        order = places[np.asarray(pc.sort_indices(self.texts.take(pa.array(places)))).astype(np.int64)]
        ranks = np.full(len(self.texts) + 1, -1, dtype=np.int64)
        ranks[order] = np.arange(len(order))
        return Codes(ranks[self.codes], self.texts.take(pa.array(order)))

    def take(self, codes: _Ints) -> pa.DictionaryArray:
        """Return the texts of `codes` as a dictionary-encoded column that holds no other texts."""
        used = np.zeros(len(self.texts), dtype=bool)
        used[codes] = True
        places = np.cumsum(used) - 1
        kept = self.texts if used.all() else self.texts.take(pa.array(np.flatnonzero(used)))
        return pa.DictionaryArray.from_arrays(pa.array(places[codes].astype(np.int32)), kept)

    def plain(self) -> pa.Array:
        """Return the column as it was given, without a dictionary."""
        return self.texts.take(pa.array(self.codes, mask=self.codes < 0))


def valid_texts(texts: pa.Array) -> pa.Array:
    """Return a string array with null for what is no UTF-8, which Parquet files of careless writers hold."""
    texts = texts.cast(pa.string()) if not pa.types.is_string(texts.type) else texts
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:
        content = texts.cast(pa.binary())
        decoded = [None if text is None else text.decode(errors="ignore") for text in content.to_pylist()]
        whole = pa.array(decoded, pa.string())
        return pc.if_else(pc.equal(whole.cast(pa.binary()), content), whole, pa.scalar(None, pa.string()))
    return texts


def dense(values: npt.NDArray[np.integer]) -> tuple[_Ints, _Ints]:
    """Return the distinct values, rising, and for each row its place among them."""
    values = np.asarray(values, dtype=np.int64)
    least = int(values.min(initial=0))
    span = int(values.max(initial=0)) - least + 1
    if span > _TABLE_PER_ROW * len(values) + 1024:
        order = np.argsort(values)
        ordered = values[order]
        starts = starts_of(ordered)
        places = np.empty(len(values), dtype=np.int64)
        places[order] = np.repeat(np.arange(len(starts)), run_lengths(starts, len(values)))
        distinct: _Ints = ordered[starts].astype(np.int64)
        return distinct, places
    found = np.zeros(span, dtype=bool)
    found[values - least] = True
    distinct = np.flatnonzero(found).astype(np.int64) + least
    return distinct, (np.cumsum(found) - 1)[values - least]


def pack(columns: Sequence[npt.NDArray[np.integer]], sizes: Sequence[int]) -> _Ints:
    """Return one number per row that orders rows as the columns do, from the first to the last.

    Args:
        columns: integers [rows] of 0..size - 1 each.
        sizes: an upper bound per column; where their product passes 2^62, what came so far is made dense.
    """
    key = columns[0].astype(np.int64)
    span = max(sizes[0], 1)
    for column, size in zip(columns[1:], sizes[1:], strict=True):
        if span * max(size, 1) > _LIMIT:
            distinct, key = dense(key)
            span = max(len(distinct), 1)
        key = key * max(size, 1) + column
        span *= max(size, 1)
    return key


def starts_of(ordered: npt.NDArray[np.generic]) -> _Ints:
    """Return where each run of equal values begins in a sorted array."""
    if not len(ordered):
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))


def run_lengths(starts: _Ints, rows: int) -> _Ints:
    """Return the length of each run, given where the runs begin."""
    return np.diff(np.append(starts, rows))


def sum_runs(values: npt.NDArray[np.integer], starts: _Ints) -> _Ints:
    """Return the sum of each run of `values`, exact in 64 bits."""
    if not len(starts):
        return np.zeros(0, dtype=np.int64)
    summed: _Ints = np.add.reduceat(values.astype(np.int64), starts)
    return summed
