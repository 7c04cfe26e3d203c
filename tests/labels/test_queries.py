import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.queries import normalize_queries, normalize_query


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("  World   MAP\t", "world map"),
        ("ＰＰＴ　배경", "ppt 배경"),  # full width, ideographic space
        ("악보", "악보"),  # decomposed Hangul
        ("Straße", "strasse"),
        ("", ""),
    ],
)
def test_spellings_of_one_query_are_equal(text: str, normal: str) -> None:
    assert normalize_query(text) == normal


@given(st.text())
def test_normalizing_is_idempotent_and_leaves_single_spaces(text: str) -> None:
    normal = normalize_query(text)
    assert normalize_query(normal) == normal
    assert normal == " ".join(normal.split())


@given(st.lists(st.none() | st.text("aA 가\u1100\u1161", max_size=4)))
def test_a_column_is_normalized_row_by_row(texts: list[str | None]) -> None:
    expected = [None if text is None else normalize_query(text) for text in texts]
    assert normalize_queries(pa.array(texts, pa.string())).to_pylist() == expected
    halves = pa.chunked_array([texts[:2], texts[2:]], pa.string())
    assert normalize_queries(halves).to_pylist() == expected
    assert normalize_queries(pa.array(texts, pa.string()).dictionary_encode()).to_pylist() == expected
