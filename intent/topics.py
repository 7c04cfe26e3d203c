"""Two levels of topics from embeddings: spherical k-means, then again inside every cluster, so that low topics nest.

Top-down k-means did best of the ways tried in the field notes (4): about 100 broad and 10,000 narrow topics, the
narrow ones shared out by the root of a parent's size, never more than its images can fill. All is deterministic:
rows are sorted by image id first, samples go by a hash of the id, sums run in a fixed order.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from intent.tables import TOPICS
from intent.topic_names import name_topics

Vectors = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

__all__ = ["TopicConfig", "TopicModel", "assign_topics", "fit_topics", "name_topics", "share_out"]

_CHUNK = 16_384
"""Rows per matrix product: bounds memory at 16,384 × 10,000 float32 in the worst case."""


@dataclass(frozen=True)
class TopicConfig:
    """How many topics, and how they are found.

    Attributes:
        high: broad topics wanted.
        low: narrow topics wanted in all.
        min_leaf: images that a topic must have on average within its parent; FAISS's least points per centroid.
        max_fit: images per topic that a fit looks at, chosen by a hash of their ids; FAISS's most.
        iterations: most rounds of one k-means; it stops when no image moves.
        restarts: k-means starts for the broad topics, of which the tightest is kept.
        balance: narrow topics go by size ** balance of the parent: 0 is equal shares, 1 proportional ones.
        seed: of the starts; 0 is a seed.
    """

    high: int = 100
    low: int = 10_000
    min_leaf: int = 39
    max_fit: int = 256
    iterations: int = 25
    restarts: int = 3
    balance: float = 0.5
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("high", "low", "min_leaf", "max_fit", "iterations", "restarts"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be 1 or more, got {getattr(self, name)}")
        if self.low < self.high:
            raise ValueError(f"low ({self.low}) is below high ({self.high}); every high topic has a low one")
        if not 0 <= self.balance <= 1:
            raise ValueError(f"balance must be 0 to 1, got {self.balance}")


@dataclass(frozen=True, eq=False)
class TopicModel:
    """Unit centroids: ``high`` float32 [h, d], largest topic first; ``low`` float32 [l, d] with ``parent`` int64
    [l], rising: a parent's low topics stand together. ``warnings`` say where there are fewer than wanted."""

    high: Vectors
    low: Vectors
    parent: Rows
    warnings: tuple[str, ...]

    @property
    def high_count(self) -> int:
        """Number of high topics."""
        return len(self.high)

    @property
    def low_count(self) -> int:
        """Number of low topics."""
        return len(self.low)


def fit_topics(embeddings: npt.NDArray[np.floating], ids: Iterable[object], config: TopicConfig) -> TopicModel:
    """Find topics.

    Args:
        embeddings: [n, d], any length above 0; n ≥ 1.
        ids: n image ids, each once; the order of rows does not matter.

    Raises:
        ValueError: no rows, other shapes, values that are not finite, ids that repeat.
    """
    names, order = _order(ids, len(embeddings))
    vectors = unit_rows(embeddings)[order]
    if not len(vectors):
        raise ValueError("there is no embedding to cluster; extract features with a model first")
    keys = _hash_keys(names)
    warnings = []

    wanted = min(config.high, max(1, len(vectors) // config.min_leaf))
    chosen = _sample(np.arange(len(vectors)), keys, wanted * config.max_fit)
    starts = [
        spherical_kmeans(vectors[chosen], wanted, iterations=config.iterations, seed=(config.seed, 0, start))
        for start in range(config.restarts)
    ]
    high = max(starts, key=lambda centroids: float(_nearest(vectors[chosen], centroids)[1].sum(dtype=np.float64)))
    rows = _nearest(vectors, high)[0]
    sizes = np.bincount(rows, minlength=len(high))
    ranked = np.argsort(-sizes, kind="stable")
    ranked = ranked[sizes[ranked] > 0]
    high, sizes = high[ranked], sizes[ranked]
    if len(high) < config.high:
        warnings.append(
            f"{len(high)} high topics instead of {config.high}: {len(vectors)} images carry no more at "
            f"{config.min_leaf} images each"
        )

    rows = _nearest(vectors, high)[0]
    members = [np.flatnonzero(rows == topic) for topic in range(len(high))]
    room = np.array([min(len(m) // config.min_leaf, _distinct(vectors[m])) for m in members], dtype=np.int64)
    leaves = share_out(config.low, sizes.astype(np.float64) ** config.balance, np.maximum(room, 1))
    low, parent = [], []
    for topic, (inside, count) in enumerate(zip(members, leaves, strict=True)):
        chosen = _sample(inside, keys, int(count) * config.max_fit)
        centroids = spherical_kmeans(
            vectors[chosen], int(count), iterations=config.iterations, seed=(config.seed, 1, topic)
        )
        low.append(centroids)
        parent.append(np.full(len(centroids), topic, dtype=np.int64))
    model = TopicModel(high, np.concatenate(low), np.concatenate(parent), ())
    if model.low_count < config.low:
        warnings.append(
            f"{model.low_count} low topics instead of {config.low}: {len(vectors)} images carry no more at "
            f"{config.min_leaf} images each"
        )
    return TopicModel(model.high, model.low, model.parent, tuple(warnings))


def assign_topics(embeddings: npt.NDArray[np.floating], ids: Iterable[object], model: TopicModel) -> pa.Table:
    """Return TOPICS, sorted by image_id: the nearest high topic, and the nearest low one inside it.

    A margin is the cosine to the nearest minus that to the second; where there is no second it is the cosine.

    Raises:
        ValueError: shapes or widths that do not fit, ids that repeat.
    """
    names, order = _order(ids, len(embeddings))
    vectors = unit_rows(embeddings)[order]
    if vectors.shape[1] != model.high.shape[1]:
        raise ValueError(f"embeddings have {vectors.shape[1]} numbers, the topics {model.high.shape[1]}")
    high, best, second = _nearest(vectors, model.high)
    low = np.zeros(len(vectors), dtype=np.int64)
    low_margin = np.zeros(len(vectors), dtype=np.float32)
    for topic in range(model.high_count):
        inside = np.flatnonzero(high == topic)
        first, last = np.searchsorted(model.parent, [topic, topic + 1])
        nearest, near, next_near = _nearest(vectors[inside], model.low[first:last])
        low[inside] = first + nearest
        low_margin[inside] = near - next_near
    columns = [
        pa.array(names, pa.string()),
        pa.array(high, pa.int32()),
        pa.array(low, pa.int32()),
        pa.array(best - second, pa.float32()),
        pa.array(low_margin, pa.float32()),
    ]
    return pa.table(columns, schema=TOPICS)


def unit_rows(values: npt.NDArray[np.floating]) -> Vectors:
    """Return rows of length 1, float32 [n, d]; a row of zeros stays one.

    Raises:
        ValueError: not a matrix, or not finite.
    """
    if values.ndim != 2:
        raise ValueError(f"embeddings must be a matrix [n, d], got {list(values.shape)}")
    vectors = values.astype(np.float32)
    if not np.isfinite(vectors).all():
        raise ValueError("embeddings hold values that are not finite; extract the features again")
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12))


def share_out(total: int, weights: npt.NDArray[np.float64], room: Rows) -> Rows:
    """Share ``total`` out by weights: each at least 1 and at most its room (≥ 1), the sum exact where room allows.

    >>> share_out(10, np.array([1.0, 1.0, 8.0]), np.array([9, 9, 4])).tolist()
    [3, 3, 4]
    """
    shares = np.ones(len(weights), dtype=np.int64)
    left = min(total, int(room.sum())) - len(weights)
    while left > 0:
        open_ = np.flatnonzero(shares < room)
        # what each lacks of its fair part; the largest remainders take what rounding leaves
        part = weights[open_] / weights[open_].sum() * (left + shares[open_].sum()) - shares[open_]
        part = np.maximum(part, 0)
        part *= left / max(part.sum(), 1e-12)
        extra = np.minimum(np.floor(part + 1e-9).astype(np.int64), room[open_] - shares[open_])
        if not extra.any():
            first = open_[np.argsort(-part, kind="stable")[:left]]
            extra = np.zeros(len(open_), dtype=np.int64)
            extra[np.isin(open_, first)] = 1
        shares[open_] += extra
        left -= int(extra.sum())
    return shares


def spherical_kmeans(vectors: Vectors, count: int, *, iterations: int, seed: tuple[int, ...]) -> Vectors:
    """Return up to ``count`` unit centroids float32 [k, d] of unit vectors (Dhillon and Modha 2001).

    Starts by k-means++ (Arthur and Vassilvitskii 2007). A cluster that empties takes the vector that lies worst in
    its own; with fewer distinct vectors than ``count`` there are fewer centroids.
    """
    centroids = _plus_plus(vectors, count, np.random.default_rng(seed))
    before = np.full(len(vectors), -1)
    for _ in range(iterations):
        rows, cosine, _ = _nearest(vectors, centroids)
        if np.array_equal(rows, before):
            break
        before = rows
        centroids = _means(vectors, rows, centroids)
        empty = np.setdiff1d(np.arange(len(centroids)), rows)
        worst = np.argsort(cosine, kind="stable")[: len(empty)]
        centroids[empty] = vectors[worst]
    used = np.unique(_nearest(vectors, centroids)[0])
    return centroids[used]


def _plus_plus(vectors: Vectors, count: int, rng: np.random.Generator) -> Vectors:
    chosen = [int(rng.integers(len(vectors)))]
    distance = np.maximum(1 - vectors @ vectors[chosen[0]], 0).astype(np.float64)
    while len(chosen) < count:
        mass = np.cumsum(np.where(distance > 1e-6, distance, 0))
        if mass[-1] <= 0:
            break
        at = int(np.searchsorted(mass, rng.random() * mass[-1], side="right"))
        chosen.append(min(at, len(vectors) - 1))
        distance = np.minimum(distance, np.maximum(1 - vectors @ vectors[chosen[-1]], 0))
    return vectors[chosen].copy()


def _means(vectors: Vectors, rows: Rows, centroids: Vectors) -> Vectors:
    order = np.argsort(rows, kind="stable")
    present, starts = np.unique(rows[order], return_index=True)
    means = centroids.copy()
    sums = np.add.reduceat(vectors[order].astype(np.float64), starts, axis=0)
    length = np.linalg.norm(sums, axis=1, keepdims=True)
    means[present] = np.where(length > 1e-9, sums / np.maximum(length, 1e-9), centroids[present])
    return means


def _nearest(vectors: Vectors, centroids: Vectors) -> tuple[Rows, Vectors, Vectors]:
    """Return the nearest centroid of each vector (int64 [n]), the cosine to it and to the second (0 for none)."""
    rows = np.zeros(len(vectors), dtype=np.int64)
    best, second = np.zeros(len(vectors), dtype=np.float32), np.zeros(len(vectors), dtype=np.float32)
    for start in range(0, len(vectors), _CHUNK):
        part = slice(start, start + _CHUNK)
        cosine = vectors[part] @ centroids.T
        rows[part] = cosine.argmax(axis=1)
        best[part] = cosine[np.arange(len(cosine)), rows[part]]
        if len(centroids) > 1:
            second[part] = np.partition(cosine, -2, axis=1)[:, -2]
    return rows, best, second


def _distinct(vectors: Vectors) -> int:
    rounded = np.ascontiguousarray(np.round(vectors, 4) + 0.0)
    return len(np.unique(rounded.view(np.dtype((np.void, rounded.strides[0]))).ravel()))


def _sample(rows: Rows, keys: npt.NDArray[np.uint64], most: int) -> Rows:
    """Return at most ``most`` of the rows, those with the smallest keys, rising."""
    if len(rows) <= most:
        return rows
    return np.sort(rows[np.argsort(keys[rows], kind="stable")[:most]])


def _hash_keys(names: list[str]) -> npt.NDArray[np.uint64]:
    digests = b"".join(hashlib.blake2b(name.encode(), digest_size=8).digest() for name in names)
    return np.frombuffer(digests, dtype="<u8")


def _order(ids: Iterable[object], count: int) -> tuple[list[str], Rows]:
    """Return the ids sorted by code point, and the rows in that order."""
    values = ids.to_pylist() if isinstance(ids, pa.Array | pa.ChunkedArray) else [str(value) for value in ids]
    if len(values) != count:
        raise ValueError(f"{len(values)} ids for {count} embeddings")
    order = np.argsort(np.array(values, dtype=object), kind="stable").astype(np.int64)
    names = [values[row] for row in order]
    twice = next((a for a, b in pairwise(names) if a == b), None)
    if twice is not None:
        raise ValueError(f"image_id {twice!r} occurs twice; give each image once")
    return names, order
