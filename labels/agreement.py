"""How far queries agree on images: weighted shares of clicks as sparse rows, and how often two clicks meet."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labels.grouping import dense

_Ints = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]
ONE_SIDED_95 = 1.645
"""Standard deviations; shared images are taken for independent counts (Poisson)."""
LEAST_OF_SEEN = 0.1
"""Of what was measured, where the bound would reach 0."""


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


@dataclass(frozen=True)
class Profile:
    """What a set of queries clicks: the sum of their rows, each of which sums to the query's weight.

    Attributes:
        queries: how many they are.
        weight: sum of their weights; ``weight_squares`` of the squares.
        images: places, rising; beside them ``sums`` of the rows and ``sharing``, how many queries clicked it.
        squares: sum of all squared entries.
    """

    queries: int
    weight: float
    weight_squares: float
    images: _Ints
    sums: _Floats
    sharing: _Ints
    squares: float

    @classmethod
    def of(cls, shares: Rows, queries: _Ints) -> "Profile":
        """Add up the rows of some queries."""
        owner, columns, values = shares.gather(queries)
        images, places = dense(columns)
        weights = np.bincount(owner, weights=values, minlength=len(queries))
        return cls(
            queries=len(queries),
            weight=float(weights.sum()),
            weight_squares=float(np.square(weights).sum()),
            images=images,
            sums=np.bincount(places, weights=values, minlength=len(images)).astype(np.float64),
            sharing=np.bincount(places, minlength=len(images)).astype(np.int64),
            squares=float(np.square(values).sum()),
        )

    @property
    def within(self) -> float:
        """Chance that clicks of two different ones of the queries meet on one image, 0-1."""
        pairs = self.weight**2 - self.weight_squares
        met = float(np.square(self.sums).sum()) - self.squares
        return max(met, 0.0) / pairs if self.queries > 1 and pairs > 0 else 0.0

    @property
    def surely_within(self) -> float:
        """Lower bound of ``within``: few shared images overstate it where a word was chosen because of them."""
        shared = int(np.count_nonzero(self.sharing > 1))
        return self.within * max(1.0 - ONE_SIDED_95 / np.sqrt(shared), LEAST_OF_SEEN) if shared else 0.0

    def across(self, background: _Floats, weight: float) -> float:
        """Return the chance that a click of the queries meets one of the rest of all queries, 0-1.

        Args:
            background: per image the sum of the rows of all queries, these included.
            weight: sum of all their weights.
        """
        pairs = self.weight * (weight - self.weight)
        return max(float(self.sums @ (background[self.images] - self.sums)), 0.0) / pairs if pairs > 0 else 0.0

    def meets_groups(self, by_image: Rows, weights: _Floats) -> _Floats:
        """Return for disjoint sets of queries the chance that a click of these queries meets one of the set.

        Args:
            by_image: per image the sum of the rows of each set's queries.
            weights: sum of each set's weights, float64 [sets].
        """
        owner, sets, values = by_image.gather(self.images)
        met = np.bincount(sets, weights=values * self.sums[owner], minlength=len(weights))
        pairs = weights * self.weight
        return np.divide(met, pairs, out=np.zeros(len(weights)), where=pairs > 0)

    def meets(self, other: "Profile") -> float:
        """Return the chance that a click of the queries meets one of another, disjoint set of queries."""
        _, mine, theirs = np.intersect1d(self.images, other.images, assume_unique=True, return_indices=True)
        pairs = self.weight * other.weight
        return float(self.sums[mine] @ other.sums[theirs]) / pairs if pairs > 0 else 0.0
