import polars as pl
import pytest

from labels.near_names import near_names, or_near

QUERIES = pl.Series(["서울 지도", "악보", "피아노 악보", "sheet music", "table tennis", "표"])


@pytest.mark.parametrize(
    ("wanted", "first"),
    [
        ("악부", "악보"),  # one letter (jamo) of a syllable
        ("서울지도", "서울 지도"),  # spaces
        ("Sheet Musik", "sheet music"),
        ("tabel tennis", "table tennis"),
    ],
)
def test_what_was_meant_comes_first(wanted: str, first: str) -> None:
    assert near_names(wanted, [QUERIES])[0] == first


def test_nothing_is_near_to_something_else() -> None:
    assert near_names("quantum", [QUERIES]) == []
    assert or_near("quantum", [QUERIES]) == ""
    assert near_names("x", []) == []
    assert near_names("", [QUERIES]) == []


def test_blocks_are_one_list() -> None:
    names = pl.Series([f"image{number:04d}" for number in range(2_000)])
    whole = near_names("imagee0123", [names])
    assert whole[0] == "image0123"
    assert near_names("imagee0123", [names.slice(start, 500) for start in range(0, 2_000, 500)]) == whole
    assert or_near("imagee0123", [names]).startswith("; near: image0123")
