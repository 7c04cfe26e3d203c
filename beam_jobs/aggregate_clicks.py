"""Turn a click log into evidence: sparse clicks, impressions by position and a profile per user, day by day.

Input: ``--clicks``, a log of results shown (Parquet, JSONL or CSV). Output: the tables ``clicks``,
``impressions`` and ``users``, a ``date=`` folder per day in each. ``--date`` or ``--from`` and ``--to`` replace
those days alone and keep the others.

    python -m beam_jobs.aggregate_clicks --clicks logs/ --output run/aggregate_clicks
"""

import hashlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from beam_jobs import inputs
from beam_jobs.blocks.failures import JobError, counter_rows, failure_rows, merge_failures
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.flags import Common, job_parser, parse_job, run_main
from beam_jobs.blocks.launch import Job, Sums, run_job
from beam_jobs.blocks.manifest import Manifest, read_manifest, run_key_of
from beam_jobs.blocks.read import NamedBlock, ReadBlocks
from beam_jobs.blocks.shuffle import (
    ChangePartitions,
    MapBlocks,
    Partition,
    Partitioner,
    Plan,
    ShuffleBlocks,
    Targets,
    by_columns,
)
from beam_jobs.log_gate import check_log
from labels.evidence import (
    count_clicks,
    day_of,
    merge_clicks,
    merge_impressions,
    merge_user_events,
    profile_users,
)
from labels.log_gate import name_days
from labels.log_types import conform_clicks, split_bad_times
from labels.tables import AGGREGATED_CLICKS, EVIDENCE_CLICKS, EVIDENCE_IMPRESSIONS, EVIDENCE_USERS

STAGE = "aggregate_clicks"
VERSION = 2
TABLES = {"clicks": EVIDENCE_CLICKS, "impressions": EVIDENCE_IMPRESSIONS, "users": EVIDENCE_USERS}
PARTITION_BYTES = 8 << 20
"""Encoded bytes of the log per partition: up to a million rows, so that workers have several each."""
ROWS_OF_DAY = "rows_of_day:"
"""Counter of the rows of a day that became evidence; 0 for a day that was asked for and has none."""
MOST_DAYS_ASKED = 3_660
"""Days of a range that are counted one by one: ten years."""
_NO_DAY = np.iinfo(np.int32).max
DEFAULT_KEY = b"image-intent"
"""User hash key where ``--user-key`` gives none: hides names from a reader, not from an attacker with a list."""


@dataclass(frozen=True)
class Config:
    """Flags of this job."""

    clicks: str
    output: str
    first: date | None = None
    last: date | None = None
    user_key: bytes = DEFAULT_KEY
    force: bool = False


def rows_by_day(table: pa.Table, first: date | None, last: date | None) -> Iterator[tuple[str, pa.Table]]:
    """Yield the rows of each day, in the order of the days; those without a time last, with a day that is asked for."""
    if table.schema.names == AGGREGATED_CLICKS.names:
        yield str(last), table
        return
    days = np.asarray(pc.fill_null(day_of(table).cast(pa.int32()), _NO_DAY))
    if not len(days):
        return
    if days.min() != days.max():
        order = np.argsort(days, kind="stable")
        table, days = table.take(pa.array(order)), days[order]
    starts = np.append(np.flatnonzero(np.diff(days, prepend=days[0] - 1)), len(days))
    for start, end in pairwise(starts):
        day = days[start]
        # count_clicks says why a row without a time is no evidence
        name = str(last or first or date.min) if day == _NO_DAY else str(np.datetime64(int(day), "D"))
        yield name, table.slice(start, end - start)


def count_days(table: pa.Table, key: bytes, first: date | None, last: date | None) -> Iterator[NamedBlock]:
    """Yield the partial evidence of one block of the log, by day, and what was rejected and why."""
    try:
        table = conform_clicks(table)
    except ValueError as error:
        yield "_fatal", failure_rows(STAGE, [("clicks", "bad_column", str(error))])
        return
    table, beyond = split_bad_times(table)
    yield from _failed({("undated", "bad_time"): beyond})
    for day, rows in rows_by_day(table, first, last):
        if (first and day < str(first)) or (last and day > str(last)):
            yield "_counters", counter_rows({"rows_outside_the_dates": rows.num_rows})
            continue
        counted = count_clicks(rows, key=key)
        yield f"clicks@date={day}", counted["clicks"]
        yield f"impressions@date={day}", counted["impressions"]
        yield f"user_events@date={day}", counted["users"]
        rejected = counted["rejected"].to_pylist()
        yield from _failed(
            {("undated" if row["reason"] == "no_time" else day, row["reason"]): row["count"] for row in rejected}
        )


def _failed(rows: Mapping[tuple[str, str], int]) -> Iterator[NamedBlock]:
    """Yield failures and their counters: rows by day and reason, which ``merge_failures`` adds up over blocks."""
    found = {key: count for key, count in rows.items() if count}
    if found:
        yield "_failures", failure_rows(STAGE, [(key, reason, f"{n} rows") for (key, reason), n in found.items()])
        reasons = sorted({reason for _, reason in found})
        sums = {f"failed:{reason}": sum(n for key, n in found.items() if key[1] == reason) for reason in reasons}
        yield "_counters", counter_rows(sums)


def day_targets(name: str, table: pa.Table, partitions: int, *, by: Sequence[str], days: int) -> Targets:
    """Return each row's partition: a day's rows go to as few partitions as fill up, neighbouring days to others.

    Args:
        name: of the block, with its day.
        table: its rows.
        partitions: how many there are.
        by: key columns within the day.
        days: how many days the log has, as far as that is known before it is read.
    """
    per_day = -(-partitions // max(days, 1))
    day = date.fromisoformat(name.split(inputs.DAY, 1)[1]).toordinal()
    within = by_columns(name, table, per_day, columns=by)
    return (day * per_day + within) % partitions


def profile_partition(tables: Mapping[str, pa.Table], asked: Sequence[str]) -> Iterator[NamedBlock]:
    """Yield the evidence of one partition with profiles in the place of user events, and the rows of `asked` days."""
    yield "_counters", counter_rows({f"{ROWS_OF_DAY}{day}": 0 for day in asked})
    for name, table in tables.items():
        base, _, day = name.partition("@")
        if base == "user_events":
            yield f"users@{day}", profile_users(table)
            rows = pc.sum(table["impressions"]).as_py() or 0
            yield "_counters", counter_rows({"events": rows, f"{ROWS_OF_DAY}{day.removeprefix(inputs.DAY)}": rows})
        else:
            yield name, table


def cuts(log: inputs.ClickLog) -> dict[str, Partitioner]:
    """Return what decides the partition, and thus the file, of each row of evidence.

    Counts of one query need not meet, only those of one query and image (and user): no query is too hot.
    """
    keys = {
        "clicks": ("query", "image_id", "user_hash"),
        "impressions": ("query", "image_id"),
        "users": ("user_hash",),
        "user_events": ("user_hash",),
    }
    return {name: partial(day_targets, by=key, days=log.days) for name, key in keys.items()}


def days_asked(config: Config) -> list[str]:
    """Return the days of ``--date`` or of ``--from`` and ``--to``; none where the range is open or beyond ten years."""
    if config.first is None or config.last is None or (config.last - config.first).days > MOST_DAYS_ASKED:
        return []
    return [str(config.first + timedelta(days=n)) for n in range((config.last - config.first).days + 1)]


def warn_missing_days(config: Config, counters: Sums) -> None:
    """Name the days on stderr that were asked for, or lie between days of the log, and have no rows."""
    rows = {n.removeprefix(ROWS_OF_DAY): count for n, count in counters.items() if n.startswith(ROWS_OF_DAY)}
    present = sorted(date.fromisoformat(day) for day, count in rows.items() if count)
    if not present:
        return
    first, last = config.first or present[0], config.last or present[-1]
    missing = set(range(first.toordinal(), last.toordinal() + 1)) - {day.toordinal() for day in present}
    if missing:
        named = name_days([day - inputs.EPOCH for day in sorted(missing)])
        days = "1 day" if len(missing) == 1 else f"{len(missing):,} days"
        print(f"warning: {config.clicks}: no rows of {named} ({days})", file=sys.stderr)
    outside = counters.get("rows_outside_the_dates", 0)
    if outside:
        print(f"{STAGE}: {outside:,} rows are of other days than {first} to {last}", file=sys.stderr)


def build(pipeline: beam.Pipeline, config: Config, log: inputs.ClickLog, plan: Plan) -> beam.PCollection[Partition]:
    """Read, count per block and day, shuffle, profile."""
    return (
        pipeline
        | "ReadClicks"
        >> ReadBlocks(log.shards, inputs.LOG, inputs.LOG.names, encoded=("query", "image_id", "user_id"), tolerant=True)
        | "CountClicks" >> MapBlocks(count_days, ["clicks"], (config.user_key, config.first, config.last))
        | "Shuffle"
        >> ShuffleBlocks(
            by=cuts(log),
            plan=plan,
            merge={"clicks": merge_clicks, "impressions": merge_impressions, "user_events": merge_user_events},
        )
        | "ProfileUsers" >> ChangePartitions(profile_partition, (days_asked(config),))
    )


def run(config: Config, common: Common, *, skip_unchanged: bool = False) -> tuple[Manifest, bool]:
    """Run the job; see ``run_job``."""
    log = inputs.plan_clicks(config.clicks, config.first, config.last)
    if log.aggregated and config.last is None:
        raise UsageError(f"{config.clicks}: an aggregated log has no event_time; say its day with --date")
    some_days = config.first is not None or config.last is not None

    key = hashlib.sha256(config.user_key).hexdigest()[:16]
    before = read_manifest(config.output)
    if some_days and before is not None and before.config.get("user_key") != key:
        raise UsageError(f"{config.output}: its other days have another --user-key; use it, or aggregate all days")

    def keep(folder: str) -> bool:
        if not some_days or inputs.DAY not in folder:
            return False
        day = date.fromisoformat(folder.split(inputs.DAY, 1)[1])
        return not ((config.first is None or day >= config.first) and (config.last is None or day <= config.last))

    def balance(counters: Sums, rows: Sums) -> None:
        failed = sum(value for name, value in counters.items() if name.startswith("failed:"))
        counted = counters.get("events", 0) + failed + counters.get("rows_outside_the_dates", 0)
        if not log.aggregated and counted != counters.get("rows_read:clicks", 0):
            raise JobError(f"{counters['rows_read:clicks']:,} rows were read and {counted:,} came out; run it again")
        if not rows["clicks"]:
            raise UsageError(f"{config.clicks}: no row of the log counts as a click; is it empty or filtered away?")

    job = Job(
        stage=STAGE,
        version=VERSION,
        tables=TABLES,
        build=lambda pipeline, plan: build(pipeline, config, log, plan),
        cut=cuts(log),
        partition_bytes=PARTITION_BYTES,
        config={
            "from": config.first and config.first.isoformat(),
            "to": config.last and config.last.isoformat(),
            "user_key": key,
        },
        inputs={"clicks": log.digest},
        input_bytes=sum(shard.size for shard in log.shards),
        balance=balance,
        rows=("rows_read:clicks", "rows of the click log"),
        finish={"failures": merge_failures},
        keep=keep,
    )
    run_key = run_key_of(job.stage, job.version, job.config, job.inputs)
    if not (skip_unchanged and before is not None and before.run_key == run_key):  # else it passed or was forced
        check_log(
            log,
            output=config.output,
            first=config.first,
            last=config.last,
            max_failure_rate=common.max_failure_rate,
            force=config.force,
        )
    done, skipped = run_job(job, output=config.output, common=common, skip_unchanged=skip_unchanged)
    if not skipped:
        warn_missing_days(config, done.counters)
    return done, skipped


def day(text: str) -> date:
    """Parse a day, YYYY-MM-DD."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is not a day; use YYYY-MM-DD") from None


def read_key(path: str | None) -> bytes:
    """Return the user hash key in the file at `path`."""
    if path is None:
        return DEFAULT_KEY
    try:
        key = Path(path).read_bytes().strip()
    except OSError as error:
        raise UsageError(f"--user-key {path}: {error.strerror}") from error
    if not 1 <= len(key) <= 64:
        raise UsageError(f"--user-key {path}: {len(key)} bytes; a key has 1 to 64")
    return key


def main(argv: Sequence[str]) -> int:
    """Run the job from flags."""
    parser = job_parser("beam_jobs.aggregate_clicks", __doc__ or "")
    parser.add_argument("--clicks", required=True, help="click log: file, folder or glob")
    parser.add_argument("--output", required=True, help="folder of this job")
    parser.add_argument("--date", help="only this day")
    parser.add_argument("--from", dest="first", help="first day")
    parser.add_argument("--to", dest="last", help="last day")
    parser.add_argument("--user-key", help="file with the secret key of the user hash")
    parser.add_argument("--force", action="store_true", help="go on though the log does not look sane")
    flags, common = parse_job(parser, argv)
    if flags.date and (flags.first or flags.last):
        raise UsageError("--date is one day and --from/--to are a range; use one of them")
    config = Config(
        clicks=flags.clicks,
        output=flags.output,
        first=day(flags.date or flags.first) if flags.date or flags.first else None,
        last=day(flags.date or flags.last) if flags.date or flags.last else None,
        user_key=read_key(flags.user_key),
        force=flags.force,
    )
    if config.first and config.last and config.first > config.last:
        raise UsageError(f"--from {config.first} is after --to {config.last}")
    done, _ = run(config, common)
    print(f"{STAGE}: {done.counters['rows_read:clicks']:,} rows -> {config.output}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(run_main(main))
