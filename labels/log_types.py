"""Casting a click log to the contract: other widths and units of a type, never another type."""

import pyarrow as pa
import pyarrow.compute as pc

from labels.tables import AGGREGATED_CLICKS, CLICKS, RANKER

_OPTIONAL = frozenset({"dwell_ms"})
_YEAR_10000 = 253_402_300_800_000_000  # in microseconds since 1970
_ENCODED = (pa.dictionary(pa.int32(), pa.string()),)


def conform_clicks(table: pa.Table) -> pa.Table:
    """Cast a block of a log to ``CLICKS``, or to ``AGGREGATED_CLICKS`` where it is an aggregated one.

    A table with ``clicks`` and without ``clicked`` and ``user_id`` is an aggregated log. Columns come in any
    order, further ones are dropped (but for a ``ranker`` of text), a missing ``dwell_ms`` becomes null. Integers of any
    width, large and dictionary-encoded strings and timestamps of any unit and zone (no zone means UTC) are cast where
    no value changes; strings with a dictionary of int32 codes stay so.

    Raises:
        ValueError: a column is missing, has another type, or a value that the cast would change; the message
            names the column, what was found and what is expected.
    """
    names = set(table.column_names)
    aggregated = "clicks" in names and not names & {"clicked", "user_id"}
    schema = AGGREGATED_CLICKS if aggregated else CLICKS
    if table.schema.equals(schema):
        return table
    columns = []
    for field in schema:
        if field.name in names:
            columns.append(_cast(table.column(table.column_names.index(field.name)), field))
        elif field.name in _OPTIONAL:
            columns.append(pa.nulls(table.num_rows, field.type))
        else:
            raise ValueError(
                f"click log: column {field.name!r} is missing (found: {', '.join(sorted(names)) or 'none'}); "
                f"expected {field.name} {field.type}, or an aggregated log of query, image_id, clicks"
            )
    conformed = pa.table(columns, names=schema.names)
    if aggregated or RANKER.name not in names:
        return conformed
    ranker = table.column(table.column_names.index(RANKER.name))
    kind = ranker.type.value_type if pa.types.is_dictionary(ranker.type) else ranker.type
    return conformed.append_column(RANKER.name, _cast(ranker, RANKER)) if _is_kin(kind, RANKER.type) else conformed


def split_bad_times(table: pa.Table) -> tuple[pa.Table, int]:
    """Return the rows whose ``event_time`` is from 1970 to 9999, or not known, and the number of the others.

    Times beyond are zero dates and mixed-up units; no calendar of Python or SQL holds all of them.
    """
    if "event_time" not in table.column_names:
        return table, 0
    time = table.column("event_time").cast(pa.int64())
    extremes = pc.min_max(time)
    low, high = extremes["min"].as_py(), extremes["max"].as_py()
    if low is None or (low >= 0 and high < _YEAR_10000):
        return table, 0
    good = pc.fill_null(pc.and_(pc.greater_equal(time, 0), pc.less(time, _YEAR_10000)), True)
    kept = table.filter(good)
    return kept, table.num_rows - kept.num_rows


def _cast(column: pa.ChunkedArray, field: pa.Field) -> pa.ChunkedArray:
    if column.type == field.type or (pa.types.is_string(field.type) and column.type in _ENCODED):
        return column
    plain = column
    if pa.types.is_dictionary(column.type):
        plain = pa.chunked_array([chunk.dictionary_decode() for chunk in column.chunks], column.type.value_type)
    if not (pa.types.is_null(plain.type) or _is_kin(plain.type, field.type)):
        raise ValueError(
            f"click log: column {field.name!r} has type {column.type}, expected {field.type}; cast it first"
        )
    try:
        if pa.types.is_timestamp(field.type) and pa.types.is_timestamp(plain.type) and plain.type.tz is None:
            plain = plain.cast(pa.timestamp(field.type.unit))
        return plain.cast(field.type)
    except pa.ArrowInvalid as error:
        raise ValueError(
            f"click log: column {field.name!r} has type {column.type} and values that {field.type} cannot hold "
            f"({error}); expected {field.type}"
        ) from error


def _is_kin(found: pa.DataType, expected: pa.DataType) -> bool:
    """Return whether the types differ only in width, unit, zone or encoding."""
    if pa.types.is_string(expected):
        return bool(pa.types.is_string(found) or pa.types.is_large_string(found) or found == pa.string_view())
    if pa.types.is_integer(expected):
        return bool(pa.types.is_integer(found))
    return bool(pa.types.is_timestamp(expected) and pa.types.is_timestamp(found))
