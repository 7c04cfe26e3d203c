"""Words that many queries share, without a tokenizer: Latin ones by spaces, Korean ones from the letters.

Korean glues words together at will ("공주도면", "도면그리기"), so a Korean word is any run of letters, spaces
ignored, that stands between many different neighbours and is no part of a longer run that is nearly as frequent
(accessor variety: Feng, Chen, Deng & Zheng 2004, "Accessor variety criteria for Chinese word extraction"). The
same holds for Latin phrases of up to three words. Chinese and Japanese letters are treated like Korean ones.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from labels.agreement import Rows
from labels.grouping import dense, pack, starts_of

_Ints = npt.NDArray[np.int64]
_Bools = npt.NDArray[np.bool_]

_LETTER = "\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff"
HANGUL = "[\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff]"
"""A Korean letter: a pattern with one matches anywhere, spaces ignored (``labels.rules``)."""
LETTER_SIZES = range(2, 9)
"""Letters of a word of an unspaced script: one letter matches inside everything, nine are a sentence."""
TOKEN_SIZES = range(1, 4)
"""Words of a Latin phrase."""
_WHOLE = 0.8
"""Share of a run's queries from which a longer run is the word and this one its fragment: "heet" of "sheet"."""
_MIN_VARIETY = 3
"""Different neighbours on either side of a word, ends and spaces counting each time: "이모" is followed by 지
and 티 alone (이모지, 이모티콘), so it is no word."""


def has_hangul(text: str) -> bool:
    """Return whether a Korean letter stands in the text."""
    return re.search(HANGUL, text) is not None


@dataclass(frozen=True)
class Words:
    """Words and the queries that hold each: word i is in ``queries[first[i]:first[i + 1]]`` (places, rising)."""

    texts: tuple[str, ...]
    first: _Ints
    queries: _Ints

    def of(self, word: int) -> _Ints:
        """Return the places of the queries that hold a word."""
        return self.queries[self.first[word] : self.first[word + 1]]

    def by_query(self, count: int) -> Rows:
        """Return the words of each of ``count`` queries."""
        word = np.repeat(np.arange(len(self.texts)), np.diff(self.first))
        return Rows.of(self.queries, word, np.ones(len(word)), count=count)


def find_words(queries: Sequence[str], *, min_queries: int) -> Words:
    """Find the words that stand in at least ``min_queries`` of distinct normalised queries.

    Latin plurals in -s and -es count with their singular where that occurs too. Single Latin letters and numbers
    are no words. The words come by length, then in a fixed order that the queries alone decide.
    """
    symbols = _Symbols.of(queries)
    count = max(len(queries), 1)
    texts: list[str] = []
    holders: list[_Ints] = []
    code = symbols.codes.copy()  # of the run of `size` symbols that starts there, -1 where none does
    runs, supports = _frequent(code, symbols.query, count, 1 if min_queries < 1 else min_queries)
    for size in range(1, LETTER_SIZES[-1] + 1):
        longer = _extend(runs, symbols, size)
        next_runs, next_supports = _frequent(longer, symbols.query, count, min_queries)
        longest = np.zeros(len(supports), dtype=np.int64)
        at = np.flatnonzero(next_runs >= 0)
        np.maximum.at(longest, runs[at], next_supports[next_runs[at]])
        np.maximum.at(longest, runs[at + 1], next_supports[next_runs[at]])
        whole = longest < _WHOLE * supports
        variety = np.minimum(
            _variety(runs, symbols.left_of(size), len(supports)), _variety(runs, symbols.right_of(size), len(supports))
        )
        kept = whole & (variety >= _MIN_VARIETY)
        where = np.flatnonzero((runs >= 0) & np.append(kept, False)[runs])
        owners, starts = dense(runs[where])
        first = np.full(len(owners), len(runs), dtype=np.int64)
        np.minimum.at(first, starts, where)
        pairs = np.unique(starts * count + symbols.query[where])
        bounds = np.searchsorted(pairs // count, np.arange(len(owners) + 1))
        for place, at_first in enumerate(first.tolist()):
            text = symbols.text(at_first, size)
            if text is not None:
                texts.append(text)
                holders.append(pairs[bounds[place] : bounds[place + 1]] % count)
        runs, supports = next_runs, next_supports
    sizes = np.array([len(found) for found in holders], dtype=np.int64)
    return Words(
        texts=tuple(texts),
        first=np.append(np.zeros(1, np.int64), np.cumsum(sizes)),
        queries=np.concatenate([np.zeros(0, np.int64), *holders]),
    )


@dataclass(frozen=True)
class _Symbols:
    """All queries one after the other, a symbol per letter of an unspaced script and per word of any other.

    ``codes`` are ranks into ``names``; ``begins`` says that a run cannot reach over the start of this symbol,
    ``spaced`` that a space or such an end is before it.
    """

    names: tuple[str, ...]
    codes: _Ints
    query: _Ints
    letter: _Bools
    begins: _Bools
    spaced: _Bools

    @classmethod
    def of(cls, queries: Sequence[str]) -> "_Symbols":
        """Cut the queries into symbols."""
        pieces = (
            pl.DataFrame({"text": pl.Series(queries, dtype=pl.String)})
            .with_row_index("query")
            .with_columns(pl.col("text").str.extract_all(rf"[{_LETTER}]|[^\s{_LETTER}]+|\s"))
            .explode("text", empty_as_null=True)
            .drop_nulls("text")
            .with_columns((pl.col("text").str.strip_chars() == "").alias("space"))
            .with_columns(pl.col("space").shift(1, fill_value=False).over("query").alias("after_space"))
            .filter(~pl.col("space"))
            .with_columns(pl.col("text").str.contains(f"^[{_LETTER}]$").alias("letter"))
        )
        known = pieces["text"].unique()
        pieces = pieces.with_columns(_singular(known))
        names = pieces["text"].unique().sort()
        codes = (pieces["text"].rank("dense").cast(pl.Int64) - 1).to_numpy()
        query = pieces["query"].cast(pl.Int64).to_numpy()
        letter = pieces["letter"].to_numpy()
        begins = np.ones(len(codes), dtype=bool)
        begins[1:] = (query[1:] != query[:-1]) | (letter[1:] != letter[:-1])
        spaced = begins | (letter & pieces["after_space"].to_numpy())
        return cls(tuple(names.to_list()), codes, query, letter, begins, spaced)

    def left_of(self, size: int) -> _Ints:
        """Return what stands before each symbol: its code, or a number of its own at an end or space."""
        before = np.append(-1, self.codes[:-1]) if len(self.codes) else self.codes
        return np.where(self.spaced, len(self.names) + self.query, before)

    def right_of(self, size: int) -> _Ints:
        """Return what stands after the run of ``size`` symbols that starts at each symbol."""
        after = np.arange(len(self.codes)) + size
        inside = after < len(self.codes)
        place = np.minimum(after, max(len(self.codes) - 1, 0))
        return np.where(~inside | self.spaced[place], len(self.names) + self.query, self.codes[place])

    def text(self, start: int, size: int) -> str | None:
        """Return the run's text, None where a run of this size is no word."""
        names = [self.names[code] for code in self.codes[start : start + size].tolist()]
        if self.letter[start]:
            return "".join(names) if size in LETTER_SIZES else None
        text = " ".join(names)
        is_word = size in TOKEN_SIZES and len(text) > 1 and any(letter.isalpha() for letter in text)
        return text if is_word else None


def _singular(known: pl.Series) -> pl.Expr:
    """Return each word without its plural -s or -es where the rest is a word of some query too."""
    text = pl.col("text")
    without_s, without_es = text.str.strip_suffix("s"), text.str.strip_suffix("es")
    is_plural = text.str.contains("[a-z]{2}s$") & ~text.str.ends_with("ss")
    vocabulary = known.to_list()
    return (
        pl.when(is_plural & without_s.is_in(vocabulary))
        .then(without_s)
        .when(is_plural & (without_es != text) & without_es.is_in(vocabulary))
        .then(without_es)
        .otherwise(text)
        .alias("text")
    )


def _extend(runs: _Ints, symbols: _Symbols, size: int) -> _Ints:
    """Return the runs of one symbol more as numbers: both parts must be frequent and of one kind and query."""
    longer = np.full(len(runs), -1, dtype=np.int64)
    if len(runs) < 2:
        return longer
    ends = np.arange(len(runs) - 1) + size
    inside = ends < len(runs)
    joined = inside & ~symbols.begins[np.minimum(ends, len(runs) - 1)]
    limit = np.where(symbols.letter[:-1], LETTER_SIZES[-1], TOKEN_SIZES[-1])
    fits = joined & (runs[:-1] >= 0) & (runs[1:] >= 0) & (size < limit)
    span = int(runs.max()) + 1
    longer[:-1][fits] = pack([runs[:-1][fits], runs[1:][fits]], [span, span])
    return longer


def _frequent(numbers: _Ints, query: _Ints, count: int, min_queries: int) -> tuple[_Ints, _Ints]:
    """Return the runs in enough queries as codes from 0, -1 elsewhere, and the number of queries of each code."""
    runs = np.full(len(numbers), -1, dtype=np.int64)
    at = np.flatnonzero(numbers >= 0)
    distinct, places = dense(numbers[at])
    pairs = np.sort(pack([places, query[at]], [len(distinct), count]))
    pairs = pairs[starts_of(pairs)] if len(pairs) else pairs
    support = np.bincount(pairs // count, minlength=len(distinct)).astype(np.int64)
    enough = support >= min_queries
    codes = np.where(enough, np.cumsum(enough) - 1, -1)
    runs[at] = codes[places]
    return runs, support[enough]


def _variety(runs: _Ints, neighbours: _Ints, count: int) -> _Ints:
    """Return how many different neighbours each run has."""
    at = np.flatnonzero(runs >= 0)
    distinct, places = dense(neighbours[at])
    pairs = np.unique(pack([runs[at], places], [count, len(distinct)]))
    return np.bincount(pairs // max(len(distinct), 1), minlength=count).astype(np.int64)
