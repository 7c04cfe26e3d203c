"""Why a picture cannot be used, and what a file is that no decoder takes."""


class ImageError(ValueError):
    """A picture that cannot be used.

    ``reason`` is one of: empty, not_an_image, unsupported, truncated, too_many_pixels, too_small, too_large,
    decode_error, not_found, outside_collection, remote_uri. ``detail`` says more, for people.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail

    def __reduce__(self) -> tuple[type["ImageError"], tuple[str, str]]:
        return ImageError, (self.reason, self.detail)


_UNSUPPORTED = (
    (b"%PDF", "PDF"),
    (b"%!PS", "EPS or PostScript"),
    (b"8BPS", "Photoshop"),
    (b"\x1a\x45\xdf\xa3", "video (Matroska or WebM)"),
    (b"FLV\x01", "video (Flash)"),
    (b"\x00\x00\x01\xba", "video (MPEG)"),
    (b"\x00\x00\x01\xb3", "video (MPEG)"),
    (b"OggS", "Ogg"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
    (b"icns", "ICNS"),
    (b"DDS ", "DDS"),
    (b"farbfeld", "farbfeld"),
    (b"#?RADIANCE", "Radiance HDR"),
    (b"\x76\x2f\x31\x01", "OpenEXR"),
    (b"/* XPM */", "XPM"),
    (b"BLP", "BLP"),
    (b"\x00\x00\x02\x00", "cursor"),
)
_SUPPORTED_SIGNATURES = (
    b"\xff\xd8\xff",
    b"\x89PNG",
    b"GIF8",
    b"BM",
    b"II*\x00",
    b"MM\x00*",
    b"\x00\x00\x01\x00",
    b"qoif",
)


def unidentified(data: bytes) -> ImageError:
    """Name what a file is that no decoder took."""
    head = data[:1024]
    for signature, name in _UNSUPPORTED:
        if head.startswith(signature):
            return ImageError("unsupported", f"{name} is not decoded")
    if head[4:8] == b"ftyp":
        brand = head[8:12].decode("latin-1")
        if brand in ("avif", "avis"):
            return ImageError("decode_error", "broken AVIF header")
        name = "HEIC" if brand in ("heic", "heix", "mif1", "msf1", "hevc") else f"video ({brand.strip()})"
        return ImageError("unsupported", f"{name} is not decoded")
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        return ImageError("unsupported", "video (AVI) is not decoded")
    if head[4:6] in (b"\x11\xaf", b"\x12\xaf"):
        return ImageError("unsupported", "video (FLI, FLC) is not decoded")
    if b"<svg" in head.lower():
        return ImageError("unsupported", "SVG is not decoded: render it first")
    riff_webp = head.startswith(b"RIFF") and head[8:12] == b"WEBP"
    if head.startswith(_SUPPORTED_SIGNATURES) or riff_webp:
        return ImageError("decode_error", f"broken header, {len(data):,} bytes starting {head[:8]!r}")
    return ImageError("not_an_image", f"no picture format starts with {head[:16]!r}")


def decoder_failed(error: Exception) -> ImageError:
    detail = f"{type(error).__name__}: {error}"[:200]
    cut = ("truncated", "unexpected end", "not enough image data", "premature", "eof")
    reason = "truncated" if any(word in detail.lower() for word in cut) else "decode_error"
    return ImageError(reason, detail)
