"""Made click logs of any size: vectorised, streamed to disk, the same bytes for the same shape and seed.

A log looks like a real one where it costs time: queries, images and users have heavy tails, a page shows a query's own
order of pictures with a small jitter, clicks fall with the position, one query has many spellings, bots click all day.
"""

import datetime as dt
import hashlib
import json
import shutil
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from beam_jobs.demo.queries import make_queries
from labels.tables import CLICKS
from labels.taxonomy import load_taxonomy

FORMAT = 1
"""Raised when the same shape gives another log."""
POSITIONS = 24
"""Results of a page."""
CANDIDATES = 36
"""Pictures that compete for a query's page."""
PAGES_PER_GROUP = (1 << 20) // POSITIONS
"""Pages of a Parquet row group: a million rows, DuckDB's and Arrow's usual size."""
DONE = "_DONE"

_BASE_QUERIES = 3_000  # said by the taxonomy's words; more queries add a number to one of these
_VARIANT_SHARE = 0.3  # pages whose query is not in its normal spelling
_QUERY_TAIL, _IMAGE_TAIL, _USER_TAIL = 0.9, 0.6, 0.6  # Zipf exponents
_RELEVANT_SHARE = 0.6  # candidates of a query that have its intent
_JITTER = 0.35  # of a page against its query's order, in standard deviations of the score
_CLICK_FIRST, _CLICK_FALL = 0.26, 0.55  # rate at position 1 of what is relevant; it falls as position ** -0.55
_IRRELEVANT = 0.4  # their share of that rate
_BOT_SHARE, _BOT_RATE = 0.02, 0.7  # of pages; of shown results that a bot clicks
_NO_DWELL = 0.05  # clicks without a dwell time
_DAY_US = 86_400_000_000


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What a log is like.

    Attributes:
        rows: results shown, at least a page per day.
        days: the rows are spread over so many days, fewer at weekends.
        seed: any int; other seeds are other logs.
        hot_query: share of pages (0-1) that ask for one query, besides its place in the tail.
        hot_image: share of rows (0-1) that show one image; it may be there several times on a page.
        rows_per_image: how often an image is shown in the mean.
        codec: of the Parquet files.
    """

    rows: int
    days: int = 10
    rows_per_image: int = 300
    seed: int = 1
    hot_query: float = 0.0
    hot_image: float = 0.0
    codec: str = "zstd"

    def heated(self, hot: bool) -> "Shape":
        """Return this shape, where `hot` with a query on 30 % of the pages and an image in 10 % of the rows."""
        return replace(self, hot_query=0.3, hot_image=0.1) if hot else self

    @property
    def queries(self) -> int:
        """Distinct queries: a page in 15 has a new one, as in logs of image search."""
        return max(self.rows // POSITIONS // 15, 50)

    @property
    def images(self) -> int:
        return max(self.rows // self.rows_per_image, 500)

    @property
    def users(self) -> int:
        return max(self.rows // POSITIONS // 3, 20)

    @property
    def bots(self) -> int:
        return max(self.users // 5_000, 3)

    @property
    def name(self) -> str:
        """Folder name: equal shapes have equal names."""
        told = json.dumps([FORMAT, asdict(self)], sort_keys=True).encode()
        return f"log-{self.rows}-{self.days}d-{hashlib.blake2b(told, digest_size=4).hexdigest()}"


@dataclass(frozen=True)
class _World:
    """What all days share; arrays hold places in ``images`` and ``queries``."""

    shape: Shape
    intents: int
    texts: pa.Array  # query texts: spelling s of query q is at s * queries + q
    query_intent: NDArray[np.int64]
    image_ids: pa.Array
    user_ids: pa.Array  # people, then bots
    candidates: NDArray[np.int32]
    score: NDArray[np.float32]

    @cached_property
    def query_edges(self) -> NDArray[np.float64]:
        return zipf_edges(self.shape.queries, _QUERY_TAIL)

    @cached_property
    def user_edges(self) -> NDArray[np.float64]:
        return zipf_edges(self.shape.users, _USER_TAIL)


def write_log(shape: Shape, folder: Path) -> Path:
    """Write the log of `shape` as ``date=`` folders of Parquet into `folder`, unless it is there; return `folder`.

    Beside it, ``NAME-collection.parquet`` has the images (``image_id``, ``uri``) that derive_labels asks for.
    """
    if (folder / DONE).exists():
        return folder
    if shape.rows < shape.days * POSITIONS:
        raise ValueError(f"{shape.rows:,} rows are less than a page of {POSITIONS} on each of {shape.days} days")
    shutil.rmtree(folder, ignore_errors=True)
    world = _make_world(shape)
    first = dt.date(2026, 8, 1)
    for index, rows in enumerate(_rows_per_day(shape)):
        day = first + dt.timedelta(days=index)
        path = folder / f"date={day}" / "part-0.parquet"
        path.parent.mkdir(parents=True)
        with pq.ParquetWriter(path, CLICKS, compression=shape.codec) as writer:
            for table in _day_tables(world, day, rows):
                writer.write_table(table, row_group_size=table.num_rows)
    uris = pa.array([f"{name}.jpg" for name in world.image_ids.to_pylist()], pa.string())
    pq.write_table(pa.table({"image_id": world.image_ids, "uri": uris}), collection_of(folder))
    (folder / DONE).write_text(json.dumps(asdict(shape)))
    return folder


def collection_of(folder: Path) -> Path:
    """Return the path of the collection of the log in `folder`."""
    return folder.with_name(f"{folder.name}-collection.parquet")


def log_rows(folder: Path) -> int:
    """Return the rows of the log in `folder` by its files' footers."""
    return sum(pq.read_metadata(path).num_rows for path in folder.glob("date=*/*.parquet"))


def hex_ids(count: int, *, salt: int) -> pa.Array:
    """Return `count` distinct strings of 16 hex digits, as real ids look: splitmix64 of salt and place."""
    with np.errstate(over="ignore"):
        mixed = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(salt << 32)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
    digits = np.frombuffer(b"0123456789abcdef", np.uint8)
    nibbles = (mixed[:, None] >> np.arange(60, -4, -4, dtype=np.uint64)) & np.uint64(15)
    content = digits[nibbles.astype(np.intp)].tobytes()
    offsets = np.arange(0, 16 * count + 16, 16, dtype=np.int32)
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(content))


def _make_world(shape: Shape) -> _World:
    rng = np.random.default_rng([shape.seed, 0])
    taxonomy = load_taxonomy()
    names = tuple(intent.id for intent in taxonomy.live_intents)
    made = make_queries(
        names,
        taxonomy=taxonomy,
        count=min(shape.queries, _BASE_QUERIES),
        shares=(0.5, 0.2, 0.2, 0.1),
        rng=rng,
    )
    base = len(made.texts)
    texts = [made.texts[q % base] + (f" {q // base}" if q >= base else "") for q in range(shape.queries)]
    intent = np.asarray(made.intents, dtype=np.int64)[np.arange(shape.queries) % base]
    candidates = _draw_candidates(shape, intent, len(names), rng)
    relevant = (candidates % len(names)) == intent[:, None]
    score = rng.standard_normal(candidates.shape, dtype=np.float32) + np.float32(0.3) * relevant
    return _World(
        shape=shape,
        intents=len(names),
        texts=pa.array([text for spelled in _spellings(texts) for text in spelled], pa.string()),
        query_intent=intent,
        image_ids=hex_ids(shape.images, salt=1),
        user_ids=hex_ids(shape.users + shape.bots, salt=2),
        candidates=candidates,
        score=score,
    )


def _spellings(texts: Sequence[str]) -> list[list[str]]:
    """Return the normal spelling and others that the normal form makes equal: case, spaces, decomposed Hangul."""
    return [
        list(texts),
        [text.upper() for text in texts],
        [text.title() for text in texts],
        ["  ".join(text.split()) + " " for text in texts],
        [unicodedata.normalize("NFD", text) for text in texts],
        [" " + text for text in texts],
    ]


def _draw_candidates(
    shape: Shape, intent: NDArray[np.int64], intents: int, rng: np.random.Generator
) -> NDArray[np.int32]:
    """Draw distinct images per query; most have its intent (an image's intent is its place modulo `intents`)."""
    edges = zipf_edges(shape.images, _IMAGE_TAIL)
    chosen = np.empty((shape.queries, CANDIDATES), dtype=np.int32)
    redraw = np.ones(chosen.shape, dtype=np.bool_)
    while redraw.any():
        rows, _ = np.nonzero(redraw)
        drawn = np.searchsorted(edges, rng.random(len(rows)))
        drawn = np.where(
            (rng.random(len(rows)) < _RELEVANT_SHARE) & (intent[rows] >= 0),
            drawn // intents * intents + intent[rows],
            drawn,
        )
        chosen[redraw] = np.minimum(drawn, shape.images - 1)
        order = np.argsort(chosen, axis=1, kind="stable")
        again = np.diff(np.take_along_axis(chosen, order, axis=1), axis=1, prepend=-1) == 0
        np.put_along_axis(redraw, order, again, axis=1)
    return chosen


def zipf_edges(count: int, exponent: float) -> NDArray[np.float64]:
    """Return rising edges in (0, 1]: ``searchsorted`` of a uniform number draws rank r with weight r ** -exponent."""
    edges: NDArray[np.float64] = np.cumsum(np.arange(1, count + 1, dtype=np.float64) ** -exponent)
    edges /= edges[-1]
    return edges


def _rows_per_day(shape: Shape) -> list[int]:
    weights = np.array([0.8 if day % 7 in (0, 1) else 1.0 for day in range(shape.days)])
    ends = np.floor(np.cumsum(weights) / weights.sum() * shape.rows + 0.5).astype(np.int64)
    ends[-1] = shape.rows
    return [int(rows) for rows in np.diff(ends, prepend=0)]


def _day_tables(world: _World, day: dt.date, rows: int) -> Iterator[pa.Table]:
    """Yield the rows of one day in time's order, a row group at a time."""
    shape = world.shape
    rng = np.random.default_rng([shape.seed, 1, day.toordinal()])
    pages = -(-rows // POSITIONS)
    query = np.searchsorted(world.query_edges, rng.random(pages))
    query[rng.random(pages) < shape.hot_query] = 0
    bot = rng.random(pages) < _BOT_SHARE
    user = np.searchsorted(world.user_edges, rng.random(pages))
    user = np.where(bot, shape.users + rng.integers(0, shape.bots, pages), user)
    # Evenings are busy: the mean of two uniform times peaks at noon, six hours later is the evening.
    start = ((rng.random(pages) + rng.random(pages)) / 2 + 0.25) % 1.0
    start_us = np.sort((start * _DAY_US).astype(np.int64)) + (day - dt.date(1970, 1, 1)).days * _DAY_US
    spelling = np.where(rng.random(pages) < _VARIANT_SHARE, rng.integers(1, 6, pages), 0)
    for first in range(0, pages, PAGES_PER_GROUP):
        part = slice(first, first + PAGES_PER_GROUP)
        table = _page_rows(world, query[part], spelling[part], user[part], start_us[part], rng)
        yield table.slice(0, min(table.num_rows, rows - first * POSITIONS))


def _page_rows(
    world: _World,
    query: NDArray[np.int64],
    spelling: NDArray[np.int64],
    user: NDArray[np.int64],
    start_us: NDArray[np.int64],
    rng: np.random.Generator,
) -> pa.Table:
    """Return the rows of pages: ``POSITIONS`` rows each, best first."""
    shape = world.shape
    pages, rows = len(query), len(query) * POSITIONS
    score = world.score[query] + np.float32(_JITTER) * rng.standard_normal((pages, CANDIDATES), dtype=np.float32)
    order = np.argsort(-score, axis=1)[:, :POSITIONS]
    image = np.take_along_axis(world.candidates[query], order, axis=1)
    image[rng.random(image.shape, dtype=np.float32) < shape.hot_image] = 0
    rate = (_CLICK_FIRST * np.arange(1, POSITIONS + 1) ** -_CLICK_FALL).astype(np.float32)
    relevant = (image % world.intents) == world.query_intent[query][:, None]
    rates = np.where(relevant, rate, rate * np.float32(_IRRELEVANT))
    rates[user >= shape.users] = _BOT_RATE
    clicked = (rng.random(image.shape, dtype=np.float32) < rates).ravel()
    dwell = np.clip(np.exp(9.6 + 0.9 * rng.standard_normal(rows, dtype=np.float32)), 200, 600_000).astype(np.int32)
    unknown = ~clicked | (rng.random(rows, dtype=np.float32) < _NO_DWELL)
    texts = world.texts.take(pa.array(spelling * shape.queries + query))
    page = pa.array(np.repeat(np.arange(pages), POSITIONS))
    columns = [
        pa.array(np.repeat(start_us, POSITIONS)).cast(CLICKS.field("event_time").type),
        world.user_ids.take(pa.array(user)).take(page),
        texts.take(page),
        world.image_ids.take(pa.array(image.ravel())),
        pa.array(np.tile(np.arange(1, POSITIONS + 1, dtype=np.int32), pages)),
        pa.array(clicked),
        pa.array(dwell, mask=unknown),
    ]
    return pa.table(columns, schema=CLICKS)
