"""int8 graphs: they replace the floats only where they judge as well; equal pictures still give equal bytes."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the graph of these tests is exported; install image-intent[train]")

from intent.bundle import OUTPUTS
from intent.export import write_graph
from intent.inference import GraphError, open_session, padded_batches
from intent.quantize import Precision, choose_precision, graph_macro_f1, quantize_graph
from intent.training import TrainConfig, train_model
from labels.taxonomy import load_taxonomy
from tests.intent.drawn import KINDS, drawn_examples, drawn_pictures

BATCH = 8
# what the quantiser of onnxruntime and torch's exporter say of themselves
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    taxonomy = load_taxonomy()
    config = TrainConfig(backbone="mobilenet_v2", image_size=32, embedding_dim=8, head_epochs=12, freeze_backbone=True)
    trained = train_model(drawn_examples(120, taxonomy), drawn_pictures(120), taxonomy, config)
    path = tmp_path_factory.mktemp("graph") / "model.onnx"
    write_graph(trained, path, batch_size=BATCH)
    return path


def truth_of(count: int) -> np.ndarray:
    ids = load_taxonomy().intent_ids
    return np.array([ids.index(KINDS[row % 4]) for row in range(count)], np.int64)


def choose(graph: Path, held_out: int, **options: float) -> Precision:
    return choose_precision(
        graph,
        calibration=drawn_pictures(32, seed=1),
        held_out=drawn_pictures(held_out, seed=2),
        truth=truth_of(held_out),
        batch_size=BATCH,
        **options,
    )


def test_int8_graph_is_smaller_and_judges_alike(graph: Path, tmp_path: Path) -> None:
    turned = tmp_path / "int8.onnx"
    quantize_graph(graph, turned, drawn_pictures(32, seed=1), batch_size=BATCH)
    assert turned.stat().st_size < 0.5 * graph.stat().st_size
    held_out, truth = drawn_pictures(64, seed=2), truth_of(64)
    floats = graph_macro_f1(graph, held_out, truth, batch_size=BATCH)
    assert floats > 0.9
    assert graph_macro_f1(turned, held_out, truth, batch_size=BATCH) > floats - 0.05


def test_equal_picture_gives_equal_bytes_in_int8(graph: Path, tmp_path: Path) -> None:
    turned = tmp_path / "int8.onnx"
    quantize_graph(graph, turned, drawn_pictures(32, seed=1), batch_size=BATCH)
    session, pictures = open_session(turned), drawn_pictures(20, seed=3)

    def rows(order: list[int]) -> list[bytes]:
        found = []
        for pixels, count in padded_batches(pictures[order], BATCH):
            values = session.run(list(OUTPUTS), {"pixels": pixels})
            found += [b"".join(value[row].tobytes() for value in values) for row in range(count)]
        return found

    together, turned_round = rows(list(range(20))), rows(list(range(19, -1, -1)))
    assert together == turned_round[::-1]
    assert rows([7]) == [together[7]]


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
