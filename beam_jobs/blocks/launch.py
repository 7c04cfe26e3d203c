"""One job from flags to commit: check, run, add up, publish."""

import contextlib
import json
import os
import platform
import resource
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apache_beam as beam
import pyarrow as pa

from beam_jobs.blocks import engine, files, manifest, progress
from beam_jobs.blocks.failures import FAILURES, JobError, check_failure_rate
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.flags import Common
from beam_jobs.blocks.lock import LOCK, lock
from beam_jobs.blocks.manifest import Manifest
from beam_jobs.blocks.read import NamedBlock
from beam_jobs.blocks.write import WriteBlocks, Written, parquet_bytes, partitions_for, read_report

Sums = Mapping[str, int]
Build = Callable[[beam.Pipeline, int], beam.PCollection[NamedBlock]]


@dataclass(frozen=True)
class Job:
    """What the launcher needs to know of a job.

    Attributes:
        stage: its name.
        version: raised when the same input gives another output.
        tables: the output's schemas by name.
        build: takes the pipeline and the number of partitions, returns the output's named blocks.
        config: the settings that decide the content, for the run key.
        inputs: digest per input.
        input_bytes: decides partitions and files.
        balance: raises JobError where counters and rows of tables do not add up.
        rows: counter that the failure rate refers to, and what it counts.
        finish: per table what turns a file's rows into what is written.
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


def run_job(job: Job, *, output: str, common: Common, skip_unchanged: bool = False) -> tuple[Manifest, bool]:
    """Run `job` into `output` and commit it; return the manifest and whether it was skipped as unchanged.

    Raises:
        UsageError: the output is not this job's, or an input cannot be read.
        JobError: too many failures, an engine that lost data, a lock held by another run.
    """
    run_key = manifest.run_key_of(job.stage, job.version, job.config, job.inputs)
    before = check_output(output, job.stage)
    if skip_unchanged and before is not None and before.run_key == run_key and _all_there(output, before):
        return before, True
    make_temp(common.temp)
    progress.reset()
    count = partitions_for(job.input_bytes)
    with lock(output):
        before = manifest.read_manifest(output)  # another run may have committed meanwhile
        temp = files.join(common.temp or output, f"_tmp-{job.stage}-{run_key}")
        report_path = files.join(temp, "report.json")
        files.remove(report_path)  # of a killed run
        started = time.time()

        def build(pipeline: beam.Pipeline) -> beam.PCollection[int]:
            return job.build(pipeline, common.partitions or count) | "WriteBlocks" >> WriteBlocks(
                output=output,
                schemas=job.tables,
                run_key=run_key,
                file_count=count,
                report=report_path,
                finish=job.finish,
            )

        failures: list[Written] = []
        try:
            engine.run_graph(build, common.engine, workers=common.workers)
            reports = read_report(report_path)
            counters, written = _add_up(job, reports, count)
            _raise_fatal(reports)
            failures = [file for file in written if file.table == "failures"]
            _check_failures(job, counters, common.max_failure_rate)
            rows = dict.fromkeys(job.tables, 0)
            for file in written:
                rows[file.table.split("/")[0]] = rows.get(file.table.split("/")[0], 0) + file.rows
            job.balance(counters, rows)
            manifest.promote_files(output, written)
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
            manifest.commit(output, done)
        except Exception as error:
            _leave_failed(output, error, failures)
            _remove_uncommitted(output)
            raise
        finally:
            with contextlib.suppress(OSError):
                _remove_folder(temp)
        _remove_folder(files.join(output, manifest.FAILED))
        _write_run(output, started)
        return done, False


def check_output(output: str, stage: str) -> Manifest | None:
    """Return the manifest of `output` where this job wrote it before, None where it is new.

    Raises:
        UsageError: something else is in the way, or nothing can be written there.
    """
    before = manifest.read_manifest(output)
    if before is not None and before.stage != stage:
        raise UsageError(f"{output} holds the output of {before.stage}, not of {stage}; choose another --output")
    if files.is_remote(output):
        return before
    folder = Path(output)
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{output} is a file; --output wants a folder")
    if before is None and folder.is_dir():
        foreign = sorted(p.name for p in folder.iterdir() if not _is_ours(p, stage))
        if foreign:
            raise UsageError(f"{output} holds {foreign[0]!r}, which {stage} did not write; choose another --output")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f"_probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
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


def _is_ours(path: Path, stage: str) -> bool:
    """Return whether a killed or failed first run of `stage` left `path`."""
    if path.name in (LOCK, manifest.FAILED, manifest.RUN) or path.name.startswith(("_tmp-", "_probe-", "._")):
        return True
    return path.is_dir() and all(
        p.is_dir() or manifest.OUR_FILE.fullmatch(p.name) or p.name.startswith(".part-") for p in path.rglob("*")
    )


def _all_there(output: str, committed: Manifest) -> bool:
    return all(files.exists(files.join(output, f.path)) for listed in committed.tables.values() for f in listed)


def _add_up(job: Job, reports: Sequence[Mapping[str, Any]], count: int) -> tuple[dict[str, int], list[Written]]:
    """Return the counters and files of all partitions' reports.

    Raises:
        JobError: a partition did not report, or one did twice.
    """
    seen = sorted(report["partition"] for report in reports)
    if seen != list(range(count)):
        missing = sorted(set(range(count)) - set(seen))
        raise JobError(f"{job.stage}: the engine lost partitions {missing or seen} of {count}; run it again")
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


def _remove_uncommitted(output: str) -> None:
    """Remove the data files of a run that was not committed, and folders that hold nothing."""
    kept = manifest.read_manifest(output)
    listed = {f.path for table in kept.tables.values() for f in table} if kept else set()
    for path in list(manifest._parts_below(output)):
        if path not in listed:
            files.remove(files.join(output, path))
    if not files.is_remote(output):
        for folder in sorted(Path(output).rglob("*"), reverse=True):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()


def _remove_folder(folder: str) -> None:
    if files.is_remote(folder):
        fs, inner = files.filesystem(folder)
        if fs.exists(inner):
            fs.rm(inner, recursive=True)
    else:
        shutil.rmtree(folder, ignore_errors=True)


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
