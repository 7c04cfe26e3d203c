"""Tables and lines for people: columns as wide as the letters are on a screen, texts of a log shown as they are."""

import sys
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

PIPED_WIDTH = 140
"""Columns where the output is no terminal."""


def plain(value: object) -> str:
    """Return a value as text that cannot move the cursor or change colours: queries are anybody's words."""
    text = f"{value:.3f}" if isinstance(value, float) else str(value)
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def print_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, width: int = PIPED_WIDTH
) -> None:
    """Print a table; columns whose name starts with ``>`` are numbers and stand to the right.

    Korean letters count as the two columns that they take. Texts are shown literally, never as markup. Of a table
    without rows the title is all.
    """
    rows = list(rows)
    if not rows:
        print_lines([title])
        return
    table = Table(title=Text(plain(title)), title_justify="left")
    for name in columns:
        table.add_column(name.removeprefix(">"), justify="right" if name.startswith(">") else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if value is None else plain(value)) for value in row))
    Console(file=sys.stdout, width=None if sys.stdout.isatty() else width).print(table)


def print_lines(lines: Iterable[str]) -> None:
    """Print lines as they are."""
    for line in lines:
        print(plain(line))
    sys.stdout.flush()
