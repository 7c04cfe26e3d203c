import pyarrow as pa
import pytest

from labels.inspect import (
    SUMMARY,
    TROUBLE,
    explain_query,
    summarize,
    tell_class,
    tell_query,
    top_images,
    troubled_rules,
)
from labels.reasons import CLICKS_OF, SOUND, UNJUDGED, VETOED, WEAK
from labels.tables import BOTS, LABELS, QUERY_INTENTS, REJECTED, RULES
from labels.taxonomy import Taxonomy
from tests.labels.worlds import Outcome, derive, planted_world


@pytest.fixture(scope="module")
def outcome(taxonomy: Taxonomy) -> Outcome:
    world = planted_world(seed=4)
    return derive(world.clicks, [*sorted(world.truth), "zebra"], taxonomy)


def test_the_summary_counts_every_image_once(outcome: Outcome, taxonomy: Taxonomy) -> None:
    table = summarize(outcome.labels, outcome.rejected, taxonomy)
    assert table.schema.equals(SUMMARY)
    rows = table.to_pylist()
    assert sum(row["images"] for row in rows) == 61
    assert sum(row["share"] for row in rows) == pytest.approx(1.0)
    assert [row["name"] for row in rows if row["kind"] == "intent"] == list(taxonomy.intent_ids)
    by_name = {row["name"]: row for row in rows}
    assert by_name["never_clicked"]["images"] >= 1
    assert by_name["map"]["parent"] == "text"
    assert 0.5 < by_name["map"]["mean_confidence"] < 1
    assert by_name["vehicle_photo"]["images"] == 0
    assert by_name["vehicle_photo"]["mean_confidence"] is None


def test_an_intent_that_left_the_taxonomy_is_still_counted(taxonomy: Taxonomy, outcome: Outcome) -> None:
    column = pa.array(["lost"] * outcome.labels.num_rows)
    old = outcome.labels.set_column(1, "intent", column)
    rows = [row for row in summarize(old, outcome.rejected, taxonomy).to_pylist() if row["name"] == "lost"]
    assert sum(row["images"] for row in rows) == outcome.labels.num_rows


def test_the_summary_tells_whose_clicks_were_dropped_and_what_names_mean(outcome: Outcome, taxonomy: Taxonomy) -> None:
    bots = pa.Table.from_pylist(
        [
            {"reason": "click_rate", "users": 2, "clicks": 30},
            {"reason": "human", "users": 9, "clicks": 60},
            {"reason": "new_code", "users": 1, "clicks": 10},
        ],
        schema=BOTS,
    )
    rows = summarize(outcome.labels, outcome.rejected, taxonomy, bots).to_pylist()
    clicks = [(row["kind"], row["name"], row["users"], row["clicks"], row["share"]) for row in rows[-3:]]
    assert clicks == [
        ("kept", "human", 9, 60, 0.6),
        ("dropped", "click_rate", 2, 30, 0.3),
        ("dropped", "new_code", 1, 10, 0.1),
    ]
    assert rows[-2]["meaning"] == CLICKS_OF["click_rate"]
    assert rows[-1]["meaning"] == "new_code"
    assert sum(row["images"] for row in rows) == 61
    reasons = [row for row in rows if row["kind"] == "rejected"]
    assert all(row["meaning"] != row["name"] for row in reasons)
    mapped = next(row for row in rows if row["name"] == "map")
    assert mapped["least_confidence"] <= mapped["mean_confidence"]


def rules_table(*rows: tuple[str, str, int, float | None, bool]) -> pa.Table:
    names = ("rule", "intent", "clicks", "precision", "vetoed")
    return pa.Table.from_pylist([{"queries": 4, **dict(zip(names, row, strict=True))} for row in rows], schema=RULES)


MET = rules_table(
    ("지도", "map", 9, 0.95, False),
    ("treasure map", "map", 5, None, False),
    ("table", "table", 50, 0.2, True),
    ("악보", "sheet_music", 7, 0.6, False),
    ("flag", "flag", 8, 0.6, False),
)


def test_rules_come_by_trouble() -> None:
    table = troubled_rules(MET)
    assert table.schema.names == TROUBLE.names
    assert list(zip(table["rule"].to_pylist(), table["verdict"].to_pylist(), strict=True)) == [
        ("table", VETOED),
        ("flag", WEAK),
        ("악보", WEAK),
        ("지도", SOUND),
        ("treasure map", UNJUDGED),
    ]


def decided(*rows: tuple[str, str | None, int]) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {"query": query, "intent": intent, "confidence": 0.97, "entropy": 0.1, "users": users, "source": "rule"}
            for query, intent, users in rows
        ],
        schema=QUERY_INTENTS,
    )


def led_to(*rows: tuple[str, str, int]) -> pa.Table:
    """Return labelled images: id, query and its people."""
    return pa.Table.from_pylist(
        [
            {
                "image_id": image, "intent": "map", "parent": "text", "confidence": 0.9 + users / 1000, "users": users,
                "clicks": users, "queries": [{"query": "other", "clicks": 1, "users": 1},
                                             {"query": query, "clicks": users + 1, "users": users}],
            }
            for image, query, users in rows
        ],
        schema=LABELS,
    )  # fmt: skip


def test_a_query_tells_its_intent_its_word_and_its_images(taxonomy: Taxonomy) -> None:
    labels = led_to(("b", "서울 지도", 4), ("a", "서울 지도", 4), ("c", "서울 지도", 9), ("d", "지도", 20))
    images = top_images("서울 지도", [labels.slice(0, 2), labels.slice(2)], count=2)
    assert images.to_pylist() == [
        {"image_id": "c", "intent": "map", "users": 9, "clicks": 10},
        {"image_id": "a", "intent": "map", "users": 4, "clicks": 5},
    ]
    found = explain_query("  서울　지도", decided(("서울 지도", "map", 8)), MET, taxonomy, images)
    assert found["query"] == "서울 지도"
    assert found["decided"]["intent"] == "map"
    assert (found["rule"]["rule"], found["rule"]["verdict"]) == ("지도", SOUND)
    lines = tell_query(found)
    assert "asks for: map; chance that this is right 97.0%" in lines
    assert "people: 8" in lines
    assert any("'지도' asks for map, true of 95% of its queries" in line for line in lines)


def test_a_query_without_a_word_and_one_that_nobody_asked(taxonomy: Taxonomy) -> None:
    found = explain_query("tiger", decided(("tiger", None, 8)), MET, taxonomy, top_images("tiger", []))
    assert found["rule"] is None
    assert tell_query(found)[-1] == "word: none of the taxonomy stands in it"
    assert tell_query(found)[1].startswith("asks for: nothing in particular")
    unknown = explain_query("my map", decided(), MET, taxonomy, top_images("my map", []))
    assert unknown["decided"] is None
    assert unknown["rule"] == {"rule": "map", "intent": "map"}


def test_a_class_tells_its_labels_its_queries_and_its_words(taxonomy: Taxonomy) -> None:
    intent = next(one for one in taxonomy.intents if one.id == "map")
    refused = pa.Table.from_pylist([{"image_id": "x", "reason": "too_few_users"}] * 2, schema=REJECTED)
    labels = led_to(("b", "서울 지도", 4), ("a", "서울 지도", 9))
    found = tell_class(intent, labels, refused, decided(("서울 지도", "map", 8), ("지도", "map", 20)), MET.slice(0, 2))
    assert (found["images"], found["queries"], found["parent"]) == (2, 2, "text")
    assert found["surest"] == ["a", "b"]
    assert found["rejected_because"] == {"too_few_users": 2}
    assert [row["query"] for row in found["top_queries"]] == ["지도", "서울 지도"]
    assert [row["rule"] for row in found["rules"]] == ["지도", "treasure map"]
    assert "지도" not in found["words_never_asked"]
    assert "map" in found["words_never_asked"]
    assert found["least_confidence"] == pytest.approx(0.904)
