"""The tree of user intents: reading it, checking it, and the orders and ids that everything else relies on.

A taxonomy is a YAML file (the packaged one is ``labels/taxonomy.yaml``) with ``version``, ``parents`` and
``intents``. The order of the file is the order of every score vector, so a class keeps its place: a class that
is no longer wanted is not removed but gets ``deprecated_by: <id>``. A class that is a part of an older one says so by
``split_from: <id>``, so that a model of the older taxonomy is no stranger to it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt
import yaml

PACKAGED_TAXONOMY = Path(__file__).with_name("taxonomy.yaml")

_PARENT_KEYS = frozenset({"id", "en", "ko"})
_PATTERN_KEYS = ("patterns", "patterns_ko", "patterns_en")
_INTENT_KEYS = frozenset({"id", "parent", "en", "ko", *_PATTERN_KEYS, "negatives", "deprecated_by", "split_from"})
# Written for people; read by no code.
_IGNORED_INTENT_KEYS = frozenset({"since", "min_examples", "synonyms", "note"})


class TaxonomyError(ValueError):
    """A taxonomy file that cannot be used; the message names the file, the value and what to do."""


@dataclass(frozen=True)
class Parent:
    """One of the first labels."""

    id: str
    en: str
    ko: str


@dataclass(frozen=True)
class Intent:
    """One user intent: what people ask for, under exactly one parent.

    ``patterns`` are query words that ask for it, ``negatives`` words that contain a pattern and ask for
    something else. ``deprecated_by`` names the class that took its place, ``split_from`` the class that it was a
    part of.
    """

    id: str
    parent: str
    en: str
    ko: str
    patterns: tuple[str, ...]
    negatives: tuple[str, ...] = ()
    deprecated_by: str | None = None
    split_from: str | None = None


@dataclass(frozen=True)
class Taxonomy:
    """Parents and intents in the order of the file."""

    version: int
    parents: tuple[Parent, ...]
    intents: tuple[Intent, ...]

    @cached_property
    def live_intents(self) -> tuple[Intent, ...]:
        """The intents that are not deprecated, in file order: the order of every score vector."""
        return tuple(intent for intent in self.intents if intent.deprecated_by is None)

    @cached_property
    def intent_ids(self) -> tuple[str, ...]:
        """Ids of the live intents."""
        return tuple(intent.id for intent in self.live_intents)

    @cached_property
    def parent_ids(self) -> tuple[str, ...]:
        """Ids of the parents."""
        return tuple(parent.id for parent in self.parents)

    @cached_property
    def _parents_by_intent(self) -> dict[str, str]:
        return {intent.id: intent.parent for intent in self.intents}

    def parent_of(self, intent_id: str) -> str:
        """Return the parent's id of an intent, live or deprecated.

        Raises:
            KeyError: no intent has this id.
        """
        try:
            return self._parents_by_intent[intent_id]
        except KeyError:
            raise KeyError(f"no intent {intent_id!r} in the taxonomy; it has {', '.join(self.intent_ids)}") from None

    @cached_property
    def parent_index(self) -> npt.NDArray[np.int64]:
        """Row of the parent (in ``parent_ids``) of each live intent: int64 of shape [n]."""
        rows = {parent_id: row for row, parent_id in enumerate(self.parent_ids)}
        index = np.array([rows[intent.parent] for intent in self.live_intents], dtype=np.int64)
        index.setflags(write=False)
        return index

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of the content: independent of layout, comments and quoting of the file."""
        values = asdict(self)
        for intent in values["intents"]:
            if intent["split_from"] is None:
                del intent["split_from"]  # taxonomies without it keep their digest
        content = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(content.encode()).hexdigest()


def load_taxonomy(path: Path | None = None) -> Taxonomy:
    """Read and check a taxonomy file; ``None`` reads the packaged one.

    Raises:
        TaxonomyError: the file cannot be read, is no YAML mapping, or its content does not hold together.
    """
    source = PACKAGED_TAXONOMY if path is None else Path(path)
    try:
        content = yaml.safe_load(source.read_text(encoding="utf-8"))
    except OSError as error:
        raise TaxonomyError(f"taxonomy {source}: cannot be read ({error.strerror or error}); check the path") from error
    except UnicodeDecodeError as error:
        raise TaxonomyError(f"taxonomy {source}: is not UTF-8 ({error}); save it as UTF-8") from error
    except yaml.YAMLError as error:
        raise TaxonomyError(f"taxonomy {source}: is not YAML ({error}); correct the syntax there") from error
    return _Reader(source).taxonomy(content)


@dataclass(frozen=True)
class _Reader:
    """Turns parsed YAML into a taxonomy; knows the file's name for its messages."""

    source: Path

    def fail(self, where: str, found: str, remedy: str) -> NoReturn:
        raise TaxonomyError(f"taxonomy {self.source}: {where}: {found}; {remedy}")

    def taxonomy(self, content: object) -> Taxonomy:
        if not isinstance(content, Mapping):
            self.fail("file", f"is {_kind(content)}", "write a mapping with version, parents and intents")
        version = content.get("version")
        if not isinstance(version, int) or isinstance(version, bool) or version < 1:
            self.fail("version", f"found {version!r}", "write a whole number from 1, raised with every change")
        parents = tuple(self.parent(item, row) for row, item in enumerate(self.entries(content, "parents")))
        intents = tuple(self.intent(item, row) for row, item in enumerate(self.entries(content, "intents")))
        self.check_unique("parents", [parent.id for parent in parents])
        self.check_unique("intents", [intent.id for intent in intents])
        self.check_references(parents, intents)
        return Taxonomy(version=version, parents=parents, intents=intents)

    def entries(self, content: Mapping[Any, Any], name: str) -> Sequence[object]:
        entries = content.get(name)
        if not isinstance(entries, list) or not entries:
            self.fail(name, f"found {_kind(entries)}", "write a list with at least one entry")
        return entries

    def parent(self, entry: object, row: int) -> Parent:
        fields = self.fields(entry, f"parents[{row}]", _PARENT_KEYS, frozenset())
        where = f"parents[{row}]"
        return Parent(**{key: self.text(fields, key, where) for key in ("id", "en", "ko")})

    def intent(self, entry: object, row: int) -> Intent:
        where = f"intents[{row}]"
        fields = self.fields(entry, where, _INTENT_KEYS, _IGNORED_INTENT_KEYS)
        identifier = self.text(fields, "id", where)
        where = f"intent {identifier!r}"
        patterns = [word for key in _PATTERN_KEYS for word in self.words(fields, key, where)]
        deprecated_by = self.text(fields, "deprecated_by", where) if fields.get("deprecated_by") else None
        split_from = self.text(fields, "split_from", where) if fields.get("split_from") else None
        if not patterns and deprecated_by is None:
            self.fail(where, "has no patterns", "give patterns_ko or patterns_en at least one query word")
        return Intent(
            id=identifier,
            parent=self.text(fields, "parent", where),
            en=self.text(fields, "en", where),
            ko=self.text(fields, "ko", where),
            patterns=tuple(dict.fromkeys(patterns)),
            negatives=tuple(dict.fromkeys(self.words(fields, "negatives", where))),
            deprecated_by=deprecated_by,
            split_from=split_from,
        )

    def fields(self, entry: object, where: str, known: frozenset[str], ignored: frozenset[str]) -> Mapping[str, object]:
        if not isinstance(entry, Mapping):
            self.fail(where, f"is {_kind(entry)}", "write a mapping with an id")
        unknown = sorted(str(key) for key in entry if key not in known and key not in ignored)
        if unknown:
            self.fail(where, f"unknown key {unknown[0]!r}", f"remove it or write one of {', '.join(sorted(known))}")
        return entry

    def text(self, fields: Mapping[str, object], key: str, where: str) -> str:
        value = fields.get(key)
        if not isinstance(value, str) or not value.strip():
            self.fail(where, f"{key} is {value!r}", f"give {key} a text")
        return value.strip()

    def words(self, fields: Mapping[str, object], key: str, where: str) -> list[str]:
        value = fields.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.fail(where, f"{key} is {_kind(value)} {value!r}", "write a list of texts")
        for word in value:
            if not isinstance(word, str) or not word.strip():
                self.fail(where, f"{key} holds {word!r}", "write query words only, in quotes where they are numbers")
        return [word.strip() for word in value]

    def check_unique(self, name: str, ids: Sequence[str]) -> None:
        seen: set[str] = set()
        for identifier in ids:
            if identifier in seen:
                self.fail(name, f"id {identifier!r} occurs twice", "give every entry its own id")
            seen.add(identifier)

    def check_references(self, parents: Sequence[Parent], intents: Sequence[Intent]) -> None:
        parent_ids = [parent.id for parent in parents]
        known = {intent.id for intent in intents}
        live = {intent.id for intent in intents if intent.deprecated_by is None}
        for intent in intents:
            if intent.parent not in parent_ids:
                self.fail(
                    f"intent {intent.id!r}",
                    f"parent {intent.parent!r} does not exist",
                    f"write one of {', '.join(parent_ids)}",
                )
            if intent.split_from is not None and intent.split_from not in known - {intent.id}:
                self.fail(
                    f"intent {intent.id!r}",
                    f"split_from {intent.split_from!r} is no other intent",
                    "name an intent of this file, live or deprecated",
                )
            if intent.deprecated_by is not None and intent.deprecated_by not in live:
                self.fail(
                    f"intent {intent.id!r}",
                    f"deprecated_by {intent.deprecated_by!r} is no live intent",
                    "name the live intent that took its place",
                )


def _kind(value: object) -> str:
    names = {type(None): "missing or empty", dict: "a mapping", list: "a list", str: "a text"}
    return names.get(type(value), f"a {type(value).__name__}")
