"""A newcomer's folder with planted copies, broken files and hostile names."""

import os
from pathlib import Path

from PIL import Image

from tests.dedup.pictures import encoded, photo

SCRIPT = "<script>alert(1)<script>.png"
ESCAPE = "red\x1b[31m\nnew line\u202e.png"
KOREAN_CP949 = os.fsdecode("사진".encode("cp949") + b".png")
ORIGINALS = ("holiday/sea.png", "b.png", "c.png")


def plant(root: Path) -> None:
    """Write three pictures, copies of the first in every way, broken files, and files that are no pictures."""
    for number, name in enumerate(ORIGINALS):
        write(root / name, encoded(photo(number, 640, 480), "PNG"))
    sea = photo(0, 640, 480)
    write(root / "renamed.png", (root / ORIGINALS[0]).read_bytes())
    write(root / "more/other.bmp", encoded(sea, "BMP"))
    write(root / "more/web.jpg", encoded(sea, "JPEG", quality=60))
    write(root / "more/small.webp", encoded(sea.resize((320, 240), Image.Resampling.LANCZOS), "WEBP", quality=85))
    write(root / "cut.jpg", encoded(photo(7), "JPEG")[:4000])
    write(root / "empty.jpg", b"")
    write(root / "also-empty.jpg", b"")
    write(root / "text.png", b"this is no picture at all")
    write(root / "drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'></svg>")
    write(root / "really.png", encoded(photo(5), "JPEG"))
    write(root / "notes.txt", b"notes")
    write(root / ".thumbnails/x.png", encoded(photo(6), "PNG"))


def write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def contents(root: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}
