"""A network from random weights that was killed goes on from its last whole epoch as if nothing had happened."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

torch = pytest.importorskip("torch", reason="training needs torch")
pytest.importorskip("pytorch_lightning", reason="training needs Lightning")

from intent.model import IntentModule  # noqa: E402
from intent.training import TrainConfig, TrainedModel, TrainingError, Work, train_model  # noqa: E402
from labels.taxonomy import load_taxonomy  # noqa: E402
from tests.intent.drawn import drawn_examples, drawn_pictures  # noqa: E402

TAXONOMY = load_taxonomy()
ROWS = 64
CONFIG = TrainConfig(
    backbone="mobilenet_v3_small",  # it has dropout and batch norm of its own
    image_size=32,
    embedding_dim=4,
    epochs=3,
    head_epochs=1,
    batch_size=16,
    validation_share=0.25,
    odd_per_kind=2,
    accelerator="cpu",
)


class Killed(Exception):
    """In place of a signal: Lightning turns an interrupt into an exit."""


def train(work: Work | None = None, progress: Callable[[str, int, int], None] | None = None) -> TrainedModel:
    sources = pa.array([f"site{row // 4 % 8}" for row in range(ROWS)])
    examples = drawn_examples(ROWS, TAXONOMY).append_column("source", sources)
    return train_model(examples, drawn_pictures(ROWS), TAXONOMY, CONFIG, progress=progress, work=work)


def kill_at(where: str, step: int) -> Callable[[str, int, int], None]:
    def progress(stage: str, done: int, _total: int) -> None:
        if (stage, done) == (where, step):
            raise Killed

    return progress


def work_in(folder: Path, *, key: str = "k") -> Work:
    return Work(checkpoint=folder / "a.ckpt", log=folder / "a.csv", key=key)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def same(one: TrainedModel, other: TrainedModel) -> bool:
    state, expected = one.net.state_dict(), other.net.state_dict()
    facts = (one.metrics, one.temperature, one.notes) == (other.metrics, other.temperature, other.notes)
    return facts and all(torch.equal(state[name], expected[name]) for name in expected)


@pytest.fixture(scope="module", autouse=True)
def _short_head() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("intent.from_scratch.FEWEST_HEAD_STEPS", 8)
        yield


@pytest.fixture(scope="module")
def unbroken(_short_head: None) -> TrainedModel:
    return train()


@pytest.fixture(scope="module")
def per_epoch(unbroken: TrainedModel) -> int:
    return int(str(unbroken.metrics["training_rows"])) // CONFIG.batch_size


def test_checkpoint_and_log_change_nothing(unbroken: TrainedModel, per_epoch: int, tmp_path: Path) -> None:
    assert same(train(work_in(tmp_path)), unbroken)
    rows = rows_of(tmp_path / "a.csv")
    assert [(row["epoch"], row["step"]) for row in rows] == [(str(n), str(n * per_epoch)) for n in (1, 2, 3)]
    assert all(float(row["loss"]) > 0 and 0 <= float(row["held_out_macro_f1"]) <= 1 for row in rows)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.ckpt", "a.csv"]


@pytest.mark.parametrize("epochs_done", [0, 2])
def test_killed_within_an_epoch_it_loses_that_epoch_alone(
    epochs_done: int, unbroken: TrainedModel, per_epoch: int, tmp_path: Path
) -> None:
    work = work_in(tmp_path)
    with pytest.raises(Killed):
        train(work, kill_at("network", epochs_done * per_epoch + 2))
    told: list[tuple[str, int, int]] = []
    again = train(work, lambda *step: told.append(step))
    assert told[0] == ("network", epochs_done * per_epoch + 1, 3 * per_epoch)
    assert same(again, unbroken)
    assert [row["epoch"] for row in rows_of(tmp_path / "a.csv")] == ["1", "2", "3"]


@pytest.mark.parametrize(("stage", "step"), [("features", 32), ("head", 5)])
def test_killed_after_the_network_it_trains_no_step_of_it_again(
    stage: str, step: int, unbroken: TrainedModel, tmp_path: Path
) -> None:
    work = work_in(tmp_path)
    with pytest.raises(Killed):
        train(work, kill_at(stage, step))
    told: list[str] = []
    assert same(train(work, lambda stage, _done, _total: told.append(stage)), unbroken)
    assert "network" not in told


def test_killed_twice(unbroken: TrainedModel, per_epoch: int, tmp_path: Path) -> None:
    work = work_in(tmp_path)
    for step in (per_epoch + 1, 2 * per_epoch + 1):
        with pytest.raises(Killed):
            train(work, kill_at("network", step))
    assert same(train(work), unbroken)


def test_broken_and_foreign_checkpoints_are_named(tmp_path: Path) -> None:
    work = work_in(tmp_path)
    with pytest.raises(Killed):
        train(work, kill_at("features", 32))
    path = tmp_path / "a.ckpt"
    with pytest.raises(TrainingError, match=r"a\.ckpt belongs to other settings or pictures; remove it to start anew"):
        train(work_in(tmp_path, key="other"))
    content = torch.load(path, weights_only=True)
    good = path.read_bytes()
    middle = len(good) // 2
    path.write_bytes(good[:middle] + bytes([good[middle] ^ 255]) + good[middle + 1 :])
    with pytest.raises(TrainingError, match=r"cannot be read: it was changed after it was written"):
        train(work)
    del content["chance"]  # as a tuning has none
    torch.save(content, path)
    with pytest.raises(TrainingError, match=r"a\.ckpt lacks something \('chance'\); remove it to start anew"):
        train(work)


def broken_at(monkeypatch: pytest.MonkeyPatch, step: int, factor: Callable[[Any], Any]) -> None:
    """Let the loss of one step of the network, counted from 1, be another."""
    honest, seen = IntentModule.training_step, [0]

    def broken(self: IntentModule, batch: Any, index: int) -> Any:
        loss = honest(self, batch, index)
        seen[0] += self.batch_norm is not None
        return factor(loss) if seen[0] == step else loss

    monkeypatch.setattr(IntentModule, "training_step", broken)


def test_epoch_whose_loss_breaks_is_in_no_checkpoint(
    per_epoch: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken_at(monkeypatch, per_epoch + 1, lambda loss: loss * float("nan"))
    model = train(work_in(tmp_path))
    assert model.notes["stopped"] == (
        f"the loss was nan in step {per_epoch + 1} of {3 * per_epoch}; the last good weights are kept"
    )
    assert torch.load(tmp_path / "a.ckpt", weights_only=True)["step"] == per_epoch
    assert [row["epoch"] for row in rows_of(tmp_path / "a.csv")] == ["1"]


def test_weights_that_break_in_the_last_step_are_not_kept(
    per_epoch: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken_at(monkeypatch, 3 * per_epoch, lambda loss: loss + (loss * 0).sqrt())  # 0; its gradient is no number
    model = train(work_in(tmp_path))
    assert "held no finite number after step" in str(model.notes["stopped"])
    assert all(torch.isfinite(value).all() for value in model.net.state_dict().values())
    assert torch.load(tmp_path / "a.ckpt", weights_only=True)["step"] == 2 * per_epoch
