"""Drawn pictures beside labelled ones, and whom a picture comes from: what a training learns besides labels."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from beam_jobs.blocks.files import UsageError
from intent.examples import DRAWN
from intent.images import square
from labels.taxonomy import Taxonomy

DRAWN_PER_INTENT = 60
"""Enough looks of a kind to teach its layout; more teaches how drawers draw."""
COPY_TOGETHER = 256
"""Squares copied at a time: bounds memory."""


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
        per_intent: pictures to draw for each intent that has a drawer; 0 draws none.
        folder: where the squares are kept.
    """
    if not per_intent and np.array_equal(chosen, np.arange(len(squares))):
        return examples, squares
    from beam_jobs.demo.corpus import SIDE_PIXELS
    from beam_jobs.demo.draw import DRAWERS
    from beam_jobs.demo.draw.canvas import font_folder

    try:
        if per_intent:
            font_folder()
    except ValueError as error:
        raise UsageError(f"--drawn {per_intent}: {error}; or --drawn 0") from error
    drawers = {intent: DRAWERS[intent] for intent in taxonomy.intent_ids if intent in DRAWERS and per_intent}
    size = squares.shape[1]
    shape = (len(chosen) + per_intent * len(drawers), size, size, 3)
    together = np.memmap(folder / "examples.u8", np.uint8, "w+", shape=shape)
    for start in range(0, len(chosen), COPY_TOGETHER):
        piece = chosen[start : start + COPY_TOGETHER]
        together[start : start + len(piece)] = squares[piece]
    taken = {*examples["image_id"].to_pylist(), *examples["group"].to_pylist()}
    rows: list[dict[str, object]] = []
    for place, (intent, draw) in enumerate(drawers.items()):
        for number in range(per_intent):
            rng = np.random.default_rng([seed, place, number, 0xD2A])
            image = draw(rng, int(rng.integers(SIDE_PIXELS[0], SIDE_PIXELS[1] + 1)))
            together[len(chosen) + len(rows)] = square(np.asarray(image.convert("RGB")), size)
            name = f"drawn-{intent}-{number:05d}"
            while name in taken:  # a picture of the collection may have any name
                name += "+"
            row = {"image_id": name, "intent": intent, "parent": taxonomy.parent_of(intent), "confidence": 1.0}
            rows.append({**row, "group": name, "source": DRAWN})
    return pa.concat_tables([examples, pa.Table.from_pylist(rows, schema=examples.schema)]), together
