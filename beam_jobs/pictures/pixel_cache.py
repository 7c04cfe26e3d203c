"""Small squares of decoded pictures by the sha256 of their files, so that a new model decodes nothing again.

A folder of Arrow files, ``VERSION-SIDE/DIGEST.arrow``: a batch of pictures each, named by what is in it, so that
two runs that write the same write the same file. A square has a checksum; what is broken counts as not there.
"""

import contextlib
import hashlib
import os
import re
import secrets
import threading
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from beam_jobs.blocks.files import UsageError
from dedup.block_mean import HASH_VERSION

Squares = npt.NDArray[np.uint8]

GIGABYTES = 20.0
"""Bytes of a cache (GB) by default: some 130,000 squares of 224 pixels."""
SUFFIX = ".arrow"
ABANDONED = 3600.0
"""Seconds after which a file that was never whole is what a kill left."""
NAME_DIGITS = 32
_FOLDER = re.compile(r".+-[0-9]+")
_WHOLE = re.compile(r"[0-9a-f]{32}\.arrow")
_HALF = re.compile(r"\.[0-9a-f]{32}\.arrow\.[0-9a-f]{8}\.tmp")
"""Names of what is the cache's own: nothing else is ever removed, whatever folder is given."""


def _schema(side: int) -> pa.Schema:
    return pa.schema([("sha256", pa.binary(32)), ("check", pa.uint32()), ("square", pa.binary(side * side * 3))])


def _check(digest: bytes, square: bytes) -> int:
    """Return the checksum of a square, which tells whose it is too."""
    return zlib.crc32(square, zlib.crc32(digest))


class PixelCache:
    """Squares of one side, in a local folder that several runs may use at once.

    Args:
        folder: of squares of any side; it is made.
        side: pixels.
        limit_bytes: of the whole folder; the files that were used longest ago go first.

    Raises:
        UsageError: there can be no such folder.
    """

    def __init__(self, folder: str, *, side: int, limit_bytes: int) -> None:
        self.side = side
        self._root = Path(folder)
        self._folder = self._root / f"{HASH_VERSION}-{side}"
        self._limit = limit_bytes
        self._schema = _schema(side)
        self._lock = threading.Lock()
        self._places: dict[bytes, tuple[str, int]] = {}
        self._loaded: set[str] = set()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"--pixel-cache {folder}: {error.strerror}; choose another folder") from error

    def refresh(self) -> None:
        """Look which files there are now: those of other runs too."""
        with self._lock:
            names = {path.name for path in _files(self._folder) if _WHOLE.fullmatch(path.name)}
            if self._loaded - names:
                self._places = {sha: place for sha, place in self._places.items() if place[0] in names}
            for name in sorted(names - self._loaded):
                self._load(name)
            self._loaded &= names

    def get(self, digests: Sequence[bytes]) -> list[Squares | None]:
        """Return the squares uint8[side, side, 3] of files by their sha256; None for those that are not there."""
        with self._lock:
            places = [self._places.get(digest) for digest in digests]
        found: list[Squares | None] = [None] * len(digests)
        by_file: dict[str, list[int]] = {}
        for number, place in enumerate(places):
            if place is not None:
                by_file.setdefault(place[0], []).append(number)
        for name, numbers in by_file.items():
            rows = [place[1] for place in (places[number] for number in numbers) if place is not None]
            squares = self._read(name, [digests[number] for number in numbers], rows)
            for number, square in zip(numbers, squares, strict=True):
                found[number] = square
            if all(square is None for square in squares):
                self._drop(name)
        return found

    def put(self, digests: Sequence[bytes], squares: Squares) -> None:
        """Keep uint8[n, side, side, 3] squares; then the oldest files go until the folder keeps its limit.

        A full disk, a folder that is gone or may only be read is no error: the cache only saves time.
        """
        flat = [square.tobytes() for square in squares]
        table = pa.table(
            [
                pa.array(digests, pa.binary(32)),
                pa.array(map(_check, digests, flat), pa.uint32()),
                pa.array(flat, self._schema.types[2]),
            ],
            schema=self._schema,
        )
        name = hashlib.sha256(b"".join(sorted(digests))).hexdigest()[:NAME_DIGITS] + SUFFIX
        temporary = self._folder / f".{name}.{secrets.token_hex(4)}.tmp"
        try:
            with pa.OSFile(str(temporary), "wb") as file, pa.ipc.new_file(file, self._schema) as writer:
                writer.write_table(table)
            temporary.replace(self._folder / name)
        except OSError:
            _remove(temporary)
            return
        with self._lock:
            self._loaded.add(name)
            self._places.update({digest: (name, row) for row, digest in enumerate(digests)})
        self._evict(keep=name)

    def _load(self, name: str) -> None:
        """Remember what is in a file; a broken one is removed."""
        try:
            digests = _open(self._folder / name, self._schema).column("sha256").to_pylist()
        except FileNotFoundError:
            return
        except (OSError, pa.ArrowException, ValueError):
            _remove(self._folder / name)
            return
        self._loaded.add(name)
        self._places.update({digest: (name, row) for row, digest in enumerate(digests)})

    def _read(self, name: str, digests: Sequence[bytes], rows: Sequence[int]) -> list[Squares | None]:
        path = self._folder / name
        try:
            table = _open(path, self._schema).take(pa.array(rows, pa.int64()))
        except (OSError, pa.ArrowException, ValueError):
            return [None] * len(rows)
        with contextlib.suppress(OSError):  # a folder that may only be read, or somebody else's file
            os.utime(path)
        found: list[Squares | None] = []
        columns = (table[column].to_pylist() for column in self._schema.names)
        for digest, row in zip(digests, zip(*columns, strict=True), strict=True):
            good = row[0] == digest and row[2] is not None and row[1] == _check(digest, row[2])
            found.append(np.frombuffer(row[2], np.uint8).reshape(self.side, self.side, 3) if good else None)
        return found

    def _drop(self, name: str) -> None:
        """Forget and remove a file of which nothing can be used."""
        _remove(self._folder / name)
        with self._lock:
            self._loaded.discard(name)
            self._places = {sha: place for sha, place in self._places.items() if place[0] != name}

    def _evict(self, keep: str) -> None:
        found = []
        now = _now(self._folder / keep)
        for folder in _files(self._root):
            for path in _files(folder) if _FOLDER.fullmatch(folder.name) else ():
                try:
                    stat = path.stat()
                except OSError:
                    continue
                if _WHOLE.fullmatch(path.name):
                    found.append((stat.st_mtime_ns, str(path), stat.st_size))
                elif _HALF.fullmatch(path.name) and stat.st_mtime + ABANDONED < now:
                    _remove(path)
        size = sum(each[2] for each in found)
        for _, oldest, bytes_of in sorted(found):
            if size <= self._limit:
                break
            _remove(Path(oldest))
            size -= bytes_of


def _files(folder: Path) -> list[Path]:
    """Return what is in a folder; nothing where it is gone, no folder, or may not be read."""
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _remove(path: Path) -> None:
    """Remove a file if that is allowed; what stays costs space or time and no run."""
    with contextlib.suppress(OSError):
        path.unlink()


def _now(path: Path) -> float:
    """Return the time of the folder's own clock, of a file that was just written."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _open(path: Path, schema: pa.Schema) -> pa.Table:
    """Return the table of a cache's file, mapped.

    Raises:
        OSError, ValueError: it is not there, or no such table.
    """
    with pa.memory_map(str(path)) as source, pa.ipc.open_file(source) as reader:
        table = reader.read_all()
    if not table.schema.equals(schema):
        raise ValueError(f"{path} is no file of squares")
    return table
