"""The command that makes the shipped bundle, on a tiny drawn corpus."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="distillation needs torch")
pytest.importorskip("torchvision", reason="distillation needs torchvision")
pytest.importorskip("pytorch_lightning", reason="training needs Lightning")
pytest.importorskip("matplotlib", reason="the corpus is drawn with its fonts")

import torch

from beam_jobs import distil
from beam_jobs.blocks.failures import JobError
from beam_jobs.blocks.files import UsageError
from beam_jobs.demo.corpus import draw_corpus
from intent.bundle import CARD, load_bundle
from intent.model import load_backbone


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a drawn corpus whose rows state licences, and a teacher that knows nothing."""
    folder = tmp_path_factory.mktemp("world")
    corpus = draw_corpus(folder / "corpus", images=60)
    lines = corpus.collection.read_text(encoding="utf-8").splitlines()
    stated = [f"{line},{('one', 'two')[row % 2]},{('MIT', 'GPL-3.0')[row % 2]}" for row, line in enumerate(lines[1:])]
    corpus.collection.write_text("\n".join([f"{lines[0]},source,licence", *stated]) + "\n", encoding="utf-8")
    torch.manual_seed(0)
    torch.save(load_backbone("mobilenet_v2").state_dict(), folder / "teacher.pth")
    return folder


def flags(world: Path, output: Path, *more: str) -> list[str]:
    corpus = world / "corpus"
    sources = ["--collection", str(corpus / "collection.csv"), "--labels", str(corpus / "truth.csv")]
    small = ["--views", "64", "--rounds", "1", "--drawn", "2", "--image-size", "64", "--workers", "1"]
    small += ["--backbone", "squeezenet1_1", "--tune", "0"]
    return [*sources, "--teacher", str(world / "teacher.pth"), "--output", str(output), *small, *more]


def test_the_permissive_bundle_ships_with_its_sources(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distil, "DRAWN_PER_INTENT", 1)
    shipped = tmp_path / "shipped"
    assert distil.main(flags(world, tmp_path / "work", "--licences", "permissive", "--ship", str(shipped))) == 0
    bundle = load_bundle(shipped)
    card = (bundle.folder / CARD).read_text(encoding="utf-8")
    assert bundle.facts["training"]["weights"] == "student.pth"
    assert re.search(r"30 pictures of 1 sources, and \d+ drawn", card)
    assert "| one | 30 | MIT |" in card
    assert "GPL" not in card
    made = json.loads((tmp_path / "work" / "pictures.json").read_text(encoding="utf-8"))
    assert len(made["intents"]) == 32


def test_the_card_tells_the_figures_of_a_twin_that_did_not_see_them(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distil, "DRAWN_PER_INTENT", 1)
    truth = (world / "corpus" / "truth.csv").read_text(encoding="utf-8").splitlines()
    kept = tmp_path / "kept.csv"
    kept.write_text(
        "\n".join(["image_id,split", *(f"{line.split(',')[0]},test" for line in truth[1:9])]) + "\n", "utf-8"
    )
    shipped = tmp_path / "shipped"
    more = ["--exclude", str(kept), "--ship", str(shipped), "--tune", "1"]
    assert distil.main([*flags(world, tmp_path / "work"), *more]) == 0
    card = (load_bundle(shipped).folder / CARD).read_text(encoding="utf-8")
    assert "Measured on 8 pictures that a twin" in card
    assert f"{len(truth) - 1} pictures of 2 sources" in card
    assert "1 passes over" in card
    twins = [json.loads(path.read_text("utf-8")) for path in (tmp_path / "work" / "models").glob("*/bundle.json")]
    assert len(twins) == 2


def test_a_folder_of_other_pictures_is_refused(world: Path, tmp_path: Path) -> None:
    (tmp_path / "pictures.json").write_text('{"key": {"seed": 1}, "intents": []}', encoding="utf-8")
    with pytest.raises(UsageError, match="another --output"):
        distil.main(flags(world, tmp_path))


def test_a_folder_that_has_seen_what_is_now_held_out_is_refused(world: Path, tmp_path: Path) -> None:
    command = flags(world, tmp_path / "work")
    assert distil.main(command) == 0
    held = tmp_path / "held.csv"
    truth = (world / "corpus" / "truth.csv").read_text(encoding="utf-8").splitlines()
    held.write_text("\n".join(line.split(",")[0] for line in truth[:5]) + "\n", "utf-8")
    with pytest.raises(UsageError, match="pictures of another --exclude; give another --output"):
        distil.main([*command, "--exclude", str(held)])
    torch.manual_seed(1)
    torch.save(load_backbone("mobilenet_v2").state_dict(), tmp_path / "other.pth")
    with pytest.raises(UsageError, match="lessons of another --teacher; give another --output"):
        distil.main([*command, "--teacher", str(tmp_path / "other.pth")])
    assert distil.main(command) == 0


@pytest.mark.parametrize("wrong", [("--drawn", "-1"), ("--tune", "-1"), ("--seed", "-1")])
def test_negative_numbers_are_refused_before_any_work(world: Path, tmp_path: Path, wrong: tuple[str, str]) -> None:
    with pytest.raises(UsageError, match=f"{wrong[0]}.*whole number from 0"):
        distil.main(flags(world, tmp_path / "work", *wrong))
    assert not (tmp_path / "work").exists()


@pytest.mark.parametrize(
    ("flag", "told"),
    [("--teacher", "no file"), ("--start", "do not fit the backbone"), ("--backbone", "did you mean squeezenet1_1")],
)
def test_wrong_weights_are_refused_before_a_picture_is_decoded(
    world: Path, tmp_path: Path, flag: str, told: str
) -> None:
    values = {"--teacher": "none", "--start": world / "teacher.pth", "--backbone": "squeezenet11"}
    wrong = values[flag]
    with pytest.raises(UsageError, match=told):
        distil.main(flags(world, tmp_path / "work", flag, str(wrong)))
    assert not (tmp_path / "work" / "pictures.json").exists()


def test_copies_of_what_is_held_out_are_not_seen(world: Path, tmp_path: Path) -> None:
    lines = (world / "corpus" / "collection.csv").read_text(encoding="utf-8").splitlines()
    first = lines[1].split(",")
    doubled = [*lines, ",".join(["copy", *first[1:]])]
    rows = [line.split(",") for line in doubled[1:]]
    uri = lines[0].split(",").index("uri")
    for row in rows:
        row[uri] = str((world / "corpus" / row[uri]).resolve().relative_to(world))
    copied = world / "copied.csv"
    copied.write_text("\n".join([lines[0], *(",".join(row) for row in rows)]) + "\n", "utf-8")
    held = tmp_path / "held.csv"
    held.write_text(f"image_id\n{first[0]}\n", "utf-8")
    command = flags(world, tmp_path / "work", "--exclude", str(held))
    command[1] = str(copied)
    assert distil.main(command) == 0
    made = json.loads((tmp_path / "work" / "pictures.json").read_text(encoding="utf-8"))
    assert len(made["intents"]) == len(lines) - 1 - 1 + 2, "neither the one held out nor its copy; two are drawn"


def test_a_collection_that_cannot_be_read_is_said(world: Path, tmp_path: Path) -> None:
    lines = (world / "corpus" / "collection.csv").read_text(encoding="utf-8").splitlines()
    gone = tmp_path / "collection.csv"  # its files are not beside it
    gone.write_text("\n".join(lines) + "\n", "utf-8")
    command = flags(world, tmp_path / "work")
    command[1] = str(gone)
    with pytest.raises(JobError, match=r"60 of 60 pictures of the collection failed.*mend the collection"):
        distil.main(command)


def test_what_is_wrong_is_one_line() -> None:
    command = ["--collection", "none.csv", "--labels", "none.csv", "--teacher", "none", "--output", "none"]
    done = subprocess.run(
        [sys.executable, "-m", "beam_jobs.distil", *command], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr == "error: --teacher none: there is no file or folder of that name\n"


def test_no_stated_licence_is_no_permissive_picture(world: Path, tmp_path: Path) -> None:
    plain = flags(world, tmp_path, "--licences", "permissive")
    plain[1] = str(world / "plain.csv")
    Path(plain[1]).write_text("image_id,uri\na,b.png\n", encoding="utf-8")
    with pytest.raises(UsageError, match="no labelled picture"):
        distil.main(plain)
