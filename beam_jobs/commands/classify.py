"""Say what pictures are for: the intent, its parent, the confidence, and the second guess of each.

    image-intent classify PATH... [--model BUNDLE | --run RUN] [--json] [--report FILE]
                 [--link-into DIR | --move-into DIR] [--dry-run]

The model is --model, else the one of --run, else the one of ./run, else the one that comes with the package.
Pictures that cannot be read are named on stderr with the reason; the exit code is 1 only where no picture can.
"""

import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.progress import Progress

from beam_jobs.blocks import files
from beam_jobs.blocks.failures import JobError
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.flags import Parser, positive
from beam_jobs.commands.tables import plain
from beam_jobs.judge import Judged, PictureFile, find_pictures, judge_pictures
from beam_jobs.models import open_model
from beam_jobs.report.judged import MOST_PICTURES, judged_page
from beam_jobs.sort_folders import check_target, sort_pictures
from intent.bundle import Bundle

MOST_NAMED = 6
"""Intents that the last line counts."""
COLUMNS = "{:<30} {:<22} {:>5}  {:<36} {}"
"""Intent, parent, confidence, second guess; the path comes last, so that its length moves nothing."""


def main(argv: Sequence[str]) -> int:
    """Classify from flags."""
    flags = _parser().parse_args(list(argv))
    target = flags.link_into or flags.move_into
    if flags.dry_run and target is None:
        raise UsageError("--dry-run shows what --link-into or --move-into would do; give one of them")
    if flags.report:
        files.check_writable("--report", flags.report)
    pictures = find_pictures(flags.paths)
    if target is not None:
        check_target(Path(target), flags.paths)
    bundle = open_model(flags.model, flags.run)
    names = words(bundle)
    kept: list[Judged] = []
    broken = placed = 0
    heard = True
    answers: Counter[str] = Counter()
    judged = judge_pictures(pictures, bundle, workers=flags.workers, thumbnails=MOST_PICTURES if flags.report else 0)
    if not flags.json:
        heard = _say(COLUMNS.format("intent", "parent", "sure", "or", "picture"), sys.stdout)
    for row in _with_progress(judged, len(pictures)):
        if row.problem:
            broken += 1
            _say(f"{plain(str(row.picture.path))}: {plain(row.problem)}", sys.stderr)
        else:
            heard = _say(json_line(row, bundle) if flags.json else table_line(row, names), sys.stdout)
            answers["unknown" if row.unknown else names[row.intent]] += 1
        if flags.report or target is not None:
            kept.append(row)
        elif not heard:  # `| head` has read enough
            return 0
    if not _say("", sys.stdout, end="", flush=True) and not kept:
        return 0
    if flags.report:
        try:
            files.write_atomic(flags.report, judged_page(kept, bundle, names).encode())
        except OSError as error:
            raise UsageError(f"--report {flags.report}: {error.strerror}; choose another file") from error
        print(f"report: {flags.report}", file=sys.stderr)
    if target is not None:  # only now: a picture may be a link to another one, and nothing moves if the report fails
        for row, path in sort_pictures(kept, Path(target), move=bool(flags.move_into), dry_run=flags.dry_run):
            _tell_placed(row.picture, path, flags.dry_run)
            placed += path is not None
        verb = "would go" if flags.dry_run else "moved" if flags.move_into else "linked"
        print(f"{placed:,} of {len(pictures):,} files {verb} into {target}", file=sys.stderr)
    if len(pictures) > 1 and answers and not flags.json:
        print(summary(answers, broken), file=sys.stderr)
    if broken == len(pictures):
        raise JobError(f"none of {len(pictures):,} pictures can be read; the lines above say why")
    return 0


def summary(answers: Counter[str], broken: int) -> str:
    """Return how many pictures are for what, the most frequent first, such as ``9 pictures: 5 Map · 4 Flag``: names
    have commas."""
    named = [f"{count:,} {name}" for name, count in answers.most_common(MOST_NAMED)]
    rest = len(answers) - len(named)
    line = f"{answers.total():,} pictures: {' · '.join(named)}" + (f" · {rest} other intents" if rest else "")
    return line + (f"; {broken:,} files cannot be read" if broken else "")


def words(bundle: Bundle) -> dict[str, str]:
    """Return the English names of a bundle's intents and parents by their ids."""
    taxonomy = bundle.taxonomy
    return {**{p.id: p.en for p in taxonomy.parents}, **{i.id: i.en for i in taxonomy.intents}}


def json_line(row: Judged, bundle: Bundle) -> str:
    """Return one line of JSON; the names are those of the table ``features`` and, for people, the second guess."""
    told = {
        "image_id": row.picture.image_id,
        "path": str(row.picture.path),
        "intent": row.intent,
        "confidence": round(row.confidence, 6),
        "parent": row.parent,
        "parent_scores": {name: round(v, 6) for name, v in zip(bundle.parents, row.parent_scores, strict=True)},
        "unknown_score": round(row.unknown_score, 6),
        "unknown": row.unknown,
        "second_intent": row.second,
        "second_confidence": round(row.second_confidence, 6),
        "model": bundle.digest,
    }
    return json.dumps(told).encode("utf-8", "replace").decode()


def table_line(row: Judged, names: Mapping[str, str]) -> str:
    """Return one line for people; a picture of no class says so, with the best guess behind it."""
    guess = f"{_cut(names[row.second], 29)} {row.second_confidence:>4.0%}"
    if row.unknown:
        best = f"{_cut(names[row.intent], 29)} {row.confidence:>4.0%}"
        return COLUMNS.format("unknown", "", "", best, plain(str(row.picture.path)))
    intent, parent = _cut(names[row.intent], 30), _cut(names[row.parent], 22)
    return COLUMNS.format(intent, parent, f"{row.confidence:.0%}", guess, plain(str(row.picture.path)))


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _parser() -> Parser:
    parser = Parser(prog="image-intent classify", description=__doc__)
    parser.add_argument("paths", nargs="+", metavar="PATH", help="picture or folder of pictures")
    model = parser.add_mutually_exclusive_group()
    model.add_argument("--model", metavar="BUNDLE", help="folder of a bundle")
    model.add_argument("--run", help="folder of a run: its model")
    parser.add_argument("--json", action="store_true", help="JSON lines")
    parser.add_argument("--report", metavar="FILE", help="write an HTML page with thumbnails grouped by intent")
    sorting = parser.add_mutually_exclusive_group()
    sorting.add_argument("--link-into", metavar="DIR", help="link each picture into DIR/INTENT/")
    sorting.add_argument("--move-into", metavar="DIR", help="move each picture into DIR/INTENT/")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be linked or moved")
    parser.add_argument("--workers", type=positive, default=os.cpu_count() or 1, help="threads (default: all cores)")
    return parser


def _say(line: str, stream: TextIO, *, end: str = "\n", flush: bool = False) -> bool:
    """Print; say whether anybody reads it. A pipe that nobody reads goes to nowhere from then on."""
    try:
        print(line, file=stream, end=end, flush=flush)
    except BrokenPipeError:  # what Python flushes at its end must not fail either
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        return False
    return True


def _with_progress(judged: Iterable[Judged], total: int) -> Iterator[Judged]:
    """Pass rows on and show how many on stderr, where that is a terminal and the rows do not go there too."""
    console = Console(stderr=True)
    if not console.is_terminal or sys.stdout.isatty():
        yield from judged
        return
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("pictures", total=total)
        for row in judged:
            yield row
            bar.advance(task)


def _tell_placed(picture: PictureFile, path: Path | None, dry_run: bool) -> None:
    if path is not None and dry_run:
        print(f"would go: {plain(str(picture.path))} -> {plain(str(path))}", file=sys.stderr)
