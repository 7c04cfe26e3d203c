"""What a report knows of a run: its committed tables, the names of classes and the model's own numbers."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from beam_jobs.blocks import manifest
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.manifest import Manifest
from labels.taxonomy import Taxonomy, TaxonomyError, load_taxonomy

JOBS = (
    *("aggregate_clicks", "extract_features", "find_duplicates"),
    *("derive_labels", "assign_topics", "export_index"),
)
"""Folders of a run, in the order of its stages."""

_TABLES: Mapping[str, tuple[str, tuple[str, ...] | None]] = {
    "labels": ("derive_labels", None),
    "rejected": ("derive_labels", None),
    "rules": ("derive_labels", None),
    "bots": ("derive_labels", None),
    "examination": ("derive_labels", None),
    "query_intents": ("derive_labels", ("query", "intent", "users")),
    "duplicates": ("find_duplicates", None),
    "topics": ("assign_topics", ("image_id", "topic_high", "topic_low")),
    "topic_names": ("assign_topics", None),
}
_FEATURES = ("image_id", "intent", "confidence", "parent_scores", "model")
_OTHER = "other"


@dataclass(frozen=True)
class Name:
    """A class as people call it; `parent` is empty for a parent."""

    id: str
    en: str
    ko: str
    parent: str = ""


@dataclass(frozen=True)
class Classes:
    """Intents and parents in the order of the taxonomy; what only the tables know comes after them."""

    parents: Mapping[str, Name]
    intents: Mapping[str, Name]

    def below(self, parent: str) -> list[Name]:
        """Return the intents of a parent."""
        return [intent for intent in self.intents.values() if intent.parent == parent]

    def intent(self, intent_id: str) -> Name:
        """Return the names of an intent, its id where nobody named it."""
        return self.intents.get(intent_id) or Name(intent_id, intent_id, "", _OTHER)

    def parent(self, parent_id: str) -> Name:
        """Return the names of a parent, its id where nobody named it."""
        return self.parents.get(parent_id) or Name(parent_id, parent_id, "")


@dataclass(frozen=True)
class Facts:
    """All that is shown.

    Attributes:
        manifests: per job, those that committed an output.
        problems: outputs that cannot be read, in words.
        frames: the tables that are there.
        classes: names and order of intents and parents.
        bundle: ``bundle.json`` of the run's model, None where the run made none.
        model: the digest that the features carry, None for hash columns alone.
    """

    manifests: Mapping[str, Manifest]
    problems: Sequence[str]
    frames: Mapping[str, pl.DataFrame]
    classes: Classes
    bundle: Mapping[str, Any] | None
    model: str | None

    def frame(self, name: str) -> pl.DataFrame | None:
        """Return a table, None where its job has not written it."""
        return self.frames.get(name)

    def rows(self, job: str, table: str) -> int | None:
        """Return the rows of a job's table, None where the job wrote nothing."""
        found = self.manifests.get(job)
        return found.rows(table) if found else None

    def counter(self, job: str, name: str) -> int:
        """Return a job's sum, 0 where there is none."""
        found = self.manifests.get(job)
        return int(found.counters.get(name, 0)) if found else 0


def read_facts(run: Path) -> Facts:
    """Read what is there of a run; missing and unreadable outputs are no error."""
    manifests: dict[str, Manifest] = {}
    problems: list[str] = []
    frames: dict[str, pl.DataFrame] = {}
    for job in JOBS:
        try:
            found = manifest.read_manifest(str(run / job))
        except UsageError as error:
            problems.append(str(error).replace(f"{run}/", ""))
            continue
        if found is not None:
            manifests[job] = found
    for name, (job, columns) in _TABLES.items():
        if job in manifests:
            _read(frames, problems, run, job, name, columns)
    failures = [_read({}, problems, run, job, "failures", None) for job in manifests]
    present = [table for table in failures if table is not None]
    if present:
        frames["failures"] = pl.concat([_frame(table) for table in present], how="vertical_relaxed")
    model = None
    if "extract_features" in manifests:
        features = _read({}, problems, run, "extract_features", "features", _FEATURES)
        if features is not None:
            frames["features"] = _predictions(features)
            models = frames["features"]["model"].drop_nulls().unique().sort()
            model = models[0] if len(models) else None
    bundle, taxonomy = _bundle(run, model)
    return Facts(manifests, problems, frames, _classes(taxonomy, frames), bundle, model)


def _read(
    frames: dict[str, pl.DataFrame],
    problems: list[str],
    run: Path,
    job: str,
    name: str,
    columns: Sequence[str] | None,
) -> pa.Table | None:
    try:
        table = manifest.read_table(str(run / job), name, columns)
    except (UsageError, OSError, pa.ArrowException) as error:
        if name != "failures":
            problems.append(f"{job}/{name}: {str(error).replace(f'{run}/', '')}")
        return None
    frames[name] = _frame(table)
    return table


def _frame(table: pa.Table) -> pl.DataFrame:
    return pl.DataFrame(table)


def _predictions(features: pa.Table) -> pl.DataFrame:
    """Return image_id, intent, confidence, model and ``model_parent``: the parent with the largest summed score,
    null without scores or without their names."""
    frame = _frame(features.drop_columns(["parent_scores"]))
    names = (features.schema.metadata or {}).get(b"parents", b"").decode().split(",")
    column = features["parent_scores"].combine_chunks()
    flat = column.flatten().to_numpy(zero_copy_only=False)
    if column.null_count or len(flat) != len(names) * features.num_rows or not len(flat):
        return frame.with_columns(pl.lit(None, pl.String).alias("model_parent"))
    best = np.asarray(names)[flat.reshape(-1, len(names)).argmax(axis=1)]
    return frame.with_columns(pl.Series("model_parent", best.tolist(), pl.String))


def _bundle(run: Path, model: str | None) -> tuple[Mapping[str, Any] | None, Taxonomy]:
    """Return the facts of the model that made the features, if the run holds it, and its taxonomy."""
    folder = run / "model"
    found = sorted(path.parent for path in folder.glob("*/bundle.json"))
    if model is not None:
        found = [path for path in found if path.name == model]
    if len(found) == 1:
        try:
            facts = json.loads((found[0] / "bundle.json").read_text(encoding="utf-8"))
            if isinstance(facts, dict):
                return facts, load_taxonomy(found[0] / "taxonomy.yaml")
        except (OSError, ValueError, TaxonomyError):
            pass  # a broken bundle is the next load's error; the report shows the packaged names
    return None, load_taxonomy()


def _classes(taxonomy: Taxonomy, frames: Mapping[str, pl.DataFrame]) -> Classes:
    parents = {parent.id: Name(parent.id, parent.en, parent.ko) for parent in taxonomy.parents}
    intents = {intent.id: Name(intent.id, intent.en, intent.ko, intent.parent) for intent in taxonomy.live_intents}
    labels, features = frames.get("labels"), frames.get("features")
    if labels is not None:
        known = labels.select("parent", "intent").unique().sort("parent", "intent", nulls_last=True)
        for parent, intent in known.iter_rows():
            if parent is not None and parent not in parents:
                parents[parent] = Name(parent, parent, "")
            if intent is not None and intent not in intents:
                intents[intent] = Name(intent, intent, "", parent or _OTHER)
    if features is not None:
        for intent in features["intent"].drop_nulls().unique().sort():
            if intent not in intents:
                intents[intent] = Name(intent, intent, "", _OTHER)
    if any(intent.parent == _OTHER for intent in intents.values()):
        parents.setdefault(_OTHER, Name(_OTHER, "Not in the taxonomy", ""))
    order = {parent: place for place, parent in enumerate(parents)}
    ordered = sorted(intents.values(), key=lambda intent: order[intent.parent])
    return Classes(parents, {intent.id: intent for intent in ordered})
