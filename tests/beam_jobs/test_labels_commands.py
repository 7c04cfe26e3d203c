"""``image-intent labels suggest`` and ``accept`` through the real commands, on a log of more classes than are known."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from beam_jobs import aggregate_clicks, derive_labels
from beam_jobs.blocks import manifest
from beam_jobs.blocks.flags import EXIT_DONE, EXIT_USAGE, run_main
from beam_jobs.commands.main import dispatch
from beam_jobs.demo.clicks import ClickWorld, simulate_clicks
from labels.tables import SUGGESTIONS
from labels.taxonomy import PACKAGED_TAXONOMY, Taxonomy, load_taxonomy
from tests.beam_jobs.conftest import jpeg, photo, succeed

KNOWN = ("map", "table", "flag", "receipt", "graph_chart", "coloring_page", "pencil_sketch", "diagram")
MISSING = "sheet_music"
IMAGES = 540


@pytest.fixture(scope="module")
def small_taxonomy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packaged file without most of its classes."""
    text = PACKAGED_TAXONOMY.read_text(encoding="utf-8")
    head, *entries = text.split("  - id: ")
    intents = text.index("intents:")
    kept = [entry for entry in entries if entry.split("\n")[0] in KNOWN]
    path = tmp_path_factory.mktemp("taxonomy") / "small.yaml"
    path.write_text(text[: intents + len("intents:\n")] + "".join(f"  - id: {entry}" for entry in kept), "utf-8")
    assert head
    return path


@pytest.fixture(scope="module")
def truth() -> dict[str, str]:
    classes = (*KNOWN, MISSING)
    return {f"image{number:03d}": classes[number % len(classes)] for number in range(IMAGES)}


@pytest.fixture(scope="module")
def run_folder(truth: dict[str, str], small_taxonomy: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of evidence and labels that knows eight of the nine classes."""
    folder = tmp_path_factory.mktemp("run")
    full = load_taxonomy()
    nine: Taxonomy = replace(full, intents=tuple(one for one in full.intents if one.id in (*KNOWN, MISSING)))
    images = pa.table({"image_id": list(truth), "intent": list(truth.values())})
    log = simulate_clicks(images, taxonomy=nine, world=ClickWorld(sessions=9_000, users=2_000, queries=500, seed=5))
    pq.write_table(log.clicks, folder / "log.parquet")
    uris = pa.table({"image_id": list(truth), "uri": [f"{name}.jpg" for name in truth]})
    pa.csv.write_csv(uris, folder / "collection.csv")
    for name in list(truth)[:: len(KNOWN) + 1]:
        (folder / f"{name}.jpg").write_bytes(jpeg(photo(1)))
    succeed(aggregate_clicks.main, clicks=folder / "log.parquet", output=folder / "aggregate_clicks")
    succeed(
        derive_labels.main,
        evidence=folder / "aggregate_clicks",
        collection=folder / "collection.csv",
        output=folder / "derive_labels",
        taxonomy=small_taxonomy,
    )
    return folder


def suggested(capsys: pytest.CaptureFixture[str], *argv: object) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert run_main(dispatch, ["labels", "suggest", *map(str, argv), "--json"]) == EXIT_DONE
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_missing_class_is_suggested_accepted_and_labelled(
    run_folder: Path,
    small_taxonomy: Path,
    truth: dict[str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = suggested(capsys, "--run", run_folder, "--taxonomy", small_taxonomy)
    assert all(list(row) == SUGGESTIONS.names for row in rows)
    new = [row for row in rows if row["kind"] == "class"]
    assert rows[: len(new)] == new
    assert [row for row in new if not {"악보", "sheet music", "notes to play"} & set(row["words"])] == []
    first = new[0]
    assert "악보" in first["words"]
    assert {truth[image] for image in first["example_images"]} == {MISSING}
    queries = manifest.read_table(str(run_folder / "derive_labels"), "query_intents")["query"].to_pylist()
    assert set(first["example_queries"]) <= set(queries)

    output = tmp_path / "next.yaml"
    names = ["--id", MISSING, "--parent", "text", "--taxonomy", str(small_taxonomy), "--output", str(output)]
    assert run_main(dispatch, ["labels", "accept", *first["words"], *names]) == EXIT_DONE
    assert "version 2, 9 classes, sheet_music under text" in capsys.readouterr().out
    flags = {"evidence": run_folder / "aggregate_clicks", "collection": run_folder / "collection.csv"}
    succeed(derive_labels.main, **flags, output=tmp_path / "relabelled", taxonomy=output)
    labels = manifest.read_table(str(tmp_path / "relabelled"), "labels").to_pylist()
    ours = [truth[row["image_id"]] for row in labels if row["intent"] == MISSING]
    assert len(ours) >= 20
    assert ours.count(MISSING) >= 0.9 * len(ours)
    # what was taken over is not suggested again
    done = tmp_path / "relabelled"
    evidence = run_folder / "aggregate_clicks"
    again = suggested(capsys, "--run", done, "--evidence", evidence, "--taxonomy", output)
    assert [row for row in again if row["kind"] == "class"] == []


def test_a_class_that_is_replaced_hands_its_images_to_its_successor(
    run_folder: Path, small_taxonomy: Path, truth: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ids stay: the old class is deprecated and gets no label any more; all other classes keep theirs."""
    output = tmp_path / "next.yaml"
    names = ["--id", "atlas", "--parent", "text", "--replaces", "map", "--keep-words"]
    argv = ["labels", "accept", "atlas page", *names, "--taxonomy", str(small_taxonomy), "--output", str(output)]
    assert run_main(dispatch, argv) == EXIT_DONE
    old, new = load_taxonomy(small_taxonomy), load_taxonomy(output)
    assert new.version == old.version + 1
    assert [one.id for one in new.intents] == [*(one.id for one in old.intents), "atlas"]
    assert {one.id: one.parent for one in new.intents[:-1]} == {one.id: one.parent for one in old.intents}
    assert next(one for one in new.intents if one.id == "map").deprecated_by == "atlas"
    flags = {"evidence": run_folder / "aggregate_clicks", "collection": run_folder / "collection.csv"}
    succeed(derive_labels.main, **flags, output=tmp_path / "again", taxonomy=output)
    before = {row["image_id"]: row["intent"] for row in labels_in(run_folder / "derive_labels")}
    after = {row["image_id"]: row["intent"] for row in labels_in(tmp_path / "again")}
    assert "map" not in after.values()
    moved = [after.get(image) for image, intent in before.items() if intent == "map"]
    assert moved.count("atlas") >= 0.95 * len(moved) > 20
    others = [image for image, intent in before.items() if intent not in ("map", None)]
    assert sum(after.get(image) == before[image] for image in others) >= 0.98 * len(others)
    capsys.readouterr()
    assert run_main(dispatch, ["labels", "summary", "--run", str(tmp_path / "again"), "--taxonomy", str(output)]) == 0
    assert "atlas" in capsys.readouterr().out


def labels_in(folder: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = manifest.read_table(str(folder), "labels").to_pylist()
    return rows


def test_a_small_log_says_what_it_lacks(
    run_folder: Path, small_taxonomy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["labels", "suggest", "--run", str(run_folder), "--taxonomy", str(small_taxonomy)]
    assert run_main(dispatch, [*argv, "--min-queries", "40", "--min-users", "2000"]) == EXIT_DONE
    told = capsys.readouterr().out
    assert "0 new classes" in told
    assert "queries, " in told
    assert "of them without a known word" in told
    assert "queries: " in told
    assert " of 40" in told
    assert run_main(dispatch, [*argv, "--min-users", "100000"]) == EXIT_DONE
    assert "suggestions of fewer than 100,000 people are left out" in capsys.readouterr().out


def test_a_table_and_a_page(
    run_folder: Path, small_taxonomy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "new.html"
    argv = ["labels", "suggest", "--run", str(run_folder), "--taxonomy", str(small_taxonomy), "--html", str(page)]
    assert run_main(dispatch, [*argv, "--collection", str(run_folder / "collection.csv")]) == EXIT_DONE
    told = capsys.readouterr()
    assert "악보" in told.out
    assert "new classes, words for" in told.out
    text = page.read_text(encoding="utf-8")
    assert "악보" in text
    assert "<figure" in text
    assert "<script" not in text


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ([], ["derived with another taxonomy", "--taxonomy"]),
        (["--html", "x.html"], ["--html needs --collection"]),
        (["--min-queries", "1"], ["give at least 2"]),
        (["--taxonomy", "missing.yaml"], ["missing.yaml", "cannot be read"]),
        (["--evidence", "missing"], ["missing"]),
    ],
)
def test_what_cannot_be_suggested(
    run_folder: Path, small_taxonomy: Path, flags: list[str], words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    own = ["--taxonomy", str(small_taxonomy)] if flags and flags[0] != "--taxonomy" else []
    assert run_main(dispatch, ["labels", "suggest", "--run", str(run_folder), *own, *flags]) == EXIT_USAGE
    told = capsys.readouterr()
    assert told.out == ""
    assert [word for word in words if word not in told.err] == [], told.err


@pytest.mark.parametrize("command", [["summary"], ["query", "cat"], ["class", "map"]])
def test_labels_of_another_taxonomy_are_not_counted_by_the_packaged_one(
    run_folder: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_main(dispatch, ["labels", *command, "--run", str(run_folder)]) == EXIT_USAGE
    told = capsys.readouterr()
    assert told.out == ""
    assert "derived with another taxonomy than the packaged one" in told.err


def test_accept_refuses_in_one_line_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "next.yaml"
    argv = ["labels", "accept", "악보", "--id", "music", "--parent", "text", "--output", str(output)]
    assert run_main(dispatch, argv) == EXIT_USAGE
    told = capsys.readouterr()
    assert told.out == ""
    assert "'악보' belongs to 'sheet_music'" in told.err
    assert told.err.count("\n") == 1
    assert not output.exists()
    output.write_text("mine")
    argv[2] = "우표"
    assert run_main(dispatch, argv) == EXIT_USAGE
    assert "exists" in capsys.readouterr().err
    assert output.read_text() == "mine"


def test_accept_tells_what_a_split_leaves_without_a_class(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["labels", "accept", "노선도", "보물지도", "--id", "route", "--parent", "text", "--replaces", "map"]
    assert run_main(dispatch, [*argv, "--output", str(tmp_path / "next.yaml")]) == EXIT_DONE
    told = capsys.readouterr()
    assert "ask for no class now: 지도, 세계지도" in told.err
    assert load_taxonomy(tmp_path / "next.yaml").intents[-1].patterns == ("노선도", "보물지도")
