"""Pictures in another colour space than sRGB (Adobe RGB, Display P3, ProPhoto) are brought to it by their profile."""

import hashlib
import io
import threading
from functools import lru_cache

from PIL import Image, ImageCms

MAX_PROFILE_BYTES = 256 * 1024
"""Profiles of displays and cameras have 0.5-10 KB; printers' tables are larger and belong to CMYK, which is converted
without them. What is larger is not read."""

_lock = threading.Lock()


def foreign_profile(image: Image.Image) -> bytes | None:
    """Return the colour profile of a picture with three channels where it is neither missing nor sRGB itself."""
    profile = image.info.get("icc_profile")
    if not isinstance(profile, bytes) or not 128 < len(profile) <= MAX_PROFILE_BYTES or profile[16:20] != b"RGB ":
        return None
    return None if b"sRGB" in profile or "sRGB".encode("utf-16-be") in profile else profile


def to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Return an RGB picture in sRGB (perceptual intent); the picture itself where the profile is broken."""
    transform = _transform(hashlib.sha256(profile).digest(), profile)
    if transform is None:
        return image
    with _lock:  # a transform keeps the last colour that it met
        converted = ImageCms.applyTransform(image, transform)
    return image if converted is None else converted


@lru_cache(maxsize=64)
def _transform(digest: bytes, profile: bytes) -> ImageCms.ImageCmsTransform | None:
    try:
        return ImageCms.buildTransform(io.BytesIO(profile), ImageCms.createProfile("sRGB"), "RGB", "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None
