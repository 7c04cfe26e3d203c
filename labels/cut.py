"""From which confidence on an image is labelled: where the labels of this log are right often enough together.

The confidence is a calibrated chance, so the mean confidence of some labels is how many of them are right. Labels are
taken from the surest on as long as that mean stays at the precision which is asked for. A rich log is cut lower than
a sparse one, whose labels are less sure on the whole.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

CONFIDENCES = pa.schema([("step", pa.int32()), ("images", pa.int64())])
"""Images with an intent by its confidence, in steps of 1 / ``STEPS``, rounded down."""
STEPS = 1000
FEWEST = 100
"""Images with an intent below which nothing is cut: of so few the mean says little, each has its own confidence."""


def count_confidences(labels: pa.Table) -> pa.Table:
    """Return ``CONFIDENCES`` of the ``LABELS`` with an intent."""
    known = labels["confidence"].filter(pc.is_valid(labels["intent"])).to_numpy()
    grid = (np.arange(STEPS + 1) / STEPS).astype(known.dtype)  # in the width in which ``settle`` compares
    steps, images = np.unique((np.searchsorted(grid, known, side="right") - 1).astype(np.int32), return_counts=True)
    return pa.table([steps, images.astype(np.int64)], schema=CONFIDENCES)


def merge_confidences(tables: Sequence[pa.Table] | pa.Table) -> pa.Table:
    """Add up ``CONFIDENCES``."""
    table = tables if isinstance(tables, pa.Table) else pa.concat_tables([CONFIDENCES.empty_table(), *tables])
    summed = table.group_by("step").aggregate([("images", "sum")])
    return pa.table([summed["step"], summed["images_sum"]], schema=CONFIDENCES).sort_by("step")


def find_cut(confidences: pa.Table, min_precision: float) -> float:
    """Return the least confidence from which on the mean confidence is `min_precision` or more; 0 for a few images.

    Args:
        confidences: merged ``CONFIDENCES`` of all images that might be labelled.
        min_precision: 0–1; the cut is never above it.
    """
    counts = merge_confidences(confidences)
    steps, images = (counts[name].to_numpy()[::-1].astype(np.int64) for name in ("step", "images"))
    if images.sum() < FEWEST:
        return 0.0
    enough = np.cumsum(steps * images) >= min_precision * STEPS * np.cumsum(images)
    if not enough.any():
        return min_precision
    return min(float(steps[np.flatnonzero(enough)[-1]]) / STEPS, min_precision)


def settle(tables: Mapping[str, pa.Table], cut: float) -> dict[str, pa.Table]:
    """Return ``labels`` and ``rejected`` of some images, given what they would be from and below the cut.

    Args:
        tables: ``labels`` and ``rejected`` of all these images, and ``other_labels`` and ``other_rejected`` of those
            whose intent may fall below the cut.
        cut: of ``find_cut``.
    """
    labels = tables["labels"]
    low = pc.and_(pc.is_valid(labels["intent"]), pc.less(labels["confidence"], pa.scalar(cut, pa.float32())))
    dropped = labels["image_id"].filter(low)
    others = {name: tables[f"other_{name}"] for name in ("labels", "rejected")}
    kept = {name: table.filter(pc.is_in(table["image_id"], dropped.combine_chunks())) for name, table in others.items()}
    return {
        "labels": pa.concat_tables([labels.filter(pc.invert(low)), kept["labels"]]),
        "rejected": pa.concat_tables([tables["rejected"], kept["rejected"]]),
    }
