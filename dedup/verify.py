"""Which candidate pairs really are the same picture, and why."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.cnn_hash import hamming
from dedup.columns import Views, column, embeddings, fixed_bytes, views
from dedup.crops import crop_agreement

EDGES = pa.schema(
    [
        ("image_id_a", pa.string()),
        ("image_id_b", pa.string()),
        ("score", pa.float32()),
        ("reason", pa.string()),
    ]
)
"""Verified pairs, ``image_id_a`` < ``image_id_b``; ``score`` 0-1 (1 for bytes and pixels); ``reason`` of REASONS."""

CHUNK = 200_000
"""Pairs compared at once; bounds memory at about 1 GB."""

Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Agreement:
    """What two views of pictures must have in common to be taken for the same.

    ``hamming``: most differing bits of 256. ``means``: least correlation (-1 to 1) of the 16x16 block means.
    ``block``: largest difference of any block mean, in standard deviations of the picture's means: what tells
    pictures apart that are one template with one part changed.
    ``detail``: least cosine (-1 to 1) of the fine detail's signs. ``chroma``: largest mean distance of Cb and Cr in
    4x4 blocks, levels; ``chroma_block``: the largest of any block.
    """

    hamming: int
    means: float
    block: float
    detail: float
    chroma: float
    chroma_block: float


@dataclass(frozen=True)
class VerifyThresholds:
    """Thresholds chosen for precision first: on planted copies of one seeded half of the measuring corpus's train
    part, and by looking at the pairs found in the whole corpus, which is therefore no held-out measure of false
    pairs. tests/dedup/test_quality.py measures the recall of copies on the other half.

    ``alone`` decides where pictures have no embeddings; blur and thumbnails move an embedding far, so with
    embeddings it needs no more than ``veto_cosine``. Looser ``judged`` needs a cosine of ``judged_cosine``. Crops
    need ``crop_cosine``, block means that agree after the crop (``crop_means``, ``crop_block`` as in `Agreement`),
    and colours no further apart than ``crop_chroma`` and ``crop_chroma_block``. A high cosine alone is never
    enough: receipts, sheets of music and clothes on one model reach 0.98.
    """

    alone: Agreement = Agreement(hamming=24, means=0.985, block=0.55, detail=0.78, chroma=5.0, chroma_block=12.0)
    veto_cosine: float = 0.5
    judged: Agreement = Agreement(hamming=40, means=0.975, block=0.65, detail=0.75, chroma=6.0, chroma_block=14.0)
    judged_cosine: float = 0.9
    crop_cosine: float = 0.93
    crop_means: float = 0.975
    crop_block: float = 0.8
    crop_chroma: float = 3.0
    crop_chroma_block: float = 12.0
    few_details: int = 24
    """Set signs (of 768) below which a picture has too little detail to compare, and the rest must do."""


def verify_pairs(pairs: pa.Table, features: pa.Table, *, thresholds: VerifyThresholds | None = None) -> pa.Table:
    """Return the EDGES among candidate ``pairs`` (image_id_a, image_id_b), sorted, each once.

    ``features`` may be all features or just the rows that the pairs name; rows of one image_id must be equal.

    Raises:
        ValueError: if a pair names an image that features lack, or embeddings of two models are mixed.
    """
    limits = thresholds or VerifyThresholds()
    found = [EDGES.empty_table()]
    if pairs.num_rows:
        known = _Pictures(features, pairs)
        for start in range(0, len(known.left), CHUNK):
            found.append(known.edges(slice(start, start + CHUNK), limits))
    return pa.concat_tables(found).sort_by([("image_id_a", "ascending"), ("image_id_b", "ascending")])


class _Pictures:
    """The columns that decide, as arrays, for the pictures that pairs name."""

    def __init__(self, features: pa.Table, pairs: pa.Table) -> None:
        ends = [pairs.column(name).cast(pa.string()) for name in ("image_id_a", "image_id_b")]
        named = pc.unique(pa.chunked_array([chunk for end in ends for chunk in end.chunks]))
        named = named.take(pc.sort_indices(named))
        ids = features.column("image_id").cast(pa.string())
        rows = pc.index_in(named, value_set=ids.combine_chunks())
        if rows.null_count:
            missing = named.filter(pc.is_null(rows))[0].as_py()
            raise ValueError(f"pairs name {rows.null_count} images that features lack, for example {missing!r}")
        self.names = named
        table = features.take(rows)
        places = [pc.index_in(end, value_set=named).combine_chunks().to_numpy().astype(np.int64) for end in ends]
        both = np.unique(np.sort(np.stack(places, axis=1), axis=1), axis=0)
        both = both[both[:, 0] != both[:, 1]]
        self.left, self.right = both[:, 0], both[:, 1]
        self.sha256, self.has_sha256 = fixed_bytes(column(table, "sha256", pa.binary()), 32)
        self.pixels, self.has_pixels = fixed_bytes(column(table, "pixel_sha256", pa.binary()), 32)
        self.views = views(table)
        self.embedding, self.has_embedding = embeddings(table)
        self.version = _codes(table, "hash_version")
        self.model = _codes(table, "model")

    def edges(self, chunk: slice, limits: VerifyThresholds) -> pa.Table:
        a, b = self.left[chunk], self.right[chunk]
        same_bytes = self.has_sha256[a] & self.has_sha256[b] & (self.sha256[a] == self.sha256[b]).all(axis=1)
        same_pixels = self.has_pixels[a] & self.has_pixels[b] & (self.pixels[a] == self.pixels[b]).all(axis=1)
        judged = self.has_embedding[a] & self.has_embedding[b] & (self.model[a] == self.model[b])
        cosine = np.einsum("ij,ij->i", self.embedding[a], self.embedding[b])
        by_hash = np.zeros(len(a), bool)
        best = np.zeros(len(a), np.float32)
        for first in self.views:
            for second in self.views:
                valid = first.valid[a] & second.valid[b] & (self.version[a] == self.version[b])
                rows = np.flatnonzero(valid)
                measured = _Measures(first, second, a[rows], b[rows], limits.few_details)
                seen = judged[rows]
                near = cosine[rows]
                alike = measured.meets(limits.alone) & (~seen | (near >= limits.veto_cosine))
                alike |= seen & measured.meets(limits.judged) & (near >= limits.judged_cosine)
                by_hash[rows] |= alike
                best[rows] = np.maximum(best[rows], np.where(alike, measured.means, 0))
        by_cnn = self._crops(a, b, judged & (cosine >= limits.crop_cosine) & ~by_hash, limits)
        score = np.where(judged, np.minimum(cosine, 1), best)
        exact = same_bytes | same_pixels
        kept = exact | by_hash | by_cnn
        reason = np.select([same_bytes, same_pixels, by_hash], ["bytes", "pixels", "hash"], "cnn")
        return pa.table(
            [
                self.names.take(pa.array(a[kept])),
                self.names.take(pa.array(b[kept])),
                pa.array(np.clip(np.where(exact, 1, score), 0, 1)[kept].astype(np.float32)),
                pa.array(reason[kept].tolist(), pa.string()),
            ],
            schema=EDGES,
        )

    def _crops(self, a: Places, b: Places, likely: Mask, limits: VerifyThresholds) -> Mask:
        """Return which of the likely pairs are a picture and its crop."""
        whole = self.views[0]
        rows = np.flatnonzero(likely & whole.valid[a] & whole.valid[b] & (self.version[a] == self.version[b]))
        means, block = crop_agreement(whole.means[a[rows]], whole.means[b[rows]])
        tint = np.abs(whole.chroma[a[rows]] - whole.chroma[b[rows]])
        coloured_alike = (tint.mean(axis=1) <= limits.crop_chroma) & (
            tint.max(axis=1, initial=0) <= limits.crop_chroma_block
        )
        out = np.zeros(len(a), bool)
        out[rows] = (means >= limits.crop_means) & (block <= limits.crop_block) & coloured_alike
        return out


class _Measures:
    """How alike views are, pair by pair."""

    def __init__(self, first: Views, second: Views, a: npt.NDArray[np.int64], b: npt.NDArray[np.int64], few: int):
        self.hamming = hamming(first.code[a], second.code[b])
        self.means = np.einsum("ij,ij->i", first.means[a], second.means[b])
        apart = np.abs(first.means[a] - second.means[b]).max(axis=1, initial=0)
        self.block = apart * np.sqrt(first.means.shape[1])
        self.detail = _sign_cosine(first.plus[a], first.minus[a], second.plus[b], second.minus[b], few)
        tint = np.abs(first.chroma[a] - second.chroma[b])
        self.chroma = tint.mean(axis=1)
        self.chroma_block = tint.max(axis=1, initial=0)

    def meets(self, limit: Agreement) -> Mask:
        return np.asarray(
            (self.hamming <= limit.hamming)
            & (self.means >= limit.means)
            & (self.block <= limit.block)
            & (self.detail >= limit.detail)
            & (self.chroma <= limit.chroma)
            & (self.chroma_block <= limit.chroma_block)
        )


def _sign_cosine(
    plus_a: npt.NDArray[np.uint8],
    minus_a: npt.NDArray[np.uint8],
    plus_b: npt.NDArray[np.uint8],
    minus_b: npt.NDArray[np.uint8],
    few: int,
) -> npt.NDArray[np.float64]:
    """Return the cosine of ternary vectors given as bit planes; 1 where both have too few signs to compare."""

    def count(planes: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
        return np.asarray(np.bitwise_count(planes).sum(axis=1, dtype=np.int64))

    size_a, size_b = count(plus_a | minus_a), count(plus_b | minus_b)
    agree = count(plus_a & plus_b) + count(minus_a & minus_b)
    differ = count(plus_a & minus_b) + count(minus_a & plus_b)
    cosine = (agree - differ) / np.sqrt(np.maximum(1, size_a * size_b))
    return np.where((size_a < few) & (size_b < few), 1.0, cosine)


def _codes(table: pa.Table, name: str) -> npt.NDArray[np.int64]:
    values = pc.fill_null(column(table, name, pa.string()).cast(pa.string()), "")
    return np.asarray(pc.dictionary_encode(values.combine_chunks()).indices.to_numpy(), dtype=np.int64)
