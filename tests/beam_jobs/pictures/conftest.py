"""A few pictures, remote stores, and a model that needs no training."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from beam_jobs.pictures import extract, pool
from intent.inference import Predictions
from tests.beam_jobs.blocks.test_remote import s3, store  # noqa: F401
from tests.beam_jobs.conftest import jpeg, photo

INTENTS = ("dark", "light")


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """A folder of six pictures, a broken one and a text."""
    folder = tmp_path / "album"
    (folder / "sub").mkdir(parents=True)
    for seed in range(6):
        (folder / ("sub" if seed % 2 else "") / f"{seed}.jpg").write_bytes(jpeg(photo(seed, 80, 60)))
    (folder / "broken.jpg").write_bytes(jpeg(photo(70))[:400])
    (folder / "notes.txt").write_text("no picture")
    return folder


class Brightness:
    """A model that tells dark from light by the mean, so that its answers depend on the pixels and its digest."""

    def __init__(self, bundle: Any) -> None:
        self.bundle = bundle

    def predict(self, images: npt.NDArray[np.uint8]) -> Predictions:
        assert images.shape[1:] == (self.bundle.image_size, self.bundle.image_size, 3)
        light = (images.reshape(len(images), -1).mean(axis=1) / 255).astype(np.float32)
        scores = np.stack([1 - light, light], axis=1)
        embedding = images.reshape(len(images), -1)[:, :8].astype(np.float16) / 255
        return Predictions(scores, scores, light, embedding)


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let ``--model NAME-SIDE`` be a model of that digest which reads squares of that side."""

    def load(path: Path) -> Any:
        return SimpleNamespace(
            digest=path.name, intents=INTENTS, parents=INTENTS, image_size=int(path.name.split("-")[1])
        )

    monkeypatch.setattr("intent.bundle.load_bundle", load)
    monkeypatch.setattr("intent.inference.Predictor", Brightness)
    extract.predictor_of.cache_clear()
    yield
    extract.predictor_of.cache_clear()


@pytest.fixture(autouse=True, scope="module")
def no_helpers_left() -> Iterator[None]:
    """End the helper processes of a module's tests."""
    yield
    pool.close()
