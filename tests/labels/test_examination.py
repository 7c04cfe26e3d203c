import numpy as np
import pyarrow as pa
import pytest

from labels.examination import (
    MAX_POSITION,
    UNITS,
    expected_rate,
    expected_units,
    merge_position_counts,
    position_counts_clicks,
    position_counts_impressions,
)
from labels.tables import EVIDENCE_CLICKS, EVIDENCE_IMPRESSIONS, POSITION_CLICKS, POSITION_IMPRESSIONS


def impressions(*rows: tuple[str, str, list[int], list[int]]) -> pa.Table:
    return pa.Table.from_pylist(
        [dict(zip(EVIDENCE_IMPRESSIONS.names, row, strict=True)) for row in rows], schema=EVIDENCE_IMPRESSIONS
    )


def positions(schema: pa.Schema, counts: dict[int, int]) -> pa.Table:
    return pa.table([list(counts), list(counts.values())], schema=schema)


def test_a_planted_click_rate_comes_back() -> None:
    planted = np.array([0.3, 0.2, 0.1, 0.05])
    shown = positions(POSITION_IMPRESSIONS, dict.fromkeys(range(1, 5), 1000000))
    clicked = positions(POSITION_CLICKS, {place: int(1_000_000 * rate) for place, rate in enumerate(planted, 1)})
    rates = expected_rate(clicked, shown)
    np.testing.assert_allclose(rates, planted, rtol=1e-3)
    # Over all that was shown, expectation and clicks balance.
    np.testing.assert_allclose(rates.sum() * 1_000_000, planted.sum() * 1_000_000, rtol=1e-3)


def test_a_rare_position_is_drawn_to_the_overall_rate() -> None:
    rates = expected_rate(
        positions(POSITION_CLICKS, {1: 10_000, 3: 1}), positions(POSITION_IMPRESSIONS, {1: 100_000, 3: 1})
    )
    assert rates[0] == pytest.approx(0.1, rel=1e-3)
    assert rates[1] == pytest.approx(0.1, rel=1e-3)  # never shown
    assert rates[2] == pytest.approx(0.11, rel=0.02)  # one click of one


@pytest.mark.parametrize(
    ("clicked", "shown"),
    [({}, {}), ({1: 10, 2: 5}, {1: 10, 2: 5}), ({1: 80, 2: 80}, {1: 100, 2: 100})],
)
def test_a_log_without_unclicked_results_expects_nothing(clicked: dict[int, int], shown: dict[int, int]) -> None:
    rates = expected_rate(positions(POSITION_CLICKS, clicked), positions(POSITION_IMPRESSIONS, shown))
    assert len(rates) == 0
    assert list(expected_units(impressions(("map", "a", [1], [2])), rates)) == [0]


def test_expectation_is_the_sum_of_rates_over_impressions() -> None:
    rows = impressions(
        ("map", "a", [1, 3], [2, 10]), ("map", "a", [2], [4]), ("flag", "a", [90], [1]), ("x", "b", [], [])
    )
    units = expected_units(rows, np.array([0.5, 0.25, 0.125]))
    assert list(units / UNITS) == [2 * 0.5 + 10 * 0.125, 4 * 0.25, 0.125, 0.0]
    assert list(expected_units(rows.slice(1), np.array([0.5, 0.25, 0.125]))) == list(units[1:])


def test_counts_by_position_add_up_and_far_places_share_one() -> None:
    shown = impressions(("map", "a", [1, 2**30], [2, 1]), ("flag", "b", [1], [5]))
    counts = position_counts_impressions(shown)
    assert counts.to_pylist() == [{"position": 1, "impressions": 7}, {"position": MAX_POSITION, "impressions": 1}]
    merged = merge_position_counts([counts, counts])
    assert merged["impressions"].to_pylist() == [14, 2]
    clicks = pa.Table.from_pylist(
        [{"query": "q", "image_id": "a", "position": place, "user_hash": 1, "clicks": 2} for place in (0, 1, 1)],
        schema=EVIDENCE_CLICKS,
    )
    assert position_counts_clicks(clicks).to_pylist() == [{"position": 1, "clicks": 4}]
    assert merge_position_counts(POSITION_CLICKS.empty_table()).equals(POSITION_CLICKS.empty_table())
    with pytest.raises(ValueError, match="no table"):
        merge_position_counts([])
