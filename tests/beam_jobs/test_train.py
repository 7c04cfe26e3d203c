"""The command train: from labels, pictures and weights to a bundle, with what goes wrong on the way."""

import csv
import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

torch = pytest.importorskip("torch", reason="training needs torch")
pytest.importorskip("pytorch_lightning", reason="training needs Lightning")

from beam_jobs.blocks.failures import JobError  # noqa: E402
from beam_jobs.blocks.files import UsageError  # noqa: E402
from beam_jobs.commands.train import main  # noqa: E402
from beam_jobs.train import TrainSettings, settings_key  # noqa: E402
from intent import tuning  # noqa: E402
from intent.bundle import load_bundle, load_weights, taxonomy_yaml  # noqa: E402
from intent.inference import Predictor  # noqa: E402
from intent.model import load_backbone  # noqa: E402
from intent.tuning_state import Run  # noqa: E402
from labels.taxonomy import load_taxonomy  # noqa: E402
from tests.intent.drawn import KINDS, drawn_pictures  # noqa: E402

ROWS = 64


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with pictures of four kinds from eight sources, their labels, and weights of a small network."""
    folder = tmp_path_factory.mktemp("world")
    rng = np.random.default_rng(0)
    rows = []
    for row, picture in enumerate(drawn_pictures(ROWS)):
        # a picture of its own at a corner keeps near-duplicates apart
        picture[:8, :8] = rng.integers(0, 256, (8, 8, 3))
        Image.fromarray(picture).resize((64, 64)).save(folder / f"p{row:03d}.png")
        rows.append((f"p{row:03d}", f"p{row:03d}.png", f"source{row // 4 % 8}", KINDS[row % 4]))
    with (folder / "collection.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("image_id", "uri", "source"), *(row[:3] for row in rows)])
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("image_id", "intent"), *((row[0], row[3]) for row in rows)])
    torch.manual_seed(0)
    torch.save(load_backbone("squeezenet1_1").state_dict(), folder / "weights.pth")
    return folder


def command(world: Path, output: Path, *more: str) -> list[str]:
    return [
        *("--labels", str(world / "labels.csv"), "--collection", str(world / "collection.csv")),
        *("--output", str(output), "--backbone", "squeezenet1_1", "--image-size", "32", "--workers", "1"),
        *("--weights", str(world / "weights.pth"), "--epochs", "1", "--drawn", "1", *more),
    ]


@pytest.fixture(scope="module")
def bundle(world: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("out")
    assert main(command(world, output, "--temp", str(output / "temp"))) == 0
    return load_bundle(output).folder


def test_weights_are_tuned_and_sources_held_out(bundle: Path) -> None:
    facts = json.loads((bundle / "bundle.json").read_text(encoding="utf-8"))
    assert facts["metrics"]["part"] == "validation"
    assert 0 < facts["metrics"]["rows"] <= ROWS // 8  # a source of eight is a share of 0.125; 0.1 holds less
    assert sum(facts["label_counts"].values()) == ROWS  # drawn pictures are not counted as labelled
    training = facts["training"]
    assert training["frozen"] is False
    assert training["kept_share"] in training["kept"]
    assert 0 <= facts["unknown"]["auroc"] <= 1
    kept = sorted(path.suffix for path in (bundle.parent / "temp").iterdir())
    assert kept == [".arrow", ".csv", ".u8"]  # the checkpoint goes when the bundle is there


def test_next_training_decodes_nothing(
    world: Path, bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decode(*_args: object, **_options: object) -> None:
        raise AssertionError("decoded again")

    temp = shutil.copytree(bundle.parent / "temp", tmp_path / "temp")
    monkeypatch.setattr("beam_jobs.decoded.decode_pictures", decode)
    assert main(command(world, tmp_path / "out", "--temp", str(temp))) == 0
    assert load_bundle(tmp_path / "out").digest == bundle.name
    squares = next(temp.glob("*.u8"))
    squares.write_bytes(squares.read_bytes()[:-1])  # a copy that was cut off counts for nothing
    with pytest.raises(AssertionError, match="decoded again"):
        main(command(world, tmp_path / "out", "--temp", str(temp)))


def test_a_sample_is_told_and_all_can_be_asked_for(
    world: Path, bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def learned(number: int) -> tuple[int, str]:
        output = tmp_path / str(number)
        assert main(command(world, output, "--max-images", str(number), "--drawn", "0", "--epochs", "0")) == 0
        return sum(load_bundle(output).facts["label_counts"].values()), capsys.readouterr().err

    count, told = learned(40)
    assert count == 40
    assert f"40 of {ROWS} labelled pictures are learned from" in told
    for number in (0, ROWS):
        count, told = learned(number)
        assert count == ROWS
        assert "learned from" not in told
    with pytest.raises(UsageError, match="--max-images: '-1' is not a whole number from 0"):
        main(command(world, tmp_path / "out", "--max-images", "-1"))


def test_same_command_gives_the_same_bundle(world: Path, bundle: Path, tmp_path: Path) -> None:
    assert main(command(world, tmp_path, "--accelerator", "cpu")) == 0
    assert load_bundle(tmp_path).digest == bundle.name


def test_another_training_starts_from_a_bundle_of_an_older_taxonomy(
    world: Path, bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = taxonomy_yaml(load_taxonomy()).replace("id: flag\n", "id: banner\n", 1)
    (tmp_path / "new.yaml").write_text(text, encoding="utf-8")
    labels = (world / "labels.csv").read_text(encoding="utf-8").replace(",flag", ",banner")
    (tmp_path / "labels.csv").write_text(labels, encoding="utf-8")
    flags = ["--labels", str(tmp_path / "labels.csv"), "--collection", str(world / "collection.csv")]
    flags += ["--output", str(tmp_path / "out"), "--taxonomy", str(tmp_path / "new.yaml"), "--from", str(bundle)]
    assert main([*flags, "--epochs", "0", "--drawn", "0", "--workers", "1"]) == 0
    assert "intents without a labelled picture: 33 (" in capsys.readouterr().err
    made = load_bundle(tmp_path / "out")
    assert made.image_size == 32
    assert "banner" in made.intents
    old, new = load_weights(load_bundle(bundle)), load_weights(made)
    backbone = [name for name in old if name.startswith("backbone.")]
    assert backbone
    assert all(np.array_equal(old[name], new[name]) for name in backbone)
    pictures = drawn_pictures(16, seed=3)
    scores = Predictor(made).predict(pictures).intent_scores
    assert scores[0::4, made.intents.index("banner")].mean() > scores[1::4, made.intents.index("banner")].mean()


def test_labels_that_teach_nothing_are_told(world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    labels, table = tmp_path / "labels.csv", world / "broken.csv"
    (world / "broken.png").write_bytes(b"no picture")
    labels.write_text((world / "labels.csv").read_text() + "broken,flag\nnowhere,flag\nnorwhere,map\n")
    table.write_text((world / "collection.csv").read_text() + "broken,broken.png,source1\n")
    main([*command(world, tmp_path / "out"), "--labels", str(labels), "--collection", str(table), "--epochs", "0"])
    told = capsys.readouterr().err
    assert "warning: 1 labelled pictures cannot be read (not_an_image 1), first 'broken'" in told
    assert "warning: 2 labels are of no picture of the collection, first 'nowhere'" in told


def test_uris_outside_of_the_collection_are_explained(world: Path, tmp_path: Path) -> None:
    table = tmp_path / "collection.csv"
    lines = (world / "collection.csv").read_text().splitlines()
    table.write_text("\n".join([lines[0], *(line.replace(",p", f",{world}/p", 1) for line in lines[1:])]) + "\n")
    with pytest.raises(JobError, match=r"outside_collection 64; a uri must name a file in the folder of the table"):
        main([*command(world, tmp_path / "out"), "--collection", str(table)])


def test_changed_bundle_and_other_backbone_are_refused(world: Path, bundle: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(bundle, tmp_path / bundle.name)
    (copy / "weights.safetensors").write_bytes((copy / "weights.safetensors").read_bytes()[:-1] + b"?")
    with pytest.raises(UsageError, match=r"--from .*holds other content than its name says"):
        main(command(world, tmp_path / "out", "--from", str(copy)))
    with pytest.raises(UsageError, match="--backbone resnet18: the bundle of --from has squeezenet1_1"):
        main(command(world, tmp_path / "out", "--from", str(bundle), "--backbone", "resnet18"))


def test_unknown_class_in_labels_is_named(world: Path, tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("image_id,intent\np000,flags\np001,unicorn\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"no intent 'flags', 'unicorn' in the taxonomy; did you mean flag\?"):
        main(command(world, tmp_path / "out", "--labels", str(tmp_path / "labels.csv")))
    assert not (tmp_path / "out").exists()


def test_labels_of_a_deprecated_class_count_for_its_heir(world: Path, tmp_path: Path) -> None:
    text = taxonomy_yaml(load_taxonomy()).replace("- id: flag\n", "- id: flag\n  deprecated_by: map\n", 1)
    (tmp_path / "new.yaml").write_text(text, encoding="utf-8")
    flags = command(world, tmp_path / "out", "--taxonomy", str(tmp_path / "new.yaml"), "--epochs", "0")
    assert main(flags) == 0
    bundle = load_bundle(tmp_path / "out")
    assert "flag" not in bundle.intents
    assert bundle.facts["label_counts"]["map"] == ROWS // 2


def test_wrong_weights_are_known_before_pictures_are_decoded(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decode(*_args: object, **_options: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr("beam_jobs.decoded.decode_pictures", decode)
    cut = tmp_path / "cut.pth"
    cut.write_bytes((world / "weights.pth").read_bytes()[:5000])
    for more, message in (
        (("--weights", str(cut)), "cut off"),
        (("--weights", str(tmp_path / "no.pth")), "there is no file"),
        (("--backbone", "resnet18"), "do not fit the backbone 'resnet18': it lacks bn1.bias and 121 more"),
        (("--backbone", "resnt18"), "did you mean resnet18"),
        (("--temp", str(cut)), f"--temp {cut}: cannot be a folder"),
        (("--taxonomy", str(tmp_path / "no.yaml")), "no.yaml: cannot be read"),
    ):
        with pytest.raises(UsageError, match=re.escape(message)):
            main(command(world, tmp_path / "out", *more))
    assert not (tmp_path / "out").exists()


def test_broken_checkpoint_of_temp_is_named(world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_args: object, **_options: object) -> None:
        raise KeyboardInterrupt

    temp, output = tmp_path / "temp", tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr("intent.bundle.export_bundle", killed)
        with pytest.raises(KeyboardInterrupt):
            main(command(world, output, "--temp", str(temp)))
    checkpoint = next(temp.glob("*.ckpt"))
    checkpoint.write_bytes(checkpoint.read_bytes()[:100])
    with pytest.raises(UsageError, match=rf"checkpoint {checkpoint} cannot be read: .*; remove it to start anew"):
        main(command(world, output, "--temp", str(temp)))
    assert not list(output.iterdir())
    checkpoint.unlink()
    assert main(command(world, output, "--temp", str(temp))) == 0


def test_killed_training_from_random_weights_ends_in_the_bundle_of_an_unbroken_one(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(Exception):
        pass

    save = Run.save

    def killed(run: Run, path: Path) -> None:
        save(run, path)
        raise Killed

    more = ("--weights", "none", "--epochs", "2")
    assert main(command(world, tmp_path / "whole", *more)) == 0
    temp, output = tmp_path / "temp", tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(Run, "save", killed)
        with pytest.raises(Killed):
            main(command(world, output, *more, "--temp", str(temp)))
    assert [path.name.split("-")[0] for path in temp.glob("*.ckpt")] == ["network"]
    assert main(command(world, output, *more, "--temp", str(temp))) == 0
    assert load_bundle(output).digest == load_bundle(tmp_path / "whole").digest
    assert not list(temp.glob("*.ckpt"))
    with next(temp.glob("network-*.csv")).open(encoding="utf-8") as file:
        assert [row["epoch"] for row in csv.DictReader(file)] == ["1", "2"]


def test_checkpoint_of_other_weights_or_pictures_is_not_taken(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_args: object, **_options: object) -> None:
        raise KeyboardInterrupt

    world = shutil.copytree(world, tmp_path / "world")
    monkeypatch.setattr("intent.bundle.export_bundle", killed)

    def checkpoints() -> int:
        with pytest.raises(KeyboardInterrupt):
            main(command(world, tmp_path / "out", "--temp", str(tmp_path / "temp")))
        return len(list((tmp_path / "temp").glob("*.ckpt")))

    assert [checkpoints(), checkpoints()] == [1, 1]
    torch.manual_seed(1)
    torch.save(load_backbone("squeezenet1_1").state_dict(), world / "weights.pth")
    assert checkpoints() == 2
    Image.open(world / "p000.png").rotate(90).save(world / "p000.png")
    assert checkpoints() == 3


def test_what_cannot_be_is_one_line_before_any_training(world: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="seed must be 0 or more, got -1"):
        main(command(world, tmp_path / "out", "--seed", "-1"))
    if not torch.cuda.is_available():
        for more in ((), ("--weights", "none"), ("--epochs", "0")):
            with pytest.raises(UsageError, match="torch sees no GPU here"):
                main(command(world, tmp_path / "out", *more, "--accelerator", "gpu"))


def test_loss_that_is_no_number_ends_in_the_last_good_model(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    honest = tuning._loss

    def broken(*args: Any, step: int) -> Any:
        return honest(*args, step=step) * (float("nan") if step == 2 else 1.0)

    monkeypatch.setattr(tuning, "_loss", broken)
    assert main(command(world, tmp_path / "out", "--epochs", "2")) == 0
    told = capsys.readouterr().err
    assert re.search(r"warning: training ended early: the loss was nan in step 3 of \d+; the last good weights", told)
    facts = load_bundle(tmp_path / "out").facts
    assert "last good weights are kept" in facts["training"]["stopped"]
    assert facts["training"]["steps"] == 2


def test_fonts_that_lack_are_known_before_a_picture_is_decoded(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent() -> Path:
        raise ValueError("matplotlib is not installed")

    monkeypatch.setattr("beam_jobs.demo.draw.canvas.font_folder", absent)
    monkeypatch.setattr("beam_jobs.train.kept_pictures", lambda *args, **kwargs: pytest.fail("pictures were decoded"))
    with pytest.raises(UsageError, match="--drawn 1: matplotlib is not installed; or --drawn 0"):
        main(command(world, tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_zero_epochs_need_weights(world: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="epochs must be 1 or more, got 0"):
        main(command(world, tmp_path / "out", "--weights", "none", "--epochs", "0"))


def test_facts_of_the_machine_ask_for_no_other_model() -> None:
    assert settings_key(TrainSettings(), "t") == settings_key(TrainSettings(accelerator="cpu", temp="/x"), "t")
    assert settings_key(TrainSettings(), "t") != settings_key(TrainSettings(drawn=5), "t")
