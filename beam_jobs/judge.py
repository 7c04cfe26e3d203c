"""What a model says of picture files: decoded and judged a batch at a time, several batches side by side."""

import functools
import io
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from beam_jobs.blocks.files import UsageError
from intent.bundle import Bundle
from intent.images import DecodedImage, ImageError, ImageLimits, decode_image, list_image_files, square
from intent.inference import Predictor

UNKNOWN_FROM = 0.5
"""Unknown score from which a picture counts as of no class; bundles place 95 % of known pictures below."""

THUMBNAIL_SIDE, THUMBNAIL_QUALITY = 128, 62
"""Pixels of the longer side, WebP quality: 2-4 KB each, as in the run's report."""


@dataclass(frozen=True)
class PictureFile:
    """A file and its id: the path below the folder that was given, or its name."""

    image_id: str
    path: Path


@dataclass(frozen=True)
class Judged:
    """What is said of one picture. Where it cannot be read, `problem` says why and the scores are empty.

    ``intent`` and ``second`` are ids of the taxonomy, ``confidence`` and ``second_confidence`` 0-1.
    """

    picture: PictureFile
    intent: str = ""
    confidence: float = 0.0
    parent: str = ""
    second: str = ""
    second_confidence: float = 0.0
    parent_scores: tuple[float, ...] = ()
    unknown_score: float = 0.0
    problem: str = ""
    thumbnail: bytes | None = None

    @property
    def unknown(self) -> bool:
        """Whether the model says that the picture is of no class."""
        return not self.problem and self.unknown_score >= UNKNOWN_FROM


def find_pictures(paths: Sequence[str]) -> list[PictureFile]:
    """Return the pictures of files and folders, each file once however its folder is written; links are files.

    Raises:
        UsageError: a path is not there, or there are no pictures at all.
    """
    found: dict[str, PictureFile] = {}
    real = functools.cache(os.path.realpath)

    def add(name: str, path: Path) -> None:
        found.setdefault(os.path.join(real(path.parent), path.name), PictureFile(name, path))

    for text in paths:
        path = Path(text)
        if path.is_dir():
            for name in list_image_files(path)[0]:
                add(name, path / name)
        elif os.path.lexists(path):
            add(path.name, path)
        else:
            raise UsageError(f"{text} is not there; give a picture or a folder of pictures")
    if not found:
        raise UsageError(f"{', '.join(paths)}: no pictures there")
    return list(found.values())


def judge_pictures(
    pictures: Sequence[PictureFile], bundle: Bundle, *, workers: int = 1, thumbnails: int = 0
) -> Iterator[Judged]:
    """Yield what the model says of each picture, in their order.

    Args:
        workers: batches at work at a time; one session serves them all.
        thumbnails: how many of the first pictures bring a WebP thumbnail.
    """
    predictor = Predictor(bundle)
    size = bundle.batch_size
    parts = [(pictures[n : n + size], thumbnails - n) for n in range(0, len(pictures), size)]
    pool = ThreadPoolExecutor(workers)
    try:
        for judged in pool.map(lambda part: _judge(part[0], predictor, thumbnails=part[1]), parts):
            yield from judged
    finally:
        pool.shutdown(cancel_futures=True)


def read_picture(path: Path, limits: ImageLimits) -> DecodedImage:
    """Decode a local file.

    Raises:
        ImageError: it is no regular file, too large, or cannot be decoded.
    """
    try:
        if not path.is_file():
            raise ImageError("not_found", "no regular file")
        if path.stat().st_size > limits.max_bytes:
            raise ImageError("too_large", f"{path.stat().st_size:,} bytes, allowed {limits.max_bytes:,}")
        return decode_image(path.read_bytes(), limits=limits)
    except OSError as error:
        raise ImageError("not_found", error.strerror or str(error)) from error


def _judge(pictures: Sequence[PictureFile], predictor: Predictor, *, thumbnails: int) -> list[Judged]:
    bundle = predictor.bundle
    squares: list[npt.NDArray[np.uint8]] = []
    places: dict[int, int] = {}
    problems: dict[int, str] = {}
    small: dict[int, bytes] = {}
    for number, picture in enumerate(pictures):
        try:
            image = read_picture(picture.path, ImageLimits())
        except ImageError as error:
            problems[number] = str(error)
            continue
        places[number] = len(squares)
        squares.append(square(image.rgb, bundle.image_size))
        if number < thumbnails:
            small[number] = thumbnail(image)
    side = bundle.image_size
    said = predictor.predict(np.stack(squares) if squares else np.zeros((0, side, side, 3), dtype=np.uint8))
    rows = []
    for number, picture in enumerate(pictures):
        if number in problems:
            rows.append(Judged(picture, problem=problems[number]))
            continue
        place = places[number]
        scores = said.intent_scores[place]
        first, second = (int(row) for row in np.argsort(-scores, kind="stable")[:2])
        rows.append(
            Judged(
                picture,
                intent=bundle.intents[first],
                confidence=float(scores[first]),
                parent=bundle.parents[int(bundle.parent_index[first])],
                second=bundle.intents[second],
                second_confidence=float(scores[second]),
                parent_scores=tuple(float(value) for value in said.parent_scores[place]),
                unknown_score=float(said.unknown_score[place]),
                thumbnail=small.get(number),
            )
        )
    return rows


def thumbnail(image: DecodedImage) -> bytes:
    """Return a small WebP of a picture."""
    small = Image.fromarray(image.rgb)
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    stream = io.BytesIO()
    small.save(stream, "WEBP", quality=THUMBNAIL_QUALITY, method=2)
    return stream.getvalue()
