"""Starting from an older model of this or another taxonomy: its weights, and what its head knew of each class."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from intent.bundle import Bundle, BundleError, load_weights
from labels.taxonomy import Taxonomy

if TYPE_CHECKING:
    from intent.model import IntentNet

SAME, MERGED, SPLIT = "as they were", "merged", "split"
GROUP, ADDED, NEW = "parts of a first label", "added, as the mean of its neighbours", "unknown so far"
"""How a class of a new taxonomy comes about."""


@dataclass(frozen=True, eq=False)
class Start:
    """Float weights of an older bundle with the taxonomy that its head speaks."""

    state: Mapping[str, npt.NDArray[Any]]
    taxonomy: Taxonomy
    backbone: str
    all_maps: bool
    digest: str

    @staticmethod
    def read(bundle: Bundle) -> "Start":
        """Take the weights of a verified bundle.

        Raises:
            BundleError: it carries none, or they cannot be read.
        """
        training = bundle.facts["training"]
        all_maps = training.get("all_maps")
        return Start(
            state=load_weights(bundle),
            taxonomy=bundle.taxonomy,
            backbone=str(bundle.facts["backbone"]),
            all_maps=bool(training["weights"] == "none" if all_maps is None else all_maps),
            digest=bundle.digest,
        )

    def load_backbone(self, net: "IntentNet") -> None:
        """Copy backbone and standardisation into a net; the head stays.

        Raises:
            BundleError: the weights are of another backbone.
        """
        own = {name: torch.from_numpy(np.array(v)) for name, v in self.state.items() if not name.startswith("head.")}
        try:
            missing = net.load_state_dict(own, strict=False)
        except RuntimeError as error:
            reason = " ".join(str(error).split())[:200]
            raise BundleError(f"bundle {self.digest}: its weights do not fit {self.backbone}: {reason}") from error
        lost = [name for name in missing.missing_keys if not name.startswith("head.")]
        if lost or missing.unexpected_keys:
            name = [*lost, *missing.unexpected_keys][0]
            raise BundleError(f"bundle {self.digest}: its weights do not fit {self.backbone} (first: {name})")


def mapped_head(start: Start, taxonomy: Taxonomy) -> tuple[Tensor, Tensor]:
    """Return weight float32 [n, F] and bias float32 [n] of a head for another taxonomy.

    `origins` says what each class starts from; the mean of these rows is taken. A row that k classes share is given
    to each with a bias smaller by log k, so that together they are as probable as it was.
    """
    weight = torch.from_numpy(np.array(start.state["head.weight"]))
    bias = torch.from_numpy(np.array(start.state["head.bias"]))
    found = _origins(start.taxonomy, taxonomy)
    sources = [rows for _, rows in found]
    shared = np.zeros(len(bias))
    for rows in sources:
        shared[rows] += 1 / max(1, len(rows))
    new_weight = torch.stack([weight[rows].mean(dim=0) if rows else weight.mean(dim=0) for rows in sources])
    biases = []
    for kind, rows in found:
        if not rows:
            biases.append(bias.min())
            continue
        split = torch.from_numpy(np.log(np.maximum(1.0, shared[rows]))).float()
        # classes that become one are as probable as all of them were, one that joins others is as probable as each
        joined = (bias[rows] - split).logsumexp(dim=0)
        biases.append(joined - np.log(len(rows)) if kind == ADDED else joined)
    return new_weight, torch.stack(biases)


def origins(old: Taxonomy, new: Taxonomy) -> list[list[int]]:
    """Return for each live intent of the new taxonomy the rows of the old head that it starts from."""
    return [rows for _, rows in _origins(old, new)]


def describe_origins(old: Taxonomy, new: Taxonomy) -> str:
    """Return for people what each class of a new taxonomy starts from, such as ``35 intents as they were; merged: pet
    (cat, dog); no more: flag``."""
    told: dict[str, list[str]] = {}
    groups: dict[str, int] = {}
    found = _origins(old, new)
    for name, (kind, rows) in zip(new.intent_ids, found, strict=True):
        parts = ", ".join(old.intent_ids[row] for row in rows)
        if kind == GROUP:
            groups[parts] = groups.get(parts, 0) + 1
        else:
            told.setdefault(kind, []).append(f"{name} ({parts})" if kind in (MERGED, SPLIT) else name)
    if groups:
        told[GROUP] = [f"{count} of {group}" for group, count in groups.items()]
    same = len(told.pop(SAME, []))
    used = {row for _, rows in found for row in rows}
    gone = [name for row, name in enumerate(old.intent_ids) if row not in used]
    lines = [f"{same} intents as they were", *(f"{kind}: {', '.join(names)}" for kind, names in told.items())]
    return "; ".join([*lines, f"no more: {', '.join(gone)}"] if gone else lines)


def _origins(old: Taxonomy, new: Taxonomy) -> list[tuple[str, list[int]]]:
    """Return for each live intent how it comes about and the rows of the old head that it starts from.

    Itself and the classes deprecated in its favour (merged); else the class that it is split from; else a class that
    was named like its parent (a taxonomy of first labels); else all classes of its parent that were there (added);
    none where nothing is known.
    """
    place = {name: row for row, name in enumerate(old.intent_ids)}
    heir = {intent.id: intent.deprecated_by for intent in new.intents if intent.deprecated_by}
    found: list[tuple[str, list[int]]] = []
    for intent in new.live_intents:
        rows = [place[name] for name in place if name == intent.id or heir.get(name) == intent.id]
        beside = [row for name, row in place.items() if old.parent_of(name) == intent.parent]
        if intent.split_from in place and intent.id not in place:
            found.append((SPLIT, [place[intent.split_from]]))
        elif rows:
            found.append((SAME if rows == [place.get(intent.id)] else MERGED, rows))
        elif intent.parent in place:
            found.append((GROUP, [place[intent.parent]]))
        else:
            found.append((ADDED, beside) if beside else (NEW, []))
    return found
