"""Planted looks must come back from logs whose ranker makes the click rate lie about them."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labels.examination import CASCADE, CLICK_RATE, EXPLORED, POSITION, Examination
from labels.exploring import count_explored, is_exploring, merge_explored
from labels.position_model import fit_examination, merge_cells
from labels.tables import CELLS, EVIDENCE_EXPLORED, EXAMINATION, POSITION_CLICKS, POSITION_IMPRESSIONS

Floats = npt.NDArray[np.float64]
PLACES = 24
CURVE = 1 / (1 + 0.18 * np.arange(PLACES))
MIDDLE = np.tile([0.5, 0.8, 1.0, 1.0, 0.8, 0.5], 4) / (1 + 0.3 * (np.arange(PLACES) // 6))
"""A grid of four rows whose middle columns are looked at more."""
NOBODY = EVIDENCE_EXPLORED.empty_table()


def simulate(
    *,
    curve: Floats = CURVE,
    seed: int = 0,
    queries: int = 120,
    pages: int = 250,
    jitter: float = 0.15,
    go_on: float = 1.0,
    exploring: float = 0.0,
) -> tuple[pa.Table, pa.Table, Floats]:
    """Return ``CELLS``, ``EVIDENCE_EXPLORED`` and how often people looked at each place of pages that were sorted
    by relevance, less `jitter`; a click makes people `go_on` looking with that chance."""
    rng = np.random.default_rng(seed)
    of_query = rng.uniform(0.2, 1.0, (queries, 1))  # some queries find little
    relevance = of_query * rng.uniform(0.02, 0.7, (queries, PLACES + 6))
    query = np.repeat(np.arange(queries), pages)
    score = relevance[query] + jitter * rng.standard_normal((len(query), PLACES + 6))
    random = rng.random(len(query)) < exploring
    score[random] = rng.random((int(random.sum()), PLACES + 6))
    images = np.argsort(-score, axis=1, kind="stable")[:, :PLACES]
    wish = rng.random(images.shape) < relevance[query[:, None], images]
    looked = rng.random(images.shape) < curve
    if go_on < 1:
        stays = (rng.random(images.shape) < go_on) | ~wish
        looked[:, 1:] = np.logical_and.accumulate(stays, axis=1)[:, :-1] & (rng.random(images.shape) < 0.97)[:, 1:]
        looked[:, 0] = True
    clicked = (wish & looked).astype(np.int64)
    places = np.broadcast_to(np.arange(1, PLACES + 1), images.shape)
    columns = [np.broadcast_to(query[:, None], images.shape), images, places, np.ones_like(images), clicked]
    cells = merge_cells(pa.table([np.ravel(column) for column in columns], schema=CELLS))
    users = np.broadcast_to((np.arange(len(query)) % 997)[:, None], images.shape)
    of_users, at = np.ravel(users[random]), np.ravel(places[random])
    counted = count_explored(np.zeros_like(at), of_users, at, np.ravel(clicked[random] > 0))
    explored = merge_explored(counted.drop_columns("day"))
    return cells, explored, looked.mean(axis=0)


def sums(cells: pa.Table) -> tuple[pa.Table, pa.Table]:
    places = cells["position"].to_numpy()
    found = [np.bincount(places, cells[name].to_numpy()).astype(np.int64)[1:] for name in ("clicks", "impressions")]
    positions = np.arange(1, len(found[0]) + 1, dtype=np.int32)
    return pa.table([positions, found[0]], POSITION_CLICKS), pa.table([positions, found[1]], POSITION_IMPRESSIONS)


def fit(cells: pa.Table, explored: pa.Table = NOBODY) -> pa.Table:
    return fit_examination(cells, explored, *sums(cells))


def error(rates: Floats, truth: Floats) -> float:
    """Return the mean absolute relative error over positions 1-20, but for a common factor."""
    rates, truth = rates[:20] / rates[:20].mean(), truth[:20] / truth[:20].mean()
    return float(np.abs(rates / truth - 1).mean())


def test_a_ranker_that_sorts_by_relevance_hides_how_people_look() -> None:
    cells, _, looked = simulate()
    found = fit(cells)
    assert set(found["model"].to_pylist()) == {POSITION}
    assert error(found["click_rate"].to_numpy(), looked) > 0.15
    assert error(found["rate"].to_numpy(), looked) < 0.03
    assert found["sigmas"][0].as_py() > 5
    assert found["gain"][0].as_py() > 0
    # All that was shown is expected to be clicked as often as it was.
    expected = found["rate"].to_numpy() @ found["impressions"].to_numpy()
    assert expected == pytest.approx(found["clicks"].to_numpy().sum(), rel=1e-5)


def test_a_grid_whose_middle_is_looked_at_comes_back() -> None:
    cells, _, looked = simulate(curve=MIDDLE)
    found = fit(cells)
    assert found["model"][0].as_py() == POSITION
    assert error(found["click_rate"].to_numpy(), looked) > 0.15
    assert error(found["rate"].to_numpy(), looked) < 0.03


def test_who_found_something_looks_less_below() -> None:
    cells, _, looked = simulate(go_on=0.6, jitter=0.3)
    found = fit(cells)
    assert found["model"][0].as_py() == CASCADE
    assert found["depth"][0].as_py() > 0.5
    assert error(found["click_rate"].to_numpy(), looked) > 0.15
    assert error(found["mean_rate"].to_numpy(), looked) < 0.1
    expected = found["mean_rate"].to_numpy() @ found["impressions"].to_numpy()
    assert expected == pytest.approx(found["clicks"].to_numpy().sum(), rel=1e-5)
    without = fit(simulate()[0])
    assert without["depth"][0].as_py() == 0.0


def test_results_at_one_place_say_nothing() -> None:
    cells, _, _ = simulate(jitter=0.0)
    found = fit(cells)
    assert found["model"][0].as_py() == found["tried"][0].as_py() == CLICK_RATE
    assert found["rate"].to_pylist() == found["click_rate"].to_pylist()
    assert found["told_by"][0].as_py() == 0


def test_few_clicks_are_not_trusted() -> None:
    cells, _, _ = simulate(queries=30, pages=6)
    found = fit(cells)
    assert found["model"][0].as_py() == CLICK_RATE
    assert found["rate"].to_pylist() == found["click_rate"].to_pylist()


def test_a_random_order_needs_no_model() -> None:
    """The click rate is right by itself, so that whatever is estimated must not move far from it."""
    cells, _, looked = simulate(jitter=100.0, pages=80)
    found = fit(cells)
    assert error(found["rate"].to_numpy(), looked) < 0.06


def test_rows_of_an_exploring_ranker_tell_what_fixed_results_cannot() -> None:
    cells, explored, looked = simulate(jitter=0.0, exploring=0.15)
    # The explored rows alone: the pairs' own variation is withheld but for one place each.
    found = fit(cells, explored)
    assert found["model"][0].as_py() in (EXPLORED, POSITION)
    assert error(found["rate"].to_numpy(), looked) < 0.06
    assert error(found["click_rate"].to_numpy(), looked) > 0.15
    places = cells.filter(pa.array(cells["impressions"].to_numpy() > 150))
    alone = fit(places, explored)
    assert alone["model"][0].as_py() == EXPLORED
    assert error(alone["rate"].to_numpy(), looked) < 0.1


def test_rows_that_only_claim_to_explore_are_not_believed() -> None:
    cells, _, looked = simulate()
    rng = np.random.default_rng(3)
    users, places = np.divmod(np.arange(300 * PLACES), PLACES)
    clicks = rng.random(len(users)) < CURVE[::-1][places]
    lies = count_explored(np.zeros_like(users), users, places + 1, clicks).drop_columns("day")
    found = fit(cells, lies)
    assert found["model"][0].as_py() != EXPLORED
    assert error(found["rate"].to_numpy(), looked) < 0.15


@pytest.mark.parametrize("clicked", [True, False])
def test_a_log_without_unclicked_results_or_without_rows(clicked: bool) -> None:
    if clicked:
        cells, _, _ = simulate(queries=3, pages=10)
        cells = cells.set_column(4, "clicks", cells["impressions"])
        assert fit(cells).equals(EXAMINATION.empty_table())
    none = (CELLS, EVIDENCE_EXPLORED, POSITION_CLICKS, POSITION_IMPRESSIONS)
    empty = fit_examination(*(schema.empty_table() for schema in none))
    assert empty.equals(EXAMINATION.empty_table())
    assert len(Examination.of(empty).rates) == 0


def test_a_table_says_what_was_found() -> None:
    cells, _, _ = simulate(go_on=0.6, jitter=0.3)
    found = fit(cells)
    read = Examination.of(found.take(np.random.default_rng(0).permutation(found.num_rows)))
    assert read.rates.tolist() == found["rate"].to_pylist()
    assert read.click_rates is not None
    assert read.click_rates.tolist() == found["click_rate"].to_pylist()
    assert read.depth == found["depth"][0].as_py()


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5))
def test_blocks_and_order_change_no_bit(seed: int, blocks: int) -> None:
    cells, explored, _ = simulate(queries=20, pages=60, exploring=0.2, go_on=0.5)
    rng = np.random.default_rng(seed)
    shuffled = cells.take(rng.permutation(cells.num_rows))
    block = rng.integers(0, blocks, cells.num_rows)
    halves = [
        shuffled.set_column(3 + side, CELLS.field(3 + side), pa.array(np.zeros(cells.num_rows, dtype=np.int64)))
        for side in (0, 1)
    ]
    parts = [half.filter(pa.array(block == number)) for half in halves for number in range(blocks)]
    together = merge_cells([merge_cells(part) for part in parts])
    assert together.equals(cells)
    told = (explored.take(rng.permutation(explored.num_rows)), *sums(cells))
    assert fit_examination(shuffled, *told).equals(fit(cells, explored))


@pytest.mark.parametrize(
    ("name", "explores"),
    [
        ("random_5pct", True),
        ("RandomRanker", True),
        ("shuffled", True),
        ("EXPLORE-v2", True),
        ("prod.ctrExploration", True),
        ("랜덤_노출", True),
        ("Ｒａｎｄｏｍ", True),
        ("non-random", False),
        ("no_random", False),
        ("production", False),
        ("epsilon-greedy", False),
        ("", False),
    ],
)
def test_a_ranker_says_by_its_name_that_it_explores(name: str, explores: bool) -> None:
    assert is_exploring([name, None]).tolist() == [explores, False]


def test_a_place_that_nobody_looks_at_may_lie_between() -> None:
    curve = np.linspace(1.0, 0.3, PLACES)
    curve[[4, 11]] *= 0.5
    cells, _, looked = simulate(curve=curve)
    assert error(fit(cells)["rate"].to_numpy(), looked) < 0.04
