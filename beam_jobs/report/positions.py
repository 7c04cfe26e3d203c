"""How often people look at each position, beside how often they click there."""

import math

import polars as pl

from beam_jobs.report.charts import curves, legend
from beam_jobs.report.facts import Facts
from beam_jobs.report.page import Html, counted, fold, note, number, percent, section, table
from labels.examination import CASCADE, CLICK_RATE, EXPLORED, POSITION

SHOWN = 0.99
"""Share of the impressions whose positions are drawn: the last ones are seldom seen and swing."""
TITLE = "Positions"
MODELS = {
    EXPLORED: "what rankers showed that put results anywhere",
    POSITION: "the same results seen at several positions (position-based model)",
    CASCADE: "the same results seen at several positions, and less below what was clicked (cascade)",
}
"""What each model learns from, in words."""


def positions(facts: Facts) -> Html:
    """Return the click rate and the examination by position, and why the one or the other is used."""
    frame = facts.frame("examination")
    if frame is None:
        return section("positions", TITLE, note("derive_labels has not written examination in this run."))
    if frame.is_empty():
        told = "The log has no results that were shown and not clicked: nothing can be said of positions."
        return section("positions", TITLE, note(told))
    frame = frame.sort("position")
    before = pl.col("impressions").cum_sum() - pl.col("impressions")
    seen = frame.filter(before < SHOWN * int(frame["impressions"].sum()))
    rates = seen["click_rate"].to_list()
    chosen = str(frame["model"][0]) != CLICK_RATE
    # The first line is the one that labels are measured by.
    names = ["examination: what labels are measured by", "click rate"] if chosen else ["click rate"]
    lines = [seen["mean_rate"].to_list(), rates] if chosen else [rates]
    rows = [
        [number(row["position"]), number(row["impressions"]), number(row["clicks"]), percent(row["click_rate"], 2)]
        + ([percent(row["mean_rate"], 2)] if chosen else [])
        for row in seen.to_dicts()
    ]
    heads = ["Position", "Shown", "Clicks", "Click rate", *(["Examination"] if chosen else [])]
    return section(
        "positions",
        TITLE,
        note(_told(frame)),
        legend(names),
        curves(lines, seen["position"].to_list(), what="Click rate and examination by position"),
        fold("All these positions", table(heads, rows, numeric=tuple(range(1, len(heads))))),
    )


def _told(frame: pl.DataFrame) -> str:
    model, tried, gain, sigmas, told_by, depth = (
        frame[name][0] for name in ("model", "tried", "gain", "sigmas", "told_by", "depth")
    )
    measured = (
        f"on queries that it has not seen it predicts where clicks fall better than the click rate by "
        f"{gain:.5f} nats per click ({sigmas:.1f} standard errors, {counted(told_by, 'click')})"
    )
    if model != CLICK_RATE:
        told = f"Examination is learnt from {MODELS[model]}: {measured}."
        if depth > 0:
            told += f" A click above leaves {percent(math.exp(-depth))} of it; drawn is the average page."
        return told
    if tried == CLICK_RATE:
        return (
            "The click rate by position stands for examination: too few results were seen at several positions to "
            "tell the one from the other."
        )
    return (
        "The click rate by position stands for examination. Learning it from "
        f"{MODELS[tried]} was not good enough: {measured}."
    )
