import numpy as np

from labels.agreement import Rows
from labels.word_groups import group_words

IMAGES = 4_000


def rows_of(clicks: list[list[int]]) -> Rows:
    """Return a row per query of the images that it led to."""
    owner = np.repeat(np.arange(len(clicks)), [len(one) for one in clicks])
    columns = np.concatenate([np.array(one, dtype=np.int64) for one in clicks])
    return Rows.of(owner, columns, np.ones(len(owner)), count=len(clicks))


def planted(*, own: int, seed: int = 3) -> tuple[list[np.ndarray], Rows]:
    """Return 60 words of two queries each; the first four words' queries draw from `own` images, the rest from all."""
    random = np.random.default_rng(seed)
    clicks = [sorted(random.choice(own if query < 8 else IMAGES, 8, replace=False).tolist()) for query in range(120)]
    return [np.array([2 * word, 2 * word + 1]) for word in range(60)], rows_of(clicks)


def test_words_that_share_images_are_one_group_and_the_others_are_none() -> None:
    queries, shares = planted(own=60)
    (group,) = group_words(queries, shares, images=IMAGES)
    assert sorted(group) == [0, 1, 2, 3]


def test_chance_is_no_group() -> None:
    queries, shares = planted(own=IMAGES)
    assert group_words(queries, shares, images=IMAGES) == []


def test_images_to_which_everybody_is_led_bind_nobody() -> None:
    random = np.random.default_rng(5)
    clicks = [sorted({0, 1, 2, *random.choice(IMAGES, 6).tolist()}) for _ in range(120)]
    queries = [np.array([2 * word, 2 * word + 1]) for word in range(60)]
    assert group_words(queries, rows_of(clicks), images=IMAGES) == []


def test_two_groups_come_apart() -> None:
    random = np.random.default_rng(6)
    areas = [range(0, 50), range(50, 100), range(100, IMAGES)]
    clicks = [sorted(random.choice(areas[min(query // 8, 2)], 8, replace=False).tolist()) for query in range(120)]
    queries = [np.array([2 * word, 2 * word + 1]) for word in range(60)]
    groups = group_words(queries, rows_of(clicks), images=IMAGES)
    assert sorted(map(sorted, groups)) == [[0, 1, 2, 3], [4, 5, 6, 7]]


def test_little_has_no_groups() -> None:
    assert group_words([], rows_of([[1]]), images=3) == []
    assert group_words([np.array([0])], rows_of([[1]]), images=3) == []
