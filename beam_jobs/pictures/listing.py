"""Which files of a folder are pictures, and their stamps: one walk, a look at each file, nothing is opened."""

import errno
import hashlib
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from beam_jobs.blocks import files
from beam_jobs.blocks.spill import to_bytes
from beam_jobs.pictures.sources import local_folder, relative_uri
from beam_jobs.pictures.tables import STAMPS
from intent.images import NOT_PICTURES, ImageError

TABLES = (".parquet", ".pq")
"""Endings of files that make a folder a table of images."""
_MODIFIED = ("LastModified", "last_modified", "updated", "mtime", "created")
"""Names that filesystems of fsspec give to the time of the last change; ``created`` is that of a whole object."""
_ETAG = ("ETag", "etag")
GONE = frozenset({errno.ENOENT, errno.ENOTDIR})
"""What is answered where a file or folder has been removed or replaced meanwhile."""

Stamp = tuple[int | None, int | None, str | None]
"""Size, time of change and etag, see ``STAMPS``."""
UNKNOWN: Stamp = (None, None, None)


@dataclass(frozen=True)
class Listing:
    """The files of a folder.

    Attributes:
        pictures: `STAMPS` of the files that may be pictures, by their names below the folder, sorted by code point.
        ignored: other files.
        tables: there are Parquet files that are not hidden.
        lost: folders and files that may hold pictures and cannot be read, or have a name that is not UTF-8:
            why, and the name.
    """

    pictures: pa.Table
    ignored: int
    tables: bool
    lost: Sequence[str] = ()


def list_folder(folder: str) -> Listing:
    """Return the files below a local folder or one of any filesystem that fsspec knows.

    Ignored are hidden files (or in a hidden folder), those with an extension of `NOT_PICTURES`, what is no regular
    file, and names that are not UTF-8. Links to folders are not followed; links to files count, without a stamp
    where they leave the folder.
    """
    names: list[str] = []
    stamps: list[Stamp] = []
    lost: list[str] = []
    ignored, tables = 0, False
    for name, stamp in _walk_remote(folder) if files.is_remote(folder) else _walk(local_folder(folder), lost):
        if name[-8:].lower().endswith(TABLES):
            tables |= not any(part.startswith(("_", ".")) for part in name.split("/"))
        if stamp is None or not is_picture(name):
            ignored += 1
            if stamp is not None and is_picture(_shown(name)):
                lost.append(f"a name that is not UTF-8: {name!r}")
        else:
            names.append(name)
            stamps.append(stamp)
    return Listing(_table(names, stamps).sort_by("image_id"), ignored, tables, sorted(lost))


def is_picture(name: str) -> bool:
    """Return whether a file may be a picture by its name, relative to the collection."""
    if name.startswith(".") or "/." in name:
        return False
    if _shown(name) != name:
        return False
    return name[name.rfind(".") :].lower() not in NOT_PICTURES


def _shown(name: str) -> str:
    """Return a name with backslashes for what is not UTF-8."""
    return name if name.isascii() else name.encode("utf-8", "backslashreplace").decode()


def stamp_uris(root: str, ids: pa.Array | pa.ChunkedArray, uris: Sequence[str | None]) -> pa.Table:
    """Return the `STAMPS` of the rows of a collection; what may not be read, or is not there, has none."""
    if files.is_remote(root):
        return _stamp_remote(root, ids, uris)
    home = os.path.realpath(local_folder(root))
    inside: dict[str, bool] = {}
    stamps = [_stamp_local(home, uri, inside) for uri in uris]
    return _table(ids, stamps)


def digest(table: pa.Table) -> str:
    """Return the sha256 of a listing or of stamps, as hex."""
    return hashlib.sha256(to_bytes(table)).hexdigest()


def _table(ids: Any, stamps: Sequence[Stamp]) -> pa.Table:
    columns = list(zip(*stamps, strict=True)) or [(), (), ()]
    arrays = [pa.array(values, kind) for values, kind in zip(columns, STAMPS.types[1:], strict=True)]
    names = ids if isinstance(ids, pa.ChunkedArray) else pa.array(ids, pa.string())
    return pa.table([names, *arrays], schema=STAMPS)


# --- local ------------------------------------------------------------------------------------------


def _walk(root: str, lost: list[str]) -> Iterator[tuple[str, Stamp | None]]:
    """Yield the name of each file below `root` with its stamp; None for what is no regular file. What cannot be
    read is added to `lost`; what is gone meanwhile is not."""
    home = os.path.realpath(root)
    waiting = [""]
    while waiting:
        below = waiting.pop()
        try:
            entries = os.scandir(os.path.join(root, below) if below else root)
        except OSError as error:
            if error.errno not in GONE:
                lost.append(f"{error.strerror}: {below or '.'!r}")
            continue
        with entries:
            for entry in entries:
                name = below + entry.name
                try:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(name + "/")
                    elif entry.is_symlink():
                        if not entry.is_dir():
                            yield name, _link(home, entry.path)
                    else:
                        yield name, _regular(entry.stat(follow_symlinks=False))
                except OSError as error:
                    if error.errno not in GONE and is_picture(_shown(name)):
                        lost.append(f"{error.strerror}: {name!r}")
                    yield name, None


def _regular(found: os.stat_result) -> Stamp | None:
    return (found.st_size, found.st_mtime_ns, None) if stat.S_ISREG(found.st_mode) else None


def _link(home: str, path: str) -> Stamp | None:
    """Return the stamp of a link's file, UNKNOWN where it is not below `home`, None where it is no file."""
    try:
        found = _regular(os.stat(path))
    except (OSError, ValueError):
        return None
    return found if found is None or _is_below(home, os.path.realpath(path)) else UNKNOWN


def _stamp_local(home: str, uri: str | None, inside: dict[str, bool]) -> Stamp:
    """Return the stamp of one uri; `inside` keeps which folders are below `home`, links followed."""
    uri = uri.removeprefix("file://") if uri else ""
    if not uri or "://" in uri or "\0" in uri:
        return UNKNOWN
    path = os.path.join(home, uri)
    folder = os.path.dirname(path)
    if folder not in inside:
        real = os.path.realpath(folder)
        inside[folder] = real == home or _is_below(home, real)
    if not inside[folder]:
        return UNKNOWN
    try:
        found = os.lstat(path)
    except OSError:
        return UNKNOWN
    if stat.S_ISLNK(found.st_mode):
        return _link(home, path) or UNKNOWN
    return _regular(found) or UNKNOWN


def _is_below(home: str, path: str) -> bool:
    return path.startswith(home.rstrip("/") + "/")


# --- other filesystems ------------------------------------------------------------------------------


def _walk_remote(folder: str) -> Iterator[tuple[str, Stamp]]:
    """Yield the name of each object below `folder` with its stamp: one listing."""
    fs, inner = files.filesystem(folder)
    base = inner.rstrip("/") + "/"
    try:
        found = fs.find(inner, detail=True)
    except FileNotFoundError:
        return
    for path, info in found.items():
        if path.startswith(base) and not path.endswith("/"):
            yield path[len(base) :], _stamp_of(info)


def _stamp_of(info: Mapping[str, Any]) -> Stamp:
    """Return the stamp that a filesystem's facts of an object give."""
    size = info.get("size")
    etag = next((str(info[name]).strip('"') for name in _ETAG if info.get(name)), None)
    modified = None if etag else next((_nanoseconds(info[name]) for name in _MODIFIED if info.get(name)), None)
    if size is None or (etag is None and modified is None):
        return UNKNOWN
    return int(size), modified, etag


def _nanoseconds(moment: object) -> int | None:
    """Return a time as ns since 1970, None where it is none."""
    if isinstance(moment, str):
        try:
            moment = datetime.fromisoformat(moment)
        except ValueError:
            return None
    if isinstance(moment, datetime):
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        since = aware - datetime(1970, 1, 1, tzinfo=UTC)
        return (since.days * 86_400 + since.seconds) * 1_000_000_000 + since.microseconds * 1000
    return int(moment * 1_000_000_000) if isinstance(moment, int | float) else None


def _stamp_remote(root: str, ids: pa.Array | pa.ChunkedArray, uris: Sequence[str | None]) -> pa.Table:
    names = [_relative(root, uri) for uri in uris]
    folders = {name.rpartition("/")[0] for name in names if name}
    if not folders:
        return _table(ids, [UNKNOWN] * len(names))
    common = _common(sorted(folders))
    prefix = f"{common}/" if common else ""
    listed = _walk_remote(files.join(root, common) if common else root)
    found = {prefix + name: stamp for name, stamp in listed}
    return _table(ids, [found.get(name, UNKNOWN) if name else UNKNOWN for name in names])


def _common(folders: Sequence[str]) -> str:
    """Return the folder that all of the sorted `folders` lie in; keys of stores may have empty parts."""
    first, last = folders[0].split("/"), folders[-1].split("/")
    same = 0
    while same < min(len(first), len(last)) and first[same] == last[same]:
        same += 1
    return "/".join(first[:same])


def _relative(root: str, uri: str | None) -> str | None:
    try:
        return relative_uri(root, uri) if uri else None
    except ImageError:
        return None


def is_known(stamps: pa.Table) -> pa.ChunkedArray:
    """Return per row of stamps whether a listing told of it."""
    return pc.is_valid(stamps["size"])
