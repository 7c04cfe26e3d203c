from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from labels.rules import compile_rules
from labels.taxonomy import PACKAGED_TAXONOMY, Taxonomy, TaxonomyError, load_taxonomy
from labels.taxonomy_edit import NewClass, add_class, freed_words, overlaps, write_next_version

STAMP = NewClass(id="stamp", parent="product", words=("우표", "postage stamp", "우 표"), negatives=("우표 색칠",))


def next_version(folder: Path, new: NewClass, source: Path = PACKAGED_TAXONOMY) -> tuple[str, Taxonomy]:
    text = write_next_version(source, new)
    path = folder / f"{new.id}.yaml"
    path.write_text(text, encoding="utf-8")
    return text, load_taxonomy(path)


def test_a_class_is_added_at_the_end_and_nothing_else_changes(tmp_path: Path, taxonomy: Taxonomy) -> None:
    text, changed = next_version(tmp_path, STAMP)
    assert changed.version == taxonomy.version + 1
    assert changed.parents == taxonomy.parents
    assert changed.intents[:-1] == taxonomy.intents
    assert changed.intent_ids == (*taxonomy.intent_ids, "stamp")
    added = changed.intents[-1]
    assert (added.parent, added.ko, added.en) == ("product", "우표", "postage stamp")
    assert added.patterns == ("우표", "postage stamp")
    assert compile_rules(changed).match("나비우표") == ("stamp", "우표")
    before = PACKAGED_TAXONOMY.read_text(encoding="utf-8").splitlines()
    after = text.splitlines()
    assert [line for line in before if line not in after] == ["version: 1"]
    assert after[-7:] == [
        "  - id: stamp",
        "    parent: product",
        '    en: "postage stamp"',
        '    ko: "우표"',
        '    patterns_ko: ["우표"]',
        '    patterns_en: ["postage stamp"]',
        '    negatives: ["우표 색칠"]',
    ]


def test_a_merge_keeps_words_and_deprecates(tmp_path: Path, taxonomy: Taxonomy) -> None:
    new = NewClass(id="plan", parent="text", words=("plan",), replaces=("map", "blueprint"), keep_words=True)
    _, changed = next_version(tmp_path, new)
    assert [one.id for one in changed.intents] == [*taxonomy_ids(taxonomy), "plan"]
    assert {one.id: one.deprecated_by for one in changed.intents if one.deprecated_by} == {
        "map": "plan",
        "blueprint": "plan",
    }
    assert freed_words(taxonomy, changed) == []
    rules = compile_rules(changed)
    assert rules.match("공주 도면") == ("plan", "도면")
    assert rules.match("서울 지도") == ("plan", "지도")


def taxonomy_ids(taxonomy: Taxonomy) -> list[str]:
    return [one.id for one in taxonomy.intents]


def test_a_split_takes_only_its_words_and_frees_the_others(tmp_path: Path, taxonomy: Taxonomy) -> None:
    first = NewClass(id="subway_map", parent="text", words=("노선도", "subway map"), replaces=("map",))
    _, half = next_version(tmp_path, first)
    freed = freed_words(taxonomy, half)
    assert "지도" in freed
    assert "노선도" not in freed
    second = NewClass(id="land_map", parent="text", words=("지도", "map"))
    _, whole = next_version(tmp_path, second, tmp_path / "subway_map.yaml")
    assert whole.version == taxonomy.version + 2
    rules = compile_rules(whole)
    assert (rules.match("서울 노선도"), rules.match("서울 지도")) == (("subway_map", "노선도"), ("land_map", "지도"))


def test_ids_that_led_to_a_replaced_class_lead_to_its_successor(tmp_path: Path) -> None:
    next_version(tmp_path, NewClass(id="plan", parent="text", words=("plan",), replaces=("map",)))
    _, changed = next_version(
        tmp_path, NewClass(id="atlas", parent="text", words=("atlas",), replaces=("plan",)), tmp_path / "plan.yaml"
    )
    assert {one.id: one.deprecated_by for one in changed.intents if one.deprecated_by} == {
        "map": "atlas",
        "plan": "atlas",
    }


@pytest.mark.parametrize(
    ("new", "message"),
    [
        (replace(STAMP, id="map"), "id 'map' exists; ids are never used again"),
        (replace(STAMP, id="photo"), "id 'photo' exists"),
        (replace(STAMP, id="Stamp"), "id 'Stamp': use small Latin letters"),
        (replace(STAMP, parent="thing"), "parent 'thing' does not exist; give one of photo, person"),
        (replace(STAMP, words=()), "class 'stamp' has no words"),
        (replace(STAMP, words=("표",), negatives=()), "word '표' stands inside too many others"),
        (replace(STAMP, words=("피아노악보",), negatives=()), "word '피아노악보' belongs to 'sheet_music'"),
        (
            replace(STAMP, words=("MAPS",), negatives=()),
            "word 'MAPS' belongs to 'map'; leave it out, or give --replaces",
        ),
        (replace(STAMP, negatives=("우표",)), "negative '우표' hides the word '우표'"),
        (replace(STAMP, negatives=("지도",)), "negative '지도' holds none of the words"),
        (replace(STAMP, replaces=("atlas",)), "'atlas' does not exist; --replaces wants one of landscape_photo"),
    ],
)
def test_what_cannot_be_added(taxonomy: Taxonomy, new: NewClass, message: str) -> None:
    with pytest.raises(TaxonomyError, match=message):
        add_class(taxonomy, new)


def test_a_deprecated_class_cannot_be_replaced_again(taxonomy: Taxonomy) -> None:
    once = add_class(taxonomy, NewClass(id="plan", parent="text", words=("plan",), replaces=("map",)))
    with pytest.raises(TaxonomyError, match="'map' is deprecated already"):
        add_class(once, NewClass(id="atlas", parent="text", words=("atlas",), replaces=("map",)))


def test_a_longer_word_than_anothers_is_named(taxonomy: Taxonomy) -> None:
    assert overlaps(taxonomy, ["보물지도", "우표"]) == [("보물지도", "지도", "map")]


@pytest.mark.parametrize(
    "text",
    [
        "# mine\nversion: 3  # of many\nparents:\n- {id: text, en: Text, ko: 글}\nintents:\n"
        "# the first\n- id: map\n  parent: text\n  en: Map\n  ko: 지도\n  patterns:\n  - map\n  # and\n  - 지도\n"
        "- id: old\n  parent: text\n  en: Old\n  ko: 옛\n  deprecated_by: map # for good\n# the end\n",
        "version: 3\nintents:\n    - id: map\n      parent: text\n      en: Map\n      ko: 지도\n      patterns:\n"
        "        [map,\n        지도]\n    - {id: old, parent: text, en: Old, ko: 옛, patterns: [old]}\n"
        "parents: [{id: text, en: Text, ko: 글}]",
        '{"version": 3, "parents": [{"id": "text", "en": "Text", "ko": "글"}], "intents": [{"id": "map", "parent": '
        '"text", "en": "Map", "ko": "지도", "patterns": ["map"]}]}',
    ],
    ids=["block", "mixed", "json"],
)
def test_other_layouts(tmp_path: Path, text: str) -> None:
    source = tmp_path / "mine.yaml"
    source.write_text(text, encoding="utf-8")
    new = NewClass(id="sea_chart", parent="text", words=('sea "chart"', "해도"), replaces=("map",), keep_words=True)
    edited, changed = next_version(tmp_path, new, source)
    assert changed == add_class(load_taxonomy(source), new)
    assert changed.intents[-1].patterns[-2:] != ()
    assert set(yaml.safe_load(edited)["intents"][-1]["patterns_en"]) == {'sea "chart"', "map"}
    if text.startswith("#"):
        assert [line for line in edited.splitlines() if "#" in line] == [
            "# mine", "version: 4  # of many", "# the first", "  # and", "  deprecated_by: sea_chart # for good",
            "# the end",
        ]  # fmt: skip
