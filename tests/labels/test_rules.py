import pickle

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.queries import normalize_query
from labels.rules import Rules, compile_rules, match_queries
from labels.taxonomy import Intent, Parent, Taxonomy


@pytest.mark.parametrize(
    ("query", "intent"),
    [
        ("햄스터그리기", "coloring_page"),
        ("햄스터 그 리 기", "coloring_page"),
        ("pianoppt", None),
        ("ppt배경", "pattern_background"),
        ("bj방송", "live_streamer"),
        ("서울map으로", "map"),
        ("recipe", None),  # holds ci
        ("maps of seoul", "map"),
        ("MAP", "map"),
        ("mapping", None),
        ("map_2", None),
        ("관광지도", "map"),  # 관광지 is a landmark, the longer 관광지도 a map and hidden from landmarks
        ("위성지도", "satellite_aerial"),
        ("지도교수", None),
        ("dining table", None),
        ("dining tables", None),
        ("table", "table"),
        ("wiring diagram", "blueprint"),
        ("mind map", "diagram"),
        ("소방 시설 구조도면", "blueprint"),
        ("포토그래프", None),
        ("지도교수 악보", "sheet_music"),
        ("지도 악보", None),  # two letters each: a tie
        ("벡터 함수 그래프", "graph_chart"),
        ("", None),
        ("호랑이", None),
    ],
)
def test_known_queries(rules: Rules, query: str, intent: str | None) -> None:
    found = rules.match(query)
    assert (found and found.intent) == intent


def test_the_match_names_its_rule_as_the_taxonomy_writes_it(rules: Rules) -> None:
    assert rules.match("예쁜 PPT배경 모음") == ("pattern_background", "ppt 배경")
    assert rules.match("floor plans") == ("blueprint", "floor plan")


def test_every_pattern_matches_its_own_intent_unless_another_ties(rules: Rules, taxonomy: Taxonomy) -> None:
    """Pattern by pattern: the query that is the pattern gets the intent, or a longer claim of another one."""
    for intent in taxonomy.live_intents:
        for pattern in intent.patterns:
            found = rules.match(pattern)
            assert found is not None, pattern
            assert found.intent == intent.id, pattern


def test_negatives_hide_letters_from_their_own_class_only(rules: Rules) -> None:
    # "머리 그리기" is no coloring page; "머리" is free for others.
    assert rules.match("머리 그리기") != ("coloring_page", "그리기")
    both = rules.match("머리 그리기 색칠공부")
    assert both == ("coloring_page", "색칠공부")


def test_rules_travel_to_workers(rules: Rules) -> None:
    assert pickle.loads(pickle.dumps(rules)).match("악보") == rules.match("악보")  # noqa: S301


def test_distinct_queries_come_back_once_and_sorted(rules: Rules) -> None:
    queries = pa.chunked_array([["map", "MAP ", None, "  "], ["tiger", "map", "악보"]])
    assert match_queries(queries, rules).to_pylist() == [
        {"query": "map", "intent": "map", "rule": "map"},
        {"query": "tiger", "intent": None, "rule": None},
        {"query": "악보", "intent": "sheet_music", "rule": "악보"},
    ]
    assert match_queries(pa.array([], pa.string()), rules).num_rows == 0


# --- an independent oracle: the words of the contract, letter by letter --------------------------------

_HANGUL = range(0xAC00, 0xD7A4)


def _is_hangul(letter: str) -> bool:
    return ord(letter) in _HANGUL


def _is_latin(letter: str) -> bool:
    return letter.isalnum() and not _is_hangul(letter)


def _occurrences(text: str, pattern: str) -> list[set[int]]:
    """Return the places (in the query without spaces) of every occurrence of a pattern."""
    letters = [place for place, letter in enumerate(text) if letter != " "]
    if any(map(_is_hangul, pattern)):
        bare, wanted = text.replace(" ", ""), pattern.replace(" ", "")
        starts = [start for start in range(len(bare)) if bare[start:].startswith(wanted)]
        return [set(range(start, start + len(wanted))) for start in starts]
    found = []
    for start in range(len(text)):
        for plural in ("", "s", "es"):
            end = start + len(pattern) + len(plural)
            before, after = text[:start][-1:], text[end : end + 1]
            first, last = pattern[0], text[end - 1 : end]
            free = not (before and _is_latin(before) and _is_latin(first))
            free &= not (after and _is_latin(after) and _is_latin(last))
            if text[start:end] == pattern + plural and free:
                found.append({letters.index(place) for place in range(start, end) if text[place] != " "})
    return found


def naive_match(query: str, taxonomy: Taxonomy) -> str | None:
    text = normalize_query(query)
    lengths: dict[str, int] = {}
    for intent in taxonomy.intents:
        hidden = set().union(*(place for word in intent.negatives for place in _occurrences(text, word)))
        for pattern in intent.patterns:
            if any(not places & hidden for places in _occurrences(text, pattern)):
                length = len(pattern.replace(" ", ""))
                lengths[intent.id] = max(lengths.get(intent.id, 0), length)
    longest = [intent for intent, length in lengths.items() if length == max(lengths.values())]
    return longest[0] if len(longest) == 1 else None


_words = st.lists(st.text("ab 가나s", min_size=1, max_size=4).map(normalize_query).filter(bool), min_size=1, max_size=3)


@given(
    st.lists(st.tuples(_words, _words | st.just([])), min_size=1, max_size=3),
    st.text("abs 가나e", max_size=10),
)
def test_matches_agree_with_a_naive_reading_of_the_contract(
    classes: list[tuple[list[str], list[str]]], query: str
) -> None:
    taxonomy = Taxonomy(
        version=1,
        parents=(Parent("all", "All", "전부"),),
        intents=tuple(
            Intent(f"class{number}", "all", "Class", "반", tuple(patterns), tuple(negatives))
            for number, (patterns, negatives) in enumerate(classes)
        ),
    )
    found = compile_rules(taxonomy).match(query)
    assert (found and found.intent) == naive_match(query, taxonomy)


@given(
    st.lists(st.sampled_from(["지도", "교수", "map", "s", " ", "table", "dining ", "관광", "악보", "x"]), max_size=6)
)
def test_the_packaged_rules_agree_with_the_naive_reading(rules: Rules, taxonomy: Taxonomy, parts: list[str]) -> None:
    query = "".join(parts)
    found = rules.match(query)
    assert (found and found.intent) == naive_match(query, taxonomy)
