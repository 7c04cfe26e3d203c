"""Cluster images into high and low topics, and name them by what people asked.

Input: ``--features`` (output of extract_features with a model) and optionally ``--evidence``, whose most clicked
queries name the topics. Output: the tables ``topics`` and ``topic_names``.

    python -m beam_jobs.assign_topics --features run/extract_features --output run/assign_topics
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field

import apache_beam as beam
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from beam_jobs.blocks import manifest
from beam_jobs.blocks.failures import JobError, counter_rows, failure_rows
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.flags import Common, job_parser, parse_job, positive, run_main
from beam_jobs.blocks.launch import Job, Sums, run_job
from beam_jobs.blocks.manifest import Manifest
from beam_jobs.blocks.read import NamedBlock, ReadBlocks, Shard
from beam_jobs.blocks.shuffle import MapPartitions, Plan, ShuffleBlocks
from beam_jobs.features import require_embeddings
from intent.tables import TOPIC_NAMES, TOPICS
from intent.topic_names import name_topics
from intent.topics import TopicConfig, assign_topics, fit_topics
from labels.config import LabelConfig
from labels.evidence import UNKNOWN_USER

STAGE = "assign_topics"
VERSION = 1
QUERY_CLICKS = pa.schema([("image_id", pa.string()), ("query", pa.string()), ("users", pa.int64())])


@dataclass(frozen=True)
class Config:
    """Flags of this job, and its settings."""

    features: str
    output: str
    evidence: str | None = None
    min_query_users: int = LabelConfig().min_query_users
    topics: TopicConfig = field(default_factory=TopicConfig)


def query_clicks(tables: Mapping[str, pa.Table], min_query_users: int) -> Iterator[NamedBlock]:
    """Yield image_id, query and people of one partition's queries; a query of fewer people may say who asked."""
    if "clicks" in tables:
        clicks = pl.DataFrame(tables["clicks"].select(["query", "image_id", "user_hash", "clicks"]))
        known = pl.col("user_hash") != UNKNOWN_USER
        people = pl.col("user_hash").filter(known).n_unique() + pl.col("clicks").filter(~known).sum()
        shown = clicks.group_by("query").agg(people.alias("people")).filter(pl.col("people") >= min_query_users)
        counted = (
            clicks.join(shown.select("query"), on="query", how="semi")
            .group_by("image_id", "query")
            .agg(people.cast(pl.Int64).alias("users"))
            .sort("image_id", "query")
        )
        yield "query_clicks", counted.select(QUERY_CLICKS.names).to_arrow().cast(QUERY_CLICKS)


def cluster(tables: Mapping[str, pa.Table], config: TopicConfig) -> Iterator[NamedBlock]:
    """Yield the topics of all images and their names."""
    if "features" not in tables:
        return
    features = tables["features"].sort_by("image_id")
    column = features["embedding"].combine_chunks()
    embeddings = column.flatten().to_numpy(zero_copy_only=False).astype(np.float32).reshape(features.num_rows, -1)
    ids = features["image_id"].combine_chunks()
    model = fit_topics(embeddings, ids, config)
    for text in model.warnings:
        yield "_failures", failure_rows(STAGE, [("topics", "fewer_topics", text)])
    topics = assign_topics(embeddings, ids, model)
    clicked = tables.get("query_clicks", QUERY_CLICKS.empty_table())
    clicked = clicked.filter(pc.is_in(clicked["image_id"], value_set=ids))
    yield "topics", topics
    yield "topic_names", name_topics(topics, clicked)
    yield "_counters", counter_rows({"high_topics": model.high_count, "low_topics": model.low_count})


def build(
    pipeline: beam.Pipeline, config: Config, features: Sequence[Shard], clicks: Sequence[Shard], plan: Plan
) -> beam.PCollection[NamedBlock]:
    """Count people per query and image by query; cluster and name in one place."""
    parts = [pipeline | "ReadFeatures" >> ReadBlocks(features, columns=("image_id", "embedding"))]
    if clicks:
        parts.append(
            pipeline
            | "ReadClicks" >> ReadBlocks(clicks, columns=("query", "image_id", "user_hash", "clicks"))
            | "ByQuery" >> ShuffleBlocks(by={"clicks": ["query"]}, plan=plan)
            | "QueryClicks" >> MapPartitions(query_clicks, (config.min_query_users,))
        )
    return (
        tuple(parts)
        | "Together" >> ShuffleBlocks(by={"features": ["image_id"], "query_clicks": ["image_id"]}, plan=plan.whole())
        | "Cluster" >> MapPartitions(cluster, (config.topics,))
    )


def run(config: Config, common: Common, *, skip_unchanged: bool = False) -> tuple[Manifest, bool]:
    """Run the job; see ``run_job``."""
    features = manifest.require(config.features, "features")
    require_embeddings(config.features)
    if not features.rows("features"):
        raise UsageError(f"{config.features}: no image has features; there is nothing to cluster")
    shards = manifest.table_shards(config.features, "features")
    digests = {"features": features.digest()}
    clicks: list[Shard] = []
    if config.evidence is not None:
        digests["evidence"] = manifest.require(config.evidence, "clicks").digest()
        clicks = manifest.table_shards(config.evidence, "clicks")

    def balance(counters: Sums, rows: Sums) -> None:
        if rows["topics"] != features.rows("features"):
            raise JobError(f"{features.rows('features'):,} images went in, {rows['topics']:,} came out; run it again")

    job = Job(
        stage=STAGE,
        version=VERSION,
        tables={"topics": TOPICS, "topic_names": TOPIC_NAMES},
        build=lambda pipeline, plan: build(pipeline, config, shards, clicks, plan),
        config={**asdict(config.topics), "min_query_users": config.min_query_users},
        inputs=digests,
        input_bytes=sum(shard.size for shard in shards),
        balance=balance,
        rows=("rows_read:features", "rows of features"),
    )
    done, skipped = run_job(job, output=config.output, common=common, skip_unchanged=skip_unchanged)
    for detail in manifest.read_table(config.output, "failures", ["detail"])["detail"].to_pylist():
        print(f"warning: {detail}", file=sys.stderr)
    return done, skipped


def main(argv: Sequence[str]) -> int:
    """Run the job from flags."""
    defaults = TopicConfig()
    parser = job_parser("beam_jobs.assign_topics", __doc__ or "")
    parser.add_argument("--features", required=True, help="output of extract_features")
    parser.add_argument("--output", required=True, help="folder of this job")
    parser.add_argument("--evidence", help="output of aggregate_clicks: its queries name the topics")
    parser.add_argument("--high", type=positive, default=defaults.high, help="high topics (default: %(default)s)")
    parser.add_argument("--low", type=positive, default=defaults.low, help="low topics (default: %(default)s)")
    flags, common = parse_job(parser, argv)
    if flags.low < flags.high:
        raise UsageError(f"--low {flags.low} is below --high {flags.high}; every high topic has at least one low one")
    settings = Config(flags.features, flags.output, flags.evidence, topics=TopicConfig(high=flags.high, low=flags.low))
    done, _ = run(settings, common)
    counts = done.counters
    print(
        f"{STAGE}: {counts['high_topics']} high, {counts['low_topics']} low topics -> {flags.output}", file=sys.stderr
    )
    return 0


if __name__ == "__main__":
    sys.exit(run_main(main))
