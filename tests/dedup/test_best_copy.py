"""Which copy is kept."""

import numpy as np
import pyarrow as pa

from dedup.best_copy import copy_keys, rank_copies
from tests.dedup.pictures import encoded, features_of, photo, shuffled


def table(**columns: list) -> pa.Table:
    count = len(next(iter(columns.values())))
    plain = {
        "image_id": [f"i{row}" for row in range(count)],
        "has_border": [False] * count,
        "effective_pixels": [100_000] * count,
        "jpeg_quality": pa.array([None] * count, pa.int32()),
        "chroma": [bytes([180]) * 32] * count,
        "width": [400] * count,
        "height": [300] * count,
    }
    return pa.table(plain | columns)


def test_each_criterion_decides() -> None:
    for columns in (
        {"has_border": [True, False]},
        {"effective_pixels": [100_000, 200_000]},
        {"chroma": [bytes([128]) * 32, bytes([150]) * 32]},
        {"jpeg_quality": pa.array([50, 90], pa.int32())},
        {"jpeg_quality": pa.array([100, None], pa.int32())},
        {"width": [400, 401]},
    ):
        assert rank_copies(table(**columns)).tolist() == [1, 0], columns


def test_the_order_of_criteria() -> None:
    features = table(
        has_border=[True, False, False, False],
        effective_pixels=[900_000, 50_000, 200_000, 200_001],
        jpeg_quality=pa.array([None, None, 60, 95], pa.int32()),
    )
    assert rank_copies(features).tolist() == [3, 2, 1, 0]


def test_clicks_break_ties_then_ids() -> None:
    features = table(image_id=["c", "b", "a", "d"])
    assert rank_copies(features).tolist() == [2, 1, 0, 3]
    clicks = pa.table({"image_id": ["d", "c", "d", "other"], "clicks": [2, 3, 2, 99]})
    assert rank_copies(features, clicks=clicks).tolist() == [1, 3, 2, 0]


def test_rank_is_a_total_order_that_ignores_row_order() -> None:
    features = features_of({f"p{seed}": encoded(photo(seed), quality=50 + seed) for seed in range(9)})
    rank = dict(zip(features["image_id"].to_pylist(), rank_copies(features).tolist(), strict=True))
    mixed = shuffled(features)
    assert dict(zip(mixed["image_id"].to_pylist(), rank_copies(mixed).tolist(), strict=True)) == rank
    assert sorted(rank.values()) == list(range(9))


def test_keys_of_a_block_are_keys_of_the_table() -> None:
    features = features_of({f"p{seed}": encoded(photo(seed), quality=50 + seed) for seed in range(6)})
    parts = np.concatenate([copy_keys(features.slice(0, 2)), copy_keys(features.slice(2))])
    assert np.array_equal(parts, copy_keys(features))


def test_real_copies_rank_as_people_would() -> None:
    source = photo(0, 640, 480)
    files = {
        "best": encoded(source, "PNG"),
        "jpeg": encoded(source, quality=90),
        "poor": encoded(source, quality=30),
        "small": encoded(source.resize((160, 120)), quality=95),
    }
    features = features_of(files)
    order = [features["image_id"][row].as_py() for row in np.argsort(rank_copies(features))]
    assert order == ["best", "jpeg", "poor", "small"]
