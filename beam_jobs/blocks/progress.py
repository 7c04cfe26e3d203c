"""Rows done, for whoever shows progress: one number per stage of this process."""

import threading

_lock = threading.Lock()
_rows: dict[str, int] = {}


def add(what: str, rows: int) -> None:
    """Add `rows` done to `what`; threads of the local runner call this, remote workers in vain."""
    with _lock:
        _rows[what] = _rows.get(what, 0) + rows


def snapshot() -> dict[str, int]:
    """Return the rows done so far by what was done."""
    with _lock:
        return dict(_rows)


def reset() -> None:
    """Forget all counts: a new job begins."""
    with _lock:
        _rows.clear()
