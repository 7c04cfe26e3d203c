"""The copy terms of the embedding bench, on features whose strongest directions are what an edit changes."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from intent.embedding import Projection, fit_projection
from tests.bench.copy_term import fit_contrastive, fit_within_copies

Floats = npt.NDArray[np.float32]
DIMENSIONS = 6


def _pairs(count: int, *, seed: int) -> tuple[Floats, Floats]:
    """Features [n, 24] of pictures and their copies; an edit redraws the six columns that are largest."""
    rng = np.random.default_rng(seed)
    pictures, copies = rng.normal(size=(2, count, 24)).astype(np.float32)
    copies[:, 6:] = pictures[:, 6:] + 0.1 * copies[:, 6:]
    for part in (pictures, copies):
        part[:, :6] *= 1.2
    return pictures, copies


def _components(pictures: Floats, _copies: Floats) -> Projection:
    return fit_projection(pictures, dimensions=DIMENSIONS, seed=0)


def _within(pictures: Floats, copies: Floats) -> Projection:
    return fit_within_copies(pictures, copies, dimensions=DIMENSIONS, seed=0)


def _contrastive(pictures: Floats, copies: Floats) -> Projection:
    # components know nothing of the other columns, so it starts from a matrix that sees all
    matrix = np.random.default_rng(0).normal(size=(pictures.shape[1], DIMENSIONS)).astype(np.float32)
    start = Projection(pictures.mean(axis=0), matrix)
    return fit_contrastive(pictures, copies, start=start, seed=0)


def _recall(projection: Projection) -> float:
    pictures, copies = _pairs(100, seed=1)
    nearest = (projection.embed(copies) @ projection.embed(pictures).T).argmax(axis=1)
    return float((nearest == np.arange(len(pictures))).mean())


@pytest.mark.parametrize("fit", [_within, _contrastive])
def test_a_copy_term_finds_copies_that_components_lose(fit: Callable[[Floats, Floats], Projection]) -> None:
    pairs = _pairs(600, seed=0)
    assert _recall(fit(*pairs)) > _recall(_components(*pairs)) + 0.2


@pytest.mark.parametrize("fit", [_within, _contrastive])
def test_a_copy_term_is_the_same_twice(fit: Callable[[Floats, Floats], Projection]) -> None:
    one, other = (fit(*_pairs(300, seed=0)) for _ in range(2))
    np.testing.assert_array_equal(one.matrix, other.matrix)
    assert one.matrix.shape == (24, DIMENSIONS)
    assert one.matrix.dtype == one.mean.dtype == np.float32
