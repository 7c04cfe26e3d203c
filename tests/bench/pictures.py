"""Hashing JPEG files: ours and imagehash.phash."""

from pathlib import Path

import imagehash
from PIL import Image

from dedup.block_mean import hash_columns
from intent.images import decode_image


def our_hashes(*, corpus: str, output: str, threads: int) -> None:
    """Decode each picture safely and make all its hash columns."""
    count = sum(len(hash_columns([decode_image(path.read_bytes())])["block_hash"]) for path in _pictures(corpus))
    Path(output, "rows.txt").write_text(str(count))


def perceptual_hashes(*, corpus: str, output: str, threads: int) -> None:
    """Make the one hash of 64 bits of each picture."""
    count = sum(imagehash.phash(Image.open(path)).hash.size == 64 for path in _pictures(corpus))
    Path(output, "rows.txt").write_text(str(count))


def _pictures(corpus: str) -> list[Path]:
    return sorted(Path(corpus).rglob("*.jpg"))
