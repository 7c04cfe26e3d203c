"""Bundles: repeatable, verified on load, refused when changed, nothing in them from this machine or day."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="a bundle is made by training")
pytest.importorskip("pytorch_lightning", reason="training needs Lightning")

from intent.bundle import (
    FILES,
    WEIGHTS,
    Bundle,
    BundleError,
    export_bundle,
    folder_digest,
    load_bundle,
    load_weights,
    taxonomy_yaml,
)
from intent.bundle_facts import REQUIRED
from intent.inference import Predictor
from intent.model_card import model_card
from intent.training import TrainConfig, TrainedModel, train_model
from labels.taxonomy import load_taxonomy
from tests.intent.drawn import drawn_examples, drawn_pictures


@pytest.fixture(scope="module")
def trained() -> TrainedModel:
    config = TrainConfig(backbone="squeezenet1_1", image_size=32, embedding_dim=8, head_epochs=3, freeze_backbone=True)
    return train_model(drawn_examples(60, load_taxonomy()), drawn_pictures(60), load_taxonomy(), config)


def export(trained: TrainedModel, output: Path) -> Path:
    return export_bundle(
        trained,
        load_taxonomy(),
        output,
        data_window="2026-10-01 to 2026-10-30",
        label_counts=trained.label_counts,
        metrics=trained.metrics,
    )


@pytest.fixture(scope="module")
def models(trained: TrainedModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("models")
    export(trained, output)
    return output


@pytest.fixture
def bundle(models: Path, tmp_path: Path) -> Bundle:
    """Return a bundle of one's own that may be spoiled."""
    return load_bundle(shutil.copytree(models, tmp_path / "copy"))


def test_export_repeats_to_the_byte(trained: TrainedModel, models: Path, tmp_path: Path) -> None:
    again = export(trained, tmp_path)
    first = load_bundle(models).folder
    assert again.name == first.name == folder_digest(first)
    assert all((again / name).read_bytes() == (first / name).read_bytes() for name in FILES)


def test_export_into_the_same_folder_changes_nothing(trained: TrainedModel, bundle: Bundle) -> None:
    export(trained, bundle.folder.parent)
    assert sorted(path.name for path in bundle.folder.parent.iterdir()) == sorted([bundle.digest, "current.json"])


def test_bundle_says_what_it_is(bundle: Bundle) -> None:
    taxonomy = load_taxonomy()
    assert (bundle.image_size, bundle.batch_size, bundle.embedding_dim) == (32, 16, 8)
    assert bundle.intents == taxonomy.intent_ids
    assert bundle.parents == taxonomy.parent_ids
    assert np.array_equal(bundle.parent_index, taxonomy.parent_index)
    assert bundle.taxonomy.digest == taxonomy.digest
    assert bundle.facts["data_window"] == "2026-10-01 to 2026-10-30"
    assert bundle.metrics["rows"] > 0
    card = (bundle.folder / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "squeezenet1_1" in card
    assert "국기" in card


def test_card_says_what_was_held_out(bundle: Bundle) -> None:
    rows = {"rows": 5_000, "held_out": "groups"}
    card = {
        part: model_card({**bundle.facts, "metrics": {**bundle.metrics, **rows, "part": part}}, bundle.taxonomy)
        for part in ("validation", "training")
    }
    assert "chosen on the validation part" in card["validation"]
    assert "5,000 pictures (duplicates are never on both sides):" in card["validation"]
    assert "validation part" not in card["training"]
    assert "5,000 pictures that it learned from" in card["training"]
    few = model_card({**bundle.facts, "metrics": {**bundle.metrics, **rows, "rows": 19}}, bundle.taxonomy)
    assert "since fewer than 20 pictures were held out" in few


def test_taxonomy_survives_its_yaml(tmp_path: Path) -> None:
    path = tmp_path / "taxonomy.yaml"
    path.write_text(taxonomy_yaml(load_taxonomy()), encoding="utf-8")
    assert load_taxonomy(path) == load_taxonomy()


def test_weights_are_named_without_their_folder() -> None:
    assert TrainConfig(weights="/home/somebody/net.pth").described()["weights"] == "net.pth"


def test_folder_of_one_bundle_stands_for_it(bundle: Bundle) -> None:
    (bundle.folder.parent / "current.json").unlink()
    assert load_bundle(bundle.folder.parent).digest == bundle.digest
    shutil.copytree(bundle.folder, bundle.folder.parent / "another")
    with pytest.raises(BundleError, match="holds no single bundle"):
        load_bundle(bundle.folder.parent)


@pytest.mark.parametrize("name", [*FILES, WEIGHTS])
def test_changed_file_is_refused(bundle: Bundle, name: str) -> None:
    with (bundle.folder / name).open("ab") as file:
        file.write(b" ")
    with pytest.raises(BundleError, match="holds other content than its name says"):
        load_bundle(bundle.folder)


def test_float_weights_travel_with_the_bundle_unless_they_are_not_wanted(
    trained: TrainedModel, bundle: Bundle, tmp_path: Path
) -> None:
    weights, state = load_weights(bundle), trained.net.state_dict()
    assert sorted(weights) == sorted(state)
    assert all(np.array_equal(weights[name], state[name].numpy()) for name in state)
    folder = export_bundle(
        trained,
        load_taxonomy(),
        tmp_path / "small",
        data_window=None,
        label_counts={},
        metrics=trained.metrics,
        with_weights=False,
    )
    with pytest.raises(BundleError, match="a training cannot start from it"):
        load_weights(load_bundle(folder))


def test_taken_out_weights_are_noticed(bundle: Bundle) -> None:
    (bundle.folder / WEIGHTS).unlink()
    with pytest.raises(BundleError, match="holds other content than its name says"):
        load_bundle(bundle.folder)


def test_missing_file_and_missing_folder_are_named(bundle: Bundle) -> None:
    (bundle.folder / "model.onnx").unlink()
    with pytest.raises(BundleError, match=r"lacks model\.onnx"):
        load_bundle(bundle.folder)
    with pytest.raises(BundleError, match="there is no such folder"):
        load_bundle(bundle.folder / "nowhere")


@pytest.mark.parametrize("pointer", ['{"model": "../../etc"}', '{"model": 3}', "{}", "[]", "null", "not json"])
def test_bad_pointer_is_refused(bundle: Bundle, pointer: str) -> None:
    (bundle.folder.parent / "current.json").write_text(pointer, encoding="utf-8")
    with pytest.raises(BundleError, match=r"current\.json"):
        load_bundle(bundle.folder.parent)


def renamed(bundle: Bundle) -> Path:
    """Give a spoiled bundle the name that its content asks for."""
    return bundle.folder.rename(bundle.folder.with_name(folder_digest(bundle.folder)))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is not JSON"),
        (b'{"format": 1, "intents": ["fl', "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[" * 200_000, "is not JSON"),
        (b"[]", "is [], expected an object"),
        (b"null", "is null, expected an object"),
        (b"{}", "lacks format"),
        (b'{"format": 99}', "has format 99, this version reads 1"),
        (b'{"format": 1}', "lacks backbone"),
    ],
)
def test_facts_that_are_none_are_one_line(bundle: Bundle, content: bytes, told: str) -> None:
    (bundle.folder / "bundle.json").write_bytes(content)
    with pytest.raises(BundleError, match=rf"bundle\.json {re.escape(told)}") as error:
        load_bundle(renamed(bundle))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", REQUIRED)
def test_missing_fact_is_named(bundle: Bundle, name: str) -> None:
    facts = json.loads((bundle.folder / "bundle.json").read_text(encoding="utf-8"))
    outer, _, inner = name.partition(".")
    del (facts[outer] if inner else facts)[inner or outer]
    (bundle.folder / "bundle.json").write_text(json.dumps(facts), encoding="utf-8")
    with pytest.raises(BundleError, match=rf"bundle\.json lacks {re.escape(name)};"):
        load_bundle(renamed(bundle))


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("temperature", "x", 'temperature is "x", expected a number above 0'),
        ("temperature", 0, "temperature is 0, expected"),
        ("temperature", 10**400, f"temperature is 1{'0' * 58}…, expected a number above 0"),
        ("temperature", float("nan"), "temperature is NaN, expected"),
        ("temperature", None, "temperature is null, expected"),
        ("intents", 5, "intents is 5, expected a list of different names"),
        ("intents", [], "intents is [], expected"),
        ("intents", ["flag", "flag"], "intents is ["),
        ("parents", None, "parents is null, expected"),
        ("parent_index", [0], "parent_index does not give each"),
        ("parent_index", "0", 'parent_index is "0", expected'),
        ("image_size", True, "image_size is true, expected a whole number from 1"),
        ("batch_size", 16.5, "batch_size is 16.5, expected"),
        ("metrics", [], "metrics is [], expected an object"),
        ("label_counts", {"flag": "x"}, "label_counts is "),
        ("training", None, "training is null, expected"),
        ("training", {"weights": "none", "seed": "x"}, 'training.seed is "x", expected'),
        ("precision", "int8", 'precision is "int8", expected an object or null'),
        ("precision", {"kind": 8}, "precision.kind is 8, expected a text"),
    ],
)
def test_fact_of_another_kind_is_named(bundle: Bundle, field: str, value: object, told: str) -> None:
    facts = json.loads((bundle.folder / "bundle.json").read_text(encoding="utf-8"))
    (bundle.folder / "bundle.json").write_text(json.dumps({**facts, field: value}), encoding="utf-8")
    with pytest.raises(BundleError, match=re.escape(f"bundle.json: {told}")) as error:
        load_bundle(renamed(bundle))
    assert "\n" not in str(error.value)


def test_taxonomy_that_is_none_or_another_is_refused(bundle: Bundle) -> None:
    path = bundle.folder / "taxonomy.yaml"
    text = path.read_text(encoding="utf-8").replace("id: flag\n", "id: banner\n")
    path.write_text(text, encoding="utf-8")
    folder = renamed(bundle)
    with pytest.raises(BundleError, match=r"bundle\.json has other intents or parents than taxonomy\.yaml"):
        load_bundle(folder)
    (folder / "taxonomy.yaml").write_text("- a\n", encoding="utf-8")
    with pytest.raises(BundleError, match=r"taxonomy\.yaml: file: is a list"):
        load_bundle(folder.rename(folder.with_name(folder_digest(folder))))


def test_graph_that_takes_weights_from_another_file_is_refused(bundle: Bundle) -> None:
    onnx = pytest.importorskip("onnx", reason="writes the other file")
    path = bundle.folder / "model.onnx"
    onnx.save_model(onnx.load(path), path, save_as_external_data=True, location="weights.bin", size_threshold=64)
    assert (bundle.folder / "weights.bin").is_file()
    with pytest.raises(BundleError, match=r"model\.onnx takes weights from another file"):
        load_bundle(renamed(bundle))


def test_graph_of_another_bundle_is_refused(bundle: Bundle) -> None:
    facts = json.loads((bundle.folder / "bundle.json").read_text(encoding="utf-8"))
    for field, told in (
        ("image_size", "pixels is (16, 32, 32, 3), bundle.json says (16, 33, 33, 3)"),
        ("embedding_dim", "embedding is (16, 8), bundle.json says (16, 9)"),
    ):
        (bundle.folder / "bundle.json").write_text(json.dumps({**facts, field: facts[field] + 1}), encoding="utf-8")
        moved = renamed(bundle)
        with pytest.raises(BundleError, match=re.escape(f"model.onnx: {told}")):
            Predictor(load_bundle(moved))
        moved.rename(bundle.folder)
    (bundle.folder / "model.onnx").write_bytes(b"no graph")
    (bundle.folder / "bundle.json").write_text(json.dumps(facts), encoding="utf-8")
    with pytest.raises(BundleError, match=r"cannot load model\.onnx"):
        Predictor(load_bundle(renamed(bundle)))


def test_other_taxonomy_is_refused(trained: TrainedModel, tmp_path: Path) -> None:
    path = tmp_path / "taxonomy.yaml"
    text = taxonomy_yaml(load_taxonomy()).replace("id: flag\n", "id: banner\n")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BundleError, match="trained for another taxonomy"):
        export_bundle(trained, load_taxonomy(path), tmp_path / "out", data_window=None, label_counts={}, metrics={})
    assert not (tmp_path / "out").exists()
