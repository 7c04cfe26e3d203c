"""The fixed 64-bit hash that sends a row to its partition: the same on every machine, in every process."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

_UInt64 = npt.NDArray[np.uint64]
_WORD = 8
_NULL = np.uint64(0x9E3779B97F4A7C15)
_MULTIPLIER_1 = np.uint64(0xBF58476D1CE4E5B9)
_MULTIPLIER_2 = np.uint64(0x94D049BB133111EB)


def mix(values: _UInt64) -> _UInt64:
    """Spread the bits of `values` (the finaliser of splitmix64; Steele, Lea, Flood 2014)."""
    values = (values ^ (values >> np.uint64(30))) * _MULTIPLIER_1
    values = (values ^ (values >> np.uint64(27))) * _MULTIPLIER_2
    mixed: _UInt64 = values ^ (values >> np.uint64(31))
    return mixed


def hash_column(column: pa.Array | pa.ChunkedArray) -> _UInt64:
    """Return a 64-bit hash per row of a string, binary, integer, boolean or date column.

    A string hashes by its UTF-8 bytes, eight at a time, so the cost is that of a few vector operations.

    Raises:
        TypeError: the column has another type.
    """
    if isinstance(column, pa.ChunkedArray) and pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], array.type)
    kind = array.type
    if pa.types.is_dictionary(kind):
        of_texts: _UInt64 = np.append(hash_column(array.dictionary), _NULL)
        return np.take(of_texts, np.asarray(pc.fill_null(array.indices.cast(pa.int64()), len(of_texts) - 1)))
    if (
        pa.types.is_string(kind)
        or pa.types.is_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_large_binary(kind)
    ):
        hashes = _hash_bytes(array.cast(pa.large_binary()))
    elif pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_date32(kind):
        wide = pc.cast(array.cast(pa.int32()) if pa.types.is_date32(kind) else array, _wide(kind))
        hashes = mix(np.asarray(pc.fill_null(wide, 0)).view(np.uint64) + _NULL)
    else:
        raise TypeError(f"a column of type {kind} cannot be a key; use a string, an integer or bytes")
    if array.null_count:
        hashes[np.asarray(array.is_null())] = _NULL
    return hashes


def _wide(kind: pa.DataType) -> pa.DataType:
    return pa.uint64() if pa.types.is_uint64(kind) else pa.int64()


def _hash_bytes(array: pa.LargeBinaryArray) -> _UInt64:
    offsets = np.frombuffer(array.buffers()[1], dtype=np.int64)[array.offset : array.offset + len(array) + 1]
    starts, lengths = offsets[:-1], np.diff(offsets)
    hashes = mix(lengths.astype(np.uint64) + _NULL)
    if not len(array) or array.buffers()[2] is None:
        return hashes
    content = np.frombuffer(array.buffers()[2], dtype=np.uint8)[: int(offsets[-1])]
    padded = np.zeros(len(content) + _WORD, dtype=np.uint8)
    padded[: len(content)] = content
    # every 8-byte word of the buffer, at any offset
    words = np.ndarray(shape=(len(content) + 1,), dtype="<u8", buffer=padded, strides=(1,))
    rows = np.flatnonzero(lengths > 0)
    done = 0
    while len(rows):
        left = lengths[rows] - done
        word = words[starts[rows] + done].astype(np.uint64)
        short = left < _WORD
        keep = np.uint64(64) - np.uint64(8) * left[short].astype(np.uint64)
        word[short] = (word[short] << keep) >> keep
        hashes[rows] = mix(hashes[rows] ^ word)
        done += _WORD
        rows = rows[left > _WORD]
    return hashes


def hash_rows(table: pa.Table, by: list[str]) -> _UInt64:
    """Return one 64-bit hash per row over the key columns `by`."""
    hashes = hash_column(table.column(by[0]))
    for name in by[1:]:
        hashes = mix(hashes ^ mix(hash_column(table.column(name)) + np.uint64(1)))
    return hashes


def ranges_of(hashes: _UInt64, count: int) -> npt.NDArray[np.int64]:
    """Return for each hash which of `count` equal ranges of the 64-bit space it falls in, 0 to count - 1.

    Ranges, not remainders: the ranges of a coarser cut are unions of a finer one's where one count divides
    the other.
    """
    if not 1 <= count < 1 << 31:
        raise ValueError(f"{count} partitions; use 1 to {2**31 - 1}")
    return ((hashes >> np.uint64(32)) * np.uint64(count) >> np.uint64(32)).astype(np.int64)
