"""The run through the real command: stages, skipping, answers, bad configs; with a short real training."""

import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
import yaml

pytest.importorskip("torch", reason="a run trains its model; install image-intent[train]")

from beam_jobs.blocks import manifest
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.flags import run_main
from beam_jobs.commands.main import COMMANDS, dispatch
from beam_jobs.demo.clicks import simulate_clicks, write_click_log
from beam_jobs.demo.corpus import Corpus, demo_world, draw_corpus
from beam_jobs.run.config import RunConfig, load_config
from beam_jobs.run.plan import plan
from beam_jobs.run.records import read_records
from beam_jobs.train import TrainSettings
from intent.bundle import taxonomy_yaml
from intent.shipped import packaged_model
from labels.taxonomy import load_taxonomy

ROOT = Path(__file__).resolve().parents[2]
IMAGES = 200


def image_intent(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "beam_jobs.commands.main", *arguments],
        cwd=cwd,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "HOME": str(cwd)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Corpus]:
    """Draw a small corpus, simulate its log and run everything once."""
    folder = tmp_path_factory.mktemp("run")
    corpus = draw_corpus(folder / "corpus", images=IMAGES)
    log = simulate_clicks(corpus.truth, taxonomy=load_taxonomy(), world=demo_world(corpus.truth))
    write_click_log(log, folder=folder / "clicks")
    config = {
        "clicks": "clicks",
        "collection": "corpus/collection.csv",
        "high": 4,
        "low": 4,
        "train": {"backbone": "squeezenet1_1", "image_size": 48, "epochs": 2},
    }
    (folder / "pipeline.yaml").write_text(yaml.safe_dump(config))
    result = image_intent("run", "--config", "pipeline.yaml", cwd=folder)
    assert result.returncode == 0, result.stderr
    return folder, corpus


def test_all_stages_ran_and_were_recorded(world: tuple[Path, Corpus]) -> None:
    folder, _ = world
    records = {record.stage: record for record in read_records(folder / "run")}
    assert list(records) == [
        "aggregate_clicks",
        "first/extract_features",
        "first/find_duplicates",
        "first/derive_labels",
        "train",
        "extract_features",
        "find_duplicates",
        "derive_labels",
        "assign_topics",
        "export_index",
    ]
    assert all(record.rows > 0 and record.seconds > 0 and record.peak_memory_bytes > 0 for record in records.values())
    assert (folder / "run" / "report.html").stat().st_size > 10_000


def test_planted_answers_come_back(world: tuple[Path, Corpus]) -> None:
    folder, corpus = world
    truth = dict(zip(corpus.truth["image_id"].to_pylist(), corpus.truth["intent"].to_pylist(), strict=True))
    labels = manifest.read_table(str(folder / "run" / "derive_labels"), "labels").to_pylist()
    sure = [row for row in labels if row["intent"] is not None]
    assert len(sure) >= IMAGES // 3
    assert sum(truth[row["image_id"]] == row["intent"] for row in sure) >= 0.93 * len(sure)
    groups = manifest.read_table(str(folder / "run" / "find_duplicates"), "duplicates").to_pylist()
    group_of = {row["image_id"]: row["group_id"] for row in groups}
    planted = [row for row in corpus.duplicates.to_pylist() if row["edit"] in ("bytes", "jpeg", "resize")]
    found = [row for row in planted if group_of[row["image_id"]] == group_of[row["copy_of"]]]
    assert len(found) >= 0.7 * len(planted)


def test_documents_are_the_representatives_with_everything(world: tuple[Path, Corpus]) -> None:
    folder, _ = world
    run = folder / "run"
    documents = manifest.read_table(str(run / "export_index"), "documents")
    groups = manifest.read_table(str(run / "find_duplicates"), "duplicates")
    kept = groups.filter(groups["is_representative"])["image_id"].to_pylist()
    assert documents["image_id"].to_pylist() == sorted(kept)
    assert sum(documents["duplicate_count"].to_pylist()) == groups.num_rows - len(kept)
    for row in documents.slice(0, 20).to_pylist():
        assert len(row["intent_scores"]) == len(load_taxonomy().intent_ids)
        assert abs(sum(row["intent_scores"]) - 1) < 1e-3
        assert abs(sum(row["parent_scores"]) - 1) < 1e-3
        assert abs(sum(float(x) ** 2 for x in row["embedding"]) - 1) < 1e-2
        assert row["uri"]
        assert row["topic_low"] is not None
    topics = manifest.read_table(str(run / "assign_topics"), "topics")
    assert topics.num_rows == groups.num_rows
    model = set(documents["model"].to_pylist())
    assert model == {path.name for path in (run / "model").iterdir() if path.is_dir()}


def test_second_run_skips_everything(world: tuple[Path, Corpus]) -> None:
    folder, _ = world
    before = {p: p.read_bytes() for p in (folder / "run").rglob("_MANIFEST.json")}
    result = image_intent("run", "--config", "pipeline.yaml", cwd=folder)
    assert result.returncode == 0, result.stderr
    assert result.stderr.count("unchanged") == 7
    assert {p: p.read_bytes() for p in (folder / "run").rglob("_MANIFEST.json")} == before


def test_labels_commands(world: tuple[Path, Corpus]) -> None:
    folder, _ = world
    summary = image_intent("labels", "summary", "--json", cwd=folder)
    assert summary.returncode == 0, summary.stderr
    rows = [json.loads(line) for line in summary.stdout.splitlines()]
    assert sum(row["images"] for row in rows) == len((folder / "corpus" / "truth.csv").read_text().splitlines()) - 1
    image = manifest.read_table(str(folder / "run" / "derive_labels"), "labels")["image_id"][0].as_py()
    shown = image_intent("labels", "show", image, "--json", cwd=folder)
    said = json.loads(shown.stdout)
    assert said["image_id"] == image
    assert said["label"]["queries"]
    text = image_intent("labels", "show", image, cwd=folder)
    assert text.returncode == 0
    assert image in text.stdout
    unknown = image_intent("labels", "show", "nobody", cwd=folder)
    assert unknown.returncode == 2
    assert "nobody" in unknown.stderr


def test_classify_and_evaluate(world: tuple[Path, Corpus]) -> None:
    folder, _ = world
    bundle = next(p for p in (folder / "run" / "model").iterdir() if p.is_dir())
    picture = next((folder / "corpus" / "images").rglob("*.png"))
    said = image_intent("classify", str(picture), "--json", cwd=folder)
    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout)["intent"] in load_taxonomy().intent_ids
    flags = ["--model", str(bundle), "--collection", "corpus/collection.csv", "--truth", "corpus/truth.csv", "--json"]
    judged = image_intent("evaluate", *flags, cwd=folder)
    assert judged.returncode == 0, judged.stderr
    assert json.loads(judged.stdout.splitlines()[0])["rows"] == manifest.require(
        str(folder / "run" / "extract_features"), "features"
    ).rows("features")


def test_mixed_models_are_refused(
    world: tuple[Path, Corpus], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from beam_jobs import find_duplicates
    from beam_jobs.blocks.write import write_file

    folder, _ = world
    done = manifest.require(str(folder / "run" / "extract_features"), "features")
    table = manifest.read_table(str(folder / "run" / "extract_features"), "features")
    other = pa.array(["other"] * 5 + table["model"].to_pylist()[5:])
    mixed = table.set_column(table.column_names.index("model"), "model", other)
    written = write_file(
        mixed, output=str(tmp_path / "f"), name="features", index=0, count=1, run_key="k", schema=table.schema
    )
    manifest.commit(
        str(tmp_path / "f"),
        manifest.Manifest("extract_features", done.version, "k", {"features": [written]}, {}, {}, {}),
    )
    flags = ["--features", str(tmp_path / "f"), "--output", str(tmp_path / "d")]
    assert run_main(find_duplicates.main, flags) == 2
    assert "several models" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("clicks: a\n", "collection"),
        ("clicks: a\ncollection: b\nclick: c\n", "click"),
        ("clicks: a\ncollection: b\nhigh: many\n", "high"),
        ("clicks: a\ncollection: b\ntrain: {epoch: 3}\n", "train.epochs"),
        ("clicks: a\ncollection: b\ntrain: {max_images: -1}\n", "train: max_images -1"),
        ("clicks: a\ncollection: b\ntrain: {drawn: -1}\n", "train: drawn -1"),
        ("clicks: a\ncollection: b\ntrain: {precision: int4}\n", "train: precision 'int4'"),
        ("- a\n", "mapping"),
        ("clicks: [\n", "YAML"),
    ],
)
def test_bad_config_is_named(tmp_path: Path, text: str, word: str) -> None:
    (tmp_path / "c.yaml").write_text(text)
    with pytest.raises(UsageError, match=word):
        load_config(tmp_path / "c.yaml")


def test_paths_of_a_training_are_relative_to_the_file(tmp_path: Path) -> None:
    text = "clicks: a\ncollection: b\ntrain: {weights: w.pth, exclude: x.csv, start: old/model, temp: work}\n"
    (tmp_path / "c.yaml").write_text(text)
    train = load_config(tmp_path / "c.yaml").train
    found = (train.weights, train.exclude, train.start, train.temp)
    assert found == tuple(str(tmp_path / name) for name in ("w.pth", "x.csv", "old/model", "work"))
    (tmp_path / "c.yaml").write_text("clicks: a\ncollection: b\ntrain: {weights: hub, max_images: 0}\n")
    assert load_config(tmp_path / "c.yaml").train == TrainSettings(weights="hub", max_images=0)


def test_model_of_another_taxonomy_is_refused(tmp_path: Path) -> None:
    model = packaged_model()
    if model is None:
        pytest.skip("this checkout carries no model")
    text = taxonomy_yaml(load_taxonomy()).replace("id: flag\n", "id: banner\n", 1)
    (tmp_path / "new.yaml").write_text(text, encoding="utf-8")
    config = RunConfig(clicks="a", collection="b", model=str(model), taxonomy=str(tmp_path / "new.yaml"))
    with pytest.raises(
        UsageError, match=r"another taxonomy than the run \(2 intents differ, first 'banner', of the tax"
    ):
        plan(config, tmp_path / "run")
    with pytest.raises(UsageError, match="there is no such folder"):
        plan(RunConfig(clicks="a", collection="b", model=str(tmp_path / "nowhere")), tmp_path / "run")


def test_unknown_command_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_main(dispatch, ["lables"]) == 2
    assert "lables" in capsys.readouterr().err
    assert run_main(dispatch, ["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in COMMANDS)
    readme = (ROOT / "README.md").read_text()
    assert all(f"image-intent {name}" in readme or f"make {name}" in readme for name in ("demo", "run", "labels"))
