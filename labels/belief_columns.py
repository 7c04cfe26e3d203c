"""Beliefs as columns of a table on its way between steps: the few greatest chances by name, the mean of the others."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]

TOP = 4
"""Chances of a belief that travel by name; the others are told apart by nobody."""
_LEAST = 1e-9


class Beliefs:
    """Beliefs of rows, collected block by block."""

    def __init__(self) -> None:
        self._parts: list[tuple[_Ints, _Floats, _Floats]] = []

    def add(self, chances: _Floats) -> None:
        """Take the chances [rows, intents] of the next rows."""
        top = min(TOP, chances.shape[1])
        if top < chances.shape[1]:
            classes = np.sort(np.argpartition(-chances, top - 1, axis=1)[:, :top], axis=1)
        else:
            classes = np.broadcast_to(np.arange(top), (len(chances), top))
        values = np.take_along_axis(chances, classes, axis=1)
        others = max(chances.shape[1] - top, 1)
        self._parts.append((classes, values, np.maximum(chances.sum(axis=1) - values.sum(axis=1), 0.0) / others))

    def on(self, table: pa.Table, schema: pa.Schema) -> pa.Table:
        """Return `table` with the columns ``classes``, ``chances`` and ``rest`` of all rows, as `schema`."""
        parts: Sequence[tuple[_Ints, _Floats, _Floats]] = self._parts or [
            (np.zeros((0, TOP), dtype=np.int64), np.zeros((0, TOP)), np.zeros(0))
        ]
        classes, chances, rest = (np.concatenate(column) for column in zip(*parts, strict=True))
        offsets = np.arange(0, classes.size + 1, max(classes.shape[1], 1), dtype=np.int32)[: len(classes) + 1]
        columns = {
            "classes": pa.ListArray.from_arrays(offsets, classes.ravel().astype(np.int16)),
            "chances": pa.ListArray.from_arrays(offsets, chances.ravel().astype(np.float32)),
            "rest": pa.array(rest.astype(np.float32)),
        }
        for name, column in columns.items():
            table = table.append_column(name, column)
        return table.select(schema.names).cast(schema)


def chances_of(rows: pl.DataFrame, intents: int) -> _Floats:
    """Return the chances [rows, intents] of beliefs that travelled."""
    chances = np.repeat(rows["rest"].to_numpy().astype(np.float64)[:, None], intents, axis=1)
    classes = rows["classes"].explode().to_numpy().astype(np.int64).reshape(len(rows), -1)
    values = rows["chances"].explode().to_numpy().astype(np.float64).reshape(len(rows), -1)
    np.put_along_axis(chances, classes, values, axis=1)
    return np.clip(chances, _LEAST, 1 - _LEAST)
