"""The next version of a taxonomy file: a new class at its end, old ones deprecated, comments and layout kept.

Ids are stable: nothing is renamed or removed. A class that is split or merged gets ``deprecated_by``; what it is
called by then belongs to nobody until another class takes it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from labels.queries import normalize_query
from labels.rules import compile_rules
from labels.taxonomy import Intent, Taxonomy, TaxonomyError, load_taxonomy
from labels.words import has_hangul

_ID = re.compile("[a-z][a-z0-9_]{0,62}")
"""What every index takes as a field's name."""


@dataclass(frozen=True)
class NewClass:
    """A class to add.

    Attributes:
        id: small Latin letters, digits and _.
        parent: id of a parent that the taxonomy has.
        words: query words that ask for it.
        en, ko: its names; the first word of the language (else of any) where they are empty.
        negatives: words that contain one of ``words`` and ask for something else.
        replaces: live classes that it takes the place of.
        keep_words: it also takes over their words and negatives (a merge); else only ``words`` count (a split).
    """

    id: str
    parent: str
    words: tuple[str, ...]
    en: str = ""
    ko: str = ""
    negatives: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    keep_words: bool = False


def add_class(taxonomy: Taxonomy, new: NewClass) -> Taxonomy:
    """Return the next version of a taxonomy with one class more, at the end.

    Raises:
        TaxonomyError: the id is taken or no id; the parent is unknown; a replaced class is not live; a word is
            owned by a live class, occurs twice or is too short; a negative hides a word or hides nothing.
    """
    ids = [intent.id for intent in taxonomy.intents]
    if not _ID.fullmatch(new.id):
        raise TaxonomyError(f"id {new.id!r}: use small Latin letters, digits and _, a letter first, at most 63")
    if new.id in ids or (new.id in taxonomy.parent_ids and new.id != new.parent):
        raise TaxonomyError(f"id {new.id!r} exists; ids are never used again, choose another")
    if new.parent not in taxonomy.parent_ids:
        raise TaxonomyError(f"parent {new.parent!r} does not exist; give one of {', '.join(taxonomy.parent_ids)}")
    for old in new.replaces:
        if old not in taxonomy.intent_ids:
            state = "is deprecated already" if old in ids else "does not exist"
            raise TaxonomyError(f"{old!r} {state}; --replaces wants one of {', '.join(taxonomy.intent_ids)}")
    replaced = [intent for intent in taxonomy.intents if intent.id in new.replaces]
    kept = replaced if new.keep_words else []
    words = _distinct([*new.words, *(word for intent in kept for word in intent.patterns)])
    negatives = _distinct([*new.negatives, *(word for intent in kept for word in intent.negatives)])
    words = tuple(sorted(words, key=lambda word: not has_hangul(word)))  # as the file has them: Korean ones first
    if not words:
        raise TaxonomyError(f"class {new.id!r} has no words; give at least one query word")
    remaining = tuple(
        # older classes that led to a replaced one lead to the new one: deprecated_by always names a live class
        replace(intent, deprecated_by=new.id)
        if intent.id in new.replaces or intent.deprecated_by in new.replaces
        else intent
        for intent in taxonomy.intents
    )
    _check_words(words, negatives, new.id, remaining)
    intent = Intent(
        id=new.id,
        parent=new.parent,
        en=new.en or _named_by(words, hangul=False),
        ko=new.ko or _named_by(words, hangul=True),
        patterns=words,
        negatives=negatives,
    )
    return Taxonomy(version=taxonomy.version + 1, parents=taxonomy.parents, intents=(*remaining, intent))


def overlaps(taxonomy: Taxonomy, words: Sequence[str]) -> list[tuple[str, str, str]]:
    """Return (word, pattern, intent) where a word holds a shorter pattern of a live class: the longer one wins."""
    rules = compile_rules(taxonomy)
    found = [(word, rules.match(word)) for word in words]
    return [(word, match.rule, match.intent) for word, match in found if match is not None]


def freed_words(old: Taxonomy, new: Taxonomy) -> list[str]:
    """Return the patterns that asked for a class before and ask for none now."""
    owned = {_form(word) for intent in new.live_intents for word in intent.patterns}
    return [word for intent in old.live_intents for word in intent.patterns if _form(word) not in owned]


def write_next_version(source: Path, new: NewClass) -> str:
    """Return the text of a taxonomy file's next version, with its comments and layout where it is written in blocks.

    Raises:
        TaxonomyError: the file cannot be used, or see ``add_class``.
    """
    wanted = add_class(load_taxonomy(source), new)
    text = source.read_text(encoding="utf-8")
    edited = _edit(text, wanted)
    if edited is None or yaml.safe_load(edited) != _edited_content(text, wanted):
        return yaml.safe_dump(_edited_content(text, wanted), allow_unicode=True, sort_keys=False, width=120)
    return edited


def _check_words(words: Sequence[str], negatives: Sequence[str], new_id: str, others: Sequence[Intent]) -> None:
    owners = {_form(word): intent for intent in others if intent.deprecated_by is None for word in intent.patterns}
    for word in words:
        form = _form(word)
        for same in (form, *_plurals(form)):
            if same in owners:
                raise TaxonomyError(
                    f"word {word!r} belongs to {owners[same].id!r}; leave it out, or give --replaces {owners[same].id}"
                )
        if has_hangul(form) and len(form) < 2:
            raise TaxonomyError(f"word {word!r} stands inside too many others; give at least two letters")
    for negative in negatives:
        one = compile_rules(_lone(new_id, words, [negative]))
        hidden = [word for word in words if one.match(word) is None]
        if hidden:
            raise TaxonomyError(
                f"negative {negative!r} hides the word {hidden[0]!r} of {new_id!r}; leave one of them out"
            )
        if compile_rules(_lone(new_id, words, [])).match(negative) is None:
            raise TaxonomyError(
                f"negative {negative!r} holds none of the words of {new_id!r}, so it hides nothing; leave it out"
            )


def _lone(identifier: str, words: Sequence[str], negatives: Sequence[str]) -> Taxonomy:
    intent = Intent(identifier, "-", "-", "-", patterns=tuple(words), negatives=tuple(negatives))
    return Taxonomy(version=1, parents=(), intents=(intent,))


def _form(word: str) -> str:
    """Return the form in which two patterns are one rule."""
    text = normalize_query(word)
    return text.replace(" ", "") if has_hangul(text) else text


def _plurals(form: str) -> list[str]:
    """Return the Latin forms that the same queries match: "maps" where "map" is, "map" where "maps" is."""
    if has_hangul(form):
        return []
    return [form + "s", form + "es", *(form.removesuffix(end) for end in ("s", "es") if form.endswith(end))]


def _distinct(words: Sequence[str]) -> tuple[str, ...]:
    return tuple({_form(word): " ".join(word.split()) for word in reversed(words) if word.strip()}.values())[::-1]


def _named_by(words: Sequence[str], *, hangul: bool) -> str:
    return next((word for word in words if has_hangul(word) == hangul), words[0])


# --- text --------------------------------------------------------------------------------------------


def _edited_content(text: str, wanted: Taxonomy) -> dict[str, object]:
    """Return the parsed file with the changes, which the edited text must say too."""
    content = dict(yaml.safe_load(text))
    content["version"] = wanted.version
    by_id = {intent.id: intent for intent in wanted.intents}
    entries = []
    for entry in content["intents"]:
        successor = by_id[entry["id"].strip()].deprecated_by
        entries.append({**entry, "deprecated_by": successor} if successor else entry)
    content["intents"] = [*entries, _entry(wanted.intents[-1])]
    return content


def _entry(intent: Intent) -> dict[str, object]:
    return {
        "id": intent.id,
        "parent": intent.parent,
        "en": intent.en,
        "ko": intent.ko,
        "patterns_ko": [word for word in intent.patterns if has_hangul(word)],
        "patterns_en": [word for word in intent.patterns if not has_hangul(word)],
        "negatives": list(intent.negatives),
    }


def _edit(text: str, wanted: Taxonomy) -> str | None:
    """Return the text with its lines changed in place; None where it is not written in blocks."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        return None
    nodes = {key.value: node for key, node in root.value}
    version, listed = nodes["version"], nodes["intents"]
    if listed.flow_style or any(entry.flow_style for entry in listed.value):
        return None
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    last = listed.value[-1]
    indent = " " * (listed.value[0].start_mark.column - 2)
    successors = {intent.id: intent.deprecated_by for intent in wanted.intents}
    lines[_end(last) : _end(last)] = _lines(wanted.intents[-1], indent)
    for entry in reversed(listed.value):  # from the end, so that the lines before keep their numbers
        fields = {key.value: (key, node) for key, node in entry.value}
        successor = successors[fields["id"][1].value.strip()]
        if "deprecated_by" in fields:
            _replace(lines, fields["deprecated_by"][1], successor or "null")
        elif successor:
            lines.insert(_end(entry), f"{' ' * entry.start_mark.column}deprecated_by: {successor}\n")
    _replace(lines, version, str(wanted.version))
    return "".join(lines)


def _end(entry: yaml.Node) -> int:
    """Return the number of the line after an entry's last value (its end mark lies before the next token)."""
    _, value = entry.value[-1]
    while isinstance(value, (yaml.SequenceNode, yaml.MappingNode)) and not value.flow_style and value.value:
        tail = value.value[-1]
        value = tail[1] if isinstance(tail, tuple) else tail
    return int(value.end_mark.line) + (1 if value.end_mark.column or not value.value else 0)


def _replace(lines: list[str], node: yaml.Node, text: str) -> None:
    start, end = node.start_mark, node.end_mark
    line = lines[start.line]
    lines[start.line] = line[: start.column] + text + line[end.column :]


def _lines(intent: Intent, indent: str) -> list[str]:
    """Return a class as the packaged file writes it: a line per field, texts in double quotes."""

    def quoted(word: str) -> str:
        return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'

    lines = []
    for name, value in _entry(intent).items():
        plain = name in ("id", "parent")
        shown = (
            f"[{', '.join(map(quoted, value))}]"
            if isinstance(value, list)
            else str(value)
            if plain
            else quoted(str(value))
        )
        lines.append(f"{indent}{'- ' if name == 'id' else '  '}{name}: {shown}\n")
    return lines
