"""Between Arrow tables, which the rooms exchange, and polars frames, in which they group and join."""

from collections.abc import Sequence

import polars as pl
import pyarrow as pa


def to_frame(tables: Sequence[pa.Table] | pa.Table, schema: pa.Schema) -> pl.DataFrame:
    """Return the columns of a schema of one table, or of several one after the other, as a frame.

    Raises:
        KeyError: a column is missing.
    """
    if not isinstance(tables, pa.Table):
        parts = [table.select(schema.names).cast(schema) for table in tables]
        tables = pa.concat_tables([schema.empty_table(), *parts])
    plain = tables.select(schema.names)
    if any(pa.types.is_dictionary(kind) for kind in plain.schema.types):
        plain = plain.cast(schema)
    return pl.DataFrame(pl.from_arrow(plain))


def to_table(frame: pl.DataFrame, schema: pa.Schema) -> pa.Table:
    """Return the columns of a schema of a frame, as a table of exactly this schema."""
    return frame.select(schema.names).to_arrow().cast(schema)


def sum_if_any(name: str, dtype: type[pl.DataType] | None = None) -> pl.Expr:
    """Sum a column within its group, in another type where one is given; null where all its values are."""
    column = pl.col(name) if dtype is None else pl.col(name).cast(dtype)
    return pl.when(column.is_not_null().any()).then(column.sum()).alias(name)
