"""Does a click log look sane? Judged on a sample of its rows and its rows per day, before any work.

A finding that stops says that evidence made from the log would be wrong, not only thin: a column that is not what its
name says, days that cannot be, a log that is there twice or hardly at all. Milder ones warn. A log of fewer than
``ENOUGH_ROWS`` rows is never judged: there chance looks like error.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

import numpy as np
import polars as pl
import pyarrow as pa

from labels.tables import AGGREGATED_CLICKS

ENOUGH_ROWS = 500
"""Rows below which nothing is judged: of 500 rows a share of 10 % is ± 3 % by chance."""
NULL_WARN, NULL_STOP = 0.05, 0.10
"""Share of rows without a value that evidence needs, or with one that cannot be: the job counts them and fails at 1 %
by default, but for a tenth it need not read the rest."""
RATE_WARN, RATE_STOP = 0.50, 0.90
"""Clicked share of shown results: of a page of results people click 1 in 3 to 1 in 50; above 90 % the flag is inverted
or only clicks were kept, mixed with a few others."""
RATE_LOW = 0.0005
"""Clicked share below which the flag hardly works: the last results of long pages still earn more."""
NO_CLICK_ROWS = 5_000
"""Rows that must lack any click before that stops: at a rate of 1 in 500 chance gives none in 1 of 22,000 samples."""
ZERO_STOP = 0.01
"""Share of rows at position 0: first results are 4 % of a page of 24, and a page of 100 has 1 %."""
POSITION_MAX = 10_000
"""Nobody scrolls further; beyond are pixels, ids or offsets."""
STRAY_SHARE = 0.001
"""Rows of wrong clocks and odd clients that any log has; more of them are an error of the log."""
STRAY_ROWS = 10
"""Rows that one odd client makes, also where that is a large share of a small log."""
GAP_ROWS = 20
"""Rows per position that make a position without rows a gap and not chance."""
COPY_WARN, COPY_STOP = 0.005, 0.05
"""Share of rows that are there twice, all columns equal: retries of a client are some tenths of a percent."""
TOP_WARN, TOP_STOP = 0.40, 0.50
"""Rows of one user, query or image: the head query of a real log has some percent, a crawler or a feast may make
a third, and above one half a default value stands in for the rest."""
UNIQUE_STOP = 0.95
"""Users per row where each result of one page has another user: the column numbers rows, not people."""
PAGES = 100
"""Result pages that a judgement on pages needs."""
BROKEN_WARN, BROKEN_STOP = 0.001, 0.05
"""Share of texts with replacement or control characters, or of question marks alone: some clients always send them."""
FUTURE_DAYS = 2
"""Days ahead of this machine's clock that zones (14 hours) and clocks explain."""
LAST_DAY = 2_932_896
"""9999-12-31 in days since 1970; rows of days before 1970 and after that fail one by one, see ``split_bad_times``."""
OLDEST_DAY = 9_131
"""1995-01-01 in days since 1970: no web log is older; zero and small numbers in the place of times are."""
LONE_GAP_DAYS, LONE_OTHERS = 30, 7
"""A day that is further than a month from any of at least 7 other days has another year or month by mistake."""
USUAL_DAYS, USUAL_ROWS = 7, 1_000
"""Days of evidence, a whole week, whose median is the usual number of rows, and the least that can be compared."""
LATE_DAYS = 1
"""Days before today whose rows may still come in: zones, queues and logs that are closed at midnight."""
RATIO = 10
"""Times fewer or more rows than usual: weekends and feasts change a day by a half, a lost or doubled feed by tens."""

_BROKEN_TEXT = "[\u0080-\u009f\ufffd]|^[?\\s]*[?][?\\s]*$"
_NEEDED = ("query", "image_id", "user_id", "event_time", "clicked", "position", "clicks")


@dataclass(frozen=True)
class Finding:
    """One thing that is odd about a log.

    Attributes:
        code: a short stable name.
        stops: whether evidence from the log would be wrong.
        text: what was measured, the limit, and what to do.
    """

    code: str
    stops: bool
    text: str

    def __str__(self) -> str:
        return f"{self.code}: {self.text}"


@dataclass(frozen=True)
class LogSample:
    """What the gate knows of a log; days are days since 1970-01-01.

    Attributes:
        rows: sampled rows as ``CLICKS`` or ``AGGREGATED_CLICKS``.
        whole: whether `rows` is all of the log.
        unreadable: sampled rows by reason that could not be read.
        days: rows per day of the log, as far as known.
        copied: share (0-1) of the log's rows in files or row groups that are copies of others.
        evidence: rows per day of evidence that is there already; ``neighbours`` of the log's days suffice.
    """

    rows: pa.Table
    whole: bool = False
    unreadable: Mapping[str, int] = field(default_factory=dict)
    days: Mapping[int, int] = field(default_factory=dict)
    copied: float = 0.0
    evidence: Mapping[int, int] = field(default_factory=dict)


def judge_log(
    sample: LogSample,
    *,
    today: int,
    first: int | None = None,
    last: int | None = None,
    max_failure_rate: float = 0.0,
) -> list[Finding]:
    """Return what is odd about a log, what stops first, then by code.

    Args:
        sample: of the log.
        today: this machine's day.
        first: the first day that is asked for; None for all.
        last: the last one.
        max_failure_rate: share of rows (0-1) that the user allows to fail: fewer never stop.
    """
    begin, end = (0 if first is None else first), (LAST_DAY if last is None else last)
    days = {day: rows for day, rows in sample.days.items() if begin <= day <= end}
    found = [
        *_judge_rows(sample, max(NULL_STOP, max_failure_rate)),
        *_judge_copies(sample.copied),
        *_judge_days(days, today),
        *_judge_volume(days, sample.evidence, _partial_days(days, today=today, first=first, last=last)),
    ]
    return sorted(found, key=lambda finding: (not finding.stops, finding.code))


# --- rows -------------------------------------------------------------------------------------------


def _judge_rows(sample: LogSample, allowed: float) -> Iterator[Finding]:
    unreadable = sum(sample.unreadable.values())
    total = sample.rows.num_rows + unreadable
    if total < ENOUGH_ROWS:
        return
    if unreadable > NULL_WARN * total:
        reasons = ", ".join(f"{reason} {count:,}" for reason, count in sorted(sample.unreadable.items()))
        text = f"{unreadable / total:.1%} of {total:,} rows looked at cannot be read ({reasons}; at most {allowed:.0%})"
        yield Finding("unreadable_rows", unreadable > allowed * total, f"{text}; write the log again")
    if sample.rows.num_rows < ENOUGH_ROWS:
        return
    rows = pl.DataFrame({name: pl.from_arrow(sample.rows.column(name)) for name in sample.rows.column_names})
    yield from _judge_nulls(rows, allowed)
    yield from _judge_texts(rows)
    yield from _judge_tops(rows)
    if sample.rows.schema.names == AGGREGATED_CLICKS.names:
        yield from _judge_share(rows, "bad_clicks", pl.col("clicks") < 1, "have fewer than 1 clicks", allowed)
        return
    shown = bool((~rows["clicked"].fill_null(True)).any())
    yield from _judge_positions(rows, allowed, shown=shown)
    yield from _judge_repeats(rows)
    if shown:
        yield from _judge_rate(rows)
        yield from _judge_users(rows, whole=sample.whole)


def _judge_nulls(rows: pl.DataFrame, allowed: float) -> Iterator[Finding]:
    for name in (name for name in _NEEDED if name in rows.columns):
        nothing = pl.col(name).is_null()
        if rows.schema[name] == pl.String:
            nothing |= pl.col(name).str.strip_chars() == ""
        yield from _judge_share(rows, f"no_{name}", nothing, f"have no {name}", allowed)


def _judge_share(rows: pl.DataFrame, code: str, wrong: pl.Expr, what: str, allowed: float) -> Iterator[Finding]:
    share = float(rows.select(wrong.fill_null(False).mean()).item())
    if share > NULL_WARN:
        text = f"{share:.1%} of {len(rows):,} rows looked at {what} (at most {allowed:.0%}); mend what writes the log"
        yield Finding(code, share > allowed, text)


def _judge_texts(rows: pl.DataFrame) -> Iterator[Finding]:
    for name in ("query", "image_id"):
        share = float(rows.select(pl.col(name).str.contains(_BROKEN_TEXT).fill_null(False).mean()).item())
        if share > BROKEN_WARN:
            text = (
                f"{share:.1%} of {len(rows):,} rows looked at have a broken {name}: replacement or control characters, "
                f"or only question marks (at most {BROKEN_STOP:.0%}); write the log as UTF-8"
            )
            yield Finding(f"broken_{name}", share > BROKEN_STOP, text)


def _judge_tops(rows: pl.DataFrame) -> Iterator[Finding]:
    for name, what in (("user_id", "user"), ("query", "query"), ("image_id", "image")):
        if name not in rows.columns or not rows[name].count():
            continue
        # a person's id is no business of a log file
        counts = rows[name].drop_nulls().value_counts(sort=True)
        top, share = counts[name][0], counts["count"][0] / len(rows)
        if share > TOP_WARN:
            shown = "" if what == "user" else f", {top[:60]!r}"
            text = (
                f"{share:.1%} of {len(rows):,} rows looked at are of one {what}{shown} (at most {TOP_STOP:.0%}); "
                f"is {name} a default value, or the log one client's?"
            )
            yield Finding(f"one_{what}", share > TOP_STOP, text)


def _judge_rate(rows: pl.DataFrame) -> Iterator[Finding]:
    """Judge the clicked share of a log that has results without a click."""
    known = rows["clicked"].drop_nulls()
    rate = float(known.cast(pl.Int64).sum()) / max(len(known), 1)
    said = f"{rate:.2%} of {len(known):,} shown results were clicked"
    if rate > RATE_WARN:
        text = f"{said} (at most {RATE_STOP:.0%}); is the flag inverted, or are most results without a click missing?"
        yield Finding("high_click_rate", rate > RATE_STOP, text)
    elif rate == 0 and len(known) >= NO_CLICK_ROWS:
        yield Finding("no_clicks", True, f"{said}; is clicked filled in, and joined to the right results?")
    elif rate < RATE_LOW and len(known) >= NO_CLICK_ROWS:
        yield Finding("low_click_rate", False, f"{said} (usual is 1 % to 30 %); are clicks missing?")


def _judge_positions(rows: pl.DataFrame, allowed: float, *, shown: bool) -> Iterator[Finding]:
    known = rows["position"].drop_nulls()
    if known.is_empty():
        return
    total, low, high = len(known), int(known.to_numpy().min()), int(known.to_numpy().max())
    zero = _share_of(known == 0)
    if low == 0 and zero > ZERO_STOP and 2 * zero > _share_of(known == 1):  # else 0 says unknown in some rows
        text = f"positions begin at 0 ({zero:.1%} of {total:,} rows looked at); the first result is 1: add 1 to all"
        yield Finding("positions_from_zero", True, text)
    else:
        yield from _judge_share(rows, "bad_position", pl.col("position") < 1, "have a position below 1", allowed)
    far = _share_of(known > POSITION_MAX)
    if far:
        text = (
            f"{far:.2%} of {total:,} rows looked at have a position above {POSITION_MAX:,}, up to {high:,} "
            f"(at most {STRAY_SHARE:.1%}); is it a pixel, an offset or an id?"
        )
        yield Finding("far_positions", far > STRAY_SHARE, text)
    if known.n_unique() == 1:
        text = f"all {total:,} rows looked at have position {low}; without real positions clicks cannot be weighed"
        yield Finding("one_position", shown, f"{text}; log the place of each result")
    elif shown:
        yield from _judge_gaps(known.filter(known >= 1))


def _share_of(flags: pl.Series) -> float:
    return int(flags.sum()) / max(len(flags), 1)


def _judge_gaps(positions: pl.Series) -> Iterator[Finding]:
    """Warn of positions up to the 90th percentile that no row has."""
    last = int(positions.quantile(0.9, "lower") or 0)
    if last > POSITION_MAX or len(positions) < GAP_ROWS * last:
        return
    missing = sorted(set(range(1, last + 1)) - set(positions.unique().to_list()))
    if missing:
        named = ", ".join(str(position) for position in missing[:8]) + (", …" if len(missing) > 8 else "")
        text = f"no row looked at has position {named} ({len(missing):,} of the first {last:,}); are results missing?"
        yield Finding("position_gaps", False, text)


def _judge_repeats(rows: pl.DataFrame) -> Iterator[Finding]:
    share = 1 - rows.n_unique() / len(rows)
    if share > COPY_WARN:
        text = (
            f"{share:.1%} of {len(rows):,} rows looked at are there more than once, all columns equal "
            f"(at most {COPY_STOP:.0%}); was the log written or joined twice?"
        )
        yield Finding("repeated_rows", share > COPY_STOP, text)


def _judge_users(rows: pl.DataFrame, *, whole: bool) -> Iterator[Finding]:
    """Judge whether user ids number rows: then results of one page have as many users as positions."""
    known = rows.drop_nulls(["user_id", "event_time", "query", "position"])
    unique = known["user_id"].n_unique() / max(len(known), 1)
    if unique <= UNIQUE_STOP:
        return
    pages = (
        known.group_by("event_time", "query")
        .agg(pl.len().alias("rows"), pl.col("position").n_unique(), pl.col("user_id").n_unique())
        .filter((pl.col("rows") > 1) & (pl.col("rows") == pl.col("position")))
    )
    enough = len(pages) >= PAGES
    apart = _share_of(pages["user_id"] == pages["rows"]) if enough else 0.0
    if apart > UNIQUE_STOP or whole:
        seen = f", and {apart:.0%} of {len(pages):,} result pages have another user per result" if enough else ""
        text = (
            f"{unique:.1%} of {len(known):,} rows looked at have their own user{seen} (at most {UNIQUE_STOP:.0%}); "
            "is user_id the id of a row or a request?"
        )
        yield Finding("users_unique", apart > UNIQUE_STOP, text)


# --- days and volume --------------------------------------------------------------------------------


def _judge_copies(copied: float) -> Iterator[Finding]:
    if copied > COPY_WARN:
        text = f"{copied:.1%} of the log's rows are in files or row groups that are copies of others"
        yield Finding(
            "copied_files",
            copied > COPY_STOP,
            f"{text} (at most {COPY_STOP:.0%}); keep one of each, or name one folder",
        )


def _judge_days(days: Mapping[int, int], today: int) -> Iterator[Finding]:
    total = sum(days.values())
    if total < ENOUGH_ROWS:
        return
    ahead = {day: n for day, n in days.items() if day > today + FUTURE_DAYS}
    if ahead:
        share = sum(ahead.values()) / total
        text = f"{share:.2%} of the rows are of days to come ({_named(ahead)}; today is {_name(today)})"
        # where most are, this machine's clock may be the wrong one
        stops = _is_error(ahead, total) and share < 0.5
        yield Finding("future_days", stops, f"{text}; mend the clock, or leave them out with --to")
    old = {day: n for day, n in days.items() if day < OLDEST_DAY}
    if old:
        share = sum(old.values()) / total
        text = f"{share:.2%} of the rows are older than {_name(OLDEST_DAY)} ({_named(old)}); is event_time filled in?"
        yield Finding("old_days", _is_error(old, total), text)
    sane = sorted(set(days) - set(ahead) - set(old))
    if len(sane) > LONE_OTHERS:
        gaps = np.diff(np.array([sane[0] - LONE_GAP_DAYS - 1, *sane, sane[-1] + LONE_GAP_DAYS + 1]))
        alone = (gaps[:-1] > LONE_GAP_DAYS) & (gaps[1:] > LONE_GAP_DAYS)
        lone = {day: days[day] for day, is_lone in zip(sane, alone, strict=True) if is_lone}
        if lone:
            share = sum(lone.values()) / total
            text = f"{_named(lone)} stands more than {LONE_GAP_DAYS} days from all other days ({share:.2%} of the rows)"
            yield Finding(
                "lone_day", share > STRAY_SHARE, f"{text}; is a clock wrong? Choose days with --from and --to"
            )


def _is_error(days: Mapping[int, int], total: int) -> bool:
    """Return whether so many rows are of wrong days that the log is wrong, and not one client."""
    rows = sum(days.values())
    return rows > STRAY_ROWS and rows > STRAY_SHARE * total


def _partial_days(days: Mapping[int, int], *, today: int, first: int | None, last: int | None) -> frozenset[int]:
    """Return the days that the log may have a part of.

    Rows of yesterday and today still come in, and a log may begin and end within a day that nobody has asked for.
    """
    partial = {day for day in days if day >= today - LATE_DAYS}
    if len(days) > 1:
        partial |= {min(days)} if first is None else set()
        partial |= {max(days)} if last is None else set()
    return frozenset(partial)


def _judge_volume(days: Mapping[int, int], evidence: Mapping[int, int], partial: frozenset[int]) -> Iterator[Finding]:
    """Compare each day's rows with the usual ones: evidence that is there stops, the log's own other days warn."""
    known = evidence or days
    rising = sorted(known)
    usual = {day: _median([known[other] for other in neighbours(day, rising)]) for day in days}
    few = {d: n for d, n in days.items() if usual[d] >= USUAL_ROWS and n * RATIO <= usual[d]}
    many = {d: n for d, n in days.items() if usual[d] >= USUAL_ROWS and n >= RATIO * usual[d]}
    whole = {d: n for d, n in few.items() if d not in partial}
    part = {d: n for d, n in few.items() if d in partial and evidence}
    others = "the days of evidence next to it" if evidence else "the log's other days"
    for code, stops, found, how, advice in (
        ("few_rows", bool(evidence), whole, "a tenth or less", "is the log complete?"),
        ("few_rows", False, part, "a tenth or less", "it may be partly there; count it again when it is complete"),
        ("many_rows", bool(evidence), many, "ten times or more", "is it there more than once?"),
    ):
        if found:
            day = min(found)
            text = f"{_named(found)} has {found[day]:,} rows, {how} of the {usual[day]:,} of {others}"
            yield Finding(code, stops, f"{text}; {advice}")


def neighbours(day: int, known: Sequence[int]) -> Sequence[int]:
    """Return those of the rising days `known` that say how many rows `day` usually has.

    The last USUAL_DAYS before it, the next ones where there are none.
    """
    before = bisect_left(known, day)
    if before:
        return known[max(0, before - USUAL_DAYS) : before]
    after = bisect_right(known, day)
    return known[after : after + USUAL_DAYS]


def _median(rows: Sequence[int]) -> int:
    return int(median(rows)) if rows else 0


def _name(day: int) -> str:
    return str(np.datetime64(day, "D"))


def _named(days: Mapping[int, int]) -> str:
    return name_days(sorted(days))


def name_days(days: Sequence[int]) -> str:
    """Return rising days since 1970 as ranges of at most 8.

    >>> name_days([0, 1, 2, 9])
    '1970-01-01 to 1970-01-03, 1970-01-10'
    """
    ranges: list[list[int]] = []
    for day in days:
        if ranges and day == ranges[-1][1] + 1:
            ranges[-1][1] = day
        else:
            ranges.append([day, day])
    texts = [_name(begin) if begin == end else f"{_name(begin)} to {_name(end)}" for begin, end in ranges]
    return ", ".join(texts[:8]) + (f" and {len(texts) - 8:,} more" if len(texts) > 8 else "")
