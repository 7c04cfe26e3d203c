"""A bundle that ships: verified, without float weights, its card lengthened, one at a time."""

import json
from pathlib import Path

import pytest

from intent import shipping
from intent.bundle import CARD, FACTS, GRAPH, TAXONOMY, WEIGHTS, BundleError, folder_digest, load_bundle, taxonomy_yaml
from intent.shipped import packaged_model
from labels.taxonomy import load_taxonomy

KNOWN = load_taxonomy()
FACTS_TEXT = json.dumps(
    {
        "format": 1,
        "backbone": "mobilenet_v2",
        "image_size": 8,
        "batch_size": 16,
        "intents": KNOWN.intent_ids,
        "parents": KNOWN.parent_ids,
        "parent_index": KNOWN.parent_index.tolist(),
        "embedding_dim": 2,
        "temperature": 1.0,
        "taxonomy": {},
        "training": {"weights": "none"},
        "metrics": {},
        "label_counts": {},
    }
)


def made(folder: Path, graph: bytes = b"graph") -> Path:
    """Write a bundle whose graph is never run."""
    scratch = folder / "scratch"
    scratch.mkdir(parents=True)
    (scratch / GRAPH).write_bytes(graph)
    (scratch / WEIGHTS).write_bytes(b"floats")
    (scratch / FACTS).write_text(FACTS_TEXT, encoding="utf-8")
    (scratch / CARD).write_text("# Card\n", encoding="utf-8")
    (scratch / TAXONOMY).write_text(taxonomy_yaml(KNOWN), encoding="utf-8")
    return scratch.rename(folder / folder_digest(scratch))


def test_a_shipped_bundle_loads_and_says_more(tmp_path: Path) -> None:
    bundle = made(tmp_path / "trained")
    shipped = shipping.ship(bundle, tmp_path / "shipped", section="\n## Sources\n")
    assert load_bundle(tmp_path / "shipped").folder == shipped
    assert (shipped / CARD).read_text(encoding="utf-8") == "# Card\n\n## Sources\n"
    assert not (shipped / WEIGHTS).exists()
    assert (bundle / CARD).read_text(encoding="utf-8") == "# Card\n"


def test_a_newer_bundle_takes_the_place_of_the_older(tmp_path: Path) -> None:
    output = tmp_path / "shipped"
    shipping.ship(made(tmp_path / "first"), output, section="")
    (output / "__init__.py").touch()
    newer = shipping.ship(made(tmp_path / "second", b"better"), output, section="")
    assert sorted(path.name for path in output.iterdir()) == sorted(["__init__.py", newer.name])


def test_a_large_bundle_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipping, "LARGEST_BYTES", 100)
    with pytest.raises(BundleError, match="more than 100: take a smaller backbone"):
        shipping.ship(made(tmp_path / "trained"), tmp_path / "shipped", section="")
    assert not (tmp_path / "shipped").exists()


def test_what_the_package_carries_is_whole_and_small() -> None:
    folder = packaged_model()
    if folder is None:
        pytest.skip("this checkout carries no model")
    bundle = load_bundle(folder)  # its digest is checked
    assert sum(path.stat().st_size for path in bundle.folder.iterdir()) <= shipping.LARGEST_BYTES
    assert not (bundle.folder / WEIGHTS).exists()
    assert list(bundle.intents) == list(load_taxonomy().intent_ids)
    card = (bundle.folder / CARD).read_text(encoding="utf-8")
    assert "recogni" in card
    assert "licence" in card.lower()
