"""Which features make the embedding: the last layer, maps half way, both, and what their components lose.

    python -m tests.bench.embedding CORPUS --clicks LOG --weights mobilenet_v2.pth [--model BUNDLE] [--pictures 400]

CORPUS holds manifest.csv (image_id, uri, source); pictures are taken from its sources in turn, as many again are only
in the way. Two questions to each candidate, by cosine of standardised features:

copies: an edited copy asks, all originals answer; the share of copies whose own original comes first.
co-clicks: of a picture's 10 nearest neighbours, the share that people clicked for a query of the picture's (at least
twice each). Pictures of one source look alike, so neighbours of other sources are counted alone, too.
"""

import argparse
import csv
import io
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import torch
from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps

from intent.bundle import load_bundle
from intent.embedding import fit_projection
from intent.features import compute_features
from intent.images import decode_image, square
from intent.inference import Predictor
from intent.model import PooledBackbone, Standardise, load_backbone

Floats = npt.NDArray[np.float32]
Squares = npt.NDArray[np.uint8]

NEIGHBOURS = 10
DIMENSIONS = 64
"""Length of a bundle's embedding."""
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
    """Pictures that are asked about (the first ``asked``) and others: ids, sources, squares uint8 [n, S, S, 3], and of
    each edit the squares of the first."""

    ids: list[str]
    sources: list[str]
    asked: int
    squares: Squares
    edits: Mapping[str, Squares]


def read_sample(corpus: Path, *, asked: int, size: int) -> Sample:
    """Take pictures from all sources in turn; twice as many as are asked about, and their edited copies."""
    by_source: dict[str, list[dict[str, str]]] = defaultdict(list)
    with (corpus / "manifest.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            by_source[row["source"]].append(row)
    turns = zip_longest(*(by_source[name] for name in sorted(by_source)))
    rows = [row for turn in turns for row in turn if row][: 2 * asked]
    pictures = [decode_image((corpus / row["uri"]).read_bytes()).rgb for row in rows]
    edits = {
        name: np.stack([square(np.asarray(edit(Image.fromarray(rgb))), size) for rgb in pictures[:asked]])
        for name, edit in EDITS.items()
    }
    squares = np.stack([square(rgb, size) for rgb in pictures])
    return Sample([row["image_id"] for row in rows], [row["source"] for row in rows], asked, squares, edits)


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


def candidates(weights: str, backbone: str, sample: Sample) -> dict[str, dict[str, Floats]]:
    """Return for each candidate its unit vectors of the originals (name ``""``) and of each edit."""
    size = sample.squares.shape[1]
    net = PooledBackbone(load_backbone(backbone, weights=weights), image_size=size, all_maps=True)
    last = PooledBackbone(load_backbone(backbone), image_size=size, all_maps=False).width
    features = {
        name: compute_features(net, squares, order=np.arange(len(squares)))
        for name, squares in {"": sample.squares, **sample.edits}.items()
    }
    scale = Standardise(net.width)
    background = slice(sample.asked, None)  # nothing is fitted on what is asked about
    scale.fit(torch.from_numpy(features[""][background]))
    features = {name: scale(torch.from_numpy(values)).numpy() for name, values in features.items()}
    parts = {
        "last layer": slice(net.width - last, None),
        "maps half way": slice(0, net.width - last),
        "both": slice(0, None),
    }
    found = {}
    for title, part in parts.items():
        own = {name: values[:, part] for name, values in features.items()}
        reduced = fit_projection(own[""][background], dimensions=DIMENSIONS, seed=0)
        found[f"{title}, all {own[''].shape[1]:,}"] = {name: _unit(values) for name, values in own.items()}
        found[f"{title}, {DIMENSIONS} components"] = {name: reduced.embed(values) for name, values in own.items()}
    return found


def of_bundle(path: Path, corpus: Path, asked: int) -> dict[str, Floats]:
    """Return the embeddings of a bundle."""
    bundle = load_bundle(path)
    sample = read_sample(corpus, asked=asked, size=bundle.image_size)
    predictor = Predictor(bundle)
    return {
        name: predictor.predict(squares).embedding.astype(np.float32)
        for name, squares in {"": sample.squares, **sample.edits}.items()
    }


def recall(vectors: Mapping[str, Floats], edit: str) -> float:
    """Return the share of copies whose original is nearest."""
    nearest = (vectors[edit] @ vectors[""].T).argmax(axis=1)
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
    parser.add_argument("--model", type=Path, help="a bundle whose own embedding is judged, too")
    parser.add_argument("--pictures", type=int, default=400)
    parser.add_argument("--image-size", type=int, default=144)
    flags = parser.parse_args(argv)
    sample = read_sample(flags.corpus, asked=flags.pictures, size=flags.image_size)
    found = candidates(flags.weights, flags.backbone, sample)
    if flags.model:
        found[f"the bundle's own ({flags.model.name})"] = of_bundle(flags.model, flags.corpus, flags.pictures)
    pairs = co_clicked(flags.clicks, sample.ids)
    sources = np.array(sample.sources)
    others = ~np.eye(len(pairs), dtype=bool)
    elsewhere = sources[:, None] != sources[None, :]
    print(f"{sample.asked} pictures, {len(sample.ids)} originals of {len(set(sample.sources))} sources\n")
    print(f"| features | {' | '.join(EDITS)} | mean | co-clicked | of other sources |")
    print("|---" * (len(EDITS) + 4) + "|")
    for title, vectors in found.items():
        recalls = [recall(vectors, edit) for edit in EDITS]
        shares = [co_click_share(vectors[""], pairs, allowed) for allowed in (others, elsewhere)]
        cells = [f"{value:.3f}" for value in (*recalls, float(np.mean(recalls)), *shares)]
        print(f"| {title} | {' | '.join(cells)} |")
    chance = [float((pairs & allowed).sum() / allowed.sum()) for allowed in (others, elsewhere)]
    print(f"| by chance |{' |' * (len(EDITS) + 1)} {chance[0]:.3f} | {chance[1]:.3f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
