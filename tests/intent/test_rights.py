"""Licences as they are stated."""

import pytest

from intent.rights import is_permissive, sources_section


@pytest.mark.parametrize(
    ("licence", "permissive"),
    [
        ("MIT", True),
        ("MIT (repo)", True),
        ("Apache-2.0 / OFL-1.1", True),
        ("CC0 (pexels, per wallpapers/README.md)", True),
        ("CC-BY-4.0 (Quick, Draw! data, Google; strokes rendered by us)", True),
        ("Unlicense / public domain", True),
        ("public domain (package.json: PD)", True),
        ("composite of MIT + CC0-1.0", True),
        ("composite of MIT + unknown (PACS photo domain)", False),
        ("MIT (repo; images from web sources)", False),
        ("MIT (repo); formulas from arXiv", False),
        ("CC0-1.0 (trademarks of owners)", False),
        ("CC-BY-4.0 (non-commercial use)", False),
        ("MIT (code), images for research only", False),
        ("Apache-2.0 (data for research only)", False),
        ("unknown (repo code MIT)", False),
        ("CC-BY-NC-SA-4.0", False),
        ("CC-BY-SA-4.0", False),
        ("GPL-3.0", False),
        ("OSL-3.0 / AFL-3.0", False),
        ("", False),
        (None, False),
    ],
)
def test_only_what_is_plainly_stated_is_permissive(licence: str | None, permissive: bool) -> None:
    assert is_permissive(licence) is permissive


def test_the_section_counts_sources_and_licences() -> None:
    section = sources_section([("a/b", "MIT"), ("a/b", "MIT"), ("c|d", None)], drawn=7)
    assert "3 pictures of 2 sources, and 7 drawn" in section
    lines = section.splitlines()
    assert lines[-2] == "| a/b | 2 | MIT |"
    assert lines[-1] == "| c\\|d | 1 | not stated |"
