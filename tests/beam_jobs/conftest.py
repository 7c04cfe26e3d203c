"""A small click log and a small collection with planted answers, and helpers that run jobs as people do."""

import gzip
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apache_beam as beam
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from PIL import Image

from beam_jobs.blocks import files, manifest
from beam_jobs.blocks.failures import JobError, counter_rows, failure_rows
from beam_jobs.blocks.flags import EXIT_USAGE, run_main
from beam_jobs.blocks.launch import Job
from beam_jobs.blocks.read import NamedBlock, ReadBlocks, plan_shards
from beam_jobs.blocks.shuffle import MapPartitions, Plan, ShuffleBlocks
from labels.tables import CLICKS

INTENTS = {
    "landscape_photo": ["풍경", "sunset", "mountain view"],
    "food_photo": ["음식 사진", "food photo", "plating"],
    "animal_photo": ["강아지 사진", "cute animals", "dog photo"],
}
IMAGES_PER_INTENT = 10
DAYS = ("2026-03-01", "2026-03-02")
UNKNOWN_IMAGE = "not-in-the-collection"


def planted_intents() -> dict[str, str]:
    """Return the intent of each image of the planted log."""
    return {f"{intent}/{n:02d}.jpg": intent for intent in INTENTS for n in range(IMAGES_PER_INTENT)}


def click_rows() -> pa.Table:
    """Return a log in which people prefer the pictures of what they ask for, and what stands at the top."""
    random = np.random.default_rng(11)
    truth = planted_intents()
    images = sorted(truth)
    rows: list[tuple[object, ...]] = []
    for day in DAYS:
        start = datetime.fromisoformat(day).replace(tzinfo=UTC)
        for intent, queries in INTENTS.items():
            own = [i for i in images if truth[i] == intent]
            others = [i for i in images if truth[i] != intent]
            for page in range(60):
                shown = [*random.choice(own, 6, replace=False), *random.choice(others, 4, replace=False)]
                user = f"user-{intent[0]}{random.integers(300)}"
                query = queries[page % len(queries)]
                time = start + timedelta(seconds=int(random.integers(86_400)))
                for position, index in enumerate(random.permutation(len(shown)), start=1):
                    image = str(shown[index])
                    wanted = 0.7 if truth[image] == intent else 0.03
                    clicked = bool(random.random() < wanted / position**0.5)
                    dwell = int(random.integers(500, 60_000)) if clicked and random.random() < 0.8 else None
                    rows.append((time, user, query, image, position, clicked, dwell))
        rows.append((start, "user-x", "풍경", UNKNOWN_IMAGE, 1, True, None))
    return pa.table([list(column) for column in zip(*rows, strict=True)], schema=CLICKS)


def write_table(table: pa.Table, path: Path) -> Path:
    """Write a table as Parquet, JSONL or CSV by the name's ending, ``.gz`` or not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    name = path.name.removesuffix(".gz")
    if name.endswith(".parquet"):
        pq.write_table(table, path)
        return path
    if name.endswith(".jsonl"):
        lines = [json.dumps(row, ensure_ascii=False, default=str) for row in table.to_pylist()]
        content = "".join(f"{line}\n" for line in lines).encode()
    else:
        buffer = io.BytesIO()
        pa.csv.write_csv(table, buffer)
        content = buffer.getvalue()
    path.write_bytes(gzip.compress(content, mtime=0) if path.name.endswith(".gz") else content)
    return path


def photo(seed: int, width: int = 160, height: int = 120) -> Image.Image:
    """Return a picture with structure at all scales; other seeds look different."""
    random = np.random.default_rng(seed)
    pixels = np.zeros((height, width, 3))
    for side in (4, 12, 48, min(width, height)):
        noise = Image.fromarray(random.integers(0, 256, (side, side, 3), dtype=np.uint8))
        pixels += np.asarray(noise.resize((width, height), Image.Resampling.BICUBIC), dtype=float)
    return Image.fromarray((pixels / 4).astype(np.uint8))


def jpeg(image: Image.Image, quality: int = 92) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def data_files(output: Path) -> dict[str, bytes]:
    """Return the content of all data files of an output without the run key in their names."""
    found = {}
    for path in sorted(output.rglob("*.parquet")):
        name = path.relative_to(output).as_posix()
        found[name.rsplit("-", 1)[0]] = path.read_bytes()
    return found


def whole_folder(output: Path) -> dict[str, bytes]:
    """Return every file of an output but ``_RUN.json``, which may differ between equal runs."""
    found = [path for path in sorted(output.rglob("*")) if path.is_file() and path.name != manifest.RUN]
    return {path.relative_to(output).as_posix(): path.read_bytes() for path in found}


Main = Callable[[Sequence[str]], int]
Refused = Callable[..., None]


def flags_of(flags: Mapping[str, object]) -> list[str]:
    """Return ``--name value`` pairs; underscores become dashes."""
    return [text for name, value in flags.items() for text in (f"--{name.replace('_', '-')}", str(value))]


def succeed(main: Main, **flags: object) -> None:
    """Run a job in this process and expect exit code 0."""
    assert run_main(main, flags_of(flags)) == 0


@pytest.fixture
def refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Refused:
    """Run a job and expect exit code 2, one line on stderr with all of `words`, and no data in the output."""

    def check(main: Main, words: list[str], code: int = EXIT_USAGE, **flags: object) -> None:
        output = Path(str(flags.setdefault("output", tmp_path / "out")))
        capsys.readouterr()
        assert run_main(main, flags_of(flags)) == code
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.count("\n") == 1, captured.err
        assert [word for word in words if word not in captured.err] == [], captured.err
        assert "Traceback" not in captured.err
        if output.is_dir():
            left = {path.name for path in output.rglob("*") if path.is_file() and manifest.FAILED not in path.parts}
            assert left == set()

    return check


@pytest.fixture(scope="session")
def log() -> pa.Table:
    """The planted log as a table."""
    return click_rows()


@pytest.fixture(scope="session")
def log_file(log: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The planted log as one Parquet file."""
    return write_table(log, tmp_path_factory.mktemp("log") / "log.parquet")


@pytest.fixture(scope="session")
def evidence(log_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of aggregate_clicks for the planted log."""
    from beam_jobs import aggregate_clicks

    output = tmp_path_factory.mktemp("evidence") / "out"
    succeed(aggregate_clicks.main, clicks=log_file, output=output)
    return output


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of pictures: those of the log, two never shown, a byte copy, a re-encoded one, a broken one."""
    folder = tmp_path_factory.mktemp("pictures")
    for seed, image_id in enumerate(sorted(planted_intents())):
        path = folder / image_id
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(jpeg(photo(seed)))
    (folder / "unseen").mkdir()
    for n in range(2):
        (folder / "unseen" / f"{n}.jpg").write_bytes(jpeg(photo(900 + n)))
    (folder / "copies").mkdir()
    (folder / "copies" / "bytes.jpg").write_bytes((folder / "food_photo" / "03.jpg").read_bytes())
    (folder / "copies" / "again.jpg").write_bytes(jpeg(photo(5), quality=60))
    (folder / "copies" / "broken.jpg").write_bytes(jpeg(photo(700))[:400])
    (folder / "notes.txt").write_text("no picture\n")
    return folder


@pytest.fixture(scope="session")
def features(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of extract_features without a model for the pictures."""
    from beam_jobs import extract_features

    output = tmp_path_factory.mktemp("features") / "out"
    succeed(extract_features.main, collection=pictures, output=output, model="none", workers=1)
    return output


SUMS = pa.schema([("key", pa.string()), ("total", pa.int64())], metadata={"sort_by": "key"})
PEAKS = pa.schema([("key", pa.string()), ("peak", pa.int64())], metadata={"sort_by": "key"})
NUMBERS = pa.schema([("key", pa.string()), ("value", pa.int64())])


def add_up(table: pa.Table) -> pa.Table:
    """Sum the values per key, in whatever order groups come."""
    summed = table.group_by("key").aggregate([("value", "sum")])
    return pa.table([summed["key"], summed["value_sum"]], schema=NUMBERS)


def to_tables(tables: Mapping[str, pa.Table]) -> Iterator[NamedBlock]:
    """Yield the sums and peaks of one partition, and failures for negative sums."""
    numbers = tables.get("numbers")
    if numbers is None:
        return
    negative = numbers.filter(pc.less(numbers["value"], 0))
    good = numbers.filter(pc.greater_equal(numbers["value"], 0))
    yield "sums", good.rename_columns(SUMS.names)
    yield "peaks", good.group_by("key").aggregate([("value", "max")]).rename_columns(PEAKS.names)
    yield "_failures", failure_rows("sums", [(key, "negative", "a sum below 0") for key in negative["key"].to_pylist()])
    yield "_counters", counter_rows({"failed:negative": negative.num_rows, "keys": numbers.num_rows})


def sums_job(path: Path | str, *, version: int = 1, stage: str = "sums") -> Job:
    """Return a small job: the sum of the values per key, and negative sums as failures."""
    paths = files.list_files(str(path))
    shards = plan_shards("numbers", paths, required=NUMBERS.names)

    def build(pipeline: beam.Pipeline, plan: Plan) -> beam.PCollection[NamedBlock]:
        return (
            pipeline
            | "Read" >> ReadBlocks(shards, NUMBERS, NUMBERS.names)
            | "Sum" >> ShuffleBlocks(by={"numbers": ["key"]}, plan=plan, combine={"numbers": add_up})
            | "Tables" >> MapPartitions(to_tables)
        )

    def balance(counters: Mapping[str, int], rows: Mapping[str, int]) -> None:
        if rows["sums"] + rows["failures"] != counters.get("keys", 0):
            raise JobError(f"{counters.get('keys', 0)} keys went in, {rows['sums']} came out")

    return Job(
        stage=stage,
        version=version,
        tables={"sums": SUMS, "peaks": PEAKS},
        build=build,
        config={},
        inputs={"numbers": manifest.digest_files(paths, root=str(path))},
        input_bytes=sum(shard.size for shard in shards),
        balance=balance,
        rows=("keys", "keys"),
    )
