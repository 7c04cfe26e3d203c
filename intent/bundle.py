"""A trained model as an immutable folder named by its digest: nothing in it can run anything when loaded.

``DIGEST/`` holds ``model.onnx`` (pixels to scores and embedding, one graph), ``taxonomy.yaml``, ``bundle.json``,
``MODEL_CARD.md`` and, where a later training shall go on from it, ``weights.safetensors``. The digest is the first 16
hex digits of a SHA-256 over the names and contents of these files; no time and no path is in them. This module reads
bundles without torch; `intent.export` writes graph and weights.
"""

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import yaml

from intent.bundle_facts import FactsError, check_graph, read_facts
from intent.model_card import model_card
from labels.taxonomy import Taxonomy, TaxonomyError, load_taxonomy

if TYPE_CHECKING:
    from intent.training import TrainedModel

FORMAT = 1
"""Version of the folder's layout; another one is refused."""

INFERENCE_BATCH = 16
"""Pictures per run of the graph, always padded to it: equal pictures give equal bytes, and a CPU gains little
past it."""

GRAPH, TAXONOMY, FACTS, CARD = "model.onnx", "taxonomy.yaml", "bundle.json", "MODEL_CARD.md"
WEIGHTS = "weights.safetensors"
"""Float weights that a training can start from; a bundle that is only to classify may lack it."""
FILES = (CARD, FACTS, GRAPH, TAXONOMY)
POINTER = "current.json"
OUTPUTS = ("intent_scores", "parent_scores", "unknown_score", "embedding")

_DIGEST = re.compile(r"[0-9a-f]{16}")


class BundleError(ValueError):
    """A folder that is no usable bundle; the message says why and what to do."""


@dataclass(frozen=True, eq=False)
class Bundle:
    """A verified bundle.

    Attributes:
        folder: where it lies.
        digest: 16 hex digits; goes into every feature row as ``model``.
        image_size: side in pixels of the square uint8 pictures that the graph takes.
        batch_size: pictures per run.
        intents, parents: ids in the order of the score vectors.
        parent_index: int64 [n], the parent's row of every intent.
        embedding_dim: length of the unit embedding.
        facts: all of ``bundle.json``: backbone, temperature, training, metrics, label_counts, data_window, ...
    """

    folder: Path
    digest: str
    image_size: int
    batch_size: int
    intents: tuple[str, ...]
    parents: tuple[str, ...]
    parent_index: npt.NDArray[np.int64]
    embedding_dim: int
    facts: Mapping[str, Any]

    @property
    def metrics(self) -> Mapping[str, Any]:
        """What `intent.metrics.evaluation` said of the validation part."""
        metrics: Mapping[str, Any] = self.facts["metrics"]
        return metrics

    @cached_property
    def taxonomy(self) -> Taxonomy:
        """The taxonomy that it was trained for."""
        return load_taxonomy(self.folder / TAXONOMY)


def export_bundle(
    trained: "TrainedModel",
    taxonomy: Taxonomy,
    output: Path,
    *,
    data_window: str | None,
    label_counts: Mapping[str, int],
    metrics: Mapping[str, Any],
    labels_digest: str | None = None,
    with_weights: bool = True,
    images: npt.NDArray[np.uint8] | None = None,
    precision: str = "auto",
) -> Path:
    """Write ``output/DIGEST`` and point ``output/current.json`` at it; return the folder.

    The folder appears whole or not at all, and one that is already there is kept. The graph is compared with the
    network before anything appears.

    Args:
        data_window: what the labels cover, for people; None where unknown.
        label_counts: examples per intent.
        metrics: as `intent.metrics.evaluation` returns them.
        labels_digest: of the labels that it learned from, None where unknown.
        with_weights: whether a later training can start from it, at the price of its size again; they are floats
            whatever the graph is.
        images: uint8 [n, S, S, 3], what `intent.training.train_model` got; int8 is tried on them.
        precision: of the graph, one of `intent.precision.PRECISIONS`.

    Raises:
        BundleError: the taxonomy is not the one that it was trained for, the graph answers otherwise than the
            network, or int8 was asked for and cannot be made.
    """
    from intent.export import write_graph, write_weights
    from intent.precision import export_precision
    from intent.quantize import QuantizeError

    if trained.intent_ids != taxonomy.intent_ids or trained.parent_ids != taxonomy.parent_ids:
        raise BundleError("the network was trained for another taxonomy; train again with this one")
    output = Path(output)
    output.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".bundle-", dir=output))
    try:
        if with_weights:
            write_weights(trained, scratch / WEIGHTS)
        difference = write_graph(trained, scratch / GRAPH, batch_size=INFERENCE_BATCH)
        if not difference <= 1e-3:
            raise BundleError(f"the exported graph differs from the network by {difference:.2g}, more than 0.001")
        try:
            taken = export_precision(
                trained, scratch / GRAPH, images, batch_size=INFERENCE_BATCH, asked=precision
            ).described()
        except QuantizeError as error:
            raise BundleError(f"no int8 of {trained.config.backbone}: {error}") from error
        facts = _facts(trained, taxonomy, data_window, label_counts, metrics, labels_digest) | {"precision": taken}
        (scratch / TAXONOMY).write_text(taxonomy_yaml(taxonomy), encoding="utf-8")
        (scratch / FACTS).write_text(_json(facts), encoding="utf-8")
        (scratch / CARD).write_text(model_card(facts, taxonomy), encoding="utf-8")
        digest = folder_digest(scratch)
        folder = output / digest
        scratch.chmod(0o755)
        if not folder.exists():
            os.replace(scratch, folder)
        pointer = output / f".{POINTER}-{os.getpid()}"
        pointer.write_text(_json({"model": digest}), encoding="utf-8")
        os.replace(pointer, output / POINTER)
        return folder
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def load_bundle(path: Path) -> Bundle:
    """Read and verify a bundle.

    Args:
        path: its folder, or a folder that holds exactly one, or several and ``current.json``.

    Raises:
        BundleError: there is none, a file is missing, changed, of another format or not as it should be.
    """
    folder = _find(Path(path))
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise BundleError(f"bundle {folder} lacks {', '.join(missing)}; copy it again or train anew")
    digest = folder_digest(folder)
    name = folder.resolve().name
    if name != digest:
        raise BundleError(
            f"bundle {folder} holds other content than its name says (content {digest}); it was changed, renamed or "
            "copied in part: copy it again, under its own name"
        )
    try:
        facts = read_facts(folder / FACTS, version=FORMAT)
        check_graph(folder / GRAPH)
    except FactsError as error:
        raise BundleError(f"bundle {folder}: {error}; train anew") from error
    bundle = Bundle(
        folder=folder,
        digest=digest,
        image_size=facts["image_size"],
        batch_size=facts["batch_size"],
        intents=tuple(facts["intents"]),
        parents=tuple(facts["parents"]),
        parent_index=np.array(facts["parent_index"], dtype=np.int64),
        embedding_dim=facts["embedding_dim"],
        facts=facts,
    )
    try:
        taxonomy = bundle.taxonomy
    except TaxonomyError as error:
        raise BundleError(f"bundle {folder}: {error}; train anew") from error
    if (taxonomy.intent_ids, taxonomy.parent_ids) != (bundle.intents, bundle.parents):
        raise BundleError(f"bundle {folder}: {FACTS} has other intents or parents than {TAXONOMY}; train anew")
    return bundle


def load_weights(bundle: Bundle) -> dict[str, npt.NDArray[Any]]:
    """Return the float weights by name.

    Raises:
        BundleError: it carries none, or safetensors is not installed.
    """
    path = bundle.folder / WEIGHTS
    if not path.is_file():
        raise BundleError(f"bundle {bundle.folder} carries no {WEIGHTS}; a training cannot start from it")
    try:
        from safetensors.numpy import load
    except ImportError as error:
        raise BundleError(f"{path} needs safetensors; pip install 'image-intent[train]'") from error
    try:
        weights: dict[str, npt.NDArray[Any]] = load(path.read_bytes())
    except Exception as error:  # safetensors has an error class of its own
        raise BundleError(f"{path} cannot be read ({error}); copy the bundle again") from error
    return weights


def folder_digest(folder: Path) -> str:
    """Return 16 hex digits over names and contents of a bundle's files."""
    digest = hashlib.sha256()
    for name in sorted((*FILES, *((WEIGHTS,) if (folder / WEIGHTS).exists() else ()))):
        with (folder / name).open("rb") as file:
            digest.update(f"{name} {hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return digest.hexdigest()[:16]


def taxonomy_yaml(taxonomy: Taxonomy) -> str:
    """Return a taxonomy as YAML without layout or comments of its own; reading it gives an equal taxonomy."""
    content = {
        "version": taxonomy.version,
        "parents": [asdict(parent) for parent in taxonomy.parents],
        "intents": [
            {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(intent).items() if value}
            for intent in taxonomy.intents
        ],
    }
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=1000)


def _find(path: Path) -> Path:
    if (path / FACTS).is_file():
        return path
    if not path.is_dir():
        raise BundleError(f"no bundle at {path}: there is no such folder; give the folder that train wrote")
    if (path / POINTER).is_file():
        try:
            name = json.loads((path / POINTER).read_text(encoding="utf-8"))["model"]
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise BundleError(f"{path / POINTER} cannot be read ({error!r}); give the bundle's own folder") from error
        if not isinstance(name, str) or not _DIGEST.fullmatch(name) or not (path / name).is_dir():
            raise BundleError(f"{path / POINTER} names {name!r}, which is not there; give the bundle's own folder")
        return path / name
    found = sorted(child for child in path.iterdir() if (child / FACTS).is_file())
    if len(found) != 1:
        names = ", ".join(child.name for child in found) or "none"
        raise BundleError(f"{path} holds no single bundle ({names}); give the folder of one")
    return found[0]


def _facts(
    trained: "TrainedModel",
    taxonomy: Taxonomy,
    data_window: str | None,
    label_counts: Mapping[str, int],
    metrics: Mapping[str, Any],
    labels_digest: str | None,
) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "backbone": trained.config.backbone,
        "image_size": trained.config.image_size,
        "batch_size": INFERENCE_BATCH,
        "intents": list(taxonomy.intent_ids),
        "parents": list(taxonomy.parent_ids),
        "parent_index": taxonomy.parent_index.tolist(),
        "embedding_dim": int(trained.projection.matrix.shape[1]),
        "temperature": trained.temperature,
        "unknown": {"auroc": trained.metrics.get("unknown_auroc"), "bias": round(trained.unknown.bias, 6)},
        "taxonomy": {"version": taxonomy.version, "digest": taxonomy.digest},
        "training": {**trained.config.described(), **trained.notes},
        "data_window": data_window,
        "labels_digest": labels_digest,
        "label_counts": dict(sorted(label_counts.items())),
        "metrics": dict(metrics),
    }


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
