"""Run aggregate_clicks and derive_labels on a world, whole or with one part left out.

A part is left out by thresholds where the configuration has some, else by putting something else in the place of a
function while the job runs: the local runner's threads share this process. Nothing of the jobs knows of it.
"""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from beam_jobs import aggregate_clicks, derive_labels, examination, label_steps
from beam_jobs.blocks.flags import Common
from beam_jobs.blocks.manifest import read_table
from labels import propagation
from labels.bots import BotThresholds, drop_bots
from labels.composition import Choices
from labels.config import LabelConfig
from labels.evidence import hash_users
from labels.position_model import fit_examination
from labels.rule_trust import RuleBook, RuleTrust
from labels.tables import EXAMINATION
from labels.taxonomy import Taxonomy
from tests.bench.measure import BenchError
from tests.bench.worlds import World
from tests.bench.worlds_figures import Outcome

_NEVER = 1 << 40
NO_BOTS = BotThresholds(
    minute_clicks=_NEVER,
    impossible_minute_clicks=_NEVER,
    daily_clicks=_NEVER,
    daily_pages=_NEVER,
    image_clicks=_NEVER,
    everything_clicks=_NEVER,
    sure_human=float(_NEVER),
    sure_bot=float(_NEVER),
    sure_bot_at_once=float(_NEVER),
)
"""Nobody gets there: all clicks are people's."""
LOWEST = 0.005
"""Confidence from which labels are asked for where a curve is to be drawn."""


@dataclass(frozen=True)
class Part:
    """How a part is left out: settings, and functions by (module, name) with what stands in their place."""

    told: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    stand_ins: Mapping[tuple[Any, str], Callable[..., Any]] = field(default_factory=dict)


def _nothing_to_queries(chances: npt.NDArray[np.float64], likelihoods: object) -> npt.NDArray[np.float64]:
    return np.zeros((len(chances), chances.shape[1] + 1))


def _no_composition(starts: npt.NDArray[np.int64], choices: Choices, intents: int) -> tuple[Any, Any]:
    return np.zeros((len(starts), intents)), np.zeros((len(choices.intents), intents))


def _same_trust(evidence: object, taxonomy: Taxonomy, config: LabelConfig) -> RuleTrust:
    rules = len(RuleBook.of(taxonomy).patterns)
    return RuleTrust(np.full(rules, config.misleading), np.zeros(rules, dtype=bool))


def _no_rates(*_: pa.Table) -> pa.Table:
    return EXAMINATION.empty_table()


def _click_rates(cells: pa.Table, explored: pa.Table, clicks: pa.Table, impressions: pa.Table) -> pa.Table:
    return fit_examination(cells.slice(0, 0), explored.slice(0, 0), clicks, impressions)


def _one_rate(*tables: pa.Table) -> pa.Table:
    found = _click_rates(*tables)
    rate = np.full(found.num_rows, pc.sum(found["clicks"]).as_py() / max(pc.sum(found["impressions"]).as_py(), 1))
    return found.set_column(found.column_names.index("rate"), "rate", pa.array(rate))


PARTS: Mapping[str, Part] = {
    "bots": Part("thresholds that nobody reaches: robots' clicks count as people's", {"bots": NO_BOTS}),
    "beliefs": Part(
        "queries believe their words alone: what images tell them (to_queries, composition) is nothing",
        stand_ins={
            (propagation, "to_queries"): _nothing_to_queries,
            (propagation, "composition"): _no_composition,
        },
    ),
    "composition": Part(
        "what the kinds of chosen pictures say of a query (propagation.composition) is nothing",
        stand_ins={(propagation, "composition"): _no_composition},
    ),
    "rule trust": Part(
        "all rules mislead as often (label_steps.trust_of)",
        stand_ins={(label_steps, "trust_of"): _same_trust},
    ),
    "cut": Part(
        "one confidence for all logs, 0.72, not one precision",
        {"labels": LabelConfig(min_confidence=0.72, min_precision=0.01)},
    ),
    "expectation": Part(
        "no examination (examination.fit_examination is empty), as for a log without unclicked results",
        stand_ins={(examination, "fit_examination"): _no_rates},
    ),
    "positions": Part(
        "one click rate for all positions (examination.fit_examination)",
        stand_ins={(examination, "fit_examination"): _one_rate},
    ),
    "examination": Part(
        "the click rate by position, not what results seen at several positions say (examination.fit_examination)",
        stand_ins={(examination, "fit_examination"): _click_rates},
    ),
}
"""What can be left out."""


def make_evidence(world: World, *, output: Path) -> float:
    """Run aggregate_clicks; return the seconds. What its gate says of a log is not measured here."""
    started = time.perf_counter()
    config = aggregate_clicks.Config(str(world.log), str(output), force=True)
    aggregate_clicks.run(config, Common())
    return time.perf_counter() - started


def label(world: World, *, evidence: Path, output: Path, without: str | None = None, lowest: bool = False) -> Outcome:
    """Run derive_labels into the new folder `output`.

    Args:
        world: whose evidence it is.
        evidence: output of ``make_evidence``.
        output: of the job.
        without: key of ``PARTS``.
        lowest: label whatever is a little likely, for a curve.

    Raises:
        BenchError: the part was not left out, so that a comparison would say nothing.
    """
    part = PARTS[without] if without else Part("")
    config = derive_labels.Config(str(evidence), str(world.collection), str(output))
    if lowest:
        config = replace(config, labels=LabelConfig(min_confidence=LOWEST, min_precision=LOWEST))
    config = replace(config, **part.settings)
    seen: dict[int, tuple[int, bool]] = {}
    used: list[mock.Mock] = []
    started = time.perf_counter()
    with contextlib.ExitStack() as stack:
        for (module, name), stand_in in part.stand_ins.items():
            mocked = mock.Mock(side_effect=stand_in)
            stack.enter_context(mock.patch.object(module, name, mocked))
            used.append(mocked)
        stack.enter_context(_watched(seen))
        derive_labels.run(config, Common())
    seconds = time.perf_counter() - started
    users = _users(world, seen)
    if not all(mocked.called for mocked in used) or (without == "bots" and users["dropped"].any()):
        raise BenchError(f"{output}: {without} should have been left out and was not")
    rejected = _frame(output, "rejected").group_by("reason").len().sort("reason")
    return Outcome(
        labels=_frame(output, "labels").select("image_id", "intent", "parent", "confidence"),
        queries=_frame(output, "query_intents").select("query", "intent"),
        rejected=dict(rejected.iter_rows()),
        users=users,
        seconds=seconds,
    )


@contextlib.contextmanager
def _watched(seen: dict[int, tuple[int, bool]]) -> Iterator[None]:
    """Note, for each user hash, the clicks and whether derive_labels dropped them."""

    def watch(clicks: pa.Table, *args: Any, **kwargs: Any) -> tuple[pa.Table, pa.Table]:
        people, dropped = drop_bots(clicks, *args, **kwargs)
        kept = set(people["user_hash"].to_pylist())
        sums = clicks.select(["user_hash", "clicks"]).group_by("user_hash").aggregate([("clicks", "sum")])
        for user, count in zip(sums["user_hash"].to_pylist(), sums["clicks_sum"].to_pylist(), strict=True):
            seen[user] = (count, user not in kept)
        return people, dropped

    with mock.patch.object(label_steps, "drop_bots", watch):
        yield


def _users(world: World, seen: Mapping[int, tuple[int, bool]]) -> pl.DataFrame:
    ids = world.clicks["user_id"].unique().sort().to_list()
    hashes = hash_users(ids, key=aggregate_clicks.DEFAULT_KEY).tolist()
    rows = [(user, *seen[known]) for user, known in zip(ids, hashes, strict=True)]
    return pl.DataFrame(rows, {"user_id": pl.String, "clicks": pl.Int64, "dropped": pl.Boolean}, orient="row")


def _frame(output: Path, table: str) -> pl.DataFrame:
    frame = pl.DataFrame(read_table(str(output), table))
    texts = [name for name, kind in frame.schema.items() if kind == pl.Categorical]
    return frame.with_columns(pl.col(texts).cast(pl.String)) if texts else frame
