"""From a row of a collection to the bytes of its picture, never from outside the collection's folder."""

import contextlib
import errno
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from beam_jobs.blocks import files
from intent.images import DEFAULT_LIMITS, DecodedImage, ImageError, ImageLimits, decode_image, resolve_image_path

WEB = frozenset({"http", "https", "ftp"})
"""Schemes that are never fetched, wherever they stand: a collection names pictures, it starts no downloads."""


def local_folder(root: str) -> str:
    """Return the plain path of a local folder, which may be given as ``file://…``."""
    return root.removeprefix("file://")


def relative_uri(root: str, uri: str) -> str:
    """Return the name of a picture below the remote folder `root`; `uri` is relative to it or lies in it in full.

    Raises:
        ImageError: remote_uri (the web, another filesystem), outside_collection, not_found (no name).
    """
    scheme = root.partition("://")[0].lower()
    if scheme in WEB:
        raise ImageError("remote_uri", f"{uri!r} in {root} is on the web; download the pictures first")
    other, separator, _ = uri.partition("://")
    if separator:
        if other.lower() != scheme:
            raise ImageError("remote_uri", f"{uri!r} is not on the collection's filesystem; copy it there")
        base = root.rstrip("/") + "/"
        if not uri.startswith(base):
            raise ImageError("outside_collection", f"{uri!r} is not in {root}")
        uri = uri[len(base) :]
    if uri.startswith("/") or ".." in uri.split("/"):
        raise ImageError("outside_collection", f"{uri!r} leaves the collection's folder")
    if not uri or "\0" in uri or uri.endswith("/"):
        raise ImageError("not_found", f"{uri!r} names no file")
    return uri


def read_local(root: str, uri: str, *, limits: ImageLimits = DEFAULT_LIMITS) -> bytes:
    """Return the bytes of a picture in the local folder `root`.

    Raises:
        ImageError: remote_uri, outside_collection, not_found, too_large (seen before it is read).
    """
    path = resolve_image_path(Path(local_folder(root)), uri)
    try:
        # what was a file a moment ago may be a pipe now: never wait for it
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size > limits.max_bytes:
                raise too_large(size, limits)
            return file.read(limits.max_bytes + 1)
    except OSError as error:
        raise ImageError("not_found", f"{uri}: {os.strerror(error.errno or errno.EIO)}") from error


def too_large(size: int, limits: ImageLimits) -> ImageError:
    """Return the error for a file of `size` bytes that is not read."""
    return ImageError("too_large", f"{size:,} bytes, allowed {limits.max_bytes:,}")


def read_remote(
    root: str, uris: Sequence[str], *, sizes: Sequence[int | None], limits: ImageLimits = DEFAULT_LIMITS
) -> list[bytes | ImageError]:
    """Return the bytes of pictures in the remote folder `root`, read side by side where its filesystem can.

    Args:
        root: the collection's folder.
        uris: relative to it, or in it in full.
        sizes: bytes as a listing tells them; None where none did.
        limits: no more than `max_bytes` are read of an object.
    """
    found: list[bytes | ImageError] = []
    wanted: list[tuple[int, str, int]] = []
    for number, (uri, size) in enumerate(zip(uris, sizes, strict=True)):
        try:
            name = relative_uri(root, uri)
            if size is not None and size > limits.max_bytes:
                raise too_large(size, limits)
            found.append(b"")
            if size != 0:  # a store refuses a range of an empty object
                wanted.append((number, name, min(size or limits.max_bytes + 1, limits.max_bytes + 1)))
        except ImageError as error:
            found.append(error)
    if wanted:
        fs, inner = files.filesystem(root)
        paths = [f"{inner.rstrip('/')}/{name}" for _, name, _ in wanted]
        ends = [end for *_, end in wanted]
        contents = fs.cat_ranges(paths, [0] * len(paths), ends, on_error="return")
        for (number, name, _), content in zip(wanted, contents, strict=True):
            found[number] = content if isinstance(content, bytes) else _remote_error(name, content, fs, paths)
    return found


def _remote_error(name: str, error: object, fs: Any, paths: Sequence[str]) -> bytes | ImageError:
    """Return what an object without bytes is: empty, or not there."""
    if isinstance(error, FileNotFoundError):
        return ImageError("not_found", f"{name}: no such object in the collection's folder")
    path = next(path for path in paths if path.endswith("/" + name))
    with contextlib.suppress(Exception):  # filesystems raise what they like
        if fs.info(path).get("size") == 0:  # of those that were not listed
            return b""
    return ImageError("not_found", f"{name}: {type(error).__name__}: {error}")


def at_hand(row: Mapping[str, Any], root: str, limits: ImageLimits) -> bytes | None:
    """Return the bytes of a collection row: those in it, or those of a remote object; None for a local file, which a
    helper process reads by itself.

    Raises:
        ImageError: neither uri nor bytes, or no such object.
    """
    data: bytes | ImageError | None = row.get("bytes")
    if data is None and not row.get("uri"):
        raise ImageError("not_found", "neither uri nor bytes")
    if data is None and files.is_remote(root):
        data = read_remote(root, [row["uri"]], sizes=[None], limits=limits)[0]
    if isinstance(data, ImageError):
        raise data
    return data


def load_image(row: Mapping[str, Any], root: str, limits: ImageLimits) -> DecodedImage:
    """Decode the picture of one collection row: its bytes, or the file at its uri.

    Raises:
        ImageError: no such picture, or one that cannot be decoded.
    """
    data = at_hand(row, root, limits)
    return decode_image(read_local(root, row["uri"], limits=limits) if data is None else data, limits=limits)
