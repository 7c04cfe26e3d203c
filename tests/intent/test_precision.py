"""int8 graphs: they replace the floats only where they judge as well; equal pictures still give equal bytes."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="the graph of these tests is exported; install image-intent[train]")

from intent.bundle import Bundle, BundleError, export_bundle, load_bundle
from intent.export import write_graph
from intent.inference import GraphError, Predictor, open_session, padded_batches
from intent.metrics import confusion_matrix, macro_f1
from intent.precision import Precision, Trial, choose_precision, graph_answers
from intent.quantize import QuantizeError, check_operators, quantize_graph
from intent.training import TrainConfig, TrainedModel, train_model
from labels.taxonomy import load_taxonomy
from tests.intent.drawn import KINDS, drawn_examples, drawn_pictures

BATCH = 8
PICTURES = 400
# what the quantiser of onnxruntime and torch's exporter say of themselves
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")


@pytest.fixture(scope="module")
def trained() -> TrainedModel:
    config = TrainConfig(
        backbone="mobilenet_v2",
        image_size=32,
        embedding_dim=8,
        head_epochs=12,
        freeze_backbone=True,
        validation_share=0.2,
    )
    taxonomy = load_taxonomy()
    return train_model(drawn_examples(PICTURES, taxonomy), drawn_pictures(PICTURES), taxonomy, config)


@pytest.fixture(scope="module")
def graph(trained: TrainedModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("graph") / "model.onnx"
    write_graph(trained, path, batch_size=BATCH)
    return path


def truth_of(count: int) -> np.ndarray:
    ids = load_taxonomy().intent_ids
    return np.array([ids.index(KINDS[row % 4]) for row in range(count)], np.int64)


def graph_macro_f1(graph: Path, pictures: np.ndarray, truth: np.ndarray) -> float:
    scores, _ = graph_answers(graph, pictures, np.arange(len(pictures)), batch_size=BATCH)
    return macro_f1(confusion_matrix(truth, scores.argmax(axis=1), classes=scores.shape[1]))


def choose(graph: Path, held_out: int, **options: Any) -> Precision:
    """Try int8 on pictures of which the first 32 taught and the rest is held out."""
    pictures = drawn_pictures(32 + held_out, seed=2)
    trial = Trial(np.arange(32), np.arange(32, 32 + held_out), truth_of(held_out))
    return choose_precision(graph, pictures, trial, batch_size=BATCH, **options)


def bundle_of(trained: TrainedModel, output: Path, precision: str) -> Bundle:
    folder = export_bundle(
        trained,
        load_taxonomy(),
        output,
        data_window=None,
        label_counts=trained.label_counts,
        metrics=trained.metrics,
        images=drawn_pictures(PICTURES),
        precision=precision,
    )
    return load_bundle(folder)


def test_int8_graph_is_smaller_and_judges_alike(graph: Path, tmp_path: Path) -> None:
    turned = tmp_path / "int8.onnx"
    quantize_graph(graph, turned, drawn_pictures(32, seed=1), batch_size=BATCH)
    assert turned.stat().st_size < 0.5 * graph.stat().st_size
    held_out, truth = drawn_pictures(64, seed=2), truth_of(64)
    floats = graph_macro_f1(graph, held_out, truth)
    assert floats > 0.9
    assert graph_macro_f1(turned, held_out, truth) > floats - 0.05


def test_equal_picture_gives_equal_bytes_in_int8(trained: TrainedModel, tmp_path: Path) -> None:
    predictor, pictures = Predictor(bundle_of(trained, tmp_path, "int8")), drawn_pictures(20, seed=3)

    def rows(order: list[int]) -> list[bytes]:
        found = predictor.predict(pictures[order])
        values = (found.intent_scores, found.parent_scores, found.unknown_score, found.embedding)
        return [b"".join(value[row].tobytes() for value in values) for row in range(len(order))]

    together, turned_round = rows(list(range(20))), rows(list(range(19, -1, -1)))
    assert together == turned_round[::-1]
    assert rows([7]) == [together[7]]
    assert rows([7, 7, 3]) == [together[7], together[7], together[3]]


def test_bundle_says_its_precision_and_keeps_float_weights(trained: TrainedModel, tmp_path: Path) -> None:
    floats, turned = (bundle_of(trained, tmp_path / kind, kind) for kind in ("float32", "int8"))
    assert floats.facts["precision"]["kind"] == "float32"
    told = turned.facts["precision"]
    assert told["kind"] == "int8"
    assert told["held_out"] == floats.metrics["rows"]
    assert told["float_macro_f1"] == pytest.approx(floats.metrics["macro_f1"], abs=1e-3)
    assert told["embedding_cosine"] > 0.9
    card = (turned.folder / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert f"Computes in int8: {told['reason']}, on {told['held_out']} held-out pictures" in card
    weights = [(bundle.folder / "weights.safetensors").read_bytes() for bundle in (floats, turned)]
    assert weights[0] == weights[1]
    assert bundle_of(trained, tmp_path / "again", "int8").digest == turned.digest
    assert bundle_of(trained, tmp_path / "auto", "auto").facts["precision"]["held_out"] == told["held_out"]


def test_judging_head_is_the_one_that_has_not_learned(trained: TrainedModel, tmp_path: Path) -> None:
    """A head that answers nothing but the first intent gets that intent's share, whatever the network's own knows."""
    head = trained.net.head
    blind = head.weight.detach() * 0, head.bias.detach() * 0
    assert trained.trial is not None
    changed = replace(trained, trial=replace(trained.trial, head=blind))
    told = bundle_of(changed, tmp_path, "auto").facts["precision"]
    assert told["float_macro_f1"] == told["int8_macro_f1"]
    assert told["float_macro_f1"] < 0.2


def test_activations_without_an_8_bit_kernel_keep_the_floats(tmp_path: Path) -> None:
    import torch

    class Net(torch.nn.Module):
        def __init__(self, activation: torch.nn.Module) -> None:
            super().__init__()
            self.layers = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), activation, torch.nn.Conv2d(4, 4, 3))

        def forward(self, pixels: torch.Tensor) -> torch.Tensor:
            return torch.as_tensor(self.layers(pixels.float().permute(0, 3, 1, 2)))

    path = tmp_path / "model.onnx"
    for activation in (torch.nn.Hardswish(), torch.nn.ReLU6()):
        pixels = torch.zeros(BATCH, 8, 8, 3, dtype=torch.uint8)
        torch.onnx.export(
            Net(activation).eval(), (pixels,), str(path), dynamo=False, opset_version=17, input_names=["pixels"]
        )
        if isinstance(activation, torch.nn.ReLU6):
            check_operators(path)
            continue
        with pytest.raises(QuantizeError, match="no 8-bit HardSwish: int8 would be no faster"):
            check_operators(path)
        told = choose(path, 64)
        assert (told.kind, told.float_macro_f1) == ("float32", None)


def test_int8_that_cannot_be_made_is_one_line(
    trained: TrainedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intent.quantize.backbone_nodes", lambda _nodes: set())
    with pytest.raises(BundleError, match=r"no int8 of mobilenet_v2: model\.onnx has no convolution"):
        bundle_of(trained, tmp_path, "int8")
    assert bundle_of(trained, tmp_path, "auto").facts["precision"]["kind"] == "float32"


def test_int8_is_kept_only_where_it_loses_little(graph: Path, tmp_path: Path) -> None:
    copy = tmp_path / "model.onnx"
    copy.write_bytes(graph.read_bytes())
    refused = choose(copy, 64, most_lost=-2.0)
    assert (refused.kind, copy.read_bytes()) == ("float32", graph.read_bytes())
    taken = choose(copy, 64, most_lost=0.2)
    assert taken.kind == "int8"
    assert taken.float_macro_f1 is not None
    assert taken.int8_macro_f1 is not None
    assert taken.float_macro_f1 - taken.int8_macro_f1 <= 0.2
    assert copy.stat().st_size < graph.stat().st_size
    assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]


def test_embeddings_that_move_keep_the_floats(graph: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "model.onnx"
    copy.write_bytes(graph.read_bytes())
    monkeypatch.setattr("intent.precision.LEAST_COSINE", 1.01)
    told = choose(copy, 64, most_lost=1.0)
    assert (told.kind, copy.read_bytes()) == ("float32", graph.read_bytes())
    assert "1.01 is allowed" in told.reason


def test_few_held_out_pictures_keep_the_floats(graph: Path, tmp_path: Path) -> None:
    copy = tmp_path / "model.onnx"
    copy.write_bytes(graph.read_bytes())
    told = choose(copy, 8)
    assert (told.kind, told.held_out) == ("float32", 8)
    assert "8 held-out pictures" in told.reason
    assert copy.read_bytes() == graph.read_bytes()


def test_sessions_need_a_thread_and_a_graph(graph: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="threads must be 1 or more"):
        open_session(graph, threads=0)
    with pytest.raises(GraphError, match=r"cannot load nothing\.onnx"):
        open_session(tmp_path / "nothing.onnx")


def test_batches_are_padded_to_one_size() -> None:
    pictures = drawn_pictures(11)
    parts = list(padded_batches(pictures, 4))
    assert [count for _, count in parts] == [4, 4, 3]
    assert all(pixels.shape == (4, 32, 32, 3) for pixels, _ in parts)
    assert np.array_equal(np.concatenate([pixels[:count] for pixels, count in parts]), pictures)
    assert not parts[2][0][3].any()
