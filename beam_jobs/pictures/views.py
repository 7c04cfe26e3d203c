"""What a helper process does with pictures that judge a model: squares of each and of its edited copies."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from beam_jobs.pictures.pool import batches_of
from beam_jobs.pictures.sandbox import Refused, Sandbox
from beam_jobs.pictures.see import thumbnail
from beam_jobs.pictures.sources import at_hand, load_image
from intent.images import ImageError, ImageLimits, square
from intent.robustness import edited


class Wanted(NamedTuple):
    """A picture to look at; fields only, it goes to another process.

    Attributes:
        root: the collection's local folder, where there are no bytes.
        uri: in it.
        data: the picture's bytes, where they are at hand.
        side: pixels of the squares; 0 where none is wanted.
        edits: names of `intent.robustness.EDITS`: a square of each edited copy behind the one of the picture.
        thumbnail: whether a small copy is wanted.
    """

    root: str
    uri: str
    data: bytes | None
    side: int
    edits: tuple[str, ...]
    thumbnail: bool


class Views(NamedTuple):
    """uint8[side, side, 3] as bytes, of the picture and of each edit; a WebP; why it failed, else empty."""

    squares: tuple[bytes, ...]
    thumbnail: bytes | None
    reason: str


def view(wanted: Sequence[Wanted]) -> list[Views]:
    """Return what is seen of each picture; one that fails spoils no other."""
    found = []
    for each in wanted:
        try:
            image = load_image({"uri": each.uri, "bytes": each.data}, each.root, ImageLimits())
        except ImageError as error:
            found.append(Views((), None, error.reason))
            continue
        copies = [image.rgb, *(edited(image.rgb, name) for name in each.edits)] if each.side else []
        squares = tuple(square(rgb, each.side).tobytes() for rgb in copies)
        found.append(Views(squares, thumbnail(image) if each.thumbnail else None, ""))
    return found


def view_rows(
    helpers: Sandbox[Wanted, Views],
    rows: Sequence[Mapping[str, Any]],
    root: str,
    *,
    side: int = 0,
    edits: Sequence[str] = (),
    thumbnails: bool = False,
) -> list[Views]:
    """Return what helpers see of collection rows (uri and bytes), in order; one that took its helper down failed.

    Args:
        root: the collection's folder.
        side, edits, thumbnails: as of `Wanted`.
    """
    found: list[Views | None] = []
    wanted: list[Wanted] = []
    for row in rows:
        try:
            data = at_hand(row, root, ImageLimits())
        except ImageError as error:
            found.append(Views((), None, error.reason))
            continue
        found.append(None)
        wanted.append(Wanted(root, row["uri"] or "", data, side, tuple(edits), thumbnails))
    seen = (
        Views((), None, each.reason) if isinstance(each, Refused) else each
        for part in helpers.map(batches_of(wanted))
        for each in part
    )
    return [next(seen) if each is None else each for each in found]
