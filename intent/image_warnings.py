"""Pillow's warnings, hushed while pictures are decoded in several threads."""

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

_quiet_lock = threading.Lock()
_quiet_depth = 0
_quiet_filters: warnings.catch_warnings | None = None  # type: ignore[type-arg, unused-ignore]


@contextmanager
def quiet_pillow() -> Iterator[None]:
    """Hush Pillow's warnings in all threads that decode; the last one to leave restores the filters.

    `warnings.catch_warnings` alone is not safe where decodes overlap in threads: the filters it restores may be
    another thread's.
    """
    global _quiet_depth, _quiet_filters  # noqa: PLW0603
    with _quiet_lock:
        _quiet_depth += 1
        if _quiet_depth == 1:
            _quiet_filters = warnings.catch_warnings()
            _quiet_filters.__enter__()
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        yield
    finally:
        with _quiet_lock:
            _quiet_depth -= 1
            if _quiet_depth == 0 and _quiet_filters is not None:
                _quiet_filters.__exit__(None, None, None)
                _quiet_filters = None
