"""The model that comes with the package, so that pictures can be judged the minute after the install."""

from pathlib import Path

from intent.bundle import FACTS, POINTER

SHIPPED = Path(__file__).with_name("shipped_model")
"""Holds the bundle's folder, named by its digest; absent in a package that was built without one."""


def packaged_model(folder: Path = SHIPPED) -> Path | None:
    """Return the folder to give to `intent.bundle.load_bundle`, None where the package carries no bundle."""
    if not folder.is_dir():
        return None
    if (folder / POINTER).is_file() or any((child / FACTS).is_file() for child in folder.iterdir()):
        return folder
    return None
