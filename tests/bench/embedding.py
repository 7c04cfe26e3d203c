"""Which features make the embedding: the last layer, maps half way, both; what their components lose, and whether a
copy term (`tests.bench.copy_term`) makes better ones of them.

    python -m tests.bench.embedding CORPUS --clicks LOG --weights mobilenet_v2.pth [--model BUNDLE] [--pictures 400]

CORPUS holds manifest.csv (image_id, uri, source); pictures are taken from its sources in turn, as many again are only
in the way, and twice as many teach: everything is fitted on those, and on variations of them by `intent.augment`, which
are not the edits that are asked. Two questions to each candidate, by cosine of standardised features:

copies: an edited copy asks, all originals answer; the share of copies whose own original comes first.
co-clicks: of a picture's 10 nearest neighbours, the share that people clicked for a query of the picture's (at least
twice each). Pictures of one source look alike, so neighbours of other sources are counted alone, too.
"""

import argparse
import csv
import io
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import polars as pl
import torch
from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps

from intent.augment import augment
from intent.bundle import GRAPH, load_bundle
from intent.embedding import fit_projection
from intent.features import compute_features
from intent.images import decode_image, square
from intent.inference import open_session, padded_batches
from intent.model import PooledBackbone, Standardise, load_backbone
from tests.bench.copy_term import fit_contrastive, fit_within_copies

Floats = npt.NDArray[np.float32]
Squares = npt.NDArray[np.uint8]

NEIGHBOURS = 10
DIMENSIONS = 64
"""Length of a bundle's embedding."""
ORIGINALS, TAUGHT, COPIES = "originals", "taught", "copies"
"""Names of a sample's pictures beside the edits."""
FEWEST_CLICKS = 2
"""Clicks of a picture for a query below which they are an accident."""


def _jpeg(image: Image.Image) -> Image.Image:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=30)
    return Image.open(stream).convert("RGB")


def _crop(image: Image.Image) -> Image.Image:
    width, height = (max(round(side * 0.8), 1) for side in image.size)
    left, top = (image.width - width) // 3, (image.height - height) // 3  # off the centre
    return image.crop((left, top, left + width, top + height))


def _text(image: Image.Image) -> Image.Image:
    image = image.copy()
    draw = ImageDraw.Draw(image)
    size = max(image.height // 8, 10)
    draw.rectangle((0, image.height - 2 * size, image.width, image.height), fill=(0, 0, 0))
    draw.text((size // 2, image.height - 1.7 * size), "see more at", font=ImageFont.load_default(size), fill="white")
    return image


EDITS: Mapping[str, Callable[[Image.Image], Image.Image]] = {
    "half size": lambda image: image.resize((max(image.width // 2, 1), max(image.height // 2, 1))),
    "crop 80 %": _crop,
    "JPEG 30": _jpeg,
    "text over": _text,
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.4),
    "mirrored": ImageOps.mirror,
}


@dataclass(frozen=True, eq=False)
class Sample:
    """Pictures that are asked about (the first ``asked``) and others: ids, sources, and by name squares
    uint8 [n, S, S, 3]: all of these (`ORIGINALS`), each edit of the first, `TAUGHT` pictures and their `COPIES`."""

    ids: list[str]
    sources: list[str]
    asked: int
    squares: Mapping[str, Squares]


def read_sample(corpus: Path, *, asked: int, size: int) -> Sample:
    """Take pictures from all sources in turn: those asked about, as many others, twice as many to teach."""
    by_source: dict[str, list[dict[str, str]]] = defaultdict(list)
    with (corpus / "manifest.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            by_source[row["source"]].append(row)
    turns = zip_longest(*(by_source[name] for name in sorted(by_source)))
    rows = [row for turn in turns for row in turn if row][: 4 * asked]
    squares = {name: np.empty((asked, size, size, 3), dtype=np.uint8) for name in EDITS}
    whole = np.empty((len(rows), size, size, 3), dtype=np.uint8)
    for place, row in enumerate(rows):
        rgb = decode_image((corpus / row["uri"]).read_bytes()).rgb
        whole[place] = square(rgb, size)
        for name, edit in EDITS.items() if place < asked else ():
            squares[name][place] = square(np.asarray(edit(Image.fromarray(rgb))), size)
    rows, taught = rows[: 2 * asked], whole[2 * asked :]
    rng = np.random.default_rng(0)
    squares |= {ORIGINALS: whole[: 2 * asked], TAUGHT: taught}
    squares[COPIES] = np.stack([augment(picture, rng, intent=None) for picture in taught])
    return Sample([row["image_id"] for row in rows], [row["source"] for row in rows], asked, squares)


def co_clicked(log: Path, ids: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Return bool [n, n]: whether two pictures were clicked for one query."""
    place = pl.LazyFrame({"image_id": ids, "place": np.arange(len(ids))})
    clicks = (
        pl.scan_parquet(log / "**" / "*.parquet", hive_partitioning=False)
        .filter(pl.col("clicked"))
        .join(place, on="image_id")
        .group_by("query", "place")
        .len()
        .filter(pl.col("len") >= FEWEST_CLICKS)
        .collect()
    )
    found = np.zeros((len(ids), len(ids)), dtype=bool)
    for places in clicks.group_by("query").agg("place")["place"].to_list():
        found[np.ix_(places, places)] = True
    np.fill_diagonal(found, val=False)
    return found


def of_weights(weights: str, backbone: str, sample: Sample) -> dict[str, dict[str, Floats]]:
    """Return for each candidate its unit vectors of the originals and of each edit."""
    size = sample.squares[ORIGINALS].shape[1]
    net = PooledBackbone(load_backbone(backbone, weights=weights), image_size=size, all_maps=True)
    last = PooledBackbone(load_backbone(backbone), image_size=size, all_maps=False).width
    features = {
        name: compute_features(net, squares, order=np.arange(len(squares))) for name, squares in sample.squares.items()
    }
    scale = Standardise(net.width)
    scale.fit(torch.from_numpy(features[TAUGHT]))
    features = {name: scale(torch.from_numpy(values)).numpy() for name, values in features.items()}
    parts = {
        "last layer": slice(net.width - last, None),
        "maps half way": slice(0, net.width - last),
        "both": slice(0, None),
    }
    found: dict[str, dict[str, Floats]] = {}
    for title, part in parts.items():
        own = {name: values[:, part] for name, values in features.items()}
        found |= candidates(title, own, copy_terms=title == "last layer")
    return found


def candidates(title: str, features: Mapping[str, Floats], *, copy_terms: bool) -> dict[str, dict[str, Floats]]:
    """Return the vectors of standardised features as they are and projected in each way."""
    taught, copies = features[TAUGHT], features[COPIES]
    components = fit_projection(taught, dimensions=DIMENSIONS, seed=0)
    ways = {f"all {taught.shape[1]:,}": _unit, f"{DIMENSIONS} components": components.embed}
    if copy_terms:
        within = fit_within_copies(taught, copies, dimensions=DIMENSIONS, seed=0)
        contrastive = fit_contrastive(taught, copies, start=components, seed=0)
        ways |= {f"{DIMENSIONS}, whitened within copies": within.embed, f"{DIMENSIONS}, InfoNCE": contrastive.embed}
    asked = (ORIGINALS, *EDITS)
    return {f"{title}, {way}": {name: embed(features[name]) for name in asked} for way, embed in ways.items()}


def of_bundle(path: Path, corpus: Path, asked: int) -> dict[str, dict[str, Floats]]:
    """Return the embeddings of a bundle, and candidates of the features that it projects."""
    bundle = load_bundle(path)
    sample = read_sample(corpus, asked=asked, size=bundle.image_size)
    graph = onnx.load(str(bundle.folder / GRAPH))
    inner = next(node.input[0] for node in graph.graph.node if "mean" in node.input)  # what the projection centres
    graph.graph.output.append(onnx.ValueInfoProto(name=inner))
    with tempfile.TemporaryDirectory() as scratch:
        onnx.save(graph, str(Path(scratch) / GRAPH))
        session = open_session(Path(scratch) / GRAPH)
    features, own = {}, {}
    for name, squares in sample.squares.items():
        parts = [
            [values[:count] for values in session.run([inner, "embedding"], {"pixels": pixels})]
            for pixels, count in padded_batches(squares, bundle.batch_size)
        ]
        features[name], own[name] = (np.concatenate(values) for values in zip(*parts, strict=True))
    return {f"{path.name}, its own": own} | candidates(path.name, features, copy_terms=True)


def recall(vectors: Mapping[str, Floats], edit: str) -> float:
    """Return the share of copies whose original is nearest."""
    nearest = (vectors[edit] @ vectors[ORIGINALS].T).argmax(axis=1)
    return float((nearest == np.arange(len(vectors[edit]))).mean())


def co_click_share(vectors: Floats, pairs: npt.NDArray[np.bool_], allowed: npt.NDArray[np.bool_]) -> float:
    """Return the share of co-clicked pictures among the nearest that are allowed, of pictures with any co-click."""
    likeness = np.where(allowed, vectors @ vectors.T, -np.inf)
    nearest = np.argsort(-likeness, axis=1)[:, :NEIGHBOURS]
    rows = (pairs & allowed).any(axis=1)
    return float(np.take_along_axis(pairs, nearest, axis=1)[rows].mean())


def _unit(values: Floats) -> Floats:
    return np.asarray(values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-12))


def main(argv: list[str]) -> int:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.embedding", description=__doc__)
    parser.add_argument("corpus", type=Path, help="folder with manifest.csv")
    parser.add_argument("--clicks", type=Path, required=True, help="folder of a click log in Parquet")
    parser.add_argument("--weights", required=True, help="state dict of the backbone")
    parser.add_argument("--backbone", default="mobilenet_v2")
    parser.add_argument("--model", type=Path, help="a bundle whose embedding and features are judged, too")
    parser.add_argument("--pictures", type=int, default=400, help="asked about; the corpus needs four times as many")
    parser.add_argument("--image-size", type=int, default=144)
    flags = parser.parse_args(argv)
    sample = read_sample(flags.corpus, asked=flags.pictures, size=flags.image_size)
    found = of_weights(flags.weights, flags.backbone, sample)
    if flags.model:
        found |= of_bundle(flags.model, flags.corpus, flags.pictures)
    pairs = co_clicked(flags.clicks, sample.ids)
    sources = np.array(sample.sources)
    others = ~np.eye(len(pairs), dtype=bool)
    elsewhere = sources[:, None] != sources[None, :]
    print(f"{sample.asked} pictures, {len(sample.ids)} originals of {len(set(sample.sources))} sources\n")
    print(f"| features | {' | '.join(EDITS)} | mean | co-clicked | of other sources |")
    print("|---" * (len(EDITS) + 4) + "|")
    for title, vectors in found.items():
        recalls = [recall(vectors, edit) for edit in EDITS]
        shares = [co_click_share(vectors[ORIGINALS], pairs, allowed) for allowed in (others, elsewhere)]
        cells = [f"{value:.3f}" for value in (*recalls, float(np.mean(recalls)), *shares)]
        print(f"| {title} | {' | '.join(cells)} |")
    chance = [float((pairs & allowed).sum() / allowed.sum()) for allowed in (others, elsewhere)]
    print(f"| by chance |{' |' * (len(EDITS) + 1)} {chance[0]:.3f} | {chance[1]:.3f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
