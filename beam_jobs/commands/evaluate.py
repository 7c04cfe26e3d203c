"""Compare a model with the truth: macro-F1, every class, parents, calibration, unknown pictures, robustness.

    image-intent evaluate --model BUNDLE --collection pictures.csv --truth truth.csv [--only FILE | --exclude FILE]
                 [--robust] [--unknown FOLDER] [--without INTENT...] [--report FILE] [--mistakes FILE] [--json]

Without --model it is the model of --run, else the one of ./run, else the one that comes with the package.
"""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console

from beam_jobs.blocks import files
from beam_jobs.blocks.failures import told_reasons
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.flags import Parser, positive
from beam_jobs.blocks.follow import follow
from beam_jobs.commands.classify import words
from beam_jobs.commands.tables import print_lines, print_table
from beam_jobs.evaluate import check_without, evaluate, figures, read_rows, thumbnails, worst_mistakes
from beam_jobs.judge import PictureFile, find_pictures
from beam_jobs.models import open_model
from beam_jobs.report.evaluated import contact_sheet, evaluated_page

MIXED = "live_streamer"
"""Left out of a second macro-F1 by default: its composites show the screens and faces of other classes."""


def main(argv: Sequence[str]) -> int:
    """Evaluate from flags."""
    flags = _parser().parse_args(list(argv))
    bundle = open_model(flags.model, flags.run)
    without = [MIXED] if flags.without is None and MIXED in bundle.intents else flags.without or []
    check_without(without, bundle)  # what is wrong with a flag is known before any picture is read
    for flag, path in (("--report", flags.report), ("--mistakes", flags.mistakes)):
        if path:
            files.check_writable(flag, path)
    unknown = _unknown(flags.unknown)
    planned, rows, intent_of = read_rows(
        bundle, collection=flags.collection, truth=flags.truth, only=flags.only, exclude=flags.exclude
    )
    with follow("evaluate", console=Console(stderr=True)):
        found = evaluate(
            bundle,
            planned,
            rows,
            intent_of,
            robust=flags.robust,
            unknown=unknown,
            workers=flags.workers,
        )
    told = figures(found, without=without)
    names = words(bundle)
    if flags.report or flags.mistakes:
        mistakes = thumbnails(found, planned, rows, worst_mistakes(found))
        if flags.report:
            _write("--report", flags.report, evaluated_page(found, told, names, mistakes).encode())
        if flags.mistakes:
            _write("--mistakes", flags.mistakes, contact_sheet(found, names, mistakes))
    if flags.json:
        _print_json(told)
    else:
        _print(told)
    if found.failed:
        lost = sum(found.failed.values())
        print(
            f"warning: {lost:,} of {rows.num_rows:,} pictures cannot be read: {told_reasons(found.failed)}",
            file=sys.stderr,
        )
    return 0


def _parser() -> Parser:
    parser = Parser(prog="image-intent evaluate", description=__doc__)
    model = parser.add_mutually_exclusive_group()
    model.add_argument("--model", metavar="BUNDLE", help="folder of a bundle")
    model.add_argument("--run", help="folder of a run: its model")
    parser.add_argument("--collection", required=True, help="table of images or folder of pictures")
    parser.add_argument("--truth", required=True, help="table image_id, intent")
    rows = parser.add_mutually_exclusive_group()
    rows.add_argument("--only", help="table image_id[, split]: only these pictures; with a split those not of train")
    rows.add_argument("--exclude", help="table image_id[, split]: not these; with a split those not of train")
    parser.add_argument("--robust", action="store_true", help="judge copies too: JPEG 30, half size, grey, border")
    parser.add_argument("--unknown", metavar="FOLDER", help="pictures of none of the intents")
    parser.add_argument("--without", nargs="*", metavar="INTENT", help=f"a second macro-F1 (default: {MIXED})")
    parser.add_argument("--report", metavar="FILE", help="write an HTML page")
    parser.add_argument("--mistakes", metavar="FILE", help="write the 50 worst mistakes as a PNG")
    parser.add_argument("--json", action="store_true", help="JSON lines: totals, then one per intent and per parent")
    parser.add_argument("--workers", type=positive, default=os.cpu_count() or 1, help="threads (default: all cores)")
    return parser


def _unknown(folder: str | None) -> list[PictureFile] | None:
    try:
        return None if folder is None else find_pictures([folder])
    except UsageError as error:
        raise UsageError(f"--unknown {error}") from error


def _write(flag: str, path: str, content: bytes) -> None:
    try:
        files.write_atomic(path, content)
    except OSError as error:
        raise UsageError(f"{flag} {path}: {error.strerror}; choose another file") from error
    print(f"{flag.removeprefix('--')}: {path}", file=sys.stderr)


def _print_json(told: Mapping[str, Any]) -> None:
    lists = ("per_class", "per_parent")
    print(json.dumps({name: value for name, value in told.items() if name not in lists}))
    for kind, rows in (("intent", told["per_class"]), ("parent", told["per_parent"])):
        for name, row in rows.items():
            print(json.dumps({kind: name, **row}))


def _print(told: Mapping[str, Any]) -> None:
    heads = (">rows", ">precision", ">recall", ">f1")
    keys = ("rows", "precision", "recall", "f1")
    for title, rows in (("intent", told["per_class"]), ("first label", told["per_parent"])):
        print_table("", (title, *heads), [(name, *(row[key] for key in keys)) for name, row in rows.items()])
    lines = [
        f"pictures           {told['rows']:,}",
        f"macro-F1           {told['macro_f1']:.3f}   accuracy {told['accuracy']:.3f}",
        f"first labels       accuracy {told['parent_accuracy']:.3f}, macro-F1 {told['parent_macro_f1']:.3f}",
        f"calibration error  {told['calibration_error']:.3f}",
    ]
    if told["without"]:
        left = told["without"]
        lines.append(
            f"without {', '.join(left['intents'])}: macro-F1 {left['macro_f1']:.3f} of {left['rows']:,} pictures"
        )
    lines.append(f"called unknown     {told['known_rejected']:.1%} of these pictures, in classify")
    lines += [
        f"unknown AUROC      {value:.3f} against {name} pictures" for name, value in told["unknown_auroc"].items()
    ]
    lines += [f"macro-F1, {name:<9} {value:.3f}" for name, value in told["robust"].items()]
    print_lines(lines)
