"""Sorting pictures into a folder per intent: links or moves that never overwrite anything."""

import contextlib
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from beam_jobs.blocks.failures import JobError
from beam_jobs.blocks.files import UsageError
from beam_jobs.judge import Judged

UNKNOWN, BROKEN = "_unknown", "_broken"
"""Folders beside those of the intents; ids of intents never begin so."""

MOST_NAMES = 10_000
"""Pictures of one name in one folder."""


def folder_of(judged: Judged) -> str:
    """Return the folder's name for a picture."""
    return BROKEN if judged.problem else UNKNOWN if judged.unknown else judged.intent


def check_target(target: Path, paths: Sequence[str]) -> None:
    """Raise UsageError where sorting would feed on itself or meet a file."""
    if target.exists() and not target.is_dir():
        raise UsageError(f"{target} is a file; give a folder to sort into")
    for text in paths:
        if Path(text).is_dir() and target.resolve().is_relative_to(Path(text).resolve()):
            raise UsageError(
                f"{target} lies inside {text}: the next call would sort what this one sorted; choose a folder outside"
            )


def sort_pictures(
    judged: Sequence[Judged], target: Path, *, move: bool, dry_run: bool
) -> Iterator[tuple[Judged, Path | None]]:
    """Link or move pictures as `place` does; yield each with its new path.

    Moved links come last and point to where their pictures lie then.

    Raises:
        JobError: the system refuses.
    """
    taken: set[Path] = set()
    real = [os.path.realpath(row.picture.path) for row in judged]
    linked = [move and row.picture.path.is_symlink() for row in judged]
    moved: dict[str, str] = {}
    for number in sorted(range(len(judged)), key=lambda number: linked[number]):
        points_to = moved.get(real[number], real[number])
        path = place(judged[number], target, move=move, dry_run=dry_run, taken=taken, points_to=points_to)
        if move and path is not None and not linked[number]:
            moved[real[number]] = os.path.abspath(path)
        yield judged[number], path


def place(judged: Judged, target: Path, *, move: bool, dry_run: bool, taken: set[Path], points_to: str) -> Path | None:
    """Link or move a picture into ``target/INTENT/``; return the new path, None where it or its link is there already.

    A name that is taken gets a number: ``cat.jpg``, ``cat-2.jpg``.

    Args:
        taken: paths that earlier pictures got; this one's is added. A dry run touches nothing else.
        points_to: what a link points to once it is moved.

    Raises:
        JobError: the system refuses.
    """
    source = Path(os.path.abspath(judged.picture.path))
    folder = target / folder_of(judged)
    for number in range(1, MOST_NAMES):
        name = source.name if number == 1 else f"{source.stem}-{number}{source.suffix}"
        path = folder / name
        if path in taken:
            continue
        if os.path.abspath(path) == str(source):
            return None
        if os.path.lexists(path):
            if not move and path.is_symlink() and os.readlink(path) == str(source):
                return None
            continue
        if not dry_run:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                _move(source, path, points_to) if move else path.symlink_to(source)
            except FileExistsError:
                continue
            except OSError as error:
                raise JobError(f"cannot write {path}: {error.strerror}; choose another folder") from error
        taken.add(path)
        return path
    raise JobError(f"{folder} has {MOST_NAMES:,} pictures named {source.name}; choose another folder")


def _move(source: Path, path: Path, points_to: str) -> None:
    """Move without overwriting, which `os.rename` does not promise: a second name, then the first one goes."""
    if source.is_symlink():
        path.symlink_to(points_to)
    else:
        try:
            os.link(source, path)
        except FileExistsError:
            raise
        except OSError:  # another file system, or one without hard links
            with source.open("rb") as old, path.open("xb") as new:
                try:
                    shutil.copyfileobj(old, new)
                except BaseException:
                    path.unlink()
                    raise
            with contextlib.suppress(OSError):
                shutil.copystat(source, path)
    try:
        source.unlink()
    except OSError:  # a folder that may not be written to: the picture stays where it is, and only there
        path.unlink()
        raise
