"""Lines of a CSV that end within quotes: told apart before Arrow reads on to the next quote, however far."""

import re
from collections.abc import Callable
from typing import BinaryIO

import numpy as np

_FIELD = rb'(?:"(?:[^"]|"")*"(?!")[^D]*|[^"D][^D]*)?'
"""A value of a CSV line as Arrow reads it, D for the delimiter: quotes count at its beginning alone."""


class ClosedLines:
    """A CSV file in which lines that end within quotes are empty: a table with a row per line.

    Args:
        file: the CSV, from its beginning; it is not closed here.
        delimiter: one character.
        reject: is told how many lines were emptied, and why.
    """

    def __init__(self, file: BinaryIO, delimiter: str, reject: Callable[[int, str], None]) -> None:
        self._file, self._delimiter, self._reject = file, delimiter, reject
        self._rest = b""
        self.closed = False

    def close(self) -> None:
        """Read no more."""
        self.closed = True

    def read(self, size: int) -> bytes:
        """Return whole lines of at most `size` bytes, or a part of a longer line; nothing at the end."""
        content, end = self._rest, 0
        while not end:
            more = self._file.read(size - len(content))
            content += more
            end = content.rfind(b"\n") + 1 if more else len(content)
            if not content:
                return b""
        content, self._rest = content[:end], content[end:]
        lines = open_lines(content, self._delimiter)
        if not lines:
            return content
        self._reject(len(lines), "a quote that its line does not close")
        kept = bytearray()
        begin = 0
        for start, stop in [*lines, (end, end)]:
            kept += content[begin:start]
            begin = stop
        return bytes(kept) or b"\n"


def open_lines(content: bytes, delimiter: str) -> list[tuple[int, int]]:
    """Return where those lines of a CSV begin and end that end within quotes.

    In most lines quotes stand only where a value begins or within quotes: they open and close in turns. A line that has
    one in the midst of a plain value, where it means nothing, is taken apart value by value.
    """
    if b'"' not in content:
        return []
    data = np.frombuffer(content, np.uint8)
    quotes = np.flatnonzero(data == ord('"'))
    ends = np.append(np.flatnonzero((data == ord("\n")) | (data == ord("\r"))), len(data))
    begins = np.zeros(256, dtype=bool)  # characters after which a quote opens a value, or goes on with one
    begins[list(b'\r\n"' + delimiter.encode())] = True
    amid = ~begins[data[quotes - 1]]
    amid[0] &= quotes[0] > 0
    if not amid[::2].any() and not (np.searchsorted(quotes, ends) % 2).any():
        return []
    lines, first, counts = np.unique(np.searchsorted(ends, quotes), return_index=True, return_counts=True)
    opens = (np.arange(len(quotes)) - np.repeat(first, counts)) % 2 == 0
    mixed = np.logical_or.reduceat(opens & amid, first)
    field = _FIELD.replace(b"D", delimiter.encode())
    closed = re.compile(field + b"(?:" + delimiter.encode() + field + b")*")
    found = []
    for at in np.flatnonzero(mixed | (counts % 2 == 1)):
        line = lines[at]
        begin, end = int(ends[line - 1]) + 1 if line else 0, int(ends[line])
        if not mixed[at] or closed.fullmatch(content, begin, end) is None:
            found.append((begin, end))
    return found
