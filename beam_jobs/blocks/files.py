"""Paths on any filesystem that fsspec knows; plain paths are local."""

import contextlib
import hashlib
import os
import re
import secrets
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO, cast

import fsspec

_HALF_WRITTEN = re.compile(r"\..+\.[0-9a-f]+\.tmp")
"""Names that ``write_atomic`` gives to local files until they are whole."""


DAY = "date="
"""How the name of a day's folder begins."""


class UsageError(ValueError):
    """A flag, path or schema that its user can mend; the launcher prints it as one line, exit code 2."""


def day_of_path(path: str) -> date | None:
    """Return the day of the innermost ``date=YYYY-MM-DD`` folder in the path of a file, None where there is none.

    Raises:
        UsageError: the folder names no day.
    """
    for part in reversed(path.split("/")[:-1]):
        if part.startswith(DAY):
            try:
                return date.fromisoformat(part[len(DAY) :])
            except ValueError:
                raise UsageError(f"{path}: {part!r} names no day; use {DAY}YYYY-MM-DD") from None
    return None


def is_remote(path: str) -> bool:
    """Return whether `path` names another filesystem than the local one (``s3://…``, ``memory://…``)."""
    return "://" in path and not path.startswith("file://")


def filesystem(path: str) -> tuple[Any, str]:
    """Return the fsspec filesystem of `path` and the path inside it.

    Raises:
        UsageError: no filesystem is known for the protocol, or its package is not installed.
    """
    # a listing that was kept would not show what another process has committed since
    options = {"use_listings_cache": False} if is_remote(path) else {}
    try:
        found: tuple[Any, str] = fsspec.core.url_to_fs(path, **options)
    except (ImportError, ValueError) as error:
        raise UsageError(f"cannot open {path!r}: {error}; install the fsspec package of that filesystem") from error
    return found


def join(folder: str, *names: str) -> str:
    """Join `names` to `folder` with forward slashes, remote or local."""
    return "/".join([folder.rstrip("/"), *names]) if folder != "/" else "/" + "/".join(names)


def open_input(path: str) -> BinaryIO:
    """Open `path` for reading bytes."""
    fs, inner = filesystem(path)
    return cast(BinaryIO, fs.open(inner, "rb"))


def read_bytes(path: str) -> bytes:
    """Return the content of `path`."""
    if not is_remote(path):
        return Path(path).read_bytes()
    fs, inner = filesystem(path)
    return cast(bytes, fs.cat_file(inner))


def size_of(path: str) -> int | None:
    """Return the bytes of the file at `path`, None where there is none."""
    fs, inner = filesystem(path)
    try:
        size = fs.info(inner)["size"]
    except FileNotFoundError:
        return None
    return None if size is None else int(size)


def exists(path: str) -> bool:
    """Return whether something is at `path`."""
    fs, inner = filesystem(path)
    return bool(fs.exists(inner))


def is_folder(path: str) -> bool:
    """Return whether `path` is a folder."""
    fs, inner = filesystem(path)
    return bool(fs.isdir(inner))


def list_files(path: str) -> list[str]:
    """Return the files at `path` (a file, a folder with all below it, a glob), sorted, without hidden ones.

    Names that begin with ``_`` or ``.`` (manifests, temporary files) are hidden, in folders too.
    """
    fs, inner = filesystem(path)
    if any(mark in inner for mark in "*?["):
        found = [name for name in fs.glob(inner) if fs.isfile(name)]
        base = ""
    elif fs.isfile(inner):
        return [path]
    else:
        found = fs.find(inner) if fs.exists(inner) else []
        base = inner.rstrip("/") + "/"
    remote = is_remote(path)
    kept = []
    for name in sorted(found):
        below = name[len(base) :] if base and name.startswith(base) else name.rsplit("/", 1)[-1]
        if not any(part.startswith(("_", ".")) for part in below.split("/")):
            kept.append(fs.unstrip_protocol(name) if remote else name)
    return kept


def write_atomic(path: str, content: bytes) -> None:
    """Write `content` so that a reader sees the old file or the new one, never a part.

    Locally by a temporary file in the same folder and ``os.replace``; object stores put whole objects anyway.
    What a kill leaves of it has a name that ``is_half_written`` knows.
    """
    if is_remote(path):
        fs, inner = filesystem(path)
        fs.makedirs(inner.rsplit("/", 1)[0], exist_ok=True)
        fs.pipe_file(inner, content)
        return
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")  # hosts may share the folder
    try:
        _write_whole(temporary, content)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def check_writable(flag: str, path: str) -> None:
    """Raise UsageError where a local file of that name cannot be written; folders that lack are made later.

    For what is written at the end of long work; object stores say so when they are written to.
    """
    if is_remote(path):
        return
    target = Path(path)
    if target.is_dir():
        raise UsageError(f"{flag} {path} is a folder; name a file")
    above = next(folder for folder in (target.absolute().parent, *target.absolute().parents) if folder.exists())
    if not above.is_dir():
        raise UsageError(f"{flag} {path}: {above} is a file, not a folder; choose another file")
    if not os.access(above, os.W_OK):
        raise UsageError(f"{flag} {path}: {above} may not be written to; choose another file")


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file and have it on the disk when this returns."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def is_half_written(name: str) -> bool:
    """Return whether a file of that name is what a kill left of ``write_atomic``."""
    return bool(_HALF_WRITTEN.fullmatch(name))


def remove_half_written(folder: str) -> None:
    """Remove what a kill left of ``write_atomic`` right in the local `folder`."""
    for path in Path(folder).iterdir():
        if is_half_written(path.name):
            path.unlink(missing_ok=True)


def move(source: str, target: str) -> None:
    """Move a file onto another one; locally in one step."""
    if not is_remote(target):
        Path(source).replace(target)
        return
    fs, inner = filesystem(target)
    fs.mv(filesystem(source)[1], inner)


def remove(path: str) -> None:
    """Remove the file at `path`; nothing happens where there is none."""
    fs, inner = filesystem(path)
    with contextlib.suppress(FileNotFoundError):
        fs.rm_file(inner)


def sha256_of(path: str) -> str:
    """Return the sha256 of a file's content as hex, read in pieces."""
    digest = hashlib.sha256()
    with open_input(path) as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()
