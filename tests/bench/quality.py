"""Bundles against logistic regression on frozen features, on pictures of sources that training never saw.

    python -m tests.bench.quality CORPUS --weights mobilenet_v2.pth [--model BUNDLE ...] [--size 192]

CORPUS holds manifest.csv (image_id, uri), truth.csv (image_id, intent) and split.csv (image_id, train or test). The
regression learns from the train part as it is: features of the weights' last layer, standardised, all classes equally
heavy. Each bundle must have been trained with ``--exclude split.csv``. One run, the same pictures for all.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from intent.features import compute_features
from intent.metrics import confusion_matrix, macro_f1
from intent.model import PooledBackbone, load_backbone
from labels.taxonomy import Taxonomy, load_taxonomy
from tests.bench.corpus import best_intents, read_columns, squares

STREAMS = "live_streamer"
"""Mostly composites of this corpus: they share screens and faces with other classes."""


def main(argv: Sequence[str]) -> int:
    """Print a line per model."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.quality", description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--weights", required=True)
    parser.add_argument("--model", action="append", default=[], help="folder of a bundle; may be repeated")
    parser.add_argument("--size", type=int, default=192)
    flags = parser.parse_args(argv)
    taxonomy = load_taxonomy()
    uri, truth, split = read_columns(flags.corpus)
    ids = sorted(truth)
    intent = np.array([taxonomy.intent_ids.index(truth[name]) for name in ids])
    train = np.array([split[name] == "train" for name in ids])
    paths = [flags.corpus / uri[name] for name in ids]

    network = PooledBackbone(
        load_backbone("mobilenet_v2", weights=flags.weights), image_size=flags.size, all_maps=False
    )
    features = compute_features(network, squares(paths, flags.size), order=np.arange(len(ids)))
    scaler = StandardScaler().fit(features[train])
    peer = LogisticRegression(C=0.01, max_iter=500, class_weight="balanced")
    peer.fit(scaler.transform(features[train]), intent[train])
    first = _tell("logistic regression", peer.predict(scaler.transform(features[~train])), intent[~train], taxonomy)

    tested = [path for path, is_train in zip(paths, train, strict=True) if not is_train]
    for folder in flags.model:
        found = _tell(Path(folder).name, best_intents(Path(folder), tested), intent[~train], taxonomy)
        print(f"  {100 * (found - first):+.1f} points of macro-F1 over logistic regression")
    return 0


def _tell(name: str, found: npt.NDArray[np.int64], intent: npt.NDArray[np.int64], taxonomy: Taxonomy) -> float:
    """Print the figures of a model; return its macro-F1."""
    count = len(taxonomy.intent_ids)
    score = macro_f1(confusion_matrix(intent, found, classes=count))
    parents = taxonomy.parent_index
    eight = float((parents[found] == parents[intent]).mean())
    rest = intent != taxonomy.intent_ids.index(STREAMS)
    without = macro_f1(confusion_matrix(intent[rest], found[rest], classes=count))
    both = (parents[found] == parents[intent])[rest].mean()
    print(
        f"{name}: macro-F1 {score:.3f}, accuracy {(found == intent).mean():.3f}, 8-way {eight:.3f}; "
        f"without pictures of {STREAMS}: macro-F1 {without:.3f}, 8-way {both:.3f}",
        flush=True,
    )
    return score


if __name__ == "__main__":
    torch.set_num_threads(2)
    sys.exit(main(sys.argv[1:]))
