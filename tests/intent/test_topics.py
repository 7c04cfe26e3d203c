"""Topics: planted clusters come back, nothing depends on the order of rows, names fit."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import v_measure_score

from intent.tables import TOPIC_NAMES, TOPICS
from intent.topics import TopicConfig, assign_topics, fit_topics, name_topics, share_out, spherical_kmeans, unit_rows

HIGH, LOW_EACH, IMAGES = 6, 4, 1200
CONFIG = TopicConfig(high=HIGH, low=HIGH * LOW_EACH, min_leaf=10)


def planted(seed: int = 0) -> tuple[np.ndarray, list[str], np.ndarray]:
    """Return embeddings [n, 24], ids and the narrow cluster of each; the broad one is it // LOW_EACH."""
    rng = np.random.default_rng(seed)
    broad = rng.normal(size=(HIGH, 24))
    narrow = (broad[:, None] + 0.45 * rng.normal(size=(HIGH, LOW_EACH, 24))).reshape(-1, 24)
    cluster = rng.integers(0, len(narrow), IMAGES)
    vectors = narrow[cluster] + 0.12 * rng.normal(size=(IMAGES, 24))
    return vectors.astype(np.float32), [f"img{row:05d}" for row in range(IMAGES)], cluster


def test_planted_topics_come_back_on_both_levels() -> None:
    vectors, ids, cluster = planted()
    model = fit_topics(vectors, ids, CONFIG)
    topics = assign_topics(vectors, ids, model)
    assert topics.schema.equals(TOPICS, check_metadata=True)
    assert (model.high_count, model.low_count, model.warnings) == (HIGH, HIGH * LOW_EACH, ())
    assert v_measure_score(cluster // LOW_EACH, topics["topic_high"].to_numpy()) > 0.97
    assert v_measure_score(cluster, topics["topic_low"].to_numpy()) > 0.94


def test_low_topics_nest_and_none_is_empty() -> None:
    vectors, ids, _ = planted()
    model = fit_topics(vectors, ids, CONFIG)
    topics = assign_topics(vectors, ids, model)
    low, high = topics["topic_low"].to_numpy(), topics["topic_high"].to_numpy()
    assert np.array_equal(model.parent[low], high)
    assert np.bincount(low, minlength=model.low_count).min() > 0


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 2**16))
def test_order_of_rows_changes_nothing(seed: int) -> None:
    vectors, ids, _ = planted()
    order = np.random.default_rng(seed).permutation(IMAGES)
    expected = assign_topics(vectors, ids, fit_topics(vectors, ids, CONFIG))
    shuffled = pa.array([ids[row] for row in order])
    assert assign_topics(vectors[order], shuffled, fit_topics(vectors[order], shuffled, CONFIG)).equals(expected)


def test_sampled_fit_finds_the_same_topics() -> None:
    vectors, ids, cluster = planted()
    small = TopicConfig(high=HIGH, low=HIGH * LOW_EACH, min_leaf=10, max_fit=40)
    topics = assign_topics(vectors, ids, fit_topics(vectors, ids, small))
    assert v_measure_score(cluster // LOW_EACH, topics["topic_high"].to_numpy()) > 0.97


def test_margins_are_the_distance_to_the_second_topic() -> None:
    vectors, ids, _ = planted()
    model = fit_topics(vectors, ids, CONFIG)
    topics = assign_topics(vectors, ids, model)
    cosine = np.sort(unit_rows(vectors) @ model.high.T, axis=1)
    assert np.allclose(topics["margin_high"].to_numpy(), cosine[:, -1] - cosine[:, -2], atol=1e-6)
    assert topics["margin_low"].to_numpy().min() >= 0


def test_few_images_give_fewer_topics_and_say_so() -> None:
    vectors, ids, _ = planted()
    model = fit_topics(vectors[:100], ids[:100], TopicConfig())
    assert model.high_count == 2
    assert model.low_count == 2
    assert "2 high topics instead of 100" in model.warnings[0]
    assert "2 low topics instead of 10000" in model.warnings[1]


def test_equal_embeddings_make_one_topic() -> None:
    vectors = np.tile(np.array([[3.0, 4.0]], dtype=np.float32), (50, 1))
    ids = [str(row) for row in range(50)]
    model = fit_topics(vectors, ids, TopicConfig(high=2, low=4, min_leaf=2))
    assert (model.high_count, model.low_count) == (1, 1)
    assert assign_topics(vectors, ids, model)["margin_high"].to_numpy() == pytest.approx(1.0)


def test_single_image_has_a_topic() -> None:
    model = fit_topics(np.ones((1, 3), dtype=np.float32), ["only"], TopicConfig())
    assert assign_topics(np.ones((1, 3), dtype=np.float32), ["only"], model)["topic_low"].to_pylist() == [0]


@given(st.lists(st.tuples(st.integers(1, 40), st.floats(0.01, 100)), min_size=1, max_size=12), st.integers(1, 300))
def test_shares_are_exact_and_within_room(parents: list[tuple[int, float]], extra: int) -> None:
    room = np.array([places for places, _ in parents])
    weights = np.array([weight for _, weight in parents])
    total = len(parents) + extra
    shares = share_out(total, weights, room)
    assert shares.sum() == min(total, room.sum())
    assert (shares >= 1).all()
    assert (shares <= room).all()


@given(st.integers(1, 30), st.integers(1, 30))
def test_kmeans_leaves_no_cluster_empty(rows: int, count: int) -> None:
    vectors = unit_rows(np.random.default_rng(rows).normal(size=(rows, 4)))
    centroids = spherical_kmeans(vectors, count, iterations=10, seed=(0,))
    assert 1 <= len(centroids) <= min(rows, count)
    assert len(np.unique((vectors @ centroids.T).argmax(axis=1))) == len(centroids)


@pytest.mark.parametrize(
    ("vectors", "ids", "message"),
    [
        (np.ones((2, 3)), ["a", "a"], "'a' occurs twice"),
        (np.ones((2, 3)), ["a"], "1 ids for 2 embeddings"),
        (np.full((1, 3), np.nan), ["a"], "not finite"),
        (np.ones((0, 3)), [], "no embedding to cluster"),
        (np.ones(3), ["a", "b", "c"], "must be a matrix"),
    ],
)
def test_bad_embeddings_are_refused(vectors: np.ndarray, ids: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fit_topics(vectors, ids, TopicConfig())


def test_bad_config_is_refused() -> None:
    with pytest.raises(ValueError, match=r"low \(5\) is below high \(10\)"):
        TopicConfig(high=10, low=5)


def topic_table(rows: list[tuple[str, int, int, float]]) -> pa.Table:
    ids, high, low, margin = zip(*rows, strict=True)
    return pa.table([ids, high, low, margin, margin], schema=TOPICS)


def test_names_are_what_people_asked_and_differ_between_siblings() -> None:
    topics = topic_table([("a", 0, 0, 0.1), ("b", 0, 0, 0.3), ("c", 0, 1, 0.2), ("d", 1, 2, 0.2), ("e", 1, 3, 0.2)])
    clicks = pa.table(
        {
            "image_id": ["a", "b", "c", "c", "d", "gone", "a"],
            "query": ["고양이", "고양이", "고양이", "cat", "flag", "nothing", "image"],
            "users": pa.array([5, 5, 3, 2, 4, 99, 1], pa.int64()),
        }
    )
    names = name_topics(topics, clicks)
    assert names.schema.equals(TOPIC_NAMES, check_metadata=True)
    rows = {(row["level"], row["topic"]): row for row in names.to_pylist()}
    assert [(level, topic) for level, topic in rows] == [
        ("high", 0),
        ("high", 1),
        ("low", 0),
        ("low", 1),
        ("low", 2),
        ("low", 3),
    ]
    assert rows["high", 0]["name"] == "고양이"
    assert rows["high", 1]["name"] == "flag"
    assert rows["low", 0]["name"] == "고양이"
    assert rows["low", 1]["name"] == "cat"
    assert rows["low", 3]["name"] == "topic 1.3"
    assert rows["low", 3]["terms"] == []
    assert rows["low", 0]["medoids"] == ["b", "a"]
    assert rows["high", 0]["parent"] is None
    assert rows["low", 2]["parent"] == 1
    assert rows["high", 0]["size"] == 3


def test_siblings_with_the_same_only_query_get_different_names() -> None:
    topics = topic_table([("a", 0, 0, 0.1), ("b", 0, 1, 0.1)])
    clicks = pa.table({"image_id": ["a", "b"], "query": ["cat", "cat"], "users": pa.array([2, 2], pa.int64())})
    low = [row["name"] for row in name_topics(topics, clicks).to_pylist() if row["level"] == "low"]
    assert low == ["cat", "cat (1)"]
