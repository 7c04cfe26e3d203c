"""What a run remembers of its stages, for the display and the report."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from beam_jobs.blocks import files

RECORDS = "_STAGES.json"


@dataclass(frozen=True)
class StageRecord:
    """One stage of a run.

    Attributes:
        stage: its name; a stage of the first pass is named ``first/STAGE``.
        seconds: wall time of the run that did the work.
        rows: what it processed, `unit` says what: rows of the log, pictures, images, documents.
        peak_memory_bytes: largest resident memory of the process while the stage ran.
        skipped: whether the last run found it unchanged; the other figures are those of the run that did it.
        counters: the job's own sums.
    """

    stage: str
    seconds: float
    rows: int
    unit: str
    peak_memory_bytes: int
    skipped: bool = False
    counters: Mapping[str, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Rows per second."""
        return self.rows / self.seconds if self.seconds else 0.0


def read_records(run: Path) -> list[StageRecord]:
    """Return the records of a run folder, an empty list where there are none."""
    path = run / RECORDS
    if not path.exists():
        return []
    return [StageRecord(**record) for record in json.loads(path.read_text())]


def write_records(run: Path, records: Sequence[StageRecord]) -> None:
    """Write the records of a run folder."""
    files.write_atomic(str(run / RECORDS), json.dumps([asdict(record) for record in records], indent=1).encode())
