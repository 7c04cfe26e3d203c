"""The import rule of the house: three core rooms, one shell."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("labels", "intent", "dedup", "beam_jobs")
LONGEST_LINES = 450
MAY_IMPORT = {
    "labels": {"labels"},
    "intent": {"intent", "labels"},
    "dedup": {"dedup", "intent.images"},
    "beam_jobs": {"labels", "intent", "dedup", "beam_jobs"},
}
TORCH_MODULES = {
    "intent/model.py",
    "intent/given_weights.py",
    "intent/state_files.py",
    "intent/data.py",
    "intent/data_module.py",
    "intent/training.py",
    "intent/fitting.py",
    "intent/export.py",
    "intent/doubt.py",
    "intent/expand.py",
    "intent/from_scratch.py",
    "intent/from_given.py",
    "intent/stage.py",
    "intent/linear_head.py",
    "intent/tuning.py",
    "intent/tuning_state.py",
    "intent/distil.py",
    "intent/distil_student.py",
    "intent/distil_teacher.py",
    "intent/features.py",
    "intent/distil_views.py",
}
JOBS = {
    "aggregate_clicks",
    "extract_features",
    "find_duplicates",
    "derive_labels",
    "assign_topics",
    "export_index",
}


def modules(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


def imports(path: Path, *, top_level_only: bool = False) -> set[str]:
    """Return the full names of the modules that a file imports."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = tree.body if top_level_only else list(ast.walk(tree))
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add(node.module or "")
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def is_in(name: str, allowed: str) -> bool:
    return name == allowed or name.startswith(allowed + ".")


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_import_only_what_they_may(room: str) -> None:
    assert modules(room)
    for path in modules(room):
        ours = {name for name in imports(path) if name.split(".")[0] in (*ROOMS, "tests")}
        for name in ours:
            # `from intent import images` names the package too
            parents = {other for other in ours if other.startswith(name + ".")}
            assert any(is_in(name, a) for a in MAY_IMPORT[room]) or (
                parents and all(any(is_in(p, a) for a in MAY_IMPORT[room]) for p in parents)
            ), f"{path.relative_to(ROOT)} imports {name}"


@pytest.mark.parametrize("room", ["labels", "intent", "dedup"])
def test_the_core_knows_no_beam(room: str) -> None:
    for path in modules(room):
        assert not any(is_in(name, "apache_beam") for name in imports(path)), path


def test_torch_is_imported_only_where_it_is_used() -> None:
    for room in ROOMS:
        for path in modules(room):
            names = imports(path, top_level_only=True)
            heavy = {n for n in names if n.split(".")[0] in ("torch", "torchvision", "pytorch_lightning", "matplotlib")}
            if path.relative_to(ROOT).as_posix() not in TORCH_MODULES:
                assert not heavy, f"{path.relative_to(ROOT)} imports {sorted(heavy)} at import time"


def test_jobs_meet_only_through_folders() -> None:
    shared = {"derive_labels": {"aggregate_clicks"}}  # derive_labels --clicks makes the evidence first
    for job in JOBS:
        others = {
            name.split(".")[1]
            for name in imports(ROOT / "beam_jobs" / f"{job}.py")
            if name.startswith("beam_jobs.") and name.split(".")[1] in JOBS - {job}
        }
        assert others <= shared.get(job, set()), f"{job} imports {others}"


def test_only_the_shell_is_executed_from_disk() -> None:
    """No pickle, no unsafe YAML, no unsafe torch.load anywhere."""
    forbidden = ("pickle.load", "yaml.load(", "joblib.load", "weights_only=False", "allow_pickle=True")
    for room in ROOMS:
        for path in modules(room):
            text = path.read_text(encoding="utf-8")
            assert not [word for word in forbidden if word in text], path


def test_no_thread_of_arrow_reads_a_python_file() -> None:
    """One that still holds the file's bytes while Python ends aborts the process, after all was well."""
    calls = [
        (path.name, call)
        for room in ("labels", "dedup", "intent", "beam_jobs")
        for path in modules(room)
        for call in re.findall(r"pq\.(?:ParquetFile|read_table)\([^\n]*", path.read_text(encoding="utf-8"))
    ]
    assert calls
    assert not [(name, call) for name, call in calls if "pre_buffer=False" not in call]
    texts = {path.name: path.read_text(encoding="utf-8") for path in modules("beam_jobs")}
    assert not [name for name, text in texts.items() if "csv.read_csv(" in text], "use beam_jobs.blocks.text"


@pytest.mark.parametrize("room", ROOMS)
def test_modules_are_short(room: str) -> None:
    """One subject each; what grows past the limit is two."""
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in modules(room)}
    assert not [f"{path.relative_to(ROOT)}: {count}" for path, count in lines.items() if count > LONGEST_LINES]
