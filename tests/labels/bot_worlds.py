"""Click logs of people unlike those of the demo's simulator, and robots of styles that no threshold was tuned on.

People come in sessions of several pages, click more or less each, and have pages of two lengths. Robots look at a
picture as long as people do, unless the log has no dwell at all: only what they click, where and when betrays them.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from labels.tables import CLICKS

_DAY_US = 86_400_000_000
_FIRST_DAY_US = 20_000 * _DAY_US
LONG, SHORT = 30, 12
"""Results of a page on a large and on a small screen."""
_CANDIDATES = 40
STYLES = (
    "slow_uniform",  # one or two clicks a page, anywhere on it
    "slow_last",  # the last result of every page
    "slow_promoter",  # one image wherever it is shown, and as many other clicks for camouflage
    "slow_blind",  # looks from the top as people do, and clicks without regard to what is shown
    "scraper",  # thousands of pages and no click
    "crowd",  # many users with three clicks each, all on the images of one seller
    "burst",  # all of a page, page after page
    "one_slot",  # the third result of a few queries, all day
)


@dataclass(frozen=True)
class BotWorld:
    """Sizes and habits; shares are 0–1."""

    seed: int
    people: int = 4000
    pages: int = 24_000
    queries: int = 1000
    days: int = 14
    relevance: float = 0.3
    noise: float = 0.03
    grid: bool = False
    robots: int = 8
    """Robots of each style."""
    styles: tuple[str, ...] = STYLES
    dwell: bool = True
    impressions: bool = True


@dataclass(frozen=True)
class BotLog:
    """A log of schema ``CLICKS`` and the style of each robot in it."""

    clicks: pa.Table
    styles: dict[str, str]


@dataclass(frozen=True)
class _Pages:
    user: npt.NDArray[np.int64]
    query: npt.NDArray[np.int64]
    start_us: npt.NDArray[np.int64]


def make_bot_world(world: BotWorld) -> BotLog:
    """Simulate people and ``robots`` of each of its ``styles``."""
    rng = np.random.default_rng([world.seed, 0xB07])
    results = np.stack([rng.choice(world.queries * 8, _CANDIDATES, replace=False) for _ in range(world.queries)])
    good = rng.random(results.shape) < rng.beta(4, 5, (world.queries, 1))
    pages = _people(world, rng)
    eager = rng.lognormal(0, 0.4, world.people)[pages.user]
    length = np.where(rng.random(world.people) < 0.5, LONG, SHORT)[pages.user]
    shown = _shown(pages.query, rng)
    relevant = np.take_along_axis(good[pages.query], shown, axis=1)
    wish = np.where(relevant, world.relevance, world.noise) * eager[:, None]
    clicked = (rng.random(shown.shape) < wish * _looks(world)) & (np.arange(LONG) < length[:, None])
    names = [f"person{number}" for number in range(world.people)]
    styles: dict[str, str] = {}
    parts = [(pages, shown, clicked, length)]
    for style in world.styles:
        for _ in range(world.robots * (30 if style == "crowd" else 1)):
            name = f"robot{len(styles)}"
            styles[name] = style
            parts.append(_robot(style, len(names), world, results, rng))
            names.append(name)
    return BotLog(_rows(parts, names, results, good, world, rng), styles)


def _people(world: BotWorld, rng: np.random.Generator) -> _Pages:
    sessions = world.pages // 3
    activity = rng.lognormal(0, 1.0, world.people)
    of_session = rng.choice(world.people, sessions, p=activity / activity.sum())
    second_us = (rng.beta(4, 3, sessions) * 0.95 * _DAY_US).astype(np.int64)
    begin = rng.integers(0, world.days, sessions) * _DAY_US + second_us
    size = rng.geometric(1 / 3, sessions)
    session = np.repeat(np.arange(sessions), size)
    gap = (rng.lognormal(4.0, 1.0, len(session)) * 1e6).astype(np.int64)
    late = np.cumsum(gap)
    late -= np.repeat(late[np.append(0, np.cumsum(size)[:-1])], size)
    popularity = 1 / np.arange(1, world.queries + 1) ** 0.9
    query = rng.choice(world.queries, len(session), p=popularity / popularity.sum())
    start = np.minimum(begin[session] + late, (begin[session] // _DAY_US + 1) * _DAY_US - 1)
    return _Pages(of_session[session], query, start)


def _shown(query: npt.NDArray[np.int64], rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Return the places of the shown candidates: each query's own order, a little shaken."""
    score = np.arange(_CANDIDATES) + rng.normal(0, 3, (len(query), _CANDIDATES))
    return np.argsort(score, axis=1)[:, :LONG]


def _looks(world: BotWorld) -> npt.NDArray[np.float64]:
    place = np.arange(LONG)
    return 1 / (1 + 0.35 * (place // 6)) if world.grid else 0.97**place / (1 + 0.1 * place)


def _robot(
    style: str, user: int, world: BotWorld, results: npt.NDArray[np.int64], rng: np.random.Generator
) -> tuple[_Pages, npt.NDArray[np.int64], npt.NDArray[np.bool_], npt.NDArray[np.int64]]:
    days = {"crowd": 1, "burst": 1, "one_slot": 3}.get(style, world.days)
    days = min(days, world.days)
    daily = {"scraper": 1200, "crowd": 2, "burst": 20, "one_slot": 80}.get(style)
    counts = np.full(days, daily) if daily else rng.poisson(4, days)
    day = np.repeat(np.arange(days), counts) + int(rng.integers(world.days - days + 1))
    pause = 20 if style in ("scraper", "burst", "one_slot") else 0
    second = np.sort(rng.uniform(0, 86_000, len(day))) if not pause else np.tile(np.arange(counts[0]) * pause, days)
    query = rng.integers(0, world.queries, len(day))
    if style == "one_slot":
        query %= 5
    pages = _Pages(np.full(len(day), user), query, day * _DAY_US + (second * 1e6).astype(np.int64))
    shown = _shown(query, rng)
    place = np.arange(LONG)
    length = np.full(len(day), LONG)
    if style == "slow_uniform":
        clicked = rng.random(shown.shape) < 1.5 / LONG
    elif style == "slow_last":
        clicked = np.broadcast_to(place == LONG - 1, shown.shape)
    elif style == "slow_promoter":
        target = int(rng.integers(5))  # candidate of a query that it asks half of the time
        query[::2] = int(rng.integers(world.queries))
        clicked = (rng.random(shown.shape) < 0.12 * _looks(world)) & (np.arange(len(day)) % 2 == 1)[:, None]
        clicked |= (shown == target) & (np.arange(len(day)) % 2 == 0)[:, None]
    elif style == "slow_blind":
        clicked = rng.random(shown.shape) < 0.17 * _looks(world)
    elif style == "crowd":
        query[:] = query % 10
        clicked = (results[query][np.arange(len(query))[:, None], shown] % 7 == 0) & (rng.random(shown.shape) < 0.4)
    elif style == "burst":
        clicked = rng.random(shown.shape) < 0.9
    elif style == "one_slot":
        clicked = np.broadcast_to(place == 2, shown.shape)
    else:
        clicked = np.zeros(shown.shape, dtype=np.bool_)
    return pages, shown, clicked, length


def _rows(
    parts: list[tuple[_Pages, npt.NDArray[np.int64], npt.NDArray[np.bool_], npt.NDArray[np.int64]]],
    names: list[str],
    results: npt.NDArray[np.int64],
    good: npt.NDArray[np.bool_],
    world: BotWorld,
    rng: np.random.Generator,
) -> pa.Table:
    user, query, start = (np.concatenate([getattr(part[0], name) for part in parts]) for name in _Pages.__annotations__)
    shown, clicked, length = (np.concatenate([np.asarray(part[place]) for part in parts]) for place in (1, 2, 3))
    row, slot = np.nonzero((np.arange(LONG) < length[:, None]) & (clicked | world.impressions))
    candidate, asked = shown[row, slot], query[row]
    hit = clicked[row, slot]
    seconds = rng.lognormal(np.where(good[asked, candidate], 2.8, 1.2), 0.9)
    images = pa.array([f"image{number}" for number in range(world.queries * 8)], pa.string())
    dwell = pa.array((np.minimum(seconds, 600) * 1000).astype(np.int32), mask=~hit | (not world.dwell))
    return pa.table(
        [
            pa.array(start[row] + _FIRST_DAY_US).cast(CLICKS.field("event_time").type),
            pa.array(names, pa.string()).take(pa.array(user[row])),
            pa.array([f"query {number}" for number in range(world.queries)]).take(pa.array(asked)),
            images.take(pa.array(results[asked, candidate])),
            (slot + 1).astype(np.int32),
            hit,
            dwell,
        ],
        schema=CLICKS,
    )
