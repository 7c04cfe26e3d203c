"""Classes are taken out of the taxonomy; their words must come back, and nothing else."""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from beam_jobs.demo.clicks import ClickLog, ClickWorld, simulate_clicks
from labels.evidence import count_clicks
from labels.rules import compile_rules, match_queries
from labels.suggest import (
    KNOWN_CLASS,
    NEW_CLASS,
    SuggestConfig,
    count_pairs,
    count_visits,
    merge_pairs,
    merge_visits,
    people_of,
    shown_queries,
    suggest_classes,
    with_rarer,
    with_users,
)
from labels.tables import CLICKED_PAIRS, EVIDENCE_CLICKS, LABELS, QUERY_INTENTS, SUGGESTIONS
from labels.taxonomy import Taxonomy

SEEDS = (1, 2)  # thresholds were chosen on seeds 100 to 104
IMAGES = 6_000


def without(taxonomy: Taxonomy, *dropped: str) -> Taxonomy:
    return replace(taxonomy, intents=tuple(one for one in taxonomy.intents if one.id not in dropped))


@dataclass(frozen=True)
class Simulated:
    """A log of the full taxonomy: evidence by day, the truth of its images and queries."""

    days: list[pa.Table]
    truth: dict[str, str]
    wanted: dict[str, str | None]


def simulated(taxonomy: Taxonomy, *, seed: int, **settings: float) -> Simulated:
    random = np.random.default_rng(seed)
    ids = [f"image{number:05d}" for number in range(IMAGES)]
    truth = {name: taxonomy.intent_ids[place] for name, place in zip(ids, random.integers(0, 37, IMAGES), strict=True)}
    table = pa.table({"image_id": list(truth), "intent": list(truth.values())})
    world = replace(ClickWorld(sessions=60_000, queries=2_500, days=3, seed=seed), **settings)  # type: ignore[arg-type]
    log: ClickLog = simulate_clicks(table, taxonomy=taxonomy, world=world)
    fast = log.bots.filter(pc.not_equal(log.bots["kind"], "slow"))["user_id"].combine_chunks()
    clicks = log.clicks.filter(pc.and_(log.clicks["clicked"], pc.invert(pc.is_in(log.clicks["user_id"], fast))))
    day = clicks["event_time"].cast(pa.date32())
    days = [
        count_clicks(clicks.filter(pc.equal(day, one)), key=b"key")["clicks"]
        .select(EVIDENCE_CLICKS.names)
        .cast(EVIDENCE_CLICKS)
        for one in sorted(pc.unique(day).to_pylist())
    ]
    wanted = dict(zip(log.queries["query"].to_pylist(), log.queries["intent"].to_pylist(), strict=True))
    return Simulated(days, truth, wanted)


@pytest.fixture(scope="module", params=SEEDS)
def world(request: pytest.FixtureRequest, taxonomy: Taxonomy) -> Simulated:
    return simulated(taxonomy, seed=request.param)


def decided(clicks: list[pa.Table], taxonomy: Taxonomy, *, min_users: int = 3) -> pa.Table:
    """Return the queries of enough people with what their words ask for."""
    asked = pl.DataFrame(pl.from_arrow(pa.concat_tables(clicks)))
    people = asked.group_by("query").agg(pl.col("user_hash").n_unique().alias("users")).sort("query")
    people = people.filter(pl.col("users") >= min_users)
    matches = match_queries(people["query"].to_arrow().cast(pa.string()), compile_rules(taxonomy))
    empty = pa.nulls(len(people))
    columns = [matches["query"], matches["intent"], empty, empty, people["users"].to_arrow(), empty]
    return pa.table(dict(zip(QUERY_INTENTS.names, columns, strict=True))).cast(QUERY_INTENTS)


def labelled(truth: dict[str, str], taxonomy: Taxonomy) -> pa.Table:
    """Return every second image of the known classes with its label."""
    known = [{"image_id": image, "intent": truth[image]} for image in sorted(truth)[::2]]
    return pa.Table.from_pylist([row for row in known if row["intent"] in taxonomy.intent_ids], schema=LABELS)


def suggestions(
    days: list[pa.Table],
    taxonomy: Taxonomy,
    truth: dict[str, str] | None = None,
    *,
    looks: pa.Table | None = None,
    config: SuggestConfig | None = None,
    rarer: bool = False,
) -> tuple[pa.Table, pa.Table]:
    config = config or SuggestConfig()
    intents = decided(days, taxonomy)
    visits = merge_visits([count_visits(day) for day in days])
    shown = with_rarer(intents, visits, config) if rarer else shown_queries(intents, config)
    pairs = merge_pairs([count_pairs(day, shown["query"]) for day in days])
    found = suggest_classes(pairs, shown, labelled(truth or {}, taxonomy), taxonomy, config, looks=looks)
    people = [people_of(found["members"], day) for day in days]
    return with_users(found["suggestions"], people, config), found["members"]


def purity(members: pa.Table, place: int, wanted: dict[str, str | None]) -> tuple[str | None, float]:
    """Return what most queries of a suggestion want, and their share."""
    queries = members.filter(pc.equal(members["place"], place))["query"].to_pylist()
    ((intent, count),) = Counter(wanted[query] for query in queries).most_common(1)
    return intent, count / len(queries)


@pytest.mark.parametrize("dropped", ["sheet_music", "receipt", "graph_chart", "map", "flag", "coloring_page"])
def test_a_class_that_is_taken_out_comes_first(world: Simulated, taxonomy: Taxonomy, dropped: str) -> None:
    table, members = suggestions(world.days, without(taxonomy, dropped), world.truth)
    assert table.schema.equals(SUGGESTIONS)
    rows = table.to_pylist()
    assert rows[0]["kind"] == NEW_CLASS
    intent, share = purity(members, 0, world.wanted)
    assert intent == dropped
    assert share >= 0.75
    rules = compile_rules(taxonomy)
    matches = [rules.match(word) for word in rows[0]["words"]]
    assert any(match is not None and match.intent == dropped for match in matches)
    assert rows[0]["unlabelled"] > 0.7
    shown = [world.truth[image] for image in rows[0]["example_images"]]
    assert shown.count(dropped) >= 0.7 * len(shown)
    false = [row for place, row in enumerate(rows) if row["kind"] == NEW_CLASS
             and purity(members, place, world.wanted)[0] != dropped]  # fmt: skip
    assert false == []


def test_with_all_classes_there_is_no_new_one_but_words_for_them(world: Simulated, taxonomy: Taxonomy) -> None:
    table, members = suggestions(world.days, taxonomy, world.truth)
    rows = table.to_pylist()
    assert [row for row in rows if row["kind"] == NEW_CLASS] == []
    assert len(rows) >= 5
    right = [row["nearest"] == purity(members, place, world.wanted)[0] for place, row in enumerate(rows)]
    assert sum(right) >= 0.9 * len(right)
    assert all(row["kind"] == KNOWN_CLASS and row["parent"] == taxonomy.parent_of(row["nearest"]) for row in rows)


def test_many_missing_classes_come_back(world: Simulated, taxonomy: Taxonomy) -> None:
    """From 12 classes towards 37."""
    dropped = [name for place, name in enumerate(taxonomy.intent_ids) if place % 3]
    table, members = suggestions(world.days, without(taxonomy, *dropped), world.truth)
    found, false = set(), 0
    for place, row in enumerate(table.to_pylist()):
        if row["kind"] == NEW_CLASS:
            intent, share = purity(members, place, world.wanted)
            good = intent in dropped and share >= 0.7
            found |= {intent} if good else set()
            false += not good
    assert len(found) >= 0.7 * len(dropped)
    assert false <= 0.15 * len(found)


def test_blocks_and_their_order_change_nothing(taxonomy: Taxonomy, world: Simulated) -> None:
    part = without(taxonomy, "sheet_music")
    expected, members = suggestions(world.days, part, world.truth)
    again, same = suggestions(world.days[::-1], part, world.truth)
    assert again.equals(expected)
    assert same.equals(members)


def test_what_a_model_sees_says_what_the_class_is_like(taxonomy: Taxonomy, world: Simulated) -> None:
    part = without(taxonomy, "sheet_music")
    looks = seen_by_a_model(world.truth, part, instead={"sheet_music": "diagram"})
    table, _ = suggestions(world.days, without(taxonomy, "sheet_music"), world.truth, looks=looks)
    first = table.to_pylist()[0]
    assert (first["nearest"], first["parent"]) == ("diagram", "text")


def seen_by_a_model(truth: dict[str, str], taxonomy: Taxonomy, *, instead: dict[str, str]) -> pa.Table:
    """Return the chances of a model that takes a class for another, and any class for a sibling now and then."""
    ids = list(taxonomy.intent_ids)
    scores = np.zeros((len(truth), len(ids)), np.float32)
    for row, intent in enumerate(truth.values()):
        shown = instead.get(intent, intent)
        siblings = [place for place, one in enumerate(ids) if taxonomy.parent_of(one) == taxonomy.parent_of(shown)]
        scores[row, siblings] = 0.3 / len(siblings)
        scores[row, ids.index(shown)] += 0.7
    return pa.table({"image_id": list(truth), **{name: scores[:, place] for place, name in enumerate(ids)}})


def test_queries_with_a_negative_are_covered(taxonomy: Taxonomy, world: Simulated) -> None:
    """Where another class says that it does not want the word, the word is known."""
    part = without(taxonomy, "sheet_music")
    table = replace(next(one for one in part.intents if one.id == "table"), negatives=("악보",))
    part = replace(part, intents=tuple(table if one.id == "table" else one for one in part.intents))
    found, _ = suggestions(world.days, part, world.truth)
    words = [word for row in found.to_pylist() for word in row["words"]]
    assert not any("악보" in word for word in words)


def test_a_small_log_takes_words_together_and_its_rare_queries_count(taxonomy: Taxonomy) -> None:
    """No word has five shared images of its own there; half of the queries were asked by one or two people."""
    small = simulated(taxonomy, seed=3, sessions=11_000, users=5_000, queries=2_000)
    dropped = ("outfit_style", "receipt", "math_formula", "product_cutout", "game_screenshot", "table")
    found, false = {True: 0, False: 0}, set()
    for name in dropped:
        for rarer in found:
            table, members = suggestions(small.days, without(taxonomy, name), small.truth, rarer=rarer)
            new = [place for place, row in enumerate(table.to_pylist()) if row["kind"] == NEW_CLASS]
            wanted = [purity(members, place, small.wanted)[0] for place in new[:3]]
            found[rarer] += name in wanted
            false |= {intent for intent in wanted if intent != name}
    assert found[True] >= 4
    assert len(false) <= 2
    assert found[True] >= found[False]


def test_rare_queries_are_never_shown(taxonomy: Taxonomy) -> None:
    rows = planted("stamp")
    rare = [(query, images, people if n % 2 else 2) for n, (query, images, people) in enumerate(rows)]
    clicks = [clicks_of([*background(), *rare])]
    table, members = suggestions(clicks, taxonomy, rarer=True)
    (row,) = table.to_pylist()
    assert (row["words"], row["queries"]) == (["stamp"], 8)
    assert set(row["example_queries"]) == {query for query, _, people in rare if people > 2}
    assert set(members["query"].to_pylist()) == {query for query, _, _ in rare}


def test_rarer_queries_fill_up_to_the_limit(taxonomy: Taxonomy) -> None:
    clicks = clicks_of([("often", ["a"], 9), ("seldom", ["a"], 2), ("hardly", ["a"], 1)])
    visits = merge_visits([count_visits(clicks), count_visits(clicks)])
    assert dict(zip(visits["query"].to_pylist(), visits["visits"].to_pylist(), strict=True)) == {
        "hardly": 2, "often": 18, "seldom": 4,
    }  # fmt: skip
    assert merge_visits([visits], most=2)["query"].to_pylist() == ["often", "seldom"]
    both = with_rarer(decided([clicks], taxonomy), visits, SuggestConfig(max_queries=2))
    assert both.select(["query", "users"]).to_pylist() == [
        {"query": "often", "users": 9},
        {"query": "seldom", "users": 0},
    ]


def test_what_nearly_was_a_class_says_what_it_lacks(taxonomy: Taxonomy) -> None:
    few = [(query, [*images[:1], f"own{n}"], people) for n, (query, images, people) in enumerate(planted("stamp")[:4])]
    shared = [(query, ["w0", *images], people) for query, images, people in few]
    clicks = clicks_of([*background(), *shared])
    config = SuggestConfig()
    intents = decided([clicks], taxonomy)
    pairs = count_pairs(clicks, intents["query"])
    found = suggest_classes(pairs, intents, LABELS.empty_table(), taxonomy, config)
    assert found["suggestions"].num_rows == 0
    (row,) = found["missed"].to_pylist()
    assert (row["word"], row["queries"], row["images"]) == ("stamp", 4, 1)
    assert row["lacks"] == "shared images: 1 of 5, queries: 4 of 6"
    assert found["looked_at"].to_pylist() == [{"queries": 64, "uncovered": 64, "words": 1}]
    # a word of queries that nobody may see is not told
    hidden = pa.table({**{name: intents[name] for name in intents.column_names},
                       "users": pa.array([0] * intents.num_rows, pa.int32())})  # fmt: skip
    assert suggest_classes(pairs, hidden, LABELS.empty_table(), taxonomy, config)["missed"].num_rows == 0


# --- planted logs ------------------------------------------------------------------------------------


def clicks_of(rows: list[tuple[str, list[str], int]]) -> pa.Table:
    """Return evidence: each query's images are each clicked by so many people of its own."""
    table = []
    for query, images, people in rows:
        for image in images:
            table += [
                {"query": query, "image_id": image, "position": 1, "clicks": 1, "dwell_ms": None,
                 "user_hash": 1 + hash_of(f"{query} {person}")}
                for person in range(people)
            ]  # fmt: skip
    return pa.Table.from_pylist(table, schema=EVIDENCE_CLICKS)


def hash_of(text: str) -> int:
    return int.from_bytes(text.encode(), "little") % (2**61 - 1)


def background() -> list[tuple[str, list[str], int]]:
    """Return queries that share nothing."""
    return [(f"thing{n} {'xyz'[n % 3]}other{n}", [f"b{n}-{i}" for i in range(6)], 4) for n in range(60)]


def planted(word: str) -> list[tuple[str, list[str], int]]:
    return [(f"subject{n} {word}", [f"w{(n + i) % 10}" for i in range(6)], 4) for n in range(8)]


def test_a_planted_word_is_found_with_its_numbers(taxonomy: Taxonomy) -> None:
    table, members = suggestions([clicks_of([*background(), *planted("stamp")])], taxonomy)
    (row,) = table.to_pylist()
    assert row["words"] == ["stamp"]
    assert (row["kind"], row["queries"], row["clicks"], row["users"], row["images"]) == (NEW_CLASS, 8, 192, 32, 10)
    assert set(row["example_images"]) <= {f"w{n}" for n in range(10)}
    assert members["query"].to_pylist() == [f"subject{n} stamp" for n in range(8)]


def test_korean_words_show_the_spaces_that_people_write(taxonomy: Taxonomy) -> None:
    subjects = zip("곰꽃별집말새소닭", planted("x"), strict=True)
    rows = [
        (f"{name} {'우표 수집' if name != '곰' else '우표수집'}", images, people)
        for name, (_, images, people) in subjects
    ]
    table, _ = suggestions([clicks_of([*background(), *rows])], taxonomy)
    assert [row["words"] for row in table.to_pylist()] == [["우표 수집"]]


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([(f"subject{n} stamp", [f"own{n}-{i}" for i in range(6)], 4) for n in range(8)], "no image is shared"),
        ([("subject stamp", [f"w{i}" for i in range(6)], 400)], "one popular query"),
        ([(query, images, 1) for query, images, _ in planted("stamp")], "queries of too few people are not looked at"),
        ([(query, images[:1] * 6, 4) for query, images, _ in planted("stamp")[:1] * 8], "one image"),
        ([(f"{query} map", images, people) for query, images, people in planted("stamp")], "a class covers them"),
    ],
)
def test_what_is_no_class(taxonomy: Taxonomy, rows: list[tuple[str, list[str], int]], why: str) -> None:
    table, _ = suggestions([clicks_of([*background(), *rows])], taxonomy)
    assert table.num_rows == 0, why


def test_images_that_everybody_clicks_make_no_class(taxonomy: Taxonomy) -> None:
    hubs = [f"hub{n}" for n in range(6)]
    rows = [(query, hubs, people) for query, _, people in background()]
    table, _ = suggestions([clicks_of([*rows, *((query, hubs, 4) for query, _, _ in planted("stamp"))])], taxonomy)
    assert table.num_rows == 0


def test_a_subject_of_many_classes_is_no_class(taxonomy: Taxonomy) -> None:
    words = ["map", "flag", "receipt", "악보"]
    known = [(f"tiger{n} tiger {words[n % 4]}", [f"k{n % 4}-{i}" for i in range(6)], 4) for n in range(8)]
    rows = [(query, images, people) for query, images, people in planted("tiger")]
    table, _ = suggestions([clicks_of([*background(), *rows, *known])], taxonomy)
    assert table.num_rows == 0


def test_a_word_with_two_senses_is_left_to_its_parts(taxonomy: Taxonomy) -> None:
    first = [(f"{query} list", images, 9) for query, images, _ in planted("bird")]
    second = [(f"{query.replace('sub', 'ob')} list", [f"other{i}" for i in images], 9)
              for query, images, _ in planted("star")]  # fmt: skip
    table, _ = suggestions([clicks_of([*background(), *first, *second])], taxonomy)
    assert sorted(row["words"] for row in table.to_pylist()) == [["bird list"], ["star list"]]


def test_too_few_people_are_left_out_and_clicks_of_nobody_count_each(taxonomy: Taxonomy) -> None:
    clicks = clicks_of([*background(), *planted("stamp")])
    assert suggestions([clicks], taxonomy, config=SuggestConfig(min_users=33))[0].num_rows == 0
    nobody = clicks.set_column(3, EVIDENCE_CLICKS.field(3), pa.array(np.zeros(clicks.num_rows, np.int64)))
    config = SuggestConfig()
    intents = decided([clicks], taxonomy)
    pairs = count_pairs(nobody, shown_queries(intents, config)["query"])
    found = suggest_classes(pairs, intents, LABELS.empty_table(), taxonomy, config)
    (row,) = with_users(found["suggestions"], [people_of(found["members"], nobody)], config).to_pylist()
    assert row["users"] == row["clicks"] == 192


def test_nothing_gives_nothing(taxonomy: Taxonomy) -> None:
    table, members = suggestions([EVIDENCE_CLICKS.empty_table()], taxonomy)
    assert (table.num_rows, members.num_rows) == (0, 0)


def test_a_repeated_click_of_one_person_is_one_visit() -> None:
    clicks = pa.concat_tables([clicks_of([("a", ["x"], 2)])] * 3)
    pairs = count_pairs(clicks, pa.array(["a"]))
    assert pairs.schema.equals(CLICKED_PAIRS)
    assert merge_pairs([pairs, pairs]).to_pylist() == [{"query": "a", "image_id": "x", "visits": 4, "clicks": 12}]
    assert count_pairs(clicks, pa.array(["b"])).num_rows == 0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"min_users": 0}, "min_users is 0; give a whole number from 1"),
        ({"min_queries": 1}, "min_queries is 1; give at least 2"),
        ({"same_class": 1.5}, "same_class is 1.5; give a share"),
    ],
)
def test_thresholds_outside_their_range(settings: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SuggestConfig(**settings)  # type: ignore[arg-type]
