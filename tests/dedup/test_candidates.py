"""Pairs worth comparing, found without looking at all pairs."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.candidates import BAND_COLUMNS, PAIRS, Bands, band_table, candidate_pairs
from dedup.cnn_hash import hamming
from tests.dedup.pictures import shuffled


def features(codes: np.ndarray | list[bytes | None], name: str = "block_hash", **columns: list) -> pa.Table:
    values = [code if code is None or isinstance(code, bytes) else code.tobytes() for code in codes]
    ids = [f"i{row:05}" for row in range(len(values))]
    return pa.table({"image_id": ids, name: pa.array(values, pa.binary()), **columns})


def random_codes(count: int, seed: int = 0, width: int = 32) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, width), dtype=np.uint8)


def flipped(code: np.ndarray, count: int, seed: int) -> np.ndarray:
    bits = np.unpackbits(code)
    bits[np.random.default_rng(seed).choice(bits.size, count, replace=False)] ^= 1
    return np.packbits(bits)


def found(table: pa.Table, config: Bands | None = None) -> set[tuple[str, str]]:
    pairs = candidate_pairs(band_table(table, config), config)
    assert pairs.schema == PAIRS
    listed = list(zip(*pairs.to_pydict().values(), strict=True))
    assert listed == sorted(set(listed))
    assert all(a < b for a, b in listed)
    return set(listed)


def test_near_codes_meet_and_far_ones_do_not() -> None:
    base = random_codes(300)
    copies = np.stack([flipped(code, 20, seed) for seed, code in enumerate(base)])
    pairs = found(features(np.concatenate([base, copies])))
    planted = {(f"i{row:05}", f"i{row + 300:05}") for row in range(300)}
    assert len(planted & pairs) >= 0.99 * len(planted)
    assert pairs <= planted


@pytest.mark.parametrize(("distance", "tables", "least"), [(31, 1, 0.82), (31, 2, 0.96), (31, 4, 0.995)])
def test_recall_is_what_the_formula_says(distance: int, tables: int, least: float) -> None:
    base = random_codes(500, 1)
    copies = np.stack([flipped(code, distance, seed) for seed, code in enumerate(base)])
    assert len(found(features(np.concatenate([base, copies])), Bands(block_tables=tables))) >= least * 500


def test_pairs_are_a_subset_of_brute_force() -> None:
    random = np.random.default_rng(2)
    codes = np.packbits(random.random((120, 256)) < 0.1, axis=1)  # sparse codes, as of icons
    config = Bands(block_radius=40, block_tables=8)
    distances = hamming(codes[:, None], codes[None])
    near = {(f"i{a:05}", f"i{b:05}") for a, b in np.argwhere(distances <= 40) if a < b}
    pairs = found(features(codes), config)
    assert pairs <= near
    assert len(pairs) > 0.9 * len(near)


def test_a_frame_meets_its_picture_by_the_trimmed_hash() -> None:
    codes = random_codes(2, 3)
    table = features(codes, trimmed_hash=pa.array([None, codes[0].tobytes()], pa.binary()))
    assert found(table) == {("i00000", "i00001")}


def test_exact_keys_pair_every_copy_with_the_best() -> None:
    digests = [bytes([1]) * 32, bytes([1]) * 32, bytes([2]) * 32, bytes([1]) * 32, None]
    table = features(digests, "sha256", effective_pixels=[10, 10, 10, 5000, 10])
    assert found(table) == {("i00000", "i00003"), ("i00001", "i00003")}
    assert found(features(digests, "pixel_sha256")) == {("i00000", "i00001"), ("i00000", "i00003")}


def test_codes_of_the_cnn_meet() -> None:
    base = random_codes(200, 4, 12)
    copies = np.stack([flipped(code, 6, seed) for seed, code in enumerate(base)])
    planted = {(f"i{row:05}", f"i{row + 200:05}") for row in range(200)}
    pairs = found(features(np.concatenate([base, copies]), "cnn_hash"))
    assert len(planted & pairs) >= 0.99 * 200


def test_missing_hashes_and_empty_tables() -> None:
    assert found(features([None, None])) == set()
    assert found(features([])) == set()
    assert found(pa.table({"image_id": ["a", "b"]})) == set()


def test_the_same_picture_five_thousand_times_stays_cheap_and_connected() -> None:
    count = 5_000
    pairs = found(features([bytes(range(32))] * count))
    best = {b for a, b in pairs if a == "i00000"}
    assert len(best) == count - 1
    assert len(pairs) < 40 * count


def test_huge_buckets_lose_no_near_pair() -> None:
    common = np.zeros((3000, 256), bool)
    random = np.random.default_rng(5)
    common[np.arange(3000)[:, None], random.integers(0, 256, (3000, 10))] = True  # all share most bands
    codes = np.packbits(common, axis=1)
    codes[1::2] = codes[::2]  # every second one has a twin
    pairs = found(features(codes), Bands(bucket_cap=200, block_tables=1, block_radius=2))
    assert {(f"i{row:05}", f"i{row + 1:05}") for row in range(0, 3000, 2)} <= pairs
    assert len(pairs) < 100_000


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([4, 1024]))
def test_row_order_and_partitions_do_not_matter(seed: int, cap: int) -> None:
    base = random_codes(12, seed)
    codes = np.concatenate([base, *(np.stack([flipped(c, 9, seed + turn) for c in base]) for turn in range(3))])
    table = features(codes, sha256=[bytes([row % 5]) * 32 for row in range(len(codes))])
    config = Bands(bucket_cap=cap)
    whole = found(table, config)
    assert found(shuffled(table, seed), config) == whole
    bands = shuffled(band_table(table, config), seed)
    parts: set[tuple[str, str]] = set()
    for part in range(3):
        mine = bands.filter(pa.array(bands["band"].to_numpy() % 3 == part))
        parts |= set(zip(*candidate_pairs(mine, config).to_pydict().values(), strict=True))
    assert parts == whole


def test_bands_of_blocks_are_bands_of_the_table() -> None:
    table = features(random_codes(10, 6))
    blocks = pa.concat_tables([band_table(table.slice(0, 4)), band_table(table.slice(4))])
    assert blocks.sort_by([("image_id", "ascending"), ("band", "ascending")]) == band_table(table).sort_by(
        [("image_id", "ascending"), ("band", "ascending")]
    )
    assert tuple(blocks.column_names) == BAND_COLUMNS


def test_columns_are_carried() -> None:
    table = features(random_codes(3, 7), detail=[1.0, 2.0, 3.0])
    bands = band_table(table, carry=["detail"])
    assert {(row["image_id"], row["detail"]) for row in bands.to_pylist()} == {
        ("i00000", 1.0),
        ("i00001", 2.0),
        ("i00002", 3.0),
    }


def test_bands_do_not_depend_on_the_machine() -> None:
    """The same on every machine, Python and NumPy: permutations come from digests."""
    bands = band_table(features([bytes(range(32))]), Bands(block_tables=1))["band"].to_numpy()
    assert bands[:2].tolist() == FIRST_BANDS


FIRST_BANDS = [97095774251975635, 1200836172621922881]


@pytest.mark.parametrize("wrong", [{"block_bits": 7}, {"cnn_tables": 0}, {"cnn_radius": 2.0}, {"bucket_cap": 0}])
def test_wrong_settings_are_refused(wrong: dict) -> None:
    with pytest.raises(ValueError, match="must be"):
        Bands(**wrong)
