"""Squares by content: what was put comes back or is not there, never something else."""

import errno
import os
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from beam_jobs import extract_features
from beam_jobs.blocks import manifest
from beam_jobs.pictures import describe as describing
from beam_jobs.pictures import extract, pool
from beam_jobs.pictures.describe import describe
from beam_jobs.pictures.pixel_cache import PixelCache, Squares
from dedup.block_mean import HASH_VERSION
from tests.beam_jobs.conftest import data_files, succeed

SIDE = 8
BIG = 1 << 30


def squares(*seeds: int) -> tuple[list[bytes], Squares]:
    """Return invented sha256 and squares."""
    drawn = [np.random.default_rng(seed).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8) for seed in seeds]
    return [bytes([seed]) * 32 for seed in seeds], np.stack(drawn)


def cache_in(folder: Path, limit: int = BIG) -> PixelCache:
    cache = PixelCache(str(folder), side=SIDE, limit_bytes=limit)
    cache.refresh()
    return cache


def files_of(folder: Path) -> list[Path]:
    return sorted((folder / f"{HASH_VERSION}-{SIDE}").iterdir())


class TestCache:
    def test_what_was_put_comes_back_in_another_process_too(self, tmp_path: Path) -> None:
        digests, pixels = squares(1, 2, 3)
        first, late = cache_in(tmp_path), cache_in(tmp_path)
        first.put(digests, pixels)
        for cache in (first, cache_in(tmp_path)):
            found = cache.get([digests[2], b"?" * 32, digests[0]])
            assert found[1] is None
            assert np.array_equal(np.stack([found[0], found[2]]), pixels[[2, 0]])
        assert late.get(digests) == [None] * 3
        late.refresh()
        assert np.array_equal(np.stack(late.get(digests)), pixels)

    def test_the_same_squares_are_one_file(self, tmp_path: Path) -> None:
        for cache in (cache_in(tmp_path), cache_in(tmp_path)):
            cache.put(*squares(1, 2))
        assert len(files_of(tmp_path)) == 1

    @pytest.mark.parametrize("content", [b"", b"ARROW1\0\0", b"x" * 5000])
    def test_a_broken_file_is_not_there_and_is_written_again(self, tmp_path: Path, content: bytes) -> None:
        digests, pixels = squares(1, 2)
        cache_in(tmp_path).put(digests, pixels)
        whole = files_of(tmp_path)[0].read_bytes()
        files_of(tmp_path)[0].write_bytes(content)
        cache = cache_in(tmp_path)
        assert cache.get(digests) == [None, None]
        cache.put(digests, pixels)
        assert files_of(tmp_path)[0].read_bytes() == whole

    def test_a_changed_square_is_not_given(self, tmp_path: Path) -> None:
        digests, pixels = squares(1, 2)
        cache_in(tmp_path).put(digests, pixels)
        path = files_of(tmp_path)[0]
        content = bytearray(path.read_bytes())
        content[content.index(pixels[1].tobytes())] ^= 1
        path.write_bytes(content)
        found = cache_in(tmp_path).get(digests)
        assert np.array_equal(found[0], pixels[0])
        assert found[1] is None

    def test_files_that_go_while_they_are_known(self, tmp_path: Path) -> None:
        digests, pixels = squares(1, 2)
        cache = cache_in(tmp_path)
        cache.put(digests, pixels)
        files_of(tmp_path)[0].unlink()
        assert cache.get(digests) == [None, None]
        cache.refresh()
        assert cache.get(digests) == [None, None]

    def test_the_oldest_go_first(self, tmp_path: Path) -> None:
        sets = [squares(n, n + 100) for n in range(6)]
        cache = cache_in(tmp_path)
        cache.put(*sets[0])
        size = files_of(tmp_path)[0].stat().st_size
        bounded = cache_in(tmp_path, limit=3 * size)
        for each in sets[1:]:
            bounded.get(sets[0][0])  # used again and again
            bounded.put(*each)
        assert sum(path.stat().st_size for path in files_of(tmp_path)) <= 3 * size
        found = cache_in(tmp_path)
        kept = [n for n, (digests, _) in enumerate(sets) if any(square is not None for square in found.get(digests))]
        assert kept == [0, 4, 5]

    def test_nothing_else_in_the_folder_is_removed(self, tmp_path: Path) -> None:
        others = [tmp_path / "Downloads" / "thesis.tmp", tmp_path / "Downloads" / "data.arrow", tmp_path / "x.arrow"]
        others += [tmp_path / f"{HASH_VERSION}-{SIDE}" / "data.arrow", tmp_path / "v-8" / ".draft.tmp"]
        cache = cache_in(tmp_path, limit=1)
        for path in others:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(b"mine")
            os.utime(path, (0, 0))
        half = tmp_path / "v-8" / f".{'0' * 32}.arrow.01234567.tmp"
        half.write_bytes(b"of a kill")
        os.utime(half, (0, 0))
        cache.put(*squares(1))
        cache.refresh()
        assert [path.read_bytes() for path in others] == [b"mine"] * len(others)
        assert not half.exists()
        assert cache.get(squares(1)[0]) == [None]

    def test_a_folder_that_may_only_be_read_gives_what_it_has(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        digests, pixels = squares(1, 2)
        cache_in(tmp_path).put(digests, pixels)
        files_of(tmp_path)[0].with_name("0" * 32 + ".arrow").write_bytes(b"broken")

        def refused(*_: object, **__: object) -> None:
            raise OSError(errno.EROFS, "Read-only file system")

        for owner, name in ((os, "utime"), (os, "unlink"), (Path, "unlink"), (pa, "OSFile")):
            monkeypatch.setattr(owner, name, refused)
        cache = cache_in(tmp_path, limit=1)
        cache.put(*squares(3))
        assert np.array_equal(np.stack(cache.get(digests)), pixels)
        assert cache.get(squares(3)[0]) == [None]

    def test_a_folder_that_is_gone(self, tmp_path: Path) -> None:
        cache = cache_in(tmp_path / "cache")
        shutil.rmtree(tmp_path / "cache")
        cache.refresh()
        cache.put(*squares(1))
        assert cache.get(squares(1)[0]) == [None]

    def test_a_square_under_another_name_is_not_given(self, tmp_path: Path) -> None:
        digests, pixels = squares(1, 2)
        cache_in(tmp_path).put(digests, pixels)
        path = files_of(tmp_path)[0]
        path.write_bytes(path.read_bytes().replace(digests[0], b"?" * 32))
        assert cache_in(tmp_path).get([b"?" * 32]) == [None]

    def test_a_folder_that_cannot_be(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(ValueError, match="--pixel-cache"):
            PixelCache(str(tmp_path / "file"), side=SIDE, limit_bytes=BIG)


@pytest.mark.usefixtures("models")
class TestJob:
    def test_a_new_model_decodes_nothing_that_is_kept(
        self, album: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pool, "describe_all", lambda _, sources: describe(sources))
        flags = {"collection": album, "pixel_cache": tmp_path / "cache", "max_failure_rate": 1}
        succeed(extract_features.main, **flags, model="a-16", output=tmp_path / "a")
        full = tmp_path / "full"
        succeed(extract_features.main, collection=album, model="b-16", output=full)
        decoded: list[int] = []
        decode = describing.decode_image

        def counting(data: bytes, **limits: object) -> object:
            decoded.append(len(data))
            return decode(data, **limits)

        monkeypatch.setattr(describing, "decode_image", counting)
        extract._caches.clear()
        succeed(extract_features.main, **flags, previous=tmp_path / "a", model="b-16", output=tmp_path / "b")
        assert decoded == []
        assert data_files(tmp_path / "b") == data_files(full)
        # without the cache's files the pictures are decoded again, and kept again
        for path in (tmp_path / "cache").rglob("*.arrow"):
            path.write_bytes(b"broken")
        extract._caches.clear()
        succeed(extract_features.main, **flags, previous=tmp_path / "a", model="b-16", output=tmp_path / "c")
        assert len(decoded) == 6
        assert data_files(tmp_path / "c") == data_files(full)
        succeed(extract_features.main, **flags, previous=tmp_path / "a", model="c-16", output=tmp_path / "d")
        assert len(decoded) == 6
        assert manifest.require(str(tmp_path / "d"), "features").counters["rescored"] == 6
