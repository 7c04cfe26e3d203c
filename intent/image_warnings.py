"""Pillow's warnings and log, hushed while pictures are decoded in several threads."""

import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

_quiet_lock = threading.Lock()
_quiet_depth = 0
_quiet_level = 0
_quiet_filters: warnings.catch_warnings | None = None  # type: ignore[type-arg, unused-ignore]


@contextmanager
def quiet_pillow() -> Iterator[None]:
    """Hush Pillow's warnings and log in all threads that decode; the last one to leave restores the filters.

    `warnings.catch_warnings` alone is not safe where decodes overlap in threads: the filters it restores may be
    another thread's.
    """
    global _quiet_depth, _quiet_filters, _quiet_level  # noqa: PLW0603
    log = logging.getLogger("PIL")
    with _quiet_lock:
        _quiet_depth += 1
        if _quiet_depth == 1:
            _quiet_level = log.level
            log.setLevel(logging.CRITICAL + 1)  # what it says comes back as the reason
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
                log.setLevel(_quiet_level)
                _quiet_filters.__exit__(None, None, None)
                _quiet_filters = None
