"""Block means, hashes and what is stored of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dedup.block_mean import (
    BIT_MARGIN,
    CHROMA_BYTES,
    VIEW_BYTES,
    block_hash,
    block_hashes,
    block_means,
    chroma,
    detail,
    from_imagehash,
    hash_columns,
    to_imagehash,
    trimmed_block_means,
)
from dedup.cnn_hash import cnn_hash, hamming
from tests.dedup.pictures import decoded, photo


def grey(seed: int, width: int = 320, height: int = 240) -> np.ndarray:
    return np.asarray(photo(seed, width, height).convert("L"))


def bits(code: bytes | None) -> np.ndarray:
    assert code is not None
    return np.frombuffer(code, np.uint8)


def test_block_means_are_area_means() -> None:
    values = grey(0, 320, 320)
    expected = values.reshape(16, 20, 16, 20).mean(axis=(1, 3))
    assert np.abs(block_means(values) - expected).max() <= 1


def test_flips_and_turns_commute_with_block_means() -> None:
    values = grey(1, 320, 320)
    for turn in (np.fliplr, np.flipud, np.rot90, np.transpose):
        assert np.abs(block_means(turn(values)).astype(int) - turn(block_means(values))).max() <= 1


def test_bits_follow_the_definition() -> None:
    means = block_means(grey(2))
    expected = np.zeros((16, 16), bool)
    for row in range(16):
        for column in range(16):
            window = means[max(0, row - 2) : row + 3, max(0, column - 2) : column + 3].astype(float)
            expected[row, column] = means[row, column] > window.mean() + BIT_MARGIN
    assert np.array_equal(np.unpackbits(bits(block_hash(means))).reshape(16, 16), expected)


def test_a_batch_gives_what_single_pictures_give() -> None:
    means = np.stack([block_means(grey(seed)) for seed in range(5)] + [np.full((16, 16), 7, np.uint8)])
    assert block_hashes(means) == [block_hash(one) for one in means]


@pytest.mark.parametrize(
    "picture",
    [
        np.full((100, 100), 255, np.uint8),
        np.tile(np.arange(256, dtype=np.uint8), (64, 1)),
        np.tile(np.arange(256, dtype=np.uint8), (64, 1)).T,
        np.repeat(np.arange(8) % 2 * 255, 20)[:, None].repeat(160, 1).astype(np.uint8),
        np.repeat(np.arange(8) % 2 * 255, 20)[None].repeat(160, 0).astype(np.uint8),
        np.full((1, 1), 9, np.uint8),
    ],
    ids=["flat", "gradient", "gradient down", "stripes", "columns", "one pixel"],
)
def test_pictures_without_structure_get_no_hash(picture: np.ndarray) -> None:
    assert block_hash(block_means(picture)) is None


def test_a_dot_on_a_plain_ground_gets_no_hash() -> None:
    picture = np.full((160, 160), 255, np.uint8)
    picture[80:90, 80:90] = 0
    assert block_hash(block_means(picture)) is None


def test_copies_are_near_and_others_far() -> None:
    codes = [bits(block_hash(block_means(grey(seed)))) for seed in range(8)]
    for seed, code in enumerate(codes):
        small = decoded(photo(seed).resize((200, 150)), "JPEG", quality=40)
        assert hamming(code, bits(block_hash(block_means(small.grey)))) <= 16
        assert all(hamming(code, other) > 70 for other in codes[:seed])


def test_frames_are_cut_away() -> None:
    framed = np.zeros((340, 400), np.uint8)
    framed[50:290, 40:360] = grey(3)
    assert trimmed_block_means(grey(3)) is None
    assert trimmed_block_means(np.full((90, 90), 3, np.uint8)) is None
    trimmed = trimmed_block_means(framed)
    assert trimmed is not None
    assert np.abs(trimmed.astype(int) - block_means(grey(3))).mean() < 2


def test_a_small_thing_on_a_ground_is_not_cut_out() -> None:
    picture = np.full((300, 300), 255, np.uint8)
    picture[140:170, 140:170] = 0
    assert trimmed_block_means(picture) is None


def test_chroma_sees_colour_and_not_light() -> None:
    red = np.zeros((40, 40, 3), np.uint8)
    red[..., 0] = 200
    grey_levels = np.full((40, 40, 3), 90, np.uint8)
    assert len(chroma(red)) == CHROMA_BYTES
    assert set(chroma(grey_levels)) == {128}
    assert min(abs(value - 128) for value in chroma(red)) > 20


def test_detail_is_zero_on_plain_and_falls_with_blur() -> None:
    assert detail(np.full((50, 50), 8, np.uint8)) == 0
    blurred = photo(4).resize((20, 15)).resize((320, 240), Image.Resampling.BICUBIC).convert("L")
    assert 0 < detail(np.asarray(blurred)) < detail(grey(4))


def test_hash_columns_hold_one_or_two_views() -> None:
    framed = Image.new("RGB", (400, 340), "black")
    framed.paste(photo(5), (40, 50))
    columns = hash_columns([decoded(photo(5)), decoded(framed), decoded(Image.new("RGB", (64, 64), "red"))])
    assert [len(value) for value in columns["block_means"]] == [VIEW_BYTES, 2 * VIEW_BYTES, VIEW_BYTES]
    assert [len(value) for value in columns["chroma"]] == [CHROMA_BYTES, 2 * CHROMA_BYTES, CHROMA_BYTES]
    assert [value is None for value in columns["block_hash"]] == [False, False, True]
    assert [value is None for value in columns["trimmed_hash"]] == [True, False, True]
    assert hamming(bits(columns["trimmed_hash"][1]), bits(columns["block_hash"][0])) <= 8
    assert all(0 <= value <= 1 for value in columns["quality"])
    assert len({len(values) for values in columns.values()}) == 1
    assert all(values == [] for values in hash_columns([]).values())


@given(st.binary(min_size=32, max_size=32))
def test_imagehash_interop_is_lossless(code: bytes) -> None:
    assert from_imagehash(to_imagehash(code)) == code


def test_imagehash_distance_is_ours() -> None:
    a, b = (block_hash(block_means(grey(seed))) for seed in (6, 7))
    assert a is not None
    assert b is not None
    assert to_imagehash(a) - to_imagehash(b) == hamming(bits(a), bits(b))


def test_wrong_shapes_are_named() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        to_imagehash(b"abc")
    with pytest.raises(ValueError, match=r"h, w"):
        block_means(np.zeros((4, 4, 3), np.uint8))
    with pytest.raises(ValueError, match="16, 16"):
        block_hashes(np.zeros((2, 8, 8), np.uint8))


def test_cnn_hash_is_signs_padded_to_bytes() -> None:
    vectors = np.array([[1, -1, 1] * 4, [0.0] * 12, [np.nan] * 12, [-1] * 12], np.float32)
    assert cnn_hash(vectors) == [bytes([0b10110110, 0b11010000]), None, None, bytes(2)]
    with pytest.raises(ValueError, match="shape"):
        cnn_hash(np.zeros(4))
