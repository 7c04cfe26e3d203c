"""Why a picture cannot be used."""

from intent.image_cuts import is_cut
from intent.image_kinds import kind_of
from intent.image_tags import is_whole_tiff


class ImageError(ValueError):
    """A picture that cannot be used.

    ``reason`` is one of: empty, not_an_image, unsupported (a picture, document or video of a kind that is not
    decoded), truncated (shorter than it says), too_many_pixels (bombs), too_small, too_large, decode_error (broken),
    not_found, outside_collection, remote_uri; and of a decoder in a helper process decoder_crash, time_limit,
    memory_limit. ``detail`` says more, for people.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail

    def __reduce__(self) -> tuple[type["ImageError"], tuple[str, str]]:
        return ImageError, (self.reason, self.detail)


_CUT_WORDS = ("truncated", "unexpected end", "not enough image data", "premature", "eof")
_KIND_WORDS = ("unsupported bmp", "not supported", "not yet supported", "cannot decode", "unsupported jpeg")
"""How Pillow's decoders say that a file is cut, or of a kind that they do not know."""


def unidentified(data: bytes) -> ImageError:
    """Name what a file is that no decoder took."""
    reason, detail = kind_of(data)
    if reason == "decode_error" and is_cut(data):
        reason = "truncated"
    elif reason == "decode_error" and is_whole_tiff(data):
        reason, detail = "unsupported", "a TIFF of a layout that is not decoded"
    return ImageError(reason, detail)


def decoder_failed(error: Exception, data: bytes = b"") -> ImageError:
    """Say why a decoder failed on a file's bytes."""
    detail = f"{type(error).__name__}: {error}"[:200]
    said = detail.lower()
    if any(word in said for word in _CUT_WORDS) or is_cut(data):
        return ImageError("truncated", detail)
    if any(word in said for word in _KIND_WORDS) and "palette" not in said:
        return ImageError("unsupported", detail)
    return ImageError("decode_error", detail)
