import json

import pyarrow as pa
import pytest

from labels.inspect import SUMMARY, explain_image, summarize
from labels.taxonomy import Taxonomy
from tests.labels.worlds import LAST_DAY, Outcome, derive, planted_world


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
    assert told["rejected"] is None
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
    with pytest.raises(ValueError, match="knows the image 'unicorn'"):
        explain_image("unicorn", outcome.labels, outcome.rejected)
