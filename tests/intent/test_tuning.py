"""Tuning: it repeats, goes on from a checkpoint as if nothing had happened, and stops where the loss breaks."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch")
pytest.importorskip("pytorch_lightning", reason="training needs Lightning")

from intent import tuning  # noqa: E402
from intent.examples import TrainingError, make_targets  # noqa: E402
from intent.model import HierarchicalLoss, IntentNet, PooledBackbone, load_backbone  # noqa: E402
from intent.tuning import Pictures, TuneConfig, TuneResult, between, tune  # noqa: E402
from labels.taxonomy import load_taxonomy  # noqa: E402
from tests.intent.drawn import drawn_examples, drawn_pictures  # noqa: E402

TAXONOMY = load_taxonomy()
ROWS = 40
CONFIG = TuneConfig(epochs=2, batch_size=8, rate=1e-3, accelerator="cpu")


def fresh_net() -> IntentNet:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        backbone = PooledBackbone(load_backbone("shufflenet_v2_x0_5"), image_size=32, all_maps=False)
        return IntentNet(backbone, intents=len(TAXONOMY.intent_ids), dropout=0.2)


def pictures() -> Pictures:
    targets = make_targets(drawn_examples(ROWS, TAXONOMY), TAXONOMY, class_balance=1.0)
    rows = np.arange(ROWS)
    return Pictures(drawn_pictures(ROWS), rows, targets, rows[:32], rows[32:], TAXONOMY.intent_ids)


def run(net: IntentNet, config: TuneConfig = CONFIG, **options: Any) -> TuneResult:
    loss = HierarchicalLoss(TAXONOMY.parent_index, parents=len(TAXONOMY.parent_ids), label_smoothing=0.1)
    return tune(net, pictures(), loss, config, **{"progress": lambda *step: None, **options})


@pytest.fixture(scope="module")
def tuned() -> IntentNet:
    net = fresh_net()
    result = run(net)
    assert (result.steps, result.stopped, len(result.held_out_macro_f1)) == (8, "", 2)
    return net


def same(one: IntentNet, other: IntentNet) -> bool:
    state, expected = one.state_dict(), other.state_dict()
    return all(torch.equal(state[name], expected[name]) for name in expected)


def stop_after(steps: int) -> Callable[..., None]:
    def progress(_stage: str, done: int, _total: int) -> None:
        if done == steps:
            raise KeyboardInterrupt

    return progress


def test_first_layers_and_batch_norm_statistics_stay(tuned: IntentNet) -> None:
    before, after = fresh_net().backbone.network.state_dict(), tuned.backbone.network.state_dict()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert "conv1.0.weight" not in changed
    assert "conv5.0.weight" in changed
    assert not [name for name in changed if "running_" in name]
    assert not tuned.training


def test_threads_decide_nothing(tuned: IntentNet) -> None:
    net = fresh_net()
    run(net, TuneConfig(**{**vars(CONFIG), "workers": 3}))
    assert same(net, tuned)


def test_killed_tuning_goes_on_as_if_nothing_had_happened(
    tuned: IntentNet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tuning, "CHECK_EVERY", 3)
    checkpoint, log = tmp_path / "a.ckpt", tmp_path / "a.csv"
    with pytest.raises(KeyboardInterrupt):
        run(fresh_net(), checkpoint=checkpoint, log=log, key="k", progress=stop_after(5))
    net = fresh_net()
    told: list[int] = []
    result = run(net, checkpoint=checkpoint, log=log, key="k", progress=lambda _s, done, _t: told.append(done))
    assert told[0] == 5  # the checkpoint is of step 4, the end of the first epoch
    assert len(result.held_out_macro_f1) == 2
    assert same(net, tuned)
    with log.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["step"] for row in rows] == ["3", "4", "6", "8"]
    assert [bool(row["held_out_macro_f1"]) for row in rows] == [False, True, False, True]


def test_broken_and_foreign_checkpoints_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.ckpt"
    for broken in (b"", b"not a checkpoint"):
        path.write_bytes(broken)
        with pytest.raises(TrainingError, match=r"a\.ckpt cannot be read: .*remove it to start anew"):
            run(fresh_net(), checkpoint=path, key="k")
    torch.save([3], path)
    with pytest.raises(TrainingError, match="is none of a training"):
        run(fresh_net(), checkpoint=path, key="k")
    torch.save({"key": "k", "step": 3}, path)
    with pytest.raises(TrainingError, match="lacks something"):
        run(fresh_net(), checkpoint=path, key="k")
    with pytest.raises(TrainingError, match="belongs to other settings or pictures"):
        run(fresh_net(), checkpoint=path, key="other")


def test_changed_checkpoint_and_one_without_numbers_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.ckpt"
    with pytest.raises(KeyboardInterrupt):
        run(fresh_net(), checkpoint=path, key="k", progress=stop_after(5))
    good = path.read_bytes()
    middle = len(good) // 2
    path.write_bytes(good[:middle] + bytes([good[middle] ^ 255]) + good[middle + 1 :])
    with pytest.raises(TrainingError, match="changed after it was written"):
        run(fresh_net(), checkpoint=path, key="k")
    path.write_bytes(good)
    content = torch.load(path, weights_only=True)
    content["net"]["head.bias"][0] = float("nan")
    torch.save(content, path)
    with pytest.raises(TrainingError, match=r"holds no finite number in head\.bias"):
        run(fresh_net(), checkpoint=path, key="k")


def test_loss_that_is_no_number_ends_it_with_the_last_good_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = tuning._loss

    def broken(*args: Any, step: int) -> Any:
        return honest(*args, step=step) * (float("nan") if step == 6 else 1.0)

    expected = fresh_net()
    with pytest.raises(KeyboardInterrupt):
        run(expected, progress=stop_after(4))
    monkeypatch.setattr(tuning, "_loss", broken)
    net = fresh_net()
    result = run(net)
    assert result.stopped == "the loss was nan in step 7 of 8; the last good weights are kept"
    assert result.steps == 6
    assert same(net, expected)


def test_it_stops_where_held_out_pictures_gain_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = iter([0.5, 0.4, 0.3, 0.9])
    monkeypatch.setattr(tuning, "_held_out_score", lambda *args: next(scores))
    result = run(fresh_net(), TuneConfig(epochs=4, batch_size=16, patience=2, accelerator="cpu"))
    assert result.held_out_macro_f1 == (0.5, 0.4, 0.3)
    assert result.stopped == "no better macro-F1 on held-out pictures for 2 epochs"


def test_killed_after_it_stopped_it_stops_there_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scores = iter([0.5, 0.4, 0.3, 0.9])  # the fourth epoch would be the best one, but an unbroken run never gets to it
    monkeypatch.setattr(tuning, "_held_out_score", lambda *args: next(scores))
    config = TuneConfig(epochs=4, batch_size=16, patience=2, accelerator="cpu")
    first, again = fresh_net(), fresh_net()
    expected = run(first, config, checkpoint=tmp_path / "a.ckpt", key="k")
    assert run(again, config, checkpoint=tmp_path / "a.ckpt", key="k") == expected
    assert expected.stopped
    assert same(again, first)


def test_weights_that_break_in_the_last_step_are_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loss = tuning._loss

    def infinite(*args: Any, step: int) -> Any:
        found = loss(*args, step=step)
        return found + (args[0].head.bias * 0).sqrt().sum() if step == 7 else found  # 0; its gradient is no number

    expected = fresh_net()
    with pytest.raises(KeyboardInterrupt):
        run(expected, progress=stop_after(4))
    monkeypatch.setattr(tuning, "_loss", infinite)
    net = fresh_net()
    result = run(net, checkpoint=tmp_path / "a.ckpt", key="k")
    assert "held no finite number after step 8 of 8; the last good weights are kept" in result.stopped
    assert same(net, expected)
    assert torch.load(tmp_path / "a.ckpt", weights_only=True)["step"] == 4


def test_accelerator_that_is_not_there_is_named() -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    with pytest.raises(TrainingError, match="torch sees no GPU here"):
        run(fresh_net(), TuneConfig(accelerator="gpu"))


def test_weights_between_lie_between() -> None:
    given, tuned = (
        {"a": torch.tensor([0.0, 4.0]), "n": torch.tensor(1)},
        {"a": torch.tensor([2.0, 0.0]), "n": torch.tensor(3)},
    )
    assert between(given, tuned, share=0.25)["a"].tolist() == [0.5, 3.0]
    assert between(given, tuned, share=0.25)["n"] == 3
