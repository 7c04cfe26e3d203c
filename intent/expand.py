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
    sources = origins(start.taxonomy, taxonomy)
    shared = np.zeros(len(bias))
    for rows in sources:
        shared[rows] += 1 / max(1, len(rows))
    new_weight = torch.stack([weight[rows].mean(dim=0) if rows else weight.mean(dim=0) for rows in sources])
    biases = []
    for rows in sources:
        if not rows:
            biases.append(bias.min())
            continue
        split = torch.from_numpy(np.log(np.maximum(1.0, shared[rows]))).float()
        # classes that become one are as probable as all of them were
        biases.append((bias[rows] - split).logsumexp(dim=0))
    return new_weight, torch.stack(biases)


def origins(old: Taxonomy, new: Taxonomy) -> list[list[int]]:
    """Return for each live intent of the new taxonomy the rows of the old head that it starts from.

    Itself and the classes deprecated in its favour (merged); else a class that was named like its parent (a taxonomy
    of first labels); else all classes of its parent that were there (added, split); none where nothing is known.
    """
    place = {name: row for row, name in enumerate(old.intent_ids)}
    heir = {intent.id: intent.deprecated_by for intent in new.intents if intent.deprecated_by}
    found = []
    for intent in new.live_intents:
        rows = [place[name] for name in place if name == intent.id or heir.get(name) == intent.id]
        if not rows and intent.parent in place:
            rows = [place[intent.parent]]
        if not rows:
            rows = [row for name, row in place.items() if old.parent_of(name) == intent.parent]
        found.append(rows)
    return found
