"""Which files under the given paths are looked at, and why others are not."""

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from beam_jobs.blocks.files import UsageError
from intent.images import NOT_PICTURES

HIDDEN = "hidden"
EXTENSION = "no picture by its name"
LINK = "a link: not followed"
HARD_LINK = "another name of a file that is listed"
SPECIAL = "no regular file"


@dataclass(frozen=True)
class Found:
    """A file to look at.

    Attributes:
        path: as a shell in the current folder takes it; bytes that are no UTF-8 are surrogates (`os.fsencode`).
        name: relative to the one folder that was asked for, POSIX; the path where several were.
        size: bytes.
        modified_ns: time of its last change, nanoseconds since 1970.
    """

    path: str
    name: str
    size: int
    modified_ns: int


@dataclass
class Listing:
    """Files to look at, sorted by path; names of those that are not, by reason; folders that cannot be read."""

    files: list[Found] = field(default_factory=list)
    ignored: dict[str, list[str]] = field(default_factory=dict)
    unreadable: list[tuple[str, str]] = field(default_factory=list)

    def ignore(self, why: str, name: str) -> None:
        """Count a file that is not looked at."""
        self.ignored.setdefault(why, []).append(name)


def list_paths(paths: Sequence[str]) -> Listing:
    """Return what is under files and folders.

    Links are not followed, but for a path that is one itself. A file with several names, by hard links or because
    two paths overlap, is listed once: removing one of its names frees nothing. A file that is asked for by its name
    is looked at whatever its name says.

    Raises:
        UsageError: a path is not there, is neither file nor folder or cannot be read; there are no files to look at.
    """
    listing = Listing()
    candidates: list[tuple[Found, tuple[int, int]]] = []
    for path in paths:
        try:
            status = os.stat(path)
        except (OSError, ValueError) as error:
            raise UsageError(_not_there(path, error)) from error
        if stat.S_ISDIR(status.st_mode):
            base = path if len(paths) > 1 else None
            candidates += [
                (_found(entry, status, path, base), (status.st_dev, status.st_ino))
                for entry, status in _walk(path, listing, base)
            ]
        elif stat.S_ISREG(status.st_mode):
            shown = os.path.join(".", path) if path.startswith("-") else path
            candidates.append((Found(shown, path, status.st_size, status.st_mtime_ns), (status.st_dev, status.st_ino)))
        else:
            raise UsageError(f"{path!r} is neither a file nor a folder; give pictures or folders of pictures")
    seen: set[tuple[int, int]] = set()
    for found, inode in sorted(candidates, key=lambda each: each[0].path):
        if inode[1] and inode in seen:  # some filesystems number nothing
            listing.ignore(HARD_LINK, found.name)
            continue
        seen.add(inode)
        listing.files.append(found)
    for names in listing.ignored.values():
        names.sort()
    listing.unreadable.sort()
    if not listing.files:
        raise UsageError(_nothing(paths, listing))
    return listing


def _walk(root: str, listing: Listing, base: str | None) -> Iterator[tuple[os.DirEntry[str], os.stat_result]]:
    """Yield the files of a folder that may be pictures."""
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as scan:
                entries = list(scan)
        except OSError as error:
            if folder == root:
                raise UsageError(
                    f"{root!r} cannot be read: {error.strerror}; give a folder that you may read"
                ) from error
            listing.unreadable.append((_name(folder, root, base), error.strerror or type(error).__name__))
            continue
        for entry in entries:
            name = _name(entry.path, root, base)
            try:
                if entry.is_symlink():
                    listing.ignore(LINK, name)
                elif entry.name.startswith("."):
                    listing.ignore(HIDDEN, name + "/" * entry.is_dir(follow_symlinks=False))
                elif entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif not entry.is_file(follow_symlinks=False):
                    listing.ignore(SPECIAL, name)
                elif PurePath(entry.name).suffix.lower() in NOT_PICTURES:
                    listing.ignore(EXTENSION, name)
                else:
                    yield entry, entry.stat(follow_symlinks=False)
            except OSError as error:  # removed meanwhile, or a broken disk
                listing.unreadable.append((name, error.strerror or type(error).__name__))


def _found(entry: os.DirEntry[str], status: os.stat_result, root: str, base: str | None) -> Found:
    path = os.path.join(".", entry.path) if entry.path.startswith("-") else entry.path
    return Found(path, _name(entry.path, root, base), status.st_size, status.st_mtime_ns)


def _name(path: str, root: str, base: str | None) -> str:
    return PurePath(path if base is not None else os.path.relpath(path, root)).as_posix()


def _not_there(path: str, error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return f"{path!r} is not there; give pictures or folders of pictures"
    return f"{path!r} cannot be read: {getattr(error, 'strerror', None) or error}; give a path that you may read"


def _nothing(paths: Sequence[str], listing: Listing) -> str:
    others = [f"{len(names):,} ignored ({why})" for why, names in sorted(listing.ignored.items())]
    others += [f"{len(listing.unreadable):,} that cannot be read"] if listing.unreadable else []
    told = f"only {', '.join(others)}" if others else "it is empty"
    return f"{', '.join(map(repr, paths))}: no pictures there, {told}; give a folder with pictures"
