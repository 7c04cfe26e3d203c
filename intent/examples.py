"""Labels as a network learns them: rows of the taxonomy, weights, and a split that keeps duplicates together."""

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from labels.taxonomy import Taxonomy

SOURCE_BALANCE = 0.5
"""Power by which the mass of a class in a source is divided out: 0 lets the largest source decide what a class
looks like, 1 lets a source of one odd picture weigh as much."""

DRAWN = "\0drawn"
"""Source of pictures that a drawer made: they teach, they never judge. No source of a collection begins with NUL."""

COMPOSED = "\0composed"
"""Source of pictures that are made of other labelled ones; they do not teach before those have judged."""

MADE = (DRAWN, COMPOSED)

LARGEST_LOSS = 0.5
"""Share of a class that may be held out with its sources; a class of one source keeps it."""


class TrainingError(ValueError):
    """Examples or a configuration that cannot be trained on."""


@dataclass(frozen=True, eq=False)
class Targets:
    """What examples are to be predicted as: ``intent`` int64 [n], -1 where only the parent is sure; ``parent``
    int64 [n]; ``weight`` float32 [n], ≥ 0."""

    intent: npt.NDArray[np.int64]
    parent: npt.NDArray[np.int64]
    weight: npt.NDArray[np.float32]

    def take(self, rows: npt.NDArray[np.int64]) -> "Targets":
        """Return the targets of some rows."""
        return Targets(self.intent[rows], self.parent[rows], self.weight[rows])


def make_targets(examples: pa.Table, taxonomy: Taxonomy, *, class_balance: float) -> Targets:
    """Turn labels into rows of the taxonomy and weights of mean 1.

    A weight is confidence / size of the duplicate group, divided by the root of the mass of its class in its source
    where the examples have a column ``source`` (so that one site with a thousand flags does not decide what a flag
    is), times (mean mass / mass of its class)^class_balance; a label without an intent takes its parent as class.

    Raises:
        TrainingError: an id that the taxonomy's live classes lack, an intent under another parent, a confidence
            outside 0..1, or no row with a weight.
    """
    intent = _rows(examples["intent"], taxonomy.intent_ids, "intent", null=True)
    parent = _rows(examples["parent"], taxonomy.parent_ids, "parent", null=False)
    wrong = np.flatnonzero((intent >= 0) & (taxonomy.parent_index[intent] != parent))
    if len(wrong):
        row = examples.slice(int(wrong[0]), 1).to_pylist()[0]
        raise TrainingError(
            f"{len(wrong)} examples have an intent under another parent, first {row['image_id']!r}: "
            f"{row['intent']!r} is no child of {row['parent']!r}; derive the labels again"
        )
    confidence = examples["confidence"].to_numpy().astype(np.float64)
    if not np.all((confidence >= 0) & (confidence <= 1)):
        raise TrainingError("confidence must be 0 to 1 in every example, and never null")
    _, group, sizes = np.unique(
        np.array(examples["group"].to_pylist(), dtype=object), return_inverse=True, return_counts=True
    )
    mass = confidence / sizes[group]
    kinds = np.where(intent >= 0, intent, len(taxonomy.intent_ids) + parent)
    if "source" in examples.column_names:
        sources = np.unique([str(source) for source in examples["source"].to_pylist()], return_inverse=True)[1]
        _, cell = np.unique(sources * (kinds.max() + 1) + kinds, return_inverse=True)
        mass = mass / np.maximum(np.bincount(cell, weights=mass)[cell], 1e-12) ** SOURCE_BALANCE
    per_class = np.bincount(kinds, weights=mass)
    if per_class.sum() <= 0:
        raise TrainingError("every example has confidence 0; nothing can be learned")
    average = per_class[per_class > 0].mean()
    weight = mass * (average / np.maximum(per_class[kinds], 1e-12)) ** class_balance
    return Targets(intent, parent, (weight / weight.mean()).astype(np.float32))


def split_by_group(
    groups: list[str], *, share: float, seed: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the rows (int64, rising) of the training and the validation part.

    A group goes by the SHA-256 of seed and name alone, so that it stays on its side when others come and go.
    """
    names, inverse = np.unique(np.array(groups, dtype=object), return_inverse=True)
    limit = int(share * 2**64)
    digests = (hashlib.sha256(f"{seed}:{name}".encode()).digest() for name in names)
    chosen = np.array([int.from_bytes(digest[:8], "big") < limit for digest in digests])[inverse]
    if chosen.all():
        chosen[:] = False
    return np.flatnonzero(~chosen), np.flatnonzero(chosen)


def split_by_source(
    sources: list[str | None], kinds: npt.NDArray[np.int64], *, share: float, seed: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the rows (int64, rising) of the training and of the validation part: whole sources are held out.

    Sources are taken by the SHA-256 of seed and name until the share is reached, but none that would take more
    than `LARGEST_LOSS` of a class away from training, and none that is drawn or null.

    Args:
        kinds: int64 [n], the class of each row.
        share: of the rows that have a source, 0-1; a source is taken only where it fits in.
    """
    names = np.array([source or "" for source in sources], dtype=object)
    usable = np.array([name not in ("", *MADE) for name in names])
    totals = np.bincount(kinds[usable], minlength=int(kinds.max()) + 1)
    lost = np.zeros_like(totals)
    chosen = np.zeros(len(names), dtype=bool)
    digests = {name: hashlib.sha256(f"{seed}:{name}".encode()).digest() for name in set(names[usable])}
    known = np.flatnonzero(usable)
    found, place = np.unique(names[known], return_inverse=True)
    ends = np.cumsum(np.bincount(place, minlength=len(found)))
    rows_of = dict(zip(found, np.split(known[np.argsort(place, kind="stable")], ends[:-1]), strict=False))
    for name in sorted(digests, key=lambda name: digests[name]):
        rows = rows_of[name]
        taken = np.bincount(kinds[rows], minlength=len(totals))
        fits = lost.sum() + len(rows) <= share * len(known)
        if fits and np.all((lost + taken)[taken > 0] <= LARGEST_LOSS * totals[taken > 0]):
            chosen[rows] = True
            lost += taken
    return np.flatnonzero(~chosen), np.flatnonzero(chosen)


def check_examples(examples: pa.Table, images: npt.NDArray[np.uint8], *, image_size: int) -> npt.NDArray[np.int64]:
    """Check tables and pictures against each other; return the rows by image_id, int64 [n].

    Raises:
        TrainingError: a column is missing, shapes differ, there are no rows, an image_id occurs twice.
    """
    missing = {"image_id", "intent", "parent", "confidence", "group"} - set(examples.column_names)
    if missing:
        raise TrainingError(f"examples lack the columns {', '.join(sorted(missing))}")
    expected = (examples.num_rows, image_size, image_size, 3)
    if images.dtype != np.uint8 or images.shape != expected:
        raise TrainingError(f"images are {images.dtype}{list(images.shape)}, expected uint8{list(expected)}")
    ids = np.array(examples["image_id"].to_pylist(), dtype=object)
    if not len(ids):
        raise TrainingError("there are no examples; derive labels first")
    order = np.argsort(ids, kind="stable")
    twice = np.flatnonzero(ids[order][1:] == ids[order][:-1])
    if len(twice):
        raise TrainingError(f"image_id {ids[order][twice[0]]!r} occurs twice in the examples")
    return order.astype(np.int64)


def _rows(column: pa.ChunkedArray, ids: tuple[str, ...], name: str, *, null: bool) -> npt.NDArray[np.int64]:
    """Return each value's place in ``ids``, -1 for null."""
    rows = {value: row for row, value in enumerate(ids)}
    values = column.combine_chunks().dictionary_encode()
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    words = values.dictionary.to_pylist()
    unknown = sorted(word for word in words if word not in rows)
    if unknown:
        raise TrainingError(f"{name} {unknown[0]!r} is no live {name} of the taxonomy; it has {', '.join(ids)}")
    if values.null_count and not null:
        raise TrainingError(f"{values.null_count} examples have no {name}")
    table = np.array([*(rows[word] for word in words), -1], dtype=np.int64)
    indices = values.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)
    return np.asarray(table[indices])
