"""Reading what ``torch.save`` wrote: whole, unchanged, and nothing that could run."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor


class StateError(ValueError):
    """A file that is not what it should be; the message is the reason alone, for the caller's sentence."""


def read_state(path: Path) -> Any:
    """Return the tensors, numbers and texts that a file holds, on the CPU.

    The sums of its members are checked, which torch does not do: a changed byte is an error and no other weight.

    Raises:
        StateError: it is cut off, changed, no file of torch, or holds objects of other classes.
        OSError: it cannot be opened.
    """
    if not path.stat().st_size:
        raise StateError("it is empty")
    if zipfile.is_zipfile(path):
        try:
            with zipfile.ZipFile(path) as archive:
                changed = archive.testzip()
        except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
            raise StateError(f"it was cut off or changed: {error}") from error
        if changed is not None:
            raise StateError(f"it was changed after it was written (in {changed})")
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises RuntimeError, UnpicklingError, OSError, KeyError, EOFError, ...
        if "unsupported global" in str(error).lower():
            raise StateError("it holds objects that loading could run, not tensors alone") from error
        raise StateError("it was cut off, or torch did not write it") from error


def not_finite(state: Mapping[str, Tensor]) -> str | None:
    """Return the name of the first tensor with a value that is no finite number; None where there is none."""
    for name, value in state.items():
        if value.is_floating_point() and not bool(torch.isfinite(value).all()):
            return name
    return None
