"""``image-intent labels suggest`` and ``accept``: classes that the taxonomy lacks, and its next version."""

import json
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from rich.console import Console
from rich.table import Table

from beam_jobs import inputs
from beam_jobs.blocks import files, manifest
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.flags import positive
from beam_jobs.blocks.manifest import Manifest
from beam_jobs.blocks.read import Shard, read_shard
from beam_jobs.report.page import Content, document, el, join, note, number, percent
from beam_jobs.report.pictures import Pictures, gallery
from labels.bots import BotThresholds, drop_users, find_bots
from labels.merges import merge_users
from labels.suggest import (
    NEW_CLASS,
    SuggestConfig,
    count_pairs,
    merge_pairs,
    people_of,
    shown_queries,
    suggest_classes,
    with_users,
)
from labels.tables import BOT_USERS, CLICKED_PAIRS, EVIDENCE_CLICKS, EVIDENCE_USERS
from labels.taxonomy import PACKAGED_TAXONOMY, Taxonomy, TaxonomyError, load_taxonomy
from labels.taxonomy_edit import NewClass, freed_words, overlaps, write_next_version

_PROFILES = 2_000_000
"""Daily profiles of users that are judged at a time: some 400 MB while they are merged."""

_WAITING_PAIRS = 1_000_000
"""Pairs of queries and images that wait until they are merged: some 100 MB."""


def add_parsers(commands: Any) -> None:
    """Add ``suggest`` and ``accept`` to the commands of ``image-intent labels``."""
    suggest = commands.add_parser("suggest", help="frequent query words with concentrated clicks that no class covers")
    suggest.add_argument("--run", default="run", help="folder of a run (default: ./run)")
    suggest.add_argument("--evidence", help="output of aggregate_clicks (default: that of the run)")
    suggest.add_argument("--taxonomy", help="taxonomy file of the labels (default: the packaged one)")
    defaults = SuggestConfig()
    for name, text in (("min-queries", "distinct queries"), ("min-users", "people")):
        least = getattr(defaults, name.replace("-", "_"))
        suggest.add_argument(f"--{name}", type=positive, default=least, help=f"{text} at least (default: {least})")
    suggest.add_argument("--html", metavar="FILE", help="also write a page with example images")
    suggest.add_argument("--collection", help="table or folder of the images, for --html")
    suggest.add_argument("--json", action="store_true", help="JSON lines with the table's column names")
    accept = commands.add_parser("accept", help="write the next version of the taxonomy with a new class")
    accept.add_argument("words", nargs="*", metavar="WORD", help="query word that asks for the class")
    accept.add_argument("--id", required=True, help="id of the new class; never changed or used again")
    accept.add_argument("--parent", required=True, help="id of its parent")
    accept.add_argument("--name-ko", default="", help="Korean name (default: the first Korean word)")
    accept.add_argument("--name-en", default="", help="English name (default: the first English word)")
    accept.add_argument(
        "--negative", action="append", default=[], help="query word that holds a WORD and asks for else"
    )
    accept.add_argument("--replaces", action="append", default=[], metavar="ID", help="class that is deprecated by it")
    accept.add_argument("--keep-words", action="store_true", help="take over the words of the replaced classes (merge)")
    accept.add_argument("--taxonomy", help="taxonomy file to start from (default: the packaged one)")
    accept.add_argument("--output", required=True, metavar="FILE", help="file of the next version; must not exist")


def suggest(flags: Namespace, labels: str) -> int:
    """Print the suggestions of a run.

    Args:
        flags: of the command.
        labels: folder of derive_labels' output.

    Raises:
        UsageError: there is no evidence, or the labels were derived with another taxonomy.
    """
    if flags.html and not flags.collection:
        raise UsageError("--html needs --collection, where the pictures are")
    if flags.min_queries < 2:
        raise UsageError("--min-queries 1: give at least 2, one query agrees with nothing")
    config = SuggestConfig(min_queries=flags.min_queries, min_users=flags.min_users)
    collection = inputs.plan_collection(flags.collection) if flags.collection else None
    taxonomy = _taxonomy(flags.taxonomy)
    done = manifest.require(labels, "labels", "query_intents")
    if done.config["taxonomy"] != taxonomy.digest:
        raise UsageError(
            f"{labels} was derived with another taxonomy than {flags.taxonomy or 'the packaged one'}; name its file "
            "with --taxonomy, or run derive_labels again"
        )
    table = _find(
        done, labels, flags.evidence or str(Path(flags.run) / "aggregate_clicks"), taxonomy, config, flags.run
    )
    if flags.html:
        page = _page(table, Pictures(collection))
        files.write_atomic(flags.html, page.encode())
        print(f"{table.num_rows} suggestions -> {flags.html}", file=sys.stderr)
    if flags.json:
        for row in table.to_pylist():
            print(json.dumps(row, ensure_ascii=False))
    else:
        _print(table)
    return 0


def accept(flags: Namespace) -> int:
    """Write the next version of the taxonomy.

    Raises:
        UsageError: the output exists, or the class cannot be added (see ``labels.taxonomy_edit``).
    """
    if files.exists(flags.output):
        raise UsageError(f"--output {flags.output} exists; every version of a taxonomy is a file of its own")
    source = Path(flags.taxonomy) if flags.taxonomy else PACKAGED_TAXONOMY
    old = _taxonomy(flags.taxonomy)
    new = NewClass(
        id=flags.id,
        parent=flags.parent,
        words=tuple(flags.words),
        en=flags.name_en,
        ko=flags.name_ko,
        negatives=tuple(flags.negative),
        replaces=tuple(flags.replaces),
        keep_words=flags.keep_words,
    )
    try:
        text = write_next_version(source, new)
    except TaxonomyError as error:
        raise UsageError(str(error)) from error
    files.write_atomic(flags.output, text.encode())
    changed = _taxonomy(flags.output)
    for word, pattern, intent in overlaps(old, changed.intents[-1].patterns):
        if intent not in new.replaces:
            print(f"note: {word!r} holds {pattern!r} of {intent}; the longer word wins", file=sys.stderr)
    freed = freed_words(old, changed)
    if freed:
        print(f"note: these words ask for no class now: {', '.join(freed)}", file=sys.stderr)
    print(f"{flags.output}: version {changed.version}, {len(changed.intent_ids)} classes, {new.id} under {new.parent}")
    return 0


def _taxonomy(path: str | None) -> Taxonomy:
    try:
        return load_taxonomy(Path(path) if path else None)
    except TaxonomyError as error:
        raise UsageError(str(error)) from error


# --- evidence ----------------------------------------------------------------------------------------


def _find(done: Manifest, labels: str, evidence: str, taxonomy: Taxonomy, config: SuggestConfig, run: str) -> pa.Table:
    """Read the window of the labels twice, a day at a time, and return the suggestions."""
    end = date.fromisoformat(done.config["window_end"])
    window = inputs.plan_window(evidence, done.config["window_days"], end)
    if window.digest != done.inputs["evidence"]:
        print(f"warning: {evidence} has changed since the labels were derived", file=sys.stderr)
    bots = _bots(window.shards["users"], done)
    intents = manifest.read_table(labels, "query_intents")
    queries = shown_queries(intents, config)
    pairs, waiting = merge_pairs([]), [CLICKED_PAIRS.empty_table()]
    for clicks in _people(window.shards["clicks"], bots):
        waiting.append(count_pairs(clicks, queries))
        if sum(table.num_rows for table in waiting) > max(pairs.num_rows, _WAITING_PAIRS):  # else merging is quadratic
            pairs, waiting = merge_pairs([pairs, *waiting]), [CLICKED_PAIRS.empty_table()]
    pairs = merge_pairs([pairs, *waiting])
    found = suggest_classes(pairs, intents, manifest.read_table(labels, "labels"), taxonomy, config, looks=_looks(run))
    people = [people_of(found["members"], clicks) for clicks in _people(window.shards["clicks"], bots)]
    return with_users(found["suggestions"], people, config)


def _bots(shards: Sequence[Shard], done: Manifest) -> pa.Table:
    """Return the users beyond the limits of derive_labels, judged in slices of all users so that memory is bounded.

    Patient bots stay: they are few people, and every query weighs the same whoever clicks it most.
    """
    thresholds = BotThresholds(**done.config["bots"])
    slices = sum(shard.rows or 0 for shard in shards) // _PROFILES + 1
    found = [BOT_USERS.empty_table()]
    for part in range(slices):
        users = EVIDENCE_USERS.empty_table()
        for table in _tables(shards, EVIDENCE_USERS):
            # a keyed hash: its remainder deals the users out evenly
            mine = table if slices == 1 else table.filter(table["user_hash"].to_numpy() % slices == part)
            users = merge_users([users, mine])
        found.append(find_bots(users, thresholds))
    return pa.concat_tables(found)


def _people(shards: Sequence[Shard], bots: pa.Table) -> Iterator[pa.Table]:
    for table in _tables(shards, EVIDENCE_CLICKS):
        yield drop_users(table, bots)[0]


def _tables(shards: Sequence[Shard], schema: pa.Schema) -> Iterator[pa.Table]:
    for shard in shards:
        for table in read_shard(shard):
            yield table.select(schema.names).cast(schema)


def _looks(run: str) -> pa.Table | None:
    """Return what a model sees on each image, None where no model has looked."""
    folder = str(Path(run) / "extract_features")
    if manifest.read_manifest(folder) is None:
        return None
    seen = manifest.read_table(folder, "features", ["image_id", "intent"])
    return seen.filter(pc.is_valid(seen["intent"])).select(["image_id", "intent"])


# --- what is shown -----------------------------------------------------------------------------------


def _print(table: pa.Table) -> None:
    new = pc.sum(pc.equal(table["kind"], NEW_CLASS)).as_py() or 0
    shown = Table(title=f"{new} new classes, words for {table.num_rows - new} known ones")
    for name in ("words", "kind"):
        shown.add_column(name)
    for name in ("queries", "people", "clicks", "images", "unlabelled", "lift"):
        shown.add_column(name, justify="right")
    for name in ("nearest", "example queries", "example images"):
        shown.add_column(name)
    for row in table.to_pylist():
        shown.add_row(
            ", ".join(row["words"]),
            row["kind"],
            f"{row['queries']:,}",
            f"{row['users']:,}",
            f"{row['clicks']:,}",
            f"{row['images']:,}",
            percent(row["unlabelled"]),
            f"{row['lift']:,.0f}×",
            f"{row['nearest']} ({row['parent']}, {row['likeness']:.0%})",
            ", ".join(row["example_queries"][:2]),
            ", ".join(row["example_images"][:2]),
        )
    Console(width=None if sys.stdout.isatty() else 160).print(shown)


def _page(table: pa.Table, pictures: Pictures) -> str:
    """Return a page with a section per suggestion: its numbers, queries and images."""
    body: list[Content] = [
        note("Query words that no class covers and whose queries click the same images. Take one over with "),
        el("p", el("code", "image-intent labels accept WORD… --id ID --parent PARENT --output FILE")),
    ]
    links = []
    for place, row in enumerate(table.to_pylist()):
        title = ", ".join(row["words"])
        what = "A new class" if row["kind"] == NEW_CLASS else f"Words for {row['nearest']}"
        links.append((f"s{place}", row["words"][0]))
        body.append(
            el(
                "section",
                el("h2", title),
                note(
                    f"{what}. {number(row['queries'])} queries, {number(row['users'])} people, "
                    f"{number(row['clicks'])} clicks, {number(row['images'])} shared images of which "
                    f"{percent(row['unlabelled'])} have no intent; two of the queries agree {row['lift']:,.0f} times "
                    f"as often as any two. Nearest: {row['nearest']} ({row['parent']}, {percent(row['likeness'])})."
                ),
                el("p", join(el("bdi", f"“{query}” ") for query in row["example_queries"])),
                gallery([pictures.figure(image, image) for image in row["example_images"]], four=True),
                id=f"s{place}",
            )
        )
    return pictures.fill(document("New classes", "image-intent labels suggest", links, body))
