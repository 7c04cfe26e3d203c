"""Recall of planted copies on pictures whose copies chose no threshold, and a guard against false pairs.

The guard is not a held-out measure: look-alikes of the whole corpus were looked at when thresholds were chosen.
"""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageFilter

from dedup.find import find_edges
from tests.dedup.pictures import encoded, features_of

PICTURES = 60
ATTACKS: dict[str, tuple[Callable[[Image.Image], bytes], float]] = {
    "jpeg 20": (lambda image: encoded(image, quality=20), 0.9),
    "jpeg 75": (lambda image: encoded(image, quality=75), 0.95),
    "webp": (lambda image: encoded(image, "WEBP", quality=50), 0.95),
    "half": (lambda image: encoded(image.resize((image.width // 2, image.height // 2))), 0.8),
    "double": (lambda image: encoded(image.resize((image.width * 2, image.height * 2))), 0.9),
    "sharper": (lambda image: encoded(image.filter(ImageFilter.SHARPEN)), 0.85),
    "wider": (lambda image: encoded(image.resize((int(image.width * 1.15), image.height))), 0.95),
}
"""How copies are made, and the least share of them that must be found without a CNN."""


@pytest.mark.shared
def test_copies_are_found_and_others_are_not(shared: Path) -> None:
    with (shared / "corpus" / "manifest.csv").open(encoding="utf-8") as lines:
        uris = {row["image_id"]: row["uri"] for row in csv.DictReader(lines)}
    with (shared / "corpus" / "split.csv").open(encoding="utf-8") as lines:
        train = [row["image_id"] for row in csv.DictReader(lines) if row["split"] == "train"]
    measured = [name for name in train if hashlib.sha256(f"half0{name}".encode()).digest()[0] % 2 == 1]
    chosen = sorted(measured, key=lambda name: hashlib.sha256(f"att{name}".encode()).digest())[:PICTURES]
    files = {}
    for name in chosen:
        data = (shared / "corpus" / uris[name]).read_bytes()
        image = Image.open(io.BytesIO(data)).convert("RGB")
        files[f"{name}/0"] = data
        files |= {f"{name}/{attack}": make(image) for attack, (make, _) in ATTACKS.items()}
    found: Counter[str] = Counter()
    false = set()
    for edge in find_edges(features_of(files)).to_pylist():
        (first, one), (second, other) = edge["image_id_a"].split("/"), edge["image_id_b"].split("/")
        if first != second:
            false.add((first, second))
        elif "0" in (one, other):
            found[other if one == "0" else one] += 1
    assert {
        attack: found[attack] / PICTURES for attack, (_, least) in ATTACKS.items() if found[attack] < least * PICTURES
    } == {}
    assert false == set()
