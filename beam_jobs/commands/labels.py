"""What the labels say, and why.

image-intent labels summary [--run RUN] [--json]      images per intent, parent alone and reason of rejection
image-intent labels show IMAGE_ID [--run RUN] [--json] why an image has its label, or none
image-intent labels suggest [--run RUN] [--html FILE]  query words with concentrated clicks that no class covers
image-intent labels accept WORD… --id ID --parent P --output FILE   the next version of the taxonomy, with that class
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from rich.console import Console
from rich.table import Table

from beam_jobs.blocks import manifest
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.flags import Parser
from beam_jobs.commands import new_classes
from labels.inspect import explain_image, summarize
from labels.taxonomy import TaxonomyError, load_taxonomy


def main(argv: Sequence[str]) -> int:
    """Answer from flags."""
    parser = Parser(prog="image-intent labels", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, parser_class=Parser)
    for name, text in (("summary", "counts per intent and reason"), ("show", "one image and its evidence")):
        command = commands.add_parser(name, help=text)
        if name == "show":
            command.add_argument("image_id")
        command.add_argument("--run", default="run", help="folder of a run (default: ./run)")
        if name == "summary":
            command.add_argument("--taxonomy", help="taxonomy file (default: the packaged one)")
        command.add_argument("--json", action="store_true", help="JSON lines with the tables' column names")
    new_classes.add_parsers(commands)
    flags = parser.parse_args(list(argv))
    if flags.command == "suggest":
        return new_classes.suggest(flags, _labels_of(flags.run))
    if flags.command == "accept":
        return new_classes.accept(flags)
    if flags.command == "summary":
        return _summary(flags.run, flags.taxonomy, flags.json)
    return _show(flags.run, flags.image_id, flags.json)


def _labels_of(run: str) -> str:
    """Return the folder of the labels of a run: those of the first pass while there are no others."""
    for folder in (Path(run) / "derive_labels", Path(run) / "first" / "derive_labels", Path(run)):
        found = manifest.read_manifest(str(folder))
        if found is not None and found.stage == "derive_labels":
            return str(folder)
    raise UsageError(f"--run {run}: no labels there; run `image-intent run` or `image-intent demo` first")


def _summary(run: str, taxonomy_file: str | None, as_json: bool) -> int:
    try:
        taxonomy = load_taxonomy(Path(taxonomy_file) if taxonomy_file else None)
    except TaxonomyError as error:
        raise UsageError(str(error)) from error
    folder = _labels_of(run)
    labels, rejected = manifest.read_table(folder, "labels"), manifest.read_table(folder, "rejected")
    table = summarize(labels, rejected, taxonomy)
    if as_json:
        for row in table.to_pylist():
            print(json.dumps(row, ensure_ascii=False))
        return 0
    shown = Table(title=f"{labels.num_rows:,} images labelled, {rejected.num_rows:,} not")
    for name, justify in (("kind", "left"), ("name", "left"), ("parent", "left"), ("images", "right")):
        shown.add_column(name, justify=justify)  # type: ignore[arg-type]
    for name in ("share", "mean confidence", "people"):
        shown.add_column(name, justify="right")
    for row in table.to_pylist():
        confidence = "" if row["mean_confidence"] is None else f"{row['mean_confidence']:.3f}"
        shown.add_row(
            row["kind"],
            row["name"],
            row["parent"] or "",
            f"{row['images']:,}",
            f"{row['share']:.1%}",
            confidence,
            "" if row["users"] is None else f"{row['users']:,}",
        )
    Console(width=None if sys.stdout.isatty() else 120).print(shown)
    return 0


def _show(run: str, image_id: str, as_json: bool) -> int:
    folder = _labels_of(run)
    wanted = pa.array([image_id])
    try:
        found = explain_image(
            image_id,
            manifest.read_rows(folder, "labels", "image_id", wanted),
            manifest.read_rows(folder, "rejected", "image_id", wanted),
            features=_optional(run, "extract_features", "features", wanted),
            duplicates=_optional_whole(run, "find_duplicates", "duplicates"),
        )
    except ValueError as error:
        raise UsageError(str(error)) from error
    if as_json:
        print(json.dumps(found, ensure_ascii=False, default=str))
        return 0
    _print_tree(found, 0)
    return 0


def _optional(run: str, job: str, table: str, wanted: pa.Array) -> pa.Table | None:
    folder = str(Path(run) / job)
    return manifest.read_rows(folder, table, "image_id", wanted) if manifest.read_manifest(folder) else None


def _optional_whole(run: str, job: str, table: str) -> pa.Table | None:
    folder = str(Path(run) / job)
    return manifest.read_table(folder, table) if manifest.read_manifest(folder) else None


def _print_tree(values: Mapping[str, Any], depth: int) -> None:
    """Print a nested answer, a line per value, lists of records as lines of their own."""
    indent = "  " * depth
    for key, value in values.items():
        if isinstance(value, Mapping):
            print(f"{indent}{key}:")
            _print_tree(value, depth + 1)
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            print(f"{indent}{key}:")
            for row in value:
                print(f"{indent}  " + ", ".join(f"{name} {_plain(item)}" for name, item in row.items()))
        elif value is not None:
            print(f"{indent}{key}: {_plain(value)}")
    sys.stdout.flush()


def _plain(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
