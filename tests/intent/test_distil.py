"""Distillation: views, what a teacher tells, and a student that learns it and goes on after a stop."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="distillation needs torch")
pytest.importorskip("torchvision", reason="distillation needs torchvision")

import torch

from intent.distil import CHECKPOINT, WEIGHTS, DistilConfig, distil
from intent.distil_student import Student, backbone_state, distil_loss
from intent.distil_teacher import CELLS, FeatureNet, Teacher, fit_regression, fit_rotation, fit_teacher
from intent.distil_views import BROAD, ViewPolicy, draw_views, jitter, mix, place, shrink
from intent.model import load_backbone

SIDE = 32
PLAIN = ViewPolicy(mirror=0.0, turn=0.0, colour=0.0, grey=0.0, invert=0.0, swap=0.0, blur=0.0, mixup=0.0, cutmix=0.0)


def pictures(count: int = 12) -> np.ndarray:
    """Return smooth pictures of two kinds: red above and blue above."""
    rng = np.random.default_rng(3)
    images = np.zeros((count, SIDE, SIDE, 3), np.uint8)
    for row in range(count):
        channel = 0 if row % 2 else 2
        images[row, : SIDE // 2, :, channel] = rng.integers(150, 256)
        images[row, SIDE // 2 :, :, 1] = rng.integers(0, 100)
    return images


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> Teacher:
    """Return a small random network as teacher."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("teacher") / "weights.pth"
    torch.save(load_backbone("mobilenet_v3_small").state_dict(), path)
    net = FeatureNet("mobilenet_v3_small", path, image_size=SIDE)
    views = torch.from_numpy(pictures(24)).permute(0, 3, 1, 2)
    intent = np.arange(24) % 2
    pooled, _ = net(views)
    return fit_teacher(net, views, pooled, intent, intents=2, dimensions=8, cell_dimensions=4)


def config(**changes: object) -> DistilConfig:
    values: dict[str, object] = {
        "image_size": SIDE,
        "small_share": 0.0,
        "rounds": 2,
        "views": 16,
        "passes": 2,
        "slots": 2,
        "batch_size": 8,
        "warm_steps": 1,
        **changes,
    }
    return DistilConfig(**values)  # type: ignore[arg-type]


def test_equal_generators_give_equal_views() -> None:
    rows = np.arange(12)
    first, again, other = (
        draw_views(pictures(), rows, generator=torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)
    )
    assert first.shape == (12, 3, SIDE, SIDE)
    assert first.dtype == torch.uint8
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_a_plain_policy_only_crops() -> None:
    even = np.full((4, SIDE, SIDE, 3), 77, np.uint8)
    views = draw_views(even, np.arange(4), generator=torch.Generator().manual_seed(0), policy=PLAIN)
    assert int(views.min()) == int(views.max()) == 77


def test_a_mirror_swaps_left_and_right() -> None:
    pixels = torch.zeros(8, 3, SIDE, SIDE)
    pixels[:, :, :, : SIDE // 2] = 1
    policy = ViewPolicy(**{**PLAIN.__dict__, "mirror": 1.0, "whole": 1.0})
    moved = place(pixels, torch.Generator().manual_seed(0), policy)
    assert (moved[:, :, :, 2].mean(dim=(1, 2)) < 0.1).all()
    assert (moved[:, :, :, -3].mean(dim=(1, 2)) > 0.9).all()


def test_mixes_hold_parts_of_two_pictures() -> None:
    pixels = torch.arange(16.0).div(16).view(-1, 1, 1, 1).expand(16, 3, SIDE, SIDE)
    pasted = mix(pixels, torch.Generator().manual_seed(0), ViewPolicy(**{**PLAIN.__dict__, "cutmix": 1.0}))
    kinds = [len(picture.unique()) for picture in pasted]
    assert max(kinds) == 2  # a picture may meet itself
    blended = mix(pixels, torch.Generator().manual_seed(0), ViewPolicy(**{**PLAIN.__dict__, "mixup": 1.0}))
    assert all(len(picture.unique()) == 1 for picture in blended)
    assert not torch.equal(blended, pixels)
    assert BROAD.mixup + BROAD.cutmix < 0.5  # most views are unmixed


def test_jitter_moves_little_and_shrinking_keeps_the_mean() -> None:
    views = torch.full((2, 3, SIDE, SIDE), 100, dtype=torch.uint8)
    moved = jitter(views, generator=torch.Generator().manual_seed(0))
    assert moved.shape == views.shape
    assert float((moved - 100).abs().max()) <= 5.01
    assert int(shrink(views, 16).float().mean()) == 100
    assert shrink(views, SIDE) is views


def test_a_rotation_keeps_the_strong_directions() -> None:
    rng = np.random.default_rng(0)
    hidden = torch.from_numpy(rng.normal(size=(200, 2)).astype(np.float32)) * torch.tensor([5.0, 1.0])
    values = hidden @ torch.from_numpy(rng.normal(size=(2, 10)).astype(np.float32)) + 3
    rotation = fit_rotation(values, dimensions=2)
    found = rotation(values)
    assert found.shape == (200, 2)
    assert abs(float(found.square().mean()) - 1) < 1e-3
    back = torch.linalg.lstsq(found, values - values.mean(dim=0)).solution
    assert torch.allclose(found @ back, values - values.mean(dim=0), atol=1e-2)


def test_a_regression_separates_planted_classes() -> None:
    rng = np.random.default_rng(1)
    intent = torch.from_numpy(np.repeat([0, 1, 2], [60, 20, 10]))
    features = torch.from_numpy(rng.normal(size=(90, 6)).astype(np.float32))
    features[torch.arange(90), intent] += 6
    head = fit_regression(features, intent, intents=4)
    assert torch.equal(head(features).argmax(dim=1), intent)


def test_a_teacher_tells_whole_cells_and_logits(teacher: Teacher) -> None:
    views = torch.from_numpy(pictures(3)).permute(0, 3, 1, 2)
    whole, cells, logits = teacher.teach(views)
    assert (whole.shape, cells.shape, logits.shape) == ((3, 8), (3, CELLS**2, 4), (3, 2))
    again = Teacher.from_state(teacher.net, teacher.state()).teach(views)
    assert all(torch.equal(a, b) for a, b in zip((whole, cells, logits), again, strict=True))


def test_a_teacher_without_features_is_refused() -> None:
    with pytest.raises(ValueError, match=r"resnet18.*mobilenet_v2"):
        FeatureNet("resnet18", "none", image_size=SIDE)


def test_the_loss_is_zero_for_the_teacher_itself() -> None:
    answers = (torch.randn(4, 8), torch.randn(4, 16, 4), torch.randn(4, 3))
    assert float(distil_loss(answers, answers)) == pytest.approx(0, abs=1e-5)
    assert float(distil_loss((answers[0] + 1, *answers[1:]), answers)) == pytest.approx(1, abs=1e-4)


def test_a_students_weights_fit_torchvision_strictly(tmp_path: Path) -> None:
    student = Student("mobilenet_v3_small", image_size=SIDE, whole=8, cells=4, intents=3)
    torch.save(backbone_state(student), tmp_path / "student.pth")
    network = load_backbone("mobilenet_v3_small", weights=tmp_path / "student.pth")
    first = next(student.backbone.network.parameters())
    assert torch.equal(next(network.parameters()), first)


def test_a_student_learns_and_a_stopped_run_ends_like_a_whole_one(teacher: Teacher, tmp_path: Path) -> None:
    losses: list[float] = []
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    whole.mkdir()
    halves.mkdir()
    once = distil(pictures(), teacher, config(rounds=3), whole, report=lambda line: losses.append(line["loss"]))
    distil(pictures(), teacher, config(rounds=3), halves, stop=lambda: True)
    again = distil(pictures(), teacher, config(rounds=3), halves)
    first, second = (torch.load(path, weights_only=True) for path in (once, again))
    assert losses[-1] < losses[0]
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_views_that_were_lost_are_drawn_again(teacher: Teacher, tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    whole.mkdir()
    broken.mkdir()
    once = distil(pictures(), teacher, config(rounds=4), whole)
    stops = iter((False, False, True))
    distil(pictures(), teacher, config(rounds=4), broken, stop=lambda: next(stops))
    (broken / "bank_pixels.bin").unlink()
    (broken / "bank_whole.bin").write_bytes(b"cut off")
    again = distil(pictures(), teacher, config(rounds=4), broken)
    first, second = (torch.load(path, weights_only=True) for path in (once, again))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_views_of_which_only_some_were_drawn_again_are_lost_still(
    teacher: Teacher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    whole.mkdir()
    broken.mkdir()
    once = distil(pictures(), teacher, config(rounds=3), whole)
    stops = iter((False, True))
    distil(pictures(), teacher, config(rounds=3), broken, stop=lambda: next(stops))
    for path in broken.glob("bank_*.bin"):
        path.unlink()
    with monkeypatch.context() as patched:
        patched.setattr(Teacher, "teach", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            distil(pictures(), teacher, config(rounds=3), broken)
    again = distil(pictures(), teacher, config(rounds=3), broken)
    first, second = (torch.load(path, weights_only=True) for path in (once, again))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_a_checkpoint_of_another_student_is_refused(teacher: Teacher, tmp_path: Path) -> None:
    distil(pictures(), teacher, config(rounds=1), tmp_path)
    with pytest.raises(ValueError, match="another student"):
        distil(pictures(), teacher, config(rounds=2, backbone="mobilenet_v2"), tmp_path)


def test_a_broken_checkpoint_is_named(teacher: Teacher, tmp_path: Path) -> None:
    distil(pictures(), teacher, config(rounds=1), tmp_path)
    path = tmp_path / CHECKPOINT
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ValueError, match=r"checkpoint\.pt cannot be read: .*remove it to start anew"):
        distil(pictures(), teacher, config(rounds=2), tmp_path)


def test_a_loss_that_is_no_number_keeps_the_round_before(
    teacher: Teacher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    distil(pictures(), teacher, config(rounds=1), tmp_path)
    before = {name: (tmp_path / name).read_bytes() for name in (CHECKPOINT, WEIGHTS)}
    monkeypatch.setattr("intent.distil.distil_loss", lambda *_: torch.tensor(float("nan"), requires_grad=True))
    with pytest.raises(FloatingPointError, match=r"nan in round 2 of 2; .*keep the round before"):
        distil(pictures(), teacher, config(rounds=2), tmp_path)
    assert before == {name: (tmp_path / name).read_bytes() for name in before}


@pytest.mark.parametrize("wrong", [{"rounds": 0}, {"batch_size": 1}, {"fall": 0.0}])
def test_wrong_settings_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        config(**wrong)


def test_the_rate_rises_stays_and_falls() -> None:
    settings = config(rounds=10, fall=0.5, warm_steps=4)
    total = 10 * settings.steps_per_round
    rates = [settings.rate(step) for step in range(total)]
    assert rates[0] < rates[3] == rates[total // 2 - 1] == settings.learning_rate
    assert rates[-1] < 0.2 * settings.learning_rate
