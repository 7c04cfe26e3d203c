"""Linear embeddings that are taught by pairs of a picture and an edited copy of it; candidates of the bench only.

Both take standardised features float32 [n, F] of pictures and, row by row, of their copies.
"""

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from intent.embedding import Projection, fit_projection

Floats = npt.NDArray[np.float32]

SHRINKAGE = 0.8
"""Share of a multiple of the identity in the covariance within copies: pairs are fewer than features."""
EPOCHS, BATCH, RATE, TEMPERATURE = 60, 256, 0.03, 0.1
"""Of the contrastive term. The rate is a share of the matrix' spread."""


def fit_within_copies(pictures: Floats, copies: Floats, *, dimensions: int, seed: int) -> Projection:
    """Whiten by the covariance within copies (WCCN, Hatch et al. 2006), then find the components.

    The covariance is that of the differences between a picture and its copy, shrunk (cf. Ledoit and Wolf 2004).
    """
    differences = pictures - copies
    values, vectors = np.linalg.eigh(differences.T @ differences / len(differences))
    power = ((1 - SHRINKAGE) * np.maximum(values, 0) + SHRINKAGE * values.mean()) ** -0.5
    white = np.asarray((vectors * power) @ vectors.T, dtype=np.float32)
    mean = pictures.mean(axis=0)
    found = fit_projection((pictures - mean) @ white, dimensions=dimensions, seed=seed)
    return Projection(mean, white @ found.matrix)


def fit_contrastive(pictures: Floats, copies: Floats, *, start: Projection, seed: int) -> Projection:
    """Train a projection's matrix so that pictures find their copies in a batch and the other way round (InfoNCE, van
    den Oord et al. 2018, as in SimCLR, Chen et al. 2020)."""
    generator = torch.Generator().manual_seed(seed)
    matrix = torch.nn.Parameter(torch.from_numpy(start.matrix.copy()))
    pairs = [torch.from_numpy(part - start.mean) for part in (pictures, copies)]
    batch = min(BATCH, len(pictures))
    steps = EPOCHS * (len(pictures) // batch)
    optimizer = torch.optim.Adam([matrix], lr=RATE * float(matrix.detach().std()))
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, total_iters=steps)
    own = torch.arange(batch)
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(pictures), generator=generator).split(batch):  # type: ignore[no-untyped-call]
            if len(rows) < batch:
                continue
            one, other = (functional.normalize(part[rows] @ matrix, dim=1) for part in pairs)
            logits = one @ other.T / TEMPERATURE
            loss = functional.cross_entropy(logits, own) + functional.cross_entropy(logits.T, own)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
    return Projection(start.mean, matrix.detach().numpy())
