"""Drawn pictures beside labelled ones: no name of a collection makes its pictures drawn ones, or the other way."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from beam_jobs.demo.draw.canvas import font_folder
from beam_jobs.drawn_examples import sources_of, with_drawn
from intent.examples import DRAWN, MADE, split_by_source
from labels.taxonomy import load_taxonomy

TAXONOMY = load_taxonomy()
SOURCES = ["drawn", "drawn-by-hand", "drawn", DRAWN, "\0", None, "photos"]


def test_a_source_may_be_named_as_it_likes() -> None:
    rows = pa.table({"image_id": list("abcdefg"), "source": SOURCES, "site": [None] * 7}).cast(
        pa.schema([(name, pa.string()) for name in ("image_id", "source", "site")])
    )
    found = sources_of(rows)
    assert found == {"a": "drawn", "b": "drawn-by-hand", "c": "drawn", "d": "drawn", "g": "photos"}
    sources = ["drawn"] * 6 + ["drawings"] * 6 + [DRAWN] * 6
    held = set()
    for seed in range(8):
        _, valid = split_by_source(sources, np.zeros(18, np.int64), share=0.5, seed=seed)
        held |= {sources[row] for row in valid}
    assert held == {"drawn", "drawings"}


def test_drawn_pictures_have_names_of_their_own(tmp_path: Path) -> None:
    try:
        font_folder()
    except ValueError as error:
        pytest.skip(str(error))
    intent = TAXONOMY.intent_ids[0]
    name = f"made-{intent}-000000"
    row = {"image_id": name, "intent": intent, "parent": TAXONOMY.parent_of(intent), "confidence": 1.0}
    examples = pa.Table.from_pylist([{**row, "group": name, "source": "drawn"}])
    squares = np.zeros((1, 16, 16, 3), np.uint8)
    both, pixels = with_drawn(examples, squares, np.zeros(1, np.int64), TAXONOMY, per_intent=1, seed=0, folder=tmp_path)
    assert len(pixels) == both.num_rows > 1
    assert len(set(both["image_id"].to_pylist())) == len(set(both["group"].to_pylist())) == both.num_rows
    assert both["source"].to_pylist()[0] == "drawn"
    assert set(both["source"].to_pylist()[1:]) <= set(MADE)
