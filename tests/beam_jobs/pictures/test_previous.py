"""A run that knows an earlier one gives what a run that knows nothing gives, and decodes only what it must."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from beam_jobs import extract_features
from beam_jobs.blocks import manifest
from beam_jobs.blocks.flags import run_main
from beam_jobs.pictures import describe as describing
from beam_jobs.pictures import extract, pool
from beam_jobs.pictures.describe import Described, Source, describe
from beam_jobs.pictures.previous import decide
from dedup import block_mean
from tests.beam_jobs.conftest import Refused, data_files, flags_of, jpeg, photo, succeed, write_table

Run = Callable[..., dict[str, int]]


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The uris that helpers were asked about."""
    uris: list[str] = []

    def describe_here(_: object, sources: Sequence[Source]) -> list[Described]:
        uris.extend(source.uri for source in sources)
        return describe(sources)

    monkeypatch.setattr(pool, "describe_all", describe_here)
    return uris


@pytest.fixture
def run(album: Path, tmp_path: Path) -> Run:
    """Run the job with an earlier output and without, expect the same files, return the counters of the first."""
    numbers = iter(range(100))

    def both(previous: Path | None, *, output: Path | None = None, **flags: object) -> dict[str, int]:
        number = next(numbers)
        output = output or tmp_path / f"out{number}"
        given = {"collection": album, "model": "none", "max_failure_rate": 1, **flags}
        earlier = {} if previous is None else {"previous": previous}
        succeed(extract_features.main, **given, **earlier, output=output)
        succeed(extract_features.main, **given, output=tmp_path / f"full{number}")
        assert data_files(output) == data_files(tmp_path / f"full{number}")
        counters = manifest.require(str(output), "features").counters
        names = ("new", "changed", "again", "removed", "rescored", "reused")
        return {name: counters[name] for name in names if name in counters}

    return both


def change_nothing_but_time(path: Path) -> None:
    stat = path.stat()
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1_000_000_000))


class TestFolder:
    def test_unchanged_files_are_not_even_opened(self, run: Run, tmp_path: Path, looked: list[str]) -> None:
        assert run(None, output=tmp_path / "a") == {"new": 7}
        looked.clear()
        flags = {"collection": tmp_path / "album", "model": "none", "previous": tmp_path / "a"}
        succeed(extract_features.main, **flags, output=tmp_path / "b")
        assert looked == []
        assert data_files(tmp_path / "b") == data_files(tmp_path / "a")

    def test_changed_touched_removed_renamed_and_new(self, run: Run, album: Path, tmp_path: Path) -> None:
        run(None, output=tmp_path / "a")
        stat = (album / "0.jpg").stat()
        (album / "0.jpg").write_bytes(jpeg(photo(50, 80, 60)))
        change_nothing_but_time(album / "2.jpg")
        (album / "4.jpg").unlink()
        (album / "sub" / "1.jpg").rename(album / "sub" / "renamed.jpg")
        (album / "new.jpg").write_bytes(jpeg(photo(51, 80, 60)))
        assert stat.st_mtime_ns != (album / "0.jpg").stat().st_mtime_ns
        # touched, 3, 5 and the broken one stay; what was renamed is a picture that went and one that came
        assert run(tmp_path / "a") == {"new": 2, "changed": 1, "removed": 2, "reused": 4}

    def test_a_touched_file_is_read_and_not_decoded(
        self, run: Run, album: Path, tmp_path: Path, looked: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run(None, output=tmp_path / "a")
        looked.clear()
        for name in ("0.jpg", "broken.jpg"):
            change_nothing_but_time(album / name)
        monkeypatch.setattr(describing, "decode_image", lambda *_, **__: pytest.fail("decoded"))
        flags = {"collection": album, "model": "none", "previous": tmp_path / "a"}
        succeed(extract_features.main, **flags, output=tmp_path / "b")
        assert sorted(looked) == ["0.jpg", "broken.jpg"]
        assert manifest.require(str(tmp_path / "b"), "features").counters["reused"] == 7
        before, after = (manifest.read_table(str(tmp_path / name), "sources") for name in "ab")
        assert before["sha256"].equals(after["sha256"])
        assert not before["modified"].equals(after["modified"])

    def test_into_the_same_folder_night_by_night(self, run: Run, album: Path, tmp_path: Path) -> None:
        output = tmp_path / "night"
        assert run(output, output=output) == {"new": 7}
        (album / "0.jpg").write_bytes(jpeg(photo(50, 80, 60)))
        assert run(output, output=output, partitions=3, workers=2) == {"changed": 1, "reused": 6}
        (album / "broken.jpg").write_bytes(jpeg(photo(51, 80, 60)))
        assert run(output, output=output) == {"changed": 1, "reused": 6}
        (album / "0.jpg").write_bytes(b"not a picture")
        assert run(output, output=output) == {"changed": 1, "reused": 6}
        assert run(output, output=output) == {"reused": 7}

    def test_other_hashes_are_computed_anew(
        self, run: Run, tmp_path: Path, looked: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for module in (block_mean, extract_features):
            monkeypatch.setattr(module, "HASH_VERSION", "older")
        run(None, output=tmp_path / "a")
        monkeypatch.undo()
        monkeypatch.setattr(pool, "describe_all", lambda _, sources: describe(sources))
        assert run(tmp_path / "a") == {"new": 7}

    def test_an_output_of_before_there_were_sources(self, run: Run, tmp_path: Path) -> None:
        run(None, output=tmp_path / "a")
        path = tmp_path / "a" / manifest.MANIFEST
        done = manifest.read_manifest(str(tmp_path / "a"))
        assert done is not None
        older = {name: files for name, files in done.tables.items() if name != "sources"}
        manifest.commit(str(tmp_path / "a"), manifest.Manifest(**{**vars(done), "tables": older}))
        assert path.exists()
        assert run(tmp_path / "a") == {"again": 1, "reused": 6}  # of a failure no content is known

    @pytest.mark.parametrize("reason", ["time_limit", "decoder_crash"])
    def test_what_may_be_the_machines_fault_is_tried_again(
        self, reason: str, run: Run, album: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(_: object, sources: Sequence[Source]) -> list[Described]:
            bad = Described(None, None, None, reason, "")
            return [bad if s.uri == "2.jpg" else each for s, each in zip(sources, describe(sources), strict=True)]

        with monkeypatch.context() as patch:
            patch.setattr(pool, "describe_all", refuse)
            run(None, output=tmp_path / "a")
        failures = manifest.read_table(str(tmp_path / "a"), "failures")
        assert failures["reason"].to_pylist() == [reason, "truncated"]
        assert run(tmp_path / "a") == {"again": 1, "reused": 6}


class TestTable:
    def test_bytes_and_uris(self, run: Run, album: Path, tmp_path: Path) -> None:
        def rows(*pictures: tuple[str, str | None, bytes | None]) -> Path:
            ids, uris, contents = zip(*pictures, strict=True)
            columns = {"image_id": ids, "uri": uris, "bytes": pa.array(contents, pa.binary())}
            return write_table(pa.table(columns), album / "images.parquet")

        one, two = jpeg(photo(60, 80, 60)), jpeg(photo(61, 80, 60))
        table = rows(
            ("a", "0.jpg", None), ("b", "2.jpg", None), ("c", None, one), ("d", "4.jpg", one), ("e", None, None)
        )
        assert run(None, output=tmp_path / "a", collection=table) == {"new": 5}
        # another file of the same size and time is another picture; a row's bytes win over its uri
        (album / "4.jpg").write_bytes(b"x")
        rows(("a", "2.jpg", None), ("b", "2.jpg", None), ("c", None, two), ("d", "4.jpg", one), ("e", None, None))
        assert run(tmp_path / "a", collection=table) == {"changed": 2, "again": 1, "reused": 2}


@pytest.mark.usefixtures("models")
class TestModel:
    def test_a_new_model_leaves_the_hashes(self, run: Run, album: Path, tmp_path: Path, looked: list[str]) -> None:
        assert run(None, output=tmp_path / "none") == {"new": 7}
        assert run(tmp_path / "none", output=tmp_path / "a", model="a-32") == {"rescored": 6, "reused": 1}
        (album / "0.jpg").write_bytes(jpeg(photo(50, 80, 60)))
        change_nothing_but_time(album / "2.jpg")
        assert run(tmp_path / "a", output=tmp_path / "b", model="a-32") == {"changed": 1, "reused": 6}
        assert run(tmp_path / "a", model="b-48") == {"changed": 1, "rescored": 5, "reused": 1}
        assert run(tmp_path / "b", model="none") == {"reused": 7}

    def test_hashes_are_not_computed_again(
        self, run: Run, album: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run(None, output=tmp_path / "none")
        monkeypatch.setattr(pool, "describe_all", lambda _, sources: describe(sources))
        monkeypatch.setattr(describing, "hash_columns", lambda _: pytest.fail("hashed"))
        flags = {"collection": album, "previous": tmp_path / "none", "model": "a-32"}
        succeed(extract_features.main, **flags, output=tmp_path / "out")
        table = manifest.read_table(str(tmp_path / "out"), "features")
        assert set(table["model"].to_pylist()) == {"a-32"}
        assert None not in table["block_hash"].to_pylist()


class TestFlags:
    def test_what_is_no_earlier_output(self, refused: Refused, album: Path, evidence: Path, tmp_path: Path) -> None:
        given = {"collection": album, "model": "none"}
        refused(extract_features.main, ["no committed output"], **given, previous=tmp_path / "nowhere")
        refused(extract_features.main, ["output of aggregate_clicks"], **given, previous=evidence)
        refused(extract_features.main, ["--pixel-cache", "--model"], **given, pixel_cache=tmp_path / "cache")
        refused(extract_features.main, ["--pixel-cache-gb"], **given, pixel_cache_gb=0)

    def test_an_earlier_output_with_a_changed_byte_is_not_carried_on(
        self, refused: Refused, album: Path, tmp_path: Path
    ) -> None:
        given = {"collection": album, "model": "none"}
        out = tmp_path / "earlier"
        succeed(extract_features.main, **given, output=out)
        assert extract_features.usable_output(str(tmp_path / "none"), str(out)) == str(out)
        path = next((out / "features").glob("*.parquet"))
        whole = path.read_bytes()
        middle = len(whole) // 2
        for content in (whole[:middle], b"", whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]):
            path.write_bytes(content)
            refused(extract_features.main, [str(out), path.name, "run without"], **given, previous=out)
            assert extract_features.usable_output(str(out)) is None

    def test_the_end_tells_what_became_of_the_pictures(
        self, album: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        flags = {"collection": album, "model": "none", "output": tmp_path / "out", "previous": tmp_path / "out"}
        succeed(extract_features.main, **flags)
        (album / "0.jpg").unlink()
        (album / "2.jpg").write_bytes(jpeg(photo(50, 80, 60)))
        capsys.readouterr()
        assert run_main(extract_features.main, flags_of(flags)) == 0
        assert "5 pictures (1 changed, 1 removed, 5 re-used)" in capsys.readouterr().err


def test_a_first_run_decides_to_look_at_everything() -> None:
    collection = pa.table({"image_id": ["a"], "uri": ["a.jpg"], "bytes": pa.array([None], pa.binary())})
    decision = decide(collection, {}, model=None, stage="extract_features")
    assert decision.todo["image_id"].to_pylist() == ["a"]
    assert decision.todo["earlier"].to_pylist() == [False]
    assert (decision.features.num_rows, decision.failures.num_rows, decision.removed) == (0, 0, 0)
    assert extract.IMAGES_PER_BLOCK % pool.BATCH == 0
