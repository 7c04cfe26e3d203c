"""No odd file stops a run: each is a row or a failure with a reason."""

import functools
from pathlib import Path

import pytest

from beam_jobs import extract_features
from beam_jobs.blocks import manifest
from beam_jobs.pictures import describe as describing
from beam_jobs.pictures import pool
from beam_jobs.pictures.sandbox import Sandbox
from intent.images import list_image_files
from tests.beam_jobs.conftest import jpeg, photo, succeed
from tests.beam_jobs.pictures.crasher import describe_or_die

REASONS = {
    *("empty", "not_an_image", "unsupported", "truncated", "too_many_pixels", "too_small", "too_large"),
    *("decode_error", "not_found", "outside_collection", "remote_uri"),
    *("decoder_crash", "time_limit", "memory_limit"),
}


def test_a_decoder_that_dies_takes_no_other_picture_with_it(
    album: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a_crash.jpg", "hang.jpg", "eat.jpg", "sub/z_crash.jpg"):
        (album / name).write_bytes(jpeg(photo(1, 80, 60)))
    monkeypatch.setattr(describing, "describe", describe_or_die)
    monkeypatch.setattr(pool, "Sandbox", functools.partial(Sandbox, seconds=2.0))
    output = tmp_path / "out"
    flags = {"collection": album, "model": "none", "output": output, "max_failure_rate": 1, "workers": 2}
    succeed(extract_features.main, **flags)
    failures = manifest.read_table(str(output), "failures").to_pylist()
    assert {row["key"]: row["reason"] for row in failures} == {
        "a_crash.jpg": "decoder_crash",
        "sub/z_crash.jpg": "decoder_crash",
        "hang.jpg": "time_limit",
        "eat.jpg": "memory_limit",
        "broken.jpg": "truncated",
    }
    assert manifest.read_table(str(output), "features").num_rows == 6
    monkeypatch.undo()
    succeed(extract_features.main, **flags, previous=output)  # with a decoder that does not die
    counters = manifest.require(str(output), "features").counters
    assert (counters["again"], counters["reused"]) == (4, 7)
    assert manifest.read_table(str(output), "features").num_rows == 10


def test_all_odd_files_are_rows_or_failures(shared: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = shared / "odd_images"
    if not folder.is_dir():
        pytest.skip("no odd pictures on this machine")
    names, _ = list_image_files(folder)
    succeed(
        extract_features.main, collection=folder, model="none", output=tmp_path / "out", max_failure_rate=1, workers=2
    )
    features = manifest.read_table(str(tmp_path / "out"), "features")["image_id"].to_pylist()
    failures = manifest.read_table(str(tmp_path / "out"), "failures")
    assert sorted([*features, *failures["key"].to_pylist()]) == names
    assert set(failures["reason"].to_pylist()) <= REASONS
    assert len(features) >= 0.6 * len(names)
    said = capfd.readouterr().err
    assert all("extract_features" in line for line in said.splitlines()), said
