"""The report of a run: all sections, hostile texts, missing stages, the same bytes again."""

import json
import re
from collections.abc import Mapping
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from beam_jobs.blocks import files
from beam_jobs.blocks.failures import FAILURES
from beam_jobs.blocks.manifest import Manifest, commit
from beam_jobs.blocks.write import Written
from beam_jobs.report import SECTIONS, write_report
from beam_jobs.report.page import el, number, percent, text
from beam_jobs.run.records import StageRecord
from dedup.tables import DUPLICATES
from intent.tables import TOPIC_NAMES, TOPICS, features_schema
from labels.tables import BOTS, EVIDENCE_CLICKS, EXAMINATION, LABELS, QUERY_INTENTS, REJECTED, RULES
from labels.taxonomy import PACKAGED_TAXONOMY, load_taxonomy

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u202e\x00"
IMAGES = [f"{number:02d}" for number in range(12)]
RECORDS = [
    StageRecord("aggregate_clicks", 2.0, 1_234_567, "rows", 300 << 20),
    StageRecord("first/extract_features", 65.0, 12, "pictures", 2 << 30, skipped=True),
]
TAXONOMY = load_taxonomy()


def put(
    run: Path,
    job: str,
    tables: Mapping[str, pa.Table],
    *,
    counters: Mapping[str, int] | None = None,
    config: Mapping[str, Any] | None = None,
) -> None:
    """Commit tables as the output of a job."""
    written: dict[str, list[Written]] = {}
    for name, table in tables.items():
        path = f"{name}/part-00000-of-00001-abc.parquet"
        target = run / job / path
        target.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, target)
        size = target.stat().st_size
        written[name] = [Written(name, path, table.num_rows, size, files.sha256_of(str(target)))]
    commit(str(run / job), Manifest(job, 1, "abc", written, counters or {}, {}, config or {}))


def failures(*rows: tuple[str, str, str, str]) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(FAILURES.names, row, strict=True)) for row in rows], FAILURES)


def make_collection(folder: Path) -> str:
    """Write twelve pictures; the last one is no picture and the last but one is missing."""
    folder.mkdir()
    for place, name in enumerate(IMAGES[:-2]):
        pixels = np.full((80, 120, 3), 20 * place, np.uint8)
        pixels[20:40, 30:60] = (200, 30, 30)
        Image.fromarray(pixels).save(folder / f"{name}.png")
    (folder / f"{IMAGES[-1]}.png").write_bytes(b"no picture")
    table = pa.table({"image_id": IMAGES, "uri": [f"{name}.png" for name in IMAGES], "title": [EVIL] * 12})
    pq.write_table(table, folder / "collection.parquet")
    return str(folder / "collection.parquet")


def label(place: int, intent: str | None) -> dict[str, Any]:
    parent = TAXONOMY.parent_of(intent) if intent else "photo"
    query = {"query": f"강아지 {place} {EVIL}", "clicks": 7, "users": 5}
    numbers = {"confidence": 0.9 - place / 100, "users": 1000 + place, "clicks": 2000, "expected_clicks": 12.34}
    names = {"image_id": IMAGES[place], "intent": intent, "parent": parent, "source": "rule"}
    return {**names, **numbers, "queries": [query], "window_end": date(2026, 10, 3)}


def put_clicks(run: Path) -> None:
    days = {f"clicks/date=2026-10-0{day}": EVIDENCE_CLICKS.empty_table() for day in (1, 3)}
    put(run, "aggregate_clicks", days, counters={"rows_read:clicks": 1_234_567})


def put_labels(run: Path) -> None:
    intents = ["map", "map", "map", "map", "map", "animal_photo", "food_photo", None]
    labels = [label(place, intent) for place, intent in enumerate(intents)]
    rejected = [
        {"image_id": name, "reason": "mixed_intents", "users": 3, "clicks": 9, "best_intent": "map", "share": 0.4}
        for name in IMAGES[8:]
    ]
    rules = [
        {"rule": EVIL, "intent": "map", "queries": 2, "clicks": 4321, "precision": 0.25, "vetoed": False},
        {"rule": "지도", "intent": "map", "queries": 9, "clicks": 900, "precision": 0.97, "vetoed": True},
    ]
    bots = [
        {"reason": "human", "users": 50, "clicks": 8900},
        {"reason": "unsure", "users": 1, "clicks": 100},
        {"reason": "click_rate", "users": 2, "clicks": 6000},
    ]
    one = {"model": "cascade", "depth": 0.5, "tried": "cascade", "gain": 0.00123, "sigmas": 4.5, "told_by": 98_765}
    places = [
        {"position": n, "impressions": 100, "clicks": 9, "click_rate": 0.4 / n, "rate": 0.3, "mean_rate": 0.2, **one}
        for n in range(1, 301)
    ]
    queries = [{"query": EVIL, "intent": "map", "confidence": 0.9, "users": 3, "source": "rule"}]
    tables = {
        "labels": pa.Table.from_pylist(labels, LABELS),
        "rejected": pa.Table.from_pylist(rejected, REJECTED),
        "rules": pa.Table.from_pylist(rules, RULES),
        "bots": pa.Table.from_pylist(bots, BOTS),
        "examination": pa.Table.from_pylist(places, EXAMINATION),
        "query_intents": pa.Table.from_pylist(queries, QUERY_INTENTS),
        "failures": failures(),
    }
    counters = {"clicks_on_unknown_images": 17, "unknown_images": 4}
    put(run, "derive_labels", tables, counters=counters, config={"window_days": 90, "window_end": "2026-10-03"})


def put_features(run: Path, *, model: str | None) -> None:
    schema = features_schema(TAXONOMY.intent_ids, TAXONOMY.parent_ids)
    rows = []
    for place, name in enumerate(IMAGES[:10]):
        answer = "map" if place % 3 else "table"
        scores = [float(parent == TAXONOMY.parent_of(answer)) for parent in TAXONOMY.parent_ids]
        rows.append(
            {
                "image_id": name,
                "intent": answer if model else None,
                "confidence": 0.8 + place / 100 if model else None,
                "parent_scores": scores if model else None,
                "model": model,
            }
        )
    failed = failures(("extract_features", EVIL, "not_an_image", EVIL), ("extract_features", "x", "not_found", "gone"))
    put(run, "extract_features", {"features": pa.Table.from_pylist(rows, schema), "failures": failed})


def put_duplicates(run: Path) -> None:
    groups = ["00", "00", "00", "03", "03", "05", "06", "07", "08", "09"]
    reasons = {"01": "bytes", "02": "hash", "04": "cnn"}
    rows = [
        {
            "image_id": name,
            "group_id": group,
            "is_representative": name == group,
            "score": 1.0 if name == group else 0.9 + int(name) / 100,
            "reason": reasons.get(name),
        }
        for name, group in zip(IMAGES[:10], groups, strict=True)
    ]
    put(run, "find_duplicates", {"duplicates": pa.Table.from_pylist(rows, DUPLICATES), "failures": failures()})


def put_topics(run: Path) -> None:
    topics = [{"image_id": name, "topic_high": 0, "topic_low": 0} for name in IMAGES[:10]]
    names = [
        {"topic": 0, "level": "high", "name": EVIL, "terms": ["지도", EVIL], "medoids": IMAGES[:2], "size": 10},
        {"topic": 0, "level": "low", "parent": 0, "name": "small", "terms": [], "medoids": IMAGES[:1], "size": 10},
    ]
    tables = {"topics": pa.Table.from_pylist(topics, TOPICS), "topic_names": pa.Table.from_pylist(names, TOPIC_NAMES)}
    few = failures(("assign_topics", "topics", "fewer_topics", "1 high topic instead of 100"))
    put(run, "assign_topics", {**tables, "failures": few})


def put_model(run: Path, digest: str) -> None:
    folder = run / "model" / digest
    folder.mkdir(parents=True)
    metrics = {"rows": 321, "part": "validation", "accuracy": 0.876, "macro_f1": 0.765, "parent_accuracy": 0.954}
    facts = {"backbone": EVIL, "label_counts": {"map": 4567}, "metrics": {**metrics, "calibration_error": None}}
    (folder / "bundle.json").write_text(json.dumps(facts))
    (folder / "taxonomy.yaml").write_text(PACKAGED_TAXONOMY.read_text(encoding="utf-8"), encoding="utf-8")


class Reader(HTMLParser):
    """Collects elements, and checks that they close in order."""

    VOID = frozenset({"meta", "br", "img"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data + " "


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


@pytest.fixture
def full(tmp_path: Path) -> tuple[Path, str]:
    """Return a run with the output of every job, and its collection."""
    run = tmp_path / "run"
    put_clicks(run)
    put_labels(run)
    put_features(run, model="0123456789abcdef")
    put_duplicates(run)
    put_topics(run)
    put_model(run, "0123456789abcdef")
    put(run, "export_index", {"documents": pa.table({"image_id": IMAGES[:7]}), "failures": failures()})
    return run, make_collection(tmp_path / "pictures")


def report(run: Path, collection: str, title: str = "나의 run") -> str:
    output = run / "report.html"
    output.parent.mkdir(parents=True, exist_ok=True)
    write_report(run, collection=collection, records=RECORDS, output=output, title=title)
    return output.read_text(encoding="utf-8")


def test_every_section_is_there_with_its_numbers(full: tuple[Path, str]) -> None:
    run, collection = full
    page = read(report(run, collection))
    sections = [attributes["id"] for tag, attributes in page.elements if tag == "section"]
    assert sections == [anchor for anchor, _ in SECTIONS]
    for told in (
        *("나의 run", "1,234,567", "9,000", "6,000", "2.0 GB", "1 min 5 s", "unchanged"),
        *("2026-10-02", "17 clicks", "4 images that the collection lacks", "1 high topic instead of 100"),
        *("mixed_intents", "2,000 clicks, 12.3 expected", "1,000 people", "강아지", "weakest", "지도"),
        *("validation part, 321 pictures", "87.6%", "95.4%", "learned from 4,567 pictures", "Suspects"),
        *("not_an_image", "not_found", "cnn 0.940", "bytes 0.910", "kept", "10 images, 1 finer topic", "vetoed"),
        *("0.00123 nats per click (4.5 standard errors, 98,765 clicks)", "A click above leaves 61%", "297"),
    ):
        assert told in page.text, told


def test_agreement_is_that_of_the_tables(full: tuple[Path, str]) -> None:
    run, collection = full
    page = read(report(run, collection))
    # Labels 0-6 have an intent: map is right on 1, 2, 4; the parent (text) on 0-4 of the eight with a parent.
    assert re.search(r"same intent\s+42.9%\s+of 7 labelled images", page.text)
    assert re.search(r"same first label\s+62.5%\s+of 8 labelled images", page.text)
    names = {intent.id: intent.en for intent in TAXONOMY.live_intents}
    assert f"{names['map']} → {names['table']}" in page.text


def test_hostile_texts_stay_texts(full: tuple[Path, str]) -> None:
    run, collection = full
    raw = report(run, collection, title=EVIL)
    page = read(raw)
    assert "script" not in {tag for tag, _ in page.elements}
    names = {name for _, attributes in page.elements for name in attributes}
    assert not [name for name in names if name.startswith("on")]
    assert "\u202e" not in raw
    assert "\x00" not in raw
    assert "<script>alert(1)</script>" in page.text


def test_nothing_is_loaded_from_anywhere(full: tuple[Path, str]) -> None:
    run, collection = full
    raw = report(run, collection)
    page = read(raw)
    sources = [attributes["src"] or "" for _, attributes in page.elements if "src" in attributes]
    assert sources
    assert all(source.startswith("data:image/webp;base64,") for source in sources)
    links = [attributes["href"] or "" for _, attributes in page.elements if "href" in attributes]
    assert set(links) == {f"#{anchor}" for anchor, _ in SECTIONS}
    assert "url(" not in raw
    assert "@import" not in raw
    policy = next(a["content"] for tag, a in page.elements if a.get("http-equiv") == "Content-Security-Policy")
    assert policy == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def test_pictures_have_texts_and_broken_ones_a_placeholder(full: tuple[Path, str]) -> None:
    run, collection = full
    page = read(report(run, collection))
    images = [attributes for tag, attributes in page.elements if tag == "img"]
    assert all(attributes["alt"] for attributes in images)
    grey = {attributes["aria-label"] for _, attributes in page.elements if attributes.get("role") == "img"}
    assert "10: not_found" in grey
    assert any((told or "").startswith("11: ") for told in grey)


def test_tables_have_headers_with_scope(full: tuple[Path, str]) -> None:
    run, collection = full
    page = read(report(run, collection))
    heads = [attributes for tag, attributes in page.elements if tag == "th"]
    assert heads
    assert {attributes.get("scope") for attributes in heads} == {"col", "row"}


def test_the_same_run_gives_the_same_bytes(full: tuple[Path, str]) -> None:
    run, collection = full
    assert report(run, collection) == report(run, collection)


def test_a_run_without_anything_is_told_so(tmp_path: Path) -> None:
    raw = report(tmp_path / "run", str(tmp_path / "nowhere"))
    page = read(raw)
    sections = [attributes["id"] for tag, attributes in page.elements if tag == "section"]
    assert sections == [anchor for anchor, _ in SECTIONS]
    assert "nowhere is not there" in page.text
    assert "No output of aggregate_clicks, extract_features" in page.text


@pytest.mark.parametrize("left", ["clicks", "labels", "features", "duplicates", "topics"])
def test_each_stage_may_stand_alone(tmp_path: Path, left: str) -> None:
    run = tmp_path / "run"
    if left == "features":
        put_features(run, model=None)
    else:
        globals()[f"put_{left}"](run)
    page = read(report(run, make_collection(tmp_path / "pictures")))
    assert sum(tag == "section" for tag, _ in page.elements) == len(SECTIONS)


def test_tables_without_rows(tmp_path: Path) -> None:
    run = tmp_path / "run"
    labels = {"labels": LABELS, "rejected": REJECTED, "rules": RULES, "bots": BOTS, "query_intents": QUERY_INTENTS}
    labels["examination"] = EXAMINATION
    put(run, "derive_labels", {name: schema.empty_table() for name, schema in labels.items()})
    put(run, "extract_features", {"features": features_schema(["map"], ["text"]).empty_table()})
    put(run, "find_duplicates", {"duplicates": DUPLICATES.empty_table()})
    put(run, "assign_topics", {"topics": TOPICS.empty_table(), "topic_names": TOPIC_NAMES.empty_table()})
    page = read(report(run, make_collection(tmp_path / "pictures")))
    assert "No two images" in page.text
    assert "no results that were shown and not clicked" in page.text


@pytest.mark.parametrize(
    ("tried", "told"),
    [("click_rate", "too few results were seen at several positions"), ("position", "was not good enough: on queries")],
)
def test_a_click_rate_that_stays_says_why(tmp_path: Path, tried: str, told: str) -> None:
    row: dict[str, Any] = {
        "position": 1,
        "impressions": 10,
        "clicks": 1,
        "click_rate": 0.1,
        "rate": 0.1,
        "mean_rate": 0.1,
    }
    row |= {"model": "click_rate", "depth": 0.0, "tried": tried, "gain": 0.0001, "sigmas": 1.2, "told_by": 500}
    put(tmp_path / "run", "derive_labels", {"examination": pa.Table.from_pylist([row], EXAMINATION)})
    raw = report(tmp_path / "run", str(tmp_path / "nowhere"))
    assert told in read(raw).text
    assert raw.count("<polyline") == 1


def test_a_broken_manifest_is_a_warning(full: tuple[Path, str]) -> None:
    run, collection = full
    (run / "find_duplicates" / "_MANIFEST.json").write_text("{")
    page = read(report(run, collection))
    assert "find_duplicates/_MANIFEST.json: not a manifest" in page.text


def test_elements_escape_all_but_markup() -> None:
    assert el("p", "<b>", el("i", "&"), title='"') == '<p title="&quot;">&lt;b&gt;<i>&amp;</i></p>'
    assert text("abcdef", limit=4) == "abc…"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "–"), (float("nan"), "–"), (0.0, "0%"), (0.0001, "<1%"), (0.999, "99.9%"), (1.0, "100%")],
)
def test_shares(value: float | None, shown: str) -> None:
    assert percent(value) == shown


def test_numbers() -> None:
    assert [number(1234567), number(0.125, 2), number(None)] == ["1,234,567", "0.12", "–"]
