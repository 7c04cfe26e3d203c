"""Join what is known of each image to the documents of the search index: representatives only.

Input: ``--features``, ``--labels``, ``--topics``, ``--duplicates`` (outputs of those jobs), ``--collection`` (titles
and texts) and ``--evidence`` (views). Output: the table ``documents``. Features of several models are refused.

    python -m beam_jobs.export_index --features run/extract_features --labels run/derive_labels \\
        --topics run/assign_topics --duplicates run/find_duplicates --output run/export_index --format parquet
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from beam_jobs import inputs
from beam_jobs.blocks import manifest
from beam_jobs.blocks.failures import JobError, counter_rows
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.flags import Common, job_parser, parse_job, run_main
from beam_jobs.blocks.join import join_tables
from beam_jobs.blocks.launch import Job, Sums, run_job
from beam_jobs.blocks.manifest import Manifest
from beam_jobs.blocks.read import NamedBlock, ReadBlocks, Shard
from beam_jobs.blocks.shuffle import MapBlocks, MapPartitions, Plan, ShuffleBlocks
from beam_jobs.features import require_embeddings
from beam_jobs.index.documents import DOCUMENTS, pool_documents
from beam_jobs.truth import read_taxonomy
from dedup.tables import DUPLICATES
from intent.tables import COLLECTION, FEATURES, TOPICS
from labels.tables import LABELS, REJECTED

STAGE = "export_index"
VERSION = 1
FORMATS = ("parquet",)
LATER_FORMATS = ("lancedb", "opensearch", "elasticsearch")
FEATURE_COLUMNS = tuple(name for name in FEATURES.names if name in DOCUMENTS.names)
COLLECTION_COLUMNS = ("image_id", "uri", "title", "text")
VIEWS = pa.schema([("image_id", pa.string()), ("views", pa.int64())])


@dataclass(frozen=True)
class Config:
    """Flags of this job."""

    features: str
    labels: str
    topics: str
    duplicates: str
    output: str
    collection: str | None = None
    evidence: str | None = None
    taxonomy: str | None = None


def count_views(table: pa.Table) -> Iterator[NamedBlock]:
    """Yield how often the images of a block of impressions were shown."""
    lengths = pc.list_value_length(table["counts"]).to_numpy()
    flat = table["counts"].combine_chunks().flatten().to_numpy().astype(np.int64)
    sums = np.add.reduceat(np.append(flat, 0), np.cumsum(lengths) - lengths) if len(lengths) else flat
    sums = np.where(lengths > 0, sums, 0)
    yield "views", add_views(pa.table([table["image_id"], pa.array(sums, pa.int64())], schema=VIEWS))


def add_views(table: pa.Table) -> pa.Table:
    """Return image_id and the sum of its views."""
    summed = table.group_by("image_id").aggregate([("views", "sum")])
    return pa.table([summed["image_id"], summed["views_sum"]], schema=VIEWS)


def join_images(tables: Mapping[str, pa.Table]) -> Iterator[NamedBlock]:
    """Yield one row per image of a partition with all that is known of it."""
    if "features" not in tables:
        return
    labels = tables.get("labels", LABELS.empty_table())
    named = {"intent": "label_intent", "parent": "label_parent", "confidence": "label_confidence"}
    labels = labels.select(["image_id", *named, "queries", "clicks"]).rename_columns(
        ["image_id", *named.values(), "label_queries", "label_clicks"]
    )
    rejected = tables.get("rejected", REJECTED.empty_table()).select(["image_id", "clicks"])
    rejected = rejected.rename_columns(["image_id", "rejected_clicks"])
    collection = inputs.conform_collection(
        tables.get("collection", COLLECTION.empty_table()),
        pa.schema([COLLECTION.field(name) for name in COLLECTION_COLUMNS]),
    )
    images = tables["features"]
    for other in (
        tables.get("duplicates", DUPLICATES.empty_table()).select(["image_id", "group_id", "is_representative"]),
        tables.get("topics", TOPICS.empty_table()).select(["image_id", "topic_high", "topic_low"]),
        labels,
        rejected,
        collection,
        tables.get("views", VIEWS.empty_table()),
    ):
        images = join_tables(images, other, on=["image_id"])
    clicks = pc.coalesce(images["label_clicks"], images["rejected_clicks"], pa.scalar(0, pa.int64()))
    views = pc.fill_null(images["views"], 0)
    images = images.drop_columns(["label_clicks", "rejected_clicks", "views"])
    yield "images", images.append_column("clicks", clicks).append_column("views", views)


def make_documents(
    tables: Mapping[str, pa.Table], parents: dict[str, str], clicks_are_pooled: bool
) -> Iterator[NamedBlock]:
    """Yield the documents of one partition of whole groups."""
    if "images" in tables:
        images = tables["images"]
        yield "documents", pool_documents(images, parents=parents, clicks_are_pooled=clicks_are_pooled)
        copies = pc.sum(pc.invert(images["is_representative"])).as_py() or 0
        yield "_counters", counter_rows({"images": images.num_rows, "copies": copies})


def build(
    pipeline: beam.Pipeline,
    shards: Mapping[str, Sequence[Shard]],
    collection: inputs.Collection | None,
    parents: dict[str, str],
    *,
    clicks_are_pooled: bool,
    plan: Plan,
) -> beam.PCollection[NamedBlock]:
    """By image: join. By group of duplicates: pool onto the representative."""
    parts = [pipeline | "ReadFeatures" >> ReadBlocks(shards["features"], columns=FEATURE_COLUMNS)]
    small = [s for name in ("labels", "rejected", "topics", "duplicates") for s in shards[name]]
    parts.append(pipeline | "ReadTables" >> ReadBlocks(small))
    if shards["impressions"]:
        read = pipeline | "ReadImpressions" >> ReadBlocks(shards["impressions"], columns=("image_id", "counts"))
        parts.append(read | "CountViews" >> MapBlocks(count_views, ["impressions"]))
    if collection is not None:
        parts.append(collection.read(pipeline, "ReadCollection", COLLECTION_COLUMNS))
    names = ("features", "labels", "rejected", "topics", "duplicates", "views", "collection")
    return (
        tuple(parts)
        | "ByImage" >> ShuffleBlocks(by={name: ["image_id"] for name in names}, plan=plan, combine={"views": add_views})
        | "JoinImages" >> MapPartitions(join_images)
        | "ByGroup" >> ShuffleBlocks(by={"images": ["group_id"]}, plan=plan)
        | "MakeDocuments" >> MapPartitions(make_documents, (parents, clicks_are_pooled))
    )


def run(config: Config, common: Common, *, skip_unchanged: bool = False) -> tuple[Manifest, bool]:
    """Run the job; see ``run_job``."""
    features = manifest.require(config.features, "features")
    labels = manifest.require(config.labels, "labels", "rejected")
    topics = manifest.require(config.topics, "topics")
    duplicates = manifest.require(config.duplicates, "duplicates")
    require_embeddings(config.features)
    for name, other in (("topics", topics), ("duplicates", duplicates)):
        if other.inputs.get("features") != features.digest():
            raise UsageError(f"--{name} was made from other features than {config.features}; run {other.stage} again")
    if labels.inputs.get("duplicates") not in (None, duplicates.digest()):
        raise UsageError(f"--labels pooled the clicks of other duplicates than {config.duplicates}; derive them again")
    shards: dict[str, Sequence[Shard]] = {
        "features": manifest.table_shards(config.features, "features"),
        "labels": manifest.table_shards(config.labels, "labels"),
        "rejected": manifest.table_shards(config.labels, "rejected"),
        "topics": manifest.table_shards(config.topics, "topics"),
        "duplicates": manifest.table_shards(config.duplicates, "duplicates"),
        "impressions": [],
    }
    digests = {
        "features": features.digest(),
        "labels": labels.digest(),
        "topics": topics.digest(),
        "duplicates": duplicates.digest(),
    }
    if config.evidence is not None:
        digests["evidence"] = manifest.require(config.evidence, "impressions").digest()
        shards["impressions"] = manifest.table_shards(config.evidence, "impressions")
    collection = inputs.plan_collection(config.collection) if config.collection else None
    if collection is not None:
        digests["collection"] = collection.digest
    taxonomy = read_taxonomy(config.taxonomy)
    parents = {intent.id: intent.parent for intent in taxonomy.intents}

    def balance(counters: Sums, rows: Sums) -> None:
        documents = rows["documents"] + counters.get("copies", 0)
        if counters.get("images", 0) != features.rows("features") or documents != features.rows("features"):
            raise JobError(
                f"{features.rows('features'):,} images went in, {rows['documents']:,} documents and "
                f"{counters.get('copies', 0):,} copies came out; run it again"
            )

    job = Job(
        stage=STAGE,
        version=VERSION,
        tables={"documents": DOCUMENTS},
        build=lambda pipeline, plan: build(
            pipeline,
            shards,
            collection,
            parents,
            clicks_are_pooled="duplicates" in labels.inputs,
            plan=plan,
        ),
        config={"taxonomy": taxonomy.digest} if config.taxonomy else {},
        inputs=digests,
        input_bytes=sum(shard.size for listed in shards.values() for shard in listed),
        balance=balance,
        rows=("rows_read:features", "rows of features"),
    )
    return run_job(job, output=config.output, common=common, skip_unchanged=skip_unchanged)


def main(argv: Sequence[str]) -> int:
    """Run the job from flags."""
    parser = job_parser("beam_jobs.export_index", __doc__ or "")
    parser.add_argument("--features", required=True, help="output of extract_features, with a model")
    parser.add_argument("--labels", required=True, help="output of derive_labels")
    parser.add_argument("--topics", required=True, help="output of assign_topics")
    parser.add_argument("--duplicates", required=True, help="output of find_duplicates")
    parser.add_argument("--output", required=True, help="folder of this job")
    parser.add_argument("--format", action="append", choices=[*FORMATS, *LATER_FORMATS], help="repeatable")
    parser.add_argument("--collection", help="table of images: uri, title and text come from it")
    parser.add_argument("--taxonomy", help="taxonomy file of the model (default: the packaged one)")
    parser.add_argument("--evidence", help="output of aggregate_clicks: views come from it")
    flags, common = parse_job(parser, argv)
    for name in flags.format or FORMATS:
        if name in LATER_FORMATS:
            raise UsageError(f"--format {name} is not built yet; this version writes {', '.join(FORMATS)}")
    settings = Config(
        features=flags.features,
        labels=flags.labels,
        topics=flags.topics,
        duplicates=flags.duplicates,
        output=flags.output,
        collection=flags.collection,
        evidence=flags.evidence,
        taxonomy=flags.taxonomy,
    )
    done, _ = run(settings, common)
    print(f"{STAGE}: {done.rows('documents'):,} documents -> {flags.output}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(run_main(main))
