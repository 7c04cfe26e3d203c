"""A job whose graph runs by hand, in milliseconds: the launcher, its files and its commit are the real ones."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa

from beam_jobs.blocks import launch
from beam_jobs.blocks.failures import counter_rows
from beam_jobs.blocks.flags import Common
from beam_jobs.blocks.launch import Job, run_job
from beam_jobs.blocks.write import FAILURES, WritePartitions, write_partition, write_report

ROWS = pa.schema([("key", pa.string()), ("value", pa.int64())], metadata={"sort_by": "key"})
TABLES = {"numbers": ROWS, "days": ROWS}
ROW_COUNT = 50


class NoPipeline:
    """A pipeline without steps: making a real one takes as long as all the rest."""

    def visit(self, visitor: object) -> None:
        """Show no step to the visitor."""


class ByHand:
    """Stands where a PCollection would: what it is piped into writes the job's tables at once."""

    def __init__(self, version: int) -> None:
        self.version = version

    def __or__(self, step: Any) -> "ByHand":
        write: WritePartitions = step.transform
        values = [self.version * n for n in range(ROW_COUNT)]
        table = pa.table([[f"k{n:03d}" for n in range(ROW_COUNT)], values], schema=ROWS)
        tables = {"numbers": table, "days@date=2026-01-01": table, "_counters": counter_rows({"rows": ROW_COUNT})}
        schemas = {**write.schemas, "failures": FAILURES}
        reports = list(write_partition((0, tables), write.output, write.run_key, 1, schemas, {}))
        write_report((0, reports), write.report)
        return self


def run_graph(build: Callable[[Any], Any], flags: Sequence[str], *, workers: int) -> None:
    """Stand in for the engine."""
    build(NoPipeline())


def main(argv: Sequence[str]) -> int:
    """Run the job from ``[output, version, named]``.

    `version` decides the content, `named` says whether the run key tells: where it does not, equal names have
    other bytes, as after a change of a library.
    """
    output, version, named = argv[0], int(argv[1]), json.loads(argv[2])
    job = Job(
        stage="tiny",
        version=version if named else 1,
        tables=TABLES,
        build=lambda pipeline, plan: ByHand(version),  # type: ignore[arg-type, return-value]
        config={},
        inputs={},
        input_bytes=0,
        balance=lambda counters, rows: None,
        rows=("rows", "rows"),
    )
    launch.engine.run_graph = run_graph
    run_job(job, output=output, common=Common(temp=argv[3] if len(argv) > 3 else None), skip_unchanged=len(argv) > 4)
    return 0
