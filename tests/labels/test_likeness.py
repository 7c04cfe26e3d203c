"""A sign that tells the parents of known classes is believed of a new one; noise is not."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from labels.agreement import Profile
from labels.click_window import Window
from labels.likeness import SIGNS, Likeness
from labels.tables import CLICKED_PAIRS, LABELS, QUERY_INTENTS
from labels.taxonomy import Taxonomy
from labels.word_search import Suggestion
from labels.words import find_words

LOOKS = SIGNS.index("looks")


def window_of(taxonomy: Taxonomy) -> Window:
    """Return a window of three queries per class that share three images, and three queries of something new."""
    texts = [(intent.id, f"subject{n} {intent.patterns[-1]}") for intent in taxonomy.live_intents for n in range(3)]
    texts += [("new", f"subject{n} zzz") for n in range(3)]
    pairs = pa.Table.from_pylist(
        [
            {"query": query, "image_id": f"{name}-{image}", "visits": 4, "clicks": 4}
            for name, query in texts
            for image in range(3)
        ],
        schema=CLICKED_PAIRS,
    )
    intents = pa.Table.from_pylist(
        [{"query": query, "intent": None if name == "new" else name, "users": 4} for name, query in texts],
        schema=QUERY_INTENTS,
    )
    return Window.of(pairs, intents, taxonomy)


def looks_of(taxonomy: Taxonomy, blurred: npt.NDArray[np.int64], new: str) -> pa.Table:
    """Return a model's chances: half on an image's class, half on the one in its place of `blurred`."""
    ids = list(taxonomy.intent_ids)
    rows, scores = [], []
    for place, name in enumerate([*ids, "new"]):
        chances = np.full(len(ids), 0.01)
        chances[ids.index(new) if name == "new" else place] += 0.5
        chances[ids.index(new) if name == "new" else blurred[place]] += 0.3
        for image in range(3):
            rows.append(f"{name}-{image}")
            scores.append(chances)
    table = np.array(scores, np.float32)
    return pa.table({"image_id": rows, **{name: table[:, place] for place, name in enumerate(ids)}})


def suggestion(window: Window, taxonomy: Taxonomy, words: list[str]) -> Suggestion:
    queries = np.flatnonzero([text.endswith("zzz") for text in window.texts])
    profile = Profile.of(window.shares, queries)
    near = profile.meets_groups(window.classes_by_image, window.class_weights(len(taxonomy.intent_ids)))
    return Suggestion(words, queries, profile, 10.0, near, None)


@pytest.fixture(scope="module")
def siblings(taxonomy: Taxonomy) -> npt.NDArray[np.int64]:
    """The next class under the same parent, for each class."""
    found = []
    for place, parent in enumerate(taxonomy.parent_index):
        family = np.flatnonzero(taxonomy.parent_index == parent)
        found.append(family[(np.searchsorted(family, place) + 1) % len(family)])
    return np.array(found)


def test_a_model_that_takes_siblings_for_each_other_tells_the_parent(
    taxonomy: Taxonomy, siblings: npt.NDArray[np.int64]
) -> None:
    window = window_of(taxonomy)
    words = find_words(window.texts, min_queries=3)
    looks = looks_of(taxonomy, siblings, "blueprint")
    likeness = Likeness.of(window, words, LABELS.empty_table(), looks, taxonomy)
    assert likeness.weights[LOOKS] > 0.5
    one = suggestion(window, taxonomy, ["zzz"])
    chances = likeness.parent_chances(one)
    assert chances.sum() == pytest.approx(1)
    parent = int(chances.argmax())
    assert taxonomy.parent_ids[parent] == "sketch"
    assert chances[parent] > 0.6
    assert taxonomy.intent_ids[likeness.nearest(one, parent)] == "blueprint"


def test_a_model_that_mixes_everything_up_is_not_believed(taxonomy: Taxonomy) -> None:
    window = window_of(taxonomy)
    words = find_words(window.texts, min_queries=3)
    count = len(taxonomy.intent_ids)
    blurred = (np.arange(count) + count // 2) % count  # always under another parent, or nearly
    likeness = Likeness.of(window, words, LABELS.empty_table(), looks_of(taxonomy, blurred, "blueprint"), taxonomy)
    assert likeness.weights[LOOKS] < 0.2
    chances = likeness.parent_chances(suggestion(window, taxonomy, ["zzz"]))
    shares = np.bincount(taxonomy.parent_index) / count
    assert np.abs(chances - shares).max() < 0.15


def test_pieces_of_words_count_where_they_tell_known_parents_apart(taxonomy: Taxonomy) -> None:
    window = window_of(taxonomy)
    words = find_words(window.texts, min_queries=3)
    likeness = Likeness.of(window, words, LABELS.empty_table(), None, taxonomy)
    assert likeness.weights[SIGNS.index("wording")] > 0.1
    photo = taxonomy.parent_ids.index("photo")
    plain, telling = (suggestion(window, taxonomy, texts) for texts in (["zzz"], ["새 사진", "bird photo"]))
    assert likeness.parent_chances(telling)[photo] > 1.3 * likeness.parent_chances(plain)[photo]


def test_a_taxonomy_whose_classes_nobody_asked_for_gives_the_shares(taxonomy: Taxonomy) -> None:
    window = Window.of(CLICKED_PAIRS.empty_table(), QUERY_INTENTS.empty_table(), taxonomy)
    likeness = Likeness.of(window, find_words([], min_queries=3), LABELS.empty_table(), None, taxonomy)
    assert (likeness.weights == 0).all()
