"""The core imports and runs where torch is not installed."""

import subprocess
import sys
from pathlib import Path

import pytest

from intent.shipped import packaged_model
from tests.test_architecture import TORCH_MODULES

ROOT = Path(__file__).resolve().parents[1]

BLOCK_TORCH = """
import sys

class NoTorch:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("torch", "torchvision", "pytorch_lightning", "matplotlib", "onnx"):
            raise ModuleNotFoundError(f"No module named {name!r} (blocked by the test)", name=name)
        return None

sys.meta_path.insert(0, NoTorch())
"""


def run(code: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", BLOCK_TORCH + code],
        cwd=cwd,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_core_imports_without_torch(tmp_path: Path) -> None:
    modules = [
        path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
        for room in ("labels", "dedup", "intent", "beam_jobs")
        for path in sorted((ROOT / room).rglob("*.py"))
    ]
    torch_only = {name.removesuffix(".py").replace("/", ".") for name in TORCH_MODULES}
    core = [name for name in modules if name not in torch_only]
    result = run(f"import importlib\nfor name in {core!r}: importlib.import_module(name)", tmp_path)
    assert result.returncode == 0, result.stderr


def test_a_job_runs_without_torch(tmp_path: Path) -> None:
    code = """
from pathlib import Path
import numpy as np
from PIL import Image
from beam_jobs.blocks.flags import run_main
from beam_jobs import extract_features, find_duplicates

rng = np.random.default_rng(0)
Path("pictures").mkdir()
for n in range(3):
    pixels = np.kron(rng.integers(0, 255, (12, 16, 3)), np.ones((10, 10, 1))).astype(np.uint8)
    Image.fromarray(pixels).save(f"pictures/{n}.png")
Path("pictures/copy.png").write_bytes(Path("pictures/0.png").read_bytes())
for main, flags in (
    (extract_features.main, "--collection pictures --model none --output features --workers 1"),
    (find_duplicates.main, "--features features --output duplicates"),
):
    code = run_main(main, flags.split())
    assert code == 0, code
from beam_jobs.blocks.manifest import read_table
groups = read_table("duplicates", "duplicates").to_pylist()
assert {row["image_id"]: row["group_id"] for row in groups}["copy.png"] == {
    row["image_id"]: row["group_id"] for row in groups
}["0.png"], groups
assert sum(row["is_representative"] for row in groups) == 3
assert "torch" not in sys.modules
"""
    result = run(code, tmp_path)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("flags", "extra"), [(["demo", "--output", "demo", "--train"], "train"), (["demo", "--output", "demo"], "demo")]
)
def test_what_is_missing_is_named(flags: list[str], extra: str, tmp_path: Path) -> None:
    if packaged_model() is None:
        extra = "train"
    code = f"""
from beam_jobs.blocks.flags import run_main
from beam_jobs.commands.main import dispatch
sys.exit(run_main(dispatch, {flags!r}))
"""
    result = run(code, tmp_path)
    assert result.returncode == 2, result.stderr
    assert f"image-intent[{extra}]" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "demo").exists()
