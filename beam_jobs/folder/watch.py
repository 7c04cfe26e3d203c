"""A folder is looked at with a bar on stderr, where that is a terminal."""

import os
from collections.abc import Sequence

import pyarrow as pa
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn

from beam_jobs.blocks.files import UsageError
from beam_jobs.folder.copies import find_copies
from beam_jobs.folder.listing import Found, Listing, list_paths
from beam_jobs.folder.look import look_at

MOST_WORKERS = 16
"""Helpers: a batch of large pictures in each of more would fill the memory."""


def look_with_bar(paths: Sequence[str], *, quick: bool, workers: int | None = None) -> tuple[Listing, pa.Table]:
    """Return the listing of paths and SEEN of its files.

    Raises:
        UsageError: there is nothing to look at; one line says why.
    """
    listing = list_paths(paths)
    count = workers or min(os.cpu_count() or 1, MOST_WORKERS)
    with _bar(Console(stderr=True), MofNCompleteColumn()) as bar:
        task = bar.add_task("looking at files", total=len(listing.files))
        seen = look_at(listing.files, quick=quick, workers=count, advance=lambda done: bar.advance(task, done))
    if not any(os.path.isdir(path) for path in paths):
        _require_picture(listing, seen)
    return listing, seen


def find_with_bar(seen: pa.Table, files: Sequence[Found]) -> pa.Table:
    """Return DUPLICATES of SEEN, whose rows are those files."""
    with _bar(Console(stderr=True)) as bar:
        task = bar.add_task("comparing", total=1.0)
        return find_copies(seen, files, advance=lambda share: bar.advance(task, share))


def _bar(console: Console, *columns: ProgressColumn) -> Progress:
    shown = (TextColumn("{task.description}"), BarColumn(), *columns, TimeRemainingColumn())
    return Progress(*shown, console=console, disable=not console.is_terminal, transient=True)


def _require_picture(listing: Listing, seen: pa.Table) -> None:
    """Raise UsageError where files were asked for by name and none is a picture."""
    failures = seen.select(["failure", "failure_detail"]).to_pylist()
    if all(row["failure"] is not None for row in failures):
        first, more = listing.files[0].path, len(failures) - 1
        told = f"{failures[0]['failure']}: {failures[0]['failure_detail']}"
        others = f", and {more:,} more" if more else ""
        raise UsageError(f"{first!r} is no readable picture ({told}){others}; give pictures or folders of pictures")
