"""Run all stages in order, skip what has not changed, and end with a report.

image-intent run --config pipeline.yaml [--output RUN] [--date YYYY-MM-DD]
"""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from beam_jobs.blocks.flags import Parser
from beam_jobs.run.config import load_config
from beam_jobs.run.execute import execute


def main(argv: Sequence[str]) -> int:
    """Run from flags."""
    parser = Parser(prog="image-intent run", description=__doc__)
    parser.add_argument("--config", required=True, help="YAML file of the run; paths in it are relative to it")
    parser.add_argument("--output", default="run", help="folder of the run (default: ./run)")
    parser.add_argument("--date", help="aggregate only this day of the log; evidence of other days stays")
    parser.add_argument("--force", action="store_true", help="go on though the click log does not look sane")
    flags = parser.parse_args(list(argv))
    config = load_config(Path(flags.config))
    if flags.force:
        config = replace(config, force=True)
    report = execute(config, Path(flags.output), date=flags.date)
    print(f"report: {report}", file=sys.stderr)
    return 0
