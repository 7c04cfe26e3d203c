"""Benchmarks: peers and us side by side in one run, equal threads, the same output, each run in its own process.

    make bench                     or    python -m tests.bench all
    python -m tests.bench evidence --rows 10000000 --threads 2 --data /var/tmp/bench --json evidence.json
    python -m tests.bench log --rows 10000000 --output logs/
    python -m tests.bench worlds --seeds 101,102 --plot worlds.png --json worlds.json

evidence: aggregate_clicks, DuckDB's SQL, polars streaming and (1 M rows) the textbook row-by-row Beam pipeline.
scaling: two workers and one. window: derive_labels from 90 days of evidence and from the raw log. join, groupby:
the blocks and DuckDB. hashes: our hash columns and imagehash.phash. inference: extract_features with --model, a
torch loop and Beam's RunInference (`all` leaves it out without --model). Contenders run in turn; where their outputs
differ the benchmark fails.

worlds: not how fast but how right: labels of generated logs against their truth, with and without each part.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from tests.bench.benches import BENCHES, Result, Setting
from tests.bench.logs import Shape, write_log
from tests.bench.measure import BenchError
from tests.bench.report import print_results, write_json
from tests.bench.worlds import WORLDS


def main(argv: list[str]) -> int:
    """Run the benchmarks that `argv` names; return the exit code."""
    flags = _parser().parse_args(argv)
    if flags.bench == "log":
        shape = Shape(rows=flags.rows or 1_000_000, days=flags.days, seed=flags.seed, codec=flags.codec)
        print(write_log(shape.heated(flags.hot), flags.output))
        return 0
    chatter = Console(stderr=True)
    if flags.bench == "worlds":
        return _worlds(flags, chatter)
    with tempfile.TemporaryDirectory() as folder:
        setting = Setting(
            data=flags.data or Path(folder),
            rows=flags.rows,
            days=flags.days,
            seed=flags.seed,
            repeats=flags.repeats,
            threads=flags.threads,
            hot=flags.hot,
            log=flags.log,
            only=flags.only or (),
            memory_limit=flags.memory_limit,
            profile=not flags.no_profile,
            tell=lambda line: chatter.print(line, highlight=False, soft_wrap=True),
            pictures=flags.pictures,
            bundle=flags.model,
        )
        results: list[Result] = []
        failed = 0
        every = [name for name in BENCHES if name != "inference" or flags.model]
        for name in every if flags.bench == "all" else [flags.bench]:
            try:
                results += BENCHES[name](setting)
            except BenchError as error:
                chatter.print(f"{name}: {error}", style="red", highlight=False, markup=False, soft_wrap=True)
                failed = 1
    if results:
        print_results(Console(width=None if sys.stdout.isatty() else 150), results)
        if flags.json:
            write_json(flags.json, results)
    return failed


def _worlds(flags: argparse.Namespace, chatter: Console) -> int:
    from tests.bench.worlds_report import print_worlds, run_worlds  # with Beam, which the peers must not load

    def tell(line: str) -> None:
        chatter.print(line, highlight=False, soft_wrap=True)

    try:
        measured = run_worlds(
            flags.worlds, flags.seeds, parts=not flags.no_parts, plot=flags.plot, json_file=flags.json, tell=tell
        )
    except BenchError as error:
        chatter.print(str(error), style="red", highlight=False, markup=False, soft_wrap=True)
        return 1
    print_worlds(Console(width=None if sys.stdout.isatty() else 150), measured)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        allow_abbrev=False,
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="bench", required=True)
    for name in (*BENCHES, "all", "log"):
        told = (BENCHES[name].__doc__ or "") if name in BENCHES else ""
        text = {"all": "All of them.", "log": "Make a log and stop."}.get(name, told)
        command = commands.add_parser(name, allow_abbrev=False, help=text.splitlines()[0], description=text)
        command.add_argument("--rows", type=_positive, help="rows of the input (default: each benchmark's own)")
        command.add_argument("--days", type=_positive, default=10, help="days of the log (default: %(default)s)")
        command.add_argument("--seed", type=int, default=1, help="default: %(default)s")
        command.add_argument("--hot", action="store_true", help="one query has 30 %% of the pages, one image 10 %%")
        if name == "log":
            command.add_argument("--output", type=Path, required=True, help="folder of the log")
            command.add_argument("--codec", choices=("zstd", "snappy"), default="zstd", help="default: %(default)s")
            continue
        command.add_argument("--repeats", type=_positive, default=3, help="rounds (default: %(default)s)")
        command.add_argument("--threads", type=_positive, default=2, help="of each contender (default: %(default)s)")
        command.add_argument("--data", type=Path, help="folder that keeps made inputs (default: a temporary one)")
        command.add_argument("--log", type=Path, help="folder of date= folders to use in place of a made log")
        command.add_argument(
            "--only", action="append", choices=("duckdb", "polars", "beam", "torch"), help="peers; repeatable"
        )
        command.add_argument("--memory-limit", help="DuckDB's, such as 3GB (default: its own, 80 %% of the machine)")
        command.add_argument("--pictures", type=Path, help="folder of JPEG files for inference (default: drawn ones)")
        command.add_argument("--model", type=Path, help="folder of the bundle for inference")
        command.add_argument("--no-profile", action="store_true", help="skip the run that says where the time goes")
        command.add_argument("--json", type=Path, help="file for all figures")
    text = "Measure labels of generated logs against their truth."
    command = commands.add_parser("worlds", allow_abbrev=False, help=text, description=text)
    command.add_argument("--seeds", type=_seeds, default=[101], help="with commas between (default: 101)")
    command.add_argument("--worlds", type=_names, default=list(WORLDS), help=f"of {','.join(WORLDS)} (default: all)")
    command.add_argument("--no-parts", action="store_true", help="skip the runs that each lack a part")
    command.add_argument("--plot", type=Path, help="PNG for precision by recall (needs matplotlib)")
    command.add_argument("--json", type=Path, help="file for all figures")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return number


def _seeds(text: str) -> list[int]:
    seeds = text.split(",")
    if not all(seed.isdecimal() for seed in seeds):
        raise argparse.ArgumentTypeError(f"{text} is not made of whole numbers with commas between, such as 101,102")
    return list(dict.fromkeys(map(int, seeds)))


def _names(text: str) -> list[str]:
    names = list(dict.fromkeys(text.split(",")))
    strange = [name for name in names if name not in WORLDS]
    if strange:
        raise argparse.ArgumentTypeError(f"no world {', '.join(strange)}; give some of {','.join(WORLDS)}")
    return names


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
