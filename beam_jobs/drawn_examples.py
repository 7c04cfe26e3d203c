"""Drawn pictures beside labelled ones, and whom a picture comes from: what a training learns besides labels."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from beam_jobs.blocks.files import UsageError
from beam_jobs.made_pictures import kinds_of, make_pictures
from intent.examples import COMPOSED, DRAWN
from labels.taxonomy import Taxonomy

DRAWN_PER_INTENT = 60
"""Enough looks of a kind to teach its layout; more teaches how drawers draw."""
COPY_TOGETHER = 256
"""Squares copied at a time: bounds memory."""
MADE_OF = pa.list_(pa.string())
"""Groups of the pictures that a composite is made of."""


def sources_of(rows: pa.Table) -> dict[str, str]:
    """Return the source of each picture that has one: column ``source``, else ``site``."""
    columns = zip(*(rows[name].to_pylist() for name in ("image_id", "source", "site")), strict=True)
    named = ((image, (source or site or "").lstrip("\0")) for image, source, site in columns)  # NUL marks drawn ones
    return {image: source for image, source in named if source}


def with_drawn(
    examples: pa.Table,
    squares: npt.NDArray[np.uint8],
    chosen: npt.NDArray[np.int64],
    taxonomy: Taxonomy,
    *,
    per_intent: int,
    seed: int,
    folder: Path,
) -> tuple[pa.Table, npt.NDArray[np.uint8]]:
    """Return the examples with drawn ones behind them, and the square of each, on disk: memory stays bounded.

    Args:
        examples: with group and source.
        squares: uint8 [n, size, size, 3] of decoded pictures.
        chosen: int64, the square of each example.
        per_intent: pictures to draw for each intent that has a drawer, and to make of others for each that has a
            composer; 0 makes none.
        folder: where the squares are kept.
    """
    if not per_intent and np.array_equal(chosen, np.arange(len(squares))):
        return examples, squares
    size = squares.shape[1]
    most = per_intent * len(kinds_of(taxonomy.intent_ids))
    together = np.memmap(folder / "examples.u8", np.uint8, "w+", shape=(len(chosen) + most, size, size, 3))
    for start in range(0, len(chosen), COPY_TOGETHER):
        piece = chosen[start : start + COPY_TOGETHER]
        together[start : start + len(piece)] = squares[piece]
    intents = np.array([intent or "" for intent in examples["intent"].to_pylist()], dtype=object)
    groups = examples["group"].to_pylist()
    made = make_pictures(
        taxonomy.intent_ids,
        size=size,
        seed=(seed, 0xD2A),
        squares=together[: len(chosen)],
        rows={intent: np.flatnonzero(intents == intent) for intent in taxonomy.intent_ids},
        rounds=per_intent,
    )
    taken = {*examples["image_id"].to_pylist(), *groups}
    rows: list[dict[str, object]] = []
    for number, picture in enumerate(made):
        together[len(chosen) + number] = picture.pixels
        name = f"made-{picture.intent}-{number:06d}"
        while name in taken:  # a picture of the collection may have any name
            name += "+"
        row = {"image_id": name, "intent": picture.intent, "parent": taxonomy.parent_of(picture.intent)}
        parts = sorted({groups[part] for part in picture.parts})
        source = COMPOSED if parts else DRAWN
        rows.append({**row, "confidence": 1.0, "group": name, "source": source, "made_of": parts})
    examples = examples.append_column("made_of", pa.nulls(len(examples), MADE_OF))
    examples = pa.concat_tables([examples, pa.Table.from_pylist(rows, schema=examples.schema)])
    return examples, together[: len(examples)]


def check_drawing(asked: str, instead: str) -> None:
    """Raise UsageError where pictures cannot be drawn: the fonts are missing."""
    from beam_jobs.demo.draw.canvas import font_folder

    try:
        font_folder()
    except ValueError as error:
        raise UsageError(f"{asked}: {error}; or {instead}") from error
