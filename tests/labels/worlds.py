"""Small click logs with planted truths, and the chain of the room's functions in one process."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pyarrow as pa

from labels.attraction import Attraction, fit_attraction, merge_pair_counts
from labels.bot_agreement import count_agreement, merge_agreement
from labels.bot_features import count_population, merge_population
from labels.bots import BotThresholds, drop_bots, merge_bots
from labels.config import LabelConfig
from labels.cut import find_cut, settle
from labels.decide import decide_labels, merge_rules
from labels.evidence import (
    MINUTES_PER_DAY,
    count_clicks,
    merge_clicks,
    merge_impressions,
    merge_user_events,
    merge_users,
    profile_users,
)
from labels.examination import Examination, expected_rate, position_counts_clicks, position_counts_impressions
from labels.frames import to_frame
from labels.pooling import pool_pairs
from labels.propagation import ask_queries, trust_of, weigh_asked, weigh_pairs
from labels.query_intents import query_evidence
from labels.rule_trust import RuleTrust
from labels.rules import compile_rules
from labels.tables import CLICKS, PAIRS
from labels.taxonomy import Taxonomy

KEY = b"a key of the tests"
START = datetime(2026, 10, 1, tzinfo=UTC)
LAST_DAY = date(2026, 10, 7)


def log(rows: Sequence[tuple[datetime, str, str, str, int, bool]]) -> pa.Table:
    """Return rows (time, user, query, image, position, clicked) as a click log."""
    return pa.Table.from_pylist(
        [
            dict(zip(CLICKS.names, (*row, 5000 if row[5] else None), strict=True))  # every click dwells 5 s
            for row in rows
        ],
        schema=CLICKS,
    )


@dataclass(frozen=True)
class World:
    """A log, the true intent of every image, and the bots in it."""

    clicks: pa.Table
    truth: dict[str, str]
    bots: frozenset[str]


INTENTS = ("sheet_music", "map", "flag", "receipt", "webtoon_comic", "interior_photo")
_WORDS = {
    "sheet_music": "악보",
    "map": "노선도",
    "flag": "flag",
    "receipt": "영수증",
    "webtoon_comic": "웹툰",
    "interior_photo": "인테리어",
}


def planted_world(seed: int, *, images: int = 60, pages: int = 1500, bots: int = 3) -> World:
    """Generate people who click what they asked for (30 %) far more often than the rest (2 %), and bots.

    A page shows 12 of the images, half of them of the query's intent; every fifth query names no intent. The
    chance of a look falls with the position. A bot clicks all of a page within one minute, several pages a day.
    """
    random = np.random.default_rng(seed)
    names = [f"image{number:03d}" for number in range(images)]
    truth = {name: INTENTS[number % len(INTENTS)] for number, name in enumerate(names)}
    by_intent = {intent: [name for name in names if truth[name] == intent] for intent in INTENTS}
    rows = []
    for page in range(pages + 40 * bots):
        bot = page >= pages
        user = f"bot{page % bots}" if bot else f"user{random.integers(300)}"
        intent = INTENTS[random.integers(len(INTENTS))]
        subject = f"subject{random.integers(8)}"
        query = subject if random.random() < 0.2 else f"{subject} {_WORDS[intent]}"
        right = random.choice(by_intent[intent], 6, replace=False)
        wrong = random.choice([name for name in names if truth[name] != intent], 6, replace=False)
        shown = random.permutation(np.concatenate([right, wrong])).tolist()
        time = START + timedelta(minutes=int(random.integers(7 * 24 * 60)))
        for position, image in enumerate(shown, start=1):
            attraction = 0.3 if truth[image] == intent else 0.02
            clicked = bot or random.random() < attraction * 3 / (2 + position)
            rows.append((time, user, query, image, position, bool(clicked)))
            if bot:  # twice over, so that the minute is too fast for anybody
                rows.append((time, user, query, image, position, True))
    return World(log(rows), truth, frozenset(f"bot{number}" for number in range(bots)))


@dataclass(frozen=True)
class Outcome:
    """All tables at the end of the chain."""

    labels: pa.Table
    rejected: pa.Table
    rules: pa.Table
    unknown: pa.Table
    query_intents: pa.Table
    pairs: pa.Table
    bots: pa.Table


def derive(
    clicks: pa.Table,
    image_ids: Sequence[str],
    taxonomy: Taxonomy,
    *,
    config: LabelConfig | None = None,
    thresholds: BotThresholds | None = None,
    groups: pa.Table | None = None,
    blocks: int = 3,
    partitions: int = 1,
) -> Outcome:
    """Run the room's functions as the jobs do: blocks, days, partitions by user, by query, by image."""
    config, thresholds = config or LabelConfig(), thresholds or BotThresholds()
    size = max(-(-clicks.num_rows // blocks), 1)
    counted = [
        count_clicks(clicks.slice(start, size), key=KEY, day=LAST_DAY) for start in range(0, clicks.num_rows, size)
    ]
    events = merge_user_events([parts["users"] for parts in counted])
    days = events["minute"].to_numpy() // MINUTES_PER_DAY
    daily = [profile_users(events.filter(pa.array(days == day))) for day in np.unique(days)]
    users = merge_users(daily)
    all_clicks = merge_clicks([parts["clicks"].drop_columns("day") for parts in counted])
    impressions = merge_impressions([parts["impressions"].drop_columns("day") for parts in counted])
    population = merge_population([count_population(profiles) for profiles in daily])
    agreement = merge_agreement(
        [
            count_agreement(all_clicks.filter(_text_in_part(all_clicks["query"], part, partitions)))
            for part in range(partitions)
        ]
    )
    kept, dropped = [], []
    for part in range(partitions):
        mine = [table.filter(_in_part(table["user_hash"], part, partitions)) for table in (all_clicks, users)]
        people, bots = drop_bots(mine[0], mine[1], thresholds, population=population, agreement=agreement)
        kept.append(people)
        dropped.append(bots)
    people = merge_clicks(kept)
    rates = expected_rate(position_counts_clicks(people), position_counts_impressions(impressions))
    rules = compile_rules(taxonomy)
    by_query = [
        query_evidence(
            people.filter(_text_in_part(people["query"], part, partitions)),
            impressions.filter(_text_in_part(impressions["query"], part, partitions)),
            Examination(rates),
            rules,
            window_end=LAST_DAY,
            half_life_days=config.half_life_days,
        )
        for part in range(partitions)
    ]
    attraction = fit_attraction(merge_pair_counts([found["pair_counts"] for found in by_query]))
    pairs = pa.concat_tables([found["pairs"].cast(PAIRS) for found in by_query])
    group_of = dict(zip(*[column.to_pylist() for column in groups.columns], strict=True)) if groups else {}
    keys = pa.chunked_array([[group_of.get(image, image) for image in pairs["image_id"].to_pylist()]], pa.string())
    ids = pa.array(image_ids, pa.string())
    id_keys = pa.array([group_of.get(image, image) for image in image_ids], pa.string())
    members = pl.DataFrame(
        {"image_id": pairs["image_id"].to_pylist(), "group_id": keys.to_pylist()},
        schema={"image_id": pl.String, "group_id": pl.String},
    ).unique()
    pooled = pool_pairs(to_frame(pairs, PAIRS), members)
    in_part = [pooled["group_id"].map_elements(lambda g: sum(g.encode()) % partitions, return_dtype=pl.Int64)]
    weighed = pa.concat_tables(
        [weigh_pairs(pooled.filter(in_part[0] == part), taxonomy, attraction, config) for part in range(partitions)]
    )
    told = _ask(weighed, taxonomy, attraction, config, partitions)
    trust = trust_of([part["rule_evidence"] for part in told], taxonomy, config)
    asked = pa.concat_tables([part["asked"] for part in told])
    weighed = pa.concat_tables(
        [
            weigh_asked(asked.filter(_text_in_part(asked["group_id"], part, partitions)), taxonomy, attraction)
            for part in range(partitions)
        ]
    )
    told = _ask(weighed, taxonomy, attraction, config, partitions, trust)
    asked = pa.concat_tables([part["asked"] for part in told])
    decided = [
        decide_labels(
            pairs.filter(_text_in_part(keys, part, partitions)),
            asked.filter(_text_in_part(asked["group_id"], part, partitions)),
            ids.filter(_text_in_part(id_keys, part, partitions)),
            taxonomy,
            config,
            attraction=attraction,
            trust=trust,
            window_end=LAST_DAY,
            groups=groups,
        )
        for part in range(partitions)
    ]
    joined = {name: pa.concat_tables([part[name] for part in decided]) for name in decided[0]}
    joined |= settle(joined, find_cut(joined["confidences"], config.min_precision))
    return Outcome(
        labels=joined["labels"].sort_by("image_id"),
        rejected=joined["rejected"].sort_by("image_id"),
        rules=merge_rules(joined["rules"]),
        unknown=joined["unknown_images"].sort_by("image_id"),
        query_intents=pa.concat_tables([part["query_intents"] for part in told]).sort_by("query"),
        pairs=pairs.sort_by([("image_id", "ascending"), ("query", "ascending")]),
        bots=merge_bots(dropped),
    )


def _ask(
    weighed: pa.Table,
    taxonomy: Taxonomy,
    attraction: Attraction,
    config: LabelConfig,
    partitions: int,
    trust: RuleTrust | None = None,
) -> list[dict[str, pa.Table]]:
    return [
        ask_queries(
            weighed.filter(_text_in_part(weighed["query"], part, partitions)),
            taxonomy,
            attraction,
            config,
            trust=trust,
        )
        for part in range(partitions)
    ]


def _in_part(hashes: pa.ChunkedArray, part: int, partitions: int) -> pa.Array:
    return pa.array(np.asarray(hashes) % partitions == part)


def _text_in_part(texts: pa.ChunkedArray | pa.Array, part: int, partitions: int) -> pa.Array:
    return pa.array([sum(text.encode()) % partitions == part for text in texts.to_pylist()], pa.bool_())
