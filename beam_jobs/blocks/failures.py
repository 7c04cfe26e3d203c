"""Failures are rows with a reason code; too many of them fail the job."""

from collections.abc import Iterable, Mapping, Sequence

import polars as pl
import pyarrow as pa

FAILURES = pa.schema(
    [("stage", pa.string()), ("key", pa.string()), ("reason", pa.string()), ("detail", pa.string())],
    metadata={"sort_by": "key,reason,detail"},
)
COUNTERS = pa.schema([("counter", pa.string()), ("value", pa.int64())])
"""Sums that travel as data, since not every runner has metrics."""

DETAIL_LIMIT = 500
"""Longest stored detail, in characters: an exception may quote a whole file."""


_COUNTED = r"^(\d+) rows\b(.*)$"


class JobError(RuntimeError):
    """The job could not do its work (exit code 1): too many failures, an engine lost, wrong sums."""


class GateError(RuntimeError):
    """A gate refused (exit code 3): what came in, or what would go out, does not look sane."""

    def __init__(self, reasons: Sequence[str], *, advice: str) -> None:
        super().__init__("; ".join([*reasons, advice]))
        self.reasons = list(reasons)
        self.advice = advice


def failure_rows(stage: str, rows: Iterable[tuple[str, str, str]]) -> pa.Table:
    """Return a FAILURES table of (key, reason, detail) rows."""
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    keys, reasons, details = columns
    return pa.table(
        {
            "stage": pa.array([stage] * len(keys), pa.string()),
            "key": pa.array(keys, pa.string()),
            "reason": pa.array(reasons, pa.string()),
            "detail": pa.array([detail[:DETAIL_LIMIT] for detail in details], pa.string()),
        },
        schema=FAILURES,
    )


def merge_failures(table: pa.Table) -> pa.Table:
    """Add up failures that tell of many rows (``12 rows`` …): one per stage, key and reason; others stay.

    What follows the number is that of the first in the order of details.
    """
    counted = pl.DataFrame(table).with_columns(
        pl.col("detail").str.extract(_COUNTED, 1).cast(pl.Int64).alias("rows"),
        pl.col("detail").str.extract(_COUNTED, 2).alias("rest"),
    )
    single = counted.filter(pl.col("rows").is_null()).select(FAILURES.names)
    merged = (
        counted.drop_nulls("rows")
        .sort("rest")
        .group_by("stage", "key", "reason", maintain_order=True)
        .agg(pl.col("rows").sum(), pl.col("rest").first())
        .with_columns(pl.format("{} rows{}", "rows", "rest").alias("detail"))
        .select(FAILURES.names)
    )
    return pl.concat([single, merged]).to_arrow().cast(FAILURES)


def counter_rows(counters: Mapping[str, int]) -> pa.Table:
    """Return a COUNTERS table."""
    return pa.table(
        {"counter": list(counters), "value": pa.array(list(counters.values()), pa.int64())}, schema=COUNTERS
    )


def check_failure_rate(
    failed: int,
    rows: int,
    *,
    limit: float,
    what: str,
    reasons: Mapping[str, int],
    remedy: str = "mend the input or raise --max-failure-rate",
) -> None:
    """Raise JobError where more than `limit` (0-1) of `rows` failed; it ends with what to do."""
    if failed and failed > limit * rows:
        raise JobError(
            f"{failed:,} of {rows:,} {what} failed ({failed / max(rows, 1):.1%}, "
            f"allowed {limit:.1%}): {told_reasons(reasons)}; {remedy}"
        )


def told_reasons(reasons: Mapping[str, int]) -> str:
    """Return failures by reason, the most frequent first, such as ``truncated 12, not_found 1``."""
    return ", ".join(f"{reason} {count:,}" for reason, count in sorted(reasons.items(), key=lambda each: -each[1]))
