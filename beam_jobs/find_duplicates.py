"""Find the images that are the same picture, and the best copy of each.

Input: ``--features`` (output of extract_features; with the CNN's columns or without) and optionally
``--evidence``, whose clicks decide between equal copies. Output: the table ``duplicates``, a row per image.

    python -m beam_jobs.find_duplicates --features run/extract_features --output run/find_duplicates
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field

import apache_beam as beam
import pyarrow as pa
import pyarrow.compute as pc

from beam_jobs.blocks import manifest
from beam_jobs.blocks.failures import JobError, counter_rows
from beam_jobs.blocks.flags import Common, job_parser, parse_job, run_main
from beam_jobs.blocks.join import JoinBlocks
from beam_jobs.blocks.launch import Job, Sums, run_job
from beam_jobs.blocks.manifest import Manifest
from beam_jobs.blocks.read import NamedBlock, ReadBlocks, Shard
from beam_jobs.blocks.shuffle import MapBlocks, MapPartitions, Plan, ShuffleBlocks
from beam_jobs.features import check_one_model
from dedup.candidates import PAIRS, band_table, candidate_pairs
from dedup.columns import RANK_COLUMNS, VERIFY_COLUMNS
from dedup.find import DedupConfig
from dedup.groups import find_groups
from dedup.tables import DUPLICATES
from dedup.verify import EDGES, verify_pairs

STAGE = "find_duplicates"
VERSION = 1
ENDS = pa.schema([("image_id_a", pa.string()), ("image_id_b", pa.string()), ("image_id", pa.string())])
"""The two images of a candidate pair, a row each, so that their features can be joined to them."""
COLUMNS = tuple(dict.fromkeys(("image_id", *VERIFY_COLUMNS, *RANK_COLUMNS)))


@dataclass(frozen=True)
class Config:
    """Flags of this job, and its thresholds."""

    features: str
    output: str
    evidence: str | None = None
    dedup: DedupConfig = field(default_factory=DedupConfig)


def cut_into_bands(table: pa.Table, config: DedupConfig) -> Iterator[NamedBlock]:
    """Yield the bands of a block of features."""
    yield "bands", band_table(table, config.bands)


def pair_ends(tables: Mapping[str, pa.Table], config: DedupConfig) -> Iterator[NamedBlock]:
    """Yield both ends of the candidate pairs of one partition's bands."""
    if "bands" not in tables:
        return
    pairs = candidate_pairs(tables["bands"], config.bands)
    yield "_counters", counter_rows({"candidate_pairs": pairs.num_rows})
    for side in PAIRS.names:
        yield "ends", pairs.append_column("image_id", pairs.column(side))


def distinct_ends(table: pa.Table) -> pa.Table:
    """Return each end of each pair once: a pair may meet in many bands."""
    return table.group_by(ENDS.names).aggregate([]).select(ENDS.names)


def verify_partition(tables: Mapping[str, pa.Table], config: DedupConfig) -> Iterator[NamedBlock]:
    """Yield the verified edges among one partition's pairs, whose ends carry their features."""
    ends = tables.get("ends")
    if ends is None:
        return
    pairs = ends.group_by(PAIRS.names).aggregate([]).select(PAIRS.names)
    yield "edges", verify_pairs(pairs, ends.drop_columns(PAIRS.names), thresholds=config.thresholds)


def rank_rows(table: pa.Table) -> Iterator[NamedBlock]:
    """Yield the columns of a block of features that rank copies."""
    yield "ranks", table.select([n for n in ("image_id", *RANK_COLUMNS) if n in table.column_names])


def count_image_clicks(table: pa.Table) -> Iterator[NamedBlock]:
    """Yield the clicks per image of a block of evidence."""
    yield "image_clicks", add_clicks(table)


def add_clicks(table: pa.Table) -> pa.Table:
    """Return image_id and the sum of its clicks."""
    summed = table.group_by("image_id").aggregate([("clicks", "sum")])
    return pa.table({"image_id": summed["image_id"], "clicks": summed["clicks_sum"]})


def group_images(tables: Mapping[str, pa.Table]) -> Iterator[NamedBlock]:
    """Yield the groups of all images."""
    if "ranks" in tables:
        edges = tables.get("edges", EDGES.empty_table())
        groups = find_groups(tables["ranks"], edges, clicks=tables.get("image_clicks"))
        yield "duplicates", groups
        copies = groups.num_rows - (pc.sum(groups["is_representative"]).as_py() or 0)
        yield "_counters", counter_rows({"copies": copies})


def build(
    pipeline: beam.Pipeline, config: Config, features: Sequence[Shard], clicks: Sequence[Shard], plan: Plan
) -> beam.PCollection[NamedBlock]:
    """By band: candidates. By pair: verify with both pictures' features. Together: groups and best copies."""
    rows = pipeline | "ReadFeatures" >> ReadBlocks(features, columns=COLUMNS)
    ends = (
        rows
        | "CutIntoBands" >> MapBlocks(cut_into_bands, ["features"], (config.dedup,))
        | "ByBand" >> ShuffleBlocks(by={"bands": ["band"]}, plan=plan)
        | "PairEnds" >> MapPartitions(pair_ends, (config.dedup,))
    )
    edges = (
        (ends, rows | "WithoutCounters" >> beam.Filter(_is_features))
        | "FetchFeatures"
        >> JoinBlocks(
            left=("ends",),
            right="features",
            on=("image_id",),
            plan=plan,
            combine={"ends": distinct_ends},
        )
        | "ByPair" >> ShuffleBlocks(by={"ends": ["image_id_a", "image_id_b"]}, plan=plan)
        | "VerifyPairs" >> MapPartitions(verify_partition, (config.dedup,))
    )
    ranks = rows | "FeatureRows" >> beam.Filter(_is_features) | "RankRows" >> MapBlocks(rank_rows, ["features"])
    parts = [edges, ranks]
    if clicks:
        read = pipeline | "ReadClicks" >> ReadBlocks(clicks, columns=("image_id", "clicks"))
        parts.append(read | "CountClicks" >> MapBlocks(count_image_clicks, ["clicks"]))
    return (
        tuple(parts)
        | "Together"
        >> ShuffleBlocks(
            by={"edges": ["image_id_a"], "ranks": ["image_id"], "image_clicks": ["image_id"]},
            plan=plan.whole(),  # thousands of pictures per millisecond; star groups need a component whole
            combine={"image_clicks": add_clicks},
        )
        | "GroupImages" >> MapPartitions(group_images)
    )


def _is_features(block: NamedBlock) -> bool:
    return block[0] == "features"


def run(config: Config, common: Common, *, skip_unchanged: bool = False) -> tuple[Manifest, bool]:
    """Run the job; see ``run_job``."""
    features = manifest.require(config.features, "features")
    check_one_model(config.features)
    shards = manifest.table_shards(config.features, "features")
    digests = {"features": features.digest()}
    clicks: list[Shard] = []
    if config.evidence is not None:
        digests["evidence"] = manifest.require(config.evidence, "clicks").digest()
        clicks = manifest.table_shards(config.evidence, "clicks")

    def balance(counters: Sums, rows: Sums) -> None:
        if rows["duplicates"] != features.rows("features"):
            raise JobError(
                f"{features.rows('features'):,} images went in, {rows['duplicates']:,} came out; run it again"
            )

    job = Job(
        stage=STAGE,
        version=VERSION,
        tables={"duplicates": DUPLICATES},
        build=lambda pipeline, plan: build(pipeline, config, shards, clicks, plan),
        config=asdict(config.dedup),
        inputs=digests,
        input_bytes=sum(shard.size for shard in shards),
        balance=balance,
        rows=("rows_read:features", "rows of features"),
    )
    return run_job(job, output=config.output, common=common, skip_unchanged=skip_unchanged)


def main(argv: Sequence[str]) -> int:
    """Run the job from flags."""
    parser = job_parser("beam_jobs.find_duplicates", __doc__ or "")
    parser.add_argument("--features", required=True, help="output of extract_features")
    parser.add_argument("--output", required=True, help="folder of this job")
    parser.add_argument("--evidence", help="output of aggregate_clicks: clicks decide between equal copies")
    flags, common = parse_job(parser, argv)
    done, _ = run(Config(flags.features, flags.output, flags.evidence), common)
    print(f"{STAGE}: {done.rows('duplicates'):,} images -> {flags.output}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(run_main(main))
