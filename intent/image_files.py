"""Pictures in folders: which files count, and paths that stay inside their collection."""

from pathlib import Path

from intent.image_errors import ImageError

NOT_PICTURES = frozenset(
    {
        ".csv",
        ".tsv",
        ".json",
        ".jsonl",
        ".ndjson",
        ".txt",
        ".md",
        ".rst",
        ".html",
        ".htm",
        ".xml",
        ".yaml",
        ".yml",
        ".toml",
        ".ini",
        ".cfg",
        ".log",
        ".parquet",
        ".arrow",
        ".feather",
        ".ipc",
        ".sqlite",
        ".db",
        ".gz",
        ".bz2",
        ".xz",
        ".zst",
        ".zip",
        ".tar",
        ".tgz",
        ".7z",
        ".rar",
        ".py",
        ".pyc",
        ".ipynb",
        ".js",
        ".ts",
        ".css",
        ".sh",
        ".npy",
        ".npz",
        ".pkl",
        ".pt",
        ".pth",
        ".onnx",
        ".docx",
        ".xlsx",
        ".pptx",
        ".wav",
        ".mp3",
        ".srt",
        ".sha256",
        ".md5",
        ".lock",
    }
)
"""Extensions that say plainly that a file is no picture. Videos, SVG and PDF are not among them: somebody who has
them in a folder of pictures should see them fail as unsupported."""


def list_image_files(folder: Path) -> tuple[list[str], list[str]]:
    """Return (files, ignored) under a folder as relative POSIX paths, each sorted by code point.

    Ignored are hidden files (or in a hidden folder), files whose extension is in `NOT_PICTURES`, what is not a
    regular file, and names that are not UTF-8 (shown with backslash escapes). Folder links are not followed.

    Raises:
        ValueError: if ``folder`` is not a folder.
    """
    if not folder.is_dir():
        raise ValueError(f"{folder} is not a folder of images")
    files, ignored = [], []
    for path in folder.rglob("*"):
        if path.is_dir():
            continue
        relative = path.relative_to(folder)
        name = relative.as_posix()
        hidden = any(part.startswith(".") for part in relative.parts)
        if not name.isascii() and name.encode("utf-8", "replace").decode() != name:
            ignored.append(name.encode("utf-8", "backslashreplace").decode())
        elif hidden or path.suffix.lower() in NOT_PICTURES or not path.is_file():
            ignored.append(name)
        else:
            files.append(name)
    return sorted(files), sorted(ignored)


def resolve_image_path(root: Path, uri: str) -> Path:
    """Return the real path of a collection's picture; it must lie in the collection's folder, links followed.

    ``uri`` is relative to ``root`` or absolute (``file://`` too).

    Raises:
        ImageError: remote_uri (http, s3, ...: the shell fetches these), outside_collection, not_found.
    """
    scheme, separator, rest = uri.partition("://")
    if separator:
        if scheme.lower() != "file":
            raise ImageError("remote_uri", f"{uri!r} is not a local path; download it or use a mounted filesystem")
        uri = rest
    if not uri or "\0" in uri:
        raise ImageError("not_found", f"{uri!r} names no file")
    home = root.resolve()
    try:
        path = (home / uri).resolve()
        if not path.is_relative_to(home):
            raise ImageError("outside_collection", f"{uri!r} leaves the collection's folder")
        if not path.is_file():
            raise ImageError("not_found", f"no file {uri!r} in the collection's folder")
    except (OSError, RuntimeError) as error:  # name too long, link loop, no permission
        raise ImageError("not_found", f"{uri[:200]!r}: {error.__class__.__name__}") from error
    return path
