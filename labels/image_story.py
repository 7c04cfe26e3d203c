"""Why one image has its label, or has none: all that the tables of a run know of it, and the same in sentences."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from labels.frames import to_frame
from labels.merges import UNKNOWN_USER
from labels.reasons import REJECTED_BECAUSE, SOURCES
from labels.tables import EVIDENCE_CLICKS, QUERY_INTENTS

_TOP_SCORES = 3


def explain_image(
    image_id: str,
    labels: pa.Table,
    rejected: pa.Table,
    features: pa.Table | None = None,
    duplicates: pa.Table | None = None,
    *,
    clicks: pa.Table | None = None,
    query_intents: pa.Table | None = None,
) -> dict[str, Any]:
    """Tell all that the tables know of one image, ready for JSON.

    Args:
        image_id: of the image.
        labels: ``LABELS``, at least the row of the image if it has one; ``rejected`` the same of ``REJECTED``.
        features: of extract_features.
        duplicates: of find_duplicates.
        clicks: ``EVIDENCE_CLICKS`` of the window on this image (and on its duplicates, where they count together),
            those of robots too.
        query_intents: ``QUERY_INTENTS`` of these clicks' queries. Only they are shown: it lists none of too few people.

    Returns:
        ``image_id``; ``label`` and ``rejected``: its row, or None (a label with ``clicks_not_shown``, those of
        queries that it does not list; a rejection with ``why`` and ``second_intent``, what its queries ask for
        besides); ``evidence`` (see ``_evidence``); ``features`` (intent, confidence, unknown_score, quality, model,
        and ``top_intents``, the best classes by score) and ``duplicates`` (group_id, the image's own score and
        reason, and the other ``members``). None where the table or the row is missing.

    Raises:
        ValueError: no table knows the image.
    """
    label = _row(labels, image_id)
    refusal = _row(rejected, image_id)
    feature = _row(features, image_id)
    duplicate = _row(duplicates, image_id)
    if label is None and refusal is None and feature is None and duplicate is None:
        raise ValueError(f"no table of this run knows the image {image_id!r}; check the id (they are case-sensitive)")
    evidence = None if clicks is None else _evidence(clicks, query_intents)
    if label is not None:
        label["clicks_not_shown"] = label["clicks"] - sum(query["clicks"] for query in label["queries"] or [])
    if refusal is not None:
        refusal["why"] = REJECTED_BECAUSE.get(refusal["reason"], refusal["reason"])
        asked = [row["intent"] for row in (evidence or {}).get("intents", []) if row["intent"]]
        refusal["second_intent"] = next((intent for intent in asked if intent != refusal["best_intent"]), None)
    return {
        "image_id": image_id,
        "label": label,
        "rejected": refusal,
        "evidence": evidence,
        "features": None if features is None or feature is None else _feature(feature, features.schema),
        "duplicates": None if duplicates is None or duplicate is None else _group(duplicate, duplicates),
    }


def tell_image(found: Mapping[str, Any], *, min_query_users: int) -> list[str]:
    """Return what ``explain_image`` found as sentences; the lists of queries are left to the caller.

    Args:
        found: the answer.
        min_query_users: people that a shown query needs, as derive_labels was told.
    """
    lines = []
    label, refusal, evidence = found["label"], found["rejected"], found["evidence"]
    if label is not None:
        what = label["intent"] or f"{label['parent']} (which intent of it is not sure)"
        parent = f", under {label['parent']}" if label["intent"] else ""
        lines.append(f"label: {what}{parent}; chance that it is right {label['confidence']:.1%}")
        lines.append(f"rests on: {label['source']} ({SOURCES.get(label['source'], 'another version')})")
        lines.append(_numbers(label, label["intent"] or label["parent"]))
        hidden = label["clicks_not_shown"]
        if hidden > 0:
            lines.append(
                f"and {_count(hidden, 'click')} of rarer queries: of fewer than {min_query_users} people each, who "
                "might be known by them, or beyond the list's length; they count all the same"
            )
    if refusal is not None:
        lines.append("label: none")
        lines.append(f"why: {refusal['why']} ({refusal['reason']})")
        if refusal["best_intent"]:
            chance = "" if refusal["share"] is None else f", with a chance of {refusal['share']:.1%}"
            lines.append(f"likeliest: {refusal['best_intent']}{chance}")
        if refusal["second_intent"]:
            lines.append(f"next: its queries also ask for {refusal['second_intent']}")
        if refusal["clicks"]:
            lines.append(_numbers(refusal, refusal["best_intent"] or "anything"))
    if evidence is not None and evidence["clicks"]:
        counted = f"; {(label or refusal or {}).get('clicks', 0):,} of them count" if label or refusal else ""
        lines.append(
            f"the evidence of the window: {_count(evidence['clicks'], 'click')} of "
            f"{_count(evidence['queries_in_all'], 'query', 'queries')}{counted} for what is said above (the others are "
            "of robots, repeated, or for something else)"
        )
        if evidence["rarer_clicks"]:
            lines.append(
                f"{_count(evidence['rarer_clicks'], 'click')} of these are of "
                f"{_count(evidence['rarer_queries'], 'rarer query', 'rarer queries')} (fewer than {min_query_users} "
                "people each): counted, not shown"
            )
    return lines


def _numbers(row: Mapping[str, Any], intent: str) -> str:
    people = f"{_count(row['users'], 'person', 'people')} clicked it for {intent} ({_count(row['clicks'], 'click')})"
    expected = row["expected_clicks"]
    if expected is None:
        return f"{people}; how often it was shown is not known"
    return f"{people}; its positions alone would have earned {expected:,.1f}"


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _evidence(clicks: pa.Table, query_intents: pa.Table | None) -> dict[str, Any]:
    """Sum up clicks by query.

    Returns:
        ``clicks`` and ``queries_in_all``; ``queries`` (query, intent, clicks, users who clicked this image; most
        users first) of those that may be shown; ``rarer_queries`` and ``rarer_clicks`` of the others; ``intents``
        (intent or None, queries, users, clicks) of the shown ones summed up, most users first.
    """
    nobody = pl.col("user_hash") == UNKNOWN_USER
    by_query = (
        to_frame(clicks, EVIDENCE_CLICKS)
        .filter(pl.col("clicks") > 0)
        .group_by("query")
        .agg(
            pl.col("clicks").sum(),
            pl.col("user_hash").filter(~nobody).n_unique().cast(pl.Int64).alias("users"),
            pl.col("clicks").filter(nobody).sum().alias("of_nobody"),
        )
        .with_columns(pl.col("users") + pl.col("of_nobody"))
    )
    known = to_frame(query_intents if query_intents is not None else QUERY_INTENTS.empty_table(), QUERY_INTENTS)
    shown = (
        by_query.join(known.select("query", "intent").unique("query"), on="query", how="inner")
        .sort("users", "clicks", "query", descending=[True, True, False])
        .select("query", "intent", "clicks", "users")
    )
    intents = (
        shown.group_by("intent")
        .agg(pl.len().cast(pl.Int64).alias("queries"), pl.col("users", "clicks").sum())
        .sort("users", "clicks", "intent", descending=[True, True, False])
    )
    rarer = by_query.join(known.select("query"), on="query", how="anti")
    return {
        "clicks": int(by_query["clicks"].sum()),
        "queries_in_all": len(by_query),
        "queries": shown.to_dicts(),
        "rarer_queries": len(rarer),
        "rarer_clicks": int(rarer["clicks"].sum()),
        "intents": intents.to_dicts(),
    }


# --- other tables ------------------------------------------------------------------------------------


def _row(table: pa.Table | None, image_id: str) -> dict[str, Any] | None:
    if table is None:
        return None
    found = table.filter(pc.equal(table["image_id"], image_id)).slice(0, 1).to_pylist()
    if not found:
        return None
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in found[0].items()
        if name != "image_id" and not isinstance(value, bytes)
    }


def _feature(row: dict[str, Any], schema: pa.Schema) -> dict[str, Any]:
    names = ("intent", "confidence", "unknown_score", "quality", "width", "height", "model")
    scores = row.get("intent_scores") or []
    ids = _intent_ids(schema, len(scores))
    best = sorted(zip(scores, ids, strict=True), key=lambda pair: (-pair[0], pair[1]))[:_TOP_SCORES]
    return {
        **{name: row[name] for name in names if name in row},
        "top_intents": [{"intent": intent, "score": score} for score, intent in best],
    }


def _intent_ids(schema: pa.Schema, size: int) -> Sequence[str]:
    """Return the class ids that the schema's metadata names for the scores, else their places."""
    listed = (schema.metadata or {}).get(b"intents", b"").decode().split(",")
    return listed if len(listed) == size else [str(place) for place in range(size)]


def _group(row: dict[str, Any], duplicates: pa.Table) -> dict[str, Any]:
    group = duplicates.filter(pc.equal(duplicates["group_id"], row["group_id"]))
    names = [name for name in ("image_id", "is_representative", "score", "reason") if name in group.column_names]
    members = group.select(names).sort_by("image_id").to_pylist()
    return {**row, "members": members}
