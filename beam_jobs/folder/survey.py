"""What is in a folder, as numbers: formats, sizes, broken and ignored files, copies. Pure functions on tables."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from beam_jobs.folder.copies import comparable
from beam_jobs.folder.listing import Found, Listing

EXAMPLES = 3
"""Names told of each reason."""
EXTENSIONS = {
    "JPEG": {".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".jif"},
    "PNG": {".png", ".apng"},
    "WEBP": {".webp"},
    "GIF": {".gif"},
    "BMP": {".bmp", ".dib"},
    "DIB": {".dib", ".bmp"},
    "AVIF": {".avif", ".avifs"},
    "TIFF": {".tif", ".tiff"},
    "ICO": {".ico"},
    "QOI": {".qoi"},
}
"""Endings that a format's files have; others of these are misnamed."""
KNOWN_ENDINGS = frozenset(ending for endings in EXTENSIONS.values() for ending in endings)

Size = tuple[int, int]


@dataclass(frozen=True)
class Kind:
    """Pictures of one format: count, bytes, and the sizes (width, height) of the middle and the largest one by
    pixels."""

    format: str
    files: int
    bytes: int
    median: Size
    largest: Size


@dataclass(frozen=True)
class Named:
    """Files of one reason, their count and a few of them (name, detail)."""

    reason: str
    files: int
    examples: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Survey:
    """What is in a folder.

    Attributes:
        files: looked at, broken ones too.
        bytes: of them.
        pictures: that decode.
        kinds: pictures by format, the most frequent first.
        broken: files that are no readable pictures, by reason.
        ignored: files that were not looked at, by reason.
        unreadable: folders and files that could not be opened to look.
        animated: pictures of several frames or pages, which a close look compares by bytes alone.
        misnamed: pictures whose name claims another format.
        exact: files whose bytes are those of another one that stays, and their bytes.
        near: further copies by pixels and hash, and their bytes; None where nobody looked for them.
    """

    files: int
    bytes: int
    pictures: int
    kinds: Sequence[Kind]
    broken: Sequence[Named]
    ignored: Sequence[Named]
    unreadable: Sequence[tuple[str, str]]
    animated: int
    misnamed: Named | None
    exact: tuple[int, int]
    near: tuple[int, int] | None

    @property
    def freed(self) -> int:
        """Bytes that the copies take."""
        return self.exact[1] + (self.near[1] if self.near else 0)


def survey(seen: pa.Table, listing: Listing, duplicates: pa.Table | None = None) -> Survey:
    """Return what SEEN and its listing say, and the DUPLICATES of a close look."""
    good = seen.filter(pc.is_null(seen["failure"]))
    names = [found.name for found in listing.files]
    exact = exact_copies(seen)
    near = None
    if duplicates is not None:
        removed = duplicates.filter(pc.invert(duplicates["is_representative"]))["image_id"]
        places = pc.index_in(removed, value_set=seen["image_id"].combine_chunks())
        total = pc.sum(seen["bytes"].take(places)).as_py() or 0
        near = (len(removed) - exact[0], total - exact[1])
    return Survey(
        files=seen.num_rows,
        bytes=pc.sum(seen["bytes"]).as_py() or 0,
        pictures=good.num_rows,
        kinds=_kinds(good),
        broken=_broken(seen, names),
        ignored=_ignored(listing),
        unreadable=listing.unreadable,
        animated=pc.sum(good["animated"]).as_py() or 0,
        misnamed=_misnamed(good, listing.files),
        exact=exact,
        near=near,
    )


def exact_copies(seen: pa.Table) -> tuple[int, int]:
    """Return how many files of SEEN have the bytes of one that stays, and their bytes."""
    rows = comparable(seen)
    sizes = rows.group_by("sha256").aggregate([("bytes", "max"), ("bytes", "count")])
    further = pc.subtract(sizes["bytes_count"], 1)
    return pc.sum(further).as_py() or 0, pc.sum(pc.multiply(further, sizes["bytes_max"])).as_py() or 0


def _kinds(good: pa.Table) -> list[Kind]:
    kinds = []
    for name in pc.unique(good["format"]).to_pylist():
        rows = good.filter(pc.equal(good["format"], name))
        width, height = (rows[side].to_numpy().astype(np.int64) for side in ("width", "height"))
        order = np.lexsort((width, width * height))
        middle, last = order[(len(order) - 1) // 2], order[-1]
        kinds.append(
            Kind(
                format=name,
                files=rows.num_rows,
                bytes=pc.sum(rows["bytes"]).as_py(),
                median=(int(width[middle]), int(height[middle])),
                largest=(int(width[last]), int(height[last])),
            )
        )
    return sorted(kinds, key=lambda kind: (-kind.files, kind.format))


def _broken(seen: pa.Table, names: Sequence[str]) -> list[Named]:
    places = np.flatnonzero(pc.is_valid(seen["failure"]).to_numpy(zero_copy_only=False)).tolist()
    rows = seen.select(["failure", "failure_detail"]).take(pa.array(places, pa.int64())).to_pylist()
    return _named(
        (row["failure"], names[place], row["failure_detail"]) for row, place in zip(rows, places, strict=True)
    )


def _ignored(listing: Listing) -> list[Named]:
    return _named((why, name, "") for why, names in listing.ignored.items() for name in names)


def _named(rows: Iterable[tuple[str, str, str]]) -> list[Named]:
    counts: dict[str, int] = {}
    examples: dict[str, list[tuple[str, str]]] = {}
    for reason, name, detail in rows:
        counts[reason] = counts.get(reason, 0) + 1
        few = examples.setdefault(reason, [])
        if len(few) < EXAMPLES:
            few.append((name, detail))
    order = sorted(counts, key=lambda reason: (-counts[reason], reason))
    return [Named(reason, counts[reason], examples[reason]) for reason in order]


def _misnamed(good: pa.Table, files: Sequence[Found]) -> Named | None:
    """Return the pictures whose ending is another format's."""
    found = []
    for key, kind in zip(good["image_id"].to_pylist(), good["format"].to_pylist(), strict=True):
        name = files[int(key)].name
        ending = PurePath(name).suffix.lower()
        if ending in KNOWN_ENDINGS and kind in EXTENSIONS and ending not in EXTENSIONS[kind]:
            found.append((name, f"is {kind}"))
    return Named("misnamed", len(found), found[:EXAMPLES]) if found else None
