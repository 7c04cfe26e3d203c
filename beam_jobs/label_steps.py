"""What derive_labels does to one partition: by user, by query, by image, and again.

Each step takes the tables of a partition by name and yields blocks by name for the next one.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import apache_beam as beam
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from beam_jobs.blocks.failures import counter_rows
from beam_jobs.blocks.read import NamedBlock, ReadBlocks, Shard
from beam_jobs.blocks.shuffle import Blocks, MapBlocks, MapPartitions, Plan, ShuffleBlocks, Targets, by_columns
from labels.attraction import PAIR_COUNTS, Attraction, fit_attraction
from labels.bot_agreement import count_agreement
from labels.bot_features import count_population
from labels.bots import BotThresholds, drop_bots, drop_users, find_bots
from labels.cut import CONFIDENCES, find_cut, settle
from labels.decide import LabelConfig, decide_labels
from labels.evidence import UNKNOWN_USER, merge_users
from labels.examination import Examination
from labels.frames import to_frame
from labels.pooling import pool_pairs
from labels.propagation import ask_queries, trust_of, weigh_asked, weigh_pairs
from labels.query_intents import query_evidence
from labels.rule_trust import RULE_EVIDENCE
from labels.rules import Rules
from labels.tables import (
    ASKED,
    EVIDENCE_CLICKS,
    EVIDENCE_IMPRESSIONS,
    EVIDENCE_USERS,
    EXAMINATION,
    LABELS,
    PAIRS,
    REJECTED,
    WEIGHED,
)
from labels.taxonomy import Taxonomy

TEXTS = ("query", "image_id")
"""Columns that stay dictionary-encoded."""
VERDICTS = {"labels": LABELS, "rejected": REJECTED, "other_labels": LABELS, "other_rejected": REJECTED}
"""What may become of images, before all of them are known."""


def read_manners(
    pipeline: beam.Pipeline, users: Sequence[Shard], clicks: Sequence[Shard], plan: Plan
) -> tuple[Blocks, Blocks]:
    """Return what tells bots from people, from the shards of a window: daily profiles with those of all users
    together (tables ``users`` and ``population``; other tables of the shards pass), and whose choices follow those of
    others (``agreement``)."""
    profiles = pipeline | "ReadUsers" >> ReadBlocks(users) | "CountManners" >> MapBlocks(count_manners, ["users"])
    choices = [shard._replace(name="choices") for shard in clicks]
    agreement = (
        pipeline
        | "ReadChoices" >> ReadBlocks(choices, columns=("query", "image_id", "user_hash", "clicks"), encoded=TEXTS)
        | "ChoicesByQuery" >> ShuffleBlocks(by={"choices": ["query"]}, plan=plan)
        | "Agree" >> MapPartitions(agree_on_queries)
    )
    return profiles, agreement


def by_person(name: str, table: pa.Table, partitions: int) -> Targets:
    """Return each click's partition: that of its user; clicks of nobody in particular go by query."""
    by_user = by_columns(name, table, partitions, columns=("user_hash",))
    nobody = table["user_hash"].to_numpy() == UNKNOWN_USER
    if not nobody.any():
        return by_user
    return np.where(nobody, by_columns(name, table, partitions, columns=("query", "image_id")), by_user)


def count_manners(table: pa.Table) -> Iterator[NamedBlock]:
    """Yield a block of daily profiles and how all these users behave."""
    yield "users", table
    yield "population", count_population(table)


def agree_on_queries(tables: Mapping[str, pa.Table]) -> Iterator[NamedBlock]:
    """Yield, for each user of one partition of queries, whether the user's choices follow those of others."""
    if "choices" in tables:
        yield "agreement", count_agreement(tables["choices"])


def keep_people(tables: Mapping[str, pa.Table], thresholds: BotThresholds) -> Iterator[NamedBlock]:
    """Yield the clicks of people in one partition by user, what was dropped, and what exploring rankers showed them."""
    users = merge_users(tables.get("users", EVIDENCE_USERS.empty_table()))
    people, dropped = drop_bots(
        tables.get("clicks", EVIDENCE_CLICKS.empty_table()),
        users,
        thresholds,
        population=tables.get("population"),
        agreement=tables.get("agreement"),
    )
    yield "clicks", people
    yield "bots", dropped
    if "explored" in tables:
        bots = find_bots(users, thresholds, population=tables.get("population"), agreement=tables.get("agreement"))
        yield "explored", drop_users(tables["explored"], bots)[0]


def pair_queries(
    tables: Mapping[str, pa.Table], rules: Rules, config: LabelConfig, window_end: date
) -> Iterator[NamedBlock]:
    """Yield what one partition's queries say of images, and what all such pairs look like."""
    if "bots" in tables:
        yield "bots", tables["bots"]
    found = query_evidence(
        tables.get("clicks", EVIDENCE_CLICKS.empty_table()),
        tables.get("impressions", EVIDENCE_IMPRESSIONS.empty_table()),
        Examination.of(tables.get("examination", EXAMINATION.empty_table())),
        rules,
        window_end=window_end,
        half_life_days=config.half_life_days,
    )
    yield from found.items()


def attraction_of(tables: Mapping[str, pa.Table]) -> Attraction:
    """Return what wanted and unwanted pairs of the whole window look like, from what is broadcast."""
    return fit_attraction(tables.get("pair_counts", PAIR_COUNTS.empty_table()))


def weigh_images(tables: Mapping[str, pa.Table], taxonomy: Taxonomy, config: LabelConfig) -> Iterator[NamedBlock]:
    """Yield what queries need to know of one partition's images, and its tables for the last step."""
    for name in ("pairs", "collection", "bots"):
        if name in tables:
            yield name, tables[name]
    pairs = tables.get("pairs", PAIRS.empty_table())
    owners = pairs["group_id"] if "group_id" in pairs.column_names else pairs["image_id"]
    members = pl.DataFrame(
        {
            "image_id": pl.from_arrow(pairs["image_id"].cast(pa.string())),
            "group_id": pl.from_arrow(owners.cast(pa.string())),
        }
    ).unique()
    pooled = pool_pairs(to_frame(pairs, PAIRS), members)
    yield "weighed", weigh_pairs(pooled, taxonomy, attraction_of(tables), config)


def ask_first(tables: Mapping[str, pa.Table], taxonomy: Taxonomy, config: LabelConfig) -> Iterator[NamedBlock]:
    """Yield what images need to know of one partition's queries, and what these say of their rules."""
    asked = ask_queries(tables.get("weighed", WEIGHED.empty_table()), taxonomy, attraction_of(tables), config)
    yield "asked", asked["asked"]
    yield "rule_evidence", asked["rule_evidence"]


def weigh_again(tables: Mapping[str, pa.Table], taxonomy: Taxonomy) -> Iterator[NamedBlock]:
    """Yield what queries, now that they know each other, need to know of one partition's images."""
    yield "weighed", weigh_asked(tables.get("asked", ASKED.empty_table()), taxonomy, attraction_of(tables))


def decide_queries(tables: Mapping[str, pa.Table], taxonomy: Taxonomy, config: LabelConfig) -> Iterator[NamedBlock]:
    """Yield the intents of one partition's queries, and what images need to know of them."""
    trust = trust_of(tables.get("rule_evidence", RULE_EVIDENCE.empty_table()), taxonomy, config)
    weighed = tables.get("weighed", WEIGHED.empty_table())
    asked = ask_queries(weighed, taxonomy, attraction_of(tables), config, trust=trust)
    yield "asked", asked["asked"]
    yield "query_intents", asked["query_intents"]


def decide_images(
    tables: Mapping[str, pa.Table], taxonomy: Taxonomy, config: LabelConfig, window_end: date, pooled: bool
) -> Iterator[NamedBlock]:
    """Yield labels and rejections of one partition's images, and what their clicks say of the rules."""
    for name in ("bots", "query_intents", "examination"):
        if name in tables:
            yield name, tables[name]
    images = tables.get("collection", pa.schema([("image_id", pa.string())]).empty_table())
    groups = None
    if pooled:
        groups = images.select(["image_id", "group_id"]) if images.num_rows else None
    decided = decide_labels(
        tables.get("pairs", PAIRS.empty_table()).select(PAIRS.names),
        tables.get("asked", ASKED.empty_table()),
        images.column("image_id"),
        taxonomy,
        config,
        attraction=attraction_of(tables),
        trust=trust_of(tables.get("rule_evidence", RULE_EVIDENCE.empty_table()), taxonomy, config),
        window_end=window_end,
        groups=groups,
    )
    for name in (*VERDICTS, "confidences", "rules"):
        yield name, decided[name]
    unknown = decided["unknown_images"]
    yield (
        "_counters",
        counter_rows(
            {
                "unknown_images": unknown.num_rows,
                "clicks_on_unknown_images": pc.sum(unknown["clicks"]).as_py() or 0,
            }
        ),
    )


def settle_images(tables: Mapping[str, pa.Table], config: LabelConfig) -> Iterator[NamedBlock]:
    """Yield the labels and rejections of one partition's images by the confidence that all labels together allow."""
    cut = find_cut(tables.get("confidences", CONFIDENCES.empty_table()), config.min_precision)
    verdicts = {name: tables.get(name, schema.empty_table()) for name, schema in VERDICTS.items()}
    yield from settle(verdicts, cut).items()


def own_group(table: pa.Table) -> Iterator[NamedBlock]:
    """Yield rows with group_id, their own id where the duplicates do not name one."""
    groups = (
        pc.coalesce(table["group_id"], table["image_id"]) if "group_id" in table.column_names else table["image_id"]
    )
    plain = table.drop_columns(["group_id"]) if "group_id" in table.column_names else table
    name = "pairs" if "query" in table.column_names else "collection"
    yield name, plain.append_column("group_id", groups)
