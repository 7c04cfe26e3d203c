"""``image-intent demo --images``: a newcomer's own pictures, without torch, without a change to any of them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from beam_jobs.blocks import manifest
from beam_jobs.blocks.flags import EXIT_DONE, EXIT_USAGE, run_main
from beam_jobs.commands.main import dispatch
from tests.beam_jobs.folders import KOREAN_CP949, ORIGINALS, SCRIPT, contents, plant, write
from tests.test_without_torch import BLOCK_TORCH, ROOT


def test_own_pictures_without_torch(tmp_path: Path) -> None:
    pics = tmp_path / "pics"
    plant(pics)
    for name in (KOREAN_CP949, SCRIPT):
        write(pics / name, (pics / "b.png").read_bytes())
    (pics / "link.png").symlink_to("c.png")
    before = contents(pics)
    code = BLOCK_TORCH + "from beam_jobs.commands.main import main\nsys.argv[1:] = ['demo', '--images', 'pics']\nmain()"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == EXIT_DONE, done.stderr
    first, second, *intents, third = done.stdout.splitlines()
    assert all(line.startswith("What they are for: ") for line in intents)
    assert first == (
        "pics has 9 pictures (5 PNG, 2 JPEG, 1 BMP, 1 WEBP); of its files 5 cannot be read "
        "(2 empty, 1 not_an_image, 1 truncated, 1 unsupported)."
    )
    assert second.startswith("5 copies of other pictures in 2 groups, ")
    assert third.startswith("Open demo/images/report.html to look at them; ")
    page = (tmp_path / "demo/images/report.html").read_text(encoding="utf-8")
    for told in ("truncated", "drawing.svg", "bytes 1.000", "most true detail", "name is no UTF-8", "several frames"):
        assert (told in page) == (told != "several frames"), told
    assert "<script" not in page
    groups = manifest.read_table(str(tmp_path / "demo/images/find_duplicates"), "duplicates").to_pylist()
    assert {row["image_id"] for row in groups if row["group_id"] == ORIGINALS[0]} >= {ORIGINALS[0], "renamed.png"}
    assert contents(pics) == before


def test_a_demo_of_broken_pictures_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "pics/a.jpg", b"no picture")
    assert run_main(dispatch, ["demo", "--images", "pics"]) == EXIT_DONE
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first == "pics has 0 pictures (none); of its files 1 cannot be read (1 not_an_image)."
    assert second == "No picture is there twice."


def test_the_output_never_lies_among_the_pictures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    plant(tmp_path / "pics")
    os.chdir("pics")
    for flags, told in (
        (["--images", "."], "error: the output demo/images would lie in ., among your pictures"),
        (["--images", "b.png"], "error: --images b.png is no folder"),
        (["--images", "nowhere"], "error: --images nowhere is no folder"),
    ):
        assert run_main(dispatch, ["demo", *flags]) == EXIT_USAGE
        assert capsys.readouterr().err.startswith(told)
    assert not (tmp_path / "pics/demo").exists()
