"""A run that is killed or stopped goes on where it was, and ends with what an undisturbed one makes."""

import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

pytest.importorskip("torch", reason="the run's model is a tiny one that is trained here")

from beam_jobs.blocks import manifest
from beam_jobs.demo.clicks import simulate_clicks, write_click_log
from beam_jobs.demo.corpus import demo_world, draw_corpus
from intent.bundle import export_bundle
from intent.training import TrainConfig, train_model
from labels.taxonomy import load_taxonomy
from tests.faults.conftest import Server
from tests.intent.drawn import drawn_examples, drawn_pictures

IMAGES = 60
KILLS = 6
SEED = 4
SOON = 1.5
"""Seconds after its start at which a run is at work on any machine; the first run, which reads files from a cold disk,
may take several times as long as a later one."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a small corpus, its log, a tiny model and the file of the run."""
    folder = tmp_path_factory.mktemp("world")
    corpus = draw_corpus(folder / "corpus", images=IMAGES)
    log = simulate_clicks(corpus.truth, taxonomy=load_taxonomy(), world=demo_world(corpus.truth))
    write_click_log(log, folder=folder / "clicks")
    settings = TrainConfig(
        backbone="squeezenet1_1", image_size=32, embedding_dim=48, head_epochs=1, freeze_backbone=True
    )
    taxonomy = load_taxonomy()
    trained = train_model(drawn_examples(60, taxonomy), drawn_pictures(60), taxonomy, settings)
    model = export_bundle(
        trained,
        taxonomy,
        folder / "models",
        data_window="2026-10-01 to 2026-10-30",
        label_counts=trained.label_counts,
        metrics=trained.metrics,
    )
    config = {"clicks": "clicks", "collection": "corpus/collection.csv", "model": str(model), "high": 3, "low": 3}
    (folder / "pipeline.yaml").write_text(yaml.safe_dump({**config, "workers": 1}))
    return folder


@pytest.fixture(scope="module")
def undisturbed(world: Path, server: Server) -> tuple[Path, float]:
    """Return the run of nobody's disturbance, and the seconds that it took."""
    ended = server.run("run", ["--config", world / "pipeline.yaml", "--output", world / "whole"])
    assert ended.code == 0, ended.said
    return world / "whole", ended.seconds


def manifests(run: Path) -> dict[str, bytes]:
    return {path.parent.name: path.read_bytes() for path in run.rglob(manifest.MANIFEST)}


def files_of(run: Path) -> set[str]:
    return {path.relative_to(run).as_posix() for path in run.rglob("*")}


def test_killed_again_and_again(world: Path, undisturbed: tuple[Path, float], server: Server, tmp_path: Path) -> None:
    """Killed at steps that its seed chooses, each time a little further on."""
    whole, _ = undisturbed
    moments = random.Random(SEED)
    flags = ["--config", world / "pipeline.yaml", "--output", tmp_path / "run"]
    stages_done = []
    for kill in range(KILLS):
        ended = server.run("run", flags, kill_at=moments.randint(40, 160) + 30 * kill)
        stages_done.append(len(manifests(tmp_path / "run")))
        if ended.code == 0:
            break
        assert ended.code == -signal.SIGKILL, ended.said
    assert stages_done == sorted(stages_done)
    assert len(set(stages_done)) > 1
    last = server.run("run", flags)
    assert last.code == 0, last.said
    assert last.said.count("unchanged") >= stages_done[-1]
    assert manifests(tmp_path / "run") == manifests(whole)
    assert files_of(tmp_path / "run") == files_of(whole)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_stopped(
    how: signal.Signals, world: Path, undisturbed: tuple[Path, float], server: Server, tmp_path: Path
) -> None:
    """One line, exit code 1, no lock, nothing half; and it goes on."""
    whole, seconds = undisturbed
    flags = ["--config", world / "pipeline.yaml", "--output", tmp_path / "run"]
    ended = server.run("run", flags, signal=how, signal_after=min(seconds / 3, SOON))
    assert ended.code == 1, ended.said
    assert ended.said.splitlines()[-1] == "stopped"
    assert ended.said.count("stopped") == 1
    assert "Traceback" not in ended.said
    assert not list((tmp_path / "run").rglob("_LOCK"))
    assert files_of(tmp_path / "run") <= files_of(whole) | {"_STAGES.json"}
    if how == signal.SIGTERM:
        assert server.run("run", flags).code == 0
        assert manifests(tmp_path / "run") == manifests(whole)
    shutil.rmtree(tmp_path / "run")


DEAF = """
import os, signal, time
from beam_jobs.blocks import flags

class Deaf:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(0.1)

flags.AGAIN = 0.2
with flags.stoppable():
    Deaf()
    time.sleep(30)
"""


def test_a_swallowed_signal_is_raised_again() -> None:
    """Python ignores what is raised in a finaliser, and the interrupt of a signal that comes in one."""
    ended = subprocess.run([sys.executable, "-c", DEAF], check=False, capture_output=True, text=True, timeout=25)
    assert (ended.returncode, ended.stderr) == (1, "stopped\n")
