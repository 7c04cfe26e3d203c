"""Decide what each image is for, from a window of click evidence, and keep the evidence beside the label.

Input: ``--evidence`` (output of aggregate_clicks) or ``--clicks`` (a raw log: the evidence is made first, under
``--temp``), and ``--collection``. Output: the tables ``labels``, ``query_intents``, ``rules``, ``rejected``, ``bots``
and ``examination``. Every image of the collection is in exactly one of labels and rejected.

    python -m beam_jobs.derive_labels --evidence run/aggregate_clicks --collection pictures.csv \\
        --output run/derive_labels
"""

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import apache_beam as beam

from beam_jobs import aggregate_clicks, inputs
from beam_jobs.blocks import manifest
from beam_jobs.blocks.failures import JobError
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.flags import Common, job_parser, parse_job, positive, run_main
from beam_jobs.blocks.join import JoinBlocks, is_named, is_not_named
from beam_jobs.blocks.launch import Job, Sums, check_output, run_job
from beam_jobs.blocks.manifest import Manifest
from beam_jobs.blocks.read import NamedBlock, ReadBlocks, Shard
from beam_jobs.blocks.recovery import work_folder
from beam_jobs.blocks.shuffle import Blocks, MapBlocks, MapPartitions, Plan, ShuffleBlocks
from beam_jobs.blocks.skew import sample_hot_keys
from beam_jobs.examination import EstimateExamination
from beam_jobs.label_steps import (
    TEXTS,
    VERDICTS,
    ask_first,
    by_person,
    decide_images,
    decide_queries,
    keep_people,
    own_group,
    pair_queries,
    read_manners,
    settle_images,
    weigh_again,
    weigh_images,
)
from labels.attraction import merge_pair_counts
from labels.bot_agreement import merge_agreement
from labels.bot_features import merge_population
from labels.bots import BotThresholds, merge_bots
from labels.cut import merge_confidences
from labels.decide import LabelConfig, merge_rules
from labels.evidence import merge_users
from labels.exploring import merge_explored
from labels.log_gate import name_days
from labels.rule_trust import merge_rule_evidence
from labels.rules import compile_rules
from labels.tables import (
    BOTS,
    EXAMINATION,
    LABELS,
    QUERY_INTENTS,
    REJECTED,
    RULES,
)
from labels.taxonomy import Taxonomy, TaxonomyError, load_taxonomy

STAGE = "derive_labels"
VERSION = 4
TABLES = {
    "labels": LABELS,
    "query_intents": QUERY_INTENTS,
    "rules": RULES,
    "rejected": REJECTED,
    "bots": BOTS,
    "examination": EXAMINATION,
}


@dataclass(frozen=True)
class Config:
    """Flags of this job, and the thresholds of its decisions."""

    evidence: str
    collection: str
    output: str
    taxonomy: str | None = None
    duplicates: str | None = None
    window_days: int = 90
    window_end: date | None = None
    bots: BotThresholds = field(default_factory=BotThresholds)
    labels: LabelConfig = field(default_factory=LabelConfig)


def build(
    pipeline: beam.Pipeline,
    config: Config,
    window: inputs.Window,
    collection: inputs.Collection,
    taxonomy: Taxonomy,
    plan: Plan,
) -> beam.PCollection[NamedBlock]:
    """By user: drop bots. By query: pair. By image, by query and by image again: beliefs, and then labels."""
    users = [*window.shards["users"], *window.shards.get("explored", ())]
    profiles, agreement = read_manners(pipeline, users, window.shards["clicks"], plan)
    clicks = pipeline | "ReadClicks" >> ReadBlocks(window.shards["clicks"], encoded=TEXTS, days=True)
    people = (
        (profiles, clicks, agreement)
        | "ByUser"
        >> ShuffleBlocks(
            by={"clicks": by_person, **{name: ["user_hash"] for name in ("users", "agreement", "explored")}},
            plan=plan,
            broadcast=("population",),
            combine={"population": merge_population},
            merge={"users": merge_users, "agreement": merge_agreement, "explored": merge_explored},
        )
        | "KeepPeople" >> MapPartitions(keep_people, (config.bots,))
    )
    shown = pipeline | "ReadImpressions" >> ReadBlocks(window.shards["impressions"], encoded=TEXTS, days=True)
    examination = (people, shown) | "Examination" >> EstimateExamination(window.shards, plan)
    of_people = people | "People" >> beam.Filter(is_not_named, ("explored",))
    places = examination | "Places" >> beam.Filter(is_named, ("examination",))
    paired = (
        (of_people, shown, places)
        | "ByQuery"
        >> ShuffleBlocks(
            by={"clicks": ["query"], "impressions": ["query"], "bots": ["reason"]},
            plan=plan,
            broadcast=("examination",),
            combine={"bots": merge_bots},
        )
        | "PairQueries" >> MapPartitions(pair_queries, (compile_rules(taxonomy), config.labels, window.end))
    )
    counts = paired | "PairCounts" >> beam.Filter(is_named, ("pair_counts",))
    evidence: Blocks = (
        paired | "Pairs" >> beam.Filter(is_not_named, ("pair_counts",)),
        collection.read(pipeline, "ReadCollection", ("image_id",)),
    )
    key = "image_id"
    if config.duplicates is not None:
        evidence = _with_groups(pipeline, evidence, config.duplicates, window.shards["impressions"], plan)
        key = "group_id"
    by_image = {"pairs": [key], "collection": [key], "bots": ["reason"], "examination": ["model"]}
    everywhere: dict[str, Any] = {"broadcast": ("pair_counts",), "combine": {"pair_counts": merge_pair_counts}}
    weighed = (
        (evidence, counts)
        | "ByImage" >> ShuffleBlocks(by=by_image, plan=plan, **everywhere)
        | "WeighImages" >> MapPartitions(weigh_images, (taxonomy, config.labels))
    )
    asked = (
        (weighed | "Weighed" >> beam.Filter(is_named, ("weighed",)), counts)
        | "AskedByQuery" >> ShuffleBlocks(by={"weighed": ["query"]}, plan=plan, **everywhere)
        | "AskFirst" >> MapPartitions(ask_first, (taxonomy, config.labels))
    )
    again = (
        (asked | "AskedFirst" >> beam.Filter(is_named, ("asked",)), counts)
        | "AskedByImage" >> ShuffleBlocks(by={"asked": ["group_id"]}, plan=plan, **everywhere)
        | "WeighAgain" >> MapPartitions(weigh_again, (taxonomy,))
    )
    rules = asked | "RuleEvidence" >> beam.Filter(is_named, ("rule_evidence",))
    trusting: dict[str, Any] = {
        "broadcast": (*everywhere["broadcast"], "rule_evidence"),
        "combine": {**everywhere["combine"], "rule_evidence": merge_rule_evidence},
    }
    decided = (
        (again, counts, rules)
        | "AgainByQuery" >> ShuffleBlocks(by={"weighed": ["query"]}, plan=plan, **trusting)
        | "DecideQueries" >> MapPartitions(decide_queries, (taxonomy, config.labels))
    )
    images = (
        (weighed | "Others" >> beam.Filter(is_not_named, ("weighed",)), decided, counts, rules, examination)
        | "AnswersByImage"
        >> ShuffleBlocks(by={**by_image, "asked": ["group_id"], "query_intents": ["query"]}, plan=plan, **trusting)
        | "DecideImages"
        >> MapPartitions(decide_images, (taxonomy, config.labels, window.end, config.duplicates is not None))
    )
    unsettled = (*VERDICTS, "confidences")
    settled = (
        images
        | "Verdicts" >> beam.Filter(is_named, unsettled)
        | "VerdictsByImage"
        >> ShuffleBlocks(
            by={name: ["image_id"] for name in VERDICTS},
            plan=plan,
            broadcast=("confidences",),
            combine={"confidences": merge_confidences},
        )
        | "SettleImages" >> MapPartitions(settle_images, (config.labels,))
    )
    return (images | "Settled" >> beam.Filter(is_not_named, unsettled), settled) | "All" >> beam.Flatten()


def _with_groups(
    pipeline: beam.Pipeline, evidence: Blocks, duplicates: str, shown: Sequence[Shard], plan: Plan
) -> Blocks:
    """Join the group of duplicates to pairs and images; pairs of an image that is shown everywhere are spread."""
    shards = manifest.table_shards(duplicates, "duplicates", name="groups")
    hot = sample_hot_keys(shown, ("image_id",), plan.partitions)
    groups = pipeline | "ReadGroups" >> ReadBlocks(shards, columns=("image_id", "group_id"))
    return (
        (evidence, groups)
        | "JoinGroups" >> JoinBlocks(left=("pairs", "collection"), right="groups", on=("image_id",), plan=plan, hot=hot)
        | "OwnGroup" >> MapBlocks(own_group, ["pairs", "collection"])
    )


def read_taxonomy(config: Config) -> Taxonomy:
    """Return the taxonomy that decides.

    Raises:
        UsageError: its file is not one.
    """
    try:
        return load_taxonomy(Path(config.taxonomy) if config.taxonomy else None)
    except TaxonomyError as error:
        raise UsageError(str(error)) from error


def check_inputs(config: Config) -> None:
    """Raise UsageError where an input other than the evidence, or the output, is not usable."""
    read_taxonomy(config)
    inputs.plan_collection(config.collection)
    if config.duplicates is not None:
        manifest.require(config.duplicates, "duplicates")
    check_output(config.output, STAGE)


def run(config: Config, common: Common, *, skip_unchanged: bool = False) -> tuple[Manifest, bool]:
    """Run the job; see ``run_job``."""
    taxonomy = read_taxonomy(config)
    window = inputs.plan_window(config.evidence, config.window_days, config.window_end)
    if window.missing:
        named = name_days([date.fromisoformat(day).toordinal() - inputs.EPOCH for day in window.missing])
        print(f"warning: {config.evidence}: no evidence of {named} in the window", file=sys.stderr)
    collection = inputs.plan_collection(config.collection)
    digests = {"evidence": window.digest, "collection": collection.digest}
    if config.duplicates is not None:
        digests["duplicates"] = manifest.require(config.duplicates, "duplicates").digest()

    def balance(counters: Sums, rows: Sums) -> None:
        if rows["labels"] + rows["rejected"] != collection.size:
            raise JobError(
                f"{collection.size:,} images went in, {rows['labels']:,} labels and {rows['rejected']:,} rejections"
                " came out; run it again"
            )

    job = Job(
        stage=STAGE,
        version=VERSION,
        tables=TABLES,
        build=lambda pipeline, plan: build(pipeline, config, window, collection, taxonomy, plan),
        config={
            "taxonomy": taxonomy.digest,
            "window_days": config.window_days,
            "window_end": window.end.isoformat(),
            "bots": asdict(config.bots),
            "labels": asdict(config.labels),
        },
        inputs=digests,
        input_bytes=sum(shard.size for shards in window.shards.values() for shard in shards),
        balance=balance,
        rows=("rows_read:clicks", "rows of evidence"),
        finish={"rules": merge_rules, "bots": merge_bots},
    )
    return run_job(job, output=config.output, common=common, skip_unchanged=skip_unchanged)


def main(argv: Sequence[str]) -> int:
    """Run the job from flags."""
    parser = job_parser("beam_jobs.derive_labels", __doc__ or "")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--clicks", help="click log; its evidence is made first")
    source.add_argument("--evidence", help="output of aggregate_clicks")
    parser.add_argument("--collection", required=True, help="table of images or folder of pictures")
    parser.add_argument("--output", required=True, help="folder of this job")
    parser.add_argument("--taxonomy", help="taxonomy file (default: the packaged one)")
    parser.add_argument("--duplicates", help="output of find_duplicates: clicks of copies count together")
    parser.add_argument("--window-days", type=positive, default=90, help="days of evidence (default: %(default)s)")
    parser.add_argument(
        "--date", help="last day of the window (default: the last day of evidence); evidence weighs half after 45 days"
    )
    parser.add_argument(
        "--min-query-users",
        type=positive,
        default=LabelConfig().min_query_users,
        help="people that a shown query needs (default: %(default)s)",
    )
    parser.add_argument("--force", action="store_true", help="go on though the log of --clicks does not look sane")
    flags, common = parse_job(parser, argv)
    settings = Config(
        evidence=flags.evidence or "",
        collection=flags.collection,
        output=flags.output,
        taxonomy=flags.taxonomy,
        duplicates=flags.duplicates,
        window_days=flags.window_days,
        window_end=aggregate_clicks.day(flags.date) if flags.date is not None else None,
        labels=LabelConfig(min_query_users=flags.min_query_users),
    )
    if flags.force and not flags.clicks:
        raise UsageError("--force is for --clicks: the evidence has passed already")
    if flags.clicks:
        check_inputs(settings)  # before the evidence is made, which takes longest
        with work_folder(settings.output, f"{STAGE}-evidence", common.temp) as folder:
            last = settings.window_end
            first = None if last is None else last - timedelta(days=settings.window_days - 1)
            log = aggregate_clicks.Config(flags.clicks, folder, first=first, last=last, force=flags.force, window=True)
            aggregate_clicks.run(log, common)
            done, _ = run(Config(**{**settings.__dict__, "evidence": folder}), common)
    else:
        done, _ = run(settings, common)
    unknown = done.counters.get("clicks_on_unknown_images", 0)
    print(
        f"{STAGE}: {done.rows('labels'):,} images labelled, {done.rows('rejected'):,} not -> {flags.output}"
        + (f" ({unknown:,} clicks on images that the collection lacks)" if unknown else ""),
        file=sys.stderr,
    )
    return 0


if __name__ == "__main__":
    sys.exit(run_main(main))
