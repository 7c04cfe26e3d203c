"""The embedded corpus: drawn pictures of many intents, with planted duplicates and their truth."""

import csv
import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from PIL import Image, ImageEnhance, ImageOps

from beam_jobs.demo.clicks import ClickWorld
from beam_jobs.demo.draw import DRAWERS
from beam_jobs.demo.draw.canvas import font_folder
from beam_jobs.demo.vocabulary import CREATURES, SUBJECTS

TRUTH = pa.schema([("image_id", pa.string()), ("intent", pa.string())])
DUPLICATES = pa.schema([("image_id", pa.string()), ("copy_of", pa.string()), ("edit", pa.string())])

DUPLICATE_SHARE = 0.08
"""Part of the pictures that are edited copies of another one."""
EDITS = ("bytes", "jpeg", "resize", "brightness", "border", "crop")
SIDE_PIXELS = (160, 320)
"""Shortest and longest longer side of a picture."""
_PNG_SHARE = 0.45


@dataclass(frozen=True)
class Corpus:
    """Where the corpus lies and what is in it.

    ``truth``: image_id, intent (copies too); ``duplicates``: image_id, copy_of (its image_id), edit, one of ``EDITS``.
    """

    folder: Path
    collection: Path
    truth: pa.Table
    duplicates: pa.Table


@dataclass(frozen=True)
class _Picture:
    image_id: str
    intent: str
    uri: str
    title: str
    width: int
    height: int


def draw_corpus(
    output: Path, *, images: int = 740, seed: int = 0, progress: Callable[[int, int], None] | None = None
) -> Corpus:
    """Draw the corpus: ``images/``, ``collection.csv``, ``truth.csv`` and ``duplicates.csv`` under ``output``.

    Args:
        output: a folder; made where it is missing. Files of the same names are overwritten.
        images: pictures in all, copies included; at least one original for each intent.
        seed: the same seed gives the same bytes (with the same Pillow and matplotlib).
        progress: is told pictures done and pictures in all.

    Raises:
        ValueError: too few images, or matplotlib is not installed.
    """
    font_folder()  # fails early without matplotlib
    intents = tuple(DRAWERS)
    copies = round(images * DUPLICATE_SHARE)
    originals = images - copies
    if originals < len(intents):
        raise ValueError(f"images is {images}; {len(intents)} intents are drawn, give at least {len(intents) * 2}")
    pictures: list[_Picture] = []
    duplicates: list[dict[str, str]] = []
    sources = np.random.default_rng([seed, 0xD0B]).permutation(originals)[:copies]
    for index in range(images):
        rng = np.random.default_rng([seed, index])
        image_id = hashlib.blake2b(f"{seed}:{index}".encode(), digest_size=6).hexdigest()
        if index < originals:
            intent = intents[index % len(intents)]
            image = DRAWERS[intent](rng, int(rng.integers(SIDE_PIXELS[0], SIDE_PIXELS[1] + 1)))
            suffix = "png" if rng.random() < _PNG_SHARE else "jpg"
            data = _encode(image, suffix, quality=int(rng.integers(80, 96)))
        else:
            source = pictures[int(sources[index - originals])]
            intent, edit = source.intent, EDITS[(index - originals) % len(EDITS)]
            data, suffix = _edited_copy((output / source.uri).read_bytes(), edit, rng)
            duplicates.append({"image_id": image_id, "copy_of": source.image_id, "edit": edit})
        uri = f"images/{image_id[:2]}/{image_id}.{suffix}"
        (output / uri).parent.mkdir(parents=True, exist_ok=True)
        (output / uri).write_bytes(data)
        width, height = Image.open(io.BytesIO(data)).size
        pictures.append(_Picture(image_id, intent, uri, _title(intent, rng), width, height))
        if progress is not None:
            progress(index + 1, images)
    pictures.sort(key=lambda picture: picture.image_id)
    duplicates.sort(key=lambda row: row["image_id"])
    truth = [{"image_id": picture.image_id, "intent": picture.intent} for picture in pictures]
    collection = [
        {name: getattr(picture, name) for name in ("image_id", "uri", "title", "width", "height")}
        for picture in pictures
    ]
    _write_csv(output / "collection.csv", list(collection[0]), collection)
    _write_csv(output / "truth.csv", TRUTH.names, truth)
    _write_csv(output / "duplicates.csv", DUPLICATES.names, duplicates)
    return Corpus(
        folder=output,
        collection=output / "collection.csv",
        truth=pa.Table.from_pylist(truth, schema=TRUTH),
        duplicates=pa.Table.from_pylist(duplicates, schema=DUPLICATES),
    )


def demo_world(truth: pa.Table, *, seed: int = 0) -> ClickWorld:
    """Return a world sized for a corpus: some 200 rows for each picture, at least 50,000."""
    sessions = max(truth.num_rows * 8, 2_000)
    return ClickWorld(
        sessions=sessions,
        users=sessions // 4,
        queries=max(sessions // 18, 60),
        positions=24,
        bot_click_share=0.2,
        slow_bot_share=0.1,
        days=7,
        seed=seed,
    )


def _encode(image: Image.Image, suffix: str, *, quality: int) -> bytes:
    buffer = io.BytesIO()
    if suffix == "png":
        image.save(buffer, "PNG", compress_level=6)
    else:
        image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def _edited_copy(data: bytes, edit: str, rng: np.random.Generator) -> tuple[bytes, str]:
    """Return the bytes and the file extension of a copy."""
    original = Image.open(io.BytesIO(data))
    suffix = "png" if original.format == "PNG" else "jpg"
    if edit == "bytes":
        return data, suffix
    image = original.convert("RGB")
    quality = 90
    if edit == "jpeg":
        suffix, quality = "jpg", int(rng.integers(45, 76))
    elif edit == "resize":
        share = rng.uniform(0.6, 0.85)
        image = image.resize((round(image.width * share), round(image.height * share)), Image.Resampling.LANCZOS)
    elif edit == "brightness":
        image = ImageEnhance.Brightness(image).enhance(float(rng.choice([0.85, 0.9, 1.1, 1.15])))
    elif edit == "border":
        shade = int(rng.choice([0, 255]))
        image = ImageOps.expand(image, border=max(round(image.width * 0.03), 3), fill=(shade, shade, shade))
    else:
        cut = rng.uniform(0.01, 0.03, 4) * np.array([image.width, image.height, image.width, image.height])
        left, top, right, bottom = (round(float(value)) for value in cut)
        image = image.crop((left, top, image.width - right, image.height - bottom))
    return _encode(image, suffix, quality=quality), suffix


def _title(intent: str, rng: np.random.Generator) -> str:
    options = SUBJECTS.get(intent, CREATURES)
    word = options[int(rng.integers(len(options)))]
    return f"{word.ko if rng.random() < 0.5 else word.en} {int(rng.integers(1, 1000))}"


def _write_csv(path: Path, names: list[str], rows: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
