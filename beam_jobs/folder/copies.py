"""Groups of copies: the best one first, and why each other one is a copy, and a poorer one."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from beam_jobs.folder.listing import Found
from dedup.best_copy import copy_keys
from dedup.candidates import PAIRS, band_table, candidate_pairs
from dedup.find import DedupConfig
from dedup.groups import find_groups
from dedup.verify import verify_pairs

PICTURES_PER_PART = 10_000
"""Pictures whose bands are compared together: some 150 MB."""
UNCOMPARED = ("empty",)
"""Failures whose files are no copies of each other, though their bytes are equal."""
KEY_FIELDS = (
    (55, 1, "it has a border", "no border"),
    (46, 9, "less true detail", "most true detail"),
    (45, 1, "it has no colour", "in colour"),
    (40, 5, "stronger compression", "least compressed"),
    (0, 40, "fewer pixels", "most pixels"),
)
"""Of the number that ranks copies (`dedup.best_copy.copy_keys`): the lowest bit, the bits, what a smaller value says of
a copy, and a larger one of the best."""
COPY_NAME = re.compile(r"( \(\d+\)|[ _-]+(copy|복사본|사본)( ?\(?\d+\)?)?)(\.[^./]*)?$", re.IGNORECASE)
"""Names that file managers give to copies: ``a (1).jpg``, ``a - Copy.jpg``, ``a copy 2.jpg``, ``a - 복사본.jpg``."""
TIE, FIRST = "as good, later name", "all as good, first by name"


@dataclass(frozen=True)
class Member:
    """A file of a group. ``score`` 0-1 and ``reason`` are against the best copy, whose reason is None; ``poorer``
    says what ranks it below that one. ``format`` and pixels are None where the file is no readable picture."""

    found: Found
    image_id: str
    format: str | None
    width: int | None
    height: int | None
    jpeg_quality: int | None
    score: float
    reason: str | None
    poorer: str | None


@dataclass(frozen=True)
class Group:
    """Files that show one picture, the best copy first, then by score, then by name."""

    members: Sequence[Member]

    @property
    def best(self) -> Member:
        """The copy to keep."""
        return self.members[0]

    @property
    def copies(self) -> Sequence[Member]:
        """All but the best."""
        return self.members[1:]

    @property
    def why(self) -> str:
        """What makes the best copy the best, in words."""
        against = {member.poorer for member in self.copies}
        return ", ".join(praise for _, _, told, praise in KEY_FIELDS if told in against) or FIRST

    @property
    def freed(self) -> int:
        """Bytes of the copies."""
        return sum(member.found.size for member in self.copies)


def find_copies(
    seen: pa.Table, files: Sequence[Found] = (), *, advance: Callable[[float], object] = lambda share: None
) -> pa.Table:
    """Return DUPLICATES of SEEN; broken files are copies of each other where their bytes are equal.

    It is `dedup.find.find_duplicates` in pieces, which bounds memory: a piece of the pictures is cut into bands at a
    time, and a part of the bands is looked through for pairs.

    Args:
        seen: SEEN of all files.
        files: the listing, in the order of SEEN; of equal copies the one that no file manager named is kept.
        advance: called with the share of the work (0-1) that was done since.
    """
    features = comparable(seen)
    config = DedupConfig()
    parts = max(1, -(-features.num_rows // PICTURES_PER_PART))
    bands: list[list[pa.Table]] = [[] for _ in range(parts)]
    for start in range(0, features.num_rows, PICTURES_PER_PART):
        table = band_table(features.slice(start, PICTURES_PER_PART), config.bands)
        part_of = table["band"].to_numpy() % np.uint64(parts)
        for part in range(parts):
            bands[part].append(table.filter(pa.array(part_of == part)))
        advance(0.5 / parts)
    pairs = [PAIRS.empty_table()]
    while bands:
        pieces = bands.pop()
        if pieces:
            pairs.append(candidate_pairs(pa.concat_tables(pieces), config.bands))
        advance(0.5 / parts)
    edges = verify_pairs(pa.concat_tables(pairs), features, thresholds=config.thresholds)
    return find_groups(features, edges, clicks=_plain_names(seen, files) if files else None)


def _plain_names(seen: pa.Table, files: Sequence[Found]) -> pa.Table:
    """Return image_id and clicks: a 0 ranks a name that a file manager gives to a copy below its equals."""
    plain = [int(COPY_NAME.search(found.path) is None) for found in files]
    return pa.table({"image_id": seen["image_id"], "clicks": pa.array(plain, pa.int64())})


def comparable(seen: pa.Table) -> pa.Table:
    """Return the rows of SEEN that may have copies."""
    failure = pc.fill_null(seen["failure"], "")
    left_out = pc.is_in(failure, value_set=pa.array(UNCOMPARED))
    return seen.filter(pc.and_(pc.is_valid(seen["sha256"]), pc.invert(left_out)))


def group_copies(seen: pa.Table, duplicates: pa.Table, files: Sequence[Found]) -> list[Group]:
    """Return the groups of two and more, those that free most bytes first.

    Args:
        seen: SEEN of all files.
        duplicates: DUPLICATES of them; files that it lacks have no copies.
        files: the listing, in the order of SEEN.
    """
    copies = duplicates.filter(pc.invert(duplicates["is_representative"]))
    grouped = duplicates.filter(pc.is_in(duplicates["group_id"], value_set=pc.unique(copies["group_id"])))
    places = pc.index_in(grouped["image_id"], value_set=seen["image_id"].combine_chunks())
    rows = seen.take(places)
    keys = dict(zip(rows["image_id"].to_pylist(), copy_keys(rows).tolist(), strict=True))
    shown = rows.select(["format", "width", "height", "jpeg_quality"]).to_pylist()
    members: dict[str, list[Member]] = {}
    for row, place, look in zip(grouped.to_pylist(), places.to_pylist(), shown, strict=True):
        best = row["is_representative"]
        member = Member(
            found=files[place],
            image_id=row["image_id"],
            score=float(np.round(row["score"], 4)),
            reason=row["reason"],
            poorer=None if best else poorer(keys[row["group_id"]], keys[row["image_id"]]),
            **look,
        )
        members.setdefault(row["group_id"], []).append(member)
    groups = [
        Group(sorted(each, key=lambda m: (m.reason is not None, -m.score, m.found.path))) for each in members.values()
    ]
    return sorted(groups, key=lambda group: (-group.freed, group.best.found.path))


def poorer(best: int, copy: int) -> str:
    """Return what ranks a copy below the best one, of the numbers that `copy_keys` gives them."""
    for shift, bits, told, _ in KEY_FIELDS:
        mask = (1 << bits) - 1
        if (best >> shift) & mask > (copy >> shift) & mask:
            return told
    return TIE
