"""What the tests of this room share."""

import pytest

from labels.rules import Rules, compile_rules
from labels.taxonomy import Taxonomy, load_taxonomy


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    """The packaged taxonomy."""
    return load_taxonomy()


@pytest.fixture(scope="session")
def rules(taxonomy: Taxonomy) -> Rules:
    """Its rules."""
    return compile_rules(taxonomy)
