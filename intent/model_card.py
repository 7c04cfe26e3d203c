"""The page for people that travels with a model: what it is, what it learned from, how good, and its limits."""

from collections.abc import Mapping
from typing import Any

from intent.calibration import FEWEST_ROWS
from labels.taxonomy import Taxonomy


def model_card(facts: Mapping[str, Any], taxonomy: Taxonomy) -> str:
    """Return Markdown from the facts of ``bundle.json``; nothing in it depends on time or place."""
    metrics, training = facts["metrics"], facts["training"]
    learned = metrics.get("part") == "training"
    names = {intent.id: intent for intent in taxonomy.live_intents}
    lines = [
        "# What images are for: a classifier",
        "",
        f"Gives an image one of {len(facts['intents'])} user intents under {len(facts['parents'])} first labels, a "
        f"score of not knowing, and an embedding of {facts['embedding_dim']} numbers for similarity and topics.",
        "",
        "## What it is",
        f"- Backbone: torchvision `{facts['backbone']}`, starting weights `{training['weights']}`, "
        f"{'kept as they were' if training['frozen'] else 'trained further'}.",
        f"- Input: the whole picture, stretched to {facts['image_size']} x {facts['image_size']} RGB.",
        f"- Probabilities are divided by the temperature {facts['temperature']:.3f}, {_chosen(metrics, training)}.",
        f"- Taxonomy version {facts['taxonomy']['version']}, digest `{facts['taxonomy']['digest'][:16]}`.",
        *_precision_lines(facts.get("precision")),
        "",
        "## What it learned from",
        f"- {sum(facts['label_counts'].values()):,} labelled pictures; window of the clicks: "
        f"{facts['data_window'] or 'not recorded'}; labels `{facts['labels_digest'] or 'not recorded'}`.",
        "- Labels come from clicks unless a person set them: they carry the habits of those who clicked.",
        "- Licence: the licence of the starting weights and the rights in the training pictures apply to this model. "
        "Check both before passing it on.",
        "",
        "## How good it is",
        f"Measured on the {metrics.get('part', 'given')} part, {metrics['rows']:,} pictures "
        + ("that it learned from: too few others" if learned else "(duplicates are never on both sides)")
        + ":",
        "",
        "| measure | value |",
        "|---|---|",
        f"| accuracy, intents | {_shown(metrics['accuracy'])} |",
        f"| macro-F1, intents present | {_shown(metrics['macro_f1'])} |",
        f"| accuracy, first labels | {_shown(metrics['parent_accuracy'])} |",
        f"| calibration error | {_shown(metrics['calibration_error'])} |",
        "",
        "| intent | | learned from | measured on | precision | recall | F1 |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for intent in facts["intents"]:
        row = metrics["per_class"].get(intent, {})
        shown = " | ".join(_shown(row.get(name)) for name in ("precision", "recall", "f1"))
        count = facts["label_counts"].get(intent, 0)
        lines.append(f"| `{intent}` | {names[intent].ko} | {count:,} | {row.get('rows', 0)} | {shown} |")
    lines += [
        "",
        "## Limits",
        "- The figures are of pictures that it learned from; others are harder, often by far."
        if learned
        else "- The validation part comes from sources of its own."
        if metrics.get("held_out") == "sources"
        else "- The validation part comes from the same sites as the training part; pictures of sites never seen are "
        "harder, often by ten points and more.",
        "- Intents with few pictures above are guesses. An intent without any is never predicted with conviction.",
        "- The unknown score lies below 0.5 for 95 % of known pictures; it flags what looks odd, it proves nothing.",
        "- It recognises kinds of pictures, not persons; nothing in it identifies anybody.",
    ]
    return "\n".join(lines) + "\n"


def _precision_lines(precision: Mapping[str, Any] | None) -> list[str]:
    if precision is None:
        return []
    judged = f", on {precision['held_out']:,} held-out pictures" if precision["float_macro_f1"] is not None else ""
    figures = "; the figures below are those of the floats" if precision["kind"] == "int8" else ""
    return [f"- Computes in {precision['kind']}: {precision['reason']}{judged}{figures}."]


def _chosen(metrics: Mapping[str, Any], training: Mapping[str, Any]) -> str:
    if training.get("temperature") is not None:
        return "measured elsewhere and given"
    if metrics.get("part") == "training" or metrics["rows"] < FEWEST_ROWS:
        return f"since fewer than {FEWEST_ROWS} pictures were held out to choose one"
    return "chosen on the validation part"


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
