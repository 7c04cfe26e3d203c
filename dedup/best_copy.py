"""Which of several copies to keep."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dedup.columns import column, fixed_bytes

RESOLUTION_STEP = 1.25
"""Copies whose effective pixels differ by less than this factor may tie, so that noise does not decide."""
GOOD_QUALITY = 75
"""JPEG quality below which effective pixels count in proportion: what looks like detail is blocks and ringing."""
QUALITY_STEP = 5
"""JPEG quality points that may tie."""
LOSSLESS_QUALITY = 101
"""Ranks a picture that is no JPEG above every JPEG."""
MIN_COLOUR = 4
"""Mean distance of Cb and Cr from grey, in levels, from which a picture counts as coloured."""


def copy_keys(features: pa.Table) -> npt.NDArray[np.uint64]:
    """Return how good a copy each row of features is, as one number per row; higher is better.

    From the highest bits: no border, effective pixels (in steps of 25 %, less for JPEGs
    below quality 75), colour over grey, JPEG quality (in steps
    of 5; lossless is best), width × height. It looks at one row at a time, so a block of a table gives the same as
    the whole table.
    """
    count = features.num_rows
    border = _numbers(column(features, "has_border", pa.bool_()), 0).astype(np.uint64)
    jpeg = np.clip(_numbers(column(features, "jpeg_quality", pa.int32()), LOSSLESS_QUALITY), 0, LOSSLESS_QUALITY)
    pixels = _numbers(column(features, "effective_pixels", pa.int64()), 1) * np.minimum(1, jpeg / GOOD_QUALITY)
    step = np.floor(np.log(np.maximum(1, pixels)) / np.log(RESOLUTION_STEP)).astype(np.uint64)
    grade = (-(-jpeg // QUALITY_STEP)).astype(np.uint64)
    values, known = fixed_bytes(column(features, "chroma", pa.binary()), 32)
    coloured = known & (np.abs(values.astype(np.int16) - 128).mean(axis=1) >= MIN_COLOUR)
    area = _numbers(column(features, "width", pa.int32()), 0) * _numbers(column(features, "height", pa.int32()), 0)
    area = np.clip(area, 0, 2**40 - 1).astype(np.uint64)
    key = np.zeros(count, np.uint64)
    for value, bits in ((np.uint64(1) - border, 1), (step, 9), (coloured.astype(np.uint64), 1), (grade, 5), (area, 40)):
        key = (key << np.uint64(bits)) | value
    return key


def rank_copies(features: pa.Table, *, clicks: pa.Table | None = None) -> npt.NDArray[np.int64]:
    """Return a total order int64[n] of features' rows, 0 the best copy: by `copy_keys`, then clicks, then image_id.

    ``clicks`` (image_id, clicks) may lack images, or name others. The order does not depend on the rows' order.
    """
    ids = features.column("image_id")
    popular = np.zeros(features.num_rows, np.int64)
    if clicks is not None:
        summed = clicks.group_by("image_id").aggregate([("clicks", "sum")])
        place = pc.index_in(ids, value_set=summed.column("image_id")).combine_chunks()
        found = pc.fill_null(pc.take(summed.column("clicks_sum"), place), 0)
        popular = _numbers(found, 0)
    order = np.lexsort((_ordinals(ids), -popular, ~copy_keys(features)))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank


def _numbers(values: pa.ChunkedArray | pa.Array, default: int) -> npt.NDArray[np.int64]:
    return np.asarray(pc.fill_null(values.cast(pa.int64()), default).to_numpy(), dtype=np.int64)


def _ordinals(ids: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """Return each id's place in the sorted ids."""
    order = pc.sort_indices(ids).to_numpy()
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return place
