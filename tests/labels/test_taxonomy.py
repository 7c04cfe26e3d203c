from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from labels.taxonomy import Taxonomy, TaxonomyError, load_taxonomy


def small() -> dict[str, Any]:
    return {
        "version": 2,
        "parents": [{"id": "photo", "en": "Photo", "ko": "실사"}, {"id": "text", "en": "Text", "ko": "텍스트"}],
        "intents": [
            {"id": "map", "parent": "text", "en": "Map", "ko": "지도", "patterns_ko": ["지도"], "patterns_en": ["map"]},
            {"id": "old", "parent": "text", "en": "Old", "ko": "옛", "patterns": ["plan"], "deprecated_by": "map"},
            {"id": "photo", "parent": "photo", "en": "Any", "ko": "사진", "patterns": ["photo"], "negatives": ["x"]},
        ],
    }


def load(folder: Path, content: object) -> Taxonomy:
    path = folder / "taxonomy.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return load_taxonomy(path)


def test_the_packaged_taxonomy_has_37_intents_under_8_parents(taxonomy: Taxonomy) -> None:
    assert len(taxonomy.intent_ids) == 37
    assert taxonomy.parent_ids == (
        "photo", "person", "product", "coloring_page", "color_comic", "sketch", "clipart", "text",
    )  # fmt: skip
    assert taxonomy.parent_index.dtype == np.int64
    for row, intent in enumerate(taxonomy.live_intents):
        assert taxonomy.parent_ids[taxonomy.parent_index[row]] == intent.parent == taxonomy.parent_of(intent.id)


def test_deprecated_intents_keep_their_parent_and_leave_the_order(tmp_path: Path) -> None:
    taxonomy = load(tmp_path, small())
    assert taxonomy.intent_ids == ("map", "photo")
    assert taxonomy.parent_of("old") == "text"
    assert taxonomy.parent_index.tolist() == [1, 0]
    assert taxonomy.intents[0].patterns == ("지도", "map")
    with pytest.raises(KeyError, match="'plan'"):
        taxonomy.parent_of("plan")


def test_the_digest_follows_the_content_not_the_layout(tmp_path: Path) -> None:
    taxonomy = load(tmp_path, small())
    rewritten = tmp_path / "other.yaml"
    rewritten.write_text("# a comment\n" + yaml.safe_dump(small(), indent=6), encoding="utf-8")
    assert load_taxonomy(rewritten).digest == taxonomy.digest
    changed = small()
    changed["intents"][0]["patterns_en"] = ["maps"]
    assert load(tmp_path, changed).digest != taxonomy.digest


def change(path: str, value: object) -> dict[str, Any]:
    """Return the small taxonomy with one place changed; ``None`` removes it."""
    content: Any = small()
    *parents, last = (int(part) if part.isdigit() else part for part in path.split("."))
    place = content
    for part in parents:
        place = place[part]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return content  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (["a list"], "is a list"),
        (None, "missing or empty"),
        (change("version", None), "version: found None"),
        (change("version", "1"), "version: found '1'"),
        (change("parents", []), "parents: found a list"),
        (change("intents", None), "intents: found missing"),
        (change("intents.0", "map"), r"intents\[0\]: is a text"),
        (change("intents.0.id", None), r"intents\[0\]: id is None"),
        (change("intents.0.parent", "maps"), "intent 'map': parent 'maps' does not exist; write one of photo, text"),
        (change("intents.1.id", "map"), "intents: id 'map' occurs twice"),
        (change("parents.1.id", "photo"), "parents: id 'photo' occurs twice"),
        (change("intents.0.patterns_ko", "지도"), "patterns_ko is a text '지도'; write a list"),
        (change("intents.0.patterns_ko", [8]), "patterns_ko holds 8"),
        (change("intents.2.patterns", []), "intent 'photo': has no patterns"),
        (change("intents.0.pattern_en", ["atlas"]), "unknown key 'pattern_en'"),
        (change("intents.1.deprecated_by", "nothing"), "deprecated_by 'nothing' is no live intent"),
        (change("intents.0.split_from", "nothing"), "split_from 'nothing' is no other intent"),
        (change("intents.0.split_from", "map"), "split_from 'map' is no other intent"),
        (change("intents.0.en", ""), "intent 'map': en is ''"),
    ],
)
def test_an_error_names_file_place_and_remedy(tmp_path: Path, content: object, message: str) -> None:
    with pytest.raises(TaxonomyError, match=message) as caught:
        load(tmp_path, content)
    assert "taxonomy.yaml" in str(caught.value)


def test_files_that_are_no_taxonomy(tmp_path: Path) -> None:
    with pytest.raises(TaxonomyError, match="cannot be read"):
        load_taxonomy(tmp_path / "missing.yaml")
    broken = tmp_path / "broken.yaml"
    broken.write_text("intents: [", encoding="utf-8")
    with pytest.raises(TaxonomyError, match="is not YAML"):
        load_taxonomy(broken)
    broken.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TaxonomyError, match="is not UTF-8"):
        load_taxonomy(broken)
    broken.write_text("!!python/object/apply:os.getcwd []", encoding="utf-8")
    with pytest.raises(TaxonomyError, match="is not YAML"):
        load_taxonomy(broken)
