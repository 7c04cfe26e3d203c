import random
from datetime import timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labels.attraction import Attraction
from labels.config import LabelConfig
from labels.decide import REASONS, decide_labels, merge_rules, merge_unknown_images
from labels.propagation import trust_of
from labels.tables import ASKED, LABELS, PAIRS, QUERY_INTENTS, REJECTED, RULES
from labels.taxonomy import Taxonomy
from tests.labels.worlds import LAST_DAY, START, World, derive, log, planted_world


@pytest.fixture(scope="module")
def world() -> World:
    return planted_world(seed=1)


def labels_of(table: pa.Table) -> dict[str, str | None]:
    return dict(zip(table["image_id"].to_pylist(), table["intent"].to_pylist(), strict=True))


def tables_equal(one: object, other: object) -> bool:
    return all(table.equals(vars(other)[name], check_metadata=True) for name, table in vars(one).items())


# --- planted worlds ------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [2, 3])
def test_planted_intents_come_back(taxonomy: Taxonomy, seed: int) -> None:
    world = planted_world(seed)
    outcome = derive(world.clicks, sorted(world.truth), taxonomy)
    labels = {image: intent for image, intent in labels_of(outcome.labels).items() if intent is not None}
    right = sum(intent == world.truth[image] for image, intent in labels.items())
    assert len(labels) >= 0.9 * len(world.truth)
    assert right >= 0.97 * len(labels)
    bots = {row["reason"]: row for row in outcome.bots.to_pylist()}
    assert bots["click_rate"]["users"] == len(world.bots)
    assert set(bots) == {"click_rate", "human"}
    rules = outcome.rules.to_pylist()
    assert {row["intent"] for row in rules} == set(world.truth.values())
    assert all(row["precision"] > 0.8 and not row["vetoed"] for row in rules)


def test_schemas_and_partition_of_the_collection(taxonomy: Taxonomy, world: World) -> None:
    images = [*sorted(world.truth), "never shown"]
    outcome = derive(world.clicks, images, taxonomy)
    assert outcome.labels.schema.equals(LABELS, check_metadata=True)
    assert outcome.rejected.schema.equals(REJECTED, check_metadata=True)
    assert outcome.rules.schema.equals(RULES, check_metadata=True)
    assert outcome.query_intents.schema.equals(QUERY_INTENTS, check_metadata=True)
    assert outcome.pairs.schema.equals(PAIRS, check_metadata=True)
    both = outcome.labels["image_id"].to_pylist() + outcome.rejected["image_id"].to_pylist()
    assert sorted(both) == sorted(images)
    assert set(outcome.rejected["reason"].to_pylist()) <= set(REASONS)
    for row in outcome.labels.to_pylist():
        assert row["intent"] is None or row["parent"] == taxonomy.parent_of(row["intent"])
        assert 0 < row["confidence"] < 1
        assert row["users"] <= row["clicks"]
        assert row["source"] == "rule"
        assert row["window_end"] == LAST_DAY
        assert row["queries"]


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 2**32), st.integers(1, 9), st.integers(1, 5))
def test_order_blocks_and_partitions_do_not_change_a_bit(
    taxonomy: Taxonomy, world: World, seed: int, blocks: int, partitions: int
) -> None:
    images = sorted(world.truth)
    expected = derive(world.clicks, images, taxonomy)
    chance = random.Random(seed)
    order = list(range(world.clicks.num_rows))
    chance.shuffle(order)
    shuffled = derive(
        world.clicks.take(pa.array(order)),
        chance.sample(images, len(images)),
        taxonomy,
        blocks=blocks,
        partitions=partitions,
    )
    assert tables_equal(shuffled, expected)


def test_logs_with_less_evidence_work(taxonomy: Taxonomy) -> None:
    world = planted_world(seed=1, bots=1)
    images = sorted(world.truth)
    clicked = world.clicks.filter(world.clicks["clicked"])
    alone = derive(clicked, images, taxonomy)
    counts = clicked.group_by(["query", "image_id"]).aggregate([([], "count_all")])
    aggregated = derive(counts.rename_columns(["query", "image_id", "clicks"]), images, taxonomy)
    for outcome in (alone, aggregated):
        labels = labels_of(outcome.labels)
        assert len(labels) > 0.5 * len(images)
        wrong = [image for image, intent in labels.items() if intent not in (None, world.truth[image])]
        assert len(wrong) <= 0.05 * len(labels)
        assert outcome.labels["expected_clicks"].null_count == outcome.labels.num_rows
    assert set(alone.bots["reason"].to_pylist()) == {"click_rate", "human"}


# --- single verdicts -------------------------------------------------------------------------------------

Row = tuple[str, str, int]  # query, image, number of people who click it


def small_log(*rows: Row, shown: int = 0) -> pa.Table:
    """Return a log in which each row's people click its image at position 2; ``shown`` more do not click it."""
    data = []
    for place, (query, image, people) in enumerate(rows):
        time = START + timedelta(minutes=place)
        data += [(time, f"{place}-{person}", query, image, 2, True) for person in range(people)]
        data += [(time, f"{place}-{person}", query, image, 2, False) for person in range(people, people + shown)]
    # A quiet page for everybody, so that a click is nothing usual.
    data += [(START, f"n{number}", "tiger", "other", place, False) for number in range(200) for place in (1, 2)]
    return log(data)


def verdict(outcome: object, image: str) -> tuple[str | None, str | None, str | None]:
    """Return (intent, parent, reason) of an image."""
    for row in outcome.labels.filter(pc.equal(outcome.labels["image_id"], image)).to_pylist():  # type: ignore[attr-defined]
        return row["intent"], row["parent"], None
    (row,) = outcome.rejected.filter(pc.equal(outcome.rejected["image_id"], image)).to_pylist()  # type: ignore[attr-defined]
    return None, None, row["reason"]


@pytest.mark.parametrize(
    ("rows", "shown", "expected"),
    [
        ([], 0, (None, None, "never_clicked")),
        ([("tiger", "a", 9)], 0, (None, None, "no_intent_query")),
        ([("서울 지도", "a", 1)], 0, (None, None, "too_few_users")),
        ([("서울 지도", "a", 2)], 0, ("map", "text", None)),
        ([("서울 지도", "a", 2), ("tiger", "a", 50)], 0, ("map", "text", None)),
        ([("서울 지도", "a", 4), ("국기", "a", 4)], 0, (None, None, "mixed_intents")),
        # one popular query does not outvote three that agree
        ([("강아지 국기", "a", 9), ("서울 지도", "a", 4), ("지도", "a", 4), ("map", "a", 3)], 0, ("map", "text", None)),
        # one click of one person is chance
        ([("서울 지도", "a", 4), ("국기", "a", 1)], 0, ("map", "text", None)),
        ([("서울 지도", "a", 4), ("map", "a", 1), ("국기", "a", 1)], 0, ("map", "text", None)),
        # two intents of one parent: the parent is sure
        ([("시간표", "a", 4), ("구구단 그래프", "a", 4)], 0, (None, "text", None)),
        ([("서울 지도", "a", 2)], 400, (None, None, "below_expectation")),
    ],
)
def test_one_image(
    taxonomy: Taxonomy, rows: list[Row], shown: int, expected: tuple[str | None, str | None, str | None]
) -> None:
    clicks = small_log(*rows, shown=shown)
    if shown:  # elsewhere half of all people click that position
        more = [(START, f"m{n}", "국기", f"flag{n % 50}", 2, n % 2 == 0) for n in range(1000)]
        clicks = pa.concat_tables([clicks, log(more)])
    assert verdict(derive(clicks, ["a", "other"], taxonomy), "a") == expected


def test_clicks_of_one_person_count_once(taxonomy: Taxonomy) -> None:
    data = [
        (START + timedelta(hours=hour), "ann", query, "a", 1, True) for hour in range(9) for query in ("지도", "map")
    ]
    quiet = [(START, f"n{number}", "tiger", "b", 1, False) for number in range(200)]
    outcome = derive(log(data + quiet), ["a", "b"], taxonomy)
    row = next(row for row in outcome.rejected.to_pylist() if row["image_id"] == "a")
    assert (row["reason"], row["users"], row["clicks"], row["best_intent"]) == ("too_few_users", 1, 18, "map")


def test_rare_queries_count_but_are_not_shown(taxonomy: Taxonomy) -> None:
    rows = [("secret 지도", "a", 2), ("서울 지도", "a", 4), ("서울 지도", "b", 1)]
    outcome = derive(small_log(*rows), ["a", "b", "other"], taxonomy)
    (label,) = outcome.labels.to_pylist()
    assert label["users"] == 6
    assert label["queries"] == [{"query": "서울 지도", "clicks": 4, "users": 4}]
    assert outcome.query_intents["query"].to_pylist() == ["서울 지도"]
    every = derive(small_log(*rows), ["a"], taxonomy, config=LabelConfig(min_query_users=1))
    assert every.labels.to_pylist()[0]["queries"][1] == {"query": "secret 지도", "clicks": 2, "users": 2}


def test_duplicates_share_their_evidence(taxonomy: Taxonomy) -> None:
    rows = [("서울 지도", "a", 1), ("서울 지도", "b", 1), ("악보", "d", 1)]
    images = ["a", "b", "c", "d", "other"]
    apart = derive(small_log(*rows), images, taxonomy)
    assert apart.labels.num_rows == 0
    groups = pa.table({"image_id": ["a", "b", "c"], "group_id": ["b", "b", "b"]})
    pooled = derive(small_log(*rows), images, taxonomy, groups=groups, partitions=3)
    assert labels_of(pooled.labels) == {"a": "map", "b": "map", "c": "map"}
    assert pooled.labels["users"].to_pylist() == [2, 2, 2]
    assert verdict(pooled, "d") == (None, None, "too_few_users")


def test_one_person_on_two_duplicates_is_one_person(taxonomy: Taxonomy) -> None:
    data = [(START, "ann", "지도", image, 1, True) for image in "ab"]
    data += [(START, f"n{number}", "tiger", "b", 1, False) for number in range(200)]
    groups = pa.table({"image_id": ["a", "b"], "group_id": ["a", "a"]})
    outcome = derive(log(data), ["a", "b"], taxonomy, groups=groups)
    assert outcome.rejected["users"].to_pylist() == [1, 1]


def test_images_that_the_collection_lacks_are_told(taxonomy: Taxonomy) -> None:
    outcome = derive(small_log(("서울 지도", "gone", 3), ("tiger", "away", 2)), ["other"], taxonomy)
    assert outcome.unknown.to_pylist() == [{"image_id": "away", "clicks": 2}, {"image_id": "gone", "clicks": 3}]
    assert merge_unknown_images([outcome.unknown, outcome.unknown])["clicks"].to_pylist() == [4, 6]


def test_a_rule_is_judged_by_the_other_queries(taxonomy: Taxonomy) -> None:
    """On images of maps, "flag" misleads: its clicks land where two other queries say map."""
    rows = [(query, f"i{number}", 3) for number in range(4) for query in ("서울 지도", "subway map", "red flag")]
    rows += [("blue flag", "alone", 3)]
    outcome = derive(small_log(*rows), [f"i{number}" for number in range(4)], taxonomy)
    found = {row["rule"]: row for row in outcome.rules.to_pylist()}
    assert found["flag"]["precision"] < found["지도"]["precision"] - 0.1
    assert found["지도"]["precision"] == pytest.approx(found["subway map"]["precision"], abs=0.01)
    assert (found["flag"]["queries"], found["flag"]["clicks"]) == (2, 15)
    assert merge_rules([]).num_rows == 0


def test_nothing_gives_empty_tables(taxonomy: Taxonomy) -> None:
    nothing = (PAIRS.empty_table(), ASKED.empty_table())
    facts = {
        "attraction": Attraction(),
        "trust": trust_of([], taxonomy, LabelConfig()),
        "window_end": LAST_DAY,
    }
    decided = decide_labels(*nothing, pa.array([], pa.string()), taxonomy, LabelConfig(), **facts)
    assert sum(table.num_rows for table in decided.values()) == 0
    some = decide_labels(*nothing, pa.array(["a"]), taxonomy, LabelConfig(), **facts)
    assert some["rejected"].to_pylist() == [
        dict(zip(REJECTED.names, ("a", "never_clicked", 0, 0, None, None, None), strict=True))
    ]


@pytest.mark.parametrize(
    "wrong",
    [{"min_users": 0}, {"min_confidence": 1.5}, {"misleading": -1.0}, {"generic": float("nan")}, {"max_queries": 0}],
)
def test_impossible_thresholds_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        LabelConfig(**wrong)  # type: ignore[arg-type]
