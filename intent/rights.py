"""What a model's pictures may be used for: licences as they are stated, and a table of them for the model card."""

import re
from collections import Counter
from collections.abc import Iterable

PERMISSIVE = (
    "mit",
    "bsd-2-clause",
    "bsd-3-clause",
    "isc",
    "apache-2.0",
    "cc0",
    "cc0-1.0",
    "cc-by-3.0",
    "cc-by-4.0",
    "ofl-1.1",
    "unlicense",
    "public domain",
)
"""Licences that let anyone use, change and pass on, with a notice at most: no copyleft, no "non-commercial"."""

DOUBTS = ("repo;", "web sources", "kaggle", "third part", "majority", "mostly", "trademark", "commercial", "research")
"""Words of a remark that say the licence may not be that of the picture itself."""

_REMARK = re.compile(r"\(([^)]*)\)")


def is_permissive(licence: str | None) -> bool:
    """Say whether a stated licence is permissive for the picture itself.

    ``A / B`` and ``A + B`` need both. A remark in brackets is allowed unless it raises one of `DOUBTS`; any other
    text around a name makes it unknown, and unknown is not permissive.
    """
    text = (licence or "").strip().lower().removeprefix("composite of ")
    if any(doubt in remark for remark in _REMARK.findall(text) for doubt in DOUBTS):
        return False
    names = [name.strip() for name in re.split(r" [/+] ", _REMARK.sub("", text))]
    return all(name in PERMISSIVE for name in names)


def sources_section(rows: Iterable[tuple[str | None, str | None]], *, drawn: int = 0) -> str:
    """Return a Markdown section with the pictures of each source and licence.

    Args:
        rows: (source, licence) of each picture that was learned from.
        drawn: pictures that this project drew itself.
    """
    counts = Counter((source or "not stated", licence or "not stated") for source, licence in rows)
    lines = [
        "",
        "## Pictures that it learned from",
        f"{sum(counts.values()):,} pictures of {len({source for source, _ in counts}):,} sources, and {drawn:,} drawn "
        "by this project. None of them is in this model; where a licence asks for a notice, this table is it.",
        "",
        "| source | pictures | licence as stated |",
        "|---|---:|---|",
    ]
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    lines += [f"| {_cell(source)} | {count:,} | {_cell(licence)} |" for (source, licence), count in ordered]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
