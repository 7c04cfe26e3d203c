"""Hangul drawn by strokes: Korean words in pictures without a font file.

A syllable (U+AC00–U+D7A3) is taken apart by the arithmetic of the Unicode standard (chapter 3.12) into an initial, a
vowel and a final; each letter is a few lines in a unit square, laid out in the block as the vowel asks.
"""

from functools import lru_cache

import numpy as np

from beam_jobs.demo.draw.canvas import Points, oval, smooth

FIRST, LAST = 0xAC00, 0xD7A3
"""First and last code point of the Hangul syllables."""
LETTERS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎㅏㅐㅑㅒㅓㅔㅕㅖㅗㅛㅜㅠㅡㅣ"
"""Single letters that are drawn too, as people type laughter and tears."""
SPACE_WIDTH = 0.4
"""Width of a space; a syllable is 1 wide and 1 high."""

_Path = tuple[tuple[float, float], ...]
_Box = tuple[float, float, float, float]

_CIRCLE: _Path = tuple((float(x), float(y)) for x, y in oval(0.5, 0.5, 0.45, 0.45, steps=14)) + ((0.95, 0.5),)
_LETTERS: dict[str, tuple[_Path, ...]] = {
    "ㄱ": (((0.05, 0.1), (0.92, 0.1), (0.86, 0.95)),),
    "ㄴ": (((0.1, 0.05), (0.1, 0.9), (0.95, 0.9)),),
    "ㄷ": (((0.95, 0.08), (0.1, 0.08), (0.1, 0.92), (0.95, 0.92)),),
    "ㄹ": (((0.08, 0.05), (0.92, 0.05), (0.92, 0.48), (0.1, 0.48), (0.1, 0.95), (0.95, 0.95)),),
    "ㅁ": (((0.1, 0.08), (0.9, 0.08), (0.9, 0.92), (0.1, 0.92), (0.1, 0.08)),),
    "ㅂ": (((0.1, 0.0), (0.1, 0.95), (0.9, 0.95), (0.9, 0.0)), ((0.1, 0.48), (0.9, 0.48))),
    "ㅅ": (((0.5, 0.0), (0.38, 0.55), (0.02, 1.0)), ((0.46, 0.35), (0.98, 1.0))),
    "ㅇ": (_CIRCLE,),
    "ㅈ": (((0.05, 0.08), (0.95, 0.08)), ((0.52, 0.08), (0.4, 0.55), (0.02, 1.0)), ((0.48, 0.4), (0.98, 1.0))),
    "ㅊ": (
        ((0.5, -0.12), (0.5, 0.02)),
        ((0.05, 0.2), (0.95, 0.2)),
        ((0.52, 0.2), (0.4, 0.6), (0.02, 1.0)),
        ((0.48, 0.5), (0.98, 1.0)),
    ),
    "ㅋ": (((0.05, 0.08), (0.92, 0.08), (0.86, 0.98)), ((0.1, 0.5), (0.9, 0.48))),
    "ㅌ": (((0.95, 0.05), (0.1, 0.05), (0.1, 0.95), (0.95, 0.95)), ((0.1, 0.5), (0.9, 0.5))),
    "ㅍ": (
        ((0.05, 0.08), (0.95, 0.08)),
        ((0.02, 0.92), (0.98, 0.92)),
        ((0.3, 0.08), (0.34, 0.92)),
        ((0.7, 0.08), (0.66, 0.92)),
    ),
    "ㅎ": (
        ((0.5, -0.1), (0.5, 0.04)),
        ((0.05, 0.2), (0.95, 0.2)),
        tuple((float(x), float(y)) for x, y in oval(0.5, 0.65, 0.36, 0.32, steps=14)) + ((0.86, 0.65),),
    ),
}
_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_FINALS = (
    "",
    *[
        "ㄱ",
        "ㄱㄱ",
        "ㄱㅅ",
        "ㄴ",
        "ㄴㅈ",
        "ㄴㅎ",
        "ㄷ",
        "ㄹ",
        "ㄹㄱ",
        "ㄹㅁ",
        "ㄹㅂ",
        "ㄹㅅ",
        "ㄹㅌ",
        "ㄹㅍ",
        "ㄹㅎ",
        "ㅁ",
        "ㅂ",
        "ㅂㅅ",
        "ㅅ",
        "ㅅㅅ",
        "ㅇ",
        "ㅈ",
        "ㅊ",
        "ㅋ",
        "ㅌ",
        "ㅍ",
        "ㅎ",
    ],
)
_DOUBLES = {"ㄲ": "ㄱㄱ", "ㄸ": "ㄷㄷ", "ㅃ": "ㅂㅂ", "ㅆ": "ㅅㅅ", "ㅉ": "ㅈㅈ"}
# A vowel is a lying part (ㅗ ㅛ ㅜ ㅠ ㅡ or none) and a standing part (ㅏ ㅐ ㅑ ㅒ ㅓ ㅔ ㅕ ㅖ ㅣ or none).
_VOWELS = (
    *((" ", part) for part in "ㅏㅐㅑㅒㅓㅔㅕㅖ"),
    ("ㅗ", " "), ("ㅗ", "ㅏ"), ("ㅗ", "ㅐ"), ("ㅗ", "ㅣ"), ("ㅛ", " "), ("ㅜ", " "), ("ㅜ", "ㅓ"), ("ㅜ", "ㅔ"), ("ㅜ", "ㅣ"),
    ("ㅠ", " "), ("ㅡ", " "), ("ㅡ", "ㅣ"), (" ", "ㅣ"),
)  # fmt: skip
_TICKS = {
    "ㅏ": (1, 1),
    "ㅑ": (1, 2),
    "ㅓ": (-1, 1),
    "ㅕ": (-1, 2),
    "ㅐ": (0, 1),
    "ㅒ": (0, 2),
    "ㅔ": (-2, 1),
    "ㅖ": (-2, 2),
}


def is_hangul(text: str) -> bool:
    """Say whether the text holds a Hangul syllable or letter."""
    return any(_drawn(letter) for letter in text)


def _drawn(letter: str) -> bool:
    return FIRST <= ord(letter) <= LAST or letter in LETTERS


def hangul_width(text: str) -> float:
    """Return the width of the text's syllables and spaces, in heights of a syllable."""
    return sum(_width(letter) for letter in text)


def _width(letter: str) -> float:
    return SPACE_WIDTH if letter == " " else 1.0 if _drawn(letter) else 0.5


@lru_cache(maxsize=2048)
def syllable_strokes(syllable: str) -> tuple[Points, ...]:
    """Return the strokes of one Hangul syllable (or letter) in a unit square, y downwards.

    Raises:
        ValueError: not one Hangul syllable or letter.
    """
    if len(syllable) != 1 or not _drawn(syllable):
        raise ValueError(f"{syllable!r} is not one Hangul syllable (U+AC00 to U+D7A3) and none of {LETTERS}")
    if syllable in LETTERS:
        box = (0.12, 0.15, 0.88, 0.9)
        if syllable in _INITIALS:
            return tuple(_letters(syllable, box))
        return tuple((_lying if syllable in "ㅗㅛㅜㅠㅡ" else _standing)(syllable, box))
    code = ord(syllable) - FIRST
    initial, (lying, standing), final = _INITIALS[code // 588], _VOWELS[code % 588 // 28], _FINALS[code % 28]
    floor = 0.6 if final else 0.97
    strokes: list[Points] = []
    if lying == " ":
        strokes += _letters(initial, (0.08, floor * 0.14, 0.54, floor * 0.86))
        strokes += _standing(standing, (0.64, 0.02, 0.96, min(floor + 0.02, 0.97)))
    else:
        right = 0.82 if standing == " " else 0.58
        strokes += _letters(initial, (1 - right if standing == " " else 0.12, floor * 0.06, right, floor * 0.52))
        strokes += _lying(lying, (0.02, floor * 0.58, 0.98 if standing == " " else 0.66, floor * 0.94))
        if standing != " ":
            strokes += _standing(standing, (0.72, 0.02, 0.97, min(floor + 0.02, 0.97)))
    if final:
        strokes += _letters(final, (0.18, 0.69, 0.88, 0.97))
    return tuple(strokes)


def _letters(letters: str, box: _Box) -> list[Points]:
    letters = _DOUBLES.get(letters, letters)
    left, top, right, bottom = box
    wide = (right - left) / len(letters)
    strokes = []
    for place, letter in enumerate(letters):
        shrink = 1.0 if len(letters) == 1 else 0.88
        for path in _LETTERS[letter]:
            scale = np.array([wide * shrink, bottom - top])
            strokes.append(np.asarray(path) * scale + np.array([left + wide * place, top]))
    return strokes


def _standing(letter: str, box: _Box) -> list[Points]:
    left, top, right, bottom = box
    middle, high = (left + right) / 2, bottom - top
    side, count = _TICKS.get(letter, (0, 0))
    levels = [top + high * share for share in ((0.45,) if count == 1 else (0.34, 0.58))][:count]
    stems = {0: (left + 0.06, right) if count else (middle,), 1: (left + 0.08,), -1: (right - 0.02,)}
    places = stems.get(side, (right - 0.13, right + 0.01))
    strokes = [np.array([[x, top], [x, bottom]]) for x in places]
    for y in levels:
        ends = {1: (places[0], right + 0.03), -1: (left - 0.05, places[-1]), 0: (places[0], places[-1])}
        start, stop = ends.get(side, (left - 0.07, places[0]))
        strokes.append(np.array([[start, y], [stop, y]]))
    return strokes


def _lying(letter: str, box: _Box) -> list[Points]:
    left, top, right, bottom = box
    up, down = letter in "ㅗㅛ", letter in "ㅜㅠ"
    y = bottom - 0.02 if up else top + (bottom - top) * (0.3 if down else 0.6)
    strokes = [np.array([[left, y], [right, y]])]
    if up or down:
        shares = (0.5,) if letter in "ㅗㅜ" else (0.34, 0.66)
        for share in shares:
            x = left + (right - left) * share
            strokes.append(np.array([[x, top if up else bottom + 0.03], [x, y]]))
    return strokes


def text_strokes(
    text: str, *, slant: float = 0.0, loose: float = 0.0, rng: np.random.Generator | None = None
) -> list[Points]:
    """Return the strokes of a line of Korean text, 1 high, from x = 0.

    Args:
        text: syllables and spaces; other letters leave a gap.
        slant: shift to the right at the top, in heights.
        loose: how far a hand misses, in heights (0: print); needs ``rng``.
        rng: the generator of the hand.
    """
    strokes: list[Points] = []
    x = 0.0
    for letter in text:
        if _drawn(letter):
            lift = np.zeros(2) if rng is None or not loose else rng.normal(0, loose, 2)
            for path in syllable_strokes(letter):
                points = path * 0.92 + np.array([x + 0.04, 0.04]) + lift
                if rng is not None and loose:
                    points = points + rng.normal(0, loose, points.shape)
                    points = smooth(points, closed=False, steps=3) if len(points) > 2 else points
                points[:, 0] += (1 - points[:, 1]) * slant
                strokes.append(points)
        x += _width(letter)
    return strokes
