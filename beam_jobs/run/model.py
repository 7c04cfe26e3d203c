"""The model of a run: trained once, kept until its settings change."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from beam_jobs.blocks import files
from beam_jobs.blocks.files import UsageError
from beam_jobs.run.config import RunConfig
from beam_jobs.train import settings_key, train_bundle
from labels.taxonomy import Taxonomy

CURRENT = "_TRAINED.json"
"""Beside the bundles: which of them the run uses, and the key of the settings that made it."""


@dataclass(frozen=True)
class Training:
    """`trained` says whether the run has the model that its settings ask for; `work` makes or finds it."""

    trained: bool
    work: Callable[[], tuple[Path, int, bool]]


def current_bundle(run: Path) -> str:
    """Return the folder of the run's bundle.

    Raises:
        UsageError: there is none.
    """
    found = _read_current(run)
    if found is None:
        raise UsageError(f"{run / 'model'}: no model there; run `image-intent run` first, or pass --model BUNDLE")
    return str(run / "model" / str(found["digest"]))


def _read_current(run: Path) -> dict[str, object] | None:
    path = run / "model" / CURRENT
    if not path.exists():
        return None
    try:
        found: Any = json.loads(path.read_text())
    except ValueError as error:
        raise UsageError(f"{path}: not JSON ({error}); remove it to train again") from error
    if not isinstance(found, dict) or not isinstance(found.get("digest"), str):
        raise UsageError(f"{path}: names no model; remove it to train again")
    return found if (run / "model" / str(found["digest"])).is_dir() else None


def train_once(config: RunConfig, run: Path, taxonomy: Taxonomy, *, workers: int, labels: Path) -> Training:
    """Return how the run gets its model: the one that its settings made before, or a new one."""
    key = settings_key(config.train, taxonomy.digest)
    found = _read_current(run)
    if found is not None and found.get("key") == key:
        bundle = run / "model" / str(found["digest"])
        examples = int(str(found.get("examples", 0)))
        return Training(True, lambda: (bundle, examples, True))

    def work() -> tuple[Path, int, bool]:
        bundle = train_bundle(
            labels=str(labels),
            collection=config.collection,
            output=str(run / "model"),
            taxonomy=taxonomy,
            settings=config.train,
            workers=workers,
        )
        card = json.loads((bundle / "bundle.json").read_text())
        examples = sum(card.get("label_counts", {}).values())
        current = {"digest": bundle.name, "key": key, "examples": examples}
        files.write_atomic(str(run / "model" / CURRENT), json.dumps(current, indent=1).encode())
        return bundle, examples, False

    return Training(False, work)
