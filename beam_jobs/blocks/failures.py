"""Failures are rows with a reason code; too many of them fail the job."""

from collections.abc import Iterable, Mapping

import pyarrow as pa

FAILURES = pa.schema(
    [("stage", pa.string()), ("key", pa.string()), ("reason", pa.string()), ("detail", pa.string())],
    metadata={"sort_by": "key,reason,detail"},
)
COUNTERS = pa.schema([("counter", pa.string()), ("value", pa.int64())])
"""Sums that travel as data, since not every runner has metrics."""

DETAIL_LIMIT = 500
"""Longest stored detail, in characters: an exception may quote a whole file."""


class JobError(RuntimeError):
    """The job could not do its work (exit code 1): too many failures, an engine lost, wrong sums."""


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


def counter_rows(counters: Mapping[str, int]) -> pa.Table:
    """Return a COUNTERS table."""
    return pa.table(
        {"counter": list(counters), "value": pa.array(list(counters.values()), pa.int64())}, schema=COUNTERS
    )


def check_failure_rate(failed: int, rows: int, *, limit: float, what: str, reasons: Mapping[str, int]) -> None:
    """Raise JobError where more than `limit` (0-1) of `rows` failed."""
    if failed and failed > limit * rows:
        worst = ", ".join(f"{reason} {count:,}" for reason, count in sorted(reasons.items(), key=lambda r: -r[1]))
        raise JobError(
            f"{failed:,} of {rows:,} {what} failed ({failed / max(rows, 1):.1%}, "
            f"allowed {limit:.1%}): {worst}; mend the input or raise --max-failure-rate"
        )
