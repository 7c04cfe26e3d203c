"""Query rules: which intent a query's own words ask for.

A pattern with a Hangul letter matches anywhere in the query without its spaces, since Korean writes words
together at will. Any other pattern matches on word boundaries, and its plural in -s or -es too; a Korean,
Chinese or Japanese letter beside a Latin one is a boundary (``ppt배경``, ``map으로``). The longest match wins,
by letters without spaces; a tie between two intents gives none. A negative hides the letters that it covers
from the patterns of its own intent only.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa

from labels.queries import normalize_queries, normalize_query
from labels.taxonomy import Taxonomy

MATCHES = pa.schema([("query", pa.string()), ("intent", pa.string()), ("rule", pa.string())])
"""One row per distinct normalised query, sorted by it; intent and rule are null where no rule decides."""

_HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff]")
# Letters of scripts that put no space between words: they end a word of another script.
_UNSPACED_SCRIPT = re.compile(
    "[\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff]"
)
_PLURALS = ("", "s", "es")


class RuleMatch(NamedTuple):
    """The rule that decides a query: the intent's id and the pattern as the taxonomy writes it."""

    intent: str
    rule: str


class _Entry(NamedTuple):
    """One use of a pattern text: whose it is, and whether it asks for the intent or hides letters from it."""

    order: int  # place in the taxonomy; the first of equals is named
    intent: str
    rule: str
    negative: bool


class _Occurrence(NamedTuple):
    start: int  # in letters of the query without spaces
    end: int
    length: int  # letters of the pattern without spaces
    entry: _Entry


@dataclass(frozen=True)
class _PatternTable:
    """Pattern texts by content, with their lengths by first letter: the query is looked up, not searched."""

    entries: dict[str, tuple[_Entry, ...]]
    lengths: dict[str, tuple[int, ...]]

    def at(self, text: str, start: int) -> Iterator[tuple[int, tuple[_Entry, ...]]]:
        """Yield (end, entries) of the patterns that stand in the text at ``start``."""
        for length in self.lengths.get(text[start], ()):
            end = start + length
            if end > len(text):
                return  # the lengths rise
            found = self.entries.get(text[start:end])
            if found is not None:
                yield end, found


@dataclass(frozen=True)
class Rules:
    """Compiled query rules of one taxonomy; plain data, so it travels to workers."""

    anywhere: _PatternTable
    bounded: _PatternTable

    def match(self, query: str) -> RuleMatch | None:
        """Return what the query asks for, or None where no pattern stands in it or two intents tie."""
        return self.match_normalized(normalize_query(query))

    def match_normalized(self, query: str) -> RuleMatch | None:
        """Do the same for a query that is normalised already."""
        occurrences = [*self._anywhere(query), *self._bounded(query)]
        if not occurrences:
            return None
        hidden = [found for found in occurrences if found.entry.negative]
        standing = [found for found in occurrences if not found.entry.negative and not _is_hidden(found, hidden)]
        if not standing:
            return None
        longest = max(found.length for found in standing)
        winners = [found.entry for found in standing if found.length == longest]
        if any(entry.intent != winners[0].intent for entry in winners):
            return None
        winner = min(winners)
        return RuleMatch(winner.intent, winner.rule)

    def _anywhere(self, query: str) -> Iterator[_Occurrence]:
        letters = query.replace(" ", "")
        for start in range(len(letters)):
            for end, entries in self.anywhere.at(letters, start):
                for entry in entries:
                    yield _Occurrence(start, end, end - start, entry)

    def _bounded(self, query: str) -> Iterator[_Occurrence]:
        for start in range(len(query)):
            if query[start] not in self.bounded.lengths or not _is_boundary(query, start):
                continue
            for stem_end, entries in self.bounded.at(query, start):
                end = _bounded_end(query, stem_end)
                if end is None:
                    continue
                first = start - query.count(" ", 0, start)
                last = end - query.count(" ", 0, end)
                length = stem_end - start - query.count(" ", start, stem_end)
                for entry in entries:
                    yield _Occurrence(first, last, length, entry)


def compile_rules(taxonomy: Taxonomy) -> Rules:
    """Compile the patterns and negatives of the live intents."""
    anywhere: dict[str, list[_Entry]] = defaultdict(list)
    bounded: dict[str, list[_Entry]] = defaultdict(list)
    order = 0
    for intent in taxonomy.live_intents:
        for negative, words in ((False, intent.patterns), (True, intent.negatives)):
            for word in words:
                text = normalize_query(word)
                entry = _Entry(order, intent.id, word, negative)
                order += 1
                if _HANGUL.search(text):
                    anywhere[text.replace(" ", "")].append(entry)
                elif text:
                    bounded[text].append(entry)
    return Rules(anywhere=_pattern_table(anywhere), bounded=_pattern_table(bounded))


def match_queries(queries: pa.Array | pa.ChunkedArray, rules: Rules) -> pa.Table:
    """Match the distinct queries of a column: a table of schema ``MATCHES``, sorted by query.

    Queries are normalised first; null and blank ones are left out.
    """
    distinct = sorted({text for text in normalize_queries(queries).unique().to_pylist() if text})
    matches = [rules.match_normalized(query) for query in distinct]
    return pa.table(
        {
            "query": pa.array(distinct, pa.string()),
            "intent": pa.array([match and match.intent for match in matches], pa.string()),
            "rule": pa.array([match and match.rule for match in matches], pa.string()),
        },
        schema=MATCHES,
    )


def _pattern_table(entries: dict[str, list[_Entry]]) -> _PatternTable:
    lengths: dict[str, set[int]] = defaultdict(set)
    for text in entries:
        lengths[text[0]].add(len(text))
    return _PatternTable(
        entries={text: tuple(found) for text, found in sorted(entries.items())},
        lengths={letter: tuple(sorted(found)) for letter, found in sorted(lengths.items())},
    )


def _is_hidden(found: _Occurrence, negatives: list[_Occurrence]) -> bool:
    return any(
        negative.entry.intent == found.entry.intent and negative.start < found.end and found.start < negative.end
        for negative in negatives
    )


def _joins(letter: str) -> bool:
    """Return whether the letter forms words with its neighbours of the same kind."""
    return (letter.isalnum() or letter == "_") and _UNSPACED_SCRIPT.match(letter) is None


def _is_boundary(text: str, place: int) -> bool:
    """Return whether a word can begin or end between ``text[place - 1]`` and ``text[place]``."""
    if place in (0, len(text)):
        return True
    return not (_joins(text[place - 1]) and _joins(text[place]))


def _bounded_end(text: str, stem_end: int) -> int | None:
    """Return where the word ends that begins with a pattern: at once, or after a plural -s or -es."""
    for plural in _PLURALS:
        end = stem_end + len(plural)
        if text.startswith(plural, stem_end) and _is_boundary(text, end):
            return end
    return None
