"""Which model a command uses: the one that is named, the run's own, or the one that ships with the package."""

from pathlib import Path

from beam_jobs.blocks.files import UsageError
from beam_jobs.run.model import current_bundle
from intent.bundle import Bundle, BundleError, load_bundle
from intent.inference import Predictor
from intent.shipped import packaged_model

USUAL_RUN = "run"
"""Folder that `image-intent run` writes to without ``--output``."""


def find_model(model: str | None, run: str | None = None) -> Path:
    """Return where the bundle lies: `model`, else the one of the folder `run`, else the one of ./run where there is
    one, else the shipped one.

    Raises:
        UsageError: none of them; a `run` that is named must have one.
    """
    if model is not None:
        return Path(model)
    if run is not None:
        return Path(current_bundle(Path(run)))
    try:
        return Path(current_bundle(Path(USUAL_RUN)))
    except UsageError:
        shipped = packaged_model()
    if shipped is None:
        raise UsageError(
            "this installation carries no model: make one with `image-intent train` and pass it with --model BUNDLE, "
            "or name a run with --run"
        )
    return shipped


def open_model(model: str | None, run: str | None = None) -> Bundle:
    """Return the verified bundle that `find_model` finds.

    Raises:
        UsageError: there is none, or it cannot be used.
    """
    found = find_model(model, run)
    try:
        return load_bundle(found)
    except BundleError as error:
        raise UsageError(f"--model {found}: {error}") from error


def open_predictor(bundle: Bundle) -> Predictor:
    """Return what runs a bundle's graph; raise UsageError where the graph cannot be run."""
    try:
        return Predictor(bundle)
    except BundleError as error:
        raise UsageError(f"--model: {error}") from error
