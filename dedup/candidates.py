"""Which pairs of pictures are worth comparing, without looking at all pairs.

Codes are cut into bands of bits; two pictures that share a band meet (locality-sensitive hashing). Bits are
permuted first, because neighbouring blocks of pictures on plain grounds are all equal: contiguous bands of 3,781
product photos meet in 46 % of all pairs, permuted bands of the same code in 0.4 % (field/dedup.md, finding 8).
`band_table` runs on blocks of features, its rows are shuffled by ``band``, `candidate_pairs` runs on a partition.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.best_copy import copy_keys
from dedup.cnn_hash import hamming
from dedup.columns import column, fixed_bytes

EXACT, BLOCK, CNN = 0, 1, 2
"""Kinds of band: rows with the same key are the same; rows are compared by block hash; by the CNN's bits."""

BAND_COLUMNS = ("band", "image_id", "kind", "code", "copy_key")
PAIRS = pa.schema([("image_id_a", pa.string()), ("image_id_b", pa.string())])
"""Candidate pairs, ``image_id_a`` < ``image_id_b``, distinct, sorted."""


@dataclass(frozen=True)
class Bands:
    """How codes are banded.

    A pair of codes of ``n`` bits that differ in ``d`` meets with probability 1 - (1 - (1 - d/n)^bits)^(n/bits *
    tables). For block hashes (n = 256, 16 bits): d = 31 gives .886 with 1 table, .987 with 2, .9998 with 4.
    ``block_radius`` and ``cnn_radius`` are the largest Hamming distances, in bits and as a share of the CNN code's
    bits, of pairs that are passed on. A band shared by more than ``bucket_cap`` codes is cut again by other bits,
    and what is still too large is compared with ``window`` neighbours in sorted order and with the best copy.
    """

    block_bits: int = 16
    block_tables: int = 2
    block_radius: int = 56
    cnn_bits: int = 16
    cnn_tables: int = 8
    cnn_radius: float = 0.25
    bucket_cap: int = 1024
    window: int = 32
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("block_bits", "cnn_bits"):
            if getattr(self, name) not in (8, 12, 16, 20, 24, 32):
                raise ValueError(f"{name} must be 8, 12, 16, 20, 24 or 32, got {getattr(self, name)}")
        for name in ("block_tables", "cnn_tables", "bucket_cap", "window"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be 1 or more, got {getattr(self, name)}")
        if self.block_radius < 0 or not 0 <= self.cnn_radius <= 1:
            raise ValueError(f"radii must be block_radius >= 0 and 0 <= cnn_radius <= 1, got {self}")


def band_table(features: pa.Table, config: Bands | None = None, *, carry: Sequence[str] = ()) -> pa.Table:
    """Return one row per picture and band: ``band`` uint64, ``image_id``, ``kind`` uint8, ``code`` binary (null for
    exact keys), ``copy_key`` uint64 (how good the copy is), and the columns of features named in ``carry``.

    Exact keys come from sha256 and pixel_sha256; bands from block_hash and trimmed_hash, in one key space, so that
    a picture meets its copy in a frame; and from cnn_hash. Equal bands of one picture are given once.
    """
    config = config or Bands()
    parts = [
        _exact_keys(features, "sha256", 1),
        _exact_keys(features, "pixel_sha256", 2),
        _band_keys(features, "block_hash", BLOCK, config),
        _band_keys(features, "trimmed_hash", BLOCK, config),
        _band_keys(features, "cnn_hash", CNN, config),
    ]
    rows = np.concatenate([part[0] for part in parts])
    ids = features.column("image_id").combine_chunks().cast(pa.string())
    table = pa.table(
        {
            "band": np.concatenate([part[1] for part in parts]),
            "image_id": pc.take(ids, pa.array(rows)),
            "kind": np.concatenate([np.full(len(part[0]), part[3], np.uint8) for part in parts]),
            "code": pa.chunked_array([part[2] for part in parts], pa.binary()),
            "copy_key": copy_keys(features)[rows],
        }
    )
    for name in carry:
        table = table.append_column(name, pc.take(features.column(name), pa.array(rows)))
    return table


def candidate_pairs(bands: pa.Table, config: Bands | None = None) -> pa.Table:
    """Return the PAIRS of one partition of the band table: every row of a band must be in it.

    Of equal exact keys each copy is paired with the best one (equality is transitive). Pairs whose codes differ by
    more than the radius are left out. No band is dropped for its size, see `Bands`. The result does not depend on
    the rows' order.
    """
    config = config or Bands()
    if bands.num_rows == 0:
        return PAIRS.empty_table()
    encoded = pc.dictionary_encode(bands.column("image_id").combine_chunks())
    names, owner = _sorted_dictionary(encoded)
    band, kind = bands.column("band").to_numpy(), bands.column("kind").to_numpy()
    key = bands.column("copy_key").to_numpy()
    pairs = [
        _exact_pairs(band, owner, key, kind == EXACT),
        _near_pairs(bands, band, owner, key, kind == BLOCK, config),
        _near_pairs(bands, band, owner, key, kind == CNN, config),
    ]
    both = _distinct(pairs)
    columns = [pc.take(names, pa.array(both[:, side])) for side in (0, 1)]
    return pa.table(columns, schema=PAIRS)


Keys = tuple[npt.NDArray[np.int64], npt.NDArray[np.uint64], pa.Array, int]
Numbers = npt.NDArray[np.int64]


def _exact_keys(features: pa.Table, name: str, salt: int) -> Keys:
    digests, known = fixed_bytes(column(features, name, pa.binary()), 32)
    rows = np.flatnonzero(known)
    band = digests[rows, :8].copy().view("<u8")[:, 0] ^ np.uint64(salt)
    return rows, band, pa.nulls(len(rows), pa.binary()), EXACT


def _band_keys(features: pa.Table, name: str, kind: int, config: Bands) -> Keys:
    values = column(features, name, pa.binary())
    width = pc.max(pc.binary_length(values)).as_py() or 0
    if width == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.uint64), pa.array([], pa.binary()), kind
    codes, known = fixed_bytes(values, width)
    kept = np.flatnonzero(known)
    size, tables = (config.block_bits, config.block_tables) if kind == BLOCK else (config.cnn_bits, config.cnn_tables)
    order = _permutations(8 * width, tables, size, config.seed)
    bits = np.unpackbits(codes[kept], axis=1)
    weights = np.uint64(1) << np.arange(size, dtype=np.uint64)
    keys = np.stack([(bits[:, positions].astype(np.uint64) * weights).sum(axis=1) for positions in order], axis=1)
    tags = (np.arange(len(order), dtype=np.uint64) + np.uint64(1 + 4096 * kind)) << np.uint64(40)
    rows = np.repeat(kept, len(order))
    stored = pc.take(values.combine_chunks().cast(pa.binary()), pa.array(rows))
    return rows, _mixed(keys | tags[None, :]).ravel(), stored, kind


@lru_cache(maxsize=16)
def _permutations(bits: int, tables: int, size: int, seed: int) -> tuple[tuple[int, ...], ...]:
    """Return the bit positions of each band: per table one permutation by the order of digests, cut into bands."""
    bands = []
    for table in range(tables):
        digests = [hashlib.sha256(f"{seed}:{table}:{bit}".encode()).digest() for bit in range(bits)]
        order = sorted(range(bits), key=digests.__getitem__)
        bands += [tuple(order[i : i + size]) for i in range(0, bits - size + 1, size)]
    return tuple(bands)


def _mixed(keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Spread keys over 64 bits (the finaliser of SplitMix64, Steele et al. 2014; one to one)."""
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return keys ^ (keys >> np.uint64(31))


def _sorted_dictionary(encoded: pa.DictionaryArray) -> tuple[pa.Array, Numbers]:
    order = pc.sort_indices(encoded.dictionary).to_numpy()
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return pc.take(encoded.dictionary, pa.array(order)), place[encoded.indices.to_numpy()]


def _exact_pairs(
    band: npt.NDArray[np.uint64], owner: Numbers, key: npt.NDArray[np.uint64], chosen: npt.NDArray[np.bool_]
) -> Numbers:
    rows = np.flatnonzero(chosen)
    rows = rows[np.lexsort((owner[rows], ~key[rows], band[rows]))]
    starts, sizes = _runs(band[rows])
    best = np.repeat(owner[rows[starts]], sizes)
    return np.stack([best, owner[rows]], axis=1)


def _near_pairs(
    bands: pa.Table,
    band: npt.NDArray[np.uint64],
    owner: Numbers,
    key: npt.NDArray[np.uint64],
    chosen: npt.NDArray[np.bool_],
    config: Bands,
) -> Numbers:
    rows = np.flatnonzero(chosen)
    if len(rows) == 0:
        return np.zeros((0, 2), np.int64)
    stored = bands.column("code").combine_chunks().take(pa.array(rows))
    codes, _ = fixed_bytes(stored, pc.max(pc.binary_length(stored)).as_py())
    radius = config.block_radius if bands.column("kind")[int(rows[0])].as_py() == BLOCK else None
    limit = radius if radius is not None else int(config.cnn_radius * 8 * codes.shape[1])
    owner, key = owner[rows], key[rows]
    order = np.lexsort((owner, *codes.T[::-1], band[rows]))
    owner, key, codes, sorted_band = owner[order], key[order], codes[order], band[rows][order]
    starts, sizes = _runs(sorted_band)
    small = (sizes > 1) & (sizes <= config.bucket_cap)
    found = [_within(starts[small], sizes[small], codes, owner, limit)]
    for start, size in zip(starts[sizes > config.bucket_cap], sizes[sizes > config.bucket_cap], strict=True):
        found.append(_large_bucket(np.arange(start, start + size), codes, owner, key, limit, config))
    return np.concatenate(found)


def _large_bucket(
    members: Numbers,
    codes: npt.NDArray[np.uint8],
    owner: Numbers,
    key: npt.NDArray[np.uint64],
    limit: int,
    config: Bands,
) -> Numbers:
    """Pair the members of a huge bucket: with its best copy, inside sub-buckets of equal further bits, and, where
    those are still huge, with the nearest neighbours in sorted order (Hernández and Stolfo 1995)."""
    found = [_star(members, owner, key)]
    spread = hashlib.sha256(f"{config.seed}:sub".encode()).digest()
    width = codes.shape[1]
    turns = 1 if (codes[members] == codes[members[0]]).all() else 4  # equal codes are in the same order each turn
    for turn in range(turns):
        picked = sorted({spread[4 * turn + i] % width for i in range(4)})
        sub = codes[members][:, picked]
        rest = codes[members]
        order = members[np.lexsort((owner[members], *rest.T[::-1], *sub.T[::-1]))]
        changed = (codes[order][1:][:, picked] != codes[order][:-1][:, picked]).any(axis=1)
        edges = np.concatenate([[0], np.flatnonzero(changed) + 1, [len(order)]])
        starts, sizes = edges[:-1], np.diff(edges)
        small = (sizes > 1) & (sizes <= config.bucket_cap)
        found.append(_within(starts[small], sizes[small], codes[order], owner[order], limit))
        for start, size in zip(starts[sizes > config.bucket_cap], sizes[sizes > config.bucket_cap], strict=True):
            piece = order[start : start + size]
            found.append(_star(piece, owner, key))
            for step in range(1, config.window + 1):
                near = hamming(codes[piece[:-step]], codes[piece[step:]]) <= limit
                found.append(np.stack([owner[piece[:-step]], owner[piece[step:]]], axis=1)[near])
    return _distinct(found)


def _star(members: Numbers, owner: Numbers, key: npt.NDArray[np.uint64]) -> Numbers:
    best = members[np.lexsort((owner[members], ~key[members]))[0]]
    return np.stack([np.full(len(members), owner[best]), owner[members]], axis=1)


CHUNK = 2_000_000
"""Pairs compared at once; bounds memory at about 200 MB."""


def _within(starts: Numbers, sizes: Numbers, codes: npt.NDArray[np.uint8], owner: Numbers, limit: int) -> Numbers:
    """Return the owners of all pairs inside buckets whose codes differ by ``limit`` bits or less."""
    found = [np.zeros((0, 2), np.int64)]
    cost = np.cumsum(sizes * (sizes - 1) // 2)
    done = 0
    while done < len(sizes):
        base = cost[done - 1] if done else 0
        stop = max(done + 1, int(np.searchsorted(cost, base + CHUNK, side="right")))
        left, right = _all_pairs(starts[done:stop], sizes[done:stop])
        near = hamming(codes[left], codes[right]) <= limit
        pairs = np.stack([owner[left[near]], owner[right[near]]], axis=1)
        found.append(_distinct([pairs]))
        done = stop
    return np.concatenate(found)


def _all_pairs(starts: Numbers, sizes: Numbers) -> tuple[Numbers, Numbers]:
    """Return the (left, right) positions of all pairs inside buckets given by start and size, vectorised."""
    members = np.repeat(starts + sizes, sizes)  # per member, its bucket's end
    first = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes) + np.repeat(starts, sizes)
    partners = members - first - 1
    left = np.repeat(first, partners)
    offset = np.arange(len(left)) - np.repeat(np.cumsum(partners) - partners, partners)
    return left, left + 1 + offset


def _distinct(pairs: list[Numbers]) -> Numbers:
    """Return each pair once, smaller end first, sorted; without pairs of one with itself."""
    both = np.concatenate(pairs)
    low, high = both.min(axis=1, initial=2**31), both.max(axis=1, initial=-1)
    packed = np.unique((low << 32 | high)[low != high])  # ends number the pictures of a partition, under 2^31
    return np.stack([packed >> 32, packed & 0xFFFFFFFF], axis=1)


def _runs(values: npt.NDArray[np.uint64]) -> tuple[Numbers, Numbers]:
    """Return start and length of the runs of equal values of a sorted array."""
    if len(values) == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    starts = np.concatenate([[0], np.flatnonzero(values[1:] != values[:-1]) + 1])
    return starts, np.diff(np.concatenate([starts, [len(values)]]))
