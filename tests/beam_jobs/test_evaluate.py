"""evaluate through the real command: planted answers come back, whatever is asked for besides."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

pytest.importorskip("torch", reason="the bundle of these tests is trained; install image-intent[train]")

from beam_jobs.blocks.flags import run_main
from beam_jobs.commands.main import dispatch
from beam_jobs.evaluate import odd_scores
from intent.bundle import Bundle
from intent.inference import Predictor
from intent.robustness import EDITS
from tests.beam_jobs.pictures.crasher import view_or_die
from tests.beam_jobs.test_classify import bundle  # noqa: F401
from tests.intent.drawn import KINDS, drawn_pictures


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """24 pictures of four kinds; the intents of three are wrong, one file is broken."""
    (tmp_path / "pictures").mkdir()
    with (tmp_path / "truth.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["image_id", "intent"])
        for row, pixels in enumerate(drawn_pictures(24, seed=3)):
            Image.fromarray(pixels).save(tmp_path / "pictures" / f"{row:02d}.png")
            rows.writerow([f"{row:02d}.png", "live_streamer" if row < 3 else KINDS[row % 4]])
        rows.writerow(["broken.png", KINDS[0]])
    (tmp_path / "pictures" / "broken.png").write_bytes(b"no picture")
    return tmp_path


def evaluate(world: Path, bundle: Bundle, *flags: str) -> int:  # noqa: F811
    model = ["--model", str(bundle.folder), "--collection", str(world / "pictures")]
    return run_main(dispatch, ["evaluate", *model, "--truth", str(world / "truth.csv"), *flags])


def test_all_figures(bundle: Bundle, world: Path, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: F811
    odd = world / "odd"
    odd.mkdir()
    Image.new("RGB", (40, 40), (0, 90, 0)).save(odd / "flat.png")
    assert evaluate(world, bundle, "--json", "--robust", "--unknown", str(odd)) == 0
    said = capsys.readouterr()
    totals, *rows = [json.loads(line) for line in said.out.splitlines()]
    assert totals["rows"] == 24
    assert totals["accuracy"] <= 21 / 24
    assert totals["without"]["rows"] == 21
    assert totals["without"]["macro_f1"] > totals["macro_f1"]
    assert set(totals["robust"]) == set(EDITS)
    assert 0 <= totals["unknown_auroc"]["folder"] <= 1
    assert sum(row["rows"] for row in totals["reliability"]) == 24
    intents = {row["intent"]: row for row in rows if "intent" in row}
    parents = [row for row in rows if "parent" in row]
    assert intents["live_streamer"]["recall"] == 0
    assert sum(row["rows"] for row in intents.values()) == sum(row["rows"] for row in parents) == 24
    assert "warning: 1 of 25 pictures cannot be read: not_an_image 1" in said.err


def test_unknown_pictures_that_cannot_be_read_are_told(
    bundle: Bundle,  # noqa: F811
    world: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (world / "odd").mkdir()
    (world / "odd" / "broken.png").write_bytes(b"no picture")
    assert evaluate(world, bundle, "--json", "--unknown", str(world / "odd")) == 0
    said = capsys.readouterr()
    assert list(json.loads(said.out.splitlines()[0])["unknown_auroc"]) == ["drawn"]
    assert "warning: 1 of 1 pictures of no class cannot be read" in said.err


def test_intents_that_the_model_lacks_are_told(
    bundle: Bundle,  # noqa: F811
    world: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    truth = world / "truth.csv"
    truth.write_text(truth.read_text().replace("live_streamer", "unicorn"), encoding="utf-8")
    assert evaluate(world, bundle, "--json") == 0
    said = capsys.readouterr()
    assert json.loads(said.out.splitlines()[0])["rows"] == 21
    assert f"warning: {truth}: not judged, the model has no intent 'unicorn'" in said.err


def test_truth_that_contradicts_itself_is_refused(
    bundle: Bundle,  # noqa: F811
    world: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with (world / "truth.csv").open("a") as file:
        file.write(f"05.png,{KINDS[1]}\n05.png,unicorn\n")
    assert evaluate(world, bundle, "--json") == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert f"'05.png' is {KINDS[1]!r} in one row and 'unicorn' in another" in err


def test_only_and_exclude_are_each_others_rest(
    bundle: Bundle,  # noqa: F811
    world: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (world / "some.csv").write_text("image_id\n" + "\n".join(f"{n:02d}.png" for n in range(8)))
    counts = []
    for flag in ("--only", "--exclude"):
        assert evaluate(world, bundle, "--json", flag, str(world / "some.csv"), "--without") == 0
        told = json.loads(capsys.readouterr().out.splitlines()[0])
        counts.append(told["rows"])
        assert told["without"] is None
    assert counts == [8, 16]


def test_page_and_picture_of_mistakes(
    bundle: Bundle,  # noqa: F811
    world: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    page, sheet = world / "page.html", world / "mistakes.png"
    assert evaluate(world, bundle, "--report", str(page), "--mistakes", str(sheet)) == 0
    assert "macro-F1" in capsys.readouterr().out
    text = page.read_text()
    assert text.count("data:image/webp;base64,") >= 3
    assert "<script" not in text
    pixels = np.asarray(Image.open(sheet))
    assert pixels.shape[2] == 3
    assert pixels.std() > 10


@pytest.mark.parametrize("flag", ["--report", "--mistakes"])
def test_a_page_that_cannot_be_written_is_known_before_a_picture_is_read(
    bundle: Bundle,  # noqa: F811
    world: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    flag: str,
) -> None:
    monkeypatch.setattr("beam_jobs.commands.evaluate.evaluate", lambda *args, **kwargs: pytest.fail("work was done"))
    assert evaluate(world, bundle, flag, str(world)) == 2
    assert f"{flag} {world} is a folder; name a file" in capsys.readouterr().err


def test_a_file_that_kills_its_decoder_costs_itself_alone(
    bundle: Bundle,  # noqa: F811
    world: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert evaluate(world, bundle, "--json", "--robust") == 0
    sound = capsys.readouterr().out
    (world / "pictures" / "crash.png").write_bytes((world / "pictures" / "05.png").read_bytes())
    with (world / "truth.csv").open("a") as file:
        file.write(f"crash.png,{KINDS[0]}\n")
    monkeypatch.setattr("beam_jobs.evaluate.view", view_or_die)
    assert evaluate(world, bundle, "--json", "--robust", "--mistakes", str(world / "mistakes.png")) == 0
    said = capsys.readouterr()
    assert said.out == sound
    assert " pictures cannot be read: decoder_crash 1, " in said.err


def test_inline_pictures_are_judged_as_files_are(
    bundle: Bundle,  # noqa: F811
    world: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = sorted((world / "pictures").iterdir())
    table = pa.table({"image_id": [file.name for file in files], "bytes": [file.read_bytes() for file in files]})
    pq.write_table(table, world / "inline.parquet")
    outs = []
    for collection in ("pictures", "inline.parquet"):
        assert evaluate(world, bundle, "--json", "--collection", str(world / collection)) == 0
        outs.append(capsys.readouterr().out)
    assert outs[0] == outs[1]


def test_drawn_unknowns_are_none_that_the_score_was_fitted_to(
    bundle: Bundle,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seeds = []

    def draw(per_kind: int, *, size: int, seed: int) -> tuple[npt.NDArray[np.uint8], None]:
        seeds.append(seed)
        return np.zeros((1, size, size, 3), np.uint8), None

    monkeypatch.setattr("intent.unknown_pictures.draw_unknown", draw)
    for seed in (0, 1):
        training = {**bundle.facts["training"], "seed": seed}
        fitted = replace(bundle, facts={**bundle.facts, "training": training})
        odd_scores(Predictor(fitted), None, workers=1)
    assert seeds == [1, 2]


@pytest.mark.parametrize(
    ("flags", "word"),
    [
        (["--without", "nobody"], "--without nobody: the model has no such intent; it has "),
        (["--without", "flags"], "--without flags: the model has no such intent; did you mean flag?"),
        (["--only", "no.csv"], "--only no.csv"),
        (["--unknown", "no-folder"], "--unknown no-folder is not there"),
    ],
)
def test_bad_flags_are_one_line_before_any_picture_is_read(
    bundle: Bundle,  # noqa: F811
    world: Path,
    flags: list[str],
    word: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def read(*_args: object, **_options: object) -> None:
        raise AssertionError("pictures were read")

    monkeypatch.setattr("beam_jobs.evaluate.view_rows", read)
    assert evaluate(world, bundle, *flags) == 2
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1
    assert word in err
