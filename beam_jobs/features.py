"""What several jobs ask of a features table."""

import pyarrow.compute as pc

from beam_jobs.blocks import manifest
from beam_jobs.blocks.files import UsageError


def check_one_model(features: str) -> str | None:
    """Return the digest of the model that made all rows of a features output, None for hash columns alone.

    Raises:
        UsageError: rows of several models are mixed.
    """
    models = pc.unique(manifest.read_table(features, "features", ["model"])["model"]).to_pylist()
    if len(models) > 1:
        names = ", ".join(sorted(str(model) for model in models))
        raise UsageError(f"{features}: rows of several models are mixed ({names}); extract all with one model")
    return models[0] if models else None


def require_embeddings(features: str) -> str:
    """Return the model's digest of a features output that has embeddings.

    Raises:
        UsageError: it was made with ``--model none``.
    """
    model = check_one_model(features)
    if model is None:
        raise UsageError(f"{features}: no embeddings there; run extract_features with --model BUNDLE")
    return model
