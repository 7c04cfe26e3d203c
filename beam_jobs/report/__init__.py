"""The report of a run: one HTML file that needs no network and no script."""

from collections.abc import Sequence
from pathlib import Path

from beam_jobs.blocks import files
from beam_jobs.blocks.files import UsageError
from beam_jobs.inputs import Collection, plan_collection, span
from beam_jobs.report.classes import balance, examples
from beam_jobs.report.confusion import confusion
from beam_jobs.report.details import failures, rules, topics
from beam_jobs.report.facts import Facts, read_facts
from beam_jobs.report.groups import duplicates
from beam_jobs.report.overview import overview, stages, window
from beam_jobs.report.page import Html, counted, document, note
from beam_jobs.report.pictures import Pictures
from beam_jobs.report.positions import positions
from beam_jobs.run.records import StageRecord

SECTIONS = (
    ("overview", "At a glance"),
    ("stages", "Stages"),
    ("balance", "Balance"),
    ("examples", "Labels"),
    ("confusion", "Model"),
    ("duplicates", "Duplicates"),
    ("topics", "Topics"),
    ("failures", "Failures"),
    ("rules", "Rules"),
    ("positions", "Positions"),
)
"""Anchors and names of the sections, in their order."""


def write_report(
    run: Path,
    *,
    collection: str,
    records: Sequence[StageRecord],
    output: Path,
    title: str = "image-intent",
) -> None:
    """Write the report of a run, whatever of it is there; the same bytes for the same run.

    Args:
        run: its folder, with the outputs of the jobs by their names and ``model/DIGEST``.
        collection: where the pictures are; one that cannot be read gives grey boxes and a line that says so.
        records: its stages.
        output: the HTML file, replaced in one step.
        title: of the page.

    Raises:
        OSError: `output` cannot be written.
    """
    facts = read_facts(run)
    pictures, problem = _pictures(collection)
    parts = [
        note(f"The pictures are not shown: {problem}") if problem else None,
        overview(facts, records),
        stages(records),
        balance(facts),
        examples(facts, pictures),
        confusion(facts, pictures),
        duplicates(facts, pictures),
        topics(facts, pictures),
        failures(facts),
        rules(facts),
        positions(facts),
    ]
    page = pictures.fill(document(title, _subtitle(facts), SECTIONS, parts))
    files.write_atomic(str(output), page.encode())


def _pictures(collection: str) -> tuple[Pictures, str | None]:
    planned: Collection | None = None
    problem = None
    try:
        planned = plan_collection(collection)
    except UsageError as error:
        problem = str(error)
    return Pictures(planned), problem


def _subtitle(facts: Facts) -> Html | str:
    days, _ = window(facts)
    told = [f"Clicks of {span(days[0], days[-1])} ({counted(len(days), 'day')})"] if days else []
    told.append(f"model {facts.model}" if facts.model else "no model")
    return " · ".join(told)
