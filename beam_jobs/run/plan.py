"""The stages of a run in their order, and what each needs."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from beam_jobs import (
    aggregate_clicks,
    assign_topics,
    derive_labels,
    export_index,
    extract_features,
    find_duplicates,
)
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.flags import Common
from beam_jobs.blocks.manifest import Manifest
from beam_jobs.run.config import RunConfig
from beam_jobs.run.model import current_bundle, train_once
from beam_jobs.truth import read_taxonomy
from dedup.find import DedupConfig
from intent.bundle import BundleError, load_bundle
from intent.topics import TopicConfig
from labels.config import LabelConfig
from labels.taxonomy import Taxonomy

FIRST = "first"
"""Folder of the first pass, before there is a model."""


@dataclass(frozen=True)
class Done:
    """What a stage says when it is done."""

    rows: int
    unit: str
    skipped: bool
    counters: Mapping[str, int]
    text: str


@dataclass(frozen=True)
class Stage:
    """One stage: its name, and what does its work."""

    name: str
    work: Callable[[], Done]


def check_model(path: str, taxonomy: Taxonomy) -> None:
    """Raise UsageError for a bundle that cannot be used, or whose intents are others than the run's taxonomy has."""
    try:
        bundle = load_bundle(Path(path))
    except BundleError as error:
        raise UsageError(f"model {path}: {error}") from error
    strange = sorted(set(bundle.intents) ^ set(taxonomy.intent_ids))
    if strange:
        holder = "model" if strange[0] in bundle.intents else "taxonomy"
        raise UsageError(
            f"model {path}: it speaks another taxonomy than the run ({len(strange)} intents differ, first "
            f"{strange[0]!r}, of the {holder} alone); give its taxonomy.yaml as taxonomy, or train one for this "
            f"taxonomy with train: {{start: {path}}}"
        )


def plan(config: RunConfig, run: Path, *, date: str | None = None) -> list[Stage]:
    """Return the stages of a run into `run`: those of the first pass only as long as there is no model.

    Args:
        config: the run's file.
        run: its folder.
        date: only this day of the log is aggregated; evidence of other days stays.
    """
    taxonomy = read_taxonomy(config.taxonomy)
    if config.model is not None:
        check_model(config.model, taxonomy)
    workers = config.workers or os.cpu_count() or 1
    common = Common()
    pictures = Common(workers=workers, max_failure_rate=config.max_failure_rate)
    evidence = str(run / "aggregate_clicks")
    day = aggregate_clicks.day(date) if date else None
    click_config = aggregate_clicks.Config(
        config.clicks,
        evidence,
        first=day,
        last=day,
        user_key=aggregate_clicks.read_key(config.user_key),
        force=config.force,
    )
    stages = [
        Stage("aggregate_clicks", lambda: _clicks(aggregate_clicks.run(click_config, common, skip_unchanged=True)))
    ]

    def features(folder: Path, model: Callable[[], str | None]) -> Callable[[], Done]:
        def work() -> Done:
            own, of_first = str(folder / "extract_features"), str(run / FIRST / "extract_features")
            settings = extract_features.Config(
                config.collection, own, model(), previous=extract_features.usable_output(own, of_first)
            )
            done, skipped = extract_features.run(settings, pictures, skip_unchanged=True)
            failed = done.rows("failures")
            text = f"{done.rows('features'):,} pictures" + (f", {failed:,} cannot be read" if failed else "")
            text += f"; {extract_features.summary(done)}" if settings.previous and not skipped else ""
            return Done(done.counters.get("images", 0), "pictures", skipped, done.counters, text)

        return work

    def duplicates(folder: Path) -> Callable[[], Done]:
        def work() -> Done:
            settings = find_duplicates.Config(
                str(folder / "extract_features"), str(folder / "find_duplicates"), evidence, DedupConfig()
            )
            done, skipped = find_duplicates.run(settings, common, skip_unchanged=True)
            copies = done.counters.get("copies", 0)
            return Done(done.rows("duplicates"), "images", skipped, done.counters, f"{copies:,} copies of other images")

        return work

    def labels(folder: Path) -> Callable[[], Done]:
        def work() -> Done:
            settings = derive_labels.Config(
                evidence=evidence,
                collection=config.collection,
                output=str(folder / "derive_labels"),
                taxonomy=config.taxonomy,
                duplicates=str(folder / "find_duplicates"),
                window_days=config.window_days,
                window_end=day,
                labels=replace(LabelConfig(), min_query_users=config.min_query_users),
            )
            done, skipped = derive_labels.run(settings, common, skip_unchanged=True)
            rows = done.rows("labels") + done.rows("rejected")
            return Done(rows, "images", skipped, done.counters, f"{done.rows('labels'):,} of {rows:,} images labelled")

        return work

    def model() -> str | None:
        return config.model or current_bundle(run)

    first = run / FIRST
    if config.model is None:
        fresh = train_once(config, run, taxonomy, workers=workers, labels=first / "derive_labels")
        if not fresh.trained:
            stages += [
                Stage(f"{FIRST}/extract_features", features(first, lambda: None)),
                Stage(f"{FIRST}/find_duplicates", duplicates(first)),
                Stage(f"{FIRST}/derive_labels", labels(first)),
            ]
        stages.append(Stage("train", lambda: _trained(fresh.work())))
    stages += [
        Stage("extract_features", features(run, model)),
        Stage("find_duplicates", duplicates(run)),
        Stage("derive_labels", labels(run)),
        Stage("assign_topics", _topics(config, run, evidence, common)),
        Stage("export_index", _export(config, run, evidence, common)),
    ]
    return stages


def _trained(result: tuple[Path, int, bool]) -> Done:
    bundle, examples, skipped = result
    return Done(examples, "examples", skipped, {}, f"model {bundle.name}")


def _clicks(result: tuple[Manifest, bool]) -> Done:
    done, skipped = result
    rows = done.counters.get("rows_read:clicks", 0)
    days = sum(name.startswith("clicks/date=") for name in done.tables)
    return Done(rows, "rows", skipped, done.counters, f"{rows:,} rows of {days} days")


def _topics(config: RunConfig, run: Path, evidence: str, common: Common) -> Callable[[], Done]:
    def work() -> Done:
        settings = assign_topics.Config(
            str(run / "extract_features"),
            str(run / "assign_topics"),
            evidence,
            min_query_users=config.min_query_users,
            topics=TopicConfig(high=config.high, low=config.low),
        )
        done, skipped = assign_topics.run(settings, common, skip_unchanged=True)
        counts = done.counters
        text = f"{counts['high_topics']:,} high and {counts['low_topics']:,} low topics"
        return Done(done.rows("topics"), "images", skipped, counts, text)

    return work


def _export(config: RunConfig, run: Path, evidence: str, common: Common) -> Callable[[], Done]:
    def work() -> Done:
        settings = export_index.Config(
            features=str(run / "extract_features"),
            labels=str(run / "derive_labels"),
            topics=str(run / "assign_topics"),
            duplicates=str(run / "find_duplicates"),
            output=str(run / "export_index"),
            collection=config.collection,
            evidence=evidence,
            taxonomy=config.taxonomy,
        )
        done, skipped = export_index.run(settings, common, skip_unchanged=True)
        rows = done.rows("documents")
        return Done(rows, "documents", skipped, done.counters, f"{rows:,} documents for the index")

    return work
