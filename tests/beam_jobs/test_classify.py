"""classify and model show through the real command, with a bundle that was trained on planted pictures."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

pytest.importorskip("torch", reason="the bundle of these tests is trained; install image-intent[train]")

from beam_jobs import judge
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.flags import run_main
from beam_jobs.commands.main import dispatch
from beam_jobs.models import find_model
from intent.bundle import Bundle, export_bundle, folder_digest, load_bundle
from intent.shipped import packaged_model
from intent.training import TrainConfig, train_model
from labels.taxonomy import load_taxonomy
from tests.beam_jobs.pictures.crasher import see_or_die
from tests.intent.drawn import KINDS, drawn_examples, drawn_pictures

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    taxonomy = load_taxonomy()
    config = TrainConfig(backbone="squeezenet1_1", image_size=32, embedding_dim=8, head_epochs=12, freeze_backbone=True)
    trained = train_model(drawn_examples(120, taxonomy), drawn_pictures(120), taxonomy, config)
    folder = export_bundle(
        trained,
        taxonomy,
        tmp_path_factory.mktemp("model"),
        data_window=None,
        label_counts=trained.label_counts,
        metrics=trained.metrics,
    )
    return load_bundle(folder)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Twelve pictures of four kinds and one that is broken; a name that would be markup."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for row, pixels in enumerate(drawn_pictures(12, seed=3)):
        Image.fromarray(pixels).save(folder / f"{row:02d}<b>.png")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff nothing")
    return folder


def classify(*flags: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = run_main(dispatch, ["classify", *flags])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_json_has_the_contracts_columns(bundle: Bundle, pictures: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = classify(str(pictures), "--model", str(bundle.folder), "--json", capsys=capsys)
    assert code == 0
    rows = [json.loads(line) for line in out.splitlines()]
    assert [row["image_id"] for row in rows] == [f"{n:02d}<b>.png" for n in range(12)]
    hits = [row["intent"] == KINDS[n % 4] for n, row in enumerate(rows)]
    assert sum(hits) >= 10
    for row in rows:
        assert set(row["parent_scores"]) == set(bundle.parents)
        assert sum(row["parent_scores"].values()) == pytest.approx(1, abs=1e-3)
        assert row["parent"] == load_taxonomy().parent_of(row["intent"])
        assert row["second_intent"] != row["intent"]
        assert row["second_confidence"] <= row["confidence"]
        assert row["unknown"] == (row["unknown_score"] >= 0.5)
        assert row["model"] == bundle.digest
    assert err.splitlines() == [line for line in err.splitlines() if "broken.jpg: " in line]
    assert len(err.splitlines()) == 1


def test_table_says_intents_in_words(bundle: Bundle, pictures: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = classify(str(pictures), "--model", str(bundle.folder), capsys=capsys)
    assert code == 0
    assert re.fullmatch(r"12 pictures: \d+ .*; 1 files cannot be read", err.splitlines()[-1])
    lines = out.splitlines()
    assert len(lines) == 13
    assert lines[0].split() == ["intent", "parent", "sure", "or", "picture"]
    words = [intent.en for intent in load_taxonomy().intents if intent.id in KINDS]
    assert sum(line.startswith((*words, "unknown")) for line in lines[1:]) >= 10


def test_workers_and_batches_change_nothing(bundle: Bundle, pictures: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flags = (str(pictures), "--model", str(bundle.folder), "--json")
    one = classify(*flags, "--workers", "1", capsys=capsys)[1]
    assert classify(*flags, "--workers", "4", capsys=capsys)[1] == one
    alone = classify(str(pictures / "07<b>.png"), "--model", str(bundle.folder), "--json", capsys=capsys)[1]
    assert json.loads(alone) == {**json.loads(one.splitlines()[7]), "image_id": "07<b>.png"}


def test_report_is_escaped_and_holds_all(
    bundle: Bundle, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"
    code, _, _ = classify(str(pictures), "--model", str(bundle.folder), "--report", str(page), capsys=capsys)
    assert code == 0
    text = page.read_text()
    assert "<b>.png" not in text
    assert text.count("data:image/webp;base64,") == 12
    assert "broken.jpg" in text


def test_links_go_to_a_folder_per_intent_and_overwrite_nothing(
    bundle: Bundle, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (pictures / "deep").mkdir()
    (pictures / "deep" / "00<b>.png").write_bytes((pictures / "00<b>.png").read_bytes())
    target = tmp_path / "sorted"
    flags = (str(pictures), "--model", str(bundle.folder), "--link-into", str(target))
    code, _, err = classify(*flags, "--dry-run", capsys=capsys)
    assert code == 0
    assert err.count("would go: ") == 14
    assert f"14 of 14 files would go into {target}" in err
    assert not target.exists()
    code, out, _ = classify(*flags, capsys=capsys)
    assert code == 0
    links = sorted(path for path in target.rglob("*") if path.is_symlink())
    assert {path.resolve() for path in links} == {p.resolve() for p in pictures.rglob("*") if p.is_file()}
    assert (target / "_broken" / "broken.jpg").is_symlink()
    assert sum(path.name.startswith("00<b>") for path in links) == 2
    assert classify(*flags, capsys=capsys)[1] == out
    assert sorted(path for path in target.rglob("*") if path.is_symlink()) == links


def test_moves_keep_every_byte(
    bundle: Bundle, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(path.read_bytes() for path in pictures.iterdir())
    target = tmp_path / "sorted"
    (target / "_broken").mkdir(parents=True)
    (target / "_broken" / "broken.jpg").write_text("older")
    code, _, _ = classify(str(pictures), "--model", str(bundle.folder), "--move-into", str(target), capsys=capsys)
    assert code == 0
    assert not list(pictures.iterdir())
    assert (target / "_broken" / "broken.jpg").read_text() == "older"
    moved = [path for path in target.rglob("*") if path.is_file() and path.read_bytes() != b"older"]
    assert sorted(path.read_bytes() for path in moved) == before


def test_a_folder_named_twice_is_sorted_once(
    bundle: Bundle,
    pictures: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    flags = ("pictures", str(pictures), "pictures/../pictures/broken.jpg", "--model", str(bundle.folder))
    code, _, err = classify(*flags, "--move-into", "sorted", capsys=capsys)
    assert code == 0
    assert "13 of 13 files moved" in err
    assert not list(pictures.iterdir())


def test_moved_links_point_to_where_their_pictures_went(
    bundle: Bundle, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (pictures / "00<a>.png").symlink_to("00<b>.png")  # comes before its picture
    (pictures / "zz.png").symlink_to(pictures / "00<a>.png")
    outside = tmp_path / "outside.png"
    outside.write_bytes((pictures / "01<b>.png").read_bytes())
    (pictures / "out.png").symlink_to("../outside.png")
    target = tmp_path / "sorted"
    code, _, _ = classify(str(pictures), "--model", str(bundle.folder), "--move-into", str(target), capsys=capsys)
    assert code == 0
    assert not list(pictures.iterdir())
    links = {path.name: path for path in target.rglob("*") if path.is_symlink()}
    assert set(links) == {"00<a>.png", "zz.png", "out.png"}
    assert links["00<a>.png"].samefile(next(target.rglob("00<b>.png")))
    assert links["zz.png"].samefile(links["00<a>.png"])
    assert links["out.png"].samefile(outside)


def test_sorting_what_is_sorted_leaves_it_there(
    bundle: Bundle, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "sorted"
    flags = ("--model", str(bundle.folder), "--move-into", str(target))
    assert classify(str(pictures), *flags, capsys=capsys)[0] == 0
    before = sorted(path for path in target.rglob("*") if path.is_file())
    code, _, err = classify(*map(str, before), *flags, capsys=capsys)
    assert code == 0
    assert f"0 of {len(before)} files moved" in err
    assert sorted(path for path in target.rglob("*") if path.is_file()) == before


def test_a_picture_that_may_not_leave_its_folder_is_not_doubled(
    bundle: Bundle,
    pictures: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = sorted(pictures.iterdir())
    unlink = Path.unlink

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if path.parent == pictures:
            raise PermissionError(13, "Permission denied")
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    target = tmp_path / "sorted"
    code, _, err = classify(str(pictures), "--model", str(bundle.folder), "--move-into", str(target), capsys=capsys)
    assert code == 1
    assert "Permission denied" in err
    assert sorted(pictures.iterdir()) == before
    assert not [path for path in target.rglob("*") if path.is_file()]


def test_nothing_moves_where_the_report_cannot_be_written(
    bundle: Bundle, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(pictures.iterdir())
    flags = ("--move-into", str(tmp_path / "sorted"), "--report", str(pictures / "broken.jpg" / "what.html"))
    code, _, err = classify(str(pictures), "--model", str(bundle.folder), *flags, capsys=capsys)
    assert code == 2
    assert "--report" in err
    assert sorted(pictures.iterdir()) == before


@pytest.mark.parametrize(
    ("flags", "word"),
    [
        (["nowhere.png"], "nowhere.png is not there"),
        (["{pictures}", "--dry-run"], "--dry-run"),
        (["{pictures}", "--link-into", "{pictures}/in"], "lies inside"),
        (["{pictures}", "--link-into", "{pictures}/broken.jpg"], "is a file"),
        (["{pictures}", "--run", "no-run"], "no model there"),
    ],
)
def test_bad_flags_are_one_line(
    pictures: Path, flags: list[str], word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = classify(*[flag.format(pictures=pictures) for flag in flags], capsys=capsys)
    assert (code, len(err.splitlines())) == (2, 1)
    assert word in err


def test_only_broken_pictures_fail(bundle: Bundle, pictures: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = classify(str(pictures / "broken.jpg"), "--model", str(bundle.folder), capsys=capsys)
    assert code == 1
    assert "none of 1 pictures" in err


@pytest.mark.parametrize("moving", [False, True])
def test_head_may_stop_reading(bundle: Bundle, tmp_path: Path, moving: bool) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for row, pixels in enumerate(drawn_pictures(200, seed=4)):
        Image.fromarray(pixels).save(folder / f"{'long' * 20}{row:03d}.png")
    command = [sys.executable, "-u", "-m", "beam_jobs.commands.main", "classify", str(folder), "--json"]
    command += ["--move-into", str(tmp_path / "sorted")] if moving else []
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [*command, "--model", str(bundle.folder)], stdout=writing, stderr=subprocess.PIPE, cwd=ROOT, text=True
    )
    os.close(writing)
    os.read(reading, 10)
    os.close(reading)
    _, err = process.communicate(timeout=120)
    told = f"200 of 200 files moved into {tmp_path / 'sorted'}\n" if moving else ""  # not half of them
    assert (process.returncode, err) == (0, told)
    assert len(list(folder.iterdir())) == (0 if moving else 200)


def test_model_comes_from_the_flag_then_the_run_then_the_package(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("beam_jobs.models.packaged_model", lambda: None)
    with pytest.raises(UsageError, match=r"image-intent train.*--model BUNDLE"):
        find_model(None)
    shipped = tmp_path / "shipped"
    (shipped / bundle.digest).mkdir(parents=True)
    assert packaged_model(shipped) is None
    (shipped / bundle.digest / "bundle.json").write_text("{}")
    assert packaged_model(shipped) == shipped
    assert packaged_model(tmp_path / "nowhere") is None
    monkeypatch.setattr("beam_jobs.models.packaged_model", lambda: shipped)
    assert find_model(None) == shipped
    (tmp_path / "run" / "model" / bundle.digest).mkdir(parents=True)
    (tmp_path / "run" / "model" / "_TRAINED.json").write_text(json.dumps({"digest": bundle.digest}))
    assert find_model(None) == Path("run/model", bundle.digest)
    assert find_model("named", "run") == Path("named")


def test_model_show(bundle: Bundle, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_main(dispatch, ["model", "show", str(bundle.folder)]) == 0
    out = capsys.readouterr().out
    assert "What images are for: a classifier" in out
    assert bundle.digest in out
    assert "model.onnx: " in out
    assert all(parent in out for parent in bundle.parents)
    assert run_main(dispatch, ["model", "show", str(bundle.folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["bytes"]["model.onnx"] == (bundle.folder / "model.onnx").stat().st_size
    assert told["intents"] == list(bundle.intents)


def test_a_file_that_kills_its_decoder_costs_itself_alone(
    bundle: Bundle, pictures: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (pictures / "crash.png").write_bytes((pictures / "00<b>.png").read_bytes())
    monkeypatch.setattr(judge, "see", see_or_die)
    code, out, err = classify("--model", str(bundle.folder), "--json", str(pictures), capsys=capsys)
    assert code == 0
    assert len(out.splitlines()) == 12
    assert re.search(r"crash\.png: decoder_crash: ", err)


@pytest.mark.parametrize("name", ["model.onnx", "bundle.json", "taxonomy.yaml"])
def test_a_bundle_of_nonsense_is_one_line(
    bundle: Bundle, pictures: Path, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = shutil.copytree(bundle.folder, tmp_path / "copy")
    (copy / name).write_bytes(b"[]")
    copy = copy.rename(tmp_path / folder_digest(copy))
    code, out, err = classify("--model", str(copy), "--json", str(pictures), capsys=capsys)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert name in err
