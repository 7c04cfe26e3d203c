"""What all tests share."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of measuring data beside the checkout; skip where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the measuring data (../shared) is not on this machine")
    return SHARED
