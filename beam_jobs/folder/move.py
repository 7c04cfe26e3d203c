"""Copies are moved out of the way: planned first, by their paths below what was asked for, never over another file."""

import errno
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from beam_jobs.blocks.failures import JobError
from beam_jobs.blocks.files import UsageError
from beam_jobs.commands.tables import plain, print_lines
from beam_jobs.folder.copies import Group
from beam_jobs.folder.listing import Found
from beam_jobs.folder.words import counted, size_of

NO_HARD_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})
"""What filesystems without hard links answer: FAT and exFAT of memory cards, some mounted ones."""


@dataclass(frozen=True)
class Move:
    """A file, and where it goes."""

    found: Found
    target: str


def check_folder(folder: str, paths: Sequence[str]) -> None:
    """Raise UsageError where copies cannot go into a folder: it is a file, or lies where copies are looked for."""
    place = Path(folder).resolve()
    if place.exists() and not place.is_dir():
        raise UsageError(f"--move-into {folder} is a file; name a folder")
    for path in paths:
        if Path(path).is_dir() and place.is_relative_to(Path(path).resolve()):
            raise UsageError(
                f"--move-into {folder} lies in {path}, where it would be found again; choose another folder"
            )


def planned_moves(groups: Sequence[Group], folder: str, paths: Sequence[str]) -> list[Move]:
    """Return where the copies of all groups go: their path below the folder that was asked for.

    Raises:
        UsageError: a file of that name is there, or two copies would have one name.
    """
    moves: list[Move] = []
    taken: set[str] = set()
    for group in groups:
        for member in group.copies:
            target = os.path.join(folder, _below(member.found.path, paths))
            if target in taken:
                raise UsageError(f"two copies would be {plain(target)}; give one folder that holds all paths")
            if os.path.lexists(target):
                raise UsageError(f"{plain(target)} is there already; choose an empty folder for --move-into")
            taken.add(target)
            moves.append(Move(member.found, target))
    return moves


def move_copies(moves: Sequence[Move], folder: str, *, really: bool) -> int:
    """Move files, or print what would be moved; 0 where all went well.

    A file that has changed since it was looked at stays. A name that somebody took meanwhile is left to them: the
    file gets its new name by a hard link, which never replaces one, and loses the old one then. Where there are no
    hard links, an empty file holds the new name until the file takes its place.

    Raises:
        JobError: a file could not be moved; those before it were.
    """
    total = counted(len(moves), "copy", "copies")
    if not really:
        print_lines(f"{move.found.path} -> {move.target}" for move in moves)
        print(
            f"would move {total}, {size_of(sum(m.found.size for m in moves))}, into {folder}; add --yes",
            file=sys.stderr,
        )
        return 0
    for done, move in enumerate(moves):
        try:
            _move(move)
        except OSError as error:
            told = f"{plain(move.found.path)}: {error.strerror or error}; {done:,} of {total} were moved"
            hint = "; a folder on the same disk takes them all" if error.errno == errno.EXDEV else ""
            raise JobError(told + hint) from error
    print(f"moved {total} into {folder}", file=sys.stderr)
    return 0


def _move(move: Move) -> None:
    status = os.lstat(move.found.path)
    if (status.st_size, status.st_mtime_ns) != (move.found.size, move.found.modified_ns):
        raise OSError(0, "it has changed since it was looked at")
    os.makedirs(os.path.dirname(move.target) or ".", exist_ok=True)
    try:
        os.link(move.found.path, move.target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in NO_HARD_LINKS:
            raise
        _rename(move.found.path, move.target)
    else:
        os.unlink(move.found.path)


def _rename(source: str, target: str) -> None:
    """Rename a file to a name that nobody has: an empty file takes the name first."""
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
    try:
        os.replace(source, target)
    except OSError:
        os.unlink(target)
        raise


def _below(path: str, paths: Sequence[str]) -> str:
    """Return the path of a file below the folder that was asked for, which keeps its own name where several were."""
    for root in sorted(paths, key=len, reverse=True):
        relative = os.path.relpath(path, root)
        if os.path.isdir(root) and not relative.startswith(".."):
            name = os.path.basename(os.path.abspath(root))
            return os.path.join(name, relative) if len(paths) > 1 else relative
    return os.path.basename(path)
