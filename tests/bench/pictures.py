"""JPEG files: hashing them by ours and by two peers, and what the benches of pictures share."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import imagehash
import numpy as np
import pyarrow.parquet as pq
from PIL import Image
from scipy.fftpack import dct

from beam_jobs.blocks import manifest
from dedup.block_mean import hash_columns
from intent.images import decode_image

BATCH = 32
"""Pictures hashed together, as the job does."""


def our_hashes(*, corpus: str, output: str, threads: int) -> None:
    """Decode each picture safely and make all its hash columns."""
    count = sum(
        len(hash_columns([decode_image(path.read_bytes()) for path in some])["block_hash"]) for some in _batches(corpus)
    )
    Path(output, "rows.txt").write_text(str(count))


def perceptual_hashes(*, corpus: str, output: str, threads: int) -> None:
    """Make the one hash of 64 bits of each picture by imagehash."""
    count = sum(imagehash.phash(Image.open(path)).hash.size == 64 for path in jpegs(corpus))
    Path(output, "rows.txt").write_text(str(count))


def imagededup_hashes(*, corpus: str, output: str, threads: int) -> None:
    """Make the one hash of 64 bits of each picture by the steps of imagededup 0.3's PHash: the package itself wants
    older libraries than ours. Its checks and its pool of processes are left out, in its favour."""
    count = sum(_imagededup_phash(path).size == 64 for path in jpegs(corpus))
    Path(output, "rows.txt").write_text(str(count))


def _imagededup_phash(path: Path) -> "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]":
    image = Image.open(path)
    if image.mode != "RGB":
        image = image.convert("RGBA").convert("RGB")
    small = np.array(image.resize((32, 32), Image.Resampling.LANCZOS).convert("L")).astype(np.uint8)
    low = dct(dct(small, axis=0), axis=1)[:8, :8]
    middle = np.median(np.ndarray.flatten(low)[1:])
    return np.asarray(low.flatten() >= middle)


def enlarge(sources: Sequence[Path], folder: Path, *, side: int, quality: int) -> None:
    """Write the pictures as JPEGs whose longer side has `side` pixels: the corpus has small ones only."""
    folder.mkdir(parents=True)
    for place, path in enumerate(sources):
        with Image.open(path) as image:
            scale = side / max(image.size)
            size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
            large = image.convert("RGB").resize(size, Image.Resampling.BICUBIC)
        large.save(folder / f"{place:05d}.jpg", quality=quality)


def jpegs(folder: str) -> list[Path]:
    """Return the JPEG files under a folder."""
    return sorted(path for path in Path(folder).rglob("*") if path.suffix.lower() in (".jpg", ".jpeg"))


def judged(output: Path) -> int:
    """Return how many pictures have a row of scores in a contender's output."""
    if (output / "scores.parquet").exists():
        return int(pq.read_metadata(output / "scores.parquet").num_rows)
    return manifest.require(str(output), "features").rows("features")


def _batches(corpus: str) -> Iterator[list[Path]]:
    paths = jpegs(corpus)
    for start in range(0, len(paths), BATCH):
        yield paths[start : start + BATCH]
