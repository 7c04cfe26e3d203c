"""From JPEG files to scores in the two ways that people write with torch: a DataLoader loop, Beam's RunInference.

They make the intent and its confidence alone, from a bare torchvision network of the bundle's backbone and size with
a linear layer of as many intents (random weights: speed does not depend on the values). Ours makes the whole row.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import apache_beam as beam
import pyarrow as pa
import pyarrow.parquet as pq
import torch
import torchvision
from apache_beam.ml.inference.base import KeyedModelHandler, RunInference
from apache_beam.ml.inference.pytorch_inference import PytorchModelHandlerTensor
from apache_beam.options.pipeline_options import PipelineOptions
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2

from tests.bench.pictures import jpegs

BATCH = 32
"""Pictures per forward pass of the peers: a CPU gains nothing past it."""
LOADERS = 2
"""Processes of the DataLoader."""
SCORES = pa.schema([("image_id", pa.string()), ("intent", pa.int32()), ("confidence", pa.float32())])


class Files(Dataset[tuple[str, Any]]):
    """Names and normalised tensors of files."""

    def __init__(self, paths: Sequence[Path], bundle: str) -> None:
        self.paths, self.transform = paths, transform(bundle)

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, place: int) -> tuple[str, Any]:
        return self.paths[place].name, self.transform(self.paths[place])


def torch_loop(*, pictures: str, bundle: str, output: str, threads: int) -> None:
    """Loop over a DataLoader: worker processes decode and resize, channels-last batches in inference mode."""
    torch.set_num_threads(threads)
    network = bare_network(bundle)
    loader = DataLoader(Files(jpegs(pictures), bundle), batch_size=BATCH, num_workers=LOADERS, prefetch_factor=4)
    rows: list[tuple[str, int, float]] = []
    with torch.inference_mode():
        for names, pixels in loader:
            best = network(pixels.contiguous(memory_format=torch.channels_last)).softmax(dim=1).max(dim=1)
            rows += zip(names, best.indices.tolist(), best.values.tolist(), strict=True)
    write(rows, output)


def run_inference(*, pictures: str, bundle: str, output: str, threads: int) -> None:
    """Run Beam's RunInference with its PyTorch handler, pictures decoded by a Map before it."""
    torch.set_num_threads(threads)
    decode = transform(bundle)
    weights = Path(output, "weights.pth")
    torch.save(bare_network(bundle).state_dict(), weights)
    facts = json.loads(Path(bundle, "bundle.json").read_text())
    handler = KeyedModelHandler(
        PytorchModelHandlerTensor(
            state_dict_path=str(weights),
            model_class=backbone_of,
            model_params={"name": facts["backbone"], "intents": len(facts["intents"])},
            min_batch_size=BATCH,
            max_batch_size=BATCH,
        )
    )
    options = PipelineOptions(
        ["--runner=FnApiRunner", "--direct_running_mode=multi_threading", f"--direct_num_workers={threads}"]
    )
    with beam.Pipeline(options=options) as pipeline:
        _ = (
            pipeline
            | "Files" >> beam.Create([str(path) for path in jpegs(pictures)])
            | "Spread" >> beam.Reshuffle()
            | "Decode" >> beam.Map(lambda path: (Path(path).name, decode(Path(path))))
            | "Infer" >> RunInference(handler)
            | "Row" >> beam.Map(score_row)
            | "One" >> beam.combiners.ToList()
            | "Write" >> beam.Map(write, output)
        )
    weights.unlink()


def score_row(keyed: tuple[str, Any]) -> tuple[str, int, float]:
    """Return name, place of the intent and confidence."""
    best = keyed[1].inference.softmax(dim=0).max(dim=0)
    return keyed[0], int(best.indices), float(best.values)


def backbone_of(*, name: str, intents: int) -> Any:
    """Return a torchvision network with that many outputs."""
    return torchvision.models.get_model(name, weights=None, num_classes=intents)


def bare_network(bundle: str) -> Any:
    """Return the network of the bundle's backbone, ready to infer, its tensors channels-last."""
    facts = json.loads(Path(bundle, "bundle.json").read_text())
    network = backbone_of(name=facts["backbone"], intents=len(facts["intents"])).eval()
    return network.to(memory_format=torch.channels_last)


def transform(bundle: str) -> Callable[[Path], Any]:
    """Return what makes a normalised tensor of a file: Pillow's draft decode and torchvision's transforms."""
    size = int(json.loads(Path(bundle, "bundle.json").read_text())["image_size"])
    steps = v2.Compose(
        [
            v2.PILToTensor(),
            v2.Resize((size, size), antialias=True),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)),
        ]
    )

    def load(path: Path) -> Any:
        with Image.open(path) as image:
            image.draft("RGB", (size, size))
            return steps(image.convert("RGB"))

    return load


def write(rows: Sequence[tuple[str, int, float]], output: str) -> None:
    """Write rows of scores as Parquet, sorted by picture."""
    columns = list(zip(*sorted(rows), strict=True))
    arrays = [pa.array(values, field.type) for values, field in zip(columns, SCORES, strict=True)]
    pq.write_table(pa.table(arrays, schema=SCORES), Path(output, "scores.parquet"))
