"""How queries are compared: after NFKC, casefolding and collapsing spaces."""

import unicodedata

import pyarrow as pa


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

    The work is done once per distinct spelling.
    """
    if isinstance(queries, pa.ChunkedArray):
        queries = queries.combine_chunks() if queries.num_chunks != 1 else queries.chunk(0)
    encoded = queries if pa.types.is_dictionary(queries.type) else queries.dictionary_encode()
    spellings = pa.array(
        [None if text is None else normalize_query(text) for text in encoded.dictionary.to_pylist()], pa.string()
    )
    return spellings.take(encoded.indices)
