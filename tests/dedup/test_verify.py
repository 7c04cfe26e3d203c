"""Which candidates are the same picture."""

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from dedup.verify import EDGES, verify_pairs
from tests.dedup.pictures import encoded, features_of, photo, shuffled, with_embeddings


def verified(files: dict[str, bytes], vectors: np.ndarray | None = None) -> dict[tuple[str, str], str]:
    """Verify all pairs; return the reason of those that hold."""
    features = features_of(files)
    if vectors is not None:
        features = with_embeddings(features, vectors)
    return edges_of(features)


def edges_of(features: pa.Table) -> dict[tuple[str, str], str]:
    names = features["image_id"].to_pylist()
    pairs = pa.Table.from_pylist([{"image_id_a": a, "image_id_b": b} for a in names for b in names if a < b])
    edges = verify_pairs(pairs, features)
    assert edges.schema == EDGES
    assert all(0 <= score <= 1 for score in edges["score"].to_pylist())
    return {(row["image_id_a"], row["image_id_b"]): row["reason"] for row in edges.to_pylist()}


def framed(image: Image.Image, colour: str) -> Image.Image:
    canvas = Image.new("RGB", (image.width + 60, image.height + 60), colour)
    canvas.paste(image, (30, 30))
    return canvas


def sheet(seed: int) -> Image.Image:
    """Return a page of text lines: the same layout, other words."""
    random = np.random.default_rng(seed)
    page = Image.new("RGB", (320, 420), "white")
    draw = ImageDraw.Draw(page)
    for line in range(24):
        place = 24
        while place < 290:
            width = int(random.integers(8, 34))
            draw.rectangle((place, 30 + 16 * line, min(296, place + width), 38 + 16 * line), fill=(40, 40, 40))
            place += width + 6
    return page


def flag(colours: tuple[str, str, str]) -> Image.Image:
    image = Image.new("RGB", (300, 200))
    draw = ImageDraw.Draw(image)
    for place, colour in enumerate(colours):
        draw.rectangle((100 * place, 0, 100 * place + 99, 199), fill=colour)
    draw.ellipse((120, 70, 180, 130), fill="gold")
    draw.ellipse((220, 20, 280, 80), fill="gold")
    return image


def test_copies_hold_with_their_reason() -> None:
    source = photo(0)
    edges = verified(
        {
            "a": encoded(source, "PNG"),
            "b": encoded(source, "PNG"),
            "c": encoded(source, "BMP"),
            "d": encoded(source, quality=30),
            "e": encoded(photo(1)),
        }
    )
    assert edges == {
        ("a", "b"): "bytes",
        ("a", "c"): "pixels",
        ("b", "c"): "pixels",
        ("a", "d"): "hash",
        ("b", "d"): "hash",
        ("c", "d"): "hash",
    }


@pytest.mark.parametrize(
    "attack",
    [
        lambda image: image.resize((160, 120)),
        lambda image: image.resize((640, 480)),
        lambda image: image.resize((360, 240)),
        lambda image: ImageEnhance.Brightness(image).enhance(1.15),
        lambda image: framed(image, "white"),
        lambda image: framed(image, "black"),
    ],
    ids=["half", "double", "aspect", "brighter", "white frame", "black frame"],
)
def test_edited_copies_hold(attack) -> None:
    assert verified({"a": encoded(photo(2)), "b": encoded(attack(photo(2)))}) == {("a", "b"): "hash"}


def test_pages_of_text_in_one_layout_differ() -> None:
    pages = {f"p{seed}": encoded(sheet(seed)) for seed in range(8)}
    assert verified(pages) == {}
    assert verified({"a": encoded(sheet(0)), "b": encoded(sheet(0), quality=40)}) == {("a", "b"): "hash"}


def test_flags_of_one_shape_in_other_colours_differ() -> None:
    flags = {"a": flag(("navy", "white", "darkred")), "b": flag(("darkgreen", "white", "purple"))}
    assert verified({name: encoded(image) for name, image in flags.items()}) == {}


def test_flat_pictures_are_alike_only_by_their_pixels() -> None:
    plain = {
        name: Image.new("RGB", (64, 64), colour) for name, colour in (("a", "white"), ("b", "white"), ("c", "blue"))
    }
    files = {"a": encoded(plain["a"], "PNG"), "b": encoded(plain["b"], "BMP"), "c": encoded(plain["c"], "PNG")}
    assert verified(files) == {("a", "b"): "pixels"}


def test_the_cnn_can_veto_and_can_see_crops() -> None:
    source = photo(3).filter(ImageFilter.GaussianBlur(10))
    crop = source.crop((16, 12, 304, 228))
    files = {"a": encoded(source), "b": encoded(source, quality=40), "c": encoded(crop)}
    same, other = np.array([1.0, 0, 0, 0.1]), np.array([0, 1.0, 0, 0.1])
    assert verified(files) == {("a", "b"): "hash"}
    assert verified(files, np.stack([same, other, other])) == {("b", "c"): "cnn"}
    assert verified(files, np.stack([same, same, same])) == {("a", "b"): "hash", ("a", "c"): "cnn", ("b", "c"): "cnn"}
    without = np.stack([same, np.zeros(4), np.full(4, np.nan)])
    assert verified(files, without) == {("a", "b"): "hash"}


def test_the_cnn_alone_does_not_make_a_duplicate() -> None:
    same = np.ones((2, 4))
    assert verified({"a": encoded(photo(4)), "b": encoded(photo(5))}, same) == {}


def test_hashes_of_other_versions_are_not_compared() -> None:
    features = features_of({"a": encoded(photo(6)), "b": encoded(photo(6), quality=50)})
    place = features.schema.get_field_index("hash_version")
    mixed = features.set_column(place, "hash_version", pa.array(["old", "new"]))
    assert len(edges_of(features)) == 1
    assert edges_of(mixed) == {}


def test_the_result_ignores_order_repeats_and_direction() -> None:
    features = features_of({f"i{q}": encoded(photo(7), quality=q) for q in (40, 60, 80)} | {"x": encoded(photo(8))})
    pairs = pa.table({"image_id_a": ["i40", "i60", "i80", "x"], "image_id_b": ["i60", "i80", "i40", "i40"]})
    twice = pa.concat_tables([pairs, pairs.select(["image_id_b", "image_id_a"]).rename_columns(pairs.column_names)])
    expected = verify_pairs(pairs, features)
    assert expected.num_rows == 3
    assert verify_pairs(shuffled(twice), shuffled(features)) == expected
    assert verify_pairs(pairs.slice(0, 0), features) == EDGES.empty_table()


def test_unknown_images_and_mixed_models_are_named() -> None:
    features = features_of({"a": encoded(photo(9))})
    with pytest.raises(ValueError, match="'zz'"):
        verify_pairs(pa.table({"image_id_a": ["a"], "image_id_b": ["zz"]}), features)
    two = features_of({"a": encoded(photo(9)), "b": encoded(photo(9))})
    mixed = two.append_column("embedding", pa.array([[1.0], [1.0, 2.0]], pa.list_(pa.float16())))
    with pytest.raises(ValueError, match="two models"):
        verify_pairs(pa.table({"image_id_a": ["a"], "image_id_b": ["b"]}), mixed)
