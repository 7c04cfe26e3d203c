"""Duplicates of a whole table: planted copies come back."""

import numpy as np
import pyarrow as pa
import pytest

from dedup.find import find_duplicates
from dedup.groups import find_groups
from dedup.tables import DUPLICATES
from dedup.verify import verify_pairs
from tests.dedup.pictures import encoded, features_of, photo, shuffled


def planted() -> dict[str, bytes]:
    """Return 30 pictures, of which every third has three copies."""
    files = {}
    for seed in range(30):
        source = photo(seed)
        files[f"{seed:02}-best"] = encoded(source, "PNG")
        if seed % 3 == 0:
            files[f"{seed:02}-copy"] = encoded(source, "PNG")
            files[f"{seed:02}-poor"] = encoded(source, quality=35)
            files[f"{seed:02}-small"] = encoded(source.resize((140, 105)))
    return files


@pytest.fixture(scope="module")
def features() -> pa.Table:
    return features_of(planted())


def test_planted_copies_come_back(features: pa.Table) -> None:
    result = find_duplicates(features)
    assert result.schema == DUPLICATES
    assert result["image_id"].to_pylist() == sorted(features["image_id"].to_pylist())
    for row in result.to_pylist():
        assert row["group_id"] == row["image_id"][:3] + "best"
    reasons = {row["image_id"][3:]: row["reason"] for row in result.to_pylist()}
    assert reasons == {"best": None, "copy": "bytes", "poor": "hash", "small": "hash"}


def test_row_order_does_not_matter(features: pa.Table) -> None:
    assert find_duplicates(shuffled(features, 3)) == find_duplicates(features)


def test_brute_force_agrees(features: pa.Table) -> None:
    names = np.array(features["image_id"].to_pylist())
    left, right = np.triu_indices(len(names), 1)
    pairs = pa.table({"image_id_a": names[left].tolist(), "image_id_b": names[right].tolist()})
    assert find_groups(features, verify_pairs(pairs, features)) == find_duplicates(features)


def test_clicks_decide_between_equal_copies(features: pa.Table) -> None:
    clicks = pa.table({"image_id": ["00-copy"], "clicks": [5]})
    groups = {row["image_id"]: row["group_id"] for row in find_duplicates(features, clicks=clicks).to_pylist()}
    assert groups["00-best"] == groups["00-small"] == "00-copy"
    assert groups["03-copy"] == "03-best"


def test_empty_and_single(features: pa.Table) -> None:
    assert find_duplicates(features.slice(0, 0)) == DUPLICATES.empty_table()
    assert find_duplicates(features.slice(0, 1)).num_rows == 1


def test_repeated_ids_are_refused(features: pa.Table) -> None:
    with pytest.raises(ValueError, match="unique"):
        find_duplicates(pa.concat_tables([features, features.slice(0, 1)]))
