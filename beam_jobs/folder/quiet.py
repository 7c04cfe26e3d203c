"""Decoders' own words to stderr, hushed: libraries in C print there whatever Python's filters say."""

import contextlib
import io
import logging
import os
import sys
from collections.abc import Iterator
from typing import TextIO


@contextlib.contextmanager
def hushed_decoders() -> Iterator[TextIO]:
    """Send file descriptor 2 to nowhere, and yield a stream to where it went before.

    libtiff alone prints some lines for each damaged TIFF; what is wrong with a file is told by its reason. Where
    stderr is no file of the system (a test, a notebook) nothing is changed.
    """
    logger = logging.getLogger("PIL")
    level = logger.level
    try:
        descriptor = sys.stderr.fileno()
    except (AttributeError, OSError, ValueError, io.UnsupportedOperation):
        descriptor = -1
    logger.setLevel(logging.CRITICAL)
    try:
        if descriptor != 2:
            yield sys.stderr
            return
        sys.stderr.flush()
        kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        os.close(nowhere)
        with os.fdopen(kept, "w", encoding=sys.stderr.encoding, errors="backslashreplace", closefd=False) as stream:
            try:
                yield stream
            finally:
                stream.flush()
                os.dup2(kept, 2)
                os.close(kept)
    finally:
        logger.setLevel(level)
