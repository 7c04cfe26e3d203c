"""Small drawn pictures with labels for the tests of training and inference."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from labels.taxonomy import Taxonomy

SIDE = 32
KINDS = ("flag", "map", "receipt", "landscape_photo")


def drawn_pictures(count: int, *, seed: int = 0) -> npt.NDArray[np.uint8]:
    """Return uint8 [count, 32, 32, 3]; picture i is of the kind i % 4: stripes across, stripes down, white, noise."""
    rng = np.random.default_rng(seed)
    pictures = rng.integers(0, 60, (count, SIDE, SIDE, 3))
    for row in range(count):
        stripes = (np.arange(SIDE) // int(rng.integers(4, 9)) % 2 * 160)[:, None, None]
        added = (stripes, stripes.transpose(1, 0, 2), 190, rng.integers(0, 195, (SIDE, SIDE, 3)))
        pictures[row] += added[row % 4]
    return pictures.astype(np.uint8)


def drawn_examples(count: int, taxonomy: Taxonomy) -> pa.Table:
    """Return the examples that belong to `drawn_pictures`."""
    intents = [KINDS[row % 4] for row in range(count)]
    return pa.table(
        {
            "image_id": [f"p{row:04d}" for row in range(count)],
            "intent": pa.array(intents, pa.string()),
            "parent": [taxonomy.parent_of(intent) for intent in intents],
            "confidence": pa.array([1.0] * count, pa.float32()),
            "group": [f"p{row:04d}" for row in range(count)],
        }
    )
