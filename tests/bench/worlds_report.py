"""Measure labels on generated worlds and tell it: tables, a plot of precision and recall, JSON."""

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table

from labels.config import LabelConfig
from labels.taxonomy import load_taxonomy
from tests.bench.report import machine
from tests.bench.worlds import WORLDS, make_world
from tests.bench.worlds_figures import Figures, Outcome, Point, curve_of, figures_of, findable, goals_of, raw_vote
from tests.bench.worlds_runs import PARTS, label, make_evidence

FEWEST_LABELS = 50
"""Labels from which a curve is drawn: the precision of fewer is chance."""
_COLUMNS = {
    "precision": "precision",
    "recall": "recall",
    "wrong_ratio": "wrong ÷ vote's",
    "query_precision": "query precision",
    "generic_with_intent": "generic with intent",
    "fast_bots_dropped": "fast bots dropped",
    "slow_bots_dropped": "slow bots dropped",
    "people_dropped": "people dropped",
    "calibration_error": "calibration error",
}
_DIFFERENCES = ("precision", "recall", "query_precision", "calibration_error")


@dataclass(frozen=True)
class Measured:
    """One world.

    Attributes:
        world, seed, digest: which it is; `digest` is of its log.
        rows, clicks: of the log.
        images: of the collection.
        findable: images that labels should find.
        whole: figures of the run that lacks nothing.
        vote: the raw click vote.
        vote_where_labelled: the same, of the images alone that the run labels: it gains nothing by abstaining.
        without: figures of the runs that lack a part.
        curve: precision and recall by threshold; empty where it was not asked for.
        rejected: images without a label by reason.
        seconds: by run.
    """

    world: str
    seed: int
    digest: str
    rows: int
    clicks: int
    images: int
    findable: int
    whole: Figures
    vote: Point
    vote_where_labelled: Point
    without: Mapping[str, Figures]
    curve: Sequence[Point]
    rejected: Mapping[str, int]
    seconds: Mapping[str, float]


def measure_world(
    name: str, *, seed: int, folder: Path, parts: bool, curve: bool, tell: Callable[[str], None]
) -> Measured:
    """Make a world in the existing empty `folder` and run the jobs on it, also without each part (`parts`).

    Raises:
        BenchError: a part was not left out, so that the comparison says nothing.
    """
    taxonomy = load_taxonomy()
    world = make_world(name, taxonomy, seed=seed, folder=folder)
    evidence = folder / "evidence"
    seconds = {"aggregate_clicks": make_evidence(world, output=evidence)}
    runs: dict[str, Outcome] = {"whole": label(world, evidence=evidence, output=folder / "whole")}
    for part in PARTS if parts else ():
        runs[part] = label(world, evidence=evidence, output=folder / part, without=part)
    seconds |= {name: run.seconds for name, run in runs.items()}
    points: list[Point] = []
    if curve:
        everything = label(world, evidence=evidence, output=folder / "curve", lowest=True)
        points = curve_of(world, everything.labels)
    found = {name: figures_of(world, run) for name, run in runs.items()}
    whole = found.pop("whole")
    tell(f"{name} {seed}: {whole.labels:,} labels, {whole.wrong:,} wrong; " + _times(seconds))
    return Measured(
        world=name,
        seed=seed,
        digest=world.digest,
        rows=world.rows,
        clicks=len(world.clicks),
        images=len(world.truth),
        findable=len(findable(world)),
        whole=whole,
        vote=raw_vote(world),
        vote_where_labelled=raw_vote(world, among=runs["whole"].labels.filter(pl.col("intent").is_not_null())),
        without=found,
        curve=points,
        rejected=runs["whole"].rejected,
        seconds=seconds,
    )


def run_worlds(
    worlds: Sequence[str],
    seeds: Sequence[int],
    *,
    parts: bool,
    plot: Path | None,
    json_file: Path | None,
    tell: Callable[[str], None],
) -> list[Measured]:
    """Measure each world with each seed, in temporary folders; write the plot and the JSON where asked for."""
    measured = []
    for seed in seeds:
        for name in worlds:
            with tempfile.TemporaryDirectory() as folder:
                curve = plot is not None or json_file is not None
                measured.append(
                    measure_world(name, seed=seed, folder=Path(folder), parts=parts, curve=curve, tell=tell)
                )
    if plot is not None:
        draw_curves(plot, measured)
    if json_file is not None:
        json_file.write_text(json.dumps(_told(measured), indent=1, ensure_ascii=False) + "\n")
    return measured


def print_worlds(console: Console, measured: Sequence[Measured]) -> None:
    """Print the worlds, the figures with their goals, and what is worse without each part."""
    headings = ("world", "seed", "rows", "clicks", "images", "to find", "labels", "wrong", "parent only")
    logs = Table(*headings, "vote's wrong", "precision / recall", "wrong, same images")
    for one in measured:
        logs.add_row(
            one.world,
            str(one.seed),
            *(f"{n:,}" for n in (one.rows, one.clicks, one.images, one.findable)),
            *(f"{n:,}" for n in (one.whole.labels, one.whole.wrong, one.whole.parents_only)),
            f"{one.vote.wrong:,} of {one.vote.labels:,}",
            f"{_number(one.vote.precision)} / {_number(one.vote.recall)}",
            f"{one.vote_where_labelled.wrong:,} of {one.vote_where_labelled.labels:,}",
        )
    console.print(logs)
    console.print("vote: the raw click vote, of all images that it labels and of those alone that have a label here.")
    table = Table("world", "seed", *_COLUMNS.values())
    for one in measured:
        goals = goals_of(one.world)
        cells = []
        for name in _COLUMNS:
            value = getattr(one.whole, name)
            told = _number(value, digits=4 if name == "people_dropped" else 3)
            cells.append(f"[red]{told} ![/red]" if goals[name].missed_by(value) else told)
        table.add_row(one.world, str(one.seed), *cells)
    table.add_section()
    table.add_row("goal", "", *(str(goals_of("position")[name]) for name in _COLUMNS))
    console.print(table)
    console.print("recall: of images that 3 real users clicked as relevant; its goal in sparse and grid is 0.6.")
    console.print("!: goal missed. –: no such user, query or label.")
    if any(one.without for one in measured):
        _print_parts(console, measured)
    console.print(", ".join(f"{name} {value}" for name, value in machine().items()), soft_wrap=True)


def draw_curves(path: Path, measured: Sequence[Measured]) -> None:
    """Draw precision by recall of each world, with the chosen threshold and the raw click vote, as one PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    names = [name for name in WORLDS if any(one.world == name for one in measured)]
    columns = min(3, len(names))
    rows = -(-len(names) // columns)
    figure = Figure(figsize=(4.2 * columns, 3.6 * rows), layout="constrained", dpi=110)
    FigureCanvasAgg(figure)
    axes = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).ravel()
    for axis, name in zip(axes, names, strict=False):
        goals = goals_of(name)
        axis.axhline(goals["precision"].bound, color="0.7", linewidth=0.8)
        axis.axvline(goals["recall"].bound, color="0.7", linewidth=0.8)
        for place, one in enumerate(one for one in measured if one.world == name):
            color = f"C{place}"
            points = [point for point in one.curve if point.labels >= FEWEST_LABELS]
            recalls, precisions = [point.recall for point in points], [point.precision for point in points]
            axis.plot(recalls, precisions, color, label=f"labels, seed {one.seed}")
            axis.plot(one.whole.recall, one.whole.precision, "o", color=color)
            axis.plot(one.vote.recall, one.vote.precision, "x", color=color, label="raw click vote")
        axis.set_title(name)
        axis.grid(alpha=0.25)
        axis.legend(loc="lower left", fontsize=8)
    for axis in axes[len(names) :]:
        axis.set_axis_off()
    chosen = LabelConfig().min_precision
    figure.supxlabel("recall of the images that 3 real users clicked as relevant")
    figure.supylabel("precision of the labels")
    figure.suptitle(
        f"Sweep of the confidence; dot: cut at an expected precision of {chosen:g}; lines: goals", fontsize=10
    )
    figure.savefig(path, format="png")


def _print_parts(console: Console, measured: Sequence[Measured]) -> None:
    table = Table("world", "seed", "without", "labels", "wrong", "wrong, × whole", *(_COLUMNS[n] for n in _DIFFERENCES))
    for one in measured:
        for part, figures in one.without.items():
            table.add_row(
                one.world if part == next(iter(one.without)) else "",
                str(one.seed) if part == next(iter(one.without)) else "",
                part,
                f"{figures.labels:,}",
                f"{figures.wrong:,}",
                _number(figures.wrong / one.whole.wrong if one.whole.wrong else None, digits=2),
                *(_change(getattr(figures, name), getattr(one.whole, name)) for name in _DIFFERENCES),
            )
        table.add_section()
    console.print(table)
    console.print("In brackets: the change by leaving the part out.")
    for name, left_out in PARTS.items():
        console.print(f"without {name}: {left_out.told}", highlight=False, soft_wrap=True)


def _told(measured: Sequence[Measured]) -> dict[str, Any]:
    names = {one.world for one in measured}
    return {
        "machine": machine(),
        "min_precision": LabelConfig().min_precision,
        "goals": {
            world: {figure: {"bound": goal.bound, "least": goal.least} for figure, goal in goals_of(world).items()}
            for world in WORLDS
            if world in names
        },
        "parts": {name: part.told for name, part in PARTS.items()},
        "worlds": [{**asdict(one), "settings": dict(WORLDS[one.world])} for one in measured],
    }


def _number(value: float | None, *, digits: int = 3) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _change(value: float | None, whole: float | None) -> str:
    if value is None or whole is None:
        return _number(value)
    return f"{value:.3f} ({value - whole:+.3f})"


def _times(seconds: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.1f} s" for name, value in seconds.items())
