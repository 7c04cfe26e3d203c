"""From one taxonomy to another: added, split, merged and deprecated classes start from what was known."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch")

from intent.expand import Start, describe_origins, mapped_head, origins  # noqa: E402
from labels.taxonomy import Taxonomy, load_taxonomy  # noqa: E402


def taxonomy(path: Path, intents: list[tuple[str, str, str | None]]) -> Taxonomy:
    parents = list(dict.fromkeys(parent for _, parent, _ in intents))
    lines = ["version: 1", "parents:", *(f"- {{id: {p}, en: {p}, ko: {p}}}" for p in parents), "intents:"]
    for name, parent, heir in intents:
        tail = f", deprecated_by: {heir}" if heir else ""
        lines.append(f"- {{id: {name}, parent: {parent}, en: {name}, ko: {name}, patterns: [{name} x]{tail}}}")
    path.write_text("\n".join(lines), encoding="utf-8")
    return load_taxonomy(path)


def start(old: Taxonomy) -> Start:
    n = len(old.intent_ids)
    state = {"head.weight": np.eye(n, 4, dtype=np.float32), "head.bias": np.arange(n, dtype=np.float32)}
    return Start(state=state, taxonomy=old, backbone="resnet18", all_maps=False, digest="0" * 16)


def shares(logits: torch.Tensor) -> np.ndarray:
    return torch.softmax(logits, dim=0).numpy()


def test_first_labels_become_intents_of_equal_sum(tmp_path: Path) -> None:
    old = taxonomy(tmp_path / "old.yaml", [("photo", "photo", None), ("text", "text", None)])
    new = taxonomy(tmp_path / "new.yaml", [("cat", "photo", None), ("dog", "photo", None), ("page", "text", None)])
    assert origins(old, new) == [[0], [0], [1]]
    begun = start(old)
    weight, bias = mapped_head(begun, new)
    features = torch.randn(4, generator=torch.Generator().manual_seed(0))
    before = shares(
        torch.from_numpy(begun.state["head.weight"]) @ features + torch.from_numpy(begun.state["head.bias"])
    )
    after = shares(weight @ features + bias)
    assert after[0] == pytest.approx(after[1])
    assert after[:2].sum() == pytest.approx(before[0], abs=1e-6)


def test_merged_deprecated_added_and_unknown_classes(tmp_path: Path) -> None:
    old = taxonomy(tmp_path / "old.yaml", [("cat", "photo", None), ("dog", "photo", None), ("page", "text", None)])
    new = taxonomy(
        tmp_path / "new.yaml",
        [
            ("cat", "photo", "pet"),
            ("dog", "photo", "pet"),
            ("pet", "photo", None),
            ("page", "text", None),
            ("receipt", "text", None),
            ("flag", "drawing", None),
        ],
    )
    assert origins(old, new) == [[0, 1], [2], [2], []]
    weight, bias = mapped_head(start(old), new)
    assert weight[0].tolist() == [0.5, 0.5, 0.0, 0.0]
    assert bias[0] == pytest.approx(np.log(np.exp(0) + np.exp(1)))
    assert torch.equal(weight[1], weight[2])
    assert bias[3] == 0.0


def test_both_parts_of_a_split_class_start_from_it(tmp_path: Path) -> None:
    old = taxonomy(tmp_path / "old.yaml", [("map", "text", None), ("page", "text", None), ("flag", "text", None)])
    path = tmp_path / "new.yaml"
    taxonomy(path, [("map", "text", "street_map"), ("page", "text", None), ("street_map", "text", None)])
    text = path.read_text(encoding="utf-8").replace("{id: street_map,", "{id: street_map, split_from: map,")
    text += "\n- {id: metro_map, parent: text, en: m, ko: m, patterns: [m], split_from: map}"
    path.write_text(text + "\n- {id: chart, parent: text, en: c, ko: c, patterns: [c]}", encoding="utf-8")
    new = load_taxonomy(path)
    assert new.intent_ids == ("page", "street_map", "metro_map", "chart")
    assert origins(old, new) == [[1], [0], [0], [0, 1, 2]]
    weight, bias = mapped_head(start(old), new)
    assert torch.equal(weight[1], weight[2])
    assert bias[1] == bias[2] == pytest.approx(0.0 - np.log(2 + 1 / 3))
    assert describe_origins(old, new) == (
        "1 intents as they were; split: street_map (map), metro_map (map); added, as the mean of its neighbours: chart"
    )


def test_a_part_beside_its_class_shares_with_it(tmp_path: Path) -> None:
    old = taxonomy(tmp_path / "old.yaml", [("map", "text", None), ("flag", "drawing", None)])
    path = tmp_path / "new.yaml"
    taxonomy(path, [("map", "text", None), ("metro_map", "text", None)])
    path.write_text(path.read_text().replace("{id: metro_map,", "{id: metro_map, split_from: map,"), encoding="utf-8")
    new = load_taxonomy(path)
    assert origins(old, new) == [[0], [0]]
    assert describe_origins(old, new) == "1 intents as they were; split: metro_map (map); no more: flag"
    _, bias = mapped_head(start(old), new)
    assert bias.tolist() == pytest.approx([-np.log(2), -np.log(2)])


def test_an_added_class_is_as_probable_as_each_neighbour(tmp_path: Path) -> None:
    old = taxonomy(tmp_path / "old.yaml", [("page", "text", None), ("table", "text", None), ("flag", "drawing", None)])
    new = taxonomy(
        tmp_path / "new.yaml",
        [("page", "text", None), ("table", "text", None), ("receipt", "text", None), ("flag", "drawing", None)],
    )
    begun = start(old)
    begun.state["head.weight"][:] = 0
    begun.state["head.bias"][:] = [1.0, 1.0, 0.0]
    before, after = shares(torch.from_numpy(begun.state["head.bias"])), shares(mapped_head(begun, new)[1])
    assert after[:3] == pytest.approx([before[:2].sum() / 3] * 3)
    assert after[3] == pytest.approx(before[2])


def test_same_taxonomy_keeps_the_head(tmp_path: Path) -> None:
    old = taxonomy(tmp_path / "old.yaml", [("cat", "photo", None), ("page", "text", None)])
    weight, bias = mapped_head(start(old), old)
    assert np.array_equal(weight.numpy(), np.eye(2, 4))
    assert bias.tolist() == pytest.approx([0.0, 1.0])


def test_class_without_examples_survives_an_expansion(tmp_path: Path) -> None:
    pytest.importorskip("pytorch_lightning", reason="training needs Lightning")
    from intent.bundle import export_bundle, load_bundle
    from intent.export import ExportNet
    from intent.training import TrainConfig, train_model
    from tests.intent.drawn import drawn_examples, drawn_pictures

    known = load_taxonomy()
    config = TrainConfig(
        backbone="squeezenet1_1", image_size=32, freeze_backbone=True, head_epochs=12, accelerator="cpu"
    )
    first = train_model(drawn_examples(120, known), drawn_pictures(120), known, config)
    folder = export_bundle(first, known, tmp_path, data_window=None, label_counts={}, metrics=first.metrics)
    rows = np.flatnonzero(np.arange(120) % 4 != 3)  # no landscape_photo this time
    second = train_model(
        drawn_examples(120, known).take(rows),
        drawn_pictures(120)[rows],
        known,
        TrainConfig(
            backbone="squeezenet1_1",
            weights="bundle",
            image_size=32,
            epochs=1,
            tuning_rate=1e-5,
            accelerator="cpu",
        ),
        start=Start.read(load_bundle(folder)),
    )
    with torch.no_grad():
        scores = ExportNet(second).eval()(torch.from_numpy(drawn_pictures(40, seed=9)))[0].numpy()
    place = known.intent_ids.index("landscape_photo")
    assert (scores[3::4].argmax(axis=1) == place).mean() > 0.5
