"""``image-intent labels suggest`` and ``accept``: classes that the taxonomy lacks, and its next version."""

import json
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from beam_jobs import inputs
from beam_jobs.blocks import files, manifest
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.flags import positive
from beam_jobs.blocks.manifest import Manifest
from beam_jobs.blocks.read import Shard, read_shard
from beam_jobs.commands.tables import print_lines, print_table
from beam_jobs.commands.window_bots import bots_of
from beam_jobs.report.page import Content, document, el, join, note, number, percent
from beam_jobs.report.pictures import Pictures, gallery
from labels.bots import BotThresholds, drop_users
from labels.suggest import (
    NEW_CLASS,
    SuggestConfig,
    count_pairs,
    count_visits,
    merge_pairs,
    merge_visits,
    people_of,
    shown_queries,
    suggest_classes,
    with_rarer,
    with_users,
)
from labels.tables import CLICKED_PAIRS, EVIDENCE_CLICKS
from labels.taxonomy import PACKAGED_TAXONOMY, Taxonomy, TaxonomyError, load_taxonomy
from labels.taxonomy_edit import NewClass, freed_words, overlaps, write_next_version

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
    if flags.html:
        files.check_writable("--html", flags.html)
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
    found = _find(
        done, labels, flags.evidence or str(Path(flags.run) / "aggregate_clicks"), taxonomy, config, flags.run
    )
    table = found.suggestions
    if flags.html:
        page = _page(table, Pictures(collection))
        files.write_atomic(flags.html, page.encode())
        print(f"{table.num_rows} suggestions -> {flags.html}", file=sys.stderr)
    if flags.json:
        for row in table.to_pylist():
            print(json.dumps(row, ensure_ascii=False))
    else:
        _print(table)
        _print_missed(found, config)
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


@dataclass(frozen=True)
class _Found:
    """The suggestions, the words that nearly made one, what was looked at, and suggestions of too few people."""

    suggestions: pa.Table
    missed: pa.Table
    looked_at: dict[str, int]
    of_few: int


def _find(done: Manifest, labels: str, evidence: str, taxonomy: Taxonomy, config: SuggestConfig, run: str) -> _Found:
    """Read the window of the labels twice, a day at a time, and return the suggestions."""
    end = date.fromisoformat(done.config["window_end"])
    window = inputs.plan_window(evidence, done.config["window_days"], end)
    if window.digest != done.inputs["evidence"]:
        print(f"warning: {evidence} has changed since the labels were derived", file=sys.stderr)
    bots = bots_of(window, BotThresholds(**done.config["bots"]))
    intents = manifest.read_table(labels, "query_intents")
    queries = _rarer_too(intents, window.shards["clicks"], bots, config)
    pairs, waiting = merge_pairs([]), [CLICKED_PAIRS.empty_table()]
    for clicks in _people(window.shards["clicks"], bots):
        waiting.append(count_pairs(clicks, queries["query"]))
        if sum(table.num_rows for table in waiting) > max(pairs.num_rows, _WAITING_PAIRS):  # else merging is quadratic
            pairs, waiting = merge_pairs([pairs, *waiting]), [CLICKED_PAIRS.empty_table()]
    pairs = merge_pairs([pairs, *waiting])
    known = manifest.read_table(labels, "labels", ["image_id", "intent"])
    found = suggest_classes(pairs, queries, known, taxonomy, config, looks=_looks(run))
    people = [people_of(found["members"], clicks) for clicks in _people(window.shards["clicks"], bots)]
    suggestions = with_users(found["suggestions"], people, config)
    return _Found(
        suggestions,
        found["missed"],
        found["looked_at"].to_pylist()[0],
        found["suggestions"].num_rows - suggestions.num_rows,
    )


def _rarer_too(intents: pa.Table, shards: Sequence[Shard], bots: pa.Table, config: SuggestConfig) -> pa.Table:
    """Return the queries to look at: those that derive_labels lists, and as many rarer ones as memory allows.

    A small log has few queries of three people and more; the others count for their words and are never shown.
    """
    if intents.num_rows >= config.max_queries:
        return shown_queries(intents, config)
    counted, waiting = merge_visits([]), [merge_visits([])]
    for clicks in _people(shards, bots):
        waiting.append(count_visits(clicks))
        if sum(table.num_rows for table in waiting) > max(counted.num_rows, _WAITING_PAIRS):
            counted, waiting = merge_visits([counted, *waiting], most=2 * config.max_queries), [merge_visits([])]
    return with_rarer(intents, merge_visits([counted, *waiting]), config)


def _people(shards: Sequence[Shard], bots: pa.Table) -> Iterator[pa.Table]:
    for table in _tables(shards, EVIDENCE_CLICKS):
        yield drop_users(table, bots)[0]


def _tables(shards: Sequence[Shard], schema: pa.Schema) -> Iterator[pa.Table]:
    for shard in shards:
        for table in read_shard(shard):
            yield table.select(schema.names).cast(schema)


def _looks(run: str) -> pa.Table | None:
    """Return the model's chances of each class (a column each) by image, None where no model has looked."""
    folder = str(Path(run) / "extract_features")
    if manifest.read_manifest(folder) is None:
        return None
    seen = manifest.read_table(folder, "features", ["image_id", "intent_scores"])
    names = (seen.schema.metadata or {}).get(b"intents", b"").decode().split(",")
    seen = seen.filter(pc.equal(pc.list_value_length(seen["intent_scores"]), len(names)))  # null without a model
    scores = pc.list_flatten(seen["intent_scores"]).to_numpy().reshape(-1, len(names)) if names != [""] else None
    if scores is None or not len(scores):
        return None
    return pa.table({"image_id": seen["image_id"], **{name: scores[:, place] for place, name in enumerate(names)}})


# --- what is shown -----------------------------------------------------------------------------------


_MISSED_SHOWN = 8


def _print(table: pa.Table) -> None:
    new = pc.sum(pc.equal(table["kind"], NEW_CLASS)).as_py() or 0
    numbers = (">queries", ">people", ">clicks", ">images", ">unlabelled", ">lift")
    print_table(
        f"{new} new classes, words for {table.num_rows - new} known ones",
        ("words", "kind", *numbers, "nearest", "example queries", "example images"),
        [
            (
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
            for row in table.to_pylist()
        ],
        width=160,
    )


def _print_missed(found: _Found, config: SuggestConfig) -> None:
    """Say what was looked at, and what the words lack that nearly made a suggestion: a small log is no silence."""
    seen = found.looked_at
    lines = [
        f"looked at {seen['queries']:,} queries, {seen['uncovered']:,} of them without a known word; "
        f"{seen['words']:,} words stand in {config.min_word_queries} queries or more"
    ]
    if found.of_few:
        lines.append(
            f"{found.of_few:,} suggestions of fewer than {config.min_users:,} people are left out (--min-users)"
        )
    print_lines(lines)
    rows = found.missed.slice(0, _MISSED_SHOWN).to_pylist()
    if rows:
        print_table(
            "Nearly: more days of the log may tell",
            ("word", ">queries", ">shared images", ">lift", "what it lacks"),
            [
                (row["word"], f"{row['queries']:,}", f"{row['images']:,}", f"{row['lift']:,.0f}×", row["lacks"])
                for row in rows
            ],
        )
    elif not found.suggestions.num_rows:
        few = f"a word must stand in {config.min_word_queries} queries that share images; no word does yet"
        print_lines([few])


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
