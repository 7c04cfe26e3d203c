"""Labels that pictures contradict, in a training from given weights."""

from typing import Any, cast

import numpy as np
import pyarrow as pa
import pytest

pytest.importorskip("torch", reason="training needs torch")
pytest.importorskip("pytorch_lightning", reason="training needs Lightning")

from intent.data_module import IntentDataModule
from intent.from_given import believed
from intent.model import HierarchicalLoss
from intent.stage import Stage
from intent.train_config import TrainConfig
from labels.taxonomy import load_taxonomy
from tests.intent.drawn import drawn_examples

TAXONOMY = load_taxonomy()
ROWS, CLASSES = 320, 4
CONFIG = TrainConfig(backbone="squeezenet1_1", image_size=8, validation_share=0.3)


def test_held_out_labels_are_judged_too_for_they_choose_and_teach_in_the_end() -> None:
    rng = np.random.default_rng(0)
    true = np.arange(ROWS) % CLASSES
    wrong = rng.random(ROWS) < 0.2
    told = (true + wrong * rng.integers(1, CLASSES, ROWS)) % CLASSES
    names = [TAXONOMY.intent_ids[place] for place in told]
    table = drawn_examples(ROWS, TAXONOMY)
    for name, values in (("intent", names), ("parent", [TAXONOMY.parent_of(name) for name in names])):
        table = table.set_column(table.column_names.index(name), name, pa.array(values))
    data = IntentDataModule(table, np.zeros((ROWS, 8, 8, 3), np.uint8), TAXONOMY, CONFIG)
    criterion = HierarchicalLoss(TAXONOMY.parent_index, parents=len(TAXONOMY.parent_ids), label_smoothing=0.0)
    stage = Stage(cast(Any, None), data, criterion, CONFIG, lambda *_: None, None)
    features = np.zeros((ROWS, 8), np.float32)
    features[np.arange(ROWS), true[data.order]] = 3
    features += rng.normal(0, 0.5, features.shape).astype(np.float32)
    found, doubt = believed(stage, features)
    share = found.data.targets.weight / data.targets.weight
    of = wrong[data.order]
    assert doubt == pytest.approx(0.2, abs=0.08)
    for rows in (data.train, data.valid):
        assert share[rows][of[rows]].mean() < 0.4
        assert share[rows][~of[rows]].mean() > 1.0
