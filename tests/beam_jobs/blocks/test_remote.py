"""Inputs, outputs and temporary files on other filesystems: one in memory, and S3 as moto plays it."""

import os
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pyarrow as pa
import pytest

from beam_jobs import aggregate_clicks, derive_labels
from beam_jobs.blocks import files, lock, manifest, recovery
from beam_jobs.blocks.failures import JobError
from beam_jobs.blocks.flags import EXIT_USAGE, Common, run_main
from beam_jobs.blocks.launch import run_job
from tests.beam_jobs.blocks.test_launch import GO_ON, numbers
from tests.beam_jobs.conftest import flags_of, planted_intents, succeed, sums_job, whole_folder, write_table

BUCKET = "s3://pictures"


@pytest.fixture(scope="module")
def s3(request: pytest.FixtureRequest) -> Iterator[str]:
    """Serve an S3 of our own on this machine; what reaches it comes from the environment, as with a real one."""
    moto = pytest.importorskip("moto.server", reason="moto plays S3; install image-intent[dev]")
    pytest.importorskip("s3fs", reason="s3fs reads and writes S3; install image-intent[dev]")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        patch.setitem(fsspec.config.conf, "s3", {"endpoint_url": f"http://{host}:{port}"})
        fsspec.filesystem("s3").clear_instance_cache()
        fsspec.filesystem("s3").makedirs(BUCKET, exist_ok=True)  # moto keeps it between modules
        yield BUCKET
        fsspec.filesystem("s3").clear_instance_cache()
        server.stop()


@pytest.fixture(params=["memory", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return an empty folder on a filesystem that is not the local one."""
    base = "memory://store" if request.param == "memory" else request.getfixturevalue("s3")
    folder = f"{base}/{tmp_path.name}"
    yield folder
    recovery.remove_folder(folder)


def put(local: Path, folder: str) -> str:
    """Copy a local file or folder into a remote one."""
    for path in [local] if local.is_file() else sorted(p for p in local.rglob("*") if p.is_file()):
        name = path.name if local.is_file() else path.relative_to(local).as_posix()
        files.write_atomic(f"{folder}/{name}", path.read_bytes())
    return f"{folder}/{local.name}" if local.is_file() else folder


def fetch(folder: str) -> dict[str, bytes]:
    """Return every file of a remote output but ``_RUN.json``."""
    fs, inner = files.filesystem(folder)
    base = inner.rstrip("/") + "/"
    found = {name[len(base) :]: fs.cat_file(name) for name in fs.find(inner)}
    del found[manifest.RUN]
    return found


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of the small job on the local filesystem."""
    folder = tmp_path_factory.mktemp("local")
    source = write_table(numbers(), folder / "a.parquet")
    run_job(sums_job(source), output=str(folder / "out"), common=GO_ON)
    return folder


class TestJob:
    def test_all_remote_gives_the_local_bytes(self, store: str, local: Path) -> None:
        source = put(local / "a.parquet", f"{store}/in")
        common = Common(temp=f"{store}/temp", partitions=3, max_failure_rate=1.0)
        run_job(sums_job(source), output=f"{store}/out", common=common)
        assert fetch(f"{store}/out") == whole_folder(local / "out")
        assert files.list_files(f"{store}/temp") == []
        _, skipped = run_job(sums_job(source), output=f"{store}/out", common=common, skip_unchanged=True)
        assert skipped

    def test_a_new_commit_replaces_the_old_one(self, store: str, local: Path) -> None:
        job = sums_job(local / "a.parquet")
        first, _ = run_job(job, output=f"{store}/out", common=GO_ON)
        second, _ = run_job(sums_job(local / "a.parquet", version=2), output=f"{store}/out", common=GO_ON)
        assert first.run_key != second.run_key
        listed = {file.path for written in second.tables.values() for file in written}
        assert set(fetch(f"{store}/out")) == {*listed, manifest.MANIFEST}
        assert manifest.read_table(f"{store}/out", "sums").equals(manifest.read_table(str(local / "out"), "sums"))

    def test_a_failed_run_leaves_the_old_result_and_reasons(self, store: str, local: Path) -> None:
        run_job(sums_job(local / "a.parquet"), output=f"{store}/out", common=GO_ON)
        before = fetch(f"{store}/out")
        with pytest.raises(JobError, match="3 of 60 keys failed"):
            run_job(sums_job(local / "a.parquet", version=2), output=f"{store}/out", common=Common())
        after = fetch(f"{store}/out")
        assert b"negative" in after.pop("_FAILED/reason.txt")
        del after["_FAILED/failures.parquet"]
        assert after == before
        run_job(sums_job(local / "a.parquet", version=2), output=f"{store}/out", common=GO_ON)
        assert not files.exists(f"{store}/out/_FAILED")

    def test_what_a_killed_run_left_goes(self, store: str, local: Path) -> None:
        output = f"{store}/out"
        temp = recovery.temp_folder(output, "sums", None)
        for name in ("sums/part-00000-of-00001-dead.parquet", f"{temp.rsplit('/', 1)[1]}/report.json"):
            files.write_atomic(f"{output}/{name}", b"[]")
        run_job(sums_job(local / "a.parquet"), output=output, common=GO_ON)
        assert fetch(output) == whole_folder(local / "out")

    def test_a_folder_of_others_is_refused_and_left_alone(self, store: str, local: Path) -> None:
        files.write_atomic(f"{store}/out/diary.txt", b"dear")
        with pytest.raises(files.UsageError, match=r"holds 'diary\.txt', which sums did not write"):
            run_job(sums_job(local / "a.parquet"), output=f"{store}/out", common=GO_ON)
        assert files.read_bytes(f"{store}/out/diary.txt") == b"dear"

    def test_the_lock_is_put_once(self, store: str, local: Path) -> None:
        refused = pytest.raises(JobError, match=f"process {os.getpid()} on this machine")
        with lock.lock(f"{store}/out"), refused:
            run_job(sums_job(local / "a.parquet"), output=f"{store}/out", common=GO_ON)
        assert not files.exists(f"{store}/out/{lock.LOCK}")


class TestFiles:
    def test_move_list_remove(self, store: str) -> None:
        files.write_atomic(f"{store}/a/x", b"1")
        files.write_atomic(f"{store}/a/y", b"2")
        files.move(f"{store}/a/x", f"{store}/a/y")
        assert [path.rsplit("/", 1)[-1] for path in files.list_files(f"{store}/a")] == ["y"]
        assert files.read_bytes(f"{store}/a/y") == b"1"
        assert files.is_folder(f"{store}/a")
        files.remove(f"{store}/a/y")
        files.remove(f"{store}/a/y")
        assert not files.exists(f"{store}/a/y")

    def test_what_another_client_changed_is_seen(self, store: str) -> None:
        """A listing that is kept would show a table as it was."""
        files.write_atomic(f"{store}/seen/a", b"1")
        assert len(files.list_files(f"{store}/seen")) == 1
        fs, inner = fsspec.core.url_to_fs(f"{store}/seen/b", skip_instance_cache=True)
        fs.pipe_file(inner, b"2")
        assert len(files.list_files(f"{store}/seen")) == 2


class TestClicksToLabels:
    """Log, evidence, collection, labels and what lies between: all remote, the same files."""

    def test_the_same_files(self, store: str, log_file: Path, evidence: Path, tmp_path: Path) -> None:
        ids = sorted(planted_intents())
        collection = write_table(pa.table({"image_id": ids, "uri": ids}), tmp_path / "pictures.parquet")
        succeed(derive_labels.main, evidence=evidence, collection=collection, output=tmp_path / "labels")
        log = put(log_file, f"{store}/log")
        pictures = put(collection, f"{store}/collection")
        succeed(aggregate_clicks.main, clicks=log, output=f"{store}/evidence", temp=f"{store}/temp")
        assert fetch(f"{store}/evidence") == whole_folder(evidence)
        flags = {"collection": pictures, "temp": f"{store}/temp"}
        succeed(derive_labels.main, evidence=f"{store}/evidence", output=f"{store}/labels", **flags)
        assert fetch(f"{store}/labels") == whole_folder(tmp_path / "labels")
        succeed(derive_labels.main, clicks=log, output=f"{store}/again", **flags)
        assert fetch(f"{store}/again") == whole_folder(tmp_path / "labels")
        assert files.list_files(f"{store}/temp") == []

    def test_what_is_not_there_is_named(self, store: str, capsys: pytest.CaptureFixture[str]) -> None:
        flags = flags_of({"clicks": f"{store}/none", "output": f"{store}/out"})
        assert run_main(aggregate_clicks.main, flags) == EXIT_USAGE
        assert f"{store}/none is not there" in capsys.readouterr().err
