"""Drawn pictures beside labelled ones: no name of a collection makes its pictures drawn ones, or the other way."""

import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from beam_jobs.blocks.files import UsageError
from beam_jobs.demo.draw.canvas import font_folder
from beam_jobs.drawn_examples import check_drawing, sources_of, with_drawn
from intent.examples import DRAWN, MADE, split_by_source
from labels.taxonomy import Intent, Parent, Taxonomy, load_taxonomy

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


def test_many_sources_are_split_in_little_time() -> None:
    sources = [f"site{row}" for row in range(40_000)]
    begun = time.process_time()
    train, valid = split_by_source(sources, np.zeros(len(sources), np.int64), share=0.1, seed=0)
    assert time.process_time() - begun < 10, "sources times rows took some 30 s"
    assert (len(train), len(valid)) == (36_000, 4_000)


def test_a_taxonomy_without_our_intents_asks_for_no_fonts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent() -> Path:
        raise ValueError("matplotlib is not installed")

    monkeypatch.setattr("beam_jobs.demo.draw.canvas.font_folder", absent)
    parent = Parent("photo", "photo", "사진")
    own = Taxonomy(1, (parent,), tuple(Intent(name, "photo", name, name, ()) for name in ("boat", "shoe")))
    row = {"parent": "photo", "confidence": 1.0, "source": None}
    rows = [{**row, "image_id": name, "intent": name, "group": name} for name in own.intent_ids]
    squares = np.arange(3 * 8 * 8 * 3).reshape(3, 8, 8, 3).astype(np.uint8)
    chosen = np.array([2, 0])
    both, pixels = with_drawn(pa.Table.from_pylist(rows), squares, chosen, own, per_intent=60, seed=0, folder=tmp_path)
    assert both["image_id"].to_pylist() == ["boat", "shoe"]
    assert np.array_equal(pixels, squares[chosen])
    with pytest.raises(UsageError, match="--drawn 60: matplotlib is not installed; or --drawn 0"):
        check_drawing("--drawn 60", "--drawn 0")


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
