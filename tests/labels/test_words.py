import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.words import Words, find_words


def holders(queries: list[str], *, min_queries: int = 3) -> dict[str, set[str]]:
    found = find_words(queries, min_queries=min_queries)
    return {text: {queries[place] for place in found.of(word)} for word, text in enumerate(found.texts)}


def test_a_korean_word_is_found_in_whatever_it_is_glued_to() -> None:
    queries = ["공주 도면", "토끼도면", "나비 도면", "곰도면 무료", "집 도면그리기"]
    assert holders(queries) == {"도면": set(queries)}


def test_a_fragment_of_words_is_no_word() -> None:
    queries = [f"{subject}{word}" for subject in ("곰", "꽃", "별", "집") for word in ("이모지", "이모티콘")]
    assert set(holders(queries)) == {"이모지", "이모티콘"}


def test_latin_words_go_by_spaces_phrases_stay_whole_and_plurals_are_one() -> None:
    queries = ["rose floor plan", "house floor plans", "my floor plan", "old floor plans free"]
    assert holders(queries) == {"floor plan": set(queries)}


def test_numbers_and_single_letters_are_no_words() -> None:
    assert holders([f"{subject} 2 b" for subject in ("rose", "house", "car", "tree")]) == {"2 b": {
        "rose 2 b", "house 2 b", "car 2 b", "tree 2 b"
    }}  # fmt: skip
    assert holders([f"{subject} 2" for subject in ("rose", "house", "car", "tree")]) == {}


@pytest.mark.parametrize("queries", [[], ["a"], [""], ["악보"]])
def test_little_has_no_words(queries: list[str]) -> None:
    assert find_words(queries, min_queries=2).texts == ()


@given(
    st.lists(st.text("악보도면 ab2", max_size=12).map(lambda text: " ".join(text.split())), unique=True, max_size=30)
)
def test_every_holder_holds_the_word_in_enough_queries(queries: list[str]) -> None:
    found: Words = find_words(queries, min_queries=2)
    assert len(set(found.texts)) == len(found.texts)
    assert found.first[-1] == len(found.queries)
    for word, text in enumerate(found.texts):
        places = found.of(word)
        assert len(places) >= 2
        assert (np.diff(places) > 0).all()
        assert all(text.replace(" ", "") in queries[place].replace(" ", "") for place in places)
