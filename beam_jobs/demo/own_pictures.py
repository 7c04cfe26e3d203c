"""The demo on a newcomer's own pictures: all that needs no clicks, and a page to look at."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from beam_jobs import extract_features, find_duplicates
from beam_jobs.blocks import files, manifest
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.flags import Common
from beam_jobs.commands.classify import words
from beam_jobs.commands.tables import print_lines
from beam_jobs.folder.copies import Group, group_copies
from beam_jobs.folder.listing import Found, Listing
from beam_jobs.folder.look import SEEN, key_of
from beam_jobs.folder.one_file import HASH_COLUMNS
from beam_jobs.folder.page import write_page
from beam_jobs.folder.survey import Survey, survey
from beam_jobs.folder.watch import look_with_bar
from beam_jobs.folder.words import counted, size_of
from beam_jobs.judge import find_pictures, judge_pictures
from beam_jobs.models import open_model
from beam_jobs.report.judged import MOST_PICTURES, judged_page

JOBS = ("extract_features", "find_duplicates")
REPORT, INTENTS = "report.html", "intents.html"
MOST_NAMED = 6
"""Intents that the closing line names."""
NOT_UTF8 = "name is no UTF-8: `image-intent dedup` looks at it all the same"


def demo_of(images: str, folder: Path, *, model: str | None = None) -> Path:
    """Run all that needs no clicks on a folder of pictures, write the page and say what was found.

    Args:
        images: folder of pictures; nothing in it is changed.
        folder: where features, duplicates and the page go.
        model: folder of a bundle; None for hash columns alone.

    Raises:
        UsageError: no folder of pictures, or the output would lie in it.
        JobError: a job failed.
    """
    if not Path(images).is_dir():
        raise UsageError(f"--images {images} is no folder; give a folder of pictures")
    if folder.resolve().is_relative_to(Path(images).resolve()):
        raise UsageError(f"the output {folder} would lie in {images}, among your pictures; choose another --output")
    listing, looked = look_with_bar([images], quick=True)
    common = Common(workers=os.cpu_count() or 1, max_failure_rate=1.0)
    features, duplicates = (str(folder / job) for job in JOBS)
    extract_features.run(extract_features.Config(images, features, model), common, skip_unchanged=True)
    find_duplicates.run(find_duplicates.Config(features, duplicates), common, skip_unchanged=True)
    failures = manifest.read_table(features, "failures", ["key", "reason", "detail"])
    hashes = manifest.read_table(features, "features", ["image_id", *HASH_COLUMNS])
    listing, seen = merge(listing, looked, hashes, failures)
    groups = manifest.read_table(duplicates, "duplicates")
    told, found = grouped(listing, seen, groups)
    report = folder / REPORT
    write_page(str(report), told, found, title=f"What is in {images}")
    intents = None if model is None else write_intents(images, folder / INTENTS, model)
    _tell(images, told, found, report, intents)
    return report


def write_intents(images: str, page: Path, model: str) -> str:
    """Write the page of what the model says of a folder's pictures; return a line about it."""
    bundle = open_model(model)
    names = words(bundle)
    rows = judge_pictures(find_pictures([images]), bundle, workers=os.cpu_count() or 1, thumbnails=MOST_PICTURES)
    judged = list(rows)
    files.write_atomic(str(page), judged_page(judged, bundle, names).encode())
    counts = Counter(names[row.intent] for row in judged if not row.problem and not row.unknown)
    most = ", ".join(f"{count:,} {name}" for name, count in counts.most_common(MOST_NAMED))
    unknown = sum(row.unknown for row in judged)
    return f"What they are for: {most or 'nothing that the model knows'}; {unknown:,} unknown; see {page}."


def merge(listing: Listing, looked: pa.Table, features: pa.Table, failures: pa.Table) -> tuple[Listing, pa.Table]:
    """Return the listing of the pictures that the job has, and SEEN of them with its hashes and failures.

    Files that the listing has and the job has not are ignored ones: their names are no UTF-8. Names that the job
    alone has (links to pictures) are left out.
    """
    names = pa.array([_utf8(found.name) for found in listing.files], pa.string())
    row = pc.index_in(names, value_set=features["image_id"].combine_chunks())
    failed = pc.index_in(names, value_set=failures["key"].combine_chunks())
    known = pc.or_(pc.is_valid(row), pc.is_valid(failed))
    columns = {name: looked[name].combine_chunks() for name in ("image_id", "format", "bytes")}
    columns["animated"] = pa.nulls(len(names), pa.bool_())  # the jobs hash the first frame of all
    columns |= {name: features[name].combine_chunks().take(row) for name in HASH_COLUMNS}
    columns |= {
        "failure": failures["reason"].combine_chunks().take(failed),
        "failure_detail": failures["detail"].combine_chunks().take(failed),
    }
    seen = pa.table([columns[field.name] for field in SEEN], schema=SEEN)
    ignored = dict(listing.ignored)
    files: Sequence[Found] = listing.files
    strangers = [found.name for found, ours in zip(files, known.to_pylist(), strict=True) if not ours]
    if strangers:
        ignored[NOT_UTF8] = strangers
    kept = [found for found, ours in zip(files, known.to_pylist(), strict=True) if ours]
    keys = pa.array([key_of(place) for place in range(len(kept))], pa.string())
    seen = seen.filter(known).set_column(0, SEEN.field("image_id"), keys)
    return replace(listing, files=kept, ignored=ignored), seen


def grouped(listing: Listing, seen: pa.Table, duplicates: pa.Table) -> tuple[Survey, list[Group]]:
    """Return the survey and the groups of pictures that jobs grouped by their names."""
    names = pa.array([found.name for found in listing.files], pa.string())
    keys = seen["image_id"].combine_chunks()
    places = [pc.index_in(duplicates[name].combine_chunks(), value_set=names) for name in ("image_id", "group_id")]
    ours = pc.and_(pc.is_valid(places[0]), pc.is_valid(places[1]))
    renamed = duplicates.filter(ours)
    for position, (name, place) in enumerate(zip(("image_id", "group_id"), places, strict=True)):
        renamed = renamed.set_column(position, name, keys.take(place.filter(ours)))
    return survey(seen, listing, renamed), group_copies(seen, renamed, listing.files)


def _utf8(name: str) -> str | None:
    try:
        name.encode()
    except UnicodeEncodeError:
        return None
    return name


def _tell(images: str, told: Survey, groups: Sequence[Group], report: Path, intents: str | None) -> None:
    """Print what was found and what to do next, a line each."""
    kinds = ", ".join(f"{kind.files:,} {kind.format}" for kind in told.kinds)
    broken = sum(each.files for each in told.broken)
    reasons = ", ".join(f"{each.files:,} {each.reason}" for each in told.broken)
    told_broken = f"{broken:,} cannot be read ({reasons})" if broken else "every one can be read"
    copies = sum(len(group.copies) for group in groups)
    lines = [f"{images} has {counted(told.pictures, 'picture')} ({kinds or 'none'}); of its files {told_broken}."]
    if copies:
        freed = sum(group.freed for group in groups)
        lines.append(
            f"{counted(copies, 'copy', 'copies')} of other pictures in {counted(len(groups), 'group')}, "
            f"{size_of(freed)} in all; none was touched."
        )
    else:
        lines.append("No picture is there twice.")
    if intents is not None:
        lines.append(intents)
    next_step = "with a click log, `image-intent run --help` says how labels come to them"
    print_lines([*lines, f"Open {report} to look at them; {next_step}."])
