"""Estimating how often people look at each position, from a sample of the queries that fits in one partition."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from beam_jobs.blocks import keys
from beam_jobs.blocks.read import NamedBlock, Shard
from beam_jobs.blocks.shuffle import MapPartitions, Plan, ShuffleBlocks, flows_of, label
from labels.examination import merge_position_counts, position_counts_clicks, position_counts_impressions
from labels.exploring import merge_explored
from labels.position_model import fit_examination, merge_cells
from labels.tables import CELLS, EVIDENCE_EXPLORED, POSITION_CLICKS, POSITION_IMPRESSIONS

SAMPLE_ROWS = 1_000_000
"""Rows of evidence that are looked at, whatever the size of the log: 1 to 2 seconds in one partition, and 100,000
clicks or so, which tell a curve to 1 or 2 percent."""
_CODES = 1 << 16
_SALT = np.uint64(0x5EED)  # another draw than that of the partitions, whose ranges are of the plain hash


def sample_share(shards: Sequence[Shard], rows: int = SAMPLE_ROWS) -> float:
    """Return the share of the keys by which some `rows` of the rows in `shards` are looked at, up to 1."""
    there = sum(shard.rows or 0 for shard in shards)
    return min(1.0, rows / max(there, 1))


def is_sampled(hashes: npt.NDArray[np.uint64], share: float) -> npt.NDArray[np.bool_]:
    """Return which keys are in a sample that is the same in every block, on every machine."""
    return np.asarray((keys.mix(hashes ^ _SALT) >> np.uint64(48)).astype(np.int64) < round(share * _CODES))


def sample_block(block: NamedBlock, shares: Mapping[str, float]) -> Iterator[NamedBlock]:
    """Yield what a block says of positions: its sums, and the rows of sampled queries and users."""
    name, table = block
    if name == "explored":
        yield name, table.filter(pa.array(is_sampled(keys.hash_column(table["user_hash"]), shares[name])))
    elif name in ("clicks", "impressions"):
        count = position_counts_clicks if name == "clicks" else position_counts_impressions
        yield f"position_{name}", count(table)
        hashes = keys.hash_column(table["query"])
        kept = is_sampled(hashes, shares["queries"])
        rows = table.filter(pa.array(kept))
        yield "cells", _cells(name, rows, hashes[kept].view(np.int64))


def _cells(name: str, rows: pa.Table, queries: npt.NDArray[np.int64]) -> pa.Table:
    """Return ``CELLS`` of rows of ``EVIDENCE_CLICKS`` or ``EVIDENCE_IMPRESSIONS``."""
    images = keys.hash_column(rows["image_id"]).view(np.int64)
    if name == "clicks":
        known = rows["position"].to_numpy() >= 1
        nothing = np.zeros(int(known.sum()), dtype=np.int64)
        columns = [rows[column].to_numpy()[known] for column in ("position", "clicks")]
        return pa.table([queries[known], images[known], columns[0], nothing, columns[1]], schema=CELLS)
    lengths = np.asarray(pc.fill_null(pc.list_value_length(rows["positions"]), 0)).astype(np.int64)
    places, counts = (pc.list_flatten(rows[column]).to_numpy() for column in ("positions", "counts"))
    nothing = np.zeros(len(places), dtype=np.int64)
    whose = [np.repeat(hashes, lengths) for hashes in (queries, images)]
    return pa.table([*whose, places, counts.astype(np.int64), nothing], schema=CELLS)


def estimate(tables: Mapping[str, pa.Table]) -> Iterator[NamedBlock]:
    """Yield the examination by position that the one partition of a sample tells."""
    schemas = {
        "cells": CELLS,
        "explored": EVIDENCE_EXPLORED,
        "position_clicks": POSITION_CLICKS,
        "position_impressions": POSITION_IMPRESSIONS,
    }
    yield "examination", fit_examination(*(tables.get(name, schema.empty_table()) for name, schema in schemas.items()))


@dataclass
class EstimateExamination(beam.PTransform):
    """Estimate ``EXAMINATION`` (one block) from flows of people's clicks, impressions and rows of exploring rankers.

    Attributes:
        shards: of the evidence, by table: how much there is decides how much of it is looked at.
        plan: of the job.
    """

    shards: Mapping[str, Sequence[Shard]]
    plan: Plan

    def expand(self, blocks: Any) -> beam.PCollection[NamedBlock]:
        shares = {
            "queries": sample_share((*self.shards["impressions"], *self.shards["clicks"])),
            "explored": sample_share(self.shards.get("explored", ())),
        }
        flows = tuple(
            flow | label("Sample", n) >> beam.FlatMap(sample_block, shares) for n, flow in enumerate(flows_of(blocks))
        )
        return (
            flows
            | "InOne"
            >> ShuffleBlocks(
                by={"cells": ["query"], "explored": ["user_hash"], "position_clicks": [], "position_impressions": []},
                plan=self.plan.whole(),
                merge={"cells": merge_cells},
                combine={
                    "explored": merge_explored,
                    "position_clicks": merge_position_counts,
                    "position_impressions": merge_position_counts,
                },
            )
            | "Estimate" >> MapPartitions(estimate)
        )
