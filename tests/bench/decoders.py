"""JPEG decoders side by side, as far as they are installed: time from bytes to RGB, and whether the pixels agree.

    python -m tests.bench.decoders FOLDER [--pictures 400] [--repeats 5]

Full size and reduced (DCT scaling to a short side of 256 and more, where a decoder can). The answer to "why Pillow" in
docs/decoders.md is what this prints. Needs none of the project's packages but Pillow and NumPy.
"""

import argparse
import io
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

Pixels = npt.NDArray[np.uint8]
Decoder = Callable[[bytes], Pixels]
SIDE = 256
"""Pixels that the short side keeps."""


def pillow(data: bytes) -> Pixels:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))


def pillow_draft(data: bytes) -> Pixels:
    with Image.open(io.BytesIO(data)) as image:
        image.draft(image.mode, (SIDE, SIDE))
        return np.asarray(image.convert("RGB"))


def opencv() -> Mapping[str, Decoder]:
    import cv2

    cv2.setNumThreads(1)

    def full(data: bytes) -> Pixels:
        return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[..., ::-1])

    def half(data: bytes) -> Pixels:
        return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_REDUCED_COLOR_2)[..., ::-1])

    return {"opencv": full, "opencv, reduced by 2": half}


def simplejpeg() -> Mapping[str, Decoder]:
    import simplejpeg as library

    def full(data: bytes) -> Pixels:
        return np.asarray(library.decode_jpeg(data, "RGB", fastdct=False, fastupsample=False))

    def reduced(data: bytes) -> Pixels:
        return np.asarray(
            library.decode_jpeg(data, "RGB", fastdct=False, fastupsample=False, min_height=SIDE, min_width=SIDE)
        )

    return {"simplejpeg": full, "simplejpeg, reduced": reduced}


def turbojpeg() -> Mapping[str, Decoder]:
    from turbojpeg import TJPF_RGB, TurboJPEG

    library = TurboJPEG()
    return {"PyTurboJPEG": lambda data: np.asarray(library.decode(data, pixel_format=TJPF_RGB))}


def torchvision() -> Mapping[str, Decoder]:
    import torch
    from torchvision.io import ImageReadMode, decode_jpeg

    torch.set_num_threads(1)

    def full(data: bytes) -> Pixels:
        tensor = torch.frombuffer(bytearray(data), dtype=torch.uint8)
        return np.asarray(decode_jpeg(tensor, mode=ImageReadMode.RGB).permute(1, 2, 0).numpy())

    return {"torchvision.io": full}


def decoders() -> dict[str, Decoder]:
    """Return what is installed; what is not is named on stderr."""
    found: dict[str, Decoder] = {"Pillow": pillow, "Pillow, draft": pillow_draft}
    for make in (opencv, simplejpeg, turbojpeg, torchvision):
        try:
            found |= make()
        except Exception as error:  # a package, or the library behind it, is missing
            print(f"{make.__name__}: not here ({error})", file=sys.stderr)
    return found


def main(argv: list[str]) -> int:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.decoders", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pictures", type=int, default=400)
    parser.add_argument("--repeats", type=int, default=5)
    flags = parser.parse_args(argv)
    paths = sorted(p for p in flags.folder.rglob("*") if p.suffix.lower() in (".jpg", ".jpeg"))
    count = min(flags.pictures, len(paths))
    if not count:
        parser.error(f"{flags.folder} has no JPEG files")
    files = [paths[n * len(paths) // count].read_bytes() for n in range(count)]
    found = decoders()
    times: dict[str, list[float]] = {name: [] for name in found}
    for _ in range(flags.repeats):
        for name, decode in found.items():
            started = time.perf_counter()
            for data in files:
                decode(data)
            times[name].append((time.perf_counter() - started) / count)
    base = statistics.median(times["Pillow"])
    kilobytes = sum(map(len, files)) / count / 1000
    print(f"{count} JPEG files of {kilobytes:.0f} KB on average, one thread, {flags.repeats} rounds\n")
    print("| decoder | ms a picture | speed against Pillow | files with Pillow's very pixels | worst difference |")
    print("|---|---|---|---|---|")
    for name, decode in found.items():
        equal, worst = agreement(files, decode)
        took = statistics.median(times[name])
        print(f"| {name} | {took * 1000:.2f} | {base / took:.2f} | {equal} | {worst} |")
    return 0


def agreement(files: list[bytes], decode: Decoder) -> tuple[str, str]:
    """Return for how many files of Pillow's size the pixels are Pillow's, and the largest difference of a channel."""
    same = compared = worst = 0
    for data in files:
        theirs, ours = decode(data), pillow(data)
        if theirs.shape == ours.shape:
            compared += 1
            difference = int(np.abs(theirs.astype(int) - ours.astype(int)).max())
            same += difference == 0
            worst = max(worst, difference)
    return (f"{same} of {compared}", str(worst)) if compared else ("other size", "")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
