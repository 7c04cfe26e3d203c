"""Duplicates as pictures: the kept copy first, and under each copy why it is one."""

import hashlib
from collections.abc import Mapping
from typing import Any

import polars as pl

from beam_jobs.report.facts import Facts
from beam_jobs.report.page import Html, counted, el, join, note, number, section, table
from beam_jobs.report.pictures import Pictures

MEMBERS_SHOWN = 8
LOWEST = 18
LARGEST = 6
PER_REASON = 6
REASONS = {
    "bytes": "the same file",
    "pixels": "the same pixels in another file",
    "hash": "block hashes agree",
    "cnn": "the CNN's embeddings and the hashes agree",
}
_SIZES = ((2, 2), (3, 3), (4, 5), (6, 10), (11, 100), (101, None))


def duplicates(facts: Facts, pictures: Pictures) -> Html:
    """Return counts by reason and a varied sample of groups, the same for the same data."""
    title = "Duplicates"
    rows = facts.frame("duplicates")
    if rows is None:
        return section("duplicates", title, note("find_duplicates has not written groups in this run."))
    copies = rows.filter(~pl.col("is_representative"))
    if copies.is_empty():
        return section("duplicates", title, note("No two images of this collection are duplicates."))
    groups = copies.group_by("group_id").agg(
        pl.len().alias("copies"), pl.col("score").min().alias("lowest"), pl.col("reason").unique().alias("reasons")
    )
    shown: set[str] = set()
    lowest = _take(groups.sort("lowest", "group_id"), LOWEST, shown)
    largest = _take(
        groups.filter(pl.col("copies") > 1).sort(["copies", "group_id"], descending=[True, False]), LARGEST, shown
    )
    parts = [
        el("h3", "Lowest scores: worth checking"),
        _cards(lowest, rows, pictures),
    ]
    if largest:
        parts += [el("h3", "Largest groups"), _cards(largest, rows, pictures)]
    for reason in sorted(set(copies["reason"].drop_nulls()), key=_strength):
        having = groups.filter(pl.col("reasons").list.contains(reason))
        order = sorted(having["group_id"], key=lambda name: hashlib.sha256(name.encode()).digest())
        sample = _take(pl.DataFrame({"group_id": order}, schema={"group_id": pl.String}), PER_REASON, shown)
        if sample:
            parts += [el("h3", f"A sample by {reason}"), _cards(sample, rows, pictures)]
    told = (
        f"{counted(len(copies), 'copy', 'copies')} in {counted(len(groups), 'group')}, of {len(rows):,} images. The "
        "first picture of a group is kept; under each copy stand the reason and the score (0-1) against it."
    )
    return section("duplicates", title, note(told), _counts(copies, groups), *parts)


def _strength(reason: str) -> tuple[int, str]:
    order = list(REASONS)
    return (order.index(reason) if reason in order else len(order), reason)


def _take(groups: pl.DataFrame, limit: int, shown: set[str]) -> list[str]:
    """Return the first groups that are not shown yet, and count them as shown."""
    found: list[str] = []
    for name in groups["group_id"]:
        if len(found) == limit:
            break
        if name not in shown:
            found.append(name)
    shown.update(found)
    return found


def _counts(copies: pl.DataFrame, groups: pl.DataFrame) -> Html:
    by_reason = copies.group_by("reason").agg(pl.len(), pl.col("score").min()).to_dicts()
    by_reason.sort(key=lambda row: _strength(row["reason"] or ""))
    reasons = [
        [row["reason"] or "unknown", f"{row['len']:,}", number(row["score"], 3), REASONS.get(row["reason"], "")]
        for row in by_reason
    ]
    sizes = groups["copies"].to_numpy() + 1
    rows = []
    for low, high in _SIZES:
        count = int(((sizes >= low) & (sizes <= (high or sizes.max()))).sum())
        if count:
            name = f"{low:,}" if low == high else f"{low:,} or more" if high is None else f"{low:,}-{high:,}"
            rows.append([name, f"{count:,}"])
    first = table(["Reason", "Copies", "Lowest score", "Meaning"], reasons, numeric=(1, 2))
    second = table(["Images in a group", "Groups"], rows, numeric=(1,))
    return el("div", first, second, class_="columns")


def _cards(names: list[str], rows: pl.DataFrame, pictures: Pictures) -> Html:
    members: dict[str, list[Mapping[str, Any]]] = {}
    chosen = rows.filter(pl.col("group_id").is_in(names))
    order = ["is_representative", "score", "image_id"]
    for row in chosen.sort(order, descending=[True, False, False]).to_dicts():
        members.setdefault(row["group_id"], []).append(row)
    cards = []
    for name in names:
        group = members[name]
        figures = [_member(row, pictures) for row in group[:MEMBERS_SHOWN]]
        rest = len(group) - MEMBERS_SHOWN
        more = el("small", f"and {rest:,} more") if rest > 0 else None
        cards.append(el("div", el("div", *figures, class_="row"), more))
    return el("div", *cards, class_="cards")


def _member(row: Mapping[str, Any], pictures: Pictures) -> Html:
    if row["is_representative"]:
        return pictures.figure(row["image_id"], el("span", "kept", class_="badge good"))
    return pictures.figure(row["image_id"], join([f"{row['reason'] or 'unknown'} {number(row['score'], 3)}"]))
