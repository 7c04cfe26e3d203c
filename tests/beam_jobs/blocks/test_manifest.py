"""The commit: what it lists counts, what it no longer lists goes, what was changed is refused."""

import json
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beam_jobs.blocks import manifest
from beam_jobs.blocks.failures import JobError
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.manifest import Manifest
from beam_jobs.blocks.write import Written, write_file

SCHEMA = pa.schema([("key", pa.string())], metadata={"sort_by": "key"})


def write(output: Path | str, keys: list[str], *, name: str = "t", run_key: str = "aaa") -> Written:
    table = pa.table({"key": keys}, schema=SCHEMA)
    return write_file(table, output=str(output), name=name, index=0, count=1, run_key=run_key, schema=SCHEMA)


def listing(*written: Written) -> Manifest:
    tables = {file.table: [file] for file in written}
    return Manifest("stage", 1, "aaa", tables, {"n": 2}, {"log": "d1"}, {"limit": 0.5})


class TestCommit:
    def test_reads_back_what_was_committed(self, tmp_path: Path) -> None:
        done = listing(write(tmp_path, ["a", "b"]), write(tmp_path, [], name="empty"))
        manifest.commit(str(tmp_path), done)
        assert manifest.read_manifest(str(tmp_path)) == done
        assert manifest.read_table(str(tmp_path), "t")["key"].to_pylist() == ["a", "b"]
        assert (done.rows("t"), done.rows("empty"), done.rows("absent")) == (2, 0, 0)

    @pytest.mark.parametrize("remote", [False, True])
    def test_files_that_it_no_longer_lists_are_removed(self, remote: bool, tmp_path: Path) -> None:
        output = f"memory://{tmp_path.name}" if remote else str(tmp_path)
        old = listing(write(output, ["a"]), write(output, ["x"], name="kept"))
        manifest.commit(output, old)
        killed = write(output, ["k"], run_key="killed")
        new = replace(old, tables={"t": [write(output, ["b"], run_key="bbb")], "kept": old.tables["kept"]})
        manifest.commit(output, new)
        assert manifest.read_table(output, "t")["key"].to_pylist() == ["b"]
        assert manifest.read_table(output, "kept")["key"].to_pylist() == ["x"]
        for gone in (old.tables["t"][0], killed):
            assert not manifest.files.exists(manifest.files.join(output, gone.path))

    def test_files_of_others_are_left_alone(self, tmp_path: Path) -> None:
        (tmp_path / "notes").mkdir()
        (tmp_path / "notes" / "mine.parquet").write_text("x")
        manifest.commit(str(tmp_path), listing(write(tmp_path, ["a"])))
        assert (tmp_path / "notes" / "mine.parquet").exists()

    def test_the_digest_is_of_the_content(self, tmp_path: Path) -> None:
        one = listing(write(tmp_path / "a", ["a"]))
        other = listing(write(tmp_path / "b", ["a"]))
        assert one.digest() == other.digest()
        assert replace(one, counters={"n": 9}).digest() == one.digest()
        assert listing(write(tmp_path / "c", ["c"])).digest() != one.digest()


class TestVerify:
    def test_what_was_written_passes(self, tmp_path: Path) -> None:
        manifest.verify_files(str(tmp_path), [write(tmp_path, ["a"])])

    def test_an_altered_file_is_refused(self, tmp_path: Path) -> None:
        written = write(tmp_path, ["a"])
        path = tmp_path / written.path
        path.write_bytes(path.read_bytes() + b"x")
        with pytest.raises(JobError, match=r"part-00000-of-00001-aaa\.parquet has the sha256"):
            manifest.verify_files(str(tmp_path), [written])

    def test_a_lost_file_is_refused(self, tmp_path: Path) -> None:
        written = write(tmp_path, ["a"])
        (tmp_path / written.path).unlink()
        with pytest.raises(JobError, match=r"aaa\.parquet was reported as written and is not there"):
            manifest.verify_files(str(tmp_path), [written])


class TestRead:
    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("{", "not a manifest"),
            ("[]", "not a manifest"),
            ("{}", "not a manifest"),
            ('{"format": 1, "tables": {"t": [["a"]]}}', "not a manifest"),
            ('{"format": 99}', "manifest format 99, this version reads 1"),
        ],
    )
    def test_what_is_no_manifest_names_the_file(self, content: str, message: str, tmp_path: Path) -> None:
        (tmp_path / manifest.MANIFEST).write_text(content)
        with pytest.raises(UsageError, match=rf"_MANIFEST\.json: {message}"):
            manifest.read_manifest(str(tmp_path))

    def test_require_says_what_is_missing(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="no committed output of a job there"):
            manifest.require(str(tmp_path), "t")
        manifest.commit(str(tmp_path), listing(write(tmp_path, ["a"])))
        with pytest.raises(UsageError, match=r"no table 'labels'; stage wrote t"):
            manifest.require(str(tmp_path), "labels")

    def test_day_folders_are_one_table(self, tmp_path: Path) -> None:
        days = [write(tmp_path, [day], name=f"t/date={day}") for day in ("2026-01-02", "2026-01-01")]
        manifest.commit(str(tmp_path), listing(*days, write(tmp_path, ["x"], name="tt")))
        assert manifest.read_table(str(tmp_path), "t")["key"].to_pylist() == ["2026-01-01", "2026-01-02"]
        shards = manifest.table_shards(str(tmp_path), "t", name="renamed")
        assert {shard.name for shard in shards} == {"renamed"}
        assert len(shards) == 2


class TestRunKey:
    @given(st.dictionaries(st.text(max_size=5), st.one_of(st.integers(), st.text(max_size=5), st.none()), max_size=5))
    def test_the_order_of_settings_does_not_count(self, config: dict[str, object]) -> None:
        turned = dict(reversed(list(config.items())))
        assert manifest.run_key_of("s", 1, config, {"a": "1"}) == manifest.run_key_of("s", 1, turned, {"a": "1"})

    def test_everything_that_decides_the_content_counts(self) -> None:
        keys = {
            manifest.run_key_of("s", 1, {}, {"a": "1"}),
            manifest.run_key_of("t", 1, {}, {"a": "1"}),
            manifest.run_key_of("s", 2, {}, {"a": "1"}),
            manifest.run_key_of("s", 1, {"x": 1}, {"a": "1"}),
            manifest.run_key_of("s", 1, {}, {"a": "2"}),
            manifest.run_key_of("s", 1, {}, {"b": "1"}),
        }
        assert len(keys) == 6
        assert all(len(key) == manifest.KEY_DIGITS for key in keys)

    def test_raw_files_count_by_name_and_content_wherever_they_lie(self, tmp_path: Path) -> None:
        def digest(folder: str, name: str, content: str) -> str:
            path = tmp_path / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
            return manifest.digest_files([str(path)], root=str(tmp_path / folder))

        first = digest("here", "a.csv", "x")
        assert digest("there", "a.csv", "x") == first
        assert len({first, digest("c", "a.csv", "y"), digest("d", "b.csv", "x"), digest("e", "f/a.csv", "x")}) == 4


def test_the_manifest_is_text_that_people_can_read(tmp_path: Path) -> None:
    manifest.commit(str(tmp_path), replace(listing(write(tmp_path, ["a"])), config={"query": "고양이"}))
    text = (tmp_path / manifest.MANIFEST).read_text(encoding="utf-8")
    assert "고양이" in text
    assert json.loads(text)["stage"] == "stage"
