"""The first screen: headline numbers, what needs a look, and the stages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from beam_jobs.report.charts import bar
from beam_jobs.report.facts import JOBS, Facts
from beam_jobs.report.page import (
    MISSING,
    Content,
    Html,
    counted,
    duration,
    el,
    join,
    note,
    number,
    percent,
    section,
    size_of,
    table,
    tiles,
)
from beam_jobs.run.records import StageRecord
from labels.bots import KEPT

FIRST = "first/"
WINDOW_DAYS = 90
"""Days, where no labels say what their window was."""


@dataclass(frozen=True)
class WarningLimits:
    """From when a number is worth a look."""

    few_labels: int = 20
    """Labels of an intent below which a CNN learns it badly."""
    bots: float = 0.2
    """Share of the clicks that the bot filter dropped: above a fifth, the filter or the log is odd."""
    labelled: float = 0.3
    """Share of the images with a label."""
    agreement: float = 0.7
    """Of the model with the first labels."""
    listed: int = 6
    """Names that a line lists."""


def listed(names: Sequence[str], limit: int = WarningLimits.listed) -> str:
    """Return the first names and how many follow."""
    rest = len(names) - limit
    return ", ".join(names[:limit]) + (f" and {rest:,} more" if rest > 0 else "")


def window(facts: Facts) -> tuple[list[date], list[date]]:
    """Return the days of evidence inside the labels' window, and those missing between its first and last."""
    found = facts.manifests.get("aggregate_clicks")
    if found is None:
        return [], []
    names = (name.split("/date=", 1)[1] for name in found.tables if name.startswith("clicks/date="))
    days = sorted(date.fromisoformat(day) for day in names)
    labels = facts.manifests.get("derive_labels")
    settings = labels.config if labels else {}
    if not days:
        return [], []
    last = date.fromisoformat(settings["window_end"]) if settings.get("window_end") else days[-1]
    first = last - timedelta(days=int(settings.get("window_days", WINDOW_DAYS)) - 1)
    inside = [day for day in days if first <= day <= last]
    if not inside:
        return [], []
    between = (inside[0] + timedelta(days=n) for n in range((last - inside[0]).days + 1))
    return inside, [day for day in between if day not in set(inside)]


def agreement(facts: Facts) -> tuple[int, float | None]:
    """Return the labelled images that the model judged, and the share of them whose parent it gives."""
    labels, features = facts.frame("labels"), facts.frame("features")
    if labels is None or features is None or facts.model is None:
        return 0, None
    judged = labels.select("image_id", "parent").join(features, on="image_id").drop_nulls("model_parent")
    if judged.is_empty():
        return 0, None
    return len(judged), int((judged["parent"] == judged["model_parent"]).sum()) / len(judged)


def headline(facts: Facts) -> Html:
    """Return the numbers that say whether a run did its work."""
    days, _ = window(facts)
    config = facts.manifests["aggregate_clicks"].config if "aggregate_clicks" in facts.manifests else {}
    read = facts.counter("aggregate_clicks", "rows_read:clicks")
    only = config.get("from") if config.get("from") == config.get("to") else None
    evidence = counted(len(days), "day") + " of evidence" if days else ""
    clicks, dropped = _clicks(facts)
    labelled, total = facts.rows("derive_labels", "labels"), None
    if labelled is not None:
        total = labelled + (facts.rows("derive_labels", "rejected") or 0)
    copies, groups = _copies(facts)
    pictures = facts.rows("extract_features", "features")
    images = total if total is not None else pictures
    failed = facts.rows("extract_features", "failures") or 0
    topics = facts.frame("topic_names")
    high = int((topics["level"] == "high").sum()) if topics is not None else None
    low = int((topics["level"] == "low").sum()) if topics is not None else None
    share = clicks + dropped and dropped / (clicks + dropped)
    return tiles(
        [
            (number(read or None), "log rows read", f"of {only} alone; {evidence}" if only and read else evidence),
            (number(clicks or None), "clicks of people", f"{number(dropped)} of bots dropped ({percent(share)})"),
            (number(images), "images", f"{number(failed)} unreadable" if pictures is not None else ""),
            (
                percent(labelled / total) if labelled is not None and total else MISSING,
                "images labelled",
                f"{number(labelled)} labels",
            ),
            (number(copies), "duplicates removed", f"in {counted(groups, 'group')}" if copies is not None else ""),
            (number(facts.rows("export_index", "documents")), "documents", "for the search index"),
            (number(high), "topics", f"{number(low)} finer ones" if low is not None else "not assigned yet"),
            _model_tile(facts),
        ]
    )


def _model_tile(facts: Facts) -> tuple[str, str, str]:
    if facts.model is None:
        return MISSING, "model agrees with labels", "no model in this run"
    rows, share = agreement(facts)
    return percent(share), "model agrees with labels", f"first label, {counted(rows, 'image')}"


def _clicks(facts: Facts) -> tuple[int, int]:
    bots = facts.frame("bots")
    if bots is None or bots.is_empty():
        return 0, 0
    people = int(bots.filter(pl.col("reason").is_in(KEPT))["clicks"].sum())
    return people, int(bots["clicks"].sum()) - people


def _copies(facts: Facts) -> tuple[int | None, int]:
    groups = facts.frame("duplicates")
    if groups is None:
        return None, 0
    copies = groups.filter(~pl.col("is_representative"))
    return len(copies), copies["group_id"].n_unique()


def warnings(facts: Facts, records: Sequence[StageRecord], limits: WarningLimits) -> Iterator[str]:
    """Yield a line for everything that a person should look at."""
    yield from facts.problems
    missing_jobs = [job for job in JOBS if job not in facts.manifests]
    if missing_jobs:
        yield f"No output of {', '.join(missing_jobs)}: those sections are empty."
    days, missing = window(facts)
    if missing:
        gap = listed([day.isoformat() for day in missing])
        yield f"{counted(len(missing), 'day')} without evidence between {days[0]} and the window's end: {gap}."
    yield from _failed(facts)
    clicks, dropped = _clicks(facts)
    if clicks + dropped and dropped / (clicks + dropped) > limits.bots:
        yield f"{percent(dropped / (clicks + dropped))} of the clicks were dropped as those of bots."
    lost = facts.counter("derive_labels", "clicks_on_unknown_images")
    if lost:
        images = counted(facts.counter("derive_labels", "unknown_images"), "image")
        yield f"{counted(lost, 'click')} fell on {images} that the collection lacks."
    labels, rejected = facts.frame("labels"), facts.frame("rejected")
    if labels is not None and rejected is not None and len(labels) < limits.labelled * (len(labels) + len(rejected)):
        yield f"Only {percent(len(labels) / (len(labels) + len(rejected)))} of the images have a label."
    if labels is not None:
        counts = dict(labels.drop_nulls("intent").group_by("intent").len().iter_rows())
        few = [name.en for name in facts.classes.intents.values() if counts.get(name.id, 0) < limits.few_labels]
        if few:
            has = "intent has" if len(few) == 1 else "intents have"
            yield f"{len(few)} {has} fewer than {limits.few_labels} labels: {listed(few)}."
    rows, share = agreement(facts)
    if share is not None and share < limits.agreement:
        yield f"The model gives the labels' first label on {percent(share)} of {counted(rows, 'image')} only."


def _failed(facts: Facts) -> Iterator[str]:
    failures = facts.frame("failures")
    if failures is None:
        return
    for detail in failures.filter(pl.col("reason") == "fewer_topics")["detail"].sort():
        yield f"Topics: {detail}"
    for stage, count in (
        failures.filter(pl.col("reason") != "fewer_topics").group_by("stage").len().sort("stage").iter_rows()
    ):
        yield f"{counted(count, 'failure')} in {stage}; see Failures below."


def overview(facts: Facts, records: Sequence[StageRecord]) -> Html:
    """Return the headline and the warnings."""
    found = list(warnings(facts, records, WarningLimits()))
    items = [el("li", line) for line in found] or [el("li", "Nothing needs a look.", class_="good")]
    return section("overview", "At a glance", headline(facts), el("ul", *items, class_="alerts"))


def stages(records: Sequence[StageRecord]) -> Html:
    """Return what each stage did, how fast and with how much memory."""
    if not records:
        return section("stages", "Stages", note("No stage has been recorded."))
    longest = max(record.seconds for record in records) or 1.0
    rows: list[list[Content]] = []
    for record in records:
        name = join([record.stage.removeprefix(FIRST), el("small", " first pass")])
        state = el("span", "unchanged", class_="badge") if record.skipped else el("span", "done", class_="badge good")
        rows.append(
            [
                name if record.stage.startswith(FIRST) else record.stage,
                f"{record.rows:,} {record.unit}",
                f"{record.rate:,.0f}/s" if record.rate >= 10 else f"{record.rate:,.1f}/s",
                duration(record.seconds),
                bar(record.seconds / longest),
                size_of(record.peak_memory_bytes),
                state,
            ]
        )
    heads = ["Stage", "Processed", "Rate", "Time", "", "Peak memory", "State"]
    worked = sum(record.seconds for record in records if not record.skipped)
    reused = sum(record.skipped for record in records)
    told = f"{duration(worked)} of work in this run"
    if reused:
        told += f"; {counted(reused, 'stage')} unchanged, with the figures of the run that did the work"
    return section("stages", "Stages", note(told + "."), table(heads, rows, numeric=(1, 2, 3, 5), wide=4))
