"""Inference: what the network says comes back, equal pictures give equal bytes, columns fit the contract."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

pytest.importorskip("torch", reason="a bundle is made by training")
pytest.importorskip("pytorch_lightning", reason="training needs Lightning")

from intent.bundle import BundleError, export_bundle, folder_digest, load_bundle
from intent.export import ExportNet
from intent.inference import Predictions, Predictor, prediction_columns
from intent.tables import CNN_COLUMNS, FEATURES
from intent.training import TrainConfig, TrainedModel, train_model
from labels.taxonomy import load_taxonomy
from tests.intent.drawn import KINDS, drawn_examples, drawn_pictures

FIELDS = ("intent_scores", "parent_scores", "unknown_score", "embedding")


@pytest.fixture(scope="module")
def trained() -> TrainedModel:
    config = TrainConfig(backbone="squeezenet1_1", image_size=32, embedding_dim=8, head_epochs=12, freeze_backbone=True)
    return train_model(drawn_examples(120, load_taxonomy()), drawn_pictures(120), load_taxonomy(), config)


@pytest.fixture(scope="module")
def predictor(trained: TrainedModel, tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    folder = export_bundle(
        trained,
        load_taxonomy(),
        tmp_path_factory.mktemp("model"),
        data_window=None,
        label_counts=trained.label_counts,
        metrics=trained.metrics,
    )
    return Predictor(load_bundle(folder))


def row_bytes(predictions: Predictions, row: int) -> bytes:
    return b"".join(getattr(predictions, name)[row].tobytes() for name in FIELDS)


def test_graph_says_what_the_network_says(trained: TrainedModel, predictor: Predictor) -> None:
    import torch

    pictures = drawn_pictures(20, seed=5)
    with torch.no_grad():
        expected = ExportNet(trained).eval()(torch.from_numpy(pictures))
    found = predictor.predict(pictures)
    for name, values in zip(FIELDS, expected, strict=True):
        assert np.allclose(getattr(found, name).astype(np.float32), values.numpy(), atol=2e-3), name


def test_scores_are_probabilities_and_parents_their_sums(predictor: Predictor) -> None:
    found = predictor.predict(drawn_pictures(33, seed=6))
    assert found.intent_scores.shape == (33, 37)
    assert found.embedding.dtype == np.float16
    assert np.allclose(found.intent_scores.sum(axis=1), 1, atol=1e-5)
    summed = np.zeros((33, 8))
    np.add.at(summed.T, predictor.bundle.parent_index, found.intent_scores.T)
    assert np.allclose(summed, found.parent_scores, atol=1e-6)
    assert np.allclose(np.linalg.norm(found.embedding.astype(np.float64), axis=1), 1, atol=2e-3)
    assert ((found.unknown_score >= 0) & (found.unknown_score <= 1)).all()


def test_drawn_kinds_are_recognised(predictor: Predictor) -> None:
    found = predictor.predict(drawn_pictures(40, seed=7))
    named = [predictor.bundle.intents[row] for row in found.intent_scores.argmax(axis=1)]
    assert np.mean([name == KINDS[row % 4] for row, name in enumerate(named)]) > 0.9


def test_equal_picture_gives_equal_bytes_whatever_its_neighbours(predictor: Predictor) -> None:
    pictures = drawn_pictures(40, seed=8)
    together = predictor.predict(pictures)
    order = np.random.default_rng(0).permutation(40)
    shuffled = predictor.predict(pictures[order])
    for place, row in enumerate(order):
        assert row_bytes(shuffled, place) == row_bytes(together, row)
    for row in (0, 17, 39):
        assert row_bytes(predictor.predict(pictures[row : row + 1]), 0) == row_bytes(together, row)


def test_columns_fit_the_contract(predictor: Predictor) -> None:
    found = predictor.predict(drawn_pictures(5))
    columns = prediction_columns(found, predictor.bundle)
    assert set(columns) == set(CNN_COLUMNS) - {"cnn_hash"}
    assert all(column.type == FEATURES.field(name).type for name, column in columns.items())
    table = pa.table(columns)
    row = table.to_pylist()[3]
    assert row["intent"] == predictor.bundle.intents[int(np.argmax(row["intent_scores"]))]
    assert row["confidence"] == max(row["intent_scores"])
    assert row["model"] == predictor.bundle.digest
    assert len(row["embedding"]) == 8


def test_no_pictures_give_no_rows(predictor: Predictor) -> None:
    found = predictor.predict(np.zeros((0, 32, 32, 3), dtype=np.uint8))
    assert all(len(column) == 0 for column in prediction_columns(found, predictor.bundle).values())


def test_pictures_of_another_shape_are_refused(predictor: Predictor) -> None:
    with pytest.raises(ValueError, match=r"expected uint8\[n, 32, 32, 3\]"):
        predictor.predict(np.zeros((1, 64, 64, 3), dtype=np.uint8))
    with pytest.raises(ValueError, match="images are float32"):
        predictor.predict(np.zeros((1, 32, 32, 3), dtype=np.float32))  # type: ignore[arg-type]


def test_floats_go_to_a_gpu_where_there_is_one(predictor: Predictor, monkeypatch: pytest.MonkeyPatch) -> None:
    import onnxruntime

    asked: list[list[str]] = []

    def session(_path: str, _options: object, *, providers: list[str | tuple[str, object]]) -> object:
        asked.append([name if isinstance(name, str) else name[0] for name in providers])
        return predictor._session

    cpu, cuda = "CPUExecutionProvider", "CUDAExecutionProvider"
    whole = replace(predictor.bundle, facts={**predictor.bundle.facts, "precision": {"kind": "int8"}})
    monkeypatch.setattr(onnxruntime, "InferenceSession", session)
    for available in ([cpu], [cuda, cpu]):
        monkeypatch.setattr(onnxruntime, "get_available_providers", lambda found=available: found)
        Predictor(predictor.bundle)
        Predictor(whole)
    assert asked == [[cpu], [cpu], [cuda, cpu], [cpu]]


def test_graph_that_is_none_is_a_bundle_error(predictor: Predictor, tmp_path: Path) -> None:
    source = predictor.bundle.folder
    folder = tmp_path / "spoiled"
    folder.mkdir()
    for path in source.iterdir():
        (folder / path.name).write_bytes(b"no graph" if path.suffix == ".onnx" else path.read_bytes())
    folder = folder.rename(tmp_path / folder_digest(folder))
    with pytest.raises(BundleError, match=r"cannot load model\.onnx"):
        Predictor(load_bundle(folder))
