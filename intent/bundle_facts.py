"""What ``bundle.json`` must say, and what a bundle's graph must not: checked before anything relies on it."""

import json
import math
import mmap
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

SHOWN = 60
"""Characters of a wrong value in an error."""

_EXTERNAL = re.compile(rb"(?:\x08|\x88\x80*\x00)location")
"""A string ``location`` in protobuf (length, bytes): the key by which an ONNX tensor names a file that holds it."""


class FactsError(ValueError):
    """A file of a bundle that is not as it should be; the message is file, field and reason."""


class _Kind(NamedTuple):
    words: str
    holds: Callable[[Any], bool]


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    if _is_whole(value):
        return bool(abs(value) <= sys.float_info.max)  # whole numbers of JSON have no end
    return isinstance(value, float) and math.isfinite(value)


def _are_names(value: Any) -> bool:
    texts = isinstance(value, list) and all(isinstance(name, str) and name for name in value)
    return texts and 0 < len(set(value)) == len(value)


_TEXT = _Kind("a text", lambda value: isinstance(value, str))
_OBJECT = _Kind("an object", lambda value: isinstance(value, dict))
_SIZE = _Kind("a whole number from 1", lambda value: _is_whole(value) and value >= 1)
_NAMES = _Kind("a list of different names", _are_names)
_ROWS = _Kind("a list of whole numbers", lambda value: isinstance(value, list) and all(map(_is_whole, value)))
_ABOVE_0 = _Kind("a number above 0", lambda value: _is_number(value) and value > 0)
_COUNTS = _Kind("an object of whole numbers", lambda value: isinstance(value, dict) and _ROWS.holds([*value.values()]))
_MAYBE_TEXT = _Kind("a text or null", lambda value: value is None or isinstance(value, str))
_MAYBE_WHOLE = _Kind("a whole number or null", lambda value: value is None or _is_whole(value))
_MAYBE_OBJECT = _Kind("an object or null", lambda value: value is None or isinstance(value, dict))

REQUIRED: Mapping[str, _Kind] = {
    "backbone": _TEXT,
    "image_size": _SIZE,
    "batch_size": _SIZE,
    "intents": _NAMES,
    "parents": _NAMES,
    "parent_index": _ROWS,
    "embedding_dim": _SIZE,
    "temperature": _ABOVE_0,
    "taxonomy": _OBJECT,
    "training": _OBJECT,
    "training.weights": _TEXT,
    "metrics": _OBJECT,
    "label_counts": _COUNTS,
}
OPTIONAL: Mapping[str, _Kind] = {
    "data_window": _MAYBE_TEXT,
    "labels_digest": _MAYBE_TEXT,
    "precision": _MAYBE_OBJECT,
    "precision.kind": _TEXT,
    "precision.reason": _TEXT,
    "training.seed": _MAYBE_WHOLE,
}
"""Fields that may be absent."""


def read_facts(path: Path, *, version: int) -> dict[str, Any]:
    """Return a bundle's facts, every field of the kind that it must be.

    Args:
        path: ``bundle.json``.
        version: the only ``format`` that is read.

    Raises:
        FactsError: naming file and field.
    """
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:  # no JSON, no UTF-8, brackets without end
        raise FactsError(f"{path.name} is not JSON ({error})") from error
    if not isinstance(facts, dict):
        raise FactsError(f"{path.name} is {_shown(facts)}, expected an object")
    if "format" not in facts:
        raise FactsError(f"{path.name} lacks format")
    if facts["format"] != version:
        raise FactsError(f"{path.name} has format {_shown(facts['format'])}, this version reads {version}")
    for field, kind in {**REQUIRED, **OPTIONAL}.items():
        holder, name = facts, field
        if "." in field:
            outer, _, name = field.partition(".")
            holder = facts.get(outer) or {}
        if name not in holder and field in OPTIONAL:
            continue
        if name not in holder:
            raise FactsError(f"{path.name} lacks {field}")
        if not kind.holds(holder[name]):
            raise FactsError(f"{path.name}: {field} is {_shown(holder[name])}, expected {kind.words}")
    rows, parents = facts["parent_index"], len(facts["parents"])
    if len(rows) != len(facts["intents"]) or not all(0 <= row < parents for row in rows):
        raise FactsError(f"{path.name}: parent_index does not give each of the intents one of the {parents} parents")
    return facts


def check_graph(path: Path) -> None:
    """Raise FactsError where an ONNX file takes tensors from other files: no digest covers those.

    ONNX Runtime would read them beside the graph, or in the working directory where a graph comes as bytes.
    """
    with path.open("rb") as file:
        if not path.stat().st_size:
            raise FactsError(f"{path.name} is empty")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            if _EXTERNAL.search(content):
                raise FactsError(f"{path.name} takes weights from another file (external data)")


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
