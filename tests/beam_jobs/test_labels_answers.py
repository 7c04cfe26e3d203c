"""``image-intent labels summary``, ``show``, ``query``, ``class`` and ``rules`` on the labels of a planted log."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from beam_jobs import aggregate_clicks, derive_labels, inputs
from beam_jobs.blocks import manifest
from beam_jobs.blocks.flags import EXIT_DONE, EXIT_USAGE, run_main
from beam_jobs.commands.main import dispatch
from beam_jobs.commands.tables import plain, print_table
from beam_jobs.commands.window_bots import bots_of
from beam_jobs.demo.clicks import ClickWorld, simulate_clicks
from labels.bots import KEPT, BotThresholds, drop_users
from labels.merges import merge_clicks
from labels.taxonomy import load_taxonomy
from tests.beam_jobs.conftest import succeed

IMAGES = 600


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("answers")
    taxonomy = load_taxonomy()
    classes = taxonomy.intent_ids[:12]
    truth = {f"image{number:03d}": classes[number % len(classes)] for number in range(IMAGES)}
    images = pa.table({"image_id": list(truth), "intent": list(truth.values())})
    world = ClickWorld(sessions=6_000, users=2_000, queries=600, seed=8, slow_bot_share=0.5, noise=0.1)
    pq.write_table(simulate_clicks(images, taxonomy=taxonomy, world=world).clicks, folder / "log.parquet")
    ids = [*truth, "nobody-clicked-it"]
    uris = pa.table({"image_id": ids, "uri": [f"{name}.jpg" for name in ids]})
    pa.csv.write_csv(uris, folder / "collection.csv")
    succeed(aggregate_clicks.main, clicks=folder / "log.parquet", output=folder / "aggregate_clicks")
    succeed(
        derive_labels.main,
        evidence=folder / "aggregate_clicks",
        collection=folder / "collection.csv",
        output=folder / "derive_labels",
    )
    return folder


def said(capsys: pytest.CaptureFixture[str], *argv: object) -> str:
    capsys.readouterr()
    assert run_main(dispatch, ["labels", *map(str, argv)]) == EXIT_DONE
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *argv: object) -> str:
    capsys.readouterr()
    assert run_main(dispatch, ["labels", *map(str, argv)]) == EXIT_USAGE
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    return told.err


def rows_of(folder: Path, table: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = manifest.read_table(str(folder / "derive_labels"), table).to_pylist()
    return rows


def test_the_summary_tells_numbers_reasons_and_rules(run_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "summary", "--run", run_folder)
    labels, rejected = rows_of(run_folder, "labels"), rows_of(run_folder, "rejected")
    assert f"{len(labels):,} of {IMAGES + 1:,} images have a label" in text
    least = min(row["confidence"] for row in labels if row["intent"])
    assert f"{least:.3f} at least; labels are given down to where 96% of them all" in text
    assert "nothing is known of it" in text
    assert "dropped" in text
    assert "words of the taxonomy occur" in text
    rows = [json.loads(line) for line in said(capsys, "summary", "--run", run_folder, "--json").splitlines()]
    assert sum(row["images"] for row in rows) == len(labels) + len(rejected)
    dropped = sum(row["clicks"] for row in rows if row["kind"] == "dropped")
    assert dropped == sum(row["clicks"] for row in rows_of(run_folder, "bots") if row["reason"] not in KEPT)
    assert dropped > 0


def test_a_rejected_image_shows_its_queries(run_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refusal = max((row for row in rows_of(run_folder, "rejected") if row["best_intent"]), key=lambda row: row["clicks"])
    image = refusal["image_id"]
    found = json.loads(said(capsys, "show", image, "--run", run_folder, "--json"))
    assert found["rejected"]["reason"] == refusal["reason"]
    evidence = found["evidence"]
    clicks = pa.concat_tables(
        [
            manifest.read_table(str(run_folder / "aggregate_clicks"), name)
            for name in manifest.require(str(run_folder / "aggregate_clicks")).tables
            if name.startswith("clicks/")
        ]
    ).to_pylist()
    mine = [row for row in clicks if row["image_id"] == image]
    assert evidence["clicks"] == sum(row["clicks"] for row in mine)
    assert evidence["queries_in_all"] == len({row["query"] for row in mine})
    listed = {row["query"] for row in rows_of(run_folder, "query_intents")}
    assert {row["query"] for row in evidence["queries"]} == {row["query"] for row in mine} & listed
    shown = sum(row["clicks"] for row in evidence["queries"])
    assert shown + evidence["rarer_clicks"] == evidence["clicks"]
    text = said(capsys, "show", image, "--run", run_folder)
    assert f"likeliest: {refusal['best_intent']}, with a chance of" in text
    assert evidence["queries"][0]["query"] in text
    # without evidence the tables alone speak
    alone = json.loads(said(capsys, "show", image, "--run", run_folder / "derive_labels", "--json"))
    assert alone["evidence"] is None
    assert alone["rejected"]["best_intent"] == refusal["best_intent"]


def test_a_label_adds_up(run_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def hidden(row: dict[str, Any]) -> int:
        return int(row["clicks"] - sum(query["clicks"] for query in row["queries"]))

    label = max(rows_of(run_folder, "labels"), key=hidden)
    assert hidden(label) > 0
    text = said(capsys, "show", label["image_id"], "--run", run_folder)
    assert f"and {hidden(label):,} click" in text
    assert f"chance that it is right {label['confidence']:.1%}" in text
    never = said(capsys, "show", "nobody-clicked-it", "--run", run_folder)
    assert "never_clicked" in never


def test_a_query_and_a_class(run_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    query = max((row for row in rows_of(run_folder, "query_intents") if row["intent"]), key=lambda row: row["users"])
    found = json.loads(said(capsys, "query", query["query"].upper(), "--run", run_folder, "--json"))
    assert found["query"] == query["query"]
    assert found["decided"]["intent"] == query["intent"]
    assert found["images"]
    users = [row["users"] for row in found["images"]]
    assert users == sorted(users, reverse=True)
    assert f"asks for: {query['intent']}" in said(capsys, "query", query["query"], "--run", run_folder)
    found = json.loads(said(capsys, "class", query["intent"], "--run", run_folder, "--json"))
    assert found["images"] == sum(row["intent"] == query["intent"] for row in rows_of(run_folder, "labels"))
    assert query["query"] in {row["query"] for row in found["top_queries"]}
    assert query["query"] in said(capsys, "class", query["intent"], "--run", run_folder)


def test_rules_come_by_trouble(run_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [json.loads(line) for line in said(capsys, "rules", "--run", run_folder, "--json").splitlines()]
    assert len(rows) == len(rows_of(run_folder, "rules"))
    sure = [row["precision"] for row in rows if not row["vetoed"] and row["precision"] is not None]
    assert sure == sorted(sure)
    text = said(capsys, "rules", "--run", run_folder, "--limit", "2")
    assert text.startswith(f"2 of {len(rows)} rules")
    assert rows[0]["rule"] in text


def test_unknown_names_are_answered_with_near_ones(run_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "near: image012" in refused(capsys, "show", "imagee012", "--run", run_folder)
    assert "near: food_photo" in refused(capsys, "class", "foot_photo", "--run", run_folder)
    korean = next(row["query"] for row in rows_of(run_folder, "query_intents") if "사진" in row["query"])
    told = refused(capsys, "query", korean.replace("사진", "사징"), "--run", run_folder)
    assert "of 3 people or more" in told
    assert korean in told
    assert "its word 'map' would ask for map" in refused(capsys, "query", "xyzzy map", "--run", run_folder)
    other = refused(capsys, "query", korean, "--run", run_folder, "--taxonomy", "missing.yaml")
    assert "missing.yaml" in other


def test_the_bots_of_a_window_are_those_of_derive_labels(run_folder: Path) -> None:
    done = manifest.require(str(run_folder / "derive_labels"))
    end = date.fromisoformat(done.config["window_end"])
    window = inputs.plan_window(str(run_folder / "aggregate_clicks"), done.config["window_days"], end)
    bots = bots_of(window, BotThresholds(**done.config["bots"]))
    folder = str(run_folder / "aggregate_clicks")
    names = [name for name in manifest.require(folder).tables if name.startswith("clicks/")]
    clicks = merge_clicks([manifest.read_table(folder, name) for name in names])
    counted = {row["reason"]: row for row in drop_users(clicks, bots)[1].to_pylist()}
    expected = {row["reason"]: row for row in rows_of(run_folder, "bots")}
    assert counted == expected
    assert set(expected) - {*KEPT, "click_rate", "volume", "one_image"}  # some only a population tells


def test_a_table_is_as_wide_as_its_letters_and_takes_nothing_for_markup(capsys: pytest.CaptureFixture[str]) -> None:
    print_table("[bold]", ("query", ">people"), [("악보", "1"), ("[red]ab[/red]", "22"), ("\x1b[2J", 3)])
    out = capsys.readouterr().out
    assert "[bold]" in out
    assert "[red]ab[/red]" in out
    assert "\x1b" not in out
    lines = [line for line in out.splitlines() if "│" in line]
    wide = next(line for line in lines if "악보" in line)
    narrow = next(line for line in lines if "[red]" in line)
    assert len(wide) + 2 == len(narrow)  # each of the two letters takes two columns
    assert plain("a\nb\u202e") == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}"
