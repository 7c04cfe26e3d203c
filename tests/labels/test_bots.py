from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from beam_jobs.demo.clicks import ClickWorld, simulate_clicks
from labels.bot_agreement import UNIT, count_agreement, merge_agreement
from labels.bot_features import (
    BINS,
    MANNERS,
    PACE,
    POSITION,
    People,
    count_population,
    manner_counts,
    manner_scores,
    merge_population,
)
from labels.bots import HUMAN, UNSURE, BotThresholds, drop_bots, drop_users, find_bots, merge_bots
from labels.evidence import count_clicks, day_of, hash_users, merge_clicks, merge_users, profile_users
from labels.tables import BOT_USERS, BOTS, EVIDENCE_CLICKS, EVIDENCE_USERS, POPULATION, USER_AGREEMENT
from labels.taxonomy import load_taxonomy
from tests.labels.bot_worlds import BotWorld, make_bot_world
from tests.labels.worlds import KEY, START, log

PERSON = {
    "days": 3, "impressions": 600, "clicks": 60, "pages": 25, "queries": 20, "images": 55, "max_image_clicks": 3,
    "max_position_clicks": 15, "max_minute_clicks": 8, "active_minutes": 25,
}  # fmt: skip


def profiles(*changes: dict[str, int]) -> pa.Table:
    rows = [{"user_hash": number, **PERSON, **change} for number, change in enumerate(changes, start=1)]
    return pa.Table.from_pylist(rows, schema=EVIDENCE_USERS)


def clicks(*rows: tuple[int, int]) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {"query": "map", "image_id": f"i{place}", "position": 1, "user_hash": user, "clicks": count}
            for place, (user, count) in enumerate(rows)
        ],
        schema=EVIDENCE_CLICKS,
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"max_minute_clicks": 19}, None),
        ({"max_minute_clicks": 20}, "click_rate"),
        ({"max_image_clicks": 30}, "one_image"),
        ({"clicks": 1500, "impressions": 20000}, "volume"),
        ({"clicks": 1500, "impressions": 20000, "days": 30}, None),
        ({"clicks": 0, "images": 0, "pages": 3000}, "volume"),
        ({"clicks": 540, "max_minute_clicks": 12}, "clicks_everything"),
        ({"clicks": 600}, None),  # a log of clicks alone, at a person's pace
        ({"clicks": 12, "impressions": 12, "max_minute_clicks": 12}, None),
    ],
)
def test_reasons(change: dict[str, int], reason: str | None) -> None:
    found = find_bots(profiles({}, change), BotThresholds())
    assert found.schema.equals(BOT_USERS, check_metadata=True)
    assert found.to_pylist() == ([{"user_hash": 2, "reason": reason}] if reason else [])


def test_a_verdict_does_not_depend_on_other_users() -> None:
    changes = [{}, {"max_minute_clicks": 24}, {"clicks": 540, "max_minute_clicks": 12}]
    together = find_bots(profiles(*changes), BotThresholds())["reason"].to_pylist()
    apart = [row for change in changes for row in find_bots(profiles(change), BotThresholds())["reason"].to_pylist()]
    assert together == apart == ["click_rate", "clicks_everything"]


def test_bots_are_dropped_and_counted_by_reason() -> None:
    users = profiles({}, {"max_minute_clicks": 24})
    people, counts = drop_bots(clicks((2, 5), (1, 1), (7, 2), (2, 4)), users, BotThresholds())
    assert people["user_hash"].to_pylist() == [1, 7]  # 7 has no profile: nothing speaks against it
    assert counts.to_pylist() == [
        {"reason": "click_rate", "users": 1, "clicks": 9},
        {"reason": "human", "users": 2, "clicks": 3},
    ]
    assert merge_bots([counts, counts])["clicks"].to_pylist() == [18, 6]
    assert merge_bots([]).equals(BOTS.empty_table())


def test_unknown_people_are_as_many_as_their_clicks() -> None:
    people, counts = drop_users(clicks((0, 5), (0, 2), (1, 1)), BOT_USERS.empty_table())
    assert people.num_rows == 3
    assert counts.to_pylist() == [{"reason": "human", "users": 8, "clicks": 8}]


# --- habits ---------------------------------------------------------------------------------------------------


def test_habits_of_a_day_are_counted() -> None:
    rows = [
        (START, "ann", "map", "a", 1, True),
        (START, "ann", "map", "b", 6, True),
        (START, "ann", "flag", "c", 2, False),
        (START + timedelta(minutes=30), "ann", "map", "a", 70, True),
        (START + timedelta(minutes=31), "bob", "map", "a", 1, False),
    ]
    table = log(rows).set_column(6, "dwell_ms", pa.array([0, 2500, None, None, None], pa.int32()))
    users = profile_users(count_clicks(table, key=KEY)["users"])
    ann, bob = (users["user_hash"].to_pylist().index(hash_users([name], key=KEY)[0]) for name in ("ann", "bob"))
    positions, pages, paces, dwells = (manner_counts(users)[:, manner.bins] for manner in MANNERS)
    assert positions[ann].tolist() == [1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1]
    assert pages[ann].tolist() == [1, 1, 1, 0, 0, 0, 0]  # flag, map again, map
    assert paces[ann].tolist() == [0, 0, 0, 0, 0, 1, 0, 0, 0, 0]  # 17 to 32 minutes
    assert dwells[ann].tolist() == [1, 0, 0, 1, 0, 0, 0, 0, 0]  # a dwell of 0 ms is one, null is none
    assert (positions[bob].sum(), pages[bob].tolist(), dwells[bob].sum()) == (0, [1, 0, 0, 0, 0, 0, 0], 0)


def test_a_population_adds_up_in_any_order_and_no_user_shapes_it() -> None:
    rows = [(START, f"user{number}", "map", f"i{number % 3}", 1 + number % 2, True) for number in range(40)]
    rows += [(START, "bot", "map", f"i{number}", 30, True) for number in range(400)]
    users = profile_users(count_clicks(log(rows), key=KEY)["users"])
    whole = count_population(users)
    parts = [count_population(users.slice(start, 7)) for start in range(0, users.num_rows, 7)]
    assert merge_population(parts).equals(whole, check_metadata=True)
    assert merge_population(parts[::-1]).equals(whole)
    weight = whole["weight"].to_numpy()[POSITION.bins]
    assert weight[9] / weight.sum() < 0.1  # 400 of 440 clicks
    assert merge_population([]).num_rows == BINS


def test_nobody_stands_out_from_an_unknown_population() -> None:
    users = profiles({"manners": [9], "manner_counts": [500]})
    assert np.abs(manner_scores(users, People.of(POPULATION.empty_table()))).max() == 0


def test_evidence_grows_with_clicks() -> None:
    population = pa.table(
        [np.arange(BINS, dtype=np.int32), *np.full((2, BINS), 10_000 << 16), np.full(BINS, 1_000 << 16)],
        schema=POPULATION,
    )
    few, many, more = ({"manners": [0], "manner_counts": [count]} for count in (2, 20, 20_000))
    scores = manner_scores(profiles(few, many, more), People.of(population))[:, MANNERS.index(POSITION)]
    assert scores[0] < 3
    assert 7 < scores[1] <= scores[2]
    assert PACE.bin_of(np.array([1, 2, 3, 400])).tolist() == [20, 21, 22, 29]


# --- choices --------------------------------------------------------------------------------------------------


def choices(*rows: tuple[int, str, str]) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {"query": query, "image_id": image, "position": 1, "user_hash": user, "clicks": 1}
            for user, query, image in rows
        ],
        schema=EVIDENCE_CLICKS,
    )


def test_choices_of_others_tell_a_blind_one() -> None:
    crowd = [(user, f"q{query}", f"i{query}") for user in range(1, 41) for query in range(8)]
    blind = [(99, f"q{query}", f"other{query}") for query in range(8)]
    table = choices(*crowd, *blind, *blind, (77, "rare", "i"), (0, "q0", "i0"), (0, "q0", "i9"))
    found = {row["user_hash"]: row for row in count_agreement(table).to_pylist()}
    assert 0 not in found
    assert found[99]["blindness"] > 4 * UNIT > 0 > -4 * UNIT > found[1]["blindness"]
    assert found[77]["blindness"] == 0  # nobody else asked
    assert (found[99]["results"], found[99]["max_result_clicks"]) == (8, 2)
    parts = [table.filter(pc.equal(table["query"], query)) for query in pc.unique(table["query"]).to_pylist()]
    assert merge_agreement([count_agreement(part) for part in parts]).equals(merge_agreement(count_agreement(table)))
    assert count_agreement(EVIDENCE_CLICKS.empty_table()).equals(USER_AGREEMENT.empty_table(), check_metadata=True)


def test_where_clicks_gather_nowhere_choices_say_nothing() -> None:
    """Each page shows other results that are as good: how many clicks one of them has is chance."""
    rng = np.random.default_rng(4)
    even = [(user, f"q{query}", f"i{rng.integers(40)}") for user in range(1, 201) for query in range(8)]
    gathered = [(user, f"q{query}", f"i{min(rng.geometric(0.4), 40)}") for user in range(1, 201) for query in range(8)]
    stray = [(999, f"q{query}", "i39") for query in range(8)]
    blindness = []
    for others in (even, gathered):
        found = count_agreement(choices(*others, *stray)).to_pydict()
        blindness.append(dict(zip(found["user_hash"], found["blindness"], strict=True)))
    assert max(abs(value) for value in blindness[0].values()) < UNIT
    assert blindness[1][999] > 5 * UNIT


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"max_minute_clicks": 25}, None),
        ({"max_minute_clicks": 60}, "click_rate"),
        ({"max_image_clicks": 30}, "one_image"),
    ],
)
def test_who_clicks_what_others_click_may_be_quick(change: dict[str, int], reason: str | None) -> None:
    agreement = pa.table([[1], [50], [-8 * UNIT], [1]], schema=USER_AGREEMENT)
    found = find_bots(profiles(change), BotThresholds(), agreement=agreement)
    assert found["reason"].to_pylist() == ([reason] if reason else [])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"days": 1, "clicks": 700, "impressions": 9000}, None),
        ({"days": 1, "clicks": 700, "impressions": 700}, "volume"),  # takes whatever is shown
        ({"days": 1, "clicks": 2100, "impressions": 9000}, "volume"),
        ({"days": 1, "clicks": 700, "impressions": 9000, "pages": 1000}, "volume"),
    ],
)
def test_only_who_is_surely_a_person_may_click_without_end(change: dict[str, int], reason: str | None) -> None:
    for blindness, verdict in ((-9, reason), (1, "volume")):
        agreement = pa.table([[1], [50], [blindness * UNIT], [1]], schema=USER_AGREEMENT)
        found = find_bots(profiles(change), BotThresholds(), agreement=agreement)
        assert found["reason"].to_pylist() == ([verdict] if verdict else [])


def test_few_clicks_need_less_where_people_are_known() -> None:
    thresholds = BotThresholds()
    clicks_of = np.array([5, 20, 1000])
    known = thresholds.score_of_bots(clicks_of, 1e-5)
    assert known.tolist() == [3.75, 4.5, thresholds.sure_bot]
    assert thresholds.score_of_bots(clicks_of, 0.5).tolist() == [thresholds.sure_bot] * 3
    with pytest.raises(ValueError, match="clicks_per_score is 0"):
        BotThresholds(clicks_per_score=0)


@pytest.mark.parametrize(
    ("clicks_of", "blindness", "reason"),
    [(60, 2, None), (60, 5, UNSURE), (60, 12, "blind_clicks"), (4, 12, None)],
)
def test_two_thresholds_and_few_clicks(clicks_of: int, blindness: int, reason: str | None) -> None:
    users = profiles({"clicks": clicks_of})
    agreement = pa.table([[1], [50], [blindness * UNIT], [1]], schema=USER_AGREEMENT)
    people, counts = drop_bots(clicks((1, clicks_of)), users, BotThresholds(), agreement=agreement)
    assert counts.to_pylist() == [{"reason": reason or HUMAN, "users": 1, "clicks": clicks_of}]
    assert people.num_rows == (reason != "blind_clicks")


def test_thresholds_that_cross_are_refused() -> None:
    with pytest.raises(ValueError, match=r"sure_human 9.0 is above sure_bot 7.0"):
        BotThresholds(sure_human=9.0)


# --- whole logs -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Verdicts:
    """Dropped share of the clicks by kind of user, ``people`` for people; and what was found."""

    dropped: dict[str, float]
    found: pa.Table


def judge(table: pa.Table, kinds: dict[str, str], *, partitions: int = 1) -> Verdicts:
    """Profile, judge and split a log as the jobs do: days, partitions by query, partitions by user."""
    days, daily, clicked = day_of(table), [], []
    for day in pc.unique(days).to_pylist():
        counted = count_clicks(table.filter(pc.equal(days, day)), key=KEY)
        daily.append(profile_users(counted["users"]))
        clicked.append(counted["clicks"])
    users, all_clicks = merge_users(daily), merge_clicks(clicked)
    population = merge_population([count_population(profile) for profile in daily])
    queries = np.asarray(all_clicks["query"].combine_chunks().indices)
    agreement = [count_agreement(all_clicks.filter(pa.array(queries % partitions == n))) for n in range(partitions)]
    found = []
    for n in range(partitions):
        mine = users.filter(pa.array(users["user_hash"].to_numpy() % partitions == n))
        found.append(find_bots(mine, BotThresholds(), population=population, agreement=merge_agreement(agreement)))
    bots = pa.concat_tables(found).sort_by("user_hash")
    people, _ = drop_users(all_clicks, bots)
    named = dict(zip(hash_users(list(kinds), key=KEY).tolist(), kinds.values(), strict=True))
    before, after = (_by_kind(part, named) for part in (all_clicks, people))
    return Verdicts({kind: 1 - after.get(kind, 0) / count for kind, count in before.items()}, bots)


def _by_kind(table: pa.Table, named: dict[int, str]) -> dict[str, int]:
    sums = table.group_by("user_hash").aggregate([("clicks", "sum")])
    kinds: npt.NDArray[np.str_] = np.array([named.get(user, "people") for user in sums["user_hash"].to_pylist()])
    counts = sums["clicks_sum"].to_numpy()
    return {str(kind): int(counts[kinds == kind].sum()) for kind in np.unique(kinds)}


FAST = ("burst", "one_slot")
SLOW = ("slow_uniform", "slow_last", "slow_promoter", "slow_blind")


@pytest.mark.parametrize(
    "world",
    [
        BotWorld(seed=501, people=2500, pages=15_000, robots=3),
        BotWorld(seed=502, people=2500, pages=15_000, robots=3, grid=True, dwell=False, noise=0.06),
        BotWorld(seed=503, people=2500, pages=15_000, robots=6, impressions=False, noise=0.015),
        BotWorld(seed=504, people=2500, pages=12_000, queries=1500, robots=2, dwell=False),
        BotWorld(seed=505, people=2500, pages=15_000, robots=30, styles=SLOW, dwell=False),
    ],
    ids=["position", "grid without dwell", "clicks alone", "sparse", "many slow ones"],
)
def test_bots_of_untuned_styles_leave(world: BotWorld) -> None:
    made = make_bot_world(world)
    dropped = judge(made.clicks, made.styles).dropped
    assert dropped["people"] <= 0.005
    for style in set(world.styles) & {*FAST, *SLOW}:
        assert dropped[style] >= (0.98 if style in FAST else 0.6), style


@pytest.mark.parametrize("impressions", [True, False])
def test_a_log_of_one_day_loses_fast_bots_alone(impressions: bool) -> None:
    made = make_bot_world(BotWorld(seed=506, pages=6000, days=1, robots=2, impressions=impressions))
    dropped = judge(made.clicks, made.styles).dropped
    assert dropped["people"] <= 0.005
    assert min(dropped[style] for style in FAST) >= 0.98


@pytest.mark.parametrize("people", [10, 25, 60, 200])
def test_a_tiny_log_loses_nobody(people: int) -> None:
    for seed in range(3):
        world = BotWorld(seed=600 + seed, people=people, pages=5 * people, queries=people // 2, days=7, robots=0)
        assert judge(make_bot_world(world).clicks, {}).dropped == {"people": 0}


@pytest.mark.parametrize("examination", ["position", "cascade", "grid"])
def test_bots_of_the_demo_leave(examination: str) -> None:
    taxonomy = load_taxonomy()
    intents = np.random.default_rng(7).choice(taxonomy.intent_ids, 4000)
    truth = pa.table({"image_id": [f"image{number:05d}" for number in range(4000)], "intent": intents.tolist()})
    world = ClickWorld(
        seed=77, sessions=16_000, users=5000, queries=1500, bot_click_share=0.3, slow_bot_share=0.4,
        examination=examination,  # type: ignore[arg-type]
    )  # fmt: skip
    made = simulate_clicks(truth, taxonomy=taxonomy, world=world)
    table = made.clicks.set_column(6, "dwell_ms", pa.nulls(made.clicks.num_rows, pa.int32()))
    kinds = dict(zip(made.bots["user_id"].to_pylist(), made.bots["kind"].to_pylist(), strict=True))
    dropped = judge(table, kinds).dropped
    assert dropped["people"] <= 0.005
    assert dropped["slow"] >= 0.6
    assert min(dropped[kind] for kind in ("flood", "slot", "image")) >= 0.98


def test_verdicts_do_not_depend_on_partitions() -> None:
    made = make_bot_world(BotWorld(seed=507, people=600, pages=3000, queries=200, robots=1))
    one, several = (judge(made.clicks, made.styles, partitions=count) for count in (1, 5))
    assert one.found.num_rows > 5
    assert one.found.equals(several.found)
