"""Variations: repeatable, of equal shape, mirrored only where a mirror image means the same."""

import numpy as np
import pytest

from intent.augment import LINE_ART, MIRRORED, augment
from labels.taxonomy import load_taxonomy

SIDE = 48


def half_bright() -> np.ndarray:
    picture = np.full((SIDE, SIDE, 3), 20, dtype=np.uint8)
    picture[:, : SIDE // 2] = 220
    return picture


def left_is_brighter(intent: str | None, seed: int) -> bool:
    varied = augment(half_bright(), np.random.default_rng(seed), intent=intent).astype(float)
    return bool(varied[:, : SIDE // 4].mean() > varied[:, -SIDE // 4 :].mean())


def test_variation_depends_on_the_generator_alone() -> None:
    picture = half_bright()
    first = augment(picture, np.random.default_rng(3), intent="map")
    assert first.shape == picture.shape
    assert first.dtype == np.uint8
    assert np.array_equal(first, augment(picture, np.random.default_rng(3), intent="map"))
    assert not np.array_equal(first, augment(picture, np.random.default_rng(4), intent="map"))
    assert np.array_equal(picture, half_bright())


@pytest.mark.parametrize("intent", ["text_meme", "screenshot_ui", "a_class_of_my_own", None])
def test_writing_and_classes_nobody_knows_are_never_mirrored(intent: str | None) -> None:
    assert sum(left_is_brighter(intent, seed) for seed in range(120)) >= 115  # a background may outshine a side


def test_photos_are_mirrored_half_the_time() -> None:
    assert 40 <= sum(left_is_brighter("animal_photo", seed) for seed in range(120)) <= 80


@pytest.mark.parametrize("side", [1, 4, 9])
def test_the_smallest_pictures_are_varied(side: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    for seed in range(40):
        assert augment(pixels, np.random.default_rng(seed), intent="clipart_illustration").shape == pixels.shape


def test_a_mirrored_sheet_of_music_is_one_and_a_mirrored_receipt_is_none() -> None:
    assert "sheet_music" in MIRRORED
    assert not MIRRORED & {"receipt", "map", "text_meme", "screenshot_ui", "document_page", "webtoon_comic", "table"}
    assert set(load_taxonomy().intent_ids) >= MIRRORED | LINE_ART
