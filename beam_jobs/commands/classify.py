"""Say what pictures are for: the intent, its parent and the confidence of each.

image-intent classify PATH... [--model BUNDLE | --run RUN] [--json]
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.flags import Parser
from beam_jobs.run.model import current_bundle
from intent.bundle import BundleError, load_bundle
from intent.images import ImageError, decode_image, list_image_files, square
from intent.inference import Predictor


def main(argv: Sequence[str]) -> int:
    """Classify from flags."""
    parser = Parser(prog="image-intent classify", description=__doc__)
    parser.add_argument("paths", nargs="+", metavar="PATH", help="picture or folder of pictures")
    parser.add_argument("--model", help="folder of a bundle (default: the one of --run)")
    parser.add_argument("--run", default="run", help="folder of a run (default: ./run)")
    parser.add_argument("--json", action="store_true", help="JSON lines")
    flags = parser.parse_args(list(argv))
    try:
        predictor = Predictor(load_bundle(Path(flags.model or current_bundle(Path(flags.run)))))
    except BundleError as error:
        raise UsageError(f"--model {flags.model}: {error}") from error
    bundle = predictor.bundle
    parent_of = dict(zip(bundle.intents, (bundle.parents[i] for i in bundle.parent_index), strict=True))
    for path in _pictures(flags.paths):
        try:
            image = decode_image(path.read_bytes())
        except (ImageError, OSError) as error:
            print(f"{path}: {error}", file=sys.stderr)
            continue
        predicted = predictor.predict(square(image.rgb, bundle.image_size)[np.newaxis])
        scores = predicted.intent_scores[0]
        best = int(scores.argmax())
        intent, confidence = bundle.intents[best], float(scores[best])
        if flags.json:
            row = {"path": str(path), "intent": intent, "parent": parent_of[intent], "confidence": confidence}
            print(json.dumps({**row, "unknown_score": float(predicted.unknown_score[0])}, ensure_ascii=False))
        else:
            print(f"{path}\t{intent}\t{parent_of[intent]}\t{confidence:.3f}")
    return 0


def _pictures(paths: Sequence[str]) -> list[Path]:
    found = []
    for text in paths:
        path = Path(text)
        if path.is_dir():
            found += [path / name for name in list_image_files(path)[0]]
        elif path.exists():
            found.append(path)
        else:
            raise UsageError(f"{text} is not there; give a picture or a folder of pictures")
    if not found:
        raise UsageError(f"{', '.join(paths)}: no pictures there")
    return found
