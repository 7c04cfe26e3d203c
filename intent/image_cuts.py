"""Whether a file is shorter than it says itself: told from its own lengths and end marks.

Only asked where a decoder failed, so that a cut file is named truncated and not broken.
"""

import struct

from intent.image_tags import last_pixel_byte, read_tags

MOST_BYTES = 2**28
"""A length above this is a broken number and not a file that was cut: 256 MiB, well above what is decoded."""


def is_cut(data: bytes) -> bool:
    """Whether a picture's file ends before its own end; False where its format does not tell."""
    try:
        if data.startswith(b"\xff\xd8"):
            return b"\xff\xd9" not in data[-65536:]
        if data.startswith(b"\x89PNG"):
            return _png(data)
        if data.startswith(b"GIF8"):
            return _gif(data)
        if data.startswith(b"RIFF"):
            return MOST_BYTES > 8 + _number("<I", data, 4) > len(data)
        if data.startswith(b"BM"):
            return _bmp(data)
        if data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
            return _tiff(data)
        if data.startswith(b"\0\0\1\0"):
            return _ico(data)
        if data.startswith(b"qoif"):
            return not data.endswith(b"\0\0\0\0\0\0\0\1")
        if data.startswith(b"\xff\x4f\xff\x51"):
            return not data.rstrip(b"\0").endswith(b"\xff\xd9")
        if data[4:8] in (b"ftyp", b"jP  "):
            return _boxes(data)
    except (struct.error, IndexError):
        return True  # the end came where a number should be
    return False


def _number(form: str, data: bytes, at: int) -> int:
    return int(struct.unpack_from(form, data, at)[0])


def _png(data: bytes) -> bool:
    at = 8
    while data[at + 4 : at + 8] != b"IEND":
        size, name = _number(">I", data, at), data[at + 4 : at + 8]
        if size > MOST_BYTES or not name.isalpha():
            return False  # broken there, and not cut
        at += 12 + size
    return False


def _gif(data: bytes) -> bool:
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    if not width * height:
        return False
    at = 13 + (3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0)
    while True:
        match data[at]:
            case 0x3B:
                return False
            case 0x2C:
                flags = data[at + 9]
                at += 11 + (3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0)
            case 0x21:
                at += 2
            case _:
                return False
        while size := data[at]:
            at += 1 + size
        at += 1


def _bmp(data: bytes) -> bool:
    size = _number("<I", data, 2)
    return MOST_BYTES > size > len(data) >= 54 or len(data) < 26


def _ico(data: bytes) -> bool:
    count = _number("<H", data, 4)
    ends = [sum(struct.unpack_from("<II", data, 6 + 16 * entry + 8)) for entry in range(count)]
    return any(len(data) < end < MOST_BYTES for end in ends)


def _tiff(data: bytes) -> bool:
    order = "<" if data[0] == 0x49 else ">"
    if data[2:4].strip(b"\0") == b"+":
        return MOST_BYTES > _number(order + "Q", data, 8) + 8 > len(data)
    at = _number(order + "I", data, 4)
    if at + 2 > len(data):
        return at < MOST_BYTES
    if at + 2 + 12 * _number(order + "H", data, at) > len(data):
        return True
    return MOST_BYTES > last_pixel_byte(read_tags(data) or {}, data) > len(data)


def _boxes(data: bytes) -> bool:
    at = 0
    while at < len(data):
        size, name = _number(">I", data, at), data[at + 4 : at + 8]
        if size == 1:
            size = _number(">Q", data, at + 8)
        if size == 0:
            return False  # to the end of the file
        if not 8 <= size < MOST_BYTES or not name.strip(b" ").isalnum():
            return False
        at += size
    return at > len(data)
