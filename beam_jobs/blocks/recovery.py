"""What a killed run leaves behind, and how the next one gets rid of it."""

import contextlib
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path

from beam_jobs.blocks import files, manifest
from beam_jobs.blocks.failures import JobError
from beam_jobs.blocks.lock import LOCK, lock

TEMP = "_tmp-"
"""How the names of temporary folders begin."""


def temp_folder(output: str, stage: str, temp: str | None) -> str:
    """Return the folder for what a run of `stage` into `output` needs on its way, in `temp` or in the output.

    It is the same for every run into that output, so the next run removes what a killed one left there; runs into
    other outputs that share `temp` have others.
    """
    whole = output.rstrip("/") if files.is_remote(output) else str(Path(output).resolve())
    return files.join(temp or output, f"{TEMP}{stage}-{manifest.digest_of(whole)[: manifest.KEY_DIGITS]}")


@contextlib.contextmanager
def work_folder(output: str, stage: str, temp: str | None) -> Iterator[str]:
    """Make an empty folder for a first part of the work of `stage`, locked, and remove it in the end.

    Raises:
        JobError: another run of `stage` into `output` is at work there.
        UsageError: there can be no such folder.
    """
    folder = temp_folder(output, stage, temp)
    try:
        if not files.is_remote(folder):
            Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise files.UsageError(f"{folder}: {error.strerror}; choose another --temp") from error
    with lock(folder):
        remove_folder(files.join(folder, "work"))  # of a killed run
        try:
            yield files.join(folder, "work")
        finally:
            remove_folder(folder)


def foreign(output: str) -> str | None:
    """Return the name at the top of `output` of something that no run of ours leaves there, None where all is ours."""
    for below in _files_below(output):
        top, last = below.split("/", 1)[0], below.rsplit("/", 1)[-1]
        left = top in (LOCK, manifest.FAILED, manifest.RUN)
        data = "/" in below and manifest.OUR_FILE.fullmatch(last)
        if not (left or data or files.is_half_written(last)):
            return top
    return None


def sweep(output: str, *, temp: str | None = None) -> None:
    """Remove all files of ours in `output` that its manifest does not list, and the folder `temp`.

    Call it with the lock held. Files that others put there stay.
    """
    kept = manifest.read_manifest(output)
    listed = {file.path for table in kept.tables.values() for file in table} if kept else set()
    for path in _uncommitted(output, listed):
        files.remove(files.join(output, path))
    if temp is not None:
        remove_folder(temp)
    remove_empty(output)


def tidy(output: str, *, temp: str) -> None:
    """Sweep an output whose run is skipped as unchanged, where a kill right after the commit left something."""
    committed = manifest.read_manifest(output)
    listed = {file.path for table in committed.tables.values() for file in table} if committed else set()
    failed = files.join(output, manifest.FAILED)
    left = (temp, failed, files.join(output, LOCK))
    if not (_uncommitted(output, listed) or any(files.exists(path) for path in left)):
        return
    with contextlib.suppress(JobError), lock(output):  # where a run is at work, it sweeps itself
        sweep(output, temp=temp)
        remove_folder(failed)


def remove_folder(folder: str) -> None:
    """Remove a folder and all in it; nothing happens where there is none."""
    if files.is_remote(folder):
        fs, inner = files.filesystem(folder)
        with contextlib.suppress(FileNotFoundError):
            fs.rm(inner, recursive=True)
    else:
        shutil.rmtree(folder, ignore_errors=True)


def _uncommitted(output: str, listed: Collection[str]) -> list[str]:
    """Return our data files that are not `listed`, and files that were never whole, relative to `output`."""
    found = []
    for below in _files_below(output):
        if (manifest.is_data(below) and below not in listed) or files.is_half_written(below.rsplit("/", 1)[-1]):
            found.append(below)
    return found


def _files_below(output: str) -> list[str]:
    """Return the files below `output`, relative to it; not those of temporary folders, which go whole."""
    return [name for name in manifest.files_below(output) if not name.startswith(TEMP)]


def remove_empty(output: str) -> None:
    """Remove the folders below `output` that hold nothing; stores of objects have none."""
    if files.is_remote(output):
        return
    folders = [path for path in Path(output).rglob("*") if path.is_dir()]
    for path in sorted(folders, reverse=True):
        if path.relative_to(output).parts[0].startswith(TEMP):
            continue
        with contextlib.suppress(OSError):  # it holds something
            path.rmdir()
