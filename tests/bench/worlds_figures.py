"""What labels are worth, by the truth of the world that they are of."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from tests.bench.worlds import World

LEAST_PEOPLE = 3
"""Real users who clicked an image as relevant: from so many on it is one that labels should find."""
BINS = 20
"""Of the confidence, for the calibration error."""
FAST_BOTS = ("flood", "slot", "image")
CURVE_STEPS = 200
"""Thresholds of a curve, from 0.005 to 1."""


@dataclass(frozen=True)
class Outcome:
    """What a run of derive_labels left.

    Attributes:
        labels: table ``labels``.
        queries: table ``query_intents``: queries of at least ``min_query_users`` people.
        rejected: images without a label by reason.
        users: user_id, clicks, dropped: each user with clicks, and whether the clicks were left out.
        seconds: of the run.
    """

    labels: pl.DataFrame
    queries: pl.DataFrame
    rejected: Mapping[str, int]
    users: pl.DataFrame
    seconds: float


@dataclass(frozen=True)
class Figures:
    """Shares are 0–1; None where there is nothing to take the share of.

    Attributes:
        labels: images with an intent.
        wrong: of these.
        parents_only: images with a parent and no intent.
        precision: right labels of all labels.
        recall: rightly labelled ones of the images that LEAST_PEOPLE real users clicked as relevant.
        wrong_ratio: wrong labels divided by the raw click vote's.
        query_precision: right ones of the queries with an intent; one with an intent that is generic is wrong.
        generic_with_intent: generic queries that got an intent.
        fast_bots_dropped: share of their clicks.
        slow_bots_dropped: the same of slow ones.
        people_dropped: the same of people.
        calibration_error: expected difference of confidence and share of right labels.
    """

    labels: int
    wrong: int
    parents_only: int
    precision: float | None
    recall: float | None
    wrong_ratio: float | None
    query_precision: float | None
    generic_with_intent: float | None
    fast_bots_dropped: float | None
    slow_bots_dropped: float | None
    people_dropped: float | None
    calibration_error: float | None


@dataclass(frozen=True)
class Point:
    """Labels from a threshold on."""

    threshold: float
    precision: float | None
    recall: float | None
    labels: int
    wrong: int


@dataclass(frozen=True)
class Goal:
    """A figure is to be at least or at most this."""

    bound: float
    least: bool

    def missed_by(self, value: float | None) -> bool:
        return value is not None and (value < self.bound if self.least else value > self.bound)

    def __str__(self) -> str:
        return f"{'≥' if self.least else '≤'} {self.bound:.3g}"


def goals_of(world: str) -> dict[str, Goal]:
    """Return the goals of a world's figures by their names."""
    return {
        "precision": Goal(0.96, True),
        "recall": Goal(0.60 if world in ("sparse", "grid") else 0.65, True),
        "wrong_ratio": Goal(1 / 6, False),
        "query_precision": Goal(0.95, True),
        "generic_with_intent": Goal(0.05, False),
        "fast_bots_dropped": Goal(0.98, True),
        "slow_bots_dropped": Goal(0.60, True),
        "people_dropped": Goal(0.005, False),
        "calibration_error": Goal(0.05, False),
    }


def figures_of(world: World, outcome: Outcome) -> Figures:
    """Compare a run with the truth."""
    labels = judged(outcome.labels, world)
    right, confidence = labels["right"].to_numpy(), labels["confidence"].to_numpy().astype(np.float64)
    wrong = int((~right).sum())
    queries = outcome.queries.join(world.queries, on="query", how="inner")
    decided = queries.filter(pl.col("intent").is_not_null())
    generic = queries.filter(pl.col("kind") == "generic")
    users = outcome.users.join(world.bots, on="user_id", how="left")
    slow, fast = pl.col("kind") == "slow", pl.col("kind").is_in(FAST_BOTS)
    return Figures(
        labels=len(labels),
        wrong=wrong,
        parents_only=len(outcome.labels) - len(labels),
        precision=_mean(right),
        recall=recall_of(labels, world),
        wrong_ratio=_ratio(wrong, raw_vote(world).wrong),
        query_precision=_mean(decided.select(pl.col("intent").eq_missing(pl.col("asked"))).to_series().to_numpy()),
        generic_with_intent=_mean(generic["intent"].is_not_null().to_numpy()),
        fast_bots_dropped=_dropped(users, fast),
        slow_bots_dropped=_dropped(users, slow),
        people_dropped=_dropped(users, pl.col("kind").is_null()),
        calibration_error=calibration_error(confidence, right),
    )


def calibration_error(confidence: npt.NDArray[np.float64], right: npt.NDArray[np.bool_]) -> float | None:
    """Return the mean over labels of |confidence − share of right ones| of their bin; bins are of equal width."""
    if not len(right):
        return None
    bins = np.clip((confidence * BINS).astype(np.int64), 0, BINS - 1)
    gaps = np.bincount(bins, weights=confidence, minlength=BINS) - np.bincount(bins, weights=right, minlength=BINS)
    return float(np.abs(gaps).sum() / len(right))


def raw_vote(world: World, *, among: pl.DataFrame | None = None) -> Point:
    """Return what counting alone gives: each image has the intent of its most clicked query with a rule.

    All clicks count, robots' too; of queries with as many clicks the first by text wins.

    Args:
        world: whose clicks they are.
        among: images that are looked at (image_id); all where None.
    """
    votes = (
        world.clicks.join(world.queries.filter(pl.col("word").is_not_null()), on="query", how="inner")
        .group_by("image_id", "query", "word")
        .len()
        .sort("image_id", "len", "query", descending=[False, True, False])
        .unique("image_id", keep="first", maintain_order=True)
        .select("image_id", pl.col("word").alias("intent"))
    )
    if among is not None:
        votes = votes.join(among, on="image_id", how="semi")
    return _point(judged(votes, world), world, 0.0)


def curve_of(world: World, labels: pl.DataFrame) -> list[Point]:
    """Return precision and recall by threshold of the confidence, rising; `labels` holds all that any would give."""
    rows = judged(labels, world)
    thresholds = [step / CURVE_STEPS for step in range(1, CURVE_STEPS + 1)]
    points = [_point(rows.filter(pl.col("confidence") >= threshold), world, threshold) for threshold in thresholds]
    return [point for point in points if point.labels]


def judged(labels: pl.DataFrame, world: World) -> pl.DataFrame:
    """Return the labels with an intent, with `right`."""
    rows = labels.filter(pl.col("intent").is_not_null()).join(world.truth, on="image_id", how="inner")
    return rows.with_columns((pl.col("intent") == pl.col("true")).alias("right"))


def recall_of(labels: pl.DataFrame, world: World) -> float | None:
    """Return the share of the images to be found that are labelled rightly; `labels` is of ``judged``."""
    wanted = findable(world)
    return _ratio(len(labels.filter("right").join(wanted, on="image_id", how="semi")), len(wanted))


def findable(world: World) -> pl.DataFrame:
    """Return the images that LEAST_PEOPLE real users clicked for queries that ask for their intent."""
    return (
        world.clicks.join(world.bots, on="user_id", how="anti")
        .join(world.queries, on="query", how="inner")
        .join(world.truth, on="image_id", how="inner")
        .filter(pl.col("asked") == pl.col("true"))
        .group_by("image_id")
        .agg(pl.col("user_id").n_unique().alias("people"))
        .filter(pl.col("people") >= LEAST_PEOPLE)
        .select("image_id")
    )


def _point(labels: pl.DataFrame, world: World, threshold: float) -> Point:
    right = labels["right"].to_numpy()
    return Point(threshold, _mean(right), recall_of(labels, world), len(right), int((~right).sum()))


def _dropped(users: pl.DataFrame, which: pl.Expr) -> float | None:
    of = users.filter(which)
    return _ratio(int(of.filter("dropped")["clicks"].sum()), int(of["clicks"].sum()))


def _mean(values: npt.NDArray[np.bool_]) -> float | None:
    return float(values.mean()) if len(values) else None


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None
