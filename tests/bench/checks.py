"""Do the contenders agree? Row counts and sums of row hashes, computed by DuckDB over the files that each wrote."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from labels.tables import EVIDENCE_CLICKS, EVIDENCE_IMPRESSIONS, EVIDENCE_USERS
from tests.bench.measure import BenchError

_TYPES = {
    pa.string(): "varchar",
    pa.binary(): "blob",
    pa.bool_(): "boolean",
    pa.int16(): "smallint",
    pa.int32(): "integer",
    pa.int64(): "bigint",
    pa.float32(): "float",
    pa.date32(): "date",
}
_USER_CLICKS = """
select c.*, u.* exclude (user_hash, date) from (
    select date, user_hash, count(*) as pairs, sum(clicks) as user_clicks, count(distinct query) as user_queries
    from {clicks} group by all
) c join {users} u using (date, user_hash)
"""


NOT_COMPARED = ("user_hash", "manners", "manner_counts")
"""Columns of the evidence that the peers do not make: they hash users in their own way, and histograms of manners by
SQL would be slower than what is measured."""


def check_evidence(outputs: Mapping[str, Path], *, rows: int) -> None:
    """Compare the three tables of all outputs, day by day, and each with the log's `rows`.

    Hashes of users differ between contenders: compared are the rows without them, and each user's clicks beside
    the user's profile.

    Raises:
        BenchError: two outputs differ.
    """
    schemas = {"clicks": EVIDENCE_CLICKS, "impressions": EVIDENCE_IMPRESSIONS, "users": EVIDENCE_USERS}
    found = {}
    for name, output in outputs.items():
        files = {table: _files(output / table / "date=*") for table in schemas}
        prints = {
            table: _fingerprint(files[table], ["date::varchar", *_columns(schema, leave_out=NOT_COMPARED)])
            for table, schema in schemas.items()
        }
        numbers = _columns(EVIDENCE_USERS, leave_out=NOT_COMPARED)
        prints["clicks beside users"] = _fingerprint(
            f"({_USER_CLICKS.format(**files)})",
            ["date::varchar", "pairs::bigint", "user_clicks::bigint", "user_queries::bigint", *numbers],
        )
        with duckdb.connect() as database:
            told = database.execute(f"select sum(impressions) from {files['users']}").fetchall()[0][0]  # noqa: S608
        if told != rows:
            raise BenchError(f"{name}: {told:,} impressions for {rows:,} rows of the log")
        found[name] = prints
    _agree(found)


def check_tables(outputs: Mapping[str, Path], schemas: Mapping[str, pa.Schema]) -> None:
    """Compare the tables of all outputs, each in a folder of its name.

    Raises:
        BenchError: two outputs differ.
    """
    _agree(
        {
            name: {table: _fingerprint(_files(output / table), _columns(schema)) for table, schema in schemas.items()}
            for name, output in outputs.items()
        }
    )


def _agree(found: Mapping[str, Mapping[str, tuple[int, int]]]) -> None:
    first, *others = found
    for other in others:
        for table, wanted in found[first].items():
            got = found[other][table]
            if got != wanted:
                what = f"{wanted[0]:,} and {got[0]:,} rows" if got[0] != wanted[0] else "as many rows, other content"
                raise BenchError(f"{first} and {other} disagree about {table}: {what}")
        if not any(rows for rows, _ in found[first].values()):
            raise BenchError(f"{first} and {other} are empty")


def _fingerprint(source: str, columns: Sequence[str]) -> tuple[int, int]:
    """Return the rows of `source` and the sum of their 64-bit hashes.

    Two tables with the same numbers hold the same rows in some order, but for a chance of about 2 ** -64.
    """
    with duckdb.connect() as database:
        found = database.execute(
            f"select count(*), coalesce(sum(hash(row({', '.join(columns)}))::hugeint), 0) from {source}"  # noqa: S608
        ).fetchall()
    return int(found[0][0]), int(found[0][1])


def _files(folder: Path) -> str:
    return f"read_parquet('{folder}/*.parquet', hive_partitioning = true)"


def _columns(schema: pa.Schema, *, leave_out: Sequence[str] = ()) -> list[str]:
    """Return the columns cast to the schema's types, so that equal values of other widths hash alike."""
    return [f'"{field.name}"{_cast(field.type)}' for field in schema if field.name not in leave_out]


def _cast(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f"{_cast(kind.value_type)}[]" if kind.value_type in _TYPES else ""
    return f"::{_TYPES[kind]}"
