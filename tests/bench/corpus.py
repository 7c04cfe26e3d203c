"""The measuring corpus as the benches of models read it: columns by picture, squares, and what a bundle says."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from intent.bundle import load_bundle
from intent.images import decode_image, square
from intent.inference import Predictor

TOGETHER = 32
"""Pictures that a bundle sees at a time."""


def read_columns(corpus: Path) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Return uri, intent and part (train or test) by image_id, of manifest.csv, truth.csv and split.csv."""
    uri, intent, part = (
        _column(corpus / f"{table}.csv", name)
        for table, name in (("manifest", "uri"), ("truth", "intent"), ("split", "split"))
    )
    return uri, intent, part


def squares(paths: Sequence[Path], size: int) -> npt.NDArray[np.uint8]:
    """Return uint8 [n, size, size, 3]."""
    return np.stack([square(decode_image(path.read_bytes()).rgb, size) for path in paths])


def best_intents(folder: Path, paths: Sequence[Path]) -> npt.NDArray[np.int64]:
    """Return the intent, int64 [n], that the bundle in a folder finds most probable for each picture."""
    bundle = load_bundle(folder)
    predictor = Predictor(bundle)
    pixels = squares(paths, bundle.image_size)
    starts = range(0, len(pixels), TOGETHER)
    scores = [predictor.predict(pixels[start : start + TOGETHER]).intent_scores for start in starts]
    return np.concatenate(scores).argmax(axis=1)


def _column(path: Path, name: str) -> dict[str, str]:
    with path.open(encoding="utf-8") as rows:
        return {row["image_id"]: row[name] for row in csv.DictReader(rows)}
