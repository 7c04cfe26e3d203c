"""Paths of any filesystem, and writes that are whole or absent."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beam_jobs.blocks import files
from beam_jobs.blocks.files import UsageError


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("b.csv", "a/c.csv", "a/_hidden.csv", ".dot.csv", "_private/d.csv", "a/e.parquet"):
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path / "tree"


class TestListFiles:
    def test_a_folder_gives_all_below_it_sorted_without_hidden_ones(self, tree: Path) -> None:
        found = [Path(path).relative_to(tree).as_posix() for path in files.list_files(str(tree))]
        assert found == ["a/c.csv", "a/e.parquet", "b.csv"]

    def test_a_slash_at_the_end_changes_nothing(self, tree: Path) -> None:
        assert files.list_files(f"{tree}/") == files.list_files(str(tree))

    def test_hidden_parents_of_the_folder_do_not_hide_it(self, tree: Path) -> None:
        assert [Path(p).name for p in files.list_files(str(tree / "_private"))] == ["d.csv"]

    def test_a_file_is_itself(self, tree: Path) -> None:
        assert files.list_files(str(tree / "b.csv")) == [str(tree / "b.csv")]

    def test_a_glob(self, tree: Path) -> None:
        assert {Path(path).name for path in files.list_files(f"{tree}/*/*.csv")} == {"c.csv", "d.csv"}

    def test_nothing_there(self, tree: Path) -> None:
        assert files.list_files(str(tree / "absent")) == []

    def test_another_filesystem_keeps_its_protocol(self) -> None:
        files.write_atomic("memory://listed/a/b.csv", b"x")
        assert files.list_files("memory://listed") == ["memory:///listed/a/b.csv"]
        assert files.read_bytes("memory:///listed/a/b.csv") == b"x"

    def test_an_unknown_filesystem_names_the_path(self) -> None:
        with pytest.raises(UsageError, match=r"nowhere://x.*install"):
            files.list_files("nowhere://x")


class TestWriteAtomic:
    @given(st.binary(max_size=200))
    def test_reads_back_and_leaves_nothing_else(self, content: bytes) -> None:
        files.write_atomic("memory://atomic/file", content)
        assert files.read_bytes("memory://atomic/file") == content

    def test_replaces_whole_files_and_makes_folders(self, tmp_path: Path) -> None:
        path = tmp_path / "new" / "deep" / "file"
        files.write_atomic(str(path), b"old")
        files.write_atomic(str(path), b"new")
        assert [p.name for p in path.parent.iterdir()] == ["file"]
        assert path.read_bytes() == b"new"

    def test_a_failed_write_leaves_the_old_file_alone(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = tmp_path / "file"
        path.write_bytes(b"old")

        def full(descriptor: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(files.os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            files.write_atomic(str(path), b"new")
        assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("file", b"old")]


def test_join_needs_no_care_about_slashes() -> None:
    assert files.join("a/", "b") == files.join("a", "b") == "a/b"
    assert files.join("/", "b") == "/b"
    assert files.join("s3://bucket", "b", "c") == "s3://bucket/b/c"


def test_remove_what_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    files.remove(str(tmp_path / "file"))
    files.remove(str(tmp_path / "file"))
    assert not list(tmp_path.iterdir())


def test_sha256_of_more_than_one_piece(tmp_path: Path) -> None:
    content = b"x" * ((1 << 20) + 7)
    (tmp_path / "file").write_bytes(content)
    assert files.sha256_of(str(tmp_path / "file")) == hashlib.sha256(content).hexdigest()


class TestCheckWritable:
    def test_what_can_be_written_passes_and_nothing_is_made(self, tmp_path: Path) -> None:
        for name in ("page.html", "new/deep/page.html"):
            files.check_writable("--report", str(tmp_path / name))
        files.check_writable("--report", "memory://bucket/page.html")
        assert not list(tmp_path.iterdir())

    def test_what_cannot_is_said_with_flag_and_path(self, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(UsageError, match=r"--report .*tree is a folder; name a file"):
            files.check_writable("--report", str(tree))
        with pytest.raises(UsageError, match=r"b\.csv is a file, not a folder"):
            files.check_writable("--report", str(tree / "b.csv" / "page.html"))
        monkeypatch.setattr("os.access", lambda path, mode: False)
        with pytest.raises(UsageError, match=r"may not be written to; choose another file"):
            files.check_writable("--report", str(tree / "page.html"))
