"""The jobs end to end on planted data, each through its real main."""

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from beam_jobs import aggregate_clicks, derive_labels, extract_features, find_duplicates
from beam_jobs.blocks import manifest
from dedup.find import find_duplicates as find_in_one_process
from labels.evidence import hash_users
from tests.beam_jobs.conftest import (
    DAYS,
    UNKNOWN_IMAGE,
    data_files,
    planted_intents,
    succeed,
    whole_folder,
    write_table,
)

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def labels(evidence: Path, pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("labels") / "out"
    succeed(derive_labels.main, evidence=evidence, collection=pictures, output=output)
    return output


@pytest.fixture(scope="module")
def duplicates(features: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("duplicates") / "out"
    succeed(find_duplicates.main, features=features, output=output, partitions=3)
    return output


class TestAggregateClicks:
    def test_clicks_are_those_of_plain_counting(self, log: pa.Table, evidence: Path) -> None:
        """Every distinct (day, query, image, position, user) comes back with its clicks and dwell time."""
        hashes = {
            user: int(hash_users([user], key=aggregate_clicks.DEFAULT_KEY)[0])
            for user in set(log["user_id"].to_pylist())
        }
        expected: dict[tuple[object, ...], list[int]] = {}
        for row in log.to_pylist():
            if row["clicked"]:
                day = row["event_time"].date().isoformat()
                key = (day, row["query"], row["image_id"], row["position"], hashes[row["user_id"]])
                counts = expected.setdefault(key, [0, 0])
                counts[0] += 1
                counts[1] += row["dwell_ms"] or 0
        found = {}
        for day in DAYS:
            for row in _day(evidence, "clicks", day):
                key = (day, row["query"], row["image_id"], row["position"], row["user_hash"])
                found[key] = [row["clicks"], row["dwell_ms"] or 0]
        assert found == expected

    def test_impressions_add_up_to_the_rows_of_the_log(self, log: pa.Table, evidence: Path) -> None:
        shown = sum(sum(row["counts"]) for day in DAYS for row in _day(evidence, "impressions", day))
        assert shown == log.num_rows

    def test_users_have_the_days_volume(self, log: pa.Table, evidence: Path) -> None:
        volume = [row["impressions"] for day in DAYS for row in _day(evidence, "users", day)]
        users = {(r["event_time"].date(), r["user_id"]) for r in log.select(["event_time", "user_id"]).to_pylist()}
        assert (len(volume), sum(volume)) == (len(users), log.num_rows)

    def test_jsonl_with_gzip_gives_the_same_bytes(self, log: pa.Table, evidence: Path, tmp_path: Path) -> None:
        write_table(log, tmp_path / "log" / "part.jsonl.gz")
        succeed(aggregate_clicks.main, clicks=tmp_path / "log", output=tmp_path / "out")
        assert data_files(tmp_path / "out") == data_files(evidence)

    def test_date_replaces_one_day_and_keeps_the_others(self, log: pa.Table, tmp_path: Path) -> None:
        days = pc.strftime(log["event_time"], format="%Y-%m-%d")
        for day in DAYS:
            write_table(log.filter(pc.equal(days, day)), tmp_path / "log" / f"date={day}" / "a.parquet")
        output = tmp_path / "out"
        succeed(aggregate_clicks.main, clicks=tmp_path / "log", output=output)
        before = manifest.read_manifest(str(output))
        late = log.filter(pc.equal(days, DAYS[1])).slice(0, 200)
        write_table(late, tmp_path / "log" / f"date={DAYS[1]}" / "a.parquet")
        succeed(aggregate_clicks.main, clicks=tmp_path / "log", output=output, date=DAYS[1])
        after = manifest.read_manifest(str(output))
        assert before is not None
        assert after is not None
        for table in ("clicks", "impressions", "users"):
            assert after.tables[f"{table}/date={DAYS[0]}"] == before.tables[f"{table}/date={DAYS[0]}"]
        assert sum(sum(r["counts"]) for r in _day(output, "impressions", DAYS[1])) == 200
        listed = {file.path for written in after.tables.values() for file in written}
        assert {p.relative_to(output).as_posix() for p in output.rglob("*.parquet")} == listed

    def test_dates_alone_are_counted(self, log_file: Path, evidence: Path, tmp_path: Path) -> None:
        """Rows outside of ``--date`` are left out and counted, those inside are the same as in a run of all."""
        output = tmp_path / "out"
        succeed(aggregate_clicks.main, clicks=log_file, output=output, date=DAYS[0])
        done = manifest.require(str(output))
        assert done.counters["rows_outside_the_dates"] == done.counters["rows_read:clicks"] // 2
        expected = {n: c for n, c in data_files(evidence).items() if DAYS[0] in n or n.startswith("failures")}
        assert data_files(output) == expected

    def test_bad_rows_are_failures_with_reasons(self, log: pa.Table, tmp_path: Path) -> None:
        rows = log.slice(0, 1000).to_pylist()
        rows[3]["query"] = None
        rows[4]["query"] = "   "
        rows[5]["position"] = 0
        write_table(pa.Table.from_pylist(rows, schema=log.schema), tmp_path / "log.parquet")
        succeed(aggregate_clicks.main, clicks=tmp_path / "log.parquet", output=tmp_path / "out")
        failures = manifest.read_table(str(tmp_path / "out"), "failures").to_pylist()
        assert {(row["reason"], row["detail"].split(" rows")[0]) for row in failures} == {
            ("no_query", "2"),
            ("bad_position", "1"),
        }

    def test_real_worker_processes_give_the_same_bytes(self, log_file: Path, evidence: Path, tmp_path: Path) -> None:
        """Two worker processes of the local runner, under an outer timeout: a lost worker would hang for ever."""
        command = [sys.executable, "-m", "beam_jobs.aggregate_clicks", "--clicks", str(log_file)]
        command += ["--output", str(tmp_path / "out"), "--partitions", "3", "--runner=FnApiRunner"]
        command += ["--direct_num_workers=2", "--direct_running_mode=multi_processing"]
        ran = subprocess.run(
            command,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        assert whole_folder(tmp_path / "out") == whole_folder(evidence)


class TestDeriveLabels:
    def test_planted_intents_come_back(self, labels: Path) -> None:
        truth = planted_intents()
        found = {row["image_id"]: row["intent"] for row in _rows(labels, "labels")}
        assert len(found) >= 28  # a picture that chance hides at the end of its pages may lack people
        assert found == {image: truth[image] for image in found}

    def test_every_image_is_in_exactly_one_of_labels_and_rejected(self, labels: Path, pictures: Path) -> None:
        ids = [row["image_id"] for table in ("labels", "rejected") for row in _rows(labels, table)]
        assert sorted(ids) == sorted(p.relative_to(pictures).as_posix() for p in pictures.rglob("*.jpg"))

    def test_never_clicked_is_a_reason(self, labels: Path) -> None:
        reasons = {row["image_id"]: row["reason"] for row in _rows(labels, "rejected")}
        assert reasons["unseen/0.jpg"] == reasons["unseen/1.jpg"] == "never_clicked"

    def test_clicks_on_unknown_images_are_counted_and_fail_nothing(self, labels: Path) -> None:
        done = manifest.require(str(labels))
        assert done.counters["clicks_on_unknown_images"] == len(DAYS)
        assert UNKNOWN_IMAGE not in {row["image_id"] for row in _rows(labels, "labels")}

    def test_a_log_gives_what_its_evidence_gives(
        self, log_file: Path, pictures: Path, labels: Path, tmp_path: Path
    ) -> None:
        flags = {"clicks": log_file, "collection": pictures, "output": tmp_path / "out", "temp": tmp_path / "temp"}
        succeed(derive_labels.main, **flags)
        assert data_files(tmp_path / "out") == data_files(labels)
        assert not list((tmp_path / "temp").iterdir())

    def test_duplicates_share_one_verdict(
        self, evidence: Path, pictures: Path, duplicates: Path, tmp_path: Path
    ) -> None:
        output = tmp_path / "out"
        succeed(derive_labels.main, evidence=evidence, collection=pictures, output=output, duplicates=duplicates)
        found = {row["image_id"]: row["intent"] for row in _rows(output, "labels")}
        assert found["copies/bytes.jpg"] == found["food_photo/03.jpg"] == "food_photo"

    def test_aggregated_log_with_a_date(self, log: pa.Table, pictures: Path, tmp_path: Path) -> None:
        clicked = (
            pl.DataFrame(log).filter(pl.col("clicked")).group_by("query", "image_id").agg(pl.len().alias("clicks"))
        )
        clicked.write_csv(tmp_path / "log.csv")
        flags = {"clicks": tmp_path / "log.csv", "collection": pictures, "output": tmp_path / "out"}
        succeed(derive_labels.main, **flags, date=DAYS[0])
        truth = planted_intents()
        found = {row["image_id"]: row["intent"] for row in _rows(tmp_path / "out", "labels")}
        assert len(found) >= 25
        assert all(truth[image] == intent for image, intent in found.items() if intent)


class TestPictures:
    def test_features_and_failures_are_the_whole_collection(self, features: Path) -> None:
        done = manifest.require(str(features))
        failures = _rows(features, "failures")
        assert [(row["key"], row["reason"]) for row in failures] == [("copies/broken.jpg", "truncated")]
        assert done.rows("features") + len(failures) == done.counters["images"] == 35

    def test_threads_and_partitions_change_no_byte(self, pictures: Path, features: Path, tmp_path: Path) -> None:
        output = tmp_path / "out"
        succeed(extract_features.main, collection=pictures, output=output, model="none", workers=2, partitions=5)
        assert whole_folder(output) == whole_folder(features)

    def test_bytes_in_a_table_give_the_same_features(self, pictures: Path, features: Path, tmp_path: Path) -> None:
        """A table that holds the pictures is the same collection as the folder."""
        paths = sorted(pictures.rglob("*.jpg"), reverse=True)
        table = pa.table(
            {
                "image_id": [p.relative_to(pictures).as_posix() for p in paths],
                "bytes": [p.read_bytes() for p in paths],
            }
        )
        write_table(table, tmp_path / "collection.parquet")
        output = tmp_path / "out"
        succeed(extract_features.main, collection=tmp_path / "collection.parquet", output=output, model="none")
        found, expected = data_files(output), data_files(features)
        assert found.pop("sources/part-00000-of-00001") != expected.pop("sources/part-00000-of-00001")  # no files
        assert found == expected

    def test_planted_copies_come_back(self, duplicates: Path) -> None:
        rows = {row["image_id"]: row for row in _rows(duplicates, "duplicates")}
        groups: dict[str, set[str]] = {}
        for row in rows.values():
            groups.setdefault(row["group_id"], set()).add(row["image_id"])
        original = sorted(planted_intents())[5]
        assert sorted(map(sorted, (g for g in groups.values() if len(g) > 1))) == sorted(
            [sorted(["copies/bytes.jpg", "food_photo/03.jpg"]), sorted(["copies/again.jpg", original])]
        )
        assert {row["reason"] for row in rows.values() if not row["is_representative"]} == {"bytes", "hash"}

    def test_the_job_finds_what_one_process_finds(self, features: Path, duplicates: Path) -> None:
        expected = find_in_one_process(manifest.read_table(str(features), "features")).sort_by("image_id")
        assert _rows(duplicates, "duplicates") == expected.to_pylist()

    def test_partitions_and_clicks_decide_as_in_one_process(
        self, features: Path, evidence: Path, tmp_path: Path
    ) -> None:
        output = tmp_path / "out"
        succeed(find_duplicates.main, features=features, output=output, evidence=evidence, partitions=8, workers=2)
        clicks = manifest.read_table(str(evidence), "clicks").group_by("image_id").aggregate([("clicks", "sum")])
        clicks = clicks.rename_columns(["image_id", "clicks"])
        expected = find_in_one_process(manifest.read_table(str(features), "features"), clicks=clicks)
        assert _rows(output, "duplicates") == expected.sort_by("image_id").to_pylist()


def _rows(output: Path, table: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = manifest.read_table(str(output), table).to_pylist()
    return rows


def _day(output: Path, table: str, day: str) -> list[dict[str, object]]:
    listed = manifest.require(str(output)).tables[f"{table}/date={day}"]
    return [row for file in listed for row in pa.parquet.read_table(output / file.path).to_pylist()]
