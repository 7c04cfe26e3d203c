import json

import pyarrow as pa
import pytest

from labels.image_story import explain_image, tell_image
from labels.reasons import REJECTED_BECAUSE
from labels.tables import EVIDENCE_CLICKS, LABELS, QUERY_INTENTS, REJECTED
from labels.taxonomy import Taxonomy
from tests.labels.worlds import LAST_DAY, Outcome, derive, planted_world


@pytest.fixture(scope="module")
def outcome(taxonomy: Taxonomy) -> Outcome:
    world = planted_world(seed=4)
    return derive(world.clicks, [*sorted(world.truth), "zebra"], taxonomy)


def refused(reason: str = "mixed_intents") -> pa.Table:
    row = {"image_id": "a", "reason": reason, "users": 3, "clicks": 4, "expected_clicks": 6.5, "best_intent": "map"}
    return pa.Table.from_pylist([{**row, "share": 0.55}], schema=REJECTED)


def clicked(*rows: tuple[str, int, int]) -> pa.Table:
    """Return clicks on image a: query, user, clicks."""
    return pa.Table.from_pylist(
        [
            {"query": query, "image_id": "a", "position": 1, "user_hash": user, "clicks": clicks}
            for query, user, clicks in rows
        ],
        schema=EVIDENCE_CLICKS,
    )


def decided(**intents: str | None) -> pa.Table:
    rows = [{"query": query.replace("_", " "), "intent": intent, "users": 5} for query, intent in intents.items()]
    return pa.Table.from_pylist(rows, schema=QUERY_INTENTS)


CLICKS = clicked(
    ("서울 지도", 1, 1),
    ("서울 지도", 2, 2),
    ("서울 지도", 0, 2),
    ("tree", 3, 1),
    ("chart", 1, 1),
    ("my own name", 9, 7),
)
INTENTS = decided(서울_지도="map", tree=None, chart="graph_chart")


def test_an_image_is_explained_from_all_tables(outcome: Outcome) -> None:
    image = outcome.labels["image_id"][0].as_py()
    features = pa.table(
        {"image_id": [image], "intent": ["b"], "intent_scores": [[0.2, 0.8]], "block_hash": [b"\x00"]},
    ).replace_schema_metadata({"intents": "a,b"})
    duplicates = pa.table(
        {
            "image_id": [image, "copy"],
            "group_id": [image, image],
            "is_representative": [True, False],
            "score": [1.0, 0.9],
            "reason": [None, "hash"],
        }
    )
    told = explain_image(image, outcome.labels, outcome.rejected, features, duplicates)
    assert told["label"]["window_end"] == LAST_DAY.isoformat()
    assert told["rejected"] is told["evidence"] is None
    assert told["features"] == {
        "intent": "b",
        "top_intents": [{"intent": "b", "score": 0.8}, {"intent": "a", "score": 0.2}],
    }
    assert [member["image_id"] for member in told["duplicates"]["members"]] == sorted([image, "copy"])
    json.dumps(told)


def test_a_rejected_image_tells_its_reason(outcome: Outcome) -> None:
    told = explain_image("zebra", outcome.labels, outcome.rejected)
    assert told["label"] is told["features"] is told["duplicates"] is None
    assert told["rejected"]["reason"] == "never_clicked"
    assert tell_image(told, min_query_users=3) == [
        "label: none",
        f"why: {REJECTED_BECAUSE['never_clicked']} (never_clicked)",
    ]
    with pytest.raises(ValueError, match="knows the image 'unicorn'"):
        explain_image("unicorn", outcome.labels, outcome.rejected)


def test_the_queries_of_a_rejected_image_are_listed_and_the_rare_ones_counted() -> None:
    told = explain_image("a", LABELS.empty_table(), refused(), clicks=CLICKS, query_intents=INTENTS)
    evidence = told["evidence"]
    assert evidence["queries"] == [
        {"query": "서울 지도", "intent": "map", "clicks": 5, "users": 4},
        {"query": "chart", "intent": "graph_chart", "clicks": 1, "users": 1},
        {"query": "tree", "intent": None, "clicks": 1, "users": 1},
    ]
    assert (evidence["clicks"], evidence["queries_in_all"]) == (14, 4)
    assert (evidence["rarer_queries"], evidence["rarer_clicks"]) == (1, 7)
    assert evidence["intents"][0] == {"intent": "map", "queries": 1, "users": 4, "clicks": 5}
    assert told["rejected"]["second_intent"] == "graph_chart"
    assert "my own name" not in json.dumps(told, ensure_ascii=False)


def test_the_story_of_a_rejected_image() -> None:
    told = explain_image("a", LABELS.empty_table(), refused(), clicks=CLICKS, query_intents=INTENTS)
    lines = tell_image(told, min_query_users=3)
    assert lines == [
        "label: none",
        f"why: {REJECTED_BECAUSE['mixed_intents']} (mixed_intents)",
        "likeliest: map, with a chance of 55.0%",
        "next: its queries also ask for graph_chart",
        "3 people clicked it for map (4 clicks); its positions alone would have earned 6.5",
        "the evidence of the window: 14 clicks of 4 queries; 4 of them count for what is said above (the others are of "
        "robots, repeated, or for something else)",
        "7 clicks of these are of 1 rarer query (fewer than 3 people each): counted, not shown",
    ]


def test_the_story_of_a_label_says_what_its_list_leaves_out() -> None:
    label = {
        "image_id": "a", "intent": "map", "parent": "text", "confidence": 0.987, "users": 20, "clicks": 21,
        "expected_clicks": None, "queries": [{"query": "서울 지도", "clicks": 9, "users": 8}], "source": "graph",
        "window_end": LAST_DAY,
    }  # fmt: skip
    told = explain_image("a", pa.Table.from_pylist([label], schema=LABELS), REJECTED.empty_table())
    assert told["label"]["clicks_not_shown"] == 12
    lines = tell_image(told, min_query_users=3)
    assert lines[0] == "label: map, under text; chance that it is right 98.7%"
    assert "20 people clicked it for map (21 clicks); how often it was shown is not known" in lines
    assert any(line.startswith("and 12 clicks of rarer queries") for line in lines)
    parent = {**label, "intent": None, "clicks": 9}
    alone = explain_image("a", pa.Table.from_pylist([parent], schema=LABELS), REJECTED.empty_table())
    lines = tell_image(alone, min_query_users=3)
    assert lines[0].startswith("label: text (which intent of it is not sure)")
    assert not any("rarer" in line for line in lines)


def test_every_reason_of_a_rejection_is_told() -> None:
    from labels.decide import REASONS

    assert set(REJECTED_BECAUSE) == set(REASONS)
