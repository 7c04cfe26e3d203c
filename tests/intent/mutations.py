"""Pictures of every format, drawn here, and what may happen to a file's bytes: for fuzzing the decoder."""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image, features

LENGTHS = (0, 1, 2, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0xFFFFFFFF, 0x80000000, 0xFFFFFFF8)
"""What a length, an offset or a side is blown up to."""


def drawn_files() -> dict[str, bytes]:
    """Return a small picture's file by name, for every format and coding that is decoded here."""
    rng = np.random.default_rng(5)
    noise = Image.fromarray(rng.integers(0, 256, (6, 8, 3), dtype=np.uint8)).resize((61, 47), Image.Resampling.BICUBIC)
    clear = noise.copy()
    clear.putalpha(noise.convert("L"))
    frames = {"save_all": True, "append_images": [noise.rotate(90 * turn) for turn in (1, 2)]}
    wide = Image.fromarray(np.asarray(noise.convert("L")).astype("<u2") * 257)
    exif = Image.Exif()
    exif[0x0112] = 6
    plans: list[tuple[str, Image.Image, str, dict[str, object]]] = [
        ("jpeg", noise, "JPEG", {"quality": 80}),
        ("jpeg progressive exif", noise, "JPEG", {"progressive": True, "exif": exif, "quality": 60}),
        ("jpeg cmyk", noise.convert("CMYK"), "JPEG", {}),
        ("mpo", noise, "MPO", frames),
        ("png", noise, "PNG", {"exif": exif}),
        ("png alpha", clear, "PNG", {}),
        ("png palette", noise.quantize(16), "PNG", {"transparency": 3}),
        ("png 16", wide, "PNG", {}),
        ("apng", noise, "PNG", frames),
        ("gif", noise.quantize(64), "GIF", {}),
        ("gif animated", noise, "GIF", frames),
        ("bmp", noise, "BMP", {}),
        ("bmp palette", noise.quantize(16), "BMP", {}),
        ("dib", noise, "DIB", {}),
        ("tiff raw", noise, "TIFF", {}),
        ("tiff 16", wide, "TIFF", {}),
        ("ico", clear, "ICO", {"sizes": [(16, 16), (32, 32)]}),
        ("ico bmp", clear, "ICO", {"sizes": [(32, 32)], "bitmap_format": "bmp"}),
        ("ppm", noise, "PPM", {}),
        ("pgm", noise.convert("L"), "PPM", {}),
        ("pbm", noise.convert("1"), "PPM", {}),
        ("pcx", noise, "PCX", {}),
        ("sgi", noise, "SGI", {}),
        ("tga", clear, "TGA", {}),
        ("tga rle", noise, "TGA", {"compression": "tga_rle"}),
    ]
    if features.check("libtiff"):
        for coding in ("tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"):
            plans.append((f"tiff {coding}", noise, "TIFF", {"compression": coding, "strip_size": 1000}))
        plans.append(("tiff group4", noise.convert("1"), "TIFF", {"compression": "group4"}))
        plans.append(("tiff big", noise, "TIFF", {"compression": "tiff_lzw", "big_tiff": True}))
    if features.check("webp"):
        plans.append(("webp", noise, "WEBP", {"quality": 70}))
        plans.append(("webp lossless", clear, "WEBP", {"lossless": True, "exif": exif}))
        plans.append(("webp animated", noise, "WEBP", frames))
    if features.check("jpg_2000"):
        plans.append(("jp2", noise, "JPEG2000", {}))
        plans.append(("j2k", clear, "JPEG2000", {"no_jp2": True, "irreversible": True, "quality_layers": [20]}))
    if features.check("avif"):
        plans.append(("avif", clear, "AVIF", {"speed": 10, "quality": 50}))
        plans.append(("avif animated", noise, "AVIF", {"speed": 10, **frames}))
    files = {}
    for name, image, kind, options in plans:
        buffer = io.BytesIO()
        image.save(buffer, kind, **options)
        files[name] = buffer.getvalue()
    if "QOI" in Image.SAVE:
        buffer = io.BytesIO()
        noise.save(buffer, "QOI")
        files["qoi"] = buffer.getvalue()
    return files


@dataclass(frozen=True)
class Mutant:
    """A broken file; ``name`` says what it was and what was done to it."""

    name: str
    data: bytes


def mutants(files: dict[str, bytes], *, count: int, seed: int) -> Iterator[Mutant]:
    """Yield broken files, the same for the same arguments; sources take turns."""
    rng = np.random.default_rng(seed)
    names = sorted(files)
    for number in range(count):
        name = names[number % len(names)]
        data = bytearray(files[name])
        steps = []
        for _ in range(int(rng.choice([1, 1, 1, 2, 3]))):
            if not data:
                break
            change = _CHANGES[int(rng.integers(len(_CHANGES)))]
            steps.append(change.__name__.strip("_"))
            data = change(data, rng, files[names[int(rng.integers(len(names)))]])
        yield Mutant(f"{seed}.{number} {name}: {', '.join(steps)}", bytes(data))


def _place(data: bytearray, rng: np.random.Generator) -> int:
    """Return a position; every other time in the first 200 bytes, where the headers are."""
    end = min(len(data), 200) if rng.integers(2) else len(data)
    return int(rng.integers(max(1, end)))


def _bits(data: bytearray, rng: np.random.Generator, other: bytes) -> bytearray:
    for _ in range(int(rng.choice([1, 1, 2, 4, 16]))):
        data[_place(data, rng)] ^= 1 << int(rng.integers(8))
    return data


def _bytes(data: bytearray, rng: np.random.Generator, other: bytes) -> bytearray:
    for _ in range(int(rng.choice([1, 2, 8]))):
        data[_place(data, rng)] = int(rng.integers(256))
    return data


def _cut(data: bytearray, rng: np.random.Generator, other: bytes) -> bytearray:
    return data[: int(rng.integers(len(data) + 1))]


def _remove(data: bytearray, rng: np.random.Generator, other: bytes) -> bytearray:
    start = _place(data, rng)
    del data[start : start + int(rng.integers(1, 64))]
    return data


def _repeat(data: bytearray, rng: np.random.Generator, other: bytes) -> bytearray:
    start = _place(data, rng)
    part = data[start : start + int(rng.integers(1, 200))]
    return data[:start] + part * int(rng.choice([2, 3, 50])) + data[start:]


def _length(data: bytearray, rng: np.random.Generator, other: bytes) -> bytearray:
    form = str(rng.choice(["<I", ">I", "<H", ">H", "<Q"]))
    value = int(rng.choice(LENGTHS)) & (2 ** (8 * struct.calcsize(form)) - 1)
    start = _place(data, rng)
    field = struct.pack(form, value)
    data[start : start + len(field)] = field
    return data


def _splice(data: bytearray, rng: np.random.Generator, other: bytes) -> bytearray:
    return data[: int(rng.integers(len(data) + 1))] + other[int(rng.integers(len(other) + 1)) :]


def _header(data: bytearray, rng: np.random.Generator, other: bytes) -> bytearray:
    size = int(rng.choice([4, 8, 12, 16, 32, 64]))
    return bytearray(other[:size]) + data[size:]


def _zeros(data: bytearray, rng: np.random.Generator, other: bytes) -> bytearray:
    start = _place(data, rng)
    size = min(len(data) - start, int(rng.integers(1, 400)))
    data[start : start + size] = bytes(size)
    return data


_CHANGES = (_bits, _bits, _bytes, _bytes, _cut, _remove, _repeat, _length, _splice, _header, _zeros)
