"""The network: any backbone, weights that fit or are refused, the loss of two levels."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch")
pytest.importorskip("pytorch_lightning", reason="training needs Lightning")

from intent.data import MILD, Examples, ShuffledBatches, vary  # noqa: E402
from intent.examples import Targets  # noqa: E402
from intent.model import (  # noqa: E402
    HierarchicalLoss,
    IntentNet,
    PooledBackbone,
    Standardise,
    load_backbone,
    normalise,
)

PARENTS = np.array([0, 0, 1, 1, 1])


@pytest.mark.parametrize("name", ["squeezenet1_1", "mobilenet_v3_small", "resnet18", "shufflenet_v2_x0_5"])
def test_any_backbone_gives_features_of_the_width_it_says(name: str) -> None:
    pixels = torch.rand(2, 3, 64, 64)
    plain = PooledBackbone(load_backbone(name), image_size=64, all_maps=False).eval()
    full = PooledBackbone(load_backbone(name), image_size=64, all_maps=True).eval()
    with torch.no_grad():
        assert plain(pixels).shape == (2, plain.width)
        assert full(pixels).shape == (2, full.width)
    assert full.width > plain.width >= 512
    assert not any(getattr(part, "out_features", 0) == 1000 for part in plain.modules())


def test_transformer_gives_its_token_for_a_feature() -> None:
    backbone = PooledBackbone(load_backbone("vit_b_32"), image_size=224, all_maps=False)
    assert backbone.width == 768


def test_size_that_a_backbone_does_not_take_is_refused() -> None:
    with pytest.raises(ValueError, match="does not take pictures of 64 px"):
        PooledBackbone(load_backbone("vit_b_32"), image_size=64, all_maps=False)


def test_unknown_backbone_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no backbone 'resnet19' in torchvision; did you mean resnet18"):
        load_backbone("resnet19")


def test_weights_that_do_not_fit_say_which_model_was_tried(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    torch.save(load_backbone("squeezenet1_1").state_dict(), path)
    assert load_backbone("squeezenet1_1", weights=path) is not None
    with pytest.raises(ValueError, match="do not fit the backbone 'resnet18'"):
        load_backbone("resnet18", weights=path)
    with pytest.raises(ValueError, match="there is no file"):
        load_backbone("resnet18", weights=tmp_path / "other.pth")


def test_pickled_object_is_refused_for_weights(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    torch.save({"conv1.weight": Path("x")}, path)
    with pytest.raises(ValueError, match="objects that loading could run"):
        load_backbone("resnet18", weights=path)


def test_broken_weights_are_told_from_others(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    state = load_backbone("squeezenet1_1").state_dict()
    torch.save(state, path)
    whole = path.read_bytes()
    for content, reason in (
        (b"", "it is empty"),
        (b"hello", "torch did not write it"),
        (whole[: len(whole) // 2], "cut off"),
        (whole[:9000] + bytes([whole[9000] ^ 255]) + whole[9001:], "changed after it was written"),
    ):
        path.write_bytes(content)
        with pytest.raises(
            ValueError, match=rf"weights\.pth' cannot be read: .*{reason}.*; copy or make the file again"
        ):
            load_backbone("squeezenet1_1", weights=path)
    torch.save([1], path)
    with pytest.raises(ValueError, match="holds no state dict"):
        load_backbone("squeezenet1_1", weights=path)
    state["features.0.weight"][0, 0, 0, 0] = float("nan")
    torch.save(state, path)
    with pytest.raises(ValueError, match=r"no numbers \(in features\.0\.weight\)"):
        load_backbone("squeezenet1_1", weights=path)


def test_loss_of_an_intent_is_its_negative_log_probability() -> None:
    logits = torch.randn(4, 5, generator=torch.Generator().manual_seed(0))
    intent, parent = torch.tensor([0, 2, 3, 1]), torch.tensor([0, 1, 1, 0])
    loss = HierarchicalLoss(PARENTS, parents=2, label_smoothing=0.1)
    expected = torch.nn.functional.cross_entropy(logits, intent, label_smoothing=0.1)
    assert loss(logits, intent, parent, torch.ones(4)) == pytest.approx(expected.item(), abs=1e-6)


def test_loss_of_a_parent_is_that_of_the_sum_of_its_intents() -> None:
    logits = torch.randn(2, 5, generator=torch.Generator().manual_seed(1)).requires_grad_()
    loss = HierarchicalLoss(PARENTS, parents=2, label_smoothing=0.1)
    value = loss(logits, torch.tensor([-1, -1]), torch.tensor([1, 0]), torch.tensor([1.0, 0.5]))
    p = torch.softmax(logits, dim=1)
    expected = -(p[0, 2:].sum().log() + 0.5 * p[1, :2].sum().log()) / 2
    assert value.item() == pytest.approx(expected.item(), abs=1e-6)
    value.backward()
    assert torch.isfinite(logits.grad).all()


def test_parent_without_live_intents_teaches_nothing() -> None:
    logits = torch.randn(1, 5).requires_grad_()
    loss = HierarchicalLoss(PARENTS, parents=3, label_smoothing=0.0)
    value = loss(logits, torch.tensor([-1]), torch.tensor([2]), torch.ones(1))
    value.backward()
    assert value.item() == 0
    assert float(logits.grad.abs().sum()) == 0


def test_standardised_features_have_mean_zero_and_spread_one() -> None:
    features = torch.rand(500, 3) * torch.tensor([1.0, 100.0, 0.0])
    scaler = Standardise(3)
    scaler.fit(features)
    scaled = scaler(features)
    assert torch.allclose(scaled.mean(dim=0), torch.zeros(3), atol=1e-4)
    assert torch.allclose(scaled.std(dim=0, unbiased=False), torch.tensor([1.0, 1.0, 0.0]), atol=1e-3)


def test_fresh_head_finds_every_intent_equally_likely() -> None:
    backbone = PooledBackbone(load_backbone("squeezenet1_1"), image_size=32, all_maps=True)
    net = IntentNet(backbone, intents=5, dropout=0.5).eval()
    with torch.no_grad():
        logits = net(normalise(torch.zeros(1, 32, 32, 3, dtype=torch.uint8)))
    assert torch.equal(logits, torch.zeros(1, 5))


def test_batches_hold_every_example_once_and_repeat_by_seed() -> None:
    inputs = np.arange(24, dtype=np.float32).reshape(12, 2)
    targets = Targets(np.arange(12), np.zeros(12, dtype=np.int64), np.ones(12, dtype=np.float32))
    examples = Examples(inputs, targets, np.arange(12))
    batches = ShuffledBatches(examples, batch_size=4, seed=3)
    first = torch.cat([batch[1] for batch in batches])
    second = torch.cat([batch[1] for batch in batches])
    again = torch.cat([batch[1] for batch in ShuffledBatches(examples, batch_size=4, seed=3)])
    assert sorted(first.tolist()) == list(range(12))
    assert first.tolist() == again.tolist()
    assert first.tolist() != second.tolist()


def test_variation_keeps_shape_and_left_from_right() -> None:
    pixels = torch.zeros(8, 3, 32, 32)
    pixels[:, :, :, 16:] = 1.0
    varied = vary(pixels, MILD, torch.Generator().manual_seed(0))
    assert varied.shape == pixels.shape
    assert (varied[:, :, :, 24:].mean(dim=(1, 2, 3)) > varied[:, :, :, :8].mean(dim=(1, 2, 3)) + 0.5).all()
    assert not torch.allclose(varied[0], varied[1])
