"""Which users are no people: physical limits on volume and rate, and behaviour that people do not show.

The limits are absolute, per active day, so that their verdict on a user depends on nobody else, and wide on purpose:
a person who is dropped costs evidence of a rare image, a bot that stays costs little, since evidence is counted in
distinct users. (Criteria after Duskin & Feitelson 2009, "Distinguishing humans from robots in web search logs", and
Buehrer et al. 2008.) Whoever keeps to them is judged by a score: the log of how much better a machine explains the
user's habits (``bot_features``) and choices (``bot_agreement``) than a person does. Evidence grows with clicks, so few
clicks give no verdict. Between the two thresholds the clicks are kept and reported as ``unsure``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from labels.bot_agreement import UNIT, merge_agreement
from labels.bot_features import MANNERS, POSITION, People, among_strangers, favourite_scores, manner_scores
from labels.frames import to_frame, to_table
from labels.grouping import dense
from labels.merges import UNKNOWN_USER
from labels.tables import BOT_USERS, BOTS, EVIDENCE_USERS

HUMAN = "human"
UNSURE = "unsure"
"""Reason of users whose clicks are kept although they look a little like a bot's."""
KEPT = (HUMAN, UNSURE)
"""What `BOTS` calls the users whose clicks count."""
_CLICK_RATE, _EVERYTHING, _VOLUME = "click_rate", "clicks_everything", "volume"
KNOWN_PEOPLE = 1e-3
"""Chance of a stranger up to which people's habits are known well enough for a verdict on a few clicks."""
IMPOSSIBLE_VOLUME = 4
"""Times ``daily_clicks`` that nothing clears: 4 clicks a minute for 8 hours."""
_MOST_AGREEMENT = -10.0
"""Score that choosing what others choose is worth at most: camouflage clears nobody who is odd enough."""


@dataclass(frozen=True)
class BotThresholds:
    """What nobody does by hand. All counts are clicks of one user; a profile that reaches a limit is a bot's.

    The shape of a day says more than its volume: in the measuring log the fastest person clicked 12 times in a
    minute (which includes logs that stamp a click with its page's time), the bots clicked whole pages.
    """

    minute_clicks: int = 20
    """Clicks in one minute: one each 3 seconds, without looking at any picture that opens. An eager person gets there
    with several tabs, or where the log's times are coarse: with a score, only one above the middle between the two
    thresholds confirms it."""
    impossible_minute_clicks: int = 60
    """Clicks in one minute that nothing clears."""
    daily_clicks: int = 500
    """Clicks per active day: over 8 hours still one a minute. Only who is surely a person by the score, and chooses
    what to click, may do more."""
    daily_pages: int = 1000
    """Result pages per active day: a scraper's volume, clicks or not."""
    image_clicks: int = 30
    """Clicks on one image in one day: a promoter's or a test's, not a reader's."""
    everything_share: float = 0.9
    """Share of the shown results that was clicked, judged only together with the next two, and only without a
    population: with one, the clicks of each page are judged."""
    everything_clicks: int = 40
    """Clicks in the window from which that share is judged."""
    everything_minute_clicks: int = 10
    """Clicks in one minute from which it is judged: in a log without unclicked results everybody's share is 1,
    and the pace keeps people out."""
    sure_human: float = 3.0
    """Score up to which a user is a person: a machine explains the behaviour less than 20 times better."""
    sure_bot: float = 7.0
    """Score from which anybody is a bot: 1,100 times better. Fewer than 1 in 1,100 people get there."""
    sure_bot_at_once: float = 3.5
    """Score from which a user without clicks would be a bot; it rises by 1 each `clicks_per_score` up to `sure_bot`.
    What the score leaves out of people's habits adds up with their clicks, and a wrong verdict costs as many."""
    clicks_per_score: float = 20.0
    fewest_clicks: int = 5
    """Clicks in the window from which the score is looked at: the rest can do no harm, and may be anybody."""

    def __post_init__(self) -> None:
        if not self.sure_human <= self.sure_bot:
            raise ValueError(f"sure_human {self.sure_human} is above sure_bot {self.sure_bot}; swap them")
        if not self.clicks_per_score > 0:
            raise ValueError(f"clicks_per_score is {self.clicks_per_score}; give a number above 0")

    def score_of_bots(self, clicks: npt.NDArray[np.int64], stranger: float) -> npt.NDArray[np.float64]:
        """Return the score from which users with so many clicks are bots.

        Args:
            clicks: of each user.
            stranger: chance that a person of this log behaves like anything at all (``bot_features.People``): where
                so little is known of people, only `sure_bot` counts.
        """
        if stranger > KNOWN_PEOPLE:
            return np.full(len(clicks), self.sure_bot)
        return np.minimum(self.sure_bot_at_once + clicks / self.clicks_per_score, self.sure_bot)


def find_bots(
    users: pa.Table,
    thresholds: BotThresholds,
    *,
    population: pa.Table | None = None,
    agreement: pa.Table | None = None,
) -> pa.Table:
    """Return the bots among merged profiles, and those who may be: a table of schema ``BOT_USERS``.

    The reason is the first that holds of ``one_image``, ``volume``, ``click_rate``, ``clicks_everything``; else what
    speaks most against the user: a manner (``positions``, ``page_clicks``, ``pace``, ``dwell``), ``blind_clicks`` or
    ``one_result``. Those of reason ``unsure`` are to be kept.

    Args:
        users: ``EVIDENCE_USERS``, one row per user of the partition.
        thresholds: of the limits and of the score.
        population: ``POPULATION`` of the whole window; without it habits are not judged.
        agreement: ``USER_AGREEMENT`` of these users, over all queries; without it choices are not judged.
    """
    limits = _over_limits(users, thresholds)
    if population is None and agreement is None:
        return limits
    users = users.filter(pa.array(users["clicks"].to_numpy() >= thresholds.fewest_clicks))
    stranger = 1.0 if population is None else People.of(population).strangers[MANNERS.index(POSITION)]
    scores, names = _scores(users, population, agreement)
    score = scores.sum(axis=1)
    limits = limits.filter(pc.invert(_cleared(limits, users, score, thresholds, judged_by_page=population is not None)))
    bot = thresholds.score_of_bots(users["clicks"].to_numpy(), stranger)
    suspect = score > np.minimum(thresholds.sure_human, bot / 2)
    reasons = np.where(score >= bot, np.array(names)[scores.argmax(axis=1)], UNSURE)
    found = pa.table([users["user_hash"].filter(pa.array(suspect)), pa.array(reasons[suspect])], schema=BOT_USERS)
    both = pl.concat([to_frame(limits, BOT_USERS), to_frame(found, BOT_USERS)])
    return to_table(both.unique("user_hash", keep="first", maintain_order=True).sort("user_hash"), BOT_USERS)


def _cleared(
    limits: pa.Table,
    users: pa.Table,
    score: npt.NDArray[np.float64],
    thresholds: BotThresholds,
    *,
    judged_by_page: bool,
) -> pa.Array:
    """Return which of `limits` (``BOT_USERS``) the score of `users` clears."""
    clicks = users["clicks"].to_numpy()
    choosy = clicks < thresholds.everything_share * np.maximum(users["impressions"].to_numpy(), 1)
    possible = users["max_minute_clicks"].to_numpy() < thresholds.impossible_minute_clicks
    middle = (thresholds.sure_human + thresholds.sure_bot) / 2
    a_day = clicks / np.maximum(users["days"].to_numpy(), 1)
    tireless = (a_day < IMPOSSIBLE_VOLUME * thresholds.daily_clicks) & (score < -thresholds.sure_bot)
    tireless &= users["pages"].to_numpy() < thresholds.daily_pages * np.maximum(users["days"].to_numpy(), 1)
    reason, who = limits["reason"], limits["user_hash"]
    fast = pc.and_(
        pc.equal(reason, _CLICK_RATE),
        pc.is_in(who, value_set=users["user_hash"].filter(pa.array((score < middle) & possible & choosy))),
    )
    many = pc.and_(
        pc.equal(reason, _VOLUME),
        pc.is_in(who, value_set=users["user_hash"].filter(pa.array(tireless & possible & choosy))),
    )
    everything = pc.and_(pc.equal(reason, _EVERYTHING), judged_by_page)
    return pc.or_(pc.or_(fast, many), everything)


def _scores(
    users: pa.Table, population: pa.Table | None, agreement: pa.Table | None
) -> tuple[npt.NDArray[np.float64], list[str]]:
    """Return the parts of each user's score, float64 [users, parts], and the names of the parts."""
    parts, names, stranger = [], [], 0.0
    if population is not None:
        people = People.of(population)
        stranger = people.strangers[MANNERS.index(POSITION)]
        parts.append(manner_scores(users, people))
        names += [manner.name for manner in MANNERS]
    if agreement is not None:
        merged = merge_agreement(agreement)
        hashes, known = users["user_hash"].to_numpy(), merged["user_hash"].to_numpy()
        place = np.searchsorted(known, hashes)
        found = place < len(known)
        found[found] = known[place[found]] == hashes[found]
        blind, most = np.zeros(len(hashes)), np.zeros(len(hashes), dtype=np.int64)
        blind[found] = merged["blindness"].to_numpy()[place[found]] / UNIT
        most[found] = merged["max_result_clicks"].to_numpy()[place[found]]
        parts.append(among_strangers(np.maximum(blind, _MOST_AGREEMENT), stranger)[:, None])
        parts.append(favourite_scores(users["clicks"].to_numpy(), most)[:, None])
        names += ["blind_clicks", "one_result"]
    return np.concatenate(parts, axis=1), names


def _over_limits(users: pa.Table, thresholds: BotThresholds) -> pa.Table:
    frame = to_frame(users, EVIDENCE_USERS)
    days = pl.col("days").clip(lower_bound=1)
    everything = (
        (pl.col("clicks") >= thresholds.everything_clicks)
        & (pl.col("max_minute_clicks") >= thresholds.everything_minute_clicks)
        & (pl.col("clicks") >= thresholds.everything_share * pl.col("impressions"))
    )
    volume = (pl.col("clicks") >= thresholds.daily_clicks * days) | (pl.col("pages") >= thresholds.daily_pages * days)
    reason = (
        pl.when(pl.col("max_image_clicks") >= thresholds.image_clicks)
        .then(pl.lit("one_image"))
        .when(volume)
        .then(pl.lit(_VOLUME))
        .when(pl.col("max_minute_clicks") >= thresholds.minute_clicks)
        .then(pl.lit(_CLICK_RATE))
        .when(everything)
        .then(pl.lit(_EVERYTHING))
    )
    bots = frame.select("user_hash", reason.alias("reason")).drop_nulls("reason").sort("user_hash")
    return to_table(bots, BOT_USERS)


def drop_users(clicks: pa.Table, bots: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Split ``EVIDENCE_CLICKS`` by a list of bots (``BOT_USERS``).

    Returns:
        The rows of people, in their order, and the counts of schema ``BOTS``: users with clicks and their
        clicks per reason, ``human`` and ``unsure`` for the kept ones. The counts add up over partitions by user.
    """
    found = dict(zip(bots["user_hash"].to_pylist(), bots["reason"].to_pylist(), strict=True))
    if len(found) != bots.num_rows:
        raise ValueError("a list of bots names a user twice; give each one reason")
    users, sums = clicks["user_hash"].to_numpy(), clicks["clicks"].to_numpy()
    distinct, places = dense(users)
    names = np.array([found.get(user, HUMAN) for user in distinct.tolist()], dtype=object)
    reasons = np.unique(names.astype(str))
    which = np.searchsorted(reasons, names.astype(str))
    people = np.bincount(which[distinct != UNKNOWN_USER], minlength=len(reasons))
    of_row = which[places]
    nobody = np.bincount(of_row, weights=np.where(users == UNKNOWN_USER, sums, 0), minlength=len(reasons))
    counts = pa.table(
        {
            "reason": reasons.tolist(),
            "users": people + nobody.astype(np.int64),
            "clicks": np.bincount(of_row, weights=sums, minlength=len(reasons)).astype(np.int64),
        },
        schema=BOTS,
    )
    if not found:
        return clicks, counts
    human = ((names == HUMAN) | (names == UNSURE))[places]
    return clicks.filter(pa.array(human)), counts


def drop_bots(
    clicks: pa.Table,
    users: pa.Table,
    thresholds: BotThresholds,
    *,
    population: pa.Table | None = None,
    agreement: pa.Table | None = None,
) -> tuple[pa.Table, pa.Table]:
    """Find the bots among the profiles and split the clicks by them; see ``find_bots`` and ``drop_users``."""
    return drop_users(clicks, find_bots(users, thresholds, population=population, agreement=agreement))


def merge_bots(tables: Sequence[pa.Table] | pa.Table) -> pa.Table:
    """Add up ``BOTS`` of partitions that share no user."""
    merged = to_frame(tables, BOTS).group_by("reason").agg(pl.col("users", "clicks").sum())
    return to_table(merged.sort("reason"), BOTS)
