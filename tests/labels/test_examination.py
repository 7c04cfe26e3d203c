import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from labels.examination import (
    MAX_POSITION,
    UNITS,
    Examination,
    clicks_above,
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


def units_of(rows: pa.Table, examination: Examination) -> npt.NDArray[np.int64]:
    """Return what rows of as many results earn, none of which was clicked."""
    nothing = np.zeros(0, dtype=np.int64)
    pairs = np.arange(rows.num_rows)
    return expected_units(rows, examination, queries=pairs, pairs=pairs, clicked=(nothing, nothing, nothing))


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
    assert list(units_of(impressions(("map", "a", [1], [2])), Examination(rates))) == [0]


def test_expectation_is_the_sum_of_rates_over_impressions() -> None:
    rows = impressions(
        ("map", "a", [1, 3], [2, 10]), ("map", "a", [2], [4]), ("flag", "a", [90], [1]), ("x", "b", [], [])
    )
    examination = Examination(np.array([0.5, 0.25, 0.125]))
    units = units_of(rows, examination)
    assert list(units / UNITS) == [2 * 0.5 + 10 * 0.125, 4 * 0.25, 0.125, 0.0]
    assert list(units_of(rows.slice(1), examination)) == list(units[1:])


def test_clicks_above_take_from_what_is_expected() -> None:
    """Two queries of three results in a fixed order; the first one's top result is clicked on every page."""
    rows = impressions(*((query, image, [place], [400]) for query in "pq" for place, image in enumerate("abc", 1)))
    examination = Examination(np.array([0.5, 0.4, 0.2]), np.array([0.5, 0.3, 0.1]), depth=2.0)
    pairs = np.arange(6)
    clicked = (np.array([0, 0, 2]), np.array([1, 0, 9]), np.array([400, 7, 1]))  # of no known, and of no shown place
    units = expected_units(rows, examination, queries=pairs // 3, pairs=pairs, clicked=clicked) / UNITS
    prior = 20
    top, second = (400 + prior * 0.5) / (400 + prior), prior * 0.3 / (400 + prior)
    found = [200, 160 * np.exp(-2 * top), 80 * np.exp(-2 * (top + second))]
    np.testing.assert_allclose(units[:3], found, rtol=5e-3)
    unclicked = prior * 0.5 / (400 + prior)
    np.testing.assert_allclose(units[3:5], [200, 160 * np.exp(-2 * unclicked)], rtol=5e-3)


def test_a_result_is_not_above_itself() -> None:
    """Its own clicks at a higher place say nothing of what stands there on a page that has it below."""
    shown, rates = np.array([100, 100, 100]), np.array([0.2, 0.1])
    arguments = (np.zeros(3, dtype=np.int64), np.array([0, 0, 1]), np.array([0, 1, 0]), shown)
    above = clicks_above(*arguments, np.array([90, 0, 10]), rates) / UNITS
    assert above.tolist() == pytest.approx([0.0, (10 + 20 * 0.2) / 120, 0.0], rel=1e-6)


def test_days_and_order_of_rows_change_nothing_below_clicks() -> None:
    rng = np.random.default_rng(5)
    pairs = np.repeat(np.arange(30), 2)  # two days each
    queries = pairs // 10
    rows = impressions(*(("q", "i", [1 + n % 4, 5], [int(rng.integers(1, 9)), 3]) for n in range(60)))
    clicked = (rng.integers(0, 30, 40), rng.integers(1, 6, 40), rng.integers(1, 3, 40))
    examination = Examination(np.linspace(0.5, 0.1, 5), np.linspace(0.4, 0.1, 5), depth=1.0)
    units = expected_units(rows, examination, queries=queries, pairs=pairs, clicked=clicked)
    order, of_clicks = rng.permutation(60), rng.permutation(40)
    shuffled = expected_units(
        rows.take(order),
        examination,
        queries=queries[order],
        pairs=pairs[order],
        clicked=(clicked[0][of_clicks], clicked[1][of_clicks], clicked[2][of_clicks]),
    )
    assert shuffled.tolist() == units[order].tolist()
    assert (units < units_of(rows, Examination(examination.rates)) + 1).all()


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
