"""From uris to bytes: what may be read, from where, and how much of it."""

import errno
import os
from pathlib import Path

import pyarrow as pa
import pytest

from beam_jobs import extract_features
from beam_jobs.blocks import files, manifest
from beam_jobs.pictures import listing
from beam_jobs.pictures.sources import read_local, read_remote, relative_uri
from intent.images import ImageError, ImageLimits, list_image_files
from tests.beam_jobs.blocks.test_remote import put
from tests.beam_jobs.conftest import data_files, succeed, write_table

LIMITS = ImageLimits(max_bytes=100)


def reason(root: Path | str, uri: str, limits: ImageLimits = LIMITS) -> str:
    with pytest.raises(ImageError) as caught:
        read_local(str(root), uri, limits=limits)
    return caught.value.reason


class TestLocal:
    def test_bytes_of_files_inside(self, tmp_path: Path) -> None:
        (tmp_path / "sub").mkdir()
        (tmp_path / "sub" / "a.jpg").write_bytes(b"abc")
        (tmp_path / "link.jpg").symlink_to("sub/a.jpg")
        whole = str(tmp_path / "sub" / "a.jpg")
        for uri in ("sub/a.jpg", "sub/../sub/a.jpg", "link.jpg", whole, f"file://{whole}"):
            assert read_local(str(tmp_path), uri, limits=LIMITS) == b"abc"
        assert read_local(f"file://{tmp_path}", "sub/a.jpg", limits=LIMITS) == b"abc"

    def test_nothing_leaves_the_folder(self, tmp_path: Path) -> None:
        inside, outside = tmp_path / "in", tmp_path / "in-secret"
        for folder in (inside, outside):
            folder.mkdir()
            (folder / "a.jpg").write_bytes(b"abc")
        (inside / "link.jpg").symlink_to(outside / "a.jpg")
        (inside / "folder").symlink_to(outside)
        secret = str(outside / "a.jpg")
        for uri in ("../in-secret/a.jpg", secret, f"file://{secret}", "link.jpg", "folder/a.jpg"):
            assert reason(inside, uri) == "outside_collection", uri
            assert listing.stamp_uris(str(inside), pa.array(["x"]), [uri])["size"].to_pylist() == [None], uri

    def test_what_is_no_file_here(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe.jpg")
        assert reason(tmp_path, "http://host/a.jpg") == "remote_uri"
        assert reason(tmp_path, "https://host/a.jpg") == "remote_uri"
        assert reason(tmp_path, "s3://bucket/a.jpg") == "remote_uri"
        for uri in ("", "a\0.jpg", "none.jpg", ".", "pipe.jpg", "n" * 5000):
            assert reason(tmp_path, uri) == "not_found", uri

    def test_too_large_is_seen_before_it_is_read(self, tmp_path: Path) -> None:
        with (tmp_path / "huge.jpg").open("wb") as file:
            file.truncate(1 << 40)  # it would fill the memory
        assert reason(tmp_path, "huge.jpg") == "too_large"


class TestRemote:
    def test_names_below_the_root(self) -> None:
        root = "s3://bucket/coll"
        assert relative_uri(root, "sub/a b.jpg") == "sub/a b.jpg"
        assert relative_uri(root, "s3://bucket/coll/sub/a.jpg") == "sub/a.jpg"

    @pytest.mark.parametrize(
        ("root", "uri", "expected"),
        [
            ("s3://bucket/coll", "s3://bucket/coll-2/a.jpg", "outside_collection"),
            ("s3://bucket/coll", "s3://bucket/coll/../a.jpg", "outside_collection"),
            ("s3://bucket/coll", "s3://other/coll/a.jpg", "outside_collection"),
            ("s3://bucket/coll", "../a.jpg", "outside_collection"),
            ("s3://bucket/coll", "/coll/a.jpg", "outside_collection"),
            ("s3://bucket/coll", "gs://bucket/coll/a.jpg", "remote_uri"),
            ("s3://bucket/coll", "file:///etc/passwd", "remote_uri"),
            ("s3://bucket/coll", "https://host/a.jpg", "remote_uri"),
            ("https://host/coll", "a.jpg", "remote_uri"),
            ("https://host/coll", "https://host/coll/a.jpg", "remote_uri"),
            ("s3://bucket/coll", "", "not_found"),
            ("s3://bucket/coll", "sub/", "not_found"),
        ],
    )
    def test_refused(self, root: str, uri: str, expected: str) -> None:
        with pytest.raises(ImageError) as caught:
            relative_uri(root, uri)
        assert caught.value.reason == expected

    def test_bounded_bytes_in_order(self, store: str) -> None:
        for name, content in (("a.jpg", b"abc"), ("b*.jpg", b"star"), ("empty.jpg", b""), ("big.jpg", b"x" * 500)):
            files.write_atomic(f"{store}/{name}", content)
        uris = ["b*.jpg", "none.jpg", "a.jpg", "../a.jpg", "empty.jpg", "empty.jpg", "big.jpg", "big.jpg"]
        sizes = [4, None, None, 3, 0, None, 500, None]
        found = read_remote(store, uris, sizes=sizes, limits=LIMITS)
        told = [each.reason if isinstance(each, ImageError) else each for each in found]
        big = b"x" * 101  # one byte more than allowed says enough
        assert told == [b"star", "not_found", b"abc", "outside_collection", b"", b"", "too_large", big]


class TestListing:
    def test_a_walk_finds_what_the_plain_listing_finds(self, album: Path) -> None:
        (album / ".hidden").mkdir()
        for name in (".hidden/a.jpg", ".b.jpg", "c.jpg", "z.CSV", "sub/Ä.png", "noending"):
            (album / name).write_bytes(b"1")
        (album / "inner.jpg").symlink_to("c.jpg")
        (album / "dead.jpg").symlink_to("nowhere")
        (album / "folder.jpg").symlink_to("sub")
        (album / os.fsdecode(b"\xff.jpg")).write_bytes(b"1")
        names, ignored = list_image_files(album)
        found = listing.list_folder(str(album))
        assert found.pictures["image_id"].to_pylist() == names
        assert found.ignored == len(ignored)
        assert found.lost == ["a name that is not UTF-8: '\\udcff.jpg'"]
        assert not found.tables
        stamps = {row["image_id"]: row for row in found.pictures.to_pylist()}
        stat = (album / "c.jpg").stat()
        assert stamps["inner.jpg"] == {
            "image_id": "inner.jpg", "size": 1, "modified": stat.st_mtime_ns, "etag": None
        }  # fmt: skip
        ids = found.pictures["image_id"]
        assert listing.stamp_uris(str(album), ids, ids.to_pylist()).equals(found.pictures)

    def test_a_link_out_of_the_folder_has_no_stamp(self, album: Path, tmp_path: Path) -> None:
        (tmp_path / "secret.jpg").write_bytes(b"1")
        (album / "link.jpg").symlink_to(tmp_path / "secret.jpg")
        rows = {row["image_id"]: row for row in listing.list_folder(str(album)).pictures.to_pylist()}
        assert rows["link.jpg"]["size"] is None
        assert rows["0.jpg"]["size"]

    def test_a_store_tells_sizes_and_versions(self, store: str) -> None:
        put_all = {"a/x.jpg": b"1", "a/y.jpg": b"22", "a/n.txt": b"3", "a/.h/z.jpg": b"4"}
        for name, content in put_all.items():
            files.write_atomic(f"{store}/{name}", content)
        found = listing.list_folder(store)
        assert found.pictures["image_id"].to_pylist() == ["a/x.jpg", "a/y.jpg"]
        assert found.pictures["size"].to_pylist() == [1, 2]
        assert found.ignored == 2
        uris = ["a/y.jpg", f"{store}/a/x.jpg", "a/none.jpg", "http://host/x.jpg", None]
        stamps = listing.stamp_uris(store, pa.array(list("vwxyz")), uris)
        assert stamps["size"].to_pylist() == [2, 1, None, None, None]
        versions = stamps["etag"] if store.startswith("s3") else stamps["modified"]
        assert None not in versions.to_pylist()[:2]
        files.write_atomic(f"{store}/a/x.jpg", b"9")
        assert listing.digest(listing.list_folder(store).pictures) != listing.digest(found.pictures)


class TestJob:
    def test_what_cannot_be_listed_is_told(
        self, album: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        scan = os.scandir

        def refusing(path: str | Path) -> object:
            if str(path).rstrip("/").endswith(closed):
                raise PermissionError(errno.EACCES, "Permission denied", path)
            return scan(path)

        monkeypatch.setattr(listing.os, "scandir", refusing)
        flags = {"collection": album, "output": tmp_path / "out", "model": "none", "max_failure_rate": 1}
        closed = "sub"
        succeed(extract_features.main, **flags)
        assert (
            f"warning: {album}: cannot read 1 of its files and folders, which are left out: Permission denied: 'sub/'\n"
            in capsys.readouterr().err
        )
        assert manifest.require(str(tmp_path / "out"), "features").rows("features") == 3
        closed = "album"
        argv = ["--collection", str(album), "--output", str(tmp_path / "none"), "--model", "none"]
        with pytest.raises(files.UsageError, match="1 that cannot be read: Permission denied"):
            extract_features.main(argv)

    def test_a_remote_folder_gives_the_local_features(self, store: str, album: Path, tmp_path: Path) -> None:
        put(album, f"{store}/album")
        succeed(extract_features.main, collection=album, output=tmp_path / "local", model="none")
        flags = {"collection": f"{store}/album", "model": "none"}
        succeed(extract_features.main, **flags, output=tmp_path / "out")
        local, remote = data_files(tmp_path / "local"), data_files(tmp_path / "out")
        sources = "sources/part-00000-of-00001"
        assert local.pop(sources) != remote.pop(sources)  # another time
        assert remote == local
        succeed(extract_features.main, **flags, output=tmp_path / "again", previous=tmp_path / "out")
        assert manifest.require(str(tmp_path / "again"), "features").counters["reused"] == 7
        assert data_files(tmp_path / "again") == data_files(tmp_path / "out")

    def test_uris_in_a_remote_table(self, store: str, album: Path, tmp_path: Path) -> None:
        put(album, f"{store}/coll")
        uris = ["0.jpg", f"{store}/coll/sub/1.jpg", f"{store}/2.jpg", "../2.jpg", "https://host/2.jpg", "none.jpg"]
        table = write_table(pa.table({"image_id": list("abcdef"), "uri": uris}), tmp_path / "images.parquet")
        put(table, f"{store}/coll")
        flags = {"collection": f"{store}/coll/images.parquet", "output": tmp_path / "out", "model": "none"}
        succeed(extract_features.main, **flags, max_failure_rate=1)
        assert manifest.read_table(str(tmp_path / "out"), "features")["image_id"].to_pylist() == ["a", "b"]
        failures = manifest.read_table(str(tmp_path / "out"), "failures")
        assert dict(zip(failures["key"].to_pylist(), failures["reason"].to_pylist(), strict=True)) == {
            "c": "outside_collection",
            "d": "outside_collection",
            "e": "remote_uri",
            "f": "not_found",
        }
