"""Making of a trained bundle one that ships: no float weights beside the graph, more said in its card, small enough."""

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from intent.bundle import CARD, FILES, BundleError, folder_digest, load_bundle

LARGEST_BYTES = 12_000_000
"""All files of a shipped bundle: it travels in the package."""


def twin_section(told: Mapping[str, Any], *, temperature: float, calibration_error: float) -> str:
    """Return a Markdown section with the figures of a twin (`beam_jobs.evaluate.figures`) on pictures kept from it.

    Args:
        temperature: what these pictures ask for, and the model that ships has.
        calibration_error: with it, of each half of the sources with the temperature of the other half.
    """
    rows = [
        ("accuracy, intents", told["accuracy"]),
        ("macro-F1, intents", told["macro_f1"]),
        ("accuracy, first labels", told["parent_accuracy"]),
        ("calibration error, with the twin's own temperature", told["calibration_error"]),
        (f"calibration error, with the shipped temperature ({temperature:.2f}), cross-fitted", calibration_error),
        *((f"unknown AUROC, {name} pictures of no class", value) for name, value in told["unknown_auroc"].items()),
        *((f"macro-F1, {name}", value) for name, value in told["robust"].items()),
    ]
    lines = [
        "",
        "## How good it is on sources never seen",
        f"Measured on {told['rows']:,} pictures that a twin, made the same way without them, has not seen; none of "
        "them is of a source that it learned from, where the collection was split so.",
        "",
        "| measure | value |",
        "|---|---|",
        *(f"| {name} | {value:.3f} |" for name, value in rows),
        "",
        "| intent | measured on | precision | recall | F1 |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, row in told["per_class"].items():
        lines.append(f"| `{name}` | {row['rows']} | {row['precision']:.3f} | {row['recall']:.3f} | {row['f1']:.3f} |")
    return "\n".join(lines) + "\n"


def ship(bundle: Path, output: Path, *, section: str) -> Path:
    """Write ``output/DIGEST`` from a bundle, its card lengthened; return the folder.

    Other bundles in ``output`` are removed after it is there: a package carries one.

    Args:
        bundle: folder of a bundle; float weights in it are left behind, so no training can start from the result.
        output: made where it is missing.
        section: Markdown added to the model card.

    Raises:
        BundleError: no bundle, or larger than `LARGEST_BYTES`.
    """
    source = load_bundle(bundle).folder
    size = sum((source / name).stat().st_size for name in FILES)
    if size > LARGEST_BYTES:
        raise BundleError(f"bundle {source} has {size:,} bytes, more than {LARGEST_BYTES:,}: take a smaller backbone")
    output.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".ship-", dir=output))
    try:
        for name in FILES:
            shutil.copyfile(source / name, scratch / name)
        card = (scratch / CARD).read_text(encoding="utf-8")
        (scratch / CARD).write_text(card + section, encoding="utf-8")
        scratch.chmod(0o755)
        folder = output / folder_digest(scratch)
        if not folder.exists():
            os.replace(scratch, folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    for other in output.iterdir():
        if other.is_dir() and other != folder and all((other / name).is_file() for name in FILES):
            shutil.rmtree(other)
    return folder
