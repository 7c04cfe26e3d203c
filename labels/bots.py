"""Which users are no people: physical limits on volume and rate, judged one profile at a time.

The limits are absolute, per active day, so that the verdict on a user depends on nobody else: profiles are
partitioned by user, and a small log has no quantiles. They are wide on purpose. A person who is dropped costs
evidence of a rare image; a bot that stays costs little, since evidence is counted in distinct users. (Criteria
after Duskin & Feitelson 2009, "Distinguishing humans from robots in web search logs", and Buehrer et al. 2008.)
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa

from labels.frames import to_frame, to_table
from labels.grouping import dense
from labels.merges import UNKNOWN_USER
from labels.tables import BOT_USERS, BOTS, EVIDENCE_CLICKS, EVIDENCE_USERS

HUMAN = "human"


@dataclass(frozen=True)
class BotThresholds:
    """What nobody does by hand. All counts are clicks of one user; a profile that reaches a limit is a bot's.

    The shape of a day says more than its volume: in the measuring log the fastest person clicked 12 times in a
    minute (which includes logs that stamp a click with its page's time), the bots clicked whole pages.
    """

    minute_clicks: int = 20
    """Clicks in one minute: one each 3 seconds, without looking at any picture that opens."""
    daily_clicks: int = 500
    """Clicks per active day: over 8 hours still one a minute."""
    daily_pages: int = 1000
    """Result pages per active day: a scraper's volume, clicks or not."""
    image_clicks: int = 30
    """Clicks on one image in one day: a promoter's or a test's, not a reader's."""
    everything_share: float = 0.9
    """Share of the shown results that was clicked, judged only together with the next two."""
    everything_clicks: int = 40
    """Clicks in the window from which that share is judged."""
    everything_minute_clicks: int = 10
    """Clicks in one minute from which it is judged: in a log without unclicked results everybody's share is 1,
    and the pace keeps people out."""


def find_bots(users: pa.Table, thresholds: BotThresholds) -> pa.Table:
    """Return the bots among merged profiles (``EVIDENCE_USERS``): a table of schema ``BOT_USERS``.

    The reason is the first that holds of ``click_rate``, ``one_image``, ``volume``, ``clicks_everything``.
    """
    frame = to_frame(users, EVIDENCE_USERS)
    days = pl.col("days").clip(lower_bound=1)
    everything = (
        (pl.col("clicks") >= thresholds.everything_clicks)
        & (pl.col("max_minute_clicks") >= thresholds.everything_minute_clicks)
        & (pl.col("clicks") >= thresholds.everything_share * pl.col("impressions"))
    )
    volume = (pl.col("clicks") >= thresholds.daily_clicks * days) | (pl.col("pages") >= thresholds.daily_pages * days)
    reason = (
        pl.when(pl.col("max_minute_clicks") >= thresholds.minute_clicks)
        .then(pl.lit("click_rate"))
        .when(pl.col("max_image_clicks") >= thresholds.image_clicks)
        .then(pl.lit("one_image"))
        .when(volume)
        .then(pl.lit("volume"))
        .when(everything)
        .then(pl.lit("clicks_everything"))
    )
    bots = frame.select("user_hash", reason.alias("reason")).drop_nulls("reason").sort("user_hash")
    return to_table(bots, BOT_USERS)


def drop_users(clicks: pa.Table, bots: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Split ``EVIDENCE_CLICKS`` by a list of bots (``BOT_USERS``).

    Returns:
        The rows of people, in their order, and the counts of schema ``BOTS``: users with clicks and their
        clicks per reason, ``human`` for the kept ones. The counts add up over partitions by user.
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
        return clicks.select(EVIDENCE_CLICKS.names), counts
    human = (names == HUMAN)[places]
    return clicks.select(EVIDENCE_CLICKS.names).filter(pa.array(human)), counts


def drop_bots(clicks: pa.Table, users: pa.Table, thresholds: BotThresholds) -> tuple[pa.Table, pa.Table]:
    """Find the bots among the profiles and split the clicks by them; see ``find_bots`` and ``drop_users``."""
    return drop_users(clicks, find_bots(users, thresholds))


def merge_bots(tables: Sequence[pa.Table] | pa.Table) -> pa.Table:
    """Add up ``BOTS`` of partitions that share no user."""
    merged = to_frame(tables, BOTS).group_by("reason").agg(pl.col("users", "clicks").sum())
    return to_table(merged.sort("reason"), BOTS)
