"""What a model says of picture files: decoded and judged a batch at a time, several batches side by side."""

import functools
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from beam_jobs.blocks.files import UsageError
from beam_jobs.models import open_predictor
from beam_jobs.pictures.sandbox import Refused, Sandbox
from beam_jobs.pictures.see import Asked, Seen, see
from intent.bundle import Bundle
from intent.images import list_image_files
from intent.inference import Predictor

UNKNOWN_FROM = 0.5
"""Unknown score from which a picture counts as of no class; bundles place 95 % of known pictures below."""


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
    """Yield what the model says of each picture, in their order; files are decoded in helper processes.

    Args:
        workers: batches at work at a time; one session serves them all.
        thumbnails: how many of the first pictures bring a WebP thumbnail.
    """
    predictor = open_predictor(bundle)
    size = bundle.batch_size
    parts = [(pictures[n : n + size], thumbnails - n) for n in range(0, len(pictures), size)]
    with Sandbox(see, processes=workers) as helpers:
        pool = ThreadPoolExecutor(workers)
        try:
            for judged in pool.map(lambda part: _judge(part[0], predictor, helpers, thumbnails=part[1]), parts):
                yield from judged
        finally:
            pool.shutdown(cancel_futures=True)


def _judge(
    pictures: Sequence[PictureFile], predictor: Predictor, helpers: Sandbox[Asked, Seen], *, thumbnails: int
) -> list[Judged]:
    bundle = predictor.bundle
    side = bundle.image_size
    asked = [Asked(str(each.path), side, thumbnail=row < thumbnails) for row, each in enumerate(pictures)]
    seen = [
        Seen(None, None, f"{each.reason}: {each.detail}") if isinstance(each, Refused) else each
        for part in helpers.map([asked])
        for each in part
    ]
    flat = b"".join(each.square for each in seen if each.square is not None)
    said = predictor.predict(np.frombuffer(flat, np.uint8).reshape(-1, side, side, 3))
    rows = []
    place = -1
    for picture, each in zip(pictures, seen, strict=True):
        if each.square is None:
            rows.append(Judged(picture, problem=each.problem))
            continue
        place += 1
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
                thumbnail=each.thumbnail,
            )
        )
    return rows
