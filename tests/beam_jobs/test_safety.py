"""A job never harms what it did not write, nor what it committed before."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from beam_jobs import aggregate_clicks, derive_labels, extract_features
from beam_jobs.blocks import manifest
from beam_jobs.blocks.flags import run_main
from labels.tables import CLICKS


def write_log(path: Path, days: list[date], *, users: int = 5) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [
        {
            "event_time": f"{day}T12:00:00Z",
            "user_id": f"u{user}",
            "query": "princess coloring page",
            "image_id": f"{image}.png",
            "position": image + 1,
            "clicked": image == 0,
            "dwell_ms": None,
        }
        for day in days
        for user in range(users)
        for image in range(3)
    ]
    table = pa.table({name: [row[name] for row in rows] for name in CLICKS.names})
    times = (
        pa.array([row["event_time"].rstrip("Z") for row in rows]).cast(pa.timestamp("us")).cast(CLICKS.field(0).type)
    )
    pq.write_table(table.set_column(0, "event_time", times).cast(CLICKS), path)


def write_pictures(folder: Path) -> Path:
    (folder / "pictures").mkdir(parents=True)
    for n in range(3):
        Image.linear_gradient("L").rotate(90 * n).save(folder / "pictures" / f"{n}.png")
    (folder / "c.csv").write_text("image_id,uri\n" + "".join(f"{n}.png,pictures/{n}.png\n" for n in range(3)))
    return folder / "c.csv"


def test_a_log_of_another_engine_is_not_an_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "logs" / "date=2026-01-01" / "part-00000-abc.c000.snappy.parquet"
    write_log(log, [date(2026, 1, 1)])
    before = log.read_bytes()
    flags = ["--clicks", str(tmp_path / "logs"), "--output", str(tmp_path / "logs")]
    assert run_main(aggregate_clicks.main, flags) == 2
    assert "did not write" in capsys.readouterr().err
    assert log.read_bytes() == before


def test_pictures_that_go_away_leave_the_old_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    collection, output = write_pictures(tmp_path), str(tmp_path / "out")
    flags = ["--collection", str(collection), "--model", "none", "--output", output, "--workers", "1"]
    assert run_main(extract_features.main, flags) == 0
    before = manifest.read_table(output, "features")
    (tmp_path / "pictures").rename(tmp_path / "elsewhere")
    assert run_main(extract_features.main, flags) == 1
    assert "not_found 3" in capsys.readouterr().err
    done = manifest.require(output, "features")
    manifest.verify_files(output, done.tables["features"])
    assert manifest.read_table(output, "features").equals(before)


def test_changed_pictures_are_another_run(tmp_path: Path) -> None:
    collection, output = write_pictures(tmp_path), str(tmp_path / "out")
    flags = ["--collection", str(collection), "--model", "none", "--output", output, "--workers", "1"]
    assert run_main(extract_features.main, flags) == 0
    first = manifest.require(output, "features").run_key
    Image.radial_gradient("L").save(tmp_path / "pictures" / "0.png")
    assert run_main(extract_features.main, flags) == 0
    assert manifest.require(output, "features").run_key != first


def test_a_wrong_clock_does_not_empty_the_window(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_log(tmp_path / "log.parquet", [date(2026, 1, 1), date(2026, 1, 2), date(2099, 1, 1)])
    evidence, output = str(tmp_path / "evidence"), str(tmp_path / "labels")
    assert run_main(aggregate_clicks.main, ["--clicks", str(tmp_path / "log.parquet"), "--output", evidence]) == 0
    flags = ["--evidence", evidence, "--collection", str(write_pictures(tmp_path)), "--output", output]
    capsys.readouterr()
    assert run_main(derive_labels.main, flags) == 2
    assert "2099-01-01" in capsys.readouterr().err
    assert run_main(derive_labels.main, [*flags, "--date", "2026-01-02"]) == 0
    labels = manifest.read_table(output, "labels").to_pylist()
    assert [(row["image_id"], row["intent"]) for row in labels] == [("0.png", "coloring_page")]


def test_another_user_key_is_not_mixed_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_log(tmp_path / "log.parquet", [date(2026, 1, 1), date(2026, 1, 2)])
    (tmp_path / "key").write_text("secret")
    flags = ["--clicks", str(tmp_path / "log.parquet"), "--output", str(tmp_path / "out")]
    assert run_main(aggregate_clicks.main, flags) == 0
    key = ["--user-key", str(tmp_path / "key")]
    assert run_main(aggregate_clicks.main, [*flags, "--date", "2026-01-02", *key]) == 2
    assert "--user-key" in capsys.readouterr().err
    assert run_main(aggregate_clicks.main, [*flags, *key]) == 0
