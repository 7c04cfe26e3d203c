"""From verified pairs to groups with one kept copy each.

Star clustering in the order of `rank_copies`: the best copy that is left is kept and takes every picture with a
verified edge to it; no picture is removed for being like something that is itself removed (the chains that
connected components make), and the result does not depend on the order of rows.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from dedup.best_copy import rank_copies
from dedup.tables import DUPLICATES, REASONS

Numbers = npt.NDArray[np.int64]
SAME = (REASONS.index("bytes"), REASONS.index("pixels"))
"""Reasons that are equality: it is transitive, and such pictures share all their edges."""


def find_groups(features: pa.Table, edges: pa.Table, *, clicks: pa.Table | None = None) -> pa.Table:
    """Return DUPLICATES, one row per row of features (image_id and the columns that rank copies), sorted by id.

    ``edges`` as `verify_pairs` gives them (repeats do no harm); ``clicks`` (image_id, clicks) breaks ties.

    Raises:
        ValueError: if an image_id is there twice or an edge names an image that features lack.
    """
    return group_edges(edges, features.column("image_id"), rank=rank_copies(features, clicks=clicks))


def group_edges(edges: pa.Table, image_ids: pa.ChunkedArray, *, rank: Numbers) -> pa.Table:
    """Return DUPLICATES of ``image_ids``; ``rank`` int[n] is a total order, 0 the best copy.

    Every removed picture has a verified edge to its kept one: its own, or that of a picture with the same bytes or
    pixels, which would verify alike. Kept pictures have no edges among each other.

    Raises:
        ValueError: as `find_groups`; also if ``rank`` is no total order.
    """
    ids = image_ids.cast(pa.string()).combine_chunks()
    count = len(ids)
    if len(pc.unique(ids)) != count:
        raise ValueError(f"image_id must be unique: {count - len(pc.unique(ids))} rows repeat one")
    if len(rank) != count or not np.array_equal(np.sort(rank), np.arange(count)):
        raise ValueError("rank must number the images from 0 without ties")
    by_rank = np.argsort(rank)
    ends = []
    for name in ("image_id_a", "image_id_b"):
        place = pc.index_in(edges.column(name).cast(pa.string()).combine_chunks(), value_set=ids)
        if place.null_count:
            missing = edges.column(name).combine_chunks().filter(pc.is_null(place))[0].as_py()
            raise ValueError(f"an edge names {missing!r}, which features lack")
        ends.append(np.asarray(rank)[place.to_numpy().astype(np.int64)])
    reason_of = pc.index_in(edges.column("reason").combine_chunks(), value_set=pa.array(REASONS))
    if reason_of.null_count:
        raise ValueError(f"an edge's reason must be one of {', '.join(REASONS)}")
    kept, score, reason = _stars(
        ends[0], ends[1], edges.column("score").to_numpy(), reason_of.to_numpy().astype(np.int64), count
    )
    alone = kept == np.arange(count)
    names = ids.take(pa.array(by_rank))
    table = pa.table(
        [
            names,
            names.take(pa.array(kept)),
            pa.array(alone),
            pa.array(np.where(alone, 1, score).astype(np.float32)),
            pc.take(pa.array([*REASONS, None], pa.string()), pa.array(np.where(alone, len(REASONS), reason))),
        ],
        schema=DUPLICATES,
    )
    return table.sort_by("image_id")


def _stars(
    left: Numbers, right: Numbers, score: npt.NDArray[np.float32], reason: Numbers, count: int
) -> tuple[Numbers, npt.NDArray[np.float32], Numbers]:
    """Return per picture (numbered by rank) the kept one, and score and reason of the edge to it."""
    same = np.isin(reason, SAME)
    leader = _leaders(left[same], right[same], count)
    a, b = np.minimum(leader[left], leader[right]), np.maximum(leader[left], leader[right])
    real = a != b
    a, b, weight, why = a[real], b[real], score[real], reason[real]
    order = np.lexsort((-weight, why, b, a))  # of repeated edges the strongest reason, then the best score
    a, b, weight, why = a[order], b[order], weight[order], why[order]
    first = np.ones(len(a), bool)
    first[1:] = (a[1:] != a[:-1]) | (b[1:] != b[:-1])
    a, b, weight, why = a[first], b[first], weight[first], why[first]

    kept = np.arange(count)
    edge_score = np.ones(count, np.float32)
    edge_reason = np.full(count, -1, np.int64)
    starts = np.searchsorted(a, np.arange(count + 1))
    removed = np.zeros(count, bool)
    for hub in np.unique(a):
        if removed[hub]:
            continue
        mine = slice(starts[hub], starts[hub + 1])
        free = ~removed[b[mine]]
        members = b[mine][free]
        removed[members] = True
        kept[members] = hub
        edge_score[members] = weight[mine][free]
        edge_reason[members] = why[mine][free]
    # Pictures with equal pixels follow their leader, by its edge where it was removed itself.
    followers = leader != np.arange(count)
    edge_score[followers] = edge_score[leader[followers]]
    edge_reason[followers] = edge_reason[leader[followers]]
    kept[followers] = kept[leader[followers]]
    direct = followers & (kept == leader)
    edge_score[direct] = 1
    edge_reason[direct] = _equality(left[same], right[same], reason[same], leader, count)[direct]
    return kept, edge_score, edge_reason


def _leaders(left: Numbers, right: Numbers, count: int) -> Numbers:
    """Return for each picture the best-ranked one that it equals."""
    graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(count, count))
    _, component = connected_components(graph, directed=False)
    best = np.full(int(component.max()) + 1 if count else 0, count, np.int64)
    np.minimum.at(best, component, np.arange(count))
    return np.asarray(best[component], dtype=np.int64)


def _equality(left: Numbers, right: Numbers, reason: Numbers, leader: Numbers, count: int) -> Numbers:
    """Return per picture why it equals its leader: bytes where bytes alone lead there, else pixels."""
    by_bytes = reason == SAME[0]
    graph = coo_array((np.ones(int(by_bytes.sum()), np.int8), (left[by_bytes], right[by_bytes])), shape=(count, count))
    _, component = connected_components(graph, directed=False)
    return np.where(component == component[leader], SAME[0], SAME[1])
