"""What a helper process does with a batch of pictures: read, hash, decode once; a few hundred bytes each come back."""

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

from beam_jobs.pictures.sources import read_local
from dedup.block_mean import hash_columns
from intent.images import DEFAULT_LIMITS, DecodedImage, ImageError, ImageLimits, decode_image, square


class Source(NamedTuple):
    """A picture to look at; fields only, it goes to another process.

    Attributes:
        root: the collection's local folder, where there are no bytes.
        uri: in it.
        data: the picture's bytes, where they are at hand.
        known: the sha256 that an earlier run saw; what still has it need not be hashed. Empty for none.
        side: pixels of the square that the CNN reads; 0 where it is not wanted.
        side_if_known: the same where the bytes are those that are known.
    """

    root: str
    uri: str
    data: bytes | None
    known: bytes
    side: int
    side_if_known: int


class Described(NamedTuple):
    """What was seen.

    Attributes:
        sha256: of the bytes; None where nothing could be read.
        hashes: the hash columns of FEATURES; None where the bytes are known, or the picture failed.
        square: uint8[side, side, 3] as bytes; None where none was wanted.
        reason: why it failed, else empty.
        detail: more of that.
    """

    sha256: bytes | None
    hashes: dict[str, Any] | None
    square: bytes | None
    reason: str
    detail: str


def describe(sources: Sequence[Source], *, limits: ImageLimits = DEFAULT_LIMITS) -> list[Described]:
    """Return what is seen of each picture; one that fails spoils no other."""
    found: list[Described] = []
    fresh: list[tuple[int, DecodedImage]] = []
    for source in sources:
        digest: bytes | None = None
        try:
            data = source.data if source.data is not None else read_local(source.root, source.uri, limits=limits)
            digest = hashlib.sha256(data).digest()
            known = digest == source.known
            side = source.side_if_known if known else source.side
            if known and not side:
                found.append(Described(digest, None, None, "", ""))
                continue
            image = decode_image(data, limits=limits)
            if not known:
                fresh.append((len(found), image))
            pixels = square(image.rgb, side).tobytes() if side else None
            found.append(Described(digest, None, pixels, "", ""))
        except ImageError as error:
            found.append(Described(digest, None, None, error.reason, error.detail))
    columns = hash_columns([image for _, image in fresh]) if fresh else {}
    for row, (number, _) in enumerate(fresh):
        hashes = {name: values[row] for name, values in columns.items()}
        found[number] = found[number]._replace(hashes=hashes)
    return found
