"""Names that may have been meant: what an error message offers in the place of an unknown one."""

import difflib
import unicodedata
from collections.abc import Iterable

import polars as pl

_WAITING = 50
"""Names of a block that are compared letter by letter, those with most pairs of letters in common."""
_LEAST = 0.6
"""Likeness (``difflib``) from which a name may have been meant."""


def near_names(wanted: str, blocks: Iterable[pl.Series], *, count: int = 3) -> list[str]:
    """Return the names most like one that is unknown, best first; none where none is like it.

    Korean syllables are compared by their letters, so that 악부 is near to 악보; case and spaces do not count.

    Args:
        wanted: the unknown name.
        blocks: the known names (string), in blocks; one block is looked at at a time.
        count: names at most.
    """
    form = _letters(wanted)
    pairs = sorted({form[place : place + 2] for place in range(len(form) - 1)} or {form})
    best: dict[str, float] = {}
    for block in blocks:
        names = pl.DataFrame({"name": block.cast(pl.String)}).drop_nulls().unique()
        letters = pl.col("name").str.to_lowercase().str.normalize("NFKD").str.replace_all(r"\s", "")
        shared = pl.sum_horizontal(pl.col("letters").str.contains(pair, literal=True).cast(pl.Int32) for pair in pairs)
        likely = (
            names.with_columns(letters.alias("letters"))
            .with_columns((shared / (pl.col("letters").str.len_chars() + len(form))).alias("likeness"))
            .filter(pl.col("likeness") > 0)
            .sort("likeness", "name", descending=[True, False])
            .head(_WAITING)
        )
        for name in likely["name"].to_list():
            ratio = difflib.SequenceMatcher(None, form, _letters(name)).ratio()
            if ratio >= _LEAST:
                best[name] = ratio
        best = dict(sorted(best.items(), key=lambda item: (-item[1], item[0]))[:count])
    return list(best)


def or_near(wanted: str, blocks: Iterable[pl.Series]) -> str:
    """Return ``; near: a, b`` for an error message, empty where nothing is near."""
    found = near_names(wanted, blocks)
    return f"; near: {', '.join(found)}" if found else ""


def _letters(text: str) -> str:
    return "".join(unicodedata.normalize("NFKD", text.lower()).split())
