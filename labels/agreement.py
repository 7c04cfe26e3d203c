"""How far queries agree on images: shares of clicks as sparse rows, and how likely two clicks meet on one image."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labels.grouping import dense

_Ints = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Rows:
    """Sparse rows: row i has ``columns[first[i]:first[i + 1]]`` with ``values`` beside them."""

    first: _Ints
    columns: _Ints
    values: _Floats

    @classmethod
    def of(cls, rows: _Ints, columns: _Ints, values: _Floats, *, count: int) -> "Rows":
        """Return ``count`` rows of entries that come in any order; each (row, column) once."""
        order = np.lexsort((columns, rows))
        sizes = np.bincount(rows, minlength=count)
        return cls(np.append(np.zeros(1, np.int64), np.cumsum(sizes)), columns[order], values[order])

    def gather(self, rows: _Ints) -> tuple[_Ints, _Ints, _Floats]:
        """Return the entries of the rows: which of ``rows`` (its place), column and value."""
        starts, sizes = self.first[rows], self.first[rows + 1] - self.first[rows]
        owner = np.repeat(np.arange(len(rows)), sizes)
        ends = np.cumsum(sizes)
        places = np.arange(int(ends[-1]) if len(ends) else 0) + np.repeat(starts - (ends - sizes), sizes)
        return owner, self.columns[places], self.values[places]

    def totals(self, rows: _Ints, *, columns: int) -> _Floats:
        """Return the sum of the rows as a dense float64 [columns]."""
        _, found, values = self.gather(rows)
        return np.bincount(found, weights=values, minlength=columns)


@dataclass(frozen=True)
class Profile:
    """What a set of queries clicks, every query with the same weight.

    ``images`` (places, rising) with ``sums`` of the queries' shares of clicks (each query's sum to 1) and
    ``sharing``, how many of the queries clicked it; ``squares`` is the sum of all squared shares.
    """

    queries: int
    images: _Ints
    sums: _Floats
    sharing: _Ints
    squares: float

    @classmethod
    def of(cls, shares: Rows, queries: _Ints) -> "Profile":
        """Add up the rows of some queries."""
        _, columns, values = shares.gather(queries)
        images, places = dense(columns)
        return cls(
            queries=len(queries),
            images=images,
            sums=np.bincount(places, weights=values, minlength=len(images)),
            sharing=np.bincount(places, minlength=len(images)).astype(np.int64),
            squares=float(np.square(values).sum()),
        )

    @property
    def within(self) -> float:
        """Chance that clicks of two different ones of the queries meet on one image, 0–1."""
        pairs = self.queries * (self.queries - 1)
        return max(float(np.square(self.sums).sum()) - self.squares, 0.0) / pairs if pairs else 0.0

    def across(self, others: _Floats, count: int) -> float:
        """Return the chance that a click of the queries meets one of ``count`` others with dense sums ``others``."""
        return float(self.sums @ others[self.images]) / (self.queries * count) if count and self.queries else 0.0

    def meets(self, other: "Profile") -> float:
        """Return the chance that a click of the queries meets one of another, disjoint set of queries."""
        _, mine, theirs = np.intersect1d(self.images, other.images, assume_unique=True, return_indices=True)
        pairs = self.queries * other.queries
        return float(self.sums[mine] @ other.sums[theirs]) / pairs if pairs else 0.0
