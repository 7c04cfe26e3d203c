"""Bad input through the real mains: exit code 2, one line that names the value and what to do, nothing committed."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import yaml

from beam_jobs import aggregate_clicks, derive_labels, extract_features
from beam_jobs.blocks import manifest
from beam_jobs.blocks.flags import EXIT_DONE, EXIT_FAILED, run_main
from labels.taxonomy import PACKAGED_TAXONOMY
from tests.beam_jobs.conftest import Main, Refused, flags_of, jpeg, photo, write_table

# --- the click log ----------------------------------------------------------------------------------


def _without(column: str) -> Callable[[pa.Table], pa.Table]:
    return lambda log: log.drop_columns([column])


def _as(column: str, kind: pa.DataType) -> Callable[[pa.Table], pa.Table]:
    def change(log: pa.Table) -> pa.Table:
        values = [str(value) if pa.types.is_string(kind) else float(value) for value in log[column].to_pylist()]
        return log.set_column(log.column_names.index(column), column, pa.array(values, kind))

    return change


class TestClickLog:
    @pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl.gz"])
    @pytest.mark.parametrize("column", ["query", "image_id", "user_id", "event_time", "position", "clicked"])
    def test_a_missing_column(self, column: str, ending: str, log: pa.Table, tmp_path: Path, refused: Refused) -> None:
        path = write_table(_without(column)(log.slice(0, 20)), tmp_path / f"log.{ending}")
        refused(aggregate_clicks.main, [f"log.{ending}", f"'{column}'"], clicks=path)

    @pytest.mark.parametrize(
        ("column", "kind"),
        [("clicked", pa.string()), ("position", pa.string()), ("position", pa.float64()), ("event_time", pa.string())],
        ids=str,
    )
    def test_a_wrong_type(
        self, column: str, kind: pa.DataType, log: pa.Table, tmp_path: Path, refused: Refused
    ) -> None:
        path = write_table(_as(column, kind)(log.slice(0, 20)), tmp_path / "log.parquet")
        refused(aggregate_clicks.main, ["log.parquet", repr(column), str(kind), "expected"], clicks=path)

    @pytest.mark.parametrize(
        ("column", "value", "reason"),
        [("clicked", "perhaps", "bad_flag"), ("position", "first", "bad_number"), ("event_time", "x", "bad_time")],
    )
    @pytest.mark.parametrize("ending", ["csv", "jsonl"])
    def test_wrong_values_in_text_are_failures_too(
        self, column: str, value: str, reason: str, ending: str, log: pa.Table, tmp_path: Path, refused: Refused
    ) -> None:
        rows = log.slice(0, 20)
        texts = [
            *(str(v).replace("False", "false").replace("True", "true") for v in rows[column].to_pylist()[1:]),
            value,
        ]
        changed = rows.set_column(rows.column_names.index(column), column, pa.array(texts))
        path = write_table(changed, tmp_path / f"log.{ending}")
        refused(aggregate_clicks.main, ["of 20 rows of the click log failed", reason], EXIT_FAILED, clicks=path)

    def test_a_value_that_a_cast_would_change(self, log: pa.Table, tmp_path: Path, refused: Refused) -> None:
        rows = log.slice(0, 20)
        wide = rows.set_column(4, "position", pa.array([2**40] * 20, pa.int64()))
        path = write_table(wide, tmp_path / "log.parquet")
        refused(aggregate_clicks.main, ["'position'", "int64", "int32"], clicks=path)

    @pytest.mark.parametrize("ending", ["parquet", "csv", "csv.gz", "jsonl"])
    def test_no_rows(self, ending: str, log: pa.Table, tmp_path: Path, refused: Refused) -> None:
        path = write_table(log.slice(0, 0), tmp_path / f"log.{ending}")
        refused(aggregate_clicks.main, [str(path), "empty"], clicks=path)

    def test_an_empty_folder(self, tmp_path: Path, refused: Refused) -> None:
        (tmp_path / "log").mkdir()
        refused(aggregate_clicks.main, [str(tmp_path / "log"), "has no files", "--clicks"], clicks=tmp_path / "log")

    def test_a_path_that_is_not_there(self, tmp_path: Path, refused: Refused) -> None:
        refused(aggregate_clicks.main, [f"{tmp_path}/absent", "is not there"], clicks=tmp_path / "absent")

    def test_a_file_that_is_no_table(self, tmp_path: Path, refused: Refused) -> None:
        (tmp_path / "log.xlsx").write_bytes(b"PK")
        refused(aggregate_clicks.main, ["log.xlsx", ".parquet"], clicks=tmp_path / "log.xlsx")

    def test_a_truncated_parquet_file(self, log_file: Path, tmp_path: Path, refused: Refused) -> None:
        (tmp_path / "log.parquet").write_bytes(log_file.read_bytes()[:-100])
        refused(aggregate_clicks.main, ["log.parquet", "not a readable Parquet file"], clicks=tmp_path / "log.parquet")

    def test_rot_inside_a_parquet_file(self, log_file: Path, tmp_path: Path, refused: Refused) -> None:
        content = bytearray(log_file.read_bytes())
        content[20:3000] = bytes(byte ^ 0x55 for byte in content[20:3000])
        (tmp_path / "log.parquet").write_bytes(bytes(content))
        refused(aggregate_clicks.main, ["log.parquet", "not readable as parquet"], clicks=tmp_path / "log.parquet")

    @pytest.mark.parametrize(
        ("ending", "row"), [("csv", b"1,2,3\n"), ("jsonl", b'{"query": "q", \n'), ("jsonl", b"query,image_id\n")]
    )
    def test_a_broken_row_of_text_is_a_failure(self, ending: str, row: bytes, log: pa.Table, tmp_path: Path) -> None:
        path = write_table(log.slice(0, 100), tmp_path / f"log.{ending}")
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join([*lines[:50], row, *lines[50:]]))
        output = tmp_path / "out"
        assert run_main(aggregate_clicks.main, flags_of({"clicks": path, "output": output})) == EXIT_DONE
        (failure,) = manifest.read_table(str(output), "failures").to_pylist()
        assert failure["key"].endswith(f"/log.{ending}")
        assert failure["reason"] == "bad_row"
        counters = manifest.require(str(output)).counters
        assert [counters[name] for name in ("rows_read:clicks", "events", "failed:bad_row")] == [101, 100, 1]

    def test_one_bad_file_among_good_ones(self, log: pa.Table, tmp_path: Path, refused: Refused) -> None:
        write_table(log.slice(0, 50), tmp_path / "log" / "a.parquet")
        write_table(log.slice(0, 50).drop_columns(["user_id"]), tmp_path / "log" / "b.parquet")
        refused(aggregate_clicks.main, ["b.parquet", "'user_id'"], clicks=tmp_path / "log")

    def test_a_folder_that_names_no_day(self, log: pa.Table, tmp_path: Path, refused: Refused) -> None:
        write_table(log.slice(0, 50), tmp_path / "log" / "date=today" / "a.parquet")
        refused(aggregate_clicks.main, ["'date=today'", "YYYY-MM-DD"], clicks=tmp_path / "log")

    def test_an_aggregated_log_without_a_day(self, tmp_path: Path, refused: Refused) -> None:
        table = pa.table({"query": ["q"], "image_id": ["i"], "clicks": [3]})
        path = write_table(table, tmp_path / "log.csv")
        refused(aggregate_clicks.main, ["log.csv", "--date"], clicks=path)

    def test_dates_without_rows(self, log_file: Path, refused: Refused) -> None:
        refused(aggregate_clicks.main, [str(log_file), "no row"], clicks=log_file, date="2020-01-01")

    def test_too_many_bad_rows_fail_the_job(
        self, log: pa.Table, tmp_path: Path, refused: Refused, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """More than 1 % is exit code 1 with the reasons; ``--max-failure-rate 1`` goes on."""
        rows = log.slice(0, 500).to_pylist()
        for row in rows[:6]:
            row["query"] = ""
        for row in rows[6:9]:
            row["position"] = -1
        path = write_table(pa.Table.from_pylist(rows, schema=log.schema), tmp_path / "log.parquet")
        words = ["9 of 500 rows of the click log failed (1.8%, allowed 1.0%)", "no_query 6, bad_position 3"]
        refused(aggregate_clicks.main, [*words, "--max-failure-rate"], EXIT_FAILED, clicks=path)
        reasons = pq.read_table(tmp_path / "out" / manifest.FAILED / "failures.parquet")["reason"]
        assert set(reasons.to_pylist()) == {"no_query", "bad_position"}
        flags = flags_of({"clicks": path, "output": tmp_path / "out", "max_failure_rate": 1})
        assert run_main(aggregate_clicks.main, flags) == EXIT_DONE
        assert not (tmp_path / "out" / manifest.FAILED).exists()
        done = manifest.require(str(tmp_path / "out"))
        assert done.counters["failed:no_query"] == 6
        assert done.counters["events"] == 491


# --- the collection ---------------------------------------------------------------------------------


@pytest.fixture(params=["extract_features", "derive_labels"])
def reader(request: pytest.FixtureRequest) -> tuple[Main, Mapping[str, object]]:
    """A job that reads a collection, with its other flags."""
    if request.param == "extract_features":
        return extract_features.main, {"model": "none"}
    return derive_labels.main, {"evidence": request.getfixturevalue("evidence")}


Reader = tuple[Main, Mapping[str, object]]


class TestCollection:
    @pytest.mark.parametrize(
        ("table", "words"),
        [
            ({"uri": ["a.jpg"]}, ["no column 'image_id'", "it has uri"]),
            ({"image_id": ["a"]}, ["no column 'uri' and no column 'bytes'"]),
            ({"image_id": ["a", "a", "b"], "uri": ["a", "b", "c"]}, ["'a'", "more than once", "unique"]),
            ({"image_id": ["a", None], "uri": ["a", "b"]}, ["1 rows have no image_id"]),
            ({"image_id": [1, 2], "uri": ["a", "b"]}, ["'image_id' is int64", "expected string"]),
            ({"image_id": [["a"]], "uri": ["a"]}, ["'image_id'", "expected string"]),
            ({"image_id": [b"\xff"], "uri": ["a"]}, ["'image_id' is binary", "expected string"]),
            ({"image_id": ["a"], "uri": ["a"], "width": ["wide"]}, ["'width' is string", "expected int32"]),
            ({"image_id": ["a"], "bytes": [7]}, ["'bytes' is int64", "expected binary"]),
        ],
        ids=str,
    )
    def test_columns_and_ids(
        self, table: dict[str, list[object]], words: list[str], reader: Reader, tmp_path: Path, refused: Refused
    ) -> None:
        path = tmp_path / "images.parquet"
        pq.write_table(pa.table(table), path)
        refused(reader[0], ["images.parquet", *words], collection=path, **reader[1])

    @pytest.mark.parametrize("ending", ["csv", "csv.gz", "parquet"])
    def test_without_images(self, ending: str, reader: Reader, tmp_path: Path, refused: Refused) -> None:
        empty = pa.table({"image_id": pa.array([], pa.string()), "uri": pa.array([], pa.string())})
        path = write_table(empty, tmp_path / f"images.{ending}")
        refused(reader[0], [f"images.{ending}", "no images"], collection=path, **reader[1])

    def test_a_file_of_no_bytes(self, reader: Reader, tmp_path: Path, refused: Refused) -> None:
        (tmp_path / "images.csv").touch()
        refused(reader[0], ["images.csv"], collection=tmp_path / "images.csv", **reader[1])

    def test_a_folder_without_pictures(self, reader: Reader, tmp_path: Path, refused: Refused) -> None:
        (tmp_path / "pictures").mkdir()
        (tmp_path / "pictures" / "notes.txt").write_text("none")
        words = [f"{tmp_path}/pictures", "no pictures there (1 other files)"]
        refused(reader[0], words, collection=tmp_path / "pictures", **reader[1])

    def test_that_is_not_there(self, reader: Reader, tmp_path: Path, refused: Refused) -> None:
        refused(reader[0], [f"{tmp_path}/absent is not there"], collection=tmp_path / "absent", **reader[1])

    def test_a_truncated_file(self, reader: Reader, tmp_path: Path, refused: Refused) -> None:
        table = pa.table({"image_id": [f"{n}" for n in range(500)], "uri": ["x"] * 500})
        path = write_table(table, tmp_path / "images.parquet")
        path.write_bytes(path.read_bytes()[:-50])
        refused(reader[0], ["images.parquet", "not a readable Parquet file"], collection=path, **reader[1])

    def test_a_row_of_other_length(self, reader: Reader, tmp_path: Path, refused: Refused) -> None:
        (tmp_path / "images.csv").write_text("image_id,uri\na,a.jpg\nb\n")
        refused(reader[0], ["images.csv: not readable as csv"], collection=tmp_path / "images.csv", **reader[1])


class TestUris:
    """A picture outside of its collection is never read: the picture fails, not the job, until too many do."""

    @pytest.fixture
    def collection(self, tmp_path: Path) -> Path:
        root = tmp_path / "collection"
        root.mkdir()
        for n in range(8):
            (root / f"{n}.jpg").write_bytes(jpeg(photo(n)))
        (tmp_path / "secret.jpg").write_bytes(jpeg(photo(99)))
        (root / "link.jpg").symlink_to(tmp_path / "secret.jpg")
        return root

    def run(self, collection: Path, rows: list[tuple[str, str]], **flags: object) -> tuple[int, Path]:
        table = pa.table({"image_id": [row[0] for row in rows], "uri": [row[1] for row in rows]})
        path = write_table(table, collection / "images.csv")
        output = collection.parent / "out"
        given = {"collection": path, "output": output, "model": "none", **flags}
        return run_main(extract_features.main, flags_of(given)), output

    def test_one_that_leaves_is_a_failure(self, collection: Path, tmp_path: Path) -> None:
        good = [(f"{n}", f"{n}.jpg") for n in range(8)]
        code, output = self.run(collection, [*good, ("up", "../secret.jpg"), ("link", "link.jpg")])
        assert code == EXIT_DONE
        failures = manifest.read_table(str(output), "failures").to_pylist()
        assert [(row["key"], row["reason"]) for row in failures] == [
            ("link", "outside_collection"),
            ("up", "outside_collection"),
        ]
        assert "secret.jpg" in failures[1]["detail"]
        assert manifest.require(str(output)).rows("features") == 8

    def test_an_absolute_path_that_leaves(self, collection: Path, tmp_path: Path) -> None:
        rows = [*[(f"{n}", str(collection / f"{n}.jpg")) for n in range(8)], ("out", str(tmp_path / "secret.jpg"))]
        code, output = self.run(collection, rows)
        assert code == EXIT_DONE
        assert manifest.read_table(str(output), "failures")["reason"].to_pylist() == ["outside_collection"]

    def test_all_of_them_fail_the_job(self, collection: Path, capsys: pytest.CaptureFixture[str]) -> None:
        code, output = self.run(collection, [("up", "../secret.jpg"), ("link", "link.jpg")])
        assert code == EXIT_FAILED
        line = capsys.readouterr().err
        assert "2 of 2 pictures failed (100.0%, allowed 20.0%): outside_collection 2" in line
        assert line.count("\n") == 1
        assert not (output / manifest.MANIFEST).exists()

    def test_a_rate_of_1_goes_on_without_any_picture(self, collection: Path) -> None:
        code, output = self.run(collection, [("up", "../secret.jpg")], max_failure_rate=1)
        assert code == EXIT_DONE
        assert manifest.require(str(output)).rows("features") == 0


# --- the taxonomy -----------------------------------------------------------------------------------


def _no_parent(tree: dict[str, list[dict[str, object]]]) -> None:
    tree["intents"][3]["parent"] = "phantom"


def _intent_twice(tree: dict[str, list[dict[str, object]]]) -> None:
    tree["intents"].append(dict(tree["intents"][0]))


def _parent_twice(tree: dict[str, list[dict[str, object]]]) -> None:
    tree["parents"].append(dict(tree["parents"][0]))


class TestTaxonomy:
    @pytest.mark.parametrize(
        ("change", "words"),
        [
            (_no_parent, ["'food_photo'", "parent 'phantom' does not exist", "write one of photo"]),
            (_intent_twice, ["intents: id 'landscape_photo' occurs twice"]),
            (_parent_twice, ["parents: id 'photo' occurs twice"]),
        ],
    )
    def test_that_does_not_hold_together(
        self,
        change: Callable[[dict[str, list[dict[str, object]]]], None],
        words: list[str],
        evidence: Path,
        pictures: Path,
        tmp_path: Path,
        refused: Refused,
    ) -> None:
        tree = yaml.safe_load(PACKAGED_TAXONOMY.read_text(encoding="utf-8"))
        change(tree)
        path = tmp_path / "taxonomy.yaml"
        path.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
        refused(derive_labels.main, ["taxonomy.yaml", *words], evidence=evidence, collection=pictures, taxonomy=path)

    @pytest.mark.parametrize("content", [b"", b"version: [", b"\xff\xfe", None])
    def test_that_is_none(
        self, content: bytes | None, evidence: Path, pictures: Path, tmp_path: Path, refused: Refused
    ) -> None:
        path = tmp_path / "taxonomy.yaml"
        if content is not None:
            path.write_bytes(content)
        refused(derive_labels.main, ["taxonomy.yaml"], evidence=evidence, collection=pictures, taxonomy=path)


def test_extra_columns_and_other_widths_are_no_error(log: pa.Table, evidence: Path, tmp_path: Path) -> None:
    """What is not bad input: int64 positions, large strings, times in ns without a zone, further columns."""
    wide = {
        "ranker": pa.array(["r"] * log.num_rows),
        "query": log["query"].cast(pa.large_string()),
        "image_id": log["image_id"].dictionary_encode(),
        "event_time": pc.local_timestamp(log["event_time"]).cast(pa.timestamp("ns")),
        "position": log["position"].cast(pa.int64()),
        **{name: log[name] for name in ("user_id", "clicked", "dwell_ms")},
    }
    path = tmp_path / "log.parquet"
    pq.write_table(pa.table(wide), path)
    assert run_main(aggregate_clicks.main, flags_of({"clicks": path, "output": tmp_path / "out"})) == EXIT_DONE
    for table in ("clicks", "impressions", "users"):
        assert manifest.read_table(str(tmp_path / "out"), table) == manifest.read_table(str(evidence), table)


@pytest.mark.parametrize("kind", [pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())], ids=str)
def test_a_collection_may_encode_its_ids_in_any_way(kind: pa.DataType, evidence: Path, tmp_path: Path) -> None:
    ids = ["food_photo/01.jpg", "food_photo/02.jpg", "unseen"]
    table = pa.table({"image_id": pa.array(ids).cast(kind), "uri": ids})
    pq.write_table(table, tmp_path / "images.parquet")
    flags = {"evidence": evidence, "collection": tmp_path / "images.parquet", "output": tmp_path / "out"}
    assert run_main(derive_labels.main, flags_of(flags)) == EXIT_DONE
    assert manifest.require(str(tmp_path / "out")).rows("labels") == 2
