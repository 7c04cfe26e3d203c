"""The data module: what it holds out, what its batches hold, and that judging draws no number."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

torch = pytest.importorskip("torch", reason="training needs torch")
pytest.importorskip("pytorch_lightning", reason="training needs Lightning")

from intent.data_module import IntentDataModule  # noqa: E402
from intent.examples import Targets, TrainingError  # noqa: E402
from intent.model import normalise  # noqa: E402
from intent.train_config import TrainConfig  # noqa: E402
from labels.taxonomy import load_taxonomy  # noqa: E402
from tests.intent.drawn import drawn_examples, drawn_pictures  # noqa: E402

TAXONOMY = load_taxonomy()
ROWS = 80
CONFIG = TrainConfig(backbone="squeezenet1_1", image_size=32, batch_size=8, head_batch_size=24, validation_share=0.3)


def examples() -> pa.Table:
    """Return examples of ten sources, of which one is drawn; every ninth row knows its parent alone."""
    table = drawn_examples(ROWS, TAXONOMY)
    intents = [None if row % 9 == 0 else intent for row, intent in enumerate(table["intent"].to_pylist())]
    sources = ["drawn" if row // 4 % 10 == 9 else f"site{row // 4 % 10}" for row in range(ROWS)]
    table = table.set_column(1, "intent", pa.array(intents, pa.string()))
    return table.append_column("source", pa.array(sources))


def module(config: TrainConfig = CONFIG) -> IntentDataModule:
    return IntentDataModule(examples(), drawn_pictures(ROWS), TAXONOMY, config)


def test_whole_sources_are_held_out_and_drawn_ones_never() -> None:
    data = module()
    sources = examples()["source"].to_pylist()
    taught, kept = ({sources[row] for row in rows} for rows in (data.train, data.valid))
    assert data.by_source
    assert kept
    assert not taught & kept
    assert "drawn" in taught
    assert sorted([*data.train, *data.valid]) == list(range(ROWS))


def test_groups_are_held_out_where_no_source_is_named() -> None:
    table = (
        examples().drop_columns(["source"]).set_column(4, "group", pa.array([f"g{row // 4}" for row in range(ROWS)]))
    )
    data = IntentDataModule(table, drawn_pictures(ROWS), TAXONOMY, CONFIG)
    assert not data.by_source
    assert len(data.valid)
    assert not set(data.groups[data.train]) & set(data.groups[data.valid])


def test_batches_that_judge_hold_each_known_picture_once_as_it_is() -> None:
    data = module()
    batches = list(data.val_dataloader())
    assert [len(batch[0]) for batch in batches[:-1]] == [CONFIG.batch_size] * (len(batches) - 1)
    pixels, intent, parent, weight = (torch.cat(part) for part in zip(*batches, strict=True))
    assert torch.equal(pixels, normalise(torch.from_numpy(drawn_pictures(ROWS)[data.held_out])))
    assert intent.tolist() == data.targets.intent[data.held_out].tolist()
    assert int(intent.min()) >= 0
    assert parent.tolist() == data.targets.parent[data.held_out].tolist()
    assert weight.tolist() == data.targets.weight[data.held_out].tolist()
    assert len(data.held_out) < len(data.valid)  # some know their parent alone


def test_judging_draws_no_number_of_the_training() -> None:
    torch.manual_seed(0)
    before = torch.get_rng_state()
    assert len(list(module().val_dataloader())) > 1
    assert torch.equal(torch.get_rng_state(), before)


def test_batches_that_teach_are_those_of_the_training_part_and_depend_on_no_order_of_rows() -> None:
    order = np.random.default_rng(1).permutation(ROWS)
    data = module()
    other = IntentDataModule(examples().take(pa.array(order)), drawn_pictures(ROWS)[order], TAXONOMY, CONFIG)
    first, second = list(data.train_dataloader()), list(other.train_dataloader())
    assert all(torch.equal(a, b) for one, two in zip(first, second, strict=True) for a, b in zip(one, two, strict=True))
    assert data.train_dataloader() is data.train_dataloader()
    assert data.train_dataloader().epoch == 1


def test_pictures_on_disk_are_not_read_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "pictures.u8"
    drawn_pictures(ROWS).tofile(path)
    mapped = np.memmap(path, dtype=np.uint8, mode="r", shape=(ROWS, 32, 32, 3))
    data = IntentDataModule(examples(), mapped, TAXONOMY, CONFIG)
    assert isinstance(data.images, np.memmap)
    assert all(
        torch.equal(one[0], other[0])
        for one, other in zip(data.val_dataloader(), module().val_dataloader(), strict=True)
    )


def test_features_take_the_place_of_pictures() -> None:
    data = module()
    features = np.arange(ROWS, dtype=np.float32)[:, None]
    batches = list(data.with_features(features).train_dataloader())
    assert {len(batch[0]) for batch in batches} == {CONFIG.head_batch_size}
    rows = torch.cat([batch[0] for batch in batches])[:, 0].long().numpy()
    assert set(rows) <= set(data.train)
    assert torch.cat([batch[1] for batch in batches]).tolist() == data.targets.intent[rows].tolist()
    assert next(iter(data.train_dataloader()))[0].shape == (CONFIG.batch_size, 3, 32, 32)


def test_other_targets_are_what_batches_hold() -> None:
    data = module()
    doubled = Targets(data.targets.intent, data.targets.parent, data.targets.weight * 2)
    weights, twice = (next(iter(d.train_dataloader()))[3] for d in (data, data.with_targets(doubled)))
    assert torch.equal(weights * 2, twice)


def test_one_intent_is_too_few() -> None:
    table = drawn_examples(8, TAXONOMY).take(pa.array([0, 4]))
    with pytest.raises(TrainingError, match="fewer than two intents"):
        IntentDataModule(table, drawn_pictures(8)[[0, 4]], TAXONOMY, replace(CONFIG, validation_share=0))


def test_intents_without_confidence_are_none_to_learn() -> None:
    table = examples()
    sure = pa.array([0.0 if intent == "flag" else 1.0 for intent in table["intent"].to_pylist()], pa.float32())
    only = [row for row, intent in enumerate(table["intent"].to_pylist()) if intent in ("flag", "map")]
    table = table.set_column(table.column_names.index("confidence"), "confidence", sure)
    with pytest.raises(TrainingError, match="fewer than two intents"):
        IntentDataModule(table.take(pa.array(only)), drawn_pictures(ROWS)[only], TAXONOMY, CONFIG)
