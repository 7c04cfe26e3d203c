"""A folder's survey and its groups on a terminal, and as JSON lines."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from beam_jobs.commands.tables import plain, print_lines, print_table
from beam_jobs.folder.copies import Group, Member
from beam_jobs.folder.listing import Found
from beam_jobs.folder.survey import Named, Survey
from beam_jobs.folder.words import BROKEN_BECAUSE, animated_line, counted, kind_of, pixels, size_of

STAGE = "dedup"
UNREADABLE_SHOWN = 5
"""Folders and files that a terminal names."""


def print_survey(told: Survey) -> None:
    """Print what is in a folder as tables."""
    title = f"{counted(told.pictures, 'picture')} in {counted(told.files, 'file')}, {size_of(told.bytes)}"
    rows = [
        (kind.format, f"{kind.files:,}", size_of(kind.bytes), pixels(*kind.median), pixels(*kind.largest))
        for kind in told.kinds
    ]
    print_table(title, ("format", ">pictures", ">bytes", ">median size", ">largest"), rows)
    if told.broken:
        broken = [row for each in told.broken for row in _rows(each, each.reason, BROKEN_BECAUSE.get(each.reason, ""))]
        print_table("Files that are no readable pictures", (">files", "reason", "means", "such as"), broken)
    if told.ignored:
        print_table(
            "Not looked at",
            (">files", "reason", "such as"),
            [row for each in told.ignored for row in _rows(each, each.reason)],
        )
    print_lines(_remarks(told))


def _remarks(told: Survey) -> Iterator[str]:
    for name, why in told.unreadable[:UNREADABLE_SHOWN]:
        yield f"cannot be read: {name} ({why})"
    if len(told.unreadable) > UNREADABLE_SHOWN:
        yield f"cannot be read: {len(told.unreadable) - UNREADABLE_SHOWN:,} more"
    if told.misnamed:
        names = ", ".join(f"{name} {detail}" for name, detail in told.misnamed.examples)
        yield f"{counted(told.misnamed.files, 'picture')} in another format than the name says: {names}"
    yield from animated_line(told)
    yield f"exact copies: {_copies(told.exact)}"
    if told.near is not None:
        yield f"further copies by pixels and hash: {_copies(told.near)}"


def _copies(value: tuple[int, int]) -> str:
    return f"{value[0]:,}, {size_of(value[1])} could be freed" if value[0] else "none"


def _rows(named: Named, *cells: str) -> Iterator[tuple[str, ...]]:
    """Yield table rows: what is told once, then a row per name."""
    first = (f"{named.files:,}", *cells)
    for name, _ in named.examples:
        yield (*first, name)
        first = ("",) * len(first)
    if named.files > len(named.examples):
        yield (*first, "…")


def print_groups(groups: Sequence[Group], *, limit: int) -> None:
    """Print the first `limit` groups (0: all), the best copy of each first; a name is never cut."""
    shown = groups[:limit] if limit else groups
    for number, group in enumerate(shown, start=1):
        print_lines(["", f"{number:,}. {counted(len(group.copies), 'copy', 'copies')}, {size_of(group.freed)}"])
        print_lines(_columns([_cells(member, group) for member in group.members]))
    rest = len(groups) - len(shown)
    if rest:
        print_lines(["", f"and {counted(rest, 'more group')}: --limit 0 prints all, --report FILE shows them"])


def _cells(member: Member, group: Group) -> tuple[str, ...]:
    size = size_of(member.found.size)
    why = "best" if member.reason is None else f"{member.reason} {member.score:.3f}"
    return (
        why,
        pixels(member.width, member.height),
        kind_of(member),
        size,
        member.poorer or group.why,
        member.found.path,
    )


def _columns(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]) - 1)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False) if width]
        yield "   " + "  ".join([*cells, row[-1]])


def json_line(row: Mapping[str, Any]) -> str:
    """Return a row as one line of JSON. What a terminal would obey, and bytes that are no UTF-8, are escaped; the
    latter come back as Python's surrogates (`os.fsencode`)."""
    line = json.dumps(row, ensure_ascii=False)
    return line if line.isprintable() else json.dumps(row)


def survey_rows(told: Survey) -> Iterator[dict[str, Any]]:
    """Yield the lines of a survey's JSON: one per format, per reason, and the total."""
    for kind in told.kinds:
        yield {
            "kind": "format",
            "format": kind.format,
            "files": kind.files,
            "bytes": kind.bytes,
            "median_width": kind.median[0],
            "median_height": kind.median[1],
            "largest_width": kind.largest[0],
            "largest_height": kind.largest[1],
        }
    for name, all_named in (("failures", told.broken), ("ignored", told.ignored)):
        for each in all_named:
            examples = [path for path, _ in each.examples]
            yield {"kind": name, "reason": each.reason, "files": each.files, "examples": examples}
    for path, why in told.unreadable:
        yield {"kind": "unreadable", "path": path, "reason": why}
    total: dict[str, Any] = {"kind": "total", "files": told.files, "bytes": told.bytes, "pictures": told.pictures}
    total |= {"misnamed": told.misnamed.files if told.misnamed else 0}
    total |= {"exact_copies": told.exact[0], "exact_copies_bytes": told.exact[1]}
    yield total


def copy_rows(seen: pa.Table, duplicates: pa.Table, files: Sequence[Found]) -> Iterator[dict[str, Any]]:
    """Yield the rows of DUPLICATES with the names of files as ids and their ``path``, and of ``failures`` with theirs.
    A broken file is a row of the first only where it has copies."""
    place_of = {key: place for place, key in enumerate(seen["image_id"].to_pylist())}
    found = {row["image_id"]: row for row in duplicates.to_pylist()}
    sizes = Counter(row["group_id"] for row in found.values())
    for place, failure in enumerate(seen.select(["image_id", "failure", "failure_detail"]).to_pylist()):
        row, reason = found.get(failure["image_id"]), failure["failure"]
        if row is not None and (reason is None or sizes[row["group_id"]] > 1):
            group = files[place_of[row["group_id"]]].name
            yield {**row, "image_id": files[place].name, "group_id": group, "path": files[place].path}
        if reason is not None:
            why = {"reason": reason, "detail": plain(failure["failure_detail"])}
            yield {"stage": STAGE, "key": files[place].name, **why, "path": files[place].path}
