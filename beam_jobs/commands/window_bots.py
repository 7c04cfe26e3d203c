"""Who of a window is a bot, by the same verdicts as derive_labels', for commands that read its evidence again."""

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict

import apache_beam as beam
import pyarrow as pa

from beam_jobs import inputs
from beam_jobs.blocks import manifest
from beam_jobs.blocks.failures import JobError
from beam_jobs.blocks.flags import Common
from beam_jobs.blocks.launch import Job, Sums, run_job
from beam_jobs.blocks.read import NamedBlock
from beam_jobs.blocks.shuffle import MapPartitions, Plan, ShuffleBlocks
from beam_jobs.label_steps import read_manners
from labels.bot_agreement import merge_agreement
from labels.bot_features import merge_population
from labels.bots import BotThresholds, find_bots
from labels.merges import merge_users
from labels.tables import BOT_USERS, EVIDENCE_USERS

_STAGE = "window_bots"


def bots_of(window: inputs.Window, thresholds: BotThresholds) -> pa.Table:
    """Return the bots of a window of evidence (``BOT_USERS``), judged as ``derive_labels`` judges them.

    Their manners and their agreement with others need all users and all queries of the window: a small job of its
    own, in a folder that is gone afterwards. Memory does not grow with the log.
    """

    def build(pipeline: beam.Pipeline, plan: Plan) -> beam.PCollection[NamedBlock]:
        users, agreement = read_manners(pipeline, window.shards["users"], window.shards["clicks"], plan)
        judged: beam.PCollection[NamedBlock] = (
            (users, agreement)
            | "ByUser"
            >> ShuffleBlocks(
                by={"users": ["user_hash"], "agreement": ["user_hash"]},
                plan=plan,
                broadcast=("population",),
                combine={"population": merge_population},
                merge={"users": merge_users, "agreement": merge_agreement},
            )
            | "Judge" >> MapPartitions(judge_users, (thresholds,))
        )
        return judged

    def balance(counters: Sums, rows: Sums) -> None:
        wanted = sum(shard.rows or 0 for shard in window.shards["clicks"])
        if counters.get("rows_read:choices", 0) != wanted:
            raise JobError(f"{wanted:,} rows of clicks were to be read, not {counters.get('rows_read:choices', 0):,}")

    job = Job(
        stage=_STAGE,
        version=1,
        tables={"bot_users": BOT_USERS},
        build=build,
        config={"bots": asdict(thresholds)},
        inputs={"evidence": window.digest},
        input_bytes=sum(shard.size for name in ("users", "clicks") for shard in window.shards[name]),
        balance=balance,
        rows=("rows_read:choices", "rows of evidence"),
    )
    with tempfile.TemporaryDirectory(prefix="image-intent-") as folder:
        run_job(job, output=folder, common=Common())
        return manifest.read_table(folder, "bot_users")


def judge_users(tables: Mapping[str, pa.Table], thresholds: BotThresholds) -> Iterator[NamedBlock]:
    """Yield the bots among one partition's users, as ``label_steps.keep_people`` finds them."""
    users = merge_users(tables.get("users", EVIDENCE_USERS.empty_table()))
    found = find_bots(users, thresholds, population=tables.get("population"), agreement=tables.get("agreement"))
    yield "bot_users", found
