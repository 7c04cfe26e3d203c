"""Run the planned stages one after the other, and write the report."""

import shutil
from dataclasses import replace
from pathlib import Path

from beam_jobs.blocks import files
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.lock import lock
from beam_jobs.report import write_report
from beam_jobs.run.config import RunConfig
from beam_jobs.run.display import MEGABYTE, Display
from beam_jobs.run.plan import plan
from beam_jobs.run.records import StageRecord, read_records, write_records

REPORT = "report.html"
SCRATCH = ("train-*", ".bundle-*")
"""Folders that a training or its export leaves beside the models when it is killed."""


def execute(config: RunConfig, run: Path, *, date: str | None = None) -> Path:
    """Run all stages into `run` and return the report.

    A stage whose inputs, config and version have not changed is skipped, so a killed run goes on where it was.

    Raises:
        UsageError, JobError: as the stages do; those before have been committed.
    """
    try:
        run.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot write to {run}: {error.strerror}; choose another --output") from error
    with lock(str(run)):
        for folder in (run, run / "model"):
            if folder.is_dir():
                files.remove_half_written(str(folder))
        for pattern in SCRATCH:
            for folder in (run / "model").glob(pattern):
                shutil.rmtree(folder, ignore_errors=True)
        stages = plan(config, run, date=date)
        before = {record.stage: record for record in read_records(run)}
        records: list[StageRecord] = []
        display = Display(len(stages))
        for stage in stages:
            with display.stage(stage.name) as watch:
                done = stage.work()
            record = StageRecord(
                stage=stage.name,
                seconds=round(watch.seconds, 2),
                rows=done.rows,
                unit=done.unit,
                peak_memory_bytes=watch.peak,
                counters=dict(done.counters),
            )
            if done.skipped:
                record = replace(before.get(stage.name, record), skipped=True)
            records.append(record)
            kept = [r for name, r in before.items() if name not in {r.stage for r in records}]
            write_records(run, [*records, *kept])
            memory = f"{record.peak_memory_bytes // MEGABYTE:,} MB"
            figures = f"{record.seconds:.1f} s, {record.rate:,.0f} {record.unit}/s, {memory}"
            figures = "unchanged" if done.skipped else figures
            display.line(stage.name, f"{done.text} ({figures})")
        first = [replace(r, skipped=True) for name, r in before.items() if name not in {r.stage for r in records}]
        records = [*first, *records] if first else records
        report = run / REPORT
        write_report(run, collection=config.collection, records=records, output=report, title=config.title)
    return report
