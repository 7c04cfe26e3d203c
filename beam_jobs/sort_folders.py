"""Sorting pictures into a folder per intent: links or moves that never overwrite anything."""

import contextlib
import os
import shutil
from collections.abc import Sequence
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


def place(judged: Judged, target: Path, *, move: bool, dry_run: bool, taken: set[Path]) -> Path | None:
    """Link or move a picture into ``target/INTENT/``; return the new path, None where its link is there already.

    A name that is taken gets a number: ``cat.jpg``, ``cat-2.jpg``.

    Args:
        taken: paths that earlier pictures got; this one's is added. A dry run touches nothing else.

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
        if os.path.lexists(path):
            if not move and path.is_symlink() and os.readlink(path) == str(source):
                return None
            continue
        if not dry_run:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                _move(source, path) if move else path.symlink_to(source)
            except FileExistsError:
                continue
            except OSError as error:
                raise JobError(f"cannot write {path}: {error.strerror}; choose another folder") from error
        taken.add(path)
        return path
    raise JobError(f"{folder} has {MOST_NAMES:,} pictures named {source.name}; choose another folder")


def _move(source: Path, path: Path) -> None:
    """Move without overwriting, which `os.rename` does not promise: a second name, then the first one goes."""
    if source.is_symlink():
        path.symlink_to(source.resolve())
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
    source.unlink()
