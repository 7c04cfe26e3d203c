"""Duplicates of a whole table in one process: bands, pairs, verified edges, groups."""

from dataclasses import dataclass, field

import pyarrow as pa

from dedup.candidates import Bands, band_table, candidate_pairs
from dedup.groups import find_groups
from dedup.verify import VerifyThresholds, verify_pairs


@dataclass(frozen=True)
class DedupConfig:
    """How candidates are found and what counts as the same picture."""

    bands: Bands = field(default_factory=Bands)
    thresholds: VerifyThresholds = field(default_factory=VerifyThresholds)


def find_duplicates(
    features: pa.Table, config: DedupConfig | None = None, *, clicks: pa.Table | None = None
) -> pa.Table:
    """Return DUPLICATES, one row per row of features; ``clicks`` (image_id, clicks) breaks ties of equal copies.

    Raises:
        ValueError: if an image_id is there twice, or embeddings of two models are mixed.
    """
    return find_groups(features, find_edges(features, config), clicks=clicks)


def find_edges(features: pa.Table, config: DedupConfig | None = None) -> pa.Table:
    """Return the verified EDGES among the rows of features."""
    config = config or DedupConfig()
    pairs = candidate_pairs(band_table(features, config.bands), config.bands)
    return verify_pairs(pairs, features, thresholds=config.thresholds)
