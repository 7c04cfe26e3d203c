"""A short unit vector per picture: principal components of its features, half whitened.

The features are those that the classifier reads: the last layer where weights were given, the maps of every
resolution too where they began at random. No choice among them is worth a training of its own
(``python -m tests.bench.embedding``, MobileNetV2's ImageNet weights at 144 px, 400 pictures among 800 of 135 sources;
copies: half size, 80 % crop, JPEG 30, text over, brighter, mirrored):

====================  ==========================  =====================================
features              recall@1 of copies, all/64  co-clicked of the 10 nearest, all/64
====================  ==========================  =====================================
last layer            0.961 / 0.949               0.083 / 0.081
maps of every size    0.959 / 0.958               0.081 / 0.082
both                  0.962 / 0.955               0.081 / 0.082
by chance             0.001                       0.009
====================  ==========================  =====================================

64 components lose up to 1.2 points of copies and nothing of co-clicks. Linear projections that are taught by
pairs of a picture and its copy are not clearly better at copies, or worse at co-clicks (docs/embedding.md).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.decomposition import PCA

WHITENING = 0.5
"""Power by which a component's deviation is divided out: 0 lets the few strongest decide every distance, 1 lifts
noise to the same height (cf. Jégou and Chum 2012)."""

LARGEST_SAMPLE = 20_000
"""Rows; the components of a larger training part are found on an even sample of it."""


@dataclass(frozen=True, eq=False)
class Projection:
    """``(features - mean) @ matrix``, then unit length. mean float32 [F], matrix float32 [F, d]."""

    mean: npt.NDArray[np.float32]
    matrix: npt.NDArray[np.float32]

    def embed(self, features: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Map standardised features float32 [n, F] to unit vectors float32 [n, d]."""
        values = (features - self.mean) @ self.matrix
        return np.asarray(values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-12))


def fit_projection(features: npt.NDArray[np.float32], *, dimensions: int, seed: int) -> Projection:
    """Find the components of standardised features float32 [n, F].

    Fewer rows or columns than ``dimensions`` give fewer components.
    """
    rows = features[:: -(-len(features) // LARGEST_SAMPLE)]
    count = min(dimensions, rows.shape[1], max(1, len(rows) - 1))
    pca = PCA(n_components=count, svd_solver="randomized", random_state=seed).fit(rows)
    deviation = np.sqrt(np.maximum(pca.explained_variance_, 1e-12))
    matrix = pca.components_.T / deviation**WHITENING
    return Projection(pca.mean_.astype(np.float32), np.ascontiguousarray(matrix, dtype=np.float32))
