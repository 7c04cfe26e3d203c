"""Decoding pictures that nobody vouches for."""

import io
import struct
import threading
import time
import warnings
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageCms, ImageDraw

from intent.images import (
    MAX_WORKING_SIDE,
    DecodedImage,
    ImageError,
    ImageLimits,
    check_image,
    decode_image,
    list_image_files,
    resolve_image_path,
    square,
)


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def photo(width: int = 320, height: int = 240, seed: int = 0) -> Image.Image:
    """Return a picture with structure at all scales."""
    random = np.random.default_rng(seed)
    pixels = np.zeros((height, width, 3))
    for side in (4, 16, 64):
        noise = Image.fromarray(random.integers(0, 256, (side, side, 3), dtype=np.uint8))
        pixels += np.asarray(noise.resize((width, height), Image.Resampling.BICUBIC), dtype=float)
    return Image.fromarray((pixels / 3).astype(np.uint8))


def glyph(colour: tuple[int, int, int], shape: str) -> Image.Image:
    image = Image.new("RGBA", (96, 96), (*colour, 0))
    draw = ImageDraw.Draw(image)
    (draw.ellipse if shape == "disc" else draw.rectangle)((20, 20, 60, 70), fill=(*colour, 255))
    return image


def difference(a: npt.NDArray[np.uint8], b: npt.NDArray[np.uint8]) -> float:
    return float(np.abs(a.astype(int) - b.astype(int)).mean())


def reason_of(data: bytes, limits: ImageLimits | None = None) -> str:
    with pytest.raises(ImageError) as caught:
        decode_image(data, limits=limits or ImageLimits())
    assert caught.value.detail
    return caught.value.reason


def png_header(width: int, height: int) -> bytes:
    """Return a PNG that claims a size and holds nearly nothing."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")
    )


def test_a_plain_picture_comes_back_as_it_is() -> None:
    source = photo()
    image = decode_image(encoded(source))
    assert (image.width, image.height, image.format) == (320, 240, "PNG")
    assert np.array_equal(image.rgb, np.asarray(source))
    assert np.array_equal(image.grey, np.asarray(source.convert("L")))
    assert image.jpeg_quality is None
    assert image.ground is None
    assert len(image.sha256) == len(image.pixel_sha256) == 32


def test_lossless_twins_agree_in_pixels_and_not_in_bytes() -> None:
    twins = [decode_image(encoded(photo(), kind)) for kind in ("PNG", "BMP", "TIFF", "PPM")]
    twins.append(decode_image(encoded(photo(), "WEBP", lossless=True)))
    opaque = photo().convert("RGBA")
    twins.append(decode_image(encoded(opaque)))
    assert len({twin.pixel_sha256 for twin in twins}) == 1
    assert len({twin.sha256 for twin in twins}) == len(twins)
    assert decode_image(encoded(photo(seed=1))).pixel_sha256 != twins[0].pixel_sha256


@pytest.mark.parametrize("quality", [10, 50, 75, 90, 100])
def test_jpeg_quality_is_read_from_the_tables(quality: int) -> None:
    assert decode_image(encoded(photo(), "JPEG", quality=quality)).jpeg_quality == pytest.approx(quality, abs=1)


@pytest.mark.parametrize(("width", "height"), [(2000, 1500), (700, 520), (3000, 300), (40, 1200), (5000, 8)])
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_big_pictures_are_bounded_and_keep_their_true_size(width: int, height: int, kind: str) -> None:
    image = decode_image(encoded(photo(width, height), kind))
    assert (image.width, image.height) == (width, height)
    assert max(image.rgb.shape) <= MAX_WORKING_SIDE
    assert min(image.grey.shape) >= min(width, height, 256)
    assert image.rgb.shape[:2] == image.grey.shape


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(orientation: int) -> None:
    upright = photo(300, 200)
    turned = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(turned[orientation]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    for kind, options in (("JPEG", {"quality": 95}), ("PNG", {}), ("TIFF", {})):
        image = decode_image(encoded(stored, kind, exif=exif, **options))
        assert (image.width, image.height) == (300, 200), kind
        assert difference(image.rgb, np.asarray(upright)) < 4, kind


def test_broken_exif_does_not_spoil_good_pixels() -> None:
    data = encoded(photo(), "JPEG", exif=b"Exif\x00\x00MM\x00*\xff\xff\xff\xff garbage")
    assert decode_image(data).width == 320


def test_glyphs_on_transparency_differ_from_each_other() -> None:
    images = {
        (colour, shape): decode_image(encoded(glyph(colour, shape)))
        for colour in ((0, 0, 0), (255, 255, 255))
        for shape in ("disc", "box")
    }
    assert {key: image.ground for key, image in images.items()} == {
        key: "white" if key[0] == (0, 0, 0) else "black" for key in images
    }
    assert all(image.grey.std() > 50 for image in images.values())
    assert len({image.pixel_sha256 for image in images.values()}) == 4


def test_a_fully_transparent_picture_is_plain_white() -> None:
    image = decode_image(encoded(Image.new("RGBA", (64, 64), (10, 20, 30, 0))))
    assert image.ground == "white"
    assert (image.rgb == 255).all()


def test_sixteen_bits_are_scaled_and_not_clipped() -> None:
    grey = np.asarray(photo().convert("L"))
    wide = (grey.astype(np.uint16) * 257).astype("<u2")
    for kind in ("PNG", "TIFF"):
        image = decode_image(encoded(Image.fromarray(wide), kind))
        assert np.array_equal(image.grey, grey), kind


def test_long_comments_of_a_gif_cost_no_time() -> None:
    data = encoded(photo(64, 48).quantize(16), "GIF")
    start = 13 + 3 * 2 ** ((data[10] & 7) + 1)
    for comments, good in (
        (b"!\xfe" + b"\xffx" + b"y" * 254 + b"\0", True),
        (b"!\xff\x0bXMP DataXMP" + (b"\xff" + b"z" * 255) * 9000 + b"\0", True),
        (b"!\xfe" + b"\1x" * 4_000_000 + b"\0", False),
        (b"?" + b"!\xfe\1x\0" * 2_000_000, False),
        (b"!\xfe" + b"\1x" * 4_000_000, False),
    ):
        begun = time.monotonic()
        whole = data[:start] + comments + data[start:]
        if good:
            assert np.array_equal(decode_image(whole).rgb, decode_image(data).rgb)
        else:
            assert reason_of(whole) == "decode_error"
        assert time.monotonic() - begun < 10


def test_sixteen_bits_with_a_transparent_value() -> None:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    grey = np.asarray(photo().convert("L")).copy()
    grey[:, :40] = 7
    height, width = grey.shape
    rows = b"".join(b"\0" + row.tobytes() for row in (grey.astype(np.uint16) * 257).astype(">u2"))
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 0, 0, 0, 0))
    data += chunk(b"tRNS", struct.pack(">H", 7 * 257)) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    image = decode_image(data)
    assert image.ground == "white"
    assert np.array_equal(image.grey, np.where(grey == 7, 255, grey))


def test_dark_sixteen_bits_stay_dark_in_any_byte_order() -> None:
    dark = np.asarray(photo().convert("L")).astype(np.uint16)
    height, width = dark.shape
    files = {"PGM": b"P5 %d %d 65535\n" % (width, height) + dark.astype(">u2").tobytes()}
    for mark, order in ((b"II", "<"), (b"MM", ">")):
        pixels = dark.astype(order + "u2").tobytes()
        tags = {256: width, 257: height, 258: 16, 259: 1, 262: 1, 273: 118, 277: 1, 278: height, 279: len(pixels)}
        entries = b"".join(struct.pack(order + "HHII", tag, 4, 1, value) for tag, value in tags.items())
        head = mark + struct.pack(order + "HIH", 42, 8, len(tags))
        files[f"TIFF {order}"] = (head + entries).ljust(118, b"\0") + pixels
    for kind, data in files.items():
        assert decode_image(data).grey.max() == 0, kind


def test_one_value_below_zero_is_a_plain_picture() -> None:
    image = decode_image(encoded(Image.new("F", (32, 32), -5.0), "TIFF"))
    assert image.grey.min() == image.grey.max()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_check_tells_the_upright_size(kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(photo(60, 40), kind, exif=exif)
    image = decode_image(data)
    assert (kind, image.width, image.height) == check_image(data) == (kind, 40, 60)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "LAB", "I", "F"])
def test_every_mode_gives_the_same_picture(mode: str) -> None:
    source = photo()
    if mode == "LAB":
        converted = Image.merge("LAB", [source.convert("L")] + [Image.new("L", source.size, 128)] * 2)
    else:
        converted = source.convert(mode)
    image = decode_image(encoded(converted, "TIFF"))
    blocks = Image.fromarray(image.grey).resize((8, 8), Image.Resampling.BOX)
    expected = source.convert("L").resize((8, 8), Image.Resampling.BOX)
    assert difference(np.asarray(blocks), np.asarray(expected)) < 6


def test_cmyk_jpegs_are_not_inverted() -> None:
    image = decode_image(encoded(photo().convert("CMYK"), "JPEG", quality=95))
    assert difference(image.rgb, np.asarray(photo())) < 8


def display_profile(gamma: float) -> bytes:
    """Return a profile of sRGB's primaries with another gamma, made by hand: curves of one number."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for name in (b"rTRC", b"gTRC", b"bTRC"):
        entry = profile.index(name, 128)
        start = struct.unpack(">I", profile[entry + 4 : entry + 8])[0]
        profile[start : start + 14] = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256))
    text = bytes(profile)
    return text.replace(b"sRGB", b"mine").replace("sRGB".encode("utf-16-be"), "mine".encode("utf-16-be"))


def test_pictures_in_another_colour_space_are_brought_to_srgb() -> None:
    source = photo()
    plain = decode_image(encoded(source))
    dark = decode_image(encoded(source, icc_profile=display_profile(1.0)))
    assert dark.grey.mean() > plain.grey.mean() + 20
    assert dark.pixel_sha256 != plain.pixel_sha256
    assert np.abs(decode_image(encoded(source, icc_profile=display_profile(2.2))).grey.mean() - plain.grey.mean()) < 3
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert decode_image(encoded(source, icc_profile=srgb)).pixel_sha256 == plain.pixel_sha256


@pytest.mark.parametrize("junk", [b"x" * 500, bytes(16) + b"RGB " + bytes(600), b"RGB " * 100])
def test_broken_profiles_are_no_matter(junk: bytes) -> None:
    assert np.array_equal(decode_image(encoded(photo(), icc_profile=junk)).rgb, np.asarray(photo()))


def test_palette_transparency_and_animations_show_the_first_frame() -> None:
    frames = [photo(seed=seed).resize((64, 64)) for seed in range(3)]
    gif = decode_image(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=50))
    webp = decode_image(encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True))
    assert difference(gif.grey, np.asarray(frames[0].convert("L"))) < 10
    assert difference(webp.grey, np.asarray(frames[0].convert("L"))) < 2
    palette = glyph((0, 0, 0), "disc").convert("P")
    assert decode_image(encoded(palette, transparency=0)).width == 96


def test_enlarged_copies_have_few_effective_pixels() -> None:
    random = np.random.default_rng(3)
    noise = np.cumsum(np.cumsum(random.normal(0, 1, (256, 256)), 0), 1)
    sharp = Image.fromarray(np.clip(random.normal(128, 40, (256, 256)) + noise * 0, 0, 255).astype(np.uint8))
    large = sharp.resize((512, 512), Image.Resampling.BICUBIC)
    original, copy = decode_image(encoded(sharp)), decode_image(encoded(large))
    assert original.effective_pixels > 0.8 * 256 * 256
    assert copy.effective_pixels < 0.65 * 512 * 512
    assert original.effective_pixels <= original.width * original.height


def test_borders_are_seen() -> None:
    framed = Image.new("RGB", (400, 340), "black")
    framed.paste(photo(320, 240), (40, 50))
    assert decode_image(encoded(framed)).border_box == (50, 40, 290, 360)
    assert not decode_image(encoded(photo(320, 240))).has_border
    assert not decode_image(encoded(Image.new("RGB", (100, 100), "red"))).has_border


def test_bombs_are_refused_by_their_header() -> None:
    for width, height in ((20_000, 20_000), (13_000, 13_000), (9_000, 9_000)):
        assert reason_of(png_header(width, height)) == "too_many_pixels"
    assert reason_of(encoded(photo()), ImageLimits(max_pixels=1000)) == "too_many_pixels"


def test_limits() -> None:
    assert reason_of(encoded(photo()), ImageLimits(max_bytes=100)) == "too_large"
    assert reason_of(encoded(Image.new("RGB", (4, 400))), ImageLimits(min_side=8)) == "too_small"
    with pytest.raises(ValueError, match="1 or more"):
        ImageLimits(max_pixels=0)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"<!doctype html><html><body>404 Not Found</body></html>", "not_an_image"),
        (b"hello, world", "not_an_image"),
        (bytes(5000), "not_an_image"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "unsupported"),
        (b"%PDF-1.7\n", "unsupported"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "unsupported"),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(64), "unsupported"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(64), "unsupported"),
        (b"\x1a\x45\xdf\xa3" + bytes(64), "unsupported"),
        (b"\xff\xd8\xff\xe0" + bytes(10), "truncated"),
    ],
)
def test_what_is_no_picture_has_its_reason(data: bytes, reason: str) -> None:
    assert reason_of(data) == reason


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "GIF"])
@pytest.mark.parametrize("share", [0.5, 0.95])
def test_cut_off_files_are_refused(kind: str, share: float) -> None:
    data = encoded(photo(), kind)
    assert reason_of(data[: int(len(data) * share)]) in ("truncated", "decode_error")


def test_junk_after_the_end_is_no_matter() -> None:
    data = encoded(photo(), "JPEG")
    assert np.array_equal(decode_image(data + b"junk" * 100).rgb, decode_image(data).rgb)


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (50, 1), (15, 15)])
def test_tiny_pictures_decode(size: tuple[int, int]) -> None:
    assert decode_image(encoded(Image.new("RGB", size, "red"))).rgb.shape == (size[1], size[0], 3)


def test_errors_survive_pickling_between_workers() -> None:
    import pickle

    error = pickle.loads(pickle.dumps(ImageError("empty", "no bytes")))  # noqa: S301
    assert (error.reason, error.detail) == ("empty", "no bytes")


def test_overlapping_threads_leave_the_warning_filters_alone() -> None:
    data = [encoded(photo(seed=seed), "JPEG") for seed in range(4)]
    before = list(warnings.filters)
    results: list[DecodedImage] = []
    threads = [threading.Thread(target=lambda: results.extend(map(decode_image, data * 5))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 80
    assert len({result.pixel_sha256 for result in results}) == 4
    assert list(warnings.filters) == before


@pytest.mark.shared
def test_every_odd_file_gives_a_picture_or_a_reason(shared: Path) -> None:
    reasons: dict[str, int] = {}
    for path in sorted(path for path in (shared / "odd_images").rglob("*") if path.is_file()):
        try:
            image = decode_image(path.read_bytes())
        except ImageError as error:
            reasons[error.reason] = reasons.get(error.reason, 0) + 1
        else:
            assert image.rgb.dtype == np.uint8
            assert max(image.rgb.shape) <= MAX_WORKING_SIDE
            assert image.effective_pixels <= image.width * image.height
            reasons["decoded"] = reasons.get("decoded", 0) + 1
    assert reasons["decoded"] > 400
    assert set(reasons) <= {"decoded", "not_an_image", "unsupported", "truncated", "too_many_pixels", "decode_error"}


@pytest.mark.shared
def test_all_colour_modes_of_one_picture_look_alike(shared: Path) -> None:
    grids = []
    for path in sorted((shared / "near_duplicates" / "pdq").rglob("modes/*")):
        if path.suffix == ".md":
            continue
        grey = Image.fromarray(decode_image(path.read_bytes()).grey)
        grids.append(np.asarray(grey.resize((8, 8), Image.Resampling.BOX)))
    assert len(grids) > 5
    assert max(difference(grid, grids[0]) for grid in grids) < 25


def test_square_stretches_the_whole_picture() -> None:
    assert square(np.asarray(photo(320, 100)), 224).shape == (224, 224, 3)
    with pytest.raises(ValueError, match="uint8"):
        square(np.zeros((4, 4), np.uint8), 224)


def test_files_of_a_folder_are_listed_by_rule(tmp_path: Path) -> None:
    for name in ("b.jpg", "a.PNG", "sub/한글.webp", "sub/c", "x.csv", "y.Parquet", ".hidden.jpg", ".git/z.png"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    (tmp_path / "broken.jpg").symlink_to(tmp_path / "gone.jpg")
    files, ignored = list_image_files(tmp_path)
    assert files == ["a.PNG", "b.jpg", "sub/c", "sub/한글.webp"]
    assert ignored == [".git/z.png", ".hidden.jpg", "broken.jpg", "x.csv", "y.Parquet"]
    with pytest.raises(ValueError, match="not a folder"):
        list_image_files(tmp_path / "b.jpg")


def test_names_that_are_not_utf8_are_ignored_and_shown(tmp_path: Path) -> None:
    import os

    try:
        (Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.jpg"))).write_bytes(b"x")
    except OSError:
        pytest.skip("this filesystem takes only UTF-8 names")
    files, ignored = list_image_files(tmp_path)
    assert files == []
    assert ignored == ["\\udcff.jpg"]


def test_paths_stay_in_the_collection(tmp_path: Path) -> None:
    root = tmp_path / "collection"
    (root / "sub").mkdir(parents=True)
    (root / "sub" / "a.jpg").write_bytes(b"x")
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(b"x")
    (root / "link.jpg").symlink_to(secret)
    (root / "inner.jpg").symlink_to(root / "sub" / "a.jpg")
    (root / "loop.jpg").symlink_to(root / "loop.jpg")
    real = (root / "sub" / "a.jpg").resolve()
    for uri in ("sub/a.jpg", "./sub/../sub/a.jpg", str(root / "sub" / "a.jpg"), f"file://{real}", "inner.jpg"):
        assert resolve_image_path(root, uri) == real
    cases = {
        "../secret.jpg": "outside_collection",
        str(secret): "outside_collection",
        "link.jpg": "outside_collection",
        "gone.jpg": "not_found",
        "sub": "not_found",
        "": "not_found",
        "a\0b": "not_found",
        "x" * 5000: "not_found",
        "loop.jpg": "not_found",
        "http://example.com/a.jpg": "remote_uri",
        "HTTPS://example.com/a.jpg": "remote_uri",
        "s3://bucket/a.jpg": "remote_uri",
    }
    for uri, reason in cases.items():
        with pytest.raises(ImageError) as caught:
            resolve_image_path(root, uri)
        assert caught.value.reason == reason, uri
