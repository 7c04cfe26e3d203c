"""Made queries: people's words for an intent, with and without a word that the taxonomy knows."""

from dataclasses import dataclass

import numpy as np

from beam_jobs.demo.vocabulary import ALL_WORDS, CREATURES, HIDDEN, MODIFIERS, SUBJECTS, Word
from labels.rules import Rules, compile_rules
from labels.taxonomy import Taxonomy

KINDS = ("pattern", "hidden", "generic", "misleading")
_KOREAN_SHARE = 0.6
_UNSPACED_SHARE = 0.4  # of the Korean ones: "공주색칠공부"
_TRIES_BEFORE_NUMBERS = 40  # then a number is appended, so that any count of different queries exists


@dataclass(frozen=True)
class MadeQueries:
    """Distinct queries, the place of their true intent (−1: none) and their kind, all of one length."""

    texts: tuple[str, ...]
    intents: tuple[int, ...]
    kinds: tuple[str, ...]


def make_queries(
    intents: tuple[str, ...],
    *,
    taxonomy: Taxonomy,
    count: int,
    shares: tuple[float, float, float, float],
    rng: np.random.Generator,
) -> MadeQueries:
    """Make queries about ``intents``.

    Args:
        intents: ids of the intents that people want.
        taxonomy: names the words that the rules know.
        count: how many distinct queries.
        shares: of ``KINDS``, in that order, summing to 1. ``generic`` ones name a subject alone and want nothing
            visual in particular; ``misleading`` ones hold a known word of one intent and want another.
        rng: the generator.
    """
    patterns = {intent.id: intent.patterns for intent in taxonomy.live_intents}
    rules = compile_rules(taxonomy)
    amounts = np.floor(np.asarray(shares) * count).astype(int)
    amounts[int(np.argmax(amounts))] += count - int(amounts.sum())
    seen: set[str] = set()
    rows: list[tuple[str, int, str]] = []
    for kind, amount in zip(KINDS, amounts, strict=True):
        for index in range(int(amount)):
            wanted = -1 if kind == "generic" else index % len(intents)
            named = wanted
            if kind == "misleading" and len(intents) > 1:
                named = (wanted + 1 + int(rng.integers(len(intents) - 1))) % len(intents)
            said = None if named < 0 else intents[named]
            rows.append((_new_text(kind, said, patterns, rules, seen, rng), wanted, kind))
    order = rng.permutation(len(rows))
    texts, places, kinds = zip(*(rows[int(place)] for place in order), strict=True)
    return MadeQueries(texts=texts, intents=places, kinds=kinds)


def _new_text(
    kind: str,
    intent: str | None,
    patterns: dict[str, tuple[str, ...]],
    rules: Rules,
    seen: set[str],
    rng: np.random.Generator,
) -> str:
    """Return a query that is new and that the rules read as its kind asks."""
    expected = intent if kind in ("pattern", "misleading") else None
    attempt = 0
    while True:
        text = _candidate(kind, intent, patterns, rng)
        if attempt >= _TRIES_BEFORE_NUMBERS:
            text = f"{text} {attempt - _TRIES_BEFORE_NUMBERS + 2}"
        attempt += 1
        match = rules.match(text)
        if text not in seen and (match.intent if match else None) == expected:
            seen.add(text)
            return text


def _candidate(kind: str, intent: str | None, patterns: dict[str, tuple[str, ...]], rng: np.random.Generator) -> str:
    korean = bool(rng.random() < _KOREAN_SHARE)
    subject = _say(_one(SUBJECTS.get(intent, CREATURES) if intent else ALL_WORDS, rng), korean)
    if kind == "generic" or intent is None:
        return subject if rng.random() < 0.5 else _join([_say(_one(MODIFIERS, rng), korean), subject], korean, rng)
    if kind == "hidden":
        phrase = HIDDEN.get(intent)
        extra = [] if phrase is None else [_say(_one(phrase, rng), korean)]
        modifier = [_say(_one(MODIFIERS, rng), korean)] if phrase is None or rng.random() < 0.25 else []
        return _join([*modifier, subject, *extra], korean, rng)
    choices = [word for word in patterns[intent] if word.isascii() != korean] or list(patterns[intent])
    word = choices[int(rng.integers(len(choices)))]
    if rng.random() < 0.08:
        return word
    modifier = [_say(_one(MODIFIERS, rng), korean)] if rng.random() < 0.2 else []
    return _join([*modifier, subject, word], korean, rng)


def _one(options: tuple[Word, ...], rng: np.random.Generator) -> Word:
    return options[int(rng.integers(len(options)))]


def _say(word: Word, korean: bool) -> str:
    return word.ko if korean else word.en


def _join(parts: list[str], korean: bool, rng: np.random.Generator) -> str:
    return ("" if korean and rng.random() < _UNSPACED_SHARE else " ").join(parts)
