"""JPEG files: hashing them by ours and by imagehash.phash, and what the benches of pictures share."""

from pathlib import Path

import imagehash
import pyarrow.parquet as pq
from PIL import Image

from beam_jobs.blocks import manifest
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


def jpegs(folder: str) -> list[Path]:
    """Return the JPEG files under a folder."""
    return sorted(path for path in Path(folder).rglob("*") if path.suffix.lower() in (".jpg", ".jpeg"))


def judged(output: Path) -> int:
    """Return how many pictures have a row of scores in a contender's output."""
    if (output / "scores.parquet").exists():
        return int(pq.read_metadata(output / "scores.parquet").num_rows)
    return manifest.require(str(output), "features").rows("features")


def _pictures(corpus: str) -> list[Path]:
    return sorted(Path(corpus).rglob("*.jpg"))
