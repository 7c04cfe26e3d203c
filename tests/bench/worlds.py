"""Generated worlds whose truth is known: what the labels are measured on.

The worlds differ in how people look at a page, in robots and in how much was clicked. Chance clicks (``noise``) are
5 to 20 % of ``relevance``.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from beam_jobs.demo.clicks import ClickWorld, simulate_clicks
from labels.queries import normalize_queries
from labels.rules import compile_rules, match_queries
from labels.taxonomy import Taxonomy

IMAGES = 9_000
SPARSE_IMAGES = 12_000
_EVENNESS = 2.0
"""Concentration of the Dirichlet draw of the intents' shares: some have a fifth of the mean, some three times it."""

WORLDS: Mapping[str, Mapping[str, Any]] = {
    "position": {"sessions": 75_000, "users": 15_000, "queries": 3_000, "noise": 0.03, "bot_click_share": 0.28},
    "cascade": {
        "sessions": 75_000,
        "users": 15_000,
        "queries": 3_000,
        "noise": 0.02,
        "bot_click_share": 0.2,
        "examination": "cascade",
    },
    "grid": {
        "sessions": 75_000,
        "users": 15_000,
        "queries": 3_000,
        "noise": 0.03,
        "bot_click_share": 0.25,
        "examination": "grid",
    },
    "noisy": {
        "sessions": 75_000,
        "users": 15_000,
        "queries": 3_000,
        "noise": 0.06,
        "bot_click_share": 0.35,
        "misleading_share": 0.08,
        "pattern_query_share": 0.45,
    },
    "sparse": {"sessions": 11_000, "users": 5_000, "queries": 2_000, "noise": 0.03, "bot_click_share": 0.15},
    "clean": {"sessions": 50_000, "users": 10_000, "queries": 2_000, "noise": 0.015, "bot_click_share": 0.0},
}
"""What each world has that is not ``ClickWorld``'s default."""


@dataclass(frozen=True)
class World:
    """A click log on disk and its truth; queries are normalised.

    Attributes:
        name: key of ``WORLDS``.
        seed: of the world.
        log: Parquet file of the clicks.
        collection: Parquet file of the images.
        clicks: rows of the log that were clicked: user_id, query, image_id.
        rows: of the log.
        truth: image_id, true.
        queries: query, asked (null for a generic one), kind, word: what the taxonomy's rules say of its text.
        bots: user_id, kind.
    """

    name: str
    seed: int
    log: Path
    collection: Path
    clicks: pl.DataFrame
    rows: int
    truth: pl.DataFrame
    queries: pl.DataFrame
    bots: pl.DataFrame

    @property
    def digest(self) -> str:
        """SHA-256 (hex, 16 letters) of the log's file: which world the figures are of."""
        return hashlib.sha256(self.log.read_bytes()).hexdigest()[:16]


def make_truth(images: int, taxonomy: Taxonomy, *, seed: int) -> pa.Table:
    """Return images with intents (image_id, intent): all live ones, some frequent, some rare."""
    rng = np.random.default_rng(seed)
    intents = taxonomy.intent_ids
    shares = rng.dirichlet(np.full(len(intents), _EVENNESS))
    drawn = rng.choice(len(intents), images, p=shares)
    return pa.table(
        {"image_id": [f"im{n:06d}" for n in range(images)], "intent": pa.array(intents).take(pa.array(drawn))}
    )


def make_world(name: str, taxonomy: Taxonomy, *, seed: int, folder: Path) -> World:
    """Simulate a world of ``WORLDS`` and write its log and its collection into the existing `folder`."""
    truth = make_truth(SPARSE_IMAGES if name == "sparse" else IMAGES, taxonomy, seed=seed)
    log = simulate_clicks(truth, taxonomy=taxonomy, world=ClickWorld(seed=seed, **WORLDS[name]))
    clicks, collection = folder / "clicks.parquet", folder / "collection.parquet"
    pq.write_table(log.clicks, clicks)
    pq.write_table(pa.table({"image_id": truth["image_id"], "uri": truth["image_id"]}), collection)
    clicked = log.clicks.filter(log.clicks["clicked"]).select(["user_id", "query", "image_id"])
    queries = _normalized(pl.DataFrame(log.queries)).unique("query", keep="first", maintain_order=True)
    words = pl.DataFrame(match_queries(log.queries["query"], compile_rules(taxonomy)))
    return World(
        name=name,
        seed=seed,
        log=clicks,
        collection=collection,
        clicks=_normalized(pl.DataFrame(clicked)),
        rows=log.clicks.num_rows,
        truth=pl.DataFrame(truth).rename({"intent": "true"}),
        queries=queries.rename({"intent": "asked"}).join(
            words.select("query", pl.col("intent").alias("word")), on="query", how="left"
        ),
        bots=pl.DataFrame(log.bots),
    )


def _normalized(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.Series("query", normalize_queries(frame["query"].to_arrow().cast(pa.string()))))
