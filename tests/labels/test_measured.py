"""Figures on the measuring log (generated, 1.8 million rows): labels against the truth that no job reads."""

from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.dataset
import pytest

from labels.tables import CLICKS
from labels.taxonomy import Taxonomy
from tests.labels.worlds import derive


@pytest.mark.shared
def test_precision_and_coverage_on_the_measuring_log(shared: Path, taxonomy: Taxonomy) -> None:
    rows = pyarrow.csv.read_csv(shared / "corpus" / "truth.csv").to_pylist()
    truth = {row["image_id"]: row["intent"] for row in rows}
    clicks = pa.dataset.dataset(shared / "clicks", format="parquet").to_table(columns=CLICKS.names)
    outcome = derive(clicks, sorted(truth), taxonomy)
    labels = [row for row in outcome.labels.to_pylist() if row["intent"] is not None]
    right = [row for row in labels if row["intent"] == truth[row["image_id"]]]
    few = [row for row in labels if row["users"] <= 4]
    assert len(right) / len(labels) >= 0.96
    assert len(labels) / len(truth) >= 0.60
    assert sum(row["intent"] == truth[row["image_id"]] for row in few) / len(few) >= 0.90
    users = {row["reason"]: row["users"] for row in outcome.bots.to_pylist()}
    assert users["click_rate"] == 100
    people = users["human"] + users.get("unsure", 0)
    assert people > 22_000
    assert sum(users.values()) - people - 100 <= 0.001 * people
