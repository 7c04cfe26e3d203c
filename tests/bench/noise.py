"""What wrong labels cost: whole trainings on labels of which a share is wrong.

    python -m tests.bench.noise CORPUS --weights mobilenet_v2.pth [--seeds 3] [--per-intent 40] [--size 96]

CORPUS holds manifest.csv (image_id, uri), truth.csv (image_id, intent) and split.csv (image_id, train or test). Of each
intent's training pictures some are learned and as many others judge. Wrong labels are any other intent, all as likely.
Each training runs as ``image-intent train`` does: head, tuning, head. The cost is the mean over the seeds.
"""

import argparse
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from beam_jobs.train import TrainSettings, train_bundle
from intent.metrics import confusion_matrix, macro_f1
from labels.taxonomy import load_taxonomy
from tests.bench.corpus import best_intents, read_columns

SHARES = (0.0, 0.05, 0.2)
"""Shares of wrong labels."""


def main(argv: Sequence[str]) -> int:
    """Print the macro-F1 of each training and what each share costs."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.noise", description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--weights", required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--per-intent", type=int, default=40)
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--epochs", type=int, default=1)
    flags = parser.parse_args(argv)
    taxonomy = load_taxonomy()
    uri, truth, split = read_columns(flags.corpus)
    of_intent = defaultdict(list)
    for name in sorted(truth):
        if split[name] == "train":
            of_intent[truth[name]].append(name)
    found: dict[float, list[float]] = {share: [] for share in SHARES}
    for seed in range(flags.seeds):
        rng = np.random.default_rng(seed)
        learned, judged = [], []
        for names in of_intent.values():
            some = [names[int(i)] for i in rng.permutation(len(names))[: 2 * flags.per_intent]]
            learned += some[: len(some) // 2]
            judged += some[len(some) // 2 :]
        target = np.array([taxonomy.intent_ids.index(truth[name]) for name in judged])
        wrong, other = rng.random(len(learned)), rng.integers(1, len(taxonomy.intent_ids), len(learned))
        for share in SHARES:
            places = [taxonomy.intent_ids.index(truth[name]) for name in learned]
            told = [
                taxonomy.intent_ids[(place + other[i] * (wrong[i] < share)) % len(taxonomy.intent_ids)]
                for i, place in enumerate(places)
            ]
            with tempfile.TemporaryDirectory() as folder:
                pq.write_table(pa.table({"image_id": learned, "intent": told}), f"{folder}/labels.parquet")
                made = train_bundle(
                    labels=f"{folder}/labels.parquet",
                    collection=str(flags.corpus / "manifest.csv"),
                    output=f"{folder}/models",
                    taxonomy=taxonomy,
                    settings=TrainSettings(
                        backbone="mobilenet_v2",
                        weights=flags.weights,
                        image_size=flags.size,
                        epochs=flags.epochs,
                        seed=seed,
                        drawn=0,
                        precision="float32",
                    ),
                )
                best = best_intents(made, [flags.corpus / uri[name] for name in judged])
            found[share].append(macro_f1(confusion_matrix(target, best, classes=len(taxonomy.intent_ids))))
            print(f"seed {seed}, {share:.0%} wrong: macro-F1 {found[share][-1]:.3f}", flush=True)
    clean = np.array(found[0.0])
    for share in SHARES[1:]:
        costs = 100 * (clean - np.array(found[share]))
        print(f"{share:.0%} wrong labels cost {costs.mean():.1f} points ({', '.join(f'{c:.1f}' for c in costs)})")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
