"""A click log with a known truth: people who look from the top, some chance clicks, and robots.

Examination follows the classical models (position: Richardson et al. 2007; cascade: Craswell et al. 2008; grid:
Xie et al. 2018). The truth comes with the log, so what the pipeline says can be checked.
"""

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from beam_jobs.demo.pages import Pages, Sessions, make_results, show_pages
from beam_jobs.demo.queries import make_queries
from beam_jobs.demo.robots import Robots, make_robots
from labels.tables import CLICKS
from labels.taxonomy import Taxonomy

Examination = Literal["position", "cascade", "grid"]
_DAY_US = 86_400_000_000

_CASCADE_GO_ON = 0.95
_CASCADE_GO_ON_AFTER_CLICK = 0.5

LOG_QUERIES = pa.schema([("query", pa.string()), ("intent", pa.string()), ("kind", pa.string())])
LOG_BOTS = pa.schema([("user_id", pa.string()), ("kind", pa.string())])


@dataclass(frozen=True)
class ClickWorld:
    """How people and robots behave. Shares and probabilities are 0–1."""

    sessions: int = 40_000
    """Result pages that people look at; each shows ``positions`` rows."""
    users: int = 8_000
    queries: int = 1_200
    positions: int = 24
    columns: int = 6
    """Pictures in a row of the page (examination ``grid``)."""
    examination: Examination = "position"
    relevance: float = 0.30
    """Chance of a click on a relevant picture that was looked at."""
    noise: float = 0.03
    """The same for a picture that is not relevant."""
    shown_relevance: float = 0.5
    """Share of the shown pictures that are relevant: the quality of the search engine."""
    bot_click_share: float = 0.25
    """Robots' share of all clicks."""
    slow_bot_share: float = 0.2
    """Part of the robots' clicks that comes from patient ones, near a person's daily volume."""
    generic_query_share: float = 0.2
    """Part of the queries that want nothing visual in particular."""
    pattern_query_share: float = 0.5
    """Part of the queries that hold a word which the taxonomy knows."""
    misleading_share: float = 0.04
    """Part of the queries whose known word means another intent than people want."""
    zipf: float = 0.8
    """Exponent of the queries' popularity."""
    days: int = 14
    start: dt.date = field(default=dt.date(2026, 3, 2))
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("sessions", "users", "queries", "positions", "columns", "days"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}; give at least 1")
        for name in ("relevance", "noise", "shown_relevance", "slow_bot_share"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is {getattr(self, name)}; give a number from 0 to 1")
        if not 0 <= self.bot_click_share <= 0.35:
            raise ValueError(f"bot_click_share is {self.bot_click_share}; give 0 to 0.35")
        if min(self.query_shares) < 0:
            raise ValueError(
                f"the shares of the kinds of queries are {self.query_shares}; they must be ≥ 0 and sum to ≤ 1"
            )
        if self.examination not in get_args(Examination):
            raise ValueError(f"examination is {self.examination!r}; give one of {get_args(Examination)}")

    @property
    def hidden_query_share(self) -> float:
        """Part of the queries that want an intent and hold no word that the taxonomy knows."""
        rest = 1 - self.pattern_query_share - self.generic_query_share - self.misleading_share
        return 0.0 if abs(rest) < 1e-9 else rest

    @property
    def query_shares(self) -> tuple[float, float, float, float]:
        """Shares of the kinds of queries, in the order of ``queries.KINDS``."""
        known = self.pattern_query_share
        return (known, self.hidden_query_share, self.generic_query_share, self.misleading_share)


@dataclass(frozen=True)
class ClickLog:
    """The log and its truth.

    ``clicks`` has schema ``labels.tables.CLICKS``, sorted by time, user, query and position; ``bots`` names the
    robots (kind ``flood``, ``slot``, ``image`` or ``slow``); ``queries`` gives each query's true intent (null for
    a generic one) and its kind.
    """

    clicks: pa.Table
    bots: pa.Table
    queries: pa.Table


def examination_curve(world: ClickWorld) -> NDArray[np.float64]:
    """Return the chance that a person looks at each position, float64[positions], the first being 1.

    For ``cascade`` this is the curve where nothing is clicked; a click makes the rest less likely.
    """
    place = np.arange(world.positions)
    if world.examination == "position":
        return 1 / (1 + 0.18 * place)
    if world.examination == "cascade":
        return np.asarray(_CASCADE_GO_ON**place, dtype=np.float64)
    row, column = place // world.columns, place % world.columns
    curve = (1 / (1 + 0.45 * row)) * (1 - 0.05 * np.minimum(column, world.columns - 1))
    return np.asarray(curve, dtype=np.float64)


def simulate_clicks(truth: pa.Table, *, taxonomy: Taxonomy, world: ClickWorld) -> ClickLog:
    """Simulate a click log over pictures whose intents are known.

    Args:
        truth: columns image_id and intent (both string, no nulls), in any order.
        taxonomy: names the words that queries hold.
        world: how people and robots behave.

    Raises:
        ValueError: the truth is empty or holds an intent that the taxonomy lacks.
    """
    rng = np.random.default_rng([world.seed, 0xC11C])
    truth = truth.select(["image_id", "intent"]).sort_by("image_id")
    present = set(pc.unique(truth["intent"]).to_pylist())
    wanted = tuple(name for name in taxonomy.intent_ids if name in present)
    strange = sorted(present - set(wanted), key=str)
    if not wanted or strange:
        raise ValueError(f"truth has {truth.num_rows} rows and intents that the taxonomy lacks: {strange[:5]}")
    image_intent = pc.index_in(truth["intent"], pa.array(wanted)).to_numpy().astype(np.int64)
    queries = make_queries(wanted, taxonomy=taxonomy, count=world.queries, shares=world.query_shares, rng=rng)
    results = make_results(
        queries, image_intent, positions=world.positions, shown_relevance=world.shown_relevance, rng=rng
    )
    human = _human_pages(world, rng)
    pages = show_pages(human, results, positions=world.positions, rng=rng)
    clicked = _human_clicks(pages.relevant, world, rng)
    human_clicks = int(clicked.sum())
    budget = round(human_clicks * world.bot_click_share / (1 - world.bot_click_share))
    robots = make_robots(
        budget,
        slow_share=world.slow_bot_share,
        human_clicks_per_day=_median_daily_clicks(human, clicked.sum(axis=1)),
        queries=world.queries,
        days=world.days,
        positions=pages.images.shape[1],
        rng=rng,
    )
    robot_sessions = Sessions(robots.query, robots.user + world.users, robots.start_us)
    robot_pages = show_pages(robot_sessions, results, positions=world.positions, rng=rng)
    robot_images, robot_relevant, robot_clicked = _robot_clicks(robots, robot_pages, rng)
    table = _table(
        sessions=[human, robot_sessions],
        images=np.concatenate([pages.images, robot_images]),
        clicked=np.concatenate([clicked, robot_clicked]),
        relevant=np.concatenate([pages.relevant, robot_relevant]),
        robot_rows=len(robot_images),
        names=(_user_names(world.users + len(robots.kinds), rng), queries.texts, truth["image_id"].combine_chunks()),
        world=world,
        rng=rng,
    )
    names = table.user_names
    bots = pa.table({"user_id": names[world.users :], "kind": list(robots.kinds)}, schema=LOG_BOTS).sort_by("user_id")
    intents = [None if place < 0 else wanted[place] for place in queries.intents]
    known_queries = pa.table(
        {"query": list(queries.texts), "intent": intents, "kind": list(queries.kinds)}, schema=LOG_QUERIES
    )
    return ClickLog(clicks=table.clicks, bots=bots, queries=known_queries.sort_by("query"))


def write_click_log(log: ClickLog, *, folder: Path) -> None:
    """Write the clicks as ``date=YYYY-MM-DD/part-0.parquet`` under ``folder``, one file per UTC day."""
    day = pc.strftime(log.clicks["event_time"], format="%Y-%m-%d")
    for name in sorted(pc.unique(day).to_pylist()):
        partition = folder / f"date={name}"
        partition.mkdir(parents=True, exist_ok=True)
        pq.write_table(log.clicks.filter(pc.equal(day, name)), partition / "part-0.parquet")


@dataclass(frozen=True)
class _Rows:
    clicks: pa.Table
    user_names: pa.Array


def _human_pages(world: ClickWorld, rng: np.random.Generator) -> Sessions:
    popularity = 1 / np.arange(1, world.queries + 1) ** world.zipf
    query = rng.choice(world.queries, size=world.sessions, p=popularity / popularity.sum())
    activity = rng.lognormal(0, 0.8, world.users)
    user = rng.choice(world.users, size=world.sessions, p=activity / activity.sum())
    hours = 1.1 + np.sin((np.arange(24) - 9) / 24 * 2 * np.pi)
    hour = rng.choice(24, size=world.sessions, p=hours / hours.sum())
    second = rng.integers(0, 3_600_000_000, world.sessions)
    start = rng.integers(0, world.days, world.sessions) * _DAY_US + hour * 3_600_000_000 + second
    return Sessions(query, user, start)


def _human_clicks(relevant: NDArray[np.bool_], world: ClickWorld, rng: np.random.Generator) -> NDArray[np.bool_]:
    wish = rng.random(relevant.shape) < np.where(relevant, world.relevance, world.noise)
    if world.examination == "cascade":
        go_on = rng.random(relevant.shape) < np.where(wish, _CASCADE_GO_ON_AFTER_CLICK, _CASCADE_GO_ON)
        looked = np.ones(relevant.shape, dtype=np.bool_)
        looked[:, 1:] = np.logical_and.accumulate(go_on, axis=1)[:, :-1]
    else:
        looked = rng.random(relevant.shape) < examination_curve(world)[: relevant.shape[1]]
    return np.asarray(wish & looked)


def _median_daily_clicks(sessions: Sessions, clicks: NDArray[np.int64]) -> float:
    """Return the median, over people and days with a click, of the clicks on that day (at least 1)."""
    day = sessions.user * 100_000 + sessions.start_us // _DAY_US
    _, place = np.unique(day, return_inverse=True)
    daily = np.bincount(place, weights=clicks.astype(np.float64))
    return max(float(np.median(daily[daily > 0])) if (daily > 0).any() else 1.0, 1.0)


def _robot_clicks(
    robots: Robots, pages: Pages, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Let robots click by slot; an ``image`` robot's target is the same picture at whatever slot shows it."""
    images, relevant = pages.images.copy(), pages.relevant.copy()
    clicked = rng.random(images.shape) < robots.slot_chance
    target = robots.target_rank
    has_target = np.flatnonzero(target >= 0)
    for user in np.unique(robots.user[has_target]):
        rows = has_target[robots.user[has_target] == user]
        picture = images[rows[0], target[rows[0]]]
        good = relevant[rows[0], target[rows[0]]]
        at = images[rows] == picture
        missing = rows[~at.any(axis=1)]
        images[missing, -1], relevant[missing, -1] = picture, good
        clicked[rows] = images[rows] == picture
    return images, relevant, clicked


def _user_names(count: int, rng: np.random.Generator) -> pa.Array:
    """Return ids in random order, so that no id shows who is a robot."""
    return pa.array([f"u{number:07d}" for number in rng.permutation(count * 3)[:count]], pa.string())


def _table(
    *,
    sessions: list[Sessions],
    images: NDArray[np.int64],
    clicked: NDArray[np.bool_],
    relevant: NDArray[np.bool_],
    robot_rows: int,
    names: tuple[pa.Array, tuple[str, ...], pa.Array],
    world: ClickWorld,
    rng: np.random.Generator,
) -> _Rows:
    """Lay pages out as rows, in the order of time."""
    user_names, query_texts, image_ids = names
    query = np.concatenate([part.query for part in sessions])
    user = np.concatenate([part.user for part in sessions])
    start = np.concatenate([part.start_us for part in sessions])
    seconds = np.where(relevant, rng.lognormal(3.0, 0.8, images.shape), rng.lognormal(1.0, 0.8, images.shape))
    if robot_rows:
        seconds[-robot_rows:] = rng.lognormal(-0.5, 0.4, (robot_rows, images.shape[1]))
    no_dwell = ~clicked | (rng.random(images.shape) < 0.05)
    dwell = np.minimum(seconds * 1000, 600_000).astype(np.int32)
    order = np.lexsort((query, user, start))
    shown = images.shape[1]
    epoch = int(dt.datetime.combine(world.start, dt.time(), dt.UTC).timestamp()) * 1_000_000
    columns = [
        pa.array(np.repeat(start[order] + epoch, shown)).cast(CLICKS.field("event_time").type),
        user_names.take(pa.array(np.repeat(user[order], shown))),
        pa.array(query_texts, pa.string()).take(pa.array(np.repeat(query[order], shown))),
        image_ids.take(pa.array(images[order].ravel())),
        pa.array(np.tile(np.arange(1, shown + 1, dtype=np.int32), len(order))),
        pa.array(clicked[order].ravel()),
        pa.array(dwell[order].ravel(), pa.int32(), mask=no_dwell[order].ravel()),
    ]
    return _Rows(clicks=pa.Table.from_arrays(columns, schema=CLICKS), user_names=user_names)
