"""One job from flags to commit: check, run, add up, publish."""

import contextlib
import errno
import json
import os
import platform
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apache_beam as beam
import pyarrow as pa

from beam_jobs.blocks import balance, engine, files, manifest, progress, recovery
from beam_jobs.blocks.failures import FAILURES, JobError, check_failure_rate
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.flags import Common, is_stopped
from beam_jobs.blocks.follow import follow
from beam_jobs.blocks.lock import lock
from beam_jobs.blocks.manifest import Manifest
from beam_jobs.blocks.read import NamedBlock, planned_shards
from beam_jobs.blocks.shuffle import Partition, Partitioner, Plan, blocks_of
from beam_jobs.blocks.write import (
    FILE_BYTES,
    PARTITION_BYTES,
    WriteBlocks,
    WritePartitions,
    Written,
    parquet_bytes,
    pieces_of,
    read_report,
)

SMALL_PARTITIONS, GROWN = 64, 8
"""Partitions up to which they stay small; beyond, each takes up to so many times the bytes."""

Sums = Mapping[str, int]
Build = Callable[[beam.Pipeline, Plan], beam.PCollection[NamedBlock] | beam.PCollection[Partition]]


@dataclass(frozen=True)
class Job:
    """What the launcher needs to know of a job.

    Attributes:
        stage: its name.
        version: raised when the same input gives another output.
        tables: the output's schemas by name.
        build: takes the pipeline and the plan of its shuffles, returns the output's named blocks.
        config: the settings that decide the content, for the run key.
        inputs: digest per input.
        input_bytes: decides partitions and files.
        balance: raises JobError where counters and rows of tables do not add up.
        rows: counter that the failure rate refers to, and what it counts.
        finish: per table what turns a file's rows into what is written.
        cut: where given, `build` returns partitions, cut by these functions per table, and they are the files too.
        partition_bytes: encoded input bytes per partition.
        file_bytes: input bytes per output file.
        keep: tables of the last commit that stay beside the new ones, by name of the table's folder.
    """

    stage: str
    version: int
    tables: Mapping[str, pa.Schema]
    build: Build
    config: Mapping[str, Any]
    inputs: Mapping[str, str]
    input_bytes: int
    balance: Callable[[Sums, Sums], None]
    rows: tuple[str, str]
    keep: Callable[[str], bool] = field(default=lambda folder: False)
    finish: Mapping[str, Callable[[pa.Table], pa.Table]] = field(default_factory=dict)
    cut: Mapping[str, Partitioner] = field(default_factory=dict)
    partition_bytes: int = PARTITION_BYTES
    file_bytes: int = FILE_BYTES

    @property
    def file_count(self) -> int:
        """Files per table: it follows from the input alone."""
        return self.partitions if self.cut else pieces_of(self.input_bytes, self.file_bytes)

    @property
    def partitions(self) -> int:
        """Partitions of a shuffle: they grow in size before there are so many that their slices get tiny."""
        few = pieces_of(self.input_bytes, GROWN * self.partition_bytes)
        return max(few, min(pieces_of(self.input_bytes, self.partition_bytes), SMALL_PARTITIONS))


def run_job(job: Job, *, output: str, common: Common, skip_unchanged: bool = False) -> tuple[Manifest, bool]:
    """Run `job` into `output` and commit it; return the manifest and whether it was skipped as unchanged.

    Raises:
        UsageError: the output is not this job's, or an input cannot be read.
        JobError: too many failures, an engine that lost data, a lock held by another run.
    """
    if not engine.is_local(common.engine):
        for flag, path in (("--output", output), ("--temp", common.temp or "/")):
            if not files.is_remote(path) and not Path(path).is_absolute():
                raise UsageError(f"{flag} {path}: workers start elsewhere; give an absolute path that all of them see")
    run_key = manifest.run_key_of(job.stage, job.version, job.config, job.inputs)
    before = check_output(output, job.stage)
    temp = recovery.temp_folder(output, job.stage, common.temp)
    if skip_unchanged and before is not None and is_unchanged(output, before, run_key):
        recovery.tidy(output, temp=temp)
        return before, True
    make_temp(common.temp)
    progress.reset()
    count = job.file_count
    with lock(output) as held:
        recovery.sweep(output, temp=temp)
        before = manifest.read_manifest(output)  # another run may have committed meanwhile
        report_path = files.join(temp, "report.json")
        started = time.time()

        plan = Plan(
            common.partitions or job.partitions,
            make_spill(temp) if engine.is_local(common.engine) else None,
        )

        planned: dict[str, int] = {}

        def build(pipeline: beam.Pipeline) -> beam.PCollection[int]:
            out = job.build(pipeline, plan)
            planned.update(planned_shards(pipeline))
            facts: dict[str, Any] = {
                "output": output,
                "schemas": job.tables,
                "run_key": run_key,
                "file_count": count,
                "report": report_path,
                "finish": job.finish,
            }
            if job.cut and plan.partitions == count:
                return out | "Write" >> WritePartitions(**facts)
            blocks = out | "Blocks" >> beam.FlatMap(blocks_of) if job.cut else out
            return blocks | "WriteBlocks" >> WriteBlocks(**facts, cut=job.cut, spill=plan.spill)

        failures: list[Written] = []
        try:
            with follow(job.stage):
                engine.run_graph(build, common.engine, workers=common.workers)
            reports = read_report(report_path)
            counters, written = _add_up(job, reports, count)
            _raise_fatal(reports)
            counters = balance.check_balance(counters, planned, stage=job.stage)
            failures = [file for file in written if file.table == "failures"]
            _check_failures(job, counters, common.max_failure_rate)
            rows = dict.fromkeys(job.tables, 0)
            for file in written:
                rows[file.table.split("/")[0]] = rows.get(file.table.split("/")[0], 0) + file.rows
            job.balance(counters, rows)
            manifest.verify_files(output, written)
            done = Manifest(
                stage=job.stage,
                version=job.version,
                run_key=run_key,
                tables=_tables(written, before, job.keep),
                counters=counters,
                inputs=job.inputs,
                config=job.config,
            )
            _write_run(output, started)
            held.check()
            manifest.commit(output, done)
        except (Exception, KeyboardInterrupt) as error:
            held.check()  # where it is lost, the folder is another run's
            if isinstance(error, Exception) and not is_stopped():
                _leave_failed(output, error, failures)
            recovery.sweep(output)
            raise
        finally:
            for folder in (temp, plan.spill):
                if folder is not None:
                    with contextlib.suppress(OSError):
                        recovery.remove_folder(folder)
        recovery.remove_folder(files.join(output, manifest.FAILED))
        recovery.sweep(output)  # a worker of a cluster that was killed in the middle of a write left its half
        return done, False


def check_output(output: str, stage: str) -> Manifest | None:
    """Return the manifest of `output` where this job wrote it before, None where it is new.

    Raises:
        UsageError: something else is in the way, or nothing can be written there.
    """
    before = manifest.read_manifest(output)
    if before is not None and before.stage != stage:
        raise UsageError(f"{output} holds the output of {before.stage}, not of {stage}; choose another --output")
    folder = Path(output)
    if not files.is_remote(output) and folder.exists() and not folder.is_dir():
        raise UsageError(f"{output} is a file; --output wants a folder")
    foreign = recovery.foreign(output) if before is None else None
    if foreign is not None:
        raise UsageError(f"{output} holds {foreign!r}, which {stage} did not write; choose another --output")
    if files.is_remote(output):
        return before
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise UsageError(f"cannot write to {output}: {error.strerror}; choose another --output") from error
    return before


def make_temp(temp: str | None) -> None:
    """Make the folder of ``--temp``.

    Raises:
        UsageError: there can be no folder.
    """
    if temp is None or files.is_remote(temp):
        return
    try:
        Path(temp).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--temp {temp}: {error.strerror}; choose another folder") from error


def make_spill(temp: str) -> str:
    """Make a local folder for slices on their way: in a run's temporary folder where that is local."""
    if files.is_remote(temp):
        return tempfile.mkdtemp(prefix="image-intent-")
    folder = files.join(temp, "slices")
    Path(folder).mkdir(parents=True)
    return folder


def is_unchanged(output: str, committed: Manifest, run_key: str) -> bool:
    """Return whether what is committed is what a run with `run_key` would make, and all of it is there."""
    return committed.run_key == run_key and all(
        files.exists(files.join(output, file.path)) for listed in committed.tables.values() for file in listed
    )


def _add_up(job: Job, reports: Sequence[Mapping[str, Any]], count: int) -> tuple[dict[str, int], list[Written]]:
    """Return the counters and files of all partitions' reports.

    Raises:
        JobError: a partition did not report, or one did twice.
    """
    seen = sorted(report["partition"] for report in reports)
    if seen != list(range(count)):
        missing = sorted(set(range(count)) - set(seen))
        raise JobError(
            f"{job.stage}: the engine lost partitions {missing or seen} of {count}; run it again, and on a cluster see "
            "that all workers reach --output and --temp under the same name"
        )
    counters: dict[str, int] = {}
    written = []
    for report in reports:
        for name, value in report["counters"].items():
            counters[name] = counters.get(name, 0) + value
        written += [Written(*file) for file in report["files"]]
    return dict(sorted(counters.items())), written


def _check_failures(job: Job, counters: Sums, limit: float) -> None:
    failed = {name.split(":", 1)[1]: n for name, n in counters.items() if name.startswith("failed:")}
    counter, what = job.rows
    check_failure_rate(sum(failed.values()), counters.get(counter, 0), limit=limit, what=what, reasons=failed)


def _raise_fatal(reports: Sequence[Mapping[str, Any]]) -> None:
    """Raise UsageError where a worker met an input that cannot be read."""
    for report in reports:
        for detail in report["fatal"]:
            raise UsageError(detail)


def _tables(
    written: Sequence[Written], before: Manifest | None, keep: Callable[[str], bool]
) -> dict[str, list[Written]]:
    tables: dict[str, list[Written]] = {}
    for file in written:
        tables.setdefault(file.table, []).append(file)
    for folder, listed in (before.tables if before else {}).items():
        if keep(folder) and folder not in tables:
            tables[folder] = list(listed)
    return dict(sorted(tables.items()))


def _leave_failed(output: str, error: Exception, failures: Sequence[Written]) -> None:
    """Leave the reason and the failures of a failed run in ``_FAILED/``; the old result stays."""
    folder = files.join(output, manifest.FAILED)
    with contextlib.suppress(OSError, pa.ArrowException):  # the reason counts, not a broken file of failures
        files.write_atomic(files.join(folder, "reason.txt"), f"{error}\n".encode())
        tables = [pa.parquet.read_table(pa.py_buffer(files.read_bytes(files.join(output, f.path)))) for f in failures]
        content = parquet_bytes(pa.concat_tables([FAILURES.empty_table(), *tables]))
        files.write_atomic(files.join(folder, "failures.parquet"), content)


def _write_run(output: str, started: float) -> None:
    """Write the facts that may differ between equal runs."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    facts = {
        "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(started)),
        "seconds": round(time.time() - started, 2),
        "peak_memory_bytes": peak,
        "host": platform.node(),
        "python": platform.python_version(),
    }
    files.write_atomic(files.join(output, manifest.RUN), json.dumps(facts, indent=1).encode())
