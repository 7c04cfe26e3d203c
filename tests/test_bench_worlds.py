"""The benchmark of labels: its figures on a world small enough to count by hand, and that parts are left out."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from labels.taxonomy import load_taxonomy
from tests.bench import worlds
from tests.bench.worlds import World, make_world
from tests.bench.worlds_figures import Goal, Outcome, calibration_error, curve_of, figures_of, findable, raw_vote
from tests.bench.worlds_runs import PARTS, label, make_evidence

PEOPLE = ("p1", "p2", "p3")


@pytest.fixture
def by_hand() -> World:
    """Two images, icon and map; three people click each for what it is, a robot votes for icon on both."""
    clicks = [(user, "icon", "a") for user in PEOPLE] + [(user, "city", "b") for user in PEOPLE]
    clicks += [("robot", "icon", "b")] * 5 + [("p1", "cat", "c")]
    return World(
        name="position",
        seed=0,
        log=Path(),
        collection=Path(),
        clicks=pl.DataFrame(clicks, ["user_id", "query", "image_id"], orient="row"),
        rows=len(clicks),
        truth=pl.DataFrame({"image_id": ["a", "b", "c"], "true": ["icon", "map", "map"]}),
        queries=pl.DataFrame(
            {
                "query": ["icon", "city", "cat"],
                "asked": ["icon", "map", None],
                "kind": ["pattern", "hidden", "generic"],
                "word": ["icon", None, None],
            }
        ),
        bots=pl.DataFrame({"user_id": ["robot"], "kind": ["flood"]}),
    )


def outcome(labels: list[tuple[str, str | None, float]], queries: dict[str, str | None]) -> Outcome:
    return Outcome(
        labels=pl.DataFrame(
            labels, {"image_id": pl.String, "intent": pl.String, "confidence": pl.Float64}, orient="row"
        ),
        queries=pl.DataFrame(
            {"query": list(queries), "intent": list(queries.values())}, {"query": pl.String, "intent": pl.String}
        ),
        rejected={},
        users=pl.DataFrame(
            {"user_id": [*PEOPLE, "robot"], "clicks": [3, 2, 2, 5], "dropped": [True, False, False, True]}
        ),
        seconds=0.0,
    )


def test_figures_count_what_they_say(by_hand: World) -> None:
    assert findable(by_hand)["image_id"].sort().to_list() == ["a", "b"]
    found = figures_of(
        by_hand, outcome([("a", "icon", 0.9), ("b", "icon", 0.8), ("c", None, 0.95)], {"icon": "icon", "cat": "map"})
    )
    assert (found.labels, found.wrong, found.parents_only) == (2, 1, 1)
    assert (found.precision, found.recall, found.wrong_ratio) == (0.5, 0.5, 1.0)
    assert found.query_precision == 0.5, "a generic query with an intent is wrong"
    assert found.generic_with_intent == 1.0
    assert (found.fast_bots_dropped, found.slow_bots_dropped) == (1.0, None)
    assert found.people_dropped == pytest.approx(3 / 7)
    assert found.calibration_error == pytest.approx((0.1 + 0.8) / 2)


def test_no_labels_give_no_shares(by_hand: World) -> None:
    found = figures_of(by_hand, outcome([], {}))
    assert found.precision is found.calibration_error is found.query_precision is None
    assert (found.labels, found.recall, found.wrong_ratio) == (0, 0.0, 0.0)


def test_raw_vote_follows_the_robot(by_hand: World) -> None:
    vote = raw_vote(by_hand)
    assert (vote.labels, vote.wrong, vote.precision, vote.recall) == (2, 1, 0.5, 0.5)
    assert raw_vote(by_hand, among=pl.DataFrame({"image_id": ["a"]})).wrong == 0


def test_curve_loses_labels_as_the_threshold_rises(by_hand: World) -> None:
    curve = curve_of(by_hand, outcome([("a", "icon", 0.9), ("b", "icon", 0.8)], {}).labels)
    assert {(point.precision, point.recall, point.labels) for point in curve} == {(0.5, 0.5, 2), (1.0, 0.5, 1)}
    assert [point.threshold for point in curve if point.labels == 1] == pytest.approx(np.arange(0.805, 0.901, 0.005))


def test_calibration_error_weighs_bins_by_labels() -> None:
    confidence = np.array([0.92, 0.92, 0.92, 0.31])
    assert calibration_error(confidence, np.array([True, True, True, False])) == pytest.approx((3 * 0.08 + 0.31) / 4)
    assert calibration_error(np.array([1.0]), np.array([True])) == 0


@pytest.mark.parametrize(("least", "missed"), [(True, 0.9), (False, 0.97)])
def test_goals_have_a_side(least: bool, missed: float) -> None:
    goal = Goal(0.96, least)
    assert goal.missed_by(missed)
    assert not goal.missed_by(0.96)
    assert not goal.missed_by(None)


def test_leaving_a_part_out_changes_the_labels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny = {"sessions": 1_500, "users": 300, "queries": 80, "bot_click_share": 0.3}
    monkeypatch.setattr(worlds, "WORLDS", {"tiny": tiny})
    monkeypatch.setattr(worlds, "IMAGES", 400)
    world = make_world("tiny", load_taxonomy(), seed=7, folder=tmp_path)
    assert make_world("tiny", load_taxonomy(), seed=7, folder=tmp_path).digest == world.digest
    evidence = tmp_path / "evidence"
    make_evidence(world, output=evidence)
    whole = label(world, evidence=evidence, output=tmp_path / "whole")
    assert len(whole.labels) > 50
    assert whole.users["clicks"].sum() == len(world.clicks)
    assert whole.users["dropped"].any()
    runs = {part: label(world, evidence=evidence, output=tmp_path / part, without=part) for part in PARTS}
    assert not runs["bots"].users["dropped"].any()
    for part, run in runs.items():  # so few clicks say nothing of examination beyond the click rate
        assert run.labels.equals(whole.labels) == (part == "examination"), part
    again = label(world, evidence=evidence, output=tmp_path / "again")
    assert again.labels.equals(whole.labels), "what stands in for a part stays behind"
