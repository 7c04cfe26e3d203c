"""What the labels say, and why.

image-intent labels summary [--run RUN] [--json]       images per intent, why others have none, what was dropped
image-intent labels show IMAGE_ID [--run RUN] [--json] why an image has its label, or none
image-intent labels query QUERY [--run RUN] [--json]   what a query asks for, and the images that it led to
image-intent labels class ID [--run RUN] [--json]      one class: its labels, its queries, its words
image-intent labels rules [--run RUN] [--json]         words of the taxonomy, those that mislead first
image-intent labels suggest [--run RUN] [--html FILE]  query words with concentrated clicks that no class covers
image-intent labels accept WORD… --id ID --parent P --output FILE   the next version of the taxonomy, with that class

Queries are shown only where at least --min-query-users people (of derive_labels, 3 unless told) asked them; rarer ones
are counted. A label's confidence is a calibrated chance: of labels with 0.9, nine of ten are right.
"""

import json
import textwrap
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from beam_jobs.blocks import manifest
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.flags import Parser, positive
from beam_jobs.blocks.manifest import Manifest
from beam_jobs.commands import label_answers, new_classes
from beam_jobs.commands.tables import print_lines, print_table
from labels.inspect import summarize, troubled_rules
from labels.reasons import REJECTED_BECAUSE, SOUND, UNJUDGED
from labels.taxonomy import Taxonomy, TaxonomyError, load_taxonomy

_WORST = 5
"""Rules that the summary names."""
_REASONS = "\n".join(f"  {reason}: {told}" for reason, told in REJECTED_BECAUSE.items())
_HELP = {
    "summary": (
        "counts per class and reason, what robots clicked, the words that mislead",
        f"Images per class; why others have no label; whose clicks were dropped; words that mislead.\n\n{_REASONS}",
    ),
    "show": (
        "one image: its label or why it has none, with the queries behind it",
        "Why an image has its label, or has none. With the evidence of the run at hand (RUN/aggregate_clicks, or "
        f"--evidence) also the queries of an image without a label.\n\n{_REASONS}",
    ),
    "query": (
        "one query: what it asks for, how sure that is, and the images that it led to",
        "What a query asks for. source rule: a word of the taxonomy stands in it and its clicks do not object; graph: "
        "it shares images with queries that are known. entropy: 0 where it asks for one thing, 1 where all are alike.",
    ),
    "class": ("one class: its labels, its queries and its words", "One class of the taxonomy in this run."),
    "rules": (
        "the taxonomy's words, those that mislead first",
        "The words of the taxonomy (rules) by trouble. precision: the share of a rule's queries that mean its class, "
        "learned from their clicks; empty where no query tells. A vetoed rule is more often wrong than right: its "
        "words say nothing any more.",
    ),
}


def main(argv: Sequence[str]) -> int:
    """Answer from flags."""
    parser = Parser(prog="image-intent labels", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, parser_class=Parser)
    for name, (text, description) in _HELP.items():
        told = "\n\n".join(
            part if part.startswith("  ") else textwrap.fill(part, 100) for part in description.split("\n\n")
        )
        command = commands.add_parser(name, help=text, description=told)
        if name in ("show", "query", "class"):
            command.add_argument({"show": "image_id", "query": "query", "class": "intent"}[name])
        command.add_argument("--run", default="run", help="folder of a run, or of derive_labels (default: ./run)")
        if name == "show":
            command.add_argument("--evidence", help="output of aggregate_clicks (default: that of the run)")
        else:
            command.add_argument("--taxonomy", help="taxonomy file of the labels (default: the packaged one)")
        if name == "rules":
            command.add_argument("--limit", type=positive, default=30, help="rules that are shown (default: 30)")
        command.add_argument("--json", action="store_true", help="JSON lines with the tables' column names")
    new_classes.add_parsers(commands)
    flags = parser.parse_args(list(argv))
    if flags.command == "accept":
        return new_classes.accept(flags)
    folder = _labels_of(flags.run)
    if flags.command == "suggest":
        return new_classes.suggest(flags, folder)
    if flags.command == "show":
        return label_answers.show(flags, folder)
    taxonomy = _taxonomy(flags.taxonomy)
    if flags.command == "summary":
        return _summary(flags, folder, taxonomy)
    if flags.command == "rules":
        return _rules(flags, folder)
    done = manifest.require(folder, "labels", "query_intents", "rules")
    _check_same(done, folder, taxonomy, flags.taxonomy)
    return (label_answers.query if flags.command == "query" else label_answers.of_class)(flags, folder, done, taxonomy)


def _labels_of(run: str) -> str:
    """Return the folder of the labels of a run: those of the first pass while there are no others."""
    for folder in (Path(run) / "derive_labels", Path(run) / "first" / "derive_labels", Path(run)):
        found = manifest.read_manifest(str(folder))
        if found is not None and found.stage == "derive_labels":
            return str(folder)
    raise UsageError(f"--run {run}: no labels there; run `image-intent run` or `image-intent demo` first")


def _taxonomy(path: str | None) -> Taxonomy:
    try:
        return load_taxonomy(Path(path) if path else None)
    except TaxonomyError as error:
        raise UsageError(str(error)) from error


def _check_same(done: Manifest, folder: str, taxonomy: Taxonomy, path: str | None) -> None:
    """Raise UsageError where the labels know other classes or words."""
    if done.config["taxonomy"] != taxonomy.digest:
        raise UsageError(
            f"{folder} was derived with another taxonomy than {path or 'the packaged one'}; name its file with "
            "--taxonomy, or run derive_labels again"
        )


# --- summary -----------------------------------------------------------------------------------------


def _summary(flags: Namespace, folder: str, taxonomy: Taxonomy) -> int:
    done = manifest.require(folder, "labels", "rejected")
    _check_same(done, folder, taxonomy, flags.taxonomy)
    names = ["image_id", "intent", "parent", "confidence", "users", "clicks"]
    labels, rejected = manifest.read_table(folder, "labels"), manifest.read_table(folder, "rejected")
    bots, rules = manifest.read_table(folder, "bots"), troubled_rules(manifest.read_table(folder, "rules"))
    table = summarize(labels, rejected, taxonomy, bots)
    if flags.json:
        for row in table.to_pylist():
            print(json.dumps(row, ensure_ascii=False))
        return 0
    print_lines(_headline(labels.select(names), rejected.num_rows, done))
    _print_classes(table)
    rows = pl.DataFrame(pl.from_arrow(table))
    print_table(
        "Without a label",
        ("reason", ">images", ">share", "what it means"),
        [
            (row["name"], f"{row['images']:,}", f"{row['share']:.1%}", row["meaning"])
            for row in rows.filter(pl.col("kind") == "rejected")
            .sort("images", "name", descending=[True, False])
            .to_dicts()
        ],
    )
    print_table(
        "Clicks of the window",
        ("", "whose", ">users", ">clicks", ">share", "what it means"),
        [
            (row["kind"], row["name"], f"{row['users']:,}", f"{row['clicks']:,}", f"{row['share']:.1%}", row["meaning"])
            for row in rows.filter(pl.col("kind").is_in(["kept", "dropped"])).to_dicts()
        ],
    )
    _print_worst(rules)
    return 0


def _headline(labels: pa.Table, rejected: int, done: Manifest) -> list[str]:
    total = max(labels.num_rows + rejected, 1)
    alone = labels.num_rows - pc.count(labels["intent"]).as_py()
    lines = [
        f"{labels.num_rows:,} of {labels.num_rows + rejected:,} images have a label ({labels.num_rows / total:.0%}); "
        f"{alone:,} of these only the parent"
    ]
    sure = labels["confidence"].filter(pc.is_valid(labels["intent"]))
    settings = done.config.get("labels", {})
    if len(sure):
        wanted = settings.get("min_precision")
        aim = f"; labels are given down to where {wanted:.0%} of them all are expected to be right" if wanted else ""
        lines.append(f"confidence: {pc.mean(sure).as_py():.3f} on average, {pc.min(sure).as_py():.3f} at least{aim}")
    return lines


def _print_classes(table: pa.Table) -> None:
    """Print the classes below their parents, each parent with its sum."""
    rows = [row for row in table.to_pylist() if row["kind"] in ("intent", "parent")]
    shown: list[tuple[object, ...]] = []
    for parent in dict.fromkeys(row["parent"] for row in rows):
        own = [row for row in rows if row["parent"] == parent]
        images = sum(row["images"] for row in own)
        shown.append((parent, "", f"{images:,}", f"{sum(row['share'] for row in own):.1%}", "", "", ""))
        for row in own:
            name = row["name"] if row["kind"] == "intent" else "(the parent alone)"
            numbers = ("mean_confidence", "least_confidence")
            shown.append(
                (
                    "",
                    name,
                    f"{row['images']:,}",
                    f"{row['share']:.1%}",
                    *("" if row[number] is None else f"{row[number]:.3f}" for number in numbers),
                    f"{row['users']:,}",
                )
            )
    print_table("Labels", ("parent", "intent", ">images", ">share", ">mean confidence", ">least", ">people"), shown)


def _print_worst(rules: pa.Table) -> None:
    judged = [row for row in rules.to_pylist() if row["verdict"] not in (SOUND, UNJUDGED)]
    vetoed = sum(row["vetoed"] for row in judged)
    weak = len(judged) - vetoed
    print_table(
        f"Rules: {rules.num_rows:,} words of the taxonomy occur; {vetoed:,} are vetoed, {weak:,} weak"
        + ("; the worst (all: image-intent labels rules)" if judged else ""),
        _RULE_COLUMNS,
        [_rule_row(row) for row in judged[:_WORST]],
    )


# --- rules -------------------------------------------------------------------------------------------

_RULE_COLUMNS = ("word", "intent", ">queries", ">clicks", ">precision", "vetoed", "verdict")


def _rule_row(row: dict[str, Any]) -> tuple[object, ...]:
    return (
        row["rule"],
        row["intent"],
        f"{row['queries']:,}",
        f"{row['clicks']:,}",
        None if row["precision"] is None else f"{row['precision']:.2f}",
        "yes" if row["vetoed"] else "",
        row["verdict"],
    )


def _rules(flags: Namespace, folder: str) -> int:
    table = troubled_rules(manifest.read_table(folder, "rules"))
    if flags.json:
        for row in table.to_pylist():
            print(json.dumps(row, ensure_ascii=False))
        return 0
    shown = table.slice(0, flags.limit).to_pylist()
    print_table(f"{len(shown):,} of {table.num_rows:,} rules, most trouble first", _RULE_COLUMNS, map(_rule_row, shown))
    return 0
