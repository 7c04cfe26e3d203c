"""Training on drawn pictures: it learns, it repeats, it leaves nothing behind, bad examples are named."""

import csv
import logging
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

pytest.importorskip("torch", reason="training needs torch")
pytest.importorskip("pytorch_lightning", reason="training needs Lightning")

import torch

from intent.calibration import auroc, energies, fit_temperature, fit_unknown
from intent.data_module import IntentDataModule
from intent.examples import make_targets, split_by_group
from intent.images import decode_image, square
from intent.model import load_backbone
from intent.training import TrainConfig, TrainedModel, TrainingError, train_model
from labels.taxonomy import Taxonomy, load_taxonomy
from tests.intent.drawn import drawn_examples, drawn_pictures

ROWS = 160
TINY = TrainConfig(
    backbone="squeezenet1_1",
    image_size=32,
    embedding_dim=8,
    epochs=2,
    head_epochs=12,
    freeze_backbone=True,
    validation_share=0.25,
)


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return load_taxonomy()


@pytest.fixture(scope="module")
def trained(taxonomy: Taxonomy) -> TrainedModel:
    return train_model(drawn_examples(ROWS, taxonomy), drawn_pictures(ROWS), taxonomy, TINY)


def test_drawn_kinds_are_learned_on_frozen_random_features(trained: TrainedModel) -> None:
    assert trained.metrics["part"] == "validation"
    assert trained.metrics["macro_f1"] > 0.9  # type: ignore[operator]
    assert trained.projection.matrix.shape[1] == 8
    assert trained.label_counts["flag"] == ROWS // 4


def test_order_of_rows_changes_nothing(trained: TrainedModel, taxonomy: Taxonomy) -> None:
    order = np.random.default_rng(1).permutation(ROWS)
    examples = drawn_examples(ROWS, taxonomy).take(pa.array(order))
    again = train_model(examples, drawn_pictures(ROWS)[order], taxonomy, TINY)
    assert again.metrics == trained.metrics
    state, expected = again.net.state_dict(), trained.net.state_dict()
    assert all(state[name].equal(expected[name]) for name in expected)


def test_whole_network_trains_silently_and_tells_its_progress(
    taxonomy: Taxonomy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    level = logging.getLogger("pytorch_lightning").level
    steps: list[tuple[str, int, int]] = []
    config = TrainConfig(backbone="mobilenet_v3_small", image_size=32, epochs=1, head_epochs=2, batch_size=16)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = train_model(
            drawn_examples(48, taxonomy),
            drawn_pictures(48),
            taxonomy,
            config,
            progress=lambda *step: steps.append(step),
        )
    assert not model.net.training
    assert list(dict.fromkeys(stage for stage, _, _ in steps)) == ["network", "features", "head"]
    last = {stage: (done, total) for stage, done, total in steps}
    assert last == {"network": (2, 2), "features": (48, 48), "head": (300, 300)}
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr() == ("", "")
    assert logging.getLogger("pytorch_lightning").level == level


def test_random_weights_whose_loss_breaks_keep_the_last_good_epoch(
    taxonomy: Taxonomy, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    from intent import from_scratch
    from intent.data_module import IntentDataModule
    from intent.fitting import quiet_trainer
    from intent.model import IntentModule, IntentNet, PooledBackbone, load_backbone
    from intent.tuning_state import Work

    config = TrainConfig(
        backbone="squeezenet1_1", image_size=32, epochs=3, batch_size=16, accelerator="cpu", validation_share=0
    )
    data = IntentDataModule(drawn_examples(32, taxonomy), drawn_pictures(32), taxonomy, config)
    honest = IntentModule.training_step
    seen: list[dict[str, torch.Tensor]] = []

    def broken(self: IntentModule, batch: tuple[torch.Tensor, ...], index: int) -> torch.Tensor:
        seen.append({name: value.clone() for name, value in self.net.state_dict().items()})
        return honest(self, batch, index) * (float("nan") if len(seen) == 4 else 1.0)  # type: ignore[arg-type]

    monkeypatch.setattr(IntentModule, "training_step", broken)
    torch.manual_seed(0)
    net = IntentNet(
        PooledBackbone(load_backbone("squeezenet1_1"), image_size=32, all_maps=True),
        intents=len(taxonomy.intent_ids),
        dropout=0.5,
    )
    with quiet_trainer():
        stopped = from_scratch.train_network(net, data, config, lambda *step: None, Work())
    assert stopped == "the loss was nan in step 4 of 6; the last good weights are kept"
    assert len(seen) == 4
    assert all(torch.equal(value, seen[2][name]) for name, value in net.state_dict().items())  # after the first epoch


def test_labels_with_only_a_parent_teach_the_parent(taxonomy: Taxonomy) -> None:
    examples = drawn_examples(ROWS, taxonomy)
    hidden = pa.array([None if row % 4 == 3 else v for row, v in enumerate(examples["intent"].to_pylist())])
    examples = examples.set_column(1, "intent", hidden.cast(pa.string()))
    model = train_model(examples, drawn_pictures(ROWS), taxonomy, TINY)
    import torch

    from intent.export import ExportNet

    with torch.no_grad():
        _, parents, _, _ = ExportNet(model).eval()(torch.from_numpy(drawn_pictures(40, seed=9)))
    photos = parents[3::4].argmax(dim=1)
    assert (photos == taxonomy.parent_ids.index("photo")).float().mean() > 0.8


def test_copies_of_what_is_held_out_teach_once_it_has_judged(taxonomy: Taxonomy, tmp_path: Path) -> None:
    rows = 64
    torch.manual_seed(0)
    torch.save(load_backbone("squeezenet1_1").state_dict(), tmp_path / "given.pth")
    config = replace(TINY, weights=str(tmp_path / "given.pth"), odd_per_kind=1)
    examples = drawn_examples(rows, taxonomy)
    examples = examples.append_column("source", pa.array([f"site-{row // 4 % 4}" for row in range(rows)]))
    groups = [f"g{row - 4 if row % 8 >= 4 else row}" for row in range(rows)]  # each has a copy on the next site
    examples = examples.set_column(examples.column_names.index("group"), "group", pa.array(groups))
    pictures = drawn_pictures(rows)
    data = IntentDataModule(examples, pictures, taxonomy, config)
    neither = np.setdiff1d(np.arange(rows), np.union1d(data.train, data.valid))
    assert len(neither)
    changed = pictures.copy()
    changed[neither] = 255 - changed[neither]
    one, other = (train_model(examples, pixels, taxonomy, config) for pixels in (pictures, changed))
    assert one.metrics == other.metrics
    assert one.temperature == other.temperature
    assert not one.net.head.weight.equal(other.net.head.weight)


def test_group_counts_as_one_picture(taxonomy: Taxonomy) -> None:
    examples = drawn_examples(8, taxonomy).set_column(4, "group", pa.array(["g"] * 4 + list("abcd")))
    targets = make_targets(examples, taxonomy, class_balance=0.0)
    assert targets.weight[:4].sum() == pytest.approx(targets.weight[4])
    assert targets.weight.mean() == pytest.approx(1.0)


def test_balanced_classes_weigh_the_same(taxonomy: Taxonomy) -> None:
    examples = drawn_examples(12, taxonomy).take(pa.array([0, 4, 8, 1, 5, 2]))
    targets = make_targets(examples, taxonomy, class_balance=1.0)
    assert targets.weight[:3].sum() == pytest.approx(targets.weight[3:5].sum())
    assert targets.weight[:3].sum() == pytest.approx(targets.weight[5])


def test_split_keeps_groups_together_and_stays_when_others_come() -> None:
    groups = [f"g{row // 3}" for row in range(300)]
    train, valid = split_by_group(groups, share=0.2, seed=0)
    assert not {groups[row] for row in train} & {groups[row] for row in valid}
    assert 30 <= len(valid) <= 90
    more_train, _ = split_by_group([*groups, "new", "newer"], share=0.2, seed=0)
    assert set(train) == {row for row in more_train if row < 300}


def test_temperature_mends_overconfidence() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(4000, 4))
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    truth = (shares.cumsum(axis=1) > rng.random((4000, 1))).argmax(axis=1)
    assert fit_temperature(logits * 3, truth) == pytest.approx(3, rel=0.15)
    assert fit_temperature(logits[:5], truth[:5]) == 1.0


def test_unknown_score_holds_for_kinds_it_never_saw() -> None:
    rng = np.random.default_rng(0)
    known = rng.normal(size=(600, 12)).astype(np.float32)
    kinds = np.repeat(np.arange(8), 25)
    odd = rng.normal(size=(200, 12)).astype(np.float32)
    odd[:, 0] += 4  # what all odd kinds share
    odd[np.arange(200), 1 + kinds] += 3  # what each has for itself
    judged = np.arange(400, 600)
    energy, odd_energy = rng.normal(-5, 1, 600), rng.normal(-4, 1, 200)
    score = fit_unknown(known, energy, odd, odd_energy, kinds=kinds, judged=judged)
    assert score.auroc > 0.95
    assert (score.logits(known[judged], energy[judged]) > 0).mean() == pytest.approx(0.05, abs=0.01)
    assert (score.logits(odd, odd_energy) > 0).mean() > 0.9


def test_energy_is_high_where_no_class_is_favoured() -> None:
    values = energies(np.array([[9.0, 0.0, 0.0], [0.1, 0.0, 0.1]]))
    assert values[1] > values[0]
    assert auroc(np.array([1.0]), np.array([1.0])) == 0.5
    assert np.isnan(auroc(np.array([]), np.array([1.0])))


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("intent", ["no_such"] * 8, "intent 'no_such' is no live intent"),
        ("parent", ["text"] * 8, "is no child of 'text'"),
        ("parent", [None] * 8, "8 examples have no parent"),
        ("confidence", [2.0] * 8, "confidence must be 0 to 1"),
        ("confidence", [0.0] * 8, "every example has confidence 0"),
        ("image_id", ["same"] * 8, "'same' occurs twice"),
        ("intent", ["flag"] + [None] * 7, "fewer than two intents"),
    ],
)
def test_bad_examples_are_named(column: str, values: list[object], message: str, taxonomy: Taxonomy) -> None:
    examples = drawn_examples(8, taxonomy)
    kind = examples.schema.field(column).type
    examples = examples.set_column(
        examples.column_names.index(column),
        column,
        pa.array(values, pa.string()).cast(kind) if kind == pa.string() else pa.array(values, kind),
    )
    with pytest.raises(TrainingError, match=message):
        train_model(examples, drawn_pictures(8), taxonomy, TINY)


def test_pictures_of_another_size_are_refused(taxonomy: Taxonomy) -> None:
    with pytest.raises(TrainingError, match=r"expected uint8\[8, 64, 64, 3\]"):
        train_model(drawn_examples(8, taxonomy), drawn_pictures(8), taxonomy, TrainConfig(image_size=64))


def test_bad_config_is_refused() -> None:
    with pytest.raises(TrainingError, match="epochs must be 1 or more, got 0"):
        TrainConfig(epochs=0)


@pytest.mark.shared
def test_given_weights_tell_real_pictures_apart(shared: Path, taxonomy: Taxonomy) -> None:
    kinds = ("sheet_music", "food_photo", "receipt")
    with (shared / "corpus" / "truth.csv").open(encoding="utf-8") as file:
        truth = {row["image_id"]: row["intent"] for row in csv.DictReader(file) if row["intent"] in kinds}
    chosen = [key for kind in kinds for key in sorted(k for k, v in truth.items() if v == kind)[:40]]
    with (shared / "corpus" / "manifest.csv").open(encoding="utf-8") as file:
        uris = {row["image_id"]: row["uri"] for row in csv.DictReader(file)}
    pictures = np.stack([square(decode_image((shared / "corpus" / uris[key]).read_bytes()).rgb, 96) for key in chosen])
    examples = pa.table(
        {
            "image_id": chosen,
            "intent": [truth[key] for key in chosen],
            "parent": [taxonomy.parent_of(truth[key]) for key in chosen],
            "confidence": pa.array([1.0] * len(chosen), pa.float32()),
            "group": chosen,
        }
    )
    weights = str(shared / "weights" / "mobilenet_v2.pth")
    config = TrainConfig(weights=weights, image_size=96, epochs=0, validation_share=0.3)
    model = train_model(examples, pictures, taxonomy, config)
    assert config.frozen
    assert model.metrics["accuracy"] > 0.85  # type: ignore[operator]
