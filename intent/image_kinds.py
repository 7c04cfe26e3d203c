"""What a file is that is no picture of a kind decoded here, told by its first bytes.

Sources: the formats' own specifications and the table of file(1).
"""

import re
from collections.abc import Callable

PICTURES = (
    *((b"%PDF", "PDF"), (b"%!PS", "EPS or PostScript"), (b"\xc5\xd0\xd3\xc6", "EPS"), (b"%!Adobe", "PostScript")),
    *((b"8BPS", "Photoshop"), (b"gimp xcf", "GIMP"), (b"AT&TFORM", "DjVu"), (b"BPG\xfb", "BPG"), (b"FLIF", "FLIF")),
    *((b"\xff\x0a", "JPEG XL"), (b"\x00\x00\x00\x0cJXL ", "JPEG XL"), (b"II\xbc\x01", "JPEG XR")),
    *((b"icns", "ICNS"), (b"DDS ", "DDS"), (b"farbfeld", "farbfeld"), (b"#?RADIANCE", "Radiance HDR")),
    *((b"#?RGBE", "Radiance HDR"), (b"\x76\x2f\x31\x01", "OpenEXR"), (b"/* XPM */", "XPM"), (b"BLP", "BLP")),
    *((b"SIMPLE  =", "FITS"), (b"\xabKTX ", "KTX"), (b"PVR\x03", "PVR"), (b"\x13\xab\xa1\x5c", "ASTC")),
    *((b"IIRO", "camera raw (ORF)"), (b"IIU\x00", "camera raw (RW2)"), (b"FUJIFILMCCD-RAW", "camera raw (RAF)")),
    *((b"\xd7\xcd\xc6\x9a", "WMF"), (b"\x59\xa6\x6a\x95", "Sun raster"), (b"P7\n", "PAM"), (b"AC10", "AutoCAD")),
    *((b"FORM", "IFF or AIFF"), (b"CDF\x01", "NetCDF"), (b"\x89HDF\r\n", "HDF5"), (b"GRIB", "GRIB")),
)
"""Signatures of pictures that are not decoded, and of documents that show pictures."""

VIDEOS = (
    *((b"\x1a\x45\xdf\xa3", "Matroska or WebM"), (b"FLV\x01", "Flash"), (b"FWS", "Flash"), (b"CWS", "Flash")),
    *((b"\x00\x00\x01\xba", "MPEG"), (b"\x00\x00\x01\xb3", "MPEG"), (b".RMF", "RealMedia")),
    *((b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "Windows Media"), (b"\x8aMNG", "MNG"), (b"\x8bJNG", "JNG")),
    *((b"DKIF", "IVF"), (b"YUV4MPEG2", "YUV4MPEG")),
)
OTHERS = (
    *((b"PK\x03\x04", "a ZIP archive or Office document"), (b"PK\x05\x06", "an empty ZIP archive")),
    *((b"Rar!", "a RAR archive"), (b"7z\xbc\xaf\x27\x1c", "a 7z archive"), (b"\x1f\x8b", "gzip data")),
    *((b"BZh", "bzip2 data"), (b"\xfd7zXZ\x00", "xz data"), (b"\x28\xb5\x2f\xfd", "zstd data")),
    *((b"ID3", "audio (MP3)"), (b"fLaC", "audio (FLAC)"), (b"MThd", "audio (MIDI)"), (b"#!AMR", "audio (AMR)")),
    *((b"OTTO", "a font"), (b"true\x00", "a font"), (b"ttcf", "a font"), (b"wOFF", "a font"), (b"wOF2", "a font")),
    *((b"\x00\x01\x00\x00\x00", "a font"), (b"\x7fELF", "a program"), (b"MZ", "a program")),
    *((b"\xd0\xcf\x11\xe0", "an old Office document"), (b"{\\rtf", "a text document (RTF)")),
    *((b"SQLite format 3", "a database (SQLite)"), (b"PAR1", "Parquet"), (b"ARROW1", "Arrow")),
    *((b"version https://git-lfs", "a pointer of Git LFS in place of the file"), (b"\x93NUMPY", "a NumPy array")),
)

BROKEN = (
    *((b"\xff\xd8", "JPEG"), (b"\x89PNG", "PNG"), (b"GIF8", "GIF"), (b"BM", "BMP"), (b"II*\x00", "TIFF")),
    *((b"MM\x00*", "TIFF"), (b"II+\x00", "TIFF"), (b"MM\x00+", "TIFF"), (b"\x00\x00\x01\x00", "ICO")),
    *((b"qoif", "QOI"), (b"\xff\x4f\xff\x51", "JPEG 2000"), (b"\x00\x00\x00\x0cjP  ", "JPEG 2000")),
    *((b"\x01\xda", "SGI"), (b"\x0a\x05\x01", "PCX")),
)
"""Signatures of what is decoded, where its header is sound."""

HEIC = frozenset({"heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"})
AUDIO = frozenset({"M4A ", "M4B ", "M4P ", "F4A "})


def kind_of(data: bytes) -> tuple[str, str]:
    """Return (reason, what it is) of a file that no decoder took; see `intent.image_errors` for the reasons."""
    head = data[:1024]
    for look in _LOOKS:
        if found := look(head, data):
            return found
    return "not_an_image", f"no picture format starts with {head[:16]!r}"


def not_a_tga(data: bytes) -> tuple[str, str] | None:
    """Return (reason, what it is) where a file that a TGA decoder would take is something else by its signature."""
    head = data[:1024]
    for look in (_signature, _boxes, _streams):
        if found := look(head, data):
            return found
    return None


def _signature(head: bytes, data: bytes) -> tuple[str, str] | None:
    if head.startswith(b"OggS"):
        video = b"\x80theora" in head or b"BBCD" in head
        return ("unsupported", "video (Ogg) is not decoded") if video else ("not_an_image", "audio (Ogg)")
    for signature, name in VIDEOS:
        if head.startswith(signature):
            return "unsupported", f"video ({name}) is not decoded"
    for signature, name in PICTURES:
        if head.startswith(signature):
            return "unsupported", f"{name} is not decoded"
    for signature, name in OTHERS:
        if head.startswith(signature):
            return "not_an_image", name
    return None


def _boxes(head: bytes, data: bytes) -> tuple[str, str] | None:
    """ISO media files: MP4, MOV, 3GP, HEIC, AVIF."""
    if head[4:8] in (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot") and len(data) > 8:
        return "unsupported", "video (QuickTime) is not decoded"
    if head[4:8] != b"ftyp":
        return None
    end = min(max(16, int.from_bytes(head[:4], "big")), 256)
    major, *others = (head[at : at + 4].decode("latin-1") for at in (8, *range(16, end, 4)))
    if {"avif", "avis"} & {major, *others}:
        return "decode_error", "broken AVIF header"
    if major in HEIC:
        return "unsupported", "HEIC is not decoded"
    if major == "crx ":
        return "unsupported", "camera raw (CR3) is not decoded"
    if major == "jxl ":
        return "unsupported", "JPEG XL is not decoded"
    if major in AUDIO:
        return "not_an_image", "audio (MPEG-4)"
    return "unsupported", f"video ({major.strip()}) is not decoded"


def _riff(head: bytes, data: bytes) -> tuple[str, str] | None:
    if not head.startswith((b"RIFF", b"RIFX")):
        return None
    match head[8:12]:
        case b"AVI ":
            return "unsupported", "video (AVI) is not decoded"
        case b"WAVE":
            return "not_an_image", "audio (WAV)"
        case b"ACON":
            return "unsupported", "animated cursor is not decoded"
        case b"CDXA":
            return "unsupported", "video (MPEG) is not decoded"
    return "decode_error", f"broken WebP or other RIFF header, {len(data):,} bytes starting {head[:12]!r}"


def _streams(head: bytes, data: bytes) -> tuple[str, str] | None:
    """Formats told by a pattern."""
    for start, step in ((0, 188), (4, 192)):
        if len(data) >= 2 * step and all(data[at] == 0x47 for at in range(start, min(len(data), 5 * step), step)):
            return "unsupported", "video (MPEG transport stream) is not decoded"
    if head[4:6] in (b"\x11\xaf", b"\x12\xaf", b"\x44\xaf"):
        return "unsupported", "video (FLI, FLC) is not decoded"
    if head[:4] == b"\x01\x00\x00\x00" and head[40:44] == b" EMF":
        return "unsupported", "EMF is not decoded"
    if head[128:132] == b"DICM":
        return "unsupported", "DICOM is not decoded"
    if head[257:262] == b"ustar":
        return "not_an_image", "a tar archive"
    if head[:2] in (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xf1", b"\xff\xf9"):
        return "not_an_image", "audio (MP3 or AAC)"
    if head.startswith(b"\x00\x00\x02\x00") and b"\x00" < head[4:5] < b"\x40" and head[5:6] + head[9:10] == bytes(2):
        return "unsupported", "cursor is not decoded"
    return None


def _text(head: bytes, data: bytes) -> tuple[str, str] | None:
    start = head.lower().replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<script")):
        return "not_an_image", "an HTML page"
    if b"<svg" in start or (b"<svg" in data[1024:65536].lower() and start.startswith(b"<")):
        return "unsupported", "SVG is not decoded: render it first"
    if re.match(rb"#define[ \t]+\w*width", start):
        return "unsupported", "XBM is not decoded"
    if start.startswith((b"<?xml", b"<")) and re.match(rb"<[?!a-z]", start):
        return "not_an_image", "an XML or HTML document"
    if start.startswith((b"{", b"[")):
        return "not_an_image", "JSON or other text"
    return None


def _broken(head: bytes, data: bytes) -> tuple[str, str] | None:
    for signature, name in BROKEN:
        if head.startswith(signature):
            return "decode_error", f"broken {name} header, {len(data):,} bytes starting {head[:8]!r}"
    if re.match(rb"P[1-6fF][\s\d#]", head):
        return "decode_error", f"broken PPM header, starting {head[:16]!r}"
    if _may_be_tga(head):
        return "decode_error", "a TGA of a kind that is not decoded, or no picture at all"
    return None


def _may_be_tga(head: bytes) -> bool:
    """Whether the 18 bytes without a signature may be a TGA's."""
    if len(head) < 18:
        return False
    colour_map, kind, depth = head[1], head[2], head[16]
    return colour_map in (0, 1) and kind in (1, 2, 3, 9, 10, 11) and depth in (8, 15, 16, 24, 32) and head[17] < 64


def _plain_text(head: bytes, data: bytes) -> tuple[str, str] | None:
    if len(head) >= 4 and all(byte >= 32 or byte in b"\t\r\n\f" for byte in head) and head.isascii():
        return "not_an_image", f"text that starts with {head[:16]!r}"
    return None


_LOOKS: tuple[Callable[[bytes, bytes], tuple[str, str] | None], ...] = (
    *(_signature, _boxes, _riff, _streams, _text, _broken, _plain_text),
)
