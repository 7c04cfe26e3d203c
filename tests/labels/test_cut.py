from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.cut import FEWEST, STEPS, count_confidences, find_cut, merge_confidences, settle
from labels.tables import LABELS, REJECTED


def labels(confidences: dict[str, float], intent: str | None = "map") -> pa.Table:
    rows = [
        {
            "image_id": image,
            "intent": intent,
            "parent": "text",
            "confidence": confidence,
            "users": 3,
            "clicks": 3,
            "queries": [],
            "source": "rule",
            "window_end": date(2026, 10, 7),
        }
        for image, confidence in confidences.items()
    ]
    return pa.Table.from_pylist(rows, schema=LABELS)


def at(step: int) -> float:
    """A step's confidence in the width of the labels table."""
    return float(np.float32(step / STEPS))


def rejected(*images: str) -> pa.Table:
    rows = [{"image_id": image, "reason": "mixed_intents", "users": 3, "clicks": 3} for image in images]
    return pa.Table.from_pylist(rows, schema=REJECTED)


CONFIDENCE = st.integers(667, 998).flatmap(lambda step: st.floats(at(step), at(step + 1), width=32))


@given(st.lists(CONFIDENCE, min_size=FEWEST, max_size=400), st.sampled_from([0.8, 0.9, 0.96]))
def test_the_mean_of_what_is_kept_is_the_precision(values: list[float], precision: float) -> None:
    table = labels({f"i{n}": value for n, value in enumerate(values)})
    halves = [count_confidences(table.slice(0, 50)), count_confidences(table.slice(50))]
    cut = find_cut(merge_confidences(halves), precision)
    assert cut == find_cut(count_confidences(table), precision)
    assert cut <= precision
    kept = [value for value in values if value >= np.float32(cut)]
    one_step = 0.001
    if kept and cut < precision:
        assert sum(kept) / len(kept) >= precision - one_step
    next_step = [value for value in values if value >= at(round(cut * STEPS) - 1)]
    if len(next_step) > len(kept):  # going on would have cost too much
        assert sum(next_step) / len(next_step) < precision + one_step


def test_a_few_images_and_parents_are_not_cut() -> None:
    assert find_cut(count_confidences(labels({f"i{n}": 0.7 for n in range(FEWEST - 1)})), 0.96) == 0.0
    assert count_confidences(labels({"a": 0.95}, intent=None)).num_rows == 0
    assert find_cut(merge_confidences([]), 0.96) == 0.0


def test_an_image_below_the_cut_gets_what_it_has_without_an_intent() -> None:
    tables = {
        "labels": labels({"sure": 0.97, "parent": 0.7, "out": 0.75}),
        "rejected": rejected("never"),
        "other_labels": pa.concat_tables([labels({"parent": 0.93}, intent=None)]),
        "other_rejected": rejected("out"),
    }
    found = settle(tables, 0.9)
    assert {row["image_id"]: row["intent"] for row in found["labels"].to_pylist()} == {"sure": "map", "parent": None}
    assert sorted(found["rejected"]["image_id"].to_pylist()) == ["never", "out"]
    low = settle(tables, 0.7)
    assert low["labels"].num_rows == 3, "the cut itself is kept, in the labels' own width"
    assert low["rejected"]["image_id"].to_pylist() == ["never"]


@pytest.mark.parametrize("precision", [0.5, 0.96])
def test_sure_labels_are_all_kept(precision: float) -> None:
    assert find_cut(count_confidences(labels({f"i{n}": 0.99 for n in range(200)})), precision) <= 0.99
