"""Groups: who is kept, who is removed, and why."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.groups import group_edges
from dedup.tables import DUPLICATES, REASONS
from dedup.verify import EDGES


def grouped(count: int, edges: list[tuple[int, int, float, str]], seed: int | None = None) -> dict[str, dict]:
    """Group images i00, i01, ... in that order of goodness; the seed shuffles all that should not matter."""
    names = [f"i{index:02}" for index in range(count)]
    order = np.arange(count)
    if seed is not None:
        random = np.random.default_rng(seed)
        order = random.permutation(count)
        edges = [edges[place] for place in random.permutation(len(edges))]
        edges = [
            (b, a, score, reason) if random.random() < 0.5 else (a, b, score, reason) for a, b, score, reason in edges
        ]
    rows = [{"image_id_a": names[a], "image_id_b": names[b], "score": s, "reason": r} for a, b, s, r in edges]
    table = group_edges(
        pa.Table.from_pylist(rows, schema=EDGES), pa.chunked_array([[names[place] for place in order]]), rank=order
    )
    assert table.schema == DUPLICATES
    assert table["image_id"].to_pylist() == names
    return {row["image_id"]: row for row in table.to_pylist()}


def kept(result: dict[str, dict]) -> list[str]:
    return [row["group_id"] for row in result.values()]


def test_images_without_edges_stand_alone() -> None:
    assert grouped(2, [])["i01"] == {
        "image_id": "i01",
        "group_id": "i01",
        "is_representative": True,
        "score": 1.0,
        "reason": None,
    }
    assert grouped(0, []) == {}


def test_a_chain_does_not_swallow_what_is_unlike_the_kept_one() -> None:
    assert kept(grouped(3, [(0, 1, 0.9, "hash"), (1, 2, 0.9, "hash")])) == ["i00", "i00", "i02"]


def test_the_best_copy_takes_its_neighbours() -> None:
    result = grouped(4, [(0, 3, 0.75, "cnn"), (1, 2, 0.5, "hash"), (2, 3, 0.9, "hash")])
    assert kept(result) == ["i00", "i01", "i01", "i00"]
    assert (result["i03"]["score"], result["i03"]["reason"]) == (0.75, "cnn")


def test_equal_pixels_share_their_edges() -> None:
    edges = [(1, 2, 1.0, "bytes"), (2, 3, 1.0, "pixels"), (0, 3, 0.75, "hash")]
    result = grouped(4, edges)
    assert kept(result) == ["i00"] * 4
    assert [row["reason"] for row in result.values()] == [None, "hash", "hash", "hash"]
    assert [row["score"] for row in result.values()] == [1.0, 0.75, 0.75, 0.75]


def test_equality_names_its_reason() -> None:
    result = grouped(4, [(0, 1, 1.0, "bytes"), (1, 2, 1.0, "pixels"), (2, 3, 1.0, "bytes")])
    assert [row["reason"] for row in result.values()] == [None, "bytes", "pixels", "pixels"]


def test_repeated_edges_keep_the_strongest_reason() -> None:
    result = grouped(2, [(0, 1, 0.99, "cnn"), (0, 1, 0.5, "hash"), (1, 0, 0.75, "hash")])
    assert (result["i01"]["reason"], result["i01"]["score"]) == ("hash", 0.75)


edge = st.tuples(st.integers(0, 14), st.integers(0, 14), st.sampled_from([0.5, 0.75, 1.0]), st.sampled_from(REASONS))


@settings(max_examples=150, deadline=None)
@given(st.lists(edge.filter(lambda e: e[0] != e[1]), max_size=30), st.integers(0, 1000))
def test_groups_hold_their_promises_in_any_order(edges: list[tuple[int, int, float, str]], seed: int) -> None:
    result = grouped(15, edges)
    assert grouped(15, edges, seed) == result
    classes = list(range(15))  # pictures of equal pixels, by naive merging
    for _ in range(15):
        for a, b, _, reason in edges:
            if reason in ("bytes", "pixels"):
                classes[a] = classes[b] = min(classes[a], classes[b])
    linked = {frozenset((classes[a], classes[b])) for a, b, _, _ in edges}
    number = {name: index for index, name in enumerate(result)}
    for name, row in result.items():
        a, b = classes[number[name]], classes[number[row["group_id"]]]
        assert number[row["group_id"]] <= number[name]
        assert row["is_representative"] == (name == row["group_id"]) == (row["reason"] is None)
        assert a == b or frozenset((a, b)) in linked
    keepers = [number[name] for name, row in result.items() if row["is_representative"]]
    assert not any(frozenset((classes[a], classes[b])) in linked for a in keepers for b in keepers if a != b)
    assert len({classes[a] for a in keepers}) == len(keepers)


def test_greedy_stars_match_a_naive_loop() -> None:
    random = np.random.default_rng(1)
    edges = [(int(a), int(b), 0.5, "hash") for a, b in random.integers(0, 60, (90, 2)) if a != b]
    near: dict[int, set[int]] = {}
    for a, b, _, _ in edges:
        near.setdefault(a, set()).add(b)
        near.setdefault(b, set()).add(a)
    group: dict[int, int] = {}
    for hub in range(60):
        if hub not in group:
            group[hub] = hub
            group.update({other: hub for other in near.get(hub, set()) if other not in group})
    assert kept(grouped(60, edges)) == [f"i{group[index]:02}" for index in range(60)]


def test_bad_input_is_named() -> None:
    ids = pa.chunked_array([["a", "b"]])
    edges = pa.table([["a"], ["z"], pa.array([0.5], pa.float32()), ["hash"]], schema=EDGES)
    with pytest.raises(ValueError, match="'z'"):
        group_edges(edges, ids, rank=np.arange(2))
    with pytest.raises(ValueError, match="unique"):
        group_edges(EDGES.empty_table(), pa.chunked_array([["a", "a"]]), rank=np.arange(2))
    with pytest.raises(ValueError, match="without ties"):
        group_edges(EDGES.empty_table(), ids, rank=np.zeros(2, np.int64))
    strange = pa.table([["a"], ["b"], pa.array([0.5], pa.float32()), ["why"]], schema=EDGES)
    with pytest.raises(ValueError, match="reason"):
        group_edges(strange, ids, rank=np.arange(2))
