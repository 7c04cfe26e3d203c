"""The embedded corpus: deterministic bytes, all intents, planted duplicates, clear errors."""

import builtins
import csv
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from beam_jobs.demo.corpus import DUPLICATE_SHARE, EDITS, SIDE_PIXELS, Corpus, demo_world, draw_corpus
from beam_jobs.demo.draw import DRAWERS, canvas
from labels.taxonomy import load_taxonomy

IMAGES = 80


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return draw_corpus(tmp_path_factory.mktemp("corpus"), images=IMAGES, seed=3)


def _digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    count = len(DRAWERS) + 3
    folders = [
        draw_corpus(tmp_path / name, images=count, seed=seed).folder
        for name, seed in zip("abc", (5, 5, 6), strict=True)
    ]
    first, again, other = (_digests(folder) for folder in folders)
    assert first == again
    assert not set(first.values()) & set(other.values())


def test_every_intent_is_drawn_in_the_order_of_the_taxonomy() -> None:
    assert list(DRAWERS) == list(load_taxonomy(None).intent_ids)


@pytest.mark.parametrize("intent", DRAWERS)
def test_a_drawer_draws_varied_rgb_pictures_about_as_large_as_asked(intent: str) -> None:
    pictures = [DRAWERS[intent](np.random.default_rng([11, index]), 200) for index in range(3)]
    assert all(picture.mode == "RGB" and 150 <= max(picture.size) <= 230 for picture in pictures)
    assert len({picture.tobytes() for picture in pictures}) == 3
    assert all(np.asarray(picture).std() > 3 for picture in pictures)


def test_the_files_say_what_lies_in_the_folder(corpus: Corpus) -> None:
    collection = _rows(corpus.collection)
    assert len(collection) == IMAGES
    assert len({row["image_id"] for row in collection}) == IMAGES
    for row in collection:
        with Image.open(corpus.folder / row["uri"]) as image:
            assert image.size == (int(row["width"]), int(row["height"]))
            assert max(image.size) <= SIDE_PIXELS[1] * 1.15
        assert not any(intent in row["uri"] + row["title"] for intent in DRAWERS)
    truth = _rows(corpus.folder / "truth.csv")
    assert truth == corpus.truth.to_pylist()
    assert {row["image_id"] for row in truth} == {row["image_id"] for row in collection}
    assert {row["intent"] for row in truth} == set(load_taxonomy(None).intent_ids)
    assert {Path(row["uri"]).suffix for row in collection} == {".png", ".jpg"}


def test_planted_duplicates_are_listed_and_are_copies(corpus: Corpus) -> None:
    uri = {row["image_id"]: corpus.folder / row["uri"] for row in _rows(corpus.collection)}
    intent = {row["image_id"]: row["intent"] for row in corpus.truth.to_pylist()}
    duplicates = corpus.duplicates.to_pylist()
    assert len(duplicates) == round(IMAGES * DUPLICATE_SHARE)
    assert {row["edit"] for row in duplicates} == set(EDITS)
    assert _rows(corpus.folder / "duplicates.csv") == duplicates
    for row in duplicates:
        copy, original = uri[row["image_id"]], uri[row["copy_of"]]
        assert intent[row["image_id"]] == intent[row["copy_of"]]
        assert (copy.read_bytes() == original.read_bytes()) == (row["edit"] == "bytes")
        small = [np.asarray(Image.open(path).convert("L").resize((16, 16)), dtype=float) for path in (copy, original)]
        assert np.abs(small[0] - small[1]).mean() < 40


def test_originals_all_differ(corpus: Corpus) -> None:
    copies = set(corpus.duplicates["image_id"].to_pylist())
    files = [corpus.folder / row["uri"] for row in _rows(corpus.collection) if row["image_id"] not in copies]
    assert len({hashlib.sha256(Image.open(file).convert("RGB").tobytes()).digest() for file in files}) == len(files)


def test_progress_counts_to_the_end(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    count = len(DRAWERS) + 4
    draw_corpus(tmp_path, images=count, progress=lambda done, total: told.append((done, total)))
    assert told == [(done, count) for done in range(1, count + 1)]


def test_too_few_images_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="images is 7"):
        draw_corpus(tmp_path, images=7)


def test_without_matplotlib_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    real = builtins.__import__

    def no_matplotlib(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.partition(".")[0] == "matplotlib":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    canvas.font_folder.cache_clear()
    monkeypatch.setattr(builtins, "__import__", no_matplotlib)
    with pytest.raises(ValueError, match=r"pip install 'image-intent\[demo\]'"):
        draw_corpus(tmp_path / "corpus", images=60)
    assert not (tmp_path / "corpus").exists()


def test_the_demo_world_grows_with_the_corpus(corpus: Corpus) -> None:
    world = demo_world(corpus.truth)
    assert world.sessions * world.positions >= 40_000
    assert demo_world(corpus.truth, seed=4).seed == 4
