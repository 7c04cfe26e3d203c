"""How a folder is told about to people: meanings of reasons, sizes, a copy in a few words."""

from collections.abc import Iterator

from beam_jobs.folder.copies import Member
from beam_jobs.folder.survey import Survey

BROKEN_BECAUSE = {
    "empty": "no bytes at all",
    "not_an_image": "no picture by its first bytes",
    "unsupported": "a kind of file that is not decoded",
    "truncated": "its end is missing",
    "too_many_pixels": "more pixels than are decoded",
    "too_small": "a side without pixels",
    "too_large": "more bytes than are read",
    "decode_error": "damaged",
    "decoder_crash": "a decoder crashed on it",
    "time_limit": "a decoder took too long",
    "memory_limit": "a decoder took too much memory",
    "memory": "not enough memory to decode it",
    "not_found": "gone since the folder was listed",
    "unreadable": "may not be read",
}
"""What a failure's reason means."""
COPY_BECAUSE = {
    "bytes": "the same file",
    "pixels": "the same pixels in another file",
    "hash": "the same picture, resized, recompressed or framed",
    "cnn": "the same picture by its features",
}
"""What a copy's reason means."""


def size_of(count: int) -> str:
    """Return bytes as KB, MB or GB.

    >>> size_of(1536), size_of(15 << 20), size_of(7)
    ('1.5 KB', '15 MB', '7 B')
    """
    for unit, factor in (("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)):
        if count >= factor:
            return f"{count / factor:,.1f} {unit}" if count < 10 * factor else f"{count / factor:,.0f} {unit}"
    return f"{count:,} B"


def counted(count: int, one: str, many: str = "") -> str:
    """Return a number with its noun.

    >>> counted(1, "copy", "copies"), counted(1200, "file")
    ('1 copy', '1,200 files')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def pixels(width: int | None, height: int | None) -> str:
    """Return a size in pixels; empty where it is not known."""
    return f"{width:,}×{height:,}" if width and height else ""


def kind_of(member: Member) -> str:
    """Return a copy's format and compression, such as ``JPEG 92``; empty where it is no readable picture."""
    if member.format is None:
        return ""
    return member.format if member.jpeg_quality is None else f"{member.format} {member.jpeg_quality}"


def animated_line(told: Survey) -> Iterator[str]:
    """Yield what is to say of animations, if there are any."""
    if told.animated:
        have = "has" if told.animated == 1 else "have"
        yield f"{counted(told.animated, 'picture')} {have} several frames or pages: compared by bytes alone"
