"""Flags, outputs and folders of other jobs that cannot be: exit code 2 and one line that names them."""

import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from beam_jobs import aggregate_clicks, derive_labels, export_index, extract_features, find_duplicates
from beam_jobs.blocks import manifest
from beam_jobs.blocks.flags import EXIT_USAGE, run_main
from tests.beam_jobs.conftest import Refused, flags_of, whole_folder, write_table

ROOT = Path(__file__).resolve().parents[2]


class TestOutput:
    def test_that_the_job_did_not_write(
        self, log_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "home").mkdir()
        (tmp_path / "home" / "thesis.doc").write_text("years of work")
        flags = {"clicks": log_file, "output": tmp_path / "home"}
        assert run_main(aggregate_clicks.main, flags_of(flags)) == EXIT_USAGE
        assert "'thesis.doc', which aggregate_clicks did not write; choose another --output" in capsys.readouterr().err
        assert [path.name for path in (tmp_path / "home").iterdir()] == ["thesis.doc"]

    def test_of_another_job(self, evidence: Path, pictures: Path, capsys: pytest.CaptureFixture[str]) -> None:
        before = whole_folder(evidence)
        flags = {"collection": pictures, "model": "none", "output": evidence}
        assert run_main(extract_features.main, flags_of(flags)) == EXIT_USAGE
        assert "holds the output of aggregate_clicks, not of extract_features" in capsys.readouterr().err
        assert whole_folder(evidence) == before

    def test_below_a_file(self, log_file: Path, tmp_path: Path, refused: Refused) -> None:
        output = log_file / "out"
        refused(aggregate_clicks.main, [str(output), "choose another --output"], clicks=log_file, output=output)

    def test_a_file(self, log_file: Path, tmp_path: Path, refused: Refused) -> None:
        words = [str(log_file), "is a file; --output wants a folder"]
        refused(aggregate_clicks.main, words, clicks=log_file, output=log_file)

    def test_temp_below_a_file(self, log_file: Path, pictures: Path, refused: Refused) -> None:
        temp = log_file / "temp"
        refused(aggregate_clicks.main, [str(temp), "--temp"], clicks=log_file, temp=temp)
        refused(derive_labels.main, [str(temp), "--temp"], clicks=log_file, collection=pictures, temp=temp)


class TestFlags:
    @pytest.mark.parametrize(
        ("argv", "words"),
        [
            (["--clicks", "c", "--output", "o", "--partition", "3"], ["'--partition'", "did you mean --partitions?"]),
            (["--click", "c", "--output", "o"], ["'--click'", "did you mean --clicks?"]),
            (["--clicks", "c", "--ouput", "o"], ["'--ouput'", "did you mean --output?"]),
            (["--clicks", "c", "--output", "o", "--runer=FnApiRunner"], ["'--runer=FnApiRunner'", "--runner?"]),
            (["--clicks", "c", "--output", "o", "extra"], ["'extra'", "neither this job nor Beam has it"]),
            (["--output", "o"], ["--clicks", "required", "--help"]),
            (["--clicks", "c", "--output", "o", "--partitions", "0"], ["--partitions", "0 is not above 0"]),
            (["--clicks", "c", "--output", "o", "--workers", "two"], ["--workers", "'two' is not a whole number"]),
            (["--clicks", "c", "--output", "o", "--max-failure-rate", "5"], ["--max-failure-rate", "0 to 1"]),
            (["--clicks", "c", "--output", "o", "--date", "2026-02-30"], ["'2026-02-30'", "YYYY-MM-DD"]),
            (["--clicks", "c", "--output", "o", "--from", "2026-02-02", "--to", "2026-02-01"], ["--from", "after"]),
            (["--clicks", "c", "--output", "o", "--date", "2026-02-02", "--to", "2026-02-01"], ["--date", "--from"]),
            (["--clicks", "c", "--output", "o", "--direct_num_workers=x"], ["--direct_num_workers", "'x'"]),
            (["--clicks", "c", "--output", "o", "--user-key", "/absent"], ["--user-key /absent", "No such file"]),
        ],
        ids=" ".join,
    )
    def test_are_refused_by_name(
        self, argv: list[str], words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        argv = [str(tmp_path / word) if word in ("c", "o") else word for word in argv]
        assert run_main(aggregate_clicks.main, argv) == EXIT_USAGE
        captured = capsys.readouterr()
        assert captured.err.count("\n") == 1
        assert [word for word in words if word not in captured.err] == [], captured.err
        assert not list(tmp_path.iterdir())

    def test_an_unknown_runner(self, log_file: Path, refused: Refused) -> None:
        refused(aggregate_clicks.main, ["NoSuchRunner"], clicks=log_file, runner="NoSuchRunner")

    def test_a_missing_model_names_train_and_the_flag(
        self, pictures: Path, refused: Refused, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(extract_features, "packaged_model", lambda: None)
        refused(extract_features.main, ["train", "--model"], collection=pictures)

    def test_a_model_that_is_none(self, pictures: Path, tmp_path: Path, refused: Refused) -> None:
        words = [f"--model {tmp_path}/absent"]
        refused(extract_features.main, words, collection=pictures, model=tmp_path / "absent")

    def test_later_formats_say_so(self, features: Path, refused: Refused) -> None:
        others = dict.fromkeys(("features", "labels", "topics", "duplicates"), features)
        refused(export_index.main, ["--format lancedb is not built yet"], format="lancedb", **others)


class TestOtherJobs:
    def test_a_folder_without_a_commit(self, tmp_path: Path, pictures: Path, refused: Refused) -> None:
        words = [f"{tmp_path}/absent", "no committed output"]
        refused(find_duplicates.main, words, features=tmp_path / "absent")
        refused(derive_labels.main, words, evidence=tmp_path / "absent", collection=pictures)

    def test_the_output_of_the_wrong_job(
        self, evidence: Path, features: Path, pictures: Path, refused: Refused
    ) -> None:
        refused(find_duplicates.main, [str(evidence), "no table 'features'"], features=evidence)
        refused(derive_labels.main, [str(features), "no table 'clicks'"], evidence=features, collection=pictures)

    def test_a_window_without_evidence(self, evidence: Path, pictures: Path, refused: Refused) -> None:
        words = [str(evidence), "no evidence in the 90 days up to 2020-01-01"]
        refused(derive_labels.main, words, evidence=evidence, collection=pictures, date="2020-01-01")

    def test_features_without_a_model_cannot_be_exported(self, features: Path, refused: Refused) -> None:
        others = dict.fromkeys(("labels", "topics", "duplicates"), features)
        refused(export_index.main, [str(features), "no table 'labels'"], features=features, **others)


class TestSubprocess:
    """The same through a process of its own: nothing but the one line reaches stderr."""

    @pytest.mark.parametrize(
        ("module", "flags", "words"),
        [
            ("aggregate_clicks", ["--clicks", "log.parquet", "--output", "out"], ["log.parquet", "'user_id'"]),
            ("extract_features", ["--collection", "pictures", "--output", "out"], ["pictures is not there"]),
            ("find_duplicates", ["--features", "absent", "--output", "out", "--worker=2"], ["did you mean --workers?"]),
        ],
    )
    def test_one_line(self, module: str, flags: list[str], words: list[str], log: pa.Table, tmp_path: Path) -> None:
        write_table(log.slice(0, 20).drop_columns(["user_id"]), tmp_path / "log.parquet")
        ran = subprocess.run(
            [sys.executable, "-m", f"beam_jobs.{module}", *flags],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (ran.returncode, ran.stdout) == (EXIT_USAGE, "")
        assert ran.stderr.count("\n") == 1, ran.stderr
        assert [word for word in words if word not in ran.stderr] == []
        assert not (tmp_path / "out" / manifest.MANIFEST).exists()
