"""Pictures made of labelled ones: whole, repeatable, and never a teacher where their parts judge."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from beam_jobs.composites import COMPOSERS, Missing, Pool, compose
from beam_jobs.demo.draw import DRAWERS
from beam_jobs.demo.draw.canvas import font_folder
from beam_jobs.drawn_examples import with_drawn
from beam_jobs.made_pictures import kinds_of, make_pictures
from intent.augment import _reground
from intent.cutouts import mask_of
from intent.data_module import IntentDataModule
from intent.examples import COMPOSED, DRAWN
from intent.images import square
from intent.train_config import TrainConfig
from labels.taxonomy import load_taxonomy

TAXONOMY = load_taxonomy()
SIDE = 48
EACH = 2


@pytest.fixture(scope="module")
def squares() -> np.ndarray:
    """Return EACH drawn pictures of every intent, in the order of the taxonomy."""
    try:
        font_folder()
    except ValueError as error:
        pytest.skip(str(error))
    rng = np.random.default_rng(0)
    drawn = [DRAWERS[intent](rng, 120) for intent in TAXONOMY.intent_ids for _ in range(EACH)]
    return np.stack([square(np.asarray(image.convert("RGB")), SIDE) for image in drawn])


@pytest.fixture
def pool(squares: np.ndarray) -> Pool:
    return Pool(squares, _rows())


def _rows() -> dict[str, np.ndarray]:
    return {intent: np.arange(EACH) + EACH * place for place, intent in enumerate(TAXONOMY.intent_ids)}


@pytest.mark.parametrize("intent", list(COMPOSERS))
def test_composers_make_rgb_pictures_that_a_seed_repeats(intent: str, pool: Pool) -> None:
    seen = set()
    for seed in range(12):
        image, parts = compose(intent, np.random.default_rng(seed), 96, pool)
        again, same = compose(intent, np.random.default_rng(seed), 96, pool)
        assert image.mode == "RGB"
        assert image.tobytes() == again.tobytes()
        assert list(parts) == list(same)
        assert parts
        assert min(image.size) >= 40
        seen.add(image.tobytes())
    assert len(seen) == 12


def test_what_is_missing_is_named(squares: np.ndarray) -> None:
    empty = Pool(squares, {"flag": np.array([0])})
    with pytest.raises(Missing, match="no picture of receipt"):
        compose("receipt", np.random.default_rng(0), 96, empty)


def test_kinds_without_their_parts_are_left_out(squares: np.ndarray) -> None:
    intents = ("receipt", "flag")
    assert kinds_of(intents) == [("receipt", False), ("flag", False), ("receipt", True)]
    made = list(make_pictures(intents, size=SIDE, seed=(1,), squares=squares, rows={}, rounds=3))
    assert [(one.intent, len(one.parts)) for one in made] == [("receipt", 0), ("flag", 0)] * 3


def test_a_mask_shows_the_thing_on_a_plain_ground() -> None:
    pixels = np.full((64, 64, 3), 240, np.uint8)
    pixels[20:40, 16:48] = (200, 30, 30)
    mask = mask_of(Image.fromarray(pixels))
    assert mask is not None
    inside = np.asarray(mask) > 0
    assert inside[24:36, 20:44].all()
    assert not inside[:16].any()
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    assert mask_of(Image.fromarray(noise)) is None


def test_hairlines_are_no_thing() -> None:
    pixels = np.full((64, 64, 3), 240, np.uint8)
    pixels[4:60:6, 4:60] = 20
    assert mask_of(Image.fromarray(pixels)) is None
    assert np.array_equal(_reground(Image.fromarray(pixels), np.random.default_rng(0)), pixels)


@pytest.mark.parametrize("plain", [True, False])
def test_pictures_that_were_only_looked_at_are_no_parts(plain: bool) -> None:
    squares = np.random.default_rng(0).integers(0, 256, (4, SIDE, SIDE, 3), dtype=np.uint8)
    if plain:
        squares[2] = 240
        squares[2, 12:36, 12:36] = (200, 30, 30)
    pool = Pool(squares, {"clipart_illustration": np.arange(4)})
    found = [compose("coloring_page", np.random.default_rng(seed), 96, pool)[1] for seed in range(20)]
    assert all(len(parts) == 1 for parts in found)
    assert (found.count([2]) > 12) == plain


@pytest.mark.parametrize("intent", list(COMPOSERS))
def test_composers_take_the_smallest_pictures(intent: str) -> None:
    squares = np.random.default_rng(0).integers(0, 256, (len(TAXONOMY.intent_ids), 4, 4, 3), dtype=np.uint8)
    pool = Pool(squares, {name: np.array([row]) for row, name in enumerate(TAXONOMY.intent_ids)})
    for seed in range(8):
        assert min(compose(intent, np.random.default_rng(seed), 96, pool)[0].size) >= 40


def test_composites_of_what_is_held_out_do_not_teach(squares: np.ndarray, tmp_path: Path) -> None:
    sources = [f"site-{row % 4}" for row in range(len(squares))]
    intents = [intent for intent in TAXONOMY.intent_ids for _ in range(EACH)]
    examples = pa.table(
        {
            "image_id": [f"p{row:03d}" for row in range(len(squares))],
            "intent": intents,
            "parent": [TAXONOMY.parent_of(intent) for intent in intents],
            "confidence": pa.array([1.0] * len(squares), pa.float32()),
            "group": [f"g{row:03d}" for row in range(len(squares))],
            "source": sources,
        }
    )
    both, pixels = with_drawn(
        examples, squares, np.arange(len(squares)), TAXONOMY, per_intent=2, seed=0, folder=tmp_path
    )
    assert both.num_rows == len(pixels) == len(squares) + 2 * len(kinds_of(TAXONOMY.intent_ids))
    config = TrainConfig(image_size=SIDE, validation_share=0.3)
    data = IntentDataModule(both, np.asarray(pixels), TAXONOMY, config)
    rows = both.take(pa.array(data.order)).to_pylist()
    held = {rows[row]["group"] for row in data.valid}
    assert held
    assert not {rows[row]["source"] for row in data.valid} & {DRAWN, COMPOSED}
    taught = [rows[row] for row in data.train if rows[row]["source"] == COMPOSED]
    assert taught
    assert all(held.isdisjoint(row["made_of"]) for row in taught)
    assert len(taught) < sum(row["source"] == COMPOSED for row in rows)
