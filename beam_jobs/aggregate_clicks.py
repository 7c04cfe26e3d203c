"""Turn a click log into evidence: sparse clicks, impressions by position and a profile per user, day by day.

Input: ``--clicks``, a log of results shown (Parquet, JSONL or CSV). Output: the tables ``clicks``, ``impressions``
and ``users``, and ``explored`` where a column ``ranker`` names exploring ones, a ``date=`` folder per day in each.
``--date`` or ``--from`` and ``--to`` replace those days alone and keep the others, those too that the log has no rows
of. A CSV has a row per line: a value with a line break in quotes is as many bad rows as it has lines. An aggregated log
(query, image_id, clicks) is of one day.

    python -m beam_jobs.aggregate_clicks --clicks logs/ --output run/aggregate_clicks
"""

import hashlib
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import apache_beam as beam
import pyarrow as pa
import pyarrow.compute as pc

from beam_jobs import inputs
from beam_jobs.blocks.failures import GateError, JobError, counter_rows, failure_rows, merge_failures
from beam_jobs.blocks.files import UsageError, day_of_path
from beam_jobs.blocks.flags import Common, job_parser, parse_job, run_main
from beam_jobs.blocks.launch import Job, Sums, is_unchanged, run_job
from beam_jobs.blocks.manifest import Manifest, read_manifest, read_table, run_key_of
from beam_jobs.blocks.read import NamedBlock, ReadBlocks, create_blocks
from beam_jobs.blocks.shuffle import (
    ChangePartitions,
    MapBlocks,
    Partition,
    Plan,
    ShuffleBlocks,
)
from beam_jobs.evidence_days import EPOCH, by_day, cuts, name_of_day
from beam_jobs.log_gate import ROWS_OF_DAY, check_log
from labels.evidence import (
    count_clicks,
    day_of,
    merge_clicks,
    merge_impressions,
    merge_user_events,
    profile_users,
)
from labels.exploring import merge_explored
from labels.log_gate import name_days
from labels.log_types import conform_clicks, split_bad_times
from labels.tables import (
    AGGREGATED_CLICKS,
    EVIDENCE_CLICKS,
    EVIDENCE_EXPLORED,
    EVIDENCE_IMPRESSIONS,
    EVIDENCE_USERS,
    RANKER,
    USER_EVENTS,
)

STAGE = "aggregate_clicks"
VERSION = 4
TABLES = {
    "clicks": EVIDENCE_CLICKS,
    "impressions": EVIDENCE_IMPRESSIONS,
    "users": EVIDENCE_USERS,
    "explored": EVIDENCE_EXPLORED,
}
TEXTS = ("query", "image_id", "user_id")
PARTITION_BYTES = 8 << 20
"""Encoded bytes of the log per partition: up to a million rows, so that workers have several each."""
MOST_DAYS_ASKED = 3_660
"""Days of a range that are counted one by one: ten years."""
CLICKS_COUNTED, CLICKS_OF_EVIDENCE = "clicks_counted", "clicks_of_evidence"
"""Counters of the clicks that left the log and of those that arrived as evidence."""
UNDATED = "undated"
"""Key of failures of rows without a day."""
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
    window: bool = False
    """Whether the dates are a window, by whose last day an aggregated log goes."""


def count_block(table: pa.Table, key: bytes, first: date | None, last: date | None) -> Iterator[NamedBlock]:
    """Yield the partial evidence of one block of the log, and what was rejected and why."""
    try:
        table = conform_clicks(table)
    except ValueError as error:
        yield "_fatal", failure_rows(STAGE, [("clicks", "bad_column", str(error))])
        return
    table, beyond = split_bad_times(table)
    yield from _failed({(UNDATED, "bad_time"): beyond})
    if first is not None or last is not None:
        days = day_of(table)
        inside = pc.and_(
            pc.less_equal(pa.scalar(first or date.min), days), pc.greater_equal(pa.scalar(last or date.max), days)
        )
        kept = table.filter(pc.fill_null(inside, True))  # count_clicks says why a row without a time is no evidence
        yield "_counters", counter_rows({"rows_outside_the_dates": table.num_rows - kept.num_rows})
        table = kept
    counted = count_clicks(table, key=key, day=last)
    yield "clicks", counted["clicks"]
    yield "impressions", counted["impressions"]
    yield "user_events", counted["users"]
    if counted["explored"].num_rows:
        yield "explored", counted["explored"]
    rejected = counted["rejected"].to_pylist()
    yield "_counters", counter_rows({CLICKS_COUNTED: pc.sum(counted["clicks"]["clicks"]).as_py() or 0})
    if table.schema.names == AGGREGATED_CLICKS.names:  # whose rows no profile of a user tells
        good = table.num_rows - sum(row["count"] for row in rejected)
        yield "_counters", counter_rows({"events": good, f"{ROWS_OF_DAY}{last}": good})
    yield from _failed(
        {(UNDATED if row["day"] is None else name_of_day(row["day"]), row["reason"]): row["count"] for row in rejected}
    )


def _failed(rows: Mapping[tuple[str, str], int]) -> Iterator[NamedBlock]:
    """Yield failures and their counters: rows by day and reason, which ``merge_failures`` adds up over blocks."""
    found = {key: count for key, count in rows.items() if count}
    if found:
        yield "_failures", failure_rows(STAGE, [(key, reason, f"{n} rows") for (key, reason), n in found.items()])
        reasons = sorted({reason for _, reason in found})
        sums = {f"failed:{reason}": sum(n for key, n in found.items() if key[1] == reason) for reason in reasons}
        yield "_counters", counter_rows(sums)


def profile_partition(tables: Mapping[str, pa.Table], asked: Sequence[str]) -> Iterator[NamedBlock]:
    """Yield the evidence of one partition by day, with profiles in the place of user events, and the rows of days."""
    yield "_counters", counter_rows({f"{ROWS_OF_DAY}{day}": 0 for day in asked})
    for name in ("clicks", "impressions", "explored"):
        if name in tables:
            for day, rows in by_day(tables[name]):
                yield f"{name}@{inputs.DAY}{day}", rows.drop_columns("day")
    clicks = pc.sum(tables["clicks"]["clicks"]).as_py() if "clicks" in tables else 0
    yield "_counters", counter_rows({CLICKS_OF_EVIDENCE: clicks or 0})
    for day, events in by_day(tables.get("user_events", USER_EVENTS.empty_table())):
        yield f"users@{inputs.DAY}{day}", profile_users(events)
        counted = pc.sum(events["impressions"]).as_py() or 0
        yield "_counters", counter_rows({"events": counted, f"{ROWS_OF_DAY}{day}": counted})


def days_asked(config: Config) -> list[str]:
    """Return the days of ``--date`` or of ``--from`` and ``--to``; none where the range is open or beyond ten years."""
    if config.first is None or config.last is None or (config.last - config.first).days > MOST_DAYS_ASKED:
        return []
    return [str(config.first + timedelta(days=n)) for n in range((config.last - config.first).days + 1)]


def days_with_rows(counters: Sums) -> list[date]:
    """Return the days that rows of this log became evidence of, rising."""
    rows = {n.removeprefix(ROWS_OF_DAY): count for n, count in counters.items() if n.startswith(ROWS_OF_DAY)}
    return sorted(date.fromisoformat(day) for day, count in rows.items() if count)


def warn_missing_days(config: Config, done: Manifest) -> None:
    """Name the days on stderr that were asked for, or lie between days of the log, and have no rows."""
    present = days_with_rows(done.counters)
    if not present:
        return
    first, last = config.first or present[0], config.last or present[-1]
    missing = set(range(first.toordinal(), last.toordinal() + 1)) - {day.toordinal() for day in present}
    if missing:
        named = name_days([day - inputs.EPOCH for day in sorted(missing)])
        days = "1 day" if len(missing) == 1 else f"{len(missing):,} days"
        kept = sorted({day - inputs.EPOCH for day in missing} & days_there(done.tables))
        stays = f"; the evidence of {name_days(kept)} stays as it was" if kept else ""
        print(f"warning: {config.clicks}: no rows of {named} ({days}){stays}", file=sys.stderr)
    outside = done.counters.get("rows_outside_the_dates", 0)
    if outside:
        print(f"{STAGE}: {outside:,} rows are of other days than {inputs.span(first, last)}", file=sys.stderr)


def refuse_to_forget(config: Config, before: Manifest, days: Mapping[int, int]) -> None:
    """Name the days of evidence that a log without them would drop; most of them are dropped by ``--force`` alone.

    Raises:
        GateError: the log lacks more than half of the days that are there.
    """
    there = days_there(before.tables)
    lost = sorted(there - set(days)) if days else []
    if not lost:
        return
    text = f"{len(lost):,} of {len(there):,} days of evidence in {config.output} are not in this log: {name_days(lost)}"
    if 2 * len(lost) > len(there) and not config.force:
        advice = (
            f"{config.clicks}: count its days alone with --date or --from and --to, or drop the others with --force"
        )
        raise GateError([f"lost_days: {text}"], advice=advice)
    print(f"warning: {text}; they are dropped", file=sys.stderr)


def build(
    pipeline: beam.Pipeline,
    config: Config,
    log: inputs.ClickLog,
    days: Mapping[int, int],
    failures: pa.Table | None,
    plan: Plan,
) -> beam.PCollection[Partition]:
    """Read, count per block, shuffle, profile and lay out by day; `failures` are those of days that stay."""
    counted = (
        pipeline
        | "ReadClicks"
        >> ReadBlocks(log.shards, log.schema, log.schema.names, encoded=(*TEXTS, RANKER.name), tolerant=True)
        | "CountClicks" >> MapBlocks(count_block, ["clicks"], (config.user_key, config.first, config.last))
    )
    kept = [create_blocks(pipeline, "KeptFailures", "_failures", failures)] if failures is not None else []
    return (
        (counted, *kept)
        | "Shuffle"
        >> ShuffleBlocks(
            by=cuts(days),
            plan=plan,
            merge={
                "clicks": merge_clicks,
                "impressions": merge_impressions,
                "user_events": merge_user_events,
                "explored": merge_explored,
            },
        )
        | "ProfileUsers" >> ChangePartitions(profile_partition, (days_asked(config),))
    )


def of_one_day(config: Config) -> Config:
    """Return the settings for an aggregated log, all of which is of one day.

    Raises:
        UsageError: they say no day, or several.
    """
    if config.window:
        config = replace(config, first=config.last)
    if config.last is None or config.first != config.last:
        raise UsageError(
            f"{config.clicks}: an aggregated log has no event_time, so that all of it is of one day; "
            "say it with --date, and give each day's log to a run"
        )
    return config


def failures_of_other_days(config: Config, before: Manifest | None) -> pa.Table | None:
    """Return the failures of an earlier run that tell of days outside the range that is counted now; None for none."""
    if before is None or not before.rows("failures") or (config.first is None and config.last is None):
        return None
    failures = read_table(config.output, "failures")
    first, last = config.first or date.min, config.last or date.max
    asked = [first.isoformat() <= key <= last.isoformat() for key in failures["key"].to_pylist()]
    others = failures.filter(pc.invert(pa.array(asked, pa.bool_())))
    others = others.filter(pc.not_equal(others["key"], UNDATED))
    return others if others.num_rows else None


def day_of_folder(folder: str) -> date | None:
    """Return the day of a table's folder, ``clicks/date=2026-03-01``; None where it has none, as failures."""
    return day_of_path(f"{folder}/")


def days_there(tables: Iterable[str]) -> set[int]:
    """Return the days, since 1970, that folders of tables are of."""
    return {(day - EPOCH).days for name in tables if (day := day_of_folder(name)) is not None}


def run(config: Config, common: Common, *, skip_unchanged: bool = False) -> tuple[Manifest, bool]:
    """Run the job; see ``run_job``."""
    log = inputs.plan_clicks(config.clicks, config.first, config.last)
    if log.aggregated:
        config = of_one_day(config)
    some_days = config.first is not None or config.last is not None

    key = hashlib.sha256(config.user_key).hexdigest()[:16]
    before = read_manifest(config.output)
    if some_days and before is not None and before.config.get("user_key") != key:
        raise UsageError(f"{config.output}: its other days have another --user-key; use it, or aggregate all days")

    replaced: set[date] = set()

    def keep(folder: str) -> bool:
        day = day_of_folder(folder)
        return some_days and day is not None and day not in replaced

    def balance(counters: Sums, rows: Sums) -> None:
        replaced.update(days_with_rows(counters))
        if config.first is not None and config.first == config.last:
            replaced.add(config.first)
        failed = sum(value for name, value in counters.items() if name.startswith("failed:"))
        counted = counters.get("events", 0) + failed + counters.get("rows_outside_the_dates", 0)
        if counted != counters.get("rows_read:clicks", 0):
            raise JobError(f"{counters['rows_read:clicks']:,} rows were read and {counted:,} came out; run it again")
        clicks, arrived = counters.get(CLICKS_COUNTED, 0), counters.get(CLICKS_OF_EVIDENCE, 0)
        if clicks != arrived:
            raise JobError(f"{clicks:,} clicks were counted and {arrived:,} came out; run it again")
        if not rows["clicks"]:
            raise UsageError(f"{config.clicks}: no row of the log counts as a click; is it empty or filtered away?")

    settings = {
        "from": config.first and config.first.isoformat(),
        "to": config.last and config.last.isoformat(),
        "user_key": key,
    }
    digests = {"clicks": log.digest}
    run_key = run_key_of(STAGE, VERSION, settings, digests)
    days: Mapping[int, int] = {}
    if not (skip_unchanged and before is not None and is_unchanged(config.output, before, run_key)):
        days = check_log(
            log,
            output=config.output,
            first=config.first,
            last=config.last,
            max_failure_rate=common.max_failure_rate,
            force=config.force,
        )
        if not some_days and before is not None:
            refuse_to_forget(config, before, days)
    job = Job(
        stage=STAGE,
        version=VERSION,
        tables={name: schema for name, schema in TABLES.items() if name != "explored" or log.ranked},
        build=lambda pipeline, plan: build(pipeline, config, log, days, failures_of_other_days(config, before), plan),
        cut=cuts(days),
        partition_bytes=PARTITION_BYTES,
        config=settings,
        inputs=digests,
        input_bytes=sum(shard.size for shard in log.shards),
        balance=balance,
        rows=("rows_read:clicks", "rows of the click log"),
        finish={"failures": merge_failures},
        keep=keep,
    )
    done, skipped = run_job(job, output=config.output, common=common, skip_unchanged=skip_unchanged)
    if not skipped:
        warn_missing_days(config, done)
    return done, skipped


def day(text: str) -> date:
    """Parse a day, YYYY-MM-DD."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is not a day; use YYYY-MM-DD") from None


def _asked(text: str | None) -> date | None:
    """Parse a day that may not be asked for; an empty one is an error, such as an unset variable of a scheduler."""
    return None if text is None else day(text)


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
    if flags.date is not None and (flags.first is not None or flags.last is not None):
        raise UsageError("--date is one day and --from/--to are a range; use one of them")
    config = Config(
        clicks=flags.clicks,
        output=flags.output,
        first=_asked(flags.first if flags.date is None else flags.date),
        last=_asked(flags.last if flags.date is None else flags.date),
        user_key=read_key(flags.user_key),
        force=flags.force,
    )
    if config.first and config.last and config.first > config.last:
        raise UsageError(f"--from {config.first} is after --to {config.last}")
    done, _ = run(config, common)
    counts = done.counters
    failed = {name.removeprefix("failed:"): n for name, n in counts.items() if name.startswith("failed:") and n}
    reasons = ", ".join(f"{reason} {n:,}" for reason, n in sorted(failed.items()))
    print(
        f"{STAGE}: {counts['rows_read:clicks']:,} rows read, {counts.get('events', 0):,} counted"
        + (f", {sum(failed.values()):,} failed ({reasons}; see failures/)" if failed else "")
        + f" -> {config.output}",
        file=sys.stderr,
    )
    if 0 < counts.get("events", 0) == counts.get("clicks_counted", -1):
        print(
            f"{STAGE}: every row is a click: without what was shown and not clicked, nothing can be said of positions",
            file=sys.stderr,
        )
    return 0


if __name__ == "__main__":
    sys.exit(run_main(main))
