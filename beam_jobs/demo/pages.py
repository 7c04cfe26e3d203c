"""Result pages of the simulated search engine: each query's own order of pictures, with a small jitter."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from beam_jobs.demo.queries import MadeQueries

_CHUNK = 20_000
"""Pages ranked at once; bounds the memory and never changes the result."""
_CANDIDATES_PER_SLOT = 1.5
_RELEVANT_SCORE = 0.3  # the engine's small preference for what is relevant, in standard deviations of its score
_JITTER = 0.35  # of a page against the query's own order, in the same unit


@dataclass(frozen=True)
class Sessions:
    """Result pages: place of the query, place of the user, start in µs since the epoch of the log."""

    query: NDArray[np.int64]
    user: NDArray[np.int64]
    start_us: NDArray[np.int64]


@dataclass(frozen=True)
class Results:
    """Candidates of each query: place of the image, is it relevant, ranking score; all [queries, candidates]."""

    images: NDArray[np.int64]
    relevant: NDArray[np.bool_]
    score: NDArray[np.float64]


@dataclass(frozen=True)
class Pages:
    """What pages show, best first: place of the image and is it relevant; both [pages, positions]."""

    images: NDArray[np.int64]
    relevant: NDArray[np.bool_]


def make_results(
    queries: MadeQueries,
    image_intent: NDArray[np.int64],
    *,
    positions: int,
    shown_relevance: float,
    rng: np.random.Generator,
) -> Results:
    """Choose each query's candidates: a persistent list, of which each page shows a jittered top."""
    total = len(image_intent)
    size = min(round(positions * _CANDIDATES_PER_SLOT), total)
    images = np.empty((len(queries.texts), size), dtype=np.int64)
    relevant = np.zeros(images.shape, dtype=np.bool_)
    pools = [np.flatnonzero(image_intent == place) for place in range(int(image_intent.max()) + 1)]
    for row, intent in enumerate(queries.intents):
        if intent < 0:
            images[row] = rng.choice(total, size=size, replace=False)
            relevant[row] = rng.random(size) < shown_relevance / 2
            continue
        share = float(np.clip(rng.normal(shown_relevance, 0.12), 0.05, 0.95))
        good = rng.permutation(pools[intent])[: max(round(size * share), 1)]
        others = rng.permutation(total)
        bad = others[image_intent[others] != intent][: size - len(good)]
        chosen = np.concatenate([good, bad])
        if len(chosen) < size:
            chosen = np.concatenate([chosen, np.setdiff1d(pools[intent], chosen)])[:size]
        images[row] = chosen
        relevant[row] = image_intent[chosen] == intent
    score = rng.normal(0, 1, images.shape) + _RELEVANT_SCORE * relevant
    return Results(images, relevant, score)


def show_pages(sessions: Sessions, results: Results, *, positions: int, rng: np.random.Generator) -> Pages:
    """Rank each page's candidates: the query's own order with a small jitter."""
    shown = min(positions, results.images.shape[1])
    images = np.empty((len(sessions.query), shown), dtype=np.int64)
    relevant = np.empty(images.shape, dtype=np.bool_)
    for first in range(0, len(images), _CHUNK):
        query = sessions.query[first : first + _CHUNK]
        score = results.score[query] + _JITTER * rng.standard_normal((len(query), results.images.shape[1]))
        order = np.argsort(-score, axis=1, kind="stable")[:, :shown]
        images[first : first + _CHUNK] = np.take_along_axis(results.images[query], order, axis=1)
        relevant[first : first + _CHUNK] = np.take_along_axis(results.relevant[query], order, axis=1)
    return Pages(images, relevant)
