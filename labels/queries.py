"""How queries are compared: after NFKC, casefolding and collapsing spaces."""

import unicodedata

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_NORMAL = r"^[!-@\[-~가-힣]+( [!-@\[-~가-힣]+)*$"
"""Plain ASCII without capitals, and composed Hangul, with single spaces between: normal as it stands."""


def normalize_query(text: str) -> str:
    """Return the form in which two spellings of one query are equal.

    NFKC (full-width letters, composed Hangul), casefold, NFKC again (casefolding can leave decomposed
    letters), then every run of white space becomes one space and the ends are stripped. Idempotent.

    >>> normalize_query("  ＰＰＴ   배경 ")
    'ppt 배경'
    """
    if text.isascii():
        return " ".join(text.lower().split())
    folded = unicodedata.normalize("NFKC", text).casefold()
    again = unicodedata.normalize("NFKC", folded).casefold()
    return " ".join(unicodedata.normalize("NFKC", again).split())


def normalize_queries(queries: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Normalise a column: string array in, string array of the same length out, null stays null.

    The work is done once per distinct spelling, and only for those that are not in their form already.
    """
    if isinstance(queries, pa.ChunkedArray):
        queries = queries.combine_chunks() if queries.num_chunks != 1 else queries.chunk(0)
    encoded = queries if pa.types.is_dictionary(queries.type) else queries.dictionary_encode()
    spellings = encoded.dictionary.cast(pa.string())
    others = np.flatnonzero(~np.asarray(pc.fill_null(pc.match_substring_regex(spellings, _NORMAL), False)))
    if len(others):
        changed = [None if text is None else normalize_query(text) for text in spellings.take(others).to_pylist()]
        rest = np.ones(len(spellings), dtype=bool)
        rest[others] = False
        spellings = pc.replace_with_mask(spellings, pa.array(~rest), pa.array(changed, pa.string()))
    return spellings.take(encoded.indices)
