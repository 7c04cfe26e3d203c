"""Robots of the simulated click log: floods, hammers on one slot or one picture, and patient ones."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

KINDS = ("flood", "slot", "image", "slow")
_DAY_US = 86_400_000_000


@dataclass(frozen=True)
class _Manner:
    """How one kind behaves: clicks a page on the average, pages a day, days, seconds between pages."""

    clicks_per_page: float
    pages_per_day: int
    days: int
    gap_seconds: tuple[float, float]


_FLOOD_SLOT_CHANCE = 0.9
_SLOW_TIMES_HUMAN = 3.0  # a slow robot's clicks a day, in medians of a person's active day
_FAST_SHARES = {"flood": 0.5, "slot": 0.25, "image": 0.25}


@dataclass(frozen=True)
class Robots:
    """Result pages that robots ask for (arrays of one length) and the kind of each robot.

    ``user`` counts robots from 0; ``slot_chance`` float64[pages, positions] is the chance of a click;
    ``target_rank`` is the slot, on the robot's first page, of the picture that an ``image`` robot clicks (−1: none).
    """

    query: NDArray[np.int64]
    user: NDArray[np.int64]
    start_us: NDArray[np.int64]
    slot_chance: NDArray[np.float64]
    target_rank: NDArray[np.int64]
    kinds: tuple[str, ...]


def make_robots(
    budget: int,
    *,
    slow_share: float,
    human_clicks_per_day: float,
    queries: int,
    days: int,
    positions: int,
    rng: np.random.Generator,
) -> Robots:
    """Make as many robots as it takes for about ``budget`` clicks, ``slow_share`` of them by slow ones.

    Args:
        budget: expected clicks of all robots.
        slow_share: slow robots' part of them, 0–1.
        human_clicks_per_day: a person's median on an active day; slow robots make at most three times that.
        queries: number of distinct queries; a robot asks for any of them.
        days: length of the log.
        positions: rows of a page.
        rng: the generator.
    """
    manners = {
        "flood": _Manner(positions * _FLOOD_SLOT_CHANCE, 40, min(days, 2), (2, 8)),
        "slot": _Manner(0.98, 150, min(days, 3), (4, 10)),
        "image": _Manner(1.0, 120, min(days, 3), (5, 12)),
        "slow": _Manner(1.5, max(int(_SLOW_TIMES_HUMAN * human_clicks_per_day / 1.5), 1), days, (1500, 9000)),
    }
    parts: list[tuple[NDArray[np.int64], int, NDArray[np.int64], NDArray[np.float64], int]] = []
    kinds: list[str] = []
    for kind in KINDS:
        share = slow_share if kind == "slow" else (1 - slow_share) * _FAST_SHARES[kind]
        manner = manners[kind]
        left = round(budget * share / manner.clicks_per_page)
        while left > 0:
            count = min(left, manner.pages_per_day * manner.days)
            left -= count
            start = _times(count, manner, days, rng)
            chance = np.zeros((count, positions))
            query = rng.integers(0, queries, count)
            target = -1
            if kind == "flood":
                chance[:] = _FLOOD_SLOT_CHANCE
            elif kind == "slot":
                chance[:, int(rng.integers(min(3, positions)))] = manner.clicks_per_page
                query = rng.choice(rng.integers(0, queries, 8), count)
            elif kind == "image":
                target = int(rng.integers(positions // 3, positions))
                query = np.full(count, query[0])
            else:
                chance[:] = manner.clicks_per_page / positions
            parts.append((query, len(kinds), start, chance, target))
            kinds.append(kind)
    if not parts:
        none = np.zeros(0, dtype=np.int64)
        return Robots(none, none, none, np.zeros((0, positions)), none, ())
    return Robots(
        query=np.concatenate([part[0] for part in parts]),
        user=np.concatenate([np.full(len(part[0]), part[1]) for part in parts]),
        start_us=np.concatenate([part[2] for part in parts]),
        slot_chance=np.concatenate([part[3] for part in parts]),
        target_rank=np.concatenate([np.full(len(part[0]), part[4]) for part in parts]),
        kinds=tuple(kinds),
    )


def _times(count: int, manner: _Manner, days: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the start of each page: runs of pages a day, one after the other."""
    first_day = int(rng.integers(0, days - manner.days + 1))
    start = np.empty(count, dtype=np.int64)
    for place, first in enumerate(range(0, count, manner.pages_per_day)):
        size = min(manner.pages_per_day, count - first)
        gaps = np.cumsum(rng.uniform(*manner.gap_seconds, size))
        begin = rng.uniform(0, max(86_000 - gaps[-1], 1))
        seconds = np.minimum(begin + gaps, 86_399)
        start[first : first + size] = (first_day + place) * _DAY_US + (seconds * 1e6).astype(np.int64)
    return start
