"""``image-intent dedup`` and ``folder`` on folders as newcomers have them, through the real command."""

import errno
import json
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from beam_jobs.blocks.flags import EXIT_DONE, EXIT_FAILED, EXIT_USAGE, run_main
from beam_jobs.commands.main import dispatch
from beam_jobs.folder import copies
from beam_jobs.folder.copies import KEY_FIELDS, TIE, poorer
from beam_jobs.folder.listing import EXTENSION, HARD_LINK, HIDDEN, LINK, SPECIAL, list_paths
from beam_jobs.folder.look import look_at
from beam_jobs.folder.move import NO_HARD_LINKS
from dedup.best_copy import copy_keys
from dedup.find import find_duplicates
from dedup.tables import DUPLICATES
from intent.images import ImageError, check_image, decode_image
from tests.beam_jobs.folders import ESCAPE, KOREAN_CP949, ORIGINALS, SCRIPT, contents, plant, write
from tests.dedup.pictures import encoded, photo

COPIES_OF_SEA = {
    "renamed.png": "bytes",
    "more/other.bmp": "pixels",
    "more/web.jpg": "hash",
    "more/small.webp": "hash",
}

EXPECTED = """\
4 pictures in 5 files, 56 KB
┏━━━━━━━━┳━━━━━━━━━━┳━━━━━━━┳━━━━━━━━━━━━━┳━━━━━━━━━┓
┃ format ┃ pictures ┃ bytes ┃ median size ┃ largest ┃
┡━━━━━━━━╇━━━━━━━━━━╇━━━━━━━╇━━━━━━━━━━━━━╇━━━━━━━━━┩
│ BMP    │        4 │ 56 KB │     128×128 │ 128×128 │
└────────┴──────────┴───────┴─────────────┴─────────┘
Files that are no readable pictures
┏━━━━━━━┳━━━━━━━━┳━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━┓
┃ files ┃ reason ┃ means           ┃ such as   ┃
┡━━━━━━━╇━━━━━━━━╇━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━┩
│     1 │ empty  │ no bytes at all │ empty.jpg │
└───────┴────────┴─────────────────┴───────────┘
Not looked at
┏━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━┓
┃ files ┃ reason                 ┃ such as   ┃
┡━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━┩
│     1 │ no picture by its name │ notes.txt │
└───────┴────────────────────────┴───────────┘
exact copies: 2, 34 KB could be freed
further copies by pixels and hash: 1, 5.1 KB could be freed

1. 3 copies, 39 KB
   best         128×128  BMP  17 KB   most true detail     pics/a/x.bmp
   bytes 1.000  128×128  BMP  17 KB   as good, later name  pics/b.bmp
   bytes 1.000  128×128  BMP  17 KB   as good, later name  pics/c.bmp
   hash 1.000   64×64    BMP  5.1 KB  less true detail     pics/small.bmp
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    plant(tmp_path / "pics")
    return tmp_path / "pics"


def run(*argv: object, code: int = EXIT_DONE) -> None:
    assert run_main(dispatch, list(map(str, argv))) == code


def rows(capsys: pytest.CaptureFixture[str], *argv: object) -> list[dict[str, Any]]:
    capsys.readouterr()
    run(*argv, "--json")
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def error(capsys: pytest.CaptureFixture[str], *argv: object) -> str:
    capsys.readouterr()
    run(*argv, code=EXIT_USAGE)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert len(captured.err.splitlines()) == 1
    return captured.err.removeprefix("error: ").rstrip("\n")


def test_planted_copies_are_found_with_their_reasons(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = contents(folder)
    found = rows(capsys, "dedup", folder)
    grouped = [row for row in found if "group_id" in row]
    assert set(grouped[0]) == {*DUPLICATES.names, "path"}
    assert {row["image_id"]: row["reason"] for row in grouped if row["group_id"] == ORIGINALS[0]} == {
        ORIGINALS[0]: None,
        **COPIES_OF_SEA,
    }
    assert sum(row["is_representative"] for row in grouped) == len(grouped) - len(COPIES_OF_SEA) == 4
    assert all(row["path"] == str(folder / row["image_id"]) for row in grouped)
    failures = {row["key"]: row["reason"] for row in found if "stage" in row}
    assert failures == {
        "cut.jpg": "truncated",
        "empty.jpg": "empty",
        "also-empty.jpg": "empty",
        "text.png": "not_an_image",
        "drawing.svg": "unsupported",
    }
    assert contents(folder) == before


def test_the_text_is_what_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    levels = np.random.default_rng(1).integers(0, 255, (16, 16)).astype(np.uint8)
    squares = Image.fromarray(np.kron(levels, np.ones((8, 8), np.uint8)))
    data = encoded(squares, "BMP")
    for name in ("b.bmp", "a/x.bmp", "c.bmp"):
        write(tmp_path / "pics" / name, data)
    write(tmp_path / "pics/small.bmp", encoded(squares.resize((64, 64), Image.Resampling.BOX), "BMP"))
    write(tmp_path / "pics/empty.jpg", b"")
    write(tmp_path / "pics/notes.txt", b"notes")
    run("dedup", "pics")
    captured = capsys.readouterr()
    assert [line.rstrip() for line in captured.out.splitlines()] == EXPECTED.splitlines()
    assert captured.err == "3 copies in 1 group, 39 KB could be freed\n"
    run("dedup", "pics", "--exact")
    assert capsys.readouterr().out.splitlines()[-4:] == [
        "1. 2 copies, 34 KB",
        "   best         128×128  BMP  17 KB  all as good, first by name  pics/a/x.bmp",
        "   bytes 1.000  128×128  BMP  17 KB  as good, later name         pics/b.bmp",
        "   bytes 1.000  128×128  BMP  17 KB  as good, later name         pics/c.bmp",
    ]


def test_a_table_of_the_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "link.png").symlink_to(folder / "b.png")
    os.link(folder / "b.png", folder / "z.png")
    os.mkfifo(folder / "pipe.png")
    before = contents(folder / "more")
    found = rows(capsys, "folder", folder)
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for row in found:
        by_kind.setdefault(row.pop("kind"), []).append(row)
    formats = {row["format"]: (row["files"], row["largest_width"], row["largest_height"]) for row in by_kind["format"]}
    assert formats == {"PNG": (4, 640, 480), "JPEG": (2, 640, 480), "BMP": (1, 640, 480), "WEBP": (1, 320, 240)}
    assert {row["reason"]: (row["files"], row["examples"]) for row in by_kind["failures"]} == {
        "empty": (2, ["also-empty.jpg", "empty.jpg"]),
        "not_an_image": (1, ["text.png"]),
        "truncated": (1, ["cut.jpg"]),
        "unsupported": (1, ["drawing.svg"]),
    }
    assert {row["reason"]: row["examples"] for row in by_kind["ignored"]} == {
        EXTENSION: ["notes.txt"],
        HIDDEN: [".thumbnails/"],
        LINK: ["link.png"],
        HARD_LINK: ["z.png"],
        SPECIAL: ["pipe.png"],
    }
    size = (folder / "renamed.png").stat().st_size
    assert by_kind["total"] == [
        {
            "files": 13,
            "bytes": sum(found.size for found in list_paths([str(folder)]).files),
            "pictures": 8,
            "misnamed": 1,
            "exact_copies": 1,
            "exact_copies_bytes": size,
        }
    ]
    assert contents(folder / "more") == before
    run("folder", folder)
    text = capsys.readouterr().out
    assert "1 picture in another format than the name says: really.png is JPEG\n" in text
    assert text.endswith(f"exact copies: 1, {size / 1024:.0f} KB could be freed\n")


def test_one_line_where_there_is_nothing_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert error(capsys, "dedup", empty) == f"'{empty}': no pictures there, it is empty; give a folder with pictures"
    write(empty / "a.txt", b"text")
    assert "no pictures there, only 1 ignored (no picture by its name)" in error(capsys, "folder", empty)
    assert error(capsys, "dedup", empty / "a.txt") == (
        f"'{empty / 'a.txt'}' is no readable picture (not_an_image: text that starts with b'text'); "
        "give pictures or folders of pictures"
    )
    assert "is not there; give pictures" in error(capsys, "dedup", tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe")
    assert "neither a file nor a folder" in error(capsys, "dedup", tmp_path / "pipe")
    assert "is not there" in error(capsys, "dedup", "new\nline\x1b[2J")
    assert "--yes goes with --move-into" in error(capsys, "dedup", empty, "--yes")


def test_a_folder_that_may_not_be_read_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = os.scandir

    def refuse(path: str) -> Any:
        if str(path).endswith(("more", "locked")):
            raise PermissionError(13, "Permission denied")
        return scan(path)

    (folder / "locked").mkdir()
    monkeypatch.setattr(os, "scandir", refuse)
    assert "cannot be read: Permission denied; give a folder" in error(capsys, "dedup", folder / "locked")
    run("folder", folder)
    out = capsys.readouterr().out
    assert "cannot be read: locked (Permission denied)\ncannot be read: more (Permission denied)\n" in out


def test_several_paths_overlap_and_a_file_is_listed_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = rows(capsys, "dedup", "pics/more", "pics/renamed.png", "pics", "--exact")
    paths = [row["path"] for row in found if "group_id" in row]
    assert len(paths) == len(set(paths))
    assert {
        row["image_id"]: row["reason"] for row in found if row.get("group_id") == ORIGINALS[0].join(["pics/", ""])
    } == {
        "pics/holiday/sea.png": None,
        "pics/renamed.png": "bytes",
    }


def test_names_that_a_terminal_a_page_or_a_shell_would_obey(
    folder: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    names = [SCRIPT, ESCAPE, KOREAN_CP949, "-rf.png"]
    for name in names:
        write(folder / name.replace("/", "_"), (folder / "b.png").read_bytes())
    run("dedup", folder, "--report", tmp_path / "page.html")
    captured = capfdbinary.readouterr()
    for stream in (captured.out, captured.err):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]", stream.decode("utf-8"))
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", page)
    run("dedup", folder, "--json")
    lines = capfdbinary.readouterr().out.decode("utf-8").splitlines()
    assert all(line.isprintable() for line in lines)
    paths = {os.fsencode(row["path"]) for row in map(json.loads, lines) if row.get("is_representative") is False}
    os.chdir(folder)
    run("dedup", ".", "--print0")
    *removable, rest = capfdbinary.readouterr().out.split(b"\0")
    assert rest == b""
    assert {os.path.join(os.fsencode(folder), os.path.relpath(path, b".")) for path in removable} == paths
    assert all(path.startswith(b"./") and os.path.exists(path) for path in removable)
    assert len(removable) == len(names) + len(COPIES_OF_SEA)


def test_a_page_shows_groups_and_replaces_nothing_else(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"
    run("dedup", folder, "--report", page)
    assert capsys.readouterr().err.endswith(f"; open {page} to look at them\n")
    first = page.read_text(encoding="utf-8")
    assert first.count('src="data:image/webp;base64,') == 5
    assert first.count(">best<") == 1
    assert "it has no colour" not in first
    for reason in ("bytes 1.000", "pixels 1.000", "truncated", "not_an_image", "drawing.svg", "notes.txt"):
        assert reason in first
    assert not re.findall(r'(?:src|href)="(?!data:|#)', first)
    run("dedup", folder, "--report", page)
    assert page.read_text(encoding="utf-8") == first
    capsys.readouterr()
    picture = folder / "b.png"
    before = picture.read_bytes()
    assert "is there and is no page" in error(capsys, "dedup", folder, "--report", picture)
    assert picture.read_bytes() == before
    assert "is a folder" in error(capsys, "dedup", folder, "--report", tmp_path)
    assert "is not there; make it first" in error(capsys, "dedup", folder, "--report", tmp_path / "no/page.html")


def test_copies_are_moved_only_when_told_and_never_over_a_file(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(tmp_path)
    run("dedup", "pics", "--move-into", "away")
    captured = capsys.readouterr()
    assert captured.err.startswith("would move 4 copies, ")
    planned = dict(line.split(" -> ") for line in captured.out.splitlines())
    assert all(target == source.replace("pics/", "away/", 1) for source, target in planned.items())
    assert contents(tmp_path) == before
    assert "lies in pics" in error(capsys, "dedup", "pics", "--move-into", "pics/away")
    taken = next(iter(planned.values()))
    write(tmp_path / taken, b"mine")
    assert "is there already" in error(capsys, "dedup", "pics", "--move-into", "away", "--yes")
    assert (tmp_path / taken).read_bytes() == b"mine"
    (tmp_path / taken).unlink()
    run("dedup", "pics", "--move-into", "away", "--yes")
    after = contents(tmp_path)
    assert {name.replace(str(tmp_path), ""): data for name, data in after.items()} == {
        "/" + planned.get(key, key): data
        for key, data in ((name.replace(f"{tmp_path}/", ""), data) for name, data in before.items())
    }


def test_a_name_taken_or_a_file_changed_meanwhile_stays(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    link = os.link

    def taken(source: str, target: str, **options: Any) -> None:
        write(Path(target), b"mine")
        link(source, target, **options)

    monkeypatch.setattr(os, "link", taken)
    before = contents(folder)
    run("dedup", "pics", "--move-into", "away", "--yes", code=EXIT_FAILED)
    assert "0 of 4 copies were moved" in capsys.readouterr().err
    assert contents(folder) == before


@pytest.mark.parametrize("code", sorted(NO_HARD_LINKS))
def test_copies_are_moved_where_there_are_no_hard_links(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "link", refused)
    before = sorted(contents(folder).values())
    run("dedup", "pics", "--move-into", "away", "--yes")
    assert "moved 4 copies into away" in capsys.readouterr().err
    moved = contents(folder.parent / "away")
    assert len(moved) == 4
    assert sorted([*contents(folder).values(), *moved.values()]) == before


def test_without_hard_links_no_file_is_lost_or_replaced(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken(source: str, target: str, **_: Any) -> None:
        write(Path(target), b"mine")
        raise OSError(errno.EPERM, "no")

    def across(source: str, target: str) -> None:
        raise OSError(errno.EXDEV, "another disk")

    before = contents(folder)
    monkeypatch.setattr(os, "link", taken)
    capsys.readouterr()
    run("dedup", "pics", "--move-into", "away", "--yes", code=EXIT_FAILED)
    assert "on the same disk" not in capsys.readouterr().err
    assert list(contents(folder.parent / "away").values()) == [b"mine"]
    monkeypatch.setattr(os, "link", lambda *_, **__: across("", ""))
    monkeypatch.setattr("beam_jobs.folder.move.NO_HARD_LINKS", {errno.EXDEV})
    monkeypatch.setattr(os, "replace", across)
    run("dedup", "pics", "--move-into", "off", "--yes", code=EXIT_FAILED)
    assert "0 of 4 copies were moved; a folder on the same disk" in capsys.readouterr().err
    assert contents(folder.parent / "off") == {}
    assert contents(folder) == before


def test_two_copies_of_one_name(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = (folder / "b.png").read_bytes()
    for place in ("1/p/x.png", "2/p/x.png", "0.png"):
        write(folder.parent / place, picture)
    paths = [folder.parent / place for place in ("0.png", "1/p", "2/p")]
    assert "two copies would be away/p/x.png" in error(capsys, "dedup", *paths, "--move-into", "away", "--yes")


def test_a_page_or_animation_is_a_copy_only_by_its_bytes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second, third = (photo(number) for number in range(3))
    write(tmp_path / "a.gif", encoded(first.quantize(64), "GIF", save_all=True, append_images=[second.quantize(64)]))
    write(tmp_path / "b.gif", encoded(first.quantize(64), "GIF", save_all=True, append_images=[third.quantize(64)]))
    write(tmp_path / "c.gif", (tmp_path / "a.gif").read_bytes())
    write(tmp_path / "still.gif", encoded(first.quantize(64), "GIF"))
    write(tmp_path / "scan1.tif", encoded(first, "TIFF", save_all=True, append_images=[second]))
    write(tmp_path / "scan2.tif", encoded(first, "TIFF", save_all=True, append_images=[third]))
    found = rows(capsys, "dedup", tmp_path)
    assert [(row["image_id"], row["group_id"], row["reason"]) for row in found if not row["is_representative"]] == [
        ("c.gif", "a.gif", "bytes")
    ]
    run("dedup", tmp_path)
    assert "5 pictures have several frames or pages: compared by bytes alone" in capsys.readouterr().out


@pytest.mark.parametrize(
    "kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF", "PPM", "TGA", "JPEG2000", "AVIF", "PCX", "SGI"]
)
def test_every_format_is_named_and_found_again(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = photo(3).quantize(128) if kind == "GIF" else photo(3)
    write(tmp_path / "original.png", encoded(photo(3), "PNG"))
    write(tmp_path / "other.png", encoded(photo(4), "PNG"))
    write(tmp_path / "copy", encoded(picture, kind))
    found = {row["image_id"]: row["group_id"] for row in rows(capsys, "dedup", tmp_path)}
    assert found["copy"] == found["original.png"] != found["other.png"]
    formats = {row["format"]: row["files"] for row in rows(capsys, "folder", tmp_path) if row["kind"] == "format"}
    assert formats == ({"PNG": 3} if kind == "PNG" else {"PNG": 2, kind: 1})


@pytest.mark.parametrize(
    "copy", ["sea (1).jpg", "sea - Copy.jpg", "sea copy 2.jpg", "a/sea - 복사본 (2).jpg", "sea_copy.jpg"]
)
def test_the_name_that_no_file_manager_made_is_kept(
    copy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in (copy, "sea.jpg"):
        write(tmp_path / name, encoded(photo(1, 320, 240), "JPEG"))
    assert run_main(dispatch, ["dedup", str(tmp_path), "--json"]) == EXIT_DONE
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {row["image_id"] for row in rows if row.get("is_representative")} == {"sea.jpg"}


def test_equal_broken_files_are_exact_copies_but_empty_ones_are_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.heic", "b.heic"):
        write(tmp_path / name, b"\0\0\0\x18ftypheic" + bytes(500))
    for name in ("c.jpg", "d.jpg"):
        write(tmp_path / name, b"")
    total = rows(capsys, "folder", tmp_path)[-1]
    assert (total["exact_copies"], total["exact_copies_bytes"]) == (1, 512)
    pairs = {row["image_id"]: row["group_id"] for row in rows(capsys, "dedup", tmp_path) if "group_id" in row}
    assert pairs == {"a.heic": "a.heic", "b.heic": "a.heic"}


def test_the_best_copy_says_why() -> None:
    """Pins the layout of `copy_keys`, field by field."""
    base = {"has_border": False, "effective_pixels": 10**6, "jpeg_quality": 90, "width": 1000, "height": 1000}
    colour, grey = bytes([200] * 32), bytes([128] * 32)
    worse: list[dict[str, Any]] = [
        {"has_border": True},
        {"effective_pixels": 10**5},
        {"chroma": grey},
        {"jpeg_quality": 80},
        {"width": 999},
        {},
    ]
    table = pa.Table.from_pylist([{"chroma": colour, **base, **change} for change in worse])
    best, keys = int(copy_keys(table)[-1]), copy_keys(table).tolist()
    assert [poorer(best, key) for key in keys] == [*(told for _, _, told, _ in KEY_FIELDS), TIE]


def test_a_quick_look_judges_as_a_decode_does(shared: Path) -> None:
    """Formats, sizes and reasons of the odd pictures are those of the full decode."""
    differ = []
    for path in sorted((shared / "odd_images").rglob("*"))[::3]:
        if path.is_file():
            data = path.read_bytes()
            try:
                image = decode_image(data)
                full: object = (image.format, image.width, image.height)
            except ImageError as refused:
                full = refused.reason
            try:
                quick: object = check_image(data)
            except ImageError as refused:
                quick = refused.reason
            if full != quick and data:
                differ.append((path.name, full, quick))
    assert differ == []


def test_workers_change_nothing(folder: Path) -> None:
    files = list_paths([str(folder)]).files * 3
    assert look_at(files, workers=1).equals(look_at(files, workers=4))
    counted: list[int] = []
    look_at(files, quick=True, workers=2, advance=counted.append)
    assert sum(counted) == len(files)


def test_a_file_that_changes_its_kind_meanwhile_is_a_failure(tmp_path: Path) -> None:
    write(tmp_path / "a.png", encoded(Image.fromarray(np.zeros((8, 8), np.uint8)), "PNG"))
    write(tmp_path / "b.png", b"x")
    files = list_paths([str(tmp_path)]).files
    for name in ("a.png", "b.png"):
        (tmp_path / name).unlink()
    os.mkfifo(tmp_path / "a.png")
    assert look_at(files)["failure"].to_pylist() == ["unreadable", "not_found"]


@pytest.mark.parametrize("pictures_per_part", [1, 4, 1000])
def test_parts_change_nothing(pictures_per_part: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(10, 20):
        write(folder / f"{number}.jpg", encoded(photo(number // 2), "JPEG", quality=70 + number))
    seen = look_at(list_paths([str(folder)]).files)
    monkeypatch.setattr(copies, "PICTURES_PER_PART", pictures_per_part)
    shares: list[float] = []
    found = copies.find_copies(seen, advance=shares.append)
    assert found.equals(find_duplicates(copies.comparable(seen)))
    assert found.num_rows - sum(found["is_representative"].to_pylist()) == len(COPIES_OF_SEA) + 6
    assert sum(shares) == pytest.approx(1)
