"""The file of a run: strict keys, paths relative to the file."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml

from beam_jobs.blocks import files
from beam_jobs.blocks.files import UsageError
from beam_jobs.train import TrainSettings
from intent.topics import TopicConfig
from labels.config import LabelConfig


@dataclass(frozen=True)
class RunConfig:
    """What a run reads and how it decides; every key of the file is a field here.

    Attributes:
        clicks: click log.
        collection: table of images or folder of pictures.
        taxonomy: taxonomy file; None is the packaged one.
        user_key: file with the key of the user hash.
        model: a bundle to use; None trains one on the first run.
        train: settings of that training.
        window_days: days of evidence that decide labels.
        min_query_users: people that a shown query needs.
        high, low: topics asked for.
        workers: threads; None is one per processor.
        max_failure_rate: share of pictures that may fail.
        title: of the report.
        force: go on though the click log does not look sane.
    """

    clicks: str
    collection: str
    taxonomy: str | None = None
    user_key: str | None = None
    model: str | None = None
    train: TrainSettings = field(default_factory=TrainSettings)
    window_days: int = 90
    min_query_users: int = 3
    high: int = 100
    low: int = 10_000
    workers: int | None = None
    max_failure_rate: float = 0.2
    title: str = "image-intent"
    force: bool = False


PATHS = ("clicks", "collection", "taxonomy", "user_key", "model")


def load_config(path: Path) -> RunConfig:
    """Read the file of a run.

    Raises:
        UsageError: it is no YAML mapping, lacks a key, has one that is not known, or a value of another type.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"--config {path}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"--config {path}: not YAML ({' '.join(str(error).split())[:200]})") from error
    values = _checked(path, content, RunConfig, "")
    base = path.resolve().parent
    for name in PATHS:
        if values.get(name) is not None:
            values[name] = _resolved(base, values[name])
    train = _checked(path, values.get("train") or {}, TrainSettings, "train.")
    if train.get("weights") not in (None, "none", "hub"):
        train["weights"] = _resolved(base, train["weights"])
    for name in ("exclude", "start", "temp"):
        if train.get(name) is not None:
            train[name] = _resolved(base, train[name])
    for name in ("clicks", "collection"):
        if values.get(name) is None:
            raise UsageError(f"--config {path}: no {name!r}; say where it is")
    try:
        settings = TrainSettings(**train)
    except UsageError as error:
        raise UsageError(f"--config {path}: train: {error}") from error
    config = RunConfig(**{**values, "train": settings})
    try:
        LabelConfig(min_query_users=config.min_query_users)
        TopicConfig(high=config.high, low=config.low)
    except ValueError as error:
        raise UsageError(f"--config {path}: {error}") from error
    for name, value in (("workers", config.workers), ("window_days", config.window_days)):
        if value is not None and value < 1:
            raise UsageError(f"--config {path}: {name} is {value}; give a whole number from 1")
    if not 0 <= config.max_failure_rate <= 1:
        raise UsageError(f"--config {path}: max_failure_rate is {config.max_failure_rate}; give a share from 0 to 1")
    return config


def _resolved(base: Path, value: str) -> str:
    return value if files.is_remote(value) else str((base / value).resolve())


def _checked(path: Path, content: object, kind: type, prefix: str) -> dict[str, Any]:
    """Return the mapping `content` after a check of its keys and of the values' types."""
    if not isinstance(content, Mapping):
        raise UsageError(f"--config {path}: {prefix.rstrip('.') or 'the file'} must be a mapping of keys to values")
    known = {f.name: str(f.type) for f in fields(kind)}
    for key, value in content.items():
        if key not in known:
            close = difflib.get_close_matches(str(key), known, n=1)
            hint = f"did you mean {prefix}{close[0]}?" if close else f"known: {', '.join(known)}"
            raise UsageError(f"--config {path}: unknown key {prefix + str(key)!r}; {hint}")
        if not _is_of(value, known[key]):
            raise UsageError(f"--config {path}: {prefix}{key} is {value!r}, expected {known[key]}")
    return dict(content)


def _is_of(value: object, kind: str) -> bool:
    """Return whether a YAML value fits the type of a field, given as text such as ``int | None``."""
    if value is None:
        return "None" in kind
    if isinstance(value, bool):
        return "bool" in kind
    if isinstance(value, int):
        return "int" in kind or "float" in kind
    if isinstance(value, float):
        return "float" in kind
    if isinstance(value, str):
        return "str" in kind
    return isinstance(value, Mapping) and "Settings" in kind
