"""The simulated click log: deterministic, in the contract's schema, and with the statistics that were asked for."""

import dataclasses
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pytest

from beam_jobs.demo.clicks import ClickLog, ClickWorld, Examination, examination_curve, simulate_clicks, write_click_log
from beam_jobs.demo.draw import DRAWERS
from labels.rules import compile_rules
from labels.tables import CLICKS
from labels.taxonomy import load_taxonomy

TAXONOMY = load_taxonomy(None)
WORLD = ClickWorld(sessions=8_000, users=1_500, queries=300, seed=2)


@pytest.fixture(scope="module")
def truth() -> pa.Table:
    intents = list(DRAWERS)
    return pa.table(
        {"image_id": [f"i{n:04d}" for n in range(600)], "intent": [intents[n % len(intents)] for n in range(600)]}
    )


@pytest.fixture(scope="module")
def log(truth: pa.Table) -> ClickLog:
    return simulate_clicks(truth, taxonomy=TAXONOMY, world=WORLD)


def _frame(log: ClickLog, truth: pa.Table) -> pl.DataFrame:
    """Join the log with the truth: columns bot (kind or null), wanted and shown (intents) are added."""
    frame = pl.DataFrame(log.clicks)
    bots = pl.DataFrame(log.bots).rename({"kind": "bot"})
    queries = pl.DataFrame(log.queries).rename({"intent": "wanted"})
    images = pl.DataFrame(truth).rename({"intent": "shown"})
    return frame.join(bots, on="user_id", how="left").join(queries, on="query").join(images, on="image_id")


def test_same_seed_same_log_whatever_the_order_of_the_truth(truth: pa.Table, log: ClickLog) -> None:
    shuffled = truth.take(np.random.default_rng(0).permutation(truth.num_rows))
    again = simulate_clicks(shuffled, taxonomy=TAXONOMY, world=WORLD)
    assert again == log
    other = simulate_clicks(truth, taxonomy=TAXONOMY, world=dataclasses.replace(WORLD, seed=3))
    assert not other.clicks.equals(log.clicks)


def test_schema_order_and_ranges(log: ClickLog) -> None:
    clicks = log.clicks
    assert clicks.schema == CLICKS
    assert not any(clicks[name].null_count for name in CLICKS.names if name != "dwell_ms")
    frame = pl.DataFrame(clicks)
    assert frame["position"].min() == 1
    assert frame["position"].max() == WORLD.positions
    assert frame.filter(~pl.col("clicked"))["dwell_ms"].null_count() == frame.filter(~pl.col("clicked")).height
    assert frame["event_time"].is_sorted()
    days = frame["event_time"].dt.date()
    assert (days.max() - days.min()).days == WORLD.days - 1  # type: ignore[operator]
    assert days.min() == WORLD.start


def test_a_page_shows_each_position_and_image_once(log: ClickLog) -> None:
    pages = (
        pl.DataFrame(log.clicks)
        .group_by("event_time", "user_id", "query")
        .agg(pl.col("position").n_unique().alias("positions"), pl.col("image_id").n_unique().alias("images"), pl.len())
    )
    assert (pages["positions"] == pages["len"]).all()
    assert (pages["images"] == pages["len"]).all()


def test_relevant_pictures_beat_irrelevant_ones_and_clicks_fall_with_the_position(
    truth: pa.Table, log: ClickLog
) -> None:
    people = _frame(log, truth).filter(pl.col("bot").is_null() & pl.col("wanted").is_not_null())
    good = people.filter(pl.col("wanted") == pl.col("shown"))
    bad = people.filter(pl.col("wanted") != pl.col("shown"))
    # the chance of a click is relevance (or noise) × the mean examination
    looked = examination_curve(WORLD).mean()
    assert bad["clicked"].mean() == pytest.approx(WORLD.noise * looked, rel=0.15)
    assert good["clicked"].mean() > 8 * bad["clicked"].mean()  # type: ignore[operator]
    by_place = good.group_by("position").agg(pl.col("clicked").mean()).sort("position")["clicked"].to_numpy()
    expected = WORLD.relevance * examination_curve(WORLD)
    assert np.abs(by_place - expected).max() < 0.04
    assert good.height / people.height == pytest.approx(WORLD.shown_relevance, abs=0.08)


@pytest.mark.parametrize("examination", ["cascade", "grid"])
def test_other_manners_of_looking_fall_too(truth: pa.Table, examination: Examination) -> None:
    world = dataclasses.replace(WORLD, examination=examination, bot_click_share=0.0)
    frame = pl.DataFrame(simulate_clicks(truth, taxonomy=TAXONOMY, world=world).clicks)
    half = pl.col("position") <= WORLD.positions // 2
    assert frame.filter(half)["clicked"].sum() > 1.3 * frame.filter(~half)["clicked"].sum()
    if examination == "grid":
        row = (
            frame.filter(pl.col("position") <= world.columns)
            .group_by("position")
            .agg(pl.col("clicked").sum())
            .sort("position")
        )
        assert row["clicked"][0] > row["clicked"][-1]


@pytest.mark.parametrize("share", [0.0, 0.1, 0.25, 0.35])
def test_robots_make_the_share_of_clicks_that_was_asked(truth: pa.Table, share: float) -> None:
    world = dataclasses.replace(WORLD, bot_click_share=share, slow_bot_share=0.3)
    log = simulate_clicks(truth, taxonomy=TAXONOMY, world=world)
    clicks = _frame(log, truth).filter(pl.col("clicked"))
    robots = clicks.filter(pl.col("bot").is_not_null())
    assert robots.height / clicks.height == pytest.approx(share, abs=0.02)
    if share:
        assert set(log.bots["kind"].to_pylist()) == {"flood", "slot", "image", "slow"}
        assert (robots["bot"] == "slow").mean() == pytest.approx(0.3, abs=0.06)


def test_robots_behave_as_their_kind(truth: pa.Table, log: ClickLog) -> None:
    clicks = _frame(log, truth).filter(pl.col("clicked")).with_columns(day=pl.col("event_time").dt.date())
    daily = clicks.group_by("user_id", "day", "bot").len()
    human = float(daily.filter(pl.col("bot").is_null())["len"].median())  # type: ignore[arg-type]
    assert daily.filter(pl.col("bot") == "flood")["len"].max() > 100  # type: ignore[operator]
    assert daily.filter(pl.col("bot") == "slow")["len"].mean() <= 3 * human + 1  # type: ignore[operator]
    kinds = clicks.group_by("user_id", "bot").agg(pl.col("image_id").n_unique(), pl.col("position").n_unique())
    assert (kinds.filter(pl.col("bot") == "image")["image_id"] == 1).all()
    assert (kinds.filter(pl.col("bot") == "slot")["position"] == 1).all()


def test_queries_hold_the_words_that_their_kind_says(log: ClickLog) -> None:
    rules = compile_rules(TAXONOMY)
    counts = dict.fromkeys(("pattern", "hidden", "generic", "misleading"), 0)
    hangul = 0
    for row in log.queries.to_pylist():
        match = rules.match(row["query"])
        counts[row["kind"]] += 1
        hangul += not row["query"].isascii()
        assert (row["intent"] is None) == (row["kind"] == "generic")
        match row["kind"]:
            case "pattern":
                assert match is not None
                assert match.intent == row["intent"]
            case "misleading":
                assert match is not None
                assert match.intent != row["intent"]
            case _:
                assert match is None
    assert counts == {"pattern": 150, "hidden": 78, "generic": 60, "misleading": 12}
    assert 0.4 < hangul / WORLD.queries < 0.8
    assert len(set(log.queries["query"].to_pylist())) == WORLD.queries


def test_the_head_query_is_asked_most(log: ClickLog) -> None:
    sizes = pl.DataFrame(log.clicks)["query"].value_counts(sort=True)["count"].to_numpy()
    assert sizes[0] > 20 * np.median(sizes)


def test_written_partitions_hold_each_row_on_its_day(tmp_path: Path, log: ClickLog) -> None:
    write_click_log(log, folder=tmp_path)
    files = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.parquet"))
    assert files[0] == "date=2026-03-02/part-0.parquet"
    assert len(files) == WORLD.days
    read = ds.dataset(tmp_path, schema=CLICKS.append(pa.field("date", pa.string())), partitioning="hive").to_table()
    assert read.num_rows == log.clicks.num_rows
    assert pc.all(pc.equal(pc.strftime(read["event_time"], format="%Y-%m-%d"), read["date"])).as_py()


def test_few_images_still_make_a_log() -> None:
    truth = pa.table({"image_id": ["a", "b", "c"], "intent": ["map", "map", "flag"]})
    log = simulate_clicks(truth, taxonomy=TAXONOMY, world=ClickWorld(sessions=200, users=50, queries=20))
    assert set(log.clicks["position"].to_pylist()) == {1, 2, 3}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bot_click_share": 0.5}, "bot_click_share is 0.5"),
        ({"sessions": 0}, "sessions is 0"),
        ({"noise": 1.5}, "noise is 1.5"),
        ({"pattern_query_share": 0.9}, "shares of the kinds"),
        ({"examination": "eyes"}, "examination is 'eyes'"),
    ],
)
def test_impossible_worlds_are_refused(change: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(WORLD, **change)  # type: ignore[arg-type]


def test_unknown_intents_and_an_empty_truth_are_refused() -> None:
    for rows in ([("a", "no_such_intent")], []):
        truth = pa.Table.from_pylist(
            [{"image_id": i, "intent": n} for i, n in rows],
            schema=pa.schema([("image_id", pa.string()), ("intent", pa.string())]),
        )
        with pytest.raises(ValueError, match="taxonomy lacks"):
            simulate_clicks(truth, taxonomy=TAXONOMY, world=WORLD)
