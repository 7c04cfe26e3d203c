"""Tables of true intents: one label per picture, and none that contradicts another."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from beam_jobs.blocks.files import UsageError
from beam_jobs.truth import TRUTH, check_labels, one_label_each, read_truth
from intent.bundle import taxonomy_yaml
from labels.taxonomy import load_taxonomy

TAXONOMY = load_taxonomy()


def labels(path: Path) -> list[dict[str, object]]:
    found = check_labels(read_truth(str(path), "--labels"), TAXONOMY, str(path))
    return sorted(found.to_pylist(), key=lambda row: str(row["image_id"]))


@pytest.mark.parametrize("name", ["labels.csv", "labels.parquet"])
def test_rows_that_agree_are_one_label(tmp_path: Path, name: str) -> None:
    columns = {
        "image_id": ["a", "b", "a", "a"],
        "intent": ["flag", "map", "flag", "flag"],
        "confidence": [0.5, 1.0, 0.75, 0.5],
    }
    if name.endswith(".csv"):
        rows = zip(*columns.values(), strict=True)
        lines = [",".join(columns), *(",".join(map(str, row)) for row in rows)]
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    else:
        pq.write_table(pa.table(columns), tmp_path / name)
    found = labels(tmp_path / name)
    assert [(row["image_id"], row["intent"], row["confidence"]) for row in found] == [
        ("a", "flag", 0.75),
        ("b", "map", 1.0),
    ]
    assert [row["parent"] for row in found] == [TAXONOMY.parent_of("flag"), TAXONOMY.parent_of("map")]


def test_rows_that_contradict_are_refused_whatever_their_order(tmp_path: Path) -> None:
    rows = ["p1,flag", "p0,flag", "p1,map", "p2,map"]
    for order in (rows, rows[::-1]):
        (tmp_path / "labels.csv").write_text("image_id,intent\n" + "\n".join(order) + "\n", encoding="utf-8")
        with pytest.raises(UsageError, match=r"labels\.csv: 'p1' is 'flag' in one row and 'map' in another; leave one"):
            labels(tmp_path / "labels.csv")


def test_an_intent_and_the_one_that_took_its_place_agree(tmp_path: Path) -> None:
    text = taxonomy_yaml(TAXONOMY).replace("- id: flag\n", "- id: flag\n  deprecated_by: map\n", 1)
    (tmp_path / "new.yaml").write_text(text, encoding="utf-8")
    rows = [{"image_id": "x", "intent": intent, "parent": None, "confidence": 1.0} for intent in ("flag", "map")]
    found = check_labels(pa.Table.from_pylist(rows, schema=TRUTH), load_taxonomy(tmp_path / "new.yaml"), "t")
    assert [row["intent"] for row in found.to_pylist()] == ["map"]


def test_parents_without_an_intent_contradict_too() -> None:
    first, second = TAXONOMY.parent_ids[:2]
    rows = [{"image_id": "x", "intent": None, "parent": parent, "confidence": 1.0} for parent in (first, first, second)]
    assert one_label_each(pa.Table.from_pylist(rows[:2], schema=TRUTH), "t").num_rows == 1
    with pytest.raises(UsageError, match=f"{first!r}.*{second!r}|{second!r}.*{first!r}"):
        one_label_each(pa.Table.from_pylist(rows, schema=TRUTH), "t")
